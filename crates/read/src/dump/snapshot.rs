//! The manifests of a snapshot: what it lacks is said, so that nobody takes it for empty.

use super::fields::Fields;
use crate::tree::{Kind, NodeId, Tree};
use std::collections::BTreeMap;
use std::sync::Arc;
use tidegate_estate::{Diagnostic, Severity};

/// Stands in every manifest.
pub(super) const MARKS: [&str; 1] = ["\"tidegate\""];

/// Calls of one reason that are named.
const NAMED: usize = 4;

/// What a file says is missing; nothing if it is no manifest.
pub(super) fn missing(path: &Arc<str>, tree: &Tree) -> Vec<Diagnostic> {
    let fields = Fields { tree, path };
    let [root] = tree.roots() else { return Vec::new() };
    let root = *root;
    if tree.kind(root) != Kind::Mapping || fields.get(root, "tidegate").is_none() {
        return Vec::new();
    }
    let is_snapshot = fields.get(root, "tidegate").and_then(|tool| fields.get(tool, "snapshot")).is_some();
    match (is_snapshot, fields.is_list(root, "parts"), fields.is_list(root, "accounts")) {
        (true, true, _) => parts(&fields, root),
        (true, _, true) => accounts(&fields, root),
        _ => Vec::new(),
    }
}

fn told(fields: &Fields<'_>, node: NodeId, message: String) -> Diagnostic {
    let place = fields.place(node);
    Diagnostic { severity: Severity::Error, path: place.path, span: Some(place.span), message }
}

/// One account, or one of its regions: a line for each reason.
fn parts(fields: &Fields<'_>, root: NodeId) -> Vec<Diagnostic> {
    let text = |node: NodeId, key: &str| fields.text(node, key).unwrap_or_default();
    // Only AWS is asked region by region.
    let whose = match fields.text(root, "region") {
        Some(region) => format!("{}/{region}", text(root, "account")),
        None => text(root, "account"),
    };
    let mut reasons: BTreeMap<(String, String), Vec<NodeId>> = BTreeMap::new();
    for part in fields.list(root, "parts") {
        let state = text(part, "state");
        // `unused`: the service that would know is not switched on.
        if state != "complete" && state != "unused" {
            reasons.entry((state, text(part, "reason"))).or_default().push(part);
        }
    }
    let about = |part: &NodeId| match fields.text(*part, "about") {
        Some(about) => format!("{} ({about})", text(*part, "call")),
        None => text(*part, "call"),
    };
    reasons
        .into_iter()
        .filter_map(|((state, reason), missing)| {
            let named: Vec<String> = missing.iter().take(NAMED).map(about).collect();
            let more = match missing.len().saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let why = match (state.as_str(), reason.as_str()) {
                ("pending", _) => "the snapshot was interrupted".to_owned(),
                (state, "") => state.to_owned(),
                (state, reason) => format!("{state}: {reason}"),
            };
            let what = format!("the snapshot of {whose} lacks {}{more}: {why}", named.join(", "));
            Some(told(fields, *missing.first()?, what))
        })
        .collect()
}

/// The whole: accounts of which nothing is there.
fn accounts(fields: &Fields<'_>, root: NodeId) -> Vec<Diagnostic> {
    let cloud = fields.get(root, "tidegate").and_then(|tool| fields.text(tool, "cloud"));
    let word = match cloud.as_deref() {
        Some("azure") => "subscription",
        Some("gcp") => "project",
        _ => "account",
    };
    let lacks = |account: NodeId| {
        let id = fields.text(account, "id").unwrap_or_default();
        let reason = fields.text(account, "reason")?;
        // `folders/1` says what it is.
        let whole = if id.contains('/') { id } else { format!("{word} {id}") };
        Some(told(fields, account, format!("the snapshot lacks {whole}: {reason}")))
    };
    fields.list(root, "accounts").filter_map(lacks).collect()
}
