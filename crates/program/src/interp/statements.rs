//! Statements, and the ways of leaving a block before its end.

use super::Interp;
use crate::core::{Block, Expr, ExprKind, Handler, Stmt, StmtKind};
use crate::host::Host;
use crate::value::{Closure, Items, Object, ScopeKind, Value, Written};
use std::rc::Rc;
use tidegate_estate::Guard;

/// Under which guards control left a block before its end, relative to the block's start.
#[derive(Debug, Clone)]
pub(crate) struct Leave {
    /// By `return`.
    pub returned: Guard,
    /// By an exception.
    pub raised: Guard,
    /// By `break`.
    pub broke: Guard,
    /// By `continue`.
    pub continued: Guard,
}

impl Leave {
    pub(crate) const NO: Leave =
        Leave { returned: Guard::Never, raised: Guard::Never, broke: Guard::Never, continued: Guard::Never };

    pub(crate) fn any(&self) -> Guard {
        self.returned.clone().or(self.raised.clone()).or(self.broke.clone()).or(self.continued.clone())
    }

    fn under(self, guard: &Guard) -> Leave {
        let with = |g: Guard| guard.clone().and(g);
        Leave {
            returned: with(self.returned),
            raised: with(self.raised),
            broke: with(self.broke),
            continued: with(self.continued),
        }
    }

    pub(crate) fn or(self, other: Leave) -> Leave {
        Leave {
            returned: self.returned.or(other.returned),
            raised: self.raised.or(other.raised),
            broke: self.broke.or(other.broke),
            continued: self.continued.or(other.continued),
        }
    }
}

impl<H: Host> Interp<H> {
    /// Runs statements in order. What follows a statement that may have left runs under the guard
    /// that it did not.
    pub(crate) fn block(&mut self, statements: &[Stmt]) -> Leave {
        for (at, statement) in statements.iter().enumerate() {
            if !self.step() {
                return Leave { raised: Guard::Always, ..Leave::NO };
            }
            let mut leave = self.statement(statement);
            let raised = std::mem::replace(&mut self.raised, Guard::Never);
            if !matches!(raised, Guard::Never) {
                leave.raised = leave.raised.or(raised);
            }
            match leave.any() {
                Guard::Never => {}
                Guard::Always => {
                    let rest = &statements[at + 1..];
                    if !rest.is_empty() {
                        self.dead(|cx| {
                            cx.block(rest);
                        });
                    }
                    return leave;
                }
                left => {
                    let stays = left.negate();
                    let rest = &statements[at + 1..];
                    if rest.is_empty() {
                        return leave;
                    }
                    let later = self.branch(&stays, |cx| cx.block(rest));
                    return leave.or(later.under(&stays));
                }
            }
        }
        Leave::NO
    }

    fn statement(&mut self, statement: &Stmt) -> Leave {
        match &statement.kind {
            StmtKind::Expr(expr) => {
                self.eval(expr);
            }
            StmtKind::Assign { targets, value } => {
                let (result, written) = self.eval_written(value, statement);
                for target in targets {
                    self.assign(target, result.clone(), written.clone());
                }
            }
            StmtKind::Annotated { target, value, .. } => {
                if let Some(value) = value {
                    let (result, written) = self.eval_written(value, statement);
                    self.assign(target, result, written);
                }
            }
            StmtKind::Augment { target, op, value } => self.augment(target, *op, value, statement),
            StmtKind::If { branches, otherwise } => return self.if_chain(branches, otherwise),
            StmtKind::While { test, body, otherwise } => return self.while_loop(test, body, otherwise),
            StmtKind::For { target, iter, body, otherwise } => {
                return self.for_loop(target, iter, body, otherwise);
            }
            StmtKind::Def(function) => {
                let value = self.define(function);
                self.bind(self.scope(), function.name, value, None);
            }
            StmtKind::Class(class) => {
                let value = self.define_class(class);
                self.bind(self.scope(), class.name, value, None);
            }
            StmtKind::Return(value) => {
                let value = value.as_ref().map_or(Value::None, |value| self.eval(value));
                let guard = self.guard_in_call();
                if let Some(frame) = self.frames.last_mut() {
                    frame.returns.push((guard, value));
                }
                return Leave { returned: Guard::Always, ..Leave::NO };
            }
            StmtKind::Raise(value) => {
                if let Some(value) = value {
                    self.eval(value);
                }
                return Leave { raised: Guard::Always, ..Leave::NO };
            }
            StmtKind::Break => return Leave { broke: Guard::Always, ..Leave::NO },
            StmtKind::Continue => return Leave { continued: Guard::Always, ..Leave::NO },
            StmtKind::Pass => {}
            StmtKind::Import(imports) => self.import_all(imports),
            StmtKind::Try { body, handlers, otherwise, finally } => {
                return self.try_block(body, handlers, otherwise, finally);
            }
            StmtKind::With { items, body } => {
                for (manager, target) in items {
                    let manager = self.eval(manager);
                    let entered = self.enter_context(&manager);
                    if let Some(target) = target {
                        self.assign(target, entered, None);
                    }
                }
                return self.block(body);
            }
            StmtKind::Outer { names, global } => {
                let scope = self.scope();
                if let Some(scope) = self.heap.scope_mut(scope) {
                    scope.outer.extend(names.iter().map(|name| (*name, *global)));
                }
            }
            StmtKind::Delete(targets) => targets.iter().for_each(|target| self.delete(target)),
            StmtKind::Assert(test) => {
                let value = self.eval(test);
                let holds = self.truth(&value);
                return Leave { raised: holds.negate(), ..Leave::NO };
            }
        }
        Leave::NO
    }

    fn if_chain(&mut self, branches: &[(Expr, Block)], otherwise: &Block) -> Leave {
        let Some(((test, body), rest)) = branches.split_first() else { return self.block(otherwise) };
        let value = self.eval(test);
        match self.truth(&value) {
            Guard::Always => {
                self.dead(|cx| {
                    cx.if_chain(rest, otherwise);
                });
                self.block(body)
            }
            Guard::Never => {
                self.dead(|cx| {
                    cx.block(body);
                });
                self.if_chain(rest, otherwise)
            }
            guard => {
                let (yes, no) = self.both(&guard, |cx| cx.block(body), |cx| cx.if_chain(rest, otherwise));
                yes.under(&guard).or(no.under(&guard.negate()))
            }
        }
    }

    /// Handlers run where the body raises; and as an alternative where the body met something unknown
    /// that may raise.
    fn try_block(&mut self, body: &Block, handlers: &[Handler], otherwise: &Block, finally: &Block) -> Leave {
        let before = self.unknown_count();
        self.heap.enter();
        let mut leave = self.block(body);
        let after_body = self.heap.leave();
        let mut failed = std::mem::replace(&mut leave.raised, Guard::Never);
        if matches!(failed, Guard::Never)
            && self.unknown_count() > before
            && let Some(handler) = handlers.first()
            && !only_leaves(&handler.body)
        {
            let place = handler.body.first().map(|statement| self.place(statement.span));
            let choice = self.choose(
                "whether the try block fails".into(),
                vec!["it does not".into(), "it does".into()],
                place,
            );
            failed = Guard::is(choice, 1);
        }
        if matches!(failed, Guard::Never) || handlers.is_empty() {
            self.heap.join(&Guard::Always, after_body, Default::default());
            for handler in handlers {
                self.dead(|cx| {
                    cx.handler(handler);
                });
            }
            leave.raised = failed;
            leave = self.then(leave, otherwise);
        } else {
            let handler = &handlers[0];
            self.heap.enter();
            let handled = self.under(&failed, |cx| cx.handler(handler));
            let after_handler = self.heap.leave();
            for handler in &handlers[1..] {
                self.dead(|cx| {
                    cx.handler(handler);
                });
            }
            self.heap.join(&failed, after_handler, after_body);
            let fine = failed.clone().negate();
            let later = self.branch(&fine, |cx| cx.block(otherwise));
            leave = leave.under(&fine).or(later.under(&fine)).or(handled.under(&failed));
        }
        let last = self.block(finally);
        leave.or(last)
    }

    fn handler(&mut self, handler: &Handler) -> Leave {
        if let Some(name) = handler.name {
            let value = self.unknown(tidegate_estate::Reason::new("it is an exception"));
            self.bind(self.scope(), name, value, None);
        }
        self.block(&handler.body)
    }

    /// What follows a block that may have left.
    fn then(&mut self, leave: Leave, next: &Block) -> Leave {
        if next.is_empty() {
            return leave;
        }
        match leave.any() {
            Guard::Never => self.block(next),
            Guard::Always => leave,
            left => {
                let stays = left.negate();
                let later = self.branch(&stays, |cx| cx.block(next));
                leave.or(later.under(&stays))
            }
        }
    }

    fn enter_context(&mut self, manager: &Value) -> Value {
        match self.class_attribute_of(manager, self.sym.enter) {
            Some(method) => self.call_value(&method, Default::default(), None),
            None => manager.clone(),
        }
    }

    /// Evaluates the right side of an assignment, and says whether it is a literal or a variable that
    /// came from one.
    fn eval_written(&mut self, value: &Expr, statement: &Stmt) -> (Value, Option<Rc<Written>>) {
        let written = match &value.kind {
            ExprKind::Const(_) => Some(Rc::new(Written { place: self.place(statement.span), from: None })),
            ExprKind::Name(_) | ExprKind::Attribute { .. } => self
                .written_of(value)
                .map(|from| Rc::new(Written { place: self.place(statement.span), from: Some(from) })),
            _ => None,
        };
        (self.eval(value), written)
    }

    /// The assignments behind a variable, if they lead to a literal.
    pub(crate) fn written_of(&mut self, expr: &Expr) -> Option<Rc<Written>> {
        match &expr.kind {
            ExprKind::Name(name) => self.lookup(self.scope(), *name)?.written.clone(),
            ExprKind::Attribute { object, name, .. } => {
                // Only plain `name.attribute`: evaluating more here would run it twice.
                let ExprKind::Name(base) = &object.kind else { return None };
                match self.lookup(self.scope(), *base)?.value.clone() {
                    Value::Module(id) => {
                        let Object::Module(module) = self.heap.get(id) else { return None };
                        self.heap.scope(module.scope)?.variables.get(name)?.written.clone()
                    }
                    Value::Instance(id) => {
                        let own = self.heap.instance(id)?.attributes.get(name).cloned();
                        match own {
                            Some(variable) => variable.written,
                            None => self.class_variable(self.heap.instance(id)?.class, *name)?.written,
                        }
                    }
                    Value::Class(id) => self.class_variable(id, *name)?.written,
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// A closure over the current scope.
    pub(crate) fn closure(&mut self, function: &Rc<crate::core::Function>) -> Closure {
        let defaults =
            function.params.iter().map(|param| param.default.as_ref().map(|expr| self.eval(expr))).collect();
        let name = self.names.text(function.name).clone();
        let outer = self.frames.last().map(|frame| frame.qualified.clone()).unwrap_or_default();
        let qualified = if outer.is_empty() { name } else { format!("{outer}.{name}").into() };
        Closure {
            function: function.clone(),
            scope: self.scope(),
            defaults,
            path: self.current_path(),
            qualified,
            class: None,
            binding: crate::value::Binding::Method,
        }
    }

    fn define(&mut self, function: &Rc<crate::core::Function>) -> Value {
        let closure = self.closure(function);
        let mut value = Value::Function(Rc::new(closure));
        for decorator in function.decorators.iter().rev() {
            value = self.decorate(decorator, value);
        }
        value
    }

    /// Binds a value to a target: a name, an attribute, an index, or several at once.
    pub(crate) fn assign(&mut self, target: &Expr, value: Value, written: Option<Rc<Written>>) {
        match &target.kind {
            ExprKind::Name(name) => self.bind(self.scope(), *name, value, written),
            ExprKind::Attribute { object, name, name_span } => {
                let object = self.eval(object);
                self.set_attribute(&object, *name, value, written, *name_span);
            }
            ExprKind::Index { object, index } => {
                let object = self.eval(object);
                let index = self.eval(index);
                self.set_index(&object, &index, value);
            }
            ExprKind::Tuple(targets) | ExprKind::List(targets) => self.unpack(targets, &value),
            ExprKind::Splat(inner) => self.assign(inner, value, None),
            _ => {}
        }
    }

    fn unpack(&mut self, targets: &[Expr], value: &Value) {
        let elements = self.elements(value);
        let splat = targets.iter().position(|t| matches!(t.kind, ExprKind::Splat(_)));
        let known = elements.filter(|(items, open)| {
            open.is_none()
                && items.iter().all(|(guard, _)| matches!(guard, Guard::Always))
                && (items.len() == targets.len() || splat.is_some() && items.len() + 1 >= targets.len())
        });
        let Some((items, _)) = known else {
            if let Value::OneOf(alternatives) = value {
                return self.unpack_alternatives(targets, &alternatives.clone());
            }
            for (at, target) in targets.iter().enumerate() {
                let part = match value {
                    Value::Unknown(unknown) => self.derived(&unknown.clone(), &format!("[{at}]"), None),
                    _ => self.unknown_at("it is unpacked from a value of another shape", target.span),
                };
                self.assign(target, part, None);
            }
            return;
        };
        let values: Vec<Value> = items.into_iter().map(|(_, value)| value).collect();
        let (head, tail) = match splat {
            Some(at) => (at, targets.len() - at - 1),
            None => (targets.len(), 0),
        };
        for (target, value) in targets[..head].iter().zip(&values) {
            self.assign(target, value.clone(), None);
        }
        if let Some(at) = splat {
            let middle = values[head..values.len() - tail].iter().map(|v| (Guard::Always, v.clone()));
            let list = Object::Items(Items { items: middle.collect(), open: None });
            let id = self.heap.add(list);
            self.assign(&targets[at], Value::List(id), None);
            for (target, value) in targets[at + 1..].iter().zip(&values[values.len() - tail..]) {
                self.assign(target, value.clone(), None);
            }
        }
    }

    /// `a, b = one of several tuples`: each target becomes one of its parts.
    fn unpack_alternatives(&mut self, targets: &[Expr], alternatives: &[(Guard, Value)]) {
        for (at, target) in targets.iter().enumerate() {
            let mut parts = Vec::new();
            for (guard, alternative) in alternatives {
                let index = Value::Int(at as i64);
                let part = self.under(guard, |cx| cx.index(alternative, &index, target.span));
                parts.push((guard.clone(), part));
            }
            self.assign(target, crate::heap::one_of(parts), None);
        }
    }

    fn augment(&mut self, target: &Expr, op: crate::core::BinaryOp, value: &Expr, statement: &Stmt) {
        let right = self.eval(value);
        let left = self.eval(target);
        if op == crate::core::BinaryOp::Add
            && let Value::List(id) = left
        {
            self.extend_list(id, &right);
            return;
        }
        if op == crate::core::BinaryOp::BitOr
            && let Value::Dict(id) = left
        {
            self.update_map(id, &right);
            return;
        }
        let result = self.binary(op, &left, &right, statement.span);
        self.assign(target, result, None);
    }

    fn delete(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Name(name) => {
                let scope = self.scope();
                if let Some(scope) = self.heap.scope_mut(scope) {
                    scope.variables.remove(name);
                }
            }
            ExprKind::Index { object, index } => {
                let object = self.eval(object);
                let index = self.eval(index);
                match (&object, index.key()) {
                    (Value::Dict(id), Some(key)) => {
                        if let Some(map) = self.heap.map_mut(*id) {
                            map.entries.shift_remove(&key);
                        }
                    }
                    (Value::List(id), Some(crate::value::Key::Int(at))) => {
                        if let Some(items) = self.heap.items_mut(*id)
                            && let Ok(at) = usize::try_from(at)
                            && at < items.items.len()
                        {
                            items.items.remove(at);
                        }
                    }
                    _ => {}
                }
            }
            ExprKind::Tuple(targets) | ExprKind::List(targets) => {
                targets.iter().for_each(|target| self.delete(target));
            }
            _ => {}
        }
    }

    /// Whether the current scope is a class body.
    pub(crate) fn in_class_body(&self) -> bool {
        self.heap.scope(self.scope()).is_some_and(|scope| scope.kind == ScopeKind::Class)
    }
}

/// Whether a handler does nothing that could be an alternative: it only raises or exits.
fn only_leaves(body: &Block) -> bool {
    body.iter().any(|statement| matches!(statement.kind, StmtKind::Raise(_)))
}
