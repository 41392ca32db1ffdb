//! `Connections`: who may open connections to whom. Each call adds egress to one side's groups.

use super::Cdk;
use super::constructs::OWN_GROUPS;
use super::effects::Forever;
use super::made::native;
use super::nodes::{Connections, Node, Props};
use super::peers::{PeerRule, PortRule};
use super::security_group::{add_rule, group_name, groups_of};
use tidegate_estate::{Guard, Place, Reason};
use tidegate_program::{Interp, NativeId, Value};

type Cx<'f> = Interp<Cdk<'f>>;

/// The connections of something connectable: a group, a construct with groups, a peer, a `Connections`.
pub(crate) fn of(cx: &Cx<'_>, value: &Value) -> Connections {
    match value {
        Value::OneOf(alternatives) => {
            let mut all = Connections::default();
            for (guard, value) in alternatives.iter() {
                let one = of(cx, value);
                all.groups.extend(one.groups.into_iter().map(|(g, group)| (guard.clone().and(g), group)));
                all.peer = all.peer.or(one.peer);
                all.default_port = all.default_port.or(one.default_port);
                all.open = all.open.or(one.open);
            }
            all
        }
        Value::Unknown(unknown) => {
            Connections { open: Some(unknown.reason.clone()), ..Connections::default() }
        }
        value => match native(cx, value) {
            Some(id) => of_native(cx, id),
            None => Connections {
                open: Some(Reason::new("it is not something that is known to have connections")),
                ..Connections::default()
            },
        },
    }
}

fn of_native(cx: &Cx<'_>, id: NativeId) -> Connections {
    match cx.host.node(id) {
        Node::Connections(connections) => connections.clone(),
        Node::Peer(peer) => Connections { peer: Some(peer.clone()), ..Connections::default() },
        Node::DefaultChild(group) => {
            Connections { groups: vec![(Guard::Always, *group)], of: Some(id), ..Connections::default() }
        }
        Node::Construct(construct) => {
            let own =
                cx.host.attribute_of(id, "connections").or_else(|| cx.host.attribute_of(id, OWN_GROUPS));
            if let (Some(group), None) = (construct.group, own) {
                let default_port = construct.props.value("default_port").cloned();
                return Connections {
                    groups: vec![(Guard::Always, group)],
                    default_port,
                    of: Some(id),
                    ..Connections::default()
                };
            }
            match own {
                Some(value) => of(cx, value),
                // A list of blocks is a peer itself.
                None if &*construct.class == "aws_cdk.aws_ec2.PrefixList" => Connections {
                    peer: Some(PeerRule {
                        peer: cx.host.prefix_list(&Value::Native(id)),
                        ipv6: false,
                        inline: false,
                        shown: construct.id.to_string(),
                    }),
                    ..Connections::default()
                },
                None => Connections {
                    open: Some(Reason::new(format!("the groups of {} are not followed", construct.class))),
                    of: Some(id),
                    ..Connections::default()
                },
            }
        }
        Node::Object { .. } if cx.host.attribute_of(id, "connections").is_some() => {
            of(cx, cx.host.attribute_of(id, "connections").unwrap_or(&Value::None))
        }
        Node::Object { class, props, .. } => {
            // `ec2.Connections(security_groups=[…], peer=…, default_port=…)` and objects that hold them.
            let groups = props.value("security_groups").map(|value| groups_of(cx, value)).unwrap_or_default();
            Connections {
                default_port: props.value("default_port").cloned(),
                open: if groups.is_empty() {
                    Some(Reason::new(format!("the groups of {class} are not followed")))
                } else {
                    None
                },
                groups,
                of: Some(id),
                ..Connections::default()
            }
        }
        _ => Connections { open: Some(Reason::new("its groups are not followed")), ..Connections::default() },
    }
}

/// The peers that stand for something connectable at the far end of a rule.
pub(crate) fn peers(cx: &Cx<'_>, value: &Value) -> Vec<(Guard, PeerRule)> {
    let connections = of(cx, value);
    let mut peers: Vec<(Guard, PeerRule)> = connections
        .groups
        .iter()
        .map(|(guard, group)| (guard.clone(), PeerRule::group(group_name(cx, *group), false)))
        .collect();
    if let Some(peer) = connections.peer {
        peers.push((Guard::Always, peer));
    }
    if peers.is_empty() {
        let kind = match value {
            Value::Unknown(unknown) => unknown.kind.clone(),
            value => native(cx, value).and_then(|id| cx.host.class_of(id)),
        };
        // Something that has groups which are not seen here leads to those groups; something of which
        // nothing at all is known may be any address.
        let peer = match (kind, connections.open) {
            (Some(kind), _)
                if !super::is_a(&kind, "aws_cdk.aws_ec2.IPeer") || kind.ends_with("SecurityGroup") =>
            {
                PeerRule::group(kind.rsplit('.').next().unwrap_or("a group").to_owned(), false)
            }
            (_, reason) => PeerRule::unknown(reason.unwrap_or_else(|| Reason::new("the peer is not known"))),
        };
        peers.push((Guard::Always, peer));
    }
    peers
}

/// The port rule behind a value.
pub(crate) fn ports(cx: &Cx<'_>, value: Option<&Value>) -> Vec<(Guard, PortRule)> {
    let unknown = |reason: Reason| PortRule {
        protocol: tidegate_estate::Value::Unknown(reason.clone()),
        ports: tidegate_estate::Value::Unknown(reason),
        inline: true,
        shown: "an unknown port".into(),
    };
    match value {
        Some(Value::OneOf(alternatives)) => alternatives
            .iter()
            .filter(|(_, value)| !matches!(value, Value::Missing))
            .flat_map(|(guard, value)| {
                ports(cx, Some(value))
                    .into_iter()
                    .map(|(g, port)| (guard.clone().and(g), port))
                    .collect::<Vec<_>>()
            })
            .collect(),
        Some(Value::Native(id)) => match cx.host.node(*id) {
            Node::Port(port) => vec![(Guard::Always, port.clone())],
            _ => vec![(Guard::Always, unknown(Reason::new("the port is only known at deployment")))],
        },
        Some(Value::Unknown(reason)) => vec![(Guard::Always, unknown(reason.reason.clone()))],
        _ => vec![(Guard::Always, unknown(Reason::new("the port is not given")))],
    }
}

/// Egress from the groups of `from` to `to` on `port`.
pub(crate) fn lead(
    cx: &mut Cx<'_>,
    from: &Connections,
    to: &Value,
    port: Option<&Value>,
    place: &Place,
    written: bool,
) {
    let peers = peers(cx, to);
    let ports = ports(cx, port);
    if let Some(owner) = from.of {
        let here = cx.guard();
        for (when, peer) in &peers {
            for (then, port) in &ports {
                let guard = here.clone().and(when.clone()).and(then.clone());
                let (peer, port, place) = (peer.clone(), port.clone(), place.clone());
                cx.host.effects.forever.push(Forever { owner, guard, peer, port, place, written });
            }
        }
    }
    for (guard, group) in &from.groups {
        for (when, peer) in &peers {
            for (then, port) in &ports {
                let guard = guard.clone().and(when.clone()).and(then.clone());
                add_rule(cx, *group, &guard, peer.clone(), port.clone(), place.clone(), written);
            }
        }
    }
}

/// A method of `Connections`. Ingress alone adds nothing here.
pub(crate) fn call(
    cx: &mut Cx<'_>,
    own: &Connections,
    this: &Value,
    name: &str,
    props: &Props,
    place: &Place,
) {
    let other = props.value("other").cloned();
    let port = props.value("port_range").cloned();
    let token = || Value::None;
    match (name, other) {
        ("allow_to", Some(other)) => lead(cx, own, &other, port.as_ref(), place, true),
        ("allow_from", Some(other)) => {
            let from = of(cx, &other);
            if !is_same(&from, own) {
                lead(cx, &from, this, port.as_ref(), place, true);
            }
        }
        ("allow_internally", _) => lead(cx, own, this, port.as_ref(), place, true),
        ("allow_to_any_ipv4", _) => {
            let anywhere = Value::Native(cx.host.add(Node::Peer(PeerRule::any(false))));
            lead(cx, own, &anywhere, port.as_ref(), place, true);
        }
        ("allow_default_port_to", Some(other)) => {
            let port = own.default_port.clone().unwrap_or_else(token);
            lead(cx, own, &other, Some(&port), place, true);
        }
        ("allow_to_default_port", Some(other)) => {
            let port = of(cx, &other).default_port.unwrap_or_else(token);
            lead(cx, own, &other, Some(&port), place, true);
        }
        ("allow_default_port_from", Some(other)) => {
            let from = of(cx, &other);
            let port = own.default_port.clone().unwrap_or_else(token);
            if !is_same(&from, own) {
                lead(cx, &from, this, Some(&port), place, true);
            }
        }
        ("allow_default_port_internally", _) => {
            let port = own.default_port.clone().unwrap_or_else(token);
            lead(cx, own, this, Some(&port), place, true);
        }
        ("add_security_group", _) => {
            let mut added = Vec::new();
            let named = props.named.values().map(|argument| &argument.value);
            for value in props.rest.iter().chain(named) {
                added.extend(groups_of(cx, value));
            }
            join(cx, this, added);
        }
        _ => {}
    }
}

/// Whether both are the connections of one thing: then `allow_from` adds no egress.
fn is_same(a: &Connections, b: &Connections) -> bool {
    a.of.is_some() && a.of == b.of
}

/// Puts further groups into the connections of something.
pub(crate) fn join(cx: &mut Cx<'_>, whose: &Value, added: Vec<(Guard, usize)>) {
    let here = cx.guard();
    let added: Vec<_> = added.into_iter().map(|(guard, group)| (here.clone().and(guard), group)).collect();
    let Some(id) = native(cx, whose) else { return };
    let owner = match cx.host.node(id) {
        Node::Connections(connections) => connections.of,
        _ => Some(id),
    };
    if let Some(Node::Connections(connections)) = cx.host.nodes.get_mut(id.0 as usize) {
        connections.groups.extend(added.iter().cloned());
    }
    let Some(owner) = owner else { return };
    let mut all = of_native(cx, owner);
    let mut fresh = Vec::new();
    for one in added {
        if !all.groups.contains(&one) {
            all.groups.push(one.clone());
            fresh.push(one);
        }
    }
    all.of = Some(owner);
    all.open = None;
    let value = Value::Native(cx.host.add(Node::Connections(all)));
    if let Some(all) = cx.host.attributes.get_mut(&owner) {
        all.retain(|(path, _)| &**path != "connections");
    }
    cx.host.put_attribute(owner, "connections", value);
    // Rules that were given to these connections count for groups that come later.
    let known: Vec<_> = cx.host.effects.forever.iter().filter(|rule| rule.owner == owner).cloned().collect();
    for (guard, group) in fresh {
        for rule in &known {
            let guard = guard.clone().and(rule.guard.clone());
            add_rule(
                cx,
                group,
                &guard,
                rule.peer.clone(),
                rule.port.clone(),
                rule.place.clone(),
                rule.written,
            );
        }
    }
}
