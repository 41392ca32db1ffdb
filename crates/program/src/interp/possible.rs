//! Whether a guard can hold at all, or where the current statement is reached.

use super::Interp;
use crate::guards::{cost, joining, simplify};
use crate::host::Host;
use crate::work::count;
use std::collections::BTreeSet;
use tidegate_estate::{ChoiceId, Guard, World};

/// How many worlds are looked at to see whether a guard can hold.
const MAX_WORLDS: usize = 256;

impl<H: Host> Interp<H> {
    /// Whether a guard holds in no world. Exact for few choices; for many, judged from its literals.
    pub(crate) fn impossible(&self, guard: &Guard) -> bool {
        match guard {
            Guard::Never => return true,
            Guard::Always | Guard::Is(..) => return false,
            _ => {}
        }
        if guard.is_unwieldy() {
            return false;
        }
        let parts = guard.parts();
        count(cost(1, parts));
        let mut choices = BTreeSet::new();
        guard.collect_choices(&mut choices);
        let sizes: Vec<(ChoiceId, u32)> = choices
            .into_iter()
            .map(|id| (id, id.among(&self.choices).map_or(1, |c| c.alternatives.len().max(1) as u32)))
            .collect();
        let worlds = sizes.iter().try_fold(1usize, |all, (_, size)| all.checked_mul(*size as usize));
        let Some(worlds) = worlds.filter(|worlds| *worlds <= MAX_WORLDS) else {
            return guard.contradicts(guard);
        };
        let possible = (0..worlds).position(|number| {
            let mut left = number as u32;
            let mut fixed = Vec::with_capacity(sizes.len());
            for (id, size) in &sizes {
                fixed.push((*id, left % size));
                left /= size;
            }
            guard.holds(&World::new(fixed))
        });
        count(cost(possible.map_or(worlds, |before| before + 1), parts));
        possible.is_none()
    }

    /// Whether `guard` cannot hold where `here` does.
    pub(crate) fn excludes(&self, here: &Guard, guard: &Guard) -> bool {
        count(joining(here, guard));
        if here.contradicts(guard) {
            return true;
        }
        // Literals say all: looking into the worlds would find nothing more.
        let plain = here.is_literal() && guard.is_literal();
        !plain && self.impossible(&here.clone().and(guard.clone()))
    }

    /// The guard, or what it comes to under the guard of the current statement.
    pub(crate) fn settled(&mut self, guard: Guard) -> Guard {
        let guard = simplify(guard);
        if matches!(guard, Guard::Always | Guard::Never) {
            return guard;
        }
        let here = self.guard();
        if self.impossible(&here.clone().and(guard.clone())) {
            Guard::Never
        } else if self.impossible(&here.and(guard.clone().negate())) {
            Guard::Always
        } else {
            guard
        }
    }
}
