//! Standard output and standard error.

use crate::escape;
use anstream::{AutoStream, ColorChoice};
use std::io::{self, Write};

/// Writes a result to standard output. A reader that went away (`| head`) is no error.
pub fn result(text: &str, colour: ColorChoice) -> io::Result<()> {
    let mut out = AutoStream::new(io::stdout().lock(), colour);
    forgive(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// Writes a finished document to standard output as it is.
pub fn document(content: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    forgive(out.write_all(content).and_then(|()| out.flush()))
}

/// Writes a message to standard error; there is nowhere to report that this failed.
pub fn aside(text: &str, colour: ColorChoice) {
    let mut err = AutoStream::new(io::stderr().lock(), colour);
    let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
}

/// Writes an error with its causes on one line.
pub fn error(error: &anyhow::Error) {
    aside(&format!("error: {}\n", escape::lines(&format!("{error:#}"))), ColorChoice::Auto);
}

/// Text without colour codes, for files.
pub fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

fn forgive(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
