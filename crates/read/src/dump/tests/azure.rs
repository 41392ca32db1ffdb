use super::{estate, lines, out};
use tidegate_estate::{Direction, Estate, Peer, PolicyKind, Value};

const RULE: &str = r#"{"name": "N", "properties": {"direction": "Outbound", "access": "ACCESS", "priority": NUMBER,
    "protocol": "*", "sourceAddressPrefix": "SOURCE", "sourcePortRange": "*", "destinationAddressPrefix": "TO",
    "destinationPortRange": "*"}}"#;

/// What a group with these rules (access, number, source, destination) lets out, as [`out`] says it.
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
    out(&estate, policy)
}

#[test]
fn an_inbound_rule_lets_in_for_certain_what_it_lets_in_to_every_workload() {
    let lets_in = |source: &str, to: &str| {
        let rule = RULE.replace("Outbound", "Inbound").replace("ACCESS", "Allow").replace("NUMBER", "100");
        let rule = rule.replace("SOURCE", source).replace("TO", to);
        let text = format!(
            r#"{{"resources": [{{"type": "Microsoft.Network/networkSecurityGroups", "name": "web",
            "location": "westeurope", "properties": {{"securityRules": [{rule}]}}}}]}}"#
        );
        let estate = estate(&[("arm.json", &text)]);
        let set = tidegate_reach::policy::lets_in(&estate.policies[0], &estate, 4);
        let blocks = set.addresses(tidegate_space::IpFamily::V4).cidrs();
        blocks.iter().map(ToString::to_string).collect::<Vec<String>>()
    };
    assert_eq!(lets_in("Internet", "*"), ["0.0.0.0/0"]);
    assert_eq!(lets_in("198.51.100.0/24", "VirtualNetwork"), ["198.51.100.0/24"]);
    assert!(lets_in("VirtualNetwork", "*").is_empty());
    assert!(lets_in("*", "10.0.0.4").is_empty(), "for some of the workloads only");
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

const NETWORK: &str = "/subscriptions/S/resourceGroups/R/providers/Microsoft.Network";

fn group(name: &str) -> String {
    format!(
        r#"{{"id": "{NETWORK}/networkSecurityGroups/{name}", "name": "{name}", "securityRules": [], "subnets": []}}"#
    )
}

/// An interface in a subnet, with more members.
fn interface(subnet: &str, more: &str) -> String {
    format!(
        r#"{{"id": "{NETWORK}/networkInterfaces/nic", "name": "nic", "location": "westeurope", "ipConfigurations": [
        {{"privateIPAddress": "10.0.0.4", "publicIPAddress": {{"id": "{NETWORK}/publicIPAddresses/web"}},
        "subnet": {{"id": "{NETWORK}/virtualNetworks/v/subnets/{subnet}"}}}}]{more}}}"#
    )
}

fn networks() -> String {
    format!(
        r#"{{"id": "{NETWORK}/virtualNetworks/v", "name": "v", "location": "westeurope",
        "addressSpace": {{"addressPrefixes": ["10.0.0.0/16"]}}, "subnets": [
        {{"id": "{NETWORK}/virtualNetworks/v/subnets/bare", "name": "bare", "addressPrefix": "10.0.0.0/24"}},
        {{"id": "{NETWORK}/virtualNetworks/v/subnets/guarded", "name": "guarded", "addressPrefix": "10.0.1.0/24",
          "networkSecurityGroup": {{"id": "{NETWORK}/networkSecurityGroups/around"}}}}]}}"#
    )
}

fn of(records: &[String]) -> Estate {
    estate(&[("all.json", &format!("[{}]", records.join(",")))])
}

/// The kinds and names of what guards the interface, and whether anything is known of it.
fn guards(records: &[String]) -> Vec<(PolicyKind, String, bool)> {
    let estate = of(records);
    let guards = estate.workloads[0].guarded.iter().flatten().map(|index| &estate.policies[*index]);
    guards
        .map(|policy| {
            let path = policy.path.as_deref().unwrap_or_default();
            (policy.kind, path.rsplit('/').next().unwrap().to_owned(), policy.opaque.is_empty())
        })
        .collect()
}

#[test]
fn the_groups_of_the_interface_and_of_the_subnet_both_guard() {
    use PolicyKind::{NetworkSecurityGroup as Nsg, UnguardedSubnet as Bare};
    let own = format!(r#", "networkSecurityGroup": {{"id": "{NETWORK}/networkSecurityGroups/own"}}"#);
    let all = |subnet: &str, more: &str| {
        guards(&[group("own"), group("around"), networks(), interface(subnet, more)])
    };
    let nsg = |name: &str| (Nsg, name.to_owned(), true);
    assert_eq!(all("guarded", &own), [nsg("around"), nsg("own")]);
    assert_eq!(all("guarded", ""), [nsg("around")]);
    assert_eq!(all("bare", &own), [nsg("own")]);
    assert_eq!(all("bare", ""), [(Bare, "bare".to_owned(), true)]);
    assert_eq!(all("elsewhere", ""), [(Bare, "elsewhere".to_owned(), false)]);
    // A group that is named and not shown is unknown.
    assert_eq!(guards(&[networks(), interface("guarded", "")]), [(Nsg, "around".to_owned(), false)]);
}

#[test]
fn a_subnet_without_a_group_lets_everything_out_over_the_families_that_it_has() {
    let estate = of(&[networks(), interface("bare", "")]);
    let bare = &estate.policies[0];
    assert_eq!(out(&estate, bare), (vec!["0.0.0.0/0".to_owned()], true));
    assert!(bare.rules.iter().all(|rule| matches!(rule.peer, Value::Known(Peer::Cidr(ipnet::IpNet::V4(_))))));
    assert_eq!((bare.members, bare.region.as_deref()), (Some(1), Some("westeurope")));
}

#[test]
fn public_addresses_come_from_their_own_answer() {
    let address =
        format!(r#"{{"id": "{NETWORK}/publicIPAddresses/web", "name": "web", "ipAddress": "198.51.100.9"}}"#);
    let estate = of(&[networks(), interface("bare", ""), address]);
    assert_eq!(estate.workloads[0].public, ["198.51.100.9"]);
}

#[test]
fn route_tables_are_read_and_restrict_nothing() {
    let table = format!(r#"[{{"id": "{NETWORK}/routeTables/t", "name": "t", "routes": []}}]"#);
    let reading = super::read(&[("routes.json", &table)]);
    assert_eq!((reading.read.len(), reading.estates.len()), (1, 0));
}

#[test]
fn the_other_end_of_an_inbound_rule_is_its_source() {
    let rule = RULE
        .replace("Outbound", "Inbound")
        .replace("ACCESS", "Allow")
        .replace("NUMBER", "100")
        .replace("SOURCE", "203.0.113.0/24")
        .replace("\"TO\"", "\"*\"");
    let text = format!(
        r#"[{{"id": "{NETWORK}/networkSecurityGroups/g", "name": "g", "securityRules": [{rule}], "defaultSecurityRules": []}}]"#
    );
    let estate = estate(&[("nsg.json", &text)]);
    let rule = &estate.policies[0].rules[0];
    assert_eq!((rule.direction, &rule.presence), (Direction::Ingress, &tidegate_estate::Presence::Present));
    assert_eq!(rule.peer, Value::Known(Peer::Cidr("203.0.113.0/24".parse().unwrap())));
    assert_eq!(lines(&estate).len(), 1);
    // What an exported template leaves out is there in both directions.
    let bare = of(&[group("g")]);
    let inbound = bare.policies[0].rules.iter().filter(|rule| rule.direction == Direction::Ingress).count();
    assert_eq!(inbound, 4);
}

/// The network of an interface in the subnet `bare`, with more answers.
fn topology(more: &[(&str, String)]) -> tidegate_estate::azure::Network {
    let (networks, card) = (networks(), interface("bare", ""));
    let mut files: Vec<(&str, &str)> = vec![("vnets.json", &networks), ("nics.json", &card)];
    files.extend(more.iter().map(|(path, text)| (*path, text.as_str())));
    estate(&files).azure
}

#[test]
fn ids_are_told_as_the_resource_spells_them() {
    let table = format!(
        r#"[{{"id": "{NETWORK}/routeTables/T", "name": "T", "routes": [
        {{"name": "out", "addressPrefix": "0.0.0.0/0", "nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.0.0.9"}}]}}]"#
    );
    let subnet = format!(
        r#"{{"id": "{}/virtualNetworks/V/SUBNETS/Other", "name": "Other", "addressPrefix": "10.0.2.0/24",
        "routeTable": {{"id": "{}"}}}}"#,
        NETWORK.replace("subscriptions", "SUBSCRIPTIONS"),
        format!("{NETWORK}/routeTables/t").to_lowercase()
    );
    let network = topology(&[("rt.json", table), ("subnets.json", subnet)]);
    let (id, other) = network.subnets.iter().find(|(id, _)| id.ends_with("/Other")).unwrap();
    assert!(id.contains("SUBNETS"));
    assert_eq!(other.network, format!("{NETWORK}/virtualNetworks/v"));
    let table = &network.tables[other.table.as_ref().unwrap()];
    assert_eq!(table.routes[0].hop, tidegate_estate::azure::NextHop::Appliance("10.0.0.9".parse().unwrap()));
}

#[test]
fn answers_that_name_nothing_are_attributed_by_what_is_around_them() {
    let rules = r#"{"skipToken": null, "value": [{"kind": "Custom", "id": "/m/rules/no-ssh", "access": "Deny",
        "direction": "Outbound", "priority": 5, "protocol": "Tcp", "sources": [], "destinations": [],
        "sourcePortRanges": ["0-65535"], "destinationPortRanges": ["22"], "ruleCollectionAppliesToGroups": []}]}"#;
    let network = format!("{NETWORK}/virtualNetworks/v");
    for path in ["admin/v.json", "admin-v.json", "v/admin.json", "v-admin.json"] {
        let known = topology(&[(path, rules.to_owned())]);
        let own = known.admin.get(&network).unwrap_or_else(|| panic!("{path}"));
        assert_eq!(
            (own.len(), own[0].name.as_str(), own[0].ports.as_slice()),
            (1, "no-ssh", &[(22, 22)][..])
        );
        assert_eq!(own[0].destinations, [tidegate_estate::azure::End::Any]);
    }
    assert!(topology(&[("admin/vault.json", rules.to_owned())]).admin.is_empty(), "another name");
    let none = topology(&[("admin/v.json", r#"{"skipToken": "", "value": []}"#.to_owned())]);
    assert_eq!(none.admin[&network], [], "no rule is an answer, too");
}

#[test]
fn a_group_that_says_what_it_guards_guards_it() {
    let group = format!(
        r#"[{{"id": "{NETWORK}/networkSecurityGroups/g", "name": "g", "securityRules": [], "defaultSecurityRules": [],
        "subnets": [{{"id": "{NETWORK}/virtualNetworks/v/subnets/bare"}}], "networkInterfaces": [{{"id": "{NETWORK}/networkInterfaces/NIC"}}]}}]"#
    );
    let network = topology(&[("nsg.json", group)]);
    let id = Some(format!("{NETWORK}/networkSecurityGroups/g"));
    assert_eq!(network.subnets[&format!("{NETWORK}/virtualNetworks/v/subnets/bare")].group, id);
    assert_eq!(network.cards[&format!("{NETWORK}/networkInterfaces/nic")].group, id);
}
