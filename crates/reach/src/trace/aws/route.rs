//! Which route takes the packet, and where it leads.

use super::guards::sole;
use super::{LONGEST, Source, Walk};
use crate::path::Arrival;
use crate::trace::rules::holds;
use crate::trace::{GateKind, Passes, Trace};
use tidegate_estate::{Answer, IpNet, Route, RouteTable, RouteTo, Target, Value};
use tidegate_space::IpFamily;

impl<'e> Walk<'e> {
    pub(super) fn table_of(&self, subnet: &str, vpc: Option<&str>) -> Option<(&'e str, &'e RouteTable)> {
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
    pub(super) fn send(
        &mut self,
        subnet: &str,
        vpc: Option<&str>,
        mut way: Trace,
        source: &Source,
        depth: usize,
    ) {
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

    pub(super) fn blocks_of(&self, list: &str) -> Option<Vec<IpNet>> {
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
    pub(super) fn follow(
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
}

fn spelled(to: &RouteTo) -> String {
    match to {
        RouteTo::Block(block) => block.to_string(),
        RouteTo::List(list) => list.clone(),
        RouteTo::Unclear(text) => text.clone(),
    }
}
