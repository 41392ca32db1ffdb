//! What is allowed, and which findings follow.

use crate::testing::{
    UDP, acl, all, default_group, estate, group, judged, left_out, names, numbered, place_of, report, rule,
    tcp, whole, with,
};
use crate::{Confidence, Level};
use tidegate_estate::{
    Action, Cause, Confirmation, Dialect, Guard, Ignored, Peer, PortMatch, ProtocolMatch, Remedy, Rule, Value,
};

fn split(rules: &[&str]) -> Vec<Rule> {
    rules.iter().enumerate().map(|(index, peer)| place_of(all(peer), 100 + index)).collect()
}

#[test]
fn everything_over_ipv4_left_out_is_one_finding_at_the_callee() {
    let report = judged(group(vec![left_out("0.0.0.0/0")]));
    assert_eq!(names(&report), ["open-egress-by-default"]);
    let finding = &report.findings[0];
    assert_eq!(finding.confidence, Confidence::Certain);
    assert_eq!(finding.place, crate::testing::place("app.py", 10, 27));
    assert_eq!((finding.allows.share_ipv4, finding.allows.share_ipv6), (1.0, 0.0));
    let witness = finding.witness.as_ref().unwrap();
    assert_eq!(
        (witness.protocol.as_str(), witness.address.as_str(), witness.port),
        ("tcp", "1.1.1.1", Some(443))
    );
    assert_eq!(finding.allows.rows.len(), 1);
    assert_eq!(finding.allows.rows[0].addresses, ["0.0.0.0/0"]);
    assert!(report.unresolved.is_empty());
}

#[test]
fn everything_over_both_families_is_one_finding() {
    let report = judged(group(vec![all("0.0.0.0/0"), all("::/0")]));
    assert_eq!(names(&report), ["open-egress"]);
    assert_eq!(report.findings[0].allows.share_ipv6, 1.0);
    assert_eq!(report.findings[0].place, crate::testing::at(100));
}

#[test]
fn ipv4_by_default_and_ipv6_by_choice_are_one_finding_by_default() {
    let report = judged(group(vec![left_out("0.0.0.0/0"), all("::/0")]));
    assert_eq!(names(&report), ["open-egress-by-default"]);
    assert!(report.findings[0].related.iter().any(|step| step.place == crate::testing::at(100)));
}

#[test]
fn what_only_ipv6_lets_out_was_forgotten() {
    assert_eq!(names(&judged(group(vec![all("::/0")]))), ["ipv6-egress-forgotten"]);
    assert_eq!(names(&judged(group(vec![tcp(443, "::/0")]))), ["ipv6-egress-forgotten"]);
    let near = group(vec![tcp(443, "10.0.0.0/8"), tcp(443, "::/0")]);
    assert_eq!(names(&judged(near)), ["ipv6-egress-forgotten"]);
}

#[test]
fn ipv4_open_and_ipv6_on_one_port_are_two_findings() {
    let report = judged(group(vec![left_out("0.0.0.0/0"), tcp(443, "::/0")]));
    assert_eq!(names(&report), ["open-egress-by-default", "internet-egress"]);
    assert_eq!(report.findings[1].allows.share_ipv4, 0.0, "each is about its own family");
}

#[test]
fn the_same_port_over_both_families_is_one_internet_egress() {
    let report = judged(group(vec![tcp(443, "0.0.0.0/0"), place_of(tcp(443, "::/0"), 101)]));
    assert_eq!(names(&report), ["internet-egress"]);
    assert_eq!(report.findings[0].allows.share_ipv6, 1.0);
    assert_eq!(
        report.findings[0].message,
        "The security group lets out tcp/443 to 0.0.0.0/0: 100 % of the IPv4 Internet; tcp/443 to ::/0: 100 % \
         of the IPv6 Internet."
    );
}

#[test]
fn nearly_everything_is_internet_egress_rated_like_open_and_says_what_is_missing() {
    let all_tcp = judged(group(vec![whole(6, "0.0.0.0/0")]));
    assert_eq!(names(&all_tcp), ["internet-egress"]);
    assert!(all_tcp.findings[0].message.contains("all of TCP"), "{}", all_tcp.findings[0].message);

    let three = judged(group(vec![whole(6, "0.0.0.0/0"), whole(UDP, "0.0.0.0/0"), whole(1, "0.0.0.0/0")]));
    assert_eq!(names(&three), ["internet-egress"]);
    assert!(three.findings[0].message.contains("TCP, UDP and ICMP, but no other protocol"));

    let mut but_one = vec![
        rule(ProtocolMatch::Number(6), PortMatch::Range(0, 24), crate::testing::block("0.0.0.0/0")),
        rule(ProtocolMatch::Number(6), PortMatch::Range(26, 65535), crate::testing::block("0.0.0.0/0")),
    ];
    but_one.extend((0..=255).filter(|number| *number != 6).map(|number| whole(number, "0.0.0.0/0")));
    let but_one = judged(group(but_one));
    assert_eq!(names(&but_one), ["internet-egress"]);
    assert!(but_one.findings[0].message.contains("everything but tcp/25"), "{}", but_one.findings[0].message);

    for report in [all_tcp, three, but_one] {
        assert_eq!(report.findings[0].rating.risk, Level::Low);
    }
}

#[test]
fn halves_and_holes_are_open_all_the_same() {
    assert_eq!(names(&judged(group(split(&["0.0.0.0/1", "128.0.0.0/1"])))), ["open-egress"]);
    let hole: Vec<String> = (1..=24u32)
        .map(|length| {
            // Everything but 8.8.8.0/24, as its 24 sibling blocks.
            let base = u32::from_be_bytes([8, 8, 8, 0]) ^ (1 << (32 - length));
            format!("{}/{length}", std::net::Ipv4Addr::from(base & (u32::MAX << (32 - length))))
        })
        .collect();
    let hole: Vec<&str> = hole.iter().map(String::as_str).collect();
    let report = judged(group(split(&hole)));
    assert_eq!(names(&report), ["open-egress"]);
    assert!(report.findings[0].allows.share_ipv4 < 1.0);
    assert_eq!(report.findings[0].related.len(), 23, "every rule that adds to it is named");
}

#[test]
fn three_quarters_of_the_address_space_are_internet_egress() {
    let report = judged(group(split(&["0.0.0.0/1", "128.0.0.0/2"])));
    assert_eq!(names(&report), ["internet-egress"]);
    // More than 75 %, since most of the last quarter is not the Internet.
    assert!((0.75..0.90).contains(&report.findings[0].allows.share_ipv4));
}

#[test]
fn what_does_not_reach_much_of_the_internet_is_no_finding() {
    let to = |peer: Peer| rule(ProtocolMatch::Any, PortMatch::Any, Value::Known(peer));
    let quiet = [
        all("10.0.0.0/8"),
        all("192.168.0.0/16"),
        all("fc00::/7"),
        to(Peer::Group("Stack/db".to_owned())),
        to(Peer::ManagedPrefixList("com.amazonaws.eu-west-1.s3".to_owned())),
        all("198.41.0.0/24"),
        all("127.0.0.1/32"),
        rule(ProtocolMatch::Number(1), PortMatch::Nothing, crate::testing::block("255.255.255.255/32")),
    ];
    let report = judged(group(quiet.to_vec()));
    assert_eq!(names(&report), [] as [&str; 0]);
    assert!(report.unresolved.is_empty());
}

#[test]
fn a_construct_that_always_opens_its_group_is_open_by_default_at_its_call() {
    let mut opened = all("0.0.0.0/0");
    opened.cause = Cause::Construct;
    let mut policy = group(vec![opened]);
    policy.remedy = Remedy::HandIn {
        name: "security_groups".to_owned(),
        construct: "aws_rds.DatabaseInstance".to_owned(),
    };
    let report = judged(policy);
    assert_eq!(names(&report), ["open-egress-by-default"]);
    assert_eq!(report.findings[0].place.span.start, 10);
    assert!(report.findings[0].help.iter().any(|line| line.contains("security_groups=[group]")));
}

#[test]
fn a_default_group_that_lets_anything_out_is_its_own_finding() {
    let report = judged(default_group(vec![left_out("0.0.0.0/0"), tcp(443, "::/0")]));
    assert_eq!(names(&report), ["open-default-group"]);
    assert_eq!(report.findings[0].rating.risk, Level::Informational, "nobody is known to use it");
    assert_eq!(names(&judged(default_group(vec![all("10.0.0.0/8")]))), [] as [&str; 0]);
}

#[test]
fn an_import_is_a_declaration_and_says_nothing_by_what_is_left_out() {
    let mut declared = group(vec![all("0.0.0.0/0")]);
    declared.confirmation = Confirmation::Declared;
    let report = judged(declared);
    assert_eq!(names(&report), ["open-egress"]);
    assert_eq!(report.findings[0].confidence, Confidence::Declared);
    assert!(report.findings[0].witness.is_none());

    let mut silent = group(vec![left_out("0.0.0.0/0")]);
    silent.confirmation = Confirmation::Declared;
    assert_eq!(names(&judged(silent)), [] as [&str; 0]);
}

#[test]
fn a_rule_without_effect_comes_on_top() {
    let mut policy = group(vec![left_out("0.0.0.0/0")]);
    let ignored = Ignored {
        place: crate::testing::at(80),
        guard: Guard::Always,
        why: "the group allows all outbound traffic, so CDK drops the rule".to_owned(),
        rule: "tcp/443 to 10.0.0.0/8".to_owned(),
        chain: vec![],
    };
    policy.ignored = vec![ignored.clone(), ignored];
    let report = judged(policy);
    assert_eq!(names(&report), ["open-egress-by-default", "ignored-egress-rule"]);
    let finding = &report.findings[1];
    assert!(finding.allows.set.is_empty() && finding.witness.is_none());
    assert!(finding.message.contains("tcp/443 to 10.0.0.0/8"));
    assert_eq!(finding.place, crate::testing::at(80));
}

#[test]
fn an_acl_entry_after_its_opposite_has_no_effect_and_the_acl_alone_is_informational() {
    let report = judged(acl(vec![
        numbered(100, Action::Allow, all("0.0.0.0/0")),
        numbered(200, Action::Deny, tcp(25, "0.0.0.0/0")),
    ]));
    assert_eq!(names(&report), ["open-egress", "ignored-egress-rule"]);
    assert!(report.findings.iter().all(|finding| finding.rating.risk == Level::Informational));
    assert!(report.findings[1].message.contains("deny 200: tcp/25 to 0.0.0.0/0"));
    let works = judged(acl(vec![
        numbered(100, Action::Deny, tcp(25, "0.0.0.0/0")),
        numbered(200, Action::Allow, all("0.0.0.0/0")),
    ]));
    assert_eq!(names(&works), ["internet-egress"]);
    assert!(works.findings[0].message.contains("everything but tcp/25"));
}

#[test]
fn one_place_that_makes_many_groups_is_one_finding_with_many_subjects() {
    let make = |name: &str, rules| {
        let mut policy = group(rules);
        policy.path = Some(format!("Stack/{name}"));
        policy
    };
    let report = report(&estate(vec![
        make("b", vec![left_out("0.0.0.0/0")]),
        make("a", vec![left_out("0.0.0.0/0")]),
        make("closed", vec![]),
    ]));
    assert_eq!(names(&report), ["open-egress-by-default"]);
    let paths: Vec<_> = report.findings[0].subjects.iter().map(|s| s.path.as_deref().unwrap()).collect();
    assert_eq!(paths, ["Stack/a", "Stack/b"]);
    assert_eq!(report.findings[0].identities.len(), 2);
}

#[test]
fn the_same_group_read_by_two_applications_is_one_subject() {
    let one = estate(vec![group(vec![left_out("0.0.0.0/0")])]);
    let options = crate::AuditOptions::default();
    let both = [one.clone(), one.clone()];
    let report = crate::audit(&both, &crate::Config::default(), &options, &crate::NoSources);
    assert_eq!(report.findings.len(), 1);
    assert_eq!(report.findings[0].subjects.len(), 1);
}

#[test]
fn fingerprints_survive_line_moves_and_renamed_files_but_not_another_subject() {
    let of = |policy| judged(policy).findings[0].fingerprint.clone();
    let policy = group(vec![left_out("0.0.0.0/0")]);
    let mut moved = policy.clone();
    moved.place = crate::testing::place("lib/other.py", 500, 517);
    moved.block = moved.place.clone();
    assert_eq!(of(policy.clone()), of(moved));
    let mut renamed = policy.clone();
    renamed.path = Some("Stack/api".to_owned());
    assert_ne!(of(policy), of(renamed));
}

#[test]
fn selection_leaves_rules_out_after_the_first_that_matches_was_chosen() {
    let both = estate(vec![group(vec![left_out("0.0.0.0/0")])]);
    assert_eq!(names(&with(&both, "", &["open-egress"])), [] as [&str; 0]);
    assert_eq!(names(&with(&both, "", &["open-egress-by-default"])), ["open-egress-by-default"]);
}

#[test]
fn template_findings_carry_the_ids_of_template_scanners() {
    let mut policy = group(vec![all("0.0.0.0/0")]);
    policy.dialect = Dialect::CloudFormation;
    assert_eq!(judged(policy).findings[0].aliases, ["CKV_AWS_382", "AVD-AWS-0104", "W5", "W40"]);
}
