//! Records about what is around workloads: VPCs, subnets, routes, gateways.
//! (EC2 API reference, version 2016-11-15, spelled as the CLI spells it.)

use super::records::in_path;
use crate::dump::documents::Way;
use crate::dump::fields::{Fields, block_or_address};
use crate::tree::NodeId;
use std::collections::BTreeSet;
use tidegate_estate::{
    Attachment, Endpoint, EndpointKind, Exclusion, IpNet, Nat, Peering, PeeringEnd, PublicAccess, Route,
    RouteTable, RouteTo, Subnet, Target, Vpc,
};

/// Something that an answer says about a network, with its id.
#[derive(Debug, Clone)]
pub(in crate::dump) enum NetworkRecord {
    Vpc(String, Vpc),
    Subnet(String, Subnet),
    Table(String, RouteTable),
    Nat(String, Nat),
    /// An Internet gateway or an egress-only one, with the VPCs it is attached to.
    Gateway(String, BTreeSet<String>),
    Peering(String, Peering),
    Endpoint(String, Endpoint),
    Attachment(String, Attachment),
    /// Routes of a transit gateway's table; the answer itself does not name the table.
    TransitRoutes(String, Vec<(IpNet, Vec<String>)>),
    /// Block Public Access of an account and a region.
    PublicAccess(PublicAccess),
    Exclusion(String, Exclusion),
}

/// Reads one mapping; nothing if it is none of these records.
pub(super) fn record(fields: &Fields<'_>, node: NodeId, way: &Way<'_>) -> Option<NetworkRecord> {
    let has = |key: &str| fields.tree.get(node, key).is_some();
    if has("RouteTableId") && fields.is_list(node, "Routes") {
        Some(NetworkRecord::Table(fields.text(node, "RouteTableId")?, table(fields, node)))
    } else if has("SubnetId") && has("CidrBlock") {
        Some(NetworkRecord::Subnet(fields.text(node, "SubnetId")?, subnet(fields, node)))
    } else if has("NatGatewayId") && (has("State") || has("NatGatewayAddresses")) {
        Some(NetworkRecord::Nat(fields.text(node, "NatGatewayId")?, nat(fields, node)))
    } else if (has("InternetGatewayId") || has("EgressOnlyInternetGatewayId"))
        && fields.is_list(node, "Attachments")
    {
        let id = fields
            .text(node, "InternetGatewayId")
            .or_else(|| fields.text(node, "EgressOnlyInternetGatewayId"))?;
        Some(NetworkRecord::Gateway(id, fields.texts(node, "Attachments", "VpcId").into_iter().collect()))
    } else if has("VpcPeeringConnectionId") && has("AccepterVpcInfo") {
        Some(NetworkRecord::Peering(fields.text(node, "VpcPeeringConnectionId")?, peering(fields, node)))
    } else if has("VpcEndpointId") && has("ServiceName") {
        Some(NetworkRecord::Endpoint(fields.text(node, "VpcEndpointId")?, endpoint(fields, node)))
    } else if has("TransitGatewayAttachmentId") && has("TransitGatewayId") {
        Some(NetworkRecord::Attachment(
            fields.text(node, "TransitGatewayAttachmentId")?,
            attachment(fields, node)?,
        ))
    } else if fields.is_list(node, "Routes")
        && (has("AdditionalRoutesAvailable") || are_transit(fields, node))
    {
        let named = |text: &str| text.starts_with("tgw-rtb-");
        let table =
            fields.text(node, "TransitGatewayRouteTableId").or_else(|| way.find(named).map(str::to_owned));
        Some(NetworkRecord::TransitRoutes(
            table.or_else(|| in_path(fields.path, named))?,
            transit_routes(fields, node),
        ))
    } else if has("InternetGatewayBlockMode") {
        Some(NetworkRecord::PublicAccess(match fields.text(node, "InternetGatewayBlockMode")?.as_str() {
            "off" => PublicAccess::Open,
            "block-ingress" => PublicAccess::NoIngress,
            _ => PublicAccess::Closed,
        }))
    } else if has("InternetGatewayExclusionMode") {
        exclusion(fields, node)
    } else if has("VpcId") && has("CidrBlock") {
        Some(NetworkRecord::Vpc(fields.text(node, "VpcId")?, vpc(fields, node)))
    } else {
        None
    }
}

fn blocks(fields: &Fields<'_>, node: NodeId, v4: &str, v6: &str) -> Vec<IpNet> {
    let mut texts: Vec<String> = fields.text(node, "CidrBlock").into_iter().collect();
    // A block that was taken away is listed for a while.
    let there = |item: &NodeId, state: &str| {
        fields
            .get(*item, state)
            .and_then(|state| fields.text(state, "State"))
            .is_none_or(|state| state == "associated")
    };
    let associated = |list: &str, key: &'static str, state: &'static str| {
        fields
            .list(node, list)
            .filter(move |item| there(item, state))
            .filter_map(move |item| fields.text(item, key))
            .collect::<Vec<_>>()
    };
    if !v4.is_empty() {
        texts.extend(associated(v4, "CidrBlock", "CidrBlockState"));
    }
    texts.extend(associated(v6, "Ipv6CidrBlock", "Ipv6CidrBlockState"));
    let mut blocks: Vec<IpNet> = texts.iter().filter_map(|text| block_or_address(text).ok()).collect();
    blocks.sort_unstable();
    blocks.dedup();
    blocks
}

fn vpc(fields: &Fields<'_>, node: NodeId) -> Vpc {
    Vpc {
        blocks: blocks(fields, node, "CidrBlockAssociationSet", "Ipv6CidrBlockAssociationSet"),
        account: None,
        region: None,
        place: fields.place(node),
    }
}

fn subnet(fields: &Fields<'_>, node: NodeId) -> Subnet {
    Subnet {
        vpc: fields.text(node, "VpcId"),
        blocks: blocks(fields, node, "", "Ipv6CidrBlockAssociationSet"),
        place: fields.place(node),
    }
}

fn table(fields: &Fields<'_>, node: NodeId) -> RouteTable {
    let is_main = |item: NodeId| fields.text(item, "Main").is_some_and(|main| main == "true");
    RouteTable {
        vpc: fields.text(node, "VpcId"),
        main: fields.list(node, "Associations").any(is_main),
        subnets: fields.texts(node, "Associations", "SubnetId").into_iter().collect(),
        routes: fields.list(node, "Routes").map(|item| route(fields, item)).collect(),
        place: fields.place(node),
    }
}

fn route(fields: &Fields<'_>, node: NodeId) -> Route {
    let text = |key: &str| fields.text(node, key);
    let block = text("DestinationCidrBlock").or_else(|| text("DestinationIpv6CidrBlock"));
    let to = match (block, text("DestinationPrefixListId")) {
        (Some(block), _) => block_or_address(&block).map_or_else(RouteTo::Unclear, RouteTo::Block),
        (None, Some(list)) => RouteTo::List(list),
        (None, None) => RouteTo::Unclear("the route names no destination".to_owned()),
    };
    Route {
        to,
        target: target(fields, node),
        blackhole: text("State").is_some_and(|state| state == "blackhole"),
        place: fields.place(node),
    }
}

fn target(fields: &Fields<'_>, node: NodeId) -> Target {
    let text = |key: &str| fields.text(node, key);
    // An instance is a next hop through its interface; both are named.
    let eigw = || text("EgressOnlyInternetGatewayId").map(Target::EgressOnly);
    let nat = || text("NatGatewayId").map(Target::Nat);
    let transit = || text("TransitGatewayId").map(Target::Transit);
    let peering = || text("VpcPeeringConnectionId").map(Target::Peering);
    let interface = || text("NetworkInterfaceId").map(Target::Interface);
    if let Some(target) = eigw().or_else(nat).or_else(transit).or_else(peering).or_else(interface) {
        return target;
    }
    match text("GatewayId") {
        Some(id) if id == "local" => Target::Local,
        Some(id) if id.starts_with("igw-") => Target::Internet(id),
        Some(id) if id.starts_with("vgw-") => Target::PrivateGateway(id),
        Some(id) if id.starts_with("vpce-") => Target::Endpoint(id),
        Some(id) => Target::Other(id),
        None => {
            let others =
                ["InstanceId", "LocalGatewayId", "CarrierGatewayId", "CoreNetworkArn", "OdbNetworkArn"];
            Target::Other(others.into_iter().find_map(text).unwrap_or_else(|| "an unknown target".to_owned()))
        }
    }
}

fn nat(fields: &Fields<'_>, node: NodeId) -> Nat {
    let addresses = fields.texts(node, "NatGatewayAddresses", "PrivateIp");
    Nat {
        subnet: fields.text(node, "SubnetId"),
        vpc: fields.text(node, "VpcId"),
        public: fields.text(node, "ConnectivityType").is_none_or(|kind| kind != "private"),
        addresses: addresses.iter().filter_map(|text| text.parse().ok()).collect(),
        available: fields.text(node, "State").is_none_or(|state| state == "available"),
    }
}

fn peering(fields: &Fields<'_>, node: NodeId) -> Peering {
    let end = |key: &str| {
        let Some(end) = fields.get(node, key) else { return PeeringEnd::default() };
        let mut texts: Vec<String> = fields.text(end, "CidrBlock").into_iter().collect();
        texts.extend(fields.texts(end, "CidrBlockSet", "CidrBlock"));
        texts.extend(fields.texts(end, "Ipv6CidrBlockSet", "Ipv6CidrBlock"));
        let mut blocks: Vec<IpNet> = texts.iter().filter_map(|text| block_or_address(text).ok()).collect();
        blocks.sort_unstable();
        blocks.dedup();
        PeeringEnd { vpc: fields.text(end, "VpcId"), blocks }
    };
    let state = fields.get(node, "Status").and_then(|status| fields.text(status, "Code"));
    Peering {
        ends: [end("RequesterVpcInfo"), end("AccepterVpcInfo")],
        active: state.is_none_or(|state| state == "active"),
    }
}

fn endpoint(fields: &Fields<'_>, node: NodeId) -> Endpoint {
    let list = |key: &str| {
        fields.list(node, key).filter_map(|item| fields.tree.text(item).map(str::to_owned)).collect()
    };
    Endpoint {
        kind: match fields.text(node, "VpcEndpointType").as_deref() {
            Some("Gateway") => EndpointKind::Gateway,
            Some("GatewayLoadBalancer") => EndpointKind::Inspecting,
            _ => EndpointKind::Interface,
        },
        service: fields.text(node, "ServiceName").unwrap_or_default(),
        vpc: fields.text(node, "VpcId"),
        subnets: list("SubnetIds"),
        available: fields.text(node, "State").is_none_or(|state| state.eq_ignore_ascii_case("available")),
    }
}

/// From `describe-transit-gateway-attachments` (which has the table), or from `…-vpc-attachments` (which has the subnets).
fn attachment(fields: &Fields<'_>, node: NodeId) -> Option<Attachment> {
    let vpc = match fields.text(node, "ResourceType").as_deref() {
        Some("vpc") => fields.text(node, "ResourceId"),
        Some(_) => None,
        None => fields.text(node, "VpcId"),
    };
    let subnets = fields.list(node, "SubnetIds");
    let association = fields.get(node, "Association");
    Some(Attachment {
        gateway: fields.text(node, "TransitGatewayId")?,
        vpc,
        subnets: subnets.filter_map(|item| fields.tree.text(item).map(str::to_owned)).collect(),
        table: association.and_then(|association| fields.text(association, "TransitGatewayRouteTableId")),
        available: fields.text(node, "State").is_none_or(|state| state == "available"),
    })
}

/// Whether the routes of a mapping are those of a transit gateway: where the CLI asks page by page, nothing beside them
/// says so.
fn are_transit(fields: &Fields<'_>, node: NodeId) -> bool {
    let has = |item: NodeId, key: &str| fields.tree.get(item, key).is_some();
    fields.tree.get(node, "RouteTableId").is_none()
        && fields.list(node, "Routes").any(|item| {
            has(item, "DestinationCidrBlock")
                && has(item, "Type")
                && has(item, "State")
                && !has(item, "Origin")
        })
}

fn transit_routes(fields: &Fields<'_>, node: NodeId) -> Vec<(IpNet, Vec<String>)> {
    let routes = fields.list(node, "Routes").filter_map(|route| {
        let to = block_or_address(&fields.text(route, "DestinationCidrBlock")?).ok()?;
        let dropped = fields.text(route, "State").is_some_and(|state| state == "blackhole");
        let attachments = fields.texts(route, "TransitGatewayAttachments", "TransitGatewayAttachmentId");
        Some((to, if dropped { Vec::new() } else { attachments }))
    });
    routes.collect()
}

fn exclusion(fields: &Fields<'_>, node: NodeId) -> Option<NetworkRecord> {
    // arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-0123
    let arn = fields.text(node, "ResourceArn")?;
    let id = arn.rsplit('/').next()?.to_owned();
    let works = fields
        .text(node, "State")
        .is_none_or(|state| state.ends_with("-complete") && !state.starts_with("delete"));
    let mode = match fields.text(node, "InternetGatewayExclusionMode")?.as_str() {
        "allow-bidirectional" => Exclusion::Both,
        "allow-egress" => Exclusion::Egress,
        _ => return None,
    };
    works.then_some(NetworkRecord::Exclusion(id, mode))
}
