//! The sets against one packet at a time, on random small estates of Azure: for every packet of a reduced universe both agree
//! about where it arrives, for certain and perhaps, and about what gets in at an interface.
//!
//! `TIDEGATE_ESTATES=100000` asks for more estates than a test run does.

use crate::path::{Arrival, Leaving, Paths};
use crate::testing::place;
use crate::trace::{self, Passes, Trace};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use tidegate_estate::azure::{
    Card, Configuration, End, Firewall, Gateway, LoadBalancer, Machine, NatGateway, NextHop, Outbound,
    Peering, Route, RouteTable, SecurityGroup, SecurityRule, Subnet, Verdict, VirtualNetwork,
};
use tidegate_estate::{Direction, Estate, Interface, IpNet, ProtocolMatch, Provider, Workload, WorkloadKind};
use tidegate_space::{IpFamily, Packet};

const ESTATES: u64 = 700;

/// A small generator of numbers (xorshift64*), so that an estate can be made again from its number.
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    /// Once in so many times.
    fn rarely(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }
}

fn net(text: &str) -> IpNet {
    text.parse().unwrap()
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

const BLOCKS: [&str; 16] = [
    "0.0.0.0/0",
    "0.0.0.0/1",
    "10.0.0.0/8",
    "10.0.0.0/16",
    "10.0.0.0/24",
    "10.0.1.0/24",
    "10.1.0.0/16",
    "10.1.0.0/24",
    "10.0.0.4/32",
    "10.1.1.6/32",
    "52.0.0.0/8",
    "1.1.1.1/32",
    "192.168.0.0/16",
    "::/0",
    "2600:1f18::/32",
    "2600:1f18:0:1::/64",
];

const ADDRESSES: [&str; 19] = [
    "1.1.1.1",
    "8.8.8.8",
    "52.0.0.9",
    "200.1.2.3",
    "10.0.0.4",
    "10.0.0.5",
    "10.0.1.4",
    "10.0.1.5",
    "10.1.0.4",
    "10.1.1.6",
    "10.1.9.9",
    "10.9.0.1",
    "192.168.7.7",
    "168.63.129.16",
    "224.0.0.5",
    "2606:4700:4700::1111",
    "2600:1f18:0:1::4",
    "2600:1f18:1:1::4",
    "ff02::1",
];

fn packets_to(address: IpAddr) -> Vec<Packet> {
    let family = IpFamily::of(address);
    let mut all = Vec::new();
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
    for (to, from) in [(22, 50000), (443, 50000), (443, 1000), (40000, 50000)] {
        add(6, Some((to, from)), None);
    }
    add(17, Some((53, 50000)), None);
    add(if family == IpFamily::V4 { 1 } else { 58 }, None, Some((8, 0)));
    for protocol in [47, 50, 51] {
        add(protocol, None, None);
    }
    all
}

fn end(dice: &mut Dice) -> End {
    match dice.below(12) {
        0..=2 => End::Any,
        3 | 4 => End::Tag("virtualnetwork".to_owned()),
        5 => End::Tag("internet".to_owned()),
        6 => End::Tag(
            dice.one(&["storage", "storage.westeurope", "azureplatformdns", "azureloadbalancer"]).to_owned(),
        ),
        7 => End::Group(dice.one(&["asg-0", "asg-1"]).to_owned()),
        8 if dice.rarely(4) => End::Unclear("?".to_owned()),
        _ => End::Block(net(dice.one(&BLOCKS))),
    }
}

fn rule(dice: &mut Dice, direction: Direction, number: u32, admin: bool) -> SecurityRule {
    let ranges = [(0, u16::MAX), (0, u16::MAX), (443, 443), (0, 1023), (1024, u16::MAX)];
    // Who is guarded is everybody in most rules.
    let mut ends = |guarded: bool| match dice.below(if guarded { 2 } else { 5 }) {
        0 => vec![end(dice), end(dice)],
        _ if guarded => vec![End::Any],
        _ => vec![end(dice)],
    };
    let (own, other) = (ends(true), ends(false));
    let (sources, destinations) = match direction {
        Direction::Egress => (own, other),
        Direction::Ingress => (other, own),
    };
    let verdicts = [Verdict::Allow, Verdict::Allow, Verdict::Deny, Verdict::AlwaysAllow];
    SecurityRule {
        name: format!("rule-{number}"),
        direction,
        verdict: dice.one(&verdicts[..if admin { 4 } else { 3 }]),
        priority: number,
        protocol: dice.one(&[
            ProtocolMatch::Any,
            ProtocolMatch::Any,
            ProtocolMatch::Number(6),
            ProtocolMatch::Number(17),
            ProtocolMatch::Number(1),
        ]),
        sources,
        source_ports: vec![if dice.rarely(8) { (1024, u16::MAX) } else { (0, u16::MAX) }],
        destinations,
        ports: vec![dice.one(&ranges)],
        unclear: dice.rarely(16).then(|| "?".to_owned()),
        place: place(),
    }
}

/// What every group ends with.
fn defaults() -> Vec<SecurityRule> {
    let tag = |name: &str| vec![End::Tag(name.to_owned())];
    let one = |direction, number, verdict, sources: Vec<End>, destinations: Vec<End>| SecurityRule {
        name: format!("default-{number}"),
        direction,
        verdict,
        priority: number,
        protocol: ProtocolMatch::Any,
        sources,
        source_ports: vec![(0, u16::MAX)],
        destinations,
        ports: vec![(0, u16::MAX)],
        unclear: None,
        place: place(),
    };
    let any = || vec![End::Any];
    let (out, into) = (Direction::Egress, Direction::Ingress);
    vec![
        one(out, 65000, Verdict::Allow, tag("virtualnetwork"), tag("virtualnetwork")),
        one(out, 65001, Verdict::Allow, any(), tag("internet")),
        one(out, 65500, Verdict::Deny, any(), any()),
        one(into, 65000, Verdict::Allow, tag("virtualnetwork"), tag("virtualnetwork")),
        one(into, 65001, Verdict::Allow, tag("azureloadbalancer"), any()),
        one(into, 65500, Verdict::Deny, any(), any()),
    ]
}

const SUBNETS: [(&str, &str, &str, &str); 5] = [
    ("a/s/0", "a", "10.0.0.0/24", "2600:1f18:0:1::/64"),
    ("a/s/1", "a", "10.0.1.0/24", "2600:1f18:0:2::/64"),
    ("b/s/0", "b", "10.1.0.0/24", "2600:1f18:1:1::/64"),
    ("b/s/1", "b", "10.1.1.0/24", "2600:1f18:1:2::/64"),
    ("b/s/AzureFirewallSubnet", "b", "10.1.2.0/24", "2600:1f18:1:3::/64"),
];

/// An estate of two virtual networks with what may be around them; parts of it are missing now and then.
fn random(dice: &mut Dice) -> Estate {
    let mut estate = Estate::default();
    networks(dice, &mut estate);
    guards(dice, &mut estate);
    routes(dice, &mut estate);
    ways_out(dice, &mut estate);
    cards(dice, &mut estate);
    estate
}

fn networks(dice: &mut Dice, estate: &mut Estate) {
    let az = &mut estate.azure;
    for (own, remote, block, other) in
        [("a", "b", "10.0.0.0/16", "10.1.0.0/16"), ("b", "a", "10.1.0.0/16", "10.0.0.0/16")]
    {
        if dice.rarely(12) {
            continue;
        }
        let mut peerings = Vec::new();
        if !dice.rarely(4) {
            peerings.push(Peering {
                id: format!("{own}/p/{remote}"),
                remote: (!dice.rarely(16)).then(|| remote.to_owned()),
                blocks: if dice.rarely(8) { vec![] } else { vec![net(other)] },
                connected: !dice.rarely(8),
                access: !dice.rarely(6),
                forwarded: dice.rarely(2),
                remote_gateway: own == "a" && dice.rarely(4),
                complete: !dice.rarely(10),
            });
        }
        if dice.rarely(6) {
            peerings.push(Peering {
                id: format!("{own}/p/c"),
                remote: Some("c".to_owned()),
                blocks: if dice.rarely(3) { vec![] } else { vec![net("10.9.0.0/16")] },
                connected: true,
                access: true,
                forwarded: false,
                remote_gateway: false,
                complete: true,
            });
        }
        let v6 = if own == "a" { "2600:1f18:0::/48" } else { "2600:1f18:1::/48" };
        let network = VirtualNetwork { blocks: vec![net(block), net(v6)], peerings, place: place() };
        az.networks.insert(own.to_owned(), network);
    }
    for (id, network, v4, v6) in SUBNETS {
        if dice.rarely(20) {
            continue;
        }
        let subnet = Subnet {
            network: network.to_owned(),
            blocks: vec![net(v4), net(v6)],
            group: dice.rarely(2).then(|| dice.one(&["nsg-0", "nsg-1", "nsg-2"]).to_owned()),
            table: dice.rarely(2).then(|| dice.one(&["rt-0", "rt-1", "rt-gone"]).to_owned()),
            nat: dice.rarely(4).then(|| dice.one(&["nat-0", "nat-1", "nat-gone"]).to_owned()),
            services: if dice.rarely(6) { vec!["Microsoft.Storage".to_owned()] } else { vec![] },
            default_outbound: dice.one(&[None, Some(true), Some(true), Some(false)]),
            groups_for_endpoints: dice.rarely(2),
            routes_for_endpoints: dice.rarely(2),
            interfaces: BTreeSet::new(),
            place: place(),
        };
        az.subnets.insert(id.to_owned(), subnet);
    }
    for room in ["b/s/GatewaySubnet", "a/s/RouteServerSubnet"] {
        if dice.rarely(6) {
            let subnet = Subnet {
                network: room[..1].to_owned(),
                blocks: vec![],
                group: None,
                table: None,
                nat: None,
                services: vec![],
                default_outbound: None,
                groups_for_endpoints: false,
                routes_for_endpoints: false,
                interfaces: BTreeSet::new(),
                place: place(),
            };
            az.subnets.insert(room.to_owned(), subnet);
        }
    }
    if dice.rarely(4) {
        let learned = [None, Some(vec![net("192.168.0.0/16"), net("1.1.1.1/32"), net("10.0.0.0/24")])];
        let gateway = Gateway {
            network: Some(dice.one(&["a", "b", "b"]).to_owned()),
            learned: if dice.rarely(4) { Some(vec![net("0.0.0.0/0")]) } else { dice.one(&learned) },
        };
        az.gateways.insert("gw".to_owned(), gateway);
    }
    if dice.rarely(2) {
        az.tags.insert("storage".to_owned(), vec![net("52.0.0.0/16")]);
    }
}

fn guards(dice: &mut Dice, estate: &mut Estate) {
    let az = &mut estate.azure;
    for id in ["nsg-0", "nsg-1", "nsg-2"] {
        if dice.rarely(12) {
            continue;
        }
        let mut rules = Vec::new();
        for direction in [Direction::Egress, Direction::Ingress] {
            for at in 0..dice.below(4) {
                rules.push(rule(dice, direction, 100 + at as u32, false));
            }
        }
        rules.extend(defaults());
        az.groups.insert(id.to_owned(), SecurityGroup { rules, interfaces: BTreeSet::new(), place: place() });
    }
    for network in ["a", "b"] {
        if dice.rarely(6) {
            continue;
        }
        let mut rules = Vec::new();
        if dice.rarely(3) {
            for direction in [Direction::Egress, Direction::Ingress] {
                rules.extend((0..1 + dice.below(2)).map(|at| rule(dice, direction, at as u32, true)));
            }
        }
        az.admin.insert(network.to_owned(), rules);
    }
}

fn routes(dice: &mut Dice, estate: &mut Estate) {
    for id in ["rt-0", "rt-1"] {
        if dice.rarely(16) {
            continue;
        }
        let mut routes: Vec<Route> = Vec::new();
        for at in 0..1 + dice.below(4) {
            let hop = match dice.below(12) {
                0 | 1 => NextHop::Internet,
                2 => NextHop::Nowhere,
                3 => NextHop::Gateway,
                4 => NextHop::Local,
                5 if dice.rarely(3) => NextHop::Unclear("?".to_owned()),
                5 | 6 => NextHop::Appliance(ip("10.1.2.4")),
                7 => NextHop::Appliance(ip("10.1.1.250")),
                8 => NextHop::Appliance(ip("10.7.7.7")),
                _ => NextHop::Appliance(ip(dice.one(&["10.0.1.5", "10.1.1.6", "10.0.0.4"]))),
            };
            let to = match dice.below(8) {
                0 => End::Tag(dice.one(&["storage", "storage.westeurope", "azurecloud"]).to_owned()),
                1 if dice.rarely(6) => End::Unclear("?".to_owned()),
                1..=3 => End::Block(net(dice.one(&["0.0.0.0/0", "::/0"]))),
                _ => End::Block(net(dice.one(&BLOCKS))),
            };
            if routes.iter().any(|known| known.to == to) {
                continue;
            }
            routes.push(Route { name: format!("route-{at}"), to, hop, place: place() });
        }
        let table = RouteTable { routes, propagates: !dice.rarely(3), place: place() };
        estate.azure.tables.insert(id.to_owned(), table);
    }
}

fn ways_out(dice: &mut Dice, estate: &mut Estate) {
    let az = &mut estate.azure;
    for id in ["nat-0", "nat-1"] {
        let nat = NatGateway { v4: !dice.rarely(6), v6: dice.rarely(3) };
        az.nats.insert(id.to_owned(), nat);
    }
    if !dice.rarely(4) {
        let firewall = Firewall {
            subnet: Some("b/s/AzureFirewallSubnet".to_owned()),
            addresses: vec![ip("10.1.2.4")],
            public: !dice.rarely(4),
        };
        az.firewalls.insert("fw".to_owned(), firewall);
    }
    for (id, pool) in [("lb-0", "pool-0"), ("lb-1", "pool-1")] {
        if dice.rarely(6) {
            continue;
        }
        let mut balancer = LoadBalancer { standard: !dice.rarely(3), ..LoadBalancer::default() };
        balancer.pools.insert(pool.to_owned(), BTreeSet::new());
        if dice.rarely(2) {
            balancer.private.push((ip("10.1.1.250"), Some("b/s/1".to_owned())));
        }
        if dice.rarely(2) {
            balancer.outbound.push(Outbound {
                pool: pool.to_owned(),
                family: dice.one(&[tidegate_estate::IpFamily::V4, tidegate_estate::IpFamily::V6]),
                tcp: !dice.rarely(4),
                udp: dice.rarely(2),
            });
        }
        az.balancers.insert(id.to_owned(), balancer);
    }
}

fn cards(dice: &mut Dice, estate: &mut Estate) {
    let hosts = [
        ("nic-0", "a/s/0", "10.0.0.4", "2600:1f18:0:1::4"),
        ("nic-1", "a/s/1", "10.0.1.5", "2600:1f18:0:2::4"),
        ("nic-2", "b/s/1", "10.1.1.6", "2600:1f18:1:2::6"),
        ("nic-3", "a/s/1", "10.0.1.4", "2600:1f18:0:2::5"),
        ("nic-4", "b/s/0", "10.1.0.4", "2600:1f18:1:1::4"),
    ];
    let mut emptied = false;
    for (at, (id, subnet, v4, v6)) in hosts.into_iter().enumerate() {
        let machine = format!("vm-{}", if at == 3 && dice.rarely(2) { 0 } else { at });
        if !dice.rarely(4) {
            let made = Machine { of_scale_set: dice.rarely(4) };
            estate.azure.machines.insert(machine.clone(), made);
        }
        let endpoint = (at == 4 && dice.rarely(2)).then(|| "pe-0".to_owned());
        let mut texts = vec![v4.to_owned()];
        if dice.rarely(3) {
            texts.push(v6.to_owned());
        }
        if dice.rarely(5) {
            texts.push(format!("10.{}.200", &v4[3..6]));
        }
        let mut configurations: Vec<Configuration> = Vec::new();
        for text in texts {
            let address = ip(&text);
            let family = match address {
                IpAddr::V4(_) => tidegate_estate::IpFamily::V4,
                IpAddr::V6(_) => tidegate_estate::IpFamily::V6,
            };
            let mut some = |names: [&str; 2]| -> BTreeSet<String> {
                names.iter().filter(|_| dice.rarely(3)).map(|name| (*name).to_owned()).collect()
            };
            let (groups, pools) = (some(["asg-0", "asg-1"]), some(["pool-0", "pool-1"]));
            configurations.push(Configuration {
                address: (!dice.rarely(24)).then_some(address),
                family,
                primary: !configurations.iter().any(|one| one.family == family),
                public: dice.rarely(4).then(|| format!("{id}-pip")),
                groups,
                pools,
            });
        }
        // Where one interface was told without its addresses, others were, too.
        if dice.rarely(if emptied { 2 } else { 40 }) {
            configurations.clear();
            emptied = true;
        }
        for pool in configurations.iter().flat_map(|one| &one.pools) {
            for balancer in estate.azure.balancers.values_mut() {
                if let Some(members) = balancer.pools.get_mut(pool) {
                    members.insert(id.to_owned());
                }
            }
        }
        let known = !dice.rarely(24);
        estate.network.interfaces.push(Interface {
            id: id.to_owned(),
            workload: 0,
            subnet: known.then(|| subnet.to_owned()),
            vpc: known.then(|| subnet[..1].to_owned()),
            groups: vec![],
            unseen_groups: vec![],
            addresses: configurations.iter().filter_map(|one| one.address).collect(),
            public: configurations.iter().any(|one| one.public.is_some()),
            forwards: !dice.rarely(3),
            service: None,
            place: place(),
        });
        let card = Card {
            group: dice.rarely(2).then(|| dice.one(&["nsg-0", "nsg-1", "nsg-2"]).to_owned()),
            machine: (!dice.rarely(12)).then_some(machine),
            endpoint,
            configurations,
        };
        estate.azure.cards.insert(id.to_owned(), card);
    }
    estate.workloads.push(Workload {
        kind: WorkloadKind::Instance,
        provider: Provider::Azure,
        id: "vm".to_owned(),
        name: None,
        private: vec![],
        public: vec![],
        account: None,
        region: None,
        tags: BTreeMap::new(),
        guarded: vec![],
        place: place(),
    });
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

fn by_steps(estate: &Estate, interface: &Interface, packet: &Packet) -> Ends {
    let mut ends = Ends::new();
    for trace in trace::trace(estate, interface, packet, 1) {
        if let Some(to) = trace.to {
            *ends.entry(to).or_default() |= trace.passes == Passes::Yes;
        }
    }
    ends
}

fn seeds() -> std::ops::Range<u64> {
    let asked = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let first = asked("TIDEGATE_FIRST").unwrap_or(0);
    first..first + asked("TIDEGATE_ESTATES").unwrap_or(ESTATES)
}

#[test]
fn sets_and_single_packets_agree() {
    let packets: Vec<Packet> = ADDRESSES.iter().flat_map(|address| packets_to(ip(address))).collect();
    let (mut asked, mut certain, mut possible) = (0u64, 0u64, 0u64);
    for seed in seeds() {
        let estate = random(&mut Dice::new(seed));
        let paths = Paths::new(&estate, 1);
        let interfaces: Vec<&Interface> = estate.network.interfaces.iter().collect();
        for (interface, leaving) in interfaces.iter().zip(paths.all(&interfaces)) {
            for packet in &packets {
                let (sets, steps) = (by_sets(&leaving, packet), by_steps(&estate, interface, packet));
                assert_eq!(
                    sets,
                    steps,
                    "estate {seed}, {} to {packet:?}:\n{:#?}\n{:#?}\n{:#?}",
                    interface.id,
                    leaving
                        .exits
                        .iter()
                        .filter(|exit| exit.set.may.contains(packet))
                        .map(|exit| (&exit.to, &exit.way, &exit.missing, exit.set.must.contains(packet)))
                        .collect::<Vec<_>>(),
                    trace::trace(&estate, interface, packet, 1),
                    estate.azure
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

#[test]
fn what_gets_in_is_the_same_for_sets_and_single_packets() {
    let (mut yes, mut no) = (0u64, 0u64);
    for seed in seeds() {
        let estate = random(&mut Dice::new(seed));
        let paths = Paths::new(&estate, 1);
        for to in &estate.network.interfaces {
            let [address] = to.addresses[..] else { continue };
            let Some(network) = to.vpc.clone() else { continue };
            if estate.azure.cards[&to.id].configurations.len() != 1 {
                continue;
            }
            let lets_in = paths.lets_in(to);
            for from in &estate.network.interfaces {
                let [sender] = from.addresses[..] else { continue };
                if estate.azure.cards[&from.id].configurations.len() != 1 {
                    continue;
                }
                for packet in packets_to(address) {
                    let arrived = Trace {
                        gates: vec![],
                        to: Some(Arrival::Vpc(network.clone())),
                        passes: Passes::Yes,
                        inspected: false,
                        missing: BTreeSet::new(),
                    };
                    let steps = trace::deliver(&estate, from, &packet, arrived, 1).passes;
                    let seen = Packet { address: sender, ..packet };
                    let sets = match (lets_in.must.contains(&seen), lets_in.may.contains(&seen)) {
                        (true, _) => Passes::Yes,
                        (false, true) => Passes::Perhaps,
                        (false, false) => Passes::No,
                    };
                    assert_eq!(sets, steps, "estate {seed}, {} from {sender}: {packet:?}", to.id);
                    yes += u64::from(sets == Passes::Yes);
                    no += u64::from(sets == Passes::No);
                }
            }
        }
    }
    assert!(yes > 1000 && no > 1000, "{yes} and {no}");
}
