//! SonarQube's generic issue format, in the shape with `rules` and `issues` (SonarQube 10.3 and later).
//!
//! What carries S6463 is a security hotspot, as it is in that tool's own rule; everything else is an issue
//! with an impact on security. A hotspot has no impacts. Lines count from 1, columns from 0.
//! Format: <https://docs.sonarsource.com/sonarqube-server/latest/analyzing-source-code/importing-external-issues/generic-issue-import-format/>

use super::Run;
use crate::{escape, rulebook, words};
use anyhow::Result;
use serde::Serialize;
use std::collections::BTreeMap;
use tidegate_audit::{Finding, Level, RuleId};
use tidegate_estate::Place;

const ENGINE: &str = "tidegate";
const S6463: &str = "S6463";

/// Writes the report.
pub fn render(run: &Run<'_>) -> Result<String> {
    let mut rules: BTreeMap<String, (RuleId, bool, Level)> = BTreeMap::new();
    // The format has no place for a decision: what is settled is left out, as what is muted.
    let open = || run.report.findings.iter().filter(|finding| !finding.status.settles());
    for finding in open() {
        let entry = rules.entry(rule_id(finding)).or_insert((
            finding.rule,
            is_hotspot(finding),
            Level::Informational,
        ));
        // A rule has one severity here: the highest of its findings.
        entry.2 = entry.2.max(finding.rating.risk);
    }
    super::to_json(&Document {
        rules: rules
            .into_iter()
            .map(|(id, (rule, hotspot, risk))| Rule::new(id, rule, hotspot, risk))
            .collect(),
        issues: open().map(|finding| issue(run, finding)).collect(),
    })
}

fn is_hotspot(finding: &Finding) -> bool {
    finding.aliases.contains(&S6463)
}

/// Hotspots keep their rule apart from issues of the same Tidegate rule, since a rule has one type.
fn rule_id(finding: &Finding) -> String {
    if is_hotspot(finding) { S6463.to_owned() } else { finding.rule.name().to_owned() }
}

#[derive(Serialize)]
struct Document {
    rules: Vec<Rule>,
    issues: Vec<Issue>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: String,
    name: String,
    description: String,
    engine_id: &'static str,
    clean_code_attribute: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    severity: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    impacts: Vec<Impact>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Impact {
    software_quality: &'static str,
    severity: &'static str,
}

impl Rule {
    fn new(id: String, rule: RuleId, hotspot: bool, risk: Level) -> Self {
        let page = rulebook::Page::of(rule);
        let (name, description) = if hotspot {
            let name = "Unrestricted outbound communications of a security group are security-sensitive";
            (name.to_owned(), format!("{} {}", page.title, page.summary))
        } else {
            (page.title.to_owned(), page.summary)
        };
        Self {
            id,
            name,
            description,
            engine_id: ENGINE,
            clean_code_attribute: "TRUSTWORTHY",
            kind: if hotspot { "SECURITY_HOTSPOT" } else { "VULNERABILITY" },
            severity: match risk {
                Level::Critical => "BLOCKER",
                Level::High => "CRITICAL",
                Level::Medium => "MAJOR",
                Level::Low => "MINOR",
                Level::Informational => "INFO",
            },
            impacts: if hotspot {
                Vec::new()
            } else {
                let severity = match risk {
                    Level::Critical => "BLOCKER",
                    Level::High => "HIGH",
                    Level::Medium => "MEDIUM",
                    Level::Low => "LOW",
                    Level::Informational => "INFO",
                };
                vec![Impact { software_quality: "SECURITY", severity }]
            },
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Issue {
    rule_id: String,
    effort_minutes: u32,
    primary_location: Location,
    secondary_locations: Vec<Location>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    message: String,
    file_path: String,
    text_range: TextRange,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TextRange {
    start_line: usize,
    end_line: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_column: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<usize>,
}

fn issue(run: &Run<'_>, finding: &Finding) -> Issue {
    let mut message = finding.message.clone();
    if let Some(witness) = &finding.witness {
        message.push_str(&format!(" ({})", words::gets_out(witness)));
    }
    Issue {
        rule_id: rule_id(finding),
        effort_minutes: 5,
        primary_location: location(run, &finding.place, &message),
        secondary_locations: finding
            .related
            .iter()
            .map(|step| location(run, &step.place, &step.message))
            .collect(),
    }
}

fn location(run: &Run<'_>, place: &Place, message: &str) -> Location {
    let range = run.sources.at(place);
    // An empty range is refused; without columns the whole line is meant. Characters outside of the basic
    // plane count as two there.
    let extra = |line: usize, column: usize| run.sources.wide_characters(&place.path, line, column);
    let start = range.start.column - 1 + extra(range.start.line, range.start.column);
    let end = range.end.column - 1 + extra(range.end.line, range.end.column);
    let empty = range.start == range.end;
    Location {
        message: escape::line(message).into_owned(),
        file_path: place.path.to_string(),
        text_range: TextRange {
            start_line: range.start.line,
            end_line: range.end.line,
            start_column: (!empty).then_some(start),
            end_column: (!empty).then_some(end),
        },
    }
}
