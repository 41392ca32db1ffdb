//! Report templates as people write them: front matter, Markdown, markers `{==…==}` and plurals `{many||one}`.
//!
//! - `grammar`: the pieces, read without loss.
//! - `front`: the front matter.
//! - `layout`, `options`: how far an option reaches.
//! - `render`: a template filled in.
//! - `inspect`: what a template asks for.

mod front;
mod grammar;
mod inspect;
mod layout;
mod options;
mod render;
#[cfg(test)]
mod tests;

pub use front::FrontMatter;
pub use inspect::{Asked, Inspection, OptionAsked};
pub use options::OptionBlock;
pub use render::{Fill, Problem, ProblemKind, Rendered, Spot, Values, told};

use grammar::Piece;
use layout::Layout;
use options::Labels;
use std::fmt;
use std::ops::Range;

/// The most bytes a template may have.
pub const LIMIT: usize = 4 << 20;

/// A template, read.
#[derive(Debug, Clone)]
pub struct Template {
    text: String,
    front_range: Range<usize>,
    front: FrontMatter,
    pieces: Vec<Piece>,
    layout: Layout,
    labels: Labels,
    options: Vec<OptionBlock>,
}

/// A file that is no template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateError {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for TemplateError {}

impl Template {
    /// Reads a template. Only what is no text at all, or too long, is an error.
    ///
    /// # Errors
    /// The bytes are not UTF-8, or more than [`LIMIT`].
    pub fn parse(bytes: &[u8]) -> Result<Self, TemplateError> {
        if bytes.len() > LIMIT {
            let message = format!("a template may have {} MiB, this has {} bytes", LIMIT >> 20, bytes.len());
            return Err(TemplateError { line: 1, message });
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Self::of(text)),
            Err(error) => {
                let before = &bytes[..error.valid_up_to()];
                let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
                Err(TemplateError {
                    line,
                    message: "the text is not UTF-8; save it as UTF-8 first".to_owned(),
                })
            }
        }
    }

    /// Reads a template that is text already.
    pub fn of(text: &str) -> Self {
        let front_range = front::range(text);
        let front = front::read(&text[front_range.clone()]);
        let pieces = grammar::pieces(&text[front_range.end..], front_range.end);
        let layout = Layout::of(text, front_range.end);
        let labels = Labels::new(&front.options);
        let options = options::blocks(text, &pieces, &layout, &labels);
        Self { text: text.to_owned(), front_range, front, pieces, layout, labels, options }
    }

    /// The template as it was read, byte for byte.
    pub fn print(&self) -> String {
        let front = &self.text[self.front_range.clone()];
        let pieces = self.pieces.iter().map(|piece| piece.kind.to_string());
        std::iter::once(front.to_owned()).chain(pieces).collect()
    }

    /// What its front matter says.
    pub fn front(&self) -> &FrontMatter {
        &self.front
    }

    /// Its front matter, both lines of `---` included.
    pub fn front_text(&self) -> &str {
        &self.text[self.front_range.clone()]
    }

    /// Its options, in order.
    pub fn options(&self) -> &[OptionBlock] {
        &self.options
    }

    /// The line of a byte, from 1.
    pub fn line_of(&self, at: usize) -> usize {
        self.text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1
    }

    /// How the file ends its lines.
    fn line_end(&self) -> &'static str {
        match self.text.find('\n') {
            Some(at) if self.text[..at].ends_with('\r') => "\r\n",
            _ => "\n",
        }
    }
}
