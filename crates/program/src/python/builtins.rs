//! Python's built-in functions.

use super::library::call_module_function;
use crate::core::{BinaryOp, CompareOp};
use crate::heap::either;
use crate::host::{Arguments, CallSite, Host};
use crate::interp::Interp;
use crate::value::{Items, Map, Object, Value};
use std::rc::Rc;
use tidegate_estate::{Guard, Reason};

/// Whether a bare name is a built-in function or exception.
pub(crate) fn is_builtin(name: &str) -> bool {
    matches!(
        name,
        "abs"
            | "all"
            | "any"
            | "bool"
            | "bytes"
            | "bytearray"
            | "callable"
            | "chr"
            | "classmethod"
            | "delattr"
            | "dict"
            | "dir"
            | "divmod"
            | "enumerate"
            | "exit"
            | "quit"
            | "filter"
            | "float"
            | "format"
            | "frozenset"
            | "getattr"
            | "globals"
            | "hasattr"
            | "hash"
            | "hex"
            | "id"
            | "input"
            | "int"
            | "isinstance"
            | "issubclass"
            | "iter"
            | "len"
            | "list"
            | "locals"
            | "map"
            | "max"
            | "min"
            | "next"
            | "object"
            | "open"
            | "ord"
            | "pow"
            | "print"
            | "property"
            | "range"
            | "repr"
            | "reversed"
            | "round"
            | "set"
            | "setattr"
            | "slice"
            | "sorted"
            | "staticmethod"
            | "str"
            | "sum"
            | "super"
            | "tuple"
            | "type"
            | "vars"
            | "zip"
            | "NotImplemented"
            | "Ellipsis"
            | "__import__"
    ) || name.ends_with("Error")
        || name.ends_with("Exception")
        || matches!(name, "Warning" | "StopIteration" | "KeyboardInterrupt" | "SystemExit")
        || name.ends_with("Warning")
}

/// Whether a value is an instance of a built-in class; `None` = not a built-in class.
pub(crate) fn is_builtin_instance(value: &Value, path: &str) -> Option<bool> {
    if let Value::Unknown(_) | Value::OneOf(_) | Value::Native(_) = value {
        return None;
    }
    Some(match path {
        "builtins.str" => matches!(value, Value::Str(_)),
        "builtins.bool" => matches!(value, Value::Bool(_)),
        "builtins.int" => matches!(value, Value::Int(_) | Value::Bool(_)),
        "builtins.float" => matches!(value, Value::Float(_)),
        "builtins.list" => matches!(value, Value::List(_)),
        "builtins.tuple" => matches!(value, Value::Tuple(_)),
        "builtins.set" | "builtins.frozenset" => matches!(value, Value::Set(_)),
        "builtins.dict" | "collections.abc.Mapping" | "typing.Mapping" => matches!(value, Value::Dict(_)),
        "builtins.object" => true,
        _ if path.starts_with("ipaddress.") => return super::addresses::is_instance(value, path),
        _ => return None,
    })
}

/// Calls a function of Python's own library; `None` = it is not one that is followed.
pub(crate) fn call_library<H: Host>(
    cx: &mut Interp<H>,
    path: &Rc<str>,
    arguments: &Arguments,
    site: &CallSite,
) -> Option<Value> {
    match path.strip_prefix("builtins.") {
        Some(name) => Some(call_builtin(cx, name, arguments, site)),
        None => call_module_function(cx, path, arguments, site),
    }
}

/// An attribute, and where reading it raises (a `__getattr__` of the program does so for what it does not know).
fn attribute_if_any<H: Host>(
    cx: &mut Interp<H>,
    object: &Value,
    name: crate::names::Symbol,
    span: tidegate_estate::Span,
) -> (Value, Guard) {
    let before = std::mem::replace(&mut cx.raised, Guard::Never);
    let found = cx.attribute(object, name, span);
    let raised = std::mem::replace(&mut cx.raised, before);
    (found, cx.settled(raised))
}

fn call_builtin<H: Host>(cx: &mut Interp<H>, name: &str, arguments: &Arguments, site: &CallSite) -> Value {
    let span = site.callee;
    let first = arguments.positional.first().map(|a| cx.prune(a.value.clone()));
    if let "enumerate" | "zip" = name
        && let Some(id) = guarded_list(cx, arguments)
    {
        return cx.by_shape(id, &mut |cx| call_builtin(cx, name, arguments, site));
    }
    match (name, first) {
        ("SystemExit", status) => {
            let complaint = super::library::is_complaint(status.as_ref());
            Value::External(if complaint { "tidegate.complaint" } else { "builtins.SystemExit" }.into())
        }
        ("dict", _) => cx.builtin_dict(arguments),
        ("list" | "tuple" | "set" | "frozenset" | "iter" | "reversed" | "sorted", None) => {
            collection(cx, name, Items::default())
        }
        ("list" | "tuple" | "set" | "frozenset" | "iter", Some(value)) => match cx.elements(&value) {
            Some((items, open)) => collection(cx, name, Items { items, open }),
            None => follow_unknown(cx, &value, name, site),
        },
        ("reversed", Some(value)) => match cx.elements(&value) {
            Some((mut items, open)) => {
                items.reverse();
                collection(cx, "list", Items { items, open })
            }
            None => follow_unknown(cx, &value, name, site),
        },
        ("sorted", Some(value)) => match cx.elements(&value) {
            Some((items, open)) => {
                let items = sorted(cx, items, arguments);
                collection(cx, "list", Items { items, open })
            }
            None => follow_unknown(cx, &value, name, site),
        },
        ("range", Some(_)) => range(cx, arguments, site),
        ("enumerate", Some(value)) => match cx.elements(&value) {
            Some((items, open)) => {
                let from = match arguments.value(1, "start") {
                    Some(Value::Int(from)) => *from,
                    _ => 0,
                };
                let items = items
                    .into_iter()
                    .enumerate()
                    .map(|(at, (g, v))| {
                        (g, Value::Tuple([Value::Int(from.saturating_add(at as i64)), v].into()))
                    })
                    .collect();
                collection(cx, "list", Items { items, open })
            }
            None => follow_unknown(cx, &value, name, site),
        },
        ("zip", Some(_)) => zip(cx, arguments),
        ("map", Some(function)) => {
            let Some(over) = arguments.positional.get(1).map(|a| a.value.clone()) else { return Value::None };
            match cx.elements(&over) {
                Some((items, open)) => {
                    let mut results = Vec::new();
                    for (guard, item) in items {
                        let result = cx
                            .under(&guard, |cx| cx.call_value(&function, Arguments::of([item]), Some(site)));
                        results.push((guard, result));
                    }
                    collection(cx, "list", Items { items: results, open })
                }
                None => follow_unknown(cx, &over, name, site),
            }
        }
        ("filter", Some(function)) => {
            let Some(over) = arguments.positional.get(1).map(|a| a.value.clone()) else { return Value::None };
            match cx.elements(&over) {
                Some((items, open)) => {
                    let mut kept = Vec::new();
                    for (guard, item) in items {
                        let test = match function {
                            Value::None => item.clone(),
                            _ => cx.call_value(&function, Arguments::of([item.clone()]), Some(site)),
                        };
                        let when = guard.and(cx.truth(&test));
                        if when != Guard::Never {
                            kept.push((when, item));
                        }
                    }
                    collection(cx, "list", Items { items: kept, open })
                }
                None => follow_unknown(cx, &over, name, site),
            }
        }
        ("len", Some(value)) => cx.each(&value, &mut |cx, value| match value {
            Value::Str(text) => Value::Int(text.chars().count() as i64),
            value => match cx.elements(value) {
                Some((items, None)) if items.iter().all(|(g, _)| *g == Guard::Always) => {
                    Value::Int(items.len() as i64)
                }
                Some((items, None)) if items.len() <= 24 => {
                    let mut count = Value::Int(0);
                    for (guard, _) in items {
                        let more = cx.binary(BinaryOp::Add, &count, &Value::Int(1), span);
                        count = either(&guard, more, count);
                    }
                    count
                }
                _ => follow_unknown(cx, value, "len", site),
            },
        }),
        ("any" | "all", Some(value)) => {
            let Some((items, open)) = cx.elements(&value) else {
                return follow_unknown(cx, &value, name, site);
            };
            let mut result = if name == "any" { Guard::Never } else { Guard::Always };
            for (guard, item) in items {
                let truth = cx.truth(&item);
                result = match name {
                    "any" => result.or(guard.and(truth)),
                    _ => result.and(guard.negate().or(truth)),
                };
            }
            let decided = if name == "any" { result == Guard::Always } else { result == Guard::Never };
            match open {
                Some(reason) if !decided => cx.unknown(reason),
                _ => either(&result, Value::Bool(true), Value::Bool(false)),
            }
        }
        ("sum", Some(value)) => match cx.elements(&value) {
            Some((items, None)) => {
                let mut total = arguments.value(1, "start").cloned().unwrap_or(Value::Int(0));
                for (guard, item) in items {
                    let more = cx.binary(BinaryOp::Add, &total, &item, span);
                    total = either(&guard, more, total);
                }
                total
            }
            _ => follow_unknown(cx, &value, name, site),
        },
        ("min" | "max", Some(value)) => extreme(cx, name, &value, arguments, site),
        ("str" | "repr" | "format", Some(value)) if arguments.positional.len() == 1 => {
            cx.to_text(&value, span)
        }
        ("str", None) => Value::str(""),
        ("int", None) => Value::Int(0),
        ("int", Some(value)) => cx.each(&value, &mut |cx, value| match value {
            Value::Int(_) => value.clone(),
            Value::Bool(b) => Value::Int(i64::from(*b)),
            Value::Float(f) => Value::Int(*f as i64),
            Value::Str(text) => match text.trim().replace('_', "").parse() {
                Ok(number) => Value::Int(number),
                Err(_) => cx.unknown_at("the text is not a number", span),
            },
            Value::Native(_) => value.clone(),
            other => follow_unknown(cx, other, "int", site),
        }),
        ("float", Some(value)) => cx.each(&value, &mut |cx, value| match value {
            Value::Int(i) => Value::Float(*i as f64),
            Value::Float(_) => value.clone(),
            other => follow_unknown(cx, other, "float", site),
        }),
        ("bool", None) => Value::Bool(false),
        ("bool", Some(value)) => match cx.truth(&value) {
            Guard::Always => Value::Bool(true),
            Guard::Never => Value::Bool(false),
            guard => match &value {
                Value::Unknown(unknown) => {
                    let result = cx.negation(&Value::Unknown(unknown.clone()));
                    cx.negation(&result)
                }
                _ => either(&guard, Value::Bool(true), Value::Bool(false)),
            },
        },
        ("abs", Some(Value::Int(i))) => Value::Int(i.saturating_abs()),
        ("abs", Some(Value::Float(f))) => Value::Float(f.abs()),
        ("round", Some(value @ Value::Int(_))) => value,
        ("round", Some(Value::Float(f))) => Value::Int(f.round() as i64),
        ("chr", Some(Value::Int(code))) => match u32::try_from(code).ok().and_then(char::from_u32) {
            Some(c) => Value::str(c.to_string()),
            None => cx.unknown_at("there is no such character", span),
        },
        ("ord", Some(Value::Str(text))) => text.chars().next().map_or(Value::None, |c| Value::Int(c as i64)),
        ("isinstance", Some(value)) => {
            let Some(class) = arguments.positional.get(1).map(|a| a.value.clone()) else {
                return Value::None;
            };
            cx.each(&value, &mut |cx, value| match cx.is_instance(value, &class) {
                Some(known) => Value::Bool(known),
                None => follow_unknown(cx, value, "isinstance", site),
            })
        }
        ("hasattr", Some(value)) => {
            let Some(Value::Str(name)) = arguments.positional.get(1).map(|a| a.value.clone()) else {
                return cx.unknown_at("the attribute's name is not known", span);
            };
            let symbol = cx.names.intern(&name);
            let (found, missing) = attribute_if_any(cx, &value, symbol, span);
            match missing {
                Guard::Never => {}
                Guard::Always => return Value::Bool(false),
                missing => return either(&missing, Value::Bool(false), Value::Bool(true)),
            }
            match found {
                Value::Unknown(unknown) if !matches!(value, Value::Unknown(_)) => {
                    let missing = unknown.reason.text.contains("never set")
                        || unknown.reason.text.contains("not defined");
                    if missing { Value::Bool(false) } else { Value::Unknown(unknown) }
                }
                Value::Unknown(unknown) => Value::Unknown(unknown),
                _ => Value::Bool(true),
            }
        }
        ("getattr", Some(value)) => {
            let name = arguments.positional.get(1).map(|a| a.value.clone());
            let default = arguments.positional.get(2).map(|a| a.value.clone());
            match name {
                Some(name @ (Value::Str(_) | Value::OneOf(_))) => cx.each(&name, &mut |cx, name| {
                    let Value::Str(name) = name else {
                        return cx.unknown_at("the attribute's name is not known", span);
                    };
                    let symbol = cx.names.intern(name);
                    let (found, missing) = attribute_if_any(cx, &value, symbol, span);
                    match (missing, &default) {
                        (Guard::Never, _) => {}
                        (Guard::Always, Some(default)) => return default.clone(),
                        (missing, Some(default)) => return either(&missing, default.clone(), found),
                        (missing, None) => cx.raised = cx.raised.clone().or(missing),
                    }
                    match (&found, &default) {
                        (Value::Unknown(unknown), Some(default))
                            if unknown.reason.text.contains("never set") =>
                        {
                            default.clone()
                        }
                        _ => found,
                    }
                }),
                Some(other) => follow_unknown(cx, &other, "getattr", site),
                None => Value::None,
            }
        }
        ("setattr" | "object.__setattr__", Some(object)) => {
            let name = arguments.positional.get(1).map(|a| a.value.clone());
            let value = arguments.positional.get(2).map(|a| a.value.clone());
            if let (Some(Value::Str(name)), Some(value)) = (name, value) {
                let symbol = cx.names.intern(&name);
                cx.set_attribute(&object, symbol, value, None, span);
            }
            Value::None
        }
        ("next", Some(value)) => match cx.elements(&value) {
            Some((items, None)) if items.is_empty() => arguments
                .positional
                .get(1)
                .map(|a| a.value.clone())
                .unwrap_or_else(|| cx.unknown_at("there is no next element", span)),
            Some((items, None)) => {
                let default = arguments.positional.get(1).map(|a| a.value.clone());
                let mut result = default.unwrap_or(Value::Missing);
                for (guard, item) in items.into_iter().rev() {
                    result = either(&guard, item, result);
                }
                cx.without_missing(result)
            }
            _ => follow_unknown(cx, &value, name, site),
        },
        ("open", Some(value)) => Value::Tuple([Value::External("builtins.file".into()), value].into()),
        ("type", Some(Value::Instance(id))) => {
            cx.heap.instance(id).map_or(Value::None, |instance| Value::Class(instance.class))
        }
        ("callable", Some(value)) => Value::Bool(matches!(
            value,
            Value::Function(_) | Value::Class(_) | Value::Method(_) | Value::External(_) | Value::Partial(_)
        )),
        ("vars", Some(value)) => {
            let symbol = cx.sym.dict;
            cx.attribute(&value, symbol, span)
        }
        ("print" | "setattr" | "delattr" | "object" | "object.__init__" | "exit" | "quit", _) => Value::None,
        ("property" | "staticmethod" | "classmethod", Some(value)) => {
            let binding = match name {
                "property" => crate::value::Binding::Property,
                "staticmethod" => crate::value::Binding::Static,
                _ => crate::value::Binding::Class,
            };
            cx.with_binding(&value, binding)
        }
        ("dict.fromkeys", Some(keys)) => {
            let value = arguments.positional.get(1).map_or(Value::None, |a| a.value.clone());
            let id = cx.heap.add(Object::Map(Map::default()));
            for (_, key) in cx.elements(&keys).unwrap_or_default().0 {
                cx.put(id, &key, value.clone());
            }
            Value::Dict(id)
        }
        ("__import__", Some(Value::Str(name))) => cx.module_named(&name, span),
        (_, Some(value)) => {
            // `str.upper(x)` and the like: the method on its first argument.
            if let Some((_, method)) = name.split_once('.') {
                let mut rest = arguments.clone();
                rest.positional.remove(0);
                return cx.builtin_method(&value, &method.into(), rest, span, Some(site));
            }
            follow_unknown(cx, &value, name, site)
        }
        (_, None) => cx.unknown(Reason::at(format!("it is the result of {name}()"), site.place.clone())),
    }
}

/// The result of a function of something unknown is unknown for the same reason.
pub(crate) fn follow_unknown<H: Host>(
    cx: &mut Interp<H>,
    value: &Value,
    how: &str,
    site: &CallSite,
) -> Value {
    match value {
        Value::Unknown(unknown) => cx.derived(&unknown.clone(), how, None),
        Value::OneOf(_) => {
            let reason = cx.reason_of(value, "it depends on a condition");
            cx.unknown(reason)
        }
        Value::List(_) | Value::Set(_) | Value::Dict(_) => {
            let reason = Reason::at("it depends on something whose size is not known", site.place.clone());
            cx.unknown(reason)
        }
        _ => cx.unknown(Reason::at(
            format!("it is the result of {how}(), which is not followed"),
            site.place.clone(),
        )),
    }
}

/// A list among the arguments of which some elements are there only in some worlds.
fn guarded_list<H: Host>(cx: &Interp<H>, arguments: &Arguments) -> Option<crate::value::ObjectId> {
    arguments.positional.iter().find_map(|argument| match argument.value {
        Value::List(id) if cx.has_guarded(id) => Some(id),
        _ => None,
    })
}

fn collection<H: Host>(cx: &mut Interp<H>, kind: &str, items: Items) -> Value {
    match kind {
        "tuple" if items.open.is_none() && items.items.iter().all(|(g, _)| *g == Guard::Always) => {
            Value::Tuple(items.items.into_iter().map(|(_, v)| v).collect())
        }
        "set" | "frozenset" => {
            let items = cx.distinct(items);
            Value::Set(cx.heap.add(Object::Items(items)))
        }
        _ => Value::List(cx.heap.add(Object::Items(items))),
    }
}

fn range<H: Host>(cx: &mut Interp<H>, arguments: &Arguments, site: &CallSite) -> Value {
    let mut numbers = Vec::new();
    for argument in &arguments.positional {
        match argument.value {
            Value::Int(number) => numbers.push(number),
            ref other => {
                let other = other.clone();
                return follow_unknown(cx, &other, "range", site);
            }
        }
    }
    let (from, to, step) = match numbers[..] {
        [to] => (0, to, 1),
        [from, to] => (from, to, 1),
        [from, to, step] if step != 0 => (from, to, step),
        _ => return Value::None,
    };
    let mut items = Vec::new();
    let mut at = from;
    let mut open = None;
    while step > 0 && at < to || step < 0 && at > to {
        if items.len() >= cx.bounds.rounds {
            open = Some(cx.too_many(site.callee));
            break;
        }
        items.push((Guard::Always, Value::Int(at)));
        let Some(next) = at.checked_add(step) else { break };
        at = next;
    }
    collection(cx, "list", Items { items, open })
}

fn zip<H: Host>(cx: &mut Interp<H>, arguments: &Arguments) -> Value {
    let mut columns = Vec::new();
    let mut open = None;
    for argument in &arguments.positional {
        match cx.elements(&argument.value) {
            Some((items, more)) => {
                open = open.or(more);
                columns.push(items);
            }
            None => {
                let reason = cx.reason_of(&argument.value, "it is zipped with something unknown");
                return cx.unknown(reason);
            }
        }
    }
    let rows = columns.iter().map(Vec::len).min().unwrap_or(0);
    let items = (0..rows)
        .map(|row| {
            let guard = Guard::all(columns.iter().map(|column| column[row].0.clone()));
            (guard, Value::Tuple(columns.iter().map(|column| column[row].1.clone()).collect()))
        })
        .collect();
    collection(cx, "list", Items { items, open })
}

/// Sorted where every element (or its key) is a known string, number or tuple of such; else as it is.
pub(crate) fn sorted<H: Host>(
    cx: &mut Interp<H>,
    items: Vec<(Guard, Value)>,
    arguments: &Arguments,
) -> Vec<(Guard, Value)> {
    let by = arguments.get("key").map(|a| a.value.clone());
    let reverse = arguments.get("reverse").is_some_and(|a| matches!(a.value, Value::Bool(true)));
    let mut keyed = Vec::with_capacity(items.len());
    for (guard, item) in items {
        let key = match &by {
            Some(by) if !matches!(by, Value::None) => cx.call_value(by, Arguments::of([item.clone()]), None),
            _ => item.clone(),
        };
        keyed.push((sort_key(&key), guard, item));
    }
    if keyed.iter().all(|(key, _, _)| key.is_some()) {
        keyed.sort_by(|a, b| {
            let order = a.0.cmp(&b.0);
            if reverse { order.reverse() } else { order }
        });
    }
    keyed.into_iter().map(|(_, guard, item)| (guard, item)).collect()
}

/// Ordered in full, also where a number is none: a sort must be able to rely on it.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum SortKey {
    Number(Total),
    Text(Rc<str>),
    Row(Vec<SortKey>),
}

struct Total(f64);

impl PartialEq for Total {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Total {}

impl PartialOrd for Total {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Total {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

fn sort_key(value: &Value) -> Option<SortKey> {
    Some(match value {
        Value::Int(i) => SortKey::Number(Total(*i as f64)),
        Value::Bool(b) => SortKey::Number(Total(f64::from(u8::from(*b)))),
        Value::Float(f) => SortKey::Number(Total(*f)),
        Value::Str(text) => SortKey::Text(text.clone()),
        Value::Tuple(items) => SortKey::Row(items.iter().map(sort_key).collect::<Option<_>>()?),
        _ => return None,
    })
}

fn extreme<H: Host>(
    cx: &mut Interp<H>,
    name: &str,
    value: &Value,
    arguments: &Arguments,
    site: &CallSite,
) -> Value {
    let items = if arguments.positional.len() > 1 {
        arguments.positional.iter().map(|a| (Guard::Always, a.value.clone())).collect()
    } else {
        match cx.elements(value) {
            Some((items, None)) => items,
            _ => return follow_unknown(cx, value, name, site),
        }
    };
    let mut best: Option<Value> = None;
    for (guard, item) in items {
        let Some(current) = best.take() else {
            best = Some(item);
            continue;
        };
        let op = if name == "min" { CompareOp::Less } else { CompareOp::Greater };
        let better = cx.compare(op, &item, &current, site.callee);
        match cx.truth(&better).and(guard) {
            Guard::Always => best = Some(item),
            Guard::Never => best = Some(current),
            when => best = Some(either(&when, item, current)),
        }
    }
    best.or_else(|| arguments.get("default").map(|a| a.value.clone()))
        .unwrap_or_else(|| cx.unknown(Reason::at("there is nothing to choose from", site.place.clone())))
}

impl<H: Host> Interp<H> {
    /// `dict(…)`.
    pub(crate) fn builtin_dict(&mut self, arguments: &Arguments) -> Value {
        let id = self.heap.add(Object::Map(Map::default()));
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
        Value::Dict(id)
    }
}
