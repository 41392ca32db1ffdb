//! The sample templates and the examples of the repository, scanned whole.

mod common;

use common::{Scan, root};
use std::path::Path;
use std::time::{Duration, SystemTime};
use tidegate::output::{self, Detail, Format, Run, Time};
use tidegate::positions::Sources;
use tidegate_audit::{Finding, Level};
use tidegate_read::{Files as _, MemoryFiles};

/// The files below a folder, by path from there, sorted.
fn below(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut out = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(at) = folders.pop() {
        for entry in std::fs::read_dir(&at).unwrap_or_else(|error| panic!("{}: {error}", at.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().replace('\\', "/");
                out.push((name, std::fs::read(&path).unwrap()));
            }
        }
    }
    out.sort();
    out
}

/// Each sample in a folder of its own, with the templates that it nests.
fn samples(kind: &str) -> Vec<(String, Scan)> {
    let folder = root().join("tests/cloudformation");
    let nested: Vec<_> = below(&folder.join("nested"))
        .into_iter()
        .map(|(name, bytes)| (format!("nested/{name}"), bytes))
        .collect();
    let samples = below(&folder.join(kind));
    assert!(!samples.is_empty());
    let scanned = samples.into_iter().map(|(name, bytes)| {
        let path = format!("{kind}/{name}");
        // Beside a template that does not nest them, they would be judged alone.
        let uses = nested.iter().any(|(file, _)| {
            memchr::memmem::find(&bytes, file.rsplit('/').next().unwrap().as_bytes()).is_some()
        });
        let beside = if uses { nested.clone() } else { Vec::new() };
        let files = MemoryFiles::new(beside.into_iter().chain([(path.clone(), bytes)]));
        (path, common::scan(files))
    });
    scanned.collect()
}

fn told(finding: &Finding) -> String {
    format!("{} ({}): {}", finding.rule.name(), finding.rating.risk.name(), finding.message)
}

#[test]
fn every_open_sample_is_found() {
    let mut wrong = Vec::new();
    for (path, scan) in samples("open") {
        let risky = scan.report.findings.iter().any(|finding| finding.rating.risk >= Level::Low);
        // A default group without members is a note, and what that sample is about.
        let noted = path.contains("/default-group")
            && scan.report.findings.iter().any(|finding| finding.rule.name() == "open-default-group");
        if !risky && !noted {
            let found: Vec<_> = scan.report.findings.iter().map(told).collect();
            wrong.push(format!("{path}: {found:?} {:?}", scan.report.unresolved));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_closed_sample_is_found_or_left_unresolved() {
    let mut wrong = Vec::new();
    for (path, scan) in samples("closed") {
        let findings = scan.report.findings.iter().filter(|f| f.rating.risk > Level::Informational);
        wrong.extend(findings.map(|finding| format!("{path}: {}", told(finding))));
        wrong
            .extend(scan.report.unresolved.iter().map(|open| format!("{path}: unresolved: {}", open.reason)));
        wrong.extend(scan.diagnostics.iter().map(|said| format!("{path}: {}", said.message)));
        assert!(scan.read >= 1, "{path} was not read");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What `tidegate scan` prints of a folder, without colours and times.
fn printed(folder: &str) -> String {
    let files = below(&root().join(folder));
    let scan = common::scan(MemoryFiles::new(files));
    let sources = Sources::new(&scan.files);
    let bytes = scan.files.list().iter().map(|path| scan.files.bytes(path).unwrap().len() as u64).sum();
    let run = Run {
        report: &scan.report,
        sources: &sources,
        files: scan.read,
        bytes,
        skipped: &[],
        time: Time { start: SystemTime::UNIX_EPOCH, end: SystemTime::UNIX_EPOCH, took: Duration::ZERO },
        strict: false,
        detail: Detail::Normal,
        width: 100,
    };
    let said = output::text::diagnostics(&scan.diagnostics, &sources, Detail::Normal, 100);
    anstream::adapter::strip_str(&(output::render(Format::Text, &run).unwrap() + &said)).to_string()
}

#[test]
fn the_cdk_example_shows_what_its_readme_says() {
    insta::assert_snapshot!(printed("examples/cdk-python"));
}

#[test]
fn the_dump_example_shows_what_its_readme_says() {
    insta::assert_snapshot!(printed("examples/aws-dump"));
}

#[test]
fn the_azure_example_shows_what_its_readme_says() {
    insta::assert_snapshot!(printed("examples/azure-dump"));
}

#[test]
fn the_gcp_example_shows_what_its_readme_says() {
    insta::assert_snapshot!(printed("examples/gcp-dump"));
}

#[test]
fn the_kubernetes_example_shows_what_its_readme_says() {
    insta::assert_snapshot!(printed("examples/kubernetes"));
}

#[test]
fn the_cloudformation_example_shows_what_its_readme_says() {
    insta::assert_snapshot!(printed("examples/cloudformation"));
}
