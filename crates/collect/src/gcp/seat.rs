//! One project, organization or folder: what is asked of it, and how a list comes page by page.

use super::calls::{Call, Form};
use super::hosts::Hosts;
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

/// The largest page.
const PAGE: &str = "500";
/// What an aggregated list says of a region in which there is nothing.
const NOTHING: &str = "NO_RESULTS_ON_PAGE";

/// Asks Google's services.
pub struct Google {
    pub rest: Rest<Chain<Place>>,
    pub hosts: Hosts,
}

/// A project, an organization or a folder.
pub struct Holder {
    pub id: String,
    pub calls: &'static [Call],
    pub google: Arc<Google>,
}

impl Calls for Holder {
    fn count(&self) -> usize {
        self.calls.len()
    }

    fn command(&self, call: usize) -> String {
        self.calls[call].command.to_owned()
    }

    fn file(&self, job: &Job) -> String {
        self.calls[job.call].file(job.about.as_deref())
    }

    fn after(&self, call: usize) -> Option<usize> {
        self.calls[call].after.and_then(|after| self.calls.iter().position(|before| before.command == after))
    }

    fn list(&self, call: usize) -> Option<&str> {
        match self.calls[call].form {
            Form::One => None,
            Form::List | Form::Aggregated(_) | Form::OfParent => Some("items"),
            Form::Connectivity(key) => Some(key),
        }
    }

    fn name(&self, call: usize, item: &Value) -> Option<String> {
        self.calls[call].name(item)
    }

    async fn fetch(
        &self,
        job: &Job,
        path: &Path,
        _: &(dyn Fn(&str) + Sync),
    ) -> Result<Result<Fetched, Fault>> {
        let call = &self.calls[job.call];
        let hosts = &self.google.hosts;
        let own = format!("projects/{}", rest::encoded(&self.id));
        let url = match (call.form, &job.about) {
            (Form::Connectivity(_), _) => {
                format!("{}/{own}/{}?pageSize={PAGE}", hosts.connectivity, call.path)
            }
            (Form::OfParent, _) => {
                let parent = rest::encoded(&self.id);
                format!("{}/{}?maxResults={PAGE}&parentId={parent}", hosts.compute, call.path)
            }
            (Form::One, Some(about)) if self.is_parent() => format!("{}/{}{about}", hosts.compute, call.path),
            (Form::One, Some(about)) => format!("{}/{own}/{about}{}", hosts.compute, call.path),
            _ => format!("{}/{own}/{}?maxResults={PAGE}", hosts.compute, call.path),
        };
        let request = Request { place: &self.id, call: call.command, url, posted: None };
        if call.form != Form::One {
            return self.listed(request, call, path).await;
        }
        match self.google.rest.call(&request).await {
            Err(fault) => Ok(Err(fault)),
            Ok(mut answer) => {
                call.trimmed(&mut answer);
                // An answer about what is in effect does not say where.
                if let Some(about) = job.about.as_deref().filter(|_| !answer.contains_key("selfLink")) {
                    answer
                        .insert("about".to_owned(), json!({ "id": format!("projects/{}/{about}", self.id) }));
                }
                folder::write(path, &answer)?;
                Ok(Ok(Fetched::default()))
            }
        }
    }
}

impl Holder {
    /// Whether it is an organization or a folder.
    fn is_parent(&self) -> bool {
        self.id.contains('/')
    }

    /// Fetches a list page by page into its file.
    async fn listed(
        &self,
        mut request: Request<'_>,
        call: &Call,
        path: &Path,
    ) -> Result<Result<Fetched, Fault>> {
        let key = match call.form {
            Form::Connectivity(key) => key,
            _ => "items",
        };
        let first = request.url.clone();
        let mut file = ListFile::begin(path, key)?;
        // Nobody is to remember the names of what is asked no further about.
        let repeated = self.calls.iter().any(|next| next.after == Some(call.command));
        let mut named = Vec::new();
        let mut seen = HashSet::new();
        for _ in 0..PAGES {
            let mut answer = match self.google.rest.call(&request).await {
                Ok(answer) => answer,
                Err(fault) => return Ok(Err(fault)),
            };
            let listed = answer.shift_remove(key);
            if let Some(told) = partial(&answer) {
                return Ok(Err(Fault::new(Kind::Rejected, told)));
            }
            let items = match (call.form, listed) {
                (_, None) => vec![],
                (Form::Aggregated(inner), Some(Value::Object(scopes))) => match united(scopes, inner) {
                    Ok(items) => items,
                    Err(told) => return Ok(Err(Fault::new(Kind::Rejected, told))),
                },
                (_, Some(Value::Array(items))) => items,
                (_, Some(_)) => return Ok(Err(Fault::new(Kind::Rejected, "the answer is no list"))),
            };
            for mut item in items {
                named.extend(call.name(&item).filter(|_| repeated));
                call.trim(&mut item);
                file.add(&item)?;
            }
            let next = match answer.shift_remove("nextPageToken") {
                Some(Value::String(token)) if !token.is_empty() => token,
                _ => {
                    answer.shift_remove("warning");
                    answer.shift_remove("unreachables");
                    answer.shift_remove("unreachable");
                    if let Form::Connectivity(_) = call.form {
                        // Unlike the other lists it does not say what it is, which counts where it is empty.
                        let id = format!("projects/{}/{}", self.id, call.path);
                        answer.insert("kind".to_owned(), "networkconnectivity#policyBasedRouteList".into());
                        answer.insert("id".to_owned(), id.into());
                    }
                    let items = file.end(&answer)?;
                    return Ok(Ok(Fetched { named: sorted(named), items: Some(items) }));
                }
            };
            request.url = format!("{first}&pageToken={}", rest::encoded(&next));
            if !seen.insert(next) {
                break;
            }
        }
        Ok(Err(Fault::new(Kind::Rejected, "the service gives the same page again and again")))
    }
}

/// The lists of all regions and zones as one. `Err` says which could not be asked.
fn united(scopes: Map<String, Value>, inner: &str) -> Result<Vec<Value>, String> {
    let mut all = Vec::new();
    for (scope, mut value) in scopes {
        if let Some(items) = value.get_mut(inner).and_then(Value::as_array_mut) {
            all.append(items);
        }
        if let Some(warning) = value.get("warning")
            && warning.get("code").and_then(Value::as_str) != Some(NOTHING)
        {
            return Err(format!("the answer is not whole: {scope}: {}", warned(warning)));
        }
    }
    Ok(all)
}

/// Why an answer is not whole, if it says so.
fn partial(answer: &Map<String, Value>) -> Option<String> {
    let unreachable = ["unreachables", "unreachable"].into_iter().find_map(|key| {
        let list = answer.get(key)?.as_array()?;
        list.first()?.as_str()
    });
    if let Some(scope) = unreachable {
        return Some(format!("the answer is not whole: {scope} cannot be reached"));
    }
    let warning = answer.get("warning")?;
    let code = warning.get("code").and_then(Value::as_str);
    (code != Some(NOTHING)).then(|| format!("the answer is not whole: {}", warned(warning)))
}

fn warned(warning: &Value) -> String {
    let text = |key: &str| warning.get(key).and_then(Value::as_str).unwrap_or_default();
    Fault::of_words(Kind::Rejected, 200, text("code"), text("message"), None).told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_all_regions_are_one_and_none_may_be_missing() {
        let scopes = |value: Value| united(value.as_object().unwrap().clone(), "routers");
        let two = json!({
            "regions/a": {"routers": [{"name": "1"}]},
            "regions/b": {"warning": {"code": "NO_RESULTS_ON_PAGE", "message": "There are no results."}},
            "regions/c": {"routers": [{"name": "2"}]},
        });
        assert_eq!(scopes(two).unwrap(), [json!({"name": "1"}), json!({"name": "2"})]);
        let broken = json!({"regions/a": {"warning": {"code": "UNREACHABLE", "message": "It is down."}}});
        assert_eq!(
            scopes(broken).unwrap_err(),
            "the answer is not whole: regions/a: UNREACHABLE: It is down"
        );
        let map = |value: Value| partial(value.as_object().unwrap());
        assert!(map(json!({"unreachables": ["regions/a"]})).is_some());
        assert!(map(json!({"warning": {"code": "NO_RESULTS_ON_PAGE"}, "unreachable": []})).is_none());
    }
}
