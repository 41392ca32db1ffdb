//! Workloads that do not reach the Internet themselves but may reach a neighbour that does.

use crate::draft::Draft;
use crate::finding::Confidence;
use crate::outward::{self, Inward, Outward, WaysOut};
use crate::rules::RuleId;
use crate::{measure, way, words};
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::Arc;
use tidegate_estate::{Direction, Estate, Interface, Policy, Provider, Step};
use tidegate_reach::path::{Arrival, Gates, Paths, provider};
use tidegate_reach::policy::Bounds;
use tidegate_reach::trace::{Gate, GateKind, Passes, Trace};
use tidegate_space::{AddressSet, IpFamily, Packet, PacketSet, Services, internet};

/// An interface through which something may get out that reaches it.
struct Peer<'e> {
    interface: &'e Interface,
    outward: &'e Outward,
    /// What it lets in, with the sender where a packet has its destination.
    lets_in: Arc<Bounds>,
    /// The number of that: interfaces that nothing tells apart inward have the same.
    class: usize,
    /// The machine that has it, where each interface of a machine is a workload of its own.
    machine: Option<&'e str>,
    /// Whether it reaches a large part of the Internet for certain.
    certain: bool,
}

/// All of them: those that reach the Internet for certain first, then by id.
struct Peers<'e> {
    all: Vec<Peer<'e>>,
    /// How many numbers there are of what they let in.
    classes: usize,
}

/// A restricted workload's way to a neighbour.
struct Found<'p, 'e> {
    peer: &'p Peer<'e>,
    packet: Packet,
    /// With what else it can be reached.
    services: Services,
    /// Whether the packet arrives.
    passes: Passes,
}

/// A draft for each policy whose workloads reach the Internet through a neighbour and in no other way.
pub(crate) fn drafts<'e>(estate: &'e Estate, ways: &'e WaysOut<'e>, limit: usize) -> Vec<(usize, Draft)> {
    let Some(paths) = ways.paths() else { return Vec::new() };
    let peers = peers(estate, ways, paths);
    if peers.all.is_empty() {
        return Vec::new();
    }
    // Policies in the order of the estate; of each the first workload tells the chain.
    let mut drafts: BTreeMap<usize, (Draft, BTreeSet<usize>)> = BTreeMap::new();
    for (interface, outward) in ways.all() {
        if !is_judged(interface, estate) || is_large(&outward.internet.may) {
            continue;
        }
        let Some(found) = neighbour(estate, interface, outward, &peers, limit) else { continue };
        let Some(policy) = blamed(estate, interface, &found, paths.gates()) else { continue };
        let allows = || let_go(interface, outward, policy, paths.gates());
        match drafts.get_mut(&policy) {
            Some((draft, workloads)) => {
                if provider(estate, interface) != Provider::Aws {
                    draft.allows = draft.allows.union(&allows());
                }
                workloads.insert(interface.workload);
            }
            None => {
                if let Some(draft) = draft(estate, policy, interface, &found, allows(), limit) {
                    drafts.insert(policy, (draft, [interface.workload].into()));
                }
            }
        }
    }
    let mut all = Vec::new();
    for (policy, (mut draft, workloads)) in drafts {
        let workloads = workloads.into_iter().filter_map(|at| estate.workloads.get(at));
        draft.affected = workloads.map(crate::finding::Affected::of).collect();
        all.push((policy, draft));
    }
    all
}

/// What of the platform's own stands behind an interface neither is restricted nor hands on what it is sent, but for functions:
/// they are the account's own. In a cluster nothing says where its nodes' network leads.
fn is_judged(interface: &Interface, estate: &Estate) -> bool {
    let card = estate.azure.cards.get(&interface.id);
    let of_platform = interface.service.as_deref().is_some_and(|service| service != "lambda")
        || card.is_some_and(|card| card.endpoint.is_some());
    !of_platform && way::is_shown(estate, interface)
}

fn is_large(set: &PacketSet) -> bool {
    IpFamily::BOTH.into_iter().any(|family| measure::is_large(set, family))
}

/// Every interface that reaches a large part of the Internet.
fn peers<'e>(estate: &'e Estate, ways: &'e WaysOut<'e>, paths: &Paths<'e>) -> Peers<'e> {
    // Nobody can connect to a function by its interface. (Lambda developer guide, "VPC network interfaces".)
    let takes = |interface: &Interface| interface.service.is_none() && is_judged(interface, estate);
    let all = ways.all().filter(|(interface, outward)| takes(interface) && is_large(&outward.internet.may));
    let all: Vec<(&'e Interface, &'e Outward)> = all.collect();
    let interfaces: Vec<&'e Interface> = all.iter().map(|(interface, _)| *interface).collect();
    let let_in = paths.each_lets_in(&interfaces);
    let mut classes: HashMap<*const Bounds, usize> = HashMap::new();
    let peer = |((interface, outward), lets_in): ((&'e Interface, &'e Outward), Arc<Bounds>)| {
        let next = classes.len();
        let class = *classes.entry(Arc::as_ptr(&lets_in)).or_insert(next);
        let machine = machine(estate, interface);
        Peer { interface, outward, lets_in, class, machine, certain: is_large(&outward.internet.must) }
    };
    let mut peers: Vec<Peer<'e>> = all.into_iter().zip(let_in).map(peer).collect();
    peers.retain(|peer| !peer.lets_in.may.is_empty());
    peers.sort_by_key(|peer| (!peer.certain, &peer.interface.id));
    Peers { all: peers, classes: classes.len() }
}

/// The first neighbour that a packet of an interface gets to; one that it gets to for certain, if there is one.
fn neighbour<'p, 'e>(
    estate: &Estate,
    from: &Interface,
    outward: &Outward,
    peers: &'p Peers<'e>,
    limit: usize,
) -> Option<Found<'p, 'e>> {
    let own_machine = machine(estate, from);
    let mut perhaps = None;
    let mut let_in: Vec<[OnceCell<LetIn>; 2]> = Vec::new();
    let_in.resize_with(peers.classes, Default::default);
    let sure = outward.inward.values().any(|near| !near.set.must.is_empty());
    for peer in &peers.all {
        // Those that are certain come first.
        if perhaps.is_some() && !(sure && peer.certain) {
            break;
        }
        let Some([v4, v6]) = let_in.get(peer.class) else { continue };
        for address in &peer.interface.addresses {
            let family = IpFamily::of(*address);
            let known = if family == IpFamily::V4 { v4 } else { v6 };
            let let_in = known.get_or_init(|| LetIn::of(&peer.lets_in, from, family));
            if let_in.may.is_empty() {
                continue;
            }
            let same = from.workload == peer.interface.workload
                || own_machine.zip(peer.machine).is_some_and(|(one, other)| one.eq_ignore_ascii_case(other));
            let near = near(from, outward, peer).filter(|near| !same && near.holds(*address));
            for Inward { set, .. } in near {
                let gets_to = |inward: &PacketSet, let_in: &Services| {
                    inward.services_at(family, IpFamily::number(*address)).intersection(let_in)
                };
                let found = |services: Services, passes: Passes| {
                    let packet = told(*address, &services)?;
                    let passes = arrives(estate, from, &packet, peer, passes, limit)?;
                    Some(Found { peer, packet, services, passes })
                };
                if peer.certain {
                    let must = gets_to(&set.must, &let_in.must);
                    let certain = found(must, Passes::Yes);
                    if certain.as_ref().is_some_and(|found| found.passes == Passes::Yes) {
                        return certain;
                    }
                }
                if perhaps.is_none() {
                    perhaps = found(gets_to(&set.may, &let_in.may), Passes::Perhaps);
                }
            }
        }
    }
    perhaps
}

/// The machine of an interface, where each interface of a machine is a workload of its own.
fn machine<'e>(estate: &'e Estate, interface: &Interface) -> Option<&'e str> {
    estate.azure.cards.get(&interface.id)?.machine.as_deref()
}

/// What arrives in the network of a neighbour. Networks may have the same addresses; where AWS's answers do not say which
/// network it is, it may be any.
fn near<'o>(from: &Interface, outward: &'o Outward, peer: &Peer<'_>) -> impl Iterator<Item = &'o Inward> {
    let (known, any) = match (&from.vpc, &peer.interface.vpc) {
        (Some(_), Some(network)) => (outward.inward.get(network), None),
        _ => (None, Some(outward.inward.values())),
    };
    known.into_iter().chain(any.into_iter().flatten())
}

/// Whether a packet arrives at a neighbour; nothing if it does not. `passes` is what sets say of it.
fn arrives(
    estate: &Estate,
    from: &Interface,
    packet: &Packet,
    peer: &Peer<'_>,
    passes: Passes,
    limit: usize,
) -> Option<Passes> {
    match provider(estate, from) {
        // Sets do not say what a network ACL does on the way into the neighbour's subnet.
        Provider::Aws => Some(way_to(estate, from, packet, peer, limit)?.passes),
        Provider::Azure | Provider::Gcp | Provider::Kubernetes => Some(passes),
    }
}

/// The way of a packet to a neighbour, if it arrives there.
fn way_to(
    estate: &Estate,
    from: &Interface,
    packet: &Packet,
    peer: &Peer<'_>,
    limit: usize,
) -> Option<Trace> {
    let is_there = |arrival: &Arrival| match (arrival, &peer.interface.vpc) {
        (Arrival::Vpc(id), Some(own)) => id == own,
        (Arrival::Vpc(_), None) => true,
        (Arrival::Internet | Arrival::Service(_) | Arrival::Beyond(_), _) => false,
    };
    let trace = way::surest(estate, from, packet, limit, is_there)?;
    trace.to.as_ref().is_some_and(is_there).then_some(trace)
}

/// With which services a neighbour lets in what an interface sends in a family.
struct LetIn {
    /// Whichever of its addresses the interface sends from.
    must: Services,
    /// From one of them.
    may: Services,
}

impl LetIn {
    fn of(lets_in: &Bounds, from: &Interface, family: IpFamily) -> Self {
        let of = |set: &PacketSet, among: fn(&Services, &Services) -> Services| {
            let own = from.addresses.iter().filter(|own| IpFamily::of(**own) == family);
            let each = own.map(|own| set.services_at(family, IpFamily::number(*own)));
            each.reduce(|all, next| among(&all, &next)).unwrap_or_else(Services::none)
        };
        Self { must: of(&lets_in.must, Services::intersection), may: of(&lets_in.may, Services::union) }
    }
}

/// The packet that people would try.
fn told(address: IpAddr, services: &Services) -> Option<Packet> {
    let family = IpFamily::of(address);
    let there = AddressSet::from_blocks(family, [tidegate_estate::IpNet::from(address)]);
    let of = |services: &Services| PacketSet::to_addresses(&there, services).witness();
    let tcp = services.intersection(&Services::protocol(tidegate_space::protocol::TCP));
    of(&tcp).or_else(|| of(services))
}

/// The policy that lets the packet go, of those that guard the interface: the first in the estate's order.
fn blamed(estate: &Estate, from: &Interface, found: &Found<'_, '_>, gates: &Gates<'_>) -> Option<usize> {
    let guards = outward::guards(estate, from);
    let lets = |policy: &&usize, of: fn(&Bounds) -> &PacketSet| {
        of(&gates.policy(**policy, Direction::Egress)).contains(&found.packet)
    };
    match provider(estate, from) {
        // What one of its groups lets out gets out.
        Provider::Aws => {
            let certain = guards.iter().find(|policy| lets(policy, |bounds| &bounds.must));
            certain.or_else(|| guards.iter().find(|policy| lets(policy, |bounds| &bounds.may))).copied()
        }
        // Each of them lets it out, or none is asked.
        Provider::Azure | Provider::Gcp | Provider::Kubernetes => guards.first().copied(),
    }
}

/// What a policy lets go to neighbours: it stays the same when one neighbour is replaced by the next.
fn let_go(from: &Interface, outward: &Outward, policy: usize, gates: &Gates<'_>) -> PacketSet {
    match provider(gates.estate, from) {
        Provider::Aws => outward::inside(&gates.policy(policy, Direction::Egress).may),
        // What a tag stands for, and which rules count, depends on the interface.
        Provider::Azure | Provider::Gcp | Provider::Kubernetes => {
            let sends = |family: &IpFamily| from.addresses.iter().any(|own| IpFamily::of(*own) == *family);
            let own = IpFamily::BOTH.into_iter().filter(sends).map(PacketSet::family);
            outward::inside(&outward.guards.intersection(&PacketSet::union_all(own)))
        }
    }
}

/// What policies are on the way out of an interface, and on the way into one.
const OUT: [GateKind; 3] = [GateKind::Groups, GateKind::SecurityGroup, GateKind::Firewall];
const IN: [GateKind; 3] = [GateKind::GroupsIn, GateKind::SecurityGroupIn, GateKind::FirewallIn];

/// The first policies of such kinds on a way that decide about the packet: all of those that must let it through, and of
/// levels that leave it to the next one the last.
fn deciding<'t>(trace: &'t Trace, kinds: &[GateKind]) -> Vec<&'t Gate> {
    let is = |gate: &&Gate| kinds.contains(&gate.kind);
    let mut all: Vec<&Gate> = trace.gates.iter().skip_while(|gate| !is(gate)).take_while(is).collect();
    if let Some(last) =
        all.last().copied().filter(|gate| matches!(gate.kind, GateKind::Firewall | GateKind::FirewallIn))
    {
        all = vec![last];
    }
    all
}

fn is_of(gate: &Gate, policy: Option<&Policy>) -> bool {
    policy.and_then(|policy| policy.path.as_deref()).is_some_and(|path| way::is_of(gate, path))
}

fn draft(
    estate: &Estate,
    policy: usize,
    from: &Interface,
    found: &Found<'_, '_>,
    allows: PacketSet,
    limit: usize,
) -> Option<Draft> {
    let policy = estate.policies.get(policy)?;
    let peer = found.peer;
    let trace = way_to(estate, from, &found.packet, peer, limit)?;
    let onward = if peer.certain { &peer.outward.internet.must } else { &peer.outward.internet.may };
    let out = internet::witness(onward)?;
    let to_internet = |arrival: &Arrival| *arrival == Arrival::Internet;
    let onward_way = way::surest(estate, peer.interface, &out, limit, to_internet)?;
    let certain = trace.passes == Passes::Yes
        && peer.certain
        && onward_way.passes == Passes::Yes
        && !trace.inspected
        && !onward_way.inspected;
    let confidence = if certain { Confidence::Certain } else { Confidence::Possible };
    let mut draft = Draft::of(policy, RuleId::EgressThroughPeer, confidence);
    draft.families = vec![found.packet.family];
    draft.allows = allows;
    let (name, other) = (way::called(estate, from), way::called(estate, peer.interface));
    let families = IpFamily::BOTH.into_iter().filter(|family| measure::is_large(onward, *family));
    let shares: Vec<String> = families.map(|family| words::share(onward, family)).collect();
    draft.peer = Some(format!(
        "{name} may reach {other} with {}, and that one {}reaches {}",
        words::services(&found.services),
        if peer.certain { "" } else { "perhaps " },
        words::list(&shares)
    ));
    let packet = way::witness(&found.packet);
    let port = packet.port.map_or_else(String::new, |port| format!("/{port}"));
    let service = format!("{}{port}", packet.protocol);
    // In AWS the gate is all groups of the interface, and it tells the place of the one that lets the packet go.
    let is_own = |gate: &&&Gate| {
        matches!(gate.kind, GateKind::Groups | GateKind::Firewall) || is_of(gate, Some(policy))
    };
    let let_out = deciding(&trace, &OUT);
    let own = let_out.iter().find(is_own).and_then(|gate| gate.place.clone());
    if let Some(place) = own {
        if place != draft.place {
            let message = format!("the {} is described here", noun(policy));
            draft.related.push(Step { message, place: draft.place.clone() });
        }
        draft.place = place;
    }
    let (let_in, then_out) = (deciding(&trace, &IN), deciding(&onward_way, &OUT));
    let apart = |told: &[&Gate], gate: &Gate| !told.contains(&gate);
    draft.related.extend(way::facts(&trace, &name, |gate| {
        apart(&let_in, gate) && gate.place.as_ref() != Some(&draft.place)
    }));
    let chain = [
        (let_in.as_slice(), format!("this lets {service} into {other}")),
        (then_out.as_slice(), format!("and this lets it out of {other}")),
    ];
    for (gates, message) in chain {
        let places = gates.iter().filter_map(|gate| gate.place.clone());
        draft.related.extend(places.map(|place| Step { message: message.clone(), place }));
    }
    draft.related.extend(way::facts(&onward_way, &other, |gate| apart(&then_out, gate)));
    let mut path = way::shown(estate, from, &found.packet, &trace);
    path.then = Some(Box::new(way::shown(estate, peer.interface, &out, &onward_way)));
    draft.path = Some(path);
    draft.witness = Some(packet);
    Some(draft)
}

/// What people call the policy.
fn noun(policy: &Policy) -> &'static str {
    match policy.provider {
        Provider::Aws | Provider::Kubernetes => "group",
        Provider::Azure => "network security group",
        Provider::Gcp => "network",
    }
}
