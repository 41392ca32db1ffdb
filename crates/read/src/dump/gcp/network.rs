//! What is around machines, joined: networks with their subnets, routes, gateways, peerings and firewall policies.

use super::effective;
use super::policies::{Effective, Policy};
use super::records::{self, Firewall, Instance, project_of};
use super::surroundings::{self, Around, Router, Whose};
use std::collections::{BTreeMap, BTreeSet};
use tidegate_estate as estate;
use tidegate_estate::gcp::{
    Attached, FirewallRule, GoogleRanges, NextHop, Nic, Peering, PolicyRoute, Route, RuleAction, Subnet,
    Targets, Vpc,
};
use tidegate_estate::{Action, Answer, Guard, IpNet, Presence};

/// Everything that the records say.
#[derive(Default)]
pub(super) struct Told<'r> {
    pub networks: Option<&'r BTreeMap<String, records::Network>>,
    /// VPC firewall rules by network.
    pub firewalls: Option<&'r BTreeMap<String, Vec<Firewall>>>,
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
    /// Networks of which some router told its routes, with which did; `None` where that is not said.
    statuses: BTreeMap<String, Vec<Option<String>>>,
    policy_routes: BTreeMap<String, Vec<PolicyRoute>>,
    google: Vec<IpNet>,
    customers: Vec<IpNet>,
    /// Whole lists by project, or by the id of a network.
    shown: BTreeSet<(Answer, String)>,
    /// Whole lists of whatever their path names.
    shown_below: Vec<(Answer, Vec<String>)>,
    by_network: BTreeMap<String, Vec<String>>,
    routers_of: BTreeMap<String, Vec<String>>,
    regions: BTreeSet<String>,
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
                Around::Status { network, router, routes } => {
                    sorted.statuses.entry(network).or_default().push(router);
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
                Around::Shown(answer, Whose::Project(of) | Whose::Network(of)) => {
                    sorted.shown.insert((answer, of));
                }
                Around::Shown(answer, Whose::Path(parts)) => sorted.shown_below.push((answer, parts)),
            }
        }
        for (id, subnet) in &sorted.subnets {
            sorted.by_network.entry(subnet.network.clone()).or_default().push(id.clone());
            sorted.regions.extend(subnet.region.clone());
        }
        for (id, router) in &sorted.routers {
            sorted.routers_of.entry(router.network.clone()).or_default().push(id.clone());
        }
        for told in sorted.routes.values_mut() {
            told.sort_by(|a, b| (&a.route.name, &a.route.place).cmp(&(&b.route.name, &b.route.place)));
        }
        for routes in sorted.policy_routes.values_mut() {
            routes.sort_by(|a, b| (&a.name, &a.place).cmp(&(&b.name, &b.place)));
        }
        sorted
    }

    /// Whether a whole list is there for a network, or for its project.
    fn is_shown(&self, answer: Answer, network: &str, projects: &BTreeSet<&str>) -> bool {
        let project = project_of(network).unwrap_or_default();
        let below = |(shown, parts): &(Answer, Vec<String>)| {
            let mut named = parts.iter().filter(|part| projects.contains(part.as_str())).peekable();
            *shown == answer && (named.peek().is_none() || named.any(|part| part == project))
        };
        let known = |of: &str| self.shown.contains(&(answer, of.to_owned()));
        known(network) || known(project) || self.shown_below.iter().any(below)
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
    let joiner = Joiner { networks, firewalls, sorted: &sorted, projects: &projects };

    let mut found: BTreeMap<String, Vpc> = ids.iter().map(|id| ((*id).to_owned(), joiner.vpc(id))).collect();
    joiner.peer(&mut found);
    let instances = told.instances;
    let policies = effective::policies(told.policies, told.effective, instances, &sorted.regions, &mut found);
    // A list of all policies that names none for a region says that there is none.
    for (id, vpc) in &mut found {
        if sorted.is_shown(Answer::GcpEffectiveInRegion, id, &projects) {
            vpc.other_regions = Attached::Nothing;
        }
    }
    let (all, customers) = (sorted.google.clone(), sorted.customers.clone());
    let google = (!all.is_empty() && !customers.is_empty()).then_some(GoogleRanges { all, customers });
    estate::gcp::Network { networks: found, nics: nics(instances), policies, google, subnets: sorted.subnets }
}

/// What a route, a gateway or a rule of a network is looked for in.
struct Joiner<'r> {
    networks: &'r BTreeMap<String, records::Network>,
    firewalls: &'r BTreeMap<String, Vec<Firewall>>,
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
        let subnets = sorted.by_network.get(id).into_iter().flatten();
        let mut local: Vec<IpNet> = subnets
            .filter_map(|id| sorted.subnets.get(id))
            .flat_map(|subnet| {
                subnet.primary.iter().chain(subnet.secondary.iter().map(|(_, block)| block)).copied()
            })
            .collect();
        let to_subnets =
            told.iter().filter(|told| told.subnet && !matches!(told.route.hop, NextHop::Peering(_)));
        local.extend(to_subnets.filter_map(|told| told.route.to));
        local.sort_unstable();
        local.dedup();
        let routes_known = shown(Answer::GcpRoutes);
        let all_subnets = record.and_then(|record| record.subnets.as_ref());
        let local_known = routes_known
            || shown(Answer::GcpSubnets)
            || all_subnets.is_some_and(|all| all.iter().all(|one| sorted.subnets.contains_key(one)));
        let routes: Vec<Route> =
            told.iter().filter(|told| !told.subnet && told.active).map(|told| told.route.clone()).collect();

        let routers_known = shown(Answer::GcpRouters);
        let own = || {
            let ids = sorted.routers_of.get(id).into_iter().flatten();
            ids.filter_map(|id| sorted.routers.get(id))
        };
        let mut unseen_routes = Vec::new();
        if !routers_known {
            unseen_routes.push((Answer::GcpRouters, id.to_owned()));
        }
        let told_by = sorted.statuses.get(id).map_or(&[][..], Vec::as_slice);
        let told_by_some = told_by.iter().filter(|router| router.is_none()).count();
        let is_silent = |router: &&Router| router.speaks && !told_by.contains(&Some(router.id.clone()));
        let silent: Vec<&Router> = own().filter(is_silent).collect();
        if told_by_some < silent.len() {
            unseen_routes.extend(silent.iter().map(|router| (Answer::GcpRouterStatus, router.id.clone())));
        }
        let policy_routes_known = shown(Answer::GcpPolicyRoutes);
        let rules = self.firewalls.get(id);
        let rules_known = shown(Answer::GcpFirewallRules);
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
            other_regions: Attached::Unseen,
            system: BTreeMap::new(),
            policies_first: record.map(|record| record.policies_first),
        }
    }

    /// Peerings, and routes that they bring.
    fn peer(&self, found: &mut BTreeMap<String, Vpc>) {
        // What a peer imports itself it does not pass on.
        let known = |vpc: &Vpc| vpc.unseen_routes.is_empty();
        let known: BTreeSet<String> =
            found.iter().filter(|(_, vpc)| known(vpc)).map(|(id, _)| id.clone()).collect();
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
                match other.filter(|_| exports == Some(true) && known.contains(&own.network)) {
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
