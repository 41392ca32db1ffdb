//! Security rules of Azure to rules of the estate: lists of prefixes and of ports multiply out under one number.
//! (<https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview>)

use crate::dump::fields::{Fields, block_or_address};
use crate::tree::NodeId;
use tidegate_estate::{
    Action, Cause, Direction, Guard, IpNet, Ipv4Net, Ipv6Net, Peer, Place, PortMatch, Presence,
    ProtocolMatch, Reason, Rule, Value,
};

/// Rules that every group ends with where no answer shows them: direction, number, name, the other end, access.
pub(super) const DEFAULTS: [(Direction, u32, &str, &str, Action); 6] = [
    (Direction::Egress, 65000, "AllowVnetOutBound", "VirtualNetwork", Action::Allow),
    (Direction::Egress, 65001, "AllowInternetOutBound", "Internet", Action::Allow),
    (Direction::Egress, 65500, "DenyAllOutBound", "*", Action::Deny),
    (Direction::Ingress, 65000, "AllowVnetInBound", "VirtualNetwork", Action::Allow),
    (Direction::Ingress, 65001, "AllowAzureLoadBalancerInBound", "AzureLoadBalancer", Action::Allow),
    (Direction::Ingress, 65500, "DenyAllInBound", "*", Action::Deny),
];

/// Service tags that stand for no address of the Internet as a whole.
const APART: [&str; 3] = ["VirtualNetwork", "AzureLoadBalancer", "AzurePlatformDNS"];

/// The default rules, as the platform adds them.
pub(super) fn defaults(place: &Place, into: &mut Vec<Rule>) {
    for (direction, number, name, end, action) in DEFAULTS {
        for peer in peers(end, place) {
            into.push(Rule {
                direction,
                action,
                priority: Some(Value::Known(number)),
                protocol: Value::Known(ProtocolMatch::Any),
                ports: Value::Known(PortMatch::Any),
                peer,
                guard: Guard::Always,
                presence: Presence::Present,
                cause: Cause::Platform { rule: name.to_owned() },
                place: place.clone(),
                chain: vec![],
            });
        }
    }
}

/// One security rule.
pub(super) fn read(fields: &Fields<'_>, node: NodeId, default: bool, into: &mut Vec<Rule>) {
    let inner = fields.get(node, "properties").unwrap_or(node);
    let text = |key: &str| fields.text(inner, key);
    let outbound = text("direction").is_some_and(|direction| direction.eq_ignore_ascii_case("outbound"));
    let (action, mut presence) = match text("access") {
        Some(access) if access.eq_ignore_ascii_case("allow") => (Action::Allow, Presence::Present),
        Some(access) if access.eq_ignore_ascii_case("deny") => (Action::Deny, Presence::Present),
        _ => {
            let why = Reason::at("the rule neither allows nor denies", fields.place(node));
            (Action::Allow, Presence::Unknown(why))
        }
    };
    // The workload's own end, and the other one.
    let (own, other) = if outbound { ("source", "destination") } else { ("destination", "source") };
    let keys = |end: &str| [format!("{end}AddressPrefix"), format!("{end}AddressPrefixes")];
    let [one, many] = keys(own);
    let workloads = several(fields, inner, &one, &many);
    let everybody = |prefix: &String| {
        ["*", "any", "virtualnetwork", "0.0.0.0/0", "::/0"].contains(&&*prefix.to_ascii_lowercase())
    };
    let some_ports = several(fields, inner, "sourcePortRange", "sourcePortRanges");
    let all_ports = some_ports.is_empty() || some_ports.iter().any(|ports| ports == "*");
    if !(workloads.iter().any(everybody) && all_ports) {
        let why = "the rule counts for some of the workloads only, by their address, group or source port";
        presence = Presence::Unknown(Reason::at(why, fields.place(node)));
    }
    let [one, many] = keys(other);
    let place = [&one, &many]
        .into_iter()
        .find(|key| fields.get(inner, key).is_some())
        .map_or_else(|| fields.place(node), |key| fields.member(inner, key));
    let mut to: Vec<Value<Peer>> =
        several(fields, inner, &one, &many).iter().flat_map(|prefix| peers(prefix, &place)).collect();
    for group in fields.list(inner, &format!("{other}ApplicationSecurityGroups")) {
        let name = fields.text(group, "id").unwrap_or_default();
        to.push(Value::Known(Peer::Group(name)));
    }
    if to.is_empty() {
        to.push(Value::Unknown(Reason::at("the rule names no other end", fields.place(node))));
    }
    let protocol = protocol(text("protocol"), &place);
    let ports: Vec<Value<PortMatch>> =
        several(fields, inner, "destinationPortRange", "destinationPortRanges")
            .iter()
            .map(|ports| port_match(ports, &place))
            .collect();
    let ports = if ports.is_empty() { vec![Value::Known(PortMatch::Any)] } else { ports };
    let priority = fields.number(inner, "priority").and_then(|number| u32::try_from(number).ok());
    let priority = match priority {
        Some(number) => Value::Known(number),
        None => Value::Unknown(Reason::at("the rule has no priority", fields.place(node))),
    };
    let name = fields.text(node, "name").unwrap_or_default();
    for peer in &to {
        for ports in &ports {
            into.push(Rule {
                direction: if outbound { Direction::Egress } else { Direction::Ingress },
                action,
                priority: Some(priority.clone()),
                protocol: protocol.clone(),
                ports: ports.clone(),
                peer: peer.clone(),
                guard: Guard::Always,
                presence: presence.clone(),
                cause: if default { Cause::Platform { rule: name.clone() } } else { Cause::Written },
                place: place.clone(),
                chain: vec![],
            });
        }
    }
}

/// A member that is one text or, under another name, a list of texts.
pub(super) fn several(fields: &Fields<'_>, node: NodeId, one: &str, many: &str) -> Vec<String> {
    let mut all: Vec<String> = fields.text(node, one).into_iter().collect();
    all.extend(fields.list(node, many).filter_map(|item| fields.tree.text(item).map(str::to_owned)));
    all
}

/// What a destination stands for: a block, an address, everything, or a service tag.
fn peers(text: &str, place: &Place) -> Vec<Value<Peer>> {
    let all = [IpNet::V4(Ipv4Net::default()), IpNet::V6(Ipv6Net::default())];
    // The tag Internet is all that is outside of the virtual network: of the Internet, everything.
    if ["*", "any", "internet"].contains(&&*text.to_ascii_lowercase()) {
        return all.map(|block| Value::Known(Peer::Cidr(block))).to_vec();
    }
    if text.starts_with('[') {
        let why = "it is an expression of a template, which deployment works out";
        return vec![Value::Unknown(Reason::at(why, place.clone()))];
    }
    vec![match block_or_address(text) {
        Ok(block) => Value::Known(Peer::Cidr(block)),
        Err(_) if APART.iter().any(|tag| tag.eq_ignore_ascii_case(text)) => {
            Value::Known(Peer::Group(text.to_owned()))
        }
        // `Storage`, `Sql.WestEurope`: lists that the vendor keeps. All of Azure's addresses are many.
        Err(_) if text.to_ascii_lowercase().starts_with("azurecloud") => Value::Unknown(Reason::at(
            format!("{text} stands for all of Azure's public addresses, whoever uses them"),
            place.clone(),
        )),
        Err(_)
            if text.chars().all(|c| c.is_ascii_alphanumeric() || c == '.')
                && !text.starts_with(|c: char| c.is_ascii_digit()) =>
        {
            Value::Known(Peer::ManagedPrefixList(text.to_owned()))
        }
        Err(why) => Value::Unknown(Reason::at(why, place.clone())),
    }]
}

fn protocol(text: Option<String>, place: &Place) -> Value<ProtocolMatch> {
    let Some(text) = text else {
        return Value::Unknown(Reason::at("the rule names no protocol", place.clone()));
    };
    Value::Known(match text.to_ascii_lowercase().as_str() {
        "*" | "any" => ProtocolMatch::Any,
        "tcp" => ProtocolMatch::Number(6),
        "udp" => ProtocolMatch::Number(17),
        "icmp" => ProtocolMatch::Number(1),
        "esp" => ProtocolMatch::Number(50),
        "ah" => ProtocolMatch::Number(51),
        _ => return Value::Unknown(Reason::at(format!("{text:?} is no protocol"), place.clone())),
    })
}

/// `*`, `443`, `80-90`.
fn port_match(text: &str, place: &Place) -> Value<PortMatch> {
    if text == "*" {
        return Value::Known(PortMatch::Any);
    }
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    match (from.trim().parse::<u16>(), to.trim().parse::<u16>()) {
        (Ok(0), Ok(u16::MAX)) => Value::Known(PortMatch::Any),
        (Ok(from), Ok(to)) if from <= to => Value::Known(PortMatch::Range(from, to)),
        _ => Value::Unknown(Reason::at(format!("{text:?} is no port and no range of ports"), place.clone())),
    }
}
