//! Members of records, as every cloud's answers have them.

use crate::cloudformation::address_block;
use crate::tree::{Kind, NodeId, Tree};
use std::collections::BTreeMap;
use std::sync::Arc;
use tidegate_estate::{IpNet, Place, Span};

/// The document that records stand in.
#[derive(Clone, Copy)]
pub(super) struct Fields<'t> {
    pub tree: &'t Tree,
    pub path: &'t Arc<str>,
}

impl Fields<'_> {
    /// Where a node stands.
    pub fn place(&self, node: NodeId) -> Place {
        Place::new(self.path, self.tree.span(node))
    }

    /// The member with its key: what people would underline.
    pub fn member(&self, node: NodeId, key: &str) -> Place {
        match self.tree.get(node, key) {
            Some((key, value)) => {
                let (from, to) = (self.tree.span(key), self.tree.span(value));
                Place::new(self.path, Span { start: from.start, end: to.end })
            }
            None => self.place(node),
        }
    }

    /// A member that is there and not null.
    pub fn get(&self, node: NodeId, key: &str) -> Option<NodeId> {
        self.tree.get(node, key).map(|(_, value)| value).filter(|value| self.tree.kind(*value) != Kind::Null)
    }

    /// Several members at once, each as [`Fields::get`] gives it.
    pub fn several<const N: usize>(&self, node: NodeId, keys: [&str; N]) -> [Option<NodeId>; N] {
        if self.tree.has_merges() {
            return keys.map(|key| self.get(node, key));
        }
        let mut found = [None; N];
        for (key, value) in self.tree.entries(node) {
            if let Some(at) = keys.iter().position(|wanted| self.tree.is(key, wanted)) {
                // Of duplicates the last counts.
                found[at] = (self.tree.kind(value) != Kind::Null).then_some(value);
            }
        }
        found
    }

    /// Whether a member is a list.
    pub fn is_list(&self, node: NodeId, key: &str) -> bool {
        self.get(node, key).is_some_and(|value| self.tree.kind(value) == Kind::Sequence)
    }

    /// A text that is not empty.
    pub fn text(&self, node: NodeId, key: &str) -> Option<String> {
        self.tree.text(self.get(node, key)?).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// A whole number.
    pub fn number(&self, node: NodeId, key: &str) -> Option<i64> {
        self.tree.text(self.get(node, key)?)?.parse().ok()
    }

    /// The items of a list; nothing where there is none.
    pub fn list(&self, node: NodeId, key: &str) -> impl Iterator<Item = NodeId> {
        self.get(node, key).into_iter().flat_map(|list| self.tree.items(list))
    }

    /// The same member of every item of a list.
    pub fn texts(&self, node: NodeId, list: &str, key: &str) -> Vec<String> {
        self.list(node, list).filter_map(|item| self.text(item, key)).collect()
    }

    /// The members of a mapping of texts: tags, labels.
    pub fn map(&self, node: NodeId, key: &str) -> BTreeMap<String, String> {
        let map = self.get(node, key).filter(|map| self.tree.kind(*map) == Kind::Mapping);
        map.into_iter()
            .flat_map(|map| self.tree.entries(map))
            .filter_map(|(key, value)| {
                Some((self.tree.text(key)?.to_owned(), self.tree.text(value).unwrap_or_default().to_owned()))
            })
            .collect()
    }
}

/// A block, or an address as the block that holds it alone. `Err` says what is wrong.
pub(super) fn block_or_address(text: &str) -> Result<IpNet, String> {
    match text.contains('/') {
        true => address_block(text),
        false if text.contains(':') => address_block(&format!("{text}/128")),
        false => address_block(&format!("{text}/32")),
    }
}
