//! What a template is filled in with: facts of a topic, its evidence, and values that somebody gave.

mod blocks;
mod claims;
mod facts;
mod markdown;
mod ratings;

pub use blocks::fill_in as as_blocks;
pub use claims::inbound_claim;
pub use facts::{BUILT_IN, Facts, reach_in_words};
pub use markdown::{Evidence, Filled, fill_in as as_markdown};
pub use ratings::{Ratings, Stated};

use crate::data::Topic;
use crate::template::Fill;
use std::collections::{BTreeMap, BTreeSet};

/// What somebody says about how templates are filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wishes {
    /// Values by name.
    pub values: BTreeMap<String, String>,
    /// Labels of options that stay, besides those that follow from the facts.
    pub options: BTreeSet<String>,
    /// Numbers of options that go.
    pub without: BTreeSet<usize>,
    /// Keep visibly what has no value.
    pub draft: bool,
    /// Write the ratings that follow from the facts, also into templates of others.
    pub computed: bool,
}

impl Wishes {
    /// The facts that a rendering for a topic follows. A platform's label stays where it is the topic's; `VPC` wherever
    /// `AWS` does, `EC2` where an instance is affected or no workload is known.
    pub fn fill(&self, topic: &Topic<'_>) -> Fill {
        let mut labels: BTreeSet<String> = self.options.iter().map(|label| label.to_uppercase()).collect();
        labels.insert(topic.provider_name().to_uppercase());
        if labels.contains("AWS") {
            labels.insert("VPC".to_owned());
            if topic.has_instances() || !topic.has_workloads() {
                labels.insert("EC2".to_owned());
            }
        }
        Fill { labels, without: self.without.clone(), count: topic.systems.len(), draft: self.draft }
    }
}
