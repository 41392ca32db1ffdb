//! Sets of addresses of one family.

use ipnet::IpNet;
use num_bigint::BigUint;

use crate::algebra::Op;
use crate::cover;
use crate::family::{IpFamily, number};
use crate::ratio;
use crate::toggles::Toggles;

/// A set of addresses of one family. Equal sets are equal values (two empty sets of different families are
/// not equal).
///
/// Operations on sets of two families keep the family of the left one; the right one has no address in it, so
/// the answer to `union` and `difference` is the left set, and to `intersection` the empty one.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct AddressSet {
    family: IpFamily,
    numbers: Toggles<u128>,
}

impl AddressSet {
    /// No address.
    pub fn empty(family: IpFamily) -> Self {
        AddressSet { family, numbers: Toggles::default() }
    }

    /// Every address of a family.
    pub fn all(family: IpFamily) -> Self {
        AddressSet { family, numbers: Toggles::all() }
    }

    /// The addresses of CIDR blocks; host bits are ignored, blocks of the other family are left out.
    pub fn from_blocks(family: IpFamily, blocks: impl IntoIterator<Item = IpNet>) -> Self {
        Self::from_ranges(
            family,
            blocks.into_iter().filter(|block| IpFamily::of(block.addr()) == family).map(block_range),
        )
    }

    /// The addresses numbered `first..=last`, cut at the end of the family; empty if `first > last`.
    pub fn from_range(family: IpFamily, first: u128, last: u128) -> Self {
        AddressSet { family, numbers: Toggles::range(first, last, family.last_address()) }
    }

    /// The addresses of many ranges, in any order, overlapping or not.
    pub fn from_ranges(family: IpFamily, ranges: impl IntoIterator<Item = (u128, u128)>) -> Self {
        AddressSet {
            family,
            numbers: Toggles::from_ranges(ranges.into_iter().collect(), family.last_address()),
        }
    }

    pub(crate) fn from_numbers(family: IpFamily, numbers: Toggles<u128>) -> Self {
        AddressSet { family, numbers }
    }

    pub(crate) fn numbers(&self) -> &Toggles<u128> {
        &self.numbers
    }

    /// The family.
    pub fn family(&self) -> IpFamily {
        self.family
    }

    fn combined(&self, op: Op, other: &Self) -> Self {
        if self.family != other.family {
            return match op {
                Op::Union | Op::Difference => self.clone(),
                Op::Intersection => Self::empty(self.family),
            };
        }
        AddressSet { family: self.family, numbers: self.numbers.combined(op, &other.numbers) }
    }

    /// Addresses in either set.
    pub fn union(&self, other: &Self) -> Self {
        self.combined(Op::Union, other)
    }

    /// Addresses in both sets.
    pub fn intersection(&self, other: &Self) -> Self {
        self.combined(Op::Intersection, other)
    }

    /// Addresses in this set and not in the other.
    pub fn difference(&self, other: &Self) -> Self {
        self.combined(Op::Difference, other)
    }

    /// The addresses of the family that are not in this set.
    pub fn complement(&self) -> Self {
        AddressSet { family: self.family, numbers: self.numbers.inverted() }
    }

    /// Whether there is no address in the set.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// Whether every address of the family is in the set.
    pub fn is_all(&self) -> bool {
        self.numbers.is_all()
    }

    /// Whether every address of this set is in `of`.
    pub fn is_subset(&self, of: &Self) -> bool {
        if self.family == of.family { self.numbers.within(&of.numbers) } else { self.is_empty() }
    }

    /// Whether the address with this number is in the set.
    pub fn contains(&self, address: u128) -> bool {
        address <= self.family.last_address() && self.numbers.contains(address)
    }

    /// The number of the smallest address.
    pub fn first(&self) -> Option<u128> {
        self.numbers.first()
    }

    /// The maximal ranges of numbers, ascending, both ends included.
    pub fn ranges(&self) -> impl Iterator<Item = (u128, u128)> + '_ {
        self.numbers.ranges(self.family.last_address())
    }

    /// How many addresses.
    pub fn size(&self) -> BigUint {
        self.ranges().map(|(first, last)| BigUint::from(last - first) + 1u8).sum()
    }

    /// How much of `whole` is in this set: the size of what they share over the size of `whole`, divided
    /// exactly and rounded once. 0 only if they share nothing, 1 only if all of `whole` is in this set: a
    /// single address missing from IPv6 gives the number just below 1. An empty `whole` gives 0.
    pub fn share_of(&self, whole: &Self) -> f64 {
        ratio::share(&self.intersection(whole).size(), &whole.size())
    }

    /// The fewest CIDR blocks that hold exactly these addresses, ascending.
    pub fn cidrs(&self) -> Vec<IpNet> {
        let mut blocks = Vec::new();
        for (first, last) in self.ranges() {
            cover::split(self.family, first, last, &mut blocks);
        }
        blocks
    }
}

/// The first and last number of a block.
pub(crate) fn block_range(block: IpNet) -> (u128, u128) {
    (number(block.network()), number(block.broadcast()))
}
