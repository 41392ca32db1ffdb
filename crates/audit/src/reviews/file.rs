//! The file of decisions (`.tidegate/reviews.toml`): read entry by entry, written one line an entry.

use super::{Review, Reviews, ReviewsError};
use crate::date::Date;
use crate::finding::{Decision, Status};
use crate::stored::{self, StoredRow};
use serde::Deserialize;
use std::fmt::Write as _;
use tidegate_estate::{Diagnostic, Severity, Span};

/// The version of the format that is written and the only one that is read.
const VERSION: u32 = 1;

const HEADER: &str = "\
# Decisions about what Tidegate found, one a line. `tidegate review` writes them, and they are reviewed like code.
# Every line is complete in itself, so that branches merge by keeping the lines of both (.gitattributes here says so).
";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    #[serde(default)]
    decisions: Vec<toml::Spanned<toml::Value>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    fingerprint: String,
    rule: String,
    subject: String,
    file: Option<String>,
    status: String,
    by: String,
    on: Day,
    because: String,
    until: Option<Day>,
    sensitive_data: Option<bool>,
    private_network: Option<bool>,
    #[serde(default)]
    allows: Vec<StoredRow>,
}

/// A day as TOML has it, or in quotes.
#[derive(Deserialize)]
#[serde(untagged)]
enum Day {
    Bare(toml::value::Datetime),
    Quoted(String),
}

impl Day {
    fn date(&self) -> Result<Date, String> {
        let text = match self {
            Day::Bare(date) => date.to_string(),
            Day::Quoted(text) => text.clone(),
        };
        text.parse::<Date>().map_err(|error| error.to_string())
    }
}

impl Reviews {
    /// Reads a file of decisions; `path` is named in what there is to say about it. An entry that cannot be
    /// read is left out and told; a file that is no such file is an error.
    pub fn parse(text: &str, path: &str) -> Result<Self, ReviewsError> {
        let file: File = toml::from_str(text).map_err(|error| {
            let line = error.span().map(|span| {
                1 + text.get(..span.start).unwrap_or_default().bytes().filter(|byte| *byte == b'\n').count()
            });
            let at = line.map_or(String::new(), |line| format!(":{line}"));
            ReviewsError(format!("{path}{at}: cannot read the decisions: {}", error.message()))
        })?;
        if file.version != VERSION {
            let version = file.version;
            return Err(ReviewsError(format!(
                "{path} holds decisions of version {version}; this program reads version {VERSION}"
            )));
        }
        let mut reviews = Self { path: path.into(), ..Self::default() };
        for entry in file.decisions {
            let span = entry.span();
            match entry.into_inner().try_into::<Entry>().map_err(|e| e.message().to_owned()).and_then(review)
            {
                Ok((fingerprint, review)) => reviews.take_in(fingerprint, review),
                Err(wrong) => {
                    let warning = reviews.warning(format!("a decision that cannot be read: {wrong}"));
                    let span = Some(Span::new(span.start, span.end));
                    reviews.problems.push(Diagnostic { span, ..warning });
                    reviews.unreadable += 1;
                }
            }
        }
        Ok(reviews)
    }

    /// The file's text. Entries come in order of their fingerprints: where a new one goes does not depend on
    /// when it was made. The blank lines between them keep changes to neighbours apart.
    pub fn to_toml(&self) -> String {
        let mut out = format!("{HEADER}version = {VERSION}\ndecisions = [\n\n");
        for (fingerprint, review) in &self.reviews {
            let _ = writeln!(out, "  {},\n", line(fingerprint, review));
        }
        out.push_str("]\n");
        out
    }

    pub(super) fn warning(&self, message: String) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, path: self.path.clone(), span: None, message }
    }
}

fn review(entry: Entry) -> Result<(String, Review), String> {
    let status =
        Status::from_name(&entry.status).ok_or_else(|| format!("`{}` is no status", entry.status))?;
    let decision = Decision {
        status,
        by: entry.by,
        on: entry.on.date()?,
        because: entry.because,
        until: entry.until.as_ref().map(Day::date).transpose()?,
        sensitive_data: entry.sensitive_data,
        private_network: entry.private_network,
    };
    let allows = stored::set(entry.allows)?;
    let Entry { fingerprint, rule, subject, file, .. } = entry;
    Ok((fingerprint, Review { rule, subject, file, decision, allows }))
}

/// One entry on one line, whatever its texts hold.
fn line(fingerprint: &str, review: &Review) -> String {
    let decision = &review.decision;
    let mut fields = vec![
        format!("fingerprint = {}", quoted(fingerprint)),
        format!("rule = {}", quoted(&review.rule)),
        format!("subject = {}", quoted(&review.subject)),
    ];
    fields.extend(review.file.as_ref().map(|file| format!("file = {}", quoted(file))));
    fields.push(format!("status = {}", quoted(decision.status.name())));
    fields.push(format!("by = {}", quoted(&decision.by)));
    fields.push(format!("on = {}", decision.on));
    fields.extend(decision.until.map(|until| format!("until = {until}")));
    fields.push(format!("because = {}", quoted(&decision.because)));
    fields.extend(decision.sensitive_data.map(|answer| format!("sensitive_data = {answer}")));
    fields.extend(decision.private_network.map(|answer| format!("private_network = {answer}")));
    let rows: Vec<String> = stored::rows(&review.allows).iter().map(row).collect();
    fields.push(format!("allows = [{}]", rows.join(", ")));
    format!("{{ {} }}", fields.join(", "))
}

fn row(row: &StoredRow) -> String {
    let list = |texts: &[String]| texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", ");
    let ports = row.ports.as_ref().map_or(String::new(), |ports| format!(", ports = [{}]", list(ports)));
    format!(
        "{{ family = {}, protocol = {}{ports}, addresses = [{}] }}",
        quoted(row.family.name()),
        quoted(&row.protocol),
        list(&row.addresses)
    )
}

/// A basic string of TOML on one line.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Also those that only some editors take for the end of a line.
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
