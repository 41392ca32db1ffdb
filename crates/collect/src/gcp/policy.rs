//! The permissions that a snapshot takes.

use super::calls::{BELOW, PARENT, PROJECT, SEARCH};
use super::run::{Options, Whose};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The least role for a snapshot with these options, in the form that `gcloud iam roles create --file` takes ("Create and
/// manage custom roles").
pub fn policy(options: &Options) -> Value {
    let (parents, scouting): (&[_], &[_]) = match options.whose {
        Whose::Projects(_) => (&[], &[]),
        Whose::Seen => (&[], &[SEARCH]),
        Whose::Below { .. } => (&PARENT, &BELOW),
    };
    let calls = PROJECT.iter().chain(parents).map(|call| call.permission);
    let permissions: BTreeSet<&str> = calls.chain(scouting.iter().copied()).collect();
    json!({
        "title": "Tidegate snapshot",
        "description": "Reads what decides where workloads may talk. Changes nothing.",
        "stage": "GA",
        "includedPermissions": permissions,
    })
}
