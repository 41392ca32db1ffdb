//! `tidegate scan`: judge what there is, write what was found, and end with the right status.

use crate::cli::{BASELINE, ScanArgs};
use crate::exit::{self, Exit, FailOn, Terms};
use crate::files::Root;
use crate::output::{self, Detail, Format, Run, explain, text};
use crate::pipeline::{self, Against, WIDTH};
use crate::{atomic, print};
use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};
use tidegate_audit::{Baseline, Report};

/// Runs a scan.
pub fn run(args: ScanArgs) -> Result<Exit> {
    pipeline::deep(move || scan(&args))
}

fn scan(args: &ScanArgs) -> Result<Exit> {
    // A new baseline holds everything there is, also what the old one muted.
    let baseline = match args.write_baseline {
        Some(_) => Against::Nothing,
        None => Against::File(args.baseline.as_deref()),
    };
    let scanned = pipeline::scan(&args.inputs, &pipeline::Terms { progress: !args.quiet, baseline })?;
    let sources = scanned.sources();
    let detail = detail(args);
    let run = scanned.as_run(&sources, detail, args.strict || scanned.config.scan.strict);
    let report = &scanned.report;
    print::aside(&text::diagnostics(&report.diagnostics, &sources, detail, WIDTH), args.color.into());
    let terms = Terms {
        fail_on: args.fail_on.or(scanned.config.scan.fail_on.map(FailOn::Risk)).unwrap_or(FailOn::DEFAULT),
        strict: run.strict,
        named_unreadable: scanned.skipped.iter().any(|skipped| skipped.named),
        skipped: !scanned.skipped.is_empty(),
    };
    if let Some(target) = &args.write_baseline {
        let configured =
            args.baseline.clone().or_else(|| pipeline::configured_baseline(&scanned.config, &scanned.root));
        return write_baseline(target.as_deref(), configured, &scanned.root, report, &terms);
    }
    if let Some(fingerprint) = &args.explain {
        return explained(args, &run, fingerprint);
    }
    write(args, &output::render(args.format, &run)?)?;
    Ok(exit::status(report, &terms))
}

fn detail(args: &ScanArgs) -> Detail {
    match (args.quiet, args.verbose) {
        (true, _) => Detail::Quiet,
        (_, true) => Detail::Verbose,
        _ => Detail::Normal,
    }
}

fn write_baseline(
    target: Option<&Path>,
    configured: Option<PathBuf>,
    root: &Root,
    report: &Report,
    terms: &Terms,
) -> Result<Exit> {
    let path = match target {
        Some(target) => target.to_path_buf(),
        None => configured.unwrap_or_else(|| root.folder().join(BASELINE)),
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    atomic::write(&path, Baseline::of(report).to_json().as_bytes())?;
    let count = crate::words::counted(report.findings.len(), "finding");
    print::aside(&format!("{count} written to {}\n", path.display()), anstream::ColorChoice::Auto);
    // What is in the baseline is accepted; whether everything could be read still counts.
    Ok(exit::status(&Report { findings: Vec::new(), ..report.clone() }, &Terms { strict: false, ..*terms }))
}

fn explained(args: &ScanArgs, run: &Run<'_>, fingerprint: &str) -> Result<Exit> {
    match explain::find(run.report, fingerprint) {
        explain::Named::One(finding, muted) => {
            write(args, &explain::render(run, finding, muted))?;
            Ok(Exit::Clean)
        }
        explain::Named::None => {
            bail!("no finding of this scan has the fingerprint `{}`", crate::escape::line(fingerprint))
        }
        explain::Named::Several(count) => {
            bail!(
                "{count} findings have a fingerprint that begins with `{}`; give more of it",
                crate::escape::line(fingerprint)
            )
        }
    }
}

fn write(args: &ScanArgs, content: &str) -> Result<()> {
    let coloured = args.format == Format::Text;
    match &args.output {
        Some(path) if coloured && args.color != crate::cli::Colour::Always => {
            atomic::write(path, print::plain(content).as_bytes())
        }
        Some(path) => atomic::write(path, content.as_bytes()),
        None if coloured => Ok(print::result(content, args.color.into())?),
        None => Ok(print::document(content.as_bytes())?),
    }
}
