//! The remedy as code, in the dialect of the finding, and the commands that check it.
//!
//! Names from the data go into code only as quoted strings of that language.

use crate::data::Topic;
use crate::evidence;
use crate::fill::Facts;
use std::collections::BTreeSet;
use tidegate_audit::{Finding, RuleId, Subject, allows};
use tidegate_estate::{Dialect, Peer, PolicyKind, PortMatch, ProtocolMatch, Value};
use tidegate_space::IpFamily as Family;

/// Policies that code is written for; the others are changed likewise.
const SHOWN: usize = 3;

/// Code in a language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// `python`, `yaml`, `sh`.
    pub language: &'static str,
    /// The lines.
    pub text: String,
}

/// The remedy for a topic's findings, one block per dialect.
pub fn remedy(facts: &Facts<'_>) -> Vec<Code> {
    let topic = facts.topic;
    let mut blocks = Vec::new();
    for dialect in dialects(topic) {
        let subjects = subjects(topic, dialect);
        let finding = topic.findings.iter().copied().find(|finding| of_dialect(finding, dialect));
        let Some((first, finding)) = subjects.first().copied().zip(finding) else { continue };
        let mut code = match dialect {
            Dialect::CdkPython | Dialect::CdkAssembly => cdk_python(finding, first),
            Dialect::CloudFormation => cloudformation(finding, first),
            Dialect::AwsDump => aws(facts, finding, &subjects),
            Dialect::AzureDump => azure(&subjects),
            Dialect::GcpDump => gcp(finding, &subjects),
            Dialect::Kubernetes => kubernetes(finding.rule, &subjects),
        };
        if subjects.len() > SHOWN {
            let more = subjects.len() - if matches!(code.language, "sh") { SHOWN } else { 1 };
            code.text.push_str(&format!("\n# … and likewise for {more} more"));
        }
        blocks.push(code);
    }
    blocks
}

/// Commands that show whether the findings are gone.
pub fn verify(topic: &Topic<'_>, paths: &[String]) -> Vec<Code> {
    let mut lines = Vec::new();
    for dialect in dialects(topic) {
        let subjects = subjects(topic, dialect);
        match dialect {
            Dialect::AwsDump => {
                for subject in subjects.iter().take(SHOWN) {
                    for group in groups(subject) {
                        lines.push(format!(
                            "aws ec2 describe-security-group-rules{} --filters Name=group-id,Values={} \\\n  --query 'SecurityGroupRules[?IsEgress]'",
                            region(subject),
                            shell(group)
                        ));
                    }
                }
            }
            Dialect::AzureDump => {
                for subject in subjects.iter().take(SHOWN) {
                    if subject.kind == PolicyKind::UnguardedSubnet {
                        let id = shell(subject.path.as_deref().unwrap_or("SUBNET"));
                        lines.push(format!(
                            "az network vnet subnet show --ids {id} --query networkSecurityGroup.id -o tsv"
                        ));
                        continue;
                    }
                    let (group, name) = azure_names(subject);
                    lines.push(format!(
                        "az network nsg rule list -g {} --nsg-name {} --include-default \\\n  --query \"[?direction=='Outbound']\" -o table",
                        shell(group),
                        shell(name)
                    ));
                }
            }
            Dialect::GcpDump => {
                for (project, network) in networks(&subjects).into_iter().take(SHOWN) {
                    lines.push(format!(
                        "gcloud compute firewall-rules list --project {} \\\n  --filter {} --sort-by priority",
                        shell(project),
                        shell(&format!("direction=EGRESS AND network~/networks/{network}$"))
                    ));
                }
            }
            Dialect::Kubernetes => {
                for namespace in namespaces(&subjects).into_iter().take(SHOWN) {
                    lines.push(format!("kubectl get networkpolicies -n {} -o yaml", shell(namespace)));
                }
            }
            Dialect::CdkPython | Dialect::CdkAssembly | Dialect::CloudFormation => {}
        }
    }
    let paths = if paths.is_empty() {
        ".".to_owned()
    } else {
        paths.iter().map(|path| shell(path)).collect::<Vec<_>>().join(" ")
    };
    lines.push(format!("tidegate scan {paths} --select {}", topic.rule.name()));
    vec![Code { language: "sh", text: lines.join("\n") }]
}

fn dialects(topic: &Topic<'_>) -> BTreeSet<Dialect> {
    topic.findings.iter().flat_map(|finding| &finding.subjects).map(|subject| subject.dialect).collect()
}

fn of_dialect(finding: &Finding, dialect: Dialect) -> bool {
    finding.subjects.iter().any(|subject| subject.dialect == dialect)
}

fn subjects<'a>(topic: &'a Topic<'_>, dialect: Dialect) -> Vec<&'a Subject> {
    let all: BTreeSet<&Subject> = topic.findings.iter().flat_map(|finding| &finding.subjects).collect();
    all.into_iter().filter(|subject| subject.dialect == dialect).collect()
}

/// What the audit says one should do, as comments above the code.
fn comments(finding: &Finding) -> String {
    finding
        .help
        .iter()
        .filter(|line| !looks_like_code(line))
        .map(|line| format!("# {}\n", line.replace(['\n', '\r'], " ").trim_end_matches(':')))
        .collect()
}

/// Lines of the help that are code of the dialect.
fn looks_like_code(line: &str) -> bool {
    line.contains("= ec2.")
        || line.contains(".add_egress_rule(")
        || line.contains(".allow_to(")
        || line.contains("(…,")
}

fn cdk_python(finding: &Finding, first: &Subject) -> Code {
    let own: Vec<&str> =
        finding.help.iter().map(String::as_str).filter(|line| looks_like_code(line)).collect();
    let name = string(first.name.as_deref().unwrap_or("Egress"));
    let code = if finding.rule == RuleId::OpenDefaultGroup {
        "vpc = ec2.Vpc(self, \"Vpc\", restrict_default_security_group=True)".to_owned()
    } else if first.kind == PolicyKind::SecurityGroup
        && own.iter().all(|line| line.contains("add_egress_rule"))
    {
        format!(
            "group = ec2.SecurityGroup(self, {name}, vpc=vpc, allow_all_outbound=False)\n\
             group.add_egress_rule(\n    peer=ec2.Peer.ipv4(\"203.0.113.0/24\"),\n    connection=ec2.Port.tcp(443),\n    \
             description=\"partner API\",\n)"
        )
    } else {
        own.join("\n")
    };
    Code { language: "python", text: format!("{}{code}", comments(finding)) }
}

fn cloudformation(finding: &Finding, first: &Subject) -> Code {
    let id: String = first
        .path
        .as_deref()
        .and_then(|path| path.rsplit('/').next())
        .unwrap_or("Group")
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let id = if id.is_empty() { "Group".to_owned() } else { id };
    let code = match first.kind {
        PolicyKind::NetworkAcl => String::new(),
        _ => format!(
            "{id}:\n  Type: AWS::EC2::SecurityGroup\n  Properties:\n    # … as before, and instead of the open rule:\n    \
             SecurityGroupEgress:\n      - IpProtocol: tcp\n        FromPort: 443\n        ToPort: 443\n        \
             CidrIp: 203.0.113.0/24\n        Description: partner API"
        ),
    };
    Code { language: "yaml", text: format!("{}{code}", comments(finding)) }
}

fn aws(facts: &Facts<'_>, finding: &Finding, subjects: &[&Subject]) -> Code {
    if finding.subjects.iter().any(|subject| subject.kind == PolicyKind::NetworkAcl) {
        return Code { language: "sh", text: comments(finding).trim_end().to_owned() };
    }
    let mut allow = vec!["# allow what is needed first".to_owned()];
    let mut revoke = vec!["# then take away what is too wide".to_owned()];
    for subject in subjects.iter().take(SHOWN) {
        let open = facts
            .topic
            .findings
            .iter()
            .find(|one| one.subjects.contains(subject))
            .map_or_else(Vec::new, |one| permissions(facts, one, subject));
        for group in groups(subject) {
            let (at, group) = (region(subject), shell(group));
            allow.push(format!(
                "aws ec2 authorize-security-group-egress{at} --group-id {group} \\\n  --protocol tcp --port 443 --cidr 203.0.113.0/24"
            ));
        }
        for (group, permission) in open {
            let (at, group) = (region(subject), shell(&group));
            revoke.push(format!(
                "aws ec2 revoke-security-group-egress{at} --group-id {group} \\\n  --ip-permissions '{permission}'"
            ));
        }
    }
    allow.append(&mut revoke);
    Code { language: "sh", text: allow.join("\n") }
}

/// The rules that make a subject open, each with its group, in the shape that the CLI takes.
fn permissions(facts: &Facts<'_>, finding: &Finding, subject: &Subject) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let Some(policy) = facts.policies.of_subject(subject, finding) else { return found };
    for rule in evidence::marked_rules(&policy, finding) {
        let (Value::Known(protocol), Value::Known(ports), Value::Known(Peer::Cidr(block))) =
            (&rule.protocol, &rule.ports, &rule.peer)
        else {
            continue;
        };
        let number = match protocol {
            ProtocolMatch::Any => "-1".to_owned(),
            ProtocolMatch::Number(number) => allows::protocol_name(*number),
        };
        let ports = match ports {
            PortMatch::Range(from, to) => format!(",\"FromPort\":{from},\"ToPort\":{to}"),
            PortMatch::Any if matches!(number.as_str(), "tcp" | "udp") => {
                ",\"FromPort\":0,\"ToPort\":65535".to_owned()
            }
            PortMatch::Icmp(of, code) => {
                let part = |part: &Option<u8>| part.map_or(-1, i32::from);
                format!(",\"FromPort\":{},\"ToPort\":{}", part(of), part(code))
            }
            PortMatch::Any | PortMatch::Nothing => String::new(),
        };
        let (ranges, field) =
            if block.addr().is_ipv6() { ("Ipv6Ranges", "CidrIpv6") } else { ("IpRanges", "CidrIp") };
        let permission =
            format!("[{{\"IpProtocol\":\"{number}\"{ports},\"{ranges}\":[{{\"{field}\":\"{block}\"}}]}}]");
        found.push((facts.policies.owner(&rule.place, policy.estate, subject), permission));
    }
    found
}

fn azure(subjects: &[&Subject]) -> Code {
    let mut lines = Vec::new();
    for subject in subjects.iter().take(SHOWN) {
        let bare = subject.kind == PolicyKind::UnguardedSubnet;
        let (group, name) = azure_names(subject);
        // A subnet gets a group of its own, named after it.
        let guard = format!("{name}-nsg");
        let name = if bare { guard.as_str() } else { name };
        if bare {
            lines.push("# make a network security group".to_owned());
            lines.push(format!("az network nsg create -g {} -n {}", shell(group), shell(name)));
        }
        let rule = |rule: &str, number: u32, rest: &str| {
            format!(
                "az network nsg rule create -g {} --nsg-name {} -n {rule} \\\n  --priority {number} --direction Outbound {rest}",
                shell(group),
                shell(name)
            )
        };
        lines.push("# allow what is needed first".to_owned());
        lines.push(rule(
            "AllowPartner",
            200,
            "--access Allow --protocol Tcp \\\n  --destination-address-prefixes 203.0.113.0/24 --destination-port-ranges 443",
        ));
        lines.push("# then deny the Internet behind it".to_owned());
        lines.push(rule(
            "DenyInternet",
            4000,
            "--access Deny --protocol '*' \\\n  --destination-address-prefixes Internet --destination-port-ranges '*'",
        ));
        if bare {
            lines.push("# and put it on the subnet".to_owned());
            lines.push(format!(
                "az network vnet subnet update --ids {} --network-security-group {}",
                shell(subject.path.as_deref().unwrap_or("SUBNET")),
                shell(name)
            ));
        }
    }
    Code { language: "sh", text: lines.join("\n") }
}

fn gcp(finding: &Finding, subjects: &[&Subject]) -> Code {
    let mut lines = Vec::new();
    let goes_out = |family: Family| finding.allows.rows.iter().any(|row| row.family == family);
    for (project, network) in networks(subjects).into_iter().take(SHOWN) {
        let rule = |name: &str, rest: &str| {
            format!(
                "gcloud compute firewall-rules create {name} --project {} --network {} \\\n  --direction EGRESS {rest}",
                shell(project),
                shell(network)
            )
        };
        lines.push("# allow what is needed first".to_owned());
        lines.push(rule(
            "allow-partner-out",
            "--action ALLOW --rules tcp:443 \\\n  --destination-ranges 203.0.113.0/24 --priority 1000",
        ));
        lines.push("# then deny the rest behind it".to_owned());
        if goes_out(Family::V4) {
            lines.push(rule(
                "deny-all-out",
                "--action DENY --rules all \\\n  --destination-ranges 0.0.0.0/0 --priority 65000",
            ));
        }
        if goes_out(Family::V6) {
            lines.push(rule(
                "deny-all-out-ipv6",
                "--action DENY --rules all \\\n  --destination-ranges ::/0 --priority 65000",
            ));
        }
    }
    if finding.rule != RuleId::OpenEgressByDefault {
        lines.push(
            "# and narrow or delete the rules that are too wide: they decide before a higher number"
                .to_owned(),
        );
    }
    Code { language: "sh", text: lines.join("\n") }
}

/// Project and name of each network, once: several views of one network are several subjects.
fn networks<'s>(subjects: &[&'s Subject]) -> BTreeSet<(&'s str, &'s str)> {
    let names = subjects.iter().map(|subject| {
        // `projects/P/global/networks/N + rule + rule`
        let path = subject.path.as_deref().and_then(|path| path.split(" + ").next()).unwrap_or_default();
        let part = |at: usize, none: &'static str| {
            path.split('/').nth(at).filter(|part| !part.is_empty()).unwrap_or(none)
        };
        (part(1, "PROJECT"), part(4, "NETWORK"))
    });
    names.collect()
}

fn kubernetes(rule: RuleId, subjects: &[&Subject]) -> Code {
    let namespace = namespaces(subjects).into_iter().next().unwrap_or("NAMESPACE");
    let text = format!(
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: egress\n  namespace: {}\nspec:\n  \
         podSelector: {{}} # or the labels of the pods that need what follows\n  policyTypes: [Egress]\n  egress:\n  \
         - to:\n    - ipBlock:\n        cidr: 203.0.113.0/24\n    ports:\n    - protocol: TCP\n      port: 443\n  \
         - to: # names\n    - namespaceSelector:\n        matchLabels:\n          kubernetes.io/metadata.name: kube-system\n    \
         ports:\n    - protocol: UDP\n      port: 53\n    - protocol: TCP\n      port: 53",
        string(namespace)
    );
    let names: BTreeSet<&str> = subjects
        .iter()
        .filter_map(|subject| subject.path.as_deref())
        .flat_map(|path| path.split(" + "))
        .collect();
    let names: Vec<String> = names.into_iter().take(SHOWN).map(string).collect();
    let first = match rule {
        RuleId::OpenEgressByDefault => String::new(),
        RuleId::IgnoredEgressRule => {
            format!("# list Egress in policyTypes of {}, as here\n", names.join(", "))
        }
        // A policy more takes nothing back.
        _ => format!("# policies add up: narrow the rules of {}, as here\n", names.join(", ")),
    };
    Code { language: "yaml", text: format!("{first}{text}") }
}

/// The namespaces of subjects, once each: `namespace/policy`, unions of them, or a namespace.
fn namespaces<'s>(subjects: &[&'s Subject]) -> BTreeSet<&'s str> {
    let paths = subjects.iter().filter_map(|subject| subject.path.as_deref());
    paths.map(|path| path.split(['/', ' ']).next().unwrap_or(path)).filter(|name| !name.is_empty()).collect()
}

/// The groups of a subject: a union has several.
fn groups(subject: &Subject) -> Vec<&str> {
    subject.path.as_deref().unwrap_or("GROUP").split(" + ").collect()
}

fn azure_names(subject: &Subject) -> (&str, &str) {
    let path = subject.path.as_deref().unwrap_or_default();
    let mut parts = path.split('/').skip_while(|part| !part.eq_ignore_ascii_case("resourceGroups"));
    (
        parts.nth(1).unwrap_or("GROUP"),
        path.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("NSG"),
    )
}

fn region(subject: &Subject) -> String {
    subject.region.as_deref().map_or_else(String::new, |region| format!(" --region {}", shell(region)))
}

/// A word for a POSIX shell that nothing in it can leave.
pub fn shell(word: &str) -> String {
    let plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '@' | ',' | '+');
    let word = crate::escape::line(word);
    if !word.is_empty() && !word.starts_with('-') && word.chars().all(plain) {
        word.into_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// A string of Python.
fn string(text: &str) -> String {
    let text = crate::escape::line(text);
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(path: &str, dialect: Dialect) -> Subject {
        Subject {
            path: Some(path.to_owned()),
            enclosing: None,
            kind: PolicyKind::VpcFirewall,
            provider: tidegate_estate::Provider::Gcp,
            dialect,
            name: None,
            account: None,
            region: None,
        }
    }

    #[test]
    fn a_network_is_named_once_whatever_its_views() {
        let views = ["projects/acme/global/networks/shop", "projects/acme/global/networks/shop + web", "odd"];
        let views = views.map(|path| subject(path, Dialect::GcpDump));
        let views: Vec<&Subject> = views.iter().collect();
        assert_eq!(
            networks(&views).into_iter().collect::<Vec<_>>(),
            [("PROJECT", "NETWORK"), ("acme", "shop")]
        );
    }

    #[test]
    fn a_policy_for_a_namespace_is_written_with_its_name_as_text() {
        let of = ["shop/web + shop/dns", "shop", "shop + hostNetwork"]
            .map(|path| subject(path, Dialect::Kubernetes));
        let of: Vec<&Subject> = of.iter().collect();
        assert_eq!(namespaces(&of).into_iter().collect::<Vec<_>>(), ["shop"]);
        assert!(kubernetes(RuleId::OpenEgressByDefault, &of).text.starts_with("apiVersion"));
        let narrowed = kubernetes(RuleId::OpenEgress, &of).text;
        assert!(
            narrowed.starts_with(
                "# policies add up: narrow the rules of \"hostNetwork\", \"shop\", \"shop/dns\""
            )
        );
        assert!(narrowed.contains("\n  namespace: \"shop\"\n"));
    }

    #[test]
    fn a_name_cannot_leave_its_quotes() {
        assert_eq!(shell("sg-0a1b"), "sg-0a1b");
        assert_eq!(shell("a b"), "'a b'");
        assert_eq!(shell("x'; rm -rf / #"), "'x'\\''; rm -rf / #'");
        assert_eq!(shell("$(id)"), "'$(id)'");
        assert_eq!(shell("--help"), "'--help'");
        assert_eq!(string("a\"b\\"), "\"a\\\"b\\\\\"");
        assert!(!shell("a\nb").contains('\n'));
    }
}
