//! The records of all files to one estate.

use super::records::{Group, Interface, Record};
use std::collections::BTreeMap;
use tidegate_estate::{
    Confirmation, Dialect, Estate, Guard, Policy, PolicyKind, Provider, Remedy, Workload, WorkloadKind,
};

/// Everything that the records say. Of two answers about one group the first counts, by file and place.
pub(in crate::dump) fn join(records: Vec<Record>) -> Estate {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    let mut interfaces: BTreeMap<String, Interface> = BTreeMap::new();
    for record in records {
        match record {
            Record::Group(group) => {
                groups.entry(group.id.to_ascii_lowercase()).or_insert(group);
            }
            Record::Interface(interface) => {
                interfaces.entry(interface.id.to_ascii_lowercase()).or_insert(interface);
            }
        }
    }
    let mut estate = Estate::default();
    let shown = !interfaces.is_empty();
    let mut by_id: BTreeMap<String, usize> = BTreeMap::new();
    let mut by_subnet: BTreeMap<String, usize> = BTreeMap::new();
    let mut by_interface: BTreeMap<String, usize> = BTreeMap::new();
    for (id, group) in groups {
        let index = estate.policies.len();
        by_id.insert(id, index);
        by_subnet.extend(group.subnets.iter().map(|subnet| (subnet.clone(), index)));
        by_interface.extend(group.interfaces.iter().map(|interface| (interface.clone(), index)));
        estate.policies.push(policy(group));
    }
    for (id, interface) in interfaces {
        let own =
            interface.group.as_ref().and_then(|group| by_id.get(group)).or_else(|| by_interface.get(&id));
        let around = interface.subnets.iter().filter_map(|subnet| by_subnet.get(subnet));
        let mut guarded: Vec<usize> = own.into_iter().chain(around).copied().collect();
        guarded.sort_unstable();
        guarded.dedup();
        estate.workloads.push(workload(interface, guarded));
    }
    let mut members = vec![0u32; estate.policies.len()];
    for policy in estate.workloads.iter().flat_map(Workload::policies) {
        if let Some(count) = members.get_mut(policy) {
            *count += 1;
        }
    }
    for (policy, count) in estate.policies.iter_mut().zip(members) {
        policy.members = shown.then_some(count);
    }
    estate
}

/// `/subscriptions/ID/…`
fn subscription(id: &str) -> Option<String> {
    let mut parts = id.split('/').skip_while(|part| !part.eq_ignore_ascii_case("subscriptions"));
    parts.nth(1).filter(|id| !id.is_empty()).map(str::to_owned)
}

fn policy(group: Group) -> Policy {
    Policy {
        kind: PolicyKind::NetworkSecurityGroup,
        provider: Provider::Azure,
        dialect: Dialect::AzureDump,
        name: group.name,
        account: subscription(&group.id),
        path: Some(group.id),
        enclosing: None,
        region: group.location,
        tags: group.tags,
        exists: Guard::Always,
        confirmation: Confirmation::Created,
        place: group.place,
        block: group.block,
        apart: vec![],
        chain: vec![],
        rules: group.rules,
        ignored: vec![],
        opaque: vec![],
        members: None,
        remedy: Remedy::Rules,
        direct_call: None,
    }
}

/// Both the group of the interface and that of its subnet must allow: each is a set of its own.
fn workload(interface: Interface, guarded: Vec<usize>) -> Workload {
    let machine = interface.machine.as_deref().and_then(|id| id.rsplit('/').next()).map(str::to_owned);
    Workload {
        kind: if machine.is_some() { WorkloadKind::Instance } else { WorkloadKind::Interface },
        provider: Provider::Azure,
        account: subscription(&interface.id),
        name: machine.or(interface.name),
        id: interface.id,
        private: interface.private,
        public: vec![],
        region: interface.location,
        tags: interface.tags,
        guarded: guarded.into_iter().map(|policy| vec![policy]).collect(),
        place: interface.place,
    }
}
