//! Classes: definition, resolution order, fields of data classes, members of enums.

use super::{Frame, Interp};
use crate::core::{ArgumentKind, ClassDef, Expr, ExprKind, StmtKind};
use crate::host::{Arguments, Host};
use crate::names::Symbol;
use crate::value::{
    Binding, Class, ClassKind, Closure, Field, FieldDefault, FxIndexMap, Instance, Object, ObjectId,
    ScopeKind, Value, Variable,
};
use std::rc::Rc;
use tidegate_estate::Guard;

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
        let is_text = self.heap.class(class).is_some_and(|class| {
            class.order.iter().any(|base| matches!(base, Value::External(path) if &**path == "enum.StrEnum"))
        });
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
                    Value::Unknown(_) | Value::External(_) | Value::Function(_)
                        if is_auto(&value) && is_text =>
                    {
                        Value::str(self.names.text(name).to_lowercase())
                    }
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

pub(super) const NAMED_TUPLE: &str = "typing.NamedTuple";

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
