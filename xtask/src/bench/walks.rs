//! Whole scans of large trees, against ripgrep looking for the library's name in the same trees.

use super::measure::{Cost, command, is_installed, median, ratio, shown};
use super::trees::{self, Kind};
use anyhow::Result;
use std::path::Path;
use std::process::Command;

/// Runs of each side, by turns.
const RUNS: usize = 5;

/// Measures both kinds of tree.
pub fn run(tidegate: &Path, cache: &Path, size: u64, seed: u64) -> Result<()> {
    println!(
        "trees of {size} MB, median of {RUNS} warm runs, against `rg -l aws_cdk` (goal: 2; memory: 250 MB for 1 GB)"
    );
    let ripgrep = Path::new("rg");
    let peer = is_installed(ripgrep);
    for (kind, name) in [(Kind::Mixed, "mixed"), (Kind::Candidates, "only .py and .json")] {
        let tree = trees::ready(cache, kind, size, seed)?;
        let scan = || {
            let mut scan = Command::new(tidegate);
            scan.arg("scan").arg(&tree.folder);
            command(&mut scan)
        };
        let search = || {
            let mut search = Command::new(ripgrep);
            search.args(["-l", "aws_cdk"]).arg(&tree.folder);
            command(&mut search)
        };
        // Once each, so that what follows comes from the page cache for both.
        scan()?;
        if peer {
            search()?;
        }
        let (mut ours, mut theirs): (Vec<Cost>, Vec<Cost>) = Default::default();
        for _ in 0..RUNS {
            ours.push(scan()?);
            if peer {
                theirs.push(search()?);
            }
        }
        let memory = ours.iter().map(|cost| cost.memory).max().unwrap_or(0);
        if let Some(ours) = median(ours) {
            println!("  {name}, {} files: tidegate scan {}", tree.files, cost(&ours));
            println!("    most memory of a run: {:.0} MB", memory as f64 / 1e6);
            if let Some(theirs) = median(theirs) {
                println!("    rg -l aws_cdk {}", cost(&theirs));
                println!("    ratio {:.2}", ratio(ours.wall, theirs.wall));
            }
        }
    }
    if !peer {
        println!("  ripgrep is not installed: not compared (`rg` on the path)");
    }
    println!();
    Ok(())
}

fn cost(cost: &Cost) -> String {
    format!("{} ({} of processor time)", shown(cost.wall), shown(cost.processor))
}
