//! Lists of which some elements are there only in some worlds: what depends on positions is done once
//! for each shape that the list may have.

use super::Interp;
use crate::guards;
use crate::heap::one_of;
use crate::host::Host;
use crate::value::{Items, ObjectId, Value};
use tidegate_estate::{Guard, Reason};

/// How many shapes of one list are told apart.
const MAX_SHAPES: usize = 32;

impl<H: Host> Interp<H> {
    /// Runs `f`, which reads or changes a list by position, once for each shape the list may have here.
    pub(crate) fn by_shape(&mut self, id: ObjectId, f: &mut dyn FnMut(&mut Self) -> Value) -> Value {
        let Some(list) = self.heap.items(id) else { return f(self) };
        if list.open.is_some() || list.items.iter().all(|(guard, _)| *guard == Guard::Always) {
            return f(self);
        }
        let Some(shapes) = self.shapes(&list.items.clone()) else {
            let reason = Reason::new("which elements the list has depends on too many conditions");
            if let Some(items) = self.heap.items_mut(id) {
                items.open = Some(reason);
            }
            return f(self);
        };
        let mut results = Vec::with_capacity(shapes.len());
        let mut left: Vec<(Guard, Items)> = Vec::with_capacity(shapes.len());
        let mut changed = false;
        for (when, values) in shapes {
            self.heap.enter();
            let shape: Vec<(Guard, Value)> = values.into_iter().map(|value| (Guard::Always, value)).collect();
            if let Some(items) = self.heap.items_mut(id) {
                items.items.clone_from(&shape);
            }
            let result = self.under(&when, &mut *f);
            let own = self.heap.items(id).cloned().unwrap_or_default();
            changed |= own.open.is_some() || own.items.len() != shape.len();
            changed |= own.items.iter().zip(&shape).any(|(a, b)| a.0 != b.0 || !a.1.same(&b.1));
            let mut changes = self.heap.leave();
            changes.swap_remove(&id);
            self.heap.join(&when, changes, Default::default());
            results.push((when.clone(), result));
            left.push((when, own));
        }
        // The shapes are those that the list has here: one that was only read stays as it is everywhere.
        if changed {
            let joined = join_shapes(left);
            if let Some(items) = self.heap.items_mut(id) {
                *items = joined;
            }
        }
        one_of(results)
    }

    fn shapes(&self, items: &[(Guard, Value)]) -> Option<Vec<(Guard, Vec<Value>)>> {
        let here = self.guard();
        let mut shapes: Vec<(Guard, Vec<Value>)> = vec![(Guard::Always, Vec::new())];
        for (guard, value) in items {
            let mut next = Vec::with_capacity(shapes.len());
            for (when, mut values) in shapes {
                let known = here.clone().and(when.clone());
                if self.impossible(&known.clone().and(guard.clone())) {
                    next.push((when, values));
                } else if self.impossible(&known.and(guard.clone().negate())) {
                    values.push(value.clone());
                    next.push((when, values));
                } else {
                    next.push((guards::and(&when, &guard.clone().negate()), values.clone()));
                    values.push(value.clone());
                    next.push((guards::and(&when, guard), values));
                }
            }
            if next.len() > MAX_SHAPES {
                return None;
            }
            shapes = next;
        }
        Some(shapes)
    }
}

/// One list again: the beginning that all shapes share, then each shape's rest under its guard.
fn join_shapes(shapes: Vec<(Guard, Items)>) -> Items {
    let shared = match shapes.split_first() {
        None => 0,
        Some(((_, first), rest)) => first
            .items
            .iter()
            .enumerate()
            .take_while(|(at, (guard, value))| {
                rest.iter()
                    .all(|(_, other)| other.items.get(*at).is_some_and(|(g, v)| g == guard && v.same(value)))
            })
            .count(),
    };
    let mut joined = Items::default();
    for (at, (when, list)) in shapes.into_iter().enumerate() {
        if at == 0 {
            joined.items.extend(list.items[..shared].iter().cloned());
        }
        let rest = list.items.into_iter().skip(shared);
        joined.items.extend(rest.map(|(guard, value)| (guards::and(&when, &guard), value)));
        joined.open = joined.open.or(list.open);
    }
    joined
}
