//! What the Azure CLI prints about networks (`az network nsg list`, `nsg show`, `nic list`, `vnet list`,
//! `vnet subnet list`, `public-ip list`, `route-table list`), and the same resources in an exported ARM template, where
//! members stand below `properties`.
//!
//! Shapes as in the REST API reference (Microsoft.Network/networkSecurityGroups, networkInterfaces, virtualNetworks).
//!
//! What leaves an interface must be allowed by its group and by that of its subnet. Where there is neither, everything
//! gets out, which is said of the subnet.

mod join;
mod records;
mod rules;

pub(super) use join::join;
pub(super) use records::{Record, records};

/// One of these stands in every answer that holds a record.
pub(super) const MARKS: [&str; 3] = ["securityRules", "ipConfigurations", "Microsoft.Network/"];
