//! Which bytes of a template each `OPTION` marker decides about.

use super::grammar::{Meaning, Piece, PieceKind, meaning};
use super::layout::Layout;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Labels that lie inside of others. The clouds, and every label that nobody declared, lie inside of none.
const INSIDE: [(&str, &str); 2] = [("VPC", "AWS"), ("EC2", "AWS")];

/// How deep labels may lie inside of each other.
const DEPTH: usize = 8;

/// A part of a template that is kept or dropped as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionBlock {
    /// Its number in the template, from 1.
    pub number: usize,
    /// Its label in upper case; `None` = the author's choice.
    pub label: Option<String>,
    /// The marker itself.
    pub marker: Range<usize>,
    /// What goes if it is dropped, blank lines after it not counted.
    pub range: Range<usize>,
}

/// How labels lie inside of each other.
#[derive(Debug, Clone)]
pub struct Labels {
    parents: BTreeMap<String, String>,
}

impl Labels {
    /// The known ones, and those that a template declares.
    pub fn new(declared: &BTreeMap<String, String>) -> Self {
        let known = INSIDE.map(|(label, parent)| (label.to_owned(), parent.to_owned()));
        let declared = declared.iter().map(|(label, parent)| (label.clone(), parent.clone()));
        Self { parents: known.into_iter().chain(declared).collect() }
    }

    /// The label and those around it, innermost first.
    pub fn and_around<'a>(&'a self, label: &'a str) -> Vec<&'a str> {
        let mut found = vec![label];
        let mut at = label;
        while let Some(parent) = self.parents.get(at)
            && found.len() < DEPTH
        {
            found.push(parent);
            at = parent;
        }
        found
    }

    /// 0 for the clouds and their siblings, 1 for what lies inside of one, and so on.
    fn depth(&self, label: &str) -> usize {
        self.and_around(label).len() - 1
    }

    /// Whether a block of this label stays, if these labels do.
    pub fn keeps(&self, kept: &BTreeSet<String>, label: &str) -> bool {
        self.and_around(label).into_iter().all(|label| kept.contains(label))
    }
}

/// Finds the blocks of a text.
pub fn blocks(text: &str, pieces: &[Piece], layout: &Layout, labels: &Labels) -> Vec<OptionBlock> {
    struct Found {
        label: Option<String>,
        marker: Range<usize>,
        begin: usize,
    }
    let found: Vec<Found> = pieces
        .iter()
        .filter_map(|piece| {
            let PieceKind::Marker(inner) = &piece.kind else { return None };
            let label = match meaning(inner) {
                Meaning::Choice => None,
                Meaning::Label(label) => Some(label),
                _ => return None,
            };
            let line = layout.line(piece.range.start);
            // `- {==OPTION AWS==} text` is about the whole item, `### {==OPTION AWS==} Title` about the heading, too.
            let before = text.get(line.start..piece.range.start).unwrap_or_default();
            let begin = if opens_line(before) { line.start } else { piece.range.start };
            Some(Found { label, marker: piece.range.clone(), begin })
        })
        .collect();
    let end_of = |at: usize| {
        let this = &found[at];
        let Some(label) = &this.label else { return layout.paragraph_end(this.marker.start) };
        let depth = labels.depth(label);
        let closes =
            |other: &&Found| other.label.as_deref().is_some_and(|label| labels.depth(label) <= depth);
        let next = found[at + 1..].iter().find(closes).map_or(layout.end(), |other| other.begin);
        next.min(layout.next_heading(this.marker.start)).max(this.marker.end)
    };
    (0..found.len())
        .map(|at| OptionBlock {
            number: at + 1,
            label: found[at].label.clone(),
            marker: found[at].marker.clone(),
            range: found[at].begin..end_of(at),
        })
        .collect()
}

/// Whether only what opens a block stands before a marker: spaces, and the marks of headings, items, quotes, cells.
pub(super) fn opens_line(before: &str) -> bool {
    let marks = |c: char| c.is_whitespace() || matches!(c, '#' | '-' | '*' | '+' | '>' | '|');
    let bare = before.trim();
    before.chars().all(marks)
        || bare
            .strip_suffix(['.', ')'])
            .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::super::grammar::pieces;
    use super::*;

    fn parts(text: &str) -> Vec<&str> {
        let labels = Labels::new(&BTreeMap::new());
        blocks(text, &pieces(text, 0), &Layout::of(text, 0), &labels)
            .into_iter()
            .map(|block| &text[block.range])
            .collect()
    }

    #[test]
    fn a_cloud_ends_at_the_next_cloud_and_holds_what_lies_inside_of_it() {
        let text = "{==OPTION AZURE==} a\n\n{==OPTION AWS==} b\n\n{==OPTION VPC==}c\n{==OPTION EC2==}d\n";
        assert_eq!(
            parts(text),
            [
                "{==OPTION AZURE==} a\n\n",
                "{==OPTION AWS==} b\n\n{==OPTION VPC==}c\n{==OPTION EC2==}d\n",
                "{==OPTION VPC==}c\n",
                "{==OPTION EC2==}d\n",
            ]
        );
    }

    #[test]
    fn a_heading_ends_every_block_and_a_blank_line_an_authors_choice() {
        let text = "{==OPTION AWS==} a\n\nb\n# c\n{==OPTION==} d\ne\n\nf\n";
        assert_eq!(parts(text), ["{==OPTION AWS==} a\n\nb\n", "{==OPTION==} d\ne\n"]);
    }

    #[test]
    fn a_label_that_nobody_declared_is_a_sibling_of_the_clouds() {
        assert_eq!(parts("{==OPTION VPC==}a {==OPTION LAMBDA==}b")[0], "{==OPTION VPC==}a ");
        assert_eq!(parts("{==OPTION LAMBDA==}a {==OPTION VPC==}b").len(), 2);
        assert_eq!(
            parts("{==OPTION LAMBDA==}a {==OPTION VPC==}b")[0],
            "{==OPTION LAMBDA==}a {==OPTION VPC==}b"
        );
    }

    #[test]
    fn an_item_goes_as_a_whole() {
        let text = "- {==OPTION AWS==} a\n- {==OPTION AZURE==} b\n  c\n- d\n";
        assert_eq!(parts(text)[0], "- {==OPTION AWS==} a\n");
    }
}
