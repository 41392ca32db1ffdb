//! What leaves an interface of Google Cloud: firewall policies and rules, routes, Cloud NAT, the default Internet gateway.
//!
//! Facts are of the VPC documentation ("Routes", "VPC Network Peering", "Policy-based routes", "Private Google Access"),
//! the Cloud NGFW documentation ("Firewall policy rule evaluation order", "VPC firewall rules") and the Cloud NAT
//! documentation ("Public NAT").

mod firewall;
#[cfg(test)]
mod model;
mod routes;
mod walk;

pub(super) use walk::leaving;

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use tidegate_estate::gcp::{FirewallRule, Network, Nic, Vpc};
use tidegate_estate::{Direction, Estate, Interface, IpNet};
use tidegate_space::IpFamily;

/// The gates of an estate of Google Cloud.
pub(super) struct Gates<'e> {
    estate: &'e Estate,
    /// Addresses of machines with a network tag or a service account, by network, then by name.
    members: HashMap<&'e str, HashMap<&'e str, Vec<IpNet>>>,
    /// Interfaces of each machine.
    machines: HashMap<&'e str, Vec<&'e Interface>>,
    /// Interfaces by network and address.
    holders: HashMap<&'e str, HashMap<IpAddr, &'e Interface>>,
    /// Network tags and service accounts that some rule or route names: others tell nothing apart.
    named: BTreeSet<&'e str>,
    /// Whether some rule or route is for some of a machine's addresses only.
    by_address: bool,
}

/// What interfaces may share an answer by, beside their subnet.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Class<'e> {
    named: Vec<&'e str>,
    region: Option<&'e str>,
    external_v6: bool,
    /// The interface itself, where no answer says enough of it.
    itself: Option<&'e str>,
    alias: &'e [(Option<String>, IpNet)],
    addresses: &'e [IpAddr],
}

/// What interfaces may share an answer about what they let in by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Inward<'e> {
    vpc: Option<&'e str>,
    subnet: Option<&'e str>,
    region: Option<&'e str>,
    /// Network tags and service accounts; nothing where no answer shows the machine.
    names: Option<(&'e BTreeSet<String>, &'e BTreeSet<String>)>,
    /// The addresses, where some rule is for some of a machine's only.
    addresses: &'e [IpAddr],
    alias: &'e [(Option<String>, IpNet)],
}

impl<'e> Gates<'e> {
    /// For an estate; one of another cloud has none.
    pub fn new(estate: &'e Estate) -> Self {
        let network = &estate.gcp;
        let mut members: HashMap<&str, HashMap<&str, Vec<IpNet>>> = HashMap::new();
        let mut machines: HashMap<&str, Vec<&Interface>> = HashMap::new();
        let mut holders: HashMap<&str, HashMap<IpAddr, &Interface>> = HashMap::new();
        for interface in &estate.network.interfaces {
            for (vpc, address) in
                interface.vpc.iter().flat_map(|vpc| interface.addresses.iter().map(move |one| (vpc, one)))
            {
                holders.entry(vpc.as_str()).or_default().entry(*address).or_insert(interface);
            }
            let Some(nic) = network.nics.get(&interface.id) else { continue };
            machines.entry(&nic.instance).or_default().push(interface);
            let Some(vpc) = interface.vpc.as_deref() else { continue };
            for name in nic.tags.iter().chain(&nic.accounts) {
                let own = interface.addresses.iter().map(|address| IpNet::from(*address));
                members.entry(vpc).or_default().entry(name.as_str()).or_default().extend(own);
            }
        }
        let of_networks = network.networks.values().filter_map(|vpc| vpc.rules.as_ref());
        let of_policies = network.policies.values().filter_map(|policy| policy.rules.as_ref());
        let rules: Vec<&FirewallRule> = of_networks.chain(of_policies).flatten().collect();
        let mut named: BTreeSet<&str> = BTreeSet::new();
        for rule in rules.iter().filter(|rule| rule.direction == Direction::Egress) {
            named.extend(rule.targets.tags.iter().chain(&rule.targets.accounts).map(String::as_str));
        }
        let mut by_address = rules.iter().any(|rule| rule.own.is_some());
        for vpc in network.networks.values() {
            let routes = vpc.routes.iter().flatten().map(|route| &route.tags);
            let policy_routes = vpc.policy_routes.iter().flatten();
            by_address |= policy_routes.clone().next().is_some();
            let tags = routes.chain(policy_routes.map(|route| &route.tags)).flatten();
            named.extend(tags.map(String::as_str));
        }
        Self { estate, members, machines, holders, named, by_address }
    }

    /// What tells what an interface lets in from what others do.
    pub fn inward(&self, interface: &'e Interface) -> Inward<'e> {
        let nic = self.nic(interface);
        Inward {
            vpc: interface.vpc.as_deref(),
            subnet: interface.subnet.as_deref(),
            region: nic.and_then(|nic| nic.region.as_deref()),
            names: nic.map(|nic| (&nic.tags, &nic.accounts)),
            addresses: if self.by_address { &interface.addresses } else { &[] },
            alias: nic.filter(|_| self.by_address).map_or(&[], |nic| nic.alias.as_slice()),
        }
    }

    fn network(&self) -> &'e Network {
        &self.estate.gcp
    }

    fn vpc(&self, id: &str) -> Option<&'e Vpc> {
        self.network().networks.get(id)
    }

    fn nic(&self, interface: &Interface) -> Option<&'e Nic> {
        self.network().nics.get(&interface.id)
    }

    /// What tells an interface apart from others of its subnet.
    pub fn class(&self, interface: &'e Interface) -> Class<'e> {
        let nic = self.nic(interface);
        let own = nic.into_iter().flat_map(|nic| nic.tags.iter().chain(&nic.accounts)).map(String::as_str);
        Class {
            named: own.filter(|name| self.named.contains(name)).collect(),
            region: nic.and_then(|nic| nic.region.as_deref()),
            external_v6: nic.is_some_and(|nic| nic.external_v6),
            itself: (nic.is_none() || interface.vpc.is_none()).then_some(interface.id.as_str()),
            alias: nic.map_or(&[], |nic| nic.alias.as_slice()),
            addresses: if self.by_address { &interface.addresses } else { &[] },
        }
    }
}

/// Whether something is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sure {
    No,
    Perhaps,
    Yes,
}

impl Sure {
    /// Of several: all, some, or none.
    fn among(mut each: impl Iterator<Item = bool>) -> Self {
        let Some(first) = each.next() else { return Sure::No };
        let same = each.all(|next| next == first);
        match (same, first) {
            (true, true) => Sure::Yes,
            (true, false) => Sure::No,
            (false, _) => Sure::Perhaps,
        }
    }
}

/// The blocks that an interface may send from in a family.
fn sources(interface: &Interface, nic: Option<&Nic>, family: IpFamily) -> Vec<IpNet> {
    let own = interface.addresses.iter().map(|address| IpNet::from(*address));
    let alias = nic.into_iter().flat_map(|nic| &nic.alias).map(|(_, block)| *block);
    own.chain(alias).filter(|block| IpFamily::of(block.addr()) == family).collect()
}
