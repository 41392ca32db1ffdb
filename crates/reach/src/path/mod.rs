//! What leaves a workload and where it arrives: groups, firewalls, network ACLs, routes and gateways, each as sets of
//! packets. Which cloud an interface is in says the provider of its workload; `azure` follows Azure's, `gcp` those of Google
//! Cloud, `kubernetes` pods, the rest of this module AWS's.
//!
//! Invariants:
//! - `must ⊆ truth ⊆ may`, as everywhere in this crate: what the input does not show makes an answer *possible*, and the
//!   answer says what would decide it.
//! - Interfaces that share groups, subnet and kind of address share an answer.
//! - What no group filters (the VPC's resolver, instance metadata, time) is not in the sets.
//!
//! Facts are of the VPC user guide ("Security groups", "Network ACLs", "Route tables", "NAT gateways", "Block public
//! access"), the VPC peering guide and the Transit Gateways guide.

#[cfg(test)]
mod agreement;
mod azure;
mod gates;
mod gcp;
mod kubernetes;
#[cfg(test)]
mod model;
mod routes;
mod stream;
mod walk;

pub use azure::PLATFORM as AZURE_PLATFORM;
pub use gates::Gates;

use crate::policy::Bounds;
use rayon::prelude::*;
use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::Arc;
use tidegate_estate::{Answer, Direction, Estate, Interface, Provider};
use tidegate_space::{IpFamily, PacketSet};

/// Where packets arrive.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Arrival {
    /// The Internet.
    Internet,
    /// Addresses of a VPC or a virtual network, by its id. What guards them there is not asked.
    Vpc(String),
    /// A service behind a gateway endpoint or a service endpoint, by name, or the platform itself.
    Service(String),
    /// Something of which nothing is known: a VPN, another transit gateway. The text is the id of the way there.
    Beyond(String),
}

/// A gate that packets came through. The text is its id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hop {
    /// A network ACL, on the way out of a subnet.
    AclOut(String),
    /// A network ACL, on the way into a subnet.
    AclIn(String),
    /// A route table.
    Table(String),
    /// A NAT gateway.
    Nat(String),
    /// An Internet gateway.
    Internet(String),
    /// An egress-only Internet gateway.
    EgressOnly(String),
    /// A peering.
    Peering(String),
    /// A transit gateway.
    Transit(String),
    /// An endpoint.
    Endpoint(String),
    /// An interface of a machine that forwards.
    Forwarder(String),
    /// A virtual private gateway, or something else that a route names.
    Other(String),
    /// A route of a network of Google Cloud.
    Route(String),
    /// A policy-based route of a network of Google Cloud.
    PolicyRoute(String),
    /// Cloud NAT.
    CloudNat(String),
    /// The default Internet gateway of a network of Google Cloud.
    DefaultGateway(String),
    /// Private Google Access, of a subnet.
    GoogleAccess(String),
    /// Azure: the interface's own public address.
    PublicAddress,
    /// Azure: a load balancer, or its pool, that sends for the interface or stands before machines that forward.
    LoadBalancer(String),
    /// Azure: default outbound access.
    DefaultOutbound,
    /// Azure: an Azure Firewall.
    Firewall(String),
    /// The network around a cluster of Kubernetes.
    Around(String),
}

/// Something that the input does not show: the answer that would decide, and about what.
pub type Missing = (Answer, String);

/// Packets that arrive somewhere on one way.
#[derive(Debug, Clone, PartialEq)]
pub struct Exit {
    /// Where.
    pub to: Arrival,
    /// Through what, in order.
    pub way: Vec<Hop>,
    /// Which packets.
    pub set: Bounds,
    /// Those of them that a reply to can come back, as far as network ACLs are asked; at most.
    pub answered: Arc<PacketSet>,
    /// Whether something on the way looks into packets and may stop them.
    pub inspected: bool,
    /// Why not all of it is certain.
    pub missing: BTreeSet<Missing>,
}

/// What leaves an interface.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaving {
    /// What its groups let out.
    pub groups: Bounds,
    /// Where that arrives, way by way.
    pub exits: Vec<Exit>,
}

impl Leaving {
    /// All that arrives at such places.
    pub fn arriving(&self, at: impl Fn(&Arrival) -> bool) -> Bounds {
        Bounds::any(self.exits.iter().filter(|exit| at(&exit.to)).map(|exit| &exit.set))
    }

    /// What arrives on the Internet.
    pub fn on_the_internet(&self) -> Bounds {
        self.arriving(|arrival| *arrival == Arrival::Internet)
    }
}

/// What interfaces may share an answer by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Class<'e> {
    groups: &'e [usize],
    unseen_groups: &'e [String],
    subnet: Option<&'e str>,
    vpc: Option<&'e str>,
    public: bool,
    families: [bool; 2],
    /// The addresses, where a network ACL on the way tells those of the subnet apart.
    addresses: &'e [IpAddr],
    /// The interface itself, where it is what is missing.
    itself: Option<&'e str>,
    /// What else tells interfaces of Google Cloud apart.
    gcp: Option<gcp::Class<'e>>,
}

/// The same, cloud by cloud.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key<'e> {
    Azure(azure::Class<'e>),
    Other(Class<'e>),
}

/// What interfaces may share an answer about what they let in by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Inward<'e> {
    Azure(azure::Inward<'e>),
    Gcp(gcp::Inward<'e>),
    Kubernetes(&'e str),
    Aws(&'e [usize], &'e [String]),
}

/// Answers for all interfaces of an estate.
pub struct Paths<'e> {
    gates: Gates<'e>,
    gcp: gcp::Gates<'e>,
    azure: azure::Paths<'e>,
    kubernetes: kubernetes::Gates<'e>,
}

impl<'e> Paths<'e> {
    /// For an estate; policies with more than `limit` worlds are not told apart.
    pub fn new(estate: &'e Estate, limit: usize) -> Self {
        Self {
            gates: Gates::new(estate, limit),
            gcp: gcp::Gates::new(estate),
            azure: azure::Paths::new(estate),
            kubernetes: kubernetes::Gates::new(estate),
        }
    }

    /// The gates by themselves.
    pub fn gates(&self) -> &Gates<'e> {
        &self.gates
    }

    /// What leaves an interface.
    pub fn leaving(&self, interface: &'e Interface) -> Leaving {
        match provider(self.gates.estate, interface) {
            Provider::Azure => self.azure.leaving(interface),
            Provider::Gcp => gcp::leaving(&self.gcp, interface),
            Provider::Kubernetes => kubernetes::leaving(&self.kubernetes, interface),
            Provider::Aws => walk::leaving(&self.gates, interface),
        }
    }

    /// What an interface lets in; the address of a packet is where it comes from.
    pub fn lets_in(&self, interface: &'e Interface) -> Bounds {
        match provider(self.gates.estate, interface) {
            Provider::Azure => self.azure.lets_in(interface),
            Provider::Gcp => self.gcp.firewall(interface, Direction::Ingress).passes.clone(),
            Provider::Kubernetes => self.kubernetes.policies(&interface.id, Direction::Ingress).0.clone(),
            Provider::Aws => self.gates.groups(interface, Direction::Ingress),
        }
    }

    /// What leaves each of these interfaces, in their order. Those that share groups and subnet share an answer.
    pub fn all(&self, interfaces: &[&'e Interface]) -> Vec<Arc<Leaving>> {
        self.each(interfaces, |leaving| leaving)
    }

    /// What `keep` makes of what leaves each of these interfaces, in their order, on all cores. Those that share groups and
    /// subnet share an answer.
    pub fn each<T: Send + Sync>(
        &self,
        interfaces: &[&'e Interface],
        keep: impl Fn(Leaving) -> T + Sync,
    ) -> Vec<Arc<T>> {
        shared(interfaces, |interface| self.key(interface), |interface| keep(self.leaving(interface)))
    }

    /// What each of these interfaces lets in, in their order, on all cores. Those that nothing tells apart inward share an
    /// answer.
    pub fn each_lets_in(&self, interfaces: &[&'e Interface]) -> Vec<Arc<Bounds>> {
        shared(interfaces, |interface| self.inward(interface), |interface| self.lets_in(interface))
    }

    fn inward(&self, interface: &'e Interface) -> Inward<'e> {
        match provider(self.gates.estate, interface) {
            Provider::Azure => Inward::Azure(azure::Inward::of(&self.azure, interface)),
            Provider::Gcp => Inward::Gcp(self.gcp.inward(interface)),
            Provider::Kubernetes => Inward::Kubernetes(&interface.id),
            Provider::Aws => Inward::Aws(&interface.groups, &interface.unseen_groups),
        }
    }

    fn key(&self, interface: &'e Interface) -> Key<'e> {
        match provider(self.gates.estate, interface) {
            Provider::Azure => Key::Azure(azure::Class::of(&self.azure, interface)),
            Provider::Aws | Provider::Gcp | Provider::Kubernetes => Key::Other(self.class(interface)),
        }
    }

    fn class(&self, interface: &'e Interface) -> Class<'e> {
        let has = |family| interface.addresses.iter().any(|address| IpFamily::of(*address) == family);
        let provider = provider(self.gates.estate, interface);
        let of_google = provider == Provider::Gcp;
        // Each pod has policies, a node and addresses of its own.
        let alone = provider == Provider::Kubernetes;
        let apart = !of_google
            && !alone
            && interface.subnet.as_deref().is_none_or(|subnet| self.gates.tells_apart(subnet));
        let unknown = interface.subnet.is_none() || interface.addresses.is_empty();
        Class {
            groups: &interface.groups,
            unseen_groups: &interface.unseen_groups,
            subnet: interface.subnet.as_deref(),
            vpc: interface.vpc.as_deref(),
            public: interface.public,
            families: IpFamily::BOTH.map(has),
            addresses: if apart { &interface.addresses } else { &[] },
            itself: (unknown || alone).then_some(interface.id.as_str()),
            gcp: of_google.then(|| self.gcp.class(interface)),
        }
    }
}

/// What `find` says of each interface, in their order, on all cores; asked once of those with the same key.
fn shared<'e, K: Eq + Hash, T: Send + Sync>(
    interfaces: &[&'e Interface],
    key: impl Fn(&'e Interface) -> K,
    find: impl Fn(&'e Interface) -> T + Sync,
) -> Vec<Arc<T>> {
    let mut numbers: HashMap<K, usize> = HashMap::new();
    let mut first: Vec<&'e Interface> = Vec::new();
    let classes: Vec<usize> = interfaces
        .iter()
        .map(|interface| {
            *numbers.entry(key(interface)).or_insert_with(|| {
                first.push(interface);
                first.len() - 1
            })
        })
        .collect();
    let answers: Vec<Arc<T>> = first.into_par_iter().map(|interface| Arc::new(find(interface))).collect();
    classes.into_iter().filter_map(|class| answers.get(class).cloned()).collect()
}

/// Whose platform an interface is on: that of its workload.
pub fn provider(estate: &Estate, interface: &Interface) -> Provider {
    estate.workloads.get(interface.workload).map_or(Provider::Aws, |workload| workload.provider)
}
