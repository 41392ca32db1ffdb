//! The two questions, answered from what the estate shows.

use crate::finding::{Level, Rating};
use crate::testing::{all, at, estate, group, with};
use std::collections::BTreeMap;
use tidegate_estate::{
    Estate, Interface, Provider, Route, RouteTable, RouteTo, Subnet, Target, Workload, WorkloadKind,
};

/// A workload in a subnet, behind the one open group.
fn workload(id: &str, subnet: &str, public: bool) -> (Workload, Interface) {
    let workload = Workload {
        kind: WorkloadKind::Interface,
        provider: Provider::Aws,
        id: id.to_owned(),
        name: None,
        private: vec![],
        public: if public { vec!["198.51.100.1".to_owned()] } else { vec![] },
        account: None,
        region: None,
        tags: BTreeMap::new(),
        guarded: vec![vec![0]],
        place: at(500),
    };
    let interface = Interface {
        id: id.to_owned(),
        workload: 0,
        subnet: Some(subnet.to_owned()),
        vpc: Some("vpc-1".to_owned()),
        groups: vec![0],
        unseen_groups: vec![],
        addresses: vec!["10.0.0.1".parse().unwrap()],
        public,
        forwards: false,
        service: None,
        place: at(500),
    };
    (workload, interface)
}

/// An open group with these workloads; `subnet-a` is public by its own table, `subnet-b` private by the main one.
fn seen(workloads: Vec<(Workload, Interface)>) -> Estate {
    let mut seen = estate(vec![group(vec![all("0.0.0.0/0")])]);
    let table = |main: bool, subnets: &[&str], target: Target| RouteTable {
        vpc: Some("vpc-1".to_owned()),
        main,
        subnets: subnets.iter().map(|subnet| (*subnet).to_owned()).collect(),
        routes: vec![Route {
            to: RouteTo::Block("0.0.0.0/0".parse().unwrap()),
            target,
            blackhole: false,
            place: at(600),
        }],
        place: at(600),
    };
    let network = &mut seen.network;
    network
        .tables
        .insert("rtb-a".to_owned(), table(false, &["subnet-a"], Target::Internet("igw-1".to_owned())));
    network.tables.insert("rtb-b".to_owned(), table(true, &[], Target::Nat("nat-1".to_owned())));
    for subnet in ["subnet-a", "subnet-b"] {
        let told = Subnet { vpc: Some("vpc-1".to_owned()), blocks: vec![], place: at(700) };
        network.subnets.insert(subnet.to_owned(), told);
    }
    for (index, (workload, mut interface)) in workloads.into_iter().enumerate() {
        interface.workload = index;
        network.interfaces.push(interface);
        seen.workloads.push(workload);
    }
    seen
}

fn rating(estate: &Estate, config: &str) -> Rating {
    with(estate, config, &[]).findings[0].rating.clone()
}

fn says(rating: &Rating, words: &str) -> bool {
    rating.reasons.iter().any(|reason| reason.contains(words))
}

const ANSWERED: &str = "[[answers]]\npaths = [\"**\"]\nsensitive_data = false\nprivate_network = true\n";

#[test]
fn a_private_network_is_known_by_its_routes() {
    let private = rating(&seen(vec![workload("eni-1", "subnet-b", false)]), "");
    assert!(says(&private, "private network, as subnet-b has no route to an Internet gateway: isolate it"));
    assert_eq!(private.risk, Level::Low);
    for (case, workloads) in [
        ("a public subnet", vec![workload("eni-1", "subnet-a", true)]),
        ("a public address", vec![workload("eni-1", "subnet-b", true)]),
        ("one of two", vec![workload("eni-1", "subnet-b", false), workload("eni-2", "subnet-a", true)]),
        ("a subnet that nobody showed", vec![workload("eni-1", "subnet-c", false)]),
        ("no workload", vec![]),
    ] {
        assert!(!says(&rating(&seen(workloads), ""), "private network"), "{case}");
    }
}

/// The same machines in another cloud.
fn elsewhere(provider: Provider, workloads: Vec<(Workload, Interface)>) -> Estate {
    let mut seen = seen(workloads);
    seen.network.tables.clear();
    seen.workloads.iter_mut().for_each(|workload| workload.provider = provider);
    seen
}

#[test]
fn a_private_network_of_azure_is_known_by_its_subnets() {
    let with_default_outbound = |default_outbound, public| {
        let mut seen = elsewhere(Provider::Azure, vec![workload("nic-1", "/vnets/a/subnets/data", public)]);
        let subnet = tidegate_estate::azure::Subnet {
            network: "/vnets/a".to_owned(),
            blocks: vec![],
            group: None,
            interfaces: Default::default(),
            table: None,
            nat: None,
            services: vec![],
            default_outbound,
            groups_for_endpoints: false,
            routes_for_endpoints: false,
            place: at(700),
        };
        seen.azure.subnets.insert("/vnets/a/subnets/data".to_owned(), subnet);
        rating(&seen, "")
    };
    let private = with_default_outbound(Some(false), false);
    assert!(says(&private, "private network, as data is a private subnet, without default outbound access"));
    for (default_outbound, public) in [(Some(true), false), (None, false), (Some(false), true)] {
        let rating = with_default_outbound(default_outbound, public);
        assert!(!says(&rating, "private network"), "{default_outbound:?}, {public}");
    }
}

#[test]
fn a_private_network_of_google_is_known_by_addresses() {
    let with_addresses = |external_v6, public| {
        let mut seen = elsewhere(Provider::Gcp, vec![workload("nic", "subnet", public)]);
        let instance = "projects/p/zones/z/instances/db".to_owned();
        let nic = tidegate_estate::gcp::Nic { instance, external_v6, ..Default::default() };
        seen.gcp.nics.insert("nic".to_owned(), nic);
        rating(&seen, "")
    };
    assert!(says(
        &with_addresses(false, false),
        "private network, as db has no external address: isolate it"
    ));
    assert!(!says(&with_addresses(true, false), "private network"));
    assert!(!says(&with_addresses(false, true), "private network"));
    let unknown = elsewhere(Provider::Gcp, vec![workload("nic", "subnet", false)]);
    assert!(!says(&rating(&unknown, ""), "private network"), "no answer shows the machine");
}

#[test]
fn sensitive_data_are_known_by_tags_and_by_what_an_interface_is_of() {
    let (mut tagged, interface) = workload("eni-1", "subnet-a", true);
    tagged.tags.insert("DataClassification".to_owned(), "Confidential".to_owned());
    let by_tag = rating(&seen(vec![(tagged, interface)]), "");
    assert!(says(
        &by_tag,
        "sensitive data, as the tag DataClassification=Confidential of eni-1 says so: impact high"
    ));
    assert_eq!((by_tag.impact, by_tag.risk), (Level::High, Level::Medium));
    assert!(by_tag.cvss_environmental.is_some());
    let (mut database, interface) = workload("eni-1", "subnet-a", true);
    database.name = Some("RDSNetworkInterface".to_owned());
    let by_kind = rating(&seen(vec![(database, interface)]), "");
    assert!(says(&by_kind, "sensitive data, as eni-1 is the interface of a database (RDSNetworkInterface)"));
}

#[test]
fn what_somebody_says_goes_before_what_is_known() {
    let (mut database, interface) = workload("eni-1", "subnet-a", true);
    database.name = Some("RDSNetworkInterface".to_owned());
    let seen = seen(vec![(database, interface)]);
    let said = rating(&seen, ANSWERED);
    assert_eq!(said.impact, Level::Medium, "{:?}", said.reasons);
    assert!(!says(&said, "sensitive data"));
    assert!(says(&said, "private network: isolate it"));
}
