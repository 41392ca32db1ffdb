//! The document itself: paragraphs, tables and pictures in the order that the schema wants.

use crate::address;
use crate::numbering::{DEEPEST as DEEPEST_LIST, INDENT, Lists};
use crate::package::Package;
use crate::styles::Styles;
use crate::xml::{Xml, clean};
use rayon::prelude::*;
use std::collections::{HashMap, HashSet};
use tidegate_audit::Level;
use tidegate_report::document::{Block, Cell, Document, Inline, Picture, Section, SectionKind, Table, plain};
use tidegate_report::escape;
use tidegate_report::outline::{DEEPEST, Levels};

/// English metric units in a CSS pixel, and in a twentieth of a point.
const PIXEL: f64 = 9525.0;
const TWENTIETH: f64 = 635.0;
/// Pictures have this many pixels for each of their own.
const SCALE: f32 = 2.0;
/// More blocks within each other than this are shown as if they were not.
const DEEP: usize = 12;
/// What a risk needs of a table's width, in twentieths of a point.
const BADGE: f64 = 1500.0;

/// Where text stands.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// The name of the style of its paragraphs.
    style: &'static str,
    /// How far it stands to the right, in twentieths of a point.
    indent: u32,
    /// How many lists it is in.
    lists: usize,
    /// How many blocks it is in.
    depth: usize,
}

/// How a run of text looks.
#[derive(Debug, Clone, Copy, Default)]
struct Look {
    style: Option<&'static str>,
    bold: bool,
    italic: bool,
}

/// What a paragraph is beside its text.
#[derive(Debug, Clone, Copy, Default)]
struct Kind {
    with_next: bool,
    new_page: bool,
    /// The number of a list, and its level.
    list: Option<(u32, usize)>,
    right: bool,
}

/// Writes the document.
pub struct Body<'a> {
    pub package: &'a mut Package,
    pub styles: &'a Styles,
    pub lists: &'a mut Lists,
    /// Width and height between the margins, in twentieths of a point.
    pub room: (u32, u32),
    bookmarks: HashMap<&'a str, usize>,
    /// The next number of a heading, and of a picture.
    next: (usize, usize),
    marker: Option<(u32, usize)>,
    /// Pictures by their SVG.
    drawn: HashMap<&'a str, Drawn>,
}

/// A picture as PNG.
struct Drawn {
    size: (u32, u32),
    /// `None` once it is in the package.
    png: Option<Vec<u8>>,
    /// How the text refers to it.
    relation: String,
}

impl<'a> Body<'a> {
    /// A writer of what goes into this package.
    pub fn new(package: &'a mut Package, styles: &'a Styles, lists: &'a mut Lists, room: (u32, u32)) -> Self {
        Body {
            package,
            styles,
            lists,
            room,
            bookmarks: HashMap::new(),
            next: (0, 0),
            marker: None,
            drawn: HashMap::new(),
        }
    }

    /// Everything between the start of the body and its section properties.
    pub fn write(&mut self, document: &'a Document) -> Xml {
        let mut xml = Xml::part();
        let mut entries = Vec::new();
        for section in &document.sections {
            self.collect(section, 1, &mut entries);
        }
        let pictures: HashSet<&str> =
            document.pictures().into_iter().map(|picture| picture.svg.as_str()).collect();
        let drawn = pictures.into_par_iter().filter_map(|svg| {
            let png = tidegate_png::png(svg, SCALE).ok()?;
            Some((svg, Drawn { size: size_of(&png)?, png: Some(png), relation: String::new() }))
        });
        self.drawn = drawn.collect();
        self.cover(&mut xml, document);
        self.contents(&mut xml, &entries);
        for (at, section) in document.sections.iter().enumerate() {
            self.section(&mut xml, section, 1, at == 0);
        }
        xml
    }

    /// The headings in order: level and text. A link leads to the first section with its id.
    fn collect(&mut self, section: &'a Section, level: usize, entries: &mut Vec<(usize, String)>) {
        if !section.id.is_empty() {
            self.bookmarks.entry(&section.id).or_insert(entries.len());
        }
        entries.push((level, clean(&plain(&section.heading).replace('\n', " "))));
        section.sections.iter().for_each(|inner| self.collect(inner, level + 1, entries));
    }

    fn cover(&mut self, xml: &mut Xml, document: &Document) {
        let cover = &document.cover;
        let place = Place { style: "Title", indent: 0, lists: 0, depth: 0 };
        let title = if cover.title.trim().is_empty() { "Report" } else { &cover.title };
        self.paragraph(xml, place, Kind::default(), |body, xml| body.run(xml, Look::default(), title));
        let place = Place { style: "Cover Fact", ..place };
        for (name, value) in &cover.facts {
            self.paragraph(xml, place, Kind::default(), |body, xml| {
                body.run(xml, Look { style: Some("Muted"), ..Look::default() }, name);
                xml.element("w:r", &[], |xml| xml.empty("w:tab", &[]));
                body.run(xml, Look::default(), value);
            });
        }
    }

    /// A field that a word processor brings up to date, filled with the headings and links to them.
    fn contents(&mut self, xml: &mut Xml, entries: &[(usize, String)]) {
        let place = Place { style: "TOC Heading", indent: 0, lists: 0, depth: 0 };
        self.paragraph(xml, place, Kind::default(), |body, xml| body.run(xml, Look::default(), "Contents"));
        let listed: Vec<(usize, &(usize, String))> =
            entries.iter().enumerate().filter(|(_, (level, _))| *level <= 2).collect();
        for (at, (heading, (level, text))) in listed.iter().enumerate() {
            let style = if *level == 1 { "toc 1" } else { "toc 2" };
            self.paragraph(xml, Place { style, ..place }, Kind::default(), |body, xml| {
                if at == 0 {
                    field(xml, "begin", true);
                    instruction(xml, " TOC \\o \"1-2\" \\h \\z \\u ");
                    field(xml, "separate", false);
                }
                let anchor = bookmark(*heading);
                xml.element("w:hyperlink", &[("w:anchor", &anchor), ("w:history", "1")], |xml| {
                    body.run(xml, Look::default(), text);
                });
                if at + 1 == listed.len() {
                    field(xml, "end", false);
                }
            });
        }
    }

    fn section(&mut self, xml: &mut Xml, section: &Section, level: usize, first: bool) {
        let level = level.min(DEEPEST);
        let place = Place { style: heading_style(level), indent: 0, lists: 0, depth: 0 };
        let appendix = section.kind == SectionKind::Appendix;
        let kind = Kind { with_next: true, new_page: first || appendix, ..Kind::default() };
        let at = self.next.0;
        self.next.0 += 1;
        self.paragraph(xml, place, kind, |body, xml| {
            let id = at.to_string();
            xml.empty("w:bookmarkStart", &[("w:id", &id), ("w:name", &bookmark(at))]);
            body.inlines(xml, Look::default(), &section.heading);
            xml.empty("w:bookmarkEnd", &[("w:id", &id)]);
        });
        let place = Place { style: "Normal", ..place };
        if let SectionKind::Finding(risk) = section.kind {
            let kind = Kind { with_next: true, ..Kind::default() };
            self.paragraph(xml, place, kind, |body, xml| body.badge(xml, risk, &Cell::risk(risk).text));
        }
        let mut levels = Levels::below(level);
        self.blocks(xml, &section.blocks, place, &mut levels);
        section.sections.iter().for_each(|inner| self.section(xml, inner, level + 1, false));
    }

    fn blocks(&mut self, xml: &mut Xml, blocks: &[Block], place: Place, levels: &mut Levels) {
        blocks.iter().for_each(|block| self.block(xml, block, place, levels));
    }

    fn block(&mut self, xml: &mut Xml, block: &Block, place: Place, levels: &mut Levels) {
        let inner = Place { depth: place.depth + 1, ..place };
        if inner.depth > DEEP {
            return self.flat(xml, block, place, levels);
        }
        match block {
            Block::Paragraph(text) => {
                self.paragraph(xml, place, Kind::default(), |body, xml| {
                    body.inlines(xml, Look::default(), text)
                });
            }
            Block::Heading(written, text) => {
                let place = Place { style: heading_style(levels.of(*written)), ..place };
                let kind = Kind { with_next: true, ..Kind::default() };
                self.paragraph(xml, place, kind, |body, xml| body.inlines(xml, Look::default(), text));
            }
            Block::List(start, items) => self.list(xml, *start, items, inner, levels),
            Block::Table(table) => self.table(xml, table, place),
            Block::Code { text, .. } => self.code(xml, text, place),
            Block::Quote(blocks) => {
                self.blocks(
                    xml,
                    blocks,
                    Place { style: "Quote", indent: inner.indent + 240, ..inner },
                    levels,
                );
            }
            Block::Callout(blocks) => self.callout(xml, blocks, inner, levels),
            Block::Rule => {
                let place = Place { style: "Header", ..place };
                self.paragraph(xml, place, Kind::default(), |_, _| {});
            }
            Block::Picture(picture) => self.picture(xml, picture, place),
            Block::Details(summary, blocks) => {
                let kind = Kind { with_next: true, ..Kind::default() };
                let look = Look { bold: true, ..Look::default() };
                self.paragraph(xml, place, kind, |body, xml| body.inlines(xml, look, summary));
                self.blocks(xml, blocks, Place { indent: inner.indent + 240, ..inner }, levels);
            }
        }
    }

    /// What is too deep, without what it is in.
    fn flat(&mut self, xml: &mut Xml, block: &Block, place: Place, levels: &mut Levels) {
        let mut open = vec![block];
        while let Some(block) = open.pop() {
            match block {
                Block::Quote(inner) | Block::Callout(inner) => open.extend(inner.iter().rev()),
                Block::Details(summary, inner) => {
                    self.paragraph(xml, place, Kind::default(), |body, xml| {
                        body.inlines(xml, Look::default(), summary);
                    });
                    open.extend(inner.iter().rev());
                }
                Block::List(_, items) => open.extend(items.iter().rev().flat_map(|item| item.iter().rev())),
                other => self.block(xml, other, Place { depth: 0, ..place }, levels),
            }
        }
    }

    fn list(
        &mut self,
        xml: &mut Xml,
        start: Option<u64>,
        items: &[Vec<Block>],
        place: Place,
        levels: &mut Levels,
    ) {
        let number = match start {
            None => self.lists.bullets(),
            Some(start) => self.lists.numbers(start),
        };
        let level = place.lists.min(DEEPEST_LIST);
        let style = if place.style == "Normal" { "List Paragraph" } else { place.style };
        let place = Place { style, indent: place.indent + INDENT, lists: place.lists + 1, ..place };
        for item in items {
            // The first paragraph of an item has its bullet or number.
            self.marker = Some((number, level));
            self.blocks(xml, item, place, levels);
            if self.marker.is_some() {
                self.paragraph(xml, place, Kind::default(), |_, _| {});
            }
        }
    }

    fn code(&mut self, xml: &mut Xml, text: &str, place: Place) {
        let place = Place { style: "Source Code", ..place };
        let text = escape::xml(text).replace('\t', "    ");
        self.paragraph(xml, place, Kind::default(), |_, xml| {
            xml.element("w:r", &[], |xml| {
                for (at, line) in text.trim_end_matches('\n').split('\n').enumerate() {
                    if at > 0 {
                        xml.empty("w:br", &[]);
                    }
                    xml.leaf("w:t", &[("xml:space", "preserve")], line);
                }
            });
        });
    }

    fn table(&mut self, xml: &mut Xml, table: &Table, place: Place) {
        if table.columns.is_empty() {
            return;
        }
        self.caption(xml, &table.caption, place, true);
        let width = self.room.0.saturating_sub(place.indent).max(1440);
        let widths = table.widths(f64::from(width), BADGE);
        let widths: Vec<String> =
            widths.iter().map(|width| format!("{:.0}", width.floor().max(1.0))).collect();
        let headed = table.has_headings();
        let caption = clean(&table.caption);
        xml.element("w:tbl", &[], |xml| {
            xml.element("w:tblPr", &[], |xml| {
                xml.val("w:tblStyle", self.styles.table("Report Table"));
                xml.empty("w:tblW", &[("w:w", &width.to_string()), ("w:type", "dxa")]);
                xml.empty("w:tblInd", &[("w:w", &place.indent.to_string()), ("w:type", "dxa")]);
                xml.empty("w:tblLayout", &[("w:type", "fixed")]);
                xml.empty(
                    "w:tblLook",
                    &[
                        ("w:val", if headed { "0020" } else { "0000" }),
                        ("w:firstRow", if headed { "1" } else { "0" }),
                        ("w:lastRow", "0"),
                        ("w:firstColumn", "0"),
                        ("w:lastColumn", "0"),
                        ("w:noHBand", "1"),
                        ("w:noVBand", "1"),
                    ],
                );
                if !caption.trim().is_empty() {
                    xml.val("w:tblCaption", &caption);
                }
            });
            xml.element("w:tblGrid", &[], |xml| {
                widths.iter().for_each(|width| xml.empty("w:gridCol", &[("w:w", width)]));
            });
            if headed {
                xml.element("w:tr", &[], |xml| {
                    xml.element("w:trPr", &[], |xml| {
                        xml.empty("w:cantSplit", &[]);
                        xml.empty("w:tblHeader", &[]);
                    });
                    for (column, width) in table.columns.iter().zip(&widths) {
                        let kind = Kind { right: column.numeric, ..Kind::default() };
                        self.cell(xml, width, false, "Table Heading", kind, |body, xml| {
                            body.run(xml, Look::default(), &column.heading);
                        });
                    }
                });
            }
            let empty = Cell::default();
            for row in &table.rows {
                xml.element("w:tr", &[], |xml| {
                    xml.element("w:trPr", &[], |xml| xml.empty("w:cantSplit", &[]));
                    let cells = row.cells.iter().chain(std::iter::repeat(&empty));
                    for ((cell, column), width) in cells.zip(&table.columns).zip(&widths) {
                        let kind = Kind { right: column.numeric, ..Kind::default() };
                        self.cell(xml, width, row.marked, "Table Text", kind, |body, xml| match cell.risk {
                            Some(risk) => body.badge(xml, risk, &cell.text),
                            None => body.inlines(xml, Look::default(), &cell.text),
                        });
                    }
                });
            }
        });
        // Two tables without anything between them would become one.
        self.paragraph(xml, Place { style: "Table Text", ..place }, Kind::default(), |_, _| {});
    }

    /// A cell of its own with a bar beside it: the borders of paragraphs break off where a list begins.
    fn callout(&mut self, xml: &mut Xml, blocks: &[Block], place: Place, levels: &mut Levels) {
        let whole = self.room.0;
        let width = whole.saturating_sub(place.indent).max(1440);
        let (shown, indent) = (width.to_string(), place.indent.to_string());
        self.marker = None;
        xml.element("w:tbl", &[], |xml| {
            xml.element("w:tblPr", &[], |xml| {
                xml.empty("w:tblW", &[("w:w", &shown), ("w:type", "dxa")]);
                xml.empty("w:tblInd", &[("w:w", &indent), ("w:type", "dxa")]);
                xml.empty("w:tblLayout", &[("w:type", "fixed")]);
                xml.element("w:tblCellMar", &[], |xml| {
                    for (side, room) in
                        [("w:top", "80"), ("w:left", "200"), ("w:bottom", "60"), ("w:right", "160")]
                    {
                        xml.empty(side, &[("w:w", room), ("w:type", "dxa")]);
                    }
                });
            });
            xml.element("w:tblGrid", &[], |xml| xml.empty("w:gridCol", &[("w:w", &shown)]));
            xml.element("w:tr", &[], |xml| {
                xml.element("w:tc", &[], |xml| {
                    xml.element("w:tcPr", &[], |xml| {
                        xml.empty("w:tcW", &[("w:w", &shown), ("w:type", "dxa")]);
                        xml.element("w:tcBorders", &[], |xml| {
                            let bar = [
                                ("w:val", "single"),
                                ("w:sz", "24"),
                                ("w:space", "0"),
                                ("w:color", "C98A00"),
                            ];
                            xml.empty("w:left", &bar);
                        });
                        xml.empty("w:shd", &[("w:val", "clear"), ("w:color", "auto"), ("w:fill", "FFF8E6")]);
                    });
                    self.room.0 = width.saturating_sub(360);
                    let inside = Place { style: "Callout", indent: 0, lists: 0, ..place };
                    self.blocks(xml, blocks, inside, levels);
                    self.room.0 = whole;
                    // A cell ends with a paragraph.
                    if !blocks.last().is_some_and(ends_with_paragraph) {
                        self.paragraph(xml, inside, Kind::default(), |_, _| {});
                    }
                });
            });
        });
        self.paragraph(xml, Place { style: "Table Text", ..place }, Kind::default(), |_, _| {});
    }

    fn cell(
        &mut self,
        xml: &mut Xml,
        width: &str,
        marked: bool,
        style: &'static str,
        kind: Kind,
        text: impl FnOnce(&mut Self, &mut Xml),
    ) {
        xml.element("w:tc", &[], |xml| {
            xml.element("w:tcPr", &[], |xml| {
                xml.empty("w:tcW", &[("w:w", width), ("w:type", "dxa")]);
                if marked {
                    xml.empty("w:shd", &[("w:val", "clear"), ("w:color", "auto"), ("w:fill", "FDEEEA")]);
                }
            });
            let marker = self.marker.take();
            self.paragraph(xml, Place { style, indent: 0, lists: 0, depth: 0 }, kind, text);
            self.marker = marker;
        });
    }

    fn caption(&mut self, xml: &mut Xml, caption: &str, place: Place, above: bool) {
        if !caption.trim().is_empty() {
            let kind = Kind { with_next: above, ..Kind::default() };
            self.paragraph(xml, Place { style: "caption", ..place }, kind, |body, xml| {
                body.run(xml, Look::default(), caption);
            });
        }
    }

    /// A picture as PNG. One that cannot be drawn is told.
    fn picture(&mut self, xml: &mut Xml, picture: &Picture, place: Place) {
        let alternative =
            if picture.alternative.trim().is_empty() { &picture.name } else { &picture.alternative };
        let Some(drawn) = self.drawn.get_mut(picture.svg.as_str()) else {
            let look = Look { italic: true, ..Look::default() };
            return self.paragraph(xml, place, Kind::default(), |body, xml| body.run(xml, look, alternative));
        };
        let (wide, high) = drawn.size;
        // The same picture is in the file once, however often it is shown.
        if let Some(png) = drawn.png.take() {
            let target = format!("media/picture{}.png", self.next.1 + 1);
            self.package.add(format!("word/{target}"), png);
            drawn.relation = self.package.relation("image", &target, false);
        }
        let relation = drawn.relation.clone();
        self.next.1 += 1;
        let number = self.next.1;
        let natural = match picture.size {
            (0, _) | (_, 0) => (f64::from(wide) * PIXEL / 2.0, f64::from(high) * PIXEL / 2.0),
            (wide, high) => (f64::from(wide) * PIXEL, f64::from(high) * PIXEL),
        };
        let most = (
            f64::from(self.room.0.saturating_sub(place.indent).max(1440)) * TWENTIETH,
            f64::from(self.room.1) * TWENTIETH * 0.85,
        );
        let scale = (most.0 / natural.0).min(most.1 / natural.1).min(1.0);
        let size = [natural.0 * scale, natural.1 * scale].map(|length| (length.max(1.0) as u64).to_string());
        let [wide, high] = [&size[0], &size[1]];
        let kind = Kind { with_next: !picture.caption.trim().is_empty(), ..Kind::default() };
        let (alternative, name) = (clean(alternative), clean(&picture.name));
        self.paragraph(xml, place, kind, |_, xml| {
            xml.element("w:r", &[], |xml| drawing(xml, number, &name, &alternative, &relation, wide, high));
        });
        self.caption(xml, &picture.caption, place, false);
    }

    fn paragraph(
        &mut self,
        xml: &mut Xml,
        place: Place,
        mut kind: Kind,
        text: impl FnOnce(&mut Self, &mut Xml),
    ) {
        kind.list = self.marker.take();
        xml.element("w:p", &[], |xml| {
            xml.element("w:pPr", &[], |xml| {
                xml.val("w:pStyle", self.styles.paragraph(place.style));
                if kind.with_next {
                    xml.empty("w:keepNext", &[]);
                }
                if kind.new_page {
                    xml.empty("w:pageBreakBefore", &[]);
                }
                if let Some((number, level)) = kind.list {
                    xml.element("w:numPr", &[], |xml| {
                        xml.val("w:ilvl", &level.to_string());
                        xml.val("w:numId", &number.to_string());
                    });
                }
                if place.indent > 0 {
                    let left = place.indent.to_string();
                    let hanging = if kind.list.is_some() { "300" } else { "0" };
                    xml.empty("w:ind", &[("w:left", &left), ("w:hanging", hanging)]);
                }
                if kind.right {
                    xml.val("w:jc", "right");
                }
            });
            text(self, xml);
        });
    }

    fn inlines(&mut self, xml: &mut Xml, look: Look, inlines: &[Inline]) {
        for inline in inlines {
            match inline {
                Inline::Text(text) => self.run(xml, look, text),
                Inline::Code(code) => self.run(xml, Look { style: Some("Verbatim Char"), ..look }, code),
                Inline::Strong(inner) => self.inlines(xml, Look { bold: true, ..look }, inner),
                Inline::Emphasis(inner) => self.inlines(xml, Look { italic: true, ..look }, inner),
                Inline::Break => xml.element("w:r", &[], |xml| xml.empty("w:br", &[])),
                Inline::Link { target, text } => self.link(xml, look, target, text),
            }
        }
    }

    fn link(&mut self, xml: &mut Xml, look: Look, target: &str, text: &[Inline]) {
        let inside = target.trim().strip_prefix('#').and_then(|id| self.bookmarks.get(id)).copied();
        let linked = Look { style: look.style.or(Some("Hyperlink")), ..look };
        // A link within a link is none.
        let text: &[Inline] = if has_link(text) { &[Inline::Text(plain(text))] } else { text };
        if let Some(heading) = inside {
            let anchor = bookmark(heading);
            xml.element("w:hyperlink", &[("w:anchor", &anchor), ("w:history", "1")], |xml| {
                self.inlines(xml, linked, text);
            });
        } else if let Some(address) = address::of(target) {
            let relation = self.package.relation("hyperlink", &address, true);
            xml.element("w:hyperlink", &[("r:id", &relation), ("w:history", "1")], |xml| {
                self.inlines(xml, linked, text);
            });
        } else {
            self.inlines(xml, look, text);
        }
    }

    /// A risk: its name on its colour.
    fn badge(&mut self, xml: &mut Xml, risk: Level, text: &[Inline]) {
        let style = match risk {
            Level::Critical => "Risk Critical",
            Level::High => "Risk High",
            Level::Medium => "Risk Medium",
            Level::Low => "Risk Low",
            Level::Informational => "Risk Informational",
        };
        let blank = '\u{a0}';
        let shown = format!("{blank}{}{blank}", clean(&plain(text)));
        self.run(xml, Look { style: Some(style), ..Look::default() }, &shown);
    }

    fn run(&self, xml: &mut Xml, look: Look, text: &str) {
        if text.is_empty() {
            return;
        }
        xml.element("w:r", &[], |xml| {
            if look.style.is_some() || look.bold || look.italic {
                xml.element("w:rPr", &[], |xml| {
                    if let Some(style) = look.style {
                        xml.val("w:rStyle", self.styles.character(style));
                    }
                    for (name, wanted) in [
                        ("w:b", look.bold),
                        ("w:bCs", look.bold),
                        ("w:i", look.italic),
                        ("w:iCs", look.italic),
                    ] {
                        if wanted {
                            xml.empty(name, &[]);
                        }
                    }
                });
            }
            xml.leaf("w:t", &[("xml:space", "preserve")], &clean(text));
        });
    }
}

/// Whether a block surely ends with a paragraph when it is written.
fn ends_with_paragraph(block: &Block) -> bool {
    matches!(
        block,
        Block::Paragraph(_) | Block::Heading(..) | Block::Code { .. } | Block::Rule | Block::Picture(_)
    ) || matches!(block, Block::List(_, items) if !items.is_empty())
        || matches!(block, Block::Table(table) if !table.columns.is_empty())
        || matches!(block, Block::Callout(_) | Block::Details(..))
}

fn has_link(inlines: &[Inline]) -> bool {
    inlines.iter().any(|inline| match inline {
        Inline::Link { .. } => true,
        Inline::Strong(inner) | Inline::Emphasis(inner) => has_link(inner),
        _ => false,
    })
}

fn heading_style(level: usize) -> &'static str {
    match level {
        0 | 1 => "heading 1",
        2 => "heading 2",
        3 => "heading 3",
        4 => "heading 4",
        5 => "heading 5",
        _ => "heading 6",
    }
}

/// The name that links to a heading use; one that begins with `_` is not shown among the user's own.
fn bookmark(heading: usize) -> String {
    format!("_Toc{:08}", heading + 1)
}

/// A mark of a field.
pub fn field(xml: &mut Xml, kind: &str, dirty: bool) {
    xml.element("w:r", &[], |xml| {
        let mut attributes = vec![("w:fldCharType", kind)];
        if dirty {
            attributes.push(("w:dirty", "true"));
        }
        xml.empty("w:fldChar", &attributes);
    });
}

/// What a field shows.
pub fn instruction(xml: &mut Xml, text: &str) {
    xml.element("w:r", &[], |xml| xml.leaf("w:instrText", &[("xml:space", "preserve")], text));
}

/// Width and height of a PNG, which stand at a fixed place.
fn size_of(png: &[u8]) -> Option<(u32, u32)> {
    let number = |at: usize| Some(u32::from_be_bytes(png.get(at..at + 4)?.try_into().ok()?));
    Some((number(16)?, number(20)?)).filter(|(wide, high)| *wide > 0 && *high > 0)
}

fn drawing(
    xml: &mut Xml,
    number: usize,
    name: &str,
    alternative: &str,
    relation: &str,
    wide: &str,
    high: &str,
) {
    let number = number.to_string();
    let about = [("id", number.as_str()), ("name", name), ("descr", alternative)];
    let none = [("distT", "0"), ("distB", "0"), ("distL", "0"), ("distR", "0")];
    xml.element("w:drawing", &[], |xml| {
        xml.element("wp:inline", &none, |xml| {
            xml.empty("wp:extent", &[("cx", wide), ("cy", high)]);
            xml.empty("wp:docPr", &about);
            xml.element("wp:cNvGraphicFramePr", &[], |xml| {
                xml.empty("a:graphicFrameLocks", &[("noChangeAspect", "1")]);
            });
            xml.element("a:graphic", &[], |xml| {
                let kind = [("uri", "http://schemas.openxmlformats.org/drawingml/2006/picture")];
                xml.element("a:graphicData", &kind, |xml| {
                    xml.element("pic:pic", &[], |xml| {
                        xml.element("pic:nvPicPr", &[], |xml| {
                            xml.empty("pic:cNvPr", &about);
                            xml.empty("pic:cNvPicPr", &[]);
                        });
                        xml.element("pic:blipFill", &[], |xml| {
                            xml.empty("a:blip", &[("r:embed", relation)]);
                            xml.element("a:stretch", &[], |xml| xml.empty("a:fillRect", &[]));
                        });
                        xml.element("pic:spPr", &[], |xml| {
                            xml.element("a:xfrm", &[], |xml| {
                                xml.empty("a:off", &[("x", "0"), ("y", "0")]);
                                xml.empty("a:ext", &[("cx", wide), ("cy", high)]);
                            });
                            xml.element("a:prstGeom", &[("prst", "rect")], |xml| xml.empty("a:avLst", &[]));
                        });
                    });
                });
            });
        });
    });
}
