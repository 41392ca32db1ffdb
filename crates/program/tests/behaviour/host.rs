//! A host with one library, `lib`, that remembers what it is told and in which worlds.
//!
//! `lib.record(x)` remembers `x`; `lib.name` for any other name is a value nobody can know.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use tidegate_estate::{Choice, Diagnostic, Guard, Span};
use tidegate_program::value::{Key, Unknown};
use tidegate_program::{Arguments, Bounds, CallSite, Host, Interp, NativeId, ObjectId, Value};

/// A value as it was when it was recorded: later changes do not reach it.
#[derive(Debug, Clone)]
pub enum Seen {
    /// Known, as Python prints it.
    Is(String),
    /// Not there.
    Missing,
    /// A list, set or tuple: its brackets, and its elements with the worlds in which each is there.
    Items([&'static str; 2], Vec<(Guard, Seen)>, bool),
    /// A mapping.
    Map(Vec<(String, Seen)>, bool),
    /// The one whose guard holds.
    OneOf(Vec<(Guard, Seen)>),
    /// Nobody can know, and why.
    Unknown(String),
}

/// What the library was told.
#[derive(Debug)]
pub struct Record {
    /// In which worlds.
    pub guard: Guard,
    /// Whether from code that is never run.
    pub dead: bool,
    /// Whether it stands in a definition that the program itself never reached.
    pub detached: bool,
    /// The arguments by position.
    pub values: Vec<Seen>,
    /// The arguments by name.
    pub named: Vec<(String, Seen)>,
}

/// Files and memory.
#[derive(Default)]
pub struct Library {
    files: BTreeMap<String, Vec<u8>>,
    records: Vec<Record>,
}

/// What a program told the library.
pub struct Run {
    pub records: Vec<Record>,
    pub choices: Vec<Choice>,
    pub diagnostics: Vec<Diagnostic>,
}

fn see(cx: &Interp<Library>, value: &Value, depth: usize) -> Seen {
    if depth > 8 {
        return Seen::Is("…".into());
    }
    let items = |brackets, items: &[(Guard, Value)], open| {
        Seen::Items(brackets, items.iter().map(|(g, v)| (g.clone(), see(cx, v, depth + 1))).collect(), open)
    };
    match value {
        Value::None => Seen::Is("None".into()),
        Value::Bool(b) => Seen::Is(if *b { "True" } else { "False" }.into()),
        Value::Int(i) => Seen::Is(i.to_string()),
        Value::Float(f) => Seen::Is(format!("{f:?}")),
        Value::Str(s) => Seen::Is(format!("'{s}'")),
        Value::Missing => Seen::Missing,
        Value::Tuple(parts) => {
            let parts: Vec<_> = parts.iter().map(|part| (Guard::Always, part.clone())).collect();
            items(["(", ")"], &parts, false)
        }
        Value::List(id) | Value::Set(id) => {
            let brackets = if matches!(value, Value::List(_)) { ["[", "]"] } else { ["{", "}"] };
            cx.heap.items(*id).map_or(Seen::Missing, |all| items(brackets, &all.items, all.open.is_some()))
        }
        Value::Dict(id) => cx.heap.map(*id).map_or(Seen::Missing, |map| {
            let entries = map.entries.iter().map(|(key, value)| (name_of(key), see(cx, value, depth + 1)));
            Seen::Map(entries.collect(), map.open.is_some())
        }),
        Value::OneOf(all) => {
            Seen::OneOf(all.iter().map(|(g, v)| (g.clone(), see(cx, v, depth + 1))).collect())
        }
        Value::Unknown(unknown) => Seen::Unknown(unknown.reason.text.to_string()),
        Value::External(path) => Seen::Is(path.to_string()),
        Value::Instance(id) => {
            let class = cx.heap.instance(*id).and_then(|instance| cx.heap.class(instance.class));
            Seen::Is(format!("<{}>", class.map_or("?", |class| &*class.name)))
        }
        Value::Class(id) => Seen::Is(format!("<class {}>", cx.heap.class(*id).map_or("?", |c| &*c.name))),
        other => Seen::Is(format!("{other:?}").chars().take(24).collect()),
    }
}

fn name_of(key: &Key) -> String {
    match key {
        Key::Str(text) => format!("'{text}'"),
        Key::Int(number) => number.to_string(),
        other => format!("{other:?}"),
    }
}

impl Host for Library {
    fn file(cx: &Interp<Self>, path: &str) -> Option<Arc<[u8]>> {
        cx.host.files.get(path).map(|bytes| bytes.as_slice().into())
    }

    fn has_file(cx: &Interp<Self>, path: &str) -> bool {
        cx.host.files.contains_key(path)
    }

    fn has_folder(cx: &Interp<Self>, folder: &str) -> bool {
        cx.host.files.keys().any(|path| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')))
    }

    fn canonical(_: &Interp<Self>, module: &str) -> Rc<str> {
        module.into()
    }

    fn members(_: &Interp<Self>, module: &str) -> Vec<Rc<str>> {
        if module == "lib" { vec!["record".into(), "starred".into()] } else { Vec::new() }
    }

    fn external(cx: &mut Interp<Self>, path: &str) -> Option<Value> {
        let name = path.strip_prefix("lib.")?;
        match name {
            "record" | "Thing" | "Thing.__init__" | "inner" | "starred" => None,
            _ => Some(cx.outside(name, name, Span::default())),
        }
    }

    fn call(
        cx: &mut Interp<Self>,
        path: &Rc<str>,
        _: &CallSite,
        arguments: Arguments,
    ) -> Result<Value, Box<Arguments>> {
        match &**path {
            "lib.record" => {
                let values = arguments.positional.iter().map(|a| see(cx, &a.value, 0)).collect();
                let named = arguments.named.iter().map(|a| (a.name.to_string(), see(cx, &a.value, 0)));
                let record = Record {
                    guard: cx.guard(),
                    dead: cx.in_dead_code(),
                    detached: cx.detached,
                    values,
                    named: named.collect(),
                };
                cx.host.records.push(record);
                Ok(arguments.positional.first().map_or(Value::None, |a| a.value.clone()))
            }
            _ => Err(Box::new(arguments)),
        }
    }

    fn construct(
        cx: &mut Interp<Self>,
        base: &Rc<str>,
        _: ObjectId,
        site: &CallSite,
        arguments: Arguments,
    ) -> Value {
        if &**base == "lib.Thing" {
            let _ = Self::call(cx, &"lib.record".into(), site, arguments);
        }
        Value::None
    }

    fn attribute(cx: &mut Interp<Self>, _: NativeId, name: &Rc<str>, span: Span) -> Value {
        cx.outside(name, name, span)
    }

    fn set_attribute(_: &mut Interp<Self>, _: NativeId, _: &Rc<str>, _: Value, _: Span) {}

    fn call_method(
        cx: &mut Interp<Self>,
        _: NativeId,
        name: &Rc<str>,
        site: &CallSite,
        _: Arguments,
    ) -> Value {
        cx.outside(name, name, site.callee)
    }

    fn call_unknown(
        cx: &mut Interp<Self>,
        unknown: &Rc<Unknown>,
        name: &str,
        _: &CallSite,
        _: Arguments,
    ) -> Value {
        cx.derived(unknown, &format!("{name}()"), None)
    }

    fn is_instance(_: &mut Interp<Self>, _: &Value, _: &str) -> Option<bool> {
        None
    }

    fn annotated(_: &mut Interp<Self>, _: &str) -> Option<Rc<str>> {
        None
    }
}

/// Runs `main.py` of these files on a thread with room for nested calls.
pub fn run_bounded(files: &[(&str, &str)], bounds: Bounds) -> Run {
    let files: BTreeMap<String, Vec<u8>> =
        files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
    let go = move || {
        let entry = if files.contains_key("main.py") { Some("main.py") } else { None };
        let names: Vec<String> = files.keys().filter(|path| path.ends_with(".py")).cloned().collect();
        let mut cx = Interp::new(Library { files, ..Library::default() }, vec!["".into()], bounds);
        if let Some(entry) = entry {
            cx.run_entry(entry);
        }
        cx.detached = true;
        let modules: Vec<ObjectId> = names.iter().filter_map(|path| cx.run_module(path)).collect();
        for module in modules {
            cx.run_unreached(module);
        }
        Run { records: cx.host.records, choices: cx.choices, diagnostics: cx.diagnostics }
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(256 << 20).spawn_scoped(scope, go);
        match thread.expect("a thread can be started").join() {
            Ok(run) => run,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// Runs `main.py` of these files.
pub fn run_files(files: &[(&str, &str)]) -> Run {
    run_bounded(files, Bounds::default())
}

/// Runs one file.
pub fn run(text: &str) -> Run {
    run_files(&[("main.py", text)])
}

/// What one file records, one line each: the arguments, and the worlds if not all of them.
pub fn records(text: &str) -> Vec<String> {
    run(text).lines()
}

impl Run {
    /// What was recorded by code that runs, one line each.
    pub fn lines(&self) -> Vec<String> {
        self.records.iter().filter(|record| !record.dead).map(|record| self.line(record)).collect()
    }

    /// What stands in code that never runs.
    pub fn dead_lines(&self) -> Vec<String> {
        self.records.iter().filter(|record| record.dead).map(|record| self.arguments(record)).collect()
    }

    fn arguments(&self, record: &Record) -> String {
        let mut parts: Vec<String> = record.values.iter().map(|value| self.text(value)).collect();
        parts.extend(record.named.iter().map(|(name, value)| format!("{name}={}", self.text(value))));
        parts.join(", ")
    }

    fn line(&self, record: &Record) -> String {
        let text = self.arguments(record);
        match self.guard(&record.guard) {
            when if when.is_empty() => text,
            when => format!("{text} when {when}"),
        }
    }

    fn text(&self, seen: &Seen) -> String {
        let under = |(guard, value): &(Guard, Seen)| match self.guard(guard) {
            when if when.is_empty() => self.text(value),
            when => format!("{} if {when}", self.text(value)),
        };
        match seen {
            Seen::Is(text) => text.clone(),
            Seen::Missing => "nothing".into(),
            Seen::Unknown(why) => format!("?{why}"),
            Seen::OneOf(all) => all.iter().map(under).collect::<Vec<_>>().join(" | "),
            Seen::Items([open, close], items, more) => {
                let inner = items.iter().map(under).collect::<Vec<_>>().join(", ");
                format!("{open}{inner}{}{close}", if *more { ", …" } else { "" })
            }
            Seen::Map(entries, more) => {
                let inner = entries.iter().map(|(key, value)| format!("{key}: {}", self.text(value)));
                let inner = inner.collect::<Vec<_>>().join(", ");
                format!("{{{inner}{}}}", if *more { ", …" } else { "" })
            }
        }
    }

    fn guard(&self, guard: &Guard) -> String {
        let all = |list: &[Guard], by: &str| list.iter().map(|g| self.guard(g)).collect::<Vec<_>>().join(by);
        match guard {
            Guard::Always => String::new(),
            Guard::Never => "never".into(),
            Guard::Is(choice, alternative) => {
                let choice = choice.among(&self.choices).expect("a choice of this run");
                match &choice.alternatives[*alternative as usize][..] {
                    "true" => choice.name.clone(),
                    "false" => format!("!{}", choice.name),
                    other => format!("{}={other}", choice.name),
                }
            }
            Guard::Not(inner) => {
                let inner = self.guard(inner);
                inner.strip_prefix('!').map_or_else(|| format!("!{inner}"), str::to_owned)
            }
            Guard::All(list) => format!("({})", all(list, " & ")),
            Guard::Any(list) => format!("({})", all(list, " or ")),
        }
    }
}
