//! Records about what is around interfaces: virtual networks, subnets, routes, ways out.
//! (REST API reference, Microsoft.Network, in its own shape or flattened by the Azure CLI.)

use super::security;
use super::spelling::{id_of, parent};
use crate::dump::documents::Way;
use crate::dump::fields::{Fields, block_or_address};
use crate::tree::{Kind, NodeId};
use std::collections::{BTreeMap, BTreeSet};
use tidegate_estate::azure::{
    Card, Configuration, Firewall, Gateway, LoadBalancer, Machine, NatGateway, NextHop, Outbound, Peering,
    Route, RouteTable, SecurityRule, Subnet, VirtualNetwork,
};
use tidegate_estate::{IpFamily, IpNet};

/// Something that an answer says about a network, with its id.
#[derive(Debug, Clone)]
pub(in crate::dump) enum NetworkRecord {
    Network(String, VirtualNetwork),
    Subnet(String, Subnet),
    /// A peering by itself; the virtual network that has it is in its id.
    Peering(Peering),
    Table(String, RouteTable),
    Nat(String, NatGateway),
    Firewall(String, Firewall),
    Balancer(String, LoadBalancer),
    Gateway(String, Gateway),
    /// Routes that a gateway learned; the answer does not name it, but perhaps what is around.
    Learned(Vec<String>, Vec<IpNet>),
    /// Security admin rules of a virtual network, which only what is around the answer names.
    Admin(Vec<String>, Vec<SecurityRule>),
    /// An interface of a private endpoint, and the endpoint.
    Endpoint(String, String),
    Machine(String, Machine),
    Tag(String, Vec<IpNet>),
}

/// Where the members of a resource stand: in it, or below `properties`.
pub(super) fn inner(fields: &Fields<'_>, node: NodeId) -> NodeId {
    fields.get(node, "properties").filter(|inner| fields.tree.kind(*inner) == Kind::Mapping).unwrap_or(node)
}

/// Reads one mapping; adds nothing if it is none of these records. `is` says whether it is a resource of a kind.
pub(super) fn record(
    fields: &Fields<'_>,
    node: NodeId,
    way: &Way<'_>,
    is: &dyn Fn(&str) -> bool,
    found: &mut Vec<NetworkRecord>,
) {
    let inner = inner(fields, node);
    let id = fields.text(node, "id").unwrap_or_default();
    let has = |key: &str| fields.get(inner, key).is_some();
    if is("/virtualNetworks") && has("addressSpace") {
        network(fields, node, &id, found);
    } else if is("/subnets") && (has("addressPrefix") || has("addressPrefixes")) {
        found.extend(subnet(fields, node, None).map(|(id, subnet)| NetworkRecord::Subnet(id, subnet)));
    } else if is("/virtualNetworkPeerings") && has("remoteVirtualNetwork") {
        found.push(NetworkRecord::Peering(peering(fields, node, None)));
    } else if is("/routeTables") && fields.is_list(inner, "routes") {
        found.push(NetworkRecord::Table(id, table(fields, node)));
    } else if is("/natGateways") {
        found.push(NetworkRecord::Nat(id, nat(fields, inner)));
    } else if is("/azureFirewalls") {
        found.push(NetworkRecord::Firewall(id, firewall(fields, inner)));
    } else if is("/loadBalancers") && (has("frontendIPConfigurations") || has("frontendIpConfigurations")) {
        found.push(NetworkRecord::Balancer(id, balancer(fields, node)));
    } else if is("/virtualNetworkGateways") && (has("ipConfigurations") || has("gatewayType")) {
        let subnet = several(fields, inner, ["ipConfigurations", "ipConfigurations"])
            .into_iter()
            .find_map(|one| id_of(fields, self::inner(fields, one), "subnet"));
        let network = subnet.as_deref().and_then(parent).map(str::to_owned);
        found.push(NetworkRecord::Gateway(id, Gateway { network, learned: None }));
    } else if is("/privateEndpoints") && fields.is_list(inner, "networkInterfaces") {
        let cards = fields.texts(inner, "networkInterfaces", "id");
        found.extend(cards.into_iter().map(|card| NetworkRecord::Endpoint(card, id.clone())));
    } else if is("/virtualMachines") && (has("networkProfile") || has("hardwareProfile")) {
        found.push(NetworkRecord::Machine(id, Machine { of_scale_set: has("virtualMachineScaleSet") }));
    } else if has("addressPrefixes") && (has("systemService") || has("changeNumber")) {
        if let Some(name) = fields.text(node, "name") {
            found.push(NetworkRecord::Tag(
                name.to_ascii_lowercase(),
                blocks(fields, inner, "addressPrefixes"),
            ));
        }
    } else if fields.is_list(node, "value") {
        answers(fields, node, way, found);
    } else if fields.is_list(node, "ruleCollectionAppliesToGroups") && has("access") {
        found.push(NetworkRecord::Admin(names(fields, way), vec![security::rule(fields, node)]));
    }
}

/// Answers that are a list below `value`, which does not name whose it is.
fn answers(fields: &Fields<'_>, node: NodeId, way: &Way<'_>, found: &mut Vec<NetworkRecord>) {
    let first = fields.list(node, "value").next();
    let is = |key: &str| {
        first.is_some_and(|first| {
            fields.tree.get(first, key).is_some() || fields.tree.get(inner(fields, first), key).is_some()
        })
    };
    if is("network") && is("sourcePeer") {
        let routes = fields.texts(node, "value", "network");
        let routes = routes.iter().filter_map(|text| block_or_address(text).ok()).collect();
        found.push(NetworkRecord::Learned(names(fields, way), routes));
    } else if fields.tree.get(node, "skipToken").is_some() && (first.is_none() || is("access")) {
        let rules = fields.list(node, "value").map(|item| security::rule(fields, item)).collect();
        found.push(NetworkRecord::Admin(names(fields, way), rules));
    }
}

/// What may name the thing that an answer is about: folders, the file without its ending, keys around it.
fn names(fields: &Fields<'_>, way: &Way<'_>) -> Vec<String> {
    let mut names: Vec<String> = fields.path.split('/').map(str::to_owned).collect();
    if let Some(file) = names.last_mut()
        && let Some((stem, _)) = file.split_once(".json").or_else(|| file.split_once(".y"))
    {
        *file = stem.to_owned();
    }
    let mut way = Some(way);
    while let Some(here) = way {
        names.push(here.key.to_owned());
        way = here.outer;
    }
    names.retain(|name| !name.is_empty());
    names
}

/// The items of a list that has two spellings.
fn several(fields: &Fields<'_>, node: NodeId, keys: [&str; 2]) -> Vec<NodeId> {
    let key = keys.into_iter().find(|key| fields.is_list(node, key));
    key.map(|key| fields.list(node, key).collect()).unwrap_or_default()
}

fn is_true(fields: &Fields<'_>, node: NodeId, key: &str) -> Option<bool> {
    Some(fields.text(node, key)?.eq_ignore_ascii_case("true"))
}

fn blocks(fields: &Fields<'_>, node: NodeId, key: &str) -> Vec<IpNet> {
    let texts = fields.list(node, key).filter_map(|item| fields.tree.text(item));
    let mut blocks: Vec<IpNet> = texts.filter_map(|text| block_or_address(text).ok()).collect();
    blocks.sort_unstable();
    blocks.dedup();
    blocks
}

fn network(fields: &Fields<'_>, node: NodeId, id: &str, found: &mut Vec<NetworkRecord>) {
    let inner = inner(fields, node);
    let space = fields.get(inner, "addressSpace");
    // An exported template has no ids: the name says which it is.
    let id = if id.is_empty() { fields.text(node, "name").unwrap_or_default() } else { id.to_owned() };
    let peerings = fields.list(inner, "virtualNetworkPeerings").map(|one| peering(fields, one, Some(&id)));
    let network = VirtualNetwork {
        blocks: space.map(|space| blocks(fields, space, "addressPrefixes")).unwrap_or_default(),
        peerings: peerings.collect(),
        place: fields.place(node),
    };
    for one in fields.list(inner, "subnets") {
        found.extend(subnet(fields, one, Some(&id)).map(|(id, subnet)| NetworkRecord::Subnet(id, subnet)));
    }
    found.push(NetworkRecord::Network(id, network));
}

fn subnet(fields: &Fields<'_>, node: NodeId, network: Option<&str>) -> Option<(String, Subnet)> {
    let inner = inner(fields, node);
    let id = match (fields.text(node, "id"), network) {
        (Some(id), _) => id,
        (None, Some(network)) => format!("{network}/subnets/{}", fields.text(node, "name")?),
        (None, None) => return None,
    };
    let network = parent(&id)?.to_owned();
    let mut own = blocks(fields, inner, "addressPrefixes");
    own.extend(fields.text(inner, "addressPrefix").and_then(|text| block_or_address(&text).ok()));
    own.sort_unstable();
    own.dedup();
    let policies = fields.text(inner, "privateEndpointNetworkPolicies").unwrap_or_default();
    let policies = policies.to_ascii_lowercase();
    Some((
        id,
        Subnet {
            network,
            blocks: own,
            group: id_of(fields, inner, "networkSecurityGroup"),
            table: id_of(fields, inner, "routeTable"),
            nat: id_of(fields, inner, "natGateway"),
            services: fields.texts(inner, "serviceEndpoints", "service"),
            default_outbound: is_true(fields, inner, "defaultOutboundAccess"),
            groups_for_endpoints: matches!(&*policies, "enabled" | "networksecuritygroupenabled"),
            routes_for_endpoints: matches!(&*policies, "enabled" | "routetableenabled"),
            interfaces: interfaces(fields, inner),
            place: fields.place(node),
        },
    ))
}

/// Interfaces that a subnet names by their configurations. Others of its configurations are of gateways and load balancers.
fn interfaces(fields: &Fields<'_>, subnet: NodeId) -> BTreeSet<String> {
    let configurations = fields.texts(subnet, "ipConfigurations", "id");
    let of_interfaces = configurations.iter().filter_map(|id| parent(id)).filter(|id| {
        let mut parts = id.rsplit('/').skip(1);
        parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("networkInterfaces"))
    });
    of_interfaces.map(str::to_owned).collect()
}

fn peering(fields: &Fields<'_>, node: NodeId, network: Option<&str>) -> Peering {
    let inner = inner(fields, node);
    let name = fields.text(node, "name").unwrap_or_default();
    let id = fields.text(node, "id");
    let id = id.unwrap_or_else(|| format!("{}/virtualNetworkPeerings/{name}", network.unwrap_or_default()));
    // The space that the peering was last synchronized with is what routes are made of.
    let mut known = Vec::new();
    for key in ["remoteAddressSpace", "remoteVirtualNetworkAddressSpace"] {
        if let Some(space) = fields.get(inner, key).filter(|_| known.is_empty()) {
            known = blocks(fields, space, "addressPrefixes");
        }
    }
    Peering {
        id,
        remote: id_of(fields, inner, "remoteVirtualNetwork"),
        blocks: known,
        connected: fields
            .text(inner, "peeringState")
            .is_none_or(|state| state.eq_ignore_ascii_case("connected")),
        access: is_true(fields, inner, "allowVirtualNetworkAccess").unwrap_or(true),
        forwarded: is_true(fields, inner, "allowForwardedTraffic").unwrap_or(false),
        remote_gateway: is_true(fields, inner, "useRemoteGateways").unwrap_or(false),
        complete: is_true(fields, inner, "peerCompleteVnets").unwrap_or(true),
    }
}

fn table(fields: &Fields<'_>, node: NodeId) -> RouteTable {
    let inner = inner(fields, node);
    let route = |node: NodeId| {
        let inner = self::inner(fields, node);
        let to = fields.text(inner, "addressPrefix").unwrap_or_default();
        Route {
            name: fields.text(node, "name").unwrap_or_default(),
            to: security::end(&to),
            hop: hop(fields, inner),
            place: fields.place(node),
        }
    };
    RouteTable {
        routes: fields.list(inner, "routes").map(route).collect(),
        propagates: !is_true(fields, inner, "disableBgpRoutePropagation").unwrap_or(false),
        place: fields.place(node),
    }
}

fn hop(fields: &Fields<'_>, node: NodeId) -> NextHop {
    let kind = fields.text(node, "nextHopType").unwrap_or_default();
    let address = fields.text(node, "nextHopIpAddress").and_then(|text| text.parse().ok());
    match (kind.to_ascii_lowercase().as_str(), address) {
        ("vnetlocal", _) => NextHop::Local,
        ("internet", _) => NextHop::Internet,
        ("virtualnetworkgateway", _) => NextHop::Gateway,
        ("none", _) => NextHop::Nowhere,
        ("virtualappliance", Some(address)) => NextHop::Appliance(address),
        _ => NextHop::Unclear(kind),
    }
}

fn nat(fields: &Fields<'_>, node: NodeId) -> NatGateway {
    let any = |keys: [&str; 2]| keys.iter().any(|key| fields.list(node, key).next().is_some());
    NatGateway {
        v4: any(["publicIpAddresses", "publicIpPrefixes"]) || any(["publicIPAddresses", "publicIPPrefixes"]),
        v6: any(["publicIpAddressesV6", "publicIpPrefixesV6"]),
    }
}

fn firewall(fields: &Fields<'_>, node: NodeId) -> Firewall {
    let mut firewall = Firewall { subnet: None, addresses: Vec::new(), public: false };
    for one in several(fields, node, ["ipConfigurations", "ipConfigurations"]) {
        let one = inner(fields, one);
        firewall.subnet = firewall.subnet.take().or_else(|| id_of(fields, one, "subnet"));
        firewall.addresses.extend(address(fields, one));
        firewall.public |= public(fields, one).is_some();
    }
    if let Some(hub) = fields.get(node, "hubIPAddresses").or_else(|| fields.get(node, "hubIpAddresses")) {
        firewall.addresses.extend(address(fields, hub));
        firewall.public |= fields.get(hub, "publicIPs").is_some();
    }
    firewall
}

fn address(fields: &Fields<'_>, node: NodeId) -> Option<std::net::IpAddr> {
    let text = ["privateIPAddress", "privateIpAddress"].iter().find_map(|key| fields.text(node, key))?;
    text.parse().ok()
}

/// The public address that is associated, by id.
fn public(fields: &Fields<'_>, node: NodeId) -> Option<String> {
    ["publicIPAddress", "publicIpAddress"].iter().find_map(|key| id_of(fields, node, key))
}

fn family(fields: &Fields<'_>, node: NodeId) -> IpFamily {
    let version =
        ["privateIPAddressVersion", "privateIpAddressVersion"].iter().find_map(|key| fields.text(node, key));
    match version {
        Some(version) if version.eq_ignore_ascii_case("ipv6") => IpFamily::V6,
        _ => IpFamily::V4,
    }
}

fn balancer(fields: &Fields<'_>, node: NodeId) -> LoadBalancer {
    let inner = self::inner(fields, node);
    let sku = fields.get(node, "sku").and_then(|sku| fields.text(sku, "name"));
    let basic = sku.is_none_or(|sku| sku.eq_ignore_ascii_case("basic"));
    let mut balancer = LoadBalancer { standard: !basic, ..LoadBalancer::default() };
    let mut outside: BTreeMap<String, IpFamily> = BTreeMap::new();
    for one in several(fields, inner, ["frontendIPConfigurations", "frontendIpConfigurations"]) {
        let id = fields.text(one, "id").unwrap_or_default().to_ascii_lowercase();
        let one = self::inner(fields, one);
        if let Some(own) = address(fields, one) {
            balancer.private.push((own, id_of(fields, one, "subnet")));
        }
        let prefix = ["publicIPPrefix", "publicIpPrefix"].iter().any(|key| fields.get(one, key).is_some());
        if prefix || public(fields, one).is_some() {
            outside.insert(id, family(fields, one));
        }
    }
    for pool in fields.list(inner, "backendAddressPools") {
        let Some(id) = fields.text(pool, "id") else { continue };
        let members = several(
            fields,
            self::inner(fields, pool),
            ["backendIPConfigurations", "backendIpConfigurations"],
        );
        let cards = members.iter().filter_map(|member| fields.text(*member, "id"));
        let cards = cards.filter_map(|id| parent(&id).map(str::to_owned)).collect();
        balancer.pools.insert(id, cards);
    }
    for rule in fields.list(inner, "outboundRules") {
        let rule = self::inner(fields, rule);
        let fronts = several(fields, rule, ["frontendIPConfigurations", "frontendIpConfigurations"]);
        let fronts = fronts.iter().filter_map(|front| fields.text(*front, "id")).collect();
        outbound(fields, rule, fronts, &outside, &mut balancer);
    }
    for rule in fields.list(inner, "loadBalancingRules") {
        let rule = self::inner(fields, rule);
        // What its frontend takes in, it also sends out, unless that is switched off.
        if is_true(fields, rule, "disableOutboundSnat") != Some(true) {
            let front = ["frontendIPConfiguration", "frontendIpConfiguration"];
            let fronts = front.iter().filter_map(|key| id_of(fields, rule, key)).collect();
            outbound(fields, rule, fronts, &outside, &mut balancer);
        }
    }
    balancer
}

/// What a rule of a load balancer lets members of its pools send.
fn outbound(
    fields: &Fields<'_>,
    rule: NodeId,
    fronts: Vec<String>,
    outside: &BTreeMap<String, IpFamily>,
    balancer: &mut LoadBalancer,
) {
    let protocol = fields.text(rule, "protocol").unwrap_or_default().to_ascii_lowercase();
    let mut pools: Vec<String> = id_of(fields, rule, "backendAddressPool").into_iter().collect();
    pools.extend(fields.texts(rule, "backendAddressPools", "id"));
    pools.sort();
    pools.dedup();
    let families: BTreeSet<IpFamily> =
        fronts.iter().filter_map(|front| outside.get(&front.to_ascii_lowercase()).copied()).collect();
    for pool in pools {
        for family in &families {
            let sent = Outbound {
                pool: pool.clone(),
                family: *family,
                tcp: protocol != "udp",
                udp: protocol != "tcp",
            };
            if !balancer.outbound.contains(&sent) {
                balancer.outbound.push(sent);
            }
        }
    }
}

/// What only Azure knows of an interface, and whether it forwards.
pub(super) fn card(fields: &Fields<'_>, node: NodeId) -> (Card, bool) {
    let inner = inner(fields, node);
    let configuration = |node: NodeId| {
        let inner = self::inner(fields, node);
        let address = address(fields, inner);
        let ids = |keys: [&str; 2]| -> BTreeSet<String> {
            several(fields, inner, keys).iter().filter_map(|item| fields.text(*item, "id")).collect()
        };
        Configuration {
            address,
            family: address.map_or_else(
                || family(fields, inner),
                |address| match address {
                    std::net::IpAddr::V4(_) => IpFamily::V4,
                    std::net::IpAddr::V6(_) => IpFamily::V6,
                },
            ),
            primary: is_true(fields, inner, "primary").unwrap_or(false),
            public: public(fields, inner),
            groups: ids(["applicationSecurityGroups", "applicationSecurityGroups"]),
            pools: ids(["loadBalancerBackendAddressPools", "loadBalancerBackendAddressPools"]),
        }
    };
    let mut configurations: Vec<Configuration> =
        fields.list(inner, "ipConfigurations").map(configuration).collect();
    // Only one is primary; where none says so, the first of each family is.
    for family in [IpFamily::V4, IpFamily::V6] {
        let own = |one: &&mut Configuration| one.family == family;
        if !configurations.iter().any(|one| one.family == family && one.primary)
            && let Some(first) = configurations.iter_mut().find(own)
        {
            first.primary = true;
        }
    }
    let card = Card {
        group: id_of(fields, inner, "networkSecurityGroup"),
        machine: id_of(fields, inner, "virtualMachine"),
        endpoint: id_of(fields, inner, "privateEndpoint"),
        configurations,
    };
    let forwards = ["enableIPForwarding", "enableIpForwarding"]
        .iter()
        .find_map(|key| is_true(fields, inner, key))
        .unwrap_or(false);
    (card, forwards)
}
