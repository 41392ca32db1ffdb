//! Writing a result file whole or not at all.

use anyhow::{Context as _, Result};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once, PoisonError};

/// The temporary file that a signal has to take away, if one is being written.
static PENDING: Mutex<Option<PathBuf>> = Mutex::new(None);
static HANDLER: Once = Once::new();

/// Writes `content` to `path`: into a temporary file beside it, then renamed over it. An interrupted run
/// leaves the old file, or none, and no temporary one.
pub fn write(path: &Path, content: &[u8]) -> Result<()> {
    // A device such as /dev/stdout cannot be replaced by renaming over it.
    if std::fs::metadata(path).is_ok_and(|meta| !meta.is_file()) {
        return std::fs::write(path, content).with_context(|| format!("cannot write {}", path.display()));
    }
    // Through a symbolic link, the file it points to is replaced and the link stays.
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_path_buf(),
        _ => PathBuf::from("."),
    };
    HANDLER.call_once(|| {
        // Without a handler the file is still written whole; only the clean-up after a signal is lost.
        let _ = ctrlc::set_handler(|| {
            if let Some(path) = PENDING.lock().unwrap_or_else(PoisonError::into_inner).take() {
                let _ = std::fs::remove_file(path);
            }
            std::process::exit(130);
        });
    });
    let context = || format!("cannot write {}", path.display());
    let permissions = std::fs::metadata(&target).ok().map(|meta| meta.permissions());
    // The lock is held from before the file exists until its path is known, so that a signal in between
    // waits and finds it.
    let mut pending = PENDING.lock().unwrap_or_else(PoisonError::into_inner);
    let mut builder = tempfile::Builder::new();
    builder.prefix(".tidegate-").suffix(".tmp");
    #[cfg(unix)]
    if permissions.is_none() {
        use std::os::unix::fs::PermissionsExt as _;
        // Like any newly made file: the umask takes away what it takes away.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(&folder).with_context(context)?;
    *pending = Some(file.path().to_path_buf());
    drop(pending);
    let result = (|| {
        file.write_all(content)?;
        if let Some(permissions) = permissions {
            file.as_file().set_permissions(permissions)?;
        }
        file.as_file().sync_all()?;
        // From here on a signal waits until the name is changed.
        let mut pending = PENDING.lock().unwrap_or_else(PoisonError::into_inner);
        let renamed = file.persist(&target);
        *pending = None;
        renamed.map(drop).map_err(|error| error.error)
    })();
    // After a failure the temporary file goes away by itself, and there is nothing left for a signal.
    *PENDING.lock().unwrap_or_else(PoisonError::into_inner) = None;
    result.with_context(context)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_result_replaces_the_old_file_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.json");
        super::write(&path, b"one").unwrap();
        super::write(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error_that_names_the_file() {
        let error = super::write(std::path::Path::new("/nowhere/at/all/x.json"), b"").unwrap_err();
        assert!(error.to_string().contains("/nowhere/at/all/x.json"));
    }
}
