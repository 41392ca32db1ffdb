//! One packet, taken from gate to gate through one estate of AWS.

mod arrive;
mod gateways;
mod guards;
mod route;

pub(super) use arrive::deliver;

use super::{GateKind, Passes, Trace};
use crate::path::Arrival;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use tidegate_estate::{Answer, Direction, Estate, Interface, Network};
use tidegate_space::{IpFamily, Packet, internet};

/// More subnets than this one after another are not followed.
const LONGEST: usize = 8;

/// Every way that a packet from an interface may take, to where it ends. Most packets have one; the address of the packet
/// is its destination. Policies with more than `limit` worlds are not told apart.
pub(super) fn trace(estate: &Estate, interface: &Interface, packet: &Packet, limit: usize) -> Vec<Trace> {
    let mut walk = Walk { estate, packet, limit, ends: Vec::new(), holders: RefCell::default() };
    walk.start(interface);
    walk.ends
}

#[derive(Clone)]
struct Source {
    addresses: Vec<IpAddr>,
    public: bool,
    nat: bool,
}

struct Walk<'e> {
    estate: &'e Estate,
    packet: &'e Packet,
    limit: usize,
    ends: Vec<Trace>,
    /// Who has an address: every rule that names a group asks it.
    holders: RefCell<BTreeMap<IpAddr, Vec<&'e Interface>>>,
}

impl<'e> Walk<'e> {
    fn network(&self) -> &'e Network {
        &self.estate.network
    }

    fn public(&self) -> bool {
        let number = IpFamily::number(self.packet.address);
        internet::addresses(self.packet.family).contains(number)
    }

    fn end(&mut self, mut way: Trace, to: Option<Arrival>) {
        // What is stopped arrives nowhere; the Internet has public addresses only.
        let arrives = way.passes > Passes::No && (to != Some(Arrival::Internet) || self.public());
        way.to = to.filter(|_| arrives);
        self.ends.push(way);
    }

    /// Nobody knows where it goes from here.
    fn lost(&mut self, way: Trace, id: &str) {
        let to = if self.public() { Arrival::Internet } else { Arrival::Beyond(id.to_owned()) };
        self.end(way, Some(to));
    }

    fn start(&mut self, interface: &Interface) {
        let mut way = Trace {
            gates: Vec::new(),
            to: None,
            passes: Passes::Yes,
            inspected: false,
            missing: BTreeSet::new(),
        };
        let family = |address: &IpAddr| IpFamily::of(*address) == self.packet.family;
        let has = interface.addresses.iter().any(family);
        let place = Some(interface.place.clone());
        if interface.addresses.is_empty() {
            way = way.pass(
                GateKind::Interface,
                &interface.id,
                "its addresses are not known",
                Passes::Perhaps,
                place,
            );
            way = way.doubt(Answer::Interfaces, &interface.id);
        } else if !has {
            let why = "it has no address of this family";
            return self.end(way.pass(GateKind::Interface, &interface.id, why, Passes::No, place), None);
        }
        let (why, passes, place) = self.groups(interface, Direction::Egress, self.packet.address);
        for group in &interface.unseen_groups {
            if passes == Passes::Perhaps {
                way.missing.insert((Answer::Groups, group.clone()));
            }
        }
        way = way.pass(GateKind::Groups, &self.ids(interface), why, passes, place);
        if way.passes == Passes::No {
            return self.end(way, None);
        }
        let source = Source { addresses: interface.addresses.clone(), public: interface.public, nat: false };
        match &interface.subnet {
            Some(subnet) => {
                let vpc = interface.vpc.as_deref().or_else(|| self.vpc_of(subnet));
                self.send(subnet, vpc, way, &source, 0);
            }
            None => self.lost(way.doubt(Answer::Interfaces, &interface.id), &interface.id),
        }
    }

    fn vpc_of(&self, subnet: &str) -> Option<&'e str> {
        self.network().subnets.get(subnet)?.vpc.as_deref()
    }
}
