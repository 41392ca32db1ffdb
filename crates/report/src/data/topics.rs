//! Topics: what one chapter of a report is about.

use super::systems::{self, System};
use std::collections::BTreeMap;
use tidegate_audit::{Finding, Level, RuleId};
use tidegate_estate::Provider;

/// A rule on one platform, with every finding of it.
#[derive(Debug, Clone)]
pub struct Topic<'a> {
    /// The rule.
    pub rule: RuleId,
    /// The platform.
    pub provider: Provider,
    /// Its findings, in the order of the audit.
    pub findings: Vec<&'a Finding>,
    /// What they affect, sorted, without duplicates.
    pub systems: Vec<System>,
}

impl Topic<'_> {
    /// The finding with the highest risk; the first of several.
    pub fn worst(&self) -> Option<&Finding> {
        self.findings
            .iter()
            .copied()
            .reduce(|worst, finding| if finding.rating.risk > worst.rating.risk { finding } else { worst })
    }

    /// The highest risk of its findings.
    pub fn risk(&self) -> Level {
        self.worst().map_or(Level::Informational, |finding| finding.rating.risk)
    }

    /// `aws`, `azure` …
    pub fn provider_name(&self) -> &'static str {
        self.findings
            .first()
            .and_then(|finding| finding.subjects.first())
            .map_or("", tidegate_audit::Subject::provider_name)
    }

    /// A name for anchors and files: `open-egress-aws`.
    pub fn id(&self) -> String {
        format!("{}-{}", self.rule.name(), self.provider_name())
    }

    /// Whether some affected system is an EC2 instance. Their ids begin with `i-`
    /// (EC2 user guide, "Resource IDs").
    pub fn has_instances(&self) -> bool {
        self.findings
            .iter()
            .flat_map(|finding| &finding.affected)
            .any(|affected| affected.id.starts_with("i-"))
    }

    /// Whether any workload is known.
    pub fn has_workloads(&self) -> bool {
        self.findings.iter().any(|finding| !finding.affected.is_empty())
    }
}

/// Groups findings into topics: the highest risk first, then in the order of the rules and platforms.
pub fn topics<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Vec<Topic<'a>> {
    let mut found: BTreeMap<(RuleId, Provider), Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        // A finding has one place and so one platform.
        if let Some(subject) = finding.subjects.first() {
            found.entry((finding.rule, subject.provider)).or_default().push(finding);
        }
    }
    let mut topics: Vec<Topic<'_>> = found
        .into_iter()
        .map(|((rule, provider), findings)| Topic {
            rule,
            provider,
            systems: systems::of(&findings),
            findings,
        })
        .collect();
    topics.sort_by_key(|topic| std::cmp::Reverse(topic.risk()));
    topics
}
