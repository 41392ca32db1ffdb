use super::fixture::{HOSTILE, report, with_run};
use super::*;
use serde_json::Value;
use tidegate_audit::Report;

fn rendered(format: Format) -> String {
    with_run(&report(), Detail::Verbose, |run| render(format, run).unwrap())
}

fn schema(text: &str) -> jsonschema::Validator {
    // The published SARIF schema has a bracket too many in the pattern for languages.
    let text = text.replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}?$");
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
}

#[track_caller]
fn assert_valid(schema_text: &str, document: &str) {
    let schema = schema(schema_text);
    let document: Value = serde_json::from_str(document).unwrap();
    let errors: Vec<String> =
        schema.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

const SCAN: &str = include_str!("../../../../schema/scan-v1.schema.json");
const SARIF: &str = include_str!("../../../../tests/schemas/sarif-2.1.0.schema.json");
const GITLAB: &str = include_str!("../../../../tests/schemas/gitlab-sast.schema.json");
const SONARQUBE: &str = include_str!("../../../../tests/schemas/sonarqube-generic-issue.schema.json");

#[test]
fn text_underlines_places_and_says_what_gets_out() {
    insta::assert_snapshot!(print_plain(&rendered(Format::Text)));
}

#[test]
fn quiet_text_is_findings_only() {
    let text = with_run(&report(), Detail::Quiet, |run| render(Format::Text, run).unwrap());
    assert!(!text.contains("unresolved") && !text.contains("3 files"));
    let nothing = with_run(&Report::default(), Detail::Quiet, |run| render(Format::Text, run).unwrap());
    assert_eq!(nothing, "");
}

#[test]
fn diagnostics_are_shown_by_weight() {
    let files = super::fixture::files();
    let sources = Sources::new(&files);
    let list = report().diagnostics;
    let quiet = text::diagnostics(&list, &sources, Detail::Quiet, 120);
    assert!(quiet.contains("64 MiB") && !quiet.contains("odd"));
    insta::assert_snapshot!(print_plain(&text::diagnostics(&list, &sources, Detail::Normal, 120)));
}

#[test]
fn explain_tells_everything_about_one_finding() {
    let report = report();
    let text = with_run(&report, Detail::Normal, |run| match explain::find(run.report, "0011") {
        explain::Named::One(finding, muted) => explain::render(run, finding, muted),
        _ => panic!("not found"),
    });
    let text = print_plain(&text);
    // What follows is the rule's page, which has tests of its own.
    let (own, page) = text.split_once("CVSS 3.7").unwrap();
    assert!(page.contains("WHAT IT IS"));
    insta::assert_snapshot!(own);
}

#[test]
fn a_beginning_of_a_fingerprint_is_enough_if_only_one_has_it() {
    let report = report();
    assert!(matches!(explain::find(&report, "FFEE"), explain::Named::One(_, None)));
    assert!(matches!(explain::find(&report, ""), explain::Named::Several(5)));
    assert!(matches!(explain::find(&report, "abc"), explain::Named::None));
}

#[test]
fn json_keeps_its_promise() {
    let text = rendered(Format::Json);
    assert_valid(SCAN, &text);
    insta::assert_snapshot!(text.replace(env!("CARGO_PKG_VERSION"), "VERSION"));
}

#[test]
fn an_empty_result_is_valid_in_every_format() {
    let empty = Report::default();
    let render = |format| with_run(&empty, Detail::Normal, |run| render(format, run).unwrap());
    assert_valid(SCAN, &render(Format::Json));
    assert_valid(SARIF, &render(Format::Sarif));
    assert_valid(GITLAB, &render(Format::Gitlab));
    assert_valid(SONARQUBE, &render(Format::Sonarqube));
    assert!(render(Format::Junit).contains("<testcase"));
    assert_eq!(render(Format::Csv).lines().count(), 1);
    assert!(render(Format::Markdown).contains("0 findings"));
}

#[test]
fn sarif_is_valid_and_complete() {
    let text = rendered(Format::Sarif);
    assert_valid(SARIF, &text);
    let mut log: Value = serde_json::from_str(&text).unwrap();
    let run = &mut log["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap().clone();
    assert_eq!(rules.len(), tidegate_audit::RuleId::ALL.len());
    for rule in &rules {
        assert!(rule["help"]["markdown"].as_str().is_some_and(|help| help.contains("## ")), "{rule}");
        assert_eq!(rule["properties"]["security-severity"], "3.7");
    }
    for result in run["results"].as_array().unwrap() {
        assert_eq!(result["ruleId"], rules[result["ruleIndex"].as_u64().unwrap() as usize]["id"]);
        assert!(result["partialFingerprints"]["tidegate/v1"].is_string());
    }
    // The rules' pages have tests of their own.
    run["tool"] = "TOOL".into();
    insta::assert_snapshot!(to_json(&log).unwrap());
}

#[test]
fn gitlab_is_valid() {
    let text = rendered(Format::Gitlab);
    assert_valid(GITLAB, &text);
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["scan"]["start_time"], "2023-11-14T22:13:20");
    insta::assert_snapshot!(to_json(&document["vulnerabilities"]).unwrap());
}

#[test]
fn sonarqube_is_valid_counts_columns_from_zero_and_tells_hotspots_from_issues() {
    let text = rendered(Format::Sonarqube);
    assert_valid(SONARQUBE, &text);
    let document: Value = serde_json::from_str(&text).unwrap();
    let rule = |id: &str| {
        document["rules"].as_array().unwrap().iter().find(|rule| rule["id"] == id).unwrap().clone()
    };
    assert_eq!(rule("S6463")["type"], "SECURITY_HOTSPOT");
    assert!(rule("S6463").get("impacts").is_none());
    assert_eq!(rule("internet-egress")["impacts"][0]["softwareQuality"], "SECURITY");
    let range = &document["issues"][0]["primaryLocation"]["textRange"];
    // Two tabs, an emoji that counts twice: 55 characters before the keyword are 56 units.
    let line = "\t\tname = '😀'; ec2.SecurityGroup(self, 'Web', vpc=vpc, ";
    assert_eq!(range["startColumn"], line.encode_utf16().count());
    insta::assert_snapshot!(to_json(&document["issues"]).unwrap());
}

#[test]
fn junit_has_a_suite_per_file() {
    insta::assert_snapshot!(rendered(Format::Junit));
}

/// `cargo xtask test` installs the `xmlschema` package and names the interpreter; without that there is no check.
#[test]
fn junit_is_valid() {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let Some(python) = std::env::var_os("TIDEGATE_PYTHON") else {
        let notice =
            "skipped: TIDEGATE_PYTHON is not set; `cargo xtask test` installs xmlschema and runs this";
        let _ = writeln!(std::io::stderr(), "{notice}");
        return;
    };
    let valid = |document: &str| {
        let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/schemas/junit-10.xsd");
        let script = "import sys, xmlschema; xmlschema.validate(sys.stdin.buffer.read(), sys.argv[1])";
        let mut command = Command::new(&python);
        command.args(["-c", script, schema]).stdin(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(document.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let full = rendered(Format::Junit);
    let empty = with_run(&Report::default(), Detail::Normal, |run| render(Format::Junit, run).unwrap());
    for document in [&full, &empty] {
        let (valid, errors) = valid(document);
        assert!(valid, "{errors}");
    }
    let broken = full.replace("<testcase ", "<test ").replace("</testcase>", "</test>");
    assert!(!valid(&broken).0, "the check finds nothing");
}

#[test]
fn csv_has_a_row_per_finding() {
    insta::assert_snapshot!(rendered(Format::Csv));
}

#[test]
fn markdown_is_a_table_with_details() {
    insta::assert_snapshot!(rendered(Format::Markdown));
}

#[test]
fn no_format_lets_a_deceptive_character_through() {
    assert!(HOSTILE.chars().any(crate::escape::is_deceptive));
    for format in Format::value_variants() {
        let text = rendered(*format);
        let text = if *format == Format::Text { print_plain(&text) } else { text };
        let bad = text.chars().find(|&c| crate::escape::is_deceptive(c) && c != '\n');
        assert_eq!(bad, None, "{format:?}");
    }
}

#[test]
fn every_format_is_the_same_twice() {
    for format in Format::value_variants() {
        assert_eq!(rendered(*format), rendered(*format));
    }
}

/// Text without colours, where an escape code that is left over stands out.
fn print_plain(text: &str) -> String {
    crate::print::plain(text)
}
