//! What `tidegate report` takes.

use super::{Colour, InputArgs};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// `tidegate report`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tidegate report dumps/ --output report.html              the whole report, one file
  tidegate report --client Acme --output report.pdf        for paper; report.docx for Word
  tidegate report --client Acme --output report.md         Markdown, with pictures in a folder beside it
  tidegate report dumps/ --template house.md --inspect     what a template asks for
  tidegate report dumps/ --template house.md --set CLIENTNAME=Acme --set NAME=core
  tidegate report dumps/ --template house.md --draft       leave open what has no value
  tidegate report dumps/ --template house.md --option LAMBDA --without-option 1
  tidegate report --single open-egress                     one finding on its own
  tidegate report dumps/ --retest old.json --output retest.html   what became of the findings of then
  tidegate report dumps/ --systems systems.csv --output report.html
  tidegate report dumps/ --format sysreptor | reptor finding       hand the findings over to a reporting tool

Exit status:
  0  written
  2  wrong usage, a template without a value, or a named path that cannot be read
  3  written, but something could not be read")]
pub struct ReportArgs {
    /// What to look at.
    #[command(flatten)]
    pub inputs: InputArgs,

    /// How to write it [default: by the output's name, else md]
    #[arg(short, long, value_enum)]
    pub format: Option<ReportFormat>,

    /// Write to a file, whole or not at all
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Fill in this template (a file, or the name of one that ships along) and write what becomes of it, once per
    /// rule and platform
    #[arg(long, value_name = "FILE|NAME", help_heading = "Templates")]
    pub template: Option<String>,

    /// The rules whose findings the template tells [default: what its front matter says, else open-egress and
    /// open-egress-by-default]
    #[arg(
        long = "for",
        value_name = "RULE",
        value_delimiter = ',',
        requires = "template",
        help_heading = "Templates"
    )]
    pub for_rules: Vec<String>,

    /// A value for a template (repeatable)
    #[arg(long, value_name = "NAME=VALUE", help_heading = "Templates")]
    pub set: Vec<String>,

    /// Keep the parts of a template with this label (repeatable, commas)
    #[arg(long, value_name = "LABEL", value_delimiter = ',', help_heading = "Templates")]
    pub option: Vec<String>,

    /// Drop the option with this number (repeatable, commas; --inspect lists them)
    #[arg(
        long,
        value_name = "NUMBER",
        value_delimiter = ',',
        requires = "template",
        help_heading = "Templates"
    )]
    pub without_option: Vec<String>,

    /// Keep visibly what has no value, instead of failing
    #[arg(long, help_heading = "Templates")]
    pub draft: bool,

    /// Show what the template asks for and what would fill it, and write nothing
    #[arg(long, help_heading = "Templates")]
    pub inspect: bool,

    /// Whose ratings stand in a template: its author's, or those that the facts lead to
    #[arg(long, value_enum, default_value = "author", help_heading = "Templates")]
    pub rating: Ratings,

    /// A folder of templates to use instead of those that ship along
    #[arg(long, value_name = "FOLDER", help_heading = "Templates")]
    pub templates: Option<PathBuf>,

    /// A reviewer's own texts per finding [default: report.toml in the root]
    #[arg(long, value_name = "FILE", help_heading = "Templates")]
    pub texts: Option<PathBuf>,

    /// Only one finding: its fingerprint (or the beginning of it), or a rule
    #[arg(long, value_name = "FINDING")]
    pub single: Option<String>,

    /// Compare with an earlier run (its JSON): what is resolved, partly resolved, open, new
    #[arg(long, value_name = "OLD.json")]
    pub retest: Option<PathBuf>,

    /// Replace accounts, addresses and names, the same one by the same word everywhere
    #[arg(long)]
    pub redact: bool,

    /// The client's name
    #[arg(long, value_name = "NAME")]
    pub client: Option<String>,

    /// The report's title
    #[arg(long, value_name = "TITLE")]
    pub title: Option<String>,

    /// Who wrote it
    #[arg(long, value_name = "NAME")]
    pub author: Option<String>,

    /// The size of pages of PDF and DOCX
    #[arg(long, value_enum, default_value = "a4")]
    pub paper: PaperSize,

    /// A DOCX whose styles, page and headers are taken over
    #[arg(long, value_name = "FILE")]
    pub reference: Option<PathBuf>,

    /// The kind of the pictures beside a Markdown file; `png` also puts them into the file for DefectDojo or Ghostwriter
    #[arg(long, value_enum, default_value = "svg")]
    pub pictures: PictureKind,

    /// Write all affected systems to a CSV file, too
    #[arg(long, value_name = "FILE")]
    pub systems: Option<PathBuf>,

    /// Leave out the findings of this baseline
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,

    /// When to use colour
    #[arg(long, value_enum, default_value = "auto")]
    pub color: Colour,

    /// Print errors, nothing else
    #[arg(short, long)]
    pub quiet: bool,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// Markdown
    Md,
    /// HTML, one file
    Html,
    /// PDF, tagged for screen readers
    Pdf,
    /// DOCX, for Word and LibreOffice
    Docx,
    /// JSON, as of `tidegate scan`
    Json,
    /// Findings for SysReptor (`reptor finding`)
    Sysreptor,
    /// Findings for Ghostwriter (a GraphQL request)
    Ghostwriter,
    /// Vulnerabilities for PwnDoc (Data > Dump)
    Pwndoc,
    /// Findings for DefectDojo (Generic Findings Import)
    Defectdojo,
    /// OCSF Detection Findings
    Ocsf,
}

/// The size of pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PaperSize {
    /// 210 × 297 mm
    A4,
    /// 8.5 × 11 in
    Letter,
}

/// The kind of the pictures beside a Markdown file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PictureKind {
    /// Sharp at every size
    Svg,
    /// For tools that take no SVG
    Png,
}

/// Whose ratings stand in a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Ratings {
    /// Its author's; a warning says where the facts lead to others
    Author,
    /// Those that the facts lead to
    Computed,
}
