//! Text as Markdown that reads as that text.

use crate::escape;

/// Text from the data: every character that Markdown could take for markup is escaped, so that reading it gives the
/// very text back. (What deceives the eye is made visible first.)
pub fn exact(text: &str) -> String {
    let text = escape::line(text);
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if c.is_ascii_punctuation() {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// A value that a person gave (`--set`): only what would change how it reads is escaped, so that the text stays
/// readable as it is. `begins_line` says whether it is the first thing in its line.
pub fn value(text: &str, begins_line: bool) -> String {
    let text =
        text.split(['\n', '\r']).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let text = escape::line(&text);
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len() + 8);
    for (at, &c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| chars.get(at)).copied();
        let after = chars.get(at + 1).copied();
        let marks = match c {
            '\\' => after.is_none_or(|c| c.is_ascii_punctuation()),
            '`' | '*' | '[' | ']' | '|' | '~' => true,
            '<' => after.is_some_and(|c| c.is_alphabetic() || matches!(c, '/' | '!' | '?')),
            '_' => {
                let inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
                !(inside(before) && inside(after))
            }
            '&' => is_entity(&chars[at..]),
            '#' | '>' | '+' | '-' | '=' => begins_line && at == 0,
            '.' | ')' => {
                let ends = after.is_none_or(char::is_whitespace);
                ends && begins_line && at > 0 && chars[..at].iter().all(char::is_ascii_digit)
            }
            _ => false,
        };
        if marks {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Text from the data for Markdown that people read as it is: what could be markup, HTML, a link or a mention stays
/// text, and everything else stays readable.
pub fn text(text: &str) -> String {
    // Visible first: what would begin a line is shown as `\n`, and not taken for a space.
    let text = value(&escape::line(text), false);
    if !text.contains([':', '@', '#', '.', '<']) {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text.as_str();
    while let Some(c) = rest.chars().next() {
        let word =
            |word: &str| rest.get(..word.len()).is_some_and(|begins| begins.eq_ignore_ascii_case(word));
        match c {
            ':' if word("://") => {
                out.push_str(":\\//");
                rest = &rest[3..];
                continue;
            }
            'w' | 'W' if word("www.") => {
                out.push_str(&rest[..3]);
                out.push_str("\\.");
                rest = &rest[4..];
                continue;
            }
            // Sites look for these after the Markdown is read, and nothing escapes them but a character between.
            '@' | '#' if rest[1..].starts_with(|c: char| c.is_alphanumeric()) => {
                out.push(c);
                out.push_str("&#8203;");
            }
            '<' if !out.ends_with('\\') => out.push_str("\\<"),
            c => out.push(c),
        }
        rest = &rest[c.len_utf8()..];
    }
    out
}

/// Whether the text begins with `&name;` or `&#1;`.
fn is_entity(chars: &[char]) -> bool {
    let name = chars.iter().skip(1).take_while(|c| c.is_ascii_alphanumeric() || **c == '#').count();
    name > 0 && chars.get(name + 1) == Some(&';')
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;
    use crate::document::{Block, plain};
    use proptest::prelude::*;

    fn text_of(markdown: &str) -> String {
        match read(markdown, &mut |_, _| None).as_slice() {
            [Block::Paragraph(inlines)] => plain(inlines),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn a_plain_name_stays_as_it_is() {
        for name in
            ["Acme & Sons", "snake_case_name", "10.0.0.1", "C++ / C#", "R&D", "O'Hara \"x\"", "a - b = c"]
        {
            assert_eq!(value(name, true), name);
        }
    }

    #[test]
    fn markup_in_a_value_reads_as_text() {
        for name in [
            "*a*", "_a_", "<b>x</b>", "[x](y)", "`x`", "# x", "1. x", "- x", "&amp;", "~~x~~", "a\\*b",
            "> x", "a|b", "<!-- x",
        ] {
            assert_eq!(text_of(&value(name, true)), name, "{}", value(name, true));
        }
    }

    proptest! {
        #[test]
        fn exact_text_reads_as_itself(text in "[ -~éß]{1,40}") {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            prop_assume!(!text.is_empty());
            prop_assert_eq!(text_of(&exact(&text)), text);
        }

        #[test]
        fn a_value_reads_as_itself(text in "[a-z*_`<>&#;1.)~|\\[\\]\\\\=+/! -]{1,20}") {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            prop_assume!(!text.is_empty());
            prop_assert_eq!(text_of(&value(&text, true)), text);
        }
    }
}
