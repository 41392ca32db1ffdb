//! Attributes of library objects: parts and groups, what was given or set, and what the type says.

use super::nodes::{Node, Props};
use super::{Cdk, connections, library};
use std::rc::Rc;
use tidegate_estate::{Guard, Span};
use tidegate_program::{Interp, NativeId, Value};

type Cx<'f> = Interp<Cdk<'f>>;

/// The first alternative of a type.
pub(super) fn first_type(ty: &str) -> &str {
    ty.split(['|', '&']).next().unwrap_or(ty)
}

/// A value of a library type, read from an object.
pub(super) fn typed(cx: &mut Cx<'_>, owner: NativeId, name: &Rc<str>, ty: &str) -> Value {
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
pub(super) fn implied(cx: &mut Cx<'_>, id: NativeId, name: &str) -> Option<Value> {
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

/// The type of an L1 resource as far as it matters here; constructs of higher levels have none.
fn resource_type(cx: &Cx<'_>, id: NativeId) -> Option<Value> {
    let group = Value::str("AWS::EC2::SecurityGroup");
    match cx.host.node(id) {
        Node::DefaultChild(_) => Some(group),
        Node::Construct(construct) => match construct.class.rsplit('.').next().unwrap_or_default() {
            "CfnSecurityGroup" => Some(group),
            "CfnResource" => construct.props.value("type").cloned(),
            class if class.starts_with("Cfn") => None,
            _ => Some(Value::None),
        },
        _ => None,
    }
}

pub(super) fn attribute(cx: &mut Cx<'_>, id: NativeId, name: &Rc<str>, span: Span) -> Value {
    if &**name == "node" && !matches!(cx.host.node(id), Node::Tree(_)) {
        return Value::Native(cx.host.add(Node::Tree(id)));
    }
    if &**name == "cfn_resource_type"
        && let Some(known) = resource_type(cx, id)
    {
        return known;
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
pub(super) fn of_type(cx: &mut Cx<'_>, id: NativeId, class: &Rc<str>, name: &Rc<str>, span: Span) -> Value {
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

pub(super) fn tree_attribute(
    cx: &mut Cx<'_>,
    of: NativeId,
    node: NativeId,
    name: &Rc<str>,
    span: Span,
) -> Value {
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
pub(super) fn as_value(cx: &Cx<'_>, id: NativeId) -> Value {
    match cx.host.construct(id).and_then(|construct| construct.instance) {
        Some(instance) => Value::Instance(instance),
        None => Value::Native(id),
    }
}
