//! The fewest CIDR blocks for a range.

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::family::IpFamily;

/// Adds the fewest blocks that make up `first..=last`.
///
/// Taking the widest aligned block that still fits, from the left, is optimal for one range; and since no block
/// lies in two maximal ranges of a set, the covers of its ranges together are optimal for the set.
pub(crate) fn split(family: IpFamily, first: u128, last: u128, blocks: &mut Vec<IpNet>) {
    let bits = u32::from(family.bits());
    let mut start = first;
    loop {
        let aligned = start.trailing_zeros().min(bits);
        // What is left, less one: a block of 2^n addresses fits when 2^n - 1 is not more.
        let left = last - start;
        let fitting = if left == u128::MAX { 128 } else { (left + 1).ilog2() };
        let width = aligned.min(fitting);
        let prefix = u8::try_from(bits - width).unwrap_or(family.bits());
        blocks.extend(block(family, start, prefix));
        let past = if width >= 128 { None } else { start.checked_add(1 << width) };
        match past {
            Some(next) if next <= last => start = next,
            _ => return,
        }
    }
}

fn block(family: IpFamily, start: u128, prefix: u8) -> Option<IpNet> {
    match family {
        IpFamily::V4 => Ipv4Net::new(Ipv4Addr::from(u32::try_from(start).ok()?), prefix).ok().map(IpNet::V4),
        IpFamily::V6 => Ipv6Net::new(Ipv6Addr::from(start), prefix).ok().map(IpNet::V6),
    }
}
