//! Sets of packets.

use ipnet::IpNet;
use num_bigint::BigUint;
use rustc_hash::FxHashSet;
use std::sync::Arc;

use crate::addresses::{AddressSet, block_range};
use crate::algebra::{Op, Portion};
use crate::family::{IpFamily, number};
use crate::labels::{Label, Labels};
use crate::memo::Memo;
use crate::packet::Packet;
use crate::services::Services;
use crate::steps::{self, Steps};
use crate::toggles::Toggles;

/// For each run of addresses, the services allowed to it.
pub(crate) type Layout = Steps<u128, Portion<Services>>;

/// An exact set of packets of both families. Equal sets are equal values.
#[derive(Clone, Default, PartialEq, Eq, Hash, Debug)]
pub struct PacketSet {
    v4: Layout,
    v6: Layout,
}

impl PacketSet {
    /// No packet.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Every packet of both families.
    pub fn everything() -> Self {
        PacketSet { v4: vec![(0, Portion::All)], v6: vec![(0, Portion::All)] }
    }

    /// Every packet of one family.
    pub fn family(family: IpFamily) -> Self {
        Self::of_layout(family, vec![(0, Portion::All)])
    }

    /// The packets of these services to the addresses numbered `first..=last`, cut at the end of the family;
    /// nothing if `first > last`.
    pub fn to_range(family: IpFamily, first: u128, last: u128, services: &Services) -> Self {
        Self::to_numbers(family, &Toggles::range(first, last, family.last_address()), services)
    }

    /// The packets of these services to a CIDR block; host bits are ignored.
    pub fn to_block(block: IpNet, services: &Services) -> Self {
        let (first, last) = block_range(block);
        Self::to_range(IpFamily::of(block.addr()), first, last, services)
    }

    /// The packets of these services to a set of addresses.
    pub fn to_addresses(addresses: &AddressSet, services: &Services) -> Self {
        Self::to_numbers(addresses.family(), addresses.numbers(), services)
    }

    fn to_numbers(family: IpFamily, numbers: &Toggles<u128>, services: &Services) -> Self {
        let portion = services.clone().into_portion();
        let mut layout = Layout::with_capacity(numbers.points().len());
        for (index, point) in numbers.points().iter().enumerate() {
            let label = if index % 2 == 0 { portion.clone() } else { Portion::None };
            steps::push(&mut layout, *point, label);
        }
        Self::of_layout(family, layout)
    }

    fn of_layout(family: IpFamily, layout: Layout) -> Self {
        match family {
            IpFamily::V4 => PacketSet { v4: layout, v6: Vec::new() },
            IpFamily::V6 => PacketSet { v4: Vec::new(), v6: layout },
        }
    }

    pub(crate) fn of_layouts(v4: Layout, v6: Layout) -> Self {
        PacketSet { v4, v6 }
    }

    pub(crate) fn into_layouts(self) -> (Layout, Layout) {
        (self.v4, self.v6)
    }

    fn layout(&self, family: IpFamily) -> &Layout {
        match family {
            IpFamily::V4 => &self.v4,
            IpFamily::V6 => &self.v6,
        }
    }

    /// Packets in either set.
    pub fn union(&self, other: &Self) -> Self {
        self.combined(Op::Union, other)
    }

    /// Packets in both sets.
    pub fn intersection(&self, other: &Self) -> Self {
        self.combined(Op::Intersection, other)
    }

    /// Packets in this set and not in the other.
    pub fn difference(&self, other: &Self) -> Self {
        self.combined(Op::Difference, other)
    }

    /// Packets not in this set.
    pub fn complement(&self) -> Self {
        Self::everything().difference(self)
    }

    fn combined(&self, op: Op, other: &Self) -> Self {
        let mut labels = Labels::new(op);
        PacketSet {
            v4: combine_layouts(&self.v4, &other.v4, &mut labels),
            v6: combine_layouts(&self.v6, &other.v6, &mut labels),
        }
    }

    /// Whether there is no packet in the set.
    pub fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    /// Whether every packet is in the set.
    pub fn is_everything(&self) -> bool {
        let all = |layout: &Layout| matches!(layout.as_slice(), [(0, Portion::All)]);
        all(&self.v4) && all(&self.v6)
    }

    /// Whether there is a packet of this family in the set.
    pub fn has(&self, family: IpFamily) -> bool {
        !self.layout(family).is_empty()
    }

    /// Whether every packet of this set is in `of`.
    pub fn is_subset(&self, of: &Self) -> bool {
        let mut labels = Labels::new(Op::Difference);
        IpFamily::BOTH.into_iter().all(|family| {
            steps::walk(self.layout(family), of.layout(family), |_, a, b| {
                let (a, b) = (labels.of(a), labels.of(b));
                labels.is_subset(a, b)
            })
        })
    }

    /// Whether the two sets share a packet.
    pub fn overlaps(&self, other: &Self) -> bool {
        !self.intersection(other).is_empty()
    }

    /// The smallest packet: by family, address, protocol, then destination port or type, then source port or
    /// code. [`crate::internet::witness`] picks one that tells a person more.
    pub fn witness(&self) -> Option<Packet> {
        IpFamily::BOTH.into_iter().find_map(|family| {
            let (start, portion) = self.layout(family).first()?;
            Some(Services::from_portion(portion).smallest()?.to(family, *start))
        })
    }

    /// Whether a packet is in the set. A port, type or code left out of the packet stands for any: the answer is
    /// yes if some packet that fits is in the set. A packet whose address is not of its family is in no set.
    pub fn contains(&self, packet: &Packet) -> bool {
        IpFamily::of(packet.address) == packet.family
            && match steps::at(self.layout(packet.family), number(packet.address)) {
                None | Some(Portion::None) => false,
                Some(Portion::All) => true,
                Some(Portion::Some(services)) => services.allows(packet),
            }
    }

    /// How many packets: different (family, address, protocol, ports or type and code).
    pub fn size(&self) -> BigUint {
        let mut size = BigUint::ZERO;
        let mut memo = Memo::default();
        for family in IpFamily::BOTH {
            for (first, last, portion) in steps::pieces(self.layout(family), family.last_address()) {
                let services = match portion {
                    Portion::None => continue,
                    Portion::All => Services::all().size(),
                    Portion::Some(services) => services.count(&mut memo),
                };
                size += (BigUint::from(last - first) + 1u8) * services;
            }
        }
        size
    }

    /// The addresses of a family that at least one packet reaches.
    pub fn addresses(&self, family: IpFamily) -> AddressSet {
        self.addresses_where(family, |portion| !portion.is_none())
    }

    /// The addresses of a family to which *all* of these services are allowed; every address for no service.
    pub fn addresses_for(&self, family: IpFamily, services: &Services) -> AddressSet {
        let wanted = services.clone().into_portion();
        if wanted.is_none() {
            return AddressSet::all(family);
        }
        self.addresses_where(family, |portion| wanted.is_subset(portion, &mut Memo::default()))
    }

    /// The addresses of a family to which *any* of these services is allowed.
    pub fn addresses_for_any(&self, family: IpFamily, services: &Services) -> AddressSet {
        self.addresses_where(family, |portion| Services::from_portion(portion).overlaps(services))
    }

    /// The addresses whose portion passes; the test must fail for [`Portion::None`].
    fn addresses_where(&self, family: IpFamily, test: impl Fn(&Portion<Services>) -> bool) -> AddressSet {
        let mut points = Vec::new();
        let mut inside = false;
        for (start, portion) in self.layout(family) {
            if test(portion) != inside {
                inside = !inside;
                points.push(*start);
            }
        }
        AddressSet::from_numbers(family, Toggles::from_points(points))
    }

    /// The services allowed to *every* address of the set; every service for no address.
    pub fn services_to_all(&self, within: &AddressSet) -> Services {
        let mut common: Portion<Services> = Portion::All;
        for portion in self.portions(within) {
            common = common.combine(Op::Intersection, &portion, &mut Memo::default());
            if common.is_none() {
                break;
            }
        }
        Services::from_portion(&common)
    }

    /// The services allowed to at least one address of the set.
    pub fn services_to_any(&self, within: &AddressSet) -> Services {
        Services::union_all(self.portions(within).iter().map(Services::from_portion))
    }

    /// The services allowed to one address.
    pub fn services_at(&self, family: IpFamily, address: u128) -> Services {
        if address > family.last_address() {
            return Services::none();
        }
        steps::at(self.layout(family), address).map_or_else(Services::none, Services::from_portion)
    }

    /// The portions that addresses of `within` have, each shared value once.
    fn portions(&self, within: &AddressSet) -> Vec<Portion<Services>> {
        let inside: Steps<u128, bool> = within
            .numbers()
            .points()
            .iter()
            .enumerate()
            .map(|(index, point)| (*point, index % 2 == 0))
            .collect();
        let mut seen = FxHashSet::default();
        let mut portions = Vec::new();
        steps::walk(self.layout(within.family()), &inside, |_, portion, inside| {
            let identity = match portion {
                Portion::None => 0,
                Portion::All => 1,
                Portion::Some(services) => Arc::as_ptr(services).addr(),
            };
            if *inside && seen.insert(identity) {
                portions.push(portion.clone());
            }
            true
        });
        portions
    }

    /// Only the packets to these addresses; nothing if they are of another family.
    pub fn restrict(&self, family: IpFamily, to: &AddressSet) -> Self {
        if family != to.family() {
            return Self::empty();
        }
        if to.is_all() {
            return Self::of_layout(family, self.layout(family).clone());
        }
        let only = Self::to_addresses(to, &Services::all());
        let mut labels = Labels::new(Op::Intersection);
        Self::of_layout(family, combine_layouts(self.layout(family), only.layout(family), &mut labels))
    }

    /// The addresses that are reached, grouped by what is allowed to them: no two rows have the same services or
    /// share an address, none is empty. Ordered by the first address of each row.
    pub fn rows(&self, family: IpFamily) -> Vec<(AddressSet, Services)> {
        let mut labels = Labels::new(Op::Union);
        let mut order: Vec<(Label, Vec<(u128, u128)>)> = Vec::new();
        let mut index = rustc_hash::FxHashMap::default();
        for (first, last, portion) in steps::pieces(self.layout(family), family.last_address()) {
            if portion.is_none() {
                continue;
            }
            let label = labels.of(portion);
            let row = *index.entry(label).or_insert_with(|| {
                order.push((label, Vec::new()));
                order.len() - 1
            });
            if let Some((_, ranges)) = order.get_mut(row) {
                ranges.push((first, last));
            }
        }
        order
            .into_iter()
            .map(|(label, ranges)| {
                let services = Services::from_portion(&labels.portion(label));
                (AddressSet::from_ranges(family, ranges), services)
            })
            .collect()
    }
}

/// The operation of `labels` on two layouts.
fn combine_layouts(a: &Layout, b: &Layout, labels: &mut Labels) -> Layout {
    if labels.op() == Op::Intersection {
        match (is_plain(a), is_plain(b)) {
            (_, true) => return keep(a, b),
            (true, _) => return keep(b, a),
            _ => {}
        }
    }
    // Labels rather than portions while walking: equal services of different origin compare by number.
    let numbered: Steps<u128, Label> = steps::zip(a, b, |a, b| {
        let (a, b) = (labels.of(a), labels.of(b));
        labels.combine(a, b)
    });
    labels.layout(&numbered)
}

/// Whether a layout tells addresses apart and no services. Only short ones are asked: long ones are rarely so.
fn is_plain(layout: &Layout) -> bool {
    const SHORT: usize = 64;
    layout.len() <= SHORT && layout.iter().all(|(_, portion)| !matches!(portion, Portion::Some(_)))
}

/// What `layout` has where `plain` has everything. Services need no numbers for that, and most of what a packet meets on its
/// way asks for its address alone.
fn keep(layout: &Layout, plain: &Layout) -> Layout {
    // Each run of addresses that is kept, with the steps within it.
    let runs = || {
        plain.iter().enumerate().filter(|(_, (_, portion))| !portion.is_none()).map(|(at, (from, _))| {
            let until = plain.get(at + 1).map(|(next, _)| *next);
            let first = layout.partition_point(|(start, _)| start <= from);
            let last =
                until.map_or(layout.len(), |until| layout.partition_point(|(start, _)| *start < until));
            (*from, until, first, layout.get(first..last).unwrap_or_default())
        })
    };
    // Layouts are kept by the ten thousand: no room for more than there is.
    let mut kept = Layout::with_capacity(runs().map(|(_, _, _, within)| within.len() + 2).sum());
    for (from, until, first, within) in runs() {
        if let Some((_, before)) = first.checked_sub(1).and_then(|at| layout.get(at)) {
            steps::push(&mut kept, from, before.clone());
        }
        // The first of these differs from what held before it, as neighbours do.
        kept.extend_from_slice(within);
        if let Some(until) = until {
            steps::push(&mut kept, until, Portion::None);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::hash::{DefaultHasher, Hash, Hasher};

    fn to(text: &str, services: &Services) -> PacketSet {
        PacketSet::to_block(text.parse().expect("a block"), services)
    }

    fn hash(set: &PacketSet) -> u64 {
        let mut hasher = DefaultHasher::new();
        set.hash(&mut hasher);
        hasher.finish()
    }

    fn some_set() -> impl Strategy<Value = PacketSet> {
        let range = (0u128..24, 0u128..24, 0usize..4).prop_map(|(a, b, services)| {
            let services =
                [Services::all(), Services::tcp(443, 443), Services::udp(53, 53), Services::none()][services]
                    .clone();
            PacketSet::to_range(IpFamily::V4, a.min(b), a.max(b), &services)
        });
        prop::collection::vec(range, 0..6).prop_map(PacketSet::union_all)
    }

    proptest! {
        /// Sets that tell only addresses apart are cut out another way than others; both ways give the same.
        #[test]
        fn addresses_are_cut_out_of_a_set_as_packets_are(
            set in some_set(),
            ranges in prop::collection::vec((0u128..24, 0u128..24), 0..5),
            to_the_end in any::<bool>(),
        ) {
            let mut ranges: Vec<_> = ranges.into_iter().map(|(a, b)| (a.min(b), a.max(b))).collect();
            ranges.extend(to_the_end.then_some((20, IpFamily::V4.last_address())));
            let addresses = AddressSet::from_ranges(IpFamily::V4, ranges);
            let plain = PacketSet::to_addresses(&addresses, &Services::all());
            prop_assert!(is_plain(&plain.v4));
            let cut = set.intersection(&plain);
            prop_assert_eq!(&cut, &plain.intersection(&set));
            prop_assert_eq!(&cut, &set.difference(&plain.complement()));
            for address in 0..26 {
                let there = if addresses.contains(address) { set.services_at(IpFamily::V4, address) } else { Services::none() };
                prop_assert_eq!(cut.services_at(IpFamily::V4, address), there);
            }
        }
    }

    #[test]
    fn sets_go_between_threads() {
        fn sendable<T: Send + Sync>() {}
        sendable::<PacketSet>();
    }

    #[test]
    fn everything_is_both_families_and_has_the_size_of_both() {
        let both = PacketSet::family(IpFamily::V4).union(&PacketSet::family(IpFamily::V6));
        assert_eq!(both, PacketSet::everything());
        assert_eq!(hash(&both), hash(&PacketSet::everything()));
        let addresses = (BigUint::from(1u8) << 32u8) + (BigUint::from(1u8) << 128u8);
        assert_eq!(both.size(), addresses * Services::all().size());
        assert!(both.complement().is_empty());
    }

    #[test]
    fn a_packet_without_ports_stands_for_any_port() {
        let set = to("1.1.1.1/32", &Services::tcp(443, 443));
        let mut packet = set.witness().expect("not empty");
        assert_eq!((packet.destination_port, packet.source_port), (Some(443), Some(0)));
        packet.source_port = None;
        assert!(set.contains(&packet));
        packet.destination_port = None;
        assert!(set.contains(&packet));
        packet.destination_port = Some(80);
        assert!(!set.contains(&packet));
    }

    #[test]
    fn a_packet_whose_address_is_of_the_other_family_is_nowhere() {
        let mut packet = PacketSet::everything().witness().expect("not empty");
        packet.family = IpFamily::V6;
        assert!(!PacketSet::everything().contains(&packet));
    }

    /// What was worked out for one pair of services must not answer for the same two the other way round.
    #[test]
    fn services_met_in_both_orders_are_told_apart() {
        let (few, more) = (Services::tcp(80, 90), Services::tcp(80, 95));
        let one = to("10.0.0.0/8", &few).union(&to("11.0.0.0/8", &more));
        let other = to("10.0.0.0/8", &more).union(&to("11.0.0.0/8", &few));
        assert!(!one.is_subset(&other) && !other.is_subset(&one));
        assert_eq!(one.difference(&other), to("11.0.0.0/8", &Services::tcp(91, 95)));
        assert_eq!(other.difference(&one), to("10.0.0.0/8", &Services::tcp(91, 95)));
    }

    #[test]
    fn no_address_has_every_service_and_no_service_reaches_every_address() {
        let set = to("10.0.0.0/8", &Services::tcp(443, 443));
        let nowhere = AddressSet::empty(IpFamily::V4);
        assert!(set.services_to_all(&nowhere).is_all());
        assert!(set.services_to_any(&nowhere).is_empty());
        assert!(set.addresses_for(IpFamily::V4, &Services::none()).is_all());
    }

    #[test]
    fn all_of_the_services_asked_for_must_be_allowed() {
        let web = Services::tcp(443, 443);
        let set = to("10.0.0.0/8", &web).union(&to("10.1.0.0/16", &Services::udp(53, 53)));
        let both = web.union(&Services::udp(53, 53));
        assert_eq!(set.addresses_for(IpFamily::V4, &both).cidrs(), ["10.1.0.0/16".parse().expect("a block")]);
        assert_eq!(set.addresses_for(IpFamily::V4, &web), set.addresses(IpFamily::V4));
        assert_eq!(set.services_to_all(&set.addresses(IpFamily::V4)), web);
        assert_eq!(set.services_to_any(&set.addresses(IpFamily::V4)), both);
    }

    #[test]
    fn addresses_outside_the_set_have_no_service_in_common() {
        let set = to("10.0.0.0/8", &Services::all());
        assert!(set.services_to_all(&AddressSet::all(IpFamily::V4)).is_empty());
        assert!(set.services_at(IpFamily::V4, u128::MAX).is_empty());
        assert!(set.restrict(IpFamily::V4, &AddressSet::all(IpFamily::V6)).is_empty());
    }

    #[test]
    fn services_apart_by_address_are_rows_apart() {
        let web = Services::tcp(443, 443);
        let set = PacketSet::union_all([
            to("10.0.0.0/8", &web),
            to("11.0.0.0/8", &Services::all()),
            to("12.0.0.0/8", &web),
        ]);
        let rows = set.rows(IpFamily::V4);
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[0].0.cidrs().len(), &rows[0].1), (2, &web));
        assert_eq!((rows[1].0.cidrs().len(), &rows[1].1), (1, &Services::all()));
        assert!(set.rows(IpFamily::V6).is_empty());
    }
}
