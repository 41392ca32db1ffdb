//! What is around workloads: networks, subnets, routes and gateways of AWS.
//! (EC2 API reference, version 2016-11-15; VPC user guide.)

use crate::{IpNet, Place};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// The network of an estate: what its input shows of it, by cloud id.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Network {
    /// VPCs (`vpc-…`).
    pub vpcs: BTreeMap<String, Vpc>,
    /// Subnets (`subnet-…`).
    pub subnets: BTreeMap<String, Subnet>,
    /// Network ACLs (`acl-…`): which policy, and which subnets have it.
    pub acls: BTreeMap<String, AclUse>,
    /// Route tables (`rtb-…`).
    pub tables: BTreeMap<String, RouteTable>,
    /// NAT gateways (`nat-…`).
    pub nats: BTreeMap<String, Nat>,
    /// Internet gateways (`igw-…`) and egress-only ones (`eigw-…`), with the VPCs that they are attached to.
    pub gateways: BTreeMap<String, BTreeSet<String>>,
    /// Peerings (`pcx-…`).
    pub peerings: BTreeMap<String, Peering>,
    /// Endpoints (`vpce-…`).
    pub endpoints: BTreeMap<String, Endpoint>,
    /// Attachments of transit gateways (`tgw-attach-…`).
    pub attachments: BTreeMap<String, Attachment>,
    /// Route tables of transit gateways (`tgw-rtb-…`).
    pub transit_tables: BTreeMap<String, TransitTable>,
    /// Prefix lists that AWS keeps (`pl-…`), with their blocks where an answer shows them.
    pub managed_lists: BTreeMap<String, ManagedList>,
    /// Block Public Access, by account and region; `None` where the answer names none.
    pub public_access: BTreeMap<(Option<String>, Option<String>), PublicAccess>,
    /// Exclusions from Block Public Access, by VPC or subnet.
    pub exclusions: BTreeMap<String, Exclusion>,
    /// Interfaces of every cloud (`eni-…`, the resource id of an interface of Azure). Whose one is says the provider of its
    /// workload.
    pub interfaces: Vec<Interface>,
}

/// Answers that a question may wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    /// `describe-security-groups`.
    Groups,
    /// `describe-network-interfaces`.
    Interfaces,
    /// `describe-vpcs`.
    Vpcs,
    /// `describe-subnets`.
    Subnets,
    /// `describe-route-tables`.
    RouteTables,
    /// `describe-network-acls`.
    NetworkAcls,
    /// `describe-nat-gateways`.
    NatGateways,
    /// `describe-vpc-peering-connections`.
    Peerings,
    /// `describe-vpc-endpoints`.
    Endpoints,
    /// `describe-transit-gateway-attachments`.
    TransitAttachments,
    /// `search-transit-gateway-routes`.
    TransitRoutes,
    /// `get-managed-prefix-list-entries`.
    PrefixListEntries,
    /// `describe-vpc-block-public-access-options`.
    BlockPublicAccess,
    /// One of Azure.
    Azure(crate::azure::Answer),
    /// Something of which no answer is known (firewall policies, virtual private gateways).
    Beyond,
    /// Google Cloud: `networks list`.
    GcpNetworks,
    /// Google Cloud: `networks subnets list`.
    GcpSubnets,
    /// Google Cloud: `instances list`.
    GcpInstances,
    /// Google Cloud: `firewall-rules list`.
    GcpFirewallRules,
    /// Google Cloud: `networks get-effective-firewalls`.
    GcpEffective,
    /// Google Cloud: `network-firewall-policies get-effective-firewalls`.
    GcpEffectiveInRegion,
    /// Google Cloud: `network-firewall-policies describe`.
    GcpPolicy,
    /// Google Cloud: `routes list`.
    GcpRoutes,
    /// Google Cloud: `routers list`.
    GcpRouters,
    /// Google Cloud: `routers get-status`.
    GcpRouterStatus,
    /// Google Cloud: `networks peerings list-routes`.
    GcpPeeringRoutes,
    /// Google Cloud: `policy-based-routes list`.
    GcpPolicyRoutes,
    /// Google Cloud: the addresses of Google's own services.
    GcpRanges,
    /// Google Cloud: who has a secure tag.
    GcpSecureTags,
    /// Kubernetes: pods, of all namespaces.
    KubernetesPods,
    /// Kubernetes: network policies, of all namespaces.
    KubernetesPolicies,
    /// Kubernetes: namespaces.
    KubernetesNamespaces,
}

impl Answer {
    /// The command of the cloud's own CLI that gives it; `None` where there is no single one.
    pub fn command(self) -> Option<&'static str> {
        Some(match self {
            Answer::Groups => "aws ec2 describe-security-groups",
            Answer::Interfaces => "aws ec2 describe-network-interfaces",
            Answer::Vpcs => "aws ec2 describe-vpcs",
            Answer::Subnets => "aws ec2 describe-subnets",
            Answer::RouteTables => "aws ec2 describe-route-tables",
            Answer::NetworkAcls => "aws ec2 describe-network-acls",
            Answer::NatGateways => "aws ec2 describe-nat-gateways",
            Answer::Peerings => "aws ec2 describe-vpc-peering-connections",
            Answer::Endpoints => "aws ec2 describe-vpc-endpoints",
            Answer::TransitAttachments => "aws ec2 describe-transit-gateway-attachments",
            Answer::TransitRoutes => "aws ec2 search-transit-gateway-routes",
            Answer::PrefixListEntries => "aws ec2 get-managed-prefix-list-entries",
            Answer::BlockPublicAccess => "aws ec2 describe-vpc-block-public-access-options",
            Answer::Azure(answer) => answer.command(),
            Answer::Beyond => return None,
            Answer::GcpNetworks => "gcloud compute networks list",
            Answer::GcpSubnets => "gcloud compute networks subnets list",
            Answer::GcpInstances => "gcloud compute instances list",
            Answer::GcpFirewallRules => "gcloud compute firewall-rules list",
            Answer::GcpEffective => "gcloud compute networks get-effective-firewalls",
            Answer::GcpEffectiveInRegion => {
                "gcloud compute network-firewall-policies get-effective-firewalls"
            }
            Answer::GcpPolicy => "gcloud compute network-firewall-policies describe",
            Answer::GcpRoutes => "gcloud compute routes list",
            Answer::GcpRouters => "gcloud compute routers list",
            Answer::GcpRouterStatus => "gcloud compute routers get-status",
            Answer::GcpPeeringRoutes => "gcloud compute networks peerings list-routes",
            Answer::GcpPolicyRoutes => "gcloud network-connectivity policy-based-routes list",
            Answer::GcpRanges => "curl https://www.gstatic.com/ipranges/goog.json and …/cloud.json",
            Answer::GcpSecureTags => "gcloud resource-manager tags bindings list",
            Answer::KubernetesPods => "kubectl get pods --all-namespaces",
            Answer::KubernetesPolicies => "kubectl get networkpolicies --all-namespaces",
            Answer::KubernetesNamespaces => "kubectl get namespaces",
        })
    }
}

/// A VPC.
#[derive(Debug, Clone, PartialEq)]
pub struct Vpc {
    /// Its blocks, of both families.
    pub blocks: Vec<IpNet>,
    /// Account id, where known.
    pub account: Option<String>,
    /// Region, where known.
    pub region: Option<String>,
    /// Where it is described.
    pub place: Place,
}

/// A subnet.
#[derive(Debug, Clone, PartialEq)]
pub struct Subnet {
    /// The VPC.
    pub vpc: Option<String>,
    /// Its blocks, of both families.
    pub blocks: Vec<IpNet>,
    /// Where it is described.
    pub place: Place,
}

/// Who has a network ACL.
#[derive(Debug, Clone, PartialEq)]
pub struct AclUse {
    /// Its policy, by index in [`crate::Estate::policies`].
    pub policy: usize,
    /// The VPC.
    pub vpc: Option<String>,
    /// Whether subnets without another one have it.
    pub default: bool,
    /// Subnets that have it.
    pub subnets: BTreeSet<String>,
}

/// A route table.
#[derive(Debug, Clone, PartialEq)]
pub struct RouteTable {
    /// The VPC.
    pub vpc: Option<String>,
    /// Whether subnets without another one use it.
    pub main: bool,
    /// Subnets that use it.
    pub subnets: BTreeSet<String>,
    /// Its routes.
    pub routes: Vec<Route>,
    /// Where it is described.
    pub place: Place,
}

/// A route.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// Where packets go that take it.
    pub to: RouteTo,
    /// The next hop.
    pub target: Target,
    /// Whether the target is gone: what matches is dropped.
    pub blackhole: bool,
    /// Where it is described.
    pub place: Place,
}

/// What a route matches.
#[derive(Debug, Clone, PartialEq)]
pub enum RouteTo {
    /// A block.
    Block(IpNet),
    /// A prefix list, by id; see [`crate::Estate::prefix_lists`] and [`Network::managed_lists`].
    List(String),
    /// Something that is not understood.
    Unclear(String),
}

/// Where a route leads. The text is the target's id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Target {
    /// The VPC itself.
    Local,
    /// An Internet gateway.
    Internet(String),
    /// A NAT gateway.
    Nat(String),
    /// An egress-only Internet gateway.
    EgressOnly(String),
    /// A virtual private gateway.
    PrivateGateway(String),
    /// A transit gateway.
    Transit(String),
    /// A peering.
    Peering(String),
    /// A gateway endpoint, or one of a gateway load balancer.
    Endpoint(String),
    /// An interface, of a machine that forwards.
    Interface(String),
    /// Something else: a local gateway, a carrier gateway, a core network.
    Other(String),
}

/// A NAT gateway.
#[derive(Debug, Clone, PartialEq)]
pub struct Nat {
    /// The subnet that it stands in; `None` for a regional one.
    pub subnet: Option<String>,
    /// The VPC.
    pub vpc: Option<String>,
    /// Whether it has a public address.
    pub public: bool,
    /// Its own addresses.
    pub addresses: Vec<IpAddr>,
    /// Whether it works (`available`).
    pub available: bool,
}

/// A peering. It joins two VPCs and nothing beyond them.
#[derive(Debug, Clone, PartialEq)]
pub struct Peering {
    /// The two VPCs.
    pub ends: [PeeringEnd; 2],
    /// Whether it works.
    pub active: bool,
}

/// One end of a peering.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PeeringEnd {
    /// The VPC.
    pub vpc: Option<String>,
    /// Its blocks, as the peering knows them.
    pub blocks: Vec<IpNet>,
}

/// An endpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct Endpoint {
    /// What kind it is.
    pub kind: EndpointKind,
    /// The service (`com.amazonaws.eu-west-1.s3`).
    pub service: String,
    /// The VPC.
    pub vpc: Option<String>,
    /// Its subnets.
    pub subnets: Vec<String>,
    /// Whether it works.
    pub available: bool,
}

/// What kind of endpoint it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EndpointKind {
    /// By routes: S3 and DynamoDB.
    Gateway,
    /// By interfaces of its own.
    Interface,
    /// To a gateway load balancer, or a firewall: what enters is inspected.
    Inspecting,
}

/// What is attached to a transit gateway.
#[derive(Debug, Clone, PartialEq)]
pub struct Attachment {
    /// The transit gateway.
    pub gateway: String,
    /// The VPC; `None` for a VPN, a direct connection or another gateway.
    pub vpc: Option<String>,
    /// The subnets that it stands in, where an answer says so.
    pub subnets: Vec<String>,
    /// The table that packets from it are looked up in.
    pub table: Option<String>,
    /// Whether it works.
    pub available: bool,
}

/// A route table of a transit gateway.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TransitTable {
    /// Its routes; the attachments are ids in [`Network::attachments`], none for a blackhole.
    pub routes: Vec<(IpNet, Vec<String>)>,
}

/// A prefix list that AWS keeps.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ManagedList {
    /// Its name (`com.amazonaws.eu-west-1.s3`).
    pub name: Option<String>,
    /// Its blocks, where an answer shows them.
    pub blocks: Option<Vec<IpNet>>,
}

/// What Block Public Access stops. (VPC user guide, "Block public access to VPCs and subnets".)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PublicAccess {
    /// Nothing.
    Open,
    /// What comes in, and what leaves other than by a NAT gateway or an egress-only gateway.
    NoIngress,
    /// Everything.
    Closed,
}

/// What an exclusion lets through again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Exclusion {
    /// Both directions.
    Both,
    /// What leaves by a NAT gateway or an egress-only gateway.
    Egress,
}

/// A network interface.
#[derive(Debug, Clone, PartialEq)]
pub struct Interface {
    /// Its id.
    pub id: String,
    /// The workload that has it, by index in [`crate::Estate::workloads`].
    pub workload: usize,
    /// The subnet.
    pub subnet: Option<String>,
    /// The VPC, or the virtual network.
    pub vpc: Option<String>,
    /// Its groups, by index in [`crate::Estate::policies`], sorted. In AWS they add up. In Google Cloud it is the one view of
    /// its network's rules that counts for it. In Azure what guards an interface must let a packet through gate by gate, and
    /// stands in [`crate::azure::Card`] and [`crate::azure::Subnet`]: none is here.
    pub groups: Vec<usize>,
    /// Ids of groups that the input does not show.
    pub unseen_groups: Vec<String>,
    /// Its private addresses, of both families.
    pub addresses: Vec<IpAddr>,
    /// Whether a public address (in AWS: an IPv4 one) is associated with it.
    pub public: bool,
    /// Whether it may send and take what is not its own (the source and destination check is off; IP forwarding is on).
    pub forwards: bool,
    /// What of the platform's own stands behind it, as the platform calls that (AWS's `InterfaceType`: `nat_gateway`,
    /// `vpc_endpoint`, `lambda` …); nothing for an ordinary one.
    pub service: Option<String>,
    /// Where it is described.
    pub place: Place,
}
