//! Address sets: the CIDR cover is exact and as short as can be, shares are exact, families stay apart.

use ipnet::IpNet;
use num_bigint::BigUint;
use proptest::prelude::*;
use tidegate_space::{AddressSet, IpFamily};

/// The fewest blocks for a set of numbers below `2^height`: one if it is full, else those of its halves.
fn fewest(inside: &[bool]) -> usize {
    if inside.iter().all(|inside| *inside) {
        return 1;
    }
    if inside.iter().all(|inside| !inside) {
        return 0;
    }
    let (low, high) = inside.split_at(inside.len() / 2);
    fewest(low) + fewest(high)
}

fn block(text: &str) -> IpNet {
    text.parse().expect("a block")
}

fn texts(set: &AddressSet) -> Vec<String> {
    set.cidrs().iter().map(ToString::to_string).collect()
}

/// Ranges on both sides of powers of two, where covers go wrong.
fn ranges(family: IpFamily) -> impl Strategy<Value = Vec<(u128, u128)>> {
    let last = family.last_address();
    let edge = (0u32..u32::from(family.bits()), 0u128..5)
        .prop_map(|(bit, off)| (1u128 << bit).saturating_sub(2) + off);
    let number = prop_oneof![edge, any::<u128>().prop_map(move |number| number & last), Just(0), Just(last)];
    let pair = (number.clone(), number).prop_map(|(a, b)| (a.min(b), a.max(b)));
    prop::collection::vec(pair, 0..8)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_cover_has_as_few_blocks_as_possible(inside in prop::collection::vec(any::<bool>(), 64), high in any::<bool>()) {
        // At the end of the space as well, where there is no number past the last.
        let base = if high { (1u128 << 32) - 64 } else { 0x0a00_0000 };
        let ranges = (0u128..).zip(&inside).filter(|(_, inside)| **inside).map(|(n, _)| (base + n, base + n));
        let set = AddressSet::from_ranges(IpFamily::V4, ranges);
        prop_assert_eq!(set.cidrs().len(), fewest(&inside));
    }

    #[test]
    fn a_cover_of_ipv4_is_exact_and_no_longer_than_that_of_ipnet(ranges in ranges(IpFamily::V4)) {
        check_cover(IpFamily::V4, ranges)?;
    }

    #[test]
    fn a_cover_of_ipv6_is_exact_and_no_longer_than_that_of_ipnet(ranges in ranges(IpFamily::V6)) {
        check_cover(IpFamily::V6, ranges)?;
    }

    #[test]
    fn ranges_are_apart_and_give_the_set_back(ranges in ranges(IpFamily::V6)) {
        let set = AddressSet::from_ranges(IpFamily::V6, ranges.clone());
        let back: Vec<_> = set.ranges().collect();
        for pair in back.windows(2) {
            prop_assert!(pair[0].1 < pair[1].0 && pair[1].0 - pair[0].1 > 1);
        }
        prop_assert_eq!(AddressSet::from_ranges(IpFamily::V6, back), set.clone());
        let one_by_one = ranges.iter().fold(AddressSet::empty(IpFamily::V6), |sum, (first, last)| {
            sum.union(&AddressSet::from_range(IpFamily::V6, *first, *last))
        });
        prop_assert_eq!(one_by_one, set.clone());
        prop_assert_eq!(set.size() + set.complement().size(), BigUint::from(1u8) << 128u8);
    }

    #[test]
    fn a_share_is_the_nearest_float(part in 0u64..1 << 50, whole in 1u64..1 << 50) {
        // Below 2^53 the quotient of two floats is rounded once, so it is the truth.
        let (part, whole) = (part.min(whole), whole);
        let set = match part {
            0 => AddressSet::empty(IpFamily::V6),
            part => AddressSet::from_range(IpFamily::V6, 0, u128::from(part - 1)),
        };
        let of = AddressSet::from_range(IpFamily::V6, 0, u128::from(whole - 1));
        prop_assert_eq!(set.share_of(&of), part as f64 / whole as f64);
    }
}

fn check_cover(family: IpFamily, ranges: Vec<(u128, u128)>) -> Result<(), TestCaseError> {
    let set = AddressSet::from_ranges(family, ranges);
    let cover = set.cidrs();
    prop_assert_eq!(&AddressSet::from_blocks(family, cover.clone()), &set);
    let mut aggregate = IpNet::aggregate(&cover);
    aggregate.sort();
    let mut sorted = cover;
    sorted.sort();
    prop_assert_eq!(aggregate, sorted);
    Ok(())
}

#[test]
fn both_halves_are_one_block() {
    let halves = AddressSet::from_blocks(IpFamily::V4, [block("0.0.0.0/1"), block("128.0.0.0/1")]);
    assert_eq!(texts(&halves), ["0.0.0.0/0"]);
    let halves = AddressSet::from_blocks(IpFamily::V6, [block("::/1"), block("8000::/1")]);
    assert_eq!(texts(&halves), ["::/0"]);
}

#[test]
fn everything_but_one_address_takes_a_block_per_bit() {
    let v4 = AddressSet::from_blocks(IpFamily::V4, [block("10.0.0.1/32")]).complement();
    assert_eq!(v4.cidrs().len(), 32);
    let v6 = AddressSet::from_blocks(IpFamily::V6, [block("::/128")]).complement();
    assert_eq!(v6.cidrs().len(), 128);
}

#[test]
fn host_bits_of_a_block_are_ignored() {
    let set = AddressSet::from_blocks(IpFamily::V4, [block("10.1.2.3/8")]);
    assert_eq!(texts(&set), ["10.0.0.0/8"]);
}

#[test]
fn a_block_of_the_other_family_adds_nothing() {
    let set = AddressSet::from_blocks(IpFamily::V4, [block("::/0"), block("10.0.0.0/8")]);
    assert_eq!(texts(&set), ["10.0.0.0/8"]);
    let (v4, v6) = (AddressSet::all(IpFamily::V4), AddressSet::all(IpFamily::V6));
    assert!(v4.intersection(&v6).is_empty());
    assert_eq!(v4.difference(&v6), v4);
    assert!(!v4.is_subset(&v6));
}

#[test]
fn a_range_is_cut_at_the_end_of_its_family_and_empty_when_turned_round() {
    let cut = AddressSet::from_range(IpFamily::V4, 5, u128::MAX);
    assert_eq!(cut, AddressSet::from_range(IpFamily::V4, 5, u32::MAX.into()));
    assert!(!cut.contains(1 << 32));
    assert!(AddressSet::from_range(IpFamily::V4, 1 << 32, u128::MAX).is_empty());
    assert!(AddressSet::from_range(IpFamily::V6, 2, 1).is_empty());
}

#[test]
fn one_address_less_than_ipv6_is_less_than_one() {
    let whole = AddressSet::all(IpFamily::V6);
    let less = AddressSet::from_range(IpFamily::V6, 1, u128::MAX);
    assert_eq!(whole.share_of(&whole), 1.0);
    assert!(less.share_of(&whole) < 1.0 && less.share_of(&whole) > 0.999_999);
    let one = AddressSet::from_range(IpFamily::V6, 0, 0);
    assert_eq!(one.share_of(&whole), 2f64.powi(-128));
    assert_eq!(AddressSet::empty(IpFamily::V6).share_of(&whole), 0.0);
    assert_eq!(whole.share_of(&AddressSet::empty(IpFamily::V6)), 0.0);
}
