//! Tools of other people that the chores run, installed from crates.io at a pinned version if they are missing.

use crate::venv;
use anyhow::{Context, Result, ensure};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A cargo subcommand.
pub struct Tool {
    /// The crate.
    package: &'static str,
    /// What follows `cargo`.
    subcommand: &'static str,
    /// The version that is installed if there is none.
    version: &'static str,
    /// Options of the installation.
    options: &'static [&'static str],
}

/// Runs tests side by side, each in a process of its own, with time limits.
pub const NEXTEST: Tool = Tool {
    package: "cargo-nextest",
    subcommand: "nextest",
    version: "0.9.151",
    options: &["--no-default-features", "--features", "default-no-update"],
};

/// Builds and runs fuzz targets.
pub const CARGO_FUZZ: Tool =
    Tool { package: "cargo-fuzz", subcommand: "fuzz", version: "0.13.2", options: &[] };

impl Tool {
    /// Makes sure that the tool is there: the user's own, or ours in the cache.
    pub fn ready(&self) -> Result<()> {
        if self.answers() {
            return Ok(());
        }
        eprintln!("installing {} {} (once, some minutes)", self.package, self.version);
        let status = cargo()
            .args(["install", "--locked", self.package, "--version", self.version, "--root"])
            .arg(folder())
            .args(self.options)
            .env("CARGO_TARGET_DIR", folder().join("build"))
            // Built once and run for seconds: a quick build is worth more than quick code.
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
            .env("CARGO_PROFILE_RELEASE_DEBUG", "0")
            .status()
            .context("cannot start cargo")?;
        // Only a cache of objects; what matters is the binary.
        let _ = std::fs::remove_dir_all(folder().join("build"));
        ensure!(status.success(), "cargo install {} ended with {status}", self.package);
        ensure!(self.answers(), "cargo {} does not run after its installation", self.subcommand);
        Ok(())
    }

    fn answers(&self) -> bool {
        cargo()
            .args([self.subcommand, "--version"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }
}

/// `cargo`, with the cache's tools on its path.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([folder().join("bin")]);
    if let Ok(path) = std::env::join_paths(folders) {
        command.env("PATH", path);
    }
    command
}

fn folder() -> PathBuf {
    venv::cache().join("tools")
}
