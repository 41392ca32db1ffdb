//! A report as JSON: that of `tidegate scan`, with what a report adds.

use crate::output::{self, Format, Run};
use anyhow::Result;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tidegate_audit::{AllowedRow, allows};
use tidegate_report::compose;
use tidegate_report::data::Data;
use tidegate_report::retest::{Outcome, Retested};
use tidegate_space::IpFamily;

/// Writes the run; `single` keeps the findings that it stands for.
pub fn render(run: &Run<'_>, data: &Data<'_>, single: Option<&str>) -> Result<String> {
    let text = output::render(Format::Json, run)?;
    if single.is_none() && data.retest.is_none() && data.redactor.is_none() {
        return Ok(text);
    }
    let mut document: Value = serde_json::from_str(&text)?;
    if let (Some(single), Some(findings)) =
        (single, document.get_mut("findings").and_then(Value::as_array_mut))
    {
        let wanted: BTreeSet<&str> =
            compose::chosen(data, single).into_iter().map(|finding| finding.fingerprint.as_str()).collect();
        findings
            .retain(|finding| finding["fingerprint"].as_str().is_some_and(|print| wanted.contains(print)));
    }
    if let (Some(retest), Some(fields)) = (data.retest, document.as_object_mut()) {
        fields.insert("retest".to_owned(), retest.iter().map(retested).collect());
    }
    if let Some(redactor) = data.redactor {
        redactor.json(&mut document);
    }
    output::to_json(&document)
}

fn retested(one: &Retested) -> Value {
    let rows = match &one.outcome {
        Outcome::Partly(set) | Outcome::Grown(set) => allows::rows(set),
        _ => Vec::new(),
    };
    json!({
        "policy": one.policy,
        "rule": one.rule,
        "fingerprint": one.fingerprint,
        "outcome": one.outcome.name(),
        "grown": matches!(one.outcome, Outcome::Grown(_)),
        "allows": rows.iter().map(row).collect::<Vec<_>>(),
    })
}

fn row(row: &AllowedRow) -> Value {
    let family = match row.family {
        IpFamily::V4 => "ipv4",
        IpFamily::V6 => "ipv6",
    };
    json!({ "family": family, "protocol": row.protocol, "ports": row.ports, "addresses": row.addresses })
}
