//! `tidegate reach` as users run it.

mod common;

use common::{copied, root};
use serde_json::{Value, json};
use std::process::{Command, Output, Stdio};

fn reach(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidegate"));
    command.arg("reach").args(arguments).current_dir(root()).stdin(Stdio::null());
    command.env_remove("NO_COLOR").output().unwrap()
}

#[track_caller]
fn told(arguments: &[&str], status: i32) -> String {
    let output = reach(arguments);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(status), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn refused(arguments: &[&str]) -> String {
    let output = reach(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr).unwrap()
}

const NETWORK: &str = "examples/aws-network";

#[test]
fn the_table_lists_the_most_exposed_first() {
    let text = told(&[NETWORK], 0);
    let row = |name: &str| text.lines().position(|line| line.starts_with(name)).unwrap();
    assert!(row("web-1") < row("app-1") && row("app-1") < row("orders-db"), "{text}");
    let line = |name: &str| text.lines().find(|line| line.starts_with(name)).unwrap();
    assert!(line("web-1").contains("tcp/443") && line("web-1").ends_with("igw-web"));
    assert!(line("app-1").ends_with("tgw-hub → nat-shared → igw-shared"));
    assert!(text.contains("2 of 3 interfaces can reach the Internet.") && text.contains("169.254.169.253"));
}

#[test]
fn one_workload_is_told_with_all_its_ways() {
    let text = told(&[NETWORK, "--from", "app-1"], 0);
    for part in
        ["to the service com.amazonaws.eu-west-1.s3", "to addresses of vpc-shared", "endpoint vpce-s3"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(text.matches("to the service").count(), 1, "two blocks of one list are one way: {text}");
    assert!(!text.contains("web-1"));
    // By id, by interface, by address.
    for name in ["i-0a10000000000002b", "eni-app", "10.0.1.10"] {
        assert_eq!(text, told(&[NETWORK, "--from", name], 0));
    }
}

#[test]
fn a_question_is_answered_gate_by_gate() {
    let text = told(&[NETWORK, "--from", "app-1", "--to", "1.1.1.1:443/tcp"], 1);
    let gates = [
        "security groups sg-app",
        "acl-default",
        "rtb-app",
        "tgw-hub",
        "rtb-hub",
        "nat-shared",
        "igw-shared",
    ];
    let places: Vec<usize> =
        gates.iter().map(|gate| text.find(gate).unwrap_or_else(|| panic!("{gate}: {text}"))).collect();
    assert!(places.is_sorted(), "{text}");
    assert!(
        text.contains("[examples/aws-network/route-tables.json:")
            && text.contains("It arrives on the Internet.")
    );

    let text = told(&[NETWORK, "--from", "orders-db", "--to", "1.1.1.1"], 0);
    assert!(
        text.contains("✗ network ACL, out, acl-data: entry 32767 denies it")
            && text.contains("It does not get there.")
    );

    let text = told(&[NETWORK, "--from", "app-1", "--to", "orders-db"], 1);
    assert!(
        text.contains("10.0.2.10, tcp/5432") && text.contains("What gets there at all: tcp/5432"),
        "{text}"
    );
    told(&[NETWORK, "--from", "web-1", "--to", "orders-db:5432"], 0);
}

#[test]
fn wrong_questions_are_refused_with_what_is_wrong() {
    assert!(refused(&[NETWORK, "--from", "nobody"]).contains("`nobody`"));
    assert!(refused(&[NETWORK, "--from", "app-1", "--to", "nobody"]).contains("`nobody`"));
    assert!(refused(&[NETWORK, "--from", "app-1", "--to", "1.1.1.1:https"]).contains("is no port"));
    assert!(refused(&[NETWORK, "--from", "app-1", "--to", "1.1.1.1/xyz"]).contains("is no protocol"));
    assert!(refused(&[NETWORK, "--from", "app-1", "--to", "1.1.1.1:1/icmp"]).contains("has none"));
    assert!(refused(&[NETWORK, "--to", "1.1.1.1"]).contains("--from"));
    assert!(refused(&["examples/cloudformation"]).contains("describe-network-interfaces"));
    assert!(refused(&["nowhere-at-all"]).contains("nowhere-at-all"));
    assert!(refused(&[NETWORK, "--from", "app-1", "--to", "1.1.1.1", "--format", "svg"]).contains("--to"));
}

#[test]
fn what_is_missing_makes_an_answer_possible_and_names_the_command() {
    let folder = copied(NETWORK);
    std::fs::remove_file(folder.path().join("network-acls.json")).unwrap();
    let text = told(&[folder.path().to_str().unwrap()], 0);
    assert!(text.contains("~100 %") && text.contains("aws ec2 describe-network-acls ("), "{text}");
}

#[test]
fn two_snapshots_differ_in_what_newly_gets_out() {
    let folder = copied(NETWORK);
    let acls = folder.path().join("network-acls.json");
    let mut document: Value = serde_json::from_slice(&std::fs::read(&acls).unwrap()).unwrap();
    for acl in document["NetworkAcls"].as_array_mut().unwrap() {
        if acl["NetworkAclId"] == "acl-data" {
            acl["Entries"].as_array_mut().unwrap().push(json!({
                "Egress": true, "RuleNumber": 200, "RuleAction": "allow", "Protocol": "6", "CidrBlock": "0.0.0.0/0",
                "PortRange": {"From": 443, "To": 443},
            }));
        }
    }
    std::fs::write(&acls, document.to_string()).unwrap();
    let wider = folder.path().to_str().unwrap();
    let text = told(&["--diff", NETWORK, wider], 1);
    assert!(text.contains("orders-db (eni-data) reaches more of the Internet:"), "{text}");
    assert!(text.contains("tcp/443") && text.contains("for example 1.1.1.1 tcp/443"), "{text}");
    assert!(!text.contains("web-1") && !text.contains("app-1"), "{text}");
    let text = told(&["--diff", wider, NETWORK], 0);
    assert!(
        text.contains("Nothing new gets out of 3 interfaces.") && text.contains("1 interface reaches less"),
        "{text}"
    );
    let json: Value =
        serde_json::from_str(&told(&["--diff", NETWORK, wider, "--format", "json"], 1)).unwrap();
    assert_eq!(json["gained"][0]["interface"], "eni-data");
    assert_eq!(json["gained"][0]["certain"], true);
}

#[test]
fn programs_get_everything_and_graphviz_a_graph() {
    let json: Value = serde_json::from_str(&told(&[NETWORK, "--format", "json"], 0)).unwrap();
    assert_eq!(json["version"], 1);
    let workloads = json["workloads"].as_array().unwrap();
    assert_eq!(workloads.len(), 3);
    assert_eq!(workloads[0]["name"], "web-1");
    assert_eq!(workloads[0]["internet"]["certain"]["ipv4"], 1.0);
    let exit = &workloads[0]["exits"][0];
    assert!(exit["certain"].as_array().is_some_and(|rows| !rows.is_empty()) && exit["missing"] == json!([]));
    let dot = told(&[NETWORK, "--format", "dot"], 0);
    assert!(dot.starts_with("digraph") && dot.contains("nat-shared") && dot.contains("the Internet"));
}

#[test]
fn the_picture_is_well_formed_and_names_cannot_break_it() {
    let folder = copied(NETWORK);
    let names = folder.path().join("route-tables.json");
    let hostile = "igw-\\\"><script>x</script>\\u001b[31m";
    let text = std::fs::read_to_string(&names).unwrap().replace("igw-web", hostile);
    std::fs::write(&names, text).unwrap();
    std::fs::remove_file(folder.path().join("internet-gateways.json")).unwrap();
    let path = folder.path().to_str().unwrap();
    let svg = told(&[path, "--format", "svg"], 0);
    assert!(!svg.contains("<script") && !svg.contains('\u{1b}'), "{svg}");
    let mut reader = quick_xml::Reader::from_str(&svg);
    while !matches!(reader.read_event().unwrap(), quick_xml::events::Event::Eof) {}
    for format in ["text", "dot", "json"] {
        let shown = told(&[path, "--format", format, "--color", "never"], 0);
        assert!(!shown.contains('\u{1b}'), "{format}: {shown}");
    }
    assert!(!told(&[path, "--from", "web-1", "--to", "1.1.1.1", "--color", "never"], 1).contains('\u{1b}'));
}

#[test]
fn a_scan_rates_by_what_can_really_leave() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidegate"));
    command
        .args(["scan", NETWORK, "--format", "json", "--fail-on", "never"])
        .current_dir(root())
        .stdin(Stdio::null());
    let output = command.output().unwrap();
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let of = |group: &str| {
        let findings = json["findings"].as_array().unwrap().iter();
        let mut own = findings.filter(|finding| finding["subjects"][0]["path"] == group);
        own.next().unwrap_or_else(|| panic!("{group}: {json}")).clone()
    };
    let affected = |finding: &Value| -> Vec<String> {
        finding["affected"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["name"].as_str().unwrap().to_owned())
            .collect()
    };
    // Both groups let everything out. One has a way.
    assert_eq!(of("sg-app")["rating"]["risk"], "low");
    assert_eq!(affected(&of("sg-app")), ["app-1"]);
    let data = of("sg-data");
    assert_eq!((&data["rule"], &data["rating"]["risk"]), (&json!("open-egress"), &json!("informational")));
    assert!(affected(&data).is_empty());
    assert!(data["rating"]["reasons"].to_string().contains("a way out"), "{data}");
}

#[test]
fn the_json_keeps_to_its_schema() {
    let schema = std::fs::read_to_string(root().join("schema/reach-v1.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let ask = |status, arguments: &[&str]| {
        let json: Value = serde_json::from_str(&told(arguments, status)).unwrap();
        let wrong: Vec<String> = validator.iter_errors(&json).map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{arguments:?}: {wrong:?}");
    };
    ask(0, &[NETWORK, "--format", "json"]);
    ask(0, &["examples/aws-dump", "--format", "json"]);
    ask(1, &[NETWORK, "--from", "app-1", "--to", "1.1.1.1", "--format", "json"]);
    ask(0, &[NETWORK, "--from", "orders-db", "--to", "1.1.1.1", "--format", "json"]);
    ask(1, &["--diff", "examples/aws-dump", NETWORK, "--format", "json"]);
    assert!(!validator.is_valid(&json!({"version": 1})));
}
