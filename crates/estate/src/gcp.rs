//! What is around workloads of Google Cloud: networks, subnets, routes, Cloud NAT, firewall policies.
//! (Compute Engine API reference, v1; VPC documentation.)
//!
//! Ids are the part of a resource's URL that begins with its project (`projects/acme/global/networks/default`).

use crate::{Answer, Direction, Guard, IpNet, Place, Rule};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// What an input shows of networks of Google Cloud.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Network {
    /// Networks, by id: also those that something else names and no answer shows.
    pub networks: BTreeMap<String, Vpc>,
    /// Subnets, by id.
    pub subnets: BTreeMap<String, Subnet>,
    /// Firewall policies, by id.
    pub policies: BTreeMap<String, FirewallPolicy>,
    /// What the interfaces of machines have beyond what interfaces of every cloud have, by the interface's id.
    pub nics: BTreeMap<String, Nic>,
    /// Addresses of Google, where both lists that Google publishes are among the files.
    pub google: Option<GoogleRanges>,
}

/// Addresses of Google. (VPC documentation, "IP address ranges for default domains".)
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GoogleRanges {
    /// All of them (`goog.json`).
    pub all: Vec<IpNet>,
    /// Those that customers have (`cloud.json`): the rest is that of Google's own services.
    pub customers: Vec<IpNet>,
}

/// A network.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Vpc {
    /// The blocks of its subnets, secondary ranges included.
    pub local: Vec<IpNet>,
    /// Whether those are all.
    pub local_known: bool,
    /// Routes behind those of subnets: static ones, dynamic ones, and those that a peering imports. `None` where no
    /// answer shows them.
    pub routes: Option<Vec<Route>>,
    /// Answers without which routes may be missing from those, and about what.
    pub unseen_routes: Vec<(Answer, String)>,
    /// Policy-based routes, which go before all others; `None` where no answer shows them.
    pub policy_routes: Option<Vec<PolicyRoute>>,
    /// Cloud NAT; `None` where no answer shows the routers.
    pub nats: Option<Vec<Nat>>,
    /// Peerings; `None` where no answer shows the network itself.
    pub peerings: Option<Vec<Peering>>,
    /// VPC firewall rules; `None` where no answer shows them.
    pub rules: Option<Vec<FirewallRule>>,
    /// The hierarchical firewall policies that its project is under, the organization's first, by id in
    /// [`Network::policies`]; `None` where no answer shows them.
    pub hierarchy: Option<Vec<String>>,
    /// The global network firewall policy.
    pub global: Attached,
    /// Network firewall policies by region.
    pub regional: BTreeMap<String, Attached>,
    /// The same in all regions that are not among those.
    pub other_regions: Attached,
    /// Policies of Google's own services by region, by id in [`Network::policies`], as far as an answer shows them.
    pub system: BTreeMap<String, Vec<String>>,
    /// Whether network firewall policies are asked before VPC firewall rules; `None` where no answer shows the network.
    pub policies_first: Option<bool>,
}

/// A firewall policy that may be attached to a network.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Attached {
    /// No answer says whether there is one.
    #[default]
    Unseen,
    /// There is none.
    Nothing,
    /// There is this one, by id in [`Network::policies`].
    Policy(String),
}

/// A subnet.
#[derive(Debug, Clone, PartialEq)]
pub struct Subnet {
    /// The network.
    pub network: String,
    /// The region.
    pub region: Option<String>,
    /// Its own blocks, of both families.
    pub primary: Vec<IpNet>,
    /// Its secondary ranges, by name.
    pub secondary: Vec<(String, IpNet)>,
    /// Whether Private Google Access is on.
    pub private_access: bool,
    /// Where it is described.
    pub place: Place,
}

/// A route.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// Its name.
    pub name: String,
    /// What it matches; `None` where that cannot be read.
    pub to: Option<IpNet>,
    /// Among routes to the same block the lowest goes first.
    pub priority: u32,
    /// Network tags: it is for machines with one of them; for all where there are none.
    pub tags: BTreeSet<String>,
    /// Where it leads.
    pub hop: NextHop,
    /// The peering that imports it.
    pub via: Option<String>,
    /// Where it is described.
    pub place: Place,
}

/// Where a route leads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NextHop {
    /// The default Internet gateway.
    Gateway,
    /// A machine, by id.
    Instance(String),
    /// Whoever has this address: a machine, or an internal load balancer.
    Address(IpAddr),
    /// An internal load balancer.
    Balancer(String),
    /// A tunnel of Cloud VPN.
    Tunnel(String),
    /// A peering, where the route is one that it imports and no more is known.
    Peering(String),
    /// Something else: an attachment of Cloud Interconnect, a hub of Network Connectivity Center.
    Other(String),
}

/// A policy-based route.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyRoute {
    /// Its name.
    pub name: String,
    /// Where packets come from.
    pub from: IpNet,
    /// Where they go.
    pub to: IpNet,
    /// Their protocol; all where it names none.
    pub protocol: Option<u8>,
    /// Network tags, as in [`Route::tags`].
    pub tags: BTreeSet<String>,
    /// Where it is described.
    pub place: Place,
}

/// A gateway of Cloud NAT.
#[derive(Debug, Clone, PartialEq)]
pub struct Nat {
    /// Its router and its name.
    pub id: String,
    /// The region.
    pub region: Option<String>,
    /// Whose packets it translates.
    pub ranges: NatRanges,
    /// Where it is described.
    pub place: Place,
}

/// Whose packets Cloud NAT translates.
#[derive(Debug, Clone, PartialEq)]
pub enum NatRanges {
    /// Those of all ranges of all subnets of the region.
    All,
    /// Those of the primary ranges of all subnets of the region.
    Primary,
    /// Those of some subnets, by id.
    Listed(BTreeMap<String, NatPart>),
}

/// Which ranges of a subnet Cloud NAT translates.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NatPart {
    /// The primary one.
    pub primary: bool,
    /// All secondary ones.
    pub secondary: bool,
    /// Secondary ones by name.
    pub named: BTreeSet<String>,
}

/// A peering: it joins two networks and nothing beyond them, but for routes that both ends agree to share.
#[derive(Debug, Clone, PartialEq)]
pub struct Peering {
    /// Its name.
    pub name: String,
    /// The other network, by id.
    pub network: String,
    /// Whether it works.
    pub active: bool,
    /// Blocks of the other network's subnets that are reached; `None` where no answer shows them.
    pub blocks: Option<Vec<IpNet>>,
    /// Whether the other network's subnets with public addresses are reached, too.
    pub public: bool,
    /// Where it is described.
    pub place: Place,
}

/// A firewall policy: hierarchical, of a network, or of a network's region.
#[derive(Debug, Clone, PartialEq)]
pub struct FirewallPolicy {
    /// What people call it.
    pub name: String,
    /// Its rules; `None` where no answer shows them.
    pub rules: Option<Vec<FirewallRule>>,
}

/// A rule, of a firewall policy or of a network itself.
#[derive(Debug, Clone, PartialEq)]
pub struct FirewallRule {
    /// What people call it.
    pub name: String,
    /// The lowest goes first; `None` where it cannot be read.
    pub priority: Option<u32>,
    /// Which way.
    pub direction: Direction,
    /// What it does.
    pub action: RuleAction,
    /// Which machines it is for.
    pub targets: Targets,
    /// Which of a machine's own addresses it is for; all where it names none.
    pub own: Option<Vec<IpNet>>,
    /// What it matches, multiplied out: other ends by protocols by ports. What [`Rule`] says besides does not count.
    pub matches: Vec<Rule>,
    /// Worlds in which it is there.
    pub guard: Guard,
    /// Where it is written.
    pub place: Place,
}

/// What a rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RuleAction {
    /// Lets the packet through.
    Allow,
    /// Stops it.
    Deny,
    /// Leaves it to the next level (`goto_next`).
    Next,
    /// Has it looked into, and perhaps stopped (`apply_security_profile_group`).
    Inspect,
}

/// Which machines a rule is for; all where nothing is named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Targets {
    /// Network tags.
    pub tags: BTreeSet<String>,
    /// Service accounts.
    pub accounts: BTreeSet<String>,
    /// Networks, by id (`targetResources`).
    pub networks: BTreeSet<String>,
    /// Secure tags: who has them no answer about machines shows.
    pub secure_tags: BTreeSet<String>,
}

/// An interface of a machine.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Nic {
    /// The machine, by id.
    pub instance: String,
    /// The region.
    pub region: Option<String>,
    /// The machine's network tags.
    pub tags: BTreeSet<String>,
    /// The machine's service accounts.
    pub accounts: BTreeSet<String>,
    /// Alias ranges, each with the name of the subnet's secondary range that it is of; `None` for the primary one.
    pub alias: Vec<(Option<String>, IpNet)>,
    /// Whether its IPv6 address is an external one.
    pub external_v6: bool,
}
