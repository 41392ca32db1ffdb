//! What gets out, as the project's files (baselines, decisions) hold it.

use crate::allows;
use crate::finding::AllowedRow;
use crate::words;
use serde::{Deserialize, Serialize};
use tidegate_space::{IpFamily, PacketSet};

/// One row of what was allowed.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StoredRow {
    pub family: StoredFamily,
    pub protocol: String,
    pub ports: Option<Vec<String>>,
    pub addresses: Vec<String>,
}

/// An address family.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum StoredFamily {
    Ipv4,
    Ipv6,
}

impl StoredFamily {
    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            StoredFamily::Ipv4 => "ipv4",
            StoredFamily::Ipv6 => "ipv6",
        }
    }
}

/// The set as rows.
pub(crate) fn rows(set: &PacketSet) -> Vec<StoredRow> {
    allows::rows(set).into_iter().map(StoredRow::from).collect()
}

/// The set that rows stand for; the error says which text is no part of a row.
pub(crate) fn set(rows: Vec<StoredRow>) -> Result<PacketSet, String> {
    let rows: Vec<AllowedRow> = rows.into_iter().map(AllowedRow::from).collect();
    allows::set_of(&rows)
}

/// A set that grew by this much, in words.
pub(crate) fn in_words(set: &PacketSet) -> String {
    let mut texts = Vec::new();
    for family in IpFamily::BOTH {
        for (addresses, services) in set.rows(family) {
            let blocks: Vec<String> = addresses.cidrs().iter().map(ToString::to_string).collect();
            texts.push(format!("{} to {}", words::services(&services), words::some(&blocks)));
        }
    }
    words::some(&texts)
}

/// How many entries of a file a diagnostic names.
const NAMED: usize = 4;

/// The first few names, and how many more there are.
pub(crate) fn named(names: &[String]) -> String {
    let shown = names.get(..NAMED.min(names.len())).unwrap_or_default().join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

impl From<StoredRow> for AllowedRow {
    fn from(row: StoredRow) -> Self {
        let family = match row.family {
            StoredFamily::Ipv4 => IpFamily::V4,
            StoredFamily::Ipv6 => IpFamily::V6,
        };
        AllowedRow { family, protocol: row.protocol, ports: row.ports, addresses: row.addresses }
    }
}

impl From<AllowedRow> for StoredRow {
    fn from(row: AllowedRow) -> Self {
        let family = match row.family {
            IpFamily::V4 => StoredFamily::Ipv4,
            IpFamily::V6 => StoredFamily::Ipv6,
        };
        StoredRow { family, protocol: row.protocol, ports: row.ports, addresses: row.addresses }
    }
}
