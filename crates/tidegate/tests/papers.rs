//! Reports for paper as users make them: PDF and DOCX, opened by other people's programs, and pictures as PNG.

#[path = "../../report/tests/sample/readers.rs"]
#[allow(dead_code, reason = "shared with tests that use all of it")]
mod readers;

mod common;

use base64::Engine as _;
use common::root;
use readers::{output, squeezed};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const DUMPS: [&str; 4] =
    ["examples/aws-dump", "examples/azure-dump", "examples/gcp-dump", "examples/kubernetes"];

/// Runs in the root of the repository, on 28 January 2026.
fn report(arguments: &[&str], to: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidegate"));
    command.arg("report").args(arguments).arg("--output").arg(to).current_dir(root()).stdin(Stdio::null());
    command.env("SOURCE_DATE_EPOCH", "1769558400").output().unwrap()
}

#[track_caller]
fn written(arguments: &[&str], to: &Path) -> Vec<u8> {
    let output = report(arguments, to);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {told}");
    std::fs::read(to).unwrap()
}

fn dumps<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&DUMPS, more].concat()
}

/// What a report must hold: of each finding its fingerprint and a place, of each rule its title.
fn expected(folder: &Path) -> BTreeSet<String> {
    let json = written(&dumps(&["--format", "json"]), &folder.join("x.json"));
    let json: Value = serde_json::from_slice(&json).unwrap();
    let findings = json["findings"].as_array().unwrap();
    assert!(findings.len() > 8);
    let markdown = written(&dumps(&["--format", "md"]), &folder.join("x.md"));
    let markdown = String::from_utf8(markdown).unwrap();
    let titles = markdown
        .lines()
        .filter_map(|line| line.strip_prefix("### "))
        .filter(|line| line.as_bytes()[0].is_ascii_digit());
    let prints = findings.iter().map(|finding| finding["fingerprint"].as_str().unwrap());
    prints.chain(titles).map(squeezed).collect()
}

#[track_caller]
fn holds(text: &str, expected: &BTreeSet<String>) {
    let text = squeezed(text);
    let missing: Vec<&String> = expected.iter().filter(|part| !text.contains(part.as_str())).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn a_pdf_holds_every_finding_and_is_sound() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.pdf");
    // The name's ending says the format.
    let pdf = written(&dumps(&["--client", "Acme"]), &file);
    assert!(pdf.starts_with(b"%PDF-"));
    assert_eq!(pdf, written(&dumps(&["--client", "Acme", "--format", "pdf"]), &file), "the same each time");
    if let Some(text) = output("pdftotext", &["-layout"], &file) {
        holds(&text, &expected(folder.path()));
        assert!(text.contains("Acme") && text.contains("Impact and likelihood"));
    }
    output("qpdf", &["--check"], &file);
    if let Some(about) = output("pdfinfo", &[], &file) {
        assert!(about.contains("Tagged:          yes") && about.contains("(A4)"), "{about}");
    }
    written(&dumps(&["--paper", "letter"]), &file);
    if let Some(about) = output("pdfinfo", &[], &file) {
        assert!(about.contains("(letter)"), "{about}");
    }
}

#[test]
fn a_docx_holds_every_finding_in_libreoffice() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.docx");
    let docx = written(&dumps(&["--client", "Acme"]), &file);
    assert!(docx.starts_with(b"PK\x03\x04"));
    let profile = format!("-env:UserInstallation=file://{}", folder.path().join("profile").display());
    let outdir = folder.path().to_str().unwrap();
    let arguments = [profile.as_str(), "--headless", "--convert-to", "pdf", "--outdir", outdir];
    if output("soffice", &arguments, &file).is_none() {
        return;
    }
    if let Some(text) = output("pdftotext", &["-layout"], &folder.path().join("report.pdf")) {
        holds(&text, &expected(folder.path()));
    }
}

#[test]
fn a_docx_takes_styles_from_a_reference_document() {
    let folder = tempfile::tempdir().unwrap();
    let house = folder.path().join("house.docx");
    written(&dumps(&["--paper", "letter"]), &house);
    let file = folder.path().join("report.docx");
    let reference = house.to_str().unwrap();
    let docx = written(&dumps(&["--reference", reference]), &file);
    let mut package = zip::ZipArchive::new(std::io::Cursor::new(docx)).unwrap();
    let mut document = String::new();
    std::io::Read::read_to_string(&mut package.by_name("word/document.xml").unwrap(), &mut document).unwrap();
    // 8.5 inches: the page of the reference, not the A4 that is the default.
    assert!(document.contains("w:w=\"12240\""));

    let missing = report(&dumps(&["--reference", "nowhere.docx"]), &file);
    assert_eq!(missing.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("nowhere.docx"));
    let text = report(&dumps(&["--reference", "README.md"]), &file);
    assert_eq!(text.status.code(), Some(2));
    let told = String::from_utf8_lossy(&text.stderr).into_owned();
    assert!(told.contains("README.md"), "{told}");
}

#[test]
fn one_finding_alone_and_a_retest_are_set_too() {
    let folder = tempfile::tempdir().unwrap();
    let old = folder.path().join("old.json");
    written(&["examples/aws-dump", "--format", "json"], &old);
    let pdf = folder.path().join("one.pdf");
    written(&["examples/aws-dump", "--single", "open-default-group"], &pdf);
    if let Some(text) = output("pdftotext", &["-layout"], &pdf) {
        assert!(text.contains("Default Security Group") && !text.contains("Appendix"), "{text}");
    }
    written(&["examples/aws-dump", "--retest", old.to_str().unwrap()], &pdf);
    if let Some(text) = output("pdftotext", &["-layout"], &pdf) {
        assert!(text.contains("Retest") && text.contains("open"), "{text}");
    }
}

#[test]
fn pictures_are_png_where_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.md");
    let text = String::from_utf8(written(&["examples/aws-dump", "--pictures", "png"], &file)).unwrap();
    let pictures = folder.path().join("report-pictures");
    let mut drawn = 0;
    for picture in std::fs::read_dir(&pictures).unwrap() {
        let name = picture.unwrap().file_name().into_string().unwrap();
        assert!(name.ends_with(".png") && text.contains(&format!("(report-pictures/{name})")), "{name}");
        assert!(std::fs::read(pictures.join(name)).unwrap().starts_with(b"\x89PNG\r\n\x1a\n"));
        drawn += 1;
    }
    assert!(drawn > 3);
}

#[test]
fn trackers_get_pictures_that_they_can_show() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("findings.json");
    let handed = |format: &str, pictures: &str| -> Value {
        let arguments =
            ["examples/aws-dump", "--format", format, "--pictures", pictures, "--set", "REPORTID=7"];
        serde_json::from_slice(&written(&arguments, &file)).unwrap()
    };
    let png = |text: &Value| {
        let bytes = base64::engine::general_purpose::STANDARD.decode(text.as_str().unwrap()).unwrap();
        assert!(bytes.starts_with(b"\x89PNG"));
        bytes
    };
    let dojo = handed("defectdojo", "png");
    let findings = dojo["findings"].as_array().unwrap();
    let pictures: BTreeSet<Vec<u8>> =
        findings.iter().map(|finding| png(&finding["files"][0]["data"])).collect();
    assert!(findings.len() > 3 && pictures.len() > 2, "each finding has the picture of its own rules");
    assert!(findings.iter().all(|finding| finding["files"][0]["title"].as_str().unwrap().ends_with(".png")));
    let ghost = handed("ghostwriter", "png");
    let uploads = ghost["uploads"].as_array().unwrap();
    assert_eq!(uploads.len(), ghost["variables"]["objects"].as_array().unwrap().len());
    for upload in uploads {
        assert_eq!(upload["variables"]["report"], 7);
        assert!(upload["query"].as_str().unwrap().contains("uploadEvidence("));
        png(&upload["variables"]["file"]);
    }
    assert!(handed("ghostwriter", "svg").get("uploads").is_none());
    assert!(handed("defectdojo", "svg")["findings"][0].get("files").is_none());
}
