//! Marks in the `Metadata` of a resource of a template, JSON or YAML.

use super::spelling::{self, Read};
use memchr::memmem;
use saphyr_parser::{Event, Parser};
use serde_json::{Map, Value};

/// Nesting of a resource that is looked at.
const DEPTH: usize = 64;

/// Keys of `Metadata` that hold marks.
const KEYS: [&str; 4] = ["tidegate", "checkov", "cfn_nag", "guard"];

/// Whether a template may hold marks at all.
pub(super) fn may_hold(text: &[u8]) -> bool {
    memmem::find(text, b"Metadata").is_some()
        && KEYS.iter().any(|key| memmem::find(text, key.as_bytes()).is_some())
}

/// The marks of the resource that is written in `text[start..end]`, with or without its logical id.
pub(super) fn read(text: &[u8], start: usize, end: usize) -> Vec<Result<Read, String>> {
    let Some(block) = text.get(start..end.min(text.len())) else { return vec![] };
    if !may_hold(block) {
        return vec![];
    }
    let Ok(block) = std::str::from_utf8(block) else { return vec![] };
    let resource = match json(block) {
        Some(resource) => resource,
        None => {
            // The first line of the block begins in the middle of a line of the file: it is moved back to
            // its column, so that it lines up with the lines below.
            let before = text.get(..start).unwrap_or_default();
            let line = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
            match yaml(&format!("{}{block}", " ".repeat(start - line))) {
                Some(resource) => resource,
                None => return vec![],
            }
        }
    };
    let Some(metadata) = metadata_of(&resource) else { return vec![] };
    let mut marks = Vec::new();
    marks.extend(metadata.get("tidegate").map(own));
    marks.extend(checkov(metadata).map(Ok));
    marks.extend(cfn_nag(metadata).map(Ok));
    marks.extend(guard(metadata).map(Ok));
    marks
}

/// `Metadata` of a resource, or of the resource below a logical id.
fn metadata_of(resource: &Value) -> Option<&Map<String, Value>> {
    let map = resource.as_object()?;
    let metadata = match map.get("Metadata") {
        Some(metadata) => metadata,
        None if map.len() == 1 => map.values().next()?.get("Metadata")?,
        None => return None,
    };
    metadata.as_object()
}

/// `tidegate: {allow: [open-egress], reason: …}`; `allow` may be one name.
fn own(mark: &Value) -> Result<Read, String> {
    let names: Vec<&str> = match mark.get("allow") {
        Some(Value::String(name)) => name.split(',').map(str::trim).filter(|n| !n.is_empty()).collect(),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => return Err("a mark is written `tidegate: {allow: [rule], reason: …}`".to_owned()),
    };
    spelling::allow(&names, mark.get("reason").and_then(Value::as_str))
}

/// `checkov: {skip: [{id: CKV_AWS_382, comment: …}]}`
fn checkov(metadata: &Map<String, Value>) -> impl Iterator<Item = Read> + '_ {
    entries(metadata.get("checkov"), "skip").filter_map(|entry| {
        spelling::foreign_mark("checkov:skip=", id(entry).into_iter(), reason(entry, "comment"))
    })
}

/// `cfn_nag: {rules_to_suppress: [{id: F1000, reason: …}]}`
fn cfn_nag(metadata: &Map<String, Value>) -> impl Iterator<Item = Read> + '_ {
    entries(metadata.get("cfn_nag"), "rules_to_suppress").filter_map(|entry| {
        spelling::foreign_mark("cfn_nag:", id(entry).into_iter(), reason(entry, "reason"))
    })
}

/// `guard: {SuppressedRules: [NAME, {id: NAME, reason: …}]}`
fn guard(metadata: &Map<String, Value>) -> impl Iterator<Item = Read> + '_ {
    entries(metadata.get("guard"), "SuppressedRules")
        .filter_map(|entry| spelling::foreign_mark("guard:", id(entry).into_iter(), reason(entry, "reason")))
}

/// A list, or one thing where a list is expected.
fn entries<'a>(tool: Option<&'a Value>, key: &str) -> impl Iterator<Item = &'a Value> {
    let list: Vec<&Value> = match tool.and_then(|tool| tool.get(key)) {
        Some(Value::Array(entries)) => entries.iter().collect(),
        Some(one) => vec![one],
        None => vec![],
    };
    list.into_iter()
}

fn id(entry: &Value) -> Option<&str> {
    entry.as_str().or_else(|| entry.get("id")?.as_str())
}

fn reason<'a>(entry: &'a Value, key: &str) -> Option<&'a str> {
    entry.get(key)?.as_str()
}

/// The first JSON value of a block: an object, or an object below its key.
fn json(block: &str) -> Option<Value> {
    let text = block.trim_start();
    let body = match text.as_bytes().first()? {
        b'{' => text,
        b'"' => {
            let mut keys = serde_json::Deserializer::from_str(text).into_iter::<String>();
            keys.next()?.ok()?;
            text.get(keys.byte_offset()..)?.trim_start().strip_prefix(':')?
        }
        _ => return None,
    };
    serde_json::Deserializer::from_str(body).into_iter::<Value>().next()?.ok()
}

/// A block of YAML as a value. Tags are dropped, aliases are null: no mark hides behind either.
fn yaml(block: &str) -> Option<Value> {
    let mut open: Vec<Open> = Vec::new();
    for event in Parser::new_from_str(block) {
        let value = match event.ok()?.0 {
            Event::Scalar(text, ..) => Value::String(text.into_owned()),
            Event::Alias(_) => Value::Null,
            Event::SequenceStart(..) if open.len() < DEPTH => {
                open.push(Open::List(Vec::new()));
                continue;
            }
            Event::MappingStart(..) if open.len() < DEPTH => {
                open.push(Open::Map(Map::new(), None));
                continue;
            }
            Event::SequenceStart(..) | Event::MappingStart(..) => return None,
            Event::SequenceEnd | Event::MappingEnd => match open.pop()? {
                Open::List(items) => Value::Array(items),
                Open::Map(map, _) => Value::Object(map),
            },
            _ => continue,
        };
        match open.last_mut() {
            None => return Some(value),
            Some(Open::List(items)) => items.push(value),
            Some(Open::Map(map, key)) => match key.take() {
                Some(key) => {
                    map.insert(key, value);
                }
                // A key that is no text names nothing we look for.
                None => *key = Some(value.as_str().unwrap_or_default().to_owned()),
            },
        }
    }
    None
}

/// A collection that is being read; a map with the key whose value comes next.
enum Open {
    List(Vec<Value>),
    Map(Map<String, Value>, Option<String>),
}

#[cfg(test)]
mod tests {
    use super::super::Mutes;
    use super::*;
    use crate::rules::RuleId;

    fn rules(text: &str, block: &str) -> Vec<Vec<RuleId>> {
        let start = text.find(block).unwrap();
        read(text.as_bytes(), start, text.len())
            .into_iter()
            .map(|mark| match mark.unwrap().mutes {
                Mutes::Rules { rules, .. } => rules,
                Mutes::SonarLine => vec![],
            })
            .collect()
    }

    const YAML: &str = "\
Resources:
  Web:
    Type: AWS::EC2::SecurityGroup
    Metadata:
      tidegate:
        allow: [open-egress-by-default]
        reason: one day
      cfn_nag:
        rules_to_suppress:
          - id: F1000
            reason: known
          - id: W28
    Properties:
      VpcId: !Ref Vpc
      GroupDescription: !Sub \"${AWS::StackName} web\"
";

    #[test]
    fn yaml_blocks_are_read_with_and_without_their_logical_id() {
        for block in ["Web:", "Type: AWS"] {
            let expected = vec![vec![RuleId::OpenEgressByDefault], vec![RuleId::OpenEgressByDefault]];
            assert_eq!(rules(YAML, block), expected, "{block}");
        }
    }

    #[test]
    fn json_blocks_are_read_with_and_without_their_logical_id() {
        let text = r#"{"Resources": {"Web": {"Type": "AWS::EC2::SecurityGroup", "Metadata": {
            "checkov": {"skip": [{"id": "CKV_AWS_382", "comment": "x"}]},
            "guard": {"SuppressedRules": ["SECURITY_GROUP_MISSING_EGRESS_RULE",
                {"id": "EC2_SECURITY_GROUP_EGRESS_OPEN_TO_WORLD_RULE", "reason": "y"}]},
            "tidegate": {"allow": "internet-egress"}}}}}"#;
        for block in ["\"Web\"", "{\"Type\""] {
            assert_eq!(rules(text, block).len(), 4, "{block}");
        }
    }

    #[test]
    fn a_mark_of_ours_that_names_no_rule_is_an_error() {
        let text = "{\"Metadata\": {\"tidegate\": {\"allow\": []}}}";
        assert!(read(text.as_bytes(), 0, text.len())[0].is_err());
        let text = "{\"Metadata\": {\"tidegate\": true}}";
        assert!(read(text.as_bytes(), 0, text.len())[0].is_err());
    }

    #[test]
    fn a_block_that_is_no_template_has_no_marks() {
        for text in ["Metadata: [tidegate", "Metadata tidegate {{{", "\"Metadata tidegate", ""] {
            assert!(read(text.as_bytes(), 0, text.len()).is_empty());
        }
        let deep = format!("Metadata: tidegate\nx: {}{}", "[".repeat(5000), "]".repeat(5000));
        assert!(read(deep.as_bytes(), 0, deep.len()).is_empty());
    }
}
