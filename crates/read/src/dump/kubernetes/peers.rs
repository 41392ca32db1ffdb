//! The other ends and the ports that a policy's rule names, multiplied out.

use super::selectors::Selector;
use crate::cloudformation::address_block;
use crate::dump::fields::Fields;
use crate::tree::NodeId;
use tidegate_estate::{
    Action, Cause, Direction, Estate, Guard, Hidden, IpNet, Ipv4Net, Ipv6Net, Peer, Place, PortMatch,
    PrefixList, Presence, ProtocolMatch, Reason, Rule, Value,
};

/// The other end of a rule.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::dump) enum End {
    /// Every address of a family, since the rule names none.
    Anywhere(IpNet),
    /// A block.
    Block(IpNet),
    /// A block, and what is cut out of it.
    Cut {
        block: IpNet,
        except: Vec<IpNet>,
    },
    /// Pods, in words.
    Pods(String),
    /// A block of which something cannot be read.
    Hidden(Hidden),
    Unknown(Reason),
}

/// One rule to one end and one range of ports.
#[derive(Debug, Clone)]
pub(in crate::dump) struct Permission {
    pub direction: Direction,
    pub end: End,
    pub protocol: Value<ProtocolMatch>,
    pub ports: Value<PortMatch>,
    pub place: Place,
}

/// Everything, which is what leaving all out means: of an `egress` or `ingress` rule, and of policies altogether.
pub(super) fn everything() -> [IpNet; 2] {
    [IpNet::V4(Ipv4Net::default()), IpNet::V6(Ipv6Net::default())]
}

/// The permissions of one item of `egress` or `ingress`.
pub(super) fn read(fields: &Fields<'_>, rule: NodeId, direction: Direction, into: &mut Vec<Permission>) {
    let key = if direction == Direction::Egress { "to" } else { "from" };
    let mut ends: Vec<(End, Place)> = Vec::new();
    for peer in fields.list(rule, key) {
        ends.push(end(fields, peer));
    }
    if ends.is_empty() {
        let place = fields.place(rule);
        ends.extend(everything().map(|block| (End::Anywhere(block), place.clone())));
    }
    let mut services: Vec<Service> = fields.list(rule, "ports").map(|port| service(fields, port)).collect();
    if services.is_empty() {
        services.push(Service {
            protocol: Value::Known(ProtocolMatch::Any),
            ports: Ports::Numbers(Value::Known(PortMatch::Any)),
        });
    }
    for (end, place) in ends {
        for service in &services {
            into.push(Permission {
                direction,
                end: end.clone(),
                protocol: service.protocol.clone(),
                ports: service.ports_at(&end),
                place: place.clone(),
            });
        }
    }
}

struct Service {
    protocol: Value<ProtocolMatch>,
    ports: Ports,
}

enum Ports {
    Numbers(Value<PortMatch>),
    /// By the name that a container gives its port.
    Named(Reason),
}

impl Service {
    /// A port's name is one of a pod: addresses outside of the cluster have none, so that nothing is matched there.
    /// (Kubernetes API reference, `NetworkPolicyPort`: "a named port on a pod".)
    fn ports_at(&self, end: &End) -> Value<PortMatch> {
        match (&self.ports, end) {
            (Ports::Numbers(ports), _) => ports.clone(),
            (Ports::Named(reason), End::Pods(_) | End::Unknown(_)) => Value::Unknown(reason.clone()),
            (Ports::Named(_), _) => Value::Known(PortMatch::Nothing),
        }
    }
}

fn service(fields: &Fields<'_>, port: NodeId) -> Service {
    let number = match fields.text(port, "protocol").as_deref() {
        None | Some("TCP") => Value::Known(ProtocolMatch::Number(6)),
        Some("UDP") => Value::Known(ProtocolMatch::Number(17)),
        Some("SCTP") => Value::Known(ProtocolMatch::Number(132)),
        Some(other) => {
            Value::Unknown(Reason::at(format!("{other:?} is no protocol"), fields.member(port, "protocol")))
        }
    };
    let Some(text) = fields.text(port, "port") else {
        return Service { protocol: number, ports: Ports::Numbers(Value::Known(PortMatch::Any)) };
    };
    let place = fields.member(port, "port");
    let ports = match (text.parse::<u16>(), fields.text(port, "endPort").map(|end| end.parse::<u16>())) {
        (Ok(from), None) => Ports::Numbers(Value::Known(PortMatch::Range(from, from))),
        (Ok(from), Some(Ok(to))) if from <= to => Ports::Numbers(Value::Known(PortMatch::Range(from, to))),
        (Err(_), _) if text.bytes().any(|byte| byte.is_ascii_alphabetic()) => {
            Ports::Named(Reason::at(format!("{text:?} is a port that pods name"), place))
        }
        _ => Ports::Numbers(Value::Unknown(Reason::at(
            format!("{text:?} is no port, or does not begin a range of ports"),
            place,
        ))),
    };
    Service { protocol: number, ports }
}

fn end(fields: &Fields<'_>, peer: NodeId) -> (End, Place) {
    if let Some(block) = fields.get(peer, "ipBlock") {
        return (self::block(fields, block), fields.member(block, "cidr"));
    }
    let place = fields.place(peer);
    let selector = |key: &str| fields.get(peer, key).map(|_| Selector::read(fields, peer, key));
    let end = match (selector("podSelector"), selector("namespaceSelector")) {
        (None, None) => End::Unknown(Reason::at("the rule names no other end that is known", place.clone())),
        (Some(Err(why)), _) | (_, Some(Err(why))) => {
            // Pods, whichever: none of them is an address of the Internet.
            End::Pods(why)
        }
        (pods, namespaces) => {
            let words = |selector: Option<Result<Selector, String>>, all: &str, some: &str, none: &str| {
                match selector {
                    None => none.to_owned(),
                    Some(Ok(selector)) if selector == Selector::default() => all.to_owned(),
                    Some(selector) => {
                        format!("{some} {}", selector.map(|selector| selector.words()).unwrap_or_default())
                    }
                }
            };
            let pods = words(pods, "all pods", "pods with", "all pods");
            let namespaces = words(namespaces, "of all namespaces", "of namespaces with", "of the namespace");
            End::Pods(format!("{pods} {namespaces}"))
        }
    };
    (end, place)
}

fn block(fields: &Fields<'_>, node: NodeId) -> End {
    let place = fields.member(node, "cidr");
    let block = match fields.text(node, "cidr") {
        None => return End::Unknown(Reason::at("the block has no `cidr`", fields.place(node))),
        Some(text) => match address_block(&text) {
            Ok(block) => block,
            Err(why) => return End::Unknown(Reason::at(why, place)),
        },
    };
    let mut except = Vec::new();
    for item in fields.list(node, "except") {
        match address_block(fields.tree.text(item).unwrap_or_default()) {
            Ok(cut) => except.push(cut),
            Err(why) => {
                let reason = Reason::at(why, fields.place(item));
                return End::Hidden(Hidden { within: block, length: block.prefix_len(), reason });
            }
        }
    }
    if except.is_empty() { End::Block(block) } else { End::Cut { block, except } }
}

impl Permission {
    /// The permission as a rule. What is cut out of a block makes a list of what is left of it.
    pub fn rule(&self, cause: &Cause, estate: &mut Estate) -> Rule {
        let peer = match &self.end {
            End::Anywhere(block) | End::Block(block) => Value::Known(Peer::Cidr(*block)),
            End::Pods(words) => Value::Known(Peer::Group(words.clone())),
            End::Hidden(hidden) => Value::Known(Peer::Hidden(hidden.clone())),
            End::Unknown(reason) => Value::Unknown(reason.clone()),
            End::Cut { block, except } => {
                let texts: Vec<String> = except.iter().map(ToString::to_string).collect();
                let name = format!("{block} except {}", texts.join(", "));
                let known = estate.prefix_lists.iter().position(|list| list.name == name);
                let index = known.unwrap_or_else(|| {
                    let mut left = Vec::new();
                    without(*block, except, &mut left);
                    let entries =
                        left.into_iter().map(|block| (Guard::Always, Value::Known(block))).collect();
                    estate.prefix_lists.push(PrefixList { name, entries, place: self.place.clone() });
                    estate.prefix_lists.len() - 1
                });
                Value::Known(Peer::PrefixList(index))
            }
        };
        Rule {
            direction: self.direction,
            action: Action::Allow,
            priority: None,
            protocol: self.protocol.clone(),
            ports: self.ports.clone(),
            peer,
            guard: Guard::Always,
            presence: Presence::Present,
            cause: cause.clone(),
            place: self.place.clone(),
            chain: vec![],
        }
    }
}

/// What is left of a block without others, in as few blocks as can be.
fn without(block: IpNet, except: &[IpNet], left: &mut Vec<IpNet>) {
    if except.iter().any(|cut| cut.contains(&block)) {
        return;
    }
    let inside: Vec<IpNet> = except.iter().copied().filter(|cut| block.contains(cut)).collect();
    if inside.is_empty() {
        left.push(block);
        return;
    }
    // Something lies inside of it: it has halves.
    for half in block.subnets(block.prefix_len() + 1).into_iter().flatten() {
        without(half, &inside, left);
    }
}

#[cfg(test)]
mod tests {
    use super::{IpNet, Ipv4Net, without};
    use proptest::prelude::*;

    fn left(block: &str, except: &[&str]) -> Vec<String> {
        let except: Vec<IpNet> = except.iter().map(|text| text.parse().unwrap()).collect();
        let mut left = Vec::new();
        without(block.parse().unwrap(), &except, &mut left);
        left.iter().map(ToString::to_string).collect()
    }

    fn blocks() -> impl Strategy<Value = IpNet> {
        // Close to each other, so that they meet.
        (0u8..16, 24u8..=32).prop_map(|(last, length)| {
            IpNet::V4(Ipv4Net::new([10, 0, 0, last].into(), length).unwrap().trunc())
        })
    }

    proptest! {
        #[test]
        fn an_address_is_left_if_it_is_in_the_block_and_in_nothing_that_is_cut_out(
            block in blocks(),
            except in prop::collection::vec(blocks(), 0..5),
            last in 0u8..32,
        ) {
            let address: std::net::IpAddr = [10, 0, 0, last].into();
            let mut left = Vec::new();
            without(block, &except, &mut left);
            let truth = block.contains(&address) && !except.iter().any(|cut| cut.contains(&address));
            prop_assert_eq!(left.iter().filter(|part| part.contains(&address)).count(), usize::from(truth));
        }
    }

    #[test]
    fn what_is_cut_out_of_a_block_leaves_the_rest() {
        assert_eq!(left("10.0.0.0/30", &["10.0.0.1/32"]), ["10.0.0.0/32", "10.0.0.2/31"]);
        assert_eq!(left("10.0.0.0/30", &["0.0.0.0/0"]), Vec::<String>::new());
        assert_eq!(left("10.0.0.0/30", &["10.0.0.0/31", "10.0.0.2/31"]), Vec::<String>::new());
        assert_eq!(left("10.0.0.0/30", &["::/0", "192.0.2.0/24"]), ["10.0.0.0/30"]);
        assert_eq!(left("::/0", &["8000::/1"]), ["::/1"]);
        assert_eq!(left("0.0.0.0/0", &["10.0.0.1/32"]).len(), 32);
    }
}
