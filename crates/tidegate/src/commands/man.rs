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
    for (name, sub) in leaves(&command) {
        let page = clap_mangen::Man::new(sub.clone());
        let mut part = Vec::new();
        page.render_synopsis_section(&mut part)?;
        page.render_description_section(&mut part)?;
        page.render_options_section(&mut part)?;
        roff.extend_from_slice(format!(".SH TIDEGATE {}\n", name.to_uppercase()).as_bytes());
        roff.extend_from_slice(String::from_utf8_lossy(&part).replace(".SH ", ".SS ").as_bytes());
        if let Some(examples) = sub.get_after_help() {
            roff.extend_from_slice(as_written(".SS EXAMPLES", &examples.to_string(), "Examples:").as_bytes());
        }
    }
    if let Some(status) = command.get_after_help() {
        roff.extend_from_slice(
            as_written(".SH \"EXIT STATUS\"", &status.to_string(), "Exit status: ").as_bytes(),
        );
    }
    page.render_version_section(&mut roff)?;
    print::document(&roff)?;
    Ok(Exit::Clean)
}

/// The commands that do something, with their full names: `snapshot aws`, not `snapshot`.
fn leaves(command: &clap::Command) -> Vec<(String, &clap::Command)> {
    let below = command.get_subcommands().filter(|sub| sub.get_name() != "help");
    below
        .flat_map(|sub| {
            let name = sub.get_name().to_owned();
            let deeper = leaves(sub);
            match deeper.is_empty() {
                true => vec![(name, sub)],
                false => deeper.into_iter().map(|(deep, sub)| (format!("{name} {deep}"), sub)).collect(),
            }
        })
        .collect()
}

/// A section whose lines stay as they are: examples are to be copied.
fn as_written(heading: &str, text: &str, title: &str) -> String {
    let mut section = format!("{heading}\n.nf\n");
    for line in text.strip_prefix(title).unwrap_or(text).trim_matches('\n').lines() {
        let line = line.replace('\\', "\\e").replace('-', "\\-");
        // A line that begins with a dot or a quote would be a request to the formatter.
        let guard = if line.starts_with(['.', '\'']) { "\\&" } else { "" };
        section.push_str(&format!("{guard}{line}\n"));
    }
    section.push_str(".fi\n");
    section
}
