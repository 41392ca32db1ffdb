//! Security admin rules and network security groups, rule by rule.

use super::steps::{doubt, gate};
use super::{Sender, Walk};
use crate::trace::{GateKind, Passes, Trace};
use std::collections::BTreeSet;
use std::net::IpAddr;
use tidegate_estate::azure::{Answer, Card, End, SecurityRule, Verdict};
use tidegate_estate::{Direction, Place, ProtocolMatch};

/// What one list of rules may do with the packet, and the rule that certainly decides if no other does before.
struct Verdicts<'e> {
    may: BTreeSet<Option<Kind>>,
    by: Option<&'e SecurityRule>,
    tags: BTreeSet<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Allow,
    Deny,
    Always,
}

/// What all guards together do, where the other end is or is not part of the virtual network.
struct Decided {
    passes: Passes,
    gates: Vec<(GateKind, String, String, Passes, Option<Place>)>,
    missing: BTreeSet<(Answer, String)>,
}

impl<'e> Walk<'e> {
    /// Whether a rule on the way out names what the platform answers, or may do so.
    pub(super) fn platform_is_named(&self, card: &Card, subnet: &str) -> bool {
        let is = |end: &End| matches!(end, End::Tag(tag) if matches!(&**tag, "azureplatformdns" | "azureplatformimds" | "azureplatformlkm"));
        let names = |rules: &[SecurityRule]| {
            let out = rules.iter().filter(|rule| rule.direction == Direction::Egress);
            out.flat_map(|rule| &rule.destinations).any(is)
        };
        let Some(here) = self.az.subnets.get(subnet) else { return true };
        let groups = [&card.group, &here.group].into_iter().flatten();
        let mut groups = groups.map(|id| self.az.groups.get(id).is_none_or(|group| names(&group.rules)));
        groups.any(|names| names) || self.az.admin.get(&here.network).is_some_and(|rules| names(rules))
    }

    /// Asks everything that guards an interface; `other` is the far end of the packet.
    pub(super) fn guards(
        &self,
        way: Trace,
        card: &Card,
        subnet: &str,
        own: &[Sender<'e>],
        direction: Direction,
        other: IpAddr,
    ) -> Trace {
        let there = self.in_network(subnet, other);
        let mut decided = match there {
            Passes::Perhaps => {
                let inside = self.decide(card, subnet, own, direction, other, Passes::Yes);
                let outside = self.decide(card, subnet, own, direction, other, Passes::No);
                if inside.passes == outside.passes {
                    outside
                } else {
                    let mut decided = outside;
                    decided.passes = Passes::Perhaps;
                    for gate in &mut decided.gates {
                        if gate.3 == Passes::No {
                            gate.3 = Passes::Perhaps;
                        }
                    }
                    decided.missing.extend(inside.missing);
                    decided.missing.insert((Answer::EffectiveGroups, subnet.to_owned()));
                    decided
                }
            }
            known => self.decide(card, subnet, own, direction, other, known),
        };
        if decided.passes != Passes::Perhaps {
            decided.missing.clear();
        }
        let mut way = way;
        for (kind, id, why, passes, place) in decided.gates {
            way = gate(way, kind, &id, why, passes, place);
        }
        way.passes = way.passes.min(decided.passes);
        for (answer, about) in decided.missing {
            way = doubt(way, answer, &about);
        }
        way
    }

    /// The same, where it is known whether the other end is part of the virtual network.
    fn decide(
        &self,
        card: &Card,
        subnet: &str,
        own: &[Sender<'e>],
        direction: Direction,
        other: IpAddr,
        there: Passes,
    ) -> Decided {
        let inward = direction == Direction::Ingress;
        let mut decided = Decided { passes: Passes::Yes, gates: Vec::new(), missing: BTreeSet::new() };
        let here = self.az.subnets.get(subnet);
        let asked = Asked { own, subnet, direction, other, there };
        // Outward the interface's own group is asked first, inward that of the subnet.
        let mut groups: Vec<Option<&String>> = vec![card.group.as_ref()];
        match here {
            Some(here) => groups.push(here.group.as_ref()),
            None => {
                decided.passes = Passes::Perhaps;
                decided.missing.insert((Answer::Networks, subnet.to_owned()));
            }
        }
        if inward {
            groups.reverse();
        }
        let kind = if inward { GateKind::SecurityGroupIn } else { GateKind::SecurityGroup };
        for id in groups.into_iter().flatten() {
            let Some(group) = self.az.groups.get(id) else {
                let why = "its rules are not among the files".to_owned();
                decided.gates.push((kind, id.clone(), why, Passes::Perhaps, None));
                decided.passes = decided.passes.min(Passes::Perhaps);
                decided.missing.insert((Answer::Groups, id.clone()));
                continue;
            };
            let verdicts = self.verdicts(&group.rules, &asked);
            let (allows, stops) = (
                verdicts.may.contains(&Some(Kind::Allow)),
                verdicts.may.contains(&Some(Kind::Deny)) || verdicts.may.contains(&None),
            );
            let passes = match (allows, stops) {
                (true, false) => Passes::Yes,
                (true, true) => Passes::Perhaps,
                (false, _) => Passes::No,
            };
            let (why, place) = told(&verdicts, passes);
            decided.gates.push((kind, id.clone(), why, passes, place));
            decided.passes = decided.passes.min(passes);
            decided.missing.extend(verdicts.tags.into_iter().map(|tag| (Answer::ServiceTags, tag)));
        }
        if let Some(here) = here {
            self.admin(&here.network, &asked, &mut decided);
        }
        decided
    }

    /// Security admin rules come before the groups: what they leave open is for the groups to say.
    fn admin(&self, network: &str, asked: &Asked<'_, 'e>, decided: &mut Decided) {
        let Some(rules) = self.az.admin.get(network) else {
            // One that denies may stop what the groups let through.
            decided.passes = decided.passes.min(Passes::Perhaps);
            decided.missing.insert((Answer::AdminRules, network.to_owned()));
            return;
        };
        let verdicts = self.verdicts(rules, asked);
        let has = |kind| verdicts.may.contains(&kind);
        let further = has(Some(Kind::Allow)) || has(None);
        let mut all = Vec::new();
        if has(Some(Kind::Always)) {
            all.push(Passes::Yes);
        }
        if has(Some(Kind::Deny)) {
            all.push(Passes::No);
        }
        if further {
            all.push(decided.passes);
        }
        let together = match (all.iter().min(), all.iter().max()) {
            (Some(least), Some(most)) if least == most => *least,
            _ => Passes::Perhaps,
        };
        if let Some(rule) = verdicts.by.filter(|_| verdicts.may.len() == 1) {
            let (why, passes) = match rule.verdict {
                Verdict::AlwaysAllow => ("always allows it, whatever groups say", Passes::Yes),
                Verdict::Deny => ("denies it", Passes::No),
                Verdict::Allow => ("leaves it to the groups", Passes::Yes),
            };
            let why = format!("rule {} ({}) {why}", rule.name, rule.priority);
            if rule.verdict != Verdict::Allow {
                decided.gates.clear();
                decided.missing.clear();
            }
            decided
                .gates
                .insert(0, (GateKind::AdminRules, network.to_owned(), why, passes, Some(rule.place.clone())));
        } else if !verdicts.may.iter().all(|kind| kind.is_none()) {
            let why = match together {
                Passes::Yes => "whichever of its rules counts, this passes",
                Passes::No => "whichever of its rules counts, this is stopped",
                Passes::Perhaps => "its rules do not decide",
            };
            let why = why.to_owned();
            // What the groups stop may pass all the same.
            for gate in decided.gates.iter_mut().filter(|gate| gate.3 == Passes::No && together > Passes::No)
            {
                gate.3 = Passes::Perhaps;
            }
            decided.gates.insert(0, (GateKind::AdminRules, network.to_owned(), why, together, None));
        }
        decided.missing.extend(verdicts.tags.into_iter().map(|tag| (Answer::ServiceTags, tag)));
        decided.passes = together;
    }

    /// What a list of rules may do: by number, until one certainly matches.
    fn verdicts(&self, rules: &'e [SecurityRule], asked: &Asked<'_, 'e>) -> Verdicts<'e> {
        let mut ordered: Vec<&SecurityRule> =
            rules.iter().filter(|rule| rule.direction == asked.direction).collect();
        ordered.sort_by_key(|rule| rule.priority);
        let mut verdicts = Verdicts { may: BTreeSet::new(), by: None, tags: BTreeSet::new() };
        for rule in ordered {
            let matches = self.matches(rule, asked);
            if matches == Passes::No {
                continue;
            }
            verdicts.may.insert(Some(match rule.verdict {
                Verdict::Allow => Kind::Allow,
                Verdict::Deny => Kind::Deny,
                Verdict::AlwaysAllow => Kind::Always,
            }));
            if matches == Passes::Yes {
                verdicts.by = Some(rule);
                return verdicts;
            }
            let listed = |end: &&End| matches!(end, End::Tag(tag) if !self.az.tags.contains_key(tag) && !KNOWN.contains(&&**tag));
            let unknown = rule.sources.iter().chain(&rule.destinations).filter(listed);
            verdicts.tags.extend(unknown.filter_map(|end| match end {
                End::Tag(tag) => Some(tag.clone()),
                _ => None,
            }));
        }
        verdicts.may.insert(None);
        verdicts
    }

    fn matches(&self, rule: &SecurityRule, asked: &Asked<'_, 'e>) -> Passes {
        let (own, other) = match rule.direction {
            Direction::Egress => (&rule.sources, &rule.destinations),
            Direction::Ingress => (&rule.destinations, &rule.sources),
        };
        let own = self.counts_for(own, asked.own, asked.subnet);
        let far = other.iter().map(|end| self.end_holds(end, asked.other, asked.there)).max();
        let clear = if rule.unclear.is_some() { Passes::Perhaps } else { Passes::Yes };
        own.min(far.unwrap_or(Passes::No)).min(self.service_matches(rule)).min(clear)
    }

    fn service_matches(&self, rule: &SecurityRule) -> Passes {
        let is = |ranges: &[(u16, u16)], port: Option<u16>| {
            port.is_some_and(|port| ranges.iter().any(|(first, last)| (*first..=*last).contains(&port)))
        };
        let whole = rule.ports.contains(&(0, u16::MAX)) && rule.source_ports.contains(&(0, u16::MAX));
        let ports =
            is(&rule.ports, self.packet.destination_port) && is(&rule.source_ports, self.packet.source_port);
        let unclear = rule.unclear.is_some();
        match (rule.protocol, self.packet.protocol) {
            (ProtocolMatch::Any, _) if unclear => Passes::Perhaps,
            (ProtocolMatch::Number(number), own) if number != own => Passes::No,
            (_, 6 | 17) if unclear => Passes::Perhaps,
            (_, 6 | 17) => Passes::of(ports),
            _ if whole => Passes::Yes,
            // What a port means for a protocol without ports is not told.
            _ => Passes::Perhaps,
        }
    }
}

/// Tags that are no list of the vendor's.
const KNOWN: [&str; 5] =
    ["virtualnetwork", "internet", "azureloadbalancer", "azureplatformdns", "azureplatformimds"];

/// Who is guarded where, which way, and what is known of the far end.
struct Asked<'a, 'e> {
    own: &'a [Sender<'e>],
    subnet: &'a str,
    direction: Direction,
    other: IpAddr,
    /// Whether VirtualNetwork stands for it.
    there: Passes,
}

fn told(verdicts: &Verdicts<'_>, passes: Passes) -> (String, Option<Place>) {
    match (verdicts.by, passes) {
        (_, Passes::Perhaps) => ("its rules do not decide".to_owned(), None),
        (Some(rule), Passes::Yes) => {
            (format!("rule {} ({}) allows it", rule.name, rule.priority), Some(rule.place.clone()))
        }
        (Some(rule), Passes::No) => {
            (format!("rule {} ({}) denies it", rule.name, rule.priority), Some(rule.place.clone()))
        }
        (None, _) => ("no rule allows it".to_owned(), None),
    }
}
