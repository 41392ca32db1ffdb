//! Firewall policies: hierarchical ones, those of networks and of networks' regions, and what of them is effective.
//! (Compute Engine API reference, v1: `firewallPolicies`, `networkFirewallPolicies`, `networks.getEffectiveFirewalls`;
//! Cloud NGFW documentation, "Firewall policy rules".)

use super::records::{last, path_of, texts};
use super::rules;
use super::surroundings::{self, id_of, parts};
use crate::dump::documents::Way;
use crate::dump::fields::{Fields, block_or_address};
use crate::tree::NodeId;
use std::collections::BTreeSet;
use tidegate_estate::gcp::{FirewallRule, RuleAction, Targets};
use tidegate_estate::{
    Action, Cause, Direction, Guard, IpNet, Ipv4Net, Ipv6Net, Peer, Presence, Reason, Rule, Value,
};

/// A firewall policy as an answer of its own.
#[derive(Debug, Clone)]
pub(in crate::dump) struct Policy {
    /// `projects/P/global/firewallPolicies/N`, `projects/P/regions/R/…`, or `firewallPolicies/NUMBER`.
    pub id: String,
    pub name: String,
    pub region: Option<String>,
    /// Networks, folders and organizations that it is attached to.
    pub attached: BTreeSet<String>,
    pub rules: Option<Vec<FirewallRule>>,
}

/// What is effective for a network, a region of it, or a machine in it.
#[derive(Debug, Clone)]
pub(in crate::dump) struct Effective {
    /// The network that the answer says it is about, or that its VPC firewall rules name.
    pub network: Option<String>,
    /// What stands around the answer: names of networks, regions, machines among others.
    pub around: Vec<String>,
    /// In the order in which they are asked.
    pub policies: Vec<(Level, Policy)>,
    /// Whether the VPC firewall rules are listed, too; they are records of their own.
    pub rules: bool,
}

/// Where a policy stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::dump) enum Level {
    Hierarchy,
    Network,
    Region,
    /// Of Google's own services.
    System,
}

/// A policy by its own answer; nothing if it is none.
pub(super) fn policy(fields: &Fields<'_>, node: NodeId, kind: &str, link: &str) -> Option<Policy> {
    let named = link.contains("/firewallPolicies/");
    if kind != "compute#firewallPolicy" && !(named && fields.get(node, "selfLink").is_some()) {
        return None;
    }
    let name = fields.text(node, "name").unwrap_or_else(|| last(link).to_owned());
    let id = path_of(link).map_or_else(|| format!("firewallPolicies/{name}"), str::to_owned);
    let region = fields.text(node, "region").map(|region| last(&region).to_owned());
    let attached = fields.texts(node, "associations", "attachmentTarget");
    let title = fields.text(node, "shortName").or_else(|| fields.text(node, "displayName")).unwrap_or(name);
    Some(Policy {
        region,
        attached: attached.iter().map(|target| id_of(target)).collect(),
        rules: fields.is_list(node, "rules").then(|| read(fields, node, &title)),
        name: title,
        id,
    })
}

/// What is effective; nothing if the mapping is no such answer.
pub(super) fn effective(fields: &Fields<'_>, node: NodeId, way: &Way<'_>) -> Option<Effective> {
    // Without policies nothing but the file's name tells the answer from a list of rules.
    let named = fields.path.contains("effective") && fields.is_list(node, "firewalls");
    let told = surroundings::about(fields, node).is_some_and(|id| id.contains("/networks/"));
    if !fields.is_list(node, "firewallPolicys") && !named && !told {
        return None;
    }
    let mut around = parts(fields.path);
    let mut outer = Some(way);
    while let Some(one) = outer {
        around.push(last(one.key).to_owned());
        outer = one.outer;
    }
    let network = fields.list(node, "firewalls").find_map(|rule| fields.text(rule, "network"));
    let network = surroundings::about(fields, node).filter(|id| id.contains("/networks/")).or(network);
    let policies = fields.list(node, "firewallPolicys").map(|item| {
        let text = |key: &str| fields.text(item, key);
        let name = text("name").unwrap_or_default();
        let title = text("shortName").or_else(|| text("displayName")).unwrap_or_else(|| name.clone());
        let level = match text("type").as_deref() {
            Some("NETWORK") => Level::Network,
            Some("NETWORK_REGIONAL") => Level::Region,
            Some("SYSTEM_GLOBAL" | "SYSTEM_REGIONAL") => Level::System,
            _ => Level::Hierarchy,
        };
        let policy = Policy {
            id: name,
            region: None,
            attached: BTreeSet::new(),
            rules: Some(read(fields, item, &title)),
            name: title,
        };
        (level, policy)
    });
    Some(Effective {
        network: network.map(|network| id_of(&network)),
        around,
        policies: policies.collect(),
        rules: fields.is_list(node, "firewalls"),
    })
}

fn read(fields: &Fields<'_>, node: NodeId, policy: &str) -> Vec<FirewallRule> {
    fields.list(node, "rules").filter_map(|rule| self::rule(fields, rule, policy)).collect()
}

fn rule(fields: &Fields<'_>, node: NodeId, policy: &str) -> Option<FirewallRule> {
    let on = |key: &str| fields.text(node, key).is_some_and(|text| text.eq_ignore_ascii_case("true"));
    if on("disabled") {
        return None;
    }
    let egress = fields.text(node, "direction").is_some_and(|text| text.eq_ignore_ascii_case("egress"));
    let direction = if egress { Direction::Egress } else { Direction::Ingress };
    let priority = fields.text(node, "priority").and_then(|text| text.parse().ok());
    let action = match fields.text(node, "action").unwrap_or_default().to_ascii_lowercase().as_str() {
        "allow" => RuleAction::Allow,
        "goto_next" => RuleAction::Next,
        "apply_security_profile_group" => RuleAction::Inspect,
        // The REST answers of some versions say `deny(403)`.
        action if action.starts_with("deny") => RuleAction::Deny,
        _ => RuleAction::Inspect,
    };
    let number = priority.map_or_else(|| "without number".to_owned(), |number: u32| number.to_string());
    let name = match fields.text(node, "ruleName") {
        Some(name) => format!("rule {number} ({name}) of {policy}"),
        None => format!("rule {number} of {policy}"),
    };
    let matched = fields.get(node, "match");
    let (here, there) = if egress { ("src", "dest") } else { ("dest", "src") };
    let own: Vec<IpNet> = matched.map_or_else(Vec::new, |of| blocks(fields, of, &format!("{here}IpRanges")));
    Some(FirewallRule {
        name,
        priority,
        direction,
        action,
        targets: Targets {
            tags: BTreeSet::new(),
            accounts: texts(fields, node, "targetServiceAccounts"),
            networks: texts(fields, node, "targetResources").iter().map(|url| id_of(url)).collect(),
            secure_tags: fields.texts(node, "targetSecureTags", "name").into_iter().collect(),
        },
        own: (!own.is_empty()).then_some(own),
        matches: matched.map_or_else(Vec::new, |of| matches(fields, of, there, direction)),
        guard: Guard::Always,
        place: fields.place(node),
    })
}

fn blocks(fields: &Fields<'_>, node: NodeId, key: &str) -> Vec<IpNet> {
    let texts = fields.list(node, key).filter_map(|item| fields.tree.text(item));
    texts.filter_map(|text| block_or_address(text).ok()).collect()
}

/// Other ends by protocols by ports. Of names, places and lists that others keep nobody knows which addresses are theirs:
/// those match perhaps.
fn matches(fields: &Fields<'_>, node: NodeId, there: &str, direction: Direction) -> Vec<Rule> {
    let place = fields.place(node);
    let key = |what: &str| format!("{there}{what}");
    let mut ends: Vec<Value<Peer>> = Vec::new();
    for item in fields.list(node, &key("IpRanges")) {
        ends.push(match block_or_address(fields.tree.text(item).unwrap_or_default()) {
            Ok(block) => Value::Known(Peer::Cidr(block)),
            Err(why) => Value::Unknown(Reason::at(why, fields.place(item))),
        });
    }
    let others = [
        ("Fqdns", "which addresses a name has changes"),
        ("RegionCodes", "which addresses are in a country is Google's business"),
        ("ThreatIntelligences", "the list is one that Google keeps"),
        ("AddressGroups", "the group's addresses are not among the files"),
        ("SecureTags", "who has a secure tag is not among the files"),
        ("Networks", "which addresses other networks have is not asked"),
    ];
    for (what, why) in others {
        if fields.list(node, &key(what)).next().is_some() {
            ends.push(Value::Unknown(Reason::at(why, fields.member(node, &key(what)))));
        }
    }
    if ends.is_empty() {
        // A rule that names no other end is for any, of both families.
        let all = [IpNet::V4(Ipv4Net::default()), IpNet::V6(Ipv6Net::default())];
        ends.extend(all.map(|block| Value::Known(Peer::Cidr(block))));
    }
    let narrowed = ["NetworkType", "NetworkScope", "NetworkContext"].into_iter().find_map(|what| {
        let text = fields.text(node, &key(what))?;
        (text != "UNSPECIFIED")
            .then(|| Reason::at(format!("what is {text} is Google's business"), place.clone()))
    });
    let presence = narrowed.map_or(Presence::Present, Presence::Unknown);
    let mut services = Vec::new();
    for entry in fields.list(node, "layer4Configs") {
        let protocol = rules::protocol(fields, entry, "ipProtocol");
        services.extend(rules::ports(fields, entry).into_iter().map(|ports| (protocol.clone(), ports)));
    }
    if services.is_empty() {
        services.push(rules::any_service());
    }
    let mut all = Vec::new();
    for (protocol, ports) in services {
        for peer in &ends {
            all.push(Rule {
                direction,
                action: Action::Allow,
                priority: None,
                protocol: protocol.clone(),
                ports: ports.clone(),
                peer: peer.clone(),
                guard: Guard::Always,
                presence: presence.clone(),
                cause: Cause::Written,
                place: place.clone(),
                chain: vec![],
            });
        }
    }
    all
}
