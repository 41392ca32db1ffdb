//! What an audit produces. Everything a format prints comes from these types and from nothing else.

use std::collections::BTreeMap;
use tidegate_estate::{Diagnostic, Dialect, Place, Policy, PolicyKind, Provider, Step, Workload};
use tidegate_space::{IpFamily as Family, PacketSet};

use crate::date::Date;
use crate::rules::RuleId;
use crate::standards::Standard;

/// The result of one run over all estates.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Findings in order of path, position, rule.
    pub findings: Vec<Finding>,
    /// Findings somebody muted, with how.
    pub suppressed: Vec<Suppressed>,
    /// What could not be decided.
    pub unresolved: Vec<Unresolved>,
    /// What readers and the audit itself (unused suppressions, stale baseline entries) have to say.
    pub diagnostics: Vec<Diagnostic>,
}

/// One finding: a rule, a place, and every subject that the place makes.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Which rule.
    pub rule: RuleId,
    /// Names under which users know this very finding (`S6463`, `CKV_AWS_382` …).
    pub aliases: Vec<&'static str>,
    /// Stable identity; see [`crate::fingerprint`].
    pub fingerprint: String,
    /// One sentence or two for people.
    pub message: String,
    /// How sure.
    pub confidence: Confidence,
    /// Impact, likelihood, risk and CVSS with the facts that chose them.
    pub rating: Rating,
    /// The policies concerned, in order of path.
    pub subjects: Vec<Subject>,
    /// One per subject, in the same order: what a baseline or a decision holds on to.
    pub identities: Vec<Identity>,
    /// Workloads concerned, where known.
    pub affected: Vec<Affected>,
    /// Primary place.
    pub place: Place,
    /// The whole block around it, for suppressions.
    pub block: Place,
    /// Places that led there and second places, each with its message.
    pub related: Vec<Step>,
    /// What gets out because of it.
    pub allows: Allows,
    /// One packet that gets out; `None` for declared findings and for rules without effect.
    pub witness: Option<Witness>,
    /// The way of one packet from one workload, gate by gate; `None` where the input shows no routes.
    pub path: Option<PathShown>,
    /// What to do next, one short paragraph or code line each.
    pub help: Vec<String>,
    /// `to-review` unless somebody decided, and the decision holds.
    pub status: Status,
    /// The decision that holds.
    pub decision: Option<Decision>,
    /// Standards that speak of this very finding; see [`crate::standards`].
    pub standards: Vec<&'static Standard>,
    /// Whether `tidegate fix` could close it.
    pub fixable: bool,
}

/// The stable identity of one subject's share in a finding.
#[derive(Debug, Clone, PartialEq)]
pub struct Identity {
    /// See [`crate::fingerprint`].
    pub fingerprint: String,
    /// What this subject lets out because of it.
    pub allows: PacketSet,
}

/// How sure a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// What must be allowed fires the rule.
    Certain,
    /// Only an alternative that is written down fires it.
    Possible,
    /// The code says so of something it does not make.
    Declared,
}

/// Whether somebody looked at it, and what they made of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Nobody decided yet.
    ToReview,
    /// It is a risk, and somebody carries it.
    Acknowledged,
    /// Somebody says that it is gone. One that is still found contradicts them.
    Fixed,
    /// It is no risk here.
    Safe,
}

impl Status {
    /// Every status.
    pub const ALL: [Status; 4] = [Status::ToReview, Status::Acknowledged, Status::Fixed, Status::Safe];

    /// Its name, kebab-case.
    pub fn name(self) -> &'static str {
        match self {
            Status::ToReview => "to-review",
            Status::Acknowledged => "acknowledged",
            Status::Fixed => "fixed",
            Status::Safe => "safe",
        }
    }

    /// The status with this name, in any case.
    pub fn from_name(name: &str) -> Option<Status> {
        Self::ALL.into_iter().find(|status| status.name().eq_ignore_ascii_case(name))
    }

    /// Whether a finding with it no longer fails a run.
    pub fn settles(self) -> bool {
        matches!(self, Status::Acknowledged | Status::Safe)
    }
}

/// What somebody decided about a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What they made of it; never [`Status::ToReview`].
    pub status: Status,
    /// Who.
    pub by: String,
    /// On which day.
    pub on: Date,
    /// Why.
    pub because: String,
    /// The last day on which it holds; `None` = for good.
    pub until: Option<Date>,
    /// Does the resource hold sensitive data, or has it access to it?
    pub sensitive_data: Option<bool>,
    /// Is it in a private network?
    pub private_network: Option<bool>,
}

/// Risk, impact and likelihood share one scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// 1
    Informational = 1,
    /// 2
    Low,
    /// 3
    Medium,
    /// 4
    High,
    /// 5
    Critical,
}

impl Level {
    /// Every level, lowest first.
    pub const ALL: [Level; 5] =
        [Level::Informational, Level::Low, Level::Medium, Level::High, Level::Critical];

    /// Its name, lower case.
    pub fn name(self) -> &'static str {
        match self {
            Level::Informational => "informational",
            Level::Low => "low",
            Level::Medium => "medium",
            Level::High => "high",
            Level::Critical => "critical",
        }
    }

    /// The level with this name, in any case.
    pub fn from_name(name: &str) -> Option<Level> {
        Self::ALL.into_iter().find(|level| level.name().eq_ignore_ascii_case(name))
    }
}

/// A rating with the facts that chose it.
#[derive(Debug, Clone, PartialEq)]
pub struct Rating {
    /// What it would cost.
    pub impact: Level,
    /// How likely.
    pub likelihood: Level,
    /// impact + likelihood − 3, kept within 1 to 5; or Informational by a fact.
    pub risk: Level,
    /// The facts, in words.
    pub reasons: Vec<String>,
    /// The base vector, CVSS 3.1.
    pub cvss_vector: &'static str,
    /// Its score.
    pub cvss_score: f64,
    /// The environmental score, where a fact moves it.
    pub cvss_environmental: Option<f64>,
    /// The vector with the environmental metrics that facts chose.
    pub cvss_environmental_vector: Option<&'static str>,
}

/// A policy, as a report names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// Construct path, logical id, address or cloud id.
    pub path: Option<String>,
    /// The class or function around it.
    pub enclosing: Option<String>,
    /// Kind of policy.
    pub kind: PolicyKind,
    /// Cloud.
    pub provider: Provider,
    /// Dialect of its source.
    pub dialect: Dialect,
    /// Short name.
    pub name: Option<String>,
    /// Account id.
    pub account: Option<String>,
    /// Region.
    pub region: Option<String>,
}

impl Subject {
    /// The policy, as reports name it.
    pub fn of(policy: &Policy) -> Self {
        Self {
            path: policy.path.clone(),
            enclosing: policy.enclosing.clone(),
            kind: policy.kind,
            provider: policy.provider,
            dialect: policy.dialect,
            name: policy.name.clone(),
            account: policy.account.clone(),
            region: policy.region.clone(),
        }
    }

    /// `security-group`, `default-security-group`, `security-group-union`, `unread-stack`,
    /// `network-acl`, `network-security-group`, `unguarded-subnet`, `vpc-firewall`, `network-policy`,
    /// `network-policy-union`, `namespace`.
    pub fn kind_name(&self) -> &'static str {
        match self.kind {
            PolicyKind::SecurityGroup => "security-group",
            PolicyKind::DefaultSecurityGroup => "default-security-group",
            PolicyKind::SecurityGroupUnion => "security-group-union",
            PolicyKind::UnreadStack => "unread-stack",
            PolicyKind::NetworkAcl => "network-acl",
            PolicyKind::NetworkSecurityGroup => "network-security-group",
            PolicyKind::UnguardedSubnet => "unguarded-subnet",
            PolicyKind::VpcFirewall => "vpc-firewall",
            PolicyKind::NetworkPolicy => "network-policy",
            PolicyKind::NetworkPolicyUnion => "network-policy-union",
            PolicyKind::Namespace => "namespace",
        }
    }

    /// `aws`, `azure`, `gcp`, `kubernetes`.
    pub fn provider_name(&self) -> &'static str {
        match self.provider {
            Provider::Aws => "aws",
            Provider::Azure => "azure",
            Provider::Gcp => "gcp",
            Provider::Kubernetes => "kubernetes",
        }
    }

    /// What people call it: its path, else the class or function around it, else its short name.
    pub fn title(&self) -> &str {
        [&self.path, &self.enclosing, &self.name]
            .into_iter()
            .find_map(|name| name.as_deref())
            .unwrap_or_else(|| self.kind_name())
    }
}

/// A workload that the finding concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Affected {
    /// Cloud id.
    pub id: String,
    /// Name.
    pub name: Option<String>,
    /// Addresses.
    pub addresses: Vec<String>,
    /// Account id.
    pub account: Option<String>,
    /// Region.
    pub region: Option<String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

impl Affected {
    /// The workload, as reports name it.
    pub fn of(workload: &Workload) -> Self {
        Self {
            id: workload.id.clone(),
            name: workload.name.clone(),
            addresses: workload.private.iter().chain(&workload.public).cloned().collect(),
            account: workload.account.clone(),
            region: workload.region.clone(),
            tags: workload.tags.clone(),
        }
    }
}

/// What gets out: the exact set, and the same as rows people can read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Allows {
    /// The set, towards the Internet and elsewhere.
    pub set: PacketSet,
    /// Rows: family, protocol, ports, addresses.
    pub rows: Vec<AllowedRow>,
    /// Share of the IPv4 Internet's addresses that can be reached on at least one packet, 0 to 1.
    pub share_ipv4: f64,
    /// The same for IPv6.
    pub share_ipv6: f64,
}

/// One row of what gets out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AllowedRow {
    /// Family.
    pub family: Family,
    /// `any`, `tcp`, `udp`, `icmp`, `icmpv6`, or a protocol number.
    pub protocol: String,
    /// Ports as people write them (`443`, `1024-65535`), `None` = all or not applicable.
    pub ports: Option<Vec<String>>,
    /// Minimal CIDR cover.
    pub addresses: Vec<String>,
}

/// A concrete packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// `tcp`, `udp`, `icmp` … or a number.
    pub protocol: String,
    /// Destination.
    pub address: String,
    /// Destination port, where the protocol has one.
    pub port: Option<u16>,
}

/// The way of one packet, gate by gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathShown {
    /// The workload that sends it, as people call it.
    pub from: String,
    /// The interface that it leaves, by id.
    pub interface: String,
    /// The packet.
    pub packet: Witness,
    /// The gates, in order.
    pub gates: Vec<PathGate>,
    /// Whether it arrives: `yes`, `perhaps` or `no`.
    pub arrives: &'static str,
    /// Whether something on the way looks into packets and may stop them.
    pub inspected: bool,
    /// The way onward of a packet from the neighbour that this one arrives at.
    pub then: Option<Box<PathShown>>,
}

/// A gate that a packet came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathGate {
    /// What it is, in words (`route table`).
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    /// What decided there, in words.
    pub why: String,
    /// Whether the packet passed: `yes`, `perhaps` or `no`.
    pub passes: &'static str,
    /// Where that is written.
    pub place: Option<Place>,
}

/// A finding that is muted.
#[derive(Debug, Clone)]
pub struct Suppressed {
    /// The finding.
    pub finding: Finding,
    /// What muted it.
    pub by: SuppressedBy,
    /// The reason its author gave.
    pub reason: Option<String>,
    /// Where the mark is; `None` for a baseline.
    pub place: Option<Place>,
}

/// What muted a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SuppressedBy {
    /// A comment or metadata mark, as it is spelled (`tidegate: allow[open-egress]`, `checkov:skip=CKV_AWS_382`).
    Mark(String),
    /// The baseline file.
    Baseline,
}

/// Something that could not be decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unresolved {
    /// The policy.
    pub subject: Subject,
    /// Where the question arises.
    pub place: Place,
    /// Why nobody can know.
    pub reason: String,
    /// Where the unknown enters, and the places between.
    pub related: Vec<Step>,
}
