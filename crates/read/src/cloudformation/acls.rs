//! Network ACLs. Their entries are resources of their own; an ACL without entries lets nothing through.

use super::data::{Data, cross};
use super::network::{Id, Network};
use super::rules::{Known, port_match, reason, value_of};
use super::template::{Resource, Template};
use super::text::{address_block, whole};
use std::rc::Rc;
use tidegate_estate::{
    Action, Cause, Direction, Guard, Peer, PolicyKind, PortMatch, Presence, ProtocolMatch, Reason, Rule,
    Value,
};

impl Network<'_, '_> {
    /// `AWS::EC2::NetworkAcl`.
    pub(super) fn read_acl(&mut self, template: &Rc<Template>, id: Id, resource: &Resource) {
        let mut draft = self.policy(template, resource, PolicyKind::NetworkAcl);
        self.read_tags(&self.unit.properties(resource), &mut draft.policy);
        self.add(id, draft);
    }

    /// `AWS::EC2::NetworkAclEntry`.
    pub(super) fn attach_entry(&mut self, template: &Rc<Template>, _id: Id, resource: &Resource) {
        let unit = self.unit;
        unit.take_steps();
        let exists = self.exists(template, resource);
        let properties = unit.properties(resource);
        let place = template.place(resource.key);
        let protocols = self.protocols(&properties, "Protocol");
        let (protocol, _) = value_of(unit, protocols.clone());
        let ports = self.entry_ports(&properties, &protocols);
        let priority = self.numbers(&properties, "RuleNumber").into_iter().map(|(guard, number)| {
            let number = number.and_then(|n| {
                let number = n.and_then(|n| u32::try_from(n).ok());
                number.ok_or_else(|| Reason::at("the entry has no rule number", place.clone()))
            });
            (guard, number)
        });
        let (priority, _) = value_of(unit, priority.collect());
        let mut peers: Vec<(Value<Peer>, Guard, tidegate_estate::Place)> = Vec::new();
        for name in ["CidrBlock", "Ipv6CidrBlock"] {
            let Some(entry) = properties.entry(name) else { continue };
            let at = Some(entry.clone());
            let mut known: Known<Peer> = Vec::new();
            for (guard, data) in properties.cases(name) {
                if data != Data::Absent {
                    let block = self.text(&data, &at);
                    let block = block.and_then(|t| address_block(&t).map_err(|e| reason(e, &at)));
                    known.push((guard, block.map(Peer::Cidr)));
                }
            }
            if !known.is_empty() {
                let (value, guard) = value_of(unit, known);
                peers.push((value, guard, entry));
            }
        }
        if peers.is_empty() {
            let reason = Reason::at("the entry names no address block", place.clone());
            peers.push((Value::Unknown(reason), Guard::Always, place));
        }
        let chain = unit.take_steps();
        let mut rules = Vec::new();
        for (direction, when) in self.directions(&properties) {
            for (action, presence, also) in self.actions(&properties) {
                for (peer, exists_peer, entry) in &peers {
                    rules.push(Rule {
                        direction,
                        action,
                        priority: Some(priority.clone()),
                        protocol: protocol.clone(),
                        ports: ports.clone(),
                        peer: peer.clone(),
                        guard: exists.clone().and(when.clone()).and(also.clone()).and(exists_peer.clone()),
                        presence: presence.clone(),
                        cause: Cause::Written,
                        place: entry.clone(),
                        chain: chain.clone(),
                    });
                }
            }
        }
        rules.retain(|rule| rule.guard != Guard::Never);
        self.add_entries(template, resource, rules);
    }

    fn add_entries(&mut self, template: &Rc<Template>, resource: &Resource, rules: Vec<Rule>) {
        let (mut elsewhere, mut values) = (Guard::Never, Vec::new());
        let mut targets: Vec<(Guard, usize)> = Vec::new();
        for (guard, data) in self.unit.properties(resource).cases("NetworkAclId") {
            let at = match &data {
                Data::Symbol(symbol) => self.known.get(&(symbol.template, symbol.resource)).copied(),
                _ => None,
            };
            match at {
                Some(at) => targets.push((guard, at)),
                None => {
                    elsewhere = elsewhere.or(guard);
                    values.push(data);
                }
            }
        }
        if !values.is_empty() && rules.iter().any(|r| r.direction == Direction::Egress) {
            let at = self.foreign(PolicyKind::NetworkAcl, &values, template, resource);
            targets.push((elsewhere, at));
        }
        for (when, at) in targets {
            let Some(draft) = self.drafts.get_mut(at).filter(|d| d.policy.kind == PolicyKind::NetworkAcl)
            else {
                continue;
            };
            draft.policy.rules.extend(rules.iter().map(|rule| {
                let mut rule = rule.clone();
                rule.guard = rule.guard.and(when.clone());
                rule
            }));
        }
    }

    /// Which way an entry points: inbound unless `Egress` says otherwise.
    fn directions(&self, properties: &super::fields::Bag) -> Vec<(Direction, Guard)> {
        let mut out = Vec::new();
        for (guard, data) in properties.cases("Egress") {
            match data {
                Data::Text(text) if truth(&text) == Some(true) => out.push((Direction::Egress, guard)),
                Data::Absent => out.push((Direction::Ingress, guard)),
                Data::Text(text) if truth(&text) == Some(false) => out.push((Direction::Ingress, guard)),
                // Either; which one is a choice that nobody has written down.
                _ => {
                    let egress = self.unit.undecided(
                        "whether the network ACL entry is about outbound traffic",
                        properties.entry("Egress"),
                    );
                    out.push((Direction::Egress, guard.clone().and(egress.clone())));
                    out.push((Direction::Ingress, guard.and(egress.negate())));
                }
            }
        }
        out
    }

    fn actions(&self, properties: &super::fields::Bag) -> Vec<(Action, Presence, Guard)> {
        let place = properties.entry("RuleAction");
        let mut out = Vec::new();
        for (guard, data) in properties.cases("RuleAction") {
            match self.text(&data, &place).map(|text| text.trim().to_ascii_lowercase()) {
                Ok(text) if text == "allow" => out.push((Action::Allow, Presence::Present, guard)),
                Ok(text) if text == "deny" => out.push((Action::Deny, Presence::Present, guard)),
                other => {
                    let why =
                        other.err().unwrap_or_else(|| reason("the entry neither allows nor denies", &place));
                    for action in [Action::Allow, Action::Deny] {
                        out.push((action, Presence::Unknown(why.clone()), guard.clone()));
                    }
                }
            }
        }
        out
    }

    /// `PortRange` for TCP and UDP, `Icmp` for ICMP; for other protocols neither counts.
    fn entry_ports(
        &self,
        properties: &super::fields::Bag,
        protocols: &Known<ProtocolMatch>,
    ) -> Value<PortMatch> {
        let unit = self.unit;
        let range = unit.bag(properties.cases("PortRange"));
        let icmp = unit.bag(properties.cases("Icmp"));
        let pair = |bag: &super::fields::Bag, from: &str, to: &str| {
            let place = properties.entry("PortRange").or_else(|| properties.entry("Icmp"));
            let read = |name: &str| -> Known<Option<i64>> {
                bag.cases(name)
                    .into_iter()
                    .map(|(guard, data)| match data {
                        Data::Absent => (guard, Ok(None)),
                        data => (
                            guard,
                            self.text(&data, &place).and_then(|text| {
                                whole(&text)
                                    .map(Some)
                                    .ok_or_else(|| reason(format!("{text:?} is not a number"), &place))
                            }),
                        ),
                    })
                    .collect()
            };
            cross(&read(from), &read(to), |a, b| (a.clone(), b.clone()))
        };
        let too_many = || Value::Unknown(Reason::new(super::evaluate::TOO_MANY));
        let (Some(range), Some(icmp)) = (pair(&range, "From", "To"), pair(&icmp, "Type", "Code")) else {
            return too_many();
        };
        let both = cross(&range, &icmp, |range, icmp| (range.clone(), icmp.clone()));
        let ports = both.and_then(|both| {
            cross(protocols, &both, |protocol, (range, icmp)| match protocol {
                Err(reason) => Err(reason.clone()),
                Ok(ProtocolMatch::Number(6 | 17)) => {
                    port_match(ProtocolMatch::Number(6), range.0.clone()?, range.1.clone()?)
                }
                Ok(ProtocolMatch::Number(number @ (1 | 58))) => {
                    port_match(ProtocolMatch::Number(*number), icmp.0.clone()?, icmp.1.clone()?)
                }
                Ok(_) => Ok(PortMatch::Any),
            })
        });
        ports.map_or_else(too_many, |ports| value_of(unit, ports).0)
    }
}

/// A truth value in any of the spellings of YAML 1.1 (<https://yaml.org/type/bool.html>), which is what the service
/// takes.
fn truth(text: &str) -> Option<bool> {
    let text = text.trim();
    let is = |words: [&str; 4]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(["true", "yes", "on", "y"]) {
        return Some(true);
    }
    is(["false", "no", "off", "n"]).then_some(false)
}
