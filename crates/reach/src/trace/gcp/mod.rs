//! One packet through one estate of Google Cloud. Nothing here is shared with the sets of `path`.

mod firewall;
mod gateway;
mod walk;

pub(super) use walk::{deliver, trace};

use std::net::IpAddr;
use tidegate_estate::IpNet;
use tidegate_space::IpFamily;

/// The last part of an id, which is what people call the thing.
fn short(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

/// Whether two blocks are of one family.
fn same_family(block: &IpNet, address: IpAddr) -> bool {
    IpFamily::of(block.addr()) == IpFamily::of(address)
}
