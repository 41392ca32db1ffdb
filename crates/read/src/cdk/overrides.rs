//! Escape hatches: what is written over the synthesized resource of a group.

use super::Cdk;
use super::groups::Event;
use super::nodes::Props;
use tidegate_estate::{Place, Reason};
use tidegate_program::{Interp, Value};

type Cx<'f> = Interp<Cdk<'f>>;

const EGRESS: &str = "SecurityGroupEgress";

/// A method of the L1 construct behind a group.
pub(crate) fn call(cx: &mut Cx<'_>, group: usize, name: &str, props: &Props, place: &Place) {
    let path = props.value("property_path").or_else(|| props.value("path")).cloned();
    let value = props.value("value").cloned();
    let (path, value) = match name {
        "add_property_override" => (path, value),
        "add_property_deletion_override" => (path, None),
        "add_override" => (strip_properties(path), value),
        "add_deletion_override" => (strip_properties(path), None),
        _ => return,
    };
    match path {
        Some(Value::Str(path)) => apply(cx, group, &path, value, place),
        Some(Value::None) | None => {}
        Some(other) => {
            let reason = cx.reason_of(&other, "an override whose path is not known");
            push(cx, group, Event::Opaque(reason));
        }
    }
}

/// `Properties.X` of `add_override`; other parts of the resource change no rule.
fn strip_properties(path: Option<Value>) -> Option<Value> {
    match path? {
        Value::Str(path) => match path.strip_prefix("Properties.") {
            Some(rest) => Some(Value::str(rest)),
            None if &*path == "Properties" => Some(Value::str(EGRESS)),
            None => Some(Value::None),
        },
        other => Some(other),
    }
}

fn apply(cx: &mut Cx<'_>, group: usize, path: &str, value: Option<Value>, place: &Place) {
    let mut parts = path.split('.');
    if parts.next() != Some(EGRESS) {
        return;
    }
    let event = match parts.next() {
        None => Event::Replace { value, place: place.clone() },
        Some(index) => match index.parse() {
            Ok(at) => {
                Event::Field { at, field: parts.collect::<Vec<_>>().join("."), value, place: place.clone() }
            }
            Err(_) => Event::Opaque(Reason::at(
                "an override changes the rules in a way that is not followed",
                place.clone(),
            )),
        },
    };
    push(cx, group, event);
}

/// `cfn.security_group_egress = …`.
pub(crate) fn assign(cx: &mut Cx<'_>, group: usize, name: &str, value: Value, place: &Place) {
    if name == "security_group_egress" {
        let value = (!matches!(value, Value::None)).then_some(value);
        push(cx, group, Event::Replace { value, place: place.clone() });
    }
}

pub(crate) fn push(cx: &mut Cx<'_>, group: usize, event: Event) {
    if cx.in_dead_code() || cx.host.muted {
        return;
    }
    let guard = cx.guard();
    if let Some(group) = cx.host.groups.get_mut(group) {
        group.events.push((guard, event));
    }
}
