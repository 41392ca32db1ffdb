//! A document, whatever it will be written as: blocks of text, tables, code and pictures.
//!
//! Texts are exact: no writer's markup is in them, and nothing is escaped. Each writer escapes where it writes.

/// A document.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Document {
    /// What stands on the cover.
    pub cover: Cover,
    /// Its parts, in order.
    pub sections: Vec<Section>,
}

/// What a report says about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cover {
    /// Its title.
    pub title: String,
    /// Facts about it, as pairs of name and value: client, date, author, data …
    pub facts: Vec<(String, String)>,
    /// The language of its texts (BCP 47).
    pub language: String,
}

/// A part with a heading. Parts nest.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Section {
    /// What it is, for writers that treat some parts in a way of their own.
    pub kind: SectionKind,
    /// Its anchor: lower-case letters, digits and hyphens, unique in the document.
    pub id: String,
    /// Its heading.
    pub heading: Vec<Inline>,
    /// What stands before its parts.
    pub blocks: Vec<Block>,
    /// Parts inside of it.
    pub sections: Vec<Section>,
}

/// What a section is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SectionKind {
    /// Any.
    #[default]
    Plain,
    /// A finding; its risk.
    Finding(tidegate_audit::Level),
    /// An appendix: starts on a page of its own.
    Appendix,
}

/// A block.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// A heading inside of a text that was written elsewhere; its level from 1 to 6.
    Heading(u8, Vec<Inline>),
    /// A list, numbered from the number if there is one.
    List(Option<u64>, Vec<Vec<Block>>),
    /// A table.
    Table(Table),
    /// Code, as it is; the language may be empty.
    Code {
        /// `python`, `yaml`, `sh` …
        language: String,
        /// The lines.
        text: String,
    },
    /// A quotation.
    Quote(Vec<Block>),
    /// A line across.
    Rule,
    /// A picture.
    Picture(Picture),
    /// Something the reader must not overlook, with its kind.
    Callout(Vec<Block>),
    /// Detail that a reader asks for: a summary, and what is behind it. Where nothing can be folded it is shown.
    Details(Vec<Inline>, Vec<Block>),
}

/// A table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    /// What it shows; stands with it and names it to a screen reader.
    pub caption: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows; each has as many cells as there are columns.
    pub rows: Vec<Row>,
    /// Whether a reader may want to sort and filter it.
    pub interactive: bool,
}

impl Table {
    /// The width of each column where all have `room`, by weight; one in which risks are named gets at least `badge`.
    pub fn widths(&self, room: f64, badge: f64) -> Vec<f64> {
        let weight = |column: &Column| f64::from(column.weight.max(1));
        let all: f64 = self.columns.iter().map(weight).sum();
        let risky =
            |at: usize| self.rows.iter().any(|row| row.cells.get(at).is_some_and(|cell| cell.risk.is_some()));
        let small = |at: usize, column: &Column| {
            room * weight(column) / all < badge && self.columns.len() > 1 && risky(at)
        };
        let small: Vec<bool> =
            self.columns.iter().enumerate().map(|(at, column)| small(at, column)).collect();
        let taken = small.iter().filter(|small| **small).count() as f64 * badge;
        if taken * 2.0 > room {
            return self.columns.iter().map(|column| room * weight(column) / all).collect();
        }
        let columns = || self.columns.iter().zip(&small);
        let others: f64 = columns().filter(|(_, small)| !**small).map(|(column, _)| weight(column)).sum();
        columns()
            .map(|(column, small)| if *small { badge } else { (room - taken) * weight(column) / others })
            .collect()
    }

    /// Whether any column has a heading.
    pub fn has_headings(&self) -> bool {
        self.columns.iter().any(|column| !column.heading.trim().is_empty())
    }
}

/// A column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Column {
    /// Its heading.
    pub heading: String,
    /// Whether it holds numbers.
    pub numeric: bool,
    /// Its width relative to the others.
    pub weight: u8,
}

/// A row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Row {
    /// One cell a column.
    pub cells: Vec<Cell>,
    /// Whether it is one of those that matter; said in words in one of the cells, too.
    pub marked: bool,
}

/// A cell.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cell {
    /// Its text.
    pub text: Vec<Inline>,
    /// What to sort by, where that is not the text.
    pub key: Option<i64>,
    /// The risk that the cell names, if it names one.
    pub risk: Option<tidegate_audit::Level>,
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// A name for a file: lower-case letters, digits and hyphens, unique in the document.
    pub name: String,
    /// The picture as SVG, complete and without references to anything outside.
    pub svg: String,
    /// Its width and height in CSS pixels.
    pub size: (u32, u32),
    /// What it shows, for those who cannot see it.
    pub alternative: String,
    /// What stands below it.
    pub caption: String,
}

/// A piece of running text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inline {
    /// Text.
    Text(String),
    /// Text in bold type.
    Strong(Vec<Inline>),
    /// Text in italics.
    Emphasis(Vec<Inline>),
    /// Code, as it is.
    Code(String),
    /// A link to an address outside (`https://…`) or to a section (`#id`).
    Link {
        /// Where to.
        target: String,
        /// What is shown.
        text: Vec<Inline>,
    },
    /// A new line.
    Break,
}

impl Inline {
    /// Text.
    pub fn text(text: impl Into<String>) -> Self {
        Inline::Text(text.into())
    }

    /// Code.
    pub fn code(text: impl Into<String>) -> Self {
        Inline::Code(text.into())
    }

    /// Text in bold type.
    pub fn strong(text: impl Into<String>) -> Self {
        Inline::Strong(vec![Inline::Text(text.into())])
    }
}

/// Running text without its markup.
pub fn plain(inlines: &[Inline]) -> String {
    inlines
        .iter()
        .map(|inline| match inline {
            Inline::Text(text) | Inline::Code(text) => text.clone(),
            Inline::Strong(inner) | Inline::Emphasis(inner) | Inline::Link { text: inner, .. } => {
                plain(inner)
            }
            Inline::Break => "\n".to_owned(),
        })
        .collect()
}

/// Whether an address may be linked to: the web, mail, or a place in the document. Everything else (`javascript:` …)
/// is shown as text.
pub fn may_link(target: &str) -> bool {
    let target = target.trim();
    let scheme = |prefix: &str| target.get(..prefix.len()).is_some_and(|t| t.eq_ignore_ascii_case(prefix));
    scheme("https://") || scheme("http://") || scheme("mailto:") || target.starts_with('#')
}

impl Block {
    /// A paragraph of plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Block::Paragraph(vec![Inline::Text(text.into())])
    }
}

impl Cell {
    /// A cell of plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Cell { text: vec![Inline::Text(text.into())], ..Cell::default() }
    }

    /// A cell of code.
    pub fn code(text: impl Into<String>) -> Self {
        Cell { text: vec![Inline::Code(text.into())], ..Cell::default() }
    }

    /// A cell with a number.
    pub fn number(number: usize) -> Self {
        Cell { key: i64::try_from(number).ok(), ..Cell::text(number.to_string()) }
    }

    /// A cell that names a risk, sorted by how high it is.
    pub fn risk(level: tidegate_audit::Level) -> Self {
        let name = level.name();
        let shown = name.get(..1).unwrap_or_default().to_uppercase() + name.get(1..).unwrap_or_default();
        Cell { key: Some(level as i64), risk: Some(level), ..Cell::text(shown) }
    }
}

impl Document {
    /// Every picture in it, in order.
    pub fn pictures(&self) -> Vec<&Picture> {
        fn of_blocks<'a>(blocks: &'a [Block], into: &mut Vec<&'a Picture>) {
            for block in blocks {
                match block {
                    Block::Picture(picture) => into.push(picture),
                    Block::Quote(inner) | Block::Callout(inner) | Block::Details(_, inner) => {
                        of_blocks(inner, into)
                    }
                    Block::List(_, items) => items.iter().for_each(|item| of_blocks(item, into)),
                    _ => {}
                }
            }
        }
        fn of_sections<'a>(sections: &'a [Section], into: &mut Vec<&'a Picture>) {
            for section in sections {
                of_blocks(&section.blocks, into);
                of_sections(&section.sections, into);
            }
        }
        let mut found = Vec::new();
        of_sections(&self.sections, &mut found);
        found
    }
}
