//! Ordered policies: rules in the order of their numbers, the first that matches decides, and what no rule matches is
//! denied. (Platforms that allow it instead have a last rule that says so.)

use super::rule::{self, Matched};
use super::{Contribution, Reach, Unknown, by_default};
use tidegate_estate::{Action, Direction, Estate, Policy, PolicyKind, Reason, Rule, World};
use tidegate_space::PacketSet;

pub(super) fn reach(policy: &Policy, estate: &Estate, world: &World, direction: Direction) -> Reach {
    let mut reach = Reach::default();
    let (ordered, anywhere) = in_order(policy, world, direction);

    // Packets that no rule has decided for certain yet, and those that some way of filling in the
    // unknowns allows or denies.
    let mut open = PacketSet::everything();
    let mut allowed = PacketSet::empty();
    let mut denied = PacketSet::empty();
    // What rules that nobody wrote would let out by themselves, had nobody written any that allow; and what may be
    // denied before them.
    let mut default = PacketSet::empty();
    let mut taken = PacketSet::empty();

    for (index, rule) in ordered {
        let Matched { must, may, unknowns, .. } = rule::matched(rule, policy.provider, estate, world);
        let perhaps = open.intersection(&may);
        let sure = open.intersection(&must);
        match rule.action {
            Action::Deny => taken = taken.union(&may),
            Action::Allow if by_default(&rule.cause) => default = default.union(&must.difference(&taken)),
            Action::Allow => {}
        }
        if perhaps.is_empty() {
            // A rule that matches nothing at all is no rule that came too late.
            if !may.is_empty() {
                reach.shadowed.push(index);
            }
            continue;
        }
        note(&mut reach, unknowns, &perhaps.difference(&sure));
        match rule.action {
            Action::Allow => {
                allowed = allowed.union(&perhaps);
                reach.contributions.push(Contribution { rule: index, set: sure.clone() });
            }
            Action::Deny => denied = denied.union(&perhaps),
        }
        open = open.difference(&must);
    }
    denied = denied.union(&open);
    for (rule, reason) in anywhere {
        let matched = rule::matched(rule, policy.provider, estate, world);
        match rule.action {
            Action::Allow => allowed = allowed.union(&matched.may),
            Action::Deny => denied = denied.union(&matched.may),
        }
        let mut reasons = vec![reason];
        reasons.extend(matched.unknowns);
        note(&mut reach, reasons, &matched.may);
    }
    reach.must = allowed.difference(&denied);
    reach.must_by_default = default.intersection(&reach.must);
    for contribution in &mut reach.contributions {
        contribution.set = contribution.set.intersection(&reach.must);
    }
    reach.contributions.retain(|c| !c.set.is_empty());
    reach.may = allowed;
    reach
}

fn note(reach: &mut Reach, reasons: Vec<Reason>, adds: &PacketSet) {
    reach.unknowns.extend(reasons.into_iter().map(|reason| Unknown {
        reason,
        adds: adds.clone(),
        at_most: None,
    }));
}

type Ordered<'a> = Vec<(usize, &'a Rule)>;
type Anywhere<'a> = Vec<(&'a Rule, Reason)>;

/// The rules of one direction in `world` by number, and those whose number nobody knows.
fn in_order<'a>(policy: &'a Policy, world: &World, direction: Direction) -> (Ordered<'a>, Anywhere<'a>) {
    let mut ordered = Vec::new();
    let mut anywhere = Vec::new();
    for (index, rule) in policy.rules.iter().enumerate() {
        if rule.direction != direction || !rule.guard.holds(world) {
            continue;
        }
        match rule.priority.as_ref().map(|priority| priority.in_world(world)) {
            Some(Ok(Some(number))) => ordered.push((*number, index, rule)),
            Some(Err(reason)) => anywhere.push((rule, reason.clone())),
            Some(Ok(None)) | None => {
                anywhere.push((rule, Reason::at("the entry has no rule number", rule.place.clone())));
            }
        }
    }
    // In Google Cloud rules may share a number: then what denies goes first, and what the platform itself adds last.
    // (VPC documentation, "Firewall rules": priority, implied rules.)
    let rank = |rule: &Rule| match policy.kind {
        PolicyKind::VpcFirewall => (by_default(&rule.cause), rule.action == Action::Allow),
        _ => (false, false),
    };
    ordered.sort_by_key(|(number, index, rule)| (*number, rank(rule), *index));
    (ordered.into_iter().map(|(_, index, rule)| (index, rule)).collect(), anywhere)
}
