//! What a route leads to: gateways, peerings, endpoints, machines that forward.

use super::{Source, Walk};
use crate::path::Arrival;
use crate::trace::rules::holds;
use crate::trace::{GateKind, Passes, Trace};
use std::net::IpAddr;
use tidegate_estate::{Answer, Attachment, Direction, EndpointKind, Exclusion, PublicAccess, RouteTo};
use tidegate_space::IpFamily;

impl<'e> Walk<'e> {
    pub(super) fn public_access(&self, way: Trace, subnet: &str, vpc: Option<&str>, outward: bool) -> Trace {
        let here = vpc.and_then(|vpc| self.network().vpcs.get(vpc));
        let (account, region) = here.map_or((None, None), |vpc| (vpc.account.clone(), vpc.region.clone()));
        let told = &self.network().public_access;
        let keys = [(account.clone(), region.clone()), (None, region), (account, None), (None, None)];
        let Some(mode) = keys.iter().find_map(|key| told.get(key)) else {
            return way.doubt(Answer::BlockPublicAccess, vpc.unwrap_or(subnet));
        };
        let excluded = self.network().exclusions.get(subnet);
        let excluded = excluded.or_else(|| self.network().exclusions.get(vpc?));
        let passes = match (mode, excluded) {
            (PublicAccess::Open, _) | (_, Some(Exclusion::Both)) => true,
            (_, Some(Exclusion::Egress)) | (PublicAccess::NoIngress, None) => outward,
            (PublicAccess::Closed, None) => false,
        };
        match (mode, passes) {
            (PublicAccess::Open, _) => way,
            (_, true) => way.pass(GateKind::PublicAccess, subnet, "it leaves this open", Passes::Yes, None),
            (_, false) => way.pass(GateKind::PublicAccess, subnet, "it stops this", Passes::No, None),
        }
    }

    pub(super) fn nat(&mut self, id: &str, subnet: &str, way: Trace, source: &Source, depth: usize) {
        if self.packet.family == IpFamily::V6 {
            let nat64 = match self.packet.address {
                IpAddr::V6(address) => u128::from(address) >> 32 == 0x0064_ff9b_u128 << 64,
                IpAddr::V4(_) => false,
            };
            if !nat64 {
                let why = "it does not translate this IPv6 address";
                return self.end(way.pass(GateKind::Nat, id, why, Passes::No, None), None);
            }
            return self.end(way.doubt(Answer::NatGateways, id), Some(Arrival::Beyond(id.to_owned())));
        }
        if !matches!(self.packet.protocol, 1 | 6 | 17) {
            let why = "it translates TCP, UDP and ICMP only";
            return self.end(way.pass(GateKind::Nat, id, why, Passes::No, None), None);
        }
        let Some(nat) = self.network().nats.get(id) else {
            return self.lost(way.doubt(Answer::NatGateways, id), id);
        };
        if !nat.available {
            return self.end(way.pass(GateKind::Nat, id, "it does not work", Passes::No, None), None);
        }
        let Some(home) = nat.subnet.as_deref() else {
            return self.lost(way.doubt(Answer::NatGateways, id), id);
        };
        let way = self.enter(way, home, nat.vpc.as_deref(), subnet, source);
        if way.passes == Passes::No {
            return self.end(way, None);
        }
        let why = format!("it stands in {home} and sends this under its own address");
        let way = way.pass(GateKind::Nat, id, why, Passes::Yes, None);
        let source = Source { addresses: nat.addresses.clone(), public: nat.public, nat: true };
        let vpc = nat.vpc.as_deref().or_else(|| self.vpc_of(home));
        self.send(home, vpc, way, &source, depth + 1);
    }

    pub(super) fn peering(&mut self, id: &str, vpc: Option<&str>, way: Trace) {
        let Some(peering) = self.network().peerings.get(id) else {
            return self.end(way.doubt(Answer::Peerings, id), Some(Arrival::Beyond(id.to_owned())));
        };
        let other = peering.ends.iter().find(|end| end.vpc.as_deref() != vpc);
        let Some(other) = other.filter(|_| peering.active) else {
            return self.end(way.pass(GateKind::Peering, id, "it is not active", Passes::No, None), None);
        };
        let known = other.vpc.as_ref().and_then(|vpc| self.network().vpcs.get(vpc));
        let blocks = known.map_or(&other.blocks, |vpc| &vpc.blocks);
        let name = other.vpc.clone().unwrap_or_else(|| id.to_owned());
        if blocks.is_empty() {
            return self.end(way.doubt(Answer::Vpcs, &name), Some(Arrival::Vpc(name)));
        }
        if blocks.iter().any(|block| holds(block, self.packet.address)) {
            let way = way.pass(GateKind::Peering, id, format!("{name} has this address"), Passes::Yes, None);
            return self.end(way, Some(Arrival::Vpc(name)));
        }
        let why = format!("{name} has no such address, and a peering leads no further");
        self.end(way.pass(GateKind::Peering, id, why, Passes::No, None), None);
    }

    pub(super) fn transit(
        &mut self,
        id: &str,
        subnet: &str,
        vpc: Option<&str>,
        way: Trace,
        source: &Source,
        depth: usize,
    ) {
        let own = |attachment: &&Attachment| {
            attachment.gateway == id && attachment.vpc.is_some() && attachment.vpc.as_deref() == vpc
        };
        let Some(attachment) = self.network().attachments.values().find(own) else {
            return self.lost(way.doubt(Answer::TransitAttachments, id), id);
        };
        if !attachment.available {
            return self.end(
                way.pass(GateKind::Transit, id, "the attachment does not work", Passes::No, None),
                None,
            );
        }
        // It goes in through one of the attachment's subnets.
        let doors: Vec<Trace> =
            attachment.subnets.iter().map(|to| self.enter(way.clone(), to, vpc, subnet, source)).collect();
        let way =
            match (doors.iter().map(|door| door.passes).min(), doors.iter().map(|door| door.passes).max()) {
                (Some(worst), Some(best)) => {
                    let mut door = doors.into_iter().max_by_key(|door| door.passes).unwrap_or(way);
                    if worst != best {
                        door.passes = door.passes.min(Passes::Perhaps);
                    }
                    door
                }
                _ => way,
            };
        if way.passes == Passes::No {
            return self.end(way, None);
        }
        let table = attachment.table.as_ref().and_then(|table| self.network().transit_tables.get(table));
        let Some(table) = table else {
            let about = attachment.table.as_deref().unwrap_or(id);
            return self.lost(way.doubt(Answer::TransitRoutes, about), id);
        };
        let fits = table.routes.iter().filter(|(to, _)| holds(to, self.packet.address));
        let Some((to, attachments)) = fits.max_by_key(|(to, _)| to.prefix_len()) else {
            let why = "no route of its table leads there";
            return self.end(way.pass(GateKind::Transit, id, why, Passes::No, None), None);
        };
        if attachments.is_empty() {
            let why = format!("{to} leads nowhere (blackhole)");
            return self.end(way.pass(GateKind::Transit, id, why, Passes::No, None), None);
        }
        for attachment in attachments {
            let why = format!("{to} → {attachment}");
            let mut next = way.clone().pass(GateKind::Transit, id, why, Passes::Yes, None);
            if attachments.len() > 1 {
                next = next.doubt(Answer::TransitRoutes, attachment);
            }
            self.leave_transit(attachment, next, source, depth);
        }
    }

    pub(super) fn leave_transit(&mut self, id: &str, way: Trace, source: &Source, depth: usize) {
        let Some(attachment) = self.network().attachments.get(id) else {
            return self.lost(way.doubt(Answer::TransitAttachments, id), id);
        };
        if !attachment.available {
            return self.end(
                way.pass(GateKind::Transit, id, "the attachment does not work", Passes::No, None),
                None,
            );
        }
        let Some(vpc) = attachment.vpc.as_deref() else {
            return self.end(way.doubt(Answer::Beyond, id), Some(Arrival::Beyond(id.to_owned())));
        };
        let source = Source { public: false, nat: false, ..source.clone() };
        let subnets = &attachment.subnets;
        if subnets.is_empty() {
            return self.lost(way.doubt(Answer::TransitAttachments, id), vpc);
        }
        let settings = |subnet: &String| {
            (
                self.acl_of(subnet, Some(vpc)).map(|acl| acl.0),
                self.table_of(subnet, Some(vpc)).map(|table| table.0),
            )
        };
        let near = |subnet: &String| {
            let blocks = self.network().subnets.get(subnet).map_or(&[][..], |subnet| &subnet.blocks);
            blocks.iter().any(|block| holds(block, self.packet.address))
        };
        let alike = subnets.iter().all(|subnet| settings(subnet) == settings(&subnets[0]));
        let neighbour = subnets.iter().any(near);
        if subnets.len() == 1 || (alike && !neighbour) {
            return self.send(&subnets[0], Some(vpc), way, &source, depth + 1);
        }
        for subnet in subnets {
            let way = way.clone().doubt(Answer::TransitAttachments, id);
            self.send(subnet, Some(vpc), way, &source, depth + 1);
        }
    }

    pub(super) fn endpoint(&mut self, id: &str, to: &RouteTo, mut way: Trace, source: &Source, depth: usize) {
        let Some(endpoint) = self.network().endpoints.get(id) else {
            if let RouteTo::List(list) = to {
                let name = self.network().managed_lists.get(list).and_then(|list| list.name.clone());
                return self.end(way, Some(Arrival::Service(name.unwrap_or_else(|| list.clone()))));
            }
            way.inspected = true;
            return self.lost(way.doubt(Answer::Endpoints, id), id);
        };
        if !endpoint.available || endpoint.kind == EndpointKind::Interface {
            return self
                .end(way.pass(GateKind::Endpoint, id, "it takes no such packets", Passes::No, None), None);
        }
        if endpoint.kind == EndpointKind::Gateway {
            let way = way.pass(GateKind::Endpoint, id, endpoint.service.clone(), Passes::Yes, None);
            return self.end(way, Some(Arrival::Service(endpoint.service.clone())));
        }
        way = way.pass(GateKind::Endpoint, id, "what is behind it looks into packets", Passes::Perhaps, None);
        way.inspected = true;
        let way = way.doubt(Answer::Beyond, id);
        match endpoint.subnets.first() {
            Some(subnet) => self.send(subnet, endpoint.vpc.as_deref(), way, source, depth + 1),
            None => self.lost(way.doubt(Answer::Endpoints, id), id),
        }
    }

    pub(super) fn forwarder(&mut self, id: &str, mut way: Trace, source: &Source, depth: usize) {
        way.inspected = true;
        way = way.doubt(Answer::Beyond, id);
        let Some(interface) = self.network().interfaces.iter().find(|interface| interface.id == id) else {
            return self.lost(way.doubt(Answer::Interfaces, id), id);
        };
        if !interface.forwards {
            let why = "it drops what is not for itself (source and destination check)";
            return self.end(way.pass(GateKind::Forwarder, id, why, Passes::No, None), None);
        }
        let (why, passes, place) = self.groups(interface, Direction::Egress, self.packet.address);
        way = way.pass(GateKind::Forwarder, id, why, passes, place);
        if way.passes == Passes::No {
            return self.end(way, None);
        }
        let addresses = source.addresses.iter().chain(&interface.addresses).copied().collect();
        let source = Source { addresses, public: interface.public, nat: false };
        match &interface.subnet {
            Some(subnet) => {
                let vpc = interface.vpc.as_deref().or_else(|| self.vpc_of(subnet));
                self.send(subnet, vpc, way, &source, depth + 1);
            }
            None => self.lost(way.doubt(Answer::Interfaces, id), id),
        }
    }
}
