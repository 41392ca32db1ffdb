//! `tidegate scan`: find the files, read them, judge, write what was found, and end with the right status.

use super::rules::unknown;
use crate::cli::{BASELINE, ScanArgs};
use crate::exit::{self, Exit, FailOn, Terms};
use crate::files::{DiskFiles, Root, Skipped, Walk, WalkOptions, walk};
use crate::output::{self, Detail, Format, Run, Time, explain, text};
use crate::positions::Sources;
use crate::progress::Progress;
use crate::{atomic, parameters, print};
use anyhow::{Context as _, Result, bail};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Instant, SystemTime};
use tidegate_audit::{AuditOptions, Baseline, Config, ReadSources, Report, Selection, audit};
use tidegate_estate::{Diagnostic, Severity};
use tidegate_read::{Limits, Reading};

/// Stack of each thread: what an analysis may need, and what is on the stack before it. Only what is used is
/// ever given by the system.
const STACK: usize = tidegate_read::STACK + (64 << 20);
/// Columns of text output where nobody says how wide the terminal is.
const WIDTH: usize = 120;

/// Runs a scan.
pub fn run(args: ScanArgs) -> Result<Exit> {
    let scan =
        std::thread::Builder::new().name("scan".into()).stack_size(STACK).spawn(move || scan(&args))?;
    match scan.join() {
        Ok(result) => result,
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

fn scan(args: &ScanArgs) -> Result<Exit> {
    let (clock, start) = (SystemTime::now(), Instant::now());
    let first = args.paths.iter().find(|path| !is_stdin(path)).or(args.stdin_filename.as_ref());
    let root = Root::find(first.map_or(Path::new("."), PathBuf::as_path));
    let config = config(args, &root)?;
    let selection = selection(args, &config)?;
    let old_baseline = baseline_path(args, &config, &root);
    let options = AuditOptions {
        selection,
        baseline: read_baseline(args, &root, old_baseline.as_deref())?,
        today: Some(output::date(clock)),
        ..Default::default()
    };
    let reading_options = tidegate_read::Options {
        limits: Limits::default(),
        parameters: args.parameters.as_deref().map(parameters::read).transpose()?.unwrap_or_default(),
    };

    let progress = Progress::start(!args.quiet);
    let walk = walk_named(args, &config, &root, &reading_options.limits, &progress)?;
    start_threads(args, walk.paths.len());
    let mut skipped = walk.skipped.clone();
    let files = disk_files(args, &root, walk, &reading_options.limits)?;
    let mut reading = tidegate_read::read(&files, &reading_options);
    leave_out_unread(&mut reading, &mut skipped, |path| {
        args.paths.iter().any(|named| root.show(named) == path)
    });
    let marks = ReadSources { files: &files, read: &reading.read };
    let mut report = audit(&reading.estates, &config, &options, &marks);
    drop(progress);

    complete_diagnostics(&mut report, &skipped, reading.diagnostics);
    let sources = Sources::new(&files);
    let detail = detail(args);
    let run = Run {
        report: &report,
        sources: &sources,
        files: reading.read.len(),
        bytes: reading.read.iter().map(|path| files.size(path)).sum(),
        skipped: &skipped,
        time: Time::since(clock, start.elapsed()),
        strict: args.strict || config.scan.strict,
        detail,
        width: WIDTH,
    };
    print::aside(&text::diagnostics(&report.diagnostics, &sources, detail, WIDTH), args.color.into());
    let terms = Terms {
        fail_on: args.fail_on.or(config.scan.fail_on.map(FailOn::Risk)).unwrap_or(FailOn::DEFAULT),
        strict: run.strict,
        named_unreadable: skipped.iter().any(|skipped| skipped.named),
        skipped: !skipped.is_empty(),
    };
    if let Some(target) = &args.write_baseline {
        return write_baseline(target.as_deref(), old_baseline, &root, &report, &terms);
    }
    if let Some(fingerprint) = &args.explain {
        return explained(args, &run, fingerprint);
    }
    write(args, &output::render(args.format, &run)?)?;
    Ok(exit::status(&report, &terms))
}

fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

fn detail(args: &ScanArgs) -> Detail {
    match (args.quiet, args.verbose) {
        (true, _) => Detail::Quiet,
        (_, true) => Detail::Verbose,
        _ => Detail::Normal,
    }
}

fn config(args: &ScanArgs, root: &Root) -> Result<Config> {
    let path = args.config.clone().unwrap_or_else(|| root.folder().join("tidegate.toml"));
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if args.config.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Config::default());
        }
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    Config::parse(&text).map_err(|error| {
        anyhow::anyhow!("{}:{}:{}: {}", path.display(), error.line, error.column, error.message)
    })
}

fn selection(args: &ScanArgs, config: &Config) -> Result<Selection> {
    // What the command line says goes before the settings.
    let select = if args.select.is_empty() { &config.scan.select } else { &args.select };
    let ignore = if args.ignore.is_empty() { &config.scan.ignore } else { &args.ignore };
    Selection::new(select, ignore).map_err(|error| anyhow::anyhow!(unknown(&error.0)))
}

fn baseline_path(args: &ScanArgs, config: &Config, root: &Root) -> Option<PathBuf> {
    let configured = || config.scan.baseline.as_ref().map(|path| root.folder().join(path));
    args.baseline.clone().or_else(configured)
}

fn read_baseline(args: &ScanArgs, root: &Root, path: Option<&Path>) -> Result<Option<Baseline>> {
    // A new baseline holds everything there is, also what the old one muted.
    let Some(path) = path.filter(|_| args.write_baseline.is_none()) else { return Ok(None) };
    let bytes =
        std::fs::read(path).with_context(|| format!("cannot read the baseline {}", path.display()))?;
    Ok(Some(Baseline::parse(&bytes, &root.show(path))?))
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

fn walk_named(
    args: &ScanArgs,
    config: &Config,
    root: &Root,
    limits: &Limits,
    progress: &Progress,
) -> Result<Walk> {
    let stdin = args.paths.iter().any(|path| is_stdin(path));
    match (stdin, &args.stdin_filename) {
        (true, None) => bail!("`-` reads standard input, which needs a name: --stdin-filename NAME"),
        (false, Some(_)) => bail!("--stdin-filename names standard input, which is read for the path `-`"),
        _ => {}
    }
    let named: Vec<PathBuf> = args.paths.iter().filter(|path| !is_stdin(path)).cloned().collect();
    let options = WalkOptions {
        ignore_files: !args.no_ignore,
        hidden: args.hidden,
        jobs: jobs(args),
        file_bytes: limits.file_bytes,
        exclude: config.scan.exclude.clone(),
    };
    walk(root, &named, &options, &progress.looked_at)
}

fn jobs(args: &ScanArgs) -> usize {
    args.jobs.or_else(|| std::thread::available_parallelism().ok()).map_or(1, |jobs| jobs.get())
}

/// Threads for the readers. A scan of one file needs none, and starting them takes time.
fn start_threads(args: &ScanArgs, files: usize) {
    if files > 1 || args.jobs.is_some() {
        // Fails only if threads were started before, by a test in the same process.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(jobs(args)).stack_size(STACK).build_global();
    }
}

fn disk_files(args: &ScanArgs, root: &Root, walk: Walk, limits: &Limits) -> Result<DiskFiles> {
    let mut files = DiskFiles::new(root.clone(), walk, limits.file_bytes);
    if let Some(name) = args.stdin_filename.as_deref() {
        let mut bytes = Vec::new();
        std::io::stdin()
            .lock()
            .take(limits.file_bytes.saturating_add(1))
            .read_to_end(&mut bytes)
            .context("cannot read standard input")?;
        if bytes.len() as u64 > limits.file_bytes {
            bail!("standard input is larger than {} MiB, the limit for one file", limits.file_bytes >> 20);
        }
        files.give(&root.show(name), bytes);
    }
    Ok(files)
}

/// A file of which a reader could read nothing was not read: it is skipped like one that cannot be opened.
fn leave_out_unread(reading: &mut Reading, skipped: &mut Vec<Skipped>, named: impl Fn(&str) -> bool) {
    let unread = reading.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
    let unread: std::collections::BTreeMap<&Arc<str>, &str> =
        unread.map(|diagnostic| (&diagnostic.path, diagnostic.message.as_str())).collect();
    reading.read.retain(|path| !unread.contains_key(path));
    for (path, message) in unread {
        if !skipped.iter().any(|known| *known.path == **path) {
            skipped.push(Skipped { path: path.to_string(), reason: message.to_owned(), named: named(path) });
        }
    }
    skipped.sort_unstable();
}

/// The report's diagnostics with those of the walk and of the readers, in order of path.
fn complete_diagnostics(report: &mut Report, skipped: &[Skipped], read: Vec<Diagnostic>) {
    let told = |path: &str| read.iter().any(|d| d.severity == Severity::Error && *d.path == *path);
    let walked: Vec<Diagnostic> = skipped
        .iter()
        .filter(|skipped| !told(&skipped.path))
        .map(|skipped| Diagnostic {
            severity: Severity::Error,
            path: Arc::from(skipped.path.as_str()),
            span: None,
            message: format!("not read: {}", skipped.reason),
        })
        .collect();
    let mut all: Vec<Diagnostic> =
        walked.into_iter().chain(read).chain(std::mem::take(&mut report.diagnostics)).collect();
    all.sort_by(|a, b| (&a.path, a.span, &a.message).cmp(&(&b.path, b.span, &b.message)));
    all.dedup();
    report.diagnostics = all;
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
        None => Ok(print::document(content)?),
    }
}
