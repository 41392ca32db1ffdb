//! Asking for values that a template lacks, in a terminal.

use anyhow::{Result, bail};
use std::io::{IsTerminal as _, Write as _};
use tidegate_report::compose::Unfilled;
use tidegate_report::fill::Wishes;
use tidegate_report::template::{ProblemKind, told};

/// Asks for each value that is missing, once. Without a terminal, or where something else is wrong, that is an error.
pub fn for_values(unfilled: &Unfilled, wishes: &mut Wishes) -> Result<()> {
    let askable = unfilled.problems.iter().all(|problem| {
        matches!(
            problem.kind,
            ProblemKind::NoValue(_) | ProblemKind::NoChoice(_) | ProblemKind::NotAmong { .. }
        )
    });
    if !askable || !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        let told: Vec<String> =
            told(&unfilled.problems).into_iter().map(|line| format!("  {line}")).collect();
        bail!(
            "{} cannot be filled in:\n{}\n  --draft keeps what is missing as it is",
            unfilled.template,
            told.join("\n")
        );
    }
    for problem in &unfilled.problems {
        let (name, question) = match &problem.kind {
            ProblemKind::NoValue(name) => {
                (name, format!("{name} (line {} of {}): ", problem.line, unfilled.template))
            }
            ProblemKind::NoChoice(all) | ProblemKind::NotAmong { alternatives: all, .. } => {
                (all, format!("one of {all}: "))
            }
            ProblemKind::NoEvidence(_) | ProblemKind::Unclosed => continue,
        };
        if wishes.values.contains_key(name) && matches!(problem.kind, ProblemKind::NoValue(_)) {
            continue;
        }
        let value = answer(&question)?;
        wishes.values.insert(name.clone(), value);
    }
    Ok(())
}

fn answer(question: &str) -> Result<String> {
    let mut err = std::io::stderr().lock();
    loop {
        write!(err, "{}", crate::escape::line(question))?;
        err.flush()?;
        let mut line = String::new();
        if std::io::stdin().read_line(&mut line)? == 0 {
            bail!("no answer was given; --set NAME=VALUE gives one, --draft leaves it open");
        }
        match line.trim() {
            "" => writeln!(err, "it needs a value; --draft leaves it open")?,
            answer => return Ok(answer.to_owned()),
        }
    }
}
