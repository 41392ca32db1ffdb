//! DefectDojo: its Generic Findings Import, one finding a place. Keys that it does not know stop an import.

use super::sections::Part;
use super::told::{self, Told};
use super::{Order, capital, line};
use crate::compose::Unfilled;
use crate::data::{Policies, label, topics};
use crate::document::{Block, Inline};
use crate::write_markdown::{Reader, write_blocks};
use base64::Engine as _;
use serde_json::{Map, Value, json};
use tidegate_audit::{Finding, Level, Status};

/// Characters of a title that the database keeps.
const TITLE: usize = 500;
/// Characters of the columns for components.
const COMPONENT: usize = 500;

/// The file for the import.
pub fn findings(order: &Order<'_>, warnings: &mut Vec<String>) -> Result<Value, Unfilled> {
    let policies = Policies::of(order.data.estates);
    let mut all = Vec::with_capacity(order.findings.len());
    for one in order.findings {
        // A topic of one finding: its text counts and names what is behind this place alone.
        for topic in topics(std::iter::once(*one)) {
            let told = told::one(order, &policies, &topic, warnings)?;
            all.push(finding(order, one, topic.provider_name(), &told));
        }
    }
    Ok(json!({
        "name": "Tidegate",
        "type": "Tidegate",
        "version": order.data.about.version,
        "static_tool": true,
        "dynamic_tool": false,
        "findings": all,
    }))
}

fn finding(order: &Order<'_>, finding: &Finding, provider: &str, told: &Told) -> Value {
    let markdown = |blocks: &[Block]| write_blocks(blocks, Reader::Field);
    let field = |parts: &[Part]| markdown(&told.sections.field(parts));
    let names: Vec<String> = finding.subjects.iter().map(label).collect();
    let names = tidegate_audit::words::some(&names);
    let mut description = vec![Block::text(&finding.message)];
    description.extend(told.sections.field(&[Part::Description]));
    if let Some(outcome) = super::retest_status(&order.data, finding) {
        description.push(Block::Paragraph(vec![
            Inline::strong("Retest:"),
            Inline::text(format!(" {}", told::outcome(order, outcome))),
        ]));
    }
    let rating = &finding.rating;
    let accepted = finding.status == Status::Acknowledged;
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| out.insert(name.to_owned(), value);
    put("title", json!(line(&format!("{}: {names}", told.title), TITLE)));
    put("severity", json!(severity(rating.risk)));
    put("description", json!(markdown(&description)));
    put("date", json!(order.data.about.date));
    put("cvssv3", json!(rating.cvss_vector));
    put("cvssv3_score", json!(rating.cvss_score));
    if let Some(cwe) = cwe(finding) {
        put("cwe", json!(cwe));
    }
    put("impact", json!(field(&[Part::Impact, Part::Likelihood])));
    put("mitigation", json!(field(&[Part::Recommendation, Part::Remedy, Part::Limits])));
    put("steps_to_reproduce", json!(field(&[Part::Verification])));
    put("references", json!(field(&[Part::References])));
    put("severity_justification", json!(markdown(&justification(finding))));
    put("file_path", json!(line(&finding.place.path, 4000)));
    put("line", json!(order.data.origins.line(&finding.place)));
    put("component_name", json!(line(&names, COMPONENT)));
    put("unique_id_from_tool", json!(finding.fingerprint));
    put("vuln_id_from_tool", json!(finding.rule.name()));
    put("static_finding", json!(true));
    put("dynamic_finding", json!(false));
    put("active", json!(!accepted));
    put("verified", json!(false));
    put("risk_accepted", json!(accepted));
    put("tags", json!(["tidegate", provider, finding.rule.name()]));
    if let Some(file) = file(order, finding, told) {
        put("files", json!([file]));
    }
    Value::Object(out)
}

fn severity(risk: Level) -> String {
    match risk {
        Level::Informational => "Info".to_owned(),
        other => capital(other),
    }
}

/// The number of the first weakness that the finding is one of.
fn cwe(finding: &Finding) -> Option<u32> {
    finding.standards.iter().find_map(|standard| standard.id.strip_prefix("CWE-")?.parse().ok())
}

fn justification(finding: &Finding) -> Vec<Block> {
    let rating = &finding.rating;
    let mut blocks = vec![Block::text(format!(
        "Impact {}, likelihood {}.",
        rating.impact.name(),
        rating.likelihood.name()
    ))];
    if !rating.reasons.is_empty() {
        let items = rating.reasons.iter().map(|reason| vec![Block::text(reason)]).collect();
        blocks.push(Block::List(None, items));
    }
    if let Some(decision) = &finding.decision {
        blocks.push(Block::text(format!(
            "Decided as {} by {} on {}: {}",
            decision.status.name(),
            decision.by,
            decision.on,
            decision.because
        )));
    }
    blocks
}

/// The picture; of the kinds that are drawn here only PNG may be uploaded.
fn file(order: &Order<'_>, finding: &Finding, told: &Told) -> Option<Value> {
    let png = order.png?(told.picture.as_ref()?)?;
    let short = finding.fingerprint.get(..12).unwrap_or(&finding.fingerprint);
    Some(json!({
        "title": format!("outbound-rules-{short}.png"),
        "data": base64::engine::general_purpose::STANDARD.encode(png),
    }))
}
