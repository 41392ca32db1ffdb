//! How readers get at bytes: a listing and a way to fetch one file. Readers never touch a disk themselves.

use std::sync::Arc;

/// The files of one run.
pub trait Files: Sync {
    /// Every candidate file, sorted, with `/` as separator, relative to the run's root.
    fn list(&self) -> &[Arc<str>];

    /// The bytes of one file, listed or not (an import may lead to a file that no walk listed).
    /// The error says why not, in words for a diagnostic.
    fn bytes(&self, path: &str) -> Result<Arc<[u8]>, FileError>;

    /// Whether an earlier look at a listed Python file found that it does not name the CDK library: it is
    /// read only if another file imports it.
    fn is_quiet(&self, _path: &str) -> bool {
        false
    }

    /// Whether the user named the file (or a folder above it) rather than a walk finding it: build
    /// output such as `cdk.out` is read only when named.
    fn named(&self, _path: &str) -> bool {
        false
    }
}

/// Why a file has no bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileError {
    /// There is no such file.
    Missing,
    /// There is one, but it cannot be read; the text says why.
    Unreadable(String),
}

/// Files held in memory: for tests, standard input and fuzzing.
#[derive(Debug, Clone, Default)]
pub struct MemoryFiles {
    paths: Vec<Arc<str>>,
    bytes: std::collections::BTreeMap<Arc<str>, Arc<[u8]>>,
}

impl MemoryFiles {
    /// Files from `(path, content)` pairs.
    pub fn new<P: AsRef<str>, B: AsRef<[u8]>>(files: impl IntoIterator<Item = (P, B)>) -> Self {
        let bytes: std::collections::BTreeMap<Arc<str>, Arc<[u8]>> =
            files.into_iter().map(|(p, b)| (Arc::from(p.as_ref()), Arc::from(b.as_ref()))).collect();
        Self { paths: bytes.keys().cloned().collect(), bytes }
    }
}

impl Files for MemoryFiles {
    fn list(&self) -> &[Arc<str>] {
        &self.paths
    }
    fn bytes(&self, path: &str) -> Result<Arc<[u8]>, FileError> {
        self.bytes.get(path).cloned().ok_or(FileError::Missing)
    }
    fn named(&self, _path: &str) -> bool {
        true
    }
}
