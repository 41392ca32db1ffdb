//! What a group lets out, in a form that source and template can be compared in.
//!
//! Names of peers differ between the two (construct paths and logical ids), so a symbolic peer counts
//! by its kind. The library's placeholder for "no egress" lets nothing out and is left aside.

use std::collections::{BTreeMap, BTreeSet};
use tidegate_estate::{
    Confirmation, Direction, Estate, IpNet, Peer, Policy, PolicyKind, PortMatch, Presence, ProtocolMatch,
    Value, World,
};
use tidegate_reach::policy;

/// What one group lets out in one world.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Outcome {
    /// Exact rows towards addresses.
    must: Vec<String>,
    /// Rows that only something unknown adds.
    unknown: Vec<String>,
    /// Rules towards groups and lists, by kind.
    symbolic: BTreeSet<String>,
}

impl Outcome {
    /// Whether something in it cannot be known.
    pub fn is_open_question(&self) -> bool {
        !self.unknown.is_empty()
    }
}

/// The outcomes in every world, by construct path of the group.
pub fn outcomes(estates: &[Estate]) -> BTreeMap<String, BTreeSet<Outcome>> {
    let mut all: BTreeMap<String, Vec<(&Policy, &Estate)>> = BTreeMap::new();
    for estate in estates {
        for policy in &estate.policies {
            if policy.kind != PolicyKind::SecurityGroup || policy.confirmation == Confirmation::Declared {
                continue;
            }
            let Some(path) = &policy.path else { continue };
            all.entry(group_path(path)).or_default().push((policy, estate));
        }
    }
    all.into_iter()
        .map(|(path, parts)| {
            let mut worlds: BTreeSet<Outcome> = BTreeSet::from([Outcome::default()]);
            for (policy, estate) in parts {
                let one = in_worlds(policy, estate);
                worlds = worlds.iter().flat_map(|a| one.iter().map(|b| join(a, b))).collect();
            }
            (path, worlds)
        })
        .collect()
}

/// A standalone rule on a group that the program only imports stands below the import.
fn group_path(path: &str) -> String {
    match path.rsplit_once('/') {
        Some((group, last)) if last.starts_with("to ") || last.starts_with("from ") => group.to_owned(),
        _ => path.to_owned(),
    }
}

fn join(a: &Outcome, b: &Outcome) -> Outcome {
    let rows = |a: &[String], b: &[String]| {
        let mut all: Vec<String> = a.iter().chain(b).cloned().collect();
        all.sort();
        all.dedup();
        all
    };
    Outcome {
        must: rows(&a.must, &b.must),
        unknown: rows(&a.unknown, &b.unknown),
        symbolic: a.symbolic.union(&b.symbolic).cloned().collect(),
    }
}

fn in_worlds(policy: &Policy, estate: &Estate) -> BTreeSet<Outcome> {
    let mut policy = policy.clone();
    policy.rules.retain(|rule| rule.direction == Direction::Egress && !is_placeholder(rule));
    let worlds = policy::worlds_of(&policy, estate, 4096).expect("few conditions");
    worlds
        .iter()
        .map(|world| {
            let reach = policy::in_world(&policy, estate, world);
            Outcome {
                must: rows(&reach.must),
                unknown: rows(&reach.may.difference(&reach.must)),
                symbolic: symbolic(&policy, world),
            }
        })
        .collect()
}

/// `icmp 252/86 to 255.255.255.255/32` or `-1 to 127.0.0.1/32`.
fn is_placeholder(rule: &tidegate_estate::Rule) -> bool {
    let broadcast: IpNet = "255.255.255.255/32".parse().expect("a block");
    matches!(&rule.peer, Value::Known(Peer::Cidr(net)) if *net == broadcast)
}

fn rows(set: &tidegate_space::PacketSet) -> Vec<String> {
    let mut rows = Vec::new();
    for family in [tidegate_space::IpFamily::V4, tidegate_space::IpFamily::V6] {
        for (addresses, services) in set.rows(family) {
            let blocks: Vec<String> = addresses.cidrs().iter().map(ToString::to_string).collect();
            let services: Vec<String> =
                services.protocols().map(|(number, part)| format!("{number} {part:?}")).collect();
            let services = if services.len() == 256 { "everything".to_owned() } else { services.join(", ") };
            rows.push(format!("{services} to {}", blocks.join(" ")));
        }
    }
    rows.sort();
    rows
}

fn symbolic(policy: &Policy, world: &World) -> BTreeSet<String> {
    policy
        .rules
        .iter()
        .filter(|rule| rule.guard.holds(world) && matches!(rule.presence, Presence::Present))
        .filter_map(|rule| {
            let kind = match rule.peer.in_world(world) {
                Ok(Some(Peer::Group(_))) => "a group",
                Ok(Some(Peer::ManagedPrefixList(_))) => "a managed list",
                _ => return None,
            };
            let protocol = match rule.protocol.in_world(world) {
                Ok(Some(ProtocolMatch::Any)) => "any".to_owned(),
                Ok(Some(ProtocolMatch::Number(number))) => number.to_string(),
                _ => "?".to_owned(),
            };
            let any = protocol == "any";
            let ports = match rule.ports.in_world(world) {
                _ if any => String::new(),
                Ok(Some(PortMatch::Any | PortMatch::Range(0, u16::MAX) | PortMatch::Icmp(None, None))) => {
                    "all".to_owned()
                }
                Ok(Some(PortMatch::Range(from, to))) => format!("{from}-{to}"),
                Ok(Some(other)) => format!("{other:?}"),
                _ => "?".to_owned(),
            };
            Some(format!("{protocol}/{ports} to {kind}"))
        })
        .collect()
}
