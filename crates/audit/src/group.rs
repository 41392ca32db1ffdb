//! Drafts to findings: one place may make many subjects.

use crate::config::Config;
use crate::date::Date;
use crate::draft::Draft;
use crate::finding::{Affected, Confidence, Finding, Identity, PathShown, Rating, Status};
use crate::rating::{self, Rated};
use crate::reviews::Reviews;
use crate::rules::{Facts, RuleId};
use crate::{allows, fingerprint, standards};
use std::collections::BTreeSet;
use tidegate_estate::{Place, Step};
use tidegate_space::{IpFamily, PacketSet};

/// How many second places a finding names.
const RELATED: usize = 50;

/// A draft with its identity.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub draft: Draft,
    pub fingerprint: String,
}

/// What is known of the project besides its code.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Knowledge<'a> {
    pub config: &'a Config,
    pub reviews: &'a Reviews,
    pub today: Option<Date>,
}

/// Findings from drafts that are sorted by place and rule, in the same order.
pub(crate) fn findings(members: Vec<Member>, known: &Knowledge<'_>) -> Vec<Finding> {
    let same = |a: &Member, b: &Member| a.draft.place == b.draft.place && a.draft.rule == b.draft.rule;
    members.chunk_by(same).filter_map(|members| finding(members, known)).collect()
}

/// By what findings are ordered.
pub(crate) fn order(finding: &Finding) -> (&Place, RuleId, &str) {
    (&finding.place, finding.rule, &finding.fingerprint)
}

fn finding(members: &[Member], known: &Knowledge<'_>) -> Option<Finding> {
    let first = &members.first()?.draft;
    let rule = first.rule;
    let confidence = members.iter().map(|member| member.draft.confidence).min()?;
    let set = PacketSet::union_all(members.iter().map(|member| member.draft.allows.clone()));
    let families: Vec<IpFamily> = IpFamily::BOTH
        .into_iter()
        .filter(|family| members.iter().any(|member| member.draft.families.contains(family)))
        .collect();
    let facts = Facts {
        allows: &set,
        families: &families,
        kind: first.subject.kind,
        dialect: first.subject.dialect,
        subjects: members.len(),
        id: first.subject.path.as_deref(),
        remedy: &first.remedy,
        cause: &first.cause,
        confidence,
        ignored: first.ignored.as_ref().map(|(rule, why)| (rule.as_str(), why.as_str())),
        peer: first.peer.as_deref(),
    };
    let message = members.iter().find_map(|member| member.draft.message).map_or_else(
        || {
            let mut message = rule.rule().message(&facts);
            if let Some(when) = &first.when
                && members.iter().all(|member| member.draft.when.as_ref() == Some(when))
            {
                message.push(' ');
                message.push_str(when);
            }
            message
        },
        str::to_owned,
    );
    let gets_out = confidence != Confidence::Declared && rule != RuleId::IgnoredEgressRule;
    let own = members.iter().find_map(|member| member.draft.witness.clone());
    let witness = if gets_out { own.or_else(|| allows::witness(&set)) } else { None };
    Some(Finding {
        rule,
        aliases: aliases(members),
        fingerprint: fingerprint::of_group(members.iter().map(|member| member.fingerprint.as_str())),
        message,
        confidence,
        rating: worst(members, known)?,
        subjects: members.iter().map(|member| member.draft.subject.clone()).collect(),
        identities: members
            .iter()
            .map(|member| Identity {
                fingerprint: member.fingerprint.clone(),
                allows: member.draft.allows.clone(),
            })
            .collect(),
        affected: affected(members),
        place: first.place.clone(),
        block: first.block.clone(),
        related: related(members),
        path: path(members).cloned(),
        help: rule.rule().help(&facts),
        standards: standards::of(rule, &set),
        allows: allows::describe(set),
        witness,
        status: Status::ToReview,
        decision: None,
        fixable: false,
    })
}

/// Every workload of the members once, in order of its id.
fn affected(members: &[Member]) -> Vec<Affected> {
    let mut seen = BTreeSet::new();
    let all = members.iter().flat_map(|member| &member.draft.affected);
    let mut affected: Vec<Affected> = all.filter(|one| seen.insert(&one.id)).cloned().collect();
    affected.sort_by(|a, b| a.id.cmp(&b.id));
    affected
}

/// The way to show: the first of a packet that arrives, if one does. A workload that nothing gets out of may stand beside one
/// that has a way.
fn path(members: &[Member]) -> Option<&PathShown> {
    let rank = |path: &PathShown| match path.arrives {
        "yes" => 2,
        "perhaps" => 1,
        _ => 0,
    };
    let all = members.iter().filter_map(|member| member.draft.path.as_ref());
    all.reduce(|best, next| if rank(next) > rank(best) { next } else { best })
}

fn aliases(members: &[Member]) -> Vec<&'static str> {
    let mut aliases: Vec<&'static str> = Vec::new();
    for alias in members.iter().flat_map(|member| &member.draft.aliases) {
        if !aliases.contains(alias) {
            aliases.push(alias);
        }
    }
    aliases
}

/// The rating of the member with the highest risk.
fn worst(members: &[Member], known: &Knowledge<'_>) -> Option<Rating> {
    let ratings = members.iter().map(|Member { draft, fingerprint }| {
        let decided = known.reviews.answers(fingerprint, &draft.allows, known.today);
        let rated = Rated {
            rule: draft.rule,
            kind: draft.subject.kind,
            members: draft.members,
            closed_elsewhere: draft.closed_elsewhere,
            isolated: draft.isolated,
            answers: decided.or(known.config.answers(&draft.source, &draft.tags)),
            exposed: draft.exposed.as_deref(),
            known: &draft.known,
            allows: &draft.allows,
        };
        rating::rate(&rated, &known.config.trusted)
    });
    ratings.reduce(
        |worst, next| {
            if (next.risk, next.impact) > (worst.risk, worst.impact) { next } else { worst }
        },
    )
}

fn related(members: &[Member]) -> Vec<Step> {
    let mut seen = BTreeSet::new();
    let steps = members.iter().flat_map(|member| &member.draft.related);
    steps.filter(|step| seen.insert((&step.place, &step.message))).take(RELATED).cloned().collect()
}
