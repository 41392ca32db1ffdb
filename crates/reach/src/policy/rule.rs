//! One rule to the packets it matches.

use rustc_hash::FxHashMap;
use std::cell::RefCell;
use tidegate_estate::{
    Estate, IpFamily, IpNet, Ipv4Net, Ipv6Net, Peer, PortMatch, Presence, ProtocolMatch, Provider, Reason,
    Rule, Value, World,
};
use tidegate_space::{AddressSet, PacketSet, Services, protocol};

/// Whether ports, or type and code, narrow a rule of this protocol. Of every protocol but these AWS lets all
/// through, whatever ports are written (EC2 API reference, `IpPermission`; VPC user guide, "Network ACL
/// rules"). Google Cloud and Kubernetes know ports of SCTP, too (Compute Engine API, `firewalls`; Kubernetes API,
/// `NetworkPolicyPort`).
fn narrows(number: u8, provider: Provider) -> bool {
    match number {
        protocol::ICMP | protocol::TCP | protocol::UDP | protocol::ICMPV6 => true,
        protocol::SCTP => matches!(provider, Provider::Gcp | Provider::Kubernetes),
        _ => false,
    }
}

/// What a rule matches in one world.
#[derive(Debug, Clone, Default)]
pub(crate) struct Matched {
    /// Matched whatever the unknowns are.
    pub must: PacketSet,
    /// Matched if the unknowns are so.
    pub may: PacketSet,
    /// What could not be known.
    pub unknowns: Vec<Reason>,
    /// How many addresses `may` has more than `must` in truth, where that is known although their place is not.
    pub at_most: Option<u128>,
}

/// What `rule` matches in `world`; its guard is not asked.
///
/// An unknown widens `may` as far as it could reach and no further: an unknown peer to every address with
/// the rule's own services, unknown ports to all of the protocol, an unknown protocol to all services.
pub(crate) fn matched(rule: &Rule, provider: Provider, estate: &Estate, world: &World) -> Matched {
    let mut unknowns = Vec::new();
    if let Presence::Unknown(reason) = &rule.presence {
        unknowns.push(reason.clone());
    }
    let (Some(services), Some(blocks)) =
        (services(rule, provider, world, &mut unknowns), addresses(rule, estate, world, &mut unknowns))
    else {
        // The peer or the protocol does not exist in this world: no such rule can be made there.
        return Matched::default();
    };
    let must = match rule.presence {
        Presence::Present => to_blocks(&blocks.must, &services.must),
        Presence::Unknown(_) => PacketSet::empty(),
    };
    let exact = matches!(rule.presence, Presence::Present)
        && blocks.must == blocks.may
        && services.must == services.may;
    let may = if exact { must.clone() } else { to_blocks(&blocks.may, &services.may) };
    if blocks.may.is_empty() {
        // Towards a group or a vendor's list: no address gets in, whatever the ports or the presence are.
        return Matched { must, may, ..Matched::default() };
    }
    Matched { must, may, unknowns, at_most: blocks.at_most }
}

/// What a rule matches whose peer is a group or a vendor's list, by the addresses that stand behind it; nothing for
/// other rules. At least, and at most.
pub(crate) fn behind(
    rule: &Rule,
    provider: Provider,
    world: &World,
    behind: super::Behind<'_>,
) -> Option<(PacketSet, PacketSet)> {
    let Ok(Some(peer @ (Peer::Group(_) | Peer::ManagedPrefixList(_)))) = rule.peer.in_world(world) else {
        return None;
    };
    let blocks = behind(peer)?;
    let services = services(rule, provider, world, &mut Vec::new())?;
    let may = to_blocks(blocks, &services.may);
    let must = match rule.presence {
        Presence::Present => to_blocks(blocks, &services.must),
        Presence::Unknown(_) => PacketSet::empty(),
    };
    Some((must, may))
}

fn to_blocks(blocks: &[IpNet], services: &Services) -> PacketSet {
    match blocks {
        [] => PacketSet::empty(),
        [block] => PacketSet::to_block(*block, services),
        many => {
            let families = tidegate_space::IpFamily::BOTH.map(|family| {
                let own =
                    many.iter().copied().filter(|block| tidegate_space::IpFamily::of(block.addr()) == family);
                PacketSet::to_addresses(&AddressSet::from_blocks(family, own), services)
            });
            PacketSet::union_all(families)
        }
    }
}

/// Every packet to whatever a peer may be in some world.
pub(super) fn anywhere(peer: &Value<Peer>, estate: &Estate) -> PacketSet {
    let to = |entry: &Value<IpNet>| match entry {
        Value::Known(block) => PacketSet::to_block(*block, &Services::all()),
        Value::OneOf(_) | Value::Unknown(_) => PacketSet::everything(),
    };
    match peer {
        Value::Unknown(_) => PacketSet::everything(),
        Value::OneOf(list) => PacketSet::union_all(list.iter().map(|(_, value)| anywhere(value, estate))),
        Value::Known(Peer::Cidr(block)) => PacketSet::to_block(*block, &Services::all()),
        Value::Known(Peer::Group(_) | Peer::ManagedPrefixList(_)) => PacketSet::empty(),
        Value::Known(Peer::Hidden(hidden)) => PacketSet::to_block(hidden.within, &Services::all()),
        Value::Known(Peer::PrefixList(index)) => match estate.prefix_lists.get(*index) {
            Some(list) => PacketSet::union_all(list.entries.iter().map(|(_, entry)| to(entry))),
            None => PacketSet::everything(),
        },
    }
}

struct MatchedServices {
    must: Services,
    may: Services,
}

/// `None` where the protocol does not exist in this world.
fn services(
    rule: &Rule,
    provider: Provider,
    world: &World,
    unknowns: &mut Vec<Reason>,
) -> Option<MatchedServices> {
    let exactly = |services: Services| Some(MatchedServices { must: services.clone(), may: services });
    let number = match rule.protocol.in_world(world) {
        Ok(None) => return None,
        Ok(Some(ProtocolMatch::Any)) => return exactly(Services::all()),
        Ok(Some(ProtocolMatch::Number(number))) => *number,
        Err(reason) => {
            unknowns.push(reason.clone());
            return Some(MatchedServices { must: Services::none(), may: Services::all() });
        }
    };
    if !narrows(number, provider) {
        return exactly(Services::protocol(number));
    }
    let icmp = matches!(number, protocol::ICMP | protocol::ICMPV6);
    let mut unclear = |reason: Reason| {
        unknowns.push(reason);
        Some(MatchedServices { must: Services::none(), may: Services::protocol(number) })
    };
    match rule.ports.in_world(world) {
        // Ports that are left out leave the protocol whole.
        Ok(None) | Ok(Some(PortMatch::Any)) => exactly(Services::protocol(number)),
        Ok(Some(PortMatch::Nothing)) => exactly(Services::none()),
        Ok(Some(PortMatch::Range(from, to))) if icmp => match (u8::try_from(*from), u8::try_from(*to)) {
            (Ok(kind), Ok(code)) => exactly(Services::icmp(number, Some(kind), Some(code))),
            _ => unclear(Reason::at("an ICMP type or code is above 255", rule.place.clone())),
        },
        Ok(Some(PortMatch::Range(from, to))) => exactly(ports(number, *from, *to)),
        Ok(Some(PortMatch::Icmp(kind, code))) if icmp => exactly(Services::icmp(number, *kind, *code)),
        Ok(Some(PortMatch::Icmp(..))) => {
            unclear(Reason::at("an ICMP type stands where ports belong", rule.place.clone()))
        }
        Err(reason) => unclear(reason.clone()),
    }
}

/// How many ranges of ports a thread remembers: rules name the same few again and again.
const RANGES: usize = 1024;

thread_local! {
    static PORTS: RefCell<FxHashMap<(u8, u16, u16), Services>> = RefCell::default();
}

/// [`Services::ports`], made once.
fn ports(protocol: u8, from: u16, to: u16) -> Services {
    PORTS.with_borrow_mut(|known| {
        if known.len() >= RANGES {
            known.clear();
        }
        known.entry((protocol, from, to)).or_insert_with(|| Services::ports(protocol, from, to)).clone()
    })
}

#[derive(Default)]
struct MatchedBlocks {
    must: Vec<IpNet>,
    may: Vec<IpNet>,
    /// How many addresses of `may` there are in truth, where that is known.
    at_most: Option<u128>,
}

/// Where an unknown peer may be.
const ANYWHERE: [IpFamily; 2] = [IpFamily::V4, IpFamily::V6];

fn whole(family: IpFamily) -> IpNet {
    match family {
        IpFamily::V4 => IpNet::V4(Ipv4Net::default()),
        IpFamily::V6 => IpNet::V6(Ipv6Net::default()),
    }
}

/// `None` where the peer does not exist in this world.
fn addresses(
    rule: &Rule,
    estate: &Estate,
    world: &World,
    unknowns: &mut Vec<Reason>,
) -> Option<MatchedBlocks> {
    let mut blocks = MatchedBlocks::default();
    match rule.peer.in_world(world) {
        Ok(None) => return None,
        Ok(Some(Peer::Cidr(block))) => {
            blocks.must.push(*block);
            blocks.may.push(*block);
        }
        Ok(Some(Peer::Group(_) | Peer::ManagedPrefixList(_))) => {}
        Ok(Some(Peer::Hidden(hidden))) => {
            unknowns.push(hidden.reason.clone());
            blocks.may.push(hidden.within);
            blocks.at_most = hidden.at_most();
        }
        Ok(Some(Peer::PrefixList(index))) => match estate.prefix_lists.get(*index) {
            Some(list) => {
                for (guard, entry) in &list.entries {
                    if !guard.holds(world) {
                        continue;
                    }
                    match entry.in_world(world) {
                        Ok(None) => {}
                        Ok(Some(block)) => {
                            blocks.must.push(*block);
                            blocks.may.push(*block);
                        }
                        Err(reason) => {
                            unknowns.push(reason.clone());
                            blocks.may.extend(ANYWHERE.map(whole));
                        }
                    }
                }
            }
            None => {
                unknowns.push(Reason::at("the prefix list is not in the input", rule.place.clone()));
                blocks.may.extend(ANYWHERE.map(whole));
            }
        },
        Err(reason) => {
            unknowns.push(reason.clone());
            blocks.may.extend(ANYWHERE.map(whole));
        }
    }
    Some(blocks)
}
