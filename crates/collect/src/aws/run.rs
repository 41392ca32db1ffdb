//! A whole snapshot: every account, every region.

use super::accounts::{self, Caller};
use super::client::Client;
use super::endpoint;
use super::seat::Seat;
use crate::manifest::{Account, FILE, Manifest, Region, Snapshot, Tool};
use crate::{Watch, folder, now};
use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// What to take.
#[derive(Debug, Clone)]
pub struct Options {
    /// The folder for it.
    pub output: PathBuf,
    /// Go on with what is there.
    pub resume: bool,
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
    /// Calls at once.
    pub at_once: usize,
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

/// What became of it.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The manifest of the whole.
    pub snapshot: Snapshot,
    /// Those of each account and region.
    pub manifests: Vec<Manifest>,
    /// Whether a signal ended it.
    pub interrupted: bool,
}

/// Takes a snapshot. A signal (Ctrl-C, SIGTERM) ends it with what is there, and says so in the manifests.
///
/// # Errors
/// Options that make no sense, a folder that cannot be written, no credentials. What the cloud refuses of the rest is in the
/// manifests.
pub fn snapshot(options: &Options, watch: &Arc<dyn Watch>) -> Result<Outcome> {
    check(options)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(std::thread::available_parallelism().map_or(2, |cores| cores.get().clamp(2, 4)))
        .enable_all()
        .build()
        .context("cannot start threads")?;
    let outcome = runtime.block_on(whole(options, watch));
    // What still waits for an answer is not waited for.
    runtime.shutdown_background();
    outcome
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
    let there = options.output.join(FILE);
    if options.output.exists() && !options.output.is_dir() {
        bail!("{} is no folder", options.output.display());
    }
    if there.exists() && !options.resume {
        let before = earlier(&options.output)?;
        let when = before.map_or_else(String::new, |before| format!(" of {}", before.started));
        bail!(
            "{} holds a snapshot{when}: name another folder, or go on with this one with --resume",
            options.output.display()
        );
    }
    let occupied = || std::fs::read_dir(&options.output).is_ok_and(|mut entries| entries.next().is_some());
    if !there.exists() && occupied() {
        bail!("{} is not empty and holds no snapshot: name another folder", options.output.display());
    }
    Ok(())
}

fn earlier(output: &Path) -> Result<Option<Snapshot>> {
    let path = output.join(FILE);
    let text = match std::fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    let snapshot: Snapshot = serde_json::from_slice(&text)
        .with_context(|| format!("{} is not the manifest of a snapshot", path.display()))?;
    if snapshot.tidegate.cloud != "aws" {
        bail!("{} is a snapshot of {}", path.display(), snapshot.tidegate.cloud);
    }
    Ok(Some(snapshot))
}

/// One account, and who asks for it.
struct Asked {
    id: String,
    name: Option<String>,
    client: Arc<Client>,
}

async fn whole(options: &Options, watch: &Arc<dyn Watch>) -> Result<Outcome> {
    let mut stop = Box::pin(stopped());
    let begun = async {
        let caller = Caller::find(
            options.profile.as_deref(),
            options.regions.first().map(String::as_str),
            watch.clone(),
        )
        .await?;
        let asked = asked(options, &caller).await?;
        Ok::<_, anyhow::Error>((caller, asked))
    };
    let (caller, asked) = tokio::select! {
        begun = begun => begun?,
        () = &mut stop => bail!("interrupted before anything was fetched"),
    };

    let before = earlier(&options.output)?;
    let mut snapshot = Snapshot {
        tidegate: Tool::this("aws"),
        started: before.as_ref().map_or_else(now, |before| before.started.clone()),
        finished: None,
        complete: false,
        // What an earlier run took stays a part of the whole.
        accounts: before.map(|before| before.accounts).unwrap_or_default(),
    };
    for account in &asked {
        let known = account_of(&mut snapshot, &account.id);
        known.name = account.name.clone().or(known.name.take());
        known.reason = Some("not asked for before the end".to_owned());
    }
    folder::write(&options.output.join(FILE), &snapshot)?;

    let mut seats: Vec<Arc<Seat>> = Vec::new();
    let taken = tokio::select! {
        taken = take(options, watch, &caller, asked, &mut snapshot, &mut seats) => Some(taken),
        () = &mut stop => None,
    };
    let interrupted = taken.is_none();
    // Whatever ended it, the manifests say how far it came.
    for seat in &seats {
        seat.end()?;
    }
    if let Some(taken) = taken {
        taken?;
    }
    let manifests: Vec<Manifest> = seats.iter().map(|seat| seat.manifest()).collect();
    for manifest in &manifests {
        let account = account_of(&mut snapshot, &manifest.account);
        if let Some(region) = account.regions.iter_mut().find(|region| region.name == manifest.region) {
            region.complete = manifest.complete;
        }
    }
    let whole =
        |account: &Account| account.reason.is_none() && account.regions.iter().all(|region| region.complete);
    snapshot.complete = !interrupted && snapshot.accounts.iter().all(whole);
    snapshot.finished = (!interrupted).then(now);
    folder::write(&options.output.join(FILE), &snapshot)?;
    Ok(Outcome { snapshot, manifests, interrupted })
}

fn account_of<'s>(snapshot: &'s mut Snapshot, id: &str) -> &'s mut Account {
    let at = snapshot.accounts.iter().position(|account| account.id == id).unwrap_or_else(|| {
        snapshot.accounts.push(Account { id: id.to_owned(), name: None, reason: None, regions: vec![] });
        snapshot.accounts.len() - 1
    });
    &mut snapshot.accounts[at]
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

async fn take(
    options: &Options,
    watch: &Arc<dyn Watch>,
    caller: &Caller,
    asked: Vec<Asked>,
    snapshot: &mut Snapshot,
    seats: &mut Vec<Arc<Seat>>,
) -> Result<()> {
    let mut finding = JoinSet::new();
    for account in asked {
        let (given, home) = (options.regions.clone(), caller.home.clone());
        finding.spawn(async move {
            let regions =
                if given.is_empty() { accounts::regions(&account.client, &home).await } else { Ok(given) };
            (account, regions)
        });
    }
    let limit = Arc::new(Semaphore::new(options.at_once.max(1)));
    let mut running = JoinSet::new();
    while let Some(found) = finding.join_next().await {
        let (asked, regions) = found.context("a call ended unexpectedly")?;
        let account = account_of(snapshot, &asked.id);
        match regions {
            Err(fault) => account.reason = Some(fault.told),
            Ok(regions) => {
                account.reason = None;
                for region in regions {
                    let below = format!("{}/{region}", asked.id);
                    if !account.regions.iter().any(|known| known.name == region) {
                        account.regions.push(Region {
                            name: region.clone(),
                            folder: below.clone(),
                            complete: false,
                        });
                    }
                    let seat = Arc::new(Seat::begin(
                        (&asked.id, &region),
                        options.output.join(&below),
                        asked.client.clone(),
                        watch.clone(),
                        limit.clone(),
                    )?);
                    seats.push(seat.clone());
                    running.spawn(seat.collect());
                }
                account.regions.sort_by(|a, b| a.name.cmp(&b.name));
            }
        }
        folder::write(&options.output.join(FILE), snapshot)?;
    }
    while let Some(ended) = running.join_next().await {
        ended.context("a region ended unexpectedly")??;
    }
    Ok(())
}

/// Ends when the program is told to stop.
async fn stopped() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let ended = async {
            match signal(SignalKind::terminate()) {
                Ok(mut terminate) => {
                    terminate.recv().await;
                }
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            pressed = tokio::signal::ctrl_c() => if pressed.is_err() { std::future::pending::<()>().await },
            () = ended => {}
        }
    }
    #[cfg(not(unix))]
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
