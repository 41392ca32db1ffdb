//! Azure: every subscription that the credentials see.
//!
//! - `calls` lists what is asked, and what for each thing that an answer names.
//! - `sovereign` knows the addresses of Azure's clouds; `signin` finds credentials, `certificate` makes use of one kind.
//! - `complaint` says what the service's errors mean.
//! - `seat` takes a subscription, page by page; `run` finds subscriptions.
//! - `policy` prints the permissions that all this takes.
//!
//! The vendor's own library for credentials (`azure_identity` 1.0) is not used: it brings a second stack for HTTP with its
//! own tries, starts the Azure CLI through a shell, has no chain that goes through all of this, and takes certificates only
//! with OpenSSL. What is needed of it is small: `signin` follows its order and its variables.

mod calls;
mod certificate;
mod complaint;
mod policy;
mod run;
mod seat;
mod signin;
mod sovereign;

pub use policy::policy;
pub use run::{Options, snapshot};
