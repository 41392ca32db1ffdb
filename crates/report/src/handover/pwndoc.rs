//! PwnDoc: vulnerabilities as Data > Dump imports them, with HTML as its editor makes it.

use super::sections::Part;
use super::told::{self, Told};
use super::{Order, rich};
use crate::compose::Unfilled;
use crate::data::Topic;
use serde_json::{Value, json};
use tidegate_audit::Level;

/// One vulnerability a topic.
pub fn vulnerabilities(order: &Order<'_>, warnings: &mut Vec<String>) -> Result<Value, Unfilled> {
    let told = told::every(order, warnings)?;
    Ok(told.iter().map(|(topic, told)| vulnerability(order, topic, told)).collect())
}

fn vulnerability(order: &Order<'_>, topic: &Topic<'_>, told: &Told) -> Value {
    let field = |parts: &[Part]| rich::write(&told.sections.field(parts));
    let references: Vec<String> =
        told.sections.references().into_iter().map(|one| super::line(&one.text, 2000)).collect();
    json!({
        "cvssv3": topic.worst().map(|worst| worst.rating.cvss_vector),
        "priority": priority(topic.risk()),
        "details": [{
            "locale": order.wishes.values.get("LOCALE").map_or("en", String::as_str),
            "title": told.title,
            "vulnType": "Network",
            "description": field(&[Part::Description]),
            "observation": field(&[Part::Impact, Part::Likelihood]),
            "remediation": field(&[Part::Recommendation, Part::Remedy, Part::Verification, Part::Limits]),
            "references": references,
            "customFields": [],
        }],
    })
}

/// 1 Low to 4 Urgent.
fn priority(risk: Level) -> u32 {
    match risk {
        Level::Informational | Level::Low => 1,
        Level::Medium => 2,
        Level::High => 3,
        Level::Critical => 4,
    }
}
