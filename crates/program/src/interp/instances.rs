//! Instances: made, filled, told apart; named tuples and members of enums among them.

use super::Interp;
use super::classes::NAMED_TUPLE;
use crate::core::{ClassDef, ExprKind, StmtKind};
use crate::host::{Arguments, CallSite, Host};
use crate::value::{
    Class, ClassKind, Field, FieldDefault, FxIndexMap, Instance, Key, Map, Object, ObjectId, ScopeKind,
    Value, Variable,
};
use std::rc::Rc;
use tidegate_estate::{Guard, Reason};

impl<H: Host> Interp<H> {
    /// `collections.namedtuple(name, fields)`: a class whose constructor takes its fields.
    pub(crate) fn named_tuple(
        &mut self,
        name: &str,
        fields: Vec<Field>,
        span: tidegate_estate::Span,
    ) -> Value {
        let symbol = self.names.intern(name);
        let definition = ClassDef {
            name: symbol,
            name_span: span,
            span,
            bases: Vec::new(),
            body: Vec::new(),
            decorators: Vec::new(),
        };
        let scope = self.new_scope(None, ScopeKind::Class);
        let id = self.heap.add(Object::Items(Default::default()));
        let base = Value::External(NAMED_TUPLE.into());
        let class = Class {
            definition: Rc::new(definition),
            name: name.into(),
            qualified: name.into(),
            path: self.current_path(),
            bases: vec![base.clone()],
            order: vec![Value::Class(id), base],
            scope,
            kind: ClassKind::Data,
            fields,
        };
        *self.heap.change(id) = Object::Class(Rc::new(class));
        Value::Class(id)
    }

    /// The fields of a named tuple in order; `None` = the instance is something else.
    pub(crate) fn tuple_fields(&self, instance: ObjectId) -> Option<Vec<Value>> {
        let instance = self.heap.instance(instance)?;
        let class = self.heap.class(instance.class)?;
        let is_tuple =
            class.order.iter().any(|base| matches!(base, Value::External(p) if &**p == NAMED_TUPLE));
        is_tuple.then(|| {
            class
                .fields
                .iter()
                .map(|field| instance.attributes.get(&field.name).map_or(Value::None, |v| v.value.clone()))
                .collect()
        })
    }

    /// The members of an enum in the order they are written.
    pub(crate) fn enum_members(&self, class: &Rc<Class>) -> Vec<Value> {
        let mut members = Vec::new();
        for statement in &class.definition.body {
            let StmtKind::Assign { targets, .. } = &statement.kind else { continue };
            for target in targets {
                if let ExprKind::Name(name) = target.kind
                    && let Some(variable) = self.heap.scope(class.scope).and_then(|s| s.variables.get(&name))
                    && let Value::Instance(_) = variable.value
                {
                    members.push(variable.value.clone());
                }
            }
        }
        members
    }

    pub(crate) fn enum_map(&mut self, class: &Rc<Class>) -> Value {
        let mut map = Map::default();
        for member in self.enum_members(class) {
            let Value::Instance(id) = member else { continue };
            let name = self
                .heap
                .instance(id)
                .and_then(|instance| instance.attributes.get(&self.sym.enum_name))
                .and_then(|variable| variable.value.as_str().cloned());
            if let Some(name) = name {
                map.entries.insert(Key::Str(name), member);
            }
        }
        Value::Dict(self.heap.add(Object::Map(map)))
    }

    /// Calls a class: makes an instance.
    pub(crate) fn instantiate(&mut self, id: ObjectId, site: &CallSite, arguments: Arguments) -> Value {
        let Some(class) = self.heap.class(id).cloned() else { return Value::None };
        if class.kind == ClassKind::Enum {
            return self.member_by_value(&class, &arguments, site);
        }
        if class.kind == ClassKind::Mapping {
            return self.builtin_dict(&arguments);
        }
        let instance = self.heap.add(Object::Instance(Instance {
            class: id,
            attributes: FxIndexMap::default(),
            native: None,
        }));
        let value = Value::Instance(instance);
        // Whoever makes one of these reaches the classes it is made of.
        for ancestor in &class.order {
            if let Value::Class(ancestor) = ancestor
                && let Some(ancestor) = self.heap.class(*ancestor)
            {
                self.entered.insert((ancestor.path.clone(), ancestor.definition.span.start));
            }
        }
        if let Some(init) = self.class_variable(id, self.sym.init) {
            let bound = Value::Method(Rc::new((value.clone(), init.value)));
            self.call_value(&bound, arguments, Some(site));
        } else if class.kind == ClassKind::Data {
            self.fill_fields(instance, &class, arguments);
            if let Some(post) = self.class_variable(id, self.sym.post_init) {
                let bound = Value::Method(Rc::new((value.clone(), post.value)));
                self.call_value(&bound, Arguments::default(), Some(site));
            }
        } else if let Some(base) = self.library_base(id) {
            self.construct(&base, instance, site, arguments);
        }
        value
    }

    /// Runs the library's initializer for an instance of a program class.
    pub(crate) fn construct(
        &mut self,
        base: &Rc<str>,
        instance: ObjectId,
        site: &CallSite,
        arguments: Arguments,
    ) {
        let native = H::construct(self, base, instance, site, arguments);
        if let Some(instance) = self.heap.instance_mut(instance) {
            instance.native = Some(native);
        }
    }

    fn fill_fields(&mut self, instance: ObjectId, class: &Rc<Class>, arguments: Arguments) {
        let mut positional = arguments.positional.into_iter();
        let mut named: FxIndexMap<Rc<str>, Value> =
            arguments.named.into_iter().map(|argument| (argument.name, argument.value)).collect();
        for field in &class.fields {
            let text = self.names.text(field.name).clone();
            let given = if field.init {
                positional.next().map(|a| a.value).or_else(|| named.shift_remove(&text))
            } else {
                None
            };
            let value = match given {
                Some(value) => value,
                None => match (&arguments.open_named, &field.default) {
                    (Some(reason), _) if field.init => self.unknown_of(reason.clone(), field.kind.clone()),
                    (_, FieldDefault::Value(value)) => value.clone(),
                    (_, FieldDefault::Factory(make)) => {
                        self.call_value(&make.clone(), Arguments::default(), None)
                    }
                    (_, FieldDefault::Required) => self.unknown_of(
                        Reason::new(format!("the field {text} is not given")),
                        field.kind.clone(),
                    ),
                },
            };
            if let Some(instance) = self.heap.instance_mut(instance) {
                instance.attributes.insert(field.name, Variable { value, written: None });
            }
        }
    }

    fn member_by_value(&mut self, class: &Rc<Class>, arguments: &Arguments, site: &CallSite) -> Value {
        let Some(wanted) = arguments.value(0, "value").cloned() else { return Value::None };
        let members = self.enum_members(class);
        for member in &members {
            let value = self.attribute(member, self.sym.value, site.callee);
            if self.equal(&value, &wanted) == Some(true) || member.same(&wanted) {
                return member.clone();
            }
        }
        if let Value::OneOf(alternatives) = &wanted {
            let mut results = Vec::new();
            for (guard, alternative) in alternatives.clone().iter() {
                let arguments = Arguments::of([alternative.clone()]);
                results.push((guard.clone(), self.member_by_value(class, &arguments, site)));
            }
            return crate::heap::one_of(results);
        }
        if let Value::Unknown(unknown) = &wanted {
            // One of the members: they are all written down.
            let reason = unknown.reason.clone();
            let unknown = unknown.clone();
            let names = members.iter().enumerate().map(|(at, _)| at.to_string()).collect();
            let key = (unknown.id, class.scope.0, members.len());
            let choice = match self.picks.get(&key) {
                Some(choice) => *choice,
                None => self.choose(reason.text.to_string(), names, reason.place.clone()),
            };
            self.picks.insert(key, choice);
            let alternatives =
                members.into_iter().enumerate().map(|(at, m)| (Guard::is(choice, at as u32), m)).collect();
            return crate::heap::one_of(alternatives);
        }
        self.unknown_at("the enum has no such member", site.callee)
    }

    /// Whether a value is an instance of a class; `None` = cannot tell.
    pub fn is_instance(&mut self, value: &Value, class: &Value) -> Option<bool> {
        match (value, class) {
            (_, Value::Tuple(classes)) => {
                let mut unsure = false;
                for class in classes.iter() {
                    match self.is_instance(value, class) {
                        Some(true) => return Some(true),
                        Some(false) => {}
                        None => unsure = true,
                    }
                }
                if unsure { None } else { Some(false) }
            }
            (Value::Unknown(_), Value::Class(_)) => None,
            (Value::Instance(id), Value::Class(_)) => {
                let own = self.heap.instance(*id)?.class;
                Some(self.heap.class(own)?.order.iter().any(|ancestor| ancestor.same(class)))
            }
            (Value::Instance(id), Value::External(path)) => {
                let instance = self.heap.instance(*id)?;
                let own = self.heap.class(instance.class)?.clone();
                if own.order.iter().any(|ancestor| matches!(ancestor, Value::External(p) if p == path)) {
                    return Some(true);
                }
                match instance.native.clone() {
                    Some(native) => H::is_instance(self, &native, path),
                    None => Some(false),
                }
            }
            (_, Value::External(path)) => match crate::python::is_builtin_instance(value, path) {
                Some(known) => Some(known),
                None => H::is_instance(self, value, path),
            },
            (_, Value::Class(_)) => Some(false),
            _ => None,
        }
    }
}
