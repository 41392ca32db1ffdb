//! Intrinsic functions of templates (`Fn.…`), folded where their operands are known.

use super::Cdk;
use super::made::native;
use super::nodes::{Node, Props};
use tidegate_estate::{Guard, Reason};
use tidegate_program::heap::one_of;
use tidegate_program::value::{Items, Object};
use tidegate_program::{CallSite, Interp, Value};

type Cx<'f> = Interp<Cdk<'f>>;

/// `Fn.<name>(…)`.
pub(crate) fn call(cx: &mut Cx<'_>, name: &str, props: &Props, site: &CallSite) -> Value {
    let at = |cx: &Cx<'_>, position: usize| {
        let value = props
            .named
            .values()
            .nth(position)
            .map(|argument| &argument.value)
            .or_else(|| props.rest.get(position));
        value.map_or(Value::None, |value| cx.host.expand(value))
    };
    match name {
        "condition_if" => {
            let (first, yes, no) = (at(cx, 0), at(cx, 1), at(cx, 2));
            match condition(cx, &first) {
                Some(guard) => tidegate_program::heap::either(&guard, yes, no),
                None => later(cx, name, site),
            }
        }
        "condition_equals" => {
            let (left, right) = (at(cx, 0), at(cx, 1));
            let guard = equal(cx, &left, &right, site);
            Value::Native(cx.host.add(Node::Condition { guard }))
        }
        "condition_not" => {
            let first = at(cx, 0);
            match condition(cx, &first) {
                Some(guard) => Value::Native(cx.host.add(Node::Condition { guard: guard.negate() })),
                None => later(cx, name, site),
            }
        }
        "condition_and" | "condition_or" => {
            let parts: Vec<Value> = props
                .named
                .values()
                .map(|argument| argument.value.clone())
                .chain(props.rest.iter().cloned())
                .collect();
            let mut guard = if name == "condition_and" { Guard::Always } else { Guard::Never };
            for part in parts {
                let Some(one) = condition(cx, &part) else { return later(cx, name, site) };
                guard = if name == "condition_and" { guard.and(one) } else { guard.or(one) };
            }
            Value::Native(cx.host.add(Node::Condition { guard }))
        }
        "join" => {
            let (delimiter, list) = (at(cx, 0), at(cx, 1));
            let Some((items, None)) = cx.elements(&list) else { return later(cx, name, site) };
            let mut text = Value::str("");
            for (index, (_, item)) in items.iter().enumerate() {
                if index > 0 {
                    text = cx.binary(tidegate_program::core::BinaryOp::Add, &text, &delimiter, site.callee);
                }
                let item = cx.host.expand(item);
                text = cx.binary(tidegate_program::core::BinaryOp::Add, &text, &item, site.callee);
            }
            text
        }
        "split" => {
            let (delimiter, source) = (at(cx, 0), at(cx, 1));
            cx.each(&source, &mut |cx, source| match (&delimiter, source) {
                (Value::Str(by), Value::Str(text)) if !by.is_empty() => {
                    let items = text.split(&**by).map(|part| (Guard::Always, Value::str(part))).collect();
                    Value::List(cx.heap.add(Object::Items(Items { items, open: None })))
                }
                (_, other) => unknown_of(cx, other, name, site),
            })
        }
        "select" => {
            let (index, list) = (at(cx, 0), at(cx, 1));
            cx.each(&list, &mut |cx, list| match (&index, list) {
                // A `CommaDelimitedList` parameter has its default as one text.
                (Value::Int(index), Value::Str(text)) => {
                    match usize::try_from(*index).ok().and_then(|index| text.split(',').nth(index)) {
                        Some(part) => Value::str(part.trim()),
                        None => later(cx, name, site),
                    }
                }
                (_, Value::List(_) | Value::Tuple(_)) => {
                    let item = cx.index(list, &index, site.callee);
                    cx.host.expand(&item)
                }
                (_, other) => unknown_of(cx, other, name, site),
            })
        }
        _ => later(cx, name, site),
    }
}

fn later(cx: &mut Cx<'_>, name: &str, site: &CallSite) -> Value {
    cx.unknown(Reason::at(
        format!("it is the result of Fn.{name}, which is only known at deployment"),
        site.place.clone(),
    ))
}

fn unknown_of(cx: &mut Cx<'_>, value: &Value, name: &str, site: &CallSite) -> Value {
    match value {
        Value::Unknown(unknown) => cx.derived(&unknown.clone(), &format!("Fn.{name}"), None),
        _ => later(cx, name, site),
    }
}

/// `mapping.find_in_map(top, second)`: a key that only the deployment knows is one of those written.
pub(crate) fn find_in_map(
    cx: &mut Cx<'_>,
    mapping: tidegate_program::NativeId,
    props: &Props,
    site: &CallSite,
) -> Value {
    let rows = cx.host.construct(mapping).and_then(|construct| construct.props.value("mapping").cloned());
    let key = |cx: &Cx<'_>, at: usize| {
        props.named.values().nth(at).map_or(Value::None, |argument| cx.host.expand(&argument.value))
    };
    let (top, second) = (key(cx, 0), key(cx, 1));
    let Some(rows @ Value::Dict(id)) = rows else { return later(cx, "find_in_map", site) };
    if let Value::Str(_) | Value::OneOf(_) = top {
        let row = cx.index(&rows, &top, site.callee);
        return cx.index(&row, &second, site.callee);
    }
    let keys: Vec<_> = cx.heap.map(id).map(|map| map.entries.keys().cloned().collect()).unwrap_or_default();
    let Some(names) =
        keys.iter().map(|key| key.value().as_str().map(|text| text.to_string())).collect::<Option<Vec<_>>>()
    else {
        return later(cx, "find_in_map", site);
    };
    if names.is_empty() {
        return later(cx, "find_in_map", site);
    }
    // The same key picks the same row everywhere.
    let name = match native(cx, &top).map(|id| cx.host.node(id)) {
        Some(Node::Object { from: Some((_, attribute)), .. }) => format!("the value of {attribute}"),
        _ => "the key of a mapping".to_owned(),
    };
    // A key that is not written makes the deployment fail: no alternative stands for it.
    let names: Vec<String> = names.into_iter().chain(["another value".to_owned()]).collect();
    let known = cx.choices.iter().position(|choice| choice.name == name && choice.alternatives == names);
    let choice = match known {
        Some(at) => tidegate_estate::ChoiceId(at as u32),
        None => cx.choose(name, names, Some(site.place.clone())),
    };
    let mut alternatives = Vec::new();
    for (at, key) in keys.iter().enumerate() {
        let row = cx.index(&rows, &key.value(), site.callee);
        let value = cx.index(&row, &second, site.callee);
        alternatives.push((Guard::is(choice, at as u32), value));
    }
    one_of(alternatives)
}

/// When a condition of the template holds: given as such, or by its logical id.
pub(crate) fn condition(cx: &Cx<'_>, value: &Value) -> Option<Guard> {
    match native(cx, value).map(|id| cx.host.node(id)) {
        Some(Node::Condition { guard }) => Some(guard.clone()),
        _ => None,
    }
}

/// When two values are the same text; what nobody can know is a choice of its own.
fn equal(cx: &mut Cx<'_>, left: &Value, right: &Value, site: &CallSite) -> Guard {
    if let Value::OneOf(alternatives) = left {
        return alternatives.clone().iter().fold(Guard::Never, |all, (guard, value)| {
            all.or(guard.clone().and(equal(cx, value, right, site)))
        });
    }
    if let Value::OneOf(_) = right {
        return equal(cx, right, left, site);
    }
    match (left, right) {
        (Value::Str(a), Value::Str(b)) => known(a == b),
        (Value::Int(a), Value::Int(b)) => known(a == b),
        (Value::Str(text), Value::Int(number)) | (Value::Int(number), Value::Str(text)) => {
            known(**text == *number.to_string())
        }
        _ => {
            let text = one_of(vec![(Guard::Always, left.clone())]);
            let truth = cx.compare(tidegate_program::core::CompareOp::Equal, &text, right, site.callee);
            cx.truth(&truth)
        }
    }
}

fn known(same: bool) -> Guard {
    if same { Guard::Always } else { Guard::Never }
}
