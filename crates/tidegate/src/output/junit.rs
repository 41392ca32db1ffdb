//! JUnit XML: a suite per file, a failed case per finding, a skipped one per unresolved question. Muted
//! findings are skipped cases. A result without any case has one that passed.

use super::Run;
use super::text::allowed;
use crate::{escape, words};
use anyhow::Result;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use tidegate_audit::Finding;
use tidegate_estate::{Place, Severity};

/// Writes the report.
pub fn render(run: &Run<'_>) -> Result<String> {
    let mut suites: BTreeMap<&str, Vec<TestCase>> = BTreeMap::new();
    for finding in &run.report.findings {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_type(finding.rating.risk.name()).set_message(escape::xml(&escape::line(&finding.message)));
        status.set_description(description(run, finding));
        suites.entry(&finding.place.path).or_default().push(case(run, finding, status));
    }
    for suppressed in &run.report.suppressed {
        let reason = suppressed.reason.as_deref().unwrap_or("no reason given");
        let mut status = TestCaseStatus::skipped();
        status.set_message(escape::xml(&escape::line(&format!("{}: {reason}", words::muted_by(suppressed)))));
        suites.entry(&suppressed.finding.place.path).or_default().push(case(
            run,
            &suppressed.finding,
            status,
        ));
    }
    for unresolved in &run.report.unresolved {
        let mut status = TestCaseStatus::skipped();
        status.set_message(escape::xml(&escape::line(&format!("unresolved: {}", unresolved.reason))));
        let name = format!("unresolved: {}", words::subject(&unresolved.subject));
        let case = located(run, &unresolved.place, &name, "unresolved", status);
        suites.entry(&unresolved.place.path).or_default().push(case);
    }
    for diagnostic in run.report.diagnostics.iter().filter(|d| d.severity == Severity::Error) {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(escape::xml(&escape::line(&diagnostic.message)));
        let mut case = TestCase::new("readable", status);
        case.set_classname("input");
        suites.entry(&diagnostic.path).or_default().push(case);
    }
    if suites.is_empty() {
        // A report without any case is taken for a run that broke.
        let mut case = TestCase::new("no open egress", TestCaseStatus::success());
        case.set_classname("tidegate");
        suites.entry("tidegate").or_default().push(case);
    }
    let mut report = Report::new("tidegate");
    for (path, cases) in suites {
        let mut suite = TestSuite::new(escape::xml(&escape::line(path)));
        suite.extra.insert("file".into(), escape::xml(&escape::line(path)).into());
        suite.add_test_cases(cases);
        report.add_test_suite(suite);
    }
    Ok(report.to_string()?)
}

fn case(run: &Run<'_>, finding: &Finding, status: TestCaseStatus) -> TestCase {
    let subjects: Vec<String> = finding.subjects.iter().take(10).map(words::subject).collect();
    let name = format!("{}: {}", finding.rule.name(), subjects.join(", "));
    located(run, &finding.place, &name, finding.rule.name(), status)
}

fn located(run: &Run<'_>, place: &Place, name: &str, class: &str, status: TestCaseStatus) -> TestCase {
    let start = run.sources.at(place).start;
    let mut case =
        TestCase::new(escape::xml(&escape::line(&format!("{name} (line {})", start.line))), status);
    case.set_classname(class);
    case
}

fn description(run: &Run<'_>, finding: &Finding) -> String {
    let start = run.sources.at(&finding.place).start;
    let mut text = format!("{}:{}:{}\n{}\n", finding.place.path, start.line, start.column, finding.message);
    for row in finding.allows.rows.iter().take(10) {
        let _ = writeln!(text, "allows {}", allowed(row));
    }
    if let Some(witness) = &finding.witness {
        let _ = writeln!(text, "{}", words::gets_out(witness));
    }
    for help in &finding.help {
        let _ = writeln!(text, "help: {help}");
    }
    let _ = write!(text, "fingerprint {}", finding.fingerprint);
    escape::xml(&text)
}
