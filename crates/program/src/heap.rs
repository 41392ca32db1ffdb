//! Everything that can change, with a trail so that both sides of a branch can be run and joined.
//!
//! A branch runs between [`Heap::enter`] and [`Heap::leave`]: the first change of an object saves it
//! as it was; leaving puts the saved objects back and hands out the changed ones. [`Heap::join`] then
//! writes, for each object that either side changed, what holds under the branch's guard and what
//! holds otherwise. Without a branch nothing is saved.

use crate::guards;
use crate::value::{FxIndexMap, Instance, Items, Map, Object, ObjectId, Scope, Unknown, Value, Variable};
use crate::work::count;
use std::rc::Rc;
use tidegate_estate::{Guard, Reason};

/// Objects that one side of a branch changed, as that side left them.
pub type Changes = FxIndexMap<ObjectId, Object>;

/// How many alternatives a value keeps before it becomes unknown.
pub const MAX_ALTERNATIVES: usize = 64;

/// In how many elements the two sides of a branch may differ before nothing more is known of a list.
const MAX_APART: usize = 512;

/// Copying so many values costs a step.
const COPIED: u64 = 32;

/// Steps for an object, beside those for what it holds: a statement can make many, and they take more memory than
/// what a step evaluates.
const OBJECT: u64 = 8;

/// All objects of one analysis.
#[derive(Debug, Default)]
pub struct Heap {
    objects: Vec<Object>,
    trail: Vec<Saved>,
}

#[derive(Debug)]
struct Saved {
    /// Objects from here on were made inside the branch: nobody outside sees them yet.
    fresh: u32,
    before: Changes,
}

impl Heap {
    /// Adds an object. It stays to the end of the analysis, so what it holds is paid for.
    pub fn add(&mut self, object: Object) -> ObjectId {
        count(OBJECT + object.size() as u64 / 2);
        self.objects.push(object);
        ObjectId(self.objects.len() as u32 - 1)
    }

    /// How many objects there are.
    pub fn len(&self) -> usize {
        self.objects.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    /// Reads an object.
    pub fn get(&self, id: ObjectId) -> &Object {
        &self.objects[id.0 as usize]
    }

    /// An object about to change: saved first, if a branch is running.
    pub fn change(&mut self, id: ObjectId) -> &mut Object {
        if let Some(saved) = self.trail.last_mut()
            && id.0 < saved.fresh
            && !saved.before.contains_key(&id)
        {
            let before = self.objects[id.0 as usize].clone();
            count(before.size() as u64 / COPIED);
            saved.before.insert(id, before);
        }
        &mut self.objects[id.0 as usize]
    }

    /// Starts one side of a branch.
    pub fn enter(&mut self) {
        self.trail.push(Saved { fresh: self.objects.len() as u32, before: Changes::default() });
    }

    /// Ends one side: puts back what was before, hands out what that side made of it.
    pub fn leave(&mut self) -> Changes {
        let Some(saved) = self.trail.pop() else { return Changes::default() };
        let mut after = Changes::default();
        for (id, before) in saved.before {
            let changed = std::mem::replace(&mut self.objects[id.0 as usize], before);
            after.insert(id, changed);
        }
        after
    }

    /// Joins two sides: `yes` holds under `guard`, `no` otherwise.
    pub fn join(&mut self, guard: &Guard, mut yes: Changes, mut no: Changes) {
        let mut ids: Vec<ObjectId> = yes.keys().chain(no.keys()).copied().collect();
        ids.sort_unstable();
        ids.dedup();
        for id in ids {
            let current = || self.objects[id.0 as usize].clone();
            let a = yes.swap_remove(&id).unwrap_or_else(current);
            let b = no.swap_remove(&id).unwrap_or_else(current);
            count(a.size().max(b.size()) as u64 / COPIED);
            let joined = join_objects(guard, a, b);
            *self.change(id) = joined;
        }
    }

    /// The scope `id` names.
    pub fn scope(&self, id: ObjectId) -> Option<&Scope> {
        if let Object::Scope(scope) = self.get(id) { Some(scope) } else { None }
    }

    /// The list or set `id` names.
    pub fn items(&self, id: ObjectId) -> Option<&Items> {
        if let Object::Items(items) = self.get(id) { Some(items) } else { None }
    }

    /// The mapping `id` names.
    pub fn map(&self, id: ObjectId) -> Option<&Map> {
        if let Object::Map(map) = self.get(id) { Some(map) } else { None }
    }

    /// The instance `id` names.
    pub fn instance(&self, id: ObjectId) -> Option<&Instance> {
        if let Object::Instance(instance) = self.get(id) { Some(instance) } else { None }
    }

    /// The class `id` names.
    pub fn class(&self, id: ObjectId) -> Option<&std::rc::Rc<crate::value::Class>> {
        if let Object::Class(class) = self.get(id) { Some(class) } else { None }
    }

    /// The list or set `id` names, about to change.
    pub fn items_mut(&mut self, id: ObjectId) -> Option<&mut Items> {
        if let Object::Items(items) = self.change(id) { Some(items) } else { None }
    }

    /// The mapping `id` names, about to change.
    pub fn map_mut(&mut self, id: ObjectId) -> Option<&mut Map> {
        if let Object::Map(map) = self.change(id) { Some(map) } else { None }
    }

    /// The scope `id` names, about to change.
    pub fn scope_mut(&mut self, id: ObjectId) -> Option<&mut Scope> {
        if let Object::Scope(scope) = self.change(id) { Some(scope) } else { None }
    }

    /// The instance `id` names, about to change.
    pub fn instance_mut(&mut self, id: ObjectId) -> Option<&mut Instance> {
        if let Object::Instance(instance) = self.change(id) { Some(instance) } else { None }
    }
}

impl Object {
    /// How many values it holds itself.
    fn size(&self) -> usize {
        match self {
            Object::Scope(scope) => scope.variables.len(),
            Object::Items(items) => items.items.len(),
            Object::Map(map) => map.entries.len(),
            Object::Instance(instance) => instance.attributes.len(),
            _ => 1,
        }
    }
}

/// An identity for an unknown that is made here, counted down from the top: no two are the same.
fn nameless() -> u32 {
    thread_local!(static NEXT: std::cell::Cell<u32> = const { std::cell::Cell::new(u32::MAX) });
    NEXT.with(|next| next.replace(next.get().wrapping_sub(1)))
}

fn join_objects(guard: &Guard, a: Object, b: Object) -> Object {
    match (a, b) {
        (Object::Scope(mut a), Object::Scope(mut b)) => {
            let mut names: Vec<_> = a.variables.keys().chain(b.variables.keys()).copied().collect();
            // Each name once: a second time its joined value would be taken for one side's.
            names.sort_unstable();
            names.dedup();
            for name in names {
                let (left, right) = (a.variables.remove(&name), b.variables.remove(&name));
                a.variables.insert(name, join_variables(guard, left, right));
            }
            Object::Scope(a)
        }
        (Object::Instance(mut a), Object::Instance(mut b)) => {
            let names: Vec<_> = a.attributes.keys().chain(b.attributes.keys()).copied().collect();
            let mut joined = FxIndexMap::default();
            for name in names {
                let (left, right) = (a.attributes.get(&name).cloned(), b.attributes.get(&name).cloned());
                joined.entry(name).or_insert_with(|| join_variables(guard, left, right));
            }
            a.attributes = joined;
            a.native = match (a.native.take(), b.native.take()) {
                (Some(x), Some(y)) => Some(either(guard, x, y)),
                (x, y) => x.or(y),
            };
            Object::Instance(a)
        }
        (Object::Map(mut a), Object::Map(b)) => {
            let keys: Vec<_> = a.entries.keys().chain(b.entries.keys()).cloned().collect();
            let mut joined = FxIndexMap::default();
            for key in keys {
                if joined.contains_key(&key) {
                    continue;
                }
                let left = a.entries.get(&key).cloned().unwrap_or(Value::Missing);
                let right = b.entries.get(&key).cloned().unwrap_or(Value::Missing);
                joined.insert(key, either(guard, left, right));
            }
            a.entries = joined;
            a.open = a.open.or(b.open);
            a.factory = a.factory.or(b.factory);
            Object::Map(a)
        }
        (Object::Items(a), Object::Items(b)) => {
            let shared =
                a.items.iter().zip(&b.items).take_while(|(x, y)| x.0 == y.0 && x.1.same(&y.1)).count();
            let mut items = a.items[..shared].to_vec();
            let apart = a.items.len() + b.items.len() - 2 * shared;
            count(apart as u64);
            if apart > MAX_APART {
                let reason = Reason::new(format!("it is a list of more than {MAX_APART} alternatives"));
                return Object::Items(Items { items, open: Some(reason) });
            }
            items.extend(a.items[shared..].iter().map(|(g, v)| (guards::and(guard, g), v.clone())));
            let no = guard.clone().negate();
            items.extend(b.items[shared..].iter().map(|(g, v)| (guards::and(&no, g), v.clone())));
            // What is there in no world after all is gone.
            items.retain(|(g, _)| !matches!(g, Guard::Never));
            Object::Items(Items { items, open: a.open.or(b.open) })
        }
        (a, _) => a,
    }
}

fn join_variables(guard: &Guard, a: Option<Variable>, b: Option<Variable>) -> Variable {
    let missing = || Variable { value: Value::Missing, written: None };
    let (a, b) = (a.unwrap_or_else(missing), b.unwrap_or_else(missing));
    if a.value.same(&b.value) {
        return a;
    }
    Variable { value: either(guard, a.value, b.value), written: None }
}

/// `yes` under `guard`, `no` otherwise.
pub fn either(guard: &Guard, yes: Value, no: Value) -> Value {
    one_of(vec![(guard.clone(), yes), (guard.clone().negate(), no)])
}

/// The value whose guard holds; nested alternatives are flattened, equal ones merged.
pub fn one_of(alternatives: Vec<(Guard, Value)>) -> Value {
    let mut flat: Vec<(Guard, Value)> = Vec::with_capacity(alternatives.len());
    // What is more than can be kept need not be counted to its end.
    let mut put = |guard: Guard, value: Value| {
        if matches!(guard, Guard::Never) || flat.len() > MAX_ALTERNATIVES {
            return;
        }
        count(flat.len() as u64 / 32);
        match flat.iter_mut().find(|(_, v)| v.same(&value)) {
            Some((g, _)) => *g = guards::or(std::mem::replace(g, Guard::Never), guard),
            None => flat.push((guard, value)),
        }
    };
    for (guard, value) in alternatives {
        match value {
            Value::OneOf(inner) => inner
                .iter()
                .filter(|(g, _)| !guard.contradicts(g))
                .for_each(|(g, v)| put(guards::and(&guard, g), v.clone())),
            value => put(guard, value),
        }
    }
    match flat.len() {
        0 => Value::Missing,
        1 => flat.remove(0).1,
        n if n > MAX_ALTERNATIVES => Value::Unknown(Rc::new(Unknown {
            id: nameless(),
            reason: Reason::new(format!("it has more than {MAX_ALTERNATIVES} alternatives")),
            kind: None,
        })),
        _ => Value::OneOf(flat.into()),
    }
}
