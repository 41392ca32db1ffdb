//! What the gcloud CLI prints about networks: `gcloud compute firewall-rules list`, `networks list`, `instances list`,
//! `networks subnets list`, `routes list`, `routers list` and `get-status`, `network-firewall-policies` and
//! `firewall-policies`, `get-effective-firewalls`, `network-connectivity policy-based-routes list`, as JSON or as YAML; and
//! the lists of the REST API.
//!
//! Shapes as in the Compute Engine API reference (v1: `firewalls`, `networks`, `instances`, `subnetworks`, `routes`,
//! `routers`, `firewallPolicies`).
//!
//! A network's VPC firewall is one list of rules, of which a machine sees those without a target and those that name
//! one of its tags or its service account. What is judged is a *view*: the list as it is seen by all machines that see
//! the same outbound rules. Where the dump shows no machine of a network there is one view for machines without a tag,
//! and one for each target that outbound rules name.

mod effective;
mod join;
mod network;
mod policies;
mod records;
mod rules;
mod surroundings;
mod views;

pub(super) use join::join;
pub(super) use records::{Record, records};
pub(super) use surroundings::is_empty_list;

/// One of these stands in every answer that holds a record.
pub(super) const MARKS: [&str; 4] = ["global/networks/", "compute#", "firewallPolicys", "ipv4Prefix"];
