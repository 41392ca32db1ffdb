//! `tidegate man`: one page with every command.

use crate::cli::Cli;
use crate::exit::Exit;
use crate::print;
use anyhow::Result;
use clap::CommandFactory as _;

/// Prints the manual page.
pub fn run() -> Result<Exit> {
    let mut roff = Vec::new();
    let mut command = Cli::command();
    command.build();
    let page = clap_mangen::Man::new(command.clone());
    page.render(&mut roff)?;
    // The options of each command belong on the same page: there is only one.
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        let page = clap_mangen::Man::new(sub.clone());
        roff.extend_from_slice(format!(".SH TIDEGATE {}\n", sub.get_name().to_uppercase()).as_bytes());
        page.render_synopsis_section(&mut roff)?;
        page.render_description_section(&mut roff)?;
        page.render_options_section(&mut roff)?;
        page.render_extra_section(&mut roff)?;
    }
    print::document(&String::from_utf8_lossy(&roff))?;
    Ok(Exit::Clean)
}
