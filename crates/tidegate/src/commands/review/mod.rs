//! `tidegate review`: what awaits a decision, and the decisions themselves.

mod dialog;
mod list;

use crate::cli::{REVIEWS, ReviewArgs, Setting};
use crate::exit::{self, Exit, FailOn};
use crate::output::{Detail, explain, text};
use crate::pipeline::{self, Against, Scanned, WIDTH};
use crate::{decisions, escape, output, print};
use anyhow::{Context as _, Result, anyhow, bail};
use std::io::IsTerminal as _;
use std::time::SystemTime;
use tidegate_audit::{Answers, Date, Decision, Finding, Report, Reviews, Status};

/// Runs a review.
pub fn run(args: ReviewArgs) -> Result<Exit> {
    pipeline::deep(move || review(&args))
}

fn review(args: &ReviewArgs) -> Result<Exit> {
    let terms = pipeline::Terms { progress: !args.quiet, baseline: Against::File(None) };
    let scanned = pipeline::scan(&args.inputs, &terms)?;
    let detail = if args.quiet { Detail::Quiet } else { Detail::Normal };
    let diagnostics = text::diagnostics(&scanned.report.diagnostics, &scanned.sources(), detail, WIDTH);
    print::aside(&diagnostics, args.color.into());
    let changes = !args.set.is_empty() || !args.remove.is_empty() || args.prune;
    if args.list {
        print::result(&list::decisions(&scanned, today()?), args.color.into())?;
    } else if changes {
        change(args, &scanned)?;
    } else if std::io::stdin().is_terminal() && console::Term::stderr().is_term() {
        dialog::run(&scanned, || author(args, &scanned), today()?)?;
    } else {
        print::result(&list::awaiting(&scanned), args.color.into())?;
    }
    Ok(status(&scanned))
}

/// Findings are what a review is about, so they are no failure of it; what could not be read still is.
fn status(scanned: &Scanned) -> Exit {
    let report = Report { findings: Vec::new(), ..scanned.report.clone() };
    let terms = exit::Terms {
        fail_on: FailOn::Never,
        strict: false,
        named_unreadable: scanned.skipped.iter().any(|skipped| skipped.named),
        skipped: !scanned.skipped.is_empty(),
    };
    exit::status(&report, &terms)
}

fn today() -> Result<Date> {
    Ok(output::date(SystemTime::now()).parse()?)
}

fn author(args: &ReviewArgs, scanned: &Scanned) -> Result<String> {
    args.by
        .clone()
        .or_else(|| decisions::author(&scanned.root))
        .context("nobody knows who decides: --by NAME, or `git config user.name`")
}

/// What the command line asks to set, take back and drop. All of it is checked before anything is written.
fn change(args: &ReviewArgs, scanned: &Scanned) -> Result<()> {
    let (by, today) = (author(args, scanned)?, today()?);
    if let Some(until) = args.until
        && until < today
    {
        bail!("--until {until} is over already: today is {today}");
    }
    let set: Vec<(&Finding, Status)> = args
        .set
        .iter()
        .map(|Setting { fingerprint, status }| Ok((named(scanned, fingerprint)?, *status)))
        .collect::<Result<_>>()?;
    let known = decisions::read(&scanned.root)?;
    let taken_back: Vec<String> = args
        .remove
        .iter()
        .map(|fingerprint| decided(&known, scanned, fingerprint))
        .collect::<Result<Vec<_>>>()?
        .concat();
    let stale = if args.prune { stale(&known, scanned)? } else { Vec::new() };
    let because = args.because.as_deref().unwrap_or_default().trim();
    if !set.is_empty() && because.is_empty() {
        bail!("a decision needs a reason: --because \"…\"");
    }
    let answers = Answers {
        sensitive_data: args.sensitive.map(bool::from),
        private_network: args.private.map(bool::from),
    };
    decisions::update(&scanned.root, |reviews| {
        for (finding, status) in &set {
            reviews.decide(finding, &decision(*status, &by, today, because, args.until, answers));
        }
        for fingerprint in &taken_back {
            reviews.withdraw(fingerprint, &by, today, because);
        }
        for fingerprint in &stale {
            reviews.drop_entry(fingerprint);
        }
    })?;
    if !args.quiet {
        let mut told = String::new();
        for (finding, status) in &set {
            told.push_str(&list::told(finding, *status));
        }
        let count = |number: usize| crate::words::counted(number, "decision");
        if !args.remove.is_empty() {
            told.push_str(&format!("{} taken back\n", count(taken_back.len())));
        }
        if args.prune {
            told.push_str(&format!("{} dropped\n", count(stale.len())));
        }
        print::aside(&format!("{told}written to {REVIEWS}\n"), args.color.into());
    }
    Ok(())
}

fn decision(
    status: Status,
    by: &str,
    on: Date,
    because: &str,
    until: Option<Date>,
    answers: Answers,
) -> Decision {
    Decision {
        status,
        by: by.to_owned(),
        on,
        because: because.to_owned(),
        until,
        sensitive_data: answers.sensitive_data,
        private_network: answers.private_network,
    }
}

/// The finding that a fingerprint, or the beginning of one, stands for.
fn named<'a>(scanned: &'a Scanned, fingerprint: &str) -> Result<&'a Finding> {
    let shown = escape::line(fingerprint);
    match explain::find(&scanned.report, fingerprint) {
        explain::Named::One(finding, None) => Ok(finding),
        explain::Named::One(_, Some(muted)) => {
            bail!(
                "`{shown}` awaits no decision, it is muted by {}",
                escape::line(crate::words::muted_by(muted))
            )
        }
        explain::Named::None => bail!("no finding of this scan has the fingerprint `{shown}`"),
        explain::Named::Several(count) => {
            bail!("{count} findings have a fingerprint that begins with `{shown}`; give more of it")
        }
    }
}

/// The entries that a fingerprint stands for: of a finding with all its subjects, or of one subject.
fn decided(reviews: &Reviews, scanned: &Scanned, fingerprint: &str) -> Result<Vec<String>> {
    let standing =
        |print: &str| reviews.get(print).is_some_and(|review| review.decision.status != Status::ToReview);
    if let explain::Named::One(finding, _) = explain::find(&scanned.report, fingerprint) {
        let entries: Vec<String> = finding
            .identities
            .iter()
            .map(|identity| identity.fingerprint.clone())
            .filter(|print| standing(print))
            .collect();
        if !entries.is_empty() {
            return Ok(entries);
        }
    }
    let wanted = fingerprint.trim().to_ascii_lowercase();
    let entries: Vec<&str> = reviews
        .iter()
        .map(|(print, _)| print)
        .filter(|print| !wanted.is_empty() && print.starts_with(&wanted) && standing(print))
        .collect();
    let shown = escape::line(fingerprint);
    match entries.as_slice() {
        [one] => Ok(vec![(*one).to_owned()]),
        [] => Err(anyhow!("there is no decision about `{shown}`")),
        several => Err(anyhow!("{} decisions begin with `{shown}`; give more of it", several.len())),
    }
}

/// What `--prune` drops: what matches nothing any more, and what was taken back.
fn stale(reviews: &Reviews, scanned: &Scanned) -> Result<Vec<String>> {
    if !scanned.options.whole {
        bail!("--prune needs to see all of the project: review its root, with every file readable");
    }
    let asked = |rule| scanned.options.selection.reports(rule);
    let mut stale = reviews.orphans(&scanned.report, asked, &scanned.texts());
    let withdrawn = reviews.iter().filter(|(_, review)| review.decision.status == Status::ToReview);
    stale.extend(withdrawn.map(|(fingerprint, _)| fingerprint.to_owned()));
    Ok(stale)
}
