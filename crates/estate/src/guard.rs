//! Conditions under which a fact holds, and the worlds they make.

use crate::{Estate, Place};
use rustc_hash::{FxHashSet, FxHasher};
use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::{Arc, LazyLock};
use triomphe::ThinArc;

/// Names a [`Choice`] of one [`Estate`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChoiceId(pub u32);

impl ChoiceId {
    /// A question that stands for a condition too large to carry on: no list of choices has it, and it is true
    /// (alternative 0) or false. `number` tells those of one estate apart.
    pub fn nameless(number: u32) -> Self {
        Self(number | 1 << 31)
    }

    /// Whether it is one of those.
    pub fn is_nameless(self) -> bool {
        self.0 >> 31 == 1
    }

    /// What is chosen, where `choices` are those of its estate.
    pub fn among(self, choices: &[Choice]) -> Option<&Choice> {
        static NAMELESS: LazyLock<Choice> = LazyLock::new(|| Choice {
            name: "a test of very many conditions".into(),
            alternatives: vec!["true".into(), "false".into()],
            place: None,
        });
        if self.is_nameless() { Some(&NAMELESS) } else { choices.get(self.0 as usize) }
    }
}

/// Something the input leaves open in writing: a condition, a parameter with listed values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is chosen, in words ("condition IsProd").
    pub name: String,
    /// What each alternative is called. At least one.
    pub alternatives: Vec<String>,
    /// Where the choice is written.
    pub place: Option<Place>,
}

/// A condition over choices.
///
/// Guards share their parts, so one that takes little memory may be endless to walk: each knows how many parts it
/// has. Equal means written the same way; of two unwieldy ones that were built apart nobody looks closer, and they
/// count as different.
#[derive(Debug, Clone)]
pub enum Guard {
    /// Holds in every world.
    Always,
    /// Holds in none.
    Never,
    /// Holds where the choice takes this alternative.
    Is(ChoiceId, u32),
    /// Holds where the inner one does not.
    Not(Arc<Guard>),
    /// Holds where all do.
    All(Parts),
    /// Holds where at least one does.
    Any(Parts),
}

/// The parts of a guard, shared by all that have it in them.
#[derive(Debug, Clone)]
pub struct Parts(ThinArc<Measure, Guard>);

/// What is known of some parts without walking them.
#[derive(Debug)]
struct Measure {
    /// How many there are in all depths.
    count: usize,
    /// Different for parts that are written differently, but for chance.
    hash: u64,
}

impl Parts {
    fn new(list: Vec<Guard>) -> Self {
        let mut hasher = FxHasher::default();
        list.hash(&mut hasher);
        let count = list.iter().fold(0usize, |all, part| all.saturating_add(part.parts()));
        Parts(ThinArc::from_header_and_iter(Measure { count, hash: hasher.finish() }, list.into_iter()))
    }
}

impl Deref for Parts {
    type Target = [Guard];

    fn deref(&self) -> &[Guard] {
        &self.0.slice
    }
}

impl PartialEq for Parts {
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (&self.0.header.header, &other.0.header.header);
        std::ptr::eq(self.0.as_ptr(), other.0.as_ptr())
            || (a.hash == b.hash && a.count == b.count && a.count < UNWIELDY && **self == **other)
    }
}

impl Eq for Parts {}

impl Hash for Parts {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.header.header.hash.hash(state);
    }
}

impl PartialEq for Guard {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Guard::Always, Guard::Always) | (Guard::Never, Guard::Never) => true,
            (Guard::Is(a, x), Guard::Is(b, y)) => a == b && x == y,
            (Guard::Not(a), Guard::Not(b)) => Arc::ptr_eq(a, b) || a == b,
            (Guard::All(a), Guard::All(b)) | (Guard::Any(a), Guard::Any(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Guard {}

impl Hash for Guard {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
        match self {
            Guard::Always | Guard::Never => {}
            Guard::Is(choice, alternative) => (choice.0, alternative).hash(state),
            Guard::Not(inner) => inner.hash(state),
            Guard::All(parts) | Guard::Any(parts) => parts.hash(state),
        }
    }
}

/// A guard of so many parts is unwieldy.
const UNWIELDY: usize = 500;

impl Guard {
    /// Holds where `choice` takes its `alternative`-th alternative (from 0).
    pub fn is(choice: ChoiceId, alternative: u32) -> Self {
        Guard::Is(choice, alternative)
    }

    /// Both.
    pub fn and(self, other: Guard) -> Guard {
        match (self, other) {
            (Guard::Never, _) | (_, Guard::Never) => Guard::Never,
            (Guard::Always, guard) | (guard, Guard::Always) => guard,
            (a, b) if a == b => a,
            (a, b) => Guard::all([a, b]),
        }
    }

    /// At least one.
    pub fn or(self, other: Guard) -> Guard {
        match (self, other) {
            (Guard::Always, _) | (_, Guard::Always) => Guard::Always,
            (Guard::Never, guard) | (guard, Guard::Never) => guard,
            (a, b) if a == b => a,
            (a, b) => Guard::any([a, b]),
        }
    }

    /// All of them: the same as joining them one by one with [`Guard::and`], in less time.
    pub fn all(guards: impl IntoIterator<Item = Guard>) -> Guard {
        let parts_of = |guard: &Guard| if let Guard::All(parts) = guard { Some(parts.clone()) } else { None };
        Self::joined(guards, Guard::Always, Guard::Never, parts_of, Guard::All)
    }

    /// At least one of them: the same as joining them one by one with [`Guard::or`], in less time.
    pub fn any(guards: impl IntoIterator<Item = Guard>) -> Guard {
        let parts_of = |guard: &Guard| if let Guard::Any(parts) = guard { Some(parts.clone()) } else { None };
        Self::joined(guards, Guard::Never, Guard::Always, parts_of, Guard::Any)
    }

    /// `neutral` adds nothing, one that is `decided` decides all; what is joined already (`parts_of`) is taken apart.
    fn joined(
        guards: impl IntoIterator<Item = Guard>,
        neutral: Guard,
        decided: Guard,
        parts_of: impl Fn(&Guard) -> Option<Parts>,
        join: fn(Parts) -> Guard,
    ) -> Guard {
        let mut gathered = Gathered::default();
        for guard in guards {
            if guard == decided {
                return decided;
            }
            if let Some(parts) = parts_of(&guard) {
                parts.iter().for_each(|part| gathered.add(part.clone()));
            } else if guard != neutral {
                gathered.add(guard);
            }
        }
        let mut list = gathered.list;
        match list.len() {
            0 => neutral,
            1 => list.swap_remove(0),
            _ => join(Parts::new(list)),
        }
    }

    /// Where this one does not hold.
    pub fn negate(self) -> Guard {
        match self {
            Guard::Always => Guard::Never,
            Guard::Never => Guard::Always,
            Guard::Not(inner) => (*inner).clone(),
            other => Guard::Not(Arc::new(other)),
        }
    }

    /// Whether it holds in `world`. A choice the world does not fix takes its first alternative.
    pub fn holds(&self, world: &World) -> bool {
        match self {
            Guard::Always => true,
            Guard::Never => false,
            Guard::Is(choice, alternative) => world.get(*choice) == *alternative,
            Guard::Not(inner) => !inner.holds(world),
            Guard::All(list) => list.iter().all(|g| g.holds(world)),
            Guard::Any(list) => list.iter().any(|g| g.holds(world)),
        }
    }

    /// How many parts the guard has. Parts that are shared count each time: that is what walking the guard costs.
    pub fn parts(&self) -> usize {
        match self {
            Guard::Always | Guard::Never | Guard::Is(..) => 1,
            Guard::Not(inner) => inner.parts().saturating_add(1),
            Guard::All(parts) | Guard::Any(parts) => parts.0.header.header.count.saturating_add(1),
        }
    }

    /// Whether the guard is too large to go on building on it: whoever reads the input then makes a choice of
    /// its own of it, so that hostile conditions cost no more than honest ones.
    pub fn is_unwieldy(&self) -> bool {
        self.parts() >= UNWIELDY
    }

    /// Every choice the guard depends on.
    pub fn collect_choices(&self, into: &mut BTreeSet<ChoiceId>) {
        match self {
            Guard::Always | Guard::Never => {}
            Guard::Is(choice, _) => {
                into.insert(*choice);
            }
            Guard::Not(inner) => inner.collect_choices(into),
            Guard::All(list) | Guard::Any(list) => list.iter().for_each(|g| g.collect_choices(into)),
        }
    }

    /// The literals `(choice, alternative, holds)` that every world of this guard has for certain:
    /// the top-level conjunction.
    pub fn literals(&self) -> Vec<(ChoiceId, u32, bool)> {
        match self {
            Guard::Is(choice, alternative) => vec![(*choice, *alternative, true)],
            Guard::Not(inner) => match **inner {
                Guard::Is(choice, alternative) => vec![(choice, alternative, false)],
                Guard::Any(ref list) => list.iter().cloned().flat_map(|g| g.negate().literals()).collect(),
                _ => vec![],
            },
            Guard::All(list) => list.iter().flat_map(Guard::literals).collect(),
            _ => vec![],
        }
    }

    /// Whether [`Guard::literals`] says all that the guard says.
    pub fn is_literal(&self) -> bool {
        match self {
            Guard::Always | Guard::Is(..) => true,
            Guard::Not(inner) => matches!(**inner, Guard::Is(..)),
            Guard::All(parts) => parts.iter().all(Guard::is_literal),
            Guard::Never | Guard::Any(_) => false,
        }
    }

    /// Whether both cannot hold together, judged from their literals alone (`false` = maybe not).
    pub fn contradicts(&self, other: &Guard) -> bool {
        if matches!(self, Guard::Never) || matches!(other, Guard::Never) {
            return true;
        }
        let mut mine = self.literals();
        mine.sort_unstable();
        other.literals().iter().any(|(choice, alternative, holds)| {
            let from = mine.partition_point(|(c, _, _)| c < choice);
            mine[from..]
                .iter()
                .take_while(|(c, _, _)| c == choice)
                .any(|(_, a, h)| if a == alternative { h != holds } else { *h && *holds })
        })
    }
}

/// Different guards in the order in which they came.
#[derive(Default)]
struct Gathered {
    list: Vec<Guard>,
    /// The list again, once it is too long to look through.
    seen: FxHashSet<Guard>,
}

impl Gathered {
    fn add(&mut self, guard: Guard) {
        const LONG: usize = 16;
        if self.list.len() < LONG {
            if self.list.contains(&guard) {
                return;
            }
        } else {
            if self.seen.is_empty() {
                self.seen.extend(self.list.iter().cloned());
            }
            if !self.seen.insert(guard.clone()) {
                return;
            }
        }
        self.list.push(guard);
    }
}

/// One way of settling some choices.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct World {
    fixed: Vec<(ChoiceId, u32)>,
}

impl World {
    /// A world in which these choices take these alternatives.
    pub fn new(mut fixed: Vec<(ChoiceId, u32)>) -> Self {
        fixed.sort_unstable();
        Self { fixed }
    }

    /// The alternative that `choice` takes; 0 if this world does not fix it.
    pub fn get(&self, choice: ChoiceId) -> u32 {
        self.fixed.binary_search_by_key(&choice, |(c, _)| *c).map_or(0, |at| self.fixed[at].1)
    }

    /// The settled choices in order.
    pub fn fixed(&self) -> &[(ChoiceId, u32)] {
        &self.fixed
    }
}

/// Every way of settling `choices`, or `None` where there are more than `limit`.
pub fn worlds(estate: &Estate, choices: &BTreeSet<ChoiceId>, limit: usize) -> Option<Vec<World>> {
    let mut all = vec![World::default()];
    for choice in choices {
        let alternatives =
            choice.among(&estate.choices).map_or(1, |one| one.alternatives.len().max(1)) as u32;
        if all.len().checked_mul(alternatives as usize)? > limit {
            return None;
        }
        all = all
            .iter()
            .flat_map(|world| {
                (0..alternatives).map(|alternative| {
                    let mut fixed = world.fixed.clone();
                    fixed.push((*choice, alternative));
                    World { fixed }
                })
            })
            .collect();
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CHOICES: u32 = 5;

    fn guard() -> impl Strategy<Value = Guard> {
        let leaf = prop_oneof![
            Just(Guard::Always),
            Just(Guard::Never),
            (0..CHOICES, 0..2u32).prop_map(|(choice, alternative)| Guard::is(ChoiceId(choice), alternative)),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                inner.clone().prop_map(Guard::negate),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| a.and(b)),
                (inner.clone(), inner).prop_map(|(a, b)| a.or(b)),
            ]
        })
    }

    fn worlds() -> impl Iterator<Item = World> {
        (0..1u32 << CHOICES)
            .map(|bits| World::new((0..CHOICES).map(|c| (ChoiceId(c), bits >> c & 1)).collect()))
    }

    fn counted(guard: &Guard) -> usize {
        match guard {
            Guard::Always | Guard::Never | Guard::Is(..) => 1,
            Guard::Not(inner) => 1 + counted(inner),
            Guard::All(parts) | Guard::Any(parts) => 1 + parts.iter().map(counted).sum::<usize>(),
        }
    }

    proptest! {
        #[test]
        fn guards_are_joined_as_their_worlds_say(list in prop::collection::vec(guard(), 0..40)) {
            let all = Guard::all(list.iter().cloned());
            let any = Guard::any(list.iter().cloned());
            for world in worlds() {
                prop_assert_eq!(all.holds(&world), list.iter().all(|g| g.holds(&world)));
                prop_assert_eq!(any.holds(&world), list.iter().any(|g| g.holds(&world)));
            }
            prop_assert_eq!(&all, &list.iter().cloned().fold(Guard::Always, Guard::and));
            prop_assert_eq!(&any, &list.iter().cloned().fold(Guard::Never, Guard::or));
        }

        #[test]
        fn what_is_judged_from_literals_is_so(a in guard(), b in guard()) {
            prop_assert_eq!(a.parts(), counted(&a));
            let together = worlds().any(|world| a.holds(&world) && b.holds(&world));
            prop_assert!(!(a.contradicts(&b) && together));
            for world in worlds() {
                let literals = a.literals();
                let hold = literals.iter().all(|(c, alternative, is)| (world.get(*c) == *alternative) == *is);
                prop_assert!(hold || !a.holds(&world));
                if a.is_literal() {
                    prop_assert_eq!(hold, a.holds(&world));
                }
            }
        }
    }
}
