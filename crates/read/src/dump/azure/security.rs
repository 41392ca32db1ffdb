//! Security rules of Azure with both of their ends, exactly as they are written: what `tidegate reach` asks.
//! (REST API reference, "Network Security Groups"; "Network Manager Effective Security Admin Rules".)

use super::rules::{DEFAULTS, several};
use super::spelling::id_of;
use crate::dump::fields::{Fields, block_or_address};
use crate::tree::NodeId;
use tidegate_estate::azure::{End, SecurityRule, Verdict};
use tidegate_estate::{Action, Direction, Place, ProtocolMatch};

/// The default rules, where no answer shows them.
pub(super) fn defaults(place: &Place) -> Vec<SecurityRule> {
    DEFAULTS
        .iter()
        .map(|(direction, number, name, other, action)| {
            let (tag, any) = (End::Tag((*other).to_ascii_lowercase()), End::Any);
            let other = if *other == "*" { any.clone() } else { tag.clone() };
            // What is let through within the virtual network comes from it, too.
            let own = if other == End::Tag("virtualnetwork".to_owned()) { tag } else { any };
            let (source, destination) = match direction {
                Direction::Egress => (own, other),
                Direction::Ingress => (other, own),
            };
            SecurityRule {
                name: (*name).to_owned(),
                direction: *direction,
                verdict: if *action == Action::Allow { Verdict::Allow } else { Verdict::Deny },
                priority: *number,
                protocol: ProtocolMatch::Any,
                sources: vec![source],
                source_ports: vec![ALL],
                destinations: vec![destination],
                ports: vec![ALL],
                unclear: None,
                place: place.clone(),
            }
        })
        .collect()
}

const ALL: (u16, u16) = (0, u16::MAX);

/// A rule of a network security group, or a security admin rule: their members differ in names only.
pub(super) fn rule(fields: &Fields<'_>, node: NodeId) -> SecurityRule {
    let inner = fields.get(node, "properties").unwrap_or(node);
    let text = |key: &str| fields.text(inner, key);
    let mut unclear = None;
    let mut doubt = |why: String| unclear = unclear.take().or(Some(why));
    let direction = match text("direction") {
        Some(direction) if direction.eq_ignore_ascii_case("outbound") => Direction::Egress,
        _ => Direction::Ingress,
    };
    let access = text("access").unwrap_or_default().to_ascii_lowercase();
    let verdict = match access.as_str() {
        "allow" => Verdict::Allow,
        "deny" => Verdict::Deny,
        "alwaysallow" => Verdict::AlwaysAllow,
        _ => {
            doubt("the rule neither allows nor denies".to_owned());
            Verdict::Allow
        }
    };
    let number = fields.number(inner, "priority").and_then(|number| u32::try_from(number).ok());
    let priority = number.unwrap_or_else(|| {
        // It may stand before any other.
        doubt("the rule has no priority".to_owned());
        0
    });
    let protocol = match text("protocol").map(|protocol| protocol.to_ascii_lowercase()).as_deref() {
        Some("*" | "any") => ProtocolMatch::Any,
        Some("tcp") => ProtocolMatch::Number(6),
        Some("udp") => ProtocolMatch::Number(17),
        Some("icmp") => ProtocolMatch::Number(1),
        Some("esp") => ProtocolMatch::Number(50),
        Some("ah") => ProtocolMatch::Number(51),
        other => {
            doubt(format!("{:?} is no protocol", other.unwrap_or_default()));
            ProtocolMatch::Any
        }
    };
    let mut ports = |one: &str, many: &str| {
        let texts = several(fields, inner, one, many);
        let mut ranges = Vec::new();
        for text in texts.iter().flat_map(|text| text.split(',')) {
            match range(text) {
                Some(range) => ranges.push(range),
                None => doubt(format!("{text:?} is no port and no range of ports")),
            }
        }
        // Left out, every port.
        if ranges.is_empty() { vec![ALL] } else { ranges }
    };
    let source_ports = ports("sourcePortRange", "sourcePortRanges");
    let destination_ports = ports("destinationPortRange", "destinationPortRanges");
    let (sources, destinations) = (ends(fields, inner, "source"), ends(fields, inner, "destination"));
    SecurityRule {
        name: fields.text(node, "name").or_else(|| last_of_id(fields, node)).unwrap_or_default(),
        direction,
        verdict,
        priority,
        protocol,
        sources,
        source_ports,
        destinations,
        ports: destination_ports,
        unclear,
        place: fields.place(node),
    }
}

fn last_of_id(fields: &Fields<'_>, node: NodeId) -> Option<String> {
    fields.text(node, "id")?.rsplit('/').next().map(str::to_owned)
}

/// One end of a rule, however it is spelled: prefixes, application security groups, and the lists of admin rules.
fn ends(fields: &Fields<'_>, node: NodeId, end: &str) -> Vec<End> {
    let prefixes = several(fields, node, &format!("{end}AddressPrefix"), &format!("{end}AddressPrefixes"));
    let mut ends: Vec<End> = prefixes.iter().map(|prefix| self::end(prefix)).collect();
    for group in fields.list(node, &format!("{end}ApplicationSecurityGroups")) {
        ends.push(match fields.text(group, "id") {
            Some(id) => End::Group(id),
            None => End::Unclear("an application security group without an id".to_owned()),
        });
    }
    let listed = format!("{end}s");
    let is_list = fields.is_list(node, &listed);
    for item in fields.list(node, &listed) {
        ends.push(match (fields.text(item, "addressPrefix"), id_of(fields, item, "networkGroup")) {
            (Some(prefix), _) => self::end(&prefix),
            (None, _) => End::Unclear("what stands for a group of networks".to_owned()),
        });
    }
    if ends.is_empty() {
        // An admin rule with an empty list counts for every address; a rule of a group names its ends.
        let any = is_list && fields.list(node, &listed).next().is_none();
        ends.push(if any { End::Any } else { End::Unclear("the rule names no such end".to_owned()) });
    }
    ends
}

/// `*`, a block, an address, a service tag.
pub(super) fn end(text: &str) -> End {
    let lower = text.trim().to_ascii_lowercase();
    if lower == "*" || lower == "any" {
        return End::Any;
    }
    if let Ok(block) = block_or_address(text.trim()) {
        return End::Block(block);
    }
    let is_tag = lower.starts_with(|c: char| c.is_ascii_alphabetic())
        && lower.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '_');
    if is_tag { End::Tag(lower) } else { End::Unclear(text.to_owned()) }
}

/// `*`, `443`, `80-90`.
fn range(text: &str) -> Option<(u16, u16)> {
    let text = text.trim();
    if text == "*" {
        return Some(ALL);
    }
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    let (from, to) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
    (from <= to).then_some((from, to))
}
