//! Kubernetes objects, as they are written.

use super::cluster::{self, Written};
use super::peers::{self, Permission};
use super::selectors::Selector;
use crate::dump::documents::walk;
use crate::dump::fields::Fields;
use crate::tree::{Kind, NodeId, Tree};
use std::collections::BTreeMap;
use std::sync::Arc;
use tidegate_estate::{Direction, Guard, Ignored, Place};

/// Something that is described.
#[derive(Debug, Clone)]
pub(in crate::dump) enum Record {
    /// A network policy.
    Policy(NetworkPolicy),
    /// A pod.
    Pod(Pod),
    /// A namespace.
    Namespace(Namespace),
}

/// Name, namespace and labels of an object.
#[derive(Debug, Clone)]
pub(in crate::dump) struct Meta {
    pub namespace: String,
    pub name: String,
    pub labels: BTreeMap<String, String>,
    /// Its name.
    pub place: Place,
    /// All of it.
    pub block: Place,
}

impl Meta {
    /// `namespace/name`
    pub fn id(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }
}

/// A network policy.
#[derive(Debug, Clone)]
pub(in crate::dump) struct NetworkPolicy {
    pub meta: Meta,
    /// The pods that it selects; `Err` says why nobody can tell.
    pub selector: Result<Selector, String>,
    /// Whether it restricts what its pods send.
    pub egress: bool,
    /// Whether it restricts what reaches its pods.
    pub ingress: bool,
    pub permissions: Vec<Permission>,
    /// The same, as they are written.
    pub written: Vec<Written>,
    /// Sections that look like restrictions and are none.
    pub ignored: Vec<Ignored>,
}

/// A pod.
#[derive(Debug, Clone)]
pub(in crate::dump) struct Pod {
    pub meta: Meta,
    pub addresses: Vec<String>,
    /// Addresses of its node.
    pub host: Vec<String>,
    /// Ports of its containers that have names.
    pub ports: Vec<(String, u8, u16)>,
    /// Whether it shares the network of its node.
    pub on_host: bool,
}

/// A namespace.
#[derive(Debug, Clone)]
pub(in crate::dump) struct Namespace {
    pub meta: Meta,
}

/// What objects without a namespace of their own are in.
const DEFAULT: &str = "default";

/// Every record in the documents of one file.
pub(in crate::dump) fn records(path: &Arc<str>, tree: &Tree) -> Vec<Record> {
    let fields = Fields { tree, path };
    let mut found = Vec::new();
    walk(tree, |node, _| {
        let Some(kind) = fields.text(node, "kind") else { return false };
        let Some(version) = fields.text(node, "apiVersion") else { return false };
        match kind.strip_suffix("List") {
            // `kubectl get --raw` gives lists whose items do not say what they are.
            Some(of) if !of.is_empty() => {
                found.extend(
                    fields.list(node, "items").filter_map(|item| record(&fields, item, of, &version)),
                );
                true
            }
            Some(_) => false,
            None => {
                let record = record(&fields, node, &kind, &version);
                let known = record.is_some();
                found.extend(record);
                known
            }
        }
    });
    found
}

fn record(fields: &Fields<'_>, node: NodeId, kind: &str, version: &str) -> Option<Record> {
    let policies = version.starts_with("networking.k8s.io/") || version == "extensions/v1beta1";
    match kind {
        "NetworkPolicy" if policies => policy(fields, node).map(Record::Policy),
        "Pod" if version == "v1" => pod(fields, node).map(Record::Pod),
        "Namespace" if version == "v1" => Some(Record::Namespace(Namespace { meta: meta(fields, node)? })),
        _ => None,
    }
}

fn meta(fields: &Fields<'_>, node: NodeId) -> Option<Meta> {
    let meta = fields.get(node, "metadata").filter(|meta| fields.tree.kind(*meta) == Kind::Mapping)?;
    Some(Meta {
        namespace: fields.text(meta, "namespace").unwrap_or_else(|| DEFAULT.to_owned()),
        name: fields.text(meta, "name").or_else(|| fields.text(meta, "generateName"))?,
        labels: fields.map(meta, "labels"),
        place: fields.member(meta, "name"),
        block: fields.place(node),
    })
}

fn policy(fields: &Fields<'_>, node: NodeId) -> Option<NetworkPolicy> {
    let meta = meta(fields, node)?;
    let spec = fields.get(node, "spec")?;
    let types: Vec<&str> =
        fields.list(spec, "policyTypes").filter_map(|item| fields.tree.text(item)).collect();
    let any = |key: &str| fields.list(spec, key).next().is_some();
    // Without a list inbound traffic always counts, and outbound traffic if there are rules of it.
    let (ingress, egress) = match &types[..] {
        [] => (true, any("egress")),
        listed => (listed.contains(&"Ingress"), listed.contains(&"Egress")),
    };
    let (mut permissions, mut written) = (Vec::new(), Vec::new());
    for (key, direction, counts) in
        [("egress", Direction::Egress, egress), ("ingress", Direction::Ingress, ingress)]
    {
        if counts {
            fields.list(spec, key).for_each(|rule| peers::read(fields, rule, direction, &mut permissions));
            written.extend(fields.list(spec, key).map(|rule| cluster::read(fields, rule, direction)));
        }
    }
    let mut ignored = Vec::new();
    if fields.is_list(spec, "egress") && !egress {
        let why = if types.is_empty() {
            "an empty `egress` counts only if `policyTypes` lists `Egress`"
        } else {
            "`policyTypes` does not list `Egress`"
        };
        ignored.push(Ignored {
            place: fields.member(spec, "egress"),
            guard: Guard::Always,
            why: why.to_owned(),
            rule: "`egress`".to_owned(),
            chain: vec![],
        });
    }
    Some(NetworkPolicy {
        selector: Selector::read(fields, spec, "podSelector"),
        meta,
        egress,
        ingress,
        permissions,
        written,
        ignored,
    })
}

fn pod(fields: &Fields<'_>, node: NodeId) -> Option<Pod> {
    let status = fields.get(node, "status");
    let phase = status.and_then(|status| fields.text(status, "phase"));
    // One that has ended sends nothing, but is listed until somebody deletes it.
    if matches!(phase.as_deref(), Some("Succeeded" | "Failed")) {
        return None;
    }
    let mut addresses = status.map(|status| fields.texts(status, "podIPs", "ip")).unwrap_or_default();
    if addresses.is_empty() {
        addresses.extend(status.and_then(|status| fields.text(status, "podIP")));
    }
    let mut host = status.map(|status| fields.texts(status, "hostIPs", "ip")).unwrap_or_default();
    if host.is_empty() {
        host.extend(status.and_then(|status| fields.text(status, "hostIP")));
    }
    let spec = fields.get(node, "spec");
    let on_host = spec.and_then(|spec| fields.text(spec, "hostNetwork"));
    Some(Pod {
        meta: meta(fields, node)?,
        addresses,
        host,
        ports: cluster::named_ports(fields, spec),
        on_host: on_host.is_some_and(|text| text == "true"),
    })
}
