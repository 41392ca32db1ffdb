//! Expressions.

use super::Interp;
use crate::core::{
    Comprehension, ComprehensionKind, ComprehensionLoop, Const, Expr, ExprKind, FormatPart, Look, UnaryOp,
};
use crate::heap::one_of;
use crate::host::Host;
use crate::value::{Items, Map, Object, ScopeKind, Value};
use std::rc::Rc;
use tidegate_estate::{Guard, Reason};

impl<H: Host> Interp<H> {
    /// Evaluates an expression in the current scope.
    pub fn eval(&mut self, expr: &Expr) -> Value {
        if !self.step() {
            return self.unknown(Reason::new("the analysis ran out of steps"));
        }
        match &expr.kind {
            ExprKind::Const(constant) => self.constant(constant),
            ExprKind::Name(name) => self.name(*name, expr),
            ExprKind::Attribute { object, name, name_span } => {
                let object = self.eval(object);
                self.attribute(&object, *name, *name_span)
            }
            ExprKind::Index { object, index } => {
                let object = self.eval(object);
                let index = self.eval(index);
                self.index(&object, &index, expr.span)
            }
            ExprKind::Slice { from, to, step } => {
                let mut part = |part: &Option<Box<Expr>>| part.as_ref().map_or(Value::None, |e| self.eval(e));
                let parts = [part(from), part(to), part(step)];
                Value::Tuple(Rc::new([
                    Value::External("builtins.slice".into()),
                    parts[0].clone(),
                    parts[1].clone(),
                    parts[2].clone(),
                ]))
            }
            ExprKind::Call { callee, arguments } => self.call(expr, callee, arguments),
            ExprKind::Unary { op, operand } => self.unary(*op, operand, expr),
            ExprKind::Binary { op, left, right } => {
                let left = self.eval(left);
                let right = self.eval(right);
                self.binary(*op, &left, &right, expr.span)
            }
            ExprKind::Compare { first, rest } => self.comparison(first, rest),
            ExprKind::And(parts) => self.junction(parts, true),
            ExprKind::Or(parts) => self.junction(parts, false),
            ExprKind::IfElse { test, then, otherwise } => {
                let test = self.eval(test);
                match self.truth(&test) {
                    Guard::Always => {
                        self.dead(|cx| {
                            cx.eval(otherwise);
                        });
                        self.eval(then)
                    }
                    Guard::Never => {
                        self.dead(|cx| {
                            cx.eval(then);
                        });
                        self.eval(otherwise)
                    }
                    guard => {
                        let (yes, no) = self.both(&guard, |cx| cx.eval(then), |cx| cx.eval(otherwise));
                        crate::heap::either(&guard, yes, no)
                    }
                }
            }
            ExprKind::Lambda(function) => Value::Function(Rc::new(self.closure(function))),
            ExprKind::List(parts) => {
                let items = self.display(parts);
                Value::List(self.heap.add(Object::Items(items)))
            }
            ExprKind::Set(parts) => {
                let items = self.display(parts);
                let items = self.distinct(items);
                Value::Set(self.heap.add(Object::Items(items)))
            }
            ExprKind::Tuple(parts) => {
                let items = self.display(parts);
                if items.open.is_some() || items.items.iter().any(|(guard, _)| *guard != Guard::Always) {
                    return Value::List(self.heap.add(Object::Items(items)));
                }
                Value::Tuple(items.items.into_iter().map(|(_, value)| value).collect())
            }
            ExprKind::Dict(entries) => self.dict_display(entries),
            ExprKind::Splat(inner) => self.eval(inner),
            ExprKind::Comprehension(comprehension) => self.comprehension(comprehension),
            ExprKind::Format(parts) => self.format(parts, expr),
            ExprKind::Bind { name, value } => {
                let value = self.eval(value);
                self.bind(self.scope(), *name, value.clone(), None);
                value
            }
            ExprKind::Yield { value, each } => {
                let value = value.as_ref().map_or(Value::None, |value| self.eval(value));
                let guard = self.guard_in_call();
                let yielded = match self.elements(&value) {
                    Some((items, _)) if *each => {
                        items.into_iter().map(|(g, v)| (guard.clone().and(g), v)).collect()
                    }
                    _ => vec![(guard, value)],
                };
                if let Some(yields) = self.yields.last_mut() {
                    yields.extend(yielded);
                }
                Value::None
            }
            ExprKind::Opaque(why) => self.unknown_at(why, expr.span),
        }
    }

    fn constant(&mut self, constant: &Const) -> Value {
        match constant {
            Const::None => Value::None,
            Const::Bool(b) => Value::Bool(*b),
            Const::Int(i) => Value::Int(*i),
            Const::Float(f) => Value::Float(*f),
            Const::Str(s) => Value::Str(s.clone()),
            Const::Bytes => Value::External("builtins.bytes_literal".into()),
            Const::Ellipsis => Value::External("builtins.Ellipsis".into()),
        }
    }

    fn name(&mut self, name: crate::names::Symbol, expr: &Expr) -> Value {
        if let Some(variable) = self.lookup(self.scope(), name) {
            let value = variable.value.clone();
            let value = self.prune(value);
            return self.without_missing(value);
        }
        if let Some(full) = self.builtins.get(&name) {
            return Value::External(full.clone());
        }
        let text = self.names.text(name).clone();
        // Names that no program can write: what the lowering calls is the built-in function, whatever is called so.
        let text = match text.strip_prefix('<').and_then(|text| text.strip_suffix('>')) {
            Some(inner) if crate::python::is_builtin(inner) => inner.into(),
            _ => text,
        };
        if text.as_ref() == "__builtins__" || crate::python::is_builtin(&text) {
            let full: Rc<str> = format!("builtins.{text}").into();
            self.builtins.insert(name, full.clone());
            return Value::External(full);
        }
        if self.in_dead_code() {
            return self.unknown_at("it is never assigned", expr.span);
        }
        let reason = format!("the name {text} is not defined in the code that was read");
        self.outside(&text, &reason, expr.span)
    }

    /// The value without the worlds in which it is missing (reading it there would raise).
    pub(crate) fn without_missing(&mut self, value: Value) -> Value {
        let Value::OneOf(alternatives) = &value else { return value };
        if !alternatives.iter().any(|(_, v)| matches!(v, Value::Missing)) {
            return value;
        }
        one_of(alternatives.iter().filter(|(_, v)| !matches!(v, Value::Missing)).cloned().collect())
    }

    fn unary(&mut self, op: UnaryOp, operand: &Expr, expr: &Expr) -> Value {
        let value = self.eval(operand);
        if op == UnaryOp::Not {
            return self.negation(&value);
        }
        self.each(&value, &mut |cx, value| match (op, value) {
            (UnaryOp::Minus, Value::Int(i)) => {
                i.checked_neg().map_or_else(|| Value::Float(-(*i as f64)), Value::Int)
            }
            (UnaryOp::Minus, Value::Float(f)) => Value::Float(-f),
            (UnaryOp::Plus, Value::Int(_) | Value::Float(_)) => value.clone(),
            (UnaryOp::Invert, Value::Int(i)) => Value::Int(!i),
            (_, Value::Unknown(unknown)) => cx.derived(&unknown.clone(), &format!("{op:?}"), None),
            _ => cx.unknown_at("it is an operation on a value of another kind", expr.span),
        })
    }

    /// `not value`, an unknown's negation being tied to it.
    pub(crate) fn negation(&mut self, value: &Value) -> Value {
        match self.truth(value) {
            Guard::Always => Value::Bool(false),
            Guard::Never => Value::Bool(true),
            guard => {
                if let Value::Unknown(unknown) = value {
                    // Still unknown, but the same question: settle it once, below.
                    let result = self.negated_unknown(&unknown.clone());
                    if let Value::Unknown(result) = &result {
                        self.tie_negation(unknown, result);
                    }
                    return result;
                }
                crate::heap::either(&guard, Value::Bool(false), Value::Bool(true))
            }
        }
    }

    /// `a and b` (`all`), `a or b`: the operand that decides.
    fn junction(&mut self, parts: &[Expr], all: bool) -> Value {
        let Some((first, rest)) = parts.split_first() else { return Value::Bool(all) };
        let value = self.eval(first);
        if rest.is_empty() {
            return value;
        }
        let truth = self.truth(&value);
        let goes_on = if all { truth } else { truth.negate() };
        match goes_on {
            Guard::Always => self.junction(rest, all),
            Guard::Never => {
                self.dead(|cx| {
                    cx.junction(rest, all);
                });
                value
            }
            guard => {
                let later = self.branch(&guard, |cx| cx.junction(rest, all));
                let stays = if let Value::Unknown(_) = value {
                    // Where `x and y` stops at an unknown x, x is false there; where `x or y` stops,
                    // it is x itself.
                    if all { Value::Bool(false) } else { value }
                } else {
                    value
                };
                crate::heap::either(&guard, later, stays)
            }
        }
    }

    /// Elements of a list, tuple or set display, splats expanded.
    fn display(&mut self, parts: &[Expr]) -> Items {
        let mut items = Items { items: Vec::with_capacity(parts.len()), open: None };
        for part in parts {
            if let ExprKind::Splat(inner) = &part.kind {
                let value = self.eval(inner);
                match self.elements(&value) {
                    Some((more, open)) => {
                        items.items.extend(more);
                        items.open = items.open.or(open);
                    }
                    None => items.open = Some(self.reason_of(&value, "it is splatted in")),
                }
            } else {
                let value = self.eval(part);
                items.items.push((Guard::Always, value));
            }
        }
        items
    }

    /// Why a value is unknown; `otherwise` where it is not.
    pub fn reason_of(&self, value: &Value, otherwise: &str) -> Reason {
        match value {
            Value::Unknown(unknown) => unknown.reason.clone(),
            Value::OneOf(alternatives) => alternatives
                .iter()
                .find_map(|(_, v)| if let Value::Unknown(u) = v { Some(u.reason.clone()) } else { None })
                .unwrap_or_else(|| Reason::new(otherwise)),
            _ => Reason::new(otherwise),
        }
    }

    /// The elements without repetitions.
    pub(crate) fn distinct(&self, items: Items) -> Items {
        let mut kept: Vec<(Guard, Value)> = Vec::with_capacity(items.items.len());
        for (guard, value) in items.items {
            if !kept.iter().any(|(g, v)| v.same(&value) && (*g == Guard::Always || *g == guard)) {
                kept.push((guard, value));
            }
        }
        Items { items: kept, open: items.open }
    }

    fn dict_display(&mut self, entries: &[(Option<Expr>, Expr)]) -> Value {
        let id = self.heap.add(Object::Map(Map::default()));
        for (key, value) in entries {
            match key {
                Some(key) => {
                    let key = self.eval(key);
                    let value = self.eval(value);
                    self.put(id, &key, value);
                }
                None => {
                    let value = self.eval(value);
                    self.update_map(id, &value);
                }
            }
        }
        Value::Dict(id)
    }

    fn comprehension(&mut self, comprehension: &Comprehension) -> Value {
        let scope = self.new_scope(Some(self.scope()), ScopeKind::Comprehension);
        let outer = self.scope();
        if let Some(frame) = self.frames.last_mut() {
            frame.scope = scope;
        }
        let mut found: Vec<(Guard, Value, Option<Value>)> = Vec::new();
        let mut open = None;
        self.comprehension_loop(comprehension, &comprehension.loops, &Guard::Always, &mut found, &mut open);
        if let Some(frame) = self.frames.last_mut() {
            frame.scope = outer;
        }
        match comprehension.kind {
            ComprehensionKind::Dict => {
                let id = self.heap.add(Object::Map(Map::default()));
                if let Some(reason) = open {
                    let unknown = self.unknown(reason);
                    self.update_map(id, &unknown);
                }
                for (guard, key, value) in found {
                    let value = value.unwrap_or(Value::None);
                    match guard {
                        Guard::Always => self.put(id, &key, value),
                        guard => self.branch(&guard, |cx| cx.put(id, &key, value)),
                    }
                }
                Value::Dict(id)
            }
            kind => {
                let items = found.into_iter().map(|(guard, value, _)| (guard, value)).collect();
                let mut items = Items { items, open };
                if kind == ComprehensionKind::Set {
                    items = self.distinct(items);
                    return Value::Set(self.heap.add(Object::Items(items)));
                }
                Value::List(self.heap.add(Object::Items(items)))
            }
        }
    }

    fn comprehension_loop(
        &mut self,
        comprehension: &Comprehension,
        loops: &[ComprehensionLoop],
        guard: &Guard,
        found: &mut Vec<(Guard, Value, Option<Value>)>,
        open: &mut Option<Reason>,
    ) {
        let Some((this, inner)) = loops.split_first() else {
            let element = self.eval(&comprehension.element);
            let value = comprehension.value.as_ref().map(|value| self.eval(value));
            found.push((guard.clone(), element, value));
            return;
        };
        let over = self.eval(&this.iter);
        let Some((items, more)) = self.elements(&over) else {
            let reason = self.reason_of(&over, "it is made by a loop over something unknown");
            *open = Some(reason.clone());
            // Run once with an unknown element all the same: calls in it must be seen.
            let element = match &over {
                Value::Unknown(unknown) => self.derived(&unknown.clone(), "[each]", None),
                Value::Native(id) => H::attribute(self, *id, &"[each]".into(), this.iter.span),
                _ => self.unknown(reason),
            };
            self.assign(&this.target, element, None);
            let mut once = Vec::new();
            self.comprehension_loop(comprehension, inner, guard, &mut once, open);
            if let Value::Native(_) = over {
                found.extend(once);
            }
            return;
        };
        if more.is_some() {
            *open = more;
        }
        if items.is_empty() {
            // Never evaluated: only what is written in it counts.
            self.dead(|cx| {
                cx.comprehension_loop(comprehension, inner, &Guard::Never, &mut Vec::new(), &mut None)
            });
        }
        for (there, element) in items {
            if !self.step() {
                break;
            }
            if found.len() >= self.bounds.rounds {
                *open = Some(self.too_many(this.iter.span));
                break;
            }
            let mut when = there;
            if matches!(when, Guard::Never) {
                continue;
            }
            self.assign(&this.target, element, None);
            for test in &this.tests {
                let value = self.eval(test);
                when = when.and(self.truth(&value));
            }
            match when {
                Guard::Never => {}
                Guard::Always => self.comprehension_loop(comprehension, inner, guard, found, open),
                when => {
                    let all = guard.clone().and(when.clone());
                    self.branch(&when, |cx| cx.comprehension_loop(comprehension, inner, &all, found, open));
                }
            }
        }
    }

    fn format(&mut self, parts: &[FormatPart], expr: &Expr) -> Value {
        let mut result = Value::str("");
        for part in parts {
            let piece = match part {
                FormatPart::Text(text) => Value::Str(text.clone()),
                FormatPart::Value { value, look } => {
                    let value = self.eval(value);
                    let value = self.prune(value);
                    if parts.len() == 1 && matches!(value, Value::Native(_) | Value::Unknown(_)) {
                        return value;
                    }
                    match look {
                        Look::Plain => self.to_text(&value, expr.span),
                        Look::Specified(how) => self.each(&value, &mut |cx, value| {
                            let shown = crate::python::formatted(value, how).map(Value::str);
                            shown.unwrap_or_else(|| cx.format_unknown(value, expr.span))
                        }),
                        Look::Other => {
                            self.each(&value, &mut |cx, value| cx.format_unknown(value, expr.span))
                        }
                    }
                }
            };
            result = self.binary(crate::core::BinaryOp::Add, &result, &piece, expr.span);
        }
        result
    }

    fn format_unknown(&mut self, value: &Value, span: tidegate_estate::Span) -> Value {
        match value {
            Value::Unknown(unknown) => self.derived(&unknown.clone(), "format", None),
            _ => self.unknown_at("it is formatted", span),
        }
    }

    /// `str(value)`.
    pub fn to_text(&mut self, value: &Value, span: tidegate_estate::Span) -> Value {
        self.each(value, &mut |cx, value| match value {
            Value::Str(_) => value.clone(),
            Value::Int(i) => Value::str(i.to_string()),
            Value::Bool(b) => Value::str(if *b { "True" } else { "False" }),
            Value::None => Value::str("None"),
            Value::Float(f) if f.fract() == 0.0 && f.abs() < 1e15 => Value::str(format!("{f:.1}")),
            Value::Float(f) => Value::str(f.to_string()),
            Value::Unknown(unknown) => cx.derived(&unknown.clone(), "str", None),
            Value::Native(_) => value.clone(),
            Value::Instance(_) => match cx.class_attribute_of(value, cx.sym.str_) {
                Some(method) => cx.call_value(&method, Default::default(), None),
                None => {
                    cx.enum_text(value).unwrap_or_else(|| cx.unknown_at("it is the text of an object", span))
                }
            },
            _ => cx.unknown_at("it is the text of something other than a string or number", span),
        })
    }
}
