//! `ipv6-egress-forgotten`: IPv6 goes where IPv4 may not.

use super::{Facts, Rule, View, help};
use crate::{measure, words};
use tidegate_space::IpFamily;

pub(super) struct Ipv6EgressForgotten;

impl Rule for Ipv6EgressForgotten {
    fn name(&self) -> &'static str {
        "ipv6-egress-forgotten"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["AWS-0104", "AVD-AWS-0104", "W5", "CWE-284"]
    }

    fn summary(&self) -> &'static str {
        "What goes out over IPv6 to a large part of the Internet is restricted over IPv4"
    }

    fn documentation(&self) -> &'static str {
        include_str!("../../../../docs/rules/ipv6-egress-forgotten.md")
    }

    fn fires(&self, view: &View<'_>) -> bool {
        view.family == IpFamily::V6
            && measure::is_large(view.set, IpFamily::V6)
            && !measure::large_over_ipv6_only(view.set, view.over_ipv4).is_empty()
    }

    fn message(&self, facts: &Facts<'_>) -> String {
        let subject = words::sentence(&help::subject(facts));
        let reach = help::reach(facts);
        format!("{subject} {} out {reach}, while IPv4 is restricted.", help::lets(facts))
    }

    fn help(&self, facts: &Facts<'_>) -> Vec<String> {
        let mut lines = vec![
            "give IPv6 the same limits as IPv4, or take the IPv6 rule away if nothing needs it".to_owned(),
        ];
        lines.extend(help::narrow(facts));
        lines
    }
}
