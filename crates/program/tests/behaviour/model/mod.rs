//! Random programs against a brute-force model: in every world, what the interpreter says the library
//! is told is what a plain evaluator of the same program tells it.

mod concrete;
mod syntax;

use crate::host::{Run, Seen, run};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
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

/// The first world in which the two differ, in words.
fn difference(program: &Program) -> Option<String> {
    let text = program.python();
    let run = run(&text);
    for bits in 0..1u32 << FLAGS.len() {
        let flags: Vec<bool> = (0..FLAGS.len()).map(|at| bits >> at & 1 == 1).collect();
        // Other choices (whether something unlikely fails) take their first alternative: it does not.
        let fixed = run.choices.iter().enumerate().filter_map(|(id, choice)| {
            let at = FLAGS.iter().position(|flag| *flag == choice.name)?;
            Some((ChoiceId(id as u32), u32::from(!flags[at])))
        });
        let ours = in_world(&run, &World::new(fixed.collect()));
        let truth = concrete::run(program, &flags);
        if ours != truth {
            let named: Vec<_> = FLAGS.iter().zip(&flags).collect();
            return Some(format!("{named:?}\n  abstract {ours:?}\n  concrete {truth:?}\n{text}"));
        }
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("TIDEGATE_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(100),
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
