//! A report for eyes that must not see whose network it is: accounts, addresses and names are replaced, the same one
//! by the same word everywhere.
//!
//! What stays: what the findings are about. Whole families and blocks as large as a /8, the addresses that stand for
//! the Internet in examples, regions, and the names of rules and platforms tell nothing about anybody.

mod addresses;
mod walk;

use crate::data::{FileFacts, Origins};
use addresses::Addresses;
use aho_corasick::{AhoCorasick, MatchKind};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use tidegate_audit::Report;
use tidegate_estate::{Estate, Place};

/// Replaces what must not be seen.
#[derive(Debug)]
pub struct Redactor {
    /// What is replaced, by what.
    words: BTreeMap<String, String>,
    /// Files by their new name.
    files: BTreeMap<String, String>,
    find: Option<AhoCorasick>,
    by: Vec<String>,
    addresses: Mutex<Addresses>,
}

/// What a word is; numbers are counted per kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Account,
    System,
    Name,
    Policy,
    Label,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Kind::Account => "account",
            Kind::System => "system",
            Kind::Name => "name",
            Kind::Policy => "policy",
            Kind::Label => "label",
        }
    }
}

impl Redactor {
    /// Collects what must not be seen: in the findings, in what was read, and in the names of the files.
    pub fn of(report: &Report, estates: &[Estate], paths: &[String]) -> Self {
        let mut found: BTreeMap<Kind, BTreeSet<String>> = BTreeMap::new();
        walk::collect(report, estates, &mut |kind, word| {
            if !word.trim().is_empty() {
                found.entry(kind).or_default().insert(word.to_owned());
            }
        });
        let mut words = BTreeMap::new();
        for (kind, found) in found {
            // The first kind that a word is of counts: an account's id stays one where it is also a name.
            for word in found {
                let number = words.values().filter(|by: &&String| by.starts_with(kind.word())).count() + 1;
                words.entry(word).or_insert_with(|| format!("{}-{number}", kind.word()));
            }
        }
        let mut files = BTreeMap::new();
        let all: BTreeSet<&str> =
            paths.iter().map(String::as_str).chain(report.diagnostics.iter().map(|one| &*one.path)).collect();
        for (number, path) in all.into_iter().enumerate() {
            let ending = path
                .rsplit('/')
                .next()
                .and_then(|name| name.rsplit_once('.'))
                .map_or("", |(_, ending)| ending);
            let ending = if ending.len() <= 8 && ending.chars().all(|c| c.is_ascii_alphanumeric()) {
                ending
            } else {
                ""
            };
            let dot = if ending.is_empty() { "" } else { "." };
            let name = format!("file-{}{dot}{ending}", number + 1);
            words.insert(path.to_owned(), name.clone());
            files.insert(name, path.to_owned());
        }
        let (from, by): (Vec<String>, Vec<String>) = words.clone().into_iter().unzip();
        let find = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&from).ok();
        Self { words, files, find, by, addresses: Mutex::default() }
    }

    /// A text without what must not be seen. Words count only where they stand as words.
    pub fn text(&self, text: &str) -> String {
        if let Some(by) = self.words.get(text) {
            return by.clone();
        }
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for found in self.find.iter().flat_map(|find| find.find_iter(text)) {
            let inside = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
            let before = text[..found.start()].chars().next_back().is_some_and(inside);
            let after = text[found.end()..].chars().next().is_some_and(inside);
            if before || after {
                continue;
            }
            out.push_str(&text[at..found.start()]);
            out.push_str(self.by.get(found.pattern().as_usize()).map_or("redacted", String::as_str));
            at = found.end();
        }
        out.push_str(&text[at..]);
        self.addresses.lock().unwrap_or_else(PoisonError::into_inner).replace(&out)
    }

    /// The findings without what must not be seen.
    pub fn report(&self, report: &Report) -> Report {
        let mut report = report.clone();
        walk::report(self, &mut report);
        report
    }

    /// What was read, without what must not be seen.
    pub fn estates(&self, estates: &[Estate]) -> Vec<Estate> {
        let mut estates = estates.to_vec();
        estates.iter_mut().for_each(|estate| walk::estate(self, estate));
        estates
    }

    /// A JSON document without what must not be seen: every text in it, keys left alone.
    pub fn json(&self, value: &mut serde_json::Value) {
        match value {
            serde_json::Value::String(text) => *text = self.text(text),
            serde_json::Value::Array(items) => items.iter_mut().for_each(|item| self.json(item)),
            serde_json::Value::Object(fields) => fields.values_mut().for_each(|value| self.json(value)),
            _ => {}
        }
    }

    fn file(&self, path: &str) -> String {
        self.words.get(path).cloned().unwrap_or_else(|| "file".to_owned())
    }
}

/// Facts about files that go by other names.
pub struct RedactedOrigins<'a> {
    /// The names.
    pub redactor: &'a Redactor,
    /// Facts by the true names.
    pub origins: &'a dyn Origins,
}

impl Origins for RedactedOrigins<'_> {
    fn line(&self, place: &Place) -> usize {
        match self.redactor.files.get(&*place.path) {
            Some(path) => self.origins.line(&Place { path: path.as_str().into(), span: place.span }),
            None => 1,
        }
    }

    fn file(&self, path: &str) -> Option<FileFacts> {
        self.origins.file(self.redactor.files.get(path)?)
    }
}
