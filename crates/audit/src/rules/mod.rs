//! The rules, one file each: what fires them, what they say, what to do.

mod egress_through_peer;
mod help;
mod ignored_egress_rule;
mod internet_egress;
mod ipv6_egress_forgotten;
mod open_default_group;
mod open_egress;
mod open_egress_by_default;

use crate::finding::Confidence;
use tidegate_estate::{Cause, Dialect, PolicyKind, Remedy};
use tidegate_space::{IpFamily, PacketSet};

/// Names a rule. The order is the order in which rules are asked: the first that matches is the finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleId {
    /// A VPC's default group lets traffic out.
    OpenDefaultGroup,
    /// Nothing restricts outbound traffic because something was left out.
    OpenEgressByDefault,
    /// IPv6 is open where IPv4 is restricted.
    Ipv6EgressForgotten,
    /// Rules allow everything to practically all of the Internet.
    OpenEgress,
    /// Rules allow something to a large part of the Internet.
    InternetEgress,
    /// A rule looks like a restriction but has no effect.
    IgnoredEgressRule,
    /// A restricted workload may reach one that is not.
    EgressThroughPeer,
}

/// A policy's packets of one family in one world, as a rule sees them.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// What kind of policy it is.
    pub kind: PolicyKind,
    /// The family that is judged.
    pub family: IpFamily,
    /// What gets out.
    pub set: &'a PacketSet,
    /// The part of it that rules nobody wrote let out.
    pub by_default: &'a PacketSet,
    /// What gets out over IPv4, for the comparison of the families.
    pub over_ipv4: &'a PacketSet,
}

/// What a message and its help are written from.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// What gets out because of the finding, of all its subjects.
    pub allows: &'a PacketSet,
    /// The families it is about, IPv4 first.
    pub families: &'a [IpFamily],
    /// Kind of the policies.
    pub kind: PolicyKind,
    /// What they are written in.
    pub dialect: Dialect,
    /// How many policies.
    pub subjects: usize,
    /// The path or cloud id of the first.
    pub id: Option<&'a str>,
    /// What their author can do.
    pub remedy: &'a Remedy,
    /// Who made the rule that counts most.
    pub cause: &'a Cause,
    /// How sure the finding is.
    pub confidence: Confidence,
    /// For a rule without effect: what it looks like and why it has none.
    pub ignored: Option<(&'a str, &'a str)>,
    /// For a way through a neighbour: who reaches whom, and what that one reaches, in words.
    pub peer: Option<&'a str>,
}

/// One rule. It only matches and words; what it is asked, and in which order, is decided elsewhere.
pub trait Rule: Sync {
    /// Kebab-case, reads well after "allow".
    fn name(&self) -> &'static str;

    /// Names under which users know it from elsewhere.
    fn aliases(&self) -> &'static [&'static str];

    /// One line for lists of rules.
    fn summary(&self) -> &'static str;

    /// The rule's page, in Markdown.
    fn documentation(&self) -> &'static str;

    /// Whether it fires on a policy's packets of one family.
    fn fires(&self, view: &View<'_>) -> bool;

    /// What to tell people.
    fn message(&self, facts: &Facts<'_>) -> String;

    /// What to do next, one short paragraph or code line each.
    fn help(&self, facts: &Facts<'_>) -> Vec<String>;
}

impl RuleId {
    /// Every rule, in the order in which they are asked.
    pub const ALL: [RuleId; 7] = [
        RuleId::OpenDefaultGroup,
        RuleId::OpenEgressByDefault,
        RuleId::Ipv6EgressForgotten,
        RuleId::OpenEgress,
        RuleId::InternetEgress,
        RuleId::IgnoredEgressRule,
        RuleId::EgressThroughPeer,
    ];

    /// The rule itself.
    pub fn rule(self) -> &'static dyn Rule {
        match self {
            RuleId::OpenDefaultGroup => &open_default_group::OpenDefaultGroup,
            RuleId::OpenEgressByDefault => &open_egress_by_default::OpenEgressByDefault,
            RuleId::Ipv6EgressForgotten => &ipv6_egress_forgotten::Ipv6EgressForgotten,
            RuleId::OpenEgress => &open_egress::OpenEgress,
            RuleId::InternetEgress => &internet_egress::InternetEgress,
            RuleId::IgnoredEgressRule => &ignored_egress_rule::IgnoredEgressRule,
            RuleId::EgressThroughPeer => &egress_through_peer::EgressThroughPeer,
        }
    }

    /// Its name, kebab-case.
    pub fn name(self) -> &'static str {
        self.rule().name()
    }

    /// The rule with this name, in any case.
    pub fn from_name(name: &str) -> Option<RuleId> {
        Self::ALL.into_iter().find(|rule| rule.name().eq_ignore_ascii_case(name))
    }

    /// Names under which users know it from elsewhere.
    pub fn aliases(self) -> &'static [&'static str] {
        self.rule().aliases()
    }

    /// The rules that a name or an alias stands for, in any case; none if nobody has it.
    pub fn by_name_or_alias(name: &str) -> Vec<RuleId> {
        if let Some(rule) = Self::from_name(name) {
            return vec![rule];
        }
        let has = |rule: &RuleId| rule.aliases().iter().any(|alias| alias.eq_ignore_ascii_case(name));
        Self::ALL.into_iter().filter(has).collect()
    }

    /// One line for lists of rules.
    pub fn summary(self) -> &'static str {
        self.rule().summary()
    }

    /// The rule's page, in Markdown.
    pub fn documentation(self) -> &'static str {
        self.rule().documentation()
    }

    /// Whether the rule says that everything gets out to practically all of the Internet.
    pub(crate) fn is_open(self) -> bool {
        matches!(self, RuleId::OpenEgressByDefault | RuleId::OpenEgress)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_find_their_rule_and_aliases_every_rule_that_has_them() {
        for rule in RuleId::ALL {
            assert_eq!(RuleId::from_name(rule.name()), Some(rule));
            assert_eq!(RuleId::by_name_or_alias(&rule.name().to_uppercase()), [rule]);
        }
        assert_eq!(RuleId::by_name_or_alias("s6463"), [RuleId::OpenEgressByDefault, RuleId::OpenEgress]);
        assert!(RuleId::by_name_or_alias("CKV_AWS_24").is_empty());
    }

    #[test]
    fn every_rule_has_a_page() {
        assert!(RuleId::ALL.into_iter().all(|rule| !rule.documentation().trim().is_empty()));
    }
}
