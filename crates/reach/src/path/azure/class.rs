//! What interfaces may share an answer by: the same subnet and group, and nothing about their addresses that a rule, a route
//! or a way to the Internet tells apart.

use super::guards::{self, Place};
use super::rules::{Host, Own, own};
use super::spaces::Space;
use super::{Paths, family_of};
use std::collections::BTreeSet;
use std::net::IpAddr;
use tidegate_estate::azure::{Card, Configuration, NextHop};
use tidegate_estate::{Direction, Interface};
use tidegate_space::IpFamily;

/// What tells an interface from others.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Class<'e> {
    subnet: Option<&'e str>,
    group: Option<&'e str>,
    endpoint: bool,
    configurations: Vec<Part<'e>>,
    /// The interface itself, where it is what is missing or what is not told about.
    itself: Option<&'e str>,
}

/// What tells a configuration from others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Part<'e> {
    family: IpFamily,
    known: bool,
    primary: bool,
    public: bool,
    pools: &'e BTreeSet<String>,
    machine: Machine<'e>,
    /// Which rules count for it.
    counts: Vec<Own>,
    /// Its address and its groups, where machines that forward are asked about them.
    host: Option<(Option<IpAddr>, &'e BTreeSet<String>)>,
}

/// What default outbound access asks about the machine.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Machine<'e> {
    None,
    Unknown(&'e str),
    OfScaleSet,
    Public,
    Plain,
}

impl<'e> Class<'e> {
    pub(in crate::path) fn of(net: &Paths<'e>, interface: &'e Interface) -> Self {
        let empty = Self {
            subnet: interface.subnet.as_deref(),
            group: None,
            endpoint: false,
            configurations: Vec::new(),
            itself: Some(&interface.id),
        };
        let Some(card) = net.az.cards.get(&interface.id) else { return empty };
        let parts: Vec<Part<'e>> =
            card.configurations.iter().map(|one| of_configuration(net, interface, card, one)).collect();
        // Without a single address that is told, what is missing is about this interface.
        let apart = parts.len() != 1
            || parts.iter().any(|part| !part.known || !part.primary || part.machine == Machine::None);
        Self {
            group: card.group.as_deref(),
            endpoint: card.endpoint.is_some(),
            configurations: parts,
            itself: (interface.subnet.is_none() || apart).then_some(&interface.id),
            ..empty
        }
    }
}

/// What tells what an interface lets in from what others do.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Inward<'e> {
    subnet: Option<&'e str>,
    group: Option<&'e str>,
    endpoint: bool,
    /// Of each configuration which rules count for it; nothing where no answer shows the interface's.
    configurations: Option<Vec<(IpFamily, Vec<Own>)>>,
}

impl<'e> Inward<'e> {
    pub(in crate::path) fn of(net: &Paths<'e>, interface: &'e Interface) -> Self {
        let card = net.az.cards.get(&interface.id);
        let own = |card: &'e Card| {
            let one = |own| (family_of(own), counts(net, interface, card, own, Direction::Ingress));
            card.configurations.iter().map(one).collect()
        };
        Self {
            subnet: interface.subnet.as_deref(),
            group: card.and_then(|card| card.group.as_deref()),
            endpoint: card.is_some_and(|card| card.endpoint.is_some()),
            configurations: card.map(own),
        }
    }
}

/// Which of the rules that guard a configuration one way count for it, in their order.
fn counts<'e>(
    net: &Paths<'e>,
    interface: &'e Interface,
    card: &'e Card,
    configuration: &'e Configuration,
    direction: Direction,
) -> Vec<Own> {
    let Some(id) = interface.subnet.as_deref() else { return Vec::new() };
    let gates = guards::gates(net, &Place { group: card.group.as_deref(), subnet: id });
    let rules = gates.admin.into_iter().flatten();
    let rules = rules.chain(gates.groups.into_iter().flatten().flat_map(|group| &group.rules));
    let unknown = Space::unknown();
    let space = net.spaces.get(id).unwrap_or(&unknown);
    let hosts = [Host::of(configuration)];
    let own = |rule| own(net, rule, &hosts, space, family_of(configuration));
    rules.filter(|rule| rule.direction == direction).map(own).collect()
}

/// What tells one configuration of an interface from others in the same subnet and under the same group.
pub(super) fn of_configuration<'e>(
    net: &Paths<'e>,
    interface: &'e Interface,
    card: &'e Card,
    configuration: &'e Configuration,
) -> Part<'e> {
    let family = family_of(configuration);
    let counts = counts(net, interface, card, configuration, Direction::Egress);
    let mut asked = false;
    if let Some(id) = interface.subnet.as_deref() {
        let table = net.az.subnets.get(id).and_then(|subnet| net.az.tables.get(subnet.table.as_ref()?));
        asked = table.is_some_and(|table| {
            let is_machine = |address: &IpAddr| {
                !net.az.firewalls.values().any(|firewall| firewall.addresses.contains(address))
            };
            table
                .routes
                .iter()
                .any(|route| matches!(&route.hop, NextHop::Appliance(address) if is_machine(address)))
        });
    }
    let machine = match &card.machine {
        None => Machine::None,
        Some(id) if net.public.contains(id.as_str()) => Machine::Public,
        Some(id) => match net.az.machines.get(id) {
            Some(machine) if machine.of_scale_set => Machine::OfScaleSet,
            Some(_) => Machine::Plain,
            None => Machine::Unknown(id),
        },
    };
    Part {
        family,
        known: configuration.address.is_some(),
        primary: configuration.primary,
        public: configuration.public.is_some(),
        pools: &configuration.pools,
        machine,
        counts,
        host: asked.then_some((configuration.address, &configuration.groups)),
    }
}
