//! The blocks of the IANA special-purpose registries.
//!
//! Sources: <https://www.iana.org/assignments/iana-ipv4-special-registry/> and
//! <https://www.iana.org/assignments/iana-ipv6-special-registry/>, as of October 2025. Every block is listed, also
//! those inside a wider one and those that the registry calls globally reachable, so that the table can be
//! compared with the registry line by line.

/// First address, prefix length, the registry's name, and the RFCs that reserve the block.
type Row = ([u8; 4], u8, &'static str, &'static str);

/// IPv4.
pub(crate) const V4: &[Row] = &[
    ([0, 0, 0, 0], 8, "This network", "RFC 791"),
    ([0, 0, 0, 0], 32, "This host on this network", "RFC 1122"),
    ([10, 0, 0, 0], 8, "Private-Use", "RFC 1918"),
    ([100, 64, 0, 0], 10, "Shared Address Space", "RFC 6598"),
    ([127, 0, 0, 0], 8, "Loopback", "RFC 1122"),
    ([169, 254, 0, 0], 16, "Link Local", "RFC 3927"),
    ([172, 16, 0, 0], 12, "Private-Use", "RFC 1918"),
    ([192, 0, 0, 0], 24, "IETF Protocol Assignments", "RFC 6890"),
    ([192, 0, 0, 0], 29, "IPv4 Service Continuity Prefix", "RFC 7335"),
    ([192, 0, 0, 8], 32, "IPv4 dummy address", "RFC 7600"),
    ([192, 0, 0, 9], 32, "Port Control Protocol Anycast", "RFC 7723"),
    ([192, 0, 0, 10], 32, "Traversal Using Relays around NAT Anycast", "RFC 8155"),
    ([192, 0, 0, 170], 32, "NAT64/DNS64 Discovery", "RFC 8880, RFC 7050"),
    ([192, 0, 0, 171], 32, "NAT64/DNS64 Discovery", "RFC 8880, RFC 7050"),
    ([192, 0, 2, 0], 24, "Documentation (TEST-NET-1)", "RFC 5737"),
    ([192, 31, 196, 0], 24, "AS112-v4", "RFC 7535"),
    ([192, 52, 193, 0], 24, "AMT", "RFC 7450"),
    ([192, 88, 99, 0], 24, "Deprecated (6to4 Relay Anycast)", "RFC 7526"),
    ([192, 88, 99, 2], 32, "6a44-relay anycast address", "RFC 6751"),
    ([192, 168, 0, 0], 16, "Private-Use", "RFC 1918"),
    ([192, 175, 48, 0], 24, "Direct Delegation AS112 Service", "RFC 7534"),
    ([198, 18, 0, 0], 15, "Benchmarking", "RFC 2544"),
    ([198, 51, 100, 0], 24, "Documentation (TEST-NET-2)", "RFC 5737"),
    ([203, 0, 113, 0], 24, "Documentation (TEST-NET-3)", "RFC 5737"),
    ([240, 0, 0, 0], 4, "Reserved", "RFC 1112"),
    ([255, 255, 255, 255], 32, "Limited Broadcast", "RFC 8190, RFC 919"),
];

/// The eight groups of the first address, prefix length, the registry's name, and the RFCs.
type WideRow = ([u16; 8], u8, &'static str, &'static str);

/// IPv6.
pub(crate) const V6: &[WideRow] = &[
    ([0, 0, 0, 0, 0, 0, 0, 1], 128, "Loopback Address", "RFC 4291"),
    ([0, 0, 0, 0, 0, 0, 0, 0], 128, "Unspecified Address", "RFC 4291"),
    ([0, 0, 0, 0, 0, 0xffff, 0, 0], 96, "IPv4-mapped Address", "RFC 4291"),
    ([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96, "IPv4-IPv6 Translation", "RFC 6052"),
    ([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48, "IPv4-IPv6 Translation", "RFC 8215"),
    ([0x100, 0, 0, 0, 0, 0, 0, 0], 64, "Discard-Only Address Block", "RFC 6666"),
    ([0x100, 0, 0, 1, 0, 0, 0, 0], 64, "Dummy IPv6 Prefix", "RFC 9780"),
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23, "IETF Protocol Assignments", "RFC 2928"),
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 32, "TEREDO", "RFC 4380, RFC 8190"),
    ([0x2001, 1, 0, 0, 0, 0, 0, 1], 128, "Port Control Protocol Anycast", "RFC 7723"),
    ([0x2001, 1, 0, 0, 0, 0, 0, 2], 128, "Traversal Using Relays around NAT Anycast", "RFC 8155"),
    ([0x2001, 1, 0, 0, 0, 0, 0, 3], 128, "DNS-SD Service Registration Protocol Anycast", "RFC 9665"),
    ([0x2001, 2, 0, 0, 0, 0, 0, 0], 48, "Benchmarking", "RFC 5180"),
    ([0x2001, 3, 0, 0, 0, 0, 0, 0], 32, "AMT", "RFC 7450"),
    ([0x2001, 4, 0x112, 0, 0, 0, 0, 0], 48, "AS112-v6", "RFC 7535"),
    ([0x2001, 0x10, 0, 0, 0, 0, 0, 0], 28, "Deprecated (previously ORCHID)", "RFC 4843"),
    ([0x2001, 0x20, 0, 0, 0, 0, 0, 0], 28, "ORCHIDv2", "RFC 7343"),
    ([0x2001, 0x30, 0, 0, 0, 0, 0, 0], 28, "Drone Remote ID Protocol Entity Tags (DETs) Prefix", "RFC 9374"),
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32, "Documentation", "RFC 3849"),
    ([0x2002, 0, 0, 0, 0, 0, 0, 0], 16, "6to4", "RFC 3056"),
    ([0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0], 48, "Direct Delegation AS112 Service", "RFC 7534"),
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20, "Documentation", "RFC 9637"),
    ([0x5f00, 0, 0, 0, 0, 0, 0, 0], 16, "Segment Routing (SRv6) SIDs", "RFC 9602"),
    ([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7, "Unique-Local", "RFC 4193, RFC 8190"),
    ([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10, "Link-Local Unicast", "RFC 4291"),
];
