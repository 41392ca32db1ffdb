//! What is added to a trace.

use crate::trace::{Gate, GateKind, Passes, Trace};
use tidegate_estate::azure::Answer;
use tidegate_estate::{Answer as Asked, Place};

/// A gate that the packet came to.
pub(super) fn gate(
    mut way: Trace,
    kind: GateKind,
    id: &str,
    why: impl Into<String>,
    passes: Passes,
    place: Option<Place>,
) -> Trace {
    way.gates.push(Gate { kind, id: id.to_owned(), why: why.into(), passes, place });
    way.passes = way.passes.min(passes);
    way
}

/// From here on it only perhaps passes, and an answer would tell.
pub(super) fn doubt(mut way: Trace, answer: Answer, about: &str) -> Trace {
    way.passes = way.passes.min(Passes::Perhaps);
    way.missing.insert((Asked::Azure(answer), about.to_owned()));
    way
}

/// From here on it only perhaps passes, and no answer would tell.
pub(super) fn beyond(mut way: Trace, about: &str) -> Trace {
    way.passes = way.passes.min(Passes::Perhaps);
    way.missing.insert((Asked::Beyond, about.to_owned()));
    way
}
