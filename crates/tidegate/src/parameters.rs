//! CloudFormation parameter files, in the three shapes that people keep.

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use std::path::Path;

/// Reads parameter values by name: the AWS CLI's list of `ParameterKey` and `ParameterValue`, a
/// CodePipeline template configuration (`{"Parameters": {…}}`), or a plain map.
pub fn read(path: &Path) -> Result<Vec<(String, String)>> {
    let text =
        std::fs::read(path).with_context(|| format!("cannot read the parameter file {}", path.display()))?;
    parse(&text).with_context(|| format!("{} is no parameter file", path.display()))
}

fn parse(text: &[u8]) -> Result<Vec<(String, String)>> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    match serde_json::from_slice(text)? {
        Value::Array(list) => {
            let mut values = Vec::new();
            for entry in list {
                if let Value::String(override_) = &entry {
                    // `Name=value`, as `aws cloudformation deploy --parameter-overrides file://…` takes it.
                    let (name, value) =
                        override_.split_once('=').context("a list entry is not `Name=value`")?;
                    values.push((name.to_owned(), value.to_owned()));
                    continue;
                }
                let name = entry
                    .get("ParameterKey")
                    .and_then(Value::as_str)
                    .context("an entry has no `ParameterKey`")?;
                match entry.get("ParameterValue") {
                    Some(value) => values.push((name.to_owned(), text_of(value)?)),
                    // The value that a deployed stack has already: nobody here can know it.
                    None if entry.get("UsePreviousValue") == Some(&Value::Bool(true)) => {}
                    None => bail!("`{name}` has no `ParameterValue`"),
                }
            }
            Ok(values)
        }
        Value::Object(mut map) => {
            if let Some(Value::Object(inner)) = map.shift_remove("Parameters") {
                map = inner;
            }
            map.iter().map(|(name, value)| Ok((name.clone(), text_of(value)?))).collect()
        }
        _ => bail!("expected a JSON list or object"),
    }
}

/// A value as CloudFormation takes it: text; lists with commas.
fn text_of(value: &Value) -> Result<String> {
    Ok(match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Array(list) => list.iter().map(text_of).collect::<Result<Vec<_>>>()?.join(","),
        Value::Null | Value::Object(_) => {
            bail!("a parameter value must be text, a number, a boolean or a list")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn the_three_shapes_say_the_same() {
        let wanted =
            vec![("Cidr".to_owned(), "10.0.0.0/8".to_owned()), ("Ports".to_owned(), "80,443".to_owned())];
        for text in [
            r#"[{"ParameterKey":"Cidr","ParameterValue":"10.0.0.0/8"},{"ParameterKey":"Ports","ParameterValue":"80,443"},
                {"ParameterKey":"Kept","UsePreviousValue":true}]"#,
            r#"{"Parameters":{"Cidr":"10.0.0.0/8","Ports":[80,443]},"Tags":{"a":"b"}}"#,
            r#"{"Cidr":"10.0.0.0/8","Ports":"80,443"}"#,
            r#"["Cidr=10.0.0.0/8","Ports=80,443"]"#,
        ] {
            assert_eq!(parse(text.as_bytes()).unwrap(), wanted, "{text}");
        }
    }

    #[test]
    fn anything_else_is_an_error() {
        for text in ["3", "[{}]", "{\"A\":null}", "[\"x\"]", "not json", "[{\"ParameterKey\":\"A\"}]"] {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
