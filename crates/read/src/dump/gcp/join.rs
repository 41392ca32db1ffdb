//! The records of all files to one estate.

use super::network;
use super::records::{Firewall, Instance, Network, Record, Targets, last, project_of};
use super::rules;
use super::views::{Seer, View, views};
use std::collections::{BTreeMap, BTreeSet};
use tidegate_estate::{
    Confirmation, Dialect, Direction, Estate, Guard, Opaque, Place, Policy, PolicyKind, Provider, Reason,
    Remedy, Rule, Workload, WorkloadKind,
};

/// Everything that the records say, in an order that does not depend on theirs.
pub(in crate::dump) fn join(records: Vec<Record>) -> Estate {
    let mut estate = Estate::default();
    let mut told: BTreeMap<String, Vec<Firewall>> = BTreeMap::new();
    let mut networks: BTreeMap<String, Network> = BTreeMap::new();
    let mut instances: BTreeMap<String, Instance> = BTreeMap::new();
    let (mut around, mut policies, mut effective) = (Vec::new(), Vec::new(), Vec::new());
    for record in records {
        match record {
            Record::Firewall(firewall) => told.entry(firewall.id.clone()).or_default().push(firewall),
            Record::Network(network) => {
                networks.entry(network.id.clone()).or_insert(network);
            }
            Record::Instance(instance) => {
                instances.entry(instance.id.clone()).or_insert(instance);
            }
            Record::Policy(policy) => policies.push(policy),
            Record::Effective(one) => effective.push(one),
            Record::Around(one) => around.push(one),
        }
    }
    let instances: Vec<Instance> = instances.into_values().collect();
    let shown = Shown {
        firewalls: told
            .values()
            .flatten()
            .filter_map(|one| project_of(&one.network))
            .map(str::to_owned)
            .collect(),
        instances: !instances.is_empty(),
    };
    let mut by_network: BTreeMap<String, Vec<Firewall>> = BTreeMap::new();
    for firewall in told.into_values().flat_map(|told| versions(told, &mut estate)) {
        by_network.entry(firewall.network.clone()).or_default().push(firewall);
    }
    estate.gcp = network::network(network::Told {
        networks: Some(&networks),
        firewalls: Some(&by_network),
        instances: &instances,
        around,
        policies,
        effective,
    });
    estate.network.interfaces = network::interfaces(&instances);
    let mut guarded: Vec<Vec<Vec<usize>>> = vec![Vec::new(); instances.len()];
    // A machine sees a network's rules as one, whichever of its interfaces there it is.
    let mut by_interface: BTreeMap<(usize, String), usize> = BTreeMap::new();
    for id in ids(&networks, &by_network, &instances) {
        let firewalls: Vec<&Firewall> =
            by_network.get(&id).into_iter().flatten().filter(|firewall| !firewall.disabled).collect();
        let Some(site) = site(&id, &networks, by_network.get(&id), &instances) else { continue };
        for view in views(&firewalls, &seers(&id, &instances)) {
            for instance in &view.instances {
                if let Some(sets) = guarded.get_mut(*instance) {
                    sets.push(vec![estate.policies.len()]);
                }
                by_interface.entry((*instance, id.clone())).or_insert(estate.policies.len());
            }
            estate.policies.push(policy(&id, &site, &firewalls, &view, &shown));
        }
    }
    for interface in &mut estate.network.interfaces {
        let network = interface.vpc.clone().unwrap_or_default();
        interface.groups.extend(by_interface.get(&(interface.workload, network)));
    }
    estate.workloads =
        instances.into_iter().zip(guarded).map(|(instance, guarded)| workload(instance, guarded)).collect();
    estate
}

/// What the answers show at all.
struct Shown {
    /// Projects of which some VPC firewall rule is there.
    firewalls: BTreeSet<String>,
    /// Whether any machine is there.
    instances: bool,
}

/// Answers about one rule, each different one under the condition that it is the true one.
fn versions(mut told: Vec<Firewall>, estate: &mut Estate) -> Vec<Firewall> {
    told.sort_by(|a, b| a.block.cmp(&b.block));
    let mut seen = BTreeSet::new();
    told.retain(|firewall| seen.insert(firewall.told.clone()));
    if let [first, _, ..] = &told[..] {
        let files: Vec<String> = told.iter().map(|firewall| firewall.block.path.to_string()).collect();
        let name = format!("the answers differ about {}", first.id);
        let choice = estate.choice(name, files, Some(first.block.clone()));
        for (index, firewall) in told.iter_mut().enumerate() {
            for rule in &mut firewall.rules {
                rule.guard = Guard::is(choice, index as u32);
            }
        }
    }
    told
}

/// Every network that is named anywhere.
fn ids(
    networks: &BTreeMap<String, Network>,
    by_network: &BTreeMap<String, Vec<Firewall>>,
    instances: &[Instance],
) -> BTreeSet<String> {
    let interfaces = instances.iter().flat_map(|instance| &instance.interfaces);
    let used = interfaces.map(|interface| &interface.network);
    networks.keys().chain(by_network.keys()).chain(used).cloned().collect()
}

/// Where a network is described, and what policies there are beside its VPC firewall.
struct Site {
    place: Place,
    block: Place,
    /// Why more than the VPC firewall rules may decide, and whether that goes before them.
    beyond: Option<(Reason, bool)>,
}

/// The network's own record, else the first thing that names it.
fn site(
    id: &str,
    networks: &BTreeMap<String, Network>,
    firewalls: Option<&Vec<Firewall>>,
    instances: &[Instance],
) -> Option<Site> {
    if let Some(network) = networks.get(id) {
        return Some(Site {
            place: network.place.clone(),
            block: network.block.clone(),
            beyond: beyond(network),
        });
    }
    if let Some(firewall) = firewalls.and_then(|firewalls| firewalls.first()) {
        return Some(Site { place: firewall.place.clone(), block: firewall.block.clone(), beyond: None });
    }
    let uses = |instance: &&Instance| instance.interfaces.iter().any(|interface| interface.network == id);
    let instance = instances.iter().find(uses)?;
    Some(Site { place: instance.place.clone(), block: instance.place.clone(), beyond: None })
}

/// Network firewall policies, of which VPC answers show no more than that they are there.
fn beyond(network: &Network) -> Option<(Reason, bool)> {
    let why = match (&network.policy, network.policies_first) {
        (Some(policy), _) => format!(
            "the network firewall policy {policy} is attached to the network, and its rules are not among the files; \
             `gcloud compute networks get-effective-firewalls {}` shows them",
            last(&network.id)
        ),
        (None, true) => format!(
            "network firewall policies decide before the network's VPC firewall rules, and are not among the files; \
             `gcloud compute networks get-effective-firewalls {}` shows them",
            last(&network.id)
        ),
        (None, false) => return None,
    };
    Some((Reason::at(why, network.place.clone()), network.policies_first))
}

fn seers<'i>(network: &str, instances: &'i [Instance]) -> Vec<Seer<'i>> {
    let mut seers = Vec::new();
    for (index, instance) in instances.iter().enumerate() {
        for interface in instance.interfaces.iter().filter(|interface| interface.network == network) {
            seers.push(Seer { instance: index, targets: &instance.targets, only_ipv4: interface.only_ipv4 });
        }
    }
    seers
}

fn policy(id: &str, site: &Site, firewalls: &[&Firewall], view: &View, shown: &Shown) -> Policy {
    let mut rules: Vec<Rule> = Vec::new();
    let mut apart = Vec::new();
    let mut opaque = Vec::new();
    for (index, firewall) in firewalls.iter().enumerate() {
        let counts = match firewall.direction {
            Direction::Egress => firewall.targets.is_everybody() || view.targeted.contains(&index),
            Direction::Ingress => is_seen(&firewall.targets, view),
        };
        if counts {
            rules.extend(firewall.rules.iter().cloned());
            apart.push(firewall.block.clone());
        }
    }
    match &site.beyond {
        Some((why, true)) => opaque.push(Opaque { reason: why.clone(), guard: Guard::Always }),
        Some((why, false)) => rules.extend(rules::perhaps_denied(&site.place, why)),
        None => {}
    }
    let project = project_of(id);
    if firewalls.is_empty() && !project.is_some_and(|project| shown.firewalls.contains(project)) {
        let why = "the network's VPC firewall rules are not among the files; `gcloud compute firewall-rules list \
                   --format=json` writes them";
        opaque.push(Opaque { reason: Reason::at(why, site.place.clone()), guard: Guard::Always });
    }
    rules.extend(rules::implied(&site.place, view.instances.is_empty() || !view.only_ipv4));
    let names: Vec<&str> = view
        .targeted
        .iter()
        .filter_map(|index| firewalls.get(*index))
        .map(|firewall| firewall.name.as_str())
        .collect();
    let path = std::iter::once(id).chain(names).collect::<Vec<_>>().join(" + ");
    Policy {
        kind: PolicyKind::VpcFirewall,
        provider: Provider::Gcp,
        dialect: Dialect::GcpDump,
        name: Some(name(last(id), firewalls, view)),
        path: Some(path),
        enclosing: None,
        account: project.map(str::to_owned),
        region: None,
        tags: BTreeMap::new(),
        exists: Guard::Always,
        confirmation: Confirmation::Created,
        place: site.place.clone(),
        block: site.block.clone(),
        apart,
        chain: vec![],
        rules,
        ignored: vec![],
        opaque,
        members: shown.instances.then(|| members(&view.instances)),
        remedy: Remedy::Rules,
        direct_call: None,
    }
}

/// An inbound rule counts if it is for everybody, for one of those whose view it is, or if nobody is known.
fn is_seen(targets: &Targets, view: &View) -> bool {
    let anybody = view.instances.is_empty() && view.of.is_everybody();
    anybody || targets.include(&view.of)
}

/// How many machines; one with two interfaces in the network is one.
fn members(instances: &[usize]) -> u32 {
    let different: BTreeSet<usize> = instances.iter().copied().collect();
    u32::try_from(different.len()).unwrap_or(u32::MAX)
}

/// `default`, or `default for tag web and service account build@…`.
fn name(network: &str, firewalls: &[&Firewall], view: &View) -> String {
    let mut targets: BTreeSet<String> = BTreeSet::new();
    for firewall in view.targeted.iter().filter_map(|index| firewalls.get(*index)) {
        let tags = firewall.targets.tags.intersection(&view.of.tags).map(|tag| format!("tag {tag}"));
        targets.extend(tags);
        let accounts = firewall.targets.accounts.intersection(&view.of.accounts);
        targets.extend(accounts.map(|account| format!("service account {account}")));
    }
    if targets.is_empty() {
        return network.to_owned();
    }
    let targets: Vec<String> = targets.into_iter().collect();
    format!("{network} for {}", targets.join(", "))
}

fn workload(instance: Instance, mut guarded: Vec<Vec<usize>>) -> Workload {
    guarded.sort();
    guarded.dedup();
    let account = project_of(&instance.id).map(str::to_owned);
    // Network tags have no value; a label of the same name says more.
    let mut tags: BTreeMap<String, String> =
        instance.targets.tags.iter().map(|tag| (tag.clone(), String::new())).collect();
    tags.extend(instance.labels);
    let (private, public): (Vec<_>, Vec<_>) =
        instance.interfaces.into_iter().map(|interface| (interface.private, interface.public)).unzip();
    Workload {
        kind: WorkloadKind::Instance,
        provider: Provider::Gcp,
        id: instance.id,
        name: instance.name,
        private: private.concat(),
        public: public.concat(),
        account,
        region: instance.region,
        tags,
        guarded,
        place: instance.place,
    }
}
