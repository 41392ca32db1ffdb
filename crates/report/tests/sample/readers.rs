//! Other people's programs that read what was written.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a program printed; nothing if it is not installed, which is said aloud.
pub fn output(program: &str, arguments: &[&str], file: &Path) -> Option<String> {
    let mut command = Command::new(program);
    command.args(arguments).arg(file);
    if program == "pdftotext" {
        command.arg("-");
    }
    match command.output() {
        Ok(output) => {
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{program} {arguments:?}: {} {errors}", output.status);
            Some(String::from_utf8_lossy(&output.stdout).into_owned())
        }
        Err(error) => {
            // Not `println!`, which a test that passes keeps to itself.
            let notice = format!(
                "skipped: {program} does not start ({error}); `cargo xtask test` installs it and runs this"
            );
            let _ = writeln!(std::io::stderr(), "{notice}");
            None
        }
    }
}

/// Bytes as a file of this test.
pub fn file(test: &str, extension: &str, bytes: &[u8]) -> PathBuf {
    let folder = Path::new(option_env!("CARGO_TARGET_TMPDIR").unwrap_or(".")).join(test);
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join(format!("document.{extension}"));
    std::fs::write(&file, bytes).unwrap();
    file
}

/// Text without its blanks and line ends: where lines end is the layout's business.
pub fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}
