//! Getting at the members of mappings and lists, world by world.

use super::data::{Cases, Data, Here, tidy};
use super::evaluate::call_of;
use super::template::Resource;
use super::unit::Unit;
use crate::tree::Kind;
use tidegate_estate::{Guard, Place, Reason, Step};

/// Lists in lists in lists: nobody writes more.
const MAX_FLATTEN: usize = 8;

/// A member of a mapping.
#[derive(Debug, Clone)]
pub(super) struct Field {
    /// Key and value.
    pub(super) entry: Place,
    pub(super) value: Here,
}

/// A mapping, or several of which each is there in some worlds.
pub(super) struct Bag<'u, 'f> {
    unit: &'u Unit<'f>,
    maps: Vec<(Guard, Option<Here>)>,
    /// What of it cannot be known, and where.
    pub(super) hidden: Vec<(Guard, Reason)>,
}

/// A property that holds a list of things.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// Worlds in which the property is not there.
    pub(super) absent: Option<Guard>,
    /// The items, with the places that each came from.
    pub(super) items: Vec<(Guard, Data, Vec<Step>)>,
    /// Worlds in which the list is there and empty.
    pub(super) empty: Option<Guard>,
}

impl<'f> Unit<'f> {
    /// A member of a mapping that stands in a template.
    pub(super) fn field(&self, map: &Here, name: &str) -> Option<Field> {
        let template = self.template(map.template)?;
        let tree = &template.tree;
        if let Some((key, value)) = tree.get(map.node, name) {
            return Some(Field { entry: template.place(template.entry(key, value)), value: map.at(value) });
        }
        if !tree.has_loops() {
            return None;
        }
        let loops = tree
            .entries(map.node)
            .any(|(key, _)| tree.text(key).is_some_and(|k| k.starts_with("Fn::ForEach") || k.contains("{")));
        if !loops {
            return None;
        }
        let member = self.members(map).0.into_iter().rev().find(|m| *m.key == *name)?;
        let entry = template.place(template.entry(member.key_node, member.value.node));
        Some(Field { entry, value: member.value })
    }

    /// The properties of a resource.
    pub(super) fn properties(&self, resource: &Resource) -> Bag<'_, 'f> {
        match self.field(&resource.body, "Properties") {
            Some(field) => self.bag(self.cases(&field.value)),
            None => Bag { unit: self, maps: vec![(Guard::Always, None)], hidden: vec![] },
        }
    }

    /// Values as mappings.
    pub(super) fn bag(&self, cases: Cases) -> Bag<'_, 'f> {
        let mut bag = Bag { unit: self, maps: Vec::new(), hidden: Vec::new() };
        for (guard, data) in cases {
            match data {
                Data::Node(here) if !self.is_list(&here) => {
                    if let Some(reason) = self.hidden_in(&here) {
                        bag.hidden.push((guard.clone(), reason));
                    }
                    bag.maps.push((guard, Some(here)));
                }
                Data::Absent => bag.maps.push((guard, None)),
                Data::Unknown(unknown) => {
                    bag.hidden.push((guard.clone(), unknown.reason.clone()));
                    bag.maps.push((guard, None));
                }
                _ => {
                    bag.hidden
                        .push((guard.clone(), Reason::new("there is no mapping where one is expected")));
                    bag.maps.push((guard, None));
                }
            }
        }
        bag
    }

    /// What a transform beside the other members of a mapping hides.
    fn hidden_in(&self, here: &Here) -> Option<Reason> {
        let template = self.template(here.template)?;
        if !template.tree.has_transforms() {
            return None;
        }
        let (_, value) = template.tree.get(here.node, "Fn::Transform")?;
        self.transform_reason(&here.at(value))
    }

    /// Values as a list of things: a single thing is a list of one, lists in the list are flattened. The places
    /// noted so far count as those of the whole list.
    pub(super) fn listing(&self, cases: Cases) -> Listing {
        let origin = self.take_steps();
        let mut listing = Listing::default();
        let (mut absent, mut empty) = (Guard::Never, Guard::Never);
        for (guard, data) in cases {
            if data == Data::Absent {
                absent = absent.or(guard);
                continue;
            }
            let first = listing.items.len();
            self.flatten(&guard, data, &origin, &mut listing.items, MAX_FLATTEN);
            let some = Guard::any(listing.items.iter().skip(first).map(|(g, _, _)| g.clone()));
            if some != guard {
                empty = empty.or(self.settle(guard.and(some.negate())));
            }
        }
        listing.absent = (absent != Guard::Never).then_some(absent);
        listing.empty = (empty != Guard::Never).then_some(empty);
        listing
    }

    fn flatten(
        &self,
        guard: &Guard,
        data: Data,
        origin: &[Step],
        items: &mut Vec<(Guard, Data, Vec<Step>)>,
        depth: usize,
    ) {
        match data {
            Data::Absent => {}
            Data::List(list) if depth > 0 => {
                for item in list.iter() {
                    self.flatten(guard, item.clone(), origin, items, depth - 1);
                }
            }
            Data::Node(here) if depth > 0 && self.is_list(&here) => {
                for item in self.arguments(&here) {
                    self.take_steps();
                    let cases = self.cases(&item);
                    let mut chain = origin.to_vec();
                    chain.extend(self.take_steps());
                    for (when, data) in cases {
                        if !guard.contradicts(&when) {
                            self.flatten(&guard.clone().and(when), data, &chain, items, depth - 1);
                        }
                    }
                }
            }
            data => items.push((guard.clone(), data, origin.to_vec())),
        }
    }

    /// Whether the node is a literal mapping and not a call.
    pub(super) fn is_plain_mapping(&self, here: &Here) -> bool {
        self.template(here.template).is_some_and(|t| {
            t.tree.kind(here.node) == Kind::Mapping
                && t.tree.tag(here.node).is_none()
                && call_of(&t.tree, here.node).is_none()
        })
    }
}

impl Bag<'_, '_> {
    /// What a member may be.
    pub(super) fn cases(&self, name: &str) -> Cases {
        self.member(name).0
    }

    /// What a member may be, and where it is written first.
    pub(super) fn member(&self, name: &str) -> (Cases, Option<Place>) {
        let mut out = Cases::new();
        let mut entry = None;
        for (guard, map) in &self.maps {
            match map.as_ref().and_then(|map| self.unit.field(map, name)) {
                Some(field) => {
                    out.extend(
                        self.unit
                            .cases(&field.value)
                            .into_iter()
                            .filter(|(when, _)| !guard.contradicts(when))
                            .map(|(when, data)| (guard.clone().and(when), data)),
                    );
                    entry = entry.or(Some(field.entry));
                }
                None => out.push((guard.clone(), Data::Absent)),
            }
        }
        (tidy(&self.unit.estate.borrow(), out), entry)
    }

    /// Where a member is written first.
    pub(super) fn entry(&self, name: &str) -> Option<Place> {
        let mut maps = self.maps.iter().filter_map(|(_, map)| map.as_ref());
        maps.find_map(|map| self.unit.field(map, name)).map(|field| field.entry)
    }

    /// The mappings themselves with the worlds of each.
    pub(super) fn maps(&self) -> Vec<(Guard, Here)> {
        self.maps.iter().filter_map(|(guard, map)| Some((guard.clone(), map.clone()?))).collect()
    }
}
