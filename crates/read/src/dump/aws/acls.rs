//! Network ACLs to policies.
//! (EC2 API reference, `NetworkAclEntry`.)

use super::records::{Acl, Seat};
use crate::cloudformation::{address_block, port_match, protocol};
use crate::dump::fields::Fields;
use crate::tree::NodeId;
use tidegate_estate::{
    Action, Cause, Confirmation, Dialect, Direction, Guard, Hidden, IpFamily, Peer, Policy, PolicyKind,
    PortMatch, Presence, ProtocolMatch, Provider, Reason, Remedy, Rule, Value,
};

/// The number of the entry that denies what no other matches; the console writes it `*`.
const LAST: u32 = 32767;

/// One entry.
pub(super) fn entry(fields: &Fields<'_>, node: NodeId) -> Rule {
    let place = fields.place(node);
    let unknown = |why: String| Reason::at(why, place.clone());
    let number = fields.number(node, "RuleNumber").and_then(|number| u32::try_from(number).ok());
    let action = fields.text(node, "RuleAction").unwrap_or_default();
    let (action, presence) = match action.to_ascii_lowercase().as_str() {
        "allow" => (Action::Allow, Presence::Present),
        "deny" => (Action::Deny, Presence::Present),
        _ => (Action::Allow, Presence::Unknown(unknown("the entry neither allows nor denies".to_owned()))),
    };
    let protocol: Value<ProtocolMatch> = match fields.text(node, "Protocol") {
        Some(text) => {
            protocol(&text).map_or_else(|why| Value::Unknown(unknown(why.to_string())), Value::Known)
        }
        None => Value::Unknown(unknown("the entry names no protocol".to_owned())),
    };
    let ends = |key: &str, from: &str, to: &str| {
        let range = fields.get(node, key);
        range.map_or((None, None), |range| (fields.number(range, from), fields.number(range, to)))
    };
    let ports = match &protocol {
        Value::Known(protocol @ ProtocolMatch::Number(number @ (1 | 6 | 17 | 58))) => {
            let (from, to) = match number {
                1 | 58 => ends("IcmpTypeCode", "Type", "Code"),
                _ => ends("PortRange", "From", "To"),
            };
            port_match(*protocol, from, to).map_or_else(Value::Unknown, Value::Known)
        }
        _ => Value::Known(PortMatch::Any),
    };
    let block = |key: &str, family: IpFamily| {
        let text = fields.text(node, key)?;
        Some(Value::Known(match address_block(&text) {
            Ok(block) => Peer::Cidr(block),
            Err(why) => Peer::Hidden(Hidden::of(family, unknown(why))),
        }))
    };
    let peer = block("CidrBlock", IpFamily::V4).or_else(|| block("Ipv6CidrBlock", IpFamily::V6));
    let egress = fields.text(node, "Egress").is_some_and(|text| text == "true");
    Rule {
        direction: if egress { Direction::Egress } else { Direction::Ingress },
        action,
        priority: Some(match number {
            Some(number) => Value::Known(number),
            None => Value::Unknown(unknown("the entry has no rule number".to_owned())),
        }),
        protocol,
        ports,
        peer: peer.unwrap_or_else(|| Value::Unknown(unknown("the entry names no block".to_owned()))),
        guard: Guard::Always,
        presence,
        cause: match number {
            Some(LAST) => Cause::Platform { rule: "*".to_owned() },
            _ => Cause::Written,
        },
        place,
        chain: vec![],
    }
}

/// The policy of an ACL. Whom it guards is not asked: it is the second gate, never a grant.
pub(super) fn policy(acl: Acl, seat: Seat) -> Policy {
    Policy {
        kind: PolicyKind::NetworkAcl,
        provider: Provider::Aws,
        dialect: Dialect::AwsDump,
        name: acl.tags.get("Name").filter(|name| !name.is_empty()).cloned(),
        path: Some(acl.id),
        enclosing: None,
        account: seat.account,
        region: seat.region,
        tags: acl.tags,
        exists: Guard::Always,
        confirmation: Confirmation::Created,
        place: acl.named,
        block: acl.place,
        apart: vec![],
        chain: vec![],
        rules: acl.rules,
        ignored: vec![],
        opaque: vec![],
        members: None,
        remedy: Remedy::Rules,
        direct_call: None,
    }
}
