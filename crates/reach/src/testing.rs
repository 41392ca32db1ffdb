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

/// A small generator of numbers (xorshift64*), so that an estate can be made again from its number.
pub struct Dice(u64);

impl Dice {
    /// The numbers that follow from a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33
    }

    /// One below a limit.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    /// Once in so many times.
    pub fn rarely(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }

    /// One of several.
    pub fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}
