//! The group that every VPC has without anybody writing it.

use super::data::{Data, cross};
use super::network::{Id, Network};
use super::template::{Resource, ResourceKind, Template};
use crate::tree::{Kind, NodeId, Tree};
use std::rc::Rc;
use tidegate_estate::{Guard, PolicyKind, Remedy};

/// Types whose network interfaces get the default group when none of these properties is given.
/// (CloudFormation, the types' pages: each says that the VPC's default group is used.)
const IMPLICIT_MEMBERS: [(&str, &[&str]); 12] = [
    ("AWS::EC2::Instance", &["SecurityGroupIds", "SecurityGroups", "NetworkInterfaces", "LaunchTemplate"]),
    ("AWS::EC2::NetworkInterface", &["GroupSet"]),
    ("AWS::EC2::VPCEndpoint", &["SecurityGroupIds"]),
    ("AWS::AutoScaling::LaunchConfiguration", &["SecurityGroups"]),
    ("AWS::ECS::Service", &["NetworkConfiguration"]),
    ("AWS::EFS::MountTarget", &["SecurityGroups"]),
    ("AWS::ElasticLoadBalancing::LoadBalancer", &["SecurityGroups"]),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", &["SecurityGroups"]),
    ("AWS::ElastiCache::ReplicationGroup", &["SecurityGroupIds", "CacheSecurityGroupNames"]),
    ("AWS::RDS::DBCluster", &["VpcSecurityGroupIds"]),
    ("AWS::RDS::DBInstance", &["VPCSecurityGroups", "DBSecurityGroups", "DBClusterIdentifier"]),
    ("AWS::Redshift::Cluster", &["VpcSecurityGroupIds", "ClusterSecurityGroups"]),
];

impl Network<'_, '_> {
    /// The default group of an `AWS::EC2::VPC`.
    pub(super) fn read_default_group(&mut self, template: &Rc<Template>, id: Id, resource: &Resource) {
        let mut draft = self.policy(template, resource, PolicyKind::DefaultSecurityGroup);
        let suffix = |name: &mut Option<String>| {
            if let Some(name) = name {
                name.push_str(".DefaultSecurityGroup");
            }
        };
        suffix(&mut draft.policy.path);
        suffix(&mut draft.policy.name);
        draft.policy.remedy = Remedy::DefaultGroup;
        draft.policy.members = Some(members(template, &resource.logical));
        draft.absent = Guard::Always;
        draft.ipv6 = self.ipv6.get(&id).cloned().unwrap_or(Guard::Never);
        self.read_tags(&self.unit.properties(resource), &mut draft.policy);
        self.add(id, draft);
    }

    /// `Custom::VpcRestrictDefaultSG`, which CDK makes: it takes the IPv4 rule of the default group away.
    pub(super) fn restrict(&mut self, template: &Rc<Template>, resource: &Resource) {
        let exists = self.exists(template, resource);
        let properties = self.unit.properties(resource);
        let group = properties.cases("DefaultSecurityGroupId");
        let vpc = properties.cases("VpcId");
        let pairs = cross(&group, &vpc, |group, vpc| (group.clone(), vpc.clone())).unwrap_or_default();
        for (guard, (group, vpc)) in pairs {
            let symbol = match (&group, &vpc) {
                (Data::Symbol(symbol), _) | (_, Data::Symbol(symbol)) => symbol,
                _ => continue,
            };
            let at = self.known.get(&(symbol.template, symbol.resource)).copied();
            if let Some(draft) = at.and_then(|at| self.drafts.get_mut(at))
                && draft.policy.kind == PolicyKind::DefaultSecurityGroup
            {
                let guard = exists.clone().and(guard);
                draft.revoked = std::mem::replace(&mut draft.revoked, Guard::Never).or(guard);
            }
        }
    }
}

/// How many places of a template put something into the default group of a VPC, by name or by leaving the
/// groups out.
fn members(template: &Template, vpc: &str) -> u32 {
    let tree = &template.tree;
    let resources = template.resources();
    // A rule for the group is not a member of it, nor is a permission to change it.
    let rules: Vec<_> = resources
        .list
        .iter()
        .filter(|r| {
            matches!(
                r.kind,
                ResourceKind::SecurityGroupEgress
                    | ResourceKind::SecurityGroupIngress
                    | ResourceKind::RestrictDefaultGroup
            ) || type_of(tree, r.body.node).is_some_and(|kind| kind.starts_with("AWS::IAM::"))
        })
        .map(|r| r.whole)
        .collect();
    let implicit = resources.list.iter().filter(|r| r.kind == ResourceKind::Other);
    let implicit = implicit.filter(|r| is_implicit_member(tree, r.body.node)).count() as u32;
    if !tree.mentions("DefaultSecurityGroup") {
        return implicit;
    }
    let dotted = format!("{vpc}.DefaultSecurityGroup");
    let embedded = format!("${{{dotted}}}");
    let mut count = 0u32;
    let mut previous: Option<NodeId> = None;
    for node in tree.all() {
        let before = previous.replace(node);
        if tree.kind(node) != Kind::Plain && tree.kind(node) != Kind::Text {
            continue;
        }
        let named = tree.is(node, "DefaultSecurityGroup") && before.is_some_and(|b| tree.is(b, vpc))
            || tree.text(node).is_some_and(|text| text == dotted || text.contains(&embedded));
        if named {
            let span = tree.span(node);
            if !rules.iter().any(|r| r.start <= span.start && span.end <= r.end) {
                count += 1;
            }
        }
    }
    count + implicit
}

fn type_of(tree: &Tree, body: NodeId) -> Option<&str> {
    tree.get(body, "Type").and_then(|(_, kind)| tree.text(kind))
}

fn is_implicit_member(tree: &Tree, body: NodeId) -> bool {
    let Some(kind) = type_of(tree, body) else { return false };
    let Some((_, properties)) = IMPLICIT_MEMBERS.iter().find(|(name, _)| *name == kind) else { return false };
    match tree.get(body, "Properties") {
        Some((_, map)) => properties.iter().all(|name| tree.get(map, name).is_none()),
        None => true,
    }
}
