//! Texts of templates: what is inside `Fn::Sub`, address blocks in every spelling, protocols, ports.

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::net::{Ipv4Addr, Ipv6Addr};
use tidegate_estate::ProtocolMatch;

/// A part of the text of an `Fn::Sub`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    /// As it stands.
    Text(&'t str),
    /// `${name}`.
    Name(&'t str),
}

/// Takes the text of an `Fn::Sub` apart. `${!name}` stands for the text `${name}`.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let Some(length) = rest[at..].find('}') else { break };
        let name = &rest[at + 2..at + length];
        if at > 0 {
            out.push(Piece::Text(&rest[..at]));
        }
        match name.strip_prefix('!') {
            Some(literal) => {
                out.push(Piece::Text("${"));
                out.push(Piece::Text(literal));
                out.push(Piece::Text("}"));
            }
            None => out.push(Piece::Name(name.trim())),
        }
        rest = &rest[at + length + 1..];
    }
    if !rest.is_empty() || out.is_empty() {
        out.push(Piece::Text(rest));
    }
    out
}

/// Base64 as in RFC 4648, section 4.
pub(super) fn base64(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(text.len().div_ceil(3) * 4);
    for chunk in text.as_bytes().chunks(3) {
        let byte = |i: usize| u32::from(chunk.get(i).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for i in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * i) & 63) as usize];
            out.push(if i <= chunk.len() { letter as char } else { '=' });
        }
    }
    out
}

/// The blocks that `Fn::Cidr` gives. Without host bits they are /24 or /64. `None` where it would fail.
pub(super) fn subnets(block: &str, count: &str, bits: &str) -> Option<Vec<String>> {
    let net = address_block(block).ok()?;
    let count: usize = count.trim().parse().ok().filter(|c| (1..=256).contains(c))?;
    let host: Option<u8> = if bits.is_empty() { None } else { Some(bits.trim().parse().ok()?) };
    let width = if matches!(net, IpNet::V4(_)) { 32 } else { 128 };
    let length = width - host.unwrap_or(if width == 32 { 8 } else { 64 }).min(width);
    let list: Vec<String> = net.subnets(length).ok()?.take(count).map(|n| n.to_string()).collect();
    (list.len() == count).then_some(list)
}

/// An address block in any spelling; host bits are cut off, as the service does. `Err` says what is wrong.
pub(crate) fn address_block(text: &str) -> Result<IpNet, String> {
    let trimmed = text.trim();
    let Some((address, length)) = trimmed.split_once('/') else {
        return Err(format!("{trimmed:?} is not an address block: it has no prefix length"));
    };
    let wrong = || format!("{trimmed:?} is not an address block");
    let (address, length) = (address.trim(), length.trim());
    if length.is_empty() || length.len() > 6 || !length.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong());
    }
    let length: u8 = length.parse().map_err(|_| wrong())?;
    if address.contains(':') {
        let address: Ipv6Addr = address.parse().map_err(|_| wrong())?;
        return Ok(IpNet::V6(Ipv6Net::new(address, length).map_err(|_| wrong())?.trunc()));
    }
    let mut octets = [0u8; 4];
    let mut parts = address.split('.');
    for octet in &mut octets {
        let part = parts.next().ok_or_else(wrong)?;
        if part.is_empty() || part.len() > 8 || !part.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong());
        }
        let decimal: u32 = part.parse().map_err(|_| wrong())?;
        if part.len() > 1 && part.starts_with('0') && u32::from_str_radix(part, 8).ok() != Some(decimal) {
            // Some programs read such a number as octal.
            return Err(format!(
                "{trimmed:?} has a number with a leading zero, which programs read differently"
            ));
        }
        *octet = u8::try_from(decimal).map_err(|_| wrong())?;
    }
    if parts.next().is_some() {
        return Err(wrong());
    }
    Ok(IpNet::V4(Ipv4Net::new(Ipv4Addr::from(octets), length).map_err(|_| wrong())?.trunc()))
}

/// A whole number, also when a template language wrote it as `443.0`.
pub(super) fn whole(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(number) = text.parse::<i64>() {
        return Some(number);
    }
    let number: f64 = text.parse().ok()?;
    (number.fract() == 0.0 && number.abs() < 1e15).then_some(number as i64)
}

/// Protocols by the names that the service and its tools take (IANA "Assigned Internet Protocol Numbers").
const PROTOCOLS: [(&str, u8); 18] = [
    ("icmp", 1),
    ("icmpv4", 1),
    ("igmp", 2),
    ("ipip", 4),
    ("ipv4", 4),
    ("tcp", 6),
    ("egp", 8),
    ("udp", 17),
    ("ipv6", 41),
    ("gre", 47),
    ("esp", 50),
    ("ah", 51),
    ("icmpv6", 58),
    ("ipv6-icmp", 58),
    ("ospf", 89),
    ("vrrp", 112),
    ("l2tp", 115),
    ("sctp", 132),
];

/// A protocol by name in any case or by number; `-1` and `all` are every protocol.
pub(crate) fn protocol(text: &str) -> Result<ProtocolMatch, String> {
    let trimmed = text.trim();
    if let Some(number) = whole(trimmed) {
        return match number {
            -1 => Ok(ProtocolMatch::Any),
            _ => u8::try_from(number)
                .map(ProtocolMatch::Number)
                .map_err(|_| format!("{trimmed:?} is not a protocol number")),
        };
    }
    if trimmed.eq_ignore_ascii_case("all") {
        return Ok(ProtocolMatch::Any);
    }
    PROTOCOLS
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(trimmed))
        .map(|(_, number)| ProtocolMatch::Number(*number))
        .ok_or_else(|| format!("{trimmed:?} is not a protocol"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_an_address_block_is_the_same_block() {
        for text in ["0.0.0.0/0", " 0.0.0.0/0 ", "0.0.0.0 / 0", "000.000.000.000/00", "1.2.3.4/0"] {
            assert_eq!(address_block(text).unwrap().to_string(), "0.0.0.0/0", "{text}");
        }
        for text in ["::/0", "0::0/0", "0:0:0:0:0:0:0:0/0", "::0.0.0.0/0", "2001:DB8::1/0"] {
            assert_eq!(address_block(text).unwrap().to_string(), "::/0", "{text}");
        }
        assert_eq!(address_block("10.0.0.1/8").unwrap().to_string(), "10.0.0.0/8");
        assert_eq!(address_block("::ffff:10.0.0.1/104").unwrap().to_string(), "::ffff:10.0.0.0/104");
        assert_eq!(address_block("192.168.001.0/24").unwrap().to_string(), "192.168.1.0/24");
    }

    #[test]
    fn what_is_no_address_block_is_an_error() {
        for text in [
            "",
            "0.0.0.0",
            "0.0.0.0/33",
            "::/129",
            "0/0",
            "1.2.3/8",
            "1.2.3.4.5/8",
            "256.0.0.0/8",
            "a/0",
            "/0",
            "1.2.3.4/-1",
            "010.0.0.0/8",
            "1.2.3.4/",
            ":::/0",
            "99999999999.0.0.0/8",
            "0x0.0.0.0/0",
        ] {
            assert!(address_block(text).is_err(), "{text}");
        }
    }

    #[test]
    fn protocols_have_names_and_numbers_in_any_case() {
        for text in ["-1", " -1", "-1.0", "all", "ALL"] {
            assert_eq!(protocol(text), Ok(ProtocolMatch::Any));
        }
        for text in ["tcp", "TCP", "Tcp", "6", "6.0"] {
            assert_eq!(protocol(text), Ok(ProtocolMatch::Number(6)));
        }
        for text in ["", "256", "-2", "tcpx", "1.5"] {
            assert!(protocol(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sub_knows_literals_and_unclosed_braces() {
        assert_eq!(pieces("a${B}c"), [Piece::Text("a"), Piece::Name("B"), Piece::Text("c")]);
        assert_eq!(pieces("${ B.C }"), [Piece::Name("B.C")]);
        assert_eq!(pieces("${!B}"), [Piece::Text("${"), Piece::Text("B"), Piece::Text("}")]);
        assert_eq!(pieces("${B"), [Piece::Text("${B")]);
        assert_eq!(pieces(""), [Piece::Text("")]);
    }

    #[test]
    fn base64_pads() {
        assert_eq!(["", "f", "fo", "foo", "foob"].map(base64), ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg=="]);
    }

    #[test]
    fn cidr_counts_host_bits() {
        assert_eq!(subnets("10.0.0.0/16", "2", "8").unwrap(), ["10.0.0.0/24", "10.0.1.0/24"]);
        assert_eq!(subnets("0.0.0.0/0", "2", "31").unwrap(), ["0.0.0.0/1", "128.0.0.0/1"]);
        assert_eq!(subnets("10.0.0.0/24", "3", "9"), None);
        assert_eq!(subnets("10.0.0.0/24", "9999", "1"), None);
    }
}
