//! What the tests of reports run on: a browser, and packages for Node.js that drive it and check what it shows.
//!
//! The packages live in `.cache/pages` (in `$TIDEGATE_CACHE/pages` if that is set), exactly as
//! `tests/pages/package-lock.json` names them, and are installed again when that changes. The browser is the machine's
//! own: Chromium, or on Debian as root the package of that name.

use crate::venv::cache;
use anyhow::{Context, Result, bail, ensure};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

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
    if !(cfg!(target_os = "linux") && is_root() && answers("apt-get")) {
        bail!("there is no Chromium (on Debian: apt-get install chromium)");
    }
    eprintln!("installing chromium with apt-get");
    let mut install = apt(&["install", "--yes", "--no-install-recommends", "chromium"]);
    if !install.status().is_ok_and(|status| status.success()) {
        // The lists of a fresh container are empty, or old.
        let updated = apt(&["update"]).status().is_ok_and(|status| status.success());
        ensure!(
            updated && install.status().is_ok_and(|status| status.success()),
            "apt-get could not install chromium"
        );
    }
    found().context("chromium does not run after its installation")
}

fn found() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).flat_map(|folder| NAMES.map(|name| folder.join(name)));
    on_path.chain(PLACES.map(PathBuf::from)).find(|candidate| candidate.is_file() && answers(candidate))
}

fn apt(arguments: &[&str]) -> Command {
    let mut command = Command::new("apt-get");
    command
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    command
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// Whether there is such a program, and it runs.
fn answers(program: impl AsRef<Path>) -> bool {
    let version = Command::new(program.as_ref())
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    version.is_ok_and(|status| status.success())
}
