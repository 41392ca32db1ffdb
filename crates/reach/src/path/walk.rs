//! One interface's packets from gate to gate.

use super::gates::Gates;
use super::stream::{Exits, Stream};
use super::{Arrival, Hop, Leaving};
use crate::policy::Bounds;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use tidegate_estate::{
    Answer, Attachment, Direction, EndpointKind, Exclusion, Interface, IpNet, Nat, PublicAccess, Route,
    RouteTo, Target,
};
use tidegate_space::{AddressSet, IpFamily, PacketSet, Services, protocol};

/// More subnets than this one after another are not followed: a packet that goes in circles arrives nowhere.
const LONGEST: usize = 8;

/// Whose packets they are at this point.
#[derive(Clone)]
struct Source {
    addresses: Vec<IpAddr>,
    /// A public IPv4 address is associated with the interface that they leave.
    public: bool,
    /// A NAT gateway sends them.
    nat: bool,
}

/// What leaves an interface.
pub(super) fn leaving(gates: &Gates<'_>, interface: &Interface) -> Leaving {
    let groups = gates.groups(interface, Direction::Egress);
    let mut stream = Stream {
        set: groups.clone(),
        way: Vec::new(),
        answered: Arc::new(PacketSet::everything()),
        inspected: false,
        missing: BTreeSet::new(),
    };
    for group in &interface.unseen_groups {
        stream.missing.insert((Answer::Groups, group.clone()));
    }
    let has = |family| interface.addresses.iter().any(|address| IpFamily::of(*address) == family);
    if interface.addresses.is_empty() {
        stream = stream.unsure(Answer::Interfaces, &interface.id);
    } else {
        let own = IpFamily::BOTH.into_iter().filter(|family| has(*family)).map(PacketSet::family);
        stream = stream.only(&PacketSet::union_all(own));
    }
    let source = Source { addresses: interface.addresses.clone(), public: interface.public, nat: false };
    let mut walk = Walk { gates, exits: Exits::default() };
    match &interface.subnet {
        Some(subnet) => {
            let vpc = interface.vpc.as_deref().or_else(|| gates.vpc_of(subnet));
            walk.sends_from(subnet, vpc, stream, &source, 0);
        }
        None => walk.unknown(stream.unsure(Answer::Interfaces, &interface.id), &interface.id),
    }
    Leaving { groups, exits: walk.exits.all }
}

struct Walk<'g, 'e> {
    gates: &'g Gates<'e>,
    exits: Exits,
}

impl<'e> Walk<'_, 'e> {
    fn exit(&mut self, to: Arrival, stream: Stream) {
        self.exits.add(to, stream);
    }

    fn internet(&mut self, stream: Stream, family: IpFamily) {
        self.exits.internet(stream, family);
    }

    fn unknown(&mut self, stream: Stream, id: &str) {
        self.exits.unknown(stream, id);
    }

    /// Packets that an interface in a subnet sends, behind what guards the interface itself.
    fn sends_from(&mut self, subnet: &str, vpc: Option<&str>, stream: Stream, source: &Source, depth: usize) {
        if depth > LONGEST || stream.set.may.is_empty() {
            return;
        }
        let here = self.gates.network().subnets.get(subnet);
        let arrival = |vpc: Option<&str>| Arrival::Vpc(vpc.unwrap_or("its VPC").to_owned());
        let mut stream = stream;
        match here {
            Some(here) => {
                // Within a subnet no ACL and no route is asked.
                let near = to_blocks(&here.blocks);
                self.exit(arrival(vpc), stream.clone().only(&near));
                stream = stream.only(&near.complement());
            }
            None => stream = stream.unsure(Answer::Subnets, subnet),
        }
        let stream = match self.gates.acl(subnet, vpc) {
            Some((id, policy)) => {
                let mut next = stream.gate(&self.gates.policy(policy, Direction::Egress));
                let answered = self.gates.answered(policy);
                if !answered.is_everything() {
                    next.answered = Arc::new(next.answered.intersection(&answered));
                }
                next.through(Hop::AclOut(id.to_owned()))
            }
            None => stream.unsure(Answer::NetworkAcls, subnet),
        };
        let Some((id, table)) = self.gates.table(subnet, vpc) else {
            return self.unknown(stream.unsure(Answer::RouteTables, subnet), subnet);
        };
        let mut stream = stream.through(Hop::Table(id.to_owned()));
        let Some(lookup) = self.gates.lookup(id, table) else { return };
        for route in &lookup.unclear {
            stream = self.unclear(route, stream, subnet, vpc, source, depth);
        }
        for (route, family, taken) in &lookup.taken {
            if !route.blackhole {
                let next = stream.clone().only(&PacketSet::to_addresses(taken, &Services::all()));
                self.route(route, *family, subnet, vpc, next, source, depth);
            }
        }
    }

    /// A route of which nobody knows what takes it. What is left for the others.
    fn unclear(
        &mut self,
        route: &Route,
        stream: Stream,
        subnet: &str,
        vpc: Option<&str>,
        source: &Source,
        depth: usize,
    ) -> Stream {
        let RouteTo::List(list) = &route.to else {
            return stream.unsure(Answer::RouteTables, subnet);
        };
        let maybe = stream.clone().unsure(Answer::PrefixListEntries, list);
        if !route.blackhole {
            for family in IpFamily::BOTH {
                let next = maybe.clone().only(&PacketSet::family(family));
                self.route(route, family, subnet, vpc, next, source, depth);
            }
        }
        // A gateway endpoint takes public addresses of one service of AWS away from the Internet; which ones is AWS's
        // business, and that the rest of the Internet is reached does not depend on it.
        match &route.target {
            Target::Endpoint(_) => stream.note(Answer::PrefixListEntries, list),
            _ => maybe,
        }
    }

    #[expect(clippy::too_many_arguments, reason = "a packet's whole situation")]
    fn route(
        &mut self,
        route: &Route,
        family: IpFamily,
        subnet: &str,
        vpc: Option<&str>,
        stream: Stream,
        source: &Source,
        depth: usize,
    ) {
        if stream.set.may.is_empty() {
            return;
        }
        let network = self.gates.network();
        match &route.target {
            Target::Local => {
                self.exit(Arrival::Vpc(vpc.unwrap_or("its VPC").to_owned()), stream);
            }
            Target::Internet(id) => {
                let attached = network.gateways.get(id);
                if attached.is_some_and(|vpcs| vpc.is_some_and(|vpc| !vpcs.contains(vpc))) {
                    return;
                }
                // IPv6 addresses are public; an IPv4 one has to be associated.
                if family == IpFamily::V4 && !source.public {
                    return;
                }
                let next =
                    self.public_access(stream.through(Hop::Internet(id.clone())), subnet, vpc, source.nat);
                self.internet(next, family);
            }
            Target::EgressOnly(id) => {
                if family == IpFamily::V6 {
                    let next =
                        self.public_access(stream.through(Hop::EgressOnly(id.clone())), subnet, vpc, true);
                    self.internet(next, family);
                }
            }
            Target::Nat(id) => self.nat(id, family, subnet, stream, source, depth),
            Target::Peering(id) => self.peering(id, vpc, stream),
            Target::Transit(id) => self.transit(id, subnet, vpc, stream, source, depth),
            Target::PrivateGateway(id) => {
                self.exit(
                    Arrival::Beyond(id.clone()),
                    stream.through(Hop::Other(id.clone())).unsure(Answer::Beyond, id),
                );
            }
            Target::Endpoint(id) => self.endpoint(id, &route.to, stream, source, depth),
            Target::Interface(id) => self.forwarder(id, stream, source, depth),
            Target::Other(id) => {
                self.unknown(stream.through(Hop::Other(id.clone())).unsure(Answer::Beyond, id), id);
            }
        }
    }

    /// Block Public Access, at an Internet gateway or an egress-only one.
    fn public_access(&self, stream: Stream, subnet: &str, vpc: Option<&str>, outward: bool) -> Stream {
        let passes = match self.gates.public_access(vpc) {
            None => return stream.unsure(Answer::BlockPublicAccess, vpc.unwrap_or(subnet)),
            Some(PublicAccess::Open) => true,
            Some(mode) => match self.gates.exclusion(subnet, vpc) {
                Some(Exclusion::Both) => true,
                Some(Exclusion::Egress) => outward,
                None => outward && mode == PublicAccess::NoIngress,
            },
        };
        if passes { stream } else { stream.only(&PacketSet::empty()) }
    }

    fn nat(
        &mut self,
        id: &str,
        family: IpFamily,
        subnet: &str,
        stream: Stream,
        source: &Source,
        depth: usize,
    ) {
        let stream = stream.through(Hop::Nat(id.to_owned()));
        let translated = match family {
            // Every other protocol is dropped. (VPC user guide, "NAT gateway basics".)
            IpFamily::V4 => {
                Services::union_all([protocol::TCP, protocol::UDP, protocol::ICMP].map(Services::protocol))
            }
            IpFamily::V6 => return self.nat64(id, stream),
        };
        let stream = stream.only(&PacketSet::to_addresses(&AddressSet::all(family), &translated));
        let Some(nat) = self.gates.network().nats.get(id) else {
            return self.unknown(stream.unsure(Answer::NatGateways, id), id);
        };
        if !nat.available {
            return;
        }
        let Some(home) = nat.subnet.as_deref() else {
            // A regional one stands in no subnet, and has a route table that no answer of the VPC's shows.
            return self.unknown(stream.unsure(Answer::NatGateways, id), id);
        };
        let stream = self.enters(stream, home, nat.vpc.as_deref(), subnet, source);
        let vpc = nat.vpc.as_deref().or_else(|| self.gates.vpc_of(home));
        self.sends_from(home, vpc, stream, &nat_source(nat), depth + 1);
    }

    /// A NAT gateway turns `64:ff9b::/96` into IPv4; what becomes of it there is not followed.
    fn nat64(&mut self, id: &str, stream: Stream) {
        let block: Result<IpNet, _> = "64:ff9b::/96".parse();
        let Ok(block) = block else { return };
        let stream = stream.only(&to_blocks(&[block])).unsure(Answer::NatGateways, id);
        self.exit(Arrival::Beyond(id.to_owned()), stream);
    }

    /// The network ACL of a subnet that packets come into from another one.
    fn enters(&self, stream: Stream, subnet: &str, vpc: Option<&str>, from: &str, source: &Source) -> Stream {
        if subnet == from {
            return stream;
        }
        match self.gates.acl(subnet, vpc) {
            Some((id, policy)) => {
                let gate = self.gates.from_any(policy, &source.addresses);
                stream.gate(&gate).through(Hop::AclIn(id.to_owned()))
            }
            None => stream.unsure(Answer::NetworkAcls, subnet),
        }
    }

    fn peering(&mut self, id: &str, vpc: Option<&str>, stream: Stream) {
        let stream = stream.through(Hop::Peering(id.to_owned()));
        let Some(peering) = self.gates.network().peerings.get(id) else {
            return self.exit(Arrival::Beyond(id.to_owned()), stream.unsure(Answer::Peerings, id));
        };
        let other = peering.ends.iter().find(|end| end.vpc.as_deref() != vpc);
        let Some(other) = other.filter(|_| peering.active) else { return };
        // Nothing beyond the other VPC is reached: no gateway of its, no peering of its.
        let known = other.vpc.as_deref().and_then(|vpc| self.gates.vpc(vpc));
        let blocks = known.map_or(&other.blocks, |vpc| &vpc.blocks);
        let name = other.vpc.clone().unwrap_or_else(|| id.to_owned());
        let stream = match blocks.is_empty() {
            true => stream.unsure(Answer::Vpcs, &name),
            false => stream.only(&to_blocks(blocks)),
        };
        self.exit(Arrival::Vpc(name), stream);
    }

    fn transit(
        &mut self,
        id: &str,
        subnet: &str,
        vpc: Option<&str>,
        stream: Stream,
        source: &Source,
        depth: usize,
    ) {
        let stream = stream.through(Hop::Transit(id.to_owned()));
        let network = self.gates.network();
        let own = |attachment: &&Attachment| {
            attachment.gateway == id && attachment.vpc.is_some() && attachment.vpc.as_deref() == vpc
        };
        let Some(attachment) = network.attachments.values().find(own) else {
            return self.unknown(stream.unsure(Answer::TransitAttachments, id), id);
        };
        if !attachment.available {
            return;
        }
        // The attachment's own interface stands in one of these subnets.
        let stream = match attachment.subnets.as_slice() {
            [] => stream.note(Answer::TransitAttachments, id),
            [only] => self.enters(stream, only, vpc, subnet, source),
            several => {
                let each: Vec<Stream> =
                    several.iter().map(|to| self.enters(stream.clone(), to, vpc, subnet, source)).collect();
                several_ways(stream, each)
            }
        };
        let routes = attachment.table.as_ref().and_then(|table| network.transit_tables.get(table));
        let Some(routes) = routes else {
            let about = attachment.table.as_deref().unwrap_or(id);
            return self.unknown(stream.unsure(Answer::TransitRoutes, about), id);
        };
        let mut ordered: Vec<&(IpNet, Vec<String>)> = routes.routes.iter().collect();
        ordered.sort_by_key(|(to, _)| std::cmp::Reverse(to.prefix_len()));
        let mut left = stream;
        for (to, attachments) in ordered {
            let block = to_blocks(&[*to]);
            let next = left.clone().only(&block);
            left = left.only(&block.complement());
            if next.set.may.is_empty() {
                continue;
            }
            // Several are paths of equal cost to the same place.
            for to in attachments {
                let next = if attachments.len() > 1 {
                    next.clone().unsure(Answer::TransitRoutes, to)
                } else {
                    next.clone()
                };
                self.attached(to, next, source, depth);
            }
        }
    }

    /// Packets that leave a transit gateway by an attachment.
    fn attached(&mut self, id: &str, stream: Stream, source: &Source, depth: usize) {
        let Some(attachment) = self.gates.network().attachments.get(id) else {
            return self.unknown(stream.unsure(Answer::TransitAttachments, id), id);
        };
        if !attachment.available {
            return;
        }
        let Some(vpc) = attachment.vpc.as_deref() else {
            return self.exit(Arrival::Beyond(id.to_owned()), stream.unsure(Answer::Beyond, id));
        };
        // What a transit gateway brings has the address of its sender, which is not public here.
        let source = Source { public: false, nat: false, ..source.clone() };
        match attachment.subnets.as_slice() {
            [] => self.unknown(stream.unsure(Answer::TransitAttachments, id), vpc),
            [only] => self.sends_from(only, Some(vpc), stream, &source, depth + 1),
            several => {
                let settings = |subnet: &String| {
                    (
                        self.gates.acl(subnet, Some(vpc)).map(|acl| acl.1),
                        self.gates.table(subnet, Some(vpc)).map(|table| table.0),
                    )
                };
                let same = several.windows(2).all(|pair| match pair {
                    [a, b] => settings(a) == settings(b),
                    _ => true,
                });
                let near = several.iter().filter_map(|subnet| self.gates.network().subnets.get(subnet));
                let near: Vec<IpNet> = near.flat_map(|subnet| subnet.blocks.iter().copied()).collect();
                // Which zone's subnet it is matters for neighbours in it, and where the subnets differ.
                let apart = stream.clone().only(&to_blocks(&near)).unsure(Answer::TransitAttachments, id);
                let rest = stream.only(&to_blocks(&near).complement());
                let rest = if same { rest } else { rest.unsure(Answer::TransitAttachments, id) };
                for (at, subnet) in several.iter().enumerate() {
                    self.sends_from(subnet, Some(vpc), apart.clone(), &source, depth + 1);
                    if at == 0 || !same {
                        self.sends_from(subnet, Some(vpc), rest.clone(), &source, depth + 1);
                    }
                }
            }
        }
    }

    fn endpoint(&mut self, id: &str, to: &RouteTo, stream: Stream, source: &Source, depth: usize) {
        let stream = stream.through(Hop::Endpoint(id.to_owned()));
        let network = self.gates.network();
        let Some(endpoint) = network.endpoints.get(id) else {
            // Prefix lists lead to gateway endpoints, blocks to firewalls and load balancers.
            if let RouteTo::List(list) = to {
                let name = network.managed_lists.get(list).and_then(|list| list.name.clone());
                return self.exit(Arrival::Service(name.unwrap_or_else(|| list.clone())), stream);
            }
            let mut next = stream.unsure(Answer::Endpoints, id);
            next.inspected = true;
            return self.unknown(next, id);
        };
        if !endpoint.available {
            return;
        }
        match endpoint.kind {
            EndpointKind::Gateway => self.exit(Arrival::Service(endpoint.service.clone()), stream),
            EndpointKind::Interface => {}
            EndpointKind::Inspecting => {
                let mut next = stream.unsure(Answer::Beyond, id);
                next.inspected = true;
                match endpoint.subnets.first() {
                    Some(subnet) => {
                        self.sends_from(subnet, endpoint.vpc.as_deref(), next, source, depth + 1);
                    }
                    None => self.unknown(next.unsure(Answer::Endpoints, id), id),
                }
            }
        }
    }

    /// A machine that packets are sent through. What it does with them is its own business.
    fn forwarder(&mut self, id: &str, stream: Stream, source: &Source, depth: usize) {
        let mut next = stream.through(Hop::Forwarder(id.to_owned())).unsure(Answer::Beyond, id);
        next.inspected = true;
        let Some(interface) = self.gates.network().interfaces.iter().find(|interface| interface.id == id)
        else {
            return self.unknown(next.unsure(Answer::Interfaces, id), id);
        };
        // It drops what is not for itself.
        if !interface.forwards {
            return;
        }
        let next = next.gate(&self.gates.groups(interface, Direction::Egress));
        // It may send them on under its own address.
        let source = Source {
            addresses: source.addresses.iter().chain(&interface.addresses).copied().collect(),
            public: interface.public,
            nat: false,
        };
        match &interface.subnet {
            Some(subnet) => {
                let vpc = interface.vpc.as_deref().or_else(|| self.gates.vpc_of(subnet));
                self.sends_from(subnet, vpc, next, &source, depth + 1);
            }
            None => self.unknown(next.unsure(Answer::Interfaces, id), id),
        }
    }
}

fn nat_source(nat: &Nat) -> Source {
    Source { addresses: nat.addresses.clone(), public: nat.public, nat: true }
}

fn to_blocks(blocks: &[IpNet]) -> PacketSet {
    PacketSet::union_all(blocks.iter().map(|block| PacketSet::to_block(*block, &Services::all())))
}

/// One of several ways is taken, and nobody says which.
fn several_ways(before: Stream, each: Vec<Stream>) -> Stream {
    let mut after = before;
    let mut ways = each.into_iter();
    if let Some(first) = ways.next() {
        after.set = first.set;
        after.missing.extend(first.missing);
        for next in ways {
            let (set, other) = (&after.set, &next.set);
            after.set = Bounds::between(set.must.intersection(&other.must), set.may.union(&other.may));
            after.missing.extend(next.missing);
        }
    }
    after
}
