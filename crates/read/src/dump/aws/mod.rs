//! Answers of the AWS CLI about networks: `describe-security-groups`, `describe-security-group-rules`,
//! `describe-managed-prefix-lists`, `get-managed-prefix-list-entries`, `describe-network-interfaces`,
//! `describe-instances`, `describe-vpcs`, `describe-subnets`.
//!
//! Shapes as in the EC2 API reference (version 2016-11-15), spelled as the CLI spells them.

mod groups;
mod join;
mod lists;
mod records;
mod workloads;

pub(super) use join::join;
pub(super) use records::records;

/// One of these stands in every answer that holds a record.
pub(super) const MARKS: [&str; 9] = [
    "IpPermissions",
    "SecurityGroupRuleId",
    "PrefixListName",
    "\"Cidr\"",
    "- Cidr:",
    "NetworkInterfaceId",
    "ReservationId",
    "CidrBlockAssociationSet",
    "SubnetArn",
];
