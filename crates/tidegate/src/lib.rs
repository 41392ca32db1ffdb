//! The command line of Tidegate: it finds files, lets the readers and the audit do their work, and writes
//! what they found. It judges nothing itself.
//!
//! Invariants:
//! - Results go to standard output or the named file, everything else to standard error.
//! - Text from outside passes [`escape`] before it is written, per format, and nowhere else.
//! - A result file is written whole or not at all; a closed pipe is no error.
//! - Nothing but regular files is ever opened, and nothing outside of the root unless named.

pub mod atomic;
pub mod cli;
pub mod commands;
pub use tidegate_report::escape;
pub mod decisions;
pub mod exit;
pub mod files;
pub mod output;
pub mod parameters;
pub mod pipeline;
pub mod plain;
pub mod positions;
pub mod print;
pub mod progress;
pub mod rulebook;
pub mod snippet;
pub mod words;

use exit::Exit;

/// Runs one command line and gives its exit status.
pub fn run(cli: cli::Cli) -> Exit {
    let result = match cli.command {
        cli::Command::Scan(args) => commands::scan::run(*args),
        cli::Command::Report(args) => commands::report::run(*args),
        cli::Command::Reach(args) => commands::reach::run(*args),
        #[cfg(feature = "snapshot")]
        cli::Command::Snapshot(args) => commands::snapshot::run(args),
        cli::Command::Review(args) => commands::review::run(*args),
        cli::Command::Rules(args) => commands::rules::run(&args),
        cli::Command::Completions { shell } => commands::completions::run(shell),
        cli::Command::Man => commands::man::run(),
    };
    result.unwrap_or_else(|error| {
        print::error(&error);
        Exit::Usage
    })
}
