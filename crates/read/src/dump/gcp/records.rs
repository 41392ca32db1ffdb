//! Records of Google Cloud's answers, as they are written.

use super::policies::{self, Effective, Policy};
use super::rules;
use super::surroundings::{self, Around, Whose, id_of};
use crate::dump::documents::walk;
use crate::dump::fields::{Fields, block_or_address};
use crate::tree::{NodeId, Tree};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tidegate_estate::{Answer, Direction, IpNet, Place, Rule};

/// Something that an answer says.
#[derive(Debug, Clone)]
pub(in crate::dump) enum Record {
    /// A VPC firewall rule.
    Firewall(Firewall),
    /// A network.
    Network(Network),
    /// A virtual machine.
    Instance(Instance),
    /// A firewall policy.
    Policy(Policy),
    /// Which firewall policies count for a network.
    Effective(Effective),
    /// Something around machines.
    Around(Around),
}

impl Record {
    /// What a list shows that this stands in, and whose list it is.
    fn in_a_list(&self) -> Option<(Answer, Whose)> {
        let of_project =
            |answer, network: &str| Some((answer, Whose::Project(project_of(network)?.to_owned())));
        match self {
            Record::Firewall(rule) => of_project(Answer::GcpFirewallRules, &rule.network),
            Record::Around(Around::Router(router)) => of_project(Answer::GcpRouters, &router.network),
            Record::Around(Around::PolicyRoute(network, _)) => of_project(Answer::GcpPolicyRoutes, network),
            // Every network with machines has routes to its subnets: a list without one was cut down.
            Record::Around(Around::Route(told)) if told.subnet => {
                Some((Answer::GcpRoutes, Whose::Network(told.network.clone())))
            }
            _ => None,
        }
    }
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
    /// Which of a machine's own addresses it is for; all where it names none.
    pub own: Option<Vec<IpNet>>,
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
    /// The same, by id.
    pub policy_id: Option<String>,
    /// Whether network firewall policies decide before the VPC firewall rules do.
    pub policies_first: bool,
    /// Its subnets, by id; nothing where the answer does not list them.
    pub subnets: Option<Vec<String>>,
    pub peerings: Vec<Peering>,
    /// Its name.
    pub place: Place,
    /// All of it.
    pub block: Place,
}

/// A peering, as one end tells it.
#[derive(Debug, Clone)]
pub(in crate::dump) struct Peering {
    pub name: String,
    /// The other network.
    pub network: String,
    pub active: bool,
    pub exports_routes: bool,
    pub imports_routes: bool,
    pub exports_public: bool,
    pub imports_public: bool,
    pub ipv6: bool,
    pub place: Place,
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
    /// Whether it may send and take what is not its own.
    pub forwards: bool,
    pub place: Place,
}

/// A network interface of a machine.
#[derive(Debug, Clone)]
pub(in crate::dump) struct Interface {
    pub name: Option<String>,
    pub network: String,
    pub subnet: Option<String>,
    pub private: Vec<String>,
    pub public: Vec<String>,
    /// Whether an external IPv4 address stands for its own one.
    pub external: bool,
    /// Its IPv6 address, and whether that is an external one.
    pub ipv6: Option<(String, bool)>,
    /// Alias ranges, each with the secondary range that it is of.
    pub alias: Vec<(Option<String>, IpNet)>,
    pub place: Place,
    /// Whether its subnet knows no IPv6.
    pub only_ipv4: bool,
}

/// Every record in the documents of one file.
pub(in crate::dump) fn records(path: &Arc<str>, tree: &Tree) -> Vec<Record> {
    let fields = Fields { tree, path };
    let mut found = Vec::new();
    let mut listed = BTreeSet::new();
    let whole = surroundings::whole(path, tree);
    walk(tree, |node, way| {
        let kind = fields.text(node, "kind").unwrap_or_default();
        // What is in a list is a record of its own.
        if let Some(list) = surroundings::list(&fields, node, &kind) {
            found.push(Record::Around(list));
            return false;
        }
        if let Some(effective) = policies::effective(&fields, node, way) {
            found.push(Record::Effective(effective));
            // All rules of the network are in it, and none of the project's other networks.
            for rule in fields.list(node, "firewalls").filter_map(|rule| record(&fields, rule)) {
                if let Record::Firewall(rule) = &rule {
                    listed.insert((Answer::GcpFirewallRules, Whose::Network(rule.network.clone())));
                }
                found.push(rule);
            }
            return true;
        }
        match record(&fields, node) {
            Some(record) => {
                // `describe` shows one, and says nothing of others.
                if !tree.roots().contains(&node) {
                    listed.extend(record.in_a_list());
                }
                found.push(record);
                true
            }
            None => false,
        }
    });
    found.extend(listed.into_iter().map(|(answer, whose)| Record::Around(Around::Shown(answer, whose))));
    // A list of something else that is called the same says nothing.
    if let Some(whole) = whole
        && (!found.is_empty() || tree.roots().iter().all(|root| tree.items(*root).next().is_none()))
    {
        found.push(Record::Around(whole));
    }
    found
}

/// `projects/P/…` of a URL or of a part of one; `None` where no project is named.
pub(super) fn path_of(url: &str) -> Option<&str> {
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
    if let Some(policy) = policies::policy(fields, node, &kind, &link) {
        return Some(Record::Policy(policy));
    }
    surroundings::record(fields, node, &kind, &link).map(Record::Around)
}

pub(super) fn texts(fields: &Fields<'_>, node: NodeId, key: &str) -> BTreeSet<String> {
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
    let here = if egress { "sourceRanges" } else { "destinationRanges" };
    let own = texts(fields, node, here);
    let own: Option<Vec<IpNet>> = own.iter().map(|text| block_or_address(text).ok()).collect();
    let own = own.filter(|own| !own.is_empty());
    let mut told = format!("{network} {direction:?} {disabled} {targets:?} {own:?}");
    for rule in &rules {
        told.push_str(&format!(
            " {:?} {:?} {:?} {:?} {:?}",
            rule.action, rule.priority, rule.protocol, rule.ports, rule.peer
        ));
    }
    let place = fields.member(node, "network");
    let block = fields.place(node);
    Some(Firewall { id, name, network, direction, disabled, targets, rules, own, told, place, block })
}

fn network(fields: &Fields<'_>, node: NodeId, link: &str) -> Option<Network> {
    let id = path_of(link)
        .map(str::to_owned)
        .or_else(|| fields.text(node, "name").map(|name| format!("global/networks/{name}")))?;
    let order = fields.text(node, "networkFirewallPolicyEnforcementOrder").unwrap_or_default();
    Some(Network {
        id,
        policy: fields.text(node, "firewallPolicy").map(|url| last(&url).to_owned()),
        policy_id: fields.text(node, "firewallPolicy").map(|url| id_of(&url)),
        subnets: fields
            .is_list(node, "subnetworks")
            .then(|| texts(fields, node, "subnetworks").iter().map(|url| id_of(url)).collect()),
        peerings: fields.list(node, "peerings").filter_map(|item| peering(fields, item)).collect(),
        policies_first: order.eq_ignore_ascii_case("BEFORE_CLASSIC_FIREWALL"),
        place: fields.member(node, "name"),
        block: fields.place(node),
    })
}

/// (Compute Engine API, `networks.peerings`: defaults of the flags.)
fn peering(fields: &Fields<'_>, node: NodeId) -> Option<Peering> {
    let on = |key: &str| fields.text(node, key).map(|text| text.eq_ignore_ascii_case("true"));
    Some(Peering {
        name: fields.text(node, "name").unwrap_or_default(),
        network: id_of(&fields.text(node, "network")?),
        active: fields.text(node, "state").is_none_or(|state| state == "ACTIVE"),
        exports_routes: on("exportCustomRoutes").unwrap_or(false),
        imports_routes: on("importCustomRoutes").unwrap_or(false),
        exports_public: on("exportSubnetRoutesWithPublicIp").unwrap_or(true),
        imports_public: on("importSubnetRoutesWithPublicIp").unwrap_or(false),
        ipv6: fields.text(node, "stackType").is_some_and(|stack| stack == "IPV4_IPV6"),
        place: fields.place(node),
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
        forwards: fields.text(node, "canIpForward").is_some_and(|text| text.eq_ignore_ascii_case("true")),
        place: fields.place(node),
    })
}

fn interface(fields: &Fields<'_>, node: NodeId) -> Option<Interface> {
    let network = fields.text(node, "network")?;
    let mut private: Vec<String> = fields.text(node, "networkIP").into_iter().collect();
    let external = fields.text(node, "ipv6AccessType").is_some_and(|kind| kind == "EXTERNAL");
    let mut public = fields.texts(node, "accessConfigs", "natIP");
    let outside = fields.texts(node, "ipv6AccessConfigs", "externalIpv6");
    let ipv6 = fields.text(node, "ipv6Address").map(|address| (address, external));
    let ipv6 = ipv6.or_else(|| outside.first().map(|address| (address.clone(), true)));
    public.extend(outside);
    if let Some(address) = fields.text(node, "ipv6Address") {
        if external { &mut public } else { &mut private }.push(address);
    }
    // One that is there without an address has it while the machine runs.
    let configured = fields.list(node, "accessConfigs").next().is_some();
    let alias = fields.list(node, "aliasIpRanges").filter_map(|range| {
        let block = block_or_address(&fields.text(range, "ipCidrRange")?).ok()?;
        Some((fields.text(range, "subnetworkRangeName"), block))
    });
    Some(Interface {
        name: fields.text(node, "name"),
        network: path_of(&network).unwrap_or(&network).to_owned(),
        subnet: fields.text(node, "subnetwork").map(|url| id_of(&url)),
        private,
        public,
        external: configured,
        ipv6,
        alias: alias.collect(),
        only_ipv4: fields.text(node, "stackType").is_some_and(|stack| stack == "IPV4_ONLY"),
        place: fields.place(node),
    })
}
