//! Prefix lists and their entries, which are two answers.

use super::records::{Entries, List};
use crate::cloudformation::address_block;
use crate::cloudformation::managed_prefix_lists;
use std::collections::BTreeMap;
use tidegate_estate::{Diagnostic, Guard, ManagedList, Peer, Place, PrefixList, Reason, Severity, Value};

/// What the prefix lists of a dump stand for.
#[derive(Debug, Default)]
pub(super) struct Lists {
    /// Lists with their entries, for the estate.
    pub defined: Vec<PrefixList>,
    /// Lists that AWS keeps, by id.
    pub managed: BTreeMap<String, ManagedList>,
    by_id: BTreeMap<String, Known>,
}

#[derive(Debug)]
enum Known {
    Managed(String),
    Defined(usize),
    /// A customer's, without entries.
    Bare,
}

impl Lists {
    pub fn new(lists: Vec<List>, entries: Vec<Entries>, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut all = Lists::default();
        let mut places: BTreeMap<String, Place> = BTreeMap::new();
        for list in lists {
            let known = if list.managed {
                all.managed.entry(list.id.clone()).or_default().name = list.name.clone();
                Known::Managed(list.name.unwrap_or_else(|| list.id.clone()))
            } else {
                places.insert(list.id.clone(), list.place);
                Known::Bare
            };
            all.by_id.insert(list.id, known);
        }
        let (named, nameless): (Vec<_>, Vec<_>) = entries.into_iter().partition(|e| e.list.is_some());
        for entries in named {
            let Some(id) = entries.list.clone() else { continue };
            if all.is_managed(&id) {
                let blocks = entries.blocks.iter().filter_map(|(text, _)| address_block(text).ok());
                all.managed.entry(id).or_default().blocks.get_or_insert_default().extend(blocks);
            } else {
                let place = places.get(&id).cloned();
                all.define(id, &entries, place);
            }
        }
        // The answer with the entries does not say of which list they are. Where there is one of each, that is no
        // question.
        let bare: Vec<String> = all
            .by_id
            .iter()
            .filter(|(_, known)| matches!(known, Known::Bare))
            .map(|(id, _)| id.clone())
            .collect();
        match (&bare[..], &nameless[..]) {
            ([id], [entries]) => all.define(id.clone(), entries, places.get(id).cloned()),
            (_, nameless) => diagnostics.extend(nameless.iter().map(|entries| Diagnostic {
                severity: Severity::Warning,
                path: entries.place.path.clone(),
                span: Some(entries.place.span),
                message: "these entries do not say of which prefix list they are: name the file after the list \
                          (pl-0123456789abcdef0.json)"
                    .to_owned(),
            })),
        }
        all
    }

    fn is_managed(&self, id: &str) -> bool {
        match self.by_id.get(id) {
            Some(known) => matches!(known, Known::Managed(_)),
            None => managed_prefix_lists::name_of(id).is_some(),
        }
    }

    /// Entries of one list; further ones of the same list (its pages) add to it.
    fn define(&mut self, id: String, entries: &Entries, place: Option<Place>) {
        let blocks = entries.blocks.iter().map(|(text, place)| {
            let block = match address_block(text) {
                Ok(block) => Value::Known(block),
                Err(why) => Value::Unknown(Reason::at(why, place.clone())),
            };
            (Guard::Always, block)
        });
        if let Some(Known::Defined(index)) = self.by_id.get(&id)
            && let Some(list) = self.defined.get_mut(*index)
        {
            for entry in blocks {
                if !list.entries.contains(&entry) {
                    list.entries.push(entry);
                }
            }
            return;
        }
        let list = PrefixList {
            name: id.clone(),
            entries: blocks.collect(),
            place: place.unwrap_or_else(|| entries.place.clone()),
        };
        self.by_id.insert(id, Known::Defined(self.defined.len()));
        self.defined.push(list);
    }

    /// The peer that a rule names by this id.
    pub fn peer(&self, id: &str, place: &Place) -> Value<Peer> {
        match self.by_id.get(id) {
            Some(Known::Managed(name)) => Value::Known(Peer::ManagedPrefixList(name.clone())),
            Some(Known::Defined(index)) => Value::Known(Peer::PrefixList(*index)),
            _ => match managed_prefix_lists::name_of(id) {
                Some(name) => Value::Known(Peer::ManagedPrefixList(name)),
                None => Value::Unknown(Reason::at(
                    format!(
                        "the entries of the prefix list {id} are not among the files; `aws ec2 \
                         get-managed-prefix-list-entries --prefix-list-id {id} > {id}.json` writes them"
                    ),
                    place.clone(),
                )),
            },
        }
    }
}
