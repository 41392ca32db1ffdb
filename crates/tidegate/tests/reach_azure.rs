//! `tidegate reach` on answers of the Azure CLI, as users run it.

mod common;

use common::{copied, copy_all, root};
use serde_json::Value;
use std::process::{Command, Stdio};

#[track_caller]
fn told(arguments: &[&str], status: i32) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidegate"));
    command.arg("reach").args(arguments).current_dir(root()).stdin(Stdio::null());
    let output = command.env_remove("NO_COLOR").output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(status), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

const NETWORK: &str = "examples/azure-network";

#[test]
fn the_table_lists_the_most_exposed_first_with_short_ids() {
    let text = told(&[NETWORK], 0);
    let line = |name: &str| text.lines().find(|line| line.starts_with(name)).unwrap();
    let row = |name: &str| text.lines().position(|line| line.starts_with(name)).unwrap();
    assert!(row("app-1") < row("orders-db") && row("web-1") < row("orders-db"), "{text}");
    assert!(line("web-1").contains("tcp/443") && line("web-1").ends_with("public address"), "{text}");
    assert!(
        line("app-1").contains("~100 %") && line("app-1").ends_with("hub-firewall (inspected)"),
        "{text}"
    );
    assert!(line("orders-db").contains('–') && text.contains("2 of 3 interfaces"), "{text}");
    assert!(text.contains("168.63.129.16") && !text.contains("169.254.169.253"), "{text}");
    assert!(!text.contains("/subscriptions/"), "{text}");
}

#[test]
fn a_question_is_answered_gate_by_gate() {
    let text = told(&[NETWORK, "--from", "web-1", "--to", "1.1.1.1:443"], 1);
    let gates = [
        "web: rule Updates (200) allows it",
        "everything else → Internet",
        "web-1-ip",
        "It arrives on the Internet.",
    ];
    let places: Vec<usize> =
        gates.iter().map(|gate| text.find(gate).unwrap_or_else(|| panic!("{gate}: {text}"))).collect();
    assert!(places.is_sorted(), "{text}");
    assert!(text.contains("[examples/azure-network/nsgs.json:"), "{text}");
    let text = told(&[NETWORK, "--from", "web-1", "--to", "1.1.1.1:23"], 0);
    assert!(text.contains("security admin rules of shop: rule no-telnet (10) denies it"), "{text}");
    let text = told(&[NETWORK, "--from", "orders-db", "--to", "1.1.1.1"], 0);
    assert!(text.contains("rule NothingOut (4000) denies it"), "{text}");
    let text = told(&[NETWORK, "--from", "APP-1-NIC", "--to", "orders-db:5432"], 1);
    assert!(text.contains("network security group there data: rule Orders (100) allows it"), "{text}");
    let text = told(&[NETWORK, "--from", "web-1", "--to", "orders-db:5432"], 0);
    assert!(text.contains("rule NobodyElse (200) denies it"), "{text}");
    let text = told(&[NETWORK, "--from", "app-1", "--to", "1.1.1.1"], 1);
    assert!(
        text.contains("route everything: 0.0.0.0/0 → appliance 10.10.0.4")
            && text.contains("perhaps arrives"),
        "{text}"
    );
}

#[test]
fn what_is_missing_names_the_command_and_the_thing() {
    let folder = copied(NETWORK);
    std::fs::remove_dir_all(folder.path().join("security-admin-rules")).unwrap();
    std::fs::remove_file(folder.path().join("route-tables.json")).unwrap();
    let text = told(&[folder.path().to_str().unwrap()], 0);
    for part in [
        "az network manager list-effective-security-admin-rules (shop)",
        "az network route-table list (through-the-hub)",
        "One that always allows",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn programs_get_whole_ids_that_keep_to_the_schema() {
    let schema = std::fs::read_to_string(root().join("schema/reach-v1.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let ask = |status, arguments: &[&str]| -> Value {
        let json: Value = serde_json::from_str(&told(arguments, status)).unwrap();
        let wrong: Vec<String> = validator.iter_errors(&json).map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{arguments:?}: {wrong:?}");
        json
    };
    let json = ask(0, &[NETWORK, "--format", "json"]);
    let first = &json["workloads"][0];
    assert!(first["interface"].as_str().unwrap().starts_with("/subscriptions/"), "{first}");
    assert!(json["unfiltered"].to_string().contains("168.63.129.16"));
    ask(1, &[NETWORK, "--from", "web-1", "--to", "1.1.1.1:443", "--format", "json"]);
    ask(1, &["--diff", "examples/azure-dump", NETWORK, "--format", "json"]);
}

#[test]
fn answers_of_two_clouds_may_lie_in_one_folder() {
    let folder = copied(NETWORK);
    std::fs::create_dir(folder.path().join("aws")).unwrap();
    copy_all(&root().join("examples/aws-network"), &folder.path().join("aws"));
    let path = folder.path().to_str().unwrap();
    let text = told(&[path], 0);
    for part in ["hub-firewall", "igw-web", "168.63.129.16", "169.254.169.253", "4 of 6 interfaces"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let dot = told(&[path, "--format", "dot"], 0);
    assert!(dot.contains("Azure Firewall\\nhub-firewall") && dot.contains("nat-shared"), "{dot}");
    assert!(!dot.contains("Azure platform"), "what everybody reaches is no way out: {dot}");
    let svg = told(&[path, "--format", "svg"], 0);
    assert!(svg.contains("hub-firewall") && svg.contains("public address"), "{svg}");
}

#[test]
fn two_snapshots_differ_in_what_newly_gets_out() {
    let folder = copied(NETWORK);
    let nsgs = folder.path().join("nsgs.json");
    let text = std::fs::read_to_string(&nsgs).unwrap();
    // The database's group lets out what it stopped, and its subnet gets a way out.
    std::fs::write(
        &nsgs,
        text.replacen(
            "\"name\": \"NothingOut\",\n        \"priority\": 4000,\n        \"access\": \"Deny\"",
            "\"name\": \"NothingOut\",\n        \"priority\": 4000,\n        \"access\": \"Allow\"",
            1,
        ),
    )
    .unwrap();
    let nics = folder.path().join("nics.json");
    let mut cards: Value = serde_json::from_slice(&std::fs::read(&nics).unwrap()).unwrap();
    cards[2]["ipConfigurations"][0]["publicIPAddress"] =
        serde_json::json!({"id": "/x/publicIPAddresses/db-ip"});
    std::fs::write(&nics, cards.to_string()).unwrap();
    let wider = folder.path().to_str().unwrap();
    let text = told(&["--diff", NETWORK, wider], 1);
    assert!(text.contains("orders-db (orders-db-nic) reaches more of the Internet:"), "{text}");
    assert!(!text.contains("web-1 (") && !text.contains("app-1 ("), "{text}");
}
