//! Tables that several parts of a report have.

use crate::data::System;
use crate::document::{Block, Cell, Column, Inline, Row, Table};
use crate::evidence::RuleRow;
use crate::fill::Facts;
use tidegate_audit::words::counted;

/// The topic's systems with what each may reach; cut with a count.
pub fn systems_table(facts: &Facts<'_>) -> Vec<Block> {
    let (shown, more) = facts.shown_systems();
    let caption = format!("Affected systems ({})", facts.topic.systems.len());
    let table = table_of(caption, shown.into_iter());
    let mut blocks = vec![Block::Table(table)];
    if more > 0 {
        blocks.push(Block::Paragraph(vec![
            Inline::text(format!("and {} more, in the ", counted(more, "system"))),
            Inline::Link {
                target: "#affected-systems".to_owned(),
                text: super::text("list of all affected systems"),
            },
            Inline::text("."),
        ]));
    }
    blocks
}

/// A table of systems.
pub(super) fn table_of<'s>(caption: String, systems: impl Iterator<Item = (&'s System, String)>) -> Table {
    let column = |heading: &str, weight| Column { heading: heading.to_owned(), numeric: false, weight };
    Table {
        caption,
        columns: vec![
            column("System", 5),
            column("Addresses", 4),
            column("Account, region", 4),
            column("May reach", 6),
            column("Risk", 2),
        ],
        rows: systems.map(|(system, reach)| row(system, reach)).collect(),
        interactive: true,
    }
}

fn row(system: &System, reach: String) -> Row {
    let mut name = vec![Inline::strong(&system.name)];
    if let Some(id) = &system.id {
        name.push(Inline::Break);
        name.push(Inline::code(crate::data::short_id(id)));
    }
    if !system.through.is_empty() {
        let through: Vec<String> = system.through.iter().cloned().collect();
        name.push(Inline::Break);
        name.push(Inline::text(format!("through {}", tidegate_audit::words::some(&through))));
    }
    let place: Vec<&str> =
        [&system.account, &system.region].into_iter().flatten().map(String::as_str).collect();
    Row {
        cells: vec![
            Cell { text: name, ..Cell::default() },
            Cell { text: lines(&system.addresses), ..Cell::default() },
            Cell::text(if place.is_empty() { "–".to_owned() } else { place.join(", ") }),
            Cell::text(reach),
            Cell::risk(system.risk),
        ],
        marked: false,
    }
}

fn lines(texts: &[String]) -> Vec<Inline> {
    if texts.is_empty() {
        return super::text("–");
    }
    let mut out = Vec::new();
    for text in texts {
        if !out.is_empty() {
            out.push(Inline::Break);
        }
        out.push(Inline::code(text));
    }
    out
}

/// The outbound rules of a policy as a table.
pub fn rules_table(caption: String, rules: &[RuleRow]) -> Table {
    let ordered = rules.iter().any(|rule| !rule.priority.is_empty());
    let column = |heading: &str, weight| Column { heading: heading.to_owned(), numeric: false, weight };
    let mut columns = vec![column("", 2)];
    if ordered {
        columns.push(Column { numeric: true, ..column("Priority", 2) });
        columns.push(column("Action", 2));
    }
    columns.extend([
        column("Protocol", 2),
        column("Ports", 3),
        column("Destination", 6),
        column("Made by", 5),
    ]);
    let rows = rules.iter().map(|rule| {
        let mut cells = vec![Cell::text(if rule.marked { "open" } else { "" })];
        if ordered {
            cells.push(Cell { key: rule.priority.parse().ok(), ..Cell::text(&rule.priority) });
            cells.push(Cell::text(rule.action));
        }
        cells.extend([
            Cell::code(&rule.protocol),
            Cell::code(&rule.ports),
            Cell::code(&rule.destination),
            Cell::text(&rule.source),
        ]);
        Row { cells, marked: rule.marked }
    });
    Table { caption, columns, rows: rows.collect(), interactive: false }
}
