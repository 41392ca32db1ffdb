//! `tidegate snapshot`: the state of a cloud's networks, fetched read-only and written in the cloud's own JSON shapes, so
//! that a snapshot and a dump that the vendor's command line printed are read by the same code.
//!
//! What all clouds have in common:
//! - `manifest` says of every answer whether it is there, when it was taken, and if not, why not.
//! - `folder` writes files whole or not at all, however long an answer gets.
//! - `web` makes connections, `fault` says what can go wrong with them.
//! - `keys` holds credentials until they run out; `asking` asks one thing with them, again and again if need be; `patience`
//!   says when, and how long to wait.
//! - `seat` asks an account for everything, call by call; `run` goes through all accounts.
//!
//! What each has by itself: how to sign in, which accounts there are, what is asked and how an answer comes in pages.
//! - `aws` asks AWS; `azure` asks Azure; `gcp` asks Google Cloud.
//!
//! And what the two share that speak REST with bearer tokens: `tokens` finds these and `jwt` signs some, `origin` says who
//! gets them, `rest` asks with them.
//!
//! Invariants:
//! - Nothing is called that could change anything: the calls are listed in one place, and the permissions that
//!   `--print-policy` prints come from that list.
//! - An answer that is not there is in the manifest, with the reason, from before the first call on: a run that ends
//!   early leaves no hole that looks like an empty answer.
//! - Credentials go into signatures and nowhere else: no message, file or log holds them.

mod asking;
pub mod aws;
pub mod azure;
mod fault;
mod folder;
pub mod gcp;
mod jwt;
mod keys;
pub mod manifest;
mod origin;
mod patience;
mod rest;
mod run;
mod seat;
mod tokens;
mod web;

pub use run::{Outcome, Taking};

use manifest::Part;

/// Told what happens while a snapshot is taken. Calls come from several threads.
pub trait Watch: Send + Sync {
    /// So many more answers are to come.
    fn planned(&self, answers: usize);
    /// One of them is there, or will not come.
    fn done(&self, place: &str, part: &Part);
    /// A call is tried again after a while.
    fn waiting(&self, place: &str, call: &str, because: &str);
}

/// A watcher that looks away.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwatched;

impl Watch for Unwatched {
    fn planned(&self, _: usize) {}
    fn done(&self, _: &str, _: &Part) {}
    fn waiting(&self, _: &str, _: &str, _: &str) {}
}

/// The time now, RFC 3339, to the second.
fn now() -> String {
    humantime::format_rfc3339_seconds(std::time::SystemTime::now()).to_string()
}
