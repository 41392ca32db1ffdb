//! One written rule of a security group to rules of the estate.

use super::data::{Data, cross, tidy};
use super::fields::Bag;
use super::network::Network;
use super::text::{address_block, protocol, whole};
use super::unit::Unit;
use tidegate_estate::{
    Action, Cause, Direction, Guard, Hidden, IpFamily, Peer, Place, PortMatch, Presence, ProtocolMatch,
    Reason, Rule, Value,
};

/// Cases of something that may be unknown.
pub(super) type Known<T> = Vec<(Guard, Result<T, Reason>)>;

/// Cases as one value, with the worlds in which there is one.
pub(super) fn value_of<T: PartialEq>(unit: &Unit, cases: Known<T>) -> (Value<T>, Guard) {
    let mut cases = tidy(&unit.estate.borrow(), cases);
    let of = |known: Result<T, Reason>| known.map_or_else(Value::Unknown, Value::Known);
    if cases.len() == 1
        && let Some((guard, known)) = cases.pop()
    {
        return (of(known), guard);
    }
    let exists =
        super::data::any(&unit.estate.borrow(), cases.iter().map(|(guard, _)| guard.clone()).collect());
    (Value::OneOf(cases.into_iter().map(|(guard, known)| (guard, of(known))).collect()), exists)
}

impl Network<'_, '_> {
    /// The rules that one mapping stands for: usually one, more when it names several peers.
    pub(super) fn rules(&self, bag: &Bag, guard: &Guard, direction: Direction, place: &Place) -> Vec<Rule> {
        let unit = self.unit;
        unit.take_steps();
        let protocols = self.protocols(bag, "IpProtocol");
        let (protocol, _) = value_of(unit, protocols.clone());
        let ports = self.ports(bag, &protocols);
        let mut peers: Vec<(Value<Peer>, Guard, Place)> = Vec::new();
        for (name, kind) in peer_properties(direction) {
            if let (cases, Some(entry)) = self.peers(bag, name, *kind)
                && !cases.is_empty()
            {
                let (value, exists) = value_of(unit, cases);
                peers.push((value, exists, entry));
            }
        }
        let chain = unit.take_steps();
        if peers.is_empty() {
            let reason = match bag.hidden.first() {
                Some((_, reason)) => reason.clone(),
                None => Reason::at("the rule names no other end", place.clone()),
            };
            peers.push((Value::Unknown(reason), Guard::Always, place.clone()));
        }
        peers
            .into_iter()
            .map(|(peer, exists, entry)| Rule {
                direction,
                action: Action::Allow,
                priority: None,
                protocol: protocol.clone(),
                ports: ports.clone(),
                peer,
                guard: unit.settle(guard.clone().and(exists)),
                presence: Presence::Present,
                cause: Cause::Written,
                place: entry,
                chain: chain.clone(),
            })
            .collect()
    }

    /// Protocols by name or number.
    pub(super) fn protocols(&self, bag: &Bag, name: &str) -> Known<ProtocolMatch> {
        let (cases, place) = bag.member(name);
        cases
            .into_iter()
            .map(|(guard, data)| {
                let known = match data {
                    Data::Absent => Err(Reason::new(format!("{name} is not given"))),
                    data => {
                        self.text(&data, &place).and_then(|t| protocol(&t).map_err(|e| reason(e, &place)))
                    }
                };
                (guard, known)
            })
            .collect()
    }

    /// Whole numbers; `None` where there is none.
    pub(super) fn numbers(&self, bag: &Bag, name: &str) -> Known<Option<i64>> {
        let (cases, place) = bag.member(name);
        cases
            .into_iter()
            .map(|(guard, data)| {
                let known = match data {
                    Data::Absent => Ok(None),
                    data => self.text(&data, &place).and_then(|text| match whole(&text) {
                        Some(number) => Ok(Some(number)),
                        None if text.trim().is_empty() => Ok(None),
                        None => Err(reason(format!("{text:?} is not a number"), &place)),
                    }),
                };
                (guard, known)
            })
            .collect()
    }

    /// A value as text, with the place where the question arises.
    pub(super) fn text(&self, data: &Data, place: &Option<Place>) -> Result<String, Reason> {
        match data {
            Data::Text(text) => Ok(text.to_string()),
            Data::Unknown(unknown) => Err(unknown.reason.clone()),
            Data::Symbol(symbol) => {
                let name = self.unit.symbol_name(symbol);
                Err(reason(format!("{name} is only known at deployment"), place))
            }
            Data::Absent => Err(reason("there is no value", place)),
            Data::List(_) | Data::Node(_) => {
                Err(reason("there is a list or a mapping instead of a text", place))
            }
        }
    }

    fn ports(&self, bag: &Bag, protocols: &Known<ProtocolMatch>) -> Value<PortMatch> {
        let (from, to) = (self.numbers(bag, "FromPort"), self.numbers(bag, "ToPort"));
        let too_many = || Value::Unknown(Reason::new(super::evaluate::TOO_MANY));
        let Some(range) = cross(&from, &to, |from, to| (from.clone(), to.clone())) else { return too_many() };
        let ports = cross(protocols, &range, |protocol, (from, to)| match protocol {
            // A protocol that nobody knows: what the numbers mean depends on it.
            Err(reason) => match (from, to) {
                (Ok(None), Ok(None)) => Ok(PortMatch::Any),
                _ => Err(reason.clone()),
            },
            Ok(protocol) if !has_ports(*protocol) => Ok(PortMatch::Any),
            Ok(protocol) => {
                let (from, to) = (from.clone()?, to.clone()?);
                port_match(*protocol, from, to)
            }
        });
        ports.map_or_else(too_many, |ports| value_of(self.unit, ports).0)
    }

    /// What is known of a block of which a part cannot be known: what it begins with, and how long its prefix is.
    fn hidden(&self, family: IpFamily, data: &Data, reason: Reason) -> Hidden {
        let mut hidden = Hidden::of(family, reason);
        let unknown = match data {
            Data::Unknown(unknown) => unknown,
            // Of an address pool, say: there is no block to be seen, but it is one of a VPC.
            Data::Symbol(symbol) if *symbol.attribute == *"CidrBlock" && family == IpFamily::V4 => {
                hidden.length = VPC_PREFIX;
                return hidden;
            }
            _ => return hidden,
        };
        if family == IpFamily::V4 && unknown.key.as_ref().is_some_and(|key| self.blocks.contains(key)) {
            hidden.length = VPC_PREFIX;
        }
        // `${Address}/32`, `${A}.${B}.0.0/16`
        if let [first, .., Data::Text(last)] = &unknown.parts[..]
            && let Some((_, length)) = last.rsplit_once('/')
            && let Ok(length) = length.trim().parse::<u8>()
            && length <= hidden.within.max_prefix_len()
        {
            hidden.length = hidden.length.max(length);
            // `10.${Net}.0.0/16`: whole numbers only, and none of the first number's digits may be missing.
            if let (IpFamily::V4, Data::Text(first)) = (family, first) {
                let octets: Vec<&str> = first.trim_start().split('.').collect();
                let whole = octets.len() - 1;
                let known: String = octets.iter().take(whole).map(|octet| format!("{octet}.")).collect();
                let bits = (8 * whole) as u8;
                if (1..=3).contains(&whole)
                    && bits <= length
                    && let Ok(block) =
                        address_block(&format!("{known}{}/{bits}", ["0.0.0", "0.0", "0"][whole - 1]))
                {
                    hidden.within = block;
                }
            }
        }
        hidden
    }

    fn peers(&self, bag: &Bag, name: &str, kind: PeerKind) -> (Known<Peer>, Option<Place>) {
        let (cases, place) = bag.member(name);
        let family = if name == "CidrIpv6" { IpFamily::V6 } else { IpFamily::V4 };
        let mut out = Vec::new();
        for (guard, data) in cases {
            let known = match (kind, data) {
                (_, Data::Absent) => continue,
                (PeerKind::Block, data) => Ok(self
                    .text(&data, &place)
                    .and_then(|text| address_block(&text).map_err(|e| reason(e, &place)))
                    .map_or_else(|why| Peer::Hidden(self.hidden(family, &data, why)), Peer::Cidr)),
                (PeerKind::Group, data) => Ok(Peer::Group(self.group_name(&data))),
                (PeerKind::List, data) => self.prefix_list(&data, &place),
            };
            out.push((guard, known));
        }
        (out, place)
    }
}

/// The shortest prefix of a VPC's IPv4 block. (VPC user guide, "VPC CIDR blocks": between /16 and /28.)
const VPC_PREFIX: u8 = 16;

/// A reason at a place.
pub(super) fn reason(text: impl Into<std::sync::Arc<str>>, place: &Option<Place>) -> Reason {
    Reason::perhaps_at(text, place.clone())
}

#[derive(Debug, Clone, Copy)]
enum PeerKind {
    Block,
    Group,
    List,
}

fn peer_properties(direction: Direction) -> &'static [(&'static str, PeerKind)] {
    match direction {
        Direction::Egress => &[
            ("CidrIp", PeerKind::Block),
            ("CidrIpv6", PeerKind::Block),
            ("DestinationPrefixListId", PeerKind::List),
            ("DestinationSecurityGroupId", PeerKind::Group),
        ],
        Direction::Ingress => &[
            ("CidrIp", PeerKind::Block),
            ("CidrIpv6", PeerKind::Block),
            ("SourcePrefixListId", PeerKind::List),
            ("SourceSecurityGroupId", PeerKind::Group),
            ("SourceSecurityGroupName", PeerKind::Group),
        ],
    }
}

/// Whether ports (or ICMP types) narrow this protocol: for others the service ignores them.
/// (EC2 API reference, `IpPermission`.)
fn has_ports(protocol: ProtocolMatch) -> bool {
    matches!(protocol, ProtocolMatch::Number(1 | 6 | 17 | 58))
}

/// What a pair of numbers means for a protocol. For ICMP they are type and code, -1 is all of them.
pub(crate) fn port_match(
    protocol: ProtocolMatch,
    from: Option<i64>,
    to: Option<i64>,
) -> Result<PortMatch, Reason> {
    if matches!(protocol, ProtocolMatch::Number(1 | 58)) {
        let number = |n: Option<i64>| match n {
            None | Some(-1) => Ok(None),
            Some(n) => {
                u8::try_from(n).map(Some).map_err(|_| Reason::new(format!("{n} is not an ICMP type or code")))
            }
        };
        let (kind, code) = (number(from)?, number(to)?);
        return Ok(PortMatch::Icmp(kind, kind.and(code)));
    }
    match (from, to) {
        (None | Some(-1), None | Some(-1)) => Ok(PortMatch::Any),
        (Some(from), Some(to)) => {
            let clamp = |n: i64| u16::try_from(n.max(0)).unwrap_or(u16::MAX);
            if from > to || from > i64::from(u16::MAX) || to < 0 {
                return Ok(PortMatch::Nothing);
            }
            Ok(match (clamp(from), clamp(to)) {
                (0, u16::MAX) => PortMatch::Any,
                (from, to) => PortMatch::Range(from, to),
            })
        }
        _ => Err(Reason::new("only one end of the port range is given")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TCP: ProtocolMatch = ProtocolMatch::Number(6);

    #[test]
    fn ports_are_ranges_and_inverted_ones_match_nothing() {
        assert_eq!(port_match(TCP, Some(443), Some(443)), Ok(PortMatch::Range(443, 443)));
        assert_eq!(port_match(TCP, Some(0), Some(65535)), Ok(PortMatch::Any));
        assert_eq!(port_match(TCP, Some(0), Some(99999)), Ok(PortMatch::Any));
        assert_eq!(port_match(TCP, None, None), Ok(PortMatch::Any));
        assert_eq!(port_match(TCP, Some(252), Some(86)), Ok(PortMatch::Nothing));
        assert!(port_match(TCP, Some(1), None).is_err());
    }

    #[test]
    fn icmp_numbers_are_type_and_code() {
        let icmp = ProtocolMatch::Number(1);
        assert_eq!(port_match(icmp, Some(252), Some(86)), Ok(PortMatch::Icmp(Some(252), Some(86))));
        assert_eq!(port_match(icmp, Some(-1), Some(-1)), Ok(PortMatch::Icmp(None, None)));
        assert_eq!(port_match(icmp, Some(8), Some(-1)), Ok(PortMatch::Icmp(Some(8), None)));
        assert_eq!(port_match(icmp, None, None), Ok(PortMatch::Icmp(None, None)));
        assert!(port_match(icmp, Some(300), None).is_err());
    }
}
