//! Ids of Azure: compared without case, told as the resource itself spells them.

use crate::dump::fields::Fields;
use crate::tree::NodeId;
use std::collections::BTreeMap;

/// How ids are spelled, by their lower case.
#[derive(Debug, Default)]
pub(super) struct Spelling(BTreeMap<String, String>);

impl Spelling {
    /// Notes how a resource spells its own id. The first one counts.
    pub fn define(&mut self, id: &str) {
        self.0.entry(id.to_ascii_lowercase()).or_insert_with(|| id.to_owned());
    }

    /// An id as it is told.
    pub fn of(&self, id: &str) -> String {
        self.0.get(&id.to_ascii_lowercase()).cloned().unwrap_or_else(|| id.to_owned())
    }
}

/// The id that a member refers to, as it is written.
pub(super) fn id_of(fields: &Fields<'_>, node: NodeId, key: &str) -> Option<String> {
    fields.text(fields.get(node, key)?, "id")
}

/// An id without its last two parts (`…/virtualNetworks/v/subnets/s` → `…/virtualNetworks/v`).
pub(super) fn parent(id: &str) -> Option<&str> {
    Some(id.rsplit_once('/')?.0.rsplit_once('/')?.0).filter(|parent| !parent.is_empty())
}

/// The last part of an id.
pub(super) fn name(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}
