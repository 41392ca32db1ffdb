//! A retest: what became of the findings of an earlier run.
//!
//! Findings are matched by their policy, not by their rule: a group that let everything out and now lets out one port
//! is the same weakness, partly resolved.

use crate::data::Data;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use tidegate_audit::{AllowedRow, Finding, Subject, allows};
use tidegate_space::{IpFamily, PacketSet};

/// The version of the JSON that is read.
const VERSION: u32 = 1;

/// The findings of an earlier run.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Earlier {
    version: u32,
    findings: Vec<OldFinding>,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct OldFinding {
    rule: String,
    fingerprint: String,
    message: String,
    subjects: Vec<OldSubject>,
    allows: Vec<OldRow>,
}

/// A policy, as the JSON of a scan names it.
#[derive(Debug, Clone, Default, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
pub struct OldSubject {
    kind: String,
    provider: String,
    name: Option<String>,
    path: Option<String>,
    enclosing: Option<String>,
    account: Option<String>,
    region: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct OldRow {
    family: String,
    protocol: String,
    ports: Option<Vec<String>>,
    addresses: Vec<String>,
}

/// A file that holds no findings of an earlier run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoEarlier(String);

impl fmt::Display for NoEarlier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NoEarlier {}

/// What became of a finding.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Nothing of it is left.
    Resolved,
    /// Less gets out than before; what still does.
    Partly(PacketSet),
    /// As before.
    Open,
    /// More gets out than before; what came on top.
    Grown(PacketSet),
    /// It was not there before.
    New,
    /// The new data does not show the policy: nobody can say.
    NotSeen,
    /// The new data leaves it undecided.
    Undecided,
}

impl Outcome {
    /// One word for tables and formats.
    pub fn name(&self) -> &'static str {
        match self {
            Outcome::Resolved => "resolved",
            Outcome::Partly(_) => "partly resolved",
            Outcome::Open | Outcome::Grown(_) => "open",
            Outcome::New => "new",
            Outcome::NotSeen => "not seen",
            Outcome::Undecided => "undecided",
        }
    }
}

/// One policy of a retest.
#[derive(Debug, Clone, PartialEq)]
pub struct Retested {
    /// What people call the policy.
    pub policy: String,
    /// Its rule before; its rule now, if it is new.
    pub rule: String,
    /// The fingerprint of the earlier finding, of the new one if it is new.
    pub fingerprint: String,
    /// What was said before.
    pub before: Option<String>,
    /// The finding of now, by its index in the report.
    pub now: Option<usize>,
    /// What became of it.
    pub outcome: Outcome,
}

impl Earlier {
    /// Reads the JSON of `tidegate scan` or `tidegate report`.
    ///
    /// # Errors
    /// It is none, or of another version.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoEarlier> {
        let earlier: Earlier = serde_json::from_slice(bytes).map_err(|error| {
            NoEarlier(format!("this is no JSON of `tidegate scan --format json`: {error}"))
        })?;
        if earlier.version != VERSION {
            return Err(NoEarlier(format!(
                "this is of version {}; this program reads version {VERSION}",
                earlier.version
            )));
        }
        for finding in &earlier.findings {
            finding
                .allowed()
                .map_err(|wrong| NoEarlier(format!("finding {}: {wrong}", finding.fingerprint)))?;
        }
        Ok(earlier)
    }
}

impl OldFinding {
    fn allowed(&self) -> Result<PacketSet, String> {
        let rows: Vec<AllowedRow> = self
            .allows
            .iter()
            .map(|row| AllowedRow {
                family: if row.family == "ipv6" { IpFamily::V6 } else { IpFamily::V4 },
                protocol: row.protocol.clone(),
                ports: row.ports.clone(),
                addresses: row.addresses.clone(),
            })
            .collect();
        allows::set_of(&rows)
    }
}

impl OldSubject {
    fn of(subject: &Subject) -> Self {
        Self {
            kind: subject.kind_name().to_owned(),
            provider: subject.provider_name().to_owned(),
            name: subject.name.clone(),
            path: subject.path.clone(),
            enclosing: subject.enclosing.clone(),
            account: subject.account.clone(),
            region: subject.region.clone(),
        }
    }

    /// What makes it the same policy: names may change where there is an id.
    fn identity(&self) -> Self {
        let path = self.path.is_some();
        Self {
            name: self.name.clone().filter(|_| !path),
            enclosing: self.enclosing.clone().filter(|_| !path),
            ..self.clone()
        }
    }

    fn label(&self) -> String {
        match (&self.path, &self.name, &self.enclosing) {
            (Some(path), Some(name), _) if path != name && !path.ends_with(name.as_str()) => {
                format!("{name} ({path})")
            }
            (Some(path), ..) => path.clone(),
            (None, Some(name), Some(enclosing)) => format!("{name} in {enclosing}"),
            (None, Some(name), None) => name.clone(),
            (None, None, Some(enclosing)) => enclosing.clone(),
            (None, None, None) => self.kind.clone(),
        }
    }
}

/// Compares an earlier run with the findings of now: what was found before in its order, then what is new.
pub fn compare(earlier: &Earlier, data: &Data<'_>) -> Vec<Retested> {
    let mut now: BTreeMap<OldSubject, Vec<(usize, PacketSet)>> = BTreeMap::new();
    for (index, finding) in data.report.findings.iter().enumerate() {
        for (subject, identity) in finding.subjects.iter().zip(&finding.identities) {
            let key = OldSubject::of(subject).identity();
            now.entry(key).or_default().push((index, identity.allows.clone()));
        }
    }
    let undecided: BTreeSet<OldSubject> =
        data.report.unresolved.iter().map(|one| OldSubject::of(&one.subject).identity()).collect();
    let seen = seen(data);
    let mut matched: BTreeSet<OldSubject> = BTreeSet::new();
    let mut out = Vec::new();
    for old in &earlier.findings {
        let before = old.allowed().unwrap_or_else(|_| PacketSet::empty());
        for subject in &old.subjects {
            let key = subject.identity();
            let found = now.get(&key);
            let outcome = match found {
                Some(found) => of_sets(&before, found),
                None if undecided.contains(&key) => Outcome::Undecided,
                None if seen.contains(&key) => Outcome::Resolved,
                None => Outcome::NotSeen,
            };
            out.push(Retested {
                policy: subject.label(),
                rule: old.rule.clone(),
                fingerprint: old.fingerprint.clone(),
                before: Some(old.message.clone()),
                now: found.and_then(|found| found.first()).map(|(index, _)| *index),
                outcome,
            });
            matched.insert(key);
        }
    }
    for (key, found) in &now {
        if !matched.contains(key)
            && let Some((index, finding)) =
                found.first().and_then(|(i, _)| Some((*i, data.report.findings.get(*i)?)))
        {
            out.push(Retested {
                policy: key.label(),
                rule: finding.rule.name().to_owned(),
                fingerprint: finding.fingerprint.clone(),
                before: None,
                now: Some(index),
                outcome: Outcome::New,
            });
        }
    }
    out
}

fn of_sets(before: &PacketSet, found: &[(usize, PacketSet)]) -> Outcome {
    let now = PacketSet::union_all(found.iter().map(|(_, set)| set.clone()));
    if now == *before {
        Outcome::Open
    } else if now.is_subset(before) {
        // A finding without packets (a rule without effect, a declaration) has nothing that could become less.
        if now.is_empty() { Outcome::Open } else { Outcome::Partly(now) }
    } else {
        Outcome::Grown(now.difference(before))
    }
}

/// Every policy that the data shows, decided or not.
fn seen(data: &Data<'_>) -> BTreeSet<OldSubject> {
    let mut seen = BTreeSet::new();
    for estate in data.estates {
        let unions = tidegate_reach::workload::unions(estate);
        let all = estate.policies.iter().chain(unions.iter().map(|union| &union.policy));
        seen.extend(all.map(|policy| OldSubject::of(&Subject::of(policy)).identity()));
    }
    for muted in &data.report.suppressed {
        seen.extend(muted.finding.subjects.iter().map(|subject| OldSubject::of(subject).identity()));
    }
    seen
}

/// What became of the finding's policies, the worst of them first in mind: for formats that have one status a finding.
pub fn of_finding<'r>(retest: &'r [Retested], data: &Data<'_>, finding: &Finding) -> Option<&'r Outcome> {
    let index = data.report.findings.iter().position(|one| std::ptr::eq(one, finding))?;
    let outcomes = retest.iter().filter(|one| one.now == Some(index)).map(|one| &one.outcome);
    outcomes.max_by_key(|outcome| match outcome {
        Outcome::Resolved => 0,
        Outcome::NotSeen | Outcome::Undecided => 1,
        Outcome::New => 2,
        Outcome::Partly(_) => 3,
        Outcome::Open => 4,
        Outcome::Grown(_) => 5,
    })
}
