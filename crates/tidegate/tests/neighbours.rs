//! Where packets of a finding go, and ways to the Internet through a neighbour: in the examples of the rule's page, one for
//! each cloud, and with one thing changed at a time.

mod common;
#[path = "neighbours/azure.rs"]
mod of_azure;
#[path = "neighbours/gcp.rs"]
mod of_google;

use std::collections::BTreeMap;
use tidegate_audit::{Confidence, Finding, Level, RuleId};
use tidegate_read::MemoryFiles;

/// The files of an example.
#[derive(Clone)]
struct Folder(BTreeMap<String, String>);

impl Folder {
    /// The first example of the page below a heading.
    fn of(heading: &str) -> Self {
        let page = std::fs::read_to_string(common::root().join("docs/rules/egress-through-peer.md")).unwrap();
        let section = page.split("\n### ").find(|section| section.starts_with(heading)).unwrap();
        let blocks = section.split("```json ").skip(1).map(|block| {
            let (info, text) = block.split_once('\n').unwrap();
            let name = info.split(' ').next().unwrap();
            (name.to_owned(), text.split("```").next().unwrap().to_owned())
        });
        Self(blocks.collect())
    }

    /// The same with one thing changed in a file.
    #[track_caller]
    fn with(&self, old: &str, new: &str) -> Self {
        let mut changed = self.clone();
        let file = changed.0.values_mut().find(|text| text.contains(old));
        let file = file.unwrap_or_else(|| panic!("no file has {old}"));
        *file = file.replace(old, new);
        changed
    }

    /// The same without a file.
    #[track_caller]
    fn without(&self, name: &str) -> Self {
        let mut changed = self.clone();
        assert!(changed.0.remove(name).is_some(), "no file is called {name}");
        changed
    }

    fn findings(&self) -> Vec<Finding> {
        let files = self.0.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        common::scan(MemoryFiles::new(files)).report.findings
    }

    fn through_a_neighbour(&self) -> Option<Finding> {
        self.findings().into_iter().find(|finding| finding.rule == RuleId::EgressThroughPeer)
    }

    /// The finding of another rule about a policy whose id ends so.
    #[track_caller]
    fn about(&self, policy: &str) -> Finding {
        let all = self.findings();
        let is = |finding: &&Finding| {
            let path = finding.subjects[0].path.as_deref().unwrap();
            let others = [RuleId::EgressThroughPeer, RuleId::IgnoredEgressRule];
            !others.contains(&finding.rule) && path.ends_with(policy)
        };
        all.iter().find(is).unwrap_or_else(|| panic!("{policy}: {all:#?}")).clone()
    }
}

fn is_isolated(finding: &Finding) -> bool {
    let isolated = finding.rating.reasons.iter().any(|reason| reason.contains("leave no workload"));
    assert_eq!(isolated, finding.affected.is_empty(), "{finding:#?}");
    assert!(!isolated || finding.rating.risk == Level::Informational);
    isolated
}

/// The gates of a finding's way, as `kind id`, and whether the packet arrives.
fn way(finding: &Finding) -> (Vec<String>, &'static str) {
    let path = finding.path.as_ref().unwrap();
    let gates = path.gates.iter().map(|gate| {
        let id = gate.id.rsplit('/').next().unwrap();
        format!("{} {id}: {}", gate.kind, gate.why)
    });
    (gates.collect(), path.arrives)
}

fn told(finding: &Finding) -> Vec<&str> {
    finding.related.iter().map(|step| step.message.as_str()).collect()
}

/// The account of the page's first example.
fn account() -> String {
    let page = std::fs::read_to_string(common::root().join("docs/rules/egress-through-peer.md")).unwrap();
    let block = page.split("```json").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    block.split_once('\n').unwrap().1.to_owned()
}

fn with(old: &str, new: &str) -> String {
    let account = account();
    assert!(account.contains(old), "the page has no {old}");
    account.replace(old, new)
}

fn findings(account: &str) -> Vec<Finding> {
    common::scan(MemoryFiles::new([("account.json", account)])).report.findings
}

fn through_a_neighbour(account: &str) -> Option<Finding> {
    findings(account).into_iter().find(|finding| finding.rule == RuleId::EgressThroughPeer)
}

#[test]
fn the_chain_is_told_from_the_group_to_the_gateway() {
    let found = through_a_neighbour(&account()).unwrap();
    assert_eq!(found.confidence, Confidence::Certain);
    assert_eq!(found.subjects[0].path.as_deref(), Some("sg-ledger"));
    assert_eq!(found.affected.len(), 1);
    assert_eq!(found.affected[0].id, "i-ledger");
    let told = "i-ledger may reach i-proxy with tcp/3128, and that one reaches 100 % of the IPv4 Internet with tcp/443.";
    assert!(found.message.ends_with(told), "{}", found.message);
    let witness = found.witness.as_ref().unwrap();
    assert_eq!((&*witness.address, witness.port), ("10.0.0.10", Some(3128)));
    let path = found.path.as_ref().unwrap();
    let kinds: Vec<&str> = path.gates.iter().map(|gate| gate.kind).collect();
    let expected =
        ["security groups", "network ACL, out", "route table", "network ACL, in", "security groups there"];
    assert_eq!(kinds, expected);
    let then = path.then.as_ref().unwrap();
    assert_eq!((then.from.as_str(), then.arrives), ("i-proxy", "yes"));
    assert_eq!(then.gates.last().unwrap().id, "igw-1");
    let told: Vec<&str> = found.related.iter().map(|step| step.message.as_str()).collect();
    for part in ["into i-proxy", "out of i-proxy", "route table rtb-private", "route table rtb-public"] {
        assert!(told.iter().any(|message| message.contains(part)), "{part}: {told:#?}");
    }
}

#[test]
fn what_the_neighbour_does_not_take_is_no_way() {
    let from_elsewhere = with(
        r#""FromPort": 3128, "ToPort": 3128, "IpRanges": [{"CidrIp": "10.0.0.0/16"}]"#,
        r#""FromPort": 3128, "ToPort": 3128, "IpRanges": [{"CidrIp": "10.0.7.0/24"}]"#,
    );
    assert!(through_a_neighbour(&from_elsewhere).is_none());
}

#[test]
fn what_a_network_acl_stops_is_no_way() {
    let denied = r#"{"Egress": true, "RuleNumber": 50, "RuleAction": "deny", "Protocol": "-1", "CidrBlock": "10.0.0.0/24"},"#;
    let entry = r#"{"Egress": true, "RuleNumber": 100,"#;
    assert!(through_a_neighbour(&with(entry, &format!("{denied}{entry}"))).is_none());
}

#[test]
fn a_service_of_the_platform_is_no_neighbour() {
    let endpoint = with(
        r#""NetworkInterfaceId": "eni-proxy","#,
        r#""NetworkInterfaceId": "eni-proxy", "InterfaceType": "vpc_endpoint","#,
    );
    assert!(through_a_neighbour(&endpoint).is_none());
}

#[test]
fn a_function_is_restricted_like_other_workloads_and_is_no_neighbour() {
    let as_function = |id: &str| {
        let interface = format!(r#""NetworkInterfaceId": "{id}","#);
        with(&interface, &format!(r#"{interface} "InterfaceType": "lambda","#))
    };
    assert!(through_a_neighbour(&as_function("eni-ledger")).is_some());
    assert!(through_a_neighbour(&as_function("eni-proxy")).is_none(), "nobody can connect to a function");
}

#[test]
fn a_neighbour_that_reaches_little_is_no_way() {
    let narrow = with(
        r#""FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]"#,
        r#""FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "198.51.100.0/24"}]"#,
    );
    assert!(through_a_neighbour(&narrow).is_none());
}

#[test]
fn a_workload_that_gets_out_by_itself_needs_no_neighbour() {
    let open = with(
        r#""IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.0.0.0/16"}]"#,
        r#""IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]"#,
    );
    assert!(through_a_neighbour(&open).is_some(), "without a route it does not get out");
    let (table, none) = (r#"[{"SubnetId": "subnet-private"}]"#, "[]");
    let (own, both) = (
        r#"[{"SubnetId": "subnet-public"}]"#,
        r#"[{"SubnetId": "subnet-public"}, {"SubnetId": "subnet-private"}]"#,
    );
    let id = r#""NetworkInterfaceId": "eni-ledger","#;
    let address = format!(r#"{id} "Association": {{"PublicIp": "198.51.100.8"}},"#);
    let public = open.replace(table, none).replace(own, both).replace(id, &address);
    assert!(through_a_neighbour(&public).is_none());
}

#[test]
fn what_is_not_shown_makes_it_possible() {
    let unknown = with(r#""InternetGatewayBlockMode": "off", "#, r#""Hidden": "off", "#);
    let found = through_a_neighbour(&unknown).unwrap();
    assert_eq!(found.confidence, Confidence::Possible);
    assert_eq!(found.path.unwrap().then.unwrap().arrives, "perhaps");
}

#[test]
fn alone_it_is_informational_and_with_sensitive_data_low() {
    assert_eq!(through_a_neighbour(&account()).unwrap().rating.risk, Level::Informational);
    let tagged = with(
        r#""NetworkInterfaceId": "eni-ledger","#,
        r#""NetworkInterfaceId": "eni-ledger", "TagSet": [{"Key": "DataClassification", "Value": "confidential"}],"#,
    );
    assert_eq!(through_a_neighbour(&tagged).unwrap().rating.risk, Level::Low);
}

#[test]
fn other_findings_show_a_packet_s_way_too() {
    let all = findings(&account());
    let open = all.iter().find(|finding| finding.rule == RuleId::InternetEgress).unwrap();
    let path = open.path.as_ref().unwrap();
    assert_eq!((path.from.as_str(), path.arrives), ("i-proxy", "yes"));
    assert!(path.then.is_none());
    let told: Vec<&str> = open.related.iter().map(|step| step.message.as_str()).collect();
    assert!(told.iter().any(|message| message.contains("route table rtb-public")), "{told:#?}");
}

#[test]
fn what_goes_where_nobody_knows_isolates_nothing() {
    let open = with(
        r#""IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.0.0.0/16"}]"#,
        r#""IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]"#,
    );
    let ledger = |account: &str| {
        let is = |finding: &Finding| {
            finding.rule == RuleId::OpenEgress && finding.subjects[0].path.as_deref() == Some("sg-ledger")
        };
        findings(account).into_iter().find(is).unwrap()
    };
    assert!(is_isolated(&ledger(&open)));
    let local =
        r#""Routes": [{"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"}] }"#;
    assert!(open.contains(local));
    for target in
        [r#""GatewayId": "vgw-1""#, r#""VpcPeeringConnectionId": "pcx-1""#, r#""TransitGatewayId": "tgw-1""#]
    {
        let out = format!(r#"{{"DestinationCidrBlock": "0.0.0.0/0", {target}, "State": "active"}}] }}"#);
        let found = ledger(&open.replace(local, &local.replace("] }", &format!(", {out}"))));
        assert!(!is_isolated(&found), "{target}");
        assert_eq!(way(&found).1, "perhaps", "{target}");
    }
}
