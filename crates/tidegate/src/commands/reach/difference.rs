//! What can newly get out between two snapshots.

use super::answers::{Answer, Answers};
use super::json;
use crate::escape;
use anyhow::Result;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use tidegate_audit::{allows, words};
use tidegate_estate::names::{short, shortened};
use tidegate_reach::path::Arrival;
use tidegate_space::{IpFamily, PacketSet};

/// What one interface can reach that it could not.
struct Gained {
    name: String,
    interface: String,
    /// Whether it was there before.
    known: bool,
    to: Arrival,
    set: PacketSet,
    certain: bool,
}

/// The difference between two snapshots.
pub struct Difference {
    gained: Vec<Gained>,
    /// Interfaces that reach less than before in some place and more in none.
    narrower: usize,
    /// Interfaces that are gone.
    gone: usize,
    compared: usize,
}

/// All that an interface reaches, by where: at most, and for certain.
fn reached(answer: &Answer<'_>) -> BTreeMap<Arrival, (PacketSet, PacketSet)> {
    let mut all: BTreeMap<Arrival, (PacketSet, PacketSet)> = BTreeMap::new();
    for exit in &answer.shared.leaving.exits {
        let (may, must) = all.entry(exit.to.clone()).or_default();
        *may = may.union(&exit.set.may);
        *must = must.union(&exit.set.must);
    }
    all
}

impl Difference {
    /// Compares by interface.
    pub fn of(before: &Answers<'_>, after: &Answers<'_>) -> Self {
        let old: BTreeMap<&str, &Answer<'_>> =
            before.all.iter().map(|answer| (answer.interface.id.as_str(), answer)).collect();
        let mut difference = Self { gained: Vec::new(), narrower: 0, gone: 0, compared: after.all.len() };
        for answer in &after.all {
            let earlier = old.get(answer.interface.id.as_str());
            let had = earlier.map(|earlier| reached(earlier)).unwrap_or_default();
            let has = reached(answer);
            let mut gained = false;
            for (to, (may, must)) in &has {
                let nothing = PacketSet::empty();
                let set = may.difference(had.get(to).map_or(&nothing, |had| &had.0));
                if set.is_empty() {
                    continue;
                }
                gained = true;
                difference.gained.push(Gained {
                    name: answer.name().to_owned(),
                    interface: answer.interface.id.clone(),
                    known: earlier.is_some(),
                    to: to.clone(),
                    certain: set.is_subset(must),
                    set,
                });
            }
            let less = had.iter().any(|(to, had)| match has.get(to) {
                Some(has) => !had.0.is_subset(&has.0),
                None => true,
            });
            difference.narrower += usize::from(less && !gained);
        }
        let left: Vec<&str> = after.all.iter().map(|answer| answer.interface.id.as_str()).collect();
        difference.gone = old.keys().filter(|id| !left.contains(id)).count();
        difference
    }

    /// Whether nothing new gets out.
    pub fn is_empty(&self) -> bool {
        self.gained.is_empty()
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for gained in &self.gained {
            let new = if gained.known { "" } else { ", which is new," };
            let sure = if gained.certain { "" } else { "perhaps " };
            let to = match &gained.to {
                Arrival::Internet => "the Internet".to_owned(),
                Arrival::Vpc(id) => format!("addresses of {}", short(id)),
                Arrival::Service(name) => format!("the service {name}"),
                Arrival::Beyond(id) => format!("what is behind {}", shortened(id)),
            };
            let (name, id) = (short(&gained.name), short(&gained.interface));
            let head = format!("{name} ({id}){new} {sure}reaches more of {to}:");
            let _ = writeln!(out, "{}", escape::line(&head));
            for family in IpFamily::BOTH.into_iter().filter(|family| gained.set.has(*family)) {
                let told = match gained.to {
                    Arrival::Internet => words::reach(&gained.set, family),
                    _ => {
                        let addresses = gained.set.addresses(family);
                        let blocks: Vec<String> = addresses.cidrs().iter().map(ToString::to_string).collect();
                        format!(
                            "{} to {}",
                            words::services(&gained.set.services_to_any(&addresses)),
                            words::some(&blocks)
                        )
                    }
                };
                let _ = writeln!(out, "  {told}");
            }
            if let Some(witness) = witness(gained) {
                let _ = writeln!(out, "  for example {witness}");
            }
        }
        if self.gained.is_empty() {
            let _ = writeln!(out, "Nothing new gets out of {}.", words::counted(self.compared, "interface"));
        }
        if self.narrower > 0 {
            let verb = if self.narrower == 1 { "reaches" } else { "reach" };
            let _ = writeln!(out, "{} {verb} less than before.", words::counted(self.narrower, "interface"));
        }
        if self.gone > 0 {
            let verb = if self.gone == 1 { "is" } else { "are" };
            let _ = writeln!(out, "{} {verb} gone.", words::counted(self.gone, "interface"));
        }
        out
    }

    /// For programs.
    pub fn json(&self) -> Result<String> {
        let gained: Vec<Value> = self
            .gained
            .iter()
            .map(|gained| {
                json!({
                    "name": gained.name,
                    "interface": gained.interface,
                    "known": gained.known,
                    "to": json::arrival(&gained.to),
                    "gained": json::rows(&gained.set),
                    "certain": gained.certain,
                    "witness": witness(gained),
                })
            })
            .collect();
        let document = json!({
            "version": 1,
            "tool": json::tool(),
            "gained": gained,
            "narrower": self.narrower,
            "gone": self.gone,
            "compared": self.compared,
        });
        let text = serde_json::to_string_pretty(&document)?;
        Ok(format!("{}\n", escape::json(&text)))
    }
}

/// A packet that newly gets there.
fn witness(gained: &Gained) -> Option<String> {
    if gained.to == Arrival::Internet {
        let witness = allows::witness(&gained.set)?;
        return Some(crate::words::packet(&witness));
    }
    let packet = gained.set.witness()?;
    let name = allows::protocol_name(packet.protocol);
    Some(match packet.destination_port {
        Some(port) => format!("{name}/{port} to {}", packet.address),
        None => format!("{name} to {}", packet.address),
    })
}
