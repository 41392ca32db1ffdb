//! What leaves each interface, with what is known of its workload.

use super::WORLDS;
use anyhow::{Result, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tidegate_audit::measure;
use tidegate_estate::names::{short, shortened};
use tidegate_estate::{Estate, Interface, Workload};
use tidegate_reach::path::{AZURE_PLATFORM, Arrival, Exit, Hop, Leaving, Missing, Paths};
use tidegate_space::{IpFamily, PacketSet, Services, internet as outside};

/// What leaves one interface, with all sets of packets or, where nobody asks for them, without (`L` is `()`): of many
/// thousand interfaces they would fill the memory.
pub struct Answer<'e, L = Leaving> {
    pub estate: &'e Estate,
    pub interface: &'e Interface,
    pub workload: Option<&'e Workload>,
    /// What interfaces share that share an answer.
    pub shared: Arc<Shared<L>>,
}

/// What is known of what leaves, for all interfaces from which the same leaves.
pub struct Shared<L = Leaving> {
    /// What of it arrives on the Internet.
    pub exposure: Exposure,
    /// Which ways there are.
    pub ways: Vec<Way>,
    /// All of it.
    pub leaving: L,
}

/// A way that packets take; see [`Exit`].
pub struct Way {
    pub to: Arrival,
    pub hops: Vec<Hop>,
    /// Whether some packet takes it for certain.
    pub sure: bool,
    pub inspected: bool,
    pub missing: BTreeSet<Missing>,
}

/// What is kept of an answer.
pub trait Kept: Send + Sync {
    fn of(leaving: Leaving) -> Self;
}

impl Kept for Leaving {
    fn of(leaving: Leaving) -> Self {
        leaving
    }
}

impl Kept for () {
    fn of(_: Leaving) -> Self {}
}

impl<L: Kept> Shared<L> {
    fn of(leaving: Leaving) -> Self {
        let way = |exit: &Exit| Way {
            to: exit.to.clone(),
            hops: exit.way.clone(),
            sure: !exit.set.must.is_empty(),
            inspected: exit.inspected,
            missing: exit.missing.clone(),
        };
        Self {
            exposure: Exposure::of(&leaving),
            ways: leaving.exits.iter().map(way).collect(),
            leaving: L::of(leaving),
        }
    }
}

/// What arrives on the Internet.
pub struct Exposure {
    /// Whether anything does, possibly.
    pub reached: bool,
    /// The same for certain.
    pub sure: bool,
    /// The share of each family's Internet that is reached possibly, from 0 to 1.
    pub possible: [f64; 2],
    /// The same for certain.
    pub certain: [f64; 2],
    /// With which services any of it is reached, possibly.
    pub services: Services,
}

impl Exposure {
    fn of(leaving: &Leaving) -> Self {
        let internet = leaving.on_the_internet();
        // An address at which Azure's platform answers is none of the Internet's for its machines: it is missing from no share.
        let platform = leaving.arriving(|to| matches!(to, Arrival::Service(name) if name == AZURE_PLATFORM));
        let shares = |set: &PacketSet| {
            let whole = if set.is_empty() { set.clone() } else { set.union(&platform.may) };
            IpFamily::BOTH.map(|family| measure::share_reached(&whole, family))
        };
        let possible = shares(&internet.may);
        let certain = if internet.is_certain() { possible } else { shares(&internet.must) };
        let any = |family| internet.may.services_to_any(outside::addresses(family));
        let services = Services::union_all(IpFamily::BOTH.map(any));
        Self {
            reached: !internet.may.is_empty(),
            sure: !internet.must.is_empty(),
            possible,
            certain,
            services,
        }
    }
}

/// Answers for interfaces, the most exposed first.
pub struct Answers<'e, L = Leaving> {
    pub all: Vec<Answer<'e, L>>,
    pub estates: Vec<&'e Estate>,
}

impl<'e, L: Kept> Answers<'e, L> {
    /// Of all interfaces, or of those that `from` names.
    pub fn of(estates: Vec<&'e Estate>, from: Option<&str>) -> Result<Self> {
        let mut all = Vec::new();
        for estate in &estates {
            let paths = Paths::new(estate, WORLDS);
            let wanted = |interface: &&Interface| {
                from.is_none_or(|from| is_named(from, interface, estate.workloads.get(interface.workload)))
            };
            let interfaces: Vec<&Interface> = estate.network.interfaces.iter().filter(wanted).collect();
            let shared = paths.each(&interfaces, Shared::of);
            for (interface, shared) in interfaces.into_iter().zip(shared) {
                let workload = estate.workloads.get(interface.workload);
                all.push(Answer { estate, interface, workload, shared });
            }
        }
        if all.is_empty() {
            let from = from.unwrap_or_default();
            bail!(
                "no workload and no interface is called `{from}`: take an id, a name or an address from the table"
            );
        }
        // As whole numbers, so that they have an order.
        let most = |shares: [f64; 2]| (shares[0].max(shares[1]) * 1e12) as u64;
        all.sort_by_cached_key(|answer| {
            let exposure = (most(answer.shared.exposure.possible), most(answer.shared.exposure.certain));
            (std::cmp::Reverse(exposure), answer.name().to_owned(), answer.interface.id.clone())
        });
        Ok(Self { all, estates })
    }
}

impl<L> Answer<'_, L> {
    /// The workload's name, else its id.
    pub fn name(&self) -> &str {
        let name = self.workload.and_then(|workload| workload.name.as_deref());
        name.or_else(|| self.workload.map(|workload| workload.id.as_str())).unwrap_or(&self.interface.id)
    }
}

fn is_named(text: &str, interface: &Interface, workload: Option<&Workload>) -> bool {
    let address = text.parse().is_ok_and(|address| interface.addresses.contains(&address));
    // Azure compares ids without case, and people leave out what stands before the last part of one.
    let is_id = |id: &str| {
        id == text || (id.starts_with('/') && [id, short(id)].iter().any(|id| id.eq_ignore_ascii_case(text)))
    };
    let of_workload = |workload: &Workload| {
        is_id(&workload.id)
            || workload.name.as_deref() == Some(text)
            || workload.public.iter().any(|public| public == text)
    };
    address || is_id(&interface.id) || workload.is_some_and(of_workload)
}

/// The interfaces of an estate that a text names.
pub fn named<'e>(estate: &'e Estate, text: &str) -> Vec<&'e Interface> {
    let all = estate.network.interfaces.iter();
    all.filter(|interface| is_named(text, interface, estate.workloads.get(interface.workload))).collect()
}

/// A gate in words.
pub fn hop(hop: &Hop) -> (&'static str, &str) {
    match hop {
        Hop::AclOut(id) => ("network ACL, out", id),
        Hop::AclIn(id) => ("network ACL, in", id),
        Hop::Table(id) => ("route table", id),
        Hop::Nat(id) => ("NAT gateway", id),
        Hop::Internet(id) => ("Internet gateway", id),
        Hop::EgressOnly(id) => ("egress-only gateway", id),
        Hop::Peering(id) => ("peering", id),
        Hop::Transit(id) => ("transit gateway", id),
        Hop::Endpoint(id) => ("endpoint", id),
        Hop::Forwarder(id) => ("forwarding interface", id),
        Hop::Other(id) => ("gateway", id),
        Hop::Route(id) => ("route", id),
        Hop::PolicyRoute(id) => ("policy-based route", id),
        Hop::CloudNat(id) => ("Cloud NAT", id),
        Hop::DefaultGateway(id) => ("Internet gateway", id),
        Hop::GoogleAccess(id) => ("Private Google Access", id),
        Hop::PublicAddress => ("public address", ""),
        Hop::LoadBalancer(id) => ("load balancer", id),
        Hop::DefaultOutbound => ("default outbound access", ""),
        Hop::Firewall(id) => ("Azure Firewall", id),
        Hop::Around(id) => ("network", id),
    }
}

/// Whether a gate is no place that packets pass, but says which way they go.
pub fn only_decides(hop: &Hop) -> bool {
    matches!(hop, Hop::AclIn(_) | Hop::AclOut(_) | Hop::Table(_) | Hop::Route(_))
}

/// What a gate is called among others: its id, or what it is where it has none.
pub fn called(gate: &Hop) -> &str {
    match hop(gate) {
        (what, "") => what,
        (_, id) => short(id),
    }
}

/// What would tell more, for people: as [`missing`], with ids as people call them.
pub fn decided_by(missing: impl IntoIterator<Item = Missing>) -> Vec<String> {
    self::missing(missing.into_iter().map(|(answer, about)| (answer, shortened(&about))))
}

/// What would tell more, in words: the answer that is missing, and about what.
pub fn missing(missing: impl IntoIterator<Item = Missing>) -> Vec<String> {
    let mut by_answer: BTreeMap<tidegate_estate::Answer, Vec<String>> = BTreeMap::new();
    for (answer, about) in missing {
        let all = by_answer.entry(answer).or_default();
        if !all.contains(&about) {
            all.push(about);
        }
    }
    let told = by_answer.into_iter().map(|(answer, about)| {
        let about: Vec<String> = about.iter().map(|about| shortened(about)).collect();
        let about = tidegate_audit::words::some(&about);
        match answer.command() {
            Some(command) => format!("{command} ({about})"),
            None => format!("what {about} does"),
        }
    });
    told.collect()
}
