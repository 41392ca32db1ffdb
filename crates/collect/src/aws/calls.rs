//! What is asked of each account and region.

/// A call.
#[derive(Debug, Clone, Copy)]
pub struct Call {
    /// The service, as the CLI spells it.
    pub service: &'static str,
    /// The operation, as the API spells it.
    pub operation: &'static str,
    /// What it is asked about: nothing, or each thing that another answer names.
    pub about: Option<About>,
    /// Fields that are asked for in any case.
    pub fields: &'static [(&'static str, &'static str)],
    /// What is left out of each item: it says nothing about networks, and may hold secrets.
    pub omit: &'static [&'static str],
}

/// What a call is repeated for.
#[derive(Debug, Clone, Copy)]
pub struct About {
    /// The operation of the same service that lists the things.
    pub of: &'static str,
    /// The key of an item there.
    pub key: &'static str,
    /// The field of the request.
    pub field: &'static str,
}

const fn all(service: &'static str, operation: &'static str) -> Call {
    Call { service, operation, about: None, fields: &[], omit: &[] }
}

const fn each(
    service: &'static str,
    operation: &'static str,
    (of, key): (&'static str, &'static str),
    field: &'static str,
) -> Call {
    Call { about: Some(About { of, key, field }), ..all(service, operation) }
}

/// The calls, in the order in which they are listed. What is repeated comes after what lists the things.
pub const CALLS: [Call; 32] = [
    all("ec2", "DescribeSecurityGroups"),
    all("ec2", "DescribeSecurityGroupRules"),
    all("ec2", "DescribeManagedPrefixLists"),
    each(
        "ec2",
        "GetManagedPrefixListEntries",
        ("DescribeManagedPrefixLists", "PrefixListId"),
        "PrefixListId",
    ),
    all("ec2", "DescribeNetworkInterfaces"),
    all("ec2", "DescribeInstances"),
    all("ec2", "DescribeVpcs"),
    all("ec2", "DescribeSubnets"),
    all("ec2", "DescribeRouteTables"),
    all("ec2", "DescribeNetworkAcls"),
    all("ec2", "DescribeInternetGateways"),
    all("ec2", "DescribeNatGateways"),
    all("ec2", "DescribeEgressOnlyInternetGateways"),
    all("ec2", "DescribeVpcEndpoints"),
    all("ec2", "DescribeVpcPeeringConnections"),
    all("ec2", "DescribeTransitGateways"),
    all("ec2", "DescribeTransitGatewayAttachments"),
    all("ec2", "DescribeTransitGatewayVpcAttachments"),
    all("ec2", "DescribeTransitGatewayRouteTables"),
    Call {
        // The operation wants a filter: these two states are all there are that carry traffic or drop it.
        fields: &[
            ("Filter.1.Name", "state"),
            ("Filter.1.Value.1", "active"),
            ("Filter.1.Value.2", "blackhole"),
        ],
        ..each(
            "ec2",
            "SearchTransitGatewayRoutes",
            ("DescribeTransitGatewayRouteTables", "TransitGatewayRouteTableId"),
            "TransitGatewayRouteTableId",
        )
    },
    all("ec2", "DescribeVpcBlockPublicAccessOptions"),
    all("ec2", "DescribeVpcBlockPublicAccessExclusions"),
    all("network-firewall", "ListFirewalls"),
    each("network-firewall", "DescribeFirewall", ("ListFirewalls", "FirewallArn"), "FirewallArn"),
    all("network-firewall", "ListFirewallPolicies"),
    each("network-firewall", "DescribeFirewallPolicy", ("ListFirewallPolicies", "Arn"), "FirewallPolicyArn"),
    all("network-firewall", "ListRuleGroups"),
    each("network-firewall", "DescribeRuleGroup", ("ListRuleGroups", "Arn"), "RuleGroupArn"),
    all("route53resolver", "ListFirewallConfigs"),
    all("route53resolver", "ListFirewallRuleGroupAssociations"),
    each(
        "route53resolver",
        "ListFirewallRules",
        ("ListFirewallRuleGroupAssociations", "FirewallRuleGroupId"),
        "FirewallRuleGroupId",
    ),
    // A function's variables often hold passwords.
    Call { omit: &["Environment"], ..all("lambda", "ListFunctions") },
];

/// Calls that find accounts and regions.
pub const SCOUTING: [(&str, &str); 3] =
    [("sts", "GetCallerIdentity"), ("ec2", "DescribeRegions"), ("organizations", "ListAccounts")];

/// `DescribeVpcs` as the CLI spells it: `describe-vpcs`.
pub fn spelled(operation: &str) -> String {
    let mut spelled = String::new();
    for letter in operation.chars() {
        if letter.is_ascii_uppercase() && !spelled.is_empty() {
            spelled.push('-');
        }
        spelled.push(letter.to_ascii_lowercase());
    }
    spelled
}

impl Call {
    /// The call as it is typed: `ec2 describe-vpcs`.
    pub fn command(&self) -> String {
        format!("{} {}", self.service, spelled(self.operation))
    }

    /// The name of its file or folder, without an ending.
    pub fn stem(&self) -> String {
        match self.service {
            "ec2" => spelled(self.operation),
            other => format!("{other}-{}", spelled(self.operation)),
        }
    }

    /// Its file, relative to the folder of the account and region. `about` is an id, a name or an ARN.
    pub fn file(&self, about: Option<&str>) -> String {
        let Some(about) = about else { return format!("{}.json", self.stem()) };
        // arn:aws:network-firewall:eu-west-1:123456789012:stateful-rulegroup/name
        let short = if about.starts_with("arn:") { about.rsplit(':').next().unwrap_or(about) } else { about };
        let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let name: String = short.chars().map(|c| if safe(c) { c } else { '_' }).take(150).collect();
        let name = name.trim_start_matches('.');
        format!("{}/{}.json", self.stem(), if name.is_empty() { "_" } else { name })
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::TABLE;
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_table_holds_these_calls_and_no_others() {
        let called: BTreeSet<String> = CALLS
            .iter()
            .map(|call| (call.service, call.operation))
            .chain(SCOUTING)
            .map(|(service, operation)| format!("{service}:{operation}"))
            .collect();
        let known: BTreeSet<String> = TABLE.operations().map(str::to_owned).collect();
        assert_eq!(called, known);
    }

    #[test]
    fn nothing_is_called_that_could_change_anything() {
        for (service, operation) in CALLS.iter().map(|call| (call.service, call.operation)).chain(SCOUTING) {
            let reads = ["Describe", "List", "Get", "Search"].iter().any(|verb| operation.starts_with(verb));
            assert!(reads, "{service}:{operation}");
        }
    }

    #[test]
    fn what_is_repeated_comes_after_what_lists_the_things() {
        for (at, call) in CALLS.iter().enumerate() {
            let Some(about) = call.about else { continue };
            assert!(
                CALLS[..at]
                    .iter()
                    .any(|before| before.service == call.service && before.operation == about.of),
                "{call:?}"
            );
            assert!(TABLE.operation(call.service, about.of).unwrap().pages.is_some());
        }
    }

    #[test]
    fn files_stay_in_their_folder_whatever_a_thing_is_called() {
        let call = &CALLS[3];
        assert_eq!(call.file(None), "get-managed-prefix-list-entries.json");
        assert_eq!(call.file(Some("pl-1")), "get-managed-prefix-list-entries/pl-1.json");
        assert_eq!(call.file(Some("../../x")), "get-managed-prefix-list-entries/_.._x.json");
        assert_eq!(call.file(Some("..")), "get-managed-prefix-list-entries/_.json");
        let arn = "arn:aws:network-firewall:eu-west-1:123456789012:firewall/egress";
        assert_eq!(CALLS[23].file(Some(arn)), "network-firewall-describe-firewall/firewall_egress.json");
    }
}
