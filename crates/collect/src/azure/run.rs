//! What a snapshot of Azure is told, and which subscriptions it is of.

use super::complaint::complaint;
use super::seat::{Manager, Subscription};
use super::signin;
use super::sovereign::{AUTHORITY, ENDPOINT, Land};
use crate::asking::Asking;
use crate::fault::{Fault, Kind};
use crate::origin::Origin;
use crate::patience::Patience;
use crate::rest::Rest;
use crate::run::{self, Cloud, Named, Opened, Outcome, Taking};
use crate::{Watch, web};
use anyhow::{Result, bail};
use std::sync::Arc;

/// What to take.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to, and how.
    pub into: Taking,
    /// The subscriptions; none means all that the credentials see.
    pub subscriptions: Vec<String>,
    /// Another Resource Manager than Azure's own.
    pub endpoint: Option<String>,
}

/// Takes a snapshot. A signal (Ctrl-C, SIGTERM) ends it with what is there, and says so in the manifests.
///
/// # Errors
/// Options that make no sense, a folder that cannot be written, no credentials. What the cloud refuses of the rest is in the
/// manifests.
pub fn snapshot(options: &Options, watch: &Arc<dyn Watch>) -> Result<Outcome> {
    if let Some(wrong) = options.subscriptions.iter().find(|id| !is_subscription(id)) {
        bail!("`{wrong}` is no subscription: its id is written like 00000000-0000-0000-0000-000000000000");
    }
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let endpoint = options.endpoint.clone().or_else(|| set(ENDPOINT));
    let land = Land::find(set(AUTHORITY).as_deref(), endpoint.as_deref())?;
    let patience = Patience::of_environment()?;
    run::snapshot(&options.into, watch, async {
        let web = web::web("REQUESTS_CA_BUNDLE")?;
        let manager = Manager {
            rest: Rest {
                web: web.connector.clone(),
                asking: Asking::new(signin::chain(&land, &web)?, patience, watch.clone()),
                origins: Origin::of(&land.manager).into_iter().collect(),
                headers: vec![],
                complaint,
            },
            address: land.manager.clone(),
        };
        let seen = manager.subscriptions().await.map_err(explained)?;
        let wanted = wanted(options, seen)?;
        Ok((Azure { manager: Arc::new(manager) }, wanted))
    })
}

/// Whether it could be a subscription's id. What is not would become a part of an address and a folder's name.
pub fn is_subscription(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

fn wanted(options: &Options, seen: Vec<(String, Option<String>)>) -> Result<Vec<Asked>> {
    if options.subscriptions.is_empty() {
        if seen.is_empty() {
            bail!(
                "the credentials see no subscription: they need a role in one (`tidegate snapshot azure --print-policy` \
                 prints the least)"
            );
        }
        return Ok(seen.into_iter().map(|(id, name)| Asked { id, name, seen: true }).collect());
    }
    let mut ids: Vec<String> = options.subscriptions.iter().map(|id| id.to_ascii_lowercase()).collect();
    ids.sort();
    ids.dedup();
    let asked = ids.into_iter().map(|id| {
        let known = seen.iter().find(|(known, _)| *known == id);
        Asked { seen: known.is_some(), name: known.and_then(|(_, name)| name.clone()), id }
    });
    Ok(asked.collect())
}

struct Azure {
    manager: Arc<Manager>,
}

/// A subscription that is wanted.
struct Asked {
    id: String,
    name: Option<String>,
    /// Whether the credentials see it.
    seen: bool,
}

impl Named for Asked {
    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

impl Cloud for Azure {
    const NAME: &'static str = "azure";
    type Account = Asked;
    type Calls = Subscription;

    async fn open(&self, account: &Asked) -> Result<Opened<Subscription>, Fault> {
        if !account.seen {
            let told = "the credentials do not see it: there is none of that id, or they have no role in it";
            return Err(Fault::new(Kind::Refused, told));
        }
        Ok(Opened::Whole(Subscription { id: account.id.clone(), manager: self.manager.clone() }))
    }
}

/// A fault of the first call, with what to do about it.
fn explained(fault: Fault) -> anyhow::Error {
    let what = match fault.kind {
        Kind::NoKeys => {
            "no credentials for Azure were found; sign in as for the Azure CLI (`az login`), or set AZURE_TENANT_ID, \
             AZURE_CLIENT_ID and AZURE_CLIENT_SECRET"
        }
        Kind::Expired => "the credentials for Azure are not accepted; sign in again",
        Kind::Refused => "Azure does not let the credentials list subscriptions",
        Kind::Network => "Azure cannot be reached",
        _ => "Azure does not say which subscriptions there are",
    };
    anyhow::Error::new(fault).context(what)
}
