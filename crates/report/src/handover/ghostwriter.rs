//! Ghostwriter: a request to its GraphQL interface that adds findings to a report (Ghostwriter 7.2).
//!
//! The fields are HTML, read by Beautiful Soup and then evaluated as Jinja templates: character references are gone by
//! then, so what Jinja would take for its own is written as an expression that gives that text.

use super::sections::Part;
use super::told::{self, Told};
use super::{Order, components, rich};
use crate::compose::Unfilled;
use crate::data::Topic;
use crate::document::{Block, Inline};
use base64::Engine as _;
use serde_json::{Value, json};
use tidegate_audit::Level;

/// The finding type "Cloud" of an installation whose types were not changed.
const CLOUD: u32 = 6;
const INSERT: &str = "mutation AddFindings($objects: [reportedFinding_insert_input!]!) {\n  insert_reportedFinding(objects: $objects) {\n    affected_rows\n    returning {\n      id\n      title\n    }\n  }\n}";
const UPLOAD: &str = "mutation AddEvidence($file: String!, $filename: String!, $name: String!, $caption: String!, $description: String, $report: Int!) {\n  uploadEvidence(file_base64: $file, filename: $filename, friendly_name: $name, caption: $caption, description: $description, report: $report) {\n    id\n  }\n}";

/// The request for all findings, and one for each picture below `uploads`.
pub fn request(order: &Order<'_>, warnings: &mut Vec<String>) -> Result<Value, Unfilled> {
    let report = report(order, warnings);
    let told = told::every(order, warnings)?;
    let objects: Vec<Value> = told
        .iter()
        .enumerate()
        .map(|(index, (topic, told))| finding(order, topic, told, &report, index))
        .collect();
    let mut request = json!({ "query": INSERT, "variables": { "objects": objects } });
    let uploads: Vec<Value> =
        told.iter().filter_map(|(topic, told)| upload(order, topic, told, &report)).collect();
    if !uploads.is_empty()
        && let Some(request) = request.as_object_mut()
    {
        request.insert("uploads".to_owned(), Value::Array(uploads));
    }
    Ok(request)
}

/// The report's number, which somebody gives.
fn report(order: &Order<'_>, warnings: &mut Vec<String>) -> Value {
    match order.wishes.values.get("REPORTID").map(|id| id.trim().parse::<u32>()) {
        Some(Ok(id)) => json!(id),
        Some(Err(_)) => {
            warnings.push("REPORTID is no number; reportId is null in every finding".to_owned());
            Value::Null
        }
        None => {
            warnings.push("reportId is null in every finding: --set REPORTID=… says which report".to_owned());
            Value::Null
        }
    }
}

fn finding(order: &Order<'_>, topic: &Topic<'_>, told: &Told, report: &Value, index: usize) -> Value {
    let html = |blocks: &[Block]| jinja(&rich::write(blocks));
    let field = |parts: &[Part]| html(&told.sections.field(parts));
    let mut description = told.sections.field(&[Part::Description]);
    description.push(Block::Heading(4, vec![Inline::text(format!("Places ({})", topic.findings.len()))]));
    description.extend(told::places(order, topic));
    let systems = components::of_topic(topic);
    let (score, vector) =
        topic.worst().map_or((0.0, ""), |worst| (worst.rating.cvss_score, worst.rating.cvss_vector));
    json!({
        "reportId": report,
        "severityId": severity(topic.risk()),
        "findingTypeId": CLOUD,
        "title": told.title,
        "position": index + 1,
        "affectedEntities": jinja(&rich::list(systems.iter().map(String::as_str))),
        "description": html(&description),
        "impact": field(&[Part::Impact, Part::Likelihood]),
        "mitigation": field(&[Part::Recommendation, Part::Remedy, Part::Limits]),
        "replication_steps": field(&[Part::Verification]),
        "hostDetectionTechniques": "",
        "networkDetectionTechniques": "",
        "references": field(&[Part::References]),
        "findingGuidance": "",
        "cvssScore": score,
        "cvssVector": vector,
        "complete": false,
        "extraFields": {},
    })
}

/// The number of a severity in an installation whose severities were not changed: 1 Informational to 5 Critical.
fn severity(risk: Level) -> u32 {
    match risk {
        Level::Informational => 1,
        Level::Low => 2,
        Level::Medium => 3,
        Level::High => 4,
        Level::Critical => 5,
    }
}

fn upload(order: &Order<'_>, topic: &Topic<'_>, told: &Told, report: &Value) -> Option<Value> {
    let picture = told.picture.as_ref()?;
    let png = order.png?(picture)?;
    Some(json!({ "query": UPLOAD, "variables": {
        "file": base64::engine::general_purpose::STANDARD.encode(png),
        "filename": format!("{}.png", topic.id()),
        "name": topic.id(),
        "caption": super::line(&picture.caption, 255),
        "description": super::line(&picture.alternative, 2000),
        "report": report,
    }}))
}

/// HTML in which Jinja finds nothing of its own but expressions that give what stood there.
fn jinja(html: &str) -> String {
    let mut out = String::with_capacity(html.len() + 8);
    let mut chars = html.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '{' && matches!(chars.peek(), Some('{' | '%' | '#')) {
            out.push_str("{{ '{' }}");
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_jinja_would_run_is_text() {
        assert_eq!(jinja("<code>{{resolve:x}}</code>"), "<code>{{ '{' }}{resolve:x}}</code>");
        assert_eq!(jinja("{% if %}{# x #}"), "{{ '{' }}% if %}{{ '{' }}# x #}");
        assert_eq!(jinja("{{{a}}}"), "{{ '{' }}{{ '{' }}{a}}}");
        assert_eq!(jinja("{a} { {"), "{a} { {");
    }
}
