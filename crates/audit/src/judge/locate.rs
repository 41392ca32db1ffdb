//! Which place a finding is reported at: where the rule that counts most is written, else where the policy
//! is made.

use crate::draft::Draft;
use crate::measure;
use crate::rules::RuleId;
use tidegate_estate::{Cause, Policy, Rule, Step};
use tidegate_reach::policy::Reach;
use tidegate_space::{IpFamily, PacketSet};

/// Sets the draft's place, its cause and the places that led there.
pub(super) fn locate(draft: &mut Draft, policy: &Policy, reach: &Reach, family: IpFamily) {
    let rule = draft.rule;
    let contributing: Vec<(&Rule, &PacketSet)> = reach
        .contributions
        .iter()
        .filter(|part| measure::reaches(&part.set, family))
        .filter_map(|part| Some((policy.rules.get(part.rule)?, &part.set)))
        .filter(|(part, _)| rule != RuleId::OpenEgressByDefault || part.cause != Cause::Written)
        .collect();
    // The first that would fire by itself, else the first that adds something.
    let alone = |set: &PacketSet| match rule {
        RuleId::OpenEgress | RuleId::OpenEgressByDefault => measure::is_open(set, family),
        RuleId::OpenDefaultGroup | RuleId::Ipv6EgressForgotten | RuleId::InternetEgress => {
            measure::is_large(set, family)
        }
        RuleId::IgnoredEgressRule | RuleId::EgressThroughPeer => false,
    };
    let main = contributing.iter().position(|(_, set)| alone(set)).unwrap_or(0);
    for (index, (part, _)) in contributing.iter().enumerate() {
        if index == main {
            draft.cause = part.cause.clone();
            draft.related.extend(part.chain.iter().cloned());
            if part.cause == Cause::Written {
                draft.place = part.place.clone();
                draft.apart = policy.apart.iter().find(|block| block.contains(&draft.place)).cloned();
            }
        } else if part.cause == Cause::Written {
            draft
                .related
                .push(Step { message: "this rule adds to it".to_owned(), place: part.place.clone() });
        }
    }
}
