//! One packet of one pod, policy by policy. Nothing here is shared with the sets of `path`.

use super::rules::holds;
use super::{Gate, GateKind, Passes, Trace};
use crate::path::{Arrival, Missing};
use std::collections::BTreeSet;
use std::net::IpAddr;
use tidegate_estate::kubernetes::{Cluster, End, NetworkPolicy, Pod, PolicyRule, Ports};
use tidegate_estate::{Answer, Direction, Estate, Interface};
use tidegate_space::{IpFamily, Packet, internet};

/// Every way that a packet from a pod may take, to where it ends.
pub(super) fn trace(estate: &Estate, interface: &Interface, packet: &Packet) -> Vec<Trace> {
    let cluster = &estate.kubernetes;
    let mut way = Trace {
        gates: Vec::new(),
        to: None,
        passes: Passes::Yes,
        inspected: false,
        missing: BTreeSet::new(),
    };
    let place = Some(interface.place.clone());
    if interface.addresses.is_empty() {
        let why = "its addresses are not known";
        way = way.pass(GateKind::Interface, &interface.id, why, Passes::Perhaps, place);
        way = way.doubt(Answer::KubernetesPods, &interface.id);
    } else if !interface.addresses.iter().any(|one| IpFamily::of(*one) == packet.family) {
        let why = "it has no address of this family";
        return vec![way.pass(GateKind::Interface, &interface.id, why, Passes::No, place)];
    }
    let asked = Asked { cluster, packet, other: packet.address, direction: Direction::Egress };
    let (gate, missing) = asked.policies(&interface.id);
    way.missing.extend(missing);
    way.passes = way.passes.min(gate.passes);
    way.gates.push(gate);
    if way.passes == Passes::No {
        return vec![way];
    }
    let here = |pod: &Pod| pod.addresses.contains(&packet.address) || pod.host.contains(&packet.address);
    let to = if cluster.pods.values().any(here) {
        Arrival::Vpc("the cluster".to_owned())
    } else {
        way = way.doubt(Answer::Beyond, "the nodes' network");
        match internet::addresses(packet.family).contains(IpFamily::number(packet.address)) {
            true => Arrival::Internet,
            false => Arrival::Beyond("the nodes' network".to_owned()),
        }
    };
    way.to = Some(to);
    vec![way]
}

/// Goes on at the pod that has the address: what its policies let in.
pub(super) fn deliver(estate: &Estate, from: &Interface, packet: &Packet, mut trace: Trace) -> Trace {
    if !matches!(trace.to, Some(Arrival::Vpc(_))) {
        return trace;
    }
    let cluster = &estate.kubernetes;
    let Some((id, _)) = cluster.pods.iter().find(|(_, pod)| pod.addresses.contains(&packet.address)) else {
        // An address of a node.
        return trace;
    };
    let senders: Vec<IpAddr> =
        from.addresses.iter().copied().filter(|one| IpFamily::of(*one) == packet.family).collect();
    let mut worst: Option<(Gate, BTreeSet<Missing>)> = None;
    for other in senders {
        let asked = Asked { cluster, packet, other, direction: Direction::Ingress };
        let next = asked.policies(id);
        if worst.as_ref().is_none_or(|(gate, _)| next.0.passes < gate.passes) {
            worst = Some(next);
        }
    }
    let Some((gate, missing)) = worst else {
        let why = "the sender's address is not known";
        return trace.pass(GateKind::PoliciesIn, id, why, Passes::Perhaps, None);
    };
    trace.passes = trace.passes.min(gate.passes);
    trace.missing.extend(missing);
    trace.gates.push(gate);
    if trace.passes == Passes::No {
        trace.to = None;
    }
    trace
}

struct Asked<'a> {
    cluster: &'a Cluster,
    packet: &'a Packet,
    /// The other end.
    other: IpAddr,
    direction: Direction,
}

impl Asked<'_> {
    /// What the policies around a pod say.
    fn policies(&self, id: &str) -> (Gate, BTreeSet<Missing>) {
        let kind = match self.direction {
            Direction::Egress => GateKind::Policies,
            Direction::Ingress => GateKind::PoliciesIn,
        };
        let gate = |why: String, passes, place| Gate { kind, id: id.to_owned(), why, passes, place };
        let Some(pod) = self.cluster.pods.get(id) else {
            let missing = [(Answer::KubernetesPods, id.to_owned())].into();
            return (gate("the pod is not among the files".to_owned(), Passes::Perhaps, None), missing);
        };
        if self.cluster.policies.is_empty() {
            let missing = [(Answer::KubernetesPolicies, pod.namespace.clone())].into();
            return (gate("no network policy is among the files".to_owned(), Passes::Perhaps, None), missing);
        }
        let counts = |policy: &&NetworkPolicy| match self.direction {
            Direction::Egress => policy.egress,
            Direction::Ingress => policy.ingress,
        };
        let (mut selected, mut doubtful) = (Vec::new(), Vec::new());
        for policy in self.cluster.policies.iter().filter(counts) {
            if policy.pods.contains(id) {
                selected.push(policy);
            } else if policy.unclear && policy.namespace == pod.namespace {
                doubtful.push(policy);
            }
        }
        if selected.is_empty() && doubtful.is_empty() {
            return (
                gate("no policy selects the pod for this".to_owned(), Passes::Yes, None),
                BTreeSet::new(),
            );
        }
        if pod.addresses.contains(&self.other) || pod.host.contains(&self.other) {
            let why = "no policy stops a pod from itself and from its node";
            return (gate(why.to_owned(), Passes::Yes, None), BTreeSet::new());
        }
        let mut missing: BTreeSet<Missing> = BTreeSet::new();
        missing.extend(doubtful.iter().map(|policy| (Answer::KubernetesPolicies, policy.name.clone())));
        let mut best = (Passes::No, None);
        for policy in &selected {
            let (passes, rule) = self.policy(policy, pod);
            if passes > best.0 {
                best = (passes, rule.map(|rule| (policy.name.clone(), rule.place.clone())));
            }
            if passes == Passes::Perhaps {
                missing.insert((Answer::KubernetesPods, policy.name.clone()));
                missing.insert((Answer::KubernetesNamespaces, policy.name.clone()));
            }
        }
        let mut passes = best.0;
        if selected.is_empty() {
            // Either none of them selects the pod, or some do.
            let all = doubtful.iter().all(|policy| self.policy(policy, pod).0 == Passes::Yes);
            passes = if all { Passes::Yes } else { Passes::Perhaps };
        } else if passes == Passes::No {
            let any = doubtful.iter().any(|policy| self.policy(policy, pod).0 > Passes::No);
            passes = if any { Passes::Perhaps } else { Passes::No };
        }
        if !matches!(self.packet.protocol, 6 | 17 | 132) {
            let why = "policies are defined for TCP, UDP and SCTP only";
            return (gate(why.to_owned(), Passes::Perhaps, None), missing);
        }
        if pod.on_host && passes < Passes::Yes {
            missing.insert((Answer::Beyond, format!("the network plugin with {id} (hostNetwork)")));
            let why = "a pod on its node's network is perhaps exempt from policies";
            return (gate(why.to_owned(), Passes::Perhaps, None), missing);
        }
        let (name, place) = best.1.unzip();
        let why = match (passes, name) {
            (Passes::Yes, Some(name)) => format!("{name} lets it through"),
            (Passes::Perhaps, Some(name)) => format!("{name} perhaps lets it through"),
            (Passes::Yes, None) => "all policies that may select the pod let it through".to_owned(),
            (Passes::Perhaps, None) => "which pods some policies select cannot be read".to_owned(),
            (Passes::No, _) => {
                let names: Vec<&str> = selected.iter().map(|policy| policy.name.as_str()).collect();
                format!("{} select the pod and do not let it through", names.join(", "))
            }
        };
        let place = place.or_else(|| selected.first().map(|policy| policy.place.clone()));
        (gate(why, passes, place), missing)
    }

    fn policy<'p>(&self, policy: &'p NetworkPolicy, pod: &Pod) -> (Passes, Option<&'p PolicyRule>) {
        let mut best = (Passes::No, None);
        for rule in policy.rules.iter().filter(|rule| rule.direction == self.direction) {
            let passes = self.rule(rule, pod);
            if passes > best.0 {
                best = (passes, Some(rule));
            }
        }
        best
    }

    fn rule(&self, rule: &PolicyRule, pod: &Pod) -> Passes {
        let ends = rule.ends.iter().map(|end| self.end(end)).max();
        let end = if rule.ends.is_empty() { Passes::Yes } else { ends.unwrap_or(Passes::No) };
        end.min(self.ports(rule, pod))
    }

    /// Nobody among the files has the address, and it is none of the Internet's.
    fn is_stranger(&self) -> bool {
        let public = internet::addresses(self.packet.family).contains(IpFamily::number(self.other));
        let has = |pod: &Pod| pod.addresses.contains(&self.other) || pod.host.contains(&self.other);
        !public && !self.cluster.pods.values().any(has)
    }

    fn end(&self, end: &End) -> Passes {
        match end {
            End::Block(block, except) => {
                let cut = except.iter().any(|cut| holds(cut, self.other));
                Passes::of(holds(block, self.other) && !cut)
            }
            End::Pods(sure, perhaps) => {
                let among = |ids: &BTreeSet<String>| {
                    let mut pods = ids.iter().filter_map(|id| self.cluster.pods.get(id));
                    pods.any(|pod| pod.addresses.contains(&self.other))
                };
                if among(sure) {
                    Passes::Yes
                } else if among(perhaps) || self.is_stranger() {
                    Passes::Perhaps
                } else {
                    Passes::No
                }
            }
            End::Unclear => Passes::Perhaps,
        }
    }

    fn ports(&self, rule: &PolicyRule, pod: &Pod) -> Passes {
        if rule.ports.is_empty() {
            return Passes::Yes;
        }
        let mut best = Passes::No;
        for port in &rule.ports {
            let Some(number) = port.protocol else {
                if matches!(self.packet.protocol, 6 | 17 | 132) {
                    best = best.max(Passes::Perhaps);
                }
                continue;
            };
            if number != self.packet.protocol {
                continue;
            }
            let here = self.packet.destination_port;
            best = best.max(match &port.which {
                Ports::All => Passes::Yes,
                Ports::Range(from, last) => {
                    Passes::of(here.is_some_and(|port| (*from..=*last).contains(&port)))
                }
                Ports::Unclear => Passes::Perhaps,
                Ports::Named(name) => self.named(name, number, pod),
            });
        }
        best
    }

    fn named(&self, name: &str, number: u8, pod: &Pod) -> Passes {
        let has = |pod: &Pod| {
            let same = |(known, protocol, port): &(String, u8, u16)| {
                known == name && *protocol == number && Some(*port) == self.packet.destination_port
            };
            pod.ports.iter().any(same)
        };
        if self.direction == Direction::Ingress {
            return Passes::of(has(pod));
        }
        let mut there = self.cluster.pods.values().filter(|pod| pod.addresses.contains(&self.other));
        if there.any(has) {
            Passes::Yes
        } else if self.is_stranger() {
            Passes::Perhaps
        } else {
            Passes::No
        }
    }
}
