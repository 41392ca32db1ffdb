//! Label selectors, and which pods they select.
//! (Kubernetes API reference, `LabelSelector`.)

use crate::dump::fields::Fields;
use crate::tree::{Kind, NodeId};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A label selector: all of its requirements must be met. One without any selects everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::dump) struct Selector {
    requirements: Vec<Requirement>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Requirement {
    key: String,
    wants: Wants,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Wants {
    In(Vec<String>),
    /// Also met where there is no such label.
    NotIn(Vec<String>),
    Exists,
    DoesNotExist,
}

impl Selector {
    /// The selector that stands in a member; one that is not there, or null, selects everything. `Err` says what cannot
    /// be read.
    pub fn read(fields: &Fields<'_>, node: NodeId, key: &str) -> Result<Self, String> {
        let Some(selector) = fields.get(node, key) else { return Ok(Self::default()) };
        if fields.tree.kind(selector) != Kind::Mapping {
            return Err(format!("`{key}` is no selector"));
        }
        let mut requirements: Vec<Requirement> = fields
            .map(selector, "matchLabels")
            .into_iter()
            .map(|(key, value)| Requirement { key, wants: Wants::In(vec![value]) })
            .collect();
        for expression in fields.list(selector, "matchExpressions") {
            let name = fields.text(expression, "key").ok_or("an expression of a selector names no label")?;
            let operator = fields.text(expression, "operator").unwrap_or_default();
            let values = fields.list(expression, "values");
            let values = values.filter_map(|value| fields.tree.text(value).map(str::to_owned)).collect();
            let wants = match operator.as_str() {
                "In" => Wants::In(values),
                "NotIn" => Wants::NotIn(values),
                "Exists" => Wants::Exists,
                "DoesNotExist" => Wants::DoesNotExist,
                other => return Err(format!("{other:?} is no operator of a selector")),
            };
            requirements.push(Requirement { key: name, wants });
        }
        Ok(Self { requirements })
    }

    /// Whether something with these labels is selected.
    pub fn selects(&self, labels: &BTreeMap<String, String>) -> bool {
        self.requirements.iter().all(|Requirement { key, wants }| match (wants, labels.get(key)) {
            (Wants::In(values), Some(value)) => values.contains(value),
            (Wants::NotIn(values), Some(value)) => !values.contains(value),
            (Wants::Exists, Some(_)) | (Wants::NotIn(_) | Wants::DoesNotExist, None) => true,
            (Wants::DoesNotExist, Some(_)) | (Wants::In(_) | Wants::Exists, None) => false,
        })
    }

    /// Whether no other label than this one counts.
    pub fn needs_only(&self, key: &str) -> bool {
        self.requirements.iter().all(|requirement| requirement.key == key)
    }

    /// In words: `app=web, tier in (a, b)`; empty for one that selects everything.
    pub fn words(&self) -> String {
        let mut text = String::new();
        for Requirement { key, wants } in &self.requirements {
            if !text.is_empty() {
                text.push_str(", ");
            }
            // Writing to a String never fails.
            let _ = match wants {
                Wants::In(values) => match &values[..] {
                    [value] => write!(text, "{key}={value}"),
                    many => write!(text, "{key} in ({})", many.join(", ")),
                },
                Wants::NotIn(values) => write!(text, "{key} not in ({})", values.join(", ")),
                Wants::Exists => write!(text, "{key}"),
                Wants::DoesNotExist => write!(text, "no {key}"),
            };
        }
        text
    }
}
