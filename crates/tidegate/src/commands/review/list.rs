//! What awaits a decision, and what was decided, as text.

use crate::output::text::SHORT;
use crate::pipeline::Scanned;
use crate::{escape, words};
use std::fmt::Write as _;
use tidegate_audit::{Date, Finding, Status};

/// The findings that nobody decided about, or no longer.
pub fn waiting(scanned: &Scanned) -> Vec<&Finding> {
    scanned.report.findings.iter().filter(|finding| !finding.status.settles()).collect()
}

/// Them as text, with how to decide.
pub fn awaiting(scanned: &Scanned) -> String {
    let sources = scanned.sources();
    let waiting = waiting(scanned);
    let mut out = String::new();
    for finding in &waiting {
        let start = sources.at(&finding.place).start;
        let subjects: Vec<String> = finding.subjects.iter().take(3).map(words::subject).collect();
        let more = finding.subjects.len().saturating_sub(subjects.len());
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let _ = writeln!(
            out,
            "{}  {:<13}  {}  {}{more}",
            short(&finding.fingerprint),
            finding.rating.risk.name(),
            finding.rule.name(),
            escape::line(&subjects.join(", ")),
        );
        let path = escape::line(&finding.place.path);
        let message = escape::line(&finding.message);
        let _ = writeln!(out, "    {path}:{}:{}  {message}", start.line, start.column);
    }
    match waiting.first() {
        None => out.push_str("Nothing awaits a decision.\n"),
        Some(first) => {
            let verb = if waiting.len() == 1 { "awaits" } else { "await" };
            let count = words::counted(waiting.len(), "finding");
            let _ = writeln!(out, "\n{count} {verb} a decision. In a terminal `tidegate review` asks; or:");
            let _ =
                writeln!(out, "  tidegate review --set {}=safe --because \"…\"", short(&first.fingerprint));
        }
    }
    out
}

/// Every decision with how it stands.
pub fn decisions(scanned: &Scanned, today: Date) -> String {
    let reviews = &scanned.options.reviews;
    let asked = |rule| scanned.options.selection.reports(rule);
    let orphans = match scanned.options.whole {
        true => reviews.orphans(&scanned.report, asked, &scanned.texts()),
        false => Vec::new(),
    };
    let mut out = String::new();
    for (fingerprint, review, standing) in reviews.standings(&scanned.report, &orphans, today) {
        let _ = writeln!(
            out,
            "{}  {}  {}  {}",
            short(fingerprint),
            standing.name(),
            escape::line(&review.rule),
            escape::line(&review.subject)
        );
        let _ = writeln!(out, "    {}", escape::line(&words::decision(&review.decision)));
    }
    if out.is_empty() {
        out.push_str("Nothing is decided yet.\n");
    }
    out
}

/// One line about a decision that was made.
pub fn told(finding: &Finding, status: Status) -> String {
    let subject = finding.subjects.first().map(words::subject).unwrap_or_default();
    let more = finding.subjects.len().saturating_sub(1);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!(
        "{}: {} {}{more} ({})\n",
        status.name(),
        finding.rule.name(),
        escape::line(&subject),
        short(&finding.fingerprint)
    )
}

fn short(fingerprint: &str) -> String {
    escape::line(&fingerprint.chars().take(SHORT).collect::<String>()).into_owned()
}
