//! Security groups as the program makes and changes them: a log of events, each under its guard.

use super::convert::Switch;
use super::nodes::Made;
use super::peers::{PeerRule, PortRule};
use std::rc::Rc;
use tidegate_estate::{Guard, Place, Reason, Remedy, Step};
use tidegate_program::{NativeId, Value};

/// A group.
#[derive(Debug)]
pub(crate) struct Group {
    /// Its construct; for a group that is only referred to by id, the import.
    pub construct: NativeId,
    /// What kind of construct.
    pub form: Form,
    /// `allow_all_outbound`.
    pub allow_all: Switch,
    /// Where `allow_all_outbound` is written.
    pub allow_all_place: Option<Place>,
    /// Assignments that gave it its value.
    pub allow_all_chain: Vec<Step>,
    /// `allow_all_ipv6_outbound`.
    pub allow_ipv6: Switch,
    /// Where `allow_all_ipv6_outbound` is written.
    pub allow_ipv6_place: Option<Place>,
    /// When every rule stands on its own instead of in the group (`disable_inline_rules`).
    pub standalone: Guard,
    /// Where, when, by whom.
    pub made: Made,
    /// Short name.
    pub name: String,
    /// Construct path without a trailing `/Resource`.
    pub path: Option<String>,
    /// What closes it.
    pub remedy: Remedy,
    /// The property whose omission opens it, as the dialect spells it; `None` = the construct offers none.
    pub property: Option<String>,
    /// Index of the direct call that made it.
    pub direct_call: Option<usize>,
    /// What happened to it, in order.
    pub events: Vec<(Guard, Event)>,
    /// Tags, where known.
    pub tags: Vec<(String, String)>,
}

/// What kind of construct a group is.
#[derive(Debug)]
pub(crate) enum Form {
    /// `ec2.SecurityGroup`, also behind another construct.
    Class,
    /// `ec2.CfnSecurityGroup` or a raw resource: its egress as given (`None` = left out).
    Template(Option<(Value, Place)>),
    /// Exists elsewhere.
    Imported {
        /// Whether rules may be added at all.
        mutable: Switch,
        /// Its id as far as known.
        id: String,
        /// Whether the program states that it is open.
        declared: Option<Place>,
        /// The VPC whose default group it is.
        default_of: Option<NativeId>,
    },
}

/// Something that happens to a group.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "nearly every event is a rule")]
pub(crate) enum Event {
    /// `add_egress_rule` and all that leads to it.
    Rule {
        /// To whom.
        peer: PeerRule,
        /// On which ports.
        port: PortRule,
        /// Where.
        place: Place,
        /// Calls that led there.
        chain: Rc<[Step]>,
        /// Whether the program's author wrote this rule (and not a construct's own code).
        written: bool,
        /// `Some` where nobody can know whether the rule is there at all.
        unsure: Option<Reason>,
    },
    /// A standalone L1 rule that names the group.
    Standalone {
        /// Its construct.
        construct: NativeId,
        /// The rule's properties.
        rule: Value,
        /// Where.
        place: Place,
    },
    /// The egress property of the synthesized resource is replaced.
    Replace {
        /// By this; `None` = the property is deleted.
        value: Option<Value>,
        /// Where.
        place: Place,
    },
    /// One field of one inline rule is overridden.
    Field {
        /// Which rule.
        at: usize,
        /// Path in the rule (`CidrIp`), empty = the whole rule.
        field: String,
        /// New value, `None` = deleted.
        value: Option<Value>,
        /// Where.
        place: Place,
    },
    /// Something that nobody can follow may change it.
    Opaque(Reason),
}
