//! What can go wrong with a call, and whether asking again can help.

use super::wire::Complaint;
use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::result::ConnectorError;
use std::error::Error;
use std::time::Duration;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{told}")]
pub struct Fault {
    pub kind: Kind,
    /// For people.
    pub told: String,
    /// The service's own word, if it had one.
    pub code: String,
    /// How long the service wants to be left alone.
    pub wait: Option<Duration>,
}

/// Kinds of faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// These credentials may not ask, or not here.
    Refused,
    /// These credentials have run out.
    Expired,
    /// There are no credentials.
    NoKeys,
    /// Too many calls.
    Throttled,
    /// The service has a problem of its own.
    Unavailable,
    /// No connection, or it broke off.
    Network,
    /// The answer cannot be read.
    Garbled,
    /// The service does not like the call.
    Rejected,
}

impl Kind {
    /// Whether it may be different the next time.
    pub fn passes(self) -> bool {
        matches!(self, Kind::Throttled | Kind::Unavailable | Kind::Network | Kind::Garbled)
    }
}

// The words come from the vendor's retry rules ("Retry behavior", AWS SDKs and Tools Reference Guide) and the lists of
// common errors in the EC2 and STS API references.
const THROTTLED: [&str; 14] = [
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
];
const UNAVAILABLE: [&str; 8] = [
    "InternalError",
    "InternalFailure",
    "InternalServerError",
    "InternalServiceErrorException",
    "RequestTimeout",
    "RequestTimeoutException",
    "ServiceUnavailable",
    "Unavailable",
];
const EXPIRED: [&str; 4] =
    ["ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"];
const REFUSED: [&str; 14] = [
    "AccessDenied",
    "AccessDeniedException",
    "AuthFailure",
    "AuthorizationError",
    "Blocked",
    "IncompleteSignature",
    "InvalidClientTokenId",
    "MissingAuthenticationToken",
    "NotAuthorized",
    "OptInRequired",
    "SignatureDoesNotMatch",
    "UnauthorizedAccess",
    "UnauthorizedOperation",
    "UnrecognizedClientException",
];

impl Fault {
    pub fn new(kind: Kind, told: impl Into<String>) -> Self {
        Self { kind, told: told.into(), code: String::new(), wait: None }
    }

    /// From an answer that is none.
    pub fn of_answer(status: u16, complaint: &Complaint, after: Option<&str>) -> Self {
        let code = complaint.code.as_str();
        let among = |words: &[&str]| words.contains(&code);
        let kind = if among(&THROTTLED) || status == 429 {
            Kind::Throttled
        } else if among(&EXPIRED) {
            Kind::Expired
        } else if among(&REFUSED) {
            Kind::Refused
        } else if among(&UNAVAILABLE) || (status >= 500 && status != 501) {
            Kind::Unavailable
        } else if status == 401 || status == 403 {
            Kind::Refused
        } else if (300..400).contains(&status) {
            // Signed requests follow nobody elsewhere.
            return Self::new(
                Kind::Rejected,
                format!("the address answers with a redirection (HTTP {status})"),
            );
        } else {
            Kind::Rejected
        };
        let what = if code.is_empty() { format!("HTTP {status}") } else { code.to_owned() };
        let message = shortened(code, &complaint.message);
        let told = match message.is_empty() {
            true => what,
            false => format!("{what}: {message}"),
        };
        let wait = after.and_then(|after| after.trim().parse().ok()).map(Duration::from_secs);
        Self { kind, told, code: code.to_owned(), wait }
    }

    /// From a connection that did not come about, or broke.
    pub fn of_connection(error: &ConnectorError) -> Self {
        // The innermost cause says what happened; those around it say that something did.
        let mut cause: &dyn Error = error;
        while let Some(inner) = cause.source() {
            cause = inner;
        }
        let what = if error.is_timeout() { "no answer in time" } else { "no connection" };
        Self::new(Kind::Network, format!("{what}: {cause}"))
    }

    /// Takes out what nobody else may see, should a service have put it into its message.
    pub fn scrub(&mut self, keys: &Credentials) {
        let secrets = [Some(keys.secret_access_key()), keys.session_token(), Some(keys.access_key_id())];
        for secret in secrets.into_iter().flatten().filter(|secret| !secret.is_empty()) {
            self.told = self.told.replace(secret, "…");
        }
    }
}

/// What a message is good for. Encoded refusals, and the canonical form of a request with its headers, are left out.
fn shortened(code: &str, message: &str) -> String {
    let message = message.split("Encoded authorization failure").next().unwrap_or_default();
    let message = if code == "SignatureDoesNotMatch" {
        message.split_inclusive('.').next().unwrap_or_default()
    } else {
        message
    };
    let one_line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    match one_line.char_indices().nth(400) {
        Some((at, _)) => format!("{}…", &one_line[..at]),
        None => one_line.trim_end_matches(['.', ' ']).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(status: u16, code: &str, message: &str) -> Fault {
        Fault::of_answer(status, &Complaint { code: code.into(), message: message.into() }, Some("3"))
    }

    #[test]
    fn words_count_more_than_numbers() {
        assert_eq!(fault(503, "RequestLimitExceeded", "").kind, Kind::Throttled);
        assert_eq!(fault(400, "ThrottlingException", "").kind, Kind::Throttled);
        assert_eq!(fault(400, "RequestExpired", "").kind, Kind::Expired);
        assert_eq!(fault(403, "UnauthorizedOperation", "").kind, Kind::Refused);
        assert_eq!(fault(403, "", "").kind, Kind::Refused);
        assert_eq!(fault(502, "", "").kind, Kind::Unavailable);
        assert_eq!(fault(501, "", "").kind, Kind::Rejected);
        assert_eq!(fault(307, "", "").kind, Kind::Rejected);
        assert_eq!(fault(400, "InvalidAction", "No.").told, "InvalidAction: No");
        assert_eq!(fault(429, "", "").wait, Some(Duration::from_secs(3)));
        assert!(fault(500, "", "").kind.passes() && !fault(403, "", "").kind.passes());
    }

    #[test]
    fn messages_hold_no_secrets() {
        let keys = Credentials::new("AKIDEXAMPLE", "s3cr3t/key", Some("t0ken".to_owned()), None, "test");
        let mut told = fault(400, "X", "AKIDEXAMPLE sent s3cr3t/key and t0ken\nhere");
        told.scrub(&keys);
        assert_eq!(told.told, "X: … sent … and … here");
        let encoded = "You are not authorized. Encoded authorization failure message: AbC123";
        assert_eq!(
            fault(403, "UnauthorizedOperation", encoded).told,
            "UnauthorizedOperation: You are not authorized"
        );
        let canonical = "The signature does not match. The Canonical String was x-amz-security-token:abc";
        assert!(!fault(403, "SignatureDoesNotMatch", canonical).told.contains("abc"));
        assert!(fault(400, "X", &"x".repeat(10_000)).told.len() < 500);
    }
}
