//! Records of Azure answers, as they are written.

use super::network::{self, NetworkRecord, inner};
use super::{rules, security};
use crate::dump::documents::{Way, walk};
use crate::dump::fields::Fields;
use crate::tree::{NodeId, Tree};
use std::collections::BTreeMap;
use std::sync::Arc;
use tidegate_estate::azure::{Card, SecurityGroup};
use tidegate_estate::{Place, Rule};

/// Something that an answer says.
#[derive(Debug, Clone)]
pub(in crate::dump) enum Record {
    /// A network security group.
    Group(Group),
    /// A network interface.
    Interface(Interface),
    /// A subnet.
    Subnet(Subnet),
    /// A public address: its id in lower case, and what it is.
    Address(String, String),
    /// Something around interfaces.
    Network(NetworkRecord),
}

/// A network security group.
#[derive(Debug, Clone)]
pub(in crate::dump) struct Group {
    pub id: String,
    pub name: Option<String>,
    pub location: Option<String>,
    pub tags: BTreeMap<String, String>,
    pub rules: Vec<Rule>,
    /// Its rules with both of their ends.
    pub exact: SecurityGroup,
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
    pub public: Vec<String>,
    /// Public addresses by id, in lower case, of which an answer of its own says what they are.
    pub addresses: Vec<String>,
    pub location: Option<String>,
    pub tags: BTreeMap<String, String>,
    pub machine: Option<String>,
    /// Its subnet, as it is written.
    pub subnet: Option<String>,
    /// What more there is to know of it.
    pub card: Card,
    /// Whether it sends on what is not its own.
    pub forwards: bool,
    pub place: Place,
}

/// A subnet of a virtual network.
#[derive(Debug, Clone)]
pub(in crate::dump) struct Subnet {
    pub id: String,
    pub name: Option<String>,
    /// The group that guards it, by id in lower case.
    pub group: Option<String>,
    /// Whether it has addresses of IPv6; so it is where the answer does not say.
    pub ipv6: bool,
    /// Where its network is.
    pub location: Option<String>,
    /// Its name.
    pub place: Place,
    /// All of it.
    pub block: Place,
}

/// Every record in the documents of one file.
pub(in crate::dump) fn records(path: &Arc<str>, tree: &Tree) -> Vec<Record> {
    let fields = Fields { tree, path };
    let mut found = Vec::new();
    walk(tree, |node, way| {
        let before = found.len();
        record(&fields, node, way, &mut found);
        found.len() > before
    });
    found
}

fn record(fields: &Fields<'_>, node: NodeId, way: &Way<'_>, found: &mut Vec<Record>) {
    let inner = inner(fields, node);
    let kind = fields.text(node, "type").unwrap_or_default().to_ascii_lowercase();
    let id = fields.text(node, "id").unwrap_or_default();
    let is = |name: &str| kind.ends_with(&name.to_ascii_lowercase()) || is_of(&id, name);
    if fields.is_list(inner, "securityRules") && is("/networkSecurityGroups") {
        found.push(Record::Group(group(fields, node, inner)));
    } else if fields.is_list(inner, "ipConfigurations") && is("/networkInterfaces") {
        found.push(Record::Interface(interface(fields, node, inner)));
    } else if fields.is_list(inner, "subnets") && is("/virtualNetworks") {
        let location = fields.text(node, "location");
        let subnets = fields.list(inner, "subnets");
        found.extend(subnets.filter_map(|one| subnet(fields, one, &id, &location)).map(Record::Subnet));
    } else if is("/subnets")
        && (fields.get(inner, "addressPrefix").or(fields.get(inner, "addressPrefixes"))).is_some()
    {
        found.extend(subnet(fields, node, "", &None).map(Record::Subnet));
    } else if is("/publicIPAddresses")
        && let Some(address) = fields.text(inner, "ipAddress")
    {
        found.push(Record::Address(id.to_ascii_lowercase(), address));
    }
    let mut around = Vec::new();
    network::record(fields, node, way, &is, &mut around);
    found.extend(around.into_iter().map(Record::Network));
}

fn subnet(fields: &Fields<'_>, node: NodeId, network: &str, location: &Option<String>) -> Option<Subnet> {
    let inner = inner(fields, node);
    let name = fields.text(node, "name");
    let id = fields
        .text(node, "id")
        .or_else(|| Some(format!("{network}/subnets/{}", name.as_ref()?)).filter(|_| !network.is_empty()))?;
    let mut blocks: Vec<String> = fields.text(inner, "addressPrefix").into_iter().collect();
    let more = fields.list(inner, "addressPrefixes");
    blocks.extend(more.filter_map(|block| fields.tree.text(block).map(str::to_owned)));
    Some(Subnet {
        id,
        name,
        group: id_of(fields, inner, "networkSecurityGroup"),
        ipv6: blocks.is_empty() || blocks.iter().any(|block| block.contains(':')),
        location: location.clone(),
        place: fields.member(node, "name"),
        block: fields.place(node),
    })
}

/// Whether an id is one of this kind and of nothing below it.
fn is_of(id: &str, kind: &str) -> bool {
    let lower = id.to_ascii_lowercase();
    lower
        .rsplit_once('/')
        .is_some_and(|(before, name)| !name.is_empty() && before.ends_with(&kind.to_ascii_lowercase()))
}

fn group(fields: &Fields<'_>, node: NodeId, inner: NodeId) -> Group {
    let (mut all, mut exact) = (Vec::new(), Vec::new());
    for key in ["securityRules", "defaultSecurityRules"] {
        for rule in fields.list(inner, key) {
            rules::read(fields, rule, key == "defaultSecurityRules", &mut all);
            exact.push(security::rule(fields, rule));
        }
    }
    let place = fields.member(node, "name");
    if !fields.is_list(inner, "defaultSecurityRules") {
        // An exported template leaves them out; they are there all the same.
        rules::defaults(&place, &mut all);
        exact.extend(security::defaults(&place));
    }
    let name = fields.text(node, "name");
    Group {
        id: fields.text(node, "id").or_else(|| name.clone()).unwrap_or_default(),
        name,
        location: fields.text(node, "location"),
        tags: fields.map(node, "tags"),
        rules: all,
        exact: SecurityGroup {
            rules: exact,
            interfaces: fields.texts(inner, "networkInterfaces", "id").into_iter().collect(),
            place: fields.place(node),
        },
        subnets: ids(fields, inner, "subnets"),
        interfaces: ids(fields, inner, "networkInterfaces"),
        place,
        block: fields.place(node),
    }
}

fn interface(fields: &Fields<'_>, node: NodeId, inner: NodeId) -> Interface {
    let (mut private, mut subnets) = (Vec::new(), Vec::new());
    let (mut public, mut addresses) = (Vec::new(), Vec::new());
    for configuration in fields.list(inner, "ipConfigurations") {
        let configuration = fields.get(configuration, "properties").unwrap_or(configuration);
        private.extend(
            ["privateIPAddress", "privateIpAddress"].iter().find_map(|key| fields.text(configuration, key)),
        );
        subnets.extend(id_of(fields, configuration, "subnet"));
        // What the address is stands in it where the answer was expanded, else in an answer of its own.
        if let Some(address) =
            fields.get(configuration, "publicIPAddress").or(fields.get(configuration, "publicIpAddress"))
        {
            match fields.text(self::inner(fields, address), "ipAddress") {
                Some(text) => public.push(text),
                None => addresses.extend(fields.text(address, "id").map(|id| id.to_ascii_lowercase())),
            }
        }
    }
    let name = fields.text(node, "name");
    let (card, forwards) = network::card(fields, node);
    let subnet = fields
        .list(inner, "ipConfigurations")
        .find_map(|one| super::spelling::id_of(fields, self::inner(fields, one), "subnet"));
    Interface {
        subnet,
        card,
        forwards,
        id: fields.text(node, "id").or_else(|| name.clone()).unwrap_or_default(),
        name,
        group: id_of(fields, inner, "networkSecurityGroup"),
        subnets,
        private,
        public,
        addresses,
        location: fields.text(node, "location"),
        tags: fields.map(node, "tags"),
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
