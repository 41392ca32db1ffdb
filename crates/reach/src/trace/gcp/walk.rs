//! The way of one packet through networks of Google Cloud.

use super::super::rules::holds;
use super::super::{GateKind, Passes, Trace};
use super::firewall::Question;
use super::{same_family, short};
use crate::path::Arrival;
use std::collections::BTreeSet;
use std::net::IpAddr;
use tidegate_estate::gcp::{Network, NextHop, Nic, Route, Vpc};
use tidegate_estate::{Answer, Direction, Estate, Interface, IpNet};
use tidegate_space::{IpFamily, Packet, internet};

/// More machines that forward, one after another, are not followed.
const LONGEST: usize = 3;

/// Every way that a packet from an interface may take, to where it ends.
pub(in crate::trace) fn trace(estate: &Estate, interface: &Interface, packet: &Packet) -> Vec<Trace> {
    let mut walk = Walk { estate, packet, ends: Vec::new(), aside: Vec::new() };
    walk.start(interface);
    walk.ends.append(&mut walk.aside);
    walk.ends
}

pub(super) struct Walk<'e> {
    estate: &'e Estate,
    pub(super) packet: &'e Packet,
    ends: Vec<Trace>,
    /// Where it may end if something is there that no answer shows.
    aside: Vec<Trace>,
}

impl<'e> Walk<'e> {
    pub(super) fn gcp(&self) -> &'e Network {
        &self.estate.gcp
    }

    pub(super) fn public(&self) -> bool {
        internet::addresses(self.packet.family).contains(IpFamily::number(self.packet.address))
    }

    pub(super) fn end(&mut self, mut way: Trace, to: Arrival) {
        let arrives = way.passes > Passes::No && (to != Arrival::Internet || self.public());
        way.to = arrives.then_some(to);
        self.ends.push(way);
    }

    /// Perhaps it ends there, because of something that no answer shows.
    fn aside(&mut self, mut way: Trace, to: Arrival) {
        way.to = (way.passes > Passes::No).then_some(to);
        self.aside.push(way);
    }

    pub(super) fn stopped(&mut self, way: Trace) {
        self.ends.push(way);
    }

    /// Nobody knows where it goes from here.
    fn lost(&mut self, way: Trace, id: &str) {
        let to = if self.public() { Arrival::Internet } else { Arrival::Beyond(id.to_owned()) };
        self.end(way, to);
    }

    /// The firewall of an interface, on the way out.
    fn firewall(&self, mut way: Trace, interface: &Interface) -> Trace {
        let question = Question {
            estate: self.estate,
            interface,
            packet: self.packet,
            other: self.packet.address,
            own: None,
            direction: Direction::Egress,
        };
        let verdict = question.ask();
        way.inspected |= verdict.inspected;
        way.missing.extend(verdict.missing);
        way.passes = way.passes.min(verdict.passes);
        way.gates.extend(verdict.gates);
        way
    }

    fn start(&mut self, interface: &Interface) {
        let mut way = Trace {
            gates: Vec::new(),
            to: None,
            passes: Passes::Yes,
            inspected: false,
            missing: BTreeSet::new(),
        };
        let place = Some(interface.place.clone());
        if interface.addresses.is_empty() {
            let why = "its addresses are not known";
            way = way.pass(GateKind::Interface, &interface.id, why, Passes::Perhaps, place);
            way = way.doubt(Answer::GcpInstances, &interface.id);
        } else if !interface.addresses.iter().any(|one| IpFamily::of(*one) == self.packet.family) {
            let why = "it has no address of this family";
            return self.stopped(way.pass(GateKind::Interface, &interface.id, why, Passes::No, place));
        }
        way = self.firewall(way, interface);
        if way.passes == Passes::No {
            return self.stopped(way);
        }
        self.send(interface, way, 0);
    }

    fn send(&mut self, interface: &Interface, mut way: Trace, depth: usize) {
        if depth > LONGEST {
            let why = "it goes in circles";
            return self.stopped(way.pass(GateKind::Interface, &interface.id, why, Passes::No, None));
        }
        let vpc = interface.vpc.as_ref().and_then(|id| self.gcp().networks.get_key_value(id));
        let Some((id, vpc)) = vpc else {
            let about = interface.vpc.as_ref().unwrap_or(&interface.id).clone();
            return self.lost(way.doubt(Answer::GcpNetworks, &about), &about);
        };
        let Some(nic) = self.gcp().nics.get(&interface.id) else {
            return self.lost(way.doubt(Answer::GcpInstances, &interface.id), &interface.id);
        };
        let address = self.packet.address;
        // 1. Policy-based routes.
        match &vpc.policy_routes {
            None => {
                way = way.doubt(Answer::GcpPolicyRoutes, id);
                self.aside(way.clone(), Arrival::Beyond(format!("policy-based routes of {id}")));
            }
            Some(routes) => {
                for route in routes {
                    if !is_for(&route.tags, nic)
                        || !holds(&route.to, address)
                        || !same_family(&route.from, address)
                    {
                        continue;
                    }
                    if route.protocol.is_some_and(|protocol| protocol != self.packet.protocol) {
                        continue;
                    }
                    if !interface.addresses.is_empty() && !sends_from(interface, nic, &route.from) {
                        continue;
                    }
                    let mut taken = way.clone().doubt(Answer::Beyond, &route.name);
                    taken.inspected = true;
                    let why = "it perhaps takes this to a load balancer";
                    let place = Some(route.place.clone());
                    taken = taken.pass(GateKind::PolicyRoute, &route.name, why, Passes::Perhaps, place);
                    self.lost(taken, &route.name);
                    way = way.doubt(Answer::Beyond, &route.name);
                }
            }
        }
        // 2. Subnets of the network.
        if let Some(block) = vpc.local.iter().find(|block| holds(block, address)) {
            let why = format!("{block} is a subnet's");
            let way = way.pass(GateKind::Routes, id, why, Passes::Yes, None);
            return self.end(way, Arrival::Vpc(id.clone()));
        }
        if !vpc.local_known {
            way = way.doubt(Answer::GcpSubnets, id);
            self.aside(way.clone(), Arrival::Vpc(id.clone()));
        }
        // 3. Subnets of networks next door.
        let Some(peerings) = &vpc.peerings else {
            way = way.doubt(Answer::GcpNetworks, id);
            self.aside(way.clone(), Arrival::Beyond(format!("peerings of {id}")));
            return self.custom(interface, nic, (id, vpc), way, depth);
        };
        for peering in peerings.iter().filter(|peering| peering.active) {
            let to = Arrival::Vpc(peering.network.clone());
            let place = Some(peering.place.clone());
            let name = short(&peering.network);
            match &peering.blocks {
                Some(blocks) => {
                    if let Some(block) = blocks.iter().find(|block| holds(block, address)) {
                        let why = format!("{block} is a subnet's of {name}");
                        let way = way.pass(GateKind::Peering, &peering.name, why, Passes::Yes, place);
                        return self.end(way, to);
                    }
                }
                None if peering.public || !self.public() => {
                    way = way.doubt(Answer::GcpSubnets, &peering.network);
                    let why = format!("the subnets of {name} are not among the files");
                    let next =
                        way.clone().pass(GateKind::Peering, &peering.name, why, Passes::Perhaps, place);
                    self.end(next, to);
                }
                None => {}
            }
        }
        self.custom(interface, nic, (id, vpc), way, depth);
    }

    /// 4. All other routes.
    fn custom(
        &mut self,
        interface: &Interface,
        nic: &Nic,
        (id, vpc): (&'e String, &'e Vpc),
        mut way: Trace,
        depth: usize,
    ) {
        let Some(routes) = &vpc.routes else {
            return self.lost(way.doubt(Answer::GcpRoutes, id), id);
        };
        for (answer, about) in &vpc.unseen_routes {
            way = way.doubt(*answer, about);
        }
        if let Some((_, about)) = vpc.unseen_routes.first() {
            self.aside(way.clone(), Arrival::Beyond(about.clone()));
        }
        let mut best: Vec<&Route> = Vec::new();
        for route in routes.iter().filter(|route| is_for(&route.tags, nic)) {
            let Some(to) = &route.to else {
                way = way.doubt(Answer::GcpRoutes, &route.name);
                self.follow(interface, route, (id, vpc), way.clone(), depth);
                continue;
            };
            if !holds(to, self.packet.address) {
                continue;
            }
            let rank =
                |route: &Route| (route.to.map_or(0, |to| to.prefix_len()), std::cmp::Reverse(route.priority));
            match best.first().map(|first| rank(route).cmp(&rank(first))) {
                Some(std::cmp::Ordering::Less) => {}
                Some(std::cmp::Ordering::Equal) => {
                    if !best.iter().any(|known| (&known.hop, &known.via) == (&route.hop, &route.via)) {
                        best.push(route);
                    }
                }
                Some(std::cmp::Ordering::Greater) | None => best = vec![route],
            }
        }
        if best.is_empty() {
            let why = "no route leads there";
            return self.stopped(way.pass(GateKind::Routes, id, why, Passes::No, None));
        }
        let several = best.len() > 1;
        for route in best {
            let way = if several { way.clone().doubt(Answer::Beyond, &route.name) } else { way.clone() };
            self.follow(interface, route, (id, vpc), way, depth);
        }
    }

    fn follow(
        &mut self,
        interface: &Interface,
        route: &Route,
        (id, vpc): (&'e String, &'e Vpc),
        way: Trace,
        depth: usize,
    ) {
        let hop = match &route.hop {
            NextHop::Gateway => "default-internet-gateway".to_owned(),
            NextHop::Address(address) => address.to_string(),
            NextHop::Instance(id)
            | NextHop::Balancer(id)
            | NextHop::Tunnel(id)
            | NextHop::Peering(id)
            | NextHop::Other(id) => short(id).to_owned(),
        };
        let to = route.to.map_or_else(|| "?".to_owned(), |to| to.to_string());
        let place = Some(route.place.clone());
        let mut way = way.pass(GateKind::Route, &route.name, format!("{to} → {hop}"), Passes::Yes, place);
        let mut home = id;
        if let Some(name) = &route.via {
            way = way.pass(GateKind::Peering, name, "it brings this route", Passes::Yes, None);
            let peering = vpc.peerings.iter().flatten().find(|peering| peering.name == *name);
            home = peering.map_or(id, |peering| &peering.network);
        }
        match &route.hop {
            NextHop::Gateway => self.gateway(interface, (id, vpc), way),
            NextHop::Instance(machine) => self.forwarder(Some(machine), machine, way, depth),
            NextHop::Address(address) => {
                let has =
                    |one: &&Interface| one.vpc.as_ref() == Some(home) && one.addresses.contains(address);
                let holder = self.estate.network.interfaces.iter().find(has);
                let machine = holder.and_then(|one| self.gcp().nics.get(&one.id)).map(|nic| &nic.instance);
                self.forwarder(machine, &address.to_string(), way, depth);
            }
            NextHop::Balancer(balancer) => {
                let mut way = way.doubt(Answer::Beyond, balancer);
                way.inspected = true;
                self.lost(way, balancer);
            }
            NextHop::Tunnel(other) | NextHop::Other(other) => {
                self.end(way.doubt(Answer::Beyond, other), Arrival::Beyond(other.clone()));
            }
            NextHop::Peering(peering) => self.lost(way.doubt(Answer::GcpPeeringRoutes, peering), peering),
        }
    }

    fn forwarder(&mut self, machine: Option<&String>, name: &str, mut way: Trace, depth: usize) {
        way.inspected = true;
        way = way.doubt(Answer::Beyond, name);
        let of =
            |one: &&Interface| self.gcp().nics.get(&one.id).is_some_and(|nic| Some(&nic.instance) == machine);
        let interfaces: Vec<&Interface> = self.estate.network.interfaces.iter().filter(of).collect();
        if interfaces.is_empty() {
            return self.lost(way.doubt(Answer::GcpInstances, name), name);
        }
        for interface in interfaces {
            if !interface.forwards {
                let why = "it drops what is not for itself (canIpForward is off)";
                let place = Some(interface.place.clone());
                self.stopped(way.clone().pass(GateKind::Forwarder, &interface.id, why, Passes::No, place));
                continue;
            }
            let why = "it may send this on";
            let next = way.clone().pass(GateKind::Forwarder, &interface.id, why, Passes::Perhaps, None);
            let next = self.firewall(next, interface);
            if next.passes == Passes::No {
                self.stopped(next);
            } else {
                self.send(interface, next, depth + 1);
            }
        }
    }
}

fn is_for(tags: &BTreeSet<String>, nic: &Nic) -> bool {
    tags.is_empty() || tags.iter().any(|tag| nic.tags.contains(tag))
}

/// Whether an interface may send from an address of a block.
fn sends_from(interface: &Interface, nic: &Nic, block: &IpNet) -> bool {
    let alias = nic.alias.iter().any(|(_, alias)| {
        same_family(alias, block.addr()) && (holds(block, alias.addr()) || holds(alias, block.addr()))
    });
    alias || interface.addresses.iter().any(|address| holds(block, *address))
}

/// Goes on where a packet arrives at an address of a network: the firewall of the interface that has the address.
pub(in crate::trace) fn deliver(
    estate: &Estate,
    from: &Interface,
    packet: &Packet,
    mut trace: Trace,
) -> Trace {
    let Some(Arrival::Vpc(vpc)) = trace.to.clone() else { return trace };
    let has = |one: &&Interface| {
        let alias = estate.gcp.nics.get(&one.id).into_iter().flat_map(|nic| &nic.alias);
        let own = one.addresses.contains(&packet.address);
        one.vpc.as_ref() == Some(&vpc)
            && (own || alias.into_iter().any(|(_, alias)| holds(alias, packet.address)))
    };
    let Some(to) = estate.network.interfaces.iter().find(has) else {
        let why = format!("no machine among the files has {}", packet.address);
        let trace = trace.pass(GateKind::Interface, &vpc, why, Passes::Perhaps, None);
        return trace.doubt(Answer::GcpInstances, &vpc);
    };
    let senders = from.addresses.iter().filter(|one| IpFamily::of(**one) == packet.family);
    let ask = |sender: &IpAddr| {
        let question = Question {
            estate,
            interface: to,
            packet,
            other: *sender,
            own: Some(packet.address),
            direction: Direction::Ingress,
        };
        question.ask()
    };
    let mut verdicts: Vec<_> = senders.map(ask).collect();
    let differ = verdicts.windows(2).any(|pair| match pair {
        [a, b] => a.passes != b.passes,
        _ => false,
    });
    let Some(verdict) = verdicts.pop() else {
        let why = "the sender's address is not known";
        return trace.pass(GateKind::FirewallIn, &to.id, why, Passes::Perhaps, None);
    };
    let passes = if differ { Passes::Perhaps } else { verdict.passes };
    trace.passes = trace.passes.min(passes);
    trace.inspected |= verdict.inspected;
    trace.missing.extend(verdict.missing);
    trace.gates.extend(verdict.gates);
    if trace.passes == Passes::No {
        trace.to = None;
    }
    trace
}
