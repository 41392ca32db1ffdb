//! Signed statements of who asks (RFC 7515, RFC 7519): what a service account's key is used for.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::Value;

/// A private key.
pub struct Signer(RsaKeyPair);

impl Signer {
    /// From PEM. What is wrong with it is not told in detail: it is a key.
    pub fn of_pem(pem: &str) -> Result<Self, &'static str> {
        let key = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| "it is no private key")?;
        let pair = match &key {
            PrivateKeyDer::Pkcs8(key) => RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(key) => RsaKeyPair::from_der(key.secret_pkcs1_der()),
            _ => return Err("it is no RSA key"),
        };
        pair.map(Self).map_err(|_| "it is no RSA key that can be used")
    }

    /// The statement, signed with RS256.
    pub fn signed(&self, header: &Value, claims: &Value) -> Result<String, &'static str> {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", part(header), part(claims));
        let mut signature = vec![0; self.0.public().modulus_len()];
        self.0
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
            .map_err(|_| "it cannot sign")?;
        Ok(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
    use serde_json::json;

    /// Made for this test.
    const KEY: &str = include_str!("../../tidegate/tests/gcp/key.pem");

    #[test]
    fn a_statement_is_signed_so_that_the_public_key_agrees() {
        let signer = Signer::of_pem(KEY).unwrap();
        let text = signer.signed(&json!({"alg": "RS256"}), &json!({"iss": "me"})).unwrap();
        let (statement, signature) = text.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, signer.0.public().as_ref());
        assert!(public.verify(statement.as_bytes(), &signature).is_ok());
        assert!(public.verify(b"another", &signature).is_err());
        let claims = URL_SAFE_NO_PAD.decode(statement.split('.').nth(1).unwrap()).unwrap();
        assert_eq!(claims, br#"{"iss":"me"}"#);
    }

    #[test]
    fn what_is_no_key_is_told_without_being_shown() {
        for wrong in ["", "s3cr3t", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
            assert!(!Signer::of_pem(wrong).err().unwrap().contains("s3cr3t"));
        }
    }
}
