//! Files that are written whole or not at all.

use anyhow::{Context, Result};
use serde::Serialize;
use serde_json::ser::{PrettyFormatter, Serializer};
use serde_json::{Map, Value};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// The vendor's command line indents by four.
const INDENT: &[u8] = b"    ";

/// The longest name of a file, without its ending, in bytes.
const LONGEST: usize = 150;

/// A name for a file, after something that may be called anything: what is no letter of plain files becomes `_`, and what
/// would be too long ends in a number of its own.
pub fn name(of: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let name: String = of.chars().map(|c| if safe(c) { c } else { '_' }).collect();
    let name = name.trim_start_matches('.');
    match name.get(..LONGEST) {
        None if name.is_empty() => "_".to_owned(),
        None => name.to_owned(),
        // FNV-1a: short, and the same in every version of the program.
        Some(start) => {
            let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            format!("{start}-{:016x}", of.bytes().fold(0xcbf2_9ce4_8422_2325, step))
        }
    }
}

/// Begins a file in place of `path`; its folder is made if need be.
fn begin(path: &Path) -> Result<BufWriter<NamedTempFile>> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    // Only the owner may read it: it tells how somebody's network is built.
    let file = tempfile::Builder::new()
        .prefix(".tidegate-")
        .suffix(".tmp")
        .tempfile_in(folder)
        .with_context(|| format!("cannot write into {}", folder.display()))?;
    Ok(BufWriter::new(file))
}

fn end(file: BufWriter<NamedTempFile>, path: &Path) -> Result<()> {
    let context = || format!("cannot write {}", path.display());
    let file = file.into_inner().map_err(std::io::IntoInnerError::into_error).with_context(context)?;
    file.persist(path).map_err(|error| error.error).with_context(context)?;
    Ok(())
}

/// Writes one value.
pub fn write(path: &Path, value: &impl Serialize) -> Result<()> {
    let mut file = begin(path)?;
    let context = || format!("cannot write {}", path.display());
    value
        .serialize(&mut Serializer::with_formatter(&mut file, PrettyFormatter::with_indent(INDENT)))
        .with_context(context)?;
    file.write_all(b"\n").with_context(context)?;
    end(file, path)
}

/// An answer of the form `{"Key": […]}` that comes page by page. Only one page is in memory.
pub struct ListFile {
    path: PathBuf,
    file: BufWriter<NamedTempFile>,
    items: usize,
}

impl ListFile {
    /// Begins the file.
    pub fn begin(path: &Path, key: &str) -> Result<Self> {
        let mut file = begin(path)?;
        write!(file, "{{\n    {}: [", Value::from(key))
            .with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self { path: path.to_owned(), file, items: 0 })
    }

    /// Adds one item.
    pub fn add(&mut self, item: &Value) -> Result<()> {
        let context = || format!("cannot write {}", self.path.display());
        let comma = if self.items == 0 { "\n        " } else { ",\n        " };
        self.file.write_all(comma.as_bytes()).with_context(context)?;
        nested(&mut self.file, item, 2).with_context(context)?;
        self.items += 1;
        Ok(())
    }

    /// Ends the file with what the answer says beside the list, and says how many items it holds.
    pub fn end(mut self, beside: &Map<String, Value>) -> Result<usize> {
        let context = || format!("cannot write {}", self.path.display());
        self.file.write_all(if self.items == 0 { b"]" } else { b"\n    ]" }).with_context(context)?;
        for (key, value) in beside {
            write!(self.file, ",\n    {}: ", Value::from(key.as_str())).with_context(context)?;
            nested(&mut self.file, value, 1).with_context(context)?;
        }
        self.file.write_all(b"\n}\n").with_context(context)?;
        end(self.file, &self.path)?;
        Ok(self.items)
    }
}

/// Writes a value that stands so many levels below the top.
fn nested(out: &mut impl Write, value: &Value, levels: usize) -> std::io::Result<()> {
    let mut text = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut text, PrettyFormatter::with_indent(INDENT)))?;
    for (at, line) in text.split(|byte| *byte == b'\n').enumerate() {
        if at > 0 {
            out.write_all(b"\n")?;
            (0..levels).try_for_each(|_| out.write_all(INDENT))?;
        }
        out.write_all(line)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_list_that_comes_in_pages_is_written_as_if_it_came_at_once() {
        let folder = tempfile::tempdir().unwrap();
        for items in
            [vec![], vec![json!({"A": 1})], vec![json!({"A": [1, {"B": "x\ny"}], "C": {}}), json!(2)]]
        {
            let (one, other) = (folder.path().join("below/one.json"), folder.path().join("other.json"));
            let mut list = ListFile::begin(&one, "Things").unwrap();
            items.iter().for_each(|item| list.add(item).unwrap());
            assert_eq!(list.end(&Map::new()).unwrap(), items.len());
            write(&other, &json!({ "Things": items })).unwrap();
            assert_eq!(std::fs::read_to_string(one).unwrap(), std::fs::read_to_string(other).unwrap());
        }
    }

    #[test]
    fn what_an_answer_says_beside_its_list_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (folder.path().join("one.json"), folder.path().join("other.json"));
        let all = json!({"Things": [1], "More": false, "Deep": {"A": [{"B": "\n  "}]}});
        let mut list = ListFile::begin(&one, "Things").unwrap();
        list.add(&json!(1)).unwrap();
        let mut beside = all.as_object().unwrap().clone();
        beside.shift_remove("Things");
        list.end(&beside).unwrap();
        write(&other, &all).unwrap();
        assert_eq!(std::fs::read_to_string(one).unwrap(), std::fs::read_to_string(other).unwrap());
    }

    #[test]
    fn any_name_becomes_one_of_a_file() {
        assert_eq!(name("my policy/1"), "my_policy_1");
        assert_eq!((name(".."), name(""), name("../x")), ("_".to_owned(), "_".to_owned(), "_x".to_owned()));
        let (one, other) = (name(&"é".repeat(400)), name(&"é".repeat(401)));
        assert!(one.len() < 200 && one != other);
    }

    #[test]
    fn what_is_not_ended_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut list = ListFile::begin(&folder.path().join("one.json"), "Things").unwrap();
        list.add(&json!(1)).unwrap();
        drop(list);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
