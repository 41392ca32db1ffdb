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
