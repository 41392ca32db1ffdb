//! Where a fact comes from, and what a reader has to say about its input.

use std::sync::Arc;

/// A byte range in a file: `start` inclusive, `end` exclusive, counted from the file's first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span from `start` to `end`.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start: start as u32, end: end as u32 }
    }
}

/// A span in a named file. Paths use `/` and are relative to the run's root.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file.
    pub path: Arc<str>,
    /// The bytes in it.
    pub span: Span,
}

impl Place {
    /// A place in `path`.
    pub fn new(path: &Arc<str>, span: Span) -> Self {
        Self { path: path.clone(), span }
    }

    /// Whether `inner` lies in this place.
    pub fn contains(&self, inner: &Place) -> bool {
        self.path == inner.path && self.span.start <= inner.span.start && inner.span.end <= self.span.end
    }
}

/// One link of the chain of places that led to a fact, in the order in which a reader follows it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Step {
    /// What happens there, in a few words without a final stop.
    pub message: String,
    /// Where.
    pub place: Place,
}

/// How bad a [`Diagnostic`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something was read, but with a limit or doubt worth knowing.
    Note,
    /// A part of the file was not read.
    Warning,
    /// The file was not read at all: the run is incomplete.
    Error,
}

/// What a reader says about its input (not about the network in it).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad.
    pub severity: Severity,
    /// The file.
    pub path: Arc<str>,
    /// The bytes in it, where that makes sense.
    pub span: Option<Span>,
    /// What is wrong, and what to do about it.
    pub message: String,
}
