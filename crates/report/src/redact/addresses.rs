//! Addresses in text, replaced by words.

use std::collections::BTreeMap;
use std::net::IpAddr;
use tidegate_estate::IpNet;

/// Blocks up to this prefix length tell nothing about anybody.
const LARGE_V4: u8 = 8;
const LARGE_V6: u8 = 16;
/// Addresses that stand for the Internet in examples, and the ranges that are reserved for documentation (RFC 5737,
/// RFC 3849), which examples of remedies use.
const KEPT: [&str; 8] = [
    "1.1.1.1/32",
    "8.8.8.8/32",
    "2606:4700:4700::1111/128",
    "127.0.0.0/8",
    "255.255.255.255/32",
    "192.0.2.0/24",
    "203.0.113.0/24",
    "2001:db8::/32",
];

/// The words that addresses have got.
#[derive(Debug, Default)]
pub struct Addresses {
    words: BTreeMap<String, String>,
}

impl Addresses {
    /// The text with every address replaced that could tell whose it is.
    pub fn replace(&mut self, text: &str) -> String {
        let of_address = |c: char| c.is_ascii_hexdigit() || matches!(c, '.' | ':' | '/');
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() {
            let length = rest.find(|c: char| !of_address(c)).unwrap_or(rest.len());
            if length == 0 {
                // A word that goes on: what follows in it is no address of its own.
                let word =
                    rest.find(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_')).unwrap_or(rest.len());
                let word = word.max(rest.chars().next().map_or(1, char::len_utf8));
                out.push_str(&rest[..word]);
                rest = &rest[word..];
                continue;
            }
            let (run, after) = rest.split_at(length);
            let joined = after.starts_with(|c: char| c.is_alphanumeric() || c == '-' || c == '_');
            let bare = run.trim_end_matches(['.', ':', '/']);
            match self.word(bare).filter(|_| !joined) {
                Some(word) => {
                    out.push_str(&word);
                    out.push_str(&run[bare.len()..]);
                }
                None => out.push_str(run),
            }
            rest = after;
            if joined {
                let word =
                    rest.find(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_')).unwrap_or(rest.len());
                out.push_str(&rest[..word]);
                rest = &rest[word..];
            }
        }
        out
    }

    /// The word for an address or a block; `None` for what is none, or may stay.
    fn word(&mut self, text: &str) -> Option<String> {
        if !text.contains(['.', ':']) {
            return None;
        }
        let block = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).ok()?;
        let large = if block.addr().is_ipv4() { LARGE_V4 } else { LARGE_V6 };
        let kept =
            KEPT.iter().filter_map(|kept| kept.parse::<IpNet>().ok()).any(|kept| kept.contains(&block));
        if kept || block.prefix_len() <= large {
            return None;
        }
        let host = block.prefix_len() == block.max_prefix_len();
        let kind = if host { "address" } else { "network" };
        let number = self.words.values().filter(|word| word.starts_with(kind)).count() + 1;
        let key = block.to_string();
        let word = self.words.entry(key).or_insert_with(|| format!("{kind}-{number}"));
        // The size of a block is part of what is said about it.
        Some(if text.contains('/') && !host {
            format!("{word}/{}", block.prefix_len())
        } else {
            word.clone()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_replaced_the_same_one_by_the_same_word() {
        let mut addresses = Addresses::default();
        assert_eq!(
            addresses.replace("10.1.2.3 and 52.1.0.0/16, again 10.1.2.3; fd00::1:2."),
            "address-1 and network-1/16, again address-1; address-2."
        );
    }

    #[test]
    fn what_findings_are_about_stays() {
        let mut addresses = Addresses::default();
        for text in [
            "tcp/443 to 0.0.0.0/0",
            "::/0",
            "128.0.0.0/1",
            "1.1.1.1 tcp/443",
            "version 1.2.3",
            "a:b.c",
            "dead.beef",
            "sg-0a1b",
            "12:30",
        ] {
            assert_eq!(addresses.replace(text), text);
        }
    }
}
