//! What AWS's services say when they do not answer.

use crate::aws::wire::Complaint;
use crate::fault::{Fault, Kind};

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

/// The fault that an answer that is none stands for.
pub fn of_answer(status: u16, complaint: &Complaint, after: Option<&str>) -> Fault {
    let code = complaint.code.as_str();
    let among = |words: &[&str]| words.contains(&code);
    let kind = if among(&THROTTLED) || status == 429 {
        Kind::Throttled
    } else if among(&EXPIRED) {
        Kind::Expired
    } else if among(&REFUSED) {
        Kind::Refused
    } else if among(&UNAVAILABLE) {
        Kind::Unavailable
    } else if (300..400).contains(&status) {
        return Fault::of_redirection(status);
    } else {
        Kind::of_status(status)
    };
    Fault::of_words(kind, status, code, shortened(code, &complaint.message), after)
}

/// What a message is good for. Encoded refusals, and the canonical form of a request with its headers, are left out.
fn shortened<'m>(code: &str, message: &'m str) -> &'m str {
    let message = message.split("Encoded authorization failure").next().unwrap_or_default();
    match code {
        "SignatureDoesNotMatch" => message.split_inclusive('.').next().unwrap_or_default(),
        _ => message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Key as _;
    use aws_credential_types::Credentials;
    use std::time::Duration;

    fn fault(status: u16, code: &str, message: &str) -> Fault {
        of_answer(status, &Complaint { code: code.into(), message: message.into() }, Some("3"))
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
        told.scrub(keys.secrets());
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
