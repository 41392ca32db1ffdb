//! REST calls with a bearer token, for the clouds that speak so: JSON objects in answers, and in errors.

use crate::asking::Asking;
use crate::fault::{Fault, Kind};
use crate::keys::{Provide, Token};
use crate::origin::Origin;
use crate::web::{self, Answer};
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

/// Pages of one list. More come from a service that does not end.
pub const PAGES: usize = 20_000;

/// What stays as it is in queries and forms (RFC 3986, unreserved).
const FIELD: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// What stays as it is in paths.
const PATH: &AsciiSet = &FIELD.remove(b'/');

/// A call.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// For people: whose, and what.
    pub place: &'a str,
    pub call: &'a str,
    /// The whole address.
    pub url: String,
    /// What is posted; nothing is for what is got.
    pub posted: Option<Value>,
}

/// Asks with one provider's tokens.
pub struct Rest<P: Provide> {
    pub web: SharedHttpConnector,
    pub asking: Asking<P>,
    /// Who gets the token, and nobody else.
    pub origins: Vec<Origin>,
    /// What goes with every call.
    pub headers: Vec<(&'static str, String)>,
    /// What the service's complaints mean.
    pub complaint: fn(&Answer) -> Fault,
}

impl<P: Provide<Key = Token>> Rest<P> {
    /// The answer. Tries again for as long as that makes sense.
    pub async fn call(&self, request: &Request<'_>) -> Result<Map<String, Value>, Fault> {
        if !Origin::of(&request.url).is_some_and(|origin| self.origins.contains(&origin)) {
            let told = format!("the answer names an address elsewhere, which is not asked: {}", request.url);
            return Err(Fault::of_words(Kind::Rejected, 0, "ForeignAddress", &told, None));
        }
        self.asking.ask(request.place, request.call, |token| self.once(request, token)).await
    }

    async fn once(&self, request: &Request<'_>, token: Token) -> Result<Map<String, Value>, Fault> {
        let method = if request.posted.is_some() { "POST" } else { "GET" };
        let mut headers = vec![("authorization", format!("Bearer {}", token.text))];
        headers.extend(self.headers.iter().cloned());
        let body = request.posted.as_ref().map(|value| ("application/json", value.to_string()));
        let sent = built(method, &request.url, &headers, body)?;
        let answer = web::send(&self.web, sent).await?;
        match answer.status {
            200..300 => object(&answer.body),
            300..400 => Err(Fault::of_redirection(answer.status)),
            _ => Err((self.complaint)(&answer)),
        }
    }
}

/// An answer's body.
pub fn object(body: &[u8]) -> Result<Map<String, Value>, Fault> {
    // A page of somebody who wants to be signed in to is no answer, even with the status of one.
    match serde_json::from_slice(body) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(Fault::new(Kind::Garbled, "the answer cannot be read: it is no JSON object")),
        Err(error) => Err(Fault::new(Kind::Garbled, format!("the answer cannot be read: no JSON: {error}"))),
    }
}

/// A request, with a body of a kind if it has one.
pub fn built(
    method: &str,
    url: &str,
    headers: &[(&str, String)],
    body: Option<(&str, String)>,
) -> Result<HttpRequest, Fault> {
    // The reason is not told: it could repeat a header.
    let wrong = || Fault::new(Kind::Rejected, format!("{} cannot be asked", without_query(url)));
    let mut request = http::Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    request = request
        .header("accept", "application/json")
        .header("user-agent", concat!("tidegate/", env!("CARGO_PKG_VERSION")));
    let body = match body {
        Some((kind, text)) => {
            request = request.header("content-type", kind).header("content-length", text.len());
            SdkBody::from(text)
        }
        None => SdkBody::empty(),
    };
    request.body(body).map_err(|_| wrong())?.try_into().map_err(|_| wrong())
}

/// `name=value&…`, each as it may stand in a query or a form.
pub fn fields(fields: &[(&str, &str)]) -> String {
    let pairs: Vec<String> =
        fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    pairs.join("&")
}

/// A text as it may stand in a query, or as one segment of a path.
pub fn encoded(text: &str) -> String {
    utf8_percent_encode(text, FIELD).to_string()
}

/// A path as it may stand in an address: its slashes stay.
pub fn path(text: &str) -> String {
    utf8_percent_encode(text, PATH).to_string()
}

fn without_query(url: &str) -> &str {
    url.split('?').next().unwrap_or(url)
}
