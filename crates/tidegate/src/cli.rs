//! The command line: what it takes and what its help says.

use crate::exit::FailOn;
use crate::output::Format;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use tidegate_audit::Level;

/// Finds, judges and explains every way a cloud workload may talk out.
#[derive(Debug, Parser)]
#[command(name = "tidegate", version, max_term_width = 110, arg_required_else_help = true)]
#[command(
    after_help = "Exit status: 0 nothing found, 1 findings, 2 wrong usage or a named path that cannot be read, \
3 finished but something could not be read."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Find open egress in code and templates
    Scan(Box<ScanArgs>),
    /// List the rules, or show what one means
    Rules(RulesArgs),
    /// Print the completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page (roff)
    Man,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// In any case
    Always,
    /// Not at all
    Never,
}

impl From<Colour> for anstream::ColorChoice {
    fn from(colour: Colour) -> Self {
        match colour {
            Colour::Auto => Self::Auto,
            Colour::Always => Self::Always,
            Colour::Never => Self::Never,
        }
    }
}

/// The file that a run compares with or writes when none is named.
pub const BASELINE: &str = ".tidegate/baseline.json";

/// What a command looks at, and how.
#[derive(Debug, Args)]
pub struct InputArgs {
    /// Files and folders to scan; `-` reads standard input
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<PathBuf>,

    /// Report only these rules (names or aliases, repeatable, commas)
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub select: Vec<String>,

    /// Do not report these rules (names or aliases, repeatable, commas)
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub ignore: Vec<String>,

    /// Settings (default: tidegate.toml in the root)
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// CloudFormation parameter values (JSON)
    #[arg(long, value_name = "FILE")]
    pub parameters: Option<PathBuf>,

    /// The name under which standard input is read and reported
    #[arg(long, value_name = "NAME")]
    pub stdin_filename: Option<PathBuf>,

    /// Look also at what .gitignore and .ignore files leave out
    #[arg(long)]
    pub no_ignore: bool,

    /// Look also at hidden files and folders
    #[arg(long)]
    pub hidden: bool,

    /// Number of threads (default: one per core)
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<std::num::NonZeroUsize>,
}

/// `tidegate scan`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tidegate scan                                     the folder you are in
  tidegate scan app.py templates/                   these only
  tidegate scan cdk.out                             what `cdk synth` wrote
  tidegate scan --format sarif --output out.sarif   for code scanning
  tidegate scan --select S6463                      that rule, word for word
  tidegate scan --fail-on medium --strict           fail on medium risk, and on what nobody can know
  tidegate scan --write-baseline                    accept what there is today
  tidegate scan --baseline .tidegate/baseline.json  and from now on show only what is new
  tidegate scan --explain 3f2a                      everything about one finding
  git show HEAD:app.py | tidegate scan - --stdin-filename app.py

Exit status:
  0  nothing at or above --fail-on
  1  findings
  2  wrong usage, or a named path that cannot be read
  3  finished and nothing found, but something could not be read")]
pub struct ScanArgs {
    /// What to look at.
    #[command(flatten)]
    pub inputs: InputArgs,

    /// How to print the result
    #[arg(short, long, value_enum, default_value = "text")]
    pub format: Format,

    /// Write the result to a file, whole or not at all
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Exit with 1 from this risk on: informational, low, medium, high, critical, or never [default: low]
    #[arg(long, value_name = "LEVEL", value_parser = fail_on(), hide_possible_values = true)]
    pub fail_on: Option<FailOn>,

    /// Leave out the findings of this baseline, as long as no more gets out than it says
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,

    /// Write today's findings to a baseline (.tidegate/baseline.json in the root if no file is named)
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    pub write_baseline: Option<Option<PathBuf>>,

    /// Fail on what could not be decided, too
    #[arg(long)]
    pub strict: bool,

    /// Show everything about the finding with this fingerprint (or its beginning)
    #[arg(long, value_name = "FINGERPRINT", conflicts_with_all = ["format", "write_baseline"])]
    pub explain: Option<String>,

    /// When to use colour
    #[arg(long, value_enum, default_value = "auto")]
    pub color: Colour,

    /// Print findings and errors, nothing else
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Print notes and ratings as well
    #[arg(short, long)]
    pub verbose: bool,
}

/// `tidegate rules`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tidegate rules                                  the list
  tidegate rules open-egress                      one rule: what, why, what to do, examples
  tidegate rules S6463                            by the name another tool gives it
  tidegate rules open-egress --format markdown    the page as it is")]
pub struct RulesArgs {
    /// A rule, by name or alias
    pub rule: Option<String>,

    /// How to print
    #[arg(short, long, value_enum, default_value = "text")]
    pub format: RulesFormat,

    /// When to use colour
    #[arg(long, value_enum, default_value = "auto")]
    pub color: Colour,
}

/// How `tidegate rules` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RulesFormat {
    /// For a terminal
    Text,
    /// Markdown
    Markdown,
    /// JSON
    Json,
}

fn fail_on() -> impl clap::builder::TypedValueParser<Value = FailOn> {
    use clap::builder::TypedValueParser as _;
    clap::builder::PossibleValuesParser::new(["informational", "low", "medium", "high", "critical", "never"])
        .map(|level| Level::from_name(&level).map_or(FailOn::Never, FailOn::Risk))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_definition_of_the_command_line_holds_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn rules_come_in_lists_and_repeatedly() {
        let cli = Cli::try_parse_from([
            "tidegate",
            "scan",
            "--select",
            "a,b",
            "--select",
            "c",
            "--write-baseline",
            "x",
        ]);
        let Command::Scan(args) = cli.unwrap().command else { panic!("not a scan") };
        assert_eq!(args.inputs.select, ["a", "b", "c"]);
        assert_eq!(args.inputs.paths, [PathBuf::from("x")]);
        assert_eq!(args.write_baseline, Some(None));
    }
}
