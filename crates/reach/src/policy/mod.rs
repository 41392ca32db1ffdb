//! One policy to its packet sets, world by world.

mod acl;
mod group;
#[cfg(test)]
mod model;
pub(crate) mod rule;
mod worlds;

pub use worlds::worlds_of;

use std::sync::Arc;
use tidegate_estate::{Cause, Direction, Estate, Guard, IpNet, Peer, Policy, PolicyKind, Reason, World};
use tidegate_space::PacketSet;

/// What a policy lets out in one world.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reach {
    /// Packets that get out whatever the unknowns are.
    pub must: PacketSet,
    /// Packets that get out if the unknowns allow it; a superset of `must`.
    pub may: PacketSet,
    /// The part of `must` that rules nobody wrote would let out by themselves: a property was left out, the construct
    /// always opens the policy, or the platform does.
    pub must_by_default: PacketSet,
    /// What could not be known, each with the packets that may get out because of it.
    pub unknowns: Vec<Unknown>,
    /// What each rule lets out for certain, in the order of the policy's rules. Rules that add nothing
    /// are left out.
    pub contributions: Vec<Contribution>,
    /// Rules that are there but decide about no packet, because earlier ones decide about all of
    /// theirs. Only ordered policies have them.
    pub shadowed: Vec<usize>,
}

/// A gap in what is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Unknown {
    /// Why nobody can know.
    pub reason: Reason,
    /// What may get out because of it.
    pub adds: PacketSet,
    /// To how many addresses of `adds` at most, where that is known although nobody knows to which.
    pub at_most: Option<u128>,
}

/// What one rule lets out.
#[derive(Debug, Clone, PartialEq)]
pub struct Contribution {
    /// Index in [`Policy::rules`].
    pub rule: usize,
    /// What it lets out for certain.
    pub set: PacketSet,
}

/// What `policy` lets out in `world`. Whether the policy exists there is not asked.
pub fn in_world(policy: &Policy, estate: &Estate, world: &World) -> Reach {
    directed(policy, estate, world, Direction::Egress)
}

/// What `policy` lets in for certain, in every one of its worlds: packets with the other end, where they come
/// from, as their address. Nothing for a policy with more worlds than `limit`.
pub fn lets_in(policy: &Policy, estate: &Estate, limit: usize) -> PacketSet {
    let Ok(worlds) = worlds_of(policy, estate, limit) else { return PacketSet::empty() };
    let sets = worlds.iter().map(|world| directed(policy, estate, world, Direction::Ingress).must);
    sets.reduce(|all, next| all.intersection(&next)).unwrap_or_default()
}

fn directed(policy: &Policy, estate: &Estate, world: &World, direction: Direction) -> Reach {
    let mut reach = match policy.kind {
        PolicyKind::SecurityGroup
        | PolicyKind::DefaultSecurityGroup
        | PolicyKind::SecurityGroupUnion
        | PolicyKind::UnreadStack
        | PolicyKind::UnguardedSubnet
        | PolicyKind::NetworkPolicy
        | PolicyKind::NetworkPolicyUnion
        | PolicyKind::Namespace => group::reach(policy, estate, world, direction),
        PolicyKind::NetworkAcl | PolicyKind::NetworkSecurityGroup | PolicyKind::VpcFirewall => {
            acl::reach(policy, estate, world, direction)
        }
    };
    let opaque: Vec<&Reason> =
        policy.opaque.iter().filter(|o| o.guard.holds(world)).map(|o| &o.reason).collect();
    if !opaque.is_empty() {
        // Whatever is written, something nobody can read may rewrite it.
        reach = Reach { may: PacketSet::everything(), ..Reach::default() };
        reach.unknowns = opaque
            .into_iter()
            .map(|reason| Unknown { reason: reason.clone(), adds: PacketSet::everything(), at_most: None })
            .collect();
    }
    reach
}

/// What a policy lets through one way, whatever world it is: at least `must`, at most `may`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Bounds {
    /// Gets through for certain.
    pub must: Arc<PacketSet>,
    /// Gets through in some world, or if the unknowns are so; a superset of `must`, and the very same value where they
    /// are equal: most are, and there are many.
    pub may: Arc<PacketSet>,
}

impl Bounds {
    /// At least `must` and at most `may`.
    pub fn between(must: PacketSet, may: PacketSet) -> Self {
        if must == may { Self::exactly(must) } else { Self { must: Arc::new(must), may: Arc::new(may) } }
    }

    /// The same packets for certain and at most.
    pub fn exactly(set: PacketSet) -> Self {
        let set = Arc::new(set);
        Self { may: set.clone(), must: set }
    }

    /// Everything may get through, and nothing is certain.
    pub fn unknown() -> Self {
        Self::between(PacketSet::empty(), PacketSet::everything())
    }

    /// Whether all that may get through does.
    pub fn is_certain(&self) -> bool {
        Arc::ptr_eq(&self.must, &self.may) || self.must == self.may
    }

    /// What gets through either.
    pub fn or(&self, other: &Self) -> Self {
        if self.is_certain() && other.is_certain() {
            return Self::exactly(self.must.union(&other.must));
        }
        Self::between(self.must.union(&other.must), self.may.union(&other.may))
    }

    /// What gets through both.
    pub fn and(&self, other: &Self) -> Self {
        if self.is_certain() && other.is_certain() {
            return Self::exactly(self.must.intersection(&other.must));
        }
        Self::between(self.must.intersection(&other.must), self.may.intersection(&other.may))
    }

    /// Those of these packets that get through.
    pub fn only(&self, set: &PacketSet) -> Self {
        if self.is_certain() {
            return Self::exactly(self.may.intersection(set));
        }
        Self::between(self.must.intersection(set), self.may.intersection(set))
    }

    /// What gets through any of several.
    pub fn any<'b>(all: impl IntoIterator<Item = &'b Self>) -> Self {
        let all: Vec<&Self> = all.into_iter().collect();
        if let [only] = all.as_slice() {
            return (*only).clone();
        }
        let must = PacketSet::union_all(all.iter().map(|bounds| PacketSet::clone(&bounds.must)));
        if all.iter().all(|bounds| bounds.is_certain()) {
            return Self::exactly(must);
        }
        Self::between(must, PacketSet::union_all(all.iter().map(|bounds| PacketSet::clone(&bounds.may))))
    }
}

/// Addresses that stand behind a peer which is no block of addresses.
pub type Behind<'a> = &'a dyn Fn(&Peer) -> Option<&'a [IpNet]>;

/// What `policy` lets through one way in all of its worlds together. Where it has more than `limit` of them,
/// nothing is certain. Members of a group and blocks of a vendor's list count where `behind` knows them: packets of a
/// policy that only allows reach them, too.
pub fn bounds(
    policy: &Policy,
    estate: &Estate,
    direction: Direction,
    limit: usize,
    behind: Behind<'_>,
) -> Bounds {
    let Ok(worlds) = worlds_of(policy, estate, limit) else {
        return match direction {
            Direction::Egress => Bounds::between(PacketSet::empty(), in_any_world(policy, estate)),
            Direction::Ingress => Bounds::unknown(),
        };
    };
    let one = |world: &World| {
        if policy.kind.is_ordered() {
            let reach = directed(policy, estate, world, direction);
            Bounds::between(reach.must, reach.may)
        } else if policy.opaque.iter().any(|opaque| opaque.guard.holds(world)) {
            Bounds::unknown()
        } else {
            group::bounds(policy, estate, world, direction, behind)
        }
    };
    let mut all = worlds.iter().map(one);
    let Some(first) = all.next() else { return Bounds::default() };
    all.fold(first, |so_far, next| {
        Bounds::between(so_far.must.intersection(&next.must), so_far.may.union(&next.may))
    })
}

/// What `policy` lets out in every world, from the rules that depend on no condition and no unknown.
/// For policies with more worlds than anyone wants to judge one by one.
///
/// Only groups have such a floor: in an ordered policy a conditional rule may take back what others allow.
/// What the floor *may* let out is not all that the policy may.
pub fn in_every_world(policy: &Policy, estate: &Estate) -> Option<Reach> {
    let opaque = policy.opaque.iter().any(|o| o.guard != Guard::Never);
    if opaque || policy.kind.is_ordered() {
        return None;
    }
    let mut floor = policy.clone();
    for rule in &mut floor.rules {
        if rule.guard != Guard::Always || !worlds::choices_of_rule(rule, estate).is_empty() {
            rule.guard = Guard::Never;
        }
    }
    Some(in_world(&floor, estate, &World::default()))
}

/// Every packet that `policy` could let out in whatever world, roughly from above: ports and conditions are
/// not looked at. Nothing outside of it ever gets out.
pub fn in_any_world(policy: &Policy, estate: &Estate) -> PacketSet {
    if policy.opaque.iter().any(|opaque| opaque.guard != Guard::Never) {
        return PacketSet::everything();
    }
    let rules = policy.rules.iter().filter(|rule| rule.direction == Direction::Egress);
    PacketSet::union_all(rules.map(|rule| rule::anywhere(&rule.peer, estate)))
}

/// Whether nobody wrote the rule.
fn by_default(cause: &Cause) -> bool {
    match cause {
        Cause::LeftOut { .. } | Cause::Construct | Cause::Platform { .. } => true,
        Cause::Written => false,
    }
}
