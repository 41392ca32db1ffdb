//! The project's own Python environment, with the vendor's library at pinned versions.
//!
//! It lives in `.cache/venv` (in `$TIDEGATE_CACHE/venv` if that is set) and is rebuilt when the pins change.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is installed, exactly. The first is the library that is modelled; the others are what it runs on.
pub const PINS: [&str; 3] = ["aws-cdk-lib==2.275.0", "constructs==10.8.1", "jsii==1.142.0"];

/// What the tests run in Python, one pin a line.
pub const TESTS: &str = include_str!("../requirements-test.txt");

/// What stands in for AWS in tests, and the vendor's library that it brings along, one pin a line.
pub const AWS: &str = include_str!("../requirements-aws.txt");

/// The pins of a list of requirements.
pub fn pins(requirements: &str) -> Vec<&str> {
    requirements.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
}

/// The folder for everything that can be fetched again.
pub fn cache() -> PathBuf {
    match std::env::var_os("TIDEGATE_CACHE") {
        Some(folder) if !folder.is_empty() => PathBuf::from(folder),
        _ => crate::root().join(".cache"),
    }
}

/// The environment's Python, after making sure that the environment is there and holds the pinned packages.
pub fn python() -> Result<PathBuf> {
    python_with("venv", &PINS)
}

/// The Python of the environment `name`, which holds these packages.
pub fn python_with(name: &str, pins: &[&str]) -> Result<PathBuf> {
    let folder = cache().join(name);
    let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let stamp = folder.join("tidegate-pins");
    let wanted = pins.join("\n");
    if python.exists() && std::fs::read_to_string(&stamp).is_ok_and(|have| have == wanted) {
        return Ok(python);
    }
    eprintln!("installing {} into {}", pins.join(", "), folder.display());
    std::fs::create_dir_all(cache()).with_context(|| format!("cannot make {}", cache().display()))?;
    let mut make = Command::new("python3");
    make.args(["-m", "venv"]).arg(&folder);
    run(make).context("python3 with its venv module is needed (3.9 or later; on Debian: apt-get install python3 python3-venv)")?;
    let mut install = Command::new(&python);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(pins);
    run(install).context("pip could not install the pinned packages (is a PyPI index reachable?)")?;
    std::fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(python)
}

/// The folder that holds the environment's packages.
pub fn site_packages(python: &Path) -> Result<PathBuf> {
    let output = Command::new(python)
        .args(["-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"])
        .output()
        .with_context(|| format!("cannot run {}", python.display()))?;
    if !output.status.success() {
        bail!("{} failed: {}", python.display(), String::from_utf8_lossy(&output.stderr));
    }
    Ok(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()))
}

/// Runs a command to its end; an error names it.
fn run(mut command: Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| format!("cannot start {name}"))?;
    if !status.success() {
        bail!("{name} ended with {status}");
    }
    Ok(())
}
