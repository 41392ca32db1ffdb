//! What a snapshot of AWS is told, and how its accounts are looked into.

use super::accounts::{self, Caller};
use super::client::Client;
use super::endpoint;
use super::seat::Regional;
use crate::Watch;
use crate::fault::Fault;
use crate::run::{self, Cloud, Named, Opened, Outcome, Taking};
use anyhow::{Result, bail};
use std::sync::Arc;

/// What to take.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to, and how.
    pub into: Taking,
    /// A profile of the vendor's configuration.
    pub profile: Option<String>,
    /// The regions; none means all that an account has switched on.
    pub regions: Vec<String>,
    /// Whose.
    pub whose: Whose,
    /// The role to take on in other accounts, by its name (with its path).
    pub role: Option<String>,
    /// What the role's trust policy asks for besides.
    pub external_id: Option<String>,
}

/// Whose networks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// The account that the credentials belong to.
    Own,
    /// These accounts.
    Accounts(Vec<String>),
    /// All of the organisation.
    Organisation,
}

/// Takes a snapshot. A signal (Ctrl-C, SIGTERM) ends it with what is there, and says so in the manifests.
///
/// # Errors
/// Options that make no sense, a folder that cannot be written, no credentials. What the cloud refuses of the rest is in the
/// manifests.
pub fn snapshot(options: &Options, watch: &Arc<dyn Watch>) -> Result<Outcome> {
    check(options)?;
    run::snapshot(&options.into, watch, async {
        let region = options.regions.first().map(String::as_str);
        let caller = Caller::find(options.profile.as_deref(), region, watch.clone()).await?;
        let asked = asked(options, &caller).await?;
        Ok((Aws { regions: options.regions.clone(), home: caller.home }, asked))
    })
}

fn check(options: &Options) -> Result<()> {
    if let Some(wrong) = options.regions.iter().find(|region| !endpoint::is_region(region)) {
        bail!("`{wrong}` is no region; regions are written like eu-west-1");
    }
    if let Whose::Accounts(accounts) = &options.whose
        && let Some(wrong) = accounts.iter().find(|account| !accounts::is_account(account))
    {
        bail!("`{wrong}` is no account: an account's id has twelve digits");
    }
    if options.whose == Whose::Organisation && options.role.is_none() {
        bail!("--organization needs --role NAME: the role that is taken on in each account");
    }
    Ok(())
}

struct Aws {
    /// The regions that are wanted; none means all.
    regions: Vec<String>,
    /// Where calls go that are about no region.
    home: String,
}

/// One account, and who asks for it.
struct Asked {
    id: String,
    name: Option<String>,
    client: Arc<Client>,
}

impl Named for Asked {
    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

impl Cloud for Aws {
    const NAME: &'static str = "aws";
    type Account = Asked;
    type Calls = Regional;

    async fn open(&self, account: &Asked) -> Result<Opened<Regional>, Fault> {
        let regions = match self.regions.is_empty() {
            true => accounts::regions(&account.client, &self.home).await?,
            false => self.regions.clone(),
        };
        let calls = |region: &String| Regional { region: region.clone(), client: account.client.clone() };
        Ok(Opened::Regions(regions.iter().map(|region| (region.clone(), calls(region))).collect()))
    }
}

/// The accounts that are wanted.
async fn asked(options: &Options, caller: &Caller) -> Result<Vec<Asked>> {
    let wanted: Vec<(String, Option<String>)> = match &options.whose {
        Whose::Own => vec![(caller.account.clone(), None)],
        Whose::Accounts(ids) => {
            let mut ids = ids.clone();
            ids.sort();
            ids.dedup();
            ids.into_iter().map(|id| (id, None)).collect()
        }
        Whose::Organisation => caller.organisation().await?,
    };
    let mut asked = Vec::new();
    for (id, name) in wanted {
        let client = match &options.role {
            _ if id == caller.account => caller.client.clone(),
            Some(role) => caller.in_role(&id, role, options.external_id.as_deref()).await,
            None => bail!(
                "the credentials are those of {}: --role NAME says which role to take on in {id}",
                caller.account
            ),
        };
        asked.push(Asked { id, name, client });
    }
    Ok(asked)
}
