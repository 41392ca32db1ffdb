//! `tidegate snapshot gcp` over real HTTP: what it writes, what it does when something goes wrong, and what it gives away.
#![cfg(feature = "snapshot")]

mod gcp;
mod rest;

use gcp::{INSIDE, QUOTA, RENEWAL, SECRET, SECRETS, TOKEN, answer, bare, given, snapshot};
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

fn denied(permission: &str) -> Reply {
    let message = format!("Required '{permission}' permission for 'projects/acme-prod'");
    Reply::error(
        403,
        json!({"error": {"code": 403, "message": message, "errors": [{"reason": "forbidden"}]}}),
    )
}

/// The permission that a call takes, by the rules that the vendor's permissions follow.
fn permission(asked: &Asked) -> String {
    let parts: Vec<&str> = asked.path.trim_matches('/').split('/').collect();
    match parts.as_slice() {
        ["v3", "projects:search"] => "resourcemanager.projects.get".to_owned(),
        ["v3", kind] => format!("resourcemanager.{kind}.list"),
        ["v1", .., kind] => format!("networkconnectivity.{kind}.list"),
        [.., kind, _, verb @ "getEffectiveFirewalls"] => format!("compute.{kind}.{verb}"),
        [.., "routers", _, "getRouterStatus"] => "compute.routers.get".to_owned(),
        [.., kind @ "firewallPolicies", _] => format!("compute.{kind}.get"),
        [.., kind] => format!("compute.{kind}.list"),
        [] => unreachable!(),
    }
}

#[test]
fn a_snapshot_of_every_project_is_what_scan_reads() {
    let server = Server::start(answer);
    let (_home, into) = home();
    let told = taken(&server, &into, &[], 0);
    for line in [
        "3 projects",
        "project acme-idle: the Compute Engine API is not switched on",
        "policy-based-routes list in acme-test: the service is not switched on",
        "Complete.",
    ] {
        assert!(told.contains(line), "{told}");
    }
    assert!(!into.join("acme-idle").exists());
    let whole = json(&into.join("manifest.json"));
    assert_eq!((&whole["complete"], &whole["accounts"][0]["name"]), (&true.into(), &"ACME-IDLE".into()));
    for project in ["acme-prod", "acme-test"] {
        let below = into.join(project);
        let names = |file: &str| -> Vec<String> {
            let list = json(&below.join(file));
            let names = list["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| item["name"].as_str().unwrap().to_owned());
            names.collect()
        };
        assert_eq!(names("compute-networks-list.json"), ["default", "db"], "both pages");
        assert_eq!(names("compute-instances-list.json"), ["web"], "all zones in one list");
        let machine = &json(&below.join("compute-instances-list.json"))["items"][0];
        assert_eq!((&machine["labels"]["team"], machine.get("metadata")), (&"shop".into(), None));
        let routes = json(&below.join("compute-routes-list.json"));
        assert_eq!((&routes["kind"], &routes["items"]), (&"compute#routeList".into(), &json!([])));
        let effective = json(&below.join("compute-networks-get-effective-firewalls/db.json"));
        assert_eq!(effective["about"]["id"], format!("projects/{project}/global/networks/db"));
        for file in [
            "compute-routers-get-status/europe-west1/nat.json",
            "compute-network-firewall-policies-describe/net.json",
        ] {
            assert!(below.join(file).exists(), "{file}");
        }
    }
    // A service that is not switched on is no hole, and no answer.
    let routes = "network-connectivity-policy-based-routes-list";
    assert_eq!(states(&into.join("acme-prod")).into_keys().collect::<Vec<_>>(), ["complete"]);
    assert!(into.join("acme-prod").join(format!("{routes}.json")).exists());
    assert_eq!(states(&into.join("acme-test"))["unused"], ["network-connectivity policy-based-routes list"]);
    assert!(!into.join("acme-test").join(format!("{routes}.json")).exists());

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
    assert!(subjects.contains("acme-prod/default") && subjects.contains("acme-test/default"), "{subjects:?}");
    assert!(report["findings"].to_string().contains("198.51.100.7"));
}

#[test]
fn an_organization_is_taken_with_its_folders_and_their_policies() {
    let server = Server::start(answer);
    let (home, into) = home();
    let told = taken(&server, &into, &["--organization", "1"], 0);
    assert!(told.contains("2 projects, 3 organizations and folders"), "{told}");
    for folder in ["acme-prod", "acme-test", "organizations/1", "folders/2", "folders/3"] {
        assert!(into.join(folder).join("manifest.json").exists(), "{folder}");
    }
    let policy = json(&into.join("organizations/1/compute-firewall-policies-describe/77.json"));
    assert_eq!(policy["parent"], "organizations/1");
    assert!(!server.asked().iter().any(|asked| asked.path.contains("acme-idle")));

    // The role that is printed is what was asked for.
    let asked = |server: &Server| -> BTreeSet<String> {
        server.asked().iter().filter(|asked| asked.path != "/token").map(permission).collect()
    };
    let printed = |arguments: &[&str]| -> BTreeSet<String> {
        let output = bare(&server, home.path(), &[&["--print-policy"], arguments].concat()).output().unwrap();
        let role: Value = serde_json::from_slice(&output.stdout).unwrap();
        let all = role["includedPermissions"].as_array().unwrap();
        all.iter().map(|one| one.as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(asked(&server), printed(&["--organization", "1"]));
    for (arguments, name) in [(&[][..], "all"), (&["--project", "acme-prod"], "one")] {
        let server = Server::start(answer);
        taken(&server, &into.with_file_name(name), arguments, 0);
        assert_eq!(asked(&server), printed(arguments), "{name}");
    }
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
                r#"{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}"#.to_owned(),
            ),
            1 => Reply::error(
                403,
                json!({"error": {"code": 403, "message": "Slow down.", "errors": [{"reason": "rateLimitExceeded"}]}}),
            ),
            2 => Reply::Close,
            3 => Reply::Cut(json!({"items": ["half of it", "is all that comes"]})),
            4 => Reply::Status(200, "", "<html>Sign in</html>".to_owned()),
            5 => Reply::Status(503, "", "<html>Service unavailable</html>".to_owned()),
            _ => Reply::Json(json!([])),
        },
        _ => answer(asked),
    });
    taken(&server, &into, &[], 0);
    assert_eq!(answers(&into), answers(&plain));
    assert!(server.asked().iter().filter(|asked| asked.before > 0).count() >= 30);
}

#[test]
fn what_is_refused_is_told_everywhere_and_the_rest_is_there() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/compute/v1/projects/acme-prod/global/networks" => denied("compute.networks.list"),
        path if path.ends_with("/aggregated/routers") => Reply::error(
            500,
            json!({"error": {"code": 500, "message": "Internal error.", "status": "INTERNAL"}}),
        ),
        // A region that could not be asked.
        path if path.ends_with("acme-test/aggregated/addresses") => Reply::Json(
            json!({"items": {"regions/x": {"warning": {"code": "UNREACHABLE", "message": "It is down."}}}}),
        ),
        _ => answer(asked),
    });
    let (_home, into) = home();
    let told = taken(&server, &into, &["--project", "acme-prod,acme-test,acme-gone"], 3);
    for line in [
        "refused  compute networks list in acme-prod: forbidden: Required 'compute.networks.list' permission",
        "failed  compute routers list in acme-prod, acme-test: INTERNAL: Internal error (tried 4 times)",
        "failed  compute addresses list in acme-test: the answer is not whole: regions/x: UNREACHABLE: It is down",
        "the whole of project acme-gone: notFound",
        "tidegate snapshot gcp --print-policy",
    ] {
        assert!(told.contains(line), "{line}\n{told}");
    }
    let (status, _, aside) = run(&["scan", into.to_str().unwrap(), "--fail-on", "never"]);
    assert_eq!(status, Some(3), "{aside}");
    for line in [
        "the snapshot of acme-prod lacks compute networks list: refused: forbidden",
        "the snapshot lacks project acme-gone: notFound",
    ] {
        assert!(aside.contains(line), "{aside}");
    }
    assert!(!aside.contains("policy-based-routes"), "{aside}");

    // Permissions granted, the rest is fetched, and what follows from it.
    let server = Server::start(answer);
    taken(&server, &into, &["--project", "acme-prod,acme-test", "--resume"], 3);
    let asked: BTreeSet<String> =
        server.asked().iter().map(|asked| asked.path.rsplit('/').next().unwrap().to_owned()).collect();
    let wanted = [
        "addresses",
        "getEffectiveFirewalls",
        "getRouterStatus",
        "networks",
        "policyBasedRoutes",
        "routers",
        "token",
    ];
    assert_eq!(asked, wanted.map(str::to_owned).into());
    let plain = into.with_file_name("plain");
    taken(&Server::start(answer), &plain, &["--project", "acme-prod,acme-test"], 0);
    assert_eq!(answers(&into), answers(&plain));
}

#[test]
fn a_token_that_runs_out_is_fetched_anew_once_and_then_told() {
    let (_home, into) = home();
    // Each token is good for ten calls; there are two.
    let (calls, tokens) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let server = Server::start(move |asked| {
        if asked.path == "/token" {
            let text =
                ["ya29.EXAMPLE-first", "ya29.EXAMPLE-second"][tokens.fetch_add(1, Ordering::Relaxed).min(1)];
            return Reply::Json(json!({"access_token": text, "expires_in": 3599}));
        }
        let token = asked.header("authorization").to_owned();
        let good = match calls.fetch_add(1, Ordering::Relaxed) {
            0..8 => token.ends_with("-first"),
            8..20 => token.ends_with("-second"),
            _ => false,
        };
        match good {
            true => given(asked),
            false => Reply::error(
                401,
                json!({"error": {"code": 401, "message": format!("{token} is not valid."), "status": "UNAUTHENTICATED"}}),
            ),
        }
    });
    let output =
        snapshot(&server, into.parent().unwrap(), &["--output", into.to_str().unwrap()]).output().unwrap();
    let told = checked(&output, &into, 3, &[SECRET, RENEWAL, "ya29.EXAMPLE"]);
    assert!(told.contains("UNAUTHENTICATED: Bearer … is not valid"), "{told}");
    taken(&Server::start(answer), &into, &["--resume"], 0);
    let plain = into.with_file_name("plain");
    taken(&Server::start(answer), &plain, &[], 0);
    assert_eq!(answers(&into), answers(&plain));
}

#[test]
fn tokens_stay_where_they_belong_and_lists_come_to_an_end() {
    let server = Server::start(|asked| match asked.path.rsplit('/').next().unwrap() {
        "routes" => Reply::Json(json!({"items": [], "nextPageToken": "again"})),
        // Names that would lead elsewhere.
        "firewallPolicies" => Reply::Json(json!({"items": {"global": {"firewallPolicies": [
            {"selfLink": "https://evil.example/projects/acme-prod/../../x"}, {"selfLink": 1}, {"name": "x"}]}}})),
        "addresses" => Reply::Status(302, "Location: http://localhost:9/\r\n", String::new()),
        _ => answer(asked),
    });
    let (_home, into) = home();
    let told = taken(&server, &into, &["--project", "acme-prod"], 3);
    assert!(
        told.contains("the same page again and again") && told.contains("redirection (HTTP 302)"),
        "{told}"
    );
    assert_eq!(states(&into.join("acme-prod"))["failed"], ["compute routes list", "compute addresses list"]);
    assert!(server.asked().iter().filter(|asked| asked.path.ends_with("/routes")).count() <= 3);
    for asked in server.asked() {
        let sent = format!("{asked:?}");
        let form = asked.path == "/token";
        assert_eq!(sent.matches(TOKEN).count(), usize::from(!form), "{sent}");
        assert!(form || !(sent.contains(SECRET) || sent.contains(RENEWAL)), "{sent}");
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
            Reply::Json(value) if asked.path.ends_with("/instances") => {
                Reply::Slowly(Duration::from_secs(20), value)
            }
            other => other,
        });
        let into = into.with_file_name(signal);
        let mut command = snapshot(&server, into.parent().unwrap(), &["--output", into.to_str().unwrap()]);
        let child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
        let begun = Instant::now();
        while !into.join("acme-prod/compute-addresses-list.json").exists() {
            assert!(begun.elapsed() < Duration::from_secs(60));
            std::thread::sleep(Duration::from_millis(20));
        }
        std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(begun.elapsed() < Duration::from_secs(15), "it waits for what it was told to leave");
        assert!(states(&into.join("acme-prod"))["pending"].contains(&"compute instances list".to_owned()));
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

/// The claims of a token that a service account signed.
fn claims(asked: &Asked) -> Option<Value> {
    use base64::Engine as _;
    let token = asked.header("authorization").strip_prefix("Bearer ")?;
    let claims = token.split('.').nth(1)?;
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(claims).ok()?;
    serde_json::from_slice(&claims).ok()
}

#[cfg(unix)]
#[test]
fn credentials_are_found_where_the_vendor_s_tools_find_them() {
    let key = include_str!("gcp/key.pem");
    let line = key.lines().nth(5).unwrap();
    let serve = |asked: &Asked| match asked.path.as_str() {
        "/computeMetadata/v1/instance/service-accounts/default/token" => {
            assert_eq!(asked.header("metadata-flavor"), "Google");
            let body = json!({"access_token": TOKEN, "expires_in": 3599, "token_type": "Bearer"});
            Reply::Status(200, "Metadata-Flavor: Google\r\n", body.to_string())
        }
        "/impersonate" => {
            assert_eq!(
                (asked.method.as_str(), asked.header("authorization")),
                ("POST", format!("Bearer {TOKEN}").as_str())
            );
            Reply::Json(json!({"accessToken": "ya29.EXAMPLE-other", "expireTime": "2999-01-01T00:00:00Z"}))
        }
        "/token" => answer(asked),
        _ => {
            let right = match claims(asked) {
                Some(claims) => {
                    let (iat, exp) = (claims["iat"].as_u64().unwrap(), claims["exp"].as_u64().unwrap());
                    assert_eq!((&claims["sub"], exp - iat), (&claims["iss"], 3600));
                    claims["iss"] == "reader@acme-prod.iam.gserviceaccount.com"
                }
                None => asked.header("authorization").starts_with("Bearer ya29.EXAMPLE-"),
            };
            assert!(right, "{asked:?}");
            given(asked)
        }
    };
    type Setting = fn(&mut std::process::Command, &Path, &Server);
    let cases: [(&str, Setting); 6] = [
        ("a service account's key", |command, home, _| {
            let account = json!({"type": "service_account", "client_email": "reader@acme-prod.iam.gserviceaccount.com",
                "private_key_id": "1", "private_key": include_str!("gcp/key.pem")});
            std::fs::write(home.join("key.json"), account.to_string()).unwrap();
            command.env("GOOGLE_APPLICATION_CREDENTIALS", home.join("key.json"));
        }),
        ("what gcloud leaves", |command, home, server| {
            let person = json!({"type": "authorized_user", "client_id": "gcloud", "client_secret": SECRET,
                "refresh_token": RENEWAL, "token_uri": format!("{}/token", server.here())});
            std::fs::create_dir_all(home.join(".config/gcloud")).unwrap();
            std::fs::write(
                home.join(".config/gcloud/application_default_credentials.json"),
                person.to_string(),
            )
            .unwrap();
            command.env("GOOGLE_CLOUD_QUOTA_PROJECT", QUOTA);
        }),
        ("in a service account's name", |command, home, server| {
            let file = json!({"type": "impersonated_service_account",
                "service_account_impersonation_url": format!("{}/impersonate", server.here()),
                "source_credentials": {"type": "authorized_user", "client_id": "gcloud", "client_secret": SECRET,
                    "refresh_token": RENEWAL, "token_uri": format!("{}/token", server.here())}});
            std::fs::write(home.join("other.json"), file.to_string()).unwrap();
            command.env("GOOGLE_APPLICATION_CREDENTIALS", home.join("other.json"));
        }),
        ("a machine", |_, _, _| {}),
        ("gcloud", |command, home, _| {
            rest::program(home, "gcloud", &format!("[ \"$*\" = 'auth print-access-token' ] && echo {TOKEN}"));
            command.env("GCE_METADATA_HOST", "127.0.0.1:9");
        }),
        ("gcloud, where a file is of no use", |command, home, _| {
            rest::program(home, "gcloud", &format!("[ \"$*\" = 'auth print-access-token' ] && echo {TOKEN}"));
            std::fs::create_dir_all(home.join("config")).unwrap();
            let file = home.join("config/application_default_credentials.json");
            std::fs::write(file, r#"{"type": "external_account"}"#).unwrap();
            command.env("GCE_METADATA_HOST", "127.0.0.1:9").env("CLOUDSDK_CONFIG", home.join("config"));
        }),
    ];
    for (name, set) in cases {
        let server = Server::start(serve);
        let (home, into) = home();
        let mut command =
            bare(&server, home.path(), &["--output", into.to_str().unwrap(), "--project", "acme-prod"]);
        set(&mut command, home.path(), &server);
        let told = checked(
            &command.output().unwrap(),
            &into,
            0,
            &[TOKEN, "ya29.EXAMPLE-other", SECRET, RENEWAL, INSIDE, line],
        );
        assert!(told.contains("Complete."), "{name}: {told}");
        // A statement that somebody signed is a token, too.
        for asked in server.asked() {
            let token = asked.header("authorization").trim_start_matches("Bearer ");
            let written =
                rest::files(&into).iter().any(|path| std::fs::read_to_string(path).unwrap().contains(token));
            assert!(token.is_empty() || !written, "{name}");
            assert!(!format!("{asked:?}").contains(line), "{name}");
        }
    }
}

#[test]
fn wrong_use_is_told_before_anything_is_asked() {
    let server = Server::start(|asked| match asked.path.as_str() {
        // Another cloud's service at the same address.
        path if path.starts_with("/computeMetadata/") => Reply::error(404, json!({})),
        _ => answer(asked),
    });
    let (home, into) = home();
    let free = into.to_str().unwrap();
    let cases: [(&[&str], &str); 6] = [
        (&[], "--output"),
        (&["--output", free, "--project", "../../etc"], "is no project"),
        (&["--output", free, "--organization", "acme.example"], "is no organization or folder"),
        (&["--output", free, "--organization", "1", "--project", "acme-prod"], "cannot be used with"),
        (&["--output", free, "--endpoint", "http://compute.example"], "is not encrypted"),
        (&["--output", free, "--jobs", "0"], "--jobs"),
    ];
    for (arguments, told) in cases {
        let output = snapshot(&server, home.path(), arguments).output().unwrap();
        let said = checked(&output, &into, 2, &SECRETS);
        assert!(said.contains(told), "{arguments:?}: {said}");
        assert!(!into.exists() && server.asked().is_empty());
    }
    let nobody = bare(&server, home.path(), &["--output", free, "--project", "acme-prod"]).output().unwrap();
    let said = checked(&nobody, &into, 2, &SECRETS);
    for line in [
        "no credentials for Google Cloud were found",
        "none of Google's answers here",
        "`gcloud` is not installed",
    ] {
        assert!(said.contains(line), "{said}");
    }
    let missing = home.path().join("missing.json");
    for (content, told) in [
        (None, "missing.json: "),
        (Some("not JSON: s3cr3t"), "it is no JSON object"),
        (Some(r#"{"type": "external_account"}"#), "gcloud auth login --cred-file"),
        (
            Some(
                r#"{"type": "service_account", "client_email": "x", "private_key_id": "1", "private_key": "s3cr3t"}"#,
            ),
            "it is no private key",
        ),
    ] {
        if let Some(content) = content {
            std::fs::write(&missing, content).unwrap();
        }
        let mut command = bare(&server, home.path(), &["--output", free]);
        let output = command.env("GOOGLE_APPLICATION_CREDENTIALS", &missing).output().unwrap();
        let said = checked(&output, &into, 2, &["s3cr3t"]);
        assert!(said.contains("GOOGLE_APPLICATION_CREDENTIALS: ") && said.contains(told), "{said}");
    }
    // A snapshot of another cloud is not gone on with.
    std::fs::create_dir(&into).unwrap();
    let other = json!({"tidegate": {"snapshot": 1, "version": "0", "cloud": "aws"}, "started": "2026-01-01T00:00:00Z",
        "finished": null, "complete": false, "accounts": []});
    std::fs::write(into.join("manifest.json"), other.to_string()).unwrap();
    let output = snapshot(&server, home.path(), &["--output", free, "--resume"]).output().unwrap();
    assert!(checked(&output, &into, 2, &SECRETS).contains("is a snapshot of aws"));
}
