//! What an expression stands for: literals, references and the intrinsic functions.

use super::data::{
    Cases, Data, Here, ListCases, Symbol, TextCases, Unknown, always, bound, cross, tidy, unknown,
};
use super::template::{ResourceKind, Template, substitute};
use super::unit::Unit;
use crate::tree::{Kind, NodeId, Tree};
use std::rc::Rc;
use tidegate_estate::{Guard, Reason};

/// The intrinsic functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Ref,
    GetAtt,
    Sub,
    Join,
    Select,
    Split,
    FindInMap,
    If,
    ImportValue,
    StackOutput,
    Cidr,
    Base64,
    Length,
    ToJsonString,
    GetAZs,
    Transform,
    /// And, Or, Not, Equals, Condition and the functions of rules: they give a truth value.
    Logic,
}

impl Function {
    /// The function with this name after `Fn::`.
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "GetAtt" => Self::GetAtt,
            "Sub" => Self::Sub,
            "Join" => Self::Join,
            "Select" => Self::Select,
            "Split" => Self::Split,
            "FindInMap" => Self::FindInMap,
            "If" => Self::If,
            "ImportValue" => Self::ImportValue,
            "GetStackOutput" => Self::StackOutput,
            "Cidr" => Self::Cidr,
            "Base64" => Self::Base64,
            "Length" => Self::Length,
            "ToJsonString" => Self::ToJsonString,
            "GetAZs" => Self::GetAZs,
            "Transform" => Self::Transform,
            "And" | "Or" | "Not" | "Equals" | "Contains" | "EachMemberIn" | "EachMemberEquals" | "RefAll"
            | "ValueOf" | "ValueOfAll" => Self::Logic,
            _ => return None,
        })
    }

    fn of_tag(tag: &str) -> Option<Self> {
        match tag {
            "Ref" => Some(Self::Ref),
            "Condition" => Some(Self::Logic),
            _ => Self::named(tag.strip_prefix("Fn::").unwrap_or(tag)),
        }
    }
}

/// The function that a mapping with a single key calls, and its argument. `Err` is a function nobody knows.
pub(super) fn call_of(tree: &Tree, node: NodeId) -> Option<Result<(Function, NodeId), &str>> {
    let mut entries = tree.entries(node);
    let (key, value) = entries.next()?;
    let name = tree.text(key)?;
    if name == "Ref" {
        return entries.next().is_none().then_some(Ok((Function::Ref, value)));
    }
    let function = name.strip_prefix("Fn::")?;
    if entries.next().is_some() || function.starts_with("ForEach") {
        return None;
    }
    Some(Function::named(function).map(|f| (f, value)).ok_or(name))
}

impl Unit<'_> {
    /// What the expression at a node stands for.
    pub(super) fn cases(&self, here: &Here) -> Cases {
        if !self.enter() {
            return self
                .unknown(here, "the expression is too deep or the template too large to be worked out");
        }
        let cases = self.evaluate(here);
        self.leave();
        tidy(&self.estate.borrow(), cases)
    }

    fn evaluate(&self, here: &Here) -> Cases {
        let Some(template) = self.template(here.template) else { return always(Data::Absent) };
        let tree = &template.tree;
        if !here.bare
            && let Some(tag) = tree.tag(here.node)
        {
            return match Function::of_tag(tag) {
                Some(function) => self.call(&template, function, &here.bare()),
                None => self.unknown(here, format!("the tag !{tag} is not known")),
            };
        }
        match tree.kind(here.node) {
            Kind::Null | Kind::Alias => always(Data::Absent),
            Kind::Dropped => self.unknown(here, "it is an alias that was not read"),
            Kind::Plain | Kind::Text => self.scalar(tree.text(here.node).unwrap_or_default(), here),
            Kind::Sequence => always(Data::Node(here.clone())),
            Kind::Mapping => match call_of(tree, here.node) {
                Some(Ok((function, argument))) => self.call(&template, function, &here.at(argument)),
                Some(Err(name)) => self.unknown(here, format!("the function {name} is not known")),
                None => always(Data::Node(here.clone())),
            },
        }
    }

    fn scalar(&self, text: &str, here: &Here) -> Cases {
        if text.contains("{{resolve:") {
            return self.unknown(here, "a dynamic reference is only resolved at deployment");
        }
        if here.env.is_none() {
            return always(Data::Text(text.into()));
        }
        match substitute(text, &here.env) {
            Ok(text) => always(Data::Text(text.into())),
            Err(reason) => unknown(reason),
        }
    }

    fn call(&self, template: &Rc<Template>, function: Function, argument: &Here) -> Cases {
        match function {
            Function::Ref => self.each_text(argument, |name| self.reference(template, name, argument)),
            Function::GetAtt => self.get_att(template, argument),
            Function::Sub => self.sub(template, argument),
            Function::Join => self.join(argument),
            Function::Select => self.select(argument),
            Function::Split => self.split(argument),
            Function::FindInMap => self.find_in_map(template, argument),
            Function::If => self.fn_if(template, argument),
            Function::ImportValue => self.each_text(argument, |name| self.import(name, argument)),
            Function::StackOutput => self.stack_output(argument),
            Function::Cidr => self.cidr(argument),
            Function::Base64 => {
                self.each_text(argument, |t| always(Data::Text(super::text::base64(t).into())))
            }
            Function::Length => self.length(argument),
            Function::ToJsonString => {
                self.unknown(argument, "a text that Fn::ToJsonString makes is not worked out")
            }
            Function::GetAZs => self.unknown(argument, "availability zones are only known at deployment"),
            Function::Transform => {
                let reason = self.transform_reason(argument);
                reason.map_or_else(|| self.unknown(argument, "a transform makes this value"), unknown)
            }
            Function::Logic => self.unknown(argument, "a condition stands where a value is expected"),
        }
    }

    /// Works on every text that the argument may be.
    pub(super) fn each_text(&self, argument: &Here, mut f: impl FnMut(&str) -> Cases) -> Cases {
        let mut out = Cases::new();
        for (guard, text) in self.texts(argument) {
            match text {
                Ok(text) => out.extend(f(&text).into_iter().map(|(g, d)| (guard.clone().and(g), d))),
                Err(unknown) => out.push((guard, Data::Unknown(unknown))),
            }
        }
        out
    }

    /// The texts that an expression may be.
    pub(super) fn texts(&self, here: &Here) -> TextCases {
        self.cases(here).into_iter().map(|(guard, data)| (guard, self.text_of(&data, here))).collect()
    }

    /// A value as a text.
    pub(super) fn text_of(&self, data: &Data, here: &Here) -> Result<Rc<str>, Rc<Unknown>> {
        match data {
            Data::Text(text) => Ok(text.clone()),
            Data::Unknown(unknown) => Err(unknown.clone()),
            Data::Symbol(symbol) => {
                let name = self.symbol_name(symbol);
                let reason = self.reason(here, format!("{name} is only known at deployment"));
                let known = Unknown::keyed(reason, name);
                Err(Rc::new(Unknown { parts: Rc::from([data.clone()]), ..(*known).clone() }))
            }
            Data::Absent => Err(self.no_text(here, "there is no value")),
            Data::List(_) | Data::Node(_) => {
                Err(self.no_text(here, "there is a list or a mapping instead of a text"))
            }
        }
    }

    /// How a symbol is called in messages and as a peer.
    pub(super) fn symbol_name(&self, symbol: &Symbol) -> String {
        let Some(template) = self.template(symbol.template) else { return String::new() };
        let resources = template.resources();
        let logical = resources.list.get(symbol.resource).map_or("", |r| &*r.logical);
        match &*symbol.attribute {
            "Ref" => format!("{}{logical}", template.prefix),
            attribute => format!("{}{logical}.{attribute}", template.prefix),
        }
    }

    /// The parts of a function's argument.
    pub(super) fn arguments(&self, here: &Here) -> Vec<Here> {
        match self.template(here.template) {
            Some(template) => template.tree.items(here.node).map(|item| here.at(item)).collect(),
            None => vec![],
        }
    }

    /// The lists that an expression may be. A single value counts as a list of one.
    pub(super) fn lists(&self, here: &Here) -> ListCases {
        let mut out = ListCases::new();
        for (guard, data) in self.cases(here) {
            match data {
                Data::List(list) => out.push((guard, Ok(list))),
                Data::Absent => out.push((guard, Ok(Rc::from([])))),
                Data::Unknown(unknown) => out.push((guard, Err(unknown))),
                Data::Node(node) if self.is_list(&node) => {
                    out.extend(self.literal_list(&node).into_iter().map(|(g, l)| (guard.clone().and(g), l)));
                }
                Data::Symbol(_) => {
                    let unknown = match self.text_of(&data, here) {
                        Err(unknown) => unknown,
                        Ok(_) => self.no_text(here, "it is only known at deployment"),
                    };
                    out.push((guard, Err(unknown)));
                }
                one @ (Data::Text(_) | Data::Node(_)) => out.push((guard, Ok(Rc::from([one])))),
            }
        }
        out
    }

    /// Whether a node is a list.
    pub(super) fn is_list(&self, here: &Here) -> bool {
        self.template(here.template).is_some_and(|t| t.tree.kind(here.node) == Kind::Sequence)
    }

    fn literal_list(&self, here: &Here) -> ListCases {
        type Growing = Result<Vec<Data>, Rc<Unknown>>;
        let mut lists: Vec<(Guard, Growing)> = vec![(Guard::Always, Ok(vec![]))];
        for item in self.arguments(here) {
            let cases = self.cases(&item);
            let joined = cross(&lists, &cases, |list, data| match (list, data) {
                (Err(unknown), _) => Err(unknown.clone()),
                (Ok(list), Data::Absent) => Ok(list.clone()),
                (Ok(list), data) => {
                    let mut list = list.clone();
                    list.push(data.clone());
                    Ok(list)
                }
            });
            match joined {
                Some(joined) => lists = joined,
                None => return vec![(Guard::Always, Err(self.no_text(here, TOO_MANY)))],
            }
        }
        lists.into_iter().map(|(guard, list)| (guard, list.map(Rc::from))).collect()
    }

    /// What a name stands for.
    pub(super) fn reference(&self, template: &Rc<Template>, name: &str, here: &Here) -> Cases {
        if let Some(value) = bound(&here.env, name) {
            return always(value.clone());
        }
        if name == "AWS::NoValue" {
            return always(Data::Absent);
        }
        if let Some(cases) = self.parameter(template, name) {
            return cases;
        }
        if let Some(resource) = template.resources().find(name) {
            return always(Data::Symbol(Symbol { template: template.id, resource, attribute: "Ref".into() }));
        }
        self.unknown(here, format!("{name} is neither a parameter nor a resource of this template"))
    }

    fn get_att(&self, template: &Rc<Template>, argument: &Here) -> Cases {
        let parts = self.arguments(argument);
        let path = match parts.as_slice() {
            [] => self.texts(argument),
            [resource, attributes @ ..] => {
                let mut path = self.texts(resource);
                for attribute in attributes {
                    let joined = cross(&path, &self.texts(attribute), |a, b| match (a, b) {
                        (Ok(a), Ok(b)) => Ok(Rc::from(format!("{a}.{b}"))),
                        (Err(unknown), _) | (_, Err(unknown)) => Err(unknown.clone()),
                    });
                    match joined {
                        Some(joined) => path = joined,
                        None => return self.unknown(argument, TOO_MANY),
                    }
                }
                path
            }
        };
        let mut out = Cases::new();
        for (guard, path) in path {
            match path {
                Ok(path) => {
                    let cases = self.attribute(template, &path, argument);
                    out.extend(cases.into_iter().map(|(g, d)| (guard.clone().and(g), d)));
                }
                Err(unknown) => out.push((guard, Data::Unknown(unknown))),
            }
        }
        out
    }

    /// `Resource.Attribute`.
    pub(super) fn attribute(&self, template: &Rc<Template>, path: &str, here: &Here) -> Cases {
        let (name, attribute) = path.split_once('.').unwrap_or((path, ""));
        let resources = template.resources();
        let Some(index) = resources.find(name) else {
            let reason = self.reason(here, format!("{name} is not a resource of this template"));
            return always(Data::Unknown(Unknown::keyed(reason, format!("{}{path}", template.prefix))));
        };
        let Some(resource) = resources.list.get(index) else { return always(Data::Absent) };
        match resource.kind {
            ResourceKind::Stack | ResourceKind::ServerlessApplication => {
                if let Some(output) = attribute.strip_prefix("Outputs.") {
                    return self.nested_output(template, index, output, here);
                }
            }
            ResourceKind::Vpc | ResourceKind::Subnet if attribute == "CidrBlock" => {
                let block = self.properties(resource).cases("CidrBlock");
                if block.iter().any(|(_, data)| *data != Data::Absent) {
                    return block;
                }
            }
            _ => {}
        }
        always(Data::Symbol(Symbol { template: template.id, resource: index, attribute: attribute.into() }))
    }

    fn fn_if(&self, template: &Rc<Template>, argument: &Here) -> Cases {
        let parts = self.arguments(argument);
        let [condition, yes, no] = parts.as_slice() else {
            return self.unknown(argument, "this Fn::If has not three parts");
        };
        let mut out = Cases::new();
        for (when, name) in self.texts(condition) {
            let holds = match name {
                Ok(name) => self.condition(template, &name, condition),
                Err(unknown) => {
                    out.push((when, Data::Unknown(unknown)));
                    continue;
                }
            };
            for (guard, branch) in [(holds.clone(), yes), (holds.negate(), no)] {
                let guard = when.clone().and(guard);
                if guard == Guard::Never {
                    continue;
                }
                let cases = self.cases(branch).into_iter().filter(|(g, _)| !guard.contradicts(g));
                out.extend(cases.map(|(g, data)| (guard.clone().and(g), data)));
            }
        }
        out
    }

    /// Why what a transform makes cannot be known; `None` where the transform is known to leave groups alone.
    pub(super) fn transform_reason(&self, argument: &Here) -> Option<Reason> {
        let template = self.template(argument.template)?;
        let name = match template.tree.get(argument.node, "Name") {
            Some((_, name)) => template.tree.text(name).unwrap_or("a macro").to_owned(),
            None => template.tree.text(argument.node).unwrap_or("a macro").to_owned(),
        };
        if leaves_groups_alone(&name) {
            return None;
        }
        Some(self.reason(argument, format!("the macro {name} may change what is written here")))
    }
}

/// What is said where alternatives multiply beyond what is worth following.
pub(super) const TOO_MANY: &str = "too many alternatives come together here";

/// Transforms of AWS that neither add, change nor remove a rule of a group. (AWS CloudFormation template
/// reference, "Transforms": each says which resources it makes.)
pub(super) fn leaves_groups_alone(name: &str) -> bool {
    [
        "AWS::Serverless",
        "AWS::LanguageExtensions",
        "AWS::CodeDeploy",
        "AWS::SecretsManager",
        "AWS::ServiceCatalog",
    ]
    .iter()
    .any(|known| name.starts_with(known))
}
