//! From a group's log of events to the policy that will be enforced.
//!
//! What the library does was seen by running it (`tests/oracle`): an open group drops IPv4 rules, an
//! IPv6 rule is dropped only beside `allow_all_ipv6_outbound`, imports that are not declared closed
//! drop all, overrides replace what stands in the group itself and leave standalone rules alone.

use super::Cdk;
use super::convert::Switch;
use super::groups::{Event, Form, Group};
use super::peers::{PeerRule, PortRule};
use super::rules;
use std::collections::BTreeMap;
use tidegate_estate::{
    Action, Cause, Confirmation, Dialect, Direction, Guard, Ignored, IpNet, Ipv4Net, Ipv6Net, Opaque, Peer,
    Place, Policy, PolicyKind, PortMatch, Presence, ProtocolMatch, Provider, Reason, Rule, Step,
    Value as Known,
};
use tidegate_program::{Interp, Value};

type Cx<'f> = Interp<Cdk<'f>>;

/// A rule with what an override needs to know of it.
struct Entry {
    rule: Rule,
    /// Stands in the group itself (and is replaced with it).
    inline: bool,
}

/// The policy of a group; `None` for an import that says and does nothing.
pub(crate) fn build(cx: &mut Cx<'_>, group: &Group) -> Option<Policy> {
    let mut policy = frame(group);
    if let Some(guard) = cx.host.conditions.get(&group.construct) {
        policy.exists = policy.exists.and(guard.clone());
    }
    if policy.exists == Guard::Never {
        return None;
    }
    let mut entries: Vec<Entry> = Vec::new();
    match &group.form {
        Form::Class => defaults(group, &mut entries),
        Form::Template(egress) => template(cx, group, egress.as_ref(), &mut entries),
        Form::Imported { declared, .. } => {
            policy.confirmation = Confirmation::Declared;
            if let Some(place) = declared {
                let guard = group.allow_all.yes.clone();
                entries.push(open(false, guard, Cause::Written, place.clone(), Presence::Present));
                for (guard, reason) in &group.allow_all.unknown {
                    let perhaps = Presence::Unknown(reason.clone());
                    entries.push(open(false, guard.clone(), Cause::Written, place.clone(), perhaps));
                }
            }
        }
    }
    for (guard, event) in &group.events {
        match event {
            Event::Rule { peer, port, place, chain, written, unsure } => {
                let one = Added { peer, port, place, chain, written: *written, unsure: unsure.as_ref() };
                add(group, guard, &one, &mut entries, &mut policy);
            }
            Event::Standalone { construct, rule, place } => match rules::fields(cx, rule) {
                Ok(fields) => {
                    let condition = cx.host.conditions.get(construct).cloned().unwrap_or(Guard::Always);
                    let rule = rules::one(cx, &fields, place, &guard.clone().and(condition));
                    entries.push(Entry { rule, inline: false });
                }
                Err(reason) => {
                    entries.push(Entry { rule: rules::anything(reason, place, guard), inline: false });
                }
            },
            Event::Replace { value, place } => {
                retire_inline(&mut entries, guard);
                match value {
                    Some(value) => match rules::list(cx, value, place, guard) {
                        Ok(list) if list.is_empty() => {
                            // An empty list may be read as if nothing were written.
                            empty_list(cx, guard, place, &mut entries);
                        }
                        Ok(list) => {
                            entries.extend(list.into_iter().map(|rule| Entry { rule, inline: true }));
                        }
                        Err(reason) => policy.opaque.push(Opaque { reason, guard: guard.clone() }),
                    },
                    None => absent(guard, place, &mut entries),
                }
            }
            Event::Field { at, field, value, place } => {
                override_field(cx, &mut entries, guard, *at, field, value.as_ref(), place);
            }
            Event::Opaque(reason) => {
                policy.opaque.push(Opaque { reason: reason.clone(), guard: guard.clone() });
            }
        }
    }
    drop_absent_defaults(&mut entries);
    policy.rules = entries.into_iter().map(|entry| entry.rule).filter(|r| r.guard != Guard::Never).collect();
    if let Form::Imported { declared, default_of, .. } = &group.form {
        // Rules added to a VPC's default group under another name are the default group's.
        if let Some(vpc) =
            default_of.and_then(|id| cx.host.network.vpcs.iter_mut().find(|vpc| vpc.construct == id))
        {
            vpc.rules.append(&mut policy.rules);
        }
        // A rule added to an import is really made, whatever the import is declared to be.
        if policy.rules.iter().any(|rule| declared.as_ref().is_none_or(|place| rule.place != *place)) {
            policy.confirmation = Confirmation::Created;
        } else if declared.is_none() && policy.ignored.is_empty() && policy.opaque.is_empty() {
            return None;
        }
    }
    Some(policy)
}

fn frame(group: &Group) -> Policy {
    Policy {
        kind: PolicyKind::SecurityGroup,
        provider: Provider::Aws,
        dialect: Dialect::CdkPython,
        name: Some(group.name.clone()),
        path: group.path.clone(),
        enclosing: group.made.enclosing.as_deref().map(str::to_owned),
        account: None,
        region: None,
        tags: group.tags.iter().cloned().collect::<BTreeMap<_, _>>(),
        exists: group.made.guard.clone(),
        confirmation: Confirmation::Created,
        place: group.made.callee.clone(),
        block: group.made.call.clone(),
        apart: Vec::new(),
        chain: group.made.chain.to_vec(),
        rules: Vec::new(),
        ignored: Vec::new(),
        opaque: Vec::new(),
        members: None,
        remedy: group.remedy.clone(),
        direct_call: group.direct_call,
    }
}

/// A rule that lets all of a family out.
fn open(ipv6: bool, guard: Guard, cause: Cause, place: Place, presence: Presence) -> Entry {
    let net = if ipv6 { IpNet::V6(Ipv6Net::default()) } else { IpNet::V4(Ipv4Net::default()) };
    let rule = Rule {
        direction: Direction::Egress,
        action: Action::Allow,
        priority: None,
        protocol: Known::Known(ProtocolMatch::Any),
        ports: Known::Known(PortMatch::Any),
        peer: Known::Known(Peer::Cidr(net)),
        guard,
        presence,
        cause,
        place,
        chain: Vec::new(),
    };
    Entry { rule, inline: true }
}

/// What `ec2.SecurityGroup` writes of its own accord.
fn defaults(group: &Group, entries: &mut Vec<Entry>) {
    let callee = &group.made.callee;
    let switch = &group.allow_all;
    let inline = |mut entry: Entry| {
        entry.inline = group.standalone != Guard::Always;
        entry
    };
    let left_out = match &group.property {
        Some(property) => Cause::LeftOut { property: property.clone() },
        None => Cause::Construct,
    };
    let place = group.allow_all_place.clone().unwrap_or_else(|| callee.clone());
    if switch.left_out != Guard::Never {
        entries.push(inline(open(
            false,
            switch.left_out.clone(),
            left_out,
            place.clone(),
            Presence::Present,
        )));
    }
    if switch.yes != Guard::Never {
        let mut entry = open(false, switch.yes.clone(), Cause::Written, place.clone(), Presence::Present);
        entry.rule.chain = group.allow_all_chain.clone();
        entries.push(inline(entry));
    }
    for (guard, reason) in &switch.unknown {
        let presence = Presence::Unknown(reason.clone());
        let mut entry = open(false, guard.clone(), Cause::Written, place.clone(), presence);
        entry.rule.chain = group.allow_all_chain.clone();
        entries.push(inline(entry));
    }
    let switch = &group.allow_ipv6;
    let place = group.allow_ipv6_place.clone().unwrap_or_else(|| callee.clone());
    if switch.yes != Guard::Never {
        entries.push(inline(open(
            true,
            switch.yes.clone(),
            Cause::Written,
            place.clone(),
            Presence::Present,
        )));
    }
    for (guard, reason) in &switch.unknown {
        let presence = Presence::Unknown(reason.clone());
        entries.push(inline(open(true, guard.clone(), Cause::Written, place.clone(), presence)));
    }
}

/// What an L1 group says of egress.
fn template(cx: &mut Cx<'_>, group: &Group, egress: Option<&(Value, Place)>, entries: &mut Vec<Entry>) {
    let place = &group.made.callee;
    let Some((value, at)) = egress else {
        absent(&Guard::Always, place, entries);
        return;
    };
    // Alternatives in which it is None count as left out.
    let switch = Switch::of(value);
    if switch.left_out != Guard::Never {
        absent(&switch.left_out, place, entries);
    }
    let empty = matches!(value, Value::List(id) if cx.heap.items(*id).is_some_and(|i| i.items.is_empty() && i.open.is_none()));
    if empty {
        empty_list(cx, &Guard::Always, at, entries);
        return;
    }
    match rules::list(cx, value, at, &Guard::Always) {
        Ok(list) => entries.extend(list.into_iter().map(|rule| Entry { rule, inline: true })),
        Err(reason) => {
            entries.push(Entry { rule: rules::anything(reason, at, &Guard::Always), inline: true })
        }
    }
}

/// The property is not in the template: open by default, unless a standalone rule stands beside.
fn absent(guard: &Guard, place: &Place, entries: &mut Vec<Entry>) {
    let cause = Cause::LeftOut { property: "security_group_egress".into() };
    entries.push(open(false, guard.clone(), cause, place.clone(), Presence::Present));
}

/// An empty list: the platform probably reads it as absent, and nobody has shown that it always does.
fn empty_list(cx: &mut Cx<'_>, guard: &Guard, place: &Place, entries: &mut Vec<Entry>) {
    let choice = cx.choose(
        "how the platform reads an empty list of egress rules".into(),
        vec!["as if it were left out".into(), "as no egress at all".into()],
        Some(place.clone()),
    );
    absent(&guard.clone().and(Guard::is(choice, 0)), place, entries);
}

/// A standalone rule beside a group whose property is absent removes the platform's default rule.
fn drop_absent_defaults(entries: &mut [Entry]) {
    let standalone =
        entries.iter().filter(|entry| !entry.inline && matches!(entry.rule.presence, Presence::Present));
    let standalone = Guard::any(standalone.map(|entry| entry.rule.guard.clone()));
    if standalone == Guard::Never {
        return;
    }
    for entry in entries.iter_mut().filter(|entry| is_absent_default(entry)) {
        let guard = std::mem::replace(&mut entry.rule.guard, Guard::Never);
        entry.rule.guard = guard.and(standalone.clone().negate());
    }
}

fn is_absent_default(entry: &Entry) -> bool {
    matches!(&entry.rule.cause, Cause::LeftOut { property } if property == "security_group_egress")
}

struct Added<'a> {
    peer: &'a PeerRule,
    port: &'a PortRule,
    place: &'a Place,
    chain: &'a [Step],
    written: bool,
    unsure: Option<&'a Reason>,
}

/// A rule added to a group: what of it takes effect, and what is dropped.
fn add(group: &Group, guard: &Guard, added: &Added<'_>, entries: &mut Vec<Entry>, policy: &mut Policy) {
    let Added { peer, port, place, chain, written, unsure } = *added;
    let (takes, dropped, why) = match &group.form {
        Form::Class if peer.ipv6 => (
            group.allow_ipv6.yes.clone().negate(),
            group.allow_ipv6.yes.clone(),
            "the group allows all IPv6 egress (allow_all_ipv6_outbound), so the CDK drops the rule",
        ),
        Form::Class => (
            group.allow_all.maybe_no(),
            group.allow_all.yes.clone().or(group.allow_all.left_out.clone()),
            "the group allows all egress (allow_all_outbound), so the CDK drops the rule",
        ),
        Form::Template(_) => (Guard::Always, Guard::Never, ""),
        Form::Imported { mutable, .. } => {
            let may_change = mutable.yes.clone().or(mutable.left_out.clone());
            let takes = group.allow_all.maybe_no().and(may_change.or(mutable.maybe_yes()));
            let dropped = takes.clone().negate();
            (
                takes,
                dropped,
                "the group is imported without allow_all_outbound=False (or as not mutable), so the CDK drops the rule",
            )
        }
    };
    let unknown = match &group.form {
        Form::Imported { mutable, .. } => {
            group.allow_all.unknown.first().or(mutable.unknown.first()).map(|(_, reason)| reason)
        }
        _ => None,
    };
    let presence = match unsure.or(unknown) {
        Some(reason) => Presence::Unknown(reason.clone()),
        None => Presence::Present,
    };
    let when = guard.clone().and(takes);
    if when != Guard::Never {
        let rule = Rule {
            direction: Direction::Egress,
            action: Action::Allow,
            priority: None,
            protocol: port.protocol.clone(),
            ports: port.ports.clone(),
            peer: peer.peer.clone(),
            guard: when,
            presence,
            cause: if written { Cause::Written } else { Cause::Construct },
            place: place.clone(),
            chain: chain.to_vec(),
        };
        let inline = peer.inline && port.inline && group.standalone == Guard::Never;
        if !entries.iter().any(|entry| entry.rule == rule) {
            entries.push(Entry { rule, inline });
        }
    }
    let dropped = guard.clone().and(dropped);
    if written && unsure.is_none() && dropped != Guard::Never {
        policy.ignored.push(Ignored {
            place: place.clone(),
            guard: dropped,
            why: why.into(),
            rule: format!("{} to {}", port.shown, peer.shown),
            chain: chain.to_vec(),
        });
    }
}

/// What stands in the group itself is gone under `guard`.
fn retire_inline(entries: &mut [Entry], guard: &Guard) {
    let stays = guard.clone().negate();
    for entry in entries.iter_mut().filter(|entry| entry.inline) {
        let old = std::mem::replace(&mut entry.rule.guard, Guard::Never);
        entry.rule.guard = old.and(stays.clone());
    }
}

/// `SecurityGroupEgress.<at>.<field>` is set or deleted.
fn override_field(
    cx: &mut Cx<'_>,
    entries: &mut Vec<Entry>,
    guard: &Guard,
    at: usize,
    field: &str,
    value: Option<&Value>,
    place: &Place,
) {
    let target = entries.iter().enumerate().filter(|(_, e)| e.inline && e.rule.guard != Guard::Never).nth(at);
    let Some((target, _)) = target else {
        // Where the list has no such rule the override makes one of whatever it says.
        if let (true, Some(value)) = (field.is_empty(), value)
            && let Ok(fields) = rules::fields(cx, value)
        {
            let rule = rules::one(cx, &fields, place, guard);
            entries.push(Entry { rule, inline: true });
        } else {
            let reason = Reason::at("an override changes a rule that is not known", place.clone());
            entries.push(Entry { rule: rules::anything(reason, place, guard), inline: true });
        }
        return;
    };
    let old = entries[target].rule.clone();
    let stays = old.guard.clone().and(guard.clone().negate());
    let changed = old.guard.clone().and(guard.clone());
    entries[target].rule.guard = stays;
    if field.is_empty() {
        if let Some(value) = value
            && let Ok(fields) = rules::fields(cx, value)
        {
            let rule = rules::one(cx, &fields, place, &changed);
            entries.insert(target + 1, Entry { rule, inline: true });
        }
        return;
    }
    let name: String = field.to_ascii_lowercase();
    let mut rule = old;
    rule.guard = changed;
    rule.place = place.clone();
    rule.cause = Cause::Written;
    let fields: Vec<(String, Value)> = value.map(|value| (name.clone(), value.clone())).into_iter().collect();
    let read = rules::one(cx, &fields, place, &Guard::Always);
    match &*name {
        "cidrip" | "cidripv6" | "destinationsecuritygroupid" | "destinationprefixlistid"
            if value.is_some() =>
        {
            rule.peer = read.peer;
        }
        "ipprotocol" if value.is_some() => rule.protocol = read.protocol,
        "fromport" | "toport" => {
            rule.ports = port_override(&rule, &name, value);
        }
        "description" => {}
        _ => {
            rule.presence = Presence::Unknown(Reason::at(
                "an override changes the rule in a way that is not followed",
                place.clone(),
            ));
        }
    }
    entries.insert(target + 1, Entry { rule, inline: true });
}

fn port_override(rule: &Rule, name: &str, value: Option<&Value>) -> Known<PortMatch> {
    let new = match value {
        Some(Value::Int(number)) => u16::try_from(*number).ok(),
        Some(Value::Str(text)) => text.trim().parse().ok(),
        _ => None,
    };
    match (new, &rule.ports) {
        (Some(new), Known::Known(PortMatch::Range(from, to))) => {
            let (from, to) = if name == "fromport" { (new, *to) } else { (*from, new) };
            Known::Known(if from <= to { PortMatch::Range(from, to) } else { PortMatch::Nothing })
        }
        (Some(new), Known::Known(PortMatch::Any)) => Known::Known(PortMatch::Range(new, new)),
        _ => Known::Unknown(Reason::at("an override changes its ports", rule.place.clone())),
    }
}
