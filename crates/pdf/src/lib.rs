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
mod text;
mod world;

use std::fmt;
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

/// The document as PDF.
///
/// It is a PDF/UA-1 file (the standard for screen readers) unless a picture or a font that was handed in stands against
/// it; then it is an ordinary tagged PDF. A character that no font has is spelled `\u{65e5}`, and a picture that cannot
/// be drawn is replaced with its alternative text.
pub fn write(document: &Document, options: &PdfOptions) -> Result<Vec<u8>, PdfError> {
    let given =
        options.fonts.iter().flat_map(|file| Font::iter(typst::foundations::Bytes::new(file.clone())));
    let fonts = world::Fonts::with(given);
    let data = data::of(document, options, &fonts);
    let world = world::World::new(fonts, &data);
    let pages =
        typst::compile::<PagedDocument>(&world).output.map_err(|errors| told(&errors, Some(&world)))?;
    drop(world);
    let written = export(&pages, options, &[PdfStandard::Ua_1]).or_else(|_| export(&pages, options, &[]));
    drop(pages);
    // What is remembered between two runs of the typesetter is worth nothing to the next report.
    typst::comemo::evict(0);
    written
}

fn export(
    pages: &PagedDocument,
    options: &PdfOptions,
    standards: &[PdfStandard],
) -> Result<Vec<u8>, PdfError> {
    let standards = PdfStandards::new(standards).map_err(|error| PdfError(error.message().to_string()))?;
    let options = typst_pdf::PdfOptions {
        creator: Smart::Custom(options.creator.clone()),
        timestamp: options.date.and_then(timestamp),
        standards,
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
