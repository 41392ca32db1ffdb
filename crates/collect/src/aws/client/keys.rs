//! Credentials: asked for once, and again when they run out.

use super::{Fault, Kind};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use std::error::Error;
use std::time::{Duration, SystemTime};
use tokio::sync::Mutex;

/// New ones are asked for when the old ones last no longer than this.
const MARGIN: Duration = Duration::from_secs(120);

/// One account's credentials.
pub struct Keys {
    provider: SharedCredentialsProvider,
    known: Mutex<Option<Credentials>>,
}

impl Keys {
    pub fn new(provider: SharedCredentialsProvider) -> Self {
        Self { provider, known: Mutex::default() }
    }

    /// Credentials that last for a while.
    pub async fn get(&self) -> Result<Credentials, Fault> {
        let mut known = self.known.lock().await;
        let lasts = |keys: &&Credentials| keys.expiry().is_none_or(|end| end > SystemTime::now() + MARGIN);
        if let Some(keys) = known.as_ref().filter(lasts) {
            return Ok(keys.clone());
        }
        match self.provider.provide_credentials().await {
            Ok(keys) => Ok(known.insert(keys).clone()),
            Err(error) => Err(Fault::new(Kind::NoKeys, causes(&error))),
        }
    }

    /// Asks for others than these. Says whether there are.
    pub async fn renew(&self, old: &Credentials) -> bool {
        let mut known = self.known.lock().await;
        let differs = |keys: &Credentials| {
            keys.access_key_id() != old.access_key_id() || keys.session_token() != old.session_token()
        };
        // Somebody else may have done it meanwhile.
        if known.as_ref().is_some_and(differs) {
            return true;
        }
        match self.provider.provide_credentials().await {
            Ok(keys) if differs(&keys) => {
                *known = Some(keys);
                true
            }
            _ => false,
        }
    }
}

/// What went wrong, with every cause.
fn causes(error: &dyn Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let text = inner.to_string();
        if !told.contains(&text) {
            told.push_str(": ");
            told.push_str(&text);
        }
        cause = inner.source();
    }
    told
}
