//! Whether one packet matches one rule, looked up in the rule as it is written.

use super::Passes;
use crate::policy::worlds_of;
use std::net::IpAddr;
use tidegate_estate::{
    Action, Direction, Estate, IpNet, Peer, Policy, PortMatch, Presence, ProtocolMatch, Provider, Rule, World,
};
use tidegate_space::Packet;

/// What a policy does with a packet, and the rule that decided, by index.
pub(super) struct Decision {
    pub passes: Passes,
    pub rule: Option<usize>,
}

/// One packet, with the address at the other end from what the policy guards.
pub(super) struct Asked<'a> {
    pub packet: &'a Packet,
    /// The other end.
    pub other: IpAddr,
    pub direction: Direction,
    pub limit: usize,
    pub provider: Provider,
}

/// Asks a policy. `member` says whether the other end stands behind a group or a list that AWS keeps; nothing where
/// nobody knows.
pub(super) fn decide(
    policy: &Policy,
    estate: &Estate,
    asked: &Asked<'_>,
    member: &dyn Fn(&Peer) -> Option<bool>,
) -> Decision {
    if policy.opaque.iter().any(|opaque| opaque.guard != tidegate_estate::Guard::Never) {
        return Decision { passes: Passes::Perhaps, rule: None };
    }
    let Ok(worlds) = worlds_of(policy, estate, asked.limit) else {
        return Decision { passes: Passes::Perhaps, rule: None };
    };
    let mut all = worlds.iter().map(|world| in_world(policy, estate, world, asked, member));
    let Some(mut so_far) = all.next() else { return Decision { passes: Passes::No, rule: None } };
    for next in all {
        if next.passes != so_far.passes {
            so_far.passes = Passes::Perhaps;
        }
    }
    so_far
}

fn in_world(
    policy: &Policy,
    estate: &Estate,
    world: &World,
    asked: &Asked<'_>,
    member: &dyn Fn(&Peer) -> Option<bool>,
) -> Decision {
    // A rule whose number nobody knows may stand before any other.
    let mut rules: Vec<(Option<u32>, usize, &Rule)> = policy
        .rules
        .iter()
        .enumerate()
        .filter(|(_, rule)| rule.direction == asked.direction && rule.guard.holds(world))
        .map(|(at, rule)| (number_of(rule, world), at, rule))
        .collect();
    if !policy.kind.is_ordered() {
        // Any rule that lets the packet through is enough.
        let mut best = Decision { passes: Passes::No, rule: None };
        for (_, at, rule) in rules {
            let passes = matches(rule, estate, world, asked, member);
            if passes > best.passes {
                best = Decision { passes, rule: Some(at) };
            }
        }
        return best;
    }
    rules.sort_by_key(|(number, at, _)| (*number, *at));
    // The first rule that matches decides. One that perhaps matches may have decided otherwise.
    let mut doubt: Option<Action> = None;
    let mut mixed = false;
    for (number, at, rule) in rules {
        let verdict = |action| if action == Action::Allow { Passes::Yes } else { Passes::No };
        match matches(rule, estate, world, asked, member) {
            Passes::No => {}
            passes if passes == Passes::Perhaps || number.is_none() => {
                mixed |= doubt.is_some_and(|doubt| doubt != rule.action);
                doubt = Some(rule.action);
            }
            _ => {
                let passes = match doubt {
                    Some(doubt) if mixed || doubt != rule.action => Passes::Perhaps,
                    _ => verdict(rule.action),
                };
                return Decision { passes, rule: Some(at) };
            }
        }
    }
    let passes = if doubt == Some(Action::Allow) || mixed { Passes::Perhaps } else { Passes::No };
    Decision { passes, rule: None }
}

fn number_of(rule: &Rule, world: &World) -> Option<u32> {
    rule.priority.as_ref()?.in_world(world).ok().flatten().copied()
}

/// Whether a rule matches, by itself.
pub(super) fn matches(
    rule: &Rule,
    estate: &Estate,
    world: &World,
    asked: &Asked<'_>,
    member: &dyn Fn(&Peer) -> Option<bool>,
) -> Passes {
    let there = match rule.presence {
        Presence::Present => Passes::Yes,
        Presence::Unknown(_) => Passes::Perhaps,
    };
    let peer = match rule.peer.in_world(world) {
        Ok(Some(peer)) => peer_matches(peer, estate, world, asked.other, member),
        Ok(None) => Passes::No,
        Err(_) => Passes::Perhaps,
    };
    there.min(peer).min(protocol_matches(rule, world, asked))
}

fn peer_matches(
    peer: &Peer,
    estate: &Estate,
    world: &World,
    other: IpAddr,
    member: &dyn Fn(&Peer) -> Option<bool>,
) -> Passes {
    match peer {
        Peer::Cidr(block) => Passes::of(holds(block, other)),
        Peer::Group(_) | Peer::ManagedPrefixList(_) => Passes::of(member(peer).unwrap_or(false)),
        Peer::Hidden(hidden) if !holds(&hidden.within, other) => Passes::No,
        Peer::Hidden(_) => Passes::Perhaps,
        Peer::PrefixList(index) => {
            let Some(list) = estate.prefix_lists.get(*index) else { return Passes::Perhaps };
            let entries = list.entries.iter().filter(|(guard, _)| guard.holds(world));
            let each = entries.map(|(_, entry)| match entry.in_world(world) {
                Ok(Some(block)) => Passes::of(holds(block, other)),
                Ok(None) => Passes::No,
                Err(_) => Passes::Perhaps,
            });
            each.max().unwrap_or(Passes::No)
        }
    }
}

/// Whether an address lies in a block. (Of different families: no.)
pub(super) fn holds(block: &IpNet, address: IpAddr) -> bool {
    let same = |length: u32, bits: u32, a: u128, b: u128| {
        let host = length - bits;
        host == length || (a >> host) == (b >> host)
    };
    match (block.addr(), address) {
        (IpAddr::V4(a), IpAddr::V4(b)) => {
            same(32, u32::from(block.prefix_len()), u32::from(a).into(), u32::from(b).into())
        }
        (IpAddr::V6(a), IpAddr::V6(b)) => same(128, u32::from(block.prefix_len()), a.into(), b.into()),
        _ => false,
    }
}

fn protocol_matches(rule: &Rule, world: &World, asked: &Asked<'_>) -> Passes {
    let packet = asked.packet;
    let number = match rule.protocol.in_world(world) {
        Ok(None) => return Passes::No,
        Ok(Some(ProtocolMatch::Any)) => return Passes::Yes,
        Ok(Some(ProtocolMatch::Number(number))) => *number,
        Err(_) => return Passes::Perhaps,
    };
    if number != packet.protocol {
        return Passes::No;
    }
    // AWS looks at ports of TCP and UDP, and at types of ICMP, and of nothing else. Google and Kubernetes know SCTP, too.
    let sctp = number == 132 && matches!(asked.provider, Provider::Gcp | Provider::Kubernetes);
    if !sctp && !matches!(number, 1 | 6 | 17 | 58) {
        return Passes::Yes;
    }
    match rule.ports.in_world(world) {
        Ok(Some(PortMatch::Any)) => Passes::Yes,
        Ok(Some(PortMatch::Range(from, to))) => {
            Passes::of(packet.destination_port.is_some_and(|port| (*from..=*to).contains(&port)))
        }
        Ok(Some(PortMatch::Icmp(kind, code))) => {
            Passes::of(packet.icmp.is_some_and(|(its_kind, its_code)| {
                kind.is_none_or(|kind| kind == its_kind && code.is_none_or(|code| code == its_code))
            }))
        }
        Ok(Some(PortMatch::Nothing) | None) => Passes::No,
        Err(_) => Passes::Perhaps,
    }
}
