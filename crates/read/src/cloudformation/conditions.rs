//! Conditions as guards over choices.

use super::data::{Data, Here};
use super::template::{Resource, Template};
use super::unit::Unit;
use crate::tree::Kind;
use std::rc::Rc;
use tidegate_estate::{Guard, Place};

impl Unit<'_> {
    /// The worlds in which a resource exists.
    pub(super) fn exists(&self, template: &Rc<Template>, resource: &Resource) -> Guard {
        let guard = template.exists.clone().and(resource.guard.clone());
        let Some(condition) = self.field(&resource.body, "Condition") else { return guard };
        let mut holds = Guard::Never;
        for (when, name) in self.texts(&condition.value) {
            holds = holds.or(match name {
                Ok(name) => when.and(self.condition(template, &name, &condition.value)),
                Err(_) => {
                    when.and(self.undecided("a condition that is not named", self.place(&condition.value)))
                }
            });
        }
        self.settle(guard.and(holds))
    }

    /// The worlds in which a condition holds.
    pub(super) fn condition(&self, template: &Rc<Template>, name: &str, here: &Here) -> Guard {
        let key: Rc<str> = name.into();
        let node = self.condition_node(template, name);
        let place = node.as_ref().and_then(|node| self.place(node)).or_else(|| self.place(here));
        self.step(format!("the condition {name} decides"), place.clone());
        if let Some(guard) = template.conditions.borrow().get(&key) {
            return guard.clone();
        }
        let label = format!("condition {}{name}", template.prefix);
        let Some(node) = node else {
            let guard = self.undecided(&label, place);
            template.conditions.borrow_mut().insert(key, guard.clone());
            return guard;
        };
        // Whoever asks again while it is being worked out asks in a circle: such a template cannot be deployed.
        template.conditions.borrow_mut().insert(key.clone(), Guard::Never);
        let mut guard = self.truth(template, &node, &label);
        if guard.is_unwieldy() {
            guard = self.undecided(&label, self.place(&node));
        }
        template.conditions.borrow_mut().insert(key, guard.clone());
        guard
    }

    fn condition_node(&self, template: &Rc<Template>, name: &str) -> Option<Here> {
        let section = template.section("Conditions")?;
        if let Some((_, node)) = template.tree.get(section.node, name) {
            return Some(section.at(node));
        }
        let loops = template
            .tree
            .entries(section.node)
            .any(|(key, _)| template.tree.text(key).is_some_and(|k| k.starts_with("Fn::ForEach")));
        if !loops {
            return None;
        }
        if let Some(nodes) = template.condition_nodes.get() {
            return nodes.get(name).cloned();
        }
        let members = self.members(&section).0;
        let nodes = members.into_iter().map(|m| (m.key, m.value)).collect();
        template.condition_nodes.get_or_init(|| nodes).get(name).cloned()
    }

    /// A condition that the input leaves open: a choice of its own.
    pub(super) fn undecided(&self, label: &str, place: Option<Place>) -> Guard {
        Guard::is(self.choice(label.to_owned(), vec!["true".into(), "false".into()], place), 0)
    }

    fn truth(&self, template: &Rc<Template>, here: &Here, label: &str) -> Guard {
        if !self.enter() {
            return self.undecided(label, self.place(here));
        }
        let guard = self.truth_inside(template, here, label);
        self.leave();
        guard
    }

    fn truth_inside(&self, template: &Rc<Template>, here: &Here, label: &str) -> Guard {
        let tree = &template.tree;
        let (name, argument) = match (here.bare, tree.tag(here.node)) {
            (false, Some(tag)) => (tag.to_owned(), here.bare()),
            _ if tree.kind(here.node) == Kind::Mapping => {
                let mut entries = tree.entries(here.node);
                match (entries.next(), entries.next()) {
                    (Some((key, value)), None) => {
                        (tree.text(key).unwrap_or_default().to_owned(), here.at(value))
                    }
                    _ => return self.undecided(label, self.place(here)),
                }
            }
            _ => {
                return match tree.text(here.node) {
                    Some("true") => Guard::Always,
                    Some("false") => Guard::Never,
                    _ => self.undecided(label, self.place(here)),
                };
            }
        };
        let parts = || self.arguments(&argument);
        match name.strip_prefix("Fn::").unwrap_or(&name) {
            "And" => Guard::all(parts().iter().map(|part| self.truth(template, part, label))),
            "Or" => Guard::any(parts().iter().map(|part| self.truth(template, part, label))),
            "Not" => match parts().as_slice() {
                [part] => self.truth(template, part, label).negate(),
                [] => self.truth(template, &argument, label).negate(),
                _ => self.undecided(label, self.place(here)),
            },
            "Equals" => match parts().as_slice() {
                [left, right] => self.equals(left, right, label),
                _ => self.undecided(label, self.place(here)),
            },
            "Condition" => {
                let name = tree.text(argument.node).unwrap_or_default();
                let name = super::template::substitute(name, &here.env).unwrap_or_else(|_| name.to_owned());
                self.condition(template, &name, here)
            }
            _ => match self.cases(here).as_slice() {
                [(_, Data::Text(text))] if **text == *"true" => Guard::Always,
                [(_, Data::Text(text))] if **text == *"false" => Guard::Never,
                _ => self.undecided(label, self.place(here)),
            },
        }
    }

    fn equals(&self, left: &Here, right: &Here, label: &str) -> Guard {
        let (a, b) = (self.cases(left), self.cases(right));
        let (mut equal, mut open) = (Guard::Never, Guard::Never);
        for (when, x) in &a {
            for (also, y) in &b {
                if when.contradicts(also) {
                    continue;
                }
                let guard = when.clone().and(also.clone());
                match same(x, y) {
                    Some(true) => equal = equal.or(guard),
                    Some(false) => {}
                    None => open = open.or(guard),
                }
            }
        }
        if open != Guard::Never {
            equal = equal.or(open.and(self.undecided(label, self.place(left))));
        }
        equal
    }
}

/// Whether two values are equal, where that can be said.
fn same(a: &Data, b: &Data) -> Option<bool> {
    match (a, b) {
        (Data::Text(a), Data::Text(b)) => Some(a == b),
        (Data::Unknown(unknown), Data::Text(text)) | (Data::Text(text), Data::Unknown(unknown)) => {
            unknown.not.contains(text).then_some(false)
        }
        (Data::Unknown(a), Data::Unknown(b)) => (a.key.is_some() && a.key == b.key).then_some(true),
        (Data::Symbol(a), Data::Symbol(b)) => (a == b).then_some(true),
        (Data::List(a), Data::List(b)) if a.len() == b.len() => {
            let all: Vec<Option<bool>> = a.iter().zip(b.iter()).map(|(a, b)| same(a, b)).collect();
            if all.contains(&Some(false)) {
                return Some(false);
            }
            all.iter().all(|s| *s == Some(true)).then_some(true)
        }
        (Data::List(_), Data::List(_)) => Some(false),
        _ => None,
    }
}
