//! XML answers: a small tree, and what it means by a shape.

use super::{Garbled, times};
use crate::aws::table::{Shape, TABLE};
use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::Event;
use serde_json::{Map, Value};

/// Answers nest less than half as deep.
const DEPTH: usize = 64;

/// An element. Namespaces and attributes say nothing here.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub name: String,
    /// The text directly in it.
    pub text: String,
    children: Vec<Element>,
}

impl Element {
    /// The first child of that name.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }
}

/// The root element.
pub(super) fn parse(body: &[u8]) -> Result<Element, Garbled> {
    let garbled = |what: String| Garbled(format!("no XML: {what}"));
    let text = std::str::from_utf8(body).map_err(|error| garbled(error.to_string()))?;
    let mut reader = Reader::from_str(text);
    reader.config_mut().trim_text(false);
    let mut open: Vec<Element> = Vec::new();
    let mut root: Option<Element> = None;
    loop {
        let event = reader.read_event().map_err(|error| garbled(error.to_string()))?;
        let ended = match event {
            Event::Start(start) => {
                if open.len() >= DEPTH || root.is_some() {
                    return Err(garbled("elements where none may be".to_owned()));
                }
                open.push(named(start.local_name().as_ref()));
                None
            }
            Event::Empty(start) => Some(named(start.local_name().as_ref())),
            Event::End(_) => open.pop(),
            Event::Text(part) => {
                let part = part.decode().map_err(|error| garbled(error.to_string()))?;
                add(&mut open, &part).map_err(garbled)?;
                None
            }
            Event::CData(part) => {
                let part = part.decode().map_err(|error| garbled(error.to_string()))?;
                add(&mut open, &part).map_err(garbled)?;
                None
            }
            Event::GeneralRef(reference) => {
                let letter = reference.resolve_char_ref().map_err(|error| garbled(error.to_string()))?;
                let name = reference.decode().map_err(|error| garbled(error.to_string()))?;
                let known = letter.map(String::from).or_else(|| resolve_xml_entity(&name).map(str::to_owned));
                let known = known.ok_or_else(|| garbled(format!("&{name}; is not known")))?;
                add(&mut open, &known).map_err(garbled)?;
                None
            }
            Event::Eof => break,
            _ => None,
        };
        if let Some(element) = ended {
            match open.last_mut() {
                Some(parent) => parent.children.push(element),
                None if root.is_none() => root = Some(element),
                None => return Err(garbled("there are two documents".to_owned())),
            }
        }
    }
    match root {
        Some(root) if open.is_empty() && (root.text.trim().is_empty() || root.children.is_empty()) => {
            Ok(root)
        }
        _ => Err(garbled("it ends too early".to_owned())),
    }
}

fn named(name: &[u8]) -> Element {
    Element { name: String::from_utf8_lossy(name).into_owned(), ..Element::default() }
}

fn add(open: &mut [Element], text: &str) -> Result<(), String> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return Err("there is text around it".to_owned()),
    }
    Ok(())
}

/// What an element says, by the shape it has.
pub(super) fn value(element: &Element, shape: &str) -> Value {
    match TABLE.shape(shape) {
        None => simple(&element.text, shape),
        Some(Shape::Structure { members }) => {
            let mut map = Map::new();
            for (wire, name, shape) in Shape::members(members) {
                // A flat list has its items where other members are.
                if let Some(Shape::List { list, flat: true, .. }) = TABLE.shape(shape) {
                    let items: Vec<Value> = element
                        .children
                        .iter()
                        .filter(|child| child.name == wire)
                        .map(|child| value(child, list))
                        .collect();
                    if !items.is_empty() {
                        map.insert(name.to_owned(), Value::Array(items));
                    }
                } else if let Some(child) = element.child(wire) {
                    map.insert(name.to_owned(), value(child, shape));
                }
            }
            Value::Object(map)
        }
        Some(Shape::List { list, item, .. }) => Value::Array(
            element
                .children
                .iter()
                .filter(|child| child.name == *item)
                .map(|child| value(child, list))
                .collect(),
        ),
        Some(Shape::Map { map: of }) => {
            let entries = element.children.iter().filter_map(|entry| {
                let key = entry.child("key")?.text.clone();
                Some((key, entry.child("value").map_or(Value::Null, |child| value(child, of))))
            });
            Value::Object(entries.collect())
        }
    }
}

fn simple(text: &str, shape: &str) -> Value {
    let text_itself = || Value::from(text);
    match shape {
        "integer" | "long" => text.trim().parse::<i64>().map_or_else(|_| text_itself(), Value::from),
        "float" | "double" => text.trim().parse::<f64>().map_or_else(|_| text_itself(), Value::from),
        "boolean" => text.trim().parse::<bool>().map_or_else(|_| text_itself(), Value::from),
        "timestamp" => times::from_text(text),
        _ => text_itself(),
    }
}
