//! The parts of Python's standard library that decide values in infrastructure code.

use super::builtins::follow_unknown;
use crate::heap::either;
use crate::host::{Arguments, CallSite, Host};
use crate::interp::Interp;
use crate::value::{FxIndexMap, Instance, Items, Key, Map, Object, ObjectId, Value};
use rustc_hash::FxHashMap;
use std::rc::Rc;
use std::sync::Arc;
use tidegate_estate::{Guard, Reason};

/// Calls a function of a module of the standard library; `None` = not one of those followed here.
pub(super) fn call_module_function<H: Host>(
    cx: &mut Interp<H>,
    path: &str,
    arguments: &Arguments,
    site: &CallSite,
) -> Option<Value> {
    let first = arguments.positional.first().map(|a| a.value.clone());
    Some(match path {
        "importlib.import_module" => match first? {
            Value::Str(name) if !name.starts_with('.') => cx.module_named(&name, site.callee),
            _ => return None,
        },
        "os.getenv" | "os.environ.get" => environment(cx, arguments, site),
        "os.environ.setdefault" | "os.environ.update" => Value::None,
        "os.path.join" | "posixpath.join" => {
            let mut parts = arguments.positional.iter().map(|a| a.value.clone());
            let mut joined = parts.next()?;
            for part in parts {
                joined = join_path(cx, &joined, &part, site);
            }
            joined
        }
        "os.path.dirname" => cx.each(&first?, &mut |cx, value| match value {
            Value::Str(text) => Value::str(parent(text)),
            other => follow_unknown(cx, other, "dirname", site),
        }),
        "os.path.basename" => cx.each(&first?, &mut |cx, value| match value {
            Value::Str(text) => Value::str(text.rsplit('/').next().unwrap_or_default()),
            other => follow_unknown(cx, other, "basename", site),
        }),
        "os.path.abspath" | "os.path.realpath" | "os.path.normpath" | "os.path.expanduser" | "os.fspath" => {
            first?
        }
        "os.path.exists" | "os.path.isfile" => match first? {
            Value::Str(text) => Value::Bool(find_file(cx, &text).is_some()),
            other => follow_unknown(cx, &other, "exists", site),
        },
        "os.getcwd" => Value::str(""),
        "pathlib.Path" | "pathlib.PurePath" | "pathlib.PosixPath" => {
            let mut parts = arguments.positional.iter().map(|a| a.value.clone());
            let mut joined = parts.next().unwrap_or_else(|| Value::str("."));
            for part in parts {
                joined = join_path(cx, &joined, &part, site);
            }
            joined
        }
        "pathlib.Path.cwd" => Value::str(""),
        "json.load" => match first? {
            Value::Tuple(file) if matches!(&file[..], [Value::External(_), _]) => {
                let text = read_file_value(cx, &file[1].clone(), site);
                parse_json(cx, &text, site)
            }
            other => follow_unknown(cx, &other, "json.load", site),
        },
        "json.loads" => parse_json(cx, &first?, site),
        "functools.partial" => cx.partial(arguments.clone()),
        "functools.reduce" => reduce(cx, arguments, site)?,
        "functools.lru_cache"
        | "functools.cache"
        | "functools.wraps"
        | "contextlib.contextmanager"
        | "functools.total_ordering"
        | "typing.final"
        | "typing.overload" => match first {
            // Used bare, the decorator gives the function back; with arguments, a decorator that does.
            Some(function @ (Value::Function(_) | Value::Class(_))) if path != "functools.wraps" => function,
            _ => Value::External("tidegate.identity".into()),
        },
        "tidegate.identity" => first?,
        "typing.cast" => arguments.positional.get(1)?.value.clone(),
        "dataclasses.dataclass" => match first {
            Some(class @ Value::Class(_)) => class,
            _ => Value::External("tidegate.identity".into()),
        },
        "dataclasses.replace" => replace(cx, arguments)?,
        "dataclasses.asdict" | "attr.asdict" | "attrs.asdict" => {
            let value = first?;
            as_dict(cx, &value, 0)
        }
        "dataclasses.fields" => cx.unknown(Reason::at("it is a list of fields", site.place.clone())),
        "copy.copy" => shallow_copy(cx, &first?),
        "copy.deepcopy" => deep_copy(cx, &first?, &mut FxHashMap::default(), 0),
        "collections.OrderedDict" => cx.builtin_dict(arguments),
        "collections.defaultdict" => {
            let rest = Arguments {
                positional: arguments.positional.iter().skip(1).cloned().collect(),
                ..arguments.clone()
            };
            let value = cx.builtin_dict(&rest);
            if let (Value::Dict(id), Some(factory)) = (&value, first)
                && let Some(map) = cx.heap.map_mut(*id)
            {
                map.factory = Some(factory);
            }
            value
        }
        "collections.namedtuple" => named_tuple(cx, arguments, site)?,
        "collections.ChainMap" => {
            let id = cx.heap.add(Object::Map(Map::default()));
            for argument in arguments.positional.iter().rev() {
                cx.update_map(id, &argument.value);
            }
            Value::Dict(id)
        }
        "types.SimpleNamespace" | "argparse.Namespace" => {
            let id = cx.heap.add(Object::Map(Map::default()));
            let _ = id;
            return None;
        }
        "types.MappingProxyType" => first?,
        "itertools.chain" => {
            let mut all = Items::default();
            for argument in &arguments.positional {
                match cx.elements(&argument.value) {
                    Some((items, open)) => {
                        all.items.extend(items);
                        all.open = all.open.or(open);
                    }
                    None => {
                        all.open = Some(cx.reason_of(&argument.value, "it is chained with something unknown"))
                    }
                }
            }
            Value::List(cx.heap.add(Object::Items(all)))
        }
        "itertools.chain.from_iterable" => {
            let (outer, open) = cx.elements(&first?)?;
            let mut all = Items { items: Vec::new(), open };
            for (guard, inner) in outer {
                match cx.elements(&inner) {
                    Some((items, open)) => {
                        all.items.extend(items.into_iter().map(|(g, v)| (guard.clone().and(g), v)));
                        all.open = all.open.or(open);
                    }
                    None => all.open = Some(cx.reason_of(&inner, "it is chained with something unknown")),
                }
            }
            Value::List(cx.heap.add(Object::Items(all)))
        }
        "itertools.product" => product(cx, arguments)?,
        "itertools.starmap" => {
            let (items, open) = cx.elements(&arguments.positional.get(1)?.value.clone())?;
            let function = first?;
            let mut results = Vec::new();
            for (guard, item) in items {
                let (parts, _) = cx.elements(&item)?;
                let inner = Arguments::of(parts.into_iter().map(|(_, v)| v));
                let result = cx.under(&guard, |cx| cx.call_value(&function, inner, Some(site)));
                results.push((guard, result));
            }
            Value::List(cx.heap.add(Object::Items(Items { items: results, open })))
        }
        "operator.itemgetter" | "operator.attrgetter" => return None,
        "ipaddress.ip_network" | "ipaddress.IPv4Network" => match (&first, arguments.value(1, "strict")) {
            (Some(Value::Str(text)), Some(Value::Bool(false))) => {
                super::addresses::masked(text).map(Value::str).or(first)?
            }
            _ => first?,
        },
        "ipaddress.ip_address" | "ipaddress.IPv4Address" => first?,
        "textwrap.dedent" => first?,
        "logging.getLogger"
        | "logging.basicConfig"
        | "logging.info"
        | "logging.debug"
        | "logging.warning"
        | "warnings.warn"
        | "load_dotenv"
        | "dotenv.load_dotenv" => Value::External("tidegate.nothing".into()),
        _ if path.starts_with("tidegate.nothing") => Value::None,
        "sys.exit" => {
            cx.raised = Guard::Always;
            if !cx.in_dead_code() {
                cx.ended_well = !is_complaint(first.as_ref());
            }
            Value::None
        }
        _ => return None,
    })
}

/// `os.getenv(name, default)`: unknown, but a default is written down.
fn environment<H: Host>(cx: &mut Interp<H>, arguments: &Arguments, site: &CallSite) -> Value {
    let name = match arguments.value(0, "key") {
        Some(Value::Str(name)) => name.to_string(),
        _ => "?".into(),
    };
    let reason = format!("it comes from the environment variable {name}");
    let value = cx.outside(&format!("os.environ[{name}]"), &reason, site.place.span);
    let default = arguments.value(1, "default").cloned();
    match (default, &value) {
        (Some(default), Value::Unknown(unknown)) => {
            let unknown = unknown.clone();
            let set = cx.derived(&unknown, "is set", None);
            let guard = cx.truth(&set);
            either(&guard, value, default)
        }
        _ => value,
    }
}

/// `namedtuple("Name", "a b c")`, also with a list of names and with `defaults`.
fn named_tuple<H: Host>(cx: &mut Interp<H>, arguments: &Arguments, site: &CallSite) -> Option<Value> {
    let name = arguments.value(0, "typename")?.as_str()?.clone();
    let fields = arguments.value(1, "field_names")?.clone();
    let names: Vec<Rc<str>> = match &fields {
        Value::Str(text) => text.split([' ', ',']).filter(|n| !n.is_empty()).map(Into::into).collect(),
        list => cx.elements(list)?.0.iter().filter_map(|(_, value)| value.as_str().cloned()).collect(),
    };
    let defaults = match arguments.get("defaults").map(|argument| argument.value.clone()) {
        Some(value) => cx.elements(&value)?.0.into_iter().map(|(_, value)| value).collect(),
        None => Vec::new(),
    };
    let first_default = names.len().saturating_sub(defaults.len());
    let fields = names
        .iter()
        .enumerate()
        .map(|(at, text)| crate::value::Field {
            name: cx.names.intern(text),
            default: match at.checked_sub(first_default).and_then(|at| defaults.get(at)) {
                Some(value) => crate::value::FieldDefault::Value(value.clone()),
                None => crate::value::FieldDefault::Required,
            },
            kind: None,
            init: true,
        })
        .collect();
    Some(cx.named_tuple(&name, fields, site.place.span))
}

fn parent(path: &str) -> &str {
    path.trim_end_matches('/').rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// `base / part`.
pub(super) fn join_path<H: Host>(cx: &mut Interp<H>, base: &Value, part: &Value, site: &CallSite) -> Value {
    cx.each(base, &mut |cx, base| {
        cx.each(part, &mut |cx, part| match (base, part) {
            (Value::Str(a), Value::Str(b)) => Value::str(joined(a, b)),
            (Value::Unknown(_), _) => follow_unknown(cx, base, "path", site),
            (_, other) => follow_unknown(cx, other, "path", site),
        })
    })
}

/// Two parts of a path, `.` and `..` resolved.
pub(crate) fn joined(a: &str, b: &str) -> String {
    if b.starts_with('/') {
        return b.to_owned();
    }
    let mut parts: Vec<&str> = a.split('/').filter(|p| !p.is_empty() && *p != ".").collect();
    for part in b.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// A file of the project by the path a program would open: as it is, or from the project's folder.
pub(super) fn find_file<H: Host>(cx: &Interp<H>, path: &str) -> Option<Arc<[u8]>> {
    let direct = joined("", path);
    H::file(cx, &direct).or_else(|| cx.roots.clone().iter().find_map(|root| H::file(cx, &joined(root, path))))
}

/// The text of a file named by a value.
pub(super) fn read_file_value<H: Host>(cx: &mut Interp<H>, path: &Value, site: &CallSite) -> Value {
    let Value::Str(text) = path else { return follow_unknown(cx, path, "read", site) };
    match find_file(cx, text).as_deref().map(|bytes| String::from_utf8_lossy(bytes).into_owned()) {
        Some(content) => Value::str(content),
        None => cx.unknown(Reason::at(
            format!("it is read from {text}, which is not among the files"),
            site.place.clone(),
        )),
    }
}

fn parse_json<H: Host>(cx: &mut Interp<H>, text: &Value, site: &CallSite) -> Value {
    let Value::Str(text) = text else { return follow_unknown(cx, text, "json", site) };
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(json) => cx.from_json(&json),
        Err(error) => cx.unknown(Reason::at(format!("the JSON cannot be read: {error}"), site.place.clone())),
    }
}

impl<H: Host> Interp<H> {
    /// A value of the program from JSON.
    pub fn from_json(&mut self, json: &serde_json::Value) -> Value {
        match json {
            serde_json::Value::Null => Value::None,
            serde_json::Value::Bool(b) => Value::Bool(*b),
            serde_json::Value::Number(n) => {
                n.as_i64().map_or_else(|| Value::Float(n.as_f64().unwrap_or(0.0)), Value::Int)
            }
            serde_json::Value::String(s) => Value::str(s.as_str()),
            serde_json::Value::Array(list) => {
                let items = list.iter().map(|v| (Guard::Always, self.from_json(v))).collect();
                Value::List(self.heap.add(Object::Items(Items { items, open: None })))
            }
            serde_json::Value::Object(map) => {
                let entries: FxIndexMap<Key, Value> =
                    map.iter().map(|(k, v)| (Key::Str(k.as_str().into()), self.from_json(v))).collect();
                Value::Dict(self.heap.add(Object::Map(Map { entries, open: None, factory: None })))
            }
        }
    }
}

fn reduce<H: Host>(cx: &mut Interp<H>, arguments: &Arguments, site: &CallSite) -> Option<Value> {
    let function = arguments.positional.first()?.value.clone();
    let (items, None) = cx.elements(&arguments.positional.get(1)?.value.clone())? else { return None };
    let mut items = items.into_iter();
    let mut total = match arguments.positional.get(2) {
        Some(start) => start.value.clone(),
        None => items.next()?.1,
    };
    for (_, item) in items {
        total = cx.call_value(&function, Arguments::of([total, item]), Some(site));
    }
    Some(total)
}

fn replace<H: Host>(cx: &mut Interp<H>, arguments: &Arguments) -> Option<Value> {
    let Value::Instance(id) = arguments.positional.first()?.value else { return None };
    let mut copy: Instance = cx.heap.instance(id)?.clone();
    for argument in &arguments.named {
        let name = cx.names.intern(&argument.name);
        copy.attributes.insert(name, crate::value::Variable { value: argument.value.clone(), written: None });
    }
    Some(Value::Instance(cx.heap.add(Object::Instance(copy))))
}

/// What `dataclasses.asdict` makes: instances that lie in each other many times over are copied as often, which is
/// paid for.
fn as_dict<H: Host>(cx: &mut Interp<H>, value: &Value, depth: usize) -> Value {
    match value {
        Value::Instance(id) if depth < 32 && cx.charge(AS_DICT) => {
            let attributes = cx.heap.instance(*id).map(|i| i.attributes.clone()).unwrap_or_default();
            let mut map = Map::default();
            for (name, variable) in attributes {
                let inner = as_dict(cx, &variable.value, depth + 1);
                map.entries.insert(Key::Str(cx.names.text(name).clone()), inner);
            }
            Value::Dict(cx.heap.add(Object::Map(map)))
        }
        other => other.clone(),
    }
}

/// Steps for one instance made a mapping.
const AS_DICT: usize = 64;

fn shallow_copy<H: Host>(cx: &mut Interp<H>, value: &Value) -> Value {
    match value {
        Value::List(id) => Value::List(copy_object(cx, *id)),
        Value::Set(id) => Value::Set(copy_object(cx, *id)),
        Value::Dict(id) => Value::Dict(copy_object(cx, *id)),
        Value::Instance(id) if cx.heap.instance(*id).is_some_and(|i| i.native.is_none()) => {
            Value::Instance(copy_object(cx, *id))
        }
        other => other.clone(),
    }
}

fn copy_object<H: Host>(cx: &mut Interp<H>, id: crate::value::ObjectId) -> crate::value::ObjectId {
    let object = cx.heap.get(id).clone();
    cx.heap.add(object)
}

/// A copy of a value and of what lies in it. As in Python, what was copied once is not copied again: that keeps the
/// shape of values that contain themselves.
fn deep_copy<H: Host>(
    cx: &mut Interp<H>,
    value: &Value,
    copies: &mut FxHashMap<ObjectId, Value>,
    depth: usize,
) -> Value {
    let own = match value {
        Value::List(id) | Value::Set(id) | Value::Dict(id) | Value::Instance(id) => Some(*id),
        _ => None,
    };
    if let Some(copy) = own.and_then(|id| copies.get(&id)) {
        return copy.clone();
    }
    if depth > 32 {
        return value.clone();
    }
    let copy = shallow_copy(cx, value);
    if let Some(id) = own {
        copies.insert(id, copy.clone());
    }
    match &copy {
        Value::List(id) | Value::Set(id) => {
            let items = cx.heap.items(*id).cloned().unwrap_or_default();
            let items: Vec<_> =
                items.items.into_iter().map(|(g, v)| (g, deep_copy(cx, &v, copies, depth + 1))).collect();
            if let Some(kept) = cx.heap.items_mut(*id) {
                kept.items = items;
            }
        }
        Value::Dict(id) => {
            let map = cx.heap.map(*id).cloned().unwrap_or_default();
            let entries: FxIndexMap<_, _> =
                map.entries.into_iter().map(|(k, v)| (k, deep_copy(cx, &v, copies, depth + 1))).collect();
            if let Some(kept) = cx.heap.map_mut(*id) {
                kept.entries = entries;
            }
        }
        _ => {}
    }
    copy
}

fn product<H: Host>(cx: &mut Interp<H>, arguments: &Arguments) -> Option<Value> {
    let mut rows: Vec<(Guard, Vec<Value>)> = vec![(Guard::Always, Vec::new())];
    for argument in &arguments.positional {
        let (items, None) = cx.elements(&argument.value)? else { return None };
        if rows.len().saturating_mul(items.len()) > cx.bounds.rounds {
            return None;
        }
        rows = rows
            .into_iter()
            .flat_map(|(guard, row)| {
                items
                    .iter()
                    .map(|(g, v)| {
                        let mut row = row.clone();
                        row.push(v.clone());
                        (guard.clone().and(g.clone()), row)
                    })
                    .collect::<Vec<_>>()
            })
            .collect();
    }
    let items = rows.into_iter().map(|(g, row)| (g, Value::Tuple(row.into()))).collect();
    Some(Value::List(cx.heap.add(Object::Items(Items { items, open: None }))))
}

/// Attributes of a path that is kept as its text; `None` = not one of a path's.
pub(crate) fn path_attribute(path: &str, name: &str) -> Option<Value> {
    let last = path.rsplit('/').next().unwrap_or_default();
    Some(match name {
        "parent" => Value::str(parent(path)),
        "parents" => {
            let mut all = Vec::new();
            let mut at = path;
            while !at.is_empty() && all.len() < 64 {
                at = parent(at);
                all.push(Value::str(at));
            }
            Value::Tuple(all.into())
        }
        "name" => Value::str(last),
        "stem" => Value::str(last.rsplit_once('.').map_or(last, |(stem, _)| stem)),
        "suffix" => Value::str(last.rsplit_once('.').map_or(String::new(), |(_, s)| format!(".{s}"))),
        _ => return None,
    })
}

/// `base / part` on texts, for the division operator.
pub(crate) fn divide_paths(a: &Rc<str>, b: &Rc<str>) -> Value {
    Value::str(joined(a, b))
}

/// Whether what a program exits with says that something is wrong: a text, or a number other than 0.
/// (<https://docs.python.org/3/library/sys.html#sys.exit>)
pub(super) fn is_complaint(status: Option<&Value>) -> bool {
    match status {
        Some(Value::Str(_)) => true,
        Some(Value::Int(number)) => *number != 0,
        _ => false,
    }
}
