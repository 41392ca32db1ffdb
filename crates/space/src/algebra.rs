//! What the layers of a packet set have in common: the three operations, and a part of a whole that is
//! nothing, everything, or something shared.

use std::sync::Arc;

use crate::memo::Memo;

/// A boolean operation on two sets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Op {
    Union,
    Intersection,
    Difference,
}

impl Op {
    /// The operation on one point.
    pub(crate) fn on(self, a: bool, b: bool) -> bool {
        match self {
            Op::Union => a || b,
            Op::Intersection => a && b,
            Op::Difference => a && !b,
        }
    }

    /// The operation on 64 points at a time.
    pub(crate) fn on_bits(self, a: u64, b: u64) -> u64 {
        match self {
            Op::Union => a | b,
            Op::Intersection => a & b,
            Op::Difference => a & !b,
        }
    }
}

/// A set inside a layer that is neither empty nor everything.
pub(crate) trait Layer: Sized {
    /// The operation on two proper parts; the answer is canonical again.
    fn combine(&self, op: Op, other: &Self, memo: &mut Memo) -> Portion<Self>;
    /// What this part leaves out.
    fn complement(&self, memo: &mut Memo) -> Self;
    /// Whether everything in this part is in `of`.
    fn is_subset(&self, of: &Self, memo: &mut Memo) -> bool;
}

/// How much of a layer is in the set.
///
/// INVARIANT: `Some` holds neither the empty set nor everything, so equal portions are equal values.
#[derive(Default, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Portion<T> {
    #[default]
    None,
    All,
    Some(Arc<T>),
}

impl<T> Clone for Portion<T> {
    fn clone(&self) -> Self {
        match self {
            Portion::None => Portion::None,
            Portion::All => Portion::All,
            Portion::Some(part) => Portion::Some(Arc::clone(part)),
        }
    }
}

impl<T: Layer> Portion<T> {
    pub(crate) fn is_none(&self) -> bool {
        matches!(self, Portion::None)
    }

    pub(crate) fn complement(&self, memo: &mut Memo) -> Self {
        match self {
            Portion::None => Portion::All,
            Portion::All => Portion::None,
            Portion::Some(part) => Portion::Some(Arc::new(part.complement(memo))),
        }
    }

    pub(crate) fn combine(&self, op: Op, other: &Self, memo: &mut Memo) -> Self {
        use Portion::{All, None, Some};
        match (op, self, other) {
            (Op::Union, All, _) | (Op::Union, _, All) => All,
            (Op::Union, None, x) | (Op::Union, x, None) => x.clone(),
            (Op::Intersection, None, _) | (Op::Intersection, _, None) => None,
            (Op::Intersection, All, x) | (Op::Intersection, x, All) => x.clone(),
            (Op::Difference, None, _) | (Op::Difference, _, All) => None,
            (Op::Difference, x, None) => x.clone(),
            (Op::Difference, All, x) => x.complement(memo),
            (_, Some(a), Some(b)) if Arc::ptr_eq(a, b) => match op {
                Op::Union | Op::Intersection => Some(Arc::clone(a)),
                Op::Difference => None,
            },
            (_, Some(a), Some(b)) => a.combine(op, b, memo),
        }
    }

    pub(crate) fn is_subset(&self, of: &Self, memo: &mut Memo) -> bool {
        match (self, of) {
            (Portion::None, _) | (_, Portion::All) => true,
            (_, Portion::None) | (Portion::All, _) => false,
            (Portion::Some(a), Portion::Some(b)) => Arc::ptr_eq(a, b) || a.is_subset(b, memo),
        }
    }
}
