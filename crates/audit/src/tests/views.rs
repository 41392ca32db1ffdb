//! A network's VPC firewall as several sets of machines see it.

use crate::testing::{all, at, estate, group, names, numbered, place_of, report};
use tidegate_estate::{Action, Cause, Dialect, Policy, PolicyKind, Provider, Rule};

fn view(name: &str, rules: Vec<Rule>) -> Policy {
    Policy {
        kind: PolicyKind::VpcFirewall,
        provider: Provider::Gcp,
        dialect: Dialect::GcpDump,
        name: Some(name.to_owned()),
        path: Some(format!("projects/acme/global/networks/{name}")),
        ..group(rules)
    }
}

fn implied() -> Rule {
    let rule = numbered(65535, Action::Allow, all("0.0.0.0/0"));
    Rule { cause: Cause::Platform { rule: "implied allow egress".to_owned() }, ..rule }
}

fn written(number: u32, action: Action, to: &str, byte: usize) -> Rule {
    place_of(numbered(number, action, all(to)), byte)
}

#[test]
fn views_that_say_the_same_are_one_finding() {
    let web = written(900, Action::Allow, "203.0.113.0/24", 30);
    let report = report(&estate(vec![view("n", vec![implied()]), view("n + web", vec![web, implied()])]));
    assert_eq!(names(&report), ["open-egress-by-default"]);
    assert_eq!(report.findings[0].subjects.len(), 2);
    assert!(report.findings[0].message.starts_with("These 2 views of the VPC firewall let"));
    assert!(report.findings[0].help.iter().any(|line| line.contains("--project=acme --network=n ")));
}

#[test]
fn a_rule_that_counts_in_one_view_has_an_effect() {
    let deny = written(1000, Action::Deny, "0.0.0.0/0", 31);
    let late = written(2000, Action::Allow, "10.0.0.0/8", 32);
    let closed = view("n", vec![deny, late.clone(), implied()]);
    let open = view("n + x", vec![late, implied()]);
    assert_eq!(names(&report(&estate(vec![closed.clone()]))), ["ignored-egress-rule"]);
    assert_eq!(names(&report(&estate(vec![closed, open]))), ["open-egress-by-default"]);
}

#[test]
fn what_the_platform_allows_behind_rules_that_allow_is_open_by_default() {
    let https = place_of(
        Rule { place: at(33), ..numbered(900, Action::Allow, crate::testing::tcp(443, "0.0.0.0/0")) },
        33,
    );
    let report = report(&estate(vec![view("n", vec![https, implied()])]));
    assert_eq!(names(&report), ["open-egress-by-default"]);
}
