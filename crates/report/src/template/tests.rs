use super::render::ProblemKind;
use super::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Values by name; evidence shows its own name.
struct Given(BTreeMap<&'static str, &'static str>);

impl Values for Given {
    fn value(&self, name: &str, _spot: Spot) -> Option<String> {
        self.0.get(name).map(|value| (*value).to_owned())
    }

    fn evidence(&self, shows: &str, _spot: Spot) -> Option<String> {
        Some(format!("![{shows}](evidence)"))
    }
}

fn given(values: &[(&'static str, &'static str)]) -> Given {
    Given(values.iter().copied().collect())
}

fn fill(labels: &[&str], count: usize) -> Fill {
    Fill { labels: labels.iter().map(|label| (*label).to_owned()).collect(), count, ..Fill::default() }
}

fn rendered(text: &str, fill: &Fill, values: &[(&'static str, &'static str)]) -> String {
    Template::of(text).render(fill, &given(values)).unwrap().text
}

#[test]
fn values_plurals_and_notes() {
    let text = "The {==NAME==} host{s||} {have||has} it.{==NOTE: check==} Yes.\n{==TODO==}\nEnd{==XREF 3==}";
    assert_eq!(rendered(text, &fill(&[], 2), &[("NAME", "core")]), "The core hosts have it.Yes.\nEnd\n");
    assert_eq!(rendered(text, &fill(&[], 1), &[("NAME", "core")]), "The core host has it.Yes.\nEnd\n");
}

#[test]
fn a_value_is_never_scanned_again() {
    assert_eq!(
        rendered("{==A==} {==B==}", &fill(&[], 2), &[("A", "{==B==} {a||b}"), ("B", "b")]),
        "{==B==} {a||b} b\n"
    );
}

#[test]
fn a_dropped_block_takes_the_blank_lines_after_it_and_the_result_ends_in_one_newline() {
    let text = "a\n\n{==OPTION AZURE==} b\n\nc\n\n{==OPTION AWS==} d\n\n\n";
    assert_eq!(rendered(text, &fill(&["AWS"], 1), &[]), "a\n\nd\n");
    assert_eq!(rendered(text, &fill(&["AZURE"], 1), &[]), "a\n\nb\n\nc\n");
    assert_eq!(rendered(text, &fill(&[], 1), &[]), "a\n");
}

#[test]
fn a_dropped_block_before_a_heading_leaves_the_heading_its_line() {
    let text = "a {==OPTION AZURE==} b\n\nc\n\n# d\n";
    assert_eq!(rendered(text, &fill(&[], 1), &[]), "a \n\n# d\n");
}

#[test]
fn kept_options_of_one_line_are_parted_by_a_hard_break() {
    let text = "x:\n\n{==OPTION VPC==}[v](v)\n{==OPTION LAMBDA==}[l](l)\n{==OPTION EC2==}[e](e)";
    let declared = format!("---\noptions: {{LAMBDA: AWS}}\n---\n{text}");
    assert_eq!(rendered(&declared, &fill(&["AWS", "VPC", "EC2"], 1), &[]), "x:\n\n[v](v)  \n[e](e)\n");
    assert_eq!(rendered(&declared, &fill(&["AWS", "EC2"], 1), &[]), "x:\n\n[e](e)\n");
    assert_eq!(
        rendered(&declared, &fill(&["AWS", "VPC", "EC2", "LAMBDA"], 1), &[]),
        "x:\n\n[v](v)  \n[l](l)  \n[e](e)\n"
    );
}

#[test]
fn what_lies_inside_of_aws_goes_with_it() {
    let text = "{==OPTION VPC==} v\n\n{==OPTION AZURE==} z\n";
    assert_eq!(rendered(text, &fill(&["AZURE", "VPC"], 1), &[]), "z\n");
}

#[test]
fn an_authors_choice_stays_unless_its_number_goes() {
    let text = "{==OPTION==} Although a, b.\nc\n\nd\n";
    assert_eq!(rendered(text, &fill(&[], 1), &[]), "Although a, b.\nc\n\nd\n");
    let without = Fill { without: BTreeSet::from([1]), ..Fill::default() };
    assert_eq!(rendered(text, &without, &[]), "d\n");
}

#[test]
fn an_option_in_a_heading_or_an_item_takes_all_of_it() {
    let text = "# a\n## {==OPTION AZURE==} b\nc\n# d\n- {==OPTION AWS==} e\n- {==OPTION AZURE==} f\n- g\n";
    assert_eq!(rendered(text, &fill(&["AWS"], 1), &[]), "# a\n# d\n- e\n");
    assert_eq!(rendered(text, &fill(&["AZURE"], 1), &[]), "# a\n## b\nc\n# d\n- f\n- g\n");
}

#[test]
fn windows_line_ends_stay() {
    let text = "a\r\n\r\n{==OPTION==} b\r\n\r\n{==NOTE==}\r\n{==LIST==}\r\n";
    let without = Fill { without: BTreeSet::from([1]), ..Fill::default() };
    assert_eq!(rendered(text, &without, &[("LIST", "- x\n- y")]), "a\r\n\r\n- x\r\n- y\r\n");
}

#[test]
fn a_value_of_several_lines_keeps_the_indent_of_its_marker() {
    let text = "- item\n\n  {==CODE==}\n> {==CODE==}\n";
    assert_eq!(rendered(text, &fill(&[], 1), &[("CODE", "a\n\nb\n")]), "- item\n\n  a\n\n  b\n> a\n>\n> b\n");
}

#[test]
fn what_has_no_value_is_an_error_that_names_it_and_its_line() {
    let text = "---\ncvss: 1\n---\na {==NAME==}\n{==x/y==}\n{==OPTION AZURE==} {==GONE==}\n\n# h\n{==open";
    let template = Template::of(text);
    let problems = template.render(&fill(&[], 1), &given(&[])).unwrap_err();
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[0].contains("line 4") && told[0].contains("NAME"), "{told:?}");
    assert!(told[1].contains("line 5") && told[1].contains("x/y"), "{told:?}");
    let draft = Fill { draft: true, ..fill(&[], 1) };
    assert!(template.render(&draft, &given(&[])).unwrap().text.starts_with("a {==NAME==}\n{==x/y==}\n"));
}

#[test]
fn a_choice_must_be_one_of_the_alternatives() {
    let template = Template::of("{==weekly/yearly==}");
    assert_eq!(
        template.render(&fill(&[], 1), &given(&[("weekly/yearly", "yearly")])).unwrap().text,
        "yearly\n"
    );
    let problems = template.render(&fill(&[], 1), &given(&[("weekly/yearly", "daily")])).unwrap_err();
    assert!(matches!(problems[0].kind, ProblemKind::NotAmong { .. }));
}

#[test]
fn the_inspection_lists_options_with_numbers_and_values_with_lines() {
    let text = "{==OPTION==} a\n\n{==OPTION VPC==}b {==NAME==}\n{==NAME==} {==x/y==} {==[SHOT OF z]==}{==NOTE: n==} {s||}\n";
    let found = Template::of(text).inspect(&fill(&["VPC"], 0));
    assert_eq!(
        found.options.iter().map(|option| (option.number, option.kept)).collect::<Vec<_>>(),
        [(1, true), (2, false)]
    );
    assert_eq!(found.options[1].labels, ["VPC", "AWS"]);
    assert_eq!(found.values[0], Asked { name: "NAME".into(), alternatives: vec![], lines: vec![3, 4] });
    assert_eq!(found.values[1].alternatives, ["x", "y"]);
    assert_eq!((found.evidence.len(), found.notes.len(), found.plurals.len()), (1, 1, 1));
}

/// A template out of everything that the grammar knows.
fn templates() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("{==OPTION==}"),
        Just("{==OPTION AWS==}"),
        Just("{==OPTION AZURE==}"),
        Just("{==OPTION VPC==}"),
        Just("{==OPTION EC2==}"),
        Just("{==NOTE: x==}"),
        Just("{==NAME==}"),
        Just("{==[SHOT]==}"),
        Just("{s||}"),
        Just("text"),
        Just("é"),
        Just(" "),
        Just("  "),
        Just("\n"),
        Just("\n\n"),
        Just("# h\n"),
        Just("- "),
        Just("> "),
        Just("```\n"),
        Just("`"),
        Just("\r\n"),
        Just("---\n"),
        Just("==="),
        Just("| "),
    ];
    prop::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn printing_gives_the_bytes_back(text in templates()) {
        prop_assert_eq!(Template::of(&text).print(), text);
    }

    #[test]
    fn a_final_rendering_holds_nothing_of_the_grammar(text in templates(), labels in prop::collection::btree_set(
        prop::sample::select(vec!["AWS", "AZURE", "VPC", "EC2"]), 0..4), count in 0usize..3)
    {
        let fill = Fill { labels: labels.into_iter().map(str::to_owned).collect(), count, ..Fill::default() };
        let out = Template::of(&text).render(&fill, &given(&[("NAME", "n")])).unwrap().text;
        prop_assert!(!out.contains("{==") && !out.contains("==}"), "{}", out);
        prop_assert!(out.is_empty() || (out.ends_with('\n') && !out.ends_with("\n\n")), "{:?}", out);
    }

    #[test]
    fn text_without_markers_comes_out_as_it_is(text in "[a-z #>*\n`-]{0,60}") {
        let out = Template::of(&format!("x{text}y\n")).render(&fill(&[], 1), &given(&[])).unwrap();
        prop_assert_eq!(format!("{}{}", out.front, out.text), format!("x{text}y\n"));
    }
}
