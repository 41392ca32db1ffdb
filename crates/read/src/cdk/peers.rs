//! `ec2.Peer` and `ec2.Port`: what a rule matches.

use super::convert::convert;
use tidegate_estate::{
    Hidden, IpFamily, IpNet, Ipv4Net, Ipv6Net, Peer, PortMatch, ProtocolMatch, Reason, Value as Known,
};
use tidegate_program::{BLOCK, Value};

/// The far end of a rule, with what decides how the CDK writes it.
#[derive(Debug, Clone)]
pub(crate) struct PeerRule {
    /// What it is.
    pub peer: Known<Peer>,
    /// Whether the CDK takes it for IPv6: such rules are dropped only beside `allow_all_ipv6_outbound`.
    pub ipv6: bool,
    /// Whether the rule can stand in the group itself.
    pub inline: bool,
    /// Prefix lists and groups made in the program are joined by name afterwards.
    pub shown: String,
}

/// Protocol and ports of a rule.
#[derive(Debug, Clone)]
pub(crate) struct PortRule {
    /// The protocol.
    pub protocol: Known<ProtocolMatch>,
    /// The ports.
    pub ports: Known<PortMatch>,
    /// Whether the rule can stand in the group itself.
    pub inline: bool,
    /// As people say it.
    pub shown: String,
}

impl PeerRule {
    /// A block of addresses, as `Peer.ipv4` and `Peer.ipv6` take it.
    pub fn block(
        value: &Value,
        ipv6: bool,
        parameter: &mut dyn FnMut(&Value) -> Option<Known<Peer>>,
    ) -> Self {
        let shown = shown(value);
        let peer = match parameter(value) {
            Some(peer) => peer,
            None => written_block(value, ipv6),
        };
        Self { peer: hidden(peer, ipv6), ipv6, inline: true, shown }
    }

    /// Every address of a family.
    pub fn any(ipv6: bool) -> Self {
        let net = if ipv6 { IpNet::V6(Ipv6Net::default()) } else { IpNet::V4(Ipv4Net::default()) };
        Self { peer: Known::Known(Peer::Cidr(net)), ipv6, inline: true, shown: net.to_string() }
    }

    /// A group, by a name that stays symbolic.
    pub fn group(name: impl Into<String>, inline: bool) -> Self {
        let name = name.into();
        Self { peer: Known::Known(Peer::Group(name.clone())), ipv6: false, inline, shown: name }
    }

    /// Nobody can know.
    pub fn unknown(reason: Reason) -> Self {
        Self { peer: Known::Unknown(reason), ipv6: false, inline: true, shown: "an unknown peer".into() }
    }
}

/// A block as it is written, or what is known of it.
pub(crate) fn written_block(value: &Value, ipv6: bool) -> Known<Peer> {
    match value {
        Value::OneOf(alternatives) => Known::OneOf(
            alternatives
                .iter()
                .filter(|(_, value)| !matches!(value, Value::Missing))
                .map(|(guard, value)| (guard.clone(), written_block(value, ipv6)))
                .collect(),
        ),
        Value::Unknown(unknown) => {
            let family = if ipv6 { IpFamily::V6 } else { IpFamily::V4 };
            let mut hidden = Hidden::of(family, unknown.reason.clone());
            let length = unknown.kind.as_ref().and_then(|kind| kind.strip_prefix(BLOCK)?.parse::<u8>().ok());
            if let Some(length) = length.filter(|length| *length <= hidden.within.max_prefix_len()) {
                hidden.length = length;
            }
            Known::Known(Peer::Hidden(hidden))
        }
        value => convert(value, &mut |value| match value {
            Value::Str(text) => cidr(text).map(Peer::Cidr),
            _ => Err(Reason::new("the address block is only known at deployment")),
        }),
    }
}

/// An unknown block of a family that is known.
pub(crate) fn hidden(peer: Known<Peer>, ipv6: bool) -> Known<Peer> {
    let family = if ipv6 { IpFamily::V6 } else { IpFamily::V4 };
    match peer {
        Known::Unknown(reason) => Known::Known(Peer::Hidden(Hidden::of(family, reason))),
        Known::OneOf(list) => {
            Known::OneOf(list.into_iter().map(|(g, peer)| (g, hidden(peer, ipv6))).collect())
        }
        known => known,
    }
}

/// An address block as the cloud reads it: host bits are cleared; without a mask it is refused.
pub(crate) fn cidr(text: &str) -> Result<IpNet, Reason> {
    let text = text.trim();
    match text.parse::<IpNet>() {
        Ok(net) => Ok(net.trunc()),
        Err(_) => Err(Reason::new(format!("{text:?} is not an address block"))),
    }
}

/// A short text for a value in a message.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::Str(text) => text.to_string(),
        Value::Int(number) => number.to_string(),
        Value::OneOf(alternatives) => {
            let mut all: Vec<String> = alternatives.iter().map(|(_, value)| shown(value)).collect();
            all.dedup();
            all.join(" or ")
        }
        _ => "…".into(),
    }
}

fn port(value: &Value) -> Result<u16, Reason> {
    match value {
        Value::Int(number) => {
            u16::try_from(*number).map_err(|_| Reason::new(format!("{number} is not a port")))
        }
        Value::Str(text) => text.trim().parse().map_err(|_| Reason::new(format!("{text:?} is not a port"))),
        Value::Float(number) if number.fract() == 0.0 && (0.0..=65535.0).contains(number) => {
            Ok(*number as u16)
        }
        _ => Err(Reason::new("the port is only known at deployment")),
    }
}

fn is_token(value: &Value) -> bool {
    match value {
        Value::Native(_) => true,
        Value::OneOf(alternatives) => alternatives.iter().any(|(_, value)| is_token(value)),
        _ => false,
    }
}

impl PortRule {
    /// Every protocol and port.
    pub fn all() -> Self {
        Self {
            protocol: Known::Known(ProtocolMatch::Any),
            ports: Known::Known(PortMatch::Any),
            inline: true,
            shown: "all traffic".into(),
        }
    }

    /// One protocol whole.
    pub fn protocol(number: u8, shown: &str) -> Self {
        Self {
            protocol: Known::Known(ProtocolMatch::Number(number)),
            ports: Known::Known(PortMatch::Any),
            inline: true,
            shown: shown.into(),
        }
    }

    /// A range of ports of a protocol.
    pub fn range(number: u8, from: &Value, to: &Value) -> Self {
        let name = if number == 6 { "tcp" } else { "udp" };
        let (a, b) = (convert(from, &mut port), convert(to, &mut port));
        let ports =
            pair(a, b, &|from, to| if from <= to { PortMatch::Range(from, to) } else { PortMatch::Nothing });
        let inline = !is_token(from) && !is_token(to);
        let (from, to) = (shown(from), shown(to));
        let shown = if from == to { format!("{name}/{from}") } else { format!("{name}/{from}-{to}") };
        Self { protocol: Known::Known(ProtocolMatch::Number(number)), ports, inline, shown }
    }

    /// One TCP port.
    pub fn tcp(number: u16) -> Self {
        let value = Value::Int(i64::from(number));
        Self::range(6, &value, &value)
    }

    /// A TCP port that only the deployment knows.
    pub fn token() -> Self {
        Self {
            protocol: Known::Known(ProtocolMatch::Number(6)),
            ports: Known::Unknown(Reason::new("the port is only known at deployment")),
            inline: false,
            shown: "tcp on a port known at deployment".into(),
        }
    }

    /// ICMP of one type and code.
    pub fn icmp(number: u8, kind: Option<&Value>, code: Option<&Value>) -> Self {
        let part = |value: Option<&Value>| -> Known<Option<u8>> {
            match value {
                None => Known::Known(None),
                Some(value) => convert(value, &mut |value| match value {
                    Value::Int(-1) => Ok(None),
                    Value::Int(number) => u8::try_from(*number)
                        .map(Some)
                        .map_err(|_| Reason::new(format!("{number} is not an ICMP type or code"))),
                    _ => Err(Reason::new("the ICMP type is only known at deployment")),
                }),
            }
        };
        let ports = pair(part(kind), part(code), &PortMatch::Icmp);
        Self {
            protocol: Known::Known(ProtocolMatch::Number(number)),
            ports,
            inline: true,
            shown: if number == 58 { "icmpv6".into() } else { "icmp".into() },
        }
    }
}

/// Both known together; an unknown one makes the pair unknown.
fn pair<A: Copy, B: Copy, T>(a: Known<A>, b: Known<B>, both: &impl Fn(A, B) -> T) -> Known<T> {
    match (a, b) {
        (Known::Known(a), Known::Known(b)) => Known::Known(both(a, b)),
        (Known::Unknown(reason), _) | (_, Known::Unknown(reason)) => Known::Unknown(reason),
        (Known::OneOf(list), b) => {
            Known::OneOf(list.into_iter().map(|(guard, a)| (guard, pair(a, b.clone(), both))).collect())
        }
        (a, Known::OneOf(list)) => {
            Known::OneOf(list.into_iter().map(|(guard, b)| (guard, pair(a.clone(), b, both))).collect())
        }
    }
}
