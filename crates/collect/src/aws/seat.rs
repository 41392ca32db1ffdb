//! One account in one region: what is asked of it, and how a list comes page by page.

use super::calls::{CALLS, Call};
use super::client::{Client, Request};
use super::table::{Pages, TABLE};
use crate::fault::{Fault, Kind};
use crate::folder::{self, ListFile};
use crate::seat::{Calls, Fetched, Job, sorted};
use anyhow::Result;
use serde_json::Value;
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

/// How often a list is begun anew because the service no longer knows where it was.
const ANEW: usize = 3;

/// An account in a region.
pub struct Regional {
    pub region: String,
    pub client: Arc<Client>,
}

impl Calls for Regional {
    fn count(&self) -> usize {
        CALLS.len()
    }

    fn command(&self, call: usize) -> String {
        CALLS[call].command()
    }

    fn file(&self, job: &Job) -> String {
        CALLS[job.call].file(job.about.as_deref())
    }

    fn after(&self, call: usize) -> Option<usize> {
        let (service, of) = (CALLS[call].service, CALLS[call].about?.of);
        CALLS.iter().position(|before| before.service == service && before.operation == of)
    }

    fn list(&self, call: usize) -> Option<&str> {
        let operation = TABLE.operation(CALLS[call].service, CALLS[call].operation)?;
        operation.pages.as_ref().map(|pages| pages.items.as_str())
    }

    fn name(&self, call: usize, item: &Value) -> Option<String> {
        names(&CALLS[call], item)
    }

    async fn fetch(
        &self,
        job: &Job,
        path: &Path,
        again: &(dyn Fn(&str) + Sync),
    ) -> Result<Result<Fetched, Fault>> {
        let call = &CALLS[job.call];
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
                        folder::write(path, &answer)?;
                        Ok(Fetched::default())
                    }
                    Err(fault) => Err(fault),
                });
            };
            match self.pages(request, call, pages, path).await? {
                Err(Broken { fault, lost_its_place: true }) if anew < ANEW => {
                    anew += 1;
                    again(&fault.told);
                }
                Err(broken) => return Ok(Err(broken.fault)),
                Ok(fetched) => return Ok(Ok(fetched)),
            }
        }
    }
}

impl Regional {
    /// Fetches an answer page by page.
    async fn pages(
        &self,
        mut request: Request<'_>,
        call: &Call,
        pages: &Pages,
        path: &Path,
    ) -> Result<Result<Fetched, Broken>> {
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
                return Ok(Ok(Fetched { named: sorted(named), items: Some(items) }));
            };
            request.fields.truncate(fixed);
            request.fields.push((pages.token.clone(), token.clone().into()));
            if !tokens.insert(token) {
                return broken("the service gives the same page again and again");
            }
        }
    }
}

/// A list that did not come to its end.
struct Broken {
    fault: Fault,
    /// The service does not know its own token any more.
    lost_its_place: bool,
}

/// What an item names that other calls ask about.
fn names(call: &Call, item: &Value) -> Option<String> {
    let about = CALLS
        .iter()
        .filter(|next| next.service == call.service)
        .find_map(|next| next.about.filter(|about| about.of == call.operation))?;
    item.get(about.key)?.as_str().map(str::to_owned)
}
