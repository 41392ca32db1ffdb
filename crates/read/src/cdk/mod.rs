//! AWS CDK programs: construct calls become an estate with the meaning that the library gives them.
//!
//! [`library`] knows which types exist (generated from the library's own assembly), [`hidden`] which of
//! them make groups behind the user's back (kept by hand, checked against the library's code), and the
//! rest of this module what the calls mean. Programs are never run: [`tidegate_program`] interprets them.

mod acl;
mod arguments;
mod aspects;
mod attributes;
mod calls;
mod connections;
mod constructs;
mod context;
mod convert;
mod descent;
mod effects;
mod groups;
pub mod hidden;
mod host;
pub mod library;
mod made;
mod methods;
mod network;
mod nodes;
mod overrides;
mod peers;
mod policy;
mod ports;
mod project;
mod protocols;
mod rules;
mod security_group;
mod tokens;

use groups::Group;
use nodes::{Construct, Node};
use rustc_hash::FxHashMap;
use std::rc::Rc;
use tidegate_estate::{DirectCall, Guard};
use tidegate_program::{NativeId, Value};

pub(crate) use project::Sources;
pub use project::read;

/// The library's side of one analysis: every object a program makes, and what happens to its groups.
pub(crate) struct Cdk<'f> {
    sources: &'f Sources<'f>,
    context: context::Context,
    nodes: Vec<Node>,
    /// Attribute paths that lead to parts and groups, by owner.
    attributes: FxHashMap<NativeId, Vec<(Rc<str>, Value)>>,
    groups: Vec<Group>,
    /// Policies that are not made of groups: default groups, network ACLs.
    network: network::Network,
    effects: effects::Effects,
    aspects: Vec<aspects::Applied>,
    direct_calls: Vec<DirectCall>,
    /// Conditions put on the L1 resource of a construct.
    conditions: FxHashMap<NativeId, Guard>,
    /// Set while code is run again that was run before, only to reach its definitions.
    muted: bool,
}

impl<'f> Cdk<'f> {
    fn new(sources: &'f Sources<'f>, context: context::Context) -> Self {
        Self {
            sources,
            context,
            nodes: Vec::new(),
            attributes: FxHashMap::default(),
            groups: Vec::new(),
            network: network::Network::default(),
            effects: effects::Effects::default(),
            aspects: Vec::new(),
            direct_calls: Vec::new(),
            conditions: FxHashMap::default(),
            muted: false,
        }
    }

    fn add(&mut self, node: Node) -> NativeId {
        self.nodes.push(node);
        NativeId(self.nodes.len() as u32 - 1)
    }

    fn node(&self, id: NativeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    fn construct(&self, id: NativeId) -> Option<&Construct> {
        if let Node::Construct(construct) = self.node(id) { Some(construct) } else { None }
    }

    fn construct_mut(&mut self, id: NativeId) -> Option<&mut Construct> {
        if let Some(Node::Construct(construct)) = self.nodes.get_mut(id.0 as usize) {
            Some(construct)
        } else {
            None
        }
    }

    /// What an attribute path of an object leads to.
    fn attribute_of(&self, id: NativeId, path: &str) -> Option<&Value> {
        self.attributes.get(&id)?.iter().find(|(known, _)| &**known == path).map(|(_, value)| value)
    }

    /// Whether some attribute path of an object goes on from here.
    fn leads_on(&self, id: NativeId, prefix: &str) -> bool {
        self.attributes.get(&id).is_some_and(|all| all.iter().any(|(path, _)| path.starts_with(prefix)))
    }

    /// Lets an attribute path lead to a value; an earlier one of the same path stays behind it.
    fn put_attribute(&mut self, id: NativeId, path: &str, value: Value) {
        self.attributes.entry(id).or_default().push((path.into(), value));
    }

    /// The full name of the library type of an object.
    fn class_of(&self, id: NativeId) -> Option<Rc<str>> {
        match self.node(id) {
            Node::Construct(construct) => Some(construct.class.clone()),
            Node::Object { class, .. } => Some(class.clone()),
            _ => self.class_name(id).map(Into::into),
        }
    }

    /// [`Cdk::class_of`], to look at.
    fn class_name(&self, id: NativeId) -> Option<&str> {
        Some(match self.node(id) {
            Node::Construct(construct) => &construct.class,
            Node::Object { class, .. } => class,
            Node::Connections(_) => "aws_cdk.aws_ec2.Connections",
            Node::Peer(_) => "aws_cdk.aws_ec2.IPeer",
            Node::Port(_) => "aws_cdk.aws_ec2.Port",
            Node::DefaultChild(_) => "aws_cdk.aws_ec2.CfnSecurityGroup",
            Node::Condition { .. } => "aws_cdk.CfnCondition",
            Node::Parameter { .. } => "aws_cdk.CfnParameter",
            _ => return None,
        })
    }

    /// Whether an object is of a library type.
    fn is_a(&self, id: NativeId, class: &str) -> bool {
        self.class_name(id).is_some_and(|own| is_a(own, class))
    }
}

/// Whether a library type is another one or descends from it.
fn is_a(own: &str, class: &str) -> bool {
    library::is_a(own, class)
}
