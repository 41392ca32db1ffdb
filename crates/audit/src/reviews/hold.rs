//! Which decisions hold, and what there is to say of those that do not.

use super::{Answers, Review, Reviews, told};
use crate::date::Date;
use crate::finding::{Decision, Finding, Identity, Report, Status};
use crate::rules::RuleId;
use crate::sources::SourceText;
use crate::stored;
use std::collections::{BTreeMap, BTreeSet};
use tidegate_estate::{Diagnostic, Step};
use tidegate_space::PacketSet;

/// How a decision stands to what gets out now.
enum Standing {
    Holds,
    /// More gets out: this much.
    Grown(PacketSet),
    Expired,
    /// Said to be gone, and here it is.
    Contradicted,
    /// Taken back.
    Withdrawn,
}

impl Review {
    fn standing(&self, allows: &PacketSet, today: Option<Date>) -> Standing {
        let decision = &self.decision;
        match decision.status {
            Status::ToReview => Standing::Withdrawn,
            Status::Fixed => Standing::Contradicted,
            Status::Acknowledged | Status::Safe if self.expired(today) => Standing::Expired,
            Status::Acknowledged | Status::Safe if allows.is_subset(&self.allows) => Standing::Holds,
            Status::Acknowledged | Status::Safe => Standing::Grown(allows.difference(&self.allows)),
        }
    }

    /// Whether its time is over. Where nobody knows the date, a decision with an end does not hold.
    pub fn expired(&self, today: Option<Date>) -> bool {
        self.decision.until.is_some_and(|until| today.is_none_or(|today| until < today))
    }
}

/// How a decision stands in one scan, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// It holds.
    Holds,
    /// More gets out than when it was decided.
    Outgrown,
    /// Its time is over.
    Expired,
    /// Decided as fixed, and found.
    Contradicted,
    /// Decided as fixed, and gone.
    Fixed,
    /// Taken back.
    Withdrawn,
    /// It matches nothing any more.
    Orphaned,
    /// Nothing in this scan, which did not see everything.
    Unseen,
}

impl Position {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Position::Holds => "holds",
            Position::Outgrown => "outgrown",
            Position::Expired => "expired",
            Position::Contradicted => "contradicted",
            Position::Fixed => "fixed",
            Position::Withdrawn => "taken back",
            Position::Orphaned => "orphaned",
            Position::Unseen => "not seen",
        }
    }
}

impl Reviews {
    /// Every decision, and how it stands in a scan.
    pub fn standings<'a>(
        &'a self,
        report: &Report,
        orphans: &[String],
        today: Date,
    ) -> Vec<(&'a str, &'a Review, Position)> {
        let identities = identities(report);
        let position = |fingerprint: &str, review: &Review| {
            let found = identities.get(fingerprint);
            match (found, review.decision.status) {
                (_, Status::ToReview) => Position::Withdrawn,
                (None, Status::Fixed) => Position::Fixed,
                (None, _) if orphans.iter().any(|orphan| orphan == fingerprint) => Position::Orphaned,
                (None, _) => Position::Unseen,
                (Some(identity), _) => match review.standing(&identity.allows, Some(today)) {
                    Standing::Holds => Position::Holds,
                    Standing::Grown(_) => Position::Outgrown,
                    Standing::Expired => Position::Expired,
                    Standing::Contradicted => Position::Contradicted,
                    Standing::Withdrawn => Position::Withdrawn,
                },
            }
        };
        self.iter()
            .map(|(fingerprint, review)| (fingerprint, review, position(fingerprint, review)))
            .collect()
    }

    /// What a decision answers for one subject. A `no` makes a finding harmless and falls with the decision;
    /// a `yes` stays until the decision is taken back.
    pub(crate) fn answers(&self, fingerprint: &str, allows: &PacketSet, today: Option<Date>) -> Answers {
        let Some(review) = self.get(fingerprint) else { return Answers::default() };
        let decision = &review.decision;
        let all =
            Answers { sensitive_data: decision.sensitive_data, private_network: decision.private_network };
        let only_yes = |answer: Option<bool>| answer.filter(|yes| *yes);
        match review.standing(allows, today) {
            Standing::Holds => all,
            Standing::Withdrawn => Answers::default(),
            Standing::Grown(_) | Standing::Expired | Standing::Contradicted => Answers {
                sensitive_data: only_yes(all.sensitive_data),
                private_network: only_yes(all.private_network),
            },
        }
    }

    /// Gives a finding its decision, if every subject has one that holds; else says what became of those there are.
    pub(crate) fn settle(&self, finding: &mut Finding, today: Option<Date>) {
        let mut held: Vec<&Decision> = Vec::new();
        let mut fallen: Vec<String> = Vec::new();
        let mut grown: Option<(&Decision, PacketSet)> = None;
        for Identity { fingerprint, allows } in &finding.identities {
            let Some(review) = self.get(fingerprint) else { continue };
            let decision = &review.decision;
            match review.standing(allows, today) {
                Standing::Holds => held.push(decision),
                Standing::Withdrawn => {}
                Standing::Grown(by) => {
                    let so_far = grown.map_or(PacketSet::empty(), |(_, set)| set);
                    grown = Some((decision, so_far.union(&by)));
                }
                Standing::Expired => {
                    let until = decision.until.map_or(String::new(), |until| until.to_string());
                    fallen.push(format!("decided: {}, until {until}: that is over", told(decision)));
                }
                Standing::Contradicted => {
                    fallen.push(format!("decided: {}, but it is still found", told(decision)));
                }
            }
        }
        fallen.extend(grown.map(|(decision, more)| {
            let more = stored::in_words(&more);
            format!("more gets out than when it was decided ({}): {more}", told(decision))
        }));
        let all = finding.identities.len();
        if fallen.is_empty() && !held.is_empty() && held.len() == all {
            if let Some(decision) = together(&held) {
                finding.status = decision.status;
                finding.decision = Some(decision);
            }
            return;
        }
        if fallen.is_empty() && !held.is_empty() {
            fallen.push(format!("only {} of its {all} policies are decided about", held.len()));
        }
        let mut seen = BTreeSet::new();
        fallen.retain(|text| seen.insert(text.clone()));
        let step = |message| Step { message, place: finding.place.clone() };
        finding.related.extend(fallen.into_iter().map(step).collect::<Vec<_>>());
    }

    /// Entries that match nothing any more, of rules that were asked and files that were there to be read or
    /// are gone. To be asked only where all of the project was scanned. A finding that is fixed is meant to
    /// be gone, and what is unresolved may come back.
    pub fn orphans(
        &self,
        report: &Report,
        asked: impl Fn(RuleId) -> bool,
        sources: &dyn SourceText,
    ) -> Vec<String> {
        let seen = identities(report);
        let open: BTreeSet<&str> = report.unresolved.iter().map(|open| open.subject.title()).collect();
        let read: BTreeSet<_> = sources.read().into_iter().collect();
        let looked_at = |file: &String| read.contains(file.as_str()) || sources.text(file).is_none();
        self.iter()
            .filter(|(fingerprint, review)| {
                review.decision.status.settles()
                    && !seen.contains_key(fingerprint)
                    && RuleId::from_name(&review.rule).is_none_or(&asked)
                    && !open.contains(review.subject.as_str())
                    && review.file.as_ref().is_none_or(looked_at)
            })
            .map(|(fingerprint, _)| fingerprint.to_owned())
            .collect()
    }

    /// What there is to say about the file and about decisions that do not hold, given that `orphans` match
    /// nothing.
    pub(crate) fn diagnostics(
        &self,
        report: &Report,
        orphans: &[String],
        today: Option<Date>,
    ) -> Vec<Diagnostic> {
        let mut all = self.problems.clone();
        let seen = identities(report);
        let name = |review: &Review| format!("{} {}", review.rule, review.subject);
        let found = || self.iter().filter(|(fingerprint, _)| seen.contains_key(fingerprint));
        let expired: Vec<String> = found()
            .filter(|(_, review)| review.decision.status.settles() && review.expired(today))
            .filter_map(|(_, review)| Some(format!("{} (until {})", name(review), review.decision.until?)))
            .collect();
        let contradicted: Vec<String> = found()
            .filter(|(_, review)| review.decision.status == Status::Fixed)
            .map(|(_, review)| name(review))
            .collect();
        let orphaned: Vec<String> =
            orphans.iter().filter_map(|fingerprint| self.get(fingerprint)).map(name).collect();
        for (names, text) in [
            (expired, "decisions that have expired no longer hold"),
            (contradicted, "decided as fixed, but still found"),
            (orphaned, "decisions that match no finding any more (`tidegate review --prune` drops them)"),
        ] {
            if !names.is_empty() {
                all.push(self.warning(format!("{text}: {}", stored::named(&names))));
            }
        }
        all
    }
}

/// Every identity of a report by its fingerprint, muted ones included.
fn identities(report: &Report) -> BTreeMap<&str, &Identity> {
    let findings = report.findings.iter().chain(report.suppressed.iter().map(|muted| &muted.finding));
    let identities = findings.flat_map(|finding| &finding.identities);
    identities.map(|identity| (identity.fingerprint.as_str(), identity)).collect()
}

/// The decisions about the subjects of one finding as one: what is a risk for one of them is a risk, and it
/// ends when the first of them ends.
fn together(held: &[&Decision]) -> Option<Decision> {
    let status = held.iter().map(|decision| decision.status).min()?;
    let last = held.iter().filter(|decision| decision.status == status).max_by_key(|decision| decision.on)?;
    let answer = |of: fn(&Decision) -> Option<bool>| {
        let answers: Vec<Option<bool>> = held.iter().map(|decision| of(decision)).collect();
        if answers.contains(&Some(true)) {
            return Some(true);
        }
        answers.iter().all(|answer| *answer == Some(false)).then_some(false)
    };
    Some(Decision {
        until: held.iter().filter_map(|decision| decision.until).min(),
        sensitive_data: answer(|decision| decision.sensitive_data),
        private_network: answer(|decision| decision.private_network),
        ..(*last).clone()
    })
}
