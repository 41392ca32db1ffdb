//! Decisions about findings: who looked at what, what they made of it, and what got out then.
//!
//! Two people decide on two branches, and their branches must merge. Therefore every decision is one line of the
//! file, complete in itself, an element of one array: taking the lines of both sides (git's `union` driver)
//! gives a file that can be read. Two decisions about one subject may then stand side by side; the later one
//! counts, and of two of one day the one that mutes less. For the same reason a decision that is taken back is
//! not deleted but replaced by one that says `to-review`: a merge cannot bring back what it has been replaced by.
//!
//! ```
//! let text = r#"
//! version = 1
//! decisions = [
//!   { fingerprint = "00ff", rule = "open-egress", subject = "Stack/Web", file = "app.py", status = "safe", by = "Ann", on = 2026-01-31, because = "a lab", allows = [] },
//! ]
//! "#;
//! let reviews = tidegate_audit::Reviews::parse(text, ".tidegate/reviews.toml").unwrap();
//! assert_eq!(reviews.get("00ff").unwrap().decision.by, "Ann");
//! ```

mod file;
mod hold;

pub use hold::Position;

use crate::date::Date;
use crate::finding::{Decision, Finding, Status};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use tidegate_estate::Diagnostic;
use tidegate_space::PacketSet;

/// All decisions of a project.
#[derive(Debug, Clone, Default)]
pub struct Reviews {
    /// The file they were read from, for diagnostics.
    path: Arc<str>,
    reviews: BTreeMap<String, Review>,
    /// Entries that cannot be read, and decisions that contradict each other.
    problems: Vec<Diagnostic>,
    unreadable: usize,
}

/// A decision about one subject's share in a finding.
#[derive(Debug, Clone, PartialEq)]
pub struct Review {
    /// The rule, as it is written.
    pub rule: String,
    /// For people: what the fingerprint stands for.
    pub subject: String,
    /// In which file the finding was.
    pub file: Option<String>,
    /// What was decided; [`Status::ToReview`] where it was taken back.
    pub decision: Decision,
    /// What got out then.
    pub allows: PacketSet,
}

/// Answers to the two questions; `None` = not answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Answers {
    /// Does the resource hold sensitive data, or has it access to it?
    pub sensitive_data: Option<bool>,
    /// Is it in a private network?
    pub private_network: Option<bool>,
}

impl Answers {
    /// These, and where there is none, those.
    pub fn or(self, those: Answers) -> Answers {
        Answers {
            sensitive_data: self.sensitive_data.or(those.sensitive_data),
            private_network: self.private_network.or(those.private_network),
        }
    }

    /// What the answers suggest: two times no that it is safe, a yes that it is a risk (rule S6463).
    pub fn suggestion(self) -> Option<Status> {
        match (self.sensitive_data, self.private_network) {
            (Some(true), _) | (_, Some(true)) => Some(Status::Acknowledged),
            (Some(false), Some(false)) => Some(Status::Safe),
            _ => None,
        }
    }
}

/// A file of decisions that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewsError(String);

impl fmt::Display for ReviewsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ReviewsError {}

impl Reviews {
    /// The decision about a subject, by its fingerprint.
    pub fn get(&self, fingerprint: &str) -> Option<&Review> {
        self.reviews.get(fingerprint)
    }

    /// Every decision with its fingerprint, in order of the latter.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Review)> {
        self.reviews.iter().map(|(fingerprint, review)| (fingerprint.as_str(), review))
    }

    /// How many entries of the file cannot be read. They would be lost if it were written.
    pub fn unreadable(&self) -> usize {
        self.unreadable
    }

    /// Decides about every subject of a finding, as it is now.
    pub fn decide(&mut self, finding: &Finding, decision: &Decision) {
        for (subject, identity) in finding.subjects.iter().zip(&finding.identities) {
            let review = Review {
                rule: finding.rule.name().to_owned(),
                subject: subject.title().to_owned(),
                file: Some(finding.place.path.to_string()),
                decision: decision.clone(),
                allows: identity.allows.clone(),
            };
            self.reviews.insert(identity.fingerprint.clone(), review);
        }
    }

    /// Takes a decision back; false where there is none. What it said stays out of the file: who took it back
    /// and when is what counts from now on.
    pub fn withdraw(&mut self, fingerprint: &str, by: &str, on: Date, because: &str) -> bool {
        match self.reviews.get_mut(fingerprint) {
            Some(review) if review.decision.status != Status::ToReview => {
                review.decision = Decision {
                    status: Status::ToReview,
                    by: by.to_owned(),
                    on,
                    because: because.to_owned(),
                    until: None,
                    sensitive_data: None,
                    private_network: None,
                };
                review.allows = PacketSet::empty();
                true
            }
            _ => false,
        }
    }

    /// Drops an entry altogether.
    pub fn drop_entry(&mut self, fingerprint: &str) {
        self.reviews.remove(fingerprint);
    }

    /// Takes in one more entry about a subject; two are one too many.
    fn take_in(&mut self, fingerprint: String, next: Review) {
        let Some(known) = self.reviews.get(&fingerprint) else {
            self.reviews.insert(fingerprint, next);
            return;
        };
        let (stays, goes) = if weight(known) >= weight(&next) { (known, &next) } else { (&next, known) };
        let (a, b) = (&stays.decision, &goes.decision);
        let answers = |decision: &Decision| (decision.sensitive_data, decision.private_network);
        if a.status != b.status || answers(a) != answers(b) {
            let why = if a.on == b.on { "of one day the stricter" } else { "the later one" };
            let message = format!(
                "two decisions about {} {} contradict each other: {}, and {}; {why} counts",
                stays.rule,
                stays.subject,
                told(a),
                told(b)
            );
            self.problems.push(self.warning(message));
        }
        let stays = stays.clone();
        self.reviews.insert(fingerprint, stays);
    }
}

/// Which of two decisions counts: the later one, then the one that mutes less, then any, but always the same.
fn weight(review: &Review) -> (Date, u8, &str, &str) {
    let decision = &review.decision;
    let strict = match decision.status {
        Status::ToReview => 3,
        Status::Fixed => 2,
        Status::Acknowledged => 1,
        Status::Safe => 0,
    };
    (decision.on, strict, &decision.by, &decision.because)
}

/// A decision in a few words.
fn told(decision: &Decision) -> String {
    format!("{} by {} on {}", decision.status.name(), decision.by, decision.on)
}
