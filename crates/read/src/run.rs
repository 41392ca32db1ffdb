//! One run over all files: programs, assemblies, templates and dumps, each file as one thing only.

use crate::{Files, Options, Reading, cdk, cloudformation, dump};
use rayon::prelude::*;
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use tidegate_estate::{Diagnostic, Estate, Severity};

/// Reads everything there is to read among the files.
pub fn read(files: &dyn Files, options: &Options) -> Reading {
    let mut reading = cdk::read(files, options);
    let mut notes = Vec::new();
    let assemblies = assemblies(files, &reading, &mut notes);
    reading.diagnostics.extend(notes);
    let mut read: BTreeSet<Arc<str>> = reading.read.drain(..).collect();
    let below = |path: &str| assemblies.iter().any(|folder| is_below(path, folder));
    let outcomes: Vec<(String, Estate, Vec<Diagnostic>)> = assemblies
        .par_iter()
        .map(|folder| {
            let (estate, diagnostics) = cloudformation::read_assembly(folder, files, options);
            (folder.clone(), estate, diagnostics)
        })
        .collect();
    for (folder, estate, diagnostics) in outcomes {
        read.extend(
            files.list().iter().filter(|path| is_below(path, &folder) && path.ends_with(".json")).cloned(),
        );
        reading.estates.push(estate);
        reading.diagnostics.extend(diagnostics);
    }
    let candidates: Vec<&Arc<str>> =
        files.list().iter().filter(|path| !path.ends_with(".py") && !below(path)).collect();
    // One template needs no pool of threads: starting one costs more than reading it.
    let templates: Vec<_> = match &candidates[..] {
        [] => Vec::new(),
        [only] => vec![(Arc::clone(only), cloudformation::read_template(only, files, options))],
        many => many
            .par_iter()
            .map(|path| (Arc::clone(path), cloudformation::read_template(path, files, options)))
            .collect(),
    };
    let nested: HashSet<Arc<str>> = templates
        .iter()
        .filter_map(|(_, template)| template.as_ref())
        .flat_map(|template| template.nested.iter().cloned())
        .collect();
    let others: Vec<&Arc<str>> =
        templates.iter().filter(|(_, template)| template.is_none()).map(|(path, _)| path).collect();
    let dumps = dump::read(&others, files, options);
    reading.diagnostics.extend(dumps.diagnostics);
    read.extend(dumps.read);
    reading.estates.extend(dumps.estates);
    for (path, template) in templates {
        let Some(template) = template else { continue };
        read.insert(path.clone());
        if nested.contains(&path) {
            continue;
        }
        reading.diagnostics.extend(template.diagnostics);
        reading.estates.push(template.estate);
    }
    reading.read = read.into_iter().collect();
    reading.estates.retain(|estate| !estate.policies.is_empty() || !estate.direct_calls.is_empty());
    reading.diagnostics.sort_by(|a, b| (&a.path, a.span, &a.message).cmp(&(&b.path, b.span, &b.message)));
    reading.diagnostics.dedup();
    reading
}

fn is_below(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The folders of synthesized assemblies, outermost ones only. One that lies beside the program it was
/// made from is left alone: the program was read, and says more.
fn assemblies(files: &dyn Files, programs: &Reading, notes: &mut Vec<Diagnostic>) -> Vec<String> {
    let mut folders: Vec<String> = Vec::new();
    for path in files.list().iter().filter(|path| path.rsplit('/').next() == Some("manifest.json")) {
        let folder = parent(path);
        if folders.iter().any(|known| is_below(folder, known) || known == folder) {
            continue;
        }
        let Ok(bytes) = files.bytes(path) else { continue };
        if memchr::memmem::find(&bytes, b"aws:cloudformation:stack").is_none()
            && memchr::memmem::find(&bytes, b"cdk:cloud-assembly").is_none()
        {
            continue;
        }
        let beside = parent(folder);
        if !folder.is_empty() && programs.read.iter().any(|program| parent(program) == beside) {
            notes.push(Diagnostic {
                severity: Severity::Note,
                path: path.clone(),
                span: None,
                message: "this assembly was not read: the program it was made from stands beside it and was"
                    .into(),
            });
            continue;
        }
        folders.push(folder.to_owned());
    }
    folders
}
