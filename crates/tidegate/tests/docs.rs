//! The examples in `docs/rules` are tests: each is scanned, and exactly the marked lines are found.

mod common;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use tidegate_audit::{Confidence, RuleId};
use tidegate_read::MemoryFiles;

/// What every page has an example of, below `## Sensitive` and below `## Compliant`.
const DIALECTS: [&str; 3] = ["AWS CDK in Python", "CloudFormation YAML", "CloudFormation JSON"];

/// A finding: file, line, rule.
type Mark = (String, usize, String);

/// What one `###` heading holds.
struct Example {
    sensitive: bool,
    heading: String,
    files: Vec<(String, String)>,
    marks: BTreeSet<Mark>,
}

/// The examples of a page.
fn examples(page: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut sensitive = None;
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(section) = line.strip_prefix("## ") {
            sensitive = match section.trim() {
                "Sensitive" => Some(true),
                "Compliant" => Some(false),
                _ => None,
            };
            continue;
        }
        let Some(sensitive) = sensitive else { continue };
        if let Some(heading) = line.strip_prefix("### ") {
            let heading = heading.trim().to_owned();
            examples.push(Example { sensitive, heading, files: Vec::new(), marks: BTreeSet::new() });
        } else if let Some(info) = line.strip_prefix("```") {
            let example = examples.last_mut().expect("a heading before the first block");
            let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            example.take(info, &body);
        }
    }
    examples
}

impl Example {
    /// Takes in a fenced block: `LANGUAGE NAME [finds=LINE:RULE]…`.
    fn take(&mut self, info: &str, body: &[&str]) {
        let mut words = info.split_whitespace().skip(1);
        let name = words.next().expect("the file's name after the language").to_owned();
        for word in words {
            let mark = word.strip_prefix("finds=").and_then(|mark| mark.split_once(':'));
            let (line, rule) = mark.unwrap_or_else(|| panic!("`{word}` is not finds=LINE:RULE"));
            self.marks.insert((name.clone(), line.parse().expect("a line"), rule.to_owned()));
        }
        for (at, line) in body.iter().enumerate() {
            if let Some((_, rule)) = line.split_once("# finds:") {
                self.marks.insert((name.clone(), at + 1, rule.trim().to_owned()));
            }
        }
        self.files.push((name, body.join("\n") + "\n"));
    }

    /// What is wrong with it; nothing, if nothing is.
    fn wrong(&self, rule: RuleId) -> String {
        let mut wrong = String::new();
        if self.files.is_empty() {
            wrong.push_str("  no file\n");
        }
        if self.sensitive && !self.marks.iter().any(|(_, _, marked)| marked == rule.name()) {
            let _ = writeln!(wrong, "  a sensitive example of {} marks no such finding", rule.name());
        }
        for (_, _, marked) in &self.marks {
            if RuleId::ALL.iter().all(|known| known.name() != marked) {
                let _ = writeln!(wrong, "  `{marked}` is no rule");
            }
        }
        let scan = common::scan(MemoryFiles::new(self.files.iter().map(|(name, text)| (name, text))));
        let mut found = BTreeSet::new();
        for finding in &scan.report.findings {
            let line = scan.at(&finding.place).start.line;
            found.insert((finding.place.path.to_string(), line, finding.rule.name().to_owned()));
            if finding.confidence == Confidence::Possible {
                let _ = writeln!(wrong, "  only possible: {} at line {line}", finding.rule.name());
            }
        }
        for (file, line, rule) in self.marks.difference(&found) {
            let _ = writeln!(wrong, "  not found: {file}:{line} {rule}");
        }
        for (file, line, rule) in found.difference(&self.marks) {
            let _ = writeln!(wrong, "  not marked: {file}:{line} {rule}");
        }
        for open in &scan.report.unresolved {
            let _ = writeln!(
                wrong,
                "  unresolved: {}:{} {}",
                open.place.path,
                scan.at(&open.place).start.line,
                open.reason
            );
        }
        for muted in &scan.report.suppressed {
            let _ = writeln!(wrong, "  muted: {}", muted.finding.message);
        }
        for diagnostic in &scan.diagnostics {
            let _ = writeln!(wrong, "  said: {}: {}", diagnostic.path, diagnostic.message);
        }
        wrong
    }
}

/// What a rule can be found in.
fn dialects(rule: RuleId) -> &'static [&'static str] {
    match rule {
        // It takes routes and neighbours, which no code shows.
        RuleId::EgressThroughPeer => &["AWS CLI"],
        _ => &DIALECTS,
    }
}

fn check(rule: RuleId) {
    let path = common::root().join("docs/rules").join(format!("{}.md", rule.name()));
    let page = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let examples = examples(&page);
    for dialect in dialects(rule) {
        for (sensitive, section) in [(true, "Sensitive"), (false, "Compliant")] {
            let there = examples.iter().any(|example| {
                example.sensitive == sensitive
                    && example.heading.split(',').next().is_some_and(|first| first.trim() == *dialect)
            });
            assert!(there, "{} has no example in {dialect} below {section}", path.display());
        }
    }
    let mut wrong = String::new();
    for example in &examples {
        let said = example.wrong(rule);
        if !said.is_empty() {
            let section = if example.sensitive { "Sensitive" } else { "Compliant" };
            let _ = writeln!(wrong, "{section}, {}\n{said}", example.heading);
        }
    }
    assert!(wrong.is_empty(), "{}\n{wrong}", path.display());
}

#[test]
fn open_default_group() {
    check(RuleId::OpenDefaultGroup);
}

#[test]
fn open_egress_by_default() {
    check(RuleId::OpenEgressByDefault);
}

#[test]
fn ipv6_egress_forgotten() {
    check(RuleId::Ipv6EgressForgotten);
}

#[test]
fn egress_through_peer() {
    check(RuleId::EgressThroughPeer);
}

#[test]
fn open_egress() {
    check(RuleId::OpenEgress);
}

#[test]
fn internet_egress() {
    check(RuleId::InternetEgress);
}

#[test]
fn ignored_egress_rule() {
    check(RuleId::IgnoredEgressRule);
}

#[test]
fn every_rule_has_a_page_and_every_page_a_test() {
    let tested = [
        RuleId::OpenDefaultGroup,
        RuleId::OpenEgressByDefault,
        RuleId::Ipv6EgressForgotten,
        RuleId::OpenEgress,
        RuleId::InternetEgress,
        RuleId::IgnoredEgressRule,
        RuleId::EgressThroughPeer,
    ];
    assert!(RuleId::ALL.iter().all(|rule| tested.contains(rule)), "{:?}", RuleId::ALL);
    let mut pages: Vec<String> = std::fs::read_dir(common::root().join("docs/rules"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    let mut names: Vec<String> = RuleId::ALL.iter().map(|rule| format!("{}.md", rule.name())).collect();
    pages.sort();
    names.sort();
    assert_eq!(pages, names);
}
