//! Baselines hold what was accepted, and nothing more.

use crate::testing::{estate, group, left_out, place_of, report, tcp};
use crate::{AuditOptions, Baseline, Config, NoSources, Report, SuppressedBy, audit};
use tidegate_estate::{Estate, Rule, Severity};

fn make(rules: Vec<Rule>) -> Estate {
    estate(vec![group(rules)])
}

fn against(estate: &Estate, baseline: &Baseline) -> Report {
    let text = baseline.to_json();
    let baseline = Some(Baseline::parse(text.as_bytes(), "tidegate-baseline.json").unwrap());
    let options = AuditOptions { baseline, ..AuditOptions::default() };
    audit(std::slice::from_ref(estate), &Config::default(), &options, &NoSources)
}

fn web() -> Vec<Rule> {
    vec![tcp(443, "0.0.0.0/0"), tcp(80, "0.0.0.0/0")]
}

#[test]
fn what_was_accepted_is_held_and_counted() {
    let accepted = make(web());
    let report = against(&accepted, &Baseline::of(&report(&accepted)));
    assert!(report.findings.is_empty());
    assert_eq!(report.suppressed[0].by, SuppressedBy::Baseline);
    assert!(report.diagnostics.is_empty());
}

#[test]
fn what_shrinks_stays_held_and_what_grows_comes_back_with_the_difference() {
    let baseline = Baseline::of(&report(&make(web())));
    assert!(against(&make(vec![tcp(443, "0.0.0.0/0")]), &baseline).findings.is_empty());
    let mut grown = web();
    grown.push(tcp(22, "203.0.112.0/20"));
    let report = against(&make(grown), &baseline);
    assert_eq!(report.findings.len(), 1);
    let words = &report.findings[0].related.last().unwrap().message;
    assert!(words.contains("tcp/22 to 203.0.112.0/20"), "{words}");
}

#[test]
fn a_finding_that_moved_is_still_held() {
    let baseline = Baseline::of(&report(&make(web())));
    let moved = web().into_iter().map(|rule| place_of(rule, 900)).collect();
    assert!(against(&make(moved), &baseline).findings.is_empty());
}

#[test]
fn one_new_group_of_a_loop_brings_the_finding_back() {
    let named = |name: &str| {
        let mut policy = group(vec![left_out("0.0.0.0/0")]);
        policy.path = Some(name.to_owned());
        policy
    };
    let before = estate(vec![named("a"), named("b")]);
    let baseline = Baseline::of(&report(&before));
    assert!(against(&before, &baseline).findings.is_empty());
    let after = estate(vec![named("a"), named("b"), named("c")]);
    assert_eq!(against(&after, &baseline).findings[0].subjects.len(), 3);
    assert!(against(&estate(vec![named("b")]), &baseline).findings.is_empty());
}

#[test]
fn an_entry_that_matches_nothing_any_more_is_noted() {
    let baseline = Baseline::of(&report(&make(web())));
    let report = against(&make(vec![]), &baseline);
    assert_eq!(report.diagnostics.len(), 1);
    assert_eq!(report.diagnostics[0].severity, Severity::Note);
    assert_eq!(&*report.diagnostics[0].path, "tidegate-baseline.json");
    assert!(report.diagnostics[0].message.contains("internet-egress Stack/web"));
}

#[test]
fn a_new_baseline_keeps_what_the_old_one_held() {
    let accepted = make(web());
    let first = Baseline::of(&report(&accepted));
    let second = Baseline::of(&against(&accepted, &first));
    assert_eq!(first.to_json(), second.to_json());
}

#[test]
fn files_that_are_no_baseline_are_refused_with_the_reason() {
    for (text, part) in [
        ("[]", "is no baseline"),
        (r#"{"version": 2, "entries": []}"#, "version 2"),
        (
            r#"{"version": 1, "entries": [{"fingerprint": "f", "rule": "r", "path": null,
                "allows": [{"family": "ipv4", "protocol": "tcp", "ports": ["x"], "addresses": ["0.0.0.0/0"]}]}]}"#,
            "`x` is no port of tcp",
        ),
    ] {
        let error = Baseline::parse(text.as_bytes(), "base.json").unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
    }
}
