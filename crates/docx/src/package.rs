//! The file: a ZIP archive of parts, and what says of each part what it is.

use crate::DocxError;
use crate::xml::Xml;
use std::io::{Cursor, Write as _};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.";
const RELATION: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";

/// Extensions that say what a part is.
pub const EXTENSIONS: [&str; 12] =
    ["rels", "xml", "png", "jpeg", "jpg", "gif", "bmp", "tiff", "svg", "emf", "wmf", "odttf"];

/// What they say, in the same order.
const TYPES: [&str; 12] = [
    "application/vnd.openxmlformats-package.relationships+xml",
    "application/xml",
    "image/png",
    "image/jpeg",
    "image/jpeg",
    "image/gif",
    "image/bmp",
    "image/tiff",
    "image/svg+xml",
    "image/x-emf",
    "image/x-wmf",
    "application/vnd.openxmlformats-officedocument.obfuscatedFont",
];

/// A file that grows.
pub struct Package {
    parts: Vec<(String, Vec<u8>)>,
    relations: Vec<(String, String, bool)>,
}

impl Package {
    /// An empty one.
    pub fn new() -> Self {
        Package { parts: Vec::new(), relations: Vec::new() }
    }

    /// Adds a part.
    pub fn add(&mut self, path: impl Into<String>, content: impl Into<Vec<u8>>) {
        self.parts.push((path.into(), content.into()));
    }

    /// Something that the document refers to: its kind (the last word of its address) and where it is. What it is
    /// referred to by.
    pub fn relation(&mut self, kind: &str, target: &str, outside: bool) -> String {
        let known = self.relations.iter().position(|known| known.0 == kind && known.1 == target);
        let at = known.unwrap_or_else(|| {
            self.relations.push((kind.to_owned(), target.to_owned(), outside));
            self.relations.len() - 1
        });
        format!("rId{}", at + 1)
    }

    /// The bytes of the file. The same parts give the same bytes: no clock is asked.
    pub fn finish(mut self) -> Result<Vec<u8>, DocxError> {
        let relations = std::mem::take(&mut self.relations);
        self.add("word/_rels/document.xml.rels", relations_part(&relations));
        let own = [
            ("officeDocument", "word/document.xml"),
            ("extended-properties", "docProps/app.xml"),
            ("metadata/core-properties", "docProps/core.xml"),
        ];
        let own = own.map(|(kind, target)| (kind.to_owned(), target.to_owned(), false));
        self.add("_rels/.rels", relations_part(&own));
        let types = self.types();
        self.parts.insert(0, ("[Content_Types].xml".to_owned(), types));
        let broken = |error: &dyn std::fmt::Display| DocxError::Written(error.to_string());
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (path, content) in &self.parts {
            let method =
                if path.ends_with(".png") { CompressionMethod::Stored } else { CompressionMethod::Deflated };
            let options = SimpleFileOptions::default()
                .compression_method(method)
                .last_modified_time(zip::DateTime::default());
            zip.start_file(path.as_str(), options).map_err(|error| broken(&error))?;
            zip.write_all(content).map_err(|error| broken(&error))?;
        }
        Ok(zip.finish().map_err(|error| broken(&error))?.into_inner())
    }

    fn types(&self) -> Vec<u8> {
        let mut xml = Xml::file();
        let space = [("xmlns", "http://schemas.openxmlformats.org/package/2006/content-types")];
        xml.element("Types", &space, |xml| {
            for (extension, kind) in EXTENSIONS.into_iter().zip(TYPES) {
                xml.empty("Default", &[("Extension", extension), ("ContentType", kind)]);
            }
            for (path, _) in &self.parts {
                if let Some(kind) = kind(path) {
                    xml.empty("Override", &[("PartName", &format!("/{path}")), ("ContentType", &kind)]);
                }
            }
        });
        xml.finish()
    }
}

/// What a part is, where its extension does not say it.
fn kind(path: &str) -> Option<String> {
    let name = path.strip_prefix("word/").and_then(|name| name.strip_suffix(".xml"));
    let name = name.map(|name| name.trim_end_matches(|c: char| c.is_ascii_digit()));
    Some(match (path, name) {
        ("docProps/core.xml", _) => "application/vnd.openxmlformats-package.core-properties+xml".to_owned(),
        ("docProps/app.xml", _) => {
            "application/vnd.openxmlformats-officedocument.extended-properties+xml".to_owned()
        }
        (_, Some("document")) => format!("{WORD}document.main+xml"),
        (_, Some(part @ ("styles" | "numbering" | "settings" | "fontTable" | "header" | "footer"))) => {
            format!("{WORD}{part}+xml")
        }
        (_, Some("theme/theme")) => "application/vnd.openxmlformats-officedocument.theme+xml".to_owned(),
        _ => return None,
    })
}

fn relations_part(relations: &[(String, String, bool)]) -> Vec<u8> {
    let mut xml = Xml::file();
    let space = [("xmlns", "http://schemas.openxmlformats.org/package/2006/relationships")];
    xml.element("Relationships", &space, |xml| {
        for (at, (kind, target, outside)) in relations.iter().enumerate() {
            let id = format!("rId{}", at + 1);
            let kind = match kind.as_str() {
                "metadata/core-properties" => {
                    "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
                        .to_owned()
                }
                kind => format!("{RELATION}{kind}"),
            };
            let mut attributes =
                vec![("Id", id.as_str()), ("Type", kind.as_str()), ("Target", target.as_str())];
            if *outside {
                attributes.push(("TargetMode", "External"));
            }
            xml.empty("Relationship", &attributes);
        }
    });
    xml.finish()
}
