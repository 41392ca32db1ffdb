//! `tidegate.toml`: answers to the two questions, what is trusted, and defaults for a scan.
//!
//! ```
//! let config = tidegate_audit::Config::parse(r#"
//!     [scan]
//!     fail_on = "medium"
//!     ignore = ["ignored-egress-rule"]
//!
//!     [trusted]
//!     destinations = ["203.0.113.0/24"]
//!     ports = ["tcp/8443"]
//!
//!     [[answers]]
//!     paths = ["stacks/payments/**"]
//!     sensitive_data = true
//! "#).unwrap();
//! assert_eq!(config.scan.ignore, ["ignored-egress-rule"]);
//! let error = tidegate_audit::Config::parse("[trusted]\nport = []").unwrap_err();
//! assert_eq!(error.line, 2);
//! ```

use crate::allows;
use crate::finding::Level;
use crate::reviews::Answers;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::fmt;
use tidegate_estate::IpNet;
use tidegate_space::{IpFamily, PacketSet, Services};

/// What a project says about itself.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Defaults for `tidegate scan`; the command line goes before them.
    pub scan: Scan,
    /// Destinations and ports the project trusts.
    pub trusted: Trusted,
    /// Answers to the two questions; the first that fits a policy counts.
    pub answers: Vec<Answer>,
    /// Defaults for `tidegate report`.
    pub report: Reporting,
}

/// Defaults of a report; the command line goes before them.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Reporting {
    /// The client's name.
    pub client: Option<String>,
    /// The report's title.
    pub title: Option<String>,
    /// Who writes it.
    pub author: Option<String>,
    /// A folder of templates instead of those that ship along, relative to the folder of `tidegate.toml`.
    pub templates: Option<String>,
    /// Labels of options that stay in templates.
    pub options: Vec<String>,
    /// Values for templates.
    pub values: BTreeMap<String, String>,
    /// More facts for the cover.
    pub facts: BTreeMap<String, String>,
}

/// Defaults of a scan.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scan {
    /// From which risk on the exit status says that there are findings.
    pub fail_on: Option<Level>,
    /// Rules or aliases to report; empty means all.
    pub select: Vec<String>,
    /// Rules or aliases to leave out.
    pub ignore: Vec<String>,
    /// Globs of paths that are not walked.
    pub exclude: Vec<String>,
    /// The baseline file, relative to the folder of `tidegate.toml`.
    pub baseline: Option<String>,
    /// Whether unresolved policies count as findings for the exit status.
    pub strict: bool,
}

/// What the project trusts.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Trusted {
    /// Address blocks: `203.0.113.0/24`, `2001:db8::/32`, a single address.
    #[serde(deserialize_with = "blocks")]
    pub destinations: Vec<IpNet>,
    /// Ports: `tcp/443`, `udp/1000-2000`.
    #[serde(deserialize_with = "services")]
    pub ports: Vec<Services>,
}

/// An answer to the two questions for some of the policies.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// Globs over the path of the file that makes the policy; none fits every path.
    #[serde(default, deserialize_with = "globs")]
    pub paths: Option<GlobSet>,
    /// Tags the policy must all have; none fits every policy.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// Does the resource hold sensitive data, or has it access to it?
    #[serde(default)]
    pub sensitive_data: Option<bool>,
    /// Is it in a private network?
    #[serde(default)]
    pub private_network: Option<bool>,
}

impl Answer {
    /// Whether it speaks of a policy made in `path` with these tags.
    pub fn fits(&self, path: &str, tags: &BTreeMap<String, String>) -> bool {
        self.paths.as_ref().is_none_or(|globs| globs.is_match(path))
            && self.tags.iter().all(|(key, value)| tags.get(key) == Some(value))
    }
}

impl Trusted {
    /// Every packet to a trusted destination.
    pub fn packets(&self) -> PacketSet {
        let all = Services::all();
        PacketSet::union_all(self.destinations.iter().map(|block| PacketSet::to_block(*block, &all)))
    }

    /// Every packet to a trusted port, wherever it goes.
    pub fn services(&self) -> Services {
        Services::union_all(self.ports.iter().cloned())
    }

    /// Whether nothing is trusted.
    pub fn is_empty(&self) -> bool {
        self.destinations.is_empty() && self.ports.is_empty()
    }
}

/// A configuration that cannot be used, with the place and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in Unicode scalar values.
    pub column: usize,
    /// What is wrong, naming the key.
    pub message: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Reads the text of a `tidegate.toml`.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start).min(text.len());
            let before = text.get(..at).unwrap_or_default();
            let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
            ConfigError {
                line: before.matches('\n').count() + 1,
                column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
                message: error.message().to_owned(),
            }
        })
    }

    /// What is answered of a policy made in `path` with these tags.
    pub fn answers(&self, path: &str, tags: &BTreeMap<String, String>) -> Answers {
        self.answer(path, tags).map_or(Answers::default(), |answer| Answers {
            sensitive_data: answer.sensitive_data,
            private_network: answer.private_network,
        })
    }

    /// The answer that speaks of a policy made in `path` with these tags.
    pub fn answer(&self, path: &str, tags: &BTreeMap<String, String>) -> Option<&Answer> {
        self.answers.iter().find(|answer| answer.fits(path, tags))
    }
}

impl<'de> Deserialize<'de> for Level {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = String::deserialize(from)?;
        Level::from_name(&name).ok_or_else(|| {
            D::Error::custom(format!("`{name}` is no level: informational, low, medium, high or critical"))
        })
    }
}

fn blocks<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<IpNet>, D::Error> {
    Vec::<String>::deserialize(from)?
        .into_iter()
        .map(|text| {
            let block = text.parse::<IpNet>().ok();
            let single = || text.parse::<std::net::IpAddr>().ok().map(IpNet::from);
            block.or_else(single).ok_or_else(|| {
                D::Error::custom(format!("`{text}` is no address block such as 203.0.113.0/24"))
            })
        })
        .collect()
}

fn services<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Services>, D::Error> {
    Vec::<String>::deserialize(from)?
        .into_iter()
        .map(|text| {
            let (protocol, ports) = match text.split_once('/') {
                Some((protocol, ports)) => (protocol, Some([ports.to_owned()])),
                None => (text.as_str(), None),
            };
            let protocol = protocol.to_ascii_lowercase();
            allows::services_of(&protocol, ports.as_ref().map(|ports| &ports[..])).map_err(|wrong| {
                D::Error::custom(format!("{wrong}; write ports as tcp/443 or udp/1000-2000"))
            })
        })
        .collect()
}

fn globs<'de, D: Deserializer<'de>>(from: D) -> Result<Option<GlobSet>, D::Error> {
    let patterns = Vec::<String>::deserialize(from)?;
    if patterns.is_empty() {
        return Ok(None);
    }
    let mut set = GlobSetBuilder::new();
    for pattern in &patterns {
        let glob = GlobBuilder::new(pattern).literal_separator(true).build();
        set.add(glob.map_err(|error| D::Error::custom(format!("`{pattern}` is no glob: {}", error.kind())))?);
    }
    set.build().map(Some).map_err(D::Error::custom)
}

/// The part of `set` that goes to a family's Internet and to nothing that is trusted.
pub(crate) fn untrusted(set: &PacketSet, trusted: &Trusted) -> PacketSet {
    let public =
        IpFamily::BOTH.map(|family| set.restrict(family, tidegate_space::internet::addresses(family)));
    let [v4, v6] = public;
    let public = v4.union(&v6);
    if trusted.is_empty() { public } else { public.difference(&trusted.packets()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_an_error_with_its_line() {
        let error = Config::parse("[scan]\nfail_on = \"low\"\n\n[[answers]]\npath = [\"a\"]\n").unwrap_err();
        assert_eq!(error.line, 5);
        assert!(error.message.contains("`path`"), "{error}");
    }

    #[test]
    fn wrong_values_say_what_was_expected() {
        for (text, part) in [
            ("[scan]\nfail_on = \"severe\"", "`severe` is no level"),
            ("[trusted]\ndestinations = [\"203.0.113.0/33\"]", "`203.0.113.0/33` is no address block"),
            ("[trusted]\nports = [\"https\"]", "`https` is no protocol"),
            ("[[answers]]\npaths = [\"a{\"]", "is no glob"),
        ] {
            let error = Config::parse(text).unwrap_err();
            assert!(error.message.contains(part), "{error}");
            assert!(error.line >= 1);
        }
    }

    #[test]
    fn the_first_answer_that_fits_counts() {
        let config = Config::parse(
            "[[answers]]\npaths = [\"stacks/pay/**\"]\nsensitive_data = true\n\
             [[answers]]\ntags = { tier = \"db\" }\nprivate_network = true\n\
             [[answers]]\nsensitive_data = false\nprivate_network = false\n",
        )
        .unwrap();
        let none = BTreeMap::new();
        let db = BTreeMap::from([("tier".to_owned(), "db".to_owned())]);
        assert_eq!(config.answer("stacks/pay/app.py", &db).unwrap().sensitive_data, Some(true));
        assert_eq!(config.answer("stacks/web.py", &db).unwrap().private_network, Some(true));
        assert_eq!(config.answer("stacks/web.py", &none).unwrap().sensitive_data, Some(false));
    }

    #[test]
    fn a_star_stays_within_a_folder_and_two_stars_do_not() {
        let config = Config::parse("[[answers]]\npaths = [\"stacks/*.py\"]\nsensitive_data = true").unwrap();
        assert!(config.answer("stacks/a.py", &BTreeMap::new()).is_some());
        assert!(config.answer("stacks/deep/a.py", &BTreeMap::new()).is_none());
    }
}
