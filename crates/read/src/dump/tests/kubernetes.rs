use super::{estate, out, read};
use tidegate_estate::{Direction, Estate, PolicyKind, Presence, Severity};

fn pod(name: &str, labels: &str, spec: &str) -> String {
    format!(
        r#"{{"apiVersion": "v1", "kind": "Pod", "metadata": {{"name": "{name}", "namespace": "shop", "labels": {{{labels}}}}},
        "spec": {{{spec}}}, "status": {{"phase": "Running", "podIP": "10.1.0.7", "podIPs": [{{"ip": "10.1.0.7"}}, {{"ip": "fd00::7"}}]}}}}"#
    )
}

fn policy(name: &str, spec: &str) -> String {
    format!(
        r#"{{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {{"name": "{name}",
        "namespace": "shop"}}, "spec": {{{spec}}}}}"#
    )
}

fn list(objects: &[String]) -> String {
    format!(r#"{{"apiVersion": "v1", "kind": "List", "items": [{}]}}"#, objects.join(","))
}

fn of(objects: &[String]) -> Estate {
    estate(&[("all.json", &list(objects))])
}

/// What a policy with this `spec` lets out over IPv4.
fn lets(spec: &str) -> (Vec<String>, bool) {
    let estate = of(&[policy("p", spec)]);
    assert_eq!((estate.policies.len(), estate.policies[0].kind), (1, PolicyKind::NetworkPolicy));
    out(&estate, &estate.policies[0])
}

fn nothing() -> (Vec<String>, bool) {
    (vec![], true)
}

fn all() -> (Vec<String>, bool) {
    (vec!["0.0.0.0/0".to_owned()], true)
}

const EGRESS: &str = r#""podSelector": {}, "policyTypes": ["Egress"]"#;

#[test]
fn a_policy_lets_out_what_it_names_and_nothing_else() {
    let with = |egress: &str| lets(&format!(r#"{EGRESS}, "egress": {egress}"#));
    assert_eq!(lets(EGRESS), nothing());
    assert_eq!(with("[]"), nothing());
    assert_eq!(with("[{}]"), all());
    assert_eq!(with(r#"[{"to": []}]"#), all());
    assert_eq!(with(r#"[{"to": [{"ipBlock": {"cidr": "203.0.113.0/24"}}]}]"#).0, ["203.0.113.0/24"]);
    let cut = r#"[{"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["128.0.0.0/1", "64.0.0.0/2"]}}]}]"#;
    assert_eq!(with(cut), (vec!["0.0.0.0/2".to_owned()], true));
    assert_eq!(with(r#"[{"to": [{"podSelector": {}}, {"namespaceSelector": {}}]}]"#), nothing());
    assert!(!with(r#"[{"to": [{"fqdn": "x"}]}]"#).1);
    assert!(!with(r#"[{"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["x"]}}]}]"#).1);
}

#[test]
fn ports_are_tcp_unless_said_otherwise_and_names_are_those_of_pods() {
    let services = |ports: &str| {
        let estate = of(&[policy("p", &format!(r#"{EGRESS}, "egress": [{{"ports": [{ports}]}}]"#))]);
        let world = tidegate_estate::World::default();
        let reach = tidegate_reach::policy::in_world(&estate.policies[0], &estate, &world);
        assert_eq!(reach.must, reach.may, "{ports}");
        reach.must.services_to_any(tidegate_space::internet::addresses(tidegate_space::IpFamily::V4))
    };
    use tidegate_space::Services;
    assert_eq!(services(r#"{"port": 443}"#), Services::tcp(443, 443));
    assert_eq!(services(r#"{"port": 5000, "endPort": 6000, "protocol": "UDP"}"#), Services::udp(5000, 6000));
    assert_eq!(services(r#"{"port": 7, "protocol": "SCTP"}"#), Services::ports(132, 7, 7));
    assert_eq!(services(r#"{"protocol": "TCP"}"#), Services::protocol(6));
    assert!(services(r#"{"port": "https"}"#).is_empty());
}

#[test]
fn egress_counts_if_it_is_listed_or_has_rules() {
    let ignored = |spec: &str| {
        let estate = of(&[policy("p", spec), pod("a", "", "")]);
        let why: Vec<String> = estate.policies[0].ignored.iter().map(|one| one.why.clone()).collect();
        // A policy that does not count leaves the pod to its namespace.
        (estate.policies.len() == 2, why)
    };
    assert_eq!(ignored(r#""podSelector": {}, "egress": [{"to": [{"podSelector": {}}]}]"#), (false, vec![]));
    assert_eq!(ignored(r#""podSelector": {}"#), (true, vec![]));
    let (open, why) = ignored(r#""podSelector": {}, "egress": []"#);
    assert!(open && why[0].contains("counts only if"), "{why:?}");
    let (open, why) = ignored(r#""podSelector": {}, "policyTypes": ["Ingress"], "egress": [{}]"#);
    assert!(open && why[0].contains("does not list"), "{why:?}");
}

#[test]
fn pods_are_selected_by_labels_and_by_all_four_operators() {
    let pods = [pod("web", r#""app": "web", "tier": "front""#, ""), pod("db", r#""app": "db""#, "")];
    let guards = |selector: &str| -> Vec<String> {
        let spec = format!(r#""podSelector": {{{selector}}}, "policyTypes": ["Egress"]"#);
        let estate = of(&[pods[0].clone(), pods[1].clone(), policy("p", &spec)]);
        let guarded = estate.workloads.iter().filter(|pod| pod.guarded == [[0]]);
        guarded.map(|pod| pod.id.clone()).collect()
    };
    let expression = |key: &str, operator: &str, values: &str| {
        guards(&format!(
            r#""matchExpressions": [{{"key": "{key}", "operator": "{operator}", "values": [{values}]}}]"#
        ))
    };
    assert_eq!(guards(""), ["shop/db", "shop/web"]);
    assert_eq!(guards(r#""matchLabels": {"app": "web"}"#), ["shop/web"]);
    assert_eq!(guards(r#""matchLabels": {"app": "web", "tier": "back"}"#), Vec::<String>::new());
    assert_eq!(expression("app", "In", r#""web", "x""#), ["shop/web"]);
    assert_eq!(expression("app", "NotIn", r#""web""#), ["shop/db"]);
    assert_eq!(expression("tier", "NotIn", r#""x""#), ["shop/db", "shop/web"], "no label is none of them");
    assert_eq!(expression("tier", "Exists", ""), ["shop/web"]);
    assert_eq!(expression("tier", "DoesNotExist", ""), ["shop/db"]);
}

#[test]
fn pods_that_no_policy_selects_make_their_namespace_open() {
    let objects = [
        policy("p", r#""podSelector": {"matchLabels": {"app": "web"}}, "policyTypes": ["Egress"]"#),
        policy(
            "in",
            r#""podSelector": {"matchLabels": {"app": "db"}}, "ingress": [{"from": [{"podSelector": {}}]}]"#,
        ),
        pod("web", r#""app": "web""#, ""),
        pod("db", r#""app": "db""#, ""),
        pod("job", "", "").replace("Running", "Succeeded"),
        r#"{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "empty"}}"#.to_owned(),
    ];
    let estate = of(&objects);
    let shown: Vec<_> =
        estate.policies.iter().map(|p| (p.kind, p.path.as_deref().unwrap(), p.members)).collect();
    assert_eq!(
        shown,
        [
            (PolicyKind::NetworkPolicy, "shop/in", Some(1)),
            (PolicyKind::NetworkPolicy, "shop/p", Some(1)),
            (PolicyKind::Namespace, "shop", Some(1)),
        ]
    );
    assert_eq!(out(&estate, &estate.policies[2]), all());
    let inbound = estate.policies[2].rules.iter().filter(|rule| rule.direction == Direction::Ingress).count();
    assert_eq!(inbound, 1, "what reaches its pods is what the policy for that says");
    let db = &estate.workloads[0];
    assert_eq!((db.id.as_str(), &db.guarded[..]), ("shop/db", &[vec![2]][..]));
    assert_eq!(db.private, ["10.1.0.7", "fd00::7"]);
    assert_eq!(db.tags.get("app").map(String::as_str), Some("db"));
}

#[test]
fn several_policies_guard_a_pod_together() {
    let half =
        |cidr: &str| format!(r#"{EGRESS}, "egress": [{{"to": [{{"ipBlock": {{"cidr": "{cidr}"}}}}]}}]"#);
    let estate =
        of(&[pod("a", "", ""), policy("one", &half("0.0.0.0/1")), policy("two", &half("128.0.0.0/1"))]);
    assert_eq!(estate.workloads[0].guarded, [[0, 1]]);
    let unions = tidegate_reach::workload::unions(&estate);
    assert_eq!(unions[0].policy.kind, PolicyKind::NetworkPolicyUnion);
    assert_eq!(out(&estate, &unions[0].policy), all());
}

#[test]
fn pods_on_their_node_s_network_are_perhaps_exempt() {
    let estate = of(&[policy("p", EGRESS), pod("agent", "", r#""hostNetwork": true"#), pod("web", "", "")]);
    let exempt = &estate.policies[1];
    assert_eq!((exempt.kind, exempt.path.as_deref()), (PolicyKind::Namespace, Some("shop + hostNetwork")));
    assert!(matches!(&exempt.rules[0].presence, Presence::Unknown(why) if why.text.contains("agent")));
    assert_eq!(estate.workloads[0].guarded, [vec![0], vec![1]]);
    assert_eq!(estate.workloads[1].guarded, [[0]]);
}

#[test]
fn manifests_and_lists_of_every_kind_are_read() {
    let yaml = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n  labels:\n    team: pay\n---\n\
                apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  namespace: shop\n---\n\
                apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: p\n  namespace: other\n\
                spec:\n  podSelector: {}\n  policyTypes:\n  - Egress\n";
    let one = estate(&[("all.yaml", yaml)]);
    let paths: Vec<_> = one.policies.iter().map(|policy| policy.path.as_deref().unwrap()).collect();
    assert_eq!(paths, ["other/p", "shop"]);
    assert_eq!(one.policies[1].tags.get("team").map(String::as_str), Some("pay"));
    let raw = r#"{"kind": "PodList", "apiVersion": "v1", "items": [{"metadata": {"name": "a", "namespace": "x"}}]}"#;
    let reading = read(&[("pods.json", raw)]);
    assert_eq!(reading.estates[0].policies[0].path.as_deref(), Some("x"));
    assert_eq!(reading.diagnostics[0].severity, Severity::Note);
    for none in [
        r#"{"kind": "Pod", "metadata": {"name": "a"}}"#,
        r#"{"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": {"kind": "Pod"}}}"#,
        r#"{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {}}"#,
    ] {
        assert!(read(&[("x.json", none)]).read.is_empty(), "{none}");
    }
}

#[test]
fn objects_of_one_name_in_several_files_are_one_and_said_so() {
    let one = list(&[policy("p", EGRESS)]);
    let reading = read(&[("a/p.json", &one), ("b/p.json", &one)]);
    assert_eq!(reading.estates[0].policies.len(), 1);
    assert!(reading.diagnostics[0].message.contains("a/p.json"), "{:?}", reading.diagnostics);
}

#[test]
fn rules_select_pods_by_the_labels_of_pods_and_of_namespaces() {
    use tidegate_estate::kubernetes::End;
    let namespace = |name: &str| {
        format!(
            r#"{{"apiVersion": "v1", "kind": "Namespace", "metadata": {{"name": "{name}", "labels": {{"team": "run"}}}}}}"#
        )
    };
    let other = pod("agent", r#""app": "agent""#, "").replace("\"shop\"", "\"ops\"");
    let ends = |peer: &str, namespaces: &[String]| {
        let spec = format!(r#"{EGRESS}, "egress": [{{"to": [{peer}]}}]"#);
        let mut all = vec![pod("web", r#""app": "web""#, ""), other.clone(), policy("p", &spec)];
        all.extend(namespaces.iter().cloned());
        let End::Pods(sure, perhaps) = of(&all).kubernetes.policies[0].rules[0].ends[0].clone() else {
            panic!()
        };
        (sure.into_iter().collect::<Vec<_>>(), perhaps.into_iter().collect::<Vec<_>>())
    };
    let none: Vec<String> = vec![];
    assert_eq!(ends(r#"{"podSelector": {}}"#, &[]), (vec!["shop/web".to_owned()], none.clone()));
    let by_team = r#"{"namespaceSelector": {"matchLabels": {"team": "run"}}}"#;
    assert_eq!(ends(by_team, &[namespace("ops")]).0, ["ops/agent"]);
    assert_eq!(ends(by_team, &[]).1, ["ops/agent", "shop/web"], "nobody knows the labels of either");
    let by_name = r#"{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ops"}}}"#;
    assert_eq!(ends(by_name, &[]), (vec!["ops/agent".to_owned()], none));
}

#[test]
fn pods_have_addresses_a_node_and_ports_with_names() {
    let spec = r#""containers": [{"ports": [{"name": "web", "containerPort": 80}, {"containerPort": 9}]}]"#;
    let pod = pod("a", "", spec).replace("\"podIP\"", "\"hostIP\": \"192.168.7.1\", \"podIP\"");
    let estate = of(&[pod, policy("p", EGRESS)]);
    let told = &estate.kubernetes.pods["shop/a"];
    assert_eq!(told.ports, [("web".to_owned(), 6, 80)]);
    assert_eq!(told.host, ["192.168.7.1".parse::<std::net::IpAddr>().unwrap()]);
    assert_eq!((told.addresses.len(), estate.network.interfaces[0].id.as_str()), (2, "shop/a"));
}
