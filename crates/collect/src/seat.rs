//! One account, in one region where the cloud is asked region by region: every answer of it into its folder.

use crate::fault::{Fault, Kind};
use crate::folder;
use crate::manifest::{FILE, Manifest, Part, State, Tool, place};
use crate::{Watch, now};
use anyhow::{Context as _, Result};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Calls at once: the services count calls by account and region.
const AT_ONCE: usize = 6;
/// The manifest is written no more often than this.
const PAUSE: Duration = Duration::from_millis(500);

/// What is asked of an account, and how.
pub trait Calls: Send + Sync + 'static {
    /// How many calls there are. What is repeated comes after what lists the things.
    fn count(&self) -> usize;
    /// The call as it is typed: `ec2 describe-vpcs`.
    fn command(&self, call: usize) -> String;
    /// Its file, relative to the folder of the account.
    fn file(&self, job: &Job) -> String;
    /// The call whose answer lists the things that this one is repeated for.
    fn after(&self, call: usize) -> Option<usize>;
    /// The key of the list in the answer's file.
    fn list(&self, call: usize) -> Option<&str>;
    /// What an item of the answer is called by the calls that are repeated for it.
    fn name(&self, call: usize, item: &Value) -> Option<String>;
    /// Fetches an answer into its file. `again` is told why a list is begun anew.
    fn fetch(
        &self,
        job: &Job,
        path: &Path,
        again: &(dyn Fn(&str) + Sync),
    ) -> impl Future<Output = Result<Result<Fetched, Fault>>> + Send;
}

/// A call about nothing or about one thing.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its place in the list of calls.
    pub call: usize,
    pub about: Option<String>,
}

/// An answer that is in its file.
#[derive(Debug, Default)]
pub struct Fetched {
    /// What it names that other calls ask about.
    pub named: Vec<String>,
    /// How many things it lists.
    pub items: Option<usize>,
}

/// Where an account's answers go, and how many calls run at once.
pub struct Site {
    pub cloud: &'static str,
    pub account: String,
    pub region: Option<String>,
    pub folder: PathBuf,
    /// Calls at once, in all accounts and regions.
    pub limit: Arc<Semaphore>,
    pub watch: Arc<dyn Watch>,
}

/// An account, and its region.
pub struct Seat<C> {
    calls: C,
    site: Site,
    /// For people.
    place: String,
    own_limit: Semaphore,
    state: Mutex<Written>,
}

struct Written {
    manifest: Manifest,
    saved: Option<Instant>,
}

impl<C: Calls> Seat<C> {
    /// Begins: every answer that is not there from before is pending.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn begin(site: Site, calls: C) -> Result<Self> {
        let manifest = Manifest {
            tidegate: Tool::this(site.cloud),
            account: site.account.clone(),
            region: site.region.clone(),
            complete: false,
            parts: before(&site.folder),
        };
        let seat = Self {
            calls,
            place: place(&site.account, site.region.as_deref()),
            site,
            own_limit: Semaphore::new(AT_ONCE),
            state: Mutex::new(Written { manifest, saved: None }),
        };
        for job in seat.first() {
            seat.part(&mut seat.state().manifest, &job);
        }
        seat.save(true)?;
        Ok(seat)
    }

    /// The manifest as it is now.
    pub fn manifest(&self) -> Manifest {
        self.state().manifest.clone()
    }

    /// Asks for everything that is not there yet.
    ///
    /// # Errors
    /// The folder cannot be written. What the cloud does not give is in the manifest.
    pub async fn collect(self: Arc<Self>) -> Result<()> {
        let mut running = JoinSet::new();
        let first = self.first();
        self.site.watch.planned(first.len());
        for job in first {
            running.spawn(self.clone().job(job));
        }
        while let Some(ended) = running.join_next().await {
            // Jobs that a listing gave rise to.
            let further = ended.context("a call ended unexpectedly")??;
            self.site.watch.planned(further.len());
            for job in further {
                running.spawn(self.clone().job(job));
            }
        }
        self.end()
    }

    /// Writes the manifest for the last time.
    pub fn end(&self) -> Result<()> {
        {
            let manifest = &mut self.state().manifest;
            let complete = manifest.missing().count() == 0;
            manifest.complete = complete;
        }
        self.save(true)
    }

    /// The calls that are about nothing.
    fn first(&self) -> Vec<Job> {
        let calls = (0..self.calls.count()).filter(|call| self.calls.after(*call).is_none());
        calls.map(|call| Job { call, about: None }).collect()
    }

    /// One answer. Says what else is to be asked for now that it is there.
    async fn job(self: Arc<Self>, job: Job) -> Result<Vec<Job>> {
        let path = self.site.folder.join(self.calls.file(&job));
        let there = self.part(&mut self.state().manifest, &job).state == State::Complete;
        let outcome = if there {
            // From an earlier run; what it names is asked for now.
            Ok((self.named(&path, job.call)?, None))
        } else {
            let both = async {
                let _one = self.own_limit.acquire().await;
                let _of_all = self.site.limit.acquire().await;
                let again = |because: &str| {
                    self.site.watch.waiting(&self.place, &self.calls.command(job.call), because);
                };
                self.calls.fetch(&job, &path, &again).await
            };
            both.await?.map(|fetched| (fetched.named, Some(fetched.items)))
        };
        let mut further = Vec::new();
        if let Ok((named, _)) = &outcome {
            for next in (0..self.calls.count()).filter(|next| self.calls.after(*next) == Some(job.call)) {
                further.extend(named.iter().map(|name| Job { call: next, about: Some(name.clone()) }));
            }
        }
        {
            // What follows is planned in the same breath: no manifest says that a list is there and not what it names.
            let mut state = self.state();
            for job in &further {
                self.part(&mut state.manifest, job);
            }
            let part = self.part(&mut state.manifest, &job);
            match &outcome {
                Ok((_, None)) => {}
                Ok((_, Some(items))) => {
                    part.state = State::Complete;
                    part.items = *items;
                    part.taken = Some(now());
                    part.reason = None;
                }
                Err(fault) => {
                    part.state = match fault.kind {
                        Kind::Refused => State::Refused,
                        Kind::Unused => State::Unused,
                        _ => State::Failed,
                    };
                    part.reason = Some(fault.told.clone());
                }
            }
            let told = part.clone();
            drop(state);
            self.site.watch.done(&self.place, &told);
        }
        self.save(false)?;
        Ok(further)
    }

    fn state(&self) -> MutexGuard<'_, Written> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The job's part, which is pending if it was not there.
    fn part<'m>(&self, manifest: &'m mut Manifest, job: &Job) -> &'m mut Part {
        let command = self.calls.command(job.call);
        let known = manifest.parts.iter().position(|part| part.call == command && part.about == job.about);
        let at = known.unwrap_or_else(|| {
            manifest.parts.push(Part {
                call: command,
                about: job.about.clone(),
                file: self.calls.file(job),
                state: State::Pending,
                items: None,
                taken: None,
                reason: None,
            });
            manifest.parts.len() - 1
        });
        &mut manifest.parts[at]
    }

    fn save(&self, at_once: bool) -> Result<()> {
        let mut state = self.state();
        if !at_once && state.saved.is_some_and(|saved| saved.elapsed() < PAUSE) {
            return Ok(());
        }
        state.saved = Some(Instant::now());
        let commands: Vec<String> = (0..self.calls.count()).map(|call| self.calls.command(call)).collect();
        let place = |call: &str| commands.iter().position(|known| known == call);
        state.manifest.parts.sort_by_cached_key(|part| (place(&part.call), part.about.clone()));
        folder::write(&self.site.folder.join(FILE), &state.manifest)
    }

    /// What an answer in a file names.
    fn named(&self, path: &Path, call: usize) -> Result<Vec<String>> {
        let repeated = (0..self.calls.count()).any(|next| self.calls.after(next) == Some(call));
        let Some(list) = self.calls.list(call).filter(|_| repeated) else { return Ok(Vec::new()) };
        let text = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let answer: Map<String, Value> = serde_json::from_slice(&text)
            .with_context(|| format!("{} is damaged: remove it", path.display()))?;
        let items = answer.get(list).and_then(Value::as_array);
        Ok(sorted(items.into_iter().flatten().filter_map(|item| self.calls.name(call, item)).collect()))
    }
}

/// Names, each once, in an order of their own.
pub fn sorted(mut named: Vec<String>) -> Vec<String> {
    named.sort();
    named.dedup();
    named
}

/// Parts of an earlier run whose files are there.
fn before(folder: &Path) -> Vec<Part> {
    let text = std::fs::read(folder.join(FILE)).unwrap_or_default();
    let Ok(manifest) = serde_json::from_slice::<Manifest>(&text) else { return Vec::new() };
    let is_there = |part: &Part| {
        let plain =
            Path::new(&part.file).components().all(|part| matches!(part, std::path::Component::Normal(_)));
        part.state == State::Complete && plain && folder.join(&part.file).is_file()
    };
    manifest.parts.into_iter().filter(is_there).collect()
}
