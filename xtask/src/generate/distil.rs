//! Assemblies in, one line of text per type out. `tidegate_read::cdk::library` says what a line holds.

use super::assembly::{Assembly, Callable, Property, Type, TypeReference};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write;
use tidegate_read::cdk::library::{pascal_case, snake_case};

/// The CloudFormation name of each property of an L1 type, by the type's name in the JavaScript code
/// (`aws_ec2.CfnVPCProps`) and the property's.
pub type CloudFormationNames = HashMap<String, HashMap<String, String>>;

/// The lines for some packages, sorted by full Python name. `known` are these and what they refer to.
pub fn distil(packages: &[Assembly], known: &[Assembly], names: &CloudFormationNames) -> Vec<String> {
    let distiller = Distiller { modules: modules(known), types: types(known).collect(), names };
    let mut lines: Vec<(String, String)> = types(packages)
        .filter(|(full, ty)| distiller.is_kept(full, ty))
        .map(|(full, ty)| (distiller.python_name(full), distiller.line(full, ty)))
        .collect();
    lines.sort();
    lines.into_iter().map(|(_, line)| line).collect()
}

fn types<'a, 'b>(assemblies: &'b [Assembly<'a>]) -> impl Iterator<Item = (&'b str, &'b Type<'a>)> {
    assemblies.iter().flat_map(|a| a.types.iter().map(|(full, ty)| (full.as_str(), ty)))
}

/// Python modules by the prefix of a jsii name that lives in them.
pub fn modules(assemblies: &[Assembly]) -> BTreeMap<String, String> {
    let mut modules = BTreeMap::new();
    for assembly in assemblies {
        let root = assembly.targets.python.as_ref().and_then(|p| p.module.clone()).unwrap_or_default();
        modules.insert(assembly.name.clone(), root);
        for (name, submodule) in &assembly.submodules {
            // Where the package names no module, jsii derives it from the parent's.
            let named = submodule.targets.python.as_ref().and_then(|p| p.module.clone());
            let module = named.or_else(|| {
                let (parent, last) = name.rsplit_once('.')?;
                Some(format!("{}.{}", modules.get(parent)?, snake_case(last)))
            });
            modules.insert(name.clone(), module.unwrap_or_default());
        }
    }
    modules
}

/// The Python name of a type: the longest module that is a prefix, then the rest as it is.
pub fn python_name(modules: &BTreeMap<String, String>, full: &str) -> String {
    let mut prefix = full;
    while let Some((shorter, _)) = prefix.rsplit_once('.') {
        if let Some(module) = modules.get(shorter) {
            return format!("{module}{}", &full[shorter.len()..]);
        }
        prefix = shorter;
    }
    full.to_string()
}

struct Distiller<'a> {
    modules: BTreeMap<String, String>,
    types: HashMap<&'a str, &'a Type<'a>>,
    names: &'a CloudFormationNames,
}

/// The service whose L1 types are kept whole, since groups, lists and ACLs live there.
const NETWORK: &str = "aws_ec2";

impl Distiller<'_> {
    fn python_name(&self, full: &str) -> String {
        python_name(&self.modules, full)
    }

    /// Types nested in an L1 class are kept for the network service only: they describe resources
    /// that can carry no rule.
    fn is_kept(&self, full: &str, ty: &Type) -> bool {
        match &ty.namespace {
            Some(namespace) => {
                let nested_in_l1 =
                    self.types.contains_key(full.rsplit_once('.').map_or("", |(parent, _)| parent))
                        && namespace.rsplit('.').next().is_some_and(|n| n.starts_with("Cfn"));
                !nested_in_l1 || namespace.starts_with(NETWORK)
            }
            None => true,
        }
    }

    fn is_l1(full: &str, ty: &Type) -> bool {
        ty.docs.custom.contains_key("cloudformationResource")
            || (ty.datatype
                && ty.name.starts_with("Cfn")
                && ty.name.ends_with("Props")
                && full.matches('.').count() >= 2)
    }

    fn line(&self, full: &str, ty: &Type) -> String {
        // What an L1 type outside the network service can do is not asked for; only which properties it has.
        let names_only = Self::is_l1(full, ty) && !ty.namespace.as_deref().unwrap_or("").starts_with(NETWORK);
        let references_only = full.starts_with("aws-cdk-lib.interfaces.");
        let mut line = self.python_name(full);
        let kind = match (&*ty.kind, ty.datatype, self.is_construct(full)) {
            ("class", _, true) => 'C',
            ("class", ..) => 'c',
            ("interface", true, _) => 's',
            ("interface", _, true) => 'I',
            ("interface", ..) => 'i',
            _ => 'e',
        };
        let base = ty.base.as_deref().map(|b| self.python_name(b)).unwrap_or_default();
        let interfaces: Vec<String> = ty.interfaces.iter().map(|i| self.python_name(i)).collect();
        let resource = ty.docs.custom.get("cloudformationResource").map(|r| &**r).unwrap_or_default();
        let resource = if ty.kind == "class" { resource } else { "" };
        let _ = write!(line, "\t{kind}\t{base}\t{}\t{resource}", interfaces.join(","));
        if references_only {
            return line;
        }
        if let Some(initializer) = &ty.initializer {
            let _ = write!(line, "\t@{}", self.callable(initializer));
        }
        let mut members: Vec<String> = Vec::new();
        if !(names_only && ty.kind == "class") {
            for method in ty.methods.iter().filter(|m| !m.protected) {
                let mark = if method.is_static { '=' } else { '+' };
                members.push(format!("{mark}{}{}", identifier(&method.name), self.callable(method)));
            }
            for property in ty.properties.iter().filter(|p| !p.protected) {
                members.push(self.property(full, ty, property, names_only));
            }
        }
        members.extend(ty.members.iter().map(|m| format!("#{}", m.name)));
        members.sort();
        for member in members {
            let _ = write!(line, "\t{member}");
        }
        line
    }

    fn property(&self, full: &str, ty: &Type, property: &Property, names_only: bool) -> String {
        let mark = if property.is_static { '!' } else { '.' };
        let mut name = identifier(&property.name);
        if property.is_constant {
            name = name.to_uppercase();
        }
        let optional = if property.optional { "?" } else { "" };
        let mut text = format!("{mark}{name}{optional}:");
        if !names_only {
            text.push_str(&self.type_name(&property.ty));
        }
        let key = full.split_once('.').map_or(full, |(_, rest)| rest);
        if ty.datatype
            && let Some(cloudformation) = self.names.get(key).and_then(|names| names.get(&*property.name))
            && *cloudformation != pascal_case(&name)
        {
            let _ = write!(text, "={cloudformation}");
        }
        text
    }

    /// Parameters in order, the struct whose properties are keywords, and what comes back.
    fn callable(&self, callable: &Callable) -> String {
        let count = callable.parameters.len();
        let keywords = callable.parameters.last().and_then(|last| {
            let full = last.ty.fqn.as_deref()?;
            (self.types.get(full)?.datatype && !last.variadic).then_some(full)
        });
        let lifted = keywords.map(|full| self.struct_properties(full)).unwrap_or_default();
        let mut parts: Vec<String> = Vec::new();
        for (index, parameter) in callable.parameters.iter().enumerate() {
            if let (true, Some(full)) = (index + 1 == count, keywords) {
                let optional = if parameter.optional { "?" } else { "" };
                parts.push(format!("**{}{optional}", self.python_name(full)));
                continue;
            }
            let mut name = identifier(&parameter.name);
            // A parameter that is called like one of the keywords gives way.
            while lifted.contains(&name) {
                name.push('_');
            }
            let star = if parameter.variadic { "*" } else { "" };
            let optional = if parameter.optional { "?" } else { "" };
            parts.push(format!("{star}{name}{optional}:{}", self.type_name(&parameter.ty)));
        }
        let returns = callable.returns.as_ref().map(|r| self.type_name(&r.ty)).unwrap_or_default();
        format!("({}){returns}", parts.join(","))
    }

    /// The Python names of a struct's properties, inherited ones too.
    fn struct_properties(&self, full: &str) -> HashSet<String> {
        let Some(ty) = self.types.get(full) else { return HashSet::new() };
        let mut names: HashSet<String> = ty.properties.iter().map(|p| identifier(&p.name)).collect();
        for parent in &ty.interfaces {
            names.extend(self.struct_properties(parent));
        }
        names
    }

    fn type_name(&self, ty: &TypeReference) -> String {
        if let Some(primitive) = &ty.primitive {
            return match &**primitive {
                "string" => "str",
                "number" => "num",
                "boolean" => "bool",
                "json" => "map<any>",
                other => other,
            }
            .to_string();
        }
        if let Some(full) = &ty.fqn {
            return self.python_name(full);
        }
        if let Some(collection) = &ty.collection {
            let kind = if collection.kind == "map" { "map" } else { "list" };
            return format!("{kind}<{}>", self.type_name(&collection.elementtype));
        }
        let (types, separator) = match (&ty.union, &ty.intersection) {
            (Some(union), _) => (&union.types, "|"),
            (None, Some(both)) => (&both.types, "&"),
            (None, None) => return "any".to_string(),
        };
        types.iter().map(|t| self.type_name(t)).collect::<Vec<_>>().join(separator)
    }

    /// Whether a class or interface is a construct, by its ancestors.
    fn is_construct(&self, full: &str) -> bool {
        if full == "constructs.Construct" || full == "constructs.IConstruct" {
            return true;
        }
        let Some(ty) = self.types.get(full) else { return false };
        ty.base.iter().chain(&ty.interfaces).any(|parent| self.is_construct(parent))
    }
}

/// A jsii name as a Python identifier: snake case, with an underscore behind it where it is a keyword.
pub fn identifier(name: &str) -> String {
    const KEYWORDS: [&str; 35] = [
        "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
        "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in",
        "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
    ];
    let mut snake = snake_case(name);
    if KEYWORDS.contains(&snake.as_str()) {
        snake.push('_');
    }
    snake
}
