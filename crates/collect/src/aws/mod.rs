//! AWS: every account and region that the credentials reach.
//!
//! - `table` is generated from the vendor's service models: how a call is spelled and what its answer is made of.
//! - `calls` lists what is asked, and what for each thing that an answer names.
//! - `endpoint` and `client` take one call to the service: addresses, signatures, faults.
//! - `wire` turns an answer into what the AWS CLI prints.
//! - `seat` takes an account's region, `accounts` finds accounts and regions, `run` looks into all of them.
//! - `policy` prints the permissions that all this takes.
//!
//! The SDK's own EC2 crate is not used: its types cannot be written as JSON, and it takes minutes to build.

mod accounts;
mod calls;
mod client;
mod endpoint;
mod policy;
mod run;
mod seat;
mod table;
mod wire;

pub use policy::policy;
pub use run::{Options, Whose, snapshot};
pub use wire::{Garbled, read};
