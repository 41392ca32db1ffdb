//! Packet sets against an SMT solver.
//!
//! The model in `model.rs` knows a few cells; here every bit of every axis counts. Cases are made from a fixed seed,
//! the library's answers are written down, and `smt.py` puts each to Z3. It needs the `z3-solver` package:
//! `cargo xtask test` installs it and names the interpreter in `TIDEGATE_PYTHON`; without that the test is skipped.

mod boxes;

use std::io::Write;
use std::path::Path;
use std::process::Command;

use boxes::{Random, Rule, boxes};
use serde_json::{Value, json};
use tidegate_space::{IpFamily, PacketSet};

const CASES: usize = 300;

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
