//! Everything, for programs.

use super::answers::{Answer, Answers, hop, missing};
use crate::escape;
use crate::pipeline::FilesRead;
use crate::words;
use anyhow::Result;
use serde_json::{Value, json};
use tidegate_audit::allows;
use tidegate_reach::path::{Arrival, Exit};
use tidegate_space::PacketSet;

pub fn tool() -> Value {
    json!({ "name": "tidegate", "version": env!("CARGO_PKG_VERSION") })
}

/// Where something arrives.
pub fn arrival(to: &Arrival) -> Value {
    match to {
        Arrival::Internet => json!({ "kind": "internet", "id": null }),
        Arrival::Vpc(id) => json!({ "kind": "vpc", "id": id }),
        Arrival::Service(name) => json!({ "kind": "service", "id": name }),
        Arrival::Beyond(id) => json!({ "kind": "beyond", "id": id }),
    }
}

/// The rows of a set.
pub fn rows(set: &PacketSet) -> Vec<Value> {
    let rows = allows::rows(set);
    rows.iter()
        .map(|row| {
            json!({
                "family": words::family(row.family),
                "protocol": row.protocol,
                "ports": row.ports,
                "addresses": row.addresses,
            })
        })
        .collect()
}

pub fn render(answers: &Answers<'_>, read: &FilesRead) -> Result<String> {
    let exit = |exit: &Exit| {
        json!({
            "to": arrival(&exit.to),
            "through": exit.way.iter().map(|gate| json!({ "kind": hop(gate).0, "id": hop(gate).1 })).collect::<Vec<_>>(),
            "certain": rows(&exit.set.must),
            "possible": rows(&exit.set.may.difference(&exit.set.must)),
            "unanswered": rows(&exit.set.may.difference(&exit.answered)),
            "inspected": exit.inspected,
            "missing": missing(exit.missing.iter().cloned()),
        })
    };
    let workload = |answer: &Answer<'_>| {
        let shares = |[v4, v6]: [f64; 2]| json!({ "ipv4": v4, "ipv6": v6 });
        json!({
            "id": answer.workload.map(|workload| &workload.id),
            "name": answer.workload.and_then(|workload| workload.name.as_ref()),
            "account": answer.workload.and_then(|workload| workload.account.as_ref()),
            "region": answer.workload.and_then(|workload| workload.region.as_ref()),
            "interface": answer.interface.id,
            "subnet": answer.interface.subnet,
            "vpc": answer.interface.vpc,
            "addresses": answer.interface.addresses.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "public": answer.interface.public,
            "internet": { "certain": shares(answer.shared.exposure.certain), "possible": shares(answer.shared.exposure.possible) },
            "exits": answer.shared.leaving.exits.iter().map(exit).collect::<Vec<_>>(),
        })
    };
    let skipped: Vec<Value> = read
        .skipped
        .iter()
        .map(|skipped| json!({ "path": skipped.path, "reason": skipped.reason }))
        .collect();
    let document = json!({
        "version": 1,
        "tool": tool(),
        "inputs": { "files": read.reading.read.len(), "skipped": skipped },
        "workloads": answers.all.iter().map(workload).collect::<Vec<_>>(),
        "unfiltered": super::unfiltered::list(answers),
    });
    let text = serde_json::to_string_pretty(&document)?;
    Ok(format!("{}\n", escape::json(&text)))
}
