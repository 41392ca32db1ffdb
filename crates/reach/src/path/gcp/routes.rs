//! Which addresses take which route of a network, behind the routes to subnets.
//! (VPC documentation, "Routes": the most specific destination, then the lowest number.)

use std::collections::BTreeSet;
use tidegate_estate::IpNet;
use tidegate_estate::gcp::{Nic, Route};
use tidegate_space::{AddressSet, IpFamily};

/// Routes that take the same packets: one, or several of one rank between which nobody chooses.
pub(super) struct Choice<'e> {
    pub routes: Vec<&'e Route>,
    pub family: IpFamily,
    pub addresses: AddressSet,
}

/// Whether a route with tags is for a machine.
pub(super) fn is_for(tags: &BTreeSet<String>, nic: Option<&Nic>) -> bool {
    tags.is_empty() || nic.is_some_and(|nic| !tags.is_disjoint(&nic.tags))
}

/// Takes the routes of a network apart, as a machine sees them.
pub(super) fn choices<'e>(routes: &'e [Route], nic: Option<&Nic>) -> Vec<Choice<'e>> {
    let mut ranked: Vec<(u8, u32, IpNet, &Route)> = routes
        .iter()
        .filter(|route| is_for(&route.tags, nic))
        .filter_map(|route| route.to.map(|to| (u8::MAX - to.prefix_len(), route.priority, to, route)))
        .collect();
    ranked.sort_by_key(|(length, priority, block, _)| (*length, *priority, *block));
    let mut found = Vec::new();
    for family in IpFamily::BOTH {
        let mut left = AddressSet::all(family);
        let own: Vec<_> =
            ranked.iter().filter(|(_, _, block, _)| IpFamily::of(block.addr()) == family).collect();
        for same in own.chunk_by(|a, b| (a.0, a.1, a.2) == (b.0, b.1, b.2)) {
            let Some((_, _, block, _)) = same.first() else { continue };
            let block = AddressSet::from_blocks(family, [*block]);
            let addresses = left.intersection(&block);
            left = left.difference(&block);
            if addresses.is_empty() {
                continue;
            }
            let mut routes: Vec<&Route> = Vec::new();
            for (_, _, _, route) in same {
                if !routes.iter().any(|known| known.hop == route.hop && known.via == route.via) {
                    routes.push(route);
                }
            }
            found.push(Choice { routes, family, addresses });
        }
    }
    found
}
