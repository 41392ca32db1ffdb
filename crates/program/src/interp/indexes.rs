//! Elements and entries: read, cut out, replaced, added.

use super::Interp;
use super::operators::{integer, literal};
use crate::heap::one_of;
use crate::host::Host;
use crate::interp::loops::present;
use crate::value::{Items, Key, Object, Unknown, Value};
use std::rc::Rc;
use tidegate_estate::{Guard, Reason, Span};

impl<H: Host> Interp<H> {
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
                let Some(key) = self.key_in(*id, index) else {
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

    pub(super) fn delete_index(&mut self, object: &Value, index: &Value) {
        match (object, index) {
            (Value::OneOf(alternatives), _) => {
                for (guard, object) in alternatives.clone().iter() {
                    self.branch(guard, |cx| cx.delete_index(object, index));
                }
            }
            (_, Value::OneOf(alternatives)) => {
                for (guard, index) in alternatives.clone().iter() {
                    self.branch(guard, |cx| cx.delete_index(object, index));
                }
            }
            (Value::Dict(id), _) => {
                if let (Some(key), Some(map)) = (self.key_in(*id, index), self.heap.map_mut(*id)) {
                    map.entries.shift_remove(&key);
                }
            }
            (Value::List(id), Value::Int(at)) => {
                let (id, at) = (*id, *at);
                self.by_shape(id, &mut |cx| {
                    if let Some(items) = cx.heap.items_mut(id) {
                        let at = if at < 0 { at.saturating_add(items.items.len() as i64) } else { at };
                        if let Ok(at) = usize::try_from(at)
                            && at < items.items.len()
                        {
                            items.items.remove(at);
                        }
                    }
                    Value::None
                });
            }
            _ => {}
        }
    }

    /// Puts an entry into a mapping.
    pub(crate) fn put(&mut self, id: crate::value::ObjectId, key: &Value, value: Value) {
        match self.key_in(id, key) {
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
}

/// What identifies a collection, for picking from it by the same unknown twice.
fn object_key(value: &Value) -> Option<u32> {
    match value {
        Value::List(id) | Value::Dict(id) => Some(id.0),
        _ => None,
    }
}
