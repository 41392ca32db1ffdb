//! Text for people: each finding with its place underlined, the chain that led there, what to do next.

use super::{Detail, Run};
use crate::escape;
use crate::positions::Sources;
use crate::snippet::{self, Window};
use crate::words;
use annotate_snippets::{Annotation, AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};
use std::fmt::Write as _;
use std::sync::Arc;
use tidegate_audit::{AllowedRow, Confidence, Finding, Report};
use tidegate_estate::{Diagnostic, Place, Severity, Span, Step};

/// How many subjects, rows and unresolved entries are shown before "and … more".
const SOME: usize = 5;
/// Characters of a fingerprint that are shown; any beginning that only one finding has is enough to name it.
pub const SHORT: usize = 12;

/// The whole result: findings, what is unresolved, the summary.
pub fn render(run: &Run<'_>) -> String {
    let renderer = Renderer::styled().term_width(run.width);
    let mut out = String::new();
    for finding in run.report.findings.iter().filter(|finding| !finding.status.settles()) {
        let _ = writeln!(out, "{}\n", finding_text(&renderer, run, finding));
    }
    if run.detail >= Detail::Normal {
        for finding in run.report.findings.iter().filter(|finding| finding.status.settles()) {
            let _ = writeln!(out, "{}\n", decided(&renderer, run, finding));
        }
    }
    if run.detail >= Detail::Normal || run.strict {
        for unresolved in &run.report.unresolved {
            let subject = words::subject(&unresolved.subject);
            let message = format!("cannot tell what {subject} lets out: {}", unresolved.reason);
            let mut elements = place_elements(run.sources, &unresolved.place, None, &unresolved.related);
            elements.push(
                Level::HELP
                    .message("make the value known, or judge it by hand; `--strict` fails on it")
                    .into(),
            );
            let title =
                Level::NOTE.with_name("unresolved").primary_title(escape::line(&message).into_owned());
            let _ = writeln!(out, "{}\n", print(&renderer, title.elements(elements)));
        }
    }
    if run.detail >= Detail::Normal {
        out.push_str(&summary(run));
    }
    out
}

/// One finding, decided or not, and nothing else.
pub fn in_full(run: &Run<'_>, finding: &Finding) -> String {
    let run = Run { detail: Detail::Quiet, ..*run };
    format!("{}\n\n", finding_text(&Renderer::styled().term_width(run.width), &run, finding))
}

/// A finding that somebody decided about: where, what, and who said so.
fn decided(renderer: &Renderer, run: &Run<'_>, finding: &Finding) -> String {
    let mut elements = place_elements(run.sources, &finding.place, None, &[]);
    let mut note = |text: String| elements.push(Level::NOTE.message(escape::line(&text).into_owned()).into());
    note(subjects(finding));
    if let Some(decision) = &finding.decision {
        note(words::decision(decision));
    }
    note(risk_and_fingerprint(finding));
    let title = Level::NOTE
        .with_name(finding.status.name())
        .primary_title(escape::line(&finding.message).into_owned())
        .id(finding.rule.name());
    print(renderer, title.elements(elements))
}

fn risk_and_fingerprint(finding: &Finding) -> String {
    let fingerprint = words::shortened(&finding.fingerprint, SHORT).replace('…', "");
    format!("risk {}, fingerprint {fingerprint}", finding.rating.risk.name())
}

fn finding_text(renderer: &Renderer, run: &Run<'_>, finding: &Finding) -> String {
    let label = finding.witness.as_ref().map(words::gets_out);
    let mut elements = place_elements(run.sources, &finding.place, label, &finding.related);
    let mut note = |text: String| elements.push(Level::NOTE.message(escape::line(&text).into_owned()).into());
    // Code shows what it makes; an id in a dump has no face.
    let faceless = finding.subjects.iter().any(|subject| subject.dialect.is_dump());
    if finding.subjects.len() > 1 || faceless || run.detail == Detail::Verbose {
        note(subjects(finding));
    }
    if !finding.affected.is_empty() {
        note(affected(finding));
    }
    match finding.confidence {
        Confidence::Certain => {}
        Confidence::Possible => note("possible: an alternative that is written down opens it".into()),
        Confidence::Declared => {
            note("declared: this code does not create the rule, it says that it exists".into())
        }
    }
    if run.detail == Detail::Verbose {
        for row in rows(&finding.allows.rows) {
            note(row);
        }
        note(rating(finding));
    }
    note(risk_and_fingerprint(finding));
    for help in &finding.help {
        elements.push(Level::HELP.message(escape::line(help).into_owned()).into());
    }
    let title =
        level(finding).primary_title(escape::line(&finding.message).into_owned()).id(finding.rule.name());
    print(renderer, title.elements(elements))
}

fn level(finding: &Finding) -> Level<'static> {
    match finding.rating.risk {
        tidegate_audit::Level::Critical | tidegate_audit::Level::High => Level::ERROR,
        tidegate_audit::Level::Medium | tidegate_audit::Level::Low => Level::WARNING,
        tidegate_audit::Level::Informational => Level::NOTE,
    }
}

/// A place with its line, and the steps that led there, file by file in the order in which they come.
fn place_elements(
    sources: &Sources<'_>,
    place: &Place,
    label: Option<String>,
    steps: &[Step],
) -> Vec<Element<'static>> {
    let mut files: Vec<(&Arc<str>, Vec<Mark>)> =
        vec![(&place.path, vec![Mark { span: place.span, kind: AnnotationKind::Primary, label }])];
    for step in steps {
        let mark =
            Mark { span: step.place.span, kind: AnnotationKind::Context, label: Some(step.message.clone()) };
        match files.iter_mut().find(|(path, _)| **path == step.place.path) {
            Some((_, marks)) => marks.push(mark),
            None => files.push((&step.place.path, vec![mark])),
        }
    }
    files.into_iter().flat_map(|(path, marks)| file_elements(sources, path, &marks)).collect()
}

struct Mark {
    span: Span,
    kind: AnnotationKind,
    label: Option<String>,
}

fn file_elements(sources: &Sources<'_>, path: &Arc<str>, marks: &[Mark]) -> Vec<Element<'static>> {
    let shown = escape::line(path).into_owned();
    let Some(file) = sources.file(path) else {
        return vec![Origin::path(shown).into()];
    };
    let spans: Vec<Span> = marks.iter().map(|mark| mark.span).collect();
    let mut windows = snippet::windows(&file, &spans);
    // The window with the primary place comes first, whatever its line.
    windows.sort_by_key(|window| !window.marks.iter().any(|(_, index)| is_primary(marks, *index)));
    let mut elements = Vec::new();
    for window in windows {
        let Window { first_line, text, marks: placed } = window;
        let lead = placed.iter().map(|(_, index)| *index).find(|index| is_primary(marks, *index));
        let lead =
            lead.or_else(|| placed.first().map(|(_, index)| *index)).and_then(|index| marks.get(index));
        let at = file.position(lead.map_or(0, |mark| mark.span.start as usize));
        let header = format!("{HEADER}{shown}{HEADER}{}:{}{HEADER}", at.line, at.column);
        let annotations = placed.into_iter().filter_map(|(range, index)| {
            let mark = marks.get(index)?;
            let label = mark.label.as_ref().map(|label| escape::line(label).into_owned());
            Some(mark.kind.span(range).label(label))
        });
        let annotations: Vec<Annotation<'static>> = annotations.collect();
        elements
            .push(Snippet::source(text).path(header).line_start(first_line).annotations(annotations).into());
    }
    elements
}

/// Frames a path with its line and column in what the renderer is given as a path. The renderer adds the
/// line and column that it sees, which are those of the cut-out text. Never part of text from outside, which
/// [`escape`] guarantees.
const HEADER: char = '\u{e000}';

/// Renders, with the true line and column behind each path.
fn print(renderer: &Renderer, group: Group<'_>) -> String {
    let rendered = renderer.render(&[group]);
    let mut out = String::with_capacity(rendered.len());
    let mut parts = rendered.split(HEADER);
    out.push_str(parts.next().unwrap_or_default());
    while let (Some(path), Some(at), Some(rest)) = (parts.next(), parts.next(), parts.next()) {
        out.push_str(path);
        out.push(':');
        out.push_str(at);
        out.push_str(rest.trim_start_matches(|c: char| c == ':' || c.is_ascii_digit()));
    }
    out
}

fn is_primary(marks: &[Mark], index: usize) -> bool {
    marks.get(index).is_some_and(|mark| mark.kind == AnnotationKind::Primary)
}

fn subjects(finding: &Finding) -> String {
    format!("concerns {}", some(finding.subjects.iter().map(words::subject)))
}

/// The workloads that are guarded: id, name, addresses.
fn affected(finding: &Finding) -> String {
    let workloads = finding.affected.iter().map(|workload| {
        let mut text = workload.id.clone();
        let more: Vec<&str> =
            workload.name.iter().chain(&workload.addresses).take(SOME).map(String::as_str).collect();
        if !more.is_empty() {
            let _ = write!(text, " ({})", more.join(", "));
        }
        text
    });
    let noun = if finding.affected.len() == 1 { "workload" } else { "workloads" };
    format!("guards {} {noun}: {}", finding.affected.len(), some(workloads))
}

/// The first few, and how many more.
fn some(texts: impl ExactSizeIterator<Item = String>) -> String {
    let more = texts.len().saturating_sub(SOME);
    let shown: Vec<String> = texts.take(SOME).collect();
    let shown = shown.join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

fn rows(rows: &[AllowedRow]) -> Vec<String> {
    let mut shown: Vec<String> =
        rows.iter().take(SOME).map(|row| format!("allows {}", allowed(row))).collect();
    if rows.len() > SOME {
        shown.push(format!("allows {} more rows", rows.len() - SOME));
    }
    shown
}

/// One row of what gets out, in words.
pub fn allowed(row: &AllowedRow) -> String {
    let protocol = if row.protocol == "any" { "every protocol" } else { &row.protocol };
    let ports = row.ports.as_ref().map_or(String::new(), |ports| format!(" {}", listed(ports, 8)));
    format!("{protocol}{ports} to {}", listed(&row.addresses, 8))
}

fn listed(items: &[String], most: usize) -> String {
    let mut text = items.iter().take(most).cloned().collect::<Vec<_>>().join(", ");
    if items.len() > most {
        let _ = write!(text, " and {} more", items.len() - most);
    }
    text
}

fn rating(finding: &Finding) -> String {
    let rating = &finding.rating;
    let mut text = format!(
        "impact {}, likelihood {}, CVSS {:.1}",
        rating.impact.name(),
        rating.likelihood.name(),
        rating.cvss_score
    );
    if let Some(environmental) = rating.cvss_environmental {
        let _ = write!(text, " (environmental {environmental:.1})");
    }
    for reason in &rating.reasons {
        let _ = write!(text, "; {reason}");
    }
    text
}

/// The one line that ends the output, and the hint how to learn more.
fn summary(run: &Run<'_>) -> String {
    let report = run.report;
    let mut line = counted_findings(report);
    for (number, what) in others(report) {
        if number > 0 {
            let _ = write!(line, ", {number} {what}");
        }
    }
    let _ = write!(line, " in {}", words::counted(run.files, "file"));
    if !run.skipped.is_empty() {
        let _ = write!(line, " ({} skipped)", run.skipped.len());
    }
    let _ = writeln!(line, ", {:.2} s", run.time.took.as_secs_f64());
    if let (Some(first), true) = (open(report).next(), run.detail == Detail::Normal) {
        let fingerprint = words::shortened(&first.fingerprint, SHORT).replace('…', "");
        let _ = writeln!(line, "More about one: tidegate scan --explain {fingerprint}");
    }
    line
}

/// Findings that nobody decided about, or no longer.
fn open(report: &Report) -> impl Iterator<Item = &Finding> {
    report.findings.iter().filter(|finding| !finding.status.settles())
}

/// How many there are of what is no open finding.
pub fn others(report: &Report) -> [(usize, &'static str); 3] {
    let decided = report.findings.len() - open(report).count();
    [(decided, "decided"), (report.suppressed.len(), "suppressed"), (report.unresolved.len(), "unresolved")]
}

/// `3 findings (1 high, 2 low)`: those that nobody decided about.
pub fn counted_findings(report: &Report) -> String {
    let mut text = words::counted(open(report).count(), "finding");
    let by_level: Vec<String> = tidegate_audit::Level::ALL
        .into_iter()
        .rev()
        .filter_map(|level| {
            let number = open(report).filter(|finding| finding.rating.risk == level).count();
            (number > 0).then(|| format!("{number} {}", level.name()))
        })
        .collect();
    if !by_level.is_empty() {
        let _ = write!(text, " ({})", by_level.join(", "));
    }
    text
}

/// Diagnostics, for standard error. Notes only when asked for.
pub fn diagnostics(list: &[Diagnostic], sources: &Sources<'_>, detail: Detail, width: usize) -> String {
    let renderer = Renderer::styled().term_width(width);
    let least = match detail {
        Detail::Quiet => Severity::Error,
        Detail::Normal => Severity::Warning,
        Detail::Verbose => Severity::Note,
    };
    let mut out = String::new();
    for diagnostic in list.iter().filter(|diagnostic| diagnostic.severity >= least) {
        let level = match diagnostic.severity {
            Severity::Note => Level::NOTE,
            Severity::Warning => Level::WARNING,
            Severity::Error => Level::ERROR,
        };
        let title = level.primary_title(escape::line(&diagnostic.message).into_owned());
        let elements = match diagnostic.span {
            Some(span) => {
                let mark = Mark { span, kind: AnnotationKind::Primary, label: None };
                file_elements(sources, &diagnostic.path, &[mark])
            }
            None => vec![Origin::path(escape::line(&diagnostic.path).into_owned()).into()],
        };
        let group: Group<'_> = title.elements(elements);
        let _ = writeln!(out, "{}\n", print(&renderer, group));
    }
    out
}
