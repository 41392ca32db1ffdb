//! Credentials, in the order of the vendor's own libraries ("How Application Default Credentials works"): the file that a
//! variable names, the one that gcloud leaves, the metadata service of a machine; and then gcloud itself.

use super::file::{self, File};
use crate::fault::{Fault, Kind};
use crate::keys::Token;
use crate::rest;
use crate::tokens::{self, Chain, Lack, Source};
use crate::web::{self, Web};
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use std::path::PathBuf;
use std::time::Duration;

/// The variable that names a file.
const FILE: &str = "GOOGLE_APPLICATION_CREDENTIALS";
/// Where the metadata service is, unless GCE_METADATA_HOST says otherwise.
const METADATA: &str = "metadata.google.internal";
/// How long the metadata service is waited for: elsewhere nobody knows that name.
const NEAR: Duration = Duration::from_secs(5);

/// One place where there may be a token.
pub struct Place {
    web: SharedHttpConnector,
    near: SharedHttpConnector,
    kind: Credential,
}

enum Credential {
    /// The file that the variable names.
    Named(Option<Result<File, String>>),
    /// The file that `gcloud auth application-default login` leaves.
    WellKnown(Result<File, String>),
    /// The metadata service, by its host.
    Machine(String),
    /// Whoever is signed in to gcloud.
    Cli,
}

/// What was found.
pub struct SignIn {
    pub chain: Chain<Place>,
    /// Whose quota calls count for.
    pub quota: Option<String>,
    pub universe: Option<String>,
}

/// The chain, as the environment has it.
pub fn chain(web: &Web) -> SignIn {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let named = set(FILE).map(|path| file::read(&PathBuf::from(path)));
    let well_known = match well_known() {
        Some(path) if path.is_file() => file::read(&path),
        _ => Err("`gcloud auth application-default login` was not done".to_owned()),
    };
    let first = match &named {
        Some(named) => named.as_ref().ok(),
        None => well_known.as_ref().ok(),
    };
    let quota = set("GOOGLE_CLOUD_QUOTA_PROJECT").or_else(|| first?.quota.clone());
    let universe = first.and_then(|file| file.universe.clone()).or_else(|| set(super::hosts::UNIVERSE));
    let host = set("GCE_METADATA_HOST").unwrap_or_else(|| METADATA.to_owned());
    let kinds = [
        Credential::Named(named),
        Credential::WellKnown(well_known),
        Credential::Machine(host),
        Credential::Cli,
    ];
    let place = |kind| Place { web: web.connector.clone(), near: web.near.clone(), kind };
    SignIn { chain: Chain::new(kinds.into_iter().map(place).collect()), quota, universe }
}

/// Where gcloud leaves credentials for programs (AIP-4113).
fn well_known() -> Option<PathBuf> {
    let folder = match std::env::var_os("CLOUDSDK_CONFIG").filter(|folder| !folder.is_empty()) {
        Some(folder) => PathBuf::from(folder),
        None if cfg!(windows) => PathBuf::from(std::env::var_os("APPDATA")?).join("gcloud"),
        None => PathBuf::from(std::env::var_os("HOME")?).join(".config/gcloud"),
    };
    Some(folder.join("application_default_credentials.json"))
}

impl Source for Place {
    fn name(&self) -> &'static str {
        match self.kind {
            Credential::Named(_) => FILE,
            Credential::WellKnown(_) => "application default credentials",
            Credential::Machine(_) => "metadata service",
            Credential::Cli => "gcloud",
        }
    }

    async fn token(&self) -> Result<Token, Lack> {
        match &self.kind {
            Credential::Named(None) => Err(Lack::Absent("it is not set".to_owned())),
            Credential::Named(Some(Err(why))) => Err(Fault::new(Kind::NoKeys, why.as_str()).into()),
            Credential::WellKnown(Err(why)) => Err(Lack::Absent(why.clone())),
            Credential::Named(Some(Ok(file))) | Credential::WellKnown(Ok(file)) => {
                Ok(file.credential.token(&self.web).await?)
            }
            Credential::Machine(host) => self.machine(host).await,
            Credential::Cli => {
                let printed = tokens::printed("gcloud", &["auth", "print-access-token"]).await?;
                let text = String::from_utf8_lossy(&printed).trim().to_owned();
                if text.is_empty() || text.chars().any(char::is_whitespace) {
                    return Err(Lack::Absent(
                        "what `gcloud auth print-access-token` prints is no token".to_owned(),
                    ));
                }
                // It does not say until when: that shows when it is no longer taken.
                Ok(Token { text, until: None })
            }
        }
    }
}

impl Place {
    /// The token of a machine's service account ("About VM metadata", "Access tokens").
    async fn machine(&self, host: &str) -> Result<Token, Lack> {
        let absent = |why: &str| Err(Lack::Absent(why.to_owned()));
        let url = format!("http://{host}/computeMetadata/v1/instance/service-accounts/default/token");
        let request = rest::built("GET", &url, &[("metadata-flavor", "Google".to_owned())], None)?;
        let answer = match tokio::time::timeout(NEAR, web::send(&self.near, request)).await {
            Ok(Ok(answer)) => answer,
            _ => return absent("none answers here"),
        };
        // Other services at the same place do not say that.
        if answer.header("metadata-flavor") != Some("Google") {
            return absent("none of Google's answers here");
        }
        match (answer.is_good(), Kind::of_status(answer.status)) {
            (true, _) => Ok(tokens::read(&rest::object(&answer.body)?)?),
            (false, kind) if kind.passes() => {
                let after = answer.header("retry-after");
                Err(Fault::of_words(kind, answer.status, "", "", after).into())
            }
            _ => absent(&format!("the machine has no service account (HTTP {})", answer.status)),
        }
    }
}
