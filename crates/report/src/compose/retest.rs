//! The retest: what became of earlier findings.

use super::text;
use crate::data::Data;
use crate::document::{Block, Cell, Column, Inline, Row, Section, Table};
use crate::fill::reach_in_words;
use crate::retest::{Outcome, Retested};
use tidegate_audit::words::counted;

/// The section about a retest.
pub fn section(data: &Data<'_>, retest: &[Retested]) -> Section {
    let count = |wanted: &str| retest.iter().filter(|one| one.outcome.name() == wanted).count();
    let parts: Vec<String> = ["resolved", "partly resolved", "open", "new", "not seen", "undecided"]
        .into_iter()
        .map(|name| (name, count(name)))
        .filter(|(name, count)| *count > 0 || matches!(*name, "resolved" | "open"))
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    let column = |heading: &str, weight| Column { heading: heading.to_owned(), numeric: false, weight };
    let rows = retest.iter().map(|one| Row {
        cells: vec![
            Cell::text(&one.policy),
            Cell::code(&one.rule),
            Cell { key: Some(order(&one.outcome)), ..Cell::text(one.outcome.name()) },
            Cell { text: now(data, one), ..Cell::default() },
        ],
        marked: matches!(one.outcome, Outcome::Open | Outcome::Grown(_) | Outcome::New),
    });
    let mut blocks = vec![
        Block::Paragraph(vec![
            Inline::text("The findings of the earlier report were looked for again. Of "),
            Inline::text(counted(retest.len(), "policy").replace("policys", "policies")),
            Inline::text(": "),
            Inline::strong(tidegate_audit::words::list(&parts)),
            Inline::text("."),
        ]),
        Block::Table(Table {
            caption: format!("Retest ({})", retest.len()),
            columns: vec![
                column("Policy", 5),
                column("Rule", 4),
                column("Outcome", 3),
                column("What gets out now", 7),
            ],
            rows: rows.collect(),
            interactive: true,
        }),
    ];
    if retest.iter().any(|one| matches!(one.outcome, Outcome::NotSeen | Outcome::Undecided)) {
        blocks.push(Block::text(
            "What was not seen is not in the new data: it may be gone, or the data may be incomplete. It does not count as resolved.",
        ));
    }
    Section { id: "retest".to_owned(), heading: text("Retest"), blocks, ..Section::default() }
}

fn order(outcome: &Outcome) -> i64 {
    match outcome {
        Outcome::Grown(_) => 0,
        Outcome::Open => 1,
        Outcome::New => 2,
        Outcome::Partly(_) => 3,
        Outcome::Undecided => 4,
        Outcome::NotSeen => 5,
        Outcome::Resolved => 6,
    }
}

fn now(data: &Data<'_>, one: &Retested) -> Vec<Inline> {
    let message =
        || one.now.and_then(|at| data.report.findings.get(at)).map(|finding| finding.message.clone());
    match &one.outcome {
        Outcome::Resolved => text("nothing that a rule reports"),
        Outcome::Partly(set) => text(format!("still {}", data.shown(reach_in_words(set)))),
        Outcome::Grown(set) => text(format!("more than before: {}", data.shown(reach_in_words(set)))),
        Outcome::Open => text("as before"),
        Outcome::New => text(message().unwrap_or_default()),
        Outcome::NotSeen => text("the policy is not in the new data"),
        Outcome::Undecided => text("it cannot be decided from the new data"),
    }
}
