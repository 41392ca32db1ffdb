//! Records of Azure answers, as they are written.

use super::rules;
use crate::dump::documents::walk;
use crate::dump::fields::Fields;
use crate::tree::{Kind, NodeId, Tree};
use std::collections::BTreeMap;
use std::sync::Arc;
use tidegate_estate::{Place, Rule};

/// Something that an answer says.
#[derive(Debug, Clone)]
pub(in crate::dump) enum Record {
    /// A network security group.
    Group(Group),
    /// A network interface.
    Interface(Interface),
}

/// A network security group.
#[derive(Debug, Clone)]
pub(in crate::dump) struct Group {
    pub id: String,
    pub name: Option<String>,
    pub location: Option<String>,
    pub tags: BTreeMap<String, String>,
    pub rules: Vec<Rule>,
    /// Subnets that it guards, by id in lower case.
    pub subnets: Vec<String>,
    /// Interfaces that it guards, likewise.
    pub interfaces: Vec<String>,
    /// Its name.
    pub place: Place,
    /// All of it.
    pub block: Place,
}

/// A network interface.
#[derive(Debug, Clone)]
pub(in crate::dump) struct Interface {
    pub id: String,
    pub name: Option<String>,
    pub group: Option<String>,
    pub subnets: Vec<String>,
    pub private: Vec<String>,
    pub location: Option<String>,
    pub tags: BTreeMap<String, String>,
    pub machine: Option<String>,
    pub place: Place,
}

/// Every record in the documents of one file.
pub(in crate::dump) fn records(path: &Arc<str>, tree: &Tree) -> Vec<Record> {
    let fields = Fields { tree, path };
    let mut found = Vec::new();
    walk(tree, |node, _| match record(&fields, node) {
        Some(record) => {
            found.push(record);
            true
        }
        None => false,
    });
    found
}

fn record(fields: &Fields<'_>, node: NodeId) -> Option<Record> {
    let inner = match fields.get(node, "properties") {
        Some(inner) if fields.tree.kind(inner) == Kind::Mapping => inner,
        _ => node,
    };
    let kind = fields.text(node, "type").unwrap_or_default().to_ascii_lowercase();
    let id = fields.text(node, "id").unwrap_or_default();
    let is = |name: &str| kind.ends_with(&name.to_ascii_lowercase()) || is_of(&id, name);
    if fields.is_list(inner, "securityRules") && is("/networkSecurityGroups") {
        return Some(Record::Group(group(fields, node, inner)));
    }
    if fields.is_list(inner, "ipConfigurations") && is("/networkInterfaces") {
        return Some(Record::Interface(interface(fields, node, inner)));
    }
    None
}

/// Whether an id is one of this kind and of nothing below it.
fn is_of(id: &str, kind: &str) -> bool {
    let lower = id.to_ascii_lowercase();
    lower
        .rsplit_once('/')
        .is_some_and(|(before, name)| !name.is_empty() && before.ends_with(&kind.to_ascii_lowercase()))
}

fn group(fields: &Fields<'_>, node: NodeId, inner: NodeId) -> Group {
    let mut all = Vec::new();
    for key in ["securityRules", "defaultSecurityRules"] {
        for rule in fields.list(inner, key) {
            rules::read(fields, rule, key == "defaultSecurityRules", &mut all);
        }
    }
    let place = fields.member(node, "name");
    if !fields.is_list(inner, "defaultSecurityRules") {
        // An exported template leaves them out; they are there all the same.
        rules::defaults(&place, &mut all);
    }
    let name = fields.text(node, "name");
    Group {
        id: fields.text(node, "id").or_else(|| name.clone()).unwrap_or_default(),
        name,
        location: fields.text(node, "location"),
        tags: tags(fields, node),
        rules: all,
        subnets: ids(fields, inner, "subnets"),
        interfaces: ids(fields, inner, "networkInterfaces"),
        place,
        block: fields.place(node),
    }
}

fn interface(fields: &Fields<'_>, node: NodeId, inner: NodeId) -> Interface {
    let (mut private, mut subnets) = (Vec::new(), Vec::new());
    for configuration in fields.list(inner, "ipConfigurations") {
        let configuration = fields.get(configuration, "properties").unwrap_or(configuration);
        private.extend(
            ["privateIPAddress", "privateIpAddress"].iter().find_map(|key| fields.text(configuration, key)),
        );
        subnets.extend(id_of(fields, configuration, "subnet"));
    }
    let name = fields.text(node, "name");
    Interface {
        id: fields.text(node, "id").or_else(|| name.clone()).unwrap_or_default(),
        name,
        group: id_of(fields, inner, "networkSecurityGroup"),
        subnets,
        private,
        location: fields.text(node, "location"),
        tags: tags(fields, node),
        machine: fields.get(inner, "virtualMachine").and_then(|machine| fields.text(machine, "id")),
        place: fields.place(node),
    }
}

/// The id that a member refers to, in lower case: ids are compared without regard to case.
fn id_of(fields: &Fields<'_>, node: NodeId, key: &str) -> Option<String> {
    Some(fields.text(fields.get(node, key)?, "id")?.to_ascii_lowercase())
}

fn ids(fields: &Fields<'_>, node: NodeId, key: &str) -> Vec<String> {
    fields.texts(node, key, "id").into_iter().map(|id| id.to_ascii_lowercase()).collect()
}

fn tags(fields: &Fields<'_>, node: NodeId) -> BTreeMap<String, String> {
    let Some(tags) = fields.get(node, "tags") else { return BTreeMap::new() };
    fields
        .tree
        .entries(tags)
        .filter_map(|(key, value)| {
            Some((fields.tree.text(key)?.to_owned(), fields.tree.text(value).unwrap_or_default().to_owned()))
        })
        .collect()
}
