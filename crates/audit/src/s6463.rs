//! Rule S6463, kept to the letter: direct calls of two callees, judged by what is written at the call.

use crate::draft::Draft;
use crate::finding::{Confidence, Subject, Unresolved};
use crate::known::Known;
use crate::rules::RuleId;
use crate::select::S6463;
use std::collections::BTreeMap;
use tidegate_estate::{
    Argument, Cause, Dialect, DirectCall, Estate, Place, Policy, PolicyKind, Provider, Remedy, Step,
};
use tidegate_space::{IpFamily, PacketSet};

const PROPERTY: &str = "allow_all_outbound";
const OMITTED: &str = "Omitting \"allow_all_outbound\" enables unrestricted outbound communications. Make sure it is safe here.";
const ALLOWED: &str = "Make sure that allowing unrestricted outbound communications is safe here.";

/// What S6463 reports at one call.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reported<'a> {
    /// The rule under which it is known here.
    pub rule: RuleId,
    /// Its words.
    pub message: &'static str,
    /// Primary place.
    pub place: &'a Place,
    /// Second places.
    pub related: Vec<Step>,
}

/// What S6463 reports at `call`, if anything.
pub(crate) fn reported(call: &DirectCall) -> Option<Reported<'_>> {
    match &call.argument {
        // An import without the argument creates no rule, so nothing is omitted there.
        Argument::Omitted if imports(call) => None,
        Argument::Omitted => Some(Reported {
            rule: RuleId::OpenEgressByDefault,
            message: OMITTED,
            place: &call.place,
            related: vec![],
        }),
        Argument::True { place, assigned } => Some(Reported {
            rule: RuleId::OpenEgress,
            message: ALLOWED,
            place,
            related: assigned
                .iter()
                .map(|place| Step { message: "the value is assigned here".to_owned(), place: place.clone() })
                .collect(),
        }),
        Argument::Other | Argument::Unknown(_) => None,
    }
}

/// Whether the call refers to a group that exists elsewhere.
fn imports(call: &DirectCall) -> bool {
    call.callee.ends_with(".from_security_group_id")
}

/// Everything S6463 has to say about one estate.
pub(crate) fn judge(estate: &Estate) -> (Vec<Draft>, Vec<Unresolved>) {
    let mut drafts = Vec::new();
    let mut unresolved = Vec::new();
    let mut made = made_by_calls(estate);
    for (index, call) in estate.direct_calls.iter().enumerate() {
        let subjects = made.remove(&index).unwrap_or_else(|| BTreeMap::from([(unseen(call), None)]));
        if let Some(reported) = reported(call) {
            drafts.extend(
                subjects.into_iter().map(|(subject, policy)| draft(call, &reported, subject, policy)),
            );
        } else if let Argument::Unknown(reason) = &call.argument {
            unresolved.extend(subjects.into_keys().map(|subject| {
                Unresolved {
                    subject,
                    place: call.place.clone(),
                    reason: format!("{PROPERTY}: {}", reason.text),
                    related: reason
                        .place
                        .iter()
                        .map(|place| Step { message: reason.text.to_string(), place: place.clone() })
                        .collect(),
                }
            }));
        }
    }
    (drafts, unresolved)
}

/// The groups that calls make, by the call and as reports name them: of those with one name, the first.
fn made_by_calls(estate: &Estate) -> BTreeMap<usize, BTreeMap<Subject, Option<&Policy>>> {
    let mut made: BTreeMap<usize, BTreeMap<Subject, Option<&Policy>>> = BTreeMap::new();
    for policy in &estate.policies {
        if let Some(call) = policy.direct_call {
            made.entry(call).or_default().entry(Subject::of(policy)).or_insert(Some(policy));
        }
    }
    made
}

/// What is reported for a call of which no group is known.
fn unseen(call: &DirectCall) -> Subject {
    Subject {
        path: None,
        enclosing: call.enclosing.clone(),
        kind: PolicyKind::SecurityGroup,
        provider: Provider::Aws,
        dialect: Dialect::CdkPython,
        name: None,
        account: None,
        region: None,
    }
}

fn draft(call: &DirectCall, reported: &Reported<'_>, subject: Subject, policy: Option<&Policy>) -> Draft {
    let mut related = reported.related.clone();
    related.extend(policy.iter().flat_map(|policy| policy.chain.iter().cloned()));
    Draft {
        rule: reported.rule,
        confidence: if imports(call) { Confidence::Declared } else { Confidence::Certain },
        families: vec![IpFamily::V4],
        allows: PacketSet::family(IpFamily::V4),
        subject,
        members: policy.and_then(|policy| policy.members),
        affected: Vec::new(),
        closed_elsewhere: false,
        isolated: false,
        exposed: None,
        known: Known::default(),
        tags: policy.map_or_else(BTreeMap::new, |policy| policy.tags.clone()),
        source: call.place.path.clone(),
        remedy: policy.map_or_else(
            || Remedy::Property { name: PROPERTY.to_owned(), construct: "aws_ec2.SecurityGroup".to_owned() },
            |policy| policy.remedy.clone(),
        ),
        cause: match reported.rule {
            RuleId::OpenEgressByDefault => Cause::LeftOut { property: PROPERTY.to_owned() },
            _ => Cause::Written,
        },
        place: reported.place.clone(),
        block: call.block.clone(),
        apart: None,
        related,
        aliases: vec![S6463],
        message: Some(reported.message),
        when: None,
        ignored: None,
        peer: None,
        path: None,
        witness: None,
    }
}
