//! One interface's packets from gate to gate of Google Cloud.

use super::super::stream::{Exits, Stream};
use super::super::{Arrival, Hop, Leaving};
use super::routes::{self, is_for};
use super::{Gates, Sure, sources};
use crate::policy::Bounds;
use std::sync::{Arc, LazyLock};
use tidegate_estate::gcp::{Nat, NatRanges, NextHop, Route, Vpc};
use tidegate_estate::{Answer, Direction, Interface, IpNet};
use tidegate_space::{AddressSet, IpFamily, PacketSet, Services, internet, protocol};

/// More machines that forward, one after another, are not followed.
const LONGEST: usize = 3;
/// What services of Google are called as an arrival.
const GOOGLE: &str = "Google APIs";
/// `private.googleapis.com` and `restricted.googleapis.com`. (VPC documentation, "Configure Private Google Access".)
const GOOGLE_BLOCKS: [&str; 2] = ["199.36.153.8/30", "199.36.153.4/30"];
/// What the answer that would tell is about, where Google itself may stop packets.
const LIMITS: &str = "Google's block of outbound TCP port 25, GRE and rare protocols";

/// What surely leaves to external addresses; GRE and other protocols do for some, and mail for some projects only. (VPC
/// documentation, "VPC firewall rules": blocked and limited traffic.)
static UNLIMITED: LazyLock<Services> = LazyLock::new(|| {
    let others = [protocol::UDP, protocol::ICMP, protocol::ICMPV6, 50, 51, protocol::SCTP];
    let tcp = Services::protocol(protocol::TCP).difference(&Services::tcp(25, 25));
    Services::union_all(others.map(Services::protocol).into_iter().chain([tcp]))
});

/// What Cloud NAT translates. (Cloud NAT documentation, "Public NAT".)
static TRANSLATED: LazyLock<Services> = LazyLock::new(|| {
    Services::union_all([protocol::TCP, protocol::UDP, protocol::ICMP].map(Services::protocol))
});

/// What leaves an interface.
pub(in crate::path) fn leaving(gates: &Gates<'_>, interface: &Interface) -> Leaving {
    let firewall = gates.firewall(interface, Direction::Egress);
    let mut stream = Stream {
        set: firewall.passes.clone(),
        way: Vec::new(),
        answered: Arc::new(PacketSet::everything()),
        inspected: false,
        missing: firewall.missing,
    };
    let has = |family| interface.addresses.iter().any(|address| IpFamily::of(*address) == family);
    if interface.addresses.is_empty() {
        stream = stream.unsure(Answer::GcpInstances, &interface.id);
    } else {
        let own = IpFamily::BOTH.into_iter().filter(|family| has(*family)).map(PacketSet::family);
        stream = stream.only(&PacketSet::union_all(own));
    }
    let mut walk = Walk { gates, exits: Exits::default() };
    if !firewall.inspected.is_empty() {
        let mut inspected = stream.clone().only(&firewall.inspected);
        inspected.inspected = true;
        walk.send(interface, inspected, 0);
        stream = stream.only(&firewall.inspected.complement());
    }
    walk.send(interface, stream, 0);
    Leaving { groups: firewall.passes, exits: walk.exits.all }
}

struct Walk<'g, 'e> {
    gates: &'g Gates<'e>,
    exits: Exits,
}

fn to_blocks<'b>(blocks: impl IntoIterator<Item = &'b IpNet>) -> PacketSet {
    PacketSet::union_all(blocks.into_iter().map(|block| PacketSet::to_block(*block, &Services::all())))
}

/// Nothing in `set` is certain any more.
fn doubt(mut stream: Stream, set: &PacketSet, answer: Answer, about: &str) -> Stream {
    if !stream.set.may.overlaps(set) {
        return stream;
    }
    stream.set = Bounds::between(stream.set.must.difference(set), (*stream.set.may).clone());
    stream.note(answer, about)
}

impl<'e> Walk<'_, 'e> {
    /// Packets that an interface sends, behind its firewall.
    fn send(&mut self, interface: &Interface, mut stream: Stream, depth: usize) {
        if depth > LONGEST || stream.set.may.is_empty() {
            return;
        }
        let known = interface.vpc.as_deref().and_then(|id| Some((id, self.gates.vpc(id)?)));
        let Some((id, vpc)) = known else {
            let about = interface.vpc.as_ref().unwrap_or(&interface.id).clone();
            return self.exits.unknown(stream.unsure(Answer::GcpNetworks, &about), &about);
        };
        if self.gates.nic(interface).is_none() {
            return self.exits.unknown(stream.unsure(Answer::GcpInstances, &interface.id), &interface.id);
        }
        stream = self.policy_routes(interface, id, vpc, stream);
        // Routes to subnets go before all others.
        let near = to_blocks(&vpc.local);
        self.exits.add(Arrival::Vpc(id.to_owned()), stream.clone().only(&near));
        stream = stream.only(&near.complement());
        if !vpc.local_known {
            stream = stream.unsure(Answer::GcpSubnets, id);
            self.exits.add(Arrival::Vpc(id.to_owned()), stream.clone());
        }
        stream = self.peerings(id, vpc, stream);
        self.routes(interface, id, vpc, stream, depth);
    }

    /// Policy-based routes, before all others. What stands behind one looks into packets.
    fn policy_routes(&mut self, interface: &Interface, id: &str, vpc: &Vpc, mut stream: Stream) -> Stream {
        let Some(routes) = &vpc.policy_routes else {
            stream = stream.unsure(Answer::GcpPolicyRoutes, id);
            self.exits.add(Arrival::Beyond(format!("policy-based routes of {id}")), stream.clone());
            return stream;
        };
        let nic = self.gates.nic(interface);
        for route in routes.iter().filter(|route| is_for(&route.tags, nic)) {
            let family = IpFamily::of(route.to.addr());
            let sources = sources(interface, nic, family);
            let meets = |source: &IpNet| route.from.contains(source) || source.contains(&route.from);
            if !interface.addresses.is_empty() && !sources.iter().any(meets) {
                continue;
            }
            let services = route.protocol.map_or_else(Services::all, Services::protocol);
            let set = PacketSet::to_block(route.to, &services);
            let mut taken = stream.clone().only(&set).through(Hop::PolicyRoute(route.name.clone()));
            taken.inspected = true;
            self.exits.unknown(taken.unsure(Answer::Beyond, &route.name), &route.name);
            stream = doubt(stream, &set, Answer::Beyond, &route.name);
        }
        stream
    }

    /// Subnets of networks next door. What is behind those networks is not reached.
    fn peerings(&mut self, id: &str, vpc: &Vpc, mut stream: Stream) -> Stream {
        let Some(peerings) = &vpc.peerings else {
            stream = stream.unsure(Answer::GcpNetworks, id);
            self.exits.add(Arrival::Beyond(format!("peerings of {id}")), stream.clone());
            return stream;
        };
        for peering in peerings.iter().filter(|peering| peering.active) {
            let to = Arrival::Vpc(peering.network.clone());
            let hop = Hop::Peering(peering.name.clone());
            match &peering.blocks {
                Some(blocks) => {
                    let there = to_blocks(blocks);
                    self.exits.add(to, stream.clone().only(&there).through(hop));
                    stream = stream.only(&there.complement());
                }
                None => {
                    let there = match peering.public {
                        true => PacketSet::everything(),
                        false => PacketSet::union_all(IpFamily::BOTH.map(internet::set)).complement(),
                    };
                    let next = stream.clone().only(&there).through(hop);
                    self.exits.add(to, next.unsure(Answer::GcpSubnets, &peering.network));
                    stream = doubt(stream, &there, Answer::GcpSubnets, &peering.network);
                }
            }
        }
        stream
    }

    fn routes(&mut self, interface: &Interface, id: &str, vpc: &Vpc, mut stream: Stream, depth: usize) {
        let Some(all) = &vpc.routes else {
            return self.exits.unknown(stream.unsure(Answer::GcpRoutes, id), id);
        };
        if let Some((_, about)) = vpc.unseen_routes.first() {
            for (answer, about) in &vpc.unseen_routes {
                stream = stream.unsure(*answer, about);
            }
            self.exits.add(Arrival::Beyond(about.clone()), stream.clone());
        }
        let nic = self.gates.nic(interface);
        for route in all.iter().filter(|route| route.to.is_none() && is_for(&route.tags, nic)) {
            stream = stream.unsure(Answer::GcpRoutes, &route.name);
            for family in IpFamily::BOTH {
                let next = stream.clone().only(&PacketSet::family(family));
                self.follow(interface, route, family, id, vpc, next, depth);
            }
        }
        for choice in routes::choices(all, nic) {
            let set = PacketSet::to_addresses(&choice.addresses, &Services::all());
            let next = stream.clone().only(&set);
            for route in &choice.routes {
                let mut next = next.clone();
                if choice.routes.len() > 1 {
                    next = next.unsure(Answer::Beyond, &route.name);
                }
                self.follow(interface, route, choice.family, id, vpc, next, depth);
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "a packet's whole situation")]
    fn follow(
        &mut self,
        interface: &Interface,
        route: &Route,
        family: IpFamily,
        id: &str,
        vpc: &Vpc,
        stream: Stream,
        depth: usize,
    ) {
        if stream.set.may.is_empty() {
            return;
        }
        let mut stream = stream.through(Hop::Route(route.name.clone()));
        let mut home = id;
        if let Some(peering) = &route.via {
            stream = stream.through(Hop::Peering(peering.clone()));
            let mut peerings = vpc.peerings.iter().flatten();
            home = peerings.find(|known| known.name == *peering).map_or(id, |peering| &peering.network);
        }
        match &route.hop {
            NextHop::Gateway => self.gateway(interface, id, vpc, family, stream),
            NextHop::Instance(machine) => {
                let there = self.gates.machines.contains_key(machine.as_str());
                self.forwarder(there.then_some(machine.as_str()), machine, stream, depth);
            }
            NextHop::Address(address) => {
                let holder = self.gates.holders.get(home).and_then(|holders| holders.get(address));
                let machine = holder.and_then(|one| self.gates.nic(one)).map(|nic| nic.instance.as_str());
                self.forwarder(machine, &address.to_string(), stream, depth);
            }
            NextHop::Balancer(balancer) => {
                let mut next =
                    stream.through(Hop::Forwarder(balancer.clone())).unsure(Answer::Beyond, balancer);
                next.inspected = true;
                self.exits.unknown(next, balancer);
            }
            NextHop::Tunnel(other) | NextHop::Other(other) => {
                let next = stream.through(Hop::Other(other.clone())).unsure(Answer::Beyond, other);
                self.exits.add(Arrival::Beyond(other.clone()), next);
            }
            NextHop::Peering(peering) => {
                let next = stream.through(Hop::Peering(peering.clone()));
                self.exits.unknown(next.unsure(Answer::GcpPeeringRoutes, peering), peering);
            }
        }
    }

    /// A machine that packets are sent through. What it does with them is its own business, and it may send them on from any
    /// of its interfaces.
    fn forwarder(&mut self, machine: Option<&str>, name: &str, stream: Stream, depth: usize) {
        let mut next = stream.through(Hop::Forwarder(name.to_owned())).unsure(Answer::Beyond, name);
        next.inspected = true;
        let Some(interfaces) = machine.and_then(|machine| self.gates.machines.get(machine)) else {
            return self.exits.unknown(next.unsure(Answer::GcpInstances, name), name);
        };
        for interface in interfaces.iter().filter(|interface| interface.forwards) {
            let firewall = self.gates.firewall(interface, Direction::Egress);
            self.send(interface, next.clone().gate(&firewall.passes), depth + 1);
        }
    }

    /// The default Internet gateway.
    fn gateway(&mut self, interface: &Interface, id: &str, vpc: &Vpc, family: IpFamily, stream: Stream) {
        let gateway = || Hop::DefaultGateway("default-internet-gateway".to_owned());
        let limited = |stream: Stream| {
            let rare = UNLIMITED.complement();
            let rare = PacketSet::to_addresses(&AddressSet::all(family), &rare);
            let rare = rare.intersection(&internet::set(family));
            doubt(stream, &rare, Answer::Beyond, LIMITS)
        };
        if family == IpFamily::V6 {
            let stream = stream.through(gateway());
            if self.gates.nic(interface).is_some_and(|nic| nic.external_v6) {
                self.exits.internet(limited(stream), family);
            }
            return;
        }
        let blocks = GOOGLE_BLOCKS.iter().filter_map(|text| text.parse().ok());
        let google = to_blocks(&blocks.collect::<Vec<IpNet>>());
        let rest = stream.clone().only(&google.complement());
        let stream = stream.only(&google);
        let subnet = interface.subnet.as_ref();
        let about = subnet.unwrap_or(&interface.id);
        let nat = self.translated(interface, vpc);
        let covered = match &vpc.nats {
            Some(_) => nat.map_or(Sure::No, |(_, sure)| sure),
            None => Sure::Perhaps,
        };
        let known = subnet.and_then(|subnet| self.gates.network().subnets.get(subnet));
        let private_access = known.map(|subnet| subnet.private_access);

        // Services of Google under addresses of their own.
        let service = || Arrival::Service(GOOGLE.to_owned());
        let access = |stream: &Stream| stream.through(Hop::GoogleAccess(about.clone()));
        if interface.public {
            self.exits.add(service(), stream.through(gateway()));
            return self.exits.internet(limited(rest.through(gateway())), family);
        }
        // A subnet with Cloud NAT has Private Google Access, too. (Cloud NAT documentation, "Product interactions".)
        match (private_access, covered) {
            (Some(true), _) | (_, Sure::Yes) => self.exits.add(service(), access(&stream)),
            (None, _) => self.exits.add(service(), access(&stream).unsure(Answer::GcpSubnets, about)),
            (Some(false), Sure::Perhaps) => {
                self.exits.add(service(), access(&stream).unsure(Answer::GcpRouters, id));
            }
            (Some(false), Sure::No) => {}
        }
        let translated = PacketSet::to_addresses(&AddressSet::all(family), &TRANSLATED);
        if covered > Sure::No {
            let mut next = rest.clone().only(&translated);
            if let Some((nat, _)) = nat {
                next = next.through(Hop::CloudNat(nat.id.clone()));
            }
            next = limited(next.through(gateway()));
            if covered == Sure::Perhaps {
                next = next.unsure(Answer::GcpRouters, id);
            }
            self.exits.internet(next, family);
        }
        if covered < Sure::Yes && private_access != Some(false) {
            let next = access(&rest).only(&translated).only(&internet::set(family));
            let next = match &self.gates.network().google {
                Some(ranges) => next.only(&to_blocks(&ranges.all).difference(&to_blocks(&ranges.customers))),
                None => next.unsure(Answer::GcpRanges, about),
            };
            let next = match (private_access, covered) {
                (Some(true), Sure::No) => next,
                (Some(_), _) => next.unsure(Answer::GcpRouters, id),
                (None, _) => next.unsure(Answer::GcpSubnets, about),
            };
            self.exits.add(service(), next);
        }
    }

    /// The gateway of Cloud NAT that translates what an interface sends, and whether it does.
    fn translated<'v>(&self, interface: &Interface, vpc: &'v Vpc) -> Option<(&'v Nat, Sure)> {
        let nic = self.gates.nic(interface);
        let subnet = interface.subnet.as_ref();
        let known = subnet.and_then(|subnet| self.gates.network().subnets.get(subnet));
        let region = nic.and_then(|nic| nic.region.as_ref());
        let region = region.or_else(|| known.and_then(|subnet| subnet.region.as_ref()));
        let mut best: Option<(&Nat, Sure)> = None;
        for nat in vpc.nats.iter().flatten() {
            let here = match (&nat.region, region) {
                (Some(of), Some(region)) if of != region => continue,
                (Some(_), Some(_)) => Sure::Yes,
                _ => Sure::Perhaps,
            };
            let covers = match (&nat.ranges, subnet) {
                (NatRanges::All | NatRanges::Primary, _) => Sure::Yes,
                (NatRanges::Listed(_), None) => Sure::Perhaps,
                (NatRanges::Listed(listed), Some(subnet)) => match listed.get(subnet) {
                    None => Sure::No,
                    Some(part) if part.primary => Sure::Yes,
                    Some(part) => {
                        // Only what is sent from an alias range, which nobody says.
                        let named = |name: &Option<String>| {
                            name.as_ref().is_some_and(|name| part.secondary || part.named.contains(name))
                        };
                        let alias = nic.is_some_and(|nic| nic.alias.iter().any(|(name, _)| named(name)));
                        if alias { Sure::Perhaps } else { Sure::No }
                    }
                },
            };
            let sure = here.min(covers);
            if sure > best.map_or(Sure::No, |(_, best)| best) {
                best = Some((nat, sure));
            }
        }
        best
    }
}
