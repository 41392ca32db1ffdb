//! A template filled in as Markdown that people go on working with.

use super::{Facts, Wishes, claims, ratings};
use crate::data::System;
use crate::document::Picture;
use crate::escape;
use crate::markdown;
use crate::remedy;
use crate::template::{Problem, Rendered, Spot, Values};
use crate::texts::Text;
use std::cell::RefCell;
use std::fmt::Write as _;
use tidegate_audit::words;

/// How evidence appears in Markdown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Evidence {
    /// As a table in the text.
    #[default]
    Table,
    /// As a picture in a file in this folder (as links name it) with this ending, which the caller writes.
    Files(String, &'static str),
}

/// A template filled in.
#[derive(Debug, Clone, Default)]
pub struct Filled {
    /// Front matter and text; the facts stand below the title.
    pub text: String,
    /// Its front matter alone.
    pub front: String,
    /// Pictures that the text refers to.
    pub pictures: Vec<Picture>,
    /// What the reader of the output should know.
    pub warnings: Vec<String>,
}

/// Fills a template in for a topic.
///
/// # Errors
/// What cannot be filled in; a draft has no such errors.
pub fn fill_in(
    facts: &Facts<'_>,
    text: &Text,
    wishes: &Wishes,
    evidence: &Evidence,
) -> Result<Filled, Vec<Problem>> {
    let values = InMarkdown { facts, wishes, evidence, pictures: RefCell::new(Vec::new()) };
    let mut rendered = text.template.render(&wishes.fill(facts.topic), &values)?;
    let warnings = checked(&mut rendered, facts, text, wishes);
    let pictures = values.pictures.into_inner();
    Ok(Filled { text: with_facts(&rendered.text, &header(facts)), front: rendered.front, pictures, warnings })
}

/// What the text states, against the facts.
pub(super) fn checked(
    rendered: &mut Rendered,
    facts: &Facts<'_>,
    text: &Text,
    wishes: &Wishes,
) -> Vec<String> {
    let mut warnings = Vec::new();
    if let Some(worst) = facts.topic.worst() {
        let differ = ratings::check(rendered, &worst.rating, text.shipped || wishes.computed);
        warnings.extend(differ.warning().filter(|_| !text.shipped && !wishes.computed));
    }
    if !text.shipped {
        warnings.extend(claims::inbound_claim(&rendered.text, facts));
    }
    warnings
}

/// The text with a block below its first heading, or above it if there is none.
fn with_facts(text: &str, facts: &str) -> String {
    let (title, rest) = match text.starts_with('#') {
        true => text.split_at(text.find('\n').map_or(text.len(), |at| at + 1)),
        false => ("", text),
    };
    let title =
        if title.is_empty() || title.ends_with('\n') { title.to_owned() } else { format!("{title}\n") };
    let end = if title.ends_with("\r\n") { "\r\n" } else { "\n" };
    format!("{title}{end}{}{end}{rest}", facts.replace('\n', end))
}

/// Risk, score, category and systems as a list.
fn header(facts: &Facts<'_>) -> String {
    let Some(worst) = facts.topic.worst() else { return String::new() };
    let rating = &worst.rating;
    let mut out = String::new();
    let capital = |level: tidegate_audit::Level| words::sentence(level.name());
    let _ = writeln!(
        out,
        "- **Risk:** {} (impact {}, likelihood {})",
        capital(rating.risk),
        capital(rating.impact),
        capital(rating.likelihood)
    );
    let _ = write!(out, "- **CVSS:** {:.1} (`{}`)", rating.cvss_score, rating.cvss_vector);
    if let Some(environmental) = rating.cvss_environmental {
        let _ = write!(out, ", environmental {environmental:.1}");
    }
    let _ = writeln!(out, "\n- **Category:** NET");
    let names: Vec<String> =
        facts.topic.systems.iter().map(|system| escape::markdown_code(&title(system), false)).collect();
    let shown = names.get(..10.min(names.len())).unwrap_or_default().join(", ");
    let more = names.len().saturating_sub(10);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let _ = writeln!(out, "- **Affected systems ({}):** {shown}{more}", names.len());
    out
}

fn title(system: &System) -> String {
    match &system.id {
        Some(id) => format!("{} ({})", system.name, crate::data::short_id(id)),
        None => system.name.clone(),
    }
}

struct InMarkdown<'a> {
    facts: &'a Facts<'a>,
    wishes: &'a Wishes,
    evidence: &'a Evidence,
    pictures: RefCell<Vec<Picture>>,
}

impl Values for InMarkdown<'_> {
    fn value(&self, name: &str, spot: Spot) -> Option<String> {
        if let Some(value) = self.wishes.values.get(name) {
            return Some(given(value, spot));
        }
        built_in(self.facts, name, spot, &mut |spot| self.systems(spot))
    }

    fn evidence(&self, _shows: &str, spot: Spot) -> Option<String> {
        let (finding, subject) = self.facts.example()?;
        if let (Evidence::Files(folder, ending), Spot::Alone | Spot::Inline) = (self.evidence, spot) {
            let name = format!("{}-{}", self.facts.topic.id(), self.pictures.borrow().len() + 1);
            let picture = self.facts.picture(finding, subject, name)?;
            let link =
                format!("![{}]({folder}/{}.{ending})", markdown::text(&picture.alternative), picture.name);
            self.pictures.borrow_mut().push(picture);
            return Some(link);
        }
        let rules = self.facts.rules(finding, subject)?;
        if spot != Spot::Alone {
            return Some(escape::markdown_code(&crate::data::label(subject), false));
        }
        let mut out = format!(
            "Outbound rules of {}:\n\n| | Protocol | Ports | Destination | Made by |\n|---|---|---|---|---|\n",
            escape::markdown_code(&crate::data::label(subject), false)
        );
        for rule in &rules {
            let cell = |text: &str| escape::markdown_code(text, true);
            let action = if rule.marked { "**open**" } else { rule.action };
            let _ = writeln!(
                out,
                "| {action} | {} | {} | {} | {} |",
                cell(&rule.protocol),
                cell(&rule.ports),
                cell(&rule.destination),
                markdown::text(&rule.source)
            );
        }
        let heading = crate::data::Heading::of(&self.facts.data, finding, subject, String::new());
        let facts = heading.facts.iter().map(|(name, value)| format!("{name}: {value}"));
        let all: Vec<String> =
            facts.chain(heading.footer).map(|line| escape::markdown_code(&line, false)).collect();
        let _ = write!(out, "\n{}", all.join("  \n"));
        Some(out)
    }
}

impl InMarkdown<'_> {
    fn systems(&self, spot: Spot) -> String {
        let (shown, more) = self.facts.shown_systems();
        if spot != Spot::Alone {
            let names: Vec<String> = shown
                .iter()
                .map(|(system, _)| match spot {
                    Spot::Code => escape::line(&title(system)).into_owned(),
                    _ => escape::markdown_code(&title(system), false),
                })
                .collect();
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            return format!("{}{more}", names.join(", "));
        }
        let mut out = "| System | Addresses | Account, region | May reach |\n|---|---|---|---|\n".to_owned();
        for (system, reach) in shown {
            let cell = |text: &str| {
                if text.is_empty() { "–".to_owned() } else { escape::markdown_code(text, true) }
            };
            let place: Vec<&str> =
                [&system.account, &system.region].into_iter().flatten().map(String::as_str).collect();
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} |",
                cell(&title(system)),
                cell(&system.addresses.join(", ")),
                cell(&place.join(", ")),
                markdown::text(&reach)
            );
        }
        if more > 0 {
            let _ = write!(out, "\nand {more} more.");
        }
        out
    }
}

/// A value that somebody gave, for its spot.
pub(super) fn given(value: &str, spot: Spot) -> String {
    match spot {
        Spot::Code => escape::line(&value.replace(['\n', '\r'], " ")).replace('`', "'"),
        Spot::Alone => markdown::value(value, true),
        Spot::Inline => markdown::value(value, false),
    }
}

/// A value that the data gives.
pub(super) fn built_in(
    facts: &Facts<'_>,
    name: &str,
    spot: Spot,
    systems: &mut dyn FnMut(Spot) -> String,
) -> Option<String> {
    let code = |blocks: Vec<remedy::Code>| {
        let blocks = blocks.into_iter().filter(|block| !block.text.is_empty());
        let fenced: Vec<String> = blocks
            .map(|block| {
                let fence = escape::markdown_block(&facts.data.shown(block.text));
                fence.replacen("text\n", &format!("{}\n", block.language), 1).trim_end().to_owned()
            })
            .collect();
        (!fenced.is_empty()).then(|| fenced.join("\n\n"))
    };
    match name {
        "PLACEHOLDER" => Some(systems(spot)),
        "REMEDY" => code(remedy::remedy(facts)),
        "VERIFY" => code(remedy::verify(facts.topic, &facts.data.inputs.paths)),
        "COUNT" => Some(facts.topic.systems.len().to_string()),
        "REACH" => Some(given(&facts.reach(), spot)),
        "SHARE" => Some(given(&facts.share(), spot)),
        "CLIENT" => Some(given(facts.client(), spot)),
        _ => None,
    }
}
