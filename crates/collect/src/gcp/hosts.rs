//! Where Google's services are.

use crate::origin::{Origin, endpoint};
use anyhow::{Result, ensure};

/// The variable that names one address for all services, for tests and for what stands in for them.
pub const ENDPOINT: &str = "TIDEGATE_GCP_ENDPOINT";
/// The variable that names another universe; the vendor's own libraries heed it, too.
pub const UNIVERSE: &str = "GOOGLE_CLOUD_UNIVERSE_DOMAIN";
/// What services' addresses end in.
const USUAL: &str = "googleapis.com";

/// Addresses, with the versions of the services.
#[derive(Debug, Clone)]
pub struct Hosts {
    pub compute: String,
    pub projects: String,
    pub connectivity: String,
}

impl Hosts {
    /// In that universe (a cloud that somebody else runs with Google's technology), unless one address is named for all.
    ///
    /// # Errors
    /// What is set is no address, or not encrypted.
    pub fn find(given: Option<&str>, universe: Option<&str>) -> Result<Self> {
        if let Some(given) = given {
            let base = endpoint(ENDPOINT, given)?;
            return Ok(Self {
                compute: format!("{base}/compute/v1"),
                projects: format!("{base}/v3"),
                connectivity: format!("{base}/v1"),
            });
        }
        let universe = universe.unwrap_or(USUAL);
        let is_host = universe.split('.').count() > 1
            && universe.split('.').all(|label| {
                !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            });
        ensure!(is_host, "`{universe}` is no universe domain: it is written like {USUAL}");
        Ok(Self {
            compute: format!("https://compute.{universe}/compute/v1"),
            projects: format!("https://cloudresourcemanager.{universe}/v3"),
            connectivity: format!("https://networkconnectivity.{universe}/v1"),
        })
    }

    /// Who gets the token.
    pub fn origins(&self) -> Vec<Origin> {
        [&self.compute, &self.projects, &self.connectivity]
            .into_iter()
            .filter_map(|host| Origin::of(host))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_follow_the_universe() {
        assert_eq!(Hosts::find(None, None).unwrap().compute, "https://compute.googleapis.com/compute/v1");
        let other = Hosts::find(None, Some("apis-tpclp.goog")).unwrap();
        assert_eq!(other.projects, "https://cloudresourcemanager.apis-tpclp.goog/v3");
        for wrong in ["", "x", "evil.example/", "a b.c", "x@evil.example", ".."] {
            assert!(Hosts::find(None, Some(wrong)).is_err(), "{wrong}");
        }
        assert_eq!(Hosts::find(Some("http://127.0.0.1:1/"), None).unwrap().projects, "http://127.0.0.1:1/v3");
        assert!(Hosts::find(Some("http://x.example"), None).is_err());
    }
}
