//! Azure's clouds, each with addresses of its own.

use crate::origin::{Origin, endpoint};
use anyhow::Result;

/// The variable that names another service for tokens; Azure's own libraries heed it, too.
pub const AUTHORITY: &str = "AZURE_AUTHORITY_HOST";
/// The variable that names another Resource Manager.
pub const ENDPOINT: &str = "TIDEGATE_AZURE_ENDPOINT";

/// Where tokens come from and where Resource Manager is ("Azure Government, Compare with Azure global"; "Azure China,
/// Developer guide").
const CLOUDS: [(&str, &str); 3] = [
    ("https://login.microsoftonline.com", "https://management.azure.com"),
    ("https://login.microsoftonline.us", "https://management.usgovcloudapi.net"),
    ("https://login.chinacloudapi.cn", "https://management.chinacloudapi.cn"),
];

/// One of them, or what stands in for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Land {
    /// Where tokens come from.
    pub authority: String,
    /// Resource Manager.
    pub manager: String,
    /// Whom tokens are for.
    pub audience: String,
}

impl Land {
    /// By what is set: the service for tokens, Resource Manager. Either alone names the other where it is one of Azure's.
    ///
    /// # Errors
    /// What is set is no address, or not encrypted.
    pub fn find(authority: Option<&str>, manager: Option<&str>) -> Result<Self> {
        let authority = authority.map(|address| {
            // `login.microsoftonline.us` alone is taken, too.
            let whole =
                if address.contains("://") { address.to_owned() } else { format!("https://{address}") };
            endpoint(AUTHORITY, &whole)
        });
        let (authority, manager) =
            (authority.transpose()?, manager.map(|m| endpoint(ENDPOINT, m)).transpose()?);
        let same = |one: &str, other: Option<&String>| {
            other.is_some_and(|other| Origin::of(one).is_some() && Origin::of(one) == Origin::of(other))
        };
        let known = CLOUDS
            .into_iter()
            .find(|(login, arm)| same(arm, manager.as_ref()) || same(login, authority.as_ref()))
            .unwrap_or(CLOUDS[0]);
        let manager = manager.unwrap_or_else(|| known.1.to_owned());
        // What stands in for Resource Manager takes Azure's own tokens.
        Ok(Self {
            authority: authority.unwrap_or_else(|| known.0.to_owned()),
            manager,
            audience: known.1.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_names_the_other() {
        let find = |authority, manager| {
            let land = Land::find(authority, manager).unwrap();
            (land.authority, land.manager, land.audience)
        };
        let text = |(a, b, c): (&str, &str, &str)| (a.to_owned(), b.to_owned(), c.to_owned());
        let (login, arm) = CLOUDS[0];
        assert_eq!(find(None, None), text((login, arm, arm)));
        let (login, arm) = CLOUDS[2];
        assert_eq!(find(Some("login.chinacloudapi.cn"), None), text((login, arm, arm)));
        assert_eq!(find(None, Some("https://management.chinacloudapi.cn/")), text((login, arm, arm)));
        let own = "http://127.0.0.1:1";
        assert_eq!(find(None, Some(own)), text((CLOUDS[0].0, own, CLOUDS[0].1)));
        assert!(Land::find(Some("http://login.example"), None).is_err());
    }
}
