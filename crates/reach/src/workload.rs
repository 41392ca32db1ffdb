//! What guards a workload as a whole: an interface lets out what any of its groups lets out.
//! (VPC user guide, "Security groups": the rules of all groups of an interface are taken together. Kubernetes,
//! "Network Policies": those that select a pod add up.)

use crate::policy;
use std::collections::BTreeMap;
use tidegate_estate::{Estate, Guard, Policy, PolicyKind, Provider, Remedy, Workload};
use tidegate_space::{IpFamily, PacketSet, internet};

/// Several groups that guard an interface together.
#[derive(Debug, Clone, PartialEq)]
pub struct Union {
    /// The groups, by index in [`Estate::policies`], sorted.
    pub parts: Vec<usize>,
    /// Workloads with such an interface, by index in [`Estate::workloads`], sorted.
    pub workloads: Vec<usize>,
    /// The groups as one: its rules are those of all of them.
    pub policy: Policy,
}

/// Every union of groups that guards an interface of some workload, once each, in order of its parts. Answers are
/// keyed by the groups, never by the interface: there are far fewer of the former.
pub fn unions(estate: &Estate) -> Vec<Union> {
    let mut found: BTreeMap<&[usize], Vec<usize>> = BTreeMap::new();
    for (index, workload) in estate.workloads.iter().enumerate() {
        for parts in workload.guarded.iter().filter(|parts| parts.len() > 1) {
            let workloads = found.entry(parts).or_default();
            if workloads.last() != Some(&index) {
                workloads.push(index);
            }
        }
    }
    found
        .into_iter()
        .filter_map(|(parts, workloads)| {
            let policy = together(estate, parts)?;
            Some(Union { parts: parts.to_vec(), workloads, policy })
        })
        .collect()
}

/// Groups as one policy. `None` where they are not groups that add up.
fn together(estate: &Estate, parts: &[usize]) -> Option<Policy> {
    let policies: Vec<&Policy> =
        parts.iter().map(|part| estate.policies.get(*part)).collect::<Option<Vec<_>>>()?;
    let first = policies.first()?;
    if policies.iter().any(|policy| policy.kind.is_ordered()) {
        return None;
    }
    let kind = match first.provider {
        Provider::Kubernetes => PolicyKind::NetworkPolicyUnion,
        Provider::Aws | Provider::Azure | Provider::Gcp => PolicyKind::SecurityGroupUnion,
    };
    let ids: Vec<&str> = policies.iter().filter_map(|policy| policy.path.as_deref()).collect();
    let names: Vec<&str> = policies.iter().filter_map(|policy| policy.name.as_deref()).collect();
    Some(Policy {
        kind,
        name: (names.len() == policies.len()).then(|| names.join(" + ")),
        path: Some(ids.join(" + ")),
        exists: Guard::all(policies.iter().map(|policy| policy.exists.clone())),
        tags: BTreeMap::new(),
        rules: policies.iter().flat_map(|policy| policy.rules.iter().cloned()).collect(),
        ignored: vec![],
        opaque: policies.iter().flat_map(|policy| policy.opaque.iter().cloned()).collect(),
        apart: policies.iter().flat_map(|p| p.apart.iter().chain([&p.block])).cloned().collect(),
        members: None,
        remedy: Remedy::Rules,
        direct_call: None,
        ..(*first).clone()
    })
}

/// What each workload lets in from the Internet for certain, in the order of [`Estate::workloads`]; nothing for one
/// without a public address. The other end stands where a packet has its destination.
pub fn open_to_the_internet(estate: &Estate, worlds: usize) -> Vec<PacketSet> {
    let mut known: BTreeMap<usize, PacketSet> = BTreeMap::new();
    estate.workloads.iter().map(|workload| open(workload, estate, worlds, &mut known)).collect()
}

/// Nobody says which of several interfaces has the public address, or which sets of policies guard the same one:
/// only what all of them let in gets in whichever it is.
fn open(
    workload: &Workload,
    estate: &Estate,
    worlds: usize,
    known: &mut BTreeMap<usize, PacketSet>,
) -> PacketSet {
    if workload.public.is_empty() {
        return PacketSet::empty();
    }
    let mut lets_in = |index: usize| {
        let policy = estate.policies.get(index)?;
        let from_outside = || {
            let set = policy::lets_in(policy, estate, worlds);
            let parts = IpFamily::BOTH.map(|family| set.restrict(family, internet::addresses(family)));
            PacketSet::union_all(parts)
        };
        Some(known.entry(index).or_insert_with(from_outside).clone())
    };
    let mut open: Option<PacketSet> = None;
    for guards in &workload.guarded {
        let set = PacketSet::union_all(guards.iter().filter_map(|index| lets_in(*index)));
        open = Some(open.map_or(set.clone(), |so_far| so_far.intersection(&set)));
    }
    open.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{place, policy};
    use tidegate_estate::{
        Action, Cause, Direction, Peer, PortMatch, Presence, ProtocolMatch, Provider, Rule, Value,
        WorkloadKind,
    };

    fn tcp(direction: Direction, action: Action, number: Option<u32>, port: u16, peer: &str) -> Rule {
        Rule {
            direction,
            action,
            priority: number.map(Value::Known),
            protocol: Value::Known(ProtocolMatch::Number(6)),
            ports: Value::Known(PortMatch::Range(port, port)),
            peer: Value::Known(Peer::Cidr(peer.parse().unwrap())),
            guard: Guard::Always,
            presence: Presence::Present,
            cause: Cause::Written,
            place: place(),
            chain: vec![],
        }
    }

    fn lets_in(port: u16, peer: &str) -> Rule {
        tcp(Direction::Ingress, Action::Allow, None, port, peer)
    }

    /// Whether one workload with these policies can be reached from the Internet.
    fn reached(policies: Vec<Policy>, guarded: Vec<Vec<usize>>, public: &[&str]) -> bool {
        let workload = Workload {
            kind: WorkloadKind::Instance,
            provider: Provider::Aws,
            id: "i-1".into(),
            name: None,
            private: vec!["10.0.0.1".into()],
            public: public.iter().map(|address| (*address).to_owned()).collect(),
            account: None,
            region: None,
            tags: BTreeMap::new(),
            guarded,
            place: place(),
        };
        let estate = Estate { policies, workloads: vec![workload], ..Estate::default() };
        !open_to_the_internet(&estate, 8)[0].is_empty()
    }

    const PUBLIC: &[&str] = &["52.0.0.1"];

    fn group(rules: Vec<Rule>) -> Policy {
        policy(PolicyKind::SecurityGroup, rules)
    }

    #[test]
    fn a_public_address_and_a_rule_for_the_internet_open_a_workload() {
        let open = || vec![group(vec![lets_in(443, "0.0.0.0/0")])];
        assert!(reached(open(), vec![vec![0]], PUBLIC));
        assert!(reached(vec![group(vec![lets_in(22, "198.41.0.0/24")])], vec![vec![0]], PUBLIC));
        assert!(!reached(open(), vec![vec![0]], &[]), "no public address");
        assert!(!reached(vec![group(vec![lets_in(443, "10.0.0.0/8")])], vec![vec![0]], PUBLIC));
        let out = tcp(Direction::Egress, Action::Allow, None, 443, "0.0.0.0/0");
        assert!(!reached(vec![group(vec![out])], vec![vec![0]], PUBLIC), "out is not in");
    }

    #[test]
    fn groups_of_one_interface_add_up_and_of_several_interfaces_all_must_let_in() {
        let both = || vec![group(vec![]), group(vec![lets_in(443, "0.0.0.0/0")])];
        assert!(reached(both(), vec![vec![0, 1]], PUBLIC));
        assert!(!reached(both(), vec![vec![0], vec![1]], PUBLIC));
    }

    #[test]
    fn an_earlier_deny_shuts_what_a_later_rule_opens() {
        let rule = |number, action| tcp(Direction::Ingress, action, Some(number), 443, "0.0.0.0/0");
        let ordered = |rules| vec![policy(PolicyKind::NetworkSecurityGroup, rules)];
        let (open, shut) = (rule(200, Action::Allow), rule(100, Action::Deny));
        assert!(reached(ordered(vec![open.clone()]), vec![vec![0]], PUBLIC));
        assert!(!reached(ordered(vec![open, shut]), vec![vec![0]], PUBLIC));
    }

    #[test]
    fn a_rule_that_is_there_under_a_condition_only_opens_nothing_for_certain() {
        let mut estate = Estate::default();
        let choice = estate.choice("Open", ["yes", "no"], None);
        let mut rule = lets_in(443, "0.0.0.0/0");
        rule.guard = Guard::is(choice, 0);
        let policy = group(vec![rule]);
        assert!(policy::lets_in(&policy, &estate, 8).is_empty());
        assert!(!policy::lets_in(&group(vec![lets_in(443, "0.0.0.0/0")]), &estate, 8).is_empty());
    }
}
