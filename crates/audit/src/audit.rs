//! The whole run: judge, mute, group, compare with the baseline.

use crate::baseline::{Baseline, Held};
use crate::config::Config;
use crate::date::Date;
use crate::draft::Draft;
use crate::finding::{Report, Suppressed, SuppressedBy, Unresolved};
use crate::fingerprint::Fingerprints;
use crate::group::{self, Knowledge, Member};
use crate::marks::Marks;
use crate::reviews::Reviews;
use crate::rules::RuleId;
use crate::select::{Selection, UnknownRule};
use crate::sources::SourceText;
use crate::{s6463, together};
use std::collections::{BTreeMap, BTreeSet};
use tidegate_estate::{Estate, Place};

/// What a run is asked for.
#[derive(Debug, Clone)]
pub struct AuditOptions {
    /// Which rules are reported.
    pub selection: Selection,
    /// In how many worlds one policy is judged; past that only what holds in all of them counts.
    pub worlds: usize,
    /// What was accepted before.
    pub baseline: Option<Baseline>,
    /// What was decided before.
    pub reviews: Reviews,
    /// Whether everything that belongs to the project was read: only then a decision can match nothing.
    pub whole: bool,
    /// Today's date (`2026-01-31`), for marks of other tools and decisions that expire; without it such marks
    /// mute nothing, and such decisions do not hold.
    pub today: Option<String>,
}

impl Default for AuditOptions {
    fn default() -> Self {
        let worlds = tidegate_read::Limits::default().worlds;
        Self {
            selection: Selection::default(),
            worlds,
            baseline: None,
            reviews: Reviews::default(),
            whole: false,
            today: None,
        }
    }
}

impl AuditOptions {
    /// The defaults with the rules named in `select` (all, if it is empty) less those in `ignore`.
    pub fn selecting<S: AsRef<str>>(select: &[S], ignore: &[S]) -> Result<Self, UnknownRule> {
        Ok(Self { selection: Selection::new(select, ignore)?, ..Self::default() })
    }
}

/// Judges every policy of every estate.
pub fn audit(
    estates: &[Estate],
    config: &Config,
    options: &AuditOptions,
    sources: &dyn SourceText,
) -> Report {
    let (drafts, unresolved) = judged(estates, options);
    let drafts = once_each(drafts);
    let mut marks = Marks::collect(estates, &drafts, sources, options.today.as_deref());

    // Ordinals are handed out before anything is muted, so that a mark changes no other fingerprint.
    let mut prints = Fingerprints::default();
    let mut open: Vec<Member> = Vec::new();
    let mut muted: BTreeMap<(SuppressedKey, Place), (Suppression, Vec<Member>)> = BTreeMap::new();
    for draft in drafts {
        let fingerprint = prints.of(draft.rule, &draft.subject);
        let suppression = marks.mute(&draft).map(|mark| Suppression {
            spelled: mark.spelled.clone(),
            reason: mark.reason.clone(),
            place: mark.place.clone(),
        });
        let member = Member { draft, fingerprint };
        match suppression {
            None => open.push(member),
            Some(suppression) => {
                let key = (SuppressedKey::of(&member.draft), suppression.place.clone());
                muted.entry(key).or_insert_with(|| (suppression, Vec::new())).1.push(member);
            }
        }
    }

    let today: Option<Date> = options.today.as_deref().and_then(|today| today.parse().ok());
    let knowledge = Knowledge { config, reviews: &options.reviews, today };
    let mut report = Report::default();
    for mut finding in group::findings(open, &knowledge) {
        options.reviews.settle(&mut finding, today);
        match options.baseline.as_ref().map_or(Held::No, |baseline| baseline.holds(&finding)) {
            Held::Yes => report.suppressed.push(Suppressed {
                finding,
                by: SuppressedBy::Baseline,
                reason: None,
                place: None,
            }),
            Held::Grown(step) => {
                finding.related.push(step);
                report.findings.push(finding);
            }
            Held::No => report.findings.push(finding),
        }
    }
    for (suppression, members) in muted.into_values() {
        report.suppressed.extend(group::findings(members, &knowledge).into_iter().map(|finding| {
            Suppressed {
                finding,
                by: SuppressedBy::Mark(suppression.spelled.clone()),
                reason: suppression.reason.clone(),
                place: Some(suppression.place.clone()),
            }
        }));
    }
    report.suppressed.sort_by(|a, b| group::order(&a.finding).cmp(&group::order(&b.finding)));

    let open: BTreeSet<&Place> = unresolved.iter().map(|open| &open.place).collect();
    let undecided: Vec<Place> = estates
        .iter()
        .flat_map(|estate| &estate.policies)
        .filter(|policy| open.contains(&policy.place))
        .flat_map(|policy| std::iter::once(&policy.block).chain(&policy.apart).cloned())
        .collect();
    let asked = |rule: RuleId| options.selection.reports(rule);
    report.diagnostics.extend(marks.diagnostics(asked, &undecided));
    if let Some(baseline) = &options.baseline {
        let seen = report.findings.iter().chain(report.suppressed.iter().map(|muted| &muted.finding));
        let seen: BTreeSet<&str> =
            seen.flat_map(|f| &f.identities).map(|identity| identity.fingerprint.as_str()).collect();
        report.diagnostics.extend(baseline.stale(&seen, asked));
    }
    report.unresolved = unresolved;
    let orphans = if options.whole { options.reviews.orphans(&report, asked, sources) } else { Vec::new() };
    let decided = options.reviews.diagnostics(&report, &orphans, today);
    report.diagnostics.extend(decided);
    report.diagnostics.sort_by(|a, b| {
        (&a.path, a.span, a.severity, &a.message).cmp(&(&b.path, b.span, b.severity, &b.message))
    });
    report
}

/// What muted a finding.
struct Suppression {
    spelled: String,
    reason: Option<String>,
    place: Place,
}

/// What keeps muted findings apart: where they are reported, and the rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct SuppressedKey(Place, RuleId);

impl SuppressedKey {
    fn of(draft: &Draft) -> Self {
        Self(draft.place.clone(), draft.rule)
    }
}

/// Every draft the selection asks for, and what could not be decided.
fn judged(estates: &[Estate], options: &AuditOptions) -> (Vec<Draft>, Vec<Unresolved>) {
    let selection = &options.selection;
    let mut drafts = Vec::new();
    let mut unresolved = Vec::new();
    for estate in estates {
        if selection.full() {
            let judged = together::judge(estate, options.worlds);
            drafts.extend(
                judged
                    .drafts
                    .into_iter()
                    .filter(|draft| selection.reports(draft.rule) && selection.keeps(&draft.aliases)),
            );
            unresolved.extend(judged.unresolved);
        }
        if selection.s6463() {
            let (found, open) = s6463::judge(estate);
            drafts.extend(found);
            unresolved.extend(open);
        }
    }
    // One application may know what another one leaves open at the same place.
    if !selection.full() {
        let places: BTreeSet<&Place> = drafts.iter().map(|draft| &draft.place).collect();
        let blocks: BTreeSet<(&str, u32)> =
            drafts.iter().map(|draft| (&*draft.block.path, draft.block.span.start)).collect();
        unresolved.retain(|open| {
            !places.contains(&open.place) && !blocks.contains(&(&*open.place.path, open.place.span.start))
        });
    }
    unresolved.sort_by(|a, b| (&a.place, &a.subject, &a.reason).cmp(&(&b.place, &b.subject, &b.reason)));
    unresolved.dedup_by(|a, b| a.place == b.place && a.subject == b.subject && a.reason == b.reason);
    (drafts, unresolved)
}

/// The drafts in order, the same subject at the same place under the same rule once: two applications may
/// read one module.
fn once_each(mut drafts: Vec<Draft>) -> Vec<Draft> {
    drafts.sort_by(|a, b| (&a.place, a.rule, &a.subject).cmp(&(&b.place, b.rule, &b.subject)));
    let mut merged: Vec<Draft> = Vec::with_capacity(drafts.len());
    for draft in drafts {
        match merged.last_mut() {
            Some(last)
                if last.place == draft.place && last.rule == draft.rule && last.subject == draft.subject =>
            {
                last.confidence = last.confidence.min(draft.confidence);
                last.allows = last.allows.union(&draft.allows);
                last.message = last.message.or(draft.message);
                if last.when != draft.when {
                    last.when = None;
                }
                for alias in draft.aliases {
                    if !last.aliases.contains(&alias) {
                        last.aliases.push(alias);
                    }
                }
                for family in draft.families {
                    if !last.families.contains(&family) {
                        last.families.push(family);
                        last.families.sort_unstable();
                    }
                }
            }
            _ => merged.push(draft),
        }
    }
    merged
}
