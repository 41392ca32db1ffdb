//! Pods and policies as they stand to each other: which pods each policy and each of its rules select.
//! (Kubernetes documentation, "Network Policies".)

use super::records::{Namespace, NetworkPolicy, Pod};
use super::selectors::Selector;
use crate::cloudformation::address_block;
use crate::dump::fields::Fields;
use crate::tree::NodeId;
use std::collections::{BTreeMap, BTreeSet};
use tidegate_estate as estate;
use tidegate_estate::kubernetes::{Cluster, End, PolicyRule, Port, Ports};
use tidegate_estate::{Direction, Place};

/// The label that every namespace has, with its own name.
const NAME: &str = "kubernetes.io/metadata.name";
/// What the network of pods is called as an arrival.
const CLUSTER: &str = "the cluster";

/// A rule as it is written, before anybody asks which pods it means.
#[derive(Debug, Clone)]
pub(in crate::dump) struct Written {
    direction: Direction,
    ends: Vec<WrittenEnd>,
    ports: Vec<Port>,
    place: Place,
}

#[derive(Debug, Clone)]
enum WrittenEnd {
    Ready(End),
    Pods { pods: Selector, namespaces: Option<Selector> },
}

/// Reads an item of `egress` or `ingress`.
pub(super) fn read(fields: &Fields<'_>, rule: NodeId, direction: Direction) -> Written {
    let key = if direction == Direction::Egress { "to" } else { "from" };
    Written {
        direction,
        ends: fields.list(rule, key).map(|peer| end(fields, peer)).collect(),
        ports: fields.list(rule, "ports").map(|item| port(fields, item)).collect(),
        place: fields.place(rule),
    }
}

fn end(fields: &Fields<'_>, peer: NodeId) -> WrittenEnd {
    if let Some(block) = fields.get(peer, "ipBlock") {
        let cidr = fields.text(block, "cidr").and_then(|text| address_block(&text).ok());
        let except = fields.list(block, "except");
        let except: Option<Vec<_>> =
            except.map(|item| address_block(fields.tree.text(item).unwrap_or_default()).ok()).collect();
        return WrittenEnd::Ready(match (cidr, except) {
            (Some(block), Some(except)) => End::Block(block, except),
            _ => End::Unclear,
        });
    }
    let selector = |key: &str| fields.get(peer, key).map(|_| Selector::read(fields, peer, key));
    match (selector("podSelector"), selector("namespaceSelector")) {
        (None, None) | (Some(Err(_)), _) | (_, Some(Err(_))) => WrittenEnd::Ready(End::Unclear),
        (pods, namespaces) => WrittenEnd::Pods {
            pods: pods.and_then(Result::ok).unwrap_or_default(),
            namespaces: namespaces.and_then(Result::ok),
        },
    }
}

fn port(fields: &Fields<'_>, item: NodeId) -> Port {
    let protocol = protocol(fields.text(item, "protocol").as_deref());
    let last = fields.text(item, "endPort").map(|text| text.parse::<u16>());
    let which = match (fields.text(item, "port"), last) {
        (None, _) => Ports::All,
        (Some(text), last) => match (text.parse::<u16>(), last) {
            (Ok(from), None) => Ports::Range(from, from),
            (Ok(from), Some(Ok(to))) if from <= to => Ports::Range(from, to),
            (Err(_), None) if text.bytes().any(|byte| byte.is_ascii_alphabetic()) => Ports::Named(text),
            _ => Ports::Unclear,
        },
    };
    Port { protocol, which }
}

/// TCP where none is named.
fn protocol(name: Option<&str>) -> Option<u8> {
    match name {
        None | Some("TCP") => Some(6),
        Some("UDP") => Some(17),
        Some("SCTP") => Some(132),
        Some(_) => None,
    }
}

/// Ports of containers that have names.
pub(super) fn named_ports(fields: &Fields<'_>, spec: Option<NodeId>) -> Vec<(String, u8, u16)> {
    let mut found = Vec::new();
    let Some(spec) = spec else { return found };
    // A container that starts first and stays counts like the others.
    for container in fields.list(spec, "containers").chain(fields.list(spec, "initContainers")) {
        for port in fields.list(container, "ports") {
            let number = fields.text(port, "containerPort").and_then(|text| text.parse().ok());
            let protocol = protocol(fields.text(port, "protocol").as_deref());
            if let (Some(name), Some(protocol), Some(number)) = (fields.text(port, "name"), protocol, number)
            {
                found.push((name, protocol, number));
            }
        }
    }
    found
}

/// The cluster, and an interface for each pod, in the order of the pods.
pub(super) fn cluster(
    pods: &[Pod],
    policies: &[NetworkPolicy],
    namespaces: &BTreeMap<String, Namespace>,
) -> (Cluster, Vec<estate::Interface>) {
    let mut cluster = Cluster::default();
    let mut interfaces = Vec::new();
    for (workload, pod) in pods.iter().enumerate() {
        let parsed = |texts: &[String]| texts.iter().filter_map(|text| text.parse().ok()).collect::<Vec<_>>();
        let addresses: Vec<std::net::IpAddr> = parsed(&pod.addresses);
        interfaces.push(estate::Interface {
            id: pod.meta.id(),
            workload,
            subnet: Some(pod.meta.namespace.clone()),
            vpc: Some(CLUSTER.to_owned()),
            groups: Vec::new(),
            unseen_groups: Vec::new(),
            addresses: addresses.clone(),
            public: false,
            forwards: false,
            service: None,
            place: pod.meta.place.clone(),
        });
        let told = estate::kubernetes::Pod {
            namespace: pod.meta.namespace.clone(),
            addresses,
            host: parsed(&pod.host),
            on_host: pod.on_host,
            ports: pod.ports.clone(),
        };
        cluster.pods.insert(pod.meta.id(), told);
    }
    for policy in policies {
        let selected = |pod: &&Pod| {
            pod.meta.namespace == policy.meta.namespace
                && policy.selector.as_ref().is_ok_and(|selector| selector.selects(&pod.meta.labels))
        };
        let rules = policy.written.iter().map(|written| PolicyRule {
            direction: written.direction,
            ends: written.ends.iter().map(|end| meant(end, policy, pods, namespaces)).collect(),
            ports: written.ports.clone(),
            place: written.place.clone(),
        });
        cluster.policies.push(estate::kubernetes::NetworkPolicy {
            name: policy.meta.id(),
            pods: pods.iter().filter(selected).map(|pod| pod.meta.id()).collect(),
            unclear: policy.selector.is_err(),
            namespace: policy.meta.namespace.clone(),
            egress: policy.egress,
            ingress: policy.ingress,
            rules: rules.collect(),
            place: policy.meta.place.clone(),
        });
    }
    (cluster, interfaces)
}

/// The pods that an end means.
fn meant(
    end: &WrittenEnd,
    policy: &NetworkPolicy,
    pods: &[Pod],
    namespaces: &BTreeMap<String, Namespace>,
) -> End {
    let (selector, wanted) = match end {
        WrittenEnd::Ready(end) => return end.clone(),
        WrittenEnd::Pods { pods, namespaces } => (pods, namespaces),
    };
    let (mut sure, mut perhaps) = (BTreeSet::new(), BTreeSet::new());
    for pod in pods.iter().filter(|pod| selector.selects(&pod.meta.labels)) {
        let near = match wanted {
            None => Some(pod.meta.namespace == policy.meta.namespace),
            Some(wanted) => {
                let known = namespaces.get(&pod.meta.namespace);
                let mut labels = known.map(|known| known.meta.labels.clone()).unwrap_or_default();
                labels.insert(NAME.to_owned(), pod.meta.namespace.clone());
                match (known, wanted.selects(&labels)) {
                    (Some(_), selects) => Some(selects),
                    // Of one that no answer shows only the name is known.
                    (None, selects) => wanted.needs_only(NAME).then_some(selects),
                }
            }
        };
        match near {
            Some(false) => {}
            // Whether selectors mean pods on their node's network depends on the network plugin.
            Some(true) if !pod.on_host => {
                sure.insert(pod.meta.id());
            }
            Some(true) | None => {
                perhaps.insert(pod.meta.id());
            }
        }
    }
    End::Pods(sure, perhaps)
}
