//! The folder that a run's paths are relative to, and how a path on disk becomes a path in the output.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};

/// The run's root: the git root above the first path if there is one, else the first path's folder.
#[derive(Debug, Clone)]
pub struct Root {
    folder: PathBuf,
}

impl Root {
    /// Finds the root from the first path that the user named.
    pub fn find(first: &Path) -> Self {
        let absolute = absolute(first);
        let start =
            if absolute.is_dir() { absolute.as_path() } else { absolute.parent().unwrap_or(&absolute) };
        let git = start.ancestors().find(|folder| folder.join(".git").symlink_metadata().is_ok());
        Self { folder: git.unwrap_or(start).to_path_buf() }
    }

    /// The folder itself, absolute.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A path as the output shows it: relative to the root, with `/`, always valid text. A path outside of
    /// the root is absolute. The way back is [`Root::on_disk`], except where the name is not UTF-8.
    pub fn show(&self, path: &Path) -> String {
        let absolute = absolute(path);
        let relative = absolute.strip_prefix(&self.folder).unwrap_or(&absolute);
        let mut shown = String::new();
        for component in relative.components() {
            match component {
                Component::RootDir => shown.push('/'),
                other => {
                    if !shown.is_empty() && !shown.ends_with('/') {
                        shown.push('/');
                    }
                    shown.push_str(&name(other.as_os_str()));
                }
            }
        }
        if shown.is_empty() { ".".to_owned() } else { shown }
    }

    /// Where a shown path is on disk.
    pub fn on_disk(&self, shown: &str) -> PathBuf {
        self.folder.join(shown)
    }
}

/// A path made absolute and free of `.` and `..`, with its parent's symbolic links resolved so that two
/// ways to one file are one path. The last component stays as named.
fn absolute(path: &Path) -> PathBuf {
    if let Ok(whole) = std::fs::canonicalize(path)
        && whole.is_dir()
    {
        return whole;
    }
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    match (std::fs::canonicalize(parent), path.file_name()) {
        (Ok(parent), Some(name)) => parent.join(name),
        _ => std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()),
    }
}

/// A file name as text. Bytes that are not UTF-8 are written as `\xNN`.
pub(super) fn name(name: &std::ffi::OsStr) -> Cow<'_, str> {
    if let Some(text) = name.to_str() {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    for chunk in name.as_encoded_bytes().utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_git_root_wins_over_the_named_folder() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join(".git")).unwrap();
        std::fs::create_dir_all(folder.path().join("infra/app")).unwrap();
        let root = Root::find(&folder.path().join("infra/app"));
        assert_eq!(root.folder(), folder.path().canonicalize().unwrap());
        assert_eq!(root.show(&folder.path().join("infra/app/../app/x.py")), "infra/app/x.py");
    }

    #[test]
    fn without_git_the_root_is_the_folder_of_the_first_path() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("a")).unwrap();
        std::fs::write(folder.path().join("a/x.py"), "").unwrap();
        let root = Root::find(&folder.path().join("a/x.py"));
        assert_eq!(root.show(&folder.path().join("a/x.py")), "x.py");
        let outside = folder.path().canonicalize().unwrap().join("b.py");
        assert_eq!(root.show(&outside), outside.to_str().unwrap());
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_not_utf8_are_shown_by_their_bytes() {
        use std::os::unix::ffi::OsStrExt as _;
        assert_eq!(name(std::ffi::OsStr::from_bytes(b"caf\xe9.py")), "caf\\xe9.py");
    }
}
