//! Which rules a run reports: `--select` and `--ignore`.

use crate::rules::RuleId;
use std::collections::BTreeSet;
use std::fmt;

/// The rules of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// Rules of the full run that are reported.
    rules: BTreeSet<RuleId>,
    /// Report what S6463 reports, as it reports it.
    s6463: bool,
    /// Drop what carries the alias S6463.
    without_s6463: bool,
}

impl Default for Selection {
    fn default() -> Self {
        Self { rules: RuleId::ALL.into_iter().collect(), s6463: false, without_s6463: false }
    }
}

/// A name that is neither a rule nor an alias of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownRule(pub String);

impl fmt::Display for UnknownRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no rule called `{}`; the rules are ", self.0)?;
        for (at, rule) in RuleId::ALL.into_iter().enumerate() {
            write!(f, "{}{}", if at == 0 { "" } else { ", " }, rule.name())?;
        }
        Ok(())
    }
}

impl std::error::Error for UnknownRule {}

/// The name of the rule that is kept word for word.
pub(crate) const S6463: &str = "S6463";

impl Selection {
    /// The rules named in `select` (all, if it is empty) less those in `ignore`. Names are rule names or
    /// aliases, in any case.
    pub fn new<S: AsRef<str>>(select: &[S], ignore: &[S]) -> Result<Self, UnknownRule> {
        let mut selection = if select.is_empty() {
            Self::default()
        } else {
            Self { rules: BTreeSet::new(), s6463: false, without_s6463: false }
        };
        for name in select.iter().map(AsRef::as_ref) {
            if is_s6463(name) {
                selection.s6463 = true;
            } else {
                selection.rules.extend(named(name)?);
            }
        }
        for name in ignore.iter().map(AsRef::as_ref) {
            if is_s6463(name) {
                selection.s6463 = false;
                selection.without_s6463 = true;
            } else {
                for rule in named(name)? {
                    selection.rules.remove(&rule);
                }
            }
        }
        Ok(selection)
    }

    /// Whether the full run reports `rule`.
    pub fn reports(&self, rule: RuleId) -> bool {
        self.rules.contains(&rule)
    }

    /// Whether any rule of the full run is reported.
    pub fn full(&self) -> bool {
        !self.rules.is_empty()
    }

    /// Whether S6463 is judged by its own table.
    pub fn s6463(&self) -> bool {
        self.s6463
    }

    /// Whether findings with these aliases are reported.
    pub(crate) fn keeps(&self, aliases: &[&str]) -> bool {
        !(self.without_s6463 && aliases.contains(&S6463))
    }
}

fn is_s6463(name: &str) -> bool {
    let name = name.trim();
    let key = name.rsplit_once(':').map_or(name, |(_, key)| key);
    key.eq_ignore_ascii_case(S6463)
}

fn named(name: &str) -> Result<Vec<RuleId>, UnknownRule> {
    let rules = RuleId::by_name_or_alias(name.trim());
    if rules.is_empty() { Err(UnknownRule(name.trim().to_owned())) } else { Ok(rules) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_selected_means_every_rule_and_no_special_mode() {
        let selection = Selection::new::<&str>(&[], &[]).unwrap();
        assert!(RuleId::ALL.into_iter().all(|rule| selection.reports(rule)));
        assert!(!selection.s6463());
    }

    #[test]
    fn s6463_alone_turns_every_other_rule_off() {
        for name in ["S6463", "s6463", "python:S6463"] {
            let selection = Selection::new(&[name], &[]).unwrap();
            assert!(selection.s6463() && !selection.full());
        }
    }

    #[test]
    fn an_alias_stands_for_every_rule_it_names() {
        let selection = Selection::new(&["CKV_AWS_382"], &[]).unwrap();
        assert!(selection.reports(RuleId::OpenEgress));
        assert!(!selection.reports(RuleId::IgnoredEgressRule));
    }

    #[test]
    fn an_ignored_rule_is_dropped_and_an_unknown_name_is_an_error() {
        let selection = Selection::new(&[], &["internet-egress"]).unwrap();
        assert!(!selection.reports(RuleId::InternetEgress));
        assert!(selection.reports(RuleId::OpenEgress));
        let error = Selection::new(&["open-ingress"], &[]).unwrap_err();
        assert!(error.to_string().contains("open-egress-by-default"));
    }
}
