//! What the Azure CLI prints about networks (`az network nsg list`, `az network nsg show`, `az network nic list`), and
//! the same resources in an exported ARM template, where members stand below `properties`.
//!
//! Shapes as in the REST API reference (Microsoft.Network/networkSecurityGroups, networkInterfaces).

mod join;
mod records;
mod rules;

pub(super) use join::join;
pub(super) use records::records;

/// One of these stands in every answer that holds a record.
pub(super) const MARKS: [&str; 2] = ["securityRules", "ipConfigurations"];
