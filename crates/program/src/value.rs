//! Values of the abstract interpreter: what a program's value is, as far as it can be known.

use crate::core::{ClassDef, Function};
use crate::names::Symbol;
use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap};
use std::rc::Rc;
use std::sync::Arc;
use tidegate_estate::{Guard, Place, Reason};

/// A map that keeps the order of insertion.
pub type FxIndexMap<K, V> = IndexMap<K, V, FxBuildHasher>;

/// Names an object on the [`crate::heap::Heap`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(pub u32);

/// Names an object that the host keeps (a construct, a token).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NativeId(pub u32);

/// A value.
#[derive(Debug, Clone)]
pub enum Value {
    /// `None`.
    None,
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A float.
    Float(f64),
    /// A string.
    Str(Rc<str>),
    /// No value: unbound, deleted, or absent in some worlds.
    Missing,
    /// A tuple.
    Tuple(Rc<[Value]>),
    /// A list on the heap.
    List(ObjectId),
    /// A set on the heap.
    Set(ObjectId),
    /// A dict on the heap.
    Dict(ObjectId),
    /// A function of the program.
    Function(Rc<Closure>),
    /// A callable with its first argument.
    Method(Rc<(Value, Value)>),
    /// A method of a built-in value, by name.
    BuiltinMethod(Rc<(Value, Rc<str>)>),
    /// A class of the program.
    Class(ObjectId),
    /// An instance of a class of the program.
    Instance(ObjectId),
    /// A module of the program.
    Module(ObjectId),
    /// Something in a library, by its full dotted name.
    External(Rc<str>),
    /// Something the host keeps.
    Native(NativeId),
    /// A method of something the host keeps.
    NativeMethod(NativeId, Rc<str>),
    /// `super()` seen from a class, for an instance.
    Super(Rc<(ObjectId, Value)>),
    /// `functools.partial`: callable, positional and named arguments.
    Partial(Rc<Partial>),
    /// The one whose guard holds.
    OneOf(Rc<[(Guard, Value)]>),
    /// Nobody can know.
    Unknown(Rc<Unknown>),
}

/// `functools.partial(callable, *positional, **named)`.
#[derive(Debug)]
pub struct Partial {
    /// What is called.
    pub callable: Value,
    /// The arguments already given.
    pub arguments: crate::host::Arguments,
}

/// A value that nobody can know.
#[derive(Debug)]
pub struct Unknown {
    /// Identity: the same unknown is the same value.
    pub id: u32,
    /// Why.
    pub reason: Reason,
    /// Its library type, where an annotation or the library says so.
    pub kind: Option<Rc<str>>,
}

/// A function with the scope around it.
#[derive(Debug)]
pub struct Closure {
    /// Its code.
    pub function: Rc<Function>,
    /// The scope in which it was defined.
    pub scope: ObjectId,
    /// Values of the defaults, in parameter order (`None` = no default).
    pub defaults: Vec<Option<Value>>,
    /// The file.
    pub path: Arc<str>,
    /// Dotted name within the file (`Web.__init__`).
    pub qualified: Rc<str>,
    /// The class it is a method of.
    pub class: Option<ObjectId>,
    /// Whether it is a property, static or class method.
    pub binding: Binding,
}

/// How a function in a class binds to an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding {
    /// Gets the instance as first argument.
    Method,
    /// Called when read.
    Property,
    /// Gets nothing.
    Static,
    /// Gets the class.
    Class,
}

/// Where a variable got its value.
#[derive(Debug)]
pub struct Written {
    /// The whole assignment.
    pub place: Place,
    /// The assignment that gave it its value, if that was a variable.
    pub from: Option<Rc<Written>>,
}

/// A variable.
#[derive(Debug, Clone)]
pub struct Variable {
    /// Its value.
    pub value: Value,
    /// The assignments that gave it a literal, nearest first; `None` where it came another way.
    pub written: Option<Rc<Written>>,
}

/// What lives on the heap: everything that can change.
#[derive(Debug, Clone)]
pub enum Object {
    /// Variables of a module, function, class body or comprehension.
    Scope(Scope),
    /// Elements with the guards under which they are there.
    Items(Items),
    /// A mapping.
    Map(Map),
    /// A class.
    Class(Rc<Class>),
    /// An instance.
    Instance(Instance),
    /// A module.
    Module(Rc<ModuleObject>),
}

/// Variables.
#[derive(Debug, Clone)]
pub struct Scope {
    /// Name to variable.
    pub variables: FxHashMap<Symbol, Variable>,
    /// The scope around it.
    pub parent: Option<ObjectId>,
    /// What kind of scope.
    pub kind: ScopeKind,
    /// Names declared `global` or `nonlocal`.
    pub outer: Vec<(Symbol, bool)>,
}

/// What kind of scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScopeKind {
    /// A file.
    Module,
    /// A call.
    Function,
    /// A class body: invisible to the functions in it.
    Class,
    /// A comprehension.
    Comprehension,
}

/// A list or set.
#[derive(Debug, Clone, Default)]
pub struct Items {
    /// Elements with the guards under which they are there.
    pub items: Vec<(Guard, Value)>,
    /// Set where there may be further elements that nobody can know.
    pub open: Option<Reason>,
}

/// A mapping.
#[derive(Debug, Clone, Default)]
pub struct Map {
    /// Entries in order of insertion; [`Value::Missing`] alternatives mean absent there.
    pub entries: FxIndexMap<Key, Value>,
    /// Set where there may be further entries that nobody can know.
    pub open: Option<Rc<Unknown>>,
    /// `defaultdict`: what makes missing values.
    pub factory: Option<Value>,
}

/// A key of a mapping.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// `None`.
    None,
    /// An integer or truth value.
    Int(i64),
    /// A string.
    Str(Rc<str>),
    /// A tuple.
    Tuple(Vec<Key>),
    /// Something on the heap, by identity.
    Object(ObjectId),
    /// A library name.
    External(Rc<str>),
    /// A host object.
    Native(NativeId),
}

/// A class.
#[derive(Debug)]
pub struct Class {
    /// Its code.
    pub definition: Rc<ClassDef>,
    /// Its name.
    pub name: Rc<str>,
    /// Dotted name within the file.
    pub qualified: Rc<str>,
    /// The file.
    pub path: Arc<str>,
    /// Bases as written, evaluated.
    pub bases: Vec<Value>,
    /// Resolution order: this class, its ancestors, library names last.
    pub order: Vec<Value>,
    /// The scope that holds its attributes.
    pub scope: ObjectId,
    /// What kind of class.
    pub kind: ClassKind,
    /// Fields in order, for data classes and named tuples.
    pub fields: Vec<Field>,
}

/// A field of a data class.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name.
    pub name: Symbol,
    /// Its default, or what makes one.
    pub default: FieldDefault,
    /// Its annotation's library type, if any.
    pub kind: Option<Rc<str>>,
    /// Whether the constructor takes it.
    pub init: bool,
}

/// The default of a field.
#[derive(Debug, Clone)]
pub enum FieldDefault {
    /// None: it must be given.
    Required,
    /// A value.
    Value(Value),
    /// A callable that makes one.
    Factory(Value),
}

/// What kind of class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClassKind {
    /// An ordinary one.
    Plain,
    /// Its constructor takes its fields.
    Data,
    /// Its attributes are members.
    Enum,
    /// A mapping with a type (`TypedDict`).
    Mapping,
}

/// An instance.
#[derive(Debug, Clone)]
pub struct Instance {
    /// Its class.
    pub class: ObjectId,
    /// Attributes set on it.
    pub attributes: FxIndexMap<Symbol, Variable>,
    /// What the library made for it (`super().__init__` of a library class).
    pub native: Option<Value>,
}

/// A module of the program.
#[derive(Debug)]
pub struct ModuleObject {
    /// Its file; for a folder without `__init__` the folder.
    pub path: Arc<str>,
    /// Its variables.
    pub scope: ObjectId,
    /// Its package's folder, for relative imports.
    pub folder: Rc<str>,
}

impl Value {
    /// A string value.
    pub fn str(text: impl Into<Rc<str>>) -> Self {
        let text = text.into();
        crate::work::count_text(text.len());
        Value::Str(text)
    }

    /// The text of a known string.
    pub fn as_str(&self) -> Option<&Rc<str>> {
        if let Value::Str(text) = self { Some(text) } else { None }
    }

    /// Whether both are the same value as far as can be told without looking into the heap.
    pub fn same(&self, other: &Value) -> bool {
        use Value::*;
        match (self, other) {
            (None, None) | (Missing, Missing) => true,
            (Bool(a), Bool(b)) => a == b,
            (Int(a), Int(b)) => a == b,
            (Float(a), Float(b)) => a.to_bits() == b.to_bits(),
            (Str(a), Str(b)) | (External(a), External(b)) => a == b,
            (Tuple(a), Tuple(b)) => {
                Rc::ptr_eq(a, b) || a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.same(b))
            }
            (List(a), List(b)) | (Set(a), Set(b)) | (Dict(a), Dict(b)) => a == b,
            (Class(a), Class(b)) | (Instance(a), Instance(b)) | (Module(a), Module(b)) => a == b,
            (Function(a), Function(b)) => Rc::ptr_eq(a, b),
            (Method(a), Method(b)) => Rc::ptr_eq(a, b) || a.0.same(&b.0) && a.1.same(&b.1),
            (BuiltinMethod(a), BuiltinMethod(b)) => a.0.same(&b.0) && a.1 == b.1,
            (Native(a), Native(b)) => a == b,
            (NativeMethod(a, m), NativeMethod(b, n)) => a == b && m == n,
            (Super(a), Super(b)) => a.0 == b.0 && a.1.same(&b.1),
            (Partial(a), Partial(b)) => Rc::ptr_eq(a, b),
            (OneOf(a), OneOf(b)) => {
                Rc::ptr_eq(a, b)
                    || a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.0 == b.0 && a.1.same(&b.1))
            }
            (Unknown(a), Unknown(b)) => a.id == b.id,
            _ => false,
        }
    }

    /// The key this value makes in a mapping, if it is known and can be one.
    pub fn key(&self) -> Option<Key> {
        Some(match self {
            Value::None => Key::None,
            Value::Bool(b) => Key::Int(i64::from(*b)),
            Value::Int(i) => Key::Int(*i),
            Value::Str(s) => Key::Str(s.clone()),
            Value::Tuple(items) => Key::Tuple(items.iter().map(Value::key).collect::<Option<_>>()?),
            Value::Class(id) | Value::Instance(id) | Value::Module(id) => Key::Object(*id),
            Value::External(path) => Key::External(path.clone()),
            Value::Native(id) => Key::Native(*id),
            _ => return None,
        })
    }
}

impl Key {
    /// The value this key was made of (instances come back as such).
    pub fn value(&self) -> Value {
        match self {
            Key::None => Value::None,
            Key::Int(i) => Value::Int(*i),
            Key::Str(s) => Value::Str(s.clone()),
            Key::Tuple(items) => Value::Tuple(items.iter().map(Key::value).collect()),
            Key::Object(id) => Value::Instance(*id),
            Key::External(path) => Value::External(path.clone()),
            Key::Native(id) => Value::Native(*id),
        }
    }
}

impl Written {
    /// The assignments, the one nearest to the use first.
    pub fn places(self: &Rc<Self>) -> Vec<Place> {
        let mut places = vec![self.place.clone()];
        let mut at = self.from.as_ref();
        while let Some(written) = at {
            if places.len() > 32 {
                break;
            }
            places.push(written.place.clone());
            at = written.from.as_ref();
        }
        places
    }
}
