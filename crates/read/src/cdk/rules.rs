//! Rules of the L1 level: mappings and property structs, in any spelling of their keys.

use super::Cdk;
use super::convert::convert;
use super::descent::Descent;
use super::nodes::Node;
use tidegate_estate::{
    Action, Cause, Direction, Guard, Peer, Place, PortMatch, Presence, ProtocolMatch, Reason, Rule,
    Value as Known,
};
use tidegate_program::{Interp, Value};

type Cx<'f> = Interp<Cdk<'f>>;

/// Field of a rule, whatever its spelling: `ip_protocol`, `ipProtocol`, `IpProtocol`.
fn plain(name: &str) -> String {
    name.chars().filter(|c| *c != '_').collect::<String>().to_ascii_lowercase()
}

/// The fields of an L1 rule: from a mapping or a property struct.
pub(crate) fn fields(cx: &Cx<'_>, rule: &Value) -> Result<Vec<(String, Value)>, Reason> {
    match rule {
        Value::Dict(id) => {
            let Some(map) = cx.heap.map(*id) else { return Ok(Vec::new()) };
            if let Some(open) = &map.open {
                return Err(open.reason.clone());
            }
            Ok(map
                .entries
                .iter()
                .filter_map(|(key, value)| match key {
                    tidegate_program::value::Key::Str(name) => Some((plain(name), value.clone())),
                    _ => None,
                })
                .collect())
        }
        Value::Native(id) => match cx.host.node(*id) {
            Node::Object { props, .. } => {
                if let Some(reason) = &props.open {
                    return Err(reason.clone());
                }
                Ok(props.named.iter().map(|(name, argument)| (plain(name), argument.value.clone())).collect())
            }
            _ => Err(Reason::new("the rule is only known at deployment")),
        },
        Value::Unknown(unknown) => Err(unknown.reason.clone()),
        _ => Err(Reason::new("the rule is made in a way that is not followed")),
    }
}

/// The rules of an egress property: one mapping or a list of them.
pub(crate) fn list(
    cx: &mut Cx<'_>,
    value: &Value,
    place: &Place,
    guard: &Guard,
) -> Result<Vec<Rule>, Reason> {
    list_within(cx, value, place, guard, &mut Descent::new())
}

fn list_within(
    cx: &mut Cx<'_>,
    value: &Value,
    place: &Place,
    guard: &Guard,
    descent: &mut Descent,
) -> Result<Vec<Rule>, Reason> {
    let (inner, open) = match value {
        Value::OneOf(alternatives) => {
            let given =
                alternatives.iter().filter(|(_, value)| !matches!(value, Value::None | Value::Missing));
            (given.cloned().collect(), None)
        }
        Value::Unknown(unknown) => return Err(unknown.reason.clone()),
        Value::List(_) | Value::Tuple(_) => match cx.elements(value) {
            Some(elements) => elements,
            None => return Err(Reason::new("the rules are made in a way that is not followed")),
        },
        rule => {
            return Ok(vec![match fields(cx, rule) {
                Ok(fields) => one(cx, &fields, place, guard),
                Err(reason) => anything(reason, place, guard),
            }]);
        }
    };
    let all = descent.enter(value, |descent| {
        let mut all = Vec::new();
        for (when, value) in inner {
            all.extend(list_within(cx, &value, place, &guard.clone().and(when), descent)?);
        }
        Ok(all)
    });
    let mut all = all.unwrap_or_else(|| {
        Err(Reason::new("the rules lie in a list that contains itself, or too deep in each other"))
    })?;
    all.extend(open.map(|reason| anything(reason, place, guard)));
    Ok(all)
}

/// A rule of which nothing is known.
pub(crate) fn anything(reason: Reason, place: &Place, guard: &Guard) -> Rule {
    Rule {
        direction: Direction::Egress,
        action: Action::Allow,
        priority: None,
        protocol: Known::Unknown(reason.clone()),
        ports: Known::Unknown(reason.clone()),
        peer: Known::Unknown(reason.clone()),
        guard: guard.clone(),
        presence: Presence::Unknown(reason),
        cause: Cause::Written,
        place: place.clone(),
        chain: Vec::new(),
    }
}

/// One rule from its fields.
pub(crate) fn one(cx: &mut Cx<'_>, fields: &[(String, Value)], place: &Place, guard: &Guard) -> Rule {
    let get = |name: &str| {
        fields
            .iter()
            .find(|(field, _)| field == name)
            .map(|(_, value)| value)
            .filter(|value| !matches!(value, Value::None | Value::Missing))
    };
    let protocol = match get("ipprotocol") {
        Some(value) => convert(value, &mut protocol),
        None => Known::Known(ProtocolMatch::Any),
    };
    let ports = ports(&protocol, get("fromport"), get("toport"));
    let peer = if let Some(value) = get("cidrip").or_else(|| get("cidripv6")) {
        let ipv6 = get("cidrip").is_none();
        let block = cx.host.block_of(value).unwrap_or_else(|| super::peers::written_block(value, ipv6));
        super::peers::hidden(block, ipv6)
    } else if let Some(value) = get("destinationsecuritygroupid") {
        Known::Known(Peer::Group(super::peers::shown(value)))
    } else if let Some(value) = get("destinationprefixlistid") {
        cx.host.prefix_list(&value.clone())
    } else {
        Known::Unknown(Reason::at("the rule names no destination", place.clone()))
    };
    Rule {
        direction: Direction::Egress,
        action: Action::Allow,
        priority: None,
        protocol,
        ports,
        peer,
        guard: guard.clone(),
        presence: Presence::Present,
        cause: Cause::Written,
        place: place.clone(),
        chain: Vec::new(),
    }
}

fn protocol(value: &Value) -> Result<ProtocolMatch, Reason> {
    let text = match value {
        Value::Int(-1) => return Ok(ProtocolMatch::Any),
        Value::Int(number) => number.to_string(),
        Value::Str(text) => text.trim().to_ascii_lowercase(),
        _ => return Err(Reason::new("the protocol is only known at deployment")),
    };
    Ok(match &*text {
        "-1" | "all" => ProtocolMatch::Any,
        "tcp" => ProtocolMatch::Number(6),
        "udp" => ProtocolMatch::Number(17),
        "icmp" => ProtocolMatch::Number(1),
        "icmpv6" => ProtocolMatch::Number(58),
        other => match other.parse() {
            Ok(number) => ProtocolMatch::Number(number),
            Err(_) => return Err(Reason::new(format!("{other:?} is not a protocol"))),
        },
    })
}

fn ports(protocol: &Known<ProtocolMatch>, from: Option<&Value>, to: Option<&Value>) -> Known<PortMatch> {
    let icmp = matches!(protocol, Known::Known(ProtocolMatch::Number(1 | 58)));
    let number = |value: Option<&Value>| -> Known<Option<i64>> {
        match value {
            None => Known::Known(None),
            Some(value) => convert(value, &mut |value| match value {
                Value::Int(number) => Ok(Some(*number)),
                Value::Str(text) => {
                    text.trim().parse().map(Some).map_err(|_| Reason::new(format!("{text:?} is not a port")))
                }
                _ => Err(Reason::new("the port is only known at deployment")),
            }),
        }
    };
    let (from, to) = (number(from), number(to));
    let both = |from: Option<i64>, to: Option<i64>| -> PortMatch {
        if icmp {
            let part = |number: Option<i64>| number.and_then(|n| u8::try_from(n).ok());
            return PortMatch::Icmp(part(from), part(to));
        }
        match (from, to) {
            (None | Some(-1), None | Some(-1)) => PortMatch::Any,
            (Some(a), None) | (None, Some(a)) => range(a, a),
            (Some(a), Some(b)) => range(a, b),
        }
    };
    match (from, to) {
        (Known::Known(from), Known::Known(to)) => Known::Known(both(from, to)),
        (Known::Unknown(reason), _) | (_, Known::Unknown(reason)) => Known::Unknown(reason),
        (Known::OneOf(list), Known::Known(to)) => Known::OneOf(
            list.into_iter().map(|(g, from)| (g, from.map(&mut |from| Ok(both(from, to))))).collect(),
        ),
        (Known::Known(from), Known::OneOf(list)) => {
            Known::OneOf(list.into_iter().map(|(g, to)| (g, to.map(&mut |to| Ok(both(from, to))))).collect())
        }
        (Known::OneOf(a), Known::OneOf(b)) => Known::OneOf(
            a.iter()
                .flat_map(|(g, from)| b.iter().map(move |(h, to)| (g.clone().and(h.clone()), from, to)))
                .filter_map(|(guard, from, to)| match (from, to) {
                    (Known::Known(from), Known::Known(to)) => Some((guard, Known::Known(both(*from, *to)))),
                    (Known::Unknown(reason), _) | (_, Known::Unknown(reason)) => {
                        Some((guard, Known::Unknown(reason.clone())))
                    }
                    _ => None,
                })
                .collect(),
        ),
    }
}

fn range(from: i64, to: i64) -> PortMatch {
    match (u16::try_from(from), u16::try_from(to)) {
        (Ok(from), Ok(to)) if from <= to => PortMatch::Range(from, to),
        _ => PortMatch::Nothing,
    }
}
