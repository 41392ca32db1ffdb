//! The rules: from packet sets to findings, with rating, suppression and baselines.
//!
//! Invariants:
//! - Pure and deterministic: the same estates, configuration and text give the same report.
//! - A finding is judged from exact packet sets, never from how an address is spelled.
//! - One finding per policy and address family: the first rule that matches, in the order of
//!   [`RuleId::ALL`]. A rule without effect is reported on top.
//! - What only an unknown could fire is [`Unresolved`], never silence.
//! - No printing: formats read [`Report`] and nothing else.
//!
//! ```
//! use tidegate_audit::{AuditOptions, Config, NoSources, audit};
//! use tidegate_estate::{Argument, DirectCall, Estate, Place, Span};
//!
//! // What a reader gives for `ec2.SecurityGroup(self, "Web", vpc=vpc)`, as far as S6463 wants to know.
//! let mut estate = Estate::default();
//! let path = "app.py".into();
//! estate.direct_calls.push(DirectCall {
//!     callee: "aws_cdk.aws_ec2.SecurityGroup".to_owned(),
//!     place: Place::new(&path, Span::new(10, 27)),
//!     block: Place::new(&path, Span::new(10, 48)),
//!     argument: Argument::Omitted,
//!     enclosing: None,
//! });
//! let options = AuditOptions::selecting(&["S6463"], &[]).unwrap();
//! let report = audit(&[estate], &Config::default(), &options, &NoSources);
//! assert_eq!(report.findings[0].rule.name(), "open-egress-by-default");
//! assert_eq!(report.findings[0].aliases, ["S6463"]);
//! ```

pub mod allows;
mod audit;
mod baseline;
pub mod config;
pub mod cvss;
mod date;
mod draft;
mod finding;
pub mod fingerprint;
mod group;
mod judge;
mod known;
mod marks;
pub mod measure;
mod outward;
mod peers;
mod rating;
pub mod reviews;
pub mod rules;
mod s6463;
mod select;
mod sources;
pub mod standards;
mod stored;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod together;
mod way;
pub mod words;

pub use audit::{AuditOptions, audit};
pub use baseline::{Baseline, BaselineError};
pub use config::{Config, ConfigError};
pub use date::{Date, NoDate};
pub use finding::*;
pub use rating::risk;
pub use reviews::{Answers, Position, Review, Reviews, ReviewsError};
pub use rules::RuleId;
pub use select::{Selection, UnknownRule};
pub use sources::{NoSources, ReadSources, SourceText};
pub use standards::Standard;
