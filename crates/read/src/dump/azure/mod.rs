//! What the Azure CLI prints about networks (`az network nsg list`, `nsg show`, `nic list`, `vnet list`,
//! `vnet subnet list`, `vnet peering list`, `public-ip list`, `route-table list`, `nat gateway list`, `firewall list`,
//! `lb list`, `vnet-gateway list` and `list-learned-routes`, `private-endpoint list`, `list-service-tags`,
//! `manager list-effective-security-admin-rules`; `az vm list`), and the same resources in an exported ARM template, where
//! members stand below `properties`.
//!
//! Shapes as in the REST API reference (Microsoft.Network/networkSecurityGroups, networkInterfaces, virtualNetworks).
//!
//! What leaves an interface must be allowed by its group and by that of its subnet. Where there is neither, everything
//! gets out, which is said of the subnet.
//!
//! Rules are read twice: as policies that `tidegate scan` judges one by one, where a tag stands for what it is to any
//! workload (`rules`), and with both of their ends for `tidegate reach`, which knows the network around them (`security`).

mod join;
mod network;
mod records;
mod rules;
mod security;
mod spelling;
mod topology;

pub(super) use join::join;
pub(super) use records::{Record, records};

/// One of these stands in every answer that holds a record.
pub(super) const MARKS: [&str; 6] =
    ["securityRules", "ipConfigurations", "Microsoft.Network/", "systemService", "sourcePeer", "skipToken"];
