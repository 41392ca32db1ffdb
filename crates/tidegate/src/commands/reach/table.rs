//! A table of workloads, the most exposed first.

use super::answers::{Answer, Answers, Exposure, Shared, Way, called, decided_by, hop, only_decides};
use super::unfiltered;
use crate::escape;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::sync::Arc;
use tidegate_audit::{measure, words};
use tidegate_estate::names::{short, shortened};
use tidegate_reach::path::Arrival;
use tidegate_space::{IpFamily, PacketSet, Services, internet};

/// The table; with `ways` below it, see [`in_full`].
pub fn text<L>(answers: &Answers<'_, L>, ways: &str) -> String {
    let mut out = String::new();
    let mut gateways: HashMap<*const Shared<L>, String> = HashMap::new();
    let rows: Vec<[String; 5]> = answers
        .all
        .iter()
        .map(|answer| {
            let exposure = &answer.shared.exposure;
            let [v4, v6] = [0, 1].map(|family| share(exposure, family));
            let gateways = gateways.entry(Arc::as_ptr(&answer.shared));
            let gateways = gateways.or_insert_with(|| through(&answer.shared.ways)).clone();
            [named(answer), v4, v6, on(&exposure.services), gateways]
        })
        .collect();
    let heads = ["WORKLOAD", "IPv4", "IPv6", "ON", "THROUGH"];
    let widths: Vec<usize> = (0..4)
        .map(|column| {
            let cells =
                rows.iter().filter_map(|row| row.get(column)).map(|cell| console::measure_text_width(cell));
            cells.chain([heads[column].len()]).max().unwrap_or_default()
        })
        .collect();
    let mut line = |cells: [&str; 5]| {
        for (cell, width) in cells.iter().zip(&widths) {
            let room = width.saturating_sub(console::measure_text_width(cell));
            let _ = write!(out, "{cell}{}  ", " ".repeat(room));
        }
        let _ = writeln!(out, "{}", cells[4]);
    };
    line(heads);
    for row in &rows {
        line(row.each_ref().map(String::as_str));
    }
    out.push_str(ways);
    let reached = answers.all.iter().filter(|answer| answer.shared.exposure.reached).count();
    let sure = answers.all.iter().filter(|answer| answer.shared.exposure.sure).count();
    let _ = writeln!(
        out,
        "\n{} of {} interfaces can reach the Internet{}.",
        reached,
        answers.all.len(),
        if sure < reached { format!(", {sure} of them for certain") } else { String::new() }
    );
    let open: BTreeSet<_> = answers
        .all
        .iter()
        .flat_map(|answer| &answer.shared.ways)
        .flat_map(|way| way.missing.iter().cloned())
        .collect();
    if !open.is_empty() {
        let marked = answers.all.iter().any(|answer| {
            let exposure = &answer.shared.exposure;
            exposure.possible != exposure.certain
        });
        let head = match marked {
            true => "“~” is possible and not certain. What would decide:",
            // A small part of a way: the shares that are shown do not depend on it.
            false => "Not all of it is certain. What would decide:",
        };
        let _ = writeln!(out, "{head}");
        for told in decided_by(open) {
            let _ = writeln!(out, "  {}", escape::line(&told));
        }
    }
    out.push('\n');
    out.push_str(&unfiltered::note(answers));
    out
}

/// Every way of every interface, for [`text`].
pub fn in_full(answers: &Answers<'_>) -> String {
    let mut out = String::new();
    answers.all.iter().for_each(|answer| ways(answer, &mut out));
    out
}

/// What a workload is called.
fn named<L>(answer: &Answer<'_, L>) -> String {
    let name = match answer.workload {
        Some(workload) if workload.id != answer.name() && short(&workload.id) != answer.name() => {
            format!("{} ({})", answer.name(), short(&workload.id))
        }
        _ => short(answer.name()).to_owned(),
    };
    escape::line(&name).into_owned()
}

/// How much of a family's Internet is reached.
fn share(exposure: &Exposure, family: usize) -> String {
    match (exposure.possible[family], exposure.certain[family]) {
        (0.0, _) => "–".to_owned(),
        (may, must) if may == must => words::percent(may),
        (may, _) => format!("~{}", words::percent(may)),
    }
}

/// On which protocols and ports any of the Internet is reached.
fn on(services: &Services) -> String {
    if services.is_empty() { "–".to_owned() } else { words::services(services) }
}

/// The gateways of the ways to the Internet.
fn through(all: &[Way]) -> String {
    let mut ways: Vec<String> = Vec::new();
    for known in all.iter().filter(|way| way.to == Arrival::Internet) {
        let gateways = known.hops.iter().filter(|hop| !only_decides(hop));
        let mut way = gateways.map(called).collect::<Vec<_>>().join(" → ");
        if way.is_empty() {
            way = "a way that is not among the files".to_owned();
        }
        if known.inspected {
            way.push_str(" (inspected)");
        }
        if !ways.contains(&way) {
            ways.push(way);
        }
    }
    if ways.is_empty() { "–".to_owned() } else { escape::line(&ways.join(", ")).into_owned() }
}

/// Every way of one interface.
fn ways(answer: &Answer<'_>, out: &mut String) {
    let interface = answer.interface;
    let subnet = interface.subnet.as_deref().map_or("an unknown subnet", short);
    let addresses: Vec<String> = interface.addresses.iter().map(ToString::to_string).collect();
    let (name, id) = (short(answer.name()), short(&interface.id));
    let head = format!("{name}, {id} in {}, {}", short(subnet), addresses.join(" "));
    let _ = writeln!(out, "\n{}", escape::line(&head));
    if answer.shared.leaving.exits.is_empty() {
        let _ = writeln!(out, "  nothing leaves it");
    }
    for exit in &answer.shared.leaving.exits {
        let to = match &exit.to {
            Arrival::Internet => "the Internet".to_owned(),
            Arrival::Vpc(id) => format!("addresses of {}", short(id)),
            Arrival::Service(name) => format!("the service {name}"),
            Arrival::Beyond(id) => format!("what is behind {}", shortened(id)),
        };
        let sure = if exit.set.must == exit.set.may {
            ""
        } else if exit.set.must.is_empty() {
            ", possibly"
        } else {
            ", in part possibly"
        };
        let inspected = if exit.inspected { ", inspected on the way" } else { "" };
        let _ = writeln!(out, "  to {}{sure}{inspected}", escape::line(&to));
        let way = exit.way.iter().map(|gate| match hop(gate) {
            (what, "") => what.to_owned(),
            (what, id) => format!("{what} {}", short(id)),
        });
        let way: Vec<String> = way.collect();
        if !way.is_empty() {
            let _ = writeln!(out, "    through {}", escape::line(&way.join(" → ")));
        }
        for told in reach(&exit.set.may, &exit.to) {
            let _ = writeln!(out, "    {told}");
        }
        if exit.answered != exit.set.may {
            let what = if exit.answered.is_empty() { "no reply comes" } else { "not all replies come" };
            let _ = writeln!(out, "    {what} back through the network ACLs");
        }
        for told in decided_by(exit.missing.iter().cloned()) {
            let _ = writeln!(out, "    would be decided by {}", escape::line(&told));
        }
    }
}

/// A set in words, family by family.
fn reach(set: &PacketSet, to: &Arrival) -> Vec<String> {
    let families = IpFamily::BOTH.into_iter().filter(|family| set.has(*family));
    families
        .map(|family| match to {
            Arrival::Internet => {
                let on = words::services(&set.services_to_any(internet::addresses(family)));
                let share = words::percent(measure::share_reached(set, family));
                format!("{on}: {share} of the {} Internet", words::family(family))
            }
            _ => {
                let addresses = set.addresses(family);
                let blocks: Vec<String> = addresses.cidrs().iter().map(ToString::to_string).collect();
                format!("{} to {}", words::services(&set.services_to_any(&addresses)), words::some(&blocks))
            }
        })
        .collect()
}
