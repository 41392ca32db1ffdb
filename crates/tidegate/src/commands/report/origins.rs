//! Lines and checksums of the files behind a report.

use crate::output;
use crate::pipeline::Scanned;
use crate::positions::Sources;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use tidegate_estate::Place;
use tidegate_read::Files as _;
use tidegate_report::data::{FileFacts, Origins};

/// The files of a scan.
pub struct ScannedOrigins<'a> {
    scanned: &'a Scanned,
    sources: &'a Sources<'a>,
    known: Mutex<HashMap<String, Option<FileFacts>>>,
}

impl<'a> ScannedOrigins<'a> {
    /// The files of this scan.
    pub fn new(scanned: &'a Scanned, sources: &'a Sources<'a>) -> Self {
        Self { scanned, sources, known: Mutex::default() }
    }

    fn facts(&self, path: &str) -> Option<FileFacts> {
        let bytes = self.scanned.files.bytes(path).ok()?;
        let mut sha256 = String::with_capacity(64);
        for byte in Sha256::digest(&bytes) {
            let _ = write!(sha256, "{byte:02x}");
        }
        let modified = self.scanned.files.modified(path).map(output::file_time);
        Some(FileFacts { sha256, modified, bytes: bytes.len() as u64 })
    }
}

impl Origins for ScannedOrigins<'_> {
    fn line(&self, place: &Place) -> usize {
        self.sources.at(place).start.line
    }

    fn file(&self, path: &str) -> Option<FileFacts> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(path.to_owned()).or_insert_with(|| self.facts(path)).clone()
    }
}
