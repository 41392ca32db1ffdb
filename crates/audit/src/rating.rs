//! Impact, likelihood and risk, with the facts that chose them.
//!
//! Every row of the table of facts is one `if` here; where two speak of the same thing the text says which
//! one went before.

use crate::config::{Answer, Config, untrusted};
use crate::cvss::{self, Requirement};
use crate::finding::{Level, Rating};
use crate::rules::RuleId;
use std::collections::BTreeMap;
use tidegate_estate::PolicyKind;
use tidegate_space::{IpFamily, PacketSet, Services, internet};

/// What a rating is made from.
#[derive(Debug, Clone, Copy)]
pub struct Rated<'a> {
    /// Which rule fired.
    pub rule: RuleId,
    /// Kind of the policy.
    pub kind: PolicyKind,
    /// How many workloads use it, where somebody counted.
    pub members: Option<u32>,
    /// Whether another policy closes it for every workload.
    pub closed_elsewhere: bool,
    /// The file that makes it.
    pub path: &'a str,
    /// Its tags.
    pub tags: &'a BTreeMap<String, String>,
    /// What gets out because of the finding.
    pub allows: &'a PacketSet,
}

/// Rates one finding of one policy.
pub fn rate(what: &Rated<'_>, config: &Config) -> Rating {
    let answer = config.answer(what.path, what.tags);
    let sensitive = answer.and_then(|answer| answer.sensitive_data);
    let mut impact = Level::Medium;
    let mut likelihood = Level::Low;
    let mut reasons =
        vec!["base: unrestricted outbound traffic has medium impact and low likelihood".to_owned()];

    if sensitive == Some(true) {
        impact = Level::High;
        reasons.push("sensitive data: impact high".to_owned());
    }
    if let Some(narrow) = narrowed(what, config) {
        if sensitive == Some(true) {
            impact = Level::Medium;
            reasons.push(format!("{narrow}: impact one step lower"));
        } else {
            impact = Level::Low;
            reasons.push(format!("{narrow}: impact low"));
        }
    }
    if answer.and_then(|answer| answer.private_network) == Some(true) {
        reasons.push("private network: isolate it, nothing in it needs the Internet by itself".to_owned());
    }
    if both_no(answer) {
        impact = Level::Informational;
        reasons.push("neither sensitive data nor a private network: informational".to_owned());
    }
    if let Some(fact) = harmless(what) {
        impact = Level::Informational;
        likelihood = Level::Low;
        reasons.push(format!("{fact}: informational"));
    }
    let requirement = if sensitive == Some(true) { Requirement::High } else { Requirement::Medium };
    Rating {
        impact,
        likelihood,
        risk: risk(impact, likelihood),
        reasons,
        cvss_vector: cvss::VECTOR,
        cvss_score: cvss::base(),
        cvss_environmental: (requirement == Requirement::High).then(|| cvss::environmental(requirement)),
    }
}

/// The matrix: impact + likelihood − 3, kept within the scale.
pub fn risk(impact: Level, likelihood: Level) -> Level {
    match (impact as u8 + likelihood as u8).saturating_sub(3) {
        0 | 1 => Level::Informational,
        2 => Level::Low,
        3 => Level::Medium,
        4 => Level::High,
        _ => Level::Critical,
    }
}

fn both_no(answer: Option<&Answer>) -> bool {
    answer.is_some_and(|a| a.sensitive_data == Some(false) && a.private_network == Some(false))
}

/// Facts under which nothing gets out because of the policy, whatever it says.
fn harmless(what: &Rated<'_>) -> Option<&'static str> {
    if what.closed_elsewhere {
        return Some("the other network security group closes it for every workload it guards");
    }
    match what.kind {
        PolicyKind::NetworkAcl => Some("a network ACL on its own: the second gate, never a grant"),
        PolicyKind::DefaultSecurityGroup if what.members.unwrap_or(0) == 0 => {
            Some("a default group without known members")
        }
        PolicyKind::DefaultSecurityGroup
        | PolicyKind::SecurityGroup
        | PolicyKind::SecurityGroupUnion
        | PolicyKind::UnreadStack
        | PolicyKind::NetworkSecurityGroup
        | PolicyKind::UnguardedSubnet
        | PolicyKind::VpcFirewall
        | PolicyKind::NetworkPolicy
        | PolicyKind::NetworkPolicyUnion
        | PolicyKind::Namespace => None,
    }
}

/// Whether only web or trusted traffic gets out, in words.
fn narrowed(what: &Rated<'_>, config: &Config) -> Option<&'static str> {
    if what.rule != RuleId::InternetEgress {
        return None;
    }
    let beyond = untrusted(what.allows, &config.trusted);
    if beyond.is_empty() {
        return Some("trusted destinations only");
    }
    let web = Services::tcp(80, 80).union(&Services::tcp(443, 443));
    let services = services_out(&beyond);
    if services.is_subset(&web) {
        return Some("web ports only (tcp 80 and 443)");
    }
    services.is_subset(&web.union(&config.trusted.services())).then_some("trusted ports only")
}

fn services_out(set: &PacketSet) -> Services {
    Services::union_all(IpFamily::BOTH.map(|family| set.services_to_any(internet::addresses(family))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(block: &str, services: &Services) -> PacketSet {
        PacketSet::to_block(block.parse().unwrap(), services)
    }

    fn rated(rule: RuleId, kind: PolicyKind, members: Option<u32>, set: &PacketSet, config: &str) -> Rating {
        let config = Config::parse(config).unwrap();
        let tags = BTreeMap::new();
        rate(
            &Rated { rule, kind, members, closed_elsewhere: false, path: "app.py", tags: &tags, allows: set },
            &config,
        )
    }

    fn group(rule: RuleId, set: &PacketSet, config: &str) -> Rating {
        rated(rule, PolicyKind::SecurityGroup, None, set, config)
    }

    const SENSITIVE: &str = "[[answers]]\nsensitive_data = true";
    const BOTH_NO: &str = "[[answers]]\nsensitive_data = false\nprivate_network = false";

    #[test]
    fn the_base_is_medium_impact_low_likelihood_low_risk_and_3_7() {
        let rating = group(RuleId::OpenEgress, &PacketSet::family(IpFamily::V4), "");
        assert_eq!((rating.impact, rating.likelihood, rating.risk), (Level::Medium, Level::Low, Level::Low));
        assert_eq!((rating.cvss_score, rating.cvss_environmental), (3.7, None));
        assert_eq!(rating.reasons.len(), 1);
    }

    #[test]
    fn sensitive_data_makes_the_impact_high_and_the_environmental_score_4_4() {
        let rating = group(RuleId::OpenEgress, &PacketSet::family(IpFamily::V4), SENSITIVE);
        assert_eq!((rating.impact, rating.risk), (Level::High, Level::Medium));
        assert_eq!((rating.cvss_score, rating.cvss_environmental), (3.7, Some(4.4)));
        assert_eq!(rating.cvss_vector, "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:L/I:N/A:N");
    }

    #[test]
    fn a_private_network_keeps_the_base_and_asks_to_isolate_it() {
        let private = "[[answers]]\nprivate_network = true";
        let rating = group(RuleId::OpenEgress, &PacketSet::family(IpFamily::V4), private);
        assert_eq!(rating.risk, Level::Low);
        assert!(rating.reasons.iter().any(|reason| reason.contains("isolate")));
    }

    #[test]
    fn two_answers_of_no_make_it_informational_one_does_not() {
        let open = PacketSet::family(IpFamily::V4);
        assert_eq!(group(RuleId::OpenEgress, &open, BOTH_NO).risk, Level::Informational);
        let one = "[[answers]]\nsensitive_data = false";
        assert_eq!(group(RuleId::OpenEgress, &open, one).risk, Level::Low);
    }

    #[test]
    fn an_acl_alone_and_a_default_group_without_members_are_informational_even_with_sensitive_data() {
        let open = PacketSet::family(IpFamily::V4);
        let acl = rated(RuleId::OpenEgress, PolicyKind::NetworkAcl, None, &open, SENSITIVE);
        assert_eq!(acl.risk, Level::Informational);
        for (members, risk) in
            [(None, Level::Informational), (Some(0), Level::Informational), (Some(3), Level::Low)]
        {
            let kind = PolicyKind::DefaultSecurityGroup;
            assert_eq!(rated(RuleId::OpenDefaultGroup, kind, members, &open, "").risk, risk);
        }
    }

    #[test]
    fn web_ports_only_are_informational_and_dns_with_them_is_base() {
        let web = to("0.0.0.0/0", &Services::tcp(443, 443).union(&Services::tcp(80, 80)));
        assert_eq!(group(RuleId::InternetEgress, &web, "").risk, Level::Informational);
        let dns = web.union(&to("0.0.0.0/0", &Services::udp(53, 53)));
        assert_eq!(group(RuleId::InternetEgress, &dns, "").risk, Level::Low);
        let all_tcp = to("0.0.0.0/0", &Services::protocol(6));
        assert_eq!(group(RuleId::InternetEgress, &all_tcp, "").risk, Level::Low);
    }

    #[test]
    fn other_ports_to_private_addresses_do_not_spoil_web_ports_only() {
        let set = to("0.0.0.0/0", &Services::tcp(443, 443)).union(&to("10.0.0.0/8", &Services::all()));
        assert_eq!(group(RuleId::InternetEgress, &set, "").risk, Level::Informational);
    }

    #[test]
    fn trusted_ports_and_trusted_destinations_are_informational() {
        let odd = to("0.0.0.0/0", &Services::tcp(8443, 8443));
        assert_eq!(group(RuleId::InternetEgress, &odd, "").risk, Level::Low);
        let ports = "[trusted]\nports = [\"tcp/8443\"]";
        assert_eq!(group(RuleId::InternetEgress, &odd, ports).risk, Level::Informational);
        let partner = to("52.0.0.0/7", &Services::all());
        let trusted = "[trusted]\ndestinations = [\"52.0.0.0/7\"]";
        assert_eq!(group(RuleId::InternetEgress, &partner, "").risk, Level::Low);
        assert_eq!(group(RuleId::InternetEgress, &partner, trusted).risk, Level::Informational);
    }

    #[test]
    fn narrowing_is_rewarded_with_sensitive_data_too() {
        let web = to("0.0.0.0/0", &Services::tcp(443, 443));
        assert_eq!(group(RuleId::InternetEgress, &web, SENSITIVE).risk, Level::Low);
    }

    #[test]
    fn risk_is_impact_plus_likelihood_less_three_within_the_scale() {
        use Level::{Critical, High, Informational, Low, Medium};
        assert_eq!(risk(Medium, Low), Low);
        assert_eq!(risk(Informational, Informational), Informational);
        assert_eq!(risk(Critical, Critical), Critical);
        assert_eq!(risk(High, Medium), High);
    }
}
