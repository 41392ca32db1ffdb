//! What a report is made from, and how its findings are grouped: one topic per rule and platform, with the systems
//! it affects.

mod heading;
mod origin;
mod policies;
mod systems;
mod topics;

pub use heading::{Heading, kind};
pub use origin::{FileFacts, NoOrigins, Origins};
pub use policies::{Policies, Policy};
pub use systems::{System, label, short_id};
pub use topics::{Topic, topics};

use crate::redact::Redactor;
use crate::retest::Retested;
use std::collections::BTreeMap;
use tidegate_audit::Report;
use tidegate_estate::Estate;

/// Everything a report is made from. Nothing is judged here.
#[derive(Clone, Copy)]
pub struct Data<'a> {
    /// What the audit found.
    pub report: &'a Report,
    /// What was read.
    pub estates: &'a [Estate],
    /// Lines, and facts about files.
    pub origins: &'a dyn Origins,
    /// What was read, in numbers.
    pub inputs: &'a Inputs,
    /// What somebody says about the report.
    pub about: &'a About,
    /// What became of the findings of an earlier run, if this is a retest.
    pub retest: Option<&'a [Retested]>,
    /// What must not be seen, where that is asked: texts that are made from sets of packets pass it.
    pub redactor: Option<&'a Redactor>,
}

impl Data<'_> {
    /// A text that was made from the data, without what must not be seen.
    pub fn shown(&self, text: String) -> String {
        match self.redactor {
            Some(redactor) => redactor.text(&text),
            None => text,
        }
    }
}

/// What was read, in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inputs {
    /// Files that were read as something.
    pub files: Vec<String>,
    /// What was not read: the path, and why.
    pub skipped: Vec<(String, String)>,
    /// The paths that were named.
    pub paths: Vec<String>,
    /// The command that reproduces the findings.
    pub command: String,
}

/// What somebody says about a report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// The client's name.
    pub client: Option<String>,
    /// The report's title, if it is not the usual one.
    pub title: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// Its date (`2026-01-31`).
    pub date: String,
    /// The version of the program.
    pub version: String,
    /// More facts for the cover, in order.
    pub facts: Vec<(String, String)>,
    /// A reviewer's own text per finding: the key is a fingerprint or a rule.
    pub texts: BTreeMap<String, OwnText>,
}

/// A reviewer's own text for a finding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnText {
    /// A title instead of ours.
    pub title: Option<String>,
    /// Markdown instead of our whole text.
    pub text: Option<String>,
    /// Markdown that is added above our text.
    pub note: Option<String>,
}
