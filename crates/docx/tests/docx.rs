//! DOCX files opened by other programs, and looked into.

#[path = "../../report/tests/sample/mod.rs"]
mod sample;

use quick_xml::Reader;
use quick_xml::events::Event;
use sample::readers::{file, output, squeezed};
use std::collections::HashSet;
use std::io::{Cursor, Read as _, Write as _};
use tidegate_docx::{DocxError, DocxOptions, write};
use tidegate_report::document::{Block, Document, Section};
use tidegate_report::paper::Date;

fn written(document: &Document) -> Vec<u8> {
    let date = Some(Date { year: 2026, month: 11, day: 28, hour: 9, minute: 30, second: 0 });
    write(document, &DocxOptions { date, creator: Some("Tidegate"), ..DocxOptions::default() }).unwrap()
}

fn part(docx: &[u8], name: &str) -> String {
    let mut zip = zip::ZipArchive::new(Cursor::new(docx)).unwrap();
    let mut text = String::new();
    zip.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

fn names(docx: &[u8]) -> Vec<String> {
    zip::ZipArchive::new(Cursor::new(docx))
        .unwrap()
        .file_names()
        .map(|name| name.unwrap().into_owned())
        .collect()
}

/// What LibreOffice makes of a DOCX, as the text of a PDF.
fn seen(test: &str, docx: &[u8]) -> Option<String> {
    let docx = file(test, "docx", docx);
    let folder = docx.parent().unwrap();
    // A profile of its own: two LibreOffices must not meet in one.
    let profile = folder.join("profile");
    std::fs::create_dir_all(&profile).unwrap();
    let profile = format!("-env:UserInstallation=file://{}", profile.canonicalize().unwrap().display());
    output(
        "soffice",
        &[&profile, "--headless", "--convert-to", "pdf", "--outdir", folder.to_str().unwrap()],
        &docx,
    )?;
    output("pdftotext", &["-layout"], &docx.with_extension("pdf"))
}

#[test]
fn every_text_is_found_by_libreoffice() {
    let Some(text) = seen("texts", &written(&sample::document())) else { return };
    let found = squeezed(&text);
    for expected in sample::expected() {
        assert!(found.contains(&squeezed(&expected)), "{expected} is not in the document");
    }
    let pages: Vec<&str> = text.split('\u{c}').filter(|page| page.contains("Destination")).collect();
    assert!(pages.len() >= 2, "the header of the long table is repeated");
    assert!(found.contains("2of1"), "pages are numbered");
}

/// What may follow what, from the schema: an element's children in order.
const ORDER: [(&str, &[&str]); 6] = [
    (
        "w:pPr",
        &[
            "w:pStyle",
            "w:keepNext",
            "w:keepLines",
            "w:pageBreakBefore",
            "w:numPr",
            "w:pBdr",
            "w:shd",
            "w:tabs",
            "w:spacing",
            "w:ind",
            "w:contextualSpacing",
            "w:jc",
            "w:outlineLvl",
        ],
    ),
    (
        "w:rPr",
        &[
            "w:rStyle",
            "w:rFonts",
            "w:b",
            "w:bCs",
            "w:i",
            "w:iCs",
            "w:noProof",
            "w:color",
            "w:sz",
            "w:szCs",
            "w:u",
            "w:shd",
            "w:lang",
        ],
    ),
    (
        "w:tblPr",
        &[
            "w:tblStyle",
            "w:tblW",
            "w:tblInd",
            "w:tblBorders",
            "w:tblLayout",
            "w:tblCellMar",
            "w:tblLook",
            "w:tblCaption",
        ],
    ),
    ("w:tcPr", &["w:tcW", "w:tcBorders", "w:shd"]),
    ("w:sectPr", &["w:headerReference", "w:footerReference", "w:pgSz", "w:pgMar", "w:titlePg"]),
    (
        "w:style",
        &[
            "w:name",
            "w:basedOn",
            "w:next",
            "w:uiPriority",
            "w:qFormat",
            "w:pPr",
            "w:rPr",
            "w:tblPr",
            "w:tblStylePr",
        ],
    ),
];

#[test]
fn every_part_is_well_formed_and_in_the_order_of_the_schema() {
    let docx = written(&sample::document());
    for name in names(&docx).iter().filter(|name| name.ends_with(".xml") || name.ends_with(".rels")) {
        let text = part(&docx, name);
        let mut reader = Reader::from_str(&text);
        let mut open: Vec<(String, usize)> = Vec::new();
        loop {
            let event = reader.read_event().unwrap_or_else(|error| panic!("{name}: {error}"));
            let (Event::Start(start) | Event::Empty(start)) = &event else {
                match event {
                    Event::End(_) => drop(open.pop()),
                    Event::Eof => break,
                    _ => {}
                }
                continue;
            };
            let child = String::from_utf8(start.name().as_ref().to_vec()).unwrap();
            if let Some((parent, at)) = open.last_mut()
                && let Some((_, order)) = ORDER.iter().find(|(name, _)| name == parent)
            {
                let place = order.iter().position(|known| *known == child);
                let place = place.unwrap_or_else(|| panic!("{name}: {child} in {parent}"));
                assert!(place >= *at, "{name}: {child} in {parent} stands too late");
                *at = place;
            }
            if matches!(event, Event::Start(_)) {
                open.push((child, 0));
            }
        }
        assert!(open.is_empty(), "{name}");
    }
}

#[test]
fn what_is_referred_to_is_there_once() {
    let docx = written(&sample::document());
    let names: HashSet<String> = names(&docx).into_iter().collect();
    let (document, relations) =
        (part(&docx, "word/document.xml"), part(&docx, "word/_rels/document.xml.rels"));
    let values = |text: &str, before: &str| -> Vec<String> {
        text.split(before).skip(1).filter_map(|rest| Some(rest.split('"').next()?.to_owned())).collect()
    };
    for id in values(&document, "r:id=\"").iter().chain(&values(&document, "r:embed=\"")) {
        assert!(relations.contains(&format!("Id=\"{id}\"")), "{id}");
    }
    for target in values(&relations, "Target=\"").iter().filter(|target| !target.contains(':')) {
        assert!(names.contains(&format!("word/{target}")), "{target}");
    }
    let pictures = values(&document, "<wp:docPr id=\"");
    assert_eq!(pictures.len(), 5);
    assert_eq!(pictures.iter().collect::<HashSet<_>>().len(), 5);
    assert!(document.contains("descr=\"Outbound rules of sg-1, the first lets everything out\""));
    let bookmarks = values(&document, "w:bookmarkStart w:id=\"");
    assert_eq!(bookmarks.iter().collect::<HashSet<_>>().len(), bookmarks.len());
    for anchor in values(&document, "w:anchor=\"") {
        assert!(document.contains(&format!("w:name=\"{anchor}\"")), "{anchor}");
    }
    let styles = part(&docx, "word/styles.xml");
    for style in values(&document, "Style w:val=\"") {
        assert!(styles.contains(&format!("w:styleId=\"{style}\"")), "{style}");
    }
    assert!(!relations.contains("javascript"));
    let core = part(&docx, "docProps/core.xml");
    assert!(
        core.contains("2026-11-28T09:30:00Z")
            && core.contains("<dc:language>en-GB<")
            && !core.contains("creator"),
        "{core}"
    );
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    assert_eq!(written(&sample::document()), written(&sample::document()));
}

/// A reference document with a style, a page and a header of its own.
fn reference() -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let space = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"";
    let parts = [
        ("word/document.xml", format!("<w:document {space}><w:body><w:p/><w:sectPr><w:headerReference w:type=\"default\" r:id=\"rId7\"/><w:pgSz w:w=\"12240\" w:h=\"15840\"/><w:pgMar w:top=\"1000\" w:right=\"2000\" w:bottom=\"1000\" w:left=\"2000\" w:header=\"500\" w:footer=\"500\" w:gutter=\"0\"/></w:sectPr></w:body></w:document>")),
        ("word/styles.xml", format!("<w:styles {space}><w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Standard\"><w:name w:val=\"Normal\"/></w:style><w:style w:type=\"paragraph\" w:styleId=\"House1\"><w:name w:val=\"heading 1\"/><w:basedOn w:val=\"Standard\"/><w:rPr><w:color w:val=\"00FF00\"/></w:rPr></w:style></w:styles>")),
        ("word/_rels/document.xml.rels", "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId7\" Type=\"x/header\" Target=\"header3.xml\"/></Relationships>".to_owned()),
        ("word/header3.xml", format!("<w:hdr {space}><w:p><w:r><w:t>House of Examples</w:t></w:r></w:p></w:hdr>")),
    ];
    for (name, content) in parts {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_reference_document_gives_its_looks() {
    let reference = reference();
    let docx =
        write(&sample::document(), &DocxOptions { reference: Some(&reference), ..DocxOptions::default() })
            .unwrap();
    let document = part(&docx, "word/document.xml");
    assert!(document.contains("<w:pStyle w:val=\"House1\"/>") && document.contains("w:w=\"12240\""));
    assert!(part(&docx, "word/styles.xml").contains("00FF00"));
    let Some(text) = seen("reference", &docx) else { return };
    assert!(text.contains("House of Examples") && text.contains("Appendix: all rules"));
}

#[test]
fn what_is_no_docx_is_no_reference() {
    let mut other = zip::ZipWriter::new(Cursor::new(Vec::new()));
    other.start_file("a.txt", zip::write::SimpleFileOptions::default()).unwrap();
    let other = other.finish().unwrap().into_inner();
    for bytes in [&b"no zip"[..], &other] {
        let options = DocxOptions { reference: Some(bytes), ..DocxOptions::default() };
        assert!(matches!(write(&Document::default(), &options), Err(DocxError::Reference(_))));
    }
}

#[test]
fn an_empty_document_and_a_deep_one_are_written_too() {
    let deep = (0..300).fold(Block::text("deep"), |inner, at| match at % 3 {
        0 => Block::Quote(vec![inner]),
        1 => Block::List(Some(u64::MAX), vec![vec![inner]]),
        _ => Block::Details(vec![], vec![inner]),
    });
    let deep = Document {
        sections: vec![Section { blocks: vec![deep], ..Section::default() }],
        ..Document::default()
    };
    for document in [Document::default(), deep] {
        assert!(part(&written(&document), "word/document.xml").ends_with("</w:document>"));
    }
}
