//! The objects that a CDK program makes, as the model keeps them.

use super::peers::{PeerRule, PortRule};
use std::ops::{Deref, DerefMut};
use std::rc::Rc;
use tidegate_estate::{Guard, Place, Reason, Step};
use tidegate_program::value::FxIndexMap;
use tidegate_program::{NamedArgument, NativeId, ObjectId, Value};

/// The arguments of a library call by parameter name, positional ones included. Copies share them: a construct,
/// and all that comes along with it, keep what they were given.
#[derive(Debug, Clone, Default)]
pub(crate) struct Props(Rc<PropValues>);

/// What [`Props`] hold.
#[derive(Debug, Clone, Default)]
pub(crate) struct PropValues {
    /// By Python name.
    pub named: FxIndexMap<Rc<str>, NamedArgument>,
    /// Arguments beyond the named parameters (`*security_groups`).
    pub rest: Vec<Value>,
    /// Set where a splatted unknown may hold any further property.
    pub open: Option<Reason>,
    /// Whether anything was splatted in.
    pub splatted: bool,
}

impl Deref for Props {
    type Target = PropValues;

    fn deref(&self) -> &PropValues {
        &self.0
    }
}

impl DerefMut for Props {
    fn deref_mut(&mut self) -> &mut PropValues {
        Rc::make_mut(&mut self.0)
    }
}

impl From<PropValues> for Props {
    fn from(given: PropValues) -> Self {
        Self(Rc::new(given))
    }
}

impl PropValues {
    /// The argument's value, if it is written.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.named.get(name).map(|argument| &argument.value)
    }

    /// Whether the property may hold something other than `None`.
    pub fn is_given(&self, name: &str) -> bool {
        self.value(name).is_some_and(|value| !matches!(value, Value::None | Value::Missing))
    }
}

/// One object of the library.
#[derive(Debug)]
pub(crate) enum Node {
    /// A construct in the tree.
    Construct(Box<Construct>),
    /// Something else of a library type: a props struct, an instance type, a task definition's container.
    Object {
        /// Full Python name of the type; `list<…>` for lists.
        class: Rc<str>,
        /// What it was made with.
        props: Props,
        /// The object it was read from, and how.
        from: Option<(NativeId, Rc<str>)>,
    },
    /// `ec2.Peer.…`
    Peer(PeerRule),
    /// `ec2.Port.…`
    Port(PortRule),
    /// A `Connections` object.
    Connections(Connections),
    /// `construct.node`.
    Tree(NativeId),
    /// The L1 construct behind a security group.
    DefaultChild(usize),
    /// The L1 construct behind any other construct.
    OtherChild(NativeId),
    /// `Aspects.of(scope)`.
    Aspects(NativeId),
    /// Attributes with this prefix of a construct that has parts (`service.load_balancer` …).
    Facade {
        /// The construct.
        of: NativeId,
        /// The path so far.
        path: Rc<str>,
    },
    /// A template parameter, or its value.
    Parameter {
        /// What may be the value, as written.
        values: Value,
    },
    /// A template condition.
    Condition {
        /// When it holds.
        guard: Guard,
    },
}

/// A construct.
#[derive(Debug)]
pub(crate) struct Construct {
    /// Full Python name of the library class.
    pub class: Rc<str>,
    /// Path from the root, `None` where no entry point reached it.
    pub path: Option<Rc<str>>,
    /// Its id.
    pub id: Rc<str>,
    /// The construct above it.
    pub scope: Option<NativeId>,
    /// What it was made with.
    pub props: Props,
    /// Where.
    pub made: Made,
    /// Its group, if it is one.
    pub group: Option<usize>,
    /// The program's instance, if its class is the program's.
    pub instance: Option<ObjectId>,
    /// Attributes that the program set on it.
    pub set: FxIndexMap<Rc<str>, Value>,
}

/// Where and how something was made.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    /// The callee.
    pub callee: Place,
    /// The whole call.
    pub call: Place,
    /// Calls that led there.
    pub chain: Rc<[Step]>,
    /// The function or class around it.
    pub enclosing: Option<Rc<str>>,
    /// When.
    pub guard: Guard,
}

/// Groups that a construct opens connections from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Connections {
    /// Indexes of groups, each with the guard under which it is one of them.
    pub groups: Vec<(Guard, usize)>,
    /// A peer that is no group (`Peer.ipv4(…)` given as a connectable).
    pub peer: Option<PeerRule>,
    /// The port of `allow_default_port_*`.
    pub default_port: Option<Value>,
    /// Set where there may be groups that nobody can know.
    pub open: Option<Reason>,
    /// The construct it was read from, for calls that add groups.
    pub of: Option<NativeId>,
}
