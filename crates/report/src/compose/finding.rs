//! One finding of a report: a rule on a platform, with facts, text, evidence, and every place of it.

use super::method::at;
use super::summary::{capital, platform};
use super::{Unfilled, text};
use crate::data::{OwnText, label};
use crate::document::{Block, Cell, Column, Inline, Row, Section, SectionKind, Table};
use crate::fill::{self, Facts, Wishes};
use crate::markdown;
use crate::retest::{self, Outcome};
use crate::template::Problem;
use crate::texts::{Text, Texts};
use tidegate_audit::words::counted;
use tidegate_audit::{Confidence, Finding, words};

/// The finding's section; `number` counts findings from 1, and is left out if 0.
///
/// # Errors
/// The template cannot be filled in.
pub fn section(
    facts: &Facts<'_>,
    number: usize,
    texts: &Texts,
    wishes: &Wishes,
    warnings: &mut Vec<String>,
) -> Result<Section, Unfilled> {
    let text = texts.of(facts.topic.rule);
    let unfilled =
        |problems| Unfilled { template: text.map_or_else(String::new, |text| text.name.clone()), problems };
    told_by(facts, number, text, wishes, warnings).map_err(unfilled)
}

/// The same, told by a template of one's choice.
///
/// # Errors
/// What the template lacks.
pub fn told_by(
    facts: &Facts<'_>,
    number: usize,
    template: Option<&Text>,
    wishes: &Wishes,
    warnings: &mut Vec<String>,
) -> Result<Section, Vec<Problem>> {
    let topic = facts.topic;
    let (title, mut blocks) = text_of(facts, template, wishes, warnings)?;
    let mut all = vec![Block::Table(facts_table(facts))];
    all.append(&mut blocks);
    let heading = if number > 0 { format!("{number}. {title}") } else { title };
    let places = Section {
        id: format!("{}-places", topic.id()),
        heading: text(format!("Places ({})", topic.findings.len())),
        blocks: topic.findings.iter().enumerate().flat_map(|(n, finding)| place(facts, finding, n)).collect(),
        ..Section::default()
    };
    Ok(Section {
        kind: SectionKind::Finding(topic.risk()),
        id: topic.id(),
        heading: text(heading),
        blocks: all,
        sections: vec![places],
    })
}

/// The finding's title and text: what the template makes of the facts, and a reviewer's own words before it.
///
/// # Errors
/// What the template lacks.
pub(crate) fn text_of(
    facts: &Facts<'_>,
    template: Option<&Text>,
    wishes: &Wishes,
    warnings: &mut Vec<String>,
) -> Result<(String, Vec<Block>), Vec<Problem>> {
    let (mut title, mut blocks) = (facts.topic.rule.summary().to_owned(), Vec::new());
    if let Some(text) = template {
        let (told, body, told_warnings) = fill::as_blocks(facts, text, wishes)?;
        warnings.extend(told_warnings.into_iter().map(|warning| format!("{}: {warning}", text.name)));
        (title, blocks) = (told, body);
    }
    if let Some(own) = own_text(facts) {
        if let Some(text) = &own.text {
            blocks = markdown::read(text, &mut markdown::no_pictures);
        }
        if let Some(own) = &own.title {
            title.clone_from(own);
        }
        if let Some(note) = &own.note {
            blocks.insert(0, Block::Callout(markdown::read(note, &mut markdown::no_pictures)));
        }
    }
    Ok((title, blocks))
}

/// A reviewer's own text: for a finding of the topic, else for its rule.
fn own_text<'a>(facts: &Facts<'a>) -> Option<&'a OwnText> {
    let texts = &facts.data.about.texts;
    let prints = facts.topic.findings.iter().find_map(|finding| {
        texts.iter().find(|(key, _)| key.len() >= 8 && finding.fingerprint.starts_with(key.as_str()))
    });
    prints
        .map(|(_, own)| own)
        .or_else(|| texts.get(&facts.topic.id()))
        .or_else(|| texts.get(facts.topic.rule.name()))
}

/// Risk, score, category and the like as a small table.
fn facts_table(facts: &Facts<'_>) -> Table {
    let topic = facts.topic;
    let mut rows: Vec<(&str, Cell)> = Vec::new();
    if let Some(worst) = topic.worst() {
        let rating = &worst.rating;
        let mut risk = Cell::risk(rating.risk);
        risk.text.push(Inline::text(format!(
            " (impact {}, likelihood {})",
            rating.impact.name(),
            rating.likelihood.name()
        )));
        rows.push(("Risk", risk));
        let mut cvss =
            vec![Inline::text(format!("{:.1} ", rating.cvss_score)), Inline::code(rating.cvss_vector)];
        if let Some(environmental) = rating.cvss_environmental {
            cvss.push(Inline::text(format!(", environmental {environmental:.1} ")));
            cvss.extend(rating.cvss_environmental_vector.map(Inline::code));
        }
        rows.push(("CVSS", Cell { text: cvss, ..Cell::default() }));
        rows.push(("Category", Cell::text("NET")));
        rows.push(("Rule", Cell::code(topic.rule.name())));
    }
    rows.push(("Platform", Cell::text(platform(topic))));
    rows.extend(standards(facts).map(|text| ("Standards", Cell { text, ..Cell::default() })));
    let names: Vec<String> = topic.systems.iter().map(|system| system.name.clone()).collect();
    let shown: Vec<String> = names.iter().take(6).cloned().collect();
    let more = names.len().saturating_sub(6);
    let systems =
        if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { words::list(&shown) };
    rows.push(("Affected", Cell::text(format!("{}: {systems}", counted(names.len(), "system")))));
    let column = |heading: &str, weight| Column { heading: heading.to_owned(), numeric: false, weight };
    Table {
        caption: String::new(),
        columns: vec![column("", 1), column("", 5)],
        rows: rows
            .into_iter()
            .map(|(name, cell)| Row {
                cells: vec![Cell { text: vec![Inline::strong(name)], ..Cell::default() }, cell],
                marked: false,
            })
            .collect(),
        interactive: false,
    }
}

/// The standards that speak of the findings, each with a link.
fn standards(facts: &Facts<'_>) -> Option<Vec<Inline>> {
    let all: std::collections::BTreeSet<_> =
        facts.topic.findings.iter().flat_map(|finding| finding.standards.iter().copied()).collect();
    // One line a standard, with its parts behind it.
    let mut lines: Vec<(&str, Vec<Inline>)> = Vec::new();
    for standard in all {
        let (of, part) = standard.id.rsplit_once(' ').unwrap_or(("", standard.id));
        if lines.last().is_none_or(|(last, _)| *last != of) {
            let name = if of.is_empty() { Vec::new() } else { vec![Inline::text(format!("{of}: "))] };
            lines.push((of, name));
        }
        let Some((_, line)) = lines.last_mut() else { continue };
        if matches!(line.last(), Some(Inline::Link { .. })) {
            line.push(Inline::text(", "));
        }
        line.push(Inline::Link { target: standard.url.to_owned(), text: text(part) });
    }
    let mut out = Vec::new();
    for (_, line) in lines {
        if !out.is_empty() {
            out.push(Inline::Break);
        }
        out.extend(line);
    }
    (!out.is_empty()).then_some(out)
}

/// One place: what it is, how it came about, and the picture of its first policy.
fn place(facts: &Facts<'_>, finding: &Finding, number: usize) -> Vec<Block> {
    let names: Vec<String> = finding.subjects.iter().map(label).collect();
    let summary = vec![
        Inline::strong(words::some(&names)),
        Inline::text(format!(", {}, ", capital(finding.rating.risk).to_lowercase())),
        Inline::code(at(&facts.data, &finding.place)),
    ];
    let mut blocks = vec![Block::text(&finding.message)];
    let picture = finding.subjects.first().and_then(|subject| {
        facts.picture(finding, subject, format!("{}-place-{}", facts.topic.id(), number + 1))
    });
    blocks.extend(picture.map(Block::Picture));
    let mut items: Vec<Vec<Inline>> = Vec::new();
    if let Some(witness) = &finding.witness {
        let port = witness.port.map_or_else(String::new, |port| format!("/{port}"));
        items.push(vec![
            Inline::text("A packet that gets out: "),
            Inline::code(format!("{}{port} to {}", witness.protocol, witness.address)),
        ]);
    }
    match finding.confidence {
        Confidence::Certain => {}
        Confidence::Possible => {
            items.push(text("Possible: only an alternative that is written down lets it out."))
        }
        Confidence::Declared => {
            items.push(text("Declared: the code says so of a policy that it does not make."))
        }
    }
    let mut next = finding.path.as_ref();
    while let Some(path) = next {
        blocks.push(super::way::table(&facts.data, path));
        next = path.then.as_deref();
    }
    for step in &finding.related {
        items.push(vec![
            Inline::code(at(&facts.data, &step.place)),
            Inline::text(format!(" {}", step.message)),
        ]);
    }
    if let Some(outcome) =
        facts.data.retest.and_then(|retest| retest::of_finding(retest, &facts.data, finding))
    {
        let what = match outcome {
            Outcome::Partly(set) => format!(", what still gets out: {}", fill::reach_in_words(set)),
            Outcome::Grown(set) => format!(", and more gets out than before: {}", fill::reach_in_words(set)),
            _ => String::new(),
        };
        items.push(text(format!("Retest: {}{what}", outcome.name())));
    }
    for reason in &finding.rating.reasons {
        items.push(text(format!("Rating: {reason}")));
    }
    if let Some(decision) = &finding.decision {
        let until = decision.until.map_or_else(String::new, |date| format!(", until {date}"));
        items.push(text(format!(
            "Decided as {} by {} on {}{until}: {}",
            decision.status.name(),
            decision.by,
            decision.on,
            decision.because
        )));
    }
    items.push(vec![Inline::text("Fingerprint: "), Inline::code(&finding.fingerprint)]);
    blocks.push(Block::List(None, items.into_iter().map(|item| vec![Block::Paragraph(item)]).collect()));
    vec![Block::Details(summary, blocks)]
}
