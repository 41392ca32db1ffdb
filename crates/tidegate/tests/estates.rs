//! Small estates in `tests/estates`, a folder each: the answers of a cloud's CLI, and in `expected.toml` the vendor's fact that
//! the estate holds with questions and their answers.

mod common;

use common::root;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};

fn reach(folder: &Path, from: &str, to: &str) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidegate"));
    command
        .arg("reach")
        .arg(folder)
        .args(["--from", from, "--to", to, "--format", "json"])
        .stdin(Stdio::null());
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}: {told}", folder.display());
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let arrives = answer["answers"][0]["ways"].as_array().unwrap().iter().any(|way| way["arrives"] != "no");
    assert_eq!(
        output.status.code(),
        Some(i32::from(arrives)),
        "{}: the exit status says whether it arrives",
        folder.display()
    );
    answer["answers"][0].clone()
}

/// The surest way of an answer, as `yes`, `perhaps` or `no`, and where it ends.
fn surest(answer: &Value) -> (&str, &str) {
    let ways = answer["ways"].as_array().unwrap();
    let of = |how: &str| ways.iter().find(|way| way["arrives"] == how);
    for how in ["yes", "perhaps"] {
        if let Some(way) = of(how) {
            return (if how == "yes" { "yes" } else { "perhaps" }, way["at"]["kind"].as_str().unwrap());
        }
    }
    ("no", "")
}

#[test]
fn each_estate_answers_as_its_vendor_says() {
    let folders = std::fs::read_dir(root().join("tests/estates")).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<_> = folders.filter(|path| path.is_dir()).collect();
    folders.sort();
    assert!(folders.len() >= 120, "{}", folders.len());
    let mut wrong = Vec::new();
    for folder in &folders {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let expected = std::fs::read_to_string(folder.join("expected.toml")).unwrap();
        let expected: toml::Table = expected.parse().unwrap();
        for key in ["fact", "source"] {
            assert!(expected[key].as_str().is_some_and(|text| text.len() > 8), "{name} has no {key}");
        }
        for ask in expected["ask"].as_array().unwrap() {
            let text = |key: &str| ask.get(key).and_then(toml::Value::as_str).unwrap_or_default();
            let answer = reach(folder, text("from"), text("to"));
            let found = surest(&answer);
            if found != (text("arrives"), text("at")) {
                wrong.push(format!(
                    "{name}: {} to {}: {found:?}\n{:#}",
                    text("from"),
                    text("to"),
                    answer["ways"]
                ));
            }
            if let Some(answered) = ask.get("answered").and_then(toml::Value::as_bool)
                && answer["answered"] != answered
            {
                wrong.push(format!("{name}: answered is {}", answer["answered"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}
