//! How the findings came about, what was not decided, and what somebody decided.

use super::text;
use crate::data::{Data, label};
use crate::document::{Block, Cell, Column, Inline, Row, Section, Table};
use std::collections::BTreeMap;
use tidegate_audit::words::counted;
use tidegate_audit::{Finding, SuppressedBy};
use tidegate_estate::{Place, Severity};

/// Rows of a table of questions or files.
const ROWS: usize = 500;

/// Method and limits.
pub fn section(data: &Data<'_>) -> Section {
    let mut sections = vec![not_decided(data)];
    sections.extend(not_read(data));
    Section {
        id: "method".to_owned(),
        heading: text("Method"),
        blocks: vec![
            Block::text(format!(
                "{} read. From {} the exact set of packets that each network policy lets out was computed, and compared with the \
                 address space of the Internet. What counts is the resulting set, not how a rule is spelled: a rule for all \
                 addresses, several rules that add up to all of them, and a default of the platform are the same finding.",
                was(data.inputs.files.len(), "file"),
                if data.inputs.files.len() == 1 { "it" } else { "them" },
            )),
            Block::text(
                "No packet was sent, nothing was changed, and no data left the machine. Routes, gateways and firewalls outside of \
                 the policies were not followed: a finding says what a policy permits, not that a path exists.",
            ),
            Block::Paragraph(vec![Inline::text("The findings can be reproduced with ")]),
            Block::Code { language: "sh".to_owned(), text: data.inputs.command.clone() },
        ],
        sections,
        ..Section::default()
    }
}

fn was(number: usize, one: &str) -> String {
    format!("{} {}", counted(number, one), if number == 1 { "was" } else { "were" })
}

fn not_decided(data: &Data<'_>) -> Section {
    let unresolved = &data.report.unresolved;
    let column = |heading: &str, weight| Column { heading: heading.to_owned(), numeric: false, weight };
    let mut blocks = Vec::new();
    if unresolved.is_empty() {
        blocks.push(Block::text("Everything that was read could be decided."));
    } else {
        blocks.push(Block::text(
            "What follows could not be decided from the data. It is neither safe nor a finding until somebody has looked.",
        ));
        blocks.push(Block::Table(Table {
            caption: format!("Not decided ({})", unresolved.len()),
            columns: vec![column("Policy", 4), column("Place", 4), column("Why", 7)],
            rows: unresolved
                .iter()
                .take(ROWS)
                .map(|one| Row {
                    cells: vec![
                        Cell::text(label(&one.subject)),
                        Cell::code(at(data, &one.place)),
                        Cell::text(tidegate_audit::words::sentence(&one.reason)),
                    ],
                    marked: false,
                })
                .collect(),
            interactive: true,
        }));
        if unresolved.len() > ROWS {
            blocks.push(Block::text(format!("and {} more.", unresolved.len() - ROWS)));
        }
    }
    Section {
        id: "not-decided".to_owned(),
        heading: text("What was not decided"),
        blocks,
        ..Section::default()
    }
}

fn not_read(data: &Data<'_>) -> Option<Section> {
    let mut rows: Vec<(String, String)> = data.inputs.skipped.clone();
    for diagnostic in data.report.diagnostics.iter().filter(|d| d.severity >= Severity::Warning) {
        let place = match diagnostic.span {
            Some(span) => at(data, &Place::new(&diagnostic.path, span)),
            None => diagnostic.path.to_string(),
        };
        let known = data.inputs.skipped.iter().any(|(path, _)| **path == *diagnostic.path);
        if !known {
            rows.push((place, diagnostic.message.clone()));
        }
    }
    if rows.is_empty() {
        return None;
    }
    let column = |heading: &str, weight| Column { heading: heading.to_owned(), numeric: false, weight };
    let table = Table {
        caption: format!("Not read, or not in full ({})", rows.len()),
        columns: vec![column("Place", 4), column("Why", 7)],
        rows: rows
            .into_iter()
            .take(ROWS)
            .map(|(place, why)| Row { cells: vec![Cell::code(place), Cell::text(why)], marked: false })
            .collect(),
        interactive: false,
    };
    Some(Section {
        id: "not-read".to_owned(),
        heading: text("What was not read"),
        blocks: vec![Block::Table(table)],
        ..Section::default()
    })
}

/// What somebody decided, and what is muted.
pub fn decisions(data: &Data<'_>) -> Option<Section> {
    let mut rows: Vec<Row> = Vec::new();
    for finding in &data.report.findings {
        if let Some(decision) = &finding.decision {
            let until = decision.until.map_or_else(String::new, |date| format!(", until {date}"));
            rows.push(row(
                data,
                finding,
                decision.status.name(),
                format!("{}, {}{until}", decision.by, decision.on),
                decision.because.clone(),
            ));
        }
    }
    let mut baseline: BTreeMap<&str, usize> = BTreeMap::new();
    for muted in &data.report.suppressed {
        match &muted.by {
            SuppressedBy::Baseline => *baseline.entry(muted.finding.rule.name()).or_default() += 1,
            SuppressedBy::Mark(mark) => {
                let place = muted.place.as_ref().map_or_else(String::new, |place| at(data, place));
                let why = muted.reason.clone().unwrap_or_else(|| "no reason is given".to_owned());
                rows.push(row(data, &muted.finding, "muted", format!("{mark} at {place}"), why));
            }
        }
    }
    if rows.is_empty() && baseline.is_empty() {
        return None;
    }
    let column = |heading: &str, weight| Column { heading: heading.to_owned(), numeric: false, weight };
    let mut blocks = vec![Block::text(
        "These findings were looked at before. They are listed so that the decision can be looked at, too.",
    )];
    if !rows.is_empty() {
        blocks.push(Block::Table(Table {
            caption: format!("Decisions ({})", rows.len()),
            columns: vec![
                column("Finding", 4),
                column("Policy", 4),
                column("Decision", 3),
                column("Who and when", 4),
                column("Why", 6),
            ],
            rows,
            interactive: true,
        }));
    }
    for (rule, count) in baseline {
        blocks
            .push(Block::text(format!("{} of {rule} are held by the baseline.", counted(count, "finding"))));
    }
    Some(Section { id: "decisions".to_owned(), heading: text("Decisions"), blocks, ..Section::default() })
}

fn row(data: &Data<'_>, finding: &Finding, status: &str, who: String, why: String) -> Row {
    let names: Vec<String> = finding.subjects.iter().map(label).collect();
    Row {
        cells: vec![
            Cell {
                text: vec![
                    Inline::text(finding.rule.name()),
                    Inline::Break,
                    Inline::code(at(data, &finding.place)),
                ],
                ..Cell::default()
            },
            Cell::text(tidegate_audit::words::some(&names)),
            Cell::text(status),
            Cell::text(who),
            Cell::text(why),
        ],
        marked: false,
    }
}

pub(super) fn at(data: &Data<'_>, place: &Place) -> String {
    format!("{}:{}", place.path, data.origins.line(place))
}
