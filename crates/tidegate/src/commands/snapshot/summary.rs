//! What a snapshot holds and what it lacks, for people.

use crate::escape;
use crate::words::counted;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use tidegate_collect::Outcome;
use tidegate_collect::manifest::State;

/// Places of one reason that are named.
const NAMED: usize = 3;
/// Reasons that are told.
const TOLD: usize = 20;

/// What the cloud calls what its networks belong to.
fn word(cloud: &str) -> &'static str {
    match cloud {
        "azure" => "subscription",
        "gcp" => "project",
        _ => "account",
    }
}

/// `project acme`, `folders/1`.
fn whole(word: &str, id: &str) -> String {
    if id.contains('/') { id.to_owned() } else { format!("{word} {id}") }
}

/// The first few of some places, in an order that does not depend on which answered first.
fn named(places: &[String]) -> String {
    let mut sorted = places.to_vec();
    sorted.sort();
    let named = sorted.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    match places.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// The summary.
pub fn text(output: &Path, outcome: &Outcome) -> String {
    let mut out = String::new();
    let accounts = &outcome.snapshot.accounts;
    let cloud = outcome.snapshot.tidegate.cloud.as_str();
    let word = word(cloud);
    let regions = outcome.manifests.iter().filter(|manifest| manifest.region.is_some()).count();
    let regions = match regions {
        0 if cloud != "aws" => String::new(),
        regions => format!(", {}", counted(regions, "region")),
    };
    let parts = || outcome.manifests.iter().flat_map(|manifest| &manifest.parts);
    let there = parts().filter(|part| part.state == State::Complete).count();
    // Organizations and folders have firewall policies of their own.
    let parents = accounts.iter().filter(|account| account.id.contains('/')).count();
    let above = match parents {
        0 => String::new(),
        1 => ", 1 organization or folder".to_owned(),
        parents => format!(", {parents} organizations and folders"),
    };
    let things: usize = parts().filter_map(|part| part.items).sum();
    let shown = escape::line(&output.display().to_string()).into_owned();
    let _ = writeln!(
        out,
        "{shown}: {}{above}{regions}, {} with {}",
        counted(accounts.len() - parents, word),
        counted(there, "answer"),
        counted(things, "thing"),
    );

    // The same reason in forty regions is one line.
    let mut missing: BTreeMap<(State, &str, &str), Vec<String>> = BTreeMap::new();
    for manifest in &outcome.manifests {
        for part in manifest.missing() {
            let reason = part.reason.as_deref().unwrap_or("the run ended before");
            let about = part.about.as_deref().map(|about| format!(" ({about})")).unwrap_or_default();
            missing
                .entry((part.state, &part.call, reason))
                .or_default()
                .push(format!("{}{about}", manifest.place()));
        }
    }
    let empty: Vec<_> =
        accounts.iter().filter_map(|account| Some((account, account.note.as_deref()?))).collect();
    // Services that are not switched on: the call, and where.
    let mut unused: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for manifest in &outcome.manifests {
        for part in manifest.parts.iter().filter(|part| part.state == State::Unused) {
            unused.entry(&part.call).or_default().push(manifest.place());
        }
    }
    if !empty.is_empty() || !unused.is_empty() {
        let _ = writeln!(out, "\nNothing to fetch:");
    }
    for (account, note) in empty.iter().take(TOLD) {
        let line = format!("  {}: {note}", whole(word, &account.id));
        let _ = writeln!(out, "{}", escape::line(&line));
    }
    if empty.len() > TOLD {
        let _ = writeln!(out, "  and {} more; manifest.json lists them", empty.len() - TOLD);
    }
    for (call, places) in unused {
        let line = format!("  {call} in {}: the service is not switched on", named(&places));
        let _ = writeln!(out, "{}", escape::line(&line));
    }
    let lost: Vec<_> =
        accounts.iter().filter_map(|account| Some((account, account.reason.as_deref()?))).collect();
    if !missing.is_empty() || !lost.is_empty() {
        let _ = writeln!(out, "\nNot there:");
    }
    for (account, reason) in lost {
        let name = account.name.as_deref().map(|name| format!(" ({name})")).unwrap_or_default();
        let line = format!("  the whole of {}{name}: {reason}", whole(word, &account.id));
        let _ = writeln!(out, "{}", escape::line(&line));
    }
    for ((state, call, reason), places) in missing.iter().take(TOLD) {
        let line = format!("  {state}  {call} in {}: {reason}", named(places));
        let _ = writeln!(out, "{}", escape::line(&line));
    }
    if missing.len() > TOLD {
        let _ = writeln!(out, "  and {} more; manifest.json in each folder lists them", missing.len() - TOLD);
    }

    let refused = missing.keys().any(|(state, ..)| *state == State::Refused);
    out.push('\n');
    if outcome.interrupted {
        let _ = writeln!(out, "Interrupted. The same command with --resume goes on from here.");
    } else if !outcome.snapshot.complete {
        if refused {
            let _ =
                writeln!(out, "The permissions that are needed: tidegate snapshot {cloud} --print-policy");
        }
        let _ =
            writeln!(out, "What depends on the missing answers will be told as possible, not as certain.");
        let _ = writeln!(out, "The same command with --resume asks for them again.");
    } else {
        let _ = writeln!(out, "Complete. Next: tidegate scan {shown}, tidegate reach {shown}");
    }
    out
}
