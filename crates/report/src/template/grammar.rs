//! The pieces of a template: text, markers `{==…==}` and plurals `{many||one}`.
//!
//! Reading loses nothing: the pieces printed one after the other are the text they were read from.

use std::fmt;
use std::ops::Range;

/// What opens a marker.
pub const OPEN: &str = "{==";
/// What closes it.
pub const CLOSE: &str = "==}";

/// One piece, with its place in the text it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What it is.
    pub kind: PieceKind,
    /// Its bytes.
    pub range: Range<usize>,
}

/// What a piece is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PieceKind {
    /// Text that is the author's and stays as it is.
    Text(String),
    /// `{==…==}`, with what stands between, spaces included.
    Marker(String),
    /// `{many||one}`.
    Plural {
        /// For none and for several.
        many: String,
        /// For exactly one.
        one: String,
    },
    /// `{==` that nothing closes.
    Unclosed,
}

impl fmt::Display for PieceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PieceKind::Text(text) => f.write_str(text),
            PieceKind::Marker(inner) => write!(f, "{OPEN}{inner}{CLOSE}"),
            PieceKind::Plural { many, one } => write!(f, "{{{many}||{one}}}"),
            PieceKind::Unclosed => f.write_str(OPEN),
        }
    }
}

/// What a marker asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning<'a> {
    /// `OPTION`: the paragraph is the author's choice.
    Choice,
    /// `OPTION AWS`: the block belongs to reports about that.
    Label(String),
    /// `[SCREENSHOT OF …]`: evidence goes here; what stands between the brackets.
    Evidence(&'a str),
    /// `NOTE: …`, `TODO`, `XREF …`: for the author.
    Note,
    /// `A/B`: one of several.
    Alternatives(&'a str),
    /// Anything else: a value to fill in, by its name.
    Value(&'a str),
}

/// The words that open an author's note.
const NOTES: [&str; 3] = ["NOTE", "TODO", "XREF"];

/// What the text between `{==` and `==}` asks for.
pub fn meaning(inner: &str) -> Meaning<'_> {
    let inner = inner.trim();
    let (word, rest) = split_word(inner);
    if word.eq_ignore_ascii_case("OPTION") {
        return match rest.trim_start_matches(':').split_whitespace().collect::<Vec<_>>().join(" ") {
            label if label.is_empty() => Meaning::Choice,
            label => Meaning::Label(label.to_uppercase()),
        };
    }
    if NOTES.iter().any(|note| word.eq_ignore_ascii_case(note)) {
        return Meaning::Note;
    }
    if let Some(shown) = inner.strip_prefix('[') {
        return Meaning::Evidence(shown.strip_suffix(']').unwrap_or(shown).trim());
    }
    if inner.contains('/') && inner.split('/').all(|part| !part.trim().is_empty()) {
        return Meaning::Alternatives(inner);
    }
    Meaning::Value(inner)
}

/// The first word and what follows it; a colon ends a word, too.
fn split_word(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| c.is_whitespace() || c == ':').unwrap_or(text.len()))
}

/// Takes a text apart. `offset` is added to every range.
pub fn pieces(text: &str, offset: usize) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut text_from = 0;
    let mut at = 0;
    let code = code_blocks(text);
    while let Some(found) = memchr_brace(text, at) {
        let rest = &text[found..];
        let in_code = code.iter().any(|block| block.contains(&found));
        let Some((kind, length)) = marker(rest).or_else(|| plural(rest).filter(|_| !in_code)) else {
            at = found + 1;
            continue;
        };
        push_text(&mut pieces, &text[text_from..found], offset + text_from);
        pieces.push(Piece { kind, range: offset + found..offset + found + length });
        at = found + length;
        text_from = at;
    }
    push_text(&mut pieces, &text[text_from..], offset + text_from);
    pieces
}

fn memchr_brace(text: &str, from: usize) -> Option<usize> {
    text[from..].find('{').map(|found| from + found)
}

fn push_text(pieces: &mut Vec<Piece>, text: &str, start: usize) {
    if !text.is_empty() {
        pieces.push(Piece { kind: PieceKind::Text(text.to_owned()), range: start..start + text.len() });
    }
}

/// The marker that the text begins with, and its length.
fn marker(text: &str) -> Option<(PieceKind, usize)> {
    let inner = text.strip_prefix(OPEN)?;
    let unclosed = Some((PieceKind::Unclosed, OPEN.len()));
    let Some(end) = inner.find(CLOSE) else { return unclosed };
    // A second opening before the end: the first was forgotten.
    if inner[..end].contains(OPEN) {
        return unclosed;
    }
    Some((PieceKind::Marker(inner[..end].to_owned()), OPEN.len() + end + CLOSE.len()))
}

/// The plural that the text begins with, and its length. It stands on one line and holds no braces.
fn plural(text: &str) -> Option<(PieceKind, usize)> {
    let inner = text.strip_prefix('{')?;
    let end = inner.find(['{', '}', '\n', '\r']).filter(|end| inner[*end..].starts_with('}'))?;
    let (many, one) = inner[..end].split_once("||")?;
    (!one.contains("||"))
        .then(|| (PieceKind::Plural { many: many.to_owned(), one: one.to_owned() }, 1 + end + 1))
}

/// Fenced code blocks: `{ a || b }` in them is a shell's, not a plural.
fn code_blocks(text: &str) -> Vec<Range<usize>> {
    let mut blocks = Vec::new();
    let mut open: Option<(usize, char, usize)> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let (fence, length) = fence_of(line);
        match open {
            None if length >= 3 => open = Some((at, fence, length)),
            Some((from, with, long))
                if fence == with && length >= long && line.trim().chars().all(|c| c == with) =>
            {
                blocks.push(from..at + line.len());
                open = None;
            }
            _ => {}
        }
        at += line.len();
    }
    blocks.extend(open.map(|(from, ..)| from..text.len()));
    blocks
}

/// The fence that a line begins with: its character, and how many of it.
pub(super) fn fence_of(line: &str) -> (char, usize) {
    let line = line.trim_start();
    match line.chars().next() {
        Some(fence @ ('`' | '~')) => (fence, line.chars().take_while(|c| *c == fence).count()),
        _ => ('`', 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kinds(text: &str) -> Vec<PieceKind> {
        pieces(text, 0).into_iter().map(|piece| piece.kind).collect()
    }

    #[test]
    fn markers_and_plurals_are_told_from_text() {
        let found = kinds("The {==NAME==} network{s||} {is not} {==open");
        assert_eq!(
            found,
            [
                PieceKind::Text("The ".into()),
                PieceKind::Marker("NAME".into()),
                PieceKind::Text(" network".into()),
                PieceKind::Plural { many: "s".into(), one: "".into() },
                PieceKind::Text(" {is not} ".into()),
                PieceKind::Unclosed,
                PieceKind::Text("open".into()),
            ]
        );
    }

    #[test]
    fn an_opening_that_was_forgotten_does_not_swallow_the_next_marker() {
        assert_eq!(
            kinds("{==A {==B==}"),
            [PieceKind::Unclosed, PieceKind::Text("A ".into()), PieceKind::Marker("B".into())]
        );
    }

    #[test]
    fn what_looks_like_a_plural_in_a_code_block_is_code() {
        let text = "```sh\n{ true || false; }\n```\nhost{s||}\n";
        assert_eq!(kinds(text).len(), 3);
    }

    #[test]
    fn meanings_follow_the_first_word() {
        assert_eq!(meaning("OPTION"), Meaning::Choice);
        assert_eq!(meaning(" OPTION  AWS "), Meaning::Label("AWS".into()));
        assert_eq!(meaning("[SCREENSHOT OF A/B]"), Meaning::Evidence("SCREENSHOT OF A/B"));
        for note in ["NOTE: a/b", "TODO", "XREF chapter 3", "todo: x"] {
            assert_eq!(meaning(note), Meaning::Note, "{note}");
        }
        assert_eq!(meaning("HIGH/LOW"), Meaning::Alternatives("HIGH/LOW"));
        assert_eq!(meaning("CLIENTNAME"), Meaning::Value("CLIENTNAME"));
        assert_eq!(meaning("OPTIONAL"), Meaning::Value("OPTIONAL"));
    }

    proptest! {
        #[test]
        fn printing_the_pieces_gives_the_text_back(parts in prop::collection::vec(
            prop_oneof![
                Just("{=="), Just("==}"), Just("{"), Just("}"), Just("||"), Just("\n"), Just("\r\n"), Just("```"),
                Just("OPTION"), Just("AWS"), Just("é"), Just(" "), Just("#"), Just("="),
            ].prop_map(str::to_owned), 0..40)
        ) {
            let text = parts.concat();
            let pieces = pieces(&text, 0);
            let printed: String = pieces.iter().map(|piece| piece.kind.to_string()).collect();
            prop_assert_eq!(&printed, &text);
            for piece in &pieces {
                prop_assert_eq!(&text[piece.range.clone()], piece.kind.to_string());
            }
        }
    }
}
