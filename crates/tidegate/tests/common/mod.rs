//! A scan through the libraries, without the program: files in memory, findings by line and column.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::path::{Path, PathBuf};
use tidegate::positions::{Range, Sources};
use tidegate_audit::{AuditOptions, Config, ReadSources, Report, audit};
use tidegate_estate::{Diagnostic, Place};
use tidegate_read::{MemoryFiles, Options};

/// The folder of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A copy of a folder of the repository, to change.
pub fn copied(folder: &str) -> tempfile::TempDir {
    let copy = tempfile::tempdir().expect("a temporary folder");
    copy_all(&root().join(folder), copy.path());
    copy
}

/// Copies what is in a folder into another one.
pub fn copy_all(from: &Path, to: &Path) {
    for file in std::fs::read_dir(from).expect("a folder") {
        let file = file.expect("an entry");
        let there = to.join(file.file_name());
        if file.path().is_dir() {
            std::fs::create_dir(&there).expect("a folder can be made");
            copy_all(&file.path(), &there);
        } else {
            std::fs::copy(file.path(), there).expect("a file can be copied");
        }
    }
}

/// What a scan gave.
pub struct Scan {
    /// What was read.
    pub files: MemoryFiles,
    /// How many files were read as something.
    pub read: usize,
    /// What the audit says.
    pub report: Report,
    /// What the readers say of the input.
    pub diagnostics: Vec<Diagnostic>,
}

/// Scans with every rule.
pub fn scan(files: MemoryFiles) -> Scan {
    scan_with(files, &AuditOptions::default())
}

/// Scans with the rules named.
pub fn select(files: MemoryFiles, rules: &[&str]) -> Scan {
    scan_with(files, &AuditOptions::selecting(rules, &[]).expect("rules"))
}

fn scan_with(files: MemoryFiles, options: &AuditOptions) -> Scan {
    let reading = tidegate_read::read(&files, &Options::default());
    let sources = ReadSources { files: &files, read: &reading.read };
    let report = audit(&reading.estates, &Config::default(), options, &sources);
    let diagnostics = reading.diagnostics.into_iter().chain(report.diagnostics.iter().cloned()).collect();
    Scan { read: reading.read.len(), files, report, diagnostics }
}

impl Scan {
    /// Lines and columns of a place.
    pub fn at(&self, place: &Place) -> Range {
        Sources::new(&self.files).at(place)
    }
}
