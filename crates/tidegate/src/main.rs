//! `tidegate`, the program.

use clap::Parser as _;
use std::process::ExitCode;

/// An analysis is many small values that live as long as it does: the system's allocator takes a third of its time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    tidegate::run(tidegate::cli::Cli::parse()).into()
}
