//! Groups: every rule allows, their order does not matter, the policy is their union.

use super::rule::Matched;
use super::{Behind, Bounds, Contribution, Reach, Unknown, by_default, rule};
use tidegate_estate::{Action, Direction, Estate, Policy, World};
use tidegate_space::PacketSet;

pub(super) fn reach(policy: &Policy, estate: &Estate, world: &World, direction: Direction) -> Reach {
    let mut reach = Reach::default();
    let mut must = Vec::new();
    let mut may = Vec::new();
    let mut default = Vec::new();
    for (index, rule) in policy.rules.iter().enumerate() {
        if rule.direction != direction || rule.action != Action::Allow || !rule.guard.holds(world) {
            continue;
        }
        let Matched { must: sure, may: perhaps, unknowns, at_most } =
            rule::matched(rule, policy.provider, estate, world);
        if !unknowns.is_empty() {
            let adds = perhaps.difference(&sure);
            reach.unknowns.extend(unknowns.into_iter().map(|reason| Unknown {
                reason,
                adds: adds.clone(),
                at_most,
            }));
        }
        if !sure.is_empty() {
            if by_default(&rule.cause) {
                default.push(sure.clone());
            }
            reach.contributions.push(Contribution { rule: index, set: sure.clone() });
            must.push(sure);
        }
        if !perhaps.is_empty() {
            may.push(perhaps);
        }
    }
    let (same, all_by_default) = (must == may, default.len() == must.len());
    reach.must = PacketSet::union_all(must);
    reach.may = if same { reach.must.clone() } else { PacketSet::union_all(may) };
    reach.must_by_default = if all_by_default { reach.must.clone() } else { PacketSet::union_all(default) };
    reach
}

/// What the rules let through, members of groups and blocks of vendors' lists included, and not which rule does.
pub(super) fn bounds(
    policy: &Policy,
    estate: &Estate,
    world: &World,
    direction: Direction,
    behind: Behind<'_>,
) -> Bounds {
    let (mut must, mut may) = (Vec::new(), Vec::new());
    let mut certain = true;
    for rule in &policy.rules {
        if rule.direction != direction || rule.action != Action::Allow || !rule.guard.holds(world) {
            continue;
        }
        let own = rule::matched(rule, policy.provider, estate, world);
        let others = rule::behind(rule, policy.provider, world, behind);
        for (sure, perhaps) in [(own.must, own.may)].into_iter().chain(others) {
            certain &= sure == perhaps;
            must.push(sure);
            may.push(perhaps);
        }
    }
    let must = PacketSet::union_all(must);
    if certain { Bounds::exactly(must) } else { Bounds::between(must, PacketSet::union_all(may)) }
}
