//! One template: its sections and its resources.

use super::data::{Binding, Cases, Data, Env, Here};
use super::unit::Unit;
use crate::tree::{Kind, NodeId, Tree};
use rustc_hash::FxHashMap;
use std::cell::{OnceCell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use tidegate_estate::{Guard, Place, Reason, Severity, Span};

/// Members that loops may make in one mapping.
const MAX_MEMBERS: usize = 100_000;

/// A template of a unit.
pub(super) struct Template {
    /// Its index in the unit.
    pub(super) id: usize,
    pub(super) tree: Rc<Tree>,
    pub(super) root: NodeId,
    pub(super) path: Arc<str>,
    /// What stands before its logical ids: empty, or the nested stacks that lead to it, each with a `/`.
    pub(super) prefix: String,
    /// Worlds in which the stack exists.
    pub(super) exists: Guard,
    /// Who makes the stack, if another one does.
    pub(super) parent: Option<Parent>,
    /// Pseudo parameters that are known (a stack's name and region in an assembly).
    pub(super) pseudo: Vec<(&'static str, String)>,
    /// Its resources; complete once loading is over.
    pub(super) resources: RefCell<Rc<Resources>>,
    /// Nested stacks by the index of the resource that makes them.
    pub(super) children: RefCell<FxHashMap<usize, usize>>,
    /// Nested stacks that could not be read, and why, by the index of the resource that makes them.
    pub(super) unread: RefCell<FxHashMap<usize, Reason>>,
    /// What may rewrite any part of it.
    pub(super) macros: RefCell<Vec<Reason>>,
    /// Construct facts from an assembly, by logical id.
    pub(super) constructs: FxHashMap<String, super::assembly::Construct>,
    /// Files of an assembly by the hash under which they are uploaded.
    pub(super) assets: Rc<FxHashMap<String, String>>,
    /// Parameters that were already looked up.
    pub(super) parameters: RefCell<FxHashMap<Rc<str>, Cases>>,
    /// Conditions that were already worked out.
    pub(super) conditions: RefCell<FxHashMap<Rc<str>, Guard>>,
    /// The mapping behind every condition, loops expanded.
    pub(super) condition_nodes: OnceCell<FxHashMap<Rc<str>, Here>>,
    /// Texts that parameters are compared with.
    pub(super) compared: OnceCell<FxHashMap<Rc<str>, Vec<Rc<str>>>>,
}

/// The stack that makes a nested one.
#[derive(Debug, Clone)]
pub(super) struct Parent {
    /// Its template.
    pub(super) template: usize,
    /// The properties of the nested stack's resource.
    pub(super) properties: Vec<(Guard, Here)>,
    /// The resource's logical id.
    pub(super) logical: Rc<str>,
}

/// The resources of a template.
#[derive(Debug, Default)]
pub(super) struct Resources {
    pub(super) list: Vec<Resource>,
    by_name: FxHashMap<Rc<str>, usize>,
}

impl Resources {
    /// The index of a resource.
    pub(super) fn find(&self, logical: &str) -> Option<usize> {
        self.by_name.get(logical).copied()
    }
}

/// A resource.
#[derive(Debug)]
pub(super) struct Resource {
    pub(super) logical: Rc<str>,
    pub(super) kind: ResourceKind,
    /// The logical id as a key.
    pub(super) key: Span,
    /// Key and body.
    pub(super) whole: Span,
    pub(super) body: Here,
    /// Worlds in which a loop makes it; its `Condition` is not in here.
    pub(super) guard: Guard,
}

/// Types of resources that this reader cares about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ResourceKind {
    SecurityGroup,
    SecurityGroupEgress,
    SecurityGroupIngress,
    Vpc,
    VpcCidrBlock,
    Subnet,
    PrefixList,
    NetworkAcl,
    NetworkAclEntry,
    Stack,
    ServerlessApplication,
    RestrictDefaultGroup,
    Other,
}

impl ResourceKind {
    fn of(name: &str) -> Self {
        match name {
            "AWS::EC2::SecurityGroup" => Self::SecurityGroup,
            "AWS::EC2::SecurityGroupEgress" => Self::SecurityGroupEgress,
            "AWS::EC2::SecurityGroupIngress" => Self::SecurityGroupIngress,
            "AWS::EC2::VPC" => Self::Vpc,
            "AWS::EC2::VPCCidrBlock" => Self::VpcCidrBlock,
            "AWS::EC2::Subnet" => Self::Subnet,
            "AWS::EC2::PrefixList" => Self::PrefixList,
            "AWS::EC2::NetworkAcl" => Self::NetworkAcl,
            "AWS::EC2::NetworkAclEntry" => Self::NetworkAclEntry,
            "AWS::CloudFormation::Stack" => Self::Stack,
            "AWS::Serverless::Application" => Self::ServerlessApplication,
            "Custom::VpcRestrictDefaultSG" => Self::RestrictDefaultGroup,
            _ => Self::Other,
        }
    }
}

/// A member of a mapping after loops were expanded.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) guard: Guard,
    pub(super) key: Rc<str>,
    pub(super) key_node: NodeId,
    pub(super) value: Here,
}

impl Template {
    /// An empty shell around a parsed document.
    pub(super) fn new(id: usize, tree: Rc<Tree>, root: NodeId, path: Arc<str>) -> Self {
        Self {
            id,
            tree,
            root,
            path,
            prefix: String::new(),
            exists: Guard::Always,
            parent: None,
            pseudo: Vec::new(),
            resources: RefCell::default(),
            children: RefCell::default(),
            unread: RefCell::default(),
            macros: RefCell::default(),
            constructs: FxHashMap::default(),
            assets: Rc::default(),
            parameters: RefCell::default(),
            conditions: RefCell::default(),
            condition_nodes: OnceCell::new(),
            compared: OnceCell::new(),
        }
    }

    /// The root's section of this name.
    pub(super) fn section(&self, name: &str) -> Option<Here> {
        self.tree.get(self.root, name).map(|(_, value)| self.here(value))
    }

    /// A node of this template outside of any loop.
    pub(super) fn here(&self, node: NodeId) -> Here {
        Here { template: self.id, node, env: None, bare: false }
    }

    /// A place in this template.
    pub(super) fn place(&self, span: Span) -> Place {
        Place::new(&self.path, span)
    }

    /// The span from a key to the end of its value.
    pub(super) fn entry(&self, key: NodeId, value: NodeId) -> Span {
        let (key, value) = (self.tree.span(key), self.tree.span(value));
        Span { start: key.start, end: value.end.max(key.end) }
    }

    /// The resources.
    pub(super) fn resources(&self) -> Rc<Resources> {
        self.resources.borrow().clone()
    }
}

impl Unit<'_> {
    /// Reads the resources of a template.
    pub(super) fn load_resources(&self, template: &Template) {
        let Some(section) = template.section("Resources") else { return };
        for root in [template.root, section.node] {
            self.report_duplicates(template, root);
        }
        // Loops over resources may refer to resources outside of them, so those come first.
        let mut resources = Resources::default();
        for (key, value) in template.tree.merged_entries(section.node) {
            if let Some(name) = template.tree.text(key)
                && !name.starts_with("Fn::")
            {
                let (value, guard) = (section.at(value), Guard::Always);
                self.add_resource(template, &mut resources, name.into(), key, value, guard);
            }
        }
        let resources = self.resources_of_loops(template, &section, resources);
        *template.resources.borrow_mut() = Rc::new(resources);
    }

    fn resources_of_loops(&self, template: &Template, section: &Here, mut resources: Resources) -> Resources {
        let calls: Vec<(NodeId, NodeId)> = template
            .tree
            .merged_entries(section.node)
            .into_iter()
            .filter(|(key, _)| template.tree.text(*key).is_some_and(|name| name.starts_with("Fn::")))
            .collect();
        if calls.is_empty() {
            return resources;
        }
        // What a loop runs over may name resources: those outside of loops are known by now.
        *template.resources.borrow_mut() = Rc::new(std::mem::take(&mut resources));
        let (mut members, mut hidden) = (Vec::new(), Vec::new());
        for (key, value) in calls {
            let value = section.at(value);
            match template.tree.text(key) {
                Some(name) if name.starts_with("Fn::ForEach") => {
                    self.expand_loop(&value, &Guard::Always, &mut members, &mut hidden);
                }
                Some("Fn::Transform") => hidden.extend(self.transform_reason(&value)),
                _ => {}
            }
        }
        hidden.dedup();
        template.macros.borrow_mut().extend(hidden);
        if let Some(plain) = Rc::into_inner(template.resources.take()) {
            resources = plain;
        }
        for member in members {
            self.add_resource(
                template,
                &mut resources,
                member.key,
                member.key_node,
                member.value,
                member.guard,
            );
        }
        resources
    }

    fn add_resource(
        &self,
        template: &Template,
        resources: &mut Resources,
        logical: Rc<str>,
        key: NodeId,
        value: Here,
        guard: Guard,
    ) {
        let tree = &template.tree;
        let Some((_, name)) = tree.get(value.node, "Type") else { return };
        let name = tree.text(name).unwrap_or_default();
        let kind = match value.env {
            None => ResourceKind::of(name),
            Some(_) => ResourceKind::of(&substitute(name, &value.env).unwrap_or_else(|_| name.to_owned())),
        };
        if kind == ResourceKind::Other && name.ends_with("::MODULE") {
            self.report(
                Severity::Note,
                &template.path,
                Some(tree.span(key)),
                format!("{logical} is a module ({name}): what it creates is not in the input"),
            );
        }
        let resource = Resource {
            kind,
            key: tree.span(key),
            whole: template.entry(key, value.node),
            body: value,
            guard,
            logical: logical.clone(),
        };
        match resources.by_name.get(&logical).copied() {
            // Of duplicates the last counts.
            Some(at) if resource.guard == Guard::Always => {
                if let Some(slot) = resources.list.get_mut(at) {
                    *slot = resource;
                }
            }
            _ => {
                resources.by_name.insert(logical, resources.list.len());
                resources.list.push(resource);
            }
        }
    }

    /// Says which keys of a mapping stand in it twice.
    pub(super) fn report_duplicates(&self, template: &Template, node: NodeId) {
        for key in template.tree.duplicates(node) {
            self.report(
                Severity::Note,
                &template.path,
                Some(template.tree.span(key)),
                format!(
                    "the key {:?} stands here twice; the last one counts",
                    template.tree.text(key).unwrap_or("")
                ),
            );
        }
    }

    /// The members of a mapping with its loops expanded, and what a macro hides in it.
    pub(super) fn members(&self, here: &Here) -> (Vec<Member>, Vec<Reason>) {
        let (mut members, mut hidden) = (Vec::new(), Vec::new());
        self.collect_members(here, &Guard::Always, &mut members, &mut hidden);
        (members, hidden)
    }

    fn collect_members(
        &self,
        here: &Here,
        guard: &Guard,
        members: &mut Vec<Member>,
        hidden: &mut Vec<Reason>,
    ) {
        let Some(template) = self.template(here.template) else { return };
        if !self.enter() {
            hidden.push(self.reason(here, "the template is too large or too deep to be worked out"));
            return;
        }
        let tree = &template.tree;
        for (key, value) in tree.merged_entries(here.node) {
            let Some(name) = tree.text(key) else { continue };
            if self.too_many_members(here, members, hidden) {
                break;
            }
            if name.starts_with("Fn::ForEach") {
                self.expand_loop(&here.at(value), guard, members, hidden);
            } else if name == "Fn::Transform" {
                hidden.extend(self.transform_reason(&here.at(value)));
            } else {
                let (guard, value) = (guard.clone(), here.at(value));
                let key_text = match here.env {
                    None => Rc::from(name),
                    Some(_) => Rc::from(substitute(name, &here.env).unwrap_or_else(|_| name.to_owned())),
                };
                members.push(Member { guard, key: key_text, key_node: key, value });
            }
        }
        self.leave();
    }

    fn too_many_members(&self, here: &Here, members: &[Member], hidden: &mut Vec<Reason>) -> bool {
        if members.len() < MAX_MEMBERS {
            return false;
        }
        let reason = self.reason(here, "loops make too many members here");
        if !hidden.contains(&reason) {
            hidden.push(reason);
        }
        true
    }

    /// `Fn::ForEach::Name: [Identifier, Collection, {Key: Value}]`.
    fn expand_loop(&self, here: &Here, guard: &Guard, members: &mut Vec<Member>, hidden: &mut Vec<Reason>) {
        let args = self.arguments(here);
        let [identifier, collection, output] = args.as_slice() else {
            hidden.push(self.reason(here, "this Fn::ForEach has not three parts"));
            return;
        };
        let Some(template) = self.template(here.template) else { return };
        let Some(name) = template.tree.text(identifier.node).map(Rc::<str>::from) else {
            hidden.push(self.reason(identifier, "this Fn::ForEach has no identifier"));
            return;
        };
        for (when, list) in self.lists(collection) {
            let guard = guard.clone().and(when);
            let rounds: Vec<Data> = match list {
                Ok(list) => list.to_vec(),
                // Nobody knows how many rounds there are: one stands for all of them.
                Err(unknown) => vec![Data::Unknown(unknown)],
            };
            for value in rounds {
                if self.too_many_members(here, members, hidden) {
                    return;
                }
                let outer = here.env.clone();
                let env = Some(Rc::new(Binding { name: name.clone(), value, outer }));
                self.collect_members(&Here { env, ..output.clone() }, &guard, members, hidden);
            }
        }
    }
}

/// Puts loop variables into a text: `${Name}` as it is, `&{Name}` with letters and digits only.
/// `Err` is the reason of a variable that cannot be known.
pub(super) fn substitute(text: &str, env: &Env) -> Result<String, Reason> {
    let mut out = text.to_owned();
    let mut scope = env;
    while let Some(binding) = scope {
        scope = &binding.outer;
        let (dollar, and) = (format!("${{{}}}", binding.name), format!("&{{{}}}", binding.name));
        if !out.contains(&dollar) && !out.contains(&and) {
            continue;
        }
        match &binding.value {
            Data::Text(value) => {
                out = out.replace(&dollar, value);
                let bare: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
                out = out.replace(&and, &bare);
            }
            Data::Unknown(unknown) => return Err(unknown.reason.clone()),
            _ => return Err(Reason::new(format!("the loop variable {} is not a text", binding.name))),
        }
    }
    Ok(out)
}

/// Whether a document is a CloudFormation template: it has resources with types, or says that it is one.
pub(super) fn is_template(tree: &Tree, root: NodeId) -> bool {
    if tree.kind(root) != Kind::Mapping {
        return false;
    }
    let Some((_, resources)) = tree.get(root, "Resources") else { return false };
    if tree.kind(resources) != Kind::Mapping {
        return false;
    }
    tree.get(root, "AWSTemplateFormatVersion").is_some()
        || tree.get(root, "Transform").is_some()
        || tree.merged_entries(resources).iter().any(|(key, value)| {
            tree.text(*key).is_some_and(|k| k.starts_with("Fn::"))
                || tree
                    .get(*value, "Type")
                    .and_then(|(_, t)| tree.text(t))
                    .is_some_and(|t| ["AWS::", "Custom::", "Alexa::"].iter().any(|p| t.starts_with(p)))
        })
}
