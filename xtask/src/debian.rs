//! Programs of other people that read what is written, from Debian's packages where they can be installed.

use anyhow::{Result, bail, ensure};
use std::process::{Command, Stdio};

/// A program that tests call, and the package it comes in.
const PROGRAMS: [(&str, &str, &str); 3] = [
    ("pdftotext", "-v", "poppler-utils"),
    ("qpdf", "--version", "qpdf"),
    ("soffice", "--version", "libreoffice-writer-nogui"),
];

/// Makes sure that the programs are there.
pub fn ready() -> Result<()> {
    let packages: Vec<&str> = PROGRAMS
        .iter()
        .filter(|(program, version, _)| !answers(program, version))
        .map(|(_, _, package)| *package)
        .collect();
    if packages.is_empty() {
        return Ok(());
    }
    let wanted = packages.join(" ");
    if !is_root() || !answers("apt-get", "--version") {
        bail!("{wanted} missing; as root on Debian: apt-get install {wanted}");
    }
    eprintln!("installing {wanted} (once, a few minutes)");
    let apt = |arguments: &[&str]| -> Result<()> {
        let mut command = Command::new("apt-get");
        command
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let status = command.status()?;
        ensure!(status.success(), "apt-get {} ended with {status}", arguments.join(" "));
        Ok(())
    };
    apt(&["update", "-q"])?;
    apt(&[&["install", "-q", "-y", "--no-install-recommends"], packages.as_slice()].concat())?;
    for (program, version, _) in PROGRAMS {
        ensure!(answers(program, version), "{program} does not run after its installation");
    }
    Ok(())
}

fn answers(program: &str, version: &str) -> bool {
    let mut command = Command::new(program);
    command.arg(version).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
