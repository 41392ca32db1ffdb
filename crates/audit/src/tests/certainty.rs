//! Certain, possible, unresolved.

use crate::testing::{
    all, at, block, default_group, estate, group, judged, left_out, names, report, rule, tcp, unknown, when,
};
use crate::{AuditOptions, Confidence, Config, NoSources, audit};
use tidegate_estate::{
    Estate, Guard, Hidden, IpFamily, Opaque, Peer, PortMatch, PrefixList, Presence, ProtocolMatch, Reason,
    Rule, Value,
};

/// An estate with a condition that is true or false.
fn with_condition() -> (Estate, Guard) {
    let mut estate = Estate::default();
    let prod = estate.choice("condition IsProd", ["true", "false"], Some(at(5)));
    (estate, Guard::is(prod, 0))
}

#[test]
fn what_holds_in_one_branch_only_is_possible_and_says_in_which() {
    let (mut estate, prod) = with_condition();
    estate.policies.push(group(vec![when(all("0.0.0.0/0"), prod)]));
    let report = report(&estate);
    assert_eq!(names(&report), ["open-egress"]);
    let finding = &report.findings[0];
    assert_eq!(finding.confidence, Confidence::Possible);
    assert!(finding.message.ends_with("This is so where condition IsProd is true."), "{}", finding.message);
    assert!(finding.related.iter().any(|step| step.place == at(5)));
    assert!(report.unresolved.is_empty());
}

#[test]
fn open_in_both_branches_by_different_rules_is_certain() {
    let (mut estate, prod) = with_condition();
    estate
        .policies
        .push(group(vec![when(left_out("0.0.0.0/0"), prod.clone()), when(all("0.0.0.0/0"), prod.negate())]));
    let report = report(&estate);
    assert_eq!(names(&report), ["open-egress-by-default"]);
    assert_eq!(report.findings[0].confidence, Confidence::Certain);
}

#[test]
fn a_group_that_exists_in_one_branch_only_is_judged_where_it_exists() {
    let (mut estate, prod) = with_condition();
    let mut policy = group(vec![when(all("0.0.0.0/0"), prod.clone())]);
    policy.exists = prod.clone();
    estate.policies.push(policy.clone());
    policy.exists = prod.negate();
    policy.path = Some("Stack/other".to_owned());
    estate.policies.push(policy);
    let report = report(&estate);
    assert_eq!(report.findings.len(), 1);
    assert_eq!(report.findings[0].confidence, Confidence::Certain);
}

#[test]
fn the_rule_that_comes_first_is_the_finding_when_branches_differ() {
    let (mut estate, prod) = with_condition();
    estate
        .policies
        .push(group(vec![when(all("0.0.0.0/0"), prod.clone()), when(tcp(443, "0.0.0.0/0"), prod.negate())]));
    let report = report(&estate);
    assert_eq!(names(&report), ["open-egress"]);
    assert_eq!(report.findings[0].confidence, Confidence::Possible);
}

#[test]
fn what_only_an_unknown_could_open_is_unresolved_with_the_reason() {
    let peer = Value::Unknown(unknown("the peer comes from an environment variable"));
    let report = judged(group(vec![rule(ProtocolMatch::Any, PortMatch::Any, peer)]));
    assert!(report.findings.is_empty());
    assert_eq!(report.unresolved.len(), 1);
    assert_eq!(report.unresolved[0].reason, "the peer comes from an environment variable");
    assert_eq!(report.unresolved[0].place.span.start, 10);
}

#[test]
fn an_unknown_block_of_one_family_asks_nothing_of_the_other() {
    let hidden = |family| {
        let peer = Value::Known(Peer::Hidden(Hidden::of(family, unknown("the block is a parameter"))));
        rule(ProtocolMatch::Any, PortMatch::Any, peer)
    };
    let both = judged(group(vec![all("0.0.0.0/0"), hidden(IpFamily::V4)]));
    assert_eq!(names(&both), ["open-egress"]);
    assert!(both.unresolved.is_empty());
    assert_eq!(judged(group(vec![hidden(IpFamily::V6)])).unresolved.len(), 1);
    assert_eq!(judged(group(vec![all("0.0.0.0/0"), hidden(IpFamily::V6)])).unresolved.len(), 1);
}

#[test]
fn an_unknown_that_could_not_open_anything_is_no_question() {
    let mut closed = rule(ProtocolMatch::Number(6), PortMatch::Any, block("10.0.0.0/8"));
    closed.ports = Value::Unknown(unknown("the port is a parameter"));
    assert!(judged(group(vec![closed])).unresolved.is_empty());
    let to_group = rule(ProtocolMatch::Any, PortMatch::Any, Value::Known(Peer::Group("Db".to_owned())));
    let perhaps = tidegate_estate::Rule { presence: Presence::Unknown(unknown("who knows")), ..to_group };
    assert!(judged(group(vec![perhaps])).unresolved.is_empty());
}

#[test]
fn a_rule_that_may_be_there_is_unresolved_and_one_that_is_there_too_is_certain() {
    let mut perhaps = all("0.0.0.0/0");
    perhaps.presence = Presence::Unknown(unknown("allow_all_outbound comes from an environment variable"));
    let open = judged(group(vec![perhaps.clone()]));
    assert!(open.findings.is_empty());
    assert_eq!(open.unresolved.len(), 1);
    let certain = judged(group(vec![perhaps, all("0.0.0.0/0")]));
    assert_eq!(names(&certain), ["open-egress"]);
    assert_eq!(certain.findings[0].confidence, Confidence::Certain);
    assert!(certain.unresolved.is_empty());
}

#[test]
fn something_that_may_rewrite_the_group_leaves_it_unresolved() {
    let mut policy = group(vec![]);
    policy.opaque.push(Opaque { reason: Reason::new("an Aspect of a library"), guard: Guard::Always });
    let report = judged(policy);
    assert!(report.findings.is_empty());
    assert_eq!(report.unresolved[0].reason, "an Aspect of a library");
}

#[test]
fn an_unknown_ipv4_rule_leaves_it_open_whether_ipv6_was_forgotten() {
    let mut perhaps = tcp(443, "0.0.0.0/0");
    perhaps.presence = Presence::Unknown(unknown("who knows"));
    let report = judged(group(vec![perhaps, tcp(443, "::/0")]));
    assert_eq!(names(&report), ["internet-egress"], "IPv4 may well let the same out");
    assert_eq!(report.unresolved.len(), 1, "and IPv4 itself is not decided");
}

#[test]
fn a_prefix_list_counts_by_its_entries_in_each_world() {
    let (mut estate, prod) = with_condition();
    estate.prefix_lists.push(PrefixList {
        name: "Partners".to_owned(),
        entries: vec![
            (Guard::Always, Value::Known("0.0.0.0/1".parse().unwrap())),
            (prod, Value::Known("128.0.0.0/1".parse().unwrap())),
        ],
        place: at(3),
    });
    let peer = Value::Known(Peer::PrefixList(0));
    estate.policies.push(group(vec![rule(ProtocolMatch::Any, PortMatch::Any, peer)]));
    let report = report(&estate);
    assert_eq!(names(&report), ["open-egress"]);
    assert_eq!(report.findings[0].confidence, Confidence::Possible);
}

#[test]
fn more_conditions_than_anyone_counts_leave_what_holds_without_them() {
    let mut estate = Estate::default();
    let guards: Vec<Guard> = (0..20)
        .map(|index| Guard::is(estate.choice(format!("condition C{index}"), ["true", "false"], None), 0))
        .collect();
    let near: Vec<_> = guards.iter().map(|guard| when(tcp(443, "10.0.0.0/8"), guard.clone())).collect();
    let mut open = near.clone();
    open.push(all("0.0.0.0/0"));
    let perhaps: Vec<_> = guards.iter().map(|guard| when(tcp(443, "0.0.0.0/0"), guard.clone())).collect();
    // None of these is large alone; two of them are.
    let together = guards
        .iter()
        .zip(20u8..)
        .map(|(guard, first)| when(tcp(443, &format!("{first}.0.0.0/9")), guard.clone()));
    let together: Vec<_> = together.collect();
    let judge = |rules| {
        let mut estate = estate.clone();
        estate.policies.push(group(rules));
        audit(&[estate], &Config::default(), &AuditOptions::default(), &NoSources)
    };
    let certain = judge(open);
    assert_eq!(names(&certain), ["open-egress"]);
    assert_eq!(certain.findings[0].confidence, Confidence::Certain);
    assert!(certain.unresolved.is_empty());
    let harmless = judge(near);
    assert!(harmless.findings.is_empty() && harmless.unresolved.is_empty());
    let possible = judge(perhaps);
    assert_eq!(names(&possible), ["internet-egress"]);
    assert_eq!(possible.findings[0].confidence, Confidence::Possible);
    let undecided = judge(together);
    assert!(undecided.findings.is_empty());
    assert!(undecided.unresolved[0].reason.contains("20 conditions"));
}

#[test]
fn the_report_does_not_depend_on_the_order_of_the_policies() {
    let make = |name: &str, byte: usize| {
        let mut policy = group(vec![left_out("0.0.0.0/0")]);
        policy.path = Some(name.to_owned());
        policy.place = at(byte);
        policy
    };
    let (a, b) = (make("S/a", 40), make("S/b", 20));
    let one = report(&estate(vec![a.clone(), b.clone()]));
    let two = report(&estate(vec![b, a]));
    let prints = |report: &crate::Report| -> Vec<String> {
        report.findings.iter().map(|finding| finding.fingerprint.clone()).collect()
    };
    assert_eq!(prints(&one), prints(&two));
    assert_eq!(one.findings[0].subjects[0].path.as_deref(), Some("S/b"), "in order of position");
}

#[test]
fn a_block_that_is_small_wherever_it_lies_is_no_question() {
    let hidden = |within: &str, length: u8| Rule {
        peer: Value::Known(Peer::Hidden(Hidden {
            within: within.parse().unwrap(),
            length,
            reason: unknown("the address is a parameter"),
        })),
        ..all("0.0.0.0/0")
    };
    let open = |rules: Vec<Rule>| judged(group(rules)).unresolved.len();
    assert_eq!(open(vec![hidden("0.0.0.0/0", 32)]), 0);
    assert_eq!(open(vec![hidden("10.0.0.0/8", 16)]), 0, "none of it is on the Internet");
    assert_eq!(open(vec![hidden("0.0.0.0/0", 16); 60]), 0, "as many rules as a group may have");
    assert_eq!(open(vec![hidden("0.0.0.0/0", 8)]), 1);
    assert_eq!(open(vec![hidden("0.0.0.0/0", 16); 200]), 1, "together they may be large");
    assert_eq!(
        open(vec![hidden("0.0.0.0/0", 32), hidden("0.0.0.0/0", 0)]),
        1,
        "beside one that is not small"
    );
    assert_eq!(open(vec![hidden("::/0", 64)]), 0);
    assert_eq!(
        judged(default_group(vec![hidden("0.0.0.0/0", 32)])).unresolved.len(),
        1,
        "that is asked for nothing"
    );
}

#[test]
fn an_opening_is_found_among_more_worlds_than_anyone_looks_at() {
    let mut estate = Estate::default();
    let mut rules = Vec::new();
    for number in 0..14 {
        let choice = estate.choice(format!("condition C{number}"), ["true", "false"], Some(at(number)));
        let peer = if number == 3 { "0.0.0.0/0" } else { "10.0.0.0/8" };
        rules.push(when(tcp(1000 + number as u16, peer), Guard::is(choice, 0)));
    }
    estate.policies.push(group(rules.clone()));
    let found = report(&estate);
    assert_eq!(names(&found), ["internet-egress"]);
    assert_eq!(found.findings[0].confidence, Confidence::Possible);
    assert!(
        found.findings[0].message.ends_with("This is so where condition C3 is true."),
        "{}",
        found.findings[0].message
    );
    assert!(found.unresolved.is_empty());
    // Without it, nothing is open in any world.
    rules.remove(3);
    estate.policies[0] = group(rules);
    let closed = report(&estate);
    assert!(closed.findings.is_empty() && closed.unresolved.is_empty());
}
