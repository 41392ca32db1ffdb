//! Packets on their way through Azure. Everything there is stateful: what may leave is answered.

use super::super::{Arrival, Exit, Hop, Missing};
use crate::policy::Bounds;
use std::collections::BTreeSet;
use std::sync::Arc;
use tidegate_estate::Answer;
use tidegate_estate::azure;
use tidegate_space::{AddressSet, PacketSet, Services};

/// Packets of one family on their way.
#[derive(Clone)]
pub(super) struct Stream {
    pub set: Bounds,
    pub way: Vec<Hop>,
    pub inspected: bool,
    /// Whether something else than their sender sent them last.
    pub forwarded: bool,
    pub missing: BTreeSet<Missing>,
}

impl Stream {
    pub fn of(set: PacketSet) -> Self {
        Self {
            set: Bounds::exactly(set),
            way: Vec::new(),
            inspected: false,
            forwarded: false,
            missing: BTreeSet::new(),
        }
    }

    pub fn through(mut self, hop: Hop) -> Self {
        self.way.push(hop);
        self
    }

    pub fn only(mut self, set: &PacketSet) -> Self {
        self.set = self.set.only(set);
        self
    }

    /// Those to some addresses.
    pub fn to(self, addresses: &AddressSet) -> Self {
        self.only(&PacketSet::to_addresses(addresses, &Services::all()))
    }

    /// Those to all other addresses.
    pub fn not_to(self, addresses: &AddressSet) -> Self {
        self.to(&addresses.complement())
    }

    pub fn and(mut self, gate: &Bounds) -> Self {
        self.set = self.set.and(gate);
        self
    }

    /// From here on nothing is certain, and this would tell.
    pub fn unsure(mut self, answer: azure::Answer, about: &str) -> Self {
        self.set.must = Arc::default();
        self.note(answer, about)
    }

    /// Nothing is certain, and no answer would tell.
    pub fn unsure_beyond(mut self, about: &str) -> Self {
        self.set.must = Arc::default();
        self.missing.insert((Answer::Beyond, about.to_owned()));
        self
    }

    pub fn note(mut self, answer: azure::Answer, about: &str) -> Self {
        self.missing.insert((Answer::Azure(answer), about.to_owned()));
        self
    }

    /// What goes to these addresses is no longer certain.
    pub fn doubt_to(mut self, addresses: &AddressSet, missing: Missing) -> Self {
        let sure = PacketSet::to_addresses(&addresses.complement(), &Services::all());
        let must = self.set.must.intersection(&sure);
        self.set = Bounds::between(must, PacketSet::clone(&self.set.may));
        self.missing.insert(missing);
        self
    }

    /// Puts it among the exits.
    pub fn arrive(self, to: Arrival, exits: &mut Vec<Exit>) {
        if self.set.may.is_empty() {
            return;
        }
        let certain = self.set.is_certain() && !self.inspected;
        let missing = if certain { BTreeSet::new() } else { self.missing };
        let same = exits
            .iter_mut()
            .find(|known| known.to == to && known.way == self.way && known.inspected == self.inspected);
        match same {
            Some(known) => {
                known.set = known.set.or(&self.set);
                known.answered = known.set.may.clone();
                known.missing.extend(missing);
            }
            None => exits.push(Exit {
                to,
                way: self.way,
                answered: self.set.may.clone(),
                inspected: self.inspected,
                missing,
                set: self.set,
            }),
        }
    }
}
