//! Attributes: of instances, classes, modules, library names and host objects.

use super::Interp;
use crate::host::{Arguments, Host};
use crate::names::Symbol;
use crate::value::{Binding, Class, ClassKind, Object, ObjectId, Value, Variable, Written};
use std::rc::Rc;
use tidegate_estate::Span;

impl<H: Host> Interp<H> {
    /// Reads `object.name`.
    pub fn attribute(&mut self, object: &Value, name: Symbol, span: Span) -> Value {
        self.each(object, &mut |cx, object| {
            let value = cx.attribute_of_one(object, name, span);
            let value = cx.prune(value);
            cx.without_missing(value)
        })
    }

    fn attribute_of_one(&mut self, object: &Value, name: Symbol, span: Span) -> Value {
        let text = self.names.text(name).clone();
        match object {
            Value::Instance(id) => self.instance_attribute(*id, name, span),
            Value::Class(id) => self.class_attribute(*id, object, name, span),
            Value::Module(id) => self.module_attribute(*id, name, span),
            Value::External(path) => {
                let full = self.dotted(path, name);
                self.external(&full)
            }
            Value::Native(id) => H::attribute(self, *id, &text, span),
            Value::Super(inner) => self.super_attribute(inner.0, &inner.1.clone(), name, span),
            Value::Unknown(unknown) => self.derived(&unknown.clone(), &format!(".{text}"), None),
            Value::Str(path) if crate::python::path_attribute(path, &text).is_some() => {
                crate::python::path_attribute(path, &text).unwrap_or(Value::None)
            }
            Value::Str(address) if crate::python::address_attribute(address, &text).is_some() => {
                crate::python::address_attribute(address, &text).unwrap_or(Value::None)
            }
            Value::Str(_) if !crate::python::is_text_method(&text) => {
                // A text stands for paths and addresses, too: of what is not followed nobody can say even whether it
                // is true.
                self.unknown_at("it is an attribute that is not followed", span)
            }
            Value::Str(_)
            | Value::List(_)
            | Value::Set(_)
            | Value::Dict(_)
            | Value::Tuple(_)
            | Value::Int(_)
            | Value::Float(_)
            | Value::Bool(_)
            | Value::None => Value::BuiltinMethod(Rc::new((object.clone(), text))),
            Value::Function(closure) if &*text == "__name__" => {
                Value::Str(self.names.text(closure.function.name).clone())
            }
            Value::Partial(_) | Value::Function(_) | Value::Method(_) => {
                Value::BuiltinMethod(Rc::new((object.clone(), text)))
            }
            _ => self.unknown_at("it is an attribute of something that is not followed", span),
        }
    }

    /// A library name's value: a constant the host knows, else the name itself.
    pub(crate) fn external(&mut self, path: &Rc<str>) -> Value {
        H::external(self, path).unwrap_or_else(|| Value::External(path.clone()))
    }

    fn instance_attribute(&mut self, id: ObjectId, name: Symbol, span: Span) -> Value {
        let Some(instance) = self.heap.instance(id) else { return Value::None };
        let (class, native) = (instance.class, instance.native.clone());
        if let Some(variable) = instance.attributes.get(&name) {
            return variable.value.clone();
        }
        if let Some(found) = self.class_variable(class, name) {
            return self.bound(found.value, Value::Instance(id), class);
        }
        let text = self.names.text(name).clone();
        match &*text {
            "__class__" => return Value::Class(class),
            "__dict__" => return self.instance_dict(id),
            _ => {}
        }
        if let Some(native) = native {
            let value = self.each(&native, &mut |cx, native| match native {
                Value::Native(native) => H::attribute(cx, *native, &text, span),
                Value::Unknown(unknown) => cx.derived(&unknown.clone(), &format!(".{text}"), None),
                _ => Value::Missing,
            });
            if !matches!(value, Value::Missing) {
                return value;
            }
        }
        let getattr = self.sym.getattr;
        if let Some(found) = self.class_variable(class, getattr) {
            let method = self.bound(found.value, Value::Instance(id), class);
            return self.call_value(&method, Arguments::of([Value::Str(text)]), None);
        }
        if self.has_library_base(class) {
            let base = self.library_base(class).unwrap_or_else(|| "".into());
            return self
                .unknown_at(&format!("it is the attribute {text} of {base}, which is not followed"), span);
        }
        self.unknown_at(&format!("the attribute {text} is never set in the code that was read"), span)
    }

    fn instance_dict(&mut self, id: ObjectId) -> Value {
        let entries = self
            .heap
            .instance(id)
            .map(|instance| {
                let entry = |(name, variable): (&Symbol, &Variable)| {
                    (crate::value::Key::Str(self.names.text(*name).clone()), variable.value.clone())
                };
                instance.attributes.iter().map(entry).collect()
            })
            .unwrap_or_default();
        let map = crate::value::Map { entries, open: None, factory: None };
        Value::Dict(self.heap.add(Object::Map(map)))
    }

    /// The class attribute `name` as seen from an instance or class, unbound.
    pub(crate) fn class_variable(&self, class: ObjectId, name: Symbol) -> Option<Variable> {
        let class = self.heap.class(class)?;
        class.order.iter().find_map(|ancestor| {
            let Value::Class(id) = ancestor else { return None };
            self.heap.scope(self.heap.class(*id)?.scope)?.variables.get(&name).cloned()
        })
    }

    /// A method that the class of `value` defines in the program, bound to it.
    pub(crate) fn class_attribute_of(&mut self, value: &Value, name: Symbol) -> Option<Value> {
        let Value::Instance(id) = value else { return None };
        let class = self.heap.instance(*id)?.class;
        let found = self.class_variable(class, name)?;
        Some(self.bound(found.value, value.clone(), class))
    }

    /// What a class attribute becomes when read through an instance.
    fn bound(&mut self, value: Value, instance: Value, class: ObjectId) -> Value {
        match &value {
            Value::Function(closure) => match closure.binding {
                Binding::Static => value,
                Binding::Class => Value::Method(Rc::new((Value::Class(class), value))),
                Binding::Property => self.call_value(&value, Arguments::of([instance]), None),
                Binding::Method => Value::Method(Rc::new((instance, value))),
            },
            Value::OneOf(_) => {
                let instance = instance.clone();
                self.each(&value, &mut |cx, value| cx.bound(value.clone(), instance.clone(), class))
            }
            _ => value,
        }
    }

    fn class_attribute(&mut self, id: ObjectId, object: &Value, name: Symbol, span: Span) -> Value {
        if let Some(found) = self.class_variable(id, name) {
            if let Value::Function(closure) = &found.value
                && closure.binding == Binding::Class
            {
                return Value::Method(Rc::new((object.clone(), found.value)));
            }
            return found.value;
        }
        let text = self.names.text(name).clone();
        match &*text {
            "__name__" | "__qualname__" => {
                return self.heap.class(id).map_or(Value::None, |class| Value::Str(class.name.clone()));
            }
            "__members__" => {
                if let Some(class) = self.heap.class(id).cloned() {
                    return self.enum_map(&class);
                }
            }
            _ => {}
        }
        match self.library_base(id) {
            // A static method of the library class, reached through the program's subclass.
            Some(base) => {
                let full = self.dotted(&base, name);
                self.external(&full)
            }
            None => self.unknown_at(
                &format!("the class attribute {text} is never set in the code that was read"),
                span,
            ),
        }
    }

    /// The first library class among the ancestors.
    pub fn library_base(&self, class: ObjectId) -> Option<Rc<str>> {
        self.heap.class(class)?.order.iter().find_map(|ancestor| match ancestor {
            Value::External(path) if &**path != "builtins.object" => Some(path.clone()),
            _ => None,
        })
    }

    fn has_library_base(&self, class: ObjectId) -> bool {
        self.library_base(class).is_some()
    }

    pub(crate) fn module_attribute(&mut self, id: ObjectId, name: Symbol, span: Span) -> Value {
        let Object::Module(module) = self.heap.get(id) else { return Value::None };
        let module = module.clone();
        if let Some(variable) = self.heap.scope(module.scope).and_then(|scope| scope.variables.get(&name)) {
            return variable.value.clone();
        }
        let text = self.names.text(name).clone();
        if let Some(found) = self.submodule(&module.folder, &text) {
            return found;
        }
        self.unknown_at(&format!("{text} is not defined in {}", module.path), span)
    }

    fn super_attribute(&mut self, class: ObjectId, instance: &Value, name: Symbol, span: Span) -> Value {
        let own = match instance {
            Value::Instance(id) => self.heap.instance(*id).map(|instance| instance.class),
            Value::Class(id) => Some(*id),
            _ => None,
        };
        let order =
            own.and_then(|own| self.heap.class(own)).map(|class| class.order.clone()).unwrap_or_default();
        let after = order
            .iter()
            .position(|ancestor| matches!(ancestor, Value::Class(id) if *id == class))
            .map_or(0, |at| at + 1);
        let text = self.names.text(name).clone();
        for ancestor in &order[after.min(order.len())..] {
            match ancestor {
                Value::Class(id) => {
                    let found = self
                        .heap
                        .class(*id)
                        .and_then(|class| self.heap.scope(class.scope))
                        .and_then(|scope| scope.variables.get(&name))
                        .map(|variable| variable.value.clone());
                    if let Some(found) = found {
                        return match instance {
                            Value::Class(_) => Value::Method(Rc::new((instance.clone(), found))),
                            _ => self.bound(found, instance.clone(), *id),
                        };
                    }
                }
                Value::External(path) => {
                    if let Value::Instance(id) = instance {
                        if name == self.sym.init {
                            let target = Value::External(format!("{path}.__init__").into());
                            return Value::Method(Rc::new((instance.clone(), target)));
                        }
                        let native = self.heap.instance(*id).and_then(|instance| instance.native.clone());
                        if let Some(Value::Native(native)) = native {
                            return H::attribute(self, native, &text, span);
                        }
                        // A built-in base such as `dict` or `str`: its methods do nothing we follow.
                        return self
                            .unknown_at("it is a method of a library base that is not followed", span);
                    }
                    let full = self.dotted(path, name);
                    return self.external(&full);
                }
                _ => {}
            }
        }
        if name == self.sym.init || &*text == "__init_subclass__" || &*text == "__post_init__" {
            return Value::External("builtins.object.__init__".into());
        }
        self.unknown_at(&format!("no base class defines {text}"), span)
    }

    /// Sets `object.name = value`.
    pub(crate) fn set_attribute(
        &mut self,
        object: &Value,
        name: Symbol,
        value: Value,
        written: Option<Rc<Written>>,
        span: Span,
    ) {
        match object {
            Value::Instance(id) => self.set_instance_attribute(*id, name, value, written, span),
            Value::Class(id) => {
                let scope = self.heap.class(*id).map(|class| class.scope);
                if let Some(scope) = scope {
                    self.bind(scope, name, value, written);
                }
            }
            Value::Module(id) => {
                if let Object::Module(module) = self.heap.get(*id) {
                    let scope = module.scope;
                    self.bind(scope, name, value, written);
                }
            }
            Value::Native(id) => {
                let text = self.names.text(name).clone();
                H::set_attribute(self, *id, &text, value, span);
            }
            Value::OneOf(alternatives) => {
                for (guard, alternative) in alternatives.clone().iter() {
                    let value = value.clone();
                    self.branch(guard, |cx| cx.set_attribute(alternative, name, value, None, span));
                }
            }
            _ => {}
        }
    }

    fn set_instance_attribute(
        &mut self,
        id: ObjectId,
        name: Symbol,
        value: Value,
        written: Option<Rc<Written>>,
        span: Span,
    ) {
        let Some(instance) = self.heap.instance(id) else { return };
        let (class, native) = (instance.class, instance.native.clone());
        let setter = self.setters.get(&name).copied();
        if let Some(setter) = setter.and_then(|setter| self.class_variable(class, setter)) {
            self.call_value(&setter.value, Arguments::of([Value::Instance(id), value]), None);
            return;
        }
        if let Some(Value::Native(native)) = native {
            let text = self.names.text(name).clone();
            H::set_attribute(self, native, &text, value.clone(), span);
        }
        if let Some(instance) = self.heap.instance_mut(id) {
            instance.attributes.insert(name, Variable { value, written });
        }
    }

    /// `str` of an enum member that is a text itself, or its dotted name.
    pub(crate) fn enum_text(&mut self, value: &Value) -> Option<Value> {
        if let Some(text) = self.enum_value_if_text(value) {
            return Some(text);
        }
        let Value::Instance(id) = value else { return None };
        let instance = self.heap.instance(*id)?;
        let class = self.heap.class(instance.class)?.clone();
        if class.kind != ClassKind::Enum {
            return None;
        }
        let name = instance.attributes.get(&self.sym.enum_name)?.value.as_str()?.clone();
        Some(Value::str(format!("{}.{name}", class.name)))
    }

    /// The value of a member of an enum that is also a string.
    pub(crate) fn enum_value_if_text(&self, value: &Value) -> Option<Value> {
        let Value::Instance(id) = value else { return None };
        let instance = self.heap.instance(*id)?;
        let class: &Rc<Class> = self.heap.class(instance.class)?;
        if class.kind != ClassKind::Enum {
            return None;
        }
        let is_text = class.order.iter().any(
            |base| matches!(base, Value::External(p) if matches!(&**p, "builtins.str" | "enum.StrEnum")),
        );
        let value = &instance.attributes.get(&self.sym.value)?.value;
        (is_text && matches!(value, Value::Str(_))).then(|| value.clone())
    }
}
