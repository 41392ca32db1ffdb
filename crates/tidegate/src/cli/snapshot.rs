//! What `tidegate snapshot` takes.

use super::Colour;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `tidegate snapshot`
#[derive(Debug, Args)]
pub struct SnapshotArgs {
    /// Of what.
    #[command(subcommand)]
    pub of: SnapshotOf,
}

/// The clouds that a snapshot can be taken of.
#[derive(Debug, Subcommand)]
pub enum SnapshotOf {
    /// Security groups, routes, gateways, interfaces and what else decides about egress in AWS
    Aws(AwsArgs),
}

/// `tidegate snapshot aws`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tidegate snapshot aws --output now                        all regions of your account
  tidegate snapshot aws --output now --region eu-west-1     one region
  tidegate snapshot aws --output now --profile audit        another profile of the AWS CLI
  tidegate snapshot aws --output now --organization --role SecurityAudit
  tidegate snapshot aws --output now --account 123456789012 --role SecurityAudit
  tidegate snapshot aws --output now --resume               go on, ask for what is missing
  tidegate snapshot aws --print-policy                      the permissions it takes

Nothing is changed, and nothing is sent anywhere but to AWS. Credentials, endpoints, proxies
(HTTPS_PROXY) and certificates (AWS_CA_BUNDLE) are found where the AWS CLI finds them.

Exit status:
  0  everything is there
  2  wrong usage, no credentials, or a folder that cannot be written
  3  something is missing: manifest.json says what and why")]
pub struct AwsArgs {
    /// The folder to write to; made if need be
    #[arg(short, long, value_name = "DIR", required_unless_present = "print_policy")]
    pub output: Option<PathBuf>,

    /// Only these regions (repeatable, commas) [default: all that are switched on]
    #[arg(long, value_name = "REGION", value_delimiter = ',')]
    pub region: Vec<String>,

    /// A profile of the AWS configuration
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,

    /// These accounts (repeatable, commas) [default: the one you are signed in to]
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub account: Vec<String>,

    /// All active accounts of the organization
    #[arg(long, conflicts_with = "account")]
    pub organization: bool,

    /// The role to take on in other accounts, with its path if it has one
    #[arg(long, value_name = "NAME")]
    pub role: Option<String>,

    /// The external id that the role asks for
    #[arg(long, value_name = "ID", requires = "role")]
    pub external_id: Option<String>,

    /// Go on with the snapshot that is in the folder: fetch what is not there
    #[arg(long)]
    pub resume: bool,

    /// Calls at once, at most [default: 32]
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<std::num::NonZeroUsize>,

    /// Print the least IAM policy for these options, and fetch nothing
    #[arg(long)]
    pub print_policy: bool,

    /// Say nothing but errors
    #[arg(short, long)]
    pub quiet: bool,

    /// When to use colour
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN")]
    pub color: Colour,
}
