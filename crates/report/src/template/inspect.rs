//! What a template asks for: its options, values, evidence and notes, with the line of each.

use super::grammar::{Meaning, PieceKind, meaning};
use super::{Fill, Template};
use std::collections::BTreeMap;

/// What a template asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inspection {
    /// Options in order.
    pub options: Vec<OptionAsked>,
    /// Values and alternatives by name.
    pub values: Vec<Asked>,
    /// Evidence by what it shows.
    pub evidence: Vec<Asked>,
    /// Lines of author's notes.
    pub notes: Vec<usize>,
    /// Lines of plurals.
    pub plurals: Vec<usize>,
    /// Lines of markers that are never closed.
    pub unclosed: Vec<usize>,
}

/// An option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionAsked {
    /// Its number, from 1.
    pub number: usize,
    /// Its line, from 1.
    pub line: usize,
    /// Its label and those around it, innermost first; empty = the author's choice.
    pub labels: Vec<String>,
    /// The first words of it.
    pub begins: String,
    /// Whether it stays under the facts that were given.
    pub kept: bool,
}

/// Something to fill in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Its name, or what the evidence shows.
    pub name: String,
    /// For alternatives: each of them.
    pub alternatives: Vec<String>,
    /// The lines it stands in, from 1.
    pub lines: Vec<usize>,
}

/// How many characters of an option are shown.
const SHOWN: usize = 60;

impl Template {
    /// Lists what the template asks for; `fill` says which options stay.
    pub fn inspect(&self, fill: &Fill) -> Inspection {
        let mut found = Inspection::default();
        let (mut values, mut evidence) = (BTreeMap::new(), BTreeMap::new());
        for piece in &self.pieces {
            let line = self.line_of(piece.range.start);
            let ask = |of: &mut BTreeMap<String, (usize, Asked)>, name: &str, alternatives: Vec<String>| {
                let asked = Asked { name: name.to_owned(), alternatives, lines: Vec::new() };
                of.entry(name.to_owned()).or_insert((piece.range.start, asked)).1.lines.push(line);
            };
            match &piece.kind {
                PieceKind::Text(_) => {}
                PieceKind::Plural { .. } => found.plurals.push(line),
                PieceKind::Unclosed => found.unclosed.push(line),
                PieceKind::Marker(inner) => match meaning(inner) {
                    Meaning::Choice | Meaning::Label(_) => {}
                    Meaning::Note => found.notes.push(line),
                    Meaning::Evidence(shows) => ask(&mut evidence, shows, Vec::new()),
                    Meaning::Value(name) => ask(&mut values, name, Vec::new()),
                    Meaning::Alternatives(all) => {
                        ask(&mut values, all, all.split('/').map(|one| one.trim().to_owned()).collect());
                    }
                },
            }
        }
        found.values = in_order(values);
        found.evidence = in_order(evidence);
        found.options = self
            .options
            .iter()
            .map(|block| {
                let text = &self.text[block.marker.end..block.range.end];
                let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
                let short: String = words.chars().take(SHOWN).collect();
                let label = block.label.as_deref();
                OptionAsked {
                    number: block.number,
                    line: self.line_of(block.marker.start),
                    labels: label.map_or_else(Vec::new, |label| {
                        self.labels.and_around(label).into_iter().map(str::to_owned).collect()
                    }),
                    begins: if short.len() < words.len() { format!("{short}…") } else { short },
                    kept: self.keeps(block, fill),
                }
            })
            .collect();
        found
    }
}

/// In the order of their first line.
fn in_order(found: BTreeMap<String, (usize, Asked)>) -> Vec<Asked> {
    let mut found: Vec<(usize, Asked)> = found.into_values().collect();
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, asked)| asked).collect()
}
