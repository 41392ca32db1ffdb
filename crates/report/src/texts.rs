//! The texts of findings: a template per rule, ours or an organisation's own.

use crate::template::{Template, TemplateError};
use std::collections::BTreeMap;
use tidegate_audit::RuleId;

/// The templates that ship along, by the rule's name.
const SHIPPED: [(&str, &str); 7] = [
    ("open-egress", include_str!("../templates/open-egress.md")),
    ("open-egress-by-default", include_str!("../templates/open-egress-by-default.md")),
    ("internet-egress", include_str!("../templates/internet-egress.md")),
    ("ipv6-egress-forgotten", include_str!("../templates/ipv6-egress-forgotten.md")),
    ("ignored-egress-rule", include_str!("../templates/ignored-egress-rule.md")),
    ("open-default-group", include_str!("../templates/open-default-group.md")),
    ("egress-through-peer", include_str!("../templates/egress-through-peer.md")),
];

/// A template with where it comes from.
#[derive(Debug, Clone)]
pub struct Text {
    /// Its file, for messages.
    pub name: String,
    /// The template.
    pub template: Template,
    /// Whether it is ours: then the ratings in it follow the facts without a word.
    pub shipped: bool,
}

/// A template for each rule.
#[derive(Debug, Clone)]
pub struct Texts {
    by_rule: BTreeMap<RuleId, Text>,
}

impl Default for Texts {
    fn default() -> Self {
        let by_rule = RuleId::ALL.into_iter().filter_map(|rule| {
            let (name, text) = SHIPPED.iter().find(|(name, _)| *name == rule.name())?;
            Some((rule, Text { name: format!("{name}.md"), template: Template::of(text), shipped: true }))
        });
        Self { by_rule: by_rule.collect() }
    }
}

impl Texts {
    /// The template that ships along under this name.
    pub fn shipped(name: &str) -> Option<Text> {
        let bare = name.strip_suffix(".md").unwrap_or(name);
        let (name, text) = SHIPPED.iter().find(|(name, _)| *name == bare)?;
        Some(Text { name: format!("{name}.md"), template: Template::of(text), shipped: true })
    }

    /// The names of the templates that ship along.
    pub fn names() -> impl Iterator<Item = &'static str> {
        SHIPPED.iter().map(|(name, _)| *name)
    }

    /// Takes a template instead of ours: for the rules of its front matter, else for the one it is named after.
    /// Gives the rules it took over; none means that nobody knows what it is for.
    ///
    /// # Errors
    /// The bytes are no template.
    pub fn replace(&mut self, file: &str, bytes: &[u8]) -> Result<Vec<RuleId>, TemplateError> {
        let template = Template::parse(bytes)?;
        let named = file.rsplit('/').next().unwrap_or(file);
        let named = named.strip_suffix(".md").unwrap_or(named);
        let rules: Vec<RuleId> = match template.front().rules.as_slice() {
            [] => RuleId::from_name(named).into_iter().collect(),
            listed => listed.iter().filter_map(|rule| RuleId::from_name(rule)).collect(),
        };
        for rule in &rules {
            let text = Text { name: file.to_owned(), template: template.clone(), shipped: false };
            self.by_rule.insert(*rule, text);
        }
        Ok(rules)
    }

    /// Takes a template that is read already for these rules.
    pub fn set(&mut self, rules: &[RuleId], text: &Text) {
        self.by_rule.extend(rules.iter().map(|rule| (*rule, text.clone())));
    }

    /// The template of a rule.
    pub fn of(&self, rule: RuleId) -> Option<&Text> {
        self.by_rule.get(&rule)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_template_that_names_it() {
        let texts = Texts::default();
        for rule in RuleId::ALL {
            let text = texts.of(rule).unwrap();
            assert_eq!(text.template.front().rules, [rule.name()]);
        }
    }

    #[test]
    fn a_template_of_ones_own_goes_before_ours() {
        let mut texts = Texts::default();
        assert_eq!(texts.replace("house/open-egress.md", b"### Ours").unwrap(), [RuleId::OpenEgress]);
        assert!(!texts.of(RuleId::OpenEgress).unwrap().shipped);
        let several = b"---\nrules: [open-egress, internet-egress]\n---\n### Both";
        assert_eq!(texts.replace("x.md", several).unwrap().len(), 2);
        assert!(texts.replace("x.md", b"### For what?").unwrap().is_empty());
    }
}
