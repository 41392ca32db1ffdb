//! `open-egress-by-default`: nothing restricts outbound traffic because nobody said anything about it.

use super::{Facts, Rule, View, help};
use crate::{measure, words};
use tidegate_estate::{Cause, PolicyKind};

pub(super) struct OpenEgressByDefault;

impl Rule for OpenEgressByDefault {
    fn name(&self) -> &'static str {
        "open-egress-by-default"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["S6463", "F1000", "CKV_AWS_382", "AWS-0104", "AVD-AWS-0104", "CWE-284", "CWE-1188"]
    }

    fn summary(&self) -> &'static str {
        "Nothing restricts outbound traffic, because it was left out and the default is open"
    }

    fn documentation(&self) -> &'static str {
        include_str!("../../../../docs/rules/open-egress-by-default.md")
    }

    fn fires(&self, view: &View<'_>) -> bool {
        measure::is_open(view.by_default, view.family)
    }

    fn message(&self, facts: &Facts<'_>) -> String {
        let subject = help::subject(facts);
        let reach =
            format!("{} {} everything out over {}", subject, help::lets(facts), help::families(facts));
        match facts.kind {
            PolicyKind::Namespace => {
                return format!(
                    "{}: it has pods that no network policy selects for egress.",
                    words::sentence(&reach)
                );
            }
            PolicyKind::UnguardedSubnet => {
                return format!(
                    "{}: it has interfaces that no network security group guards.",
                    words::sentence(&reach)
                );
            }
            _ => {}
        }
        if let Cause::Platform { rule } = facts.cause {
            let reach = words::sentence(&reach);
            return format!("{reach}: no rule closes it before the platform's own, {rule}.");
        }
        match help::left_out(facts) {
            Some(property) => format!("`{property}` is left out, so {reach}."),
            None => {
                format!("{}: the construct that makes it adds that rule by itself.", words::sentence(&reach))
            }
        }
    }

    fn help(&self, facts: &Facts<'_>) -> Vec<String> {
        help::close(facts)
    }
}
