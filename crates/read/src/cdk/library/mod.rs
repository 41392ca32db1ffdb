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

use rustc_hash::FxHashMap;
use std::cell::RefCell;

pub use names::{pascal_case, snake_case};
pub use types::{Keyword, Kind, Parameter, PropertyInfo, Signature, TypeInfo};

/// Types of the library itself and of `constructs`, sorted by name.
const LIBRARY: &str = include_str!("aws_cdk_lib.txt");
/// Types of packages that are published apart from it, sorted by name; kept by hand.
const ALPHA: &str = include_str!("alpha.txt");

/// How far ancestors are followed: the library's deepest chain is well below, and data that name each
/// other in a circle end here.
const DEPTH: usize = 24;

thread_local! {
    /// The types that were found: at most as many as there are, whatever a program asks for.
    static FOUND: RefCell<FxHashMap<&'static str, TypeInfo<'static>>> = RefCell::default();
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
    if let Some(info) = FOUND.with_borrow(|found| found.get(name).copied()) {
        return Some(info);
    }
    let info = find(LIBRARY, name).or_else(|| find(ALPHA, name)).and_then(TypeInfo::parse)?;
    FOUND.with_borrow_mut(|found| found.insert(info.name, info));
    Some(info)
}

/// Whether a name is a module of the library (`aws_cdk.aws_ec2`), so that an unknown name in it is a type
/// we lack and not somebody's own.
pub fn is_module(name: &str) -> bool {
    let prefix = format!("{name}.");
    [LIBRARY, ALPHA].iter().any(|data| {
        line_at(data, partition(data, |line| *line < *prefix)).is_some_and(|line| line.starts_with(&prefix))
    })
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
