//! The records of all files to the network of an estate.

use super::network::NetworkRecord;
use super::spelling::{Spelling, name, parent};
use std::collections::BTreeMap;
use tidegate_estate as estate;
use tidegate_estate::azure::{
    Card, End, Firewall, LoadBalancer, Network, Peering, SecurityGroup, SecurityRule, Subnet, VirtualNetwork,
};

/// An interface, before ids are spelled alike.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub id: String,
    /// The workload that has it, by index.
    pub workload: usize,
    pub subnet: Option<String>,
    pub card: Card,
    pub forwards: bool,
    pub place: estate::Place,
}

/// A network security group, and what its own answer says it guards (ids in lower case).
#[derive(Debug, Clone)]
pub(super) struct Guarding {
    pub id: String,
    pub group: SecurityGroup,
    pub subnets: Vec<String>,
    pub interfaces: Vec<String>,
}

/// Puts a network together. Of two answers about one thing the first counts.
pub(super) fn network(
    records: Vec<NetworkRecord>,
    groups: Vec<Guarding>,
    cards: Vec<Found>,
) -> (Network, Vec<estate::Interface>) {
    let mut spelling = Spelling::default();
    for record in &records {
        if let Some(id) = own_id(record) {
            spelling.define(id);
        }
        if let NetworkRecord::Balancer(_, balancer) = record {
            balancer.pools.keys().for_each(|pool| spelling.define(pool));
        }
    }
    groups.iter().for_each(|group| spelling.define(&group.id));
    cards.iter().for_each(|card| spelling.define(&card.id));
    let mut joined = Joined { spelling, network: Network::default(), peerings: Vec::new() };
    let (mut learned, mut admin, mut endpoints) = (Vec::new(), Vec::new(), Vec::new());
    for record in records {
        match record {
            NetworkRecord::Learned(names, routes) => learned.push((names, routes)),
            NetworkRecord::Admin(names, rules) => admin.push((names, rules)),
            NetworkRecord::Endpoint(card, endpoint) => endpoints.push((card, endpoint)),
            record => joined.add(record),
        }
    }
    let interfaces = cards.into_iter().map(|found| joined.interface(found)).collect();
    groups.into_iter().for_each(|group| joined.group(group));
    joined.finish(learned, admin, endpoints);
    (joined.network, interfaces)
}

fn own_id(record: &NetworkRecord) -> Option<&str> {
    match record {
        NetworkRecord::Network(id, _)
        | NetworkRecord::Subnet(id, _)
        | NetworkRecord::Table(id, _)
        | NetworkRecord::Nat(id, _)
        | NetworkRecord::Firewall(id, _)
        | NetworkRecord::Balancer(id, _)
        | NetworkRecord::Gateway(id, _)
        | NetworkRecord::Machine(id, _)
        | NetworkRecord::Endpoint(_, id) => Some(id),
        NetworkRecord::Peering(peering) => Some(&peering.id),
        NetworkRecord::Learned(..) | NetworkRecord::Admin(..) | NetworkRecord::Tag(..) => None,
    }
}

struct Joined {
    spelling: Spelling,
    network: Network,
    /// Peerings that an answer of their own shows.
    peerings: Vec<Peering>,
}

impl Joined {
    fn add(&mut self, record: NetworkRecord) {
        let spelling = &self.spelling;
        let of = |id: String| spelling.of(&id);
        let network = &mut self.network;
        match record {
            NetworkRecord::Network(id, found) => {
                let peerings = found.peerings.into_iter().map(|one| peering(spelling, one)).collect();
                network.networks.entry(of(id)).or_insert(VirtualNetwork { peerings, ..found });
            }
            NetworkRecord::Subnet(id, found) => {
                let subnet = Subnet {
                    network: of(found.network),
                    group: found.group.map(of),
                    table: found.table.map(of),
                    nat: found.nat.map(of),
                    interfaces: found.interfaces.into_iter().map(of).collect(),
                    ..found
                };
                network.subnets.entry(of(id)).or_insert(subnet);
            }
            NetworkRecord::Peering(found) => self.peerings.push(peering(spelling, found)),
            NetworkRecord::Table(id, table) => {
                network.tables.entry(of(id)).or_insert(table);
            }
            NetworkRecord::Nat(id, nat) => {
                network.nats.entry(of(id)).or_insert(nat);
            }
            NetworkRecord::Firewall(id, found) => {
                let firewall = Firewall { subnet: found.subnet.map(of), ..found };
                network.firewalls.entry(of(id)).or_insert(firewall);
            }
            NetworkRecord::Balancer(id, found) => {
                let balancer = LoadBalancer {
                    standard: found.standard,
                    private: found.private.into_iter().map(|(own, subnet)| (own, subnet.map(of))).collect(),
                    pools: found
                        .pools
                        .into_iter()
                        .map(|(pool, cards)| (of(pool), cards.into_iter().map(of).collect()))
                        .collect(),
                    outbound: found
                        .outbound
                        .into_iter()
                        .map(|sent| estate::azure::Outbound { pool: of(sent.pool), ..sent })
                        .collect(),
                };
                network.balancers.entry(of(id)).or_insert(balancer);
            }
            NetworkRecord::Gateway(id, mut gateway) => {
                gateway.network = gateway.network.map(of);
                network.gateways.entry(of(id)).or_insert(gateway);
            }
            NetworkRecord::Machine(id, machine) => {
                network.machines.entry(of(id)).or_insert(machine);
            }
            NetworkRecord::Tag(tag, blocks) => {
                network.tags.entry(tag).or_insert(blocks);
            }
            NetworkRecord::Learned(..) | NetworkRecord::Admin(..) | NetworkRecord::Endpoint(..) => {}
        }
    }

    fn rule(&self, rule: SecurityRule) -> SecurityRule {
        let ends = |ends: Vec<End>| {
            let one = |end: End| match end {
                End::Group(id) => End::Group(self.spelling.of(&id)),
                other => other,
            };
            ends.into_iter().map(one).collect()
        };
        SecurityRule { sources: ends(rule.sources), destinations: ends(rule.destinations), ..rule }
    }

    fn interface(&mut self, found: Found) -> estate::Interface {
        let spelling = &self.spelling;
        let of = |id: String| spelling.of(&id);
        let mut card = found.card;
        card.group = card.group.map(of);
        card.machine = card.machine.map(of);
        card.endpoint = card.endpoint.map(of);
        for one in &mut card.configurations {
            one.public = one.public.take().map(of);
            // What an application security group is called stands in no answer of its own here.
            one.groups = std::mem::take(&mut one.groups).into_iter().map(of).collect();
            one.pools = std::mem::take(&mut one.pools).into_iter().map(of).collect();
        }
        let id = of(found.id);
        let subnet = found.subnet.map(of);
        let interface = estate::Interface {
            workload: found.workload,
            vpc: subnet.as_deref().and_then(parent).map(|network| spelling.of(network)),
            subnet,
            groups: Vec::new(),
            unseen_groups: Vec::new(),
            addresses: card.configurations.iter().filter_map(|one| one.address).collect(),
            public: card.configurations.iter().any(|one| one.public.is_some()),
            forwards: found.forwards,
            service: None,
            place: found.place,
            id: id.clone(),
        };
        self.network.cards.entry(id).or_insert(card);
        interface
    }

    fn group(&mut self, guarding: Guarding) {
        let id = self.spelling.of(&guarding.id);
        for (own, subnet) in &mut self.network.subnets {
            if subnet.group.is_none() && guarding.subnets.contains(&own.to_ascii_lowercase()) {
                subnet.group = Some(id.clone());
            }
        }
        for card in &guarding.interfaces {
            if let Some(card) = self.network.cards.get_mut(&self.spelling.of(card)) {
                card.group.get_or_insert_with(|| id.clone());
            }
        }
        let rules = guarding.group.rules.iter().cloned().map(|rule| self.rule(rule)).collect();
        let interfaces = guarding.group.interfaces.iter().map(|card| self.spelling.of(card)).collect();
        let group = SecurityGroup { rules, interfaces, ..guarding.group };
        self.network.groups.entry(id).or_insert(group);
    }

    /// What needs all of the rest.
    fn finish(
        &mut self,
        learned: Vec<(Vec<String>, Vec<estate::IpNet>)>,
        admin: Vec<(Vec<String>, Vec<SecurityRule>)>,
        endpoints: Vec<(String, String)>,
    ) {
        for peering in std::mem::take(&mut self.peerings) {
            let owner = parent(&peering.id).map(|id| self.spelling.of(id));
            let network = owner.and_then(|owner| self.network.networks.get_mut(&owner));
            if let Some(network) = network
                && !network.peerings.iter().any(|known| known.id == peering.id)
            {
                network.peerings.push(peering);
            }
        }
        for (names, routes) in learned {
            let found = attributed(&names, self.network.gateways.keys());
            if let Some(gateway) = found.and_then(|id| self.network.gateways.get_mut(&id)) {
                gateway.learned.get_or_insert_default().extend(routes);
            }
        }
        for (names, rules) in admin {
            if let Some(id) = attributed(&names, self.network.networks.keys()) {
                let rules: Vec<SecurityRule> = rules.into_iter().map(|rule| self.rule(rule)).collect();
                self.network.admin.entry(id).or_default().extend(rules);
            }
        }
        for (card, endpoint) in endpoints {
            if let Some(card) = self.network.cards.get_mut(&self.spelling.of(&card)) {
                card.endpoint = card.endpoint.take().or_else(|| Some(self.spelling.of(&endpoint)));
            }
        }
        // Who is in a pool stands at the interface, at the pool, or at both.
        let mut in_pools: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for balancer in self.network.balancers.values() {
            for (pool, cards) in &balancer.pools {
                cards.iter().for_each(|card| in_pools.entry(card.clone()).or_default().push(pool.clone()));
            }
        }
        for (id, card) in &mut self.network.cards {
            let told = card.configurations.iter().any(|one| !one.pools.is_empty());
            let primary = card.configurations.iter_mut().find(|one| one.primary);
            if let (false, Some(primary), Some(pools)) = (told, primary, in_pools.remove(id)) {
                primary.pools.extend(pools);
            }
            for pool in card.configurations.iter().flat_map(|one| &one.pools) {
                for balancer in self.network.balancers.values_mut() {
                    if let Some(cards) = balancer.pools.get_mut(pool) {
                        cards.insert(id.clone());
                    }
                }
            }
        }
    }
}

fn peering(spelling: &Spelling, peering: Peering) -> Peering {
    Peering { id: spelling.of(&peering.id), remote: peering.remote.map(|id| spelling.of(&id)), ..peering }
}

/// The resource that names around an answer name: by its id, or by its own name, which may have more before or behind it.
/// The longest name counts; where several resources have it, the one whose resource group is named, too.
fn attributed<'i>(names: &[String], ids: impl Iterator<Item = &'i String>) -> Option<String> {
    let names: Vec<String> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
    let mut best: Vec<(usize, &String)> = Vec::new();
    for id in ids {
        let own = name(id).to_ascii_lowercase();
        let apart = |rest: &str, at_end: bool| {
            let next = if at_end { rest.chars().next_back() } else { rest.chars().next() };
            next.is_none_or(|c| !c.is_ascii_alphanumeric())
        };
        let named = names.iter().any(|text| {
            text.strip_suffix(&own).is_some_and(|rest| apart(rest, true))
                || text.strip_prefix(&own).is_some_and(|rest| apart(rest, false))
        });
        if named && best.iter().all(|(length, _)| *length <= own.len()) {
            best.retain(|(length, _)| *length == own.len());
            best.push((own.len(), id));
        }
    }
    match best.as_slice() {
        [] => None,
        [(_, only)] => Some((*only).clone()),
        several => {
            let group = |id: &str| {
                let mut parts = id.split('/').skip_while(|part| !part.eq_ignore_ascii_case("resourceGroups"));
                parts.nth(1).map(str::to_ascii_lowercase)
            };
            let mut named =
                several.iter().filter(|(_, id)| group(id).is_some_and(|own| names.contains(&own)));
            let first = named.next()?;
            named.next().is_none().then(|| first.1.clone())
        }
    }
}
