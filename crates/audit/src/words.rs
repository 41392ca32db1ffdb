//! Sets in words, for messages.

use crate::{allows, measure};
use tidegate_space::{IpFamily, PacketSet, ProtocolPart, Services, internet, protocol};

/// How many things a message lists before it says how many more there are.
const LISTED: usize = 4;

/// `IPv4` or `IPv6`.
pub fn family(family: IpFamily) -> &'static str {
    match family {
        IpFamily::V4 => "IPv4",
        IpFamily::V6 => "IPv6",
    }
}

/// A share in per cent, never rounded to a whole that it is not: 99.99 % does not become 100 %.
pub fn percent(share: f64) -> String {
    let hundred = share * 100.0;
    if share >= 1.0 {
        "100 %".to_owned()
    } else if hundred >= 99.95 {
        "more than 99.9 %".to_owned()
    } else if hundred >= 10.0 {
        format!("{hundred:.0} %")
    } else if hundred >= 0.1 {
        format!("{hundred:.1} %")
    } else {
        "less than 0.1 %".to_owned()
    }
}

/// `443`, `80 and 443`, `1, 2 and 3`.
pub fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// The first few, and how many more.
pub fn some(items: &[String]) -> String {
    match items.len().checked_sub(LISTED) {
        None | Some(0) => list(items),
        Some(more) => format!("{} and {more} more", items.get(..LISTED).unwrap_or_default().join(", ")),
    }
}

/// Services in words: `tcp/443`, `all of TCP`, `everything but tcp/25`, `TCP, UDP and ICMP, but no other
/// protocol`.
pub fn services(services: &Services) -> String {
    if services.is_all() {
        return "every protocol and port".to_owned();
    }
    // Nearly everything is easier to read by what is not in it.
    let missing_protocols = 256 - services.numbers().count();
    if missing_protocols <= 2 {
        let missing = services.complement();
        if allows::parts(&missing).len() <= LISTED {
            return format!("everything but {}", list(&pieces(&missing)));
        }
    }
    let whole: Vec<u8> = (0..=u8::MAX).filter(|number| services.has_all_of(*number)).collect();
    let only_whole = services.protocols().all(|(_, part)| part == ProtocolPart::All);
    if only_whole && whole.len() <= LISTED {
        let mut whole = whole;
        whole.sort_by_key(|number| spoken_rank(*number));
        let names: Vec<String> = whole.iter().map(|number| spoken(*number)).collect();
        return match names.as_slice() {
            [one] => format!("all of {one}"),
            many => format!("{}, but no other protocol", list(many)),
        };
    }
    some(&pieces(services))
}

/// `TCP`, `UDP`, `ICMP`, `ICMPv6`, `protocol 47`.
fn spoken(number: u8) -> String {
    match number {
        protocol::TCP => "TCP".to_owned(),
        protocol::UDP => "UDP".to_owned(),
        protocol::ICMP => "ICMP".to_owned(),
        protocol::ICMPV6 => "ICMPv6".to_owned(),
        other => format!("protocol {other}"),
    }
}

/// People say TCP first.
fn spoken_rank(number: u8) -> (u8, u8) {
    let known = [protocol::TCP, protocol::UDP, protocol::ICMP, protocol::ICMPV6];
    let rank = known.iter().position(|one| *one == number).unwrap_or(known.len());
    (u8::try_from(rank).unwrap_or(u8::MAX), number)
}

/// `tcp/443`, `udp/53`, `icmp type 8`, `all of UDP`.
fn pieces(services: &Services) -> Vec<String> {
    let mut pieces = Vec::new();
    for (name, ports) in allows::parts(services) {
        let number = services_number(&name);
        match ports {
            None => pieces.push(match number {
                Some(number) => format!("all of {}", spoken(number)),
                None => format!("protocols {name}"),
            }),
            Some(ports) => pieces.extend(ports.into_iter().map(|port| {
                if port.starts_with("type ") { format!("{name} {port}") } else { format!("{name}/{port}") }
            })),
        }
    }
    pieces
}

fn services_number(name: &str) -> Option<u8> {
    match name {
        "tcp" => Some(protocol::TCP),
        "udp" => Some(protocol::UDP),
        "icmp" => Some(protocol::ICMP),
        "icmpv6" => Some(protocol::ICMPV6),
        other => other.parse().ok(),
    }
}

/// What a set lets out to one family's Internet: `tcp/443 to 0.0.0.0/0: 100 % of the IPv4 Internet`.
pub fn reach(set: &PacketSet, of: IpFamily) -> String {
    let mut rows: Vec<(f64, String)> = allows::cover(set, of)
        .into_iter()
        .filter_map(|(addresses, allowed)| {
            let share = measure::share(&addresses, of);
            let blocks: Vec<String> = addresses.cidrs().iter().map(ToString::to_string).collect();
            (share > 0.0).then(|| (share, format!("{} to {}", services(&allowed), some(&blocks))))
        })
        .collect();
    rows.sort_by(|a, b| b.0.total_cmp(&a.0));
    let texts: Vec<String> = rows.into_iter().map(|(_, text)| text).collect();
    let shown = match texts.len() {
        0..=2 => texts.join("; "),
        more => format!("{}; and {} more", texts.get(..2).unwrap_or_default().join("; "), more - 2),
    };
    format!("{shown}: {} of the {} Internet", percent(measure::share_reached(set, of)), family(of))
}

/// How much of one family's Internet a set reaches, and with what: `100 % of the IPv4 Internet with tcp/443`.
pub fn share(set: &PacketSet, of: IpFamily) -> String {
    let mut with = measure::large_services(set, of);
    if with.is_empty() {
        // Each service by itself reaches little.
        with = set.services_to_any(internet::addresses(of));
    }
    let share = percent(measure::share_reached(set, of));
    format!("{share} of the {} Internet with {}", family(of), services(&with))
}

/// `1 system`, `2 systems`.
pub fn counted(number: usize, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

/// The text with its first letter in upper case.
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearly_everything_is_told_by_what_is_missing() {
        assert_eq!(services(&Services::tcp(25, 25).complement()), "everything but tcp/25");
        assert_eq!(services(&Services::protocol(47).complement()), "everything but all of protocol 47");
        assert_eq!(services(&Services::all()), "every protocol and port");
    }

    #[test]
    fn whole_protocols_are_told_by_name() {
        let three = Services::union_all([6, 17, 1].map(Services::protocol));
        assert_eq!(services(&three), "TCP, UDP and ICMP, but no other protocol");
        assert_eq!(services(&Services::protocol(6)), "all of TCP");
    }

    #[test]
    fn single_ports_are_told_one_by_one() {
        let web = Services::tcp(80, 80).union(&Services::tcp(443, 443)).union(&Services::udp(53, 53));
        assert_eq!(services(&web), "tcp/80, tcp/443 and udp/53");
    }

    #[test]
    fn reach_names_blocks_and_share() {
        let web = PacketSet::to_block("0.0.0.0/0".parse().unwrap(), &Services::tcp(443, 443));
        assert_eq!(reach(&web, IpFamily::V4), "tcp/443 to 0.0.0.0/0: 100 % of the IPv4 Internet");
        let most = PacketSet::to_block("0.0.0.0/1".parse().unwrap(), &Services::all())
            .union(&PacketSet::to_block("128.0.0.0/2".parse().unwrap(), &Services::all()));
        assert!(
            reach(&most, IpFamily::V4).starts_with("every protocol and port to 0.0.0.0/1 and 128.0.0.0/2: ")
        );
    }

    #[test]
    fn what_is_allowed_to_all_is_told_of_all() {
        let to = |block: &str, services: &Services| PacketSet::to_block(block.parse().unwrap(), services);
        let web = to("0.0.0.0/0", &Services::tcp(443, 443));
        let near = web.union(&to("10.0.0.0/16", &Services::all()));
        assert_eq!(reach(&near, IpFamily::V4), "tcp/443 to 0.0.0.0/0: 100 % of the IPv4 Internet");
        let database = web.union(&to("1.0.0.0/8", &Services::tcp(5432, 5432)));
        assert!(
            reach(&database, IpFamily::V4).starts_with("tcp/443 to 0.0.0.0/0; tcp/5432 to 1.0.0.0/8: "),
            "{}",
            reach(&database, IpFamily::V4)
        );
        for set in [&near, &database] {
            assert_eq!(&allows::set_of(&allows::rows(set)).unwrap(), set);
        }
    }

    #[test]
    fn a_share_is_told_with_what_reaches_it() {
        let to = |block: &str, services: &Services| PacketSet::to_block(block.parse().unwrap(), services);
        let web = to("0.0.0.0/0", &Services::tcp(443, 443));
        assert_eq!(share(&web, IpFamily::V4), "100 % of the IPv4 Internet with tcp/443");
        let near = web.union(&to("10.0.0.0/8", &Services::all()));
        assert_eq!(share(&near, IpFamily::V4), "100 % of the IPv4 Internet with tcp/443");
        let partner = web.union(&to("198.41.0.0/24", &Services::tcp(22, 22)));
        assert_eq!(share(&partner, IpFamily::V4), "100 % of the IPv4 Internet with tcp/443");
        // Two services, each to less than a large part.
        let little = to("1.0.0.0/9", &Services::tcp(80, 80)).union(&to("2.0.0.0/9", &Services::tcp(81, 81)));
        assert!(share(&little, IpFamily::V4).ends_with("with tcp/80-81"), "{}", share(&little, IpFamily::V4));
    }

    #[test]
    fn a_hole_is_never_rounded_away() {
        assert_eq!(percent(1.0), "100 %");
        assert_eq!(percent(0.99999999), "more than 99.9 %");
        assert_eq!(percent(0.7501), "75 %");
    }
}
