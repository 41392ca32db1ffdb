//! One file to documents, and a walk that looks for records in them.

use crate::Options;
use crate::tree::{self, Fault, Kind, NodeId, Tree};
use std::sync::Arc;

/// How deep records may lie: in an answer, in a list of answers, below a region and an account.
const DEPTH: usize = 6;

/// What became of one file.
pub(super) struct Document {
    /// The documents that could be read.
    pub tree: Option<Tree>,
    /// Where reading stopped before the end, and why.
    pub fault: Option<Fault>,
}

/// Parses a file: JSON documents one after another (one a line, too), else YAML.
pub(super) fn parse(path: &str, bytes: Arc<[u8]>, options: &Options) -> Document {
    let start = bytes.iter().find(|byte| !byte.is_ascii_whitespace() && !matches!(byte, 0xef | 0xbb | 0xbf));
    if matches!(start, Some(b'{' | b'[')) {
        let (tree, fault) = tree::parse_json_documents(bytes, &options.limits);
        return Document { tree: Some(tree), fault };
    }
    match tree::parse(path, bytes, &options.limits) {
        Ok(tree) => Document { tree: Some(tree), fault: None },
        Err(fault) => Document { tree: None, fault: Some(fault) },
    }
}

/// The keys that lead to a record: scripts put regions and account ids there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way<'k> {
    /// The innermost key.
    pub key: &'k str,
    /// What is around it.
    pub outer: Option<&'k Way<'k>>,
}

impl Way<'_> {
    /// The innermost key that fits.
    pub fn find(&self, fits: impl Fn(&str) -> bool) -> Option<&str> {
        let mut way = self;
        loop {
            if fits(way.key) {
                return Some(way.key);
            }
            way = way.outer?;
        }
    }
}

/// Calls `record` for every mapping, outermost first, with the keys that lead to it, until it says that it knew the
/// mapping: what is inside is then its own.
pub(super) fn walk(tree: &Tree, mut record: impl FnMut(NodeId, &Way<'_>) -> bool) {
    for root in tree.roots() {
        visit(tree, *root, &Way { key: "", outer: None }, DEPTH, &mut record);
    }
}

fn visit(
    tree: &Tree,
    node: NodeId,
    way: &Way<'_>,
    left: usize,
    record: &mut impl FnMut(NodeId, &Way<'_>) -> bool,
) {
    let Some(left) = left.checked_sub(1) else { return };
    match tree.kind(node) {
        Kind::Sequence => tree.items(node).for_each(|item| visit(tree, item, way, left, record)),
        Kind::Mapping if !record(node, way) => {
            for (key, value) in tree.entries(node) {
                let key = tree.text(key).unwrap_or_default();
                visit(tree, value, &Way { key, outer: Some(way) }, left, record);
            }
        }
        _ => {}
    }
}
