//! `open-egress`: rules that together leave nothing of the Internet out.

use super::{Facts, Rule, View, help};
use crate::finding::Confidence;
use crate::{measure, words};

pub(super) struct OpenEgress;

impl Rule for OpenEgress {
    fn name(&self) -> &'static str {
        "open-egress"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["S6463", "CKV_AWS_382", "AWS-0104", "AVD-AWS-0104", "W5", "W40", "CWE-284"]
    }

    fn summary(&self) -> &'static str {
        "Rules allow every protocol and port to practically all of the Internet"
    }

    fn documentation(&self) -> &'static str {
        include_str!("../../../../docs/rules/open-egress.md")
    }

    fn fires(&self, view: &View<'_>) -> bool {
        measure::is_open(view.set, view.family)
    }

    fn message(&self, facts: &Facts<'_>) -> String {
        if facts.confidence == Confidence::Declared {
            let families = help::families(facts);
            return format!(
                "The code takes {} for one that lets everything out over {families}.",
                help::subject(facts)
            );
        }
        let subject = words::sentence(&help::subject(facts));
        format!("{subject} {} everything out ({}).", help::lets(facts), help::reach(facts))
    }

    fn help(&self, facts: &Facts<'_>) -> Vec<String> {
        if facts.confidence == Confidence::Declared {
            return vec!["look at the rules where the group is made: this code only refers to it".to_owned()];
        }
        help::close(facts)
    }
}
