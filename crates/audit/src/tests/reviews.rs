//! Decisions hold for what was decided about, and for nothing more.

use crate::testing::{Texts, all, estate, group, left_out, place_of, tcp, unknown};
use crate::{
    Answers, AuditOptions, Config, Date, Decision, Level, NoSources, Position, Report, Reviews, SourceText,
    Status, audit,
};
use tidegate_estate::{Estate, Peer, Rule, Severity, Value};

const FILE: &str = ".tidegate/reviews.toml";

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn decision(status: Status) -> Decision {
    Decision {
        status,
        by: "Ann".to_owned(),
        on: day("2026-01-31"),
        because: "a lab".to_owned(),
        until: None,
        sensitive_data: None,
        private_network: None,
    }
}

fn make(rules: Vec<Rule>) -> Estate {
    estate(vec![group(rules)])
}

fn web() -> Vec<Rule> {
    vec![tcp(443, "0.0.0.0/0"), tcp(80, "0.0.0.0/0")]
}

/// A scan with these decisions, written and read again.
fn with(estate: &Estate, reviews: &Reviews, whole: bool, sources: &dyn SourceText) -> Report {
    let reviews = Reviews::parse(&reviews.to_toml(), FILE).unwrap();
    let today = Some("2026-06-01".to_owned());
    let options = AuditOptions { reviews, whole, today, ..AuditOptions::default() };
    audit(std::slice::from_ref(estate), &Config::default(), &options, sources)
}

fn scan(estate: &Estate, reviews: &Reviews) -> Report {
    with(estate, reviews, true, &NoSources)
}

/// Decides alike about everything that is found.
fn decided(estate: &Estate, decision: &Decision) -> Reviews {
    let mut reviews = Reviews::default();
    for finding in &scan(estate, &Reviews::default()).findings {
        reviews.decide(finding, decision);
    }
    reviews
}

fn told(report: &Report) -> String {
    let steps = report.findings.iter().flat_map(|finding| &finding.related);
    steps.map(|step| step.message.as_str()).collect::<Vec<_>>().join("\n")
}

fn diagnosed(report: &Report) -> String {
    assert!(report.diagnostics.iter().all(|d| d.severity == Severity::Warning && &*d.path == FILE));
    report.diagnostics.iter().map(|d| d.message.as_str()).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_finding_has_the_decision_that_was_made_about_it() {
    let estate = make(web());
    for status in [Status::Safe, Status::Acknowledged] {
        let report = scan(&estate, &decided(&estate, &decision(status)));
        assert_eq!(report.findings[0].status, status);
        assert_eq!(report.findings[0].decision, Some(decision(status)));
        assert!(report.diagnostics.is_empty());
    }
}

#[test]
fn a_decision_survives_moves_and_narrowing_and_falls_when_more_gets_out() {
    let reviews = decided(&make(web()), &decision(Status::Safe));
    let moved = web().into_iter().map(|rule| place_of(rule, 900)).rev().collect();
    assert_eq!(scan(&make(moved), &reviews).findings[0].status, Status::Safe);
    let narrowed = vec![tcp(443, "0.0.0.0/0")];
    assert_eq!(scan(&make(narrowed), &reviews).findings[0].status, Status::Safe);
    let mut grown = web();
    grown.push(tcp(22, "203.0.112.0/20"));
    let report = scan(&make(grown), &reviews);
    assert_eq!((report.findings[0].status, &report.findings[0].decision), (Status::ToReview, &None));
    let words = told(&report);
    assert!(words.contains("more gets out than when it was decided (safe by Ann on 2026-01-31)"), "{words}");
    assert!(words.contains("tcp/22 to 203.0.112.0/20"), "{words}");
}

#[test]
fn a_decision_holds_on_its_last_day_and_not_on_the_next() {
    let estate = make(web());
    for (until, status) in [("2026-06-01", Status::Safe), ("2026-05-31", Status::ToReview)] {
        let reviews = decided(&estate, &Decision { until: Some(day(until)), ..decision(Status::Safe) });
        let report = scan(&estate, &reviews);
        assert_eq!(report.findings[0].status, status, "{until}");
        if status == Status::ToReview {
            assert!(told(&report).contains("until 2026-05-31: that is over"));
            assert!(
                diagnosed(&report)
                    .contains("expired no longer hold: internet-egress Stack/web (until 2026-05-31)")
            );
        }
    }
}

#[test]
fn without_a_date_a_decision_with_an_end_does_not_hold() {
    let estate = make(web());
    let until = Some(day("2999-01-01"));
    let reviews = decided(&estate, &Decision { until, ..decision(Status::Safe) });
    let options = AuditOptions { reviews, ..AuditOptions::default() };
    let report = audit(&[estate], &Config::default(), &options, &NoSources);
    assert_eq!(report.findings[0].status, Status::ToReview);
}

#[test]
fn what_is_fixed_and_still_found_is_contradicted() {
    let estate = make(web());
    let report = scan(&estate, &decided(&estate, &decision(Status::Fixed)));
    assert_eq!(report.findings[0].status, Status::ToReview);
    assert!(told(&report).contains("but it is still found"));
    assert!(diagnosed(&report).contains("decided as fixed, but still found: internet-egress Stack/web"));
    let gone = scan(&make(vec![]), &decided(&estate, &decision(Status::Fixed)));
    assert!(gone.diagnostics.is_empty(), "what is fixed is meant to be gone");
}

#[test]
fn a_decision_that_matches_nothing_is_reported_where_everything_was_seen() {
    let reviews = decided(&make(web()), &decision(Status::Safe));
    let closed = make(vec![]);
    assert!(diagnosed(&scan(&closed, &reviews)).contains("match no finding any more"));
    assert!(with(&closed, &reviews, false, &NoSources).diagnostics.is_empty(), "a part of the project");
    let read = Texts(vec![("app.py", String::new())]);
    assert!(!with(&closed, &reviews, true, &read).diagnostics.is_empty());
}

#[test]
fn a_decision_about_a_file_that_is_there_but_was_not_read_is_no_orphan() {
    struct Unread;
    impl SourceText for Unread {
        fn text(&self, _path: &str) -> Option<std::sync::Arc<[u8]>> {
            Some(std::sync::Arc::from(&b""[..]))
        }
    }
    let reviews = decided(&make(web()), &decision(Status::Safe));
    assert!(with(&make(vec![]), &reviews, true, &Unread).diagnostics.is_empty());
}

#[test]
fn a_decision_is_no_orphan_where_its_rule_was_not_asked_or_its_policy_is_unresolved() {
    let reviews = decided(&make(web()), &decision(Status::Safe));
    let mut options = AuditOptions::selecting(&["open-egress"], &[]).unwrap();
    (options.reviews, options.whole) = (reviews.clone(), true);
    assert!(audit(&[make(vec![])], &Config::default(), &options, &NoSources).diagnostics.is_empty());
    let mut rule = all("0.0.0.0/0");
    rule.peer = Value::<Peer>::Unknown(unknown("comes from outside"));
    let report = scan(&make(vec![rule]), &reviews);
    assert_eq!(report.unresolved.len(), 1);
    assert!(report.diagnostics.is_empty());
}

#[test]
fn a_finding_of_several_subjects_is_decided_if_each_of_them_is() {
    let named = |name: &str| {
        let mut policy = group(vec![left_out("0.0.0.0/0")]);
        policy.path = Some(name.to_owned());
        policy
    };
    let before = estate(vec![named("a"), named("b")]);
    let mut reviews = decided(&before, &decision(Status::Safe));
    assert_eq!(scan(&before, &reviews).findings[0].status, Status::Safe);
    let after = estate(vec![named("a"), named("b"), named("c")]);
    let report = scan(&after, &reviews);
    assert_eq!(report.findings[0].status, Status::ToReview);
    assert!(told(&report).contains("only 2 of its 3 policies are decided about"));
    // What is a risk for one of them is a risk, and the first end ends it.
    let alone = scan(&estate(vec![named("c")]), &reviews);
    let until = Some(day("2026-07-01"));
    reviews.decide(&alone.findings[0], &Decision { until, ..decision(Status::Acknowledged) });
    let report = scan(&after, &reviews);
    assert_eq!(report.findings[0].status, Status::Acknowledged);
    assert_eq!(report.findings[0].decision.as_ref().unwrap().until, until);
}

#[test]
fn answers_move_the_rating_and_a_no_falls_with_its_decision() {
    let open = make(vec![all("0.0.0.0/0")]);
    let answered = |sensitive_data, private_network, status| Decision {
        sensitive_data,
        private_network,
        ..decision(status)
    };
    let risk = |estate: &Estate, reviews: &Reviews| scan(estate, reviews).findings[0].rating.risk;
    let no = decided(&open, &answered(Some(false), Some(false), Status::Safe));
    assert_eq!(risk(&open, &no), Level::Informational);
    let yes = decided(&open, &answered(Some(true), None, Status::Acknowledged));
    assert_eq!(risk(&open, &yes), Level::Medium);
    let grown = make(vec![all("0.0.0.0/0"), all("10.0.0.0/8"), all("2000::/3")]);
    assert_eq!(risk(&grown, &no), Level::Low);
    assert_eq!(risk(&grown, &yes), Level::Medium);
}

#[test]
fn what_is_decided_goes_before_what_the_settings_answer() {
    let open = make(vec![all("0.0.0.0/0")]);
    let reviews = decided(&open, &Decision { sensitive_data: Some(false), ..decision(Status::Acknowledged) });
    let config = "[[answers]]\nsensitive_data = true\nprivate_network = false";
    let config = Config::parse(config).unwrap();
    let options = AuditOptions { reviews, ..AuditOptions::default() };
    let report = audit(&[open], &config, &options, &NoSources);
    assert_eq!(report.findings[0].rating.risk, Level::Informational);
}

#[test]
fn a_decision_that_is_taken_back_is_written_down_as_such() {
    let estate = make(web());
    let mut reviews = decided(&estate, &decision(Status::Safe));
    let fingerprint = scan(&estate, &reviews).findings[0].fingerprint.clone();
    assert!(reviews.withdraw(&fingerprint, "Bob", day("2026-02-01"), ""));
    assert!(!reviews.withdraw(&fingerprint, "Bob", day("2026-02-01"), ""), "there is none any more");
    let report = scan(&estate, &reviews);
    assert_eq!(report.findings[0].status, Status::ToReview);
    assert!(report.diagnostics.is_empty() && told(&report).is_empty());
}

#[test]
fn positions_say_how_every_decision_stands() {
    let estate = make(web());
    let at = |reviews: &Reviews, estate: &Estate| {
        let report = scan(estate, reviews);
        reviews.standings(&report, &[], day("2026-06-01")).into_iter().map(|(.., at)| at).next().unwrap()
    };
    let safe = decided(&estate, &decision(Status::Safe));
    assert_eq!(at(&safe, &estate), Position::Holds);
    assert_eq!(at(&safe, &make(vec![tcp(25, "0.0.0.0/0")])), Position::Outgrown);
    assert_eq!(at(&safe, &make(vec![])), Position::Unseen);
    let fixed = decided(&estate, &decision(Status::Fixed));
    assert_eq!(at(&fixed, &estate), Position::Contradicted);
    assert_eq!(at(&fixed, &make(vec![])), Position::Fixed);
}

#[test]
fn answers_suggest_what_the_rule_says() {
    let suggested =
        |sensitive_data, private_network| Answers { sensitive_data, private_network }.suggestion();
    assert_eq!(suggested(Some(false), Some(false)), Some(Status::Safe));
    assert_eq!(suggested(Some(true), Some(false)), Some(Status::Acknowledged));
    assert_eq!(suggested(None, Some(true)), Some(Status::Acknowledged));
    assert_eq!(suggested(Some(false), None), None);
}

/// Entries as they stand in a file after a merge.
fn merged(entries: &[(&str, &str, &str)]) -> Reviews {
    let lines: Vec<String> = entries
        .iter()
        .map(|(status, on, by)| {
            format!(
                "  {{ fingerprint = \"00ff\", rule = \"open-egress\", subject = \"Stack/Web\", \
                 status = \"{status}\", by = \"{by}\", on = {on}, because = \"\" }},"
            )
        })
        .collect();
    Reviews::parse(&format!("version = 1\ndecisions = [\n{}\n]\n", lines.join("\n")), FILE).unwrap()
}

#[test]
fn of_two_decisions_about_one_subject_the_later_counts_and_of_one_day_the_stricter() {
    for (entries, by) in [
        ([("safe", "2026-01-01", "Ann"), ("acknowledged", "2026-01-02", "Bob")], "Bob"),
        ([("safe", "2026-01-02", "Ann"), ("acknowledged", "2026-01-01", "Bob")], "Ann"),
        ([("safe", "2026-01-01", "Ann"), ("acknowledged", "2026-01-01", "Bob")], "Bob"),
        ([("to-review", "2026-01-01", "Ann"), ("safe", "2026-01-01", "Bob")], "Ann"),
    ] {
        let [first, second] = entries;
        for entries in [[first, second], [second, first]] {
            let reviews = merged(&entries);
            assert_eq!(reviews.get("00ff").unwrap().decision.by, by, "{entries:?}");
            let options = AuditOptions { reviews, ..AuditOptions::default() };
            let report = audit(&[], &Config::default(), &options, &NoSources);
            assert!(diagnosed(&report).contains("contradict each other"), "{entries:?}");
        }
    }
}

#[test]
fn the_same_decision_twice_is_no_contradiction() {
    let reviews = merged(&[("safe", "2026-01-01", "Ann"), ("safe", "\"2026-01-01\"", "Ann")]);
    let options = AuditOptions { reviews, ..AuditOptions::default() };
    assert!(audit(&[], &Config::default(), &options, &NoSources).diagnostics.is_empty());
}

#[test]
fn an_entry_that_cannot_be_read_is_told_with_its_place_and_the_rest_counts() {
    let good = "{ fingerprint = \"aa\", rule = \"open-egress\", subject = \"s\", status = \"safe\", by = \"Ann\", on = 2026-01-01, because = \"\" }";
    for bad in [
        good.replace("safe", "fine"),
        good.replace("2026-01-01", "\"soon\""),
        good.replace("because", "reason"),
        good.replace(
            "\" }",
            "\", allows = [{ family = \"ipv4\", protocol = \"tpc\", addresses = [\"::/0\"] }] }",
        ),
        "7".to_owned(),
    ] {
        let text = format!("version = 1\ndecisions = [\n  {bad},\n  {},\n]\n", good.replace("aa", "bb"));
        let reviews = Reviews::parse(&text, FILE).unwrap();
        assert_eq!((reviews.unreadable(), reviews.iter().count()), (1, 1), "{bad}");
        let options = AuditOptions { reviews, ..AuditOptions::default() };
        let report = audit(&[], &Config::default(), &options, &NoSources);
        assert!(diagnosed(&report).contains("cannot be read"));
        let start = report.diagnostics[0].span.unwrap().start as usize;
        assert!(text[start..].starts_with(&bad), "{}", &text[start..]);
    }
}

#[test]
fn a_file_that_is_no_such_file_is_an_error_with_its_line() {
    for (text, part) in [
        ("version = 2", "version 2"),
        ("version = 1\n<<<<<<< HEAD\n", "reviews.toml:2"),
        ("decisions = []", "version"),
    ] {
        let error = Reviews::parse(text, FILE).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn whatever_texts_hold_an_entry_is_one_line_and_is_read_back() {
    let estate = make(web());
    let hostile = "a \"b\" \\ c\n\r\t\u{0}\u{7f}\u{85}\u{2028} # = ] }, '\u{1b}[31m";
    let said = Decision {
        by: hostile.to_owned(),
        because: hostile.to_owned(),
        until: Some(day("2027-01-01")),
        sensitive_data: Some(true),
        private_network: Some(false),
        ..decision(Status::Acknowledged)
    };
    let reviews = decided(&estate, &said);
    let text = reviews.to_toml();
    let lines = text.lines().filter(|line| line.contains("fingerprint")).count();
    assert_eq!(lines, 1);
    let again = Reviews::parse(&text, FILE).unwrap();
    assert_eq!(again.unreadable(), 0);
    assert!(again.iter().eq(reviews.iter()));
    assert_eq!(again.to_toml(), text);
}
