//! All policies of an estate to their findings, with the workloads they concern; and groups that are open only
//! together.

use crate::draft::Draft;
use crate::finding::{Affected, Unresolved};
use crate::outward::{self, WaysOut};
use crate::rules::RuleId;
use crate::{judge, known, measure, peers, words};
use std::collections::{BTreeMap, BTreeSet};
use tidegate_estate::{Estate, Place, PolicyKind, Provider, World};
use tidegate_reach::{policy as reach, workload};
use tidegate_space::{IpFamily, PacketSet, Services, internet};

/// What an estate gives.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    pub drafts: Vec<Draft>,
    pub unresolved: Vec<Unresolved>,
}

/// Judges every policy, and every union of groups on an interface, in at most `worlds` worlds each.
pub(crate) fn judge(estate: &Estate, worlds: usize) -> Judged {
    let mut judged = Judged::default();
    let mut guarded: Vec<Vec<usize>> = vec![Vec::new(); estate.policies.len()];
    for (index, workload) in estate.workloads.iter().enumerate() {
        for policy in workload.policies() {
            if let Some(list) = guarded.get_mut(policy) {
                list.push(index);
            }
        }
    }
    let affected = |workloads: &[usize]| -> Vec<Affected> {
        workloads.iter().filter_map(|index| estate.workloads.get(*index)).map(Affected::of).collect()
    };
    let let_in = workload::open_to_the_internet(estate, worlds);
    let exposed = |workloads: &[usize]| exposed(estate, workloads, &let_in);
    // What is worst about each policy alone, per family.
    let mut worst: Vec<[Option<u8>; 2]> = Vec::with_capacity(estate.policies.len());
    let mut gates = Gates::new(estate);
    let ways = WaysOut::of(estate, worlds);
    let facts = known::Facts::of(estate);
    for (index, (policy, workloads)) in estate.policies.iter().zip(&guarded).enumerate() {
        let mut judgement = judge::judge(policy, estate, worlds);
        worst.push(IpFamily::BOTH.map(|family| weight_of(&judgement.drafts, family)));
        for draft in &mut judgement.drafts {
            let lets_out = |at: &usize, draft: &Draft| ways.surely_lead_out(*at, &[index], draft);
            let open: Vec<usize> = workloads
                .iter()
                .copied()
                .filter(|at| !gates.close(index, *at, draft) || lets_out(at, draft))
                .collect();
            let closed = !workloads.is_empty() && open.is_empty();
            draft.closed_elsewhere = closed && !outward::guards_unseen(estate, index);
            if closed {
                ways.show(workloads, &[index], draft);
            }
            let open = ways.left(&open, &[index], draft);
            draft.affected = affected(&open);
            draft.exposed = exposed(&open);
            draft.known = facts.known(&draft.tags, if open.is_empty() { workloads } else { &open });
        }
        judged.drafts.extend(judgement.drafts);
        judged.unresolved.extend(judgement.unresolved);
    }
    judged.drafts = without_useful_elsewhere(estate, judged.drafts);
    for union in workload::unions(estate) {
        let alone =
            |at: usize| union.parts.iter().filter_map(|part| worst.get(*part)?.get(at).copied()?).max();
        let alone = [alone(0), alone(1)];
        // A group that is open by itself is the finding; its neighbours add nothing to it.
        if alone.iter().all(|weight| *weight == Some(OPEN)) {
            continue;
        }
        let judgement = judge::judge(&union.policy, estate, worlds);
        let more = |draft: &Draft| {
            draft.rule != RuleId::IgnoredEgressRule
                && IpFamily::BOTH
                    .into_iter()
                    .zip(alone)
                    .any(|(family, alone)| weight_of(std::slice::from_ref(draft), family) > alone)
        };
        judged.drafts.extend(judgement.drafts.into_iter().filter(more).map(|mut draft| {
            let open = ways.left(&union.workloads, &union.parts, &mut draft);
            draft.affected = affected(&open);
            draft.exposed = exposed(&open);
            draft.known = facts.known(&draft.tags, if open.is_empty() { &union.workloads } else { &open });
            draft.members = u32::try_from(union.workloads.len()).ok();
            draft
        }));
    }
    for (group, mut draft) in peers::drafts(estate, &ways, worlds) {
        let workloads = guarded.get(group).map_or(&[][..], Vec::as_slice);
        draft.known = facts.known(&draft.tags, workloads);
        judged.drafts.push(draft);
    }
    judged
}

/// Policies that must allow a packet as well: in Azure the group of an interface and that of its subnet.
struct Gates<'e> {
    estate: &'e Estate,
    /// What each policy that was asked may let out.
    may: BTreeMap<usize, PacketSet>,
}

impl<'e> Gates<'e> {
    fn new(estate: &'e Estate) -> Self {
        Self { estate, may: BTreeMap::new() }
    }

    /// Whether another policy that guards a workload closes what a finding about `policy` says.
    fn close(&mut self, policy: usize, workload: usize, draft: &Draft) -> bool {
        // Elsewhere several sets are several interfaces, each a way out of its own.
        let Some(workload) =
            self.estate.workloads.get(workload).filter(|workload| workload.provider == Provider::Azure)
        else {
            return false;
        };
        if draft.rule == RuleId::IgnoredEgressRule {
            return false;
        }
        let open = if draft.rule.is_open() { measure::is_open } else { measure::is_large };
        let others = workload.guarded.iter().filter(|set| !set.contains(&policy)).flatten();
        let left = others.fold(draft.allows.clone(), |left, other| left.intersection(self.may(*other)));
        !draft.families.iter().any(|family| open(&left, *family))
    }

    fn may(&mut self, policy: usize) -> &PacketSet {
        self.may.entry(policy).or_insert_with(|| match self.estate.policies.get(policy) {
            Some(policy) if policy.choices().is_empty() => {
                reach::in_world(policy, self.estate, &World::default()).may
            }
            _ => PacketSet::everything(),
        })
    }
}

/// A rule of a network's VPC firewall is part of every view that sees it: only one that decides about nothing in any of
/// them has no effect.
fn without_useful_elsewhere(estate: &Estate, mut drafts: Vec<Draft>) -> Vec<Draft> {
    let views = estate.policies.iter().filter(|policy| policy.kind == PolicyKind::VpcFirewall);
    let mut seen_by: BTreeMap<&Place, usize> = BTreeMap::new();
    for view in views {
        let places: BTreeSet<&Place> = view.rules.iter().map(|rule| &rule.place).collect();
        places.into_iter().for_each(|place| *seen_by.entry(place).or_default() += 1);
    }
    let idle = |draft: &Draft| {
        draft.rule == RuleId::IgnoredEgressRule && draft.subject.kind == PolicyKind::VpcFirewall
    };
    let mut idle_in: BTreeMap<Place, BTreeSet<Option<String>>> = BTreeMap::new();
    for draft in drafts.iter().filter(|draft| idle(draft)) {
        idle_in.entry(draft.place.clone()).or_default().insert(draft.subject.path.clone());
    }
    drafts.retain(|draft| {
        let count = |place| idle_in.get(place).map_or(0, BTreeSet::len);
        !idle(draft) || seen_by.get(&draft.place).is_none_or(|views| *views == count(&draft.place))
    });
    drafts
}

/// The first of the workloads that the Internet can reach, on what, and how many there are.
fn exposed(estate: &Estate, workloads: &[usize], let_in: &[PacketSet]) -> Option<String> {
    let reached = |index: &&usize| let_in.get(**index).is_some_and(|set| !set.is_empty());
    let mut reached = workloads.iter().filter(reached);
    let first = *reached.next()?;
    let (workload, set) = (estate.workloads.get(first)?, let_in.get(first)?);
    let services =
        Services::union_all(IpFamily::BOTH.map(|family| set.services_to_any(internet::addresses(family))));
    let address = workload.public.first().map_or(String::new(), |address| format!(" ({address})"));
    let fact = format!(
        "{}{address} can be reached from the Internet on {}",
        workload.id,
        words::services(&services)
    );
    Some(match reached.count() {
        0 => fact,
        1 => format!("{fact}, and 1 more workload can be reached"),
        more => format!("{fact}, and {more} more workloads can be reached"),
    })
}

/// The weight of a finding that says that everything gets out.
const OPEN: u8 = 2;

/// How much the findings say of a family: nothing, that a large part of the Internet can be reached, or all of it.
fn weight_of(drafts: &[Draft], family: IpFamily) -> Option<u8> {
    drafts
        .iter()
        .filter(|draft| draft.families.contains(&family))
        .map(|draft| match draft.rule {
            RuleId::OpenEgress | RuleId::OpenEgressByDefault | RuleId::OpenDefaultGroup => OPEN,
            RuleId::InternetEgress | RuleId::Ipv6EgressForgotten => 1,
            RuleId::IgnoredEgressRule | RuleId::EgressThroughPeer => 0,
        })
        .max()
}
