//! Security groups to policies.

use super::lists::Lists;
use super::records::{Group, PeerText, Permission, Seat};
use crate::cloudformation::{port_match, protocol};
use std::collections::BTreeMap;
use tidegate_estate::{
    Action, Cause, Confirmation, Dialect, Direction, Estate, Guard, Hidden, Opaque, Peer, Policy, PolicyKind,
    Presence, ProtocolMatch, Provider, Reason, Remedy, Rule, Value,
};

/// What is said about one group: usually once, in several dumps perhaps differently.
pub(super) fn policy(told: &[Group], seat: Seat, lists: &Lists, estate: &mut Estate) -> Option<Policy> {
    let first = told.first()?;
    let name = first.name.clone();
    let kind = match name.as_deref() {
        // The API gives the name `default` to a VPC's default group and to no other.
        Some("default") => PolicyKind::DefaultSecurityGroup,
        _ => PolicyKind::SecurityGroup,
    };
    let mut policy = Policy {
        kind,
        provider: Provider::Aws,
        dialect: Dialect::AwsDump,
        name,
        path: Some(first.id.clone()),
        enclosing: None,
        account: seat.account,
        region: seat.region,
        tags: first.tags.clone(),
        exists: Guard::Always,
        confirmation: Confirmation::Created,
        place: first.named.clone(),
        block: first.place.clone(),
        apart: Vec::new(),
        chain: vec![],
        rules: vec![],
        ignored: vec![],
        opaque: vec![],
        members: None,
        remedy: if kind == PolicyKind::DefaultSecurityGroup { Remedy::DefaultGroup } else { Remedy::Rules },
        direct_call: None,
    };
    let versions = versions(told);
    let choice = match &versions[..] {
        [] => {
            policy.opaque.push(Opaque {
                reason: Reason::at(
                    "the answer was cut down: it does not show the group's outbound rules",
                    first.place.clone(),
                ),
                guard: Guard::Always,
            });
            return Some(policy);
        }
        [_] => None,
        many => {
            let files: Vec<String> = many.iter().map(|group| group.place.path.to_string()).collect();
            let name = format!("the answers differ about {}", first.id);
            Some(estate.choice(name, files, Some(first.place.clone())))
        }
    };
    for (index, group) in versions.iter().enumerate() {
        let guard = choice.map_or(Guard::Always, |choice| Guard::is(choice, index as u32));
        for permission in group.permissions.iter().flatten() {
            policy.rules.push(rule(permission, guard.clone(), lists));
            // A rule from an answer of its own is not written in the group.
            if !group.place.contains(&permission.place) {
                policy.apart.push(permission.place.clone());
            }
        }
    }
    Some(policy)
}

/// The different things that are said about a group's rules, each once.
fn versions(told: &[Group]) -> Vec<&Group> {
    // Mostly a group is told once, and there is nothing to compare.
    if let [only] = told {
        return only.permissions.iter().map(|_| only).collect();
    }
    type Told<'p> = (bool, Option<&'p str>, Option<i64>, Option<i64>, String);
    let told_of = |group: &Group| -> BTreeMap<String, ()> {
        group
            .permissions
            .iter()
            .flatten()
            .map(|p| {
                let told: Told<'_> = (p.egress, p.protocol.as_deref(), p.from, p.to, format!("{:?}", p.peer));
                (format!("{told:?}"), ())
            })
            .collect()
    };
    let mut different: Vec<(BTreeMap<String, ()>, &Group)> = Vec::new();
    for group in told.iter().filter(|group| group.permissions.is_some()) {
        let told = told_of(group);
        if !different.iter().any(|(known, _)| *known == told) {
            different.push((told, group));
        }
    }
    different.into_iter().map(|(_, group)| group).collect()
}

fn rule(permission: &Permission, guard: Guard, lists: &Lists) -> Rule {
    let place = &permission.place;
    let protocol: Value<ProtocolMatch> = match &permission.protocol {
        Some(text) => {
            protocol(text).map_or_else(|why| Value::Unknown(Reason::at(why, place.clone())), Value::Known)
        }
        None => Value::Unknown(Reason::at("the rule names no protocol", place.clone())),
    };
    let ports = match &protocol {
        Value::Known(protocol @ ProtocolMatch::Number(1 | 6 | 17 | 58)) => {
            port_match(*protocol, permission.from, permission.to).map_or_else(Value::Unknown, Value::Known)
        }
        _ => Value::Known(tidegate_estate::PortMatch::Any),
    };
    let peer = match &permission.peer {
        PeerText::Block(block) => Value::Known(Peer::Cidr(*block)),
        PeerText::Unreadable(family, why) => {
            Value::Known(Peer::Hidden(Hidden::of(*family, Reason::at(why.as_str(), place.clone()))))
        }
        PeerText::List(id) => lists.peer(id, place),
        PeerText::Group(id) => Value::Known(Peer::Group(id.clone())),
        PeerText::Missing => Value::Unknown(Reason::at("the rule names no other end", place.clone())),
    };
    Rule {
        direction: if permission.egress { Direction::Egress } else { Direction::Ingress },
        action: Action::Allow,
        priority: None,
        protocol,
        ports,
        peer,
        guard,
        presence: Presence::Present,
        cause: Cause::Written,
        place: place.clone(),
        chain: vec![],
    }
}
