//! What a snapshot holds and what it lacks.
//!
//! There is one manifest for the whole snapshot, and one in the folder of each account and region: in Azure of each
//! subscription, in Google Cloud of each project, organization and folder, which have no regions. Both are JSON;
//! `tidegate` says so in their first key, by which they are recognised.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The file in each folder.
pub const FILE: &str = "manifest.json";

/// The version of the manifests that are written.
pub const VERSION: u32 = 1;

/// What wrote a manifest, and in which form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// Version of the form: [`VERSION`].
    pub snapshot: u32,
    /// Version of the program.
    pub version: String,
    /// The cloud.
    pub cloud: String,
}

impl Tool {
    /// This program.
    pub fn this(cloud: &str) -> Self {
        Self { snapshot: VERSION, version: env!("CARGO_PKG_VERSION").to_owned(), cloud: cloud.to_owned() }
    }
}

/// The manifest of one account, and region where the cloud is asked region by region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// What wrote it.
    pub tidegate: Tool,
    /// The account: a subscription in Azure, a project in Google Cloud, also `organizations/1`, `folders/2`.
    pub account: String,
    /// The region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Whether every part is.
    pub complete: bool,
    /// The answers, in the order in which they are asked for.
    pub parts: Vec<Part>,
}

impl Manifest {
    /// What it is of: `123456789012/eu-west-1`, or the account alone.
    pub fn place(&self) -> String {
        place(&self.account, self.region.as_deref())
    }

    /// The parts that are not there.
    pub fn missing(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(|part| !matches!(part.state, State::Complete | State::Unused))
    }
}

/// An account, with its region if it has one.
pub(crate) fn place(account: &str, region: Option<&str>) -> String {
    region.map_or_else(|| account.to_owned(), |region| format!("{account}/{region}"))
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The call, as the vendor's command line spells it: `ec2 describe-vpcs`.
    pub call: String,
    /// What it was asked about, for calls about one thing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// The file, relative to the manifest.
    pub file: String,
    /// Whether it is there.
    pub state: State,
    /// How many things it lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<usize>,
    /// When it was there, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken: Option<String>,
    /// Why it is not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Whether an answer is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It is, as a whole.
    Complete,
    /// Not asked for yet. In what a run left behind: it was interrupted.
    Pending,
    /// The cloud does not let these credentials ask.
    Refused,
    /// It did not come, however often it was asked for.
    Failed,
    /// The service that would know is not switched on: no hole, and no answer either.
    Unused,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            State::Complete => "complete",
            State::Pending => "pending",
            State::Refused => "refused",
            State::Failed => "failed",
            State::Unused => "unused",
        })
    }
}

/// The manifest of a whole snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// What wrote it.
    pub tidegate: Tool,
    /// When it was begun, RFC 3339.
    pub started: String,
    /// When it ended. `None`: it is being taken, or was interrupted.
    pub finished: Option<String>,
    /// Whether everything that was wanted is there.
    pub complete: bool,
    /// The accounts, by their ids.
    pub accounts: Vec<Account>,
}

/// One account of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: String,
    /// Its name, where an organisation tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Why nothing of it is there, if so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Why there is nothing in it to fetch, if so: no hole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Its folder, relative to the snapshot's, where the cloud is not asked region by region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// Whether every answer in that folder is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complete: Option<bool>,
    /// Its regions.
    pub regions: Vec<Region>,
}

impl Account {
    /// An account of which nothing is known.
    pub(crate) fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: None,
            reason: None,
            note: None,
            folder: None,
            complete: None,
            regions: vec![],
        }
    }

    /// Whether everything of it is there.
    pub fn is_whole(&self) -> bool {
        self.reason.is_none()
            && self.complete != Some(false)
            && self.regions.iter().all(|region| region.complete)
    }
}

/// One region of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Region {
    /// Its name.
    pub name: String,
    /// The folder, relative to the snapshot's.
    pub folder: String,
    /// Whether every answer is there.
    pub complete: bool,
}
