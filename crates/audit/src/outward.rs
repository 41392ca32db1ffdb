//! What of each workload's packets gets where, as findings need it.

use crate::draft::Draft;
use crate::rules::RuleId;
use crate::{measure, way};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, LazyLock};
use tidegate_estate::{Estate, Interface, PolicyKind, Provider, azure};
use tidegate_reach::path::{Arrival, Leaving, Paths, provider};
use tidegate_reach::policy::Bounds;
use tidegate_reach::trace::Gate;
use tidegate_space::{AddressSet, IpFamily, PacketSet, internet};

/// Where what leaves an interface arrives.
pub(crate) struct Outward {
    /// What guards the interface itself lets out, at most.
    pub guards: Arc<PacketSet>,
    /// On the Internet.
    pub internet: Bounds,
    /// Behind a way of which nothing is known (a VPN, routes that no answer shows), as far as it is addressed to the
    /// Internet. Nobody knows whether it gets there.
    pub beyond: PacketSet,
    /// In networks of the estate's, by their id.
    pub inward: BTreeMap<String, Inward>,
}

/// What arrives in a network.
pub(crate) struct Inward {
    pub set: Bounds,
    /// The addresses there that something may arrive at, of IPv4 and IPv6.
    pub addresses: [AddressSet; 2],
}

impl Inward {
    fn of(set: Bounds) -> Self {
        let addresses = IpFamily::BOTH.map(|family| set.may.addresses(family));
        Self { set, addresses }
    }

    pub fn holds(&self, address: IpAddr) -> bool {
        let [v4, v6] = &self.addresses;
        let family = IpFamily::of(address);
        let all = if family == IpFamily::V4 { v4 } else { v6 };
        all.contains(IpFamily::number(address))
    }
}

static OUTSIDE: LazyLock<PacketSet> =
    LazyLock::new(|| PacketSet::union_all(IpFamily::BOTH.map(internet::set)));

impl Outward {
    fn of(leaving: &Leaving) -> Self {
        let beyond = leaving.arriving(|arrival| matches!(arrival, Arrival::Beyond(_)));
        let network = |arrival: &Arrival| match arrival {
            Arrival::Vpc(id) => Some(id.clone()),
            Arrival::Internet | Arrival::Service(_) | Arrival::Beyond(_) => None,
        };
        let networks: BTreeSet<String> = leaving.exits.iter().filter_map(|exit| network(&exit.to)).collect();
        let inward = networks.into_iter().map(|id| {
            let set = leaving.arriving(|arrival| matches!(arrival, Arrival::Vpc(own) if *own == id));
            (id, Inward::of(set))
        });
        Self {
            guards: leaving.groups.may.clone(),
            internet: leaving.on_the_internet(),
            beyond: beyond.may.intersection(&OUTSIDE),
            inward: inward.collect(),
        }
    }

    /// What may get to the Internet of some packets: what is known to lead there first.
    fn getting_out(&self, of: &PacketSet, families: &[IpFamily]) -> Option<PacketSet> {
        let each = [&*self.internet.may, &self.beyond].into_iter().map(|set| of.intersection(set));
        each.into_iter().find(|out| families.iter().any(|family| out.has(*family)))
    }
}

/// What a set says of addresses that are not those of the Internet.
pub(crate) fn inside(set: &PacketSet) -> PacketSet {
    set.difference(&OUTSIDE)
}

/// What of each workload's packets can arrive on the Internet, where the input shows routes.
pub(crate) struct WaysOut<'e> {
    estate: &'e Estate,
    worlds: usize,
    /// Nothing where the input shows no routes at all.
    paths: Option<Paths<'e>>,
    /// For each workload its interfaces, and where what leaves them arrives.
    by_workload: Vec<Vec<(&'e Interface, Arc<Outward>)>>,
}

impl<'e> WaysOut<'e> {
    pub fn of(estate: &'e Estate, worlds: usize) -> Self {
        let mut by_workload = vec![Vec::new(); estate.workloads.len()];
        let all: Vec<&Interface> = estate.network.interfaces.iter().collect();
        let shown = all.iter().any(|interface| way::is_shown(estate, interface));
        let paths = shown.then(|| Paths::new(estate, worlds));
        if let Some(paths) = &paths {
            let outward = paths.each(&all, |leaving| Outward::of(&leaving));
            for (interface, outward) in all.into_iter().zip(outward) {
                if let Some(own) = by_workload.get_mut(interface.workload) {
                    own.push((interface, outward));
                }
            }
        }
        Self { estate, worlds, paths, by_workload }
    }

    /// Where packets go, if the input shows any of it.
    pub fn paths(&self) -> Option<&Paths<'e>> {
        self.paths.as_ref()
    }

    /// Every interface, in the order of workloads.
    pub fn all(&self) -> impl Iterator<Item = (&'e Interface, &Outward)> {
        self.by_workload.iter().flatten().map(|(interface, outward)| (*interface, &**outward))
    }

    /// The interfaces of a workload that all of these policies guard.
    fn guarded<'w>(
        &'w self,
        workload: usize,
        policies: &'w [usize],
    ) -> impl Iterator<Item = (&'e Interface, &'w Outward)> {
        let own = self.by_workload.get(workload).map_or(&[][..], Vec::as_slice);
        own.iter()
            .filter(|(interface, _)| {
                let guards = guards(self.estate, interface);
                policies.iter().all(|policy| guards.contains(policy))
            })
            .map(|(interface, outward)| (*interface, &**outward))
    }

    /// The workloads out of which something of what a finding says can get; notes in it if there are none left, and the way
    /// of a packet that gets out, or of one that does not. `policies` are those that the finding is about.
    pub fn left(&self, workloads: &[usize], policies: &[usize], draft: &mut Draft) -> Vec<usize> {
        if is_apart(draft) {
            return workloads.to_vec();
        }
        // Interfaces share answers.
        let mut known: HashMap<*const Outward, bool> = HashMap::new();
        let mut leads_out = |outward: &Outward| {
            let find = || outward.getting_out(&draft.allows, &draft.families).is_some();
            *known.entry(std::ptr::from_ref(outward)).or_insert_with(find)
        };
        let gets_out = |workload: &&usize| {
            let mut guarded = self.guarded(**workload, policies).peekable();
            // Nothing is known of an interface that the finding is about: it may have a way out.
            guarded.peek().is_none()
                || guarded.any(|(interface, outward)| {
                    leads_out(outward) || self.may_be_let_out(interface, outward, draft)
                })
        };
        let left: Vec<usize> = workloads.iter().filter(gets_out).copied().collect();
        let unseen = policies.iter().any(|policy| guards_unseen(self.estate, *policy));
        draft.isolated = !workloads.is_empty() && left.is_empty() && !unseen;
        self.show(if left.is_empty() { workloads } else { &left }, policies, draft);
        left
    }

    /// Whether a large part of what a finding says gets out of a workload for certain, whatever other policies say by
    /// themselves: a security admin rule may let through what one of two groups closes.
    pub fn surely_lead_out(&self, workload: usize, policies: &[usize], draft: &Draft) -> bool {
        self.guarded(workload, policies).any(|(_, outward)| {
            let out = draft.allows.intersection(&outward.internet.must);
            draft.families.iter().any(|family| measure::is_large(&out, *family))
        })
    }

    /// Whether what a finding says is stopped by what guards the interface, and a security admin rule that no answer shows
    /// may let it through all the same: groups have no say in what such a rule always allows.
    fn may_be_let_out(&self, interface: &Interface, outward: &Outward, draft: &Draft) -> bool {
        let az = &self.estate.azure;
        let network = interface.subnet.as_ref().and_then(|id| Some(&az.subnets.get(id)?.network));
        let shown = network.is_some_and(|network| az.admin.contains_key(network));
        if shown || provider(self.estate, interface) != Provider::Azure {
            return false;
        }
        let sends = |family: &&IpFamily| {
            let own = &interface.addresses;
            own.is_empty() || own.iter().any(|address| IpFamily::of(*address) == **family)
        };
        let let_out = draft.allows.intersection(&outward.guards);
        let mut families = draft.families.iter().filter(sends).peekable();
        families.peek().is_some() && !families.any(|family| measure::is_large(&let_out, *family))
    }

    /// Shows the way of one packet of a finding, from the first of these workloads out of which one may get, else from the
    /// first of which the input shows where its packets go.
    pub fn show(&self, workloads: &[usize], policies: &[usize], draft: &mut Draft) {
        if is_apart(draft) {
            return;
        }
        let mut all = workloads
            .iter()
            .flat_map(|workload| self.guarded(*workload, policies))
            .filter(|(interface, _)| way::is_shown(self.estate, interface));
        let mut first = None;
        let out = all.find_map(|(interface, outward)| {
            first.get_or_insert(interface);
            let out = outward.getting_out(&draft.allows, &draft.families)?;
            Some((interface, internet::witness(&out)?))
        });
        let from_first = || Some((first?, internet::witness(&draft.allows)?));
        let Some((interface, packet)) = out.or_else(from_first) else { return };
        let to_internet = |arrival: &Arrival| *arrival == Arrival::Internet;
        let Some(trace) = way::surest(self.estate, interface, &packet, self.worlds, to_internet) else {
            return;
        };
        // What the finding itself is about stands in it.
        let about: Vec<&str> =
            policies.iter().filter_map(|policy| self.estate.policies.get(*policy)?.path.as_deref()).collect();
        let named = way::called(self.estate, interface);
        let other = |gate: &Gate| !about.iter().any(|path| way::is_of(gate, path));
        draft.related.extend(way::facts(&trace, &named, other));
        draft.path = Some(way::shown(self.estate, interface, &packet, &trace));
    }
}

/// Whether a policy of Azure guards interfaces that no answer shows, as its own answer or that of its subnets says.
pub(crate) fn guards_unseen(estate: &Estate, policy: usize) -> bool {
    let az = &estate.azure;
    let Some(id) = estate.policies.get(policy).and_then(|policy| policy.path.as_ref()) else { return false };
    let is_own = |(own, subnet): &(&String, &azure::Subnet)| *own == id || subnet.group.as_ref() == Some(id);
    let of_subnets = az.subnets.iter().filter(is_own).flat_map(|(_, subnet)| &subnet.interfaces);
    let of_group = az.groups.get(id).into_iter().flat_map(|group| &group.interfaces);
    of_group.chain(of_subnets).any(|interface| !az.cards.contains_key(interface))
}

/// Whether a finding says nothing of what gets out of a workload.
fn is_apart(draft: &Draft) -> bool {
    draft.rule == RuleId::IgnoredEgressRule || draft.subject.kind == PolicyKind::NetworkAcl
}

/// The policies that guard an interface, by index, sorted.
pub(crate) fn guards(estate: &Estate, interface: &Interface) -> Vec<usize> {
    match provider(estate, interface) {
        // Each interface is a workload of its own, and each of its policies stands by itself.
        Provider::Azure => {
            estate.workloads.get(interface.workload).map(|workload| workload.policies()).unwrap_or_default()
        }
        Provider::Aws | Provider::Gcp | Provider::Kubernetes => interface.groups.clone(),
    }
}
