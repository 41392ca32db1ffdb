//! Rule S6463, word for word.

use crate::testing::{all, call, estate, group, left_out, names, place, report, unknown, with};
use crate::{Confidence, Report};
use tidegate_estate::{Argument, Confirmation, DirectCall, Estate, Policy};

const OMITTED: &str = "Omitting \"allow_all_outbound\" enables unrestricted outbound communications. Make sure it is safe here.";
const ALLOWED: &str = "Make sure that allowing unrestricted outbound communications is safe here.";

fn yes() -> Argument {
    Argument::True { place: place("app.py", 40, 59), assigned: vec![place("app.py", 2, 8)] }
}

fn import(argument: Argument) -> DirectCall {
    DirectCall { callee: "aws_cdk.aws_ec2.SecurityGroup.from_security_group_id".to_owned(), ..call(argument) }
}

fn s6463(call: DirectCall) -> Report {
    let mut estate = Estate::default();
    estate.direct_calls.push(call);
    with(&estate, "", &["S6463"])
}

/// A full run over a group that `call` makes.
fn full(call: DirectCall, mut policy: Policy) -> Report {
    policy.direct_call = Some(0);
    let mut estate = estate(vec![policy]);
    estate.direct_calls.push(call);
    report(&estate)
}

#[test]
fn an_omitted_argument_is_reported_at_the_callee() {
    let report = s6463(call(Argument::Omitted));
    assert_eq!(names(&report), ["open-egress-by-default"]);
    let finding = &report.findings[0];
    assert_eq!(finding.message, OMITTED);
    assert_eq!(finding.place, place("app.py", 10, 27));
    assert_eq!(finding.aliases, ["S6463"]);
    assert_eq!(finding.confidence, Confidence::Certain);
    assert_eq!(finding.subjects[0].enclosing.as_deref(), Some("make_group"));
    assert_eq!(finding.allows.rows[0].addresses, ["0.0.0.0/0"]);
}

#[test]
fn true_is_reported_at_the_whole_keyword_argument_with_the_assignment_second() {
    let report = s6463(call(yes()));
    assert_eq!(names(&report), ["open-egress"]);
    let finding = &report.findings[0];
    assert_eq!(finding.message, ALLOWED);
    assert_eq!(finding.place, place("app.py", 40, 59));
    assert_eq!(finding.related[0].place, place("app.py", 2, 8));
}

#[test]
fn an_import_is_reported_for_true_and_not_for_an_omitted_argument() {
    let report = s6463(import(yes()));
    assert_eq!(report.findings[0].message, ALLOWED);
    assert_eq!(report.findings[0].confidence, Confidence::Declared);
    assert!(report.findings[0].witness.is_none());
    assert!(s6463(import(Argument::Omitted)).findings.is_empty());
}

#[test]
fn false_and_none_are_no_finding_and_an_unknown_value_is_unresolved_at_the_call() {
    let other = s6463(call(Argument::Other));
    assert!(other.findings.is_empty() && other.unresolved.is_empty());
    let report = s6463(call(Argument::Unknown(unknown("comes from an environment variable"))));
    assert!(report.findings.is_empty());
    assert_eq!(report.unresolved[0].place, place("app.py", 10, 27));
    assert!(report.unresolved[0].reason.contains("environment variable"));
}

#[test]
fn selecting_s6463_judges_calls_and_nothing_else() {
    let mut both = estate(vec![group(vec![left_out("0.0.0.0/0")])]);
    assert!(with(&both, "", &["S6463"]).findings.is_empty(), "a group that no direct call makes");
    both.direct_calls.push(call(Argument::Omitted));
    both.policies[0].direct_call = Some(0);
    both.policies[0].rules.clear();
    let report = with(&both, "", &["S6463"]);
    assert_eq!(report.findings.len(), 1, "what happens to the group later does not count");
    assert_eq!(report.findings[0].subjects[0].path.as_deref(), Some("Stack/web"));
}

#[test]
fn a_full_run_keeps_words_place_and_alias_for_the_groups_of_direct_calls() {
    let omitted = full(call(Argument::Omitted), group(vec![left_out("0.0.0.0/0")]));
    assert_eq!(omitted.findings[0].message, OMITTED);
    assert_eq!(omitted.findings[0].aliases, ["S6463"]);
    let chosen = full(call(yes()), group(vec![all("0.0.0.0/0")]));
    assert_eq!(chosen.findings[0].message, ALLOWED);
    assert_eq!(chosen.findings[0].place, place("app.py", 40, 59));
    assert_eq!(chosen.findings[0].related[0].place, place("app.py", 2, 8));
}

#[test]
fn a_full_run_judges_the_resulting_set() {
    assert!(full(call(Argument::Omitted), group(vec![])).findings.is_empty(), "closed later");
    let none = full(call(Argument::Other), group(vec![left_out("0.0.0.0/0")]));
    assert_eq!(names(&none), ["open-egress-by-default"], "CDK reads None as open");
    assert!(none.findings[0].aliases.is_empty(), "but S6463 does not report it");
    assert_ne!(none.findings[0].message, OMITTED);
}

#[test]
fn an_import_declared_open_is_declared_in_a_full_run_too() {
    let mut policy = group(vec![all("0.0.0.0/0")]);
    policy.confirmation = Confirmation::Declared;
    let report = full(import(yes()), policy);
    assert_eq!(report.findings[0].message, ALLOWED);
    assert_eq!(report.findings[0].confidence, Confidence::Declared);
    assert_eq!(report.findings[0].aliases, ["S6463"]);
}

#[test]
fn s6463_beside_other_rules_reports_both_and_nothing_twice() {
    let mut both = estate(vec![group(vec![left_out("0.0.0.0/0")])]);
    both.policies[0].direct_call = Some(0);
    both.direct_calls.push(call(Argument::Omitted));
    let report = with(&both, "", &["S6463", "open-egress-by-default"]);
    assert_eq!(names(&report), ["open-egress-by-default"]);
    assert_eq!(report.findings[0].subjects.len(), 1);
}

#[test]
fn one_call_that_makes_many_groups_is_one_finding() {
    let mut many = estate(vec![group(vec![]), group(vec![])]);
    many.direct_calls.push(call(Argument::Omitted));
    for (index, policy) in many.policies.iter_mut().enumerate() {
        policy.direct_call = Some(0);
        policy.path = Some(format!("Stack/{index}"));
    }
    let report = with(&many, "", &["S6463"]);
    assert_eq!(report.findings.len(), 1);
    assert_eq!(report.findings[0].subjects.len(), 2);
}
