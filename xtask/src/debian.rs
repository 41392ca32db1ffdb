//! Programs of other people that tests call, from Debian's packages where they can be installed.

use anyhow::{Result, bail, ensure};
use std::path::Path;
use std::process::{Command, Stdio};

/// What opens documents for paper: each program with the package it comes in.
const READERS: [(&str, &str); 3] =
    [("pdftotext", "poppler-utils"), ("qpdf", "qpdf"), ("soffice", "libreoffice-writer-nogui")];

/// Makes sure that the programs that open PDF and DOCX are there.
pub fn readers() -> Result<()> {
    let missing = || READERS.into_iter().filter(|(program, _)| !answers(program)).map(|(_, package)| package);
    install(&missing().collect::<Vec<_>>())?;
    let still: Vec<&str> = missing().collect();
    ensure!(still.is_empty(), "{} installed, but not to be started", still.join(", "));
    Ok(())
}

/// Installs packages; on other systems, and for others than root, that is an error which names them.
pub fn install(packages: &[&str]) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    let wanted = packages.join(" ");
    if !(cfg!(target_os = "linux") && is_root() && answers("apt-get")) {
        bail!("on Debian: apt-get install {wanted}");
    }
    eprintln!("installing {wanted} with apt-get");
    let mut install = apt(&[&["install", "--yes", "--no-install-recommends"], packages].concat());
    if !install.status().is_ok_and(|status| status.success()) {
        // The lists of a fresh container are empty, or old.
        let updated = apt(&["update"]).status().is_ok_and(|status| status.success());
        ensure!(
            updated && install.status().is_ok_and(|status| status.success()),
            "apt-get could not install {wanted}"
        );
    }
    Ok(())
}

/// Whether there is such a program, and it runs.
pub fn answers(program: impl AsRef<Path>) -> bool {
    let quiet = |option: &str| {
        let mut command = Command::new(program.as_ref());
        command.arg(option).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    // Poppler's programs know only the short one.
    quiet("--version") || quiet("-v")
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
