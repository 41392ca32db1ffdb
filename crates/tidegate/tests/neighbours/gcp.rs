//! Google Cloud: a machine without an external address beside one that has one.

use super::{Folder, is_isolated, told, way};
use tidegate_audit::{Confidence, Level, RuleId};

const NEAR: &str = r#""allowed": [{"IPProtocol": "all"}], "destinationRanges": ["10.0.0.0/16"]"#;

fn network() -> Folder {
    Folder::of("gcloud CLI")
}

/// Machines without a tag may send anything anywhere: what is left is that they have no address.
fn open() -> Folder {
    network().with(NEAR, r#""allowed": [{"IPProtocol": "all"}], "destinationRanges": ["0.0.0.0/0"]"#)
}

/// The view of machines without a tag.
const LEDGER: &str = "/networks/shop";

#[test]
fn the_chain_is_told_from_the_rule_to_the_gateway() {
    let found = network().through_a_neighbour().unwrap();
    assert_eq!(found.confidence, Confidence::Certain);
    assert_eq!(found.subjects[0].path.as_deref(), Some("projects/acme/global/networks/shop"));
    let affected: Vec<&str> = found.affected.iter().map(|one| one.name.as_deref().unwrap()).collect();
    assert_eq!(affected, ["ledger"]);
    let message = "ledger may reach proxy with tcp/3128, and that one reaches more than 99.9 % of the IPv4 Internet with tcp/443.";
    assert!(found.message.ends_with(message), "{}", found.message);
    let (gates, arrives) = way(&found);
    assert_eq!(
        gates,
        [
            "firewall shop: near-out allows it",
            "routes of shop: 10.0.0.0/16 is a subnet's",
            "firewall there shop: proxy-in allows it",
        ]
    );
    assert_eq!(arrives, "yes");
    let rows: Vec<&[String]> = found.allows.rows.iter().map(|row| row.addresses.as_slice()).collect();
    assert_eq!(rows, [["10.0.0.0/16"]]);
    let then = found.path.as_ref().unwrap().then.as_ref().unwrap();
    assert_eq!((then.from.as_str(), then.arrives), ("proxy", "yes"));
    assert_eq!(then.gates.last().unwrap().kind, "Internet gateway");
    let told = told(&found);
    for part in
        ["this lets tcp/3128 into proxy", "out of proxy", "route out: 0.0.0.0/0 → default-internet-gateway"]
    {
        assert!(told.iter().any(|message| message.contains(part)), "{part}: {told:#?}");
    }
    assert!(!told.iter().any(|message| message.contains("projects/")), "{told:#?}");
    assert_eq!(found.rating.risk, Level::Informational);
}

#[test]
fn what_the_firewall_of_either_end_stops_is_no_way() {
    let inward = r#""sourceRanges": ["10.0.0.0/16"], "targetTags": ["proxy"]"#;
    assert!(network().with(inward, &inward.replace("10.0.0.0", "10.7.0.0")).through_a_neighbour().is_none());
    assert!(
        network().with(NEAR, &NEAR.replace("10.0.0.0/16", "10.7.0.0/16")).through_a_neighbour().is_none()
    );
    let policy = r#""firewallPolicys": [{"name": "1", "shortName": "org", "type": "HIERARCHY", "rules": [{"priority": 1,
        "action": "deny", "direction": "EGRESS", "match": {"destIpRanges": ["10.0.0.10/32"], "layer4Configs": [{"ipProtocol": "all"}]}}]}]"#;
    assert!(network().with(r#""firewallPolicys": []"#, policy).through_a_neighbour().is_none());
}

#[test]
fn a_neighbour_that_reaches_little_is_no_way() {
    let narrow = network().with(
        r#""destinationRanges": ["0.0.0.0/0"], "targetTags": ["proxy"]"#,
        r#""destinationRanges": ["198.51.100.0/24"], "targetTags": ["proxy"]"#,
    );
    assert!(narrow.through_a_neighbour().is_none());
}

#[test]
fn a_workload_that_gets_out_by_itself_needs_no_neighbour() {
    assert!(open().through_a_neighbour().is_some(), "without an address it does not get out");
    let external = r#""networkIP": "10.0.1.10", "accessConfigs": [{"natIP": "198.51.100.8"}],"#;
    assert!(open().with(r#""networkIP": "10.0.1.10","#, external).through_a_neighbour().is_none());
}

#[test]
fn what_is_not_shown_makes_it_possible() {
    for file in ["networks-get-effective-firewalls/shop.json", "policy-based-routes.json"] {
        let found = network().without(file).through_a_neighbour().unwrap();
        assert_eq!(found.confidence, Confidence::Possible, "{file}");
    }
}

#[test]
fn a_rule_for_machines_without_a_way_out_is_isolated_and_the_way_says_why() {
    let found = open().about(LEDGER);
    assert_eq!(found.rule, RuleId::OpenEgress);
    assert!(is_isolated(&found));
    let (gates, arrives) = way(&found);
    assert_eq!(
        gates,
        [
            "firewall shop: near-out allows it",
            "route out: 0.0.0.0/0 → default-internet-gateway",
            "Internet gateway default-internet-gateway: the sender has no external address, and no Cloud NAT translates \
             for it",
        ]
    );
    assert_eq!(arrives, "no");
    assert_eq!(told(&found), ["on the way from ledger, route out: 0.0.0.0/0 → default-internet-gateway"]);
    // The proxy's rule is for a machine that has one.
    let other = open().about("+ proxy-out");
    assert!(!is_isolated(&other));
    assert_eq!(way(&other).1, "yes");
}

#[test]
fn a_way_out_is_no_isolation() {
    let external = r#""networkIP": "10.0.1.10", "accessConfigs": [{"natIP": "198.51.100.8"}],"#;
    assert!(!is_isolated(&open().with(r#""networkIP": "10.0.1.10","#, external).about(LEDGER)));
    let mut translated = open();
    let router = r#"[{"kind": "compute#router", "name": "r", "region": "europe-west1",
        "selfLink": "https://x/projects/acme/regions/europe-west1/routers/r", "network": "https://x/projects/acme/global/networks/shop",
        "nats": [{"name": "n", "sourceSubnetworkIpRangesToNat": "ALL_SUBNETWORKS_ALL_IP_RANGES"}]}]"#;
    translated.0.insert("routers.json".to_owned(), router.to_owned());
    let found = translated.about(LEDGER);
    assert!(!is_isolated(&found));
    let told = told(&found);
    assert!(told.iter().any(|message| message.contains("Cloud NAT r/n: it sends this")), "{told:#?}");
    // Through a tunnel nobody knows where it goes.
    let tunnel = open().with(
        r#""nextHopGateway": "https://www.googleapis.com/compute/v1/projects/acme/global/gateways/default-internet-gateway""#,
        r#""nextHopVpnTunnel": "https://www.googleapis.com/compute/v1/projects/acme/regions/europe-west1/vpnTunnels/t""#,
    );
    let found = tunnel.about(LEDGER);
    assert!(!is_isolated(&found));
    assert_eq!(way(&found).1, "perhaps");
}

#[test]
fn what_no_answer_shows_isolates_nothing() {
    // Routers may translate, or bring routes; policy-based routes go before all others.
    for file in ["routers.json", "policy-based-routes.json"] {
        assert!(!is_isolated(&open().without(file).about(LEDGER)), "{file}");
    }
    // What firewall policies say changes nothing about routes.
    for file in ["networks-get-effective-firewalls/shop.json", "network-firewall-policies.json"] {
        assert!(is_isolated(&open().without(file).about(LEDGER)), "{file}");
    }
    let records: Vec<serde_json::Value> = serde_json::from_str(&open().0["network.json"]).unwrap();
    let without = |kind: &str| {
        let mut folder = open();
        let rest: Vec<&serde_json::Value> = records.iter().filter(|record| record["kind"] != kind).collect();
        folder.0.insert("network.json".to_owned(), serde_json::to_string(&rest).unwrap());
        folder
    };
    // Without routes nothing is said of them at all; a network that no answer shows may have peerings.
    let found = without("compute#route").about(LEDGER);
    assert_eq!((found.rating.risk, found.path.is_none(), found.related.len()), (Level::Low, true, 0));
    assert!(!is_isolated(&without("compute#network").about(LEDGER)));
}

#[test]
fn only_the_interface_in_the_network_counts() {
    // The ledger has a second interface, with an external address, in another network.
    let both = open().with(
        r#""networkIP": "10.0.1.10", "stackType": "IPV4_ONLY" }"#,
        r#""networkIP": "10.0.1.10", "stackType": "IPV4_ONLY" }, {"name": "nic1", "networkIP": "10.5.0.10", "stackType": "IPV4_ONLY",
        "network": "https://x/projects/acme/global/networks/other", "accessConfigs": [{"natIP": "198.51.100.9"}]}"#,
    );
    assert!(is_isolated(&both.about(LEDGER)));
    assert!(!is_isolated(&both.about("/networks/other")));
}

#[test]
fn of_machines_that_one_place_opens_the_one_with_a_way_out_is_shown() {
    let found = network().with(r#""denied": "#, r#""allowed": "#).about(LEDGER);
    assert_eq!(found.subjects.len(), 2);
    let affected: Vec<&str> = found.affected.iter().map(|one| one.name.as_deref().unwrap()).collect();
    assert_eq!((affected, found.rating.risk), (vec!["proxy"], Level::Low));
    assert_eq!((found.path.as_ref().unwrap().from.as_str(), way(&found).1), ("proxy", "yes"));
}
