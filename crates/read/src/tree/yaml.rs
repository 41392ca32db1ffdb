//! YAML text to a tree, from the parser's events.

use super::offsets::Offsets;
use super::{Builder, Content, Fault, Kind, Node, NodeId, Tree};
use crate::Limits;
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Tag};
use std::borrow::Cow;
use std::sync::Arc;
use tidegate_estate::Span;

/// Parses every document of a YAML stream. `source` must be UTF-8.
pub(super) fn parse(source: Arc<[u8]>, limits: &Limits) -> Result<Tree, Fault> {
    let bytes = source.clone();
    let text = std::str::from_utf8(&bytes).unwrap_or_default();
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader {
        text,
        shift: text.len() - body.len(),
        offsets: Offsets::new(body),
        builder: Builder::new(source, bytes.len() / 16 + 4, limits),
        anchors: Vec::new(),
        frames: Vec::new(),
        size: 0,
        budget: limits.alias_nodes,
        end: 0,
    };
    for event in Parser::new_from_str(body) {
        match event {
            Ok((event, span)) => reader.event(event, span.start, span.end)?,
            Err(error) => {
                let at = reader.byte(*error.marker());
                return Err(Fault { span: Span::new(at, at), message: format!("YAML: {}", error.info()) });
            }
        }
    }
    Ok(reader.builder.tree)
}

/// An anchored node that is complete.
#[derive(Debug, Clone, Copy)]
struct Anchored {
    node: NodeId,
    /// How many nodes it has with its aliases expanded.
    size: usize,
}

struct Frame {
    anchor: usize,
    /// The reader's `size` before the collection.
    before: usize,
}

struct Reader<'a> {
    text: &'a str,
    /// Bytes before the text that the parser sees (a byte order mark).
    shift: usize,
    offsets: Offsets<'a>,
    builder: Builder,
    anchors: Vec<Option<Anchored>>,
    frames: Vec<Frame>,
    /// Nodes so far, aliases expanded.
    size: usize,
    /// Nodes that aliases may still expand to.
    budget: usize,
    /// Where the last node with text ended.
    end: usize,
}

impl Reader<'_> {
    fn byte(&mut self, mark: Marker) -> usize {
        self.shift + self.offsets.byte(mark.index())
    }

    fn event(&mut self, event: Event<'_>, start: Marker, end: Marker) -> Result<(), Fault> {
        match event {
            Event::Scalar(text, style, anchor, tag) => self.scalar(text, style, anchor, tag, start, end),
            Event::MappingStart(anchor, tag) => self.open(Kind::Mapping, anchor, tag, start),
            Event::SequenceStart(anchor, tag) => self.open(Kind::Sequence, anchor, tag, start),
            Event::MappingEnd | Event::SequenceEnd => {
                self.close(start, end);
                Ok(())
            }
            Event::Alias(anchor) => {
                self.alias(anchor, start, end);
                Ok(())
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn tag(&mut self, tag: Option<Cow<'_, Tag>>) -> u16 {
        let Some(tag) = tag.filter(|t| !t.is_yaml_core_schema()) else { return 0 };
        let name = match tag.handle.as_str() {
            "!" | "" => tag.suffix.as_str(),
            _ => return self.intern(&format!("{}{}", tag.handle, tag.suffix)),
        };
        self.intern(name)
    }

    fn intern(&mut self, name: &str) -> u16 {
        let tags = &mut self.builder.tree.tags;
        if let Some(at) = tags.iter().position(|t| **t == *name) {
            return at as u16 + 1;
        }
        if tags.len() > 1000 {
            // Nobody means more than a handful; past this they are all the same unknown tag.
            return 1001;
        }
        tags.push(name.into());
        tags.len() as u16
    }

    fn remember(&mut self, anchor: usize, node: NodeId, size: usize) {
        if anchor == 0 {
            return;
        }
        if self.anchors.len() <= anchor {
            self.anchors.resize(anchor + 1, None);
        }
        if let Some(slot) = self.anchors.get_mut(anchor) {
            *slot = Some(Anchored { node, size });
        }
    }

    fn open(
        &mut self,
        kind: Kind,
        anchor: usize,
        tag: Option<Cow<'_, Tag>>,
        start: Marker,
    ) -> Result<(), Fault> {
        let start = self.byte(start);
        let tag = self.tag(tag);
        self.builder.open(kind, start, tag)?;
        self.frames.push(Frame { anchor, before: self.size });
        self.size += 1;
        self.end = start;
        Ok(())
    }

    fn close(&mut self, start: Marker, end: Marker) {
        // A block collection has no closing mark: it ends where its last node ends.
        let end = if start.index() < end.index() { self.byte(end) } else { self.end };
        self.end = end;
        let node = self.builder.close(end);
        if let (Some(node), Some(frame)) = (node, self.frames.pop()) {
            self.remember(frame.anchor, node, self.size.saturating_sub(frame.before));
        }
    }

    fn alias(&mut self, anchor: usize, start: Marker, end: Marker) {
        let (start, end) = (self.byte(start), self.byte(end));
        self.end = end;
        let target = self.anchors.get(anchor).copied().flatten();
        let (kind, aux) = match target {
            Some(target) if target.size <= self.budget => {
                self.budget -= target.size;
                self.size = self.size.saturating_add(target.size);
                (Kind::Alias, target.node.0)
            }
            Some(_) => {
                self.doubt(start, end, "aliases expand to too much; this one and later ones are not read");
                self.budget = 0;
                (Kind::Dropped, 0)
            }
            None => {
                self.doubt(start, end, "this alias stands inside what it names; it is not read");
                (Kind::Dropped, 0)
            }
        };
        let (start, end, content) = (start as u32, end as u32, Content::Span);
        self.builder.push(Node { start, end, aux, kind, content, tag: 0 });
    }

    fn doubt(&mut self, start: usize, end: usize, message: &str) {
        let doubts = &mut self.builder.tree.doubts;
        if !doubts.iter().any(|d| d.message == message) {
            doubts.push(Fault { span: Span::new(start, end), message: message.into() });
        }
    }

    fn scalar(
        &mut self,
        text: Cow<'_, str>,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<Cow<'_, Tag>>,
        start: Marker,
        end: Marker,
    ) -> Result<(), Fault> {
        let tagged = tag.is_some();
        let tag = self.tag(tag);
        let plain = style == ScalarStyle::Plain;
        let (mut start, mut end) = (self.byte(start), self.byte(end));
        if text.is_empty() && plain {
            // Nothing is written: the parser's position is the next token's, which may be lines away.
            (start, end) = (self.end, self.end);
        } else {
            let written = self.text.get(start..end).unwrap_or_default();
            end -= written.len() - written.trim_end().len();
        }
        let kind = match &*text {
            "" | "~" | "null" | "Null" | "NULL" if plain && !tagged => Kind::Null,
            _ if plain => Kind::Plain,
            _ => Kind::Text,
        };
        let written = self.text.get(start..end).unwrap_or_default();
        // With an anchor or a tag in front, the span covers these too; the text is at its end.
        let (aux, content) = if written == text {
            (0, Content::Span)
        } else if !plain
            && written.len() == text.len() + 2
            && written.get(1..written.len() - 1) == Some(&*text)
        {
            (0, Content::Quoted)
        } else if plain && written.ends_with(&*text) && !text.is_empty() {
            start = end - text.len();
            (0, Content::Span)
        } else {
            (self.builder.apart(&*text), Content::Apart)
        };
        if plain && *text == *"<<" {
            self.builder.tree.merges = true;
        }
        self.end = end.max(self.end);
        let (start, end) = (start as u32, end as u32);
        let node = self.builder.push(Node { start, end, aux, kind, content, tag });
        self.remember(anchor, node, 1);
        self.size += 1;
        Ok(())
    }
}
