//! What a protocol's packets carry beyond its number, and how much of a protocol a set holds.

/// ICMP for IPv4.
pub const ICMP: u8 = 1;
/// TCP.
pub const TCP: u8 = 6;
/// UDP.
pub const UDP: u8 = 17;
/// DCCP.
pub const DCCP: u8 = 33;
/// ICMP for IPv6.
pub const ICMPV6: u8 = 58;
/// SCTP.
pub const SCTP: u8 = 132;
/// UDP-Lite.
pub const UDP_LITE: u8 = 136;

/// What the packets of a protocol carry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// A destination and a source port.
    Ports,
    /// A type and a code.
    Icmp,
    /// Nothing that a set tells apart.
    Bare,
}

/// The kind of a protocol. Both ICMP numbers are typed in both families, since clouds accept either in rules
/// of either family.
pub(crate) fn kind(protocol: u8) -> Kind {
    match protocol {
        TCP | UDP | DCCP | SCTP | UDP_LITE => Kind::Ports,
        ICMP | ICMPV6 => Kind::Icmp,
        _ => Kind::Bare,
    }
}

impl Kind {
    /// The last number on each of the two axes.
    pub(crate) fn limit(self) -> u16 {
        match self {
            Kind::Ports => u16::MAX,
            Kind::Icmp => 255,
            Kind::Bare => 0,
        }
    }

    /// How many different packets (to one address) a whole protocol has.
    pub(crate) fn size(self) -> u64 {
        let axis = u64::from(self.limit()) + 1;
        axis * axis
    }
}

/// How much of one protocol is in a set of services.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ProtocolPart {
    /// All of it.
    All,
    /// Some of a protocol with ports.
    Ports {
        /// The destination ports that have at least one source port: ascending, disjoint, not touching, both
        /// ends included.
        destinations: Vec<(u16, u16)>,
        /// Whether some of them are allowed from some source ports only; [`crate::Services::port_runs`] has
        /// which.
        source_restricted: bool,
    },
    /// Some of ICMP: rectangles that do not overlap, ascending by type, then by code.
    Icmp(Vec<IcmpRange>),
}

/// A run of destination ports that share their source ports. Both ends of every range are included.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PortRun {
    /// First and last destination port.
    pub destinations: (u16, u16),
    /// The source ports: ascending, disjoint, not touching.
    pub sources: Vec<(u16, u16)>,
}

/// ICMP types with codes. Both ends of both ranges are included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IcmpRange {
    /// First and last type.
    pub types: (u8, u8),
    /// First and last code.
    pub codes: (u8, u8),
}
