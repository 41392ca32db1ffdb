//! Baselines: findings that were accepted once, with what they let out then.
//!
//! An entry holds as long as what gets out now is a subset of what it stores; a finding that covers several
//! subjects is held only if each of them is.

use crate::finding::{Finding, Report, SuppressedBy};
use crate::rules::RuleId;
use crate::stored::{self, StoredRow};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use tidegate_estate::{Diagnostic, Severity, Step};
use tidegate_space::PacketSet;

/// The version of the format that is written and the only one that is read.
const VERSION: u32 = 1;

/// What was accepted.
#[derive(Debug, Clone, Default)]
pub struct Baseline {
    /// The file it was read from, for diagnostics.
    path: Arc<str>,
    entries: BTreeMap<String, Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    rule: String,
    path: Option<String>,
    allows: PacketSet,
}

/// A baseline that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaselineError(String);

impl fmt::Display for BaselineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BaselineError {}

/// What a baseline says of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Held {
    /// It was accepted as it is, or with more.
    Yes,
    /// It was accepted, but more gets out now; the step says what.
    Grown(Step),
    /// Some subject of it was never accepted.
    No,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    entries: Vec<FileEntry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileEntry {
    fingerprint: String,
    rule: String,
    /// For people: what the fingerprint stands for.
    path: Option<String>,
    allows: Vec<StoredRow>,
}

impl Baseline {
    /// Reads a baseline file; `path` is named in diagnostics about its entries.
    pub fn parse(bytes: &[u8], path: &str) -> Result<Self, BaselineError> {
        let file: File = serde_json::from_slice(bytes)
            .map_err(|error| BaselineError(format!("{path} is no baseline: {error}")))?;
        if file.version != VERSION {
            let version = file.version;
            return Err(BaselineError(format!(
                "{path} is a baseline of version {version}; this program reads version {VERSION}"
            )));
        }
        let mut entries = BTreeMap::new();
        for entry in file.entries {
            let allows = stored::set(entry.allows)
                .map_err(|wrong| BaselineError(format!("{path}: entry {}: {wrong}", entry.fingerprint)))?;
            entries.insert(entry.fingerprint, Entry { rule: entry.rule, path: entry.path, allows });
        }
        Ok(Self { path: path.into(), entries })
    }

    /// The baseline that holds every finding of a report, those an earlier baseline held included. What a mark
    /// in the code mutes needs no entry.
    pub fn of(report: &Report) -> Self {
        let held = report.suppressed.iter().filter(|muted| muted.by == SuppressedBy::Baseline);
        let findings = report.findings.iter().chain(held.map(|muted| &muted.finding));
        let mut entries = BTreeMap::new();
        for finding in findings {
            for (subject, identity) in finding.subjects.iter().zip(&finding.identities) {
                entries.insert(
                    identity.fingerprint.clone(),
                    Entry {
                        rule: finding.rule.name().to_owned(),
                        path: Some(subject.title().to_owned()),
                        allows: identity.allows.clone(),
                    },
                );
            }
        }
        Self { path: "".into(), entries }
    }

    /// The file's text, entries in a stable order.
    pub fn to_json(&self) -> String {
        let mut entries: Vec<FileEntry> = self
            .entries
            .iter()
            .map(|(fingerprint, entry)| FileEntry {
                fingerprint: fingerprint.clone(),
                rule: entry.rule.clone(),
                path: entry.path.clone(),
                allows: stored::rows(&entry.allows),
            })
            .collect();
        entries.sort_by(|a, b| (&a.rule, &a.path, &a.fingerprint).cmp(&(&b.rule, &b.path, &b.fingerprint)));
        // Plain data: it has no map keys and no numbers that could fail to serialize.
        let mut text = serde_json::to_string_pretty(&File { version: VERSION, entries }).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Whether the finding is held.
    pub(crate) fn holds(&self, finding: &Finding) -> Held {
        let mut all = true;
        let mut grown = PacketSet::empty();
        for identity in &finding.identities {
            match self.entries.get(&identity.fingerprint) {
                Some(entry) if identity.allows.is_subset(&entry.allows) => {}
                Some(entry) => grown = grown.union(&identity.allows.difference(&entry.allows)),
                None => all = false,
            }
        }
        match (grown.is_empty(), all) {
            (false, _) => Held::Grown(Step {
                message: format!("more gets out than the baseline holds: {}", stored::in_words(&grown)),
                place: finding.place.clone(),
            }),
            (true, true) => Held::Yes,
            (true, false) => Held::No,
        }
    }

    /// What there is to say about entries that match nothing any more, of rules that were asked.
    pub(crate) fn stale(&self, seen: &BTreeSet<&str>, asked: impl Fn(RuleId) -> bool) -> Option<Diagnostic> {
        let stale: Vec<String> = self
            .entries
            .iter()
            .filter(|(fingerprint, entry)| {
                !seen.contains(fingerprint.as_str()) && RuleId::from_name(&entry.rule).is_none_or(&asked)
            })
            .map(|(fingerprint, entry)| {
                format!("{} {}", entry.rule, entry.path.as_deref().unwrap_or(fingerprint))
            })
            .collect();
        if stale.is_empty() {
            return None;
        }
        Some(Diagnostic {
            severity: Severity::Note,
            path: self.path.clone(),
            span: None,
            message: format!("entries that match no finding any more can go: {}", stored::named(&stale)),
        })
    }
}
