//! The first axis of a grid (destination ports, or ICMP types) as a tree that shares what is alike.
//!
//! Thousands of hosts may each have the ports that all have and one of their own. As flat lists that is hosts ×
//! ports; as a tree of four levels with sixteen slots, two such sets share everything but the path to the one
//! port, and operations skip what is shared.

use rustc_hash::FxHasher;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::algebra::{Op, Portion};
use crate::memo::Memo;
use crate::steps::{self, Steps};
use crate::toggles::Toggles;

/// What goes with one number of the first axis: a part of the second.
pub(crate) type Row = Portion<Toggles<u16>>;

/// How many levels cover 16 bits, four bits each.
const LEVELS: u32 = 4;
/// The last slot of a node.
const LAST_SLOT: u16 = 15;

/// A block of the axis: `16^level` numbers that start at a multiple of that.
///
/// INVARIANT: a block with one row throughout is `Even`, so equal blocks are equal values.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Block {
    /// The same row for all of its numbers.
    Even(Row),
    /// Sixteen smaller blocks.
    Split(Arc<Node>),
}

impl Default for Block {
    fn default() -> Self {
        Block::Even(Row::None)
    }
}

/// The sixteen parts of a block as steps over the slots; a step that spans several slots repeats its block.
#[derive(Debug)]
pub(crate) struct Node {
    slots: Steps<u16, Block>,
    /// Of `slots`. Kept, since a set of services is hashed whenever one is made.
    hash: u64,
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash && self.slots == other.slots
    }
}

impl Eq for Node {}

impl Hash for Node {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

impl Block {
    /// The whole axis with `row` for the numbers `first..=last` and nothing elsewhere.
    pub(crate) fn range(first: u16, last: u16, row: &Row) -> Self {
        if first > last { Block::default() } else { fill(LEVELS, first.into(), last.into(), row) }
    }

    fn from_slots(mut slots: Steps<u16, Block>) -> Self {
        match slots.as_slice() {
            [] => Block::default(),
            [(0, Block::Even(row))] => Block::Even(row.clone()),
            _ => {
                slots.shrink_to_fit();
                let mut hasher = FxHasher::default();
                slots.hash(&mut hasher);
                Block::Split(Arc::new(Node { hash: hasher.finish(), slots }))
            }
        }
    }

    /// Runs `visit` on the slots of this block, a block that is even having one step.
    fn with_slots<T>(&self, visit: impl FnOnce(&[(u16, Block)]) -> T) -> T {
        match self {
            Block::Even(_) => visit(&[(0, self.clone())]),
            Block::Split(node) => visit(&node.slots),
        }
    }

    pub(crate) fn combine(&self, op: Op, other: &Self, memo: &mut Memo) -> Self {
        use Block::{Even, Split};
        match (op, self, other) {
            (_, Even(a), Even(b)) => Even(a.combine(op, b, memo)),
            (_, Split(a), Split(b)) if Arc::ptr_eq(a, b) => match op {
                Op::Union | Op::Intersection => self.clone(),
                Op::Difference => Block::default(),
            },
            (Op::Union, Even(Row::None), x) | (Op::Union, x, Even(Row::None)) => x.clone(),
            (Op::Union, Even(Row::All), _) | (Op::Union, _, Even(Row::All)) => Even(Row::All),
            (Op::Intersection, Even(Row::All), x) | (Op::Intersection, x, Even(Row::All)) => x.clone(),
            (Op::Intersection | Op::Difference, Even(Row::None), _) => Block::default(),
            (Op::Intersection, _, Even(Row::None)) | (Op::Difference, _, Even(Row::All)) => Block::default(),
            (Op::Difference, x, Even(Row::None)) => x.clone(),
            _ => {
                let pair = (self.identity(), other.identity());
                if let Some(known) = memo.combined.get(&pair) {
                    return known.clone();
                }
                let slots = self.with_slots(|a| {
                    other.with_slots(|b| steps::zip(a, b, |a: &Block, b: &Block| a.combine(op, b, memo)))
                });
                let combined = Self::from_slots(slots);
                memo.combined.insert(pair, combined.clone());
                combined
            }
        }
    }

    /// Where the block is in memory, or a small number for the two that are nowhere.
    fn identity(&self) -> usize {
        match self {
            Block::Even(Row::None) => 0,
            Block::Even(Row::All) => 1,
            Block::Even(Row::Some(row)) => Arc::as_ptr(row).addr(),
            Block::Split(node) => Arc::as_ptr(node).addr(),
        }
    }

    pub(crate) fn is_subset(&self, of: &Self, memo: &mut Memo) -> bool {
        match (self, of) {
            (Block::Even(a), Block::Even(b)) => a.is_subset(b, memo),
            (Block::Split(a), Block::Split(b)) if Arc::ptr_eq(a, b) => true,
            (Block::Even(Row::None), _) | (_, Block::Even(Row::All)) => true,
            (_, Block::Even(Row::None)) => false,
            _ => {
                let pair = (self.identity(), of.identity());
                if memo.contained.contains(&pair) {
                    return true;
                }
                let contained = self.with_slots(|a| {
                    of.with_slots(|b| steps::walk(a, b, |_, a: &Block, b: &Block| a.is_subset(b, memo)))
                });
                if contained {
                    memo.contained.insert(pair);
                }
                contained
            }
        }
    }

    /// How many pairs are in the set, with both axes running over `0..=limit`.
    pub(crate) fn count(&self, limit: u16, memo: &mut Memo) -> u64 {
        self.count_to(LEVELS, limit.into(), limit, memo)
    }

    /// The same for a block of `16^level` numbers of which only `0..=last` count.
    fn count_to(&self, level: u32, last: u32, limit: u16, memo: &mut Memo) -> u64 {
        let node = match self {
            Block::Even(row) => return (u64::from(last) + 1) * height(row, limit),
            Block::Split(node) => node,
        };
        let key = (self.identity(), last, limit);
        if let Some(known) = memo.counts.get(&key) {
            return *known;
        }
        let below = level.saturating_sub(1);
        let width = 1u32 << (4 * below);
        let mut count = 0;
        for (from, to, inner) in steps::pieces(&node.slots, LAST_SLOT) {
            for slot in from..=to {
                let start = u32::from(slot) * width;
                if start <= last {
                    count += inner.count_to(below, (last - start).min(width - 1), limit, memo);
                }
            }
        }
        memo.counts.insert(key, count);
        count
    }

    /// The row of a number.
    pub(crate) fn row(&self, number: u16) -> Row {
        let mut block = self;
        for level in (0..LEVELS).rev() {
            let Block::Split(node) = block else { break };
            let slot = (number >> (4 * level)) & LAST_SLOT;
            match steps::at(&node.slots, slot) {
                Some(inner) => block = inner,
                None => return Row::None,
            }
        }
        match block {
            Block::Even(row) => row.clone(),
            Block::Split(_) => Row::None,
        }
    }

    /// The rows as steps over the whole axis.
    pub(crate) fn steps(&self) -> Steps<u16, Row> {
        let mut out = Vec::new();
        flatten(self, 0, LEVELS, &mut out);
        out
    }
}

fn height(row: &Row, limit: u16) -> u64 {
    match row {
        Row::None => 0,
        Row::All => u64::from(limit) + 1,
        Row::Some(row) => row.count(limit),
    }
}

/// A block of `16^level` numbers with `row` for `first..=last`, counted from its start.
fn fill(level: u32, first: u32, last: u32, row: &Row) -> Block {
    if first == 0 && last + 1 == 1 << (4 * level) {
        return Block::Even(row.clone());
    }
    let below = level.saturating_sub(1);
    let width = 1u32 << (4 * below);
    let (from, to) = (first / width, last / width);
    let slot = |number: u32| u16::try_from(number).unwrap_or(LAST_SLOT);
    let mut slots = Vec::with_capacity(4);
    if from == to {
        steps::push(&mut slots, slot(from), fill(below, first % width, last % width, row));
    } else {
        steps::push(&mut slots, slot(from), fill(below, first % width, width - 1, row));
        if from + 1 < to {
            steps::push(&mut slots, slot(from + 1), Block::Even(row.clone()));
        }
        steps::push(&mut slots, slot(to), fill(below, 0, last % width, row));
    }
    if to < u32::from(LAST_SLOT) {
        steps::push(&mut slots, slot(to + 1), Block::default());
    }
    Block::from_slots(slots)
}

fn flatten(block: &Block, start: u16, level: u32, out: &mut Steps<u16, Row>) {
    let node = match block {
        Block::Even(row) => return steps::push(out, start, row.clone()),
        Block::Split(node) => node,
    };
    let below = level.saturating_sub(1);
    if node.slots.first().is_some_and(|(slot, _)| *slot > 0) {
        // Slots before the first step have no row, which ends the row of the block before.
        steps::push(out, start, Row::None);
    }
    for (from, to, inner) in steps::pieces(&node.slots, LAST_SLOT) {
        let at = |slot: u16| start + (slot << (4 * below));
        match inner {
            Block::Even(row) => steps::push(out, at(from), row.clone()),
            Block::Split(_) => (from..=to).for_each(|slot| flatten(inner, at(slot), below, out)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// One row per number: the plainest way to say the same.
    type Flat = Vec<Row>;

    fn rows() -> [Row; 4] {
        let part = |first, last| Toggles::range(first, last, u16::MAX).into_portion();
        [Row::None, Row::All, part(0, 9), part(5, 20)]
    }

    /// Numbers whose digits to the base 16 are often the first or the last one.
    fn number() -> impl Strategy<Value = u16> {
        let digit = || prop_oneof![Just(0u16), Just(15), 0u16..16];
        [digit(), digit(), digit(), digit()]
            .prop_map(|digits| digits.iter().fold(0, |sum, digit| sum << 4 | digit))
    }

    /// A block and its flat twin, made by writing one range over the other.
    fn block() -> impl Strategy<Value = (Block, Flat)> {
        prop::collection::vec((number(), number(), 0usize..4), 0..6).prop_map(|ranges| {
            let mut memo = Memo::default();
            let mut block = Block::default();
            let mut flat = vec![Row::None; 65536];
            for (a, b, row) in ranges {
                let (first, last, row) = (a.min(b), a.max(b), &rows()[row]);
                let hole = Block::range(first, last, &Row::All);
                block = block.combine(Op::Difference, &hole, &mut memo);
                memo = Memo::default();
                block = block.combine(Op::Union, &Block::range(first, last, row), &mut memo);
                memo = Memo::default();
                flat[usize::from(first)..=usize::from(last)].fill(row.clone());
            }
            (block, flat)
        })
    }

    fn steps_of(flat: &Flat) -> Steps<u16, Row> {
        let mut out = Vec::new();
        (0..=u16::MAX).zip(flat).for_each(|(number, row)| steps::push(&mut out, number, row.clone()));
        out
    }

    #[test]
    fn a_run_ends_where_the_next_block_begins_with_nothing() {
        let low = Block::range(0, 0x0fff, &Row::All);
        let both = low.combine(Op::Union, &Block::range(0x1100, 0x1fff, &Row::All), &mut Memo::default());
        let expected = [(0, Row::All), (0x1000, Row::None), (0x1100, Row::All), (0x2000, Row::None)];
        assert_eq!(both.steps(), expected);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_tree_says_the_same_as_one_row_per_number((block, flat) in block(), limit in number(), at in number()) {
            prop_assert_eq!(block.steps(), steps_of(&flat));
            prop_assert_eq!(&block.row(at), &flat[usize::from(at)]);
            let count: u64 = flat.iter().take(usize::from(limit) + 1).map(|row| height(row, limit)).sum();
            let (memo, again) = (&mut Memo::default(), &mut Memo::default());
            prop_assert_eq!(block.count(limit, memo), count);
            // Sizes to another limit must not be taken for each other.
            let full: u64 = flat.iter().map(|row| height(row, u16::MAX)).sum();
            prop_assert_eq!(block.count(u16::MAX, memo), full);
            prop_assert_eq!(block.count(u16::MAX, again), full);
        }

        #[test]
        fn trees_combine_number_by_number((a, p) in block(), (b, q) in block()) {
            for op in [Op::Union, Op::Intersection, Op::Difference] {
                let combined = a.combine(op, &b, &mut Memo::default());
                let mut memo = Memo::default();
                let flat = p.iter().zip(&q).map(|(x, y)| x.combine(op, y, &mut memo)).collect();
                prop_assert_eq!(combined.steps(), steps_of(&flat));
            }
            let mut memo = Memo::default();
            let contained = p.iter().zip(&q).all(|(x, y)| x.is_subset(y, &mut memo));
            prop_assert_eq!(a.is_subset(&b, &mut Memo::default()), contained);
            prop_assert_eq!(a == b, p == q);
        }

        #[test]
        fn equal_trees_are_equal_values_however_they_were_made((block, flat) in block()) {
            let mut rebuilt = Block::default();
            for (first, last, row) in steps::pieces(&steps_of(&flat), u16::MAX) {
                rebuilt = rebuilt.combine(Op::Union, &Block::range(first, last, row), &mut Memo::default());
            }
            prop_assert_eq!(&rebuilt, &block);
            let twice = [block.clone(), rebuilt].map(|block| {
                let mut hasher = FxHasher::default();
                block.hash(&mut hasher);
                hasher.finish()
            });
            prop_assert_eq!(twice[0], twice[1]);
        }
    }
}
