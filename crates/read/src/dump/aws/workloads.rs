//! Interfaces and machines to workloads.

use super::records::{Instance, Interface, Seat, once_each};
use std::collections::BTreeMap;
use tidegate_estate::{Provider, Workload, WorkloadKind};

/// Workloads in order of their ids, from what the answers say of interfaces and of machines. `groups` leads from a
/// group's id to its policy.
pub(super) fn workloads(
    interfaces: Vec<Interface>,
    instances: Vec<Instance>,
    seats: &BTreeMap<String, Seat>,
    groups: &BTreeMap<String, usize>,
) -> Vec<Workload> {
    // An interface that an answer of its own describes says more than what a machine says of it.
    let mut described: BTreeMap<String, Interface> = BTreeMap::new();
    for interface in interfaces {
        described.entry(interface.id.clone()).or_insert(interface);
    }
    let mut found: BTreeMap<String, Workload> = BTreeMap::new();
    let guarded = |ids: &[String]| {
        let mut set: Vec<usize> = ids.iter().filter_map(|id| groups.get(id).copied()).collect();
        set.sort_unstable();
        set.dedup();
        set
    };
    for instance in instances {
        let seat = seat_of(&instance.seat, instance.vpc.as_deref(), seats);
        let mut workload = Workload {
            kind: WorkloadKind::Instance,
            provider: Provider::Aws,
            name: instance.tags.get("Name").filter(|name| !name.is_empty()).cloned(),
            private: instance.private,
            public: instance.public,
            account: seat.account,
            region: seat.region,
            tags: instance.tags,
            guarded: vec![],
            place: instance.place,
            id: instance.id.clone(),
        };
        let mut own: BTreeMap<String, Interface> =
            instance.interfaces.into_iter().map(|interface| (interface.id.clone(), interface)).collect();
        let attached: Vec<String> = described
            .iter()
            .filter(|(id, interface)| {
                own.contains_key(*id) || interface.instance.as_ref() == Some(&instance.id)
            })
            .map(|(id, _)| id.clone())
            .collect();
        for id in attached {
            if let Some(interface) = described.remove(&id) {
                own.insert(id, interface);
            }
        }
        if own.is_empty() {
            workload.guarded.push(guarded(&instance.groups));
        }
        for interface in own.into_values() {
            workload.guarded.push(guarded(&interface.groups));
            workload.private.extend(interface.private);
            workload.public.extend(interface.public);
        }
        found.entry(instance.id).or_insert(workload);
    }
    for (id, interface) in described {
        let seat = seat_of(&interface.seat, interface.vpc.as_deref(), seats);
        // The machine itself may not be in the dump: the interface then says what is known of it.
        let (kind, id) = match &interface.instance {
            Some(instance) => (WorkloadKind::Instance, instance.clone()),
            None => (WorkloadKind::Interface, id),
        };
        let name = interface.tags.get("Name").filter(|name| !name.is_empty()).cloned();
        let workload = found.entry(id.clone()).or_insert_with(|| Workload {
            kind,
            provider: Provider::Aws,
            id,
            name: name.or(if kind == WorkloadKind::Interface { interface.description } else { None }),
            private: vec![],
            public: vec![],
            account: seat.account,
            region: seat.region,
            tags: interface.tags,
            guarded: vec![],
            place: interface.place,
        });
        workload.guarded.push(guarded(&interface.groups));
        workload.private.extend(interface.private);
        workload.public.extend(interface.public);
    }
    let mut all: Vec<Workload> = found.into_values().collect();
    for workload in &mut all {
        workload.private = once_each(std::mem::take(&mut workload.private));
        workload.public = once_each(std::mem::take(&mut workload.public));
        // Interfaces under the same groups are one case.
        workload.guarded.sort();
        workload.guarded.dedup();
    }
    all
}

/// A seat, filled up from what is known of the VPC.
pub(super) fn seat_of(own: &Seat, vpc: Option<&str>, seats: &BTreeMap<String, Seat>) -> Seat {
    let around = vpc.and_then(|vpc| seats.get(vpc));
    Seat {
        account: own.account.clone().or_else(|| around?.account.clone()),
        region: own.region.clone().or_else(|| around?.region.clone()),
    }
}
