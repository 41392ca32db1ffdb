//! The records of all files to one estate.

use super::records::{Group, Interface, Record, Subnet};
use super::topology::{self, Found, Guarding};
use std::collections::BTreeMap;
use tidegate_estate::{
    Action, Cause, Confirmation, Dialect, Direction, Estate, Guard, IpNet, Ipv4Net, Ipv6Net, Opaque, Peer,
    Place, Policy, PolicyKind, PortMatch, Presence, ProtocolMatch, Provider, Reason, Remedy, Rule, Value,
    Workload, WorkloadKind,
};

/// Everything that the records say. Of two answers about one thing the first counts, by file and place.
pub(in crate::dump) fn join(records: Vec<Record>) -> Estate {
    let mut known = Known::default();
    let mut interfaces: BTreeMap<String, Interface> = BTreeMap::new();
    let mut addresses: BTreeMap<String, String> = BTreeMap::new();
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    let mut around = Vec::new();
    for record in records {
        match record {
            Record::Group(group) => {
                groups.entry(group.id.to_ascii_lowercase()).or_insert(group);
            }
            Record::Interface(interface) => {
                interfaces.entry(interface.id.to_ascii_lowercase()).or_insert(interface);
            }
            Record::Subnet(subnet) => {
                known.subnets.entry(subnet.id.to_ascii_lowercase()).or_insert(subnet);
            }
            Record::Address(id, address) => {
                addresses.entry(id).or_insert(address);
            }
            Record::Network(record) => around.push(record),
        }
    }
    let shown = !interfaces.is_empty();
    let mut guarding = Vec::new();
    for (id, group) in groups {
        guarding.push(Guarding {
            id: group.id.clone(),
            group: group.exact.clone(),
            subnets: group.subnets.clone(),
            interfaces: group.interfaces.clone(),
        });
        let index = known.estate.policies.len();
        known.by_id.insert(id, index);
        known.by_subnet.extend(group.subnets.iter().map(|subnet| (subnet.clone(), index)));
        known.by_interface.extend(group.interfaces.iter().map(|interface| (interface.clone(), index)));
        known.estate.policies.push(policy(group));
    }
    let mut cards = Vec::new();
    for (id, mut interface) in interfaces {
        let named = interface.addresses.iter().filter_map(|id| addresses.get(id)).cloned();
        interface.public.extend(named);
        let guarded = known.guards(&id, &interface);
        cards.push(Found {
            id: interface.id.clone(),
            workload: known.estate.workloads.len(),
            subnet: interface.subnet.clone(),
            card: interface.card.clone(),
            forwards: interface.forwards,
            place: interface.place.clone(),
        });
        known.estate.workloads.push(workload(interface, guarded));
    }
    let mut estate = known.estate;
    let mut members = vec![0u32; estate.policies.len()];
    for policy in estate.workloads.iter().flat_map(Workload::policies) {
        if let Some(count) = members.get_mut(policy) {
            *count += 1;
        }
    }
    for (policy, count) in estate.policies.iter_mut().zip(members) {
        policy.members = shown.then_some(count);
    }
    (estate.azure, estate.network.interfaces) = topology::network(around, guarding, cards);
    estate
}

/// What is known of what guards what. All ids are in lower case.
#[derive(Default)]
struct Known {
    estate: Estate,
    subnets: BTreeMap<String, Subnet>,
    /// Groups, subnets without a group and things that are named but not shown, as policies.
    by_id: BTreeMap<String, usize>,
    by_subnet: BTreeMap<String, usize>,
    by_interface: BTreeMap<String, usize>,
}

impl Known {
    /// What guards an interface: its own group, and those of its subnets. Where there is neither, its subnets.
    fn guards(&mut self, id: &str, interface: &Interface) -> Vec<usize> {
        let mut guards: Vec<usize> = Vec::new();
        match &interface.group {
            Some(group) => guards.push(self.group(group, &interface.place)),
            None => guards.extend(self.by_interface.get(id)),
        }
        let own = !guards.is_empty();
        let mut bare: Vec<&String> = Vec::new();
        for subnet in &interface.subnets {
            match (self.subnets.get(subnet).map(|subnet| subnet.group.clone()), self.by_subnet.get(subnet)) {
                (Some(Some(group)), _) => guards.push(self.group(&group, &interface.place)),
                (_, Some(group)) => guards.push(*group),
                (Some(None) | None, None) => bare.push(subnet),
            }
        }
        if !own {
            for subnet in bare {
                guards.push(self.bare_subnet(subnet, &interface.place));
            }
        }
        guards.sort_unstable();
        guards.dedup();
        guards
    }

    /// A group, or what stands for one that is named but not shown.
    fn group(&mut self, id: &str, named: &Place) -> usize {
        let why = || {
            format!(
                "the network security group is named, but not among the files; `az network nsg show --ids {id}` shows it"
            )
        };
        self.stand_in(id, PolicyKind::NetworkSecurityGroup, named, why)
    }

    /// A subnet that no group is known to guard: open if an answer shows it, else unknown.
    fn bare_subnet(&mut self, id: &str, named: &Place) -> usize {
        if let Some(index) = self.by_id.get(id) {
            return *index;
        }
        let Some(subnet) = self.subnets.get(id) else {
            let why = || {
                "the interface has no network security group, and its subnet is not among the files; `az network vnet \
                 list` shows whether the subnet has one"
                    .to_owned()
            };
            return self.stand_in(id, PolicyKind::UnguardedSubnet, named, why);
        };
        let families = [IpNet::V4(Ipv4Net::default()), IpNet::V6(Ipv6Net::default())];
        let rules = families
            .into_iter()
            .filter(|block| subnet.ipv6 || matches!(block, IpNet::V4(_)))
            .flat_map(|block| {
                [Direction::Egress, Direction::Ingress]
                    .map(|direction| everything(direction, block, &subnet.place))
            });
        let policy = Policy {
            rules: rules.collect(),
            name: subnet.name.clone(),
            region: subnet.location.clone(),
            ..frame(PolicyKind::UnguardedSubnet, &subnet.id, &subnet.place, &subnet.block)
        };
        self.add(id, policy)
    }

    fn stand_in(&mut self, id: &str, kind: PolicyKind, named: &Place, why: impl Fn() -> String) -> usize {
        if let Some(index) = self.by_id.get(id) {
            return *index;
        }
        let reason = Reason::at(why(), named.clone());
        let opaque = vec![Opaque { reason, guard: Guard::Always }];
        self.add(id, Policy { opaque, ..frame(kind, id, named, named) })
    }

    fn add(&mut self, id: &str, policy: Policy) -> usize {
        let index = self.estate.policies.len();
        self.by_id.insert(id.to_owned(), index);
        self.estate.policies.push(policy);
        index
    }
}

/// What is allowed where there is no group at all.
fn everything(direction: Direction, block: IpNet, place: &Place) -> Rule {
    Rule {
        direction,
        action: Action::Allow,
        priority: None,
        protocol: Value::Known(ProtocolMatch::Any),
        ports: Value::Known(PortMatch::Any),
        peer: Value::Known(Peer::Cidr(block)),
        guard: Guard::Always,
        presence: Presence::Present,
        cause: Cause::LeftOut { property: "networkSecurityGroup".to_owned() },
        place: place.clone(),
        chain: vec![],
    }
}

/// `/subscriptions/ID/…`
fn subscription(id: &str) -> Option<String> {
    let mut parts = id.split('/').skip_while(|part| !part.eq_ignore_ascii_case("subscriptions"));
    parts.nth(1).filter(|id| !id.is_empty()).map(str::to_owned)
}

fn policy(group: Group) -> Policy {
    Policy {
        name: group.name,
        region: group.location,
        tags: group.tags,
        rules: group.rules,
        ..frame(PolicyKind::NetworkSecurityGroup, &group.id, &group.place, &group.block)
    }
}

/// What all policies of Azure have in common.
fn frame(kind: PolicyKind, id: &str, place: &Place, block: &Place) -> Policy {
    Policy {
        kind,
        provider: Provider::Azure,
        dialect: Dialect::AzureDump,
        name: None,
        account: subscription(id),
        path: Some(id.to_owned()),
        enclosing: None,
        region: None,
        tags: BTreeMap::new(),
        exists: Guard::Always,
        confirmation: Confirmation::Created,
        place: place.clone(),
        block: block.clone(),
        apart: vec![],
        chain: vec![],
        rules: vec![],
        ignored: vec![],
        opaque: vec![],
        members: None,
        remedy: Remedy::Rules,
        direct_call: None,
    }
}

/// All that guard it must allow: each is a set of its own.
fn workload(interface: Interface, guarded: Vec<usize>) -> Workload {
    let machine = interface.machine.as_deref().and_then(|id| id.rsplit('/').next()).map(str::to_owned);
    Workload {
        kind: if machine.is_some() { WorkloadKind::Instance } else { WorkloadKind::Interface },
        provider: Provider::Azure,
        account: subscription(&interface.id),
        name: machine.or(interface.name),
        id: interface.id,
        private: interface.private,
        public: interface.public,
        region: interface.location,
        tags: interface.tags,
        guarded: guarded.into_iter().map(|policy| vec![policy]).collect(),
        place: interface.place,
    }
}
