//! `egress-through-peer`: a restricted workload may reach one that is not.

use super::{Facts, Rule, View, help};
use crate::words;

pub(super) struct EgressThroughPeer;

impl Rule for EgressThroughPeer {
    fn name(&self) -> &'static str {
        "egress-through-peer"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &[]
    }

    fn summary(&self) -> &'static str {
        "A workload without a way to the Internet may reach a neighbour that has one"
    }

    fn documentation(&self) -> &'static str {
        include_str!("../../../../docs/rules/egress-through-peer.md")
    }

    /// It comes on top of what a policy's packets say, and is found from routes and neighbours.
    fn fires(&self, _view: &View<'_>) -> bool {
        false
    }

    fn message(&self, facts: &Facts<'_>) -> String {
        let subject = words::sentence(&help::subject(facts));
        let lets = help::lets(facts);
        match facts.peer {
            Some(peer) => format!("{subject} {lets} workloads out through a neighbour: {peer}."),
            None => format!("{subject} {lets} workloads out through a neighbour."),
        }
    }

    fn help(&self, facts: &Facts<'_>) -> Vec<String> {
        let noun = help::subject(facts);
        vec![
            format!(
                "let the workloads behind {noun} reach the neighbour on the ports of the service that it gives, and on no \
                 others"
            ),
            "narrow what the neighbour sends to the Internet: what relays for others needs the shortest list of \
             destinations"
                .to_owned(),
            "let the neighbour take connections only from those that need it".to_owned(),
        ]
    }
}
