//! Credentials in files ("Application Default Credentials"; AIP-4110 to 4113).

use crate::fault::{Fault, Kind};
use crate::jwt::{Algorithm, Signer};
use crate::keys::Token;
use crate::origin::endpoint;
use crate::{rest, tokens, web};
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use serde_json::{Map, Value, json};
use std::path::Path;
use std::time::{Duration, SystemTime};

/// What is asked for: what may be read is decided by roles.
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
/// Where people's tokens are renewed.
const RENEWAL: &str = "https://oauth2.googleapis.com/token";
/// How long a token lasts, in seconds.
const LASTS: u64 = 3600;
/// Clocks differ: a statement is made a little earlier than now.
const EARLIER: Duration = Duration::from_secs(10);

/// What a file holds.
pub enum Credential {
    /// A service account's key. Statements that it signs are tokens by themselves (AIP-4111).
    Account { email: String, key: String, signer: Box<Signer> },
    /// Somebody who signed in with gcloud.
    Person { client: String, secret: String, renewal: String, at: String },
    /// A service account in whose name somebody may ask.
    Impersonated { source: Box<Credential>, at: String, through: Value },
}

/// Credentials, and what stands beside them.
pub struct File {
    pub credential: Credential,
    /// Whose quota calls count for.
    pub quota: Option<String>,
    pub universe: Option<String>,
}

/// Reads a file. Nothing of what is in it is told.
pub fn read(path: &Path) -> Result<File, String> {
    let told = |what: &str| format!("{}: {what}", path.display());
    let bytes = std::fs::read(path).map_err(|error| told(&error.to_string()))?;
    let map: Map<String, Value> = serde_json::from_slice(&bytes).map_err(|_| told("it is no JSON object"))?;
    let text = |key: &str| map.get(key).and_then(Value::as_str).map(str::to_owned);
    Ok(File {
        credential: credential(&map).map_err(|why| told(&why))?,
        quota: text("quota_project_id"),
        universe: text("universe_domain"),
    })
}

fn credential(map: &Map<String, Value>) -> Result<Credential, String> {
    let text = |key: &str| map.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let needed = |key: &str| text(key).map(str::to_owned).ok_or_else(|| format!("it holds no {key}"));
    match text("type").unwrap_or_default() {
        "service_account" => Ok(Credential::Account {
            email: needed("client_email")?,
            key: needed("private_key_id")?,
            signer: Box::new(
                Signer::of_pem(&needed("private_key")?).map_err(|why| format!("private_key: {why}"))?,
            ),
        }),
        "authorized_user" => Ok(Credential::Person {
            client: needed("client_id")?,
            secret: needed("client_secret")?,
            renewal: needed("refresh_token")?,
            at: address("token_uri", text("token_uri").unwrap_or(RENEWAL))?,
        }),
        "impersonated_service_account" => {
            let source = map.get("source_credentials").and_then(Value::as_object);
            let source = credential(source.ok_or("it holds no source_credentials")?)?;
            if matches!(source, Credential::Impersonated { .. }) {
                return Err("source_credentials are impersonated themselves".to_owned());
            }
            Ok(Credential::Impersonated {
                source: Box::new(source),
                at: address(
                    "service_account_impersonation_url",
                    &needed("service_account_impersonation_url")?,
                )?,
                through: map.get("delegates").cloned().unwrap_or_else(|| json!([])),
            })
        }
        "" => Err("it does not say of which type it is".to_owned()),
        other => Err(format!(
            "credentials of the type {other} are not supported here; sign in to gcloud with them (`gcloud auth login \
             --cred-file FILE`) and unset GOOGLE_APPLICATION_CREDENTIALS: gcloud is asked for a token then"
        )),
    }
}

fn address(what: &str, text: &str) -> Result<String, String> {
    endpoint(what, text).map_err(|error| error.to_string())
}

impl Credential {
    /// A token.
    pub async fn token(&self, web: &SharedHttpConnector) -> Result<Token, Fault> {
        match self {
            Credential::Impersonated { source, at, through } => {
                let own = source.direct(web).await?;
                impersonated(web, &own, at, through).await
            }
            own => own.direct(web).await,
        }
    }

    /// The token of what needs no other.
    async fn direct(&self, web: &SharedHttpConnector) -> Result<Token, Fault> {
        match self {
            Credential::Account { email, key, signer } => {
                let now = SystemTime::now() - EARLIER;
                let second = now.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
                let header = json!({ "kid": key });
                let claims =
                    json!({"iss": email, "sub": email, "scope": SCOPE, "iat": second, "exp": second + LASTS});
                let text = signer
                    .signed(Algorithm::Rs256, header, &claims)
                    .map_err(|why| Fault::new(Kind::NoKeys, why))?;
                Ok(Token { text, until: Some(now + Duration::from_secs(LASTS)) })
            }
            Credential::Person { client, secret, renewal, at } => {
                let fields = [
                    ("grant_type", "refresh_token"),
                    ("client_id", client),
                    ("client_secret", secret),
                    ("refresh_token", renewal),
                ];
                tokens::asked(web, tokens::form(at, &fields)?, &[secret, renewal]).await
            }
            Credential::Impersonated { .. } => Err(Fault::new(Kind::NoKeys, "it is impersonated twice")),
        }
    }
}

/// A token in a service account's name (IAM Service Account Credentials API, `generateAccessToken`).
async fn impersonated(
    web: &SharedHttpConnector,
    own: &Token,
    at: &str,
    through: &Value,
) -> Result<Token, Fault> {
    let posted = json!({"scope": [SCOPE], "delegates": through, "lifetime": format!("{LASTS}s")});
    let headers = [("authorization", format!("Bearer {}", own.text))];
    let request = rest::built("POST", at, &headers, Some(("application/json", posted.to_string())))?;
    let answer = web::send(web, request).await?;
    if !answer.is_good() {
        let mut fault = super::complaint::complaint(&answer);
        fault.scrub([own.text.as_str()]);
        if !fault.kind.passes() {
            fault.kind = Kind::NoKeys;
        }
        return Err(fault);
    }
    let body = rest::object(&answer.body)?;
    let mut token = tokens::read(&body)?;
    let until = body.get("expireTime").and_then(Value::as_str);
    token.until = until.and_then(|until| humantime::parse_rfc3339_weak(until).ok());
    Ok(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(value: Value) -> String {
        credential(value.as_object().unwrap()).err().unwrap()
    }

    #[test]
    fn what_is_missing_is_named_and_nothing_is_shown() {
        assert_eq!(told(json!({})), "it does not say of which type it is");
        assert!(told(json!({"type": "external_account"})).contains("gcloud auth login --cred-file"));
        let key = json!({"type": "service_account", "client_email": "x", "private_key_id": "1", "private_key": "s3cr3t"});
        assert_eq!(told(key), "private_key: it is no private key");
        let person = json!({"type": "authorized_user", "client_id": "x", "client_secret": "s3cr3t"});
        assert_eq!(told(person), "it holds no refresh_token");
        let clear = json!({"type": "authorized_user", "client_id": "x", "client_secret": "y", "refresh_token": "z",
            "token_uri": "http://evil.example/"});
        assert!(told(clear).contains("is not encrypted"));
    }
}
