//! What no entry reaches: every class and function is run once with unknown arguments.

use super::{Frame, Interp};
use crate::core::ParamKind;
use crate::host::{Arguments, CallSite, Host};
use crate::value::{Binding, ClassKind, Closure, FxIndexMap, Instance, Object, ObjectId, ScopeKind, Value};
use std::rc::Rc;
use tidegate_estate::{Guard, Reason};

impl<H: Host> Interp<H> {
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
}
