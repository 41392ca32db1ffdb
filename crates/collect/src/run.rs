//! A whole snapshot: every account that is wanted, every region of it.

use crate::fault::Fault;
use crate::manifest::{Account, FILE, Manifest, Region, Snapshot, Tool};
use crate::seat::{Calls, Seat, Site};
use crate::{Watch, folder, now};
use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// How long calls that are told to stop are waited for.
const LEAVING: Duration = Duration::from_secs(5);

/// What every cloud's snapshot is told.
#[derive(Debug, Clone)]
pub struct Taking {
    /// The folder for it.
    pub output: PathBuf,
    /// Go on with what is there.
    pub resume: bool,
    /// Calls at once.
    pub at_once: usize,
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

/// A cloud, once somebody is signed in to it.
pub(crate) trait Cloud: Send + Sync + 'static {
    /// Its name in manifests and on the command line.
    const NAME: &'static str;
    /// How an account is asked for.
    type Account: Named;
    type Calls: Calls;
    /// Looks into an account.
    fn open(
        &self,
        account: &Self::Account,
    ) -> impl Future<Output = Result<Opened<Self::Calls>, Fault>> + Send;
}

/// An account that is wanted.
pub(crate) trait Named: Send + Sync + 'static {
    fn id(&self) -> &str;
    fn name(&self) -> Option<&str>;
    /// Its folder in the snapshot's.
    fn folder(&self) -> String {
        self.id().to_owned()
    }
}

/// What an account turned out to be.
pub(crate) enum Opened<C> {
    /// It has one folder.
    Whole(C),
    /// It has one in each region.
    Regions(Vec<(String, C)>),
    /// There is nothing in it to fetch, and why.
    Empty(String),
}

/// Takes a snapshot. `find` signs in and says which accounts are wanted. A signal (Ctrl-C, SIGTERM) ends it with what is
/// there, and says so in the manifests.
///
/// # Errors
/// A folder that cannot be written, and what `find` says. What the cloud refuses of the rest is in the manifests.
pub(crate) fn snapshot<C: Cloud>(
    into: &Taking,
    watch: &Arc<dyn Watch>,
    find: impl Future<Output = Result<(C, Vec<C::Account>)>>,
) -> Result<Outcome> {
    check(into, C::NAME)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(std::thread::available_parallelism().map_or(2, |cores| cores.get().clamp(2, 4)))
        .enable_all()
        .build()
        .context("cannot start threads")?;
    let outcome = runtime.block_on(whole(into, watch, find));
    // What still waits for an answer is not waited for.
    runtime.shutdown_background();
    outcome
}

fn check(into: &Taking, cloud: &str) -> Result<()> {
    let output = &into.output;
    if output.exists() && !output.is_dir() {
        bail!("{} is no folder", output.display());
    }
    let there = output.join(FILE).exists();
    let before = earlier(output, cloud)?;
    if there && !into.resume {
        let when = before.map_or_else(String::new, |before| format!(" of {}", before.started));
        bail!(
            "{} holds a snapshot{when}: name another folder, or go on with this one with --resume",
            output.display()
        );
    }
    let occupied = || std::fs::read_dir(output).is_ok_and(|mut entries| entries.next().is_some());
    if !there && occupied() {
        bail!("{} is not empty and holds no snapshot: name another folder", output.display());
    }
    Ok(())
}

fn earlier(output: &Path, cloud: &str) -> Result<Option<Snapshot>> {
    let path = output.join(FILE);
    let text = match std::fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    let snapshot: Snapshot = serde_json::from_slice(&text)
        .with_context(|| format!("{} is not the manifest of a snapshot", path.display()))?;
    if snapshot.tidegate.cloud != cloud {
        bail!("{} is a snapshot of {}: name another folder", output.display(), snapshot.tidegate.cloud);
    }
    Ok(Some(snapshot))
}

async fn whole<C: Cloud>(
    into: &Taking,
    watch: &Arc<dyn Watch>,
    find: impl Future<Output = Result<(C, Vec<C::Account>)>>,
) -> Result<Outcome> {
    let mut stop = Box::pin(stopped());
    let (cloud, wanted) = tokio::select! {
        found = find => found?,
        () = &mut stop => bail!("interrupted before anything was fetched"),
    };

    let before = earlier(&into.output, C::NAME)?;
    let mut snapshot = Snapshot {
        tidegate: Tool::this(C::NAME),
        started: before.as_ref().map_or_else(now, |before| before.started.clone()),
        finished: None,
        complete: false,
        // What an earlier run took stays a part of the whole.
        accounts: before.map(|before| before.accounts).unwrap_or_default(),
    };
    for account in &wanted {
        let known = account_of(&mut snapshot, account.id());
        known.name = account.name().map(str::to_owned).or(known.name.take());
        known.reason = Some("not asked for before the end".to_owned());
    }
    folder::write(&into.output.join(FILE), &snapshot)?;

    let mut seats: Vec<Arc<Seat<C::Calls>>> = Vec::new();
    let mut running = JoinSet::new();
    let taken = tokio::select! {
        taken = take(into, watch, cloud, wanted, &mut snapshot, &mut seats, &mut running) => Some(taken),
        () = &mut stop => None,
    };
    let interrupted = taken.is_none();
    // What is half written goes with whoever writes it.
    running.shutdown().await;
    let _ = tokio::time::timeout(LEAVING, left(&seats)).await;
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
        match &manifest.region {
            None => account.complete = Some(manifest.complete),
            Some(name) => {
                let regions = account.regions.iter_mut().filter(|region| region.name == *name);
                regions.for_each(|region| region.complete = manifest.complete);
            }
        }
    }
    snapshot.complete = !interrupted && snapshot.accounts.iter().all(Account::is_whole);
    snapshot.finished = (!interrupted).then(now);
    folder::write(&into.output.join(FILE), &snapshot)?;
    Ok(Outcome { snapshot, manifests, interrupted })
}

fn account_of<'s>(snapshot: &'s mut Snapshot, id: &str) -> &'s mut Account {
    let at = snapshot.accounts.iter().position(|account| account.id == id).unwrap_or_else(|| {
        snapshot.accounts.push(Account::new(id));
        snapshot.accounts.len() - 1
    });
    &mut snapshot.accounts[at]
}

async fn take<C: Cloud>(
    into: &Taking,
    watch: &Arc<dyn Watch>,
    cloud: C,
    wanted: Vec<C::Account>,
    snapshot: &mut Snapshot,
    seats: &mut Vec<Arc<Seat<C::Calls>>>,
    running: &mut JoinSet<Result<()>>,
) -> Result<()> {
    let cloud = Arc::new(cloud);
    let limit = Arc::new(Semaphore::new(into.at_once.max(1)));
    let mut opening = JoinSet::new();
    for account in wanted {
        let (cloud, limit) = (cloud.clone(), limit.clone());
        opening.spawn(async move {
            let _one = limit.acquire().await;
            let opened = cloud.open(&account).await;
            (account, opened)
        });
    }
    while let Some(found) = opening.join_next().await {
        let (wanted, opened) = found.context("a call ended unexpectedly")?;
        let account = account_of(snapshot, wanted.id());
        (account.reason, account.note) = (None, None);
        let mut begin = |region: Option<String>, folder: &str, calls: C::Calls| -> Result<()> {
            let site = Site {
                cloud: C::NAME,
                account: wanted.id().to_owned(),
                region,
                folder: into.output.join(folder),
                limit: limit.clone(),
                watch: watch.clone(),
            };
            let seat = Arc::new(Seat::begin(site, calls)?);
            seats.push(seat.clone());
            running.spawn(seat.collect());
            Ok(())
        };
        match opened {
            Err(fault) => account.reason = Some(fault.told),
            Ok(Opened::Empty(note)) => account.note = Some(note),
            Ok(Opened::Whole(calls)) => {
                let below = wanted.folder();
                (account.folder, account.complete) = (Some(below.clone()), Some(false));
                begin(None, &below, calls)?;
            }
            Ok(Opened::Regions(regions)) => {
                for (region, calls) in regions {
                    let below = format!("{}/{region}", wanted.folder());
                    if !account.regions.iter().any(|known| known.name == region) {
                        let (name, folder) = (region.clone(), below.clone());
                        account.regions.push(Region { name, folder, complete: false });
                    }
                    begin(Some(region), &below, calls)?;
                }
                account.regions.sort_by(|a, b| a.name.cmp(&b.name));
            }
        }
        folder::write(&into.output.join(FILE), snapshot)?;
    }
    while let Some(ended) = running.join_next().await {
        ended.context("an account ended unexpectedly")??;
    }
    Ok(())
}

/// Ends when no call runs any more.
async fn left<C>(seats: &[Arc<Seat<C>>]) {
    while seats.iter().any(|seat| Arc::strong_count(seat) > 1) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
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
