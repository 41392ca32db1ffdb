//! Dumps as they lie in folders, to estates.

mod aws;
mod azure;
mod gcp;
mod kubernetes;
mod snapshot;

use crate::{MemoryFiles, Options, Reading};
use tidegate_estate::{Estate, Policy, Value};

fn read(files: &[(&str, &str)]) -> Reading {
    crate::read(&MemoryFiles::new(files.iter().copied()), &Options::default())
}

fn estate(files: &[(&str, &str)]) -> Estate {
    let reading = read(files);
    assert!(reading.diagnostics.is_empty(), "{:?}", reading.diagnostics);
    assert_eq!(reading.estates.len(), 1);
    reading.estates.into_iter().next().unwrap()
}

/// `id@account/region: peers of the outbound rules`.
fn lines(estate: &Estate) -> Vec<String> {
    let shown = |text: &Option<String>| text.clone().unwrap_or_else(|| "?".to_owned());
    estate
        .policies
        .iter()
        .map(|policy| {
            let peers: Vec<String> = policy
                .rules
                .iter()
                .filter(|rule| rule.direction == tidegate_estate::Direction::Egress)
                .map(|rule| match &rule.peer {
                    Value::Known(tidegate_estate::Peer::Cidr(block)) => block.to_string(),
                    Value::Known(tidegate_estate::Peer::PrefixList(index)) => {
                        estate.prefix_lists[*index].name.clone()
                    }
                    Value::Known(peer) => format!("{peer:?}"),
                    Value::Unknown(reason) => format!("?{}", reason.text),
                    Value::OneOf(_) => unreachable!("a dump has no alternatives in a peer"),
                })
                .collect();
            let id = shown(&policy.path);
            format!("{id}@{}/{}: {}", shown(&policy.account), shown(&policy.region), peers.join(" "))
        })
        .collect()
}

/// The IPv4 blocks that a policy must let every protocol out to, and whether nothing of it is unknown.
fn out(estate: &Estate, policy: &Policy) -> (Vec<String>, bool) {
    let worlds = tidegate_reach::policy::worlds_of(policy, estate, 4).unwrap();
    let reach = tidegate_reach::policy::in_world(policy, estate, &worlds[0]);
    let blocks = reach.must.addresses(tidegate_space::IpFamily::V4).cidrs();
    (blocks.iter().map(ToString::to_string).collect(), reach.may == reach.must)
}
