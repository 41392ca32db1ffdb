//! `tidegate snapshot azure` over real HTTP: what it writes, what it does when something goes wrong, and what it gives away.
#![cfg(feature = "snapshot")]

mod azure;
mod rest;

use azure::{CLIENT, ONE, SECRET, SECRETS, TENANT, TOKEN, TWO, answer, bare, snapshot};
use rest::server::{Asked, Reply, Server};
use rest::{answers, checked, clean, json, run, states, text};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// A home without anything, and a folder to write to.
fn home() -> (tempfile::TempDir, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let into = home.path().join("snapshot");
    (home, into)
}

/// Takes a snapshot, checks it, and gives what was said.
fn taken(server: &Server, into: &Path, more: &[&str], status: i32) -> String {
    let arguments = [&["--output", into.to_str().unwrap()], more].concat();
    let output = snapshot(server, into.parent().unwrap(), &arguments).output().unwrap();
    checked(&output, into, status, &SECRETS)
}

fn denied(asked: &Asked) -> Reply {
    let message =
        format!("The client does not have authorization to perform action over scope '{}'.", asked.path);
    Reply::error(403, json!({"error": {"code": "AuthorizationFailed", "message": message}}))
}

/// The action that a call takes, as Azure makes it from the address.
fn action(asked: &Asked) -> String {
    let path = asked.path.trim_start_matches('/');
    if path == "subscriptions" {
        return "Microsoft.Resources/subscriptions/read".to_owned();
    }
    let Some((_, below)) = path.split_once("providers/") else {
        return format!("Microsoft.Resources/subscriptions/{}/read", path.rsplit('/').next().unwrap());
    };
    let parts: Vec<&str> = below.split('/').collect();
    let mut kinds = vec![parts[0]];
    kinds.extend(parts[1..].iter().step_by(2));
    let verb = if asked.method == "POST" { "action" } else { "read" };
    format!("{}/{verb}", kinds.join("/"))
}

#[test]
fn a_snapshot_of_every_subscription_is_what_scan_reads() {
    let server = Server::start(answer);
    let (_home, into) = home();
    let told = taken(&server, &into, &[], 0);
    assert!(told.contains("2 subscriptions") && told.contains("Complete."), "{told}");
    let whole = json(&into.join("manifest.json"));
    let names: Vec<&Value> = whole["accounts"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["Shop", "Bank"]);
    for id in [ONE, TWO] {
        let below = into.join(id);
        assert_eq!(states(&below).into_keys().collect::<Vec<_>>(), ["complete"]);
        let names = |file: &str| -> Vec<String> {
            let list = json(&below.join(file));
            let names = list["value"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| item["name"].as_str().unwrap().to_owned());
            names.collect()
        };
        assert_eq!(names("network-nsg-list.json"), ["web", "db"], "both pages");
        assert_eq!(names("vmss-list.json"), ["pool", "flex"]);
        let effective = json(&below.join("network-manager-list-effective-security-admin-rules/net/hub.json"));
        assert_eq!(effective["value"].as_array().unwrap().len(), 2);
        assert!(effective["about"]["id"].as_str().unwrap().ends_with("/virtualNetworks/hub"));
        let rules = "network-manager-security-admin-config-rule-collection-rule-list/net/central/all/c.json";
        assert_eq!(json(&below.join(rules)), json!({"value": []}));
        assert!(below.join("vmss-nic-list/net/pool.json").exists());
        assert!(!below.join("vmss-nic-list/net/flex.json").exists());
        assert_eq!(
            json(&below.join("network-vnet-gateway-show/net/vpn.json"))["properties"],
            json!({"gatewayType": "Vpn"})
        );
        let machine = &json(&below.join("vm-list.json"))["value"][0];
        assert_eq!((&machine["tags"]["team"], &machine["properties"]["vmId"]), (&"shop".into(), &"1".into()));
    }

    let (status, told, aside) = run(&["scan", into.to_str().unwrap(), "--format", "json"]);
    assert_eq!(status, Some(1), "{told}\n{aside}");
    let report: Value = serde_json::from_str(&told).unwrap();
    let subjects: BTreeSet<String> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            format!(
                "{}/{}",
                finding["subjects"][0]["account"].as_str().unwrap(),
                finding["subjects"][0]["name"].as_str().unwrap()
            )
        })
        .collect();
    assert!(
        subjects.contains(&format!("{ONE}/web")) && subjects.contains(&format!("{TWO}/web")),
        "{subjects:?}"
    );
    let affected = report["findings"].to_string();
    assert!(affected.contains("198.51.100.9"), "the public address comes from its own answer: {affected}");
}

#[test]
fn one_subscription_is_taken_by_its_id_and_others_are_left_alone() {
    let server = Server::start(answer);
    let (_home, into) = home();
    let other = "99999999-9999-9999-9999-999999999999";
    let told = taken(&server, &into, &["--subscription", &format!("{},{other}", TWO.to_uppercase())], 3);
    assert!(
        told.contains(&format!("the whole of subscription {other}: the credentials do not see it")),
        "{told}"
    );
    assert!(into.join(TWO).is_dir() && !into.join(ONE).exists() && !into.join(other).exists());
    assert!(server.asked().iter().all(|asked| !asked.path.contains(ONE)));
    let (status, _, aside) = run(&["scan", into.to_str().unwrap(), "--fail-on", "never"]);
    assert_eq!(status, Some(3), "{aside}");
    assert!(aside.contains(&format!("the snapshot lacks subscription {other}")), "{aside}");
}

#[test]
fn the_role_that_is_printed_is_what_is_asked_for() {
    let server = Server::start(answer);
    let (home, into) = home();
    taken(&server, &into, &[], 0);
    let asked: BTreeSet<String> =
        server.asked().iter().filter(|asked| !asked.path.contains("/oauth2/")).map(action).collect();
    let output = bare(&server, home.path(), &["--print-policy", "--subscription", ONE]).output().unwrap();
    let role: Value = serde_json::from_slice(&output.stdout).unwrap();
    let allowed: BTreeSet<String> = role["Actions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|action| action.as_str().unwrap().to_owned())
        .collect();
    assert_eq!(asked, allowed);
    assert_eq!(role["AssignableScopes"], json!([format!("/subscriptions/{ONE}")]));
    assert!(allowed.iter().all(|action| action.ends_with("/read") || action.contains("/list")));
}

#[test]
fn what_passes_is_waited_for_and_nothing_is_lost() {
    let (_home, into) = home();
    let plain = into.with_file_name("plain");
    taken(&Server::start(answer), &plain, &[], 0);
    // Every call fails once, one after the other in another way.
    let turn = AtomicUsize::new(0);
    let server = Server::start(move |asked| match asked.before {
        0 => match turn.fetch_add(1, Ordering::Relaxed) % 7 {
            0 => Reply::Status(
                429,
                "Retry-After: 1\r\n",
                r#"{"error": {"code": "TooManyRequests"}}"#.to_owned(),
            ),
            1 => Reply::error(500, json!({"error": {"code": "InternalServerError", "message": "It broke."}})),
            2 => Reply::Close,
            3 => Reply::Cut(json!({"value": ["half of it", "is all that comes"]})),
            4 => Reply::Status(200, "", "<html>Sign in</html>".to_owned()),
            5 => Reply::Status(503, "", "<html>Service unavailable</html>".to_owned()),
            _ => Reply::Json(json!([])),
        },
        _ => match answer(asked) {
            // Nothing may hang on who renews a token first.
            Reply::Status(401, ..) => panic!("{asked:?}"),
            other => other,
        },
    });
    taken(&server, &into, &[], 0);
    assert_eq!(answers(&into), answers(&plain));
    assert!(server.asked().iter().filter(|asked| asked.before > 0).count() >= 50);
}

#[test]
fn what_is_refused_is_told_everywhere_and_the_rest_is_there() {
    let refusing = |asked: &Asked| match asked.path.rsplit('/').next().unwrap() {
        "natGateways" | "virtualNetworks" if asked.path.contains(ONE) => denied(asked),
        "routeTables" => {
            Reply::error(500, json!({"error": {"code": "InternalServerError", "message": "It broke."}}))
        }
        // A subscription that never used it.
        "ipGroups" => {
            Reply::error(409, json!({"error": {"code": "MissingSubscriptionRegistration", "message": "x"}}))
        }
        _ => answer(asked),
    };
    let server = Server::start(refusing);
    let (_home, into) = home();
    let told = taken(&server, &into, &[], 3);
    for line in [
        format!(
            "refused  network nat gateway list in {ONE}: AuthorizationFailed: The client does not have authorization"
        ),
        format!(
            "failed  network route-table list in {ONE}, {TWO}: InternalServerError: It broke (tried 4 times)"
        ),
        "tidegate snapshot azure --print-policy".to_owned(),
    ] {
        assert!(told.contains(&line), "{line}\n{told}");
    }
    let below = into.join(ONE);
    assert_eq!(states(&below)["refused"], ["network vnet list", "network nat gateway list"]);
    assert_eq!(states(&below)["failed"], ["network route-table list"]);
    assert!(!below.join("network-vnet-list.json").exists() && below.join("network-nsg-list.json").exists());
    assert_eq!(json(&below.join("network-ip-group-list.json")), json!({"value": []}));

    // Whoever reads it is told.
    let (status, _, aside) = run(&["scan", into.to_str().unwrap(), "--fail-on", "never"]);
    assert_eq!(status, Some(3), "{aside}");
    let line = format!("the snapshot of {ONE} lacks network vnet list: refused: AuthorizationFailed");
    assert!(aside.contains(&line), "{aside}");

    // Permissions granted, the rest is fetched, and what follows from it, and nothing else.
    let server = Server::start(answer);
    taken(&server, &into, &["--resume"], 0);
    let asked: BTreeSet<String> =
        server.asked().iter().map(|asked| asked.path.rsplit('/').next().unwrap().to_owned()).collect();
    let wanted = [
        "listNetworkManagerEffectiveSecurityAdminRules",
        "natGateways",
        "routeTables",
        "subscriptions",
        "token",
        "virtualNetworks",
    ];
    assert_eq!(asked, wanted.map(str::to_owned).into());
    let plain = into.with_file_name("plain");
    taken(&Server::start(answer), &plain, &[], 0);
    assert_eq!(answers(&into), answers(&plain));
}

#[test]
fn a_token_that_runs_out_is_fetched_anew_once_and_then_told() {
    let (_home, into) = home();
    // Each token is good for ten calls; there are two.
    let calls = AtomicUsize::new(0);
    let tokens = AtomicUsize::new(0);
    let two_tokens = move |asked: &Asked| {
        if asked.path.contains("/oauth2/") {
            let text =
                ["eyJEXAMPLE.first", "eyJEXAMPLE.second"][tokens.fetch_add(1, Ordering::Relaxed).min(1)];
            return Reply::Json(json!({"access_token": text, "expires_in": 3599}));
        }
        let far = calls.fetch_add(1, Ordering::Relaxed);
        let token = asked.header("authorization").to_owned();
        let good = match far {
            0..10 => token.ends_with(".first"),
            10..40 => token.ends_with(".second"),
            _ => false,
        };
        if !good {
            let told = format!("The access token {token} has expired.");
            return Reply::error(
                401,
                json!({"error": {"code": "ExpiredAuthenticationToken", "message": told}}),
            );
        }
        let mut asked = asked.clone();
        asked.headers.insert("authorization".to_owned(), format!("Bearer {TOKEN}"));
        answer(&asked)
    };
    let server = Server::start(two_tokens);
    let output =
        snapshot(&server, into.parent().unwrap(), &["--output", into.to_str().unwrap()]).output().unwrap();
    let told = checked(&output, &into, 3, &[SECRET, "eyJEXAMPLE"]);
    assert!(told.contains("ExpiredAuthenticationToken: The access token"), "{told}");
    let asked = server.asked();
    let for_tokens = asked.iter().filter(|asked| asked.path.contains("/oauth2/")).count();
    assert!((3..=40).contains(&for_tokens), "{for_tokens}");
    assert!(states(&into.join(ONE)).contains_key("complete"));
    taken(&Server::start(answer), &into, &["--resume"], 0);
    let plain = into.with_file_name("plain");
    taken(&Server::start(answer), &plain, &[], 0);
    assert_eq!(answers(&into), answers(&plain));
}

#[test]
fn nobody_else_gets_the_token_and_lists_come_to_an_end() {
    let elsewhere = Server::start(|_| Reply::Json(json!({"value": []})));
    let away = elsewhere.here().replace("127.0.0.1", "localhost");
    let (one, two) = (away.clone(), away);
    let server = Server::start(move |asked| match asked.path.rsplit('/').next().unwrap() {
        // The next page is said to be elsewhere.
        "publicIPAddresses" if asked.path.contains("Microsoft.Network") => {
            Reply::Json(json!({"value": [], "nextLink": format!("{one}/next?api-version=1")}))
        }
        "natGateways" => Reply::Status(307, "", two.clone()),
        // And here is no last one.
        "routeTables" => Reply::Json(
            json!({"value": [], "nextLink": format!("{}{}?api-version=1&again=1", asked.here, asked.path)}),
        ),
        // Ids that would lead elsewhere.
        "firewallPolicies" => Reply::Json(
            json!({"value": [{"id": "/subscriptions/../../x"}, {"id": "@localhost/"}, {"id": 1}]}),
        ),
        _ => answer(asked),
    });
    let (_home, into) = home();
    let told = taken(&server, &into, &["--subscription", ONE], 3);
    assert!(told.contains("an address elsewhere, which is not asked"), "{told}");
    assert!(elsewhere.asked().is_empty(), "{:?}", elsewhere.asked());
    let failed = &states(&into.join(ONE))["failed"];
    assert_eq!(*failed, ["network route-table list", "network public-ip list", "network nat gateway list"]);
    assert!(server.asked().iter().filter(|asked| asked.path.ends_with("/routeTables")).count() <= 3);
    // The token is in its header, the secret where tokens come from, and nowhere else.
    for asked in server.asked() {
        let sent = format!("{asked:?}");
        let form = asked.path.contains("/oauth2/");
        assert_eq!(sent.matches(TOKEN).count(), usize::from(!form), "{sent}");
        assert_eq!(asked.form().contains_key("client_secret"), form, "{sent}");
        assert!(form || !sent.contains(SECRET), "{sent}");
    }
}

#[cfg(unix)]
#[test]
fn a_signal_leaves_no_half_written_file_and_resume_goes_on() {
    let (_home, into) = home();
    let plain = into.with_file_name("plain");
    taken(&Server::start(answer), &plain, &[], 0);
    for signal in ["-INT", "-TERM", "-KILL"] {
        let server = Server::start(|asked| match answer(asked) {
            Reply::Json(value) if asked.path.ends_with("/virtualMachines") => {
                Reply::Slowly(Duration::from_secs(20), value)
            }
            other => other,
        });
        let into = into.with_file_name(signal);
        let mut command = snapshot(&server, into.parent().unwrap(), &["--output", into.to_str().unwrap()]);
        let child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
        let begun = Instant::now();
        while !into.join(ONE).join("vmss-list.json").exists() {
            assert!(begun.elapsed() < Duration::from_secs(60));
            std::thread::sleep(Duration::from_millis(20));
        }
        std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(begun.elapsed() < Duration::from_secs(15), "it waits for what it was told to leave");
        let whole = json(&into.join("manifest.json"));
        assert_eq!((&whole["complete"], &whole["finished"]), (&false.into(), &Value::Null));
        assert!(states(&into.join(ONE))["pending"].contains(&"vm list".to_owned()));
        if signal != "-KILL" {
            assert_eq!(output.status.code(), Some(3));
            assert!(text(&output.stdout).contains("Interrupted."), "{}", text(&output.stdout));
            answers(&into);
        }
        taken(&Server::start(answer), &into, &["--resume"], 0);
        clean(&into);
        assert_eq!(answers(&into), answers(&plain));
    }
}

/// The claims of a statement that somebody signed.
fn claims(statement: &str) -> Option<Value> {
    use base64::Engine as _;
    let claims = statement.split('.').nth(1)?;
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(claims).ok()?;
    serde_json::from_slice(&claims).ok()
}

#[cfg(unix)]
#[test]
fn credentials_are_found_where_the_vendor_s_tools_find_them() {
    let given = |asked: &Asked| match asked.path.as_str() {
        "/metadata/identity/oauth2/token" | "/msi" => {
            let machine = asked.header("metadata") == "true";
            let service = asked.header("x-identity-header") == "header-EXAMPLE";
            assert!(machine != service, "{asked:?}");
            assert_eq!(asked.field("resource"), "https://management.azure.com");
            // Texts, where other services have numbers.
            Reply::Json(json!({"access_token": TOKEN, "expires_on": "32503680000", "token_type": "Bearer"}))
        }
        path if path.contains("/oauth2/") && asked.form().contains_key("client_assertion") => {
            let given = asked.form()["client_assertion"].clone();
            if let Some(claims) = claims(&given) {
                assert_eq!((&claims["sub"], &claims["iss"]), (&CLIENT.into(), &CLIENT.into()));
                assert_eq!(claims["aud"], format!("{}{path}", asked.here));
            } else {
                assert_eq!(given, "assertion-EXAMPLE");
            }
            Reply::Json(json!({"access_token": TOKEN, "expires_in": "3599"}))
        }
        _ => answer(asked),
    };
    type Setting = fn(&mut std::process::Command, &Path, &Server);
    let cases: [(&str, Setting); 5] = [
        ("a certificate", |command, home, _| {
            let both = [include_str!("gcp/key.pem"), include_str!("azure/certificate.pem")].concat();
            std::fs::write(home.join("both.pem"), both).unwrap();
            command.env("AZURE_TENANT_ID", TENANT).env("AZURE_CLIENT_ID", CLIENT);
            command.env("AZURE_CLIENT_CERTIFICATE_PATH", home.join("both.pem"));
        }),
        ("workload identity", |command, home, _| {
            std::fs::write(home.join("assertion"), "assertion-EXAMPLE\n").unwrap();
            command.env("AZURE_TENANT_ID", TENANT).env("AZURE_CLIENT_ID", CLIENT);
            command.env("AZURE_FEDERATED_TOKEN_FILE", home.join("assertion"));
        }),
        ("App Service", |command, _, server| {
            command
                .env("IDENTITY_ENDPOINT", format!("{}/msi", server.here()))
                .env("IDENTITY_HEADER", "header-EXAMPLE");
        }),
        ("a machine", |_, _, _| {}),
        ("Azure CLI", |command, home, _| {
            let wanted = "account get-access-token --output json --resource https://management.azure.com";
            let script = format!(
                "[ \"$*\" = \"{wanted}\" ] && echo '{{\"accessToken\": \"{TOKEN}\", \"expires_on\": 32503680000}}'"
            );
            rest::program(home, "az", &script);
            command.env("AZURE_TOKEN_CREDENTIALS", "dev");
        }),
    ];
    for (name, set) in cases {
        let server = Server::start(given);
        let (home, into) = home();
        let mut command =
            bare(&server, home.path(), &["--output", into.to_str().unwrap(), "--subscription", ONE]);
        set(&mut command, home.path(), &server);
        let told =
            checked(&command.output().unwrap(), &into, 0, &[TOKEN, "assertion-EXAMPLE", "header-EXAMPLE"]);
        assert!(told.contains("Complete."), "{name}: {told}");
    }
}

#[test]
fn wrong_use_is_told_before_anything_is_asked() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/metadata/identity/oauth2/token" => Reply::error(400, json!({"error": "invalid_request"})),
        _ => answer(asked),
    });
    let (home, into) = home();
    let occupied = home.path().join("occupied");
    std::fs::create_dir(&occupied).unwrap();
    std::fs::write(occupied.join("notes.txt"), "x").unwrap();
    let (occupied, free) = (occupied.to_str().unwrap(), into.to_str().unwrap());
    let cases: [(&[&str], &str); 5] = [
        (&[], "--output"),
        (&["--output", occupied], "is not empty and holds no snapshot"),
        (&["--output", free, "--subscription", "../../etc"], "is no subscription"),
        (&["--output", free, "--endpoint", "http://management.example"], "is not encrypted"),
        (&["--output", free, "--endpoint", "management"], "is no address"),
    ];
    for (arguments, told) in cases {
        let output = snapshot(&server, home.path(), arguments).output().unwrap();
        let said = checked(&output, &into, 2, &SECRETS);
        assert!(said.contains(told), "{arguments:?}: {said}");
        assert!(!into.exists() && server.asked().is_empty());
    }
    let nobody = bare(&server, home.path(), &["--output", free]).output().unwrap();
    let said = checked(&nobody, &into, 2, &SECRETS);
    for line in [
        "no credentials for Azure were found",
        "the machine has no identity (HTTP 400)",
        "`az` is not installed",
    ] {
        assert!(said.contains(line), "{said}");
    }
    let mut wrong = snapshot(&server, home.path(), &["--output", free]);
    let said = checked(
        &wrong.env("AZURE_CLIENT_SECRET", "other-secret").output().unwrap(),
        &into,
        2,
        &["other-secret"],
    );
    assert!(
        said.contains("environment: invalid_client: AADSTS7000215: Invalid client secret provided"),
        "{said}"
    );
    let broken = home.path().join("broken.pem");
    std::fs::write(&broken, "s3cr3t").unwrap();
    let mut wrong = bare(&server, home.path(), &["--output", free]);
    wrong.env("AZURE_TENANT_ID", TENANT).env("AZURE_CLIENT_ID", CLIENT);
    let output = wrong.env("AZURE_CLIENT_CERTIFICATE_PATH", broken).output().unwrap();
    let said = checked(&output, &into, 2, &["s3cr3t"]);
    assert!(said.contains("broken.pem: it is no private key; there must be an RSA key"), "{said}");
    let mut closed = snapshot(&server, home.path(), &["--output", free]);
    let output = closed
        .env("TIDEGATE_AZURE_ENDPOINT", "http://127.0.0.1:9")
        .env("TIDEGATE_MAX_ATTEMPTS", "1")
        .output()
        .unwrap();
    assert!(checked(&output, &into, 2, &SECRETS).contains("Azure cannot be reached"));
    assert!(!into.exists());
}
