//! Two subscriptions of Azure, as Resource Manager answers about them (shapes as in the REST API reference).

use crate::rest::server::{Asked, Reply, Server};
use crate::rest::tidegate;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

pub const ONE: &str = "11111111-1111-1111-1111-111111111111";
pub const TWO: &str = "22222222-2222-2222-2222-222222222222";
/// What the tests sign in with; and what must never be seen.
pub const TENANT: &str = "33333333-3333-3333-3333-333333333333";
pub const CLIENT: &str = "44444444-4444-4444-4444-444444444444";
pub const SECRET: &str = "client~secret~EXAMPLE~0001";
pub const TOKEN: &str = "eyJEXAMPLE.azure.token";
/// What machines hold that is nobody's business.
pub const INSIDE: &str = "inside-the-machine-EXAMPLE";
pub const SECRETS: [&str; 3] = [SECRET, TOKEN, INSIDE];

/// `tidegate snapshot azure` against a server, signed in with a secret.
pub fn snapshot(server: &Server, home: &Path, arguments: &[&str]) -> Command {
    let mut command = bare(server, home, arguments);
    command.env("AZURE_TENANT_ID", TENANT).env("AZURE_CLIENT_ID", CLIENT).env("AZURE_CLIENT_SECRET", SECRET);
    command
}

/// The same without credentials.
pub fn bare(server: &Server, home: &Path, arguments: &[&str]) -> Command {
    let mut command = tidegate(home);
    command
        .args(["snapshot", "azure"])
        .args(arguments)
        .env("AZURE_AUTHORITY_HOST", server.here())
        .env("AZURE_POD_IDENTITY_AUTHORITY_HOST", server.here())
        .env("TIDEGATE_AZURE_ENDPOINT", server.here());
    command
}

/// What the vendor would answer. Whoever has no token gets nothing but one.
pub fn answer(asked: &Asked) -> Reply {
    if asked.path == format!("/{TENANT}/oauth2/v2.0/token") {
        let form = asked.form();
        assert_eq!(form["scope"], "https://management.azure.com/.default");
        return match form.get("client_secret").map(String::as_str) {
            Some(SECRET) if form["client_id"] == CLIENT => {
                Reply::Json(json!({"token_type": "Bearer", "expires_in": 3599, "access_token": TOKEN}))
            }
            _ => Reply::error(
                401,
                json!({"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret provided."}),
            ),
        };
    }
    if asked.header("authorization") != format!("Bearer {TOKEN}") {
        let told = "The access token is missing or invalid.";
        return Reply::error(401, json!({"error": {"code": "AuthenticationFailed", "message": told}}));
    }
    assert!(!asked.field("api-version").is_empty(), "{asked:?}");
    match resource(asked) {
        Some(value) => Reply::Json(value),
        None => Reply::error(404, json!({"error": {"code": "NotFound", "message": asked.path}})),
    }
}

fn resource(asked: &Asked) -> Option<Value> {
    if asked.path == "/subscriptions" {
        let of = |id: &str, name: &str| json!({"id": format!("/subscriptions/{id}"), "subscriptionId": id, "displayName": name, "state": "Enabled"});
        // The second one is on the second page.
        return Some(match asked.field("page") {
            "" => {
                json!({"value": [of(ONE, "Shop")], "nextLink": format!("{}/subscriptions?api-version=2022-12-01&page=2", asked.here)})
            }
            _ => json!({"value": [of(TWO, "Bank")]}),
        });
    }
    let rest = asked.path.strip_prefix("/subscriptions/")?;
    let (subscription, path) = rest.split_once('/')?;
    let id = |kind: &str, name: &str| {
        format!("/subscriptions/{subscription}/resourceGroups/net/providers/Microsoft.Network/{kind}/{name}")
    };
    let of = |kind: &str, name: &str, properties: Value| {
        json!({
            "id": id(kind, name), "name": name, "type": format!("Microsoft.Network/{kind}"), "location": "westeurope",
            "etag": "W/\"1\"", "properties": properties,
        })
    };
    let list = |items: Vec<Value>| Some(json!({ "value": items }));
    if asked.method == "POST" {
        let network = path.strip_suffix("/listNetworkManagerEffectiveSecurityAdminRules")?;
        let rule = |name: &str, to: &str| {
            json!({
                "id": id("networkManagers", &format!("central/securityAdminConfigurations/all/ruleCollections/c/rules/{name}")),
                "kind": "Custom", "configurationDescription": "everywhere",
                "properties": {"direction": "Outbound", "access": "Deny", "priority": 1, "protocol": "Tcp",
                    "destinations": [{"addressPrefix": to, "addressPrefixType": "IPPrefix"}]},
            })
        };
        let posted: Value = serde_json::from_str(&asked.body).unwrap();
        return Some(match (network.ends_with("/hub"), posted["skipToken"].as_str()) {
            (true, None) => json!({"value": [rule("smtp", "192.0.2.0/24")], "skipToken": "more"}),
            (true, Some("more")) => json!({"value": [rule("ssh", "198.51.100.0/24")], "skipToken": ""}),
            _ => json!({"value": []}),
        });
    }
    assert_eq!(asked.method, "GET", "{asked:?}");
    let manager = id("networkManagers", "central");
    match path {
        "providers/Microsoft.Network/networkSecurityGroups" => {
            let group = |name: &str| {
                let rule = json!({"name": "deny", "properties": {"direction": "Outbound", "access": "Deny", "priority": 100,
                    "protocol": "*", "sourceAddressPrefix": "*", "sourcePortRange": "*",
                    "destinationAddressPrefix": "10.0.0.0/8", "destinationPortRange": "*"}});
                of("networkSecurityGroups", name, json!({"securityRules": [rule], "subnets": []}))
            };
            Some(match asked.field("$skiptoken") {
                "" => {
                    let next = format!("{}{}?api-version=2024-05-01&$skiptoken=2", asked.here, asked.path);
                    json!({"value": [group("web")], "nextLink": next})
                }
                _ => json!({"value": [group("db")]}),
            })
        }
        "providers/Microsoft.Network/networkInterfaces" => {
            let subnet = format!("{}/subnets/front", id("virtualNetworks", "hub"));
            list(vec![of(
                "networkInterfaces",
                "web-nic",
                json!({"ipConfigurations": [{"name": "a", "properties": {"privateIPAddress": "10.0.0.4",
                    "subnet": {"id": subnet}, "publicIPAddress": {"id": id("publicIPAddresses", "web")}}}],
                    "networkSecurityGroup": {"id": id("networkSecurityGroups", "web")}}),
            )])
        }
        "providers/Microsoft.Network/virtualNetworks" => {
            let network = |name: &str| {
                let subnet = format!("{}/subnets/front", id("virtualNetworks", name));
                of(
                    "virtualNetworks",
                    name,
                    json!({"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
                        "subnets": [{"id": subnet, "name": "front", "properties": {"addressPrefix": "10.0.0.0/24"}}],
                        "virtualNetworkPeerings": []}),
                )
            };
            list(vec![network("hub"), network("spoke")])
        }
        "providers/Microsoft.Network/publicIPAddresses" => {
            list(vec![of("publicIPAddresses", "web", json!({"ipAddress": "198.51.100.9"}))])
        }
        "providers/Microsoft.Network/firewallPolicies" => {
            list(vec![of("firewallPolicies", "egress", json!({}))])
        }
        "resourceGroups/net/providers/Microsoft.Network/firewallPolicies/egress/ruleCollectionGroups" => {
            list(vec![of(
                "firewallPolicies",
                "egress/ruleCollectionGroups/g",
                json!({"priority": 100, "ruleCollections": []}),
            )])
        }
        "resources" => {
            assert_eq!(asked.field("$filter"), "resourceType eq 'Microsoft.Network/virtualNetworkGateways'");
            list(vec![
                json!({"id": id("virtualNetworkGateways", "vpn"), "name": "vpn", "type": "Microsoft.Network/virtualNetworkGateways"}),
            ])
        }
        "resourceGroups/net/providers/Microsoft.Network/virtualNetworkGateways/vpn" => Some(of(
            "virtualNetworkGateways",
            "vpn",
            json!({"gatewayType": "Vpn", "vpnClientConfiguration": {"radiusServerSecret": INSIDE}}),
        )),
        "providers/Microsoft.Network/networkManagers" => {
            list(vec![of("networkManagers", "central", json!({}))])
        }
        "providers/Microsoft.Compute/virtualMachines" => list(vec![json!({
            "id": id("virtualMachines", "web").replace("Microsoft.Network", "Microsoft.Compute"), "name": "web",
            "tags": {"team": "shop"}, "resources": [{"properties": {"settings": {"password": INSIDE}}}],
            "properties": {"vmId": "1", "osProfile": {"adminUsername": INSIDE},
                "networkProfile": {"networkInterfaces": [{"id": id("networkInterfaces", "web-nic")}]}},
        })]),
        "providers/Microsoft.Compute/virtualMachineScaleSets" => {
            let set = |name: &str, mode: &str| {
                let id =
                    id("virtualMachineScaleSets", name).replace("Microsoft.Network", "Microsoft.Compute");
                let profile = json!({"extensionProfile": {"extensions": [{"settings": INSIDE}]}});
                json!({"id": id, "name": name, "properties": {"orchestrationMode": mode, "virtualMachineProfile": profile}})
            };
            list(vec![set("pool", "Uniform"), set("flex", "Flexible")])
        }
        "resourceGroups/net/providers/Microsoft.Compute/virtualMachineScaleSets/pool/networkInterfaces"
        | "resourceGroups/net/providers/Microsoft.Compute/virtualMachineScaleSets/pool/publicIPAddresses" => {
            list(vec![])
        }
        other => {
            let below = format!("/subscriptions/{subscription}/{other}");
            if below == format!("{manager}/securityAdminConfigurations") {
                return list(vec![of(
                    "networkManagers",
                    "central/securityAdminConfigurations/all",
                    json!({}),
                )]);
            }
            if below == format!("{manager}/securityAdminConfigurations/all/ruleCollections") {
                let name = "central/securityAdminConfigurations/all/ruleCollections/c";
                return list(vec![of("networkManagers", name, json!({}))]);
            }
            let empty = [
                "networkGroups",
                "rules",
                "applicationSecurityGroups",
                "routeTables",
                "publicIPPrefixes",
                "natGateways",
                "loadBalancers",
                "privateEndpoints",
                "azureFirewalls",
                "ipGroups",
            ];
            empty.contains(&other.rsplit('/').next()?).then(|| json!({"value": []}))
        }
    }
}
