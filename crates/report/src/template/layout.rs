//! Lines, headings and paragraphs of a template: how far an option reaches.

use super::grammar::fence_of;
use std::ops::Range;

/// One line of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its bytes, line end included.
    pub range: Range<usize>,
    /// Whether nothing but spaces stands in it.
    pub blank: bool,
    /// Whether a heading begins here.
    pub heading: bool,
    /// Whether a list item begins here.
    pub item: bool,
    /// Whether it lies in a fenced code block, the fences included.
    pub in_code: bool,
}

/// The lines of a template's text.
#[derive(Debug, Clone)]
pub struct Layout {
    lines: Vec<Line>,
    end: usize,
}

impl Layout {
    /// The lines of `text` from byte `from` on.
    pub fn of(text: &str, from: usize) -> Self {
        let mut lines: Vec<Line> = Vec::new();
        let mut at = from;
        let mut fence: Option<(char, usize)> = None;
        for line in text[from..].split_inclusive('\n') {
            let (with, length) = fence_of(line);
            let in_code = match fence {
                Some((open, long)) => {
                    if with == open && length >= long {
                        fence = None;
                    }
                    true
                }
                None if length >= 3 => {
                    fence = Some((with, length));
                    true
                }
                None => false,
            };
            let blank = line.trim().is_empty();
            if !in_code && is_underline(line) {
                underline(&mut lines);
            }
            lines.push(Line {
                range: at..at + line.len(),
                blank,
                heading: !in_code && is_heading(line),
                item: !in_code && is_item(line),
                in_code,
            });
            at += line.len();
        }
        Self { lines, end: at }
    }

    /// The number of the line (0-based) that holds byte `at`.
    fn index(&self, at: usize) -> usize {
        self.lines.partition_point(|line| line.range.end <= at).min(self.lines.len().saturating_sub(1))
    }

    /// The bytes of the line that holds byte `at`.
    pub fn line(&self, at: usize) -> Range<usize> {
        self.lines.get(self.index(at)).map_or(self.end..self.end, |line| line.range.clone())
    }

    /// Whether byte `at` lies in a fenced code block.
    pub fn in_code(&self, at: usize) -> bool {
        self.lines.get(self.index(at)).is_some_and(|line| line.in_code)
    }

    /// Where the next heading begins after the line that holds `at`, else the end.
    pub fn next_heading(&self, at: usize) -> usize {
        let after = self.lines.iter().skip(self.index(at) + 1);
        after.into_iter().find(|line| line.heading).map_or(self.end, |line| line.range.start)
    }

    /// Where the paragraph that holds `at` ends: before a blank line, a heading or, for a list item, the next item.
    pub fn paragraph_end(&self, at: usize) -> usize {
        let first = self.index(at);
        let item = self.lines.get(first).is_some_and(|line| line.item);
        let ends = |line: &&Line| line.blank || line.heading || (item && line.item);
        self.lines.iter().skip(first + 1).find(ends).map_or(self.end, |line| line.range.start)
    }

    /// The first byte at or after `at` that stands in no blank line. `at` must begin a line.
    pub fn after_blank_lines(&self, at: usize) -> usize {
        let after = self.lines.iter().skip_while(|line| line.range.start < at);
        after.into_iter().find(|line| !line.blank).map_or(self.end, |line| line.range.start)
    }

    /// One past the last byte.
    pub fn end(&self) -> usize {
        self.end
    }
}

fn is_heading(line: &str) -> bool {
    let bare = line.trim_start_matches(' ');
    let marks = bare.chars().take_while(|c| *c == '#').count();
    let after = bare[marks..].chars().next();
    line.len() - bare.len() < 4 && (1..=6).contains(&marks) && after.is_none_or(char::is_whitespace)
}

fn is_item(line: &str) -> bool {
    let bare = line.trim_start();
    let digits = bare.chars().take_while(char::is_ascii_digit).count();
    let marker = match bare.chars().next() {
        Some('-' | '*' | '+') => &bare[1..],
        Some(_) if digits > 0 && bare[digits..].starts_with(['.', ')']) => &bare[digits + 1..],
        _ => return false,
    };
    marker.starts_with([' ', '\t'])
}

/// Whether a line could underline a heading.
fn is_underline(line: &str) -> bool {
    let bare = line.trim();
    bare.len() >= 2 && (bare.chars().all(|c| c == '=') || bare.chars().all(|c| c == '-'))
}

/// Makes the single line above an underline a heading.
fn underline(lines: &mut [Line]) {
    let alone = match lines {
        [.., before, _] => before.blank || before.heading,
        _ => true,
    };
    if let Some(line) = lines.last_mut()
        && alone
        && !line.blank
        && !line.item
    {
        line.heading = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_in_a_code_block_is_no_heading() {
        let text = "a\n```\n# comment\n```\n## b\n";
        assert_eq!(Layout::of(text, 0).next_heading(0), text.find("## b").unwrap());
    }

    #[test]
    fn an_underlined_line_is_a_heading_and_a_rule_is_none() {
        let text = "a\n\nTitle\n-----\nb\n\n---\n\nc\n";
        let layout = Layout::of(text, 0);
        assert_eq!(layout.next_heading(0), text.find("Title").unwrap());
        assert_eq!(layout.next_heading(text.find("b\n").unwrap()), text.len());
    }

    #[test]
    fn paragraphs_end_at_blank_lines_headings_and_in_lists_at_items() {
        let text = "a\nb\n\nc\n# d\n- e\n  f\n- g\n";
        let layout = Layout::of(text, 0);
        assert_eq!(layout.paragraph_end(0), 4);
        assert_eq!(layout.paragraph_end(5), 7);
        assert_eq!(layout.paragraph_end(text.find("- e").unwrap()), text.find("- g").unwrap());
    }
}
