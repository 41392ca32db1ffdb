//! Sets of services as small numbers while an operation runs.
//!
//! Thousands of address ranges share few distinct sets of services. An operation numbers them once, then works
//! on numbers: neighbours compare in one instruction and each pair is combined once.

use rustc_hash::FxHashMap;
use std::sync::Arc;

use crate::algebra::{Op, Portion};
use crate::memo::Memo;
use crate::packets::Layout;
use crate::services::Services;
use crate::steps::Steps;

/// The number of a distinct portion within one [`Labels`].
pub(crate) type Label = u32;

/// The label of nothing.
pub(crate) const NONE: Label = 0;
/// The label of everything.
pub(crate) const ALL: Label = 1;

/// The distinct sets of services met during one operation.
pub(crate) struct Labels {
    op: Op,
    known: Vec<Portion<Services>>,
    by_value: FxHashMap<Arc<Services>, Label>,
    /// By the address of a shared value, with the value beside it so that the address stays taken.
    by_address: FxHashMap<usize, (Label, Arc<Services>)>,
    combined: FxHashMap<(Label, Label), Label>,
    contained: FxHashMap<(Label, Label), bool>,
    /// Below the labels. Every portion that it is asked about stays in `known` or `by_address`.
    memo: Memo,
}

impl Labels {
    pub(crate) fn new(op: Op) -> Self {
        Labels {
            op,
            known: vec![Portion::None, Portion::All],
            by_value: FxHashMap::default(),
            by_address: FxHashMap::default(),
            combined: FxHashMap::default(),
            contained: FxHashMap::default(),
            memo: Memo::default(),
        }
    }

    /// What is done with two labels.
    pub(crate) fn op(&self) -> Op {
        self.op
    }

    /// How many labels there are.
    pub(crate) fn len(&self) -> usize {
        self.known.len()
    }

    /// The label of a portion.
    pub(crate) fn of(&mut self, portion: &Portion<Services>) -> Label {
        match portion {
            Portion::None => NONE,
            Portion::All => ALL,
            Portion::Some(services) => {
                let address = Arc::as_ptr(services).addr();
                if let Some((label, _)) = self.by_address.get(&address) {
                    return *label;
                }
                let label = self.intern(services);
                self.by_address.insert(address, (label, Arc::clone(services)));
                label
            }
        }
    }

    fn intern(&mut self, services: &Arc<Services>) -> Label {
        if let Some(label) = self.by_value.get(services) {
            return *label;
        }
        // More than 2^32 distinct sets of services do not fit any memory.
        let label = Label::try_from(self.known.len()).unwrap_or(Label::MAX);
        self.known.push(Portion::Some(Arc::clone(services)));
        self.by_value.insert(Arc::clone(services), label);
        label
    }

    /// The portion behind a label.
    pub(crate) fn portion(&self, label: Label) -> Portion<Services> {
        self.known.get(label as usize).cloned().unwrap_or_default()
    }

    /// The layout that steps of labels stand for, in a list of its own: the steps were made with room for more, and layouts
    /// are kept by the ten thousand.
    pub(crate) fn layout(&self, steps: &Steps<u128, Label>) -> Layout {
        steps.iter().map(|(start, label)| (*start, self.portion(*label))).collect()
    }

    /// The label of the operation on two labels.
    pub(crate) fn combine(&mut self, a: Label, b: Label) -> Label {
        match self.op {
            Op::Union if a == b || b == NONE || a == ALL => return a,
            Op::Union if a == NONE || b == ALL => return b,
            Op::Intersection if a == b || a == NONE || b == ALL => return a,
            Op::Intersection if b == NONE || a == ALL => return b,
            Op::Difference if b == NONE || a == NONE => return a,
            Op::Difference if a == b || b == ALL => return NONE,
            _ => {}
        }
        let pair = if self.op == Op::Difference { (a, b) } else { (a.min(b), a.max(b)) };
        if let Some(label) = self.combined.get(&pair) {
            return *label;
        }
        let portion = self.portion(a).combine(self.op, &self.portion(b), &mut self.memo);
        let label = match &portion {
            Portion::None => NONE,
            Portion::All => ALL,
            Portion::Some(services) => self.intern(services),
        };
        self.combined.insert(pair, label);
        label
    }

    /// Whether everything behind `a` is behind `b`.
    pub(crate) fn is_subset(&mut self, a: Label, b: Label) -> bool {
        if a == b || a == NONE || b == ALL {
            return true;
        }
        if b == NONE {
            return false;
        }
        if let Some(answer) = self.contained.get(&(a, b)) {
            return *answer;
        }
        let answer = self.portion(a).is_subset(&self.portion(b), &mut self.memo);
        self.contained.insert((a, b), answer);
        answer
    }
}
