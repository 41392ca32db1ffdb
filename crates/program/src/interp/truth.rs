//! Whether a value is true, as far as that can be known.

use super::Interp;
use crate::host::Host;
use crate::value::Value;
use tidegate_estate::Guard;

impl<H: Host> Interp<H> {
    /// The guard under which `value` is true: `Always`, `Never`, or something in between.
    pub fn truth(&mut self, value: &Value) -> Guard {
        match value {
            Value::None | Value::Missing => Guard::Never,
            Value::Bool(b) => known(*b),
            Value::Int(i) => known(*i != 0),
            Value::Float(f) => known(*f != 0.0),
            Value::Str(s) => known(!s.is_empty()),
            Value::Tuple(items) => known(!items.is_empty()),
            Value::List(id) | Value::Set(id) => {
                let Some(items) = self.heap.items(*id) else { return Guard::Always };
                if items.items.is_empty() && items.open.is_some() {
                    let reason = items.open.clone().unwrap_or_else(|| tidegate_estate::Reason::new(""));
                    let unknown = self.unknown(reason);
                    return self.truth(&unknown);
                }
                let here = Guard::any(items.items.iter().map(|(guard, _)| guard.clone()));
                match items.open.clone() {
                    Some(reason) if here != Guard::Always => {
                        let unknown = self.unknown(reason);
                        here.or(self.truth(&unknown))
                    }
                    _ => self.settled(here),
                }
            }
            Value::Dict(id) => {
                let Some(map) = self.heap.map(*id) else { return Guard::Always };
                let open = map.open.clone();
                let here = Guard::any(map.entries.values().map(super::present));
                match open {
                    Some(unknown) if here != Guard::Always => {
                        here.or(Guard::is(self.truth_choice(&unknown), 0))
                    }
                    _ => self.settled(here),
                }
            }
            Value::Instance(_) => self.instance_truth(value),
            Value::OneOf(alternatives) => {
                let alternatives = alternatives.clone();
                let here = self.guard();
                let mut when = Vec::with_capacity(alternatives.len());
                let mut all = true;
                for (guard, alternative) in alternatives.iter() {
                    if self.excludes(&here, guard) {
                        continue;
                    }
                    let truth = self.truth(alternative);
                    all &= matches!(truth, Guard::Always);
                    when.push(guard.clone().and(truth));
                }
                let when = Guard::any(when);
                if all && !matches!(when, Guard::Never) { Guard::Always } else { self.settled(when) }
            }
            Value::Unknown(unknown) => {
                let unknown = unknown.clone();
                let guard = match self.negated.get(&unknown.id) {
                    Some(choice) => Guard::is(*choice, 1),
                    None => Guard::is(self.truth_choice(&unknown), 0),
                };
                let here = self.guard();
                if here.contradicts(&guard) {
                    Guard::Never
                } else if here.contradicts(&guard.clone().negate()) {
                    Guard::Always
                } else if here.is_literal() {
                    guard
                } else {
                    self.settled(guard)
                }
            }
            _ => Guard::Always,
        }
    }

    fn instance_truth(&mut self, value: &Value) -> Guard {
        for method in [self.sym.bool_, self.sym.len] {
            if let Some(found) = self.class_attribute_of(value, method) {
                let result = self.call_value(&found, crate::host::Arguments::default(), None);
                return self.truth(&result);
            }
        }
        Guard::Always
    }
}

fn known(truth: bool) -> Guard {
    if truth { Guard::Always } else { Guard::Never }
}
