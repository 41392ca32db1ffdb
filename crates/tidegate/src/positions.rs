//! From bytes to lines and columns.
//!
//! Lines and columns are 1-based, columns count Unicode scalar values. A line ends at `\n`, `\r\n` or a
//! lone `\r`. A byte order mark is not a column. Bytes that are not UTF-8 count as the replacement
//! characters they are shown as.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};
use tidegate_estate::{Place, Span};
use tidegate_read::Files;

/// A point in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in Unicode scalar values, from 1.
    pub column: usize,
}

/// Two points: `start` inclusive, `end` exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Range {
    /// First character.
    pub start: Position,
    /// One past the last character.
    pub end: Position,
}

/// Bytes between two checkpoints of [`SourceFile::column`].
const STRIDE: usize = 4096;

/// A file's bytes with its line starts.
#[derive(Debug)]
pub struct SourceFile {
    bytes: Arc<[u8]>,
    /// Offset of each line's first byte; the first is 0, or 3 after a byte order mark.
    line_starts: Vec<usize>,
    /// `(offset, characters before it)`, about every [`STRIDE`] bytes; made when a line is that long.
    checkpoints: OnceLock<Vec<(usize, usize)>>,
}

impl SourceFile {
    /// Finds the lines of `bytes`.
    pub fn new(bytes: Arc<[u8]>) -> Self {
        let first = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        let mut line_starts = vec![first];
        for at in memchr::memchr2_iter(b'\n', b'\r', &bytes) {
            if bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n') {
                continue;
            }
            line_starts.push(at + 1);
        }
        Self { bytes, line_starts, checkpoints: OnceLock::new() }
    }

    /// The file's bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Number of lines; at least 1.
    pub fn lines(&self) -> usize {
        self.line_starts.len()
    }

    /// The bytes of a line (from 1) without its line end; empty past the end of the file.
    pub fn line(&self, line: usize) -> &[u8] {
        let range = self.line_range(line);
        &self.bytes[range.0..range.1]
    }

    /// First byte of a line (from 1) and one past its last, without the line end.
    pub fn line_range(&self, line: usize) -> (usize, usize) {
        let len = self.bytes.len();
        let Some(&start) = line.checked_sub(1).and_then(|at| self.line_starts.get(at)) else {
            return (len, len);
        };
        let start = start.min(len);
        let mut end = self.line_starts.get(line).copied().unwrap_or(len).min(len);
        while end > start && matches!(self.bytes[end - 1], b'\n' | b'\r') {
            end -= 1;
        }
        (start, end)
    }

    /// The line (from 1) that holds a byte.
    pub fn line_of(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|&start| start <= offset).max(1)
    }

    /// Line and column of a byte offset; offsets past the end mean the end.
    pub fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.bytes.len());
        let line = self.line_of(offset);
        let start = self.line_starts[line - 1].min(offset);
        Position { line, column: self.characters(start, offset) + 1 }
    }

    /// Both ends of a span.
    pub fn range(&self, span: Span) -> Range {
        let start = self.position(span.start as usize);
        Range { start, end: self.position(span.end.max(span.start) as usize) }
    }

    fn characters(&self, start: usize, end: usize) -> usize {
        if end - start <= 2 * STRIDE {
            return count(&self.bytes[start..end]);
        }
        let marks = self.checkpoints.get_or_init(|| checkpoints(&self.bytes));
        let before = |offset: usize| {
            let (at, characters) = marks[marks.partition_point(|(at, _)| *at <= offset).saturating_sub(1)];
            characters + count(&self.bytes[at.min(offset)..offset])
        };
        before(end).saturating_sub(before(start))
    }
}

/// Characters that `bytes` show as.
fn count(bytes: &[u8]) -> usize {
    if bytes.is_ascii() {
        return bytes.len();
    }
    bytes
        .utf8_chunks()
        .map(|chunk| chunk.valid().chars().count() + usize::from(!chunk.invalid().is_empty()))
        .sum()
}

fn checkpoints(bytes: &[u8]) -> Vec<(usize, usize)> {
    let mut marks = vec![(0, 0)];
    let (mut at, mut characters, mut next) = (0, 0, STRIDE);
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if at >= next {
                marks.push((at, characters));
                next = at + STRIDE;
            }
            at += c.len_utf8();
            characters += 1;
        }
        at += chunk.invalid().len();
        characters += usize::from(!chunk.invalid().is_empty());
    }
    marks
}

/// The sources of a run's places, each loaded once.
pub struct Sources<'a> {
    files: &'a dyn Files,
    loaded: Mutex<HashMap<Arc<str>, Option<Arc<SourceFile>>>>,
}

impl<'a> Sources<'a> {
    /// Sources that are fetched from `files` when first asked for.
    pub fn new(files: &'a dyn Files) -> Self {
        Self { files, loaded: Mutex::default() }
    }

    /// The file, or `None` where it cannot be read.
    pub fn file(&self, path: &Arc<str>) -> Option<Arc<SourceFile>> {
        let mut loaded = self.loaded.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        loaded
            .entry(path.clone())
            .or_insert_with(|| self.files.bytes(path).ok().map(|bytes| Arc::new(SourceFile::new(bytes))))
            .clone()
    }

    /// Lines and columns of a span; the file's first character where the file cannot be read.
    pub fn range(&self, path: &Arc<str>, span: Span) -> Range {
        let first = Position { line: 1, column: 1 };
        self.file(path).map_or(Range { start: first, end: first }, |file| file.range(span))
    }

    /// How many characters before a column need two UTF-16 units: for tools that count those.
    pub fn wide_characters(&self, path: &Arc<str>, line: usize, column: usize) -> usize {
        let Some(file) = self.file(path) else { return 0 };
        let chars = file.line(line).utf8_chunks().flat_map(|chunk| {
            let invalid = (!chunk.invalid().is_empty()).then_some('\u{fffd}');
            chunk.valid().chars().chain(invalid)
        });
        chars.take(column.saturating_sub(1)).filter(|c| c.len_utf16() == 2).count()
    }

    /// Lines and columns of a place.
    pub fn at(&self, place: &Place) -> Range {
        self.range(&place.path, place.span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &[u8]) -> SourceFile {
        SourceFile::new(Arc::from(text))
    }

    fn at(text: &[u8], offset: usize) -> (usize, usize) {
        let position = file(text).position(offset);
        (position.line, position.column)
    }

    #[test]
    fn columns_count_characters_not_bytes() {
        assert_eq!(at("äöü = x".as_bytes(), 6), (1, 4));
        assert_eq!(at("😀x".as_bytes(), 4), (1, 2));
    }

    #[test]
    fn every_kind_of_line_end_makes_one_line() {
        let text = b"a\r\nb\nc\rd";
        assert_eq!(at(text, 3), (2, 1));
        assert_eq!(at(text, 5), (3, 1));
        assert_eq!(at(text, 7), (4, 1));
        assert_eq!(file(text).line(1), b"a");
        assert_eq!(file(text).line(4), b"d");
        assert_eq!(file(text).line(9), b"");
    }

    #[test]
    fn a_byte_order_mark_is_no_column() {
        assert_eq!(at(b"\xef\xbb\xbfab", 4), (1, 2));
        assert_eq!(at(b"\xef\xbb\xbfab", 0), (1, 1));
    }

    #[test]
    fn a_tab_is_one_column() {
        assert_eq!(at(b"\t\tx", 2), (1, 3));
    }

    #[test]
    fn bytes_that_are_not_utf8_count_as_they_are_shown() {
        assert_eq!(at(b"\xff\xfex", 2), (1, 3));
        assert_eq!(at(b"a\xe9b", 2), (1, 3));
    }

    #[test]
    fn offsets_past_the_end_mean_the_end() {
        assert_eq!(at(b"ab\n", 99), (2, 1));
        assert_eq!(at(b"", 5), (1, 1));
    }

    #[test]
    fn very_long_lines_give_the_same_columns_as_counting() {
        let mut text = b"first\n".to_vec();
        for i in 0..40_000u32 {
            text.extend_from_slice(if i % 7 == 0 { "é".as_bytes() } else { b"x" });
            if i % 1001 == 0 {
                text.push(0xff);
            }
        }
        let file = file(&text);
        for offset in [6, 5_000, 12_345, 30_001, text.len()] {
            // Only whole characters start at a position that means something.
            let offset = (offset..).find(|&o| text.get(o).is_none_or(|b| b & 0xc0 != 0x80)).unwrap();
            assert_eq!(file.position(offset).column, count(&text[6..offset]) + 1, "{offset}");
        }
    }
}
