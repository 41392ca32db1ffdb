//! Rules without effect: those a reader says are ignored, and entries of an ordered policy that come too late.

use super::InWorld;
use crate::draft::Draft;
use crate::finding::Confidence;
use crate::rules::RuleId;
use crate::words;
use std::collections::{BTreeMap, BTreeSet};
use tidegate_estate::{
    Action, Cause, Direction, Guard, Peer, Place, Policy, PolicyKind, PortMatch, ProtocolMatch, Rule, World,
};

pub(super) fn drafts(policy: &Policy, cases: &[InWorld]) -> Vec<Draft> {
    let mut drafts = Vec::new();
    // One per place: a loop over peers writes many rules in one.
    let mut places: BTreeMap<&Place, Vec<&tidegate_estate::Ignored>> = BTreeMap::new();
    for ignored in &policy.ignored {
        places.entry(&ignored.place).or_default().push(ignored);
    }
    for (place, list) in places {
        let ignored_in = |case: &InWorld| list.iter().any(|one| one.guard.holds(&case.world));
        let certain = list.iter().any(|one| one.guard == Guard::Always) || cases.iter().all(ignored_in);
        if !certain && !cases.iter().any(ignored_in) {
            continue;
        }
        let Some(first) = list.first() else { continue };
        let mut looks: Vec<String> = list.iter().map(|one| one.rule.clone()).collect();
        looks.dedup();
        let mut draft = draft(policy, place, certain, words::some(&looks), first.why.clone());
        draft.related.extend(first.chain.iter().cloned());
        drafts.push(draft);
    }
    drafts.extend(shadowed(policy, cases));
    drafts
}

/// Entries that earlier ones leave nothing to decide, in every world in which they are there.
fn shadowed(policy: &Policy, cases: &[InWorld]) -> Vec<Draft> {
    let late = |index: usize, rule: &Rule| {
        let mut there = cases.iter().filter(|case| rule.guard.holds(&case.world)).peekable();
        there.peek().is_some() && there.all(|case| case.reach.shadowed.contains(&index))
    };
    let candidate = |rule: &Rule| rule.direction == Direction::Egress && rule.cause == Cause::Written;
    // A written rule with lists of destinations and ports is several here: some of them may count.
    let counts: BTreeSet<&Place> = policy
        .rules
        .iter()
        .enumerate()
        .filter(|(index, rule)| candidate(rule) && !late(*index, rule))
        .map(|(_, rule)| &rule.place)
        .filter(|_| matches!(policy.kind, PolicyKind::NetworkSecurityGroup | PolicyKind::VpcFirewall))
        .collect();
    policy
        .rules
        .iter()
        .enumerate()
        .filter(|(index, rule)| candidate(rule) && late(*index, rule) && !counts.contains(&rule.place))
        .map(|(_, rule)| {
            let certain = cases.iter().all(|case| rule.guard.holds(&case.world));
            let looks = cases.first().map_or_else(String::new, |case| looks(rule, &case.world));
            let why = match policy.kind {
                PolicyKind::VpcFirewall => {
                    "rules with lower numbers, or that deny under the same one, decide about all of its packets"
                }
                _ => "entries with lower numbers decide about all of its packets",
            };
            let why = why.to_owned();
            let mut draft = draft(policy, &rule.place, certain, looks, why);
            draft.related.extend(rule.chain.iter().cloned());
            draft
        })
        .collect()
}

fn draft(policy: &Policy, place: &Place, certain: bool, looks: String, why: String) -> Draft {
    let confidence = if certain { Confidence::Certain } else { Confidence::Possible };
    let mut draft = Draft::of(policy, RuleId::IgnoredEgressRule, confidence);
    draft.place = place.clone();
    draft.ignored = Some((looks, why));
    draft.related.retain(|step| step.place != *place);
    draft
}

/// What an entry looks like, as far as it is known: `deny 200: tcp/443 to 10.0.0.0/8`.
fn looks(rule: &Rule, world: &World) -> String {
    let action = match rule.action {
        Action::Allow => "allow",
        Action::Deny => "deny",
    };
    let number = match rule.priority.as_ref().map(|number| number.in_world(world)) {
        Some(Ok(Some(number))) => format!(" {number}"),
        _ => String::new(),
    };
    let service = match (rule.protocol.in_world(world), rule.ports.in_world(world)) {
        (Ok(Some(ProtocolMatch::Any)), _) => "everything".to_owned(),
        (Ok(Some(ProtocolMatch::Number(number))), ports) => {
            let name = crate::allows::protocol_name(*number);
            match ports {
                Ok(Some(PortMatch::Range(from, to))) if from == to => format!("{name}/{from}"),
                Ok(Some(PortMatch::Range(from, to))) => format!("{name}/{from}-{to}"),
                _ => name,
            }
        }
        _ => "something".to_owned(),
    };
    let peer = match rule.peer.in_world(world) {
        Ok(Some(Peer::Cidr(block))) => format!(" to {block}"),
        _ => String::new(),
    };
    format!("{action}{number}: {service}{peer}")
}
