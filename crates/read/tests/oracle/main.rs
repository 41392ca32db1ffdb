//! What is read from a program's source against what is read from the template that the real library
//! made of it, group by group: construct path and exact egress set.
//!
//! The templates are goldens under `tests/oracle/golden`; `cargo xtask oracle` refreshes them.
//! `TIDEGATE_ORACLE=name,name` restricts the run; `TIDEGATE_ORACLE_VERBOSE=1` prints every group.

mod outcome;
mod programs;

use outcome::{Outcome, outcomes};
use programs::{Program, all};
use std::collections::BTreeSet;

/// Groups in each relation.
#[derive(Debug, Default)]
struct Tally {
    agree: usize,
    disagree: Vec<String>,
    unresolved: Vec<String>,
}

fn compare(program: &Program, tally: &mut Tally) {
    let source = outcomes(&program.read_source());
    let template = outcomes(&program.read_template());
    let paths: BTreeSet<&String> = source.keys().chain(template.keys()).collect();
    let nothing = BTreeSet::from([Outcome::default()]);
    for path in paths {
        let (ours, theirs) = (source.get(path), template.get(path));
        let name = format!("{}: {path}", program.name);
        // A group that only one side has lets out nothing on the other, which is a disagreement unless it
        // is an import that adds no rule.
        let (ours, theirs) = (ours.unwrap_or(&nothing), theirs.unwrap_or(&nothing));
        if std::env::var_os("TIDEGATE_ORACLE_VERBOSE").is_some() {
            println!("{name}\n  source   {ours:?}\n  template {theirs:?}");
        }
        if ours == theirs {
            tally.agree += 1;
        } else if ours.iter().any(Outcome::is_open_question) && !theirs.iter().any(Outcome::is_open_question)
        {
            tally.unresolved.push(format!("{name}\n  source   {ours:?}\n  template {theirs:?}"));
        } else {
            tally.disagree.push(format!("{name}\n  source   {ours:?}\n  template {theirs:?}"));
        }
    }
    for path in template.keys().filter(|path| !source.contains_key(*path)) {
        tally
            .disagree
            .push(format!("{}: {path} is in the template and was not found in the source", program.name));
    }
    for path in source.keys().filter(|path| !template.contains_key(*path)) {
        tally
            .disagree
            .push(format!("{}: {path} was found in the source and is not in the template", program.name));
    }
}

#[test]
fn source_and_synthesized_template_agree_on_every_group() {
    let mut tally = Tally::default();
    let programs = all();
    assert!(!programs.is_empty(), "there are goldens to compare with");
    for program in &programs {
        compare(program, &mut tally);
    }
    let groups = tally.agree + tally.disagree.len() + tally.unresolved.len();
    let share = 100.0 * tally.unresolved.len() as f64 / groups.max(1) as f64;
    for line in &tally.unresolved {
        println!("unresolved {line}");
    }
    for line in &tally.disagree {
        println!("disagrees  {line}");
    }
    println!(
        "{} programs, {groups} groups: {} agree, {} disagree, {} unresolved ({share:.1} %)",
        programs.len(),
        tally.agree,
        tally.disagree.len(),
        tally.unresolved.len(),
    );
    assert!(tally.disagree.is_empty(), "{} groups disagree", tally.disagree.len());
    assert!(share < 3.0, "{share:.1} % of the groups are unresolved");
}
