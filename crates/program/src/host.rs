//! The seam between the interpreter and what it knows nothing about: libraries and files.

use crate::interp::Interp;
use crate::value::{NativeId, ObjectId, Value};
use std::rc::Rc;
use std::sync::Arc;
use tidegate_estate::{Place, Reason, Span};

/// What a reader supplies: the meaning of library names, the objects they make, and project files.
///
/// Functions take the whole interpreter, whose [`Interp::host`] is the implementor, so that a library
/// may call back into the program.
pub trait Host: Sized {
    /// The bytes of a project file, if there is one.
    fn file(cx: &Interp<Self>, path: &str) -> Option<Arc<[u8]>>;

    /// Whether the project has this file.
    fn has_file(cx: &Interp<Self>, path: &str) -> bool;

    /// Whether the project has a file below this folder (a namespace package).
    fn has_folder(cx: &Interp<Self>, folder: &str) -> bool;

    /// The name under which a library module is known (`aws_cdk.core` is `aws_cdk`).
    fn canonical(cx: &Interp<Self>, module: &str) -> Rc<str>;

    /// The names that `from module import *` of a library binds.
    fn members(cx: &Interp<Self>, module: &str) -> Vec<Rc<str>>;

    /// The value of a library name that is not callable (`None` = it stays a name).
    fn external(cx: &mut Interp<Self>, path: &str) -> Option<Value>;

    /// A call of a library name: a class, a function, a method of a class. An error gives the arguments back: what
    /// is called is not modelled.
    fn call(
        cx: &mut Interp<Self>,
        path: &Rc<str>,
        site: &CallSite,
        arguments: Arguments,
    ) -> Result<Value, Box<Arguments>>;

    /// The library's part of an instance of a program class, when its initializer is reached.
    fn construct(
        cx: &mut Interp<Self>,
        base: &Rc<str>,
        instance: ObjectId,
        site: &CallSite,
        arguments: Arguments,
    ) -> Value;

    /// Reads `native.name`.
    fn attribute(cx: &mut Interp<Self>, native: NativeId, name: &Rc<str>, span: Span) -> Value;

    /// Sets `native.name = value`.
    fn set_attribute(cx: &mut Interp<Self>, native: NativeId, name: &Rc<str>, value: Value, span: Span);

    /// Calls `native.name(arguments)`.
    fn call_method(
        cx: &mut Interp<Self>,
        native: NativeId,
        name: &Rc<str>,
        site: &CallSite,
        arguments: Arguments,
    ) -> Value;

    /// Calls a method of an unknown value of a known library type (`kind` of [`crate::value::Unknown`]),
    /// or of no known type. The arguments may matter: an unknown may change what it is handed.
    fn call_unknown(
        cx: &mut Interp<Self>,
        unknown: &Rc<crate::value::Unknown>,
        name: &str,
        site: &CallSite,
        arguments: Arguments,
    ) -> Value;

    /// Whether a value is an instance of a library class; `None` = cannot tell.
    fn is_instance(cx: &mut Interp<Self>, value: &Value, class: &str) -> Option<bool>;

    /// The type name that an annotation naming a library class gives to unknown arguments.
    fn annotated(cx: &mut Interp<Self>, path: &str) -> Option<Rc<str>>;
}

/// Where a call stands.
#[derive(Debug, Clone)]
pub struct CallSite {
    /// The whole call.
    pub place: Place,
    /// The callee in it.
    pub callee: Span,
}

impl CallSite {
    /// The callee as a place.
    pub fn callee_place(&self) -> Place {
        Place { path: self.place.path.clone(), span: self.callee }
    }
}

/// The arguments of a call, evaluated.
#[derive(Debug, Clone, Default)]
pub struct Arguments {
    /// By position.
    pub positional: Vec<PositionalArgument>,
    /// By name, in order.
    pub named: Vec<NamedArgument>,
    /// Set where `*unknown` may add positional arguments.
    pub open_positional: Option<Reason>,
    /// Set where `**unknown` may add named ones.
    pub open_named: Option<Reason>,
}

/// An argument by position.
#[derive(Debug, Clone)]
pub struct PositionalArgument {
    /// Its value.
    pub value: Value,
    /// Its bytes.
    pub span: Span,
}

/// An argument by name.
#[derive(Debug, Clone)]
pub struct NamedArgument {
    /// The name.
    pub name: Rc<str>,
    /// Its value.
    pub value: Value,
    /// The whole `name=value` (or `**props`).
    pub place: Place,
    /// Whether it came out of a splatted mapping.
    pub splatted: bool,
    /// `Some` where the value is a literal written in place (no places) or reached through variables
    /// (the assignments, nearest first).
    pub written: Option<Vec<Place>>,
}

impl Arguments {
    /// The argument called `name`.
    pub fn get(&self, name: &str) -> Option<&NamedArgument> {
        self.named.iter().find(|argument| &*argument.name == name)
    }

    /// The value at `position`, or called `name`.
    pub fn value(&self, position: usize, name: &str) -> Option<&Value> {
        match self.positional.get(position) {
            Some(argument) => Some(&argument.value),
            None => self.get(name).map(|argument| &argument.value),
        }
    }

    /// Adds a value by position.
    pub fn push(&mut self, value: Value, span: Span) {
        self.positional.push(PositionalArgument { value, span });
    }

    /// Arguments of these values by position.
    pub fn of(values: impl IntoIterator<Item = Value>) -> Self {
        let positional =
            values.into_iter().map(|value| PositionalArgument { value, span: Span::default() }).collect();
        Self { positional, ..Self::default() }
    }
}
