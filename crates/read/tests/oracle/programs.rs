//! The programs of the oracle and their goldens.

use std::path::{Path, PathBuf};
use tidegate_estate::Estate;
use tidegate_read::{MemoryFiles, Options, cloudformation, read};

/// A program with the template that the library made of it.
pub struct Program {
    pub name: String,
    source: PathBuf,
    templates: serde_json::Map<String, serde_json::Value>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/oracle")
}

/// Every program that has a golden.
pub fn all() -> Vec<Program> {
    let only = std::env::var("TIDEGATE_ORACLE").unwrap_or_default();
    let only: Vec<&str> = only.split(',').filter(|name| !name.is_empty()).collect();
    let mut goldens: Vec<PathBuf> = std::fs::read_dir(folder().join("golden"))
        .expect("goldens are committed")
        .map(|entry| entry.expect("a listing").path())
        .collect();
    goldens.sort();
    goldens
        .into_iter()
        .filter_map(|golden| {
            let name = golden.file_stem()?.to_str()?.to_owned();
            if !only.is_empty() && !only.contains(&name.as_str()) {
                return None;
            }
            let source = ["programs/NAME", "probes/NAME", "probes/NAME.py"]
                .iter()
                .map(|pattern| folder().join(pattern.replace("NAME", &name)))
                .find(|path| path.exists());
            let source = source.unwrap_or_else(|| panic!("golden {name} has no program"));
            let text = std::fs::read_to_string(&golden).expect("a golden can be read");
            let json: serde_json::Value = serde_json::from_str(&text).expect("a golden is JSON");
            let templates = json["templates"].as_object().expect("a golden has templates").clone();
            Some(Program { name, source, templates })
        })
        .collect()
}

impl Program {
    /// What is read from the source.
    pub fn read_source(&self) -> Vec<Estate> {
        let mut files = Vec::new();
        let base = if self.source.is_dir() { self.source.clone() } else { folder().join("probes") };
        collect(&self.source, &base, &mut files);
        read(&MemoryFiles::new(files), &Options::default()).estates
    }

    /// What is read from the template: an assembly of one manifest with all top-level stacks.
    pub fn read_template(&self) -> Vec<Estate> {
        let mut files = Vec::new();
        let mut artifacts = serde_json::Map::new();
        for (file, template) in &self.templates {
            files.push((format!("cdk.out/{file}"), serde_json::to_vec(template).expect("JSON")));
            if !file.ends_with(".nested.template.json") {
                artifacts.insert(
                    file.clone(),
                    serde_json::json!({"type": "aws:cloudformation:stack", "properties": {"templateFile": file}}),
                );
            }
        }
        let manifest = serde_json::json!({"version": "36.0.0", "artifacts": artifacts});
        files.push(("cdk.out/manifest.json".to_owned(), serde_json::to_vec(&manifest).expect("JSON")));
        let files = MemoryFiles::new(files);
        vec![cloudformation::read_assembly("cdk.out", &files, &Options::default()).0]
    }
}

fn collect(path: &Path, base: &Path, into: &mut Vec<(String, Vec<u8>)>) {
    if path.is_dir() {
        let mut entries: Vec<PathBuf> = std::fs::read_dir(path)
            .expect("a folder")
            .map(|entry| entry.expect("a listing").path())
            .collect();
        entries.sort();
        entries.iter().for_each(|entry| collect(entry, base, into));
    } else if let Ok(bytes) = std::fs::read(path) {
        let name = path.strip_prefix(base).expect("below the base").to_string_lossy().replace('\\', "/");
        into.push((name, bytes));
    }
}
