//! What is asked of each project, and of each organization and folder.
//!
//! Addresses and shapes as in the REST references (Compute Engine API v1, Network Connectivity API v1); permissions as in
//! the methods' sections "IAM permissions".

use serde_json::{Map, Value};

/// A call.
#[derive(Debug, Clone, Copy)]
pub struct Call {
    /// As gcloud spells it.
    pub command: &'static str,
    /// What it takes.
    pub permission: &'static str,
    /// What it is asked about: all, or each thing that another call's answer lists.
    pub after: Option<&'static str>,
    /// What follows the project or the thing in the address.
    pub path: &'static str,
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
    /// Lists of that name, by region and zone, page by page. They are written as one.
    Aggregated(&'static str),
    /// One thing.
    One,
    /// A list of the Network Connectivity API.
    Connectivity(&'static str),
    /// A list of what belongs to the organization or folder.
    OfParent,
}

/// What of a thing is kept.
#[derive(Debug, Clone, Copy)]
pub enum Keep {
    /// All of it.
    All,
    /// These members: the rest says nothing about networks and may hold secrets.
    Only(&'static [&'static str]),
    /// All but these, which are secrets, or made from some.
    Without(&'static [&'static str]),
}

const fn list(command: &'static str, path: &'static str, permission: &'static str) -> Call {
    Call { command, permission, after: None, path, form: Form::List, keep: Keep::All }
}

const fn aggregated(
    command: &'static str,
    path: &'static str,
    key: &'static str,
    permission: &'static str,
) -> Call {
    Call { form: Form::Aggregated(key), ..list(command, path, permission) }
}

const fn each(
    command: &'static str,
    after: &'static str,
    path: &'static str,
    permission: &'static str,
) -> Call {
    Call { after: Some(after), form: Form::One, ..list(command, path, permission) }
}

/// The calls of a project, in the order in which they are listed. What is repeated comes after what lists the things.
pub const PROJECT: [Call; 15] = [
    list("compute firewall-rules list", "global/firewalls", "compute.firewalls.list"),
    list("compute networks list", "global/networks", "compute.networks.list"),
    each(
        "compute networks get-effective-firewalls",
        "compute networks list",
        "/getEffectiveFirewalls",
        "compute.networks.getEffectiveFirewalls",
    ),
    aggregated(
        "compute networks subnets list",
        "aggregated/subnetworks",
        "subnetworks",
        "compute.subnetworks.list",
    ),
    list("compute routes list", "global/routes", "compute.routes.list"),
    Call {
        // Metadata hold start-up scripts and keys.
        keep: Keep::Only(&[
            "kind",
            "id",
            "name",
            "zone",
            "selfLink",
            "status",
            "tags",
            "labels",
            "networkInterfaces",
            "serviceAccounts",
            "canIpForward",
            "hostname",
        ]),
        ..aggregated("compute instances list", "aggregated/instances", "instances", "compute.instances.list")
    },
    Call {
        keep: Keep::Without(&["md5AuthenticationKeys"]),
        ..aggregated("compute routers list", "aggregated/routers", "routers", "compute.routers.list")
    },
    each("compute routers get-status", "compute routers list", "/getRouterStatus", "compute.routers.get"),
    aggregated(
        "compute network-firewall-policies list",
        "aggregated/firewallPolicies",
        "firewallPolicies",
        "compute.firewallPolicies.list",
    ),
    each(
        "compute network-firewall-policies describe",
        "compute network-firewall-policies list",
        "",
        "compute.firewallPolicies.get",
    ),
    Call {
        keep: Keep::Without(&["sharedSecret", "sharedSecretHash"]),
        ..aggregated(
            "compute vpn-tunnels list",
            "aggregated/vpnTunnels",
            "vpnTunnels",
            "compute.vpnTunnels.list",
        )
    },
    Call {
        keep: Keep::Without(&["pairingKey"]),
        ..aggregated(
            "compute interconnects attachments list",
            "aggregated/interconnectAttachments",
            "interconnectAttachments",
            "compute.interconnectAttachments.list",
        )
    },
    aggregated(
        "compute forwarding-rules list",
        "aggregated/forwardingRules",
        "forwardingRules",
        "compute.forwardingRules.list",
    ),
    aggregated("compute addresses list", "aggregated/addresses", "addresses", "compute.addresses.list"),
    Call {
        form: Form::Connectivity("policyBasedRoutes"),
        ..list(
            "network-connectivity policy-based-routes list",
            "locations/global/policyBasedRoutes",
            "networkconnectivity.policyBasedRoutes.list",
        )
    },
];

/// The calls of an organization or a folder: its hierarchical firewall policies.
pub const PARENT: [Call; 2] = [
    Call {
        form: Form::OfParent,
        ..list(
            "compute firewall-policies list",
            "locations/global/firewallPolicies",
            "compute.firewallPolicies.list",
        )
    },
    each(
        "compute firewall-policies describe",
        "compute firewall-policies list",
        "locations/global/firewallPolicies/",
        "compute.firewallPolicies.get",
    ),
];

/// What finds all projects, and what finds those below an organization or a folder.
pub const SEARCH: &str = "resourcemanager.projects.get";
pub const BELOW: [&str; 2] = ["resourcemanager.folders.list", "resourcemanager.projects.list"];

impl Call {
    /// Its file, relative to the folder of the project.
    pub fn file(&self, about: Option<&str>) -> String {
        let stem = self.command.replace(' ', "-");
        let Some(about) = about else { return format!("{stem}.json") };
        // `global/networks/default`, `regions/europe-west1/routers/nat`, `123456789`
        let kinds = ["global", "regions", "networks", "routers", "firewallPolicies"];
        let names: Vec<String> =
            about.split('/').filter(|part| !kinds.contains(part)).map(crate::folder::name).collect();
        format!("{stem}/{}.json", names.join("/"))
    }

    /// What an item of the answer is called where other calls ask about it: what follows the project in its address, or its
    /// number where it belongs to none.
    pub fn name(&self, item: &Value) -> Option<String> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/');
        let name = match self.form {
            Form::OfParent => item.get("name").or_else(|| item.get("id"))?.as_str()?,
            _ => {
                let link = item.get("selfLink")?.as_str()?;
                let (_, below) = link.split_once("/projects/")?;
                below.split_once('/')?.1
            }
        };
        (!name.is_empty() && name.chars().all(plain)).then(|| name.to_owned())
    }

    /// Takes out what is not kept.
    pub fn trim(&self, item: &mut Value) {
        let Value::Object(item) = item else { return };
        self.trimmed(item);
    }

    /// The same for an answer about one thing.
    pub fn trimmed(&self, item: &mut Map<String, Value>) {
        match self.keep {
            Keep::All => {}
            Keep::Only(names) => item.retain(|key, _| names.contains(&key.as_str())),
            Keep::Without(names) => item.retain(|key, _| !names.contains(&key.as_str())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nothing_is_called_that_could_change_anything() {
        for call in PROJECT.iter().chain(&PARENT) {
            let verb = call.permission.rsplit('.').next().unwrap();
            assert!(verb == "list" || verb.starts_with("get"), "{call:?}");
        }
    }

    #[test]
    fn what_is_repeated_comes_after_what_lists_the_things() {
        for calls in [&PROJECT[..], &PARENT[..]] {
            for (at, call) in calls.iter().enumerate() {
                let Some(after) = call.after else { continue };
                assert!(calls[..at].iter().any(|before| before.command == after), "{call:?}");
            }
        }
    }

    #[test]
    fn things_are_named_as_in_their_addresses() {
        let named = |link: &str| PROJECT[1].name(&json!({ "selfLink": link }));
        let link = "https://www.googleapis.com/compute/v1/projects/acme/global/networks/default";
        assert_eq!(named(link).as_deref(), Some("global/networks/default"));
        assert_eq!(
            PROJECT[2].file(named(link).as_deref()),
            "compute-networks-get-effective-firewalls/default.json"
        );
        assert_eq!(
            PROJECT[9].file(Some("regions/europe-west1/firewallPolicies/corp")),
            "compute-network-firewall-policies-describe/europe-west1/corp.json"
        );
        for wrong in
            ["", "x", "https://x/projects/acme/", "https://x/projects/acme/../x", "https://x/projects/a/b?c"]
        {
            assert_eq!(named(wrong), None, "{wrong}");
        }
        assert_eq!(PARENT[0].name(&json!({"name": "123", "id": "9"})).as_deref(), Some("123"));
    }

    #[test]
    fn secrets_are_left_out() {
        let tunnels = PROJECT.iter().find(|call| call.command == "compute vpn-tunnels list").unwrap();
        let mut tunnel = json!({"name": "t", "sharedSecret": "*", "sharedSecretHash": "x"});
        tunnels.trim(&mut tunnel);
        assert_eq!(tunnel, json!({"name": "t"}));
        let machines = PROJECT.iter().find(|call| call.command == "compute instances list").unwrap();
        let mut machine = json!({"name": "m", "metadata": {"items": []}, "disks": [], "tags": {}});
        machines.trim(&mut machine);
        assert_eq!(machine, json!({"name": "m", "tags": {}}));
    }
}
