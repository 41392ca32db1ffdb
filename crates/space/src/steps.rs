//! Step functions: from each start on, up to the next, one label holds.

use crate::toggles::Point;

/// Sorted starts with the label that holds from there on; before the first, the default label holds.
///
/// INVARIANT (kept by [`push`]): starts strictly ascend and neighbouring labels differ, so equal functions
/// are equal lists.
pub(crate) type Steps<K, L> = Vec<(K, L)>;

/// Adds a step at the end unless it changes nothing.
pub(crate) fn push<K, L: PartialEq + Default>(steps: &mut Steps<K, L>, start: K, label: L) {
    let same = match steps.last() {
        Some((_, last)) => *last == label,
        None => label == L::default(),
    };
    if !same {
        steps.push((start, label));
    }
}

/// The label that holds at a point, if any step has started there.
pub(crate) fn at<K: Point, L>(steps: &[(K, L)], point: K) -> Option<&L> {
    let after = steps.partition_point(|(start, _)| *start <= point);
    let (_, label) = steps.get(after.checked_sub(1)?)?;
    Some(label)
}

/// Every step with the point where it ends (`limit` for the last).
pub(crate) fn pieces<K: Point, L>(steps: &[(K, L)], limit: K) -> impl Iterator<Item = (K, K, &L)> {
    steps.iter().enumerate().map(move |(index, (start, label))| {
        let last = steps.get(index + 1).map_or(limit, |(next, _)| next.previous());
        (*start, last, label)
    })
}

/// Walks two step functions side by side: `visit` sees each point where either changes, with both labels
/// from there on. Stops at the first `false`; the answer says whether there was none.
pub(crate) fn walk<K: Point, A: Default, B: Default>(
    a: &[(K, A)],
    b: &[(K, B)],
    mut visit: impl FnMut(K, &A, &B) -> bool,
) -> bool {
    let (before_a, before_b) = (A::default(), B::default());
    let (mut label_a, mut label_b) = (&before_a, &before_b);
    let (mut rest_a, mut rest_b) = (a, b);
    loop {
        let point = match (rest_a.first(), rest_b.first()) {
            (Some((x, _)), Some((y, _))) => *x.min(y),
            (Some((x, _)), None) => *x,
            (None, Some((y, _))) => *y,
            (None, None) => return true,
        };
        if let Some(((start, label), rest)) = rest_a.split_first()
            && *start == point
        {
            rest_a = rest;
            label_a = label;
        }
        if let Some(((start, label), rest)) = rest_b.split_first()
            && *start == point
        {
            rest_b = rest;
            label_b = label;
        }
        if !visit(point, label_a, label_b) {
            return false;
        }
    }
}

/// The step function of `join` on the labels of two others; `join` on two defaults must give the default.
pub(crate) fn zip<K: Point, A: Default, B: Default, C: PartialEq + Default>(
    a: &[(K, A)],
    b: &[(K, B)],
    mut join: impl FnMut(&A, &B) -> C,
) -> Steps<K, C> {
    let mut out = Vec::with_capacity(a.len() + b.len());
    walk(a, b, |point, label_a, label_b| {
        push(&mut out, point, join(label_a, label_b));
        true
    });
    out
}
