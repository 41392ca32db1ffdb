use super::{estate, out, read};
use tidegate_estate::{Direction, Estate, Guard, PolicyKind};

const NETWORK: &str = r#"{"kind": "compute#network", "name": "default", "autoCreateSubnetworks": true,
    "selfLink": "https://www.googleapis.com/compute/v1/projects/acme/global/networks/default"}"#;

/// A rule: name, number, more members.
fn rule(name: &str, number: u32, more: &str) -> String {
    format!(
        r#"{{"kind": "compute#firewall", "name": "{name}", "priority": {number}, "disabled": false,
        "network": "https://www.googleapis.com/compute/v1/projects/acme/global/networks/default",
        "selfLink": "https://www.googleapis.com/compute/v1/projects/acme/global/firewalls/{name}", {more}}}"#
    )
}

fn egress(name: &str, number: u32, action: &str, to: &str, more: &str) -> String {
    let more = format!(
        r#""direction": "EGRESS", "{action}": [{{"IPProtocol": "all"}}], "destinationRanges": ["{to}"]{more}"#
    );
    rule(name, number, &more)
}

/// A machine: name, tags, further members of its interface.
fn machine(name: &str, tags: &[&str], more: &str) -> String {
    format!(
        r#"{{"kind": "compute#instance", "name": "{name}", "zone": "https://x/projects/acme/zones/europe-west1-b",
        "selfLink": "https://x/projects/acme/zones/europe-west1-b/instances/{name}", "labels": {{"team": "pay"}},
        "tags": {{"fingerprint": "x", "items": {tags:?}}}, "serviceAccounts": [{{"email": "run@acme"}}],
        "networkInterfaces": [{{"name": "nic0", "networkIP": "10.0.0.2",
        "network": "https://x/projects/acme/global/networks/default",
        "accessConfigs": [{{"natIP": "198.51.100.7"}}]{more}}}]}}"#
    )
}

fn of(records: &[String]) -> Estate {
    estate(&[("fw.json", &format!("[{NETWORK}, {}]", records.join(",")))])
}

/// What each view of the network lets out over IPv4, by its name.
fn views(records: &[String]) -> Vec<(String, Vec<String>, bool)> {
    let estate = of(records);
    estate
        .policies
        .iter()
        .map(|policy| {
            assert_eq!(policy.kind, PolicyKind::VpcFirewall);
            let (blocks, sure) = out(&estate, policy);
            (policy.name.clone().unwrap(), blocks, sure)
        })
        .collect()
}

fn only(records: &[String]) -> Vec<String> {
    let views = views(records);
    assert_eq!(views.len(), 1, "{views:?}");
    assert!(views[0].2, "{views:?}");
    views[0].1.clone()
}

#[test]
fn what_no_rule_denies_gets_out_and_the_lower_number_wins() {
    let ssh =
        rule("ssh", 1000, r#""direction": "INGRESS", "allowed": [{"IPProtocol": "tcp", "ports": ["22"]}]"#);
    assert_eq!(only(&[ssh]), ["0.0.0.0/0"]);
    let deny = |number| egress("deny", number, "denied", "0.0.0.0/0", "");
    let allow = |number| egress("allow", number, "allowed", "10.0.0.0/8", "");
    assert!(only(&[deny(65535)]).is_empty(), "what the platform adds comes last, whatever the number");
    assert_eq!(only(&[deny(2000), allow(1000)]), ["10.0.0.0/8"]);
    assert!(only(&[deny(1000), allow(2000)]).is_empty());
    assert!(only(&[allow(1000), deny(1000)]).is_empty(), "under one number what denies goes first");
}

#[test]
fn rules_that_are_disabled_or_inbound_restrict_nothing() {
    let off =
        egress("off", 1000, "denied", "0.0.0.0/0", "").replace("\"disabled\": false", "\"disabled\": true");
    let inbound = rule(
        "in",
        1000,
        r#""direction": "INGRESS", "denied": [{"IPProtocol": "all"}], "sourceRanges": ["0.0.0.0/0"]"#,
    );
    let all = of(&[off, inbound]);
    assert_eq!(out(&all, &all.policies[0]), (vec!["0.0.0.0/0".to_owned()], true));
    let inbound = all.policies[0].rules.iter().filter(|rule| rule.direction == Direction::Ingress);
    assert_eq!(inbound.count(), 1);
}

#[test]
fn a_rule_without_destination_is_for_all_of_ipv4_and_for_nothing_of_ipv6() {
    let deny = rule("deny", 1000, r#""direction": "EGRESS", "denied": [{"IPProtocol": "all"}]"#);
    let estate = of(&[deny]);
    let policy = &estate.policies[0];
    let reach = tidegate_reach::policy::in_world(policy, &estate, &tidegate_estate::World::default());
    assert!(!reach.may.has(tidegate_space::IpFamily::V4));
    assert!(reach.must.has(tidegate_space::IpFamily::V6));
}

#[test]
fn without_machines_each_target_of_an_outbound_rule_has_a_view() {
    let all = [
        egress("deny", 65000, "denied", "0.0.0.0/0", ""),
        egress("web", 1000, "allowed", "0.0.0.0/1", r#", "targetTags": ["web", "proxy"]"#),
        egress("build", 1000, "allowed", "128.0.0.0/1", r#", "targetServiceAccounts": ["run@acme"]"#),
        rule("ssh", 1000, r#""allowed": [{"IPProtocol": "tcp", "ports": ["22"]}], "targetTags": ["ssh"]"#),
    ];
    let shown = views(&all);
    let names: Vec<(&str, Vec<&str>)> = shown
        .iter()
        .map(|(name, blocks, _)| (name.as_str(), blocks.iter().map(String::as_str).collect()))
        .collect();
    // Two tags of one rule see the same.
    assert_eq!(
        names,
        [
            ("default", vec![]),
            ("default for service account run@acme", vec!["128.0.0.0/1"]),
            ("default for tag proxy, tag web", vec!["0.0.0.0/1"]),
        ]
    );
    let estate = of(&all);
    assert_eq!(estate.policies[2].path.as_deref(), Some("projects/acme/global/networks/default + web"));
    assert_eq!(estate.policies[0].members, None);
}

#[test]
fn with_machines_there_is_a_view_for_each_selection_that_one_of_them_sees() {
    let all = [
        egress("deny", 65000, "denied", "0.0.0.0/0", ""),
        egress("web", 1000, "allowed", "0.0.0.0/1", r#", "targetTags": ["web"]"#),
        egress("nobody", 1000, "allowed", "0.0.0.0/0", r#", "targetTags": ["nobody"]"#),
        machine("a", &["web", "x"], ""),
        machine("b", &["web"], ""),
        machine("c", &[], ""),
    ];
    let estate = of(&all);
    let names: Vec<_> =
        estate.policies.iter().map(|policy| (policy.name.as_deref().unwrap(), policy.members)).collect();
    assert_eq!(names, [("default", Some(1)), ("default for tag web", Some(2))]);
    let guarded: Vec<_> = estate
        .workloads
        .iter()
        .map(|machine| (machine.name.as_deref().unwrap(), &machine.guarded[..]))
        .collect();
    assert_eq!(guarded, [("a", &[vec![1]][..]), ("b", &[vec![1]][..]), ("c", &[vec![0]][..])]);
    let a = &estate.workloads[0];
    assert_eq!(a.id, "projects/acme/zones/europe-west1-b/instances/a");
    assert_eq!((a.account.as_deref(), a.region.as_deref()), (Some("acme"), Some("europe-west1")));
    assert_eq!(
        (&a.private[..], &a.public[..]),
        (&["10.0.0.2".to_owned()][..], &["198.51.100.7".to_owned()][..])
    );
    assert_eq!(
        a.tags.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>(),
        ["team=pay", "web=", "x="]
    );
}

#[test]
fn machines_without_ipv6_let_nothing_out_over_it() {
    let has_ipv6 = |estate: &Estate| {
        let policy = &estate.policies[0];
        let reach = tidegate_reach::policy::in_world(policy, estate, &tidegate_estate::World::default());
        reach.may.has(tidegate_space::IpFamily::V6)
    };
    let ssh = || rule("ssh", 1000, r#""allowed": [{"IPProtocol": "tcp", "ports": ["22"]}]"#);
    let ipv4 = r#", "stackType": "IPV4_ONLY""#;
    assert!(has_ipv6(&of(&[ssh()])));
    assert!(!has_ipv6(&of(&[ssh(), machine("a", &[], ipv4)])));
    assert!(has_ipv6(&of(&[ssh(), machine("a", &[], ipv4), machine("b", &[], "")])));
}

#[test]
fn policies_that_the_dump_does_not_show_leave_open_what_they_could_decide() {
    let network = |more: &str| {
        let ssh = rule("ssh", 1000, r#""allowed": [{"IPProtocol": "tcp", "ports": ["22"]}]"#);
        let open = egress("open", 1000, "allowed", "10.0.0.0/8", "");
        format!("[{}, {ssh}, {open}]", NETWORK.replace("\"autoCreate", &format!("{more} \"autoCreate")))
    };
    let attached = r#""firewallPolicy": "https://x/projects/acme/global/firewallPolicies/corp","#;
    let first = r#""networkFirewallPolicyEnforcementOrder": "BEFORE_CLASSIC_FIREWALL","#;
    let of = |more: &str| {
        let estate = estate(&[("all.json", &network(more))]);
        out(&estate, &estate.policies[0])
    };
    assert_eq!(of(""), (vec!["0.0.0.0/0".to_owned()], true));
    assert_eq!(of(attached), (vec!["10.0.0.0/8".to_owned()], false));
    assert_eq!(of(first), (vec![], false));
}

#[test]
fn a_network_whose_rules_nobody_listed_is_unresolved() {
    let alone = estate(&[("networks.json", &format!("[{NETWORK}]"))]);
    assert!(alone.policies[0].opaque[0].reason.text.contains("firewall-rules list"));
    // The project's rules are there, and none is of this network.
    let other = rule("x", 1000, r#""allowed": [{"IPProtocol": "all"}]"#)
        .replace("networks/default", "networks/other");
    let both = estate(&[("networks.json", &format!("[{NETWORK}]")), ("rules.json", &format!("[{other}]"))]);
    assert!(both.policies.iter().all(|policy| policy.opaque.is_empty()));
    assert_eq!(both.policies.len(), 2);
}

#[test]
fn the_same_in_yaml_and_cut_down_to_what_counts() {
    let yaml = "---\nname: deny\nnetwork: https://x/projects/acme/global/networks/default\npriority: 900\n\
                direction: EGRESS\ndenied:\n- IPProtocol: all\ndestinationRanges:\n- 0.0.0.0/0\n---\nname: ssh\n\
                network: https://x/projects/acme/global/networks/default\nallowed:\n- IPProtocol: tcp\n  ports:\n  - '22'\n";
    let estate = estate(&[("fw.yaml", yaml)]);
    assert_eq!(out(&estate, &estate.policies[0]), (vec![], true));
    assert_eq!(estate.policies[0].account.as_deref(), Some("acme"));
}

#[test]
fn answers_that_differ_about_a_rule_make_two_worlds() {
    let one = format!("[{}]", egress("deny", 1000, "denied", "0.0.0.0/0", ""));
    let same = estate(&[("a.json", &one), ("b.json", &one)]);
    assert_eq!((same.choices.len(), &same.policies[0].rules[0].guard), (0, &Guard::Always));
    let other = one.replace("0.0.0.0/0", "10.0.0.0/8");
    let differ = estate(&[("a.json", &one), ("b.json", &other)]);
    assert_eq!(differ.choices.len(), 1);
}

#[test]
fn ports_of_sctp_narrow_a_rule_and_odd_values_are_unknown() {
    let deny = |more: &str| rule("deny", 1000, &format!(r#""direction": "EGRESS", "denied": [{more}]"#));
    let sctp = of(&[deny(r#"{"IPProtocol": "sctp", "ports": ["5000-6000"]}"#)]);
    let reach =
        tidegate_reach::policy::in_world(&sctp.policies[0], &sctp, &tidegate_estate::World::default());
    let services =
        reach.must.services_to_any(tidegate_space::internet::addresses(tidegate_space::IpFamily::V4));
    assert!(!services.has_all_of(132) && services.numbers().any(|number| number == 132));
    for odd in [r#"{"IPProtocol": "x"}"#, r#"{}"#, r#"{"IPProtocol": "tcp", "ports": ["9-1"]}"#] {
        assert!(!views(&[deny(odd)])[0].2, "{odd}");
    }
    let reading = read(&[("x.json", r#"[{"kind": "compute#firewall"}, {"kind": "compute#instance"}]"#)]);
    assert!(reading.estates.is_empty());
}

const LINK: &str = "https://www.googleapis.com/compute/v1/projects/acme";
const ID: &str = "projects/acme/global/networks/default";

fn around(files: &[(&str, &str)]) -> tidegate_estate::gcp::Vpc {
    let network = format!("[{NETWORK}]");
    let mut all = vec![("networks.json", network.as_str())];
    all.extend(files);
    read(&all).estates[0].gcp.networks[ID].clone()
}

#[test]
fn a_list_with_nothing_in_it_is_an_answer_and_none_is_not() {
    assert_eq!(around(&[]).nats, None);
    assert_eq!(around(&[("routers.json", "[]")]).nats, Some(vec![]));
    assert_eq!(around(&[("acme/compute-routers-list.json", "[]")]).nats, Some(vec![]));
    assert_eq!(around(&[("other.json", "[]")]).nats, None);
    let list = r#"{"kind": "compute#routerAggregatedList", "id": "projects/PROJECT/aggregated/routers", "items": {}}"#;
    assert_eq!(around(&[("x.json", &list.replace("PROJECT", "acme"))]).nats, Some(vec![]));
    assert_eq!(around(&[("x.json", &list.replace("PROJECT", "other"))]).nats, None);
    let more = list.replace("PROJECT", "acme").replace("\"items\"", "\"nextPageToken\": \"x\", \"items\"");
    assert_eq!(around(&[("x.json", &more)]).nats, None, "the list goes on elsewhere");
    assert!(around(&[("policy-based-routes.json", "[]")]).policy_routes.is_some());
}

#[test]
fn routes_to_subnets_are_told_from_others() {
    let route = |name: &str, more: &str| {
        format!(
            r#"{{"kind": "compute#route", "name": "{name}", "network": "{LINK}/global/networks/default", {more}}}"#
        )
    };
    let routes = [
        route(
            "subnet",
            &format!(
                r#""destRange": "10.0.0.0/24", "priority": 0, "nextHopNetwork": "{LINK}/global/networks/default""#
            ),
        ),
        route(
            "default",
            r#""destRange": "0.0.0.0/0", "priority": 1000, "nextHopGateway": "x/default-internet-gateway""#,
        ),
        route("off", r#""destRange": "0.0.0.0/0", "nextHopIp": "10.0.0.9", "routeStatus": "INACTIVE""#),
    ];
    let vpc = around(&[("r.json", &format!("[{}]", routes.join(",")))]);
    assert_eq!(vpc.local.iter().map(ToString::to_string).collect::<Vec<_>>(), ["10.0.0.0/24"]);
    assert!(vpc.local_known);
    let names: Vec<String> = vpc.routes.unwrap().into_iter().map(|route| route.name).collect();
    assert_eq!(names, ["default"]);
    assert_eq!(around(&[]).routes, None);
}

#[test]
fn what_is_effective_is_counted_for_the_network_that_it_is_about() {
    let answer = r#"{"firewallPolicys": [
        {"name": "1", "shortName": "corp", "type": "HIERARCHY", "rules": [{"priority": 1, "direction": "EGRESS", "action": "deny",
            "match": {"destIpRanges": ["8.8.8.8/32"], "layer4Configs": [{"ipProtocol": "all"}]}}]},
        {"name": "egress", "type": "NETWORK", "rules": []}] ABOUT}"#;
    let hierarchy = |path: &str, about: &str| around(&[(path, &answer.replace("ABOUT", about))]).hierarchy;
    let corp = Some(vec!["firewallPolicies/1".to_owned()]);
    assert_eq!(hierarchy("effective/default.json", ""), corp);
    assert_eq!(hierarchy("effective/other.json", ""), None);
    let about = format!(r#", "about": {{"id": "{ID}"}}"#);
    assert_eq!(hierarchy("x.json", &about), corp, "as a snapshot writes it");
    let rule = rule("ssh", 1000, r#""allowed": [{"IPProtocol": "tcp"}]"#);
    assert_eq!(hierarchy("x.json", &format!(r#", "firewalls": [{rule}]"#)), corp);
}

#[test]
fn policies_say_where_they_are_attached() {
    let policy = |place: &str, more: &str| {
        format!(
            r#"[{{"kind": "compute#firewallPolicy", "name": "p", "selfLink": "{LINK}/{place}/firewallPolicies/p", "rules": [],
            "associations": [{{"name": "a", "attachmentTarget": "{LINK}/global/networks/default"}}] {more}}}]"#
        )
    };
    use tidegate_estate::gcp::Attached;
    let id = |place: &str| Attached::Policy(format!("projects/acme/{place}/firewallPolicies/p"));
    assert_eq!(around(&[]).global, Attached::Nothing, "the network names its policy");
    assert_eq!(around(&[("p.json", &policy("global", ""))]).global, id("global"));
    let regional = policy("regions/r", &format!(r#", "region": "{LINK}/regions/r""#));
    assert_eq!(around(&[("p.json", &regional)]).regional["r"], id("regions/r"));
}

#[test]
fn gateways_for_other_things_than_machines_are_none() {
    let nats = |more: &str| {
        let router = format!(
            r#"[{{"kind": "compute#router", "name": "r", "selfLink": "{LINK}/regions/r/routers/r", "region": "{LINK}/regions/r",
            "network": "{LINK}/global/networks/default", "nats": [{{"name": "n",
            "sourceSubnetworkIpRangesToNat": "ALL_SUBNETWORKS_ALL_IP_RANGES" {more}}}]}}]"#
        );
        around(&[("r.json", &router)]).nats.unwrap().len()
    };
    assert_eq!(nats(""), 1);
    assert_eq!(nats(r#", "type": "PRIVATE""#), 0);
    assert_eq!(nats(r#", "endpointTypes": ["ENDPOINT_TYPE_SWG"]"#), 0);
}

#[test]
fn each_interface_of_a_machine_is_one() {
    let estate = of(&[machine(
        "a",
        &["web"],
        r#", "aliasIpRanges": [{"ipCidrRange": "10.8.0.0/24", "subnetworkRangeName": "pods"}]"#,
    )]);
    let interface = &estate.network.interfaces[0];
    assert_eq!(interface.id, "projects/acme/zones/europe-west1-b/instances/a/nic0");
    assert_eq!((interface.vpc.as_deref(), interface.public, interface.workload), (Some(ID), true, 0));
    let nic = &estate.gcp.nics[&interface.id];
    assert_eq!(nic.alias, [(Some("pods".to_owned()), "10.8.0.0/24".parse().unwrap())]);
    assert!(nic.tags.contains("web") && nic.accounts.contains("run@acme"));
}
