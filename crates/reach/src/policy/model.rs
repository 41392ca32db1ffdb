//! The obviously right answer, for tests: one packet is stepped through the rules, with every unknown filled
//! in.

use super::{in_any_world, in_every_world, in_world, worlds_of};
use crate::testing;
use proptest::prelude::*;
use std::net::IpAddr;
use std::sync::Arc;
use tidegate_estate::{
    Action, Cause, ChoiceId, Direction, Estate, Guard, IpNet, Peer, Place, Policy, PolicyKind, PortMatch,
    PrefixList, Presence, ProtocolMatch, Reason, Rule, Span, Value, World,
};
use tidegate_space::{IpFamily, Packet};

/// What an unknown of a rule turns out to be.
#[derive(Debug, Clone)]
struct Filling {
    present: bool,
    protocol: ProtocolMatch,
    ports: PortMatch,
    peer: Peer,
    number: u32,
}

/// A rule without conditions and unknowns.
#[derive(Clone)]
struct Settled {
    action: Action,
    number: u32,
    /// Whether the platform itself adds it.
    platform: bool,
    protocol: ProtocolMatch,
    ports: PortMatch,
    peers: Vec<IpNet>,
}

impl Settled {
    fn matches(&self, packet: &Packet) -> bool {
        let protocol = match self.protocol {
            ProtocolMatch::Any => return self.reaches(packet.address),
            ProtocolMatch::Number(number) => number,
        };
        protocol == packet.protocol && self.reaches(packet.address) && self.port(protocol, packet)
    }

    fn port(&self, protocol: u8, packet: &Packet) -> bool {
        match (protocol, self.ports) {
            (6 | 17, PortMatch::Range(from, to)) => {
                packet.destination_port.is_some_and(|port| (from..=to).contains(&port))
            }
            (1 | 58, PortMatch::Icmp(kind, code)) => packet
                .icmp
                .is_some_and(|(a, b)| kind.is_none_or(|kind| kind == a) && code.is_none_or(|code| code == b)),
            (6 | 17 | 1 | 58, PortMatch::Nothing) => false,
            _ => true,
        }
    }

    fn reaches(&self, address: IpAddr) -> bool {
        self.peers.iter().any(|peer| peer.contains(&address))
    }
}

/// The rules of a policy in one world, with one filling per rule.
fn settle(policy: &Policy, estate: &Estate, world: &World, fillings: &[Filling]) -> Vec<Settled> {
    let mut settled = Vec::new();
    for (rule, filling) in policy.rules.iter().zip(fillings) {
        let there = rule.presence == Presence::Present || filling.present;
        if !rule.guard.holds(world) || !there || rule.direction != Direction::Egress {
            continue;
        }
        let protocol = match rule.protocol.in_world(world) {
            Ok(Some(protocol)) => *protocol,
            Ok(None) => continue,
            Err(_) => filling.protocol,
        };
        let ports = match rule.ports.in_world(world) {
            Ok(ports) => ports.copied().unwrap_or(PortMatch::Any),
            Err(_) => filling.ports,
        };
        let peers = match rule.peer.in_world(world) {
            Ok(Some(peer)) => blocks(peer, estate, world, filling),
            Ok(None) => continue,
            Err(_) => blocks(&filling.peer, estate, world, filling),
        };
        let number = match rule.priority.as_ref().map(|number| number.in_world(world)) {
            Some(Ok(Some(number))) => *number,
            _ => filling.number,
        };
        let platform = rule.cause != Cause::Written;
        settled.push(Settled { action: rule.action, number, platform, protocol, ports, peers });
    }
    settled
}

fn blocks(peer: &Peer, estate: &Estate, world: &World, filling: &Filling) -> Vec<IpNet> {
    match peer {
        Peer::Cidr(block) => vec![*block],
        Peer::Group(_) | Peer::ManagedPrefixList(_) => vec![],
        Peer::Hidden(hidden) => {
            let inside = match hidden.within {
                IpNet::V4(_) if hidden.within.prefix_len() == 0 => "8.8.0.0/16".parse().unwrap(),
                IpNet::V6(_) if hidden.within.prefix_len() == 0 => "2606:4700::/32".parse().unwrap(),
                within => within,
            };
            vec![inside]
        }
        Peer::PrefixList(index) => {
            let mut found = Vec::new();
            for (guard, entry) in &estate.prefix_lists[*index].entries {
                if !guard.holds(world) {
                    continue;
                }
                match (entry.in_world(world), &filling.peer) {
                    (Ok(Some(block)), _) | (Err(_), Peer::Cidr(block)) => found.push(*block),
                    _ => {}
                }
            }
            found
        }
    }
}

fn gets_out(kind: PolicyKind, rules: &[Settled], packet: &Packet) -> bool {
    if kind == PolicyKind::SecurityGroup {
        return rules.iter().any(|rule| rule.matches(packet));
    }
    let matching: Vec<&Settled> = rules.iter().filter(|rule| rule.matches(packet)).collect();
    let Some(lowest) = matching.iter().map(|rule| rule.number).min() else { return false };
    let deciding: Vec<&&Settled> = matching.iter().filter(|rule| rule.number == lowest).collect();
    // Written ones go before the platform's own, and one that denies is enough. (In an ACL only one can decide.)
    let platform = deciding.iter().all(|rule| rule.platform);
    deciding.iter().filter(|rule| rule.platform == platform).all(|rule| rule.action == Action::Allow)
}

/// Whether a packet gets out, and would if nobody had written a rule that allows.
fn gets_out_by_default(kind: PolicyKind, rules: &[Settled], packet: &Packet) -> bool {
    let silent: Vec<Settled> =
        rules.iter().filter(|rule| rule.platform || rule.action == Action::Deny).cloned().collect();
    gets_out(kind, rules, packet) && gets_out(kind, &silent, packet)
}

const CHOICES: u32 = 2;
const BLOCKS: [&str; 6] = ["0.0.0.0/0", "0.0.0.0/1", "10.0.0.0/8", "8.8.8.0/24", "::/0", "2001:db8::/32"];
const ADDRESSES: [&str; 5] = ["8.8.8.8", "10.1.2.3", "200.1.2.3", "2001:db8::1", "2606:4700::1"];

fn packets() -> Vec<Packet> {
    let mut packets = Vec::new();
    for address in ADDRESSES {
        let address: IpAddr = address.parse().unwrap();
        for (protocol, port, icmp) in [
            (6, Some(443), None),
            (6, Some(25), None),
            (17, Some(53), None),
            (1, None, Some((8, 0))),
            (1, None, Some((3, 4))),
            (58, None, Some((8, 0))),
            (47, None, None),
        ] {
            packets.push(Packet {
                family: IpFamily::of(address),
                protocol,
                address,
                destination_port: port,
                source_port: port.map(|_| 50_000),
                icmp,
            });
        }
    }
    packets
}

fn guard() -> impl Strategy<Value = Guard> {
    let literal = (0..CHOICES, 0..2u32).prop_map(|(choice, take)| Guard::is(ChoiceId(choice), take));
    prop_oneof![
        3 => Just(Guard::Always),
        1 => literal.clone(),
        1 => (literal.clone(), literal).prop_map(|(a, b)| a.and(b.negate())),
    ]
}

/// A value that is known, one of two, nested, missing in one branch, or unknown.
fn value<T>(leaf: impl Strategy<Value = T> + Clone + 'static) -> impl Strategy<Value = Value<T>>
where
    T: Clone + std::fmt::Debug + 'static,
{
    let known = leaf.clone().prop_map(Value::Known).boxed();
    let one_of = move |inner: BoxedStrategy<Value<T>>| {
        (0..CHOICES, inner.clone(), inner).prop_map(|(choice, a, b)| {
            Value::OneOf(vec![(Guard::is(ChoiceId(choice), 0), a), (Guard::is(ChoiceId(choice), 1), b)])
        })
    };
    let half = (0..CHOICES, leaf)
        .prop_map(|(choice, a)| Value::OneOf(vec![(Guard::is(ChoiceId(choice), 0), Value::Known(a))]));
    let unknown = Just(Value::Unknown(Reason::new("unknown"))).boxed();
    let nested = one_of(prop_oneof![known.clone(), unknown.clone(), one_of(known.clone())].boxed());
    prop_oneof![6 => known, 1 => nested, 1 => half, 1 => unknown]
}

fn protocol() -> impl Strategy<Value = ProtocolMatch> + Clone {
    prop_oneof![
        Just(ProtocolMatch::Any),
        prop::sample::select(vec![1u8, 6, 17, 47, 58]).prop_map(ProtocolMatch::Number)
    ]
}

/// Ports and ICMP types in the places where they belong: readers give the other ones as unknown.
fn service() -> impl Strategy<Value = (Value<ProtocolMatch>, Value<PortMatch>)> {
    let ports = prop::sample::select(vec![
        PortMatch::Any,
        PortMatch::Range(443, 443),
        PortMatch::Range(0, 65535),
        PortMatch::Range(20, 60),
        PortMatch::Nothing,
    ]);
    let icmp = prop::sample::select(vec![
        PortMatch::Any,
        PortMatch::Icmp(Some(8), None),
        PortMatch::Icmp(Some(3), Some(4)),
        PortMatch::Icmp(None, None),
    ]);
    let number = |list: Vec<u8>| prop::sample::select(list).prop_map(ProtocolMatch::Number);
    prop_oneof![
        (value(number(vec![6, 17, 47])), value(ports.clone())),
        (value(number(vec![1, 58, 47])), value(icmp)),
        (value(Just(ProtocolMatch::Any)), value(ports)),
    ]
}

fn peer() -> impl Strategy<Value = Peer> + Clone {
    prop_oneof![
        6 => prop::sample::select(BLOCKS.to_vec()).prop_map(|block| Peer::Cidr(block.parse().unwrap())),
        1 => Just(Peer::Group("db".to_owned())),
        1 => Just(Peer::ManagedPrefixList("s3".to_owned())),
        1 => Just(Peer::PrefixList(0)),
        1 => prop::sample::select(BLOCKS.to_vec()).prop_map(|block| {
            let within: IpNet = block.parse().unwrap();
            Peer::Hidden(tidegate_estate::Hidden { within, length: within.prefix_len(), reason: Reason::new("inside") })
        }),
        1 => prop::bool::ANY.prop_map(|v4| {
            let family = if v4 { tidegate_estate::IpFamily::V4 } else { tidegate_estate::IpFamily::V6 };
            Peer::Hidden(tidegate_estate::Hidden::of(family, Reason::new("hidden")))
        }),
    ]
}

fn rule() -> impl Strategy<Value = Rule> {
    let presence = prop_oneof![
        6 => Just(Presence::Present),
        1 => Just(Presence::Unknown(Reason::new("who knows"))),
    ];
    let action = prop_oneof![2 => Just(Action::Allow), 1 => Just(Action::Deny)];
    let cause = prop_oneof![
        3 => Just(Cause::Written),
        1 => Just(Cause::Platform { rule: "last".to_owned() }),
    ];
    let place = Place::new(&Arc::from("t"), Span::default());
    (service(), value(peer()), value(1..6u32), guard(), presence, (action, cause)).prop_map(
        move |((protocol, ports), peer, number, guard, presence, (action, cause))| Rule {
            direction: Direction::Egress,
            action,
            priority: Some(number),
            protocol,
            ports,
            peer,
            guard,
            presence,
            cause,
            place: place.clone(),
            chain: vec![],
        },
    )
}

fn filling() -> impl Strategy<Value = Filling> {
    let ports = prop::sample::select(vec![PortMatch::Any, PortMatch::Range(443, 443), PortMatch::Nothing]);
    (any::<bool>(), protocol(), ports, peer(), 1..6u32).prop_map(
        |(present, protocol, ports, peer, number)| Filling { present, protocol, ports, peer, number },
    )
}

fn policy(kind: PolicyKind, mut rules: Vec<Rule>) -> Policy {
    if kind == PolicyKind::SecurityGroup {
        for rule in &mut rules {
            rule.action = Action::Allow;
            rule.priority = None;
        }
    } else if kind != PolicyKind::VpcFirewall {
        // Two entries of one ACL never share a number. (Rules of a VPC firewall do.)
        for (index, rule) in rules.iter_mut().enumerate() {
            let spread = |number: u32| Ok(number * 10 + index as u32);
            rule.priority = rule.priority.take().map(|number| number.map(&mut { spread }));
        }
    }
    testing::policy(kind, rules)
}

fn estate(entries: Vec<(Guard, Value<IpNet>)>) -> Estate {
    let mut estate = Estate::default();
    for index in 0..CHOICES {
        estate.choice(format!("C{index}"), ["true", "false"], None);
    }
    let place = Place::new(&Arc::from("t"), Span::default());
    estate.prefix_lists.push(PrefixList { name: "list".to_owned(), entries, place });
    estate
}

fn estates() -> impl Strategy<Value = Estate> {
    let block = prop::sample::select(BLOCKS.to_vec()).prop_map(|block| block.parse::<IpNet>().unwrap());
    prop::collection::vec((guard(), value(block)), 0..3).prop_map(estate)
}

fn sure(policy: &Policy, estate: &Estate) -> bool {
    let unknown = |rule: &Rule| {
        let worlds = worlds_of(policy, estate, 64).unwrap();
        rule.presence != Presence::Present
            || worlds.iter().any(|world| {
                rule.protocol.in_world(world).is_err()
                    || rule.ports.in_world(world).is_err()
                    || matches!(rule.peer.in_world(world), Err(_) | Ok(Some(Peer::Hidden(..))))
                    || rule.priority.as_ref().is_some_and(|n| !matches!(n.in_world(world), Ok(Some(_))))
                    || estate.prefix_lists[0].entries.iter().any(|(_, e)| e.in_world(world).is_err())
            })
    };
    !policy.rules.iter().any(unknown)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever the unknowns turn out to be: what must get out does, and what may not does not. Without
    /// unknowns the two are the truth itself.
    #[test]
    fn must_and_may_bound_the_truth(
        kind in prop::sample::select(vec![
            PolicyKind::SecurityGroup,
            PolicyKind::NetworkAcl,
            PolicyKind::VpcFirewall,
        ]),
        rules in prop::collection::vec(rule(), 0..5),
        estate in estates(),
        fillings in prop::collection::vec(prop::collection::vec(filling(), 5), 6),
    ) {
        let policy = policy(kind, rules);
        let sure = sure(&policy, &estate);
        let ceiling = in_any_world(&policy, &estate);
        let floor = in_every_world(&policy, &estate);
        for world in worlds_of(&policy, &estate, 64).unwrap() {
            let reach = in_world(&policy, &estate, &world);
            prop_assert!(reach.must.is_subset(&reach.may));
            prop_assert!(reach.must_by_default.is_subset(&reach.must));
            prop_assert!(reach.may.is_subset(&ceiling));
            if let Some(floor) = &floor {
                prop_assert!(floor.must.is_subset(&reach.must));
            }
            if reach.unknowns.is_empty() {
                prop_assert_eq!(&reach.must, &reach.may);
            }
            for filling in &fillings {
                let settled = settle(&policy, &estate, &world, filling);
                for packet in packets() {
                    let truth = gets_out(kind, &settled, &packet);
                    prop_assert!(truth || !reach.must.contains(&packet), "must: {packet:?}");
                    prop_assert!(!truth || reach.may.contains(&packet), "may: {packet:?}");
                    let default = gets_out_by_default(kind, &settled, &packet);
                    prop_assert!(default || !reach.must_by_default.contains(&packet), "default: {packet:?}");
                    if sure {
                        prop_assert_eq!(truth, reach.must.contains(&packet));
                        prop_assert_eq!(default, reach.must_by_default.contains(&packet));
                    }
                }
            }
        }
    }

    /// A rule that is called shadowed can go without any packet changing its fate.
    #[test]
    fn shadowed_entries_decide_about_nothing(
        rules in prop::collection::vec(rule(), 0..6),
        estate in estates(),
        kind in prop::sample::select(vec![PolicyKind::NetworkAcl, PolicyKind::VpcFirewall]),
    ) {
        let policy = policy(kind, rules);
        for world in worlds_of(&policy, &estate, 64).unwrap() {
            let reach = in_world(&policy, &estate, &world);
            for index in &reach.shadowed {
                let mut without = policy.clone();
                without.rules.remove(*index);
                let other = in_world(&without, &estate, &world);
                prop_assert_eq!(&other.must, &reach.must);
                prop_assert_eq!(&other.may, &reach.may);
            }
        }
    }
}

#[test]
fn an_unknown_peer_may_be_anything_with_the_rule_s_own_services() {
    let mut rules = vec![];
    let place = Place::new(&Arc::from("t"), Span::default());
    rules.push(Rule {
        direction: Direction::Egress,
        action: Action::Allow,
        priority: None,
        protocol: Value::Known(ProtocolMatch::Number(6)),
        ports: Value::Known(PortMatch::Range(443, 443)),
        peer: Value::Unknown(Reason::new("unknown")),
        guard: Guard::Always,
        presence: Presence::Present,
        cause: Cause::Written,
        place,
        chain: vec![],
    });
    let group = policy(PolicyKind::SecurityGroup, rules);
    let reach = in_world(&group, &estate(vec![]), &World::default());
    assert!(reach.must.is_empty());
    for packet in packets() {
        let https = packet.protocol == 6 && packet.destination_port == Some(443);
        assert_eq!(reach.may.contains(&packet), https);
    }
}
