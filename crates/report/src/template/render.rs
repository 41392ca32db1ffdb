//! A template filled in.

use super::Template;
use super::grammar::{Meaning, PieceKind, meaning};
use super::options::OptionBlock;
use std::collections::BTreeSet;
use std::ops::Range;

/// Where a value goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot {
    /// It has its lines to itself: a list, a table, a code block may come.
    Alone,
    /// It stands in running text.
    Inline,
    /// It stands in code, where Markdown has no escapes.
    Code,
}

/// What a template is filled in with.
pub trait Values {
    /// The text for a value, as Markdown for its spot. `None`: there is none.
    fn value(&self, name: &str, spot: Spot) -> Option<String>;

    /// The text for a piece of evidence. `None`: there is none.
    fn evidence(&self, shows: &str, spot: Spot) -> Option<String>;
}

/// The facts that a rendering follows.
#[derive(Debug, Clone, Default)]
pub struct Fill {
    /// Labels of options that stay, in upper case.
    pub labels: BTreeSet<String>,
    /// Numbers of options that go, whatever their label.
    pub without: BTreeSet<usize>,
    /// The number of affected systems, for plurals.
    pub count: usize,
    /// Keep visibly what has no value.
    pub draft: bool,
}

/// A template filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The front matter, as it was.
    pub front: String,
    /// The Markdown below it. It ends in one line end, if it is not empty.
    pub text: String,
}

/// Something in a template that cannot be filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Its line in the template, from 1.
    pub line: usize,
    /// What it is.
    pub kind: ProblemKind,
}

/// What cannot be filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProblemKind {
    /// A value that nobody gave.
    NoValue(String),
    /// Alternatives of which none was chosen.
    NoChoice(String),
    /// A value for alternatives that is none of them.
    NotAmong {
        /// The alternatives.
        alternatives: String,
        /// What was given.
        given: String,
    },
    /// Evidence that the data does not hold.
    NoEvidence(String),
    /// `{==` that is never closed.
    Unclosed,
}

impl ProblemKind {
    /// What to do about it, on its own.
    pub fn told(&self) -> String {
        match self {
            ProblemKind::NoValue(name) => {
                format!("nothing is known for {{=={name}==}}; give it with --set {name}=…")
            }
            ProblemKind::NoChoice(all) => {
                let first = all.split('/').next().unwrap_or_default().trim();
                format!("one of {all} is to be chosen, for instance --set \"{all}={first}\"")
            }
            ProblemKind::NotAmong { alternatives, given } => format!("`{given}` is none of {alternatives}"),
            ProblemKind::NoEvidence(shows) => format!("there is no evidence for [{shows}]"),
            ProblemKind::Unclosed => "this marker is never closed with ==}".to_owned(),
        }
    }
}

/// Problems in words, each once with all of its lines.
pub fn told(problems: &[Problem]) -> Vec<String> {
    let mut found: Vec<(&ProblemKind, Vec<usize>)> = Vec::new();
    for problem in problems {
        match found
            .iter_mut()
            .find(|(kind, _)| *kind == &problem.kind && problem.kind != ProblemKind::Unclosed)
        {
            Some((_, lines)) if lines.last() == Some(&problem.line) => {}
            Some((_, lines)) => lines.push(problem.line),
            None => found.push((&problem.kind, vec![problem.line])),
        }
    }
    found
        .into_iter()
        .map(|(kind, lines)| {
            let word = if lines.len() == 1 { "line" } else { "lines" };
            let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
            format!("{word} {}: {}", lines.join(", "), kind.told())
        })
        .collect()
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.kind.told())
    }
}

impl Template {
    /// Fills the template in.
    ///
    /// # Errors
    /// Everything that cannot be filled in, in the order of the text. A draft has no such errors: it keeps the markers.
    pub fn render(&self, fill: &Fill, values: &dyn Values) -> Result<Rendered, Vec<Problem>> {
        let mut writer =
            Writer { template: self, fill, values, out: String::new(), problems: Vec::new(), one_line: None };
        writer.write();
        if !fill.draft && !writer.problems.is_empty() {
            return Err(writer.problems);
        }
        let mut text = writer.out;
        text.truncate(text.trim_end().len());
        if !text.is_empty() {
            text.push_str(self.line_end());
        }
        Ok(Rendered { front: self.front_text().to_owned(), text })
    }

    /// Whether a block stays.
    pub fn keeps(&self, block: &OptionBlock, fill: &Fill) -> bool {
        let by_label = |label: &String| self.labels.keeps(&fill.labels, label);
        !fill.without.contains(&block.number) && block.label.as_ref().is_none_or(by_label)
    }

    /// What goes with the blocks that do not stay, blank lines included; sorted, and apart from each other.
    fn dropped(&self, fill: &Fill) -> Vec<Range<usize>> {
        let blocks = self.options.iter().filter(|block| !self.keeps(block, fill));
        united(blocks.map(|block| self.with_space_around(&block.range)).collect())
    }

    /// A block that begins its line takes the blank lines after it; one inside a line leaves the line its end.
    fn with_space_around(&self, range: &Range<usize>) -> Range<usize> {
        let line = self.layout.line(range.start);
        if line.start == range.start {
            let at_line = self.layout.line(range.end).start == range.end || range.end == self.layout.end();
            return range.start..if at_line { self.layout.after_blank_lines(range.end) } else { range.end };
        }
        let inner = &self.text[range.clone()];
        // What follows in the same line belongs to a sibling and needs the space before it.
        if !inner.contains('\n') && range.end != self.layout.end() {
            return range.clone();
        }
        range.start..range.start + inner.trim_end().len()
    }
}

/// The same bytes as ranges that are sorted and apart from each other.
fn united(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    let mut united: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match united.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => united.push(range),
        }
    }
    united
}

struct Writer<'a> {
    template: &'a Template,
    fill: &'a Fill,
    values: &'a dyn Values,
    out: String,
    problems: Vec<Problem>,
    /// Where the text of a kept option of one line ended, if nothing came after it.
    one_line: Option<usize>,
}

impl Writer<'_> {
    fn write(&mut self) {
        let template = self.template;
        let dropped = template.dropped(self.fill);
        let vanishing = self.vanishing();
        let gone = united(dropped.iter().chain(&vanishing).cloned().collect());
        for piece in &template.pieces {
            let range = piece.range.clone();
            if let PieceKind::Text(_) = &piece.kind {
                self.text(range, &gone);
                continue;
            }
            let after = dropped.partition_point(|gone| gone.start <= range.start);
            let covered = after
                .checked_sub(1)
                .and_then(|at| dropped.get(at))
                .is_some_and(|gone| range.start < gone.end);
            if !covered {
                self.piece(&piece.kind, range);
            }
        }
    }

    /// A piece of text without what goes.
    fn text(&mut self, range: Range<usize>, gone: &[Range<usize>]) {
        let mut from = range.start;
        let first = gone.partition_point(|gone| gone.end <= range.start);
        for gone in gone.iter().skip(first).take_while(|gone| gone.start < range.end) {
            if gone.start > from {
                self.out.push_str(&self.template.text[from..gone.start]);
            }
            from = from.max(gone.end);
        }
        if from < range.end {
            self.out.push_str(&self.template.text[from..range.end]);
        }
    }

    /// Spaces and line ends that go with a marker that leaves nothing: of author's notes and of options that stay.
    fn vanishing(&self) -> Vec<Range<usize>> {
        let template = self.template;
        let mut gone: Vec<Range<usize>> = Vec::new();
        for piece in &template.pieces {
            let PieceKind::Marker(inner) = &piece.kind else { continue };
            if !matches!(meaning(inner), Meaning::Note | Meaning::Choice | Meaning::Label(_)) {
                continue;
            }
            let text = &template.text;
            let rest = &text[piece.range.end..];
            let spaces = rest.len() - rest.trim_start_matches([' ', '\t']).len();
            gone.push(piece.range.start..piece.range.end + spaces);
        }
        self.with_whole_lines(gone)
    }

    /// Lines of which nothing is left but spaces go as a whole.
    fn with_whole_lines(&self, gone: Vec<Range<usize>>) -> Vec<Range<usize>> {
        let (text, layout) = (&self.template.text, &self.template.layout);
        let mut merged: Vec<Range<usize>> = Vec::new();
        for range in gone {
            match merged.last_mut() {
                Some(last) if text[last.end..range.start].chars().all(|c| matches!(c, ' ' | '\t')) => {
                    last.end = range.end;
                }
                _ => merged.push(range),
            }
        }
        for range in &mut merged {
            let first = layout.line(range.start);
            let last = layout.line(range.end.saturating_sub(1).max(range.start));
            let before = &text[first.start..range.start];
            let after = &text[range.end..last.end.max(range.end)];
            if before.trim().is_empty() && after.trim().is_empty() {
                *range = first.start..last.end.max(range.end);
            }
        }
        merged
    }

    fn piece(&mut self, kind: &PieceKind, range: Range<usize>) {
        match kind {
            PieceKind::Text(_) => {}
            PieceKind::Plural { many, one } => {
                self.out.push_str(if self.fill.count == 1 { one } else { many });
            }
            PieceKind::Unclosed => {
                self.problem(&range, ProblemKind::Unclosed);
                self.out.push_str(&kind.to_string());
            }
            PieceKind::Marker(inner) => match meaning(inner) {
                Meaning::Note => {}
                Meaning::Choice | Meaning::Label(_) => self.option(&range),
                Meaning::Evidence(shows) => {
                    let spot = self.spot(&range);
                    match self.values.evidence(shows, spot) {
                        Some(evidence) => self.insert(&evidence, spot, &range),
                        None => self.missing(&range, ProblemKind::NoEvidence(shows.to_owned())),
                    }
                }
                Meaning::Value(name) => {
                    let spot = self.spot(&range);
                    match self.values.value(name, spot) {
                        Some(value) => self.insert(&value, spot, &range),
                        None => self.missing(&range, ProblemKind::NoValue(name.to_owned())),
                    }
                }
                Meaning::Alternatives(all) => self.alternatives(all, &range),
            },
        }
    }

    fn alternatives(&mut self, all: &str, range: &Range<usize>) {
        let spot = self.spot(range);
        // Asked as code, so that what was given is compared as it was given.
        match self.values.value(all, Spot::Code) {
            None => self.missing(range, ProblemKind::NoChoice(all.to_owned())),
            Some(given) if all.split('/').any(|one| one.trim() == given.trim()) => {
                let value = self.values.value(all, spot).unwrap_or(given);
                self.insert(&value, spot, range);
            }
            Some(given) => {
                self.missing(range, ProblemKind::NotAmong { alternatives: all.to_owned(), given });
            }
        }
    }

    /// Two kept options of one line each in one paragraph: the line before ends in a hard break.
    fn option(&mut self, range: &Range<usize>) {
        let (text, layout) = (&self.template.text, &self.template.layout);
        let line = layout.line(range.start);
        let begins = text[line.start..range.start].trim().is_empty();
        let one_line =
            begins && layout.paragraph_end(range.start).min(self.next_option_line(range)) == line.end;
        if one_line
            && self.one_line.is_some_and(|end| self.out.len() > end && !self.out[end..].trim().is_empty())
            && let Some(above) =
                self.out.strip_suffix('\n').map(|above| above.strip_suffix('\r').unwrap_or(above))
            && let since = &above[self.one_line.unwrap_or(0)..]
            && !since.contains('\n')
        {
            let end = above.trim_end_matches([' ', '\t']).len();
            self.out.truncate(end);
            self.out.push_str("  ");
            self.out.push_str(self.template.line_end());
        }
        self.one_line = one_line.then_some(self.out.len());
    }

    /// Where the next line begins that an option opens, after the one at `range`.
    fn next_option_line(&self, range: &Range<usize>) -> usize {
        let layout = &self.template.layout;
        let after = self.template.options.iter().filter(|block| block.marker.start > range.start);
        after.map(|block| layout.line(block.marker.start).start).min().unwrap_or(usize::MAX)
    }

    fn spot(&self, range: &Range<usize>) -> Spot {
        let (text, layout) = (&self.template.text, &self.template.layout);
        let line = layout.line(range.start);
        let before = &text[line.start..range.start];
        let after = &text[range.end..line.end.max(range.end)];
        if layout.in_code(range.start) || before.matches('`').count() % 2 == 1 {
            Spot::Code
        } else if before.trim_start_matches([' ', '\t', '>']).is_empty() && after.trim().is_empty() {
            Spot::Alone
        } else {
            Spot::Inline
        }
    }

    /// Inserts a value, its further lines below its first.
    fn insert(&mut self, value: &str, spot: Spot, range: &Range<usize>) {
        let line = self.template.layout.line(range.start);
        let prefix = match spot {
            Spot::Alone => &self.template.text[line.start..range.start],
            Spot::Inline | Spot::Code => "",
        };
        for (at, part) in value.trim_end_matches('\n').split('\n').enumerate() {
            if at > 0 {
                self.out.push_str(self.template.line_end());
                self.out.push_str(if part.is_empty() { prefix.trim_end() } else { prefix });
            }
            self.out.push_str(part);
        }
    }

    fn missing(&mut self, range: &Range<usize>, kind: ProblemKind) {
        self.problem(range, kind);
        let marker = &self.template.text[range.clone()];
        self.out.push_str(marker);
    }

    fn problem(&mut self, range: &Range<usize>, kind: ProblemKind) {
        self.problems.push(Problem { line: self.template.line_of(range.start), kind });
    }
}
