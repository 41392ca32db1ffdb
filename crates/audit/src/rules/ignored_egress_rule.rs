//! `ignored-egress-rule`: a rule that looks like a restriction and restricts nothing.

use super::{Facts, Rule, View};
use crate::words;
use tidegate_estate::{Dialect, PolicyKind};

pub(super) struct IgnoredEgressRule;

impl Rule for IgnoredEgressRule {
    fn name(&self) -> &'static str {
        "ignored-egress-rule"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &[]
    }

    fn summary(&self) -> &'static str {
        "A rule that looks like a restriction has no effect"
    }

    fn documentation(&self) -> &'static str {
        include_str!("../../../../docs/rules/ignored-egress-rule.md")
    }

    /// It comes on top of what a policy's packets say, and is found from its rules.
    fn fires(&self, _view: &View<'_>) -> bool {
        false
    }

    fn message(&self, facts: &Facts<'_>) -> String {
        let (rule, why) = facts.ignored.unwrap_or(("", ""));
        let why = words::sentence(why.trim_end_matches('.'));
        if rule.is_empty() {
            format!("This egress rule has no effect. {why}.")
        } else {
            format!("This egress rule ({rule}) has no effect. {why}.")
        }
    }

    fn help(&self, facts: &Facts<'_>) -> Vec<String> {
        let first = match (facts.kind, facts.dialect) {
            (PolicyKind::NetworkAcl | PolicyKind::NetworkSecurityGroup | PolicyKind::VpcFirewall, _) => {
                "give the entry a lower number than those that decide before it"
            }
            (_, Dialect::Kubernetes) => "list `Egress` in `policyTypes`, so that the section counts",
            (_, Dialect::CdkPython | Dialect::CdkAssembly) => {
                "pass `allow_all_outbound=False` (or `allow_all_ipv6_outbound=False`) where the group is made, \
                 so that its rules count"
            }
            (_, Dialect::CloudFormation | Dialect::AwsDump | Dialect::AzureDump | Dialect::GcpDump) => {
                "take the rule away that makes this one pointless"
            }
        };
        vec![first.to_owned(), "or remove the rule: it only looks like a restriction".to_owned()]
    }
}
