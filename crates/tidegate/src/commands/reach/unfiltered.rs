//! What reaches a workload whatever its groups and routes say, cloud by cloud.

use super::answers::Answers;
use std::collections::BTreeSet;
use tidegate_estate::Provider;

/// (VPC user guide, "Security groups".)
const AWS: &str = "\
No security group and no route filters what a workload sends to the VPC's resolver (169.254.169.253 and the VPC's base
address plus two), to instance and task metadata, to the Time Sync Service, for DHCP and for Windows activation. Names that
are looked up carry data out: Route 53 Resolver DNS Firewall is the gate for that.\n";

/// ("Network security groups", "Azure platform considerations".)
const AZURE: &str = "\
No network security group and no route filters what a workload sends to the platform at 168.63.129.16 and 169.254.169.254
(DNS, DHCP, health, instance metadata), unless a rule names the tags AzurePlatformDNS, AzurePlatformIMDS or
AzurePlatformLKM. Names that are looked up carry data out: a DNS security policy is the gate for that.\n";

/// (VPC documentation of Google Cloud, "VPC firewall rules": always allowed traffic.)
const GCP: &str = "\
No firewall rule and no route filters what a machine sends to its metadata server (169.254.169.254), which also answers for
DHCP, DNS and time. Names that are looked up carry data out: response policies of Cloud DNS are the gate for that.\n";

/// (Kubernetes documentation, "Network Policies".)
const KUBERNETES: &str = "\
Network policies count only if the cluster's network plugin enforces them, which no object of a cluster says; those of plugins
and of administrators (Cilium, Calico, AdminNetworkPolicy) are not read. None stops what a pod sends to itself and to its node.\n";

/// Stands beside Azure's where a security admin rule that no answer shows could open more.
const ADMIN: &str = "\
Security admin rules of some virtual networks are not among the files. One that always allows opens what network security
groups deny: az network manager list-effective-security-admin-rules shows them.\n";

fn providers<L>(answers: &Answers<'_, L>) -> BTreeSet<Provider> {
    let known = answers.all.iter().filter_map(|answer| answer.workload);
    known.map(|workload| workload.provider).collect()
}

/// In words, for the clouds of these answers.
pub fn note<L>(answers: &Answers<'_, L>) -> String {
    let mut note = String::new();
    for provider in providers(answers) {
        match provider {
            Provider::Azure => {
                note.push_str(AZURE);
                if lacks_admin_rules(answers) {
                    note.push_str(ADMIN);
                }
            }
            Provider::Gcp => note.push_str(GCP),
            Provider::Kubernetes => note.push_str(KUBERNETES),
            Provider::Aws => note.push_str(AWS),
        }
    }
    note
}

fn lacks_admin_rules<L>(answers: &Answers<'_, L>) -> bool {
    answers.all.iter().any(|answer| {
        let azure = answer.workload.is_some_and(|workload| workload.provider == Provider::Azure);
        let network = answer.interface.vpc.as_ref();
        azure && network.is_none_or(|network| !answer.estate.azure.admin.contains_key(network))
    })
}

/// As a list, for the clouds of these answers.
pub fn list<L>(answers: &Answers<'_, L>) -> Vec<&'static str> {
    let mut all = Vec::new();
    for provider in providers(answers) {
        match provider {
            Provider::Azure => all.extend([
                "Azure DNS at 168.63.129.16",
                "instance metadata",
                "DHCP",
                "health probes",
                "Windows activation",
            ]),
            Provider::Gcp => all.extend([
                "the metadata server",
                "DNS of the metadata server",
                "DHCP",
                "time of the metadata server",
            ]),
            Provider::Kubernetes => {
                all.extend(["a pod's own node", "everything, where the network plugin enforces no policies"]);
            }
            Provider::Aws => all.extend([
                "the VPC's resolver",
                "instance and task metadata",
                "Time Sync",
                "DHCP",
                "Windows activation",
            ]),
        }
    }
    all
}
