//! What guards a workload as a whole: an interface lets out what any of its groups lets out.
//! (VPC user guide, "Security groups": the rules of all groups of an interface are taken together. Kubernetes,
//! "Network Policies": those that select a pod add up.)

use std::collections::BTreeMap;
use tidegate_estate::{Estate, Guard, Policy, PolicyKind, Provider, Remedy};

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
