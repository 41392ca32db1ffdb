//! What a snapshot of Google Cloud is told, and what it is of.

use super::calls::{PARENT, PROJECT};
use super::complaint::complaint;
use super::hosts::{ENDPOINT, Hosts};
use super::seat::{Google, Holder};
use super::signin;
use super::tree::{self, Found};
use crate::asking::Asking;
use crate::fault::{Fault, Kind};
use crate::patience::Patience;
use crate::rest::{Request, Rest, encoded};
use crate::run::{self, Cloud, Named, Opened, Outcome, Taking};
use crate::{Watch, web};
use anyhow::{Result, bail};
use std::sync::Arc;

/// What to take.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to, and how.
    pub into: Taking,
    /// Whose.
    pub whose: Whose,
    /// One address in place of all of Google's.
    pub endpoint: Option<String>,
}

/// Whose networks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// All projects that the credentials see.
    Seen,
    /// These projects.
    Projects(Vec<String>),
    /// Everything below these organizations and folders, by their numbers, with their own firewall policies.
    Below {
        /// Organizations.
        organisations: Vec<String>,
        /// Folders.
        folders: Vec<String>,
    },
}

/// Takes a snapshot. A signal (Ctrl-C, SIGTERM) ends it with what is there, and says so in the manifests.
///
/// # Errors
/// Options that make no sense, a folder that cannot be written, no credentials. What the cloud refuses of the rest is in the
/// manifests.
pub fn snapshot(options: &Options, watch: &Arc<dyn Watch>) -> Result<Outcome> {
    check(options)?;
    let patience = Patience::of_environment()?;
    let set = std::env::var(ENDPOINT).ok().filter(|value| !value.is_empty());
    let given = options.endpoint.clone().or(set);
    // What is no address is told before credentials are looked for.
    Hosts::find(given.as_deref(), None)?;
    run::snapshot(&options.into, watch, async {
        let web = web::web("CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE")?;
        let found = signin::chain(&web);
        let hosts = Hosts::find(given.as_deref(), found.universe.as_deref())?;
        let google = Arc::new(Google {
            rest: Rest {
                web: web.connector.clone(),
                asking: Asking::new(found.chain, patience, watch.clone()),
                origins: hosts.origins(),
                headers: found.quota.map(|project| ("x-goog-user-project", project)).into_iter().collect(),
                complaint,
            },
            hosts,
        });
        let wanted = wanted(&options.whose, &google).await?;
        Ok((Gcp { google }, wanted))
    })
}

fn check(options: &Options) -> Result<()> {
    match &options.whose {
        Whose::Seen => {}
        Whose::Projects(ids) => {
            if let Some(wrong) = ids.iter().find(|id| !tree::is_project(id)) {
                bail!("`{wrong}` is no project: its id is written like acme-prod-1");
            }
        }
        Whose::Below { organisations, folders } => {
            if let Some(wrong) = organisations.iter().chain(folders).find(|id| !tree::is_number(id)) {
                bail!("`{wrong}` is no organization or folder: these have numbers");
            }
        }
    }
    Ok(())
}

async fn wanted(whose: &Whose, google: &Arc<Google>) -> Result<Vec<Asked>> {
    let (projects, parents) = match whose {
        Whose::Projects(ids) => {
            // Nobody is to be told of each call that there are no credentials.
            google.rest.asking.sign_in("Google Cloud").await.map_err(explained)?;
            (ids.iter().map(|id| (id.clone(), None)).collect(), Found::new())
        }
        Whose::Seen => {
            let found = google.search().await.map_err(explained)?;
            if found.is_empty() {
                bail!(
                    "the credentials see no project: they need a role in one (`tidegate snapshot gcp --print-policy` prints \
                     the least)"
                );
            }
            (found, Found::new())
        }
        Whose::Below { organisations, folders } => {
            let named = |kind: &str, ids: &[String]| -> Vec<String> {
                ids.iter().map(|id| format!("{kind}/{id}")).collect()
            };
            let tops = [named("organizations", organisations), named("folders", folders)].concat();
            google.below(&tops).await.map_err(explained)?
        }
    };
    let asked = |(id, name), calls| Asked { id, name, calls };
    let projects = projects.into_iter().map(|found| asked(found, &PROJECT[..]));
    Ok(projects.chain(parents.into_iter().map(|found| asked(found, &PARENT[..]))).collect())
}

struct Gcp {
    google: Arc<Google>,
}

/// A project, an organization or a folder that is wanted.
struct Asked {
    id: String,
    name: Option<String>,
    calls: &'static [super::calls::Call],
}

impl Named for Asked {
    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    fn folder(&self) -> String {
        // `example.com:name` is no name for a folder everywhere.
        self.id.replace(':', "_")
    }
}

impl Cloud for Gcp {
    const NAME: &'static str = "gcp";
    type Account = Asked;
    type Calls = Holder;

    async fn open(&self, account: &Asked) -> Result<Opened<Holder>, Fault> {
        if !tree::is_parent(&account.id) {
            let hosts = &self.google.hosts;
            let request = Request {
                place: &account.id,
                call: "compute networks list",
                url: format!(
                    "{}/projects/{}/global/networks?maxResults=1",
                    hosts.compute,
                    encoded(&account.id)
                ),
                posted: None,
            };
            match self.google.rest.call(&request).await {
                Err(fault) if fault.kind == Kind::Unused => {
                    return Ok(Opened::Empty(
                        "the Compute Engine API is not switched on: there are no networks".to_owned(),
                    ));
                }
                // What is refused here need not be elsewhere: each call is told by itself.
                Err(fault) if fault.kind != Kind::Refused => return Err(fault),
                _ => {}
            }
        }
        let (id, google) = (account.id.clone(), self.google.clone());
        Ok(Opened::Whole(Holder { id, calls: account.calls, google }))
    }
}

/// A fault of the first calls, with what to do about it.
fn explained(fault: Fault) -> anyhow::Error {
    let what = match fault.kind {
        Kind::NoKeys => {
            "no credentials for Google Cloud were found; sign in (`gcloud auth application-default login`, `gcloud auth \
             login`), or set GOOGLE_APPLICATION_CREDENTIALS"
        }
        Kind::Expired => "the credentials for Google Cloud are not accepted; sign in again",
        Kind::Refused | Kind::Unused => {
            "Google Cloud does not let the credentials list projects; --project names projects one by one"
        }
        Kind::Network => "Google Cloud cannot be reached",
        _ => "Google Cloud does not say which projects there are",
    };
    anyhow::Error::new(fault).context(what)
}
