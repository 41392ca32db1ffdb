//! What the tests of reports run on: a browser, and packages for Node.js that drive it and check what it shows.
//!
//! The packages live in `.cache/pages` (in `$TIDEGATE_CACHE/pages` if that is set), exactly as
//! `tests/pages/package-lock.json` names them, and are installed again when that changes. The browser is the machine's
//! own: Chromium, or on Debian as root the package of that name.

use crate::debian::{self, answers};
use crate::venv::cache;
use anyhow::{Context, Result, ensure};
use std::path::PathBuf;
use std::process::Command;

/// Files of `tests/pages` that say what is installed.
const PINS: [&str; 2] = ["package.json", "package-lock.json"];

/// What Chromium is called on the path.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Where it is, where it is not on the path.
const PLACES: [&str; 5] = [
    "/usr/bin/chromium",
    "/usr/lib/chromium/chromium",
    "/snap/bin/chromium",
    "/opt/google/chrome/chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/// The folder that holds the packages, after making sure that they are there.
pub fn packages() -> Result<PathBuf> {
    let folder = cache().join("pages");
    let stamp = folder.join("tidegate-pins");
    let pins = crate::root().join("tests/pages");
    let mut wanted = String::new();
    for name in PINS {
        wanted += &std::fs::read_to_string(pins.join(name)).with_context(|| format!("tests/pages/{name}"))?;
    }
    if std::fs::read_to_string(&stamp).is_ok_and(|have| have == wanted) {
        return Ok(folder);
    }
    ensure!(
        answers("node"),
        "there is no `node` on the PATH (Node.js 20.19 or later; on Debian: apt-get install nodejs)"
    );
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    ensure!(answers(npm), "there is no `npm` on the PATH (on Debian: apt-get install npm)");
    eprintln!("installing the packages of tests/pages into {}", folder.display());
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for name in PINS {
        std::fs::copy(pins.join(name), folder.join(name))
            .with_context(|| format!("cannot copy {name} to {}", folder.display()))?;
    }
    let status = Command::new(npm)
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
        .current_dir(&folder)
        .status()
        .context("cannot start npm")?;
    ensure!(
        status.success(),
        "npm could not install the pinned packages (is a registry reachable?): {status}"
    );
    std::fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(folder)
}

/// A Chromium that runs here.
pub fn chromium() -> Result<PathBuf> {
    if let Some(found) = found() {
        return Ok(found);
    }
    debian::install(&["chromium"]).context("there is no Chromium")?;
    found().context("chromium does not run after its installation")
}

fn found() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).flat_map(|folder| NAMES.map(|name| folder.join(name)));
    on_path.chain(PLACES.map(PathBuf::from)).find(|candidate| candidate.is_file() && answers(candidate))
}
