//! Methods of Python's built-in types.

use super::builtins::{follow_unknown, sorted};
use super::library::read_file_value;
use crate::core::BinaryOp;
use crate::heap::{either, one_of};
use crate::host::{Arguments, CallSite, Host};
use crate::interp::Interp;
use crate::value::{Items, Key, Map, Object, ObjectId, Value};
use std::rc::Rc;
use tidegate_estate::{Guard, Place, Reason, Span};

impl<H: Host> Interp<H> {
    /// Calls `receiver.name(arguments)` for a receiver of a built-in type.
    pub(crate) fn builtin_method(
        &mut self,
        receiver: &Value,
        name: &Rc<str>,
        arguments: Arguments,
        span: Span,
        site: Option<&CallSite>,
    ) -> Value {
        let here = match site {
            Some(site) => site.clone(),
            None => CallSite { place: Place { path: self.current_path(), span }, callee: span },
        };
        match receiver {
            Value::Str(text) => self.text_method(text, name, &arguments, &here),
            Value::List(id) | Value::Set(id) => self.items_method(receiver, *id, name, &arguments, &here),
            Value::Dict(id) => self.map_method(*id, name, &arguments, &here),
            Value::Tuple(items) if matches!(&items[..], [Value::External(tag), _] if &**tag == "builtins.file") => {
                match &**name {
                    "read" => read_file_value(self, &items[1], &here),
                    "close" | "write" => Value::None,
                    _ => self.unknown(Reason::at("it is read from a file", here.place)),
                }
            }
            Value::Tuple(items) => match &**name {
                "index" | "count" => self.unknown_at("it is a position in a tuple", span),
                _ => {
                    let _ = items;
                    self.unknown_at("it is a method of a tuple that is not followed", span)
                }
            },
            Value::Partial(_) | Value::Function(_) | Value::Method(_) if &**name == "__call__" => {
                self.call_value(receiver, arguments, site)
            }
            // `@lru_cache` and the like keep the function under such names.
            Value::Function(_) if matches!(&**name, "cache_clear") => Value::None,
            other => follow_unknown(self, other, name, &here),
        }
    }

    fn text_method(&mut self, text: &Rc<str>, name: &str, arguments: &Arguments, here: &CallSite) -> Value {
        let span = here.callee;
        let mut known: Vec<Rc<str>> = Vec::new();
        for argument in &arguments.positional {
            match self.prune(argument.value.clone()) {
                Value::Str(s) => known.push(s),
                Value::Int(i) => known.push(i.to_string().into()),
                Value::None => known.push(" ".into()),
                Value::Tuple(items) if matches!(name, "startswith" | "endswith") => {
                    let any = items.iter().filter_map(Value::as_str).any(|part| match name {
                        "startswith" => text.starts_with(&**part),
                        _ => text.ends_with(&**part),
                    });
                    return Value::Bool(any);
                }
                _ if matches!(name, "join" | "format" | "joinpath") => {}
                Value::OneOf(alternatives) => {
                    let mut results = Vec::new();
                    for (guard, alternative) in alternatives.iter() {
                        let mut one = arguments.clone();
                        if let Some(slot) =
                            one.positional.iter_mut().find(|a| matches!(a.value, Value::OneOf(_)))
                        {
                            slot.value = alternative.clone();
                        }
                        results.push((guard.clone(), self.text_method(text, name, &one, here)));
                    }
                    return one_of(results);
                }
                other => return follow_unknown(self, &other, name, here),
            }
        }
        let arg = |at: usize| known.get(at).map(|s| &**s);
        let chars = |at: usize| arg(at).map_or_else(|| " \t\r\n".to_owned(), str::to_owned);
        let pieces = |cx: &mut Self, parts: Vec<String>| {
            let items = parts.into_iter().map(|p| (Guard::Always, Value::str(p))).collect();
            Value::List(cx.heap.add(Object::Items(Items { items, open: None })))
        };
        match name {
            "lower" | "casefold" => Value::str(text.to_lowercase()),
            "upper" => Value::str(text.to_uppercase()),
            "title" => Value::str(title(text)),
            "capitalize" => {
                let mut chars = text.chars();
                let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
                Value::str(first + &chars.as_str().to_lowercase())
            }
            "swapcase" => Value::str(
                text.chars()
                    .map(|c| if c.is_uppercase() { c.to_ascii_lowercase() } else { c.to_ascii_uppercase() })
                    .collect::<String>(),
            ),
            "strip" => Value::str(text.trim_matches(|c| chars(0).contains(c))),
            "lstrip" => Value::str(text.trim_start_matches(|c| chars(0).contains(c))),
            "rstrip" => Value::str(text.trim_end_matches(|c| chars(0).contains(c))),
            "replace" => match (arg(0), arg(1)) {
                // A text that grows without end is paid for by its length.
                (Some(from), Some(to))
                    if !self.charge(text.len() / 64)
                        || text.matches(from).count().saturating_mul(to.len()) > 1 << 20 =>
                {
                    self.unknown_at("it is a very long string", span)
                }
                (Some(from), Some(to)) => Value::str(text.replace(from, to)),
                _ => Value::Str(text.clone()),
            },
            "startswith" => Value::Bool(arg(0).is_some_and(|part| text.starts_with(part))),
            "endswith" => Value::Bool(arg(0).is_some_and(|part| text.ends_with(part))),
            "removeprefix" => Value::str(arg(0).and_then(|p| text.strip_prefix(p)).unwrap_or(text)),
            "removesuffix" => Value::str(arg(0).and_then(|p| text.strip_suffix(p)).unwrap_or(text)),
            "split" | "rsplit" => {
                let limit = arg(1).and_then(|n| n.parse::<usize>().ok());
                let parts: Vec<String> = match (arg(0), limit) {
                    (None, _) | (Some(" "), None) if arguments.positional.is_empty() => {
                        text.split_whitespace().map(str::to_owned).collect()
                    }
                    (Some(""), _) => return self.unknown_at("it is split by nothing", span),
                    (Some(by), None) => text.split(by).map(str::to_owned).collect(),
                    (Some(by), Some(limit)) if name == "split" => {
                        text.splitn(limit.saturating_add(1), by).map(str::to_owned).collect()
                    }
                    (Some(by), Some(limit)) => {
                        let mut parts: Vec<_> =
                            text.rsplitn(limit.saturating_add(1), by).map(str::to_owned).collect();
                        parts.reverse();
                        parts
                    }
                    (None, _) => text.split_whitespace().map(str::to_owned).collect(),
                };
                pieces(self, parts)
            }
            "splitlines" => pieces(self, text.lines().map(str::to_owned).collect()),
            "partition" => match arg(0).and_then(|by| text.split_once(by).map(|(a, b)| (a, by, b))) {
                Some((a, by, b)) => Value::Tuple([Value::str(a), Value::str(by), Value::str(b)].into()),
                None => Value::Tuple([Value::Str(text.clone()), Value::str(""), Value::str("")].into()),
            },
            "isdigit" | "isnumeric" | "isdecimal" => {
                Value::Bool(!text.is_empty() && text.chars().all(|c| c.is_ascii_digit()))
            }
            "isalpha" => Value::Bool(!text.is_empty() && text.chars().all(char::is_alphabetic)),
            "isalnum" => Value::Bool(!text.is_empty() && text.chars().all(char::is_alphanumeric)),
            "isupper" => {
                Value::Bool(text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase))
            }
            "islower" => {
                Value::Bool(text.chars().any(char::is_lowercase) && !text.chars().any(char::is_uppercase))
            }
            "zfill" => {
                let width = arg(0).and_then(|n| n.parse::<usize>().ok()).unwrap_or(0).min(1 << 16);
                Value::str(format!("{text:0>width$}"))
            }
            "count" => Value::Int(
                arg(0).filter(|p| !p.is_empty()).map_or(0, |part| text.matches(part).count() as i64),
            ),
            "find" | "index" => {
                Value::Int(arg(0).and_then(|part| text.find(part)).map_or(-1, |at| at as i64))
            }
            "join" => self.join(text, arguments, here),
            "format" => self.format_method(text, arguments, here),
            "encode" | "decode" | "expandtabs" | "to_string" => Value::Str(text.clone()),
            // A path is kept as its text.
            "read_text" => read_file_value(self, &Value::Str(text.clone()), here),
            "open" => {
                Value::Tuple([Value::External("builtins.file".into()), Value::Str(text.clone())].into())
            }
            "resolve" | "absolute" | "as_posix" | "expanduser" => Value::Str(text.clone()),
            "joinpath" => {
                let mut path = Value::Str(text.clone());
                for argument in &arguments.positional {
                    path = super::library::join_path(self, &path, &argument.value, here);
                }
                path
            }
            "exists" | "is_file" => Value::Bool(super::library::find_file(self, text).is_some()),
            _ => self.unknown_at(&format!("it is the result of str.{name}(), which is not followed"), span),
        }
    }

    fn join(&mut self, separator: &Rc<str>, arguments: &Arguments, here: &CallSite) -> Value {
        let Some(value) = arguments.positional.first().map(|a| a.value.clone()) else { return Value::None };
        let Some((items, None)) = self.elements(&value) else {
            return follow_unknown(self, &value, "join", here);
        };
        let mut result = Value::str("");
        for (at, (guard, item)) in items.into_iter().enumerate() {
            let separated = if at == 0 {
                result.clone()
            } else {
                self.binary(BinaryOp::Add, &result, &Value::Str(separator.clone()), here.callee)
            };
            let longer = self.binary(BinaryOp::Add, &separated, &item, here.callee);
            result = either(&guard, longer, result);
        }
        result
    }

    fn format_method(&mut self, text: &Rc<str>, arguments: &Arguments, here: &CallSite) -> Value {
        let mut result = Value::str("");
        let mut rest: &str = text;
        let mut next = 0usize;
        while let Some(at) = rest.find(['{', '}']) {
            let plain = Value::str(&rest[..at]);
            result = self.binary(BinaryOp::Add, &result, &plain, here.callee);
            let brace = &rest[at..=at];
            let after = &rest[at + 1..];
            if after.starts_with(brace) {
                result = self.binary(BinaryOp::Add, &result, &Value::str(brace), here.callee);
                rest = &after[1..];
                continue;
            }
            let Some(end) = after.find('}').filter(|_| brace == "{") else { break };
            let field = &after[..end];
            let value = if field.is_empty() {
                next += 1;
                arguments.positional.get(next - 1).map(|a| a.value.clone())
            } else if let Ok(at) = field.parse::<usize>() {
                arguments.positional.get(at).map(|a| a.value.clone())
            } else {
                arguments.get(field).map(|a| a.value.clone())
            };
            let Some(value) = value else {
                return self.unknown(Reason::at(
                    "it is formatted in a way that is not followed",
                    here.place.clone(),
                ));
            };
            let piece = self.to_text(&value, here.callee);
            result = self.binary(BinaryOp::Add, &result, &piece, here.callee);
            rest = &after[end + 1..];
        }
        self.binary(BinaryOp::Add, &result, &Value::str(rest), here.callee)
    }

    fn items_method(
        &mut self,
        receiver: &Value,
        id: ObjectId,
        name: &str,
        arguments: &Arguments,
        here: &CallSite,
    ) -> Value {
        let first = arguments.positional.first().map(|a| a.value.clone());
        match (name, first) {
            ("append" | "add", Some(value)) => {
                let is_set = matches!(receiver, Value::Set(_));
                if let Some(items) = self.heap.items_mut(id)
                    && !(is_set && items.items.iter().any(|(g, v)| *g == Guard::Always && v.same(&value)))
                {
                    items.items.push((Guard::Always, value));
                }
                Value::None
            }
            ("extend" | "update", Some(value)) => {
                self.extend_list(id, &value);
                Value::None
            }
            ("pop" | "insert" | "index", _) if self.has_guarded(id) => {
                self.by_shape(id, &mut |cx| cx.items_method(receiver, id, name, arguments, here))
            }
            ("insert", Some(at)) => {
                let value = arguments.positional.get(1).map_or(Value::None, |a| a.value.clone());
                let at = match at {
                    Value::Int(at) => at,
                    _ => 0,
                };
                if let Some(items) = self.heap.items_mut(id) {
                    let len = items.items.len() as i64;
                    let at = if at < 0 { (at + len).max(0) } else { at.min(len) };
                    items.items.insert(at as usize, (Guard::Always, value));
                }
                Value::None
            }
            ("pop", at) => {
                let list = receiver.clone();
                let index = at.unwrap_or(Value::Int(-1));
                let value = self.index(&list, &index, here.callee);
                if let (Value::Int(at), Some(items)) = (index, self.heap.items_mut(id)) {
                    let len = items.items.len() as i64;
                    let at = if at < 0 { at + len } else { at };
                    if (0..len).contains(&at) {
                        items.items.remove(at as usize);
                    }
                }
                value
            }
            ("remove" | "discard", Some(value)) => {
                self.remove_first(id, &value, here);
                Value::None
            }
            ("clear", _) => {
                if let Some(items) = self.heap.items_mut(id) {
                    *items = Items::default();
                }
                Value::None
            }
            ("reverse", _) => {
                if let Some(items) = self.heap.items_mut(id) {
                    items.items.reverse();
                }
                Value::None
            }
            ("sort", _) => {
                let (items, open) = self.elements(receiver).unwrap_or_default();
                let items = sorted(self, items, arguments);
                if let Some(kept) = self.heap.items_mut(id) {
                    *kept = Items { items, open };
                }
                Value::None
            }
            ("copy", _) => {
                let items = self.heap.items(id).cloned().unwrap_or_default();
                let copy = self.heap.add(Object::Items(items));
                if matches!(receiver, Value::Set(_)) { Value::Set(copy) } else { Value::List(copy) }
            }
            ("union" | "intersection" | "difference" | "symmetric_difference", Some(other)) => {
                let op = match name {
                    "union" => BinaryOp::BitOr,
                    "intersection" => BinaryOp::BitAnd,
                    "difference" => BinaryOp::Subtract,
                    _ => BinaryOp::BitXor,
                };
                let (items, open) = self.elements(&other).unwrap_or_default();
                let other = Value::Set(self.heap.add(Object::Items(Items { items, open })));
                self.binary(op, receiver, &other, here.callee)
            }
            ("index", Some(value)) => {
                let (items, open) = self.elements(receiver).unwrap_or_default();
                match items.iter().position(|(_, v)| v.same(&value)) {
                    Some(at) if open.is_none() => Value::Int(at as i64),
                    _ => self.unknown_at("it is a position in a list", here.callee),
                }
            }
            ("count", Some(value)) => {
                let (items, _) = self.elements(receiver).unwrap_or_default();
                Value::Int(items.iter().filter(|(_, v)| v.same(&value)).count() as i64)
            }
            ("issubset" | "issuperset", Some(other)) => {
                let (a, _) = self.elements(receiver).unwrap_or_default();
                let (b, _) = self.elements(&other).unwrap_or_default();
                let (small, large) = if name == "issubset" { (a, b) } else { (b, a) };
                Value::Bool(small.iter().all(|(_, v)| large.iter().any(|(_, w)| w.same(v))))
            }
            _ => self.unknown_at(
                &format!("it is the result of list.{name}(), which is not followed"),
                here.callee,
            ),
        }
    }

    /// Takes the first element that equals `value` away, in each world its own first.
    fn remove_first(&mut self, id: ObjectId, value: &Value, here: &CallSite) {
        let items = self.heap.items(id).map(|list| list.items.clone()).unwrap_or_default();
        let mut gone = Guard::Never;
        let mut left = Vec::with_capacity(items.len());
        for (guard, item) in items {
            let equal = self.compare(crate::core::CompareOp::Equal, &item, value, here.callee);
            let removed = guard.clone().and(self.truth(&equal)).and(gone.clone().negate());
            let stays = guard.and(removed.clone().negate());
            gone = gone.or(removed);
            let stays = self.settled(stays);
            if stays != Guard::Never {
                left.push((stays, item));
            }
        }
        if let Some(list) = self.heap.items_mut(id) {
            list.items = left;
        }
    }

    fn map_method(&mut self, id: ObjectId, name: &str, arguments: &Arguments, here: &CallSite) -> Value {
        let first = arguments.positional.first().map(|a| self.prune(a.value.clone()));
        match (name, first) {
            ("get" | "pop" | "setdefault", Some(key)) => {
                let default = arguments.value(1, "default").cloned();
                let result =
                    self.each(&key, &mut |cx, key| cx.map_get_or(id, key, default.clone(), name, here));
                if name == "pop" {
                    let alternatives = match &key {
                        Value::OneOf(alternatives) => alternatives.to_vec(),
                        _ => vec![(Guard::Always, key.clone())],
                    };
                    for (guard, key) in alternatives {
                        self.branch(&guard, |cx| {
                            if let (Some(key), Some(map)) = (cx.key_in(id, &key), cx.heap.map_mut(id)) {
                                map.entries.shift_remove(&key);
                            }
                        });
                    }
                }
                if name == "setdefault" {
                    self.put(id, &key, result.clone());
                }
                result
            }
            ("items" | "keys" | "values", _) => {
                let Some(map) = self.heap.map(id).cloned() else { return Value::None };
                let open = map.open.as_ref().map(|unknown| unknown.reason.clone());
                let mut items = Vec::with_capacity(map.entries.len());
                for (key, value) in &map.entries {
                    let guard = crate::interp::present(value);
                    if guard == Guard::Never {
                        continue;
                    }
                    let value = self.without_missing(value.clone());
                    let key = self.key_value(key);
                    let element = match name {
                        "items" => Value::Tuple([key, value].into()),
                        "keys" => key,
                        _ => value,
                    };
                    items.push((guard, element));
                }
                Value::List(self.heap.add(Object::Items(Items { items, open })))
            }
            ("update", _) => {
                for argument in &arguments.positional {
                    self.update_map(id, &argument.value);
                }
                for argument in &arguments.named {
                    self.put(id, &Value::Str(argument.name.clone()), argument.value.clone());
                }
                if let Some(reason) = &arguments.open_named {
                    let unknown = self.unknown(reason.clone());
                    self.update_map(id, &unknown);
                }
                Value::None
            }
            ("copy", _) => {
                let map = self.heap.map(id).cloned().unwrap_or_default();
                Value::Dict(self.heap.add(Object::Map(map)))
            }
            ("clear", _) => {
                if let Some(map) = self.heap.map_mut(id) {
                    *map = Map { factory: map.factory.take(), ..Map::default() };
                }
                Value::None
            }
            ("popitem", _) => {
                let last = self.heap.map_mut(id).and_then(|map| map.entries.pop());
                match last {
                    Some((key, value)) => Value::Tuple([self.key_value(&key), value].into()),
                    None => self.unknown_at("the mapping is empty", here.callee),
                }
            }
            _ => self.unknown_at(
                &format!("it is the result of dict.{name}(), which is not followed"),
                here.callee,
            ),
        }
    }

    fn map_get_or(
        &mut self,
        id: ObjectId,
        key: &Value,
        default: Option<Value>,
        name: &str,
        here: &CallSite,
    ) -> Value {
        let Some(known) = self.key_in(id, key) else {
            let dict = Value::Dict(id);
            let picked = self.index(&dict, key, here.callee);
            // An unknown key may be absent too: then the default is what is written down.
            let default = match (default, name) {
                (Some(default), _) => default,
                (None, "get" | "setdefault") => Value::None,
                (None, _) => return picked,
            };
            let Value::Unknown(unknown) = key else { return picked };
            let has = self.derived(&unknown.clone(), &format!("key of {}", id.0), None);
            let guard = self.truth(&has);
            return either(&guard, picked, default);
        };
        let found = self.heap.map(id).and_then(|map| map.entries.get(&known)).cloned();
        let found = found.map(|value| self.prune(value)).unwrap_or(Value::Missing);
        let there = crate::interp::present(&found);
        if there == Guard::Always {
            return found;
        }
        let open = self.heap.map(id).and_then(|map| map.open.clone());
        let missing = match (open, default, name) {
            (Some(unknown), default, _) => {
                let value = self.derived(&unknown, &format!("[{known:?}]"), None);
                match default {
                    Some(default) => {
                        let has = self.derived(&unknown, &format!("has {known:?}"), None);
                        let guard = self.truth(&has);
                        either(&guard, value, default)
                    }
                    None => value,
                }
            }
            (None, Some(default), _) => default,
            (None, None, "get" | "setdefault") => Value::None,
            (None, None, _) => self.map_get(id, &Key::clone(&known), here.callee),
        };
        match there {
            Guard::Never => missing,
            there => {
                let value = self.without_missing(found);
                either(&there, value, missing)
            }
        }
    }
}

fn title(text: &str) -> String {
    let mut start = true;
    text.chars()
        .flat_map(|c| {
            let cased: Vec<char> =
                if start { c.to_uppercase().collect() } else { c.to_lowercase().collect() };
            start = !c.is_alphabetic();
            cased
        })
        .collect()
}
