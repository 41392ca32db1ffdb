//! What a group lets out, in one word per world.

use std::collections::BTreeSet;
use tidegate_estate::{Confirmation, Direction, Estate, Guard, IpNet, Peer, PolicyKind, Value};
use tidegate_reach::policy;
use tidegate_space::{IpFamily, PacketSet};

/// Every policy that is made: `path: words`, with `when` if it is not there in every world; a policy that no
/// entry reached is `(enclosing)`, one that is only declared `declared path`.
pub fn groups(estates: &[Estate]) -> Vec<String> {
    let mut lines = Vec::new();
    for estate in estates {
        for made in &estate.policies {
            let mut made = made.clone();
            let dummy: IpNet = "255.255.255.255/32".parse().expect("a block");
            made.rules.retain(|rule| {
                rule.direction == Direction::Egress
                    && !matches!(&rule.peer, Value::Known(Peer::Cidr(net)) if *net == dummy)
            });
            let name = match &made.path {
                Some(path) => path.clone(),
                None => format!("({})", made.enclosing.as_deref().unwrap_or("module")),
            };
            let kind = match (made.kind, made.confirmation) {
                (_, Confirmation::Declared) => "declared ",
                (PolicyKind::SecurityGroup, _) => "",
                (PolicyKind::DefaultSecurityGroup, _) => "default ",
                (PolicyKind::SecurityGroupUnion, _) => "union ",
                (PolicyKind::UnreadStack, _) => "unread ",
                (PolicyKind::NetworkAcl, _) => "acl ",
                (other, _) => panic!("no code makes a {other:?}"),
            };
            let worlds = policy::worlds_of(&made, estate, 4096).expect("few conditions");
            let words: BTreeSet<String> = worlds
                .iter()
                .filter(|world| made.exists.holds(world))
                .map(|world| {
                    let reach = policy::in_world(&made, estate, world);
                    let sure = word(&reach.must);
                    if reach.may == reach.must { sure } else { format!("{sure}?") }
                })
                .collect();
            let when = if made.exists == Guard::Always { "" } else { " when" };
            let words: Vec<String> = words.into_iter().collect();
            lines.push(format!("{kind}{name}: {}{when}", words.join(" or ")));
        }
    }
    lines.sort();
    lines
}

fn word(set: &PacketSet) -> String {
    let mut words = Vec::new();
    for (family, all, name) in [(IpFamily::V4, "0.0.0.0/0", "open"), (IpFamily::V6, "::/0", "open6")] {
        let rows = set.rows(family);
        if rows.is_empty() {
            continue;
        }
        let full = rows.iter().any(|(addresses, services)| {
            let blocks: Vec<String> = addresses.cidrs().iter().map(ToString::to_string).collect();
            blocks == [all] && services.protocols().count() == 256
        });
        words.push(match (full, family) {
            (true, _) => name,
            (false, IpFamily::V4) => "part",
            (false, IpFamily::V6) => "part6",
        });
    }
    if words.is_empty() { "shut".into() } else { words.join("+") }
}
