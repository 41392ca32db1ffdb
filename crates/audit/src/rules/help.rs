//! What to do next, per remedy and dialect.

use super::Facts;
use tidegate_estate::{Cause, Dialect, PolicyKind, Remedy};
use tidegate_space::IpFamily;

/// How to narrow rules that somebody wrote.
pub(super) fn narrow(facts: &Facts<'_>) -> Vec<String> {
    match (facts.cause, facts.remedy) {
        (Cause::Written, Remedy::Property { .. } | Remedy::HandIn { .. } | Remedy::Rules) => {
            close(&Facts { remedy: &Remedy::Rules, ..*facts })
        }
        _ => close(facts),
    }
}

/// How to close a policy that lets too much out.
pub(super) fn close(facts: &Facts<'_>) -> Vec<String> {
    let left_out = match (facts.remedy, left_out(facts)) {
        (Remedy::Rules, Some(name)) if facts.kind != PolicyKind::NetworkAcl => {
            Some(Remedy::Property { name: name.to_owned(), construct: String::new() })
        }
        _ => None,
    };
    match (left_out.as_ref().unwrap_or(facts.remedy), facts.dialect) {
        (Remedy::Property { name, construct }, Dialect::CdkPython | Dialect::CdkAssembly) => {
            let snake = snake(name);
            let add = "group.add_egress_rule(peer=ec2.Peer.ipv4(\"203.0.113.0/24\"), connection=ec2.Port.tcp(443))";
            let allow = "resource.connections.allow_to(peer, ec2.Port.tcp(443))";
            match construct.rsplit('.').next().unwrap_or(construct) {
                _ if !snake.starts_with("allow_all") => {
                    vec![format!("write `{snake}` with what the workload needs, and nothing more")]
                }
                "SecurityGroup" => {
                    vec![format!("pass `{snake}=False` and name what the workload needs:"), add.to_owned()]
                }
                _ => vec![
                    format!("pass `{snake}=False` to {construct} and name what the workload needs:"),
                    allow.to_owned(),
                ],
            }
        }
        (Remedy::Property { name, .. }, Dialect::CloudFormation) => vec![
            format!("write `{name}` with the destinations and ports that the workload needs"),
            format!(
                "where it needs none, write one rule that lets nothing out (`IpProtocol: \"-1\"`, `CidrIp: \
                 127.0.0.1/32`): an empty `{name}` may be read as left out"
            ),
        ],
        (Remedy::HandIn { name, construct }, Dialect::CloudFormation) => vec![format!(
            "make a group with the egress that the workload needs and name it in `{name}` of {construct}"
        )],
        (Remedy::HandIn { name, construct }, Dialect::CdkPython | Dialect::CdkAssembly) => {
            let property = snake(name);
            let value = if property.ends_with('s') { "[group]" } else { "group" };
            vec![
                format!("{construct} has no property that closes the group it makes: hand in one of your own"),
                "group = ec2.SecurityGroup(self, \"Egress\", vpc=vpc, allow_all_outbound=False)".to_owned(),
                format!("{construct}(…, {property}={value})"),
            ]
        }
        (Remedy::Rules, _) if facts.kind == PolicyKind::NetworkAcl => {
            vec!["narrow the outbound entries to the destinations and ports that the subnets need, return \
                  traffic included"
                .to_owned()]
        }
        (Remedy::Rules, Dialect::CdkPython | Dialect::CdkAssembly) => vec![
            "replace the rule by rules that name the destinations and ports the workload needs".to_owned(),
            "group.add_egress_rule(peer=ec2.Peer.ipv4(\"203.0.113.0/24\"), connection=ec2.Port.tcp(443))"
                .to_owned(),
        ],
        (Remedy::Rules, Dialect::CloudFormation) => {
            vec!["replace the rule by rules that name the destinations and ports the workload needs".to_owned()]
        }
        (_, Dialect::AwsDump) => in_the_account(facts),
        (_, Dialect::AzureDump) if facts.kind == PolicyKind::UnguardedSubnet => around_the_subnet(facts),
        (_, Dialect::AzureDump) => in_the_subscription(facts),
        (_, Dialect::GcpDump) => in_the_project(facts),
        (_, Dialect::Kubernetes) => in_the_cluster(facts),
        (Remedy::DefaultGroup, Dialect::CdkPython | Dialect::CdkAssembly) => vec![
            "pass `restrict_default_security_group=True` to the Vpc, and give every workload a group of its own"
                .to_owned(),
        ],
        (Remedy::DefaultGroup, Dialect::CloudFormation) => vec![
            "attach no workload to the default group: make a group with the egress it needs, and take the rules \
             of the default group away after the VPC is made"
                .to_owned(),
        ],
    }
}

/// For what runs already: commands, the new rule before the old one goes.
fn in_the_account(facts: &Facts<'_>) -> Vec<String> {
    let mut help = Vec::new();
    if facts.kind == PolicyKind::DefaultSecurityGroup {
        help.push("give every workload of the default group a group of its own".to_owned());
    }
    let group = match (facts.kind, facts.id) {
        (PolicyKind::SecurityGroupUnion, _) | (_, None) => "GROUP",
        (_, Some(id)) => plain(Some(id), "GROUP"),
    };
    help.push(
        "find out what the workloads need, allow that first, then take away what is too wide:".to_owned(),
    );
    help.push(format!(
        "aws ec2 authorize-security-group-egress --group-id {group} --protocol tcp --port 443 --cidr 203.0.113.0/24"
    ));
    help.push(format!("aws ec2 describe-security-group-rules --filters Name=group-id,Values={group}"));
    help.push(format!(
        "aws ec2 revoke-security-group-egress --group-id {group} --security-group-rule-ids sgr-…"
    ));
    help
}

/// The same for Azure: what is allowed goes before what is denied.
fn in_the_subscription(facts: &Facts<'_>) -> Vec<String> {
    let mut parts = facts
        .id
        .unwrap_or_default()
        .split('/')
        .skip_while(|part| !part.eq_ignore_ascii_case("resourceGroups"));
    let group = plain(parts.nth(1), "GROUP");
    let name = plain(facts.id.and_then(|id| id.rsplit('/').next()), "NSG");
    let rule = |name_of_rule: &str, number: u32, rest: &str| {
        format!(
            "az network nsg rule create -g {group} --nsg-name {name} -n {name_of_rule} --priority {number} --direction \
             Outbound {rest}"
        )
    };
    vec![
        "find out what the workloads need, allow that first, then deny the Internet behind it:".to_owned(),
        rule(
            "AllowPartner",
            200,
            "--access Allow --protocol Tcp --destination-address-prefixes 203.0.113.0/24 --destination-port-ranges 443",
        ),
        rule(
            "DenyInternet",
            4000,
            "--access Deny --protocol '*' --destination-address-prefixes Internet --destination-port-ranges '*'",
        ),
    ]
}

/// A name from the data where nothing in it means anything to a shell or in YAML, else what stands for one.
fn plain<'n>(name: Option<&'n str>, stand_in: &'n str) -> &'n str {
    let is_plain = |name: &&str| {
        let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
        name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(safe)
    };
    name.filter(is_plain).unwrap_or(stand_in)
}

/// A subnet that nothing guards gets a group of its own.
fn around_the_subnet(facts: &Facts<'_>) -> Vec<String> {
    let mut parts = facts.id.unwrap_or_default().split('/');
    let mut after = |key: &str| parts.by_ref().skip_while(|part| !part.eq_ignore_ascii_case(key)).nth(1);
    let group = plain(after("resourceGroups"), "GROUP");
    let network = plain(after("virtualNetworks"), "VNET");
    let subnet = plain(after("subnets"), "SUBNET");
    vec![
        "make a network security group whose rules name what the workloads need and deny the Internet behind it, then \
         put it on the subnet:"
            .to_owned(),
        format!("az network nsg create -g {group} -n {subnet}-nsg"),
        format!(
            "az network nsg rule create -g {group} --nsg-name {subnet}-nsg -n DenyInternet --priority 4000 --direction \
             Outbound --access Deny --protocol '*' --destination-address-prefixes Internet --destination-port-ranges '*'"
        ),
        format!(
            "az network vnet subnet update -g {group} --vnet-name {network} -n {subnet} --network-security-group \
             {subnet}-nsg"
        ),
    ]
}

/// The same for Google Cloud: what is allowed has a lower number than what is denied, and each family is denied by a
/// rule of its own.
fn in_the_project(facts: &Facts<'_>) -> Vec<String> {
    // `projects/P/global/networks/N + rule + rule`
    let mut parts = facts.id.unwrap_or_default().split(" + ").next().unwrap_or_default().split('/');
    let mut after = |key: &str| parts.by_ref().skip_while(|part| *part != key).nth(1);
    let project = plain(after("projects"), "PROJECT");
    let network = plain(after("networks"), "NETWORK");
    let rule = |name: &str, rest: &str| {
        format!(
            "gcloud compute firewall-rules create {name} --project={project} --network={network} --direction=EGRESS {rest}"
        )
    };
    let mut help = vec![
        "find out what the workloads need, allow that first, then deny the rest behind it:".to_owned(),
        rule(
            "allow-partner-out",
            "--action=ALLOW --rules=tcp:443 --destination-ranges=203.0.113.0/24 --priority=1000",
        ),
    ];
    for family in facts.families {
        help.push(match family {
            IpFamily::V4 => rule(
                "deny-all-out",
                "--action=DENY --rules=all --destination-ranges=0.0.0.0/0 --priority=65000",
            ),
            IpFamily::V6 => rule(
                "deny-all-out-ipv6",
                "--action=DENY --rules=all --destination-ranges=::/0 --priority=65000",
            ),
        });
    }
    if *facts.cause == Cause::Written {
        help.push(
            "then take the rule away that is too wide, or name its destinations: it decides before a higher number"
                .to_owned(),
        );
    }
    help
}

/// The same for Kubernetes: a policy for all pods of the namespace that allows the names service and what is needed.
fn in_the_cluster(facts: &Facts<'_>) -> Vec<String> {
    // `namespace/policy + namespace/policy`, or a namespace.
    let namespace = plain(facts.id.and_then(|id| id.split(['/', ' ']).next()), "NAMESPACE");
    if *facts.cause == Cause::Written {
        return vec![
            "replace the rule by rules that name the destinations and ports the pods need; policies only add up, so \
             that no other can take it back"
                .to_owned(),
            "egress: [{to: [{ipBlock: {cidr: 203.0.113.0/24}}], ports: [{protocol: TCP, port: 443}]}]".to_owned(),
        ];
    }
    vec![
        "find out what the pods need, and apply a policy that allows that and, because it exists, nothing else:"
            .to_owned(),
        format!(
            "{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: egress, namespace: {namespace}}}, \
             spec: {{podSelector: {{}}, policyTypes: [Egress], egress: [{{to: [{{namespaceSelector: {{matchLabels: \
             {{kubernetes.io/metadata.name: kube-system}}}}}}], ports: [{{protocol: UDP, port: 53}}, {{protocol: TCP, \
             port: 53}}]}}, {{to: [{{ipBlock: {{cidr: 203.0.113.0/24}}}}], ports: [{{protocol: TCP, port: 443}}]}}]}}}}"
        ),
        "see that the cluster's network plugin enforces network policies: without one they have no effect"
            .to_owned(),
    ]
}

/// The property that was left out, if one was.
pub(super) fn left_out<'a>(facts: &Facts<'a>) -> Option<&'a str> {
    match facts.cause {
        Cause::LeftOut { property } => Some(property),
        Cause::Written | Cause::Construct | Cause::Platform { .. } => None,
    }
}

/// What the policies are called in a sentence: `the security group`, `these 3 security groups`.
pub(super) fn subject(facts: &Facts<'_>) -> String {
    let noun = match facts.kind {
        PolicyKind::SecurityGroup => "security group",
        PolicyKind::DefaultSecurityGroup => "default security group",
        PolicyKind::UnreadStack => "stack",
        PolicyKind::SecurityGroupUnion => "union of security groups on one interface",
        PolicyKind::NetworkAcl => "network ACL",
        PolicyKind::NetworkSecurityGroup => "network security group",
        PolicyKind::UnguardedSubnet => "subnet",
        PolicyKind::VpcFirewall => "VPC firewall",
        PolicyKind::NetworkPolicy => "network policy",
        PolicyKind::NetworkPolicyUnion => "union of network policies on one pod",
        PolicyKind::Namespace => "namespace",
    };
    match facts.subjects {
        // All of one network: it is the same list of rules, as different machines see it.
        many @ 2.. if facts.kind == PolicyKind::VpcFirewall => format!("these {many} views of the {noun}"),
        0 | 1 => format!("the {noun}"),
        many => format!("these {many} {noun}s"),
    }
}

/// `let` or `lets`, as the number of policies wants it.
pub(super) fn lets(facts: &Facts<'_>) -> &'static str {
    if facts.subjects > 1 { "let" } else { "lets" }
}

/// `IPv4`, `IPv6`, or `IPv4 and IPv6`.
pub(super) fn families(facts: &Facts<'_>) -> String {
    let names: Vec<String> = facts.families.iter().map(|one| crate::words::family(*one).to_owned()).collect();
    crate::words::list(&names)
}

/// What gets out, family by family.
pub(super) fn reach(facts: &Facts<'_>) -> String {
    let texts: Vec<String> =
        facts.families.iter().map(|family| crate::words::reach(facts.allows, *family)).collect();
    texts.join("; ")
}

/// A property as Python spells it.
fn snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for (at, letter) in name.chars().enumerate() {
        if letter.is_uppercase() && at > 0 && !out.ends_with('_') {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_means_something_to_a_shell_stands_in_no_command() {
        assert_eq!(plain(Some("sg-0a1b"), "GROUP"), "sg-0a1b");
        for odd in ["$(id)", "a b", "--all", "x;y", "", "a'b", "{a: b}"] {
            assert_eq!(plain(Some(odd), "GROUP"), "GROUP", "{odd}");
        }
    }

    #[test]
    fn properties_are_spelled_as_python_spells_them() {
        assert_eq!(snake("allow_all_outbound"), "allow_all_outbound");
        assert_eq!(snake("allowAllOutbound"), "allow_all_outbound");
    }
}
