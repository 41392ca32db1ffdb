//! Network policies and their rules, as a cloud enforces them.

use crate::{ChoiceId, Guard, IpNet, Ipv4Net, Ipv6Net, Place, Reason, Step, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Whose platform enforces the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Provider {
    /// Amazon Web Services.
    Aws,
    /// Microsoft Azure.
    Azure,
    /// Google Cloud.
    Gcp,
    /// A Kubernetes cluster, wherever it runs.
    Kubernetes,
}

/// In what language the policy was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// AWS CDK in Python.
    CdkPython,
    /// A CloudFormation template (YAML or JSON), SAM included.
    CloudFormation,
    /// A synthesized CDK assembly (`cdk.out`).
    CdkAssembly,
    /// What the AWS CLI prints about what runs (`describe-security-groups` …).
    AwsDump,
    /// What the Azure CLI prints about what runs (`az network nsg list` …), or an exported ARM template.
    AzureDump,
    /// What the gcloud CLI prints about what runs (`gcloud compute firewall-rules list` …).
    GcpDump,
    /// Kubernetes objects: what `kubectl get` prints, or manifests.
    Kubernetes,
}

impl Dialect {
    /// Whether it describes what runs rather than what makes it.
    pub fn is_dump(self) -> bool {
        match self {
            Dialect::AwsDump | Dialect::AzureDump | Dialect::GcpDump | Dialect::Kubernetes => true,
            Dialect::CdkPython | Dialect::CloudFormation | Dialect::CdkAssembly => false,
        }
    }
}

/// What kind of policy it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyKind {
    /// A security group: allow-only, stateful.
    SecurityGroup,
    /// A VPC's default security group.
    DefaultSecurityGroup,
    /// Several security groups that guard an interface together: what any of them lets out gets out.
    SecurityGroupUnion,
    /// A stack whose template is not in the input, for all policies that it may make.
    UnreadStack,
    /// A network ACL: ordered, first match, implicit deny, stateless.
    NetworkAcl,
    /// An Azure network security group: ordered, first match, implicit deny, stateful.
    NetworkSecurityGroup,
    /// An Azure subnet whose interfaces no network security group guards: everything gets out.
    UnguardedSubnet,
    /// The VPC firewall rules of a Google Cloud network, as one set of targets sees them: ordered, first match, deny
    /// before allow under one number, implicit allow, stateful.
    VpcFirewall,
    /// A Kubernetes network policy: allow-only, stateful.
    NetworkPolicy,
    /// Several network policies that select a pod together: what any of them lets out gets out.
    NetworkPolicyUnion,
    /// A Kubernetes namespace, for its pods that no network policy selects for egress: everything gets out.
    Namespace,
}

impl PolicyKind {
    /// Whether the first rule that matches decides: then a rule may take back what others allow.
    pub fn is_ordered(self) -> bool {
        matches!(self, PolicyKind::NetworkAcl | PolicyKind::NetworkSecurityGroup | PolicyKind::VpcFirewall)
    }
}

/// Whether the unit itself makes the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Confirmation {
    /// The unit creates it, so its rules are what will be.
    Created,
    /// It exists elsewhere; the unit only declares what it believes of it.
    Declared,
}

/// IPv4 or IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IpFamily {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

/// A network policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// What it is.
    pub kind: PolicyKind,
    /// Who enforces it.
    pub provider: Provider,
    /// What it is written in.
    pub dialect: Dialect,
    /// Its short name (CDK: the construct's id; CloudFormation: the logical id).
    pub name: Option<String>,
    /// Its path: construct path without a trailing `/Resource` (CDK), logical id (CloudFormation).
    /// `None` where no entry point reached it.
    pub path: Option<String>,
    /// The class or function that makes it, where `path` is `None` or in any case where known.
    pub enclosing: Option<String>,
    /// Account id, where known.
    pub account: Option<String>,
    /// Region, where known.
    pub region: Option<String>,
    /// Tags, where known.
    pub tags: BTreeMap<String, String>,
    /// Worlds in which the policy exists at all.
    pub exists: Guard,
    /// Made here, or only declared.
    pub confirmation: Confirmation,
    /// Primary place: the callee of the call (CDK), the resource's logical id key (CloudFormation).
    pub place: Place,
    /// The whole block that makes it (call expression, resource): suppressions in it count for it.
    pub block: Place,
    /// Blocks of their own that rules of it are written in (standalone rules): suppressions in one count for what
    /// is reported there.
    pub apart: Vec<Place>,
    /// How the analysis got here: calls and constructors, outermost first.
    pub chain: Vec<Step>,
    /// Rules of both directions.
    pub rules: Vec<Rule>,
    /// Rules that are written but have no effect.
    pub ignored: Vec<Ignored>,
    /// Things that may change the policy in ways nobody can know.
    pub opaque: Vec<Opaque>,
    /// How many workloads are known to use it; `None` = nobody counted.
    pub members: Option<u32>,
    /// What its author can do about it.
    pub remedy: Remedy,
    /// Index in [`crate::Estate::direct_calls`] of the call that made it, if one did.
    pub direct_call: Option<usize>,
}

/// What kind of change closes the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    /// A property of the construct that makes it (`allow_all_outbound=False`, then egress rules).
    Property {
        /// The property, spelled as in the dialect.
        name: String,
        /// The construct that has it, as users know it (`aws_ec2.Instance`).
        construct: String,
    },
    /// The construct offers no such property: hand in a group of one's own.
    HandIn {
        /// The property that takes the group(s) (`security_groups`).
        name: String,
        /// The construct, as users know it.
        construct: String,
    },
    /// Write the rules on the policy itself.
    Rules,
    /// Close the VPC's default group.
    DefaultGroup,
}

/// Which way a rule points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the workload.
    Egress,
    /// To the workload.
    Ingress,
}

/// What a matching rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Lets the packet through.
    Allow,
    /// Stops it.
    Deny,
}

/// Whether the rule is there at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presence {
    /// It is there (where its guard holds).
    Present,
    /// Nobody can know whether it is.
    Unknown(Reason),
}

/// Who made the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// Somebody wrote it.
    Written,
    /// The platform adds it because this property was left out (or says nothing).
    LeftOut {
        /// The property, spelled as in the dialect.
        property: String,
    },
    /// The construct always adds it.
    Construct,
    /// The platform adds it to every policy of the kind, behind those that are written.
    Platform {
        /// Its name (`AllowInternetOutBound`).
        rule: String,
    },
}

/// One rule of a policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Which way.
    pub direction: Direction,
    /// Allow or deny. Security groups only allow.
    pub action: Action,
    /// Evaluation order, lowest first; `None` where order does not matter.
    pub priority: Option<Value<u32>>,
    /// Protocols.
    pub protocol: Value<ProtocolMatch>,
    /// Ports, or ICMP type and code.
    pub ports: Value<PortMatch>,
    /// The other end.
    pub peer: Value<Peer>,
    /// Worlds in which the rule is there.
    pub guard: Guard,
    /// There, or perhaps there.
    pub presence: Presence,
    /// Who made it.
    pub cause: Cause,
    /// Where it is written, down to the property.
    pub place: Place,
    /// Places that led there (assignments, calls), outermost first.
    pub chain: Vec<Step>,
}

/// Protocols a rule matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProtocolMatch {
    /// Every protocol (`-1`).
    Any,
    /// One, by its IANA number.
    Number(u8),
}

/// Ports (TCP, UDP, SCTP …) or ICMP type and code a rule matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PortMatch {
    /// All of them.
    Any,
    /// Ports `from..=to`.
    Range(u16, u16),
    /// An ICMP type, and a code or all of them (`None`). A type of `None` is every type.
    Icmp(Option<u8>, Option<u8>),
    /// Nothing at all (an inverted range, as in CDK's placeholder 252–86 read as ports).
    Nothing,
}

/// The other end of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Peer {
    /// An address block.
    Cidr(IpNet),
    /// Members of another group (or of the same one); the name is symbolic.
    Group(String),
    /// A prefix list that the estate defines, by index in [`crate::Estate::prefix_lists`].
    PrefixList(usize),
    /// A prefix list the platform's vendor keeps (S3, DynamoDB …); symbolic.
    ManagedPrefixList(String),
    /// A block that nobody can know, but of which something is known: its family at least (`CidrIp`,
    /// `Peer.ipv4(…)`).
    Hidden(Hidden),
}

/// What is known of an address block that is not.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Hidden {
    /// It lies inside of this block: the whole family where no more is known.
    pub within: IpNet,
    /// Its prefix is at least this long (`${address}/32`).
    pub length: u8,
    /// Why the rest cannot be known.
    pub reason: Reason,
}

impl Hidden {
    /// A block of which only the family is known.
    pub fn of(family: IpFamily, reason: Reason) -> Self {
        let within = match family {
            IpFamily::V4 => IpNet::V4(Ipv4Net::default()),
            IpFamily::V6 => IpNet::V6(Ipv6Net::default()),
        };
        Self { within, length: 0, reason }
    }

    /// How many addresses it has at most; `None` = more than can be counted (all of IPv6).
    pub fn at_most(&self) -> Option<u128> {
        let free = self.within.max_prefix_len() - self.length.max(self.within.prefix_len());
        1u128.checked_shl(u32::from(free))
    }
}

/// A customer prefix list.
#[derive(Debug, Clone, PartialEq)]
pub struct PrefixList {
    /// Logical id or cloud id.
    pub name: String,
    /// Its entries with the worlds in which each is there.
    pub entries: Vec<(Guard, Value<IpNet>)>,
    /// Where it is defined.
    pub place: Place,
}

/// A rule that is written but has no effect.
#[derive(Debug, Clone, PartialEq)]
pub struct Ignored {
    /// Where it is written.
    pub place: Place,
    /// Worlds in which it is ignored.
    pub guard: Guard,
    /// Why it has no effect, in words.
    pub why: String,
    /// What it looks like ("tcp/443 to 10.0.0.0/8").
    pub rule: String,
    /// Places that led there.
    pub chain: Vec<Step>,
}

/// Something that may change a policy in ways nobody can know (an Aspect of a library, a macro).
#[derive(Debug, Clone, PartialEq)]
pub struct Opaque {
    /// Why.
    pub reason: Reason,
    /// Worlds in which it does.
    pub guard: Guard,
}

/// A call as it is written, for rules that judge what stands at the call and nothing more.
#[derive(Debug, Clone, PartialEq)]
pub struct DirectCall {
    /// The callee's full name (`aws_cdk.aws_ec2.SecurityGroup`).
    pub callee: String,
    /// The callee's place.
    pub place: Place,
    /// The whole call.
    pub block: Place,
    /// What is written for `allow_all_outbound`.
    pub argument: Argument,
    /// The class or function around it.
    pub enclosing: Option<String>,
}

/// What is written for one keyword argument of a call.
#[derive(Debug, Clone, PartialEq)]
pub enum Argument {
    /// Nothing, and nothing is splatted in that could hold it.
    Omitted,
    /// `True`, in place or through variables.
    True {
        /// The whole keyword argument `name=value`.
        place: Place,
        /// The assignments that gave the value, the one nearest to the call first.
        assigned: Vec<Place>,
    },
    /// `False`, or `None`, or anything else that is known and not `True`.
    Other,
    /// Nobody can know from what is written.
    Unknown(Reason),
}

impl Policy {
    /// Every choice the policy depends on.
    pub fn choices(&self) -> BTreeSet<ChoiceId> {
        let mut found = BTreeSet::new();
        self.exists.collect_choices(&mut found);
        for rule in &self.rules {
            rule.guard.collect_choices(&mut found);
            rule.protocol.collect_choices(&mut found);
            rule.ports.collect_choices(&mut found);
            rule.peer.collect_choices(&mut found);
            if let Some(priority) = &rule.priority {
                priority.collect_choices(&mut found);
            }
        }
        for ignored in &self.ignored {
            ignored.guard.collect_choices(&mut found);
        }
        for opaque in &self.opaque {
            opaque.guard.collect_choices(&mut found);
        }
        found
    }
}
