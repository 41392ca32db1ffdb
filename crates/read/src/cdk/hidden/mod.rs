//! Groups that the CDK makes behind the user's back: which construct makes one, where in the construct
//! tree, when, and what it lets out. The vendor's type descriptions do not say, so these tables are kept by
//! hand, read from the library's code and seen in synthesized templates (each row names its probe).
//! `cargo xtask generate` fails if the library makes a group in a place that no row names.
//!
//! - [`groups`]: the groups that a construct makes itself.
//! - [`parts`]: the constructs that a construct or a method makes, each of which has rows of its own. A pattern
//!   such as `ApplicationLoadBalancedFargateService` is nothing but its parts.
//! - [`traffic`]: the calls that add egress rules to groups which somebody may have restricted.
//! - [`joins`]: the calls that put further groups into somebody's connections.
//!
//! Each takes the full name of a class, or of a method as `<class>.<method>`; rows of library classes and interfaces
//! that the class extends or implements count.
//!
//! **Properties** are named as keywords of the maker, in snake case; a dot leads into a struct that is given as one
//! (`vpc_config.vpc`). **Placeholders** in paths: `{id}` is the method's `id`; `{name}` the text of the property `name`;
//! `{list.name}` the property `name` of each item of `list`, one path each, and `{list.#}` its place in the list from 0; `{vpc.addr}` the [`address`] of what is given.
//!
//! Every group here is an `aws_cdk.aws_ec2.SecurityGroup` at `child`, so whatever holds for that class (inline
//! rules, the placeholder for nothing, ignored rules) holds here.
//!
//! ```
//! use tidegate_read::cdk::hidden::{self, Egress};
//! let row = hidden::groups("aws_cdk.aws_lambda.DockerImageFunction").next().unwrap();
//! assert_eq!(row.child, "SecurityGroup");
//! assert_eq!(row.needs, [hidden::Need::Given("vpc")]);
//! assert!(matches!(row.egress, Egress::Property { ipv4: "allow_all_outbound", .. }));
//! ```

mod group_rows;
mod part_rows;
mod traffic_rows;

use crate::cdk::library;
use rustc_hash::FxHashMap;
use sha1::Digest;
use std::cell::RefCell;
use std::fmt::Write;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

/// A group that a construct makes itself.
#[derive(Debug)]
pub struct HiddenGroup {
    /// The classes or methods, by full Python name. `.*` behind a class is each of its static methods.
    pub makers: &'static [&'static str],
    /// Where the path in `child` begins.
    pub anchor: Anchor,
    /// The group's path below the anchor, without a trailing `/Resource`.
    pub child: &'static str,
    /// When it is made, if none is handed in: all of these must hold.
    pub needs: &'static [Need],
    /// The properties that hand in a group, or groups, instead.
    pub handed_in: &'static [&'static str],
    /// Whether an empty list handed in counts, so that there is no group at all.
    pub empty_counts: bool,
    /// What it lets out when it is made.
    pub egress: Egress,
    /// What happens if a group is handed in and the property that governs egress is given as well.
    pub both: Both,
    /// Whether the construct's `connections` are those of the group that was made or handed in.
    pub connectable: bool,
    /// Children that are imported groups, declared open, which share those connections: the library adds
    /// no egress rule to them, but they are peers of other people's rules.
    pub imported: &'static [&'static str],
    /// Attributes that are the group that was made or handed in, or the list of them.
    pub attributes: &'static [&'static str],
    /// The port of `allow_default_port_*` on those connections.
    pub default_port: DefaultPort,
    /// The places in the library's code: `file: child as it is written there`.
    pub sites: &'static [&'static str],
    /// The oracle's probe that shows the row; empty for packages that are published apart, which it does not install.
    pub probe: &'static str,
}

/// Where a path begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// Below the construct itself; for a method, below the object on which it is called.
    Itself,
    /// Below the construct that is given as this argument, by position or keyword.
    Argument(&'static str),
    /// Below the construct to which the maker is given later, as this property of this class
    /// (a `NatProvider` makes its group below the `Vpc` that takes it).
    Taker(&'static str, &'static str),
    /// Below the stack of the construct; made once per stack and path, however many constructs ask for it.
    Stack,
    /// Below the construct's scope; made once per stack and path.
    Scope,
}

/// A condition for a group, or a part, to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// This property is given, and not `None`.
    Given(&'static str),
    /// This property is not given, or `None`.
    Absent(&'static str),
    /// This property is literally `True`.
    True(&'static str),
    /// This property is anything but `True`.
    NotTrue(&'static str),
    /// This property is anything but `False`.
    NotFalse(&'static str),
    /// This feature flag is on in the construct's context.
    Flag(&'static str),
    /// The task definition given as `task_definition` has network mode `awsvpc`: every Fargate one, others
    /// that say so.
    AwsVpcMode,
    /// The task definition has another network mode.
    NotAwsVpcMode,
    /// This property is the enum member of this name.
    Is(&'static str, &'static str),
    /// This property is not the enum member of this name.
    IsNot(&'static str, &'static str),
    /// This property is absent or a number other than 0.
    NotZero(&'static str),
    /// The construct is part of a state machine: it makes the group when it is rendered.
    InStateMachine,
}

/// What a group lets out when it is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Egress {
    /// All IPv4; no property changes it.
    Open,
    /// Nothing at first; rules come per target.
    Closed,
    /// All IPv4 unless the property `ipv4` is `False`; all IPv6 only if the property `ipv6` is `True`.
    Property {
        /// Governs IPv4.
        ipv4: &'static str,
        /// Governs IPv6, where there is one.
        ipv6: Option<&'static str>,
    },
    /// All IPv4 unless the property `default_allowed_traffic` is `NatTrafficDirection.NONE`.
    NatDirection,
}

/// A group handed in and the property that governs egress, both at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Both {
    /// There is no such property, or none to hand in.
    Impossible,
    /// The property is ignored in silence.
    Ignored,
    /// Synthesis fails.
    Error,
}

/// The port that `allow_default_port_*` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultPort {
    /// There is none: the call fails.
    None,
    /// This TCP port.
    Tcp(u16),
    /// A TCP port that only the deployment knows (a database's endpoint).
    Token,
    /// TCP ports `from..=to`.
    TcpRange(u16, u16),
    /// This TCP port if this property is true, else none.
    TcpIf(&'static str, u16),
    /// The TCP port in this property.
    Property(&'static str),
    /// The TCP port of the service in the property `service`: 443 for the vendor's own.
    Service,
}

/// A construct that another construct, or a method, makes.
#[derive(Debug)]
pub struct Part {
    /// The classes or methods that make it, as in [`HiddenGroup::makers`].
    pub makers: &'static [&'static str],
    /// The class that is made.
    pub class: &'static str,
    /// Where the path in `child` begins.
    pub anchor: Anchor,
    /// Its path below the anchor.
    pub child: &'static str,
    /// When it is made, if none is handed in.
    pub needs: &'static [Need],
    /// The properties that hand one in instead.
    pub handed_in: &'static [&'static str],
    /// Attributes of the maker that are the part (or the one handed in). Of a method, the part is what
    /// the call returns.
    pub attributes: &'static [&'static str],
    /// Whether the maker's `connections` are the part's.
    pub lends_connections: bool,
    /// What the part is given of what decides over groups.
    pub given: &'static [(&'static str, Given)],
    /// The oracle's probe that shows the row.
    pub probe: &'static str,
}

/// Where a part's property comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// The maker's own property of this name (absent there, absent here).
    Property(&'static str),
    /// An attribute of the maker, or of the object on which the method is called.
    Attribute(&'static str),
    /// The object on which the method is called, or the maker.
    Itself,
    /// The properties of the struct that is the maker's property of this name; the empty text is all that the
    /// maker itself is given. Stands for many: its key is empty. Other entries go before it.
    All(&'static str),
    /// Something is given; what it is does not matter here.
    Something,
}

/// A call, or a construct, that adds egress rules behind the user's back, or that leads to them.
#[derive(Debug)]
pub struct Traffic {
    /// The classes or methods, as in [`HiddenGroup::makers`].
    pub makers: &'static [&'static str],
    /// What it does.
    pub effect: Effect,
    /// When: all of these must hold.
    pub needs: &'static [Need],
    /// The oracle's probe that shows the row.
    pub probe: &'static str,
}

/// What [`Traffic`] does. A target group of an application load balancer stands between two calls: members
/// come to it, listeners come to it, in any order, and each pair makes one rule from the balancer's groups to the
/// member's (with the member's [`member_port`]). Network load balancers add no rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Egress from the groups of `from` to `to`.
    Rule {
        /// Whose groups get the rule.
        from: End,
        /// To whom it leads.
        to: End,
        /// On which ports.
        port: Port,
    },
    /// The target group `group` gets members.
    Members {
        /// The target group.
        group: End,
        /// The members.
        members: End,
    },
    /// The listener serves target groups.
    Serves {
        /// The listener.
        listener: End,
        /// The target groups; a `ListenerAction` stands for those that it, and its `next`, forward to.
        groups: End,
    },
}

/// One end of an [`Effect`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The construct, or the object on which the method is called; or what it has as this attribute.
    Own(&'static str),
    /// What is given as this argument or property, each item if it is a list.
    Argument(&'static str),
    /// What the call makes and returns.
    Made,
    /// The listener to which the maker is given later, inside an action.
    Listener,
    /// Any IPv4 address.
    AnyIpv4,
}

/// The ports of an [`Effect::Rule`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Port {
    /// This TCP port.
    Tcp(u16),
    /// TCP ports `from..=to`.
    TcpRange(u16, u16),
    /// The default port of the connections at the far end, else this one.
    Default(Option<u16>),
    /// For a classic load balancer: the `internal_port` of each listener, else its `external_port`.
    ClassicListeners,
    /// Every TCP port.
    AllTcp,
    /// Every UDP port.
    AllUdp,
    /// ICMP of every type.
    AllIcmp,
    /// Everything.
    AllTraffic,
}

/// On which port a load balancer reaches a member of a target group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberPort {
    /// On the target group's: its `port`, else 80 for HTTP and 443 for HTTPS.
    TargetGroup,
    /// On the container's, in the protocol of its port mapping: the `host_port` if one is set; in network mode
    /// `awsvpc` (or `host`) the `container_port`; else the ephemeral ports, TCP 32768 to 65535. The container and port are
    /// those named, else the first mapping of the task's default container.
    Container,
    /// No rule is made for it.
    NoRule,
}

/// How a member of this class is reached.
pub fn member_port(full_name: &str) -> MemberPort {
    let is = |name: &str| full_name == name || library::lookup(full_name).is_some_and(|info| info.is_a(name));
    if is("aws_cdk.aws_ecs.BaseService") || is("aws_cdk.aws_ecs.IEcsLoadBalancerTarget") {
        MemberPort::Container
    } else if is("aws_cdk.aws_autoscaling.AutoScalingGroup") {
        MemberPort::TargetGroup
    } else {
        // Instances, addresses, functions and other balancers as targets (`aws_elasticloadbalancingv2_targets`).
        MemberPort::NoRule
    }
}

/// A call, or a construct, that puts further groups into somebody's connections.
#[derive(Debug)]
pub struct Join {
    /// The classes or methods, as in [`HiddenGroup::makers`].
    pub makers: &'static [&'static str],
    /// Whose connections grow.
    pub whose: End,
    /// By the groups of whom.
    pub by: End,
    /// When: all of these must hold.
    pub needs: &'static [Need],
    /// The oracle's probe that shows the row.
    pub probe: &'static str,
}

/// The groups that a class (or a method) makes itself.
pub fn groups(full_name: &str) -> impl Iterator<Item = &'static HiddenGroup> + use<> {
    each(Rows::of(full_name), |rows| &rows.groups)
}

/// The constructs that a class (or a method) makes.
pub fn parts(full_name: &str) -> impl Iterator<Item = &'static Part> + use<> {
    each(Rows::of(full_name), |rows| &rows.parts)
}

/// What a class (or a method) does to egress rules.
pub fn traffic(full_name: &str) -> impl Iterator<Item = &'static Traffic> + use<> {
    each(Rows::of(full_name), |rows| &rows.traffic)
}

/// What a class (or a method) does to connections.
pub fn joins(full_name: &str) -> impl Iterator<Item = &'static Join> + use<> {
    each(Rows::of(full_name), |rows| &rows.joins)
}

fn each<T>(rows: Arc<Rows>, list: fn(&Rows) -> &Vec<&'static T>) -> impl Iterator<Item = &'static T> {
    (0..).map_while(move |at| list(&rows).get(at).copied())
}

/// The rows of one class or method. Programs make the same few things again and again: what was looked up once is
/// remembered.
#[derive(Default)]
struct Rows {
    groups: Vec<&'static HiddenGroup>,
    parts: Vec<&'static Part>,
    traffic: Vec<&'static Traffic>,
    joins: Vec<&'static Join>,
}

/// Names whose rows are remembered: programs make up names of their own.
const REMEMBERED: usize = 4096;

static SHARED: LazyLock<RwLock<FxHashMap<Box<str>, Arc<Rows>>>> = LazyLock::new(Default::default);

thread_local! {
    /// The same, of this thread.
    static OWN: RefCell<FxHashMap<Box<str>, Arc<Rows>>> = RefCell::default();
}

impl Rows {
    fn of(full_name: &str) -> Arc<Self> {
        if let Some(rows) = OWN.with_borrow(|own| own.get(full_name).cloned()) {
            return rows;
        }
        let rows = Self::shared(full_name);
        OWN.with_borrow_mut(|own| {
            if own.len() < REMEMBERED {
                own.insert(full_name.into(), Arc::clone(&rows));
            }
        });
        rows
    }

    fn shared(full_name: &str) -> Arc<Self> {
        if let Some(rows) = SHARED.read().unwrap_or_else(PoisonError::into_inner).get(full_name) {
            return Arc::clone(rows);
        }
        let maker = Maker::of(full_name);
        let rows = Arc::new(Self {
            groups: group_rows::ROWS.iter().filter(|row| maker.is_one_of(row.makers)).collect(),
            parts: part_rows::ROWS.iter().filter(|row| maker.is_one_of(row.makers)).collect(),
            traffic: traffic_rows::ROWS.iter().filter(|row| maker.is_one_of(row.makers)).collect(),
            joins: traffic_rows::JOINS.iter().filter(|row| maker.is_one_of(row.makers)).collect(),
        });
        let mut shared = SHARED.write().unwrap_or_else(PoisonError::into_inner);
        if shared.len() < REMEMBERED {
            shared.insert(full_name.into(), Arc::clone(&rows));
        }
        rows
    }
}

/// Every place in the library's code that a row names.
pub fn sites() -> impl Iterator<Item = &'static str> {
    group_rows::ROWS.iter().flat_map(|row| row.sites.iter().copied())
}

/// A construct's address, by its path: what the CDK puts into the names of things made once per stack.
pub fn address(path: &str) -> String {
    let mut hash = sha1::Sha1::new();
    // The root of the tree has an empty name, and constructs called `Default` are left out.
    for component in std::iter::once("").chain(path.split('/')).filter(|c| *c != "Default") {
        hash.update(component);
        hash.update("\n");
    }
    let mut address = String::from("c8");
    for byte in hash.finalize() {
        let _ = write!(address, "{byte:02x}");
    }
    address
}

/// A class or method, as rows name it.
struct Maker {
    full_name: String,
    /// The class, or the one that has the method, with all that it extends and implements.
    lineage: Vec<&'static str>,
    method: Option<String>,
    is_static: bool,
}

impl Maker {
    fn of(full_name: &str) -> Self {
        let full_name = full_name.to_string();
        if let Some(class) = library::lookup(&full_name) {
            return Self { full_name, lineage: class.lineage(), method: None, is_static: false };
        }
        let (class, method) = full_name.rsplit_once('.').unwrap_or((&full_name, ""));
        let class = library::lookup(class);
        Self {
            lineage: class.map(|info| info.lineage()).unwrap_or_default(),
            method: Some(method.to_string()),
            is_static: class
                .and_then(|info| info.method(method))
                .is_some_and(|signature| signature.is_static),
            full_name,
        }
    }

    fn is_one_of(&self, makers: &[&str]) -> bool {
        makers.iter().any(|maker| self.is(maker))
    }

    fn is(&self, maker: &str) -> bool {
        let Some(method) = &self.method else { return self.lineage.contains(&maker) };
        let Some((owner, name)) = maker.rsplit_once('.') else { return false };
        let named = name == method || (name == "*" && self.is_static);
        // Classes that the library no longer has are known by their full name only.
        maker == self.full_name || (named && self.lineage.contains(&owner))
    }
}

#[cfg(test)]
mod tests;
