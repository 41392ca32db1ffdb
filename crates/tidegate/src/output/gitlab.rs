//! GitLab's SAST report, schema 15.
//!
//! Descriptions and details are shown as Markdown there, so they are escaped as such.
//! Schema: <https://gitlab.com/gitlab-org/security-products/security-report-schemas>

use super::{Run, utc};
use crate::output::text::allowed;
use crate::{escape, rulebook, words};
use anyhow::Result;
use serde_json::{Map, Value, json};
use tidegate_audit::{Finding, Level};
use tidegate_estate::{Severity, Step};

/// The schema's edition.
const VERSION: &str = "15.0.7";

/// Writes the report.
pub fn render(run: &Run<'_>) -> Result<String> {
    let tool = json!({
        "id": "tidegate",
        "name": "Tidegate",
        "url": env!("CARGO_PKG_REPOSITORY"),
        "vendor": { "name": "Tidegate" },
        "version": env!("CARGO_PKG_VERSION"),
    });
    // The format has no place for a decision: what is settled is left out, as what is muted.
    let open = run.report.findings.iter().filter(|finding| !finding.status.settles());
    super::to_json(&json!({
        "version": VERSION,
        "scan": {
            "analyzer": tool,
            "scanner": tool,
            "type": "sast",
            "status": "success",
            "start_time": utc(run.time.start).trim_end_matches('Z'),
            "end_time": utc(run.time.end).trim_end_matches('Z'),
            "messages": messages(run),
        },
        "vulnerabilities": open.map(|f| vulnerability(run, f)).collect::<Vec<_>>(),
    }))
}

fn messages(run: &Run<'_>) -> Vec<Value> {
    let diagnostics = run.report.diagnostics.iter().map(|diagnostic| {
        let level = if diagnostic.severity == Severity::Note { "info" } else { "warn" };
        (level, format!("{}: {}", diagnostic.path, diagnostic.message))
    });
    let unresolved = run.report.unresolved.iter().map(|unresolved| {
        let line = run.sources.at(&unresolved.place).start.line;
        let subject = words::subject(&unresolved.subject);
        ("warn", format!("{}:{line}: unresolved: {subject}: {}", unresolved.place.path, unresolved.reason))
    });
    diagnostics
        .chain(unresolved)
        .map(|(level, text)| json!({ "level": level, "value": escape::line(&text) }))
        .collect()
}

fn vulnerability(run: &Run<'_>, finding: &Finding) -> Value {
    let page = rulebook::Page::of(finding.rule);
    let range = run.sources.at(&finding.place);
    let mut location = json!({
        "file": &*finding.place.path,
        "start_line": range.start.line,
        "end_line": range.end.line,
    });
    if let Some(enclosing) = finding.subjects.iter().find_map(|subject| subject.enclosing.as_deref())
        && let Some(fields) = location.as_object_mut()
    {
        fields.insert("class".into(), escape::line(enclosing).into());
    }
    json!({
        "id": uuid(&finding.fingerprint),
        "name": words::shortened(page.title, 254),
        "description": words::shortened(&escape::markdown(&finding.message), 10_000),
        "severity": severity(finding.rating.risk),
        "solution": words::shortened(&escape::lines(&finding.help.join("\n")), 6_999),
        "identifiers": identifiers(finding),
        "links": [{ "name": "What the rule means", "url": rulebook::url(finding.rule) }],
        "cvss_vectors": [{ "vendor": "Tidegate", "vector": finding.rating.cvss_vector }],
        "location": location,
        "details": details(run, finding),
        "tracking": {
            "type": "source",
            "items": [{
                "file": &*finding.place.path,
                "start_line": range.start.line,
                "end_line": range.end.line,
                "signatures": [{ "algorithm": "scope_offset", "value": finding.fingerprint }],
            }],
        },
    })
}

fn severity(risk: Level) -> &'static str {
    match risk {
        Level::Critical => "Critical",
        Level::High => "High",
        Level::Medium => "Medium",
        Level::Low => "Low",
        Level::Informational => "Info",
    }
}

fn identifiers(finding: &Finding) -> Vec<Value> {
    let rule = finding.rule.name();
    let mut list = vec![json!({
        "type": "tidegate_rule",
        "name": format!("Tidegate {rule}"),
        "value": rule,
        "url": rulebook::url(finding.rule),
    })];
    for weakness in rulebook::Page::of(finding.rule).list("cwe") {
        let number = weakness.trim_start_matches("CWE-");
        list.push(json!({
            "type": "cwe",
            "name": weakness,
            "value": number,
            "url": format!("https://cwe.mitre.org/data/definitions/{number}.html"),
        }));
    }
    list.extend(
        finding.aliases.iter().map(|alias| json!({ "type": "alias", "name": alias, "value": alias })),
    );
    list
}

fn details(run: &Run<'_>, finding: &Finding) -> Value {
    let text =
        |name: &str, value: String| json!({ "type": "text", "name": name, "value": escape::lines(&value) });
    let mut fields = Map::new();
    let subjects: Vec<String> = finding.subjects.iter().take(50).map(words::subject).collect();
    fields.insert("subjects".into(), text("Concerns", subjects.join(", ")));
    let rows: Vec<String> = finding.allows.rows.iter().take(50).map(allowed).collect();
    if !rows.is_empty() {
        fields.insert("allows".into(), text("What gets out", rows.join("; ")));
    }
    if let Some(witness) = &finding.witness {
        fields.insert("witness".into(), text("One packet", words::gets_out(witness)));
    }
    fields.insert("confidence".into(), text("Confidence", words::confidence(finding.confidence).into()));
    for (at, step) in finding.related.iter().take(20).enumerate() {
        fields.insert(format!("step_{:02}", at + 1), file(run, at + 1, step));
    }
    Value::Object(fields)
}

fn file(run: &Run<'_>, number: usize, step: &Step) -> Value {
    let range = run.sources.at(&step.place);
    json!({
        "type": "file-location",
        "name": format!("{number}. {}", escape::line(&step.message)),
        "file_name": &*step.place.path,
        "line_start": range.start.line,
        "line_end": range.end.line,
    })
}

/// The fingerprint's first 128 bits in the shape of a UUID (version 8: made by the application).
fn uuid(fingerprint: &str) -> String {
    let mut digits: Vec<char> = fingerprint.chars().filter(char::is_ascii_hexdigit).take(32).collect();
    digits.resize(32, '0');
    digits[12] = '8';
    digits[16] = '8';
    let part = |from: usize, to: usize| digits[from..to].iter().collect::<String>();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}
