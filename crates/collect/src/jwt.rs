//! Signed statements of who asks (RFC 7515, RFC 7519): what the key of a service account, or of a certificate, is used for.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::{Value, json};

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

    /// The statement, signed.
    pub fn signed(&self, by: Algorithm, header: Value, claims: &Value) -> Result<String, &'static str> {
        let (name, encoding): (_, &'static dyn RsaEncoding) = match by {
            Algorithm::Rs256 => ("RS256", &RSA_PKCS1_SHA256),
            Algorithm::Ps256 => ("PS256", &RSA_PSS_SHA256),
        };
        let mut whole = json!({"alg": name, "typ": "JWT"});
        if let (Value::Object(whole), Value::Object(more)) = (&mut whole, header) {
            whole.extend(more);
        }
        let part = |value: &Value| encoded(value.to_string().as_bytes());
        let text = format!("{}.{}", part(&whole), part(claims));
        let mut signature = vec![0; self.0.public().modulus_len()];
        self.0
            .sign(encoding, &SystemRandom::new(), text.as_bytes(), &mut signature)
            .map_err(|_| "it cannot sign")?;
        Ok(format!("{text}.{}", encoded(&signature)))
    }
}

/// How a statement is signed (RFC 7518).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    Rs256,
    Ps256,
}

/// Bytes as they stand in a statement.
pub fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::signature::{
        RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
    };

    /// Made for this test.
    const KEY: &str = include_str!("../../tidegate/tests/gcp/key.pem");

    #[test]
    fn a_statement_is_signed_so_that_the_public_key_agrees() {
        let signer = Signer::of_pem(KEY).unwrap();
        let check: [(_, &dyn VerificationAlgorithm, &str); 2] = [
            (Algorithm::Rs256, &RSA_PKCS1_2048_8192_SHA256, "RS256"),
            (Algorithm::Ps256, &RSA_PSS_2048_8192_SHA256, "PS256"),
        ];
        for (by, check, name) in check {
            let text = signer.signed(by, json!({"kid": "1"}), &json!({"iss": "me"})).unwrap();
            let (statement, signature) = text.rsplit_once('.').unwrap();
            let read = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
            let public = UnparsedPublicKey::new(check, signer.0.public().as_ref());
            assert!(public.verify(statement.as_bytes(), &read(signature)).is_ok(), "{name}");
            assert!(public.verify(b"another", &read(signature)).is_err());
            let (header, claims) = statement.split_once('.').unwrap();
            assert_eq!(read(claims), br#"{"iss":"me"}"#);
            let header: Value = serde_json::from_slice(&read(header)).unwrap();
            assert_eq!(header, json!({"alg": name, "typ": "JWT", "kid": "1"}));
        }
    }

    #[test]
    fn what_is_no_key_is_told_without_being_shown() {
        for wrong in ["", "s3cr3t", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
            assert!(!Signer::of_pem(wrong).err().unwrap().contains("s3cr3t"));
        }
    }
}
