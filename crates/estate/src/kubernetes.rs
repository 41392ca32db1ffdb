//! Pods of a cluster and the network policies around them. (Kubernetes API reference, `networking.k8s.io/v1`
//! `NetworkPolicy`, `v1` `Pod`.)

use crate::{Direction, IpNet, Place};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// What an input shows of a cluster.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cluster {
    /// Pods, by `namespace/name`.
    pub pods: BTreeMap<String, Pod>,
    /// Network policies; none where no answer shows any, which says nothing.
    pub policies: Vec<NetworkPolicy>,
}

/// A pod.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pod {
    /// Its namespace.
    pub namespace: String,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// Addresses of its node.
    pub host: Vec<IpAddr>,
    /// Whether it shares the network of its node.
    pub on_host: bool,
    /// Ports of its containers that have names: name, protocol, number.
    pub ports: Vec<(String, u8, u16)>,
}

/// A network policy.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkPolicy {
    /// `namespace/name`
    pub name: String,
    /// The pods that it selects, by id.
    pub pods: BTreeSet<String>,
    /// Whether nobody can tell which pods of its namespace it selects.
    pub unclear: bool,
    /// Its namespace.
    pub namespace: String,
    /// Whether it restricts what its pods send.
    pub egress: bool,
    /// Whether it restricts what reaches its pods.
    pub ingress: bool,
    /// What it lets through.
    pub rules: Vec<PolicyRule>,
    /// Where it is described.
    pub place: Place,
}

/// What a policy lets through.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyRule {
    /// Which way.
    pub direction: Direction,
    /// Other ends; anything where none is named.
    pub ends: Vec<End>,
    /// Ports; all, and every protocol, where none is named.
    pub ports: Vec<Port>,
    /// Where it is written.
    pub place: Place,
}

/// An other end.
#[derive(Debug, Clone, PartialEq)]
pub enum End {
    /// A block, without some others.
    Block(IpNet, Vec<IpNet>),
    /// Pods, by id: those that are selected for certain, and those that perhaps are.
    Pods(BTreeSet<String>, BTreeSet<String>),
    /// Something that cannot be read.
    Unclear,
}

/// Ports of a protocol.
#[derive(Debug, Clone, PartialEq)]
pub struct Port {
    /// The protocol; `None` where it cannot be read.
    pub protocol: Option<u8>,
    /// Which of its ports.
    pub which: Ports,
}

/// Which ports.
#[derive(Debug, Clone, PartialEq)]
pub enum Ports {
    /// All of them.
    All,
    /// From the first to the last.
    Range(u16, u16),
    /// The one that a pod gives this name.
    Named(String),
    /// Something that cannot be read.
    Unclear,
}
