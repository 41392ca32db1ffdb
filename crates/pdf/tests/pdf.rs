//! PDFs opened by other programs.

#[path = "../../report/tests/sample/mod.rs"]
mod sample;

use sample::readers::{file, output, squeezed};
use tidegate_pdf::{PdfOptions, write};
use tidegate_report::document::{Block, Document, Inline, Section};
use tidegate_report::paper::{Date, Paper};

fn options() -> PdfOptions {
    PdfOptions {
        date: Some(Date { year: 2026, month: 11, day: 28, hour: 9, minute: 30, second: 0 }),
        creator: Some("Tidegate 0.1".to_owned()),
        authors: vec!["A. Reviewer".to_owned()],
        ..PdfOptions::default()
    }
}

#[test]
fn every_text_is_found() {
    let pdf = file("texts", "pdf", &write(&sample::document(), &options()).unwrap());
    let Some(text) = output("pdftotext", &["-layout"], &pdf) else { return };
    let found = squeezed(&text);
    for expected in sample::expected() {
        assert!(found.contains(&squeezed(&expected)), "{expected} is not in the PDF");
    }
    assert!(
        found.contains("\\u{65e5}\\u{672c}\\u{8a9e}and😀and\\u{1f980}"),
        "what no font has is spelled out"
    );
    // 909 in a paragraph and 909 in code, less those that a page ends in.
    let words = found.matches("EndlessWord").count();
    assert!((1800..=1818).contains(&words), "no letter of a long word is cut off, but {words} are whole");
}

#[test]
fn nothing_is_wider_than_the_page() {
    let pdf = file("boxes", "pdf", &write(&sample::document(), &options()).unwrap());
    let Some(boxes) = output("pdftotext", &["-bbox"], &pdf) else { return };
    let edges: Vec<f64> =
        boxes.split("xMax=\"").skip(1).filter_map(|rest| rest.split('"').next()?.parse().ok()).collect();
    assert!(edges.len() > 1000, "{}", edges.len());
    let widest = edges.into_iter().fold(0.0, f64::max);
    assert!(widest < 595.3 - 55.0, "something reaches to {widest} pt");
}

#[test]
fn pages_are_numbered_and_headers_of_tables_repeated() {
    let pdf = file("pages", "pdf", &write(&sample::document(), &options()).unwrap());
    let Some(text) = output("pdftotext", &["-layout"], &pdf) else { return };
    let pages: Vec<&str> = text.trim_end_matches('\u{c}').split('\u{c}').collect();
    for (at, page) in pages.iter().enumerate().skip(1) {
        assert!(page.contains(&format!("{} of {}", at + 1, pages.len())), "page {}: {page}", at + 1);
    }
    let appendix: Vec<&&str> =
        pages.iter().filter(|page| page.contains("10.0.1.0/24") || page.contains("10.0.88.0/24")).collect();
    assert_eq!(appendix.len(), 2, "the long table takes two pages");
    assert!(appendix.iter().all(|page| page.contains("Destination")));
    let contents = pages[1];
    let entry = contents.lines().find(|line| line.contains("Appendix")).unwrap();
    assert!(entry.trim_end().ends_with(&(pages.len() - 1).to_string()), "{entry}");
}

#[test]
fn it_is_sound_tagged_and_says_what_it_is() {
    let pdf = file("sound", "pdf", &write(&sample::document(), &options()).unwrap());
    let Some(_) = output("qpdf", &["--check"], &pdf) else { return };
    let plain = pdf.with_file_name("plain.pdf");
    let plain = plain.to_str().unwrap();
    output("qpdf", &["--qdf", "--object-streams=disable", pdf.to_str().unwrap()], plain.as_ref()).unwrap();
    let plain = String::from_utf8_lossy(&std::fs::read(plain).unwrap()).into_owned();
    for expected in [
        "<pdfuaid:part>1<",
        "/StructTreeRoot",
        "/Outlines",
        "/Lang (en-GB)",
        "/S /TH",
        "/S /Code",
        "/S /H2",
        "/Alt (Outbound rules of sg-1, the first",
    ] {
        assert!(plain.contains(expected), "{expected}");
    }
    assert!(!plain.contains("/JavaScript") && !plain.contains("javascript:"));
    let about = output("pdfinfo", &[], &pdf).unwrap();
    for expected in [
        "Egress review of three accounts #strong[x]",
        "Tidegate 0.1",
        "A. Reviewer",
        "Tagged:          yes",
        "PDF version:     1.7",
        "Nov 28",
    ] {
        assert!(about.contains(expected), "{expected} is not in {about}");
    }
    let links = output("pdfinfo", &["-url"], &pdf).unwrap();
    assert!(links.contains("security-group-rules.html?a=1&b=2#x"), "{links}");
    let fonts = output("pdffonts", &[], &pdf).unwrap();
    assert!(fonts.lines().skip(2).all(|font| font.contains(" yes yes yes ")), "{fonts}");
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    let mut document = sample::document();
    document.sections.truncate(2);
    assert_eq!(write(&document, &options()).unwrap(), write(&document, &options()).unwrap());
}

#[test]
fn an_empty_document_and_a_strange_one_are_written_too() {
    let mut strange = Document::default();
    strange.cover.title = "\u{1b}".repeat(300);
    strange.cover.language = "#x".to_owned();
    strange.cover.facts = vec![(String::new(), String::new()), (sample::endless(), sample::endless())];
    let deep = (0..300).fold(Block::text("deep"), |inner, at| match at % 4 {
        0 => Block::Quote(vec![inner]),
        1 => Block::List(Some(u64::MAX), vec![vec![inner]]),
        2 => Block::Details(vec![], vec![inner]),
        _ => Block::Callout(vec![inner]),
    });
    let again = |id: &str| Section { id: id.to_owned(), ..Section::default() };
    let link = Inline::Link { target: "#twice".to_owned(), text: vec![Inline::text("one of two")] };
    let nested = (0..20).fold(again("leaf"), |inner, at| Section {
        id: format!("n{at}"),
        sections: vec![inner],
        ..Section::default()
    });
    strange.sections = vec![
        Section { blocks: vec![deep, Block::Paragraph(vec![link])], ..again("twice") },
        again("twice"),
        nested,
    ];
    for document in [Document::default(), strange] {
        for paper in [Paper::A4, Paper::Letter] {
            let options = PdfOptions { paper, ..PdfOptions::default() };
            let pdf = file("strange", "pdf", &write(&document, &options).unwrap());
            output("qpdf", &["--check"], &pdf);
        }
    }
}

/// A report that is so long that it is set in parts.
fn long() -> Document {
    let mut document = sample::document();
    let findings = document.sections.iter_mut().find(|section| section.id == "findings").unwrap();
    findings.sections = (0..90).map(|at| sample::large(at, tidegate_audit::Level::ALL[at % 5])).collect();
    let appendix = document.sections.last_mut().unwrap();
    if let Block::Table(table) = &mut appendix.blocks[0] {
        table.rows = (0..3000).map(|at| table.rows[at % 90].clone()).collect();
    }
    document
}

#[test]
fn a_long_report_is_one_document_all_the_same() {
    let bytes = write(&long(), &options()).unwrap();
    let pdf = file("long", "pdf", &bytes);
    let Some(text) = output("pdftotext", &["-layout"], &pdf) else { return };
    let pages: Vec<&str> = text.trim_end_matches('\u{c}').split('\u{c}').collect();
    assert!(pages.len() > 60, "{}", pages.len());
    for (at, page) in pages.iter().enumerate().skip(1) {
        assert!(page.contains(&format!("{} of {}", at + 1, pages.len())), "page {}: {page}", at + 1);
        assert!(page.trim_start().starts_with("Egress review of three accounts"), "page {}: {page}", at + 1);
    }
    let found = squeezed(&text);
    for at in 0..90 {
        // In the contents, and where it stands.
        let title = squeezed(&format!("Finding {at}: group sg-{at:017x} lets everything out"));
        assert!(found.matches(&title).count() >= 2, "{title}");
    }
    // The contents name the page that a finding is on.
    let entry =
        pages.iter().take(4).flat_map(|page| page.lines()).find(|line| line.contains("Finding 77:")).unwrap();
    let number: usize = entry.trim().rsplit(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap();
    assert!(pages[number - 1].contains("Finding 77:"), "{entry}");
    assert!(text.contains("All rules of all groups (continued)"));

    let Some(_) = output("qpdf", &["--check"], &pdf) else { return };
    let plain = pdf.with_file_name("plain.pdf");
    let plain = plain.to_str().unwrap();
    output("qpdf", &["--qdf", "--object-streams=disable", pdf.to_str().unwrap()], plain.as_ref()).unwrap();
    let plain = String::from_utf8_lossy(&std::fs::read(plain).unwrap()).into_owned();
    assert!(
        plain.contains(&format!("<xmpTPg:NPages>{}<", pages.len())) && plain.contains("<pdfuaid:part>1<")
    );
    assert!(!plain.contains("tidegate-section:"), "a link between parts leads nowhere");
    assert_eq!(plain.matches("/S /Document").count(), 1);
    let about = output("pdfinfo", &[], &pdf).unwrap();
    assert!(about.contains("Tagged:          yes"), "{about}");
    let sections: usize = long().sections.iter().map(|section| section.sections.len()).sum();
    // One more is a heading within the text.
    assert_eq!(plain.lines().filter(|line| line.trim() == "/S /H2").count(), sections + 1);
    every_mark_belongs_to_an_element_of_the_document(&bytes);
    assert_eq!(bytes, write(&long(), &options()).unwrap(), "the same document gives the same bytes");
}

/// What a screen reader relies on: each page says by which number its marks are looked up, and each element found there
/// is below the one for the whole document.
fn every_mark_belongs_to_an_element_of_the_document(pdf: &[u8]) {
    let file = lopdf::Document::load_mem(pdf).unwrap();
    let tree = file.catalog().unwrap().get_deref(b"StructTreeRoot", &file).unwrap().as_dict().unwrap();
    let top = tree.get(b"K").unwrap().as_array().unwrap()[0].as_reference().unwrap();
    let numbers = tree.get_deref(b"ParentTree", &file).unwrap().as_dict().unwrap();
    let numbers = numbers.get(b"Nums").unwrap().as_array().unwrap();
    let by_number: std::collections::HashMap<i64, &lopdf::Object> =
        numbers.chunks_exact(2).map(|pair| (pair[0].as_i64().unwrap(), &pair[1])).collect();
    assert_eq!(by_number.len() * 2, numbers.len(), "a number is used twice");
    let pages = file.get_pages();
    for (at, page) in pages {
        let number = file.get_dictionary(page).unwrap().get(b"StructParents").unwrap().as_i64().unwrap();
        let (_, elements) = file.dereference(by_number[&number]).unwrap();
        for element in elements.as_array().unwrap() {
            let mut id = element.as_reference().unwrap();
            let mut steps = 0;
            while id != top {
                id = file.get_dictionary(id).unwrap().get(b"P").unwrap().as_reference().unwrap();
                steps += 1;
                assert!(steps < 100, "page {at}: an element belongs to nothing");
            }
        }
    }
}
