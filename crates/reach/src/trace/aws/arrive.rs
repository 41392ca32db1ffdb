//! What guards the interface that a packet arrives at.

use super::Walk;
use crate::path::Arrival;
use crate::trace::{GateKind, Passes, Trace};
use std::cell::RefCell;
use std::net::IpAddr;
use tidegate_estate::{Answer, Direction, Estate, Interface};
use tidegate_space::{IpFamily, Packet};

/// Goes on where a packet arrives at an address of a VPC: the network ACL of the subnet and the groups of the interface
/// that has the address. Other ends stay as they are.
pub(in crate::trace) fn deliver(
    estate: &Estate,
    from: &Interface,
    packet: &Packet,
    trace: Trace,
    limit: usize,
) -> Trace {
    let Some(Arrival::Vpc(vpc)) = trace.to.clone() else { return trace };
    let there = |interface: &&Interface| {
        interface.addresses.contains(&packet.address) && interface.vpc.as_ref().is_none_or(|own| *own == vpc)
    };
    let walk = Walk { estate, packet, limit, ends: Vec::new(), holders: RefCell::default() };
    let Some(to) = estate.network.interfaces.iter().find(there) else {
        let why = format!("no interface among the files has {}", packet.address);
        return trace
            .pass(GateKind::Interface, &vpc, why, Passes::Perhaps, None)
            .doubt(Answer::Interfaces, &vpc);
    };
    // Behind a NAT gateway its address is the sender's.
    let nat = trace.gates.iter().rfind(|gate| gate.kind == GateKind::Nat);
    let nat = nat.and_then(|gate| estate.network.nats.get(&gate.id));
    let sender: &[IpAddr] = nat.map_or(&from.addresses, |nat| &nat.addresses);
    let sender: Vec<IpAddr> =
        sender.iter().copied().filter(|address| IpFamily::of(*address) == packet.family).collect();
    let mut trace = trace;
    let routed = trace.gates.iter().any(|gate| gate.kind == GateKind::Table);
    match to.subnet.as_deref() {
        Some(subnet) if routed && (nat.is_some() || from.subnet.as_deref() != Some(subnet)) => {
            trace = walk.acl(trace, GateKind::AclIn, subnet, to.vpc.as_deref(), &sender);
        }
        Some(_) => {}
        None => trace = trace.doubt(Answer::Interfaces, &to.id),
    }
    if trace.passes > Passes::No {
        let each = sender.iter().map(|sender| walk.groups(to, Direction::Ingress, *sender));
        let best = each.max_by_key(|(_, passes, _)| *passes);
        let (why, passes, place) =
            best.unwrap_or_else(|| ("the sender's address is not known".to_owned(), Passes::Perhaps, None));
        trace = trace.pass(GateKind::GroupsIn, &walk.ids(to), why, passes, place);
    }
    if trace.passes == Passes::No {
        trace.to = None;
    }
    trace
}
