//! The permissions that a snapshot takes.

use super::calls::{CALLS, SCOUTING};
use super::run::Options;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The least role for a snapshot with these options, in the form that `az role definition create` takes ("Azure custom
/// roles").
pub fn policy(options: &Options) -> Value {
    let actions: BTreeSet<&str> = CALLS.iter().map(|call| call.permission).chain([SCOUTING.2]).collect();
    let scopes: Vec<String> = match options.subscriptions.is_empty() {
        true => vec!["/subscriptions/SUBSCRIPTION".to_owned()],
        false => options.subscriptions.iter().map(|id| format!("/subscriptions/{id}")).collect(),
    };
    json!({
        "Name": "Tidegate snapshot",
        "IsCustom": true,
        "Description": "Reads what decides where workloads may talk. Changes nothing.",
        "Actions": actions,
        "NotActions": [],
        "DataActions": [],
        "NotDataActions": [],
        "AssignableScopes": scopes,
    })
}
