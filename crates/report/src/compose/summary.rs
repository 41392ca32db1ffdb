//! The summary: what a manager reads in a minute.

use super::{affected, text};
use crate::data::{Data, Topic};
use crate::document::{Block, Cell, Column, Inline, Row, Section, Table};
use crate::evidence;
use tidegate_audit::words::counted;
use tidegate_audit::{Level, Status, words};
use tidegate_reach::policy as reach;
use tidegate_space::{AddressSet, IpFamily};

/// Worlds of a policy that the map looks into.
const WORLDS: usize = 4;

/// The summary of all topics, whose titles are given in the same order.
pub fn section(data: &Data<'_>, topics: &[Topic<'_>], titles: &[String]) -> Section {
    let mut blocks = vec![Block::Paragraph(opening(data, topics))];
    if !topics.is_empty() {
        blocks.push(Block::Table(table(topics, titles)));
        let ratings = topics.iter().flat_map(|topic| &topic.findings).map(|finding| &finding.rating);
        blocks.push(Block::Picture(evidence::matrix(ratings)));
    }
    if let Some(reached) = reached(data) {
        let what = "the policies in the data, taken together";
        blocks.push(Block::Picture(evidence::map(&reached, what)));
    }
    Section { id: "summary".to_owned(), heading: text("Summary"), blocks, ..Section::default() }
}

/// What stands in place of findings where there is none.
pub fn nothing() -> Vec<Block> {
    vec![Block::text("Nothing was found that awaits a decision.")]
}

fn opening(data: &Data<'_>, topics: &[Topic<'_>]) -> Vec<Inline> {
    let findings: usize = topics.iter().map(|topic| topic.findings.len()).sum();
    let unresolved = data.report.unresolved.len();
    let mut out = Vec::new();
    if data.inputs.files.is_empty() {
        out.push(Inline::strong("Nothing was read that describes a network."));
        out.push(Inline::text(" This report says nothing about any system. "));
    } else if findings == 0 {
        out.push(Inline::text(
            "No policy in the data lets a workload out to a large part of the Internet without somebody having decided so. ",
        ));
    } else {
        let highest = topics.iter().map(Topic::risk).max().unwrap_or(Level::Informational);
        out.push(Inline::strong(format!(
            "{} on {} let traffic out to a large part of the Internet.",
            counted(findings, "finding"),
            counted(affected(topics), "affected system")
        )));
        out.push(Inline::text(format!(
            " The highest risk is {}. Whoever gains a foothold on one of these systems can take orders from outside and copy data out, \
             and the network would not stop it. ",
            highest.name()
        )));
        let waiting =
            topics.iter().flat_map(|topic| &topic.findings).filter(|f| f.status == Status::ToReview).count();
        if waiting > 0 {
            let await_them = if waiting == 1 {
                "1 finding awaits".to_owned()
            } else {
                format!("{waiting} findings await")
            };
            out.push(Inline::text(format!("{await_them} a decision. ")));
        }
    }
    if unresolved > 0 {
        let verb = if unresolved == 1 { "question" } else { "questions" };
        out.push(Inline::text(format!("{unresolved} {verb} could not be decided from the data; see ")));
        out.push(Inline::Link { target: "#not-decided".to_owned(), text: text("what was not decided") });
        out.push(Inline::text("."));
    }
    out
}

fn table(topics: &[Topic<'_>], titles: &[String]) -> Table {
    let column = |heading: &str, numeric, weight| Column { heading: heading.to_owned(), numeric, weight };
    let rows = topics.iter().zip(titles).enumerate().map(|(at, (topic, title))| Row {
        cells: vec![
            Cell::number(at + 1),
            Cell::risk(topic.risk()),
            Cell {
                text: vec![Inline::Link { target: format!("#{}", topic.id()), text: text(title) }],
                ..Cell::default()
            },
            Cell::text(platform(topic)),
            Cell::number(topic.findings.len()),
            Cell::number(topic.systems.len()),
        ],
        marked: false,
    });
    Table {
        caption: "Findings by risk".to_owned(),
        columns: vec![
            column("No.", true, 1),
            column("Risk", false, 2),
            column("Finding", false, 8),
            column("Platform", false, 3),
            column("Places", true, 2),
            column("Systems", true, 2),
        ],
        rows: rows.collect(),
        interactive: true,
    }
}

/// The platform's name for people.
pub fn platform(topic: &Topic<'_>) -> &'static str {
    match topic.provider_name() {
        "aws" => "AWS",
        "azure" => "Azure",
        "gcp" => "Google Cloud",
        "kubernetes" => "Kubernetes",
        other => other,
    }
}

/// IPv4 addresses that some policy lets out to; `None` where there is no policy.
fn reached(data: &Data<'_>) -> Option<AddressSet> {
    let mut reached = AddressSet::empty(IpFamily::V4);
    let mut any = false;
    for estate in data.estates {
        for policy in &estate.policies {
            any = true;
            if reached.is_all() {
                return Some(reached);
            }
            for world in reach::worlds_of(policy, estate, WORLDS).unwrap_or_default().iter().take(WORLDS) {
                let set = reach::in_world(policy, estate, world).must;
                if set.has(IpFamily::V4) {
                    reached = reached.union(&set.addresses(IpFamily::V4));
                }
            }
        }
    }
    any.then_some(reached)
}

/// A level with a capital.
pub fn capital(level: Level) -> String {
    words::sentence(level.name())
}
