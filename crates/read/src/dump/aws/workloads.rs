//! Interfaces and machines to workloads.

use super::records::{Instance, Interface, Seat, once_each};
use std::collections::BTreeMap;
use tidegate_estate as estate;
use tidegate_estate::{Provider, Workload, WorkloadKind};

/// Workloads in order of their ids, from what the answers say of interfaces and of machines, and their interfaces.
/// `groups` leads from a group's id to its policy.
pub(super) fn workloads(
    interfaces: Vec<Interface>,
    instances: Vec<Instance>,
    seats: &BTreeMap<String, Seat>,
    groups: &BTreeMap<String, usize>,
) -> (Vec<Workload>, Vec<estate::Interface>) {
    // Interfaces by the id of their workload.
    let mut attached_to: Vec<(String, Interface)> = Vec::new();
    // An interface that an answer of its own describes says more than what a machine says of it.
    let mut described: BTreeMap<String, Interface> = BTreeMap::new();
    for interface in interfaces {
        described.entry(interface.id.clone()).or_insert(interface);
    }
    let mut by_instance: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (id, interface) in &described {
        if let Some(instance) = &interface.instance {
            by_instance.entry(instance.clone()).or_default().push(id.clone());
        }
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
        let attached: Vec<String> =
            own.keys().cloned().chain(by_instance.get(&instance.id).into_iter().flatten().cloned()).collect();
        for id in attached {
            if let Some(interface) = described.remove(&id) {
                own.insert(id, interface);
            }
        }
        if own.is_empty() {
            // The machine's own addresses are those of its only interface, or of its first.
            let only = Interface {
                id: instance.id.clone(),
                description: None,
                groups: instance.groups,
                private: workload.private.clone(),
                public: workload.public.clone(),
                instance: Some(instance.id.clone()),
                vpc: instance.vpc,
                subnet: instance.subnet,
                forwards: false,
                service: None,
                seat: Seat::default(),
                tags: BTreeMap::new(),
                place: workload.place.clone(),
            };
            own.insert(only.id.clone(), only);
        }
        for interface in own.into_values() {
            workload.guarded.push(guarded(&interface.groups));
            workload.private.extend(interface.private.iter().cloned());
            workload.public.extend(interface.public.iter().cloned());
            attached_to.push((instance.id.clone(), interface));
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
        attached_to.push((id.clone(), interface.clone()));
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
    let at: BTreeMap<&String, usize> = found.keys().enumerate().map(|(at, id)| (id, at)).collect();
    let mut interfaces: Vec<estate::Interface> = attached_to
        .into_iter()
        .filter_map(|(id, interface)| {
            let shown = guarded(&interface.groups);
            let unseen = interface.groups.iter().filter(|id| !groups.contains_key(*id)).cloned().collect();
            let addresses = interface.private.iter().filter_map(|text| text.parse().ok()).collect();
            Some(estate::Interface {
                workload: *at.get(&id)?,
                subnet: interface.subnet,
                vpc: interface.vpc,
                groups: shown,
                unseen_groups: once_each(unseen),
                addresses,
                public: !interface.public.is_empty(),
                forwards: interface.forwards,
                service: interface.service,
                place: interface.place,
                id: interface.id,
            })
        })
        .collect();
    interfaces.sort_by(|a, b| (a.workload, &a.id).cmp(&(b.workload, &b.id)));
    let mut all: Vec<Workload> = found.into_values().collect();
    for workload in &mut all {
        workload.private = once_each(std::mem::take(&mut workload.private));
        workload.public = once_each(std::mem::take(&mut workload.public));
        // Interfaces under the same groups are one case.
        workload.guarded.sort();
        workload.guarded.dedup();
    }
    (all, interfaces)
}

/// A seat, filled up from what is known of the VPC.
pub(super) fn seat_of(own: &Seat, vpc: Option<&str>, seats: &BTreeMap<String, Seat>) -> Seat {
    let around = vpc.and_then(|vpc| seats.get(vpc));
    Seat {
        account: own.account.clone().or_else(|| around?.account.clone()),
        region: own.region.clone().or_else(|| around?.region.clone()),
    }
}
