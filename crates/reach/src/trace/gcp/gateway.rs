//! One packet at the default Internet gateway: external addresses, Cloud NAT, Private Google Access.

use super::super::rules::holds;
use super::super::{GateKind, Passes, Trace};
use super::walk::Walk;
use crate::path::Arrival;
use std::net::IpAddr;
use tidegate_estate::gcp::{Nat, NatRanges, Vpc};
use tidegate_estate::{Answer, Interface, IpNet};
use tidegate_space::IpFamily;

impl<'e> Walk<'e> {
    pub(super) fn gateway(&mut self, interface: &Interface, (id, vpc): (&'e String, &'e Vpc), way: Trace) {
        const GATEWAY: &str = "default-internet-gateway";
        let kind = GateKind::DefaultGateway;
        if self.packet.family == IpFamily::V6 {
            let external = self.gcp().nics.get(&interface.id).is_some_and(|nic| nic.external_v6);
            if !external {
                let why = "the sender's IPv6 address is not an external one";
                return self.stopped(way.pass(kind, GATEWAY, why, Passes::No, None));
            }
            let why = "the sender's IPv6 address is an external one";
            let way = self.limits(way.pass(kind, GATEWAY, why, Passes::Yes, None));
            return self.end(way, Arrival::Internet);
        }
        let google = match self.packet.address {
            // 199.36.153.4 to 199.36.153.11
            IpAddr::V4(address) => {
                let [a, b, c, d] = address.octets();
                (a, b, c) == (199, 36, 153) && (4..=11).contains(&d)
            }
            IpAddr::V6(_) => false,
        };
        let service = || Arrival::Service("Google APIs".to_owned());
        if interface.public {
            let way = way.pass(kind, GATEWAY, "the sender has an external address", Passes::Yes, None);
            return if google { self.end(way, service()) } else { self.end_outside(way) };
        }
        let subnet = interface.subnet.as_ref();
        let known = subnet.and_then(|subnet| self.gcp().subnets.get(subnet));
        let about = subnet.unwrap_or(&interface.id).clone();
        let (covered, nat) = self.translated(interface, vpc);
        let unsure = |way: Trace| match covered {
            Passes::Perhaps => way.doubt(Answer::GcpRouters, id),
            _ => way,
        };
        if google {
            let access = known.map(|subnet| subnet.private_access);
            let kind = GateKind::GoogleAccess;
            if access == Some(true) {
                let way = way.pass(kind, &about, "Private Google Access is on", Passes::Yes, None);
                return self.end(way, service());
            }
            if covered == Passes::Yes {
                let why = "with Cloud NAT, Private Google Access is on";
                return self.end(way.pass(kind, &about, why, Passes::Yes, None), service());
            }
            if access.is_none() {
                return self.end(way.doubt(Answer::GcpSubnets, &about), service());
            }
            if covered == Passes::Perhaps {
                return self.end(unsure(way), service());
            }
            let why = "Private Google Access is off, and the sender has no external address";
            return self.stopped(way.pass(kind, &about, why, Passes::No, None));
        }
        let translates = matches!(self.packet.protocol, 1 | 6 | 17);
        if covered > Passes::No && translates {
            let mut next = unsure(way.clone());
            if let Some(nat) = nat {
                let why = "it sends this under an address of its own";
                let place = Some(nat.place.clone());
                next = next.pass(GateKind::CloudNat, &nat.id, why, covered, place);
            }
            self.end_outside(next);
        }
        let access = known.map(|subnet| subnet.private_access);
        if covered < Passes::Yes && access != Some(false) && translates && self.public() {
            let mut next = way.clone();
            if access.is_none() {
                next = next.doubt(Answer::GcpSubnets, &about);
            } else if covered == Passes::Perhaps {
                next = next.doubt(Answer::GcpRouters, id);
            }
            let why = "Private Google Access leads to Google's own addresses";
            let among = |blocks: &[IpNet]| blocks.iter().any(|block| holds(block, self.packet.address));
            match &self.gcp().google {
                Some(ranges) if !among(&ranges.all) || among(&ranges.customers) => {
                    self.stopped(next.pass(GateKind::GoogleAccess, &about, why, Passes::No, None));
                }
                Some(_) => {
                    let next = next.pass(GateKind::GoogleAccess, &about, why, Passes::Yes, None);
                    self.end(next, service());
                }
                None => {
                    let next = next.pass(GateKind::GoogleAccess, &about, why, Passes::Perhaps, None);
                    self.end(next.doubt(Answer::GcpRanges, &about), service());
                }
            }
        } else if covered == Passes::No || !translates {
            let why = match covered {
                Passes::No => "the sender has no external address, and no Cloud NAT translates for it",
                _ => "the sender has no external address, and Cloud NAT translates TCP, UDP and ICMP only",
            };
            self.stopped(way.pass(kind, GATEWAY, why, Passes::No, None));
        }
    }

    fn end_outside(&mut self, way: Trace) {
        let way = if self.public() {
            self.limits(way)
        } else {
            let why = "it leads to public addresses only";
            way.pass(GateKind::DefaultGateway, "default-internet-gateway", why, Passes::No, None)
        };
        self.end(way, Arrival::Internet);
    }

    /// What Google itself may stop. (VPC documentation, "VPC firewall rules": blocked and limited traffic.)
    fn limits(&self, way: Trace) -> Trace {
        let mail = self.packet.protocol == 6 && self.packet.destination_port == Some(25);
        let common = matches!(self.packet.protocol, 1 | 6 | 17 | 50 | 51 | 58 | 132);
        if (common && !mail) || !self.public() {
            return way;
        }
        let why = match mail {
            true => "Google stops mail (TCP port 25), but for some projects",
            false => "Google stops rare protocols, but between some places",
        };
        let way = way.pass(GateKind::DefaultGateway, "default-internet-gateway", why, Passes::Perhaps, None);
        way.doubt(Answer::Beyond, "Google's block of outbound TCP port 25, GRE and rare protocols")
    }

    /// Whether Cloud NAT translates what an interface sends, and which gateway does.
    fn translated<'v>(&self, interface: &Interface, vpc: &'v Vpc) -> (Passes, Option<&'v Nat>) {
        let Some(nats) = &vpc.nats else { return (Passes::Perhaps, None) };
        let nic = self.gcp().nics.get(&interface.id);
        let subnet = interface.subnet.as_ref();
        let of_subnet = || subnet.and_then(|id| self.gcp().subnets.get(id)?.region.clone());
        let region = nic.and_then(|nic| nic.region.clone()).or_else(of_subnet);
        let mut best = (Passes::No, None);
        for nat in nats {
            let near = match (&nat.region, &region) {
                (Some(a), Some(b)) => Passes::of(a == b),
                _ => Passes::Perhaps,
            };
            let covers = match &nat.ranges {
                NatRanges::All | NatRanges::Primary => Passes::Yes,
                NatRanges::Listed(listed) => match subnet {
                    None => Passes::Perhaps,
                    Some(subnet) => match listed.get(subnet) {
                        Some(part) if part.primary => Passes::Yes,
                        Some(part) => {
                            let mut names = nic
                                .into_iter()
                                .flat_map(|nic| &nic.alias)
                                .filter_map(|(name, _)| name.as_ref());
                            let any = names.any(|name| part.secondary || part.named.contains(name));
                            if any { Passes::Perhaps } else { Passes::No }
                        }
                        None => Passes::No,
                    },
                },
            };
            if near.min(covers) > best.0 {
                best = (near.min(covers), Some(nat));
            }
        }
        best
    }
}
