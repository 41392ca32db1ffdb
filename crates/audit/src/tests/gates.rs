//! Where two policies must both allow: in Azure the group of an interface and that of its subnet.

use crate::finding::{Level, Report};
use crate::testing::{all, at, estate, group, names, numbered, report, tcp};
use std::collections::BTreeMap;
use tidegate_estate::{
    Action, Dialect, Estate, Place, Policy, PolicyKind, Provider, Rule, Workload, WorkloadKind,
};

/// A group of Azure, reported at a byte of its own.
fn nsg(name: &str, byte: usize, rules: Vec<Rule>) -> Policy {
    Policy {
        kind: PolicyKind::NetworkSecurityGroup,
        provider: Provider::Azure,
        dialect: Dialect::AzureDump,
        name: Some(name.to_owned()),
        path: Some(name.to_owned()),
        place: at(byte),
        block: at(byte),
        ..group(rules.into_iter().map(|rule| Rule { place: at(byte), ..rule }).collect())
    }
}

fn open(byte: usize) -> Policy {
    nsg("open", byte, vec![numbered(100, Action::Allow, all("0.0.0.0/0"))])
}

fn closed() -> Policy {
    nsg("closed", 300, vec![numbered(100, Action::Allow, all("10.0.0.0/8"))])
}

fn web() -> Policy {
    nsg("web", 400, vec![numbered(100, Action::Allow, tcp(443, "0.0.0.0/0"))])
}

fn workload(id: &str, guarded: &[usize]) -> Workload {
    Workload {
        kind: WorkloadKind::Interface,
        provider: Provider::Azure,
        id: id.to_owned(),
        name: None,
        private: vec![],
        public: vec![],
        account: None,
        region: None,
        tags: BTreeMap::new(),
        guarded: guarded.iter().map(|policy| vec![*policy]).collect(),
        place: Place { ..at(500) },
    }
}

fn judged(policies: Vec<Policy>, workloads: Vec<Workload>) -> Report {
    report(&Estate { workloads, ..estate(policies) })
}

fn affected(report: &Report, finding: usize) -> Vec<&str> {
    report.findings[finding].affected.iter().map(|one| one.id.as_str()).collect()
}

#[test]
fn only_workloads_that_nothing_else_closes_are_affected() {
    let both = judged(
        vec![open(200), closed()],
        vec![workload("a", &[0]), workload("b", &[0, 1]), workload("c", &[1])],
    );
    assert_eq!(names(&both), ["open-egress"]);
    assert_eq!(affected(&both, 0), ["a"]);
    assert_eq!(both.findings[0].rating.risk, Level::Low);
}

#[test]
fn a_group_that_another_closes_everywhere_is_informational() {
    let report = judged(vec![open(200), closed()], vec![workload("b", &[0, 1])]);
    assert!(affected(&report, 0).is_empty());
    assert_eq!(report.findings[0].rating.risk, Level::Informational);
    assert!(report.findings[0].rating.reasons.iter().any(|reason| reason.contains("closes it")));
    // Nobody knows of a workload: that closes nothing.
    let alone = judged(vec![open(200), closed()], vec![]);
    assert_eq!(alone.findings[0].rating.risk, Level::Low);
}

#[test]
fn what_both_let_out_is_said_of_the_narrower_one() {
    let report = judged(vec![open(200), web()], vec![workload("b", &[0, 1])]);
    assert_eq!(names(&report), ["open-egress", "internet-egress"]);
    assert!(affected(&report, 0).is_empty());
    assert_eq!(affected(&report, 1), ["b"]);
}
