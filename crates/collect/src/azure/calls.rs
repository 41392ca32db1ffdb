//! What is asked of each subscription.
//!
//! Addresses, versions and shapes as in the REST API reference (Azure Virtual Network, Virtual Network Manager, Azure
//! Firewall, Virtual Machines, Resource Management); permissions as in "Azure permissions for Networking" and "… for
//! Compute".

use serde_json::{Map, Value};

/// The API of networks.
const NETWORK: &str = "2024-05-01";
/// The API of machines.
const COMPUTE: &str = "2024-07-01";
/// The API of interfaces of scale sets: it has stayed where it was.
const SCALED: &str = "2018-10-01";
/// The API of resources in general.
const RESOURCES: &str = "2021-04-01";

/// A call.
#[derive(Debug, Clone, Copy)]
pub struct Call {
    /// As the Azure CLI spells it.
    pub command: &'static str,
    /// What it takes.
    pub permission: &'static str,
    /// What it is asked about: the subscription, or each thing that another call's answer lists.
    pub after: Option<&'static str>,
    /// What follows the subscription or the thing in the address.
    pub path: &'static str,
    /// Of the API.
    pub version: &'static str,
    /// How it is asked.
    pub form: Form,
    /// What of each thing is kept.
    pub keep: Keep,
}

/// How a call is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A list, page by page.
    List,
    /// One thing.
    One,
    /// A list that is posted for, page by page. It changes nothing.
    Posted,
}

/// What of a thing is kept.
#[derive(Debug, Clone, Copy)]
pub enum Keep {
    /// All of it.
    All,
    /// These properties, and what says which thing it is: the rest says nothing about networks and may hold secrets.
    Only(&'static [&'static str]),
    /// All properties but these, which may hold secrets.
    Without(&'static [&'static str]),
}

/// What says which thing it is.
const IDENTITY: [&str; 6] = ["id", "name", "type", "location", "tags", "zones"];

/// All things of a kind.
const fn network(command: &'static str, path: &'static str, permission: &'static str) -> Call {
    Call { command, permission, after: None, path, version: NETWORK, form: Form::List, keep: Keep::All }
}

/// What lies below each thing of another list.
const fn below(
    command: &'static str,
    after: &'static str,
    path: &'static str,
    permission: &'static str,
) -> Call {
    Call { after: Some(after), ..network(command, path, permission) }
}

/// The calls, in the order in which they are listed. What is repeated comes after what lists the things.
pub const CALLS: [Call; 26] = [
    network(
        "network nsg list",
        "/providers/Microsoft.Network/networkSecurityGroups",
        "Microsoft.Network/networkSecurityGroups/read",
    ),
    network(
        "network asg list",
        "/providers/Microsoft.Network/applicationSecurityGroups",
        "Microsoft.Network/applicationSecurityGroups/read",
    ),
    network(
        "network nic list",
        "/providers/Microsoft.Network/networkInterfaces",
        "Microsoft.Network/networkInterfaces/read",
    ),
    network(
        "network vnet list",
        "/providers/Microsoft.Network/virtualNetworks",
        "Microsoft.Network/virtualNetworks/read",
    ),
    Call {
        form: Form::Posted,
        ..below(
            "network manager list-effective-security-admin-rules",
            "network vnet list",
            "/listNetworkManagerEffectiveSecurityAdminRules",
            "Microsoft.Network/virtualNetworks/listNetworkManagerEffectiveSecurityAdminRules/action",
        )
    },
    network(
        "network route-table list",
        "/providers/Microsoft.Network/routeTables",
        "Microsoft.Network/routeTables/read",
    ),
    network(
        "network public-ip list",
        "/providers/Microsoft.Network/publicIPAddresses",
        "Microsoft.Network/publicIPAddresses/read",
    ),
    network(
        "network public-ip prefix list",
        "/providers/Microsoft.Network/publicIPPrefixes",
        "Microsoft.Network/publicIPPrefixes/read",
    ),
    network(
        "network nat gateway list",
        "/providers/Microsoft.Network/natGateways",
        "Microsoft.Network/natGateways/read",
    ),
    network(
        "network lb list",
        "/providers/Microsoft.Network/loadBalancers",
        "Microsoft.Network/loadBalancers/read",
    ),
    network(
        "network private-endpoint list",
        "/providers/Microsoft.Network/privateEndpoints",
        "Microsoft.Network/privateEndpoints/read",
    ),
    network(
        "network firewall list",
        "/providers/Microsoft.Network/azureFirewalls",
        "Microsoft.Network/azureFirewalls/read",
    ),
    network(
        "network firewall policy list",
        "/providers/Microsoft.Network/firewallPolicies",
        "Microsoft.Network/firewallPolicies/read",
    ),
    below(
        "network firewall policy rule-collection-group list",
        "network firewall policy list",
        "/ruleCollectionGroups",
        "Microsoft.Network/firewallPolicies/ruleCollectionGroups/read",
    ),
    network(
        "network ip-group list",
        "/providers/Microsoft.Network/ipGroups",
        "Microsoft.Network/ipGroups/read",
    ),
    Call {
        version: RESOURCES,
        // Gateways are listed by resource group only; this finds them all at once.
        ..network(
            "resource list --resource-type Microsoft.Network/virtualNetworkGateways",
            "/resources?$filter=resourceType%20eq%20'Microsoft.Network%2FvirtualNetworkGateways'",
            "Microsoft.Resources/subscriptions/resources/read",
        )
    },
    Call {
        form: Form::One,
        // How people dial in: servers, certificates and what is shared with them.
        keep: Keep::Without(&["vpnClientConfiguration"]),
        ..below(
            "network vnet-gateway show",
            "resource list --resource-type Microsoft.Network/virtualNetworkGateways",
            "",
            "Microsoft.Network/virtualNetworkGateways/read",
        )
    },
    network(
        "network manager list",
        "/providers/Microsoft.Network/networkManagers",
        "Microsoft.Network/networkManagers/read",
    ),
    below(
        "network manager group list",
        "network manager list",
        "/networkGroups",
        "Microsoft.Network/networkManagers/networkGroups/read",
    ),
    below(
        "network manager security-admin-config list",
        "network manager list",
        "/securityAdminConfigurations",
        "Microsoft.Network/networkManagers/securityAdminConfigurations/read",
    ),
    below(
        "network manager security-admin-config rule-collection list",
        "network manager security-admin-config list",
        "/ruleCollections",
        "Microsoft.Network/networkManagers/securityAdminConfigurations/ruleCollections/read",
    ),
    below(
        "network manager security-admin-config rule-collection rule list",
        "network manager security-admin-config rule-collection list",
        "/rules",
        "Microsoft.Network/networkManagers/securityAdminConfigurations/ruleCollections/rules/read",
    ),
    Call {
        version: COMPUTE,
        keep: Keep::Only(&["vmId", "networkProfile", "provisioningState", "virtualMachineScaleSet"]),
        ..network(
            "vm list",
            "/providers/Microsoft.Compute/virtualMachines",
            "Microsoft.Compute/virtualMachines/read",
        )
    },
    Call {
        version: COMPUTE,
        keep: Keep::Only(&["uniqueId", "orchestrationMode", "provisioningState"]),
        ..network(
            "vmss list",
            "/providers/Microsoft.Compute/virtualMachineScaleSets",
            "Microsoft.Compute/virtualMachineScaleSets/read",
        )
    },
    Call {
        version: SCALED,
        ..below(
            "vmss nic list",
            "vmss list",
            "/networkInterfaces",
            "Microsoft.Compute/virtualMachineScaleSets/networkInterfaces/read",
        )
    },
    Call {
        version: SCALED,
        ..below(
            "vmss list-instance-public-ips",
            "vmss list",
            "/publicIPAddresses",
            "Microsoft.Compute/virtualMachineScaleSets/publicIPAddresses/read",
        )
    },
];

/// What finds subscriptions: the address, the version, the permission.
pub const SCOUTING: (&str, &str, &str) =
    ("/subscriptions", "2022-12-01", "Microsoft.Resources/subscriptions/read");

impl Call {
    /// The address, below the service's own. `about` is an id: `/subscriptions/…`.
    pub fn address(&self, about: &str) -> String {
        let mark = if self.path.contains('?') { '&' } else { '?' };
        format!("{about}{}{mark}api-version={}", self.path, self.version)
    }

    /// Its file, relative to the folder of the subscription. `about` is the id of a thing.
    pub fn file(&self, about: Option<&str>) -> String {
        let stem = self.command.split(" --").next().unwrap_or(self.command).replace(' ', "-");
        match about {
            None => format!("{stem}.json"),
            Some(about) => format!("{stem}/{}.json", names(about).join("/")),
        }
    }

    /// What an item of the answer is called where other calls ask about it.
    pub fn name(&self, item: &Value) -> Option<String> {
        // Machines of such a set have interfaces like any others, which stand among those.
        let flexible = item.pointer("/properties/orchestrationMode").and_then(Value::as_str);
        if flexible.is_some_and(|mode| mode.eq_ignore_ascii_case("Flexible")) {
            return None;
        }
        item.get("id")?.as_str().filter(|id| is_id(id)).map(str::to_owned)
    }

    /// Takes out what is not kept.
    pub fn trim(&self, item: &mut Map<String, Value>) {
        let properties = |item: &mut Map<String, Value>, keep: &dyn Fn(&str) -> bool| {
            if let Some(Value::Object(properties)) = item.get_mut("properties") {
                properties.retain(|key, _| keep(key));
            }
        };
        match self.keep {
            Keep::All => {}
            Keep::Only(names) => {
                item.retain(|key, _| key == "properties" || IDENTITY.contains(&key.as_str()));
                properties(item, &|key| names.contains(&key));
            }
            Keep::Without(names) => properties(item, &|key| !names.contains(&key)),
        }
    }
}

/// Whether a text is an id, which becomes a part of an address.
fn is_id(text: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '-' | '_' | '.' | '(' | ')' | ' ');
    let lower = text.to_ascii_lowercase();
    let climbs = text.split('/').any(|part| part == "." || part == "..");
    lower.starts_with("/subscriptions/") && text.chars().all(plain) && !climbs
}

/// The names in an id, without the words between them, as names of files:
/// `/subscriptions/S/resourceGroups/R/providers/Microsoft.Network/firewallPolicies/P` to `R`, `P`.
fn names(id: &str) -> Vec<String> {
    let mut parts = id.split('/').filter(|part| !part.is_empty());
    let mut names = Vec::new();
    while let Some(kind) = parts.next() {
        let Some(name) = parts.next() else { break };
        // What follows `providers` is followed by a kind and a name like any others.
        if !["providers", "subscriptions"].iter().any(|word| kind.eq_ignore_ascii_case(word)) {
            names.push(crate::folder::name(name));
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ID: &str = "/subscriptions/S/resourceGroups/R/providers/Microsoft.Network/networkManagers/M";

    #[test]
    fn nothing_is_called_that_could_change_anything() {
        for call in CALLS {
            let reads = match call.form {
                Form::List | Form::One => call.permission.ends_with("/read"),
                Form::Posted => call.path.starts_with("/list") && call.permission.ends_with("/action"),
            };
            assert!(reads, "{call:?}");
        }
    }

    #[test]
    fn what_is_repeated_comes_after_what_lists_the_things() {
        for (at, call) in CALLS.iter().enumerate() {
            let Some(after) = call.after else { continue };
            let before = CALLS[..at].iter().find(|before| before.command == after);
            assert!(before.is_some_and(|before| before.form == Form::List), "{call:?}");
        }
        let mut commands: Vec<_> = CALLS.iter().map(|call| call.command).collect();
        commands.sort_unstable();
        commands.dedup();
        assert_eq!(commands.len(), CALLS.len());
    }

    #[test]
    fn files_are_named_after_things_and_stay_in_their_folder() {
        let call = CALLS.iter().find(|call| call.path == "/ruleCollections").unwrap();
        let about = format!("{ID}/securityAdminConfigurations/C");
        assert_eq!(
            call.file(Some(&about)),
            "network-manager-security-admin-config-rule-collection-list/R/M/C.json"
        );
        assert_eq!(call.address(&about), format!("{about}/ruleCollections?api-version=2024-05-01"));
        let gateways = CALLS.iter().find(|call| call.path.contains('?')).unwrap();
        assert_eq!(gateways.file(None), "resource-list.json");
        assert!(gateways.address("/subscriptions/S").ends_with("'&api-version=2021-04-01"));
    }

    #[test]
    fn what_is_no_id_is_not_asked_about() {
        let named = |id: &str| CALLS[0].name(&json!({ "id": id })).is_some();
        assert!(named(ID));
        for wrong in
            ["", "/x", "/subscriptions/../x", "/subscriptions/S?x=", "/subscriptions/S#x", "//evil.example/"]
        {
            assert!(!named(wrong), "{wrong}");
        }
        let set = json!({"id": ID, "properties": {"orchestrationMode": "Flexible"}});
        assert_eq!(CALLS[0].name(&set), None);
    }

    #[test]
    fn what_says_nothing_about_networks_is_left_out() {
        let machines = CALLS.iter().find(|call| call.command == "vm list").unwrap();
        let mut item = json!({
            "id": ID, "name": "x", "tags": {"a": "b"}, "resources": [{"settings": {"secret": 1}}],
            "properties": {"vmId": "1", "osProfile": {"adminUsername": "me", "customData": "x"}},
        });
        machines.trim(item.as_object_mut().unwrap());
        let kept = json!({"id": ID, "name": "x", "tags": {"a": "b"}, "properties": {"vmId": "1"}});
        assert_eq!(item, kept);
    }
}
