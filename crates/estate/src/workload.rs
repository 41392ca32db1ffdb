//! Workloads: what opens connections, and which policies guard it.

use crate::{Place, Provider};
use std::collections::BTreeMap;

/// What kind of workload it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WorkloadKind {
    /// A virtual machine.
    Instance,
    /// A network interface that no virtual machine is known to hold: of a load balancer, a database, a function …
    Interface,
    /// A pod.
    Pod,
}

/// Something that opens connections.
#[derive(Debug, Clone, PartialEq)]
pub struct Workload {
    /// What it is.
    pub kind: WorkloadKind,
    /// Whose platform it runs on.
    pub provider: Provider,
    /// Cloud id (`i-…`, `eni-…`), or `namespace/name` of a pod.
    pub id: String,
    /// Its name, where it has one.
    pub name: Option<String>,
    /// Addresses inside its network, IPv6 ones included, as the cloud spells them.
    pub private: Vec<String>,
    /// Addresses under which the Internet sees it.
    pub public: Vec<String>,
    /// Account id, where known.
    pub account: Option<String>,
    /// Region, where known.
    pub region: Option<String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// The sets of policies that guard its interfaces, one set an interface: indexes in [`crate::Estate::policies`],
    /// sorted. What leaves an interface is what its policies allow together. Where all of several policies must allow
    /// (Azure: the interface's and the subnet's), each is a set of its own.
    pub guarded: Vec<Vec<usize>>,
    /// Where it is described.
    pub place: Place,
}

impl Workload {
    /// Every policy that guards it, each once, in order.
    pub fn policies(&self) -> Vec<usize> {
        let mut all: Vec<usize> = self.guarded.iter().flatten().copied().collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}
