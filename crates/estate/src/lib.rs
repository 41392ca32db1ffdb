//! The vocabulary every reader writes and every later stage reads: which network policies there are,
//! what each of their rules matches, where each fact comes from, and what could not be known.
//!
//! Invariants:
//! - No I/O and no parsing: an [`Estate`] is plain data.
//! - What cannot be known is [`Value::Unknown`] with a [`Reason`], never a guess.
//! - Every fact has a [`Place`]: a file and a byte range in it.
//! - Alternatives that are written down are tied to a [`Choice`]: two facts under the same choice are
//!   true together or not at all, so one condition makes two worlds and not four.
//!
//! ```
//! use tidegate_estate::*;
//! let mut estate = Estate::default();
//! let prod = estate.choice("condition IsProd", ["true", "false"], None);
//! let open = Value::Known(Peer::Cidr("0.0.0.0/0".parse().unwrap()));
//! let near = Value::Known(Peer::Cidr("10.0.0.0/8".parse().unwrap()));
//! let peer = Value::OneOf(vec![(Guard::is(prod, 0), open), (Guard::is(prod, 1), near.clone())]);
//! let worlds = worlds(&estate, &peer.choices(), 64).unwrap();
//! assert_eq!(worlds.len(), 2);
//! assert_eq!(peer.in_world(&worlds[1]), near.in_world(&worlds[1]));
//! ```

pub mod azure;
pub mod gcp;
mod guard;
pub mod kubernetes;
pub mod names;
mod network;
mod origin;
mod policy;
mod value;
mod workload;

pub use guard::{Choice, ChoiceId, Guard, World, worlds};
pub use ipnet::{IpNet, Ipv4Net, Ipv6Net};
pub use network::{
    AclUse, Answer, Attachment, Endpoint, EndpointKind, Exclusion, Interface, ManagedList, Nat, Network,
    Peering, PeeringEnd, PublicAccess, Route, RouteTable, RouteTo, Subnet, Target, TransitTable, Vpc,
};
pub use origin::{Diagnostic, Place, Severity, Span, Step};
pub use policy::{
    Action, Argument, Cause, Confirmation, Dialect, DirectCall, Direction, Hidden, Ignored, IpFamily, Opaque,
    Peer, Policy, PolicyKind, PortMatch, PrefixList, Presence, ProtocolMatch, Provider, Remedy, Rule,
};
pub use value::{Reason, Value, Why};
pub use workload::{Workload, WorkloadKind};

/// Everything that one unit (an application, a template, an assembly) says about a network.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Estate {
    /// The policies, in the order in which the unit makes them.
    pub policies: Vec<Policy>,
    /// Customer prefix lists that the unit defines.
    pub prefix_lists: Vec<PrefixList>,
    /// What the unit leaves open in writing; guards refer to these.
    pub choices: Vec<Choice>,
    /// Calls that a rule wants to see as they are written (S6463), whatever becomes of their result.
    pub direct_calls: Vec<DirectCall>,
    /// Workloads, where the input shows any.
    pub workloads: Vec<Workload>,
    /// What is around them, where the input shows any of it.
    pub network: Network,
    /// What is around those in Azure.
    pub azure: azure::Network,
    /// The same of Google Cloud; interfaces of its machines are in [`Network::interfaces`], too.
    pub gcp: gcp::Network,
    /// Pods and their policies; their interfaces are in [`Network::interfaces`], too.
    pub kubernetes: kubernetes::Cluster,
}

impl Estate {
    /// Adds a choice and returns its id.
    pub fn choice<S: Into<String>>(
        &mut self,
        name: impl Into<String>,
        alternatives: impl IntoIterator<Item = S>,
        place: Option<Place>,
    ) -> ChoiceId {
        let id = ChoiceId(self.choices.len() as u32);
        self.choices.push(Choice {
            name: name.into(),
            alternatives: alternatives.into_iter().map(Into::into).collect(),
            place,
        });
        id
    }
}
