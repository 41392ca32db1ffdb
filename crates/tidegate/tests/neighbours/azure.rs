//! Azure: a private subnet beside one with a public address.

use super::{Folder, is_isolated, told, way};
use tidegate_audit::{Confidence, Level, RuleId};

const DENIES: &str = r#""priority": 4000, "access": "Deny""#;
const PRIVATE: &str = r#""addressPrefix": "10.0.1.0/24", "defaultOutboundAccess": false"#;

fn network() -> Folder {
    Folder::of("Azure CLI")
}

/// The ledger's group lets everything out: what is left is its subnet.
fn open() -> Folder {
    network().with(
        r#"{"name": "NoInternet", "priority": 4000, "access": "Deny", "direction": "Outbound", "protocol": "*", "sourceAddressPrefix": "*", "sourcePortRange": "*", "destinationAddressPrefix": "Internet", "destinationPortRange": "*"}
    ] },"#,
        "] },",
    )
}

/// Another group stands beside the ledger's, at its subnet.
fn guarded(by: &str) -> Folder {
    let ids = "/subscriptions/1/resourceGroups/shop/providers/Microsoft.Network/networkSecurityGroups";
    open().with(PRIVATE, &format!(r#"{PRIVATE}, "networkSecurityGroup": {{"id": "{ids}/second"}}"#)).with(
        "[\n  { \"id\"",
        &format!(
            "[\n  {{\"id\": \"{ids}/second\", \"name\": \"second\", \"securityRules\": [{by}]}},\n  {{ \"id\""
        ),
    )
}

#[test]
fn the_chain_is_told_from_the_group_to_the_public_address() {
    let found = network().through_a_neighbour().unwrap();
    assert_eq!(found.confidence, Confidence::Certain);
    assert!(found.subjects[0].path.as_deref().unwrap().ends_with("/networkSecurityGroups/ledger"));
    assert_eq!(found.affected.len(), 1);
    let message = "ledger-vm (ledger-nic) may reach proxy-vm (proxy-nic) with tcp/3128, and that one reaches more than 99.9 % of the \
                   IPv4 Internet with tcp/443.";
    assert!(found.message.ends_with(message), "{}", found.message);
    let (gates, arrives) = way(&found);
    assert_eq!(
        gates,
        [
            "network security group ledger: rule AllowVnetOutBound (65000) allows it",
            "routes of private: system route: 10.0.0.0/16 is its own",
            "network security group there proxy: rule Proxy (100) allows it",
        ]
    );
    assert_eq!(arrives, "yes");
    let then = found.path.as_ref().unwrap().then.as_ref().unwrap();
    assert_eq!((then.from.as_str(), then.arrives), ("proxy-vm (proxy-nic)", "yes"));
    assert_eq!(then.gates.last().unwrap().kind, "public address");
    let told = told(&found);
    for part in ["this lets tcp/3128 into proxy-vm", "out of proxy-vm"] {
        assert!(told.iter().any(|message| message.contains(part)), "{part}: {told:#?}");
    }
    assert!(!told.iter().any(|message| message.contains("/subscriptions/")), "{told:#?}");
    assert_eq!(found.rating.risk, Level::Informational);
}

#[test]
fn what_guards_of_both_ends_stop_is_no_way() {
    let inward = r#""sourceAddressPrefix": "VirtualNetwork", "sourcePortRange": "*", "destinationAddressPrefix": "*", "destinationPortRange": "3128""#;
    let from_elsewhere = inward.replace("VirtualNetwork", "10.0.7.0/24");
    assert!(network().with(inward, &from_elsewhere).through_a_neighbour().is_none());
    let denies = r#"{"access": "Deny", "direction": "Outbound", "priority": 10, "protocol": "Tcp", "sources": [], "destinations": [],
        "ruleCollectionAppliesToGroups": [], "sourcePortRanges": ["0-65535"], "destinationPortRanges": ["3128"]}"#;
    let told = network().with(r#""value": []"#, &format!(r#""value": [{denies}]"#));
    assert!(told.through_a_neighbour().is_none());
    let nowhere = network().with(DENIES, r#""priority": 90, "access": "Deny""#).with(
        r#""sourcePortRange": "*", "destinationAddressPrefix": "Internet", "destinationPortRange": "*""#,
        r#""sourcePortRange": "*", "destinationAddressPrefix": "*", "destinationPortRange": "*""#,
    );
    assert!(nowhere.through_a_neighbour().is_none());
}

#[test]
fn another_card_of_the_same_machine_is_no_neighbour() {
    assert!(
        network()
            .with("virtualMachines/proxy-vm", "virtualMachines/LEDGER-VM")
            .through_a_neighbour()
            .is_none()
    );
}

#[test]
fn a_private_endpoint_is_no_neighbour_and_not_restricted() {
    let card = r#""name": "ledger-nic", "location": "westeurope","#;
    let endpoint = format!(r#"{card} "privateEndpoint": {{"id": "/x/privateEndpoints/db"}},"#);
    assert!(network().with(card, &endpoint).through_a_neighbour().is_none());
}

/// The proxy in a network of its own, with a peering between the two.
fn apart(peerings: bool) -> Folder {
    let ids = "/subscriptions/1/resourceGroups/shop/providers/Microsoft.Network";
    let moved = network()
        .with(
            r#"{"id": "/subscriptions/1/resourceGroups/shop/providers/Microsoft.Network/virtualNetworks/shop/subnets/dmz", "name": "dmz", "addressPrefix": "10.0.0.0/24", "defaultOutboundAccess": false,
       "networkSecurityGroup": {"id": "/subscriptions/1/resourceGroups/shop/providers/Microsoft.Network/networkSecurityGroups/proxy"}},"#,
            "",
        )
        .with("virtualNetworks/shop/subnets/dmz", "virtualNetworks/hub/subnets/dmz")
        .with(r#""privateIPAddress": "10.0.0.10""#, r#""privateIPAddress": "10.9.0.10""#);
    let hub = |peering: &str| {
        format!(
            r#"{{"id": "{ids}/virtualNetworks/hub", "name": "hub", "addressSpace": {{"addressPrefixes": ["10.9.0.0/16"]}},
            "virtualNetworkPeerings": [{peering}],
            "subnets": [{{"id": "{ids}/virtualNetworks/hub/subnets/dmz", "name": "dmz", "addressPrefix": "10.9.0.0/24",
            "defaultOutboundAccess": false, "networkSecurityGroup": {{"id": "{ids}/networkSecurityGroups/proxy"}}}}]}}"#
        )
    };
    let peering = |own: &str, other: &str, blocks: &str| {
        format!(
            r#"{{"id": "{ids}/virtualNetworks/{own}/virtualNetworkPeerings/to-{other}", "name": "to-{other}",
            "peeringState": "Connected", "allowVirtualNetworkAccess": true,
            "remoteVirtualNetwork": {{"id": "{ids}/virtualNetworks/{other}"}},
            "remoteAddressSpace": {{"addressPrefixes": ["{blocks}"]}}}}"#
        )
    };
    let (to_hub, to_shop) = match peerings {
        true => (peering("shop", "hub", "10.9.0.0/16"), peering("hub", "shop", "10.0.0.0/16")),
        false => (String::new(), String::new()),
    };
    let mut apart =
        moved.with(r#""virtualNetworkPeerings": []"#, &format!(r#""virtualNetworkPeerings": [{to_hub}]"#));
    apart.0.insert("hub.json".to_owned(), hub(&to_shop));
    let none = apart.0["security-admin-rules/shop.json"].clone();
    apart.0.insert("security-admin-rules/hub.json".to_owned(), none);
    apart
}

#[test]
fn a_peering_makes_neighbours_of_two_networks() {
    let found = apart(true).through_a_neighbour().unwrap();
    assert_eq!(found.confidence, Confidence::Certain);
    let (gates, _) = way(&found);
    assert!(gates.iter().any(|gate| gate == "peering to-hub: it leads to hub"), "{gates:#?}");
    assert!(apart(false).through_a_neighbour().is_none());
}

#[test]
fn the_same_addresses_in_another_network_are_no_neighbour() {
    // The ledger's own network has the address's block, and nobody in it has the address.
    let elsewhere = apart(false)
        .with(r#""privateIPAddress": "10.9.0.10""#, r#""privateIPAddress": "10.0.0.10""#)
        .with(r#""addressPrefixes": ["10.9.0.0/16"]"#, r#""addressPrefixes": ["10.0.0.0/16"]"#)
        .with(r#""addressPrefix": "10.9.0.0/24""#, r#""addressPrefix": "10.0.0.0/24""#);
    assert!(elsewhere.through_a_neighbour().is_none());
}

#[test]
fn without_the_rules_of_administrators_it_is_possible() {
    let found = network().without("security-admin-rules/shop.json").through_a_neighbour().unwrap();
    assert_eq!(found.confidence, Confidence::Possible);
    assert!(
        found.message.contains("that one perhaps reaches more than 99.9 % of the IPv4 Internet"),
        "{}",
        found.message
    );
}

#[test]
fn a_group_in_a_private_subnet_is_isolated_and_the_way_says_why() {
    let found = open().about("/ledger");
    assert_eq!(found.rule, RuleId::OpenEgressByDefault);
    assert!(is_isolated(&found));
    let (gates, arrives) = way(&found);
    assert_eq!(
        gates,
        [
            "network security group ledger: rule AllowInternetOutBound (65001) allows it",
            "routes of private: system route: everything else → Internet",
            "default outbound access of private: the subnet is private",
        ]
    );
    assert_eq!(arrives, "no");
    let told = told(&found);
    assert_eq!(
        told,
        ["on the way from ledger-vm (ledger-nic), default outbound access of private: the subnet is private"]
    );
    // It has a neighbour all the same.
    assert!(open().through_a_neighbour().is_some());
}

#[test]
fn a_way_out_or_what_may_be_one_is_no_isolation() {
    for (old, new) in [
        // Default outbound access, and nobody knows whether there is any.
        (PRIVATE, r#""addressPrefix": "10.0.1.0/24", "defaultOutboundAccess": true"#),
        (PRIVATE, r#""addressPrefix": "10.0.1.0/24""#),
        // A NAT gateway, a load balancer and a route table that no answer shows.
        (
            PRIVATE,
            r#""addressPrefix": "10.0.1.0/24", "defaultOutboundAccess": false, "natGateway": {"id": "/x/natGateways/n"}"#,
        ),
        (
            PRIVATE,
            r#""addressPrefix": "10.0.1.0/24", "defaultOutboundAccess": false, "routeTable": {"id": "/x/routeTables/t"}"#,
        ),
        (
            r#""privateIPAddress": "10.0.1.10","#,
            r#""privateIPAddress": "10.0.1.10", "loadBalancerBackendAddressPools": [{"id": "/x/backendAddressPools/p"}],"#,
        ),
        // A public address, an interface without a subnet, and one of which no address is shown.
        (
            r#""privateIPAddress": "10.0.1.10","#,
            r#""privateIPAddress": "10.0.1.10", "publicIPAddress": {"id": "/x/publicIPAddresses/i"},"#,
        ),
        (
            r#""privateIPAddress": "10.0.1.10", "subnet": {"id": "/subscriptions/1/resourceGroups/shop/providers/Microsoft.Network/virtualNetworks/shop/subnets/private"}"#,
            r#""privateIPAddress": "10.0.1.10""#,
        ),
    ] {
        let found = open().with(old, new).about("/ledger");
        assert!(!is_isolated(&found), "{new}");
    }
    // A gateway of which no answer shows where it leads may lead to the Internet.
    let gateway = open().with(
        r#""subnets": [
      {"id""#,
        r#""subnets": [{"id": "/subscriptions/1/resourceGroups/shop/providers/Microsoft.Network/virtualNetworks/shop/subnets/GatewaySubnet", "name": "GatewaySubnet", "addressPrefix": "10.0.9.0/24"},
      {"id""#,
    );
    assert!(!is_isolated(&gateway.about("/ledger")));
}

#[test]
fn what_no_answer_shows_isolates_nothing() {
    // Without the network nothing is said of routes at all; neither without the interfaces.
    let start = open().0["network.json"].clone();
    let records: Vec<serde_json::Value> = serde_json::from_str(&start).unwrap();
    let only = |kinds: &[&str]| {
        let is = |record: &&serde_json::Value| {
            kinds.iter().any(|kind| record["id"].as_str().unwrap().contains(&format!("/{kind}/")))
        };
        let some: Vec<&serde_json::Value> = records.iter().filter(is).collect();
        let mut folder = open();
        folder.0.insert("network.json".to_owned(), serde_json::to_string(&some).unwrap());
        folder
    };
    for kinds in [&["networkSecurityGroups"][..], &["networkSecurityGroups", "networkInterfaces"]] {
        let folder = only(kinds);
        let found = folder.about("/ledger");
        assert_eq!(found.rating.risk, Level::Low, "{kinds:?}");
        assert!(found.path.is_none() && found.related.is_empty(), "{kinds:?}");
        assert!(folder.through_a_neighbour().is_none());
    }
    let all = ["networkSecurityGroups", "networkInterfaces", "virtualNetworks"];
    assert!(is_isolated(&only(&all).about("/ledger")));
    // The rules of administrators change nothing about routes.
    assert!(is_isolated(&open().without("security-admin-rules/shop.json").about("/ledger")));
}

#[test]
fn interfaces_that_no_answer_shows_may_have_a_way_out() {
    // Those of machines of a uniform scale set are in no list of interfaces: the group or the subnet names them.
    let card = |name: &str| {
        format!(
            "/subscriptions/1/resourceGroups/shop/providers/Microsoft.Compute/virtualMachineScaleSets/s/virtualMachines/0/networkInterfaces/{name}"
        )
    };
    let (unseen, name) = (card("x"), r#""name": "ledger","#);
    let by_group = open().with(name, &format!(r#"{name} "networkInterfaces": [{{"id": "{unseen}"}}],"#));
    assert_eq!(by_group.about("/ledger").rating.risk, Level::Low);
    let shown =
        "/subscriptions/1/resourceGroups/shop/providers/MICROSOFT.Network/networkInterfaces/ledger-nic";
    let known = open().with(name, &format!(r#"{name} "networkInterfaces": [{{"id": "{shown}"}}],"#));
    assert!(is_isolated(&known.about("/ledger")));
    // Of the subnet it is the other group that guards them.
    let in_subnet = |id: &str| {
        let denies = r#"{"name": "Shut", "priority": 100, "access": "Deny", "direction": "Outbound", "protocol": "*", "sourceAddressPrefix": "*", "sourcePortRange": "*", "destinationAddressPrefix": "10.7.0.0/16", "destinationPortRange": "*"}"#;
        guarded(denies).with(
            PRIVATE,
            &format!(r#"{PRIVATE}, "ipConfigurations": [{{"id": "{id}/ipConfigurations/ip"}}]"#),
        )
    };
    assert_eq!(in_subnet(&unseen).about("/second").rating.risk, Level::Low);
    assert!(is_isolated(&in_subnet(&unseen).about("/ledger")));
    assert!(is_isolated(&in_subnet(shown).about("/second")));
    assert!(is_isolated(&in_subnet("/x/loadBalancers/b/frontendIPConfigurations/f").about("/second")));
}

#[test]
fn the_other_group_is_told_where_it_stops_a_packet() {
    let denies = r#"{"name": "Shut", "priority": 100, "access": "Deny", "direction": "Outbound", "protocol": "*", "sourceAddressPrefix": "*", "sourcePortRange": "*", "destinationAddressPrefix": "Internet", "destinationPortRange": "*"}"#;
    let found = guarded(denies).about("/ledger");
    assert!(
        found
            .rating
            .reasons
            .iter()
            .any(|reason| reason.contains("the other network security group closes it"))
    );
    let told = told(&found);
    assert!(
        told.iter()
            .any(|message| message.contains("network security group second: rule Shut (100) denies it")),
        "{told:#?}"
    );
    assert_eq!(way(&found).1, "no");
}

#[test]
fn what_an_administrator_may_always_allow_no_group_isolates() {
    // For the ledger's address alone: the other group closes it for this interface, not as a policy.
    let denies = r#"{"name": "Shut", "priority": 100, "access": "Deny", "direction": "Outbound", "protocol": "*", "sourceAddressPrefix": "10.0.1.10", "sourcePortRange": "*", "destinationAddressPrefix": "Internet", "destinationPortRange": "*"}"#;
    let shut =
        guarded(denies).with(PRIVATE, r#""addressPrefix": "10.0.1.0/24", "defaultOutboundAccess": true"#);
    assert!(is_isolated(&shut.about("/ledger")));
    assert!(!is_isolated(&shut.without("security-admin-rules/shop.json").about("/ledger")));
}

#[test]
fn what_an_administrator_always_allows_the_other_group_does_not_close() {
    let denies = r#"{"name": "Shut", "priority": 100, "access": "Deny", "direction": "Outbound", "protocol": "*", "sourceAddressPrefix": "*", "sourcePortRange": "*", "destinationAddressPrefix": "Internet", "destinationPortRange": "*"}"#;
    let public = guarded(denies).with(
        r#""privateIPAddress": "10.0.1.10","#,
        r#""privateIPAddress": "10.0.1.10", "publicIPAddress": {"id": "/x/publicIPAddresses/i"},"#,
    );
    let closed = public.about("/ledger");
    assert_eq!((closed.rating.risk, closed.affected.len()), (Level::Informational, 0));
    let always = r#"{"name": "Updates", "access": "AlwaysAllow", "direction": "Outbound", "priority": 10, "protocol": "Tcp", "sources": [], "destinations": [],
        "ruleCollectionAppliesToGroups": [], "sourcePortRanges": ["0-65535"], "destinationPortRanges": ["443"]}"#;
    let found = public.with(r#""value": []"#, &format!(r#""value": [{always}]"#)).about("/ledger");
    assert_eq!((found.rating.risk, found.affected.len()), (Level::Low, 1));
    let (gates, arrives) = way(&found);
    assert_eq!(
        gates[0],
        "security admin rules of shop: rule Updates (10) always allows it, whatever groups say"
    );
    assert_eq!(arrives, "yes");
}

#[test]
fn a_finding_with_a_way_out_shows_it() {
    let found = network().about("/proxy");
    let (gates, arrives) = way(&found);
    assert_eq!(arrives, "yes");
    assert_eq!(gates.last().unwrap(), "public address proxy-ip: the sender has it");
}
