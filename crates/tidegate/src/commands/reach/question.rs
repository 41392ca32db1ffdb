//! One question: whether a packet gets from a workload to an address, gate by gate.

use super::WORLDS;
use super::answers::{Answer, Answers, decided_by, missing, named};
use crate::escape;
use crate::positions::Sources;
use anyhow::{Result, bail};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::IpAddr;
use tidegate_audit::{allows, words};
use tidegate_estate::names::{short, shortened};
use tidegate_reach::path::{Arrival, Exit, Paths};
use tidegate_reach::trace::{self, Gate, Passes, Trace};
use tidegate_space::{AddressSet, IpFamily, Packet, PacketSet, Services, protocol};

/// What was asked.
struct Asked {
    address: IpAddr,
    port: Option<u16>,
    protocol: Option<u8>,
}

/// The answer for one interface and one address.
pub struct Question<'a> {
    from: &'a Answer<'a>,
    packet: Packet,
    /// Whether the question named the protocol or the port of the packet.
    exact: bool,
    traces: Vec<Trace>,
    /// All services with which anything gets there, where the question left them open.
    services: Services,
    /// Whether replies come back through network ACLs; nothing where nobody asks.
    replies: Option<bool>,
}

/// Every answer to a question.
pub struct Answered<'a> {
    all: Vec<Question<'a>>,
}

impl Answered<'_> {
    /// Whether it gets there, or perhaps.
    pub fn arrives(&self) -> bool {
        self.all.iter().flat_map(|one| &one.traces).any(|trace| trace.to.is_some())
    }
}

/// Answers for each interface that was chosen.
pub fn answer<'a>(answers: &'a Answers<'_>, to: &str) -> Result<Answered<'a>> {
    let asked = parse(to, answers)?;
    let mut all = Vec::new();
    for estate in &answers.estates {
        let paths = Paths::new(estate, WORLDS);
        for from in answers.all.iter().filter(|from| std::ptr::eq(from.estate, *estate)) {
            all.extend(asked.iter().map(|asked| one(from, asked, &paths)));
        }
    }
    Ok(Answered { all })
}

fn one<'a, 'e>(from: &'a Answer<'e>, asked: &Asked, paths: &Paths<'e>) -> Question<'a> {
    let family = IpFamily::of(asked.address);
    let here = AddressSet::from_blocks(family, [tidegate_estate::IpNet::from(asked.address)]);
    let services = match (asked.protocol, asked.port) {
        (None, None) => Services::all(),
        (Some(number), None) => Services::protocol(number),
        (number, Some(port)) => Services::ports(number.unwrap_or(protocol::TCP), port, port),
    };
    let wanted = PacketSet::to_addresses(&here, &services);
    let leaves = from.shared.leaving.arriving(|_| true).may.intersection(&wanted);
    let may = match let_in(from, asked.address, paths) {
        Some(let_in) => leaves.intersection(&PacketSet::to_addresses(&here, &let_in)),
        None => leaves.clone(),
    };
    // A packet that gets there, if one does; else one that gets as far as possible.
    let groups = wanted.intersection(&from.shared.leaving.groups.may);
    let packet = [&may, &leaves, &groups, &wanted].into_iter().find_map(telling).unwrap_or(Packet {
        family,
        protocol: protocol::TCP,
        address: asked.address,
        destination_port: Some(443),
        source_port: Some(0),
        icmp: None,
    });
    let traces = trace::trace(from.estate, from.interface, &packet, WORLDS);
    let traces: Vec<Trace> = traces
        .into_iter()
        .map(|trace| trace::deliver(from.estate, from.interface, &packet, trace, WORLDS))
        .collect();
    let there = |exit: &&Exit| {
        exit.set.may.contains(&packet) && traces.iter().any(|trace| trace.to.as_ref() == Some(&exit.to))
    };
    let mut exits = from.shared.leaving.exits.iter().filter(there).peekable();
    let replies = exits.peek().is_some().then(|| exits.any(|exit| exit.answered.contains(&packet)));
    let exact = asked.port.is_some();
    let services = may.services_at(family, IpFamily::number(asked.address));
    Question { from, packet, exact, traces, services, replies }
}

/// The packet of a set that people would try: HTTPS, else any of TCP, of UDP, else the smallest.
fn telling(set: &PacketSet) -> Option<Packet> {
    let some =
        [Services::tcp(443, 443), Services::protocol(protocol::TCP), Services::protocol(protocol::UDP)];
    let some = some.map(|services| {
        let all = IpFamily::BOTH.map(|family| PacketSet::to_addresses(&AddressSet::all(family), &services));
        set.intersection(&PacketSet::union_all(all))
    });
    some.iter().find_map(PacketSet::witness).or_else(|| set.witness())
}

/// What the groups of the interface that has an address let in from a workload; nothing where no interface has it.
fn let_in<'e>(from: &Answer<'e>, address: IpAddr, paths: &Paths<'e>) -> Option<Services> {
    let there = from.estate.network.interfaces.iter().find(|to| to.addresses.contains(&address))?;
    let family = IpFamily::of(address);
    let set = paths.lets_in(there).may;
    let own = from.interface.addresses.iter().filter(|own| IpFamily::of(**own) == family);
    Some(Services::union_all(own.map(|own| set.services_at(family, IpFamily::number(*own)))))
}

/// `ADDRESS`, `ADDRESS:PORT`, `ADDRESS:PORT/PROTOCOL`, `ADDRESS/PROTOCOL`; `[…]` around an IPv6 address with a port; in
/// place of the address what a workload is called.
fn parse(text: &str, answers: &Answers<'_>) -> Result<Vec<Asked>> {
    let (rest, number) = match text.rsplit_once('/') {
        Some((rest, name)) => match protocol_number(name) {
            Some(number) => (rest, Some(number)),
            None => bail!("`{name}` in `{text}` is no protocol: tcp, udp, icmp, icmpv6 or a number"),
        },
        None => (text, None),
    };
    let plain: Option<IpAddr> = rest.parse().ok();
    let (host, port) = match (plain, rest.rsplit_once(':')) {
        (None, Some((host, port))) => match port.parse::<u16>() {
            Ok(port) => (host.trim_start_matches('[').trim_end_matches(']'), Some(port)),
            Err(_) => bail!("`{port}` in `{text}` is no port"),
        },
        _ => (rest, None),
    };
    if port.is_some()
        && number.is_some_and(|number| !matches!(number, protocol::TCP | protocol::UDP | protocol::SCTP))
    {
        bail!("`{text}` names a port of a protocol that has none");
    }
    let addresses: BTreeSet<IpAddr> = match host.parse() {
        Ok(address) => [address].into(),
        Err(_) => {
            let all = answers.estates.iter().flat_map(|estate| named(estate, host));
            all.flat_map(|interface| interface.addresses.iter().copied()).collect()
        }
    };
    if addresses.is_empty() {
        bail!("`{host}` is no address, and no workload is called so");
    }
    Ok(addresses.into_iter().map(|address| Asked { address, port, protocol: number }).collect())
}

fn protocol_number(name: &str) -> Option<u8> {
    match name.to_ascii_lowercase().as_str() {
        "tcp" => Some(protocol::TCP),
        "udp" => Some(protocol::UDP),
        "icmp" => Some(protocol::ICMP),
        "icmpv6" => Some(protocol::ICMPV6),
        "sctp" => Some(protocol::SCTP),
        other => other.parse().ok(),
    }
}

/// For people.
pub fn text(answered: &Answered<'_>, sources: &Sources<'_>) -> String {
    let mut out = String::new();
    for (at, one) in answered.all.iter().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        let from = format!("{} ({})", short(one.from.name()), short(&one.from.interface.id));
        let _ = writeln!(out, "{} to {}", escape::line(&from), packet(&one.packet));
        for trace in &one.traces {
            for gate in &trace.gates {
                let _ = writeln!(out, "  {}", escape::line(&told(gate, sources)));
            }
            let _ = writeln!(out, "  {}", escape::line(&end(trace)));
            for told in decided_by(trace.missing.iter().cloned()) {
                let _ = writeln!(out, "    would be decided by {}", escape::line(&told));
            }
        }
        if !one.exact && !one.services.is_empty() && !one.services.is_all() {
            let _ = writeln!(out, "  What gets there at all: {}", words::services(&one.services));
        }
        if one.replies == Some(false) {
            let _ = writeln!(out, "  Its replies are stopped by a network ACL: nothing is answered.");
        }
    }
    out
}

fn packet(packet: &Packet) -> String {
    let name = allows::protocol_name(packet.protocol);
    match packet.destination_port {
        Some(port) => format!("{}, {name}/{port}", packet.address),
        None => format!("{}, {name}", packet.address),
    }
}

fn told(gate: &Gate, sources: &Sources<'_>) -> String {
    let sign = match gate.passes {
        Passes::Yes => "✓",
        Passes::Perhaps => "~",
        Passes::No => "✗",
    };
    let place = gate.place.as_ref().map(|place| {
        let range = sources.at(place);
        format!("  [{}:{}]", place.path, range.start.line)
    });
    let (name, id) = (gate.kind.name(), shortened(&gate.id));
    // `network ACL, out, acl-1`
    let comma = if name.contains(',') { "," } else { "" };
    format!("{sign} {name}{comma} {id}: {}{}", gate.why, place.unwrap_or_default())
}

fn end(trace: &Trace) -> String {
    let how = match trace.passes {
        Passes::Perhaps => "perhaps ",
        Passes::Yes | Passes::No => "",
    };
    match &trace.to {
        None => "It does not get there.".to_owned(),
        Some(Arrival::Internet) => format!("It {how}arrives on the Internet."),
        Some(Arrival::Vpc(id)) => format!("It {how}arrives in {}.", short(id)),
        Some(Arrival::Service(name)) => format!("It {how}arrives at the service {name}."),
        Some(Arrival::Beyond(id)) => format!("It {how}arrives at what is behind {}.", shortened(id)),
    }
}

/// For programs.
pub fn json(answered: &Answered<'_>, sources: &Sources<'_>) -> Result<String> {
    let gate = |gate: &Gate| {
        let place = gate.place.as_ref().map(|place| {
            let range = sources.at(place);
            json!({ "path": &*place.path, "line": range.start.line })
        });
        json!({
            "kind": gate.kind.name(),
            "id": gate.id,
            "why": gate.why,
            "passes": passes(gate.passes),
            "location": place,
        })
    };
    let ways = |one: &Question<'_>| -> Vec<Value> {
        one.traces
            .iter()
            .map(|trace| {
                json!({
                    "gates": trace.gates.iter().map(gate).collect::<Vec<_>>(),
                    "arrives": if trace.to.is_some() { passes(trace.passes) } else { "no" },
                    "at": trace.to.as_ref().map(super::json::arrival),
                    "inspected": trace.inspected,
                    "missing": missing(trace.missing.iter().cloned()),
                })
            })
            .collect()
    };
    let answers: Vec<Value> = answered
        .all
        .iter()
        .map(|one| {
            json!({
                "workload": one.from.workload.map(|workload| &workload.id),
                "interface": one.from.interface.id,
                "packet": {
                    "protocol": allows::protocol_name(one.packet.protocol),
                    "address": one.packet.address.to_string(),
                    "port": one.packet.destination_port,
                },
                "ways": ways(one),
                "answered": one.replies,
            })
        })
        .collect();
    let document = json!({ "version": 1, "tool": super::json::tool(), "answers": answers });
    let text = serde_json::to_string_pretty(&document)?;
    Ok(format!("{}\n", escape::json(&text)))
}

fn passes(passes: Passes) -> &'static str {
    match passes {
        Passes::Yes => "yes",
        Passes::Perhaps => "perhaps",
        Passes::No => "no",
    }
}
