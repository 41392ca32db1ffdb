//! What network policies let through, each asked once.

use super::Missing;
use crate::policy::Bounds;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use tidegate_estate::kubernetes::{Cluster, End, NetworkPolicy, Pod, PolicyRule, Port, Ports};
use tidegate_estate::{Answer, Direction, Estate, IpNet};
use tidegate_space::{AddressSet, IpFamily, PacketSet, Services, internet, protocol};

/// The policies of a cluster.
pub(in crate::path) struct Gates<'e> {
    cluster: &'e Cluster,
    /// Addresses of pods, and of their nodes.
    inside: PacketSet,
    /// Addresses that are nobody's among the files and none of the Internet's: perhaps those of pods.
    strangers: [AddressSet; 2],
}

/// Protocols that policies are defined for; of others every network plugin makes what it likes. (Kubernetes documentation,
/// "Network Policies".)
fn defined() -> Services {
    Services::union_all([protocol::TCP, protocol::UDP, protocol::SCTP].map(Services::protocol))
}

fn to(addresses: impl IntoIterator<Item = IpAddr>, services: &Services) -> PacketSet {
    let blocks: Vec<IpNet> = addresses.into_iter().map(IpNet::from).collect();
    let of = |family| {
        let own = blocks.iter().copied().filter(|block| IpFamily::of(block.addr()) == family);
        PacketSet::to_addresses(&AddressSet::from_blocks(family, own), services)
    };
    PacketSet::union_all(IpFamily::BOTH.map(of))
}

impl<'e> Gates<'e> {
    /// For an estate; one that is no cluster has none.
    pub fn new(estate: &'e Estate) -> Self {
        let cluster = &estate.kubernetes;
        let pods = cluster.pods.values();
        let all: Vec<IpAddr> = pods.flat_map(|pod| pod.addresses.iter().chain(&pod.host)).copied().collect();
        let inside = to(all, &Services::all());
        let strangers = IpFamily::BOTH
            .map(|family| inside.addresses(family).union(internet::addresses(family)).complement());
        Self { cluster, inside, strangers }
    }

    /// Addresses of pods and nodes that the files show.
    pub fn inside(&self) -> &PacketSet {
        &self.inside
    }

    /// What the policies that select a pod let through one way, with the other end as the address of packets.
    pub fn policies(&self, id: &str, direction: Direction) -> (Bounds, Missing) {
        let mut missing = BTreeSet::new();
        let Some(pod) = self.cluster.pods.get(id) else {
            return (Bounds::unknown(), [(Answer::KubernetesPods, id.to_owned())].into());
        };
        if self.cluster.policies.is_empty() {
            missing.insert((Answer::KubernetesPolicies, pod.namespace.clone()));
            return (Bounds::unknown(), missing);
        }
        let counts = |policy: &&NetworkPolicy| match direction {
            Direction::Egress => policy.egress,
            Direction::Ingress => policy.ingress,
        };
        let all = || self.cluster.policies.iter().filter(counts);
        let sure: Vec<&NetworkPolicy> = all().filter(|policy| policy.pods.contains(id)).collect();
        let perhaps: Vec<&NetworkPolicy> =
            all().filter(|policy| policy.unclear && policy.namespace == pod.namespace).collect();
        for policy in &perhaps {
            missing.insert((Answer::KubernetesPolicies, policy.name.clone()));
        }
        if sure.is_empty() && perhaps.is_empty() {
            // A pod that no policy selects lets everything through.
            return (Bounds::exactly(PacketSet::everything()), missing);
        }
        let mut each = |policies: &[&NetworkPolicy]| -> Vec<Bounds> {
            policies.iter().map(|policy| self.policy(policy, pod, direction, &mut missing)).collect()
        };
        let (those, others) = (each(&sure), each(&perhaps));
        let (mut must, mut may) = (PacketSet::empty(), PacketSet::empty());
        if sure.is_empty() {
            // If none of them selects it, everything; else what those do let through.
            may = PacketSet::everything();
            must = others.iter().fold(PacketSet::everything(), |all, next| all.intersection(&next.must));
        } else {
            for bounds in &those {
                must = must.union(&bounds.must);
            }
            for bounds in those.iter().chain(&others) {
                may = may.union(&bounds.may);
            }
        }
        let everywhere = |services: &Services| {
            let of = |family| PacketSet::to_addresses(&AddressSet::all(family), services);
            PacketSet::union_all(IpFamily::BOTH.map(of))
        };
        let undefined = everywhere(&defined().complement());
        must = must.difference(&undefined);
        may = may.union(&undefined);
        // Itself, and its node: no policy stops those.
        let own = to(pod.addresses.iter().chain(&pod.host).copied(), &Services::all());
        must = must.union(&own);
        may = may.union(&own);
        if pod.on_host {
            // Such pods are often exempt.
            missing.insert((Answer::Beyond, format!("the network plugin with {id} (hostNetwork)")));
            may = PacketSet::everything();
        }
        (Bounds::between(must, may), missing)
    }

    /// What one policy lets through.
    fn policy(
        &self,
        policy: &NetworkPolicy,
        pod: &Pod,
        direction: Direction,
        missing: &mut Missing,
    ) -> Bounds {
        let (mut must, mut may) = (PacketSet::empty(), PacketSet::empty());
        for rule in policy.rules.iter().filter(|rule| rule.direction == direction) {
            let bounds = self.rule(rule, pod, direction);
            if !bounds.is_certain() {
                missing.insert((Answer::KubernetesPods, policy.name.clone()));
                missing.insert((Answer::KubernetesNamespaces, policy.name.clone()));
            }
            must = must.union(&bounds.must);
            may = may.union(&bounds.may);
        }
        Bounds::between(must, may)
    }

    fn rule(&self, rule: &PolicyRule, pod: &Pod, direction: Direction) -> Bounds {
        let ends: Vec<[[AddressSet; 2]; 2]> = match rule.ends.as_slice() {
            [] => vec![[IpFamily::BOTH.map(AddressSet::all), IpFamily::BOTH.map(AddressSet::all)]],
            ends => ends.iter().map(|end| self.end(end)).collect(),
        };
        let all = [Port { protocol: None, which: Ports::All }];
        let ports = if rule.ports.is_empty() { &all[..] } else { &rule.ports };
        let (mut must, mut may) = (Vec::new(), Vec::new());
        for [sure, perhaps] in &ends {
            for port in ports {
                for (addresses, found, certain) in [(sure, &mut must, true), (perhaps, &mut may, false)] {
                    for own in addresses {
                        let whole = rule.ports.is_empty();
                        found.push(self.at_port(own, port, whole, pod, direction, certain));
                    }
                }
            }
        }
        Bounds::between(PacketSet::union_all(must), PacketSet::union_all(may))
    }

    /// The addresses of each family that an end means, for certain and at most.
    fn end(&self, end: &End) -> [[AddressSet; 2]; 2] {
        let of = |blocks: &[IpNet]| {
            IpFamily::BOTH.map(|family| {
                let own = blocks.iter().copied().filter(|block| IpFamily::of(block.addr()) == family);
                AddressSet::from_blocks(family, own)
            })
        };
        match end {
            End::Block(block, except) => {
                let [v4, v6] = of(&[*block]);
                let [cut4, cut6] = of(except);
                let left = [v4.difference(&cut4), v6.difference(&cut6)];
                [left.clone(), left]
            }
            End::Pods(sure, perhaps) => {
                let addresses = |ids: &BTreeSet<String>| -> Vec<IpNet> {
                    let pods = ids.iter().filter_map(|id| self.cluster.pods.get(id));
                    pods.flat_map(|pod| &pod.addresses).map(|address| IpNet::from(*address)).collect()
                };
                let certain = of(&addresses(sure));
                let [more4, more6] = of(&addresses(perhaps));
                let [strange4, strange6] = &self.strangers;
                let [v4, v6] = &certain;
                let most = [v4.union(&more4).union(strange4), v6.union(&more6).union(strange6)];
                [certain, most]
            }
            End::Unclear => [IpFamily::BOTH.map(AddressSet::empty), IpFamily::BOTH.map(AddressSet::all)],
        }
    }

    /// Packets to addresses, at a port: for certain, or at most.
    fn at_port(
        &self,
        addresses: &AddressSet,
        port: &Port,
        whole: bool,
        pod: &Pod,
        direction: Direction,
        certain: bool,
    ) -> PacketSet {
        if whole {
            return PacketSet::to_addresses(addresses, &Services::all());
        }
        let Some(number) = port.protocol else {
            return if certain { PacketSet::empty() } else { PacketSet::to_addresses(addresses, &defined()) };
        };
        let services = match &port.which {
            Ports::All => Services::protocol(number),
            Ports::Range(from, last) => Services::ports(number, *from, *last),
            Ports::Unclear if certain => Services::none(),
            Ports::Unclear => Services::protocol(number),
            Ports::Named(name) => {
                return match direction {
                    Direction::Egress => self.at_named_port(addresses, name, number, certain),
                    // The port is one of the pod that is reached.
                    Direction::Ingress => PacketSet::to_addresses(addresses, &named(pod, name, number)),
                };
            }
        };
        PacketSet::to_addresses(addresses, &services)
    }

    /// A port by its name is another one at each pod, and none at addresses that are not of pods.
    fn at_named_port(&self, addresses: &AddressSet, name: &str, number: u8, certain: bool) -> PacketSet {
        let family = addresses.family();
        let mut by_address: BTreeMap<IpAddr, Vec<Services>> = BTreeMap::new();
        for pod in self.cluster.pods.values() {
            for address in pod.addresses.iter().filter(|one| IpFamily::of(**one) == family) {
                if addresses.contains(IpFamily::number(*address)) {
                    by_address.entry(*address).or_default().push(named(pod, name, number));
                }
            }
        }
        let mut sets: Vec<PacketSet> = by_address
            .into_iter()
            .map(|(address, services)| to([address], &Services::union_all(services)))
            .collect();
        if !certain {
            let strangers = &self.strangers[usize::from(family == IpFamily::V6)];
            let there = addresses.intersection(strangers);
            sets.push(PacketSet::to_addresses(&there, &Services::protocol(number)));
        }
        PacketSet::union_all(sets)
    }
}

/// The ports that a pod has under a name.
fn named(pod: &Pod, name: &str, number: u8) -> Services {
    let own = pod.ports.iter().filter(|(known, protocol, _)| known == name && *protocol == number);
    Services::union_all(own.map(|(_, protocol, port)| Services::ports(*protocol, *port, *port)))
}
