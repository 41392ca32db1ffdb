//! A report as DOCX: headings, contents, lists, tables, links and pictures as a word processor knows them, so that
//! people can go on writing.
//!
//! The looks are ours, or those of a reference document: a file of the house whose styles, fonts, page, headers and
//! footers are taken over. Styles that it lacks are added, by the names that pandoc uses where pandoc has one
//! (`Source Code`, `Verbatim Char`). The same document and options give the same bytes.
//!
//! ```
//! use tidegate_docx::{DocxOptions, write};
//! use tidegate_report::document::{Block, Document, Section};
//!
//! let mut document = Document::default();
//! document.cover.title = "Egress of three accounts".to_owned();
//! document.sections.push(Section { blocks: vec![Block::text("<w:p/>")], ..Section::default() });
//! assert!(write(&document, &DocxOptions::default()).unwrap().starts_with(b"PK"));
//! ```

mod address;
mod body;
mod numbering;
mod package;
mod reference;
mod scan;
mod styles;
mod xml;

use crate::body::{Body, field, instruction};
use crate::numbering::Lists;
use crate::package::Package;
use crate::reference::{Page, Reference};
use crate::styles::Styles;
use crate::xml::{Xml, clean};
use std::fmt;
use tidegate_report::document::Document;
use tidegate_report::paper::{Date, Paper, running};

const SPACES: [(&str, &str); 5] = [
    ("xmlns:w", "http://schemas.openxmlformats.org/wordprocessingml/2006/main"),
    ("xmlns:r", "http://schemas.openxmlformats.org/officeDocument/2006/relationships"),
    ("xmlns:wp", "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"),
    ("xmlns:a", "http://schemas.openxmlformats.org/drawingml/2006/main"),
    ("xmlns:pic", "http://schemas.openxmlformats.org/drawingml/2006/picture"),
];

/// How a DOCX is made.
#[derive(Debug, Clone, Copy, Default)]
pub struct DocxOptions<'a> {
    /// The size of its pages, unless a reference document has another.
    pub paper: Paper,
    /// When it was made (UTC), for its properties. Without one it has no date.
    pub date: Option<Date>,
    /// Who wrote it, for its properties.
    pub authors: &'a [String],
    /// The program that made it, for its properties.
    pub creator: Option<&'a str>,
    /// A DOCX whose looks are taken over.
    pub reference: Option<&'a [u8]>,
}

/// Why there is no DOCX.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocxError {
    /// The reference document cannot be read.
    Reference(String),
    /// The file could not be put together.
    Written(String),
}

impl fmt::Display for DocxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DocxError::Reference(why) => write!(f, "the reference document cannot be read: {why}"),
            DocxError::Written(why) => write!(f, "the DOCX could not be made: {why}"),
        }
    }
}

impl std::error::Error for DocxError {}

/// The document as DOCX. A picture that cannot be drawn is replaced with its alternative text.
pub fn write(document: &Document, options: &DocxOptions<'_>) -> Result<Vec<u8>, DocxError> {
    let reference = options.reference.map(Reference::read).transpose()?;
    let part = |name: &str| reference.as_ref().and_then(|reference| reference.text(name));
    let language = language(&document.cover.language);
    let styles = Styles::new(part("word/styles.xml"), &language);
    let mut lists = Lists::new(part("word/numbering.xml").map(str::to_owned));
    let page = page(reference.as_ref().map(|reference| &reference.page), options.paper);

    let mut package = Package::new();
    let mut edges = reference.as_ref().map(|reference| reference.copy(&mut package)).unwrap_or_default();
    let mut first_differs = page.first_differs;
    if edges.is_empty() {
        edges = own_edges(&mut package, document, &styles, language.starts_with("en"));
        first_differs = true;
    }
    for (kind, target) in
        [("styles", "styles.xml"), ("numbering", "numbering.xml"), ("settings", "settings.xml")]
    {
        package.relation(kind, target, false);
    }
    let number = |of: &std::collections::BTreeMap<String, String>, name: &str| {
        of.get(name).and_then(|value| value.parse::<u32>().ok()).unwrap_or(0)
    };
    let between = |size: &str, before: &str, after: &str| {
        let margins = number(&page.margins, before) + number(&page.margins, after);
        number(&page.size, size).saturating_sub(margins).max(2000)
    };
    let room = (between("w", "left", "right"), between("h", "top", "bottom"));
    let text = Body::new(&mut package, &styles, &mut lists, room).write(document);

    let mut xml = Xml::file();
    xml.element("w:document", &SPACES, |xml| {
        xml.element("w:body", &[], |xml| {
            xml.append(text);
            xml.element("w:sectPr", &[], |xml| {
                for (element, kind, id) in &edges {
                    xml.empty(element, &[("w:type", kind), ("r:id", id)]);
                }
                for (name, attributes) in [("w:pgSz", &page.size), ("w:pgMar", &page.margins)] {
                    let named: Vec<(String, &str)> = attributes
                        .iter()
                        .map(|(name, value)| (format!("w:{name}"), value.as_str()))
                        .collect();
                    let named: Vec<(&str, &str)> =
                        named.iter().map(|(name, value)| (name.as_str(), *value)).collect();
                    xml.empty(name, &named);
                }
                if first_differs {
                    xml.empty("w:titlePg", &[]);
                }
            });
        });
    });
    package.add("word/document.xml", xml.finish());
    package.add("word/styles.xml", styles.xml());
    package.add("word/numbering.xml", lists.part());
    package.add("word/settings.xml", settings());
    package.add("docProps/core.xml", core(document, options, &language));
    package.add("docProps/app.xml", app(options));
    package.finish()
}

/// A language tag, if it looks like one; English otherwise.
fn language(tag: &str) -> String {
    let tag = tag.trim();
    let sane =
        (2..=35).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if sane { tag.to_owned() } else { "en-GB".to_owned() }
}

/// The page of the reference document, or ours.
fn page(reference: Option<&Page>, paper: Paper) -> Page {
    if let Some(page) = reference.filter(|page| !page.size.is_empty() && !page.margins.is_empty()) {
        return page.clone();
    }
    let pairs = |pairs: &[(&str, u32)]| {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), value.to_string())).collect()
    };
    let (width, height) = paper.size();
    let twentieths = |points: f64| (points * 20.0).round() as u32;
    Page {
        size: pairs(&[("w", twentieths(width)), ("h", twentieths(height))]),
        margins: pairs(&[
            ("top", 1474),
            ("right", 1240),
            ("bottom", 1360),
            ("left", 1240),
            ("header", 720),
            ("footer", 720),
            ("gutter", 0),
        ]),
        first_differs: true,
    }
}

/// Our header with the title, and our footer with the number of the page. The cover has neither.
fn own_edges(
    package: &mut Package,
    document: &Document,
    styles: &Styles,
    english: bool,
) -> Vec<(String, String, String)> {
    let part = |root: &str, style: &str, text: &dyn Fn(&mut Xml)| {
        let mut xml = Xml::file();
        xml.element(root, &SPACES, |xml| {
            xml.element("w:p", &[], |xml| {
                xml.element("w:pPr", &[], |xml| xml.val("w:pStyle", styles.paragraph(style)));
                text(xml);
            });
        });
        xml.finish()
    };
    let run = |xml: &mut Xml, text: &str| {
        xml.element("w:r", &[], |xml| xml.leaf("w:t", &[("xml:space", "preserve")], text));
    };
    let count = |xml: &mut Xml, what: &str| {
        field(xml, "begin", false);
        instruction(xml, what);
        field(xml, "separate", false);
        run(xml, "1");
        field(xml, "end", false);
    };
    let header = part("w:hdr", "header", &|xml| run(xml, &running(&clean(&document.cover.title))));
    let footer = part("w:ftr", "footer", &|xml| {
        count(xml, " PAGE ");
        run(xml, if english { " of " } else { " / " });
        count(xml, " NUMPAGES ");
    });
    let mut edges = Vec::new();
    for (element, kind, target, content) in [
        ("w:headerReference", "header", "header1.xml", header),
        ("w:footerReference", "footer", "footer1.xml", footer),
    ] {
        package.add(format!("word/{target}"), content);
        edges.push((element.to_owned(), "default".to_owned(), package.relation(kind, target, false)));
    }
    edges
}

fn settings() -> Vec<u8> {
    let mut xml = Xml::file();
    xml.element("w:settings", &SPACES[..1], |xml| {
        xml.element("w:compat", &[], |xml| {
            xml.empty(
                "w:compatSetting",
                &[
                    ("w:name", "compatibilityMode"),
                    ("w:uri", "http://schemas.microsoft.com/office/word"),
                    ("w:val", "15"),
                ],
            );
        });
    });
    xml.finish()
}

fn core(document: &Document, options: &DocxOptions<'_>, language: &str) -> Vec<u8> {
    let spaces = [
        ("xmlns:cp", "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"),
        ("xmlns:dc", "http://purl.org/dc/elements/1.1/"),
        ("xmlns:dcterms", "http://purl.org/dc/terms/"),
        ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
    ];
    let mut xml = Xml::file();
    xml.element("cp:coreProperties", &spaces, |xml| {
        xml.leaf("dc:title", &[], &clean(&document.cover.title));
        if !options.authors.is_empty() {
            xml.leaf("dc:creator", &[], &clean(&options.authors.join("; ")));
        }
        xml.leaf("dc:language", &[], language);
        if let Some(date) = options.date {
            let Date { year, month, day, hour, minute, second } = date;
            let date = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z");
            for name in ["dcterms:created", "dcterms:modified"] {
                xml.leaf(name, &[("xsi:type", "dcterms:W3CDTF")], &date);
            }
        }
    });
    xml.finish()
}

fn app(options: &DocxOptions<'_>) -> Vec<u8> {
    let space = [("xmlns", "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties")];
    let mut xml = Xml::file();
    xml.element("Properties", &space, |xml| {
        if let Some(creator) = options.creator {
            xml.leaf("Application", &[], &clean(creator));
        }
    });
    xml.finish()
}
