//! One policy to its findings: in every world, per family, the first rule that matches.

use crate::draft::Draft;
use crate::finding::{Confidence, Subject, Unresolved};
use crate::rules::{RuleId, View};
use crate::{measure, s6463, select, words};
use std::borrow::Cow;
use std::collections::BTreeSet;
use tidegate_estate::{
    Cause, Confirmation, Direction, Estate, Guard, Policy, PolicyKind, Reason, Rule, Step, World,
};
use tidegate_reach::policy::{self, Reach};
use tidegate_space::{AddressSet, IpFamily, PacketSet};

mod ignored;
mod locate;
mod when;

/// How many second places a finding names; a policy may have thousands of rules.
const RELATED: usize = 50;

/// How many reasons an unresolved policy names.
const REASONS: usize = 3;

/// What one policy gives.
#[derive(Debug, Default)]
pub(crate) struct Judgement {
    pub drafts: Vec<Draft>,
    pub unresolved: Option<Unresolved>,
}

/// A policy in one of the worlds in which it exists.
struct InWorld {
    world: World,
    reach: Reach,
}

/// What is certain or possible for one family.
struct Verdict {
    family: IpFamily,
    rule: RuleId,
    certain: bool,
    /// What gets out, of this family, in the worlds in which it fires.
    allows: PacketSet,
    /// The first world in which this very rule fires.
    shown: usize,
    /// Every world in which it, or its like, fires.
    firing: Vec<usize>,
}

/// Judges `policy`, in at most `limit` worlds.
pub(crate) fn judge(policy: &Policy, estate: &Estate, limit: usize) -> Judgement {
    let policy = &*as_declared(policy);
    let (cases, gap) = cases(policy, estate, limit);
    if cases.is_empty() && gap.is_none() {
        return Judgement::default();
    }
    let verdicts: Vec<Verdict> =
        IpFamily::BOTH.into_iter().filter_map(|family| verdict(policy, &cases, family)).collect();
    let mut decided: Vec<IpFamily> = verdicts.iter().map(|verdict| verdict.family).collect();
    let mut more = Vec::new();
    if gap.is_some() {
        for family in IpFamily::BOTH.into_iter().filter(|family| !decided.contains(family)) {
            more.extend(alternative(policy, estate, family, limit));
        }
        decided.extend(more.iter().map(|(_, _, verdict)| verdict.family));
    }
    let unresolved = unresolved(policy, estate, &cases, &decided, gap);
    let mut drafts = drafts(policy, estate, &cases, verdicts);
    for (part, cases, verdict) in more {
        drafts.extend(self::drafts(&part, estate, &cases, vec![verdict]));
    }
    drafts.extend(ignored::drafts(policy, &cases));
    Judgement { drafts, unresolved }
}

/// A policy that the code only declares says nothing by what is left out: nothing is made of it.
fn as_declared(policy: &Policy) -> Cow<'_, Policy> {
    let silent = |cause: &Cause| !matches!(cause, Cause::Written);
    if policy.confirmation == Confirmation::Created || !policy.rules.iter().any(|r| silent(&r.cause)) {
        return Cow::Borrowed(policy);
    }
    let mut policy = policy.clone();
    policy.rules.retain(|rule| !silent(&rule.cause));
    Cow::Owned(policy)
}

/// The policy in every world in which it exists. Where there are too many, what holds in all of them, and
/// why there is no more.
fn cases(policy: &Policy, estate: &Estate, limit: usize) -> (Vec<InWorld>, Option<Reason>) {
    match policy::worlds_of(policy, estate, limit) {
        Ok(worlds) => {
            let cases = worlds.into_iter().map(|world| {
                let reach = policy::in_world(policy, estate, &world);
                InWorld { world, reach }
            });
            (cases.collect(), None)
        }
        Err(reason) => {
            let floor = policy::in_every_world(policy, estate).unwrap_or_default();
            (vec![InWorld { world: World::default(), reach: floor }], Some(reason))
        }
    }
}

/// How many rules are looked at one by one.
const ONE_BY_ONE: usize = 256;

/// Of a group in more worlds than anyone looks at: a rule that opens it together with those that are always there. Every
/// rule of a group only adds, so in a world with that rule at least as much gets out.
fn alternative(
    policy: &Policy,
    estate: &Estate,
    family: IpFamily,
    limit: usize,
) -> Option<(Policy, Vec<InWorld>, Verdict)> {
    if policy.kind.is_ordered() || !policy.opaque.is_empty() {
        return None;
    }
    let always = |rule: &Rule| rule.guard == Guard::Always;
    let floor: Vec<&Rule> = policy.rules.iter().filter(|rule| always(rule)).collect();
    let frame = Policy { rules: Vec::new(), ignored: Vec::new(), ..policy.clone() };
    let others = policy.rules.iter().filter(|rule| !always(rule) && rule.direction == Direction::Egress);
    others.take(ONE_BY_ONE).find_map(|rule| {
        let rules = floor.iter().copied().chain([rule]).cloned().collect();
        let part = Policy { rules, ..frame.clone() };
        let (cases, gap) = cases(&part, estate, limit);
        if gap.is_some() {
            return None;
        }
        let verdict = verdict(&part, &cases, family)?;
        Some((part, cases, Verdict { certain: false, ..verdict }))
    })
}

/// The first rule that fires for a family.
fn first(
    policy: &Policy,
    family: IpFamily,
    set: &PacketSet,
    by_default: &PacketSet,
    v4: &PacketSet,
) -> Option<RuleId> {
    // What goes out by default is part of what goes out: a rule has nothing to fire at.
    if !set.has(family) {
        return None;
    }
    let view = View { kind: policy.kind, family, set, by_default, over_ipv4: v4 };
    RuleId::ALL.into_iter().find(|rule| rule.rule().fires(&view))
}

/// Whether two rules say the same of a policy: both say that everything gets out.
fn alike(a: RuleId, b: RuleId) -> bool {
    a == b || (a.is_open() && b.is_open())
}

fn verdict(policy: &Policy, cases: &[InWorld], family: IpFamily) -> Option<Verdict> {
    // For certain, IPv4 restricts only what it may not let out whatever the unknowns are.
    let picks: Vec<Option<RuleId>> = cases
        .iter()
        .map(|case| {
            let Reach { must, may, must_by_default, .. } = &case.reach;
            first(policy, family, must, must_by_default, may)
        })
        .collect();
    let rule = picks.iter().flatten().min().copied()?;
    let shown = picks.iter().position(|pick| *pick == Some(rule))?;
    let firing: Vec<usize> = picks
        .iter()
        .enumerate()
        .filter(|(_, pick)| pick.is_some_and(|pick| alike(pick, rule)))
        .map(|(index, _)| index)
        .collect();
    let all = AddressSet::all(family);
    let allows = PacketSet::union_all(
        firing
            .iter()
            .filter_map(|index| cases.get(*index))
            .map(|case| case.reach.must.restrict(family, &all)),
    );
    Some(Verdict { family, rule, certain: firing.len() == cases.len(), allows, shown, firing })
}

/// The findings of a policy: families that say the same are one.
fn drafts(policy: &Policy, estate: &Estate, cases: &[InWorld], verdicts: Vec<Verdict>) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = Vec::new();
    for verdict in verdicts {
        let next = draft(policy, estate, cases, &verdict);
        match drafts.iter_mut().find(|draft| alike(draft.rule, verdict.rule)) {
            Some(draft) => merge(draft, next),
            None => drafts.push(next),
        }
    }
    let call = policy.direct_call.and_then(|index| estate.direct_calls.get(index));
    if let Some(reported) = call.and_then(s6463::reported) {
        for draft in drafts.iter_mut().filter(|draft| draft.rule.is_open()) {
            draft.aliases.insert(0, select::S6463);
            if draft.rule == reported.rule && draft.families.contains(&IpFamily::V4) {
                draft.message = Some(reported.message);
                draft.place = reported.place.clone();
                draft.related.splice(0..0, reported.related.iter().cloned());
            }
        }
    }
    for draft in &mut drafts {
        tidy(&mut draft.related, &draft.place);
    }
    drafts
}

fn draft(policy: &Policy, estate: &Estate, cases: &[InWorld], verdict: &Verdict) -> Draft {
    let confidence = match (policy.confirmation, verdict.certain) {
        (Confirmation::Declared, _) => Confidence::Declared,
        (Confirmation::Created, true) => Confidence::Certain,
        (Confirmation::Created, false) => Confidence::Possible,
    };
    let mut draft = Draft::of(policy, verdict.rule, confidence);
    draft.families = vec![verdict.family];
    draft.allows = verdict.allows.clone();
    if let Some(case) = cases.get(verdict.shown) {
        locate::locate(&mut draft, policy, &case.reach, verdict.family);
    }
    if !verdict.certain {
        let worlds: Vec<&World> = cases.iter().map(|case| &case.world).collect();
        if let Some(when) = when::when(estate, &worlds, &verdict.firing) {
            draft.related.extend(when.steps);
            draft.when = Some(when.text);
        }
    }
    draft
}

/// Takes a second family into a finding.
fn merge(draft: &mut Draft, other: Draft) {
    for family in &other.families {
        if other.place != draft.place {
            draft.related.push(Step {
                message: format!("this is what goes out over {}", words::family(*family)),
                place: other.place.clone(),
            });
        }
    }
    draft.families.extend(other.families);
    draft.allows = draft.allows.union(&other.allows);
    draft.related.extend(other.related);
    if other.confidence < draft.confidence {
        draft.confidence = other.confidence;
    }
    // What holds for one of the families only is no condition of the finding.
    if draft.confidence == Confidence::Certain {
        draft.when = None;
    }
}

/// No place twice, none that is the primary one, and not more than anyone reads.
fn tidy(related: &mut Vec<Step>, place: &tidegate_estate::Place) {
    let mut seen = BTreeSet::new();
    related.retain(|step| step.place != *place && seen.insert((step.place.clone(), step.message.clone())));
    related.truncate(RELATED);
}

/// What might get out of a family, less what is too small to matter wherever it lies: `${address}/32` is one address,
/// and no rule is about one address.
fn might<'r>(policy: &Policy, family: IpFamily, reach: &'r Reach) -> Cow<'r, PacketSet> {
    let narrow = |unknown: &policy::Unknown| {
        unknown.at_most.filter(|_| policy.kind == PolicyKind::SecurityGroup && unknown.adds.has(family))
    };
    let small: f64 = reach.unknowns.iter().filter_map(narrow).map(|addresses| addresses as f64).sum();
    if small == 0.0 {
        return Cow::Borrowed(&reach.may);
    }
    let rest = reach.unknowns.iter().filter(|unknown| narrow(unknown).is_none());
    let rest = PacketSet::union_all(rest.map(|unknown| unknown.adds.clone()).chain([reach.must.clone()]));
    // Fewer addresses than the family's Internet has, so that shares come out too large rather than too small.
    let whole = match family {
        IpFamily::V4 => 2f64.powi(31),
        IpFamily::V6 => 2f64.powi(124),
    };
    match measure::share_reached(&rest, family) + small / whole > measure::LARGE {
        true => Cow::Borrowed(&reach.may),
        false => Cow::Owned(rest),
    }
}

/// What nobody can know and what could fire a rule in a family that has no finding.
fn unresolved(
    policy: &Policy,
    estate: &Estate,
    cases: &[InWorld],
    decided: &[IpFamily],
    gap: Option<Reason>,
) -> Option<Unresolved> {
    let mut reasons: Vec<Reason> = Vec::new();
    for family in IpFamily::BOTH {
        if decided.contains(&family) {
            continue;
        }
        // Not every world was looked at; where the peers of all of them reach nothing, that is no question.
        if let Some(gap) = &gap {
            let ceiling = policy::in_any_world(policy, estate);
            if first(policy, family, &ceiling, &PacketSet::empty(), &PacketSet::empty()).is_some() {
                reasons.push(gap.clone());
            }
        }
        for case in cases {
            let reach = &case.reach;
            if reach.unknowns.is_empty() {
                continue;
            }
            let most = might(policy, family, reach);
            if first(policy, family, &most, &PacketSet::empty(), &reach.must).is_none() {
                continue;
            }
            let public = tidegate_space::internet::addresses(family);
            let matters = reach.unknowns.iter().filter(|u| !u.adds.restrict(family, public).is_empty());
            reasons.extend(matters.map(|unknown| unknown.reason.clone()));
        }
    }
    let mut seen = BTreeSet::new();
    reasons.retain(|reason| seen.insert((reason.text.clone(), reason.place.clone())));
    if reasons.is_empty() || policy.exists == Guard::Never {
        return None;
    }
    let mut texts: Vec<String> = Vec::new();
    for reason in &reasons {
        if !texts.iter().any(|text| **text == *reason.text) {
            texts.push(reason.text.to_string());
        }
    }
    let more = texts.len().saturating_sub(REASONS);
    texts.truncate(REASONS);
    let mut reason = texts.join("; ");
    if more > 0 {
        reason.push_str(&format!("; and {more} more reasons"));
    }
    let mut related = policy.chain.clone();
    related.extend(reasons.iter().filter_map(|reason| {
        reason.place.clone().map(|place| Step { message: reason.text.to_string(), place })
    }));
    tidy(&mut related, &policy.place);
    Some(Unresolved { subject: Subject::of(policy), place: policy.place.clone(), reason, related })
}
