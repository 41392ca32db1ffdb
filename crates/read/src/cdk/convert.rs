//! Values of a program to values of an estate.

use tidegate_estate::{Guard, Reason, Value as Known};
use tidegate_program::Value;

/// The same alternatives with each one converted; `Err` makes that alternative unknown.
pub(crate) fn convert<T>(value: &Value, one: &mut impl FnMut(&Value) -> Result<T, Reason>) -> Known<T> {
    match value {
        Value::OneOf(alternatives) => Known::OneOf(
            alternatives
                .iter()
                .filter(|(_, value)| !matches!(value, Value::Missing))
                .map(|(guard, value)| (guard.clone(), convert(value, one)))
                .collect(),
        ),
        Value::Unknown(unknown) => Known::Unknown(unknown.reason.clone()),
        value => match one(value) {
            Ok(known) => Known::Known(known),
            Err(reason) => Known::Unknown(reason),
        },
    }
}

/// A yes-or-no property: when it is yes, when it is no, when it is left out, and when nobody can know.
#[derive(Debug, Clone)]
pub(crate) struct Switch {
    /// Anything that is neither `False` nor left out.
    pub yes: Guard,
    /// Literally `False`.
    pub no: Guard,
    /// Left out, or `None`.
    pub left_out: Guard,
    /// With the reason.
    pub unknown: Vec<(Guard, Reason)>,
}

impl Switch {
    /// A property that is not given.
    pub fn left_out() -> Self {
        Self { yes: Guard::Never, no: Guard::Never, left_out: Guard::Always, unknown: Vec::new() }
    }

    /// A property that nobody can know.
    pub fn unknown(reason: Reason) -> Self {
        Self {
            yes: Guard::Never,
            no: Guard::Never,
            left_out: Guard::Never,
            unknown: vec![(Guard::Always, reason)],
        }
    }

    /// The property's value.
    pub fn of(value: &Value) -> Self {
        let mut switch =
            Self { yes: Guard::Never, no: Guard::Never, left_out: Guard::Never, unknown: Vec::new() };
        switch.put(Guard::Always, value);
        switch
    }

    fn put(&mut self, guard: Guard, value: &Value) {
        let add = |slot: &mut Guard| *slot = std::mem::replace(slot, Guard::Never).or(guard.clone());
        match value {
            Value::OneOf(alternatives) => {
                for (inner, value) in alternatives.iter() {
                    self.put(guard.clone().and(inner.clone()), value);
                }
            }
            Value::Bool(false) => add(&mut self.no),
            Value::None | Value::Missing => add(&mut self.left_out),
            Value::Unknown(unknown) => self.unknown.push((guard, unknown.reason.clone())),
            Value::Native(_) => {
                self.unknown.push((guard, Reason::new("it is only known at deployment")));
            }
            _ => add(&mut self.yes),
        }
    }

    /// When it is surely not on: `no` only (CDK reads everything else as its default, on).
    pub fn maybe_no(&self) -> Guard {
        self.unknown.iter().fold(self.no.clone(), |all, (guard, _)| all.or(guard.clone()))
    }

    /// When it may be on.
    pub fn maybe_yes(&self) -> Guard {
        self.unknown.iter().fold(self.yes.clone(), |all, (guard, _)| all.or(guard.clone()))
    }
}
