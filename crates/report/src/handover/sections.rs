//! A finding's text taken apart by its headings, for tools that have a field for each part.

use crate::document::{Block, Inline, plain};
use std::collections::BTreeSet;

/// A part that tools have fields for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// What it is, with everything that belongs nowhere else.
    Description,
    /// What it would cost.
    Impact,
    /// How likely that is.
    Likelihood,
    /// What should be done.
    Recommendation,
    /// How: code.
    Remedy,
    /// How to see that it is there, or gone.
    Verification,
    /// What the remedy does not do.
    Limits,
    /// Where more is said.
    References,
}

/// Words that headings of a part begin with, in lower case. Others' templates have other headings than ours.
const HEADINGS: [(Part, &[&str]); 8] = [
    (Part::Impact, &["impact", "business impact", "technical impact", "consequence"]),
    (Part::Likelihood, &["likelihood", "probability", "exploitability", "ease of exploitation"]),
    (Part::Recommendation, &["recommend", "mitigation", "countermeasure", "solution", "suggested measure"]),
    (Part::Remedy, &["remedy", "remediation", "fix", "how to fix"]),
    (
        Part::Verification,
        &[
            "verif",
            "how to verify",
            "replication",
            "reproduc",
            "steps to reproduce",
            "proof of concept",
            "retest",
        ],
    ),
    (Part::Limits, &["limit", "caveat", "what the fix does not"]),
    (Part::References, &["reference", "further reading", "links", "sources", "see also"]),
    (Part::Description, &["description", "summary", "overview"]),
];

/// One section.
#[derive(Debug, Clone, Default, PartialEq)]
struct Section {
    part: Option<Part>,
    heading: Vec<Inline>,
    blocks: Vec<Block>,
}

/// A text in parts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sections {
    all: Vec<Section>,
}

/// Something that a text refers to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// What it says, address included.
    pub text: String,
    /// The address, if it has one on the web.
    pub address: Option<String>,
}

impl Sections {
    /// Takes a text apart. Sections begin at the headings that name a part and at all others that are as high as
    /// those; what stands deeper stays where it is.
    pub fn of(blocks: Vec<Block>) -> Self {
        let named = |block: &Block| match block {
            Block::Heading(level, text) => part_of(&plain(text)).map(|_| *level),
            _ => None,
        };
        let level = blocks.iter().filter_map(named).min().unwrap_or(0);
        let mut all = vec![Section { part: Some(Part::Description), ..Section::default() }];
        for block in blocks {
            match block {
                Block::Heading(at, heading) if at <= level => {
                    let part = part_of(&plain(&heading));
                    all.push(Section { part, heading, blocks: Vec::new() });
                }
                block => {
                    if let Some(section) = all.last_mut() {
                        section.blocks.push(block);
                    }
                }
            }
        }
        all.retain(|section| !section.blocks.is_empty() || section.part.is_none());
        Self { all }
    }

    /// Everything of these parts, in the order of the text. A heading comes along where it says more than the field
    /// that the text goes to: if it states a level, if several parts are together, or if it is nobody's.
    pub fn field(&self, parts: &[Part]) -> Vec<Block> {
        let part = |section: &Section| section.part.unwrap_or(Part::Description);
        let found: Vec<&Section> = self.all.iter().filter(|section| parts.contains(&part(section))).collect();
        let several = found.iter().filter(|section| section.part != Some(Part::Description)).count() > 1;
        let mut blocks = Vec::new();
        for section in found {
            let says_more = match section.part {
                None => true,
                Some(Part::Description) => false,
                Some(_) => several || plain(&section.heading).contains(':'),
            };
            if says_more && !section.heading.is_empty() {
                blocks.push(Block::Heading(4, section.heading.clone()));
            }
            blocks.extend(section.blocks.iter().cloned());
        }
        blocks
    }

    /// The first paragraph of the description.
    pub fn first_paragraph(&self) -> Option<&Block> {
        let described = self.all.iter().filter(|section| section.part == Some(Part::Description));
        described.flat_map(|section| &section.blocks).find(|block| matches!(block, Block::Paragraph(_)))
    }

    /// What the references list, each once.
    pub fn references(&self) -> Vec<Reference> {
        let mut found = Vec::new();
        for section in self.all.iter().filter(|section| section.part == Some(Part::References)) {
            of_blocks(&section.blocks, &mut found);
        }
        let mut known = BTreeSet::new();
        found.retain(|one: &Reference| known.insert(one.address.clone().unwrap_or_else(|| one.text.clone())));
        found
    }

    /// Adds blocks to the end of a part.
    pub fn add(&mut self, part: Part, heading: &str, mut blocks: Vec<Block>) {
        if blocks.is_empty() {
            return;
        }
        if !heading.is_empty() {
            blocks.insert(0, Block::Heading(4, vec![Inline::text(heading)]));
        }
        let at = self.all.iter().rposition(|section| section.part == Some(part));
        match at.and_then(|at| self.all.get_mut(at)) {
            Some(section) => section.blocks.append(&mut blocks),
            None => self.all.push(Section { part: Some(part), heading: Vec::new(), blocks }),
        }
    }
}

fn part_of(heading: &str) -> Option<Part> {
    let heading = heading.trim().trim_start_matches(|c: char| !c.is_alphabetic()).to_lowercase();
    HEADINGS
        .iter()
        .find(|(_, words)| words.iter().any(|word| heading.starts_with(word)))
        .map(|(part, _)| *part)
}

/// The references in blocks: one a paragraph or item, or as many as it has links.
fn of_blocks(blocks: &[Block], into: &mut Vec<Reference>) {
    for block in blocks {
        match block {
            Block::Paragraph(text) => of_text(text, into),
            Block::List(_, items) => items.iter().for_each(|item| of_blocks(item, into)),
            Block::Quote(inner) | Block::Callout(inner) | Block::Details(_, inner) => of_blocks(inner, into),
            Block::Table(table) => {
                table.rows.iter().flat_map(|row| &row.cells).for_each(|cell| of_text(&cell.text, into));
            }
            _ => {}
        }
    }
}

fn of_text(text: &[Inline], into: &mut Vec<Reference>) {
    let told = plain(text).split_whitespace().collect::<Vec<_>>().join(" ");
    let mut links = Vec::new();
    links_in(text, &mut links);
    if links.is_empty() {
        links.extend(bare_addresses(&told));
    }
    if links.is_empty() {
        // `Documentation by …:` announces what follows it.
        if !told.is_empty() && !told.ends_with(':') {
            into.push(Reference { text: told, address: None });
        }
        return;
    }
    for (shown, address) in links {
        let whole = told.contains(&address);
        let text = match (whole, shown.is_empty()) {
            (true, _) => told.clone(),
            (false, true) => format!("{told}: {address}"),
            (false, false) => format!("{shown}: {address}"),
        };
        into.push(Reference { text, address: Some(address) });
    }
}

fn links_in(text: &[Inline], into: &mut Vec<(String, String)>) {
    for inline in text {
        match inline {
            Inline::Link { target, text } if is_web(target) => into.push((plain(text), target.clone())),
            Inline::Strong(inner) | Inline::Emphasis(inner) => links_in(inner, into),
            _ => {}
        }
    }
}

fn bare_addresses(text: &str) -> Vec<(String, String)> {
    text.split_whitespace()
        .map(|word| word.trim_matches(['<', '>', '(', ')', ',', '.', ';']))
        .filter(|word| is_web(word))
        .map(|word| (String::new(), word.to_owned()))
        .collect()
}

fn is_web(address: &str) -> bool {
    let begins = |with: &str| address.get(..with.len()).is_some_and(|it| it.eq_ignore_ascii_case(with));
    begins("https://") || begins("http://")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markdown::{no_pictures, read};
    use crate::write_markdown::{Reader, write_blocks};

    fn sections(markdown: &str) -> Sections {
        Sections::of(read(markdown, &mut no_pictures))
    }

    fn field(sections: &Sections, parts: &[Part]) -> String {
        write_blocks(&sections.field(parts), Reader::Usual)
    }

    #[test]
    fn our_headings_find_their_parts() {
        let text = sections(
            "First.\n\n#### Impact: Medium\nBad.\n\n#### Likelihood: Low\nRare.\n\n#### Recommendation\nDo.\n\n\
             #### References\n- [x](https://x.example/)\n",
        );
        assert_eq!(field(&text, &[Part::Description]), "First.");
        assert_eq!(
            field(&text, &[Part::Impact, Part::Likelihood]),
            "#### Impact: Medium\n\nBad.\n\n#### Likelihood: Low\n\nRare."
        );
        assert_eq!(field(&text, &[Part::Recommendation]), "Do.");
        assert_eq!(field(&text, &[Part::Limits]), "");
    }

    #[test]
    fn headings_of_others_are_understood_at_any_level_and_the_rest_is_description() {
        let text = sections(
            "Intro.\n\n## 1. Business Impact\nBad.\n\n### Deeper\nStill bad.\n\n## History\nLong ago.\n\n## How to fix\nLike this.\n",
        );
        assert_eq!(field(&text, &[Part::Impact]), "Bad.\n\n#### Deeper\n\nStill bad.");
        assert_eq!(field(&text, &[Part::Description]), "Intro.\n\n#### History\n\nLong ago.");
        assert_eq!(field(&text, &[Part::Remedy]), "Like this.");
    }

    #[test]
    fn a_text_without_headings_is_its_description() {
        let text = sections("Only\n\ntext.\n\n#### Whatever\nMore.");
        assert_eq!(field(&text, &[Part::Description]), "Only\n\ntext.\n\n#### Whatever\n\nMore.");
        assert!(text.first_paragraph().is_some());
        assert_eq!(Sections::of(Vec::new()), Sections::default());
    }

    #[test]
    fn nothing_of_a_text_is_lost() {
        use Part::*;
        let all = [Description, Impact, Likelihood, Recommendation, Remedy, Verification, Limits, References];
        for text in
            ["a\n\n# Impact\nb\n\n# Fix\nc\n\n## x\nd", "# Links\na\n\n# b\nc\n\n# Impact\n\n# Limits\nd"]
        {
            let text = sections(text);
            let out = field(&text, &all);
            for letter in ["a", "b", "c", "d"] {
                assert!(out.split_whitespace().any(|word| word == letter), "{letter} in {out}");
            }
        }
    }

    #[test]
    fn references_are_addresses_and_what_has_none_is_text() {
        let text = sections(
            "#### References\n- NIST: [https://nist.example/a](https://nist.example/a)\n- PCI DSS 1.3.2\n\nBy a vendor:\n\n\
             - [Guide](https://v.example/g) and [more](https://v.example/m)\n- see https://bare.example/x.\n\
             - again https://bare.example/x\n- [evil](javascript:alert(1))\n",
        );
        let found = text.references();
        let addresses: Vec<Option<&str>> = found.iter().map(|one| one.address.as_deref()).collect();
        assert_eq!(
            addresses,
            [
                Some("https://nist.example/a"),
                None,
                Some("https://v.example/g"),
                Some("https://v.example/m"),
                Some("https://bare.example/x"),
                None,
            ]
        );
        assert_eq!(found[0].text, "NIST: https://nist.example/a");
        assert_eq!(found[2].text, "Guide: https://v.example/g");
    }
}
