//! The outbound rules of a policy as a table, the ones that matter marked.

use crate::data::{Origins, Policy};
use std::collections::{BTreeMap, BTreeSet};
use tidegate_audit::{Finding, measure};
use tidegate_estate::{
    Action, Cause, Direction, Guard, IpNet, Peer, PortMatch, Presence, ProtocolMatch, Provider, Rule, Value,
};
use tidegate_reach::policy as reach;
use tidegate_space::{IpFamily, PacketSet, Services, internet};

/// Worlds that are looked into for which rules matter.
const WORLDS: usize = 16;

/// One rule, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleRow {
    /// Its number where rules are ordered.
    pub priority: String,
    /// `allow` or `deny`.
    pub action: &'static str,
    /// `any`, `tcp` …
    pub protocol: String,
    /// `443`, `all` …
    pub ports: String,
    /// Where to.
    pub destination: String,
    /// Who made it: `app.py:12`, or the platform.
    pub source: String,
    /// Whether it lets out what the finding is about.
    pub marked: bool,
}

/// The outbound rules of a policy, in the order in which they are evaluated, else as they are written.
pub fn outbound(of: &Policy<'_>, finding: &Finding, origins: &dyn Origins) -> Vec<RuleRow> {
    let marked = marked(of, finding);
    let egress =
        |(_, rule): &(usize, &Rule)| rule.direction == Direction::Egress && rule.guard != Guard::Never;
    let mut rules: Vec<(usize, &Rule)> = of.policy.rules.iter().enumerate().filter(egress).collect();
    rules.sort_by_key(|(_, rule)| match &rule.priority {
        Some(Value::Known(number)) => *number,
        _ => u32::MAX,
    });
    rules
        .into_iter()
        .map(|(index, rule)| RuleRow {
            priority: rule.priority.as_ref().map_or_else(String::new, |p| value(p, ToString::to_string)),
            action: match rule.action {
                Action::Allow => "allow",
                Action::Deny => "deny",
            },
            protocol: value(&rule.protocol, protocol),
            ports: value(&rule.ports, ports),
            destination: value(&rule.peer, |peer| destination(peer, of)),
            source: source(rule, origins),
            marked: marked.contains(&index),
        })
        .collect()
}

/// The rules of a policy that matter for a finding.
pub fn marked_rules<'a>(of: &Policy<'a>, finding: &Finding) -> Vec<&'a Rule> {
    marked(of, finding).into_iter().filter_map(|index| of.policy.rules.get(index)).collect()
}

/// The rules that let out a large part of the Internet; where none does by itself, all that let some of it out.
fn marked(of: &Policy<'_>, finding: &Finding) -> BTreeSet<usize> {
    let worlds = reach::worlds_of(of.policy, of.estate, WORLDS).unwrap_or_default();
    let mut lets_out: BTreeMap<usize, PacketSet> = BTreeMap::new();
    for world in worlds.iter().take(WORLDS) {
        for one in reach::in_world(of.policy, of.estate, world).contributions {
            let set = lets_out.entry(one.rule).or_insert_with(PacketSet::empty);
            *set = set.union(&one.set);
        }
    }
    let concerns = |set: &PacketSet, least: f64| {
        IpFamily::BOTH.into_iter().any(|family| {
            let wanted = if finding.allows.set.is_empty() { true } else { finding.allows.set.has(family) };
            wanted && measure::share_reached(set, family) > least
        })
    };
    let of_share = |least: f64| -> BTreeSet<usize> {
        lets_out.iter().filter(|(_, set)| concerns(set, least)).map(|(rule, _)| *rule).collect()
    };
    let large = of_share(measure::LARGE);
    if large.is_empty() { of_share(0.0) } else { large }
}

/// A value in words: alternatives with `or`, what nobody can know with its reason.
fn value<T>(value_of: &Value<T>, word: impl Fn(&T) -> String + Copy) -> String {
    match value_of {
        Value::Known(known) => word(known),
        Value::Unknown(reason) => format!("unknown: {}", reason.text),
        Value::OneOf(alternatives) => {
            let words: BTreeSet<String> = alternatives.iter().map(|(_, one)| value(one, word)).collect();
            words.into_iter().collect::<Vec<_>>().join(" or ")
        }
    }
}

fn protocol(matched: &ProtocolMatch) -> String {
    match matched {
        ProtocolMatch::Any => "any".to_owned(),
        ProtocolMatch::Number(number) => tidegate_audit::allows::protocol_name(*number),
    }
}

fn ports(matched: &PortMatch) -> String {
    match matched {
        PortMatch::Any => "all".to_owned(),
        PortMatch::Range(0, u16::MAX) => "all".to_owned(),
        PortMatch::Range(from, to) if from == to => from.to_string(),
        PortMatch::Range(from, to) => format!("{from}–{to}"),
        PortMatch::Icmp(None, _) => "all".to_owned(),
        PortMatch::Icmp(Some(of), None) => format!("type {of}"),
        PortMatch::Icmp(Some(of), Some(code)) => format!("type {of}, code {code}"),
        PortMatch::Nothing => "none".to_owned(),
    }
}

fn destination(peer: &Peer, of: &Policy<'_>) -> String {
    match peer {
        Peer::Cidr(IpNet::V4(block)) if block.prefix_len() == 0 => format!("{block} (all IPv4)"),
        Peer::Cidr(IpNet::V6(block)) if block.prefix_len() == 0 => format!("{block} (all IPv6)"),
        Peer::Cidr(block) => block.to_string(),
        Peer::Group(name) if of.policy.provider == Provider::Azure => {
            format!("{name} (service tag or group)")
        }
        Peer::Group(name) => format!("members of {name}"),
        Peer::PrefixList(index) => {
            let list = of.estate.prefix_lists.get(*index);
            list.map_or_else(|| "a prefix list".to_owned(), |list| format!("prefix list {}", list.name))
        }
        Peer::ManagedPrefixList(name) => format!("{name} (managed by the platform)"),
        Peer::Hidden(hidden) => format!("unknown, within {}: {}", hidden.within, hidden.reason.text),
    }
}

fn source(rule: &Rule, origins: &dyn Origins) -> String {
    let at = format!("{}:{}", rule.place.path, origins.line(&rule.place));
    let made = match &rule.cause {
        Cause::Written => at,
        Cause::LeftOut { property } => format!("the platform, as {property} says nothing"),
        Cause::Construct => format!("the construct at {at}"),
        Cause::Platform { rule } => format!("the platform ({rule})"),
    };
    match (&rule.presence, &rule.guard) {
        (Presence::Unknown(reason), _) => format!("{made}; perhaps: {}", reason.text),
        (_, Guard::Always) => made,
        _ => format!("{made}; under a condition"),
    }
}

/// Whether the inbound rules of a policy let everything in from practically all of a family's Internet.
pub fn inbound_is_open(of: &Policy<'_>) -> bool {
    let mut turned = of.policy.clone();
    for rule in &mut turned.rules {
        rule.direction = match rule.direction {
            Direction::Ingress => Direction::Egress,
            Direction::Egress => Direction::Ingress,
        };
    }
    let worlds = reach::worlds_of(&turned, of.estate, WORLDS).unwrap_or_default();
    worlds.iter().take(WORLDS).any(|world| {
        let set = reach::in_world(&turned, of.estate, world).must;
        IpFamily::BOTH.into_iter().any(|family| {
            let whole = internet::addresses(family);
            set.addresses_for(family, &Services::all()).share_of(whole) >= measure::OPEN
        })
    })
}
