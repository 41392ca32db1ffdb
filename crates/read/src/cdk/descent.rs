//! Bounds for walks through values that lie in each other: a list may contain itself, and a few lists that contain
//! each other many times over unfold without end.

use tidegate_program::value::ObjectId;
use tidegate_program::{NativeId, Value};

/// How deep values may lie in each other. No property of the CDK takes lists of lists.
const DEPTH: usize = 16;

/// How many values one walk enters.
const ENTERED: usize = 10_000;

/// One walk: where it is, and how far it may still go.
pub(crate) struct Descent {
    inside: Vec<Entered>,
    left: usize,
}

#[derive(PartialEq, Clone, Copy)]
enum Entered {
    Object(ObjectId),
    Native(NativeId),
    /// It cannot lie in itself.
    Other,
}

impl Descent {
    pub(crate) fn new() -> Self {
        Self { inside: Vec::new(), left: ENTERED }
    }

    /// Enters `value` for the time of `f`. `None` where the walk must not go: the value lies in itself, too deep, or
    /// enough was entered.
    pub(crate) fn enter<R>(&mut self, value: &Value, f: impl FnOnce(&mut Self) -> R) -> Option<R> {
        let entered = match value {
            Value::List(id) | Value::Set(id) | Value::Dict(id) | Value::Instance(id) => Entered::Object(*id),
            Value::Native(id) => Entered::Native(*id),
            _ => Entered::Other,
        };
        let again = entered != Entered::Other && self.inside.contains(&entered);
        if again || self.inside.len() >= DEPTH || self.left == 0 {
            return None;
        }
        self.left -= 1;
        self.inside.push(entered);
        let result = f(self);
        self.inside.pop();
        Some(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(number: u32) -> Value {
        Value::List(ObjectId(number))
    }

    #[test]
    fn a_value_is_not_entered_inside_itself_but_again_beside() {
        let mut walk = Descent::new();
        let inner = walk.enter(&list(1), |walk| {
            (walk.enter(&list(1), |_| ()), walk.enter(&list(2), |_| ()), walk.enter(&list(2), |_| ()))
        });
        assert_eq!(inner, Some((None, Some(()), Some(()))));
    }

    #[test]
    fn depth_and_work_are_bounded() {
        // Every list holds every other one: without bounds, a walk of so many steps as they can be ordered in.
        fn walk(at: u32, descent: &mut Descent, entered: &mut usize, deepest: &mut usize) {
            descent.enter(&list(at), |descent| {
                *entered += 1;
                *deepest = (*deepest).max(descent.inside.len());
                (0..40).for_each(|next| walk(next, descent, entered, deepest));
            });
        }
        let (mut entered, mut deepest) = (0, 0);
        walk(0, &mut Descent::new(), &mut entered, &mut deepest);
        assert_eq!((entered, deepest), (ENTERED, DEPTH));
    }
}
