//! Files that lie packed in others: members of `.zip` archives, and what a `.gz` holds.
//!
//! A member is a file like any other, under the path of its archive and its own: `dump.zip/eu-west-1/groups.json`. Only
//! JSON and YAML is unpacked, and only what can matter is kept. Archives inside of archives stay closed.

use super::open;
use super::relevance::{Kind, Look, look};
use super::walk::{BINARY, Skipped, too_large};
use flate2::read::MultiGzDecoder;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zip::ZipArchive;
use zip::result::ZipError;

/// Members that are looked for in one archive.
const MEMBERS: usize = 10_000;
/// Bytes that all archives of a run may unpack to.
const BYTES: u64 = 512 << 20;
/// The end record of an archive: its length without a comment, and how long a comment may be.
const END: (u64, u64) = (22, u16::MAX as u64);

/// An archive among the files.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Archive {
    /// Its path as the output shows it.
    pub shown: String,
    pub on_disk: PathBuf,
    /// Whether the user named this very path.
    pub named: bool,
}

/// Whether a file's name is one of an archive that may hold documents: `.zip`, and `.gz` behind a document's name.
pub(super) fn is_archive(path: &Path) -> bool {
    is_zip(path)
        || (is_gzip(path)
            && Kind::of(Path::new(path.file_stem().unwrap_or_default())) == Some(Kind::Document))
}

/// The same for a file that the user named: then a `.gz` may hold a document whatever its name.
pub(super) fn is_named_archive(path: &Path) -> bool {
    is_zip(path) || is_gzip(path)
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|of| of.eq_ignore_ascii_case(ending))
}

fn is_zip(path: &Path) -> bool {
    has_ending(path, "zip")
}

fn is_gzip(path: &Path) -> bool {
    has_ending(path, "gz")
}

/// What archives held.
#[derive(Debug, Default)]
pub(super) struct Unpacked {
    /// Files that can matter, by path as shown.
    pub files: HashMap<Arc<str>, Arc<[u8]>>,
    pub skipped: Vec<Skipped>,
}

/// Unpacks archives one after another, in order, so that a limit is met at the same place in every run. No file is
/// larger than `file_bytes`, packed or unpacked.
pub(super) fn unpack(mut archives: Vec<Archive>, file_bytes: u64) -> Unpacked {
    // One that was named and walked as well was named.
    archives.sort_by(|a, b| (&a.shown, !a.named).cmp(&(&b.shown, !b.named)));
    archives.dedup_by(|a, b| a.shown == b.shown);
    let mut unpacker =
        Unpacker { file_bytes, left: BYTES, unpacked: Unpacked::default(), buffer: Vec::new() };
    for archive in &archives {
        if let Err(reason) = unpacker.archive(archive) {
            unpacker.skip(archive, archive.shown.clone(), reason);
        }
    }
    unpacker.unpacked
}

struct Unpacker {
    file_bytes: u64,
    /// Bytes that may still be unpacked in this run.
    left: u64,
    unpacked: Unpacked,
    buffer: Vec<u8>,
}

impl Unpacker {
    fn skip(&mut self, archive: &Archive, path: String, reason: String) {
        self.unpacked.skipped.push(Skipped { path, reason, named: archive.named });
    }

    fn archive(&mut self, archive: &Archive) -> Result<(), String> {
        let opened =
            if archive.named { open::regular(&archive.on_disk) } else { open::walked(&archive.on_disk) };
        let (mut file, size) = opened.map_err(|error| open::reason(&error))?;
        if size > self.file_bytes {
            return Err(too_large(self.file_bytes));
        }
        if !is_zip(&archive.on_disk) {
            let name = archive.on_disk.file_stem().map(super::root::name).unwrap_or_default();
            let path = format!("{}/{name}", archive.shown);
            return self.member(archive, path, MultiGzDecoder::new(file));
        }
        if entries(&mut file).map_err(|error| open::reason(&error))? > MEMBERS {
            return Err(format!("holds more than {MEMBERS} files, the limit for one archive"));
        }
        let mut zip = ZipArchive::new(file).map_err(|error| broken(&error))?;
        for index in 0..zip.len().min(MEMBERS) {
            let name = match zip.name_for_index(index) {
                Some(Ok(name)) => name.into_owned(),
                Some(Err(error)) => {
                    self.skip(archive, archive.shown.clone(), broken(&error));
                    continue;
                }
                None => continue,
            };
            let Some(inside) = path_inside(&name) else { continue };
            let path = format!("{}/{inside}", archive.shown);
            if is_archive(Path::new(&inside)) {
                self.skip(archive, path, "is an archive in an archive: unpack it first".to_owned());
            } else if is_wanted(&inside, archive.named) {
                let outcome = match zip.by_index(index) {
                    Ok(member) => self.member(archive, path.clone(), member),
                    Err(error) => Err(broken(&error)),
                };
                if let Err(reason) = outcome {
                    self.skip(archive, path, reason);
                }
            }
        }
        Ok(())
    }

    /// Keeps a member if it can matter.
    fn member(&mut self, archive: &Archive, path: String, from: impl Read) -> Result<(), String> {
        let limit = self.file_bytes.min(self.left);
        let mut bytes = Vec::new();
        let read = from.take(limit.saturating_add(1)).read_to_end(&mut bytes);
        let size = bytes.len() as u64;
        let ran_out = size > self.left;
        self.left = self.left.saturating_sub(size);
        if ran_out {
            return Err(format!("archives of one run unpack to more than {} MiB, the limit", BYTES >> 20));
        }
        if size > self.file_bytes {
            return Err(too_large(self.file_bytes));
        }
        read.map_err(|error| format!("cannot be unpacked: {}", crate::escape::line(&error.to_string())))?;
        match look(Kind::Document, &bytes[..], size, self.file_bytes, &mut self.buffer) {
            Ok(Look::Matters(_)) => {
                let first = !self.unpacked.files.contains_key(path.as_str());
                if !first {
                    self.skip(
                        archive,
                        path,
                        "stands twice in the archive: the first one was read".to_owned(),
                    );
                    return Ok(());
                }
                self.unpacked.files.insert(path.into(), bytes.into());
                Ok(())
            }
            Ok(Look::Irrelevant) => Ok(()),
            Ok(Look::Binary) => Err(BINARY.to_owned()),
            Ok(Look::Huge) => Err(too_large(self.file_bytes)),
            Err(error) => Err(open::reason(&error)),
        }
    }
}

/// Whether a member may be a document: by its name, or, in an archive that was named, whatever it is called.
fn is_wanted(path: &str, named: bool) -> bool {
    match Kind::of(Path::new(path)) {
        Some(Kind::Document) => true,
        Some(Kind::Python | Kind::CdkSettings | Kind::Manifest) => false,
        None => named && Path::new(path).extension().is_none_or(|ending| ending.eq_ignore_ascii_case("txt")),
    }
}

/// A member's name as a path below its archive, whatever stands in it; `None` = a folder, or what an archiver adds for
/// itself.
fn path_inside(name: &str) -> Option<String> {
    if name.ends_with(['/', '\\']) {
        return None;
    }
    let parts: Vec<&str> = name
        .split(['/', '\\'])
        .filter(|part| !part.is_empty() && *part != ".")
        // It must not look like a way out of the archive.
        .map(|part| if part == ".." { "_" } else { part })
        .collect();
    let last = parts.last()?;
    (parts.first() != Some(&"__MACOSX") && !last.starts_with("._")).then(|| parts.join("/"))
}

/// How many files an archive says that it holds, from its end record alone: before anything is read that grows with
/// them.
fn entries(file: &mut File) -> io::Result<usize> {
    let length = file.seek(SeekFrom::End(0))?;
    let from = length.saturating_sub(END.0 + END.1);
    file.seek(SeekFrom::Start(from))?;
    let mut tail = Vec::new();
    file.take(END.0 + END.1).read_to_end(&mut tail)?;
    file.rewind()?;
    let found = memchr::memmem::rfind(&tail, b"PK\x05\x06");
    let count = found.and_then(|at| tail.get(at + 10..at + 12));
    let count = count.and_then(|count| count.try_into().ok()).map_or(0, u16::from_le_bytes);
    Ok(usize::from(count))
}

fn broken(error: &ZipError) -> String {
    match error {
        ZipError::UnsupportedArchive(why) if *why == ZipError::PASSWORD_REQUIRED => {
            "is encrypted: unpack it first".to_owned()
        }
        ZipError::CompressionMethodNotSupported(_) => {
            "is packed by a method that is not supported: pack it with deflate".to_owned()
        }
        other => format!("cannot be unpacked: {}", crate::escape::line(&other.to_string())),
    }
}

#[cfg(test)]
#[path = "archive_tests.rs"]
mod tests;
