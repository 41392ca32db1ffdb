//! The command line: what it takes and what its help says.

mod report;
#[cfg(feature = "snapshot")]
mod snapshot;

pub use report::{PaperSize, PictureKind, Ratings, ReportArgs, ReportFormat};
#[cfg(feature = "snapshot")]
pub use snapshot::{AwsArgs, AzureArgs, GcpArgs, SnapshotArgs, SnapshotOf, TakingArgs};

use crate::exit::FailOn;
use crate::output::Format;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use tidegate_audit::{Date, Level, Status};

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
    /// Write the findings as a report for people, or fill in a template
    Report(Box<ReportArgs>),
    /// Say what each workload can really talk to, through groups, network ACLs, routes and gateways
    Reach(Box<ReachArgs>),
    /// Fetch the state of a cloud's networks, read-only, for scan and reach
    #[cfg(feature = "snapshot")]
    Snapshot(SnapshotArgs),
    /// Decide about findings: list what awaits a decision, ask, or set one
    Review(Box<ReviewArgs>),
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

/// Where decisions about findings are kept, below the root.
pub const REVIEWS: &str = ".tidegate/reviews.toml";

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

impl InputArgs {
    /// These paths, and everything else as by default.
    pub fn of(paths: Vec<PathBuf>) -> Self {
        Self {
            paths,
            select: Vec::new(),
            ignore: Vec::new(),
            config: None,
            parameters: None,
            stdin_filename: None,
            no_ignore: false,
            hidden: false,
            jobs: None,
        }
    }
}

/// The form of an answer about reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReachFormat {
    /// For people
    Text,
    /// Everything, for programs
    Json,
    /// The ways out as a graph, for Graphviz
    Dot,
    /// The ways out as a picture
    Svg,
}

/// `tidegate reach`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tidegate reach snapshot/                                     every workload by exposure
  tidegate reach snapshot/ --from web-1                        one workload, all its ways out
  tidegate reach snapshot/ --from web-1 --to 1.1.1.1:443/tcp   one question, gate by gate
  tidegate reach snapshot/ --from web-1 --to db-1:5432         from one workload to another
  tidegate reach --diff before/ after/                         what can newly get out
  tidegate reach snapshot/ --format svg --output way-out.svg   a picture of the ways out

Exit status:
  0  the answer was given; with --to: it cannot get there; with --diff: nothing new gets out
  1  with --to: it gets there, or perhaps; with --diff: something new gets out, or perhaps
  2  wrong usage, or a named path that cannot be read
  3  the answer was given, but something could not be read")]
pub struct ReachArgs {
    /// Dumps or snapshots of AWS and Azure: files and folders
    #[arg(value_name = "SNAPSHOT", required_unless_present = "diff")]
    pub paths: Vec<PathBuf>,

    /// Only this workload: its id, its name, an interface of it, or an address
    #[arg(long, value_name = "WORKLOAD")]
    pub from: Option<String>,

    /// Where to: ADDRESS, ADDRESS:PORT, ADDRESS:PORT/PROTOCOL or ADDRESS/PROTOCOL, or a workload in place of the address
    #[arg(long, value_name = "WHERE", requires = "from")]
    pub to: Option<String>,

    /// Compare two snapshots
    #[arg(long, num_args = 2, value_names = ["OLD", "NEW"], conflicts_with_all = ["paths", "from", "to"])]
    pub diff: Vec<PathBuf>,

    /// Form of the answer
    #[arg(short, long, value_enum, default_value = "text")]
    pub format: ReachFormat,

    /// Write to a file
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Say nothing but the answer
    #[arg(short, long)]
    pub quiet: bool,

    /// When to use colour
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN")]
    pub color: Colour,
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

/// `tidegate review`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tidegate review                                   in a terminal: asks, one key a question; else: lists
  tidegate review --set 3f2a=safe --because \"a lab without data\" --sensitive no --private no
  tidegate review --set 3f2a=acknowledged --because \"until the proxy is there\" --until 2026-12-31
  tidegate review --set 3f2a=fixed --because \"closed in #42\"
  tidegate review --list                            every decision, and how it stands
  tidegate review --remove 3f2a                     take a decision back
  tidegate review --prune                           drop what matches no finding any more

Decisions are kept in .tidegate/reviews.toml below the root; commit it. `acknowledged` and `safe` no longer fail a
scan, until more gets out than when it was decided, or until the date is over.

Exit status:
  0  done
  2  wrong usage, or a named path that cannot be read
  3  done, but something could not be read")]
pub struct ReviewArgs {
    /// What to look at.
    #[command(flatten)]
    pub inputs: InputArgs,

    /// Decide about the finding with this fingerprint (or its beginning): safe, acknowledged or fixed (repeatable)
    #[arg(long, value_name = "FINGERPRINT=STATUS")]
    pub set: Vec<Setting>,

    /// Why; a decision needs a reason
    #[arg(long, value_name = "TEXT")]
    pub because: Option<String>,

    /// The last day on which the decision holds
    #[arg(long, value_name = "DATE", requires = "set")]
    pub until: Option<Date>,

    /// Who decides (default: git's user.name or user.email, else the user of the system)
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,

    /// Does the resource hold sensitive data, or has it access to it?
    #[arg(long, value_enum, value_name = "yes|no", requires = "set", hide_possible_values = true)]
    pub sensitive: Option<YesNo>,

    /// Is it in a private network?
    #[arg(long, value_enum, value_name = "yes|no", requires = "set", hide_possible_values = true)]
    pub private: Option<YesNo>,

    /// Take a decision back (repeatable)
    #[arg(long, value_name = "FINGERPRINT")]
    pub remove: Vec<String>,

    /// Drop the decisions that match no finding any more
    #[arg(long)]
    pub prune: bool,

    /// List every decision, and how it stands
    #[arg(long, conflicts_with_all = ["set", "remove", "prune"])]
    pub list: bool,

    /// When to use colour
    #[arg(long, value_enum, default_value = "auto")]
    pub color: Colour,

    /// Print results and errors, nothing else
    #[arg(short, long)]
    pub quiet: bool,
}

/// `FINGERPRINT=STATUS`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// A fingerprint, or the beginning of one.
    pub fingerprint: String,
    /// What is decided.
    pub status: Status,
}

impl std::str::FromStr for Setting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (fingerprint, status) =
            text.split_once('=').ok_or("write FINGERPRINT=safe, =acknowledged or =fixed")?;
        match Status::from_name(status.trim()) {
            None | Some(Status::ToReview) => Err(format!(
                "`{}` is no decision: safe, acknowledged or fixed",
                crate::escape::line(status.trim())
            )),
            Some(status) => Ok(Self { fingerprint: fingerprint.trim().to_owned(), status }),
        }
    }
}

/// An answer to one of the two questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum YesNo {
    /// It does
    Yes,
    /// It does not
    No,
}

impl From<YesNo> for bool {
    fn from(answer: YesNo) -> Self {
        answer == YesNo::Yes
    }
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
    fn a_decision_names_a_finding_and_a_status_that_somebody_can_decide() {
        let read = |text: &str| text.parse::<Setting>();
        let safe = Setting { fingerprint: "3f2a".to_owned(), status: Status::Safe };
        assert_eq!(read("3f2a=safe"), Ok(safe));
        assert!(read("3f2a").is_err() && read("3f2a=to-review").is_err() && read("3f2a=fine").is_err());
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
