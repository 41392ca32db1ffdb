//! Security rules of Azure as sets: the lowest number that matches decides.
//! ("Network security groups", "Security rules"; "Security admin rules", "The order of evaluation".)

use super::Paths;
use super::spaces::{Space, at};
use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use tidegate_estate::azure::{Answer, Configuration, End, SecurityRule, Verdict};
use tidegate_estate::{Answer as Asked, Direction, IpNet, ProtocolMatch};
use tidegate_space::{AddressSet, IpFamily, PacketSet, Services, internet, protocol};

/// Whether a rule counts for who is guarded, as far as its own end says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Own {
    No,
    Perhaps,
    Yes,
}

/// Who is guarded: an address, with the application security groups that it is in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Host<'e> {
    pub address: Option<IpAddr>,
    pub groups: &'e BTreeSet<String>,
}

impl<'e> Host<'e> {
    pub fn of(configuration: &'e Configuration) -> Self {
        Self { address: configuration.address, groups: &configuration.groups }
    }
}

/// Whether a rule counts for hosts of which one sends, and nobody knows which.
pub(super) fn own(
    net: &Paths<'_>,
    rule: &SecurityRule,
    hosts: &[Host<'_>],
    space: &Space,
    family: IpFamily,
) -> Own {
    let ends = match rule.direction {
        Direction::Egress => &rule.sources,
        Direction::Ingress => &rule.destinations,
    };
    let one =
        |host: &Host<'_>| ends.iter().map(|end| is(net, end, host, space, family)).max().unwrap_or(Own::No);
    let mut each = hosts.iter().map(one);
    let Some(first) = each.next() else { return Own::Perhaps };
    if each.all(|next| next == first) { first } else { Own::Perhaps }
}

fn is(net: &Paths<'_>, end: &End, host: &Host<'_>, space: &Space, family: IpFamily) -> Own {
    match end {
        End::Any => return Own::Yes,
        End::Group(id) => return if host.groups.contains(id) { Own::Yes } else { Own::No },
        End::Unclear(_) => return Own::Perhaps,
        End::Block(block) if IpFamily::of(block.addr()) != family => return Own::No,
        End::Block(_) | End::Tag(_) => {}
    }
    let Some(address) = host.address else {
        // Whatever its address is, it is one of the network's.
        return if *end == End::Tag("virtualnetwork".to_owned()) { Own::Yes } else { Own::Perhaps };
    };
    let number = IpFamily::number(address);
    let (least, most) = addresses_of(net, end, family, &space.least[at(family)], &space.most[at(family)]);
    if least.contains(number) {
        Own::Yes
    } else if most.contains(number) {
        Own::Perhaps
    } else {
        Own::No
    }
}

/// The addresses of an end, at least and at most, where VirtualNetwork stands for at least and at most these.
fn addresses_of(
    net: &Paths<'_>,
    end: &End,
    family: IpFamily,
    least: &AddressSet,
    most: &AddressSet,
) -> (AddressSet, AddressSet) {
    let nothing = || AddressSet::empty(family);
    let exactly = |set: AddressSet| (set.clone(), set);
    let block = |text: &str| {
        let block: Option<IpNet> = text.parse().ok();
        AddressSet::from_blocks(family, block)
    };
    match end {
        End::Any => exactly(AddressSet::all(family)),
        End::Block(block) => exactly(AddressSet::from_blocks(family, [*block])),
        End::Unclear(_) => (nothing(), AddressSet::all(family)),
        End::Group(id) => {
            exactly(net.members.get(id.as_str()).map_or_else(nothing, |both| both[at(family)].clone()))
        }
        End::Tag(tag) => match tag.as_str() {
            "virtualnetwork" => (least.clone(), most.clone()),
            // What is outside of it and reachable by the public Internet.
            "internet" => {
                let public = internet::addresses(family);
                (public.difference(most), public.difference(least))
            }
            "azureloadbalancer" | "azureplatformdns" => exactly(block("168.63.129.16/32")),
            "azureplatformimds" => exactly(block("169.254.169.254/32")),
            tag => match net.az.tags.get(tag) {
                Some(blocks) => exactly(AddressSet::from_blocks(family, blocks.iter().copied())),
                None => (nothing(), internet::addresses(family).clone()),
            },
        },
    }
}

/// What rules may do with each packet, as far as is known: a packet is in every set that it may end in.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    pub allow: PacketSet,
    pub deny: PacketSet,
    pub always: PacketSet,
    /// No rule matches.
    pub none: PacketSet,
}

/// The rules of one direction with whether they count, by number.
pub(super) type Counted<'e> = Vec<(&'e SecurityRule, Own)>;

/// Those of some rules that may count.
pub(super) fn counted<'e>(
    net: &Paths<'_>,
    rules: &'e [SecurityRule],
    direction: Direction,
    hosts: &[Host<'_>],
    space: &Space,
    family: IpFamily,
) -> Counted<'e> {
    let mut all: Counted<'e> = rules
        .iter()
        .filter(|rule| rule.direction == direction)
        .map(|rule| (rule, own(net, rule, hosts, space, family)))
        .filter(|(_, own)| *own > Own::No)
        .collect();
    all.sort_by_key(|(rule, _)| rule.priority);
    all
}

/// What the first rule that matches does, where VirtualNetwork stands for exactly this.
pub(super) fn first(net: &Paths<'_>, rules: &Counted<'_>, family: IpFamily, network: &AddressSet) -> Outcome {
    let mut open = PacketSet::family(family);
    let mut sets: HashMap<Verdict, Vec<PacketSet>> = HashMap::new();
    for (rule, own) in rules {
        let (must, may) = matched(net, rule, family, network);
        let perhaps = open.intersection(&may);
        if perhaps.is_empty() {
            continue;
        }
        sets.entry(rule.verdict).or_default().push(perhaps);
        if *own == Own::Yes {
            open = open.difference(&must);
        }
    }
    let mut all = |verdict| PacketSet::union_all(sets.remove(&verdict).unwrap_or_default());
    Outcome {
        allow: all(Verdict::Allow),
        deny: all(Verdict::Deny),
        always: all(Verdict::AlwaysAllow),
        none: open,
    }
}

/// The packets that a rule matches, at least and at most; its own end is not asked.
fn matched(
    net: &Paths<'_>,
    rule: &SecurityRule,
    family: IpFamily,
    network: &AddressSet,
) -> (PacketSet, PacketSet) {
    let ends = match rule.direction {
        Direction::Egress => &rule.destinations,
        Direction::Ingress => &rule.sources,
    };
    let (mut least, mut most) = (AddressSet::empty(family), AddressSet::empty(family));
    for end in ends {
        let (must, may) = addresses_of(net, end, family, network, network);
        least = least.union(&must);
        most = most.union(&may);
    }
    let (must, may) = services(rule);
    let may = PacketSet::to_addresses(&most, &may);
    if rule.unclear.is_some() {
        return (PacketSet::empty(), may);
    }
    (PacketSet::to_addresses(&least, &must), may)
}

/// The services of a rule, at least and at most.
fn services(rule: &SecurityRule) -> (Services, Services) {
    let whole = |ranges: &[(u16, u16)]| ranges.contains(&(0, u16::MAX));
    let all = whole(&rule.ports) && whole(&rule.source_ports);
    let with_ports = |number: u8| {
        let pairs = rule.ports.iter().flat_map(|to| rule.source_ports.iter().map(move |from| (*to, *from)));
        Services::union_all(pairs.map(|((first, last), (least, most))| {
            Services::ports_with_source(number, first..=last, least..=most)
        }))
    };
    match rule.protocol {
        _ if rule.unclear.is_some() && rule.protocol == ProtocolMatch::Any => {
            (Services::none(), Services::all())
        }
        ProtocolMatch::Any if all => (Services::all(), Services::all()),
        ProtocolMatch::Any => {
            // What a port means for a protocol without ports is not told.
            let both = [protocol::TCP, protocol::UDP];
            let must = Services::union_all(both.map(with_ports));
            let rest = Services::union_all(both.map(Services::protocol)).complement();
            (must.clone(), must.union(&rest))
        }
        ProtocolMatch::Number(number @ (protocol::TCP | protocol::UDP)) => {
            let own = if rule.unclear.is_some() { Services::protocol(number) } else { with_ports(number) };
            (own.clone(), own)
        }
        ProtocolMatch::Number(number) if all => (Services::protocol(number), Services::protocol(number)),
        ProtocolMatch::Number(number) => (Services::none(), Services::protocol(number)),
    }
}

/// Tags whose addresses would tell more about these rules.
pub(super) fn missing(net: &Paths<'_>, rules: &Counted<'_>) -> Vec<super::super::Missing> {
    let ends = rules.iter().flat_map(|(rule, _)| rule.sources.iter().chain(&rule.destinations));
    let unknown = ends.filter_map(|end| match end {
        End::Tag(tag) if !KNOWN.contains(&tag.as_str()) && !net.az.tags.contains_key(tag) => Some(tag),
        _ => None,
    });
    unknown.map(|tag| (Asked::Azure(Answer::ServiceTags), tag.clone())).collect()
}

/// Tags that stand for no list of the vendor's.
const KNOWN: [&str; 5] =
    ["virtualnetwork", "internet", "azureloadbalancer", "azureplatformdns", "azureplatformimds"];

/// Tags of what the platform itself answers.
pub(super) const PLATFORM: [&str; 3] = ["azureplatformdns", "azureplatformimds", "azureplatformlkm"];
