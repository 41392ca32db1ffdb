//! Loops: over known elements one round each, to a bound; over unknown ones a single round.

use super::{Interp, Leave};
use crate::core::{Block, Expr};
use crate::guards::{self, simplify};
use crate::host::Host;
use crate::value::{Key, Object, Value};
use tidegate_estate::{Diagnostic, Guard, Reason, Severity, Span};

/// Rounds of a `while` loop that are followed after it cannot be decided whether it goes on.
const DOUBTFUL_ROUNDS: usize = 6;

/// How many elements a collection may have before nothing more is known of it.
pub(crate) const MAX_ELEMENTS: usize = 50_000;

/// Elements with their guards, and why there may be more.
pub(crate) type Elements = (Vec<(Guard, Value)>, Option<Reason>);

impl<H: Host> Interp<H> {
    pub(crate) fn for_loop(&mut self, target: &Expr, iter: &Expr, body: &Block, otherwise: &Block) -> Leave {
        let value = self.eval(iter);
        let value = self.prune(value);
        self.goes_on(|cx| cx.for_each(target, value, iter, body, otherwise))
    }

    fn for_each(
        &mut self,
        target: &Expr,
        value: Value,
        iter: &Expr,
        body: &Block,
        otherwise: &Block,
    ) -> Leave {
        if let Value::OneOf(alternatives) = &value {
            // One loop per alternative, each under its guard.
            let mut leave = Leave::NO;
            for (guard, alternative) in alternatives.clone().iter() {
                let one = self.branch(guard, |cx| {
                    let (elements, sure) = cx.elements_or_unknown(alternative, iter);
                    cx.rounds(target, elements, sure, body)
                });
                leave = leave.or(Leave {
                    returned: guard.clone().and(one.returned),
                    raised: guard.clone().and(one.raised),
                    broke: guard.clone().and(one.broke),
                    continued: Guard::Never,
                });
            }
            return self.after_loop(leave, otherwise);
        }
        let (elements, sure) = self.elements_or_unknown(&value, iter);
        let leave = self.rounds(target, elements, sure, body);
        self.after_loop(leave, otherwise)
    }

    fn after_loop(&mut self, leave: Leave, otherwise: &Block) -> Leave {
        let left = leave.returned.clone().or(leave.raised.clone());
        let broke = leave.broke;
        let leave =
            Leave { broke: Guard::Never, continued: Guard::Never, ..Leave { broke: Guard::Never, ..leave } };
        if otherwise.is_empty() {
            return leave;
        }
        match left.or(broke) {
            Guard::Never => leave.or(self.block(otherwise)),
            Guard::Always => leave,
            gone => {
                let stays = gone.negate();
                let later = self.branch(&stays, |cx| cx.block(otherwise)).under(&stays);
                leave.or(later)
            }
        }
    }

    /// The elements of what is looped over, and how many of them are known to be there: one unknown element stands
    /// for all that are not.
    fn elements_or_unknown(&mut self, value: &Value, at: &Expr) -> (Vec<(Guard, Value)>, usize) {
        match self.elements(value) {
            Some((items, None)) => {
                let sure = items.len();
                (items, sure)
            }
            Some((mut items, Some(reason))) => {
                let sure = items.len();
                let unknown = self.unknown(reason);
                items.push((Guard::Always, unknown));
                (items, sure)
            }
            None => {
                let element = match value {
                    Value::Unknown(unknown) => self.derived(&unknown.clone(), "[each]", None),
                    Value::Native(id) => H::attribute(self, *id, &"[each]".into(), at.span),
                    _ => self.unknown_at("it comes from a loop over something unknown", at.span),
                };
                (vec![(Guard::Always, element)], 0)
            }
        }
    }

    /// Why nobody looked at all elements of something.
    pub(crate) fn too_many(&self, span: Span) -> Reason {
        let text = format!("it has more than the {} elements that are followed", self.bounds.rounds);
        Reason::at(text, self.place(span))
    }

    /// One round for each element. Whether there is one for an element past the `sure` ones is not known: what the
    /// body does counts, but that control left it there is a question.
    fn rounds(&mut self, target: &Expr, mut items: Vec<(Guard, Value)>, sure: usize, body: &Block) -> Leave {
        let mut leave = Leave::NO;
        if items.len() > self.bounds.rounds {
            // One round with an unknown element stands for all that come later.
            items.truncate(self.bounds.rounds);
            let rest = self.too_many(target.span);
            let rest = self.unknown(rest);
            items.push((Guard::Always, rest));
        }
        if items.is_empty() {
            // What is written in a loop over nothing counts all the same.
            let element = self.unknown_at("it comes from a loop over nothing", target.span);
            self.dead(|cx| {
                cx.assign(target, element, None);
                cx.block(body);
            });
        }
        for (at, (guard, element)) in items.into_iter().enumerate() {
            if !self.step() {
                break;
            }
            let gone = leave.returned.clone().or(leave.raised.clone()).or(leave.broke.clone());
            let mut runs = simplify(guard.and(simplify(gone).negate()));
            if !matches!(runs, Guard::Always) && self.impossible(&self.guard().and(runs.clone())) {
                runs = Guard::Never;
            }
            let returned = self.frames.last().map_or(0, |frame| frame.returns.len());
            match runs {
                Guard::Never => {
                    if matches!(leave.any(), Guard::Always) {
                        break;
                    }
                }
                Guard::Always => {
                    self.assign(target, element, None);
                    let one = self.block(body);
                    leave = leave.or(if at < sure { one } else { self.perhaps(one, returned, target) });
                }
                runs => {
                    let one = self.branch(&runs, |cx| {
                        cx.assign(target, element, None);
                        cx.block(body)
                    });
                    let one = if at < sure { one } else { self.perhaps(one, returned, target) };
                    leave = leave.or(Leave {
                        returned: runs.clone().and(one.returned),
                        raised: runs.clone().and(one.raised),
                        broke: runs.and(one.broke),
                        continued: Guard::Never,
                    });
                }
            }
        }
        Leave { continued: Guard::Never, ..leave }
    }

    /// How control left a round of which nobody knows whether there is one; what it returned is the frame's from
    /// `returned` on.
    fn perhaps(&mut self, leave: Leave, returned: usize, target: &Expr) -> Leave {
        if matches!(leave.any(), Guard::Never) {
            return leave;
        }
        let place = self.place(target.span);
        let alternatives = vec!["it does".into(), "it does not".into()];
        let choice = self.choose("whether the loop goes round".into(), alternatives, Some(place));
        let goes = Guard::is(choice, 0);
        if let Some(returns) = self.frames.last_mut().and_then(|frame| frame.returns.get_mut(returned..)) {
            returns.iter_mut().for_each(|(guard, _)| *guard = guards::and(guard, &goes));
        }
        leave.under(&goes)
    }

    /// Rounds go on where the test holds and the body did not leave. Where that cannot be decided, a few
    /// rounds are followed: more of them tell nothing new.
    pub(crate) fn while_loop(&mut self, test: &Expr, body: &Block, otherwise: &Block) -> Leave {
        let mut leave = Leave::NO;
        let mut going = Guard::Always;
        let mut doubtful = 0;
        for round in 0..self.bounds.rounds {
            let first = round == 0;
            if !self.step() || doubtful > DOUBTFUL_ROUNDS {
                break;
            }
            let mut holds = Guard::Never;
            let one = self.branch(&going, |cx| {
                let value = cx.eval(test);
                cx.goes_on(|cx| {
                    holds = cx.truth(&value);
                    if cx.impossible(&cx.guard().and(holds.clone())) {
                        holds = Guard::Never;
                    }
                    match holds.clone() {
                        Guard::Never if first => {
                            cx.dead(|cx| {
                                cx.block(body);
                            });
                            Leave::NO
                        }
                        Guard::Never => Leave::NO,
                        Guard::Always => cx.block(body),
                        when => cx.branch(&when, |cx| cx.block(body)).under(&when),
                    }
                })
            });
            let left = one.returned.clone().or(one.raised.clone()).or(one.broke.clone());
            let one = one.under(&going);
            leave = leave.or(one);
            going = simplify(match left {
                Guard::Never => going.and(holds),
                left => going.and(holds).and(left.negate()),
            });
            if matches!(going, Guard::Never) || self.impossible(&going) {
                break;
            }
            if !matches!(going, Guard::Always) {
                doubtful += 1;
            }
            if round + 1 == self.bounds.rounds {
                let message = format!(
                    "this loop was followed for {} rounds: what later rounds do was not read",
                    self.bounds.rounds
                );
                let span = Some(test.span);
                let path = self.current_path();
                self.diagnostics.push(Diagnostic { severity: Severity::Warning, path, span, message });
            }
        }
        self.after_loop(Leave { continued: Guard::Never, ..leave }, otherwise)
    }

    /// The elements of something that can be looped over, with the reason why there may be more;
    /// `None` where nothing is known of them.
    pub fn elements(&mut self, value: &Value) -> Option<Elements> {
        let (items, open) = self.elements_within(value)?;
        // Whoever asks will copy them: that is paid for, and past a bound it is not worth knowing.
        let paid = self.charge(items.len());
        if items.len() > MAX_ELEMENTS || !paid {
            return None;
        }
        Some((items, open))
    }

    fn elements_within(&mut self, value: &Value) -> Option<Elements> {
        let always = |value: Value| (Guard::Always, value);
        Some(match value {
            Value::Tuple(items) => (items.iter().cloned().map(always).collect(), None),
            Value::List(id) | Value::Set(id) => {
                let items = self.heap.items(*id)?;
                (items.items.clone(), items.open.clone())
            }
            Value::Dict(id) => {
                let map = self.heap.map(*id)?;
                let items = map.entries.iter().filter_map(|(key, value)| {
                    let guard = present(value);
                    if matches!(guard, Guard::Never) { None } else { Some((guard, self.key_value(key))) }
                });
                (items.collect(), map.open.as_ref().map(|unknown| unknown.reason.clone()))
            }
            Value::Str(text) => {
                let mut letters = text.chars();
                let first = letters.by_ref().take(self.bounds.rounds);
                let items = first.map(|c| always(Value::str(c.to_string()))).collect();
                (items, letters.next().map(|_| self.too_many(Span::default())))
            }
            Value::Class(id) => {
                // An enum gives its members.
                let class = self.heap.class(*id)?.clone();
                if class.kind != crate::value::ClassKind::Enum {
                    return None;
                }
                (self.enum_members(&class).into_iter().map(always).collect(), None)
            }
            Value::Instance(id) if self.tuple_fields(*id).is_some() => {
                (self.tuple_fields(*id)?.into_iter().map(always).collect(), None)
            }
            Value::Instance(_) => {
                let method = self.class_attribute_of(value, self.sym.iter)?;
                let result = self.call_value(&method, Default::default(), None);
                return if result.same(value) { None } else { self.elements(&result) };
            }
            Value::OneOf(alternatives) => {
                let mut all = Vec::new();
                let mut more = None;
                for (guard, alternative) in alternatives.clone().iter() {
                    let (items, open) = self.elements(alternative)?;
                    let here = items.into_iter().filter(|(g, _)| !guard.contradicts(g));
                    all.extend(here.map(|(g, v)| (guards::and(guard, &g), v)));
                    more = more.or(open);
                }
                (all, more)
            }
            _ => return None,
        })
    }

    /// The value of a key; an instance stays what it was.
    pub(crate) fn key_value(&self, key: &Key) -> Value {
        match key {
            Key::Object(id) => match self.heap.get(*id) {
                Object::Class(_) => Value::Class(*id),
                Object::Module(_) => Value::Module(*id),
                _ => Value::Instance(*id),
            },
            key => key.value(),
        }
    }
}

/// The guard under which an entry of a mapping is there.
pub(crate) fn present(value: &Value) -> Guard {
    match value {
        Value::Missing => Guard::Never,
        Value::OneOf(alternatives) => {
            let missing = alternatives.iter().filter(|(_, value)| matches!(value, Value::Missing));
            Guard::any(missing.map(|(guard, _)| guard.clone())).negate()
        }
        _ => Guard::Always,
    }
}
