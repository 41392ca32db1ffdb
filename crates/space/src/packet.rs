//! One packet, and which packet of a set of services to show to a person.

use std::net::IpAddr;

use crate::algebra::Portion;
use crate::family::IpFamily;
use crate::protocol::{Kind, TCP, UDP, kind};
use crate::services::Services;

/// One packet, as far as sets tell packets apart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Packet {
    /// The family; the same as that of `address`.
    pub family: IpFamily,
    /// Protocol number.
    pub protocol: u8,
    /// Where it goes.
    pub address: IpAddr,
    /// Destination port, for protocols that have ports.
    pub destination_port: Option<u16>,
    /// Source port, for protocols that have ports.
    pub source_port: Option<u16>,
    /// Type and code, for ICMP.
    pub icmp: Option<(u8, u8)>,
}

/// The part of a packet below the address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Service {
    protocol: u8,
    numbers: (u16, u16),
}

impl Service {
    pub(crate) fn to(self, family: IpFamily, number: u128) -> Packet {
        let (first, second) = self.numbers;
        let kind = kind(self.protocol);
        let port = |number| (kind == Kind::Ports).then_some(number);
        let byte = |number: u16| u8::try_from(number).unwrap_or(u8::MAX);
        Packet {
            family,
            protocol: self.protocol,
            address: family.address(number),
            destination_port: port(first),
            source_port: port(second),
            icmp: (kind == Kind::Icmp).then_some((byte(first), byte(second))),
        }
    }
}

impl Services {
    /// The smallest service: by protocol number, then destination port or type, then source port or code.
    pub(crate) fn smallest(&self) -> Option<Service> {
        (0..=u8::MAX).find_map(|protocol| self.smallest_of(protocol))
    }

    /// The service to show as an example: TCP 443, else UDP 443, else the smallest of TCP, of UDP, of the
    /// lowest other protocol.
    pub(crate) fn telling(&self) -> Option<Service> {
        let https = |protocol| match self.portion(protocol) {
            Portion::None => None,
            Portion::All => Some(Service { protocol, numbers: (443, 0) }),
            Portion::Some(grid) => Some(Service { protocol, numbers: (443, grid.partner(443)?) }),
        };
        https(TCP)
            .or_else(|| https(UDP))
            .or_else(|| self.smallest_of(TCP))
            .or_else(|| self.smallest_of(UDP))
            .or_else(|| self.smallest())
    }

    fn smallest_of(&self, protocol: u8) -> Option<Service> {
        match self.portion(protocol) {
            Portion::None => None,
            Portion::All => Some(Service { protocol, numbers: (0, 0) }),
            Portion::Some(grid) => Some(Service { protocol, numbers: grid.first()? }),
        }
    }

    /// Whether the service of a packet is in the set, whatever its address. A port, type or code left out of
    /// the packet stands for any.
    pub fn allows(&self, packet: &Packet) -> bool {
        match self.portion(packet.protocol) {
            Portion::None => false,
            Portion::All => true,
            Portion::Some(grid) => match kind(packet.protocol) {
                Kind::Ports => grid.has(packet.destination_port, packet.source_port),
                Kind::Icmp => {
                    let (kind, code) = packet.icmp.unzip();
                    grid.has(kind.map(u16::from), code.map(u16::from))
                }
                Kind::Bare => true,
            },
        }
    }
}
