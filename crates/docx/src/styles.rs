//! The styles: ours, or those of a reference document with what it lacks added. They are known by their names; the id
//! of a style is the business of the program that wrote it (`Heading1`, `berschrift1` …).

use crate::scan::{Element, elements};
use std::collections::{HashMap, HashSet};

/// Our own.
const OURS: &str = include_str!("styles.xml");

/// The styles of a file.
pub struct Styles {
    ids: HashMap<String, String>,
    xml: String,
}

/// One style as it is defined.
struct Style<'a> {
    id: String,
    /// Its kind and its name, lower case: Word writes `heading 1` and shows `Heading 1`.
    key: String,
    xml: &'a str,
}

impl Styles {
    /// Ours, or those of a reference document (its `styles.xml`), for texts in a language (BCP 47).
    pub fn new(reference: Option<&str>, language: &str) -> Self {
        let base = reference.filter(|xml| xml.contains("</w:styles>")).unwrap_or(OURS);
        let mut ids: HashMap<String, String> = HashMap::new();
        let mut taken = HashSet::new();
        for style in defined(base) {
            taken.insert(style.id.clone());
            ids.entry(style.key).or_insert(style.id);
        }
        let ours = defined(OURS);
        let missing: Vec<&Style<'_>> = ours.iter().filter(|style| !ids.contains_key(&style.key)).collect();
        // What ours are called in this file.
        let mut names: Vec<(String, String)> = Vec::new();
        for style in &ours {
            let id = ids.get(&style.key).cloned().unwrap_or_else(|| {
                let mut id = style.id.clone();
                while !taken.insert(id.clone()) {
                    id.push('x');
                }
                id
            });
            ids.insert(style.key.clone(), id.clone());
            names.push((style.id.clone(), id));
        }
        let mut added = String::new();
        for style in missing {
            let mut xml = style.xml.replace(" w:default=\"1\"", "");
            for (old, new) in names.iter().filter(|(old, new)| old != new) {
                for part in ["w:styleId=", "w:basedOn w:val=", "w:next w:val="] {
                    xml = xml.replace(&format!("{part}\"{old}\""), &format!("{part}\"{new}\""));
                }
            }
            added.push_str(&xml);
        }
        let xml = base.replacen("</w:styles>", &format!("{added}</w:styles>"), 1);
        Styles { ids, xml: in_language(xml, language) }
    }

    /// The id of a style of ours, by its kind and name.
    fn id(&self, kind: &str, name: &str) -> &str {
        self.ids.get(&key(kind, name)).map_or("Normal", String::as_str)
    }

    /// The id of a style for paragraphs.
    pub fn paragraph(&self, name: &str) -> &str {
        self.id("paragraph", name)
    }

    /// The id of a style for characters.
    pub fn character(&self, name: &str) -> &str {
        self.id("character", name)
    }

    /// The id of a style for tables.
    pub fn table(&self, name: &str) -> &str {
        self.id("table", name)
    }

    /// The part of the file.
    pub fn xml(&self) -> &str {
        &self.xml
    }
}

fn key(kind: &str, name: &str) -> String {
    format!("{kind} {}", name.to_lowercase())
}

fn defined(xml: &str) -> Vec<Style<'_>> {
    let all = elements(xml);
    let of = |at: usize, style: &Element| {
        let inside = all.iter().skip(at + 1).take_while(|inner| inner.depth > style.depth);
        let name = inside.filter(|inner| inner.name == "name").find_map(|name| name.get("val"))?;
        Some(Style {
            id: style.get("styleId")?.to_owned(),
            key: key(style.get("type").unwrap_or("paragraph"), name),
            xml: xml.get(style.range.clone())?,
        })
    };
    all.iter()
        .enumerate()
        .filter(|(_, style)| style.name == "style")
        .filter_map(|(at, style)| of(at, style))
        .collect()
}

/// The same styles, their texts being in this language unless they say otherwise.
fn in_language(xml: String, language: &str) -> String {
    let all = elements(&xml);
    let defaults =
        all.iter().find(|element| element.name == "rPrDefault").map(|element| element.range.clone());
    let stated = all.iter().find(|element| {
        element.name == "lang" && defaults.as_ref().is_some_and(|range| range.contains(&element.tag.start))
    });
    let Some(tag) = stated.map(|element| element.tag.clone()) else { return xml };
    let mut out = xml;
    out.replace_range(
        tag,
        &format!("<w:lang w:val=\"{language}\" w:eastAsia=\"{language}\" w:bidi=\"ar-SA\"/>"),
    );
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_document_keeps_its_styles_and_gets_what_it_lacks() {
        let reference = r#"<w:styles xmlns:w="w"><w:style w:type="paragraph" w:default="1" w:styleId="Standard"><w:name w:val="Normal"/></w:style><w:style w:type="paragraph" w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style><w:style w:type="paragraph" w:styleId="Callout"><w:name w:val="Something else"/></w:style></w:styles>"#;
        let styles = Styles::new(Some(reference), "de-DE");
        assert_eq!(styles.paragraph("Heading 1"), "berschrift1");
        assert_eq!(styles.paragraph("Normal"), "Standard");
        assert_eq!(styles.paragraph("Callout"), "Calloutx");
        assert_eq!(styles.paragraph("heading 2"), "Heading2");
        assert_eq!(styles.xml().matches("w:val=\"heading 1\"").count(), 1);
        assert_eq!(styles.xml().matches("w:default=\"1\"").count(), 1);
        assert!(styles.xml().contains("<w:basedOn w:val=\"Standard\"/>"));
        assert!(!styles.xml().contains("<w:basedOn w:val=\"Normal\"/>"));
    }

    #[test]
    fn our_styles_are_in_the_language_of_the_document() {
        let styles = Styles::new(None, "de-AT");
        assert!(styles.xml().contains("<w:lang w:val=\"de-AT\""));
        assert_eq!(styles.character("Verbatim Char"), "VerbatimChar");
        assert_eq!(styles.table("Report Table"), "ReportTable");
    }
}
