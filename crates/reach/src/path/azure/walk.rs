//! One configuration's packets from gate to gate.

use super::guards::{self, Place};
use super::outside::{self, Sender};
use super::routes::{Lead, reachable};
use super::rules::Host;
use super::spaces::tellers;
use super::stream::Stream;
use super::{Holder, Paths, family_of};
use crate::path::{Arrival, Exit, Hop};
use crate::policy::Bounds;
use std::net::IpAddr;
use tidegate_estate::azure::{Answer, Peering};
use tidegate_estate::{Direction, Interface, IpNet};
use tidegate_space::{AddressSet, IpFamily, PacketSet, Services, internet, protocol};

/// More subnets than this one after another are not followed.
const LONGEST: usize = 8;

/// More ways than this from one interface are not followed one by one.
const MOST: usize = 4096;

/// What the platform itself is called, as a place where packets arrive.
pub const PLATFORM: &str = "Azure platform";

/// Protocols that a virtual network carries: TCP, UDP, ICMP, ESP and AH. ("Azure Virtual Network FAQ", "What protocols can I
/// use".)
const CARRIED: [u8; 6] = [protocol::TCP, protocol::UDP, protocol::ICMP, protocol::ICMPV6, 50, 51];

/// Addresses at which the platform answers, whatever groups and routes say. ("Network security groups", "Azure platform
/// considerations".)
const ANSWERING: [&str; 2] = ["168.63.129.16/32", "169.254.169.254/32"];

/// Addresses that stand for several receivers, which a virtual network carries nothing to.
const MANY: [&str; 3] = ["224.0.0.0/4", "255.255.255.255/32", "ff00::/8"];

fn blocks(family: IpFamily, texts: &[&str]) -> AddressSet {
    AddressSet::from_blocks(family, texts.iter().filter_map(|text| text.parse::<IpNet>().ok()))
}

/// What leaves one configuration: what its guards let out, and where that arrives.
pub(super) fn leaving<'e>(net: &Paths<'e>, from: Holder<'e>) -> (Bounds, Vec<Exit>) {
    let family = family_of(from.configuration);
    let mut walk = Walk { net, family, exits: Vec::new(), ways: 0 };
    let mut stream = Stream::of(PacketSet::family(family));
    if from.configuration.address.is_none() {
        stream = stream.unsure(Answer::Interfaces, &from.interface.id);
    }
    let id = &from.interface.id;
    let Some(subnet) = from.interface.subnet.as_deref() else {
        walk.lost(stream.unsure(Answer::Interfaces, id), id);
        return (Bounds::unknown().only(&PacketSet::family(family)), walk.exits);
    };
    let place = Place { group: from.card.group.as_deref(), subnet };
    let platform = blocks(family, &ANSWERING);
    let mut answered = stream.clone().to(&platform);
    if guards::may_stop_the_platform(net, &place) {
        answered = answered.unsure_beyond(place.group.unwrap_or(subnet));
    }
    answered.arrive(Arrival::Service(PLATFORM.to_owned()), &mut walk.exits);
    let hosts = [Host::of(from.configuration)];
    let guarded = guards::guarded(net, &place, &hosts, Direction::Egress, family);
    let carried = Services::union_all(CARRIED.map(Services::protocol));
    let carried = PacketSet::to_addresses(&blocks(family, &MANY).complement(), &carried);
    stream = stream.not_to(&platform).only(&carried).and(&guarded.set);
    stream.missing.extend(guarded.missing);
    let senders = Senders { sender: Sender::Interface(from), hosts: hosts.to_vec() };
    walk.routed(subnet, stream, &senders, 0);
    (guarded.set, walk.exits)
}

/// What leaves an interface of which no answer shows an address: perhaps anything, to anywhere.
pub(super) fn unknown<'e>(net: &Paths<'e>, interface: &Interface) -> Vec<Exit> {
    let each = IpFamily::BOTH.map(|family| {
        let mut walk = Walk { net, family, exits: Vec::new(), ways: 0 };
        let stream = Stream::of(PacketSet::family(family));
        walk.lost(stream.unsure(Answer::Interfaces, &interface.id), &interface.id);
        walk.exits
    });
    each.into_iter().flatten().collect()
}

/// Who sends packets at some point: for the way to the Internet, and for rules about where they come from.
#[derive(Clone)]
struct Senders<'e> {
    sender: Sender<'e>,
    /// Addresses of which one is the packets' own.
    hosts: Vec<Host<'e>>,
}

struct Walk<'p, 'e> {
    net: &'p Paths<'e>,
    family: IpFamily,
    exits: Vec<Exit>,
    ways: usize,
}

impl<'e> Walk<'_, 'e> {
    /// Packets of which the input does not show where they go: perhaps anywhere.
    fn lost(&mut self, stream: Stream, id: &str) {
        let outside = internet::addresses(self.family);
        stream.clone().to(outside).arrive(Arrival::Internet, &mut self.exits);
        stream.not_to(outside).arrive(Arrival::Beyond(id.to_owned()), &mut self.exits);
    }

    /// Packets that leave their sender, in a subnet.
    fn routed(&mut self, subnet: &'e str, stream: Stream, from: &Senders<'e>, depth: usize) {
        if depth > LONGEST || stream.set.may.is_empty() {
            return;
        }
        self.ways += 1;
        if self.ways > MOST {
            return self.lost(stream.unsure(Answer::EffectiveRoutes, subnet), subnet);
        }
        let Some(lookup) = self.net.lookup(subnet, self.family) else {
            return self.lost(stream.unsure(Answer::Networks, subnet), subnet);
        };
        if let Some((answer, about)) = lookup.unknown {
            return self.lost(stream.unsure(answer, about), about);
        }
        let mut stream = stream;
        if let Some(table) = lookup.table {
            stream = stream.through(Hop::Table(table.to_owned()));
        }
        for (service, addresses) in &lookup.services {
            let name = (*service).to_owned();
            let there = stream.clone().to(addresses).unsure(Answer::ServiceTags, service);
            there.through(Hop::Endpoint(name.clone())).arrive(Arrival::Service(name), &mut self.exits);
            // Which addresses are the service's is its vendor's business; the rest of the Internet does not depend on it.
            stream = stream.note(Answer::ServiceTags, service);
        }
        for (lead, addresses, missing) in &lookup.perhaps {
            let mut next = stream.clone().to(addresses).doubt_to(addresses, missing.clone());
            next.set.must = Default::default();
            self.lead(lead, subnet, lookup.network, next, from, depth);
            stream = stream.doubt_to(addresses, missing.clone());
        }
        for (lead, addresses) in &lookup.taken {
            self.lead(lead, subnet, lookup.network, stream.clone().to(addresses), from, depth);
        }
    }

    fn lead(
        &mut self,
        lead: &Lead<'e>,
        subnet: &'e str,
        network: &'e str,
        stream: Stream,
        from: &Senders<'e>,
        depth: usize,
    ) {
        if stream.set.may.is_empty() {
            return;
        }
        match lead {
            Lead::Nowhere => {}
            Lead::Local => self.local(subnet, network, stream),
            Lead::Endpoint(id, there) => stream
                .through(Hop::Endpoint((*id).to_owned()))
                .arrive(Arrival::Vpc((*there).to_owned()), &mut self.exits),
            Lead::Peering(peering) => self.peering(peering, network, stream),
            Lead::Internet => {
                outside::leave(self.net, subnet, stream, &from.sender, self.family, &mut self.exits);
            }
            // A next hop of the other family is none that Azure takes.
            Lead::Appliance(address) if IpFamily::of(*address) != self.family => {
                self.lost(stream.unsure(Answer::RouteTables, subnet), subnet);
            }
            Lead::Appliance(address) => self.appliance(*address, network, stream, from, depth),
            Lead::Gateway => {
                // Where there is none for certain, what is sent there is lost.
                let all = tellers(self.net.az, network).into_iter();
                for teller in all.filter(|teller| teller.answer != Answer::EffectiveRoutes) {
                    let next = stream.clone().through(Hop::Other(teller.id.to_owned()));
                    self.beyond(teller.id, next.unsure_beyond(teller.id));
                }
            }
            Lead::Teller(teller) => {
                let next = stream.through(Hop::Other(teller.id.to_owned()));
                self.beyond(teller.id, next.unsure_beyond(teller.id));
            }
            Lead::Unclear => self.lost(stream.unsure(Answer::RouteTables, subnet), subnet),
        }
    }

    fn beyond(&mut self, id: &str, stream: Stream) {
        stream.arrive(Arrival::Beyond(id.to_owned()), &mut self.exits);
    }

    /// Packets for the network itself. A route may also send there what it does not have.
    fn local(&mut self, subnet: &str, network: &str, stream: Stream) {
        let own = self.net.az.networks.get(network).map_or(&[][..], |network| &network.blocks);
        let own = AddressSet::from_blocks(
            self.family,
            own.iter().copied().filter(|block| IpFamily::of(block.addr()) == self.family),
        );
        let there = stream.clone().to(&own);
        there.arrive(Arrival::Vpc(network.to_owned()), &mut self.exits);
        self.lost(stream.not_to(&own).unsure(Answer::EffectiveRoutes, subnet), subnet);
    }

    /// A peering leads to the other network and no further. What another network sent passes if the peering lets it.
    /// ("Create, change, or delete a virtual network peering".)
    fn peering(&mut self, peering: &Peering, network: &str, stream: Stream) {
        let name = peering.remote.clone().unwrap_or_else(|| peering.id.clone());
        if stream.forwarded && !peering.forwarded {
            let theirs = self.net.az.networks.get(&name).map_or(&[][..], |network| &network.peerings);
            let back = theirs.iter().find(|back| back.remote.as_deref() == Some(network));
            if back.is_some_and(|back| !back.forwarded) {
                return;
            }
        }
        let stream = stream.through(Hop::Peering(peering.id.clone()));
        stream.arrive(Arrival::Vpc(name), &mut self.exits);
    }

    /// Packets that are sent through whoever has an address: a firewall, a machine that forwards, or machines behind a load
    /// balancer. What they do with them is their own business.
    fn appliance(
        &mut self,
        address: IpAddr,
        network: &'e str,
        stream: Stream,
        from: &Senders<'e>,
        depth: usize,
    ) {
        let az = self.net.az;
        let near = reachable(self.net, network);
        let mut stream = stream;
        stream.inspected = true;
        stream.forwarded = true;
        let is_near = |subnet: Option<&String>| {
            let network = subnet.and_then(|id| Some(az.subnets.get(id)?.network.as_str()));
            network.is_some_and(|network| near.contains(&network))
        };
        let firewall = az
            .firewalls
            .iter()
            .find(|(_, one)| one.addresses.contains(&address) && is_near(one.subnet.as_ref()));
        if let Some((id, firewall)) = firewall
            && let Some((subnet, _)) = firewall.subnet.as_ref().and_then(|id| az.subnets.get_key_value(id))
        {
            let Some(next) = once(stream, Hop::Firewall(id.to_owned())) else { return };
            let next = next.unsure_beyond(id);
            let from = Senders { sender: Sender::Firewall(firewall), hosts: from.hosts.clone() };
            return self.routed(subnet, next, &from, depth + 1);
        }
        let holders = self.net.holders.get(&address).map_or(&[][..], Vec::as_slice);
        let of = |network: &str| {
            holders.iter().find(|holder| holder.interface.vpc.as_deref() == Some(network)).copied()
        };
        if let Some(holder) = near.iter().find_map(|network| of(network)) {
            return self.forwarder(holder, stream, from, depth);
        }
        let balancer = az.balancers.iter().find(|(_, one)| {
            one.private.iter().any(|(own, subnet)| *own == address && is_near(subnet.as_ref()))
        });
        let Some((id, balancer)) = balancer else {
            let about = address.to_string();
            return self.lost(stream.unsure(Answer::Interfaces, &about), &about);
        };
        let Some(stream) = once(stream, Hop::LoadBalancer(id.to_owned())) else { return };
        let stream = stream.unsure(Answer::LoadBalancers, id);
        let members: Vec<&String> = balancer.pools.values().flatten().collect();
        if members.is_empty() {
            return self.lost(stream, id);
        }
        // One of them takes each connection.
        for member in members {
            match self.first_of(member) {
                Some(holder) => self.forwarder(holder, stream.clone(), from, depth),
                None => self.lost(stream.clone().unsure(Answer::Interfaces, member), member),
            }
        }
    }

    /// An interface by its first address of the family.
    fn first_of(&self, id: &str) -> Option<Holder<'e>> {
        let interface = *self.net.interfaces.get(id)?;
        let card = self.net.az.cards.get(id)?;
        let configuration = card
            .configurations
            .iter()
            .find(|one| one.primary && one.address.is_some() && family_of(one) == self.family)?;
        Some(Holder { interface, card, configuration })
    }

    /// A machine that packets are sent through.
    fn forwarder(&mut self, through: Holder<'e>, stream: Stream, from: &Senders<'e>, depth: usize) {
        let id = &through.interface.id;
        // It drops what is not for itself.
        if !through.interface.forwards {
            return;
        }
        let Some(next) = once(stream, Hop::Forwarder(id.clone())) else { return };
        let next = next.unsure_beyond(id);
        // Its own guards see packets from their sender come in.
        let inward = self.net.guarded_in(through).may;
        let services = from.hosts.iter().map(|host| match host.address {
            Some(address) => inward.services_at(self.family, IpFamily::number(address)),
            None => Services::all(),
        });
        let services = Services::union_all(services);
        let next = next.only(&PacketSet::to_addresses(&AddressSet::all(self.family), &services));
        let Some(subnet) = through.interface.subnet.as_deref() else {
            return self.lost(next.unsure(Answer::Interfaces, id), id);
        };
        // It may send them on under its own address.
        let mut hosts = from.hosts.clone();
        hosts.push(Host::of(through.configuration));
        let place = Place { group: through.card.group.as_deref(), subnet };
        let guarded = guards::guarded(self.net, &place, &hosts, Direction::Egress, self.family);
        let mut next = next.and(&guarded.set);
        next.missing.extend(guarded.missing);
        let from = Senders { sender: Sender::Interface(through), hosts };
        self.routed(subnet, next, &from, depth + 1);
    }
}

/// Packets through a gate that they did not come through before: routes ask where they go, so that they would go in circles,
/// and arrive nowhere.
fn once(stream: Stream, hop: Hop) -> Option<Stream> {
    (!stream.way.contains(&hop)).then(|| stream.through(hop))
}
