//! Opening files without ever blocking on something that is not a file.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// The reason given for pipes and their like.
pub const NOT_REGULAR: &str = "is not a regular file but a pipe, device or socket";

/// Opens a regular file for reading and gives its size. A named pipe, a device or a socket is an error:
/// opening one could block for ever or set something off.
pub fn regular(path: &Path) -> io::Result<(File, u64)> {
    // Looked at before opening, since opening alone may have an effect on a device …
    check(&std::fs::metadata(path)?)?;
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        // … and once more after, without blocking, should it have been swapped in between.
        options.custom_flags(libc::O_NONBLOCK | libc::O_CLOEXEC);
    }
    let file = options.open(path)?;
    let meta = file.metadata()?;
    check(&meta)?;
    Ok((file, meta.len()))
}

/// The same for a file that a walk just saw as a regular one: one look less.
pub fn walked(path: &Path) -> io::Result<(File, u64)> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.custom_flags(libc::O_NONBLOCK | libc::O_CLOEXEC | libc::O_NOFOLLOW);
    }
    let file = options.open(path)?;
    let meta = file.metadata()?;
    check(&meta)?;
    Ok((file, meta.len()))
}

fn check(meta: &std::fs::Metadata) -> io::Result<()> {
    if meta.is_file() {
        Ok(())
    } else if meta.is_dir() {
        Err(io::Error::new(io::ErrorKind::IsADirectory, "is a folder"))
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidInput, NOT_REGULAR))
    }
}

/// Why a file cannot be read, in words for a diagnostic.
pub fn reason(error: &io::Error) -> String {
    use io::ErrorKind::*;
    match error.kind() {
        NotFound => "no such file or folder".into(),
        PermissionDenied => "no permission to read it".into(),
        IsADirectory | InvalidInput => error.to_string(),
        _ if error.raw_os_error() == loop_error() => "symbolic links that lead to each other".into(),
        _ => crate::escape::line(&error.to_string()).into_owned(),
    }
}

#[cfg(unix)]
fn loop_error() -> Option<i32> {
    Some(libc::ELOOP)
}
#[cfg(not(unix))]
fn loop_error() -> Option<i32> {
    None
}
