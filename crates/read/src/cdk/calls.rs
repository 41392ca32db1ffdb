//! Calls of library names: plain objects, methods of classes, and what is no part of the CDK.

use super::attributes::first_type;
use super::made::{self, native};
use super::methods::method;
use super::nodes::{Connections, Node};
use super::peers::{PeerRule, PortRule};
use super::ports::{custom_port, peer, port};
use super::{Cdk, arguments, aspects, constructs, effects, library, security_group, tokens};
use std::rc::Rc;
use tidegate_estate::Reason;
use tidegate_program::{Arguments, CallSite, Interp, NativeId, Value};

type Cx<'f> = Interp<Cdk<'f>>;

const GROUP: &str = security_group::GROUP;

/// Whether the first two arguments look like a construct's: a scope and an id.
pub(super) fn looks_like_construct(cx: &Cx<'_>, arguments: &Arguments) -> bool {
    arguments.value(0, "scope").is_some_and(|scope| made::construct(cx, scope).is_some())
}

/// Groups handed to code that is not read: it may add rules to them.
pub(super) fn hand_out(cx: &mut Cx<'_>, arguments: &Arguments, reason: &Reason, site: &CallSite) {
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
        for (guard, group) in security_group::groups_within(cx, &value) {
            let guard = cx.guard().and(guard);
            let reason = Reason::at(
                format!("the group is handed to code that is not read ({})", reason.text),
                site.place.clone(),
            );
            let event = super::groups::Event::Rule {
                peer: PeerRule::unknown(reason.clone()),
                port: PortRule::all(),
                place: site.place.clone(),
                chain: Rc::new([]),
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
pub(super) fn object(cx: &mut Cx<'_>, class: &Rc<str>, site: &CallSite, arguments: Arguments) -> Value {
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

/// A call of a class's own method (`Peer.ipv4`), or of something that is no part of the library.
pub(super) fn static_call(
    cx: &mut Cx<'_>,
    path: &Rc<str>,
    site: &CallSite,
    arguments: Arguments,
) -> Result<Value, Box<Arguments>> {
    let Some((owner, name)) = path.rsplit_once('.') else { return Err(Box::new(arguments)) };
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
        return Ok(method(cx, receiver, &name.into(), site, rest));
    }
    let scope = match (owner, name) {
        ("aws_cdk.Aspects", "of") => aspects::scope(cx, arguments.value(0, "scope")),
        ("aws_cdk.Tags" | "aws_cdk.Tag", "of") => {
            arguments.value(0, "scope").and_then(|value| made::construct(cx, value))
        }
        _ => None,
    };
    if name == "of" && scope.is_none() && matches!(owner, "aws_cdk.Aspects" | "aws_cdk.Tags" | "aws_cdk.Tag")
    {
        return Err(Box::new(arguments));
    }
    let asked = match name {
        "is_cfn_resource" => Some("aws_cdk.CfnResource"),
        "is_cfn_element" => Some("aws_cdk.CfnElement"),
        "is_stack" => Some("aws_cdk.Stack"),
        "is_construct" => Some("constructs.Construct"),
        _ => None,
    };
    if let (Some(class), Some(value)) = (asked, arguments.positional.first().map(|a| a.value.clone()))
        && let Some(known) = cx.is_instance(&value, &Value::External(class.into()))
    {
        return Ok(Value::Bool(known));
    }
    let props = arguments::named(signature.as_ref(), site, arguments);
    let get = |name: &str| props.value(name).cloned().unwrap_or(Value::None);
    let simple = match owner {
        "aws_cdk.aws_ec2.Peer" => Some(Node::Peer(peer(cx, name, &props))),
        "aws_cdk.aws_ec2.Port" => Some(Node::Port(port(cx, name, &props))),
        "aws_cdk.Aspects" if name == "of" => scope.map(Node::Aspects),
        _ => None,
    };
    if let Some(node) = simple {
        return Ok(Value::Native(cx.host.add(node)));
    }
    let made = made::made(cx, site);
    match (owner, name) {
        (GROUP, _) if name.starts_with("from_") => {
            return Ok(security_group::import(cx, path, site, props));
        }
        ("aws_cdk.Token", "as_string" | "as_number" | "as_any" | "as_list") => {
            return Ok(match get("value") {
                Value::None => cx.unknown(Reason::at("it is only known at deployment", site.place.clone())),
                value => value,
            });
        }
        ("aws_cdk.Tags" | "aws_cdk.Tag", "of") => {
            let class: Rc<str> = "aws_cdk.Tags".into();
            let from = scope.map(|scope| (scope, "of".into()));
            return Ok(Value::Native(cx.host.add(Node::Object { class, props, from })));
        }
        ("aws_cdk.Fn", _) => {
            return Ok(tokens::call(cx, name, &props, site));
        }
        ("aws_cdk.aws_ec2.AclCidr" | "aws_cdk.aws_ec2.AclTraffic", _) => {
            return Ok(Value::Native(cx.host.add(Node::Object { class: path.clone(), props, from: None })));
        }
        ("aws_cdk.aws_ec2.IpAddresses", "cidr") => {
            // Both spellings of the parameter that were in use.
            let mut props = props;
            if let Some(argument) = props.named.values().next().cloned() {
                props.named.insert("cidr_block".into(), argument);
            }
            let class: Rc<str> = "aws_cdk.aws_ec2.IIpAddresses".into();
            return Ok(Value::Native(cx.host.add(Node::Object { class, props, from: None })));
        }
        _ => {}
    }
    let Some(signature) = signature else {
        // A constant of the class that is called, or a method the data do not have.
        return Ok(cx.unknown(Reason::at(
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
    Ok(match &*class {
        "bool" => {
            cx.unknown(Reason::at("the library decides it when the app is synthesized", site.place.clone()))
        }
        _ => Value::Native(id),
    })
}

/// Something that is no part of the CDK. What is known to be harmless gives a plain object.
pub(super) fn foreign_call(
    cx: &mut Cx<'_>,
    path: &Rc<str>,
    site: &CallSite,
    arguments: Arguments,
) -> Result<Value, Box<Arguments>> {
    let harmless =
        ["cdk_nag.", "jsii.", "constructs.", "aws_cdk."].iter().any(|prefix| path.starts_with(prefix));
    if !harmless {
        if looks_like_construct(cx, &arguments) {
            let reason = Reason::new(format!("{path} is not read"));
            hand_out(cx, &arguments, &reason, site);
            return Ok(Value::Native(constructs::call(cx, path, site, arguments, None)));
        }
        return Err(Box::new(arguments));
    }
    if path.starts_with("jsii.") {
        return Ok(Value::External("tidegate.identity".into()));
    }
    if path.starts_with("aws_cdk.") && looks_like_construct(cx, &arguments) {
        // A class of the library that the data do not have: a newer or an alpha one.
        let reason = Reason::new(format!("{path} is not among the constructs known here"));
        hand_out(cx, &arguments, &reason, site);
        return Ok(Value::Native(constructs::call(cx, path, site, arguments, None)));
    }
    let props = arguments::named(None, site, arguments);
    Ok(Value::Native(cx.host.add(Node::Object { class: path.clone(), props, from: None })))
}
