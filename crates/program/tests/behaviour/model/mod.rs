//! Random programs against a brute-force model: in every world, what the interpreter says the library
//! is told is what a plain evaluator of the same program tells it.

mod concrete;
mod syntax;

use crate::host::{Run, Seen, run};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::collections::BTreeSet;
use syntax::{FLAGS, Program};
use tidegate_estate::{ChoiceId, World};

/// What the interpreter recorded in one world, in order.
fn in_world(run: &Run, world: &World) -> Vec<String> {
    run.records
        .iter()
        .filter(|record| !record.dead && !record.detached && record.guard.holds(world))
        .map(|record| record.values.iter().map(|v| plain(v, world)).collect::<Vec<_>>().join(" "))
        .collect()
}

fn plain(seen: &Seen, world: &World) -> String {
    match seen {
        Seen::Is(text) => match &text[..] {
            "True" => "1".into(),
            "False" => "0".into(),
            other => other.into(),
        },
        Seen::Missing => "nothing".into(),
        Seen::Unknown(why) => format!("?{why}"),
        Seen::OneOf(all) => all
            .iter()
            .find(|(guard, _)| guard.holds(world))
            .map_or_else(|| "nothing".into(), |(_, value)| plain(value, world)),
        Seen::Items(_, items, open) => {
            let there = items.iter().filter(|(guard, _)| guard.holds(world));
            let inner: Vec<String> = there.map(|(_, value)| plain(value, world)).collect();
            format!("[{}{}]", inner.join(","), if *open { "…" } else { "" })
        }
        Seen::Map(entries, open) => {
            let mut there: Vec<String> = entries
                .iter()
                .map(|(key, value)| (key, plain(value, world)))
                .filter(|(_, value)| value != "nothing")
                .map(|(key, value)| format!("{key}:{value}"))
                .collect();
            there.sort();
            format!("{{{}{}}}", there.join(","), if *open { "…" } else { "" })
        }
    }
}

/// How many worlds of the other choices are looked into.
const MAX_OTHERS: usize = 64;

/// The choices beside the flags (whether something unlikely fails, what a value is that has more alternatives than
/// are kept), each with the number of its alternatives.
fn others(run: &Run) -> Vec<(ChoiceId, u32)> {
    let mut named = BTreeSet::new();
    for record in &run.records {
        record.guard.collect_choices(&mut named);
        record.values.iter().for_each(|seen| collect(seen, &mut named));
    }
    let sizes = named.into_iter().filter_map(|id| {
        let choice = id.among(&run.choices)?;
        (!FLAGS.contains(&&choice.name[..])).then_some((id, choice.alternatives.len() as u32))
    });
    sizes.collect()
}

fn collect(seen: &Seen, into: &mut BTreeSet<ChoiceId>) {
    match seen {
        Seen::Is(_) | Seen::Missing | Seen::Unknown(_) => {}
        Seen::OneOf(all) | Seen::Items(_, all, _) => all.iter().for_each(|(guard, seen)| {
            guard.collect_choices(into);
            collect(seen, into);
        }),
        Seen::Map(entries, _) => entries.iter().for_each(|(_, seen)| collect(seen, into)),
    }
}

/// Whether the interpreter says that it lost sight of a value: what hangs on it may be there or not.
fn gave_up(ours: &[String]) -> bool {
    ours.iter().any(|text| text.contains(['?', '…']))
}

/// The first world in which the two differ, in words. Where there are choices beside the flags, one of their worlds
/// must be the true one.
fn difference(program: &Program) -> Option<String> {
    let text = program.python();
    let run = run(&text);
    if run.diagnostics.iter().any(|diagnostic| diagnostic.message.contains("stopped after")) {
        // It says that it did not read to the end.
        return None;
    }
    let others = others(&run);
    let count = others.iter().try_fold(1usize, |all, (_, size)| all.checked_mul(*size as usize));
    let count = count.filter(|count| *count <= MAX_OTHERS)?;
    for bits in 0..1u32 << FLAGS.len() {
        let flags: Vec<bool> = (0..FLAGS.len()).map(|at| bits >> at & 1 == 1).collect();
        let fixed: Vec<(ChoiceId, u32)> = (run.choices.iter().enumerate())
            .filter_map(|(id, choice)| {
                let at = FLAGS.iter().position(|flag| *flag == choice.name)?;
                Some((ChoiceId(id as u32), u32::from(!flags[at])))
            })
            .collect();
        let Some(truth) = concrete::run(program, &flags) else { continue };
        let mut ours = (0..count).map(|number| {
            let mut left = number as u32;
            let mut all = fixed.clone();
            for (id, size) in &others {
                all.push((*id, left % size));
                left /= size;
            }
            in_world(&run, &World::new(all))
        });
        if !ours.clone().any(|ours| gave_up(&ours) || ours == truth) {
            let named: Vec<_> = FLAGS.iter().zip(&flags).collect();
            let ours = ours.next().unwrap_or_default();
            let names: Vec<_> = run.choices.iter().map(|choice| &choice.name).collect();
            return Some(format!(
                "{named:?}\n  abstract {ours:?}\n  concrete {truth:?}\n  {names:?}\n{text}"
            ));
        }
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("TIDEGATE_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(300),
        // The same programs every time; a number of cases in the environment asks for others.
        rng_seed: if std::env::var_os("TIDEGATE_CASES").is_some() {
            RngSeed::Random
        } else {
            RngSeed::Fixed(7)
        },
        max_shrink_iters: 400,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_world_of_a_program_is_what_running_it_there_gives(program in syntax::program()) {
        if let Some(difference) = difference(&program) {
            prop_assert!(false, "{difference}");
        }
    }
}
