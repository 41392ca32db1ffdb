//! Workloads that do not reach the Internet themselves but may reach a neighbour that does.

use crate::draft::Draft;
use crate::finding::Confidence;
use crate::outward::{Outward, WaysOut};
use crate::rules::RuleId;
use crate::{measure, way, words};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use tidegate_estate::{Direction, Estate, Interface, Provider, Step};
use tidegate_reach::path::Gates;
use tidegate_reach::policy::Bounds;
use tidegate_reach::trace::{GateKind, Passes, Trace};
use tidegate_space::{AddressSet, IpFamily, Packet, PacketSet, Services, internet};

/// An interface through which something may get out that reaches it.
struct Peer<'e> {
    interface: &'e Interface,
    outward: &'e Outward,
    /// What its groups let in, at most, with the sender where a packet has its destination.
    lets_in: PacketSet,
    /// Whether it reaches a large part of the Internet for certain.
    certain: bool,
}

/// A restricted workload's way to a neighbour.
struct Found<'p, 'e> {
    peer: &'p Peer<'e>,
    packet: Packet,
    /// With what else it can be reached.
    services: Services,
    trace: Trace,
}

/// A draft for each group whose workloads reach the Internet through a neighbour and in no other way.
pub(crate) fn drafts(estate: &Estate, ways: &WaysOut<'_>, limit: usize) -> Vec<(usize, Draft)> {
    if !way::is_shown(estate) {
        return Vec::new();
    }
    let gates = Gates::new(estate, limit);
    let peers = peers(ways, &gates);
    if peers.is_empty() {
        return Vec::new();
    }
    // Groups in the order of the estate; of each the first workload tells the chain.
    let mut drafts: BTreeMap<usize, (Draft, BTreeSet<usize>)> = BTreeMap::new();
    for (interface, outward) in ways.all() {
        if !is_judged(interface, estate) || is_large(&outward.internet.may) {
            continue;
        }
        let Some(found) = neighbour(estate, interface, outward, &peers, limit) else { continue };
        let Some(group) = blamed(interface, &found, &gates) else { continue };
        match drafts.get_mut(&group) {
            Some((_, workloads)) => {
                workloads.insert(interface.workload);
            }
            None => {
                if let Some(draft) = draft(estate, group, interface, &found, &gates, limit) {
                    drafts.insert(group, (draft, [interface.workload].into()));
                }
            }
        }
    }
    let mut all = Vec::new();
    for (group, (mut draft, workloads)) in drafts {
        let workloads = workloads.into_iter().filter_map(|at| estate.workloads.get(at));
        draft.affected = workloads.map(crate::finding::Affected::of).collect();
        all.push((group, draft));
    }
    all
}

/// What of the platform's own stands behind an interface neither is restricted nor hands on what it is sent.
fn is_judged(interface: &Interface, estate: &Estate) -> bool {
    let provider = estate.workloads.get(interface.workload).map(|workload| workload.provider);
    interface.service.is_none() && provider == Some(Provider::Aws)
}

fn is_large(set: &PacketSet) -> bool {
    IpFamily::BOTH.into_iter().any(|family| measure::is_large(set, family))
}

/// Every interface that reaches a large part of the Internet; those that do so for certain first, then by id.
fn peers<'e>(ways: &'e WaysOut<'e>, gates: &Gates<'e>) -> Vec<Peer<'e>> {
    let mut let_in: BTreeMap<(&[usize], &[String]), PacketSet> = BTreeMap::new();
    let mut peers = Vec::new();
    for (interface, outward) in ways.all() {
        if !is_judged(interface, gates.estate) || !is_large(&outward.internet.may) {
            continue;
        }
        let key = (interface.groups.as_slice(), interface.unseen_groups.as_slice());
        let lets_in = let_in
            .entry(key)
            .or_insert_with(|| PacketSet::clone(&gates.groups(interface, Direction::Ingress).may));
        if !lets_in.is_empty() {
            let certain = is_large(&outward.internet.must);
            peers.push(Peer { interface, outward, lets_in: lets_in.clone(), certain });
        }
    }
    peers.sort_by_key(|peer| (!peer.certain, &peer.interface.id));
    peers
}

/// The first neighbour that a packet of an interface gets to; one that it gets to for certain, if there is one.
fn neighbour<'p, 'e>(
    estate: &Estate,
    from: &Interface,
    outward: &Outward,
    peers: &'p [Peer<'e>],
    limit: usize,
) -> Option<Found<'p, 'e>> {
    let near = IpFamily::BOTH.map(|family| outward.inward.may.addresses(family));
    let mut perhaps = None;
    for peer in peers.iter().filter(|peer| peer.interface.workload != from.workload) {
        for address in &peer.interface.addresses {
            let family = IpFamily::of(*address);
            let [v4, v6] = &near;
            let near = if family == IpFamily::V4 { v4 } else { v6 };
            if !near.contains(IpFamily::number(*address)) {
                continue;
            }
            let services = gets_to(outward, peer, *address, from);
            let Some(packet) = told(*address, &services) else { continue };
            let Some(trace) = way::surest(estate, from, &packet, limit) else { continue };
            let sure = trace.passes == Passes::Yes && peer.certain;
            let there = trace.to.is_some();
            let found = || Found { peer, packet, services: services.clone(), trace };
            match (there, sure) {
                (true, true) => return Some(found()),
                (true, false) if perhaps.is_none() => perhaps = Some(found()),
                _ => {}
            }
        }
    }
    perhaps
}

/// The services with which a packet from one interface leaves it towards an address and is let in there.
fn gets_to(outward: &Outward, peer: &Peer<'_>, address: IpAddr, from: &Interface) -> Services {
    let family = IpFamily::of(address);
    let own = from.addresses.iter().filter(|own| IpFamily::of(**own) == family);
    let let_in = own.map(|own| peer.lets_in.services_at(family, IpFamily::number(*own)));
    let let_in = Services::union_all(let_in);
    outward.inward.may.services_at(family, IpFamily::number(address)).intersection(&let_in)
}

/// The packet that people would try.
fn told(address: IpAddr, services: &Services) -> Option<Packet> {
    let family = IpFamily::of(address);
    let there = AddressSet::from_blocks(family, [tidegate_estate::IpNet::from(address)]);
    let of = |services: &Services| PacketSet::to_addresses(&there, services).witness();
    let tcp = services.intersection(&Services::protocol(tidegate_space::protocol::TCP));
    of(&tcp).or_else(|| of(services))
}

/// The group that lets the packet go: the first in the estate's order.
fn blamed(from: &Interface, found: &Found<'_, '_>, gates: &Gates<'_>) -> Option<usize> {
    let lets = |group: &&usize, of: fn(&Bounds) -> &PacketSet| {
        of(&gates.policy(**group, Direction::Egress)).contains(&found.packet)
    };
    let certain = from.groups.iter().find(|group| lets(group, |bounds| &bounds.must));
    certain.or_else(|| from.groups.iter().find(|group| lets(group, |bounds| &bounds.may))).copied()
}

fn draft(
    estate: &Estate,
    group: usize,
    from: &Interface,
    found: &Found<'_, '_>,
    gates: &Gates<'_>,
    limit: usize,
) -> Option<Draft> {
    let policy = estate.policies.get(group)?;
    let peer = found.peer;
    let onward = if peer.certain { &peer.outward.internet.must } else { &peer.outward.internet.may };
    let out = internet::witness(onward)?;
    let onward_way = way::surest(estate, peer.interface, &out, limit)?;
    let certain = found.trace.passes == Passes::Yes
        && peer.certain
        && onward_way.passes == Passes::Yes
        && !found.trace.inspected
        && !onward_way.inspected;
    let confidence = if certain { Confidence::Certain } else { Confidence::Possible };
    let mut draft = Draft::of(policy, RuleId::EgressThroughPeer, confidence);
    let family = found.packet.family;
    draft.families = vec![family];
    // What the group lets go to neighbours: it stays the same when one neighbour is replaced by the next.
    let outside = PacketSet::union_all(IpFamily::BOTH.map(internet::set));
    draft.allows = gates.policy(group, Direction::Egress).may.difference(&outside);
    let (name, other) = (way::called(estate, from), way::called(estate, peer.interface));
    let families = IpFamily::BOTH.into_iter().filter(|family| measure::is_large(onward, *family));
    let reach: Vec<String> = families.map(|family| words::reach(onward, family)).collect();
    draft.peer = Some(format!(
        "{name} may reach {other} with {}, and from there goes {}",
        words::services(&found.services),
        reach.join("; ")
    ));
    let place_of = |trace: &Trace, kind: GateKind| {
        trace.gates.iter().find(|gate| gate.kind == kind).and_then(|gate| gate.place.clone())
    };
    let packet = way::witness(&found.packet);
    let port = packet.port.map_or_else(String::new, |port| format!("/{port}"));
    let service = format!("{}{port}", packet.protocol);
    if let Some(place) = place_of(&found.trace, GateKind::Groups) {
        draft
            .related
            .push(Step { message: "the group is described here".to_owned(), place: draft.place.clone() });
        draft.place = place;
    }
    draft.related.extend(way::facts(&found.trace, &name));
    let chain = [
        (place_of(&found.trace, GateKind::GroupsIn), format!("this lets {service} into {other}")),
        (place_of(&onward_way, GateKind::Groups), format!("and this lets it out of {other}")),
    ];
    for (place, message) in chain {
        draft.related.extend(place.map(|place| Step { message, place }));
    }
    draft.related.extend(way::facts(&onward_way, &other));
    let mut path = way::shown(estate, from, &found.packet, &found.trace);
    path.then = Some(Box::new(way::shown(estate, peer.interface, &out, &onward_way)));
    draft.path = Some(path);
    draft.witness = Some(packet);
    Some(draft)
}
