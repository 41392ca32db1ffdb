//! From the subjects of findings back to the policies they were read from.

use std::collections::HashMap;
use tidegate_audit::{Finding, Subject};
use tidegate_estate::{self as estate, Estate, Place};

/// A policy with the estate around it.
#[derive(Debug, Clone, Copy)]
pub struct Policy<'a> {
    /// The estate.
    pub estate: &'a Estate,
    /// The policy.
    pub policy: &'a estate::Policy,
}

/// Every policy, found by its subject.
#[derive(Debug, Default)]
pub struct Policies<'a> {
    by_subject: HashMap<Subject, Vec<Policy<'a>>>,
    unions: Vec<(&'a Estate, estate::Policy)>,
    unions_by_subject: HashMap<Subject, usize>,
}

impl<'a> Policies<'a> {
    /// Indexes the policies of all estates, unions of groups included.
    pub fn of(estates: &'a [Estate]) -> Self {
        let mut found = Self::default();
        for estate in estates {
            for policy in &estate.policies {
                found.by_subject.entry(Subject::of(policy)).or_default().push(Policy { estate, policy });
            }
            for union in tidegate_reach::workload::unions(estate) {
                found.unions_by_subject.insert(Subject::of(&union.policy), found.unions.len());
                found.unions.push((estate, union.policy));
            }
        }
        found
    }

    /// The id of the policy that has a rule at `place`: of the part of a union, else of the subject itself.
    pub fn owner(&self, place: &Place, estate: &Estate, subject: &Subject) -> String {
        let ids = subject.path.as_deref().unwrap_or("GROUP");
        let parts: Vec<&str> = ids.split(" + ").collect();
        if let [only] = parts.as_slice() {
            return (*only).to_owned();
        }
        let is_part =
            |policy: &&estate::Policy| policy.path.as_deref().is_some_and(|path| parts.contains(&path));
        let owner = estate
            .policies
            .iter()
            .filter(is_part)
            .find(|policy| policy.rules.iter().any(|rule| rule.place == *place));
        owner.and_then(|policy| policy.path.clone()).unwrap_or_else(|| ids.to_owned())
    }

    /// The policy that a finding's subject stands for: where several are called the same, the one at its place.
    pub fn of_subject(&self, subject: &Subject, finding: &Finding) -> Option<Policy<'_>> {
        if let Some(found) = self.by_subject.get(subject) {
            let at = |place: &Place| {
                found.iter().find(|one| one.policy.place == *place || one.policy.block.contains(place))
            };
            return at(&finding.place).or_else(|| at(&finding.block)).or(found.first()).copied();
        }
        let (estate, policy) = self.unions.get(*self.unions_by_subject.get(subject)?)?;
        Some(Policy { estate, policy })
    }
}
