//! Everything that is read together: one template with its nested stacks, or the stacks of an assembly.

use super::data::{Data, Here, Unknown, settle, unknown};
use super::template::Template;
use crate::{Files, Options};
use rustc_hash::FxHashMap;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use tidegate_estate::{ChoiceId, Diagnostic, Dialect, Estate, Guard, Place, Reason, Severity, Span, Step};

/// How deep expressions may lead into each other. An intrinsic in an intrinsic counts, so does a parameter that
/// a nested stack passes on.
const MAX_DEPTH: usize = 100;

/// Templates that one unit may have.
pub(super) const MAX_TEMPLATES: usize = 500;

/// Names that stacks export, with the expressions behind them.
#[derive(Debug, Default)]
pub(super) enum Exports {
    #[default]
    Unread,
    /// They are being worked out: an import that is needed for this finds nothing.
    Reading,
    Read(FxHashMap<Rc<str>, Here>),
}

/// The state of reading one unit.
pub(super) struct Unit<'f> {
    pub(super) files: &'f dyn Files,
    pub(super) options: &'f Options,
    pub(super) dialect: Dialect,
    pub(super) estate: RefCell<Estate>,
    pub(super) exports: RefCell<Exports>,
    diagnostics: RefCell<Vec<Diagnostic>>,
    templates: RefCell<Vec<Rc<Template>>>,
    trace: RefCell<Vec<Step>>,
    depth: Cell<usize>,
    steps: Cell<u64>,
}

impl<'f> Unit<'f> {
    /// An empty unit.
    pub(super) fn new(files: &'f dyn Files, options: &'f Options, dialect: Dialect) -> Self {
        Self {
            files,
            options,
            dialect,
            estate: RefCell::default(),
            exports: RefCell::default(),
            diagnostics: RefCell::default(),
            templates: RefCell::default(),
            trace: RefCell::default(),
            depth: Cell::new(0),
            steps: Cell::new(options.limits.steps),
        }
    }

    /// What came of it.
    pub(super) fn finish(self) -> (Estate, Vec<Diagnostic>) {
        (self.estate.into_inner(), self.diagnostics.into_inner())
    }

    /// A template by its index.
    pub(super) fn template(&self, id: usize) -> Option<Rc<Template>> {
        self.templates.borrow().get(id).cloned()
    }

    /// Every template so far.
    pub(super) fn templates(&self) -> Vec<Rc<Template>> {
        self.templates.borrow().clone()
    }

    /// The index that the next template will have.
    pub(super) fn next_template(&self) -> usize {
        self.templates.borrow().len()
    }

    /// Adds a template.
    pub(super) fn add(&self, template: Template) -> Rc<Template> {
        let template = Rc::new(template);
        self.templates.borrow_mut().push(template.clone());
        template
    }

    /// The place of a node.
    pub(super) fn place(&self, here: &Here) -> Option<Place> {
        let template = self.template(here.template)?;
        Some(Place::new(&template.path, template.tree.span(here.node)))
    }

    /// A reason that enters at a node.
    pub(super) fn reason(&self, here: &Here, text: impl Into<Arc<str>>) -> Reason {
        Reason::perhaps_at(text, self.place(here))
    }

    /// An unknown value that enters at a node.
    pub(super) fn unknown(&self, here: &Here, text: impl Into<Arc<str>>) -> Vec<(Guard, Data)> {
        unknown(self.reason(here, text))
    }

    /// The same as a text that cannot be known.
    pub(super) fn no_text(&self, here: &Here, text: impl Into<Arc<str>>) -> Rc<Unknown> {
        Unknown::new(self.reason(here, text))
    }

    /// Adds something that the input leaves open.
    pub(super) fn choice(&self, name: String, alternatives: Vec<String>, place: Option<Place>) -> ChoiceId {
        self.estate.borrow_mut().choice(name, alternatives, place)
    }

    /// The guard, simplified where it holds everywhere or nowhere.
    pub(super) fn settle(&self, guard: Guard) -> Guard {
        settle(&self.estate.borrow(), guard)
    }

    /// Says something about the input, once.
    pub(super) fn report(&self, severity: Severity, path: &Arc<str>, span: Option<Span>, message: String) {
        let diagnostic = Diagnostic { severity, path: path.clone(), span, message };
        let mut all = self.diagnostics.borrow_mut();
        if all.len() < 1000 && !all.contains(&diagnostic) {
            all.push(diagnostic);
        }
    }

    /// Whether there is nothing to say about the input.
    pub(super) fn is_silent(&self) -> bool {
        self.diagnostics.borrow().is_empty()
    }

    /// Goes one expression deeper; `false` when the limits forbid it. Every `true` wants a [`Unit::leave`].
    pub(super) fn enter(&self) -> bool {
        let steps = self.steps.get();
        if steps == 0 || self.depth.get() >= MAX_DEPTH {
            return false;
        }
        self.steps.set(steps - 1);
        self.depth.set(self.depth.get() + 1);
        true
    }

    /// Comes back from [`Unit::enter`].
    pub(super) fn leave(&self) {
        self.depth.set(self.depth.get().saturating_sub(1));
    }

    /// Notes a place that the value being worked out comes from.
    pub(super) fn step(&self, message: impl Into<String>, place: Option<Place>) {
        let Some(place) = place else { return };
        let step = Step { message: message.into(), place };
        let mut trace = self.trace.borrow_mut();
        if trace.len() < 16 && !trace.contains(&step) {
            trace.push(step);
        }
    }

    /// Takes the places noted since the last time.
    pub(super) fn take_steps(&self) -> Vec<Step> {
        std::mem::take(&mut self.trace.borrow_mut())
    }
}
