//! What long ids are called in text, and the words that each cloud has for the same thing.

use std::collections::BTreeSet;
use tidegate_estate::{Estate, Provider};

/// The part of an id that people know: of a URL of Google Cloud what follows the kind of resource, with the machine's name
/// for an interface (`web/nic0`). Other ids stay as they are. JSON has whole ids.
pub fn short(id: &str) -> &str {
    if !["projects/", "firewallPolicies/", "locations/"].iter().any(|start| id.starts_with(start)) {
        return id;
    }
    match id.split_once("/instances/") {
        Some((_, rest)) => rest,
        None => id.rsplit('/').next().unwrap_or(id),
    }
}

/// Every long id in a text, shortened; a text is words with spaces between them.
pub fn shortened(text: &str) -> String {
    text.split(' ').map(short).collect::<Vec<_>>().join(" ")
}

/// Clouds of estates.
pub fn providers(estates: &[&Estate]) -> BTreeSet<Provider> {
    let of = |estate: &&Estate| estate.workloads.first().map(|workload| workload.provider);
    estates.iter().filter_map(of).collect()
}

/// What reaches a workload or leaves it whatever its firewall says, in words for people.
pub fn unfiltered(provider: Provider) -> &'static str {
    match provider {
        // VPC user guide, "Security groups".
        Provider::Aws | Provider::Azure => {
            "\
No security group and no route filters what a workload sends to the VPC's resolver (169.254.169.253 and the VPC's base
address plus two), to instance and task metadata, to the Time Sync Service, for DHCP and for Windows activation. Names that
are looked up carry data out: Route 53 Resolver DNS Firewall is the gate for that.\n"
        }
        // Kubernetes documentation, "Network Policies".
        Provider::Kubernetes => {
            "\
Network policies count only if the cluster's network plugin enforces them, which no object of a cluster says; those of plugins
and of administrators (Cilium, Calico, AdminNetworkPolicy) are not read. None stops what a pod sends to itself and to its node.\n"
        }
        // VPC documentation, "VPC firewall rules": always allowed traffic.
        Provider::Gcp => {
            "\
No firewall rule and no route filters what a machine sends to its metadata server (169.254.169.254), which also answers for
DHCP, DNS and time. Names that are looked up carry data out: response policies of Cloud DNS are the gate for that.\n"
        }
    }
}

/// The same as a list, for programs.
pub fn unfiltered_list(provider: Provider) -> &'static [&'static str] {
    match provider {
        Provider::Aws | Provider::Azure => {
            &["the VPC's resolver", "instance and task metadata", "Time Sync", "DHCP", "Windows activation"]
        }
        Provider::Kubernetes => {
            &["a pod's own node", "everything, where the network plugin enforces no policies"]
        }
        Provider::Gcp => {
            &["the metadata server", "DNS of the metadata server", "DHCP", "time of the metadata server"]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_ids_are_told_by_the_part_that_people_know() {
        assert_eq!(short("projects/acme/zones/europe-west1-b/instances/web/nic0"), "web/nic0");
        assert_eq!(short("projects/acme/global/networks/default"), "default");
        assert_eq!(short("vpc-1"), "vpc-1");
        assert_eq!(
            shortened("policy-based routes of projects/acme/global/networks/default"),
            "policy-based routes of default"
        );
    }
}
