//! Constructs: made in the tree, with the groups and parts that come along.

use super::Cdk;
use super::hidden::{self, Anchor, DefaultPort, Egress, Given, HiddenGroup, Need, Part};
use super::made::{self, native, stack_of};
use super::nodes::{Connections, Construct, Made, Node, Props};
use super::peers::PortRule;
use super::security_group::{self, GROUP, Governed, New};
use super::{arguments, effects, is_a, library, network};
use smallvec::{SmallVec, smallvec};
use std::borrow::Cow;
use std::rc::Rc;
use tidegate_estate::{Guard, Remedy};
use tidegate_program::{Arguments, CallSite, Interp, NamedArgument, NativeId, ObjectId, Value};

type Cx<'f> = Interp<Cdk<'f>>;

/// The groups of something that shows no connections, for what the library itself does with them.
pub(crate) const OWN_GROUPS: &str = "its own groups";
/// How deep parts may make parts.
const DEPTH: usize = 8;

/// A construct that is about to be made.
pub(crate) struct NewConstruct {
    pub class: Rc<str>,
    pub scope: Option<NativeId>,
    pub id: Rc<str>,
    pub props: Props,
    pub made: Made,
    pub instance: Option<ObjectId>,
}

/// `Class(scope, id, …)` in the program, or the library's part of a class of the program.
pub(crate) fn call(
    cx: &mut Cx<'_>,
    class: &Rc<str>,
    site: &CallSite,
    arguments: Arguments,
    instance: Option<ObjectId>,
) -> NativeId {
    let info = library::lookup(class);
    let props = arguments::of_constructor(info.as_ref(), site, arguments);
    let direct_call = (&**class == GROUP && instance.is_none())
        .then(|| security_group::note_direct_call(cx, GROUP, site, &props))
        .flatten();
    let scope = props.value("scope").and_then(|scope| made::construct(cx, scope));
    let id = match props.value("id") {
        None if is_a(class, "aws_cdk.App") => "".into(),
        None if is_a(class, "aws_cdk.Stack") => "Default".into(),
        id => made::id_text(id),
    };
    let made = made::made(cx, site);
    let new = NewConstruct { class: class.clone(), scope, id, props, made, instance };
    make(cx, new, direct_call, 0)
}

/// Makes a construct and what comes along with it.
pub(crate) fn make(cx: &mut Cx<'_>, new: NewConstruct, direct_call: Option<usize>, depth: usize) -> NativeId {
    let NewConstruct { class, scope, id, props, made, instance } = new;
    let is_app = is_a(&class, "aws_cdk.App");
    let path = if is_app { (!cx.detached).then(|| "".into()) } else { made::path_below(cx, scope, &id) };
    // A stack without a scope is its own root.
    let path = match path {
        None if scope.is_none() && !cx.detached && is_a(&class, "aws_cdk.Stack") => Some(id.clone()),
        path => path,
    };
    let node = cx.host.add(Node::Construct(Box::new(Construct {
        class: class.clone(),
        path,
        id,
        scope,
        props: props.clone(),
        made: made.clone(),
        group: None,
        instance,
        set: Default::default(),
    })));
    if cx.in_dead_code() || cx.host.muted {
        return node;
    }
    if is_app {
        take_context(cx, &props);
    }
    if &*class == GROUP {
        security_group::construct(cx, node, &props, made, direct_call);
        return node;
    }
    if network::construct(cx, node, &class, &props, &made) {
        return node;
    }
    comes_along(cx, &class, node, &props, &made, depth);
    effects::apply(cx, &class, node, &props, None, &made);
    effects::note_flow(cx, &class, node, &props, None);
    node
}

fn take_context(cx: &mut Cx<'_>, props: &Props) {
    let Some(Value::Dict(id)) = props.value("context").or_else(|| props.value("post_cli_context")) else {
        return;
    };
    let Some(map) = cx.heap.map(*id).cloned() else { return };
    for (key, value) in map.entries {
        if let tidegate_program::value::Key::Str(name) = key {
            cx.host.context.set.insert(name, value);
        }
    }
}

/// The groups and parts that a construct, or a method called on one, makes. Returns what a method makes.
pub(crate) fn comes_along(
    cx: &mut Cx<'_>,
    maker: &str,
    owner: NativeId,
    props: &Props,
    made: &Made,
    depth: usize,
) -> Option<NativeId> {
    let mut result = None;
    for row in hidden::groups(maker) {
        for (child, props) in each_child(cx, row.child, props) {
            group(cx, row, &child, maker, owner, &props, made);
        }
    }
    // Task definitions first: what runs them asks for their network mode.
    let mut rows: Vec<&'static Part> = hidden::parts(maker).collect();
    rows.sort_by_key(|row| !row.class.ends_with("TaskDefinition"));
    for row in rows {
        if depth >= DEPTH {
            break;
        }
        for (child, props) in each_child(cx, row.child, props) {
            if let Some(made) = part(cx, row, &child, maker, owner, &props, made, depth) {
                result = result.or(Some(made));
            }
        }
    }
    result
}

/// A property, by its own name or by a path into structs (`vpc_config.vpc`).
fn property(cx: &Cx<'_>, props: &Props, name: &str) -> Option<Value> {
    let mut parts = name.split('.');
    let mut value = props.value(parts.next()?)?.clone();
    for part in parts {
        value = field(cx, &value, part)?;
    }
    Some(value)
}

/// A field of a struct or mapping.
pub(crate) fn field(cx: &Cx<'_>, value: &Value, name: &str) -> Option<Value> {
    match value {
        Value::Native(id) => match cx.host.node(*id) {
            Node::Object { props, .. } => props.value(name).cloned(),
            Node::Construct(construct) => construct.props.value(name).cloned(),
            _ => None,
        },
        Value::Dict(id) => {
            let map = cx.heap.map(*id)?;
            let camel = library::pascal_case(name);
            let camel = camel[..1.min(camel.len())].to_ascii_lowercase() + camel.get(1..).unwrap_or_default();
            [name, &camel]
                .iter()
                .find_map(|key| map.entries.get(&tidegate_program::value::Key::Str((*key).into())).cloned())
        }
        Value::OneOf(alternatives) => alternatives.iter().find_map(|(_, value)| field(cx, value, name)),
        _ => None,
    }
}

/// When a property is given and not `None`.
fn given(cx: &Cx<'_>, props: &Props, name: &str) -> Guard {
    match property(cx, props, name) {
        None | Some(Value::None | Value::Missing) => Guard::Never,
        Some(Value::OneOf(alternatives)) => {
            let given =
                alternatives.iter().filter(|(_, value)| !matches!(value, Value::None | Value::Missing));
            Guard::any(given.map(|(guard, _)| guard.clone()))
        }
        Some(_) => Guard::Always,
    }
}

/// When a property is this very thing.
fn when_is(cx: &Cx<'_>, props: &Props, name: &str, test: &dyn Fn(&Value) -> bool) -> Guard {
    match property(cx, props, name) {
        Some(Value::OneOf(alternatives)) => {
            let these = alternatives.iter().filter(|(_, value)| test(value));
            Guard::any(these.map(|(guard, _)| guard.clone()))
        }
        Some(value) if test(&value) => Guard::Always,
        _ => Guard::Never,
    }
}

fn is_member(value: &Value, member: &str) -> bool {
    matches!(value, Value::External(path) if path.rsplit('.').next() == Some(member))
}

/// When a row's conditions hold.
pub(crate) fn holds(cx: &Cx<'_>, needs: &[Need], props: &Props) -> Guard {
    needs.iter().fold(Guard::Always, |all, need| {
        all.and(match need {
            Need::Given(name) => given(cx, props, name),
            Need::Absent(name) => given(cx, props, name).negate(),
            Need::True(name) => when_is(cx, props, name, &|value| matches!(value, Value::Bool(true))),
            Need::NotZero(name) => when_is(cx, props, name, &|value| matches!(value, Value::Int(0))).negate(),
            Need::NotTrue(name) => {
                when_is(cx, props, name, &|value| matches!(value, Value::Bool(true))).negate()
            }
            Need::NotFalse(name) => {
                when_is(cx, props, name, &|value| matches!(value, Value::Bool(false))).negate()
            }
            Need::Is(name, member) => when_is(cx, props, name, &|value| is_member(value, member)),
            Need::IsNot(name, member) => when_is(cx, props, name, &|value| is_member(value, member)).negate(),
            Need::Flag(name) => {
                if cx.host.context.flag(name) {
                    Guard::Always
                } else {
                    Guard::Never
                }
            }
            Need::AwsVpcMode => awsvpc(cx, props),
            Need::NotAwsVpcMode => awsvpc(cx, props).negate(),
            // Settled when the program has run: see `effects::settle`.
            Need::InStateMachine => Guard::Always,
        })
    })
}

/// Whether the task definition runs in network mode `awsvpc`.
fn awsvpc(cx: &Cx<'_>, props: &Props) -> Guard {
    let Some(task) = props.value("task_definition") else { return Guard::Never };
    if task_is_awsvpc(cx, task) { Guard::Always } else { Guard::Never }
}

pub(crate) fn task_is_awsvpc(cx: &Cx<'_>, task: &Value) -> bool {
    let Some(id) = native(cx, task) else { return true };
    if cx.host.is_a(id, "aws_cdk.aws_ecs.FargateTaskDefinition")
        || cx.host.is_a(id, "aws_cdk.aws_ecs.ExternalTaskDefinition")
    {
        return cx.host.is_a(id, "aws_cdk.aws_ecs.FargateTaskDefinition");
    }
    let props = match cx.host.node(id) {
        Node::Construct(construct) => &construct.props,
        Node::Object { props, .. } => props,
        _ => return true,
    };
    let fargate = props.value("compatibility").is_some_and(|value| is_member(value, "FARGATE"));
    fargate || props.value("network_mode").is_some_and(|value| is_member(value, "AWS_VPC"))
}

/// Where a row's path begins, and its path below that.
fn anchor(cx: &mut Cx<'_>, anchor: Anchor, owner: NativeId, props: &Props) -> Option<NativeId> {
    match anchor {
        Anchor::Itself => Some(owner),
        Anchor::Argument(name) => {
            property(cx, props, name).and_then(|value| made::construct(cx, &value)).or(Some(owner))
        }
        Anchor::Stack => Some(stack_of(cx, owner)),
        Anchor::Scope => cx.host.construct(owner).and_then(|construct| construct.scope),
        Anchor::Taker(..) => None,
    }
}

/// Fills `{id}` and `{property}` of a row's path.
pub(crate) fn filled(cx: &Cx<'_>, child: &str, props: &Props) -> Rc<str> {
    let mut text = String::new();
    let mut rest = child;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let Some((name, later)) = after.split_once('}') else { break };
        text.push_str(&placeholder(cx, name, props));
        rest = later;
    }
    text.push_str(rest);
    text.into()
}

/// What a placeholder of a row's path stands for.
fn placeholder(cx: &Cx<'_>, name: &str, props: &Props) -> String {
    if let Some(of) = name.strip_suffix(".addr") {
        let path = property(cx, props, of)
            .and_then(|value| made::construct(cx, &value))
            .and_then(|id| cx.host.construct(id)?.path.clone());
        return path.map_or_else(|| "{…}".to_owned(), |path| hidden::address(&path));
    }
    if let Some(of) = name.strip_suffix(".id")
        && let Some(id) = property(cx, props, of).and_then(|value| native(cx, &value))
    {
        return match cx.host.node(id) {
            Node::Construct(construct) => construct.id.to_string(),
            Node::Object { props, .. } => made::id_text(props.value("id")).to_string(),
            _ => "{…}".to_owned(),
        };
    }
    match (name, property(cx, props, name)) {
        ("lambda_purpose", None | Some(Value::None)) => "SingletonLambda".to_owned(),
        ("uuid" | "lambda_purpose", Some(Value::Str(text))) => {
            text.chars().filter(char::is_ascii_alphanumeric).collect()
        }
        ("memory_limit", Some(Value::Int(mebibytes))) => format!("{mebibytes}MiB"),
        ("memory_limit" | "ephemeral_storage_size", None | Some(Value::None)) => String::new(),
        (_, value) => made::id_text(value.as_ref()).to_string(),
    }
}

/// One path for each item of the list that a placeholder names (`{configurations.name}`), with the item's
/// fields in place of the list.
fn each_child(
    cx: &mut Cx<'_>,
    child: &'static str,
    props: &Props,
) -> SmallVec<[(Cow<'static, str>, Props); 1]> {
    let placeholder = child.split_once('{').and_then(|(_, rest)| rest.split_once('}')).map(|(name, _)| name);
    if let Some((list, field_name)) = placeholder.and_then(|name| name.split_once('.'))
        && let Some(value @ (Value::List(_) | Value::Tuple(_))) = props.value(list)
    {
        let value = value.clone();
        let items = cx.elements(&value).unwrap_or_default().0;
        return items
            .into_iter()
            .enumerate()
            .map(|(at, (_, item))| {
                let text = match field_name {
                    "#" => at.to_string(),
                    name => made::id_text(field(cx, &item, name).as_ref()).to_string(),
                };
                let mut inner = props.clone();
                if let Some(argument) = inner.named.get_mut(list) {
                    argument.value = item;
                }
                (child.replace(&format!("{{{list}.{field_name}}}"), &text).into(), inner)
            })
            .collect();
    }
    smallvec![(Cow::Borrowed(child), props.clone())]
}

fn remedy(row: &HiddenGroup, maker: &str) -> Remedy {
    let construct = maker.strip_prefix("aws_cdk.").unwrap_or(maker).to_owned();
    match (row.egress, row.handed_in.first()) {
        (Egress::Property { ipv4, .. }, _) => Remedy::Property { name: ipv4.into(), construct },
        (Egress::NatDirection, _) => Remedy::Property { name: "default_allowed_traffic".into(), construct },
        (_, Some(name)) => Remedy::HandIn { name: (*name).into(), construct },
        _ => Remedy::Rules,
    }
}

/// Makes the group of one row, or finds the one handed in.
fn group(
    cx: &mut Cx<'_>,
    row: &'static HiddenGroup,
    child: &str,
    maker: &str,
    owner: NativeId,
    props: &Props,
    made: &Made,
) {
    let needs = holds(cx, row.needs, props);
    if needs == Guard::Never {
        return;
    }
    if let Anchor::Taker(class, property) = row.anchor {
        // Made when the maker is given to that class; kept until then.
        cx.host.effects.waiting.push(effects::Waiting {
            row,
            owner,
            props: props.clone(),
            made: made.clone(),
            class,
            property,
        });
        return;
    }
    let at = anchor(cx, row.anchor, owner, props).unwrap_or(owner);
    group_at(cx, row, child, maker, owner, at, props, made, needs);
}

/// The row's group below `at`.
#[allow(clippy::too_many_arguments, reason = "a row, whom it concerns, and the circumstances")]
pub(crate) fn group_at(
    cx: &mut Cx<'_>,
    row: &'static HiddenGroup,
    child: &str,
    maker: &str,
    owner: NativeId,
    at: NativeId,
    props: &Props,
    made: &Made,
    needs: Guard,
) {
    let mut handed: Vec<(Guard, Value)> = Vec::new();
    let mut is_handed = Guard::Never;
    let mut open = None;
    for name in row.handed_in {
        let Some(value) = property(cx, props, name) else { continue };
        let when = when_handed(cx, &value, row.empty_counts);
        if when == Guard::Never {
            continue;
        }
        is_handed = is_handed.or(when.clone());
        if security_group::groups_of(cx, &value).is_empty() {
            open = Some(cx.reason_of(&value, "the group is handed in from code that was not read"));
        }
        handed.push((when, value));
    }
    let makes = needs.and(is_handed.negate());
    let mut groups: Vec<(Guard, usize)> = Vec::new();
    let mut values: Vec<(Guard, Value)> = handed.clone();
    for (when, value) in &handed {
        for (guard, group) in security_group::groups_of(cx, value) {
            groups.push((when.clone().and(guard), group));
        }
    }
    let unsure = props.open.clone().filter(|_| handed.is_empty() && !row.handed_in.is_empty());
    if makes != Guard::Never {
        let child = filled(cx, child, props);
        if let Some(existing) = shared(cx, row, at, &child) {
            groups.push((makes.clone(), existing));
        } else {
            let id: Rc<str> = child.rsplit('/').next().unwrap_or(&child).into();
            let path = made::path_below(cx, Some(at), &child);
            let node = cx.host.add(Node::Construct(Box::new(Construct {
                class: GROUP.into(),
                path,
                id,
                scope: Some(at),
                props: Props::default(),
                made: made.clone(),
                group: None,
                instance: None,
                set: Default::default(),
            })));
            let governed = match row.egress {
                Egress::Open => Governed::Open,
                Egress::Closed => Governed::Closed,
                Egress::Property { ipv4, ipv6 } => {
                    Governed::By { ipv4: ipv4.into(), ipv6: ipv6.map(Into::into) }
                }
                Egress::NatDirection => {
                    if props.value("default_allowed_traffic").is_some_and(|value| is_member(value, "NONE")) {
                        Governed::Closed
                    } else {
                        Governed::Open
                    }
                }
            };
            let new = New {
                construct: node,
                props,
                governed,
                made: made.clone(),
                guard: makes.clone(),
                remedy: remedy(row, maker),
                direct_call: None,
            };
            let index = security_group::make(cx, new);
            if row.needs.contains(&Need::InStateMachine) {
                cx.host.effects.in_machine.push((owner, index));
            }
            if let Some(reason) = unsure {
                // `**unknown` may hand a group in: then this one is not made.
                cx.host.groups[index].events.push((makes.clone(), super::groups::Event::Opaque(reason)));
            }
            values.push((makes.clone(), Value::Native(node)));
            groups.push((makes, index));
        }
    }
    let default_port = match row.default_port {
        DefaultPort::None => None,
        DefaultPort::Tcp(port) => Some(PortRule::tcp(port)),
        DefaultPort::Token => Some(PortRule::token()),
        DefaultPort::TcpRange(from, to) => {
            Some(PortRule::range(6, &Value::Int(i64::from(from)), &Value::Int(i64::from(to))))
        }
        DefaultPort::TcpIf(name, port) => {
            let on = when_is(cx, props, name, &|value| matches!(value, Value::Bool(true)));
            (on != Guard::Never).then(|| PortRule::tcp(port))
        }
        DefaultPort::Property(name) => Some(match property(cx, props, name) {
            Some(value @ (Value::Int(_) | Value::OneOf(_))) => PortRule::range(6, &value, &value),
            _ => PortRule::token(),
        }),
        DefaultPort::Service => Some(service_port(cx, props)),
    };
    let default_port = default_port.map(|port| Value::Native(cx.host.add(Node::Port(port))));
    let connections = Connections { groups, peer: None, default_port, open, of: Some(owner) };
    let connections = Value::Native(cx.host.add(Node::Connections(connections)));
    let value = tidegate_program::heap::one_of(values);
    cx.host.put_attribute(owner, if row.connectable { "connections" } else { OWN_GROUPS }, connections);
    for name in row.attributes {
        cx.host.put_attribute(owner, name, value.clone());
    }
}

/// When something handed in really hands in a group.
fn when_handed(cx: &Cx<'_>, value: &Value, empty_counts: bool) -> Guard {
    match value {
        Value::None | Value::Missing => Guard::Never,
        Value::List(id) => {
            let empty =
                cx.heap.items(*id).is_some_and(|items| items.items.is_empty() && items.open.is_none());
            if empty && !empty_counts { Guard::Never } else { Guard::Always }
        }
        Value::Tuple(items) if items.is_empty() && !empty_counts => Guard::Never,
        Value::OneOf(alternatives) => alternatives.iter().fold(Guard::Never, |all, (guard, value)| {
            all.or(guard.clone().and(when_handed(cx, value, empty_counts)))
        }),
        _ => Guard::Always,
    }
}

/// The group that an earlier construct of the same stack made at this path, for rows that share one.
fn shared(cx: &Cx<'_>, row: &HiddenGroup, at: NativeId, child: &str) -> Option<usize> {
    if !matches!(row.anchor, Anchor::Stack | Anchor::Scope) {
        return None;
    }
    let path = made::path_below(cx, Some(at), child)?;
    cx.host.groups.iter().position(|group| group.path.as_deref() == Some(&*path))
}

/// The port of an interface endpoint's service: the vendor's own listen on 443.
fn service_port(cx: &Cx<'_>, props: &Props) -> PortRule {
    let port = props.value("service").and_then(|service| native(cx, service)).and_then(|id| {
        match cx.host.node(id) {
            Node::Object { props, .. } => props.value("port").cloned(),
            _ => None,
        }
    });
    match port {
        Some(value @ Value::Int(_)) => PortRule::range(6, &value, &value),
        _ => PortRule::tcp(443),
    }
}

/// Makes the construct of one row, or finds the one handed in.
#[allow(clippy::too_many_arguments, reason = "a row, whom it concerns, and the circumstances")]
fn part(
    cx: &mut Cx<'_>,
    row: &'static Part,
    child: &str,
    maker: &str,
    owner: NativeId,
    props: &Props,
    made: &Made,
    depth: usize,
) -> Option<NativeId> {
    let needs = holds(cx, row.needs, props);
    if needs == Guard::Never {
        return None;
    }
    let handed = row.handed_in.iter().find_map(|name| {
        property(cx, props, name).filter(|value| !matches!(value, Value::None | Value::Missing))
    });
    let value = match &handed {
        Some(value) => value.clone(),
        None => {
            let at = anchor(cx, row.anchor, owner, props)?;
            let child = filled(cx, child, props);
            let mut inner = part_props(cx, row, owner, props);
            if inner.open.is_none()
                && props.open.is_some()
                && row.given.iter().any(|(_, given)| matches!(given, Given::All("")))
            {
                inner.open = props.open.clone();
            }
            let mut made = made.clone();
            made.guard = made.guard.and(needs.clone());
            // Steps of the path before the last are constructs without groups of their own.
            let new = NewConstruct {
                class: row.class.into(),
                scope: Some(at),
                id: child,
                props: inner,
                made,
                instance: None,
            };
            Value::Native(make(cx, new, None, depth + 1))
        }
    };
    let connections = row.lends_connections.then(|| super::connections::of(cx, &value));
    let connections =
        connections.map(|connections| Value::Native(cx.host.add(Node::Connections(connections))));
    let is_method = library::lookup(maker).is_none();
    if let Some(connections) = connections {
        cx.host.put_attribute(owner, "connections", connections);
    }
    if !is_method {
        for name in row.attributes {
            cx.host.put_attribute(owner, name, value.clone());
        }
    }
    native(cx, &value)
}

/// What a part is given.
fn part_props(cx: &mut Cx<'_>, row: &Part, owner: NativeId, props: &Props) -> Props {
    let mut inner = Props::default();
    let put = |inner: &mut Props, name: &str, value: Value, like: Option<&NamedArgument>| {
        let name: Rc<str> = name.into();
        let place = like.map_or_else(
            || tidegate_estate::Place { path: "".into(), span: Default::default() },
            |argument| argument.place.clone(),
        );
        let argument = NamedArgument { name: name.clone(), value, place, splatted: false, written: None };
        inner.named.entry(name).or_insert(argument);
    };
    for (name, given) in row.given {
        match given {
            Given::Property(from) => {
                if let Some(value) = property(cx, props, from) {
                    put(&mut inner, name, value, props.named.get(*from));
                }
            }
            Given::Attribute(attribute) => {
                let value = super::attributes::read(cx, owner, attribute);
                if !matches!(value, Value::Missing) {
                    put(&mut inner, name, value, None);
                }
            }
            Given::Itself => put(&mut inner, name, Value::Native(owner), None),
            Given::Something => put(&mut inner, name, Value::External("tidegate.something".into()), None),
            Given::All(from) => {
                let all: Vec<(Rc<str>, NamedArgument)> = if from.is_empty() {
                    props.named.iter().map(|(name, argument)| (name.clone(), argument.clone())).collect()
                } else {
                    struct_fields(cx, property(cx, props, from), props)
                };
                for (name, argument) in all {
                    if matches!(&*name, "scope" | "id") {
                        continue;
                    }
                    put(&mut inner, &name, argument.value.clone(), Some(&argument));
                }
            }
        }
    }
    inner
}

/// The fields of a struct or mapping as arguments.
fn struct_fields(cx: &Cx<'_>, value: Option<Value>, like: &Props) -> Vec<(Rc<str>, NamedArgument)> {
    match value {
        Some(Value::Native(id)) => match cx.host.node(id) {
            Node::Object { props, .. } => props.named.iter().map(|(n, a)| (n.clone(), a.clone())).collect(),
            _ => Vec::new(),
        },
        Some(Value::Dict(id)) => {
            let place = like.named.values().next().map(|argument| argument.place.clone());
            let Some((map, place)) = cx.heap.map(id).zip(place) else { return Vec::new() };
            map.entries
                .iter()
                .filter_map(|(key, value)| match key {
                    tidegate_program::value::Key::Str(name) => {
                        let name: Rc<str> = library::snake_case(name).into();
                        let argument = NamedArgument {
                            name: name.clone(),
                            value: value.clone(),
                            place: place.clone(),
                            splatted: false,
                            written: None,
                        };
                        Some((name, argument))
                    }
                    _ => None,
                })
                .collect()
        }
        _ => Vec::new(),
    }
}
