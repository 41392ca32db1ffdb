//! The way of one packet as a table: each gate, what decided there, and where that is written.

use super::method::at;
use super::text;
use crate::data::Data;
use crate::document::{Block, Cell, Column, Inline, Row, Table};
use tidegate_audit::{PathGate, PathShown};
use tidegate_estate::names::{short, shortened};

pub(super) fn table(data: &Data<'_>, path: &PathShown) -> Block {
    let column = |heading: &str, weight| Column { heading: heading.to_owned(), numeric: false, weight };
    Block::Table(Table {
        caption: caption(path),
        columns: vec![column("Gate", 5), column("Passes", 2), column("What decides", 5), column("Where", 5)],
        rows: path.gates.iter().map(|gate| row(data, gate)).collect(),
        interactive: false,
    })
}

fn caption(path: &PathShown) -> String {
    let port = path.packet.port.map_or_else(String::new, |port| format!("/{port}"));
    let ends = match path.arrives {
        "yes" => "it arrives",
        "perhaps" => "it arrives perhaps",
        _ => "it does not arrive",
    };
    let inspected = if path.inspected { ", and is inspected on the way" } else { "" };
    format!(
        "The way of {}{port} from {} to {}: {ends}{inspected}",
        path.packet.protocol, path.from, path.packet.address
    )
}

fn row(data: &Data<'_>, gate: &PathGate) -> Row {
    let place = gate.place.as_ref().map_or_else(|| text("–"), |place| vec![Inline::code(at(data, place))]);
    Row {
        cells: vec![
            Cell {
                text: vec![Inline::text(format!("{} ", gate.kind)), Inline::code(short(&gate.id))],
                ..Cell::default()
            },
            Cell::text(gate.passes),
            Cell::text(shortened(&gate.why)),
            Cell { text: place, ..Cell::default() },
        ],
        // What stops a packet is what a reader looks for.
        marked: gate.passes == "no",
    }
}
