//! Affected systems: the workloads a finding concerns, or the policies where no workload is known.

use std::collections::{BTreeMap, BTreeSet};
use tidegate_audit::{Affected, Finding, Level, Subject};

/// A system that a topic affects.
#[derive(Debug, Clone, PartialEq)]
pub struct System {
    /// What people call it.
    pub name: String,
    /// Its id, where that is not its name.
    pub id: Option<String>,
    /// Its addresses, public ones included.
    pub addresses: Vec<String>,
    /// Account, subscription or project.
    pub account: Option<String>,
    /// Region.
    pub region: Option<String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// The policies that let it out, if it is a workload.
    pub through: BTreeSet<String>,
    /// Indexes of the findings that concern it, in [`super::Topic::findings`].
    pub findings: BTreeSet<usize>,
    /// The highest risk among them.
    pub risk: Level,
    /// Whether it is a workload, and not a policy in place of unknown ones.
    pub workload: bool,
}

/// What people call a policy: its name and, for what runs in a cloud, its id.
pub fn label(subject: &Subject) -> String {
    match (&subject.path, &subject.name) {
        (Some(path), name) if path.starts_with("/subscriptions/") => {
            let name = name.as_deref().or_else(|| path.rsplit('/').next()).unwrap_or(path);
            format!("{name} (resource group {})", resource_group(path).unwrap_or("unknown"))
        }
        (Some(path), Some(name)) if is_cloud_id(path) && path != name => format!("{name} ({path})"),
        (None, Some(name)) if subject.enclosing.is_some() => {
            format!("{name} in {}", subject.enclosing.as_deref().unwrap_or_default())
        }
        _ => subject.title().to_owned(),
    }
}

fn is_cloud_id(path: &str) -> bool {
    ["sg-", "acl-", "projects/"].iter().any(|start| path.starts_with(start))
}

/// The resource group of an Azure resource's id.
fn resource_group(id: &str) -> Option<&str> {
    id.split('/').skip_while(|part| !part.eq_ignore_ascii_case("resourceGroups")).nth(1)
}

/// An id in short: of an Azure resource, its group and its name.
pub fn short_id(id: &str) -> String {
    match (id.starts_with("/subscriptions/"), resource_group(id), id.rsplit('/').next()) {
        (true, Some(group), Some(name)) => format!("{group}/{name}"),
        _ => id.to_owned(),
    }
}

/// The systems that findings affect, sorted by name and id, without duplicates.
pub fn of(findings: &[&Finding]) -> Vec<System> {
    let mut found: BTreeMap<(String, String, String), System> = BTreeMap::new();
    for (index, finding) in findings.iter().enumerate() {
        let titles: BTreeSet<String> = finding.subjects.iter().map(label).collect();
        if finding.affected.is_empty() {
            for subject in &finding.subjects {
                add(&mut found, of_subject(subject), index, finding, &BTreeSet::new());
            }
        }
        for affected in &finding.affected {
            add(&mut found, of_workload(affected), index, finding, &titles);
        }
    }
    found.into_values().collect()
}

fn add(
    found: &mut BTreeMap<(String, String, String), System>,
    system: System,
    finding: usize,
    of: &Finding,
    through: &BTreeSet<String>,
) {
    let key = (
        system.name.clone(),
        system.id.clone().unwrap_or_default(),
        format!("{:?}{:?}", system.account, system.region),
    );
    let known = found.entry(key).or_insert(system);
    known.findings.insert(finding);
    known.through.extend(through.iter().cloned());
    known.risk = known.risk.max(of.rating.risk);
}

fn of_subject(subject: &Subject) -> System {
    System {
        name: label(subject),
        id: None,
        addresses: Vec::new(),
        account: subject.account.clone(),
        region: subject.region.clone(),
        tags: BTreeMap::new(),
        through: BTreeSet::new(),
        findings: BTreeSet::new(),
        risk: Level::Informational,
        workload: false,
    }
}

fn of_workload(affected: &Affected) -> System {
    // A name of nothing but spaces names nothing.
    let name = affected.name.as_ref().filter(|name| !name.trim().is_empty());
    System {
        name: name.unwrap_or(&affected.id).clone(),
        id: name.filter(|name| **name != affected.id).map(|_| affected.id.clone()),
        addresses: affected.addresses.clone(),
        account: affected.account.clone(),
        region: affected.region.clone(),
        tags: affected.tags.clone(),
        through: BTreeSet::new(),
        findings: BTreeSet::new(),
        risk: Level::Informational,
        workload: true,
    }
}
