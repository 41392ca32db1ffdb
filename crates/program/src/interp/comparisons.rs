//! Comparisons, and whether something is in something else.

use super::operators::{integer, is_number, literal, number};
use super::{Derived, Interp};
use crate::core::{CompareOp, Expr};
use crate::heap::either;
use crate::host::Host;
use crate::interp::loops::present;
use crate::value::{ClassKind, Key, ObjectId, Unknown, Value};
use std::rc::Rc;
use tidegate_estate::{Guard, Span};

/// How deep objects are compared that hold objects.
const MAX_COMPARING: u32 = 8;

impl<H: Host> Interp<H> {
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

    /// The key under which a mapping has a value, or would have it; `None` = nobody can tell. A member of an enum of texts
    /// is the same key as its text, and keeps its own form.
    pub(crate) fn key_in(&self, map: ObjectId, value: &Value) -> Option<Key> {
        let key = value.key()?;
        let map = self.heap.map(map)?;
        if map.entries.contains_key(&key) {
            return Some(key);
        }
        if let Value::Instance(id) = value {
            let class = self.heap.class(self.heap.instance(*id)?.class)?;
            if class.kind == ClassKind::Data {
                // Equal objects are equal keys: which ones are equal is not looked for here.
                return None;
            }
        }
        let plain = self.plain_member(value);
        let (Value::Str(_) | Value::Int(_)) = plain else { return Some(key) };
        if let Some(plain) = plain.key().filter(|plain| map.entries.contains_key(plain)) {
            return Some(plain);
        }
        let same = map.entries.keys().find(
            |known| matches!(known, Key::Object(id) if self.plain_member(&Value::Instance(*id)).same(&plain)),
        );
        Some(same.cloned().unwrap_or(key))
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
            (Value::Instance(a), Value::Instance(b)) if a != b => self.equal_instances(*a, *b, left, right),
            // A named tuple is equal to a tuple of the same values.
            (Value::Instance(_), Value::Tuple(_)) | (Value::Tuple(_), Value::Instance(_)) => None,
            _ if is_number(left) && is_number(right) => Some(number(left) == number(right)),
            _ => Some(false),
        }
    }

    /// By `__eq__` of the program; else by the fields where the class compares them; else no two are equal.
    fn equal_instances(&mut self, a: ObjectId, b: ObjectId, left: &Value, right: &Value) -> Option<bool> {
        if let Some(method) = self.class_attribute_of(left, self.sym.eq) {
            let arguments = crate::host::Arguments::of([right.clone()]);
            return match self.call_value(&method, arguments, None) {
                Value::Bool(equal) => Some(equal),
                _ => None,
            };
        }
        let (one, other) = (self.heap.instance(a)?, self.heap.instance(b)?);
        let class = self.heap.class(one.class)?;
        if !matches!(class.kind, ClassKind::Data) {
            return Some(false);
        }
        if one.class != other.class {
            return Some(false);
        }
        let pairs: Vec<(Value, Option<Value>)> = one
            .attributes
            .iter()
            .map(|(name, mine)| (mine.value.clone(), other.attributes.get(name).map(|v| v.value.clone())))
            .collect();
        if self.comparing >= MAX_COMPARING {
            return None;
        }
        self.comparing += 1;
        let mut unsure = false;
        let mut differs = false;
        for (mine, theirs) in pairs {
            match theirs.and_then(|theirs| self.equal(&mine, &theirs)) {
                Some(true) => {}
                Some(false) => differs = true,
                None => unsure = true,
            }
        }
        self.comparing -= 1;
        match (differs, unsure) {
            (true, _) => Some(false),
            (false, true) => None,
            (false, false) => Some(true),
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
                    // No text is looked for in a block: these two are `ipaddress` objects.
                    if let Some(inside) = crate::python::address_in_block(part, text) {
                        return Value::Bool(inside);
                    }
                    return Value::Bool(text.contains(&**part));
                }
            }
            Value::Dict(id) => {
                if let (Some(key), Some(map)) = (self.key_in(*id, left), self.heap.map(*id)) {
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
