//! Which files a run looks at: the named ones, and those that a walk below named folders finds.
//!
//! The walk follows ignore files (`.gitignore`, `.ignore`) as ripgrep does, leaves hidden entries, build output and
//! third-party code alone unless named, follows no symbolic links, and opens nothing but regular files.

use super::archive::{self, Archive};
use super::open;
use super::relevance::{Kind, Look, look};
use super::root::{Root, name};
use anyhow::{Context as _, Result};
use ignore::overrides::{Override, OverrideBuilder};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};

/// Folders that hold build output, third-party code or a version control's own files. They are read only
/// when named.
const LEFT_ALONE: &[&str] =
    &["cdk.out", "node_modules", "site-packages", "__pycache__", ".git", ".venv", "venv"];

/// How to walk.
#[derive(Debug, Clone)]
pub struct WalkOptions {
    /// Follow `.gitignore` and `.ignore` files.
    pub ignore_files: bool,
    /// Also look at hidden files and folders.
    pub hidden: bool,
    /// Globs of paths below a named folder that are left out, relative to the root.
    pub exclude: Vec<String>,
    /// Threads.
    pub jobs: usize,
    /// Files larger than this are named but not read.
    pub file_bytes: u64,
}

/// A path that was left out although it could have mattered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// The path as the output shows it.
    pub path: String,
    /// Why, in words.
    pub reason: String,
    /// Whether the user named this very path.
    pub named: bool,
}

/// What a walk found.
#[derive(Debug, Default)]
pub struct Walk {
    /// Candidates, sorted, each once: Python files, and of the others those that can matter.
    pub paths: Vec<Arc<str>>,
    /// Bytes of small files that were read in full on the way.
    pub read: HashMap<Arc<str>, Arc<[u8]>>,
    /// Python files that do not name the CDK library: only an import makes them matter.
    pub quiet: std::collections::HashSet<Arc<str>>,
    /// Names on disk of files whose shown path is not their real one.
    pub odd_names: HashMap<Arc<str>, PathBuf>,
    /// What was left out, sorted.
    pub skipped: Vec<Skipped>,
    /// Folders and files that the user named, as shown.
    pub named: Vec<String>,
    /// Files that lay packed in archives, with their bytes.
    pub unpacked: HashMap<Arc<str>, Arc<[u8]>>,
    /// The archives among the files; none once they are unpacked.
    archives: Vec<Archive>,
}

/// What one thread tells about one entry.
enum Found {
    Candidate { shown: String, on_disk: Option<PathBuf>, bytes: Option<Vec<u8>>, quiet: bool },
    Archive(Archive),
    Skipped(Skipped),
}

/// Bytes kept from the first look, over all files of a run.
const KEPT_BYTES: usize = 32 << 20;

/// Walks the named paths. `looked_at` counts files as they go by.
pub fn walk(root: &Root, named: &[PathBuf], options: &WalkOptions, looked_at: &AtomicUsize) -> Result<Walk> {
    let excluded = excluded(root, &options.exclude)?;
    let (send, receive) = mpsc::channel();
    let mut result = Walk::default();
    std::thread::scope(|scope| {
        let found = &send;
        let mut folders = Vec::new();
        for path in named {
            let shown = root.show(path);
            match std::fs::metadata(path) {
                Ok(meta) if meta.is_dir() => folders.push((path.clone(), shown.clone())),
                Ok(_) => {
                    looked_at.fetch_add(1, Ordering::Relaxed);
                    let _ = found.send(named_file(root, path, shown.clone(), options));
                }
                Err(error) => {
                    let reason = open::reason(&error);
                    let _ = found.send(Found::Skipped(Skipped { path: shown.clone(), reason, named: true }));
                }
            }
            result.named.push(shown);
        }
        if folders.is_empty() {
            drop(send);
            collect(receive, &mut result);
        } else {
            let collecting = scope.spawn(move || {
                let mut result = Walk::default();
                collect(receive, &mut result);
                result
            });
            for (folder, shown) in folders {
                walk_folder(&folder, &shown, options, &excluded, &send, looked_at);
            }
            drop(send);
            let named = std::mem::take(&mut result.named);
            if let Ok(collected) = collecting.join() {
                result = collected;
            }
            result.named = named;
        }
    });
    let unpacked = archive::unpack(std::mem::take(&mut result.archives), options.file_bytes);
    result.skipped.extend(unpacked.skipped);
    result.paths.extend(unpacked.files.keys().cloned());
    result.unpacked = unpacked.files;
    result.paths.sort_unstable();
    result.paths.dedup();
    result.skipped.sort_unstable();
    result.skipped.dedup();
    Ok(result)
}

/// The project's own globs of what to leave out.
fn excluded(root: &Root, globs: &[String]) -> Result<Override> {
    let mut builder = OverrideBuilder::new(root.folder());
    for glob in globs {
        builder.add(&format!("!{glob}")).with_context(|| format!("`{glob}` in `exclude` is no glob"))?;
    }
    builder.build().context("`exclude` cannot be used")
}

fn collect(receive: mpsc::Receiver<Found>, into: &mut Walk) {
    let mut kept = 0;
    for found in receive {
        match found {
            Found::Skipped(skipped) => into.skipped.push(skipped),
            Found::Archive(archive) => into.archives.push(archive),
            Found::Candidate { shown, on_disk, bytes, quiet } => {
                let shown: Arc<str> = shown.into();
                if let Some(bytes) = bytes
                    && kept + bytes.len() <= KEPT_BYTES
                {
                    kept += bytes.len();
                    into.read.insert(shown.clone(), bytes.into());
                }
                if let Some(on_disk) = on_disk {
                    into.odd_names.insert(shown.clone(), on_disk);
                }
                if quiet {
                    into.quiet.insert(shown.clone());
                }
                into.paths.push(shown);
            }
        }
    }
}

/// A file that the user named is always a candidate, whatever its ending.
fn named_file(root: &Root, path: &Path, shown: String, options: &WalkOptions) -> Found {
    if archive::is_named_archive(path) {
        return Found::Archive(Archive { shown, on_disk: path.to_path_buf(), named: true });
    }
    let skip = |reason: String| Found::Skipped(Skipped { path: shown.clone(), reason, named: true });
    let (file, size) = match open::regular(path) {
        Ok(opened) => opened,
        Err(error) => return skip(open::reason(&error)),
    };
    if size > options.file_bytes {
        return skip(too_large(options.file_bytes));
    }
    match look(Kind::CdkSettings, file, size, options.file_bytes, &mut Vec::new()) {
        Ok(Look::Binary) => skip(BINARY.into()),
        Ok(Look::Huge) => skip(too_large(options.file_bytes)),
        Ok(Look::Matters(bytes)) => {
            let on_disk = (root.on_disk(&shown) != path).then(|| path.to_path_buf());
            Found::Candidate { shown, on_disk, bytes, quiet: false }
        }
        Ok(Look::Irrelevant) => Found::Candidate { shown, on_disk: None, bytes: None, quiet: false },
        Err(error) => skip(open::reason(&error)),
    }
}

fn walk_folder(
    folder: &Path,
    shown: &str,
    options: &WalkOptions,
    excluded: &Override,
    found: &mpsc::Sender<Found>,
    looked_at: &AtomicUsize,
) {
    let mut builder = ignore::WalkBuilder::new(folder);
    builder
        .hidden(!options.hidden)
        .ignore(options.ignore_files)
        .git_ignore(options.ignore_files)
        .parents(options.ignore_files)
        // What one user's machine ignores must not change what a project's scan finds.
        .git_global(false)
        .git_exclude(false)
        .require_git(false)
        .follow_links(false)
        .overrides(excluded.clone())
        .threads(options.jobs)
        .filter_entry(wanted);
    builder.build_parallel().run(|| {
        let mut buffer = Vec::new();
        Box::new(move |entry| {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let _ = found.send(Found::Skipped(walk_error(&error, folder, shown)));
                    return ignore::WalkState::Continue;
                }
            };
            let Some(file_type) = entry.file_type() else { return ignore::WalkState::Continue };
            if file_type.is_dir() || file_type.is_symlink() {
                return ignore::WalkState::Continue;
            }
            if let Some(kind) = Kind::of(entry.path()) {
                looked_at.fetch_add(1, Ordering::Relaxed);
                if !file_type.is_file() {
                    let path = below(entry.path(), folder, shown).0;
                    let reason = open::NOT_REGULAR.into();
                    let _ = found.send(Found::Skipped(Skipped { path, reason, named: false }));
                } else if let Some(candidate) =
                    walked_file(entry.path(), kind, folder, shown, options, &mut buffer)
                {
                    let _ = found.send(candidate);
                }
            }
            if file_type.is_file() && archive::is_archive(entry.path()) {
                looked_at.fetch_add(1, Ordering::Relaxed);
                let shown = below(entry.path(), folder, shown).0;
                let on_disk = entry.path().to_path_buf();
                let _ = found.send(Found::Archive(Archive { shown, on_disk, named: false }));
            }
            ignore::WalkState::Continue
        })
    });
}

/// Whether a walk goes into a folder.
fn wanted(entry: &ignore::DirEntry) -> bool {
    if entry.depth() == 0 || !entry.file_type().is_some_and(|kind| kind.is_dir()) {
        return true;
    }
    let left_alone = entry.file_name().to_str().is_some_and(is_left_alone);
    !left_alone && !entry.path().join("pyvenv.cfg").is_file()
}

/// Whether a folder of this name is read only when named.
pub(super) fn is_left_alone(folder: &str) -> bool {
    LEFT_ALONE.contains(&folder)
}

fn walked_file(
    path: &Path,
    kind: Kind,
    folder: &Path,
    folder_shown: &str,
    options: &WalkOptions,
    buffer: &mut Vec<u8>,
) -> Option<Found> {
    let place = || below(path, folder, folder_shown);
    let skip = |reason: String| Some(Found::Skipped(Skipped { path: place().0, reason, named: false }));
    let looked =
        open::walked(path).and_then(|(file, size)| look(kind, file, size, options.file_bytes, buffer));
    let (bytes, quiet) = match looked {
        Ok(Look::Matters(bytes)) => (bytes, false),
        Ok(Look::Irrelevant) if kind == Kind::Python => (None, true),
        Ok(Look::Irrelevant) => return None,
        Ok(Look::Binary) => return skip(BINARY.into()),
        Ok(Look::Huge) => return skip(too_large(options.file_bytes)),
        Err(error) => return skip(open::reason(&error)),
    };
    let (shown, odd) = place();
    Some(Found::Candidate { shown, on_disk: odd.then(|| path.to_path_buf()), bytes, quiet })
}

/// A walked path as shown, and whether it cannot be found by that text.
fn below(path: &Path, folder: &Path, folder_shown: &str) -> (String, bool) {
    let relative = path.strip_prefix(folder).unwrap_or(path);
    let mut shown = String::with_capacity(folder_shown.len() + relative.as_os_str().len() + 1);
    if folder_shown != "." {
        shown.push_str(folder_shown);
    }
    for component in relative.components() {
        if !shown.is_empty() {
            shown.push('/');
        }
        shown.push_str(&name(component.as_os_str()));
    }
    (shown, relative.to_str().is_none())
}

fn walk_error(error: &ignore::Error, folder: &Path, shown: &str) -> Skipped {
    fn path_of(error: &ignore::Error) -> Option<&Path> {
        match error {
            ignore::Error::WithPath { path, .. } => Some(path),
            ignore::Error::WithLineNumber { err, .. } | ignore::Error::WithDepth { err, .. } => path_of(err),
            ignore::Error::Loop { child, .. } => Some(child),
            _ => None,
        }
    }
    let path = path_of(error).unwrap_or(folder);
    let reason = match error.io_error() {
        Some(error) => open::reason(error),
        None => crate::escape::line(&error.to_string()).into_owned(),
    };
    Skipped { path: below(path, folder, shown).0, reason, named: path == folder }
}

pub(super) const BINARY: &str = "is not text, or not in UTF-8";

pub(super) fn too_large(limit: u64) -> String {
    format!("is larger than {} MiB, the limit for one file", limit >> 20)
}

#[cfg(test)]
#[path = "walk_tests.rs"]
mod tests;
