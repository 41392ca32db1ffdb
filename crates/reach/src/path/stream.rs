//! Packets on their way, and where they arrive: what the walks of all clouds have in common.

use super::{Arrival, Exit, Hop, Missing};
use crate::policy::Bounds;
use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};
use tidegate_estate::Answer;
use tidegate_space::{IpFamily, PacketSet, internet};

/// Packets on their way.
#[derive(Clone)]
pub(super) struct Stream {
    pub set: Bounds,
    pub way: Vec<Hop>,
    pub answered: Arc<PacketSet>,
    pub inspected: bool,
    pub missing: BTreeSet<Missing>,
}

impl Stream {
    pub fn through(&self, hop: Hop) -> Self {
        let mut next = self.clone();
        next.way.push(hop);
        next
    }

    pub fn only(mut self, set: &PacketSet) -> Self {
        self.set = self.set.only(set);
        self
    }

    pub fn gate(mut self, gate: &Bounds) -> Self {
        // Most gates stand wide open.
        if gate.must.is_everything() {
            return self;
        }
        self.set = self.set.and(gate);
        self
    }

    /// From here on nothing is certain, and this would tell.
    pub fn unsure(mut self, answer: Answer, about: impl Into<String>) -> Self {
        self.set.must = Arc::default();
        self.missing.insert((answer, about.into()));
        self
    }

    pub fn note(mut self, answer: Answer, about: impl Into<String>) -> Self {
        self.missing.insert((answer, about.into()));
        self
    }
}

/// The ways that were found.
#[derive(Default)]
pub(super) struct Exits {
    pub all: Vec<Exit>,
}

impl Exits {
    /// Packets of a stream arrive somewhere.
    pub fn add(&mut self, to: Arrival, stream: Stream) {
        if stream.set.may.is_empty() {
            return;
        }
        let answered = match stream.answered.is_everything() {
            true => stream.set.may.clone(),
            false => Arc::new(stream.set.may.intersection(&stream.answered)),
        };
        let certain = stream.set.is_certain() && !stream.inspected;
        let missing = if certain { BTreeSet::new() } else { stream.missing };
        // Several routes may lead the same way.
        let same = self
            .all
            .iter_mut()
            .find(|known| known.to == to && known.way == stream.way && known.inspected == stream.inspected);
        match same {
            Some(known) => {
                known.set = known.set.or(&stream.set);
                known.answered = Arc::new(known.answered.union(&answered));
                known.missing.extend(missing);
            }
            None => self.all.push(Exit {
                to,
                way: stream.way,
                answered,
                inspected: stream.inspected,
                missing,
                set: stream.set,
            }),
        }
    }

    /// Those of them that are public arrive on the Internet.
    pub fn internet(&mut self, stream: Stream, family: IpFamily) {
        static OUTSIDE: LazyLock<[PacketSet; 2]> = LazyLock::new(|| IpFamily::BOTH.map(internet::set));
        let [v4, v6] = &*OUTSIDE;
        let outside = if family == IpFamily::V4 { v4 } else { v6 };
        self.add(Arrival::Internet, stream.only(outside));
    }

    /// Packets of which the input does not show where they go: perhaps anywhere.
    pub fn unknown(&mut self, stream: Stream, id: &str) {
        for family in IpFamily::BOTH {
            self.internet(stream.clone(), family);
        }
        let outside = PacketSet::union_all(IpFamily::BOTH.map(internet::set));
        self.add(Arrival::Beyond(id.to_owned()), stream.only(&outside.complement()));
    }
}
