//! A few projects of Google Cloud, as its services answer about them (shapes as in the REST references).

use crate::rest::server::{Asked, Reply, Server};
use crate::rest::tidegate;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

/// What the tests sign in with; and what must never be seen.
pub const SECRET: &str = "client-secret-EXAMPLE-0001";
pub const RENEWAL: &str = "1//refresh-token-EXAMPLE";
pub const TOKEN: &str = "ya29.EXAMPLE-token";
/// What machines and tunnels hold that is nobody's business.
pub const INSIDE: &str = "inside-the-machine-EXAMPLE";
pub const SECRETS: [&str; 4] = [SECRET, RENEWAL, TOKEN, INSIDE];
/// Whose quota calls count for.
pub const QUOTA: &str = "acme-quota";

/// `tidegate snapshot gcp` against a server, signed in as somebody who signed in with gcloud.
pub fn snapshot(server: &Server, home: &Path, arguments: &[&str]) -> Command {
    let file = home.join("person.json");
    let person = json!({
        "type": "authorized_user", "client_id": "gcloud", "client_secret": SECRET, "refresh_token": RENEWAL,
        "token_uri": format!("{}/token", server.here()), "quota_project_id": QUOTA,
    });
    std::fs::write(&file, person.to_string()).unwrap();
    let mut command = bare(server, home, arguments);
    command.env("GOOGLE_APPLICATION_CREDENTIALS", file);
    command
}

/// The same without credentials.
pub fn bare(server: &Server, home: &Path, arguments: &[&str]) -> Command {
    let mut command = tidegate(home);
    command
        .args(["snapshot", "gcp"])
        .args(arguments)
        .env("GCE_METADATA_HOST", format!("127.0.0.1:{}", server.port))
        .env("TIDEGATE_GCP_ENDPOINT", server.here());
    command
}

/// What the vendor would answer. Whoever has no token gets nothing but one.
pub fn answer(asked: &Asked) -> Reply {
    if asked.path == "/token" {
        let form = asked.form();
        let right = form["client_secret"] == SECRET && form["refresh_token"] == RENEWAL;
        return match right && form["grant_type"] == "refresh_token" {
            true => Reply::Json(json!({"access_token": TOKEN, "expires_in": 3599, "token_type": "Bearer"})),
            false => Reply::error(400, json!({"error": "invalid_grant", "error_description": "Bad Request"})),
        };
    }
    if asked.header("authorization") != format!("Bearer {TOKEN}") {
        return Reply::error(
            401,
            json!({"error": {"code": 401, "message": "Invalid credentials.", "status": "UNAUTHENTICATED"}}),
        );
    }
    assert_eq!((asked.method.as_str(), asked.header("x-goog-user-project")), ("GET", QUOTA), "{asked:?}");
    given(asked)
}

/// The same, whoever asks.
pub fn given(asked: &Asked) -> Reply {
    if let Some(project) = asked.path.strip_prefix("/compute/v1/projects/acme-idle") {
        assert_eq!(project, "/global/networks", "it was told that there is nothing");
        return Reply::error(403, disabled("compute.googleapis.com"));
    }
    if asked.path.starts_with("/v1/projects/acme-test/") {
        return Reply::error(403, disabled("networkconnectivity.googleapis.com"));
    }
    match resource(asked).filter(|_| !asked.path.contains("/acme-gone/")) {
        Some(value) => Reply::Json(value),
        None => Reply::error(
            404,
            json!({"error": {"code": 404, "message": format!("{} was not found", asked.path), "errors": [{"reason": "notFound"}]}}),
        ),
    }
}

fn disabled(service: &str) -> Value {
    json!({"error": {"code": 403, "message": format!("{service} has not been used in project 1 before or it is disabled."),
        "status": "PERMISSION_DENIED", "errors": [{"reason": "accessNotConfigured", "domain": "usageLimits"}],
        "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED", "domain": "googleapis.com"}]}})
}

fn resource(asked: &Asked) -> Option<Value> {
    let project = |id: &str| json!({"name": "projects/1", "projectId": id, "displayName": id.to_uppercase(), "state": "ACTIVE"});
    match (asked.path.as_str(), asked.field("parent")) {
        ("/v3/projects:search", _) => {
            assert_eq!(asked.field("query"), "state:ACTIVE");
            return Some(match asked.field("pageToken") {
                "" => {
                    json!({"projects": [project("acme-prod"), project("acme-idle")], "nextPageToken": "a b&c"})
                }
                "a b&c" => json!({"projects": [project("acme-test")]}),
                other => panic!("{other}"),
            });
        }
        ("/v3/projects", "organizations/1") => return Some(json!({"projects": [project("acme-prod")]})),
        ("/v3/projects", "folders/2") => return Some(json!({"projects": [project("acme-test")]})),
        ("/v3/projects", "folders/3") => return Some(json!({})),
        ("/v3/folders", "organizations/1") => {
            return Some(
                json!({"folders": [{"name": "folders/2", "displayName": "Tests", "state": "ACTIVE"},
                {"name": "folders/9", "state": "DELETE_REQUESTED"}]}),
            );
        }
        ("/v3/folders", "folders/2") => {
            return Some(json!({"folders": [{"name": "folders/3", "state": "ACTIVE"}]}));
        }
        ("/v3/folders", "folders/3") => return Some(json!({})),
        _ => {}
    }
    if let Some(path) = asked.path.strip_prefix("/v1/projects/acme-prod/") {
        assert_eq!(path, "locations/global/policyBasedRoutes");
        return Some(json!({}));
    }
    if let Some(path) = asked.path.strip_prefix("/compute/v1/locations/global/firewallPolicies") {
        return Some(match path {
            "" if asked.field("parentId") == "organizations/1" => {
                json!({"kind": "compute#firewallPolicyList", "items": [{"name": "77", "shortName": "corp"}]})
            }
            "" => json!({"kind": "compute#firewallPolicyList"}),
            "/77" => {
                json!({"kind": "compute#firewallPolicy", "name": "77", "parent": "organizations/1", "rules": [],
                "selfLink": "https://www.googleapis.com/compute/v1/locations/global/firewallPolicies/77"})
            }
            _ => return None,
        });
    }
    let (project, path) = asked.path.strip_prefix("/compute/v1/projects/")?.split_once('/')?;
    let base = format!("https://www.googleapis.com/compute/v1/projects/{project}");
    let list = |kind: &str, items: Vec<Value>| {
        Some(
            json!({"kind": kind, "id": format!("projects/{project}/{path}"), "items": items, "selfLink": format!("{base}/{path}")}),
        )
    };
    let network = |name: &str| {
        json!({"kind": "compute#network", "name": name, "selfLink": format!("{base}/global/networks/{name}"),
            "routingConfig": {"routingMode": "REGIONAL"}})
    };
    let deny = json!({"kind": "compute#firewall", "name": "deny", "direction": "EGRESS", "priority": 1000,
        "denied": [{"IPProtocol": "tcp", "ports": ["25"]}], "destinationRanges": ["0.0.0.0/0"], "disabled": false,
        "network": format!("{base}/global/networks/default"), "selfLink": format!("{base}/global/firewalls/deny")});
    // Where there is nothing in a region, it says so.
    let scoped = |kind: &str, scope: &str, key: &str, items: Vec<Value>| {
        let nothing = json!({"warning": {"code": "NO_RESULTS_ON_PAGE", "message": "There are no results."}});
        let mut scopes = json!({"regions/us-east1": nothing});
        if !items.is_empty() {
            scopes[scope] = json!({ key: items });
        }
        Some(json!({"kind": kind, "id": format!("projects/{project}/{path}"), "items": scopes}))
    };
    match path {
        "global/firewalls" => list("compute#firewallList", vec![deny]),
        "global/networks" => Some(match (asked.field("maxResults"), asked.field("pageToken")) {
            ("1", _) => json!({"items": [network("default")], "nextPageToken": "2"}),
            (_, "") => {
                json!({"kind": "compute#networkList", "items": [network("default")], "nextPageToken": "2"})
            }
            _ => {
                json!({"kind": "compute#networkList", "id": format!("projects/{project}/{path}"), "items": [network("db")]})
            }
        }),
        "global/networks/default/getEffectiveFirewalls" => {
            Some(json!({"firewalls": [deny], "firewallPolicys": []}))
        }
        "global/networks/db/getEffectiveFirewalls" => Some(json!({"firewallPolicys": []})),
        "global/routes" => list("compute#routeList", vec![]),
        "aggregated/instances" => scoped(
            "compute#instanceAggregatedList",
            "zones/europe-west1-b",
            "instances",
            vec![
                json!({"kind": "compute#instance", "name": "web", "zone": format!("{base}/zones/europe-west1-b"),
                "selfLink": format!("{base}/zones/europe-west1-b/instances/web"), "labels": {"team": "shop"},
                "metadata": {"items": [{"key": "startup-script", "value": INSIDE}]},
                "networkInterfaces": [{"network": format!("{base}/global/networks/default"), "networkIP": "10.0.0.2",
                    "accessConfigs": [{"natIP": "198.51.100.7"}]}]}),
            ],
        ),
        "aggregated/routers" => scoped(
            "compute#routerAggregatedList",
            "regions/europe-west1",
            "routers",
            vec![json!({"kind": "compute#router", "name": "nat", "md5AuthenticationKeys": [{"key": INSIDE}],
                "selfLink": format!("{base}/regions/europe-west1/routers/nat"), "network": format!("{base}/global/networks/default")})],
        ),
        "regions/europe-west1/routers/nat/getRouterStatus" => Some(
            json!({"kind": "compute#routerStatusResponse", "result": {"network": format!("{base}/global/networks/default")}}),
        ),
        "aggregated/firewallPolicies" => scoped(
            "compute#firewallPolicyAggregatedList",
            "global",
            "firewallPolicies",
            vec![
                json!({"kind": "compute#firewallPolicy", "name": "net", "selfLink": format!("{base}/global/firewallPolicies/net")}),
            ],
        ),
        "global/firewallPolicies/net" => {
            Some(json!({"kind": "compute#firewallPolicy", "name": "net", "rules": [],
            "selfLink": format!("{base}/global/firewallPolicies/net")}))
        }
        "aggregated/vpnTunnels" => scoped(
            "compute#vpnTunnelAggregatedList",
            "regions/europe-west1",
            "vpnTunnels",
            vec![
                json!({"kind": "compute#vpnTunnel", "name": "office", "sharedSecret": "*************", "sharedSecretHash": INSIDE,
                "selfLink": format!("{base}/regions/europe-west1/vpnTunnels/office")}),
            ],
        ),
        "aggregated/subnetworks" => scoped("compute#subnetworkAggregatedList", "", "subnetworks", vec![]),
        "aggregated/interconnectAttachments" => {
            scoped("compute#interconnectAttachmentAggregatedList", "", "interconnectAttachments", vec![])
        }
        "aggregated/forwardingRules" => {
            scoped("compute#forwardingRuleAggregatedList", "", "forwardingRules", vec![])
        }
        "aggregated/addresses" => scoped("compute#addressAggregatedList", "", "addresses", vec![]),
        _ => None,
    }
}
