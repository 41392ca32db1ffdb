//! Where facts come from, as a reader of the report can check it.

use tidegate_estate::Place;

/// What a report says about a file it draws on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileFacts {
    /// SHA-256 of its bytes, in lower-case hexadecimal digits.
    pub sha256: String,
    /// When it was last written (`2026-01-31T12:00:00Z`), where that is known.
    pub modified: Option<String>,
    /// Its size in bytes.
    pub bytes: u64,
}

/// Access to the files behind a report.
pub trait Origins {
    /// The line of a place, from 1.
    fn line(&self, place: &Place) -> usize;

    /// Facts about a file; `None` if it cannot be read any more.
    fn file(&self, path: &str) -> Option<FileFacts>;
}

/// Nothing is known: for tests and for findings without files.
#[derive(Debug, Clone, Copy)]
pub struct NoOrigins;

impl Origins for NoOrigins {
    fn line(&self, _place: &Place) -> usize {
        1
    }

    fn file(&self, _path: &str) -> Option<FileFacts> {
        None
    }
}
