//! Reports in a browser and in a Markdown reader: the scripts in `tests/pages/` look at what the program writes.
//!
//! `cargo xtask test` installs the packages that they need and names the folder, and the browser, in the environment;
//! without those the tests are skipped.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A title and a client who would like to be more than text.
const HOSTILE: &str = "h00 <script>window.__pwned=1</script> ](x) \u{202e} \"q\" </title>";
/// Groups of the large estate, and machines behind each: 10,000 affected systems.
const GROUPS: usize = 20;
const MACHINES: usize = 500;

#[test]
fn a_page_sorts_filters_opens_and_prints() {
    run("page.test.js", true);
}

#[test]
fn a_page_can_be_read_on_every_screen() {
    run("look.test.js", true);
}

#[test]
fn a_page_can_be_read_by_a_screen_reader() {
    run("access.test.js", true);
}

#[test]
fn hostile_names_are_text_in_a_page() {
    run("hostile.test.js", true);
}

#[test]
fn hostile_names_are_text_in_markdown() {
    run("markdown.test.js", false);
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Runs a script on freshly written reports.
#[track_caller]
fn run(script: &str, in_browser: bool) {
    let Some(packages) = std::env::var_os("TIDEGATE_PAGES") else {
        return skipped("TIDEGATE_PAGES is not set; `cargo xtask test` installs the packages and runs this");
    };
    if in_browser && std::env::var_os("TIDEGATE_CHROMIUM").is_none() {
        return skipped("TIDEGATE_CHROMIUM is not set; `cargo xtask test` looks for Chromium and runs this");
    }
    let folder = tempfile::tempdir().unwrap();
    write_reports(folder.path());
    let mut node = Command::new("node");
    node.args(["--test", "--test-reporter=spec"]).arg(root().join("tests/pages").join(script));
    node.env("TIDEGATE_PAGES", packages)
        .env("TIDEGATE_REPORTS", folder.path())
        .env("TIDEGATE_HOSTILE", HOSTILE);
    // One test of several at a time: Node's runner hands its own settings down to what it starts.
    node.env_remove("NODE_OPTIONS").env_remove("NODE_TEST_CONTEXT");
    if Command::new("pdftotext").arg("-v").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok() {
        node.env("TIDEGATE_PDFTOTEXT", "pdftotext");
    }
    let output = node.stdin(Stdio::null()).output().expect("node runs");
    let told =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    // A runner that finds no test is content.
    let passed = told.lines().find_map(|line| line.trim_start_matches(['ℹ', '#', ' ']).strip_prefix("pass "));
    assert!(passed.and_then(|number| number.trim().parse::<usize>().ok()) > Some(0), "{told}");
}

fn skipped(why: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}

/// The reports that the scripts look at.
fn write_reports(into: &Path) {
    let (many, empty) = (into.join("many"), into.join("empty"));
    for folder in [&many, &empty] {
        std::fs::create_dir(folder).unwrap();
    }
    std::fs::write(many.join("dump.json"), large_dump()).unwrap();
    let file = |name: &str| into.join(name).into_os_string().into_string().unwrap();
    let path = |path: &Path| path.to_str().unwrap().to_owned();
    let hostile = ["--title", HOSTILE, "--client", HOSTILE];
    tidegate(&["report", "examples", "-o", &file("estate.html")]);
    tidegate(&["scan", "examples", "--fail-on", "never", "-f", "json", "-o", &file("estate.json")]);
    tidegate(&["report", &path(&many), "-o", &file("many.html")]);
    tidegate(&["report", &path(&empty), "-o", &file("empty.html")]);
    tidegate(&[&["report", "tests/hostile", "-o", &file("hostile.html")][..], &hostile].concat());
    tidegate(&[&["report", "tests/hostile", "-o", &file("hostile.md")][..], &hostile].concat());
    tidegate(&["scan", "tests/hostile", "--fail-on", "never", "-f", "markdown", "-o", &file("scan.md")]);
}

#[track_caller]
fn tidegate(arguments: &[&str]) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidegate"));
    let output = command.args(arguments).arg("--quiet").current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// What the AWS CLI would say of many machines behind a few groups.
fn large_dump() -> String {
    let rule = |protocol: &str, port: usize, to: &str| serde_json::json!({"IpProtocol": protocol, "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": to}]});
    let id = |group: usize| format!("sg-{group:017x}");
    let groups: Vec<_> = (0..GROUPS)
        .map(|group| {
            let egress: Vec<_> = std::iter::once(rule("-1", 0, "0.0.0.0/0"))
                .chain((0..group).map(|at| rule("tcp", 8000 + at, "10.0.0.0/8")))
                .collect();
            serde_json::json!({"GroupId": id(group), "GroupName": format!("service-{group}"), "OwnerId": "123456789012",
                "IpPermissions": [], "IpPermissionsEgress": egress})
        })
        .collect();
    let machines: Vec<_> = (0..GROUPS * MACHINES)
        .map(|at| {
            let group = at / MACHINES;
            serde_json::json!({"InstanceId": format!("i-{at:017x}"), "ImageId": "ami-0123456789abcdef0",
                "Placement": {"AvailabilityZone": "eu-west-1a"}, "State": {"Name": "running"},
                "PrivateIpAddress": format!("10.{group}.{}.{}", at % MACHINES / 250, at % 250),
                "SecurityGroups": [{"GroupId": id(group)}],
                "Tags": [{"Key": "Name", "Value": format!("service-{group}-{}", at % MACHINES)}]})
        })
        .collect();
    let reservations =
        [serde_json::json!({"ReservationId": "r-1", "OwnerId": "123456789012", "Instances": machines})];
    serde_json::json!({"SecurityGroups": groups, "Reservations": reservations}).to_string()
}
