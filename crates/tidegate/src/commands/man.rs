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
    page.render_title(&mut roff)?;
    page.render_name_section(&mut roff)?;
    page.render_synopsis_section(&mut roff)?;
    page.render_description_section(&mut roff)?;
    page.render_options_section(&mut roff)?;
    // The options of each command belong on the same page: there is only one.
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        let page = clap_mangen::Man::new(sub.clone());
        roff.extend_from_slice(format!(".SH TIDEGATE {}\n", sub.get_name().to_uppercase()).as_bytes());
        page.render_synopsis_section(&mut roff)?;
        page.render_description_section(&mut roff)?;
        page.render_options_section(&mut roff)?;
        if sub.get_after_help().is_some() {
            page.render_extra_section(&mut roff)?;
        }
    }
    page.render_extra_section(&mut roff)?;
    page.render_version_section(&mut roff)?;
    // The generator calls what stands after the options EXTRA; ours are examples and the exit status.
    let roff = String::from_utf8_lossy(&roff).replace(".SH EXTRA\n", ".SH NOTES\n");
    print::document(&roff)?;
    Ok(Exit::Clean)
}
