//! From paths to a report: what `scan` and every other command that judges the same inputs have in common.
//!
//! A command says which files ([`InputArgs`]) and what else ([`Terms`]); it gets everything that was read and
//! judged ([`Scanned`]), and prints or writes it as it likes.

use crate::cli::InputArgs;
use crate::commands::rules::unknown;
use crate::files::{DiskFiles, Root, Skipped, Walk, WalkOptions, walk};
use crate::output::{self, Detail, Run, Time};
use crate::positions::Sources;
use crate::progress::Progress;
use crate::{decisions, parameters};
use anyhow::{Context as _, Result, bail};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Instant, SystemTime};
use tidegate_audit::{AuditOptions, Baseline, Config, ReadSources, Report, Selection, audit};
use tidegate_estate::{Diagnostic, Estate, Severity};
use tidegate_read::{Limits, Reading};

/// Stack of each thread: what an analysis may need, and what is on the stack before it. Only what is used is
/// ever given by the system.
const STACK: usize = tidegate_read::STACK + (64 << 20);
/// Columns of text output where nobody says how wide the terminal is.
pub const WIDTH: usize = 120;

/// What a command wants besides its inputs.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// Whether a sign of life is drawn, on a terminal.
    pub progress: bool,
    /// With what the findings are compared.
    pub baseline: Against<'a>,
}

/// Which baseline counts.
#[derive(Debug, Clone, Copy)]
pub enum Against<'a> {
    /// This one; `None`: the one that the settings name, if they do.
    File(Option<&'a Path>),
    /// None at all: everything is a finding.
    Nothing,
}

/// What was read and judged.
pub struct Scanned {
    /// The folder that paths are relative to.
    pub root: Root,
    /// The project's settings.
    pub config: Config,
    /// What was asked of the audit, earlier decisions included.
    pub options: AuditOptions,
    /// The files.
    pub files: DiskFiles,
    /// Which of them were read as something.
    pub read: Vec<Arc<str>>,
    /// What the readers made of them.
    pub estates: Vec<Estate>,
    /// What the audit made of those, with the diagnostics of every stage.
    pub report: Report,
    /// What could not be read.
    pub skipped: Vec<Skipped>,
    /// When it began and how long it took.
    pub time: Time,
}

/// Runs `work` on a thread with the stack that an analysis may need.
pub fn deep<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let thread = std::thread::Builder::new().name("scan".into()).stack_size(STACK).spawn(work)?;
    match thread.join() {
        Ok(result) => result,
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

/// Finds the files, reads and judges them. To be called from within [`deep`].
pub fn scan(inputs: &InputArgs, terms: &Terms<'_>) -> Result<Scanned> {
    let (clock, start) = (SystemTime::now(), Instant::now());
    let root = root(inputs);
    let config = config(inputs, &root)?;
    let mut options = AuditOptions {
        selection: selection(inputs, &config)?,
        baseline: read_baseline(terms, &config, &root)?,
        reviews: decisions::read(&root)?,
        today: Some(output::date(clock)),
        ..Default::default()
    };
    let reading_options = tidegate_read::Options {
        limits: Limits::default(),
        parameters: inputs.parameters.as_deref().map(parameters::read).transpose()?.unwrap_or_default(),
    };

    let progress = Progress::start(terms.progress);
    let walk = walk_named(inputs, &config, &root, &reading_options.limits, &progress)?;
    start_threads(inputs, walk.paths.len());
    let mut skipped = walk.skipped.clone();
    let files = disk_files(inputs, &root, walk, &reading_options.limits)?;
    let mut reading = tidegate_read::read(&files, &reading_options);
    leave_out_unread(&mut reading, &mut skipped, |path| {
        inputs.paths.iter().any(|named| root.show(named) == path)
    });
    options.whole = skipped.is_empty() && inputs.paths.iter().any(|path| root.show(path) == ".");
    let marks = ReadSources { files: &files, read: &reading.read };
    let mut report = audit(&reading.estates, &config, &options, &marks);
    drop(progress);

    complete_diagnostics(&mut report, &skipped, reading.diagnostics);
    Ok(Scanned {
        root,
        config,
        options,
        files,
        read: reading.read,
        estates: reading.estates,
        report,
        skipped,
        time: Time::since(clock, start.elapsed()),
    })
}

/// What was read, and is not judged.
pub struct FilesRead {
    /// The files.
    pub files: DiskFiles,
    /// What the readers made of them.
    pub reading: Reading,
    /// What could not be read.
    pub skipped: Vec<Skipped>,
}

/// Finds files and reads them. To be called from within [`deep`].
pub fn read(paths: &[PathBuf], progress: bool) -> Result<FilesRead> {
    let inputs = InputArgs::of(paths.to_vec());
    let root = root(&inputs);
    let config = config(&inputs, &root)?;
    let options = tidegate_read::Options::default();
    let progress = Progress::start(progress);
    let walk = walk_named(&inputs, &config, &root, &options.limits, &progress)?;
    start_threads(&inputs, walk.paths.len());
    let mut skipped = walk.skipped.clone();
    let files = disk_files(&inputs, &root, walk, &options.limits)?;
    let mut reading = tidegate_read::read(&files, &options);
    leave_out_unread(&mut reading, &mut skipped, |path| paths.iter().any(|named| root.show(named) == path));
    drop(progress);
    Ok(FilesRead { files, reading, skipped })
}

impl Scanned {
    /// Where the audit gets texts from.
    pub fn texts(&self) -> ReadSources<'_> {
        ReadSources { files: &self.files, read: &self.read }
    }

    /// Lines and columns of places.
    pub fn sources(&self) -> Sources<'_> {
        Sources::new(&self.files)
    }

    /// The scan as the formats take it.
    pub fn as_run<'a>(&'a self, sources: &'a Sources<'a>, detail: Detail, strict: bool) -> Run<'a> {
        Run {
            report: &self.report,
            sources,
            files: self.read.len(),
            bytes: self.read.iter().map(|path| self.files.size(path)).sum(),
            skipped: &self.skipped,
            time: self.time,
            strict,
            detail,
            width: WIDTH,
        }
    }
}

/// The folder that the inputs' paths are relative to.
fn root(inputs: &InputArgs) -> Root {
    let first = inputs.paths.iter().find(|path| !is_stdin(path)).or(inputs.stdin_filename.as_ref());
    Root::find(first.map_or(Path::new("."), PathBuf::as_path))
}

fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

fn config(inputs: &InputArgs, root: &Root) -> Result<Config> {
    let path = inputs.config.clone().unwrap_or_else(|| root.folder().join("tidegate.toml"));
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if inputs.config.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Config::default());
        }
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    Config::parse(&text).map_err(|error| {
        anyhow::anyhow!("{}:{}:{}: {}", path.display(), error.line, error.column, error.message)
    })
}

fn selection(inputs: &InputArgs, config: &Config) -> Result<Selection> {
    // What the command line says goes before the settings.
    let select = if inputs.select.is_empty() { &config.scan.select } else { &inputs.select };
    let ignore = if inputs.ignore.is_empty() { &config.scan.ignore } else { &inputs.ignore };
    Selection::new(select, ignore).map_err(|error| anyhow::anyhow!(unknown(&error.0)))
}

/// The baseline that the settings name.
pub fn configured_baseline(config: &Config, root: &Root) -> Option<PathBuf> {
    config.scan.baseline.as_ref().map(|path| root.folder().join(path))
}

fn read_baseline(terms: &Terms<'_>, config: &Config, root: &Root) -> Result<Option<Baseline>> {
    let path = match terms.baseline {
        Against::Nothing => None,
        Against::File(named) => named.map(Path::to_path_buf).or_else(|| configured_baseline(config, root)),
    };
    let Some(path) = path else { return Ok(None) };
    let bytes =
        std::fs::read(&path).with_context(|| format!("cannot read the baseline {}", path.display()))?;
    Ok(Some(Baseline::parse(&bytes, &root.show(&path))?))
}

fn walk_named(
    inputs: &InputArgs,
    config: &Config,
    root: &Root,
    limits: &Limits,
    progress: &Progress,
) -> Result<Walk> {
    let stdin = inputs.paths.iter().any(|path| is_stdin(path));
    match (stdin, &inputs.stdin_filename) {
        (true, None) => bail!("`-` reads standard input, which needs a name: --stdin-filename NAME"),
        (false, Some(_)) => bail!("--stdin-filename names standard input, which is read for the path `-`"),
        _ => {}
    }
    let named: Vec<PathBuf> = inputs.paths.iter().filter(|path| !is_stdin(path)).cloned().collect();
    let options = WalkOptions {
        ignore_files: !inputs.no_ignore,
        hidden: inputs.hidden,
        jobs: jobs(inputs),
        file_bytes: limits.file_bytes,
        exclude: config.scan.exclude.clone(),
    };
    walk(root, &named, &options, &progress.looked_at)
}

fn jobs(inputs: &InputArgs) -> usize {
    inputs.jobs.or_else(|| std::thread::available_parallelism().ok()).map_or(1, |jobs| jobs.get())
}

/// Threads for the readers. A scan of one file needs none, and starting them takes time.
fn start_threads(inputs: &InputArgs, files: usize) {
    if files > 1 || inputs.jobs.is_some() {
        // Fails only if threads were started before, by a test in the same process.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(jobs(inputs)).stack_size(STACK).build_global();
    }
}

fn disk_files(inputs: &InputArgs, root: &Root, walk: Walk, limits: &Limits) -> Result<DiskFiles> {
    let mut files = DiskFiles::new(root.clone(), walk, limits.file_bytes);
    if let Some(name) = inputs.stdin_filename.as_deref() {
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
