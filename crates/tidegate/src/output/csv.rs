//! A table for spreadsheets: one row per finding, muted ones and unresolved questions included.

use super::Run;
use crate::output::text::allowed;
use crate::{escape, words};
use anyhow::Result;
use std::sync::Arc;
use tidegate_audit::{Finding, Subject};
use tidegate_estate::Place;

const HEADER: [&str; 17] = [
    "state",
    "rule",
    "aliases",
    "risk",
    "impact",
    "likelihood",
    "cvss",
    "confidence",
    "path",
    "line",
    "column",
    "subjects",
    "message",
    "allows",
    "witness",
    "fingerprint",
    "reason",
];

/// Writes the table.
pub fn render(run: &Run<'_>) -> Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEADER)?;
    for finding in &run.report.findings {
        let decision = finding.decision.as_ref().map(words::decision).unwrap_or_default();
        write(&mut writer, row(run, finding, words::status(finding.status), decision))?;
    }
    for suppressed in &run.report.suppressed {
        let reason = match &suppressed.reason {
            Some(reason) => format!("{}: {reason}", words::muted_by(suppressed)),
            None => words::muted_by(suppressed).to_owned(),
        };
        write(&mut writer, row(run, &suppressed.finding, "suppressed", reason))?;
    }
    for unresolved in &run.report.unresolved {
        let mut cells = vec![String::new(); HEADER.len()];
        cells[0] = "unresolved".into();
        place(run, &unresolved.place, &mut cells);
        cells[11] = subjects(std::slice::from_ref(&unresolved.subject));
        cells[16] = unresolved.reason.clone();
        write(&mut writer, cells)?;
    }
    Ok(String::from_utf8(writer.into_inner().map_err(|error| error.into_error())?)?)
}

fn row(run: &Run<'_>, finding: &Finding, state: &str, reason: String) -> Vec<String> {
    let rating = &finding.rating;
    let mut cells = vec![
        state.to_owned(),
        finding.rule.name().to_owned(),
        finding.aliases.join(" "),
        rating.risk.name().to_owned(),
        rating.impact.name().to_owned(),
        rating.likelihood.name().to_owned(),
        format!("{:.1}", rating.cvss_score),
        words::confidence(finding.confidence).to_owned(),
        String::new(),
        String::new(),
        String::new(),
        subjects(&finding.subjects),
        finding.message.clone(),
        finding.allows.rows.iter().map(allowed).collect::<Vec<_>>().join("; "),
        finding.witness.as_ref().map(words::packet).unwrap_or_default(),
        finding.fingerprint.clone(),
        reason,
    ];
    place(run, &finding.place, &mut cells);
    cells
}

fn place(run: &Run<'_>, place: &Place, cells: &mut [String]) {
    let start = run.sources.at(place).start;
    cells[8] = Arc::clone(&place.path).to_string();
    cells[9] = start.line.to_string();
    cells[10] = start.column.to_string();
}

fn subjects(subjects: &[Subject]) -> String {
    subjects.iter().map(words::subject).collect::<Vec<_>>().join("; ")
}

fn write(writer: &mut csv::Writer<Vec<u8>>, cells: Vec<String>) -> Result<()> {
    writer.write_record(cells.iter().map(|cell| escape::csv(cell)))?;
    Ok(())
}
