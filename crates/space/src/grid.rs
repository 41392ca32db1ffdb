//! Two-dimensional sets: destination port × source port, or ICMP type × code.

use crate::algebra::{Layer, Op, Portion};
use crate::axis::{Block, Row};
use crate::memo::Memo;
use crate::steps;
use crate::toggles::Toggles;

/// Which numbers of the second axis go with each number of the first.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Grid(Block);

impl Grid {
    /// The rectangle `first` × `second`, both ends included, cut at `limit` on both axes.
    pub(crate) fn rectangle(first: (u16, u16), second: (u16, u16), limit: u16) -> Self {
        let row = Toggles::range(second.0, second.1, limit).into_portion();
        // Like a row, the axis stores no limit: what reaches it goes on to the end.
        let last = if first.1 >= limit { u16::MAX } else { first.1 };
        Grid(if first.0 > first.1 || first.0 > limit {
            Block::default()
        } else {
            Block::range(first.0, last, &row)
        })
    }

    pub(crate) fn into_portion(self) -> Portion<Self> {
        match self.0 {
            Block::Even(Row::None) => Portion::None,
            Block::Even(Row::All) => Portion::All,
            _ => Portion::Some(self.into()),
        }
    }

    /// How many pairs are in the set, with both axes running over `0..=limit`.
    pub(crate) fn count(&self, limit: u16, memo: &mut Memo) -> u64 {
        self.0.count(limit, memo)
    }

    /// The smallest pair.
    pub(crate) fn first(&self) -> Option<(u16, u16)> {
        self.0.steps().iter().find_map(|(start, row)| Some((*start, first_of(row)?)))
    }

    /// The smallest partner of `first` on the second axis.
    pub(crate) fn partner(&self, first: u16) -> Option<u16> {
        first_of(&self.0.row(first))
    }

    /// Whether some pair that fits is in the set; an axis left out may have any value.
    pub(crate) fn has(&self, first: Option<u16>, second: Option<u16>) -> bool {
        let fits = |row: &Row| match (row, second) {
            (Portion::None, _) => false,
            (Portion::All, _) | (Portion::Some(_), None) => true,
            (Portion::Some(row), Some(second)) => row.contains(second),
        };
        match first {
            Some(first) => fits(&self.0.row(first)),
            None => self.0.steps().iter().any(|(_, row)| fits(row)),
        }
    }

    /// Runs of the first axis with the ranges of the second that go with each; empty runs are left out.
    pub(crate) fn runs(&self, limit: u16) -> Vec<Run> {
        let steps = self.0.steps();
        let run = |(first, last, row): (u16, u16, &Row)| {
            let ranges = match row {
                Portion::None => return None,
                Portion::All => vec![(0, limit)],
                Portion::Some(row) => row.ranges(limit).collect(),
            };
            Some(Run { first, last, ranges })
        };
        steps::pieces(&steps, limit).filter_map(run).collect()
    }
}

/// A run of the first axis that shares one set of the second.
pub(crate) struct Run {
    pub(crate) first: u16,
    pub(crate) last: u16,
    pub(crate) ranges: Vec<(u16, u16)>,
}

fn first_of(row: &Row) -> Option<u16> {
    match row {
        Portion::None => None,
        Portion::All => Some(0),
        Portion::Some(row) => row.first(),
    }
}

impl Layer for Grid {
    fn combine(&self, op: Op, other: &Self, memo: &mut Memo) -> Portion<Self> {
        Grid(self.0.combine(op, &other.0, memo)).into_portion()
    }

    fn complement(&self, memo: &mut Memo) -> Self {
        Grid(Block::Even(Row::All).combine(Op::Difference, &self.0, memo))
    }

    fn is_subset(&self, of: &Self, memo: &mut Memo) -> bool {
        self.0.is_subset(&of.0, memo)
    }
}
