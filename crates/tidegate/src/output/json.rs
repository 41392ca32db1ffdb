//! Tidegate's own JSON: a promise (`schema/scan-v1.schema.json`).

use super::Run;
use crate::positions::Sources;
use crate::words;
use anyhow::Result;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use tidegate_audit as audit;
use tidegate_estate::{Place, Span, Step};

/// Writes the document.
pub fn render(run: &Run<'_>) -> Result<String> {
    let at = run.sources;
    super::to_json(&Document {
        version: 1,
        tool: Tool { name: "tidegate", version: env!("CARGO_PKG_VERSION") },
        inputs: Inputs {
            files: run.files,
            bytes: run.bytes,
            skipped: run
                .skipped
                .iter()
                .map(|skipped| Skipped { path: &skipped.path, reason: &skipped.reason })
                .collect(),
        },
        findings: run.report.findings.iter().map(|finding| Finding::new(finding, at)).collect(),
        unresolved: run
            .report
            .unresolved
            .iter()
            .map(|unresolved| Unresolved {
                subject: Subject::new(&unresolved.subject),
                location: Location::new(&unresolved.place, at),
                reason: &unresolved.reason,
            })
            .collect(),
        suppressed: run
            .report
            .suppressed
            .iter()
            .map(|suppressed| Suppressed {
                finding: Finding::new(&suppressed.finding, at),
                by: words::muted_by(suppressed),
                reason: suppressed.reason.as_deref(),
                location: suppressed.place.as_ref().map(|place| Location::new(place, at)),
            })
            .collect(),
        diagnostics: run
            .report
            .diagnostics
            .iter()
            .map(|diagnostic| Diagnostic {
                severity: words::severity(diagnostic.severity),
                path: &diagnostic.path,
                location: diagnostic.span.map(|span| Location::within(&diagnostic.path, span, at)),
                message: &diagnostic.message,
            })
            .collect(),
    })
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    tool: Tool,
    inputs: Inputs<'a>,
    findings: Vec<Finding<'a>>,
    unresolved: Vec<Unresolved<'a>>,
    suppressed: Vec<Suppressed<'a>>,
    diagnostics: Vec<Diagnostic<'a>>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Inputs<'a> {
    files: usize,
    bytes: u64,
    skipped: Vec<Skipped<'a>>,
}

#[derive(Serialize)]
struct Skipped<'a> {
    path: &'a str,
    reason: &'a str,
}

#[derive(Serialize)]
struct Finding<'a> {
    rule: &'static str,
    aliases: &'a [&'static str],
    fingerprint: &'a str,
    category: &'static str,
    standards: Vec<&'static str>,
    message: &'a str,
    confidence: &'static str,
    rating: Rating<'a>,
    subjects: Vec<Subject<'a>>,
    affected: Vec<Affected<'a>>,
    location: Location<'a>,
    related: Vec<Related<'a>>,
    allows: Vec<Allowed<'a>>,
    share: Share,
    witness: Option<Witness<'a>>,
    path: Option<Path<'a>>,
    status: &'static str,
    decision: Option<Decision<'a>>,
    fixable: bool,
}

impl<'a> Finding<'a> {
    fn new(finding: &'a audit::Finding, at: &Sources<'_>) -> Self {
        Self {
            rule: finding.rule.name(),
            aliases: &finding.aliases,
            fingerprint: &finding.fingerprint,
            category: words::CATEGORY,
            standards: finding.standards.iter().map(|standard| standard.id).collect(),
            message: &finding.message,
            confidence: words::confidence(finding.confidence),
            rating: Rating::new(&finding.rating),
            subjects: finding.subjects.iter().map(Subject::new).collect(),
            affected: finding.affected.iter().map(Affected::new).collect(),
            location: Location::new(&finding.place, at),
            related: finding.related.iter().map(|step| Related::new(step, at)).collect(),
            allows: finding.allows.rows.iter().map(Allowed::new).collect(),
            share: Share { ipv4: finding.allows.share_ipv4, ipv6: finding.allows.share_ipv6 },
            witness: finding.witness.as_ref().map(Witness::new),
            path: finding.path.as_ref().map(|path| Path::new(path, at)),
            status: words::status(finding.status),
            decision: finding.decision.as_ref().map(Decision::new),
            fixable: finding.fixable,
        }
    }
}

/// The way of one packet.
#[derive(Serialize)]
struct Path<'a> {
    from: &'a str,
    interface: &'a str,
    packet: Witness<'a>,
    gates: Vec<Gate<'a>>,
    arrives: &'static str,
    inspected: bool,
    then: Option<Box<Path<'a>>>,
}

#[derive(Serialize)]
struct Gate<'a> {
    kind: &'static str,
    id: &'a str,
    why: &'a str,
    passes: &'static str,
    location: Option<Location<'a>>,
}

impl<'a> Path<'a> {
    fn new(path: &'a audit::PathShown, at: &Sources<'_>) -> Self {
        let gate = |gate: &'a audit::PathGate| Gate {
            kind: gate.kind,
            id: &gate.id,
            why: &gate.why,
            passes: gate.passes,
            location: gate.place.as_ref().map(|place| Location::new(place, at)),
        };
        Self {
            from: &path.from,
            interface: &path.interface,
            packet: Witness::new(&path.packet),
            gates: path.gates.iter().map(gate).collect(),
            arrives: path.arrives,
            inspected: path.inspected,
            then: path.then.as_ref().map(|then| Box::new(Path::new(then, at))),
        }
    }
}

#[derive(Serialize)]
struct Decision<'a> {
    who: &'a str,
    when: String,
    why: &'a str,
    until: Option<String>,
    sensitive_data: Option<bool>,
    private_network: Option<bool>,
}

impl<'a> Decision<'a> {
    fn new(decision: &'a audit::Decision) -> Self {
        Self {
            who: &decision.by,
            when: decision.on.to_string(),
            why: &decision.because,
            until: decision.until.map(|until| until.to_string()),
            sensitive_data: decision.sensitive_data,
            private_network: decision.private_network,
        }
    }
}

#[derive(Serialize)]
struct Rating<'a> {
    impact: &'static str,
    likelihood: &'static str,
    risk: &'static str,
    reasons: &'a [String],
    cvss: Cvss,
}

#[derive(Serialize)]
struct Cvss {
    vector: &'static str,
    score: f64,
    environmental: Option<f64>,
    environmental_vector: Option<&'static str>,
}

impl<'a> Rating<'a> {
    fn new(rating: &'a audit::Rating) -> Self {
        Self {
            impact: rating.impact.name(),
            likelihood: rating.likelihood.name(),
            risk: rating.risk.name(),
            reasons: &rating.reasons,
            cvss: Cvss {
                vector: rating.cvss_vector,
                score: rating.cvss_score,
                environmental: rating.cvss_environmental,
                environmental_vector: rating.cvss_environmental_vector,
            },
        }
    }
}

#[derive(Serialize)]
struct Subject<'a> {
    kind: &'static str,
    provider: &'static str,
    name: Option<&'a str>,
    path: Option<&'a str>,
    enclosing: Option<&'a str>,
    account: Option<&'a str>,
    region: Option<&'a str>,
}

impl<'a> Subject<'a> {
    fn new(subject: &'a audit::Subject) -> Self {
        Self {
            kind: subject.kind_name(),
            provider: subject.provider_name(),
            name: subject.name.as_deref(),
            path: subject.path.as_deref(),
            enclosing: subject.enclosing.as_deref(),
            account: subject.account.as_deref(),
            region: subject.region.as_deref(),
        }
    }
}

#[derive(Serialize)]
struct Affected<'a> {
    id: &'a str,
    name: Option<&'a str>,
    addresses: &'a [String],
    account: Option<&'a str>,
    region: Option<&'a str>,
    tags: &'a BTreeMap<String, String>,
}

impl<'a> Affected<'a> {
    fn new(affected: &'a audit::Affected) -> Self {
        Self {
            id: &affected.id,
            name: affected.name.as_deref(),
            addresses: &affected.addresses,
            account: affected.account.as_deref(),
            region: affected.region.as_deref(),
            tags: &affected.tags,
        }
    }
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    start: Point,
    end: Point,
}

#[derive(Serialize)]
struct Point {
    line: usize,
    column: usize,
}

impl<'a> Location<'a> {
    fn new(place: &'a Place, at: &Sources<'_>) -> Self {
        Self::within(&place.path, place.span, at)
    }

    fn within(path: &'a Arc<str>, span: Span, at: &Sources<'_>) -> Self {
        let range = at.range(path, span);
        Self {
            path,
            start: Point { line: range.start.line, column: range.start.column },
            end: Point { line: range.end.line, column: range.end.column },
        }
    }
}

#[derive(Serialize)]
struct Related<'a> {
    message: &'a str,
    location: Location<'a>,
}

impl<'a> Related<'a> {
    fn new(step: &'a Step, at: &Sources<'_>) -> Self {
        Self { message: &step.message, location: Location::new(&step.place, at) }
    }
}

#[derive(Serialize)]
struct Allowed<'a> {
    family: &'static str,
    protocol: &'a str,
    ports: Option<&'a [String]>,
    addresses: &'a [String],
}

impl<'a> Allowed<'a> {
    fn new(row: &'a audit::AllowedRow) -> Self {
        Self {
            family: words::family(row.family),
            protocol: &row.protocol,
            ports: row.ports.as_deref(),
            addresses: &row.addresses,
        }
    }
}

#[derive(Serialize)]
struct Share {
    ipv4: f64,
    ipv6: f64,
}

#[derive(Serialize)]
struct Witness<'a> {
    protocol: &'a str,
    address: &'a str,
    port: Option<u16>,
}

impl<'a> Witness<'a> {
    fn new(witness: &'a audit::Witness) -> Self {
        Self { protocol: &witness.protocol, address: &witness.address, port: witness.port }
    }
}

#[derive(Serialize)]
struct Unresolved<'a> {
    subject: Subject<'a>,
    location: Location<'a>,
    reason: &'a str,
}

#[derive(Serialize)]
struct Suppressed<'a> {
    finding: Finding<'a>,
    by: &'a str,
    reason: Option<&'a str>,
    location: Option<Location<'a>>,
}

#[derive(Serialize)]
struct Diagnostic<'a> {
    severity: &'static str,
    path: &'a str,
    location: Option<Location<'a>>,
    message: &'a str,
}
