//! The file of decisions on disk, and who decides.

use crate::cli::REVIEWS;
use crate::files::Root;
use crate::{atomic, escape};
use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tidegate_audit::Reviews;

/// Tells git to keep the lines of both sides where two branches decided.
const ATTRIBUTES: &str = "reviews.toml merge=union\n";

/// Where decisions about findings are kept.
pub fn path(root: &Root) -> PathBuf {
    root.folder().join(REVIEWS)
}

/// The decisions of a project; none if there is no file.
pub fn read(root: &Root) -> Result<Reviews> {
    let path = path(root);
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Reviews::parse(&text, REVIEWS)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Reviews::default()),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Changes the decisions: those that are in the file by now, whoever wrote them. The file is replaced whole or
/// not at all.
pub fn update<T>(root: &Root, change: impl FnOnce(&mut Reviews) -> T) -> Result<T> {
    let mut reviews = read(root)?;
    if reviews.unreadable() > 0 {
        let entries = crate::words::counted(reviews.unreadable(), "decision");
        bail!("{entries} in {REVIEWS} cannot be read and would be lost; correct or remove them first");
    }
    let result = change(&mut reviews);
    let path = path(root);
    let folder = path.parent().unwrap_or(root.folder());
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    keep_both_sides(folder)?;
    atomic::write(&path, escape::toml(&reviews.to_toml()).as_bytes())?;
    Ok(result)
}

fn keep_both_sides(folder: &Path) -> Result<()> {
    let path = folder.join(".gitattributes");
    let mut text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    // Whoever says something else about the file wants it so.
    if text.lines().any(|line| line.split_whitespace().next() == Some("reviews.toml")) {
        return Ok(());
    }
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(ATTRIBUTES);
    atomic::write(&path, text.as_bytes())
}

/// Who decides where nobody says: git's name, else its address, else the user of the system.
pub fn author(root: &Root) -> Option<String> {
    let git = |key: &str| {
        let mut command = Command::new("git");
        command.arg("-C").arg(root.folder()).args(["config", "--get", key]);
        let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
        said(String::from_utf8(output.stdout).ok()?)
    };
    let user = || ["USER", "USERNAME"].iter().find_map(|name| said(std::env::var(name).ok()?));
    git("user.name").or_else(|| git("user.email")).or_else(user)
}

fn said(text: String) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
