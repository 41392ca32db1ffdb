//! Looking into XML that others wrote: its elements with their places in the text.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use std::collections::BTreeMap;
use std::ops::Range;

/// An element.
#[derive(Debug, Clone)]
pub struct Element {
    /// Its name without a prefix.
    pub name: String,
    /// Its attributes, by their names without a prefix.
    pub attributes: BTreeMap<String, String>,
    /// How many elements it is in.
    pub depth: usize,
    /// From the first character of its start to the last of its end.
    pub range: Range<usize>,
    /// Its first tag.
    pub tag: Range<usize>,
}

/// All elements in the order in which they begin. What is no XML ends the list early.
pub fn elements(text: &str) -> Vec<Element> {
    let mut reader = Reader::from_str(text);
    let mut found: Vec<Element> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut begin = 0;
    while let Ok(event) = reader.read_event() {
        let end = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX).min(text.len());
        match event {
            Event::Start(start) => {
                found.push(element(&start, open.len(), begin..end));
                open.push(found.len() - 1);
            }
            Event::Empty(start) => found.push(element(&start, open.len(), begin..end)),
            Event::End(_) => {
                if let Some(element) = open.pop().and_then(|at| found.get_mut(at)) {
                    element.range.end = end;
                }
            }
            Event::Eof => break,
            _ => {}
        }
        begin = end;
    }
    found
}

fn element(start: &BytesStart<'_>, depth: usize, range: Range<usize>) -> Element {
    let attributes = start.attributes().flatten().filter_map(|attribute| {
        let name = String::from_utf8_lossy(attribute.key.local_name().as_ref()).into_owned();
        Some((name, attribute.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned()))
    });
    Element {
        name: String::from_utf8_lossy(start.local_name().as_ref()).into_owned(),
        attributes: attributes.collect(),
        depth,
        tag: range.clone(),
        range,
    }
}

impl Element {
    /// The value of an attribute.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }
}
