//! What is around machines, joined: networks with their subnets, routes, gateways, peerings and firewall policies.

use super::policies::{Effective, Level, Policy};
use super::records::{self, Firewall, Instance, last, project_of};
use super::surroundings::{self, Around, Router, Whose, without};
use std::collections::{BTreeMap, BTreeSet};
use tidegate_estate as estate;
use tidegate_estate::gcp::{
    Attached, FirewallPolicy, FirewallRule, NextHop, Nic, Peering, PolicyRoute, Route, RuleAction, Subnet,
    Targets, Vpc,
};
use tidegate_estate::{Action, Answer, Guard, IpNet, Presence};

/// Everything that the records say.
#[derive(Default)]
pub(super) struct Told<'r> {
    pub networks: Option<&'r BTreeMap<String, records::Network>>,
    /// VPC firewall rules by network.
    pub firewalls: Option<&'r BTreeMap<String, Vec<Firewall>>>,
    /// Projects of which some VPC firewall rule is there.
    pub projects: BTreeSet<String>,
    pub instances: &'r [Instance],
    pub around: Vec<Around>,
    pub policies: Vec<Policy>,
    pub effective: Vec<Effective>,
}

/// The same, in order.
#[derive(Default)]
struct Sorted {
    subnets: BTreeMap<String, Subnet>,
    routes: BTreeMap<String, Vec<surroundings::Told>>,
    routers: BTreeMap<String, Router>,
    /// Networks of which some router told its routes, with how many did.
    statuses: BTreeMap<String, usize>,
    policy_routes: BTreeMap<String, Vec<PolicyRoute>>,
    google: Vec<IpNet>,
    customers: Vec<IpNet>,
    shown: Vec<(Answer, Whose)>,
}

impl Sorted {
    fn of(around: Vec<Around>) -> Self {
        let mut sorted = Self::default();
        let mut seen: BTreeSet<(String, String, String)> = BTreeSet::new();
        let mut add = |routes: &mut BTreeMap<String, Vec<surroundings::Told>>, told: surroundings::Told| {
            let to = told.route.to.map(|to| to.to_string()).unwrap_or_default();
            let what = format!("{to} {:?} {}", told.route.hop, told.route.priority);
            if seen.insert((told.network.clone(), told.route.name.clone(), what)) {
                routes.entry(told.network.clone()).or_default().push(told);
            }
        };
        for one in around {
            match one {
                Around::Subnet(id, subnet) => {
                    sorted.subnets.entry(id).or_insert(subnet);
                }
                Around::Route(told) => add(&mut sorted.routes, told),
                Around::Router(router) => {
                    sorted.routers.entry(router.id.clone()).or_insert(router);
                }
                Around::Status { network, routes } => {
                    *sorted.statuses.entry(network).or_default() += 1;
                    // Routes to subnets are there anyway.
                    for told in routes.into_iter().filter(|told| !told.subnet) {
                        add(&mut sorted.routes, told);
                    }
                }
                Around::PolicyRoute(network, route) => {
                    sorted.policy_routes.entry(network).or_default().push(route);
                }
                Around::Ranges { blocks, customers: false } => sorted.google.extend(blocks),
                Around::Ranges { blocks, customers: true } => sorted.customers.extend(blocks),
                Around::Shown(answer, whose) => sorted.shown.push((answer, whose)),
            }
        }
        for told in sorted.routes.values_mut() {
            told.sort_by(|a, b| (&a.route.name, &a.route.place).cmp(&(&b.route.name, &b.route.place)));
        }
        for routes in sorted.policy_routes.values_mut() {
            routes.sort_by(|a, b| (&a.name, &a.place).cmp(&(&b.name, &b.place)));
        }
        sorted
    }

    /// Whether a whole list is there for the project of a network.
    fn is_shown(&self, answer: Answer, network: &str, projects: &BTreeSet<&str>) -> bool {
        let project = project_of(network).unwrap_or_default();
        self.shown.iter().any(|(shown, whose)| {
            *shown == answer
                && match whose {
                    Whose::Project(of) => of == project,
                    Whose::Path(parts) => {
                        let mut named =
                            parts.iter().filter(|part| projects.contains(part.as_str())).peekable();
                        named.peek().is_none() || named.any(|part| part == project)
                    }
                }
        })
    }
}

/// What is around machines.
pub(super) fn network(told: Told<'_>) -> estate::gcp::Network {
    let empty = (BTreeMap::new(), BTreeMap::new());
    let networks = told.networks.unwrap_or(&empty.0);
    let firewalls = told.firewalls.unwrap_or(&empty.1);
    let sorted = Sorted::of(told.around);
    let mut ids: BTreeSet<&str> = networks.keys().chain(firewalls.keys()).map(String::as_str).collect();
    ids.extend(sorted.subnets.values().map(|subnet| subnet.network.as_str()));
    ids.extend(sorted.routes.keys().map(String::as_str));
    ids.extend(sorted.routers.values().map(|router| router.network.as_str()));
    ids.extend(told.instances.iter().flat_map(|one| &one.interfaces).map(|nic| nic.network.as_str()));
    let projects: BTreeSet<&str> = ids.iter().filter_map(|id| project_of(id)).collect();
    let joiner =
        Joiner { networks, firewalls, rules_of: &told.projects, sorted: &sorted, projects: &projects };

    let mut found: BTreeMap<String, Vpc> = ids.iter().map(|id| ((*id).to_owned(), joiner.vpc(id))).collect();
    joiner.peer(&mut found);
    let mut policies = BTreeMap::new();
    let instances = told.instances;
    for policy in told.policies {
        attach(&mut found, &policy);
        keep(&mut policies, policy);
    }
    for effective in told.effective {
        joiner.count(effective, instances, &mut found, &mut policies);
    }
    // A list of all policies that names none for a region says that there is none.
    for (id, vpc) in &mut found {
        if sorted.is_shown(Answer::GcpEffectiveInRegion, id, &projects) {
            let regions = sorted.subnets.values().filter_map(|subnet| subnet.region.clone());
            let regions = regions.chain(instances.iter().filter_map(|one| one.region.clone()));
            for region in regions {
                vpc.regional.entry(region).or_insert(Attached::Nothing);
            }
        }
    }
    let google = (!sorted.google.is_empty() && !sorted.customers.is_empty())
        .then(|| without(&sorted.google, &sorted.customers));
    estate::gcp::Network { networks: found, nics: nics(instances), policies, google, subnets: sorted.subnets }
}

/// What a route, a gateway or a rule of a network is looked for in.
struct Joiner<'r> {
    networks: &'r BTreeMap<String, records::Network>,
    firewalls: &'r BTreeMap<String, Vec<Firewall>>,
    rules_of: &'r BTreeSet<String>,
    sorted: &'r Sorted,
    projects: &'r BTreeSet<&'r str>,
}

impl Joiner<'_> {
    /// A network by itself.
    fn vpc(&self, id: &str) -> Vpc {
        let sorted = self.sorted;
        let shown = |answer| sorted.is_shown(answer, id, self.projects);
        let record = self.networks.get(id);
        let told = sorted.routes.get(id).map_or(&[][..], Vec::as_slice);
        let subnets = || sorted.subnets.iter().filter(|(_, subnet)| subnet.network == id);
        let mut local: Vec<IpNet> = subnets()
            .flat_map(|(_, subnet)| {
                subnet.primary.iter().chain(subnet.secondary.iter().map(|(_, block)| block)).copied()
            })
            .collect();
        let to_subnets =
            told.iter().filter(|told| told.subnet && !matches!(told.route.hop, NextHop::Peering(_)));
        local.extend(to_subnets.filter_map(|told| told.route.to));
        local.sort_unstable();
        local.dedup();
        // A static route alone does not show that all routes are there.
        let listed = told.iter().any(|told| told.subnet || told.route.hop == NextHop::Gateway);
        let routes_known = listed || shown(Answer::GcpRoutes);
        let all_subnets = record.and_then(|record| record.subnets.as_ref());
        let local_known = routes_known
            || shown(Answer::GcpSubnets)
            || all_subnets.is_some_and(|all| all.iter().all(|one| sorted.subnets.contains_key(one)));
        let routes: Vec<Route> =
            told.iter().filter(|told| !told.subnet && told.active).map(|told| told.route.clone()).collect();

        let project = project_of(id);
        let routers = || sorted.routers.values().filter(|router| project_of(&router.network) == project);
        let routers_known = routers().next().is_some() || shown(Answer::GcpRouters);
        let own = || routers().filter(|router| router.network == id);
        let mut unseen_routes = Vec::new();
        if !routers_known {
            unseen_routes.push((Answer::GcpRouters, id.to_owned()));
        }
        let speaking: Vec<&Router> = own().filter(|router| router.speaks).collect();
        if sorted.statuses.get(id).copied().unwrap_or_default() < speaking.len() {
            unseen_routes.extend(speaking.iter().map(|router| (Answer::GcpRouterStatus, router.id.clone())));
        }
        let of_project = |network: &str| project_of(network) == project;
        let policy_routes_known =
            sorted.policy_routes.keys().any(|network| of_project(network)) || shown(Answer::GcpPolicyRoutes);
        let rules = self.firewalls.get(id);
        let rules_known = rules.is_some()
            || project.is_some_and(|project| self.rules_of.contains(project))
            || shown(Answer::GcpFirewallRules);
        let rules = rules.into_iter().flatten().filter(|rule| !rule.disabled).map(rule_of);
        Vpc {
            local,
            local_known,
            routes: routes_known.then_some(routes),
            unseen_routes,
            policy_routes: policy_routes_known
                .then(|| sorted.policy_routes.get(id).cloned().unwrap_or_default()),
            nats: routers_known.then(|| own().flat_map(|router| router.nats.iter().cloned()).collect()),
            peerings: None,
            rules: rules_known.then(|| rules.collect()),
            hierarchy: None,
            global: match record.map(|record| &record.policy_id) {
                None => Attached::Unseen,
                Some(None) => Attached::Nothing,
                Some(Some(id)) => Attached::Policy(id.clone()),
            },
            regional: BTreeMap::new(),
            system: BTreeMap::new(),
            policies_first: record.map(|record| record.policies_first),
        }
    }

    /// Peerings, and routes that they bring.
    fn peer(&self, found: &mut BTreeMap<String, Vpc>) {
        for (id, record) in self.networks {
            let mut peerings = Vec::new();
            let (mut imported, mut unseen) = (Vec::new(), Vec::new());
            let told = self.sorted.routes.get(id).map_or(&[][..], Vec::as_slice);
            for own in &record.peerings {
                let other = found.get(&own.network);
                let back = self
                    .networks
                    .get(&own.network)
                    .and_then(|peer| peer.peerings.iter().find(|back| back.network == *id && back.active));
                let public = own.imports_public && back.is_none_or(|back| back.exports_public);
                let through =
                    |told: &&surroundings::Told| told.route.hop == NextHop::Peering(own.name.clone());
                let mut blocks: Vec<IpNet> = told
                    .iter()
                    .filter(through)
                    .filter(|told| told.subnet)
                    .filter_map(|told| told.route.to)
                    .collect();
                let shown = other.is_some_and(|other| other.local_known) || !blocks.is_empty();
                let carried = |block: &&IpNet| match block {
                    IpNet::V4(_) => public || is_private(block),
                    IpNet::V6(_) => own.ipv6,
                };
                blocks.extend(other.into_iter().flat_map(|other| &other.local).filter(carried));
                blocks.sort_unstable();
                blocks.dedup();
                peerings.push(Peering {
                    name: own.name.clone(),
                    network: own.network.clone(),
                    active: own.active,
                    blocks: shown.then_some(blocks),
                    public: own.imports_public,
                    place: own.place.clone(),
                });
                let custom = told.iter().filter(through).any(|told| !told.subnet);
                let exports = back.map(|back| back.exports_routes);
                if !own.active || !own.imports_routes || exports == Some(false) || custom {
                    continue;
                }
                match other.filter(|other| exports == Some(true) && other.unseen_routes.is_empty()) {
                    Some(Vpc { routes: Some(routes), .. }) => {
                        // Not those with tags, nor those to the default Internet gateway. (VPC documentation, "VPC
                        // Network Peering", options for exchanging static routes.)
                        let shared = routes.iter().filter(|route| {
                            route.tags.is_empty() && route.hop != NextHop::Gateway && route.via.is_none()
                        });
                        imported.extend(
                            shared.map(|route| Route { via: Some(own.name.clone()), ..route.clone() }),
                        );
                    }
                    _ => unseen.push((Answer::GcpPeeringRoutes, format!("{id}/{}", own.name))),
                }
            }
            let Some(vpc) = found.get_mut(id) else { continue };
            vpc.peerings = Some(peerings);
            vpc.unseen_routes.extend(unseen);
            if let Some(routes) = &mut vpc.routes {
                routes.extend(imported);
            }
        }
    }

    /// An answer about what is effective.
    fn count(
        &self,
        effective: Effective,
        instances: &[Instance],
        found: &mut BTreeMap<String, Vpc>,
        policies: &mut BTreeMap<String, FirewallPolicy>,
    ) {
        let names = |text: &str| effective.around.iter().any(|part| part == text);
        // The machine that the answer is about, if it is about one.
        let machine =
            instances.iter().find(|one| one.interfaces.len() == 1 && one.name.as_deref().is_some_and(names));
        let by_name = || {
            let all: Vec<&String> = found.keys().filter(|id| names(last(id))).collect();
            let near: Vec<&String> =
                all.iter().copied().filter(|id| project_of(id).is_some_and(names)).collect();
            match (all.as_slice(), near.as_slice()) {
                ([only], _) | (_, [only]) => Some((*only).clone()),
                _ => None,
            }
        };
        let of_machine = || Some(machine?.interfaces.first()?.network.clone());
        let Some(id) = effective.network.clone().or_else(by_name).or_else(of_machine) else { return };
        let in_region = machine.is_some()
            || effective
                .around
                .iter()
                .any(|part| part.to_ascii_lowercase().contains("network-firewall-policies"))
            || effective.policies.iter().any(|(level, _)| *level == Level::Region);
        let regions: BTreeSet<&String> =
            self.sorted.subnets.values().filter_map(|subnet| subnet.region.as_ref()).collect();
        let region = machine.and_then(|one| one.region.clone());
        let region = region.or_else(|| regions.into_iter().find(|region| names(region)).cloned());
        let region = region.filter(|_| in_region);

        let vpc = found.entry(id.clone()).or_default();
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
            keep(policies, policy);
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

/// IPv4 blocks that Google counts as private: those of the other end's subnets that a peering always carries.
/// (VPC documentation, "Subnets", valid IPv4 ranges.)
fn is_private(block: &IpNet) -> bool {
    const PRIVATE: [&str; 11] = [
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "240.0.0.0/4",
    ];
    PRIVATE.iter().filter_map(|text| text.parse::<IpNet>().ok()).any(|private| private.contains(block))
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

/// A VPC firewall rule. Which of a machine's own addresses it is for is said apart.
fn rule_of(firewall: &Firewall) -> FirewallRule {
    let first = firewall.rules.first();
    let priority = first.and_then(|rule| match &rule.priority {
        Some(estate::Value::Known(number)) => Some(*number),
        _ => None,
    });
    let mut matches = firewall.rules.clone();
    if firewall.own.is_some() {
        matches.iter_mut().for_each(|rule| rule.presence = Presence::Present);
    }
    FirewallRule {
        name: firewall.name.clone(),
        priority,
        direction: firewall.direction,
        action: match first.map(|rule| rule.action) {
            Some(Action::Deny) => RuleAction::Deny,
            _ => RuleAction::Allow,
        },
        targets: Targets {
            tags: firewall.targets.tags.clone(),
            accounts: firewall.targets.accounts.clone(),
            ..Targets::default()
        },
        own: firewall.own.clone(),
        guard: first.map_or(Guard::Always, |rule| rule.guard.clone()),
        matches,
        place: firewall.block.clone(),
    }
}

/// The id of a machine's interface.
pub(super) fn nic_id(instance: &Instance, at: usize) -> String {
    let name = instance.interfaces.get(at).and_then(|nic| nic.name.clone());
    format!("{}/{}", instance.id, name.unwrap_or_else(|| format!("nic{at}")))
}

fn nics(instances: &[Instance]) -> BTreeMap<String, Nic> {
    let mut found = BTreeMap::new();
    for instance in instances {
        for (at, nic) in instance.interfaces.iter().enumerate() {
            let told = Nic {
                instance: instance.id.clone(),
                region: instance.region.clone(),
                tags: instance.targets.tags.clone(),
                accounts: instance.targets.accounts.clone(),
                alias: nic.alias.clone(),
                external_v6: nic.ipv6.as_ref().is_some_and(|(_, external)| *external),
            };
            found.insert(nic_id(instance, at), told);
        }
    }
    found
}

/// Interfaces of machines, in the order of their workloads.
pub(super) fn interfaces(instances: &[Instance]) -> Vec<estate::Interface> {
    let mut found = Vec::new();
    for (workload, instance) in instances.iter().enumerate() {
        for (at, nic) in instance.interfaces.iter().enumerate() {
            let own = nic.private.iter().chain(nic.ipv6.iter().map(|(address, _)| address));
            let mut addresses: Vec<std::net::IpAddr> = own.filter_map(|text| text.parse().ok()).collect();
            addresses.sort_unstable();
            addresses.dedup();
            found.push(estate::Interface {
                id: nic_id(instance, at),
                workload,
                subnet: nic.subnet.clone(),
                vpc: Some(nic.network.clone()),
                groups: Vec::new(),
                unseen_groups: Vec::new(),
                addresses,
                public: nic.external,
                forwards: instance.forwards,
                service: None,
                place: nic.place.clone(),
            });
        }
    }
    found
}
