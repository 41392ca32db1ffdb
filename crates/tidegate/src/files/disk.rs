//! The bytes of a run's files, fetched when asked for, with a bounded memory.

use super::walk::{Walk, is_left_alone};
use super::{Root, open};
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tidegate_read::{FileError, Files};

/// Bytes of fetched files that are kept for a second reader.
const CACHE_BYTES: usize = 48 << 20;

/// The files of one run on disk, and perhaps one from standard input.
#[derive(Debug)]
pub struct DiskFiles {
    root: Root,
    paths: Vec<Arc<str>>,
    quiet: HashSet<Arc<str>>,
    odd_names: HashMap<Arc<str>, PathBuf>,
    named: Vec<String>,
    given: HashMap<Arc<str>, Arc<[u8]>>,
    file_bytes: u64,
    cache: Mutex<Cache>,
}

#[derive(Debug, Default)]
struct Cache {
    held: HashMap<Arc<str>, Arc<[u8]>>,
    order: VecDeque<Arc<str>>,
    bytes: usize,
    sizes: BTreeMap<Arc<str>, u64>,
}

impl DiskFiles {
    /// The files that `walk` found below `root`; larger ones than `file_bytes` are not read.
    pub fn new(root: Root, walk: Walk, file_bytes: u64) -> Self {
        let mut cache = Cache::default();
        for (path, bytes) in walk.read {
            cache.hold(path, bytes);
        }
        Self {
            root,
            paths: walk.paths,
            quiet: walk.quiet,
            odd_names: walk.odd_names,
            named: walk.named,
            given: walk.unpacked,
            file_bytes,
            cache: Mutex::new(cache),
        }
    }

    /// Adds a file that is not on disk (standard input) under a path as shown.
    pub fn give(&mut self, path: &str, bytes: Vec<u8>) {
        let path: Arc<str> = path.into();
        if let Err(at) = self.paths.binary_search(&path) {
            self.paths.insert(at, path.clone());
        }
        self.named.push(path.to_string());
        self.quiet.remove(&path);
        self.given.insert(path, bytes.into());
    }

    /// Bytes of a file that was fetched in this run; 0 if it was not.
    pub fn size(&self, path: &str) -> u64 {
        if let Some(bytes) = self.given.get(path) {
            return bytes.len() as u64;
        }
        self.cache().sizes.get(path).copied().unwrap_or(0)
    }

    /// When a file was last written, where the system knows.
    pub fn modified(&self, path: &str) -> Option<std::time::SystemTime> {
        if self.given.contains_key(path) {
            return None;
        }
        std::fs::metadata(self.on_disk(path)?).and_then(|meta| meta.modified()).ok()
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where a path is on disk, if the run may read there: below the root, or below something named.
    fn on_disk(&self, path: &str) -> Option<PathBuf> {
        if let Some(odd) = self.odd_names.get(path) {
            return Some(odd.clone());
        }
        let on_disk = self.root.on_disk(path);
        if self.paths.binary_search_by(|listed| (**listed).cmp(path)).is_ok() {
            return Some(on_disk);
        }
        // Nobody listed it: text in a file led here. It must not lead out, by `..`, by an absolute path or
        // by a symbolic link: what stands there would end up in the output.
        let real = std::fs::canonicalize(&on_disk).ok()?;
        let inside =
            |folder: &Path| std::fs::canonicalize(folder).is_ok_and(|folder| real.starts_with(folder));
        let allowed = real.starts_with(self.root.folder())
            || self.named.iter().any(|named| {
                let named = self.root.on_disk(named);
                if named.is_dir() { inside(&named) } else { named.parent().is_some_and(inside) }
            });
        allowed.then_some(on_disk)
    }

    fn fetch(&self, path: &str) -> Result<Arc<[u8]>, FileError> {
        let on_disk = self.on_disk(path).ok_or(FileError::Missing)?;
        let unreadable = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => FileError::Missing,
            std::io::ErrorKind::IsADirectory => FileError::Missing,
            _ => FileError::Unreadable(open::reason(&error)),
        };
        let too_large = || FileError::Unreadable(format!("is larger than {} MiB", self.file_bytes >> 20));
        let (file, size) = open::regular(&on_disk).map_err(unreadable)?;
        if size > self.file_bytes {
            return Err(too_large());
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0).saturating_add(1));
        // A file may grow while it is read.
        file.take(self.file_bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 > self.file_bytes { Err(too_large()) } else { Ok(bytes.into()) }
    }
}

impl Cache {
    fn hold(&mut self, path: Arc<str>, bytes: Arc<[u8]>) {
        self.sizes.insert(path.clone(), bytes.len() as u64);
        if bytes.len() > CACHE_BYTES / 4 || self.held.contains_key(&path) {
            return;
        }
        self.bytes += bytes.len();
        self.held.insert(path.clone(), bytes);
        self.order.push_back(path);
        while self.bytes > CACHE_BYTES
            && let Some(oldest) = self.order.pop_front()
        {
            self.bytes -= self.held.remove(&oldest).map_or(0, |bytes| bytes.len());
        }
    }
}

impl Files for DiskFiles {
    fn list(&self) -> &[Arc<str>] {
        &self.paths
    }

    fn bytes(&self, path: &str) -> Result<Arc<[u8]>, FileError> {
        if let Some(bytes) = self.given.get(path) {
            return Ok(bytes.clone());
        }
        if let Some(bytes) = self.cache().held.get(path) {
            return Ok(bytes.clone());
        }
        let bytes = self.fetch(path)?;
        self.cache().hold(path.into(), bytes.clone());
        Ok(bytes)
    }

    fn is_quiet(&self, path: &str) -> bool {
        self.quiet.contains(path)
    }

    fn named(&self, path: &str) -> bool {
        let folders = |path: &str| if path == "." { 0 } else { path.split('/').count() };
        // The innermost folder on the way that only naming opens, counted in folders from the root.
        let parents = path.rsplit_once('/').map_or("", |(parents, _)| parents);
        let closed = parents
            .split('/')
            .enumerate()
            .filter(|(_, folder)| is_left_alone(folder))
            .last()
            .map(|(at, _)| at + 1);
        self.named.iter().any(|named| {
            if named == path || named == parents || (named == "." && parents.is_empty()) {
                return true;
            }
            let above = path.strip_prefix(named.as_str()).is_some_and(|rest| rest.starts_with('/'));
            above && closed.is_none_or(|closed| folders(named) >= closed)
        })
    }
}
