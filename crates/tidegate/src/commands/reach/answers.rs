//! What leaves each interface, with what is known of its workload.

use super::WORLDS;
use anyhow::{Result, bail};
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use tidegate_audit::measure;
use tidegate_estate::{Estate, Interface, Workload};
use tidegate_reach::path::{Hop, Leaving, Missing, Paths};
use tidegate_reach::policy::Bounds;
use tidegate_space::{IpFamily, PacketSet, Services, internet as outside};

/// What leaves one interface.
pub struct Answer<'e> {
    pub estate: &'e Estate,
    pub interface: &'e Interface,
    pub workload: Option<&'e Workload>,
    pub leaving: Arc<Leaving>,
    /// What of it arrives on the Internet.
    pub exposure: Arc<Exposure>,
}

/// What arrives on the Internet.
pub struct Exposure {
    pub internet: Bounds,
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
        let shares = |set: &PacketSet| IpFamily::BOTH.map(|family| measure::share_reached(set, family));
        let possible = shares(&internet.may);
        let certain = if internet.is_certain() { possible } else { shares(&internet.must) };
        let any = |family| internet.may.services_to_any(outside::addresses(family));
        let services = Services::union_all(IpFamily::BOTH.map(any));
        Self { internet, possible, certain, services }
    }
}

/// Answers for interfaces, the most exposed first.
pub struct Answers<'e> {
    pub all: Vec<Answer<'e>>,
    pub estates: Vec<&'e Estate>,
}

impl<'e> Answers<'e> {
    /// Of all interfaces, or of those that `from` names.
    pub fn of(estates: Vec<&'e Estate>, from: Option<&str>) -> Result<Self> {
        let mut all = Vec::new();
        for estate in &estates {
            let paths = Paths::new(estate, WORLDS);
            let wanted = |interface: &&Interface| {
                from.is_none_or(|from| is_named(from, interface, estate.workloads.get(interface.workload)))
            };
            let interfaces: Vec<&Interface> = estate.network.interfaces.iter().filter(wanted).collect();
            let leaving = paths.all(&interfaces);
            let exposures = each_once(leaving.iter(), |leaving| Arc::new(Exposure::of(leaving)));
            for (interface, leaving) in interfaces.into_iter().zip(leaving) {
                let workload = estate.workloads.get(interface.workload);
                let Some(exposure) = exposures.get(&key(&leaving)).cloned() else { continue };
                all.push(Answer { estate, interface, workload, leaving, exposure });
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
            let exposure = (most(answer.exposure.possible), most(answer.exposure.certain));
            (std::cmp::Reverse(exposure), answer.name().to_owned(), answer.interface.id.clone())
        });
        Ok(Self { all, estates })
    }
}

impl Answer<'_> {
    /// The workload's name, else its id.
    pub fn name(&self) -> &str {
        let name = self.workload.and_then(|workload| workload.name.as_deref());
        name.or_else(|| self.workload.map(|workload| workload.id.as_str())).unwrap_or(&self.interface.id)
    }
}

/// Interfaces share answers: what tells one from the next.
pub fn key(leaving: &Arc<Leaving>) -> usize {
    Arc::as_ptr(leaving).addr()
}

/// Makes something of every answer, once each, on all cores.
pub fn each_once<'l, T: Send>(
    all: impl Iterator<Item = &'l Arc<Leaving>>,
    make: impl Fn(&Leaving) -> T + Sync,
) -> HashMap<usize, T> {
    let once: HashMap<usize, &Arc<Leaving>> = all.map(|leaving| (key(leaving), leaving)).collect();
    once.into_par_iter().map(|(key, leaving)| (key, make(leaving))).collect()
}

fn is_named(text: &str, interface: &Interface, workload: Option<&Workload>) -> bool {
    let address = text.parse().is_ok_and(|address| interface.addresses.contains(&address));
    let of_workload = |workload: &Workload| {
        workload.id == text
            || workload.name.as_deref() == Some(text)
            || workload.public.iter().any(|public| public == text)
    };
    address || interface.id == text || workload.is_some_and(of_workload)
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
        Hop::Around(id) => ("network", id),
    }
}

/// Whether a gate is no place that packets pass, but says which way they go.
pub fn only_decides(hop: &Hop) -> bool {
    matches!(hop, Hop::AclIn(_) | Hop::AclOut(_) | Hop::Table(_) | Hop::Route(_))
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
        let about: Vec<String> = about.iter().map(|about| super::names::shortened(about)).collect();
        let about = tidegate_audit::words::some(&about);
        match answer.command() {
            Some(command) => format!("{command} ({about})"),
            None => format!("what {about} does"),
        }
    });
    told.collect()
}
