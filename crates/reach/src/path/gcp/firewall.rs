//! What the firewall of Google Cloud lets through at an interface, level by level.
//! (Cloud NGFW documentation, "Firewall policy rule evaluation order"; "VPC firewall rules": priority, implied rules.)

use super::super::Missing;
use super::{Gates, Sure, sources};
use crate::policy::{Bounds, rule};
use std::collections::BTreeSet;
use tidegate_estate::gcp::{Attached, FirewallRule, RuleAction, Vpc};
use tidegate_estate::{Answer, Direction, Guard, Interface, IpNet, Peer, Provider, World};
use tidegate_space::{IpFamily, PacketSet};

/// What gets through.
#[derive(Debug, Clone, Default)]
pub(in crate::path) struct Firewall {
    pub passes: Bounds,
    /// What of it is looked into, and perhaps stopped.
    pub inspected: PacketSet,
    /// What would tell more.
    pub missing: BTreeSet<Missing>,
}

/// One level.
enum Level<'e> {
    Rules { rules: &'e [FirewallRule], of_network: bool },
    Unseen(Answer, String),
}

impl<'e> Gates<'e> {
    /// What the firewall lets through at an interface one way, with the other end as the address of packets.
    pub fn firewall(&self, interface: &Interface, direction: Direction) -> Firewall {
        let Some((id, vpc)) = interface.vpc.as_deref().and_then(|id| Some((id, self.vpc(id)?))) else {
            let about = interface.vpc.as_ref().unwrap_or(&interface.id).clone();
            return Firewall {
                passes: Bounds::unknown(),
                missing: [(Answer::GcpNetworks, about)].into(),
                ..Firewall::default()
            };
        };
        let region = self.region(interface);
        let regional = region.map(|region| vpc.regional.get(region).unwrap_or(&vpc.other_regions));
        let no_policies =
            vpc.global == Attached::Nothing && region.is_some() && regional == Some(&Attached::Nothing);
        match vpc.policies_first {
            // Where there is no policy of the network the order makes no difference.
            None if !no_policies => {
                let [mut one, other] =
                    [false, true].map(|first| self.in_order(interface, id, vpc, first, direction));
                let (a, b) = (&one.passes, &other.passes);
                one.passes = Bounds::between(a.must.intersection(&b.must), a.may.union(&b.may));
                one.inspected = one.inspected.union(&other.inspected);
                one.missing.extend(other.missing);
                one.missing.insert((Answer::GcpNetworks, id.to_owned()));
                one
            }
            first => self.in_order(interface, id, vpc, first.unwrap_or(false), direction),
        }
    }

    fn region(&self, interface: &Interface) -> Option<&'e str> {
        let subnet = interface.subnet.as_ref().and_then(|subnet| self.network().subnets.get(subnet));
        let own = self.nic(interface).and_then(|nic| nic.region.as_deref());
        own.or_else(|| subnet.and_then(|subnet| subnet.region.as_deref()))
    }

    fn levels(&self, interface: &Interface, id: &str, vpc: &'e Vpc, policies_first: bool) -> Vec<Level<'e>> {
        let policy = |policy: &String| match self.network().policies.get(policy).map(|known| &known.rules) {
            Some(Some(rules)) => Level::Rules { rules, of_network: false },
            _ => Level::Unseen(Answer::GcpPolicy, policy.clone()),
        };
        let region = self.region(interface);
        let mut levels: Vec<Level<'e>> = match &vpc.hierarchy {
            Some(all) => all.iter().map(policy).collect(),
            None => vec![Level::Unseen(Answer::GcpEffective, id.to_owned())],
        };
        levels.extend(region.and_then(|region| vpc.system.get(region)).into_iter().flatten().map(policy));
        let own = match &vpc.rules {
            Some(rules) => Level::Rules { rules, of_network: true },
            None => Level::Unseen(Answer::GcpFirewallRules, id.to_owned()),
        };
        let mut of_policies: Vec<Level<'e>> = Vec::new();
        match &vpc.global {
            Attached::Nothing => {}
            Attached::Policy(id) => of_policies.push(policy(id)),
            Attached::Unseen => of_policies.push(Level::Unseen(Answer::GcpEffective, id.to_owned())),
        }
        match region.map(|region| vpc.regional.get(region).unwrap_or(&vpc.other_regions)) {
            Some(Attached::Nothing) => {}
            Some(Attached::Policy(id)) => of_policies.push(policy(id)),
            Some(Attached::Unseen) | None => {
                let about = region.map_or(id.to_owned(), |region| format!("{id} in {region}"));
                of_policies.push(Level::Unseen(Answer::GcpEffectiveInRegion, about));
            }
        }
        if policies_first {
            levels.extend(of_policies);
            levels.push(own);
        } else {
            levels.push(own);
            levels.extend(of_policies);
        }
        levels
    }

    fn in_order(
        &self,
        interface: &Interface,
        id: &str,
        vpc: &'e Vpc,
        policies_first: bool,
        direction: Direction,
    ) -> Firewall {
        let mut result = Firewall::default();
        let (mut allowed, mut denied) = (PacketSet::empty(), PacketSet::empty());
        // What may have come this far undecided.
        let mut open = PacketSet::everything();
        for level in self.levels(interface, id, vpc, policies_first) {
            if open.is_empty() {
                break;
            }
            let (rules, of_network) = match level {
                Level::Rules { rules, of_network } => (rules, of_network),
                Level::Unseen(answer, about) => {
                    allowed = allowed.union(&open);
                    denied = denied.union(&open);
                    result.missing.insert((answer, about));
                    continue;
                }
            };
            let mut here = std::mem::take(&mut open);
            let mut passed = PacketSet::empty();
            for rule in ordered(rules, direction, of_network) {
                let matched = self.matched(rule, interface, id);
                let perhaps = here.intersection(&matched.may);
                if perhaps.is_empty() {
                    continue;
                }
                if !perhaps.is_subset(&matched.must) {
                    result.missing.extend(unclear(rule));
                }
                match rule.action {
                    RuleAction::Allow => allowed = allowed.union(&perhaps),
                    RuleAction::Deny => denied = denied.union(&perhaps),
                    RuleAction::Next => passed = passed.union(&perhaps),
                    RuleAction::Inspect => {
                        allowed = allowed.union(&perhaps);
                        denied = denied.union(&perhaps);
                        result.inspected = result.inspected.union(&perhaps);
                        result.missing.insert((Answer::Beyond, rule.name.clone()));
                    }
                }
                here = here.difference(&matched.must);
            }
            open = here.union(&passed);
        }
        // Implied at the end: what leaves is allowed, what comes in is denied.
        match direction {
            Direction::Egress => allowed = allowed.union(&open),
            Direction::Ingress => denied = denied.union(&open),
        }
        result.passes = Bounds::between(allowed.difference(&denied), allowed);
        result
    }

    fn matched(&self, rule: &FirewallRule, interface: &Interface, network: &str) -> Bounds {
        let (mut all_must, mut all_may) = (Vec::new(), Vec::new());
        let sure = self.targeted(rule, interface, network);
        if sure == Sure::No {
            return Bounds::default();
        }
        let world = World::default();
        for one in &rule.matches {
            let own = rule::matched(one, Provider::Gcp, self.estate, &world);
            all_must.push(own.must);
            all_may.push(own.may);
            let others = rule::behind(one, Provider::Gcp, &world, &|peer| self.behind(network, peer));
            if let Some((sure, perhaps)) = others {
                all_must.push(sure);
                all_may.push(perhaps);
            }
        }
        let (mut must, may) = (PacketSet::union_all(all_must), PacketSet::union_all(all_may));
        if sure == Sure::Perhaps {
            must = PacketSet::empty();
        }
        let Some(own) = &rule.own else { return Bounds::between(must, may) };
        // For some of the machine's own addresses only.
        let mut narrowed = [PacketSet::empty(), PacketSet::empty()];
        for family in IpFamily::BOTH {
            let sources = sources(interface, self.nic(interface), family);
            let inside = sources.iter().map(|source| own.iter().any(|block| block.contains(source)));
            let counts = if interface.addresses.is_empty() { Sure::Perhaps } else { Sure::among(inside) };
            let all = PacketSet::family(family);
            if counts == Sure::Yes {
                narrowed[0] = narrowed[0].union(&must.intersection(&all));
            }
            if counts >= Sure::Perhaps {
                narrowed[1] = narrowed[1].union(&may.intersection(&all));
            }
        }
        let [must, may] = narrowed;
        Bounds::between(must, may)
    }

    /// Addresses of machines with a network tag or a service account.
    fn behind(&self, network: &str, peer: &Peer) -> Option<&[IpNet]> {
        let Peer::Group(name) = peer else { return None };
        let own = self.members.get(network).and_then(|members| members.get(name.as_str()));
        Some(own.map_or(&[], Vec::as_slice))
    }

    /// Whether a rule is for the machine at all.
    fn targeted(&self, rule: &FirewallRule, interface: &Interface, network: &str) -> Sure {
        let targets = &rule.targets;
        let mut sure = Sure::Yes;
        if !targets.networks.is_empty() && !targets.networks.contains(network) {
            return Sure::No;
        }
        let nic = self.nic(interface);
        if !targets.tags.is_empty() || !targets.accounts.is_empty() {
            match nic {
                Some(nic)
                    if targets.tags.is_disjoint(&nic.tags) && targets.accounts.is_disjoint(&nic.accounts) =>
                {
                    return Sure::No;
                }
                Some(_) => {}
                None => sure = Sure::Perhaps,
            }
        }
        // Which of several answers is the true one nobody knows; nor where a rule stands that names no number.
        let doubtful = rule.guard != Guard::Always || rule.priority.is_none();
        if doubtful || !targets.secure_tags.is_empty() { Sure::Perhaps } else { sure }
    }
}

/// What would tell whether a rule matches.
fn unclear(rule: &FirewallRule) -> Vec<Missing> {
    if rule.targets.secure_tags.is_empty() {
        return vec![(Answer::Beyond, rule.name.clone())];
    }
    rule.targets.secure_tags.iter().map(|tag| (Answer::GcpSecureTags, tag.clone())).collect()
}

/// Rules of one direction in their order: by number, of a network's own under one number those that deny first.
fn ordered(rules: &[FirewallRule], direction: Direction, of_network: bool) -> Vec<&FirewallRule> {
    let mut ordered: Vec<&FirewallRule> = rules.iter().filter(|rule| rule.direction == direction).collect();
    ordered.sort_by_key(|rule| (rule.priority, of_network && rule.action != RuleAction::Deny));
    ordered
}
