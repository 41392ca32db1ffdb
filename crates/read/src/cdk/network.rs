//! What is not a construct with hidden groups: L1 resources, VPCs with their default group, prefix
//! lists, parameters and conditions.

use super::Cdk;
use super::groups::Event;
use super::made::native;
use super::nodes::{Made, Node, PropValues, Props};
use super::peers::cidr;
use super::{is_a, library, security_group};
use std::collections::BTreeMap;
use std::rc::Rc;
use tidegate_estate::{
    Action, Cause, Confirmation, Dialect, Direction, Guard, IpNet, Ipv4Net, Ipv6Net, Peer, Place, Policy,
    PolicyKind, PortMatch, PrefixList, Presence, ProtocolMatch, Provider, Reason, Remedy, Rule,
    Value as Known,
};
use tidegate_program::{Interp, NativeId, Value};

type Cx<'f> = Interp<Cdk<'f>>;

const RESTRICT_DEFAULT: &str = "@aws-cdk/aws-ec2:restrictDefaultSecurityGroup";

/// What the program makes beside groups.
#[derive(Debug, Default)]
pub(crate) struct Network {
    /// VPCs.
    pub vpcs: Vec<Vpc>,
    /// Customer prefix lists, with the construct of each.
    pub prefix_lists: Vec<(NativeId, PrefixList)>,
    /// Network ACLs and their entries.
    pub acls: Vec<super::acl::Acl>,
    /// Standalone L1 egress rules on groups that are not the program's.
    pub loose: Vec<Loose>,
    /// Tags put on everything below a construct.
    pub tags: Vec<(NativeId, String, String)>,
}

/// A standalone rule on a group that is not the program's.
#[derive(Debug)]
pub(crate) struct Loose {
    construct: NativeId,
    made: Made,
    path: Option<String>,
    name: String,
    rule: Rule,
}

/// A VPC.
#[derive(Debug)]
pub(crate) struct Vpc {
    pub construct: NativeId,
    pub made: Made,
    pub name: String,
    pub path: Option<String>,
    /// When its default group's IPv4 rule is taken away.
    pub restricted: Guard,
    /// Why nobody can know whether it is.
    pub unsure: Option<Reason>,
    /// Whether it has IPv6.
    pub ipv6: bool,
    /// Its block, if known.
    pub block: Option<IpNet>,
    /// How often the default group is referred to.
    pub members: u32,
    /// Rules that are added to its default group.
    pub rules: Vec<Rule>,
}

/// Takes a construct that has no hidden groups of its own; `false` = it is not one of these.
pub(crate) fn construct(cx: &mut Cx<'_>, id: NativeId, class: &Rc<str>, props: &Props, made: &Made) -> bool {
    match &**class {
        "aws_cdk.aws_ec2.CfnSecurityGroup" => {
            let egress = props
                .named
                .get("security_group_egress")
                .filter(|argument| !matches!(argument.value, Value::None | Value::Missing))
                .map(|argument| (argument.value.clone(), argument.place.clone()));
            security_group::construct_l1(cx, id, egress, made.clone());
        }
        "aws_cdk.aws_ec2.CfnSecurityGroupEgress" => {
            let fields: Vec<(Rc<str>, Value)> =
                props.named.iter().map(|(name, argument)| (name.clone(), argument.value.clone())).collect();
            standalone(cx, id, &fields, made);
        }
        "aws_cdk.CfnResource" => raw(cx, id, props, made),
        "aws_cdk.CfnParameter" => parameter(cx, id, props, made),
        "aws_cdk.CfnCondition" => {
            let name = cx.host.construct(id).map(|c| c.id.to_string()).unwrap_or_default();
            let expression = props.value("expression").cloned().unwrap_or(Value::None);
            let guard = match super::tokens::condition(cx, &expression) {
                Some(guard) => guard,
                None => {
                    let names = vec!["true".into(), "false".into()];
                    Guard::is(cx.choose(format!("condition {name}"), names, Some(made.callee.clone())), 0)
                }
            };
            cx.host.nodes[id.0 as usize] = Node::Condition { guard };
        }
        "aws_cdk.aws_ec2.CfnVPC" => vpc(cx, id, props, made, Guard::Never, None),
        "aws_cdk.aws_ec2.CfnPrefixList" | "aws_cdk.aws_ec2.PrefixList" => prefix_list(cx, id, props, made),
        "aws_cdk.aws_ec2.NetworkAcl" | "aws_cdk.aws_ec2.CfnNetworkAcl" => super::acl::make(cx, id, made),
        "aws_cdk.aws_ec2.NetworkAclEntry" | "aws_cdk.aws_ec2.CfnNetworkAclEntry" => {
            super::acl::entry(
                cx,
                props.value("network_acl").or_else(|| props.value("network_acl_id")).cloned(),
                props,
                made,
            );
        }
        _ if is_a(class, "aws_cdk.aws_ec2.Vpc") => {
            let (restricted, unsure) = restricted(cx, props);
            vpc(cx, id, props, made, restricted, unsure);
            return false;
        }
        _ => return false,
    }
    true
}

fn restricted(cx: &mut Cx<'_>, props: &Props) -> (Guard, Option<Reason>) {
    let flag = if cx.host.context.flag(RESTRICT_DEFAULT) { Guard::Always } else { Guard::Never };
    match props.value("restrict_default_security_group").cloned() {
        None => (flag, props.open.clone()),
        Some(Value::None) => (flag, None),
        Some(Value::Unknown(unknown)) => (Guard::Never, Some(unknown.reason.clone())),
        Some(value) => (cx.truth(&value), None),
    }
}

fn vpc(cx: &mut Cx<'_>, id: NativeId, props: &Props, made: &Made, restricted: Guard, unsure: Option<Reason>) {
    let (name, path) = match cx.host.construct(id) {
        Some(construct) => (construct.id.to_string(), construct.path.as_deref().map(str::to_owned)),
        None => return,
    };
    let dual = props
        .value("ip_protocol")
        .is_some_and(|value| matches!(value, Value::External(path) if path.ends_with(".DUAL_STACK")));
    let block = block(cx, props);
    cx.host.network.vpcs.push(Vpc {
        construct: id,
        made: made.clone(),
        name,
        path: path.filter(|_| !cx.detached),
        restricted,
        unsure,
        ipv6: dual,
        block,
        members: 0,
        rules: Vec::new(),
    });
}

/// The VPC's block: as given, else the library's default.
fn block(cx: &Cx<'_>, props: &Props) -> Option<IpNet> {
    let given = props.value("cidr").or_else(|| props.value("cidr_block"));
    match (given, props.value("ip_addresses")) {
        (Some(Value::Str(text)), _) => cidr(text).ok(),
        (Some(_), _) => None,
        (None, Some(addresses)) => match native(cx, addresses).map(|id| cx.host.node(id)) {
            Some(Node::Object { props, .. }) => match props.value("cidr_block") {
                Some(Value::Str(text)) => cidr(text).ok(),
                _ => None,
            },
            _ => None,
        },
        // `ec2.Vpc` without either takes 10.0.0.0/16 (aws-cdk-lib, aws-ec2/lib/vpc.js).
        (None, None) if props.open.is_none() => "10.0.0.0/16".parse().ok(),
        (None, None) => None,
    }
}

/// A standalone egress rule: joins the group that it names.
pub(crate) fn standalone(cx: &mut Cx<'_>, id: NativeId, fields: &[(Rc<str>, Value)], made: &Made) {
    let get = |name: &str| {
        fields
            .iter()
            .find(|(field, _)| field.replace('_', "").eq_ignore_ascii_case(name))
            .map(|(_, value)| value.clone())
    };
    let group = get("groupid");
    let mapping: Vec<(String, Value)> = fields
        .iter()
        .map(|(name, value)| (name.replace('_', "").to_ascii_lowercase(), value.clone()))
        .collect();
    let guard = made.guard.clone();
    let target = group.as_ref().and_then(|value| native(cx, value));
    if let Some(target) = target {
        let (owner, attribute) = match cx.host.node(target) {
            Node::Object { from: Some((owner, attribute)), .. } => (*owner, Some(attribute.clone())),
            _ => (target, None),
        };
        let group = match cx.host.node(owner) {
            Node::Construct(construct) => construct.group,
            Node::DefaultChild(group) => Some(*group),
            _ => None,
        };
        if let Some(group) = group {
            let props = Props::from(PropValues {
                named: fields
                    .iter()
                    .map(|(name, value)| {
                        let argument = tidegate_program::NamedArgument {
                            name: name.clone(),
                            value: value.clone(),
                            place: made.call.clone(),
                            splatted: false,
                            written: None,
                        };
                        (name.clone(), argument)
                    })
                    .collect(),
                ..PropValues::default()
            });
            let rule = cx.host.add(Node::Object {
                class: "aws_cdk.aws_ec2.CfnSecurityGroupEgress".into(),
                props,
                from: None,
            });
            let event =
                Event::Standalone { construct: id, rule: Value::Native(rule), place: made.call.clone() };
            cx.host.groups[group].events.push((guard, event));
            return;
        }
        if attribute.as_deref().is_some_and(|name| name.contains("default_security_group")) {
            let rule = super::rules::one(cx, &mapping, &made.call, &guard);
            if let Some(vpc) = cx.host.network.vpcs.iter_mut().find(|vpc| vpc.construct == owner) {
                vpc.rules.push(rule);
                return;
            }
        }
    }
    let rule = super::rules::one(cx, &mapping, &made.call, &guard);
    let (name, path) = match cx.host.construct(id) {
        Some(construct) => (construct.id.to_string(), construct.path.as_deref().map(str::to_owned)),
        None => (String::new(), None),
    };
    let path = path.filter(|_| !cx.detached);
    cx.host.network.loose.push(Loose { construct: id, made: made.clone(), path, name, rule });
}

/// `CfnResource(type=…, properties=…)`.
fn raw(cx: &mut Cx<'_>, id: NativeId, props: &Props, made: &Made) {
    let Some(Value::Str(kind)) = props.value("type").cloned() else { return };
    let place =
        props.named.get("properties").map_or_else(|| made.call.clone(), |argument| argument.place.clone());
    let properties = match props.value("properties") {
        Some(Value::Dict(map)) => cx.heap.map(*map).cloned(),
        _ => None,
    };
    let get = |name: &str| {
        properties
            .as_ref()
            .and_then(|map| map.entries.get(&tidegate_program::value::Key::Str(name.into())))
            .cloned()
    };
    match &*kind {
        "AWS::EC2::SecurityGroup" => {
            let egress = get("SecurityGroupEgress").map(|value| (value, place));
            security_group::construct_l1(cx, id, egress, made.clone());
        }
        "AWS::EC2::SecurityGroupEgress" => {
            let fields: Vec<(Rc<str>, Value)> = properties
                .map(|map| {
                    map.entries
                        .into_iter()
                        .filter_map(|(key, value)| match key {
                            tidegate_program::value::Key::Str(name) => Some((name, value)),
                            _ => None,
                        })
                        .collect()
                })
                .unwrap_or_default();
            standalone(cx, id, &fields, made);
        }
        _ => {}
    }
}

/// A template parameter: its default and listed values are written down, anything else may be given.
fn parameter(cx: &mut Cx<'_>, id: NativeId, props: &Props, made: &Made) {
    let name: Rc<str> = cx.host.construct(id).map(|c| c.id.clone()).unwrap_or_default();
    let allowed = props.value("allowed_values").cloned().and_then(|value| cx.elements(&value));
    let default = props.value("default").cloned();
    let place = made.callee.clone();
    let values = match (allowed, default) {
        (Some((items, None)), _) if !items.is_empty() => {
            let names = items.iter().map(|(_, value)| super::peers::shown(value)).collect();
            let choice = cx.choose(format!("parameter {name}"), names, Some(place));
            let alternatives =
                items.into_iter().enumerate().map(|(at, (_, v))| (Guard::is(choice, at as u32), v)).collect();
            tidegate_program::heap::one_of(alternatives)
        }
        (_, Some(default)) if !matches!(default, Value::None) => {
            let choice = cx.choose(
                format!("parameter {name}"),
                vec![super::peers::shown(&default), "another value".into()],
                Some(place.clone()),
            );
            let other = cx.unknown(Reason::at(format!("parameter {name} may be given another value"), place));
            tidegate_program::heap::either(&Guard::is(choice, 0), default, other)
        }
        _ => cx.unknown(Reason::at(format!("parameter {name} has no default"), place)),
    };
    cx.host.nodes[id.0 as usize] = Node::Parameter { values };
}

fn prefix_list(cx: &mut Cx<'_>, id: NativeId, props: &Props, made: &Made) {
    let name = cx.host.construct(id).map(|c| c.id.to_string()).unwrap_or_default();
    let mut entries = Vec::new();
    let given = props.value("entries").cloned();
    match given.as_ref().map(|value| cx.elements(value)) {
        Some(Some((items, open))) => {
            for (guard, item) in items {
                let block = super::constructs::field(cx, &item, "cidr").unwrap_or(Value::None);
                let net = super::convert::convert(&block, &mut |value| match value {
                    Value::Str(text) => cidr(text),
                    _ => Err(Reason::at("the entry is only known at deployment", made.call.clone())),
                });
                entries.push((guard, net));
            }
            if let Some(reason) = open {
                entries.push((Guard::Always, Known::Unknown(reason)));
            }
        }
        Some(None) => entries.push((
            Guard::Always,
            Known::Unknown(Reason::at("its entries are not known", made.call.clone())),
        )),
        None => {}
    }
    let list = PrefixList { name, entries, place: made.callee.clone() };
    cx.host.network.prefix_lists.push((id, list));
}

impl Cdk<'_> {
    /// The value with template parameters replaced by what they may be.
    pub(crate) fn expand(&self, value: &Value) -> Value {
        match value {
            Value::Native(id) => match self.node(*id) {
                Node::Parameter { values, .. } => values.clone(),
                _ => value.clone(),
            },
            Value::OneOf(alternatives) => tidegate_program::heap::one_of(
                alternatives.iter().map(|(guard, value)| (guard.clone(), self.expand(value))).collect(),
            ),
            value => value.clone(),
        }
    }

    /// An address block that is not a plain string: a parameter, a VPC's own block. `None` = a string.
    pub(crate) fn block_of(&self, value: &Value) -> Option<Known<Peer>> {
        let value = self.expand(value);
        Some(match &value {
            Value::OneOf(alternatives) => Known::OneOf(
                alternatives
                    .iter()
                    .filter(|(_, value)| !matches!(value, Value::Missing))
                    .map(|(guard, value)| {
                        let one = self.block_of(value).unwrap_or_else(|| plain_block(value));
                        (guard.clone(), one)
                    })
                    .collect(),
            ),
            Value::Native(id) => match self.node(*id) {
                Node::Object { from: Some((owner, attribute)), .. }
                    if matches!(&**attribute, "vpc_cidr_block" | "attr_cidr_block") =>
                {
                    match self.network.vpcs.iter().find(|vpc| vpc.construct == *owner) {
                        Some(Vpc { block: Some(block), .. }) => Known::Known(Peer::Cidr(*block)),
                        _ => Known::Known(Peer::Group("the addresses of a VPC".into())),
                    }
                }
                Node::Object { class, from: Some(_), .. }
                    if self.subnet_block(*id).is_some() && !class.starts_with("list<") =>
                {
                    Known::Known(Peer::Group("the addresses of a subnet".into()))
                }
                _ => return None,
            },
            _ => return None,
        })
    }

    /// Whether a token is the block of a subnet.
    fn subnet_block(&self, id: NativeId) -> Option<()> {
        let Node::Object { from: Some((_, attribute)), .. } = self.node(id) else { return None };
        matches!(&**attribute, "ipv4_cidr_block" | "ipv6_cidr_block").then_some(())
    }

    /// The prefix list that a value names.
    pub(crate) fn prefix_list(&self, value: &Value) -> Known<Peer> {
        let value = self.expand(value);
        super::convert::convert(&value, &mut |value| match value {
            Value::Str(text) => crate::cloudformation::managed_prefix_lists::name_of(text)
                .map(Peer::ManagedPrefixList)
                .ok_or_else(|| Reason::new(format!("prefix list {text} is not in the code that was read"))),
            Value::Native(id) => {
                let owner = match self.node(*id) {
                    Node::Object { from: Some((owner, _)), .. } => *owner,
                    _ => *id,
                };
                if let Some(at) = self.network.prefix_lists.iter().position(|(list, _)| *list == owner) {
                    return Ok(Peer::PrefixList(at));
                }
                match self.node(owner) {
                    Node::Object { props, .. }
                        if props.value("prefix_list_name").is_some_and(
                            |name| matches!(name, Value::Str(name) if name.starts_with("com.amazonaws.")),
                        ) =>
                    {
                        Ok(Peer::ManagedPrefixList(super::peers::shown(
                            props.value("prefix_list_name").unwrap_or(&Value::None),
                        )))
                    }
                    _ => Err(Reason::new("the prefix list is not in the code that was read")),
                }
            }
            _ => Err(Reason::new("the prefix list is not in the code that was read")),
        })
    }
}

fn plain_block(value: &Value) -> Known<Peer> {
    match value {
        Value::Str(text) => match cidr(text) {
            Ok(net) => Known::Known(Peer::Cidr(net)),
            Err(reason) => Known::Unknown(reason),
        },
        Value::Unknown(unknown) => Known::Unknown(unknown.reason.clone()),
        _ => Known::Unknown(Reason::new("the address block is only known at deployment")),
    }
}

/// The default groups, as policies of their own.
pub(crate) fn policies(cx: &mut Cx<'_>) -> Vec<Policy> {
    let mut policies = Vec::new();
    let vpcs = std::mem::take(&mut cx.host.network.vpcs);
    for vpc in &vpcs {
        let open = |ipv6: bool, guard: Guard, presence: Presence| Rule {
            direction: Direction::Egress,
            action: Action::Allow,
            priority: None,
            protocol: Known::Known(ProtocolMatch::Any),
            ports: Known::Known(PortMatch::Any),
            peer: Known::Known(Peer::Cidr(if ipv6 {
                IpNet::V6(Ipv6Net::default())
            } else {
                IpNet::V4(Ipv4Net::default())
            })),
            guard,
            presence,
            cause: Cause::LeftOut { property: "restrict_default_security_group".into() },
            place: vpc.made.callee.clone(),
            chain: Vec::new(),
        };
        let presence = match &vpc.unsure {
            Some(reason) => Presence::Unknown(reason.clone()),
            None => Presence::Present,
        };
        let mut rules = Vec::new();
        let stays = vpc.restricted.clone().negate();
        if stays != Guard::Never {
            rules.push(open(false, stays, presence));
        }
        if vpc.ipv6 {
            // The custom resource that restricts the group takes only the IPv4 rule away.
            rules.push(open(true, Guard::Always, Presence::Present));
        }
        rules.extend(vpc.rules.iter().cloned());
        policies.push(Policy {
            kind: PolicyKind::DefaultSecurityGroup,
            remedy: Remedy::DefaultGroup,
            members: Some(vpc.members),
            ..plain(
                &vpc.made,
                vpc.name.clone(),
                vpc.path.as_ref().map(|path| format!("{path}.DefaultSecurityGroup")),
                rules,
            )
        });
    }
    cx.host.network.vpcs = vpcs;
    for loose in std::mem::take(&mut cx.host.network.loose) {
        let mut rule = loose.rule;
        if let Some(guard) = cx.host.conditions.get(&loose.construct) {
            rule.guard = rule.guard.and(guard.clone());
        }
        policies.push(plain(&loose.made, loose.name, loose.path, vec![rule]));
    }
    policies
}

/// A group of plain rules.
pub(crate) fn plain(made: &Made, name: String, path: Option<String>, rules: Vec<Rule>) -> Policy {
    Policy {
        kind: PolicyKind::SecurityGroup,
        provider: Provider::Aws,
        dialect: Dialect::CdkPython,
        name: Some(name),
        path,
        enclosing: made.enclosing.as_deref().map(str::to_owned),
        account: None,
        region: None,
        tags: BTreeMap::new(),
        exists: made.guard.clone(),
        confirmation: Confirmation::Created,
        place: made.callee.clone(),
        block: made.call.clone(),
        apart: Vec::new(),
        chain: made.chain.to_vec(),
        rules,
        ignored: Vec::new(),
        opaque: Vec::new(),
        members: None,
        remedy: Remedy::Rules,
        direct_call: None,
    }
}

/// Where a property of a call is written, or the call itself.
pub(crate) fn place_of(props: &Props, name: &str, made: &Made) -> Place {
    props.named.get(name).map_or_else(|| made.call.clone(), |argument| argument.place.clone())
}

/// Whether the library knows a type of this name.
pub(crate) fn is_known(name: &str) -> bool {
    library::lookup(name).is_some()
}
