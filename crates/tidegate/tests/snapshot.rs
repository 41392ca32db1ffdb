//! `tidegate snapshot aws` over real HTTP: what it writes, what it does when something goes wrong, and what it gives away.
#![cfg(feature = "snapshot")]

mod aws;

use aws::proxy::{Asked, Proxy, Reply};
use aws::{ACCOUNT, Moto, SECRET, TOKEN, python, snapshot};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const REGION: &str = "eu-west-1";

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Takes a snapshot of one region, checks the exit status, and gives what was said.
fn taken(proxy: &Proxy, into: &Path, more: &[&str], status: i32) -> Output {
    let mut arguments = vec!["--output", into.to_str().unwrap(), "--region", REGION];
    arguments.extend(more);
    let output = snapshot(proxy.port, &arguments).output().unwrap();
    let told = format!("{}\n{}", text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(status), "{told}");
    for secret in [SECRET, TOKEN] {
        assert!(!told.contains(secret), "{told}");
    }
    if into.is_dir() && status != 2 {
        let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schema/snapshot-v1.schema.json");
        let validator = jsonschema::validator_for(&json(&schema)).unwrap();
        for manifest in
            [into.to_owned(), into.join(ACCOUNT).join(REGION)].map(|folder| folder.join("manifest.json"))
        {
            let wrong: Vec<String> =
                validator.iter_errors(&json(&manifest)).map(|wrong| wrong.to_string()).collect();
            assert_eq!(wrong, Vec::<String>::new(), "{}", manifest.display());
        }
    }
    output
}

/// Another command: exit status, standard output, standard error.
fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_tidegate")).args(arguments).output().unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
        .unwrap()
}

/// Every file below a folder, by its path, manifests left out.
fn answers(folder: &Path) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/");
            if path.is_dir() {
                folders.push(path);
            } else if !name.ends_with("manifest.json") {
                assert!(name.ends_with(".json"), "{name} is left over");
                found.insert(name, json(&path));
            }
        }
    }
    found
}

/// Parts of the manifest by state.
fn states(folder: &Path) -> BTreeMap<String, Vec<String>> {
    let manifest = json(&folder.join(ACCOUNT).join(REGION).join("manifest.json"));
    let mut states: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for part in manifest["parts"].as_array().unwrap() {
        let of = part["state"].as_str().unwrap().to_owned();
        states.entry(of).or_default().push(part["call"].as_str().unwrap().to_owned());
    }
    assert_eq!(manifest["complete"], states.keys().all(|state| state == "complete"));
    states
}

#[test]
fn a_snapshot_is_what_the_command_line_prints_and_what_scan_and_reach_read() {
    let Some(python) = python() else { return };
    let moto = Moto::start(&python, REGION, 0);
    let proxy = Proxy::start(moto.port, |_| Reply::Forward);
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().join("snapshot");
    let output = taken(&proxy, &into, &[], 0);
    assert!(text(&output.stdout).contains("Complete."), "{}", text(&output.stdout));
    assert_eq!(states(&into).into_keys().collect::<Vec<_>>(), ["complete"]);

    // The vendor's library asks for the same, in its own way.
    let manifest = json(&into.join(ACCOUNT).join(REGION).join("manifest.json"));
    let below = into.join(ACCOUNT).join(REGION);
    let asked = proxy.asked();
    let mut lines = String::new();
    let mut files = Vec::new();
    for part in manifest["parts"].as_array().unwrap() {
        let (service, command) = part["call"].as_str().unwrap().split_once(' ').unwrap();
        let operation = asked
            .iter()
            .map(|asked| &asked.operation)
            .find(|operation| operation.to_lowercase() == command.replace('-', ""))
            .unwrap_or_else(|| panic!("{command} was never asked"));
        let parameters = match (operation.as_str(), part["about"].as_str()) {
            ("GetManagedPrefixListEntries", Some(id)) => format!(r#"{{"PrefixListId": "{id}"}}"#),
            ("SearchTransitGatewayRoutes", Some(id)) => format!(
                r#"{{"TransitGatewayRouteTableId": "{id}", "Filters": [{{"Name": "state", "Values": ["active", "blackhole"]}}]}}"#
            ),
            ("DescribeFirewallPolicy", Some(arn)) => format!(r#"{{"FirewallPolicyArn": "{arn}"}}"#),
            ("ListFirewallRules", Some(id)) => format!(r#"{{"FirewallRuleGroupId": "{id}"}}"#),
            (_, None) => "{}".to_owned(),
            (operation, Some(about)) => panic!("{operation} about {about} is not compared"),
        };
        // The library speaks another protocol with this service, and the proxy does not.
        if service != "network-firewall" {
            lines.push_str(&format!("{service} {operation} {parameters}\n"));
            files.push(part["file"].as_str().unwrap().to_owned());
        }
    }
    assert!(files.len() >= 30, "{files:?}");
    let mut command = Command::new(&python);
    command
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/aws/answers.py"))
        .args([&format!("http://127.0.0.1:{}", proxy.port), REGION])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    aws::configured(&mut command, proxy.port);
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let told = text(&child.wait_with_output().unwrap().stdout);
    let told: Vec<&str> = told.lines().collect();
    assert_eq!(told.len(), files.len());
    let mut filled = 0;
    for (file, line) in files.iter().zip(told) {
        let (mut ours, theirs) = (json(&below.join(file)), serde_json::from_str::<Value>(line).unwrap());
        if file.starts_with("search-transit") {
            // The library uses it up in finding the next page.
            ours.as_object_mut().unwrap().shift_remove("AdditionalRoutesAvailable");
        }
        assert_eq!(ours, theirs, "{file}");
        filled += usize::from(
            ours.as_object().unwrap().values().any(|list| list.as_array().is_some_and(|l| !l.is_empty())),
        );
    }
    assert!(filled >= 20, "only {filled} answers hold anything: the comparison compares nothing");

    // The readers take it for what it is.
    let (status, told, aside) = run(&["reach", into.to_str().unwrap()]);
    assert_eq!(status, Some(0), "{told}\n{aside}");
    assert!(told.contains("3 of 4 interfaces can reach the Internet.") && told.contains("→ igw-"), "{told}");
    let (status, told, aside) = run(&["scan", into.to_str().unwrap(), "--format", "json"]);
    assert_eq!(status, Some(1), "{told}\n{aside}");
    let report: Value = serde_json::from_str(&told).unwrap();
    let finding = &report["findings"][0]["subjects"][0];
    assert_eq!((&finding["account"], &finding["region"]), (&ACCOUNT.into(), &REGION.into()), "{finding}");
}

#[test]
fn the_policy_that_is_printed_is_what_is_asked_for() {
    let Some(python) = python() else { return };
    let moto = Moto::start(&python, REGION, 0);
    let proxy = Proxy::start(moto.port, |asked| {
        match asked.operation.as_str() {
        // Something to ask further about.
        "ListFirewalls" => Reply::Body(r#"{"Firewalls": [{"FirewallArn": "arn:a:firewall/f"}]}"#.to_owned()),
        "ListRuleGroups" => Reply::Body(r#"{"RuleGroups": [{"Arn": "arn:a:stateful-rulegroup/r"}]}"#.to_owned()),
        "DescribeFirewall" | "DescribeRuleGroup" => Reply::Body("{}".to_owned()),
        "DescribeRegions" => Reply::Body(
            "<DescribeRegionsResponse><regionInfo><item><regionName>eu-west-1</regionName></item></regionInfo>\
             </DescribeRegionsResponse>"
                .to_owned(),
        ),
        _ => Reply::Forward,
    }
    });
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().join("snapshot");
    let into = into.to_str().unwrap();
    let arguments = ["--organization", "--role", "audit/Reader"];
    let output = snapshot(proxy.port, &[&["--output", into], &arguments[..]].concat()).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}{}", text(&output.stdout), text(&output.stderr));
    let asked: BTreeSet<String> = proxy
        .asked()
        .iter()
        .map(|asked| format!("{}:{}", asked.service, asked.operation))
        .filter(|action| action != "sts:GetCallerIdentity")
        .collect();
    let output = snapshot(proxy.port, &[&["--print-policy"], &arguments[..]].concat()).output().unwrap();
    let policy: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut allowed = BTreeSet::new();
    for statement in policy["Statement"].as_array().unwrap() {
        match &statement["Action"] {
            Value::String(one) => drop(allowed.insert(one.clone())),
            Value::Array(all) => allowed.extend(all.iter().map(|one| one.as_str().unwrap().to_owned())),
            other => panic!("{other}"),
        }
    }
    assert_eq!(asked, allowed);

    // Both accounts are there, each in its own name.
    let accounts = std::fs::read_dir(into).unwrap().flatten().filter(|entry| entry.path().is_dir()).count();
    assert_eq!(accounts, 2);
    let whole = json(&Path::new(into).join("manifest.json"));
    assert_eq!(whole["complete"], true);
    assert_eq!(whole["accounts"].as_array().unwrap().len(), 2);
}

#[test]
fn what_passes_is_waited_for_and_nothing_is_lost() {
    let Some(python) = python() else { return };
    let moto = Moto::start(&python, REGION, 0);
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("plain");
    taken(&Proxy::start(moto.port, |_| Reply::Forward), &plain, &[], 0);
    // Every call fails once, one after the other in another way.
    let turn = AtomicUsize::new(0);
    let proxy = Proxy::start(moto.port, move |asked| match asked.before {
        0 => match turn.fetch_add(1, Ordering::Relaxed) % 6 {
            0 => Reply::Error(503, "RequestLimitExceeded", "Request limit exceeded."),
            1 => Reply::Error(500, "InternalError", "An internal error has occurred."),
            2 => Reply::Close,
            3 => Reply::Cut,
            4 => Reply::Error(400, "ThrottlingException", "Rate exceeded"),
            _ => Reply::Body("<html>Bad gateway</html>".to_owned()),
        },
        _ => Reply::Forward,
    });
    let rough = folder.path().join("rough");
    taken(&proxy, &rough, &[], 0);
    assert_eq!(answers(&rough), answers(&plain));
    assert!(proxy.asked().iter().filter(|asked| asked.before > 0).count() >= 30);
}

#[test]
fn what_is_refused_is_told_everywhere_and_the_rest_is_there() {
    let Some(python) = python() else { return };
    let moto = Moto::start(&python, REGION, 0);
    let refusing = |asked: &Asked| match asked.operation.as_str() {
        "DescribeNatGateways" => Reply::Error(
            403,
            "UnauthorizedOperation",
            "You are not authorized to perform this operation. Encoded authorization failure message: AbCdEf",
        ),
        "ListFunctions" => {
            Reply::Error(403, "AccessDeniedException", "User is not authorized to perform this")
        }
        "DescribeVpcEndpoints" => Reply::Error(500, "InternalError", "An internal error has occurred."),
        _ => Reply::Forward,
    };
    let proxy = Proxy::start(moto.port, refusing);
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().join("snapshot");
    let arguments = ["--output", into.to_str().unwrap(), "--region", REGION];
    let output = snapshot(proxy.port, &arguments).env("AWS_MAX_ATTEMPTS", "2").output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    let told = text(&output.stdout);
    for line in [
        "refused  ec2 describe-nat-gateways in 123456789012/eu-west-1: UnauthorizedOperation: You are not authorized to",
        "refused  lambda list-functions in 123456789012/eu-west-1: AccessDeniedException",
        "failed  ec2 describe-vpc-endpoints in 123456789012/eu-west-1: InternalError: An internal error has occurred (tried 2 times)",
        "--print-policy",
    ] {
        assert!(told.contains(line), "{told}");
    }
    assert!(!told.contains("AbCdEf"), "{told}");
    let states = states(&into);
    assert_eq!(states["refused"], ["ec2 describe-nat-gateways", "lambda list-functions"]);
    assert_eq!(states["failed"], ["ec2 describe-vpc-endpoints"]);
    let below = into.join(ACCOUNT).join(REGION);
    assert!(!below.join("describe-nat-gateways.json").exists() && below.join("describe-vpcs.json").exists());

    // Whoever reads it is told, and the way through the gateway that nobody showed is no certain one.
    let (status, told, aside) = run(&["reach", into.to_str().unwrap()]);
    assert_eq!(status, Some(3), "{told}");
    let line = "the snapshot of 123456789012/eu-west-1 lacks ec2 describe-nat-gateways: refused: UnauthorizedOperation";
    assert!(aside.contains(line), "{aside}");
    let (status, _, aside) = run(&["scan", into.to_str().unwrap(), "--fail-on", "never"]);
    assert_eq!(status, Some(3), "{aside}");
    assert!(aside.contains(line), "{aside}");

    // Permissions granted, the rest is fetched, and nothing else.
    let proxy = Proxy::start(moto.port, |_| Reply::Forward);
    taken(&proxy, &into, &["--resume"], 0);
    let asked: BTreeSet<String> = proxy.asked().into_iter().map(|asked| asked.operation).collect();
    let wanted = ["DescribeNatGateways", "DescribeVpcEndpoints", "GetCallerIdentity", "ListFunctions"];
    assert_eq!(asked, wanted.map(str::to_owned).into());
}

#[test]
fn credentials_that_run_out_end_the_run_and_resume_goes_on() {
    let Some(python) = python() else { return };
    let moto = Moto::start(&python, REGION, 0);
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("plain");
    taken(&Proxy::start(moto.port, |_| Reply::Forward), &plain, &[], 0);
    let so_far = AtomicUsize::new(0);
    let proxy = Proxy::start(moto.port, move |_| match so_far.fetch_add(1, Ordering::Relaxed) {
        0..12 => Reply::Forward,
        _ => Reply::Error(400, "RequestExpired", "Request has expired."),
    });
    let into = folder.path().join("snapshot");
    let output = taken(&proxy, &into, &[], 3);
    assert!(text(&output.stdout).contains("RequestExpired: Request has expired"), "{}", text(&output.stdout));
    // Whoever hands out credentials is asked once more; after that, asking on would be of no use.
    assert!(proxy.asked().len() <= 12 + 8, "{}", proxy.asked().len());
    assert!(states(&into)["failed"].len() >= 15);
    taken(&Proxy::start(moto.port, |_| Reply::Forward), &into, &["--resume"], 0);
    assert_eq!(answers(&into), answers(&plain));
    let first = taken(&Proxy::start(moto.port, |_| Reply::Forward), &into, &[], 2);
    assert!(text(&first.stderr).contains("--resume"), "{}", text(&first.stderr));
}

#[test]
fn pages_are_fetched_to_the_last_and_a_place_that_is_lost_is_found_again() {
    let Some(python) = python() else { return };
    let moto = Moto::start(&python, REGION, 0);
    // 2,500 groups in pages of a thousand; the third page is forgotten once.
    let groups = |asked: &Asked| {
        let page = match asked.field("NextToken") {
            None => 0,
            Some(token) => token.trim_start_matches("page").parse::<usize>().unwrap(),
        };
        if page == 2 && asked.before == 0 {
            return Reply::Error(400, "InvalidPaginationToken", "The token has expired.");
        }
        assert_eq!(asked.field("MaxResults"), Some("1000"));
        let items: String = (page * 1000..2500.min((page + 1) * 1000))
            .map(|at| format!("<item><groupId>sg-{at}</groupId><ipPermissionsEgress/></item>"))
            .collect();
        let next = if page < 2 { format!("<nextToken>page{}</nextToken>", page + 1) } else { String::new() };
        let inner = format!("<securityGroupInfo>{items}</securityGroupInfo>{next}");
        Reply::Body(format!("<DescribeSecurityGroupsResponse>{inner}</DescribeSecurityGroupsResponse>"))
    };
    let proxy = Proxy::start(moto.port, move |asked| {
        match asked.operation.as_str() {
        "DescribeSecurityGroups" => groups(asked),
        // A service that does not come to an end.
        "DescribeNetworkAcls" => Reply::Body(
            "<DescribeNetworkAclsResponse><networkAclSet/><nextToken>again</nextToken></DescribeNetworkAclsResponse>"
                .to_owned(),
        ),
        _ => Reply::Forward,
    }
    });
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().join("snapshot");
    taken(&proxy, &into, &[], 3);
    let file = json(&into.join(ACCOUNT).join(REGION).join("describe-security-groups.json"));
    let ids: Vec<&str> = file["SecurityGroups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| group["GroupId"].as_str().unwrap())
        .collect();
    assert_eq!(ids, (0..2500).map(|at| format!("sg-{at}")).collect::<Vec<_>>());
    let states = states(&into);
    assert_eq!(states["failed"], ["ec2 describe-network-acls"]);
    let asked = proxy.asked().iter().filter(|asked| asked.operation == "DescribeNetworkAcls").count();
    assert!(asked <= 3, "{asked}");
}

#[cfg(unix)]
#[test]
fn a_signal_leaves_no_half_written_file_and_resume_goes_on() {
    let Some(python) = python() else { return };
    let moto = Moto::start(&python, REGION, 0);
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("plain");
    taken(&Proxy::start(moto.port, |_| Reply::Forward), &plain, &[], 0);
    for signal in ["-INT", "-TERM", "-KILL"] {
        let proxy = Proxy::start(moto.port, |asked| match asked.operation.as_str() {
            "DescribeSubnets" | "DescribeInstances" => Reply::Slowly(Duration::from_secs(20)),
            _ => Reply::Forward,
        });
        let into = folder.path().join(signal);
        let arguments = ["--output", into.to_str().unwrap(), "--region", REGION];
        let child = snapshot(proxy.port, &arguments).stdout(Stdio::piped()).spawn().unwrap();
        let below = into.join(ACCOUNT).join(REGION);
        let begun = std::time::Instant::now();
        while !below.join("lambda-list-functions.json").exists() {
            assert!(begun.elapsed() < Duration::from_secs(60));
            std::thread::sleep(Duration::from_millis(20));
        }
        Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(begun.elapsed() < Duration::from_secs(15), "it waits for what it was told to leave");
        let whole = json(&into.join("manifest.json"));
        assert_eq!((&whole["complete"], &whole["finished"]), (&false.into(), &Value::Null));
        let states = states(&into);
        assert!(states["pending"].contains(&"ec2 describe-instances".to_owned()), "{states:?}");
        if signal != "-KILL" {
            assert_eq!(output.status.code(), Some(3));
            assert!(text(&output.stdout).contains("Interrupted."), "{}", text(&output.stdout));
            answers(&into);
        }
        taken(&Proxy::start(moto.port, |_| Reply::Forward), &into, &["--resume"], 0);
        let left: Vec<_> = answers_but_leftovers(&into);
        assert_eq!(left, answers(&plain).into_iter().collect::<Vec<_>>());
    }
}

/// What a killed run could not take away is no part of the snapshot, and its name says so.
fn answers_but_leftovers(folder: &Path) -> Vec<(String, Value)> {
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().unwrap().to_str().unwrap().starts_with(".tidegate-") {
                std::fs::remove_file(path).unwrap();
            }
        }
    }
    answers(folder).into_iter().collect()
}

#[test]
fn credentials_are_in_signatures_and_nowhere_else() {
    let Some(python) = python() else { return };
    let moto = Moto::start(&python, REGION, 0);
    // A service that repeats what it was sent.
    let proxy = Proxy::start(moto.port, |asked| match asked.operation.as_str() {
        "DescribeVpcs" => Reply::Error(400, "InvalidRequest", SECRET),
        "DescribeSubnets" => Reply::Error(403, "SignatureDoesNotMatch", TOKEN),
        _ => Reply::Forward,
    });
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().join("snapshot");
    taken(&proxy, &into, &[], 3);
    for asked in proxy.asked() {
        assert!(asked.headers["host"].starts_with("127.0.0.1:"), "{asked:?}");
        let sent = format!("{asked:?}");
        assert!(!sent.contains(SECRET), "{sent}");
        assert_eq!(sent.matches(TOKEN).count(), 1, "the token is in its own header: {sent}");
    }
    let mut folders = vec![into];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let written = std::fs::read_to_string(&path).unwrap();
                let found = [SECRET, TOKEN, aws::KEY].into_iter().find(|secret| written.contains(secret));
                assert_eq!(found, None, "{}", path.display());
            }
        }
    }
}

#[test]
fn wrong_use_is_told_before_anything_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let occupied = folder.path().join("occupied");
    std::fs::create_dir(&occupied).unwrap();
    std::fs::write(occupied.join("notes.txt"), "x").unwrap();
    let free = folder.path().join("free");
    let (occupied, free) = (occupied.to_str().unwrap(), free.to_str().unwrap());
    let cases: [(&[&str], &str); 8] = [
        (&[], "--output"),
        (&["--output", occupied], "is not empty and holds no snapshot"),
        (&["--output", &format!("{occupied}/notes.txt")], "is no folder"),
        (&["--output", free, "--region", "europe"], "`europe` is no region"),
        (&["--output", free, "--region", "eu-west-1.evil.example/"], "is no region"),
        (&["--output", free, "--account", "../../etc"], "an account's id has twelve digits"),
        (&["--output", free, "--organization"], "--role"),
        // Nobody listens on that port.
        (&["--output", free], "AWS cannot be reached"),
    ];
    for (arguments, told) in cases {
        let output = snapshot(9, arguments).env("AWS_MAX_ATTEMPTS", "1").output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).contains(told), "{arguments:?}: {}", text(&output.stderr));
        assert!(!Path::new(free).exists());
    }
    let mut command = snapshot(9, &["--output", free]);
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
        command.env_remove(name);
    }
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("no credentials for AWS were found"), "{}", text(&output.stderr));
    let mut command = snapshot(9, &["--output", free]);
    let bundle = folder.path().join("bundle.pem");
    std::fs::write(&bundle, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
    let output = command.env("AWS_CA_BUNDLE", &bundle).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("no certificate that can be used"), "{}", text(&output.stderr));
}
