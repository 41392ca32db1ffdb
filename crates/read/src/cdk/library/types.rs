//! One line of the library's data, read when it is asked.

use super::{DEPTH, lookup, pascal_case};
use memchr::memmem::Finder;
use rustc_hash::FxHashMap;
use std::cell::{Cell, RefCell};

/// What a type is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A class.
    Class,
    /// An interface that classes implement.
    Interface,
    /// A bundle of properties: keywords of a call, or an object of its own.
    Struct,
    /// An enumeration.
    Enum,
}

/// A type of the library.
#[derive(Debug, Clone, Copy)]
pub struct TypeInfo<'a> {
    /// Its full Python name.
    pub name: &'a str,
    kind: Kind,
    construct: bool,
    base: &'a str,
    interfaces: &'a str,
    resource: &'a str,
    members: &'a str,
}

/// A method or constructor.
#[derive(Debug, Clone, Copy)]
pub struct Signature<'a> {
    parameters: &'a str,
    /// Whether it is called on the class.
    pub is_static: bool,
    /// The type that comes back, in compact form (see [`PropertyInfo::ty`]); empty for nothing.
    pub returns: &'a str,
}

/// A positional parameter. Python programs may also give it by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter<'a> {
    /// Its Python name.
    pub name: &'a str,
    /// Its type, in compact form.
    pub ty: &'a str,
    /// Whether it may be left out.
    pub optional: bool,
    /// Whether it takes all positional arguments that are left.
    pub variadic: bool,
}

/// A keyword of a call: a property of the struct that the call takes last.
pub type Keyword<'a> = PropertyInfo<'a>;

/// A property of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PropertyInfo<'a> {
    /// Its Python name.
    pub name: &'a str,
    /// Its type, in compact form: a full Python name, `str`, `num`, `bool`, `any`, `date`, `list<…>`, `map<…>`, alternatives
    /// parted by `|`, joined types by `&`. Empty where the data keep only the name (L1 types outside `aws_ec2`).
    pub ty: &'a str,
    /// Whether it may be absent.
    pub optional: bool,
    /// Whether it belongs to the class.
    pub is_static: bool,
    resource_name: &'a str,
}

impl<'a> PropertyInfo<'a> {
    fn parse(member: &'a str) -> Option<Self> {
        let (is_static, text) = match member.as_bytes().first()? {
            b'.' => (false, member.get(1..)?),
            b'!' => (true, member.get(1..)?),
            _ => return None,
        };
        let (name, ty) = text.split_once(':')?;
        let (ty, resource_name) = ty.split_once('=').unwrap_or((ty, ""));
        let optional = name.ends_with('?');
        Some(Self { name: name.trim_end_matches('?'), ty, optional, is_static, resource_name })
    }

    /// What a template calls it.
    pub fn cfn_name(&self) -> String {
        if self.resource_name.is_empty() { pascal_case(self.name) } else { self.resource_name.to_string() }
    }
}

impl<'a> TypeInfo<'a> {
    pub(super) fn parse(line: &'a str) -> Option<Self> {
        let mut fields = line.splitn(6, '\t');
        let name = fields.next()?;
        let (kind, construct) = match fields.next()? {
            "C" => (Kind::Class, true),
            "c" => (Kind::Class, false),
            "I" => (Kind::Interface, true),
            "i" => (Kind::Interface, false),
            "s" => (Kind::Struct, false),
            "e" => (Kind::Enum, false),
            _ => return None,
        };
        let mut next = || fields.next().unwrap_or_default();
        Some(Self {
            name,
            kind,
            construct,
            base: next(),
            interfaces: next(),
            resource: next(),
            members: next(),
        })
    }

    /// Class, interface, struct or enum.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The class it extends.
    pub fn base(&self) -> Option<&'a str> {
        (!self.base.is_empty()).then_some(self.base)
    }

    /// The interfaces (for a struct: the structs) it names itself.
    pub fn interfaces(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.interfaces.split(',').filter(|name| !name.is_empty())
    }

    /// Whether it is a node of the construct tree.
    pub fn is_construct(&self) -> bool {
        self.construct
    }

    /// Whether it is `other`, extends it or implements it. Names of version 1 are understood.
    pub fn is_a(&self, other: &str) -> bool {
        let name = lookup(other).map_or(other, |info| info.name);
        self.find_up(DEPTH, &mut |info| (info.name == name).then_some(())).is_some()
            // The few parents that the data do not describe can only be compared by name.
            || self.base == other
            || self.interfaces().any(|i| i == other)
    }

    /// The classes it extends, itself first.
    pub fn ancestors(self) -> impl Iterator<Item = TypeInfo<'a>> {
        let mut next = Some(self);
        std::iter::from_fn(move || {
            let here = next?;
            next = here.base().and_then(lookup);
            Some(here)
        })
        .take(DEPTH)
    }

    /// The names of all that it is: itself, what it extends, what it implements, each once.
    pub fn lineage(&self) -> Vec<&'a str> {
        let mut names: Vec<&'a str> = Vec::new();
        let _: Option<()> = self.find_up(DEPTH, &mut |info| {
            if !names.contains(&info.name) {
                names.push(info.name);
            }
            None
        });
        names
    }

    /// All that [`TypeInfo::is_a`] says yes to: the lineage, and the few parents that the data do not describe.
    pub(super) fn all_names(&self) -> Vec<&'a str> {
        let mut names = self.lineage();
        names.extend(self.base());
        names.extend(self.interfaces());
        names
    }

    fn find_constructor(&self) -> Option<Signature<'a>> {
        self.ancestors().find_map(|info| {
            info.members()
                .find_map(|member| member.strip_prefix('@').map(|text| Signature::parse(text, false)))
        })
    }

    fn find_method(&self, name: &str) -> Option<Signature<'a>> {
        let finder = Finder::new(name);
        self.find_up(DEPTH, &mut |info| {
            info.members_from(&finder).find_map(|member| {
                let is_static = match member.as_bytes().first()? {
                    b'+' => false,
                    b'=' => true,
                    _ => return None,
                };
                let rest = member.get(1..)?.strip_prefix(name)?;
                rest.starts_with('(').then(|| Signature::parse(rest, is_static))
            })
        })
    }

    fn find_property(&self, name: &str) -> Option<PropertyInfo<'a>> {
        let finder = Finder::new(name);
        self.find_up(DEPTH, &mut |info| {
            info.members_from(&finder).filter_map(PropertyInfo::parse).find(|property| property.name == name)
        })
    }

    /// The properties that it declares itself.
    pub fn own_properties(&self) -> impl Iterator<Item = PropertyInfo<'a>> + use<'a> {
        self.members().filter_map(PropertyInfo::parse)
    }

    /// Every property, inherited ones too: for a struct, all that it can hold.
    pub fn properties(&self) -> Vec<PropertyInfo<'a>> {
        let mut all: Vec<PropertyInfo<'a>> = Vec::new();
        let _: Option<()> = self.find_up(DEPTH, &mut |info| {
            for property in info.own_properties() {
                if !all.iter().any(|have| have.name == property.name) {
                    all.push(property);
                }
            }
            None
        });
        all
    }

    /// The resource type that an L1 class makes (`AWS::EC2::SecurityGroup`).
    pub fn cfn_type(&self) -> Option<&'a str> {
        (!self.resource.is_empty()).then_some(self.resource)
    }

    /// What a template calls a property of this L1 class or struct; `None` if there is no such property.
    pub fn cfn_property(&self, python: &str) -> Option<String> {
        if self.kind == Kind::Struct {
            return self.find_property(python).map(|property| property.cfn_name());
        }
        self.cfn_type()?;
        lookup(self.find_constructor()?.keyword_struct()?)?.cfn_property(python)
    }

    /// Whether an enum has this member.
    pub fn enum_member(&self, name: &str) -> bool {
        self.members_from(&Finder::new(name)).any(|member| member.strip_prefix('#') == Some(name))
    }

    /// The members of an enum, sorted.
    pub fn enum_members(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.members().filter_map(|member| member.strip_prefix('#'))
    }

    fn members(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.members.split('\t').filter(|member| !member.is_empty())
    }

    /// The members whose names begin with this text, without a look at each of the others: classes have
    /// hundreds.
    fn members_from(&self, name: &Finder<'_>) -> impl Iterator<Item = &'a str> {
        let members = self.members;
        name.find_iter(members.as_bytes()).map(|at| at.wrapping_sub(1)).filter_map(move |sort| {
            let begins = sort == 0 || members.as_bytes().get(sort.checked_sub(1)?) == Some(&b'\t');
            let rest = begins.then(|| members.get(sort..))??;
            Some(memchr::memchr(b'\t', rest.as_bytes()).map_or(rest, |end| &rest[..end]))
        })
    }

    /// The first answer on the way up: itself, its base class and what that leads to, then its interfaces.
    fn find_up<T>(&self, depth: usize, ask: &mut impl FnMut(&TypeInfo<'a>) -> Option<T>) -> Option<T> {
        if let Some(answer) = ask(self) {
            return Some(answer);
        }
        let depth = depth.checked_sub(1)?;
        self.base()
            .into_iter()
            .chain(self.interfaces())
            .find_map(|parent| lookup(parent).and_then(|info| info.find_up(depth, ask)))
    }
}

/// Names asked of types, of which so many are remembered: programs make up their own.
const REMEMBERED: usize = 8192;

/// What one type was asked for: its constructor is kept under the empty name.
#[derive(Default)]
struct Members {
    methods: FxHashMap<Box<str>, Option<Signature<'static>>>,
    properties: FxHashMap<Box<str>, Option<PropertyInfo<'static>>>,
}

thread_local! {
    /// What types were asked for, by where they stand in the data.
    static MEMBERS: RefCell<FxHashMap<usize, Members>> = RefCell::default();
    /// How many answers that are.
    static ANSWERS: Cell<usize> = const { Cell::new(0) };
}

fn remember<T: Copy>(
    info: &TypeInfo<'static>,
    name: &str,
    answers: fn(&mut Members) -> &mut FxHashMap<Box<str>, T>,
    look: impl FnOnce() -> T,
) -> T {
    let at = info.name.as_ptr() as usize;
    let known = MEMBERS.with_borrow_mut(|all| answers(all.entry(at).or_default()).get(name).copied());
    known.unwrap_or_else(|| {
        // Asked while nothing is borrowed: parents may be asked on the way.
        let answer = look();
        if ANSWERS.get() < REMEMBERED {
            ANSWERS.set(ANSWERS.get() + 1);
            MEMBERS.with_borrow_mut(|all| answers(all.entry(at).or_default()).insert(name.into(), answer));
        }
        answer
    })
}

impl TypeInfo<'static> {
    /// How it is made; `None` if programs cannot make it.
    pub fn constructor(&self) -> Option<Signature<'static>> {
        remember(self, "", |all| &mut all.methods, || self.find_constructor())
    }

    /// A method, own or inherited.
    pub fn method(&self, name: &str) -> Option<Signature<'static>> {
        if name.is_empty() {
            return None;
        }
        remember(self, name, |all| &mut all.methods, || self.find_method(name))
    }

    /// A property, own or inherited, of the object or (for constants) of the class.
    pub fn property(&self, name: &str) -> Option<PropertyInfo<'static>> {
        remember(self, name, |all| &mut all.properties, || self.find_property(name))
    }
}

impl<'a> Signature<'a> {
    /// Where it stands in the data: no two of the library's have the same.
    pub(super) fn address(&self) -> usize {
        self.parameters.as_ptr() as usize
    }

    /// `(a:T,b?:T,**S)R`.
    fn parse(text: &'a str, is_static: bool) -> Self {
        let (parameters, returns) = text.trim_start_matches('(').split_once(')').unwrap_or((text, ""));
        Self { parameters, is_static, returns }
    }

    /// The positional parameters, in order.
    pub fn positional(&self) -> impl Iterator<Item = Parameter<'a>> + use<'a> {
        self.parameters.split(',').filter(|part| !part.starts_with("**")).filter_map(|part| {
            let variadic = part.starts_with('*');
            let (name, ty) = part.trim_start_matches('*').split_once(':')?;
            let optional = name.ends_with('?');
            Some(Parameter { name: name.trim_end_matches('?'), ty, optional, variadic })
        })
    }

    /// The struct whose properties are the call's keywords.
    pub fn keyword_struct(&self) -> Option<&'a str> {
        let last = self.parameters.rsplit(',').next()?;
        last.strip_prefix("**").map(|name| name.trim_end_matches('?'))
    }

    /// One keyword of the call.
    pub fn keyword(&self, name: &str) -> Option<Keyword<'a>> {
        lookup(self.keyword_struct()?)?.property(name)
    }

    /// All keywords of the call.
    pub fn keywords(&self) -> Vec<Keyword<'a>> {
        self.keyword_struct().and_then(lookup).map(|info| info.properties()).unwrap_or_default()
    }
}
