//! `tidegate report` as users run it: templates filled in, whole reports, retests, reports without names.

mod common;

use common::root;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const VALUES: [&str; 6] = [
    "CLIENTNAME=Acme & Sons",
    "BACKEND=payments",
    "NAME=core",
    "DOMAINNAME=corp.acme.internal",
    "quarterly/yearly=yearly",
    "four/six/eight=six",
];

/// Runs in the root of the repository, on 28 January 2026.
fn report(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidegate"));
    command.arg("report").args(arguments).current_dir(root()).stdin(Stdio::null());
    command.env("SOURCE_DATE_EPOCH", "1769558400").env_remove("NO_COLOR").output().unwrap()
}

#[track_caller]
fn written(arguments: &[&str]) -> String {
    let output = report(arguments);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {told}");
    String::from_utf8(output.stdout).unwrap()
}

fn house<'a>(paths: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    let mut all: Vec<&str> = paths.to_vec();
    all.extend(["--template", "tests/templates/house.md"]);
    all.extend(more);
    all
}

fn with_values(mut arguments: Vec<&str>) -> Vec<&str> {
    arguments.extend(VALUES.iter().flat_map(|value| ["--set", value]));
    arguments
}

/// Compares with a committed rendering; `TIDEGATE_WRITE=1` writes it.
#[track_caller]
fn assert_rendering(name: &str, text: &str) {
    let path = root().join("tests/templates/expected").join(name);
    if std::env::var_os("TIDEGATE_WRITE").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(text == expected, "{} differs; TIDEGATE_WRITE=1 writes it anew:\n{text}", path.display());
}

/// Nothing of the grammar is left, outside of code.
#[track_caller]
fn assert_final(text: &str) {
    let mut code = false;
    for line in text.lines() {
        if line.starts_with("```") {
            code = !code;
        }
        assert!(!line.contains("{==") && !line.contains("==}"), "{line}");
        assert!(code || !(line.contains('{') && line.contains("||")), "{line}");
    }
}

/// The text below the front matter.
fn body(text: &str) -> &str {
    text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n###")).map_or(text, |(_, body)| body)
}

#[test]
fn a_house_template_is_filled_in_for_aws_without_instances() {
    let text = written(&with_values(house(&["tests/templates/dumps/aws-interfaces.json"], &[])));
    assert_final(body(&text));
    assert!(
        text.contains("vpc-security-groups.html") && !text.contains("security-group-connection-tracking")
    );
    assert_rendering("aws.md", &text);
}

#[test]
fn a_house_template_is_filled_in_for_aws_with_instances() {
    let text = written(&with_values(house(&["examples/aws-dump"], &[])));
    assert_final(body(&text));
    // Two kept options of one line each.
    assert!(text.contains("vpc-security-groups.html)  \n[Connection tracking on instances]"), "{text}");
    assert!(!text.contains("AllowInternetOutBound"), "{text}");
    assert_rendering("aws-instances.md", &text);
}

#[test]
fn a_house_template_is_filled_in_for_azure() {
    let text = written(&with_values(house(&["examples/azure-dump"], &[])));
    assert_final(body(&text));
    assert!(text.contains("network-security-groups-overview") && !text.contains("docs.aws.amazon.com"));
    assert_rendering("azure.md", &text);
}

#[test]
fn a_house_template_is_filled_in_once_per_rule_and_platform() {
    let text = written(&with_values(house(&["examples/aws-dump", "examples/azure-dump"], &[])));
    assert_final(&text);
    assert_eq!(text.matches("### Unfiltered Egress from the core Network\n").count(), 2);
    assert_rendering("both.md", &text);
}

#[test]
fn a_draft_keeps_what_has_no_value_and_no_authors_note() {
    let text = written(&house(&["examples/aws-dump"], &["--draft"]));
    for kept in ["{==CLIENTNAME==}", "{==NAME==}", "{==quarterly/yearly==}"] {
        assert!(text.contains(kept), "{kept} in {text}");
    }
    let below = body(&text);
    for gone in ["{==NOTE", "{==TODO", "{==XREF", "{==OPTION", "||one}"] {
        assert!(!below.contains(gone), "{gone} in {below}");
    }
    assert_rendering("draft.md", &text);
}

#[test]
fn text_outside_of_markers_is_untouched() {
    let template = std::fs::read_to_string(root().join("tests/templates/house.md")).unwrap();
    let text =
        written(&with_values(house(&["examples/aws-dump"], &["--option", "LAMBDA", "--option", "HYBRID"])));
    let azure = written(&with_values(house(
        &["examples/azure-dump"],
        &["--option", "GCP", "--option", "KUBERNETES"],
    )));
    for line in template.lines().filter(|line| !line.contains("{==") && !line.contains("||")) {
        assert!(text.lines().chain(azure.lines()).any(|written| written == line), "{line}");
    }
}

#[test]
fn the_front_matter_stays_and_nothing_in_it_runs() {
    let text = written(&with_values(house(&["examples/azure-dump"], &[])));
    let template = std::fs::read_to_string(root().join("tests/templates/house.md")).unwrap();
    let front = &template[..template.find("\n### ").unwrap()];
    assert!(text.starts_with(front));
    assert!(!root().join("house-template-script-was-run").exists());
}

#[test]
fn an_option_goes_by_its_number() {
    let kept = written(&with_values(house(&["examples/azure-dump"], &[])));
    let dropped = written(&with_values(house(&["examples/azure-dump"], &["--without-option", "1"])));
    assert!(kept.contains("were found to be effective") && !dropped.contains("were found to be effective"));
    let wrong = report(&with_values(house(&["examples/azure-dump"], &["--without-option", "99"])));
    assert_eq!(wrong.status.code(), Some(2));
}

#[test]
fn what_is_missing_is_named_with_its_lines_and_nothing_is_written() {
    let here = tempfile::tempdir().unwrap();
    let out = here.path().join("out.md");
    let output = report(&house(&["examples/aws-dump"], &["--output", out.to_str().unwrap()]));
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    for name in ["CLIENTNAME", "BACKEND", "DOMAINNAME", "quarterly/yearly", "line", "--draft"] {
        assert!(told.contains(name), "{name} in {told}");
    }
    assert!(!out.exists());
}

#[test]
fn a_claim_about_inbound_rules_is_checked_against_the_data() {
    let output = report(&with_values(house(&["tests/templates/dumps/aws-interfaces.json"], &[])));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("warning") && told.contains("inbound") && told.contains("edge"), "{told}");
    let fine = report(&with_values(house(&["examples/aws-dump"], &[])));
    assert!(!String::from_utf8(fine.stderr).unwrap().contains("inbound"));
}

#[test]
fn the_inspection_lists_options_values_and_what_fills_them() {
    let text = written(&house(&["examples/aws-dump"], &["--inspect", "--set", "NAME=core"]));
    for part in [
        "1. line",
        "AZURE",
        "VPC (in AWS)",
        "LAMBDA (in AWS)",
        "\"core\"",
        "CLIENTNAME",
        "the affected systems",
        "never come out",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn a_whole_report_has_every_part() {
    for format in ["md", "html"] {
        let text =
            written(&["examples/aws-dump", "examples/azure-dump", "--format", format, "--client", "Acme"]);
        for part in [
            "Acme",
            "Summary",
            "Method",
            "What was not decided",
            "Findings by risk",
            "Impact: Medium",
            "Likelihood: Low",
            "Recommendation",
            "Remedy",
            "Verification",
            "References",
            "affected systems",
            "outbound rules",
            "SHA-256",
            "web-1",
            "i-0b20000000000001a",
            "198.51.100.10",
            "AllowInternetOutBound",
            "Fingerprint",
        ] {
            assert!(text.contains(part), "{part} in {format}");
        }
    }
}

#[test]
fn where_nothing_was_read_nothing_is_said_to_be_safe() {
    let here = tempfile::tempdir().unwrap();
    let text = written(&[here.path().to_str().unwrap()]);
    assert!(text.contains("Nothing was read") && !text.contains("No policy in the data"), "{text}");
    let missing = report(&["no/such/dump.json"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(String::from_utf8(missing.stderr).unwrap().contains("no such file"));
}

#[test]
fn the_same_input_gives_the_same_report() {
    let once = written(&["examples/aws-dump", "--format", "html"]);
    assert_eq!(once, written(&["examples/aws-dump", "--format", "html", "--jobs", "1"]));
}

#[test]
fn one_finding_stands_on_its_own() {
    let text = written(&["examples/aws-dump", "--single", "open-egress"]);
    assert!(text.starts_with("### "), "{text}");
    assert!(!text.contains("## Summary"));
    let unknown = report(&["examples/aws-dump", "--single", "ffffffff"]);
    assert_eq!(unknown.status.code(), Some(2));
}

#[test]
fn a_report_without_names_holds_none() {
    let secrets = [
        "123456789012",
        "web-1",
        "batch-1",
        "i-0b20000000000001a",
        "sg-0a10000000000001a",
        "198.51.100.10",
        "10.0.1.10",
        "security-groups.json",
        "aws-dump",
        "batch-low",
    ];
    for format in ["md", "html", "json"] {
        let plain = written(&["examples/aws-dump", "--format", format]);
        let text = written(&["examples/aws-dump", "--format", format, "--redact"]);
        for secret in secrets {
            assert!(plain.contains(secret), "{secret} in {format}");
            assert!(!text.contains(secret), "{secret} in {format}");
        }
        assert!(
            text.contains("account-1") && text.contains("0.0.0.0/0") && text.contains("eu-west-1"),
            "{format}"
        );
    }
}

#[test]
fn a_redacted_report_names_nothing_on_a_packet_s_way() {
    let secrets =
        ["00000000-1111-2222-3333-444444444444", "web-1-ip", "through-the-hub", "hub-firewall", "app-1"];
    for format in ["md", "json"] {
        let plain = written(&["examples/azure-network", "--format", format]);
        let text = written(&["examples/azure-network", "--format", format, "--redact"]);
        for secret in secrets {
            assert!(plain.contains(secret), "{secret} in {format}");
            assert!(!text.contains(secret), "{secret} in {format}");
        }
    }
}

/// A group with these outbound permissions in a dump.
fn dump(groups: &[(&str, &str)]) -> String {
    let groups: Vec<String> = groups
        .iter()
        .map(|(id, egress)| {
            format!(
                "{{\"GroupId\":\"{id}\",\"GroupName\":\"{id}-name\",\"OwnerId\":\"1\",\"VpcId\":\"vpc-1\",\
                 \"IpPermissions\":[],\"IpPermissionsEgress\":[{egress}]}}"
            )
        })
        .collect();
    format!("{{\"SecurityGroups\":[{}]}}", groups.join(","))
}

const ALL: &str = r#"{"IpProtocol":"-1","IpRanges":[{"CidrIp":"0.0.0.0/0"}]}"#;
const WEB: &str = r#"{"IpProtocol":"tcp","FromPort":443,"ToPort":443,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]}"#;

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn a_retest_says_what_became_of_every_finding() {
    let here = tempfile::tempdir().unwrap();
    std::fs::create_dir(here.path().join(".git")).unwrap();
    let path = |name: &str| here.path().join(name).to_str().unwrap().to_owned();
    let before = [("sg-a", ALL), ("sg-b", ALL), ("sg-c", ALL), ("sg-d", WEB), ("sg-e", ALL)];
    write(here.path(), "before.json", &dump(&before));
    // a closed, b narrowed, c as it was, d wider, e not in the data, f new.
    let after = [("sg-a", ""), ("sg-b", WEB), ("sg-c", ALL), ("sg-d", ALL), ("sg-f", ALL)];
    write(here.path(), "after.json", &dump(&after));
    let old = written(&[&path("before.json"), "--format", "json"]);
    write(here.path(), "old.txt", &old);
    let text = written(&[&path("after.json"), "--retest", &path("old.txt")]);
    let line = |group: &str| {
        let table = text.split("**Retest").nth(1).unwrap().split("## ").next().unwrap();
        table
            .lines()
            .find(|line| line.contains(group))
            .unwrap_or_else(|| panic!("{group} in {table}"))
            .to_owned()
    };
    assert!(line("sg-a").contains("| resolved |"), "{}", line("sg-a"));
    assert!(line("sg-b").contains("partly resolved") && line("sg-b").contains("tcp/443 to 0.0.0.0/0"));
    assert!(line("sg-c").contains("open") && line("sg-c").contains("as before"));
    assert!(line("sg-d").contains("open") && line("sg-d").contains("more than before"));
    assert!(line("sg-e").contains("not seen"));
    assert!(line("sg-f").contains("new"));
    let json = written(&[&path("after.json"), "--retest", &path("old.txt"), "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let schema = std::fs::read_to_string(root().join("schema/scan-v1.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let wrong: Vec<String> = validator.iter_errors(&json).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    let outcomes: Vec<&str> =
        json["retest"].as_array().unwrap().iter().map(|one| one["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["resolved", "partly resolved", "open", "open", "not seen", "new"]);
    let nonsense = report(&[&path("after.json"), "--retest", &path("after.json")]);
    assert_eq!(nonsense.status.code(), Some(2));
}

#[test]
fn texts_of_ones_own_go_before_ours() {
    let here = tempfile::tempdir().unwrap();
    let folder = here.path().join("house");
    std::fs::create_dir(&folder).unwrap();
    write(
        &folder,
        "open-egress.md",
        "### Everything goes out\nOur own words about {==COUNT==} system{s||}.\n",
    );
    let own = write(
        here.path(),
        "own.toml",
        "[findings.internet-egress]\ntitle = \"Ours\"\nnote = \"Checked with *Jane*.\"\n",
    );
    let text = written(&[
        "examples/aws-dump",
        "--templates",
        folder.to_str().unwrap(),
        "--texts",
        own.to_str().unwrap(),
    ]);
    assert!(
        text.contains("### 1. Everything goes out") && text.contains("Our own words about 2 systems."),
        "{text}"
    );
    assert!(text.contains("### 2. Ours") && text.contains("Checked with *Jane*."), "{text}");
}

#[test]
fn pictures_stand_beside_the_file_and_the_list_of_systems_has_all() {
    let here = tempfile::tempdir().unwrap();
    let out = here.path().join("out.md");
    let csv = here.path().join("systems.csv");
    written(&["examples/aws-dump", "--output", out.to_str().unwrap(), "--systems", csv.to_str().unwrap()]);
    let text = std::fs::read_to_string(&out).unwrap();
    let linked = text.split("](out-pictures/").skip(1).map(|rest| rest.split(')').next().unwrap());
    let linked: Vec<&str> = linked.collect();
    assert!(linked.len() > 4);
    for name in linked {
        let svg = std::fs::read_to_string(here.path().join("out-pictures").join(name)).unwrap();
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>"));
    }
    let csv = std::fs::read_to_string(&csv).unwrap();
    assert!(csv.contains("web-1") && csv.contains("198.51.100.10"), "{csv}");
}

/// Questions in a terminal.
#[cfg(unix)]
mod asking {
    use super::{Command, root};
    use rexpect::session::{PtySession, spawn_command};
    use std::path::Path;

    fn dialog(output: &Path) -> PtySession {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tidegate"));
        command.args([
            "report",
            "tests/templates/dumps/aws-interfaces.json",
            "--template",
            "tests/templates/house.md",
        ]);
        // Only two values are left open.
        for value in
            super::VALUES.iter().filter(|value| !value.starts_with("CLIENTNAME") && !value.contains("yearly"))
        {
            command.args(["--set", value]);
        }
        command.arg("--output").arg(output).current_dir(root());
        command.env("SOURCE_DATE_EPOCH", "1769558400").env("TERM", "xterm").env("NO_COLOR", "1");
        spawn_command(command, Some(20_000)).unwrap()
    }

    fn reply(session: &mut PtySession, question: &str, line: &str) {
        session.exp_string(question).unwrap();
        session.exp_string(": ").unwrap();
        session.send_line(line).unwrap();
    }

    #[test]
    fn what_a_template_lacks_is_asked_for_until_it_is_given() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("finding.md");
        let mut session = dialog(&output);
        reply(&mut session, "CLIENTNAME", "");
        session.exp_string("needs a value").unwrap();
        reply(&mut session, "CLIENTNAME", "Acme & Sons");
        // An answer that is none of the choices is asked for again.
        reply(&mut session, "one of", "weekly");
        reply(&mut session, "one of", "yearly");
        session.exp_eof().unwrap();
        let text = std::fs::read_to_string(&output).unwrap();
        assert!(text.contains("Acme & Sons") && text.contains("yearly"), "{text}");
        super::assert_final(super::body(&text));
    }

    #[test]
    fn who_goes_away_leaves_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("finding.md");
        let mut session = dialog(&output);
        session.exp_string("CLIENTNAME").unwrap();
        session.send_control('d').unwrap();
        session.exp_string("--set NAME=VALUE").unwrap();
        session.exp_eof().unwrap();
        assert!(!output.exists());
    }
}

#[test]
fn systems_that_reach_the_internet_through_a_neighbour_are_told_with_it() {
    let text = written(&["examples/aws-network", "--format", "md"]);
    let (_, chapter) = text.split_once(". Way to the Internet through a Neighbouring System\n").unwrap();
    let row = chapter.lines().find(|line| line.starts_with("| **orders-db**")).unwrap();
    assert!(row.contains("with tcp/443, and the Internet from there"), "{row}");
    assert!(!chapter.contains("nothing that could be told"));
}
