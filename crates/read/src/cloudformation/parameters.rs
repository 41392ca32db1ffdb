//! Parameters and pseudo parameters: what is written about them, as alternatives of one choice each.

use super::data::{Cases, Data, Here, MAX_CASES, Unknown, always};
use super::evaluate::Function;
use super::evaluate::call_of;
use super::template::Template;
use super::unit::Unit;
use crate::tree::{Kind, NodeId, Tree};
use rustc_hash::{FxHashMap, FxHashSet};
use std::rc::Rc;
use tidegate_estate::{Guard, Place, Reason};

/// Pseudo parameters whose value depends on where and by whom a stack is made.
/// (AWS CloudFormation user guide, "Pseudo parameters reference".)
const PSEUDO: [&str; 7] = [
    "AWS::AccountId",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

impl Unit<'_> {
    /// What a parameter may be; `None` when the template has no parameter of this name.
    pub(super) fn parameter(&self, template: &Rc<Template>, name: &str) -> Option<Cases> {
        let key: Rc<str> = name.into();
        let declared = self.declaration(template, name);
        if declared.is_none() && !PSEUDO.contains(&name) {
            return None;
        }
        if let Some((_, place)) = &declared {
            self.step(format!("it comes from the parameter {name}"), Some(place.clone()));
        }
        if let Some(cases) = template.parameters.borrow().get(&key) {
            return Some(cases.clone());
        }
        // Until it is worked out, whoever asks again asks in a circle.
        let circle = Reason::new(format!("the parameter {name} depends on itself"));
        template.parameters.borrow_mut().insert(key.clone(), always(Data::Unknown(Unknown::new(circle))));
        let cases = match declared {
            Some((here, place)) => self.declared(template, &key, &here, &place),
            None => self.pseudo(template, &key),
        };
        template.parameters.borrow_mut().insert(key, cases.clone());
        Some(cases)
    }

    fn declaration(&self, template: &Template, name: &str) -> Option<(Here, Place)> {
        let section = template.section("Parameters")?;
        let (key, value) = template.tree.get(section.node, name)?;
        Some((section.at(value), template.place(template.entry(key, value))))
    }

    fn declared(&self, template: &Rc<Template>, name: &Rc<str>, here: &Here, place: &Place) -> Cases {
        let tree = &template.tree;
        let written = |field: &str| tree.get(here.node, field).map(|(_, value)| value);
        let kind = written("Type").and_then(|n| tree.text(n)).unwrap_or("String");
        let list = kind.contains("List<") || kind == "CommaDelimitedList";
        let data = |text: &str| match list {
            true => Data::List(text.split(',').map(|item| Data::Text(item.trim().into())).collect()),
            false => Data::Text(text.into()),
        };
        let default = written("Default").map(|node| plain_text(tree, node));
        if template.parent.is_none()
            && let Some((_, value)) = self.options.parameters.iter().find(|(n, _)| **n == **name)
        {
            return always(data(value));
        }
        if kind.starts_with("AWS::SSM::Parameter::Value") {
            let text = format!("the parameter {name} is looked up in the Systems Manager parameter store");
            return self.open(
                template,
                name,
                Vec::new(),
                Some((Reason::at(text, place.clone()), false)),
                place,
            );
        }
        if let Some(parent) = &template.parent {
            return match self.passed(template, name, place) {
                // A list is handed over as one text.
                Some(cases) if list => {
                    let listed = |data: Data| match super::intrinsics::split_at(&data, ",") {
                        Some(items) => Data::List(items.iter().map(trimmed).collect()),
                        None => data,
                    };
                    cases.into_iter().map(|(guard, data)| (guard, listed(data))).collect()
                }
                Some(cases) => cases,
                None => match default {
                    Some(default) => always(data(&default)),
                    None => {
                        let text =
                            format!("the nested stack {} is given no parameter {name}", parent.logical);
                        always(Data::Unknown(Unknown::new(Reason::at(text, place.clone()))))
                    }
                },
            };
        }
        let allowed: Vec<String> =
            written("AllowedValues").map_or(vec![], |n| tree.items(n).map(|i| plain_text(tree, i)).collect());
        // For a list, every part is one of the allowed values, so the whole is not.
        if !allowed.is_empty() && !list {
            let mut values = Vec::new();
            for value in default.iter().chain(&allowed) {
                if allowed.contains(value) && !values.contains(value) {
                    values.push(value.clone());
                }
            }
            let values = values.into_iter().map(|v| (data(&v), v)).collect();
            return self.open(template, name, values, None, place);
        }
        let text = match default.is_some() {
            true => format!("the parameter {name} may be given another value"),
            false => format!("the parameter {name} has no default"),
        };
        let values = default.into_iter().map(|v| (data(&v), v)).collect();
        self.open(template, name, values, Some((Reason::at(text, place.clone()), true)), place)
    }

    /// What the stack around a nested one passes in; `None` if nothing.
    fn passed(&self, template: &Rc<Template>, name: &Rc<str>, place: &Place) -> Option<Cases> {
        let parent = template.parent.as_ref()?;
        let mut out = Cases::new();
        for (guard, properties) in &parent.properties {
            let Some(parameters) = self.field(properties, "Parameters") else { continue };
            for (when, map) in self.cases(&parameters.value) {
                let guard = guard.clone().and(when);
                match map {
                    Data::Node(map) => {
                        let Some(field) = self.field(&map, name) else { continue };
                        let place = self.place(&field.value);
                        self.step(format!("passed to {} as the parameter {name}", parent.logical), place);
                        for (when, data) in self.cases(&field.value) {
                            out.push((guard.clone().and(when), data));
                        }
                    }
                    Data::Unknown(unknown) => out.push((guard, Data::Unknown(unknown))),
                    _ => {}
                }
            }
        }
        if out.is_empty() {
            return None;
        }
        // What nobody knows may still be told apart by what this template compares it with.
        let compared = self.compared(template, name);
        if compared.is_empty() {
            return Some(out);
        }
        let mut split = Cases::new();
        for (guard, data) in out {
            match data {
                Data::Unknown(unknown) => {
                    let label: Rc<str> = format!("parameter {}{name}", template.prefix).into();
                    let reason = Some((unknown.reason.clone(), true));
                    let open = self.alternatives(&label, Vec::new(), compared.clone(), reason, Some(place));
                    split.extend(open.into_iter().map(|(g, d)| (guard.clone().and(g), d)));
                }
                data => split.push((guard, data)),
            }
        }
        Some(split)
    }

    fn pseudo(&self, template: &Rc<Template>, name: &Rc<str>) -> Cases {
        if let Some((_, value)) = template.pseudo.iter().find(|(n, _)| **n == **name) {
            return always(Data::Text(value.as_str().into()));
        }
        if let Some((_, value)) = self.options.parameters.iter().find(|(n, _)| **n == **name) {
            return always(Data::Text(value.as_str().into()));
        }
        if let Some(parent) = &template.parent
            && **name != *"AWS::StackName"
            && **name != *"AWS::StackId"
            && let Some(parent) = self.template(parent.template)
            && let Some(cases) = self.parameter(&parent, name)
        {
            return cases;
        }
        let reason = Reason::new(format!("{name} is only known at deployment"));
        let compared = self.compared(template, name);
        let label: Rc<str> = name.clone();
        self.alternatives(&label, Vec::new(), compared, Some((reason, true)), None)
    }

    /// The alternatives of a parameter of this very template.
    fn open(
        &self,
        template: &Rc<Template>,
        name: &Rc<str>,
        written: Vec<(Data, String)>,
        other: Option<(Reason, bool)>,
        place: &Place,
    ) -> Cases {
        let compared = match other {
            Some((_, true)) => self.compared(template, name),
            _ => Vec::new(),
        };
        let label = format!("parameter {}{name}", template.prefix).into();
        self.alternatives(&label, written, compared, other, Some(place))
    }

    /// One case per written value and per text that it is compared with, and one for everything else.
    /// `other`: why a further value may be there, and whether it is known not to be one of the former.
    fn alternatives(
        &self,
        label: &Rc<str>,
        mut values: Vec<(Data, String)>,
        compared: Vec<Rc<str>>,
        other: Option<(Reason, bool)>,
        place: Option<&Place>,
    ) -> Cases {
        for text in compared {
            let data = Data::Text(text.clone());
            if !values.iter().any(|(known, _)| *known == data) {
                values.push((data, text.to_string()));
            }
        }
        values.truncate(MAX_CASES - 1);
        let mut names: Vec<String> = values.iter().map(|(_, name)| name.clone()).collect();
        let mut data: Vec<Data> = values.into_iter().map(|(data, _)| data).collect();
        if let Some((reason, apart)) = other {
            let not = match apart {
                true => names.iter().map(|name| Rc::from(name.as_str())).collect(),
                false => Rc::from([]),
            };
            data.push(Data::Unknown(Rc::new(Unknown {
                reason,
                key: Some(label.clone()),
                not,
                parts: Rc::from([]),
            })));
            names.push(if names.is_empty() { "any value".into() } else { "another value".into() });
        }
        if data.len() < 2 {
            return data.into_iter().map(|data| (Guard::Always, data)).collect();
        }
        let choice = self.choice(label.to_string(), names, place.cloned());
        data.into_iter().enumerate().map(|(i, data)| (Guard::is(choice, i as u32), data)).collect()
    }

    /// Texts that the template compares a parameter with, or uses it to look up.
    fn compared(&self, template: &Template, name: &str) -> Vec<Rc<str>> {
        let all = template.compared.get_or_init(|| comparisons(template));
        all.get(name).cloned().unwrap_or_default()
    }
}

fn trimmed(item: &Data) -> Data {
    match item {
        Data::Text(text) => Data::Text(text.trim().into()),
        item => item.clone(),
    }
}

fn plain_text(tree: &Tree, node: NodeId) -> String {
    match tree.kind(node) {
        Kind::Sequence => {
            let items: Vec<&str> = tree.items(node).filter_map(|i| tree.text(i)).collect();
            items.join(",")
        }
        _ => tree.text(node).unwrap_or_default().to_owned(),
    }
}

/// Parameters with the texts they are compared with: the other side of an `Fn::Equals`, and the keys of a
/// mapping that they select from.
fn comparisons(template: &Template) -> FxHashMap<Rc<str>, Vec<Rc<str>>> {
    let tree = &template.tree;
    let mut out: FxHashMap<Rc<str>, Vec<Rc<str>>> = FxHashMap::default();
    let mut add = |name: &str, text: &str| {
        let texts = out.entry(name.into()).or_default();
        if texts.len() < MAX_CASES && !texts.iter().any(|t| **t == *text) {
            texts.push(text.into());
        }
    };
    let mappings = template.section("Mappings").map(|h| h.node);
    // Rules say what deployment refuses: what they compare with is no alternative because of that.
    let refused: FxHashSet<NodeId> =
        template.section("Rules").map(|rules| tree.below(rules.node).collect()).unwrap_or_default();
    for node in tree.all().filter(|node| !refused.contains(node)) {
        let (equals, list) = match tree.tag(node) {
            Some("Equals") => (true, node),
            Some("FindInMap") => (false, node),
            Some(_) => continue,
            None => match call_of_literal(tree, node) {
                Some(found) => found,
                None => continue,
            },
        };
        let args: Vec<NodeId> = tree.items(list).take(3).collect();
        match (equals, args.as_slice()) {
            (true, [a, b]) => {
                for (name, text) in [(a, b), (b, a)] {
                    if let (Some(name), Some(text)) = (name_of_ref(tree, *name), literal(tree, *text)) {
                        add(name, text);
                    }
                }
            }
            (false, [map, first, second]) => {
                let Some(map) = mappings.zip(tree.text(*map)).and_then(|(m, name)| tree.get(m, name)) else {
                    continue;
                };
                let rows = tree.merged_entries(map.1);
                if let Some(name) = name_of_ref(tree, *first) {
                    rows.iter().filter_map(|(key, _)| tree.text(*key)).for_each(|key| add(name, key));
                }
                if let Some(name) = name_of_ref(tree, *second) {
                    for (_, row) in &rows {
                        for (key, _) in tree.merged_entries(*row) {
                            if let Some(key) = tree.text(key) {
                                add(name, key);
                            }
                        }
                    }
                }
            }
            _ => {}
        }
    }
    out
}

/// `{"Fn::Equals": …}` or `{"Fn::FindInMap": …}`.
fn call_of_literal(tree: &Tree, node: NodeId) -> Option<(bool, NodeId)> {
    if tree.kind(node) != Kind::Mapping {
        return None;
    }
    let (key, value) = tree.entries(node).next()?;
    if tree.is(key, "Fn::Equals") {
        return Some((true, value));
    }
    tree.is(key, "Fn::FindInMap").then_some((false, value))
}

fn literal(tree: &Tree, node: NodeId) -> Option<&str> {
    if tree.tag(node).is_some() { None } else { tree.text(node) }
}

/// The name in `Ref: name` or in `Fn::Sub: "${name}"`.
fn name_of_ref(tree: &Tree, node: NodeId) -> Option<&str> {
    let inner = |text: &str| -> Option<(usize, usize)> {
        let name = text.strip_prefix("${")?.strip_suffix('}')?;
        (!name.contains(['$', '.', '!'])).then_some((2, 2 + name.len()))
    };
    let (text, sub) = match (tree.tag(node), tree.kind(node)) {
        (Some("Ref"), _) => (tree.text(node)?, false),
        (Some("Sub"), _) => (tree.text(node)?, true),
        (None, Kind::Mapping) => match call_of(tree, node)?.ok()? {
            (Function::Ref, value) => (tree.text(value)?, false),
            (Function::Sub, value) => (tree.text(value)?, true),
            _ => return None,
        },
        _ => return None,
    };
    match sub {
        false => Some(text),
        true => inner(text).and_then(|(start, end)| text.get(start..end)),
    }
}
