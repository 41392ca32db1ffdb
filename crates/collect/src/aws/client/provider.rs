//! Credentials of the vendor's own chain.

use crate::fault::{Fault, Kind};
use crate::keys::{Key, Provide};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use std::error::Error;
use std::time::SystemTime;

/// The vendor's chain, or a role that is taken on with it.
pub struct Provider(pub SharedCredentialsProvider);

impl Provide for Provider {
    type Key = Credentials;

    async fn provide(&self) -> Result<Credentials, Fault> {
        let keys = self.0.provide_credentials().await;
        keys.map_err(|error| Fault::new(Kind::NoKeys, causes(&error)))
    }
}

impl Key for Credentials {
    fn until(&self) -> Option<SystemTime> {
        self.expiry()
    }

    fn is(&self, other: &Self) -> bool {
        self.access_key_id() == other.access_key_id() && self.session_token() == other.session_token()
    }

    fn secrets(&self) -> Vec<&str> {
        let secrets = [Some(self.secret_access_key()), self.session_token(), Some(self.access_key_id())];
        secrets.into_iter().flatten().collect()
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
