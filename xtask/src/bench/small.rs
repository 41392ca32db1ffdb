//! One small file from start to finish, as a commit hook runs it.

use super::measure::{Cost, command, is_installed, median, ratio, shown};
use anyhow::Result;
use std::path::Path;
use std::process::Command;

/// Runs of a command that takes seconds.
const SLOW_RUNS: usize = 5;

/// Measures a program and a template that the repository holds.
pub fn run(tidegate: &Path, checkov: &Path, runs: usize) -> Result<()> {
    println!(
        "one small file, start to finish, median of {runs} runs (goal: 15 ms, and 100 times as quick as Checkov)"
    );
    let peer = is_installed(checkov);
    for file in ["tests/oracle/programs/flat_single_script/app.py", "examples/cloudformation/template.yaml"] {
        let path = crate::root().join(file);
        let Some(ours) = median(repeated(runs, || {
            let mut scan = Command::new(tidegate);
            scan.arg("scan").arg(&path);
            scan
        })?) else {
            continue;
        };
        println!("  tidegate scan {file}: {} ({:.0} MB)", shown(ours.wall), ours.memory as f64 / 1e6);
        if peer {
            let theirs = median(repeated(SLOW_RUNS, || {
                let mut scan = Command::new(checkov);
                scan.args(["--quiet", "--compact", "--skip-download", "-f"]).arg(&path);
                scan
            })?);
            if let Some(theirs) = theirs {
                println!(
                    "  checkov on the same file: {} (ended with {}); tidegate is {:.0} times as quick",
                    shown(theirs.wall),
                    theirs.status.map_or("a signal".to_owned(), |status| status.to_string()),
                    ratio(theirs.wall, ours.wall)
                );
            }
        }
    }
    if !peer {
        println!("  checkov is not installed: not compared (pip install checkov, or --checkov PATH)");
    }
    println!();
    Ok(())
}

fn repeated(runs: usize, mut build: impl FnMut() -> Command) -> Result<Vec<Cost>> {
    // The first run finds the file and the program on disk; the others find them in memory.
    command(&mut build())?;
    (0..runs).map(|_| command(&mut build())).collect()
}
