//! The union of many sets at once.

use std::cmp::Reverse;

use crate::algebra::Op;
use crate::labels::{Label, Labels};
use crate::packets::{Layout, PacketSet};
use crate::steps::{self, Steps};

impl PacketSet {
    /// The union of many sets.
    ///
    /// Sets are sorted by where they start, widest first, and merged in pairs, then pairs of pairs, and so on:
    /// each level touches every step once, and sets that lie close together meet early, while they are small.
    pub fn union_all(sets: impl IntoIterator<Item = PacketSet>) -> Self {
        let (v4, v6): (Vec<Layout>, Vec<Layout>) = sets.into_iter().map(PacketSet::into_layouts).unzip();
        PacketSet::of_layouts(merge(v4), merge(v6))
    }
}

fn merge(mut layouts: Vec<Layout>) -> Layout {
    layouts.retain(|layout| !layout.is_empty());
    if layouts.len() < 2 {
        return layouts.pop().unwrap_or_default();
    }
    layouts.sort_by_cached_key(|layout| {
        let start = layout.first().map_or(0, |(start, _)| *start);
        // A set without a closing step reaches the end of the family.
        let end =
            layout.last().map_or(0, |(start, portion)| if portion.is_none() { *start } else { u128::MAX });
        (start, Reverse(end))
    });
    let mut labels = Labels::new(Op::Union);
    let mut layers: Vec<Steps<u128, Label>> = layouts
        .iter()
        .map(|layout| layout.iter().map(|(start, portion)| (*start, labels.of(portion))).collect())
        .collect();
    while layers.len() > 1 {
        layers = layers
            .chunks(2)
            .map(|pair| match pair {
                [a, b] => steps::zip(a, b, |a, b| labels.combine(*a, *b)),
                rest => rest.first().cloned().unwrap_or_default(),
            })
            .collect();
        labels = shrunk(labels, &mut layers);
    }
    let merged = layers.pop().unwrap_or_default();
    labels.layout(&merged)
}

/// Numbers the labels that are still in use anew when they have become the smaller part. Where rules cross,
/// every level makes labels of its own, and keeping all of them would take most of the memory.
fn shrunk(labels: Labels, layers: &mut [Steps<u128, Label>]) -> Labels {
    let steps: usize = layers.iter().map(Vec::len).sum();
    if labels.len() <= 2 * steps + 1024 {
        return labels;
    }
    let mut fresh = Labels::new(Op::Union);
    for (_, label) in layers.iter_mut().flatten() {
        *label = fresh.of(&labels.portion(*label));
    }
    fresh
}

#[cfg(test)]
mod tests {
    use crate::{IpFamily, PacketSet, Services};
    use num_bigint::BigUint;

    #[test]
    fn a_union_of_nothing_is_empty() {
        assert!(PacketSet::union_all([]).is_empty());
        assert!(PacketSet::union_all([PacketSet::empty(), PacketSet::empty()]).is_empty());
    }

    /// Every host has the ports that all have and one of its own: as flat lists this is two million ranges.
    #[test]
    fn thousands_of_hosts_that_each_differ_by_a_port_stay_cheap() {
        let count = 2_000u16;
        let common = (0..count).map(|n| (0, u128::MAX, n * 16));
        let own = (0..count).map(|n| (u128::from(n) * 5, u128::from(n) * 5, n * 16 + 8));
        let rules = common.chain(own);
        let set = PacketSet::union_all(rules.map(|(first, last, port)| {
            PacketSet::to_range(IpFamily::V4, first, last, &Services::tcp(port, port))
        }));
        let pairs = (BigUint::from(count) << 32u8) + u32::from(count);
        assert_eq!(set.size(), pairs << 16u8);
        assert_eq!(set.rows(IpFamily::V4).len(), usize::from(count) + 1);
        assert_eq!(set.complement().complement(), set);
    }
}
