//! Calls: arguments evaluated, parameters bound, functions entered, libraries asked.

use super::{Frame, Interp};
use crate::core::{Argument, ArgumentKind, Expr, ExprKind, ParamKind};
use crate::guards::simplify;
use crate::heap::one_of;
use crate::host::{Arguments, CallSite, Host, NamedArgument, PositionalArgument};
use crate::interp::loops::present;
use crate::value::{Binding, Closure, Items, Key, Map, Object, Partial, ScopeKind, Value, Variable};
use std::rc::Rc;
use tidegate_estate::{Guard, Place, Reason, Span};

/// How often one function may be on the stack at a time.
const RECURSION: usize = 12;

impl<H: Host> Interp<H> {
    pub(crate) fn call(&mut self, expr: &Expr, callee: &Expr, arguments: &[Argument]) -> Value {
        let function = self.eval(callee);
        let arguments = self.arguments(arguments);
        let site = CallSite { place: self.place(expr.span), callee: callee.span };
        self.unless_raised(|cx| cx.call_value(&function, arguments, Some(&site)))
    }

    fn arguments(&mut self, arguments: &[Argument]) -> Arguments {
        let mut result = Arguments::default();
        for argument in arguments {
            match argument.kind {
                ArgumentKind::Positional => {
                    let value = self.eval(&argument.value);
                    result.positional.push(PositionalArgument { value, span: argument.value.span });
                }
                ArgumentKind::Keyword(name) => {
                    let written = match &argument.value.kind {
                        ExprKind::Const(_) => Some(Vec::new()),
                        _ => self.written_of(&argument.value).map(|written| written.places()),
                    };
                    let value = self.eval(&argument.value);
                    result.named.push(NamedArgument {
                        name: self.names.text(name).clone(),
                        value,
                        place: self.place(argument.span),
                        splatted: false,
                        written,
                    });
                }
                ArgumentKind::Splat => {
                    let value = self.eval(&argument.value);
                    match self.elements(&value) {
                        Some((items, open)) => {
                            for (guard, value) in items {
                                if guard == Guard::Always {
                                    result.positional.push(PositionalArgument { value, span: argument.span });
                                } else {
                                    result.open_positional = Some(Reason::at(
                                        "an argument is there only in some cases",
                                        self.place(argument.span),
                                    ));
                                }
                            }
                            result.open_positional = result.open_positional.or(open);
                        }
                        None => result.open_positional = Some(self.reason_of(&value, "it is splatted in")),
                    }
                }
                ArgumentKind::SplatMap => {
                    let value = self.eval(&argument.value);
                    let place = self.place(argument.span);
                    self.splat_map(&value, &Guard::Always, &place, &mut result);
                }
            }
        }
        result
    }

    fn splat_map(&mut self, value: &Value, guard: &Guard, place: &Place, into: &mut Arguments) {
        let value = self.prune(value.clone());
        match &value {
            Value::Dict(id) => {
                let Some(map) = self.heap.map(*id).cloned() else { return };
                for (key, value) in map.entries {
                    let Key::Str(name) = key else { continue };
                    if present(&value) == Guard::Never {
                        continue;
                    }
                    // Absent under the other alternatives of the splat, if any.
                    let value = match guard {
                        Guard::Always => value,
                        guard => crate::heap::either(guard, value, Value::Missing),
                    };
                    match into.named.iter_mut().find(|argument| argument.name == name) {
                        Some(argument) => {
                            let old = std::mem::replace(&mut argument.value, Value::None);
                            argument.value = match present(&value) {
                                Guard::Always => value,
                                when => crate::heap::either(&when, value, old),
                            };
                        }
                        None => into.named.push(NamedArgument {
                            name,
                            value,
                            place: place.clone(),
                            splatted: true,
                            written: None,
                        }),
                    }
                }
                if let Some(open) = map.open {
                    into.open_named = Some(open.reason.clone());
                }
            }
            Value::OneOf(alternatives) => {
                for (inner, alternative) in alternatives.clone().iter() {
                    let both = guard.clone().and(inner.clone());
                    self.splat_map(alternative, &both, place, into);
                }
            }
            Value::None => {}
            other => {
                into.open_named =
                    Some(self.reason_of(
                        other,
                        "the arguments are splatted in from something that is not followed",
                    ))
            }
        }
    }

    /// Calls a value. Without a site the call is the interpreter's own (a property, a default factory).
    pub fn call_value(&mut self, function: &Value, arguments: Arguments, site: Option<&CallSite>) -> Value {
        match function {
            Value::Function(closure) => self.enter(closure, arguments, site, None),
            Value::Method(method) => self.call_method(method, arguments, site),
            Value::BuiltinMethod(method) => {
                let span = site.map_or(Span::default(), |site| site.callee);
                self.builtin_method(&method.0.clone(), &method.1.clone(), arguments, span, site)
            }
            Value::Class(id) => {
                let here = self.site_or_here(site);
                self.instantiate(*id, &here, arguments)
            }
            Value::External(path) => self.call_external(path, arguments, site),
            Value::NativeMethod(id, name) => {
                let here = self.site_or_here(site);
                H::call_method(self, *id, name, &here, arguments)
            }
            Value::Native(id) => {
                let here = self.site_or_here(site);
                H::call_method(self, *id, &"__call__".into(), &here, arguments)
            }
            Value::Partial(partial) => {
                let merged = merge(&partial.arguments, arguments);
                self.call_value(&partial.callable, merged, site)
            }
            Value::Instance(_) => match self.class_attribute_of(function, self.sym.call) {
                Some(method) => self.call_value(&method, arguments, site),
                None => self.unknown_at_site("an object is called that is not followed", site),
            },
            Value::OneOf(alternatives) => {
                let here = self.guard();
                let mut results = Vec::new();
                for (guard, alternative) in alternatives.clone().iter() {
                    if self.excludes(&here, guard) || matches!(alternative, Value::Missing) {
                        continue;
                    }
                    let arguments = arguments.clone();
                    let result = self.branch(guard, |cx| cx.call_value(alternative, arguments, site));
                    results.push((guard.clone(), result));
                }
                one_of(results)
            }
            Value::Unknown(unknown) => {
                let unknown = unknown.clone();
                self.forget_arguments(&arguments, &unknown.reason);
                let here = self.site_or_here(site);
                H::call_unknown(self, &unknown, "__call__", &here, arguments)
            }
            _ => self.unknown_at_site("something is called that cannot be", site),
        }
    }

    /// What an unknown function is handed it may change: lists and mappings are open from here on.
    fn forget_arguments(&mut self, arguments: &Arguments, reason: &Reason) {
        let values =
            arguments.positional.iter().map(|a| &a.value).chain(arguments.named.iter().map(|a| &a.value));
        for value in values {
            match value {
                Value::List(id) | Value::Set(id) => {
                    if let Some(items) = self.heap.items_mut(*id) {
                        items.open = Some(reason.clone());
                    }
                }
                Value::Dict(id) => {
                    let unknown = self.unknown(reason.clone());
                    if let (Value::Unknown(unknown), Some(map)) = (unknown, self.heap.map_mut(*id)) {
                        map.open = Some(unknown);
                    }
                }
                _ => {}
            }
        }
    }

    fn site_or_here(&self, site: Option<&CallSite>) -> CallSite {
        match site {
            Some(site) => site.clone(),
            None => {
                self.frames.iter().rev().find_map(|frame| frame.site.clone()).unwrap_or_else(|| CallSite {
                    place: self.place(Span::default()),
                    callee: Span::default(),
                })
            }
        }
    }

    fn unknown_at_site(&mut self, text: &str, site: Option<&CallSite>) -> Value {
        let here = self.site_or_here(site);
        self.unknown(Reason::at(text, here.place))
    }

    fn call_method(
        &mut self,
        method: &Rc<(Value, Value)>,
        mut arguments: Arguments,
        site: Option<&CallSite>,
    ) -> Value {
        let (receiver, function) = (&method.0, &method.1);
        match function {
            Value::Function(closure) => self.enter(closure, arguments, site, Some(receiver.clone())),
            Value::External(path) if path.ends_with(".__init__") => {
                let base: Rc<str> = path.trim_end_matches(".__init__").into();
                if &*base != "builtins.object"
                    && let Value::Instance(id) = receiver
                {
                    let here = self.site_or_here(site);
                    self.construct(&base, *id, &here, arguments);
                }
                Value::None
            }
            other => {
                arguments
                    .positional
                    .insert(0, PositionalArgument { value: receiver.clone(), span: Span::default() });
                self.call_value(other, arguments, site)
            }
        }
    }

    fn call_external(&mut self, path: &Rc<str>, arguments: Arguments, site: Option<&CallSite>) -> Value {
        if &**path == "builtins.super" {
            return self.super_value(&arguments);
        }
        let here = self.site_or_here(site);
        if let Some(result) = crate::python::call_library(self, path, &arguments, &here) {
            return result;
        }
        // `Base.__init__(self, …)` spelled out.
        if let Some(base) = path.strip_suffix(".__init__")
            && let Some(Value::Instance(id)) = arguments.positional.first().map(|a| a.value.clone())
        {
            let mut rest = arguments;
            rest.positional.remove(0);
            self.construct(&base.into(), id, &here, rest);
            return Value::None;
        }
        let arguments = match H::call(self, path, &here, arguments) {
            Ok(result) => return result,
            Err(arguments) => *arguments,
        };
        let reason = Reason::at(format!("it comes from {path}, which is not read"), here.place.clone());
        self.forget_arguments(&arguments, &reason);
        let value = self.unknown(reason);
        if let Value::Unknown(unknown) = &value {
            return H::call_unknown(self, &unknown.clone(), path, &here, arguments);
        }
        value
    }

    fn super_value(&mut self, arguments: &Arguments) -> Value {
        if let (Some(Value::Class(class)), Some(instance)) =
            (arguments.value(0, "type"), arguments.value(1, "object"))
        {
            return Value::Super(Rc::new((*class, instance.clone())));
        }
        let receiver = self.frames.iter().rev().find_map(|frame| frame.receiver.clone());
        match receiver {
            Some((class, instance)) => Value::Super(Rc::new((class, instance))),
            None => self.unknown(Reason::new("super() is used outside a method")),
        }
    }

    /// Enters a function with these arguments; its receiver first, if it has one.
    fn enter(
        &mut self,
        closure: &Rc<Closure>,
        mut arguments: Arguments,
        site: Option<&CallSite>,
        receiver: Option<Value>,
    ) -> Value {
        self.mark_entered(closure);
        let identity = Rc::as_ptr(&closure.function) as usize;
        let depth = self.frames.iter().filter(|frame| frame.function == identity).count();
        if depth >= RECURSION || self.frames.len() >= self.bounds.depth {
            return self.unknown_at_site("the calls are nested too deeply to follow", site);
        }
        if !self.step() {
            return self.unknown(Reason::new("the analysis ran out of steps"));
        }
        if let Some(receiver) = &receiver {
            arguments
                .positional
                .insert(0, PositionalArgument { value: receiver.clone(), span: Span::default() });
        }
        let first = match closure.binding {
            Binding::Static => None,
            _ => arguments.positional.first().map(|argument| argument.value.clone()),
        };
        let scope = self.new_scope(Some(closure.scope), ScopeKind::Function);
        self.bind_parameters(closure, arguments, scope);
        let base = self.path_len();
        self.frames.push(Frame {
            path: closure.path.clone(),
            qualified: closure.qualified.clone(),
            scope,
            site: site.cloned(),
            receiver: closure.class.zip(first),
            function: identity,
            returns: Vec::new(),
            base,
            chain: Default::default(),
        });
        if closure.function.generator {
            self.yields.push(Vec::new());
        }
        let outer_raised = std::mem::replace(&mut self.raised, Guard::Never);
        let leave = self.block(&closure.function.body);
        self.raised = simplify(outer_raised.or(leave.raised.clone()));
        let Some(frame) = self.frames.pop() else { return Value::None };
        if closure.function.generator {
            let items = self.yields.pop().unwrap_or_default();
            return Value::List(self.heap.add(Object::Items(Items { items, open: None })));
        }
        let mut returns = frame.returns;
        match leave.any() {
            Guard::Always => {}
            left => {
                let through = left.negate();
                if !self.impossible(&through) {
                    returns.push((through, Value::None));
                }
            }
        }
        if returns.is_empty() {
            return Value::None;
        }
        one_of(returns)
    }

    fn bind_parameters(
        &mut self,
        closure: &Rc<Closure>,
        arguments: Arguments,
        scope: crate::value::ObjectId,
    ) {
        let mut positional = arguments.positional.into_iter().peekable();
        let mut named = arguments.named;
        let function = closure.function.clone();
        let mut bound: Vec<(crate::names::Symbol, Variable)> = Vec::with_capacity(function.params.len());
        for (at, param) in function.params.iter().enumerate() {
            let text = self.names.text(param.name).clone();
            let value = match param.kind {
                ParamKind::Rest => {
                    let items = positional.by_ref().map(|a| (Guard::Always, a.value)).collect::<Vec<_>>();
                    if arguments.open_positional.is_none() {
                        Value::Tuple(items.into_iter().map(|(_, value)| value).collect())
                    } else {
                        let items = Items { items, open: arguments.open_positional.clone() };
                        Value::List(self.heap.add(Object::Items(items)))
                    }
                }
                ParamKind::RestKeywords => {
                    let mut map = Map::default();
                    for argument in named.drain(..) {
                        map.entries.insert(Key::Str(argument.name), argument.value);
                    }
                    if let Some(reason) = &arguments.open_named
                        && let Value::Unknown(unknown) = self.unknown(reason.clone())
                    {
                        map.open = Some(unknown);
                    }
                    Value::Dict(self.heap.add(Object::Map(map)))
                }
                kind => {
                    let by_position = if kind == ParamKind::Keyword { None } else { positional.next() };
                    let given = match by_position {
                        Some(argument) => Some(argument.value),
                        None if kind == ParamKind::PositionalOnly => None,
                        None => named.iter().position(|a| a.name == text).map(|at| named.remove(at).value),
                    };
                    self.parameter_value(
                        closure,
                        at,
                        given,
                        &arguments.open_named,
                        &arguments.open_positional,
                    )
                }
            };
            bound.push((param.name, Variable { value, written: None }));
        }
        if let Some(scope) = self.heap.scope_mut(scope) {
            scope.variables.extend(bound);
        }
    }

    fn parameter_value(
        &mut self,
        closure: &Rc<Closure>,
        at: usize,
        given: Option<Value>,
        open_named: &Option<Reason>,
        open_positional: &Option<Reason>,
    ) -> Value {
        let default = closure.defaults.get(at).cloned().flatten();
        match given {
            Some(value) => match present(&value) {
                Guard::Always => value,
                Guard::Never => default.unwrap_or(Value::None),
                there => {
                    let value = self.without_missing(value);
                    crate::heap::either(&there, value, default.unwrap_or(Value::None))
                }
            },
            None => {
                let text = self.names.text(closure.function.params[at].name).clone();
                match open_named.as_ref().or(open_positional.as_ref()) {
                    Some(reason) => {
                        let value = self.unknown(reason.clone());
                        match default {
                            Some(default) => {
                                let choice = self.choose(
                                    format!("the parameter {text}"),
                                    vec!["its default".into(), "another value".into()],
                                    reason.place.clone(),
                                );
                                crate::heap::either(&Guard::is(choice, 0), default, value)
                            }
                            None => value,
                        }
                    }
                    None => match default {
                        Some(default) => default,
                        None => self.unknown(Reason::new(format!("the parameter {text} is not given"))),
                    },
                }
            }
        }
    }

    /// Applies a decorator to a function or class.
    pub(crate) fn decorate(&mut self, decorator: &Expr, value: Value) -> Value {
        if let ExprKind::Attribute { object, name, .. } = &decorator.kind
            && self.in_class_body()
            && matches!(&**self.names.text(*name), "setter" | "deleter" | "getter")
            && let ExprKind::Name(property) = object.kind
        {
            // The setter lives beside the getter, under a name nobody can write.
            let kept = self.setter_name(property);
            let is_setter = &**self.names.text(*name) == "setter";
            if is_setter {
                self.bind(self.scope(), kept, value, None);
            }
            return self.lookup(self.scope(), property).map_or(Value::None, |v| v.value.clone());
        }
        let callee = self.eval(decorator);
        match &callee {
            Value::External(path) => match &**path {
                "builtins.property" | "functools.cached_property" | "abc.abstractproperty" => {
                    self.with_binding(&value, Binding::Property)
                }
                "builtins.staticmethod" => self.with_binding(&value, Binding::Static),
                "builtins.classmethod" => self.with_binding(&value, Binding::Class),
                // A library decorator may wrap, but what we follow is the function itself.
                _ => value,
            },
            Value::Unknown(_) => value,
            _ => {
                let site = CallSite { place: self.place(decorator.span), callee: decorator.span };
                let result = self.call_value(&callee, Arguments::of([value.clone()]), Some(&site));
                match result {
                    Value::Unknown(_) | Value::None => value,
                    other => other,
                }
            }
        }
    }

    /// `functools.partial`.
    pub(crate) fn partial(&mut self, mut arguments: Arguments) -> Value {
        if arguments.positional.is_empty() {
            return Value::None;
        }
        let callable = arguments.positional.remove(0).value;
        Value::Partial(Rc::new(Partial { callable, arguments }))
    }
}

/// Earlier arguments with later ones after and over them.
fn merge(first: &Arguments, later: Arguments) -> Arguments {
    let mut merged = first.clone();
    merged.positional.extend(later.positional);
    for argument in later.named {
        merged.named.retain(|known| known.name != argument.name);
        merged.named.push(argument);
    }
    merged.open_positional = merged.open_positional.or(later.open_positional);
    merged.open_named = merged.open_named.or(later.open_named);
    merged
}
