//! The abstract interpreter: runs the core language on values that may be unknown.
//!
//! Where a test cannot be decided both sides are run, each under a guard, and what they changed is
//! joined ([`crate::heap`]). What the host is told therefore always comes with the guard under which
//! it happens ([`Interp::guard`]).

mod attributes;
mod calls;
mod classes;
mod comparisons;
mod expressions;
mod imports;
mod indexes;
mod instances;
mod loops;
mod operators;
mod possible;
mod shapes;
mod statements;
mod truth;
mod unreached;

pub use operators::BLOCK;

use crate::guards::{self, simplify};
use crate::heap::{Heap, one_of};
use crate::host::{CallSite, Host};
use crate::names::{Names, Symbol};
use crate::value::{Closure, Object, ObjectId, Scope, ScopeKind, Unknown, Value, Variable, Written};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;
use tidegate_estate::{Choice, ChoiceId, Diagnostic, Guard, Place, Reason, Severity, Span, Step};

pub(crate) use loops::{MAX_ELEMENTS, present};
pub(crate) use statements::Leave;

/// Bounds of one analysis.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// Statements and expressions evaluated in all.
    pub steps: u64,
    /// Calls on the stack.
    pub depth: usize,
    /// Rounds of one loop.
    pub rounds: usize,
    /// Nesting of source code.
    pub nesting: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { steps: 5_000_000, depth: 64, rounds: 10_000, nesting: 200 }
    }
}

/// One analysis: a program, what is known of its state, and the host that gives libraries a meaning.
pub struct Interp<H> {
    /// The host.
    pub host: H,
    /// Everything that can change.
    pub heap: Heap,
    /// Names.
    pub names: Names,
    /// What the program leaves open in writing; guards refer to these.
    pub choices: Vec<Choice>,
    /// What there is to say about the input.
    pub diagnostics: Vec<Diagnostic>,
    /// Definitions entered so far, by file and first byte.
    pub entered: FxHashSet<(Arc<str>, u32)>,
    /// Set while definitions that no entry point reached are run with unknown arguments.
    pub detached: bool,
    /// Whether an entry was left by an exception, whatever the unknowns are.
    pub broke_off: bool,
    /// An exception that is certain and that nothing catches counts as a doubt: for a program that would end before
    /// it says anything. Either it is not run as it stands, or something of it was not understood.
    pub doubts_exceptions: bool,
    /// Bounds.
    pub bounds: Bounds,
    pub(crate) frames: Vec<Frame>,
    pub(crate) modules: FxHashMap<Rc<str>, ObjectId>,
    pub(crate) roots: Vec<Rc<str>>,
    pub(crate) raised: Guard,
    /// Bodies of `try` statements with handlers that are being run.
    pub(crate) tries: u32,
    /// Whether what was raised last is the end that a program makes of itself (`sys.exit(0)`).
    pub(crate) ended_well: bool,
    /// Objects whose fields are being compared.
    pub(crate) comparing: u32,
    /// Functions defined so far, in order: what of them is never called is run with unknown arguments.
    pub(crate) defined: Vec<Value>,
    pub(crate) yields: Vec<Vec<(Guard, Value)>>,
    /// Guards entered, each with the conjunction of all up to it.
    path: Vec<(Guard, Guard)>,
    shadow: u32,
    steps: u64,
    exhausted: bool,
    unknowns: u32,
    /// Unknowns met that may raise where they are used: all but negations of others.
    pub(crate) met: u32,
    derived: FxHashMap<Derived, Rc<Unknown>>,
    pub(crate) truths: FxHashMap<u32, ChoiceId>,
    /// Which element an unknown picks from a collection (unknown, collection, length).
    pub(crate) picks: FxHashMap<(u32, u32, usize), ChoiceId>,
    /// Unknowns that are the negation of another: their truth is its choice turned round.
    pub(crate) negated: FxHashMap<u32, ChoiceId>,
    /// Symbols the interpreter itself asks for.
    pub(crate) sym: Symbols,
    /// Names below library names (`aws_cdk.aws_ec2` and `Vpc`), by the address of the text above, which is kept.
    dotted: FxHashMap<(usize, Symbol), (Rc<str>, Rc<str>)>,
    /// Built-in functions that were named.
    pub(crate) builtins: FxHashMap<Symbol, Rc<str>>,
    /// Properties that have a setter somewhere, with the name under which it is kept.
    pub(crate) setters: FxHashMap<Symbol, Symbol>,
    /// Modules of libraries that were asked for, by the importing file's folder and their dotted names.
    pub(crate) library_modules: FxHashMap<(Symbol, Symbol), Value>,
    /// Whether there is a module at a path without ending, where that was asked.
    pub(crate) looked_for: FxHashMap<Box<str>, bool>,
    /// The root in which a module of that name was found, if in one.
    pub(crate) tops: FxHashMap<Symbol, Option<Rc<str>>>,
}

/// How an unknown came from another one: the same way gives the same unknown.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Derived {
    /// Something outside, by name (an environment variable).
    Outside(Rc<str>),
    /// An attribute, an index, a method without arguments …
    From(u32, Rc<str>),
    /// An operation on two.
    Of(u32, Rc<str>, Rc<str>),
}

/// A call in progress.
#[derive(Debug)]
pub(crate) struct Frame {
    /// The file its code is in.
    pub path: Arc<str>,
    /// Dotted name of the function; empty for a module.
    pub qualified: Rc<str>,
    /// Its variables.
    pub scope: ObjectId,
    /// Where it was called; `None` for modules and detached definitions.
    pub site: Option<CallSite>,
    /// The class whose method it is and the first argument, for `super()`.
    pub receiver: Option<(ObjectId, Value)>,
    /// The function's identity, to see recursion.
    pub function: usize,
    /// Values returned so far.
    pub returns: Vec<(Guard, Value)>,
    /// Length of the guard path at entry.
    pub base: usize,
    /// The calls that led here, once somebody asked.
    pub chain: OnceCell<Rc<[Step]>>,
}

macro_rules! symbols {
    ($($field:ident = $text:literal),* $(,)?) => {
        /// Names that mean something to the interpreter.
        #[derive(Debug, Clone, Copy)]
        pub(crate) struct Symbols { $(pub $field: Symbol),* }
        impl Symbols {
            fn new(names: &mut Names) -> Self { Self { $($field: names.intern($text)),* } }
        }
    };
}
symbols! {
    init = "__init__", call = "__call__", post_init = "__post_init__", name = "__name__", file = "__file__",
    value = "value", enum_name = "name", all = "__all__", getitem = "__getitem__", contains = "__contains__",
    enter = "__enter__", getattr = "__getattr__", str_ = "__str__", eq = "__eq__", len = "__len__",
    iter = "__iter__", dict = "__dict__", default = "default", default_factory = "default_factory",
    init_ = "init", bool_ = "__bool__",
}

impl<H: Host> Interp<H> {
    /// A fresh analysis. `roots` are the folders in which absolute imports are looked up, in order
    /// (`""` is the run's root).
    pub fn new(host: H, roots: Vec<Rc<str>>, bounds: Bounds) -> Self {
        guards::begin();
        let mut names = Names::default();
        let sym = Symbols::new(&mut names);
        Self {
            host,
            heap: Heap::default(),
            names,
            choices: Vec::new(),
            diagnostics: Vec::new(),
            entered: FxHashSet::default(),
            detached: false,
            bounds,
            frames: Vec::new(),
            modules: FxHashMap::default(),
            roots,
            raised: Guard::Never,
            tries: 0,
            ended_well: false,
            comparing: 0,
            broke_off: false,
            doubts_exceptions: false,
            defined: Vec::new(),
            yields: Vec::new(),
            path: Vec::new(),
            shadow: 0,
            steps: 0,
            exhausted: false,
            unknowns: 0,
            met: 0,
            derived: FxHashMap::default(),
            truths: FxHashMap::default(),
            picks: FxHashMap::default(),
            negated: FxHashMap::default(),
            sym,
            dotted: FxHashMap::default(),
            builtins: FxHashMap::default(),
            setters: FxHashMap::default(),
            library_modules: FxHashMap::default(),
            looked_for: FxHashMap::default(),
            tops: FxHashMap::default(),
        }
    }

    /// The guard under which the current statement is run.
    pub fn guard(&self) -> Guard {
        self.path.last().map_or(Guard::Always, |(_, all)| all.clone())
    }

    /// Whether the current statement stands in code that is never run: only what is written counts.
    pub fn in_dead_code(&self) -> bool {
        self.shadow > 0
    }

    /// The file whose code is being run.
    pub fn current_path(&self) -> Arc<str> {
        self.frames.last().map_or_else(|| Arc::from(""), |frame| frame.path.clone())
    }

    /// A place in the file whose code is being run.
    pub fn place(&self, span: Span) -> Place {
        Place { path: self.current_path(), span }
    }

    /// Dotted name of the function being run, without the file; `None` at module level.
    pub fn enclosing(&self) -> Option<Rc<str>> {
        self.frames.iter().rev().find(|f| !f.qualified.is_empty()).map(|f| f.qualified.clone())
    }

    /// The calls that led here, outermost first.
    pub fn chain(&self) -> Rc<[Step]> {
        let Some(frame) = self.frames.last() else { return Rc::new([]) };
        frame.chain.get_or_init(|| self.steps_here()).clone()
    }

    fn steps_here(&self) -> Rc<[Step]> {
        self.frames
            .iter()
            .filter_map(|frame| {
                let site = frame.site.as_ref()?;
                let name =
                    frame.qualified.rsplit_once(".__init__").map_or(&*frame.qualified, |(class, _)| class);
                Some(Step { message: format!("called here: {name}"), place: site.place.clone() })
            })
            .collect()
    }

    /// The library name `path.name`.
    pub(crate) fn dotted(&mut self, path: &Rc<str>, name: Symbol) -> Rc<str> {
        let key = (path.as_ptr() as usize, name);
        if let Some((_, known)) = self.dotted.get(&key) {
            return known.clone();
        }
        let full: Rc<str> = [&**path, ".", self.names.text(name)].concat().into();
        self.dotted.insert(key, (path.clone(), full.clone()));
        full
    }

    /// A new unknown value.
    pub fn unknown(&mut self, reason: Reason) -> Value {
        Value::Unknown(self.new_unknown(reason, None))
    }

    /// A new unknown value of a library type.
    pub fn unknown_of(&mut self, reason: Reason, kind: Option<Rc<str>>) -> Value {
        Value::Unknown(self.new_unknown(reason, kind))
    }

    /// A new unknown value whose reason is at `span` of the current file.
    pub fn unknown_at(&mut self, text: &str, span: Span) -> Value {
        let place = self.place(span);
        self.unknown(Reason::at(text, place))
    }

    pub(crate) fn new_unknown(&mut self, reason: Reason, kind: Option<Rc<str>>) -> Rc<Unknown> {
        self.unknowns += 1;
        if self.shadow == 0 {
            self.met += 1;
        }
        Rc::new(Unknown { id: self.unknowns, reason, kind })
    }

    /// Something from outside the program by name: the same name is the same value everywhere.
    pub fn outside(&mut self, name: &str, reason: &str, span: Span) -> Value {
        let place = self.place(span);
        self.derive(Derived::Outside(name.into()), |_| Reason::at(reason, place), None)
    }

    /// Something from outside the program that no place of it stands for.
    pub fn outside_anywhere(&mut self, name: &str, reason: &str) -> Value {
        self.derive(Derived::Outside(name.into()), |_| Reason::new(reason), None)
    }

    /// An unknown that follows from another one: the same way gives the same unknown.
    pub fn derived(&mut self, from: &Rc<Unknown>, how: &str, kind: Option<Rc<str>>) -> Value {
        let reason = from.reason.clone();
        self.derive(Derived::From(from.id, how.into()), |_| reason, kind)
    }

    pub(crate) fn derive(
        &mut self,
        key: Derived,
        reason: impl FnOnce(&Self) -> Reason,
        kind: Option<Rc<str>>,
    ) -> Value {
        if let Some(known) = self.derived.get(&key) {
            return Value::Unknown(known.clone());
        }
        let reason = reason(self);
        let unknown = self.new_unknown(reason, kind);
        self.derived.insert(key, unknown.clone());
        Value::Unknown(unknown)
    }

    /// `not unknown`, which raises nothing that the unknown itself does not.
    pub(crate) fn negated_unknown(&mut self, unknown: &Rc<Unknown>) -> Value {
        let met = self.met;
        let result = self.derived(unknown, "not", None);
        self.met = met;
        result
    }

    /// How many unknowns were met: more after than before means something unknown was met.
    pub(crate) fn unknown_count(&self) -> u32 {
        self.met
    }

    /// A choice with two or more alternatives.
    pub fn choose(&mut self, name: String, alternatives: Vec<String>, place: Option<Place>) -> ChoiceId {
        self.choices.push(Choice { name, alternatives, place });
        ChoiceId(self.choices.len() as u32 - 1)
    }

    /// The choice whether an unknown is true: alternative 0 = true.
    pub(crate) fn truth_choice(&mut self, unknown: &Rc<Unknown>) -> ChoiceId {
        if let Some(choice) = self.truths.get(&unknown.id) {
            return *choice;
        }
        let choice = self.choose(
            unknown.reason.text.to_string(),
            vec!["true".into(), "false".into()],
            unknown.reason.place.clone(),
        );
        self.truths.insert(unknown.id, choice);
        choice
    }

    /// Runs `f` under an additional guard, without joining anything: for values, not for changes.
    pub fn under<R>(&mut self, guard: &Guard, f: impl FnOnce(&mut Self) -> R) -> R {
        let all = guards::and(&self.guard(), guard);
        self.path.push((guard.clone(), all));
        // What is raised inside is raised under the guard only.
        let before = std::mem::replace(&mut self.raised, Guard::Never);
        let result = f(self);
        let inside = std::mem::replace(&mut self.raised, Guard::Never);
        self.raised = guards::or(before, guard.clone().and(inside));
        self.path.pop();
        result
    }

    /// Where `guard` holds and what was evaluated so far in this statement did not raise.
    fn unraised(&self, guard: &Guard) -> Guard {
        match &self.raised {
            Guard::Never => guard.clone(),
            raised if guard.contradicts(raised) => guard.clone(),
            raised => guards::and(guard, &raised.clone().negate()),
        }
    }

    /// Runs `f` where what was evaluated so far in this statement did not raise.
    pub(crate) fn unless_raised(&mut self, f: impl FnOnce(&mut Self) -> Value) -> Value {
        match self.raised.clone() {
            Guard::Never => f(self),
            Guard::Always => {
                self.dead(|cx| {
                    f(cx);
                });
                self.unknown(Reason::new("it is never evaluated"))
            }
            raised => self.branch(&raised.negate(), f),
        }
    }

    /// Runs `f` under `guard` and joins what it changes with what holds otherwise.
    pub(crate) fn branch<R>(&mut self, guard: &Guard, f: impl FnOnce(&mut Self) -> R) -> R {
        let guard = &self.unraised(guard);
        self.heap.enter();
        let result = self.under(guard, f);
        let changes = self.heap.leave();
        self.heap.join(guard, changes, Default::default());
        result
    }

    /// Runs both sides of a test and joins what they change.
    pub(crate) fn both<R>(
        &mut self,
        guard: &Guard,
        yes: impl FnOnce(&mut Self) -> R,
        no: impl FnOnce(&mut Self) -> R,
    ) -> (R, R) {
        if !matches!(self.raised, Guard::Never) {
            return (self.branch(guard, yes), self.branch(&guard.clone().negate(), no));
        }
        self.heap.enter();
        let left = self.under(guard, yes);
        let yes_changes = self.heap.leave();
        self.heap.enter();
        let otherwise = guard.clone().negate();
        let right = self.under(&otherwise, no);
        let no_changes = self.heap.leave();
        self.heap.join(guard, yes_changes, no_changes);
        (left, right)
    }

    /// Runs code that is never reached, for what is written in it; nothing it does has an effect.
    pub(crate) fn dead(&mut self, f: impl FnOnce(&mut Self)) {
        if self.shadow > 0 {
            return;
        }
        self.shadow += 1;
        self.heap.enter();
        self.path.push((Guard::Never, Guard::Never));
        let raised = std::mem::replace(&mut self.raised, Guard::Never);
        let returns = self.frames.last().map_or(0, |frame| frame.returns.len());
        f(self);
        if let Some(frame) = self.frames.last_mut() {
            frame.returns.truncate(returns);
        }
        self.raised = raised;
        self.path.pop();
        self.heap.leave();
        self.shadow -= 1;
    }

    /// The guard relative to the entry of the current call.
    pub(crate) fn guard_in_call(&self) -> Guard {
        let base = self.frames.last().map_or(0, |frame| frame.base);
        simplify(Guard::all(self.path.iter().skip(base).map(|(own, _)| own.clone())))
    }

    pub(crate) fn path_len(&self) -> usize {
        self.path.len()
    }

    /// Applies `f` to every alternative that can be the case here.
    pub fn each(&mut self, value: &Value, f: &mut dyn FnMut(&mut Self, &Value) -> Value) -> Value {
        let Value::OneOf(alternatives) = value else { return f(self, value) };
        let here = self.guard();
        let mut results = Vec::with_capacity(alternatives.len());
        for (guard, alternative) in alternatives.iter() {
            if self.excludes(&here, guard) {
                continue;
            }
            crate::work::count(1);
            let result = self.under(guard, |cx| f(cx, alternative));
            results.push((guard.clone(), result));
        }
        one_of(results)
    }

    /// The alternatives of a value that can be the case here.
    pub fn prune(&self, value: Value) -> Value {
        let Value::OneOf(alternatives) = &value else { return value };
        let here = self.guard();
        let left: Vec<_> = alternatives.iter().filter(|(g, _)| !self.excludes(&here, g)).collect();
        if left.len() < alternatives.len() {
            return one_of(left.into_iter().cloned().collect());
        }
        value
    }

    /// Counts a step; `false` when the budget is used up (said once in a diagnostic).
    pub(crate) fn step(&mut self) -> bool {
        self.steps = self.steps.saturating_add(1 + crate::work::take());
        if self.steps <= self.bounds.steps {
            return true;
        }
        if !self.exhausted {
            self.exhausted = true;
            self.diagnostics.push(Diagnostic {
                severity: Severity::Warning,
                path: self.current_path(),
                span: None,
                message: format!(
                    "the analysis stopped after {} steps: what comes later in this program was not read",
                    self.bounds.steps
                ),
            });
        }
        false
    }

    /// Counts as many steps as something copies; `false` when the budget is used up.
    pub(crate) fn charge(&mut self, steps: usize) -> bool {
        self.steps = self.steps.saturating_add(steps as u64);
        self.step()
    }

    /// Whether the step budget is used up.
    pub fn is_exhausted(&self) -> bool {
        self.exhausted
    }

    pub(crate) fn new_scope(&mut self, parent: Option<ObjectId>, kind: ScopeKind) -> ObjectId {
        self.heap.add(Object::Scope(Scope {
            variables: FxHashMap::default(),
            parent,
            kind,
            outer: Vec::new(),
        }))
    }

    pub(crate) fn scope(&self) -> ObjectId {
        self.frames.last().map_or(ObjectId(0), |frame| frame.scope)
    }

    /// Binds a name in a scope, minding `global` and `nonlocal`.
    pub(crate) fn bind(&mut self, scope: ObjectId, name: Symbol, value: Value, written: Option<Rc<Written>>) {
        let mut target = scope;
        if let Some(found) = self.heap.scope(scope)
            && let Some((_, global)) = found.outer.iter().find(|(n, _)| *n == name)
        {
            let global = *global;
            let mut at = found.parent;
            while let Some(id) = at {
                let Some(outer) = self.heap.scope(id) else { break };
                let is_target = if global {
                    outer.kind == ScopeKind::Module
                } else {
                    outer.variables.contains_key(&name)
                };
                if is_target {
                    target = id;
                    break;
                }
                at = outer.parent;
            }
        }
        if let Some(scope) = self.heap.scope_mut(target) {
            scope.variables.insert(name, Variable { value, written });
        }
    }

    /// Looks a name up from a scope outwards.
    pub(crate) fn lookup(&self, scope: ObjectId, name: Symbol) -> Option<&Variable> {
        let mut at = Some(scope);
        while let Some(id) = at {
            let scope_here = self.heap.scope(id)?;
            let visible = scope_here.kind != ScopeKind::Class || id == scope;
            if visible && let Some(variable) = scope_here.variables.get(&name) {
                return Some(variable);
            }
            at = scope_here.parent;
        }
        None
    }

    /// The closure's definition counts as entered.
    pub(crate) fn mark_entered(&mut self, closure: &Closure) {
        self.entered.insert((closure.path.clone(), closure.function.span.start));
    }
}
