//! `cargo xtask bench`: how long things take, next to what others need for the same input in the same run.
//!
//! A figure is a ratio, never an assertion: a machine that is busy, slow or strange makes no test fail.

mod growth;
mod measure;
mod papers;
mod programs;
mod questions;
mod random;
mod reach;
mod reports;
mod small;
mod snapshots;
mod templates;
mod trees;
mod walks;

use crate::{tools, venv};
use anyhow::{Context, Result, ensure};
use std::path::PathBuf;

/// Options of `cargo xtask bench`.
#[derive(clap::Args)]
pub struct Arguments {
    /// What to measure
    #[arg(value_enum, default_value_t = What::Scan)]
    what: What,
    /// Parts of it (default: all)
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,
    /// Megabytes of each generated tree
    #[arg(long, default_value_t = 1000)]
    size: u64,
    /// What the generated trees and templates grow from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Runs of each command on a small file
    #[arg(long, default_value_t = 40)]
    runs: usize,
    /// Checkov's command, where it is not on the path
    #[arg(long, default_value = "checkov")]
    checkov: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum What {
    /// Scans, whole and by their parts
    Scan,
    /// Reports, against a scan of the same input
    Report,
    /// Reports as PDF
    Papers,
    /// What leaves many interfaces, against reading them
    Reach,
    /// One question about what leaves an interface, against an SMT solver
    Question,
    /// A snapshot of many regions, against the vendor's own library
    Snapshot,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// A large tree in which few files matter, against ripgrep
    Tree,
    /// CDK programs, against their parser alone
    Programs,
    /// CloudFormation templates, against their parsers alone
    Templates,
    /// One small file from start to finish, against Checkov
    Small,
}

/// Measures, and prints ratios.
pub fn run(arguments: &Arguments) -> Result<()> {
    if cfg!(debug_assertions) {
        return again_in_release();
    }
    if arguments.what == What::Report {
        return reports::run(&tidegate()?, &cache());
    }
    if arguments.what == What::Papers {
        return papers::run(&cache());
    }
    if arguments.what == What::Reach {
        return reach::run(&tidegate()?, &cache());
    }
    if arguments.what == What::Question {
        let python = venv::python_with("venv-test", &venv::pins(venv::TESTS))?;
        return questions::run(&python, &cache());
    }
    if arguments.what == What::Snapshot {
        return snapshots::run(&tidegate()?, &cache());
    }
    let wanted = |part| arguments.only.is_empty() || arguments.only.contains(&part);
    if wanted(Part::Programs) {
        programs::run()?;
    }
    if wanted(Part::Templates) {
        templates::run(arguments.seed)?;
    }
    if wanted(Part::Tree) || wanted(Part::Small) {
        let tidegate = tidegate()?;
        if wanted(Part::Small) {
            small::run(&tidegate, &arguments.checkov, arguments.runs.max(1))?;
        }
        if wanted(Part::Tree) {
            walks::run(&tidegate, &cache(), arguments.size, arguments.seed)?;
        }
    }
    Ok(())
}

/// Chores are built to start quickly; what is measured within this process must be built as a release is.
fn again_in_release() -> Result<()> {
    let status = tools::cargo()
        .args(["run", "--quiet", "--release", "--package", "xtask", "--"])
        .args(std::env::args_os().skip(1))
        .current_dir(crate::root())
        .status()
        .context("cannot start cargo")?;
    ensure!(status.success(), "the benches ended with {status}");
    Ok(())
}

/// The release build of the scanner.
fn tidegate() -> Result<PathBuf> {
    let status = tools::cargo()
        .args(["build", "--quiet", "--release", "--package", "tidegate"])
        .current_dir(crate::root())
        .status()
        .context("cannot start cargo")?;
    ensure!(status.success(), "cargo build ended with {status}");
    // The chore itself was built into the same folder.
    let own = std::env::current_exe().context("where this program is")?;
    Ok(own.with_file_name(format!("tidegate{}", std::env::consts::EXE_SUFFIX)))
}

fn cache() -> PathBuf {
    venv::cache().join("bench")
}
