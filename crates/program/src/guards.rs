//! Keeps guards small: one that has grown is written again as a decision over its choices, and one that will not
//! shrink becomes a question of its own. Guards share their parts, so what is small to keep may be endless to walk.

use crate::work::{self, count};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use tidegate_estate::{ChoiceId, Guard, World};

/// A guard of fewer parts is left as it is.
const SMALL: usize = 24;

/// A guard of so many parts is not even walked through.
const WALKED: usize = 20_000;

/// Joining two guards costs as much as looking at their parts in so many worlds.
const JOINING: usize = 4;

/// How many worlds a guard may tell apart to be written again.
const MAX_WORLDS: usize = 64;

/// Stands for every alternative of a choice that the guard does not name.
const OTHERS: u32 = u32::MAX;

thread_local! {
    /// Questions asked so far by the analysis of this thread.
    static ASKED: Cell<u32> = const { Cell::new(0) };
}

/// What looking at a guard in so many worlds costs, in steps of the analysis: the part of a step that one part of
/// a guard takes is far below one.
pub(crate) fn cost(worlds: usize, parts: usize) -> u64 {
    (worlds as u64).saturating_mul(parts as u64) / 64
}

/// An analysis begins: questions are numbered from 0, and nothing is owed.
pub(crate) fn begin() {
    ASKED.set(0);
    work::take();
}

/// The same guard, in fewer parts if it has many. One that has very many and cannot be written in fewer becomes a
/// question of its own: that makes more worlds than there are, but none is lost.
pub(crate) fn simplify(guard: Guard) -> Guard {
    let parts = guard.parts();
    if parts < SMALL {
        return guard;
    }
    if parts >= WALKED {
        count(cost(1, WALKED));
        return question();
    }
    let mut named: BTreeMap<ChoiceId, BTreeSet<u32>> = BTreeMap::new();
    let worlds = if collect(&guard, &mut named) {
        named.values().try_fold(1usize, |all, a| all.checked_mul(a.len() + 1))
    } else {
        None
    };
    if worlds.is_none_or(|worlds| worlds > MAX_WORLDS) {
        count(cost(1, parts));
        return if guard.is_unwieldy() { question() } else { guard };
    }
    count(cost(worlds.unwrap_or(1), parts));
    let named: Vec<(ChoiceId, Vec<u32>)> =
        named.into_iter().map(|(id, alternatives)| (id, alternatives.into_iter().collect())).collect();
    decide(&guard, &named, &mut Vec::new())
}

/// What joining two guards costs, in steps.
pub(crate) fn joining(a: &Guard, b: &Guard) -> u64 {
    cost(JOINING, a.parts().saturating_add(b.parts()).min(WALKED))
}

/// Both, in few parts.
pub(crate) fn and(a: &Guard, b: &Guard) -> Guard {
    count(joining(a, b));
    simplify(a.clone().and(b.clone()))
}

/// At least one, in few parts.
pub(crate) fn or(a: Guard, b: Guard) -> Guard {
    count(joining(&a, &b));
    simplify(a.or(b))
}

fn question() -> Guard {
    let number = ASKED.get();
    ASKED.set(number.wrapping_add(1));
    Guard::is(ChoiceId::nameless(number), 0)
}

/// Notes the choices that a guard names, with their alternatives; `false` once they tell too many worlds apart.
fn collect(guard: &Guard, into: &mut BTreeMap<ChoiceId, BTreeSet<u32>>) -> bool {
    match guard {
        Guard::Always | Guard::Never => true,
        Guard::Is(choice, alternative) => {
            into.entry(*choice).or_default().insert(*alternative);
            into.len() <= MAX_WORLDS.ilog2() as usize
        }
        Guard::Not(inner) => collect(inner, into),
        Guard::All(list) | Guard::Any(list) => list.iter().all(|part| collect(part, into)),
    }
}

fn decide(guard: &Guard, named: &[(ChoiceId, Vec<u32>)], fixed: &mut Vec<(ChoiceId, u32)>) -> Guard {
    let Some(((choice, alternatives), rest)) = named.split_first() else {
        return if guard.holds(&World::new(fixed.clone())) { Guard::Always } else { Guard::Never };
    };
    let mut under = |alternative| {
        fixed.push((*choice, alternative));
        let part = decide(guard, rest, fixed);
        fixed.pop();
        part
    };
    let otherwise = under(OTHERS);
    let mut result = Guard::Never;
    let mut others = Guard::Always;
    for alternative in alternatives {
        let part = under(*alternative);
        if part != otherwise {
            let is = Guard::is(*choice, *alternative);
            others = others.and(is.clone().negate());
            result = result.or(is.and(part));
        }
    }
    result.or(others.and(otherwise))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guard_that_has_grown_means_the_same_in_fewer_parts() {
        let [a, b] = [0, 1].map(|id| Guard::is(ChoiceId(id), 0));
        let mut grown = a.clone();
        for _ in 0..7 {
            grown = b.clone().negate().and(grown.clone()).or(b
                .clone()
                .and(grown)
                .or(a.clone().negate())
                .negate());
        }
        let small = simplify(grown.clone());
        assert!(small.parts() < SMALL);
        for bits in 0..4u32 {
            let world = World::new(vec![(ChoiceId(0), bits & 1), (ChoiceId(1), bits >> 1)]);
            assert_eq!(small.holds(&world), grown.holds(&world));
        }
    }
}
