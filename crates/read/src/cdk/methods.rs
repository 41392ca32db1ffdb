//! Methods of library objects: of groups, connections, tree nodes, and all others.

use super::attributes::{as_value, first_type};
use super::made::{self, native};
use super::nodes::{Connections, Node};
use super::peers::PeerRule;
use super::{
    Cdk, acl, arguments, aspects, connections, constructs, effects, library, overrides, security_group,
    tokens,
};
use std::rc::Rc;
use tidegate_estate::{Guard, Reason};
use tidegate_program::{Arguments, CallSite, Interp, NativeId, Value};

type Cx<'f> = Interp<Cdk<'f>>;

pub(super) fn method(
    cx: &mut Cx<'_>,
    id: NativeId,
    name: &Rc<str>,
    site: &CallSite,
    arguments: Arguments,
) -> Value {
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

pub(super) fn connections_method(
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

pub(super) fn general_method(
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
pub(super) fn egress_peers(cx: &Cx<'_>, value: &Value) -> Vec<(Guard, PeerRule)> {
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

pub(super) fn tree_method(
    cx: &mut Cx<'_>,
    of: NativeId,
    name: &str,
    site: &CallSite,
    arguments: Arguments,
) -> Value {
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

fn not_given(cx: &mut Cx<'_>, key: &str, site: &CallSite) -> Value {
    let reason = format!("it comes from the context value `{key}`, which no file gives");
    cx.outside(&format!("context {key}"), &reason, site.place.span)
}

/// A context value: what the program set, else what the files say.
pub(super) fn context(cx: &mut Cx<'_>, key: &Value, site: &CallSite) -> Value {
    let Value::Str(key) = key else {
        return cx.unknown(Reason::at("the context key is not known", site.place.clone()));
    };
    if let Some(value) = cx.host.context.set.get(key) {
        return value.clone();
    }
    match &cx.host.context.files {
        Some(files) => match files.get(&**key).cloned() {
            Some(json) => cx.from_json(&json),
            None if cx.host.context.open => not_given(cx, key, site),
            None => Value::None,
        },
        None => not_given(cx, key, site),
    }
}
