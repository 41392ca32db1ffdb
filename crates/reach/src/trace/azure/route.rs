//! Which route takes the packet, and where it leads.

use super::ends::Told;
use super::steps::{beyond, doubt, gate};
use super::{Sender, Source, Through, Walk};
use crate::path::Arrival;
use crate::trace::rules::holds;
use crate::trace::{GateKind, Passes, Trace};
use std::net::IpAddr;
use tidegate_estate::azure::{Answer, End, NextHop, Peering, RouteTable, Subnet, VirtualNetwork};
use tidegate_estate::{Direction, IpNet, Place};
use tidegate_space::IpFamily;

/// More subnets than this one after another are not followed.
const LONGEST: usize = 8;

/// More ways than this are not followed one by one.
const MOST: usize = 4096;

/// A route that fits: how long it is, how strong among equals, what it says, where it leads.
struct Fit<'e> {
    rank: (u8, u8),
    why: String,
    hop: Hop<'e>,
    place: Option<Place>,
}

#[derive(Clone)]
enum Hop<'e> {
    Written(&'e NextHop),
    Local,
    Peered(&'e Peering),
    Internet,
    Told(Told<'e>),
    Nowhere,
}

impl<'e> Walk<'e> {
    /// The packet leaves what sends it, in a subnet.
    pub(super) fn route(&mut self, id: &'e str, way: Trace, source: &Source<'e>, depth: usize) {
        if depth > LONGEST {
            return self.stopped(way, GateKind::Routes, id, CIRCLES);
        }
        self.ways += 1;
        if self.ways > MOST {
            return self.lost(doubt(way, Answer::EffectiveRoutes, id), id);
        }
        let Some(subnet) = self.az.subnets.get(id) else {
            return self.lost(doubt(way, Answer::Networks, id), id);
        };
        let Some(network) = self.az.networks.get(&subnet.network) else {
            return self.lost(doubt(way, Answer::Networks, &subnet.network), &subnet.network);
        };
        let table = match &subnet.table {
            None => None,
            Some(id) => match self.az.tables.get(id) {
                Some(table) => Some(table),
                None => return self.lost(doubt(way, Answer::RouteTables, id), id),
            },
        };
        let mut way = way;
        for service in &subnet.services {
            way = self.service(service, way);
        }
        let (kind, shown) = shown(subnet, id);
        if let Some((endpoint, there)) = self.private_endpoint(subnet) {
            let why = "a private endpoint has this address, and a route of its own";
            let way = self.perhaps(subnet, network, table, id, way, source, depth);
            let way = gate(way, GateKind::Endpoint, endpoint, why, Passes::Yes, None);
            return self.end(way, Some(Arrival::Vpc(there.to_owned())));
        }
        let way = self.perhaps(subnet, network, table, id, way, source, depth);
        let best = self
            .fits(subnet, network, table)
            .into_iter()
            .reduce(|best, next| if next.rank > best.rank { next } else { best });
        match best {
            Some(best) => {
                let way = gate(way, kind, shown, best.why, Passes::Yes, best.place);
                self.follow(best.hop, id, subnet, way, source, depth);
            }
            None => self.stopped(way, kind, shown, "no route leads there"),
        }
    }

    /// A service endpoint: it takes what is the service's, which may be this packet.
    fn service(&mut self, service: &str, mut way: Trace) -> Trace {
        if self.packet.family == IpFamily::V6 {
            return way;
        }
        let tag = match service.to_ascii_lowercase().as_str() {
            "microsoft.storage" | "microsoft.storage.global" => "storage",
            "microsoft.sql" => "sql",
            "microsoft.azurecosmosdb" => "azurecosmosdb",
            "microsoft.keyvault" => "azurekeyvault",
            "microsoft.servicebus" => "servicebus",
            "microsoft.eventhub" => "eventhub",
            "microsoft.web" => "appservice",
            _ => "",
        };
        let may = match self.az.tags.get(tag) {
            Some(blocks) => blocks.iter().any(|block| holds(block, self.packet.address)),
            None => self.public(),
        };
        if may {
            let why = "it leads to the service's own addresses";
            let next = gate(way.clone(), GateKind::Endpoint, service, why, Passes::Perhaps, None);
            let next = doubt(next, Answer::ServiceTags, service);
            self.end(next, Some(Arrival::Service(service.to_owned())));
            way.missing.insert((tidegate_estate::Answer::Azure(Answer::ServiceTags), service.to_owned()));
        }
        way
    }

    /// The private endpoint that has the packet's address, if a route of its own leads to it, with its network.
    fn private_endpoint(&self, from: &Subnet) -> Option<(&'e str, &'e str)> {
        let near = self.near(&from.network);
        self.estate.network.interfaces.iter().find_map(|interface| {
            let card = self.az.cards.get(&interface.id)?;
            let endpoint = card.endpoint.as_deref()?;
            let subnet = self.az.subnets.get(interface.subnet.as_ref()?)?;
            let is = card.configurations.iter().any(|one| one.address == Some(self.packet.address));
            (is && !subnet.routes_for_endpoints && near.contains(&subnet.network.as_str()))
                .then_some((endpoint, subnet.network.as_str()))
        })
    }

    /// A network, and those that it has a working peering with.
    fn near(&self, network: &'e str) -> Vec<&'e str> {
        let mut all = vec![network];
        if let Some(network) = self.az.networks.get(network) {
            let peered = network.peerings.iter().filter(|peering| peering.connected);
            all.extend(peered.filter_map(|peering| peering.remote.as_deref()));
        }
        all
    }

    /// Follows every route of which nobody knows whether it takes the packet. What is left for the others is doubtful then.
    #[expect(clippy::too_many_arguments, reason = "a packet's whole situation")]
    fn perhaps(
        &mut self,
        subnet: &'e Subnet,
        network: &'e VirtualNetwork,
        table: Option<&'e RouteTable>,
        id: &'e str,
        way: Trace,
        source: &Source<'e>,
        depth: usize,
    ) -> Trace {
        let before = way.clone();
        let mut after = way;
        let mut found: Vec<(Hop<'e>, Answer, String)> = Vec::new();
        let mut near = network.blocks.iter().any(|block| holds(block, self.packet.address));
        for peering in network.peerings.iter().filter(|peering| peering.connected) {
            let about = peering.remote.as_ref().unwrap_or(&peering.id).clone();
            match self.space_of(peering) {
                None => found.push((Hop::Peered(peering), Answer::Networks, about)),
                Some(blocks) => {
                    let is = blocks.iter().any(|block| holds(block, self.packet.address));
                    near |= is;
                    if is && !peering.complete {
                        found.push((Hop::Peered(peering), Answer::EffectiveRoutes, id.to_owned()));
                    }
                }
            }
        }
        for route in table.into_iter().flat_map(|table| &table.routes) {
            match &route.to {
                End::Block(_) => {}
                End::Tag(tag) if self.az.tags.contains_key(tag) => {}
                End::Tag(tag) => {
                    if self.public() {
                        found.push((Hop::Written(&route.hop), Answer::ServiceTags, tag.clone()));
                    }
                }
                _ => found.push((Hop::Written(&route.hop), Answer::RouteTables, id.to_owned())),
            }
        }
        if table.is_none_or(|table| table.propagates) && !near {
            for (told, learned) in self.told_by(subnet) {
                if learned.is_none() {
                    let answer = match told {
                        Told::Gateway(_) => Answer::LearnedRoutes,
                        Told::Unseen(_) => Answer::Gateways,
                        Told::RouteServer(_) => Answer::EffectiveRoutes,
                    };
                    found.push((Hop::Told(told), answer, told.id().to_owned()));
                }
            }
        }
        for (hop, answer, about) in found {
            let why = "perhaps it takes this packet";
            let (kind, shown) = shown(subnet, id);
            let next = gate(before.clone(), kind, shown, why, Passes::Perhaps, None);
            self.follow(hop, id, subnet, doubt(next, answer, &about), source, depth);
            after = doubt(after, answer, &about);
        }
        after
    }

    /// Every route that certainly fits.
    fn fits(
        &self,
        subnet: &'e Subnet,
        network: &'e VirtualNetwork,
        table: Option<&'e RouteTable>,
    ) -> Vec<Fit<'e>> {
        let to = self.packet.address;
        let mut all = Vec::new();
        let mut add = |length: u8, strength: u8, why: String, hop: Hop<'e>, place: Option<&Place>| {
            all.push(Fit { rank: (length, strength), why, hop, place: place.cloned() });
        };
        let mut default_is_written = false;
        for route in table.into_iter().flat_map(|table| &table.routes) {
            match &route.to {
                End::Block(block) => {
                    default_is_written |= block.prefix_len() == 0 && matches!(block, IpNet::V4(_));
                    if holds(block, to) {
                        let why = format!("route {}: {block} → {}", route.name, spelled(&route.hop));
                        add(block.prefix_len(), 9, why, Hop::Written(&route.hop), Some(&route.place));
                    }
                }
                End::Tag(tag) => {
                    let strength = match (tag.starts_with("azurecloud"), tag.contains('.')) {
                        (false, true) => 8,
                        (false, false) => 7,
                        (true, true) => 6,
                        (true, false) => 5,
                    };
                    for block in self.az.tags.get(tag).into_iter().flatten().filter(|block| holds(block, to))
                    {
                        let why = format!("route {}: {tag} → {}", route.name, spelled(&route.hop));
                        add(block.prefix_len(), strength, why, Hop::Written(&route.hop), Some(&route.place));
                    }
                }
                _ => {}
            }
        }
        let mut near = false;
        for block in network.blocks.iter().filter(|block| holds(block, to)) {
            near = true;
            add(block.prefix_len(), 2, format!("system route: {block} is its own"), Hop::Local, None);
        }
        for peering in network.peerings.iter().filter(|peering| peering.connected) {
            for block in self.space_of(peering).into_iter().flatten().filter(|block| holds(block, to)) {
                near = true;
                if peering.complete {
                    let why = format!("system route: {block} is peered");
                    add(block.prefix_len(), 2, why, Hop::Peered(peering), None);
                }
            }
        }
        if table.is_none_or(|table| table.propagates) && !near {
            for (told, learned) in self.told_by(subnet) {
                for block in learned.into_iter().flatten().filter(|block| holds(block, to)) {
                    add(block.prefix_len(), 4, format!("learned route: {block}"), Hop::Told(told), None);
                }
            }
        }
        if let (IpAddr::V4(address), false) = (to, default_is_written) {
            let length = match address.octets() {
                [10, ..] => Some(8),
                [172, 16..=31, ..] => Some(12),
                [192, 168, ..] => Some(16),
                [100, 64..=127, ..] => Some(10),
                _ => None,
            };
            if let Some(length) = length {
                let why = "system route: private ranges lead nowhere".to_owned();
                add(length, 1, why, Hop::Nowhere, None);
            }
        }
        add(0, 2, "system route: everything else → Internet".to_owned(), Hop::Internet, None);
        all
    }

    fn follow(
        &mut self,
        hop: Hop<'e>,
        id: &'e str,
        subnet: &'e Subnet,
        way: Trace,
        source: &Source<'e>,
        depth: usize,
    ) {
        match hop {
            Hop::Nowhere | Hop::Written(NextHop::Nowhere) => {
                let (kind, shown) = shown(subnet, id);
                self.stopped(way, kind, shown, "that leads nowhere");
            }
            Hop::Local | Hop::Written(NextHop::Local) => {
                let own = self.az.networks.get(&subnet.network).map_or(&[][..], |network| &network.blocks);
                match own.iter().any(|block| holds(block, self.packet.address)) {
                    true => self.end(way, Some(Arrival::Vpc(subnet.network.clone()))),
                    false => self.lost(doubt(way, Answer::EffectiveRoutes, id), id),
                }
            }
            Hop::Peered(peering) => self.peered(peering, &subnet.network, way, source),
            Hop::Internet | Hop::Written(NextHop::Internet) => self.out(id, subnet, way, source),
            Hop::Written(NextHop::Appliance(address)) if IpFamily::of(*address) != self.packet.family => {
                self.lost(doubt(way, Answer::RouteTables, id), id);
            }
            Hop::Written(NextHop::Appliance(address)) => {
                self.appliance(*address, &subnet.network, way, source, depth);
            }
            Hop::Written(NextHop::Gateway) => {
                let all = self.told_by(subnet).into_iter().map(|(told, _)| told);
                let all: Vec<Told<'e>> = all.filter(|told| !matches!(told, Told::RouteServer(_))).collect();
                if all.is_empty() {
                    self.stopped(way, GateKind::Gateway, &subnet.network, "it has no gateway");
                } else {
                    all.into_iter().for_each(|told| self.gateway(told, way.clone()));
                }
            }
            Hop::Told(told) => self.gateway(told, way),
            Hop::Written(NextHop::Unclear(_)) => self.lost(doubt(way, Answer::RouteTables, id), id),
        }
    }

    fn gateway(&mut self, told: Told<'e>, way: Trace) {
        let why = "what is behind it is not shown";
        let way = gate(way, GateKind::Gateway, told.id(), why, Passes::Perhaps, None);
        self.end(beyond(way, told.id()), Some(Arrival::Beyond(told.id().to_owned())));
    }

    fn peered(&mut self, peering: &Peering, network: &str, way: Trace, source: &Source<'e>) {
        let name = peering.remote.as_ref().unwrap_or(&peering.id);
        if source.forwarded && !peering.forwarded {
            let there = self.az.networks.get(name);
            let mut theirs = there.into_iter().flat_map(|network| &network.peerings);
            if theirs.find(|back| back.remote.as_deref() == Some(network)).is_some_and(|back| !back.forwarded)
            {
                let why = "it does not pass on what another network sent";
                return self.stopped(way, GateKind::Peering, &peering.id, why);
            }
        }
        let why = format!("it leads to {}", name.rsplit('/').next().unwrap_or(name));
        let way = gate(way, GateKind::Peering, &peering.id, why, Passes::Yes, None);
        self.end(way, Some(Arrival::Vpc(name.clone())));
    }

    /// The packet is sent through who has an address.
    fn appliance(
        &mut self,
        address: IpAddr,
        network: &'e str,
        way: Trace,
        source: &Source<'e>,
        depth: usize,
    ) {
        let near = self.near(network);
        let mut way = way;
        way.inspected = true;
        let is_near = |subnet: &Option<String>| {
            let subnet = subnet.as_ref().and_then(|id| self.az.subnets.get(id));
            subnet.is_some_and(|subnet| near.contains(&subnet.network.as_str()))
        };
        for (id, firewall) in &self.az.firewalls {
            if firewall.addresses.contains(&address)
                && is_near(&firewall.subnet)
                && let Some(subnet) = &firewall.subnet
            {
                if came_through(&way, GateKind::AzureFirewall, id) {
                    return self.stopped(way, GateKind::AzureFirewall, id, CIRCLES);
                }
                let why = "its rules are not read; it may stop this";
                let way = gate(way, GateKind::AzureFirewall, id, why, Passes::Perhaps, None);
                let source = Source {
                    through: Through::Firewall(firewall.public),
                    from: source.from.clone(),
                    forwarded: true,
                };
                return self.route(subnet, beyond(way, id), &source, depth + 1);
            }
        }
        for network in &near {
            if let Some(sender) = self.who_has(address, network) {
                return self.forwarder(sender, way, source, depth);
            }
        }
        let stands = |(own, subnet): &(IpAddr, Option<String>)| *own == address && is_near(subnet);
        let Some((id, balancer)) = self.az.balancers.iter().find(|(_, one)| one.private.iter().any(stands))
        else {
            let about = address.to_string();
            return self.lost(doubt(way, Answer::Interfaces, &about), &about);
        };
        if came_through(&way, GateKind::LoadBalancer, id) {
            return self.stopped(way, GateKind::LoadBalancer, id, CIRCLES);
        }
        let why = "it hands this to one of its members";
        let way = gate(way, GateKind::LoadBalancer, id, why, Passes::Perhaps, None);
        let way = doubt(way, Answer::LoadBalancers, id);
        let members: Vec<&'e String> = balancer.pools.values().flatten().collect();
        if members.is_empty() {
            return self.lost(way, id);
        }
        for member in members {
            match self.first_of(member) {
                Some(sender) => self.forwarder(sender, way.clone(), source, depth),
                None => self.lost(doubt(way.clone(), Answer::Interfaces, member), member),
            }
        }
    }

    /// Who has an address in a network.
    pub(super) fn who_has(&self, address: IpAddr, network: &str) -> Option<Sender<'e>> {
        self.estate.network.interfaces.iter().find_map(|interface| {
            let card = self.az.cards.get(&interface.id)?;
            let configuration = card.configurations.iter().find(|one| one.address == Some(address))?;
            (interface.vpc.as_deref() == Some(network)).then_some(Sender { interface, card, configuration })
        })
    }

    /// An interface by its first address of the packet's family.
    fn first_of(&self, id: &str) -> Option<Sender<'e>> {
        let interface = self.estate.network.interfaces.iter().find(|interface| interface.id == id)?;
        let card = self.az.cards.get(id)?;
        let is = |address: IpAddr| IpFamily::of(address) == self.packet.family;
        let mut own = card.configurations.iter().filter(|one| one.primary);
        let configuration = own.find(|one| one.address.is_some_and(is))?;
        Some(Sender { interface, card, configuration })
    }

    /// A machine that the packet is sent through.
    fn forwarder(&mut self, through: Sender<'e>, way: Trace, source: &Source<'e>, depth: usize) {
        let id = &through.interface.id;
        if !through.interface.forwards {
            return self.stopped(
                way,
                GateKind::Forwarder,
                id,
                "IP forwarding is off: it drops what is not its own",
            );
        }
        if came_through(&way, GateKind::Forwarder, id) {
            return self.stopped(way, GateKind::Forwarder, id, CIRCLES);
        }
        let why = "it forwards; what it does with this is its own business";
        let mut way = beyond(gate(way, GateKind::Forwarder, id, why, Passes::Perhaps, None), id);
        // Its guards see it come in from one of these.
        let lets_in = source.from.iter().any(|from| match from.configuration.address {
            Some(address) => self.in_at(way.clone(), through, address).passes > Passes::No,
            None => true,
        });
        if !lets_in {
            return self.stopped(way, GateKind::SecurityGroupIn, id, "its groups do not let this in");
        }
        let Some(subnet) = &through.interface.subnet else {
            return self.lost(doubt(way, Answer::Interfaces, id), id);
        };
        let mut from = source.from.clone();
        from.push(through);
        way = self.guards(way, through.card, subnet, &from, Direction::Egress, self.packet.address);
        if way.passes == Passes::No {
            return self.end(way, None);
        }
        let source = Source { through: Through::Interface(through), from, forwarded: true };
        self.route(subnet, way, &source, depth + 1);
    }
}

/// What tells the routes of a subnet: its table, or the subnet itself where it has none.
fn shown<'s>(subnet: &'s Subnet, id: &'s str) -> (GateKind, &'s str) {
    subnet.table.as_deref().map_or((GateKind::Routes, id), |table| (GateKind::Table, table))
}

const CIRCLES: &str = "it goes in circles";

/// Whether the packet came through a gate before. Routes ask where it goes: it would come there again and again.
fn came_through(way: &Trace, kind: GateKind, id: &str) -> bool {
    way.gates.iter().any(|gate| gate.kind == kind && gate.id == id)
}

fn spelled(hop: &NextHop) -> String {
    match hop {
        NextHop::Local => "the virtual network".to_owned(),
        NextHop::Internet => "Internet".to_owned(),
        NextHop::Appliance(address) => format!("appliance {address}"),
        NextHop::Gateway => "the virtual network gateway".to_owned(),
        NextHop::Nowhere => "nowhere".to_owned(),
        NextHop::Unclear(text) => text.clone(),
    }
}
