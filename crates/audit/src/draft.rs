//! A finding in the making: one rule on one policy, before places and subjects are put together.

use crate::finding::{Affected, Confidence, PathShown, Subject, Witness};
use crate::known::Known;
use crate::rules::RuleId;
use std::collections::BTreeMap;
use std::sync::Arc;
use tidegate_estate::{Cause, Dialect, Place, Policy, Remedy, Step};
use tidegate_space::{IpFamily, PacketSet};

/// One rule on one policy.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub rule: RuleId,
    pub confidence: Confidence,
    /// The families it is about, IPv4 first; none for a rule without effect.
    pub families: Vec<IpFamily>,
    /// What gets out because of it.
    pub allows: PacketSet,
    pub subject: Subject,
    pub members: Option<u32>,
    /// Workloads that the policy guards, where the input shows any.
    pub affected: Vec<Affected>,
    /// Whether there are such workloads, and another policy that must allow as well closes it for each.
    pub closed_elsewhere: bool,
    /// Whether there are such workloads, and routes, network ACLs or gateways leave none of them a way out.
    pub isolated: bool,
    /// The fact that one of them can be reached from the Internet, in words.
    pub exposed: Option<String>,
    /// What the input knows of the two questions.
    pub known: Known,
    pub tags: BTreeMap<String, String>,
    /// The file that makes the policy.
    pub source: Arc<str>,
    pub remedy: Remedy,
    /// Who made the rule that counts most.
    pub cause: Cause,
    pub place: Place,
    pub block: Place,
    /// The block of its own around `place`, where a standalone rule is to blame.
    pub apart: Option<Place>,
    pub related: Vec<Step>,
    pub aliases: Vec<&'static str>,
    /// Words that are kept to the letter, else the rule writes its own.
    pub message: Option<&'static str>,
    /// Under which conditions it is so, where it is not always.
    pub when: Option<String>,
    /// For a rule without effect: what it looks like and why it has none.
    pub ignored: Option<(String, String)>,
    /// For a way through a neighbour: who reaches whom, and what that one reaches, in words.
    pub peer: Option<String>,
    /// The way of one packet, where the input shows routes.
    pub path: Option<PathShown>,
    /// One packet, where it is not one that reaches the Internet.
    pub witness: Option<Witness>,
}

impl Draft {
    /// A draft that says nothing yet, located at the policy.
    pub fn of(policy: &Policy, rule: RuleId, confidence: Confidence) -> Self {
        Self {
            rule,
            confidence,
            families: Vec::new(),
            allows: PacketSet::empty(),
            subject: Subject::of(policy),
            members: policy.members,
            affected: Vec::new(),
            closed_elsewhere: false,
            isolated: false,
            exposed: None,
            known: Known::default(),
            tags: policy.tags.clone(),
            source: policy.place.path.clone(),
            remedy: policy.remedy.clone(),
            cause: Cause::Written,
            place: policy.place.clone(),
            block: policy.block.clone(),
            apart: None,
            related: policy.chain.clone(),
            aliases: aliases(rule, policy.dialect),
            message: None,
            when: None,
            ignored: None,
            peer: None,
            path: None,
            witness: None,
        }
    }
}

/// Ids under which other scanners of the dialect report the same thing.
pub(crate) fn aliases(rule: RuleId, dialect: Dialect) -> Vec<&'static str> {
    match (dialect, rule) {
        (Dialect::CdkPython, _) => vec![],
        // The account-wide check of Security Hub; others look at templates and code.
        (Dialect::AwsDump, RuleId::OpenDefaultGroup) => vec!["EC2.2"],
        (Dialect::AwsDump, _) => vec![],
        (Dialect::AzureDump, RuleId::OpenEgress | RuleId::OpenEgressByDefault) => vec!["AVD-AZU-0051"],
        (Dialect::AzureDump, _) => vec![],
        (Dialect::GcpDump, RuleId::OpenEgress) => vec!["AVD-GCP-0035"],
        (Dialect::GcpDump, _) => vec![],
        (Dialect::Kubernetes, RuleId::OpenEgress) => vec!["AVD-KUBE-0002"],
        (Dialect::Kubernetes, _) => vec![],
        (Dialect::CloudFormation | Dialect::CdkAssembly, rule) => match rule {
            RuleId::OpenEgressByDefault => vec!["F1000"],
            RuleId::OpenEgress => vec!["CKV_AWS_382", "AVD-AWS-0104", "W5", "W40"],
            RuleId::InternetEgress | RuleId::Ipv6EgressForgotten => vec!["AVD-AWS-0104", "W5"],
            RuleId::OpenDefaultGroup | RuleId::IgnoredEgressRule | RuleId::EgressThroughPeer => vec![],
        },
    }
}
