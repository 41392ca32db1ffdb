//! Which programs there are among the files, and what each of them says.

use super::context::Context;
use super::{Cdk, acl, aspects, effects, network, policy};
use crate::{FileError, Files, Options, Reading, STACK};
use memchr::memmem;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::sync::Arc;
use tidegate_estate::{Diagnostic, Estate, Place, Severity};
use tidegate_program::{Bounds, Interp, ObjectId};

/// The project's files, as an analysis asks for them.
pub(crate) struct Sources<'f> {
    files: &'f dyn Files,
    python: FxHashSet<Arc<str>>,
    folders: FxHashSet<String>,
}

impl<'f> Sources<'f> {
    fn new(files: &'f dyn Files) -> Self {
        let mut python = FxHashSet::default();
        let mut folders = FxHashSet::default();
        for path in files.list().iter().filter(|path| path.ends_with(".py")) {
            python.insert(path.clone());
            let mut at: &str = path;
            while let Some((folder, _)) = at.rsplit_once('/') {
                if !folders.insert(folder.to_owned()) {
                    break;
                }
                at = folder;
            }
        }
        Self { files, python, folders }
    }

    pub(crate) fn file(&self, path: &str) -> Option<Arc<[u8]>> {
        self.files.bytes(path).ok()
    }

    pub(crate) fn has_file(&self, path: &str) -> bool {
        self.python.contains(path) || self.python.is_empty() && self.files.bytes(path).is_ok()
    }

    pub(crate) fn has_folder(&self, folder: &str) -> bool {
        self.folders.contains(folder)
    }
}

/// One analysis: a program from its entry, or files that no entry reached.
#[derive(Debug, Default)]
struct Unit {
    /// The folder of its `cdk.json`, or of its entry.
    folder: String,
    /// Entry files; none = definitions are run with unknown arguments only.
    entries: Vec<Arc<str>>,
    /// Further files of the unit.
    files: Vec<Arc<str>>,
    /// Context from files, where there is a `cdk.json`.
    context: Option<serde_json::Map<String, serde_json::Value>>,
}

struct Outcome {
    estate: Estate,
    diagnostics: Vec<Diagnostic>,
    /// Files whose module level was run.
    loaded: Vec<Arc<str>>,
}

/// Reads every CDK program in Python among the files.
pub fn read(files: &dyn Files, options: &Options) -> Reading {
    let sources = Sources::new(files);
    let mut reading = Reading::default();
    let (units, loose) = units(&sources, &mut reading.diagnostics, options);
    let outcomes = run_all(&sources, units, options);
    let mut loaded: FxHashSet<Arc<str>> = FxHashSet::default();
    let mut estates = Vec::new();
    for outcome in outcomes {
        loaded.extend(outcome.loaded);
        reading.diagnostics.extend(outcome.diagnostics);
        estates.push(outcome.estate);
    }
    // Files that no entry reached, together by folder.
    let mut by_folder: BTreeMap<String, Vec<Arc<str>>> = BTreeMap::new();
    for path in loose.into_iter().filter(|path| !loaded.contains(path)) {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        by_folder.entry(folder).or_default().push(path);
    }
    let left = by_folder
        .into_iter()
        .map(|(folder, files)| Unit { folder, entries: Vec::new(), files, context: None })
        .collect();
    for outcome in run_all(&sources, left, options) {
        loaded.extend(outcome.loaded);
        reading.diagnostics.extend(outcome.diagnostics);
        estates.push(outcome.estate);
    }
    drop_repeated(&mut estates);
    reading.estates = estates;
    reading.estates.retain(|estate| !estate.policies.is_empty() || !estate.direct_calls.is_empty());
    reading.read = loaded.into_iter().collect();
    reading.read.sort();
    reading.diagnostics.sort_by(|a, b| (&a.path, a.span, &a.message).cmp(&(&b.path, b.span, &b.message)));
    reading.diagnostics.dedup();
    reading
}

/// The programs, and the files that belong to none so far.
fn units(
    sources: &Sources<'_>,
    diagnostics: &mut Vec<Diagnostic>,
    options: &Options,
) -> (Vec<Unit>, Vec<Arc<str>>) {
    let files = sources.files;
    let mut projects: BTreeMap<String, Unit> = BTreeMap::new();
    for path in files.list() {
        let Some(folder) = folder_of_settings(path) else { continue };
        if let Some(unit) = project(files, path, folder, diagnostics) {
            projects.insert(folder.to_owned(), unit);
        }
    }
    let candidates: Vec<(Arc<str>, bool)> = files
        .list()
        .par_iter()
        .filter(|path| path.ends_with(".py") && !files.is_quiet(path))
        .filter_map(|path| match files.bytes(path) {
            Ok(bytes) if bytes.len() as u64 <= options.limits.file_bytes => {
                memmem::find(&bytes, b"aws_cdk").map(|_| (path.clone(), builds_app(&bytes)))
            }
            _ => None,
        })
        .collect();
    for path in files.list().iter().filter(|path| path.ends_with(".py") && !files.is_quiet(path)) {
        if let Err(FileError::Unreadable(why)) = files.bytes(path) {
            diagnostics.push(Diagnostic {
                severity: Severity::Error,
                path: path.clone(),
                span: None,
                message: format!("cannot be read: {why}"),
            });
        }
    }
    let mut units = Vec::new();
    let mut loose = Vec::new();
    for (path, builds) in candidates {
        match nearest(&projects, &path).and_then(|folder| projects.get_mut(&folder)) {
            Some(unit) => {
                if unit.entries.is_empty() && builds {
                    // The command line names no Python file; what builds an App is an entry.
                    unit.files.insert(0, path);
                } else {
                    unit.files.push(path);
                }
            }
            None if builds => {
                let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
                units.push(Unit { folder, entries: vec![path.clone()], files: Vec::new(), context: None });
                loose.push(path);
            }
            None => loose.push(path),
        }
    }
    for mut unit in projects.into_values() {
        if unit.entries.is_empty() {
            let builds = |path: &Arc<str>| files.bytes(path).is_ok_and(|bytes| builds_app(&bytes));
            unit.entries = unit.files.iter().filter(|path| builds(path)).cloned().collect();
        }
        if !unit.entries.is_empty() || !unit.files.is_empty() {
            units.push(unit);
        }
    }
    units.sort_by(|a, b| (&a.folder, &a.entries).cmp(&(&b.folder, &b.entries)));
    (units, loose)
}

fn folder_of_settings(path: &str) -> Option<&str> {
    match path.rsplit_once('/') {
        Some((folder, "cdk.json")) => Some(folder),
        None if path == "cdk.json" => Some(""),
        _ => None,
    }
}

/// Whether a file builds an `App` somewhere.
fn builds_app(bytes: &[u8]) -> bool {
    memmem::find_iter(bytes, b"App(").any(|at| {
        // `MyApp(` is somebody's class, `cdk.App(`, `core.App(` and `App(` are the library's.
        !at.checked_sub(1)
            .is_some_and(|before| bytes[before].is_ascii_alphanumeric() || bytes[before] == b'_')
    })
}

fn nearest(projects: &BTreeMap<String, Unit>, path: &str) -> Option<String> {
    let mut at = path;
    loop {
        let folder = at.rsplit_once('/').map_or("", |(folder, _)| folder);
        if projects.contains_key(folder) {
            return Some(folder.to_owned());
        }
        if folder.is_empty() {
            return None;
        }
        at = folder;
    }
}

/// The program that a `cdk.json` names; `None` = it is no Python program.
fn project(
    files: &dyn Files,
    path: &Arc<str>,
    folder: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Unit> {
    let json = json_object(files, path, diagnostics)?;
    let app = json.get("app").and_then(|app| app.as_str()).unwrap_or_default();
    let join = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    let words: Vec<&str> = app.split_whitespace().map(|word| word.trim_matches(['"', '\''])).collect();
    let mut entry =
        words.iter().find(|word| word.ends_with(".py")).map(|word| word.trim_start_matches("./").to_owned());
    if entry.is_none() {
        let module = words.iter().position(|word| *word == "-m").and_then(|at| words.get(at + 1));
        entry = module.map(|module| module.replace('.', "/")).map(|module| {
            let package = format!("{module}/__main__.py");
            if files.bytes(&join(&package)).is_ok() { package } else { format!("{module}.py") }
        });
    }
    let entries: Vec<Arc<str>> = entry
        .map(|entry| Arc::from(join(&entry)))
        .into_iter()
        .filter(|entry: &Arc<str>| files.bytes(entry).is_ok())
        .collect();
    let mut context =
        json.get("context").and_then(|context| context.as_object()).cloned().unwrap_or_default();
    let answers: Arc<str> = join("cdk.context.json").into();
    if files.bytes(&answers).is_ok()
        && let Some(answers) = json_object(files, &answers, diagnostics)
    {
        for (key, value) in answers {
            context.entry(key).or_insert(value);
        }
    }
    Some(Unit { folder: folder.to_owned(), entries, files: Vec::new(), context: Some(context) })
}

fn json_object(
    files: &dyn Files,
    path: &Arc<str>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<serde_json::Map<String, serde_json::Value>> {
    let bytes = files.bytes(path).ok()?;
    match serde_json::from_slice(&bytes) {
        Ok(serde_json::Value::Object(map)) => Some(map),
        Ok(_) => None,
        Err(error) => {
            diagnostics.push(Diagnostic {
                severity: Severity::Warning,
                path: path.clone(),
                span: None,
                message: format!("not JSON ({error}): the context in it is not known"),
            });
            None
        }
    }
}

fn run_all(sources: &Sources<'_>, units: Vec<Unit>, options: &Options) -> Vec<Outcome> {
    // A new stack costs a mapping; a thread of its own would cost its start, and an empty heap to warm up.
    let run = |unit: &Unit| stacker::maybe_grow(STACK, STACK, || run(sources, unit, options));
    match &units[..] {
        [only] => vec![run(only)],
        _ => units.par_iter().map(run).collect(),
    }
}

fn run(sources: &Sources<'_>, unit: &Unit, options: &Options) -> Outcome {
    let bounds = Bounds {
        steps: options.limits.steps,
        depth: options.limits.call_depth,
        nesting: options.limits.depth,
        ..Bounds::default()
    };
    let mut roots: Vec<std::rc::Rc<str>> = Vec::new();
    for entry in &unit.entries {
        let folder = entry.rsplit_once('/').map_or("", |(folder, _)| folder);
        if !roots.iter().any(|root| &**root == folder) {
            roots.push(folder.into());
        }
    }
    if !roots.iter().any(|root| **root == *unit.folder) {
        roots.push(unit.folder.as_str().into());
    }
    let start = |open: bool| {
        let context = Context { files: unit.context.clone(), open, set: Default::default() };
        let mut cx = Interp::new(Cdk::new(sources, context), roots.clone(), bounds.clone());
        cx.detached = unit.entries.is_empty();
        cx.doubts_exceptions = open;
        for entry in &unit.entries {
            cx.run_entry(entry);
        }
        cx
    };
    let mut cx = start(false);
    if cx.broke_off {
        // As it stands it says nothing: perhaps it wants context on the command line, perhaps something of it was not
        // understood. Neither makes it safe.
        cx = start(true);
        cx.diagnostics.extend(unit.entries.first().map(|entry| Diagnostic {
            severity: Severity::Warning,
            path: entry.clone(),
            span: None,
            message: "this program ends with an exception before its end, as far as can be told: it was read as if \
                      context values that no file gives were given, and exceptions that nothing catches as if they \
                      might not be raised"
                .to_owned(),
        }));
    }
    cx.detached = true;
    cx.doubts_exceptions = false;
    let mut modules: Vec<(Arc<str>, ObjectId)> = Vec::new();
    for path in unit.entries.iter().chain(&unit.files) {
        if let Some(id) = cx.run_module(path) {
            modules.push((path.clone(), id));
        }
    }
    for (_, id) in modules {
        cx.run_unreached(id);
    }
    cx.detached = false;
    finish(cx)
}

/// What the run says: groups, default groups, ACLs.
fn finish(mut cx: Interp<Cdk<'_>>) -> Outcome {
    aspects::visit_all(&mut cx);
    effects::settle(&mut cx);
    put_tags(&mut cx);
    let groups = std::mem::take(&mut cx.host.groups);
    let mut estate = Estate::default();
    let mut repeated: FxHashMap<String, usize> = FxHashMap::default();
    for group in &groups {
        if let Some(mut policy) = policy::build(&mut cx, group) {
            // Two groups of one path: the loop or function that makes them has an id nobody can know.
            if let Some(path) = &policy.path {
                let count = repeated.entry(path.clone()).or_default();
                *count += 1;
                if *count > 1 && path.contains("{…}") {
                    policy.path = Some(format!("{path}#{count}"));
                }
            }
            estate.policies.push(policy);
        }
    }
    cx.host.groups = groups;
    estate.policies.extend(network::policies(&mut cx));
    estate.policies.extend(acl::policies(&mut cx));
    estate.prefix_lists =
        std::mem::take(&mut cx.host.network.prefix_lists).into_iter().map(|(_, list)| list).collect();
    estate.direct_calls = std::mem::take(&mut cx.host.direct_calls);
    estate.choices = std::mem::take(&mut cx.choices);
    let mut loaded: Vec<Arc<str>> =
        cx.entered.iter().filter(|(_, start)| *start == u32::MAX).map(|(path, _)| path.clone()).collect();
    loaded.sort();
    Outcome { estate, diagnostics: std::mem::take(&mut cx.diagnostics), loaded }
}

/// Tags put on a part of the tree count for every group in it.
fn put_tags(cx: &mut Interp<Cdk<'_>>) {
    let tags = std::mem::take(&mut cx.host.network.tags);
    for (scope, key, value) in tags {
        let Some(path) = cx.host.construct(scope).and_then(|construct| construct.path.clone()) else {
            continue;
        };
        for group in &mut cx.host.groups {
            let below = match &group.path {
                Some(own) => {
                    let below = own.strip_prefix(&*path);
                    path.is_empty() || below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                }
                None => group.construct == scope,
            };
            if below {
                group.tags.push((key.clone(), value.clone()));
            }
        }
    }
}

/// A definition that one program reaches is not reported again because another one does not.
fn drop_repeated(estates: &mut [Estate]) {
    let reached: FxHashSet<Place> = estates
        .iter()
        .flat_map(|estate| &estate.policies)
        .filter(|policy| policy.path.is_some())
        .map(|policy| policy.block.clone())
        .collect();
    let mut seen = FxHashSet::default();
    for estate in estates.iter_mut() {
        estate.policies.retain(|policy| {
            policy.path.is_some()
                || !reached.contains(&policy.block)
                    && seen.insert((policy.block.clone(), policy.name.clone()))
        });
    }
}
