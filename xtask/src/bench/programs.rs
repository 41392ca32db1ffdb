//! CDK programs read, interpreted and judged, against their parser alone on the same files.
//!
//! The programs are those of `tests/oracle`. Large ones are made from them: the same program with every
//! module copied under new names and its stacks under new ids.

use super::measure::{by_turns, ratio, shown};
use anyhow::{Context, Result};
use ruff_python_parser::parse_module;
use std::path::Path;
use tidegate_audit::{AuditOptions, Config, ReadSources, audit};
use tidegate_read::{MemoryFiles, Options, read};

/// Copies of its stacks that a large program has.
const COPIES: [usize; 2] = [10, 40];

/// Measures every program.
pub fn run() -> Result<()> {
    println!("CDK programs: read, interpreted and judged, against parsing the same files (one thread each)");
    println!("{:<28} {:>7} {:>7} {:>9} {:>9} {:>7}", "program", "KB", "groups", "all", "parsing", "ratio");
    // What runs on the pool runs on one thread, as the parser does.
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .stack_size(tidegate_read::STACK + (64 << 20))
        .build()
        .context("no thread could be started")?;
    let mut ratios = Vec::new();
    for (name, files) in programs()? {
        let once = pool.install(|| measured(&name, &files));
        ratios.push(once);
        for copies in COPIES {
            // One large program of each kind that is built of stacks in modules.
            if name == "monolith_stack" || name == "legacy_l1" || name == "payment_pci" {
                let large = multiplied(&files, copies);
                pool.install(|| measured(&format!("{name} × {copies}"), &large));
            }
        }
    }
    ratios.sort_by(f64::total_cmp);
    let at = |share: usize| ratios.get((ratios.len() * share / 100).min(ratios.len().saturating_sub(1)));
    if let (Some(least), Some(middle), Some(most)) = (at(0), at(50), at(100)) {
        println!(
            "ratios of the {} programs: {least:.1} to {most:.1}, median {middle:.1} (goal: 3)\n",
            ratios.len()
        );
    }
    Ok(())
}

fn measured(name: &str, program: &[(String, String)]) -> f64 {
    let files = MemoryFiles::new(program.iter().map(|(path, text)| (path, text)));
    let python: Vec<&str> =
        program.iter().filter(|(path, _)| path.ends_with(".py")).map(|(_, text)| text.as_str()).collect();
    let (options, config, all) = (Options::default(), Config::default(), AuditOptions::default());
    let groups: usize = read(&files, &options).estates.iter().map(|estate| estate.policies.len()).sum();
    let judged = || {
        let reading = read(&files, &options);
        audit(&reading.estates, &config, &all, &ReadSources { files: &files, read: &reading.read })
    };
    let parsed = || python.iter().filter(|text| parse_module(text).is_ok()).count();
    let (ours, parsing) = by_turns(judged, parsed);
    let size: usize = python.iter().map(|text| text.len()).sum();
    println!(
        "{name:<28} {:>7.1} {groups:>7} {:>9} {:>9} {:>7.1}",
        size as f64 / 1e3,
        shown(ours),
        shown(parsing),
        ratio(ours, parsing)
    );
    ratio(ours, parsing)
}

/// A program: its files by path.
type Program = Vec<(String, String)>;

/// The oracle's programs by name, without what only synthesis reads.
fn programs() -> Result<Vec<(String, Program)>> {
    let folder = crate::root().join("tests/oracle/programs");
    let mut programs = Vec::new();
    for entry in std::fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let mut files = Program::new();
            collect(&path, &path, &mut files)?;
            files.sort();
            programs.push((name, files));
        }
    }
    programs.sort();
    Ok(programs)
}

fn collect(root: &Path, folder: &Path, files: &mut Program) -> Result<()> {
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if path.extension().is_some_and(|ending| ending == "py" || ending == "json") {
            let text =
                std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let relative = path.strip_prefix(root).unwrap_or(&path);
            files.push((relative.to_string_lossy().replace('\\', "/"), text));
        }
    }
    Ok(())
}

/// One program of `copies` times the size: its packages once per copy, and an entry that builds the stacks
/// of all of them.
fn multiplied(program: &[(String, String)], copies: usize) -> Program {
    let packages: Vec<&str> = {
        let mut names: Vec<_> = program
            .iter()
            .filter(|(path, _)| path.ends_with(".py"))
            .filter_map(|(path, _)| path.split_once('/').map(|(package, _)| package))
            .collect();
        names.dedup();
        names
    };
    let mut out = Program::new();
    let mut entry = String::new();
    for (path, text) in program {
        if path != "app.py" && !path.contains('/') {
            out.push((path.clone(), text.clone()));
        }
    }
    for copy in 0..copies {
        let renamed = |text: &str| {
            packages.iter().fold(text.to_owned(), |text, package| {
                text.replace(&format!("from {package}"), &format!("from {package}_{copy}"))
                    .replace(&format!("import {package}"), &format!("import {package}_{copy}"))
            })
        };
        for (path, text) in program {
            if path == "app.py" {
                // One application, and ids of its own for each copy.
                for line in renamed(text).lines() {
                    let once = line.contains("App()") || line.contains(".synth()");
                    if !once || (line.contains("App()") && copy == 0) {
                        entry.push_str(&line.replace("(app, \"", &format!("(app, \"copy{copy}-")));
                        entry.push('\n');
                    }
                }
            } else if let Some((package, rest)) = path.split_once('/') {
                out.push((format!("{package}_{copy}/{rest}"), renamed(text)));
            }
        }
    }
    entry.push_str("app.synth()\n");
    out.push(("app.py".into(), entry));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_multiplied_program_has_the_groups_of_all_its_copies() {
        let groups = |program: &[(String, String)]| {
            let files = MemoryFiles::new(program.iter().map(|(path, text)| (path, text)));
            let reading = read(&files, &Options::default());
            reading.estates.iter().map(|estate| estate.policies.len()).sum::<usize>()
        };
        let (_, program) =
            programs().unwrap().into_iter().find(|(name, _)| name == "monolith_stack").unwrap();
        assert_eq!(groups(&multiplied(&program, 3)), 3 * groups(&program));
    }
}
