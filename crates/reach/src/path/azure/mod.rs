//! What leaves an interface of Azure and where it arrives: security admin rules, network security groups, routes and ways
//! to the Internet, each as sets of packets.
//!
//! - Every configuration of an interface (one address each) is followed by itself. What only some of them may send is
//!   possible, and not certain.
//! - What a virtual network does not carry at all is in no set; what no group filters arrives at the platform.
//!
//! Facts are of the pages "Virtual network traffic routing", "Network security groups", "Security admin rules",
//! "Virtual network service tags", "Azure Virtual Network FAQ", "Default outbound access in Azure", "SNAT for outbound
//! connections" and "What is Azure NAT Gateway?" on learn.microsoft.com.

mod class;
mod guards;
#[cfg(test)]
mod model;
mod outside;
mod routes;
mod rules;
mod spaces;
mod stream;
mod walk;

pub(super) use class::{Class, Inward};
pub use walk::PLATFORM;

use super::{Exit, Leaving};
use crate::policy::Bounds;
use guards::Place;
use routes::Lookup;
use rules::Host;
use spaces::Space;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tidegate_estate::azure::{Card, Configuration};
use tidegate_estate::{Answer, Direction, Estate, Interface, azure};
use tidegate_space::{AddressSet, IpFamily, PacketSet};

/// Azure's part of an estate, with what is looked up in it again and again.
pub(super) struct Paths<'e> {
    az: &'e azure::Network,
    /// What the tag VirtualNetwork stands for in each subnet.
    spaces: HashMap<&'e str, Space>,
    /// Who has an address.
    holders: HashMap<IpAddr, Vec<Holder<'e>>>,
    /// Interfaces by id.
    interfaces: HashMap<&'e str, &'e Interface>,
    /// Addresses in application security groups.
    members: HashMap<&'e str, [AddressSet; 2]>,
    /// Machines with a public address on some interface.
    public: HashSet<&'e str>,
    lookups: Mutex<HashMap<(&'e str, IpFamily), Arc<Lookup<'e>>>>,
}

/// An interface with one of its configurations.
#[derive(Clone, Copy)]
struct Holder<'e> {
    interface: &'e Interface,
    card: &'e Card,
    configuration: &'e Configuration,
}

/// The family of a configuration.
fn family_of(configuration: &Configuration) -> IpFamily {
    match configuration.family {
        tidegate_estate::IpFamily::V4 => IpFamily::V4,
        tidegate_estate::IpFamily::V6 => IpFamily::V6,
    }
}

impl<'e> Paths<'e> {
    pub fn new(estate: &'e Estate) -> Self {
        let az = &estate.azure;
        let mut holders: HashMap<IpAddr, Vec<Holder<'e>>> = HashMap::new();
        let mut blocks: HashMap<&str, Vec<IpAddr>> = HashMap::new();
        for interface in &estate.network.interfaces {
            let Some(card) = az.cards.get(&interface.id) else { continue };
            for configuration in &card.configurations {
                let Some(address) = configuration.address else { continue };
                holders.entry(address).or_default().push(Holder { interface, card, configuration });
                for group in &configuration.groups {
                    blocks.entry(group).or_default().push(address);
                }
            }
        }
        let sets = |addresses: Vec<IpAddr>| {
            IpFamily::BOTH
                .map(|family| AddressSet::from_blocks(family, addresses.iter().map(|one| (*one).into())))
        };
        let public =
            az.cards.values().filter(|card| card.configurations.iter().any(|one| one.public.is_some()));
        Self {
            az,
            public: public.filter_map(|card| card.machine.as_deref()).collect(),
            spaces: az.subnets.keys().map(|id| (id.as_str(), spaces::around(az, id))).collect(),
            holders,
            interfaces: estate.network.interfaces.iter().map(|one| (one.id.as_str(), one)).collect(),
            members: blocks.into_iter().map(|(id, addresses)| (id, sets(addresses))).collect(),
            lookups: Mutex::default(),
        }
    }

    /// The routes of a subnet, taken apart once.
    fn lookup(&self, subnet: &'e str, family: IpFamily) -> Option<Arc<Lookup<'e>>> {
        let key = (subnet, family);
        if let Some(known) = self.lookups.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Some(known.clone());
        }
        let found = Arc::new(routes::lookup(self, subnet, family)?);
        self.lookups.lock().unwrap_or_else(PoisonError::into_inner).insert(key, found.clone());
        Some(found)
    }

    /// What leaves an interface.
    pub fn leaving(&self, interface: &'e Interface) -> Leaving {
        let mut parts: BTreeMap<IpFamily, Vec<(Bounds, Vec<Exit>)>> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        let card = self.az.cards.get(&interface.id).filter(|card| !card.configurations.is_empty());
        let Some(card) = card else {
            return Leaving { groups: Bounds::unknown(), exits: walk::unknown(self, interface) };
        };
        // A private endpoint answers and never asks. ("What is a private endpoint?")
        if card.endpoint.is_some() {
            return nothing();
        }
        for configuration in &card.configurations {
            // Configurations that nothing tells apart are one case.
            if seen.insert(class::of_configuration(self, interface, card, configuration)) {
                let holder = Holder { interface, card, configuration };
                parts.entry(family_of(configuration)).or_default().push(walk::leaving(self, holder));
            }
        }
        let mut leaving = nothing();
        for ways in parts.into_values() {
            let groups = ways.iter().map(|(groups, _)| groups.clone()).reduce(|all, next| {
                Bounds::between(all.must.intersection(&next.must), all.may.union(&next.may))
            });
            leaving.groups = leaving.groups.or(&groups.unwrap_or_default());
            leaving.exits.extend(together(ways.into_iter().map(|(_, exits)| exits).collect(), interface));
        }
        leaving
    }

    /// What gets in at an interface through its guards; the address of a packet is where it comes from.
    pub fn lets_in(&self, interface: &'e Interface) -> Bounds {
        let Some(card) = self.az.cards.get(&interface.id) else { return Bounds::unknown() };
        let mut all: BTreeMap<IpFamily, Bounds> = BTreeMap::new();
        for configuration in &card.configurations {
            let own = self.guarded_in(Holder { interface, card, configuration });
            let known = all.remove(&family_of(configuration));
            let next = match known {
                Some(known) => Bounds::between(known.must.intersection(&own.must), known.may.union(&own.may)),
                None => own,
            };
            all.insert(family_of(configuration), next);
        }
        all.values().fold(Bounds::default(), |all, next| all.or(next))
    }

    /// The guards of one configuration, inward.
    fn guarded_in(&self, to: Holder<'e>) -> Bounds {
        let family = family_of(to.configuration);
        let Some(subnet) = to.interface.subnet.as_deref() else {
            return Bounds::unknown().only(&PacketSet::family(family));
        };
        let filtered = self.az.subnets.get(subnet).is_none_or(|subnet| subnet.groups_for_endpoints);
        if to.card.endpoint.is_some() && !filtered {
            return Bounds::exactly(PacketSet::family(family));
        }
        let place = Place { group: to.card.group.as_deref(), subnet };
        let hosts = [Host::of(to.configuration)];
        guards::guarded(self, &place, &hosts, Direction::Ingress, family).set
    }
}

fn nothing() -> Leaving {
    Leaving { groups: Bounds::default(), exits: Vec::new() }
}

/// The ways of several configurations as those of their interface. Nobody says from which one it sends: certain is what
/// arrives from each of them.
fn together(ways: Vec<Vec<Exit>>, interface: &Interface) -> Vec<Exit> {
    if ways.len() < 2 {
        return ways.into_iter().flatten().collect();
    }
    let mut all: Vec<Exit> = Vec::new();
    let arriving = |exits: &[Exit], exit: &Exit| {
        let same = exits.iter().filter(|known| known.to == exit.to);
        PacketSet::union_all(same.map(|known| PacketSet::clone(&known.set.must)))
    };
    for exit in ways.iter().flatten() {
        let mut must = PacketSet::clone(&exit.set.must);
        for exits in &ways {
            must = must.intersection(&arriving(exits, exit));
        }
        let mut exit = exit.clone();
        if must != *exit.set.must {
            exit.missing.insert((Answer::Beyond, interface.id.clone()));
            exit.set = Bounds::between(must, PacketSet::clone(&exit.set.may));
        }
        let same = |known: &&mut Exit| {
            known.to == exit.to && known.way == exit.way && known.inspected == exit.inspected
        };
        match all.iter_mut().find(same) {
            Some(known) => {
                known.set = known.set.or(&exit.set);
                known.answered = known.set.may.clone();
                known.missing.extend(exit.missing);
            }
            None => all.push(exit),
        }
    }
    all
}
