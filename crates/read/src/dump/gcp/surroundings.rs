//! Records about what is around machines: subnets, routes, routers with Cloud NAT, policy-based routes, the addresses of
//! Google's own services, and lists that are there but empty.
//! (Compute Engine API reference, v1: `subnetworks`, `routes`, `routers`; Network Connectivity API: `policyBasedRoutes`;
//! VPC documentation, "Google APIs and services default domains".)

use super::records::{last, path_of, project_of, texts};
use crate::dump::fields::{Fields, block_or_address};
use crate::tree::{Kind, NodeId, Tree};
use std::collections::BTreeMap;
use std::sync::Arc;
use tidegate_estate::gcp::{Nat, NatPart, NatRanges, NextHop, PolicyRoute, Route, Subnet};
use tidegate_estate::{Answer, IpNet};

/// Something that an answer says about a network.
#[derive(Debug, Clone)]
pub(in crate::dump) enum Around {
    /// A subnet, by id.
    Subnet(String, Subnet),
    /// A route of a network.
    Route(Told),
    /// A router.
    Router(Router),
    /// What a network's dynamic routes are, as one of its routers knows them.
    Status { network: String, router: Option<String>, routes: Vec<Told> },
    /// A policy-based route of a network.
    PolicyRoute(String, PolicyRoute),
    /// Addresses of Google, and whether they are those of customers.
    Ranges { blocks: Vec<IpNet>, customers: bool },
    /// A whole list is there, perhaps with nothing in it.
    Shown(Answer, Whose),
}

/// Whose list it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::dump) enum Whose {
    Project(String),
    /// A network, by id.
    Network(String),
    /// What stands in the file's path.
    Path(Vec<String>),
}

/// A route as it is told.
#[derive(Debug, Clone)]
pub(in crate::dump) struct Told {
    pub network: String,
    pub route: Route,
    /// Whether it leads to a subnet: of the network itself, or of a peer.
    pub subnet: bool,
    /// Whether it is in use.
    pub active: bool,
}

/// A router.
#[derive(Debug, Clone)]
pub(in crate::dump) struct Router {
    pub id: String,
    pub network: String,
    pub nats: Vec<Nat>,
    /// Whether it learns routes from a neighbour.
    pub speaks: bool,
}

/// Lists by the kind that they name.
const LISTS: [(&str, Answer); 12] = [
    ("compute#firewallList", Answer::GcpFirewallRules),
    ("compute#networkFirewallPolicyAggregatedList", Answer::GcpEffectiveInRegion),
    ("compute#firewallPolicyAggregatedList", Answer::GcpEffectiveInRegion),
    ("compute#instanceAggregatedList", Answer::GcpInstances),
    ("compute#networkList", Answer::GcpNetworks),
    ("compute#routeList", Answer::GcpRoutes),
    ("compute#routerAggregatedList", Answer::GcpRouters),
    ("compute#routerList", Answer::GcpRouters),
    ("compute#subnetworkAggregatedList", Answer::GcpSubnets),
    ("compute#subnetworkList", Answer::GcpSubnets),
    ("networkconnectivity#policyBasedRouteList", Answer::GcpPolicyRoutes),
    ("compute#usableSubnetworksAggregatedList", Answer::GcpSubnets),
];

/// Lists of the gcloud CLI name neither themselves nor their project: what the file is called tells them apart.
const FILES: [(&str, Answer); 5] = [
    ("firewall-rules", Answer::GcpFirewallRules),
    ("network-firewall-policies", Answer::GcpEffectiveInRegion),
    ("policy-based-routes", Answer::GcpPolicyRoutes),
    ("routers", Answer::GcpRouters),
    ("routes", Answer::GcpRoutes),
];

/// The list that a file holds by its name: `routers.json`, `compute-routers-list.json`.
fn named(path: &str) -> Option<Answer> {
    let stem = path.rsplit('/').next()?.split('.').next()?;
    let stem = stem.strip_suffix("-list").unwrap_or(stem);
    let starts = ["gcloud-", "compute-", "network-connectivity-"];
    let stem = starts.iter().fold(stem, |stem, start| stem.strip_prefix(start).unwrap_or(stem));
    FILES.iter().find(|(name, _)| stem == *name).map(|(_, answer)| *answer)
}

/// Whether a file is a list with nothing in it, by its name one of ours.
pub(in crate::dump) fn is_empty_list(path: &str, bytes: &[u8]) -> bool {
    bytes.trim_ascii() == b"[]" && named(path).is_some()
}

/// The parts of a path that may be names of a project, a network, a region.
pub(super) fn parts(path: &str) -> Vec<String> {
    path.split('/').map(|part| part.split('.').next().unwrap_or(part).to_owned()).collect()
}

/// A whole list of the gcloud CLI, if the file is one.
pub(super) fn whole(path: &Arc<str>, tree: &Tree) -> Option<Around> {
    let [root] = tree.roots() else { return None };
    let is_list = tree.kind(*root) == Kind::Sequence;
    is_list.then(|| named(path)).flatten().map(|answer| Around::Shown(answer, Whose::Path(parts(path))))
}

/// What an answer that does not say what it is about has beside it, in a snapshot.
pub(super) fn about(fields: &Fields<'_>, node: NodeId) -> Option<String> {
    Some(id_of(&fields.text(fields.get(node, "about")?, "id")?))
}

/// A list that names itself.
pub(super) fn list(fields: &Fields<'_>, node: NodeId, kind: &str) -> Option<Around> {
    let (_, answer) = LISTS.iter().find(|(name, _)| *name == kind)?;
    // One that goes on elsewhere is not whole by itself, and its other pages say nothing of it.
    if fields.text(node, "nextPageToken").is_some() {
        return None;
    }
    // The routers of one region are not all.
    let id = fields.text(node, "id").or_else(|| fields.text(node, "selfLink"))?;
    let path = path_of(&id)?;
    if path.contains("/regions/") {
        return None;
    }
    Some(Around::Shown(*answer, Whose::Project(project_of(path)?.to_owned())))
}

/// Reads one mapping; nothing if it is none of these records.
pub(super) fn record(fields: &Fields<'_>, node: NodeId, kind: &str, link: &str) -> Option<Around> {
    let has = |key: &str| fields.get(node, key).is_some();
    let network = fields.text(node, "network").filter(|network| network.contains("networks/"));
    if kind == "compute#subnetwork" || (network.is_some() && has("ipCidrRange") && has("region")) {
        return subnet(fields, node, link, &network?);
    }
    if kind == "compute#route" || (network.is_some() && has("destRange")) {
        return route(fields, node, &network?, false).map(Around::Route);
    }
    if kind == "compute#router" || (network.is_some() && link.contains("/routers/")) {
        return router(fields, node, link, &network?);
    }
    if kind == "compute#routerStatusResponse" {
        let result = fields.get(node, "result")?;
        let network = fields.text(result, "network")?;
        let routes = fields.list(result, "bestRoutes");
        let routes = routes.filter_map(|item| route(fields, item, &network, true)).collect();
        return Some(Around::Status { network: id_of(&network), router: about(fields, node), routes });
    }
    if kind == "networkconnectivity#policyBasedRoute" || (network.is_some() && has("filter")) {
        return policy_route(fields, node, &network?);
    }
    if has("syncToken") && fields.is_list(node, "prefixes") {
        return Some(ranges(fields, node));
    }
    None
}

/// The part of a URL that names a resource.
pub(super) fn id_of(url: &str) -> String {
    path_of(url).unwrap_or(url).to_owned()
}

fn block(text: &str) -> Option<IpNet> {
    block_or_address(text).ok().map(|block| block.trunc())
}

fn subnet(fields: &Fields<'_>, node: NodeId, link: &str, network: &str) -> Option<Around> {
    let region = fields.text(node, "region").map(|region| last(&region).to_owned());
    let name = fields.text(node, "name");
    let id = match (path_of(link), &name, &region, project_of(&id_of(network))) {
        (Some(id), ..) => id.to_owned(),
        (None, Some(name), Some(region), Some(project)) => {
            format!("projects/{project}/regions/{region}/subnetworks/{name}")
        }
        _ => return None,
    };
    let own = ["ipCidrRange", "ipv6CidrRange", "internalIpv6Prefix", "externalIpv6Prefix"];
    let mut primary: Vec<IpNet> = own.iter().filter_map(|key| block(&fields.text(node, key)?)).collect();
    primary.sort_unstable();
    primary.dedup();
    let secondary = fields.list(node, "secondaryIpRanges");
    let secondary = secondary.filter_map(|range| {
        let name = fields.text(range, "rangeName").unwrap_or_default();
        Some((name, block(&fields.text(range, "ipCidrRange")?)?))
    });
    let on = |key: &str| fields.text(node, key).is_some_and(|text| text.eq_ignore_ascii_case("true"));
    Some(Around::Subnet(
        id,
        Subnet {
            network: id_of(network),
            region,
            primary,
            secondary: secondary.collect(),
            private_access: on("privateIpGoogleAccess"),
            place: fields.place(node),
        },
    ))
}

fn route(fields: &Fields<'_>, node: NodeId, network: &str, dynamic: bool) -> Option<Told> {
    let text = |key: &str| fields.text(node, key);
    let to = text("destRange");
    let hop = match next_hop(fields, node) {
        // The address of a neighbour at the other end of a tunnel is none of the network.
        NextHop::Address(address) if dynamic => NextHop::Other(format!("the neighbour {address}")),
        hop => hop,
    };
    // What leads to subnets has the number 0, whatever else it says; of static routes only those of a peering may.
    let priority = text("priority").and_then(|number| number.parse().ok());
    let kind = text("routeType").unwrap_or_default();
    let to_peer = matches!(hop, NextHop::Peering(_)) && (priority == Some(0) || kind == "SUBNET");
    Some(Told {
        network: id_of(network),
        subnet: fields.get(node, "nextHopNetwork").is_some() || to_peer,
        // Static routes that are not in use say so.
        active: text("routeStatus").is_none_or(|status| status == "ACTIVE"),
        route: Route {
            name: text("name").or_else(|| to.clone()).unwrap_or_else(|| "a route".to_owned()),
            to: to.and_then(|to| block(&to)),
            // Compute Engine API, `routes`: 1000 where none is named.
            priority: priority.unwrap_or(1000),
            tags: texts(fields, node, "tags"),
            hop,
            via: None,
            place: fields.place(node),
        },
    })
}

fn next_hop(fields: &Fields<'_>, node: NodeId) -> NextHop {
    let text = |key: &str| fields.text(node, key);
    if let Some(gateway) = text("nextHopGateway") {
        return match last(&gateway) {
            "default-internet-gateway" => NextHop::Gateway,
            other => NextHop::Other(other.to_owned()),
        };
    }
    if let Some(instance) = text("nextHopInstance") {
        return NextHop::Instance(id_of(&instance));
    }
    if let Some(tunnel) = text("nextHopVpnTunnel") {
        return NextHop::Tunnel(id_of(&tunnel));
    }
    if let Some(balancer) = text("nextHopIlb") {
        return NextHop::Balancer(id_of(&balancer));
    }
    if let Some(peering) = text("nextHopPeering") {
        return NextHop::Peering(peering);
    }
    if let Some(address) = text("nextHopIp").and_then(|text| text.parse().ok()) {
        return NextHop::Address(address);
    }
    let others = ["nextHopInterconnectAttachment", "nextHopHub", "nextHopIp"];
    NextHop::Other(
        others.into_iter().find_map(text).map_or("an unknown next hop".to_owned(), |url| id_of(&url)),
    )
}

fn router(fields: &Fields<'_>, node: NodeId, link: &str, network: &str) -> Option<Around> {
    let name = fields.text(node, "name");
    let id = path_of(link).map(str::to_owned).or_else(|| name.clone())?;
    let region = fields.text(node, "region").map(|region| last(&region).to_owned());
    let short = name.unwrap_or_else(|| last(&id).to_owned());
    let nats = fields.list(node, "nats").filter_map(|nat| self::nat(fields, nat, &short, region.as_ref()));
    Some(Around::Router(Router {
        network: id_of(network),
        nats: nats.collect(),
        speaks: fields.list(node, "bgpPeers").next().is_some(),
        id,
    }))
}

/// A gateway that leads to the Internet and is for machines; nothing for others. (Cloud NAT documentation, "Public NAT".)
fn nat(fields: &Fields<'_>, node: NodeId, router: &str, region: Option<&String>) -> Option<Nat> {
    let private = fields.text(node, "type").is_some_and(|kind| kind == "PRIVATE");
    let kinds = texts(fields, node, "endpointTypes");
    if private || !(kinds.is_empty() || kinds.contains("ENDPOINT_TYPE_VM")) {
        return None;
    }
    let ranges = match fields.text(node, "sourceSubnetworkIpRangesToNat").as_deref() {
        Some("ALL_SUBNETWORKS_ALL_IP_RANGES") => NatRanges::All,
        Some("ALL_SUBNETWORKS_ALL_PRIMARY_IP_RANGES") => NatRanges::Primary,
        _ => {
            let mut listed: BTreeMap<String, NatPart> = BTreeMap::new();
            for item in fields.list(node, "subnetworks") {
                let Some(subnet) = fields.text(item, "name") else { continue };
                let kinds = texts(fields, item, "sourceIpRangesToNat");
                let all = kinds.contains("ALL_IP_RANGES");
                listed.insert(
                    id_of(&subnet),
                    NatPart {
                        primary: all || kinds.contains("PRIMARY_IP_RANGE"),
                        secondary: all,
                        named: texts(fields, item, "secondaryIpRangeNames"),
                    },
                );
            }
            NatRanges::Listed(listed)
        }
    };
    let name = fields.text(node, "name").unwrap_or_default();
    Some(Nat { id: format!("{router}/{name}"), region: region.cloned(), ranges, place: fields.place(node) })
}

fn policy_route(fields: &Fields<'_>, node: NodeId, network: &str) -> Option<Around> {
    let filter = fields.get(node, "filter")?;
    // It is for what comes in by Cloud Interconnect, and not for machines.
    if fields.get(node, "interconnectAttachment").is_some() {
        return None;
    }
    // Back to the other routes: that takes nothing away from them.
    if fields.text(node, "nextHopOtherRoutes").is_some_and(|hop| hop == "DEFAULT_ROUTING") {
        return None;
    }
    let tags = fields.get(node, "virtualMachine").map(|machine| texts(fields, machine, "tags"));
    let v6 = fields.text(filter, "protocolVersion").is_some_and(|version| version == "IPV6");
    let whole = if v6 { "::/0" } else { "0.0.0.0/0" };
    let range = |key: &str| {
        let text = fields.text(filter, key);
        text.and_then(|text| block(&text)).or_else(|| block(whole))
    };
    let protocol = fields.text(filter, "ipProtocol").and_then(|name| super::rules::number_of(&name));
    Some(Around::PolicyRoute(
        id_of(network),
        PolicyRoute {
            name: fields.text(node, "name").map(|name| last(&name).to_owned()).unwrap_or_default(),
            from: range("srcRange")?,
            to: range("destRange")?,
            protocol,
            tags: tags.unwrap_or_default(),
            place: fields.place(node),
        },
    ))
}

/// `goog.json`: what Google has; `cloud.json`: what of it customers have.
fn ranges(fields: &Fields<'_>, node: NodeId) -> Around {
    let prefixes: Vec<NodeId> = fields.list(node, "prefixes").collect();
    let blocks = prefixes.iter().filter_map(|prefix| {
        let text = fields.text(*prefix, "ipv4Prefix").or_else(|| fields.text(*prefix, "ipv6Prefix"))?;
        block(&text)
    });
    Around::Ranges {
        blocks: blocks.collect(),
        customers: prefixes.iter().any(|prefix| fields.get(*prefix, "scope").is_some()),
    }
}
