//! Signing in with a certificate ("Microsoft identity platform application authentication certificate credentials").

use crate::jwt::{Algorithm, Signer, encoded};
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom as _, SystemRandom};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::json;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// How long a statement is good for. It is used at once.
const LASTS: Duration = Duration::from_secs(600);
/// Clocks differ: a statement is made a little earlier than now.
const EARLIER: Duration = Duration::from_secs(10);

/// A certificate with its key.
pub struct Certificate {
    signer: Signer,
    /// By which the service finds it.
    thumbprint: String,
}

impl Certificate {
    /// Reads a file of PEM that holds both. Nothing of what is in it is told.
    pub fn read(path: &Path) -> Result<Self, String> {
        let told = |what: &str| format!("AZURE_CLIENT_CERTIFICATE_PATH: {}: {what}", path.display());
        let bytes = std::fs::read(path).map_err(|error| told(&error.to_string()))?;
        let Ok(pem) = String::from_utf8(bytes) else {
            return Err(told(
                "it is no PEM (`openssl pkcs12 -in FILE -nodes -out FILE.pem` makes one from a PFX)",
            ));
        };
        let signer = Signer::of_pem(&pem).map_err(|why| {
            told(&format!("{why}; there must be an RSA key without a password beside the certificate"))
        })?;
        // The first one is the client's own; others are those that vouch for it.
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes())
            .map_err(|_| told("there is no certificate beside the key"))?;
        Ok(Self { signer, thumbprint: encoded(digest(&SHA256, &certificate).as_ref()) })
    }

    /// A statement for the service at `audience` that `client` asks.
    pub fn statement(&self, client: &str, audience: &str) -> Result<String, String> {
        let mut number = [0; 16];
        SystemRandom::new().fill(&mut number).map_err(|_| "there is no randomness".to_owned())?;
        let from = SystemTime::now() - EARLIER;
        let second =
            |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let claims = json!({
            "aud": audience, "iss": client, "sub": client, "jti": encoded(&number),
            "nbf": second(from), "iat": second(from), "exp": second(from + LASTS),
        });
        let header = json!({ "x5t#S256": self.thumbprint });
        self.signer.signed(Algorithm::Ps256, header, &claims).map_err(str::to_owned)
    }
}
