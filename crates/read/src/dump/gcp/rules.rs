//! VPC firewall rules to rules of the estate: ranges, protocols and ports multiply out under one number.
//! (Compute Engine API, `firewalls`; VPC documentation, "VPC firewall rules".)

use crate::dump::fields::{Fields, block_or_address};
use crate::tree::NodeId;
use tidegate_estate::{
    Action, Cause, Direction, Guard, IpNet, Ipv4Net, Ipv6Net, Peer, Place, PortMatch, Presence,
    ProtocolMatch, Reason, Rule, Value,
};

/// The number of a rule that names none.
const PRIORITY: u32 = 1000;
/// The number of the rules that every network ends with.
const LAST: u32 = 65535;
/// What the rule that every network ends with is called in messages.
const IMPLIED: &str = "implied allow egress";
/// Protocols that may be named rather than numbered.
const PROTOCOLS: [(&str, u8); 7] =
    [("tcp", 6), ("udp", 17), ("icmp", 1), ("esp", 50), ("ah", 51), ("sctp", 132), ("ipip", 94)];

/// The rules that every network ends with: everything gets out, over IPv4 and, where there is any, over IPv6.
pub(super) fn implied(place: &Place, ipv6: bool) -> Vec<Rule> {
    let blocks = [IpNet::V4(Ipv4Net::default()), IpNet::V6(Ipv6Net::default())];
    blocks
        .into_iter()
        .filter(|block| ipv6 || matches!(block, IpNet::V4(_)))
        .map(|block| last(place, Action::Allow, block, Presence::Present))
        .collect()
}

/// What a network firewall policy that nobody has seen may deny before the implied rules allow it. (What it may allow
/// those allow anyway.)
pub(super) fn perhaps_denied(place: &Place, why: &Reason) -> Vec<Rule> {
    [IpNet::V4(Ipv4Net::default()), IpNet::V6(Ipv6Net::default())]
        .map(|block| last(place, Action::Deny, block, Presence::Unknown(why.clone())))
        .to_vec()
}

fn last(place: &Place, action: Action, block: IpNet, presence: Presence) -> Rule {
    Rule {
        direction: Direction::Egress,
        action,
        priority: Some(Value::Known(LAST)),
        protocol: Value::Known(ProtocolMatch::Any),
        ports: Value::Known(PortMatch::Any),
        peer: Value::Known(Peer::Cidr(block)),
        guard: Guard::Always,
        presence,
        cause: Cause::Platform { rule: IMPLIED.to_owned() },
        place: place.clone(),
        chain: vec![],
    }
}

/// One VPC firewall rule.
pub(super) fn read(fields: &Fields<'_>, node: NodeId, direction: Direction) -> Vec<Rule> {
    let egress = direction == Direction::Egress;
    let (here, there) =
        if egress { ("sourceRanges", "destinationRanges") } else { ("destinationRanges", "sourceRanges") };
    let place = match fields.get(node, there) {
        Some(_) => fields.member(node, there),
        None => fields.member(node, "name"),
    };
    let priority = match fields.text(node, "priority") {
        None => Value::Known(PRIORITY),
        Some(text) => match text.parse() {
            Ok(number) => Value::Known(number),
            Err(_) => Value::Unknown(Reason::at(
                format!("{text:?} is no priority"),
                fields.member(node, "priority"),
            )),
        },
    };
    let presence = match fields.list(node, here).next() {
        // Of the machine's own addresses: which those are the rule does not say.
        Some(_) if !everywhere(fields, node, here) => Presence::Unknown(Reason::at(
            format!("the rule counts for some of the addresses of a machine only ({here})"),
            fields.member(node, here),
        )),
        _ => Presence::Present,
    };
    let peers = peers(fields, node, there, egress);
    let mut rules = Vec::new();
    for (key, action) in [("allowed", Action::Allow), ("denied", Action::Deny)] {
        for entry in fields.list(node, key) {
            let protocol = protocol(fields, entry, "IPProtocol");
            for ports in ports(fields, entry) {
                for peer in &peers {
                    rules.push(Rule {
                        direction,
                        action,
                        priority: Some(priority.clone()),
                        protocol: protocol.clone(),
                        ports: ports.clone(),
                        peer: peer.clone(),
                        guard: Guard::Always,
                        presence: presence.clone(),
                        cause: Cause::Written,
                        place: place.clone(),
                        chain: vec![],
                    });
                }
            }
        }
    }
    rules
}

/// Whether a list of ranges leaves no address of either family out.
fn everywhere(fields: &Fields<'_>, node: NodeId, key: &str) -> bool {
    fields.list(node, key).any(|range| {
        let block = fields.tree.text(range).and_then(|text| block_or_address(text).ok());
        block.is_some_and(|block| block.prefix_len() == 0)
    })
}

/// The other end. Without any range it is all of IPv4, unless an inbound rule names who instead.
fn peers(fields: &Fields<'_>, node: NodeId, key: &str, egress: bool) -> Vec<Value<Peer>> {
    let mut peers: Vec<Value<Peer>> = fields
        .list(node, key)
        .map(|range| {
            let place = fields.place(range);
            match block_or_address(fields.tree.text(range).unwrap_or_default()) {
                Ok(block) => Value::Known(Peer::Cidr(block)),
                Err(why) => Value::Unknown(Reason::at(why, place)),
            }
        })
        .collect();
    if !egress {
        for key in ["sourceTags", "sourceServiceAccounts"] {
            let names = fields.list(node, key).filter_map(|item| fields.tree.text(item).map(str::to_owned));
            peers.extend(names.map(|name| Value::Known(Peer::Group(name))));
        }
    }
    if peers.is_empty() {
        peers.push(Value::Known(Peer::Cidr(IpNet::V4(Ipv4Net::default()))));
    }
    peers
}

/// The number of a protocol by its name or number.
pub(super) fn number_of(name: &str) -> Option<u8> {
    let lower = name.to_ascii_lowercase();
    let named = PROTOCOLS.iter().find(|(name, _)| *name == lower).map(|(_, number)| *number);
    named.or_else(|| lower.parse().ok())
}

/// Every protocol and port.
pub(super) fn any_service() -> (Value<ProtocolMatch>, Value<PortMatch>) {
    (Value::Known(ProtocolMatch::Any), Value::Known(PortMatch::Any))
}

/// The protocol that stands in a member.
pub(super) fn protocol(fields: &Fields<'_>, entry: NodeId, key: &str) -> Value<ProtocolMatch> {
    let Some(text) = fields.text(entry, key) else {
        return Value::Unknown(Reason::at("the rule names no protocol", fields.place(entry)));
    };
    let lower = text.to_ascii_lowercase();
    if lower == "all" {
        return Value::Known(ProtocolMatch::Any);
    }
    match number_of(&lower) {
        Some(number) => Value::Known(ProtocolMatch::Number(number)),
        None => Value::Unknown(Reason::at(format!("{text:?} is no protocol"), fields.member(entry, key))),
    }
}

/// `["22", "8000-8080"]`; none means all of them.
pub(super) fn ports(fields: &Fields<'_>, entry: NodeId) -> Vec<Value<PortMatch>> {
    let ports: Vec<Value<PortMatch>> = fields
        .list(entry, "ports")
        .map(|item| {
            let text = fields.tree.text(item).unwrap_or_default();
            let (from, to) = text.split_once('-').unwrap_or((text, text));
            match (from.trim().parse::<u16>(), to.trim().parse::<u16>()) {
                (Ok(0), Ok(u16::MAX)) => Value::Known(PortMatch::Any),
                (Ok(from), Ok(to)) if from <= to => Value::Known(PortMatch::Range(from, to)),
                _ => Value::Unknown(Reason::at(
                    format!("{text:?} is no port and no range of ports"),
                    fields.place(item),
                )),
            }
        })
        .collect();
    if ports.is_empty() { vec![Value::Known(PortMatch::Any)] } else { ports }
}
