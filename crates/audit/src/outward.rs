//! What of each workload's packets gets where, as findings need it.

use crate::draft::Draft;
use crate::rules::RuleId;
use crate::way;
use std::sync::Arc;
use tidegate_estate::{Estate, Interface, PolicyKind};
use tidegate_reach::path::{Arrival, Leaving, Paths};
use tidegate_reach::policy::Bounds;
use tidegate_space::internet;

/// Where what leaves an interface arrives.
pub(crate) struct Outward {
    /// On the Internet.
    pub internet: Bounds,
    /// In a network of the estate's.
    pub inward: Bounds,
}

impl Outward {
    fn of(leaving: &Leaving) -> Self {
        let inward = leaving.arriving(|arrival| matches!(arrival, Arrival::Vpc(_)));
        Self { internet: leaving.on_the_internet(), inward }
    }
}

/// What of each workload's packets can arrive on the Internet, where the input shows routes.
pub(crate) struct WaysOut<'e> {
    estate: &'e Estate,
    worlds: usize,
    /// For each workload its interfaces, and where what leaves them arrives.
    by_workload: Vec<Vec<(&'e Interface, Arc<Outward>)>>,
}

impl<'e> WaysOut<'e> {
    pub fn of(estate: &'e Estate, worlds: usize) -> Self {
        let mut by_workload = vec![Vec::new(); estate.workloads.len()];
        if way::is_shown(estate) {
            let all: Vec<&Interface> = estate.network.interfaces.iter().collect();
            let outward = Paths::new(estate, worlds).each(&all, |leaving| Outward::of(&leaving));
            for (interface, outward) in all.into_iter().zip(outward) {
                if let Some(own) = by_workload.get_mut(interface.workload) {
                    own.push((interface, outward));
                }
            }
        }
        Self { estate, worlds, by_workload }
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
            .filter(|(interface, _)| policies.iter().all(|policy| interface.groups.contains(policy)))
            .map(|(interface, outward)| (*interface, &**outward))
    }

    /// The workloads out of which something of what a finding says can get; notes in it if there are none left, and the way
    /// of a packet that gets out, or of one that does not. `policies` are those that the finding is about.
    pub fn left(&self, workloads: &[usize], policies: &[usize], draft: &mut Draft) -> Vec<usize> {
        if draft.rule == RuleId::IgnoredEgressRule || draft.subject.kind == PolicyKind::NetworkAcl {
            return workloads.to_vec();
        }
        let gets_out = |workload: &&usize| {
            let mut guarded = self.guarded(**workload, policies).peekable();
            // Nothing is known of an interface that the finding is about: it may have a way out.
            guarded.peek().is_none()
                || guarded.any(|(_, outward)| {
                    let out = draft.allows.intersection(&outward.internet.may);
                    draft.families.iter().any(|family| out.has(*family))
                })
        };
        let left: Vec<usize> = workloads.iter().filter(gets_out).copied().collect();
        draft.isolated = !workloads.is_empty() && left.is_empty();
        self.show(if left.is_empty() { workloads } else { &left }, policies, draft);
        left
    }

    /// The way of one packet of a finding, from the first of these workloads of which the input shows one.
    fn show(&self, workloads: &[usize], policies: &[usize], draft: &mut Draft) {
        let first = workloads.iter().find_map(|workload| self.guarded(*workload, policies).next());
        let Some((interface, outward)) = first else { return };
        let out = draft.allows.intersection(&outward.internet.may);
        let Some(packet) = internet::witness(&out).or_else(|| internet::witness(&draft.allows)) else {
            return;
        };
        let Some(trace) = way::surest(self.estate, interface, &packet, self.worlds) else { return };
        draft.related.extend(way::facts(&trace, &way::called(self.estate, interface)));
        draft.path = Some(way::shown(self.estate, interface, &packet, &trace));
    }
}
