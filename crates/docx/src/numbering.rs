//! Lists: what their items begin with, and that each numbered list begins anew.

use crate::scan::elements;
use crate::xml::Xml;

/// How far the items of a list stand to the right of what is around them, in twentieths of a point.
pub const INDENT: u32 = 360;
/// More levels than this are shown as this one.
pub const DEEPEST: usize = 8;

const SPACE: [(&str, &str); 1] =
    [("xmlns:w", "http://schemas.openxmlformats.org/wordprocessingml/2006/main")];

/// The lists of a document.
pub struct Lists {
    /// Where each numbered list begins.
    starts: Vec<u64>,
    /// How many lists, and kinds of them, the reference document has.
    first: (u32, u32),
    reference: Option<String>,
}

impl Lists {
    /// None yet, beside those of a reference document (its `numbering.xml`), which its styles may use.
    pub fn new(reference: Option<String>) -> Self {
        let reference = reference.filter(|xml| xml.contains("</w:numbering>"));
        let all = reference.as_deref().map(elements).unwrap_or_default();
        let after = |name: &str, attribute: &str| {
            let numbers = all.iter().filter(|element| element.name == name && element.depth == 1);
            let numbers = numbers.filter_map(|element| element.get(attribute)?.parse::<u32>().ok());
            numbers.max().map_or(1, |most| most.saturating_add(1))
        };
        let first = (after("num", "numId"), after("abstractNum", "abstractNumId"));
        Lists { starts: Vec::new(), first, reference }
    }

    /// The number of a list with bullets.
    pub fn bullets(&self) -> u32 {
        self.first.0
    }

    /// The number of a list that counts from here.
    pub fn numbers(&mut self, start: u64) -> u32 {
        self.starts.push(start.min(1_000_000));
        self.first.0 + u32::try_from(self.starts.len()).unwrap_or(u32::MAX - self.first.0)
    }

    /// The part of the file.
    pub fn part(&self) -> Vec<u8> {
        let (number, kind) = self.first;
        let mut kinds = Xml::part();
        levels(&mut kinds, kind, |level| ("bullet", if level % 2 == 0 { "•" } else { "–" }.to_owned()));
        levels(&mut kinds, kind + 1, |level| {
            let format =
                ["decimal", "lowerLetter", "lowerRoman"].get(level % 3).copied().unwrap_or("decimal");
            (format, format!("%{}.", level + 1))
        });
        let mut lists = Xml::part();
        list(&mut lists, number, kind, None);
        for (at, &start) in (1..).zip(&self.starts) {
            list(&mut lists, number + at, kind + 1, Some(start));
        }
        match &self.reference {
            None => {
                let mut xml = Xml::file();
                xml.element("w:numbering", &SPACE, |xml| {
                    xml.append(kinds);
                    xml.append(lists);
                });
                xml.finish()
            }
            Some(reference) => {
                // All kinds stand before all lists.
                let before = elements(reference)
                    .into_iter()
                    .find(|element| element.name == "num" && element.depth == 1);
                let end = reference.rfind("</w:numbering>").unwrap_or(reference.len());
                let middle = before.map_or(end, |element| element.range.start);
                let part =
                    |range: std::ops::Range<usize>| reference.get(range).unwrap_or_default().as_bytes();
                [
                    part(0..middle),
                    &kinds.finish(),
                    part(middle..end),
                    &lists.finish(),
                    part(end..reference.len()),
                ]
                .concat()
            }
        }
    }
}

fn levels(xml: &mut Xml, kind: u32, shown: impl Fn(usize) -> (&'static str, String)) {
    xml.element("w:abstractNum", &[("w:abstractNumId", &kind.to_string())], |xml| {
        xml.val("w:multiLevelType", "hybridMultilevel");
        for level in 0..=DEEPEST {
            xml.element("w:lvl", &[("w:ilvl", &level.to_string())], |xml| {
                let (format, text) = shown(level);
                xml.val("w:start", "1");
                xml.val("w:numFmt", format);
                xml.val("w:lvlText", &text);
                xml.val("w:lvlJc", "left");
                xml.element("w:pPr", &[], |xml| {
                    let left = INDENT * (u32::try_from(level).unwrap_or(0) + 1);
                    xml.empty("w:ind", &[("w:left", &left.to_string()), ("w:hanging", "300")]);
                });
            });
        }
    });
}

fn list(xml: &mut Xml, number: u32, kind: u32, start: Option<u64>) {
    xml.element("w:num", &[("w:numId", &number.to_string())], |xml| {
        xml.val("w:abstractNumId", &kind.to_string());
        if let Some(start) = start {
            for level in 0..=DEEPEST {
                xml.element("w:lvlOverride", &[("w:ilvl", &level.to_string())], |xml| {
                    xml.val("w:startOverride", &start.to_string());
                });
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_of_a_reference_document_stay_and_ours_follow() {
        let reference = r#"<w:numbering xmlns:w="w"><w:abstractNum w:abstractNumId="4"/><w:num w:numId="7"><w:abstractNumId w:val="4"/></w:num></w:numbering>"#;
        let mut lists = Lists::new(Some(reference.to_owned()));
        assert_eq!((lists.bullets(), lists.numbers(3)), (8, 9));
        let part = String::from_utf8(lists.part()).unwrap();
        let at = |text: &str| part.find(text).unwrap_or_else(|| panic!("{text} in {part}"));
        assert!(
            at("abstractNumId=\"4\"") < at("abstractNumId=\"5\"")
                && at("abstractNumId=\"6\"") < at("w:numId=\"7\"")
        );
        assert!(at("w:numId=\"8\"") < at("w:numId=\"9\"") && part.ends_with("</w:numbering>"));
        assert!(part.contains("<w:startOverride w:val=\"3\"/>"));
    }
}
