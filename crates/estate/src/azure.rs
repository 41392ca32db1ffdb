//! What is around workloads in Azure: virtual networks, subnets, security groups, routes and ways out.
//! (REST API reference, Microsoft.Network.)
//!
//! Azure compares ids without case. Here every id is spelled as the resource that has it spells it, so that equal ids are
//! equal texts.

use crate::{Direction, IpFamily, IpNet, Place, ProtocolMatch};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// The network of an estate of Azure, by resource id. Its interfaces are in [`crate::Network::interfaces`], as those of all
/// clouds; what only Azure knows of one is its [`Card`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Network {
    /// Virtual networks.
    pub networks: BTreeMap<String, VirtualNetwork>,
    /// Subnets.
    pub subnets: BTreeMap<String, Subnet>,
    /// Network security groups, with their rules as they are written.
    pub groups: BTreeMap<String, SecurityGroup>,
    /// Route tables.
    pub tables: BTreeMap<String, RouteTable>,
    /// NAT gateways.
    pub nats: BTreeMap<String, NatGateway>,
    /// Azure Firewalls.
    pub firewalls: BTreeMap<String, Firewall>,
    /// Load balancers.
    pub balancers: BTreeMap<String, LoadBalancer>,
    /// Virtual network gateways.
    pub gateways: BTreeMap<String, Gateway>,
    /// What only Azure knows of an interface, by the interface's id.
    pub cards: BTreeMap<String, Card>,
    /// Virtual machines, with whether a scale set made them.
    pub machines: BTreeMap<String, Machine>,
    /// Service tags in lower case, with the blocks that the vendor lists for them.
    pub tags: BTreeMap<String, Vec<IpNet>>,
    /// Security admin rules that are in force in a virtual network; none is known of networks that are not here.
    pub admin: BTreeMap<String, Vec<SecurityRule>>,
}

/// Answers of the Azure CLI that a question may wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    /// Interfaces.
    Interfaces,
    /// Network security groups.
    Groups,
    /// Virtual networks with their subnets and peerings.
    Networks,
    /// Whether a subnet gives default outbound access.
    DefaultOutbound,
    /// Route tables.
    RouteTables,
    /// NAT gateways.
    NatGateways,
    /// Load balancers.
    LoadBalancers,
    /// Virtual network gateways.
    Gateways,
    /// Routes that a virtual network gateway learned.
    LearnedRoutes,
    /// All routes that count for an interface.
    EffectiveRoutes,
    /// All rules that count for an interface, with the blocks that tags stand for there.
    EffectiveGroups,
    /// Blocks behind service tags.
    ServiceTags,
    /// Security admin rules.
    AdminRules,
    /// Virtual machines.
    Machines,
}

impl Answer {
    /// The command of the Azure CLI that gives it.
    pub fn command(self) -> &'static str {
        match self {
            Answer::Interfaces => "az network nic list",
            Answer::Groups => "az network nsg list",
            Answer::Networks => "az network vnet list",
            Answer::DefaultOutbound => "az network vnet subnet show",
            Answer::RouteTables => "az network route-table list",
            Answer::NatGateways => "az network nat gateway list",
            Answer::LoadBalancers => "az network lb list",
            Answer::Gateways => "az network vnet-gateway list",
            Answer::LearnedRoutes => "az network vnet-gateway list-learned-routes",
            Answer::EffectiveRoutes => "az network nic show-effective-route-table",
            Answer::EffectiveGroups => "az network nic list-effective-nsg",
            Answer::ServiceTags => "az network list-service-tags",
            Answer::AdminRules => "az network manager list-effective-security-admin-rules",
            Answer::Machines => "az vm list",
        }
    }
}

/// A virtual network.
#[derive(Debug, Clone, PartialEq)]
pub struct VirtualNetwork {
    /// Its address space, of both families.
    pub blocks: Vec<IpNet>,
    /// Its peerings.
    pub peerings: Vec<Peering>,
    /// Where it is described.
    pub place: Place,
}

/// A peering, as the virtual network that has it describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Peering {
    /// Its id.
    pub id: String,
    /// The other virtual network.
    pub remote: Option<String>,
    /// The other one's address space, as the peering knows it.
    pub blocks: Vec<IpNet>,
    /// Whether it works (`Connected`).
    pub connected: bool,
    /// Whether the tag VirtualNetwork stands for the other network, too (`allowVirtualNetworkAccess`).
    pub access: bool,
    /// Whether packets pass that another network sent (`allowForwardedTraffic`).
    pub forwarded: bool,
    /// Whether the other network's gateway is used (`useRemoteGateways`).
    pub remote_gateway: bool,
    /// Whether it joins the networks as a whole, and not some of their subnets.
    pub complete: bool,
}

/// A subnet.
#[derive(Debug, Clone, PartialEq)]
pub struct Subnet {
    /// Its virtual network.
    pub network: String,
    /// Its blocks, of both families.
    pub blocks: Vec<IpNet>,
    /// Its network security group.
    pub group: Option<String>,
    /// Its route table.
    pub table: Option<String>,
    /// Its NAT gateway.
    pub nat: Option<String>,
    /// Services that it has an endpoint for (`Microsoft.Storage`).
    pub services: Vec<String>,
    /// Whether machines without another way out have one (`defaultOutboundAccess`); where it is left out, that depends on
    /// when and by which API the network was made.
    pub default_outbound: Option<bool>,
    /// Whether network security groups count for private endpoints in it.
    pub groups_for_endpoints: bool,
    /// Whether route tables of senders count for private endpoints in it.
    pub routes_for_endpoints: bool,
    /// Interfaces that its own answer says are in it, by id. Some are in no list of interfaces: those of machines of a uniform
    /// scale set.
    pub interfaces: BTreeSet<String>,
    /// Where it is described.
    pub place: Place,
}

/// A network security group.
#[derive(Debug, Clone, PartialEq)]
pub struct SecurityGroup {
    /// Its rules, in the order in which they are written.
    pub rules: Vec<SecurityRule>,
    /// Interfaces that its own answer says it guards, by id; see [`Subnet::interfaces`].
    pub interfaces: BTreeSet<String>,
    /// Where it is described.
    pub place: Place,
}

/// What a rule does with packets that match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Lets them through; a security admin rule leaves them to the network security groups.
    Allow,
    /// Stops them.
    Deny,
    /// Lets them through, whatever network security groups say. Only security admin rules can.
    AlwaysAllow,
}

/// A security rule, with both of its ends.
#[derive(Debug, Clone, PartialEq)]
pub struct SecurityRule {
    /// Its name.
    pub name: String,
    /// Which way.
    pub direction: Direction,
    /// What it does.
    pub verdict: Verdict,
    /// Its number; the lowest goes first.
    pub priority: u32,
    /// Protocols.
    pub protocol: ProtocolMatch,
    /// Where packets come from.
    pub sources: Vec<End>,
    /// Source ports, as ranges.
    pub source_ports: Vec<(u16, u16)>,
    /// Where packets go.
    pub destinations: Vec<End>,
    /// Destination ports, as ranges.
    pub ports: Vec<(u16, u16)>,
    /// Why nobody can know what it matches beyond what is here, or what it does.
    pub unclear: Option<String>,
    /// Where it is written.
    pub place: Place,
}

/// One end of a security rule.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum End {
    /// Every address.
    Any,
    /// A block.
    Block(IpNet),
    /// A service tag, in lower case.
    Tag(String),
    /// An application security group, by id.
    Group(String),
    /// Something that is not understood.
    Unclear(String),
}

/// A route table. What Azure itself adds to it is not written in it.
#[derive(Debug, Clone, PartialEq)]
pub struct RouteTable {
    /// Its routes.
    pub routes: Vec<Route>,
    /// Whether routes of virtual network gateways reach the subnets that have it.
    pub propagates: bool,
    /// Where it is described.
    pub place: Place,
}

/// A route that somebody wrote.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// Its name.
    pub name: String,
    /// What it matches: a block or a service tag.
    pub to: End,
    /// Where it leads.
    pub hop: NextHop,
    /// Where it is written.
    pub place: Place,
}

/// Where a route leads.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum NextHop {
    /// The virtual network itself.
    Local,
    /// The Internet.
    Internet,
    /// A machine that forwards, or a firewall, by its address.
    Appliance(IpAddr),
    /// The virtual network gateway.
    Gateway,
    /// Nowhere.
    Nowhere,
    /// Something that is not understood.
    Unclear(String),
}

/// A NAT gateway, and which families it has public addresses of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NatGateway {
    /// IPv4.
    pub v4: bool,
    /// IPv6.
    pub v6: bool,
}

/// An Azure Firewall in a virtual network.
#[derive(Debug, Clone, PartialEq)]
pub struct Firewall {
    /// Its subnet.
    pub subnet: Option<String>,
    /// Its private addresses.
    pub addresses: Vec<IpAddr>,
    /// Whether it has a public address.
    pub public: bool,
}

/// A load balancer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LoadBalancer {
    /// Whether it is one of the SKU Standard (or Gateway), which takes no part in default outbound access.
    pub standard: bool,
    /// Private addresses of its frontends, with their subnets.
    pub private: Vec<(IpAddr, Option<String>)>,
    /// Its backend pools, by id, with the ids of the interfaces in them.
    pub pools: BTreeMap<String, BTreeSet<String>>,
    /// What its public frontends send for members of a pool.
    pub outbound: Vec<Outbound>,
}

/// What a load balancer sends on behalf of members of a pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outbound {
    /// The pool.
    pub pool: String,
    /// The family of the frontend.
    pub family: IpFamily,
    /// TCP.
    pub tcp: bool,
    /// UDP.
    pub udp: bool,
}

/// A virtual network gateway.
#[derive(Debug, Clone, PartialEq)]
pub struct Gateway {
    /// The virtual network that it stands in.
    pub network: Option<String>,
    /// Routes that it learned, where an answer shows them.
    pub learned: Option<Vec<IpNet>>,
}

/// What only Azure knows of an interface.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Card {
    /// Its own network security group. Beside it, that of the subnet must let a packet through, too.
    pub group: Option<String>,
    /// The virtual machine that has it.
    pub machine: Option<String>,
    /// The private endpoint whose it is. Such an interface opens no connections.
    pub endpoint: Option<String>,
    /// Its configurations: one address each.
    pub configurations: Vec<Configuration>,
}

/// One address of an interface, with what goes with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Configuration {
    /// Its private address, where known.
    pub address: Option<IpAddr>,
    /// The family of its address.
    pub family: IpFamily,
    /// Whether it is the interface's first one.
    pub primary: bool,
    /// The public address that is associated with it, by id.
    pub public: Option<String>,
    /// Application security groups, by id.
    pub groups: BTreeSet<String>,
    /// Backend pools of load balancers, by id.
    pub pools: BTreeSet<String>,
}

/// A virtual machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Machine {
    /// Whether a scale set made it.
    pub of_scale_set: bool,
}
