//! Egress that calls add behind the user's back: load balancers to their targets, clusters to nodes,
//! rotations to databases. What stands between two calls in any order is settled when the program has run.

use super::Cdk;
use super::connections;
use super::constructs::{field, group_at, holds, task_is_awsvpc};
use super::descent::Descent;
use super::hidden::{self, Effect, End, HiddenGroup, MemberPort, Port};
use super::made::native;
use super::nodes::{Made, Node, Props};
use super::peers::{PeerRule, PortRule};
use super::security_group::add_rule;
use std::rc::Rc;
use tidegate_estate::Guard;
use tidegate_program::{Interp, NativeId, Value};

type Cx<'f> = Interp<Cdk<'f>>;

/// What waits for its other half.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    /// Groups that are made when their maker is given to a class.
    pub waiting: Vec<Waiting>,
    members: Vec<(Guard, NativeId, Value, Made)>,
    serves: Vec<(Guard, NativeId, Value, Made)>,
    classic: Vec<(Guard, NativeId, Value, Made)>,
    authenticating: Vec<NativeId>,
    /// Rules given to connections, for groups that join them later.
    pub forever: Vec<Forever>,
    /// Groups that are made only if their task is part of a state machine.
    pub in_machine: Vec<(NativeId, usize)>,
    /// What leads to what in definitions of state machines.
    pub flows: Vec<(NativeId, NativeId)>,
    /// Port mappings added to containers afterwards.
    pub mappings: Vec<(NativeId, Value)>,
    /// Listeners added to classic load balancers afterwards.
    pub listeners: Vec<(NativeId, Value)>,
}

/// A rule given to somebody's connections.
#[derive(Debug, Clone)]
pub(crate) struct Forever {
    pub owner: NativeId,
    pub guard: Guard,
    pub peer: PeerRule,
    pub port: PortRule,
    pub place: tidegate_estate::Place,
    pub written: bool,
}

/// A group that is made below whoever takes its maker.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub row: &'static HiddenGroup,
    pub owner: NativeId,
    pub props: Props,
    pub made: Made,
    pub class: &'static str,
    pub property: &'static str,
}

/// Applies what a class or method does, when it is called.
pub(crate) fn apply(
    cx: &mut Cx<'_>,
    maker: &str,
    owner: NativeId,
    props: &Props,
    result: Option<NativeId>,
    made: &Made,
) {
    if cx.in_dead_code() || cx.host.muted {
        return;
    }
    take_waiting(cx, maker, owner, props);
    for row in hidden::traffic(maker) {
        let needs = holds(cx, row.needs, props);
        if needs == Guard::Never {
            continue;
        }
        match row.effect {
            Effect::Rule { from: End::Listener, .. } => {
                if let Some(action) = result {
                    cx.host.effects.authenticating.push(action);
                }
            }
            Effect::Rule { from, to, port: Port::ClassicListeners } => {
                for lb in ends(cx, from, owner, props, result) {
                    let Some(lb) = native(cx, &lb) else { continue };
                    for target in ends(cx, to, owner, props, result) {
                        let guard = made.guard.clone().and(needs.clone());
                        cx.host.effects.classic.push((guard, lb, target, made.clone()));
                    }
                }
            }
            Effect::Rule { from, to, port } => rule(cx, (from, to, port), owner, props, result, made, &needs),
            Effect::Members { .. } if maker.contains("ApplicationMultipleTargetGroups") => {
                multiple_target_groups(cx, owner, props, made);
            }
            Effect::Members { group, members } => {
                let groups = ends(cx, group, owner, props, result);
                let members = ends(cx, members, owner, props, result);
                for group in &groups {
                    let Some(group) = native(cx, group) else { continue };
                    for member in &members {
                        let guard = made.guard.clone().and(needs.clone());
                        cx.host.effects.members.push((guard, group, member.clone(), made.clone()));
                    }
                }
            }
            Effect::Serves { listener, groups } => {
                let listeners = ends(cx, listener, owner, props, result);
                let groups = ends(cx, groups, owner, props, result);
                for listener in &listeners {
                    let Some(listener) = native(cx, listener) else { continue };
                    for group in &groups {
                        let guard = made.guard.clone().and(needs.clone());
                        cx.host.effects.serves.push((guard, listener, group.clone(), made.clone()));
                    }
                }
            }
        }
    }
    for row in hidden::joins(maker) {
        if holds(cx, row.needs, props) == Guard::Never {
            continue;
        }
        for whose in ends(cx, row.whose, owner, props, result) {
            for by in ends(cx, row.by, owner, props, result) {
                let from = connections::of(cx, &by);
                connections::join(cx, &whose, from.groups);
            }
        }
    }
}

/// `ApplicationMultipleTargetGroups…`: each target group behind the balancer of the listener it names, else the
/// first; without target groups one for the first container port.
fn multiple_target_groups(cx: &mut Cx<'_>, owner: NativeId, props: &Props, made: &Made) {
    let list = |cx: &mut Cx<'_>, value: Option<Value>| -> Vec<Value> {
        value
            .and_then(|value| cx.elements(&value))
            .unwrap_or_default()
            .0
            .into_iter()
            .map(|(_, v)| v)
            .collect()
    };
    let service = super::attributes::read(cx, owner, "service");
    let Some(service_id) = native(cx, &service) else { return };
    let balancers: Vec<Value> = cx
        .host
        .attributes
        .get(&owner)
        .map(|all| {
            all.iter().filter(|(path, _)| path.starts_with("load_balancer")).map(|(_, v)| v.clone()).collect()
        })
        .unwrap_or_default();
    let given = list(cx, props.value("load_balancers").cloned());
    let mut targets: Vec<(Option<Rc<str>>, Option<Value>)> = list(cx, props.value("target_groups").cloned())
        .iter()
        .map(|group| {
            let listener = field(cx, group, "listener").and_then(|value| value.as_str().cloned());
            (listener, field(cx, group, "container_port"))
        })
        .collect();
    if targets.is_empty() {
        let ports =
            props.value("task_image_options").and_then(|options| field(cx, options, "container_ports"));
        targets.push((None, list(cx, ports).into_iter().next()));
    }
    for (listener, port) in targets {
        let mut at = 0;
        for (index, balancer) in given.iter().enumerate() {
            let listeners = field(cx, balancer, "listeners");
            let has = list(cx, listeners).iter().any(|one| {
                field(cx, one, "name").and_then(|value| value.as_str().cloned()) == listener
                    && listener.is_some()
            });
            if has {
                at = index;
            }
        }
        let Some(balancer) = balancers.get(at).cloned() else { continue };
        let mapped = container_port(cx, service_id, port.clone());
        let rule = match (&mapped.ports, port) {
            (tidegate_estate::Value::Unknown(_), Some(port)) => PortRule::range(6, &port, &port),
            _ => mapped,
        };
        let port = Value::Native(cx.host.add(Node::Port(rule)));
        let source = connections::of(cx, &balancer);
        connections::lead(cx, &source, &service, Some(&port), &made.call, false);
    }
}

/// Groups whose maker is now given to the class that makes them.
fn take_waiting(cx: &mut Cx<'_>, maker: &str, owner: NativeId, props: &Props) {
    let mut taken = Vec::new();
    let mut at = 0;
    while at < cx.host.effects.waiting.len() {
        let waiting = &cx.host.effects.waiting[at];
        let given = super::is_a(maker, waiting.class)
            && props.value(waiting.property).and_then(|value| native(cx, value)) == Some(waiting.owner);
        if given {
            taken.push(cx.host.effects.waiting.remove(at));
        } else {
            at += 1;
        }
    }
    for waiting in taken {
        let maker = waiting.row.makers.first().copied().unwrap_or(maker);
        group_at(
            cx,
            waiting.row,
            waiting.row.child,
            maker,
            waiting.owner,
            owner,
            &waiting.props,
            &waiting.made,
            Guard::Always,
        );
    }
}

fn rule(
    cx: &mut Cx<'_>,
    (from, to, port): (End, End, Port),
    owner: NativeId,
    props: &Props,
    result: Option<NativeId>,
    made: &Made,
    needs: &Guard,
) {
    for from in ends(cx, from, owner, props, result) {
        let source = connections::of(cx, &from);
        if to == End::AnyIpv4 {
            for (guard, group) in &source.groups {
                let guard = guard.clone().and(needs.clone());
                add_rule(cx, *group, &guard, PeerRule::any(false), ports(port), made.call.clone(), false);
            }
            continue;
        }
        for to in ends(cx, to, owner, props, result) {
            let target = connections::of(cx, &to);
            let port = match port {
                Port::Default(otherwise) => target.default_port.clone().or_else(|| {
                    let port = otherwise.map_or_else(PortRule::token, PortRule::tcp);
                    Some(Value::Native(cx.host.add(Node::Port(port))))
                }),
                port => Some(Value::Native(cx.host.add(Node::Port(ports(port))))),
            };
            let mut source = source.clone();
            for (guard, _) in &mut source.groups {
                *guard = guard.clone().and(needs.clone());
            }
            connections::lead(cx, &source, &to, port.as_ref(), &made.call, false);
        }
    }
}

fn ports(port: Port) -> PortRule {
    match port {
        Port::Tcp(port) => PortRule::tcp(port),
        Port::TcpRange(from, to) => {
            PortRule::range(6, &Value::Int(i64::from(from)), &Value::Int(i64::from(to)))
        }
        Port::AllTcp => PortRule::protocol(6, "all TCP"),
        Port::AllUdp => PortRule::protocol(17, "all UDP"),
        Port::AllIcmp => PortRule::icmp(1, None, None),
        Port::AllTraffic => PortRule::all(),
        Port::Default(Some(port)) => PortRule::tcp(port),
        Port::Default(None) | Port::ClassicListeners => PortRule::token(),
    }
}

/// The values at one end of an effect.
fn ends(cx: &mut Cx<'_>, end: End, owner: NativeId, props: &Props, result: Option<NativeId>) -> Vec<Value> {
    let value = match end {
        End::Own("") => return vec![Value::Native(owner)],
        End::Own(attribute) => super::attributes::read(cx, owner, attribute),
        End::Made => return result.map(Value::Native).into_iter().collect(),
        End::Argument(name) => {
            let mut parts = name.split('.');
            let mut value = parts.next().and_then(|first| props.value(first)).cloned();
            for part in parts {
                value = value.and_then(|value| field(cx, &value, part));
            }
            // `*targets` takes what is left of the positional arguments.
            match value {
                Some(value) => value,
                None => return props.rest.clone(),
            }
        }
        End::Listener | End::AnyIpv4 => return Vec::new(),
    };
    match &value {
        Value::List(_) | Value::Tuple(_) | Value::Set(_) => cx
            .elements(&value)
            .map(|(items, _)| items.into_iter().map(|(_, v)| v).collect())
            .unwrap_or_default(),
        Value::None | Value::Missing => Vec::new(),
        _ => vec![value],
    }
}

/// Groups whose task no state machine has are not made.
fn settle_machines(cx: &mut Cx<'_>) {
    let waiting = std::mem::take(&mut cx.host.effects.in_machine);
    if waiting.is_empty() {
        return;
    }
    let mut reached: Vec<NativeId> = (0..cx.host.nodes.len() as u32)
        .map(NativeId)
        .filter(|id| cx.host.is_a(*id, "aws_cdk.aws_stepfunctions.StateMachine"))
        .collect();
    let mut at = 0;
    while at < reached.len() {
        let here = reached[at];
        at += 1;
        let next: Vec<NativeId> =
            cx.host.effects.flows.iter().filter(|(from, _)| *from == here).map(|(_, to)| *to).collect();
        for id in next {
            if !reached.contains(&id) {
                reached.push(id);
            }
        }
    }
    for (task, group) in waiting {
        if !reached.contains(&task)
            && let Some(group) = cx.host.groups.get_mut(group)
        {
            group.made.guard = Guard::Never;
        }
    }
}

/// Notes that a thing of a state machine's definition leads to what it is given, and back along chains.
pub(crate) fn note_flow(
    cx: &mut Cx<'_>,
    maker: &str,
    owner: NativeId,
    props: &Props,
    result: Option<NativeId>,
) {
    if !maker.contains("aws_stepfunctions") {
        return;
    }
    let mut given: Vec<NativeId> = Vec::new();
    let values: Vec<Value> =
        props.named.values().map(|a| a.value.clone()).chain(props.rest.iter().cloned()).collect();
    for value in values {
        match &value {
            Value::List(_) | Value::Tuple(_) => {
                let items = cx.elements(&value).unwrap_or_default().0;
                given.extend(items.iter().filter_map(|(_, item)| native(cx, item)));
            }
            value => given.extend(native(cx, value)),
        }
    }
    // The first argument of a construct is its scope, which it does not lead to.
    let scope = cx.host.construct(owner).and_then(|construct| construct.scope);
    for to in given.into_iter().filter(|to| Some(*to) != scope) {
        cx.host.effects.flows.push((owner, to));
        if let Some(result) = result {
            cx.host.effects.flows.push((result, to));
        }
    }
    if let Some(result) = result {
        cx.host.effects.flows.push((result, owner));
    }
}

/// Pairs listeners with members, and classic balancers with targets, when the program has run.
pub(crate) fn settle(cx: &mut Cx<'_>) {
    settle_machines(cx);
    settle_ecs_targets(cx);
    let serves = std::mem::take(&mut cx.host.effects.serves);
    let members = std::mem::take(&mut cx.host.effects.members);
    for (guard, listener, groups, made) in &serves {
        let Some(balancer) = balancer_of(cx, *listener) else { continue };
        let source = connections::of(cx, &balancer);
        let mut targets = Vec::new();
        let mut authenticates = false;
        collect_targets(cx, groups, &mut targets, &mut authenticates, &mut Descent::new());
        if authenticates {
            for (when, group) in &source.groups {
                let guard = guard.clone().and(when.clone());
                add_rule(
                    cx,
                    *group,
                    &guard,
                    PeerRule::any(false),
                    PortRule::tcp(443),
                    made.call.clone(),
                    false,
                );
            }
        }
        for target in targets {
            for (when, group, member, at) in &members {
                if *group != target {
                    continue;
                }
                let guard = guard.clone().and(when.clone());
                let mut source = source.clone();
                for (own, _) in &mut source.groups {
                    *own = own.clone().and(guard.clone());
                }
                let (member, port) = member_port(cx, member, target);
                if let Some(port) = port {
                    let port = Value::Native(cx.host.add(Node::Port(port)));
                    connections::lead(cx, &source, &member, Some(&port), &at.call, false);
                }
            }
        }
    }
    for (guard, balancer, target, made) in std::mem::take(&mut cx.host.effects.classic) {
        let mut source = connections::of(cx, &Value::Native(balancer));
        for (own, _) in &mut source.groups {
            *own = own.clone().and(guard.clone());
        }
        for port in classic_ports(cx, balancer) {
            let port = Value::Native(cx.host.add(Node::Port(port)));
            connections::lead(cx, &source, &target, Some(&port), &made.call, false);
        }
    }
}

/// `service.register_load_balancer_targets(EcsTarget(…, listener=ListenerConfig.application_listener(…)))`: the
/// target names the listener itself.
fn settle_ecs_targets(cx: &mut Cx<'_>) {
    let members = std::mem::take(&mut cx.host.effects.members);
    let (targets, rest): (Vec<_>, Vec<_>) =
        members.into_iter().partition(|(_, group, _, _)| cx.host.is_a(*group, "aws_cdk.aws_ecs.EcsTarget"));
    cx.host.effects.members = rest;
    for (guard, target, service, made) in targets {
        let target = Value::Native(target);
        let listener = field(cx, &target, "listener").and_then(|config| field(cx, &config, "listener"));
        let Some(balancer) = listener.and_then(|value| native(cx, &value)).and_then(|id| balancer_of(cx, id))
        else {
            continue;
        };
        let asked = field(cx, &target, "container_port").filter(|value| !matches!(value, Value::None));
        let Some(id) = native(cx, &service) else { continue };
        let port = container_port(cx, id, asked);
        let port = Value::Native(cx.host.add(Node::Port(port)));
        let mut source = connections::of(cx, &balancer);
        for (own, _) in &mut source.groups {
            *own = own.clone().and(guard.clone());
        }
        connections::lead(cx, &source, &service, Some(&port), &made.call, false);
    }
}

/// The load balancer of a listener.
fn balancer_of(cx: &Cx<'_>, listener: NativeId) -> Option<Value> {
    match cx.host.node(listener) {
        Node::Construct(construct) => {
            construct.props.value("load_balancer").cloned().or_else(|| construct.scope.map(Value::Native))
        }
        Node::Object { props, .. } if props.is_given("load_balancer") => {
            props.value("load_balancer").cloned()
        }
        Node::Object { from: Some((owner, _)), .. } => Some(Value::Native(*owner)),
        _ => None,
    }
}

/// The target groups that something served stands for: itself, or those an action forwards to.
fn collect_targets(
    cx: &mut Cx<'_>,
    value: &Value,
    into: &mut Vec<NativeId>,
    authenticates: &mut bool,
    descent: &mut Descent,
) {
    descent.enter(value, |descent| {
        let inner: Vec<Value> = match value {
            Value::List(_) | Value::Tuple(_) => {
                cx.elements(value).unwrap_or_default().0.into_iter().map(|(_, item)| item).collect()
            }
            Value::OneOf(alternatives) => alternatives.iter().map(|(_, item)| item.clone()).collect(),
            value => {
                let Some(id) = native(cx, value) else { return };
                *authenticates |= cx.host.effects.authenticating.contains(&id);
                into.push(id);
                let Node::Object { props, .. } = cx.host.node(id) else { return };
                ["target_groups", "next", "target_group", "weighted_target_groups"]
                    .iter()
                    .filter_map(|name| props.value(name).cloned())
                    .collect()
            }
        };
        for value in inner {
            collect_targets(cx, &value, into, authenticates, descent);
        }
    });
}

/// What a member really is, and the port on which it is reached.
fn member_port(cx: &mut Cx<'_>, member: &Value, group: NativeId) -> (Value, Option<PortRule>) {
    let Some(id) = native(cx, member) else { return (member.clone(), Some(group_port(cx, group))) };
    let Some(class) = cx.host.class_of(id) else { return (member.clone(), None) };
    // `service.load_balancer_target(…)` stands for the service.
    let (service, asked) = match cx.host.node(id) {
        Node::Object { from: Some((service, _)), props, .. } => {
            (*service, props.value("container_port").cloned())
        }
        _ => (id, None),
    };
    let port = match hidden::member_port(&class) {
        MemberPort::TargetGroup => Some(group_port(cx, group)),
        MemberPort::Container => Some(container_port(cx, service, asked)),
        MemberPort::NoRule => None,
    };
    (Value::Native(service), port)
}

/// The port of a target group: as given, else by its protocol.
fn group_port(cx: &Cx<'_>, group: NativeId) -> PortRule {
    let props = match cx.host.node(group) {
        Node::Construct(construct) => &construct.props,
        Node::Object { props, .. } => props,
        _ => return PortRule::token(),
    };
    match props.value("port") {
        Some(Value::Native(_)) => PortRule::token(),
        Some(value) if !matches!(value, Value::None) => PortRule::range(6, value, value),
        _ => match props.value("protocol") {
            Some(Value::External(path)) if path.ends_with(".HTTPS") => PortRule::tcp(443),
            _ => PortRule::tcp(80),
        },
    }
}

/// The port of a service's container.
fn container_port(cx: &mut Cx<'_>, service: NativeId, asked: Option<Value>) -> PortRule {
    let Some(construct) = cx.host.construct(service) else { return PortRule::token() };
    let task = construct.props.value("task_definition").cloned();
    let above = construct.scope.and_then(|scope| cx.host.construct(scope));
    // A pattern makes the container itself: `task_image_options.container_port`, else 80.
    let of_pattern = above.filter(|above| above.class.contains("ecs_patterns")).map(|above| {
        above
            .props
            .value("task_image_options")
            .and_then(|options| field(cx, options, "container_port"))
            .filter(|value| !matches!(value, Value::None))
            .unwrap_or(Value::Int(80))
    });
    let task_id = task.as_ref().and_then(|task| native(cx, task));
    let awsvpc = task.as_ref().is_none_or(|task| task_is_awsvpc(cx, task));
    let mapping = task_id.and_then(|task| first_mapping(cx, task, asked.as_ref()));
    let (host, container, udp) = match (mapping, of_pattern) {
        (Some(mapping), _) => {
            let udp = matches!(field(cx, &mapping, "protocol"), Some(Value::External(path)) if path.ends_with(".UDP"));
            (field(cx, &mapping, "host_port"), field(cx, &mapping, "container_port"), udp)
        }
        (None, Some(port)) => {
            (None, Some(asked.filter(|p| !matches!(p, Value::None)).unwrap_or(port)), false)
        }
        (None, None) => return PortRule::token(),
    };
    let number = if udp { 17 } else { 6 };
    match (host.filter(|host| !matches!(host, Value::None | Value::Int(0))), container) {
        (Some(host), _) => PortRule::range(number, &host, &host),
        (None, Some(container)) if awsvpc => PortRule::range(number, &container, &container),
        // The host picks an ephemeral port.
        _ => PortRule::range(number, &Value::Int(32768), &Value::Int(65535)),
    }
}

/// The first port mapping of a task's default container, or the one asked for.
fn first_mapping(cx: &mut Cx<'_>, task: NativeId, asked: Option<&Value>) -> Option<Value> {
    let mut mappings = Vec::new();
    for at in 0..cx.host.nodes.len() as u32 {
        let id = NativeId(at);
        let (given, is_container) = match cx.host.node(id) {
            Node::Object { class, props, from: Some((owner, _)) } if *owner == task => {
                (props.value("port_mappings").cloned(), class.ends_with(".ContainerDefinition"))
            }
            Node::Construct(construct) if construct.class.ends_with(".ContainerDefinition") => {
                let own = construct.props.value("task_definition").and_then(|value| native(cx, value));
                (
                    construct.props.value("port_mappings").cloned(),
                    own == Some(task) || construct.scope == Some(task),
                )
            }
            _ => continue,
        };
        if !is_container {
            continue;
        }
        if let Some(given) = given {
            mappings.extend(cx.elements(&given).unwrap_or_default().0.into_iter().map(|(_, v)| v));
        }
        let later: Vec<Value> = cx
            .host
            .effects
            .mappings
            .iter()
            .filter(|(owner, _)| *owner == id)
            .map(|(_, v)| v.clone())
            .collect();
        mappings.extend(later);
        if !mappings.is_empty() && asked.is_none() {
            break;
        }
    }
    match asked {
        Some(asked) => {
            let found = mappings
                .iter()
                .find(|mapping| field(cx, mapping, "container_port").is_some_and(|p| p.same(asked)));
            found.or(mappings.first()).cloned()
        }
        None => mappings.into_iter().next(),
    }
}

/// The ports on which a classic load balancer reaches its targets.
fn classic_ports(cx: &mut Cx<'_>, balancer: NativeId) -> Vec<PortRule> {
    let mut listeners: Vec<Value> = Vec::new();
    let given = cx.host.construct(balancer).and_then(|construct| construct.props.value("listeners").cloned());
    if let Some(given) = given {
        listeners.extend(cx.elements(&given).unwrap_or_default().0.into_iter().map(|(_, v)| v));
    }
    listeners.extend(
        cx.host.effects.listeners.iter().filter(|(owner, _)| *owner == balancer).map(|(_, v)| v.clone()),
    );
    listeners
        .iter()
        .filter_map(|listener| {
            let port = field(cx, listener, "internal_port")
                .filter(|value| !matches!(value, Value::None))
                .or_else(|| field(cx, listener, "external_port"))?;
            Some(PortRule::range(6, &port, &port))
        })
        .collect()
}

/// What a construct's method adds to the books that [`settle`] reads.
pub(crate) fn note(cx: &mut Cx<'_>, owner: NativeId, name: &str, props: &Props) {
    match name {
        "add_port_mappings" => {
            let values: Vec<Value> =
                props.rest.iter().cloned().chain(props.named.values().map(|a| a.value.clone())).collect();
            cx.host.effects.mappings.extend(values.into_iter().map(|value| (owner, value)));
        }
        "add_listener" if cx.host.is_a(owner, "aws_cdk.aws_elasticloadbalancing.LoadBalancer") => {
            let class: Rc<str> = "aws_cdk.aws_elasticloadbalancing.LoadBalancerListener".into();
            let listener = cx.host.add(Node::Object { class, props: props.clone(), from: None });
            cx.host.effects.listeners.push((owner, Value::Native(listener)));
        }
        _ => {}
    }
}
