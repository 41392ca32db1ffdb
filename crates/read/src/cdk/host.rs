//! The library as the interpreter sees it: names, objects, attributes, calls.

use super::arguments;
use super::made::{self, native};
use super::nodes::{Connections, Node, Props};
use super::peers::{PeerRule, PortRule};
use super::{
    Cdk, acl, aspects, connections, constructs, effects, is_a, library, network, overrides, protocols,
    security_group, tokens,
};
use std::rc::Rc;
use std::sync::Arc;
use tidegate_estate::{Guard, Reason, Span};
use tidegate_program::value::Unknown;
use tidegate_program::{Arguments, CallSite, Host, Interp, NativeId, ObjectId, Value};

type Cx<'f> = Interp<Cdk<'f>>;

const GROUP: &str = security_group::GROUP;

impl<'f> Host for Cdk<'f> {
    fn file(cx: &Cx<'f>, path: &str) -> Option<Arc<[u8]>> {
        cx.host.sources.file(path)
    }

    fn has_file(cx: &Cx<'f>, path: &str) -> bool {
        cx.host.sources.has_file(path)
    }

    fn has_folder(cx: &Cx<'f>, folder: &str) -> bool {
        cx.host.sources.has_folder(folder)
    }

    fn canonical(_: &Cx<'f>, module: &str) -> Rc<str> {
        match module.strip_prefix("aws_cdk.core") {
            Some("") => "aws_cdk".into(),
            _ => module.into(),
        }
    }

    fn members(_: &Cx<'f>, module: &str) -> Vec<Rc<str>> {
        library::types_in(module).iter().map(|name| Rc::from(*name)).collect()
    }

    fn external(cx: &mut Cx<'f>, path: &str) -> Option<Value> {
        if let Some(rest) = path.strip_prefix("aws_cdk.core.") {
            let plain = match rest {
                "Construct" | "IConstruct" => format!("constructs.{rest}"),
                rest => format!("aws_cdk.{rest}"),
            };
            return Some(Self::external(cx, &plain).unwrap_or_else(|| Value::External(plain.into())));
        }
        let port = well_known_port(path.strip_prefix("aws_cdk.aws_ec2.Port.")?)?;
        Some(Value::Native(cx.host.add(Node::Port(port))))
    }

    fn call(cx: &mut Cx<'f>, path: &Rc<str>, site: &CallSite, arguments: Arguments) -> Option<Value> {
        if let Some(info) = library::lookup(path) {
            if info.is_construct() {
                return Some(Value::Native(constructs::call(cx, path, site, arguments, None)));
            }
            return Some(object(cx, path, site, arguments));
        }
        static_call(cx, path, site, arguments)
    }

    fn construct(
        cx: &mut Cx<'f>,
        base: &Rc<str>,
        instance: ObjectId,
        site: &CallSite,
        arguments: Arguments,
    ) -> Value {
        let is_construct = library::lookup(base).is_none_or(|info| info.is_construct());
        if is_construct && (base.starts_with("aws_cdk") || base.starts_with("constructs.")) {
            return Value::Native(constructs::call(cx, base, site, arguments, Some(instance)));
        }
        if is_construct && looks_like_construct(cx, &arguments) {
            // A construct of a library that is not read: its place in the tree is known all the same.
            return Value::Native(constructs::call(cx, base, site, arguments, Some(instance)));
        }
        object(cx, base, site, arguments)
    }

    fn attribute(cx: &mut Cx<'f>, id: NativeId, name: &Rc<str>, span: Span) -> Value {
        attribute(cx, id, name, span)
    }

    fn set_attribute(cx: &mut Cx<'f>, id: NativeId, name: &Rc<str>, value: Value, span: Span) {
        let place = cx.place(span);
        match cx.host.node(id) {
            Node::DefaultChild(group) => {
                let group = *group;
                overrides::assign(cx, group, name, value, &place);
            }
            Node::Construct(construct) => {
                if let Some(group) = construct.group
                    && construct.class.ends_with(".CfnSecurityGroup")
                {
                    overrides::assign(cx, group, name, value, &place);
                    return;
                }
                if let Some(construct) = cx.host.construct_mut(id) {
                    construct.set.insert(name.clone(), value);
                }
            }
            Node::Object { from: Some((owner, attribute)), .. }
                if &**attribute == "cfn_options" && &**name == "condition" =>
            {
                let owner = *owner;
                if let Some(guard) = tokens::condition(cx, &value) {
                    let here = cx.guard();
                    let unless = here.negate();
                    cx.host.conditions.insert(owner, guard.or(unless));
                }
            }
            _ => {}
        }
    }

    fn call_method(
        cx: &mut Cx<'f>,
        id: NativeId,
        name: &Rc<str>,
        site: &CallSite,
        arguments: Arguments,
    ) -> Value {
        method(cx, id, name, site, arguments)
    }

    fn call_unknown(
        cx: &mut Cx<'f>,
        unknown: &Rc<Unknown>,
        name: &str,
        site: &CallSite,
        arguments: Arguments,
    ) -> Value {
        hand_out(cx, &arguments, &unknown.reason, site);
        let plain = arguments.positional.is_empty() && arguments.named.is_empty();
        if plain {
            cx.derived(unknown, &format!("{name}()"), None)
        } else {
            cx.unknown(unknown.reason.clone())
        }
    }

    fn is_instance(cx: &mut Cx<'f>, value: &Value, class: &str) -> Option<bool> {
        let class = class
            .strip_prefix("aws_cdk.core.")
            .map_or_else(|| class.to_owned(), |rest| format!("aws_cdk.{rest}"));
        match value {
            Value::Native(id) => match cx.host.node(*id) {
                Node::Construct(construct) => Some(is_a(&construct.class, &class)),
                Node::DefaultChild(_) => Some(matches!(
                    &*class,
                    "aws_cdk.aws_ec2.CfnSecurityGroup"
                        | "aws_cdk.CfnResource"
                        | "aws_cdk.CfnElement"
                        | "aws_cdk.CfnRefElement"
                        | "constructs.Construct"
                        | "constructs.IConstruct"
                )),
                _ => cx.host.class_of(*id).map(|own| is_a(&own, &class)),
            },
            Value::Unknown(unknown) => {
                let kind = unknown.kind.clone()?;
                is_a(&kind, &class).then_some(true)
            }
            Value::Instance(_) => None,
            _ => Some(false),
        }
    }

    fn annotated(_: &mut Cx<'f>, path: &str) -> Option<Rc<str>> {
        network::is_known(path).then(|| path.into())
    }
}

/// Whether the first two arguments look like a construct's: a scope and an id.
fn looks_like_construct(cx: &Cx<'_>, arguments: &Arguments) -> bool {
    arguments.value(0, "scope").is_some_and(|scope| made::construct(cx, scope).is_some())
}

/// Groups handed to code that is not read: it may add rules to them.
fn hand_out(cx: &mut Cx<'_>, arguments: &Arguments, reason: &Reason, site: &CallSite) {
    if cx.in_dead_code() || cx.host.muted {
        return;
    }
    let values: Vec<Value> = arguments
        .positional
        .iter()
        .map(|argument| argument.value.clone())
        .chain(arguments.named.iter().map(|argument| argument.value.clone()))
        .collect();
    for value in values {
        for (guard, group) in security_group::groups_of(cx, &value) {
            let guard = cx.guard().and(guard);
            let reason = Reason::at(
                format!("the group is handed to code that is not read ({})", reason.text),
                site.place.clone(),
            );
            let event = super::groups::Event::Rule {
                peer: PeerRule::unknown(reason.clone()),
                port: PortRule::all(),
                place: site.place.clone(),
                chain: Vec::new(),
                written: true,
                unsure: Some(reason),
            };
            if let Some(group) = cx.host.groups.get_mut(group) {
                group.events.push((guard, event));
            }
        }
    }
}

/// A props struct or other plain object.
fn object(cx: &mut Cx<'_>, class: &Rc<str>, site: &CallSite, arguments: Arguments) -> Value {
    let info = library::lookup(class);
    let signature = info.as_ref().and_then(library::TypeInfo::constructor);
    let props = arguments::named(signature.as_ref(), site, arguments);
    if &**class == "aws_cdk.aws_ec2.Port" {
        return Value::Native(cx.host.add(Node::Port(custom_port(cx, &props))));
    }
    if &**class == "aws_cdk.aws_ec2.Connections" {
        let groups = props
            .value("security_groups")
            .map(|value| security_group::groups_of(cx, value))
            .unwrap_or_default();
        let default_port = props.value("default_port").cloned();
        let of = Some(NativeId(cx.host.nodes.len() as u32));
        let peer =
            props.value("peer").and_then(|value| native(cx, value)).and_then(|id| match cx.host.node(id) {
                Node::Peer(peer) => Some(peer.clone()),
                _ => None,
            });
        return Value::Native(cx.host.add(Node::Connections(Connections {
            groups,
            peer,
            default_port,
            open: None,
            of,
        })));
    }
    let made = made::made(cx, site);
    let id = cx.host.add(Node::Object { class: class.clone(), props: props.clone(), from: None });
    if !cx.in_dead_code() && !cx.host.muted {
        constructs::comes_along(cx, class, id, &props, &made, 0);
        effects::apply(cx, class, id, &props, Some(id), &made);
    }
    Value::Native(id)
}

/// `ec2.Port(protocol=…, from_port=…, to_port=…)`.
fn custom_port(cx: &Cx<'_>, props: &Props) -> PortRule {
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

fn unknown_port(why: &str) -> PortRule {
    PortRule {
        protocol: tidegate_estate::Value::Unknown(Reason::new(why)),
        ports: tidegate_estate::Value::Unknown(Reason::new(why)),
        inline: true,
        shown: "an unknown port".into(),
    }
}

/// The constants of `ec2.Port` (aws-cdk-lib, aws-ec2/lib/port.js).
fn well_known_port(name: &str) -> Option<PortRule> {
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

/// A call of a class's own method (`Peer.ipv4`), or of something that is no part of the library.
fn static_call(cx: &mut Cx<'_>, path: &Rc<str>, site: &CallSite, arguments: Arguments) -> Option<Value> {
    let (owner, name) = path.rsplit_once('.')?;
    let info = library::lookup(owner);
    let Some(info) = info else { return foreign_call(cx, path, site, arguments) };
    // An instance method called on the class: `SecurityGroup.add_egress_rule(sg, …)`.
    let signature = info.method(name);
    if let Some(signature) = &signature
        && !signature.is_static
        && let Some(receiver) = arguments.positional.first().and_then(|a| native(cx, &a.value))
    {
        let mut rest = arguments;
        rest.positional.remove(0);
        return Some(method(cx, receiver, &name.into(), site, rest));
    }
    let props = arguments::named(signature.as_ref(), site, arguments);
    let get = |name: &str| props.value(name).cloned().unwrap_or(Value::None);
    let made = made::made(cx, site);
    let simple = match owner {
        "aws_cdk.aws_ec2.Peer" => Some(Node::Peer(peer(cx, name, &props))),
        "aws_cdk.aws_ec2.Port" => Some(Node::Port(port(cx, name, &props))),
        "aws_cdk.Aspects" if name == "of" => {
            let scope = aspects::scope(cx, props.value("scope"))?;
            Some(Node::Aspects(scope))
        }
        _ => None,
    };
    if let Some(node) = simple {
        return Some(Value::Native(cx.host.add(node)));
    }
    match (owner, name) {
        (GROUP, _) if name.starts_with("from_") => {
            return Some(security_group::import(cx, path, site, props));
        }
        ("aws_cdk.Token", "as_string" | "as_number" | "as_any" | "as_list") => {
            return Some(match get("value") {
                Value::None => cx.unknown(Reason::at("it is only known at deployment", site.place.clone())),
                value => value,
            });
        }
        ("aws_cdk.Tags" | "aws_cdk.Tag", "of") => {
            let class: Rc<str> = "aws_cdk.Tags".into();
            let scope = made::construct(cx, &get("scope"))?;
            return Some(Value::Native(cx.host.add(Node::Object {
                class,
                props,
                from: Some((scope, "of".into())),
            })));
        }
        ("aws_cdk.Fn", _) => {
            return Some(tokens::call(cx, name, &props, site));
        }
        ("aws_cdk.aws_ec2.AclCidr" | "aws_cdk.aws_ec2.AclTraffic", _) => {
            return Some(Value::Native(cx.host.add(Node::Object { class: path.clone(), props, from: None })));
        }
        ("aws_cdk.aws_ec2.IpAddresses", "cidr") => {
            // Both spellings of the parameter that were in use.
            let mut props = props;
            if let Some(argument) = props.named.values().next().cloned() {
                props.named.insert("cidr_block".into(), argument);
            }
            let class: Rc<str> = "aws_cdk.aws_ec2.IIpAddresses".into();
            return Some(Value::Native(cx.host.add(Node::Object { class, props, from: None })));
        }
        _ => {}
    }
    let Some(signature) = signature else {
        // A constant of the class that is called, or a method the data do not have.
        return Some(cx.unknown(Reason::at(
            format!("{path} is not part of the library as it is known here"),
            site.place.clone(),
        )));
    };
    let returns = first_type(signature.returns).to_owned();
    let class: Rc<str> = if returns.is_empty() { "any".into() } else { returns.as_str().into() };
    let id = cx.host.add(Node::Object { class: class.clone(), props: props.clone(), from: None });
    if !cx.in_dead_code() && !cx.host.muted {
        constructs::comes_along(cx, path, id, &props, &made, 0);
        effects::apply(cx, path, id, &props, Some(id), &made);
        effects::note_flow(cx, path, id, &props, Some(id));
    }
    Some(match &*class {
        "bool" => {
            cx.unknown(Reason::at("the library decides it when the app is synthesized", site.place.clone()))
        }
        _ => Value::Native(id),
    })
}

/// Something that is no part of the CDK. What is known to be harmless gives a plain object.
fn foreign_call(cx: &mut Cx<'_>, path: &Rc<str>, site: &CallSite, arguments: Arguments) -> Option<Value> {
    let harmless =
        ["cdk_nag.", "jsii.", "constructs.", "aws_cdk."].iter().any(|prefix| path.starts_with(prefix));
    if !harmless {
        if looks_like_construct(cx, &arguments) {
            let reason = Reason::new(format!("{path} is not read"));
            hand_out(cx, &arguments, &reason, site);
            return Some(Value::Native(constructs::call(cx, path, site, arguments, None)));
        }
        return None;
    }
    if path.starts_with("jsii.") {
        return Some(Value::External("tidegate.identity".into()));
    }
    if path.starts_with("aws_cdk.") && looks_like_construct(cx, &arguments) {
        // A class of the library that the data do not have: a newer or an alpha one.
        let reason = Reason::new(format!("{path} is not among the constructs known here"));
        hand_out(cx, &arguments, &reason, site);
        return Some(Value::Native(constructs::call(cx, path, site, arguments, None)));
    }
    let props = arguments::named(None, site, arguments);
    Some(Value::Native(cx.host.add(Node::Object { class: path.clone(), props, from: None })))
}

fn peer(cx: &mut Cx<'_>, name: &str, props: &Props) -> PeerRule {
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
fn security_group_of_id(cx: &Cx<'_>, value: &Value) -> Option<usize> {
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

fn port(cx: &mut Cx<'_>, name: &str, props: &Props) -> PortRule {
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

/// The first alternative of a type.
fn first_type(ty: &str) -> &str {
    ty.split(['|', '&']).next().unwrap_or(ty)
}

/// A value of a library type, read from an object.
fn typed(cx: &mut Cx<'_>, owner: NativeId, name: &Rc<str>, ty: &str) -> Value {
    let class: Rc<str> = first_type(ty).into();
    if &*class == "bool" {
        return cx.outside(
            &format!("{}.{name}", owner.0),
            "it is only known when the app is synthesized",
            Span::default(),
        );
    }
    Value::Native(cx.host.add(Node::Object {
        class,
        props: Props::default(),
        from: Some((owner, name.clone())),
    }))
}

/// Reads an attribute of an object without a place: [`Value::Missing`] where it has none.
pub(crate) fn read(cx: &mut Cx<'_>, id: NativeId, name: &str) -> Value {
    let found = cx.host.attribute_of(id, name).cloned().or_else(|| match cx.host.node(id) {
        Node::Construct(construct) => {
            construct.set.get(name).or_else(|| construct.props.value(name)).cloned()
        }
        Node::Object { props, .. } => props.value(name).cloned(),
        _ => None,
    });
    let found = found.or_else(|| implied(cx, id, name));
    match found {
        Some(value) => value,
        None if name == "connections" => Value::Native(id),
        None => Value::Missing,
    }
}

/// The listener and target group that a load balanced pattern makes.
fn implied(cx: &mut Cx<'_>, id: NativeId, name: &str) -> Option<Value> {
    let class = match name {
        "listener" => "aws_cdk.aws_elasticloadbalancingv2.ApplicationListener",
        "target_group" => "aws_cdk.aws_elasticloadbalancingv2.ApplicationTargetGroup",
        _ => return None,
    };
    if !cx.host.is_a(id, "aws_cdk.aws_ecs_patterns.ApplicationLoadBalancedServiceBase") {
        return None;
    }
    let balancer = read(cx, id, "load_balancer");
    let mut props = Props::default();
    let place = cx.host.construct(id)?.made.call.clone();
    props.named.insert(
        "load_balancer".into(),
        tidegate_program::NamedArgument {
            name: "load_balancer".into(),
            value: balancer,
            place,
            splatted: false,
            written: None,
        },
    );
    let value = Value::Native(cx.host.add(Node::Object { class: class.into(), props, from: None }));
    cx.host.put_attribute(id, name, value.clone());
    Some(value)
}

fn attribute(cx: &mut Cx<'_>, id: NativeId, name: &Rc<str>, span: Span) -> Value {
    if &**name == "node" && !matches!(cx.host.node(id), Node::Tree(_)) {
        return Value::Native(cx.host.add(Node::Tree(id)));
    }
    match cx.host.node(id) {
        Node::Construct(construct) => {
            let class = construct.class.clone();
            if let Some(value) = construct.set.get(name) {
                return value.clone();
            }
            if &**name == "connections" {
                let connections = connections::of(cx, &Value::Native(id));
                return Value::Native(cx.host.add(Node::Connections(connections)));
            }
            if let Some(value) = cx.host.attribute_of(id, name) {
                return value.clone();
            }
            if cx.host.leads_on(id, &format!("{name}.")) {
                return Value::Native(cx.host.add(Node::Facade { of: id, path: name.clone() }));
            }
            if let Some(implied) = implied(cx, id, name) {
                return implied;
            }
            if (&**name == "vpc_default_security_group" || &**name == "attr_default_security_group")
                && let Some(vpc) = cx.host.network.vpcs.iter_mut().find(|vpc| vpc.construct == id)
            {
                vpc.members += 1;
            }
            let construct = match cx.host.construct(id) {
                Some(construct) => construct,
                None => return Value::None,
            };
            // What a construct was given it usually shows under the same name.
            let given = construct.props.value(name).cloned();
            if let Some(value) = given
                && matches!(
                    &**name,
                    "vpc" | "cluster" | "task_definition" | "load_balancer" | "security_group"
                )
                && !matches!(value, Value::None)
            {
                return value;
            }
            of_type(cx, id, &class, name, span)
        }
        Node::Object { .. } if cx.host.attribute_of(id, name).is_some() => {
            cx.host.attribute_of(id, name).cloned().unwrap_or(Value::None)
        }
        Node::Object { class, props, .. } => {
            let class = class.clone();
            if let Some(element) = class.strip_prefix("list<").and_then(|rest| rest.strip_suffix('>')) {
                let element = element.to_owned();
                return typed(cx, id, name, &element);
            }
            if let Some(value) = props.value(name) {
                return value.clone();
            }
            if &**name == "connections" {
                let connections = connections::of(cx, &Value::Native(id));
                return Value::Native(cx.host.add(Node::Connections(connections)));
            }
            of_type(cx, id, &class, name, span)
        }
        Node::Facade { of, path } => {
            let (of, full) = (*of, format!("{path}.{name}"));
            if let Some(value) = cx.host.attribute_of(of, &full) {
                return value.clone();
            }
            if cx.host.leads_on(of, &format!("{full}.")) {
                return Value::Native(cx.host.add(Node::Facade { of, path: full.into() }));
            }
            cx.unknown_at(&format!("the attribute {name} is not followed"), span)
        }
        Node::Tree(of) => tree_attribute(cx, *of, id, name, span),
        Node::Condition { .. } => match &**name {
            "logical_id" | "expression" => Value::Native(id),
            _ => Value::NativeMethod(id, name.clone()),
        },
        Node::Parameter { .. } => match &**name {
            "value_as_string" | "value_as_number" | "value" | "value_as_list" => Value::Native(id),
            _ => Value::NativeMethod(id, name.clone()),
        },
        Node::Connections(connections) => match &**name {
            "security_groups" => {
                let groups = connections.groups.clone();
                let items = groups
                    .into_iter()
                    .map(|(guard, group)| (guard, Value::Native(cx.host.groups[group].construct)))
                    .collect();
                let items = tidegate_program::value::Items { items, open: None };
                Value::List(cx.heap.add(tidegate_program::value::Object::Items(items)))
            }
            "default_port" => connections.default_port.clone().unwrap_or(Value::None),
            "connections" => Value::Native(id),
            _ => Value::NativeMethod(id, name.clone()),
        },
        Node::Peer(_) if &**name == "connections" => Value::Native(id),
        Node::DefaultChild(_) | Node::OtherChild(_) => match &**name {
            "attr_group_id" | "attr_id" | "ref" | "logical_id" | "attr_vpc_id" => typed(cx, id, name, "str"),
            "cfn_options" => {
                let owner = match cx.host.node(id) {
                    Node::DefaultChild(group) => cx.host.groups[*group].construct,
                    Node::OtherChild(of) => *of,
                    _ => id,
                };
                typed(cx, owner, name, "aws_cdk.ICfnResourceOptions")
            }
            "tags" => typed(cx, id, name, "any"),
            _ => Value::NativeMethod(id, name.clone()),
        },
        _ => Value::NativeMethod(id, name.clone()),
    }
}

/// What a type says of an attribute: a value of that type, or a method.
fn of_type(cx: &mut Cx<'_>, id: NativeId, class: &Rc<str>, name: &Rc<str>, span: Span) -> Value {
    let Some(info) = library::lookup(class) else {
        return match &**class {
            // Tokens of plain types: their methods give tokens again.
            "str" | "num" | "any" => Value::NativeMethod(id, name.clone()),
            _ if matches!(cx.host.node(id), Node::Construct(_)) => Value::NativeMethod(id, name.clone()),
            _ => {
                cx.unknown_at(&format!("it is the attribute {name} of {class}, which is not followed"), span)
            }
        };
    };
    if info.method(name).is_some() {
        return Value::NativeMethod(id, name.clone());
    }
    match info.property(name) {
        Some(property) => {
            let ty = if property.ty.is_empty() { "any" } else { property.ty };
            typed(cx, id, name, ty)
        }
        None if info.is_construct() || matches!(&**name, "__call__") => Value::NativeMethod(id, name.clone()),
        None => {
            cx.unknown_at(&format!("it is the attribute {name} of {class}, which is not known here"), span)
        }
    }
}

fn tree_attribute(cx: &mut Cx<'_>, of: NativeId, node: NativeId, name: &Rc<str>, span: Span) -> Value {
    let construct = cx.host.construct(of);
    match &**name {
        "default_child" => match construct.and_then(|construct| construct.group) {
            Some(group) => Value::Native(cx.host.add(Node::DefaultChild(group))),
            None => Value::Native(cx.host.add(Node::OtherChild(of))),
        },
        "path" => match construct.and_then(|construct| construct.path.clone()) {
            Some(path) => Value::Str(path),
            None => cx.unknown_at("the construct's path is not known", span),
        },
        "id" => construct.map_or(Value::None, |construct| Value::Str(construct.id.clone())),
        "scope" => match construct.and_then(|construct| construct.scope) {
            Some(scope) => as_value(cx, scope),
            None => Value::None,
        },
        "root" => {
            let mut at = of;
            for _ in 0..256 {
                match cx.host.construct(at).and_then(|construct| construct.scope) {
                    Some(scope) => at = scope,
                    None => break,
                }
            }
            as_value(cx, at)
        }
        "children" => {
            let children: Vec<NativeId> = (0..cx.host.nodes.len() as u32)
                .map(NativeId)
                .filter(|id| cx.host.construct(*id).is_some_and(|construct| construct.scope == Some(of)))
                .collect();
            let items = children.into_iter().map(|id| (Guard::Always, as_value(cx, id))).collect();
            let items = tidegate_program::value::Items { items, open: None };
            Value::List(cx.heap.add(tidegate_program::value::Object::Items(items)))
        }
        "addr" => typed(cx, of, name, "str"),
        _ => Value::NativeMethod(node, name.clone()),
    }
}

/// The program's own instance of a construct, if it has one.
fn as_value(cx: &Cx<'_>, id: NativeId) -> Value {
    match cx.host.construct(id).and_then(|construct| construct.instance) {
        Some(instance) => Value::Instance(instance),
        None => Value::Native(id),
    }
}

fn method(cx: &mut Cx<'_>, id: NativeId, name: &Rc<str>, site: &CallSite, arguments: Arguments) -> Value {
    match cx.host.node(id) {
        Node::Tree(of) => {
            let of = *of;
            tree_method(cx, of, name, site, arguments)
        }
        Node::DefaultChild(group) => {
            let group = *group;
            let signature = library::lookup("aws_cdk.CfnResource").and_then(|info| info.method(name));
            let props = arguments::named(signature.as_ref(), site, arguments);
            overrides::call(cx, group, name, &props, &site.place);
            Value::None
        }
        Node::Aspects(scope) => {
            let scope = *scope;
            if &**name == "add" {
                let first = arguments.positional.first().map(|a| &a.value);
                if let Some(aspect) = first.or_else(|| arguments.named.first().map(|a| &a.value)).cloned() {
                    aspects::add(cx, scope, aspect, site);
                }
            }
            Value::None
        }
        Node::Connections(own) => {
            let own = own.clone();
            connections_method(cx, id, &own, name, site, arguments)
        }
        Node::Parameter { .. } | Node::Condition { .. } | Node::OtherChild(_) => match &**name {
            "to_string" => Value::Native(id),
            _ => Value::None,
        },
        _ => general_method(cx, id, name, site, arguments),
    }
}

fn connections_method(
    cx: &mut Cx<'_>,
    id: NativeId,
    own: &Connections,
    name: &Rc<str>,
    site: &CallSite,
    arguments: Arguments,
) -> Value {
    let signature = library::lookup("aws_cdk.aws_ec2.Connections").and_then(|info| info.method(name));
    let props = arguments::named(signature.as_ref(), site, arguments);
    connections::call(cx, own, &Value::Native(id), name, &props, &site.place);
    Value::None
}

fn general_method(
    cx: &mut Cx<'_>,
    id: NativeId,
    name: &Rc<str>,
    site: &CallSite,
    arguments: Arguments,
) -> Value {
    let Some(class) = cx.host.class_of(id) else { return Value::None };
    let info = library::lookup(&class);
    let signature = info.as_ref().and_then(|info| info.method(name));
    let props = arguments::named(signature.as_ref(), site, arguments);
    let group = cx.host.construct(id).and_then(|construct| construct.group);
    if let Some(group) = group {
        match &**name {
            "add_egress_rule" => {
                let peer = props.value("peer").cloned().unwrap_or(Value::None);
                let peers = egress_peers(cx, &peer);
                for (guard, peer) in peers {
                    for (when, port) in connections::ports(cx, props.value("connection")) {
                        let guard = guard.clone().and(when);
                        security_group::add_rule(
                            cx,
                            group,
                            &guard,
                            peer.clone(),
                            port,
                            site.place.clone(),
                            true,
                        );
                    }
                }
                return Value::None;
            }
            "add_ingress_rule" => return Value::None,
            "add_property_override"
            | "add_property_deletion_override"
            | "add_override"
            | "add_deletion_override" => {
                overrides::call(cx, group, name, &props, &site.place);
                return Value::None;
            }
            _ => {}
        }
    }
    if &*class == "aws_cdk.CfnMapping" && &**name == "find_in_map" {
        return tokens::find_in_map(cx, id, &props, site);
    }
    if &*class == "aws_cdk.Tags" && &**name == "add" {
        let key = props.value("key").or_else(|| props.rest.first()).cloned();
        let value = props.value("value").or_else(|| props.rest.get(1)).cloned();
        if let (Some(Value::Str(key)), Some(Value::Str(value)), Node::Object { from: Some((scope, _)), .. }) =
            (key, value, cx.host.node(id))
        {
            let scope = *scope;
            cx.host.network.tags.push((scope, key.to_string(), value.to_string()));
        }
        return Value::None;
    }
    if &**name == "add_entry" && cx.host.is_a(id, "aws_cdk.aws_ec2.NetworkAcl") {
        let made = made::made(cx, site);
        acl::entry(cx, Some(Value::Native(id)), &props, &made);
        return Value::None;
    }
    if &**name == "to_string" {
        return Value::Native(id);
    }
    let full = format!("{class}.{name}");
    let made = made::made(cx, site);
    let mut result = None;
    if !cx.in_dead_code() && !cx.host.muted {
        result = constructs::comes_along(cx, &full, id, &props, &made, 0);
    }
    let returns = signature.map(|signature| first_type(signature.returns).to_owned()).unwrap_or_default();
    let value = match result {
        Some(made) => Value::Native(made),
        None if returns.is_empty() && signature.is_some() => Value::None,
        None if returns == "bool" => {
            cx.unknown(Reason::at("the library decides it when the app is synthesized", site.place.clone()))
        }
        None => {
            let class: Rc<str> = if returns.is_empty() { "any".into() } else { returns.as_str().into() };
            let id =
                cx.host.add(Node::Object { class, props: props.clone(), from: Some((id, name.clone())) });
            Value::Native(id)
        }
    };
    let made_by = native(cx, &value);
    effects::note(cx, id, name, &props);
    effects::note_flow(cx, &full, id, &props, made_by);
    effects::apply(cx, &full, id, &props, made_by, &made);
    value
}

/// The peers that `add_egress_rule` is given.
fn egress_peers(cx: &Cx<'_>, value: &Value) -> Vec<(Guard, PeerRule)> {
    match value {
        Value::OneOf(alternatives) => alternatives
            .iter()
            .flat_map(|(guard, value)| {
                egress_peers(cx, value)
                    .into_iter()
                    .map(|(inner, peer)| (guard.clone().and(inner), peer))
                    .collect::<Vec<_>>()
            })
            .collect(),
        value => connections::peers(cx, value),
    }
}

fn tree_method(cx: &mut Cx<'_>, of: NativeId, name: &str, site: &CallSite, arguments: Arguments) -> Value {
    match name {
        "try_get_context" | "get_context" => {
            let key = arguments.value(0, "key").cloned().unwrap_or(Value::None);
            cx.each(&key, &mut |cx, key| context(cx, key, site))
        }
        "set_context" => {
            if let (Some(Value::Str(key)), Some(value)) =
                (arguments.value(0, "key"), arguments.value(1, "value"))
            {
                let (key, value) = (key.clone(), value.clone());
                cx.host.context.set.insert(key, value);
            }
            Value::None
        }
        "find_child" | "try_find_child" => {
            let Some(Value::Str(wanted)) = arguments.value(0, "id").cloned() else {
                return cx.unknown(Reason::at("the child's id is not known", site.place.clone()));
            };
            let child = (0..cx.host.nodes.len() as u32).map(NativeId).find(|id| {
                cx.host
                    .construct(*id)
                    .is_some_and(|construct| construct.scope == Some(of) && construct.id == wanted)
            });
            match child {
                Some(child) => as_value(cx, child),
                // `Resource` is the L1 construct of an L2.
                None if &*wanted == "Resource" => {
                    let node = Value::Native(cx.host.add(Node::Tree(of)));
                    let default_child = cx.names.intern("default_child");
                    cx.attribute(&node, default_child, site.callee)
                }
                None => {
                    cx.unknown(Reason::at("the child is made by code that is not read", site.place.clone()))
                }
            }
        }
        "find_all" => {
            let items = aspects::below(cx, of).into_iter().map(|value| (Guard::Always, value)).collect();
            let items = tidegate_program::value::Items { items, open: None };
            Value::List(cx.heap.add(tidegate_program::value::Object::Items(items)))
        }
        "apply_aspect" => {
            if let Some(aspect) = arguments.positional.first() {
                let aspect = aspect.value.clone();
                aspects::add(cx, of, aspect, site);
            }
            Value::None
        }
        _ => Value::None,
    }
}

/// A context value: what the program set, else what the files say.
fn context(cx: &mut Cx<'_>, key: &Value, site: &CallSite) -> Value {
    let Value::Str(key) = key else {
        return cx.unknown(Reason::at("the context key is not known", site.place.clone()));
    };
    if let Some(value) = cx.host.context.set.get(key) {
        return value.clone();
    }
    match &cx.host.context.files {
        Some(files) => match files.get(&**key).cloned() {
            Some(json) => cx.from_json(&json),
            None => Value::None,
        },
        None => cx.outside(
            &format!("context {key}"),
            &format!("it comes from the context value {key}, and there is no cdk.json"),
            site.place.span,
        ),
    }
}
