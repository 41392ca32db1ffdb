//! A report as a document: cover, summary, method, findings, decisions, appendix.

mod appendix;
pub(crate) mod finding;
mod method;
mod retest;
mod summary;
mod tables;
mod way;

pub(crate) use summary::platform;
pub use tables::{rules_table, systems_table};

use crate::data::{Data, Policies, Topic, topics};
use crate::document::{Cover, Document, Section};
use crate::fill::{Facts, Wishes};
use crate::template::Problem;
use crate::texts::{Text, Texts};
use tidegate_audit::{Finding, Status};

/// A report with what its maker should know.
#[derive(Debug, Clone, Default)]
pub struct Composed {
    /// The document.
    pub document: Document,
    /// Warnings, one sentence each.
    pub warnings: Vec<String>,
}

/// What of a report is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Only the finding with this fingerprint (or its beginning), or of this rule.
    pub single: Option<String>,
}

/// A template that cannot be filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfilled {
    /// Its file.
    pub template: String,
    /// What is missing.
    pub problems: Vec<Problem>,
}

/// Composes a report of everything that was found.
///
/// # Errors
/// A template that cannot be filled in.
pub fn compose(data: Data<'_>, texts: &Texts, wishes: &Wishes) -> Result<Composed, Unfilled> {
    let policies = Policies::of(data.estates);
    let open: Vec<&Finding> =
        data.report.findings.iter().filter(|finding| finding.status != Status::Safe).collect();
    let topics = topics(open.iter().copied());
    let mut composed = Composed::default();
    let mut findings = Vec::new();
    for (number, topic) in topics.iter().enumerate() {
        let facts = Facts { data, policies: &policies, topic };
        findings.push(finding::section(&facts, number + 1, texts, wishes, &mut composed.warnings)?);
    }
    let titles: Vec<String> = findings
        .iter()
        .map(|section| crate::document::plain(&section.heading))
        .map(|title| title.split_once(". ").map_or(title.clone(), |(_, bare)| bare.to_owned()))
        .collect();
    let mut sections = vec![summary::section(&data, &topics, &titles)];
    sections.extend(data.retest.map(|retest| retest::section(&data, retest)));
    sections.push(method::section(&data));
    sections.push(Section {
        id: "findings".to_owned(),
        heading: text("Findings"),
        blocks: if findings.is_empty() { summary::nothing() } else { Vec::new() },
        sections: findings,
        ..Section::default()
    });
    sections.extend(method::decisions(&data));
    sections.extend(appendix::sections(&data, &policies, &topics));
    composed.document = Document { cover: cover(&data), sections };
    Ok(composed)
}

/// Composes one finding on its own: that of a fingerprint (or its beginning), or all of a rule.
///
/// # Errors
/// A template that cannot be filled in. `Ok(None)`: there is no such finding, or several.
pub fn single(
    data: Data<'_>,
    which: &str,
    texts: &Texts,
    wishes: &Wishes,
) -> Result<Option<Composed>, Unfilled> {
    let wanted = chosen(&data, which);
    let policies = Policies::of(data.estates);
    let topics = topics(wanted);
    if topics.is_empty() {
        return Ok(None);
    }
    let mut composed = Composed::default();
    let mut sections = Vec::new();
    for topic in &topics {
        let facts = Facts { data, policies: &policies, topic };
        sections.push(finding::section(&facts, 0, texts, wishes, &mut composed.warnings)?);
    }
    let title = sections.first().map(|section| crate::document::plain(&section.heading)).unwrap_or_default();
    composed.document = Document { cover: Cover { title, ..cover(&data) }, sections };
    Ok(Some(composed))
}

/// Composes the findings of some topics alone, each told by the same template.
///
/// # Errors
/// What the template lacks.
pub fn with_template(
    data: Data<'_>,
    topics: &[Topic<'_>],
    policies: &Policies<'_>,
    text: &Text,
    wishes: &Wishes,
) -> Result<Composed, Vec<Problem>> {
    let mut composed = Composed::default();
    for topic in topics {
        let facts = Facts { data, policies, topic };
        let section = finding::told_by(&facts, 0, Some(text), wishes, &mut composed.warnings)?;
        composed.document.sections.push(section);
    }
    let first = composed.document.sections.first();
    let title = first.map(|section| crate::document::plain(&section.heading)).unwrap_or_default();
    composed.document.cover = Cover { title, ..cover(&data) };
    Ok(composed)
}

/// The findings that a fingerprint, its beginning, or a rule's name stands for.
pub fn chosen<'a>(data: &Data<'a>, which: &str) -> Vec<&'a Finding> {
    let which = which.trim().to_lowercase();
    let all = data.report.findings.iter();
    let of_rule: Vec<&Finding> = all.clone().filter(|finding| finding.rule.name() == which).collect();
    if !of_rule.is_empty() || which.is_empty() {
        return of_rule;
    }
    all.filter(|finding| finding.fingerprint.starts_with(&which)).collect()
}

fn cover(data: &Data<'_>) -> Cover {
    let about = data.about;
    let title = about.title.clone().unwrap_or_else(|| "Outbound network access: findings".to_owned());
    let mut facts = Vec::new();
    let mut fact = |name: &str, value: Option<&str>| {
        facts.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    };
    fact("Client", about.client.as_deref());
    fact("Author", about.author.as_deref());
    fact("Date", Some(&about.date));
    let accounts = accounts(data);
    fact("Accounts", Some(accounts.as_str()).filter(|accounts| !accounts.is_empty()));
    fact("Program", Some(&format!("Tidegate {}", about.version)));
    facts.extend(about.facts.iter().cloned());
    Cover { title, facts, language: "en".to_owned() }
}

/// The accounts that the data is about, a few of them.
fn accounts(data: &Data<'_>) -> String {
    let policies = data.estates.iter().flat_map(|estate| &estate.policies);
    let found: std::collections::BTreeSet<&str> =
        policies.filter_map(|policy| policy.account.as_deref()).collect();
    let names: Vec<String> = found.into_iter().map(str::to_owned).collect();
    if names.is_empty() { String::new() } else { tidegate_audit::words::some(&names) }
}

pub(crate) fn text(text: impl Into<String>) -> Vec<crate::document::Inline> {
    vec![crate::document::Inline::Text(text.into())]
}

/// All topics together: how many systems they affect.
pub(crate) fn affected(topics: &[Topic<'_>]) -> usize {
    let systems: std::collections::BTreeSet<(&str, Option<&str>, Option<&str>)> = topics
        .iter()
        .flat_map(|topic| &topic.systems)
        .map(|system| (system.name.as_str(), system.id.as_deref(), system.account.as_deref()))
        .collect();
    systems.len()
}
