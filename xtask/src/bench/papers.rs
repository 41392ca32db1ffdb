//! A report with many findings as PDF: time and memory.

use super::measure::{command, shown};
use crate::tools;
use anyhow::{Context, Result, ensure};
use std::path::Path;
use std::process::Command;

/// Findings of the largest report.
const FINDINGS: [usize; 3] = [10, 100, 1000];

/// Writes reports of several sizes, each in a process of its own.
pub fn run(cache: &Path) -> Result<()> {
    let status = tools::cargo()
        .args(["build", "--quiet", "--release", "--package", "tidegate-pdf", "--example", "many"])
        .current_dir(crate::root())
        .status()
        .context("cannot start cargo")?;
    ensure!(status.success(), "cargo build ended with {status}");
    let own = std::env::current_exe().context("where this program is")?;
    let many = own.with_file_name("examples").join(format!("many{}", std::env::consts::EXE_SUFFIX));
    std::fs::create_dir_all(cache).with_context(|| format!("cannot make {}", cache.display()))?;
    let file = cache.join("many.pdf");
    println!(
        "findings with a picture of ten rules, a table, code and text, as PDF (goal for 1,000: 20 s, 500 MB)"
    );
    for findings in FINDINGS {
        let cost = command(Command::new(&many).arg(findings.to_string()).arg(&file))?;
        ensure!(cost.status == Some(0), "{} ended with {:?}", many.display(), cost.status);
        let size = std::fs::metadata(&file).map_or(0, |about| about.len());
        println!(
            "  {findings:>5}: {} ({} of all threads), {:.0} MB at most, a file of {:.1} MB",
            shown(cost.wall),
            shown(cost.processor),
            cost.memory as f64 / 1e6,
            size as f64 / 1e6
        );
    }
    println!();
    Ok(())
}
