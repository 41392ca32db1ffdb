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

    /// Network security groups, routes, gateways, interfaces and what else decides about egress in Azure
    Azure(AzureArgs),

    /// Firewall rules and policies, routes, gateways, machines and what else decides about egress in Google Cloud
    Gcp(GcpArgs),
}

/// What every snapshot takes.
#[derive(Debug, Args)]
pub struct TakingArgs {
    /// The folder to write to; made if need be
    #[arg(short, long, value_name = "DIR", required_unless_present = "print_policy")]
    pub output: Option<PathBuf>,

    /// Go on with the snapshot that is in the folder: fetch what is not there
    #[arg(long)]
    pub resume: bool,

    /// Calls at once, at most [default: 32]
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<std::num::NonZeroUsize>,

    /// Print the least permissions for these options, and fetch nothing
    #[arg(long)]
    pub print_policy: bool,

    /// Say nothing but errors
    #[arg(short, long)]
    pub quiet: bool,

    /// When to use colour
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN")]
    pub color: Colour,
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
    /// Where to, and how
    #[command(flatten)]
    pub taking: TakingArgs,

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
}

/// `tidegate snapshot azure`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tidegate snapshot azure --output now                      all subscriptions that you see
  tidegate snapshot azure --output now --subscription 00000000-0000-0000-0000-000000000000
  tidegate snapshot azure --output now --resume             go on, ask for what is missing
  tidegate snapshot azure --print-policy > role.json        the permissions it takes, as a custom role
  AZURE_TOKEN_CREDENTIALS=dev tidegate snapshot azure --output now
                                                            as who is signed in to the Azure CLI

Nothing is changed, and nothing is sent anywhere but to Azure. Credentials are looked for in this
order: AZURE_TENANT_ID and AZURE_CLIENT_ID with AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PATH
or AZURE_FEDERATED_TOKEN_FILE; the identity of the machine or of App Service; the Azure CLI (`az
login`). AZURE_TOKEN_CREDENTIALS (prod, dev, AzureCliCredential …) takes some of them only. Proxies
(HTTPS_PROXY) and certificates (REQUESTS_CA_BUNDLE) are heeded, and TIDEGATE_MAX_ATTEMPTS [default:
10]. For Azure Government and China: AZURE_AUTHORITY_HOST.

Exit status:
  0  everything is there
  2  wrong usage, no credentials, or a folder that cannot be written
  3  something is missing: manifest.json says what and why")]
pub struct AzureArgs {
    /// Where to, and how
    #[command(flatten)]
    pub taking: TakingArgs,

    /// These subscriptions (repeatable, commas) [default: all that the credentials see]
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub subscription: Vec<String>,

    /// Another Resource Manager than Azure's own; also TIDEGATE_AZURE_ENDPOINT
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<String>,
}

/// `tidegate snapshot gcp`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tidegate snapshot gcp --output now                        all projects that you see
  tidegate snapshot gcp --output now --project acme-prod,acme-test
  tidegate snapshot gcp --output now --organization 123456789012
                                                            all projects below, with the firewall
                                                            policies of the organization and its folders
  tidegate snapshot gcp --output now --resume               go on, ask for what is missing
  tidegate snapshot gcp --print-policy > role.yaml          the permissions it takes, as a custom role

Nothing is changed, and nothing is sent anywhere but to Google Cloud. Credentials are looked for in
this order: the file that GOOGLE_APPLICATION_CREDENTIALS names; the one that `gcloud auth
application-default login` leaves; the service account of the machine; gcloud (`gcloud auth login`).
Proxies (HTTPS_PROXY), certificates (CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE), GOOGLE_CLOUD_QUOTA_PROJECT,
GOOGLE_CLOUD_UNIVERSE_DOMAIN and TIDEGATE_MAX_ATTEMPTS [default: 10] are heeded.

Exit status:
  0  everything is there
  2  wrong usage, no credentials, or a folder that cannot be written
  3  something is missing: manifest.json says what and why")]
pub struct GcpArgs {
    /// Where to, and how
    #[command(flatten)]
    pub taking: TakingArgs,

    /// These projects (repeatable, commas) [default: all that the credentials see]
    #[arg(long, value_name = "ID", value_delimiter = ',', conflicts_with_all = ["organization", "folder"])]
    pub project: Vec<String>,

    /// Everything below this organization, by its number (repeatable, commas)
    #[arg(long, value_name = "NUMBER", value_delimiter = ',')]
    pub organization: Vec<String>,

    /// Everything below this folder, by its number (repeatable, commas)
    #[arg(long, value_name = "NUMBER", value_delimiter = ',')]
    pub folder: Vec<String>,

    /// One address in place of all of Google's; also TIDEGATE_GCP_ENDPOINT
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<String>,
}
