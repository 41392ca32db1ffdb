//! One subscription: what is asked of it, and how a list comes page by page.

use super::calls::{CALLS, Call, Form};
use super::complaint::UNUSED;
use super::signin::Place;
use crate::fault::{Fault, Kind};
use crate::folder::{self, ListFile};
use crate::rest::{self, PAGES, Request, Rest};
use crate::seat::{Calls, Fetched, Job, sorted};
use crate::tokens::Chain;
use anyhow::Result;
use serde_json::{Map, Value, json};
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

/// The key of the list in an answer.
const LIST: &str = "value";

/// Asks Resource Manager.
pub struct Manager {
    pub rest: Rest<Chain<Place>>,
    /// Its address.
    pub address: String,
}

/// A subscription.
pub struct Subscription {
    pub id: String,
    pub manager: Arc<Manager>,
}

impl Calls for Subscription {
    fn count(&self) -> usize {
        CALLS.len()
    }

    fn command(&self, call: usize) -> String {
        CALLS[call].command.to_owned()
    }

    fn file(&self, job: &Job) -> String {
        CALLS[job.call].file(job.about.as_deref())
    }

    fn after(&self, call: usize) -> Option<usize> {
        CALLS[call].after.and_then(|after| CALLS.iter().position(|before| before.command == after))
    }

    fn list(&self, call: usize) -> Option<&str> {
        (CALLS[call].form != Form::One).then_some(LIST)
    }

    fn name(&self, call: usize, item: &Value) -> Option<String> {
        CALLS[call].name(item)
    }

    async fn fetch(
        &self,
        job: &Job,
        path: &Path,
        _: &(dyn Fn(&str) + Sync),
    ) -> Result<Result<Fetched, Fault>> {
        let call = &CALLS[job.call];
        let own = format!("/subscriptions/{}", self.id);
        let about = job.about.as_deref().unwrap_or(&own);
        let url = format!("{}{}", self.manager.address, call.address(&rest::path(about)));
        let posted = (call.form == Form::Posted).then(|| json!({}));
        let request = Request { place: &self.id, call: call.command, url, posted };
        match call.form {
            Form::One => match self.manager.rest.call(&request).await {
                Err(fault) => Ok(Err(fault)),
                Ok(mut answer) => {
                    call.trim(&mut answer);
                    folder::write(path, &answer)?;
                    Ok(Ok(Fetched::default()))
                }
            },
            Form::List | Form::Posted => {
                let listed = listed(&self.manager.rest, request, call, job.about.as_deref(), path).await?;
                match listed {
                    Err(fault) if fault.code == UNUSED => {
                        let items = ListFile::begin(path, LIST)?.end(&Map::new())?;
                        Ok(Ok(Fetched { named: vec![], items: Some(items) }))
                    }
                    other => Ok(other),
                }
            }
        }
    }
}

/// Fetches a list page by page into its file.
async fn listed(
    rest: &Rest<Chain<Place>>,
    mut request: Request<'_>,
    call: &Call,
    about: Option<&str>,
    path: &Path,
) -> Result<Result<Fetched, Fault>> {
    let mut file = ListFile::begin(path, LIST)?;
    // Nobody is to remember the names of what is asked no further about.
    let repeated = CALLS.iter().any(|next| next.after == Some(call.command));
    let mut named = Vec::new();
    let mut seen = HashSet::new();
    for _ in 0..PAGES {
        let mut answer = match rest.call(&request).await {
            Ok(answer) => answer,
            Err(fault) => return Ok(Err(fault)),
        };
        let Some(Value::Array(items)) = answer.shift_remove(LIST) else {
            return Ok(Err(Fault::new(Kind::Rejected, "the answer is no list")));
        };
        for mut item in items {
            if let Value::Object(item) = &mut item {
                call.trim(item);
            }
            named.extend(call.name(&item).filter(|_| repeated));
            file.add(&item)?;
        }
        let mut text = |key: &str| match answer.shift_remove(key) {
            Some(Value::String(text)) if !text.is_empty() => Some(text),
            _ => None,
        };
        let next = if call.form == Form::Posted { text("skipToken") } else { text("nextLink") };
        let Some(next) = next else {
            let mut beside = Map::new();
            if let Some(about) = about.filter(|_| call.form == Form::Posted) {
                // As the Azure CLI prints it; and what it is about, which the answer does not say.
                beside.insert("skipToken".to_owned(), "".into());
                beside.insert("about".to_owned(), json!({ "id": about }));
            }
            let items = file.end(&beside)?;
            return Ok(Ok(Fetched { named: sorted(named), items: Some(items) }));
        };
        if !seen.insert(next.clone()) {
            break;
        }
        match call.form {
            Form::Posted => request.posted = Some(json!({ "skipToken": next })),
            Form::List | Form::One => request.url = next.replace(' ', "%20"),
        }
    }
    Ok(Err(Fault::new(Kind::Rejected, "the service gives the same page again and again")))
}

impl Manager {
    /// The subscriptions that the credentials see: their ids and names.
    pub async fn subscriptions(&self) -> Result<Vec<(String, Option<String>)>, Fault> {
        let (path, version, _) = super::calls::SCOUTING;
        let url = format!("{}{path}?api-version={version}", self.address);
        let mut request = Request { place: "Azure", call: "account list", url, posted: None };
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        loop {
            let answer = self.rest.call(&request).await?;
            let Some(items) = answer.get(LIST).and_then(Value::as_array) else {
                return Err(Fault::new(Kind::Garbled, "the answer is no list of subscriptions"));
            };
            for item in items {
                let text = |key: &str| item.get(key).and_then(Value::as_str).map(str::to_owned);
                let gone = text("state").is_some_and(|state| state.eq_ignore_ascii_case("Deleted"));
                let id = text("subscriptionId").filter(|id| !gone && super::run::is_subscription(id));
                found.extend(id.map(|id| (id.to_ascii_lowercase(), text("displayName"))));
            }
            match answer.get("nextLink").and_then(Value::as_str).filter(|next| !next.is_empty()) {
                Some(next) if seen.insert(next.to_owned()) => request.url = next.to_owned(),
                Some(_) => return Err(Fault::new(Kind::Rejected, "the list of subscriptions does not end")),
                None => break,
            }
        }
        found.sort();
        found.dedup_by(|a, b| a.0 == b.0);
        Ok(found)
    }
}
