//! `ec2.SecurityGroup`, its imports, and the L1 group.

use super::Cdk;
use super::convert::Switch;
use super::descent::Descent;
use super::groups::{Event, Form, Group};
use super::made::{self, native};
use super::nodes::{Construct, Made, Node, Props};
use super::peers::{PeerRule, PortRule};
use std::rc::Rc;
use tidegate_estate::{Argument, DirectCall, Guard, Place, Reason, Remedy, Step};
use tidegate_program::{CallSite, Interp, NamedArgument, NativeId, Value};

type Cx<'f> = Interp<Cdk<'f>>;

pub(crate) const GROUP: &str = "aws_cdk.aws_ec2.SecurityGroup";
pub(crate) const IMPORT: &str = "aws_cdk.aws_ec2.SecurityGroup.from_security_group_id";
const DISABLE_INLINE: &str = "@aws-cdk/aws-ec2.securityGroupDisableInlineRules";

/// The argument of a call that decides over egress, as it is written there.
fn argument(props: &Props, argument: Option<&NamedArgument>) -> Argument {
    match argument {
        None => match &props.open {
            Some(reason) => Argument::Unknown(reason.clone()),
            None if props.splatted => Argument::Other,
            None => Argument::Omitted,
        },
        Some(argument) if argument.splatted => match &argument.value {
            Value::Unknown(unknown) => Argument::Unknown(unknown.reason.clone()),
            _ => Argument::Other,
        },
        Some(argument) => match (&argument.value, &argument.written) {
            (Value::Bool(true), Some(assigned)) => {
                Argument::True { place: argument.place.clone(), assigned: assigned.clone() }
            }
            (Value::Unknown(unknown), _) => Argument::Unknown(unknown.reason.clone()),
            (Value::OneOf(alternatives), _) => {
                let reason = alternatives.iter().find_map(|(_, value)| match value {
                    Value::Unknown(unknown) => Some(unknown.reason.clone()),
                    _ => None,
                });
                Argument::Unknown(
                    reason.unwrap_or_else(|| Reason::at("it is one of several", argument.place.clone())),
                )
            }
            (Value::Native(_), _) => Argument::Unknown(Reason::new("it is only known at deployment")),
            _ => Argument::Other,
        },
    }
}

/// Notes a direct call of one of the callees that S6463 judges. One call run several times is one call.
pub(crate) fn note_direct_call(
    cx: &mut Cx<'_>,
    callee: &str,
    site: &CallSite,
    props: &Props,
) -> Option<usize> {
    let argument = argument(props, props.named.get("allow_all_outbound"));
    let call = DirectCall {
        callee: callee.into(),
        place: site.callee_place(),
        block: site.place.clone(),
        argument,
        enclosing: cx.enclosing().as_deref().map(str::to_owned),
    };
    let weight = |argument: &Argument| match argument {
        Argument::True { .. } => 3,
        Argument::Omitted => 2,
        Argument::Unknown(_) => 1,
        Argument::Other => 0,
    };
    let calls = &mut cx.host.direct_calls;
    match calls.iter().position(|known| known.block == call.block && known.callee == call.callee) {
        Some(at) => {
            if weight(&call.argument) > weight(&calls[at].argument) {
                calls[at].argument = call.argument;
            }
            Some(at)
        }
        None => {
            calls.push(call);
            Some(calls.len() - 1)
        }
    }
}

/// A property as a switch, with its place and the assignments behind it.
fn switch(props: &Props, name: &str) -> (Switch, Option<Place>, Vec<Step>) {
    match props.named.get(name) {
        Some(argument) => {
            let mut switch = Switch::of(&argument.value);
            if let (Some(reason), true) = (&props.open, matches!(argument.value, Value::Missing)) {
                switch = Switch::unknown(reason.clone());
            }
            let chain = argument
                .written
                .iter()
                .flatten()
                .map(|place| Step { message: "the value is assigned here".into(), place: place.clone() })
                .collect();
            (switch, Some(argument.place.clone()), chain)
        }
        None => match &props.open {
            Some(reason) => (Switch::unknown(reason.clone()), None, Vec::new()),
            None => (Switch::left_out(), None, Vec::new()),
        },
    }
}

/// What governs the egress of a group that some construct makes.
#[derive(Debug, Clone)]
pub(crate) enum Governed {
    /// By its own two properties, or by properties of the construct: their names.
    By { ipv4: Rc<str>, ipv6: Option<Rc<str>> },
    /// Always open.
    Open,
    /// Closed until rules are added.
    Closed,
}

/// A group that is about to be made.
pub(crate) struct New<'a> {
    /// Its construct.
    pub construct: NativeId,
    /// What it, or the construct that makes it, is given.
    pub props: &'a Props,
    /// What of that governs egress.
    pub governed: Governed,
    /// Where.
    pub made: Made,
    /// Under this guard in addition.
    pub guard: Guard,
    /// What closes it.
    pub remedy: Remedy,
    /// The direct call behind it.
    pub direct_call: Option<usize>,
}

/// Makes a group.
pub(crate) fn make(cx: &mut Cx<'_>, new: New<'_>) -> usize {
    let New { construct, props, governed, mut made, guard, remedy, direct_call } = new;
    made.guard = made.guard.and(guard);
    let (mut allow_all, mut place, mut chain) = (Switch::left_out(), None, Vec::new());
    let (mut allow_ipv6, mut ipv6_place) = (Switch::left_out(), None);
    let mut property = None;
    match governed {
        Governed::By { ipv4, ipv6 } => {
            (allow_all, place, chain) = switch(props, &ipv4);
            if let Some(ipv6) = ipv6 {
                (allow_ipv6, ipv6_place, _) = switch(props, &ipv6);
            }
            property = Some(ipv4.to_string());
        }
        Governed::Open => {}
        Governed::Closed => allow_all = Switch::of(&Value::Bool(false)),
    }
    let standalone = match props.value("disable_inline_rules") {
        Some(value) if direct_call.is_some() || cx.host.is_a(construct, GROUP) => {
            let value = value.clone();
            cx.truth(&value)
        }
        _ if cx.host.context.flag(DISABLE_INLINE) => Guard::Always,
        _ => Guard::Never,
    };
    let (name, path) = names(cx, construct);
    let index = cx.host.groups.len();
    cx.host.groups.push(Group {
        construct,
        form: Form::Class,
        allow_all,
        allow_all_place: place,
        allow_all_chain: chain,
        allow_ipv6,
        allow_ipv6_place: ipv6_place,
        standalone,
        made,
        name,
        path,
        remedy,
        property,
        direct_call,
        events: Vec::new(),
        tags: Vec::new(),
    });
    if let Some(construct) = cx.host.construct_mut(construct) {
        construct.group = Some(index);
    }
    index
}

fn names(cx: &Cx<'_>, construct: NativeId) -> (String, Option<String>) {
    match cx.host.construct(construct) {
        Some(construct) => (
            construct.id.to_string(),
            construct
                .path
                .as_deref()
                .filter(|_| !cx.detached)
                .map(|path| path.strip_suffix("/Resource").unwrap_or(path).to_owned()),
        ),
        None => (String::new(), None),
    }
}

/// `ec2.SecurityGroup(…)`, directly or as the base of a class of the program.
pub(crate) fn construct(
    cx: &mut Cx<'_>,
    id: NativeId,
    props: &Props,
    made: Made,
    direct_call: Option<usize>,
) {
    let remedy =
        Remedy::Property { name: "allow_all_outbound".into(), construct: "aws_ec2.SecurityGroup".into() };
    let governed =
        Governed::By { ipv4: "allow_all_outbound".into(), ipv6: Some("allow_all_ipv6_outbound".into()) };
    make(cx, New { construct: id, props, governed, made, guard: Guard::Always, remedy, direct_call });
}

/// `ec2.CfnSecurityGroup(…)`.
pub(crate) fn construct_l1(cx: &mut Cx<'_>, id: NativeId, egress: Option<(Value, Place)>, made: Made) {
    let (name, path) = names(cx, id);
    let index = cx.host.groups.len();
    cx.host.groups.push(Group {
        construct: id,
        form: Form::Template(egress),
        allow_all: Switch::left_out(),
        allow_all_place: None,
        allow_all_chain: Vec::new(),
        allow_ipv6: Switch::left_out(),
        allow_ipv6_place: None,
        standalone: Guard::Never,
        made,
        name,
        path,
        remedy: Remedy::Rules,
        property: Some("security_group_egress".into()),
        direct_call: None,
        events: Vec::new(),
        tags: Vec::new(),
    });
    if let Some(construct) = cx.host.construct_mut(id) {
        construct.group = Some(index);
    }
}

/// `SecurityGroup.from_…(scope, id, …)`.
pub(crate) fn import(cx: &mut Cx<'_>, callee: &str, site: &CallSite, props: Props) -> Value {
    let made = made::made(cx, site);
    let direct_call = if callee == IMPORT { note_direct_call(cx, IMPORT, site, &props) } else { None };
    let scope = props.value("scope").and_then(|scope| made::construct(cx, scope));
    let id = made::id_text(props.value("id"));
    let path = made::path_below(cx, scope, &id);
    let lookup = callee != IMPORT;
    let (mut allow_all, place, _) = switch(&props, "allow_all_outbound");
    let (allow_ipv6, ipv6_place, _) = switch(&props, "allow_all_ipv6_outbound");
    let (mutable, _, _) = switch(&props, "mutable");
    if lookup {
        // The command line looks the group up and keeps the answer in cdk.context.json.
        let wanted = props.value("security_group_id").or_else(|| props.value("security_group_name"));
        let answer = wanted.and_then(Value::as_str).and_then(|wanted| cx.host.context.security_group(wanted));
        allow_all = if let Some(open) = answer {
            Switch::of(&Value::Bool(open))
        } else {
            Switch::unknown(Reason::at(
                "the group is looked up when the app is synthesized",
                site.place.clone(),
            ))
        };
    }
    let declared = if lookup {
        None
    } else {
        let may_be = allow_all.yes != Guard::Never || !allow_all.unknown.is_empty();
        place.clone().filter(|_| may_be)
    };
    let default_of = props.value("security_group_id").and_then(|value| native(cx, value)).and_then(|id| {
        match cx.host.node(id) {
            Node::Object { from: Some((owner, name)), .. } if name.contains("default_security_group") => {
                Some(*owner)
            }
            _ => None,
        }
    });
    if let Some(vpc) =
        default_of.and_then(|id| cx.host.network.vpcs.iter_mut().find(|vpc| vpc.construct == id))
    {
        // Reading the id to import the group makes nobody a member of it.
        vpc.members = vpc.members.saturating_sub(1);
    }
    let text = props.value("security_group_id").map(super::peers::shown).unwrap_or_default();
    let class: Rc<str> = GROUP.into();
    let node = cx.host.add(Node::Construct(Box::new(Construct {
        class,
        path: path.clone(),
        id: id.clone(),
        scope,
        props: props.clone(),
        made: made.clone(),
        group: Some(cx.host.groups.len()),
        instance: None,
        set: Default::default(),
    })));
    cx.host.groups.push(Group {
        construct: node,
        form: Form::Imported { mutable, id: text, declared, default_of },
        allow_all,
        allow_all_place: place,
        allow_all_chain: Vec::new(),
        allow_ipv6,
        allow_ipv6_place: ipv6_place,
        standalone: Guard::Always,
        made,
        name: id.to_string(),
        path: path.filter(|_| !cx.detached).map(|path| path.to_string()),
        remedy: Remedy::Rules,
        property: None,
        direct_call,
        events: Vec::new(),
        tags: Vec::new(),
    });
    Value::Native(node)
}

/// Adds an egress rule to a group, as the current code does.
pub(crate) fn add_rule(
    cx: &mut Cx<'_>,
    group: usize,
    guard: &Guard,
    peer: PeerRule,
    port: PortRule,
    place: Place,
    written: bool,
) {
    if cx.in_dead_code() || cx.host.muted {
        return;
    }
    let chain = cx.chain();
    let guard = cx.guard().and(guard.clone());
    let event = Event::Rule { peer, port, place, chain, written, unsure: None };
    if let Some(group) = cx.host.groups.get_mut(group) {
        group.events.push((guard, event));
    }
}

/// The groups behind a value: a group itself, an instance of a class of the program, alternatives.
pub(crate) fn groups_of(cx: &Cx<'_>, value: &Value) -> Vec<(Guard, usize)> {
    let mut groups = Vec::new();
    collect_groups(cx, value, Within::Lists, &Guard::Always, &mut Descent::new(), &mut groups);
    groups
}

/// The groups that code can get hold of through a value: those of [`groups_of`], and those in dictionaries, sets and
/// plain objects of the program, and those of `Connections`. Not what hangs on a construct: nearly every call is handed one, as its scope.
pub(crate) fn groups_within(cx: &Cx<'_>, value: &Value) -> Vec<(Guard, usize)> {
    let mut groups = Vec::new();
    collect_groups(cx, value, Within::Everything, &Guard::Always, &mut Descent::new(), &mut groups);
    groups
}

#[derive(Clone, Copy, PartialEq)]
enum Within {
    Lists,
    Everything,
}

fn collect_groups(
    cx: &Cx<'_>,
    value: &Value,
    within: Within,
    when: &Guard,
    descent: &mut Descent,
    groups: &mut Vec<(Guard, usize)>,
) {
    tidegate_program::count_work(1);
    let mut each = |inner: &mut dyn Iterator<Item = (&Guard, &Value)>| {
        descent.enter(value, |descent| {
            for (guard, value) in inner {
                collect_groups(cx, value, within, &when.clone().and(guard.clone()), descent, groups);
            }
        });
    };
    let everything = within == Within::Everything;
    match value {
        Value::OneOf(alternatives) => each(&mut alternatives.iter().map(|(guard, value)| (guard, value))),
        Value::Tuple(items) => each(&mut items.iter().map(|value| (&Guard::Always, value))),
        Value::List(id) => {
            let items = cx.heap.items(*id).map_or(&[][..], |items| &items.items);
            each(&mut items.iter().map(|(guard, value)| (guard, value)));
        }
        Value::Set(id) if everything => {
            let items = cx.heap.items(*id).map_or(&[][..], |items| &items.items);
            each(&mut items.iter().map(|(guard, value)| (guard, value)));
        }
        Value::Dict(id) if everything => {
            if let Some(map) = cx.heap.map(*id) {
                each(&mut map.entries.values().map(|value| (&Guard::Always, value)));
            }
        }
        Value::Instance(id) if everything && native(cx, value).is_none() => {
            if let Some(instance) = cx.heap.instance(*id) {
                each(&mut instance.attributes.values().map(|variable| (&Guard::Always, &variable.value)));
            }
        }
        value => {
            let Some(id) = native(cx, value) else { return };
            let group = match cx.host.node(id) {
                Node::Construct(construct) => construct.group,
                Node::DefaultChild(group) => Some(*group),
                Node::Connections(connections) if everything => {
                    let of = connections.groups.iter();
                    groups.extend(of.map(|(guard, group)| (when.clone().and(guard.clone()), *group)));
                    None
                }
                _ => None,
            };
            groups.extend(group.map(|group| (when.clone(), group)));
        }
    }
}

/// A symbolic name for a group as somebody's peer.
pub(crate) fn group_name(cx: &Cx<'_>, group: usize) -> String {
    let group = &cx.host.groups[group];
    match &group.form {
        Form::Imported { id, .. } if !id.is_empty() && id != "…" => id.clone(),
        _ => group.path.clone().unwrap_or_else(|| group.name.clone()),
    }
}
