//! What one operation has worked out so far.
//!
//! Sets of services that belong to neighbouring addresses are mostly made of the same shared blocks. With each pair
//! of blocks combined once, an operation costs what the pairs differ in, not what they hold.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::axis::Block;

/// Blocks by where they are in memory.
///
/// INVARIANT: it lives for one operation, and every block that was asked about outlives it
/// or is kept by the caller as long, so that no place in memory is used twice.
#[derive(Default)]
pub(crate) struct Memo {
    pub(crate) combined: FxHashMap<(usize, usize), Block>,
    /// Pairs of which the first is known to lie within the second. A pair that does not ends the question.
    pub(crate) contained: FxHashSet<(usize, usize)>,
    /// Sizes, by block, by how much of it counts, and by the last number of the second axis.
    pub(crate) counts: FxHashMap<(usize, u32, u16), u64>,
}
