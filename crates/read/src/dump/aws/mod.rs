//! Answers of the AWS CLI about networks: `describe-security-groups`, `describe-security-group-rules`,
//! `describe-managed-prefix-lists`, `get-managed-prefix-list-entries`, `describe-network-interfaces`,
//! `describe-instances`, `describe-vpcs`, `describe-subnets`, `describe-network-acls`, `describe-route-tables`,
//! `describe-nat-gateways`, `describe-internet-gateways`, `describe-egress-only-internet-gateways`,
//! `describe-vpc-peering-connections`, `describe-vpc-endpoints`, `describe-transit-gateway-attachments` and
//! `…-vpc-attachments`, `search-transit-gateway-routes`, `describe-vpc-block-public-access-options` and `…-exclusions`; and
//! `lambda list-functions`.
//!
//! Shapes as in the EC2 API reference (version 2016-11-15) and in that of Lambda, spelled as the CLI spells them.

mod acls;
mod functions;
mod groups;
mod join;
mod lists;
mod network;
mod records;
mod surroundings;
mod workloads;

pub(super) use join::join;
pub(super) use records::{Record, records};

/// One of these stands in every answer that holds a record.
pub(super) const MARKS: [&str; 20] = [
    "IpPermissions",
    "SecurityGroupRuleId",
    "PrefixListName",
    "\"Cidr\"",
    "- Cidr:",
    "NetworkInterfaceId",
    "ReservationId",
    "CidrBlockAssociationSet",
    "SubnetId",
    "NetworkAclId",
    "RouteTableId",
    "DestinationCidrBlock",
    "NatGatewayId",
    "InternetGatewayId",
    "VpcPeeringConnectionId",
    "VpcEndpointId",
    "TransitGatewayAttachmentId",
    "InternetGatewayBlockMode",
    "InternetGatewayExclusionMode",
    "FunctionArn",
];
