//! The way of one packet, gate by gate, as evidence for a finding.

use crate::allows;
use crate::finding::{PathGate, PathShown, Witness};
use tidegate_estate::{Estate, Interface, Step};
use tidegate_reach::trace::{self, GateKind, Passes, Trace};
use tidegate_space::Packet;

/// Whether the estate shows where packets go once they have left an interface.
pub(crate) fn is_shown(estate: &Estate) -> bool {
    !estate.network.tables.is_empty() && !estate.network.interfaces.is_empty()
}

/// What a workload is called: its name with its id, else its id.
pub(crate) fn called(estate: &Estate, interface: &Interface) -> String {
    match estate.workloads.get(interface.workload) {
        Some(workload) => match &workload.name {
            Some(name) if *name != workload.id => format!("{name} ({})", workload.id),
            _ => workload.id.clone(),
        },
        None => interface.id.clone(),
    }
}

/// The surest way that a packet takes from an interface, to the interface that has its address if one has.
pub(crate) fn surest(estate: &Estate, from: &Interface, packet: &Packet, limit: usize) -> Option<Trace> {
    let all = trace::trace(estate, from, packet, limit);
    let delivered = all.into_iter().map(|way| trace::deliver(estate, from, packet, way, limit));
    // Of ways that are as sure as each other, the first.
    delivered.reduce(|best, next| if next.passes > best.passes { next } else { best })
}

/// A way as findings carry it.
pub(crate) fn shown(estate: &Estate, from: &Interface, packet: &Packet, way: &Trace) -> PathShown {
    let gates = way.gates.iter().map(|gate| PathGate {
        kind: gate.kind.name(),
        id: gate.id.clone(),
        why: gate.why.clone(),
        passes: passes(gate.passes),
        place: gate.place.clone(),
    });
    PathShown {
        from: called(estate, from),
        interface: from.id.clone(),
        packet: witness(packet),
        gates: gates.collect(),
        arrives: if way.to.is_some() { passes(way.passes) } else { passes(Passes::No) },
        inspected: way.inspected,
        then: None,
    }
}

/// A packet as findings name it.
pub(crate) fn witness(packet: &Packet) -> Witness {
    Witness {
        protocol: allows::protocol_name(packet.protocol),
        address: packet.address.to_string(),
        port: packet.destination_port,
    }
}

/// `yes`, `perhaps` or `no`.
fn passes(passes: Passes) -> &'static str {
    match passes {
        Passes::Yes => "yes",
        Passes::Perhaps => "perhaps",
        Passes::No => "no",
    }
}

/// What network ACLs and routes say to a packet on its way, each with its place.
pub(crate) fn facts(way: &Trace, from: &str) -> Vec<Step> {
    let told =
        |kind| matches!(kind, GateKind::AclOut | GateKind::AclIn | GateKind::Table | GateKind::PublicAccess);
    let facts = way.gates.iter().filter(|gate| told(gate.kind)).filter_map(|gate| {
        let message = format!("on the way from {from}, {} {}: {}", gate.kind.name(), gate.id, gate.why);
        Some(Step { message, place: gate.place.clone()? })
    });
    facts.collect()
}
