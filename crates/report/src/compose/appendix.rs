//! The appendix: all affected systems, full rule tables, and the files behind the report.

use super::tables::{rules_table, table_of};
use super::text;
use crate::data::{Data, Policies, Topic, label};
use crate::document::{Block, Cell, Column, Row, Section, SectionKind, Table};
use crate::fill::Facts;
use std::collections::BTreeSet;

/// Systems that the list in the appendix holds; a list in a file of its own has all.
const SYSTEMS: usize = 2000;

/// The parts of the appendix.
pub fn sections(data: &Data<'_>, policies: &Policies<'_>, topics: &[Topic<'_>]) -> Vec<Section> {
    let mut sections = Vec::new();
    if !topics.is_empty() {
        sections.push(systems(data, policies, topics));
        sections.push(rules(data, policies, topics));
    }
    sections.push(files(data));
    sections
}

fn systems(data: &Data<'_>, policies: &Policies<'_>, topics: &[Topic<'_>]) -> Section {
    let all: usize = topics.iter().map(|topic| topic.systems.len()).sum();
    let mut rows = Vec::new();
    for topic in topics {
        let facts = Facts { data: *data, policies, topic };
        let left = SYSTEMS.saturating_sub(rows.len());
        rows.extend(topic.systems.iter().zip(facts.reach_of_systems()).take(left));
    }
    let mut blocks = Vec::new();
    let shown = rows.len();
    blocks.push(Block::Table(table_of(format!("All affected systems ({all})"), rows.into_iter())));
    if shown < all {
        blocks.push(Block::text(format!(
            "and {} more: --systems FILE writes the whole list as a table for spreadsheets.",
            all - shown
        )));
    }
    Section {
        kind: SectionKind::Appendix,
        id: "affected-systems".to_owned(),
        heading: text("Appendix: affected systems"),
        blocks,
        ..Section::default()
    }
}

fn rules(data: &Data<'_>, policies: &Policies<'_>, topics: &[Topic<'_>]) -> Section {
    let mut blocks = Vec::new();
    let mut seen = BTreeSet::new();
    for topic in topics {
        let facts = Facts { data: *data, policies, topic };
        for finding in &topic.findings {
            for subject in &finding.subjects {
                // Two findings about one policy need one table.
                if !seen.insert((subject, &finding.place.path)) {
                    continue;
                }
                if let Some(rules) = facts.rules(finding, subject) {
                    blocks.push(Block::Table(rules_table(label(subject), &rules)));
                }
            }
        }
    }
    Section {
        kind: SectionKind::Appendix,
        id: "outbound-rules".to_owned(),
        heading: text("Appendix: outbound rules"),
        blocks,
        ..Section::default()
    }
}

fn files(data: &Data<'_>) -> Section {
    let column = |heading: &str, numeric, weight| Column { heading: heading.to_owned(), numeric, weight };
    let rows = data.inputs.files.iter().map(|path| {
        let facts = data.origins.file(path).unwrap_or_default();
        Row {
            cells: vec![
                Cell::code(path),
                Cell::number(usize::try_from(facts.bytes).unwrap_or(usize::MAX)),
                Cell::text(facts.modified.unwrap_or_else(|| "–".to_owned())),
                Cell::code(facts.sha256),
            ],
            marked: false,
        }
    });
    Section {
        kind: SectionKind::Appendix,
        id: "files".to_owned(),
        heading: text("Appendix: files"),
        blocks: vec![Block::Table(Table {
            caption: format!("Files that the findings come from ({})", data.inputs.files.len()),
            columns: vec![
                column("File", false, 5),
                column("Bytes", true, 2),
                column("Written", false, 4),
                column("SHA-256", false, 8),
            ],
            rows: rows.collect(),
            interactive: true,
        })],
        ..Section::default()
    }
}
