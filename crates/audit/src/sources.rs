//! How the audit gets at the text of files, for marks that mute findings.

use std::sync::Arc;
use tidegate_read::Files;

/// The text behind the estates.
pub trait SourceText {
    /// The bytes of one file, if they can be had.
    fn text(&self, path: &str) -> Option<Arc<[u8]>>;

    /// The files that were read as something, so that marks without effect in them can be reported.
    fn read(&self) -> Vec<Arc<str>> {
        Vec::new()
    }
}

/// Text from the files of a run.
pub struct ReadSources<'a> {
    /// Where bytes come from.
    pub files: &'a dyn Files,
    /// What the readers read: [`tidegate_read::Reading::read`].
    pub read: &'a [Arc<str>],
}

impl SourceText for ReadSources<'_> {
    fn text(&self, path: &str) -> Option<Arc<[u8]>> {
        self.files.bytes(path).ok()
    }
    fn read(&self) -> Vec<Arc<str>> {
        self.read.to_vec()
    }
}

/// No text at all: no mark mutes anything.
pub struct NoSources;

impl SourceText for NoSources {
    fn text(&self, _path: &str) -> Option<Arc<[u8]>> {
        None
    }
}
