//! The two address families and the extent of each.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address family. The two are judged apart everywhere: no packet is in both.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum IpFamily {
    /// IPv4: addresses `0` to `2^32 - 1`.
    V4,
    /// IPv6: addresses `0` to `2^128 - 1`.
    V6,
}

impl IpFamily {
    /// Both families, in order.
    pub const BOTH: [IpFamily; 2] = [IpFamily::V4, IpFamily::V6];

    /// The family of an address. An IPv4-mapped IPv6 address counts as IPv6, as it is written.
    pub fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => IpFamily::V4,
            IpAddr::V6(_) => IpFamily::V6,
        }
    }

    /// The number of the highest address.
    pub fn last_address(self) -> u128 {
        match self {
            IpFamily::V4 => u32::MAX as u128,
            IpFamily::V6 => u128::MAX,
        }
    }

    /// How many bits an address has.
    pub fn bits(self) -> u8 {
        match self {
            IpFamily::V4 => 32,
            IpFamily::V6 => 128,
        }
    }

    /// The number of an address within its family.
    pub fn number(address: IpAddr) -> u128 {
        number(address)
    }

    /// The address with this number; a number past the family's end gives the last address.
    pub fn address(self, number: u128) -> IpAddr {
        match self {
            IpFamily::V4 => IpAddr::V4(Ipv4Addr::from(u32::try_from(number).unwrap_or(u32::MAX))),
            IpFamily::V6 => IpAddr::V6(Ipv6Addr::from(number)),
        }
    }
}

/// The number of an address within its family.
pub(crate) fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u32::from(v4) as u128,
        IpAddr::V6(v6) => u128::from(v6),
    }
}
