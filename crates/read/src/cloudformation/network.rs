//! From a unit's resources to its policies: who is who, and what belongs to whom.

use super::data::{Data, Symbol};
use super::template::{Resource, ResourceKind, Template};
use super::unit::Unit;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::rc::Rc;
use tidegate_estate::{
    Confirmation, Dialect, Direction, Guard, Opaque, Place, Policy, PolicyKind, Provider, Reason, Remedy,
};

/// A resource by template and index.
pub(super) type Id = (usize, usize);

/// The policies of a unit while they are put together.
pub(super) struct Network<'u, 'f> {
    pub(super) unit: &'u Unit<'f>,
    /// Customer prefix lists by their index in the estate.
    pub(super) lists: FxHashMap<Id, usize>,
    /// Worlds in which a VPC has IPv6 addresses.
    pub(super) ipv6: FxHashMap<Id, Guard>,
    /// Unknown values that VPCs and subnets have as their IPv4 block.
    pub(super) blocks: FxHashSet<Rc<str>>,
    pub(super) drafts: Vec<Draft>,
    /// Groups and ACLs of the unit.
    pub(super) known: FxHashMap<Id, usize>,
    /// Groups and ACLs from elsewhere, to which the unit only adds.
    pub(super) foreign: FxHashMap<(PolicyKind, String), usize>,
}

/// A policy that is not complete yet.
pub(super) struct Draft {
    pub(super) policy: Policy,
    /// Worlds in which no egress is written on the group itself.
    pub(super) absent: Guard,
    /// Worlds in which the written egress is an empty list.
    pub(super) empty: Guard,
    /// Worlds in which an egress rule is attached from outside of the group.
    pub(super) attached: Guard,
    /// Worlds in which its VPC has IPv6 addresses.
    pub(super) ipv6: Guard,
    /// Worlds in which the default IPv4 rule is taken away.
    pub(super) revoked: Guard,
    /// Where it says nothing: the property that has no value, else the group.
    pub(super) silent_at: Place,
}

/// Works out every policy of the unit and puts it into the estate.
pub(super) fn collect(unit: &Unit) {
    let mut network = Network {
        unit,
        lists: FxHashMap::default(),
        ipv6: FxHashMap::default(),
        blocks: FxHashSet::default(),
        drafts: Vec::new(),
        known: FxHashMap::default(),
        foreign: FxHashMap::default(),
    };
    network.each(|network, template, id, resource| match resource.kind {
        ResourceKind::PrefixList => network.read_prefix_list(template, id, resource),
        ResourceKind::VpcCidrBlock => {
            network.read_ipv6_block(template, resource);
            network.read_ipv4_block(resource);
        }
        ResourceKind::Vpc | ResourceKind::Subnet => network.read_ipv4_block(resource),
        _ => {}
    });
    network.each(|network, template, id, resource| match resource.kind {
        ResourceKind::SecurityGroup => network.read_group(template, id, resource),
        ResourceKind::Vpc => network.read_default_group(template, id, resource),
        ResourceKind::NetworkAcl => network.read_acl(template, id, resource),
        _ => {}
    });
    network.each(|network, template, id, resource| match resource.kind {
        ResourceKind::SecurityGroupEgress => network.attach(template, id, resource, Direction::Egress),
        ResourceKind::SecurityGroupIngress => network.attach(template, id, resource, Direction::Ingress),
        ResourceKind::RestrictDefaultGroup => network.restrict(template, resource),
        ResourceKind::NetworkAclEntry => network.attach_entry(template, id, resource),
        ResourceKind::Stack | ResourceKind::ServerlessApplication => {
            network.read_unread_stack(template, id, resource);
        }
        _ => {}
    });
    let drafts = std::mem::take(&mut network.drafts);
    let policies: Vec<Policy> = drafts.into_iter().map(|draft| network.complete(draft)).collect();
    unit.estate.borrow_mut().policies.extend(policies);
}

impl Network<'_, '_> {
    fn each(&mut self, mut f: impl FnMut(&mut Self, &Rc<Template>, Id, &Resource)) {
        for template in self.unit.templates() {
            let resources = template.resources();
            for (index, resource) in resources.list.iter().enumerate() {
                if resource.kind != ResourceKind::Other {
                    f(self, &template, (template.id, index), resource);
                }
            }
        }
    }

    /// Worlds in which a resource exists.
    pub(super) fn exists(&self, template: &Rc<Template>, resource: &Resource) -> Guard {
        self.unit.exists(template, resource)
    }

    /// A policy that a resource makes, still without rules.
    pub(super) fn policy(&self, template: &Rc<Template>, resource: &Resource, kind: PolicyKind) -> Draft {
        self.unit.take_steps();
        let exists = self.exists(template, resource);
        let construct = self.construct_path(template, resource);
        let path = construct.clone().unwrap_or_else(|| format!("{}{}", template.prefix, resource.logical));
        let name = match &construct {
            Some(path) => path.rsplit('/').next().unwrap_or(path).to_owned(),
            None => resource.logical.to_string(),
        };
        let mut chain = self.chain(template);
        chain.extend(self.unit.take_steps());
        chain.extend(template.constructs.get(&*resource.logical).and_then(|c| c.made.clone()));
        let pseudo = |name: &str| {
            template.pseudo.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
        };
        Draft {
            policy: Policy {
                kind,
                provider: Provider::Aws,
                dialect: self.unit.dialect,
                name: Some(name),
                path: Some(path),
                enclosing: None,
                account: pseudo("AWS::AccountId"),
                region: pseudo("AWS::Region"),
                tags: BTreeMap::new(),
                exists,
                confirmation: Confirmation::Created,
                place: template.place(resource.key),
                block: template.place(resource.whole),
                apart: Vec::new(),
                chain,
                rules: Vec::new(),
                ignored: Vec::new(),
                opaque: self.macros(template),
                members: None,
                remedy: Remedy::Rules,
                direct_call: None,
            },
            absent: Guard::Never,
            empty: Guard::Never,
            attached: Guard::Never,
            ipv6: Guard::Never,
            revoked: Guard::Never,
            silent_at: template.place(resource.key),
        }
    }

    /// Notes what a VPC or a subnet has as its block where that is unknown.
    fn read_ipv4_block(&mut self, resource: &Resource) {
        for (_, data) in self.unit.properties(resource).cases("CidrBlock") {
            if let Data::Unknown(unknown) = data {
                self.blocks.extend(unknown.key.clone());
            }
        }
    }

    /// A nested stack without its template: it may make groups, and change those that are handed to it.
    fn read_unread_stack(&mut self, template: &Rc<Template>, id: Id, resource: &Resource) {
        let Some(reason) = template.unread.borrow().get(&id.1).cloned() else { return };
        let mut draft = self.policy(template, resource, PolicyKind::UnreadStack);
        let exists = draft.policy.exists.clone();
        if exists == Guard::Never {
            return;
        }
        Self::opaque(&mut draft.policy, Guard::Always, reason.clone());
        self.drafts.push(draft);
        let Some(properties) = self.unit.field(&resource.body, "Properties") else { return };
        let Some(parameters) = self.unit.field(&properties.value, "Parameters") else { return };
        for node in template.tree.below(parameters.value.node) {
            let Some(text) = template.tree.text(node) else { continue };
            for at in self.groups_named_in(template, text) {
                if let Some(draft) = self.drafts.get_mut(at) {
                    Self::opaque(&mut draft.policy, exists.clone(), reason.clone());
                }
            }
        }
    }

    /// Groups of a template that a text refers to: `Group`, `Group.GroupId`, `${Group.GroupId}`.
    fn groups_named_in(&self, template: &Rc<Template>, text: &str) -> Vec<usize> {
        let resources = template.resources();
        let words = text.split(|c: char| !c.is_ascii_alphanumeric());
        words
            .filter_map(|word| resources.find(word))
            .filter_map(|index| self.known.get(&(template.id, index)).copied())
            .filter(|at| self.drafts.get(*at).is_some_and(|d| d.policy.kind == PolicyKind::SecurityGroup))
            .collect()
    }

    /// The nested stacks that lead to a template, outermost first.
    fn chain(&self, template: &Rc<Template>) -> Vec<tidegate_estate::Step> {
        let mut chain = Vec::new();
        let mut current = Some(template.clone());
        while let Some(template) = current {
            let Some(parent) = &template.parent else { break };
            let Some(outer) = self.unit.template(parent.template) else { break };
            let resources = outer.resources();
            if let Some(resource) = resources.find(&parent.logical).and_then(|at| resources.list.get(at)) {
                chain.push(tidegate_estate::Step {
                    message: format!("the nested stack {} is made here", parent.logical),
                    place: outer.place(resource.key),
                });
            }
            current = Some(outer);
        }
        chain.reverse();
        chain
    }

    fn macros(&self, template: &Template) -> Vec<Opaque> {
        let reasons = template.macros.borrow();
        reasons.iter().map(|reason| Opaque { reason: reason.clone(), guard: Guard::Always }).collect()
    }

    /// The construct path of a resource in an assembly.
    fn construct_path(&self, template: &Template, resource: &Resource) -> Option<String> {
        if self.unit.dialect != Dialect::CdkAssembly {
            return None;
        }
        let written = self
            .unit
            .field(&resource.body, "Metadata")
            .and_then(|metadata| self.unit.field(&metadata.value, "aws:cdk:path"))
            .and_then(|path| template.tree.text(path.value.node).map(str::to_owned));
        let path = written.or_else(|| template.constructs.get(&*resource.logical).map(|c| c.path.clone()))?;
        Some(path.strip_suffix("/Resource").unwrap_or(&path).to_owned())
    }

    /// Remembers a policy of the unit.
    pub(super) fn add(&mut self, id: Id, draft: Draft) {
        self.known.insert(id, self.drafts.len());
        self.drafts.push(draft);
    }

    /// The group that a symbol names, if the unit makes it.
    pub(super) fn group_of(&self, symbol: &Symbol) -> Option<usize> {
        let at = *self.known.get(&(symbol.template, symbol.resource))?;
        let kind = self.drafts.get(at)?.policy.kind;
        match kind {
            PolicyKind::SecurityGroup => Some(at),
            PolicyKind::DefaultSecurityGroup => (*symbol.attribute == *"DefaultSecurityGroup").then_some(at),
            _ => None,
        }
    }

    /// What a group is called as the other end of a rule.
    pub(super) fn group_name(&self, data: &Data) -> String {
        match data {
            Data::Text(text) => text.to_string(),
            Data::Symbol(symbol) => self
                .group_of(symbol)
                .and_then(|at| self.drafts.get(at))
                .and_then(|draft| draft.policy.path.clone())
                .unwrap_or_else(|| self.unit.symbol_name(symbol)),
            Data::Unknown(unknown) => {
                unknown.key.as_deref().map_or_else(|| unknown.reason.text.to_string(), str::to_owned)
            }
            Data::Absent | Data::List(_) | Data::Node(_) => "a group that is not named".into(),
        }
    }

    /// The policy from elsewhere that some values name. It is named after the resource that adds to it.
    pub(super) fn foreign(
        &mut self,
        kind: PolicyKind,
        values: &[Data],
        template: &Rc<Template>,
        resource: &Resource,
    ) -> usize {
        let mut names: Vec<String> = Vec::new();
        for value in values {
            names.push(match value {
                Data::Text(text) => text.to_string(),
                Data::Symbol(symbol) => self.unit.symbol_name(symbol),
                Data::Unknown(unknown) if unknown.key.is_some() => self.group_name(value),
                // Nothing says that it is the same as any other.
                _ => format!("{}{}", template.prefix, resource.logical),
            });
        }
        let key = (kind, names.join(" "));
        if let Some(at) = self.foreign.get(&key) {
            return *at;
        }
        let draft = self.policy(template, resource, kind);
        self.foreign.insert(key, self.drafts.len());
        self.drafts.push(draft);
        self.drafts.len() - 1
    }

    /// Adds to a policy something that may change it.
    pub(super) fn opaque(policy: &mut Policy, guard: Guard, reason: Reason) {
        let opaque = Opaque { reason, guard };
        if !policy.opaque.contains(&opaque) {
            policy.opaque.push(opaque);
        }
    }

    /// A place for a thing of a resource: where it is written, else the resource's name.
    pub(super) fn place_or_key(
        &self,
        written: Option<Place>,
        template: &Template,
        resource: &Resource,
    ) -> Place {
        written.unwrap_or_else(|| template.place(resource.key))
    }
}
