//! Packet sets against a model that cannot be wrong: a universe of few cells, one bit for each. Where the cells
//! begin, and which of them a rule covers, comes from the bytes.

use std::collections::BTreeMap;
use tidegate_space::{IpFamily, PacketSet, Services, internet};

/// The bytes still to be read; zeros when they are used up.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn number(&mut self, bytes: usize) -> u64 {
        (0..bytes).fold(0, |number, _| number << 8 | u64::from(self.byte()))
    }
}

/// Everything between neighbouring cuts, the last one up to `last`.
fn between(mut cuts: Vec<u64>, last: u64) -> Vec<(u64, u64)> {
    cuts.push(0);
    cuts.sort_unstable();
    cuts.dedup();
    (0..cuts.len()).map(|at| (cuts[at], cuts.get(at + 1).map_or(last, |next| next - 1))).collect()
}

/// Blocks of addresses and boxes of services. A cell is one of each: `block * services.len() + service`.
struct Universe {
    blocks: Vec<(IpFamily, u128, u128)>,
    /// A box, and how many packets go to one address in it.
    services: Vec<(Services, u128)>,
}

impl Universe {
    fn new(bytes: &mut Bytes<'_>) -> Self {
        let v4 = between((0..3).map(|_| bytes.number(4)).collect(), u32::MAX.into());
        // The low half of IPv6 addresses, so that every size fits.
        let v6 = between((0..2).map(|_| bytes.number(8)).collect(), u64::MAX);
        let blocks = [(IpFamily::V4, v4), (IpFamily::V6, v6)]
            .into_iter()
            .flat_map(|(family, list)| list.into_iter().map(move |(a, b)| (family, a.into(), b.into())))
            .collect();
        let destinations = between((0..2).map(|_| bytes.number(2)).collect(), u16::MAX.into());
        let sources = between(vec![bytes.number(2)], u16::MAX.into());
        let types = between(vec![bytes.number(1)], u8::MAX.into());
        let length = |(first, last): (u64, u64)| u128::from(last - first) + 1;
        let port = |(first, last): (u64, u64)| first as u16..=last as u16;
        let byte = |(first, last): (u64, u64)| first as u8..=last as u8;
        let mut services = Vec::new();
        for destination in &destinations {
            for source in &sources {
                let set = Services::ports_with_source(6, port(*destination), port(*source));
                services.push((set, length(*destination) * length(*source)));
            }
        }
        for kind in &types {
            services.push((Services::icmp_ranges(1, byte(*kind), 0..=255), length(*kind) * 256));
        }
        services.push((Services::udp(0, u16::MAX), 1 << 32));
        // A protocol that has neither ports nor types.
        services.push((Services::protocol(47 + bytes.byte() % 4), 1));
        Self { blocks, services }
    }

    fn cells(&self) -> usize {
        self.blocks.len() * self.services.len()
    }

    fn all(&self) -> u128 {
        (1 << self.cells()) - 1
    }

    /// The set that a bit for each cell stands for, cell by cell.
    fn set(&self, mask: u128) -> PacketSet {
        let width = self.services.len();
        PacketSet::union_all((0..self.cells()).filter(|cell| mask >> cell & 1 == 1).map(|cell| {
            let (family, first, last) = self.blocks[cell / width];
            PacketSet::to_range(family, first, last, &self.services[cell % width].0)
        }))
    }

    fn size(&self, mask: u128) -> u128 {
        let width = self.services.len();
        let cells = (0..self.cells()).filter(|cell| mask >> cell & 1 == 1);
        cells
            .map(|cell| {
                let (_, first, last) = self.blocks[cell / width];
                (last - first + 1) * self.services[cell % width].1
            })
            .sum()
    }

    /// One rule: a run of blocks, some services.
    fn rule(&self, bytes: &mut Bytes<'_>) -> (PacketSet, u128) {
        let width = self.services.len();
        let (one, other) = (usize::from(bytes.byte()), usize::from(bytes.byte()));
        let (one, other) = (one % self.blocks.len(), other % self.blocks.len());
        let run = one.min(other)..=one.max(other);
        let chosen = bytes.number(2);
        let picked: Vec<usize> = (0..width).filter(|at| chosen >> at & 1 == 1).collect();
        let services = Services::union_all(picked.iter().map(|at| self.services[*at].0.clone()));
        let mut set = PacketSet::empty();
        let mut mask = 0;
        // Neighbouring blocks of a family are given as one range.
        let mut ranges: BTreeMap<IpFamily, (u128, u128)> = BTreeMap::new();
        for block in run {
            let (family, first, last) = self.blocks[block];
            ranges.entry(family).or_insert((first, last)).1 = last;
            for at in &picked {
                mask |= 1 << (block * width + at);
            }
        }
        for (family, (first, last)) in ranges {
            set = set.union(&PacketSet::to_range(family, first, last, &services));
        }
        (set, mask)
    }
}

/// Builds two sets from the bytes, and compares every operation on them with the same operation on bits.
pub fn check(data: &[u8]) {
    let mut bytes = Bytes(data);
    let universe = Universe::new(&mut bytes);
    let mut sets = [(PacketSet::empty(), 0_u128), (PacketSet::empty(), 0)];
    for _ in 0..32 {
        if bytes.0.is_empty() {
            break;
        }
        let how = bytes.byte();
        let (set, mask) = universe.rule(&mut bytes);
        let (known, bits) = &mut sets[usize::from(how & 1)];
        match how >> 1 & 3 {
            0 | 1 => (*known, *bits) = (known.union(&set), *bits | mask),
            2 => (*known, *bits) = (known.difference(&set), *bits & !mask),
            _ => (*known, *bits) = (known.intersection(&set), *bits & mask),
        }
    }
    let [(a, x), (b, y)] = &sets;
    let whole = universe.set(universe.all());
    for (set, mask) in [
        (a.clone(), *x),
        (b.clone(), *y),
        (a.union(b), x | y),
        (a.intersection(b), x & y),
        (a.difference(b), x & !y),
        (b.difference(a), y & !x),
        (a.complement().intersection(&whole), universe.all() & !x),
        (PacketSet::union_all([b.clone(), a.clone(), b.clone()]), x | y),
    ] {
        same(&universe, &set, mask);
    }
    assert_eq!(a.is_subset(b), x & !y == 0, "subset");
    assert_eq!(a.overlaps(b), x & y != 0, "overlap");
    assert_eq!(a == b, x == y, "equal sets are equal values");
    assert_eq!(a.complement().complement(), *a, "twice the complement");
}

fn same(universe: &Universe, set: &PacketSet, mask: u128) {
    assert_eq!(*set, universe.set(mask), "not the set of its cells");
    assert_eq!(set.is_empty(), mask == 0);
    assert_eq!(set.size().to_string(), universe.size(mask).to_string(), "size");
    match set.witness() {
        Some(packet) => assert!(set.contains(&packet), "{packet:?} is not in its set"),
        None => assert!(set.is_empty(), "a set that is not empty has a witness"),
    }
    if let Some(packet) = internet::witness(set) {
        assert!(set.contains(&packet), "{packet:?} is not in its set");
    }
    let mut rows = PacketSet::empty();
    for family in IpFamily::BOTH {
        assert!((0.0..=1.0).contains(&internet::share(set, family)));
        for (addresses, services) in set.rows(family) {
            let part = PacketSet::to_addresses(&addresses, &services);
            let blocks = addresses.cidrs().into_iter().map(|block| PacketSet::to_block(block, &services));
            assert_eq!(part, PacketSet::union_all(blocks), "the blocks that cover a row");
            assert!(!rows.overlaps(&part), "rows are apart");
            rows = rows.union(&part);
        }
    }
    assert_eq!(rows, *set, "the rows are the set");
}
