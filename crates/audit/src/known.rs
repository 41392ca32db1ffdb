//! The two questions (*sensitive data? a private network?*), answered from the estate where it knows.
//!
//! Only a yes is ever known: a tag that says nothing, or a subnet that is public, is no reason to rate lower.

use std::collections::BTreeMap;
use tidegate_estate::names::short;
use tidegate_estate::{Estate, Interface, Provider, RouteTable, Target, Workload};

/// What the estate knows, as facts in words; `None` = it does not know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// Why there is sensitive data.
    pub sensitive_data: Option<String>,
    /// Why it is a private network.
    pub private_network: Option<String>,
}

/// Tags that classify data, in lower case and without separators.
const CLASSIFYING: [&str; 8] = [
    "classification",
    "confidentiality",
    "dataclass",
    "dataclassification",
    "dataconfidentiality",
    "datasensitivity",
    "dataclassificationlevel",
    "sensitivity",
];

/// Classes that are sensitive whatever a company calls the rest.
const SENSITIVE: [&str; 10] = [
    "confidential",
    "pci",
    "personal",
    "phi",
    "pii",
    "restricted",
    "secret",
    "sensitive",
    "strictlyconfidential",
    "topsecret",
];

/// How the interfaces of AWS's own databases are described.
/// (RDS, with Aurora, Neptune and DocumentDB; Redshift; ElastiCache; Database Migration Service.)
const DATABASES: [&str; 4] =
    ["RDSNetworkInterface", "RedshiftNetworkInterface", "ElastiCache ", "DMSNetworkInterface"];

/// Looks for facts about policies and the workloads behind them.
pub(crate) struct Facts<'e> {
    estate: &'e Estate,
    /// The interfaces of each workload.
    interfaces: Vec<Vec<&'e Interface>>,
}

impl<'e> Facts<'e> {
    pub fn of(estate: &'e Estate) -> Self {
        let mut interfaces = vec![Vec::new(); estate.workloads.len()];
        for interface in &estate.network.interfaces {
            if let Some(own) = interfaces.get_mut(interface.workload) {
                own.push(interface);
            }
        }
        Self { estate, interfaces }
    }

    /// What is known of a policy with these tags that guards these workloads.
    pub fn known(&self, tags: &BTreeMap<String, String>, workloads: &[usize]) -> Known {
        let all = || workloads.iter().filter_map(|at| Some((*at, self.estate.workloads.get(*at)?)));
        let tagged = classified(tags).map(|tag| format!("the tag {tag} says so"));
        let sensitive_data = tagged.or_else(|| all().find_map(|(_, workload)| holds_data(workload)));
        let mut apart = all().map(|(at, workload)| self.apart(at, workload));
        let first = apart.next().flatten();
        let private_network = first.filter(|_| apart.all(|other| other.is_some()));
        Known { sensitive_data, private_network }
    }

    /// Why a workload is in a private network, if all of its interfaces are and none has a public address.
    fn apart(&self, at: usize, workload: &Workload) -> Option<String> {
        let interfaces = self.interfaces.get(at)?;
        if !workload.public.is_empty() {
            return None;
        }
        let private = |interface: &&'e Interface| {
            if interface.public {
                return None;
            }
            match workload.provider {
                Provider::Aws => self.private_in_aws(interface),
                Provider::Azure => self.private_in_azure(interface),
                Provider::Gcp => self.private_in_gcp(interface),
                Provider::Kubernetes => None,
            }
        };
        let mut reasons = interfaces.iter().map(private);
        let first = reasons.next()??;
        reasons.all(|reason| reason.is_some()).then_some(first)
    }

    /// A subnet is private if its route table leads to no Internet gateway. (VPC user guide, "Subnet types".)
    fn private_in_aws(&self, interface: &Interface) -> Option<String> {
        let subnet = interface.subnet.as_deref()?;
        let tables = self.tables(subnet);
        let public = |target: &Target| matches!(target, Target::Internet(_));
        let mut routes = tables.iter().flat_map(|table| &table.routes);
        let leads_out = routes.any(|route| public(&route.target) && !route.blackhole);
        (!tables.is_empty() && !leads_out).then(|| format!("{subnet} has no route to an Internet gateway"))
    }

    /// A subnet is private if it gives no default outbound access. ("Default outbound access in Azure", private subnets.)
    fn private_in_azure(&self, interface: &Interface) -> Option<String> {
        let id = interface.subnet.as_deref()?;
        let subnet = self.estate.azure.subnets.get(id)?;
        (subnet.default_outbound == Some(false))
            .then(|| format!("{} is a private subnet, without default outbound access", short(id)))
    }

    /// A machine without external addresses, of both families, is in its network alone. ("IP addresses", external ones.)
    fn private_in_gcp(&self, interface: &Interface) -> Option<String> {
        let nic = self.estate.gcp.nics.get(&interface.id)?;
        (!nic.external_v6).then(|| format!("{} has no external address", short(&nic.instance)))
    }

    /// The route table of a subnet: its own, else the main one of its VPC. Where answers name several, all of them.
    fn tables(&self, subnet: &str) -> Vec<&'e RouteTable> {
        let network = &self.estate.network;
        let own: Vec<&RouteTable> =
            network.tables.values().filter(|table| table.subnets.contains(subnet)).collect();
        let vpc = network.subnets.get(subnet).and_then(|subnet| subnet.vpc.as_deref());
        match vpc {
            Some(vpc) if own.is_empty() => {
                let main = |table: &&RouteTable| table.main && table.vpc.as_deref() == Some(vpc);
                network.tables.values().filter(main).collect()
            }
            _ => own,
        }
    }
}

/// Why a workload holds sensitive data.
fn holds_data(workload: &Workload) -> Option<String> {
    if let Some(tag) = classified(&workload.tags) {
        return Some(format!("the tag {tag} of {} says so", workload.id));
    }
    // Of an interface without a name, the name is its description.
    let description = workload.name.as_deref()?;
    DATABASES
        .iter()
        .any(|database| description.starts_with(database))
        .then(|| format!("{} is the interface of a database ({description})", workload.id))
}

/// The tag that says that data are sensitive.
fn classified(tags: &BTreeMap<String, String>) -> Option<String> {
    let plain = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let says = |(key, value): &(&String, &String)| {
        let key = plain(key);
        // A prefix of an organisation comes before: `acme:data-classification`.
        CLASSIFYING.iter().any(|known| key.ends_with(known)) && SENSITIVE.contains(&plain(value).as_str())
    };
    tags.iter().find(says).map(|(key, value)| format!("{key}={value}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(key: &str, value: &str) -> BTreeMap<String, String> {
        [(key.to_owned(), value.to_owned())].into()
    }

    #[test]
    fn a_tag_that_classifies_is_understood_however_it_is_spelled() {
        for (key, value) in [
            ("DataClassification", "Confidential"),
            ("data-classification", "strictly confidential"),
            ("acme:data_class", "PII"),
            ("Sensitivity", "restricted"),
        ] {
            assert_eq!(classified(&tags(key, value)), Some(format!("{key}={value}")));
        }
        for (key, value) in [
            ("DataClassification", "public"),
            ("DataClassification", "not confidential"),
            ("Name", "confidential"),
            ("classification-owner", "confidential"),
        ] {
            assert_eq!(classified(&tags(key, value)), None, "{key}={value}");
        }
    }
}
