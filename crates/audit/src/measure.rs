//! How much of the Internet a set reaches: the two thresholds every rule uses.

use tidegate_space::{AddressSet, IpFamily, PacketSet, Services, internet, protocol};

/// From this share of a family's Internet on, an address set is practically all of it.
pub const OPEN: f64 = 0.9;

/// Above this share of a family's Internet, an address set is a large part of it.
pub const LARGE: f64 = 1.0 / 256.0;

/// How much of the family's Internet is among these addresses, 0 to 1. Nearly every policy reaches none or
/// all of it, and neither needs counting.
pub fn share(addresses: &AddressSet, family: IpFamily) -> f64 {
    if addresses.is_empty() {
        return 0.0;
    }
    let whole = internet::addresses(family);
    if addresses.is_all() || whole.is_subset(addresses) {
        1.0
    } else if addresses.intersection(whole).is_empty() {
        0.0
    } else {
        addresses.share_of(whole)
    }
}

/// How much of the family's Internet at least one packet of the set reaches, 0 to 1.
pub fn share_reached(set: &PacketSet, family: IpFamily) -> f64 {
    share(&set.addresses(family), family)
}

/// Whether every protocol and port goes out to practically all of the family's Internet.
pub fn is_open(set: &PacketSet, family: IpFamily) -> bool {
    share(&set.addresses_for(family, &Services::all()), family) >= OPEN
}

/// Whether something goes out to a large part of the family's Internet.
pub fn is_large(set: &PacketSet, family: IpFamily) -> bool {
    share_reached(set, family) > LARGE
}

/// Whether anything goes out to the family's Internet.
pub fn reaches(set: &PacketSet, family: IpFamily) -> bool {
    !set.addresses(family).intersection(internet::addresses(family)).is_empty()
}

/// The services that go out to a large part of the family's Internet, each counted on its own.
pub fn large_services(set: &PacketSet, family: IpFamily) -> Services {
    let whole = internet::addresses(family);
    // Disjoint sets of services with the share of addresses that each of them reaches.
    let mut pieces: Vec<(Services, f64)> = Vec::new();
    for (addresses, services) in set.restrict(family, whole).rows(family) {
        let share = share(&addresses, family);
        let mut rest = services.clone();
        let mut split = Vec::with_capacity(pieces.len() + 1);
        for (piece, so_far) in pieces {
            let both = piece.intersection(&services);
            if both.is_empty() {
                split.push((piece, so_far));
                continue;
            }
            rest = rest.difference(&both);
            let without = piece.difference(&both);
            if !without.is_empty() {
                split.push((without, so_far));
            }
            split.push((both, so_far + share));
        }
        if !rest.is_empty() {
            split.push((rest, share));
        }
        pieces = split;
    }
    Services::union_all(pieces.into_iter().filter(|(_, share)| *share > LARGE).map(|(services, _)| services))
}

/// Services that go out over IPv6 to a large part and over IPv4 do not.
///
/// The two ICMPs are one concern under two numbers with different types, so they are compared as a whole.
pub fn large_over_ipv6_only(ipv6: &PacketSet, ipv4: &PacketSet) -> Services {
    let over_ipv6 = large_services(ipv6, IpFamily::V6);
    if over_ipv6.is_empty() {
        return over_ipv6;
    }
    let mut over_ipv4 = large_services(ipv4, IpFamily::V4);
    let icmp = Services::protocol(protocol::ICMP).union(&Services::protocol(protocol::ICMPV6));
    if over_ipv4.overlaps(&icmp) {
        over_ipv4 = over_ipv4.union(&icmp);
    }
    over_ipv6.difference(&over_ipv4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(text: &str, services: &Services) -> PacketSet {
        PacketSet::to_block(text.parse().unwrap(), services)
    }

    #[test]
    fn two_halves_are_open_and_three_quarters_are_not() {
        let low = block("0.0.0.0/1", &Services::all());
        assert!(is_open(&low.union(&block("128.0.0.0/1", &Services::all())), IpFamily::V4));
        let most = low.union(&block("128.0.0.0/2", &Services::all()));
        assert!(!is_open(&most, IpFamily::V4));
        assert!(is_large(&most, IpFamily::V4));
    }

    #[test]
    fn shares_that_are_not_counted_are_those_that_would_be() {
        for text in ["0.0.0.0/0", "10.0.0.0/8", "8.0.0.0/8", "::/0", "2000::/3", "fc00::/7", "2600::/12"] {
            for family in IpFamily::BOTH {
                let set = block(text, &Services::all());
                assert_eq!(share_reached(&set, family), internet::share(&set, family), "{text}");
            }
        }
    }

    #[test]
    fn one_protocol_short_of_all_is_not_open() {
        let nearly = Services::all().difference(&Services::protocol(47));
        assert!(!is_open(&block("0.0.0.0/0", &nearly), IpFamily::V4));
    }

    #[test]
    fn a_partner_s_24_is_no_large_part_and_private_ranges_reach_nothing() {
        assert!(!is_large(&block("198.41.0.0/24", &Services::all()), IpFamily::V4));
        assert!(reaches(&block("198.41.0.0/24", &Services::all()), IpFamily::V4));
        assert!(!reaches(&block("10.0.0.0/8", &Services::all()), IpFamily::V4));
    }

    #[test]
    fn a_service_is_large_when_its_blocks_together_are() {
        let both = Services::tcp(80, 80).union(&Services::tcp(443, 443));
        let set = block("0.0.0.0/1", &both)
            .union(&block("128.0.0.0/2", &Services::tcp(443, 443)))
            .union(&block("198.41.0.0/24", &Services::tcp(22, 22)));
        assert_eq!(large_services(&set, IpFamily::V4), both);
    }

    #[test]
    fn icmp_over_ipv4_stands_for_icmpv6_over_ipv6() {
        let ipv4 = block("0.0.0.0/0", &Services::protocol(protocol::ICMP));
        let ipv6 = block("::/0", &Services::protocol(protocol::ICMPV6));
        assert!(large_over_ipv6_only(&ipv6, &ipv4).is_empty());
        assert!(!large_over_ipv6_only(&ipv6, &PacketSet::empty()).is_empty());
    }
}
