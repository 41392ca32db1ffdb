//! `tidegate snapshot`: the state of a cloud's networks, fetched read-only and written in the cloud's own JSON shapes, so
//! that a snapshot and a dump that the vendor's command line printed are read by the same code.
//!
//! - `manifest` says of every answer whether it is there, when it was taken, and if not, why not.
//! - `folder` writes files whole or not at all, however long an answer gets.
//! - `patience` says when a call is tried again, and how long to wait.
//! - `aws` asks AWS.
//!
//! Invariants:
//! - Nothing is called that could change anything: the calls are listed in one place, and the permissions that
//!   `--print-policy` prints come from that list.
//! - An answer that is not there is in the manifest, with the reason, from before the first call on: a run that ends
//!   early leaves no hole that looks like an empty answer.
//! - Credentials go into signatures and nowhere else: no message, file or log holds them.

pub mod aws;
mod folder;
pub mod manifest;
mod patience;

use manifest::Part;

/// Told what happens while a snapshot is taken. Calls come from several threads.
pub trait Watch: Send + Sync {
    /// So many more answers are to come.
    fn planned(&self, answers: usize);
    /// One of them is there, or will not come.
    fn done(&self, account: &str, region: &str, part: &Part);
    /// A call is tried again after a while.
    fn waiting(&self, region: &str, call: &str, because: &str);
}

/// A watcher that looks away.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwatched;

impl Watch for Unwatched {
    fn planned(&self, _: usize) {}
    fn done(&self, _: &str, _: &str, _: &Part) {}
    fn waiting(&self, _: &str, _: &str, _: &str) {}
}

/// The time now, RFC 3339, to the second.
fn now() -> String {
    humantime::format_rfc3339_seconds(std::time::SystemTime::now()).to_string()
}
