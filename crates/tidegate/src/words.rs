//! One spelling of each term, the same in every format.

pub use tidegate_audit::words::counted;
use tidegate_audit::{Confidence, Decision, Status, Subject, Suppressed, SuppressedBy, Witness};
use tidegate_estate::Severity;
use tidegate_space::IpFamily;

/// The category of everything that Tidegate finds: network.
pub const CATEGORY: &str = "NET";

/// How sure.
pub fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Certain => "certain",
        Confidence::Possible => "possible",
        Confidence::Declared => "declared",
    }
}

/// What was decided.
pub fn status(status: Status) -> &'static str {
    status.name()
}

/// A decision in words: `safe: Ann on 2026-01-31, until 2026-12-31: a lab`.
pub fn decision(decision: &Decision) -> String {
    let until = decision.until.map_or(String::new(), |until| format!(", until {until}"));
    let mut text = format!("{}: {} on {}{until}", decision.status.name(), decision.by, decision.on);
    if !decision.because.is_empty() {
        text.push_str(": ");
        text.push_str(&decision.because);
    }
    text
}

/// Address family.
pub fn family(family: IpFamily) -> &'static str {
    match family {
        IpFamily::V4 => "ipv4",
        IpFamily::V6 => "ipv6",
    }
}

/// How bad a diagnostic is.
pub fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

/// A packet in a few words: `1.1.1.1 tcp/443`.
pub fn packet(witness: &Witness) -> String {
    match witness.port {
        Some(port) => format!("{} {}/{port}", witness.address, witness.protocol),
        None if witness.protocol.starts_with(|c: char| c.is_ascii_digit()) => {
            format!("{} protocol {}", witness.address, witness.protocol)
        }
        None => format!("{} {}", witness.address, witness.protocol),
    }
}

/// The witness as a sentence part.
pub fn gets_out(witness: &Witness) -> String {
    format!("a packet to {} gets out", packet(witness))
}

/// A policy's name for people: its path, else where it stands, else its short name.
pub fn subject(subject: &Subject) -> String {
    match (&subject.path, &subject.enclosing, &subject.name) {
        (Some(id), _, Some(name)) if subject.dialect.is_dump() && !id.ends_with(name.as_str()) => {
            format!("{id} ({name})")
        }
        (Some(path), _, _) => path.clone(),
        (None, Some(enclosing), Some(name)) => format!("{name} in {enclosing}"),
        (None, Some(enclosing), None) => enclosing.clone(),
        (None, None, Some(name)) => name.clone(),
        (None, None, None) => subject.kind_name().to_owned(),
    }
}

/// What muted a finding.
pub fn muted_by(suppressed: &Suppressed) -> &str {
    match &suppressed.by {
        SuppressedBy::Mark(mark) => mark,
        SuppressedBy::Baseline => "baseline",
    }
}

/// Text cut to so many characters.
pub fn shortened(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
