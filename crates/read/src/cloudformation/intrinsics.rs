//! The intrinsic functions that work on texts and lists.

use super::data::{Cases, Data, Here, TextCases, Unknown, always, bound, cross};
use super::evaluate::TOO_MANY;
use super::template::Template;
use super::text::{Piece, pieces, subnets};
use super::unit::{Exports, Unit};
use rustc_hash::FxHashMap;
use std::rc::Rc;
use tidegate_estate::Guard;

impl Unit<'_> {
    /// `Fn::Sub`: a text, or a text with a mapping of names.
    pub(super) fn sub(&self, template: &Rc<Template>, argument: &Here) -> Cases {
        let parts = self.arguments(argument);
        let (text, names) = match parts.as_slice() {
            [] => (argument.clone(), None),
            [text] => (text.clone(), None),
            [text, names, ..] => (text.clone(), Some(names.clone())),
        };
        // The text must be a literal; loop variables are put in before anything else.
        let Some(raw) = template.tree.text(text.node) else {
            return self.unknown(&text, "this Fn::Sub has no text");
        };
        if raw.contains("{{resolve:") {
            return self.unknown(&text, "a dynamic reference is only resolved at deployment");
        }
        let pieces = pieces(raw);
        if let [Piece::Name(name)] = pieces.as_slice() {
            return self.named_piece(template, name, names.as_ref(), &text);
        }
        let mut out: TextCases = vec![(Guard::Always, Ok("".into()))];
        for piece in &pieces {
            let cases: TextCases = match piece {
                Piece::Text(piece) => vec![(Guard::Always, Ok((*piece).into()))],
                Piece::Name(name) => {
                    let cases = self.named_piece(template, name, names.as_ref(), &text);
                    cases.into_iter().map(|(g, data)| (g, self.text_of(&data, &text))).collect()
                }
            };
            match concatenate(&out, &cases, "") {
                Some(joined) => out = joined,
                None => return self.unknown(argument, TOO_MANY),
            }
        }
        as_data(out)
    }

    fn named_piece(&self, template: &Rc<Template>, name: &str, names: Option<&Here>, here: &Here) -> Cases {
        if let Some(value) = bound(&here.env, name) {
            return always(value.clone());
        }
        if let Some(names) = names
            && let Some(value) = self.field(names, name)
        {
            return self.cases(&value.value);
        }
        match name.contains('.') {
            true => self.attribute(template, name, here),
            false => self.reference(template, name, here),
        }
    }

    /// `Fn::Join: [delimiter, list]`.
    pub(super) fn join(&self, argument: &Here) -> Cases {
        let parts = self.arguments(argument);
        let [delimiter, list] = parts.as_slice() else {
            return self.unknown(argument, "this Fn::Join has not two parts");
        };
        let mut out = Cases::new();
        for (guard, items) in self.lists(list) {
            let items = match items {
                Ok(items) => items,
                Err(unknown) => {
                    out.push((guard, Data::Unknown(unknown)));
                    continue;
                }
            };
            if let [one] = &*items {
                out.push((guard, one.clone()));
                continue;
            }
            for (when, between) in self.texts(delimiter) {
                let guard = guard.clone().and(when);
                let joined = between.and_then(|between| {
                    let mut text: Result<Rc<str>, Rc<Unknown>> = Ok("".into());
                    for (at, item) in items.iter().enumerate() {
                        let before = if at == 0 { "" } else { &*between };
                        text = in_a_row(&text, &self.text_of(item, list), before);
                    }
                    text
                });
                out.push((guard, joined.map_or_else(Data::Unknown, Data::Text)));
            }
        }
        out
    }

    /// `Fn::Select: [index, list]`.
    pub(super) fn select(&self, argument: &Here) -> Cases {
        let parts = self.arguments(argument);
        let [index, list] = parts.as_slice() else {
            return self.unknown(argument, "this Fn::Select has not two parts");
        };
        let picked = cross(&self.texts(index), &self.lists(list), |index, list| match (index, list) {
            (Ok(index), Ok(list)) => {
                match index.trim().parse::<usize>().ok().and_then(|index| list.get(index)) {
                    Some(data) => data.clone(),
                    None => Data::Unknown(self.no_text(argument, "the list has no such item")),
                }
            }
            (Err(unknown), _) | (_, Err(unknown)) => Data::Unknown(unknown.clone()),
        });
        picked.unwrap_or_else(|| self.unknown(argument, TOO_MANY))
    }

    /// `Fn::Split: [delimiter, text]`.
    pub(super) fn split(&self, argument: &Here) -> Cases {
        let parts = self.arguments(argument);
        let [delimiter, text] = parts.as_slice() else {
            return self.unknown(argument, "this Fn::Split has not two parts");
        };
        let split =
            cross(&self.texts(delimiter), &self.texts(text), |delimiter, text| match (delimiter, text) {
                (Ok(delimiter), Ok(text)) if delimiter.is_empty() => {
                    Data::List(Rc::from([Data::Text(text.clone())]))
                }
                (Ok(delimiter), text) => {
                    let text = text.clone().map_or_else(Data::Unknown, Data::Text);
                    match split_at(&text, delimiter) {
                        Some(items) => Data::List(items.into()),
                        None => text,
                    }
                }
                (Err(unknown), _) => Data::Unknown(unknown.clone()),
            });
        split.unwrap_or_else(|| self.unknown(argument, TOO_MANY))
    }

    /// `Fn::Cidr: [block, count, host bits]`.
    pub(super) fn cidr(&self, argument: &Here) -> Cases {
        let parts = self.arguments(argument);
        let (block, count, bits) = match parts.as_slice() {
            [block, count] => (block, count, None),
            [block, count, bits] => (block, count, Some(bits)),
            _ => return self.unknown(argument, "this Fn::Cidr has not two or three parts"),
        };
        let bits = match bits {
            Some(bits) => self.texts(bits),
            None => vec![(Guard::Always, Ok("".into()))],
        };
        let pair = |a: &Result<Rc<str>, Rc<Unknown>>, b: &Result<Rc<str>, Rc<Unknown>>| match (a, b) {
            (Ok(a), Ok(b)) => Ok((a.clone(), b.clone())),
            (Err(unknown), _) | (_, Err(unknown)) => Err(unknown.clone()),
        };
        let Some(sizes) = cross(&self.texts(count), &bits, pair) else {
            return self.unknown(argument, TOO_MANY);
        };
        let made = cross(&self.texts(block), &sizes, |block, sizes| match (block, sizes) {
            (Ok(block), Ok((count, bits))) => match subnets(block, count, bits) {
                Some(list) => Data::List(list.into_iter().map(|t| Data::Text(t.into())).collect()),
                None => Data::Unknown(self.no_text(argument, "this Fn::Cidr cannot be worked out")),
            },
            (Err(unknown), _) | (_, Err(unknown)) => Data::Unknown(unknown.clone()),
        });
        made.unwrap_or_else(|| self.unknown(argument, TOO_MANY))
    }

    /// `Fn::Length: list`.
    pub(super) fn length(&self, argument: &Here) -> Cases {
        let lists = self.lists(argument).into_iter();
        lists
            .map(|(guard, list)| match list {
                Ok(list) => (guard, Data::Text(list.len().to_string().into())),
                Err(unknown) => (guard, Data::Unknown(unknown)),
            })
            .collect()
    }

    /// `Fn::FindInMap: [map, key, key]`, with a default value where language extensions allow one.
    pub(super) fn find_in_map(&self, template: &Rc<Template>, argument: &Here) -> Cases {
        let parts = self.arguments(argument);
        let [map, first, second, options @ ..] = parts.as_slice() else {
            return self.unknown(argument, "this Fn::FindInMap has not three parts");
        };
        let fallback = options.first().and_then(|o| self.field(o, "DefaultValue")).map(|f| f.value);
        let keys =
            cross(&self.texts(map), &self.texts(first), |a, b| (a.clone(), b.clone())).and_then(|keys| {
                cross(&keys, &self.texts(second), |(a, b), c| [a.clone(), b.clone(), c.clone()])
            });
        let Some(keys) = keys else { return self.unknown(argument, TOO_MANY) };
        let mut out = Cases::new();
        let mut missing = None;
        for (guard, keys) in keys {
            let cases = match self.lookup(template, &keys, argument) {
                Lookup::Found(value) => self.cases(&value),
                Lookup::Unknown(unknown) => always(Data::Unknown(unknown)),
                Lookup::Missing(key) => match &fallback {
                    Some(value) => self.cases(value),
                    // Deployment fails in such a world, so it is none.
                    None => {
                        missing = Some(key);
                        continue;
                    }
                },
            };
            out.extend(cases.into_iter().map(|(g, d)| (guard.clone().and(g), d)));
        }
        match (out.is_empty(), missing) {
            (true, Some(key)) => self.unknown(argument, format!("the mapping has no entry {key}")),
            _ => out,
        }
    }

    fn lookup(
        &self,
        template: &Rc<Template>,
        keys: &[Result<Rc<str>, Rc<Unknown>>; 3],
        here: &Here,
    ) -> Lookup {
        let Some(mut node) = template.section("Mappings") else { return Lookup::Missing("Mappings".into()) };
        for key in keys {
            match key {
                Ok(key) => match self.field(&node, key) {
                    Some(field) => node = field.value,
                    None => return Lookup::Missing(key.to_string()),
                },
                Err(unknown) => {
                    let tree = &template.tree;
                    let mut names =
                        tree.merged_entries(node.node).into_iter().filter_map(|(k, _)| tree.text(k));
                    return match names.all(|name| unknown.not.iter().any(|n| **n == *name)) {
                        true => Lookup::Missing("of that name".into()),
                        false => Lookup::Unknown(unknown.clone()),
                    };
                }
            }
        }
        let names: Vec<&str> = keys.iter().filter_map(|k| k.as_deref().ok()).collect();
        let place = self.place(&node).or_else(|| self.place(here));
        self.step(format!("the mapping entry {} gives the value", names.join(".")), place);
        Lookup::Found(node)
    }

    /// A value that another stack exports.
    pub(super) fn import(&self, name: &str, here: &Here) -> Cases {
        self.read_exports();
        let found = match &*self.exports.borrow() {
            Exports::Read(exports) => exports.get(name).cloned(),
            _ => None,
        };
        match found {
            Some(value) => {
                self.step(format!("imported as {name}"), self.place(&value));
                self.cases(&value)
            }
            None => {
                let reason = self.reason(here, format!("the imported value {name} is not in the input"));
                always(Data::Unknown(Unknown::keyed(reason, format!("import {name}"))))
            }
        }
    }

    /// `Fn::GetStackOutput: {StackName, OutputName}`: an output of another stack of the assembly.
    pub(super) fn stack_output(&self, argument: &Here) -> Cases {
        let field = |name| self.field(argument, name).map(|f| self.texts(&f.value));
        let (Some(stack), Some(output)) = (field("StackName"), field("OutputName")) else {
            return self.unknown(argument, "this Fn::GetStackOutput names no stack and output");
        };
        let names = cross(&stack, &output, |stack, output| match (stack, output) {
            (Ok(stack), Ok(output)) => Ok(format!("{stack} {output}")),
            (Err(unknown), _) | (_, Err(unknown)) => Err(unknown.clone()),
        });
        let mut out = Cases::new();
        for (guard, name) in names.unwrap_or_default() {
            match name {
                Ok(name) => out.extend(
                    self.import(&name, argument).into_iter().map(|(g, data)| (guard.clone().and(g), data)),
                ),
                Err(unknown) => out.push((guard, Data::Unknown(unknown))),
            }
        }
        out
    }

    fn read_exports(&self) {
        if !matches!(*self.exports.borrow(), Exports::Unread) {
            return;
        }
        *self.exports.borrow_mut() = Exports::Reading;
        let mut exports = FxHashMap::default();
        for template in self.templates() {
            let Some(outputs) = template.section("Outputs") else { continue };
            let stack = template.pseudo.iter().find(|(name, _)| *name == "AWS::StackName");
            for member in self.members(&outputs).0 {
                let Some(value) = self.field(&member.value, "Value").map(|f| f.value) else { continue };
                if let Some((_, stack)) = stack {
                    exports.insert(Rc::from(format!("{stack} {}", member.key)), value.clone());
                }
                let Some(export) = self.field(&member.value, "Export") else { continue };
                let Some(name) = self.field(&export.value, "Name") else { continue };
                for (_, name) in self.texts(&name.value) {
                    if let Ok(name) = name {
                        exports.insert(name, value.clone());
                    }
                }
            }
        }
        *self.exports.borrow_mut() = Exports::Read(exports);
    }
}

enum Lookup {
    Found(Here),
    Missing(String),
    Unknown(Rc<Unknown>),
}

/// Both texts in a row, world by world.
fn concatenate(left: &TextCases, right: &TextCases, between: &str) -> Option<TextCases> {
    cross(left, right, |a, b| in_a_row(a, b, between))
}

/// Both texts in a row. What is known of one that is not known as a whole is kept.
fn in_a_row(
    a: &Result<Rc<str>, Rc<Unknown>>,
    b: &Result<Rc<str>, Rc<Unknown>>,
    between: &str,
) -> Result<Rc<str>, Rc<Unknown>> {
    let reason = match (a, b) {
        (Ok(a), Ok(b)) => return Ok(Rc::from(format!("{a}{between}{b}"))),
        (Err(unknown), _) | (_, Err(unknown)) => unknown.reason.clone(),
    };
    let parts = |text: &Result<Rc<str>, Rc<Unknown>>| match text {
        Ok(text) => vec![Data::Text(text.clone())],
        Err(unknown) => unknown.parts(),
    };
    let mut all = parts(a);
    all.push(Data::Text(between.into()));
    all.extend(parts(b));
    Err(Unknown::of_parts(reason, all))
}

/// A text taken apart at a delimiter. Of one that is not known as a whole, the parts between delimiters that are known.
/// `None` where an unknown part may hold delimiters of its own: then nobody knows how many items there are.
pub(super) fn split_at(data: &Data, delimiter: &str) -> Option<Vec<Data>> {
    match data {
        Data::Text(text) => Some(text.split(delimiter).map(|item| Data::Text(item.into())).collect()),
        Data::Unknown(unknown) if unknown.parts.len() > 1 => {
            let mut items: Vec<Vec<Data>> = vec![Vec::new()];
            for part in unknown.parts.iter() {
                let Data::Text(text) = part else {
                    // An attribute of a resource is one thing; of a value from outside nobody can tell.
                    if !matches!(part, Data::Symbol(_)) {
                        return None;
                    }
                    items.last_mut()?.push(part.clone());
                    continue;
                };
                for (at, item) in text.split(delimiter).enumerate() {
                    if at > 0 {
                        items.push(Vec::new());
                    }
                    if !item.is_empty() {
                        items.last_mut()?.push(Data::Text(item.into()));
                    }
                }
            }
            let items = items.into_iter().map(|parts| match &parts[..] {
                [] => Data::Text("".into()),
                [one] => one.clone(),
                _ => Data::Unknown(Unknown::of_parts(unknown.reason.clone(), parts)),
            });
            Some(items.collect())
        }
        _ => None,
    }
}

fn as_data(texts: TextCases) -> Cases {
    texts.into_iter().map(|(guard, text)| (guard, text.map_or_else(Data::Unknown, Data::Text))).collect()
}
