//! `tidegate`, the program.

use clap::Parser as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    tidegate::run(tidegate::cli::Cli::parse()).into()
}
