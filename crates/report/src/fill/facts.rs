//! The facts of a topic, in words.

use crate::data::{Data, Heading, Policies, System, Topic};
use crate::document::Picture;
use crate::evidence::{self, RuleRow};
use std::collections::{BTreeMap, BTreeSet};
use tidegate_audit::{Finding, Subject, words};
use tidegate_space::{IpFamily, PacketSet};

/// The values that the data gives, with what each of them is.
pub const BUILT_IN: [(&str, &str); 7] = [
    ("PLACEHOLDER", "the affected systems, with what each may reach"),
    ("REMEDY", "the remedy as code"),
    ("VERIFY", "commands that show whether the finding is gone"),
    ("COUNT", "the number of affected systems"),
    ("REACH", "what gets out"),
    ("SHARE", "the share of the Internet that can be reached"),
    ("CLIENT", "the client's name, else \"the organisation\""),
];

/// Systems that a text lists; how many more there are is said.
pub const SYSTEMS_SHOWN: usize = 25;

/// A topic with everything that can be said about it.
pub struct Facts<'a> {
    /// The report's data.
    pub data: Data<'a>,
    /// Its policies by subject.
    pub policies: &'a Policies<'a>,
    /// The topic.
    pub topic: &'a Topic<'a>,
}

impl Facts<'_> {
    /// The client's name in a sentence.
    pub fn client(&self) -> &str {
        self.data.about.client.as_deref().unwrap_or("the organisation")
    }

    /// What all findings of the topic let out together.
    fn allowed(&self) -> PacketSet {
        PacketSet::union_all(self.topic.findings.iter().map(|finding| finding.allows.set.clone()))
    }

    /// What gets out, in words: `every protocol and port to 0.0.0.0/0`.
    pub fn reach(&self) -> String {
        let mut parts: Vec<String> = parts(&self.allowed()).into_iter().map(|(what, _)| what).collect();
        if parts.is_empty() {
            parts = neighbours(self.topic.findings.iter().copied());
        }
        if parts.is_empty() {
            return "all outbound traffic, as the code declares".to_owned();
        }
        self.data.shown(parts.join("; "))
    }

    /// `100 % of the IPv4 Internet`.
    pub fn share(&self) -> String {
        let parts: Vec<String> = parts(&self.allowed()).into_iter().map(|(_, share)| share).collect();
        if parts.is_empty() { "an unknown share of the Internet".to_owned() } else { words::list(&parts) }
    }

    /// What each system may reach, in the order of the topic's systems. Most systems share a few answers.
    pub fn reach_of_systems(&self) -> Vec<String> {
        let mut known: BTreeMap<&BTreeSet<usize>, String> = BTreeMap::new();
        let of = |findings: &BTreeSet<usize>| {
            let own = || findings.iter().filter_map(|at| self.topic.findings.get(*at)).copied();
            let set = PacketSet::union_all(own().map(|finding| finding.allows.set.clone()));
            let through = neighbours(own());
            let told = match parts(&set).is_empty() && !through.is_empty() {
                true => through.join("; "),
                false => reach_in_words(&set),
            };
            self.data.shown(told)
        };
        let systems = self.topic.systems.iter();
        systems
            .map(|system| known.entry(&system.findings).or_insert_with(|| of(&system.findings)).clone())
            .collect()
    }

    /// The example that stands for the topic: the first subject of its worst finding that was read in full.
    pub fn example(&self) -> Option<(&Finding, &Subject)> {
        let worst = self.topic.worst()?;
        let known = |finding: &&Finding| {
            finding
                .subjects
                .iter()
                .find(|subject| self.policies.of_subject(subject, finding).is_some())
                .is_some()
        };
        let finding =
            Some(worst).filter(known).or_else(|| self.topic.findings.iter().copied().find(known))?;
        let subject =
            finding.subjects.iter().find(|subject| self.policies.of_subject(subject, finding).is_some())?;
        Some((finding, subject))
    }

    /// The outbound rules of a finding's subject; `None` where the policy is not in the data.
    pub fn rules(&self, finding: &Finding, subject: &Subject) -> Option<Vec<RuleRow>> {
        let policy = self.policies.of_subject(subject, finding)?;
        let mut rules = evidence::outbound(&policy, finding, self.data.origins);
        for rule in &mut rules {
            rule.destination = self.data.shown(std::mem::take(&mut rule.destination));
        }
        Some(rules)
    }

    /// The picture of a finding's subject.
    pub fn picture(&self, finding: &Finding, subject: &Subject, name: String) -> Option<Picture> {
        let rules = self.rules(finding, subject)?;
        let heading = Heading::of(&self.data, finding, subject, name);
        Some(evidence::picture(&heading, &rules))
    }

    /// The topic's systems with what each may reach, and how many are not shown.
    pub fn shown_systems(&self) -> (Vec<(&System, String)>, usize) {
        let reach = self.reach_of_systems();
        let shown: Vec<_> = self.topic.systems.iter().zip(reach).take(SYSTEMS_SHOWN).collect();
        let more = self.topic.systems.len() - shown.len();
        (shown, more)
    }
}

/// The neighbours through which findings say that the Internet is reached, each once.
fn neighbours<'f>(findings: impl Iterator<Item = &'f Finding>) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    for way in findings.filter_map(|finding| finding.path.as_ref()) {
        let Some(onward) = &way.then else { continue };
        let port = way.packet.port.map_or_else(String::new, |port| format!("/{port}"));
        let one = format!("{} with {}{port}, and the Internet from there", onward.from, way.packet.protocol);
        if !told.contains(&one) {
            told.push(one);
        }
    }
    told
}

/// A set in words, one part per family: what gets out, and to how much of the Internet.
fn parts(set: &PacketSet) -> Vec<(String, String)> {
    let families = IpFamily::BOTH.into_iter().filter(|family| set.has(*family));
    families
        .map(|family| {
            let told = words::reach(set, family);
            match told.rsplit_once(": ") {
                Some((what, share)) => (what.to_owned(), share.to_owned()),
                None => (told, String::new()),
            }
        })
        .filter(|(what, _)| !what.is_empty())
        .collect()
}

/// A set in words: `every protocol and port to 0.0.0.0/0`.
pub fn reach_in_words(set: &PacketSet) -> String {
    let parts: Vec<String> = parts(set).into_iter().map(|(what, _)| what).collect();
    if parts.is_empty() { "nothing that could be told".to_owned() } else { parts.join("; ") }
}
