//! What Google's services say when they do not answer ("Cloud APIs, Errors"; "Compute Engine, Rate quotas").

use crate::fault::{Fault, Kind};
use crate::rest;
use crate::web::Answer;
use serde_json::Value;

/// Words of a refusal that passes.
const THROTTLED: [&str; 5] = [
    "RATE_LIMIT_EXCEEDED",
    "concurrentLimitExceeded",
    "quotaExceeded",
    "rateLimitExceeded",
    "userRateLimitExceeded",
];
/// Words of a refusal because the project does not use the service.
const UNUSED: [&str; 2] = ["SERVICE_DISABLED", "accessNotConfigured"];

/// The fault that an answer that is none stands for.
pub fn complaint(answer: &Answer) -> Fault {
    let body = rest::object(&answer.body).unwrap_or_default();
    let error = body.get("error").unwrap_or(&Value::Null);
    let text =
        |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let reasons = |list: &str| -> Vec<String> {
        let items = error.get(list).and_then(Value::as_array).into_iter().flatten();
        items.map(|item| text(item, "reason")).filter(|reason| !reason.is_empty()).collect()
    };
    let words = [reasons("details"), reasons("errors"), vec![text(error, "status")]].concat();
    let among = |known: &[&str]| words.iter().find(|word| known.contains(&word.as_str()));
    let after = answer.header("retry-after");
    let told = |kind, code: &str| Fault::of_words(kind, answer.status, code, &text(error, "message"), after);
    if let Some(word) = among(&UNUSED) {
        return told(Kind::Unused, word);
    }
    let code = words.first().map_or("", String::as_str);
    match answer.status {
        403 if among(&THROTTLED).is_some() => told(Kind::Throttled, code),
        401 => told(Kind::Expired, code),
        status => told(Kind::of_status(status), code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(status: u16, error: &str) -> Fault {
        complaint(&Answer::made_up(status, &format!(r#"{{"error": {error}}}"#)))
    }

    #[test]
    fn a_refusal_is_told_from_a_limit_and_from_a_service_that_is_off() {
        let reason =
            |reason: &str| format!(r#"{{"message": "So it is.", "errors": [{{"reason": "{reason}"}}]}}"#);
        assert_eq!(fault(403, &reason("forbidden")).kind, Kind::Refused);
        assert_eq!(fault(403, &reason("forbidden")).told, "forbidden: So it is");
        assert_eq!(fault(403, &reason("rateLimitExceeded")).kind, Kind::Throttled);
        assert_eq!(fault(403, &reason("accessNotConfigured")).kind, Kind::Unused);
        let details =
            r#"{"status": "PERMISSION_DENIED", "details": [{"@type": "x"}, {"reason": "SERVICE_DISABLED"}]}"#;
        assert_eq!(fault(403, details).kind, Kind::Unused);
        assert_eq!(fault(401, r#"{"status": "UNAUTHENTICATED"}"#).kind, Kind::Expired);
        assert_eq!(fault(429, r#"{"status": "RESOURCE_EXHAUSTED"}"#).kind, Kind::Throttled);
        assert_eq!(fault(503, "{}").kind, Kind::Unavailable);
        assert_eq!(complaint(&Answer::made_up(502, "<html>")).told, "HTTP 502");
    }
}
