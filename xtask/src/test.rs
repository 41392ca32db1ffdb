//! `cargo xtask test`: sets up what the tests need, then runs all of them.
//!
//! What could not be set up is said at the end, together with what was not tested because of it.

use crate::{debian, pages, tools, venv};
use anyhow::Result;
use std::process::Command;

/// Python packages that read files which are handed over to other tools: many, and needed by one test.
const READERS: &str = include_str!("../requirements-readers.txt");

/// Options of `cargo xtask test`.
#[derive(clap::Args)]
pub struct Arguments {
    /// The runner's profile in .config/nextest.toml
    #[arg(long, default_value = "default")]
    profile: String,
    /// Passed on to the runner: a filter, `--no-capture` …
    #[arg(last = true)]
    runner: Vec<String>,
}

/// Runs the tests; an error means that one of them failed.
pub fn run(arguments: &Arguments) -> Result<()> {
    let mut missing = Vec::new();
    let python = venv::python_with("venv-test", &venv::pins(venv::TESTS))
        .map_err(|error| {
            missing.push(format!(
                "Python packages ({error:#}): the comparison with an SMT solver and the checks of outputs against \
                 their schemas did not run"
            ));
        })
        .ok();
    let readers = venv::python_with("venv-readers", &venv::pins(READERS))
        .map_err(|error| {
            missing.push(format!(
                "Python packages ({error:#}): files for reporting tools were not read by those tools' own readers"
            ));
        })
        .ok();
    let aws = venv::python_with("venv-aws", &venv::pins(venv::AWS))
        .map_err(|error| {
            missing.push(format!(
                "Python packages ({error:#}): snapshots were not taken from a server that stands in for AWS"
            ));
        })
        .ok();
    let packages = pages::packages()
        .map_err(|error| {
            missing.push(format!(
                "Node.js packages ({error:#}): reports were looked at neither in a browser nor in a Markdown reader"
            ));
        })
        .ok();
    let chromium = packages.as_ref().and_then(|_| {
        pages::chromium()
            .map_err(|error| {
                missing.push(format!("Chromium ({error:#}): reports were not looked at in a browser"))
            })
            .ok()
    });

    if let Err(error) = debian::readers() {
        missing.push(format!(
            "programs that read PDF and DOCX ({error:#}): not all such files were opened by others"
        ));
    }

    let mut tests = match tools::NEXTEST.ready() {
        Ok(()) => {
            let mut command = tools::cargo();
            command.args(["nextest", "run", "--workspace", "--profile", &arguments.profile]);
            command.args(&arguments.runner);
            command
        }
        Err(error) => {
            missing.push(format!(
                "cargo-nextest ({error:#}): `cargo test` ran instead, without its time limits"
            ));
            let mut command = tools::cargo();
            command
                .args(["test", "--workspace", "--lib", "--bins", "--tests", "--no-fail-fast", "--"])
                .args(&arguments.runner);
            command
        }
    };
    let mut examples = tools::cargo();
    examples.args(["test", "--doc", "--workspace"]);
    for command in [&mut tests, &mut examples] {
        for (name, value) in [
            ("TIDEGATE_PYTHON", &python),
            ("TIDEGATE_READERS", &readers),
            ("TIDEGATE_AWS", &aws),
            ("TIDEGATE_PAGES", &packages),
            ("TIDEGATE_CHROMIUM", &chromium),
        ] {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
    }
    // Both run even if the first fails: one report of all that is wrong.
    let results = [passed("tests", tests), passed("examples in the documentation of the code", examples)];
    for line in &missing {
        eprintln!("not set up: {line}");
    }
    results.into_iter().collect()
}

fn passed(what: &str, mut command: Command) -> Result<()> {
    let status = command.current_dir(crate::root()).status()?;
    anyhow::ensure!(status.success(), "{what}: failed ({status})");
    Ok(())
}
