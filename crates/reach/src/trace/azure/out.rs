//! From a route to the Internet onto it.

use super::steps::{beyond, doubt, gate};
use super::{Sender, Source, Through, Walk, is_family};
use crate::path::Arrival;
use crate::trace::{GateKind, Passes, Trace};
use tidegate_estate::azure::{Answer, Subnet};
use tidegate_space::IpFamily;

impl<'e> Walk<'e> {
    /// A NAT gateway goes before the sender's own address, that before a load balancer, and that before what Azure gives by
    /// default.
    pub(super) fn out(&mut self, id: &str, subnet: &Subnet, way: Trace, source: &Source<'e>) {
        let v4 = self.packet.family == IpFamily::V4;
        let has_ports = matches!(self.packet.protocol, 6 | 17);
        let mut way = way;
        if let Some(nat) = &subnet.nat {
            match self.az.nats.get(nat) {
                None => {
                    if has_ports {
                        let why = "no answer shows it";
                        let next = gate(way.clone(), GateKind::Nat, nat, why, Passes::Perhaps, None);
                        self.end(doubt(next, Answer::NatGateways, nat), Some(Arrival::Internet));
                    }
                    way = doubt(way, Answer::NatGateways, nat);
                }
                Some(known) if !(if v4 { known.v4 } else { known.v6 }) => {}
                Some(_) if has_ports => {
                    let why = "it sends this under its own address";
                    let way = gate(way, GateKind::Nat, nat, why, Passes::Yes, None);
                    return self.end(way, Some(Arrival::Internet));
                }
                Some(_) => {
                    let why = "it carries TCP and UDP only; whether another way is left is not told";
                    way = beyond(gate(way, GateKind::Nat, nat, why, Passes::Perhaps, None), nat);
                }
            }
        }
        match source.through {
            Through::Firewall(public) => {
                if public && v4 && matches!(self.packet.protocol, 1 | 6 | 17) {
                    return self.end(way, Some(Arrival::Internet));
                }
                self.stopped(way, GateKind::Internet, id, "the firewall has no public address for this");
            }
            Through::Interface(sender) => self.out_from(id, subnet, way, sender),
        }
    }

    fn out_from(&mut self, id: &str, subnet: &Subnet, mut way: Trace, sender: Sender<'e>) {
        let v4 = self.packet.family == IpFamily::V4;
        if !is_family(sender.configuration, self.packet.family) {
            return self.stopped(
                way,
                GateKind::Interface,
                &sender.interface.id,
                "it has no address of this family",
            );
        }
        if let Some(public) = &sender.configuration.public {
            if matches!(self.packet.protocol, 1 | 6 | 17 | 50 | 58) {
                let why = "the sender has it";
                let way = gate(way, GateKind::PublicAddress, public, why, Passes::Yes, None);
                return self.end(way, Some(Arrival::Internet));
            }
            return self.stopped(
                way,
                GateKind::PublicAddress,
                public,
                "it carries TCP, UDP, ICMP and ESP only",
            );
        }
        if !matches!(self.packet.protocol, 6 | 17) {
            let why = "without a public address only TCP and UDP get out";
            return self.stopped(way, GateKind::Internet, id, why);
        }
        if sender.configuration.primary {
            for pool in &sender.configuration.pools {
                let found = self.az.balancers.iter().find(|(_, one)| one.pools.contains_key(pool));
                let Some((balancer, known)) = found else {
                    way = doubt(way, Answer::LoadBalancers, pool);
                    let why = "no answer shows its load balancer";
                    let next = gate(way.clone(), GateKind::LoadBalancer, pool, why, Passes::Perhaps, None);
                    self.end(next, Some(Arrival::Internet));
                    continue;
                };
                let sends = known.outbound.iter().any(|one| {
                    let family = (one.family == tidegate_estate::IpFamily::V4) == v4;
                    let protocol = if self.packet.protocol == 6 { one.tcp } else { one.udp };
                    one.pool == *pool && family && protocol
                });
                if sends {
                    let why = "it sends for members of its pool";
                    let way = gate(way, GateKind::LoadBalancer, balancer, why, Passes::Yes, None);
                    return self.end(way, Some(Arrival::Internet));
                }
                if known.standard {
                    way = beyond(way, balancer);
                }
            }
        }
        if v4 {
            self.by_default(id, subnet, way, sender);
        } else {
            self.stopped(way, GateKind::DefaultOutbound, id, "there is none for IPv6");
        }
    }

    fn by_default(&mut self, id: &str, subnet: &Subnet, mut way: Trace, sender: Sender<'e>) {
        let place = || Some(subnet.place.clone());
        match subnet.default_outbound {
            Some(false) => {
                let why = "the subnet is private";
                way = gate(way, GateKind::DefaultOutbound, id, why, Passes::No, place());
                return self.end(way, None);
            }
            Some(true) => {}
            None => {
                let why = "whether the subnet is private depends on when it was made, and by which API";
                way = gate(way, GateKind::DefaultOutbound, id, why, Passes::Perhaps, place());
                way = doubt(way, Answer::DefaultOutbound, id);
            }
        }
        let Some(machine) = &sender.card.machine else {
            let way = doubt(way, Answer::Machines, &sender.interface.id);
            return self.end(way, Some(Arrival::Internet));
        };
        let siblings = self.az.cards.values().filter(|card| card.machine.as_deref() == Some(machine));
        let mut addresses = siblings.flat_map(|card| &card.configurations);
        if addresses.any(|one| one.public.is_some()) {
            let why = "the machine has a public address on another interface or configuration";
            return self.stopped(way, GateKind::DefaultOutbound, id, why);
        }
        match self.az.machines.get(machine) {
            None => way = doubt(way, Answer::Machines, machine),
            Some(known) if known.of_scale_set => {
                let why = "machines of a flexible scale set have none";
                return self.stopped(way, GateKind::DefaultOutbound, id, why);
            }
            Some(_) => {}
        }
        if !sender.configuration.primary {
            way = beyond(way, &sender.interface.id);
        }
        if subnet.default_outbound == Some(true) {
            let why = "the subnet gives it to machines without another way out";
            way = gate(way, GateKind::DefaultOutbound, id, why, Passes::Yes, place());
        }
        self.end(way, Some(Arrival::Internet));
    }
}
