//! The sets against one packet at a time: for every packet of a reduced universe both agree about where it arrives, for
//! certain and perhaps. Each cloud has random small estates of its own for it.
//!
//! `TIDEGATE_ESTATES=100000` asks for more estates than a test run does, `TIDEGATE_FIRST=7` begins elsewhere.

use super::{Arrival, Leaving, Paths};
use crate::testing::Dice;
use crate::trace::{self, Passes};
use std::collections::BTreeMap;
use std::net::IpAddr;
use tidegate_estate::{Estate, Interface};
use tidegate_space::{IpFamily, Packet, protocol};

/// Packets to each of these addresses: TCP and UDP to ports, a ping, and other protocols.
pub(super) fn packets(addresses: &[&str], tcp: &[u16], udp: &[u16], others: &[u8]) -> Vec<Packet> {
    let mut all = Vec::new();
    for address in addresses {
        let address: IpAddr = address.parse().unwrap();
        let family = IpFamily::of(address);
        let mut add = |protocol: u8, ports: Option<(u16, u16)>, icmp: Option<(u8, u8)>| {
            all.push(Packet {
                family,
                protocol,
                address,
                destination_port: ports.map(|ports| ports.0),
                source_port: ports.map(|ports| ports.1),
                icmp,
            });
        };
        tcp.iter().for_each(|port| add(6, Some((*port, 50000)), None));
        udp.iter().for_each(|port| add(17, Some((*port, 50000)), None));
        add(if family == IpFamily::V4 { 1 } else { 58 }, None, Some((8, 0)));
        for number in others {
            // A packet of a protocol with ports has some.
            let ports = (*number == protocol::SCTP).then_some((53, 50000));
            add(*number, ports, None);
        }
    }
    all
}

/// Where a packet arrives, and whether for certain.
type Ends = BTreeMap<Arrival, bool>;

fn by_sets(leaving: &Leaving, packet: &Packet) -> Ends {
    let mut ends = Ends::new();
    for exit in &leaving.exits {
        assert!(exit.set.must.is_subset(&exit.set.may));
        if exit.set.may.contains(packet) {
            *ends.entry(exit.to.clone()).or_default() |= exit.set.must.contains(packet);
        }
    }
    ends
}

fn by_steps(estate: &Estate, interface: &Interface, packet: &Packet, worlds: usize) -> Ends {
    let mut ends = Ends::new();
    for trace in trace::trace(estate, interface, packet, worlds) {
        if let Some(to) = trace.to {
            *ends.entry(to).or_default() |= trace.passes == Passes::Yes;
        }
    }
    ends
}

/// Compares both on so many random estates, or as many as the environment asks for.
pub(super) fn check(estates: u64, worlds: usize, random: impl Fn(&mut Dice) -> Estate, packets: &[Packet]) {
    let asked_for = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let estates = asked_for("TIDEGATE_ESTATES").unwrap_or(estates);
    let first = asked_for("TIDEGATE_FIRST").unwrap_or(0);
    let (mut asked, mut certain, mut possible) = (0u64, 0u64, 0u64);
    for seed in first..first + estates {
        let estate = random(&mut Dice::new(seed));
        let paths = Paths::new(&estate, worlds);
        let interfaces: Vec<&Interface> = estate.network.interfaces.iter().collect();
        // Those that share an answer about what they let in would each give the same.
        for (interface, shared) in interfaces.iter().zip(paths.each_lets_in(&interfaces)) {
            assert_eq!(*shared, paths.lets_in(interface), "estate {seed}, {}: {estate:#?}", interface.id);
        }
        for (interface, leaving) in interfaces.iter().zip(paths.all(&interfaces)) {
            for packet in packets {
                let (sets, steps) = (by_sets(&leaving, packet), by_steps(&estate, interface, packet, worlds));
                assert_eq!(
                    sets,
                    steps,
                    "estate {seed}, {} to {packet:?}:\n{:#?}\n{:#?}",
                    interface.id,
                    trace::trace(&estate, interface, packet, worlds),
                    estate
                );
                asked += 1;
                certain += u64::from(sets.values().any(|sure| *sure));
                possible += u64::from(sets.values().any(|sure| !*sure));
            }
        }
    }
    // An agreement about nothing would be worth nothing.
    assert!(certain * 20 > asked && possible * 20 > asked, "{certain} and {possible} of {asked}");
}
