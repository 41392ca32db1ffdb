//! The way of one packet.

use super::rules::{self, Asked, Decision, holds};
use super::{Gate, GateKind, Passes, Trace};
use crate::path::Arrival;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use tidegate_estate::{
    Answer, Attachment, Direction, EndpointKind, Estate, Exclusion, Interface, IpNet, Network, Peer, Place,
    Policy, PublicAccess, Route, RouteTable, RouteTo, Target, Value,
};
use tidegate_space::{IpFamily, Packet, internet};

/// More subnets than this one after another are not followed.
const LONGEST: usize = 8;

/// Every way that a packet from an interface may take, to where it ends. Most packets have one; the address of the packet
/// is its destination. Policies with more than `limit` worlds are not told apart.
pub(super) fn trace(estate: &Estate, interface: &Interface, packet: &Packet, limit: usize) -> Vec<Trace> {
    let mut walk = Walk { estate, packet, limit, ends: Vec::new(), holders: RefCell::default() };
    walk.start(interface);
    walk.ends
}

#[derive(Clone)]
struct Source {
    addresses: Vec<IpAddr>,
    public: bool,
    nat: bool,
}

struct Walk<'e> {
    estate: &'e Estate,
    packet: &'e Packet,
    limit: usize,
    ends: Vec<Trace>,
    /// Who has an address: every rule that names a group asks it.
    holders: RefCell<BTreeMap<IpAddr, Vec<&'e Interface>>>,
}

impl Trace {
    pub(super) fn pass(
        mut self,
        kind: GateKind,
        id: &str,
        why: impl Into<String>,
        passes: Passes,
        place: Option<Place>,
    ) -> Self {
        self.gates.push(Gate { kind, id: id.to_owned(), why: why.into(), passes, place });
        self.passes = self.passes.min(passes);
        self
    }

    pub(super) fn doubt(mut self, answer: Answer, about: &str) -> Self {
        self.passes = self.passes.min(Passes::Perhaps);
        self.missing.insert((answer, about.to_owned()));
        self
    }
}

impl<'e> Walk<'e> {
    fn network(&self) -> &'e Network {
        &self.estate.network
    }

    fn public(&self) -> bool {
        let number = IpFamily::number(self.packet.address);
        internet::addresses(self.packet.family).contains(number)
    }

    fn end(&mut self, mut way: Trace, to: Option<Arrival>) {
        // What is stopped arrives nowhere; the Internet has public addresses only.
        let arrives = way.passes > Passes::No && (to != Some(Arrival::Internet) || self.public());
        way.to = to.filter(|_| arrives);
        self.ends.push(way);
    }

    /// Nobody knows where it goes from here.
    fn lost(&mut self, way: Trace, id: &str) {
        let to = if self.public() { Arrival::Internet } else { Arrival::Beyond(id.to_owned()) };
        self.end(way, Some(to));
    }

    fn start(&mut self, interface: &Interface) {
        let mut way = Trace {
            gates: Vec::new(),
            to: None,
            passes: Passes::Yes,
            inspected: false,
            missing: BTreeSet::new(),
        };
        let family = |address: &IpAddr| IpFamily::of(*address) == self.packet.family;
        let has = interface.addresses.iter().any(family);
        let place = Some(interface.place.clone());
        if interface.addresses.is_empty() {
            way = way.pass(
                GateKind::Interface,
                &interface.id,
                "its addresses are not known",
                Passes::Perhaps,
                place,
            );
            way = way.doubt(Answer::Interfaces, &interface.id);
        } else if !has {
            let why = "it has no address of this family";
            return self.end(way.pass(GateKind::Interface, &interface.id, why, Passes::No, place), None);
        }
        let (why, passes, place) = self.groups(interface, Direction::Egress, self.packet.address);
        for group in &interface.unseen_groups {
            if passes == Passes::Perhaps {
                way.missing.insert((Answer::Groups, group.clone()));
            }
        }
        way = way.pass(GateKind::Groups, &self.ids(interface), why, passes, place);
        if way.passes == Passes::No {
            return self.end(way, None);
        }
        let source = Source { addresses: interface.addresses.clone(), public: interface.public, nat: false };
        match &interface.subnet {
            Some(subnet) => {
                let vpc = interface.vpc.as_deref().or_else(|| self.vpc_of(subnet));
                self.send(subnet, vpc, way, &source, 0);
            }
            None => self.lost(way.doubt(Answer::Interfaces, &interface.id), &interface.id),
        }
    }

    fn ids(&self, interface: &Interface) -> String {
        let shown =
            interface.groups.iter().filter_map(|group| self.estate.policies.get(*group)?.path.clone());
        shown.chain(interface.unseen_groups.iter().cloned()).collect::<Vec<_>>().join(" + ")
    }

    /// Whether an address stands behind a peer that is no block.
    fn member(&self, peer: &Peer, address: IpAddr) -> Option<bool> {
        match peer {
            Peer::Group(id) => {
                let in_group = |interface: &&Interface| {
                    let shown = interface
                        .groups
                        .iter()
                        .filter_map(|group| self.estate.policies.get(*group)?.path.as_ref());
                    shown.chain(&interface.unseen_groups).any(|group| group == id)
                };
                let mut known = self.holders.borrow_mut();
                let holders = known.entry(address).or_insert_with(|| {
                    let all = self.network().interfaces.iter();
                    all.filter(|interface| interface.addresses.contains(&address)).collect()
                });
                Some(holders.iter().any(in_group))
            }
            Peer::ManagedPrefixList(name) => {
                let lists = &self.network().managed_lists;
                let mut named =
                    lists.iter().filter(|(id, list)| *id == name || list.name.as_ref() == Some(name));
                let blocks = named.find_map(|(_, list)| list.blocks.as_ref())?;
                Some(blocks.iter().any(|block| holds(block, address)))
            }
            _ => None,
        }
    }

    fn decide(&self, policy: &Policy, direction: Direction, other: IpAddr) -> Decision {
        let provider = policy.provider;
        let asked = Asked { packet: self.packet, other, direction, limit: self.limit, provider };
        rules::decide(policy, self.estate, &asked, &|peer| self.member(peer, other))
    }

    /// What the groups of an interface say together.
    fn groups(
        &self,
        interface: &Interface,
        direction: Direction,
        other: IpAddr,
    ) -> (String, Passes, Option<Place>) {
        let mut best = (Passes::No, None, None);
        for group in &interface.groups {
            let Some(policy) = self.estate.policies.get(*group) else { continue };
            let decision = self.decide(policy, direction, other);
            if decision.passes > best.0 {
                let rule = decision.rule.and_then(|rule| policy.rules.get(rule));
                best = (decision.passes, policy.path.clone(), rule.map(|rule| rule.place.clone()));
            }
        }
        if best.0 < Passes::Yes && !interface.unseen_groups.is_empty() {
            let unseen = interface.unseen_groups.join(", ");
            return (format!("the rules of {unseen} are not among the files"), Passes::Perhaps, None);
        }
        match best {
            (Passes::No, ..) => ("no rule lets it through".to_owned(), Passes::No, None),
            (Passes::Perhaps, group, place) => (
                format!("a rule of {} perhaps lets it through", group.unwrap_or_default()),
                Passes::Perhaps,
                place,
            ),
            (Passes::Yes, group, place) => {
                (format!("a rule of {} lets it through", group.unwrap_or_default()), Passes::Yes, place)
            }
        }
    }

    fn vpc_of(&self, subnet: &str) -> Option<&'e str> {
        self.network().subnets.get(subnet)?.vpc.as_deref()
    }

    fn acl_of(&self, subnet: &str, vpc: Option<&str>) -> Option<(&'e str, &'e Policy)> {
        let acls = &self.network().acls;
        let mut own = acls.iter().filter(|(_, acl)| acl.subnets.contains(subnet)).peekable();
        let (id, acl) = match own.peek() {
            Some(_) => sole(own)?,
            None => sole(
                acls.iter().filter(|(_, acl)| acl.default && vpc.is_some() && acl.vpc.as_deref() == vpc),
            )?,
        };
        Some((id, self.estate.policies.get(acl.policy)?))
    }

    fn acl(&self, way: Trace, kind: GateKind, subnet: &str, vpc: Option<&str>, others: &[IpAddr]) -> Trace {
        let direction = if kind == GateKind::AclOut { Direction::Egress } else { Direction::Ingress };
        let Some((id, policy)) = self.acl_of(subnet, vpc) else {
            let why = "the files do not say which network ACL it has";
            let way = way.pass(kind, subnet, why, Passes::Perhaps, None);
            return way.doubt(Answer::NetworkAcls, subnet);
        };
        let same: Vec<&IpAddr> =
            others.iter().filter(|other| IpFamily::of(**other) == self.packet.family).collect();
        let mut decisions = same.iter().map(|other| self.decide(policy, direction, **other));
        let Some(mut so_far) = decisions.next() else {
            // With no address that could send it, it is not sent; where none is known, perhaps.
            let passes = if others.is_empty() { Passes::Perhaps } else { Passes::No };
            return way.pass(kind, id, "the sender's address is not known", passes, None);
        };
        for next in decisions {
            if next.passes != so_far.passes {
                so_far = Decision { passes: Passes::Perhaps, rule: next.rule };
            }
        }
        let rule = so_far.rule.and_then(|rule| policy.rules.get(rule));
        let number = rule.and_then(|rule| match &rule.priority {
            Some(Value::Known(number)) => Some(*number),
            _ => None,
        });
        let why = match (so_far.passes, number) {
            (Passes::Perhaps, _) => "its entries do not decide".to_owned(),
            (Passes::Yes, Some(number)) => format!("entry {number} allows it"),
            (Passes::No, Some(number)) => format!("entry {number} denies it"),
            (Passes::Yes, None) => "an entry allows it".to_owned(),
            (Passes::No, None) => "no entry allows it".to_owned(),
        };
        way.pass(kind, id, why, so_far.passes, rule.map(|rule| rule.place.clone()))
    }

    fn table_of(&self, subnet: &str, vpc: Option<&str>) -> Option<(&'e str, &'e RouteTable)> {
        let tables = &self.network().tables;
        let mut own = tables.iter().filter(|(_, table)| table.subnets.contains(subnet)).peekable();
        let found = match own.peek() {
            Some(_) => sole(own),
            None => {
                let main = |table: &RouteTable| table.main && vpc.is_some() && table.vpc.as_deref() == vpc;
                sole(tables.iter().filter(|(_, table)| main(table)))
            }
        };
        found.map(|(id, table)| (id.as_str(), table))
    }

    /// An interface in a subnet sends it.
    fn send(&mut self, subnet: &str, vpc: Option<&str>, mut way: Trace, source: &Source, depth: usize) {
        if depth > LONGEST {
            let why = "it goes in circles";
            return self.end(way.pass(GateKind::Table, subnet, why, Passes::No, None), None);
        }
        match self.network().subnets.get(subnet) {
            Some(here) if here.blocks.iter().any(|block| holds(block, self.packet.address)) => {
                // Neighbours: no ACL, no route.
                return self.end(way, Some(Arrival::Vpc(vpc.unwrap_or("its VPC").to_owned())));
            }
            Some(_) => {}
            None => way = way.doubt(Answer::Subnets, subnet),
        }
        way = self.acl(way, GateKind::AclOut, subnet, vpc, &[self.packet.address]);
        if way.passes == Passes::No {
            return self.end(way, None);
        }
        let Some((id, table)) = self.table_of(subnet, vpc) else {
            return self.lost(way.doubt(Answer::RouteTables, subnet), subnet);
        };
        // The longest prefix; local, then a block, then a list.
        let mut best: Option<((u8, u8), &Route)> = None;
        for route in &table.routes {
            let blocks = match &route.to {
                RouteTo::Block(block) => vec![*block],
                RouteTo::List(list) => match self.blocks_of(list) {
                    Some(blocks) => blocks,
                    None => {
                        let perhaps = way.clone().doubt(Answer::PrefixListEntries, list);
                        if !route.blackhole {
                            self.follow(id, route, subnet, vpc, perhaps.clone(), source, depth);
                        }
                        if !matches!(route.target, Target::Endpoint(_)) {
                            way = perhaps;
                        }
                        continue;
                    }
                },
                RouteTo::Unclear(_) => {
                    way = way.doubt(Answer::RouteTables, subnet);
                    continue;
                }
            };
            for block in blocks.iter().filter(|block| holds(block, self.packet.address)) {
                let kind = match (&route.target, &route.to) {
                    (Target::Local, _) => 2,
                    (_, RouteTo::Block(_)) => 1,
                    _ => 0,
                };
                let rank = (block.prefix_len(), kind);
                if best.as_ref().is_none_or(|(best, _)| rank > *best) {
                    best = Some((rank, route));
                }
            }
        }
        match best {
            None => {
                let why = "no route leads there";
                self.end(way.pass(GateKind::Table, id, why, Passes::No, Some(table.place.clone())), None);
            }
            Some((_, route)) if route.blackhole => {
                let why = format!("{} leads nowhere (blackhole)", spelled(&route.to));
                self.end(way.pass(GateKind::Table, id, why, Passes::No, Some(route.place.clone())), None);
            }
            Some((_, route)) => self.follow(id, route, subnet, vpc, way, source, depth),
        }
    }

    fn blocks_of(&self, list: &str) -> Option<Vec<IpNet>> {
        if let Some(list) = self.estate.prefix_lists.iter().find(|known| known.name == list) {
            let known = |entry: &Value<IpNet>| match entry {
                Value::Known(block) => Some(*block),
                _ => None,
            };
            return list.entries.iter().map(|(_, entry)| known(entry)).collect();
        }
        self.network().managed_lists.get(list)?.blocks.clone()
    }

    #[expect(clippy::too_many_arguments, reason = "a packet's whole situation")]
    fn follow(
        &mut self,
        table: &str,
        route: &Route,
        subnet: &str,
        vpc: Option<&str>,
        way: Trace,
        source: &Source,
        depth: usize,
    ) {
        let v4 = self.packet.family == IpFamily::V4;
        let (id, shown) = match &route.target {
            Target::Local => ("local", "local"),
            Target::Internet(id)
            | Target::Nat(id)
            | Target::EgressOnly(id)
            | Target::PrivateGateway(id)
            | Target::Transit(id)
            | Target::Peering(id)
            | Target::Endpoint(id)
            | Target::Interface(id)
            | Target::Other(id) => (id.as_str(), id.as_str()),
        };
        let why = format!("{} → {shown}", spelled(&route.to));
        let way = way.pass(GateKind::Table, table, why, Passes::Yes, Some(route.place.clone()));
        match &route.target {
            Target::Local => self.end(way, Some(Arrival::Vpc(vpc.unwrap_or("its VPC").to_owned()))),
            Target::Internet(_) => {
                let attached = self.network().gateways.get(id);
                let elsewhere = attached.is_some_and(|vpcs| vpc.is_some_and(|vpc| !vpcs.contains(vpc)));
                let (why, passes) = if elsewhere {
                    ("it is not attached to the VPC", Passes::No)
                } else if v4 && !source.public {
                    ("the sender has no public address", Passes::No)
                } else {
                    ("the sender has a public address", Passes::Yes)
                };
                let way = way.pass(GateKind::Internet, id, why, passes, None);
                let way = self.public_access(way, subnet, vpc, source.nat);
                self.end(way, Some(Arrival::Internet));
            }
            Target::EgressOnly(_) => {
                let why = if v4 { "it is for IPv6 only" } else { "it lets out what the VPC opens" };
                let way = way.pass(GateKind::Internet, id, why, Passes::of(!v4), None);
                let way = self.public_access(way, subnet, vpc, true);
                self.end(way, Some(Arrival::Internet));
            }
            Target::Nat(_) => self.nat(id, subnet, way, source, depth),
            Target::Peering(_) => self.peering(id, vpc, way),
            Target::Transit(_) => self.transit(id, subnet, vpc, way, source, depth),
            Target::PrivateGateway(_) => {
                self.end(way.doubt(Answer::Beyond, id), Some(Arrival::Beyond(id.to_owned())));
            }
            Target::Endpoint(_) => self.endpoint(id, &route.to, way, source, depth),
            Target::Interface(_) => self.forwarder(id, way, source, depth),
            Target::Other(_) => self.lost(way.doubt(Answer::Beyond, id), id),
        }
    }

    fn public_access(&self, way: Trace, subnet: &str, vpc: Option<&str>, outward: bool) -> Trace {
        let here = vpc.and_then(|vpc| self.network().vpcs.get(vpc));
        let (account, region) = here.map_or((None, None), |vpc| (vpc.account.clone(), vpc.region.clone()));
        let told = &self.network().public_access;
        let keys = [(account.clone(), region.clone()), (None, region), (account, None), (None, None)];
        let Some(mode) = keys.iter().find_map(|key| told.get(key)) else {
            return way.doubt(Answer::BlockPublicAccess, vpc.unwrap_or(subnet));
        };
        let excluded = self.network().exclusions.get(subnet);
        let excluded = excluded.or_else(|| self.network().exclusions.get(vpc?));
        let passes = match (mode, excluded) {
            (PublicAccess::Open, _) | (_, Some(Exclusion::Both)) => true,
            (_, Some(Exclusion::Egress)) | (PublicAccess::NoIngress, None) => outward,
            (PublicAccess::Closed, None) => false,
        };
        match (mode, passes) {
            (PublicAccess::Open, _) => way,
            (_, true) => way.pass(GateKind::PublicAccess, subnet, "it leaves this open", Passes::Yes, None),
            (_, false) => way.pass(GateKind::PublicAccess, subnet, "it stops this", Passes::No, None),
        }
    }

    fn nat(&mut self, id: &str, subnet: &str, way: Trace, source: &Source, depth: usize) {
        if self.packet.family == IpFamily::V6 {
            let nat64 = match self.packet.address {
                IpAddr::V6(address) => u128::from(address) >> 32 == 0x0064_ff9b_u128 << 64,
                IpAddr::V4(_) => false,
            };
            if !nat64 {
                let why = "it does not translate this IPv6 address";
                return self.end(way.pass(GateKind::Nat, id, why, Passes::No, None), None);
            }
            return self.end(way.doubt(Answer::NatGateways, id), Some(Arrival::Beyond(id.to_owned())));
        }
        if !matches!(self.packet.protocol, 1 | 6 | 17) {
            let why = "it translates TCP, UDP and ICMP only";
            return self.end(way.pass(GateKind::Nat, id, why, Passes::No, None), None);
        }
        let Some(nat) = self.network().nats.get(id) else {
            return self.lost(way.doubt(Answer::NatGateways, id), id);
        };
        if !nat.available {
            return self.end(way.pass(GateKind::Nat, id, "it does not work", Passes::No, None), None);
        }
        let Some(home) = nat.subnet.as_deref() else {
            return self.lost(way.doubt(Answer::NatGateways, id), id);
        };
        let way = self.enter(way, home, nat.vpc.as_deref(), subnet, source);
        if way.passes == Passes::No {
            return self.end(way, None);
        }
        let why = format!("it stands in {home} and sends this under its own address");
        let way = way.pass(GateKind::Nat, id, why, Passes::Yes, None);
        let source = Source { addresses: nat.addresses.clone(), public: nat.public, nat: true };
        let vpc = nat.vpc.as_deref().or_else(|| self.vpc_of(home));
        self.send(home, vpc, way, &source, depth + 1);
    }

    fn enter(&self, way: Trace, subnet: &str, vpc: Option<&str>, from: &str, source: &Source) -> Trace {
        if subnet == from { way } else { self.acl(way, GateKind::AclIn, subnet, vpc, &source.addresses) }
    }

    fn peering(&mut self, id: &str, vpc: Option<&str>, way: Trace) {
        let Some(peering) = self.network().peerings.get(id) else {
            return self.end(way.doubt(Answer::Peerings, id), Some(Arrival::Beyond(id.to_owned())));
        };
        let other = peering.ends.iter().find(|end| end.vpc.as_deref() != vpc);
        let Some(other) = other.filter(|_| peering.active) else {
            return self.end(way.pass(GateKind::Peering, id, "it is not active", Passes::No, None), None);
        };
        let known = other.vpc.as_ref().and_then(|vpc| self.network().vpcs.get(vpc));
        let blocks = known.map_or(&other.blocks, |vpc| &vpc.blocks);
        let name = other.vpc.clone().unwrap_or_else(|| id.to_owned());
        if blocks.is_empty() {
            return self.end(way.doubt(Answer::Vpcs, &name), Some(Arrival::Vpc(name)));
        }
        if blocks.iter().any(|block| holds(block, self.packet.address)) {
            let way = way.pass(GateKind::Peering, id, format!("{name} has this address"), Passes::Yes, None);
            return self.end(way, Some(Arrival::Vpc(name)));
        }
        let why = format!("{name} has no such address, and a peering leads no further");
        self.end(way.pass(GateKind::Peering, id, why, Passes::No, None), None);
    }

    fn transit(
        &mut self,
        id: &str,
        subnet: &str,
        vpc: Option<&str>,
        way: Trace,
        source: &Source,
        depth: usize,
    ) {
        let own = |attachment: &&Attachment| {
            attachment.gateway == id && attachment.vpc.is_some() && attachment.vpc.as_deref() == vpc
        };
        let Some(attachment) = self.network().attachments.values().find(own) else {
            return self.lost(way.doubt(Answer::TransitAttachments, id), id);
        };
        if !attachment.available {
            return self.end(
                way.pass(GateKind::Transit, id, "the attachment does not work", Passes::No, None),
                None,
            );
        }
        // It goes in through one of the attachment's subnets.
        let doors: Vec<Trace> =
            attachment.subnets.iter().map(|to| self.enter(way.clone(), to, vpc, subnet, source)).collect();
        let way =
            match (doors.iter().map(|door| door.passes).min(), doors.iter().map(|door| door.passes).max()) {
                (Some(worst), Some(best)) => {
                    let mut door = doors.into_iter().max_by_key(|door| door.passes).unwrap_or(way);
                    if worst != best {
                        door.passes = door.passes.min(Passes::Perhaps);
                    }
                    door
                }
                _ => way,
            };
        if way.passes == Passes::No {
            return self.end(way, None);
        }
        let table = attachment.table.as_ref().and_then(|table| self.network().transit_tables.get(table));
        let Some(table) = table else {
            let about = attachment.table.as_deref().unwrap_or(id);
            return self.lost(way.doubt(Answer::TransitRoutes, about), id);
        };
        let fits = table.routes.iter().filter(|(to, _)| holds(to, self.packet.address));
        let Some((to, attachments)) = fits.max_by_key(|(to, _)| to.prefix_len()) else {
            let why = "no route of its table leads there";
            return self.end(way.pass(GateKind::Transit, id, why, Passes::No, None), None);
        };
        if attachments.is_empty() {
            let why = format!("{to} leads nowhere (blackhole)");
            return self.end(way.pass(GateKind::Transit, id, why, Passes::No, None), None);
        }
        for attachment in attachments {
            let why = format!("{to} → {attachment}");
            let mut next = way.clone().pass(GateKind::Transit, id, why, Passes::Yes, None);
            if attachments.len() > 1 {
                next = next.doubt(Answer::TransitRoutes, attachment);
            }
            self.leave_transit(attachment, next, source, depth);
        }
    }

    fn leave_transit(&mut self, id: &str, way: Trace, source: &Source, depth: usize) {
        let Some(attachment) = self.network().attachments.get(id) else {
            return self.lost(way.doubt(Answer::TransitAttachments, id), id);
        };
        if !attachment.available {
            return self.end(
                way.pass(GateKind::Transit, id, "the attachment does not work", Passes::No, None),
                None,
            );
        }
        let Some(vpc) = attachment.vpc.as_deref() else {
            return self.end(way.doubt(Answer::Beyond, id), Some(Arrival::Beyond(id.to_owned())));
        };
        let source = Source { public: false, nat: false, ..source.clone() };
        let subnets = &attachment.subnets;
        if subnets.is_empty() {
            return self.lost(way.doubt(Answer::TransitAttachments, id), vpc);
        }
        let settings = |subnet: &String| {
            (
                self.acl_of(subnet, Some(vpc)).map(|acl| acl.0),
                self.table_of(subnet, Some(vpc)).map(|table| table.0),
            )
        };
        let near = |subnet: &String| {
            let blocks = self.network().subnets.get(subnet).map_or(&[][..], |subnet| &subnet.blocks);
            blocks.iter().any(|block| holds(block, self.packet.address))
        };
        let alike = subnets.iter().all(|subnet| settings(subnet) == settings(&subnets[0]));
        let neighbour = subnets.iter().any(near);
        if subnets.len() == 1 || (alike && !neighbour) {
            return self.send(&subnets[0], Some(vpc), way, &source, depth + 1);
        }
        for subnet in subnets {
            let way = way.clone().doubt(Answer::TransitAttachments, id);
            self.send(subnet, Some(vpc), way, &source, depth + 1);
        }
    }

    fn endpoint(&mut self, id: &str, to: &RouteTo, mut way: Trace, source: &Source, depth: usize) {
        let Some(endpoint) = self.network().endpoints.get(id) else {
            if let RouteTo::List(list) = to {
                let name = self.network().managed_lists.get(list).and_then(|list| list.name.clone());
                return self.end(way, Some(Arrival::Service(name.unwrap_or_else(|| list.clone()))));
            }
            way.inspected = true;
            return self.lost(way.doubt(Answer::Endpoints, id), id);
        };
        if !endpoint.available || endpoint.kind == EndpointKind::Interface {
            return self
                .end(way.pass(GateKind::Endpoint, id, "it takes no such packets", Passes::No, None), None);
        }
        if endpoint.kind == EndpointKind::Gateway {
            let way = way.pass(GateKind::Endpoint, id, endpoint.service.clone(), Passes::Yes, None);
            return self.end(way, Some(Arrival::Service(endpoint.service.clone())));
        }
        way = way.pass(GateKind::Endpoint, id, "what is behind it looks into packets", Passes::Perhaps, None);
        way.inspected = true;
        let way = way.doubt(Answer::Beyond, id);
        match endpoint.subnets.first() {
            Some(subnet) => self.send(subnet, endpoint.vpc.as_deref(), way, source, depth + 1),
            None => self.lost(way.doubt(Answer::Endpoints, id), id),
        }
    }

    fn forwarder(&mut self, id: &str, mut way: Trace, source: &Source, depth: usize) {
        way.inspected = true;
        way = way.doubt(Answer::Beyond, id);
        let Some(interface) = self.network().interfaces.iter().find(|interface| interface.id == id) else {
            return self.lost(way.doubt(Answer::Interfaces, id), id);
        };
        if !interface.forwards {
            let why = "it drops what is not for itself (source and destination check)";
            return self.end(way.pass(GateKind::Forwarder, id, why, Passes::No, None), None);
        }
        let (why, passes, place) = self.groups(interface, Direction::Egress, self.packet.address);
        way = way.pass(GateKind::Forwarder, id, why, passes, place);
        if way.passes == Passes::No {
            return self.end(way, None);
        }
        let addresses = source.addresses.iter().chain(&interface.addresses).copied().collect();
        let source = Source { addresses, public: interface.public, nat: false };
        match &interface.subnet {
            Some(subnet) => {
                let vpc = interface.vpc.as_deref().or_else(|| self.vpc_of(subnet));
                self.send(subnet, vpc, way, &source, depth + 1);
            }
            None => self.lost(way.doubt(Answer::Interfaces, id), id),
        }
    }
}

fn spelled(to: &RouteTo) -> String {
    match to {
        RouteTo::Block(block) => block.to_string(),
        RouteTo::List(list) => list.clone(),
        RouteTo::Unclear(text) => text.clone(),
    }
}

/// Goes on where a packet arrives at an address of a VPC: the network ACL of the subnet and the groups of the interface
/// that has the address. Other ends stay as they are.
pub(super) fn deliver(
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

/// The only one; nothing where there are several: a subnet has one network ACL and one route table, whatever answers of
/// different days say.
fn sole<T>(mut all: impl Iterator<Item = T>) -> Option<T> {
    let first = all.next();
    first.filter(|_| all.next().is_none())
}
