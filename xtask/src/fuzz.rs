//! `cargo xtask fuzz`: runs the fuzz targets, one after the other, each starting from its corpus.
//!
//! What a run learns stays in the cache; the corpus in the repository changes only by hand, so that it stays small.

use crate::{tools, venv};
use anyhow::{Context, Result, bail, ensure};
use std::path::PathBuf;

/// Options of `cargo xtask fuzz`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Targets by name (default: all)
    targets: Vec<String>,
    /// How long each target runs; 0 only replays its corpus
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Print the names of the targets and run nothing
    #[arg(long, conflicts_with_all = ["targets", "seconds"])]
    list: bool,
}

/// Runs the targets; an error names those that failed.
pub fn run(arguments: &Arguments) -> Result<()> {
    let known = targets()?;
    if arguments.list {
        known.iter().for_each(|target| println!("{target}"));
        return Ok(());
    }
    if let Some(unknown) = arguments.targets.iter().find(|target| !known.contains(target)) {
        bail!("there is no target `{unknown}`; the targets are {}", known.join(", "));
    }
    tools::CARGO_FUZZ.ready()?;
    let chosen = if arguments.targets.is_empty() { &known } else { &arguments.targets };
    let mut failed = Vec::new();
    for target in chosen {
        println!("── {target}");
        if !passes(target, arguments.seconds)? {
            failed.push(target.as_str());
        }
    }
    ensure!(
        failed.is_empty(),
        "failed: {}. The input that did it is named above; make it small (`cargo fuzz tmin`), and add it to \
         fuzz/corpus/<target>/",
        failed.join(", ")
    );
    Ok(())
}

/// The targets, by the files that hold them.
fn targets() -> Result<Vec<String>> {
    let folder = folder().join("fuzz_targets");
    let entries = std::fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
        }
    }
    names.sort();
    Ok(names)
}

fn passes(target: &str, seconds: u64) -> Result<bool> {
    let learned = learned(target);
    std::fs::create_dir_all(&learned).with_context(|| format!("cannot make {}", learned.display()))?;
    let corpus = folder().join("corpus").join(target);
    let mut command = tools::cargo();
    command
        .args(["fuzz", "run"])
        // No code of the project is unsafe: what is looked for is panics, hangs and wrong answers, and without a
        // sanitizer that goes several times as fast.
        .args(["--sanitizer", "none"])
        .arg(target)
        // New inputs go to the first folder.
        .args([&learned, &corpus])
        .args(["--", "-timeout=20", "-rss_limit_mb=2048", "-max_len=32768", "-print_final_stats=1"]);
    match seconds {
        0 => command.arg("-runs=0"),
        seconds => command.arg(format!("-max_total_time={seconds}")),
    };
    let dictionary = folder().join("dictionaries").join(format!("{target}.txt"));
    if dictionary.is_file() {
        command.arg(format!("-dict={}", dictionary.display()));
    }
    let status = command
        .current_dir(folder())
        // Counting what was covered is a flag that the stable compiler keeps to itself otherwise.
        .env("RUSTC_BOOTSTRAP", "1")
        .status()
        .context("cannot start cargo fuzz")?;
    Ok(status.success())
}

fn folder() -> PathBuf {
    crate::root().join("fuzz")
}

fn learned(target: &str) -> PathBuf {
    venv::cache().join("fuzz").join(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_is_declared_and_has_a_small_corpus() {
        let manifest = std::fs::read_to_string(folder().join("Cargo.toml")).unwrap();
        let targets = targets().unwrap();
        assert_eq!(manifest.matches("[[bin]]").count(), targets.len());
        for target in targets {
            assert!(manifest.contains(&format!("name = \"{target}\"")), "{target} is not in Cargo.toml");
            let files: Vec<_> =
                std::fs::read_dir(folder().join("corpus").join(&target)).unwrap().flatten().collect();
            let bytes: u64 = files.iter().map(|file| file.metadata().unwrap().len()).sum();
            assert!((1..=60).contains(&files.len()) && bytes <= 192 << 10, "{target}: {} files", files.len());
        }
    }
}
