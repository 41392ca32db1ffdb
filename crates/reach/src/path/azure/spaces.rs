//! Address spaces around a subnet: what the tag VirtualNetwork stands for there, and which gateways tell it routes.
//! ("Virtual network service tags", "Available service tags": the network's own space, connected on-premises networks,
//! peered networks, the host's virtual address, and prefixes of user-defined routes; perhaps default routes.)

use tidegate_estate::IpNet;
use tidegate_estate::azure::{Answer, End, Network, Peering};
use tidegate_space::{AddressSet, IpFamily};

/// What the tag VirtualNetwork stands for: at least, and at most. One set for each family.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Space {
    pub least: [AddressSet; 2],
    pub most: [AddressSet; 2],
}

impl Space {
    pub fn unknown() -> Self {
        Self { least: IpFamily::BOTH.map(AddressSet::empty), most: IpFamily::BOTH.map(AddressSet::all) }
    }
}

/// The index of a family in [`IpFamily::BOTH`].
pub(super) fn at(family: IpFamily) -> usize {
    usize::from(family == IpFamily::V6)
}

/// Something that tells a network routes: a gateway of its own, or of a network that it is peered with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Teller<'e> {
    pub id: &'e str,
    /// Its routes, where they are known.
    pub routes: Option<&'e [IpNet]>,
    /// What would tell them.
    pub answer: Answer,
}

/// Everything that tells a network routes.
pub(super) fn tellers<'e>(az: &'e Network, network: &str) -> Vec<Teller<'e>> {
    let mut all = gateways(az, network);
    // A subnet of this name is made for a gateway, one of the other for a route server.
    let named = |name: &str| {
        let own = |(id, subnet): &(&String, &tidegate_estate::azure::Subnet)| {
            subnet.network == network && id.rsplit('/').next().is_some_and(|id| id.eq_ignore_ascii_case(name))
        };
        az.subnets.iter().find(own).map(|(id, _)| id.as_str())
    };
    if all.is_empty()
        && let Some(id) = named("GatewaySubnet")
    {
        all.push(Teller { id, routes: None, answer: Answer::Gateways });
    }
    if let Some(id) = named("RouteServerSubnet") {
        all.push(Teller { id, routes: None, answer: Answer::EffectiveRoutes });
    }
    let peerings = az.networks.get(network).map_or(&[][..], |network| &network.peerings);
    for peering in peerings.iter().filter(|peering| peering.connected && peering.remote_gateway) {
        let theirs = peering.remote.as_deref().map(|remote| gateways(az, remote)).unwrap_or_default();
        if theirs.is_empty() {
            let id = peering.remote.as_deref().unwrap_or(&peering.id);
            all.push(Teller { id, routes: None, answer: Answer::Gateways });
        }
        all.extend(theirs);
    }
    all
}

fn gateways<'e>(az: &'e Network, network: &str) -> Vec<Teller<'e>> {
    let own = az.gateways.iter().filter(|(_, gateway)| gateway.network.as_deref() == Some(network));
    own.map(|(id, gateway)| Teller { id, routes: gateway.learned.as_deref(), answer: Answer::LearnedRoutes })
        .collect()
}

/// The address space behind a peering, where it is known.
pub(super) fn behind<'e>(az: &'e Network, peering: &'e Peering) -> Option<&'e [IpNet]> {
    if !peering.blocks.is_empty() {
        return Some(&peering.blocks);
    }
    let remote = az.networks.get(peering.remote.as_deref()?)?;
    (!remote.blocks.is_empty()).then_some(&remote.blocks)
}

/// The host's virtual address.
const HOST: &str = "168.63.129.16/32";

/// What VirtualNetwork stands for in a subnet.
pub(super) fn around(az: &Network, id: &str) -> Space {
    let Some(subnet) = az.subnets.get(id) else { return Space::unknown() };
    let mut least: Vec<IpNet> = subnet.blocks.clone();
    least.extend(HOST.parse::<IpNet>().ok());
    let mut most: Vec<IpNet> = Vec::new();
    let mut everything = false;
    match az.networks.get(&subnet.network) {
        Some(network) => {
            least.extend(&network.blocks);
            for peering in network.peerings.iter().filter(|peering| peering.connected && peering.access) {
                match behind(az, peering) {
                    Some(blocks) if peering.complete => least.extend(blocks),
                    Some(blocks) => most.extend(blocks),
                    None => everything = true,
                }
            }
        }
        None => everything = true,
    }
    let table = subnet.table.as_ref().map(|id| az.tables.get(id));
    let propagates = table.flatten().is_none_or(|table| table.propagates);
    for teller in tellers(az, &subnet.network) {
        match teller.routes {
            Some(routes) if propagates => least.extend(routes.iter().filter(|block| block.prefix_len() > 0)),
            Some(routes) => most.extend(routes),
            None => everything = true,
        }
        // A default route is perhaps part of it.
        most.extend(teller.routes.unwrap_or_default());
    }
    match table {
        Some(Some(table)) => {
            for route in &table.routes {
                match &route.to {
                    End::Block(block) if block.prefix_len() > 0 => least.push(*block),
                    End::Block(block) => most.push(*block),
                    End::Tag(tag) => match az.tags.get(tag) {
                        Some(blocks) => least.extend(blocks),
                        None => everything = true,
                    },
                    End::Any | End::Group(_) | End::Unclear(_) => everything = true,
                }
            }
        }
        Some(None) => everything = true,
        None => {}
    }
    let of = |family: IpFamily, blocks: &[IpNet]| AddressSet::from_blocks(family, blocks.iter().copied());
    Space {
        least: IpFamily::BOTH.map(|family| of(family, &least)),
        most: IpFamily::BOTH.map(|family| {
            if everything { AddressSet::all(family) } else { of(family, &least).union(&of(family, &most)) }
        }),
    }
}
