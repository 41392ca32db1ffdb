//! Aspects: what visits the tree before it is synthesized.

use super::Cdk;
use super::groups::Event;
use super::made::{construct, native};
use super::nodes::Node;
use tidegate_estate::{Guard, Reason};
use tidegate_program::{Arguments, CallSite, Interp, NativeId, Value};

type Cx<'f> = Interp<Cdk<'f>>;

/// An aspect put on a part of the tree.
#[derive(Debug)]
pub(crate) struct Applied {
    scope: NativeId,
    aspect: Value,
    site: CallSite,
    guard: Guard,
}

/// `Aspects.of(scope).add(aspect)`.
pub(crate) fn add(cx: &mut Cx<'_>, scope: NativeId, aspect: Value, site: &CallSite) {
    if cx.in_dead_code() || cx.host.muted {
        return;
    }
    let guard = cx.guard();
    cx.host.aspects.push(Applied { scope, aspect, site: site.clone(), guard });
}

/// Lets the aspects visit, when the program has run.
pub(crate) fn visit_all(cx: &mut Cx<'_>) {
    // An aspect may add aspects; not without end.
    for _ in 0..8 {
        let applied = std::mem::take(&mut cx.host.aspects);
        if applied.is_empty() {
            return;
        }
        for one in applied {
            let aspect = one.aspect.clone();
            visit(cx, &one, &aspect);
        }
    }
}

fn visit(cx: &mut Cx<'_>, applied: &Applied, aspect: &Value) {
    match aspect {
        Value::OneOf(alternatives) => {
            for (guard, alternative) in alternatives.clone().iter() {
                cx.under(guard, |cx| visit(cx, applied, alternative));
            }
        }
        Value::Instance(_) => {
            let method = cx.names.intern("visit");
            let visit = cx.attribute(aspect, method, applied.site.callee);
            if matches!(visit, Value::Unknown(_)) {
                touch(cx, applied, "an aspect without a visit method that was read");
                return;
            }
            let nodes = below(cx, applied.scope);
            let guard = applied.guard.clone();
            for node in nodes {
                let visit = visit.clone();
                cx.under(&guard, |cx| cx.call_value(&visit, Arguments::of([node]), Some(&applied.site)));
            }
        }
        // An aspect of the library itself, or of cdk-nag: none of them changes egress.
        Value::Native(_) | Value::External(_) | Value::None => {}
        _ => touch(cx, applied, "an aspect that was not read may change it"),
    }
}

/// Marks every group below the scope: nobody can know what becomes of it.
fn touch(cx: &mut Cx<'_>, applied: &Applied, why: &str) {
    let reason = Reason::at(why, applied.site.place.clone());
    let groups: Vec<usize> = (0..cx.host.groups.len())
        .filter(|at| is_below(cx, cx.host.groups[*at].construct, applied.scope))
        .collect();
    for group in groups {
        let guard = applied.guard.clone();
        cx.host.groups[group].events.push((guard, Event::Opaque(reason.clone())));
    }
}

fn is_below(cx: &Cx<'_>, mut at: NativeId, scope: NativeId) -> bool {
    for _ in 0..256 {
        if at == scope {
            return true;
        }
        match cx.host.construct(at).and_then(|construct| construct.scope) {
            Some(above) => at = above,
            None => return false,
        }
    }
    false
}

/// Every construct at or below a scope, with the L1 resource of each group after it.
pub(crate) fn below(cx: &mut Cx<'_>, scope: NativeId) -> Vec<Value> {
    let ids: Vec<NativeId> = (0..cx.host.nodes.len() as u32)
        .map(NativeId)
        .filter(|id| matches!(cx.host.node(*id), Node::Construct(_)) && is_below(cx, *id, scope))
        .collect();
    let mut nodes = Vec::new();
    for id in ids {
        let Some(construct) = cx.host.construct(id) else { continue };
        let (instance, group, class) = (construct.instance, construct.group, construct.class.clone());
        nodes.push(instance.map_or(Value::Native(id), Value::Instance));
        if let Some(group) = group
            && !class.ends_with(".CfnSecurityGroup")
        {
            nodes.push(Value::Native(cx.host.add(Node::DefaultChild(group))));
        }
    }
    nodes
}

/// The scope of `Aspects.of(…)`.
pub(crate) fn scope(cx: &Cx<'_>, value: Option<&Value>) -> Option<NativeId> {
    let value = value?;
    construct(cx, value).or_else(|| native(cx, value))
}
