//! The way of one packet, gate by gate, as evidence for a finding.

use crate::allows;
use crate::finding::{PathGate, PathShown, Witness};
use tidegate_estate::names::{short, shortened};
use tidegate_estate::{Estate, Interface, Provider, Step};
use tidegate_reach::path::{Arrival, provider};
use tidegate_reach::trace::{self, Gate, GateKind, Passes, Trace};
use tidegate_space::Packet;

/// Whether the estate shows where packets go once they have left an interface. How much it shows of that the answers about
/// them say; where it shows nothing of it, findings say nothing of it either.
pub(crate) fn is_shown(estate: &Estate, interface: &Interface) -> bool {
    match provider(estate, interface) {
        Provider::Aws => !estate.network.tables.is_empty(),
        // Azure's own routes are written nowhere: they follow from the virtual network.
        Provider::Azure => {
            let subnet = interface.subnet.as_ref().and_then(|id| estate.azure.subnets.get(id));
            subnet.is_some_and(|subnet| estate.azure.networks.contains_key(&subnet.network))
        }
        Provider::Gcp => {
            let network = interface.vpc.as_ref().and_then(|id| estate.gcp.networks.get(id));
            network.is_some_and(|network| network.routes.is_some())
        }
        // Nothing in a cluster says where its nodes' network leads.
        Provider::Kubernetes => false,
    }
}

/// What a workload is called: its name with its id, else its id; of a long id the part that people know.
pub(crate) fn called(estate: &Estate, interface: &Interface) -> String {
    match estate.workloads.get(interface.workload) {
        Some(workload) => match (&workload.name, short(&workload.id)) {
            (Some(name), id) if name != id => format!("{name} ({id})"),
            (_, id) => id.to_owned(),
        },
        None => short(&interface.id).to_owned(),
    }
}

/// The way that a packet takes from an interface, to the interface that has its address if one has. Of several one that
/// arrives where it is looked for, else one that ends; of those the surest, and of those that are as sure the first.
pub(crate) fn surest(
    estate: &Estate,
    from: &Interface,
    packet: &Packet,
    limit: usize,
    looked_for: impl Fn(&Arrival) -> bool,
) -> Option<Trace> {
    let all = trace::trace(estate, from, packet, limit);
    let delivered = all.into_iter().map(|way| trace::deliver(estate, from, packet, way, limit));
    let rank = |way: &Trace| {
        let end = match &way.to {
            Some(to) if looked_for(to) => 2,
            None => 1,
            Some(_) => 0,
        };
        (end, way.passes)
    };
    delivered.reduce(|best, next| if rank(&next) > rank(&best) { next } else { best })
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

/// Whether a gate is a policy, by the policy's path: a view of a network of Google Cloud has the network's id first.
pub(crate) fn is_of(gate: &Gate, path: &str) -> bool {
    path.split(" + ").next() == Some(gate.id.as_str())
}

/// What routes, and gates that others than the workload's own policies make, say to a packet on its way, each with its
/// place. Policies count as far as they are `other` ones than those that are told of anyway.
pub(crate) fn facts(way: &Trace, from: &str, other: impl Fn(&Gate) -> bool) -> Vec<Step> {
    let told = |gate: &&Gate| match gate.kind {
        GateKind::AclOut
        | GateKind::AclIn
        | GateKind::Table
        | GateKind::Routes
        | GateKind::PublicAccess
        | GateKind::AdminRules
        | GateKind::Route
        | GateKind::PolicyRoute
        | GateKind::Peering
        | GateKind::DefaultOutbound
        | GateKind::CloudNat => true,
        GateKind::SecurityGroup | GateKind::SecurityGroupIn | GateKind::Firewall | GateKind::FirewallIn => {
            other(gate)
        }
        GateKind::Interface
        | GateKind::Groups
        | GateKind::GroupsIn
        | GateKind::Nat
        | GateKind::Internet
        | GateKind::Transit
        | GateKind::Endpoint
        | GateKind::Forwarder
        | GateKind::DefaultGateway
        | GateKind::GoogleAccess
        | GateKind::Platform
        | GateKind::PublicAddress
        | GateKind::LoadBalancer
        | GateKind::AzureFirewall
        | GateKind::Gateway
        | GateKind::Policies
        | GateKind::PoliciesIn => false,
    };
    let facts = way.gates.iter().filter(told).filter_map(|gate| {
        let message = format!("on the way from {from}, {} {}: {}", gate.kind.name(), gate.id, gate.why);
        Some(Step { message: shortened(&message), place: gate.place.clone()? })
    });
    facts.collect()
}
