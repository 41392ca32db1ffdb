//! A topic's text in parts, ready for the fields of a tool.

use super::sections::{Part, Sections};
use super::{Order, TITLE, line};
use crate::compose::{self, Unfilled, finding, rules_table};
use crate::data::{Heading, Policies, Topic, label, topics};
use crate::document::{Block, Inline, Picture};
use crate::fill::{Facts, reach_in_words};
use crate::retest::Outcome;
use std::collections::BTreeMap;
use tidegate_audit::Finding;

/// Places that a text lists; how many more there are is said.
const PLACES: usize = 25;

/// A topic, told.
pub struct Told {
    /// Its title.
    pub title: String,
    /// Its text.
    pub sections: Sections,
    /// The picture of its example, where pictures can be handed over.
    pub picture: Option<Picture>,
}

/// Tells every topic of an order. Titles that several platforms share name the platform.
pub fn every<'a>(order: &Order<'a>, warnings: &mut Vec<String>) -> Result<Vec<(Topic<'a>, Told)>, Unfilled> {
    let policies = Policies::of(order.data.estates);
    let mut all = Vec::new();
    for topic in topics(order.findings.iter().copied()) {
        let told = one(order, &policies, &topic, warnings)?;
        all.push((topic, told));
    }
    let mut titles: BTreeMap<String, usize> = BTreeMap::new();
    for (_, told) in &all {
        *titles.entry(told.title.clone()).or_default() += 1;
    }
    for (topic, told) in &mut all {
        if titles.get(&told.title).is_some_and(|count| *count > 1) {
            told.title = format!("{} ({})", line(&told.title, TITLE - 20), compose::platform(topic));
        }
    }
    Ok(all)
}

/// Tells one topic.
pub fn one(
    order: &Order<'_>,
    policies: &Policies<'_>,
    topic: &Topic<'_>,
    warnings: &mut Vec<String>,
) -> Result<Told, Unfilled> {
    let facts = Facts { data: order.data, policies, topic };
    let template = order.texts.of(topic.rule);
    let unfilled = |problems| Unfilled {
        template: template.map_or_else(String::new, |text| text.name.clone()),
        problems,
    };
    let (title, mut blocks) = finding::text_of(&facts, template, order.wishes, warnings).map_err(unfilled)?;
    let evidence = evidence(&facts);
    let shown = with_tables(&mut blocks, &evidence);
    let mut title = title;
    if order.wishes.draft {
        title = as_todo(&title);
        blocks.iter_mut().for_each(todo_in_block);
    }
    let mut sections = Sections::of(blocks);
    if !shown {
        sections.add(Part::Description, "", evidence);
    }
    // Drawing costs more than the text; it is for those who can take a picture.
    let picture = order.png.and_then(|_| {
        let (finding, subject) = facts.example()?;
        facts.picture(finding, subject, topic.id())
    });
    Ok(Told { title: line(&title, TITLE), sections, picture })
}

/// The outbound rules of the example as a table, and where they were read.
fn evidence(facts: &Facts<'_>) -> Vec<Block> {
    let Some((finding, subject)) = facts.example() else { return Vec::new() };
    let Some(rules) = facts.rules(finding, subject) else { return Vec::new() };
    let caption = format!("Outbound rules of {}", label(subject));
    let heading = Heading::of(&facts.data, finding, subject, String::new());
    let mut lines: Vec<Inline> = Vec::new();
    let facts = heading.facts.iter().map(|(name, value)| format!("{name}: {value}"));
    for text in facts.chain(heading.footer) {
        if !lines.is_empty() {
            lines.push(Inline::Break);
        }
        lines.push(Inline::Code(text));
    }
    vec![Block::Table(rules_table(caption, &rules)), Block::Paragraph(lines)]
}

/// Puts a table where a picture is; whether there was one.
fn with_tables(blocks: &mut Vec<Block>, table: &[Block]) -> bool {
    let mut any = false;
    let mut out = Vec::with_capacity(blocks.len());
    for mut block in blocks.drain(..) {
        match &mut block {
            Block::Picture(_) if !table.is_empty() => {
                // The same evidence twice is said once.
                if !any {
                    out.extend(table.iter().cloned());
                }
                any = true;
                continue;
            }
            Block::Quote(inner) | Block::Callout(inner) | Block::Details(_, inner) => {
                any |= with_tables(inner, table);
            }
            Block::List(_, items) => items.iter_mut().for_each(|item| any |= with_tables(item, table)),
            _ => {}
        }
        out.push(block);
    }
    *blocks = out;
    any
}

/// Where the topic was found, as a list.
pub fn places(order: &Order<'_>, topic: &Topic<'_>) -> Vec<Block> {
    let mut items: Vec<Vec<Block>> = Vec::new();
    for finding in topic.findings.iter().take(PLACES) {
        items.push(vec![Block::Paragraph(vec![
            Inline::Code(place(order, finding)),
            Inline::text(format!(" {}", finding.message)),
        ])]);
    }
    let more = topic.findings.len().saturating_sub(PLACES);
    if more > 0 {
        items.push(vec![Block::text(format!("and {more} more"))]);
    }
    vec![Block::List(None, items)]
}

/// `app.py:12`.
pub fn place(order: &Order<'_>, finding: &Finding) -> String {
    format!("{}:{}", finding.place.path, order.data.origins.line(&finding.place))
}

/// What a retest says of a finding, in words.
pub fn outcome(order: &Order<'_>, outcome: &Outcome) -> String {
    let shown = |set| order.data.shown(reach_in_words(set));
    match outcome {
        Outcome::Partly(set) => format!("partly resolved; still {}", shown(set)),
        Outcome::Grown(set) => format!("open; more than before: {}", shown(set)),
        other => other.name().to_owned(),
    }
}

/// Markers that a draft keeps, as tools look for them.
fn as_todo(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, from)) = rest.split_once("{==") {
        out.push_str(before);
        out.push_str("TODO: ");
        rest = match from.split_once("==}") {
            Some((name, after)) => {
                out.push_str(name.trim());
                after
            }
            None => from,
        };
    }
    out + rest
}

fn todo_in_block(block: &mut Block) {
    match block {
        Block::Paragraph(text) | Block::Heading(_, text) => text.iter_mut().for_each(todo_in_text),
        Block::List(_, items) => items.iter_mut().flatten().for_each(todo_in_block),
        Block::Table(table) => {
            let cells = table.rows.iter_mut().flat_map(|row| &mut row.cells);
            cells.flat_map(|cell| &mut cell.text).for_each(todo_in_text);
        }
        Block::Code { text, .. } => *text = as_todo(text),
        Block::Quote(inner) | Block::Callout(inner) => inner.iter_mut().for_each(todo_in_block),
        Block::Details(summary, inner) => {
            summary.iter_mut().for_each(todo_in_text);
            inner.iter_mut().for_each(todo_in_block);
        }
        Block::Rule | Block::Picture(_) => {}
    }
}

fn todo_in_text(inline: &mut Inline) {
    match inline {
        Inline::Text(text) | Inline::Code(text) => *text = as_todo(text),
        Inline::Strong(inner) | Inline::Emphasis(inner) | Inline::Link { text: inner, .. } => {
            inner.iter_mut().for_each(todo_in_text);
        }
        Inline::Break => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_markers_become_todos() {
        assert_eq!(as_todo("of {==CLIENTNAME==} and {== x ==}."), "of TODO: CLIENTNAME and TODO: x.");
        assert_eq!(as_todo("{==never closed"), "TODO: never closed");
        assert_eq!(as_todo("{a==b}"), "{a==b}");
    }

    #[test]
    fn a_picture_becomes_a_table_once() {
        let picture = || {
            Block::Picture(Picture {
                name: "x".into(),
                svg: String::new(),
                size: (1, 1),
                alternative: String::new(),
                caption: String::new(),
            })
        };
        let mut blocks = vec![picture(), Block::Quote(vec![Block::text("q")]), picture()];
        assert!(with_tables(&mut blocks, &[Block::text("rules")]));
        assert_eq!(blocks, [Block::text("rules"), Block::Quote(vec![Block::text("q")])]);
        let mut none = vec![Block::text("a")];
        assert!(!with_tables(&mut none, &[Block::Rule]));
    }
}
