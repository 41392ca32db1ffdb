//! In how many ways a policy's conditions can fall.

use std::collections::BTreeSet;
use tidegate_estate::{ChoiceId, Estate, Peer, Policy, Reason, Rule, Value, World, worlds};

/// Every world in which `policy` exists, told apart by the choices it depends on.
///
/// An error says why they were not listed: there are more than `limit` of them.
pub fn worlds_of(policy: &Policy, estate: &Estate, limit: usize) -> Result<Vec<World>, Reason> {
    let mut choices = policy.choices();
    for rule in &policy.rules {
        choices_of_lists(&rule.peer, estate, &mut choices);
    }
    choices.retain(|choice| choice.among(&estate.choices).is_some());
    if choices.is_empty() {
        let world = World::default();
        return Ok(if policy.exists.holds(&world) { vec![world] } else { vec![] });
    }
    let Some(all) = worlds(estate, &choices, limit) else {
        return Err(Reason::new(format!(
            "depends on {} conditions and parameters, more than {limit} combinations of them",
            choices.len()
        )));
    };
    Ok(all.into_iter().filter(|world| policy.exists.holds(world)).collect())
}

/// Every choice one rule depends on, through its prefix lists too. Its guard counts.
pub(super) fn choices_of_rule(rule: &Rule, estate: &Estate) -> BTreeSet<ChoiceId> {
    let mut found = rule.protocol.choices();
    rule.guard.collect_choices(&mut found);
    found.extend(rule.ports.choices());
    found.extend(rule.peer.choices());
    if let Some(priority) = &rule.priority {
        found.extend(priority.choices());
    }
    choices_of_lists(&rule.peer, estate, &mut found);
    found
}

fn choices_of_lists(peer: &Value<Peer>, estate: &Estate, into: &mut BTreeSet<ChoiceId>) {
    match peer {
        Value::Known(Peer::PrefixList(index)) => {
            for (guard, entry) in estate.prefix_lists.get(*index).map_or(&[][..], |list| &list.entries) {
                guard.collect_choices(into);
                into.extend(entry.choices());
            }
        }
        Value::OneOf(alternatives) => {
            alternatives.iter().for_each(|(_, value)| choices_of_lists(value, estate, into));
        }
        Value::Known(_) | Value::Unknown(_) => {}
    }
}
