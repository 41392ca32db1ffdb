//! What the tests of this crate make estates of.

use std::collections::BTreeMap;
use tidegate_estate::{
    Confirmation, Dialect, Guard, Place, Policy, PolicyKind, Provider, Remedy, Rule, Span,
};

/// A place that nobody asks for.
pub fn place() -> Place {
    Place::new(&"dump.json".into(), Span::new(0, 1))
}

/// A policy of AWS with these rules and nothing else.
pub fn policy(kind: PolicyKind, rules: Vec<Rule>) -> Policy {
    Policy {
        kind,
        provider: Provider::Aws,
        dialect: Dialect::AwsDump,
        name: None,
        path: None,
        enclosing: None,
        account: None,
        region: None,
        tags: BTreeMap::new(),
        exists: Guard::Always,
        confirmation: Confirmation::Created,
        place: place(),
        block: place(),
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
