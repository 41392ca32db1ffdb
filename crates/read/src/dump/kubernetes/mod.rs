//! Kubernetes objects: `kubectl get networkpolicies,pods,namespaces -o json` or `-o yaml`, and manifests of the same,
//! one or many in a file, also as lists.
//!
//! Shapes and defaults as in the Kubernetes API reference (`networking.k8s.io/v1` `NetworkPolicy`, `v1` `Pod` and
//! `Namespace`).
//!
//! A policy is a policy, as a group is: pods let out what any of those that select them lets out. Pods that none
//! selects for egress let everything out, which is said of their namespace.

mod cluster;
mod join;
mod peers;
mod records;
mod selectors;

pub(super) use join::join;
pub(super) use records::{Record, records};

/// One of these stands in every answer or manifest that holds a record.
pub(super) const MARKS: [&str; 7] = [
    "NetworkPolicy",
    "kind: Pod",
    "\"kind\": \"Pod",
    "\"kind\":\"Pod",
    "kind: Namespace",
    "\"kind\": \"Namespace",
    "\"kind\":\"Namespace",
];
