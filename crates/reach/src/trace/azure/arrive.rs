//! What guards the interface that a packet arrives at.

use super::steps::{doubt, gate};
use super::{Sender, Walk, is_family};
use crate::path::Arrival;
use crate::trace::{GateKind, Passes, Trace};
use std::collections::BTreeSet;
use std::net::IpAddr;
use tidegate_estate::azure::Answer;
use tidegate_estate::{Direction, Estate, Interface};
use tidegate_space::Packet;

/// Goes on where a packet arrives at an address of a virtual network. Other ends stay as they are.
pub(in crate::trace) fn deliver(estate: &Estate, from: &Interface, packet: &Packet, trace: Trace) -> Trace {
    let Some(Arrival::Vpc(network)) = trace.to.clone() else { return trace };
    let walk = Walk { estate, az: &estate.azure, packet, ends: Vec::new(), ways: 0 };
    let Some(to) = walk.who_has(packet.address, &network) else {
        let why = format!("no interface among the files has {}", packet.address);
        let trace = gate(trace, GateKind::Interface, &network, why, Passes::Perhaps, None);
        return doubt(trace, Answer::Interfaces, &network);
    };
    let own = |interface: &Interface| -> Vec<Option<IpAddr>> {
        let card = estate.azure.cards.get(&interface.id);
        let own = card.into_iter().flat_map(|card| &card.configurations);
        own.filter(|one| is_family(one, packet.family)).map(|one| one.address).collect()
    };
    // A machine that forwards may have sent it under its own address, a firewall under one that is not known.
    let mut senders = own(from);
    for gate in &trace.gates {
        match gate.kind {
            GateKind::Forwarder => {
                let through = estate.network.interfaces.iter().find(|interface| interface.id == gate.id);
                senders.extend(through.into_iter().flat_map(own));
            }
            GateKind::AzureFirewall => {
                let firewall = estate.azure.firewalls.get(&gate.id);
                senders.extend(firewall.into_iter().flat_map(|one| one.addresses.iter().copied().map(Some)));
            }
            _ => {}
        }
    }
    senders.sort_unstable();
    senders.dedup();
    let before = trace;
    let each: Vec<Trace> = senders
        .into_iter()
        .map(|sender| match sender {
            Some(sender) => walk.in_at(before.clone(), to, sender),
            None => doubt(before.clone(), Answer::Interfaces, &from.id),
        })
        .collect();
    let all: BTreeSet<Passes> = each.iter().map(|trace| trace.passes).collect();
    let mut trace = each.into_iter().max_by_key(|trace| trace.passes).unwrap_or(before);
    if all.len() > 1 {
        trace.passes = trace.passes.min(Passes::Perhaps);
    }
    if trace.passes == Passes::No {
        trace.to = None;
    }
    trace
}

impl<'e> Walk<'e> {
    /// The guards of an interface, for a packet that comes in from an address.
    pub(super) fn in_at(&self, way: Trace, to: Sender<'e>, from: IpAddr) -> Trace {
        let Some(subnet) = &to.interface.subnet else {
            return doubt(way, Answer::Interfaces, &to.interface.id);
        };
        let filtered = self.az.subnets.get(subnet).is_none_or(|subnet| subnet.groups_for_endpoints);
        if let (Some(endpoint), false) = (&to.card.endpoint, filtered) {
            let why = "no group is asked for private endpoints in this subnet";
            return gate(way, GateKind::Endpoint, endpoint, why, Passes::Yes, None);
        }
        self.guards(way, to.card, subnet, &[to], Direction::Ingress, from)
    }
}
