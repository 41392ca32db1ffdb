//! Impact, likelihood and risk, with the facts that chose them.
//!
//! Every row of the table of facts is one `if` here; where two speak of the same thing the text says which
//! one went before.

use crate::config::{Trusted, untrusted};
use crate::cvss;
use crate::finding::{Level, Rating};
use crate::known::Known;
use crate::reviews::Answers;
use crate::rules::RuleId;
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
    /// Whether no workload of it has a way out.
    pub isolated: bool,
    /// What the project says of it.
    pub answers: Answers,
    /// The fact that one of its workloads can be reached from the Internet, in words.
    pub exposed: Option<&'a str>,
    /// What the input itself knows of the two questions. What somebody says goes before it.
    pub known: &'a Known,
    /// What gets out because of the finding.
    pub allows: &'a PacketSet,
}

/// Rates one finding of one policy.
pub fn rate(what: &Rated<'_>, trusted: &Trusted) -> Rating {
    let answers = what.answers;
    let sensitive = answers.sensitive_data.unwrap_or(what.known.sensitive_data.is_some());
    let private = answers.private_network.unwrap_or(what.known.private_network.is_some());
    // What nobody said but the input knows is told with what it is known from.
    let known = |answer: Option<bool>, fact: &Option<String>| match (answer, fact) {
        (None, Some(fact)) => format!(", as {fact}"),
        _ => String::new(),
    };
    let mut impact = Level::Medium;
    let mut likelihood = Level::Low;
    let mut reasons =
        vec!["base: unrestricted outbound traffic has medium impact and low likelihood".to_owned()];

    if sensitive {
        impact = Level::High;
        let why = known(answers.sensitive_data, &what.known.sensitive_data);
        reasons.push(format!("sensitive data{why}: impact high"));
    }
    if let Some(narrow) = narrowed(what, trusted) {
        if sensitive {
            impact = Level::Medium;
            reasons.push(format!("{narrow}: impact one step lower"));
        } else {
            impact = Level::Low;
            reasons.push(format!("{narrow}: impact low"));
        }
    }
    if what.rule == RuleId::EgressThroughPeer {
        likelihood = Level::Informational;
        reasons.push(
            "only through another workload, which has to relay it: likelihood informational".to_owned(),
        );
    }
    if private {
        let why = known(answers.private_network, &what.known.private_network);
        reasons.push(format!("private network{why}: isolate it, nothing in it needs the Internet by itself"));
    }
    if let Some(fact) = what.exposed {
        likelihood = Level::Medium;
        reasons.push(format!("{fact}: likelihood medium"));
    }
    if answers.sensitive_data == Some(false) && answers.private_network == Some(false) {
        impact = Level::Informational;
        reasons.push("neither sensitive data nor a private network: informational".to_owned());
    }
    if let Some(fact) = harmless(what) {
        impact = Level::Informational;
        likelihood = Level::Low;
        reasons.push(format!("{fact}: informational"));
    }
    let environment = sensitive.then_some(cvss::SENSITIVE);
    Rating {
        impact,
        likelihood,
        risk: risk(impact, likelihood),
        reasons,
        cvss_vector: cvss::VECTOR,
        cvss_score: cvss::base_score(cvss::VECTOR).unwrap_or_default(),
        cvss_environmental: environment.and_then(cvss::environmental_score),
        cvss_environmental_vector: environment,
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

/// Facts under which nothing gets out because of the policy, whatever it says.
fn harmless(what: &Rated<'_>) -> Option<&'static str> {
    if what.closed_elsewhere {
        return Some("the other network security group closes it for every workload it guards");
    }
    if what.isolated {
        return Some(match what.kind {
            PolicyKind::NetworkSecurityGroup | PolicyKind::UnguardedSubnet => {
                "security admin rules, routes and gateways leave no workload that it guards a way out"
            }
            PolicyKind::VpcFirewall => {
                "firewall policies, routes and gateways leave no workload that it guards a way out"
            }
            _ => "routes, network ACLs and gateways leave no workload that it guards a way out",
        });
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
fn narrowed(what: &Rated<'_>, trusted: &Trusted) -> Option<&'static str> {
    if what.rule != RuleId::InternetEgress {
        return None;
    }
    let beyond = untrusted(what.allows, trusted);
    if beyond.is_empty() {
        return Some("trusted destinations only");
    }
    let web = Services::tcp(80, 80).union(&Services::tcp(443, 443));
    let services = services_out(&beyond);
    if services.is_subset(&web) {
        return Some("web ports only (tcp 80 and 443)");
    }
    services.is_subset(&web.union(&trusted.services())).then_some("trusted ports only")
}

fn services_out(set: &PacketSet) -> Services {
    Services::union_all(IpFamily::BOTH.map(|family| set.services_to_any(internet::addresses(family))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use std::collections::BTreeMap;

    fn to(block: &str, services: &Services) -> PacketSet {
        PacketSet::to_block(block.parse().unwrap(), services)
    }

    fn rated(rule: RuleId, kind: PolicyKind, members: Option<u32>, set: &PacketSet, config: &str) -> Rating {
        let config = Config::parse(config).unwrap();
        let answers = config.answers("app.py", &BTreeMap::new());
        let rated = Rated {
            rule,
            kind,
            members,
            closed_elsewhere: false,
            isolated: false,
            answers,
            exposed: None,
            known: &Known::default(),
            allows: set,
        };
        rate(&rated, &config.trusted)
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
        let vector = "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:L/I:N/A:N/CR:H";
        assert_eq!(rating.cvss_environmental_vector, Some(vector));
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
    fn a_workload_that_the_internet_can_reach_makes_the_likelihood_medium() {
        let open = PacketSet::family(IpFamily::V4);
        let exposed = |answers: Answers, kind| {
            let exposed = Some("i-1 can be reached from the Internet on tcp/443");
            let rule = RuleId::OpenEgress;
            let rated = Rated {
                rule,
                kind,
                members: None,
                closed_elsewhere: false,
                isolated: false,
                answers,
                exposed,
                known: &Known::default(),
                allows: &open,
            };
            rate(&rated, &Trusted::default())
        };
        let rating = exposed(Answers::default(), PolicyKind::SecurityGroup);
        assert_eq!(
            (rating.impact, rating.likelihood, rating.risk),
            (Level::Medium, Level::Medium, Level::Medium)
        );
        assert!(rating.reasons.last().unwrap().ends_with("on tcp/443: likelihood medium"));
        let sensitive = Answers { sensitive_data: Some(true), private_network: None };
        assert_eq!(exposed(sensitive, PolicyKind::SecurityGroup).risk, Level::High);
        let neither = Answers { sensitive_data: Some(false), private_network: Some(false) };
        assert_eq!(exposed(neither, PolicyKind::SecurityGroup).risk, Level::Informational);
        assert_eq!(exposed(sensitive, PolicyKind::NetworkAcl).risk, Level::Informational);
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
