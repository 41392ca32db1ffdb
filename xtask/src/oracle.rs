//! `cargo xtask oracle`: has the vendor's own library synthesize the programs of `tests/oracle`, and compares.
//!
//! The library runs on Node.js, which is not ours to install. What synthesis gave is kept as goldens, so the
//! tests need neither.

use crate::{tools, venv};
use anyhow::{Context, Result, bail, ensure};
use std::process::Command;

/// The programs that are synthesized live where all would take too long: one of each kind of difficulty
/// (several stacks, stages, nested stacks, first-level resources, functions that make rules).
const LIVE: [&str; 5] = ["web_three_tier", "multi_env_stages", "network_hub", "legacy_l1", "partner_gateway"];

/// The oldest Node.js that the library's kernel starts on.
const OLDEST_NODE: u32 = 18;

/// Options of `cargo xtask oracle`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Programs by name (default: all; with --check: five that differ)
    names: Vec<String>,
    /// Compare fresh templates with the committed ones, and change none
    #[arg(long)]
    check: bool,
    /// How many programs run at a time
    #[arg(long, short, default_value_t = 2)]
    jobs: usize,
    /// Only synthesize, without comparing what Tidegate reads
    #[arg(long)]
    no_compare: bool,
}

/// Refreshes or checks the goldens, then prints how far reading the source agrees with them.
pub fn run(arguments: &Arguments) -> Result<()> {
    need_node()?;
    let python = venv::python()?;
    let mut synthesis = Command::new(python);
    synthesis.arg("synth.py").arg("--jobs").arg(arguments.jobs.max(1).to_string());
    match (arguments.check, arguments.names.as_slice()) {
        (true, []) => synthesis.arg("--check").args(LIVE),
        (true, names) => synthesis.arg("--check").args(names),
        (false, []) => synthesis.arg("--all"),
        (false, names) => synthesis.arg("--refresh").args(names),
    };
    let status = synthesis
        .current_dir(crate::root().join("tests/oracle"))
        // The library unpacks itself (200 MB) once, and not into the user's own cache.
        .env("JSII_RUNTIME_PACKAGE_CACHE_ROOT", venv::cache().join("jsii"))
        .status()
        .context("cannot start tests/oracle/synth.py")?;
    ensure!(status.success(), "synthesis: see the lines marked FAIL ({status})");
    if arguments.no_compare { Ok(()) } else { compare() }
}

/// The comparison is a test, so that it runs without Node.js too; here it is run for what it prints.
fn compare() -> Result<()> {
    let status = tools::cargo()
        .args(["test", "--quiet", "--package", "tidegate-read", "--test", "oracle", "--", "--nocapture"])
        .current_dir(crate::root())
        .status()
        .context("cannot start cargo")?;
    ensure!(status.success(), "source and template disagree ({status})");
    Ok(())
}

/// An error that tells what to install, unless a usable Node.js is on the path.
fn need_node() -> Result<()> {
    let Ok(output) = Command::new("node").arg("--version").output() else {
        bail!(
            "aws-cdk-lib runs on Node.js, and there is no `node` on the PATH: install Node.js {OLDEST_NODE} or later \
             (https://nodejs.org, on Debian: apt-get install nodejs)"
        );
    };
    let version = String::from_utf8_lossy(&output.stdout);
    match major(&version) {
        Some(number) if number < OLDEST_NODE => {
            bail!("`node` on the PATH is {}, aws-cdk-lib needs {OLDEST_NODE} or later", version.trim())
        }
        // A version that cannot be read may well work: the library says so itself if not.
        _ => Ok(()),
    }
}

/// `v20.1.0` is 20.
fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_number_of_a_node_version_is_its_major() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("20.20.2"), None);
        assert_eq!(major("nothing"), None);
    }

    #[test]
    fn the_programs_that_are_checked_live_exist() {
        for name in LIVE {
            let program = crate::root().join("tests/oracle/programs").join(name).join("app.py");
            assert!(program.is_file(), "{} is missing", program.display());
        }
    }
}
