//! What the tests of snapshots of Azure and Google Cloud share: a server that answers as the vendors' do, and looks at what
//! was written.

#![allow(dead_code, reason = "each test file uses its own part")]

pub mod server;

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub fn json(path: &Path) -> Value {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The program, with nothing of the machine's own configuration: no credentials, no proxies, no programs to ask.
pub fn tidegate(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidegate"));
    command.env_clear().env("HOME", home).env("PATH", home.join("bin")).env("TIDEGATE_MAX_ATTEMPTS", "4");
    command
}

/// Puts a program into the folder where [`tidegate`] looks for programs.
#[cfg(unix)]
pub fn program(home: &Path, name: &str, script: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    let path = home.join("bin").join(name);
    std::fs::create_dir_all(home.join("bin")).unwrap();
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Another command: exit status, standard output, standard error.
pub fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_tidegate")).args(arguments).output().unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// Every file below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { &mut folders } else { &mut found }.push(path);
        }
    }
    found.sort();
    found
}

/// Every answer below a folder, by its path, manifests left out.
pub fn answers(folder: &Path) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for path in files(folder) {
        let name = path.strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/");
        if !name.ends_with("manifest.json") {
            assert!(name.ends_with(".json"), "{name} is left over");
            found.insert(name, json(&path));
        }
    }
    found
}

/// Parts of an account's manifest by state: the calls, each once.
pub fn states(folder: &Path) -> BTreeMap<String, Vec<String>> {
    let manifest = json(&folder.join("manifest.json"));
    let mut states: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for part in manifest["parts"].as_array().unwrap() {
        let of = states.entry(part["state"].as_str().unwrap().to_owned()).or_default();
        of.push(part["call"].as_str().unwrap().to_owned());
        of.dedup();
    }
    // What a service would know that is not switched on is no hole.
    assert_eq!(manifest["complete"], states.keys().all(|state| state == "complete" || state == "unused"));
    states
}

/// Checks the exit status, that no secret was said or written, and every manifest. Gives what was said.
pub fn checked(output: &Output, into: &Path, status: i32, secrets: &[&str]) -> String {
    let told = format!("{}\n{}", text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(status), "{told}");
    let shown =
        |text: &str| secrets.iter().find(|secret| text.contains(**secret)).map(|secret| secret.to_string());
    assert_eq!(shown(&told), None, "{told}");
    if into.is_dir() && status != 2 {
        let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schema/snapshot-v1.schema.json");
        let validator = jsonschema::validator_for(&json(&schema)).unwrap();
        for path in files(into) {
            assert_eq!(shown(&std::fs::read_to_string(&path).unwrap()), None, "{}", path.display());
            if path.ends_with("manifest.json") {
                let wrong: Vec<String> =
                    validator.iter_errors(&json(&path)).map(|wrong| wrong.to_string()).collect();
                assert_eq!(wrong, Vec::<String>::new(), "{}", path.display());
            }
        }
    }
    told
}

/// Takes away what a killed run could not: it is no part of the snapshot, and its name says so.
pub fn clean(folder: &Path) {
    for path in files(folder) {
        if path.file_name().unwrap().to_str().unwrap().starts_with(".tidegate-") {
            std::fs::remove_file(path).unwrap();
        }
    }
}
