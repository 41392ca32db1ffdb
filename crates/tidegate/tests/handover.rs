//! What `tidegate report` hands over to reporting tools and trackers, against their fields and, where they can be
//! installed, their own readers.

mod common;

use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

const FORMATS: [&str; 5] = ["sysreptor", "ghostwriter", "pwndoc", "defectdojo", "ocsf"];
/// A name that tries to be code, markup, a template, a picture, a link and a formula.
const HOSTILE: &str = "=x <script>alert(1)</script> <b>b</b> {{7*7}} {% raw %} {# c #} {{{a}}} `q` | ~~s~~ \
                       ![i](http://evil.example/x.png) [l](http://evil.example/) http://evil.example/ *e* _e_ &lt; \\ ${j} TODO";

fn group(id: &str, name: &str, rules: Value) -> Value {
    json!({
        "GroupId": id, "GroupName": name, "Description": name, "OwnerId": "123456789012", "VpcId": "vpc-0123456789abcdef0",
        "SecurityGroupArn": format!("arn:aws:ec2:eu-west-1:123456789012:security-group/{id}"),
        "Tags": [{"Key": "Name", "Value": name}], "IpPermissions": [], "IpPermissionsEgress": rules,
    })
}

fn open() -> Value {
    json!([{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}], "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": []}])
}

fn narrow() -> Value {
    json!([{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}], "Ipv6Ranges": [],
            "PrefixListIds": [], "UserIdGroupPairs": []}])
}

fn closed() -> Value {
    json!([{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.0/8"}], "Ipv6Ranges": [],
            "PrefixListIds": [], "UserIdGroupPairs": []}])
}

fn folder(groups: &[Value], more: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    let dump = json!({ "SecurityGroups": groups });
    std::fs::write(folder.path().join("groups.json"), serde_json::to_string_pretty(&dump).unwrap()).unwrap();
    for (name, content) in more {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

/// A hostile group, and one with an unremarkable name that is open in the same way.
fn hostile() -> tempfile::TempDir {
    folder(
        &[
            group("sg-0a", HOSTILE, open()),
            group("sg-0b", "plain", open()),
            group("sg-0c", "narrow", narrow()),
        ],
        &[],
    )
}

#[track_caller]
fn report(at: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidegate"));
    command.arg("report").args(arguments).current_dir(at).stdin(Stdio::null());
    let output = command.env("SOURCE_DATE_EPOCH", "1769558400").output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {told}");
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn handed_over(at: &Path, format: &str, more: &[&str]) -> Value {
    let mut arguments = vec!["groups.json", "--format", format];
    arguments.extend(more);
    serde_json::from_str(&report(at, &arguments)).unwrap()
}

fn keys(of: &str) -> BTreeSet<String> {
    let tables: Value =
        serde_json::from_str(include_str!("../../../tests/schemas/handover-keys.json")).unwrap();
    tables[of]["keys"].as_array().unwrap().iter().map(|key| key.as_str().unwrap().to_owned()).collect()
}

#[track_caller]
fn assert_known(of: &str, object: &Value) {
    let known = keys(of);
    for key in object.as_object().unwrap().keys() {
        assert!(known.contains(key), "{of} does not know {key}");
    }
}

fn strings<'a>(value: &'a Value, into: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => into.push(text),
        Value::Array(all) => all.iter().for_each(|one| strings(one, into)),
        Value::Object(all) => all.values().for_each(|one| strings(one, into)),
        _ => {}
    }
}

#[test]
fn every_tool_gets_fields_that_it_knows() {
    let here = hostile();
    for finding in handed_over(here.path(), "sysreptor", &[]).as_array().unwrap() {
        assert_known("sysreptor", &finding["data"]);
    }
    let request = handed_over(here.path(), "ghostwriter", &[]);
    let objects = request["variables"]["objects"].as_array().unwrap();
    for object in objects {
        assert_known("ghostwriter", object);
        assert_eq!(object["reportId"], Value::Null);
    }
    assert_eq!(objects[0]["severityId"], 2);
    for one in handed_over(here.path(), "pwndoc", &[]).as_array().unwrap() {
        assert_known("pwndoc", one);
        assert_known("pwndoc-details", &one["details"][0]);
    }
    for finding in handed_over(here.path(), "defectdojo", &[])["findings"].as_array().unwrap() {
        assert_known("defectdojo", finding);
    }
}

#[test]
fn tools_for_reports_get_an_entry_a_rule_and_trackers_one_a_place() {
    let here = hostile();
    let count = |format: &str, pointer: &str| {
        handed_over(here.path(), format, &[]).pointer(pointer).unwrap().as_array().unwrap().len()
    };
    assert_eq!(count("sysreptor", ""), 2);
    assert_eq!(count("ghostwriter", "/variables/objects"), 2);
    assert_eq!(count("pwndoc", ""), 2);
    assert_eq!(count("defectdojo", "/findings"), 3);
    assert_eq!(count("ocsf", ""), 3);
    let dojo = handed_over(here.path(), "defectdojo", &[]);
    let ids: BTreeSet<&str> = dojo["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["unique_id_from_tool"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), 3);
    assert_eq!(dojo["findings"][0]["cwe"], 284);
    let events = handed_over(here.path(), "ocsf", &[]);
    let event = &events[0];
    assert_eq!(event["metadata"]["event_code"], "open-egress");
    assert_eq!(event["status_code"], "FAIL");
    assert_eq!(event["cloud"]["account"]["uid"], "123456789012");
    assert_eq!(event["time"], 1_769_558_400_000_u64);
    let sysreptor = handed_over(here.path(), "sysreptor", &[]);
    assert_eq!(
        sysreptor[0]["data"]["affected_components"],
        json!([
            "arn:aws:ec2:eu-west-1:123456789012:security-group/sg-0a",
            "arn:aws:ec2:eu-west-1:123456789012:security-group/sg-0b",
        ])
    );
    assert_eq!(sysreptor[0]["data"]["severity"], "low");
    assert_eq!(sysreptor[0]["data"]["retest_status"], "open");
    let single = handed_over(here.path(), "sysreptor", &["--single", "internet-egress"]);
    assert_eq!(single.as_array().unwrap().len(), 1);
}

#[test]
fn nothing_of_ours_is_a_template_there() {
    let here = hostile();
    let ghostwriter = handed_over(here.path(), "ghostwriter", &["--set", "REPORTID=7"]);
    assert_eq!(ghostwriter["variables"]["objects"][0]["reportId"], 7);
    let mut texts = Vec::new();
    strings(&ghostwriter["variables"], &mut texts);
    assert!(texts.iter().any(|text| text.contains("{{ '{' }}{7*7}}")));
    for text in texts {
        let bare = text.replace("{{ '{' }}", "");
        assert!(!["{{", "{%", "{#"].iter().any(|mark| bare.contains(mark)), "{text}");
    }
    let sysreptor = handed_over(here.path(), "sysreptor", &[]);
    let mut texts = Vec::new();
    strings(&sysreptor, &mut texts);
    assert!(texts.iter().any(|text| text.contains("7\\*7") || text.contains("7&#42;7")));
    assert!(texts.iter().all(|text| !text.contains("{{")), "{texts:#?}");
}

#[test]
fn a_template_of_ones_own_is_taken_apart_and_its_draft_has_todos() {
    let house = "---\nrules: [open-egress]\n---\n## House finding for {==WHO==}\nIntro {{resolve:ssm:x}} of {==PLACEHOLDER==}.\n\n\
                 ### Business Impact\nMoney.\n\n### History\nOld.\n\n### Mitigation\nClose it for {==WHO==}.\n\n\
                 ### Links\n- [Guide](https://guide.example/)\n- A book\n";
    let here = folder(&[group("sg-0a", "a", open())], &[("house.md", house)]);
    let draft = handed_over(here.path(), "sysreptor", &["--template", "house.md", "--draft"]);
    let data = &draft[0]["data"];
    assert_eq!(data["title"], "House finding for TODO: WHO");
    assert_eq!(data["impact"], "Money.");
    assert_eq!(data["recommendation"], "Close it for TODO: WHO.");
    assert_eq!(data["references"], json!(["https://guide.example/"]));
    let description = data["description"].as_str().unwrap();
    assert!(description.contains("#### History\n\nOld.") && description.contains("A book"), "{description}");
    assert!(description.contains("Outbound rules of a"), "evidence: {description}");
    let full = handed_over(here.path(), "ghostwriter", &["--template", "house.md", "--set", "WHO=Acme"]);
    let object = &full["variables"]["objects"][0];
    assert_eq!(object["title"], "House finding for Acme");
    assert_eq!(object["mitigation"], "<p>Close it for Acme.</p>");
    assert!(object["description"].as_str().unwrap().contains("{{ '{' }}{resolve:ssm:x}}"));
}

#[test]
fn a_retest_says_what_became_of_findings() {
    let before = folder(
        &[group("sg-0a", "a", open()), group("sg-0b", "b", open()), group("sg-0c", "c", narrow())],
        &[],
    );
    let old = report(before.path(), &["groups.json", "--format", "json"]);
    let now = folder(
        &[group("sg-0a", "a", open()), group("sg-0b", "b", closed()), group("sg-0c", "c", closed())],
        &[("old.json", &old)],
    );
    let retest = handed_over(now.path(), "sysreptor", &["--retest", "old.json"]);
    assert_eq!(retest[0]["data"]["retest_status"], "partial", "{retest:#}");
    let notes = retest[0]["data"]["retest_notes"].as_str().unwrap();
    assert!(notes.contains("resolved") && notes.contains("open"), "{notes}");
    assert_eq!(retest[1]["data"]["retest_status"], "resolved");
    let events = handed_over(now.path(), "ocsf", &["--retest", "old.json"]);
    assert_eq!(events[0]["activity_id"], 2);
    assert_eq!(events[0]["type_uid"], 200_402);
    let dojo = handed_over(now.path(), "defectdojo", &["--retest", "old.json"]);
    assert!(dojo["findings"][0]["description"].as_str().unwrap().contains("**Retest:** open"));
}

#[test]
fn two_platforms_do_not_share_a_title() {
    let root = common::root();
    let text = report(&root, &["examples/aws-dump", "examples/azure-dump", "--format", "pwndoc"]);
    let all: Value = serde_json::from_str(&text).unwrap();
    let titles: Vec<&str> =
        all.as_array().unwrap().iter().map(|one| one["details"][0]["title"].as_str().unwrap()).collect();
    let different: BTreeSet<&str> = titles.iter().copied().collect();
    assert!(titles.len() > 2);
    assert_eq!(different.len(), titles.len(), "{titles:?}");
}

/// `cargo xtask test` installs the readers and names their interpreter; without that there is no check.
#[test]
fn the_tools_own_readers_take_everything_as_text() {
    let Some(python) = std::env::var_os("TIDEGATE_READERS") else {
        let notice = "skipped: TIDEGATE_READERS is not set; `cargo xtask test` installs reptor, py-ocsf-models, Jinja2 and \
                      others and runs this";
        let _ = writeln!(std::io::stderr(), "{notice}");
        return;
    };
    let read = |format: &str, document: &str| {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/readers.py");
        let mut command = Command::new(&python);
        command.args([script, format]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(document.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        output
            .status
            .success()
            .then(|| serde_json::from_slice::<Value>(&output.stdout).unwrap())
            .ok_or_else(|| String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let here = hostile();
    for format in FORMATS {
        let document = report(here.path(), &["groups.json", "--format", format]);
        let taken = read(format, &document).unwrap_or_else(|error| panic!("{format}: {error}"));
        if let Some(text) = taken["text"].as_str() {
            assert!(text.contains(HOSTILE), "{format} does not show the name as it is: {text}");
        }
        for (paths, more) in [
            (["examples/aws-dump", "examples/azure-dump"], &["--client", HOSTILE][..]),
            (["examples/cdk-python", "examples/cloudformation"], &["--draft"][..]),
        ] {
            let arguments: Vec<&str> =
                paths.iter().chain(more).chain(&["--format", format]).copied().collect();
            let document = report(&common::root(), &arguments);
            read(format, &document).unwrap_or_else(|error| panic!("{format} of {paths:?}: {error}"));
        }
    }
    for (format, broken) in [("sysreptor", "[{\"data\":{\"title\":1}}]"), ("ocsf", "[{\"class_uid\":2004}]")]
    {
        assert!(read(format, broken).is_err(), "the check of {format} finds nothing");
    }
    let evil = "{\"variables\":{\"objects\":[{\"title\":\"\",\"affectedEntities\":\"{{x}}\"}]}}";
    assert!(read("ghostwriter", evil).is_err(), "the check of Ghostwriter finds nothing");
}
