//! Which addresses take which route: the longest prefix, then a block before a prefix list.
//! (VPC user guide, "Route priority".)

use tidegate_estate::{Estate, IpNet, Route, RouteTable, RouteTo, Target, Value};
use tidegate_space::{AddressSet, IpFamily};

/// A route table, taken apart.
#[derive(Debug, Default)]
pub struct Lookup<'e> {
    /// Each route with the addresses of a family that take it, none if nothing does.
    pub taken: Vec<(&'e Route, IpFamily, AddressSet)>,
    /// Routes of which nobody can say what takes them.
    pub unclear: Vec<&'e Route>,
}

/// Takes a table apart.
pub fn lookup<'e>(table: &'e RouteTable, estate: &'e Estate) -> Lookup<'e> {
    let mut lookup = Lookup::default();
    // Ordered by: longest prefix, local, block, list.
    let mut ranked: Vec<(u8, u8, IpNet, &Route)> = Vec::new();
    for route in &table.routes {
        let blocks = match &route.to {
            RouteTo::Block(block) => Some(vec![*block]),
            RouteTo::List(id) => of_list(id, estate),
            RouteTo::Unclear(_) => None,
        };
        let rank = match (&route.target, &route.to) {
            (Target::Local, _) => 0,
            (_, RouteTo::Block(_)) => 1,
            (_, RouteTo::List(_) | RouteTo::Unclear(_)) => 2,
        };
        match blocks {
            Some(blocks) => {
                ranked.extend(
                    blocks
                        .into_iter()
                        .map(|block| (u8::MAX - block.prefix_len(), rank, block.trunc(), route)),
                );
            }
            None => lookup.unclear.push(route),
        }
    }
    ranked.sort_by_key(|(length, rank, block, _)| (*length, *rank, *block));
    for family in IpFamily::BOTH {
        let mut left = AddressSet::all(family);
        for (_, _, block, route) in &ranked {
            if IpFamily::of(block.addr()) != family {
                continue;
            }
            let block = AddressSet::from_blocks(family, [*block]);
            let taken = left.intersection(&block);
            if taken.is_empty() {
                continue;
            }
            left = left.difference(&block);
            lookup.taken.push((route, family, taken));
        }
    }
    lookup
}

/// The blocks of a prefix list, where all of them are known.
fn of_list(id: &str, estate: &Estate) -> Option<Vec<IpNet>> {
    if let Some(list) = estate.prefix_lists.iter().find(|list| list.name == id) {
        let blocks = list.entries.iter().map(|(_, entry)| match entry {
            Value::Known(block) => Some(*block),
            Value::OneOf(_) | Value::Unknown(_) => None,
        });
        return blocks.collect();
    }
    estate.network.managed_lists.get(id)?.blocks.clone()
}
