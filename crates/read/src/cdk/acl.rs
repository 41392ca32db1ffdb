//! Network ACLs of a program and their entries.

use super::Cdk;
use super::convert::convert;
use super::made::native;
use super::network::{place_of, plain};
use super::nodes::{Made, Node, Props};
use super::peers::{PortRule, cidr, shown};
use tidegate_estate::{
    Action, Cause, Direction, IpNet, Ipv4Net, Ipv6Net, Peer, Policy, PolicyKind, PortMatch, Presence,
    ProtocolMatch, Reason, Rule, Value as Known,
};
use tidegate_program::{Interp, NativeId, Value};

type Cx<'f> = Interp<Cdk<'f>>;

/// An ACL.
#[derive(Debug)]
pub(crate) struct Acl {
    construct: NativeId,
    made: Made,
    name: String,
    path: Option<String>,
    rules: Vec<Rule>,
}

/// `ec2.NetworkAcl(…)`.
pub(crate) fn make(cx: &mut Cx<'_>, id: NativeId, made: &Made) {
    let (name, path) = match cx.host.construct(id) {
        Some(construct) => (construct.id.to_string(), construct.path.as_deref().map(str::to_owned)),
        None => return,
    };
    let path = path.filter(|_| !cx.detached);
    cx.host.network.acls.push(Acl { construct: id, made: made.clone(), name, path, rules: Vec::new() });
}

/// `acl.add_entry(…)`, `NetworkAclEntry(…)`, `CfnNetworkAclEntry(…)`.
pub(crate) fn entry(cx: &mut Cx<'_>, acl: Option<Value>, props: &Props, made: &Made) {
    let Some(id) = acl.as_ref().and_then(|value| native(cx, value)) else { return };
    let id = match cx.host.node(id) {
        Node::Object { from: Some((owner, _)), .. } => *owner,
        _ => id,
    };
    let egress = match props.value("egress") {
        Some(value) => matches!(value, Value::Bool(true)),
        // The L2 default direction is ingress.
        None => props.value("direction").is_some_and(|value| is_member(value, "EGRESS")),
    };
    if !egress {
        return;
    }
    let deny = props.value("rule_action").is_some_and(|value| {
        is_member(value, "DENY") || matches!(value, Value::Str(text) if text.eq_ignore_ascii_case("deny"))
    });
    let priority = props.value("rule_number").map(|value| {
        convert(value, &mut |value| match value {
            Value::Int(number) => {
                u32::try_from(*number).map_err(|_| Reason::new("the rule number is out of range"))
            }
            _ => Err(Reason::new("the rule number is not known")),
        })
    });
    let traffic = traffic(cx, props);
    let rule = Rule {
        direction: Direction::Egress,
        action: if deny { Action::Deny } else { Action::Allow },
        priority,
        protocol: traffic.protocol,
        ports: traffic.ports,
        peer: block(cx, props),
        guard: made.guard.clone(),
        presence: Presence::Present,
        cause: Cause::Written,
        place: place_of(props, "cidr", made),
        chain: made.chain.to_vec(),
    };
    if let Some(acl) = cx.host.network.acls.iter_mut().find(|acl| acl.construct == id) {
        acl.rules.push(rule);
    }
}

fn is_member(value: &Value, member: &str) -> bool {
    matches!(value, Value::External(path) if path.rsplit('.').next() == Some(member))
}

fn block(cx: &Cx<'_>, props: &Props) -> Known<Peer> {
    let known = |net: IpNet| Known::Known(Peer::Cidr(net));
    let unknown = || Known::Unknown(Reason::new("the address block is not known"));
    if let Some(Value::Str(text)) = props.value("cidr_block").or_else(|| props.value("ipv6_cidr_block")) {
        return cidr(text).map_or_else(Known::Unknown, known);
    }
    let Some(id) = props.value("cidr").and_then(|value| native(cx, value)) else { return unknown() };
    match cx.host.node(id) {
        Node::Object { class, props, .. } => match class.rsplit('.').next() {
            Some("any_ipv4") => known(IpNet::V4(Ipv4Net::default())),
            Some("any_ipv6") => known(IpNet::V6(Ipv6Net::default())),
            _ => match props.value("ipv4_cidr").or_else(|| props.value("ipv6_cidr")) {
                Some(Value::Str(text)) => cidr(text).map_or_else(Known::Unknown, known),
                _ => unknown(),
            },
        },
        _ => unknown(),
    }
}

fn traffic(cx: &Cx<'_>, props: &Props) -> PortRule {
    let unknown = |reason: &str| PortRule {
        protocol: Known::Unknown(Reason::new(reason)),
        ports: Known::Unknown(Reason::new(reason)),
        inline: true,
        shown: "unknown traffic".into(),
    };
    if let Some(Value::Int(number)) = props.value("protocol") {
        let protocol = match u8::try_from(*number) {
            Ok(number) => ProtocolMatch::Number(number),
            Err(_) => ProtocolMatch::Any,
        };
        let range = props.value("port_range").and_then(|value| {
            let from = super::constructs::field(cx, value, "from_")
                .or_else(|| super::constructs::field(cx, value, "from"))?;
            Some((from, super::constructs::field(cx, value, "to")?))
        });
        let ports = match range {
            Some((from, to)) => PortRule::range(6, &from, &to).ports,
            None => Known::Known(PortMatch::Any),
        };
        return PortRule {
            protocol: Known::Known(protocol),
            ports,
            inline: true,
            shown: shown(&Value::Int(*number)),
        };
    }
    let Some(id) = props.value("traffic").and_then(|value| native(cx, value)) else {
        return unknown("the traffic is not known");
    };
    let Node::Object { class, props, .. } = cx.host.node(id) else {
        return unknown("the traffic is not known");
    };
    let get = |name: &str| props.value(name).cloned().unwrap_or(Value::None);
    match class.rsplit('.').next() {
        Some("all_traffic") => PortRule::all(),
        Some("tcp_port") => PortRule::range(6, &get("port"), &get("port")),
        Some("udp_port") => PortRule::range(17, &get("port"), &get("port")),
        Some("tcp_port_range") => PortRule::range(6, &get("start_port"), &get("end_port")),
        Some("udp_port_range") => PortRule::range(17, &get("start_port"), &get("end_port")),
        Some("icmp") => PortRule::icmp(1, None, None),
        Some("icmpv6") => PortRule::icmp(58, None, None),
        _ => unknown("the traffic is not known"),
    }
}

/// The ACLs as policies.
pub(crate) fn policies(cx: &mut Cx<'_>) -> Vec<Policy> {
    std::mem::take(&mut cx.host.network.acls)
        .into_iter()
        .map(|acl| Policy { kind: PolicyKind::NetworkAcl, ..plain(&acl.made, acl.name, acl.path, acl.rules) })
        .collect()
}
