//! Where, when and by whom something is made.

use super::Cdk;
use super::nodes::{Made, Node};
use std::rc::Rc;
use tidegate_program::{CallSite, Interp, NativeId, Value};

type Cx<'f> = Interp<Cdk<'f>>;

/// The circumstances of a call.
pub(crate) fn made(cx: &Cx<'_>, site: &CallSite) -> Made {
    Made {
        callee: site.callee_place(),
        call: site.place.clone(),
        chain: cx.chain(),
        enclosing: cx.enclosing(),
        guard: cx.guard(),
    }
}

/// The library object behind a value: itself, or what the library made for an instance of the program.
pub(crate) fn native(cx: &Cx<'_>, value: &Value) -> Option<NativeId> {
    match value {
        Value::Native(id) => Some(*id),
        Value::Instance(id) => native(cx, cx.heap.instance(*id)?.native.as_ref()?),
        Value::OneOf(alternatives) => alternatives.iter().find_map(|(_, value)| native(cx, value)),
        _ => None,
    }
}

/// The construct behind a value.
pub(crate) fn construct(cx: &Cx<'_>, value: &Value) -> Option<NativeId> {
    let id = native(cx, value)?;
    match cx.host.node(id) {
        Node::Construct(_) => Some(id),
        Node::Facade { of, .. } | Node::Tree(of) | Node::OtherChild(of) => Some(*of),
        Node::DefaultChild(group) => Some(cx.host.groups[*group].construct),
        _ => None,
    }
}

/// The text of an id; what is not known of it stays visible as such.
pub(crate) fn id_text(value: Option<&Value>) -> Rc<str> {
    match value {
        Some(Value::Str(text)) => text.clone(),
        Some(Value::Int(number)) => number.to_string().into(),
        // A default that is written down names the construct as well as anything.
        Some(Value::OneOf(alternatives)) => {
            alternatives.iter().find_map(|(_, value)| value.as_str().cloned()).unwrap_or_else(|| "{…}".into())
        }
        _ => "{…}".into(),
    }
}

/// The path of a construct below another one; `None` where the scope has none.
pub(crate) fn path_below(cx: &Cx<'_>, scope: Option<NativeId>, id: &str) -> Option<Rc<str>> {
    let above = cx.host.construct(scope?)?.path.clone()?;
    Some(match (&*above, id) {
        (_, "") => above,
        ("", id) => id.into(),
        (above, id) => format!("{above}/{id}").into(),
    })
}

/// The stack that holds a construct.
pub(crate) fn stack_of(cx: &Cx<'_>, mut at: NativeId) -> NativeId {
    for _ in 0..256 {
        let Some(construct) = cx.host.construct(at) else { return at };
        if super::is_a(&construct.class, "aws_cdk.Stack") {
            return at;
        }
        match construct.scope {
            Some(scope) => at = scope,
            None => return at,
        }
    }
    at
}
