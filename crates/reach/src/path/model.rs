//! The sets against one packet at a time, on random small estates of AWS.
//!
//! `TIDEGATE_ESTATES=100000` asks for more estates than a test run does.

use crate::testing::{self, Dice, place};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use tidegate_estate::{
    AclUse, Action, Attachment, Cause, Direction, Endpoint, EndpointKind, Estate, Exclusion, Guard,
    Interface, IpNet, ManagedList, Nat, Peer, Peering, PeeringEnd, Policy, PolicyKind, PortMatch, PrefixList,
    Presence, ProtocolMatch, PublicAccess, Reason, Route, RouteTable, RouteTo, Rule, Subnet, Target,
    TransitTable, Value, Vpc,
};
use tidegate_space::Packet;

const ESTATES: u64 = 600;
const WORLDS: usize = 16;

fn net(text: &str) -> IpNet {
    text.parse().unwrap()
}

/// Blocks that rules and routes name.
const BLOCKS: [&str; 17] = [
    "0.0.0.0/0",
    "0.0.0.0/1",
    "10.0.0.0/8",
    "10.0.0.0/16",
    "10.0.0.0/24",
    "10.0.1.0/24",
    "10.1.0.0/16",
    "10.1.0.0/24",
    "10.0.0.4/32",
    "10.0.1.5/32",
    "52.0.0.0/8",
    "1.1.1.1/32",
    "192.168.0.0/16",
    "::/0",
    "2600:1f18::/32",
    "2606:4700::/32",
    "2600:1f18:0:1::/64",
];

const ADDRESSES: [&str; 15] = [
    "1.1.1.1",
    "8.8.8.8",
    "52.0.0.9",
    "200.1.2.3",
    "10.0.0.4",
    "10.0.0.5",
    "10.0.1.4",
    "10.1.0.4",
    "10.1.1.4",
    "10.9.0.1",
    "192.168.7.7",
    "2606:4700:4700::1111",
    "2600:1f18:0:1::4",
    "2600:1f18:0:2::4",
    "64:ff9b::101:101",
];

fn packets() -> Vec<Packet> {
    super::agreement::packets(&ADDRESSES, &[22, 443, 40000], &[53], &[50])
}

fn rule(dice: &mut Dice, direction: Direction, number: Option<u32>) -> Rule {
    let protocol = dice.one(&[
        ProtocolMatch::Any,
        ProtocolMatch::Any,
        ProtocolMatch::Number(6),
        ProtocolMatch::Number(17),
        ProtocolMatch::Number(1),
    ]);
    let ports = match protocol {
        ProtocolMatch::Any => PortMatch::Any,
        ProtocolMatch::Number(1) => {
            dice.one(&[PortMatch::Any, PortMatch::Icmp(Some(8), None), PortMatch::Icmp(Some(0), None)])
        }
        ProtocolMatch::Number(_) => dice.one(&[
            PortMatch::Any,
            PortMatch::Range(443, 443),
            PortMatch::Range(0, 1023),
            PortMatch::Range(1024, 65535),
        ]),
    };
    let wide = dice.rarely(2);
    let block = if wide { dice.one(&["0.0.0.0/0", "::/0"]) } else { dice.one(&BLOCKS) };
    let block = Value::Known(Peer::Cidr(net(block)));
    let peer = match (number, dice.below(12)) {
        (None, 0) => Value::Known(Peer::Group(format!("sg-{}", dice.below(4)))),
        (None, 1) => Value::Known(Peer::ManagedPrefixList("com.amazonaws.eu-west-1.s3".to_owned())),
        (None, 2) => Value::Known(Peer::PrefixList(0)),
        (_, 3) => Value::Unknown(Reason::new("not shown")),
        _ => block,
    };
    Rule {
        direction,
        action: if number.is_some() && dice.rarely(3) { Action::Deny } else { Action::Allow },
        priority: number.map(Value::Known),
        protocol: Value::Known(protocol),
        ports: Value::Known(ports),
        peer,
        guard: Guard::Always,
        presence: Presence::Present,
        cause: Cause::Written,
        place: place(),
        chain: vec![],
    }
}

fn policy(kind: PolicyKind, id: String, rules: Vec<Rule>) -> Policy {
    Policy { path: Some(id), ..testing::policy(kind, rules) }
}

/// An estate of two VPCs with what may be around them; parts of it are missing now and then.
fn random(dice: &mut Dice) -> Estate {
    let mut estate = Estate::default();
    estate.prefix_lists.push(PrefixList {
        name: "pl-own".to_owned(),
        entries: vec![
            (Guard::Always, Value::Known(net("10.1.0.0/24"))),
            (Guard::Always, Value::Known(net("200.0.0.0/8"))),
            // The very block of a local route.
            (Guard::Always, Value::Known(net("10.1.0.0/16"))),
        ],
        place: place(),
    });
    for group in 0..4 {
        let rules = (0..1 + dice.below(4)).map(|_| rule(dice, Direction::Egress, None)).collect();
        estate.policies.push(policy(PolicyKind::SecurityGroup, format!("sg-{group}"), rules));
    }
    let blocks: Option<Vec<IpNet>> = (!dice.rarely(4)).then(|| vec![net("52.0.0.0/16")]);
    let list = ManagedList { name: Some("com.amazonaws.eu-west-1.s3".to_owned()), blocks };
    estate.network.managed_lists.insert("pl-s3".to_owned(), list);

    let vpcs =
        [("vpc-a", ["10.0.0.0/16", "2600:1f18:0:1::/60"]), ("vpc-b", ["10.1.0.0/16", "2600:1f18:1:1::/60"])];
    for (id, blocks) in vpcs {
        if !dice.rarely(8) {
            let vpc = Vpc { blocks: blocks.map(net).to_vec(), account: None, region: None, place: place() };
            estate.network.vpcs.insert(id.to_owned(), vpc);
        }
    }
    let subnets = [
        ("subnet-a0", "vpc-a", "10.0.0.0/24", "2600:1f18:0:1::/64"),
        ("subnet-a1", "vpc-a", "10.0.1.0/24", "2600:1f18:0:2::/64"),
        ("subnet-b0", "vpc-b", "10.1.0.0/24", "2600:1f18:1:1::/64"),
        ("subnet-b1", "vpc-b", "10.1.1.0/24", "2600:1f18:1:2::/64"),
    ];
    for (id, vpc, v4, v6) in subnets {
        if !dice.rarely(16) {
            let subnet = Subnet { vpc: Some(vpc.to_owned()), blocks: vec![net(v4), net(v6)], place: place() };
            estate.network.subnets.insert(id.to_owned(), subnet);
        }
    }
    acls(dice, &mut estate);
    tables(dice, &mut estate);
    gateways(dice, &mut estate);
    transit(dice, &mut estate);
    for at in 0..3 {
        let (subnet, vpc, v4, v6) = dice.one(&subnets);
        let host = |text: &str, host: u8| -> IpAddr {
            match net(text).addr() {
                IpAddr::V4(address) => IpAddr::from((u32::from(address) + u32::from(host)).to_be_bytes()),
                IpAddr::V6(address) => IpAddr::from((u128::from(address) + u128::from(host)).to_be_bytes()),
            }
        };
        let mut addresses = vec![host(v4, 4 + at)];
        if dice.rarely(2) {
            addresses.push(host(v6, 4 + at));
        }
        if dice.rarely(4) {
            // A second address, perhaps one that no subnet has.
            addresses.push(if dice.rarely(3) { host("11.0.1.0/24", 4) } else { host(v4, 20 + at) });
        }
        if dice.rarely(20) {
            addresses.clear();
        }
        let mut groups: Vec<usize> = (0..1 + dice.below(2)).map(|_| dice.below(4)).collect();
        groups.sort_unstable();
        groups.dedup();
        estate.network.interfaces.push(Interface {
            id: format!("eni-{at}"),
            workload: 0,
            subnet: (!dice.rarely(20)).then(|| subnet.to_owned()),
            vpc: (!dice.rarely(8)).then(|| vpc.to_owned()),
            groups,
            unseen_groups: if dice.rarely(12) { vec!["sg-9".to_owned()] } else { vec![] },
            addresses,
            public: dice.rarely(2),
            forwards: dice.rarely(2),
            service: None,
            place: place(),
        });
    }
    estate
}

fn acls(dice: &mut Dice, estate: &mut Estate) {
    let known = [("acl-a", "vpc-a"), ("acl-b", "vpc-b"), ("acl-own", "vpc-a")];
    // Answers of different days contradict each other.
    let again = [("acl-own-too", "vpc-a"), ("acl-b-too", "vpc-b")].into_iter().filter(|_| dice.rarely(12));
    for (id, vpc) in known.into_iter().chain(again.collect::<Vec<_>>()) {
        if dice.rarely(10) {
            continue;
        }
        let mut rules = Vec::new();
        for direction in [Direction::Egress, Direction::Ingress] {
            for at in 0..dice.below(3) {
                let mut entry = rule(dice, direction, Some(100 + at as u32));
                if dice.rarely(8) {
                    entry.priority = Some(Value::Unknown(Reason::new("the entry has no rule number")));
                }
                if dice.rarely(12) {
                    entry.presence = Presence::Unknown(Reason::new("the entry neither allows nor denies"));
                }
                rules.push(entry);
            }
            // One host that is kept out, as after an incident.
            if direction == Direction::Ingress && dice.rarely(3) {
                let mut kept_out = rule(dice, direction, Some(90));
                kept_out.action = Action::Deny;
                kept_out.protocol = Value::Known(ProtocolMatch::Any);
                kept_out.ports = Value::Known(PortMatch::Any);
                let host =
                    dice.one(&["10.0.0.4/32", "10.0.0.5/32", "10.0.1.4/32", "10.0.1.6/32", "11.0.1.4/32"]);
                kept_out.peer = Value::Known(Peer::Cidr(net(host)));
                rules.push(kept_out);
            }
            // Most ACLs let everything through at the end.
            if !dice.rarely(4) {
                for block in ["0.0.0.0/0", "::/0"] {
                    let mut open = rule(dice, direction, Some(200));
                    open.action = Action::Allow;
                    open.protocol = Value::Known(ProtocolMatch::Any);
                    open.ports = Value::Known(PortMatch::Any);
                    open.peer = Value::Known(Peer::Cidr(net(block)));
                    rules.push(open);
                }
            }
        }
        let own = id.starts_with("acl-own");
        let subnets: BTreeSet<String> =
            if own { [dice.one(&["subnet-a0", "subnet-a1"]).to_string()].into() } else { BTreeSet::new() };
        let used =
            AclUse { policy: estate.policies.len(), vpc: Some(vpc.to_owned()), default: !own, subnets };
        estate.network.acls.insert(id.to_owned(), used);
        estate.policies.push(policy(PolicyKind::NetworkAcl, id.to_owned(), rules));
    }
}

fn tables(dice: &mut Dice, estate: &mut Estate) {
    let own: [(&str, &str, Option<&str>); 4] = [
        ("rtb-a", "vpc-a", None),
        ("rtb-b", "vpc-b", None),
        ("rtb-a1", "vpc-a", Some("subnet-a1")),
        ("rtb-b1", "vpc-b", Some("subnet-b1")),
    ];
    let again = [("rtb-a-too", "vpc-a", None), ("rtb-b1-too", "vpc-b", Some("subnet-b1"))];
    let again: Vec<_> = again.into_iter().filter(|_| dice.rarely(12)).collect();
    for (id, vpc, subnet) in own.into_iter().chain(again) {
        if dice.rarely(12) {
            continue;
        }
        let local: &[&str] = if vpc == "vpc-a" {
            &["10.0.0.0/16", "2600:1f18:0:1::/60"]
        } else {
            &["10.1.0.0/16", "2600:1f18:1:1::/60"]
        };
        let route = |to: RouteTo, target: Target| Route { to, target, blackhole: false, place: place() };
        let mut routes: Vec<Route> =
            local.iter().map(|block| route(RouteTo::Block(net(block)), Target::Local)).collect();
        for _ in 0..1 + dice.below(4) {
            let target = match dice.below(12) {
                0 | 1 => Target::Internet("igw-a".to_owned()),
                2 | 3 => Target::Nat(dice.one(&["nat-0", "nat-1", "nat-gone"]).to_string()),
                4 => Target::EgressOnly("eigw-1".to_owned()),
                5 => Target::Peering(dice.one(&["pcx-1", "pcx-gone"]).to_string()),
                6 | 7 => Target::Transit("tgw-1".to_owned()),
                8 => Target::PrivateGateway("vgw-1".to_owned()),
                9 => Target::Endpoint(dice.one(&["vpce-s3", "vpce-fw", "vpce-gone"]).to_string()),
                10 => Target::Interface(format!("eni-{}", dice.below(4))),
                _ => Target::Other("lgw-1".to_owned()),
            };
            let to = match dice.below(10) {
                0 => RouteTo::List("pl-s3".to_owned()),
                1 => RouteTo::List("pl-own".to_owned()),
                2 if dice.rarely(4) => RouteTo::Unclear("?".to_owned()),
                3..=5 => RouteTo::Block(net(dice.one(&["0.0.0.0/0", "::/0"]))),
                _ => RouteTo::Block(net(dice.one(&BLOCKS))),
            };
            if routes.iter().any(|known| known.to == to) {
                continue;
            }
            let mut next = route(to, target);
            next.blackhole = dice.rarely(12);
            routes.push(next);
        }
        let subnets = subnet.map(str::to_owned).into_iter().collect();
        let table =
            RouteTable { vpc: Some(vpc.to_owned()), main: subnet.is_none(), subnets, routes, place: place() };
        estate.network.tables.insert(id.to_owned(), table);
    }
}

fn gateways(dice: &mut Dice, estate: &mut Estate) {
    let network = &mut estate.network;
    if dice.rarely(2) {
        network.gateways.insert("igw-a".to_owned(), [dice.one(&["vpc-a", "vpc-b"]).to_string()].into());
    }
    for (id, subnet, address) in [("nat-0", "subnet-a0", "10.0.0.9"), ("nat-1", "subnet-b1", "10.1.1.9")] {
        let nat = Nat {
            subnet: (!dice.rarely(8)).then(|| subnet.to_owned()),
            vpc: (!dice.rarely(4))
                .then(|| if subnet.starts_with("subnet-a") { "vpc-a" } else { "vpc-b" }.to_owned()),
            public: !dice.rarely(4),
            addresses: vec![address.parse().unwrap()],
            available: !dice.rarely(8),
        };
        network.nats.insert(id.to_owned(), nat);
    }
    let end = |vpc: &str, block: &str| PeeringEnd { vpc: Some(vpc.to_owned()), blocks: vec![net(block)] };
    let peering =
        Peering { ends: [end("vpc-a", "10.0.0.0/16"), end("vpc-b", "10.1.0.0/16")], active: !dice.rarely(8) };
    network.peerings.insert("pcx-1".to_owned(), peering);
    for (id, kind) in [("vpce-s3", EndpointKind::Gateway), ("vpce-fw", EndpointKind::Inspecting)] {
        if dice.rarely(6) {
            continue;
        }
        let endpoint = Endpoint {
            kind,
            service: "com.amazonaws.eu-west-1.s3".to_owned(),
            vpc: Some("vpc-a".to_owned()),
            subnets: if dice.rarely(8) { vec![] } else { vec!["subnet-a1".to_owned()] },
            available: !dice.rarely(8),
        };
        network.endpoints.insert(id.to_owned(), endpoint);
    }
    if !dice.rarely(6) {
        let mode = dice.one(&[
            PublicAccess::Open,
            PublicAccess::Open,
            PublicAccess::Open,
            PublicAccess::NoIngress,
            PublicAccess::Closed,
        ]);
        network.public_access.insert((None, None), mode);
    }
    if dice.rarely(3) {
        let what = dice.one(&["vpc-a", "subnet-a0", "subnet-b1"]).to_string();
        network.exclusions.insert(what, dice.one(&[Exclusion::Both, Exclusion::Egress]));
    }
}

fn transit(dice: &mut Dice, estate: &mut Estate) {
    let network = &mut estate.network;
    let both = [("tgw-attach-a", Some("vpc-a")), ("tgw-attach-b", Some("vpc-b")), ("tgw-attach-vpn", None)];
    for (id, vpc) in both {
        if dice.rarely(8) {
            continue;
        }
        let all = match vpc {
            Some("vpc-a") => vec!["subnet-a0".to_owned(), "subnet-a1".to_owned()],
            Some(_) => vec!["subnet-b0".to_owned(), "subnet-b1".to_owned()],
            None => vec![],
        };
        let subnets = match dice.below(6) {
            0 => vec![],
            1 | 2 => all,
            _ => all.into_iter().take(1).collect(),
        };
        let attachment = Attachment {
            gateway: "tgw-1".to_owned(),
            vpc: vpc.map(str::to_owned),
            subnets,
            table: (!dice.rarely(8)).then(|| "tgw-rtb-1".to_owned()),
            available: !dice.rarely(10),
        };
        network.attachments.insert(id.to_owned(), attachment);
    }
    if dice.rarely(8) {
        return;
    }
    let mut routes: BTreeMap<IpNet, Vec<String>> = BTreeMap::new();
    for _ in 0..1 + dice.below(4) {
        let to = net(dice.one(&BLOCKS));
        let mut attachments: Vec<String> = (0..dice.below(3))
            .map(|_| {
                dice.one(&["tgw-attach-a", "tgw-attach-b", "tgw-attach-vpn", "tgw-attach-gone"]).to_string()
            })
            .collect();
        attachments.sort();
        attachments.dedup();
        routes.insert(to, attachments);
    }
    network
        .transit_tables
        .insert("tgw-rtb-1".to_owned(), TransitTable { routes: routes.into_iter().collect() });
}

#[test]
fn sets_and_single_packets_agree() {
    super::agreement::check(ESTATES, WORLDS, random, &packets());
}
