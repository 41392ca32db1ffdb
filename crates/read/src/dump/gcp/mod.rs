//! What the gcloud CLI prints about networks: `gcloud compute firewall-rules list`, `networks list`, `instances list`,
//! as JSON or as YAML.
//!
//! Shapes as in the Compute Engine API reference (v1: `firewalls`, `networks`, `instances`).
//!
//! A network's VPC firewall is one list of rules, of which a machine sees those without a target and those that name
//! one of its tags or its service account. What is judged is a *view*: the list as it is seen by all machines that see
//! the same outbound rules. Where the dump shows no machine of a network there is one view for machines without a tag,
//! and one for each target that outbound rules name.

mod join;
mod records;
mod rules;
mod views;

pub(super) use join::join;
pub(super) use records::{Record, records};

/// One of these stands in every answer that holds a record.
pub(super) const MARKS: [&str; 2] = ["global/networks/", "compute#"];
