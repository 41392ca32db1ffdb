//! Identities that survive edits: no file name, no line, no packets.

use crate::finding::Subject;
use crate::rules::RuleId;
use std::collections::HashMap;

/// Hands out fingerprints; subjects that are equal in all that counts get ordinals in the order of asking.
#[derive(Debug, Default)]
pub struct Fingerprints {
    seen: HashMap<String, u32>,
}

impl Fingerprints {
    /// The fingerprint of one subject under one rule: the hash of rule, provider, kind, the subject's path
    /// (else the class or function around it, else its name), and its ordinal among equals.
    pub fn of(&mut self, rule: RuleId, subject: &Subject) -> String {
        let (role, who) = match (&subject.path, &subject.enclosing, &subject.name) {
            (Some(path), _, _) => ("path", path.as_str()),
            (None, Some(enclosing), _) => ("enclosing", enclosing.as_str()),
            (None, None, Some(name)) => ("name", name.as_str()),
            (None, None, None) => ("nothing", ""),
        };
        let account = subject.account.as_deref().unwrap_or_default();
        let region = subject.region.as_deref().unwrap_or_default();
        let parts = [rule.name(), subject.provider_name(), subject.kind_name(), account, region, role, who];
        // A separator that no part can hold, so that no two lists of parts make the same text.
        let key = parts.map(|part| part.replace('\u{1f}', " ")).join("\u{1f}");
        let ordinal = self.seen.entry(key.clone()).or_default();
        let text = format!("{key}\u{1f}{ordinal}");
        *ordinal += 1;
        hash(&text)
    }
}

/// The fingerprint of a finding: its subject's own, or, where one place makes several subjects, one over
/// all of theirs, so that a subject that joins makes it another finding.
pub fn of_group<'a>(members: impl ExactSizeIterator<Item = &'a str>) -> String {
    let members: Vec<&str> = members.collect();
    match members.as_slice() {
        [one] => (*one).to_owned(),
        many => {
            let mut sorted = many.to_vec();
            sorted.sort_unstable();
            hash(&sorted.join("\u{1f}"))
        }
    }
}

/// 128 bits are plenty for identities and short enough to type a part of.
fn hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().as_str().chars().take(32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidegate_estate::{Dialect, PolicyKind, Provider};

    fn subject(path: Option<&str>, enclosing: Option<&str>) -> Subject {
        Subject {
            path: path.map(str::to_owned),
            enclosing: enclosing.map(str::to_owned),
            kind: PolicyKind::SecurityGroup,
            provider: Provider::Aws,
            dialect: Dialect::CdkPython,
            name: None,
            account: None,
            region: None,
        }
    }

    #[test]
    fn equal_subjects_are_told_apart_by_their_ordinal() {
        let mut prints = Fingerprints::default();
        let first = prints.of(RuleId::OpenEgress, &subject(None, Some("make_group")));
        let second = prints.of(RuleId::OpenEgress, &subject(None, Some("make_group")));
        assert_ne!(first, second);
        let mut again = Fingerprints::default();
        assert_eq!(again.of(RuleId::OpenEgress, &subject(None, Some("make_group"))), first);
    }

    #[test]
    fn the_class_around_a_subject_counts_only_where_it_has_no_path() {
        let mut prints = Fingerprints::default();
        let with = prints.of(RuleId::OpenEgress, &subject(Some("Stack/Web"), Some("WebStack")));
        let mut prints = Fingerprints::default();
        let without = prints.of(RuleId::OpenEgress, &subject(Some("Stack/Web"), None));
        assert_eq!(with, without);
    }

    #[test]
    fn a_group_of_one_has_the_fingerprint_of_that_one() {
        assert_eq!(of_group(["abc"].into_iter()), "abc");
        assert_eq!(of_group(["a", "b"].into_iter()), of_group(["b", "a"].into_iter()));
    }
}
