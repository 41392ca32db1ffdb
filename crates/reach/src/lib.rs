//! From network policies to the exact packets they let out.
//!
//! [`policy`] turns one policy into its packet sets, one world at a time: what it *must* let out whatever
//! the unknowns are, and what it *may* let out if every unknown goes the wrong way. Between the two lies
//! everything that nobody can know from the input.
//! [`workload`] takes policies together that guard one interface, and tells which workloads the Internet can reach.
//!
//! Invariants:
//! - `must ⊆ truth ⊆ may` for every way of filling in the unknowns, and `must = may` where there are none.
//! - No parsing, no I/O, no judging: whether a set is too wide is for the rules to say.
//! - A peer that is a group, or a list that the platform's vendor keeps, stays symbolic: it adds no address.
//!
//! ```
//! use std::collections::BTreeMap;
//! use tidegate_estate::*;
//! use tidegate_reach::policy;
//!
//! let place = Place::new(&"app.py".into(), Span::new(0, 1));
//! let rule = Rule {
//!     direction: Direction::Egress,
//!     action: Action::Allow,
//!     priority: None,
//!     protocol: Value::Known(ProtocolMatch::Any),
//!     ports: Value::Known(PortMatch::Any),
//!     peer: Value::Unknown(Reason::new("comes from an environment variable")),
//!     guard: Guard::Always,
//!     presence: Presence::Present,
//!     cause: Cause::Written,
//!     place: place.clone(),
//!     chain: vec![],
//! };
//! let group = Policy {
//!     kind: PolicyKind::SecurityGroup,
//!     provider: Provider::Aws,
//!     dialect: Dialect::CdkPython,
//!     name: None,
//!     path: None,
//!     enclosing: None,
//!     account: None,
//!     region: None,
//!     tags: BTreeMap::new(),
//!     exists: Guard::Always,
//!     confirmation: Confirmation::Created,
//!     block: place.clone(),
//!     place,
//!     apart: Vec::new(),
//!     chain: vec![],
//!     rules: vec![rule],
//!     ignored: vec![],
//!     opaque: vec![],
//!     members: None,
//!     remedy: Remedy::Rules,
//!     direct_call: None,
//! };
//! let reach = policy::in_world(&group, &Estate::default(), &World::default());
//! assert!(reach.must.is_empty());
//! assert!(!reach.may.is_empty());
//! assert_eq!(&*reach.unknowns[0].reason.text, "comes from an environment variable");
//! ```

pub mod path;
pub mod policy;
#[cfg(test)]
mod testing;
pub mod trace;
pub mod workload;
