//! OCSF: Detection Findings (class 2004) of schema 1.5, one a policy.
//!
//! The names that importers for cloud scanners look for are filled in as Prowler fills them in: the rule in
//! `metadata.event_code`, `FAIL` in `status_code`, the sentence in `status_detail`.

use super::sections::Part;
use super::told::{self, Told};
use super::{Order, capital, components, line, retest_status};
use crate::compose::Unfilled;
use crate::data::{Policies, Topic, kind};
use crate::document::Block;
use crate::evidence;
use crate::retest::Outcome;
use crate::write_markdown::{Reader, write_blocks};
use serde_json::{Map, Value, json};
use std::time::UNIX_EPOCH;
use tidegate_audit::{Affected, Confidence, Finding, Level, Status, Subject};
use tidegate_estate::Provider;

/// The version of the schema.
const VERSION: &str = "1.5.0";
const CLASS: u32 = 2004;
const CATEGORY: u32 = 2;

/// One event a policy of a finding.
pub fn findings(order: &Order<'_>, warnings: &mut Vec<String>) -> Result<Value, Unfilled> {
    let policies = Policies::of(order.data.estates);
    let mut all = Vec::new();
    for (topic, told) in told::every(order, warnings)? {
        let text = Text::of(&told);
        for finding in &topic.findings {
            for index in 0..finding.subjects.len() {
                all.extend(event(order, &policies, &topic, &text, finding, index));
            }
        }
    }
    Ok(Value::Array(all))
}

/// What every event of a topic says.
struct Text {
    title: String,
    description: String,
    remediation: String,
    references: Vec<String>,
}

impl Text {
    fn of(told: &Told) -> Self {
        let markdown = |blocks: &[Block]| write_blocks(blocks, Reader::Field);
        let references = told.sections.references().into_iter().filter_map(|one| one.address);
        Self {
            title: told.title.clone(),
            description: told
                .sections
                .first_paragraph()
                .map_or_else(String::new, |first| markdown(std::slice::from_ref(first))),
            remediation: markdown(&told.sections.field(&[Part::Recommendation])),
            references: references.collect(),
        }
    }
}

fn event(
    order: &Order<'_>,
    policies: &Policies<'_>,
    topic: &Topic<'_>,
    text: &Text,
    finding: &Finding,
    index: usize,
) -> Option<Value> {
    let subject = finding.subjects.get(index)?;
    let time = order.time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    let time = u64::try_from(time).unwrap_or(u64::MAX);
    let outcome = retest_status(&order.data, finding);
    let (activity, activity_name) = match outcome {
        None | Some(Outcome::New) => (1, "Create"),
        Some(_) => (2, "Update"),
    };
    let (status, status_name) = match finding.status {
        Status::Acknowledged => (2, "In Progress"),
        Status::Safe => (3, "Suppressed"),
        Status::ToReview | Status::Fixed => (1, "New"),
    };
    let (confidence, confidence_name) = match finding.confidence {
        Confidence::Certain => (3, "High"),
        Confidence::Possible => (2, "Medium"),
        Confidence::Declared => (1, "Low"),
    };
    let mut resources: Vec<Value> = resource(subject);
    // Nobody says through which of several policies a system is affected: it is named once.
    if index == 0 {
        resources.extend(finding.affected.iter().map(|affected| workload(affected, topic.provider)));
    }
    let rating = &finding.rating;
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| out.insert(name.to_owned(), value);
    put("activity_id", json!(activity));
    put("activity_name", json!(activity_name));
    put("category_uid", json!(CATEGORY));
    put("category_name", json!("Findings"));
    put("class_uid", json!(CLASS));
    put("class_name", json!("Detection Finding"));
    put("type_uid", json!(CLASS * 100 + activity));
    put("type_name", json!(format!("Detection Finding: {activity_name}")));
    put("time", json!(time));
    put("metadata", metadata(order, finding, subject));
    put("severity_id", json!(rating.risk as u32));
    put("severity", json!(capital(rating.risk)));
    put("status_id", json!(status));
    put("status", json!(status_name));
    put("status_code", json!("FAIL"));
    put("status_detail", json!(line(&detail(order, finding, outcome), 4000)));
    put("message", json!(line(&finding.message, 4000)));
    put("confidence_id", json!(confidence));
    put("confidence", json!(confidence_name));
    put("impact_id", json!(impact(rating.impact)));
    put("impact", json!(capital(rating.impact)));
    put("risk_level_id", json!(rating.risk as u32 - 1));
    put(
        "risk_level",
        json!(if rating.risk == Level::Informational { "Info".to_owned() } else { capital(rating.risk) }),
    );
    put("finding_info", info(text, finding, index, time));
    put("resources", json!(resources));
    put("remediation", json!({ "desc": text.remediation, "references": text.references }));
    if let Some(cloud) = cloud(subject) {
        put("cloud", cloud);
    }
    if let Some(evidence) = rules(order, policies, finding, subject) {
        put("evidences", json!([evidence]));
    }
    put("unmapped", unmapped(order, finding));
    Some(Value::Object(out))
}

fn metadata(order: &Order<'_>, finding: &Finding, subject: &Subject) -> Value {
    let mut metadata = json!({
        "version": VERSION,
        "event_code": finding.rule.name(),
        "product": {
            "name": "Tidegate",
            "vendor_name": "Tidegate",
            "version": order.data.about.version,
        },
    });
    if cloud(subject).is_some() {
        metadata["profiles"] = json!(["cloud"]);
    }
    metadata
}

fn info(text: &Text, finding: &Finding, index: usize, time: u64) -> Value {
    // A baseline knows a policy by its own identity; with one policy it is the finding's.
    let uid = finding.identities.get(index).map_or(&finding.fingerprint, |identity| &identity.fingerprint);
    json!({
        "title": text.title,
        "uid": uid,
        "desc": text.description,
        "created_time": time,
        "types": ["Network egress"],
        "analytic": {
            "name": finding.rule.summary(),
            "uid": finding.rule.name(),
            "type_id": 1,
            "type": "Rule",
        },
    })
}

fn detail(order: &Order<'_>, finding: &Finding, outcome: Option<&Outcome>) -> String {
    match outcome {
        Some(outcome) => format!("{} Retest: {}", finding.message, told::outcome(order, outcome)),
        None => finding.message.clone(),
    }
}

/// 1 Low to 4 Critical; the schema has no number below Low.
fn impact(level: Level) -> u32 {
    match level {
        Level::Informational => 99,
        other => other as u32 - 1,
    }
}

/// A policy; a union is as many resources as it has parts.
fn resource(subject: &Subject) -> Vec<Value> {
    let of = |uid: String| {
        json!({
            "uid": uid,
            "name": line(subject.name.as_deref().unwrap_or_else(|| subject.title()), 2000),
            "type": kind(subject),
            "group": { "name": service(subject.provider) },
        })
    };
    let placed = |mut value: Value| {
        region(&mut value, subject.provider, subject.region.as_deref());
        value
    };
    components::of_subject(subject).into_iter().map(of).map(placed).collect()
}

fn workload(affected: &Affected, provider: Provider) -> Value {
    let mut value = json!({
        "uid": components::of_workload(affected, Some(provider)),
        "name": line(affected.name.as_deref().unwrap_or(&affected.id), 2000),
        "type": "Workload",
        "group": { "name": service(provider) },
        "labels": affected.tags.iter().map(|(key, value)| line(&format!("{key}:{value}"), 2000)).collect::<Vec<_>>(),
        "data": { "addresses": affected.addresses.iter().map(|one| line(one, 2000)).collect::<Vec<_>>() },
    });
    region(&mut value, provider, affected.region.as_deref());
    value
}

fn region(value: &mut Value, provider: Provider, region: Option<&str>) {
    let Some(region) = region else { return };
    value["region"] = json!(line(region, 200));
    if provider == Provider::Aws {
        value["cloud_partition"] = json!(components::partition(region));
    }
}

/// The service by which scanners group what they find.
fn service(provider: Provider) -> &'static str {
    match provider {
        Provider::Aws => "ec2",
        Provider::Azure => "network",
        Provider::Gcp => "compute",
        Provider::Kubernetes => "networking",
    }
}

/// The cloud; a cluster runs anywhere.
fn cloud(subject: &Subject) -> Option<Value> {
    let (provider, type_id, kind) = match subject.provider {
        Provider::Aws => ("AWS", 10, "AWS Account"),
        Provider::Azure => ("Azure", 99, "Azure Subscription"),
        Provider::Gcp => ("GCP", 5, "GCP Account"),
        Provider::Kubernetes => return None,
    };
    let mut cloud = json!({ "provider": provider });
    if let Some(account) = &subject.account {
        let account = line(account, 200);
        cloud["account"] = json!({ "uid": account, "name": account, "type_id": type_id, "type": kind });
    }
    if let Some(region) = &subject.region {
        cloud["region"] = json!(line(region, 200));
    }
    Some(cloud)
}

/// The outbound rules of the policy, as data.
fn rules(order: &Order<'_>, policies: &Policies<'_>, finding: &Finding, subject: &Subject) -> Option<Value> {
    let policy = policies.of_subject(subject, finding)?;
    let rules: Vec<Value> = evidence::outbound(&policy, finding, order.data.origins)
        .into_iter()
        .map(|rule| {
            json!({
                "priority": rule.priority,
                "action": rule.action,
                "protocol": line(&rule.protocol, 2000),
                "ports": line(&rule.ports, 2000),
                "destination": line(&order.data.shown(rule.destination), 2000),
                "source": line(&rule.source, 2000),
                "open": rule.marked,
            })
        })
        .collect();
    Some(json!({ "name": "outbound rules", "data": { "rules": rules } }))
}

/// What the schema has no place for.
fn unmapped(order: &Order<'_>, finding: &Finding) -> Value {
    let rating = &finding.rating;
    json!({
        "fingerprint": finding.fingerprint,
        "likelihood": rating.likelihood.name(),
        "reasons": rating.reasons.iter().map(|reason| line(reason, 2000)).collect::<Vec<_>>(),
        "cvss_vector": rating.cvss_vector,
        "cvss_score": rating.cvss_score,
        "cvss_environmental": rating.cvss_environmental,
        "share_ipv4": finding.allows.share_ipv4,
        "share_ipv6": finding.allows.share_ipv6,
        "file": line(&finding.place.path, 4000),
        "line": order.data.origins.line(&finding.place),
        "aliases": finding.aliases,
        "standards": finding.standards.iter().map(|standard| standard.id).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_without_a_path_is_named_as_reports_name_it() {
        let subject = Subject {
            path: None,
            enclosing: Some("Web.__init__".into()),
            kind: tidegate_estate::PolicyKind::SecurityGroup,
            provider: Provider::Aws,
            dialect: tidegate_estate::Dialect::CdkPython,
            name: Some("Web".into()),
            account: None,
            region: None,
        };
        let resources = resource(&subject);
        assert_eq!(resources.len(), 1);
        assert_eq!(resources[0]["uid"], crate::data::label(&subject).as_str());
        assert!(resources[0].get("region").is_none());
    }
}
