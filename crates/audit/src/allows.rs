//! What gets out, as rows that people and machines read, and back again.

use crate::finding::{AllowedRow, Allows, Witness};
use crate::measure;
use std::str::FromStr;
use tidegate_estate::IpNet;
use tidegate_space::{AddressSet, IpFamily, PacketSet, ProtocolPart, Services, internet, protocol};

/// The set with its rows and shares.
pub fn describe(set: PacketSet) -> Allows {
    Allows {
        rows: rows(&set),
        share_ipv4: measure::share_reached(&set, IpFamily::V4),
        share_ipv6: measure::share_reached(&set, IpFamily::V6),
        set,
    }
}

/// One packet of the set that reaches the Internet.
pub fn witness(set: &PacketSet) -> Option<Witness> {
    let packet = internet::witness(set)?;
    Some(Witness {
        protocol: protocol_name(packet.protocol),
        address: packet.address.to_string(),
        port: packet.destination_port,
    })
}

/// Sets that fall apart into more rows than this are told as they fall apart.
const COVERED: usize = 64;

/// A family's part of a set as people would write it: what is allowed to many addresses is told of all of them, also
/// of those to which more is allowed. The rows overlap; together they are the set and nothing more.
pub fn cover(set: &PacketSet, family: IpFamily) -> Vec<(AddressSet, Services)> {
    let apart = set.rows(family);
    if apart.len() < 2 || apart.len() > COVERED {
        return apart;
    }
    let row = |at: usize, services: &Services| {
        let mut addresses = AddressSet::empty(family);
        let mut less = Services::none();
        for (other, (to, allowed)) in apart.iter().enumerate() {
            if services.is_subset(allowed) {
                addresses = addresses.union(to);
            } else if other != at && allowed.is_subset(services) {
                less = less.union(allowed);
            }
        }
        // What is told of more addresses anyhow is not told again, unless that takes more words.
        let rest = services.difference(&less);
        let length = |services: &Services| -> usize {
            let parts = parts(services);
            parts.iter().map(|(_, ports)| 1 + ports.as_ref().map_or(0, Vec::len)).sum()
        };
        let shorter = !rest.is_empty() && length(&rest) <= length(services);
        (addresses, if shorter { rest } else { services.clone() })
    };
    apart.iter().enumerate().map(|(at, (_, services))| row(at, services)).collect()
}

/// The exact set as rows, which may overlap.
pub fn rows(set: &PacketSet) -> Vec<AllowedRow> {
    let mut rows = Vec::new();
    for family in IpFamily::BOTH {
        for (addresses, services) in cover(set, family) {
            let addresses: Vec<String> = addresses.cidrs().iter().map(ToString::to_string).collect();
            for (protocol, ports) in parts(&services) {
                rows.push(AllowedRow { family, protocol, ports, addresses: addresses.clone() });
            }
        }
    }
    rows
}

/// Protocols with their ports; whole protocols without a name that follow each other are one range.
pub fn parts(services: &Services) -> Vec<(String, Option<Vec<String>>)> {
    if services.is_all() {
        return vec![("any".to_owned(), None)];
    }
    let mut parts = Vec::new();
    let mut run: Option<(u8, u8)> = None;
    for (number, part) in services.protocols() {
        let ports = match part {
            ProtocolPart::All if name(number).is_none() => {
                run = match run {
                    Some((first, last)) if last.checked_add(1) == Some(number) => Some((first, number)),
                    other => {
                        parts.extend(other.map(|run| (range(run.0, run.1), None)));
                        Some((number, number))
                    }
                };
                continue;
            }
            ProtocolPart::All => None,
            ProtocolPart::Ports { destinations, .. } => {
                Some(destinations.into_iter().map(|(first, last)| range(first, last)).collect())
            }
            ProtocolPart::Icmp(ranges) => Some(
                ranges
                    .into_iter()
                    .map(|icmp| {
                        let types = range(icmp.types.0, icmp.types.1);
                        match icmp.codes {
                            (0, u8::MAX) => format!("type {types}"),
                            (first, last) => format!("type {types} code {}", range(first, last)),
                        }
                    })
                    .collect(),
            ),
        };
        parts.extend(run.take().map(|run| (range(run.0, run.1), None)));
        parts.push((protocol_name(number), ports));
    }
    parts.extend(run.map(|run| (range(run.0, run.1), None)));
    parts
}

fn range<N: PartialEq + ToString>(first: N, last: N) -> String {
    if first == last { first.to_string() } else { format!("{}-{}", first.to_string(), last.to_string()) }
}

fn name(number: u8) -> Option<&'static str> {
    match number {
        protocol::ICMP => Some("icmp"),
        protocol::TCP => Some("tcp"),
        protocol::UDP => Some("udp"),
        protocol::ICMPV6 => Some("icmpv6"),
        _ => None,
    }
}

/// `tcp`, `udp`, `icmp`, `icmpv6`, else the number.
pub fn protocol_name(number: u8) -> String {
    name(number).map_or_else(|| number.to_string(), str::to_owned)
}

/// The set that rows stand for; the error says which text is no part of a row.
pub fn set_of(rows: &[AllowedRow]) -> Result<PacketSet, String> {
    let mut sets = Vec::new();
    for row in rows {
        let services = services_of(&row.protocol, row.ports.as_deref())?;
        for address in &row.addresses {
            let block = IpNet::from_str(address).map_err(|_| format!("`{address}` is no address block"))?;
            if IpFamily::of(block.addr()) != row.family {
                return Err(format!("`{address}` is not of the row's family"));
            }
            sets.push(PacketSet::to_block(block, &services));
        }
    }
    Ok(PacketSet::union_all(sets))
}

/// The services one row stands for.
pub fn services_of(protocol: &str, ports: Option<&[String]>) -> Result<Services, String> {
    let numbers = match protocol {
        "any" => return Ok(Services::all()),
        "icmp" => (protocol::ICMP, protocol::ICMP),
        "tcp" => (protocol::TCP, protocol::TCP),
        "udp" => (protocol::UDP, protocol::UDP),
        "icmpv6" => (protocol::ICMPV6, protocol::ICMPV6),
        other => parse_range::<u8>(other).ok_or_else(|| format!("`{other}` is no protocol"))?,
    };
    let Some(ports) = ports else {
        return Ok(Services::union_all((numbers.0..=numbers.1).map(Services::protocol)));
    };
    let number = numbers.0;
    let mut services = Services::none();
    for text in ports {
        let wrong = || format!("`{text}` is no port of {protocol}");
        let part = match text.strip_prefix("type ") {
            Some(icmp) => {
                let (types, codes) = icmp.split_once(" code ").unwrap_or((icmp, "0-255"));
                let types = parse_range::<u8>(types).ok_or_else(wrong)?;
                let codes = parse_range::<u8>(codes).ok_or_else(wrong)?;
                Services::icmp_ranges(number, types.0..=types.1, codes.0..=codes.1)
            }
            None => {
                let (first, last) = parse_range::<u16>(text).ok_or_else(wrong)?;
                Services::ports(number, first, last)
            }
        };
        services = services.union(&part);
    }
    Ok(services)
}

fn parse_range<N: FromStr + PartialOrd + Copy>(text: &str) -> Option<(N, N)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    (first <= last).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(text: &str, services: &Services) -> PacketSet {
        PacketSet::to_block(text.parse().unwrap(), services)
    }

    #[test]
    fn everything_is_one_row_per_family() {
        let rows = rows(&PacketSet::family(IpFamily::V4));
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].protocol.as_str(), &rows[0].ports), ("any", &None));
        assert_eq!(rows[0].addresses, ["0.0.0.0/0"]);
    }

    #[test]
    fn rows_and_back_give_the_same_set() {
        let mixed = Services::tcp(443, 443)
            .union(&Services::udp(1000, 2000))
            .union(&Services::icmp(1, Some(8), None))
            .union(&Services::icmp(58, Some(1), Some(3)))
            .union(&Services::protocol(47))
            .union(&Services::protocol(50))
            .union(&Services::protocol(51));
        let set = block("0.0.0.0/1", &mixed)
            .union(&block("128.0.0.0/2", &Services::all()))
            .union(&block("2001:4860::/32", &mixed));
        assert_eq!(set_of(&rows(&set)).unwrap(), set);
        let holed = block("0.0.0.0/0", &Services::tcp(25, 25).complement());
        assert_eq!(set_of(&rows(&holed)).unwrap(), holed);
        assert_eq!(rows(&holed).len(), 9, "unnamed protocols between the named ones are ranges");
    }

    #[test]
    fn rows_with_nonsense_are_refused() {
        let row = |protocol: &str, port: &str, address: &str| AllowedRow {
            family: IpFamily::V4,
            protocol: protocol.to_owned(),
            ports: Some(vec![port.to_owned()]),
            addresses: vec![address.to_owned()],
        };
        assert!(set_of(&[row("tcp", "443", "10.0.0.0/8")]).is_ok());
        for bad in [
            row("tpc", "443", "10.0.0.0/8"),
            row("tcp", "70000", "10.0.0.0/8"),
            row("tcp", "5-4", "10.0.0.0/8"),
            row("tcp", "443", "10.0.0.0/40"),
            row("tcp", "443", "::/0"),
        ] {
            assert!(set_of(&[bad]).is_err());
        }
    }
}
