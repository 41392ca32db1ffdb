//! Classes: definition, resolution order, data classes, enums, instances.

use super::{Frame, Interp};
use crate::core::{ArgumentKind, ClassDef, Expr, ExprKind, ParamKind, StmtKind};
use crate::host::{Arguments, CallSite, Host};
use crate::names::Symbol;
use crate::value::{
    Binding, Class, ClassKind, Closure, Field, FieldDefault, FxIndexMap, Instance, Key, Map, Object,
    ObjectId, ScopeKind, Value, Variable,
};
use std::rc::Rc;
use tidegate_estate::{Guard, Reason};

impl<H: Host> Interp<H> {
    pub(crate) fn define_class(&mut self, definition: &Rc<ClassDef>) -> Value {
        let mut bases = Vec::new();
        for base in &definition.bases {
            if base.kind == ArgumentKind::Positional {
                let value = self.eval(&base.value);
                bases.push(value);
            }
        }
        let name = self.names.text(definition.name).clone();
        let outer = self.frames.last().map(|frame| frame.qualified.clone()).unwrap_or_default();
        let qualified: Rc<str> =
            if outer.is_empty() { name.clone() } else { format!("{outer}.{name}").into() };
        let scope = self.new_scope(Some(self.scope()), ScopeKind::Class);
        let path = self.current_path();
        let base = self.path_len();
        self.frames.push(Frame {
            path: path.clone(),
            qualified: qualified.clone(),
            scope,
            site: None,
            receiver: None,
            function: 0,
            returns: Vec::new(),
            base,
            chain: Default::default(),
        });
        self.block(&definition.body);
        self.raised = Guard::Never;
        let kind = self.class_kind(definition, &bases);
        let fields = match kind {
            ClassKind::Data => self.fields(definition, &bases),
            _ => Vec::new(),
        };
        self.frames.pop();
        let id = self.heap.add(Object::Items(Default::default()));
        let order = self.resolution_order(id, &bases);
        let class = Class {
            definition: definition.clone(),
            name,
            qualified,
            path,
            bases,
            order,
            scope,
            kind,
            fields,
        };
        *self.heap.change(id) = Object::Class(Rc::new(class));
        self.adopt_methods(id, scope);
        if kind == ClassKind::Enum {
            self.make_members(id, scope, definition);
        }
        let mut value = Value::Class(id);
        if !self.in_dead_code() {
            self.defined.push(value.clone());
        }
        for decorator in definition.decorators.iter().rev() {
            if !self.is_class_marker(decorator) {
                value = self.decorate(decorator, value);
            }
        }
        value
    }

    /// Decorators that are understood where the class is built, or that change nothing we follow.
    fn is_class_marker(&mut self, decorator: &Expr) -> bool {
        let callee = if let ExprKind::Call { callee, .. } = &decorator.kind { callee } else { decorator };
        matches!(self.eval(callee), Value::External(_) | Value::Unknown(_))
    }

    fn class_kind(&mut self, definition: &ClassDef, bases: &[Value]) -> ClassKind {
        for base in bases {
            match base {
                Value::External(path) => match &**path {
                    "enum.Enum" | "enum.StrEnum" | "enum.IntEnum" | "enum.Flag" | "enum.IntFlag" => {
                        return ClassKind::Enum;
                    }
                    "typing.NamedTuple" | "pydantic.BaseModel" | "attr.s" => return ClassKind::Data,
                    "typing.TypedDict" | "typing_extensions.TypedDict" => return ClassKind::Mapping,
                    _ => {}
                },
                Value::Class(id) => {
                    if let Some(class) = self.heap.class(*id)
                        && class.kind != ClassKind::Plain
                        && (class.kind != ClassKind::Data || inherits_fields(class))
                    {
                        return class.kind;
                    }
                }
                _ => {}
            }
        }
        for decorator in &definition.decorators {
            let callee = if let ExprKind::Call { callee, .. } = &decorator.kind { callee } else { decorator };
            if let Value::External(path) = self.eval(callee)
                && matches!(
                    &*path,
                    "dataclasses.dataclass"
                        | "attr.s"
                        | "attrs.define"
                        | "attr.define"
                        | "attrs.frozen"
                        | "attr.attrs"
                        | "attr.dataclass"
                        | "pydantic.dataclasses.dataclass"
                )
            {
                return ClassKind::Data;
            }
        }
        ClassKind::Plain
    }

    /// Fields of a data class: those of data class bases, then its own annotated names.
    fn fields(&mut self, definition: &ClassDef, bases: &[Value]) -> Vec<Field> {
        let mut fields: Vec<Field> = Vec::new();
        for base in bases {
            if let Value::Class(id) = base
                && let Some(class) = self.heap.class(*id)
            {
                for field in class.fields.clone() {
                    fields.retain(|f| f.name != field.name);
                    fields.push(field);
                }
            }
        }
        for statement in &definition.body {
            let StmtKind::Annotated { target, annotation, value } = &statement.kind else { continue };
            let ExprKind::Name(name) = target.kind else { continue };
            let mut init = true;
            let default = match value {
                None => FieldDefault::Required,
                Some(value) => self.field_default(value, &mut init),
            };
            let kind = self.annotation_kind(annotation);
            let field = Field { name, default, kind, init };
            match fields.iter_mut().find(|f| f.name == name) {
                Some(existing) => *existing = field,
                None => fields.push(field),
            }
        }
        fields
    }

    fn field_default(&mut self, value: &Expr, init: &mut bool) -> FieldDefault {
        if let ExprKind::Call { callee, arguments } = &value.kind
            && let Value::External(path) = self.eval(callee)
            && matches!(
                &*path,
                "dataclasses.field" | "attr.ib" | "attrs.field" | "attr.field" | "pydantic.Field"
            )
        {
            let mut default = FieldDefault::Required;
            for argument in arguments {
                match argument.kind {
                    ArgumentKind::Keyword(name) if name == self.sym.default => {
                        default = FieldDefault::Value(self.eval(&argument.value));
                    }
                    ArgumentKind::Keyword(name)
                        if name == self.sym.default_factory || &**self.names.text(name) == "factory" =>
                    {
                        default = FieldDefault::Factory(self.eval(&argument.value));
                    }
                    ArgumentKind::Keyword(name) if name == self.sym.init_ => {
                        let value = self.eval(&argument.value);
                        *init = self.truth(&value) != Guard::Never;
                    }
                    ArgumentKind::Positional if &*path == "pydantic.Field" => {
                        default = FieldDefault::Value(self.eval(&argument.value));
                    }
                    _ => {}
                }
            }
            return default;
        }
        FieldDefault::Value(self.eval(value))
    }

    /// The library type an annotation names (`Optional[x]` and `x | None` count as `x`).
    pub(crate) fn annotation_kind(&mut self, annotation: &Expr) -> Option<Rc<str>> {
        match &annotation.kind {
            ExprKind::Name(_) | ExprKind::Attribute { .. } => {
                if self.in_dead_code() {
                    return None;
                }
                match self.eval_quietly(annotation)? {
                    Value::External(path) => H::annotated(self, &path),
                    Value::Class(id) => {
                        let base = self.library_base(id)?;
                        H::annotated(self, &base)
                    }
                    _ => None,
                }
            }
            ExprKind::Index { object, index } => {
                let (ExprKind::Name(_) | ExprKind::Attribute { .. }) = object.kind else { return None };
                match self.eval_quietly(object)? {
                    Value::External(path) if path.ends_with("Optional") => self.annotation_kind(index),
                    _ => None,
                }
            }
            ExprKind::Binary { left, .. } => self.annotation_kind(left),
            _ => None,
        }
    }

    /// Evaluates a name or dotted name without reporting what is not defined.
    fn eval_quietly(&mut self, expr: &Expr) -> Option<Value> {
        match &expr.kind {
            ExprKind::Name(name) => self.lookup(self.scope(), *name).map(|variable| variable.value.clone()),
            ExprKind::Attribute { object, name, name_span } => {
                let object = self.eval_quietly(object)?;
                match object {
                    Value::External(_) | Value::Module(_) => Some(self.attribute(&object, *name, *name_span)),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Depth first, a later base's ancestors after an earlier one's; library classes last. That is not
    /// Python's C3 in every diamond, but it is where classes of the program meet one library base.
    fn resolution_order(&self, id: ObjectId, bases: &[Value]) -> Vec<Value> {
        let mut order = vec![Value::Class(id)];
        let mut library = Vec::new();
        for base in bases {
            let ancestors = match base {
                Value::Class(base) => self.heap.class(*base).map(|c| c.order.clone()).unwrap_or_default(),
                other => vec![other.clone()],
            };
            for ancestor in ancestors {
                match &ancestor {
                    Value::Class(_) => {
                        // An ancestor reached twice counts at its last place.
                        order.retain(|known| !known.same(&ancestor));
                        order.push(ancestor);
                    }
                    Value::External(_) if !library.iter().any(|known: &Value| known.same(&ancestor)) => {
                        library.push(ancestor);
                    }
                    Value::Unknown(_) => library.push(ancestor),
                    _ => {}
                }
            }
        }
        order.extend(library);
        order
    }

    /// Tells the functions of a class body which class they belong to.
    fn adopt_methods(&mut self, class: ObjectId, scope: ObjectId) {
        let Some(variables) = self.heap.scope(scope).map(|scope| scope.variables.clone()) else { return };
        for (name, variable) in variables {
            let Value::Function(closure) = &variable.value else { continue };
            if closure.class.is_some() {
                continue;
            }
            let adopted = Closure {
                function: closure.function.clone(),
                scope: closure.scope,
                defaults: closure.defaults.clone(),
                path: closure.path.clone(),
                qualified: closure.qualified.clone(),
                class: Some(class),
                binding: closure.binding,
            };
            let value = Value::Function(Rc::new(adopted));
            if let Some(scope) = self.heap.scope_mut(scope) {
                scope.variables.insert(name, Variable { value, written: None });
            }
        }
    }

    fn make_members(&mut self, class: ObjectId, scope: ObjectId, definition: &ClassDef) {
        let mut auto = 0;
        for statement in &definition.body {
            let StmtKind::Assign { targets, .. } = &statement.kind else { continue };
            for target in targets {
                let ExprKind::Name(name) = target.kind else { continue };
                if self.names.text(name).starts_with('_') {
                    continue;
                }
                let found = self.heap.scope(scope).and_then(|scope| scope.variables.get(&name));
                let Some(Variable { value, .. }) = found.cloned() else { continue };
                let value = match value {
                    Value::Unknown(_) | Value::External(_) | Value::Function(_) if is_auto(&value) => {
                        auto += 1;
                        Value::Int(auto)
                    }
                    value => value,
                };
                let text = self.names.text(name).clone();
                let plain = |value| Variable { value, written: None };
                let attributes = FxIndexMap::from_iter([
                    (self.sym.value, plain(value)),
                    (self.sym.enum_name, plain(Value::Str(text))),
                ]);
                let member = Object::Instance(Instance { class, attributes, native: None });
                let member = Value::Instance(self.heap.add(member));
                if let Some(scope) = self.heap.scope_mut(scope) {
                    scope.variables.insert(name, plain(member.clone()));
                }
                // A member's value is what its initializer is given, a tuple one by one.
                if let Some(init) = self.class_variable(class, self.sym.init) {
                    let value = self.attribute(&member, self.sym.value, statement.span);
                    let arguments = match &value {
                        Value::Tuple(items) => Arguments::of(items.iter().cloned()),
                        _ => Arguments::of([value]),
                    };
                    let bound = Value::Method(Rc::new((member, init.value)));
                    self.call_value(&bound, arguments, None);
                }
            }
        }
    }

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

    /// Runs what no entry point reached in a module: each function and class once, with unknown
    /// arguments.
    pub fn run_unreached(&mut self, module: ObjectId) {
        let Object::Module(object) = self.heap.get(module) else { return };
        let object = object.clone();
        let Some(scope) = self.heap.scope(object.scope) else { return };
        let mut definitions: Vec<(u32, Value)> = scope
            .variables
            .values()
            .filter_map(|variable| match &variable.value {
                Value::Function(closure) if closure.path == object.path => {
                    Some((closure.function.span.start, variable.value.clone()))
                }
                Value::Class(id) => {
                    let class = self.heap.class(*id)?;
                    (class.path == object.path).then(|| (class.definition.span.start, variable.value.clone()))
                }
                _ => None,
            })
            .collect();
        definitions.sort_by_key(|(start, _)| *start);
        definitions.dedup_by_key(|(start, _)| *start);
        for (_, definition) in definitions {
            self.run_definition(&definition);
        }
        // Functions inside functions; running one may define more of them.
        let mut at = 0;
        while at < self.defined.len() {
            let definition = self.defined[at].clone();
            at += 1;
            let here = match &definition {
                Value::Function(closure) => closure.path == object.path,
                Value::Class(id) => self.heap.class(*id).is_some_and(|class| class.path == object.path),
                _ => false,
            };
            if here {
                self.run_definition(&definition);
            }
        }
    }

    fn run_definition(&mut self, definition: &Value) {
        match definition {
            Value::Function(closure) => {
                let key = (closure.path.clone(), closure.function.span.start);
                if !self.entered.contains(&key) {
                    let arguments = self.unknown_arguments(closure, 0);
                    self.call_value(definition, arguments, None);
                }
            }
            Value::Class(id) => self.run_class(*id),
            _ => {}
        }
    }

    fn run_class(&mut self, id: ObjectId) {
        let Some(class) = self.heap.class(id).cloned() else { return };
        if matches!(class.kind, ClassKind::Enum | ClassKind::Mapping) {
            return;
        }
        let key = (class.path.clone(), class.definition.span.start);
        let mut methods: Vec<(u32, Rc<Closure>)> = self
            .heap
            .scope(class.scope)
            .map(|scope| {
                scope
                    .variables
                    .values()
                    .filter_map(|v| match &v.value {
                        Value::Function(closure) => Some((closure.function.span.start, closure.clone())),
                        _ => None,
                    })
                    .collect()
            })
            .unwrap_or_default();
        methods.sort_by_key(|(start, _)| *start);
        let left: Vec<_> = methods
            .into_iter()
            .filter(|(start, closure)| !self.entered.contains(&(closure.path.clone(), *start)))
            .collect();
        let instantiated = self.entered.contains(&key);
        if instantiated && left.is_empty() {
            return;
        }
        let init = self.class_variable(id, self.sym.init);
        let init_left =
            left.iter().any(|(_, closure)| closure.function.name == self.sym.init) || !instantiated;
        let site = CallSite {
            place: tidegate_estate::Place::new(&class.path, class.definition.name_span),
            callee: class.definition.name_span,
        };
        let instance = if init_left {
            let arguments = match init.as_ref().map(|variable| &variable.value) {
                Some(Value::Function(closure)) => self.unknown_arguments(&closure.clone(), 1),
                _ => {
                    let reason =
                        Reason::at("nothing in the code that was read makes one", site.place.clone());
                    let scope = self.unknown_of(reason.clone(), Some("constructs.Construct".into()));
                    let mut arguments = Arguments::of([scope]);
                    arguments.open_named = Some(reason.clone());
                    arguments.open_positional = Some(reason);
                    arguments
                }
            };
            self.detached_frame(&class.path.clone(), |cx| cx.instantiate(id, &site, arguments))
        } else {
            let instance = Instance { class: id, attributes: FxIndexMap::default(), native: None };
            Value::Instance(self.heap.add(Object::Instance(instance)))
        };
        for (start, closure) in left {
            if self.entered.contains(&(closure.path.clone(), start)) {
                continue;
            }
            let (skip, receiver) = match closure.binding {
                Binding::Static => (0, None),
                Binding::Class => (1, Some(Value::Class(id))),
                _ => (1, Some(instance.clone())),
            };
            let arguments = self.unknown_arguments(&closure, skip);
            let function = Value::Function(closure);
            let callable = match receiver {
                Some(receiver) => Value::Method(Rc::new((receiver, function))),
                None => function,
            };
            self.call_value(&callable, arguments, None);
        }
    }

    /// Unknown arguments for a function: typed by annotation; what has a default may have that.
    fn unknown_arguments(&mut self, closure: &Rc<Closure>, skip: usize) -> Arguments {
        let mut arguments = Arguments::default();
        let path = closure.path.clone();
        for (param, default) in closure.function.params.iter().zip(&closure.defaults).skip(skip) {
            let name = self.names.text(param.name).clone();
            let reason = Reason::new(format!("it is the parameter {name}, and no call was seen"));
            let kind = match &param.annotation {
                Some(annotation) => {
                    let scope = closure.scope;
                    self.detached_frame(&path, |cx| {
                        if let Some(frame) = cx.frames.last_mut() {
                            frame.scope = scope;
                        }
                        cx.annotation_kind(annotation)
                    })
                }
                None => None,
            };
            let mut value = self.unknown_of(reason, kind);
            if let (Some(default), Value::Unknown(unknown)) = (default, &value) {
                let choice = self.choose(
                    format!("the parameter {name}"),
                    vec!["its default".into(), "another value".into()],
                    unknown.reason.place.clone(),
                );
                value = crate::heap::either(&Guard::is(choice, 0), default.clone(), value.clone());
            }
            match param.kind {
                ParamKind::PositionalOnly | ParamKind::Either => arguments.push(value, Default::default()),
                ParamKind::Keyword => arguments.named.push(crate::host::NamedArgument {
                    name,
                    value,
                    place: tidegate_estate::Place::new(&path, closure.function.name_span),
                    splatted: true,
                    written: None,
                }),
                ParamKind::RestKeywords => {
                    arguments.open_named =
                        Some(Reason::new(format!("it may come through **{name}, and no call was seen")));
                }
                ParamKind::Rest => {
                    arguments.open_positional =
                        Some(Reason::new(format!("it may come through *{name}, and no call was seen")));
                }
            }
        }
        arguments
    }

    /// Runs something as if at the top of a file.
    fn detached_frame<R>(&mut self, path: &std::sync::Arc<str>, f: impl FnOnce(&mut Self) -> R) -> R {
        let scope = self.new_scope(None, ScopeKind::Module);
        let base = self.path_len();
        self.frames.push(Frame {
            path: path.clone(),
            qualified: "".into(),
            scope,
            site: None,
            receiver: None,
            function: 0,
            returns: Vec::new(),
            base,
            chain: Default::default(),
        });
        let result = f(self);
        self.frames.pop();
        self.raised = Guard::Never;
        result
    }

    /// Whether a value is an instance of a class; `None` = cannot tell.
    pub(crate) fn is_instance(&mut self, value: &Value, class: &Value) -> Option<bool> {
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

    /// Marks a function of a class body by its decorators.
    pub(crate) fn with_binding(&mut self, value: &Value, binding: Binding) -> Value {
        let Value::Function(closure) = value else { return value.clone() };
        Value::Function(Rc::new(Closure {
            function: closure.function.clone(),
            scope: closure.scope,
            defaults: closure.defaults.clone(),
            path: closure.path.clone(),
            qualified: closure.qualified.clone(),
            class: closure.class,
            binding,
        }))
    }

    /// The name under which a property's setter is kept.
    pub(crate) fn setter_name(&mut self, name: Symbol) -> Symbol {
        let text = format!("{}@setter", self.names.text(name));
        let kept = self.names.intern(&text);
        self.setters.insert(name, kept);
        kept
    }
}

const NAMED_TUPLE: &str = "typing.NamedTuple";

/// Whether subclasses of a data class without a decorator of their own still get its constructor.
fn inherits_fields(class: &Class) -> bool {
    !class.fields.is_empty()
}

fn is_auto(value: &Value) -> bool {
    match value {
        Value::External(path) => &**path == "enum.auto",
        Value::Unknown(unknown) => unknown.reason.text.contains("enum.auto"),
        _ => false,
    }
}
