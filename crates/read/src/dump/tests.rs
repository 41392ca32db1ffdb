use crate::{MemoryFiles, Options, Reading};
use tidegate_estate::{Estate, Guard, Value};

fn read(files: &[(&str, &str)]) -> Reading {
    crate::read(&MemoryFiles::new(files.iter().copied()), &Options::default())
}

fn estate(files: &[(&str, &str)]) -> Estate {
    let reading = read(files);
    assert!(reading.diagnostics.is_empty(), "{:?}", reading.diagnostics);
    assert_eq!(reading.estates.len(), 1);
    reading.estates.into_iter().next().unwrap()
}

/// `id@account/region: peers of the outbound rules`.
fn lines(estate: &Estate) -> Vec<String> {
    let shown = |text: &Option<String>| text.clone().unwrap_or_else(|| "?".to_owned());
    estate
        .policies
        .iter()
        .map(|policy| {
            let peers: Vec<String> = policy
                .rules
                .iter()
                .filter(|rule| rule.direction == tidegate_estate::Direction::Egress)
                .map(|rule| match &rule.peer {
                    Value::Known(tidegate_estate::Peer::Cidr(block)) => block.to_string(),
                    Value::Known(tidegate_estate::Peer::PrefixList(index)) => {
                        estate.prefix_lists[*index].name.clone()
                    }
                    Value::Known(peer) => format!("{peer:?}"),
                    Value::Unknown(reason) => format!("?{}", reason.text),
                    Value::OneOf(_) => unreachable!("a dump has no alternatives in a peer"),
                })
                .collect();
            let id = shown(&policy.path);
            format!("{id}@{}/{}: {}", shown(&policy.account), shown(&policy.region), peers.join(" "))
        })
        .collect()
}

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

const RULE: &str = r#"{"name": "N", "properties": {"direction": "Outbound", "access": "ACCESS", "priority": NUMBER,
    "protocol": "*", "sourceAddressPrefix": "SOURCE", "sourcePortRange": "*", "destinationAddressPrefix": "TO",
    "destinationPortRange": "*"}}"#;

/// What a group of Azure with these rules (access, number, source, destination) must and may let out, as shares of the
/// first bytes of addresses.
fn azure(rules: &[(&str, u32, &str, &str)]) -> (Vec<String>, bool) {
    let rules: Vec<String> = rules
        .iter()
        .map(|(access, number, source, to)| {
            RULE.replace("ACCESS", access)
                .replace("NUMBER", &number.to_string())
                .replace("SOURCE", source)
                .replace("TO", to)
        })
        .collect();
    let text = format!(
        r#"{{"resources": [{{"type": "Microsoft.Network/networkSecurityGroups", "name": "web", "location": "westeurope",
        "properties": {{"securityRules": [{}]}}}}]}}"#,
        rules.join(",")
    );
    let estate = estate(&[("arm.json", &text)]);
    let policy = &estate.policies[0];
    assert_eq!(
        (policy.kind, policy.name.as_deref()),
        (tidegate_estate::PolicyKind::NetworkSecurityGroup, Some("web"))
    );
    let worlds = tidegate_reach::policy::worlds_of(policy, &estate, 4).unwrap();
    let reach = tidegate_reach::policy::in_world(policy, &estate, &worlds[0]);
    let blocks = reach.must.addresses(tidegate_space::IpFamily::V4).cidrs();
    (blocks.iter().map(ToString::to_string).collect(), reach.may == reach.must)
}

#[test]
fn the_first_rule_that_matches_decides_and_the_platform_s_own_come_last() {
    let everything = (vec!["0.0.0.0/0".to_owned()], true);
    let nothing = (Vec::<String>::new(), true);
    assert_eq!(azure(&[]), everything, "an empty group is open");
    assert_eq!(azure(&[("Deny", 4000, "*", "Internet")]), nothing);
    assert_eq!(azure(&[("Deny", 4000, "*", "*"), ("Allow", 100, "*", "10.0.0.0/8")]).0, ["10.0.0.0/8"]);
    assert_eq!(azure(&[("Deny", 100, "*", "0.0.0.0/1")]).0, ["128.0.0.0/1"]);
    assert_eq!(
        azure(&[("Deny", 100, "*", "Storage.WestEurope")]),
        everything,
        "a tag takes nobody's addresses away"
    );
    assert_eq!(azure(&[("Allow", 100, "*", "203.0.113.7"), ("Deny", 200, "*", "*")]).0, ["203.0.113.7/32"]);
    // Rules for some workloads only decide nothing for sure.
    assert_eq!(azure(&[("Deny", 100, "10.0.0.4", "*")]), (vec![], false));
    assert!(!azure(&[("Deny", 100, "*", "[parameters('to')]")]).1);
}

#[test]
fn interfaces_of_azure_are_joined_by_id_whatever_its_case() {
    let group = r#"[{"id": "/subscriptions/S/resourceGroups/R/providers/Microsoft.Network/networkSecurityGroups/A",
        "name": "A", "securityRules": [], "defaultSecurityRules": [], "subnets": [{"id": "/SUBSCRIPTIONS/s/x/subnets/one"}]}]"#;
    let interface = r#"[{"id": "/subscriptions/S/resourceGroups/R/providers/Microsoft.Network/networkInterfaces/N",
        "name": "N", "ipConfigurations": [{"privateIPAddress": "10.0.0.4", "subnet": {"id": "/subscriptions/S/x/subnets/one"}}]}]"#;
    let all = estate(&[("nsg.json", group), ("nic.json", interface)]);
    assert_eq!(all.workloads[0].guarded, [[0]]);
    assert_eq!(all.workloads[0].private, ["10.0.0.4"]);
    assert_eq!((all.policies[0].members, all.policies[0].account.as_deref()), (Some(1), Some("S")));
}
