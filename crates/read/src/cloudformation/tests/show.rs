//! A template's policies as text, one world per line.

use crate::cloudformation::{TemplateReading, read_template};
use crate::{MemoryFiles, Options};
use std::sync::Arc;
use tidegate_estate::{
    Action, Direction, Estate, Peer, Policy, PortMatch, Presence, ProtocolMatch, Value, World, worlds,
};

/// Reads the first of the files as a template.
pub(super) fn read(files: &[(&str, &str)]) -> TemplateReading {
    read_with(files, &Options::default())
}

/// The same with options.
pub(super) fn read_with(files: &[(&str, &str)], options: &Options) -> TemplateReading {
    let memory = MemoryFiles::new(files.iter().copied());
    read_template(&Arc::from(files[0].0), &memory, options).expect("a template")
}

/// What a single YAML template lets out; see [`egress`].
pub(super) fn yaml(text: &str) -> String {
    egress(&read(&[("t.yaml", text)]).estate)
}

/// The same template in JSON.
pub(super) fn json(text: &str) -> String {
    egress(&read(&[("t.json", text)]).estate)
}

/// One line per policy; where worlds differ, one more line per world.
pub(super) fn egress(estate: &Estate) -> String {
    let mut out = String::new();
    for policy in &estate.policies {
        let mut choices = std::collections::BTreeSet::new();
        let mut egress = policy.clone();
        egress.rules.retain(|rule| rule.direction == Direction::Egress);
        choices.extend(egress.choices());
        for (guard, value) in estate.prefix_lists.iter().flat_map(|list| &list.entries) {
            guard.collect_choices(&mut choices);
            choices.extend(value.choices());
        }
        let path = policy.path.as_deref().unwrap_or("?");
        let all = worlds(estate, &choices, 4096).expect("few worlds");
        let mut lines: Vec<(String, Vec<String>)> = Vec::new();
        for world in &all {
            let line = in_world(estate, policy, world);
            let name: Vec<String> = world
                .fixed()
                .iter()
                .map(|(c, a)| {
                    let choice = &estate.choices[c.0 as usize];
                    format!("{}={}", choice.name, choice.alternatives[*a as usize])
                })
                .collect();
            match lines.iter_mut().find(|(l, _)| *l == line) {
                Some((_, names)) => names.push(name.join(", ")),
                None => lines.push((line, vec![name.join(", ")])),
            }
        }
        if let [(line, _)] = lines.as_slice() {
            out += &format!("{path}: {line}\n");
        } else {
            for (line, names) in lines {
                out += &format!("{path} [{}]: {line}\n", names.join(" | "));
            }
        }
    }
    out
}

fn in_world(estate: &Estate, policy: &Policy, world: &World) -> String {
    if !policy.exists.holds(world) {
        return "-".into();
    }
    let mut out: Vec<String> = Vec::new();
    for rule in &policy.rules {
        if rule.direction != Direction::Egress || !rule.guard.holds(world) {
            continue;
        }
        let protocol = show(&rule.protocol, world, |p| match p {
            ProtocolMatch::Any => "any".into(),
            ProtocolMatch::Number(1) => "icmp".into(),
            ProtocolMatch::Number(6) => "tcp".into(),
            ProtocolMatch::Number(17) => "udp".into(),
            ProtocolMatch::Number(n) => n.to_string(),
        });
        let ports = show(&rule.ports, world, |p| match p {
            PortMatch::Any => String::new(),
            PortMatch::Range(a, b) if a == b => format!("/{a}"),
            PortMatch::Range(a, b) => format!("/{a}-{b}"),
            PortMatch::Icmp(None, _) => String::new(),
            PortMatch::Icmp(Some(t), None) => format!("/{t}"),
            PortMatch::Icmp(Some(t), Some(c)) => format!("/{t}.{c}"),
            PortMatch::Nothing => "/nothing".into(),
        });
        let peer = show(&rule.peer, world, |p| match p {
            Peer::Cidr(net) => net.to_string(),
            Peer::Group(name) => format!("group {name}"),
            Peer::PrefixList(at) => {
                let list = &estate.prefix_lists[*at];
                let entries = list.entries.iter().filter(|(guard, _)| guard.holds(world));
                let entries: Vec<String> =
                    entries.map(|(_, net)| show(net, world, ToString::to_string)).collect();
                format!("list {} ({})", list.name, entries.join(" "))
            }
            Peer::ManagedPrefixList(name) => format!("list {name}"),
            Peer::Hidden(hidden) => format!("?({})", hidden.reason.text),
        });
        let mut line = String::new();
        if let Some(priority) = &rule.priority {
            line += &format!("{} ", show(priority, world, ToString::to_string));
            line += if rule.action == Action::Allow { "allow " } else { "deny " };
        }
        line += &format!("{protocol}{ports} {peer}");
        if let Presence::Unknown(reason) = &rule.presence {
            line += &format!(" perhaps ({})", reason.text);
        }
        if matches!(rule.cause, tidegate_estate::Cause::LeftOut { .. }) {
            line += " (left out)";
        }
        out.push(line);
    }
    for opaque in policy.opaque.iter().filter(|o| o.guard.holds(world)) {
        out.push(format!("opaque ({})", opaque.reason.text));
    }
    if out.is_empty() { "nothing".into() } else { out.join("; ") }
}

fn show<T>(value: &Value<T>, world: &World, text: impl Fn(&T) -> String) -> String {
    match value.in_world(world) {
        Ok(Some(value)) => text(value),
        Ok(None) => "none".into(),
        Err(reason) => format!("?({})", reason.text),
    }
}
