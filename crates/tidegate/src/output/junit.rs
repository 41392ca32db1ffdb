//! JUnit XML: a suite per file, a failed case per finding, a skipped one per unresolved question and per finding
//! that is muted or decided about. A result without any case has one that passed, since an empty report is taken for a run that broke.

use super::Run;
use super::text::allowed;
use crate::{escape, words};
use anyhow::Result;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use tidegate_audit::Finding;
use tidegate_estate::{Place, Severity};

/// What became of a case.
enum Outcome {
    Passed,
    /// Kind (a risk), message, description.
    Failed(&'static str, String, String),
    /// Message.
    Broken(String),
    /// Message.
    Skipped(String),
}

struct Case {
    name: String,
    class: &'static str,
    outcome: Outcome,
}

/// Writes the report.
pub fn render(run: &Run<'_>) -> Result<String> {
    let mut suites: BTreeMap<&str, Vec<Case>> = BTreeMap::new();
    for finding in &run.report.findings {
        let outcome = match &finding.decision {
            Some(decision) if finding.status.settles() => Outcome::Skipped(words::decision(decision)),
            _ => Outcome::Failed(
                finding.rating.risk.name(),
                finding.message.clone(),
                description(run, finding),
            ),
        };
        suites.entry(&finding.place.path).or_default().push(case(run, finding, outcome));
    }
    for suppressed in &run.report.suppressed {
        let reason = suppressed.reason.as_deref().unwrap_or("no reason given");
        let outcome = Outcome::Skipped(format!("{}: {reason}", words::muted_by(suppressed)));
        suites.entry(&suppressed.finding.place.path).or_default().push(case(
            run,
            &suppressed.finding,
            outcome,
        ));
    }
    for unresolved in &run.report.unresolved {
        let name = format!("unresolved: {}", words::subject(&unresolved.subject));
        let outcome = Outcome::Skipped(format!("unresolved: {}", unresolved.reason));
        let case = Case { name: at_line(run, &name, &unresolved.place), class: "unresolved", outcome };
        suites.entry(&unresolved.place.path).or_default().push(case);
    }
    for diagnostic in run.report.diagnostics.iter().filter(|d| d.severity == Severity::Error) {
        let outcome = Outcome::Broken(diagnostic.message.clone());
        let case = Case { name: "can be read".to_owned(), class: "input", outcome };
        suites.entry(&diagnostic.path).or_default().push(case);
    }
    if suites.is_empty() {
        let case = Case { name: "no open egress".to_owned(), class: "tidegate", outcome: Outcome::Passed };
        suites.entry("tidegate").or_default().push(case);
    }
    write(&suites)
}

fn case(run: &Run<'_>, finding: &Finding, outcome: Outcome) -> Case {
    let subjects: Vec<String> = finding.subjects.iter().take(10).map(words::subject).collect();
    let name = format!("{}: {}", finding.rule.name(), subjects.join(", "));
    Case { name: at_line(run, &name, &finding.place), class: finding.rule.name(), outcome }
}

fn at_line(run: &Run<'_>, name: &str, place: &Place) -> String {
    format!("{name} (line {})", run.sources.at(place).start.line)
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
    text
}

/// How many cases there are, and how many of each outcome, as attributes want it.
fn counts<'a>(cases: impl Iterator<Item = &'a Case> + Clone) -> [(&'static str, String); 4] {
    let count =
        |wanted: fn(&Outcome) -> bool| cases.clone().filter(|case| wanted(&case.outcome)).count().to_string();
    [
        ("tests", count(|_| true)),
        ("failures", count(|outcome| matches!(outcome, Outcome::Failed(..)))),
        ("errors", count(|outcome| matches!(outcome, Outcome::Broken(_)))),
        ("skipped", count(|outcome| matches!(outcome, Outcome::Skipped(_)))),
    ]
}

fn attributes<'a>(pairs: &'a [(&'static str, String)]) -> impl Iterator<Item = (&'a str, &'a str)> {
    pairs.iter().map(|(name, value)| (*name, value.as_str()))
}

fn write(suites: &BTreeMap<&str, Vec<Case>>) -> Result<String> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    // The root element has no `skipped`.
    let totals = &counts(suites.values().flatten())[..3];
    let root = writer
        .create_element("testsuites")
        .with_attribute(("name", "tidegate"))
        .with_attributes(attributes(totals));
    root.write_inner_content(|writer| {
        suites.iter().try_for_each(|(path, cases)| suite(writer, path, cases))
    })?;
    let mut text = String::from_utf8(writer.into_inner())?;
    text.push('\n');
    Ok(text)
}

fn suite(writer: &mut Writer<Vec<u8>>, path: &str, cases: &[Case]) -> io::Result<()> {
    let path = escape::xml(&escape::line(path));
    let totals = counts(cases.iter());
    writer
        .create_element("testsuite")
        .with_attributes([("name", path.as_str()), ("file", path.as_str())])
        .with_attributes(attributes(&totals))
        .write_inner_content(|writer| cases.iter().try_for_each(|case| test_case(writer, case)))?;
    Ok(())
}

fn test_case(writer: &mut Writer<Vec<u8>>, case: &Case) -> io::Result<()> {
    let name = escape::xml(&escape::line(&case.name));
    let element = writer
        .create_element("testcase")
        .with_attributes([("name", name.as_str()), ("classname", case.class)]);
    let message = |message: &str| escape::xml(&escape::line(message));
    match &case.outcome {
        Outcome::Passed => element.write_empty()?,
        Outcome::Failed(kind, text, description) => element.write_inner_content(|writer| {
            writer
                .create_element("failure")
                .with_attributes([("message", message(text).as_str()), ("type", kind)])
                .write_text_content(BytesText::new(&escape::xml(description)))?;
            Ok(())
        })?,
        Outcome::Broken(text) => element.write_inner_content(|writer| {
            writer
                .create_element("error")
                .with_attribute(("message", message(text).as_str()))
                .write_empty()?;
            Ok(())
        })?,
        Outcome::Skipped(text) => element.write_inner_content(|writer| {
            writer
                .create_element("skipped")
                .with_attribute(("message", message(text).as_str()))
                .write_empty()?;
            Ok(())
        })?,
    };
    Ok(())
}
