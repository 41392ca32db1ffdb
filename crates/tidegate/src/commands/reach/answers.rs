//! What leaves each interface, with what is known of its workload.

use super::WORLDS;
use anyhow::{Result, bail};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use tidegate_audit::measure;
use tidegate_estate::{Estate, Interface, Workload};
use tidegate_reach::path::{Hop, Leaving, Missing, Paths};
use tidegate_reach::policy::Bounds;
use tidegate_space::IpFamily;

/// What leaves one interface.
pub struct Answer<'e> {
    pub estate: &'e Estate,
    pub interface: &'e Interface,
    pub workload: Option<&'e Workload>,
    pub leaving: Arc<Leaving>,
    /// What of it arrives on the Internet.
    pub internet: Arc<Bounds>,
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
            // Interfaces share answers, so they share what is made of them.
            let mut arrived: HashMap<*const Leaving, Arc<Bounds>> = HashMap::new();
            for (interface, leaving) in interfaces.iter().zip(paths.all(&interfaces)) {
                let internet = arrived
                    .entry(Arc::as_ptr(&leaving))
                    .or_insert_with(|| Arc::new(leaving.on_the_internet()))
                    .clone();
                let workload = estate.workloads.get(interface.workload);
                all.push(Answer { estate, interface, workload, leaving, internet });
            }
        }
        if all.is_empty() {
            let from = from.unwrap_or_default();
            bail!(
                "no workload and no interface is called `{from}`: take an id, a name or an address from the table"
            );
        }
        let mut exposure: HashMap<*const Leaving, (u64, u64)> = HashMap::new();
        for answer in &all {
            exposure.entry(Arc::as_ptr(&answer.leaving)).or_insert_with(|| {
                let share = |set| {
                    let shares = IpFamily::BOTH.map(|family| measure::share_reached(set, family));
                    (shares.iter().fold(0.0_f64, |most, share| most.max(*share)) * 1e12) as u64
                };
                (share(&answer.internet.may), share(&answer.internet.must))
            });
        }
        all.sort_by_cached_key(|answer| {
            let exposure = exposure.get(&Arc::as_ptr(&answer.leaving)).copied().unwrap_or_default();
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
    }
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
        let about = tidegate_audit::words::some(&about);
        match answer.command() {
            Some(command) => format!("{command} ({about})"),
            None => format!("what {about} does"),
        }
    });
    told.collect()
}
