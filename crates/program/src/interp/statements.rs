//! Statements, and the ways of leaving a block before its end.

use super::Interp;
use crate::core::{Block, Expr, ExprKind, Handler, Stmt, StmtKind};
use crate::guards::{self, simplify};
use crate::host::Host;
use crate::value::{Closure, Items, Object, ScopeKind, Value, Written};
use std::rc::Rc;
use tidegate_estate::{ChoiceId, Guard};

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

    /// Whether control went on to the end in every case.
    fn is_none(&self) -> bool {
        [&self.returned, &self.raised, &self.broke, &self.continued].iter().all(|g| matches!(g, Guard::Never))
    }

    pub(crate) fn any(&self) -> Guard {
        if self.is_none() {
            return Guard::Never;
        }
        let left = self.returned.clone().or(self.raised.clone());
        simplify(left.or(self.broke.clone()).or(self.continued.clone()))
    }

    pub(crate) fn under(self, guard: &Guard) -> Leave {
        let with = |g: Guard| guards::and(guard, &g);
        Leave {
            returned: with(self.returned),
            raised: with(self.raised),
            broke: with(self.broke),
            continued: with(self.continued),
        }
    }

    pub(crate) fn or(self, other: Leave) -> Leave {
        Leave {
            returned: guards::or(self.returned, other.returned),
            raised: guards::or(self.raised, other.raised),
            broke: guards::or(self.broke, other.broke),
            continued: guards::or(self.continued, other.continued),
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
            if leave.is_none() {
                continue;
            }
            if self.doubts_exceptions && self.tries == 0 {
                leave.raised = self.doubted(leave.raised, statement);
            }
            let gone = leave.any();
            match self.settled(gone) {
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
                return self.goes_on(|cx| {
                    for target in targets {
                        cx.assign(target, result.clone(), written.clone());
                    }
                    Leave::NO
                });
            }
            StmtKind::Annotated { target, value, .. } => {
                if let Some(value) = value {
                    let (result, written) = self.eval_written(value, statement);
                    return self.goes_on(|cx| {
                        cx.assign(target, result, written);
                        Leave::NO
                    });
                }
            }
            StmtKind::Augment { target, op, value } => {
                let left = self.eval(target);
                let right = self.eval(value);
                return self.goes_on(|cx| {
                    cx.augment(target, *op, left, right, statement);
                    Leave::NO
                });
            }
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
                return self.goes_on(|cx| {
                    let guard = cx.guard_in_call();
                    if let Some(frame) = cx.frames.last_mut() {
                        frame.returns.push((guard, value));
                    }
                    Leave { returned: Guard::Always, ..Leave::NO }
                });
            }
            StmtKind::Raise(value) => {
                if let Some(value) = value {
                    let met = self.met;
                    let raised = self.eval(value);
                    if !self.in_dead_code() {
                        self.ended_well = self.is_good_exit(&raised);
                    }
                    // Making the exception is no doubt of its own: it is raised in any case.
                    self.met = met;
                }
                self.raised = Guard::Never;
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
                return self.goes_on(|cx| {
                    let holds = cx.truth(&value);
                    Leave { raised: holds.negate(), ..Leave::NO }
                });
            }
        }
        Leave::NO
    }

    fn if_chain(&mut self, branches: &[(Expr, Block)], otherwise: &Block) -> Leave {
        let Some(((test, body), rest)) = branches.split_first() else { return self.block(otherwise) };
        let value = self.eval(test);
        self.goes_on(|cx| match cx.truth(&value) {
            Guard::Always => {
                cx.dead(|cx| {
                    cx.if_chain(rest, otherwise);
                });
                cx.block(body)
            }
            Guard::Never => {
                cx.dead(|cx| {
                    cx.block(body);
                });
                cx.if_chain(rest, otherwise)
            }
            guard => {
                let (yes, no) = cx.both(&guard, |cx| cx.block(body), |cx| cx.if_chain(rest, otherwise));
                yes.under(&guard).or(no.under(&guard.negate()))
            }
        })
    }

    /// The rest of a statement, where what it evaluated so far did not raise.
    pub(crate) fn goes_on(&mut self, f: impl FnOnce(&mut Self) -> Leave) -> Leave {
        match std::mem::replace(&mut self.raised, Guard::Never) {
            Guard::Never => f(self),
            Guard::Always => {
                self.dead(|cx| {
                    f(cx);
                });
                Leave { raised: Guard::Always, ..Leave::NO }
            }
            raised => {
                let fine = raised.clone().negate();
                let mut leave = self.branch(&fine, f).under(&fine);
                // What the rest itself raised was added under the same guard.
                let later = std::mem::replace(&mut self.raised, Guard::Never);
                leave.raised = leave.raised.or(later);
                leave.or(Leave { raised, ..Leave::NO })
            }
        }
    }

    /// A handler runs where the body raises; and as an alternative where the body met something unknown that may
    /// raise: then as if the body had failed at once. Which of several handlers it is nobody can know.
    fn try_block(&mut self, body: &Block, handlers: &[Handler], otherwise: &Block, finally: &Block) -> Leave {
        let returned = self.frames.last().map_or(0, |frame| frame.returns.len());
        let mut leave = self.try_handlers(body, handlers, otherwise);
        if finally.is_empty() {
            return leave;
        }
        let until = self.frames.last().map_or(0, |frame| frame.returns.len());
        let last = self.block(finally);
        let gone = last.any();
        if !matches!(gone, Guard::Never) {
            // Leaving the `finally` block takes the place of how the others were left.
            leave = leave.under(&gone.clone().negate());
            let stays = self.guard_in_call().and(gone).negate();
            if let Some(returns) = self.frames.last_mut().and_then(|f| f.returns.get_mut(returned..until)) {
                for (guard, _) in returns {
                    *guard = guard.clone().and(stays.clone());
                }
            }
        }
        leave.or(last)
    }

    /// Whether this is `SystemExit` with no complaint in it.
    fn is_good_exit(&self, raised: &Value) -> bool {
        matches!(raised, Value::External(path) if &**path == "builtins.SystemExit")
    }

    /// An exception that ends the program for certain, as a question.
    fn doubted(&mut self, raised: Guard, statement: &Stmt) -> Guard {
        if !matches!(self.settled(raised.clone()), Guard::Always) {
            return raised;
        }
        let place = self.place(statement.span);
        let alternatives = vec!["it does".into(), "it does not".into()];
        Guard::is(self.choose("whether an exception ends the program".into(), alternatives, Some(place)), 0)
    }

    fn try_handlers(&mut self, body: &Block, handlers: &[Handler], otherwise: &Block) -> Leave {
        if handlers.is_empty() {
            let leave = self.block(body);
            return self.then(leave, otherwise);
        }
        let before = self.unknown_count();
        self.heap.enter();
        self.tries += 1;
        let returned = self.frames.last().map_or(0, |frame| frame.returns.len());
        let mut leave = self.block(body);
        let until = self.frames.last().map_or(0, |frame| frame.returns.len());
        self.tries -= 1;
        let after_body = self.heap.leave();
        let mut failed = std::mem::replace(&mut leave.raised, Guard::Never);
        let mut handled = Leave::NO;
        if !matches!(failed, Guard::Never) {
            self.heap.join(&Guard::Always, after_body, Default::default());
            handled = self.branch(&failed, |cx| cx.any_handler(handlers)).under(&failed);
        } else if self.unknown_count() > before && !handlers.iter().all(|one| only_leaves(&one.body)) {
            let place = handlers.iter().find_map(|one| one.body.first()).map(|first| self.place(first.span));
            let choice = self.choose(
                "whether the try block fails".into(),
                vec!["it does not".into(), "it does".into()],
                place,
            );
            failed = Guard::is(choice, 1);
            // What the body returned, it returned where it did not fail.
            let fine = failed.clone().negate();
            if let Some(returns) = self.frames.last_mut().and_then(|f| f.returns.get_mut(returned..until)) {
                returns.iter_mut().for_each(|(guard, _)| *guard = guards::and(guard, &fine));
            }
            self.heap.enter();
            handled = self.under(&failed, |cx| cx.any_handler(handlers)).under(&failed);
            let after_handler = self.heap.leave();
            self.heap.join(&failed, after_handler, after_body);
        } else {
            self.heap.join(&Guard::Always, after_body, Default::default());
            for handler in handlers {
                self.dead(|cx| {
                    cx.handler(handler);
                });
            }
        }
        let fine = failed.clone().negate();
        let leave = leave.under(&fine);
        if otherwise.is_empty() {
            return leave.or(handled);
        }
        // The `else` block runs where the body went through to its end.
        let later = match leave.any().or(failed).negate() {
            Guard::Never => Leave::NO,
            Guard::Always => self.block(otherwise),
            through => self.branch(&through, |cx| cx.block(otherwise)).under(&through),
        };
        leave.or(handled).or(later)
    }

    /// One of the handlers, as a choice of its own where there are several.
    fn any_handler(&mut self, handlers: &[Handler]) -> Leave {
        if let [only] = handlers {
            return self.handler(only);
        }
        let place = handlers.first().and_then(|one| one.body.first()).map(|first| self.place(first.span));
        let alternatives = (1..=handlers.len()).map(|number| format!("number {number}")).collect();
        let choice = self.choose("which except clause takes the exception".into(), alternatives, place);
        self.one_handler(handlers, choice, 0)
    }

    fn one_handler(&mut self, handlers: &[Handler], choice: ChoiceId, number: u32) -> Leave {
        match handlers {
            [] => Leave::NO,
            [last] => self.handler(last),
            [first, rest @ ..] => {
                let here = Guard::is(choice, number);
                let (yes, no) =
                    self.both(&here, |cx| cx.handler(first), |cx| cx.one_handler(rest, choice, number + 1));
                yes.under(&here).or(no.under(&here.negate()))
            }
        }
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
            ExprKind::Attribute { object, name, .. } => match self.already_there(object)? {
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
            },
            _ => None,
        }
    }

    /// The value of a dotted name whose parts are there already: reading it runs nothing.
    fn already_there(&self, expr: &Expr) -> Option<Value> {
        match &expr.kind {
            ExprKind::Name(name) => self.lookup(self.scope(), *name).map(|variable| variable.value.clone()),
            ExprKind::Attribute { object, name, .. } => match self.already_there(object)? {
                Value::Module(id) => {
                    let Object::Module(module) = self.heap.get(id) else { return None };
                    if let Some(variable) = self.heap.scope(module.scope)?.variables.get(name) {
                        return Some(variable.value.clone());
                    }
                    let text = self.names.text(*name);
                    let at = if module.folder.is_empty() {
                        text.to_string()
                    } else {
                        format!("{}/{text}", module.folder)
                    };
                    self.modules.get(&*at).map(|id| Value::Module(*id))
                }
                Value::Instance(id) => {
                    let instance = self.heap.instance(id)?;
                    match instance.attributes.get(name) {
                        Some(variable) => Some(variable.value.clone()),
                        None => self.class_variable(instance.class, *name).map(|variable| variable.value),
                    }
                }
                Value::Class(id) => self.class_variable(id, *name).map(|variable| variable.value),
                _ => None,
            },
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
        if !self.in_class_body() && !self.in_dead_code() {
            self.defined.push(value.clone());
        }
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

    fn augment(
        &mut self,
        target: &Expr,
        op: crate::core::BinaryOp,
        left: Value,
        right: Value,
        statement: &Stmt,
    ) {
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
                self.delete_index(&object, &index);
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
