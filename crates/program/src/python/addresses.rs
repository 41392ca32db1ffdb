//! Objects of Python's `ipaddress`, which are kept as their text (<https://docs.python.org/3/library/ipaddress.html>).
//! What is not answered here is unknown.

use crate::value::Value;
use std::net::{IpAddr, Ipv4Addr};

/// A block of IPv4, or an address as a block of one.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Block {
    first: u32,
    length: u8,
    /// Written with a prefix.
    network: bool,
}

impl Block {
    fn of(text: &str) -> Option<Block> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length.parse().ok().filter(|length| *length <= 32)?)),
            None => (text, None),
        };
        let address: Ipv4Addr = address.parse().ok()?;
        Some(Block { first: address.into(), length: length.unwrap_or(32), network: length.is_some() })
    }

    fn last(self) -> u32 {
        self.first | u32::MAX.checked_shr(self.length.into()).unwrap_or(0)
    }

    /// Whether all of it lies in one of these blocks.
    fn is_in(self, blocks: &[&str]) -> bool {
        blocks
            .iter()
            .filter_map(|block| Block::of(block))
            .any(|b| b.first <= self.first && self.last() <= b.last())
    }
}

/// Blocks of the IANA IPv4 special-purpose registry that are not globally reachable, as `is_private` has them.
const PRIVATE: [&str; 13] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/29",
    "192.0.0.170/31",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "240.0.0.0/4",
];

/// An attribute of an address or of a network; `None` = the text is neither, or the attribute is not answered here.
pub(crate) fn address_attribute(text: &str, name: &str) -> Option<Value> {
    let block = Block::of(text)?;
    let address = |number: u32| Value::str(Ipv4Addr::from(number).to_string());
    if block.network {
        let known = match name {
            "prefixlen" => Some(Value::Int(block.length.into())),
            "num_addresses" => Some(Value::Int(1i64 << (32 - block.length))),
            "network_address" => Some(address(block.first)),
            "broadcast_address" => Some(address(block.last())),
            "netmask" => Some(address(!u32::MAX.checked_shr(block.length.into()).unwrap_or(0))),
            "with_prefixlen" => Some(Value::str(text)),
            _ => None,
        };
        if known.is_some() {
            return known;
        }
    }
    Some(match name {
        "version" => Value::Int(4),
        "max_prefixlen" => Value::Int(32),
        "compressed" | "exploded" => Value::str(text),
        "is_private" => Value::Bool(block.is_in(&PRIVATE)),
        "is_global" if !block.is_in(&["100.64.0.0/10"]) => Value::Bool(!block.is_in(&PRIVATE)),
        "is_global" => Value::Bool(false),
        "is_loopback" => Value::Bool(block.is_in(&["127.0.0.0/8"])),
        "is_multicast" => Value::Bool(block.is_in(&["224.0.0.0/4"])),
        "is_link_local" => Value::Bool(block.is_in(&["169.254.0.0/16"])),
        "is_reserved" => Value::Bool(block.is_in(&["240.0.0.0/4"])),
        "is_unspecified" => Value::Bool(block.first == 0 && block.length == 32),
        _ => return None,
    })
}

/// Whether an address lies in a block; `None` = the texts are something else.
pub(crate) fn address_in_block(address: &str, block: &str) -> Option<bool> {
    let (address, block) = (Block::of(address)?, Block::of(block)?);
    if address.network || !block.network {
        return None;
    }
    Some(block.first <= address.first && address.first <= block.last())
}

/// Whether a text is an object of a class of `ipaddress`; `None` = nobody can tell.
pub(super) fn is_instance(value: &Value, path: &str) -> Option<bool> {
    let Value::Str(text) = value else { return Some(false) };
    let (v6, network) = match text.split_once('/') {
        Some((address, _)) => (address.parse::<IpAddr>().ok()?.is_ipv6(), true),
        None => (text.parse::<IpAddr>().ok()?.is_ipv6(), false),
    };
    Some(match path.strip_prefix("ipaddress.")? {
        "IPv4Network" => network && !v6,
        "IPv6Network" => network && v6,
        "IPv4Address" => !network && !v6,
        "IPv6Address" => !network && v6,
        _ => return None,
    })
}

/// `ip_network(text, strict=False)`: the host bits are taken away.
pub(super) fn masked(text: &str) -> Option<String> {
    let block = Block::of(text)?;
    let mask = !u32::MAX.checked_shr(block.length.into()).unwrap_or(0);
    Some(format!("{}/{}", Ipv4Addr::from(block.first & mask), block.length))
}

/// Methods of texts, and of the paths that are kept as texts. Anything else that is asked of a text is not its own.
pub(crate) fn is_text_method(name: &str) -> bool {
    const TEXT: [&str; 47] = [
        "capitalize",
        "casefold",
        "center",
        "count",
        "encode",
        "endswith",
        "expandtabs",
        "find",
        "format",
        "format_map",
        "index",
        "isalnum",
        "isalpha",
        "isascii",
        "isdecimal",
        "isdigit",
        "isidentifier",
        "islower",
        "isnumeric",
        "isprintable",
        "isspace",
        "istitle",
        "isupper",
        "join",
        "ljust",
        "lower",
        "lstrip",
        "maketrans",
        "partition",
        "removeprefix",
        "removesuffix",
        "replace",
        "rfind",
        "rindex",
        "rjust",
        "rpartition",
        "rsplit",
        "rstrip",
        "split",
        "splitlines",
        "startswith",
        "strip",
        "swapcase",
        "title",
        "translate",
        "upper",
        "zfill",
    ];
    const PATH: [&str; 19] = [
        "absolute",
        "as_posix",
        "decode",
        "exists",
        "expanduser",
        "glob",
        "is_dir",
        "is_file",
        "iterdir",
        "joinpath",
        "open",
        "read_bytes",
        "read_text",
        "relative_to",
        "resolve",
        "rglob",
        "to_string",
        "with_name",
        "with_suffix",
    ];
    name.starts_with("__") || TEXT.contains(&name) || PATH.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, name: &str) -> String {
        address_attribute(text, name).map_or_else(|| "?".to_owned(), |value| format!("{value:?}"))
    }

    #[test]
    fn attributes_are_those_of_the_standard_library() {
        assert_eq!(shown("10.0.0.0/16", "prefixlen"), "Int(16)");
        assert_eq!(shown("10.0.0.0/16", "num_addresses"), "Int(65536)");
        assert_eq!(shown("0.0.0.0/0", "num_addresses"), "Int(4294967296)");
        assert_eq!(shown("10.0.0.0/16", "broadcast_address"), "Str(\"10.0.255.255\")");
        assert_eq!(shown("10.0.0.0/16", "is_private"), "Bool(true)");
        assert_eq!(shown("52.0.0.0/6", "is_private"), "Bool(false)");
        assert_eq!(shown("0.0.0.0/0", "is_private"), "Bool(false)");
        assert_eq!(shown("8.8.8.8", "is_global"), "Bool(true)");
        assert_eq!(shown("100.64.0.1", "is_global"), "Bool(false)");
        assert_eq!(shown("8.8.8.8", "prefixlen"), "?");
        assert_eq!(shown("some text", "is_private"), "?");
        assert_eq!(masked("10.1.2.3/8").as_deref(), Some("10.0.0.0/8"));
    }

    #[test]
    fn an_address_is_looked_for_in_a_block_by_number() {
        assert_eq!(address_in_block("10.0.0.5", "10.0.0.0/16"), Some(true));
        assert_eq!(address_in_block("10.1.0.5", "10.0.0.0/16"), Some(false));
        assert_eq!(address_in_block("10.0", "10.0.0.0/16"), None);
        assert_eq!(is_instance(&Value::str("10.0.0.0/16"), "ipaddress.IPv4Network"), Some(true));
        assert_eq!(is_instance(&Value::str("10.0.0.0/16"), "ipaddress.IPv4Address"), Some(false));
        assert_eq!(is_instance(&Value::str("x"), "ipaddress.IPv4Address"), None);
    }
}
