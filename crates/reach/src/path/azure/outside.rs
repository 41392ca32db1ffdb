//! How packets that are routed to the Internet get there: a NAT gateway of the subnet, a public address of the sender, a load
//! balancer that sends for it, or what Azure gives to machines that have none of these.
//! ("What is Azure NAT Gateway?": the order; "SNAT for outbound connections"; "Default outbound access in Azure".)

use super::stream::Stream;
use super::{Holder, Paths, family_of};
use crate::path::{Arrival, Exit, Hop};
use tidegate_estate::azure::{Answer, Firewall, LoadBalancer};
use tidegate_space::{AddressSet, IpFamily, PacketSet, Services, internet, protocol};

/// Who sends.
#[derive(Clone, Copy)]
pub(super) enum Sender<'e> {
    /// An interface, from one of its addresses.
    Interface(Holder<'e>),
    /// An Azure Firewall.
    Firewall(&'e Firewall),
}

const PORTS: [u8; 2] = [protocol::TCP, protocol::UDP];
/// What a public address carries. ("SNAT for outbound connections", "Assigning a public IP".)
const PUBLIC: [u8; 5] = [protocol::TCP, protocol::UDP, protocol::ICMP, protocol::ICMPV6, 50];

fn of(family: IpFamily, protocols: &[u8]) -> PacketSet {
    let services = Services::union_all(protocols.iter().map(|number| Services::protocol(*number)));
    PacketSet::to_addresses(&AddressSet::all(family), &services)
}

/// Packets that arrive on the Internet.
pub(super) fn internet(stream: Stream, family: IpFamily, exits: &mut Vec<Exit>) {
    stream.to(internet::addresses(family)).arrive(Arrival::Internet, exits);
}

/// Packets that a subnet routes to the Internet.
pub(super) fn leave<'e>(
    net: &Paths<'e>,
    subnet: &'e str,
    stream: Stream,
    sender: &Sender<'e>,
    family: IpFamily,
    exits: &mut Vec<Exit>,
) {
    let Some(here) = net.az.subnets.get(subnet) else { return };
    let mut stream = stream;
    let ports = of(family, &PORTS);
    if let Some(id) = &here.nat {
        match net.az.nats.get(id) {
            Some(nat) if (family == IpFamily::V4 && nat.v4) || (family == IpFamily::V6 && nat.v6) => {
                internet(stream.clone().only(&ports).through(Hop::Nat(id.clone())), family, exits);
                // It takes the place of all other ways; whether they still carry what it does not is not told.
                stream = stream.only(&ports.complement()).unsure_beyond(id);
            }
            Some(_) => {}
            None => {
                let sent = stream.clone().only(&ports).unsure(Answer::NatGateways, id);
                internet(sent.through(Hop::Nat(id.clone())), family, exits);
                stream = stream.unsure(Answer::NatGateways, id);
            }
        }
    }
    match sender {
        Sender::Firewall(firewall) => {
            let carried = of(family, &[protocol::TCP, protocol::UDP, protocol::ICMP]);
            if firewall.public && family == IpFamily::V4 {
                internet(stream.only(&carried), family, exits);
            }
        }
        Sender::Interface(holder) => interface(net, subnet, stream, holder, family, exits),
    }
}

fn interface(
    net: &Paths<'_>,
    subnet: &str,
    stream: Stream,
    holder: &Holder<'_>,
    family: IpFamily,
    exits: &mut Vec<Exit>,
) {
    // Of another family, its address sends nothing.
    if family_of(holder.configuration) != family {
        return;
    }
    if holder.configuration.public.is_some() {
        let sent = stream.only(&of(family, &PUBLIC)).through(Hop::PublicAddress);
        return internet(sent, family, exits);
    }
    let mut stream = stream.only(&of(family, &PORTS));
    // Only an interface's first address is sent for. ("SNAT for outbound connections", "Constraints".)
    if holder.configuration.primary {
        for pool in &holder.configuration.pools {
            let Some((id, balancer)) = balancer_of(net, pool) else {
                stream = stream.unsure(Answer::LoadBalancers, pool);
                internet(stream.clone().through(Hop::LoadBalancer((*pool).to_owned())), family, exits);
                continue;
            };
            let mut sent = Vec::new();
            for one in balancer
                .outbound
                .iter()
                .filter(|one| one.pool == *pool && v6(one.family) == (family == IpFamily::V6))
            {
                sent.extend(one.tcp.then_some(protocol::TCP));
                sent.extend(one.udp.then_some(protocol::UDP));
            }
            let carried = of(family, &sent);
            internet(stream.clone().only(&carried).through(Hop::LoadBalancer(id.clone())), family, exits);
            stream = stream.only(&carried.complement());
            if balancer.standard {
                // It is said to leave its members without default outbound access; which protocols that is about is not.
                stream = stream.unsure_beyond(id);
            }
        }
    }
    if family == IpFamily::V4 {
        by_default(net, subnet, stream, holder, exits);
    }
}

fn v6(family: tidegate_estate::IpFamily) -> bool {
    family == tidegate_estate::IpFamily::V6
}

fn balancer_of<'e>(net: &Paths<'e>, pool: &str) -> Option<(&'e String, &'e LoadBalancer)> {
    net.az.balancers.iter().find(|(_, balancer)| balancer.pools.contains_key(pool))
}

/// Default outbound access: for machines with no other way, in subnets that are not private. Machines of scale sets that are
/// not uniform have none, nor those with a public address anywhere.
fn by_default(net: &Paths<'_>, subnet: &str, stream: Stream, holder: &Holder<'_>, exits: &mut Vec<Exit>) {
    let mut stream = match net.az.subnets.get(subnet).and_then(|subnet| subnet.default_outbound) {
        Some(false) => return,
        Some(true) => stream,
        None => stream.unsure(Answer::DefaultOutbound, subnet),
    };
    let Some(machine) = &holder.card.machine else {
        return internet(
            stream.unsure(Answer::Machines, &holder.interface.id).through(Hop::DefaultOutbound),
            IpFamily::V4,
            exits,
        );
    };
    if net.public.contains(machine.as_str()) {
        return;
    }
    match net.az.machines.get(machine) {
        Some(machine) if machine.of_scale_set => return,
        Some(_) => {}
        None => stream = stream.unsure(Answer::Machines, machine),
    }
    if !holder.configuration.primary {
        stream = stream.unsure_beyond(&holder.interface.id);
    }
    internet(stream.through(Hop::DefaultOutbound), IpFamily::V4, exits);
}
