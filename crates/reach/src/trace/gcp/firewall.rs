//! The levels of Google's firewall, asked one after another about one packet.
//! (Cloud NGFW documentation, "Firewall policy rule evaluation order".)

use super::super::rules::{self, Asked, holds};
use super::super::{Gate, GateKind, Passes};
use super::{same_family, short};
use crate::path::Missing;
use std::collections::BTreeSet;
use std::net::IpAddr;
use tidegate_estate::gcp::{Attached, FirewallRule, RuleAction, Vpc};
use tidegate_estate::{Answer, Direction, Estate, Guard, Interface, IpNet, Peer, Place, Provider, World};
use tidegate_space::Packet;

/// What the firewall says.
pub(super) struct Verdict {
    pub passes: Passes,
    /// The levels that had something to say.
    pub gates: Vec<Gate>,
    pub inspected: bool,
    pub missing: BTreeSet<Missing>,
}

/// One packet at one interface.
pub(super) struct Question<'q> {
    pub estate: &'q Estate,
    pub interface: &'q Interface,
    pub packet: &'q Packet,
    /// The other end.
    pub other: IpAddr,
    /// Which of the interface's own addresses it is about; any of them where nothing is said.
    pub own: Option<IpAddr>,
    pub direction: Direction,
}

/// What was noted at a level.
struct Note {
    id: String,
    why: String,
    place: Option<Place>,
    sure: bool,
}

/// What may become of the packet, gathered on the way.
#[derive(Default)]
struct Sofar {
    let_through: bool,
    stopped: bool,
    inspected: bool,
    notes: Vec<Note>,
    missing: BTreeSet<Missing>,
}

impl Question<'_> {
    /// Asks the whole firewall.
    pub fn ask(&self) -> Verdict {
        let vpc = self.interface.vpc.as_ref().and_then(|id| self.estate.gcp.networks.get(id));
        let kind = match self.direction {
            Direction::Egress => GateKind::Firewall,
            Direction::Ingress => GateKind::FirewallIn,
        };
        let (Some(id), Some(vpc)) = (&self.interface.vpc, vpc) else {
            let id = self.interface.vpc.clone().unwrap_or_else(|| self.interface.id.clone());
            let why = "its network is not among the files".to_owned();
            return Verdict {
                passes: Passes::Perhaps,
                gates: vec![Gate { kind, id: id.clone(), why, passes: Passes::Perhaps, place: None }],
                inspected: false,
                missing: [(Answer::GcpNetworks, id)].into(),
            };
        };
        let mut ways = match vpc.policies_first {
            Some(true) => vec![self.levels(id, vpc, true)],
            Some(false) => vec![self.levels(id, vpc, false)],
            None => vec![self.levels(id, vpc, false), self.levels(id, vpc, true)],
        };
        // In both orders the same is in no order at all.
        if let [one, other] = ways.as_mut_slice() {
            one.let_through |= other.let_through;
            one.stopped |= other.stopped;
            one.inspected |= other.inspected;
            one.missing.append(&mut other.missing);
            one.missing.insert((Answer::GcpNetworks, id.clone()));
        }
        let all = ways.into_iter().next().unwrap_or_default();
        let passes = match (all.let_through, all.stopped) {
            (true, true) => Passes::Perhaps,
            (true, false) => Passes::Yes,
            (false, _) => Passes::No,
        };
        let last = all.notes.len().saturating_sub(1);
        let gates = all.notes.into_iter().enumerate().map(|(at, note)| {
            // What stands before the end leaves the packet to it.
            let here = if at == last || passes == Passes::Yes {
                passes
            } else if note.sure {
                Passes::Yes
            } else {
                Passes::Perhaps
            };
            Gate { kind, id: note.id, why: note.why, passes: here, place: note.place }
        });
        let missing = if passes == Passes::Perhaps { all.missing } else { BTreeSet::new() };
        Verdict { passes, gates: gates.collect(), inspected: all.inspected, missing }
    }

    fn region(&self) -> Option<String> {
        let nic = self.estate.gcp.nics.get(&self.interface.id).and_then(|nic| nic.region.clone());
        nic.or_else(|| self.estate.gcp.subnets.get(self.interface.subnet.as_ref()?)?.region.clone())
    }

    fn levels(&self, id: &str, vpc: &Vpc, policies_first: bool) -> Sofar {
        let mut sofar = Sofar::default();
        let region = self.region();
        let mut open = match &vpc.hierarchy {
            Some(policies) => policies.iter().all(|policy| self.policy(policy, &mut sofar)),
            None => unseen(&mut sofar, Answer::GcpEffective, id, "hierarchical firewall policies"),
        };
        let system = region.as_ref().and_then(|region| vpc.system.get(region));
        for policy in system.into_iter().flatten() {
            open = open && self.policy(policy, &mut sofar);
        }
        if !policies_first {
            open = open && self.own_rules(id, vpc, &mut sofar);
        }
        open = open
            && match &vpc.global {
                Attached::Nothing => true,
                Attached::Policy(policy) => self.policy(policy, &mut sofar),
                Attached::Unseen => {
                    unseen(&mut sofar, Answer::GcpEffective, id, "its network firewall policy")
                }
            };
        let regional = match &region {
            Some(region) => vpc.regional.get(region).or(Some(&vpc.other_regions)),
            None => None,
        };
        open = open
            && match regional {
                Some(Attached::Nothing) => true,
                Some(Attached::Policy(policy)) => self.policy(policy, &mut sofar),
                _ => {
                    let about = region.map_or(id.to_owned(), |region| format!("{id} in {region}"));
                    unseen(&mut sofar, Answer::GcpEffectiveInRegion, &about, "its regional firewall policy")
                }
            };
        if policies_first {
            open = open && self.own_rules(id, vpc, &mut sofar);
        }
        if open {
            let (why, passes) = match self.direction {
                Direction::Egress => ("the implied rule allows what leaves", true),
                Direction::Ingress => ("the implied rule denies what comes in", false),
            };
            sofar.let_through |= passes;
            sofar.stopped |= !passes;
            sofar.notes.push(Note { id: id.to_owned(), why: why.to_owned(), place: None, sure: true });
        }
        sofar
    }

    fn policy(&self, id: &str, sofar: &mut Sofar) -> bool {
        match self.estate.gcp.policies.get(id) {
            Some(policy) if policy.rules.is_some() => {
                let rules = policy.rules.iter().flatten().collect();
                self.level(&policy.name, rules, sofar)
            }
            _ => unseen(sofar, Answer::GcpPolicy, id, "the policy"),
        }
    }

    fn own_rules(&self, id: &str, vpc: &Vpc, sofar: &mut Sofar) -> bool {
        let Some(rules) = &vpc.rules else {
            return unseen(sofar, Answer::GcpFirewallRules, id, "its VPC firewall rules");
        };
        // Under one number what denies goes first.
        let (deny, allow): (Vec<&FirewallRule>, Vec<&FirewallRule>) =
            rules.iter().partition(|rule| rule.action == RuleAction::Deny);
        self.level(id, deny.into_iter().chain(allow).collect(), sofar)
    }

    /// Asks the rules of one level; whether the packet may go on undecided.
    fn level(&self, id: &str, mut rules: Vec<&FirewallRule>, sofar: &mut Sofar) -> bool {
        // A sort that keeps what is equal in its order.
        rules.sort_by_key(|rule| rule.priority);
        let mut goes_on = false;
        for rule in rules.into_iter().filter(|rule| rule.direction == self.direction) {
            let matches = self.matches(rule);
            if matches == Passes::No {
                continue;
            }
            if matches == Passes::Perhaps {
                match rule.targets.secure_tags.iter().next() {
                    Some(tag) => sofar.missing.insert((Answer::GcpSecureTags, tag.clone())),
                    None => sofar.missing.insert((Answer::Beyond, rule.name.clone())),
                };
            }
            let perhaps = if matches == Passes::Perhaps { "perhaps " } else { "" };
            let does = match rule.action {
                RuleAction::Allow => {
                    sofar.let_through = true;
                    "allows it"
                }
                RuleAction::Deny => {
                    sofar.stopped = true;
                    "denies it"
                }
                RuleAction::Next => {
                    goes_on = true;
                    "leaves it to the next level"
                }
                RuleAction::Inspect => {
                    sofar.let_through = true;
                    sofar.stopped = true;
                    sofar.inspected = true;
                    sofar.missing.insert((Answer::Beyond, rule.name.clone()));
                    "has it looked into"
                }
            };
            sofar.notes.push(Note {
                id: id.to_owned(),
                why: format!("{} {perhaps}{does}", rule.name),
                place: Some(rule.place.clone()),
                sure: matches == Passes::Yes,
            });
            if matches == Passes::Yes {
                return goes_on;
            }
        }
        true
    }

    fn matches(&self, rule: &FirewallRule) -> Passes {
        let mut best = Passes::Yes;
        let nic = self.estate.gcp.nics.get(&self.interface.id);
        let targets = &rule.targets;
        let network = self.interface.vpc.as_deref().unwrap_or_default();
        if !targets.networks.is_empty() && !targets.networks.iter().any(|id| id == network) {
            return Passes::No;
        }
        if !(targets.tags.is_empty() && targets.accounts.is_empty()) {
            match nic {
                Some(nic) => {
                    let tagged = targets.tags.iter().any(|tag| nic.tags.contains(tag));
                    if !tagged && !targets.accounts.iter().any(|account| nic.accounts.contains(account)) {
                        return Passes::No;
                    }
                }
                None => best = Passes::Perhaps,
            }
        }
        if !targets.secure_tags.is_empty() || rule.guard != Guard::Always || rule.priority.is_none() {
            best = Passes::Perhaps;
        }
        if let Some(own) = &rule.own {
            best = best.min(self.own_address(own));
        }
        best.min(self.other_end(rule))
    }

    /// Whether a rule that is for some of a machine's addresses is for the one that sends, or takes.
    fn own_address(&self, own: &[IpNet]) -> Passes {
        if let Some(address) = self.own {
            return Passes::of(own.iter().any(|block| holds(block, address)));
        }
        if self.interface.addresses.is_empty() {
            return Passes::Perhaps;
        }
        let mut found = (false, false);
        let mut count = |inside: bool| if inside { found.0 = true } else { found.1 = true };
        for address in self.interface.addresses.iter().filter(|one| one.is_ipv4() == self.other.is_ipv4()) {
            count(own.iter().any(|block| holds(block, *address)));
        }
        let nic = self.estate.gcp.nics.get(&self.interface.id);
        for (_, alias) in nic.into_iter().flat_map(|nic| &nic.alias) {
            if same_family(alias, self.other) {
                let wide = |block: &&IpNet| block.prefix_len() <= alias.prefix_len();
                count(own.iter().filter(wide).any(|block| holds(block, alias.addr())));
            }
        }
        match found {
            (true, true) => Passes::Perhaps,
            (true, false) => Passes::Yes,
            (false, _) => Passes::No,
        }
    }

    fn other_end(&self, rule: &FirewallRule) -> Passes {
        let (packet, other, direction) = (self.packet, self.other, self.direction);
        let asked = Asked { packet, other, direction, limit: 1, provider: Provider::Gcp };
        let member = |peer: &Peer| {
            let Peer::Group(name) = peer else { return None };
            let named = self.estate.network.interfaces.iter().filter(|one| one.vpc == self.interface.vpc);
            Some(named.filter(|one| one.addresses.contains(&self.other)).any(|one| {
                self.estate.gcp.nics.get(&one.id).is_some_and(|nic| {
                    nic.tags.contains(name.as_str()) || nic.accounts.contains(name.as_str())
                })
            }))
        };
        let world = World::default();
        let each = rule.matches.iter().map(|one| rules::matches(one, self.estate, &world, &asked, &member));
        each.max().unwrap_or(Passes::No)
    }
}

/// A level that no answer shows: it may do anything.
fn unseen(sofar: &mut Sofar, answer: Answer, about: &str, what: &str) -> bool {
    sofar.let_through = true;
    sofar.stopped = true;
    sofar.missing.insert((answer, about.to_owned()));
    let why = match short(about) == about || what != "the policy" {
        true => format!("{what} are not among the files"),
        false => format!("the rules of {} are not among the files", short(about)),
    };
    sofar.notes.push(Note { id: about.to_owned(), why, place: None, sure: false });
    true
}
