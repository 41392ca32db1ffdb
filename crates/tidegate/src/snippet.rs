//! Cuts the lines that a reader needs out of a file, ready to be underlined.
//!
//! What comes out is safe to print and small: deceptive characters are written out, very long lines
//! (minified JSON) are cut around what matters, far-apart places become separate windows.

use crate::escape;
use crate::positions::SourceFile;
use std::ops::Range;
use tidegate_estate::Span;

/// Lines longer than this many bytes are cut.
const LONG_LINE: usize = 300;
/// What stays before the first place on a cut line, in bytes.
const LEAD: usize = 60;
/// What stays of a cut line in all, in bytes.
const KEPT: usize = 240;
/// Places at most this many lines apart share a window.
const APART: usize = 30;
/// A place over more lines than this is shown by its first line only.
const TALL: usize = 40;

/// Some consecutive lines with the places in them.
#[derive(Debug, PartialEq, Eq)]
pub struct Window {
    /// Number of the first line.
    pub first_line: usize,
    /// The lines, joined by `\n`.
    pub text: String,
    /// Bytes of `text` to underline, with the index of the span they show.
    pub marks: Vec<(Range<usize>, usize)>,
}

/// Windows for these spans of one file, in order of line.
pub fn windows(file: &SourceFile, spans: &[Span]) -> Vec<Window> {
    let mut places: Vec<Placed> =
        spans.iter().enumerate().map(|(index, span)| placed(file, *span, index)).collect();
    places.sort_by_key(|place| (place.first, place.index));
    let mut windows = Vec::new();
    let mut rest = places.as_slice();
    while let [first, ..] = rest {
        let mut last_line = first.last;
        let mut together = 1;
        while let Some(next) = rest.get(together)
            && next.first <= last_line.saturating_add(APART)
        {
            last_line = last_line.max(next.last);
            together += 1;
        }
        windows.push(window(file, first.first, last_line, &rest[..together]));
        rest = &rest[together..];
    }
    windows
}

struct Placed {
    index: usize,
    start: usize,
    end: usize,
    first: usize,
    last: usize,
}

fn placed(file: &SourceFile, span: Span, index: usize) -> Placed {
    let len = file.bytes().len();
    let start = (span.start as usize).min(len);
    let mut end = (span.end as usize).clamp(start, len);
    let first = file.line_of(start);
    let mut last = file.line_of(end.saturating_sub(1).max(start));
    if last - first > TALL {
        last = first;
    }
    end = end.min(file.line_range(last).1).max(start);
    Placed { index, start, end, first, last }
}

fn window(file: &SourceFile, first: usize, last: usize, places: &[Placed]) -> Window {
    // Every byte offset that must be found again in the cut text.
    let mut wanted: Vec<usize> = places.iter().flat_map(|place| [place.start, place.end]).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut found: Vec<usize> = Vec::with_capacity(wanted.len());
    let mut text = String::new();
    for line in first..=last {
        if line > first {
            text.push('\n');
        }
        let (start, end) = file.line_range(line);
        let placed = wanted.partition_point(|&offset| offset <= end);
        let here = wanted.get(found.len()..placed).unwrap_or_default();
        let (from, to) = kept(file.bytes(), start, end, here);
        if from > start {
            text.push('…');
        }
        copy(&file.bytes()[from..to], from, here, &mut text, &mut found);
        if to < end {
            text.push('…');
        }
        // What lies behind the cut is shown at the cut.
        found.resize(placed.max(found.len()), text.len());
    }
    found.resize(wanted.len(), text.len());
    let at =
        |offset: usize| wanted.binary_search(&offset).ok().and_then(|at| found.get(at)).copied().unwrap_or(0);
    let marks = places
        .iter()
        .map(|place| (at(place.start)..at(place.end).max(at(place.start)), place.index))
        .collect();
    Window { first_line: first, text, marks }
}

/// Which bytes of a line are kept.
fn kept(bytes: &[u8], start: usize, end: usize, places: &[usize]) -> (usize, usize) {
    if end - start <= LONG_LINE {
        return (start, end);
    }
    let focus = places.first().map_or(start, |&at| at.clamp(start, end));
    let from = boundary(bytes, focus.saturating_sub(LEAD).max(start));
    (from.max(start), boundary(bytes, from.saturating_add(KEPT).min(end)).min(end))
}

/// The start of the character that holds this byte.
fn boundary(bytes: &[u8], mut at: usize) -> usize {
    let lowest = at.saturating_sub(3);
    while at > lowest && bytes.get(at).is_some_and(|byte| byte & 0xc0 == 0x80) {
        at -= 1;
    }
    at
}

/// Appends readable text and notes where each wanted offset ended up.
fn copy(bytes: &[u8], base: usize, wanted: &[usize], text: &mut String, found: &mut Vec<usize>) {
    let mut wanted = wanted.iter().peekable();
    let mut at = base;
    let mut note = |at: usize, text: &String| {
        while wanted.next_if(|&&offset| offset <= at).is_some() {
            found.push(text.len());
        }
    };
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            note(at, text);
            // Tabs are the renderer's job.
            if escape::is_deceptive(c) && c != '\t' {
                escape::push_visible(text, c)
            } else {
                text.push(c)
            }
            at += c.len_utf8();
        }
        if !chunk.invalid().is_empty() {
            note(at, text);
            text.push('\u{fffd}');
            at += chunk.invalid().len();
        }
    }
    note(at, text);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> SourceFile {
        SourceFile::new(std::sync::Arc::from(text.as_bytes()))
    }

    fn marked(window: &Window) -> Vec<&str> {
        window.marks.iter().map(|(range, _)| &window.text[range.clone()]).collect()
    }

    #[test]
    fn close_places_share_a_window_and_far_ones_do_not() {
        let text = "x = 1\n".repeat(200);
        let windows = windows(&file(&text), &[Span::new(6, 7), Span::new(0, 1), Span::new(600, 601)]);
        assert_eq!(windows.len(), 2);
        assert_eq!((windows[0].first_line, windows[0].text.as_str()), (1, "x = 1\nx = 1"));
        assert_eq!(windows[0].marks, [(0..1, 1), (6..7, 0)]);
        assert_eq!(windows[1].first_line, 101);
    }

    #[test]
    fn a_very_long_line_is_cut_around_the_place() {
        let text = format!("{}é\"GroupÄ\"{}", "é".repeat(400_000), "x".repeat(400_000));
        let start = text.find('"').unwrap();
        let window = &windows(&file(&text), &[Span::new(start, start + 9)])[0];
        assert!(window.text.len() < 400 && window.text.starts_with('…') && window.text.ends_with('…'));
        assert_eq!(marked(window), ["\"GroupÄ\""]);
    }

    #[test]
    fn a_place_longer_than_the_cut_ends_where_the_line_is_cut() {
        let text = "y".repeat(10_000);
        let window = &windows(&file(&text), &[Span::new(10, 9_000)])[0];
        assert_eq!(window.marks[0].0.start, 10);
        assert!(window.marks[0].0.end <= window.text.len());
    }

    #[test]
    fn deceptive_characters_are_written_out_and_places_stay_right() {
        let window = &windows(&file("a\u{202e}b = \u{1b}[31mX"), &[Span::new(13, 14)])[0];
        assert_eq!(window.text, "a\\u{202e}b = \\u{1b}[31mX");
        assert_eq!(marked(window), ["X"]);
    }

    #[test]
    fn windows_line_ends_and_tabs_do_not_shift_places() {
        let text = "a\r\n\tgroup()\r\nb";
        let start = text.find("group").unwrap();
        let window = &windows(&file(text), &[Span::new(start, start + 5)])[0];
        assert_eq!((window.first_line, marked(window)), (2, vec!["group"]));
    }

    #[test]
    fn a_place_over_several_lines_keeps_them_all() {
        let text = "f(\n  a,\n  b,\n)\nrest";
        let window = &windows(&file(text), &[Span::new(0, 14)])[0];
        assert_eq!(window.text, "f(\n  a,\n  b,\n)");
        assert_eq!(marked(window), [window.text.as_str()]);
    }

    #[test]
    fn places_outside_of_the_file_do_no_harm() {
        let window = &windows(&file("ab"), &[Span::new(50, 60)])[0];
        assert_eq!(window.marks[0].0, 2..2);
        assert_eq!(windows(&file(""), &[Span::new(0, 0)])[0].text, "");
    }

    #[test]
    fn bytes_that_are_not_utf8_become_replacement_characters() {
        let file = SourceFile::new(std::sync::Arc::from(&b"\xff\xfe group"[..]));
        let window = &windows(&file, &[Span::new(3, 8)])[0];
        assert_eq!(marked(window), ["group"]);
    }
}
