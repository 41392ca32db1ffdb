//! Small policies for tests, made the way readers make them.

use crate::config::Config;
use crate::finding::Report;
use crate::sources::{NoSources, SourceText};
use crate::{AuditOptions, audit};
use std::collections::BTreeMap;
use std::sync::Arc;
use tidegate_estate::{
    Action, Argument, Cause, Confirmation, Dialect, DirectCall, Direction, Estate, Guard, Peer, Place,
    Policy, PolicyKind, PortMatch, Presence, ProtocolMatch, Provider, Reason, Remedy, Rule, Span, Value,
};

pub const TCP: u8 = 6;
pub const UDP: u8 = 17;

/// A place of one byte in `app.py`.
pub fn at(byte: usize) -> Place {
    place("app.py", byte, byte + 1)
}

pub fn place(path: &str, start: usize, end: usize) -> Place {
    Place::new(&Arc::from(path), Span::new(start, end))
}

/// A group without rules at byte 10 of `app.py`.
pub fn group(rules: Vec<Rule>) -> Policy {
    Policy {
        kind: PolicyKind::SecurityGroup,
        provider: Provider::Aws,
        dialect: Dialect::CdkPython,
        name: Some("web".to_owned()),
        path: Some("Stack/web".to_owned()),
        enclosing: None,
        account: None,
        region: None,
        tags: BTreeMap::new(),
        exists: Guard::Always,
        confirmation: Confirmation::Created,
        place: place("app.py", 10, 27),
        block: place("app.py", 10, 60),
        apart: vec![],
        chain: vec![],
        rules,
        ignored: vec![],
        opaque: vec![],
        members: None,
        remedy: Remedy::Rules,
        direct_call: None,
    }
}

pub fn acl(rules: Vec<Rule>) -> Policy {
    Policy { kind: PolicyKind::NetworkAcl, ..group(rules) }
}

pub fn default_group(rules: Vec<Rule>) -> Policy {
    Policy { kind: PolicyKind::DefaultSecurityGroup, remedy: Remedy::DefaultGroup, ..group(rules) }
}

/// An egress rule somebody wrote, at byte 100.
pub fn rule(protocol: ProtocolMatch, ports: PortMatch, peer: Value<Peer>) -> Rule {
    Rule {
        direction: Direction::Egress,
        action: Action::Allow,
        priority: None,
        protocol: Value::Known(protocol),
        ports: Value::Known(ports),
        peer,
        guard: Guard::Always,
        presence: Presence::Present,
        cause: Cause::Written,
        place: at(100),
        chain: vec![],
    }
}

pub fn block(text: &str) -> Value<Peer> {
    Value::Known(Peer::Cidr(text.parse().expect("a block")))
}

/// Every protocol to a block.
pub fn all(peer: &str) -> Rule {
    rule(ProtocolMatch::Any, PortMatch::Any, block(peer))
}

/// One TCP port to a block.
pub fn tcp(port: u16, peer: &str) -> Rule {
    rule(ProtocolMatch::Number(TCP), PortMatch::Range(port, port), block(peer))
}

/// All of a protocol to a block.
pub fn whole(protocol: u8, peer: &str) -> Rule {
    rule(ProtocolMatch::Number(protocol), PortMatch::Any, block(peer))
}

/// The rule that the platform adds when `allow_all_outbound` is left out.
pub fn left_out(peer: &str) -> Rule {
    Rule { cause: Cause::LeftOut { property: "allow_all_outbound".to_owned() }, place: at(10), ..all(peer) }
}

pub fn unknown(text: &str) -> Reason {
    Reason::new(text)
}

pub fn place_of(mut rule: Rule, byte: usize) -> Rule {
    rule.place = at(byte);
    rule
}

pub fn when(mut rule: Rule, guard: Guard) -> Rule {
    rule.guard = guard;
    rule
}

pub fn numbered(number: u32, action: Action, mut rule: Rule) -> Rule {
    rule.priority = Some(Value::Known(number));
    rule.action = action;
    rule.place = at(number as usize);
    rule
}

pub fn estate(policies: Vec<Policy>) -> Estate {
    Estate { policies, ..Estate::default() }
}

/// A direct call of `SecurityGroup` with this argument, at byte 10.
pub fn call(argument: Argument) -> DirectCall {
    DirectCall {
        callee: "aws_cdk.aws_ec2.SecurityGroup".to_owned(),
        place: place("app.py", 10, 27),
        block: place("app.py", 10, 60),
        argument,
        enclosing: Some("make_group".to_owned()),
    }
}

/// The report of a full run over one estate.
pub fn report(estate: &Estate) -> Report {
    with(estate, "", &[])
}

/// The report of a full run over one policy.
pub fn judged(policy: Policy) -> Report {
    report(&estate(vec![policy]))
}

/// A run with a configuration and selected rules.
pub fn with(estate: &Estate, config: &str, select: &[&str]) -> Report {
    let config = Config::parse(config).expect("a configuration");
    let options = AuditOptions::selecting(select, &[]).expect("rules");
    audit(std::slice::from_ref(estate), &config, &options, &NoSources)
}

/// Names of the rules of a report's findings.
pub fn names(report: &Report) -> Vec<&'static str> {
    report.findings.iter().map(|finding| finding.rule.name()).collect()
}

/// Files as text.
pub struct Texts(pub Vec<(&'static str, String)>);

impl SourceText for Texts {
    fn text(&self, path: &str) -> Option<Arc<[u8]>> {
        self.0.iter().find(|(name, _)| *name == path).map(|(_, text)| Arc::from(text.as_bytes()))
    }
    fn read(&self) -> Vec<Arc<str>> {
        self.0.iter().map(|(name, _)| Arc::from(*name)).collect()
    }
}
