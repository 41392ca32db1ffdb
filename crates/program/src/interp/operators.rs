//! Operators, comparisons, indexes and slices.

use super::{Derived, Interp};
use crate::core::{BinaryOp, CompareOp, Expr};
use crate::heap::{either, one_of};
use crate::host::Host;
use crate::interp::loops::present;
use crate::value::{Items, Key, Map, Object, Unknown, Value};
use std::rc::Rc;
use tidegate_estate::{Guard, Reason, Span};

impl<H: Host> Interp<H> {
    /// `left op right`.
    pub fn binary(&mut self, op: BinaryOp, left: &Value, right: &Value, span: Span) -> Value {
        self.each(left, &mut |cx, left| cx.each(right, &mut |cx, right| cx.binary_of(op, left, right, span)))
    }

    fn binary_of(&mut self, op: BinaryOp, left: &Value, right: &Value, span: Span) -> Value {
        use BinaryOp::*;
        match (op, left, right) {
            (Add, Value::Str(a), Value::Str(b)) => {
                if a.is_empty() {
                    return right.clone();
                }
                if b.is_empty() {
                    return left.clone();
                }
                if a.len() + b.len() > 1 << 20 {
                    return self.unknown_at("it is a very long string", span);
                }
                Value::str(format!("{a}{b}"))
            }
            (Add, Value::Str(a), other @ (Value::Native(_) | Value::Unknown(_)))
            | (Add, other @ (Value::Native(_) | Value::Unknown(_)), Value::Str(a))
                if a.is_empty() =>
            {
                other.clone()
            }
            (Divide, Value::Str(a), Value::Str(b)) => crate::python::divide_paths(a, b),
            (Multiply, Value::Str(a), Value::Int(n)) | (Multiply, Value::Int(n), Value::Str(a)) => {
                let n = usize::try_from(*n).unwrap_or(0);
                if a.len().saturating_mul(n) > 1 << 20 {
                    return self.unknown_at("it is a very long string", span);
                }
                Value::str(a.repeat(n))
            }
            (
                _,
                Value::Int(_) | Value::Bool(_) | Value::Float(_),
                Value::Int(_) | Value::Bool(_) | Value::Float(_),
            ) => self.arithmetic(op, left, right, span),
            (Add, Value::List(_), Value::List(_)) => {
                let mut all = Items::default();
                for side in [left, right] {
                    if let Some((items, open)) = self.elements(side) {
                        all.items.extend(items);
                        all.open = all.open.or(open);
                    }
                }
                Value::List(self.heap.add(Object::Items(all)))
            }
            (Add, Value::Tuple(a), Value::Tuple(b)) if a.len() + b.len() > super::MAX_ELEMENTS => {
                self.unknown_at("it is a very long tuple", span)
            }
            (Add, Value::Tuple(a), Value::Tuple(b)) => {
                Value::Tuple(a.iter().chain(b.iter()).cloned().collect())
            }
            (Multiply, Value::List(_), Value::Int(n)) | (Multiply, Value::Int(n), Value::List(_)) => {
                let list = if matches!(left, Value::List(_)) { left } else { right };
                let (items, open) = self.elements(list).unwrap_or_default();
                let mut all = Vec::new();
                for _ in 0..(*n).clamp(0, 1000) {
                    all.extend(items.iter().cloned());
                }
                Value::List(self.heap.add(Object::Items(Items { items: all, open })))
            }
            (BitOr, Value::Dict(_), Value::Dict(_)) => {
                let id = self.heap.add(Object::Map(Map::default()));
                self.update_map(id, left);
                self.update_map(id, right);
                Value::Dict(id)
            }
            (BitOr | BitAnd | Subtract | BitXor, Value::Set(_), Value::Set(_)) => {
                self.set_operation(op, left, right)
            }
            (Modulo, Value::Str(format), _) => self.percent_format(format, right, span),
            // A type expression such as `str | None`.
            (BitOr, Value::External(_) | Value::Class(_), _) => left.clone(),
            (Divide, Value::Unknown(unknown), Value::Str(b)) => {
                self.derived(&unknown.clone(), &format!("/{b}"), None)
            }
            (Divide, Value::Instance(_) | Value::External(_), _) => {
                self.unknown_at("it is a computed path", span)
            }
            (_, Value::Unknown(a), Value::Unknown(b)) => {
                let how = format!("{op:?}");
                let (id, other) = (a.id, b.id);
                let reason = a.reason.clone();
                self.derive(Derived::Of(id, how.into(), other.to_string().into()), |_| reason, None)
            }
            (_, Value::Unknown(a), other) | (_, other, Value::Unknown(a)) => {
                let side = if matches!(left, Value::Unknown(_)) { "l" } else { "r" };
                let reason = a.reason.clone();
                match literal(other) {
                    Some(text) => self.derive(
                        Derived::Of(a.id, format!("{op:?}{side}").into(), text.into()),
                        |_| reason,
                        None,
                    ),
                    None => self.unknown(reason),
                }
            }
            (_, Value::Native(_), _) | (_, _, Value::Native(_)) => {
                self.unknown_at("it is computed from a value that is only known at deployment", span)
            }
            _ => self.unknown_at("it is an operation on values of other kinds", span),
        }
    }

    fn arithmetic(&mut self, op: BinaryOp, left: &Value, right: &Value, span: Span) -> Value {
        use BinaryOp::*;
        if let (Some(a), Some(b)) = (integer(left), integer(right)) {
            let result = match op {
                Add => a.checked_add(b),
                Subtract => a.checked_sub(b),
                Multiply => a.checked_mul(b),
                // Python rounds down; the remainder has the sign of the divisor.
                FloorDivide if b != 0 => {
                    a.checked_div(b).map(|q| if a % b != 0 && (a < 0) != (b < 0) { q - 1 } else { q })
                }
                Modulo if b != 0 => {
                    a.checked_rem(b).map(|r| if r != 0 && (r < 0) != (b < 0) { r + b } else { r })
                }
                Power if (0..64).contains(&b) => a.checked_pow(b as u32),
                BitOr => Some(a | b),
                BitAnd => Some(a & b),
                BitXor => Some(a ^ b),
                ShiftLeft if (0..63).contains(&b) => a.checked_mul(1 << b),
                ShiftRight if (0..63).contains(&b) => Some(a >> b),
                Divide if b != 0 => return Value::Float(a as f64 / b as f64),
                _ => None,
            };
            if let (Some(result), BitOr | BitAnd, Value::Bool(_), Value::Bool(_)) = (result, op, left, right)
            {
                return Value::Bool(result != 0);
            }
            return match result {
                Some(result) => Value::Int(result),
                None => self.unknown_at("it is a number out of range", span),
            };
        }
        let (a, b) = (number(left), number(right));
        match op {
            Add => Value::Float(a + b),
            Subtract => Value::Float(a - b),
            Multiply => Value::Float(a * b),
            Divide if b != 0.0 => Value::Float(a / b),
            FloorDivide if b != 0.0 => Value::Float((a / b).floor()),
            _ => self.unknown_at("it is a number out of range", span),
        }
    }

    fn set_operation(&mut self, op: BinaryOp, left: &Value, right: &Value) -> Value {
        let (a, open_a) = self.elements(left).unwrap_or_default();
        let (b, open_b) = self.elements(right).unwrap_or_default();
        let has = |list: &[(Guard, Value)], value: &Value| list.iter().any(|(_, v)| v.same(value));
        let items: Vec<_> = match op {
            BinaryOp::BitOr => {
                a.iter().cloned().chain(b.iter().filter(|(_, v)| !has(&a, v)).cloned()).collect()
            }
            BinaryOp::BitAnd => a.iter().filter(|(_, v)| has(&b, v)).cloned().collect(),
            BinaryOp::Subtract => a.iter().filter(|(_, v)| !has(&b, v)).cloned().collect(),
            _ => a
                .iter()
                .filter(|(_, v)| !has(&b, v))
                .chain(b.iter().filter(|(_, v)| !has(&a, v)))
                .cloned()
                .collect(),
        };
        Value::Set(self.heap.add(Object::Items(Items { items, open: open_a.or(open_b) })))
    }

    fn percent_format(&mut self, format: &Rc<str>, right: &Value, span: Span) -> Value {
        let arguments: Vec<Value> = match right {
            Value::Tuple(items) => items.to_vec(),
            other => vec![other.clone()],
        };
        let mut result = Value::str("");
        let mut rest: &str = format;
        let mut arguments = arguments.into_iter();
        while let Some(at) = rest.find('%') {
            result = self.binary(BinaryOp::Add, &result, &Value::str(&rest[..at]), span);
            let mut after = rest[at + 1..].chars();
            let piece = match after.next() {
                Some('%') => Value::str("%"),
                Some('s' | 'd') => match arguments.next() {
                    Some(value) => self.to_text(&value, span),
                    None => return self.unknown_at("it is formatted with too few values", span),
                },
                _ => return self.unknown_at("it is formatted in a way that is not followed", span),
            };
            result = self.binary(BinaryOp::Add, &result, &piece, span);
            rest = after.as_str();
        }
        self.binary(BinaryOp::Add, &result, &Value::str(rest), span)
    }

    pub(crate) fn comparison(&mut self, first: &Expr, rest: &[(CompareOp, Expr)]) -> Value {
        let mut left = self.eval(first);
        let mut result = Value::Bool(true);
        for (at, (op, right)) in rest.iter().enumerate() {
            let right = self.eval(right);
            let one = self.compare(*op, &left, &right, first.span);
            if at == 0 {
                result = one;
            } else {
                let guard = self.truth(&result);
                result = either(&guard, one, Value::Bool(false));
            }
            if self.truth(&result) == Guard::Never {
                return Value::Bool(false);
            }
            left = right;
        }
        result
    }

    /// `left op right` for a comparison.
    pub fn compare(&mut self, op: CompareOp, left: &Value, right: &Value, span: Span) -> Value {
        self.each(left, &mut |cx, left| {
            cx.each(right, &mut |cx, right| cx.compare_one(op, left, right, span))
        })
    }

    fn compare_one(&mut self, op: CompareOp, left: &Value, right: &Value, span: Span) -> Value {
        use CompareOp::*;
        match op {
            NotEqual => {
                let equal = self.compare_one(Equal, left, right, span);
                self.negation(&equal)
            }
            IsNot => {
                let is = self.compare_one(Is, left, right, span);
                self.negation(&is)
            }
            NotIn => {
                let is_in = self.compare_one(In, left, right, span);
                self.negation(&is_in)
            }
            Equal | Is => match self.equal(left, right) {
                Some(known) => Value::Bool(known),
                None => self.unknown_comparison("==", left, right, span),
            },
            In => self.membership(left, right, span),
            Less | LessEqual | Greater | GreaterEqual => {
                let (left, right) = (&self.plain_member(left), &self.plain_member(right));
                let order = match (left, right) {
                    (Value::Str(a), Value::Str(b)) => Some(a.cmp(b)),
                    _ => match (integer(left), integer(right)) {
                        (Some(a), Some(b)) => Some(a.cmp(&b)),
                        _ if is_number(left) && is_number(right) => number(left).partial_cmp(&number(right)),
                        _ => None,
                    },
                };
                match order {
                    Some(order) => Value::Bool(match op {
                        Less => order.is_lt(),
                        LessEqual => order.is_le(),
                        Greater => order.is_gt(),
                        _ => order.is_ge(),
                    }),
                    None => self.unknown_comparison(&format!("{op:?}"), left, right, span),
                }
            }
        }
    }

    /// The value of a member of an enum whose members are numbers or texts themselves.
    fn plain_member(&self, value: &Value) -> Value {
        let Value::Instance(id) = value else { return value.clone() };
        let member = || {
            let instance = self.heap.instance(*id)?;
            let class = self.heap.class(instance.class)?;
            let plain = class.kind == crate::value::ClassKind::Enum
                && class.order.iter().any(|base| {
                    matches!(base, Value::External(p) if matches!(&**p, "enum.IntEnum" | "enum.StrEnum" | "enum.IntFlag"
                        | "builtins.int" | "builtins.str"))
                });
            plain.then(|| instance.attributes.get(&self.sym.value).map(|v| v.value.clone())).flatten()
        };
        member().unwrap_or_else(|| value.clone())
    }

    /// Whether two values are equal; `None` = cannot tell.
    pub(crate) fn equal(&mut self, left: &Value, right: &Value) -> Option<bool> {
        if let (Value::Unknown(_) | Value::OneOf(_), _) | (_, Value::Unknown(_) | Value::OneOf(_)) =
            (left, right)
        {
            return if left.same(right) { Some(true) } else { None };
        }
        if left.same(right) {
            return Some(true);
        }
        match (left, right) {
            (Value::List(_), Value::List(_)) | (Value::Tuple(_), Value::Tuple(_)) => {
                let (a, open_a) = self.elements(left)?;
                let (b, open_b) = self.elements(right)?;
                if open_a.is_some()
                    || open_b.is_some()
                    || a.iter().chain(&b).any(|(g, _)| *g != Guard::Always)
                {
                    return None;
                }
                if a.len() != b.len() {
                    return Some(false);
                }
                for ((_, x), (_, y)) in a.iter().zip(&b) {
                    if !self.equal(x, y)? {
                        return Some(false);
                    }
                }
                Some(true)
            }
            (Value::Dict(_), Value::Dict(_)) | (Value::Set(_), Value::Set(_)) => None,
            (Value::Instance(_), Value::Int(_)) | (Value::Int(_), Value::Instance(_)) => {
                Some(self.plain_member(left).same(&self.plain_member(right)))
            }
            (Value::Instance(_), Value::Str(_)) | (Value::Str(_), Value::Instance(_)) => {
                // A str-valued enum member equals its value.
                let (instance, text) =
                    if matches!(left, Value::Instance(_)) { (left, right) } else { (right, left) };
                match self.enum_value_if_text(instance) {
                    Some(value) => Some(value.same(text)),
                    None => Some(false),
                }
            }
            (Value::Native(_), Value::None) | (Value::None, Value::Native(_)) => Some(false),
            (Value::Native(_), _) | (_, Value::Native(_)) => None,
            (Value::Instance(a), Value::Instance(b)) if a != b => {
                if self.class_attribute_of(left, self.sym.eq).is_some() { None } else { Some(false) }
            }
            _ if is_number(left) && is_number(right) => Some(number(left) == number(right)),
            _ => Some(false),
        }
    }

    fn unknown_comparison(&mut self, how: &str, left: &Value, right: &Value, span: Span) -> Value {
        let (unknown, other) = match (left, right) {
            (Value::Unknown(unknown), other) | (other, Value::Unknown(unknown)) => (unknown.clone(), other),
            _ => return self.unknown_at("it depends on a comparison that nobody can know", span),
        };
        let reason = unknown.reason.clone();
        match literal(other) {
            Some(text) => self.derive(Derived::Of(unknown.id, how.into(), text.into()), |_| reason, None),
            None => self.unknown(reason),
        }
    }

    fn membership(&mut self, left: &Value, right: &Value, span: Span) -> Value {
        match right {
            Value::Str(text) => {
                if let Value::Str(part) = left {
                    return Value::Bool(text.contains(&**part));
                }
            }
            Value::Dict(id) => {
                if let (Some(key), Some(map)) = (left.key(), self.heap.map(*id)) {
                    let found = map.entries.get(&key).map_or(Guard::Never, present);
                    return match (found, map.open.clone()) {
                        (Guard::Always, _) => Value::Bool(true),
                        (Guard::Never, None) => Value::Bool(false),
                        (Guard::Never, Some(open)) => self.derived(&open, &format!("has {key:?}"), None),
                        (guard, _) => either(&guard, Value::Bool(true), Value::Bool(false)),
                    };
                }
            }
            Value::List(_) | Value::Set(_) | Value::Tuple(_) | Value::Class(_) => {
                if let Some((items, open)) = self.elements(right) {
                    let mut found = Guard::Never;
                    let mut unsure = open.is_some();
                    for (guard, item) in items {
                        let alternatives = match &item {
                            Value::OneOf(alternatives) => alternatives.to_vec(),
                            _ => vec![(Guard::Always, item)],
                        };
                        for (when, item) in alternatives {
                            match self.equal(left, &item) {
                                Some(true) => found = found.or(guard.clone().and(when)),
                                Some(false) => {}
                                None => unsure = true,
                            }
                        }
                    }
                    return match (self.settled(found), unsure) {
                        (Guard::Always, _) => Value::Bool(true),
                        (found, false) => either(&found, Value::Bool(true), Value::Bool(false)),
                        (_, true) => match left {
                            Value::Unknown(unknown) => {
                                let unknown = unknown.clone();
                                let what = self.text_of_elements(right);
                                let reason = unknown.reason.clone();
                                self.derive(
                                    Derived::Of(unknown.id, "in".into(), what.into()),
                                    |_| reason,
                                    None,
                                )
                            }
                            _ => self.unknown_at("it depends on a test that nobody can know", span),
                        },
                    };
                }
            }
            Value::Instance(_) => {
                if let Some(method) = self.class_attribute_of(right, self.sym.contains) {
                    let arguments = crate::host::Arguments::of([left.clone()]);
                    return self.call_value(&method, arguments, None);
                }
            }
            _ => {}
        }
        match (left, right) {
            (Value::Unknown(u), _) | (_, Value::Unknown(u)) => {
                let u = u.clone();
                let other = if matches!(right, Value::Unknown(_)) { left } else { right };
                let text = literal(other).unwrap_or_default();
                let reason = u.reason.clone();
                self.derive(Derived::Of(u.id, "in".into(), text.into()), |_| reason, None)
            }
            _ => self.unknown_at("it depends on a test that nobody can know", span),
        }
    }

    fn text_of_elements(&mut self, value: &Value) -> String {
        let (items, _) = self.elements(value).unwrap_or_default();
        items.iter().filter_map(|(_, v)| literal(v)).collect::<Vec<_>>().join(",")
    }

    /// `object[index]`.
    pub fn index(&mut self, object: &Value, index: &Value, span: Span) -> Value {
        self.each(object, &mut |cx, object| {
            cx.each(index, &mut |cx, index| cx.index_one(object, index, span))
        })
    }

    fn index_one(&mut self, object: &Value, index: &Value, span: Span) -> Value {
        if let Value::Tuple(parts) = index
            && let [Value::External(tag), from, to, step] = &parts[..]
            && &**tag == "builtins.slice"
        {
            return self.slice(object, [from.clone(), to.clone(), step.clone()], span);
        }
        match object {
            Value::List(_) | Value::Tuple(_) => {
                let (items, open) = self.elements(object).unwrap_or_default();
                if let Value::Unknown(unknown) = index {
                    let memo = object_key(object).map(|key| (unknown.id, key));
                    return self.any_of(items, unknown.reason.clone(), memo);
                }
                let Some(at) = integer(index) else {
                    return self.unknown_at("it is picked by an index that is not known", span);
                };
                if let Value::List(id) = object
                    && open.is_none()
                    && items.iter().any(|(guard, _)| *guard != Guard::Always)
                {
                    let (object, index) = (object.clone(), index.clone());
                    return self.by_shape(*id, &mut |cx| cx.index_one(&object, &index, span));
                }
                if open.is_none() && items.iter().all(|(guard, _)| *guard == Guard::Always) {
                    let at = if at < 0 { at + items.len() as i64 } else { at };
                    return match usize::try_from(at).ok().and_then(|at| items.get(at)) {
                        Some((_, value)) => value.clone(),
                        None => self.unknown_at("the index is out of range", span),
                    };
                }
                let reason =
                    open.unwrap_or_else(|| Reason::at("the list's length is not known", self.place(span)));
                self.any_of(items, reason, None)
            }
            Value::Dict(id) => {
                let Some(key) = index.key() else {
                    let items: Vec<_> = self
                        .heap
                        .map(*id)
                        .map(|map| map.entries.values().map(|v| (present(v), v.clone())).collect())
                        .unwrap_or_default();
                    let reason = self.reason_of(index, "it is picked by a key that is not known");
                    let memo = match index {
                        Value::Unknown(unknown) => Some((unknown.id, id.0)),
                        _ => None,
                    };
                    return self.any_of(items, reason, memo);
                };
                self.map_get(*id, &key, span)
            }
            Value::Str(text) => match integer(index) {
                Some(at) => {
                    let count = text.chars().count() as i64;
                    let at = if at < 0 { at + count } else { at };
                    match usize::try_from(at).ok().and_then(|at| text.chars().nth(at)) {
                        Some(c) => Value::str(c.to_string()),
                        None => self.unknown_at("the index is out of range", span),
                    }
                }
                None => self.unknown_at("it is picked by an index that is not known", span),
            },
            Value::Class(id) => {
                // `Enum["MEMBER"]`, or a generic alias.
                if let (Some(class), Value::Str(name)) = (self.heap.class(*id).cloned(), index)
                    && class.kind == crate::value::ClassKind::Enum
                {
                    let name = self.names.intern(name);
                    return self.attribute(object, name, span);
                }
                object.clone()
            }
            Value::External(path) if path.starts_with("typing.") || path.starts_with("builtins.") => {
                object.clone()
            }
            Value::External(path) => {
                let how = format!("{path}[{}]", literal(index).unwrap_or_default());
                if &**path == "os.environ" {
                    let name = literal(index).unwrap_or_default();
                    return self.outside(
                        &how,
                        &format!("it comes from the environment variable {name}"),
                        span,
                    );
                }
                self.outside(&how, &format!("it comes from {path}, which is not read"), span)
            }
            Value::Instance(id) if self.tuple_fields(*id).is_some() => {
                let fields = self.tuple_fields(*id).unwrap_or_default();
                self.index_one(&Value::Tuple(fields.into()), index, span)
            }
            Value::Instance(_) => match self.class_attribute_of(object, self.sym.getitem) {
                Some(method) => {
                    let arguments = crate::host::Arguments::of([index.clone()]);
                    self.call_value(&method, arguments, None)
                }
                None => self.unknown_at("it is an element of an object that is not followed", span),
            },
            Value::Native(id) => {
                let name = match index {
                    Value::Int(i) => format!("[{i}]"),
                    Value::Str(s) => format!("['{s}']"),
                    _ => "[each]".into(),
                };
                H::attribute(self, *id, &name.into(), span)
            }
            Value::Unknown(unknown) => match literal(index) {
                Some(text) => self.derived(&unknown.clone(), &format!("[{text}]"), None),
                None => self.unknown(unknown.reason.clone()),
            },
            _ => self.unknown_at("it is an element of something that has none", span),
        }
    }

    /// One of some values, nobody can know which.
    fn any_of(&mut self, items: Vec<(Guard, Value)>, reason: Reason, memo: Option<(u32, u32)>) -> Value {
        if items.is_empty() || items.len() > 8 {
            return self.unknown(reason);
        }
        let names = items.iter().map(|(_, v)| literal(v).unwrap_or_else(|| "…".into())).collect();
        let key = memo.map(|(unknown, object)| (unknown, object, items.len()));
        let choice = match key.and_then(|key| self.picks.get(&key).copied()) {
            Some(choice) => choice,
            None => self.choose(reason.text.to_string(), names, reason.place.clone()),
        };
        if let Some(key) = key {
            self.picks.insert(key, choice);
        }
        one_of(items.into_iter().enumerate().map(|(at, (_, v))| (Guard::is(choice, at as u32), v)).collect())
    }

    /// The entry of a mapping; what is not there raises in Python, so it is unknown here.
    pub(crate) fn map_get(&mut self, id: crate::value::ObjectId, key: &Key, span: Span) -> Value {
        let Some(map) = self.heap.map(id) else { return Value::None };
        if let Some(value) = map.entries.get(key) {
            let value = self.prune(value.clone());
            if !matches!(value, Value::Missing) {
                return self.without_missing(value);
            }
        }
        let Some(map) = self.heap.map(id) else { return Value::None };
        if let Some(factory) = map.factory.clone() {
            let value = self.call_value(&factory, Default::default(), None);
            if let Some(map) = self.heap.map_mut(id) {
                map.entries.insert(key.clone(), value.clone());
            }
            return value;
        }
        match map.open.clone() {
            Some(unknown) => self.derived(&unknown, &format!("[{key:?}]"), None),
            None => self.unknown_at("there is no such key", span),
        }
    }

    fn slice(&mut self, object: &Value, [from, to, step]: [Value; 3], span: Span) -> Value {
        let bound = |value: &Value| match value {
            Value::None => Some(None),
            value => integer(value).map(Some),
        };
        let (Some(from), Some(to), Some(step)) = (bound(&from), bound(&to), bound(&step)) else {
            return self.unknown_at("it is cut at a place that is not known", span);
        };
        let pick = |len: usize| -> Vec<usize> {
            let n = len as i64;
            let step = step.unwrap_or(1);
            let fix = |at: i64| if at < 0 { (at + n).max(0) } else { at.min(n) };
            if step > 0 {
                let (a, b) = (from.map_or(0, fix), to.map_or(n, fix));
                (a..b).step_by(step as usize).map(|at| at as usize).collect()
            } else if step < 0 {
                let a = from.map_or(n - 1, |at| fix(at).min(n - 1));
                let b = to.map_or(-1, fix);
                let mut at = a;
                let mut all = Vec::new();
                while at > b {
                    all.push(at as usize);
                    at += step;
                }
                all
            } else {
                Vec::new()
            }
        };
        match object {
            Value::Str(text) => {
                let chars: Vec<char> = text.chars().collect();
                Value::str(pick(chars.len()).into_iter().filter_map(|at| chars.get(at)).collect::<String>())
            }
            Value::Tuple(items) => {
                Value::Tuple(pick(items.len()).into_iter().filter_map(|at| items.get(at).cloned()).collect())
            }
            Value::List(id) if self.has_guarded(*id) => {
                let (object, cuts) = (object.clone(), [from, to, step]);
                self.by_shape(*id, &mut |cx| {
                    let cuts = cuts.map(|cut| cut.map_or(Value::None, Value::Int));
                    cx.slice(&object, cuts, span)
                })
            }
            Value::List(_) => {
                let (items, open) = self.elements(object).unwrap_or_default();
                let items = pick(items.len()).into_iter().filter_map(|at| items.get(at).cloned()).collect();
                Value::List(self.heap.add(Object::Items(Items { items, open })))
            }
            Value::Native(_) => object.clone(),
            Value::Unknown(unknown) => self.derived(&unknown.clone(), "[:]", None),
            _ => self.unknown_at("it is cut from something that is not a sequence", span),
        }
    }

    /// Whether a list's shape is open only because elements are there in some worlds.
    pub(crate) fn has_guarded(&self, id: crate::value::ObjectId) -> bool {
        self.heap.items(id).is_some_and(|list| {
            list.open.is_none() && list.items.iter().any(|(guard, _)| *guard != Guard::Always)
        })
    }

    /// `object[index] = value`.
    pub(crate) fn set_index(&mut self, object: &Value, index: &Value, value: Value) {
        match object {
            Value::Dict(id) => self.put(*id, index, value),
            Value::List(id) => {
                if let Value::OneOf(alternatives) = index {
                    for (guard, index) in alternatives.clone().iter() {
                        let value = value.clone();
                        self.branch(guard, |cx| cx.set_index(object, index, value));
                    }
                    return;
                }
                if self.has_guarded(*id) {
                    let (object, index) = (object.clone(), index.clone());
                    self.by_shape(*id, &mut |cx| {
                        cx.set_index(&object, &index, value.clone());
                        Value::None
                    });
                    return;
                }
                let at = integer(index);
                let reason = self.reason_of(index, "an element was replaced at an unknown place");
                let Some(items) = self.heap.items_mut(*id) else { return };
                let len = items.items.len() as i64;
                match at.map(|at| if at < 0 { at + len } else { at }) {
                    Some(at) if (0..len).contains(&at) => items.items[at as usize].1 = value,
                    _ => items.open = Some(reason),
                }
            }
            Value::OneOf(alternatives) => {
                for (guard, alternative) in alternatives.clone().iter() {
                    let value = value.clone();
                    self.branch(guard, |cx| cx.set_index(alternative, index, value));
                }
            }
            _ => {}
        }
    }

    /// Puts an entry into a mapping.
    pub(crate) fn put(&mut self, id: crate::value::ObjectId, key: &Value, value: Value) {
        match key.key() {
            Some(key) => {
                if let Some(map) = self.heap.map_mut(id) {
                    map.entries.insert(key, value);
                }
            }
            None => {
                if let Value::OneOf(alternatives) = key {
                    for (guard, alternative) in alternatives.clone().iter() {
                        let value = value.clone();
                        self.branch(guard, |cx| cx.put(id, alternative, value));
                    }
                    return;
                }
                let reason = self.reason_of(key, "a key is not known");
                let unknown = self.unknown(reason);
                self.update_map(id, &unknown);
            }
        }
    }

    /// `map.update(other)`.
    pub(crate) fn update_map(&mut self, id: crate::value::ObjectId, other: &Value) {
        match other {
            Value::Dict(from) => {
                let Some(from) = self.heap.map(*from).cloned() else { return };
                if !self.charge(from.entries.len()) || from.entries.len() > super::MAX_ELEMENTS {
                    let unknown = self.unknown(Reason::new("the mapping is too large to follow"));
                    self.update_map(id, &unknown);
                    return;
                }
                for (key, value) in from.entries {
                    match present(&value) {
                        Guard::Always => {
                            if let Some(map) = self.heap.map_mut(id) {
                                map.entries.insert(key, value);
                            }
                        }
                        Guard::Never => {}
                        guard => {
                            let value = self.without_missing(value);
                            self.branch(&guard, |cx| {
                                if let Some(map) = cx.heap.map_mut(id) {
                                    map.entries.insert(key, value);
                                }
                            });
                        }
                    }
                }
                if let (Some(open), Some(map)) = (from.open, self.heap.map_mut(id)) {
                    map.open = Some(open);
                }
            }
            Value::OneOf(alternatives) => {
                for (guard, alternative) in alternatives.clone().iter() {
                    self.branch(guard, |cx| cx.update_map(id, alternative));
                }
            }
            Value::None => {}
            Value::Unknown(unknown) => {
                let unknown = unknown.clone();
                self.open_map(id, unknown);
            }
            other => {
                // Pairs, as `dict([(k, v)])` takes them.
                if let Some((items, None)) = self.elements(other)
                    && items.iter().all(|(_, v)| matches!(v, Value::Tuple(t) if t.len() == 2))
                {
                    for (_, pair) in items {
                        if let Value::Tuple(pair) = pair {
                            self.put(id, &pair[0], pair[1].clone());
                        }
                    }
                    return;
                }
                let unknown = self.unknown(Reason::new("a mapping of another kind was merged in"));
                self.update_map(id, &unknown);
            }
        }
    }

    /// The mapping may hold any further entries from here on, and any known one may be replaced.
    fn open_map(&mut self, id: crate::value::ObjectId, unknown: Rc<Unknown>) {
        let Some(map) = self.heap.map_mut(id) else { return };
        for value in map.entries.values_mut() {
            *value = Value::Unknown(unknown.clone());
        }
        map.open = Some(unknown);
    }

    /// `list.extend(other)`.
    pub(crate) fn extend_list(&mut self, id: crate::value::ObjectId, other: &Value) {
        let elements = self.elements(other);
        let reason = self.reason_of(other, "it is extended by something unknown");
        if let Some(items) = self.heap.items_mut(id) {
            match elements {
                Some((more, open)) => {
                    items.items.extend(more);
                    items.open = items.open.take().or(open);
                }
                None => items.open = Some(reason),
            }
        }
    }

    /// `result` is `not unknown`: one choice answers for both.
    pub(crate) fn tie_negation(&mut self, unknown: &Rc<Unknown>, result: &Rc<Unknown>) {
        match self.negated.get(&unknown.id).copied() {
            // The negation of a negation.
            Some(choice) => {
                self.truths.insert(result.id, choice);
            }
            None => {
                let choice = self.truth_choice(unknown);
                self.negated.insert(result.id, choice);
            }
        }
    }
}

/// A short text that stands for a known value, to recognise the same operation on the same operands.
pub(crate) fn literal(value: &Value) -> Option<String> {
    Some(match value {
        Value::None => "None".into(),
        Value::Bool(b) => b.to_string(),
        Value::Int(i) => i.to_string(),
        Value::Float(f) => f.to_string(),
        Value::Str(s) => s.to_string(),
        Value::External(path) => path.to_string(),
        Value::Instance(id) | Value::Class(id) => format!("#{}", id.0),
        Value::Tuple(items) => items.iter().map(literal).collect::<Option<Vec<_>>>()?.join(","),
        _ => return None,
    })
}

/// What identifies a collection, for picking from it by the same unknown twice.
fn object_key(value: &Value) -> Option<u32> {
    match value {
        Value::List(id) | Value::Dict(id) => Some(id.0),
        _ => None,
    }
}

/// A known integer.
pub(crate) fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Int(i) => Some(*i),
        Value::Bool(b) => Some(i64::from(*b)),
        _ => None,
    }
}

fn is_number(value: &Value) -> bool {
    matches!(value, Value::Int(_) | Value::Bool(_) | Value::Float(_))
}

fn number(value: &Value) -> f64 {
    match value {
        Value::Float(f) => *f,
        value => integer(value).unwrap_or(0) as f64,
    }
}
