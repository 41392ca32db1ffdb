//! Everything in findings and estates that names somebody.

use super::{Kind, Redactor};
use std::sync::Arc;
use tidegate_audit::{Affected, Finding, PathGate, PathShown, Report, Subject};
use tidegate_estate::{Cause, Estate, Peer, Place, Policy, Presence, Reason, Rule, Step, Value};

/// Hands every word that names somebody to `found`.
pub(super) fn collect(report: &Report, estates: &[Estate], found: &mut dyn FnMut(Kind, &str)) {
    let muted = report.suppressed.iter().map(|muted| &muted.finding);
    for finding in report.findings.iter().chain(muted) {
        finding.subjects.iter().for_each(|subject| of_subject(subject, found));
        for affected in &finding.affected {
            found(Kind::System, &affected.id);
            affected.name.iter().for_each(|name| found(Kind::Name, name));
            affected.account.iter().for_each(|account| found(Kind::Account, account));
            affected.tags.values().for_each(|value| found(Kind::Label, value));
        }
    }
    for finding in report.findings.iter().chain(report.suppressed.iter().map(|muted| &muted.finding)) {
        let ways = std::iter::successors(finding.path.as_ref(), |path| path.then.as_deref());
        for path in ways {
            of_id(&path.interface, found);
            path.gates.iter().for_each(|gate| of_gate(gate, found));
        }
    }
    report.unresolved.iter().for_each(|one| of_subject(&one.subject, found));
    for estate in estates {
        for policy in &estate.policies {
            of_subject(&Subject::of(policy), found);
            policy.tags.values().for_each(|value| found(Kind::Label, value));
            for rule in &policy.rules {
                if let Value::Known(Peer::Group(name) | Peer::ManagedPrefixList(name)) = &rule.peer {
                    found(Kind::Policy, name);
                }
            }
        }
        estate.prefix_lists.iter().for_each(|list| found(Kind::Policy, &list.name));
        let (azure, gcp) = (&estate.azure, &estate.gcp);
        azure.networks.keys().chain(azure.subnets.keys()).for_each(|id| of_id(id, found));
        gcp.networks.keys().chain(gcp.subnets.keys()).for_each(|id| of_id(id, found));
        for workload in &estate.workloads {
            found(Kind::System, &workload.id);
            workload.name.iter().for_each(|name| found(Kind::Name, name));
            workload.account.iter().for_each(|account| found(Kind::Account, account));
            workload.tags.values().for_each(|value| found(Kind::Label, value));
        }
    }
}

/// Peerings, gateways and policies may be called after somebody; what AWS numbers is not.
fn of_gate(gate: &PathGate, found: &mut dyn FnMut(Kind, &str)) {
    of_id(&gate.id, found);
    let is_named = ["peering", "Cloud NAT", "firewall", "firewall there"].contains(&gate.kind);
    let has_path = gate.id.starts_with('/') || gate.id.starts_with("projects/");
    if is_named && !has_path && !gate.id.starts_with("pcx-") {
        gate.id.split('/').for_each(|part| found(Kind::Name, part));
    }
}

/// An id with a path in it (a resource id of Azure, a part of a URL of Google Cloud) names what is around the thing, too:
/// a network, a resource group. Text shows the last of its names alone.
fn of_id(id: &str, found: &mut dyn FnMut(Kind, &str)) {
    // The kind of a thing stands before each name: `…/virtualNetworks/hub/subnets/web`.
    const KINDS: [&str; 3] = ["providers", "regions", "zones"];
    if !(id.starts_with('/') || id.starts_with("projects/")) {
        return;
    }
    found(Kind::Name, id);
    let parts: Vec<&str> = id.split('/').filter(|part| !["", "global"].contains(part)).collect();
    for pair in parts.chunks_exact(2) {
        if let [kind, name] = pair
            && !KINDS.iter().any(|known| kind.eq_ignore_ascii_case(known))
        {
            let is_account = ["subscriptions", "projects"].iter().any(|one| kind.eq_ignore_ascii_case(one));
            found(if is_account { Kind::Account } else { Kind::Name }, name);
        }
    }
}

fn of_subject(subject: &Subject, found: &mut dyn FnMut(Kind, &str)) {
    subject.account.iter().for_each(|account| found(Kind::Account, account));
    if let Some(path) = &subject.path {
        found(Kind::Policy, path);
        // Unions name their parts, and Azure's ids their resource group.
        path.split(" + ").for_each(|part| found(Kind::Policy, part));
        if path.starts_with("/subscriptions/") {
            path.split('/')
                .skip_while(|part| !part.eq_ignore_ascii_case("resourceGroups"))
                .skip(1)
                .step_by(3)
                .take(1)
                .for_each(|group| found(Kind::Name, group));
            path.rsplit('/').take(1).for_each(|name| found(Kind::Name, name));
        }
    }
    subject.enclosing.iter().for_each(|name| found(Kind::Name, name));
    if let Some(name) = &subject.name {
        name.split(" + ").for_each(|part| found(Kind::Name, part));
    }
}

/// Replaces everything in a report.
pub(super) fn report(by: &Redactor, report: &mut Report) {
    report.findings.iter_mut().for_each(|finding| self::finding(by, finding));
    for muted in &mut report.suppressed {
        finding(by, &mut muted.finding);
        optional(by, &mut muted.reason);
        muted.place.iter_mut().for_each(|place| self::place(by, place));
    }
    for one in &mut report.unresolved {
        subject(by, &mut one.subject);
        place(by, &mut one.place);
        one.reason = by.text(&one.reason);
        steps(by, &mut one.related);
    }
    for one in &mut report.diagnostics {
        one.path = by.file(&one.path).into();
        one.message = by.text(&one.message);
    }
}

fn finding(by: &Redactor, finding: &mut Finding) {
    finding.message = by.text(&finding.message);
    finding.help.iter_mut().chain(&mut finding.rating.reasons).for_each(|line| *line = by.text(line));
    finding.subjects.iter_mut().for_each(|one| subject(by, one));
    finding.affected.iter_mut().for_each(|one| affected(by, one));
    place(by, &mut finding.place);
    place(by, &mut finding.block);
    steps(by, &mut finding.related);
    if let Some(packet) = &mut finding.witness {
        packet.address = by.text(&packet.address);
    }
    let mut next = finding.path.as_mut();
    while let Some(path) = next {
        way(by, path);
        next = path.then.as_deref_mut();
    }
    if let Some(decision) = &mut finding.decision {
        decision.because = by.text(&decision.because);
    }
}

fn way(by: &Redactor, path: &mut PathShown) {
    let ends = [&mut path.from, &mut path.interface, &mut path.packet.address];
    let gates = path.gates.iter_mut().flat_map(|gate| [&mut gate.id, &mut gate.why]);
    ends.into_iter().chain(gates).for_each(|text| *text = by.text(text));
    path.gates.iter_mut().filter_map(|gate| gate.place.as_mut()).for_each(|place| self::place(by, place));
}

fn affected(by: &Redactor, affected: &mut Affected) {
    affected.id = by.text(&affected.id);
    optional(by, &mut affected.name);
    optional(by, &mut affected.account);
    affected.addresses.iter_mut().chain(affected.tags.values_mut()).for_each(|text| *text = by.text(text));
}

fn subject(by: &Redactor, subject: &mut Subject) {
    optional(by, &mut subject.path);
    optional(by, &mut subject.enclosing);
    optional(by, &mut subject.name);
    optional(by, &mut subject.account);
}

/// Replaces everything in an estate that a report shows.
pub(super) fn estate(by: &Redactor, estate: &mut Estate) {
    estate.policies.iter_mut().for_each(|one| policy(by, one));
    for list in &mut estate.prefix_lists {
        list.name = by.text(&list.name);
        place(by, &mut list.place);
    }
    for workload in &mut estate.workloads {
        workload.id = by.text(&workload.id);
        optional(by, &mut workload.name);
        optional(by, &mut workload.account);
        let addresses = workload.private.iter_mut().chain(&mut workload.public);
        addresses.chain(workload.tags.values_mut()).for_each(|text| *text = by.text(text));
        place(by, &mut workload.place);
    }
}

fn policy(by: &Redactor, policy: &mut Policy) {
    optional(by, &mut policy.path);
    optional(by, &mut policy.enclosing);
    optional(by, &mut policy.name);
    optional(by, &mut policy.account);
    policy.tags.values_mut().for_each(|text| *text = by.text(text));
    place(by, &mut policy.place);
    place(by, &mut policy.block);
    policy.apart.iter_mut().for_each(|one| place(by, one));
    steps(by, &mut policy.chain);
    policy.rules.iter_mut().for_each(|one| rule(by, one));
    for ignored in &mut policy.ignored {
        place(by, &mut ignored.place);
        ignored.why = by.text(&ignored.why);
        ignored.rule = by.text(&ignored.rule);
        steps(by, &mut ignored.chain);
    }
    policy.opaque.iter_mut().for_each(|opaque| reason(by, &mut opaque.reason));
}

fn rule(by: &Redactor, rule: &mut Rule) {
    place(by, &mut rule.place);
    steps(by, &mut rule.chain);
    value(by, &mut rule.peer, &mut |by, peer| match peer {
        Peer::Group(name) | Peer::ManagedPrefixList(name) => *name = by.text(name),
        Peer::Hidden(hidden) => reason(by, &mut hidden.reason),
        Peer::Cidr(_) | Peer::PrefixList(_) => {}
    });
    value(by, &mut rule.ports, &mut |_, _| {});
    value(by, &mut rule.protocol, &mut |_, _| {});
    if let Presence::Unknown(why) = &mut rule.presence {
        reason(by, why);
    }
    if let Cause::LeftOut { property } = &mut rule.cause {
        *property = by.text(property);
    }
}

fn value<T>(by: &Redactor, of: &mut Value<T>, known: &mut impl FnMut(&Redactor, &mut T)) {
    match of {
        Value::Known(one) => known(by, one),
        Value::Unknown(why) => reason(by, why),
        Value::OneOf(alternatives) => alternatives.iter_mut().for_each(|(_, one)| value(by, one, known)),
    }
}

fn reason(by: &Redactor, reason: &mut Reason) {
    let mut at = reason.place.clone();
    at.iter_mut().for_each(|one| place(by, one));
    *reason = Reason::perhaps_at(by.text(&reason.text), at);
}

fn steps(by: &Redactor, steps: &mut [Step]) {
    for step in steps {
        step.message = by.text(&step.message);
        place(by, &mut step.place);
    }
}

fn place(by: &Redactor, place: &mut Place) {
    place.path = Arc::from(by.file(&place.path));
}

fn optional(by: &Redactor, text: &mut Option<String>) {
    if let Some(text) = text {
        *text = by.text(text);
    }
}
