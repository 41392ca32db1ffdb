//! `internet-egress`: something goes out to a large part of the Internet.

use super::{Facts, Rule, View, help};
use crate::{measure, words};

pub(super) struct InternetEgress;

impl Rule for InternetEgress {
    fn name(&self) -> &'static str {
        "internet-egress"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["AWS-0104", "AVD-AWS-0104", "W5", "CWE-284"]
    }

    fn summary(&self) -> &'static str {
        "Rules allow some ports or protocols to a large part of the Internet"
    }

    fn documentation(&self) -> &'static str {
        include_str!("../../../../docs/rules/internet-egress.md")
    }

    fn fires(&self, view: &View<'_>) -> bool {
        measure::is_large(view.set, view.family)
    }

    fn message(&self, facts: &Facts<'_>) -> String {
        let subject = words::sentence(&help::subject(facts));
        format!("{subject} {} out {}.", help::lets(facts), help::reach(facts))
    }

    fn help(&self, facts: &Facts<'_>) -> Vec<String> {
        help::narrow(facts)
    }
}
