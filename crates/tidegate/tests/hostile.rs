//! Names that would like to be Markdown, HTML, a script, a template, a formula or an escape code, in every format that the
//! program offers: they come out as text. A format that is added is tested from then on.

use clap::ValueEnum;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tidegate::cli::ReportFormat;
use tidegate::escape;
use tidegate::output::Format;

/// Names of files and folders are from outside, too.
#[cfg(unix)]
const FOLDER: &str =
    "h50 <script>window.__pwned=1<\u{2215}script> ](x) `|` =1+1 \u{1b}[31m\u{202e} \"q\" 'q' \n{{7*7}}";
#[cfg(not(unix))]
const FOLDER: &str = "h50 ](x) `=1+1` 'q' {{7*7}}";

/// What of the hostile names every format that may cut its lists still holds: 25 systems are shown.
const SHOWN: usize = 20;

#[test]
fn in_every_format_of_a_report() {
    every("report", ReportFormat::value_variants());
}

#[test]
fn in_every_format_of_a_scan() {
    every("scan", Format::value_variants());
}

/// Runs a command in every format, and says all that is wrong.
#[track_caller]
fn every<F: ValueEnum>(command: &str, formats: &[F]) {
    let folder = tempfile::tempdir().unwrap();
    let dumps = dumps(folder.path());
    let mut wrong = Vec::new();
    for format in formats.iter().filter_map(ValueEnum::to_possible_value) {
        let name = format.get_name();
        let output = folder.path().join(format!("out.{name}"));
        let mut run = Command::new(env!("CARGO_BIN_EXE_tidegate"));
        run.args([command, "--format", name, "--color", "never", "--output"]).arg(&output).arg(&dumps);
        run.current_dir(folder.path()).stdin(Stdio::null());
        let ran = run.output().unwrap();
        let told = String::from_utf8_lossy(&ran.stderr);
        // A scan that finds something ends with 1.
        if !matches!((command, ran.status.code()), (_, Some(0)) | ("scan", Some(1))) {
            wrong.push(format!("{name}: ended with {}: {told}", ran.status));
            continue;
        }
        wrong.extend(deceives(&told).map(|c| format!("{name}: {c:?} on standard error")));
        let content = std::fs::read(&output).unwrap();
        wrong.extend(faults(name, &content, &output).into_iter().map(|fault| format!("{name}: {fault}")));
    }
    assert!(formats.len() > 2 && wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The hostile dumps, in a folder with a name of that kind.
fn dumps(into: &Path) -> PathBuf {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/hostile");
    let to = into.join(FOLDER);
    for cloud in ["aws", "azure", "gcp", "kubernetes"] {
        std::fs::create_dir_all(to.join(cloud)).unwrap();
        for file in std::fs::read_dir(from.join(cloud)).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), to.join(cloud).join(file.file_name())).unwrap();
        }
    }
    to
}

/// The first character that deceives the eye and is no line feed.
fn deceives(text: &str) -> Option<char> {
    text.chars().find(|&c| escape::is_deceptive(c) && c != '\n')
}

/// What is wrong with an output, going by what it is and not by what it is called.
fn faults(name: &str, content: &[u8], file: &Path) -> Vec<String> {
    match content {
        [b'%', b'P', b'D', b'F', ..] => pdf(file),
        [b'P', b'K', 3, 4, ..] => package(file),
        _ => match std::str::from_utf8(content) {
            Ok(text) => of_text(name, text),
            Err(error) => vec![format!("neither text nor a known kind of file: {error}")],
        },
    }
}

fn of_text(name: &str, text: &str) -> Vec<String> {
    let mut faults: Vec<String> = deceives(text).map(|c| format!("{c:?} is left")).into_iter().collect();
    // A summary for a pull request shows a few findings and counts the others; SonarQube is told no names.
    let cut = matches!(name, "markdown" | "sonarqube");
    match text.trim_start() {
        json if json.starts_with(['{', '[']) => faults.extend(json_faults(json)),
        xml if xml.starts_with("<?xml") => faults.extend(xml_fault(xml)),
        html if html.starts_with("<!doctype html>") => faults.extend(html_faults(html)),
        csv if name == "csv" => faults.extend(csv_faults(csv)),
        _ => {}
    }
    if !cut {
        faults.extend(missing(text));
    }
    faults
}

/// The hostile names carry numbers, `h01` to `h36`.
fn missing(text: &str) -> Option<String> {
    let found: BTreeSet<String> =
        (1..=36).map(|number| format!("h{number:02}")).filter(|mark| text.contains(mark)).collect();
    (found.len() < SHOWN).then(|| format!("only {} names are in it: {found:?}", found.len()))
}

fn json_faults(text: &str) -> Option<String> {
    // Several documents, one a line, are a format, too.
    let mut documents = serde_json::Deserializer::from_str(text).into_iter::<serde_json::Value>();
    documents.find_map(|document| document.err().map(|error| format!("not JSON: {error}")))
}

fn xml_fault(text: &str) -> Option<String> {
    let mut reader = quick_xml::Reader::from_str(text);
    loop {
        match reader.read_event() {
            Ok(quick_xml::events::Event::Eof) => return None,
            Ok(quick_xml::events::Event::DocType(_)) => return Some("a document type".to_owned()),
            Ok(_) => {}
            Err(error) => return Some(format!("not XML: {error}")),
        }
    }
}

/// The browser's own view is in `pages.rs`; this holds where there is none.
fn html_faults(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let mut faults = Vec::new();
    for (tag, times) in
        [("<script", 1), ("</script", 1), ("<style", 1), ("</style", 1), ("<img", 0), ("<iframe", 0)]
    {
        let found = lower.matches(tag).count();
        if found != times {
            faults.push(format!("{found} times {tag}"));
        }
    }
    faults
}

fn csv_faults(text: &str) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new().flexible(false).from_reader(text.as_bytes());
    let mut faults = Vec::new();
    for record in reader.records() {
        match record {
            Ok(record) => faults.extend(
                record
                    .iter()
                    .filter(|cell| cell.trim_start().starts_with(['=', '+', '-', '@', '|', '%', '\t', '＝']))
                    .map(|cell| format!("a formula: {}", cell.chars().take(40).collect::<String>())),
            ),
            Err(error) => faults.push(error.to_string()),
        }
    }
    faults
}

/// What another program reads in it, where there is one.
fn pdf(file: &Path) -> Vec<String> {
    let Ok(read) = Command::new("pdftotext").arg(file).arg("-").output() else { return Vec::new() };
    if !read.status.success() {
        return vec![format!("pdftotext: {}", String::from_utf8_lossy(&read.stderr))];
    }
    missing(&String::from_utf8_lossy(&read.stdout)).into_iter().collect()
}

/// Parts of a package (DOCX): every one is XML that can be read, and none leads outside but to the web.
fn package(file: &Path) -> Vec<String> {
    const SCRIPT: &str = "import re, sys, zipfile, xml.etree.ElementTree as tree
package = zipfile.ZipFile(sys.argv[1])
for name in package.namelist():
    if name.endswith(('.xml', '.rels')):
        part = tree.fromstring(package.read(name))
        for one in part.iter():
            to = one.get('Target', '')
            if one.get('TargetMode') == 'External' and ('evil' in to or not re.match('https?://', to)):
                sys.exit(f'{name} leads to {to}')
        if name == 'word/document.xml':
            print(' '.join(part.itertext()))";
    let python = std::env::var_os("TIDEGATE_PYTHON").unwrap_or_else(|| "python3".into());
    let mut read = Command::new(python);
    read.args(["-c", SCRIPT]).arg(file).env("PYTHONIOENCODING", "utf-8");
    let Ok(read) = read.output() else { return Vec::new() };
    if !read.status.success() {
        return vec![String::from_utf8_lossy(&read.stderr).into_owned()];
    }
    missing(&String::from_utf8_lossy(&read.stdout)).into_iter().collect()
}

#[test]
fn what_is_wrong_is_found() {
    let nowhere = Path::new("nowhere");
    let names: String = (1..=36).map(|number| format!("h{number:02} ")).collect();
    let wrong = |name: &str, text: String| !faults(name, text.as_bytes(), nowhere).is_empty();
    assert!(!wrong("any", names.clone()));
    assert!(wrong("any", "h01 h02".to_owned()), "names are lost");
    assert!(wrong("any", format!("{names}\u{202e}")));
    assert!(wrong("json", format!("[\"{names}]")));
    assert!(wrong("xml", format!("<?xml version=\"1.0\"?><a>{names}</b>")));
    assert!(wrong(
        "html",
        format!("<!doctype html><style></style><script></script><script></script>{names}")
    ));
    assert!(wrong("csv", format!("a,b\n{names},=1\n")));
    assert!(wrong("any", "\u{0}".to_owned()));
    assert!(!faults("any", &[0xff, 0xfe], nowhere).is_empty());
}
