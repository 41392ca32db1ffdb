//! Values that are known, one of several that are written down, or unknown with the reason.

use crate::{ChoiceId, Guard, Place, World};
use std::collections::BTreeSet;
use std::ops::Deref;
use std::sync::Arc;

/// Why something cannot be known, in words a user understands ("comes from an environment variable").
///
/// Every value has room for one and few have one, so it takes a single word there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reason(Arc<Why>);

/// What a [`Reason`] says.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Why {
    /// The reason, lower case, without a final stop.
    pub text: Arc<str>,
    /// Where the unknown enters.
    pub place: Option<Place>,
}

impl Reason {
    /// A reason without a place.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self::perhaps_at(text, None)
    }
    /// A reason that enters at `place`.
    pub fn at(text: impl Into<Arc<str>>, place: Place) -> Self {
        Self::perhaps_at(text, Some(place))
    }
    /// A reason that enters at `place`, if that is known.
    pub fn perhaps_at(text: impl Into<Arc<str>>, place: Option<Place>) -> Self {
        Self(Arc::new(Why { text: text.into(), place }))
    }
}

impl Deref for Reason {
    type Target = Why;
    fn deref(&self) -> &Why {
        &self.0
    }
}

/// What is known of a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Value<T> {
    /// It is this.
    Known(T),
    /// It is the one whose guard holds. Guards of one value exclude each other; where none holds the
    /// value does not exist.
    OneOf(Vec<(Guard, Value<T>)>),
    /// Nobody can know from the input alone.
    Unknown(Reason),
}

impl<T> Value<T> {
    /// The value in one world: `Ok(Some)` known, `Ok(None)` does not exist there, `Err` unknown.
    pub fn in_world<'a>(&'a self, world: &World) -> Result<Option<&'a T>, &'a Reason> {
        match self {
            Value::Known(value) => Ok(Some(value)),
            Value::Unknown(reason) => Err(reason),
            Value::OneOf(alternatives) => alternatives
                .iter()
                .find(|(guard, _)| guard.holds(world))
                .map_or(Ok(None), |(_, value)| value.in_world(world)),
        }
    }

    /// Every choice this value depends on.
    pub fn choices(&self) -> BTreeSet<ChoiceId> {
        let mut found = BTreeSet::new();
        self.collect_choices(&mut found);
        found
    }

    pub(crate) fn collect_choices(&self, into: &mut BTreeSet<ChoiceId>) {
        if let Value::OneOf(alternatives) = self {
            for (guard, value) in alternatives {
                guard.collect_choices(into);
                value.collect_choices(into);
            }
        }
    }

    /// The same alternatives with each known value mapped; `Err` makes that alternative unknown.
    pub fn map<U>(self, f: &mut impl FnMut(T) -> Result<U, Reason>) -> Value<U> {
        match self {
            Value::Known(value) => match f(value) {
                Ok(value) => Value::Known(value),
                Err(reason) => Value::Unknown(reason),
            },
            Value::Unknown(reason) => Value::Unknown(reason),
            Value::OneOf(list) => Value::OneOf(list.into_iter().map(|(g, v)| (g, v.map(f))).collect()),
        }
    }
}
