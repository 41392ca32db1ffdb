//! The document as the data that the template walks.

use crate::PdfOptions;
use crate::text::{self, Place};
use crate::world::Fonts;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use tidegate_audit::Level;
use tidegate_fonts::Face;
use tidegate_report::document::{
    Block, Cell, Document, Inline, Picture, Section, SectionKind, Table, may_link, plain,
};
use tidegate_report::outline::{DEEPEST, Levels};
use tidegate_report::paper::{Paper, running};

/// The left and the right margin of a page, in points.
const MARGIN: f64 = 62.0;
/// The margins above and below, and what a heading and a caption take, in points.
const UPRIGHT: f64 = 230.0;
/// The sizes of type, in points: text, tables, code, and headings by level.
const TEXT: f64 = 9.5;
const TABLE: f64 = 8.2;
const CODE: f64 = 8.2;
const HEADINGS: [f64; DEEPEST] = [19.0, 13.5, 11.0, 9.5, 9.5, 9.5];
const TITLE: f64 = 27.0;
/// What a cell keeps free on each side, in points.
const INSET: f64 = 4.5;
/// More blocks, or styles of text, within each other than this are shown as if they were not: the typesetter bounds
/// how deep things may nest, and paper has no room for it.
const DEEP: usize = 8;
/// What a risk needs of a table's width, in points.
const BADGE: f64 = 76.0;
/// A table of so many rows is not spread over two pages.
const SHORT: usize = 8;
/// A longer address is not linked to.
const LONGEST_LINK: usize = 2000;
/// A longer id gives way to a name of ours.
const LONGEST_LABEL: usize = 100;
/// How deep the contents go, as in `report.typ`.
const LISTED: usize = 2;

/// An address that leads to a section which is set apart; it is made a link within the document when the parts are
/// joined.
pub const SECTION_ADDRESS: &str = "tidegate-section:";

/// A report as data.
pub struct Report {
    /// What every part needs.
    common: Map<String, Value>,
    /// What comes after the contents.
    pub blocks: Vec<Value>,
    /// The headings that are listed, in order.
    pub headings: Vec<Heading>,
}

/// A heading that is listed.
pub struct Heading {
    /// Its level, from 1.
    pub level: usize,
    /// What a link leads to.
    pub label: String,
    /// Its text.
    pub title: String,
    shown: Vec<Value>,
}

/// What is set at once.
pub enum Part<'a> {
    /// Everything.
    Whole(Vec<Value>),
    /// Cover and contents, with the page of each heading.
    Front(&'a dyn Fn(&Heading) -> usize),
    /// Some of the text.
    Text(Vec<Value>),
    /// What stands above and below the text of so many pages.
    Edges(usize),
}

/// Everything that the template needs.
pub fn of(document: &Document, options: &PdfOptions, fonts: &Fonts) -> Report {
    let (width, height) = options.paper.size();
    let page = Place { room: width - 2.0 * MARGIN, size: TEXT };
    let mut writer = Writer {
        fonts,
        tall: height - UPRIGHT,
        labels: Vec::new(),
        targets: HashMap::new(),
        headings: Vec::new(),
        blocks: Vec::new(),
    };
    document.sections.iter().for_each(|section| writer.collect(section));
    document.sections.iter().for_each(|section| writer.section(section, 1, page));

    let cover = &document.cover;
    let title = if cover.title.trim().is_empty() { "Report" } else { &cover.title };
    let language = language(&cover.language);
    let facts: Vec<Value> = cover
        .facts
        .iter()
        .map(|(name, value)| {
            json!({
                "name": text::line(name, Face::Sans, Place { room: page.room * 0.3, ..page }, fonts),
                "value": text::line(value, Face::Sans, Place { room: page.room * 0.6, ..page }, fonts),
            })
        })
        .collect();
    let english = language.first().is_some_and(|language| language == "en");
    let risks = Level::ALL.map(|level| (level.name().to_owned(), Value::from(capital(level.name()))));
    let common = [
        ("title", text::plain(title, fonts).into()),
        ("heading", text::line(title, Face::SansBold, Place { size: TITLE, ..page }, fonts)),
        ("running", running(&text::plain(title, fonts)).into()),
        ("description", described(cover, fonts).into()),
        ("authors", options.authors.iter().map(|author| text::plain(author, fonts)).collect()),
        ("facts", facts.into()),
        ("of", if english { " of " } else { " / " }.into()),
        ("continued", if english { " (continued)" } else { " …" }.into()),
        ("language", language.into()),
        ("fonts", fonts.families.iter().cloned().collect()),
        ("section-address", SECTION_ADDRESS.into()),
        (
            "paper",
            match options.paper {
                Paper::A4 => "a4",
                Paper::Letter => "us-letter",
            }
            .into(),
        ),
        ("margin", MARGIN.into()),
        ("inset", INSET.into()),
        ("risks", Value::Object(risks.into_iter().collect())),
    ];
    Report {
        common: common.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        blocks: writer.blocks,
        headings: writer.headings,
    }
}

impl Report {
    /// The data of one part.
    pub fn part(&self, part: Part<'_>) -> Value {
        let mut data = self.common.clone();
        let mut with = |name: &str, value: Value| data.insert(name.to_owned(), value);
        let labels = |blocks: &[Value]| -> Value {
            let labels = blocks.iter().filter_map(|block| block.get("label")?.as_str());
            Value::Object(labels.map(|label| (label.to_owned(), Value::Bool(true))).collect())
        };
        match part {
            Part::Whole(blocks) => {
                with("part", "whole".into());
                with("here", labels(&blocks));
                with("blocks", blocks.into());
            }
            Part::Text(blocks) => {
                with("part", "text".into());
                with("lead", lead(&blocks).into());
                with("here", labels(&blocks));
                with("blocks", blocks.into());
            }
            Part::Front(page) => {
                let listed = self.headings.iter().filter(|heading| heading.level <= LISTED);
                let entries = listed.map(|heading| {
                    json!({
                        "level": heading.level, "label": heading.label, "x": heading.shown, "page": page(heading),
                    })
                });
                with("part", "front".into());
                with("here", json!({}));
                with("entries", entries.collect());
            }
            Part::Edges(pages) => {
                with("part", "edges".into());
                with("here", json!({}));
                with("pages", pages.into());
            }
        }
        Value::Object(data)
    }

    /// What a table is called where it goes on.
    pub fn continued(&self) -> &str {
        self.common.get("continued").and_then(Value::as_str).unwrap_or_default()
    }
}

/// How many headings lead to the first one of a part, so that the part by itself begins at level 1 as PDF/UA demands of
/// a file. They are on a page of their own, which is dropped when the parts are joined.
pub fn lead(blocks: &[Value]) -> usize {
    let level = blocks.iter().find_map(|block| block.get("level")?.as_u64());
    level.map_or(0, |level| level.saturating_sub(1).try_into().unwrap_or_default())
}

/// The facts of the cover in one line.
fn described(cover: &tidegate_report::document::Cover, fonts: &Fonts) -> Option<String> {
    let facts: Vec<String> = cover.facts.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    (!facts.is_empty()).then(|| text::plain(&facts.join("; "), fonts))
}

/// The language and, if it names one, the region of a BCP 47 tag; English if it is none.
fn language(tag: &str) -> Vec<String> {
    let mut parts = tag.trim().split(['-', '_']);
    let letters = |part: &&str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphabetic())
    };
    match parts.next().filter(|part| letters(part, 2..=3)) {
        None => vec!["en".to_owned()],
        Some(language) => {
            let region = parts.find(|part| letters(part, 2..=2));
            [language.to_ascii_lowercase()].into_iter().chain(region.map(str::to_ascii_uppercase)).collect()
        }
    }
}

fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

struct Writer<'a> {
    fonts: &'a Fonts,
    /// How tall a picture may be, in points.
    tall: f64,
    /// What a link to each section leads to, in order.
    labels: Vec<String>,
    /// The same by the section's id; the first that has it counts.
    targets: HashMap<&'a str, String>,
    headings: Vec<Heading>,
    blocks: Vec<Value>,
}

impl<'a> Writer<'a> {
    fn collect(&mut self, section: &'a Section) {
        let id = section.id.as_str();
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let usable = (1..=LONGEST_LABEL).contains(&id.len()) && id.bytes().all(plain);
        let label = if usable && !self.targets.contains_key(id) {
            id.to_owned()
        } else {
            format!("section.{}", self.labels.len())
        };
        if !id.is_empty() {
            self.targets.entry(id).or_insert_with(|| label.clone());
        }
        self.labels.push(label);
        section.sections.iter().for_each(|section| self.collect(section));
    }

    fn section(&mut self, section: &'a Section, level: usize, place: Place) {
        let risk = match section.kind {
            SectionKind::Finding(level) => Some(level.name()),
            _ => None,
        };
        let label = self.labels.get(self.headings.len()).cloned().unwrap_or_default();
        let level = level.min(DEEPEST);
        let mut heading = self.heading(&section.heading, level, place);
        heading["label"] = json!(label);
        heading["risk"] = json!(risk);
        heading["appendix"] = json!(section.kind == SectionKind::Appendix);
        heading["listed"] = json!(true);
        self.headings.push(Heading {
            level,
            label,
            title: text::plain(&plain(&section.heading), self.fonts),
            shown: self.inlines(&section.heading, Face::Sans, place.narrower(40.0), 0),
        });
        self.blocks.push(heading);
        let mut levels = Levels::below(level);
        for block in &section.blocks {
            let written = self.block(block, place, 0, &mut levels);
            self.blocks.extend(written);
        }
        section.sections.iter().for_each(|inner| self.section(inner, level + 1, place));
    }

    /// A heading that is not listed in the contents.
    fn heading(&self, text: &[Inline], level: usize, place: Place) -> Value {
        let size = HEADINGS.get(level - 1).copied().unwrap_or(TEXT);
        // A heading without text is none to a screen reader.
        let text = if plain(text).trim().is_empty() {
            vec![json!("–")]
        } else {
            self.inlines(text, Face::SansBold, Place { size, ..place }, 0)
        };
        json!({
            "k": "heading", "level": level, "x": text, "label": null, "risk": null, "appendix": false, "listed": false,
        })
    }

    fn blocks(&self, blocks: &[Block], place: Place, depth: usize, levels: &mut Levels) -> Vec<Value> {
        blocks.iter().flat_map(|block| self.block(block, place, depth + 1, levels)).collect()
    }

    fn block(&self, block: &Block, place: Place, depth: usize, levels: &mut Levels) -> Vec<Value> {
        if depth > DEEP {
            return self.flat(block, place, levels);
        }
        let one = match block {
            Block::Paragraph(text) => json!({"k": "p", "x": self.inlines(text, Face::Sans, place, 0)}),
            Block::Heading(level, text) => self.heading(text, levels.of(*level), place),
            Block::List(start, items) => {
                let inner = place.narrower(30.0);
                let items: Vec<_> =
                    items.iter().map(|item| self.blocks(item, inner, depth, levels)).collect();
                match start {
                    None => json!({"k": "list", "items": items}),
                    // What a list on paper begins with is never so large.
                    Some(start) => json!({"k": "numbers", "start": (*start).min(1_000_000), "items": items}),
                }
            }
            Block::Table(table) => return self.table(table, place).into_iter().collect(),
            Block::Code { text, .. } => self.code(text, place),
            Block::Quote(inner) => {
                json!({"k": "quote", "blocks": self.blocks(inner, place.narrower(12.0), depth, levels)})
            }
            Block::Rule => json!({"k": "rule"}),
            Block::Picture(picture) => self.picture(picture, place),
            Block::Callout(inner) => {
                json!({"k": "callout", "blocks": self.blocks(inner, place.narrower(23.0), depth, levels)})
            }
            Block::Details(summary, inner) => json!({
                "k": "details",
                "x": self.inlines(summary, Face::SansBold, place, 0),
                "blocks": self.blocks(inner, place.narrower(12.0), depth, levels),
            }),
        };
        vec![one]
    }

    /// What is too deep, without what it is in.
    fn flat(&self, block: &Block, place: Place, levels: &mut Levels) -> Vec<Value> {
        // A stack of its own: what is this deep may be a million deep.
        let mut open = vec![block];
        let mut written = Vec::new();
        while let Some(block) = open.pop() {
            match block {
                Block::Quote(inner) | Block::Callout(inner) => open.extend(inner.iter().rev()),
                Block::Details(summary, inner) => {
                    written.push(json!({"k": "p", "x": self.inlines(summary, Face::SansBold, place, 0)}));
                    open.extend(inner.iter().rev());
                }
                Block::List(_, items) => open.extend(items.iter().rev().flat_map(|item| item.iter().rev())),
                other => written.extend(self.block(other, place, 0, levels)),
            }
        }
        written
    }

    fn code(&self, text: &str, place: Place) -> Value {
        let lines = text::lines(text, self.fonts);
        let place = Place { size: CODE, ..place.narrower(20.0) };
        let broken: Vec<Value> = lines.iter().map(|line| text::breakable(line, Face::Mono, place)).collect();
        json!({"k": "code", "text": lines.join("\n"), "lines": broken})
    }

    fn table(&self, table: &Table, place: Place) -> Option<Value> {
        let widths = table.widths(place.room, BADGE);
        if widths.is_empty() {
            return None;
        }
        let places: Vec<Place> =
            widths.iter().map(|width| Place { room: (width - 2.0 * INSET).max(8.0), size: TABLE }).collect();
        let columns: Vec<Value> = table
            .columns
            .iter()
            .zip(&widths)
            .zip(&places)
            .map(|((column, width), &place)| {
                let heading = text::line(&column.heading, Face::SansBold, place, self.fonts);
                json!({"width": width, "numeric": column.numeric, "heading": heading})
            })
            .collect();
        let empty = Cell::default();
        let rows: Vec<Value> = table
            .rows
            .iter()
            .map(|row| {
                let cells = row.cells.iter().chain(std::iter::repeat(&empty));
                let cells = cells.zip(&places).map(|(cell, &place)| {
                    json!({
                        "x": self.inlines(&cell.text, Face::Sans, place, 0),
                        "risk": cell.risk.map(Level::name),
                        "marked": row.marked,
                    })
                });
                Value::Array(cells.collect())
            })
            .collect();
        let caption = self.caption(&table.caption, place);
        let short = rows.len() <= SHORT;
        let headed = table.has_headings();
        Some(json!({
            "k": "table", "caption": caption, "columns": columns, "headed": headed, "short": short, "rows": rows,
        }))
    }

    fn caption(&self, caption: &str, place: Place) -> Option<Value> {
        (!caption.trim().is_empty()).then(|| text::line(caption, Face::SansBold, place, self.fonts))
    }

    /// A picture, no wider than its place and no taller than a page. One that cannot be drawn is told.
    fn picture(&self, picture: &Picture, place: Place) -> Value {
        let alternative = text::plain(&picture.alternative, self.fonts);
        let alternative = if alternative.trim().is_empty() { picture.name.clone() } else { alternative };
        let svg = tidegate_fonts::shown_by(&picture.svg, |c| self.fonts.have(c) || c == '\r');
        let Some((width, height)) = drawable(&svg) else {
            return json!({"k": "p", "x": [{"i": [text::breakable(&alternative, Face::SansItalic, place)]}]});
        };
        // A CSS pixel is three quarters of a point.
        let natural = if picture.size.0 == 0 { width } else { f64::from(picture.size.0) } * 0.75;
        let width = natural.min(place.room).min(self.tall * width / height);
        json!({
            "k": "picture", "svg": svg, "width": width, "alternative": alternative,
            "caption": self.caption(&picture.caption, place),
        })
    }

    fn inlines(&self, inlines: &[Inline], face: Face, place: Place, depth: usize) -> Vec<Value> {
        if depth > DEEP {
            return vec![text::line(&plain(inlines), face, place, self.fonts)];
        }
        inlines
            .iter()
            .map(|inline| match inline {
                Inline::Text(text) => text::line(text, face, place, self.fonts),
                Inline::Code(code) => json!({"c": text::line(code, Face::Mono, place, self.fonts)}),
                Inline::Strong(inner) => json!({"b": self.inlines(inner, Face::SansBold, place, depth + 1)}),
                Inline::Emphasis(inner) => json!({"i": self.inlines(inner, face, place, depth + 1)}),
                Inline::Break => Value::Null,
                Inline::Link { target, text } => {
                    let shown = self.inlines(text, face, place, depth + 1);
                    let target = target.trim();
                    match target.strip_prefix('#') {
                        Some(id) if self.targets.contains_key(id) => {
                            json!({"l": self.targets.get(id), "x": shown})
                        }
                        None if may_link(target) && target.len() <= LONGEST_LINK => {
                            json!({"a": text::plain(target, self.fonts), "x": shown})
                        }
                        _ => json!({"e": shown}),
                    }
                }
            })
            .collect()
    }
}

/// The size of a picture, if the typesetter can draw it.
fn drawable(svg: &str) -> Option<(f64, f64)> {
    use typst::foundations::Bytes;
    use typst::visualize::SvgImage;
    // A reference to a file is an error to the typesetter, and found only when it draws.
    let complete = |reference: &str| {
        let value =
            reference.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '=' | '"' | '\''));
        value.starts_with('#') || value.starts_with("data:")
    };
    if svg.contains("image") && !svg.split("href").skip(1).all(complete) {
        return None;
    }
    let image = SvgImage::new(Bytes::from_string(svg.to_owned())).ok()?;
    (image.width() > 0.0 && image.height() > 0.0).then(|| (image.width(), image.height()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_those_that_a_pdf_can_name() {
        assert_eq!(language("en-GB"), ["en", "GB"]);
        assert_eq!(language("zh-Hant-TW"), ["zh", "TW"]);
        assert_eq!(language("de"), ["de"]);
        for none in ["", "#eval", "x", "verylong"] {
            assert_eq!(language(none), ["en"], "{none}");
        }
    }

    #[test]
    fn what_nests_without_end_is_flattened() {
        let fonts = Fonts::with(std::iter::empty());
        let mut block = Block::text("deep");
        let mut inline = Inline::text("low");
        for _ in 0..200 {
            block = Block::Quote(vec![block]);
            inline = Inline::Strong(vec![inline]);
        }
        let mut document = Document::default();
        let blocks = vec![block, Block::Paragraph(vec![inline])];
        document.sections.push(Section { blocks, ..Section::default() });
        let report = of(&document, &PdfOptions::default(), &fonts);
        let data = Value::from(report.blocks).to_string();
        assert!(data.contains("deep") && data.contains("low"));
        assert!(serde_json::from_str::<Value>(&data).is_ok());
    }
}
