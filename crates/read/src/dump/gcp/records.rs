//! Records of Google Cloud's answers, as they are written.

use super::rules;
use crate::dump::documents::walk;
use crate::dump::fields::Fields;
use crate::tree::{NodeId, Tree};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tidegate_estate::{Direction, Place, Rule};

/// Something that an answer says.
#[derive(Debug, Clone)]
pub(in crate::dump) enum Record {
    /// A VPC firewall rule.
    Firewall(Firewall),
    /// A network.
    Network(Network),
    /// A virtual machine.
    Instance(Instance),
}

/// A VPC firewall rule.
#[derive(Debug, Clone)]
pub(in crate::dump) struct Firewall {
    /// `projects/P/global/firewalls/N`
    pub id: String,
    pub name: String,
    /// The network that it belongs to, as in [`Network::id`].
    pub network: String,
    pub direction: Direction,
    pub disabled: bool,
    /// Which machines it is for.
    pub targets: Targets,
    /// What it says, multiplied out: destinations by protocols by ports.
    pub rules: Vec<Rule>,
    /// All of it, in one text: whether two answers say the same.
    pub told: String,
    /// Its network.
    pub place: Place,
    /// All of it.
    pub block: Place,
}

/// Which machines a rule is for; all where nothing is named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::dump) struct Targets {
    pub tags: BTreeSet<String>,
    pub accounts: BTreeSet<String>,
}

impl Targets {
    pub fn is_everybody(&self) -> bool {
        self.tags.is_empty() && self.accounts.is_empty()
    }

    /// Whether a rule with these targets is for a machine with those tags and accounts.
    pub fn include(&self, of: &Targets) -> bool {
        self.is_everybody() || !self.tags.is_disjoint(&of.tags) || !self.accounts.is_disjoint(&of.accounts)
    }

    /// Each target by itself.
    pub fn each(&self) -> impl Iterator<Item = Targets> {
        let tags = self.tags.iter().map(|tag| Targets { tags: [tag.clone()].into(), ..Targets::default() });
        let accounts = self
            .accounts
            .iter()
            .map(|account| Targets { accounts: [account.clone()].into(), ..Targets::default() });
        tags.chain(accounts)
    }
}

/// A network.
#[derive(Debug, Clone)]
pub(in crate::dump) struct Network {
    /// `projects/P/global/networks/N`
    pub id: String,
    /// The network firewall policy that is attached to it.
    pub policy: Option<String>,
    /// Whether network firewall policies decide before the VPC firewall rules do.
    pub policies_first: bool,
    /// Its name.
    pub place: Place,
    /// All of it.
    pub block: Place,
}

/// A virtual machine.
#[derive(Debug, Clone)]
pub(in crate::dump) struct Instance {
    /// `projects/P/zones/Z/instances/N`
    pub id: String,
    pub name: Option<String>,
    pub region: Option<String>,
    /// What makes rules count for it: its network tags and its service accounts.
    pub targets: Targets,
    pub labels: BTreeMap<String, String>,
    pub interfaces: Vec<Interface>,
    pub place: Place,
}

/// A network interface of a machine.
#[derive(Debug, Clone)]
pub(in crate::dump) struct Interface {
    pub network: String,
    pub private: Vec<String>,
    pub public: Vec<String>,
    /// Whether its subnet knows no IPv6.
    pub only_ipv4: bool,
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

/// `projects/P/…` of a URL or of a part of one; `None` where no project is named.
fn path_of(url: &str) -> Option<&str> {
    let at = url.find("projects/").filter(|at| *at == 0 || url.as_bytes().get(at - 1) == Some(&b'/'))?;
    url.get(at..)
}

/// `P` of `projects/P/…`.
pub(super) fn project_of(id: &str) -> Option<&str> {
    id.strip_prefix("projects/")?.split('/').next().filter(|project| !project.is_empty())
}

/// What follows the last slash.
pub(super) fn last(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

fn record(fields: &Fields<'_>, node: NodeId) -> Option<Record> {
    let kind = fields.text(node, "kind").unwrap_or_default();
    let link = fields.text(node, "selfLink").unwrap_or_default();
    let network = fields.text(node, "network").filter(|network| network.contains("networks/"));
    let has = |key: &str| fields.get(node, key).is_some();
    if kind == "compute#firewall" || (network.is_some() && (has("allowed") || has("denied"))) {
        return firewall(fields, node, &link, network?).map(Record::Firewall);
    }
    let networked = link.contains("/global/networks/") && (has("routingConfig") || has("subnetworks"));
    if kind == "compute#network" || networked {
        return self::network(fields, node, &link).map(Record::Network);
    }
    if kind == "compute#instance" || (fields.is_list(node, "networkInterfaces") && has("zone")) {
        return instance(fields, node, &link).map(Record::Instance);
    }
    None
}

fn texts(fields: &Fields<'_>, node: NodeId, key: &str) -> BTreeSet<String> {
    fields.list(node, key).filter_map(|item| fields.tree.text(item).map(str::to_owned)).collect()
}

fn firewall(fields: &Fields<'_>, node: NodeId, link: &str, network: String) -> Option<Firewall> {
    let name = fields.text(node, "name").or_else(|| path_of(link).map(|id| last(id).to_owned()))?;
    let network = path_of(&network).unwrap_or(&network).to_owned();
    let id = match (path_of(link), project_of(&network)) {
        (Some(id), _) => id.to_owned(),
        (None, Some(project)) => format!("projects/{project}/global/firewalls/{name}"),
        (None, None) => name.clone(),
    };
    // An answer cut down to some members may leave the direction out; only one has destinations.
    let egress = match fields.text(node, "direction") {
        Some(direction) => direction.eq_ignore_ascii_case("egress"),
        None => fields.get(node, "destinationRanges").is_some(),
    };
    let direction = if egress { Direction::Egress } else { Direction::Ingress };
    let targets = Targets {
        tags: texts(fields, node, "targetTags"),
        accounts: texts(fields, node, "targetServiceAccounts"),
    };
    let disabled = fields.text(node, "disabled").is_some_and(|text| text.eq_ignore_ascii_case("true"));
    let rules = rules::read(fields, node, direction);
    let mut told = format!("{network} {direction:?} {disabled} {targets:?}");
    for rule in &rules {
        told.push_str(&format!(
            " {:?} {:?} {:?} {:?} {:?}",
            rule.action, rule.priority, rule.protocol, rule.ports, rule.peer
        ));
    }
    let place = fields.member(node, "network");
    let block = fields.place(node);
    Some(Firewall { id, name, network, direction, disabled, targets, rules, told, place, block })
}

fn network(fields: &Fields<'_>, node: NodeId, link: &str) -> Option<Network> {
    let id = path_of(link)
        .map(str::to_owned)
        .or_else(|| fields.text(node, "name").map(|name| format!("global/networks/{name}")))?;
    let order = fields.text(node, "networkFirewallPolicyEnforcementOrder").unwrap_or_default();
    Some(Network {
        id,
        policy: fields.text(node, "firewallPolicy").map(|url| last(&url).to_owned()),
        policies_first: order.eq_ignore_ascii_case("BEFORE_CLASSIC_FIREWALL"),
        place: fields.member(node, "name"),
        block: fields.place(node),
    })
}

fn instance(fields: &Fields<'_>, node: NodeId, link: &str) -> Option<Instance> {
    let name = fields.text(node, "name");
    let zone = fields.text(node, "zone").unwrap_or_default();
    let id = match (path_of(link), path_of(&zone), &name) {
        (Some(id), _, _) => id.to_owned(),
        (None, Some(zone), Some(name)) => format!("{zone}/instances/{name}"),
        (None, None, Some(name)) => name.clone(),
        (None, _, None) => fields.text(node, "id")?,
    };
    let tags = fields.get(node, "tags").map(|tags| texts(fields, tags, "items")).unwrap_or_default();
    Some(Instance {
        id,
        name,
        // `europe-west1-b` lies in `europe-west1`.
        region: last(&zone).rsplit_once('-').map(|(region, _)| region.to_owned()),
        targets: Targets {
            tags,
            accounts: fields.texts(node, "serviceAccounts", "email").into_iter().collect(),
        },
        labels: fields.map(node, "labels"),
        interfaces: fields
            .list(node, "networkInterfaces")
            .filter_map(|interface| self::interface(fields, interface))
            .collect(),
        place: fields.place(node),
    })
}

fn interface(fields: &Fields<'_>, node: NodeId) -> Option<Interface> {
    let network = fields.text(node, "network")?;
    let mut private: Vec<String> = fields.text(node, "networkIP").into_iter().collect();
    let external = fields.text(node, "ipv6AccessType").is_some_and(|kind| kind == "EXTERNAL");
    let mut public = fields.texts(node, "accessConfigs", "natIP");
    public.extend(fields.texts(node, "ipv6AccessConfigs", "externalIpv6"));
    if let Some(address) = fields.text(node, "ipv6Address") {
        if external { &mut public } else { &mut private }.push(address);
    }
    Some(Interface {
        network: path_of(&network).unwrap_or(&network).to_owned(),
        private,
        public,
        only_ipv4: fields.text(node, "stackType").is_some_and(|stack| stack == "IPV4_ONLY"),
    })
}
