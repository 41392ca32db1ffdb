//! A document as a tree with byte spans, the same for JSON and YAML.
//!
//! The tree is one flat list of 16-byte nodes in document order. A scalar's text is a slice of the source
//! wherever the source spells it out; only escapes, folded lines and the like are stored apart. Aliases stay
//! references: a walk expands them, and how far they may expand is bounded while the tree is built.

mod json;
mod offsets;
mod yaml;

use crate::Limits;
use std::cell::OnceCell;
use std::sync::Arc;
use tidegate_estate::Span;

/// A node of one [`Tree`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NodeId(u32);

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nothing: JSON `null`, an empty or `~` YAML value.
    Null,
    /// A number, a truth value, or a plain YAML scalar.
    Plain,
    /// A quoted string or a YAML block scalar.
    Text,
    /// A list.
    Sequence,
    /// Keys with values.
    Mapping,
    /// A YAML alias.
    Alias,
    /// Something that was not kept because a limit was reached.
    Dropped,
}

/// Where a scalar's text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    /// The node's span.
    Span,
    /// The node's span without its first and last byte, which are quotes.
    Quoted,
    /// In the list of texts that the source does not spell out; `aux` is the index.
    Apart,
}

#[derive(Debug, Clone, Copy)]
struct Node {
    start: u32,
    end: u32,
    /// Collections: one past the last node inside. Aliases: the target. Scalars: see [`Content::Apart`].
    aux: u32,
    kind: Kind,
    content: Content,
    /// Index of the tag, plus one; 0 = none.
    tag: u16,
}

/// A document that cannot be read, or a doubt about one that can.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Where.
    pub(crate) span: Span,
    /// What is wrong.
    pub(crate) message: String,
}

/// One parsed file: a root per document.
#[derive(Debug, Clone)]
pub(crate) struct Tree {
    source: Arc<[u8]>,
    nodes: Vec<Node>,
    apart: Vec<Box<str>>,
    tags: Vec<Box<str>>,
    roots: Vec<NodeId>,
    merges: bool,
    doubts: Vec<Fault>,
    loops: OnceCell<bool>,
    transforms: OnceCell<bool>,
}

/// Reads a file as JSON or as YAML. The extension decides where there is one; else JSON is tried first if the
/// text opens like JSON.
pub(crate) fn parse(path: &str, source: Arc<[u8]>, limits: &Limits) -> Result<Tree, Fault> {
    let limit = limits.file_bytes.min(u64::from(u32::MAX) - 1);
    if source.len() as u64 > limit {
        return Err(Fault {
            span: Span::default(),
            message: format!("the file has {} bytes; at most {limit} are read", source.len()),
        });
    }
    let text = match std::str::from_utf8(&source) {
        Ok(text) => text,
        Err(error) => {
            let at = error.valid_up_to();
            return Err(Fault {
                span: Span::new(at, at),
                message: format!("the file is not UTF-8 text (byte {at})"),
            });
        }
    };
    let extension = path.rsplit_once('.').map_or("", |(_, e)| e);
    if extension.eq_ignore_ascii_case("json") {
        return json::parse(source.clone(), limits);
    }
    let body = text.strip_prefix('\u{feff}').unwrap_or(text).trim_start();
    if body.starts_with('{') {
        // A template without a telling extension, or flow-style YAML that opens with a brace.
        match json::parse(source.clone(), limits) {
            Ok(tree) => return Ok(tree),
            Err(fault) => return yaml::parse(source.clone(), limits).map_err(|_| fault),
        }
    }
    yaml::parse(source.clone(), limits)
}

/// Reads JSON documents that stand one after another; see [`json::parse_all`].
pub(crate) fn parse_json_documents(source: Arc<[u8]>, limits: &Limits) -> (Tree, Option<Fault>) {
    match std::str::from_utf8(&source) {
        Ok(_) => json::parse_all(source, limits),
        Err(error) => {
            let at = error.valid_up_to();
            let fault =
                Fault { span: Span::new(at, at), message: format!("the file is not UTF-8 text (byte {at})") };
            (Tree::new(Arc::from(&b""[..]), 0), Some(fault))
        }
    }
}

impl Tree {
    fn new(source: Arc<[u8]>, nodes: usize) -> Self {
        Self {
            source,
            nodes: Vec::with_capacity(nodes),
            apart: Vec::new(),
            tags: Vec::new(),
            roots: Vec::new(),
            merges: false,
            doubts: Vec::new(),
            loops: OnceCell::new(),
            transforms: OnceCell::new(),
        }
    }

    /// The documents' roots.
    pub(crate) fn roots(&self) -> &[NodeId] {
        &self.roots
    }

    /// What was dropped or looks wrong, although the rest could be read.
    pub(crate) fn doubts(&self) -> &[Fault] {
        &self.doubts
    }

    /// Whether this text stands anywhere in the document; `false` is certain.
    pub(crate) fn mentions(&self, text: &str) -> bool {
        memchr::memmem::find(&self.source, text.as_bytes()).is_some()
            || self.apart.iter().any(|apart| apart.contains(text))
    }

    /// Whether some mapping merges others into its own.
    pub(crate) fn has_merges(&self) -> bool {
        self.merges
    }

    /// Whether a `Fn::ForEach` may make members of mappings; `false` is certain.
    pub(crate) fn has_loops(&self) -> bool {
        *self.loops.get_or_init(|| self.mentions("Fn::ForEach"))
    }

    /// Whether a `Fn::Transform` may stand beside members of mappings; `false` is certain.
    pub(crate) fn has_transforms(&self) -> bool {
        *self.transforms.get_or_init(|| self.mentions("Fn::Transform"))
    }

    /// Every node in document order.
    pub(crate) fn all(&self) -> impl Iterator<Item = NodeId> {
        (0..self.nodes.len() as u32).map(NodeId)
    }

    fn node(&self, id: NodeId) -> Node {
        self.nodes.get(id.0 as usize).copied().unwrap_or(Node {
            start: 0,
            end: 0,
            aux: 0,
            kind: Kind::Null,
            content: Content::Span,
            tag: 0,
        })
    }

    /// The node itself, or what an alias stands for.
    pub(crate) fn resolve(&self, mut id: NodeId) -> NodeId {
        loop {
            let node = self.node(id);
            // A target always lies before its alias, so this ends.
            if node.kind != Kind::Alias || node.aux >= id.0 {
                return id;
            }
            id = NodeId(node.aux);
        }
    }

    /// What the node (or what it is an alias of) is.
    pub(crate) fn kind(&self, id: NodeId) -> Kind {
        self.node(self.resolve(id)).kind
    }

    /// The node's own span; an alias has the span of the alias.
    pub(crate) fn span(&self, id: NodeId) -> Span {
        let node = self.node(id);
        Span { start: node.start, end: node.end }
    }

    /// The tag without its leading `!`.
    pub(crate) fn tag(&self, id: NodeId) -> Option<&str> {
        let tag = self.node(self.resolve(id)).tag;
        self.tags.get(usize::from(tag.checked_sub(1)?)).map(|t| &**t)
    }

    /// A scalar's bytes, which are UTF-8.
    fn bytes(&self, id: NodeId) -> Option<&[u8]> {
        let node = self.node(self.resolve(id));
        if !matches!(node.kind, Kind::Plain | Kind::Text) {
            return None;
        }
        let (start, end) = (node.start as usize, node.end as usize);
        match node.content {
            Content::Span => self.source.get(start..end),
            Content::Quoted => self.source.get(start + 1..end.checked_sub(1)?),
            Content::Apart => self.apart.get(node.aux as usize).map(|t| t.as_bytes()),
        }
    }

    /// A scalar's text. `None` for collections and for nothing.
    pub(crate) fn text(&self, id: NodeId) -> Option<&str> {
        std::str::from_utf8(self.bytes(id)?).ok()
    }

    /// Whether the node is a scalar with this very text.
    pub(crate) fn is(&self, id: NodeId, text: &str) -> bool {
        // Asked of every key on the way to a member: most differ in length.
        let length = self.nodes.get(id.0 as usize).and_then(|node| match (node.kind, node.content) {
            (Kind::Plain | Kind::Text, Content::Span) => Some(node.end.wrapping_sub(node.start)),
            (Kind::Plain | Kind::Text, Content::Quoted) => Some(node.end.wrapping_sub(node.start + 2)),
            _ => None,
        });
        length.is_none_or(|length| length as usize == text.len()) && self.bytes(id) == Some(text.as_bytes())
    }

    fn after(&self, id: NodeId) -> u32 {
        let node = self.node(id);
        match node.kind {
            // A collection ends after itself, so that a walk always moves on.
            Kind::Sequence | Kind::Mapping => node.aux.max(id.0 + 1),
            _ => id.0 + 1,
        }
    }

    fn children(&self, id: NodeId) -> Children<'_> {
        let id = self.resolve(id);
        let inside = matches!(self.node(id).kind, Kind::Sequence | Kind::Mapping);
        Children { tree: self, next: id.0 + 1, end: if inside { self.after(id) } else { 0 } }
    }

    /// A node and everything inside it, in document order; aliases are not followed.
    pub(crate) fn below(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        (id.0..self.after(id).min(self.nodes.len() as u32)).map(NodeId)
    }

    /// The items of a list; nothing for anything else.
    pub(crate) fn items(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        let list = self.kind(id) == Kind::Sequence;
        self.children(id).filter(move |_| list)
    }

    /// The keys and values as they are written, duplicates and `<<` included; nothing for anything else.
    pub(crate) fn entries(&self, id: NodeId) -> impl Iterator<Item = (NodeId, NodeId)> {
        let mapping = self.kind(id) == Kind::Mapping;
        let mut children = self.children(id);
        std::iter::from_fn(move || if mapping { Some((children.next()?, children.next()?)) } else { None })
    }

    /// Whether this entry merges other mappings into its own.
    pub(crate) fn is_merge(&self, key: NodeId) -> bool {
        self.merges && self.kind(key) == Kind::Plain && self.is(key, "<<")
    }

    /// The mappings that a `<<` value names, the strongest first.
    pub(crate) fn merged(&self, value: NodeId) -> Vec<NodeId> {
        match self.kind(value) {
            Kind::Mapping => vec![self.resolve(value)],
            Kind::Sequence => self.items(value).filter(|i| self.kind(*i) == Kind::Mapping).collect(),
            _ => vec![],
        }
    }

    /// The keys and values with `<<` merged in: a key of its own beats a merged one.
    pub(crate) fn merged_entries(&self, id: NodeId) -> Vec<(NodeId, NodeId)> {
        if !self.merges {
            return self.entries(id).collect();
        }
        let mut out: Vec<(NodeId, NodeId)> = self.entries(id).filter(|(k, _)| !self.is_merge(*k)).collect();
        for (_, value) in self.entries(id).filter(|(k, _)| self.is_merge(*k)) {
            for source in self.merged(value) {
                for (key, value) in self.merged_entries(source) {
                    if !out.iter().any(|(k, _)| self.bytes(*k) == self.bytes(key)) {
                        out.push((key, value));
                    }
                }
            }
        }
        out
    }

    /// The entry with this key. Of duplicates the last counts, as in every common parser.
    pub(crate) fn get(&self, id: NodeId, key: &str) -> Option<(NodeId, NodeId)> {
        let mut own = None;
        let mapping = self.resolve(id);
        if self.node(mapping).kind == Kind::Mapping {
            let (mut at, end) = (mapping.0 + 1, self.after(mapping));
            while at < end {
                let value = self.after(NodeId(at));
                if value < end && self.is(NodeId(at), key) {
                    own = Some((NodeId(at), NodeId(value)));
                }
                at = self.after(NodeId(value));
            }
        }
        if own.is_some() || !self.merges {
            return own;
        }
        self.entries(id)
            .filter(|(k, _)| self.is_merge(*k))
            .flat_map(|(_, value)| self.merged(value))
            .find_map(|source| self.get(source, key))
    }

    /// Keys that stand more than once in a mapping, at their second place.
    pub(crate) fn duplicates(&self, id: NodeId) -> Vec<NodeId> {
        let mut seen = rustc_hash::FxHashSet::default();
        self.entries(id)
            .map(|(key, _)| key)
            .filter(|key| !self.is_merge(*key))
            .filter(|key| self.bytes(*key).is_some_and(|bytes| !seen.insert(bytes)))
            .collect()
    }
}

/// The direct children of a collection.
struct Children<'t> {
    tree: &'t Tree,
    next: u32,
    end: u32,
}

impl Iterator for Children<'_> {
    type Item = NodeId;
    fn next(&mut self) -> Option<NodeId> {
        if self.next >= self.end {
            return None;
        }
        let id = NodeId(self.next);
        self.next = self.tree.after(id);
        Some(id)
    }
}

/// Collections that are open while a tree is built.
struct Builder {
    tree: Tree,
    open: Vec<u32>,
    depth: usize,
}

impl Builder {
    fn new(source: Arc<[u8]>, nodes: usize, limits: &Limits) -> Self {
        Self { tree: Tree::new(source, nodes), open: Vec::new(), depth: limits.depth }
    }

    fn push(&mut self, node: Node) -> NodeId {
        let id = NodeId(self.tree.nodes.len() as u32);
        if self.open.is_empty() {
            self.tree.roots.push(id);
        }
        self.tree.nodes.push(node);
        id
    }

    fn open(&mut self, kind: Kind, start: usize, tag: u16) -> Result<NodeId, Fault> {
        if self.open.len() >= self.depth {
            return Err(Fault {
                span: Span::new(start, start),
                message: format!("values are nested more than {} deep", self.depth),
            });
        }
        let (start, content) = (start as u32, Content::Span);
        let id = self.push(Node { start, end: start, aux: 0, kind, content, tag });
        self.open.push(id.0);
        Ok(id)
    }

    /// Closes the innermost collection at `end`.
    fn close(&mut self, end: usize) -> Option<NodeId> {
        let id = self.open.pop()?;
        let after = self.tree.nodes.len() as u32;
        if let Some(node) = self.tree.nodes.get_mut(id as usize) {
            node.aux = after;
            node.end = end as u32;
        }
        Some(NodeId(id))
    }

    fn apart(&mut self, text: impl Into<Box<str>>) -> u32 {
        self.tree.apart.push(text.into());
        (self.tree.apart.len() - 1) as u32
    }
}

#[cfg(test)]
mod tests;
