//! What Resource Manager says when it does not answer ("Common Azure deployment errors", "Throttling Resource Manager
//! requests").

use crate::fault::{Fault, Kind};
use crate::rest;
use crate::web::Answer;
use serde_json::Value;

/// What a subscription says that never used a service, and so has nothing of it: no service can be given up as long as
/// there is something of it ("Azure resource providers and types").
pub const UNUSED: &str = "MissingSubscriptionRegistration";

/// The fault that an answer that is none stands for.
pub fn complaint(answer: &Answer) -> Fault {
    let body = rest::object(&answer.body).unwrap_or_default();
    let error = body.get("error").cloned().unwrap_or(Value::Object(body));
    let text = |key: &str| error.get(key).and_then(Value::as_str).unwrap_or_default();
    let code = text("code");
    let kind = match (answer.status, code) {
        (_, "SubscriptionRequestsThrottled" | "TooManyRequests") => Kind::Throttled,
        // A token of another tenant does not become right by being fetched again.
        (_, "InvalidAuthenticationTokenTenant") => Kind::Refused,
        (401, _) => Kind::Expired,
        // Cut off between the front and the service.
        (_, "GatewayTimeout" | "ServerTimeout") => Kind::Unavailable,
        (status, _) => Kind::of_status(status),
    };
    Fault::of_words(kind, answer.status, code, text("message"), answer.header("retry-after"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_count_more_than_numbers() {
        let fault = |status, code: &str| {
            let body = format!(r#"{{"error": {{"code": "{code}", "message": "So it is."}}}}"#);
            complaint(&Answer::made_up(status, &body))
        };
        assert_eq!(fault(403, "AuthorizationFailed").kind, Kind::Refused);
        assert_eq!(fault(401, "ExpiredAuthenticationToken").kind, Kind::Expired);
        assert_eq!(fault(401, "InvalidAuthenticationTokenTenant").kind, Kind::Refused);
        assert_eq!(fault(429, "TooManyRequests").kind, Kind::Throttled);
        assert_eq!(fault(409, UNUSED).kind, Kind::Rejected);
        assert_eq!(fault(404, "NotFound").told, "NotFound: So it is");
        // A gateway that speaks for the service, and says nothing that can be read.
        let told = complaint(&Answer::made_up(502, "<html>Bad gateway</html>"));
        assert_eq!((told.kind, told.told.as_str()), (Kind::Unavailable, "HTTP 502"));
        assert_eq!(complaint(&Answer::made_up(400, r#"{"code": "X"}"#)).told, "X");
    }
}
