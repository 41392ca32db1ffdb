//! A summary for a pull request: a table, and the details folded below it.

use super::Run;
use super::text::{allowed, counted_findings, others};
use crate::escape::{markdown as text, markdown_code as code};
use crate::{rulebook, words};
use std::fmt::Write as _;
use tidegate_audit::{Finding, Level};
use tidegate_estate::{Place, Severity};

/// Findings with details. A comment on GitHub may have 65,536 characters.
const DETAILED: usize = 20;
/// Rows of the table.
const ROWS: usize = 100;

/// Writes the summary.
pub fn render(run: &Run<'_>) -> String {
    let report = run.report;
    let mut out = String::from("## Tidegate\n\n");
    let mut line = counted_findings(report);
    for (number, what) in others(report) {
        if number > 0 {
            let _ = write!(line, ", {number} {what}");
        }
    }
    let _ = writeln!(out, "{line} in {}.\n", words::counted(run.files, "file"));
    let (decided, open): (Vec<&Finding>, Vec<&Finding>) =
        report.findings.iter().partition(|finding| finding.status.settles());
    if !open.is_empty() {
        out.push_str("| Risk | Rule | Place | What gets out |\n|---|---|---|---|\n");
        for finding in open.iter().take(ROWS) {
            let _ = writeln!(
                out,
                "| {} | [{rule}]({}) | {} | {} |",
                risk(finding.rating.risk),
                rulebook::url(finding.rule),
                code(&place(run, &finding.place), true),
                text(&words::shortened(&finding.message, 200)),
                rule = finding.rule.name(),
            );
        }
        if open.len() > ROWS {
            let _ = writeln!(out, "\nand {} more.", open.len() - ROWS);
        }
        out.push('\n');
        for finding in open.iter().take(DETAILED) {
            details(run, finding, &mut out);
        }
    }
    if !decided.is_empty() {
        out.push_str("<details><summary>Decided</summary>\n\n");
        for finding in decided.into_iter().take(ROWS) {
            let said = finding.decision.as_ref().map(words::decision).unwrap_or_default();
            let _ = writeln!(
                out,
                "- {} at {}: {}",
                finding.rule.name(),
                code(&place(run, &finding.place), false),
                text(&words::shortened(&said, 400))
            );
        }
        out.push_str("\n</details>\n\n");
    }
    if !report.unresolved.is_empty() {
        out.push_str("<details><summary>Unresolved</summary>\n\n");
        for unresolved in report.unresolved.iter().take(ROWS) {
            let _ = writeln!(
                out,
                "- {} at {}: {}",
                code(&words::subject(&unresolved.subject), false),
                code(&place(run, &unresolved.place), false),
                text(&unresolved.reason)
            );
        }
        out.push_str("\n</details>\n\n");
    }
    let serious: Vec<_> = report.diagnostics.iter().filter(|d| d.severity >= Severity::Warning).collect();
    if !serious.is_empty() {
        out.push_str("<details><summary>Not read, or not in full</summary>\n\n");
        for diagnostic in serious.into_iter().take(ROWS) {
            let _ = writeln!(out, "- {}: {}", code(&diagnostic.path, false), text(&diagnostic.message));
        }
        out.push_str("\n</details>\n\n");
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

fn risk(level: Level) -> &'static str {
    match level {
        Level::Critical => "**critical**",
        Level::High => "**high**",
        other => other.name(),
    }
}

fn place(run: &Run<'_>, place: &Place) -> String {
    format!("{}:{}", place.path, run.sources.at(place).start.line)
}

fn details(run: &Run<'_>, finding: &Finding, out: &mut String) {
    let _ = writeln!(
        out,
        "<details><summary>{} at {}</summary>\n",
        finding.rule.name(),
        html(&place(run, &finding.place))
    );
    let _ = writeln!(out, "{}\n", text(&finding.message));
    let subjects: Vec<String> =
        finding.subjects.iter().take(10).map(|subject| code(&words::subject(subject), false)).collect();
    let more = finding.subjects.len().saturating_sub(10);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let _ = writeln!(out, "- concerns {}{more}", subjects.join(", "));
    for row in finding.allows.rows.iter().take(5) {
        let _ = writeln!(out, "- allows {}", text(&allowed(row)));
    }
    if let Some(witness) = &finding.witness {
        let _ = writeln!(out, "- for instance, {}", text(&words::gets_out(witness)));
    }
    for step in finding.related.iter().take(10) {
        let _ = writeln!(out, "- {}: {}", code(&place(run, &step.place), false), text(&step.message));
    }
    for help in &finding.help {
        let _ = writeln!(out, "- do: {}", text(help));
    }
    let _ = writeln!(out, "- fingerprint {}\n\n</details>\n", code(&finding.fingerprint, false));
}

/// Text inside an HTML element.
fn html(text: &str) -> String {
    format!(
        "<code>{}</code>",
        crate::escape::line(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
    )
}
