//! All policies of an estate to their findings, with the workloads they concern; and groups that are open only
//! together.

use crate::draft::Draft;
use crate::finding::{Affected, Unresolved};
use crate::judge;
use crate::rules::RuleId;
use tidegate_estate::Estate;
use tidegate_reach::workload;
use tidegate_space::IpFamily;

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
    // What is worst about each policy alone, per family.
    let mut worst: Vec<[Option<u8>; 2]> = Vec::with_capacity(estate.policies.len());
    for (policy, workloads) in estate.policies.iter().zip(&guarded) {
        let mut judgement = judge::judge(policy, estate, worlds);
        worst.push(IpFamily::BOTH.map(|family| weight_of(&judgement.drafts, family)));
        for draft in &mut judgement.drafts {
            draft.affected = affected(workloads);
        }
        judged.drafts.extend(judgement.drafts);
        judged.unresolved.extend(judgement.unresolved);
    }
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
            draft.affected = affected(&union.workloads);
            draft.members = u32::try_from(union.workloads.len()).ok();
            draft
        }));
    }
    judged
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
            RuleId::IgnoredEgressRule => 0,
        })
        .max()
}
