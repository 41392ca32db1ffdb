//! A server that stands in for AWS, and a proxy before it that goes wrong as the real one does.

#![allow(dead_code, reason = "each test file uses its own part")]

pub mod proxy;

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

/// What every test signs with. The secret must never be seen anywhere.
pub const KEY: &str = "AKIDEXAMPLEKEY000001";
pub const SECRET: &str = "wJalrXUtnFEMIbPxRfiCYEXAMPLESECRET00001";
pub const TOKEN: &str = "IQoJb3JpZ2luX2VjEXAMPLETOKEN000001";
/// Whose estate it is.
pub const ACCOUNT: &str = "123456789012";

/// The Python that has the stand-in; `cargo xtask test` installs it and says where.
pub fn python() -> Option<PathBuf> {
    match std::env::var_os("TIDEGATE_AWS") {
        Some(python) => Some(PathBuf::from(python)),
        None => {
            eprintln!("left out: TIDEGATE_AWS is not set; `cargo xtask test` sets it");
            None
        }
    }
}

/// The stand-in. It ends with this value.
pub struct Moto {
    child: Child,
    stdin: Option<ChildStdin>,
    pub port: u16,
}

impl Moto {
    /// Starts it with the small estate in these regions, and so many further groups in each.
    pub fn start(python: &Path, regions: &str, groups: usize) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/aws/serve.py");
        let mut child = Command::new(python)
            .arg(script)
            .args([regions, &groups.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // It tells of every gap that it has.
            .stderr(Stdio::null())
            .spawn()
            .expect("the stand-in starts");
        let stdin = child.stdin.take();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().parse().unwrap_or_else(|_| panic!("the stand-in says {line:?}"));
        Self { child, stdin, port }
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        self.stdin.take();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `tidegate snapshot aws` against an address, with nothing of the machine's own configuration.
pub fn snapshot(port: u16, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidegate"));
    command.args(["snapshot", "aws"]).args(arguments);
    configured(&mut command, port);
    command
}

/// Sets the environment of a program that talks to the stand-in.
pub fn configured(command: &mut Command, port: u16) {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("AWS_")
            || name.to_string_lossy().to_lowercase().ends_with("_proxy")
        {
            command.env_remove(name);
        }
    }
    command
        .env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}"))
        .env("AWS_ACCESS_KEY_ID", KEY)
        .env("AWS_SECRET_ACCESS_KEY", SECRET)
        .env("AWS_SESSION_TOKEN", TOKEN)
        .env("AWS_REGION", "eu-west-1")
        .env("AWS_MAX_ATTEMPTS", "4")
        .env("AWS_CONFIG_FILE", "/nonexistent")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
        .env("AWS_EC2_METADATA_DISABLED", "true");
}
