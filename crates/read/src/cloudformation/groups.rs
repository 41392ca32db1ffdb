//! Security groups: written rules, attached rules, and what the platform does where nothing is written.
//!
//! A group that says nothing about egress lets everything out over IPv4, and over IPv6 where its VPC has such
//! addresses (EC2 user guide, "Security group rules"; CloudFormation, `AWS::EC2::SecurityGroup`). A rule that
//! is attached as a resource of its own replaces that default. Of an empty list nobody knows for certain whether
//! it counts as saying nothing, so both readings are kept as alternatives.

use super::data::Data;
use super::network::{Draft, Id, Network};
use super::template::{Resource, Template};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::rc::Rc;
use tidegate_estate::{
    Action, Cause, Direction, Guard, Peer, Place, Policy, PolicyKind, PortMatch, Presence, ProtocolMatch,
    Reason, Rule, Value,
};

impl Network<'_, '_> {
    /// `AWS::EC2::SecurityGroup`.
    pub(super) fn read_group(&mut self, template: &Rc<Template>, id: Id, resource: &Resource) {
        let unit = self.unit;
        let mut draft = self.policy(template, resource, PolicyKind::SecurityGroup);
        let properties = unit.properties(resource);
        for (guard, map) in properties.maps() {
            if guard == Guard::Always
                && let Some(here) = unit.template(map.template)
            {
                unit.report_duplicates(&here, map.node);
            }
        }
        for (guard, reason) in &properties.hidden {
            Self::opaque(&mut draft.policy, guard.clone(), reason.clone());
        }
        for (name, direction) in
            [("SecurityGroupEgress", Direction::Egress), ("SecurityGroupIngress", Direction::Ingress)]
        {
            unit.take_steps();
            let listing = unit.listing(properties.cases(name));
            if direction == Direction::Egress {
                draft.silent_at = properties.entry(name).unwrap_or(draft.silent_at);
                draft.absent = listing.absent.unwrap_or(Guard::Never);
                draft.empty = listing.empty.unwrap_or(Guard::Never);
            }
            for (guard, item, origin) in listing.items {
                match item {
                    Data::Node(here) if unit.is_plain_mapping(&here) => {
                        let place = unit.place(&here);
                        let place = self.place_or_key(place, template, resource);
                        let bag = unit.bag(vec![(Guard::Always, Data::Node(here))]);
                        for mut rule in self.rules(&bag, &guard, direction, &place) {
                            rule.chain.splice(0..0, origin.iter().cloned());
                            draft.policy.rules.push(rule);
                        }
                        if direction == Direction::Egress {
                            for (when, reason) in &bag.hidden {
                                Self::opaque(
                                    &mut draft.policy,
                                    guard.clone().and(when.clone()),
                                    reason.clone(),
                                );
                            }
                        }
                    }
                    Data::Unknown(unknown) if direction == Direction::Egress => {
                        Self::opaque(&mut draft.policy, guard, unknown.reason.clone());
                    }
                    _ if direction == Direction::Egress => {
                        let place = properties.entry(name);
                        let reason = Reason::perhaps_at("this is not a rule", place);
                        Self::opaque(&mut draft.policy, guard, reason);
                    }
                    _ => {}
                }
            }
        }
        draft.ipv6 = self.vpc_ipv6(properties.cases("VpcId"));
        self.read_tags(&properties, &mut draft.policy);
        self.add(id, draft);
    }

    /// `AWS::EC2::SecurityGroupEgress` and `…Ingress`: a rule for a group that may be anywhere.
    pub(super) fn attach(
        &mut self,
        template: &Rc<Template>,
        _id: Id,
        resource: &Resource,
        direction: Direction,
    ) {
        let unit = self.unit;
        unit.take_steps();
        let exists = self.exists(template, resource);
        let mut origin = unit.take_steps();
        let properties = unit.properties(resource);
        let mut targets: Vec<(Guard, usize)> = Vec::new();
        let (mut elsewhere, mut values) = (Guard::Never, Vec::new());
        for (guard, data) in properties.cases("GroupId") {
            match &data {
                Data::Symbol(symbol) if self.group_of(symbol).is_some() => {
                    targets.extend(self.group_of(symbol).map(|at| (guard, at)));
                }
                _ => {
                    elsewhere = elsewhere.or(guard);
                    values.push(data);
                }
            }
        }
        if !values.is_empty() && direction == Direction::Egress {
            let at = self.foreign(PolicyKind::SecurityGroup, &values, template, resource);
            targets.push((elsewhere, at));
        }
        origin.extend(unit.take_steps());
        let place = template.place(resource.key);
        for (when, at) in targets {
            let guard = exists.clone().and(when);
            let mut rules = self.rules(&properties, &guard, direction, &place);
            for rule in &mut rules {
                rule.chain.splice(0..0, origin.iter().cloned());
            }
            let Some(draft) = self.drafts.get_mut(at) else { continue };
            draft.policy.rules.extend(rules);
            draft.policy.apart.push(template.place(resource.whole));
            if direction == Direction::Egress {
                draft.attached = std::mem::replace(&mut draft.attached, Guard::Never).or(guard);
            }
        }
    }

    /// Worlds in which the VPC of a group has IPv6 addresses. Of a VPC from elsewhere nobody knows; to call every
    /// such group unresolved would help nobody, so IPv6 is taken into account only where the input shows it.
    fn vpc_ipv6(&self, vpc: super::data::Cases) -> Guard {
        vpc.into_iter().fold(Guard::Never, |any, (guard, data)| match data {
            Data::Symbol(symbol) => match self.ipv6.get(&(symbol.template, symbol.resource)) {
                Some(ipv6) => any.or(guard.and(ipv6.clone())),
                None => any,
            },
            _ => any,
        })
    }

    /// `AWS::EC2::VPCCidrBlock`: whether it gives its VPC IPv6 addresses.
    pub(super) fn read_ipv6_block(&mut self, template: &Rc<Template>, resource: &Resource) {
        let unit = self.unit;
        let properties = unit.properties(resource);
        let mut ipv6 = Guard::Never;
        for name in ["AmazonProvidedIpv6CidrBlock", "Ipv6CidrBlock", "Ipv6IpamPoolId", "Ipv6Pool"] {
            for (guard, data) in properties.cases(name) {
                let given = match &data {
                    Data::Absent => false,
                    Data::Text(text) => !text.trim().eq_ignore_ascii_case("false"),
                    _ => true,
                };
                if given {
                    ipv6 = ipv6.or(guard);
                }
            }
        }
        let ipv6 = ipv6.and(self.exists(template, resource));
        for (guard, vpc) in properties.cases("VpcId") {
            if let Data::Symbol(symbol) = vpc {
                let known = self.ipv6.entry((symbol.template, symbol.resource)).or_insert(Guard::Never);
                *known = std::mem::replace(known, Guard::Never).or(guard.and(ipv6.clone()));
            }
        }
    }

    /// Tags whose key and value are certain.
    pub(super) fn read_tags(&self, properties: &super::fields::Bag, policy: &mut Policy) {
        let certain = |cases: super::data::Cases| match cases.as_slice() {
            [(Guard::Always, Data::Text(text))] => Some(text.to_string()),
            _ => None,
        };
        for (guard, item, _) in self.unit.listing(properties.cases("Tags")).items {
            if let Data::Node(here) = item
                && guard == Guard::Always
            {
                let bag = self.unit.bag(vec![(Guard::Always, Data::Node(here))]);
                if let (Some(key), Some(value)) = (certain(bag.cases("Key")), certain(bag.cases("Value"))) {
                    policy.tags.insert(key, value);
                }
            }
        }
    }

    /// Adds what the platform does where nothing is written.
    pub(super) fn complete(&self, draft: Draft) -> Policy {
        let Draft { mut policy, absent, empty, attached, ipv6, revoked, silent_at } = draft;
        let alone = attached.negate();
        let silent = self.unit.settle(absent.and(alone.clone()));
        let empty = match self.unit.settle(empty.and(alone)) {
            Guard::Never => Guard::Never,
            guard => {
                let name = policy.path.clone().unwrap_or_default();
                let choice = self.unit.choice(
                    format!("how the platform reads the empty SecurityGroupEgress of {name}"),
                    vec!["as if it were left out".into(), "as nothing allowed".into()],
                    Some(silent_at.clone()),
                );
                guard.and(Guard::is(choice, 0))
            }
        };
        let open = silent.or(empty);
        let property = match policy.kind {
            PolicyKind::NetworkAcl | PolicyKind::UnreadStack => return policy,
            _ => "SecurityGroupEgress",
        };
        let blocks = [
            (IpNet::V4(Ipv4Net::default()), open.clone().and(revoked.negate())),
            (IpNet::V6(Ipv6Net::default()), open.and(ipv6)),
        ];
        policy.rules.retain(|rule| rule.guard != Guard::Never);
        for (block, guard) in blocks {
            let guard = self.unit.settle(guard);
            if guard != Guard::Never {
                policy.rules.push(left_out(block, guard, property, &silent_at));
            }
        }
        policy
    }
}

fn left_out(block: IpNet, guard: Guard, property: &str, place: &Place) -> Rule {
    Rule {
        direction: Direction::Egress,
        action: Action::Allow,
        priority: None,
        protocol: Value::Known(ProtocolMatch::Any),
        ports: Value::Known(PortMatch::Any),
        peer: Value::Known(Peer::Cidr(block)),
        guard,
        presence: Presence::Present,
        cause: Cause::LeftOut { property: property.into() },
        place: place.clone(),
        chain: Vec::new(),
    }
}
