//! Which of a network's rules are seen together, and by whom.

use super::records::{Firewall, Targets};
use std::collections::{BTreeMap, BTreeSet};
use tidegate_estate::Direction;

/// A machine's interface: what makes rules count for it.
#[derive(Debug, Clone)]
pub(super) struct Seer<'i> {
    /// Index among the instances.
    pub instance: usize,
    pub targets: &'i Targets,
    pub only_ipv4: bool,
}

/// A network's rules as some machines see them.
#[derive(Debug, Clone, Default)]
pub(super) struct View {
    /// Outbound rules with targets that count here, by index, in order.
    pub targeted: BTreeSet<usize>,
    /// Whom it is the view of.
    pub of: Targets,
    /// The machines, by index among the instances.
    pub instances: Vec<usize>,
    /// Whether none of them has IPv6.
    pub only_ipv4: bool,
}

/// The views of a network with these rules. Where it has machines, one for each selection of outbound rules that some
/// machine sees; else one for machines without a target, and one for each selection that some target makes.
pub(super) fn views(firewalls: &[&Firewall], seers: &[Seer<'_>]) -> Vec<View> {
    let targeted: Vec<(usize, &Targets)> = firewalls
        .iter()
        .enumerate()
        .filter(|(_, firewall)| firewall.direction == Direction::Egress && !firewall.targets.is_everybody())
        .map(|(index, firewall)| (index, &firewall.targets))
        .collect();
    let select = |of: &Targets| -> BTreeSet<usize> {
        targeted.iter().filter(|(_, targets)| targets.include(of)).map(|(index, _)| *index).collect()
    };
    let mut found: BTreeMap<BTreeSet<usize>, View> = BTreeMap::new();
    if seers.is_empty() {
        let each = targeted.iter().flat_map(|(_, targets)| targets.each());
        for of in std::iter::once(Targets::default()).chain(each) {
            add(&mut found, select(&of), &of);
        }
        return found.into_values().collect();
    }
    for seer in seers {
        let view = add(&mut found, select(seer.targets), seer.targets);
        view.only_ipv4 = seer.only_ipv4 && (view.only_ipv4 || view.instances.is_empty());
        view.instances.push(seer.instance);
    }
    found.into_values().collect()
}

/// The view with this selection, with one more whose it is.
fn add<'v>(
    found: &'v mut BTreeMap<BTreeSet<usize>, View>,
    selection: BTreeSet<usize>,
    of: &Targets,
) -> &'v mut View {
    let view =
        found.entry(selection.clone()).or_insert_with(|| View { targeted: selection, ..View::default() });
    view.of.tags.extend(of.tags.iter().cloned());
    view.of.accounts.extend(of.accounts.iter().cloned());
    view
}
