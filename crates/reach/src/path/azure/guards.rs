//! What guards an interface: security admin rules of its virtual network, then its own network security group and that of
//! its subnet, each of which must let a packet through; where there is none, everything passes.
//! ("How network security groups filter network traffic"; "Security admin rules".)

use super::Paths;
use super::rules::{self, Counted, Host};
use super::spaces::{Space, at};
use crate::path::Missing;
use crate::policy::Bounds;
use std::collections::BTreeSet;
use tidegate_estate::azure::{Answer, End, SecurityGroup, SecurityRule};
use tidegate_estate::{Answer as Asked, Direction};
use tidegate_space::{IpFamily, PacketSet};

/// Where an interface is, and its own network security group.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'e> {
    pub group: Option<&'e str>,
    pub subnet: &'e str,
}

/// What guards let through, and what would tell more.
pub(super) struct Guarded {
    pub set: Bounds,
    pub missing: BTreeSet<Missing>,
}

/// The gates of a place, in the order in which they are asked.
pub(super) struct Gates<'e> {
    pub admin: Option<&'e [SecurityRule]>,
    /// The interface's group, then the subnet's. `None` inside: one that no answer shows.
    pub groups: Vec<Option<&'e SecurityGroup>>,
    pub missing: BTreeSet<Missing>,
}

/// Which gates there are.
pub(super) fn gates<'e>(net: &Paths<'e>, place: &Place<'_>) -> Gates<'e> {
    let mut gates = Gates { admin: None, groups: Vec::new(), missing: BTreeSet::new() };
    let mut lacks = |answer, about: &str| gates.missing.insert((Asked::Azure(answer), about.to_owned()));
    let subnet = net.az.subnets.get(place.subnet);
    let of_subnet = subnet.map(|subnet| subnet.group.as_deref());
    if subnet.is_none() {
        lacks(Answer::Networks, place.subnet);
        gates.groups.push(None);
    }
    for id in [place.group, of_subnet.flatten()].into_iter().flatten() {
        let group = net.az.groups.get(id);
        if group.is_none() {
            lacks(Answer::Groups, id);
        }
        gates.groups.push(group);
    }
    let network = subnet.map(|subnet| subnet.network.as_str());
    gates.admin = network.and_then(|network| net.az.admin.get(network)).map(Vec::as_slice);
    if let (None, Some(network)) = (gates.admin, network) {
        lacks(Answer::AdminRules, network);
    }
    gates
}

/// What the gates of a place let through.
pub(super) fn guarded(
    net: &Paths<'_>,
    place: &Place<'_>,
    hosts: &[Host<'_>],
    direction: Direction,
    family: IpFamily,
) -> Guarded {
    let unknown = Space::unknown();
    let space = net.spaces.get(place.subnet).unwrap_or(&unknown);
    let gates = gates(net, place);
    let mut missing = gates.missing;
    let mut counted = |rules| {
        let counted = rules::counted(net, rules, direction, hosts, space, family);
        missing.extend(rules::missing(net, &counted));
        counted
    };
    let admin = gates.admin.map(&mut counted);
    let groups: Vec<Option<Counted<'_>>> =
        gates.groups.iter().map(|group| group.map(|group| counted(&group.rules))).collect();
    // The other end of a packet is part of the network or is not: where that is not known, both are tried.
    let (least, most) = (&space.least[at(family)], &space.most[at(family)]);
    let one = |network| {
        let mut through = Bounds::exactly(PacketSet::family(family));
        for group in &groups {
            through = through.and(&match group {
                Some(rules) => {
                    let outcome = rules::first(net, rules, family, network);
                    let stopped = outcome.deny.union(&outcome.none);
                    Bounds::between(outcome.allow.difference(&stopped), outcome.allow)
                }
                None => Bounds::unknown(),
            });
        }
        match &admin {
            Some(rules) => {
                let outcome = rules::first(net, rules, family, network);
                let further = outcome.allow.union(&outcome.none);
                let stopped = outcome.deny.union(&further.difference(&through.must));
                let may = outcome.always.union(&further.intersection(&through.may));
                Bounds::between(PacketSet::family(family).difference(&stopped), may)
            }
            // One that denies may stop what is let through here.
            None => Bounds::between(PacketSet::empty(), PacketSet::clone(&through.may)),
        }
    };
    let mut set = one(least);
    if least != most {
        let other = one(most);
        set = Bounds::between(set.must.intersection(&other.must), set.may.union(&other.may));
        if set.must != set.may {
            missing.insert((Asked::Azure(Answer::EffectiveGroups), place.subnet.to_owned()));
        }
    }
    if set.is_certain() {
        missing.clear();
    }
    Guarded { set, missing }
}

/// Whether some gate may stop what the platform itself answers: only rules that name it can.
pub(super) fn may_stop_the_platform(net: &Paths<'_>, place: &Place<'_>) -> bool {
    let gates = gates(net, place);
    let names = |rule: &SecurityRule| {
        let of_platform = |end: &End| matches!(end, End::Tag(tag) if rules::PLATFORM.contains(&tag.as_str()));
        rule.direction == Direction::Egress && rule.destinations.iter().any(of_platform)
    };
    let of_groups = gates.groups.iter().any(|group| group.is_none_or(|group| group.rules.iter().any(names)));
    of_groups || gates.admin.is_some_and(|rules| rules.iter().any(names))
}
