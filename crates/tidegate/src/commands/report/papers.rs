//! Reports for paper: PDF and DOCX.

use crate::cli::{PaperSize, ReportArgs};
use anyhow::{Context as _, Result};
use tidegate_report::data::Data;
use tidegate_report::document::Document;
use tidegate_report::paper::{Date, Paper};

/// The report as PDF.
#[cfg(feature = "pdf")]
pub fn pdf(document: &Document, data: &Data<'_>, args: &ReportArgs) -> Result<Vec<u8>> {
    let options = tidegate_pdf::PdfOptions {
        paper: paper(args),
        date: date(data),
        creator: Some(creator(data)),
        authors: data.about.author.iter().cloned().collect(),
        fonts: Vec::new(),
    };
    Ok(tidegate_pdf::write(document, &options)?)
}

/// There is no typesetter in this build.
#[cfg(not(feature = "pdf"))]
pub fn pdf(_: &Document, _: &Data<'_>, _: &ReportArgs) -> Result<Vec<u8>> {
    anyhow::bail!(
        "this program was built without PDF: build it with the feature `pdf`, or write HTML or DOCX"
    )
}

/// The report as DOCX.
pub fn docx(document: &Document, data: &Data<'_>, args: &ReportArgs) -> Result<Vec<u8>> {
    let reference = args.reference.as_deref().map(|path| {
        std::fs::read(path).with_context(|| format!("cannot read the reference document {}", path.display()))
    });
    let reference = reference.transpose()?;
    let authors: Vec<String> = data.about.author.iter().cloned().collect();
    let creator = creator(data);
    let options = tidegate_docx::DocxOptions {
        paper: paper(args),
        date: date(data),
        authors: &authors,
        creator: Some(&creator),
        reference: reference.as_deref(),
    };
    let written = tidegate_docx::write(document, &options);
    match &args.reference {
        Some(path) => written.with_context(|| path.display().to_string()),
        None => Ok(written?),
    }
}

fn creator(data: &Data<'_>) -> String {
    format!("Tidegate {}", data.about.version)
}

fn paper(args: &ReportArgs) -> Paper {
    match args.paper {
        PaperSize::A4 => Paper::A4,
        PaperSize::Letter => Paper::Letter,
    }
}

/// The report's date; its time of day is nobody's business.
fn date(data: &Data<'_>) -> Option<Date> {
    let mut parts = data.about.date.split('-');
    let mut part = || parts.next().and_then(|part| part.parse::<u16>().ok());
    let (year, month, day) = (part()?, part()?, part()?);
    Some(Date {
        year,
        month: month.try_into().ok()?,
        day: day.try_into().ok()?,
        hour: 0,
        minute: 0,
        second: 0,
    })
}
