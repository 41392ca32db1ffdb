//! One packet, taken from gate to gate through one estate of Azure.
//!
//! Written apart from [`crate::path`], as the rest of [`crate::trace`]: each rule, each route and each flag is looked up as it
//! stands in the estate, for this packet alone.

mod arrive;
mod ends;
mod guards;
mod out;
mod route;
mod steps;

pub(super) use arrive::deliver;

use super::{GateKind, Passes, Trace};
use crate::path::{AZURE_PLATFORM, Arrival};
use std::collections::BTreeSet;
use std::net::IpAddr;
use steps::{beyond, doubt, gate};
use tidegate_estate::azure::{Answer, Card, Configuration, Network};
use tidegate_estate::{Direction, Estate, Interface};
use tidegate_space::{IpFamily, Packet, internet};

/// Every way that a packet from an interface may take: one for each of its addresses, where these differ.
pub(super) fn trace(estate: &Estate, interface: &Interface, packet: &Packet) -> Vec<Trace> {
    let card = estate.azure.cards.get(&interface.id).filter(|card| !card.configurations.is_empty());
    let Some(card) = card else {
        let why = "its addresses are not among the files";
        let place = Some(interface.place.clone());
        let way = gate(start(), GateKind::Interface, &interface.id, why, Passes::Perhaps, place);
        let mut walk = Walk { estate, az: &estate.azure, packet, ends: Vec::new(), ways: 0 };
        walk.lost(doubt(way, Answer::Interfaces, &interface.id), &interface.id);
        return walk.ends;
    };
    if card.endpoint.is_some() {
        let why = "it belongs to a private endpoint, which opens no connections";
        let place = Some(interface.place.clone());
        return vec![gate(start(), GateKind::Interface, &interface.id, why, Passes::No, place)];
    }
    let own: Vec<&Configuration> =
        card.configurations.iter().filter(|one| is_family(one, packet.family)).collect();
    if own.is_empty() {
        let why = "it has no address of this family";
        let place = Some(interface.place.clone());
        return vec![gate(start(), GateKind::Interface, &interface.id, why, Passes::No, place)];
    }
    let each: Vec<Vec<Trace>> = own
        .into_iter()
        .map(|configuration| {
            let sender = Sender { interface, card, configuration };
            let mut walk = Walk { estate, az: &estate.azure, packet, ends: Vec::new(), ways: 0 };
            walk.start(sender);
            walk.ends
        })
        .collect();
    together(each, interface)
}

fn is_family(configuration: &Configuration, family: IpFamily) -> bool {
    (configuration.family == tidegate_estate::IpFamily::V6) == (family == IpFamily::V6)
}

fn start() -> Trace {
    Trace { gates: Vec::new(), to: None, passes: Passes::Yes, inspected: false, missing: BTreeSet::new() }
}

/// Nobody says which of its addresses an interface sends from: what arrives from some only, perhaps arrives.
fn together(each: Vec<Vec<Trace>>, interface: &Interface) -> Vec<Trace> {
    let surely = |ways: &[Trace], to: &Option<Arrival>| {
        ways.iter().any(|way| way.to == *to && way.passes == Passes::Yes)
    };
    let mut all: Vec<Trace> = Vec::new();
    for way in each.iter().flatten() {
        let mut way = way.clone();
        if way.to.is_some() && way.passes == Passes::Yes && !each.iter().all(|ways| surely(ways, &way.to)) {
            way = beyond(way, &interface.id);
        }
        if !all.contains(&way) {
            all.push(way);
        }
    }
    all
}

/// An interface, as one of its addresses.
#[derive(Clone, Copy)]
struct Sender<'e> {
    interface: &'e Interface,
    card: &'e Card,
    configuration: &'e Configuration,
}

/// Whose packet it is at some point.
#[derive(Clone)]
struct Source<'e> {
    /// What sends it now.
    through: Through<'e>,
    /// Who may be its source: the sender, and machines that perhaps send under their own address.
    from: Vec<Sender<'e>>,
    /// Whether something else than its sender sent it last.
    forwarded: bool,
}

#[derive(Clone, Copy)]
enum Through<'e> {
    Interface(Sender<'e>),
    /// An Azure Firewall; whether it has a public address.
    Firewall(bool),
}

struct Walk<'e> {
    estate: &'e Estate,
    az: &'e Network,
    packet: &'e Packet,
    ends: Vec<Trace>,
    ways: usize,
}

impl<'e> Walk<'e> {
    /// Whether the packet goes to a public address.
    fn public(&self) -> bool {
        internet::addresses(self.packet.family).contains(IpFamily::number(self.packet.address))
    }

    fn end(&mut self, mut way: Trace, to: Option<Arrival>) {
        let arrives = way.passes > Passes::No && (to != Some(Arrival::Internet) || self.public());
        way.to = to.filter(|_| arrives);
        self.ends.push(way);
    }

    fn stopped(&mut self, way: Trace, kind: GateKind, id: &str, why: impl Into<String>) {
        let way = gate(way, kind, id, why, Passes::No, None);
        self.end(way, None);
    }

    /// Nobody knows where it goes from here.
    fn lost(&mut self, way: Trace, id: &str) {
        let to = if self.public() { Arrival::Internet } else { Arrival::Beyond(id.to_owned()) };
        self.end(way, Some(to));
    }

    fn start(&mut self, sender: Sender<'e>) {
        let mut way = start();
        let interface = sender.interface;
        if sender.configuration.address.is_none() {
            let place = Some(interface.place.clone());
            let why = "its address is not known";
            way = gate(way, GateKind::Interface, &interface.id, why, Passes::Perhaps, place);
            way = doubt(way, Answer::Interfaces, &interface.id);
        }
        let Some(subnet) = &interface.subnet else {
            return self.lost(doubt(way, Answer::Interfaces, &interface.id), &interface.id);
        };
        if self.is_platform() {
            let why = "the platform itself answers there: no group and no route filters it";
            way = gate(way, GateKind::Platform, &self.packet.address.to_string(), why, Passes::Yes, None);
            if self.platform_is_named(sender.card, subnet) {
                way = beyond(way, sender.card.group.as_deref().unwrap_or(subnet));
            }
            return self.end(way, Some(Arrival::Service(AZURE_PLATFORM.to_owned())));
        }
        if let Some(why) = self.not_carried() {
            return self.stopped(way, GateKind::Platform, subnet, why);
        }
        way = self.guards(way, sender.card, subnet, &[sender], Direction::Egress, self.packet.address);
        if way.passes == Passes::No {
            return self.end(way, None);
        }
        let source = Source { through: Through::Interface(sender), from: vec![sender], forwarded: false };
        self.route(subnet, way, &source, 0);
    }

    /// Whether it goes to an address at which the platform answers.
    fn is_platform(&self) -> bool {
        matches!(self.packet.address, IpAddr::V4(to) if matches!(to.octets(), [168, 63, 129, 16] | [169, 254, 169, 254]))
    }

    /// Why a virtual network does not carry it, if it does not.
    fn not_carried(&self) -> Option<&'static str> {
        let many = match self.packet.address {
            IpAddr::V4(to) => to.is_multicast() || to.is_broadcast(),
            IpAddr::V6(to) => to.is_multicast(),
        };
        if many {
            return Some("a virtual network carries nothing to many receivers at once");
        }
        (!matches!(self.packet.protocol, 1 | 6 | 17 | 50 | 51 | 58))
            .then_some("a virtual network carries TCP, UDP, ICMP, ESP and AH only")
    }
}
