//! Under which of the written-down alternatives a finding is so.

use std::collections::BTreeSet;
use tidegate_estate::{ChoiceId, Estate, Step, World};

/// What readers call the alternative of all values that are not written down.
const OTHER: &str = "another value";

/// The alternatives in words, with their places.
pub(super) struct When {
    pub text: String,
    pub steps: Vec<Step>,
}

/// Tells the worlds of `firing` (indices) from the rest, or names the first of them as an example.
pub(super) fn when(estate: &Estate, worlds: &[&World], firing: &[usize]) -> Option<When> {
    let fire: Vec<&World> = firing.iter().filter_map(|index| worlds.get(*index).copied()).collect();
    let example = *fire.first()?;
    let choices: Vec<ChoiceId> = example.fixed().iter().map(|(choice, _)| *choice).collect();
    let taken = |among: &[&World], choice: ChoiceId| -> BTreeSet<u32> {
        among.iter().map(|world| world.get(choice)).collect()
    };
    // Choices that make a difference when looked at one by one.
    let telling: Vec<(ChoiceId, BTreeSet<u32>)> = choices
        .iter()
        .map(|choice| (*choice, taken(&fire, *choice)))
        .filter(|(choice, seen)| *seen != taken(worlds, *choice))
        .collect();
    let matching = worlds
        .iter()
        .filter(|world| telling.iter().all(|(choice, seen)| seen.contains(&world.get(*choice))))
        .count();
    let exact = matching == fire.len();
    let told: Vec<(ChoiceId, BTreeSet<u32>)> = if exact {
        telling
    } else {
        let differs = |choice: &ChoiceId| taken(worlds, *choice).len() > 1;
        choices.iter().filter(|c| differs(c)).map(|c| (*c, BTreeSet::from([example.get(*c)]))).collect()
    };
    let mut texts = Vec::new();
    let mut steps = Vec::new();
    for (choice, alternatives) in told {
        let choice = choice.among(&estate.choices)?;
        let names: Vec<&str> = alternatives
            .iter()
            .filter_map(|index| choice.alternatives.get(*index as usize).map(String::as_str))
            .collect();
        let others: Vec<&str> =
            choice.alternatives.iter().map(String::as_str).filter(|name| !names.contains(name)).collect();
        let text = match names.contains(&OTHER) && !others.is_empty() {
            // Another value than which, nobody could say.
            true => said(&choice.name, &format!("not {}", others.join(" or "))),
            false => said(&choice.name, &names.join(" or ")),
        };
        if let Some(place) = &choice.place {
            steps.push(Step { message: format!("where {text}"), place: place.clone() });
        }
        texts.push(text);
    }
    if texts.is_empty() {
        return None;
    }
    let example = if exact { "" } else { ", for example," };
    Some(When { text: format!("This is so{example} where {}.", texts.join(" and ")), steps })
}

/// A choice and what it comes to, as a part of a sentence after "where". A choice may be a thing (`condition IsProd`), the
/// reason of an unknown (`it comes from …`) or a question (`how …`, `whether …`).
fn said(name: &str, alternative: &str) -> String {
    if let Some(reason) = name.strip_prefix("it ") {
        // The value itself may be anything: what is known is how a test of it comes out.
        if matches!(alternative, "true" | "false") {
            return format!("a test of the value that {reason} is {alternative}");
        }
        return format!("the value that {reason} is {alternative}");
    }
    if name.starts_with("how ") || name.starts_with("whether ") {
        return format!("the answer to {name} is: {alternative}");
    }
    format!("{name} is {alternative}")
}
