//! The factories of `ec2.Peer` and `ec2.Port`, and the constants of the latter.

use super::made::native;
use super::nodes::{Node, Props};
use super::peers::{PeerRule, PortRule};
use super::{Cdk, protocols, security_group};
use tidegate_estate::Reason;
use tidegate_program::{Interp, Value};

type Cx<'f> = Interp<Cdk<'f>>;

pub(super) fn peer(cx: &mut Cx<'_>, name: &str, props: &Props) -> PeerRule {
    let first = |name: &str| {
        props
            .value(name)
            .or_else(|| props.named.values().next().map(|argument| &argument.value))
            .cloned()
            .unwrap_or(Value::None)
    };
    match name {
        "any_ipv4" => PeerRule::any(false),
        "any_ipv6" => PeerRule::any(true),
        "ipv4" | "ipv6" => {
            let value = first("cidr_ip");
            let host = &cx.host;
            PeerRule::block(&value, name == "ipv6", &mut |value| host.block_of(value))
        }
        "prefix_list" => {
            let value = first("prefix_list_id");
            let peer = cx.host.prefix_list(&value);
            PeerRule { peer, ipv6: false, inline: false, shown: super::peers::shown(&value) }
        }
        "security_group_id" => {
            let value = first("security_group_id");
            let group = security_group_of_id(cx, &value);
            let name = group
                .map_or_else(|| super::peers::shown(&value), |group| security_group::group_name(cx, group));
            PeerRule::group(name, true)
        }
        other => PeerRule::unknown(Reason::new(format!("Peer.{other} is not followed"))),
    }
}

/// The group behind `group.security_group_id`.
pub(super) fn security_group_of_id(cx: &Cx<'_>, value: &Value) -> Option<usize> {
    let id = native(cx, value)?;
    let owner = match cx.host.node(id) {
        Node::Object { from: Some((owner, _)), .. } => *owner,
        _ => id,
    };
    match cx.host.node(owner) {
        Node::Construct(construct) => construct.group,
        Node::DefaultChild(group) => Some(*group),
        _ => None,
    }
}

pub(super) fn port(cx: &mut Cx<'_>, name: &str, props: &Props) -> PortRule {
    let at = |position: usize, name: &str| {
        props
            .value(name)
            .or_else(|| props.named.values().nth(position).map(|argument| &argument.value))
            .cloned()
            .unwrap_or(Value::None)
    };
    let range = |cx: &Cx<'_>, number: u8, from: &Value, to: &Value| {
        let mut rule = PortRule::range(number, &cx.host.expand(from), &cx.host.expand(to));
        // A parameter makes the rule stand on its own, whatever its value.
        rule.inline &= !matches!(from, Value::Native(_)) && !matches!(to, Value::Native(_));
        rule
    };
    match name {
        "tcp" => range(cx, 6, &at(0, "port"), &at(0, "port")),
        "udp" => range(cx, 17, &at(0, "port"), &at(0, "port")),
        "tcp_range" => range(cx, 6, &at(0, "start_port"), &at(1, "end_port")),
        "udp_range" => range(cx, 17, &at(0, "start_port"), &at(1, "end_port")),
        "all_tcp" => PortRule::protocol(6, "all TCP"),
        "all_udp" => PortRule::protocol(17, "all UDP"),
        "all_traffic" => PortRule::all(),
        "all_icmp" => PortRule::icmp(1, None, None),
        "all_icmp_v6" => PortRule::icmp(58, None, None),
        "icmp_ping" => PortRule::icmp(1, Some(&Value::Int(8)), None),
        "icmp_type" => PortRule::icmp(1, Some(&at(0, "type")), None),
        "icmp_type_and_code" => PortRule::icmp(1, Some(&at(0, "type")), Some(&at(1, "code"))),
        "esp" => PortRule::protocol(50, "esp"),
        "ah" => PortRule::protocol(51, "ah"),
        other => unknown_port(&format!("Port.{other} is not followed")),
    }
}

/// `ec2.Port(protocol=…, from_port=…, to_port=…)`.
pub(super) fn custom_port(cx: &Cx<'_>, props: &Props) -> PortRule {
    let number = match props.value("protocol") {
        Some(Value::External(path)) => match path.rsplit('.').next() {
            Some("ALL") => return PortRule::all(),
            Some("TCP") => 6,
            Some("UDP") => 17,
            Some("ICMP") => 1,
            Some("ICMPV6") => 58,
            Some(member) => match protocols::number(member) {
                Some(number) => return PortRule::protocol(number, &member.to_ascii_lowercase()),
                None => return unknown_port("the protocol is not followed"),
            },
            None => return unknown_port("the protocol is not followed"),
        },
        _ => return unknown_port("the protocol is not known"),
    };
    let get = |name: &str| props.value(name).map(|value| cx.host.expand(value)).unwrap_or(Value::None);
    let (from, to) = (get("from_port"), get("to_port"));
    match (number, &from) {
        (1 | 58, _) => PortRule::icmp(
            number,
            Some(&from).filter(|v| !matches!(v, Value::None)),
            Some(&to).filter(|v| !matches!(v, Value::None)),
        ),
        (number, Value::None) => PortRule::protocol(number, if number == 6 { "all TCP" } else { "all UDP" }),
        (number, _) => PortRule::range(number, &from, &to),
    }
}

pub(super) fn unknown_port(why: &str) -> PortRule {
    PortRule {
        protocol: tidegate_estate::Value::Unknown(Reason::new(why)),
        ports: tidegate_estate::Value::Unknown(Reason::new(why)),
        inline: true,
        shown: "an unknown port".into(),
    }
}

/// The constants of `ec2.Port` (aws-cdk-lib, aws-ec2/lib/port.js).
pub(super) fn well_known_port(name: &str) -> Option<PortRule> {
    Some(PortRule::tcp(match name {
        "SSH" => 22,
        "SMTP" => 25,
        "DNS_TCP" => 53,
        "DNS_UDP" => return Some(PortRule::range(17, &Value::Int(53), &Value::Int(53))),
        "HTTP" => 80,
        "POP3" => 110,
        "IMAP" => 143,
        "LDAP" => 389,
        "HTTPS" => 443,
        "SMB" => 445,
        "IMAPS" => 993,
        "POP3_S" | "POP3S" => 995,
        "MSSQL" => 1433,
        "NFS" => 2049,
        "MYSQL_AURORA" => 3306,
        "RDP" => 3389,
        "POSTGRES" => 5432,
        _ => return None,
    }))
}
