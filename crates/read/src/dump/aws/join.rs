//! The records of all files to one estate.

use super::acls;
use super::functions;
use super::groups;
use super::lists::Lists;
use super::records::{Acl, Group, Permission, Record, Seat};
use super::surroundings;
use super::workloads::{self, seat_of};
use std::collections::{BTreeMap, BTreeSet};
use tidegate_estate::{AclUse, Diagnostic, Estate};

/// Everything that the records say, in an order that does not depend on theirs.
pub(in crate::dump) fn join(records: Vec<Record>) -> (Estate, Vec<Diagnostic>) {
    let mut estate = Estate::default();
    let mut diagnostics = Vec::new();
    let (mut told, mut rules) = (BTreeMap::<String, Vec<Group>>::new(), Vec::new());
    let (mut lists, mut entries) = (Vec::new(), Vec::new());
    let (mut interfaces, mut instances, mut called) = (Vec::new(), Vec::new(), Vec::new());
    let mut acls: BTreeMap<String, Acl> = BTreeMap::new();
    let mut seats: BTreeMap<String, Seat> = BTreeMap::new();
    let mut surroundings = Vec::new();
    for record in records {
        match record {
            Record::Group(group) => told.entry(group.id.clone()).or_default().push(group),
            Record::Rule(group, rule) => rules.push((group, rule)),
            Record::List(list) => lists.push(list),
            Record::Entries(found) => entries.push(found),
            Record::Interface(interface) => interfaces.push(interface),
            Record::Instance(instance) => instances.push(instance),
            Record::Acl(acl) => {
                acls.entry(acl.id.clone()).or_insert(acl);
            }
            Record::Function(function) => called.push(function),
            Record::Network(record, seat) => surroundings.push((record, seat)),
        }
    }
    functions::join(called, &mut interfaces);
    for (record, seat) in &surroundings {
        note(&mut seats, surroundings::located(record), seat);
    }
    for group in told.values().flatten() {
        note(&mut seats, group.vpc.as_deref(), &group.seat);
    }
    for interface in &interfaces {
        note(&mut seats, interface.vpc.as_deref(), &interface.seat);
    }
    for instance in &instances {
        note(&mut seats, instance.vpc.as_deref(), &instance.seat);
    }
    for acl in acls.values() {
        note(&mut seats, acl.vpc.as_deref(), &acl.seat);
    }
    add_listed_rules(&mut told, rules);
    let lists = Lists::new(lists, entries, &mut diagnostics);

    let mut by_id: BTreeMap<String, usize> = BTreeMap::new();
    for (id, told) in &mut told {
        told.sort_by(|a, b| a.place.cmp(&b.place));
        let vpc = told.iter().find_map(|group| group.vpc.clone());
        let own = told
            .iter()
            .map(|group| group.seat.clone())
            .reduce(|a, b| Seat { account: a.account.or(b.account), region: a.region.or(b.region) });
        let seat = seat_of(&own.unwrap_or_default(), vpc.as_deref(), &seats);
        if let Some(policy) = groups::policy(told, seat, &lists, &mut estate) {
            by_id.insert(id.clone(), estate.policies.len());
            estate.policies.push(policy);
        }
    }
    estate.network = surroundings::network(surroundings, &seats);
    estate.network.managed_lists = lists.managed;
    estate.prefix_lists = lists.defined;
    (estate.workloads, estate.network.interfaces) =
        workloads::workloads(interfaces, instances, &seats, &by_id);
    count_members(&mut estate);
    for mut acl in acls.into_values() {
        let seat = seat_of(&acl.seat, acl.vpc.as_deref(), &seats);
        let subnets = std::mem::take(&mut acl.subnets).into_iter().collect();
        let used =
            AclUse { policy: estate.policies.len(), vpc: acl.vpc.clone(), default: acl.default, subnets };
        estate.network.acls.insert(acl.id.clone(), used);
        estate.policies.push(acls::policy(acl, seat));
    }
    (estate, diagnostics)
}

/// Notes where a VPC is, whoever says so.
fn note(seats: &mut BTreeMap<String, Seat>, id: Option<&str>, seat: &Seat) {
    let Some(id) = id else { return };
    let known = seats.entry(id.to_owned()).or_default();
    known.account = known.account.take().or_else(|| seat.account.clone());
    known.region = known.region.take().or_else(|| seat.region.clone());
}

/// Rules of `describe-security-group-rules` where no answer shows the group with its rules. What is told twice is
/// told alike, and the group's own answer also shows a group without rules.
fn add_listed_rules(told: &mut BTreeMap<String, Vec<Group>>, rules: Vec<(String, Permission)>) {
    let mut by_group: BTreeMap<String, Vec<Permission>> = BTreeMap::new();
    for (group, rule) in rules {
        by_group.entry(group).or_default().push(rule);
    }
    for (id, mut rules) in by_group {
        let groups = told.entry(id.clone()).or_default();
        if groups.iter().any(|group| group.permissions.is_some()) {
            continue;
        }
        rules.sort_by(|a, b| a.place.cmp(&b.place));
        match groups.first_mut() {
            Some(group) => group.permissions = Some(rules),
            None => {
                let Some(first) = rules.first() else { continue };
                groups.push(Group {
                    named: first.place.clone(),
                    place: first.place.clone(),
                    id,
                    name: None,
                    vpc: None,
                    seat: Seat::default(),
                    tags: BTreeMap::new(),
                    permissions: Some(rules),
                });
            }
        }
    }
}

/// Counts who uses each group, where the dump shows the workloads of the group's account and region at all.
fn count_members(estate: &mut Estate) {
    let shown: BTreeSet<(Option<String>, Option<String>)> =
        estate.workloads.iter().map(|w| (w.account.clone(), w.region.clone())).collect();
    let mut members = vec![0u32; estate.policies.len()];
    for workload in &estate.workloads {
        for policy in workload.policies() {
            if let Some(count) = members.get_mut(policy) {
                *count += 1;
            }
        }
    }
    for (policy, count) in estate.policies.iter_mut().zip(members) {
        if count > 0 || shown.contains(&(policy.account.clone(), policy.region.clone())) {
            policy.members = Some(count);
        }
    }
}
