//! `open-default-group`: the group that a workload gets when nobody names one lets traffic out.

use super::{Facts, Rule, View, help};
use crate::{measure, words};
use tidegate_estate::PolicyKind;

pub(super) struct OpenDefaultGroup;

impl Rule for OpenDefaultGroup {
    fn name(&self) -> &'static str {
        "open-default-group"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["CWE-284"]
    }

    fn summary(&self) -> &'static str {
        "A VPC's default security group lets traffic out to the Internet"
    }

    fn documentation(&self) -> &'static str {
        include_str!("../../../../docs/rules/open-default-group.md")
    }

    fn fires(&self, view: &View<'_>) -> bool {
        view.kind == PolicyKind::DefaultSecurityGroup && measure::reaches(view.set, view.family)
    }

    fn message(&self, facts: &Facts<'_>) -> String {
        let subject = words::sentence(&help::subject(facts));
        format!("{subject} {} out {}.", help::lets(facts), help::reach(facts))
    }

    fn help(&self, facts: &Facts<'_>) -> Vec<String> {
        help::close(facts)
    }
}
