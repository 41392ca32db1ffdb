//! Which firewall policies count for a network: as policies, networks and answers about what is effective say.

use super::policies::{Effective, Level, Policy};
use super::records::{Instance, last, project_of};
use std::collections::{BTreeMap, BTreeSet};
use tidegate_estate::gcp::{Attached, FirewallPolicy, Vpc};

/// Attaches policies to networks, and gives all policies by id.
pub(super) fn policies(
    policies: Vec<Policy>,
    effective: Vec<Effective>,
    instances: &[Instance],
    regions: &BTreeSet<String>,
    found: &mut BTreeMap<String, Vpc>,
) -> BTreeMap<String, FirewallPolicy> {
    let mut names = Names::default();
    for id in found.keys() {
        names.networks.entry(last(id).to_owned()).or_default().push(id.clone());
    }
    for instance in instances {
        if let ([nic], Some(name)) = (instance.interfaces.as_slice(), &instance.name) {
            let seat = (nic.network.clone(), instance.region.clone());
            names.machines.entry(name.clone()).or_insert(seat);
        }
    }
    let mut attaching = Attaching { found, policies: BTreeMap::new() };
    for policy in policies {
        attach(attaching.found, &policy);
        keep(&mut attaching.policies, policy);
    }
    for one in effective {
        attaching.count(one, &names, regions);
    }
    attaching.policies
}

/// What may be called as a part of a path.
#[derive(Default)]
struct Names {
    /// Networks by their short names.
    networks: BTreeMap<String, Vec<String>>,
    /// Networks and regions of machines with one interface, by name.
    machines: BTreeMap<String, (String, Option<String>)>,
}

struct Attaching<'f> {
    found: &'f mut BTreeMap<String, Vpc>,
    policies: BTreeMap<String, FirewallPolicy>,
}

impl Attaching<'_> {
    /// An answer about what is effective.
    fn count(&mut self, effective: Effective, names: &Names, regions: &BTreeSet<String>) {
        let around = &effective.around;
        // The machine that the answer is about, if it is about one.
        let of_machines = around.iter().any(|part| part.to_ascii_lowercase().contains("instance"));
        let machine = around.iter().find_map(|part| names.machines.get(part)).filter(|_| of_machines);
        let all: Vec<&String> = around.iter().filter_map(|part| names.networks.get(part)).flatten().collect();
        let of_project =
            |id: &&&String| project_of(id).is_some_and(|own| around.iter().any(|part| part == own));
        let near: Vec<&&String> = all.iter().filter(of_project).collect();
        let by_name = match (all.as_slice(), near.as_slice()) {
            ([only], _) => Some((*only).clone()),
            (_, [only]) => Some((**only).clone()),
            _ => None,
        };
        let of_machine = machine.map(|(network, _)| network.clone());
        let Some(id) = effective.network.clone().or(by_name).or(of_machine) else { return };
        let is_regional = |part: &String| part.to_ascii_lowercase().contains("network-firewall-policies");
        let in_region = machine.is_some()
            || around.iter().any(is_regional)
            || effective.policies.iter().any(|(level, _)| *level == Level::Region);
        let region = machine.and_then(|(_, region)| region.clone());
        let region = region.or_else(|| around.iter().find(|part| regions.contains(*part)).cloned());
        let region = region.filter(|_| in_region);

        let vpc = self.found.entry(id.clone()).or_default();
        let project = project_of(&id).unwrap_or_default();
        let mut hierarchy = Vec::new();
        let mut system = Vec::new();
        let (mut global, mut regional) = (Attached::Nothing, Attached::Nothing);
        for (level, mut policy) in effective.policies {
            let name = last(&policy.id).to_owned();
            policy.id = match (level, &region) {
                (Level::Network, _) => format!("projects/{project}/global/firewallPolicies/{name}"),
                (Level::Region, Some(region)) => {
                    format!("projects/{project}/regions/{region}/firewallPolicies/{name}")
                }
                (Level::System, _) => format!("projects/{project}/system/firewallPolicies/{name}"),
                _ => format!("firewallPolicies/{name}"),
            };
            match level {
                Level::Hierarchy => hierarchy.push(policy.id.clone()),
                Level::Network => global = Attached::Policy(policy.id.clone()),
                Level::Region => regional = Attached::Policy(policy.id.clone()),
                Level::System => system.push(policy.id.clone()),
            }
            keep(&mut self.policies, policy);
        }
        vpc.hierarchy.get_or_insert(hierarchy);
        if vpc.global == Attached::Unseen {
            vpc.global = global;
        }
        if let Some(region) = region {
            let known = vpc.regional.entry(region.clone()).or_default();
            if *known == Attached::Unseen {
                *known = regional;
            }
            vpc.system.entry(region).or_insert(system);
        }
        if effective.rules && vpc.rules.is_none() {
            vpc.rules = Some(Vec::new());
        }
    }
}

/// Networks name their global policy themselves; a policy names its networks, too.
fn attach(found: &mut BTreeMap<String, Vpc>, policy: &Policy) {
    for target in policy.attached.iter().filter(|target| target.contains("/networks/")) {
        let Some(vpc) = found.get_mut(target) else { continue };
        let attached = Attached::Policy(policy.id.clone());
        match &policy.region {
            Some(region) => {
                vpc.regional.insert(region.clone(), attached);
            }
            None => vpc.global = attached,
        }
    }
}

/// The answer that shows the rules goes before one that does not.
fn keep(policies: &mut BTreeMap<String, FirewallPolicy>, policy: Policy) {
    let told = FirewallPolicy { name: policy.name, rules: policy.rules };
    let known = policies.entry(policy.id).or_insert_with(|| told.clone());
    if known.rules.is_none() {
        *known = told;
    }
}
