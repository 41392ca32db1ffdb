//! The ways out as a graph: subnets, the gateways that their packets take, and where they arrive.

use super::answers::{Answers, called, hop, only_decides};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use tidegate_audit::words::percent;
use tidegate_estate::names::short;
use tidegate_reach::path::{AZURE_PLATFORM, Arrival, Hop};

/// What a node stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A subnet with its interfaces.
    Subnet,
    /// Something on the way.
    Gate,
    /// Where packets arrive.
    Arrival,
}

/// A node.
#[derive(Debug, Clone)]
pub struct Node {
    pub kind: Kind,
    /// What it is, for people; two lines.
    pub label: [String; 2],
    /// How far from the subnets, in steps.
    pub column: usize,
    /// Whether it is the Internet.
    pub outside: bool,
}

/// An edge: whether it is taken for certain.
pub type Edges = BTreeMap<(usize, usize), bool>;

/// The graph.
#[derive(Debug, Default)]
pub struct Graph {
    pub nodes: Vec<Node>,
    pub edges: Edges,
}

impl Graph {
    /// Of all answers. What stays within a VPC is left out.
    pub fn of<L>(answers: &Answers<'_, L>) -> Self {
        let mut graph = Self::default();
        let mut known: BTreeMap<String, usize> = BTreeMap::new();
        let mut members: BTreeMap<usize, (BTreeSet<&str>, f64)> = BTreeMap::new();
        for answer in &answers.all {
            let subnet = answer.interface.subnet.as_deref().unwrap_or("unknown subnet");
            let start = graph.node(&mut known, Kind::Subnet, ["subnet", subnet], short(subnet));
            let entry = members.entry(start).or_default();
            entry.0.insert(&answer.interface.id);
            entry.1 = answer.shared.exposure.possible.into_iter().fold(entry.1, f64::max);
            for way in &answer.shared.ways {
                let gates: Vec<&Hop> = way.hops.iter().filter(|hop| !only_decides(hop)).collect();
                // What stays at home, or reaches what everybody reaches, is no way out.
                let platform = matches!(&way.to, Arrival::Service(name) if name == AZURE_PLATFORM);
                if platform || (gates.is_empty() && matches!(way.to, Arrival::Vpc(_))) {
                    continue;
                }
                let mut at = start;
                let mut step = |graph: &mut Self, to: usize| {
                    *graph.edges.entry((at, to)).or_insert(false) |= way.sure;
                    at = to;
                };
                for (place, gate) in gates.iter().enumerate() {
                    // What has no id of its own is one for each subnet.
                    let (what, id) = match hop(gate) {
                        (what, "") => (what, format!("{what} of {subnet}")),
                        (what, id) => (what, id.to_owned()),
                    };
                    let what = if what == called(gate) { "" } else { what };
                    let node = graph.node(&mut known, Kind::Gate, [what, &id], called(gate));
                    if let Some(node) = graph.nodes.get_mut(node) {
                        node.column = node.column.max(place + 1);
                    }
                    step(&mut graph, node);
                }
                let end = match &way.to {
                    Arrival::Internet => ["", "the Internet"],
                    Arrival::Vpc(id) if id.starts_with("projects/") => ["network", id],
                    Arrival::Vpc(id) => ["VPC", id],
                    Arrival::Service(name) => ["service", name],
                    Arrival::Beyond(id) => ["behind", id],
                };
                let node = graph.node(&mut known, Kind::Arrival, end, short(end[1]));
                if let Some(node) = graph.nodes.get_mut(node) {
                    node.outside = way.to == Arrival::Internet;
                }
                step(&mut graph, node);
            }
        }
        let last = graph.nodes.iter().map(|node| node.column).max().unwrap_or_default() + 1;
        for (at, node) in graph.nodes.iter_mut().enumerate() {
            if node.kind == Kind::Arrival {
                node.column = last;
            }
            if let Some((members, share)) = members.get(&at) {
                let count = crate::words::counted(members.len(), "interface");
                node.label[0] = match *share {
                    0.0 => format!("{count}: none of the Internet"),
                    share => format!("{count}: {} of the Internet", percent(share)),
                };
            }
        }
        graph
    }

    /// The node of something with an id, which is shown as what it is and what it is called.
    fn node(
        &mut self,
        known: &mut BTreeMap<String, usize>,
        kind: Kind,
        [what, id]: [&str; 2],
        called: &str,
    ) -> usize {
        *known.entry(format!("{kind:?} {id}")).or_insert_with(|| {
            let label = [what, called].map(str::to_owned);
            self.nodes.push(Node { kind, label, column: 0, outside: false });
            self.nodes.len() - 1
        })
    }

    /// For Graphviz.
    pub fn as_dot(&self) -> String {
        let mut out = "digraph \"ways out\" {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n"
            .to_owned();
        for (at, node) in self.nodes.iter().enumerate() {
            let label = node.label.iter().filter(|line| !line.is_empty()).map(|line| quoted(line));
            let label = label.collect::<Vec<_>>().join("\\n");
            let shape = match node.kind {
                Kind::Subnet => "",
                Kind::Gate => ", style=rounded",
                Kind::Arrival => ", shape=ellipse",
            };
            let _ = writeln!(out, "  n{at} [label=\"{label}\"{shape}];");
        }
        for ((from, to), sure) in &self.edges {
            let style = if *sure { "" } else { " [style=dashed]" };
            let _ = writeln!(out, "  n{from} -> n{to}{style};");
        }
        out.push_str("}\n");
        out
    }
}

/// Text within quotes of DOT.
fn quoted(text: &str) -> String {
    crate::escape::line(text).replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_do_not_break_out_of_dot() {
        let mut graph = Graph::default();
        let name = "a\"]; x [label=\"\\\n";
        graph.node(&mut BTreeMap::new(), Kind::Subnet, ["subnet", name], name);
        let dot = graph.as_dot();
        assert!(dot.contains("a\\\"]; x [label=\\\"\\\\"), "{dot}");
        assert_eq!(dot.lines().count(), 5, "{dot}");
    }
}
