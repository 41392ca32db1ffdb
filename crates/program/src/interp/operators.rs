//! Operators on two values, and what they make of texts, numbers and sets.

use super::{Derived, Interp};
use crate::core::BinaryOp;
use crate::host::Host;
use crate::value::{Items, Map, Object, Value};
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
            // `f"{address}/32"`: nobody knows the address, but how large the block is.
            (Add, Value::Unknown(unknown), Value::Str(text)) if block_kind(text).is_some() => {
                self.derived(&unknown.clone(), &format!("+ {text}"), block_kind(text))
            }
            (Add, Value::Native(_), Value::Str(text)) if block_kind(text).is_some() => {
                let reason = Reason::at("the address is only known at deployment", self.place(span));
                Value::Unknown(self.new_unknown(reason, block_kind(text)))
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

/// A known integer.
pub(crate) fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Int(i) => Some(*i),
        Value::Bool(b) => Some(i64::from(*b)),
        _ => None,
    }
}

pub(super) fn is_number(value: &Value) -> bool {
    matches!(value, Value::Int(_) | Value::Bool(_) | Value::Float(_))
}

pub(super) fn number(value: &Value) -> f64 {
    match value {
        Value::Float(f) => *f,
        value => integer(value).unwrap_or(0) as f64,
    }
}

/// What begins the kind of an unknown text that ends in a prefix length, which follows: `tidegate.block/32`.
pub const BLOCK: &str = "tidegate.block/";

/// The kind of a text of which only the end is known, where that is a prefix length.
fn block_kind(end: &str) -> Option<Rc<str>> {
    let (_, length) = end.rsplit_once('/')?;
    let digits = (1..=3).contains(&length.len()) && length.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| format!("{BLOCK}{length}").into())
}
