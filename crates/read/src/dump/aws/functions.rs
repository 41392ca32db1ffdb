//! Functions of Lambda in a VPC, and which interfaces they send through.
//! (Lambda API reference, `FunctionConfiguration`; Lambda developer guide, "Giving Lambda functions access to resources in an
//! Amazon VPC".)

use super::records::{Interface, Seat, once_each};
use crate::dump::fields::Fields;
use crate::tree::NodeId;
use std::collections::{BTreeMap, BTreeSet};
use tidegate_estate::Place;

/// A function with the subnets that it sends from.
#[derive(Debug, Clone)]
pub(in crate::dump) struct Function {
    pub name: String,
    pub arn: String,
    pub vpc: Option<String>,
    pub subnets: Vec<String>,
    pub groups: BTreeSet<String>,
    pub seat: Seat,
    pub place: Place,
}

/// How the platform calls interfaces that functions send through.
const LAMBDA: &str = "lambda";

/// A function, if it is in a VPC: no group guards another one.
pub(super) fn function(fields: &Fields<'_>, node: NodeId, seat: Seat) -> Option<Function> {
    let inside = fields.get(node, "VpcConfig")?;
    let texts = |key: &str| -> Vec<String> {
        let items = fields.list(inside, key);
        items.filter_map(|item| fields.tree.text(item)).map(str::to_owned).collect()
    };
    let (subnets, groups) = (once_each(texts("SubnetIds")), texts("SecurityGroupIds").into_iter().collect());
    (!subnets.is_empty()).then_some(Function {
        name: fields.text(node, "FunctionName")?,
        arn: fields.text(node, "FunctionArn")?,
        vpc: fields.text(inside, "VpcId"),
        subnets,
        groups,
        seat,
        place: fields.place(node),
    })
}

/// Calls interfaces by the functions that send through them, and adds the interfaces of functions that none was found of:
/// one that nobody called for two weeks has none, and gets one again with the next call.
///
/// All functions with the same groups share one interface in a subnet.
pub(super) fn join(functions: Vec<Function>, interfaces: &mut Vec<Interface>) {
    // What is listed twice is one function; of its versions, which share its settings, each has an ARN of its own.
    let functions: BTreeMap<String, Function> =
        functions.into_iter().map(|function| (function.arn.clone(), function)).collect();
    let mut senders: BTreeMap<(String, BTreeSet<String>), Vec<&Function>> = BTreeMap::new();
    for function in functions.values() {
        for subnet in &function.subnets {
            senders.entry((subnet.clone(), function.groups.clone())).or_default().push(function);
        }
    }
    let mut found = BTreeSet::new();
    for interface in interfaces.iter_mut().filter(|interface| interface.service.as_deref() == Some(LAMBDA)) {
        let Some(subnet) = interface.subnet.clone() else { continue };
        let way = (subnet, interface.groups.iter().cloned().collect());
        if let Some(functions) = senders.get(&way) {
            interface.description = Some(names(functions));
            found.insert(way);
        }
    }
    for ((subnet, groups), functions) in senders.into_iter().filter(|(way, _)| !found.contains(way)) {
        let Some(first) = functions.first() else { continue };
        interfaces.push(Interface {
            id: format!("{} in {subnet}", first.name),
            description: Some(names(&functions)),
            groups: groups.into_iter().collect(),
            private: Vec::new(),
            public: Vec::new(),
            instance: None,
            vpc: first.vpc.clone(),
            subnet: Some(subnet),
            forwards: false,
            service: Some(LAMBDA.to_owned()),
            seat: first.seat.clone(),
            tags: BTreeMap::new(),
            place: first.place.clone(),
        });
    }
}

/// The names of functions, each once.
fn names(functions: &[&Function]) -> String {
    let names: BTreeSet<&str> = functions.iter().map(|function| function.name.as_str()).collect();
    names.into_iter().collect::<Vec<_>>().join(", ")
}
