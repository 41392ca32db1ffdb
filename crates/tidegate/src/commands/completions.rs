//! `tidegate completions SHELL`.

use crate::cli::Cli;
use crate::exit::Exit;
use crate::print;
use anyhow::Result;
use clap::CommandFactory as _;

/// Prints the completions for a shell.
pub fn run(shell: clap_complete::Shell) -> Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "tidegate", &mut script);
    print::document(&script)?;
    Ok(Exit::Clean)
}
