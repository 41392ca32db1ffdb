//! Checks our Python names against the Python package itself: every member and keyword there stands
//! beside the jsii name it comes from.

use super::distil::{identifier, python_name};
use anyhow::{Result, bail};
use std::collections::BTreeMap;
use std::path::Path;

/// How many names were compared. An error lists those that differ.
pub fn verify(site_packages: &Path, package: &str, modules: &BTreeMap<String, String>) -> Result<usize> {
    let mut checker = Checker { modules, compared: 0, wrong: Vec::new() };
    let root = site_packages.join(package);
    let mut folders = vec![(root, package.to_string())];
    while let Some((folder, module)) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() && name != "_jsii" {
                folders.push((path, format!("{module}.{name}")));
            } else if name == "__init__.py" {
                checker.module(&module, &std::fs::read_to_string(&path)?);
            }
        }
    }
    if !checker.wrong.is_empty() {
        bail!(
            "{} names differ from the Python package's:\n{}",
            checker.wrong.len(),
            checker.wrong.join("\n")
        );
    }
    Ok(checker.compared)
}

struct Checker<'a> {
    modules: &'a BTreeMap<String, String>,
    compared: usize,
    wrong: Vec<String>,
}

impl Checker<'_> {
    fn module(&mut self, module: &str, text: &str) {
        let mut member: Option<&str> = None;
        // A decorator names the jsii type before the class line, a metaclass inside the class's header.
        let mut decorated: Option<&str> = None;
        let mut header: Option<&str> = None;
        let mut in_struct = false;
        let mut in_mapping = false;
        for line in text.lines() {
            let trimmed = line.trim_start();
            if let Some(name) = quoted_after(trimmed, "@jsii.member(jsii_name=") {
                member = Some(name);
            } else if let Some(rest) = trimmed.strip_prefix("def ") {
                if let (Some(jsii), Some((python, _))) = (member.take(), rest.split_once('(')) {
                    self.name(module, jsii, python);
                }
            } else if let Some(python) = class_name(trimmed) {
                header = (!trimmed.ends_with(':')).then_some(python);
                let inline = trimmed.split_once("jsii_type=").and_then(|(_, rest)| rest.split('"').nth(1));
                if let Some(jsii) = decorated.take().or(inline) {
                    self.class(module, jsii, python);
                }
            } else if let Some(jsii) =
                trimmed.split_once("jsii_type=\"").and_then(|(_, rest)| rest.split('"').next())
            {
                match header {
                    Some(python) => self.class(module, jsii, python),
                    None => decorated = Some(jsii),
                }
            }
            if trimmed.ends_with("):") {
                header = None;
            }
            // Struct decorators hold `name_mapping={"python": "jsii", …},` on one line or many.
            if trimmed == "@jsii.data_type(" {
                in_struct = true;
            }
            if in_struct && trimmed.starts_with("name_mapping={") {
                in_mapping = true;
            }
            if in_mapping {
                let names: Vec<&str> =
                    trimmed.trim_start_matches("name_mapping=").split('"').skip(1).step_by(2).collect();
                for pair in names.chunks_exact(2) {
                    self.name(module, pair[1], pair[0]);
                }
                if trimmed.ends_with("},") {
                    (in_mapping, in_struct) = (false, false);
                }
            }
        }
    }

    fn name(&mut self, module: &str, jsii: &str, python: &str) {
        self.compared += 1;
        let ours = identifier(jsii);
        // Constants are in capitals, protected members have an underscore in front.
        if ours != python && ours.to_uppercase() != python && python.strip_prefix('_') != Some(&ours) {
            self.wrong.push(format!("{module}: {jsii} is {python}, we say {ours}"));
        }
    }

    fn class(&mut self, module: &str, jsii: &str, python: &str) {
        self.compared += 1;
        let ours = python_name(self.modules, jsii);
        let placed = ours.strip_prefix(module).is_some_and(|rest| rest.starts_with('.'));
        if !placed || ours.rsplit('.').next() != Some(python) {
            self.wrong.push(format!("{module}: {jsii} is {python}, we say {ours}"));
        }
    }
}

fn quoted_after<'a>(line: &'a str, prefix: &str) -> Option<&'a str> {
    line.strip_prefix(prefix)?.strip_prefix('"')?.split('"').next()
}

/// The name in `class Name(` or `class Name:`; a sentence that begins with the word is none.
fn class_name(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("class ")?;
    let end = rest.find(['(', ':'])?;
    let name = &rest[..end];
    name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_').then_some(name)
}
