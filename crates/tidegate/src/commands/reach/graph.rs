//! The ways out as a graph: subnets, the gateways that their packets take, and where they arrive.

use super::answers::{Answers, hop, only_decides};
use super::names::short;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use tidegate_audit::words::percent;
use tidegate_reach::path::{Arrival, Hop};

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
    pub fn of(answers: &Answers<'_>) -> Self {
        let mut graph = Self::default();
        let mut known: BTreeMap<String, usize> = BTreeMap::new();
        let mut members: BTreeMap<usize, (BTreeSet<&str>, f64)> = BTreeMap::new();
        for answer in &answers.all {
            let subnet = answer.interface.subnet.as_deref().unwrap_or("unknown subnet");
            let start = graph.node(&mut known, Kind::Subnet, ["subnet", subnet]);
            let entry = members.entry(start).or_default();
            entry.0.insert(&answer.interface.id);
            entry.1 = answer.exposure.possible.into_iter().fold(entry.1, f64::max);
            for exit in &answer.leaving.exits {
                let gates: Vec<&Hop> = exit.way.iter().filter(|hop| !only_decides(hop)).collect();
                if gates.is_empty() && matches!(exit.to, Arrival::Vpc(_)) {
                    continue;
                }
                let mut at = start;
                let sure = !exit.set.must.is_empty();
                let mut step = |graph: &mut Self, to: usize| {
                    *graph.edges.entry((at, to)).or_insert(false) |= sure;
                    at = to;
                };
                for (place, gate) in gates.iter().enumerate() {
                    let (what, id) = hop(gate);
                    let node = graph.node(&mut known, Kind::Gate, [what, id]);
                    if let Some(node) = graph.nodes.get_mut(node) {
                        node.column = node.column.max(place + 1);
                    }
                    step(&mut graph, node);
                }
                let end = match &exit.to {
                    Arrival::Internet => ["", "the Internet"],
                    Arrival::Vpc(id) if id.starts_with("projects/") => ["network", id],
                    Arrival::Vpc(id) => ["VPC", id],
                    Arrival::Service(name) => ["service", name],
                    Arrival::Beyond(id) => ["behind", id],
                };
                let node = graph.node(&mut known, Kind::Arrival, end);
                if let Some(node) = graph.nodes.get_mut(node) {
                    node.outside = exit.to == Arrival::Internet;
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

    fn node(&mut self, known: &mut BTreeMap<String, usize>, kind: Kind, label: [&str; 2]) -> usize {
        *known.entry(format!("{kind:?} {}", label[1])).or_insert_with(|| {
            let label = [label[0], short(label[1])].map(str::to_owned);
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
        graph.node(&mut BTreeMap::new(), Kind::Subnet, ["subnet", "a\"]; x [label=\"\\\n"]);
        let dot = graph.as_dot();
        assert!(dot.contains("a\\\"]; x [label=\\\"\\\\"), "{dot}");
        assert_eq!(dot.lines().count(), 5, "{dot}");
    }
}
