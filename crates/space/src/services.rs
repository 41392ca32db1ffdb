//! What is allowed towards one address: a set over protocols and their ports, or ICMP types and codes.

use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;

use crate::algebra::{Layer, Op, Portion};
use crate::grid::Grid;
use crate::memo::Memo;
use crate::protocol::{IcmpRange, Kind, PortRun, ProtocolPart, TCP, UDP, kind};

/// A set of services: protocol numbers, and within them destination port × source port (TCP, UDP, SCTP,
/// DCCP, UDP-Lite) or type × code (ICMP of either family). It says nothing about addresses.
///
/// INVARIANT: a protocol is in `whole` when all of it is in the set, and in `parts` when some but not all of it
/// is; `parts` ascends. Equal sets are equal values.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Services {
    whole: [u64; 4],
    parts: Vec<(u8, Arc<Grid>)>,
}

impl Services {
    /// No service.
    pub fn none() -> Self {
        Self::default()
    }

    /// Every protocol with everything in it.
    pub fn all() -> Self {
        Services { whole: [u64::MAX; 4], parts: Vec::new() }
    }

    /// All of one protocol.
    pub fn protocol(protocol: u8) -> Self {
        let mut services = Self::none();
        services.put(protocol, Portion::All);
        services
    }

    /// TCP to the destination ports `first..=last` from any source port.
    pub fn tcp(first: u16, last: u16) -> Self {
        Self::ports(TCP, first, last)
    }

    /// UDP to the destination ports `first..=last` from any source port.
    pub fn udp(first: u16, last: u16) -> Self {
        Self::ports(UDP, first, last)
    }

    /// A protocol to the destination ports `first..=last` from any source port; nothing if `first > last`.
    /// For a protocol that has no ports this is all of the protocol: nothing in its packets could tell more.
    pub fn ports(protocol: u8, first: u16, last: u16) -> Self {
        Self::ports_with_source(protocol, first..=last, 0..=u16::MAX)
    }

    /// The same with the source ports restricted as well.
    pub fn ports_with_source(
        protocol: u8,
        destination: RangeInclusive<u16>,
        source: RangeInclusive<u16>,
    ) -> Self {
        if kind(protocol) != Kind::Ports {
            return Self::protocol(protocol);
        }
        Self::rectangle(protocol, destination.into_inner(), source.into_inner())
    }

    /// ICMP (1) or ICMPv6 (58) of one type and code, `None` standing for every one. For any other protocol this
    /// is all of the protocol.
    pub fn icmp(protocol: u8, icmp_type: Option<u8>, code: Option<u8>) -> Self {
        let range = |number: Option<u8>| number.map_or(0..=u8::MAX, |number| number..=number);
        Self::icmp_ranges(protocol, range(icmp_type), range(code))
    }

    /// ICMP (1) or ICMPv6 (58) of ranges of types and codes.
    pub fn icmp_ranges(protocol: u8, types: RangeInclusive<u8>, codes: RangeInclusive<u8>) -> Self {
        if kind(protocol) != Kind::Icmp {
            return Self::protocol(protocol);
        }
        let wide = |range: RangeInclusive<u8>| (u16::from(*range.start()), u16::from(*range.end()));
        Self::rectangle(protocol, wide(types), wide(codes))
    }

    fn rectangle(protocol: u8, first: (u16, u16), second: (u16, u16)) -> Self {
        let mut services = Self::none();
        let grid = Grid::rectangle(first, second, kind(protocol).limit());
        services.put(protocol, grid.into_portion());
        services
    }

    /// What either set has.
    pub fn union(&self, other: &Self) -> Self {
        self.combined(Op::Union, other, &mut Memo::default())
    }

    /// What both sets have.
    pub fn intersection(&self, other: &Self) -> Self {
        self.combined(Op::Intersection, other, &mut Memo::default())
    }

    /// What this set has and the other has not.
    pub fn difference(&self, other: &Self) -> Self {
        self.combined(Op::Difference, other, &mut Memo::default())
    }

    /// What this set has not.
    pub fn complement(&self) -> Self {
        Self::all().difference(self)
    }

    /// The union of many sets, merged in pairs so that the cost stays near the size of the answer.
    pub fn union_all(sets: impl IntoIterator<Item = Services>) -> Self {
        let mut sets: Vec<Services> = sets.into_iter().collect();
        while sets.len() > 1 {
            sets = sets
                .chunks(2)
                .map(|pair| match pair {
                    [a, b] => a.union(b),
                    rest => rest.first().cloned().unwrap_or_default(),
                })
                .collect();
        }
        sets.pop().unwrap_or_default()
    }

    /// Whether there is no service in the set.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty() && self.whole == [0; 4]
    }

    /// Whether every service of every protocol is in the set.
    pub fn is_all(&self) -> bool {
        self.whole == [u64::MAX; 4]
    }

    /// Whether everything in this set is in `of`.
    pub fn is_subset(&self, of: &Self) -> bool {
        self.within(of, &mut Memo::default())
    }

    fn within(&self, of: &Self, memo: &mut Memo) -> bool {
        let parts = self
            .parts
            .iter()
            .all(|(protocol, _)| self.portion(*protocol).is_subset(&of.portion(*protocol), memo));
        // A protocol that this set has all of must be all there.
        parts && self.whole.iter().zip(of.whole).all(|(mine, theirs)| mine & !theirs == 0)
    }

    /// Whether the two sets share a service.
    pub fn overlaps(&self, other: &Self) -> bool {
        !self.intersection(other).is_empty()
    }

    /// How many services: (protocol, destination port, source port), (protocol, type, code) or just (protocol).
    pub fn size(&self) -> u64 {
        self.count(&mut Memo::default())
    }

    pub(crate) fn count(&self, memo: &mut Memo) -> u64 {
        let parts: u64 =
            self.parts.iter().map(|(protocol, grid)| grid.count(kind(*protocol).limit(), memo)).sum();
        let whole: u64 =
            (0..=u8::MAX).filter(|protocol| self.has_all_of(*protocol)).map(|p| kind(p).size()).sum();
        parts + whole
    }

    /// Whether all of a protocol is in the set.
    pub fn has_all_of(&self, protocol: u8) -> bool {
        let (word, bit) = place(protocol);
        self.whole[word] & bit != 0
    }

    /// Every protocol that has something in the set, ascending, with how much of it.
    pub fn protocols(&self) -> impl Iterator<Item = (u8, ProtocolPart)> + '_ {
        self.numbers().filter_map(|protocol| Some((protocol, self.part(protocol)?)))
    }

    /// The numbers of the protocols that have something in the set, ascending.
    pub fn numbers(&self) -> impl Iterator<Item = u8> + use<> {
        let mut present = self.whole;
        for (protocol, _) in &self.parts {
            let (word, bit) = place(*protocol);
            present[word] |= bit;
        }
        (0u8..4).zip(present).flat_map(|(word, mut bits)| {
            std::iter::from_fn(move || {
                if bits == 0 {
                    return None;
                }
                let lowest = bits.trailing_zeros() as u8;
                bits &= bits - 1;
                Some(word * 64 + lowest)
            })
        })
    }

    /// How much of one protocol is in the set; `None` for nothing.
    pub fn part(&self, protocol: u8) -> Option<ProtocolPart> {
        let grid = match self.portion(protocol) {
            Portion::None => return None,
            Portion::All => return Some(ProtocolPart::All),
            Portion::Some(grid) => grid,
        };
        let kind = kind(protocol);
        let limit = kind.limit();
        Some(match kind {
            Kind::Icmp => ProtocolPart::Icmp(
                grid.runs(limit)
                    .into_iter()
                    .flat_map(|run| {
                        let types = (narrow(run.first), narrow(run.last));
                        run.ranges
                            .into_iter()
                            .map(move |(a, b)| IcmpRange { types, codes: (narrow(a), narrow(b)) })
                    })
                    .collect(),
            ),
            Kind::Ports | Kind::Bare => {
                let mut destinations: Vec<(u16, u16)> = Vec::new();
                let mut source_restricted = false;
                for run in grid.runs(limit) {
                    source_restricted |= run.ranges != [(0, limit)];
                    match destinations.last_mut() {
                        Some((_, last)) if last.checked_add(1) == Some(run.first) => *last = run.last,
                        _ => destinations.push((run.first, run.last)),
                    }
                }
                ProtocolPart::Ports { destinations, source_restricted }
            }
        })
    }

    /// The destination ports of one protocol with the source ports that go with each run; one run with
    /// everything if all of it is in the set; empty for a protocol without ports.
    pub fn port_runs(&self, protocol: u8) -> Vec<PortRun> {
        if kind(protocol) != Kind::Ports {
            return Vec::new();
        }
        match self.portion(protocol) {
            Portion::None => Vec::new(),
            Portion::All => {
                vec![PortRun { destinations: (0, u16::MAX), sources: vec![(0, u16::MAX)] }]
            }
            Portion::Some(grid) => grid
                .runs(u16::MAX)
                .into_iter()
                .map(|run| PortRun { destinations: (run.first, run.last), sources: run.ranges })
                .collect(),
        }
    }

    pub(crate) fn portion(&self, protocol: u8) -> Portion<Grid> {
        if self.has_all_of(protocol) {
            return Portion::All;
        }
        match self.parts.iter().find(|(number, _)| *number == protocol) {
            Some((_, grid)) => Portion::Some(Arc::clone(grid)),
            None => Portion::None,
        }
    }

    /// Sets one protocol; callers go through the protocols in ascending order, which keeps `parts` sorted.
    fn put(&mut self, protocol: u8, portion: Portion<Grid>) {
        let (word, bit) = place(protocol);
        self.whole[word] &= !bit;
        match portion {
            Portion::None => {}
            Portion::All => self.whole[word] |= bit,
            Portion::Some(grid) => self.parts.push((protocol, grid)),
        }
    }

    fn combined(&self, op: Op, other: &Self, memo: &mut Memo) -> Self {
        let mut out = Services::none();
        for (word, bits) in out.whole.iter_mut().enumerate() {
            *bits = op.on_bits(self.whole[word], other.whole[word]);
        }
        let mut partial: Vec<u8> =
            self.parts.iter().chain(&other.parts).map(|(protocol, _)| *protocol).collect();
        partial.sort_unstable();
        partial.dedup();
        for protocol in partial {
            out.put(protocol, self.portion(protocol).combine(op, &other.portion(protocol), memo));
        }
        out
    }

    pub(crate) fn into_portion(self) -> Portion<Self> {
        if self.is_empty() {
            Portion::None
        } else if self.is_all() {
            Portion::All
        } else {
            Portion::Some(self.into())
        }
    }

    pub(crate) fn from_portion(portion: &Portion<Self>) -> Self {
        match portion {
            Portion::None => Self::none(),
            Portion::All => Self::all(),
            Portion::Some(services) => Services::clone(services),
        }
    }
}

impl Layer for Services {
    fn combine(&self, op: Op, other: &Self, memo: &mut Memo) -> Portion<Self> {
        self.combined(op, other, memo).into_portion()
    }

    fn complement(&self, memo: &mut Memo) -> Self {
        Self::all().combined(Op::Difference, self, memo)
    }

    fn is_subset(&self, of: &Self, memo: &mut Memo) -> bool {
        self.within(of, memo)
    }
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_all() {
            return f.write_str("Services(all)");
        }
        f.write_str("Services")?;
        f.debug_map().entries(self.protocols()).finish()
    }
}

/// The word and the bit of a protocol in `whole`.
fn place(protocol: u8) -> (usize, u64) {
    (usize::from(protocol / 64), 1 << (protocol % 64))
}

/// ICMP numbers fit a byte: their grids are cut at 255.
fn narrow(number: u16) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(services: &Services) -> Vec<(u8, ProtocolPart)> {
        services.protocols().collect()
    }

    fn ports(destinations: &[(u16, u16)]) -> ProtocolPart {
        ProtocolPart::Ports { destinations: destinations.to_vec(), source_restricted: false }
    }

    #[test]
    fn the_numbers_are_those_of_the_protocols_with_something_in_the_set() {
        let some = Services::tcp(443, 443).union(&Services::protocol(0)).union(&Services::protocol(255));
        for services in [Services::none(), Services::all(), some.clone(), some.complement()] {
            let every: Vec<u8> = (0..=u8::MAX).filter(|n| services.part(*n).is_some()).collect();
            assert_eq!(services.numbers().collect::<Vec<_>>(), every);
        }
    }

    #[test]
    fn all_ports_of_a_protocol_are_all_of_the_protocol() {
        assert_eq!(Services::tcp(0, 65535), Services::protocol(6));
        assert_eq!(Services::tcp(0, 442).union(&Services::tcp(443, 65535)), Services::protocol(6));
        assert_eq!(Services::icmp(1, None, None), Services::protocol(1));
    }

    #[test]
    fn neighbouring_ports_are_one_range() {
        let web = Services::tcp(80, 80).union(&Services::tcp(81, 90)).union(&Services::tcp(443, 443));
        assert_eq!(parts(&web), [(6, ports(&[(80, 90), (443, 443)]))]);
        assert_eq!(web, Services::tcp(443, 443).union(&Services::tcp(80, 90)));
        assert_eq!(web.size(), 12 * 65536);
    }

    #[test]
    fn ports_mean_nothing_for_a_protocol_that_has_none() {
        assert_eq!(Services::ports(47, 80, 80), Services::protocol(47));
        assert_eq!(Services::icmp(6, Some(8), None), Services::protocol(6));
    }

    #[test]
    fn a_range_that_is_turned_round_is_empty() {
        assert!(Services::tcp(2, 1).is_empty());
        let turned = RangeInclusive::new(5, 4);
        assert!(Services::ports_with_source(17, 0..=1, turned).is_empty());
    }

    #[test]
    fn a_code_may_be_given_for_every_type() {
        let zero = Services::icmp(1, None, Some(0));
        assert_eq!(zero.size(), 256);
        let expected = IcmpRange { types: (0, 255), codes: (0, 0) };
        assert_eq!(parts(&zero), [(1, ProtocolPart::Icmp(vec![expected]))]);
        assert_eq!(zero.complement().union(&zero), Services::all());
    }

    #[test]
    fn everything_but_one_port_is_not_everything() {
        let rest = Services::all().difference(&Services::tcp(25, 25));
        assert!(!rest.is_all() && !rest.has_all_of(6) && rest.has_all_of(17));
        assert_eq!(rest.part(6), Some(ports(&[(0, 24), (26, 65535)])));
        assert_eq!(rest.size(), Services::all().size() - 65536);
        assert_eq!(rest.complement(), Services::tcp(25, 25));
    }

    #[test]
    fn source_ports_are_told_apart() {
        let high = Services::ports_with_source(6, 443..=443, 1024..=65535);
        assert!(high.is_subset(&Services::tcp(443, 443)) && !Services::tcp(443, 443).is_subset(&high));
        let part = ProtocolPart::Ports { destinations: vec![(443, 443)], source_restricted: true };
        assert_eq!(parts(&high), [(6, part)]);
        let low = Services::ports_with_source(6, 443..=443, 0..=1023);
        assert_eq!(high.union(&low), Services::tcp(443, 443));
    }

    #[test]
    fn all_services_are_counted() {
        let typed = 2 * 65536u64;
        let ported = 5 * 65536u64 * 65536;
        assert_eq!(Services::all().size(), typed + ported + 249);
        assert_eq!(Services::none().size(), 0);
    }
}
