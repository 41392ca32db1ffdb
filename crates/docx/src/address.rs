//! Addresses that a word processor takes: it refuses a whole file for one that is malformed.

use std::fmt::Write as _;
use tidegate_report::document::may_link;

/// A longer one is not linked to.
const LONGEST: usize = 2000;

/// The address with all that must not stand in one encoded; nothing if it cannot be linked to.
pub fn of(target: &str) -> Option<String> {
    let target = target.trim();
    if !may_link(target) || target.starts_with('#') || target.len() > LONGEST {
        return None;
    }
    let (scheme, rest) = target.split_once(':')?;
    let rest = if scheme.eq_ignore_ascii_case("mailto") {
        rest
    } else {
        let rest = rest.strip_prefix("//")?;
        let host = rest.split(['/', '?', '#']).next()?;
        let (host, port) = host.split_once(':').unwrap_or((host, "443"));
        let name = |host: &str| {
            host.split('.').all(|part| {
                let inner = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
                !part.is_empty() && part.len() < 64 && part.bytes().all(inner)
            })
        };
        if !name(host) || port.parse::<u16>().is_err() {
            return None;
        }
        rest
    };
    if rest.is_empty() {
        return None;
    }
    let slashes = if scheme.eq_ignore_ascii_case("mailto") { "" } else { "//" };
    Some(format!("{}:{slashes}{}", scheme.to_ascii_lowercase(), encoded(rest)))
}

fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut fragment = false;
    for (at, byte) in text.bytes().enumerate() {
        let plain = match byte {
            b'%' => text
                .as_bytes()
                .get(at + 1..at + 3)
                .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)),
            b'#' => !std::mem::replace(&mut fragment, true),
            _ => byte.is_ascii_alphanumeric() || b"-._~:/?@!$&'()*+,;=".contains(&byte),
        };
        if plain {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_as_it_is_or_encoded() {
        assert_eq!(
            of("https://docs.aws.amazon.com/vpc/?a=1&b=%20#c").unwrap(),
            "https://docs.aws.amazon.com/vpc/?a=1&b=%20#c"
        );
        assert_eq!(
            of("HTTP://e.com:8080/ä b<\"%zz#x#y").unwrap(),
            "http://e.com:8080/%C3%A4%20b%3C%22%25zz#x%23y"
        );
        assert_eq!(of("mailto:a@e.com").unwrap(), "mailto:a@e.com");
    }

    #[test]
    fn what_is_none_is_not_linked_to() {
        for none in [
            "javascript:alert(1)",
            "#id",
            "https://",
            "https:///x",
            "https://a b/",
            "https://e.com:99999/",
            "mailto:",
            "https://<x>",
        ] {
            assert_eq!(of(none), None, "{none}");
        }
    }
}
