//! A report as PDF: cover, contents, outline, page numbers, tables that go on over pages, tagged for screen readers.
//!
//! `report.typ` says how everything looks. It is fixed: what a report says reaches it as data, so that no text can be
//! taken for markup. The same document and options give the same bytes.
//!
//! ```
//! use tidegate_pdf::{PdfOptions, write};
//! use tidegate_report::document::{Block, Document, Section};
//!
//! let mut document = Document::default();
//! document.cover.title = "Egress of three accounts".to_owned();
//! document.sections.push(Section { blocks: vec![Block::text("#eval(\"1\")")], ..Section::default() });
//! assert!(write(&document, &PdfOptions::default()).unwrap().starts_with(b"%PDF-1.7"));
//! ```

mod data;
mod join;
mod parts;
mod text;
mod world;
mod written;

use crate::data::{Heading, Part, Report};
use crate::join::Joined;
use rayon::prelude::*;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use tidegate_report::document::Document;
use tidegate_report::paper::{Date, Paper};
use typst::diag::SourceDiagnostic;
use typst::foundations::{Datetime, Smart};
use typst::text::Font;
use typst_layout::PagedDocument;
use typst_pdf::{PdfStandard, PdfStandards, Timestamp};

/// How a PDF is made.
#[derive(Debug, Clone, Default)]
pub struct PdfOptions {
    /// The size of its pages.
    pub paper: Paper,
    /// When it was made (UTC), for its properties. Without one it has no date.
    pub date: Option<Date>,
    /// What made it, for its properties.
    pub creator: Option<String>,
    /// Who wrote it, for its properties.
    pub authors: Vec<String>,
    /// Font files (TrueType, OpenType, collections) for characters that ours lack, Chinese ones say.
    pub fonts: Vec<Vec<u8>>,
}

/// Why there is no PDF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PdfError(String);

impl fmt::Display for PdfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the PDF could not be made: {}", self.0)
    }
}

impl std::error::Error for PdfError {}

impl From<lopdf::Error> for PdfError {
    fn from(error: lopdf::Error) -> Self {
        PdfError(error.to_string())
    }
}

/// So many parts are set at the same time: each takes memory.
const AT_ONCE: usize = 4;

/// The document as PDF.
///
/// It is a PDF/UA-1 file (the standard for screen readers) unless a picture or a font that was handed in stands against
/// it; then it is an ordinary tagged PDF. A character that no font has is spelled `\u{65e5}`, and a picture that cannot
/// be drawn is replaced with its alternative text. A long document is set in parts, each of which begins on a new page.
pub fn write(document: &Document, options: &PdfOptions) -> Result<Vec<u8>, PdfError> {
    let given =
        options.fonts.iter().flat_map(|file| Font::iter(typst::foundations::Bytes::new(file.clone())));
    let fonts = world::Fonts::with(given);
    let mut report = data::of(document, options, &fonts);
    let blocks = std::mem::take(&mut report.blocks);
    let parts = parts::of(blocks, report.continued());
    let press = Press { options, fonts: &fonts, accessible: AtomicBool::new(true) };
    let written = match <[Vec<serde_json::Value>; 1]>::try_from(parts) {
        Ok([blocks]) => press.print(&report.part(Part::Whole(blocks))).map(|(pdf, _)| pdf),
        Err(parts) => joined(&report, parts, &press),
    };
    // What is remembered between two runs of the typesetter is worth nothing to the next report.
    typst::comemo::evict(0);
    written
}

/// A long report, part by part.
fn joined(
    report: &Report,
    parts: Vec<Vec<serde_json::Value>>,
    press: &Press<'_>,
) -> Result<Vec<u8>, PdfError> {
    let mut joined = Joined::new(&report.headings);
    let mut parts = parts.into_iter();
    loop {
        let some: Vec<_> = parts.by_ref().take(rayon::current_num_threads().clamp(1, AT_ONCE)).collect();
        if some.is_empty() {
            break;
        }
        let printed = some.into_par_iter().map(|part| {
            let lead = data::lead(&part);
            let (pdf, _) = press.print(&report.part(Part::Text(part)))?;
            Ok((pdf, lead))
        });
        for (pdf, lead) in printed.collect::<Result<Vec<_>, PdfError>>()? {
            joined.add(&pdf, lead)?;
        }
        typst::comemo::evict(0);
    }
    let pages = joined.page_of();
    // How long the contents are is known when they are set, and then they may be longer.
    let (mut before, mut tries) = (2, 0);
    let front = loop {
        let page =
            |heading: &Heading| pages.get(heading.label.as_bytes()).map_or(0, |page| page + 1 + before);
        let (pdf, length) = press.print(&report.part(Part::Front(&page)))?;
        tries += 1;
        if length == before || tries == 5 {
            break pdf;
        }
        before = length;
    };
    let all = joined.pages() + before;
    let edges = press.print_plain(&report.part(Part::Edges(all)))?;
    Ok(joined.finish(&front, &edges, &report.headings)?)
}

/// Sets data with the template, and writes what comes out.
struct Press<'a> {
    options: &'a PdfOptions,
    fonts: &'a world::Fonts,
    /// Whether all that was written so far keeps to PDF/UA-1.
    accessible: AtomicBool,
}

impl Press<'_> {
    /// A PDF with tags, and the number of its pages.
    fn print(&self, data: &serde_json::Value) -> Result<(Vec<u8>, usize), PdfError> {
        let pages = self.set(data)?;
        let length = pages.pages().len();
        if self.accessible.load(Ordering::Relaxed) {
            match export(&pages, self.options, &[PdfStandard::Ua_1], true) {
                Ok(pdf) => return Ok((pdf, length)),
                Err(_) => self.accessible.store(false, Ordering::Relaxed),
            }
        }
        Ok((export(&pages, self.options, &[], true)?, length))
    }

    /// A PDF without tags.
    fn print_plain(&self, data: &serde_json::Value) -> Result<Vec<u8>, PdfError> {
        export(&self.set(data)?, self.options, &[], false)
    }

    fn set(&self, data: &serde_json::Value) -> Result<PagedDocument, PdfError> {
        let world = world::World::new(self.fonts, data);
        typst::compile::<PagedDocument>(&world).output.map_err(|errors| told(&errors, Some(&world)))
    }
}

fn export(
    pages: &PagedDocument,
    options: &PdfOptions,
    standards: &[PdfStandard],
    tagged: bool,
) -> Result<Vec<u8>, PdfError> {
    let standards = PdfStandards::new(standards).map_err(|error| PdfError(error.message().to_string()))?;
    let options = typst_pdf::PdfOptions {
        creator: Smart::Custom(options.creator.clone()),
        timestamp: options.date.and_then(timestamp),
        standards,
        tagged,
        ..typst_pdf::PdfOptions::default()
    };
    typst_pdf::pdf(pages, &options).map_err(|errors| told(&errors, None))
}

/// The first error, with its place in the template if it has one.
fn told(errors: &[SourceDiagnostic], world: Option<&world::World>) -> PdfError {
    let Some(error) = errors.first() else { return PdfError("no reason was given".to_owned()) };
    let line = world.and_then(|world| world.line(error.span));
    PdfError(match line {
        Some(line) => format!("{} (report.typ, line {line})", error.message),
        None => error.message.to_string(),
    })
}

fn timestamp(date: Date) -> Option<Timestamp> {
    let Date { year, month, day, hour, minute, second } = date;
    Datetime::from_ymd_hms(i32::from(year), month, day, hour, minute, second).map(Timestamp::new_utc)
}
