//! Places in the library's own code that make a security group, and whether the hidden table knows them.

use anyhow::{Result, bail};
use std::collections::BTreeSet;
use std::fmt;
use tidegate_read::cdk::hidden;

/// One `new …SecurityGroup(scope, "child", …)` in the library's minified code.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Site {
    /// The script's path inside the package.
    pub file: String,
    /// The expression for the scope, as it is written.
    pub scope: String,
    /// The expression for the child's name, as it is written.
    pub child: String,
}

impl Site {
    /// As the rows of the hidden table name it.
    fn name(&self) -> String {
        format!("{}: {}", self.file, self.child)
    }
}

impl fmt::Display for Site {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}\t{}\t{}", self.file, self.scope, self.child)
    }
}

/// Every place, sorted.
pub fn find(scripts: &[(String, String)]) -> Vec<Site> {
    let mut sites = Vec::new();
    for (file, text) in scripts {
        for (at, marker) in text.match_indices("SecurityGroup(") {
            let before = &text[..at];
            // `new(ec2()).SecurityGroup(…)`, `new ec2.SecurityGroup(…)` or `new SecurityGroup(…)`; not `CfnSecurityGroup`,
            // not `addSecurityGroup`, and not the import of an existing group.
            let callee_start = before.rfind("new").unwrap_or(0);
            let callee = &before[callee_start..];
            let is_new = callee.starts_with("new")
                && callee[3..].bytes().all(|b| b.is_ascii_alphanumeric() || b"_$.() ".contains(&b))
                && callee[3..].starts_with([' ', '('])
                && callee.ends_with(['.', ' ']);
            if is_new {
                let mut arguments = arguments(&text[at + marker.len()..]);
                let scope = arguments.next().unwrap_or_default().trim().to_string();
                let child = arguments.next().unwrap_or_default().trim().trim_matches(['"', '\'']).to_string();
                sites.push(Site { file: file.clone(), scope, child });
            }
        }
    }
    sites.sort();
    sites
}

/// The arguments of a call, split at the commas that no bracket encloses.
fn arguments(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest.take()?;
        let mut depth = 0_u32;
        for (index, byte) in text.bytes().enumerate() {
            match byte {
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' if depth > 0 => depth -= 1,
                b')' => return Some(&text[..index]),
                b',' if depth == 0 => {
                    rest = Some(&text[index + 1..]);
                    return Some(&text[..index]);
                }
                _ => {}
            }
        }
        None
    })
}

/// An error names the places that no row of the hidden table names, and the rows whose place is gone.
pub fn all_named(sites: &[Site]) -> Result<()> {
    let named: BTreeSet<String> = hidden::sites().map(str::to_string).collect();
    let found: BTreeSet<String> = sites.iter().map(Site::name).collect();
    let unnamed: Vec<&String> = found.difference(&named).collect();
    let gone: Vec<&String> = named.difference(&found).collect();
    if !unnamed.is_empty() {
        bail!("groups are made in places that no row of the hidden table names:\n{}", join(&unnamed));
    }
    if !gone.is_empty() {
        bail!("rows of the hidden table name places that make no group:\n{}", join(&gone));
    }
    Ok(())
}

fn join(names: &[&String]) -> String {
    names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constructor_calls_are_sites_and_nothing_else_is() {
        let text = "a=props.g||new(ec2()).SecurityGroup(this,\"SG\",{vpc:f(1,2)}),new(x()).CfnSecurityGroup(this,\"R\",{});\
                    this.connections.addSecurityGroup(g);new ec2.SecurityGroup(task,`SG${i}`,{});addConstruct(newGroup.SecurityGroup(a,b))";
        let sites = find(&[("a.js".to_string(), text.to_string())]);
        let seen: Vec<(&str, &str)> = sites.iter().map(|s| (s.scope.as_str(), s.child.as_str())).collect();
        assert_eq!(seen, [("task", "`SG${i}`"), ("this", "SG")]);
    }
}
