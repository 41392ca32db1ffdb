//! The sets against one packet at a time, on random small clusters.

use super::super::agreement;
use crate::testing::{Dice, place};
use std::collections::{BTreeMap, BTreeSet};
use tidegate_estate::kubernetes::{End, NetworkPolicy, Pod, PolicyRule, Port, Ports};
use tidegate_estate::{Direction, Estate, Interface, IpNet, Provider, Workload, WorkloadKind};

const ESTATES: u64 = 600;

const ADDRESSES: [&str; 9] = [
    "1.1.1.1",
    "203.1.2.3",
    "10.1.0.4",
    "10.1.0.5",
    "10.1.0.6",
    "10.1.0.99",
    "192.168.0.1",
    "2606:4700:4700::1111",
    "fd00::5",
];

fn net(text: &str) -> IpNet {
    text.parse().unwrap()
}

fn some(dice: &mut Dice, of: &[String]) -> BTreeSet<String> {
    of.iter().filter(|_| dice.rarely(2)).cloned().collect()
}

fn end(dice: &mut Dice, pods: &[String]) -> End {
    match dice.below(8) {
        0 => End::Unclear,
        1..=4 => {
            let block = dice.one(&["0.0.0.0/0", "0.0.0.0/1", "10.1.0.0/24", "::/0", "1.1.1.0/24"]);
            let except = match dice.rarely(2) {
                true => vec![net(dice.one(&["10.0.0.0/8", "1.1.1.1/32", "10.1.0.5/32", "fd00::/8"]))],
                false => vec![],
            };
            End::Block(net(block), except)
        }
        _ => End::Pods(some(dice, pods), if dice.rarely(3) { some(dice, pods) } else { BTreeSet::new() }),
    }
}

fn port(dice: &mut Dice) -> Port {
    Port {
        protocol: if dice.rarely(12) { None } else { Some(dice.one(&[6, 6, 17, 132])) },
        which: match dice.below(6) {
            0 => Ports::All,
            1 => Ports::Range(400, 500),
            2 => Ports::Range(53, 53),
            3 => Ports::Unclear,
            _ => Ports::Named(dice.one(&["web", "dns"]).to_owned()),
        },
    }
}

fn random(dice: &mut Dice) -> Estate {
    let mut estate = Estate::default();
    let ids: Vec<String> = (0..4).map(|at| format!("{}/pod-{at}", if at < 3 { "a" } else { "b" })).collect();
    for (at, id) in ids.iter().enumerate() {
        let mut addresses = vec![format!("10.1.0.{}", 4 + at).parse().unwrap()];
        if dice.rarely(2) {
            addresses.push(format!("fd00::{}", 4 + at).parse().unwrap());
        }
        if dice.rarely(15) {
            addresses.clear();
        }
        let pod = Pod {
            namespace: id.split('/').next().unwrap().to_owned(),
            addresses: addresses.clone(),
            host: if dice.rarely(2) { vec!["192.168.0.1".parse().unwrap()] } else { vec![] },
            on_host: dice.rarely(8),
            ports: if dice.rarely(2) {
                vec![("web".to_owned(), 6, 443), ("dns".to_owned(), 17, 53)]
            } else {
                vec![]
            },
        };
        estate.kubernetes.pods.insert(id.clone(), pod);
        estate.workloads.push(Workload {
            kind: WorkloadKind::Pod,
            provider: Provider::Kubernetes,
            id: id.clone(),
            name: None,
            private: vec![],
            public: vec![],
            account: None,
            region: None,
            tags: BTreeMap::new(),
            guarded: vec![],
            place: place(),
        });
        estate.network.interfaces.push(Interface {
            id: id.clone(),
            workload: at,
            subnet: None,
            vpc: None,
            groups: vec![],
            unseen_groups: vec![],
            addresses,
            public: false,
            forwards: false,
            service: None,
            place: place(),
        });
    }
    for at in 0..dice.below(4) {
        let rules = (0..dice.below(3)).map(|_| PolicyRule {
            direction: if dice.rarely(4) { Direction::Ingress } else { Direction::Egress },
            ends: (0..dice.below(3)).map(|_| end(dice, &ids)).collect(),
            ports: (0..dice.below(3)).map(|_| port(dice)).collect(),
            place: place(),
        });
        let rules = rules.collect();
        let unclear = dice.rarely(6);
        estate.kubernetes.policies.push(NetworkPolicy {
            name: format!("a/policy-{at}"),
            pods: if unclear { BTreeSet::new() } else { some(dice, &ids) },
            unclear,
            namespace: "a".to_owned(),
            egress: !dice.rarely(4),
            ingress: dice.rarely(2),
            rules,
            place: place(),
        });
    }
    estate
}

#[test]
fn sets_and_single_packets_agree() {
    let packets = agreement::packets(&ADDRESSES, &[22, 443], &[53], &[50, 132]);
    agreement::check(ESTATES, 16, random, &packets);
}
