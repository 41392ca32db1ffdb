//! What a text claims about inbound rules, against the data.

use super::Facts;
use crate::data::label;
use crate::evidence;
use std::collections::BTreeSet;
use tidegate_audit::words;
use tidegate_estate::Direction;

/// Words for traffic that comes in.
const INBOUND: [&str; 3] = ["inbound", "incoming", "ingress"];
/// Words that claim that something is done about it.
const IN_PLACE: [&str; 9] = [
    "enabled",
    "in place",
    "restrict",
    "effective",
    "limited",
    "configured",
    "enforced",
    "filtered",
    "hardened",
];

/// Whether a sentence of the text claims that inbound rules are in place; the sentence.
fn claim(text: &str) -> Option<&str> {
    text.split_inclusive(['.', '\n', ';']).map(str::trim).find(|sentence| {
        let lower = sentence.to_lowercase();
        let speaks = |of: &[&str]| of.iter().any(|word| lower.contains(word));
        let denies = [" not ", " no ", "n't ", "without"].iter().any(|word| lower.contains(word));
        speaks(&INBOUND) && speaks(&IN_PLACE) && (!denies || lower.starts_with("although"))
    })
}

/// A warning, if the text claims that inbound rules are in place and the data says otherwise, or says nothing.
pub fn inbound_claim(text: &str, facts: &Facts<'_>) -> Option<String> {
    let sentence = claim(text)?;
    let (mut open, mut rules) = (BTreeSet::new(), 0usize);
    for finding in &facts.topic.findings {
        for subject in &finding.subjects {
            let Some(policy) = facts.policies.of_subject(subject, finding) else { continue };
            rules += policy.policy.rules.iter().filter(|rule| rule.direction == Direction::Ingress).count();
            if evidence::inbound_is_open(&policy) {
                open.insert(label(subject));
            }
        }
    }
    let short: String = sentence.chars().take(90).collect();
    if !open.is_empty() {
        let names: Vec<String> = open.into_iter().collect();
        let let_in = if names.len() == 1 { "lets" } else { "let" };
        return Some(format!(
            "the text claims that inbound rules are in place (\"{short}…\"), but {} {let_in} every protocol and port in from the Internet",
            words::some(&names)
        ));
    }
    (rules == 0).then(|| {
        format!("the text claims that inbound rules are in place (\"{short}…\"), but the data shows none: check it")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_told_from_other_talk_of_inbound_traffic() {
        assert!(claim("Inbound rules were enabled, and so on.").is_some());
        assert!(claim("A review. Although incoming traffic is restricted, there is no limit.").is_some());
        assert!(claim("Inbound traffic is not restricted.").is_none());
        assert!(claim("The rules do not let anybody in.").is_none());
        assert!(claim("Inbound connections are answered.").is_none());
    }
}
