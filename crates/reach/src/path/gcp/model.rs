//! The sets against one packet at a time, on random small estates of Google Cloud.

use super::super::agreement;
use crate::testing::{Dice, place};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use tidegate_estate::gcp::{
    Attached, FirewallPolicy, FirewallRule, GoogleRanges, Nat, NatPart, NatRanges, NextHop, Nic, Peering,
    PolicyRoute, Route, RuleAction, Subnet, Targets, Vpc,
};
use tidegate_estate::{
    Action, Answer, Cause, Direction, Estate, Guard, Interface, IpNet, Peer, PortMatch, Presence,
    ProtocolMatch, Provider, Reason, Rule, Value, Workload, WorkloadKind,
};

const ESTATES: u64 = 600;

const A: &str = "projects/a/global/networks/a";
const B: &str = "projects/b/global/networks/b";

/// Blocks that rules and routes name.
const BLOCKS: [&str; 16] = [
    "0.0.0.0/0",
    "0.0.0.0/1",
    "10.0.0.0/8",
    "10.0.0.0/24",
    "10.0.1.0/24",
    "10.1.0.0/16",
    "10.0.0.4/32",
    "35.0.0.0/8",
    "1.1.1.1/32",
    "192.168.0.0/16",
    "199.36.153.8/30",
    "::/0",
    "2600:1900::/28",
    "2606:4700::/32",
    "fd20:0:1::/64",
    "10.9.0.0/16",
];

const ADDRESSES: [&str; 13] = [
    "1.1.1.1",
    "8.8.8.8",
    "35.1.2.3",
    "199.36.153.9",
    "10.0.0.4",
    "10.0.1.5",
    "10.0.9.4",
    "10.1.0.4",
    "10.9.0.1",
    "192.168.7.7",
    "2606:4700:4700::1111",
    "2600:1900:4000:1::5",
    "fd20:0:1::4",
];

fn net(text: &str) -> IpNet {
    text.parse().unwrap()
}

fn some(dice: &mut Dice, one_in: usize, of: &[&str]) -> BTreeSet<String> {
    if dice.rarely(one_in) { [dice.one(of).to_owned()].into() } else { BTreeSet::new() }
}

fn matched(dice: &mut Dice, direction: Direction) -> Rule {
    let peer = match dice.below(12) {
        0 => Value::Unknown(Reason::new("which addresses a name has changes")),
        1..=4 => Value::Known(Peer::Cidr(net(dice.one(&["0.0.0.0/0", "::/0"])))),
        _ => Value::Known(Peer::Cidr(net(dice.one(&BLOCKS)))),
    };
    let protocol = dice.one(&[
        ProtocolMatch::Any,
        ProtocolMatch::Any,
        ProtocolMatch::Number(6),
        ProtocolMatch::Number(17),
        ProtocolMatch::Number(132),
    ]);
    let ports = match protocol {
        ProtocolMatch::Number(6) => {
            dice.one(&[PortMatch::Any, PortMatch::Range(443, 443), PortMatch::Range(0, 1023)])
        }
        ProtocolMatch::Number(_) => dice.one(&[PortMatch::Any, PortMatch::Range(53, 53)]),
        ProtocolMatch::Any => PortMatch::Any,
    };
    let presence = match dice.rarely(15) {
        true => Presence::Unknown(Reason::new("what is INTERNET is Google's business")),
        false => Presence::Present,
    };
    Rule {
        direction,
        action: Action::Allow,
        priority: None,
        protocol: Value::Known(protocol),
        ports: Value::Known(ports),
        peer,
        guard: Guard::Always,
        presence,
        cause: Cause::Written,
        place: place(),
        chain: vec![],
    }
}

fn rules(dice: &mut Dice, of_network: bool) -> Vec<FirewallRule> {
    let mut all = Vec::new();
    for at in 0..dice.below(4) {
        let direction = if dice.rarely(8) { Direction::Ingress } else { Direction::Egress };
        let action = match dice.below(if of_network { 5 } else { 8 }) {
            0 | 1 => RuleAction::Deny,
            2..=4 => RuleAction::Allow,
            5 | 6 => RuleAction::Next,
            _ => RuleAction::Inspect,
        };
        let (tags, secure) = match of_network {
            true => (some(dice, 3, &["web", "db"]), BTreeSet::new()),
            false => (BTreeSet::new(), some(dice, 12, &["tagValues/1"])),
        };
        all.push(FirewallRule {
            name: format!("rule {at}"),
            priority: (!dice.rarely(20)).then(|| 100 * (1 + dice.below(3) as u32)),
            direction,
            action,
            targets: Targets {
                accounts: if tags.is_empty() { some(dice, 6, &["run@a"]) } else { BTreeSet::new() },
                networks: if of_network { BTreeSet::new() } else { some(dice, 6, &[A, B]) },
                secure_tags: secure,
                tags,
            },
            own: dice.rarely(10).then(|| vec![net(dice.one(&["10.0.0.0/24", "10.0.0.4/32", "fd20::/16"]))]),
            matches: (0..1 + dice.below(2)).map(|_| matched(dice, direction)).collect(),
            guard: if dice.rarely(20) {
                Guard::Never.negate().and(Guard::is(tidegate_estate::ChoiceId(0), 0))
            } else {
                Guard::Always
            },
            place: place(),
        });
    }
    all
}

fn policy(dice: &mut Dice, estate: &mut Estate, id: &str) -> Attached {
    let rules = (!dice.rarely(10)).then(|| rules(dice, false));
    if !dice.rarely(15) {
        estate.gcp.policies.insert(id.to_owned(), FirewallPolicy { name: id.to_owned(), rules });
    }
    Attached::Policy(id.to_owned())
}

fn route(dice: &mut Dice, at: usize) -> Route {
    let hop = match dice.below(12) {
        0..=4 => NextHop::Gateway,
        5 => NextHop::Instance(dice.one(&["vm-0", "vm-1", "vm-2", "vm-gone"]).to_owned()),
        6 => NextHop::Address(dice.one(&["10.0.0.4", "10.0.1.5", "10.0.0.99"]).parse().unwrap()),
        7 => NextHop::Balancer("ilb".to_owned()),
        8 => NextHop::Tunnel("tunnel".to_owned()),
        9 => NextHop::Peering("to-b".to_owned()),
        _ => NextHop::Other("attachment".to_owned()),
    };
    let to = match dice.below(8) {
        0..=2 => Some(net("0.0.0.0/0")),
        3 => Some(net("::/0")),
        4 if dice.rarely(4) => None,
        _ => Some(net(dice.one(&BLOCKS))),
    };
    Route {
        name: format!("route-{at}"),
        to,
        priority: dice.one(&[900, 1000]),
        tags: some(dice, 5, &["web", "db"]),
        hop,
        via: dice.rarely(10).then(|| "to-b".to_owned()),
        place: place(),
    }
}

fn nat(dice: &mut Dice, at: usize) -> Nat {
    let ranges = match dice.below(4) {
        0 => NatRanges::All,
        1 => NatRanges::Primary,
        _ => {
            let part = NatPart {
                primary: dice.rarely(2),
                secondary: dice.rarely(4),
                named: some(dice, 2, &["pods"]),
            };
            NatRanges::Listed(BTreeMap::from([(dice.one(&["sub-a0", "sub-a1"]).to_owned(), part)]))
        }
    };
    let region = if dice.rarely(10) { None } else { Some(dice.one(&["r1", "r2"]).to_owned()) };
    Nat { id: format!("router/nat-{at}"), region, ranges, place: place() }
}

fn vpc(dice: &mut Dice, estate: &mut Estate, id: &str) -> Vpc {
    let local: Vec<IpNet> = match id {
        A => vec![net("10.0.0.0/24"), net("10.0.1.0/24"), net("fd20:0:1::/64"), net("2600:1900:4000:1::/64")],
        _ => vec![net("10.1.0.0/24")],
    };
    let global = match dice.below(8) {
        0 => Attached::Unseen,
        1..=3 => policy(dice, estate, &format!("{id}/global")),
        _ => Attached::Nothing,
    };
    let mut regional = BTreeMap::new();
    for region in ["r1", "r2"] {
        let attached = match dice.below(10) {
            0 => Attached::Unseen,
            1 | 2 => policy(dice, estate, &format!("{id}/{region}")),
            _ => Attached::Nothing,
        };
        if !dice.rarely(12) {
            regional.insert(region.to_owned(), attached);
        }
    }
    let hierarchy = match dice.below(8) {
        0 => None,
        1..=3 => Some(vec![]),
        _ => {
            let named = ["org", "folder"];
            for name in named {
                policy(dice, estate, name);
            }
            Some(named.iter().take(1 + dice.below(2)).map(|name| (*name).to_owned()).collect())
        }
    };
    let system = match dice.rarely(10) {
        true => {
            policy(dice, estate, "system");
            BTreeMap::from([("r1".to_owned(), vec!["system".to_owned()])])
        }
        false => BTreeMap::new(),
    };
    let mut routes: Vec<Route> = (0..1 + dice.below(4)).map(|at| route(dice, at)).collect();
    routes.sort_by(|a, b| a.name.cmp(&b.name));
    let policy_routes = match dice.below(8) {
        0 => None,
        1 => Some(vec![PolicyRoute {
            name: "pbr".to_owned(),
            from: net(dice.one(&["0.0.0.0/0", "10.0.0.0/24", "10.0.0.4/32"])),
            to: net(dice.one(&["0.0.0.0/0", "35.0.0.0/8", "10.0.0.0/24"])),
            protocol: if dice.rarely(2) { Some(6) } else { None },
            tags: some(dice, 3, &["web"]),
            place: place(),
        }]),
        _ => Some(vec![]),
    };
    let peerings = match dice.below(6) {
        0 => None,
        1..=3 => Some(vec![Peering {
            name: "to-b".to_owned(),
            network: if id == A { B } else { A }.to_owned(),
            active: !dice.rarely(6),
            blocks: (!dice.rarely(4)).then(|| vec![net("10.1.0.0/24"), net("35.0.0.0/8")]),
            public: dice.rarely(3),
            place: place(),
        }]),
        _ => Some(vec![]),
    };
    Vpc {
        local,
        local_known: !dice.rarely(10),
        routes: (!dice.rarely(12)).then_some(routes),
        unseen_routes: match dice.below(12) {
            0 => vec![(Answer::GcpRouters, id.to_owned())],
            1 => vec![
                (Answer::GcpRouterStatus, "router".to_owned()),
                (Answer::GcpPeeringRoutes, "to-b".to_owned()),
            ],
            _ => vec![],
        },
        policy_routes,
        nats: (!dice.rarely(8)).then(|| (0..dice.below(3)).map(|at| nat(dice, at)).collect()),
        peerings,
        rules: (!dice.rarely(10)).then(|| rules(dice, true)),
        hierarchy,
        global,
        regional,
        other_regions: if dice.rarely(2) { Attached::Nothing } else { Attached::Unseen },
        system,
        policies_first: if dice.rarely(6) { None } else { Some(dice.rarely(3)) },
    }
}

/// Two networks with what may be around them; parts of it are missing now and then.
fn random(dice: &mut Dice) -> Estate {
    let mut estate = Estate::default();
    for id in [A, B] {
        let vpc = vpc(dice, &mut estate, id);
        if !dice.rarely(25) {
            estate.gcp.networks.insert(id.to_owned(), vpc);
        }
    }
    if dice.rarely(3) {
        let all = vec![net("8.8.8.0/24"), net("35.0.0.0/8")];
        let customers = vec![net(dice.one(&["35.0.0.0/9", "36.0.0.0/8", "35.1.2.0/24"]))];
        estate.gcp.google = Some(GoogleRanges { all, customers });
    }
    let seats = [("sub-a0", A, "10.0.0", "r1"), ("sub-a1", A, "10.0.1", "r2"), ("sub-b", B, "10.1.0", "r1")];
    for (id, network, block, region) in seats {
        if dice.rarely(10) {
            continue;
        }
        let subnet = Subnet {
            network: network.to_owned(),
            region: Some(region.to_owned()),
            primary: vec![net(&format!("{block}.0/24"))],
            secondary: vec![],
            private_access: dice.rarely(2),
            place: place(),
        };
        estate.gcp.subnets.insert(id.to_owned(), subnet);
    }
    for at in 0..3 {
        let tags = some(dice, 2, &["web", "db"]);
        let accounts = some(dice, 2, &["run@a", "x@a"]);
        let forwards = dice.rarely(2);
        estate.workloads.push(Workload {
            kind: WorkloadKind::Instance,
            provider: Provider::Gcp,
            id: format!("vm-{at}"),
            name: None,
            private: vec![],
            public: vec![],
            account: None,
            region: None,
            tags: BTreeMap::new(),
            guarded: vec![],
            place: place(),
        });
        for nic in 0..1 + usize::from(dice.rarely(4)) {
            let (subnet, network, block, region) = dice.one(&seats);
            let id = format!("vm-{at}/nic{nic}");
            let mut addresses: Vec<IpAddr> = vec![format!("{block}.{}", 4 + at).parse().unwrap()];
            let external_v6 = dice.rarely(2);
            if dice.rarely(2) {
                let own = if external_v6 { "2600:1900:4000:1::" } else { "fd20:0:1::" };
                addresses.push(format!("{own}{}", 4 + at).parse().unwrap());
            }
            if dice.rarely(20) {
                addresses.clear();
            }
            let alias = match dice.below(6) {
                0 => vec![(Some("pods".to_owned()), net("10.0.9.0/24"))],
                1 => vec![(None, net("10.0.0.64/26"))],
                _ => vec![],
            };
            let told = Nic {
                instance: format!("vm-{at}"),
                region: (!dice.rarely(10)).then(|| region.to_owned()),
                tags: tags.clone(),
                accounts: accounts.clone(),
                alias,
                external_v6,
            };
            if !dice.rarely(25) {
                estate.gcp.nics.insert(id.clone(), told);
            }
            estate.network.interfaces.push(Interface {
                id,
                workload: at,
                subnet: (!dice.rarely(15)).then(|| subnet.to_owned()),
                vpc: (!dice.rarely(25)).then(|| network.to_owned()),
                groups: vec![],
                unseen_groups: vec![],
                addresses,
                public: dice.rarely(3),
                forwards,
                service: None,
                place: place(),
            });
        }
    }
    estate
}

#[test]
fn sets_and_single_packets_agree() {
    let packets = agreement::packets(&ADDRESSES, &[25, 443], &[53], &[47, 50, 132]);
    agreement::check(ESTATES, 16, random, &packets);
}
