//! Everything about one finding: `--explain`.

use super::Run;
use super::text;
use crate::rulebook::Page;
use crate::{escape, words};
use std::fmt::Write as _;
use tidegate_audit::{Decision, Finding, Level, PathShown, Rating, Report};
use tidegate_estate::names::shortened;

/// What a fingerprint, or the beginning of one, stands for.
pub enum Named<'a> {
    /// Exactly one finding, and how it is muted if it is.
    One(&'a Finding, Option<&'a tidegate_audit::Suppressed>),
    /// Nothing.
    None,
    /// The beginning fits several.
    Several(usize),
}

/// Finds a finding, muted or not.
pub fn find<'a>(report: &'a Report, fingerprint: &str) -> Named<'a> {
    let wanted = fingerprint.trim().to_ascii_lowercase();
    let shown = report.findings.iter().map(|finding| (finding, None));
    let muted = report.suppressed.iter().map(|suppressed| (&suppressed.finding, Some(suppressed)));
    let mut fitting: Vec<_> =
        shown.chain(muted).filter(|(finding, _)| finding.fingerprint.starts_with(&wanted)).collect();
    if let Some(exact) = fitting.iter().position(|(finding, _)| finding.fingerprint == wanted) {
        fitting = vec![fitting[exact]];
    }
    match fitting.as_slice() {
        [(finding, muted)] if !wanted.is_empty() => Named::One(finding, *muted),
        [] => Named::None,
        several => Named::Several(several.len()),
    }
}

/// The finding, its chain, what gets out, how it is rated and why, and what its rule means.
pub fn render(run: &Run<'_>, finding: &Finding, muted: Option<&tidegate_audit::Suppressed>) -> String {
    let mut out = text::in_full(run, finding);
    let _ = writeln!(out, "Fingerprint  {}", finding.fingerprint);
    let _ = writeln!(out, "Known as     {}", known_as(finding));
    let _ = writeln!(out, "Confidence   {}", words::confidence(finding.confidence));
    let _ = writeln!(out, "Status       {}", words::status(finding.status));
    if let Some(decision) = &finding.decision {
        let _ = writeln!(out, "Decided      {}", escape::line(&words::decision(decision)));
        let _ = writeln!(out, "Answers      {}", answers(decision));
    }
    if let Some(muted) = muted {
        let reason = muted.reason.as_deref().map_or(String::new(), |reason| format!(": {reason}"));
        let _ =
            writeln!(out, "Muted by     {}{}", escape::line(words::muted_by(muted)), escape::line(&reason));
    }
    out.push_str("\nConcerns\n");
    for subject in &finding.subjects {
        let _ = writeln!(out, "  {} ({})", escape::line(&words::subject(subject)), subject.kind_name());
    }
    for affected in &finding.affected {
        let name = affected.name.as_deref().map_or(String::new(), |name| format!(" ({name})"));
        let addresses = affected.addresses.join(" ");
        let _ = writeln!(
            out,
            "  {}{} {}",
            escape::line(&affected.id),
            escape::line(&name),
            escape::line(&addresses)
        );
    }
    out.push_str("\nStandards\n");
    for standard in &finding.standards {
        let _ = writeln!(out, "  {}  {}", standard.id, standard.name);
    }
    out.push_str("\nHow the analysis got there\n");
    for (at, step) in finding.related.iter().enumerate() {
        let _ = writeln!(out, "  {}. {}  {}", at + 1, place(run, &step.place), escape::line(&step.message));
    }
    let _ = writeln!(out, "  => {}", place(run, &finding.place));
    out.push_str("\nWhat gets out\n");
    for row in &finding.allows.rows {
        let _ = writeln!(out, "  {}  {}", words::family(row.family), escape::line(&text::allowed(row)));
    }
    let _ = writeln!(
        out,
        "  reaches {:.1} % of the IPv4 Internet and {:.1} % of the IPv6 one",
        finding.allows.share_ipv4 * 100.0,
        finding.allows.share_ipv6 * 100.0
    );
    if let Some(witness) = &finding.witness {
        let _ = writeln!(out, "  for instance {}", escape::line(&words::gets_out(witness)));
    }
    let mut next = finding.path.as_ref();
    while let Some(path) = next {
        out.push_str(&way(run, path));
        next = path.then.as_deref();
    }
    out.push('\n');
    out.push_str(&matrix(&finding.rating));
    let _ = writeln!(out, "\n{}", crate::plain::render(Page::of(finding.rule).body));
    out
}

/// What a decision says to the two questions.
fn answers(decision: &Decision) -> String {
    let said = |answer: Option<bool>| match answer {
        Some(true) => "yes",
        Some(false) => "no",
        None => "not answered",
    };
    format!(
        "sensitive data: {}; private network: {}",
        said(decision.sensitive_data),
        said(decision.private_network)
    )
}

fn known_as(finding: &Finding) -> String {
    let mut names = vec![finding.rule.name()];
    names.extend(&finding.aliases);
    names.join(", ")
}

fn place(run: &Run<'_>, place: &tidegate_estate::Place) -> String {
    let start = run.sources.at(place).start;
    format!("{}:{}:{}", escape::line(&place.path), start.line, start.column)
}

/// The way of one packet, gate by gate.
fn way(run: &Run<'_>, path: &PathShown) -> String {
    let port = path.packet.port.map_or_else(String::new, |port| format!("/{port}"));
    let head =
        format!("The way of {}{port} from {} to {}", path.packet.protocol, path.from, path.packet.address);
    let mut out = format!("\n{}\n", escape::line(&head));
    for gate in &path.gates {
        let sign = match gate.passes {
            "yes" => "✓",
            "perhaps" => "~",
            _ => "✗",
        };
        let told = shortened(&format!("{sign} {} {}: {}", gate.kind, gate.id, gate.why));
        let at = gate.place.as_ref().map_or_else(String::new, |at| format!("  [{}]", place(run, at)));
        let _ = writeln!(out, "  {}{at}", escape::line(&told));
    }
    let ends = match path.arrives {
        "yes" => "arrives",
        "perhaps" => "perhaps arrives",
        _ => "does not arrive",
    };
    let inspected = if path.inspected { ", inspected on the way" } else { "" };
    let _ = writeln!(out, "  => it {ends}{inspected}");
    out
}

/// The matrix of impact and likelihood with the chosen cell in brackets, and the facts that chose it.
fn matrix(rating: &Rating) -> String {
    let order = Level::ALL;
    let mut out = format!("Rating: risk {}\n  impact \\ likelihood", rating.risk.name());
    for likelihood in order {
        let _ = write!(out, " {:>15}", likelihood.name());
    }
    out.push('\n');
    for impact in order.into_iter().rev() {
        let _ = write!(out, "  {:<19}", impact.name());
        for likelihood in order {
            let risk = (impact as usize + likelihood as usize).saturating_sub(3).clamp(1, 5);
            let name = order.get(risk - 1).map_or("", |level| level.name());
            let chosen = impact == rating.impact && likelihood == rating.likelihood;
            let cell = if chosen { format!("[{name}]") } else { name.to_owned() };
            let _ = write!(out, " {cell:>15}");
        }
        out.push('\n');
    }
    for reason in &rating.reasons {
        let _ = writeln!(out, "  - {}", escape::line(reason));
    }
    let _ = write!(out, "  CVSS {:.1} {}", rating.cvss_score, rating.cvss_vector);
    if let Some(environmental) = rating.cvss_environmental {
        let _ = write!(out, ", environmental {environmental:.1}");
        if let Some(vector) = rating.cvss_environmental_vector {
            let _ = write!(out, " {vector}");
        }
    }
    out.push('\n');
    out
}
