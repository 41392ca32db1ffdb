//! One account in one region: every answer of it into its folder.

use super::calls::{CALLS, Call};
use super::client::{Client, Fault, Kind, Request};
use super::table::{Pages, TABLE};
use crate::folder::{self, ListFile};
use crate::manifest::{FILE, Manifest, Part, State, Tool};
use crate::{Watch, now};
use anyhow::{Context as _, Result};
use serde_json::{Map, Value};
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Calls at once: the services count calls by account and region.
const AT_ONCE: usize = 6;
/// The manifest is written no more often than this.
const PAUSE: Duration = Duration::from_millis(500);
/// How often a list is begun anew because the service no longer knows where it was.
const ANEW: usize = 3;

/// An account in a region.
pub struct Seat {
    pub account: String,
    pub region: String,
    folder: PathBuf,
    client: Arc<Client>,
    watch: Arc<dyn Watch>,
    /// Calls at once, in all accounts and regions.
    limit: Arc<Semaphore>,
    own_limit: Semaphore,
    state: Mutex<Written>,
}

struct Written {
    manifest: Manifest,
    saved: Option<Instant>,
}

/// A call about nothing or about one thing.
#[derive(Clone)]
struct Job {
    call: usize,
    about: Option<String>,
}

impl Job {
    fn call(&self) -> &'static Call {
        &CALLS[self.call]
    }
}

impl Seat {
    /// Begins: every answer that is not there from before is pending.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn begin(
        (account, region): (&str, &str),
        folder: PathBuf,
        client: Arc<Client>,
        watch: Arc<dyn Watch>,
        limit: Arc<Semaphore>,
    ) -> Result<Self> {
        let manifest = Manifest {
            tidegate: Tool::this("aws"),
            account: account.to_owned(),
            region: region.to_owned(),
            complete: false,
            parts: before(&folder),
        };
        let state = Mutex::new(Written { manifest, saved: None });
        let own_limit = Semaphore::new(AT_ONCE);
        let (account, region) = (account.to_owned(), region.to_owned());
        let seat = Self { account, region, folder, client, watch, limit, own_limit, state };
        for (call, told) in CALLS.iter().enumerate() {
            if told.about.is_none() {
                seat.plan(&Job { call, about: None });
            }
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
        let first: Vec<Job> = CALLS
            .iter()
            .enumerate()
            .filter(|(_, call)| call.about.is_none())
            .map(|(call, _)| Job { call, about: None })
            .collect();
        self.watch.planned(first.len());
        for job in first {
            running.spawn(self.clone().job(job));
        }
        while let Some(ended) = running.join_next().await {
            // Jobs that a listing gave rise to.
            let further = ended.context("a call ended unexpectedly")??;
            self.watch.planned(further.len());
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

    /// One answer. Says what else is to be asked for now that it is there.
    async fn job(self: Arc<Self>, job: Job) -> Result<Vec<Job>> {
        let call = job.call();
        let path = self.folder.join(call.file(job.about.as_deref()));
        let there = self.part(&job, |part| part.state == State::Complete);
        let outcome = if there {
            // From an earlier run; what it names is asked for now.
            named(&path, call).map(|named| Ok((named, None)))?
        } else {
            let both = async {
                let _one = self.own_limit.acquire().await;
                let _of_all = self.limit.acquire().await;
                self.fetch(&job, path).await
            };
            both.await?.map(|(named, items)| (named, Some(items)))
        };
        let mut further = Vec::new();
        if let Ok((named, _)) = &outcome {
            for (next, told) in CALLS.iter().enumerate() {
                let follows = told.about.is_some_and(|about| about.of == call.operation);
                if follows && told.service == call.service && job.about.is_none() {
                    further.extend(named.iter().map(|name| Job { call: next, about: Some(name.clone()) }));
                }
            }
        }
        {
            // What follows is planned in the same breath: no manifest says that a list is there and not what it names.
            let mut state = self.state();
            further.iter().for_each(|job| plan(&mut state.manifest, job));
            let part = part_of(&mut state.manifest, &job);
            match &outcome {
                Ok((_, None)) => {}
                Ok((_, Some(items))) => {
                    part.state = State::Complete;
                    part.items = *items;
                    part.taken = Some(now());
                    part.reason = None;
                }
                Err(fault) => {
                    part.state = if fault.kind == Kind::Refused { State::Refused } else { State::Failed };
                    part.reason = Some(fault.told.clone());
                }
            }
            let told = part.clone();
            drop(state);
            self.watch.done(&self.account, &self.region, &told);
        }
        self.save(false)?;
        Ok(further)
    }

    /// Fetches an answer into its file. Says what it names, and how many things it lists.
    async fn fetch(&self, job: &Job, path: PathBuf) -> Result<Result<(Vec<String>, Option<usize>), Fault>> {
        let call = job.call();
        let operation = TABLE.operation(call.service, call.operation);
        let mut anew = 0;
        loop {
            let fields: Vec<(String, Value)> = call
                .fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), Value::from(*value)))
                .chain(
                    call.about
                        .zip(job.about.as_deref())
                        .map(|(about, of)| (about.field.to_owned(), of.into())),
                )
                .collect();
            let request =
                Request { service: call.service, operation: call.operation, region: &self.region, fields };
            let Some(pages) = operation.and_then(|operation| operation.pages.as_ref()) else {
                return Ok(match self.client.call(&request).await {
                    Ok(answer) => {
                        folder::write(&path, &answer)?;
                        Ok((Vec::new(), None))
                    }
                    Err(fault) => Err(fault),
                });
            };
            match self.pages(request, call, pages, &path).await? {
                Err(Broken { fault, lost_its_place: true }) if anew < ANEW => {
                    anew += 1;
                    self.watch.waiting(&self.region, &call.command(), &fault.told);
                }
                Err(broken) => return Ok(Err(broken.fault)),
                Ok(fetched) => return Ok(Ok(fetched)),
            }
        }
    }

    /// Fetches an answer page by page.
    async fn pages(
        &self,
        mut request: Request<'_>,
        call: &Call,
        pages: &Pages,
        path: &std::path::Path,
    ) -> Result<Result<(Vec<String>, Option<usize>), Broken>> {
        let size = pages.most.unwrap_or(1000).min(1000);
        if let Some(limit) = &pages.limit {
            request.fields.push((limit.clone(), size.into()));
        }
        let fixed = request.fields.len();
        let mut file = ListFile::begin(path, &pages.items)?;
        let mut named = Vec::new();
        let mut tokens = HashSet::new();
        loop {
            let mut answer = match self.client.call(&request).await {
                Ok(answer) => answer,
                Err(fault) => {
                    // Tokens grow old while a call waits.
                    let lost_its_place = !tokens.is_empty() && fault.code.contains("Token");
                    return Ok(Err(Broken { fault, lost_its_place }));
                }
            };
            let items = match answer.shift_remove(&pages.items) {
                Some(Value::Array(items)) => items,
                _ => Vec::new(),
            };
            for mut item in items {
                if let Value::Object(item) = &mut item {
                    call.omit.iter().for_each(|key| drop(item.shift_remove(*key)));
                }
                named.extend(names(call, &item));
                file.add(&item)?;
            }
            let token = answer.shift_remove(&pages.next).and_then(|token| match token {
                Value::String(token) if !token.is_empty() => Some(token),
                _ => None,
            });
            let broken = |told: &str| {
                Ok(Err(Broken { fault: Fault::new(Kind::Rejected, told), lost_its_place: false }))
            };
            let Some(token) = token else {
                if answer.get("AdditionalRoutesAvailable") == Some(&Value::Bool(true)) {
                    return broken("the service has more routes than it tells");
                }
                let items = file.end(&answer)?;
                named.sort();
                named.dedup();
                return Ok(Ok((named, Some(items))));
            };
            request.fields.truncate(fixed);
            request.fields.push((pages.token.clone(), token.clone().into()));
            if !tokens.insert(token) {
                return broken("the service gives the same page again and again");
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, Written> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn plan(&self, job: &Job) {
        plan(&mut self.state().manifest, job);
    }

    fn part<T>(&self, job: &Job, read: impl Fn(&Part) -> T) -> T {
        read(part_of(&mut self.state().manifest, job))
    }

    fn save(&self, at_once: bool) -> Result<()> {
        let mut state = self.state();
        if !at_once && state.saved.is_some_and(|saved| saved.elapsed() < PAUSE) {
            return Ok(());
        }
        state.saved = Some(Instant::now());
        let place = |call: &str| CALLS.iter().position(|known| known.command() == call);
        state.manifest.parts.sort_by_cached_key(|part| (place(&part.call), part.about.clone()));
        folder::write(&self.folder.join(FILE), &state.manifest)
    }
}

/// A list that did not come to its end.
struct Broken {
    fault: Fault,
    /// The service does not know its own token any more.
    lost_its_place: bool,
}

/// Parts of an earlier run whose files are there.
fn before(folder: &std::path::Path) -> Vec<Part> {
    let text = std::fs::read(folder.join(FILE)).unwrap_or_default();
    let Ok(manifest) = serde_json::from_slice::<Manifest>(&text) else { return Vec::new() };
    let is_there = |part: &Part| {
        let plain = std::path::Path::new(&part.file)
            .components()
            .all(|part| matches!(part, std::path::Component::Normal(_)));
        part.state == State::Complete && plain && folder.join(&part.file).is_file()
    };
    manifest.parts.into_iter().filter(is_there).collect()
}

fn plan(manifest: &mut Manifest, job: &Job) {
    part_of(manifest, job);
}

/// The job's part, which is pending if it was not there.
fn part_of<'m>(manifest: &'m mut Manifest, job: &Job) -> &'m mut Part {
    let call = job.call();
    let command = call.command();
    let known = manifest.parts.iter().position(|part| part.call == command && part.about == job.about);
    let at = known.unwrap_or_else(|| {
        manifest.parts.push(Part {
            call: command,
            about: job.about.clone(),
            file: call.file(job.about.as_deref()),
            state: State::Pending,
            items: None,
            taken: None,
            reason: None,
        });
        manifest.parts.len() - 1
    });
    &mut manifest.parts[at]
}

/// What an item names that other calls ask about.
fn names(call: &Call, item: &Value) -> Option<String> {
    let about = CALLS
        .iter()
        .filter(|next| next.service == call.service)
        .find_map(|next| next.about.filter(|about| about.of == call.operation))?;
    item.get(about.key)?.as_str().map(str::to_owned)
}

/// What an answer in a file names.
fn named(path: &std::path::Path, call: &Call) -> Result<Vec<String>> {
    let Some(pages) = TABLE.operation(call.service, call.operation).and_then(|known| known.pages.as_ref())
    else {
        return Ok(Vec::new());
    };
    if !CALLS.iter().any(|next| {
        next.service == call.service && next.about.is_some_and(|about| about.of == call.operation)
    }) {
        return Ok(Vec::new());
    }
    let text = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let answer: Map<String, Value> =
        serde_json::from_slice(&text).with_context(|| format!("{} is damaged: remove it", path.display()))?;
    let items = answer.get(&pages.items).and_then(Value::as_array);
    let mut named: Vec<String> = items.into_iter().flatten().filter_map(|item| names(call, item)).collect();
    named.sort();
    named.dedup();
    Ok(named)
}
