//! Packet sets against a model that cannot be wrong: a small universe, one boolean per cell.
//!
//! Every axis of the real universe is cut at a few telling points (both ends, one past an end, powers of two and
//! their neighbours). A cell is what lies between two cuts on every axis; rules run from cell to cell, so a set is
//! a list of booleans, and each operation is that operation on booleans.

use std::net::IpAddr;

use num_bigint::BigUint;
use proptest::prelude::*;
use tidegate_space::{AddressSet, IpFamily, Packet, PacketSet, ProtocolPart, Services};

const V4: [u128; 6] = [0, 1, 0x0a00_0000, 0x0a00_0100, 0x8000_0000, 0xffff_ffff];
const V6: [u128; 5] = [0, 1, 0x2001_0db8 << 96, (0x2001_0db8 << 96) | (1 << 64), u128::MAX];
/// Bare, ICMP, TCP, UDP, bare, ICMPv6, UDP-Lite, bare.
const PROTOCOLS: [u8; 8] = [0, 1, 6, 17, 50, 58, 136, 255];
const DESTINATIONS: [u16; 6] = [0, 1, 443, 444, 0x2fff, 65535];
const SOURCES: [u16; 3] = [0, 1024, 65535];
const TYPES: [u16; 5] = [0, 8, 9, 16, 255];
const CODES: [u16; 3] = [0, 1, 255];

fn addresses(family: IpFamily) -> &'static [u128] {
    match family {
        IpFamily::V4 => &V4,
        IpFamily::V6 => &V6,
    }
}

/// The cuts of the two axes below a protocol, and the last number on them.
fn axes(protocol: u8) -> (&'static [u16], &'static [u16], u16) {
    match protocol {
        1 | 58 => (&TYPES, &CODES, 255),
        6 | 17 | 136 => (&DESTINATIONS, &SOURCES, u16::MAX),
        _ => (&[0], &[0], 0),
    }
}

/// First and last number of a cell on a 16-bit axis.
fn span(cuts: &[u16], index: usize, limit: u16) -> (u16, u16) {
    (cuts[index], cuts.get(index + 1).map_or(limit, |next| next - 1))
}

fn address_span(family: IpFamily, index: usize) -> (u128, u128) {
    let cuts = addresses(family);
    (cuts[index], cuts.get(index + 1).map_or(family.last_address(), |next| next - 1))
}

/// One cell: everything between neighbouring cuts.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Cell {
    family: IpFamily,
    address: usize,
    protocol: u8,
    first: usize,
    second: usize,
}

/// All cells, in the order of the real universe.
fn cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    for family in IpFamily::BOTH {
        for address in 0..addresses(family).len() {
            for protocol in PROTOCOLS {
                let (firsts, seconds, _) = axes(protocol);
                for first in 0..firsts.len() {
                    for second in 0..seconds.len() {
                        cells.push(Cell { family, address, protocol, first, second });
                    }
                }
            }
        }
    }
    cells
}

impl Cell {
    fn spans(&self) -> ((u16, u16), (u16, u16)) {
        let (firsts, seconds, limit) = axes(self.protocol);
        (span(firsts, self.first, limit), span(seconds, self.second, limit))
    }

    fn services(&self) -> Services {
        let (first, second) = self.spans();
        box_of(self.protocol, first, second)
    }

    fn set(&self) -> PacketSet {
        let (first, last) = address_span(self.family, self.address);
        PacketSet::to_range(self.family, first, last, &self.services())
    }

    fn size(&self) -> BigUint {
        let (first, last) = address_span(self.family, self.address);
        let (a, b) = self.spans();
        let side = |(first, last): (u16, u16)| u64::from(last - first) + 1;
        (BigUint::from(last - first) + 1u8) * side(a) * side(b)
    }

    /// The smallest or the largest packet.
    fn packet(&self, largest: bool) -> Packet {
        let pick = |(first, last): (u16, u16)| if largest { last } else { first };
        let (first, last) = address_span(self.family, self.address);
        let (a, b) = self.spans();
        let number = if largest { last } else { first };
        let address: IpAddr = self.family.address(number);
        let has_ports = matches!(self.protocol, 6 | 17 | 136);
        let icmp = matches!(self.protocol, 1 | 58).then(|| (pick(a) as u8, pick(b) as u8));
        Packet {
            family: self.family,
            protocol: self.protocol,
            address,
            destination_port: has_ports.then(|| pick(a)),
            source_port: has_ports.then(|| pick(b)),
            icmp,
        }
    }
}

fn box_of(protocol: u8, first: (u16, u16), second: (u16, u16)) -> Services {
    match protocol {
        1 | 58 => {
            Services::icmp_ranges(protocol, first.0 as u8..=first.1 as u8, second.0 as u8..=second.1 as u8)
        }
        _ => Services::ports_with_source(protocol, first.0..=first.1, second.0..=second.1),
    }
}

/// A rule from cell to cell, both included; `protocol` is a place in [`PROTOCOLS`], or all of them.
#[derive(Clone, Debug)]
struct Rule {
    family: IpFamily,
    addresses: (usize, usize),
    protocol: Option<usize>,
    firsts: (usize, usize),
    seconds: (usize, usize),
}

fn rule() -> impl Strategy<Value = Rule> {
    let pair = || (0usize..6, 0usize..6).prop_map(|(a, b)| (a.min(b), a.max(b)));
    (prop::bool::ANY, pair(), prop::option::weighted(0.85, 0usize..PROTOCOLS.len()), pair(), pair()).prop_map(
        |(v6, addresses, protocol, firsts, seconds)| Rule {
            family: if v6 { IpFamily::V6 } else { IpFamily::V4 },
            addresses,
            protocol,
            firsts,
            seconds,
        },
    )
}

fn rules() -> impl Strategy<Value = Vec<Rule>> {
    prop::collection::vec(rule(), 0..12)
}

impl Rule {
    fn covers(&self, cell: &Cell) -> bool {
        let within = |(from, to): (usize, usize), index: usize, length: usize| {
            from.min(length - 1) <= index && index <= to.min(length - 1)
        };
        let (firsts, seconds, _) = axes(cell.protocol);
        self.family == cell.family
            && within(self.addresses, cell.address, addresses(cell.family).len())
            && match self.protocol {
                None => true,
                Some(place) => {
                    PROTOCOLS[place] == cell.protocol
                        && within(self.firsts, cell.first, firsts.len())
                        && within(self.seconds, cell.second, seconds.len())
                }
            }
    }

    fn set(&self) -> PacketSet {
        let last = addresses(self.family).len() - 1;
        let from = address_span(self.family, self.addresses.0.min(last)).0;
        let to = address_span(self.family, self.addresses.1.min(last)).1;
        let services = match self.protocol {
            None => Services::union_all(PROTOCOLS.map(Services::protocol)),
            Some(place) => {
                let (firsts, seconds, limit) = axes(PROTOCOLS[place]);
                let reach = |cuts: &[u16], (from, to): (usize, usize)| {
                    let last = cuts.len() - 1;
                    (span(cuts, from.min(last), limit).0, span(cuts, to.min(last), limit).1)
                };
                box_of(PROTOCOLS[place], reach(firsts, self.firsts), reach(seconds, self.seconds))
            }
        };
        PacketSet::to_range(self.family, from, to, &services)
    }
}

fn real(rules: &[Rule]) -> PacketSet {
    PacketSet::union_all(rules.iter().map(Rule::set))
}

/// The truth about a set: one boolean per cell.
type Model = Vec<bool>;

fn model(rules: &[Rule]) -> Model {
    cells().iter().map(|cell| rules.iter().any(|rule| rule.covers(cell))).collect()
}

/// The real set of a model, made cell by cell.
fn from_cells(model: &Model) -> PacketSet {
    PacketSet::union_all(cells().iter().zip(model).filter(|(_, inside)| **inside).map(|(cell, _)| cell.set()))
}

fn join(a: &Model, b: &Model, op: impl Fn(bool, bool) -> bool) -> Model {
    a.iter().zip(b).map(|(a, b)| op(*a, *b)).collect()
}

/// The packets of the protocols that the model knows.
fn universe() -> PacketSet {
    let services = Services::union_all(PROTOCOLS.map(Services::protocol));
    PacketSet::union_all(
        IpFamily::BOTH.map(|family| PacketSet::to_addresses(&AddressSet::all(family), &services)),
    )
}

/// What the set says about both ends of every cell.
fn agrees(set: &PacketSet, model: &Model) -> bool {
    cells().iter().zip(model).all(|(cell, inside)| {
        set.contains(&cell.packet(false)) == *inside && set.contains(&cell.packet(true)) == *inside
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_set_holds_exactly_what_its_rules_cover(rules in rules()) {
        prop_assert!(agrees(&real(&rules), &model(&rules)));
    }

    #[test]
    fn operations_agree_with_the_model_and_equal_sets_are_equal_values(a in rules(), b in rules()) {
        let (x, y) = (real(&a), real(&b));
        let (p, q) = (model(&a), model(&b));
        let union = join(&p, &q, |p, q| p || q);
        prop_assert!(agrees(&x.union(&y), &union));
        prop_assert_eq!(x.union(&y), from_cells(&union));
        let intersection = join(&p, &q, |p, q| p && q);
        prop_assert!(agrees(&x.intersection(&y), &intersection));
        prop_assert_eq!(x.intersection(&y), from_cells(&intersection));
        let difference = join(&p, &q, |p, q| p && !q);
        prop_assert!(agrees(&x.difference(&y), &difference));
        prop_assert_eq!(x.difference(&y), from_cells(&difference));
        prop_assert_eq!(x == y, p == q);
        prop_assert_eq!(x.is_empty(), !p.contains(&true));
        prop_assert_eq!(x.overlaps(&y), intersection.contains(&true));
        prop_assert_eq!(x.is_subset(&y), !difference.contains(&true));
        prop_assert!(x.is_subset(&x.union(&y)) && x.intersection(&y).is_subset(&x));
    }

    #[test]
    fn a_complement_is_everything_else(rules in rules()) {
        let set = real(&rules);
        let rest: Model = model(&rules).iter().map(|inside| !inside).collect();
        prop_assert!(agrees(&set.complement(), &rest));
        prop_assert_eq!(set.complement().intersection(&universe()), from_cells(&rest));
        prop_assert_eq!(set.complement().complement(), set.clone());
        prop_assert_eq!(set.union(&set.complement()), PacketSet::everything());
        prop_assert_eq!(set.size() + set.complement().size(), PacketSet::everything().size());
    }

    #[test]
    fn the_order_of_rules_does_not_matter(rules in rules(), turn in 0usize..12) {
        let one_by_one = rules.iter().fold(PacketSet::empty(), |sum, rule| sum.union(&rule.set()));
        let mut turned = rules.clone();
        if !turned.is_empty() {
            let length = turned.len();
            turned.rotate_left(turn % length);
        }
        prop_assert_eq!(real(&rules), one_by_one);
        prop_assert_eq!(real(&rules), real(&turned));
    }

    #[test]
    fn size_counts_packets(rules in rules()) {
        let cells = cells();
        let model = model(&rules);
        let truth: BigUint =
            cells.iter().zip(&model).filter(|(_, inside)| **inside).map(|(cell, _)| cell.size()).sum();
        prop_assert_eq!(real(&rules).size(), truth);
    }

    #[test]
    fn the_witness_is_the_smallest_packet(rules in rules()) {
        let cells = cells();
        let model = model(&rules);
        // Cells come in the order of the universe by their first address, and no cell has more than one run of
        // addresses, so the first cell that is in holds the smallest packet.
        let truth = cells.iter().zip(&model).find(|(_, inside)| **inside).map(|(cell, _)| cell.packet(false));
        prop_assert_eq!(real(&rules).witness(), truth);
    }

    #[test]
    fn addresses_and_services_are_what_the_cells_say(a in rules(), b in rules()) {
        let set = real(&a);
        let model = model(&a);
        let cells = cells();
        for family in IpFamily::BOTH {
            let within = real(&b).addresses(family);
            let inside = |address: usize| within.contains(address_span(family, address).0);
            let column = |address: usize| {
                let mine = cells.iter().zip(&model).filter(|(cell, inside)| {
                    **inside && cell.family == family && cell.address == address
                });
                Services::union_all(mine.map(|(cell, _)| cell.services()))
            };
            let columns: Vec<Services> = (0..addresses(family).len()).map(column).collect();
            let reached = |test: &dyn Fn(usize) -> bool| {
                let ranges = (0..columns.len()).filter(|index| test(*index));
                AddressSet::from_ranges(family, ranges.map(|index| address_span(family, index)))
            };
            prop_assert_eq!(set.addresses(family), reached(&|index| !columns[index].is_empty()));
            for column in &columns {
                let truth = reached(&|index| column.is_subset(&columns[index]));
                prop_assert_eq!(set.addresses_for(family, column), truth);
            }
            let chosen = || (0..columns.len()).filter(|index| inside(*index)).map(|index| &columns[index]);
            let every = chosen().fold(Services::all(), |sum, column| sum.intersection(column));
            let some = chosen().fold(Services::none(), |sum, column| sum.union(column));
            prop_assert_eq!(set.services_to_all(&within), every);
            prop_assert_eq!(set.services_to_any(&within), some);
            let only = PacketSet::to_addresses(&within, &Services::all());
            prop_assert_eq!(set.restrict(family, &within), set.intersection(&only));
        }
    }

    #[test]
    fn rows_are_a_partition_that_gives_the_set_back(rules in rules()) {
        let set = real(&rules);
        let mut back = Vec::new();
        for family in IpFamily::BOTH {
            let rows = set.rows(family);
            for (index, (addresses, services)) in rows.iter().enumerate() {
                prop_assert!(!addresses.is_empty() && !services.is_empty());
                for (other, others) in &rows[..index] {
                    prop_assert!(other.intersection(addresses).is_empty() && others != services);
                    prop_assert!(other.first() < addresses.first());
                }
                back.push(PacketSet::to_addresses(addresses, services));
            }
        }
        prop_assert_eq!(PacketSet::union_all(back), set);
    }

    #[test]
    fn the_parts_of_services_give_the_services_back(rules in rules()) {
        for (_, services) in real(&rules).rows(IpFamily::V4) {
            let back = services.protocols().map(|(protocol, part)| match part {
                ProtocolPart::All => Services::protocol(protocol),
                ProtocolPart::Icmp(ranges) => Services::union_all(ranges.iter().map(|range| {
                    Services::icmp_ranges(
                        protocol,
                        range.types.0..=range.types.1,
                        range.codes.0..=range.codes.1,
                    )
                })),
                ProtocolPart::Ports { destinations, source_restricted } => {
                    let runs = services.port_runs(protocol);
                    for pair in runs.windows(2) {
                        let (left, right) = (&pair[0], &pair[1]);
                        let touch = left.destinations.1 + 1 == right.destinations.0;
                        assert!(left.destinations.1 < right.destinations.0 && !(touch && left.sources == right.sources));
                    }
                    let exact = Services::union_all(runs.iter().flat_map(|run| {
                        run.sources.iter().map(|(first, last)| {
                            let (from, to) = run.destinations;
                            Services::ports_with_source(protocol, from..=to, *first..=*last)
                        })
                    }));
                    let wide = Services::union_all(
                        destinations.iter().map(|(first, last)| Services::ports(protocol, *first, *last)),
                    );
                    assert_eq!(exact != wide, source_restricted);
                    assert!(exact.is_subset(&wide));
                    exact
                }
            });
            prop_assert_eq!(Services::union_all(back), services.clone());
            prop_assert_eq!(services.complement().complement(), services.clone());
            let sizes = services.size() + services.complement().size();
            prop_assert_eq!(sizes, Services::all().size());
        }
    }
}
