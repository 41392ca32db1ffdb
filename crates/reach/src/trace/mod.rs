//! One packet, taken from gate to gate through one estate of AWS: the answer to a single question, with the rule that let
//! it through or stopped it.
//!
//! This is written apart from [`crate::path`] and knows no sets: it looks each rule and each route up as it stands. What
//! both say must agree, which tests on random estates hold them to.

mod rules;
mod walk;

pub use walk::{deliver, trace};

use crate::path::{Arrival, Missing};
use std::collections::BTreeSet;
use tidegate_estate::Place;

/// Whether a packet passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Passes {
    /// It is stopped.
    No,
    /// The input does not show it.
    Perhaps,
    /// It passes.
    Yes,
}

impl Passes {
    fn of(passes: bool) -> Self {
        if passes { Passes::Yes } else { Passes::No }
    }
}

/// What kind of gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GateKind {
    /// The interface that it leaves.
    Interface,
    /// The security groups of an interface.
    Groups,
    /// The security groups of the interface that it arrives at.
    GroupsIn,
    /// A network ACL on the way out of a subnet.
    AclOut,
    /// A network ACL on the way into a subnet.
    AclIn,
    /// A route table.
    Table,
    /// A NAT gateway.
    Nat,
    /// An Internet gateway, or an egress-only one.
    Internet,
    /// Block Public Access.
    PublicAccess,
    /// A peering.
    Peering,
    /// A transit gateway.
    Transit,
    /// An endpoint.
    Endpoint,
    /// A machine that forwards.
    Forwarder,
}

impl GateKind {
    /// What people call it, in front of its id.
    pub fn name(self) -> &'static str {
        match self {
            GateKind::Interface => "interface",
            GateKind::Groups => "security groups",
            GateKind::GroupsIn => "security groups there",
            GateKind::AclOut => "network ACL, out",
            GateKind::AclIn => "network ACL, in",
            GateKind::Table => "route table",
            GateKind::Nat => "NAT gateway",
            GateKind::Internet => "gateway",
            GateKind::PublicAccess => "Block Public Access for",
            GateKind::Peering => "peering",
            GateKind::Transit => "transit gateway",
            GateKind::Endpoint => "endpoint",
            GateKind::Forwarder => "forwarding interface",
        }
    }
}

/// A gate that the packet came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    /// What it is.
    pub kind: GateKind,
    /// Its id, or several.
    pub id: String,
    /// What decided there, in words.
    pub why: String,
    /// Whether the packet passed.
    pub passes: Passes,
    /// Where that is written.
    pub place: Option<Place>,
}

/// One way that the packet took, to its end.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// The gates, in order.
    pub gates: Vec<Gate>,
    /// Where it arrived; `None` where it was stopped.
    pub to: Option<Arrival>,
    /// Whether it arrives: never `No` where `to` says where.
    pub passes: Passes,
    /// Whether something on the way looks into packets and may stop them.
    pub inspected: bool,
    /// What would tell more.
    pub missing: BTreeSet<Missing>,
}
