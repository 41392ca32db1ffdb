//! SysReptor: a list of findings as `reptor finding` takes it (reptor 0.39, fields of the predefined design).

use super::sections::Part;
use super::told::{self, Told};
use super::{Order, components, line, retest_status};
use crate::compose::Unfilled;
use crate::data::Topic;
use crate::document::{Block, Inline};
use crate::retest::{Outcome, Retested};
use crate::write_markdown::{Reader, write_blocks};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use tidegate_audit::{Level, RuleId, Status};

/// Characters of a field that is one line.
const ONE_LINE: usize = 1000;

/// One finding a topic, and one for each rule of which a retest found nothing left.
pub fn findings(order: &Order<'_>, warnings: &mut Vec<String>) -> Result<Value, Unfilled> {
    let told = told::every(order, warnings)?;
    let mut all: Vec<Value> = told.iter().map(|(topic, told)| finding(order, topic, told)).collect();
    all.extend(resolved(order));
    Ok(Value::Array(all))
}

fn finding(order: &Order<'_>, topic: &Topic<'_>, told: &Told) -> Value {
    let markdown = |blocks: &[Block]| write_blocks(blocks, Reader::Template);
    let field = |parts: &[Part]| markdown(&told.sections.field(parts));
    let mut description = told.sections.field(&[Part::Description]);
    description.push(Block::Heading(4, vec![Inline::text(format!("Places ({})", topic.findings.len()))]));
    description.extend(told::places(order, topic));
    let references = told.sections.references();
    // The field is for addresses; designs link what is in it.
    let others: Vec<Vec<Block>> = references
        .iter()
        .filter(|one| one.address.is_none())
        .map(|one| vec![Block::text(&one.text)])
        .collect();
    if !others.is_empty() {
        description.push(Block::Heading(4, vec![Inline::text("Requirements")]));
        description.push(Block::List(None, others));
    }
    let mut data = Map::new();
    let mut put = |name: &str, value: Value| data.insert(name.to_owned(), value);
    put("title", json!(told.title));
    if let Some(worst) = topic.worst() {
        put("cvss", json!(worst.rating.cvss_vector));
        let short = worst.help.first().map_or("", String::as_str);
        put("short_recommendation", json!(line(short.trim_end_matches(':'), ONE_LINE)));
    }
    put("severity", json!(severity(topic.risk())));
    put("summary", json!(told.sections.first_paragraph().map_or_else(String::new, summary)));
    put("description", json!(markdown(&description)));
    put("impact", json!(field(&[Part::Impact, Part::Likelihood])));
    put(
        "recommendation",
        json!(field(&[Part::Recommendation, Part::Remedy, Part::Verification, Part::Limits])),
    );
    let addresses: Vec<&str> = references.iter().filter_map(|one| one.address.as_deref()).collect();
    put("references", json!(addresses));
    put("affected_components", json!(components::of_topic(topic)));
    put("retest_status", json!(status(order, topic)));
    let notes = notes(order, topic);
    if !notes.is_empty() {
        put("retest_notes", json!(markdown(&notes)));
    }
    json!({ "status": "in-progress", "data": data })
}

fn summary(block: &Block) -> String {
    write_blocks(std::slice::from_ref(block), Reader::Template)
}

fn severity(risk: Level) -> &'static str {
    match risk {
        Level::Informational => "info",
        other => other.name(),
    }
}

/// `open`, unless a retest or a decision says otherwise.
fn status(order: &Order<'_>, topic: &Topic<'_>) -> &'static str {
    if topic.findings.iter().all(|finding| finding.status == Status::Acknowledged) {
        return "accepted";
    }
    let outcomes: Vec<&Outcome> =
        topic.findings.iter().filter_map(|finding| retest_status(&order.data, finding)).collect();
    let all = |is: fn(&Outcome) -> bool| {
        outcomes.len() == topic.findings.len() && outcomes.iter().all(|one| is(one))
    };
    // What is resolved is no finding any more; that some of it is shows in the lines of the retest.
    let some_resolved = lines(order, topic).iter().any(|one| one.outcome == Outcome::Resolved);
    if all(|one| matches!(one, Outcome::New)) && !some_resolved {
        "new"
    } else if some_resolved || outcomes.iter().any(|one| matches!(one, Outcome::Partly(_))) {
        "partial"
    } else if outcomes.iter().any(|one| matches!(one, Outcome::Grown(_))) {
        "changed"
    } else {
        "open"
    }
}

/// The lines of a retest that are about a topic: of its findings, and of its rule where nothing is found any more.
fn lines<'a>(order: &Order<'a>, topic: &Topic<'_>) -> Vec<&'a Retested> {
    let Some(retest) = order.data.retest else { return Vec::new() };
    let of_topic = |one: &&Retested| match one.now.and_then(|at| order.data.report.findings.get(at)) {
        Some(finding) => topic.findings.iter().any(|other| std::ptr::eq(*other, finding)),
        None => one.rule == topic.rule.name(),
    };
    retest.iter().filter(of_topic).collect()
}

fn notes(order: &Order<'_>, topic: &Topic<'_>) -> Vec<Block> {
    let lines = lines(order, topic);
    if lines.is_empty() {
        return Vec::new();
    }
    let items = lines.into_iter().map(|one| note(order, one)).collect();
    vec![Block::List(None, items)]
}

fn note(order: &Order<'_>, one: &Retested) -> Vec<Block> {
    vec![Block::Paragraph(vec![
        Inline::code(&one.policy),
        Inline::text(format!(": {}", told::outcome(order, &one.outcome))),
    ])]
}

/// Rules that were found before and are not found at all any more.
fn resolved(order: &Order<'_>) -> Vec<Value> {
    let found = |rule: &str| order.data.report.findings.iter().any(|finding| finding.rule.name() == rule);
    let mut gone: BTreeMap<&str, Vec<&Retested>> = BTreeMap::new();
    for one in order.data.retest.unwrap_or_default() {
        if one.now.is_none() && !found(&one.rule) {
            gone.entry(&one.rule).or_default().push(one);
        }
    }
    gone.into_iter()
        .map(|(rule, lines)| {
            let title = RuleId::from_name(rule).map_or(rule, |rule| rule.summary());
            let all = lines.iter().all(|one| one.outcome == Outcome::Resolved);
            let notes = Block::List(None, lines.iter().map(|one| note(order, one)).collect());
            json!({ "status": "in-progress", "data": {
                "title": line(title, super::TITLE),
                "cvss": "n/a",
                "severity": "info",
                "retest_status": if all { "resolved" } else { "open" },
                "retest_notes": summary(&notes),
            }})
        })
        .collect()
}
