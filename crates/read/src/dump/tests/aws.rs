use super::{estate, lines, read};
use tidegate_estate::{Direction, Estate, Guard, PolicyKind, PortMatch, Value};

const OPEN: &str = r#"{"GroupId": "sg-1", "GroupName": "web", "OwnerId": "111122223333", "VpcId": "vpc-1",
    "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}], "Ipv6Ranges": [],
    "PrefixListIds": [], "UserIdGroupPairs": []}], "IpPermissions": []}"#;

fn shut(id: &str) -> String {
    format!(r#"{{"GroupId": "{id}", "GroupName": "n", "IpPermissionsEgress": [], "IpPermissions": []}}"#)
}

#[test]
fn records_are_found_wherever_they_stand() {
    let answer = format!("{{\"SecurityGroups\": [{OPEN}]}}");
    let found = "sg-1@111122223333/?: 0.0.0.0/0";
    for text in [
        answer.clone(),
        format!("[{OPEN}]"),
        format!("[{answer}]"),
        OPEN.to_owned(),
        format!("\u{feff}{{\"x\": 1}}\n{answer}"),
    ] {
        assert_eq!(lines(&estate(&[("any.json", &text)])), [found], "{text}");
    }
    let text = format!("{{\"444455556666\": {{\"eu-west-1\": {answer}}}}}");
    assert_eq!(lines(&estate(&[("any.json", &text)])), ["sg-1@111122223333/eu-west-1: 0.0.0.0/0"]);
    let text = format!("{{\"SecurityGroups\": [{}]}}", shut("sg-2"));
    let path = "444455556666/us-gov-west-1/sg.json";
    assert_eq!(lines(&estate(&[(path, &text)])), ["sg-2@444455556666/us-gov-west-1: "]);
    let yaml = "SecurityGroups:\n- GroupId: sg-1\n  GroupName: web\n  IpPermissionsEgress:\n  - IpProtocol: '-1'\n    \
                IpRanges:\n    - CidrIp: 10.0.0.0/8\n  IpPermissions: []\n";
    assert_eq!(lines(&estate(&[("sg.yaml", yaml)])), ["sg-1@?/?: 10.0.0.0/8"]);
}

#[test]
fn of_members_that_stand_twice_the_last_counts() {
    let twice = |first: &str, second: &str| {
        let other = r#""Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": []"#;
        let permission =
            format!(r#"{{"IpProtocol": "-1", "IpRanges": {first}, {other}, "IpRanges": {second}}}"#);
        let text = format!(
            r#"{{"GroupId": "sg-1", "VpcId": "v", "IpPermissionsEgress": [{permission}], "IpPermissions": []}}"#
        );
        lines(&estate(&[("sg.json", &text)]))
    };
    let (near, far) = (r#"[{"CidrIp": "10.0.0.0/8"}]"#, r#"[{"CidrIp": "11.0.0.0/8"}]"#);
    assert_eq!(twice(near, far), ["sg-1@?/?: 11.0.0.0/8"]);
    assert_eq!(twice(near, "[]"), ["sg-1@?/?: "]);
    // A list that is not there at the end was cut out of the answer: the other end is not known.
    assert_eq!(twice(near, "null"), ["sg-1@?/?: ?the rule names no other end"]);
    let merged = "SecurityGroups:\n- GroupId: sg-1\n  VpcId: v\n  IpPermissions: []\n  IpPermissionsEgress:\n  - &one\n    \
                  IpProtocol: tcp\n    FromPort: 1\n    ToPort: 2\n    IpRanges: [{CidrIp: 10.0.0.0/8}]\n  - <<: *one\n    \
                  IpRanges: [{CidrIp: 11.0.0.0/8}]\n";
    assert_eq!(lines(&estate(&[("sg.yaml", merged)])), ["sg-1@?/?: 10.0.0.0/8 11.0.0.0/8"]);
}

#[test]
fn answers_that_were_appended_to_each_other_are_all_read() {
    let text = format!("[{}]\n[{}],\n{{\"SecurityGroups\": [{OPEN}]}}\n", shut("sg-2"), shut("sg-3"));
    assert_eq!(lines(&estate(&[("all.json", &text)])).len(), 3);
    let broken = format!("[{}]\n{{\"SecurityGroups\": [", shut("sg-2"));
    let reading = read(&[("all.json", &broken)]);
    assert_eq!(lines(&reading.estates[0]).len(), 1);
    assert!(
        reading.diagnostics[0].message.contains("from here on was not read"),
        "{:?}",
        reading.diagnostics
    );
}

#[test]
fn what_is_no_dump_is_left_in_silence() {
    for text in [
        "{\"IpPermissions\": []}",
        "{\"a\": {\"Cidr\": \"10.0.0.0/8\"}}",
        "IpPermissions: {{{",
        "{\"ReservationId\": \"r-1\"}",
        "[\"NetworkInterfaceId\"",
    ] {
        let reading = read(&[("x.json", text)]);
        assert!(
            reading.estates.is_empty() && reading.diagnostics.is_empty() && reading.read.is_empty(),
            "{text}"
        );
    }
}

#[test]
fn rules_that_are_listed_apart_make_the_group() {
    let rules = r#"{"SecurityGroupRules": [
        {"SecurityGroupRuleId": "sgr-1", "GroupId": "sg-9", "IsEgress": true, "IpProtocol": "tcp", "FromPort": 443,
         "ToPort": 443, "CidrIpv4": "0.0.0.0/0"},
        {"SecurityGroupRuleId": "sgr-2", "GroupId": "sg-9", "IsEgress": true, "IpProtocol": "-1", "FromPort": -1,
         "ToPort": -1, "ReferencedGroupInfo": {"GroupId": "sg-1", "UserId": "1"}},
        {"SecurityGroupRuleId": "sgr-3", "GroupId": "sg-9", "IsEgress": false, "IpProtocol": "-1",
         "CidrIpv6": "::/0"}]}"#;
    assert_eq!(lines(&estate(&[("rules.json", rules)])), ["sg-9@?/?: 0.0.0.0/0 Group(\"sg-1\")"]);
    let cut =
        "[{\"GroupId\": \"sg-9\", \"GroupName\": \"web\", \"VpcId\": \"vpc-1\", \"IpPermissions\": []}]";
    let both = estate(&[("groups.json", cut), ("rules.json", rules)]);
    assert_eq!(lines(&both).len(), 1);
    assert_eq!(both.policies[0].name.as_deref(), Some("web"));
    assert!(both.policies[0].opaque.is_empty());
    // Without the rules, nobody can know.
    assert_eq!(
        estate(&[("x_IpPermissions.json", &format!("{cut} \"IpPermissions\""))]).policies[0].opaque.len(),
        1
    );
}

#[test]
fn prefix_lists_are_joined_with_their_entries() {
    let group = |list: &str| {
        format!(
            r#"[{{"GroupId": "sg-1", "GroupName": "n", "IpPermissions": [], "IpPermissionsEgress": [{{"IpProtocol": "tcp",
            "FromPort": 443, "ToPort": 443, "PrefixListIds": [{{"PrefixListId": "{list}"}}]}}]}}]"#
        )
    };
    let entries = r#"{"Entries": [{"Cidr": "203.0.113.0/24"}, {"Cidr": "bad"}]}"#;
    let one = estate(&[("g.json", &group("pl-0a")), ("x/pl-0a.json", entries)]);
    assert_eq!(lines(&one), ["sg-1@?/?: pl-0a"]);
    assert_eq!(one.prefix_lists[0].entries.len(), 2);
    // The answer with the entries does not name the list, but there is only one that it can be of.
    let lists = r#"{"PrefixLists": [{"PrefixListId": "pl-0a", "PrefixListName": "mine", "OwnerId": "111122223333"},
        {"PrefixListId": "pl-63a5400a", "PrefixListName": "com.amazonaws.us-east-1.s3", "OwnerId": "AWS"}]}"#;
    let one = estate(&[("g.json", &group("pl-0a")), ("lists.json", lists), ("entries.json", entries)]);
    assert_eq!(lines(&one), ["sg-1@?/?: pl-0a"]);
    let managed = estate(&[("g.json", &group("pl-63a5400a"))]);
    assert_eq!(lines(&managed), ["sg-1@?/?: ManagedPrefixList(\"com.amazonaws.us-east-1.s3\")"]);
    let missing = lines(&estate(&[("g.json", &group("pl-0a"))]));
    assert!(missing[0].contains("get-managed-prefix-list-entries --prefix-list-id pl-0a"), "{missing:?}");
    let nameless = read(&[("g.json", &group("pl-0a")), ("entries.json", entries)]);
    assert!(nameless.diagnostics[0].message.contains("name the file after the list"));
}

#[test]
fn answers_that_differ_make_two_worlds_and_equal_ones_make_one() {
    let (open, other) = (format!("[{OPEN}]"), format!("[{}]", shut("sg-1")));
    let same = estate(&[("a.json", &open), ("b.json", &open)]);
    assert_eq!((same.policies.len(), same.choices.len()), (1, 0));
    assert_eq!(same.policies[0].rules[0].guard, Guard::Always);
    let differ = estate(&[("a.json", &open), ("b.json", &other)]);
    assert_eq!((differ.policies.len(), differ.choices.len()), (1, 1));
    assert_eq!(differ.choices[0].alternatives, ["a.json", "b.json"]);
    assert_ne!(differ.policies[0].rules[0].guard, Guard::Always);
}

#[test]
fn workloads_are_machines_with_their_interfaces_and_interfaces_without_a_machine() {
    let groups = format!("[{OPEN}, {}, {}]", shut("sg-2"), shut("sg-3"));
    let interfaces = r#"{"NetworkInterfaces": [
        {"NetworkInterfaceId": "eni-1", "Groups": [{"GroupId": "sg-1"}], "PrivateIpAddress": "10.0.0.1",
         "Association": {"PublicIp": "198.51.100.1"}, "Attachment": {"InstanceId": "i-1"}, "VpcId": "vpc-1",
         "AvailabilityZone": "eu-west-1a", "OwnerId": "111122223333"},
        {"NetworkInterfaceId": "eni-2", "Description": "RDSNetworkInterface", "Groups": [{"GroupId": "sg-2"},
         {"GroupId": "sg-1"}], "PrivateIpAddress": "10.0.0.2", "Ipv6Addresses": [{"Ipv6Address": "2001:db8::1"}],
         "AvailabilityZone": "eu-west-1a", "OwnerId": "111122223333", "VpcId": "vpc-1"}]}"#;
    let instances = r#"{"Reservations": [{"ReservationId": "r-1", "OwnerId": "111122223333", "Instances": [
        {"InstanceId": "i-1", "ImageId": "ami-1", "Tags": [{"Key": "Name", "Value": "web-1"}],
         "NetworkInterfaces": [{"NetworkInterfaceId": "eni-1", "Groups": [{"GroupId": "sg-1"}]}]},
        {"InstanceId": "i-2", "ImageId": "ami-1", "State": {"Name": "terminated"}, "NetworkInterfaces": []}]}]}"#;
    let all = estate(&[("g.json", &groups), ("i.json", interfaces), ("m.json", instances)]);
    let shown: Vec<String> = all
        .workloads
        .iter()
        .map(|w| {
            let name = w.name.as_deref().unwrap_or("-");
            format!("{} {name} {:?} {:?} {:?}", w.id, w.private, w.public, w.guarded)
        })
        .collect();
    assert_eq!(
        shown,
        [
            "eni-2 RDSNetworkInterface [\"10.0.0.2\", \"2001:db8::1\"] [] [[0, 1]]",
            "i-1 web-1 [\"10.0.0.1\"] [\"198.51.100.1\"] [[0]]"
        ]
    );
    // The region comes from the zone of what lies in the VPC; of groups elsewhere nobody counted the members.
    let members: Vec<Option<u32>> = all.policies.iter().map(|policy| policy.members).collect();
    assert_eq!(members, [Some(2), Some(1), None]);
    assert_eq!(all.policies[0].region.as_deref(), Some("eu-west-1"));
}

#[test]
fn a_default_group_is_known_by_its_name() {
    let text = OPEN.replace("\"web\"", "\"default\"");
    let kind = estate(&[("g.json", &text)]).policies[0].kind;
    assert_eq!(kind, tidegate_estate::PolicyKind::DefaultSecurityGroup);
}

#[test]
fn network_acls_are_policies_of_their_own_and_route_tables_are_only_read() {
    let acl = r#"{"NetworkAcls": [{"NetworkAclId": "acl-1", "IsDefault": true, "OwnerId": "111122223333", "VpcId": "vpc-1",
        "Associations": [{"SubnetId": "subnet-1"}], "Tags": [{"Key": "Name", "Value": "main"}], "Entries": [
        {"CidrBlock": "0.0.0.0/1", "Egress": true, "Protocol": "6", "PortRange": {"From": 443, "To": 443},
         "RuleAction": "deny", "RuleNumber": 90},
        {"CidrBlock": "0.0.0.0/0", "Egress": true, "Protocol": "-1", "RuleAction": "allow", "RuleNumber": 100},
        {"CidrBlock": "0.0.0.0/0", "Egress": true, "Protocol": "-1", "RuleAction": "deny", "RuleNumber": 32767},
        {"Ipv6CidrBlock": "::/0", "Egress": false, "Protocol": "58", "IcmpTypeCode": {"Type": 128, "Code": -1},
         "RuleAction": "allow", "RuleNumber": 101}]}]}"#;
    let estate = estate(&[("acls.json", acl)]);
    assert_eq!(lines(&estate), ["acl-1@111122223333/?: 0.0.0.0/1 0.0.0.0/0 0.0.0.0/0"]);
    let policy = &estate.policies[0];
    assert_eq!((policy.kind, policy.name.as_deref()), (PolicyKind::NetworkAcl, Some("main")));
    let inbound: Vec<_> = policy.rules.iter().filter(|rule| rule.direction == Direction::Ingress).collect();
    assert_eq!(inbound[0].ports, Value::Known(PortMatch::Icmp(Some(128), None)));
    let reach = tidegate_reach::policy::in_world(policy, &estate, &tidegate_estate::World::default());
    assert_eq!(reach.must, reach.may);
    let share = |port: u16| {
        let https = tidegate_space::PacketSet::to_block(
            "0.0.0.0/0".parse().unwrap(),
            &tidegate_space::Services::tcp(port, port),
        );
        let cidrs = reach.must.intersection(&https).addresses(tidegate_space::IpFamily::V4).cidrs();
        cidrs.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(share(443), ["128.0.0.0/1"]);
    assert_eq!(share(80), ["0.0.0.0/0"]);
    let tables =
        r#"{"RouteTables": [{"RouteTableId": "rtb-1", "Routes": [{"DestinationCidrBlock": "0.0.0.0/0"}]}]}"#;
    let reading = read(&[("routes.json", tables)]);
    assert_eq!((reading.read.len(), reading.estates.len()), (1, 0));
}

#[test]
fn subnets_that_were_cut_down_to_the_least_are_read() {
    let subnets = r#"[{"SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.0.1.0/24"}]"#;
    let groups =
        r#"{"SecurityGroups": [{"GroupId": "sg-1", "IpPermissions": [], "IpPermissionsEgress": []}]}"#;
    let estate = estate(&[("subnets.json", subnets), ("groups.json", groups)]);
    assert_eq!(estate.network.subnets["subnet-1"].vpc.as_deref(), Some("vpc-1"));
}

#[test]
fn routes_of_a_transit_gateway_are_known_by_their_own_shape() {
    // As the command line prints them since it asks page by page; the folder names the table.
    let routes = r#"{"Routes": [
        {"DestinationCidrBlock": "10.9.0.0/16", "Type": "static", "State": "blackhole"},
        {"DestinationCidrBlock": "0.0.0.0/0", "Type": "static", "State": "active",
         "TransitGatewayAttachments": [{"TransitGatewayAttachmentId": "tgw-attach-1", "ResourceType": "vpc"}]}]}"#;
    let groups =
        r#"{"SecurityGroups": [{"GroupId": "sg-1", "IpPermissions": [], "IpPermissionsEgress": []}]}"#;
    let reading = read(&[("search-transit-gateway-routes/tgw-rtb-1.json", routes), ("groups.json", groups)]);
    let network = &reading.estates[0].network;
    assert_eq!(network.transit_tables["tgw-rtb-1"].routes.len(), 2);
    assert_eq!(network.tables.len(), 0);
}

#[test]
fn what_a_snapshot_lacks_is_told() {
    let tool = r#""tidegate": {"snapshot": 1, "version": "0.1.0", "cloud": "aws"}"#;
    let part = |call: &str, state: &str, reason: &str| {
        format!(r#"{{"call": "{call}", "file": "x.json", "state": "{state}", "reason": "{reason}"}}"#)
    };
    let parts = [
        part("ec2 describe-vpcs", "complete", ""),
        part("ec2 describe-subnets", "refused", "AccessDenied: no"),
        part("ec2 describe-nat-gateways", "refused", "AccessDenied: no"),
        part("ec2 describe-instances", "pending", ""),
    ];
    let seat = format!(
        r#"{{{tool}, "account": "123456789012", "region": "eu-west-1", "complete": false, "parts": [{}]}}"#,
        parts.join(",")
    );
    let whole = format!(
        r#"{{{tool}, "accounts": [{{"id": "210987654321", "reason": "AccessDenied: no", "regions": []}}]}}"#
    );
    let files =
        [("s/manifest.json", whole.as_str()), ("s/123456789012/eu-west-1/manifest.json", seat.as_str())];
    let reading = read(&files);
    let mut told: Vec<&str> = reading.diagnostics.iter().map(|told| told.message.as_str()).collect();
    told.sort_unstable();
    assert_eq!(
        told,
        [
            "the snapshot lacks account 210987654321: AccessDenied: no",
            "the snapshot of 123456789012/eu-west-1 lacks ec2 describe-instances: the snapshot was interrupted",
            "the snapshot of 123456789012/eu-west-1 lacks ec2 describe-subnets, ec2 describe-nat-gateways: refused: \
             AccessDenied: no",
        ]
    );
    assert!(reading.diagnostics.iter().all(|told| told.severity == tidegate_estate::Severity::Error));
    // Other programs have manifests, too.
    for other in
        [r#"{"tidegate": {}, "parts": []}"#, r#"{"parts": [{"state": "pending"}]}"#, r#"["tidegate"]"#]
    {
        assert!(read(&[("manifest.json", other)]).diagnostics.is_empty());
    }
}

/// A function in two subnets, and one interface of Lambda's.
fn functions(groups: &str, more: &str) -> Estate {
    let group = shut("sg-1");
    let interface = r#"{"NetworkInterfaceId": "eni-1", "InterfaceType": "lambda", "SubnetId": "subnet-1", "VpcId": "vpc-1",
        "Description": "AWS Lambda VPC ENI-orders-0b1c", "Groups": [{"GroupId": "sg-1"}],
        "PrivateIpAddress": "10.0.0.9"}"#;
    let function = format!(
        r#"{{"FunctionName": "orders", "FunctionArn": "arn:aws:lambda:eu-west-1:111122223333:function:orders",
        "VpcConfig": {{"VpcId": "vpc-1", "SubnetIds": ["subnet-1", "subnet-2"], "SecurityGroupIds": {groups}}}}}{more}"#
    );
    let text = format!(
        r#"{{"SecurityGroups": [{group}]}} {{"NetworkInterfaces": [{interface}]}} {{"Functions": [{function}]}}"#
    );
    estate(&[("all.json", &text)])
}

/// Of each interface its id, and what its workload is called.
fn called(estate: &Estate) -> Vec<(&str, &str)> {
    let called = |workload: usize| estate.workloads[workload].name.as_deref().unwrap_or_default();
    estate.network.interfaces.iter().map(|one| (one.id.as_str(), called(one.workload))).collect()
}

#[test]
fn interfaces_are_called_by_the_functions_that_send_through_them() {
    let estate = functions(r#"["sg-1"]"#, "");
    assert_eq!(called(&estate), [("eni-1", "orders"), ("orders in subnet-2", "orders")]);
    // The second one is not among the answers: its groups are known, and its address is not.
    let added = &estate.network.interfaces[1];
    assert_eq!((added.groups.as_slice(), added.addresses.is_empty()), (&[0][..], true));
    assert_eq!(estate.workloads[1].region.as_deref(), Some("eu-west-1"));
    assert_eq!(estate.workloads[1].guarded, [[0]]);
}

#[test]
fn functions_share_an_interface_where_they_share_groups_and_subnet() {
    let with = |groups: &str| {
        format!(
            r#", {{"FunctionName": "audit", "FunctionArn": "arn:aws:lambda:eu-west-1:111122223333:function:audit",
            "VpcConfig": {{"VpcId": "vpc-1", "SubnetIds": ["subnet-1"], "SecurityGroupIds": {groups}}}}}"#
        )
    };
    let same = functions(r#"["sg-1"]"#, &with(r#"["sg-1"]"#));
    assert_eq!(called(&same), [("eni-1", "audit, orders"), ("orders in subnet-2", "orders")]);
    let other = functions(r#"["sg-1"]"#, &with(r#"["sg-1", "sg-2"]"#));
    let expected = [("audit in subnet-1", "audit"), ("eni-1", "orders"), ("orders in subnet-2", "orders")];
    assert_eq!(called(&other), expected);
    assert_eq!(other.network.interfaces[0].unseen_groups, ["sg-2"]);
}

#[test]
fn a_function_outside_of_every_vpc_is_guarded_by_no_group() {
    let outside = r#", {"FunctionName": "mail", "FunctionArn": "arn:aws:lambda:eu-west-1:111122223333:function:mail",
        "VpcConfig": {"VpcId": "", "SubnetIds": [], "SecurityGroupIds": []}}, {"FunctionName": "sms",
        "FunctionArn": "arn:aws:lambda:eu-west-1:111122223333:function:sms"}"#;
    assert_eq!(called(&functions(r#"["sg-1"]"#, outside)).len(), 2);
}
