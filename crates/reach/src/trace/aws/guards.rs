//! What guards an interface and a subnet: security groups, network ACLs.

use super::{Source, Walk};
use crate::trace::rules::{self, Asked, Decision, holds};
use crate::trace::{GateKind, Passes, Trace};
use std::net::IpAddr;
use tidegate_estate::{Answer, Direction, Interface, Peer, Place, Policy, Value};
use tidegate_space::IpFamily;

impl<'e> Walk<'e> {
    pub(super) fn ids(&self, interface: &Interface) -> String {
        let shown =
            interface.groups.iter().filter_map(|group| self.estate.policies.get(*group)?.path.clone());
        shown.chain(interface.unseen_groups.iter().cloned()).collect::<Vec<_>>().join(" + ")
    }

    /// Whether an address stands behind a peer that is no block.
    pub(super) fn member(&self, peer: &Peer, address: IpAddr) -> Option<bool> {
        match peer {
            Peer::Group(id) => {
                let in_group = |interface: &&Interface| {
                    let shown = interface
                        .groups
                        .iter()
                        .filter_map(|group| self.estate.policies.get(*group)?.path.as_ref());
                    shown.chain(&interface.unseen_groups).any(|group| group == id)
                };
                let mut known = self.holders.borrow_mut();
                let holders = known.entry(address).or_insert_with(|| {
                    let all = self.network().interfaces.iter();
                    all.filter(|interface| interface.addresses.contains(&address)).collect()
                });
                Some(holders.iter().any(in_group))
            }
            Peer::ManagedPrefixList(name) => {
                let lists = &self.network().managed_lists;
                let mut named =
                    lists.iter().filter(|(id, list)| *id == name || list.name.as_ref() == Some(name));
                let blocks = named.find_map(|(_, list)| list.blocks.as_ref())?;
                Some(blocks.iter().any(|block| holds(block, address)))
            }
            _ => None,
        }
    }

    pub(super) fn decide(&self, policy: &Policy, direction: Direction, other: IpAddr) -> Decision {
        let provider = policy.provider;
        let asked = Asked { packet: self.packet, other, direction, limit: self.limit, provider };
        rules::decide(policy, self.estate, &asked, &|peer| self.member(peer, other))
    }

    /// What the groups of an interface say together.
    pub(super) fn groups(
        &self,
        interface: &Interface,
        direction: Direction,
        other: IpAddr,
    ) -> (String, Passes, Option<Place>) {
        let mut best = (Passes::No, None, None);
        for group in &interface.groups {
            let Some(policy) = self.estate.policies.get(*group) else { continue };
            let decision = self.decide(policy, direction, other);
            if decision.passes > best.0 {
                let rule = decision.rule.and_then(|rule| policy.rules.get(rule));
                best = (decision.passes, policy.path.clone(), rule.map(|rule| rule.place.clone()));
            }
        }
        if best.0 < Passes::Yes && !interface.unseen_groups.is_empty() {
            let unseen = interface.unseen_groups.join(", ");
            return (format!("the rules of {unseen} are not among the files"), Passes::Perhaps, None);
        }
        match best {
            (Passes::No, ..) => ("no rule lets it through".to_owned(), Passes::No, None),
            (Passes::Perhaps, group, place) => (
                format!("a rule of {} perhaps lets it through", group.unwrap_or_default()),
                Passes::Perhaps,
                place,
            ),
            (Passes::Yes, group, place) => {
                (format!("a rule of {} lets it through", group.unwrap_or_default()), Passes::Yes, place)
            }
        }
    }

    pub(super) fn acl_of(&self, subnet: &str, vpc: Option<&str>) -> Option<(&'e str, &'e Policy)> {
        let acls = &self.network().acls;
        let mut own = acls.iter().filter(|(_, acl)| acl.subnets.contains(subnet)).peekable();
        let (id, acl) = match own.peek() {
            Some(_) => sole(own)?,
            None => sole(
                acls.iter().filter(|(_, acl)| acl.default && vpc.is_some() && acl.vpc.as_deref() == vpc),
            )?,
        };
        Some((id, self.estate.policies.get(acl.policy)?))
    }

    pub(super) fn acl(
        &self,
        way: Trace,
        kind: GateKind,
        subnet: &str,
        vpc: Option<&str>,
        others: &[IpAddr],
    ) -> Trace {
        let direction = if kind == GateKind::AclOut { Direction::Egress } else { Direction::Ingress };
        let Some((id, policy)) = self.acl_of(subnet, vpc) else {
            let why = "the files do not say which network ACL it has";
            let way = way.pass(kind, subnet, why, Passes::Perhaps, None);
            return way.doubt(Answer::NetworkAcls, subnet);
        };
        let same: Vec<&IpAddr> =
            others.iter().filter(|other| IpFamily::of(**other) == self.packet.family).collect();
        let mut decisions = same.iter().map(|other| self.decide(policy, direction, **other));
        let Some(mut so_far) = decisions.next() else {
            // With no address that could send it, it is not sent; where none is known, perhaps.
            let passes = if others.is_empty() { Passes::Perhaps } else { Passes::No };
            return way.pass(kind, id, "the sender's address is not known", passes, None);
        };
        for next in decisions {
            if next.passes != so_far.passes {
                so_far = Decision { passes: Passes::Perhaps, rule: next.rule };
            }
        }
        let rule = so_far.rule.and_then(|rule| policy.rules.get(rule));
        let number = rule.and_then(|rule| match &rule.priority {
            Some(Value::Known(number)) => Some(*number),
            _ => None,
        });
        let why = match (so_far.passes, number) {
            (Passes::Perhaps, _) => "its entries do not decide".to_owned(),
            (Passes::Yes, Some(number)) => format!("entry {number} allows it"),
            (Passes::No, Some(number)) => format!("entry {number} denies it"),
            (Passes::Yes, None) => "an entry allows it".to_owned(),
            (Passes::No, None) => "no entry allows it".to_owned(),
        };
        way.pass(kind, id, why, so_far.passes, rule.map(|rule| rule.place.clone()))
    }

    pub(super) fn enter(
        &self,
        way: Trace,
        subnet: &str,
        vpc: Option<&str>,
        from: &str,
        source: &Source,
    ) -> Trace {
        if subnet == from { way } else { self.acl(way, GateKind::AclIn, subnet, vpc, &source.addresses) }
    }
}

/// The only one; nothing where there are several: a subnet has one network ACL and one route table, whatever answers of
/// different days say.
pub(super) fn sole<T>(mut all: impl Iterator<Item = T>) -> Option<T> {
    let first = all.next();
    first.filter(|_| all.next().is_none())
}
