//! A reference document: the house's own file, whose looks a report takes on.

use crate::DocxError;
use crate::package::{EXTENSIONS, Package};
use crate::scan::elements;
use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};
use zip::ZipArchive;

/// More than this is not unpacked: a few kilobytes of ZIP can hold gigabytes.
const MOST_BYTES: u64 = 64 << 20;
const MOST_PARTS: usize = 4096;

/// What is taken from a reference document.
pub struct Reference {
    parts: BTreeMap<String, Vec<u8>>,
    /// The page: its size and margins as they are written.
    pub page: Page,
    /// Headers and footers: element, type, part.
    edges: Vec<(String, String, String)>,
}

/// The size and the margins of a page, in twentieths of a point.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Attributes of `w:pgSz`.
    pub size: BTreeMap<String, String>,
    /// Attributes of `w:pgMar`.
    pub margins: BTreeMap<String, String>,
    /// Whether the first page has a header and a footer of its own.
    pub first_differs: bool,
}

impl Reference {
    /// Reads one.
    pub fn read(bytes: &[u8]) -> Result<Self, DocxError> {
        let no = |why: &str| DocxError::Reference(why.to_owned());
        let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|error| no(&error.to_string()))?;
        if zip.len() > MOST_PARTS {
            return Err(no("it has too many parts"));
        }
        let mut parts = BTreeMap::new();
        let mut left = MOST_BYTES;
        for at in 0..zip.len() {
            let part = zip.by_index(at).map_err(|error| no(&error.to_string()))?;
            let name =
                part.name().map_err(|error| no(&error.to_string()))?.trim_start_matches('/').to_owned();
            let mut content = Vec::new();
            part.take(left + 1).read_to_end(&mut content).map_err(|error| no(&error.to_string()))?;
            left = left.checked_sub(content.len() as u64).ok_or_else(|| no("it is too large"))?;
            parts.insert(name, content);
        }
        let text = |name: &str| parts.get(name).and_then(|content| std::str::from_utf8(content).ok());
        let document = text("word/document.xml").ok_or_else(|| no("it has no word/document.xml"))?;
        let all = elements(document);
        let section = all.iter().rposition(|element| element.name == "sectPr");
        let (mut page, mut edges) = (Page::default(), Vec::new());
        let relations = relations(text("word/_rels/document.xml.rels").unwrap_or_default());
        if let Some(at) = section {
            let depth = all.get(at).map_or(0, |section| section.depth);
            for element in all.iter().skip(at + 1).take_while(|element| element.depth > depth) {
                match element.name.as_str() {
                    "pgSz" => page.size = element.attributes.clone(),
                    "pgMar" => page.margins = element.attributes.clone(),
                    "titlePg" => {
                        page.first_differs = !matches!(element.get("val"), Some("0" | "false" | "off"))
                    }
                    "headerReference" | "footerReference" => {
                        let kind = element.get("type").unwrap_or("default").to_owned();
                        if let Some(target) = element.get("id").and_then(|id| relations.get(id)) {
                            edges.push((element.name.clone(), kind, target.clone()));
                        }
                    }
                    _ => {}
                }
            }
        }
        Ok(Reference { parts, page, edges })
    }

    /// A part as text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.parts.get(name).and_then(|content| std::str::from_utf8(content).ok())
    }

    /// Takes theme and fonts over, and headers and footers with all they refer to. What the headers and footers are
    /// referred to by: element, type, id.
    pub fn copy(&self, into: &mut Package) -> Vec<(String, String, String)> {
        let mut copied = std::collections::BTreeSet::new();
        let mut add = |into: &mut Package, name: &str| {
            let extension = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
            let known = EXTENSIONS.contains(&extension.as_str());
            let Some(content) = self.parts.get(name).filter(|_| known) else { return false };
            if copied.insert(name.to_owned()) {
                into.add(name, content.clone());
            }
            true
        };
        for (kind, target) in [("theme", "theme/theme1.xml"), ("fontTable", "fontTable.xml")] {
            if add(into, &format!("word/{target}")) {
                into.relation(kind, target, false);
                self.follow(target, &mut |name| {
                    add(into, name);
                });
            }
        }
        let mut edges = Vec::new();
        for (element, kind, target) in &self.edges {
            // Only parts whose names say what they are: others would have no type.
            let plain = target.starts_with("header") || target.starts_with("footer");
            if plain && !target.contains('/') && add(into, &format!("word/{target}")) {
                let relation = if element == "headerReference" { "header" } else { "footer" };
                edges.push((format!("w:{element}"), kind.clone(), into.relation(relation, target, false)));
                self.follow(target, &mut |name| {
                    add(into, name);
                });
            }
        }
        edges
    }

    /// The parts that a part of `word` refers to, and the list of them.
    fn follow(&self, part: &str, found: &mut dyn FnMut(&str)) {
        let list = format!("word/_rels/{part}.rels");
        let Some(text) = self.text(&list) else { return };
        found(&list);
        for target in relations(text).values() {
            found(&format!("word/{target}"));
        }
    }
}

/// Where each id leads within `word`.
fn relations(text: &str) -> BTreeMap<String, String> {
    let all = elements(text).into_iter().filter(|element| element.name == "Relationship");
    let inside = all.filter(|element| element.get("TargetMode") != Some("External"));
    inside
        .filter_map(|element| {
            let target = element.get("Target")?;
            let target = target.strip_prefix("/word/").unwrap_or(target);
            (!target.contains("..")).then(|| Some((element.get("Id")?.to_owned(), target.to_owned())))?
        })
        .collect()
}
