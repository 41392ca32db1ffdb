//! The objects of all files to one estate.

use super::cluster;
use super::peers::{self, End, Permission};
use super::records::{Meta, Namespace, NetworkPolicy, Pod, Record};
use std::collections::BTreeMap;
use tidegate_estate::{
    Cause, Confirmation, Diagnostic, Dialect, Direction, Estate, Guard, Place, Policy, PolicyKind, PortMatch,
    Presence, ProtocolMatch, Provider, Reason, Remedy, Rule, Severity, Value, Workload, WorkloadKind,
};

/// How many pods a reason names.
const NAMED: usize = 3;

/// Everything that the objects say, in an order that does not depend on theirs.
pub(in crate::dump) fn join(records: Vec<Record>) -> (Estate, Vec<Diagnostic>) {
    let mut estate = Estate::default();
    let mut diagnostics = Vec::new();
    let (mut policies, mut pods) = (Vec::new(), Vec::new());
    let mut namespaces: BTreeMap<String, Namespace> = BTreeMap::new();
    for record in records {
        match record {
            Record::Policy(policy) => policies.push(policy),
            Record::Pod(pod) => pods.push(pod),
            Record::Namespace(namespace) => {
                namespaces.entry(namespace.meta.name.clone()).or_insert(namespace);
            }
        }
    }
    let policies = once_each(policies, |policy| &policy.meta, &mut diagnostics);
    let mut quiet = Vec::new();
    let pods = once_each(pods, |pod| &pod.meta, &mut quiet);
    if let (Some(pod), true) = (pods.first(), policies.is_empty()) {
        diagnostics.push(Diagnostic {
            severity: Severity::Note,
            path: pod.meta.block.path.clone(),
            span: None,
            message:
                "no network policy is among the files, so the pods are taken to have none; `kubectl get \
                      networkpolicies --all-namespaces -o json` shows whether that is so"
                    .to_owned(),
        });
    }
    (estate.kubernetes, estate.network.interfaces) = cluster::cluster(&pods, &policies, &namespaces);
    let mut members = vec![0u32; policies.len()];
    // For each pod, the policies that count for what it sends and for what reaches it.
    let mut selected: Vec<(Vec<usize>, Vec<usize>)> = Vec::with_capacity(pods.len());
    for pod in &pods {
        let by: Vec<usize> = policies
            .iter()
            .enumerate()
            .filter(|(_, policy)| selects(policy, pod))
            .map(|(index, _)| index)
            .collect();
        for index in &by {
            if let Some(count) = members.get_mut(*index) {
                *count += 1;
            }
        }
        let those = |counts: fn(&NetworkPolicy) -> bool| -> Vec<usize> {
            by.iter().copied().filter(|index| policies.get(*index).is_some_and(counts)).collect()
        };
        selected.push((those(|policy| policy.egress), those(|policy| policy.ingress)));
    }
    let shown: std::collections::BTreeSet<&str> =
        pods.iter().map(|pod| pod.meta.namespace.as_str()).collect();
    for (policy, members) in policies.iter().zip(&members) {
        if let Err(why) = &policy.selector {
            diagnostics.push(Diagnostic {
                severity: Severity::Warning,
                path: policy.meta.place.path.clone(),
                span: Some(policy.meta.place.span),
                message: format!("nobody can tell which pods the policy {} selects: {why}", policy.meta.id()),
            });
        }
        let members = shown.contains(policy.meta.namespace.as_str()).then_some(*members);
        let policy = self::policy(policy, members, &mut estate);
        estate.policies.push(policy);
    }
    let mut guarded: Vec<Vec<Vec<usize>>> = selected
        .iter()
        .map(|(egress, _)| if egress.is_empty() { vec![] } else { vec![egress.clone()] })
        .collect();
    let mut unselected: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut on_host: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, (pod, (egress, _))) in pods.iter().zip(&selected).enumerate() {
        let list = match (egress.is_empty(), pod.on_host) {
            (true, _) => &mut unselected,
            (false, true) => &mut on_host,
            (false, false) => continue,
        };
        list.entry(&pod.meta.namespace).or_default().push(index);
    }
    for (namespace, of) in unselected {
        let Some(first) = of.first().and_then(|index| pods.get(*index)) else { continue };
        let mut policy = open(first, of.len(), namespaces.get(namespace), Presence::Present);
        let mut inbound: Vec<usize> = Vec::new();
        let mut free = false;
        for (_, ingress) in of.iter().filter_map(|index| selected.get(*index)) {
            inbound.extend(ingress);
            free |= ingress.is_empty();
        }
        inbound.sort_unstable();
        inbound.dedup();
        let permissions =
            inbound.iter().filter_map(|index| policies.get(*index)).flat_map(|p| &p.permissions);
        let inbound = permissions.filter(|permission| permission.direction == Direction::Ingress);
        policy.rules.extend(inbound.map(|permission| permission.rule(&Cause::Written, &mut estate)));
        if free {
            policy.rules.extend(everything(Direction::Ingress, &policy.place, Presence::Present));
        }
        guard(&mut guarded, &of, estate.policies.len());
        estate.policies.push(policy);
    }
    for (namespace, of) in on_host {
        let Some(first) = of.first().and_then(|index| pods.get(*index)) else { continue };
        let its = of.iter().filter_map(|index| pods.get(*index)).take(NAMED);
        let names: Vec<&str> = its.map(|pod| pod.meta.name.as_str()).collect();
        let more = of.len().saturating_sub(NAMED);
        let mut why = format!(
            "pods on their node's network (hostNetwork) are often exempt from network policies: {}",
            names.join(", ")
        );
        if more > 0 {
            why.push_str(&format!(" and {more} more"));
        }
        let reason = Reason::at(why, first.meta.place.clone());
        let mut policy = open(first, of.len(), None, Presence::Unknown(reason));
        policy.path = Some(format!("{namespace} + hostNetwork"));
        policy.name = None;
        guard(&mut guarded, &of, estate.policies.len());
        estate.policies.push(policy);
    }
    estate.workloads = pods.into_iter().zip(guarded).map(|(pod, guarded)| workload(pod, guarded)).collect();
    (estate, diagnostics)
}

/// Objects in order of their names. Of several with one name the first counts, by file and place.
fn once_each<T>(mut objects: Vec<T>, meta: fn(&T) -> &Meta, diagnostics: &mut Vec<Diagnostic>) -> Vec<T> {
    objects.sort_by(|a, b| {
        let (a, b) = (meta(a), meta(b));
        (&a.namespace, &a.name, &a.block).cmp(&(&b.namespace, &b.name, &b.block))
    });
    let mut kept: Vec<T> = Vec::new();
    for object in objects {
        match kept.last().map(meta).filter(|last| last.id() == meta(&object).id()) {
            None => kept.push(object),
            Some(first) if first.block.path != meta(&object).block.path => diagnostics.push(Diagnostic {
                severity: Severity::Note,
                path: meta(&object).place.path.clone(),
                span: Some(meta(&object).place.span),
                message: format!(
                    "{} stands in {}, too, and is read there: scan the files of each cluster by themselves",
                    first.id(),
                    first.block.path
                ),
            }),
            Some(_) => {}
        }
    }
    kept
}

fn selects(policy: &NetworkPolicy, pod: &Pod) -> bool {
    policy.meta.namespace == pod.meta.namespace
        && policy.selector.as_ref().is_ok_and(|selector| selector.selects(&pod.meta.labels))
}

fn guard(guarded: &mut [Vec<Vec<usize>>], pods: &[usize], policy: usize) {
    for pod in pods {
        if let Some(sets) = guarded.get_mut(*pod) {
            sets.push(vec![policy]);
        }
    }
}

fn policy(of: &NetworkPolicy, members: Option<u32>, estate: &mut Estate) -> Policy {
    Policy {
        kind: PolicyKind::NetworkPolicy,
        name: Some(of.meta.name.clone()),
        path: Some(of.meta.id()),
        tags: of.meta.labels.clone(),
        rules: of.permissions.iter().map(|permission| permission.rule(&Cause::Written, estate)).collect(),
        ignored: of.ignored.clone(),
        members,
        ..frame(of.meta.place.clone(), of.meta.block.clone())
    }
}

/// A namespace, for so many pods of it, of which this is the first, that let everything out.
fn open(first: &Pod, count: usize, namespace: Option<&Namespace>, presence: Presence) -> Policy {
    let meta = namespace.map_or(&first.meta, |namespace| &namespace.meta);
    Policy {
        kind: PolicyKind::Namespace,
        name: Some(first.meta.namespace.clone()),
        path: Some(first.meta.namespace.clone()),
        tags: namespace.map(|namespace| namespace.meta.labels.clone()).unwrap_or_default(),
        rules: everything(Direction::Egress, &meta.place, presence),
        members: Some(u32::try_from(count).unwrap_or(u32::MAX)),
        ..frame(meta.place.clone(), meta.block.clone())
    }
}

/// What is allowed where no policy selects a pod.
fn everything(direction: Direction, place: &Place, presence: Presence) -> Vec<Rule> {
    let mut none = Estate::default();
    peers::everything()
        .map(|block| {
            let permission = Permission {
                direction,
                end: End::Anywhere(block),
                protocol: Value::Known(ProtocolMatch::Any),
                ports: Value::Known(PortMatch::Any),
                place: place.clone(),
            };
            let cause = Cause::LeftOut { property: "NetworkPolicy".to_owned() };
            Rule { presence: presence.clone(), ..permission.rule(&cause, &mut none) }
        })
        .to_vec()
}

/// What all policies of a cluster have in common.
fn frame(place: Place, block: Place) -> Policy {
    Policy {
        kind: PolicyKind::NetworkPolicy,
        provider: Provider::Kubernetes,
        dialect: Dialect::Kubernetes,
        name: None,
        path: None,
        enclosing: None,
        account: None,
        region: None,
        tags: BTreeMap::new(),
        exists: Guard::Always,
        confirmation: Confirmation::Created,
        place,
        block,
        apart: vec![],
        chain: vec![],
        rules: vec![],
        ignored: vec![],
        opaque: vec![],
        members: None,
        remedy: Remedy::Rules,
        direct_call: None,
    }
}

fn workload(pod: Pod, guarded: Vec<Vec<usize>>) -> Workload {
    Workload {
        kind: WorkloadKind::Pod,
        provider: Provider::Kubernetes,
        id: pod.meta.id(),
        name: Some(pod.meta.name),
        private: pod.addresses,
        public: vec![],
        account: None,
        region: None,
        tags: pod.meta.labels,
        guarded,
        place: pod.meta.block,
    }
}
