//! What an expression of a template stands for, world by world.

use std::collections::BTreeSet;
use std::rc::Rc;
use tidegate_estate::{ChoiceId, Estate, Guard, Reason, worlds};

use crate::tree::NodeId;

/// Values with the worlds in which each holds. The guards exclude each other; a world that none of them
/// covers cannot be deployed.
pub(super) type Cases = Vec<(Guard, Data)>;

/// Texts, or why the text cannot be known, world by world.
pub(super) type TextCases = Vec<(Guard, Result<Rc<str>, Rc<Unknown>>)>;

/// Lists, or why the list cannot be known, world by world.
pub(super) type ListCases = Vec<(Guard, Result<Rc<[Data]>, Rc<Unknown>>)>;

/// Alternatives that one value may have; past this it counts as unknown.
pub(super) const MAX_CASES: usize = 128;

/// What an expression stands for in one world.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Data {
    /// Nothing: the property might as well not be there.
    Absent,
    /// A text, a number or a truth value: CloudFormation treats them alike.
    Text(Rc<str>),
    /// An attribute of a resource.
    Symbol(Symbol),
    /// A list that was computed.
    List(Rc<[Data]>),
    /// A list or mapping that stands in a template.
    Node(Here),
    /// Nobody can know.
    Unknown(Rc<Unknown>),
}

/// A node of a template, with the loop variables around it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Here {
    /// Index of the template in the unit.
    pub(super) template: usize,
    /// The node.
    pub(super) node: NodeId,
    /// What loops around it bind.
    pub(super) env: Env,
    /// The node's tag was already acted upon.
    pub(super) bare: bool,
}

impl Here {
    /// Another node of the same template, seen from here.
    pub(super) fn at(&self, node: NodeId) -> Here {
        Here { template: self.template, node, env: self.env.clone(), bare: false }
    }

    /// The same node without its tag.
    pub(super) fn bare(&self) -> Here {
        Here { bare: true, ..self.clone() }
    }
}

/// Loop variables, the innermost first.
pub(super) type Env = Option<Rc<Binding>>;

/// One loop variable.
#[derive(Debug, PartialEq)]
pub(super) struct Binding {
    /// Its name.
    pub(super) name: Rc<str>,
    /// What it is in this round.
    pub(super) value: Data,
    /// The loops around.
    pub(super) outer: Env,
}

/// What a loop variable is, if there is one of that name.
pub(super) fn bound<'e>(mut env: &'e Env, name: &str) -> Option<&'e Data> {
    while let Some(binding) = env {
        if *binding.name == *name {
            return Some(&binding.value);
        }
        env = &binding.outer;
    }
    None
}

/// An attribute of a resource of this unit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Symbol {
    /// Index of the template in the unit.
    pub(super) template: usize,
    /// Index of the resource in its template.
    pub(super) resource: usize,
    /// The attribute; `Ref` for what `Ref` gives.
    pub(super) attribute: Rc<str>,
}

/// Why something cannot be known.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Unknown {
    /// In words, with the place where the unknown enters.
    pub(super) reason: Reason,
    /// Equal keys stand for equal values.
    pub(super) key: Option<Rc<str>>,
    /// Texts that it is not.
    pub(super) not: Rc<[Rc<str>]>,
    /// The parts of a text of which some are known, in order; empty where there are none.
    pub(super) parts: Rc<[Data]>,
}

/// A text that was put together of more parts than this is not taken apart again.
const MAX_PARTS: usize = 64;

impl Unknown {
    /// An unknown of which nothing else is known.
    pub(super) fn new(reason: Reason) -> Rc<Self> {
        Rc::new(Self { reason, key: None, not: Rc::from([]), parts: Rc::from([]) })
    }

    /// A text of these parts, of which at least one is unknown or an attribute. `reason` says why that cannot be known.
    pub(super) fn of_parts(reason: Reason, parts: Vec<Data>) -> Rc<Self> {
        let mut joined: Vec<Data> = Vec::with_capacity(parts.len());
        for part in parts {
            match (joined.last_mut(), part) {
                (_, Data::Text(text)) if text.is_empty() => {}
                (Some(Data::Text(before)), Data::Text(text)) => *before = format!("{before}{text}").into(),
                (_, part) => joined.push(part),
            }
        }
        if joined.len() > MAX_PARTS {
            return Self::new(reason);
        }
        // A text has the key of its only part; one of several parts is equal where all of them are.
        let key = joined.iter().map(|part| match part {
            Data::Text(text) => Some(format!("{}:{text}", text.len())),
            Data::Unknown(unknown) => unknown.key.as_ref().map(|key| format!("${}:{key}", key.len())),
            _ => None,
        });
        let key = key.collect::<Option<Vec<String>>>().map(|keys| Rc::from(keys.concat()));
        Rc::new(Self { reason, key, not: Rc::from([]), parts: joined.into() })
    }

    /// The parts of the text that this is, itself where it is whole.
    pub(super) fn parts(self: &Rc<Self>) -> Vec<Data> {
        match &self.parts[..] {
            [] => vec![Data::Unknown(self.clone())],
            parts => parts.to_vec(),
        }
    }

    /// An unknown that can be told from others.
    pub(super) fn keyed(reason: Reason, key: impl Into<Rc<str>>) -> Rc<Self> {
        Rc::new(Self { reason, key: Some(key.into()), not: Rc::from([]), parts: Rc::from([]) })
    }
}

/// One value that holds everywhere.
pub(super) fn always(data: Data) -> Cases {
    vec![(Guard::Always, data)]
}

/// One unknown that holds everywhere.
pub(super) fn unknown(reason: Reason) -> Cases {
    always(Data::Unknown(Unknown::new(reason)))
}

/// Every pair of cases that can hold together. `None` = too many.
pub(super) fn cross<A, B, C>(
    left: &[(Guard, A)],
    right: &[(Guard, B)],
    mut join: impl FnMut(&A, &B) -> C,
) -> Option<Vec<(Guard, C)>> {
    let mut out = Vec::with_capacity(left.len().saturating_mul(right.len()).min(MAX_CASES));
    for (a, x) in left {
        for (b, y) in right {
            if a.contradicts(b) {
                continue;
            }
            if out.len() == MAX_CASES {
                return None;
            }
            out.push((a.clone().and(b.clone()), join(x, y)));
        }
    }
    Some(out)
}

/// The same cases with equal values put together and impossible ones left out.
pub(super) fn tidy<T: PartialEq>(estate: &Estate, cases: Vec<(Guard, T)>) -> Vec<(Guard, T)> {
    if cases.len() < 2 {
        return cases;
    }
    let mut groups: Vec<(Vec<Guard>, T)> = Vec::with_capacity(cases.len());
    for (guard, value) in cases {
        if guard == Guard::Never {
            continue;
        }
        match groups.iter_mut().find(|(_, v)| *v == value) {
            Some((guards, _)) => guards.push(guard),
            None => groups.push((vec![guard], value)),
        }
    }
    if let [(_, _)] = groups.as_slice()
        && let Some((_, value)) = groups.pop()
    {
        // The guards cover every world that can be deployed.
        return vec![(Guard::Always, value)];
    }
    groups.into_iter().map(|(guards, value)| (any(estate, guards), value)).collect()
}

/// Worlds that are looked at to see whether a guard says anything.
const MAX_SETTLED: usize = 256;

/// The same guard, but `Never` or `Always` where it holds in no world or in every one, as far as there are few
/// enough to look.
pub(super) fn settle(estate: &Estate, guard: Guard) -> Guard {
    if matches!(guard, Guard::Always | Guard::Never | Guard::Is(..)) {
        return guard;
    }
    let mut choices = BTreeSet::new();
    guard.collect_choices(&mut choices);
    choices.retain(|choice| choice.among(&estate.choices).is_some());
    let Some(worlds) = worlds(estate, &choices, MAX_SETTLED) else { return guard };
    let holding = worlds.iter().filter(|world| guard.holds(world)).count();
    match holding {
        0 => Guard::Never,
        all if all == worlds.len() => Guard::Always,
        _ => guard,
    }
}

/// At least one of the guards; `Always` where they are all the alternatives of one choice.
pub(super) fn any(estate: &Estate, guards: Vec<Guard>) -> Guard {
    let mut choice: Option<ChoiceId> = None;
    let mut alternatives: Vec<u32> = Vec::new();
    for guard in &guards {
        match guard {
            Guard::Is(c, a) if choice.is_none_or(|known| known == *c) => {
                choice = Some(*c);
                if !alternatives.contains(a) {
                    alternatives.push(*a);
                }
            }
            _ => {
                choice = None;
                break;
            }
        }
    }
    if let Some(choice) = choice {
        let all = choice.among(&estate.choices).map_or(usize::MAX, |c| c.alternatives.len());
        if alternatives.len() == all {
            return Guard::Always;
        }
    }
    Guard::any(guards)
}
