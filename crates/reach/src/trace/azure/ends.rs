//! Whether an address is one of those that an end of a rule stands for.

use super::{Sender, Walk};
use crate::trace::Passes;
use crate::trace::rules::holds;
use std::net::IpAddr;
use tidegate_estate::IpNet;
use tidegate_estate::azure::{End, Gateway, Peering, Subnet};
use tidegate_space::{IpFamily, internet};

fn in_any(blocks: &[IpNet], address: IpAddr) -> bool {
    blocks.iter().any(|block| holds(block, address))
}

impl<'e> Walk<'e> {
    /// Whether the tag VirtualNetwork stands for an address, as a subnet sees it.
    pub(super) fn in_network(&self, subnet: &str, address: IpAddr) -> Passes {
        let Some(here) = self.az.subnets.get(subnet) else { return Passes::Perhaps };
        let mut best = Passes::No;
        let mut see = |passes| best = best.max(passes);
        see(Passes::of(in_any(&here.blocks, address)));
        see(Passes::of(address == IpAddr::from([168, 63, 129, 16])));
        match self.az.networks.get(&here.network) {
            None => see(Passes::Perhaps),
            Some(network) => {
                see(Passes::of(in_any(&network.blocks, address)));
                for peering in &network.peerings {
                    if peering.connected && peering.access {
                        see(match self.space_of(peering) {
                            None => Passes::Perhaps,
                            Some(blocks) if !in_any(blocks, address) => Passes::No,
                            Some(_) if peering.complete => Passes::Yes,
                            Some(_) => Passes::Perhaps,
                        });
                    }
                }
            }
        }
        let mut propagates = true;
        if let Some(id) = &here.table {
            match self.az.tables.get(id) {
                None => see(Passes::Perhaps),
                Some(table) => {
                    propagates = table.propagates;
                    for route in &table.routes {
                        see(match &route.to {
                            End::Block(block) if !holds(block, address) => Passes::No,
                            End::Block(block) if block.prefix_len() == 0 => Passes::Perhaps,
                            End::Block(_) => Passes::Yes,
                            End::Tag(tag) => match self.az.tags.get(tag) {
                                Some(blocks) => Passes::of(in_any(blocks, address)),
                                None => Passes::Perhaps,
                            },
                            _ => Passes::Perhaps,
                        });
                    }
                }
            }
        }
        for (_, learned) in self.told_by(here) {
            see(match learned {
                None => Passes::Perhaps,
                Some(routes) => {
                    let longest = routes.iter().filter(|block| holds(block, address));
                    match longest.map(|block| block.prefix_len()).max() {
                        None => Passes::No,
                        Some(0) => Passes::Perhaps,
                        Some(_) if propagates => Passes::Yes,
                        Some(_) => Passes::Perhaps,
                    }
                }
            });
        }
        best
    }

    /// The address space behind a peering.
    pub(super) fn space_of(&self, peering: &'e Peering) -> Option<&'e [IpNet]> {
        let remote = || peering.remote.as_ref().and_then(|remote| self.az.networks.get(remote));
        match peering.blocks.is_empty() {
            false => Some(&peering.blocks),
            true => remote().map(|network| network.blocks.as_slice()).filter(|blocks| !blocks.is_empty()),
        }
    }

    /// Who tells a subnet's network routes, with the routes where they are known.
    pub(super) fn told_by(&self, subnet: &Subnet) -> Vec<(Told<'e>, Option<&'e [IpNet]>)> {
        let name = |id: &str| id.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        let of = |network: &str| -> Vec<(Told<'e>, Option<&'e [IpNet]>)> {
            let own = |(id, gateway): (&'e String, &'e Gateway)| {
                let is = gateway.network.as_deref() == Some(network);
                is.then_some((Told::Gateway(id.as_str()), gateway.learned.as_deref()))
            };
            self.az.gateways.iter().filter_map(own).collect()
        };
        let mut all = of(&subnet.network);
        let own = self.az.subnets.iter().filter(|(_, own)| own.network == subnet.network);
        let mut own = own.map(|(id, _)| id.as_str());
        if all.is_empty() {
            let room = own.clone().find(|id| name(id) == "gatewaysubnet");
            all.extend(room.map(|id| (Told::Unseen(id), None)));
        }
        let room = own.find(|id| name(id) == "routeserversubnet");
        all.extend(room.map(|id| (Told::RouteServer(id), None)));
        let network = self.az.networks.get(&subnet.network);
        for peering in network.into_iter().flat_map(|network| &network.peerings) {
            if !peering.connected || !peering.remote_gateway {
                continue;
            }
            let theirs = peering.remote.as_deref().map(of).unwrap_or_default();
            if theirs.is_empty() {
                all.push((Told::Unseen(peering.remote.as_ref().unwrap_or(&peering.id)), None));
            }
            all.extend(theirs);
        }
        all
    }

    /// Whether an end stands for an address of which it is said whether VirtualNetwork stands for it.
    pub(super) fn end_holds(&self, end: &End, address: IpAddr, in_network: Passes) -> Passes {
        match end {
            End::Any => Passes::Yes,
            End::Block(block) => Passes::of(holds(block, address)),
            End::Unclear(_) => Passes::Perhaps,
            End::Group(id) => Passes::of(self.az.cards.values().any(|card| {
                let mut own = card.configurations.iter();
                own.any(|one| one.address == Some(address) && one.groups.contains(id))
            })),
            End::Tag(tag) => self.tag_holds(tag, address, in_network),
        }
    }

    fn tag_holds(&self, tag: &str, address: IpAddr, in_network: Passes) -> Passes {
        let family = IpFamily::of(address);
        let public = internet::addresses(family).contains(IpFamily::number(address));
        match tag {
            "virtualnetwork" => in_network,
            "internet" if !public => Passes::No,
            "internet" => match in_network {
                Passes::Yes => Passes::No,
                Passes::Perhaps => Passes::Perhaps,
                Passes::No => Passes::Yes,
            },
            "azureloadbalancer" | "azureplatformdns" => {
                Passes::of(address == IpAddr::from([168, 63, 129, 16]))
            }
            "azureplatformimds" => Passes::of(address == IpAddr::from([169, 254, 169, 254])),
            _ => match self.az.tags.get(tag) {
                Some(blocks) => Passes::of(in_any(blocks, address)),
                None if public => Passes::Perhaps,
                None => Passes::No,
            },
        }
    }

    /// Whether the guarded end of a rule stands for one of several senders, of which one is meant.
    pub(super) fn counts_for(&self, ends: &[End], own: &[Sender<'e>], subnet: &str) -> Passes {
        let one = |sender: &Sender<'e>| {
            let each = ends.iter().map(|end| match (end, sender.configuration.address) {
                (End::Any, _) => Passes::Yes,
                (End::Group(id), _) => Passes::of(sender.configuration.groups.contains(id)),
                (End::Block(block), _) if IpFamily::of(block.addr()) != self.packet.family => Passes::No,
                (End::Tag(tag), None) if tag == "virtualnetwork" => Passes::Yes,
                (_, None) => Passes::Perhaps,
                (end, Some(address)) => self.end_holds(end, address, self.in_network(subnet, address)),
            });
            each.max().unwrap_or(Passes::No)
        };
        let all: Vec<Passes> = own.iter().map(one).collect();
        match (all.iter().min(), all.iter().max()) {
            (Some(least), Some(most)) if least == most => *least,
            _ => Passes::Perhaps,
        }
    }
}

/// Who tells routes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Told<'e> {
    /// A gateway.
    Gateway(&'e str),
    /// A gateway that no answer shows, by where it would be.
    Unseen(&'e str),
    /// A route server.
    RouteServer(&'e str),
}

impl<'e> Told<'e> {
    pub fn id(self) -> &'e str {
        match self {
            Told::Gateway(id) | Told::Unseen(id) | Told::RouteServer(id) => id,
        }
    }
}
