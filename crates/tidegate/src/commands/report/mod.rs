//! `tidegate report`: what was found, as a document.

mod ask;
mod handover;
mod inspect;
mod json;
mod origins;
mod papers;
mod redacted;
mod settings;
mod write;

use crate::cli::ReportArgs;
use crate::exit::{self, Exit, FailOn};
use crate::output::{Detail, text};
use crate::pipeline::{self, Against, Scanned};
use crate::print;
use anyhow::{Context as _, Result, bail};
use origins::ScannedOrigins;
use redacted::Redacted;
use settings::Settings;
use std::path::Path;
use std::time::SystemTime;
use tidegate_audit::{Report, RuleId};
use tidegate_report::compose::{self, Composed, Unfilled};
use tidegate_report::data::{Data, Inputs};
use tidegate_report::fill::Wishes;
use tidegate_report::redact::RedactedOrigins;
use tidegate_report::retest::{self, Earlier, Retested};
use write::Output;

/// Runs the command.
pub fn run(args: ReportArgs) -> Result<Exit> {
    pipeline::deep(move || report(&args))
}

fn report(args: &ReportArgs) -> Result<Exit> {
    let baseline = Against::File(args.baseline.as_deref());
    let terms = pipeline::Terms { progress: !args.quiet, baseline };
    let scanned = pipeline::scan(&args.inputs, &terms)?;
    let mut settings = Settings::of(args, &scanned)?;
    let sources = scanned.sources();
    let origins = ScannedOrigins::new(&scanned, &sources);
    let inputs = inputs(args, &scanned);
    let mut data = Data {
        report: &scanned.report,
        estates: &scanned.estates,
        origins: &origins,
        inputs: &inputs,
        about: &settings.about,
        retest: None,
        redactor: None,
    };
    let mut retest = args.retest.as_deref().map(|path| earlier(path, &data)).transpose()?;
    // Names are replaced once everything is compared that is compared by name.
    let redacted = args.redact.then(|| Redacted::of(&scanned, &inputs));
    let redacted_origins =
        redacted.as_ref().map(|by| RedactedOrigins { redactor: &by.redactor, origins: &origins });
    if let (Some(by), Some(origins)) = (&redacted, &redacted_origins) {
        retest.iter_mut().flatten().for_each(|one| by.retested(one));
        data = Data {
            report: &by.report,
            estates: &by.estates,
            origins,
            inputs: &by.inputs,
            redactor: Some(&by.redactor),
            ..data
        };
    }
    data.retest = retest.as_deref();
    if args.inspect {
        print::document(inspect::render(&data, &settings).as_bytes())?;
        return Ok(Exit::Clean);
    }
    let mut wishes = std::mem::take(&mut settings.wishes);
    let output = loop {
        match made(args, &data, &settings, &wishes, scanned.time.start) {
            Ok(output) => break output?,
            Err(unfilled) => ask::for_values(&unfilled, &mut wishes)?,
        }
    };
    let detail = if args.quiet { Detail::Quiet } else { Detail::Normal };
    let told = text::diagnostics(&scanned.report.diagnostics, &sources, detail, pipeline::WIDTH);
    print::aside(&told, args.color.into());
    if !args.quiet {
        for warning in &output.warnings {
            print::aside(&format!("warning: {}\n", crate::escape::line(warning)), args.color.into());
        }
    }
    write::write(args, &scanned, &sources, &data, output)?;
    if let Some(path) = &args.systems {
        crate::atomic::write(path, write::systems(&data)?.as_bytes())?;
    }
    Ok(status(&scanned))
}

/// What became of the findings of an earlier run.
fn earlier(path: &Path, data: &Data<'_>) -> Result<Vec<Retested>> {
    let shown = path.display();
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {shown}"))?;
    let earlier = Earlier::parse(&bytes).with_context(|| format!("cannot compare with {shown}"))?;
    Ok(retest::compare(&earlier, data))
}

/// A report is no gate: only what could not be read counts.
fn status(scanned: &Scanned) -> Exit {
    let unread = Report { diagnostics: scanned.report.diagnostics.clone(), ..Report::default() };
    let terms = exit::Terms {
        fail_on: FailOn::Never,
        strict: false,
        named_unreadable: scanned.skipped.iter().any(|skipped| skipped.named),
        skipped: !scanned.skipped.is_empty(),
    };
    exit::status(&unread, &terms)
}

/// The document or text that is asked for. The outer error is a template that lacks values, which may be asked for.
fn made(
    args: &ReportArgs,
    data: &Data<'_>,
    settings: &Settings,
    wishes: &Wishes,
    time: SystemTime,
) -> Result<Result<Output>, Unfilled> {
    if let Some(tool) = handover::tool(write::format(args)) {
        return handover::made(tool, args, data, settings, wishes, time);
    }
    if let Some(which) = &args.single {
        let chosen = compose::chosen(data, which);
        let rules: std::collections::BTreeSet<RuleId> = chosen.iter().map(|finding| finding.rule).collect();
        if chosen.is_empty() || (chosen.len() > 1 && RuleId::from_name(which).is_none()) {
            return Ok(not_one(which, chosen.len()));
        }
        if let Some(template) = &settings.template
            && rules.iter().any(|rule| template.rules.contains(rule))
        {
            return write::templates(args, data, settings, wishes, &chosen).map(Ok);
        }
        let composed = compose::single(*data, which, &settings.texts, wishes)?;
        return Ok(composed.map(Output::alone).ok_or_else(|| anyhow::anyhow!("nothing is called `{which}`")));
    }
    if let Some(template) = &settings.template {
        let of_rules = |finding: &&tidegate_audit::Finding| template.rules.contains(&finding.rule);
        let findings: Vec<_> = data.report.findings.iter().filter(of_rules).collect();
        if findings.is_empty() {
            return Ok(nothing_for(template, data));
        }
        return write::templates(args, data, settings, wishes, &findings).map(Ok);
    }
    let Composed { document, warnings } = compose::compose(*data, &settings.texts, wishes)?;
    Ok(Ok(Output { document, warnings, ..Output::default() }))
}

fn not_one(which: &str, found: usize) -> Result<Output> {
    let which = crate::escape::line(which);
    if found == 0 {
        bail!(
            "no finding has a fingerprint that begins with `{which}`, and no rule is called so; `tidegate scan` lists them"
        )
    }
    bail!("{found} findings have a fingerprint that begins with `{which}`; give more of it")
}

fn nothing_for(template: &settings::OwnTemplate, data: &Data<'_>) -> Result<Output> {
    let rules: Vec<&str> = template.rules.iter().map(|rule| rule.name()).collect();
    let others: std::collections::BTreeSet<&str> =
        data.report.findings.iter().map(|finding| finding.rule.name()).collect();
    let others: Vec<&str> = others.into_iter().collect();
    if others.is_empty() {
        bail!("there is no finding to fill {} in with", template.name)
    }
    bail!(
        "there is no finding of {} to fill {} in with; there are findings of {}: --for RULE names another",
        rules.join(", "),
        template.name,
        others.join(", ")
    )
}

fn inputs(args: &ReportArgs, scanned: &Scanned) -> Inputs {
    let paths: Vec<String> = args.inputs.paths.iter().map(|path| path.display().to_string()).collect();
    let shown = paths.iter().map(|path| tidegate_report::remedy::shell(path)).collect::<Vec<_>>().join(" ");
    Inputs {
        files: scanned.read.iter().map(ToString::to_string).collect(),
        skipped: scanned.skipped.iter().map(|one| (one.path.clone(), one.reason.clone())).collect(),
        command: format!("tidegate scan {shown}"),
        paths,
    }
}
