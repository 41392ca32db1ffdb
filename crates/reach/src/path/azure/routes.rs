//! Which addresses take which route from a subnet. Azure adds routes of its own to those that somebody wrote.
//! ("Virtual network traffic routing": the longest prefix; for the same one a user-defined route, then one that was learned,
//! then a system route. System routes within the network, to peered ones and to services go before what was learned.)

use super::Paths;
use super::spaces::{self, Teller};
use crate::path::Missing;
use std::net::IpAddr;
use tidegate_estate::azure::{Answer, End, NextHop, Peering};
use tidegate_estate::{Answer as Asked, IpNet};
use tidegate_space::{AddressSet, IpFamily, internet};

/// Where a route leads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Lead<'e> {
    /// To the virtual network itself.
    Local,
    /// To a private endpoint: its id, and the virtual network that it is in.
    Endpoint(&'e str, &'e str),
    /// To a peered network.
    Peering(&'e Peering),
    /// To the Internet.
    Internet,
    /// To who has this address.
    Appliance(IpAddr),
    /// To the gateway that the network uses, as a route says.
    Gateway,
    /// To a gateway that told the route.
    Teller(Teller<'e>),
    /// Nowhere.
    Nowhere,
    /// Nobody knows.
    Unclear,
}

/// The routes of a subnet, taken apart, for one family.
pub(super) struct Lookup<'e> {
    /// The virtual network.
    pub network: &'e str,
    /// The route table, if the subnet has one.
    pub table: Option<&'e str>,
    /// What keeps the routes from being known at all.
    pub unknown: Option<(Answer, &'e str)>,
    /// Services with an endpoint, with the addresses that may be theirs.
    pub services: Vec<(&'e str, AddressSet)>,
    /// Routes that may take packets to some addresses, and what would tell.
    pub perhaps: Vec<(Lead<'e>, AddressSet, Missing)>,
    /// Routes with the addresses that take them.
    pub taken: Vec<(Lead<'e>, AddressSet)>,
}

/// Private ranges that lead nowhere by default.
const NOWHERE: [&str; 4] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"];

/// A route that may be the longest: its length, its rank among equals, who takes it, where it leads.
type Candidate<'e> = (u8, u8, AddressSet, Lead<'e>);

/// Takes the routes of a subnet apart; nothing where the subnet is not shown.
pub(super) fn lookup<'e>(net: &Paths<'e>, id: &str, family: IpFamily) -> Option<Lookup<'e>> {
    let az = net.az;
    let subnet = az.subnets.get(id)?;
    let mut lookup = Lookup {
        network: &subnet.network,
        table: subnet.table.as_deref(),
        unknown: None,
        services: Vec::new(),
        perhaps: Vec::new(),
        taken: Vec::new(),
    };
    let Some(network) = az.networks.get(&subnet.network) else {
        lookup.unknown = Some((Answer::Networks, &subnet.network));
        return Some(lookup);
    };
    let table = match &subnet.table {
        Some(id) => match az.tables.get(id) {
            Some(table) => Some(table),
            None => {
                lookup.unknown = Some((Answer::RouteTables, id));
                return Some(lookup);
            }
        },
        None => None,
    };
    for service in &subnet.services {
        if family == IpFamily::V4 {
            lookup.services.push((service, of_service(net, service)));
        }
    }
    let set = |block: IpNet| AddressSet::from_blocks(family, [block]);
    let fits = |block: &IpNet| IpFamily::of(block.addr()) == family;
    let mut all: Vec<Candidate<'e>> = Vec::new();
    // What the network itself and its neighbours have, whoever tells what.
    let mut near = AddressSet::empty(family);
    for block in network.blocks.iter().filter(|block| fits(block)) {
        near = near.union(&set(*block));
        all.push((block.prefix_len(), 3, set(*block), Lead::Local));
    }
    for peering in network.peerings.iter().filter(|peering| peering.connected) {
        let about = peering.remote.as_ref().unwrap_or(&peering.id);
        match spaces::behind(az, peering) {
            Some(blocks) => {
                for block in blocks.iter().filter(|block| fits(block)) {
                    near = near.union(&set(*block));
                    if peering.complete {
                        all.push((block.prefix_len(), 3, set(*block), Lead::Peering(peering)));
                    } else {
                        let missing = (Asked::Azure(Answer::EffectiveRoutes), id.to_owned());
                        lookup.perhaps.push((Lead::Peering(peering), set(*block), missing));
                    }
                }
            }
            None => {
                let missing = (Asked::Azure(Answer::Networks), about.clone());
                lookup.perhaps.push((Lead::Peering(peering), AddressSet::all(family), missing));
            }
        }
    }
    let mut default_is_written = false;
    for route in table.map_or(&[][..], |table| &table.routes) {
        let lead = lead(&route.hop);
        match &route.to {
            End::Block(block) => {
                default_is_written |= block.prefix_len() == 0 && fits(block);
                if fits(block) {
                    all.push((block.prefix_len(), 10, set(*block), lead));
                }
            }
            End::Tag(tag) => match az.tags.get(tag) {
                Some(blocks) => {
                    for block in blocks.iter().filter(|block| fits(block)) {
                        all.push((block.prefix_len(), rank_of_tag(tag), set(*block), lead));
                    }
                }
                None => {
                    let missing = (Asked::Azure(Answer::ServiceTags), tag.clone());
                    lookup.perhaps.push((lead, internet::addresses(family).clone(), missing));
                }
            },
            End::Any | End::Group(_) | End::Unclear(_) => {
                let missing = (Asked::Azure(Answer::RouteTables), id.to_owned());
                lookup.perhaps.push((lead, AddressSet::all(family), missing));
            }
        }
    }
    let propagates = table.is_none_or(|table| table.propagates);
    for teller in spaces::tellers(az, &subnet.network).into_iter().filter(|_| propagates) {
        match teller.routes {
            Some(routes) => {
                for block in routes.iter().filter(|block| fits(block)) {
                    let taken = set(*block).difference(&near);
                    all.push((block.prefix_len(), 5, taken, Lead::Teller(teller)));
                }
            }
            None => {
                let missing = (Asked::Azure(teller.answer), teller.id.to_owned());
                lookup.perhaps.push((Lead::Teller(teller), near.complement(), missing));
            }
        }
    }
    all.push((0, 3, AddressSet::all(family), Lead::Internet));
    // A default route that somebody wrote takes their place.
    if family == IpFamily::V4 && !default_is_written {
        let blocks = NOWHERE.iter().filter_map(|text| text.parse::<IpNet>().ok());
        all.extend(blocks.map(|block| (block.prefix_len(), 2, set(block), Lead::Nowhere)));
    }
    all.sort_by_key(|(length, rank, ..)| (u8::MAX - length, u8::MAX - rank));
    let mut left = AddressSet::all(family);
    let mut take = |set: AddressSet, lead| {
        let taken = left.intersection(&set);
        left = left.difference(&set);
        if !taken.is_empty() {
            lookup.taken.push((lead, taken));
        }
    };
    for (set, lead) in endpoints(net, &subnet.network, family) {
        take(set, lead);
    }
    for (_, _, set, lead) in all {
        take(set, lead);
    }
    Some(lookup)
}

/// Private endpoints of a network and of those it is peered with: a route of their own leads to each, before every other.
/// Where their subnet lets route tables count for them, they are addresses like any. ("Manage network policies for private
/// endpoints".)
fn endpoints<'e>(net: &Paths<'e>, network: &'e str, family: IpFamily) -> Vec<(AddressSet, Lead<'e>)> {
    let mut found = Vec::new();
    for (address, holders) in &net.holders {
        for holder in holders {
            let Some(endpoint) = holder.card.endpoint.as_deref() else { continue };
            let Some(subnet) = holder.interface.subnet.as_ref().and_then(|id| net.az.subnets.get(id)) else {
                continue;
            };
            let near = reachable(net, network).contains(&subnet.network.as_str());
            if IpFamily::of(*address) == family && near && !subnet.routes_for_endpoints {
                let set = AddressSet::from_blocks(family, [IpNet::from(*address)]);
                found.push((set, Lead::Endpoint(endpoint, &subnet.network)));
            }
        }
    }
    // In an order that does not depend on hashes.
    found.sort_by_key(|(set, _)| set.first());
    found
}

/// A network, and those that it has a working peering with.
pub(super) fn reachable<'n>(net: &Paths<'n>, network: &'n str) -> Vec<&'n str> {
    let peerings = net.az.networks.get(network).map_or(&[][..], |network| &network.peerings);
    let peered = peerings.iter().filter(|peering| peering.connected);
    std::iter::once(network).chain(peered.filter_map(|peering| peering.remote.as_deref())).collect()
}

fn lead<'e>(hop: &NextHop) -> Lead<'e> {
    match hop {
        NextHop::Local => Lead::Local,
        NextHop::Internet => Lead::Internet,
        NextHop::Appliance(address) => Lead::Appliance(*address),
        NextHop::Gateway => Lead::Gateway,
        NextHop::Nowhere => Lead::Nowhere,
        NextHop::Unclear(_) => Lead::Unclear,
    }
}

/// Among tags with the same prefix: regional ones, then services, then AzureCloud of a region, then all of it.
/// ("Service tags for user-defined routes".)
fn rank_of_tag(tag: &str) -> u8 {
    match (tag.starts_with("azurecloud"), tag.contains('.')) {
        (false, true) => 9,
        (false, false) => 8,
        (true, true) => 7,
        (true, false) => 6,
    }
}

/// Addresses that a service endpoint may take: those of the service's tag where a list shows them, else any public one.
fn of_service(net: &Paths<'_>, service: &str) -> AddressSet {
    let name = service.to_ascii_lowercase();
    let tag = SERVICES.iter().find(|(known, _)| *known == name).map(|(_, tag)| *tag);
    let blocks = tag.and_then(|tag| net.az.tags.get(tag));
    blocks.map_or_else(
        || internet::addresses(IpFamily::V4).clone(),
        |blocks| AddressSet::from_blocks(IpFamily::V4, blocks.iter().copied()),
    )
}

/// Services that a subnet may have an endpoint for, with the tag of all their addresses. ("Virtual network service
/// endpoints"; "Virtual network service tags".)
const SERVICES: [(&str, &str); 8] = [
    ("microsoft.storage", "storage"),
    ("microsoft.storage.global", "storage"),
    ("microsoft.sql", "sql"),
    ("microsoft.azurecosmosdb", "azurecosmosdb"),
    ("microsoft.keyvault", "azurekeyvault"),
    ("microsoft.servicebus", "servicebus"),
    ("microsoft.eventhub", "eventhub"),
    ("microsoft.web", "appservice"),
];
