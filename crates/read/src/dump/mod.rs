//! What the clouds' own command lines print: dumps of what runs, as a client hands them over.
//!
//! How dumps are read:
//! - `documents` takes a file apart into JSON or YAML documents, however many stand in it, and looks for records that
//!   are recognised by their shape, not by the file's name: it does not matter which answer they came in, whether
//!   answers of several regions were appended to each other, or whether a script put them below keys of its own.
//! - `aws`, `azure`, `gcp` and `kubernetes` turn records into facts, and join the facts of all files into one estate
//!   each.
//! - `snapshot` reads the manifests that `tidegate snapshot` writes: what they say is missing is told.
//!
//! Invariants:
//! - A record that is seen twice is one. Two that contradict each other about a group or a rule are both considered.
//! - What the dump does not show is unknown, and the reason names the answer that would show it.

mod aws;
mod azure;
mod documents;
mod fields;
mod gcp;
mod kubernetes;
mod snapshot;

use crate::{Files, Options};
use rayon::prelude::*;
use std::sync::Arc;
use tidegate_estate::{Diagnostic, Estate, Severity};

/// What reading the dumps among the files gave.
#[derive(Debug, Clone, Default)]
pub struct DumpReading {
    /// All of a cloud joined, one estate each.
    pub estates: Vec<Estate>,
    /// What there is to say about the input.
    pub diagnostics: Vec<Diagnostic>,
    /// The files in which something was found.
    pub read: Vec<Arc<str>>,
}

/// What stands in one file, or in all of them.
#[derive(Default)]
struct Records {
    aws: Vec<aws::Record>,
    azure: Vec<azure::Record>,
    gcp: Vec<gcp::Record>,
    kubernetes: Vec<kubernetes::Record>,
}

impl Records {
    fn is_empty(&self) -> bool {
        self.aws.is_empty() && self.azure.is_empty() && self.gcp.is_empty() && self.kubernetes.is_empty()
    }

    fn add(&mut self, other: Records) {
        self.aws.extend(other.aws);
        self.azure.extend(other.azure);
        self.gcp.extend(other.gcp);
        self.kubernetes.extend(other.kubernetes);
    }
}

/// Words of which one stands in every dump with records of a cloud, cloud by cloud, and in the manifests of snapshots.
pub const MARKS: [&[&str]; 5] =
    [&aws::MARKS, &azure::MARKS, &gcp::MARKS, &kubernetes::MARKS, &snapshot::MARKS];

/// Whether a file is the whole answer to a question, and the answer is that there is nothing (`routers.json` with `[]` in
/// it). No word marks it.
pub fn is_empty_answer(path: &str, bytes: &[u8]) -> bool {
    gcp::is_empty_list(path, bytes)
}

/// Whether bytes could be a dump, from a quick look. What it lets through may still turn out to be none.
pub fn looks_like_dump(bytes: &[u8]) -> bool {
    MARKS.iter().any(|marks| has_any(bytes, marks))
}

fn has_any(bytes: &[u8], marks: &[&str]) -> bool {
    marks.iter().any(|mark| memchr::memmem::find(bytes, mark.as_bytes()).is_some())
}

fn of_cloud<R>(bytes: &[u8], marks: &[&str], records: impl FnOnce() -> Vec<R>) -> Vec<R> {
    if has_any(bytes, marks) { records() } else { Vec::new() }
}

/// Reads every dump among `paths`.
pub fn read(paths: &[&Arc<str>], files: &dyn Files, options: &Options) -> DumpReading {
    let one = |path: &&Arc<str>| {
        let bytes = files.bytes(path).ok()?;
        if !looks_like_dump(&bytes) && !is_empty_answer(path, &bytes) {
            return None;
        }
        let document = documents::parse(path, bytes.clone(), options);
        let tree = document.tree?;
        // Walking a large answer costs as much as parsing it: only for the clouds that it may be of.
        let records = Records {
            aws: of_cloud(&bytes, &aws::MARKS, || aws::records(path, &tree)),
            azure: of_cloud(&bytes, &azure::MARKS, || azure::records(path, &tree)),
            gcp: match is_empty_answer(path, &bytes) {
                true => gcp::records(path, &tree),
                false => of_cloud(&bytes, &gcp::MARKS, || gcp::records(path, &tree)),
            },
            kubernetes: of_cloud(&bytes, &kubernetes::MARKS, || kubernetes::records(path, &tree)),
        };
        let missing = snapshot::missing(path, &tree);
        if records.is_empty() && missing.is_empty() {
            return None;
        }
        Some(((*path).clone(), records, missing, document.fault))
    };
    // One file needs no pool of threads: starting one costs more than reading it.
    let found: Vec<_> = match paths {
        [] => Vec::new(),
        [only] => one(only).into_iter().collect(),
        many => many.par_iter().filter_map(one).collect(),
    };
    let mut reading = DumpReading::default();
    let mut all = Records::default();
    for (path, records, missing, fault) in found {
        reading.diagnostics.extend(missing);
        reading.diagnostics.extend(fault.map(|fault| Diagnostic {
            severity: Severity::Warning,
            path: path.clone(),
            span: Some(fault.span),
            message: format!("{}: what comes from here on was not read", fault.message),
        }));
        reading.read.push(path);
        all.add(records);
    }
    let (estate, diagnostics) = aws::join(all.aws);
    let (cluster, notes) = kubernetes::join(all.kubernetes);
    reading.estates = vec![estate, azure::join(all.azure), gcp::join(all.gcp), cluster];
    reading.diagnostics.extend(diagnostics.into_iter().chain(notes));
    reading
}

#[cfg(test)]
mod tests;
