//! `tidegate reach`: what workloads can really talk to.

mod answers;
mod difference;
mod graph;
mod json;
mod question;
mod svg;
mod table;
mod unfiltered;

use crate::cli::{ReachArgs, ReachFormat};
use crate::exit::Exit;
use crate::output::{Detail, text};
use crate::pipeline::{self, FilesRead};
use crate::positions::Sources;
use crate::{atomic, print};
use answers::Answers;
use anyhow::{Result, bail};
use std::path::PathBuf;
use tidegate_estate::Estate;

/// Policies with more worlds than this are not told apart. Dumps have few.
const WORLDS: usize = 64;

/// Runs the command.
pub fn run(args: ReachArgs) -> Result<Exit> {
    pipeline::deep(move || if args.diff.is_empty() { reach(&args) } else { compared(&args) })
}

fn reach(args: &ReachArgs) -> Result<Exit> {
    let read = read(args, &args.paths)?;
    let sources = Sources::new(&read.files);
    let (estates, from) = (estates(&read)?, args.from.as_deref());
    let (shown, exit) = match &args.to {
        Some(to) => {
            let answers = Answers::of(estates, from)?;
            if matches!(args.format, ReachFormat::Dot | ReachFormat::Svg) {
                bail!(
                    "one question is answered as text or JSON: leave out --to for a picture of all ways out"
                );
            }
            let answered = question::answer(&answers, to)?;
            let exit = if answered.arrives() { Exit::Findings } else { Exit::Clean };
            let shown = match args.format {
                ReachFormat::Json => question::json(&answered, &sources)?,
                _ => question::text(&answered, &sources),
            };
            (shown, exit)
        }
        None => {
            let shown = match args.format {
                ReachFormat::Text if from.is_some() => {
                    let answers = Answers::of(estates, from)?;
                    table::text(&answers, &table::in_full(&answers))
                }
                ReachFormat::Text => table::text(&Answers::<()>::of(estates, from)?, ""),
                ReachFormat::Json => json::render(&Answers::of(estates, from)?, &read)?,
                ReachFormat::Dot => graph::Graph::of(&Answers::<()>::of(estates, from)?).as_dot(),
                ReachFormat::Svg => svg::draw(&graph::Graph::of(&Answers::<()>::of(estates, from)?)),
            };
            (shown, Exit::Clean)
        }
    };
    put(args, &shown)?;
    Ok(status(exit, &[&read]))
}

fn compared(args: &ReachArgs) -> Result<Exit> {
    let [old, new] = args.diff.as_slice() else { bail!("--diff takes two snapshots: --diff OLD NEW") };
    let (old, new) = (read(args, std::slice::from_ref(old))?, read(args, std::slice::from_ref(new))?);
    let (before, after) = (Answers::of(estates(&old)?, None)?, Answers::of(estates(&new)?, None)?);
    let difference = difference::Difference::of(&before, &after);
    let shown = match args.format {
        ReachFormat::Text => difference.text(),
        ReachFormat::Json => difference.json()?,
        ReachFormat::Dot | ReachFormat::Svg => bail!("--diff answers as text or JSON"),
    };
    put(args, &shown)?;
    let exit = if difference.is_empty() { Exit::Clean } else { Exit::Findings };
    Ok(status(exit, &[&old, &new]))
}

fn read(args: &ReachArgs, paths: &[PathBuf]) -> Result<FilesRead> {
    let read = pipeline::read(paths, !args.quiet)?;
    let detail = if args.quiet { Detail::Quiet } else { Detail::Normal };
    let sources = Sources::new(&read.files);
    let told = text::diagnostics(&read.reading.diagnostics, &sources, detail, pipeline::WIDTH);
    print::aside(&told, args.color.into());
    let told = |path: &str| read.reading.diagnostics.iter().any(|told| *told.path == *path);
    for skipped in read.skipped.iter().filter(|skipped| !told(&skipped.path)) {
        let told = format!("error: not read: {}: {}", skipped.path, skipped.reason);
        print::aside(&format!("{}\n", crate::escape::line(&told)), args.color.into());
    }
    Ok(read)
}

/// The estates that show interfaces.
fn estates(read: &FilesRead) -> Result<Vec<&Estate>> {
    let all: Vec<&Estate> =
        read.reading.estates.iter().filter(|estate| !estate.network.interfaces.is_empty()).collect();
    if all.is_empty() {
        bail!(
            "no interface, no machine and no pod is among the files: `aws ec2 describe-network-interfaces`, `az network nic \
             list`, `gcloud compute instances list --format=json` or `kubectl get pods -A -o json` shows them; docs/reach.md \
             says which answers beside it make the ways out known"
        );
    }
    Ok(all)
}

fn put(args: &ReachArgs, shown: &str) -> Result<()> {
    match &args.output {
        Some(path) => atomic::write(path, print::plain(shown).as_bytes()),
        None => Ok(print::result(shown, args.color.into())?),
    }
}

fn status(exit: Exit, read: &[&FilesRead]) -> Exit {
    let skipped = || read.iter().flat_map(|read| &read.skipped);
    let lacking = || {
        let mut told = read.iter().flat_map(|read| &read.reading.diagnostics);
        told.any(|told| told.severity == tidegate_estate::Severity::Error)
    };
    if skipped().any(|skipped| skipped.named) {
        Exit::Usage
    } else if exit == Exit::Clean && (skipped().next().is_some() || lacking()) {
        Exit::Incomplete
    } else {
        exit
    }
}
