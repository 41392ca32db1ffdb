//! What the CDK's library contains: every type with its parents, constructor, methods and properties, by
//! its Python name. The vendor's own description of it (the jsii assembly) is the source; `cargo xtask
//! generate` distils it into `aws_cdk_lib.txt`, and `alpha.txt` beside it holds the few types of separately
//! published packages that matter here.
//!
//! Both files are sorted and searched as they are, without an index: a scan of one small file must not
//! pay for twenty thousand types. What a thread has found once it remembers, since programs ask for the
//! same few types again and again.
//!
//! ```
//! use tidegate_read::cdk::library::lookup;
//! let group = lookup("aws_cdk.aws_ec2.SecurityGroup").unwrap();
//! assert!(group.is_construct() && group.is_a("aws_cdk.aws_ec2.ISecurityGroup"));
//! let rule = group.method("add_egress_rule").unwrap();
//! let names: Vec<_> = rule.positional().map(|p| p.name).collect();
//! assert_eq!(names, ["peer", "connection", "description", "remote_rule"]);
//! ```
//!
//! A line is tab-separated: full name; kind (`C` construct class, `c` other class, `I` construct interface, `i` other
//! interface, `s` struct, `e` enum); base class; interfaces (comma between); CloudFormation type; then the
//! members, each told by its first character:
//!
//! | member | means |
//! |---|---|
//! | `@(scope:T,id:str,**Struct)` | the constructor |
//! | `+name(a:T,b?:T)R` | a method; `?` optional, `*a` takes the rest, `**S` the properties of struct `S` as keywords, `**S?` all of them optional |
//! | `=name(…)R` | a static method |
//! | `.name:T`, `.name?:T` | a property; `=Name` behind it where a template's name is not the Pascal case of it |
//! | `!name:T` | a static property |
//! | `#NAME` | a member of an enum |

mod names;
mod types;

use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

pub use names::{pascal_case, snake_case};
pub use types::{Keyword, Kind, Parameter, PropertyInfo, Signature, TypeInfo};

/// Types of the library itself and of `constructs`, sorted by name.
const LIBRARY: &str = include_str!("aws_cdk_lib.txt");
/// Types of packages that are published apart from it, sorted by name; kept by hand.
const ALPHA: &str = include_str!("alpha.txt");

/// How far ancestors are followed: the library's deepest chain is well below, and data that name each
/// other in a circle end here.
const DEPTH: usize = 24;

/// Names that are no types, of which so many are remembered: programs make up their own.
const MISSES: usize = 4096;

/// Positional parameters: their names, and whether each takes all that are left.
pub(super) type Positional = Rc<[(Rc<str>, bool)]>;

thread_local! {
    /// What this thread asked for, with the type of that name if there is one; of other names only so many.
    static ASKED: RefCell<FxHashMap<Box<str>, Option<TypeInfo<'static>>>> = RefCell::default();
    /// All that each type is.
    static LINEAGES: RefCell<FxHashMap<&'static str, Arc<[&'static str]>>> = RefCell::default();
    /// The parameters of the signatures that were called, by where they stand in the data.
    static POSITIONAL: RefCell<FxHashMap<usize, Positional>> = RefCell::default();
}

/// What any thread found, or not: each program is read on a thread of its own.
static SHARED: LazyLock<RwLock<Shared>> = LazyLock::new(Default::default);

#[derive(Default)]
struct Shared {
    found: FxHashMap<&'static str, TypeInfo<'static>>,
    missed: FxHashSet<Box<str>>,
    lineages: FxHashMap<&'static str, Arc<[&'static str]>>,
    /// The types in modules that have any.
    modules: FxHashMap<Box<str>, Arc<[&'static str]>>,
}

impl Shared {
    fn look(&mut self, name: &str) -> Option<TypeInfo<'static>> {
        let line = find(LIBRARY, name).or_else(|| find(ALPHA, name));
        let info = line.and_then(TypeInfo::parse);
        match info {
            Some(info) => drop(self.found.insert(info.name, info)),
            None if self.missed.len() < MISSES => drop(self.missed.insert(name.into())),
            None => {}
        }
        info
    }
}

/// The type with this full Python name (`aws_cdk.aws_ec2.SecurityGroup`). Names of CDK version 1
/// (`aws_cdk.core.Stack`) lead to what they are called now.
pub fn lookup(full_python_name: &str) -> Option<TypeInfo<'static>> {
    let Some(rest) = full_python_name.strip_prefix("aws_cdk.") else {
        return full_python_name.starts_with("constructs.").then(|| remembered(full_python_name)).flatten();
    };
    match rest.strip_prefix("core.") {
        Some(name @ ("Construct" | "IConstruct" | "ConstructOrder")) => {
            remembered(&format!("constructs.{name}"))
        }
        Some("ConstructNode") => remembered("constructs.Node"),
        Some(name) => remembered(&format!("aws_cdk.{name}")),
        None => remembered(full_python_name),
    }
}

fn remembered(name: &str) -> Option<TypeInfo<'static>> {
    if let Some(known) = ASKED.with_borrow(|asked| asked.get(name).copied()) {
        return known;
    }
    let info = shared_or_found(name);
    ASKED.with_borrow_mut(|asked| {
        if info.is_some() || asked.len() < MISSES {
            asked.insert(name.into(), info);
        }
    });
    info
}

fn shared_or_found(name: &str) -> Option<TypeInfo<'static>> {
    let shared = SHARED.read().unwrap_or_else(PoisonError::into_inner);
    if shared.missed.contains(name) {
        return None;
    }
    let known = shared.found.get(name).copied();
    drop(shared);
    known.or_else(|| SHARED.write().unwrap_or_else(PoisonError::into_inner).look(name))
}

/// The positional parameters of a signature.
pub(super) fn positional(signature: &Signature<'static>) -> Positional {
    let at = signature.address();
    POSITIONAL.with_borrow_mut(|known| {
        known
            .entry(at)
            .or_insert_with(|| signature.positional().map(|one| (one.name.into(), one.variadic)).collect())
            .clone()
    })
}

/// Whether the type `own` is `other`, extends it or implements it.
pub fn is_a(own: &str, other: &str) -> bool {
    if own == other {
        return true;
    }
    let Some(info) = lookup(own) else { return false };
    let name =
        if other.starts_with("aws_cdk.core.") { lookup(other).map_or(other, |i| i.name) } else { other };
    LINEAGES.with_borrow_mut(|lineages| {
        lineages.entry(info.name).or_insert_with(|| lineage(&info)).contains(&name)
    })
}

fn lineage(info: &TypeInfo<'static>) -> Arc<[&'static str]> {
    let known = SHARED.read().unwrap_or_else(PoisonError::into_inner).lineages.get(info.name).cloned();
    known.unwrap_or_else(|| {
        // Asked before the lock is taken: parents are looked up on the way.
        let names: Arc<[&'static str]> = info.all_names().into();
        let mut shared = SHARED.write().unwrap_or_else(PoisonError::into_inner);
        shared.lineages.insert(info.name, Arc::clone(&names));
        names
    })
}

/// Whether a name is a module of the library (`aws_cdk.aws_ec2`), so that an unknown name in it is a type
/// we lack and not somebody's own.
pub fn is_module(name: &str) -> bool {
    let prefix = format!("{name}.");
    [LIBRARY, ALPHA].iter().any(|data| {
        line_at(data, partition(data, |line| *line < *prefix)).is_some_and(|line| line.starts_with(&prefix))
    })
}

/// The types that a module of the library holds itself, by their names in it, sorted.
pub fn types_in(module: &str) -> Arc<[&'static str]> {
    let known = SHARED.read().unwrap_or_else(PoisonError::into_inner).modules.get(module).cloned();
    if let Some(names) = known {
        return names;
    }
    let names: Arc<[&'static str]> = find_types_in(module).into();
    if !names.is_empty() {
        let mut shared = SHARED.write().unwrap_or_else(PoisonError::into_inner);
        shared.modules.insert(module.into(), Arc::clone(&names));
    }
    names
}

fn find_types_in(module: &str) -> Vec<&'static str> {
    let prefix = format!("{module}.");
    let mut names = Vec::new();
    for data in [LIBRARY, ALPHA] {
        let mut at = partition(data, |line| name_of(line) < prefix.as_str());
        while let Some(line) = line_at(data, at) {
            let Some(name) = name_of(line).strip_prefix(&prefix) else { break };
            match name.split_once('.') {
                // A module within it may have thousands: on to what follows them (`/` comes after `.`).
                Some((inner, _)) => {
                    let end = format!("{prefix}{inner}/");
                    at = partition(data, |line| name_of(line) < end.as_str());
                }
                None => {
                    names.push(name);
                    at += line.len() + 1;
                }
            }
        }
    }
    names.sort_unstable();
    names
}

/// Every name there is, in no order worth relying on.
pub fn all_names() -> impl Iterator<Item = &'static str> {
    LIBRARY.lines().chain(ALPHA.lines()).filter(|line| !line.starts_with('#')).map(name_of)
}

/// The line whose name this is, in sorted text.
fn find(data: &'static str, name: &str) -> Option<&'static str> {
    let line = line_at(data, partition(data, |line| name_of(line) < name))?;
    (name_of(line) == name).then_some(line)
}

fn name_of(line: &str) -> &str {
    line.split('\t').next().unwrap_or(line)
}

/// The offset of the first line for which `before` is false, where it is true for all lines above.
fn partition(data: &str, before: impl Fn(&str) -> bool) -> usize {
    // Offsets `low` and `high` are always starts of lines (or the end).
    let (mut low, mut high) = (0, data.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let start = memchr::memrchr(b'\n', &data.as_bytes()[low..middle]).map_or(low, |at| low + at + 1);
        let end = memchr::memchr(b'\n', &data.as_bytes()[middle..high]).map_or(high, |at| middle + at + 1);
        let line = data.get(start..end).unwrap_or_default().trim_end_matches('\n');
        // Comment lines head the file and `#` sorts before every letter.
        if before(line) {
            low = end;
        } else {
            high = start;
        }
    }
    low
}

fn line_at(data: &'static str, offset: usize) -> Option<&'static str> {
    data.get(offset..)?.lines().next()
}

#[cfg(test)]
mod tests;
