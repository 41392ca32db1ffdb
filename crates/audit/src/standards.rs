//! Standards that speak of what a finding shows: weaknesses, requirements that name outbound traffic, and what an
//! attacker does with it. One that is only about networks in general is not here.
//!
//! Sources: CWE (<https://cwe.mitre.org>); PCI DSS v4.0.1 and v3.2.1 (PCI Security Standards Council); NIST SP
//! 800-53 Rev. 5 and SP 800-171 Rev. 2; the CMMC model, whose practice is that of SP 800-171; MITRE ATT&CK for
//! Enterprise; the AWS Security Hub control that checks what the CIS AWS Foundations Benchmark asks of the default
//! group.

use crate::measure;
use crate::rules::RuleId;
use tidegate_space::{IpFamily, PacketSet, Services, protocol};

/// A standard, or the part of one, that a finding falls under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Standard {
    /// How it is cited (`CWE-284`, `PCI DSS 4.0.1 1.3.2`).
    pub id: &'static str,
    /// What it says, in a few words.
    pub name: &'static str,
    /// Where it can be read.
    pub url: &'static str,
}

/// When a standard speaks of a finding.
#[derive(Debug, Clone, Copy)]
enum When {
    /// These rules.
    Rules(&'static [RuleId]),
    /// Whatever lets packets out to a large part of the Internet.
    Out,
    /// The same, on this traffic.
    Traffic(Traffic),
}

/// Traffic by what an attacker can do with it.
#[derive(Debug, Clone, Copy)]
enum Traffic {
    /// tcp/443
    Https,
    /// tcp/80 or tcp/443
    Web,
    /// udp/53 or tcp/53
    Dns,
    /// ICMP or ICMPv6
    Icmp,
    /// Anything but the web and DNS
    Other,
}

const PCI: &str = "https://www.pcisecuritystandards.org/document_library/";
const NIST_53: &str = "https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final";
const NIST_171: &str = "https://csrc.nist.gov/pubs/sp/800/171/r2/upd1/final";

use RuleId::{IgnoredEgressRule, InternetEgress, OpenDefaultGroup, OpenEgress, OpenEgressByDefault};

/// Every standard with the findings that it speaks of.
const TABLE: &[(When, Standard)] = &[
    (
        When::Rules(&RuleId::ALL),
        Standard {
            id: "CWE-284",
            name: "Improper Access Control",
            url: "https://cwe.mitre.org/data/definitions/284.html",
        },
    ),
    (
        When::Rules(&[OpenEgressByDefault, OpenDefaultGroup]),
        Standard {
            id: "CWE-1188",
            name: "Initialization of a Resource with an Insecure Default",
            url: "https://cwe.mitre.org/data/definitions/1188.html",
        },
    ),
    (
        When::Rules(&[OpenEgress, InternetEgress]),
        Standard {
            id: "CWE-923",
            name: "Improper Restriction of Communication Channel to Intended Endpoints",
            url: "https://cwe.mitre.org/data/definitions/923.html",
        },
    ),
    // The CIS benchmark speaks of the default group only, and so does the control that checks it.
    (
        When::Rules(&[OpenDefaultGroup]),
        Standard {
            id: "AWS Security Hub EC2.2",
            name: "VPC default security groups should not allow inbound or outbound traffic",
            url: "https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-2",
        },
    ),
    (
        When::Rules(&[OpenDefaultGroup]),
        Standard {
            id: "CIS AWS Foundations Benchmark",
            name: "The default security group of every VPC restricts all traffic",
            url: "https://www.cisecurity.org/benchmark/amazon_web_services",
        },
    ),
    (
        When::Out,
        Standard {
            id: "PCI DSS 4.0.1 1.3.2",
            name: "Outbound traffic from the cardholder data environment is restricted",
            url: PCI,
        },
    ),
    (
        When::Out,
        Standard {
            id: "PCI DSS 3.2.1 1.2.1",
            name: "Inbound and outbound traffic is restricted to what is necessary (retired 2024)",
            url: PCI,
        },
    ),
    (
        When::Out,
        Standard {
            id: "PCI DSS 3.2.1 1.3.4",
            name: "No unauthorized outbound traffic to the Internet (retired 2024)",
            url: PCI,
        },
    ),
    // A rule without effect was meant to deny by default.
    (
        When::Rules(&RuleId::ALL),
        Standard {
            id: "NIST SP 800-53 Rev. 5 SC-7(5)",
            name: "Boundary Protection: Deny by Default, Allow by Exception",
            url: NIST_53,
        },
    ),
    (
        When::Out,
        Standard {
            id: "NIST SP 800-53 Rev. 5 SC-7(9)",
            name: "Boundary Protection: Restrict Threatening Outgoing Communications Traffic",
            url: NIST_53,
        },
    ),
    (
        When::Out,
        Standard {
            id: "NIST SP 800-53 Rev. 5 SC-7(10)",
            name: "Boundary Protection: Prevent Exfiltration",
            url: NIST_53,
        },
    ),
    (
        When::Out,
        Standard {
            id: "NIST SP 800-171 3.13.6",
            name: "Deny network communications traffic by default, allow it by exception",
            url: NIST_171,
        },
    ),
    (
        When::Out,
        Standard {
            id: "CMMC SC.L2-3.13.6",
            name: "Network Communication by Exception",
            url: "https://dodcio.defense.gov/CMMC/Documentation/",
        },
    ),
    (
        When::Out,
        Standard {
            id: "ATT&CK T1041",
            name: "Exfiltration Over C2 Channel",
            url: "https://attack.mitre.org/techniques/T1041/",
        },
    ),
    (
        When::Traffic(Traffic::Other),
        Standard {
            id: "ATT&CK T1048",
            name: "Exfiltration Over Alternative Protocol",
            url: "https://attack.mitre.org/techniques/T1048/",
        },
    ),
    (
        When::Traffic(Traffic::Https),
        Standard {
            id: "ATT&CK T1567",
            name: "Exfiltration Over Web Service",
            url: "https://attack.mitre.org/techniques/T1567/",
        },
    ),
    (
        When::Traffic(Traffic::Web),
        Standard {
            id: "ATT&CK T1071.001",
            name: "Application Layer Protocol: Web Protocols",
            url: "https://attack.mitre.org/techniques/T1071/001/",
        },
    ),
    (
        When::Traffic(Traffic::Dns),
        Standard {
            id: "ATT&CK T1071.004",
            name: "Application Layer Protocol: DNS",
            url: "https://attack.mitre.org/techniques/T1071/004/",
        },
    ),
    (
        When::Traffic(Traffic::Dns),
        Standard {
            id: "ATT&CK T1572",
            name: "Protocol Tunneling",
            url: "https://attack.mitre.org/techniques/T1572/",
        },
    ),
    (
        When::Traffic(Traffic::Icmp),
        Standard {
            id: "ATT&CK T1095",
            name: "Non-Application Layer Protocol",
            url: "https://attack.mitre.org/techniques/T1095/",
        },
    ),
    (
        When::Out,
        Standard {
            id: "ATT&CK M1037",
            name: "Mitigation: Filter Network Traffic",
            url: "https://attack.mitre.org/mitigations/M1037/",
        },
    ),
];

impl Traffic {
    fn services(self) -> Services {
        let port = |port: u16| Services::tcp(port, port);
        let icmp = || Services::protocol(protocol::ICMP).union(&Services::protocol(protocol::ICMPV6));
        let web = || port(80).union(&port(443));
        let dns = || port(53).union(&Services::udp(53, 53));
        match self {
            Traffic::Https => port(443),
            Traffic::Web => web(),
            Traffic::Dns => dns(),
            Traffic::Icmp => icmp(),
            Traffic::Other => web().union(&dns()).complement(),
        }
    }
}

/// The standards that speak of a finding of `rule` that lets `set` out, in a fixed order.
pub fn of(rule: RuleId, set: &PacketSet) -> Vec<&'static Standard> {
    // A rule without effect lets nothing out by itself.
    let large = match rule {
        IgnoredEgressRule => Services::none(),
        _ => Services::union_all(IpFamily::BOTH.map(|family| measure::large_services(set, family))),
    };
    let speaks = |when: &When| match when {
        When::Rules(rules) => rules.contains(&rule),
        When::Out => rule != IgnoredEgressRule,
        When::Traffic(traffic) => large.overlaps(&traffic.services()),
    };
    TABLE.iter().filter(|(when, _)| speaks(when)).map(|(_, standard)| standard).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(rule: RuleId, set: &PacketSet) -> Vec<&'static str> {
        of(rule, set).into_iter().map(|standard| standard.id).collect()
    }

    fn to_anyone(services: &Services) -> PacketSet {
        PacketSet::to_block("0.0.0.0/0".parse().unwrap(), services)
    }

    fn attack(set: &PacketSet) -> Vec<&'static str> {
        ids(RuleId::InternetEgress, set).into_iter().filter_map(|id| id.strip_prefix("ATT&CK ")).collect()
    }

    #[test]
    fn what_an_attacker_can_do_depends_on_what_is_open() {
        let port = |port| Services::tcp(port, port);
        assert_eq!(attack(&to_anyone(&port(443))), ["T1041", "T1567", "T1071.001", "M1037"]);
        assert_eq!(attack(&to_anyone(&Services::udp(53, 53))), ["T1041", "T1071.004", "T1572", "M1037"]);
        assert_eq!(attack(&to_anyone(&port(22))), ["T1041", "T1048", "M1037"]);
        let icmp = Services::protocol(protocol::ICMP);
        assert_eq!(attack(&to_anyone(&icmp)), ["T1041", "T1048", "T1095", "M1037"]);
        assert_eq!(attack(&to_anyone(&Services::all())).len(), 8);
    }

    #[test]
    fn a_service_that_few_addresses_can_be_reached_on_opens_no_technique() {
        let few = PacketSet::to_block("198.41.0.0/24".parse().unwrap(), &Services::udp(53, 53));
        let set = to_anyone(&Services::tcp(443, 443)).union(&few);
        assert!(!attack(&set).contains(&"T1572"));
    }

    #[test]
    fn the_benchmark_of_the_default_group_is_claimed_for_the_default_group_only() {
        let open = to_anyone(&Services::all());
        for rule in RuleId::ALL {
            let ids = ids(rule, &open);
            let default = rule == OpenDefaultGroup;
            assert_eq!(ids.iter().any(|id| id.contains("CIS") || id.contains("EC2.2")), default);
            assert_eq!(ids[0], "CWE-284");
        }
    }

    #[test]
    fn a_rule_without_effect_lets_nothing_out_and_breaks_no_rule_about_traffic() {
        let ids = ids(IgnoredEgressRule, &PacketSet::empty());
        assert_eq!(ids, ["CWE-284", "NIST SP 800-53 Rev. 5 SC-7(5)"]);
    }

    /// A list of a page's front matter, on one line or on several.
    fn listed(rule: RuleId, key: &str) -> Vec<&'static str> {
        let (_, front) = rule.documentation().split_once(&format!("\n{key}:")).unwrap();
        let (first, rest) = front.split_once('\n').unwrap();
        let inline = first.trim().trim_matches(['[', ']']).split(", ").filter(|item| !item.is_empty());
        inline.chain(rest.lines().map_while(|line| line.trim_start().strip_prefix("- "))).collect()
    }

    #[test]
    fn the_rules_pages_name_weaknesses_and_standards_of_this_table() {
        let open = to_anyone(&Services::all());
        for rule in RuleId::ALL {
            let ids = ids(rule, &open);
            let weaknesses: Vec<&str> = ids.iter().copied().filter(|id| id.starts_with("CWE")).collect();
            assert_eq!(listed(rule, "cwe"), weaknesses, "{}", rule.name());
            let standards = listed(rule, "standards");
            assert!(!standards.is_empty() && standards.iter().all(|id| ids.contains(id)), "{standards:?}");
        }
    }

    #[test]
    fn no_standard_is_named_twice_and_each_can_be_read() {
        let mut ids: Vec<&str> = TABLE.iter().map(|(_, standard)| standard.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), TABLE.len());
        assert!(TABLE.iter().all(|(_, s)| s.url.starts_with("https://") && !s.name.is_empty()));
    }
}
