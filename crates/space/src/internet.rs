//! The named set *Internet*: the addresses that anybody may own.
//!
//! IPv4 is everything but multicast (224.0.0.0/4, RFC 5771) and the blocks of the special-purpose registry.
//! IPv6 is the global unicast space (2000::/3, RFC 4291) without the blocks of its registry. Blocks are left out
//! as a whole, also where the registry calls a part of them globally reachable: nothing a workload needs is there.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use crate::addresses::AddressSet;
use crate::family::{IpFamily, number};
use crate::packet::Packet;
use crate::packets::PacketSet;
use crate::services::Services;
use crate::special_purpose;

static V4: LazyLock<AddressSet> = LazyLock::new(|| {
    let multicast = range_of(IpAddr::V4(Ipv4Addr::new(224, 0, 0, 0)), 4);
    let reserved = special_purpose::V4.iter().map(|(start, prefix, _, _)| range_of((*start).into(), *prefix));
    AddressSet::from_ranges(IpFamily::V4, reserved.chain([multicast])).complement()
});

static V6: LazyLock<AddressSet> = LazyLock::new(|| {
    let (first, last) = range_of(IpAddr::V6(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0)), 3);
    let reserved = special_purpose::V6.iter().map(|(start, prefix, _, _)| range_of((*start).into(), *prefix));
    AddressSet::from_range(IpFamily::V6, first, last)
        .difference(&AddressSet::from_ranges(IpFamily::V6, reserved))
});

/// The first and last number of the block that starts at an address.
fn range_of(start: IpAddr, prefix: u8) -> (u128, u128) {
    let family = IpFamily::of(start);
    let host_bits = u32::from(family.bits().saturating_sub(prefix));
    let first = number(start);
    (first, first | (family.last_address() & !(u128::MAX.checked_shl(host_bits).unwrap_or(0))))
}

/// Well-known public resolvers, in the order in which they are looked for: a reader knows that these are
/// outside.
const LANDMARKS: [IpAddr; 3] = [
    IpAddr::V4(Ipv4Addr::new(1, 1, 1, 1)),
    IpAddr::V4(Ipv4Addr::new(8, 8, 8, 8)),
    IpAddr::V6(Ipv6Addr::new(0x2606, 0x4700, 0x4700, 0, 0, 0, 0, 0x1111)),
];

/// The addresses of a family's Internet.
pub fn addresses(family: IpFamily) -> &'static AddressSet {
    match family {
        IpFamily::V4 => &V4,
        IpFamily::V6 => &V6,
    }
}

/// Every packet to a family's Internet.
pub fn set(family: IpFamily) -> PacketSet {
    PacketSet::to_addresses(addresses(family), &Services::all())
}

/// How much of a family's Internet at least one packet of the set reaches, from 0 to 1; see
/// [`AddressSet::share_of`] for the rounding.
pub fn share(set: &PacketSet, family: IpFamily) -> f64 {
    set.addresses(family).share_of(addresses(family))
}

/// The packet to show for a set: to 1.1.1.1, 8.8.8.8 or 2606:4700:4700::1111, the first that is reached, else
/// to the smallest public address; there TCP 443 if allowed, else UDP 443, else the smallest port of TCP, of UDP,
/// else the smallest packet of the lowest protocol. `None` if the set does not reach the Internet.
pub fn witness(set: &PacketSet) -> Option<Packet> {
    let to = |family, address: u128| Some(set.services_at(family, address).telling()?.to(family, address));
    LANDMARKS.into_iter().find_map(|landmark| to(IpFamily::of(landmark), number(landmark))).or_else(|| {
        IpFamily::BOTH
            .into_iter()
            .find_map(|family| to(family, set.addresses(family).intersection(addresses(family)).first()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ipnet::IpNet;
    use num_bigint::BigUint;

    fn to(blocks: &[&str], services: &Services) -> PacketSet {
        PacketSet::union_all(blocks.iter().map(|text| {
            let block: IpNet = text.parse().expect("a block");
            PacketSet::to_block(block, services)
        }))
    }

    fn shown(set: &PacketSet) -> Option<(String, u8, Option<u16>)> {
        witness(set).map(|packet| (packet.address.to_string(), packet.protocol, packet.destination_port))
    }

    fn at(address: &str, protocol: u8, port: Option<u16>) -> Option<(String, u8, Option<u16>)> {
        Some((address.to_owned(), protocol, port))
    }

    #[test]
    fn every_reserved_block_starts_at_its_own_boundary() {
        let v4 =
            special_purpose::V4.iter().map(|(start, prefix, name, _)| (IpAddr::from(*start), *prefix, *name));
        let v6 =
            special_purpose::V6.iter().map(|(start, prefix, name, _)| (IpAddr::from(*start), *prefix, *name));
        for (start, prefix, name) in v4.chain(v6) {
            let block = IpNet::new(start, prefix).expect("a prefix length of the family");
            assert_eq!(block.network(), start, "{name}");
            assert_eq!(
                range_of(start, prefix),
                (number(block.network()), number(block.broadcast())),
                "{name}"
            );
        }
    }

    #[test]
    fn the_ipv4_internet_has_3_702_257_664_addresses() {
        // 2^32 less 2^29 for 224/4 and 240/4, three /8, one /10, one /12, two /16, one /15 and eight /24.
        let rest: u64 =
            (1 << 29) + 3 * (1 << 24) + (1 << 22) + (1 << 20) + 2 * (1 << 16) + (1 << 17) + 8 * 256;
        assert_eq!(addresses(IpFamily::V4).size(), BigUint::from((1u64 << 32) - rest));
        assert_eq!((1u64 << 32) - rest, 3_702_257_664);
    }

    #[test]
    fn the_ipv6_internet_is_global_unicast_less_five_blocks() {
        let one = BigUint::from(1u8);
        let rest = [23u32, 32, 16, 48, 20].map(|prefix| &one << (128 - prefix)).into_iter().sum::<BigUint>();
        assert_eq!(addresses(IpFamily::V6).size(), (&one << 125u32) - rest);
    }

    #[test]
    fn private_multicast_and_documentation_addresses_are_not_in_it() {
        for text in [
            "10.0.0.0/8",
            "100.64.0.0/10",
            "192.0.0.9/32",
            "192.88.99.0/24",
            "224.0.0.0/4",
            "255.255.255.255/32",
        ] {
            assert_eq!(share(&to(&[text], &Services::all()), IpFamily::V4), 0.0, "{text}");
        }
        for text in [
            "fc00::/7",
            "2001:db8::/32",
            "2001:20::/28",
            "2002::/16",
            "3fff::/20",
            "5f00::/16",
            "64:ff9b::/96",
        ] {
            assert_eq!(share(&to(&[text], &Services::all()), IpFamily::V6), 0.0, "{text}");
        }
    }

    #[test]
    fn a_set_that_leaves_out_only_reserved_blocks_is_all_of_it() {
        let v4 =
            PacketSet::family(IpFamily::V4).difference(&to(&["10.0.0.0/8", "240.0.0.0/4"], &Services::all()));
        assert_eq!(share(&v4, IpFamily::V4), 1.0);
        assert_eq!(share(&v4, IpFamily::V6), 0.0);
        assert!(set(IpFamily::V4).is_subset(&v4));
        assert_eq!(share(&to(&["2000::/3"], &Services::tcp(443, 443)), IpFamily::V6), 1.0);
    }

    #[test]
    fn the_first_landmark_that_is_reached_is_shown() {
        assert_eq!(shown(&PacketSet::everything()), at("1.1.1.1", 6, Some(443)));
        assert_eq!(shown(&to(&["8.0.0.0/8", "2600::/12"], &Services::all())), at("8.8.8.8", 6, Some(443)));
        assert_eq!(shown(&to(&["::/0"], &Services::all())), at("2606:4700:4700::1111", 6, Some(443)));
        // Reached by any packet: DNS to 1.1.1.1 goes before HTTPS to 8.8.8.8.
        let dns = to(&["1.1.1.1/32"], &Services::udp(53, 53));
        assert_eq!(shown(&dns.union(&to(&["8.8.8.8/32"], &Services::all()))), at("1.1.1.1", 17, Some(53)));
    }

    #[test]
    fn without_a_landmark_the_smallest_public_address_is_shown() {
        assert_eq!(shown(&to(&["10.0.0.0/7"], &Services::all())), at("11.0.0.0", 6, Some(443)));
        assert_eq!(shown(&to(&["2001:db8::/31"], &Services::all())), at("2001:db9::", 6, Some(443)));
        assert_eq!(shown(&to(&["10.0.0.0/8", "fd00::/8"], &Services::all())), None);
        assert_eq!(shown(&PacketSet::empty()), None);
    }

    #[test]
    fn port_443_goes_before_the_smallest_and_tcp_before_udp() {
        let to_one = |services: &Services| shown(&to(&["1.1.1.1/32"], services));
        let web = Services::tcp(80, 500);
        assert_eq!(to_one(&web), at("1.1.1.1", 6, Some(443)));
        assert_eq!(
            to_one(&Services::tcp(80, 80).union(&Services::udp(0, 500))),
            at("1.1.1.1", 17, Some(443))
        );
        assert_eq!(to_one(&Services::tcp(80, 90).union(&Services::udp(53, 53))), at("1.1.1.1", 6, Some(80)));
        assert_eq!(
            to_one(&Services::ports(132, 9, 9).union(&Services::protocol(47))),
            at("1.1.1.1", 47, None)
        );
        let ping = witness(&to(&["1.1.1.1/32"], &Services::icmp(1, Some(8), None))).expect("reached");
        assert_eq!((ping.icmp, ping.destination_port, ping.source_port), (Some((8, 0)), None, None));
    }
}
