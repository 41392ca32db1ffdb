//! Which projects there are: all that the credentials see, or those below an organization or a folder.

use super::seat::Google;
use crate::fault::{Fault, Kind};
use crate::rest::{Request, encoded};
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Calls at once.
const AT_ONCE: usize = 8;
/// Levels of folders. Google allows ten ("Quotas and limits", Resource Manager).
const LEVELS: usize = 32;

/// Projects, folders and organizations, by id, with their names.
pub type Found = BTreeMap<String, Option<String>>;

/// Whether it could be a project's id. What is not would become a part of an address and a folder's name.
pub fn is_project(text: &str) -> bool {
    // `example.com:name` is one, too, of long ago.
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.' | ':');
    text.len() <= 63 && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(plain)
}

impl Google {
    /// All projects that the credentials see.
    pub async fn search(&self) -> Result<Found, Fault> {
        let url =
            format!("{}/projects:search?pageSize=500&query={}", self.hosts.projects, encoded("state:ACTIVE"));
        let mut found = Found::new();
        self.pages("projects search", url, "projects", |item| project(item, &mut found)).await?;
        Ok(found)
    }

    /// Everything below an organization or a folder, and that itself.
    pub async fn below(self: &Arc<Self>, tops: &[String]) -> Result<(Found, Found), Fault> {
        let mut projects = Found::new();
        let mut parents: Found = tops.iter().map(|top| (top.clone(), None)).collect();
        let mut level: Vec<String> = parents.keys().cloned().collect();
        let limit = Arc::new(Semaphore::new(AT_ONCE));
        for _ in 0..LEVELS {
            let mut asking = JoinSet::new();
            for parent in level.drain(..) {
                let (google, limit) = (self.clone(), limit.clone());
                asking.spawn(async move {
                    let _one = limit.acquire().await;
                    google.children(&parent).await
                });
            }
            while let Some(children) = asking.join_next().await {
                let ended = |_| Fault::new(Kind::Rejected, "a call ended unexpectedly");
                let (below, folders) = children.map_err(ended)??;
                projects.extend(below);
                for (folder, name) in folders {
                    if parents.insert(folder.clone(), name).is_none() {
                        level.push(folder);
                    }
                }
            }
            if level.is_empty() {
                return Ok((projects, parents));
            }
        }
        Err(Fault::new(Kind::Rejected, "folders lie in each other without end"))
    }

    async fn children(&self, parent: &str) -> Result<(Found, Found), Fault> {
        let url =
            |kind: &str| format!("{}/{kind}?pageSize=300&parent={}", self.hosts.projects, encoded(parent));
        let (mut projects, mut folders) = (Found::new(), Found::new());
        self.pages("projects list", url("projects"), "projects", |item| project(item, &mut projects)).await?;
        self.pages("resource-manager folders list", url("folders"), "folders", |item| {
            let text = |key: &str| item.get(key).and_then(Value::as_str).map(str::to_owned);
            let id = text("name").filter(|name| is_active(item) && is_parent(name));
            folders.extend(id.map(|id| (id, text("displayName"))));
        })
        .await?;
        Ok((projects, folders))
    }

    /// Every item of a list of Resource Manager's.
    async fn pages(
        &self,
        call: &str,
        url: String,
        key: &str,
        mut each: impl FnMut(&Value),
    ) -> Result<(), Fault> {
        let mut request = Request { place: "Google Cloud", call, url: url.clone(), posted: None };
        let mut seen = HashSet::new();
        loop {
            let answer = self.rest.call(&request).await?;
            answer.get(key).and_then(Value::as_array).into_iter().flatten().for_each(&mut each);
            match answer.get("nextPageToken").and_then(Value::as_str).filter(|token| !token.is_empty()) {
                None => return Ok(()),
                Some(token) if seen.insert(token.to_owned()) => {
                    request.url = format!("{url}&pageToken={}", encoded(token));
                }
                Some(_) => return Err(Fault::new(Kind::Rejected, "the list of projects does not end")),
            }
        }
    }
}

/// Whether it is `organizations/1` or `folders/2`.
pub fn is_parent(text: &str) -> bool {
    text.split_once('/')
        .is_some_and(|(kind, number)| ["organizations", "folders"].contains(&kind) && is_number(number))
}

/// Whether it is the number of an organization or a folder.
pub fn is_number(text: &str) -> bool {
    !text.is_empty() && text.len() <= 20 && text.chars().all(|c| c.is_ascii_digit())
}

fn is_active(item: &Value) -> bool {
    item.get("state").and_then(Value::as_str).is_none_or(|state| state == "ACTIVE")
}

fn project(item: &Value, into: &mut Found) {
    let text = |key: &str| item.get(key).and_then(Value::as_str).map(str::to_owned);
    let id = text("projectId").filter(|id| is_active(item) && is_project(id));
    into.extend(id.map(|id| (id, text("displayName").filter(|name| !name.is_empty()))));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_project_is_not_asked() {
        assert!(["acme-prod-1", "example.com:old", "a"].iter().all(|id| is_project(id)));
        let wrong = ["", "..", "Acme", "a/b", "1a", "a b", "-a", "organizations/1"];
        assert!(!wrong.iter().any(|id| is_project(id)));
        assert!(is_parent("organizations/123") && is_parent("folders/1"));
        assert!(
            !["organizations/", "organizations/x", "projects/1", "folders/1/x", "../1"]
                .iter()
                .any(|id| is_parent(id))
        );
    }
}
