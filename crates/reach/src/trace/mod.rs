//! One packet, taken from gate to gate through one estate: the answer to a single question, with the rule that let it
//! through or stopped it. `azure` follows Azure's interfaces, `gcp` those of Google Cloud, `kubernetes` pods, `aws` those of AWS.
//!
//! This is written apart from [`crate::path`] and knows no sets: it looks each rule and each route up as it stands. What
//! both say must agree, which tests on random estates hold them to.

mod aws;
mod azure;
mod gcp;
mod kubernetes;
mod rules;

use crate::path::{self, Arrival, Missing};
use std::collections::BTreeSet;
use tidegate_estate::{Answer, Estate, Interface, Place, Provider};
use tidegate_space::Packet;

/// Every way that a packet from an interface may take, to where it ends. Most packets have one; the address of the packet
/// is its destination. Policies with more than `limit` worlds are not told apart.
pub fn trace(estate: &Estate, interface: &Interface, packet: &Packet, limit: usize) -> Vec<Trace> {
    match path::provider(estate, interface) {
        Provider::Azure => azure::trace(estate, interface, packet),
        Provider::Gcp => gcp::trace(estate, interface, packet),
        Provider::Kubernetes => kubernetes::trace(estate, interface, packet),
        Provider::Aws => aws::trace(estate, interface, packet, limit),
    }
}

/// Goes on where a packet arrives at an address of a network: what guards the interface that has the address. Other ends
/// stay as they are.
pub fn deliver(estate: &Estate, from: &Interface, packet: &Packet, trace: Trace, limit: usize) -> Trace {
    match path::provider(estate, from) {
        Provider::Azure => azure::deliver(estate, from, packet, trace),
        Provider::Gcp => gcp::deliver(estate, from, packet, trace),
        Provider::Kubernetes => kubernetes::deliver(estate, from, packet, trace),
        Provider::Aws => aws::deliver(estate, from, packet, trace, limit),
    }
}

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
    /// Routes that the platform has for a subnet or a network, of no table.
    Routes,
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
    /// A level of the firewall of Google Cloud.
    Firewall,
    /// The same, at the interface that it arrives at.
    FirewallIn,
    /// A route of a network of Google Cloud.
    Route,
    /// A policy-based route.
    PolicyRoute,
    /// Cloud NAT.
    CloudNat,
    /// The default Internet gateway of a network of Google Cloud.
    DefaultGateway,
    /// Private Google Access.
    GoogleAccess,
    /// Azure: security admin rules of a virtual network.
    AdminRules,
    /// Azure: a network security group on the way out.
    SecurityGroup,
    /// Azure: a network security group of the interface that it arrives at, or of its subnet.
    SecurityGroupIn,
    /// Azure: the platform itself.
    Platform,
    /// Azure: a public address.
    PublicAddress,
    /// Azure: a load balancer.
    LoadBalancer,
    /// Azure: default outbound access of a subnet.
    DefaultOutbound,
    /// Azure: an Azure Firewall.
    AzureFirewall,
    /// Azure: a virtual network gateway, or a route server.
    Gateway,
    /// The network policies around a pod.
    Policies,
    /// The same, around the pod that it arrives at.
    PoliciesIn,
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
            GateKind::Routes => "routes of",
            GateKind::Nat => "NAT gateway",
            GateKind::Internet => "gateway",
            GateKind::PublicAccess => "Block Public Access for",
            GateKind::Peering => "peering",
            GateKind::Transit => "transit gateway",
            GateKind::Endpoint => "endpoint",
            GateKind::Forwarder => "forwarding interface",
            GateKind::Firewall => "firewall",
            GateKind::FirewallIn => "firewall there",
            GateKind::Route => "route",
            GateKind::PolicyRoute => "policy-based route",
            GateKind::CloudNat => "Cloud NAT",
            GateKind::DefaultGateway => "Internet gateway",
            GateKind::GoogleAccess => "Private Google Access",
            GateKind::AdminRules => "security admin rules of",
            GateKind::SecurityGroup => "network security group",
            GateKind::SecurityGroupIn => "network security group there",
            GateKind::Platform => "platform",
            GateKind::PublicAddress => "public address",
            GateKind::LoadBalancer => "load balancer",
            GateKind::DefaultOutbound => "default outbound access of",
            GateKind::AzureFirewall => "Azure Firewall",
            GateKind::Gateway => "virtual network gateway",
            GateKind::Policies => "network policies of",
            GateKind::PoliciesIn => "network policies there, of",
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

impl Trace {
    /// The packet comes to a gate.
    fn pass(
        mut self,
        kind: GateKind,
        id: &str,
        why: impl Into<String>,
        passes: Passes,
        place: Option<Place>,
    ) -> Self {
        self.gates.push(Gate { kind, id: id.to_owned(), why: why.into(), passes, place });
        self.passes = self.passes.min(passes);
        self
    }

    /// It is no longer certain, and this would tell.
    fn doubt(mut self, answer: Answer, about: &str) -> Self {
        self.passes = self.passes.min(Passes::Perhaps);
        self.missing.insert((answer, about.to_owned()));
        self
    }
}
