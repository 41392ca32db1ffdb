//! The program as users run it: exit status, streams, files.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};

const OPEN: &str =
    "Resources:\n  Open:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      GroupDescription: x\n";
const CLOSED: &str = "Resources:\n  Closed:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      GroupDescription: x\n      \
SecurityGroupEgress:\n        - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.0.0.0/8}\n";
const UNKNOWN: &str = "Resources:\n  Odd:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      GroupDescription: x\n      \
SecurityGroupEgress:\n        - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: !ImportValue other-stack-cidr}\n";
const APP: &str = "import aws_cdk as cdk\nfrom aws_cdk import aws_ec2 as ec2\n\n\nclass Web(cdk.Stack):\n    \
def __init__(self, scope, id):\n        super().__init__(scope, id)\n        \
ec2.SecurityGroup(self, 'Web', vpc=ec2.Vpc.from_lookup(self, 'V', is_default=True))\n\n\napp = cdk.App()\nWeb(app, 'Web')\n";

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    for (path, content) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    folder
}

fn command(at: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidegate"));
    command.args(arguments).current_dir(at).env_remove("NO_COLOR").env_remove("SOURCE_DATE_EPOCH");
    command
}

fn run(folder: &tempfile::TempDir, arguments: &[&str]) -> Output {
    command(folder.path(), arguments).stdin(Stdio::null()).output().unwrap()
}

#[track_caller]
fn assert_status(folder: &tempfile::TempDir, arguments: &[&str], status: i32) {
    let output = run(folder, arguments);
    let shown =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{arguments:?}\n{shown}");
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn the_exit_status_tells_what_happened() {
    let here = folder(&[
        ("open.yaml", OPEN),
        ("closed.yaml", CLOSED),
        ("unknown.yaml", UNKNOWN),
        ("part/binary.py", "\0aws_cdk"),
        ("part/closed.yaml", CLOSED),
        ("both/binary.py", "\0aws_cdk"),
        ("both/open.yaml", OPEN),
    ]);
    assert_status(&here, &["scan", "closed.yaml"], 0);
    assert_status(&here, &["scan", "open.yaml"], 1);
    assert_status(&here, &["scan", "open.yaml", "--fail-on", "medium"], 0);
    assert_status(&here, &["scan", "open.yaml", "--fail-on", "never"], 0);
    assert_status(&here, &["scan", "unknown.yaml"], 0);
    assert_status(&here, &["scan", "unknown.yaml", "--strict"], 1);
    assert_status(&here, &["scan", "part"], 3);
    assert_status(&here, &["scan", "both"], 1);
    assert_status(&here, &["scan", "gone.yaml"], 2);
    assert_status(&here, &["scan", "open.yaml", "gone.yaml"], 2);
    assert_status(&here, &["scan", "part/binary.py"], 2);
    assert_status(&here, &["scan", "--format", "xml"], 2);
    assert_status(&here, &["scan", "--select", "no-such-rule"], 2);
    assert_status(&here, &["scan", "closed.yaml", "--output", "no/such/folder/x"], 2);
    assert_status(&here, &["rules", "no-such-rule"], 2);
    assert_status(&here, &["nonsense"], 2);
}

#[test]
fn a_mistyped_rule_gets_a_suggestion() {
    let here = folder(&[]);
    for arguments in [
        ["scan", "--select", "open-egres"].as_slice(),
        &["scan", "--ignore", "OPEN-EGRES"],
        &["rules", "open-egres"],
    ] {
        let output = run(&here, arguments);
        assert!(text(&output.stderr).contains("did you mean `open-egress`?"), "{arguments:?}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn results_go_to_standard_output_and_the_rest_to_standard_error() {
    let here = folder(&[("open.yaml", OPEN), ("binary.py", "\0aws_cdk")]);
    let output = run(&here, &["scan", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["findings"][0]["location"]["path"], "open.yaml");
    assert_eq!(document["inputs"]["skipped"][0]["path"], "binary.py");
    assert_eq!(document["inputs"]["files"], 1);
    assert_eq!(document["inputs"]["bytes"], OPEN.len());
    assert!(text(&output.stderr).contains("binary.py"));
}

#[test]
fn paths_are_relative_to_the_git_root_wherever_the_program_runs() {
    let here = folder(&[("infra/open.yaml", OPEN)]);
    for (at, arguments) in
        [("", ["scan", "infra", "--format", "csv"]), ("infra", ["scan", ".", "--format", "csv"])]
    {
        let output = command(&here.path().join(at), &arguments).output().unwrap();
        assert!(text(&output.stdout).contains(",infra/open.yaml,2,3,"), "{}", text(&output.stdout));
    }
}

#[test]
fn standard_input_is_read_under_its_name() {
    let here = folder(&[("settings.py", "OPEN = True\n")]);
    let mut child = command(here.path(), &["scan", "-", "--stdin-filename", "app.py", "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(APP.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["findings"][0]["location"]["path"], "app.py");
    assert_status(&here, &["scan", "-"], 2);
    assert_status(&here, &["scan", ".", "--stdin-filename", "app.py"], 2);
}

#[test]
fn colour_is_for_terminals_and_for_who_asks() {
    let here = folder(&[("open.yaml", OPEN)]);
    let coloured = |arguments: &[&str]| run(&here, arguments).stdout.contains(&0x1b);
    assert!(!coloured(&["scan"]));
    assert!(coloured(&["scan", "--color", "always"]));
    assert!(!coloured(&["scan", "--color", "always", "--format", "json"]));
}

#[test]
fn a_result_file_is_written_whole_and_alone() {
    let here = folder(&[("open.yaml", OPEN)]);
    assert_status(&here, &["scan", "--output", "out.txt"], 1);
    let written = std::fs::read_to_string(here.path().join("out.txt")).unwrap();
    assert!(written.contains("open-egress-by-default") && !written.contains('\u{1b}'));
    assert_eq!(std::fs::read_dir(here.path()).unwrap().count(), 3);
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_leaves_no_file_behind() {
    let here = folder(&[("open.yaml", OPEN)]);
    let arguments = ["scan", "-", "--stdin-filename", "x.yaml", "--output", "out.json", "--format", "json"];
    let mut child = command(here.path(), &arguments).stdin(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(200));
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    assert_ne!(child.wait().unwrap().code(), Some(0));
    let mut left: Vec<_> =
        std::fs::read_dir(here.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, [".git", "open.yaml"]);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let here = folder(&[]);
    for number in 0..400 {
        std::fs::write(here.path().join(format!("open{number}.yaml")), OPEN).unwrap();
    }
    let mut child =
        command(here.path(), &["scan"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    reader.read_line(&mut line).unwrap();
    drop(reader);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn the_result_does_not_depend_on_the_number_of_threads() {
    let here = folder(&[("app.py", APP)]);
    for number in 0..60 {
        std::fs::write(
            here.path().join(format!("t{number}.yaml")),
            if number % 3 == 0 { CLOSED } else { OPEN },
        )
        .unwrap();
    }
    let one = run(&here, &["scan", "--format", "json", "--jobs", "1"]);
    let many = run(&here, &["scan", "--format", "json", "--jobs", "8"]);
    assert!(one.stdout == many.stdout && !one.stdout.is_empty());
}

#[test]
fn what_is_in_the_baseline_is_not_reported_again() {
    let here = folder(&[("open.yaml", OPEN)]);
    assert_status(&here, &["scan", "--write-baseline"], 0);
    assert!(here.path().join(".tidegate/baseline.json").is_file());
    assert_status(&here, &["scan", "--baseline", ".tidegate/baseline.json"], 0);
    std::fs::write(here.path().join("more.yaml"), OPEN.replace("Open", "More")).unwrap();
    assert_status(&here, &["scan", "--baseline", ".tidegate/baseline.json"], 1);
    assert_status(&here, &["scan", "--write-baseline=other.json"], 0);
    assert_status(&here, &["scan", "--baseline", "other.json"], 0);
    assert_status(&here, &["scan", "--baseline", "gone.json"], 2);
}

#[test]
fn a_finding_is_explained_by_the_beginning_of_its_fingerprint() {
    let here = folder(&[("open.yaml", OPEN)]);
    let found = run(&here, &["scan", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_slice(&found.stdout).unwrap();
    let fingerprint = document["findings"][0]["fingerprint"].as_str().unwrap();
    let output = run(&here, &["scan", "--explain", &fingerprint[..8]]);
    let shown = text(&output.stdout);
    for part in [fingerprint, "What gets out", "Rating: risk low", "WHAT IT IS"] {
        assert!(shown.contains(part), "{part} is missing:\n{shown}");
    }
    assert_status(&here, &["scan", "--explain", "0000ffff0000ffff"], 2);
}

#[test]
fn settings_come_from_the_root_and_the_command_line_goes_before_them() {
    let here = folder(&[("infra/open.yaml", OPEN), ("tidegate.toml", "[scan]\nfail_on = \"high\"\n")]);
    assert_status(&here, &["scan", "infra"], 0);
    assert_status(&here, &["scan", "infra", "--fail-on", "low"], 1);
    std::fs::write(here.path().join("tidegate.toml"), "[scan]\nfail_no = 1\n").unwrap();
    let output = run(&here, &["scan", "infra"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("tidegate.toml:2:1"), "{}", text(&output.stderr));
}

#[test]
fn parameters_decide_what_a_template_leaves_open() {
    let template = "Parameters:\n  Cidr: {Type: String}\nResources:\n  G:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      \
GroupDescription: x\n      SecurityGroupEgress:\n        - {IpProtocol: '-1', CidrIp: !Ref Cidr}\n";
    let here = folder(&[
        ("t.yaml", template),
        ("open.json", r#"[{"ParameterKey":"Cidr","ParameterValue":"0.0.0.0/0"}]"#),
        ("near.json", r#"{"Parameters":{"Cidr":"10.0.0.0/8"}}"#),
        ("bad.json", "[3]"),
    ]);
    assert_status(&here, &["scan", "t.yaml", "--strict"], 1);
    assert_status(&here, &["scan", "t.yaml", "--strict", "--parameters", "near.json"], 0);
    assert_status(&here, &["scan", "t.yaml", "--parameters", "open.json"], 1);
    assert_status(&here, &["scan", "t.yaml", "--parameters", "bad.json"], 2);
}

#[test]
fn rules_are_listed_and_shown() {
    let here = folder(&[]);
    let list = text(&run(&here, &["rules"]).stdout);
    assert!(list.contains("open-egress-by-default") && list.contains("S6463"));
    let page = text(&run(&here, &["rules", "open-egress"]).stdout);
    assert!(page.starts_with("open-egress (also ") && !page.contains("cvss-score:"));
    let both = text(&run(&here, &["rules", "s6463", "--format", "json"]).stdout);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&both).unwrap().as_array().unwrap().len(), 2);
    let raw = text(&run(&here, &["rules", "open-egress", "--format", "markdown"]).stdout);
    assert!(raw.starts_with("# "));
}

#[test]
fn completions_and_the_manual_page_know_every_command() {
    let here = folder(&[]);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(text(&run(&here, &["completions", shell]).stdout).contains("fail-on"), "{shell}");
    }
    let page = text(&run(&here, &["man"]).stdout);
    assert!(page.contains(".TH") && page.contains("fail\\-on") && page.contains("cdk.out"));
    let help = text(&run(&here, &["scan", "--help"]).stdout);
    assert!(help.contains("Examples:") && help.contains("Exit status"));
}

#[test]
fn quiet_runs_print_findings_only() {
    let here = folder(&[("closed.yaml", CLOSED), ("unknown.yaml", UNKNOWN)]);
    let output = run(&here, &["scan", "-q"]);
    assert!(output.stdout.is_empty() && output.stderr.is_empty());
    assert!(text(&run(&here, &["scan"]).stdout).contains("1 unresolved in 2 files"));
}

/// A folder's files as one archive.
fn zipped(files: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn archives_are_read_like_folders() {
    const GROUP: &str = r#"[{"GroupId": "sg-1", "GroupName": "web", "IpPermissions": [], "IpPermissionsEgress": [
        {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]}]"#;
    let here = folder(&[("broken/d.zip", "PK no archive"), ("good/closed.yaml", CLOSED)]);
    std::fs::write(here.path().join("good/dump.zip"), zipped(&[("eu-west-1/sg.json", GROUP)])).unwrap();
    assert_status(&here, &["scan", "good"], 1);
    let output = run(&here, &["scan", "good/dump.zip", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let finding = &json["findings"][0];
    assert_eq!(finding["location"]["path"], "good/dump.zip/eu-west-1/sg.json");
    assert_eq!(finding["location"]["start"]["line"], 2);
    assert_eq!(finding["subjects"][0]["region"], "eu-west-1");
    // Walked, it is skipped; named, it is a path that cannot be read.
    assert_status(&here, &["scan", "broken"], 3);
    assert_status(&here, &["scan", "broken/d.zip"], 2);
}
