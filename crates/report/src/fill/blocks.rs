//! A template filled in as blocks of a document.

use super::markdown::{built_in, checked, given};
use super::{Facts, Wishes};
use crate::compose::systems_table;
use crate::document::Block;
use crate::markdown;
use crate::template::{Problem, Spot, Values};
use crate::texts::Text;

/// Stands for the systems in the text that is read back.
const SYSTEMS: &str = "tidegate:systems";
/// Stands for the evidence.
const EVIDENCE: &str = "tidegate:evidence";

/// Fills a template in for a topic: its title, its blocks, and warnings.
///
/// # Errors
/// What cannot be filled in; a draft has no such errors.
pub fn fill_in(
    facts: &Facts<'_>,
    text: &Text,
    wishes: &Wishes,
) -> Result<(String, Vec<Block>, Vec<String>), Vec<Problem>> {
    let mut rendered = text.template.render(&wishes.fill(facts.topic), &InBlocks { facts, wishes })?;
    let warnings = checked(&mut rendered, facts, text, wishes);
    let mut pictures = 0;
    let mut resolve = |target: &str, _: &str| match target {
        SYSTEMS => Some(systems_table(facts)),
        EVIDENCE => {
            pictures += 1;
            let (finding, subject) = facts.example()?;
            let picture = facts.picture(finding, subject, format!("{}-{pictures}", facts.topic.id()))?;
            Some(vec![Block::Picture(picture)])
        }
        _ => None,
    };
    let mut blocks = markdown::read(&rendered.text, &mut resolve);
    let title = match blocks.first() {
        Some(Block::Heading(_, title)) => {
            let title = crate::document::plain(title);
            blocks.remove(0);
            title
        }
        _ => facts.topic.rule.summary().to_owned(),
    };
    Ok((title, blocks, warnings))
}

struct InBlocks<'a> {
    facts: &'a Facts<'a>,
    wishes: &'a Wishes,
}

impl Values for InBlocks<'_> {
    fn value(&self, name: &str, spot: Spot) -> Option<String> {
        if let Some(value) = self.wishes.values.get(name) {
            return Some(given(value, spot));
        }
        built_in(self.facts, name, spot, &mut |spot| match spot {
            Spot::Alone => format!("![systems]({SYSTEMS})"),
            Spot::Inline | Spot::Code => {
                let (shown, more) = self.facts.shown_systems();
                let names: Vec<String> = shown
                    .iter()
                    .map(|(system, _)| match spot {
                        Spot::Code => crate::escape::line(&system.name).into_owned(),
                        _ => markdown::exact(&system.name),
                    })
                    .collect();
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                format!("{}{more}", names.join(", "))
            }
        })
    }

    fn evidence(&self, shows: &str, _spot: Spot) -> Option<String> {
        self.facts.example()?;
        Some(format!("![{}]({EVIDENCE})", markdown::exact(shows)))
    }
}
