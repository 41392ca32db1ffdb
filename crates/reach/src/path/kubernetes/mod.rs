//! What leaves a pod, by the network policies of its cluster.
//!
//! Facts are of the Kubernetes documentation ("Network Policies") and of the API reference (`NetworkPolicy`). What nobody
//! can tell from objects of a cluster: whether its network plugin enforces policies at all (a note says so), and where the
//! network of the nodes leads, so that the Internet is reached possibly and never for certain.

mod gates;
#[cfg(test)]
mod model;

pub(super) use gates::Gates;

use super::stream::{Exits, Stream};
use super::{Arrival, Hop, Leaving};
use std::collections::BTreeSet;
use std::sync::Arc;
use tidegate_estate::{Answer, Direction, Interface};
use tidegate_space::{IpFamily, PacketSet};

/// What the network of pods is called as an arrival.
const CLUSTER: &str = "the cluster";
/// What is around it.
const AROUND: &str = "the nodes' network";

/// What leaves a pod.
pub(super) fn leaving(gates: &Gates<'_>, interface: &Interface) -> Leaving {
    let (passes, missing) = gates.policies(&interface.id, Direction::Egress);
    let mut stream = Stream {
        set: passes.clone(),
        way: Vec::new(),
        answered: Arc::new(PacketSet::everything()),
        inspected: false,
        missing,
    };
    let has = |family| interface.addresses.iter().any(|address| IpFamily::of(*address) == family);
    if interface.addresses.is_empty() {
        stream = stream.unsure(Answer::KubernetesPods, &interface.id);
    } else {
        let own = IpFamily::BOTH.into_iter().filter(|family| has(*family)).map(PacketSet::family);
        stream = stream.only(&PacketSet::union_all(own));
    }
    let mut exits = Exits::default();
    exits.add(Arrival::Vpc(CLUSTER.to_owned()), stream.clone().only(gates.inside()));
    let rest = stream.only(&gates.inside().complement()).through(Hop::Around(AROUND.to_owned()));
    let rest = rest.unsure(Answer::Beyond, AROUND);
    exits.unknown(rest, AROUND);
    Leaving { groups: passes, exits: exits.all }
}

/// What would tell more.
type Missing = BTreeSet<super::Missing>;
