//! The shape of a jsii assembly, as far as we need it: the list of types that the vendor's compiler
//! writes into each package (`.jsii`, schema `jsii/0.10.0`).

use serde::Deserialize;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// One package.
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub struct Assembly<'a> {
    /// Name on npm, which is also the first part of every type's name.
    pub name: String,
    pub version: String,
    pub license: String,
    #[serde(default)]
    pub submodules: BTreeMap<String, Submodule>,
    pub types: BTreeMap<String, Type<'a>>,
    pub targets: Targets,
}

#[derive(Deserialize)]
pub struct Submodule {
    #[serde(default)]
    pub targets: Targets,
}

#[derive(Deserialize, Default)]
pub struct Targets {
    pub python: Option<PythonTarget>,
}

#[derive(Deserialize)]
pub struct PythonTarget {
    pub module: Option<String>,
}

/// A class, interface, struct (an interface with `datatype`) or enum.
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub struct Type<'a> {
    #[serde(borrow)]
    pub kind: Cow<'a, str>,
    pub name: Cow<'a, str>,
    pub namespace: Option<Cow<'a, str>>,
    #[serde(default)]
    pub docs: Docs<'a>,
    pub base: Option<Cow<'a, str>>,
    #[serde(default)]
    pub interfaces: Vec<Cow<'a, str>>,
    #[serde(default)]
    pub datatype: bool,
    pub initializer: Option<Callable<'a>>,
    #[serde(default)]
    pub methods: Vec<Callable<'a>>,
    #[serde(default)]
    pub properties: Vec<Property<'a>>,
    #[serde(default)]
    pub members: Vec<Member<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(bound(deserialize = "'de: 'a"))]
pub struct Docs<'a> {
    #[serde(borrow, default)]
    pub custom: BTreeMap<Cow<'a, str>, Cow<'a, str>>,
}

/// A method or a constructor.
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub struct Callable<'a> {
    #[serde(borrow, default)]
    pub name: Cow<'a, str>,
    #[serde(default)]
    pub parameters: Vec<Parameter<'a>>,
    pub returns: Option<Returns<'a>>,
    #[serde(default, rename = "static")]
    pub is_static: bool,
    #[serde(default)]
    pub protected: bool,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub struct Parameter<'a> {
    #[serde(borrow)]
    pub name: Cow<'a, str>,
    #[serde(rename = "type")]
    pub ty: TypeReference<'a>,
    #[serde(default)]
    pub optional: bool,
    #[serde(default)]
    pub variadic: bool,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub struct Returns<'a> {
    #[serde(borrow, rename = "type")]
    pub ty: TypeReference<'a>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub struct Property<'a> {
    #[serde(borrow)]
    pub name: Cow<'a, str>,
    #[serde(rename = "type")]
    pub ty: TypeReference<'a>,
    #[serde(default)]
    pub optional: bool,
    #[serde(default, rename = "static")]
    pub is_static: bool,
    #[serde(default, rename = "const")]
    pub is_constant: bool,
    #[serde(default)]
    pub protected: bool,
}

/// A member of an enum.
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub struct Member<'a> {
    #[serde(borrow)]
    pub name: Cow<'a, str>,
}

/// A type as it is used: exactly one of these is set.
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub struct TypeReference<'a> {
    #[serde(borrow)]
    pub primitive: Option<Cow<'a, str>>,
    pub fqn: Option<Cow<'a, str>>,
    pub collection: Option<Box<Collection<'a>>>,
    pub union: Option<Types<'a>>,
    pub intersection: Option<Types<'a>>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub struct Collection<'a> {
    #[serde(borrow)]
    pub kind: Cow<'a, str>,
    pub elementtype: TypeReference<'a>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub struct Types<'a> {
    #[serde(borrow)]
    pub types: Vec<TypeReference<'a>>,
}
