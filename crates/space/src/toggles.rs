//! A set of numbers as the sorted list of points where membership changes.

use crate::algebra::{Layer, Op, Portion};
use crate::memo::Memo;

/// A number that a layer is ordered by.
pub(crate) trait Point: Copy + Ord {
    const ZERO: Self;
    /// The next number, or `None` at the end of the type.
    fn next(self) -> Option<Self>;
    /// The number before, or zero at zero.
    fn previous(self) -> Self;
}

impl Point for u16 {
    const ZERO: Self = 0;
    fn next(self) -> Option<Self> {
        self.checked_add(1)
    }
    fn previous(self) -> Self {
        self.saturating_sub(1)
    }
}

impl Point for u128 {
    const ZERO: Self = 0;
    fn next(self) -> Option<Self> {
        self.checked_add(1)
    }
    fn previous(self) -> Self {
        self.saturating_sub(1)
    }
}

/// A set over `0..=limit`: every entry is a number from which on membership is the other way.
///
/// The limit is known to the caller and not stored: a set that reaches it has no closing entry, so the
/// complement is one entry more or less.
///
/// INVARIANT: strictly ascending, nothing past the limit. Equal sets are equal lists.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Toggles<K>(Vec<K>);

impl<K> Default for Toggles<K> {
    fn default() -> Self {
        Toggles(Vec::new())
    }
}

impl<K: Point> Toggles<K> {
    pub(crate) fn all() -> Self {
        Toggles(vec![K::ZERO])
    }

    /// The numbers `first..=last`, cut at `limit`; empty if `first > last`.
    pub(crate) fn range(first: K, last: K, limit: K) -> Self {
        if first > last || first > limit {
            return Toggles::default();
        }
        let mut points = vec![first];
        if last < limit {
            points.extend(last.next());
        }
        Toggles(points)
    }

    /// A set from ranges in any order, overlapping or not.
    pub(crate) fn from_ranges(mut ranges: Vec<(K, K)>, limit: K) -> Self {
        ranges.retain(|(first, last)| first <= last && *first <= limit);
        ranges.sort_unstable();
        let mut points: Vec<K> = Vec::with_capacity(ranges.len() * 2);
        let mut open: Option<(K, K)> = None;
        for (first, last) in ranges {
            open = Some(match open {
                Some((from, to)) if to.next().is_none_or(|after| first <= after) => (from, to.max(last)),
                Some((from, to)) => {
                    points.push(from);
                    points.extend(to.next());
                    (first, last)
                }
                None => (first, last),
            });
        }
        if let Some((from, to)) = open {
            points.push(from);
            if to < limit {
                points.extend(to.next());
            }
        }
        Toggles(points)
    }

    /// From points that are ascending already.
    pub(crate) fn from_points(points: Vec<K>) -> Self {
        Toggles(points)
    }

    pub(crate) fn points(&self) -> &[K] {
        &self.0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn is_all(&self) -> bool {
        matches!(self.0.as_slice(), [only] if *only == K::ZERO)
    }

    pub(crate) fn contains(&self, point: K) -> bool {
        self.0.partition_point(|toggle| *toggle <= point) % 2 == 1
    }

    pub(crate) fn first(&self) -> Option<K> {
        self.0.first().copied()
    }

    /// The maximal ranges, both ends included.
    pub(crate) fn ranges(&self, limit: K) -> impl Iterator<Item = (K, K)> + '_ {
        self.0.chunks(2).filter_map(move |pair| match pair {
            [first, after] => Some((*first, after.previous())),
            [first] => Some((*first, limit)),
            _ => None,
        })
    }

    pub(crate) fn inverted(&self) -> Self {
        match self.0.split_first() {
            Some((first, rest)) if *first == K::ZERO => Toggles(rest.to_vec()),
            _ => {
                let mut points = Vec::with_capacity(self.0.len() + 1);
                points.push(K::ZERO);
                points.extend_from_slice(&self.0);
                Toggles(points)
            }
        }
    }

    pub(crate) fn combined(&self, op: Op, other: &Self) -> Self {
        let mut points = Vec::with_capacity(self.0.len() + other.0.len());
        let mut inside = false;
        walk(&self.0, &other.0, |point, a, b| {
            if op.on(a, b) != inside {
                inside = !inside;
                points.push(point);
            }
            true
        });
        Toggles(points)
    }

    pub(crate) fn within(&self, of: &Self) -> bool {
        walk(&self.0, &of.0, |_, a, b| !a || b)
    }
}

/// Visits every point where either side changes, with the membership from there on; stops at the first
/// `false` and says whether there was none.
fn walk<K: Point>(a: &[K], b: &[K], mut visit: impl FnMut(K, bool, bool) -> bool) -> bool {
    let (mut rest_a, mut rest_b) = (a, b);
    let (mut in_a, mut in_b) = (false, false);
    loop {
        let point = match (rest_a.first(), rest_b.first()) {
            (Some(x), Some(y)) => *x.min(y),
            (Some(x), None) => *x,
            (None, Some(y)) => *y,
            (None, None) => return true,
        };
        if let Some((first, rest)) = rest_a.split_first()
            && *first == point
        {
            rest_a = rest;
            in_a = !in_a;
        }
        if let Some((first, rest)) = rest_b.split_first()
            && *first == point
        {
            rest_b = rest;
            in_b = !in_b;
        }
        if !visit(point, in_a, in_b) {
            return false;
        }
    }
}

impl Layer for Toggles<u16> {
    fn combine(&self, op: Op, other: &Self, _: &mut Memo) -> Portion<Self> {
        self.combined(op, other).into_portion()
    }

    fn complement(&self, _: &mut Memo) -> Self {
        self.inverted()
    }

    fn is_subset(&self, of: &Self, _: &mut Memo) -> bool {
        self.within(of)
    }
}

impl Toggles<u16> {
    pub(crate) fn into_portion(self) -> Portion<Self> {
        if self.is_empty() {
            Portion::None
        } else if self.is_all() {
            Portion::All
        } else {
            Portion::Some(self.into())
        }
    }

    /// How many numbers up to `limit` are in the set.
    pub(crate) fn count(&self, limit: u16) -> u64 {
        self.ranges(limit).map(|(first, last)| u64::from(last - first) + 1).sum()
    }
}
