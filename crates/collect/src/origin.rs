//! Where an address leads: whoever gets a token is named beforehand.

use anyhow::{Result, bail};
use http::Uri;

/// Scheme, host and port of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// The origin of an absolute address; nothing for what is none, or names somebody to sign in as.
    pub fn of(address: &str) -> Option<Self> {
        let uri: Uri = address.parse().ok()?;
        let scheme = uri.scheme_str()?.to_ascii_lowercase();
        let authority = uri.authority()?;
        if authority.as_str().contains('@') || authority.host().is_empty() {
            return None;
        }
        let usual = match scheme.as_str() {
            "https" => 443,
            "http" => 80,
            _ => return None,
        };
        let port = uri.port_u16().unwrap_or(usual);
        Some(Self(format!("{scheme}://{}:{port}", authority.host().to_ascii_lowercase())))
    }
}

/// An address that somebody set, without the slash at its end. `what` names the setting.
///
/// # Errors
/// It is none, or what is sent there could be read on the way.
pub fn endpoint(what: &str, address: &str) -> Result<String> {
    let address = address.trim().trim_end_matches('/');
    let Some(origin) = Origin::of(address) else { bail!("{what}: `{address}` is no address: https://HOST") };
    let near = ["http://127.0.0.1:", "http://localhost:", "http://[::1]:"];
    if !origin.0.starts_with("https://") && !near.iter().any(|near| origin.0.starts_with(near)) {
        bail!("{what}: `{address}` is not encrypted: https://HOST is asked for, save on this machine itself");
    }
    Ok(address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_equal_however_they_are_written() {
        let same = Origin::of("https://management.azure.com").unwrap();
        for address in ["https://MANAGEMENT.azure.com:443/x?y", "HTTPS://management.azure.com/"] {
            assert_eq!(Origin::of(address).as_ref(), Some(&same), "{address}");
        }
        for address in [
            "http://management.azure.com/",
            "https://management.azure.com.evil.example/",
            "https://management.azure.com:444/",
            "https://management.azure.com@evil.example/",
            "https://me@management.azure.com/",
            "//management.azure.com/",
            "/subscriptions",
            "",
            "ftp://management.azure.com/",
        ] {
            assert_ne!(Origin::of(address).as_ref(), Some(&same), "{address}");
        }
    }

    #[test]
    fn only_this_machine_is_spoken_to_in_the_clear() {
        for good in
            ["https://x.example/", "http://127.0.0.1:8080", "http://localhost:1/base", "http://[::1]:9"]
        {
            assert!(endpoint("X", good).is_ok(), "{good}");
        }
        for wrong in ["http://x.example", "x.example", "", "http://127.0.0.1.evil.example"] {
            assert!(endpoint("X", wrong).is_err(), "{wrong}");
        }
        assert_eq!(endpoint("X", "https://x.example/").unwrap(), "https://x.example");
    }
}
