//! SARIF 2.1.0, for code scanning.
//!
//! What is unresolved is a notification and not a result, since viewers show every result as an alarm.

use super::{Run, utc};
use crate::{escape, plain, rulebook, words};
use anyhow::Result;
use serde_json::Value;
use serde_sarif::sarif::{
    ArtifactLocation, CodeFlow, Invocation, Location, LogicalLocation, Message, MultiformatMessageString,
    Notification, PhysicalLocation, PropertyBag, Region, ReportingConfiguration, ReportingDescriptor,
    ReportingDescriptorReference, Result as SarifResult, ResultLevel, Run as SarifRun, Sarif, Suppression,
    ThreadFlow, ThreadFlowLocation, Tool, ToolComponent,
};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use tidegate_audit::{Decision, Finding, Level, RuleId, Subject, Suppressed, SuppressedBy};
use tidegate_estate::{Diagnostic, Severity, Span};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// The name of the folder that paths are relative to.
const ROOT: &str = "SRCROOT";

/// Writes the log.
pub fn render(run: &Run<'_>) -> Result<String> {
    let results = run.report.findings.iter().map(|finding| result(run, finding, None));
    let muted = run.report.suppressed.iter().map(|muted| result(run, &muted.finding, Some(muted)));
    let driver = ToolComponent::builder()
        .name("tidegate")
        .full_name("Tidegate")
        .information_uri(env!("CARGO_PKG_REPOSITORY"))
        .version(env!("CARGO_PKG_VERSION"))
        .semantic_version(env!("CARGO_PKG_VERSION"))
        .rules(RuleId::ALL.into_iter().map(rule).collect::<Vec<_>>())
        .notifications(vec![
            descriptor("unresolved", "What could not be decided from the input alone."),
            descriptor("input", "What there is to say about the input itself."),
        ])
        .build();
    let root = ArtifactLocation::builder()
        .description(message("The git root, or the folder of the first path that was named."))
        .build();
    let sarif_run = SarifRun::builder()
        .tool(Tool::builder().driver(driver).build())
        .invocations(vec![invocation(run)])
        .original_uri_base_ids(BTreeMap::from([(ROOT.to_owned(), root)]))
        .column_kind("unicodeCodePoints")
        .newline_sequences(vec!["\r\n".to_owned(), "\n".to_owned(), "\r".to_owned()])
        .results(results.chain(muted).collect::<Vec<_>>())
        .build();
    super::to_json(&Sarif::builder().schema(SCHEMA).version("2.1.0").runs(vec![sarif_run]).build())
}

fn descriptor(id: &str, text: &str) -> ReportingDescriptor {
    ReportingDescriptor::builder().id(id).short_description(multiformat(text, None)).build()
}

fn rule(rule: RuleId) -> ReportingDescriptor {
    let page = rulebook::Page::of(rule);
    let mut tags = vec!["security".to_owned(), "network".to_owned()];
    tags.extend(page.list("cwe").iter().map(|cwe| format!("external/cwe/{}", cwe.to_ascii_lowercase())));
    let mut properties = BTreeMap::from([("precision".to_owned(), Value::from("very-high"))]);
    if let Some(score) = page.list("cvss-score").first() {
        properties.insert("security-severity".to_owned(), Value::from(*score));
    }
    let level = page.list("risk").first().and_then(|risk| Level::from_name(risk)).map_or("warning", level);
    ReportingDescriptor::builder()
        .id(rule.name())
        .name(pascal(rule.name()))
        .short_description(multiformat(page.title, None))
        .full_description(multiformat(&page.summary, None))
        .help(multiformat(&plain::render(page.body), Some(page.body)))
        .help_uri(rulebook::url(rule))
        .default_configuration(ReportingConfiguration::builder().level(level).build())
        .properties(bag(Some(tags), properties))
        .build()
}

/// `open-egress` as `OpenEgress`: the format wants names in this case.
fn pascal(name: &str) -> String {
    name.split('-')
        .map(|word| {
            let mut chars = word.chars();
            chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
        })
        .collect()
}

fn level(risk: Level) -> &'static str {
    match risk {
        Level::Critical | Level::High => "error",
        Level::Medium | Level::Low => "warning",
        Level::Informational => "note",
    }
}

fn result(run: &Run<'_>, finding: &Finding, muted: Option<&Suppressed>) -> SarifResult {
    let mut text = finding.message.clone();
    if let Some(witness) = &finding.witness {
        let _ = write!(text, " For instance, {}.", words::gets_out(witness));
    }
    let mut primary = location(run, &finding.place.path, Some(finding.place.span));
    primary.logical_locations = Some(finding.subjects.iter().take(100).map(logical).collect());
    let properties = BTreeMap::from([
        ("security-severity".to_owned(), Value::from(format!("{:.1}", finding.rating.cvss_score))),
        ("confidence".to_owned(), Value::from(words::confidence(finding.confidence))),
        ("risk".to_owned(), Value::from(finding.rating.risk.name())),
        ("aliases".to_owned(), Value::from(finding.aliases.clone())),
        ("standards".to_owned(), Value::from(finding.standards.iter().map(|s| s.id).collect::<Vec<_>>())),
        ("status".to_owned(), Value::from(finding.status.name())),
    ]);
    let index = RuleId::ALL.into_iter().position(|rule| rule == finding.rule).unwrap_or_default();
    let mut result = SarifResult::builder()
        .rule_id(finding.rule.name())
        .rule_index(index as i64)
        .level(match level(finding.rating.risk) {
            "error" => ResultLevel::Error,
            "note" => ResultLevel::Note,
            _ => ResultLevel::Warning,
        })
        .message(message(&text))
        .locations(vec![primary])
        .partial_fingerprints(BTreeMap::from([("tidegate/v1".to_owned(), finding.fingerprint.clone())]))
        .properties(bag(None, properties))
        .build();
    if !finding.related.is_empty() {
        result.related_locations = Some(related(run, finding));
        result.code_flows = Some(vec![code_flow(run, finding)]);
    }
    let muted = muted.map(|muted| suppression(run, muted));
    let decided = finding.decision.as_ref().filter(|decision| decision.status.settles()).map(accepted);
    let suppressions: Vec<Suppression> = muted.into_iter().chain(decided).collect();
    if !suppressions.is_empty() {
        result.suppressions = Some(suppressions);
    }
    result
}

fn related(run: &Run<'_>, finding: &Finding) -> Vec<Location> {
    finding
        .related
        .iter()
        .enumerate()
        .map(|(at, step)| {
            let mut location = location(run, &step.place.path, Some(step.place.span));
            location.id = Some(at as i64 + 1);
            location.message = Some(message(&step.message));
            location
        })
        .collect()
}

/// The chain in order, ending at the finding.
fn code_flow(run: &Run<'_>, finding: &Finding) -> CodeFlow {
    let end = (&finding.place, finding.rule.name());
    let steps = finding.related.iter().map(|step| (&step.place, step.message.as_str())).chain([end]);
    let locations = steps.map(|(place, text)| {
        let mut location = location(run, &place.path, Some(place.span));
        location.message = Some(message(text));
        ThreadFlowLocation::builder().location(location).build()
    });
    let flow = ThreadFlow::builder().locations(locations.collect::<Vec<_>>()).build();
    CodeFlow::builder().thread_flows(vec![flow]).build()
}

fn suppression(run: &Run<'_>, muted: &Suppressed) -> Suppression {
    let kind = match muted.by {
        SuppressedBy::Mark(_) => "inSource",
        SuppressedBy::Baseline => "external",
    };
    let mut suppression = Suppression::builder().kind(kind).status("accepted").build();
    suppression.justification = muted.reason.as_deref().map(|reason| escape::lines(reason).into_owned());
    suppression.location = muted.place.as_ref().map(|place| location(run, &place.path, Some(place.span)));
    let properties = BTreeMap::from([("by".to_owned(), Value::from(words::muted_by(muted)))]);
    suppression.properties = Some(bag(None, properties));
    suppression
}

/// A decision: somebody looked, and carries it or says that it is safe.
fn accepted(decision: &Decision) -> Suppression {
    let mut suppression = Suppression::builder().kind("external").status("accepted").build();
    suppression.justification = Some(escape::lines(&words::decision(decision)).into_owned());
    let text = |text: &str| Value::from(escape::line(text).into_owned());
    let mut properties = BTreeMap::from([
        ("status".to_owned(), Value::from(decision.status.name())),
        ("by".to_owned(), text(&decision.by)),
        ("on".to_owned(), Value::from(decision.on.to_string())),
    ]);
    properties.extend(decision.until.map(|until| ("until".to_owned(), Value::from(until.to_string()))));
    suppression.properties = Some(bag(None, properties));
    suppression
}

fn invocation(run: &Run<'_>) -> Invocation {
    let unresolved = run.report.unresolved.iter().map(|unresolved| {
        let text = format!("{}: {}", words::subject(&unresolved.subject), unresolved.reason);
        notification(
            "unresolved",
            "warning",
            &text,
            location(run, &unresolved.place.path, Some(unresolved.place.span)),
        )
    });
    let diagnostics = run.report.diagnostics.iter().map(|diagnostic| input(run, diagnostic));
    Invocation::builder()
        .execution_successful(true)
        .start_time_utc(utc(run.time.start))
        .end_time_utc(utc(run.time.end))
        .tool_execution_notifications(diagnostics.chain(unresolved).collect::<Vec<_>>())
        .build()
}

fn input(run: &Run<'_>, diagnostic: &Diagnostic) -> Notification {
    let level = match diagnostic.severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    notification("input", level, &diagnostic.message, location(run, &diagnostic.path, diagnostic.span))
}

fn notification(id: &str, level: &str, text: &str, at: Location) -> Notification {
    Notification::builder()
        .descriptor(ReportingDescriptorReference::builder().id(id).build())
        .level(level)
        .message(message(text))
        .locations(vec![at])
        .build()
}

fn location(run: &Run<'_>, path: &Arc<str>, span: Option<Span>) -> Location {
    let artifact = if path.starts_with('/') {
        ArtifactLocation::builder().uri(format!("file://{}", percent(path))).build()
    } else {
        ArtifactLocation::builder().uri(percent(path)).uri_base_id(ROOT).build()
    };
    let mut physical = PhysicalLocation::builder().artifact_location(artifact).build();
    physical.region = span.map(|span| {
        let range = run.sources.range(path, span);
        Region::builder()
            .start_line(range.start.line as i64)
            .start_column(range.start.column as i64)
            .end_line(range.end.line as i64)
            .end_column(range.end.column as i64)
            .build()
    });
    Location::builder().physical_location(physical).build()
}

fn logical(subject: &Subject) -> LogicalLocation {
    let mut location = LogicalLocation::builder()
        .fully_qualified_name(escape::line(&words::subject(subject)).into_owned())
        .kind("resource")
        .build();
    location.name = subject.name.as_deref().map(|name| escape::line(name).into_owned());
    location
}

/// A path as part of a URI.
fn percent(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn message(text: &str) -> Message {
    Message::builder().text(escape::sarif(text)).build()
}

fn multiformat(text: &str, markdown: Option<&str>) -> MultiformatMessageString {
    let mut string = MultiformatMessageString::builder().text(text).build();
    string.markdown = markdown.map(str::to_owned);
    string
}

fn bag(tags: Option<Vec<String>>, properties: BTreeMap<String, Value>) -> PropertyBag {
    let mut bag = PropertyBag::builder().additional_properties(properties).build();
    bag.tags = tags;
    bag
}

#[cfg(test)]
mod tests {
    #[test]
    fn paths_become_valid_uris() {
        assert_eq!(super::percent("a b/ü#?%.py"), "a%20b/%C3%BC%23%3F%25.py");
        assert_eq!(super::pascal("ipv6-egress-forgotten"), "Ipv6EgressForgotten");
    }
}
