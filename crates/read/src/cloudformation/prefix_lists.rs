//! Prefix lists: the customer's own with their entries, and those that AWS keeps.

use super::data::Data;
use super::managed_prefix_lists;
use super::network::{Id, Network};
use super::rules::{reason, value_of};
use super::template::{Resource, Template};
use super::text::address_block;
use std::rc::Rc;
use tidegate_estate::{Guard, IpNet, Peer, Place, PrefixList, Reason, Value};

impl Network<'_, '_> {
    /// `AWS::EC2::PrefixList`.
    pub(super) fn read_prefix_list(&mut self, template: &Rc<Template>, id: Id, resource: &Resource) {
        let unit = self.unit;
        let exists = self.exists(template, resource);
        let properties = unit.properties(resource);
        let place = properties.entry("Entries");
        let mut entries: Vec<(Guard, Value<IpNet>)> = Vec::new();
        let listing = unit.listing(properties.cases("Entries"));
        for (guard, item, _) in listing.items {
            let guard = exists.clone().and(guard);
            match item {
                Data::Node(here) => {
                    let bag = unit.bag(vec![(Guard::Always, Data::Node(here))]);
                    let at = bag.entry("Cidr").or_else(|| place.clone());
                    let known = bag.cases("Cidr").into_iter().map(|(guard, data)| {
                        let block = self.text(&data, &at);
                        (guard, block.and_then(|text| address_block(&text).map_err(|e| reason(e, &at))))
                    });
                    let (value, when) = value_of(unit, known.collect());
                    entries.push((guard.and(when), value));
                }
                Data::Unknown(unknown) => entries.push((guard, Value::Unknown(unknown.reason.clone()))),
                _ => entries.push((guard, Value::Unknown(reason("this is not an entry", &place)))),
            }
        }
        for (guard, hidden) in properties.hidden {
            entries.push((exists.clone().and(guard), Value::Unknown(hidden)));
        }
        let name = format!("{}{}", template.prefix, resource.logical);
        let list = PrefixList { name, entries, place: template.place(resource.key) };
        let mut estate = unit.estate.borrow_mut();
        self.lists.insert(id, estate.prefix_lists.len());
        estate.prefix_lists.push(list);
    }

    /// The list that a value names.
    pub(super) fn prefix_list(&self, data: &Data, place: &Option<Place>) -> Result<Peer, Reason> {
        match data {
            Data::Symbol(symbol) => match self.lists.get(&(symbol.template, symbol.resource)) {
                Some(at) => Ok(Peer::PrefixList(*at)),
                None => {
                    let name = self.unit.symbol_name(symbol);
                    Err(reason(format!("the prefix list {name} is not in the input"), place))
                }
            },
            Data::Text(text) => {
                let id = text.trim();
                match managed_prefix_lists::name_of(id) {
                    Some(name) => Ok(Peer::ManagedPrefixList(name)),
                    None => Err(reason(format!("the prefix list {id} is not in the input"), place)),
                }
            }
            Data::Unknown(unknown) => Err(unknown.reason.clone()),
            Data::Absent | Data::List(_) | Data::Node(_) => Err(reason("no prefix list is named", place)),
        }
    }
}
