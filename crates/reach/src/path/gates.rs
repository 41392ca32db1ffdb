//! The gates of an estate, each asked once: groups, network ACLs, route tables, Block Public Access.

use super::routes::{self, Lookup};
use crate::policy::{self, Bounds};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use tidegate_estate::{
    AclUse, Direction, Estate, Exclusion, Interface, IpNet, Network, Peer, PublicAccess, RouteTable, Vpc,
};
use tidegate_space::{AddressSet, IpFamily, PacketSet, Services, protocol};

/// Ports that replies go to, whichever system chose them. (RFC 6335 and VPC user guide, "Ephemeral ports": a NAT gateway
/// and some load balancers use 1024–65535, which holds the ranges of all systems.)
const EPHEMERAL: (u16, u16) = (1024, 65535);

/// The gates of an estate.
pub struct Gates<'e> {
    /// The estate.
    pub estate: &'e Estate,
    limit: usize,
    /// Members of each group, by its id.
    members: HashMap<&'e str, Vec<IpNet>>,
    /// The ACL of each subnet that has one of its own, and of each VPC's other subnets; `None` where answers name several.
    acls: HashMap<&'e str, Option<(&'e str, &'e AclUse)>>,
    /// The same of route tables.
    tables: HashMap<&'e str, Option<(&'e str, &'e RouteTable)>>,
    /// Of each policy what it lets out, and in. Each is asked when it is needed.
    bounds: Vec<[OnceLock<Bounds>; 2]>,
    lookups: HashMap<&'e str, OnceLock<Lookup<'e>>>,
    apart: HashMap<&'e str, OnceLock<bool>>,
    answered: HashMap<usize, OnceLock<Arc<PacketSet>>>,
}

/// Notes what something has, unless something else is noted there: a subnet has one network ACL and one route table, and
/// answers of different days may name different ones.
fn only<'e, T>(all: &mut HashMap<&'e str, Option<T>>, of: &'e str, what: T) {
    all.entry(of).and_modify(|known| *known = None).or_insert(Some(what));
}

impl<'e> Gates<'e> {
    /// The gates of an estate.
    pub fn new(estate: &'e Estate, limit: usize) -> Self {
        let network = &estate.network;
        let mut members: HashMap<&str, Vec<IpNet>> = HashMap::new();
        for interface in &network.interfaces {
            let blocks = || interface.addresses.iter().map(|address| IpNet::from(*address));
            let shown =
                interface.groups.iter().filter_map(|group| estate.policies.get(*group)?.path.as_deref());
            for group in shown.chain(interface.unseen_groups.iter().map(String::as_str)) {
                members.entry(group).or_default().extend(blocks());
            }
        }
        let (mut acls, mut tables) = (HashMap::new(), HashMap::new());
        for (id, acl) in &network.acls {
            let default = acl.vpc.iter().filter(|_| acl.default);
            default.chain(&acl.subnets).for_each(|of| only(&mut acls, of, (id.as_str(), acl)));
        }
        for (id, table) in &network.tables {
            let main = table.vpc.iter().filter(|_| table.main);
            main.chain(&table.subnets).for_each(|of| only(&mut tables, of, (id.as_str(), table)));
        }
        Self {
            estate,
            limit,
            members,
            acls,
            tables,
            bounds: estate.policies.iter().map(|_| Default::default()).collect(),
            lookups: network.tables.keys().map(|id| (id.as_str(), OnceLock::new())).collect(),
            apart: network.subnets.keys().map(|id| (id.as_str(), OnceLock::new())).collect(),
            answered: network.acls.values().map(|acl| (acl.policy, OnceLock::new())).collect(),
        }
    }

    /// The network.
    pub fn network(&self) -> &'e Network {
        &self.estate.network
    }

    /// Addresses behind a group or a list that AWS keeps.
    fn behind(&self, peer: &Peer) -> Option<&[IpNet]> {
        match peer {
            Peer::Group(id) => self.members.get(id.as_str()).map(Vec::as_slice),
            Peer::ManagedPrefixList(name) => {
                let lists = self.network().managed_lists.iter();
                let named = |(id, list): &(&String, &tidegate_estate::ManagedList)| {
                    *id == name || list.name.as_ref() == Some(name)
                };
                lists.filter(named).find_map(|(_, list)| list.blocks.as_deref())
            }
            _ => None,
        }
    }

    /// What a policy lets through one way.
    pub fn policy(&self, index: usize, direction: Direction) -> Cow<'_, Bounds> {
        let find = || {
            self.estate.policies.get(index).map_or_else(Bounds::unknown, |policy| {
                policy::bounds(policy, self.estate, direction, self.limit, &|peer| self.behind(peer))
            })
        };
        match self.bounds.get(index) {
            Some([out, into]) => {
                let known = if direction == Direction::Egress { out } else { into };
                Cow::Borrowed(known.get_or_init(find))
            }
            None => Cow::Owned(find()),
        }
    }

    /// What the groups of an interface let through together.
    pub fn groups(&self, interface: &Interface, direction: Direction) -> Bounds {
        let each: Vec<Cow<'_, Bounds>> =
            interface.groups.iter().map(|group| self.policy(*group, direction)).collect();
        let all = Bounds::any(each.iter().map(|bounds| &**bounds));
        match interface.unseen_groups.as_slice() {
            [] => all,
            _ => Bounds { must: all.must, may: Arc::new(PacketSet::everything()) },
        }
    }

    /// The VPC that a subnet is in.
    pub fn vpc_of(&self, subnet: &str) -> Option<&'e str> {
        self.network().subnets.get(subnet)?.vpc.as_deref()
    }

    /// A VPC.
    pub fn vpc(&self, id: &str) -> Option<&'e Vpc> {
        self.network().vpcs.get(id)
    }

    /// The network ACL of a subnet, by id and policy; `None` where no answer names it, or several name different ones.
    pub fn acl(&self, subnet: &str, vpc: Option<&str>) -> Option<(&'e str, usize)> {
        let (id, acl) = (*self.acls.get(subnet).or_else(|| self.acls.get(vpc?))?)?;
        Some((id, acl.policy))
    }

    /// The route table of a subnet, likewise.
    pub fn table(&self, subnet: &str, vpc: Option<&str>) -> Option<(&'e str, &'e RouteTable)> {
        *self.tables.get(subnet).or_else(|| self.tables.get(vpc?))?
    }

    /// The routes of a table, with what takes each.
    pub(super) fn lookup(&self, id: &str, table: &'e RouteTable) -> Option<&Lookup<'e>> {
        Some(self.lookups.get(id)?.get_or_init(|| routes::lookup(table, self.estate)))
    }

    /// What an ACL lets in from one of several addresses, to any: of each family, for certain only what each address of that
    /// family may send, one that may send nothing included. Nothing is known where there are no addresses.
    pub fn from_any(&self, acl: usize, addresses: &[IpAddr]) -> Bounds {
        if addresses.is_empty() {
            return Bounds::unknown();
        }
        let of = |family: IpFamily| {
            let own = addresses.iter().filter(move |address| IpFamily::of(**address) == family);
            own.map(|address| self.from(acl, *address)).reduce(|all, next| {
                Bounds::between(all.must.intersection(&next.must), all.may.union(&next.may))
            })
        };
        let each: Vec<Bounds> = IpFamily::BOTH.into_iter().filter_map(of).collect();
        Bounds::between(
            PacketSet::union_all(each.iter().map(|bounds| (*bounds.must).clone())),
            PacketSet::union_all(each.iter().map(|bounds| (*bounds.may).clone())),
        )
    }

    /// What an ACL lets in from one address, to any.
    fn from(&self, acl: usize, address: IpAddr) -> Bounds {
        let inward = self.policy(acl, Direction::Ingress);
        let (family, number) = (IpFamily::of(address), IpFamily::number(address));
        let to_all = |set: &PacketSet| {
            PacketSet::to_addresses(&AddressSet::all(family), &set.services_at(family, number))
        };
        Bounds::between(to_all(&inward.must), to_all(&inward.may))
    }

    /// Packets to which a reply may get through an ACL on its way in. What replies to what is known of TCP, UDP and ICMP;
    /// of other protocols any packet that is let in counts.
    pub fn answered(&self, acl: usize) -> Arc<PacketSet> {
        match self.answered.get(&acl) {
            Some(known) => known.get_or_init(|| Arc::new(self.find_answered(acl))).clone(),
            None => Arc::new(self.find_answered(acl)),
        }
    }

    fn find_answered(&self, acl: usize) -> PacketSet {
        let inward = self.policy(acl, Direction::Ingress);
        let mut answered = Vec::new();
        for family in IpFamily::BOTH {
            let mut back = |replies: &Services, to: &Services| {
                answered.push(PacketSet::to_addresses(&inward.may.addresses_for_any(family, replies), to));
            };
            for number in [protocol::TCP, protocol::UDP] {
                back(&Services::ports(number, EPHEMERAL.0, EPHEMERAL.1), &Services::protocol(number));
            }
            for number in [protocol::ICMP, protocol::ICMPV6] {
                back(&Services::protocol(number), &Services::protocol(number));
            }
            let known =
                [protocol::TCP, protocol::UDP, protocol::ICMP, protocol::ICMPV6].map(Services::protocol);
            let other = Services::union_all(known).complement();
            back(&other, &other);
        }
        PacketSet::union_all(answered)
    }

    /// Whether some network ACL treats addresses of a subnet differently on their way in.
    pub fn tells_apart(&self, subnet: &str) -> bool {
        let known = self.apart.get(subnet);
        known.is_none_or(|known| *known.get_or_init(|| self.find_apart(subnet)))
    }

    fn find_apart(&self, subnet: &str) -> bool {
        let blocks = self.network().subnets.get(subnet).map_or(&[][..], |subnet| &subnet.blocks);
        let policies: BTreeSet<usize> = self.network().acls.values().map(|acl| acl.policy).collect();
        blocks.is_empty()
            || policies.iter().any(|policy| {
                let inward = self.policy(*policy, Direction::Ingress);
                IpFamily::BOTH.into_iter().any(|family| {
                    let own = blocks.iter().copied().filter(|block| IpFamily::of(block.addr()) == family);
                    let own = AddressSet::from_blocks(family, own);
                    !own.is_empty()
                        && [&inward.must, &inward.may]
                            .into_iter()
                            .any(|set| set.services_to_all(&own) != set.services_to_any(&own))
                })
            })
    }

    /// What Block Public Access stops in a VPC; `None` where no answer says it.
    pub fn public_access(&self, vpc: Option<&str>) -> Option<PublicAccess> {
        let told: &BTreeMap<_, _> = &self.network().public_access;
        let seat = vpc.and_then(|vpc| self.vpc(vpc));
        let account = seat.and_then(|vpc| vpc.account.clone());
        let region = seat.and_then(|vpc| vpc.region.clone());
        let keys = [(account.clone(), region.clone()), (None, region), (account, None), (None, None)];
        keys.iter().find_map(|key| told.get(key)).copied()
    }

    /// The exclusion from Block Public Access that a subnet has.
    pub fn exclusion(&self, subnet: &str, vpc: Option<&str>) -> Option<Exclusion> {
        let told = &self.network().exclusions;
        told.get(subnet).or_else(|| told.get(vpc?)).copied()
    }
}
