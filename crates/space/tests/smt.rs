//! Packet sets against an SMT solver.
//!
//! The model in `model.rs` knows a few cells; here every bit of every axis counts. Cases are made from a fixed seed,
//! the library's answers are written down, and `smt.py` puts each to Z3. It needs the `z3-solver` package:
//! `cargo xtask test` installs it and names the interpreter in `TIDEGATE_PYTHON`; without that the test is skipped.

use std::io::Write;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tidegate_space::{IpFamily, PacketSet, ProtocolPart, Services};

const CASES: usize = 300;

/// SplitMix64: the same cases everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }

    /// A range within `0..=last`, often one that touches an end or is a single number.
    fn range(&mut self, last: u128) -> (u128, u128) {
        let wide = (u128::from(self.next()) << 64) | u128::from(self.next());
        let number = |wide: u128| if last == u128::MAX { wide } else { wide % (last + 1) };
        let first = number(wide);
        match self.below(6) {
            0 => (0, last),
            1 => (first, first),
            2 => (first, last),
            3 => (0, first),
            _ => {
                let second = number(wide.rotate_left(61).wrapping_mul(0x9e37_79b9_7f4a_7c15));
                (first.min(second), first.max(second))
            }
        }
    }

    fn narrow(&mut self, last: u16) -> (u16, u16) {
        let (first, end) = self.range(last.into());
        (first as u16, end as u16)
    }
}

/// A box of packets, as both sides understand it.
#[derive(Clone, Copy)]
struct Rule {
    family: IpFamily,
    addresses: (u128, u128),
    protocols: (u8, u8),
    first: (u16, u16),
    second: (u16, u16),
    /// Everything of these protocols, whatever the two ranges say.
    every: bool,
}

impl Rule {
    fn random(random: &mut Random) -> Self {
        let family = random.pick(&[IpFamily::V4, IpFamily::V4, IpFamily::V6]);
        let addresses = match random.below(2) {
            0 => random.range(family.last_address()),
            _ => {
                // A CIDR block near others, so that rules touch and nest.
                let host_bits = random.below(u64::from(family.bits()) + 1) as u32;
                let hosts = 1u128.checked_shl(host_bits).map_or(u128::MAX, |size| size - 1);
                let start = random.pick(&[0x0a00_0000u128, 0x0a00_0100, 0xffff_ff00, 0]) & !hosts;
                (start, (start | hosts) & family.last_address())
            }
        };
        let protocol = random.pick(&[0u8, 1, 6, 6, 6, 17, 17, 33, 58, 132, 136, 255]);
        let icmp = matches!(protocol, 1 | 58);
        let limit = if icmp { 255 } else { u16::MAX };
        let (first, second) = match random.below(3) {
            0 => (random.narrow(limit), random.narrow(limit)),
            _ => (random.narrow(limit), (0, limit)),
        };
        let (protocols, every) = match random.below(8) {
            0 => ((0, 255), true),
            1 => ((protocol.saturating_sub(3), protocol.saturating_add(7)), true),
            _ => ((protocol, protocol), !(icmp || matches!(protocol, 6 | 17 | 33 | 132 | 136))),
        };
        Rule { family, addresses, protocols, first, second, every }
    }

    fn services(&self) -> Services {
        let byte = |number: u16| u8::try_from(number).expect("an ICMP number");
        match self.protocols {
            (from, to) if self.every => Services::union_all((from..=to).map(Services::protocol)),
            (icmp @ (1 | 58), _) => Services::icmp_ranges(
                icmp,
                byte(self.first.0)..=byte(self.first.1),
                byte(self.second.0)..=byte(self.second.1),
            ),
            (protocol, _) => Services::ports_with_source(
                protocol,
                self.first.0..=self.first.1,
                self.second.0..=self.second.1,
            ),
        }
    }

    fn set(&self) -> PacketSet {
        PacketSet::to_range(self.family, self.addresses.0, self.addresses.1, &self.services())
    }

    fn json(&self) -> Value {
        json!({
            "v6": self.family == IpFamily::V6,
            // Text, since JSON readers differ beyond 64 bits.
            "addresses": [self.addresses.0.to_string(), self.addresses.1.to_string()],
            "protocols": [self.protocols.0, self.protocols.1],
            "first": [self.first.0, self.first.1],
            "second": [self.second.0, self.second.1],
            "every": self.every,
        })
    }
}

fn unite(rules: &[Rule]) -> PacketSet {
    PacketSet::union_all(rules.iter().map(Rule::set))
}

/// A second list that often means the same as the first, or all but the same.
fn second(first: &[Rule], random: &mut Random) -> Vec<Rule> {
    let mut rules: Vec<Rule> = first.to_vec();
    match random.below(5) {
        // Split every rule in two, the other way round: equal.
        0 => {
            rules = rules
                .iter()
                .rev()
                .flat_map(|rule| {
                    let (from, to) = rule.addresses;
                    let middle = from + (to - from) / 2;
                    let low = Rule { addresses: (from, middle), ..*rule };
                    let high = Rule { addresses: (middle.saturating_add(1).min(to), to), ..*rule };
                    [high, low]
                })
                .collect();
        }
        // One number less at one end of one axis.
        1 => {
            if let Some(rule) = rules.first_mut() {
                if rule.every && rule.addresses.0 < rule.addresses.1 {
                    rule.addresses.0 += 1;
                } else if rule.first.0 < rule.first.1 {
                    rule.first.1 -= 1;
                } else if rule.second.0 < rule.second.1 {
                    rule.second.0 += 1;
                }
            }
        }
        // More than the first.
        2 => rules.push(Rule::random(random)),
        // Something else altogether.
        _ => rules = (0..random.below(7)).map(|_| Rule::random(random)).collect(),
    }
    rules
}

/// A set as boxes, read back through the public queries.
fn boxes(set: &PacketSet) -> Vec<Value> {
    let mut out = Vec::new();
    for family in IpFamily::BOTH {
        for (addresses, services) in set.rows(family) {
            for addresses in addresses.ranges() {
                for (protocol, part) in services.protocols() {
                    let mut add = |first, second, every| {
                        let protocols = (protocol, protocol);
                        out.push(Rule { family, addresses, protocols, first, second, every }.json());
                    };
                    match part {
                        ProtocolPart::All => add((0, u16::MAX), (0, u16::MAX), true),
                        ProtocolPart::Icmp(ranges) => ranges.iter().for_each(|range| {
                            let wide = |(from, to): (u8, u8)| (from.into(), to.into());
                            add(wide(range.types), wide(range.codes), false);
                        }),
                        ProtocolPart::Ports { .. } => {
                            for run in services.port_runs(protocol) {
                                run.sources.iter().for_each(|source| add(run.destinations, *source, false));
                            }
                        }
                    }
                }
            }
        }
    }
    merged(out)
}

/// Joins boxes of neighbouring protocols that are otherwise alike, which spares the solver 250 formulas.
fn merged(boxes: Vec<Value>) -> Vec<Value> {
    let mut out: Vec<Value> = Vec::new();
    for next in boxes {
        if let Some(last) = out.last_mut()
            && last["every"] == true
            && next["every"] == true
            && last["v6"] == next["v6"]
            && last["addresses"] == next["addresses"]
            && last["protocols"][1].as_u64().map(|number| number + 1) == next["protocols"][0].as_u64()
        {
            last["protocols"][1] = next["protocols"][1].clone();
        } else {
            out.push(next);
        }
    }
    out
}

fn case(random: &mut Random) -> Value {
    let a: Vec<Rule> = (0..random.below(7)).map(|_| Rule::random(random)).collect();
    let b = second(&a, random);
    let (x, y) = (unite(&a), unite(&b));
    let reached = |family| -> Vec<[String; 2]> {
        let addresses = x.addresses(family);
        addresses.ranges().map(|(first, last)| [first.to_string(), last.to_string()]).collect()
    };
    let witness = x.witness().map(|packet| {
        let address = match packet.address {
            std::net::IpAddr::V4(v4) => u128::from(u32::from(v4)),
            std::net::IpAddr::V6(v6) => u128::from(v6),
        };
        let icmp = packet.icmp.map(|(kind, code)| (u16::from(kind), u16::from(code)));
        let ports = packet.destination_port.zip(packet.source_port);
        let (first, second) = icmp.or(ports).unwrap_or_default();
        json!({
            "v6": packet.family == IpFamily::V6,
            "address": address.to_string(),
            "protocol": packet.protocol,
            "first": first,
            "second": second,
        })
    });
    json!({
        "a": a.iter().map(Rule::json).collect::<Vec<_>>(),
        "b": b.iter().map(Rule::json).collect::<Vec<_>>(),
        "union": boxes(&x.union(&y)),
        "intersection": boxes(&x.intersection(&y)),
        "difference": boxes(&x.difference(&y)),
        "complement": boxes(&x.complement()),
        "subset": x.is_subset(&y),
        "empty": x.is_empty(),
        "equal": x == y,
        "disjoint": !x.overlaps(&y),
        "witness": witness,
        "reached4": reached(IpFamily::V4),
        "reached6": reached(IpFamily::V6),
    })
}

#[test]
fn z3_agrees_with_every_claim() {
    let Some(python) = std::env::var_os("TIDEGATE_PYTHON") else {
        // Not `println!`, which a test that passes keeps to itself.
        let notice = "skipped: TIDEGATE_PYTHON is not set; `cargo xtask test` installs Z3 and runs this";
        let _ = writeln!(std::io::stderr(), "{notice}");
        return;
    };
    let mut random = Random(2024);
    let cases: Vec<Value> = (0..CASES).map(|_| case(&mut random)).collect();
    // Both answers must be among the claims, or a solver that agrees means little.
    for claim in ["subset", "empty", "equal", "disjoint"] {
        for answer in [true, false] {
            assert!(
                cases.iter().filter(|case| case[claim] == answer).count() > 10,
                "{claim} is {answer} too rarely"
            );
        }
    }
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("smt-cases.json");
    std::fs::write(&path, serde_json::to_vec(&cases).expect("JSON of plain values"))
        .expect("a writable target folder");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/smt.py");
    let output = Command::new(python).arg(script).arg(&path).output().expect("the interpreter runs");
    println!("{}", String::from_utf8_lossy(&output.stdout));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
