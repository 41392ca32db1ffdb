//! One call to a service: address, signature, faults, and further tries.

mod fault;
mod keys;

pub use fault::{Fault, Kind};
pub use keys::Keys;

use super::endpoint::{self, Wishes};
use super::table::{Operation, Protocol, Service, TABLE};
use super::{calls, wire};
use crate::Watch;
use crate::patience::Patience;
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::http::{HttpConnector as _, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

/// The longest answer, in bytes. A page of a thousand things has a few millions.
const LONGEST: usize = 256 << 20;
/// How long one try may take as a whole.
const WHOLE: Duration = Duration::from_secs(300);
/// What stays as it is in form fields and queries (RFC 3986, unreserved).
const FIELD: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Where services are, and how often one is asked.
#[derive(Debug, Clone, Default)]
pub struct Ways {
    /// The address for every service.
    pub endpoint: Option<String>,
    /// Addresses of some, by their names in the CLI.
    pub endpoints: BTreeMap<&'static str, String>,
    pub wishes: Wishes,
    pub patience: Patience,
}

/// Asks services in one account's name.
pub struct Client {
    web: SharedHttpConnector,
    keys: Keys,
    ways: Arc<Ways>,
    watch: Arc<dyn Watch>,
    random: Mutex<fastrand::Rng>,
    /// Nothing more can come: the credentials have run out.
    over: OnceLock<Fault>,
}

/// A call, with its fields as they are on the wire.
#[derive(Debug)]
pub struct Request<'a> {
    pub service: &'static str,
    pub operation: &'static str,
    pub region: &'a str,
    pub fields: Vec<(String, Value)>,
}

impl Client {
    pub fn new(web: SharedHttpConnector, keys: Keys, ways: Arc<Ways>, watch: Arc<dyn Watch>) -> Self {
        let random = Mutex::new(fastrand::Rng::new());
        Self { web, keys, ways, watch, random, over: OnceLock::new() }
    }

    /// The answer, in the CLI's JSON. Tries again for as long as that makes sense.
    pub async fn call(&self, request: &Request<'_>) -> Result<Map<String, Value>, Fault> {
        let mut failed = 0;
        let mut renewed = false;
        loop {
            if let Some(over) = self.over.get() {
                return Err(over.clone());
            }
            let keys = self.keys.get().await?;
            let mut fault = match tokio::time::timeout(WHOLE, self.once(request, &keys)).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(fault)) => fault,
                Err(_) => Fault::new(Kind::Network, "no answer within five minutes"),
            };
            fault.scrub(&keys);
            if fault.kind == Kind::Expired {
                // Whoever hands out keys may have new ones; it is asked once.
                if !renewed && self.keys.renew(&keys).await {
                    renewed = true;
                    continue;
                }
                return Err(self.over.get_or_init(|| fault).clone());
            }
            if !fault.kind.passes() {
                return Err(fault);
            }
            failed += 1;
            let wait = {
                let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
                self.ways.patience.wait(failed, fault.wait, &mut random)
            };
            let Some(wait) = wait else {
                fault.told = format!("{} (tried {failed} times)", fault.told);
                return Err(fault);
            };
            self.watch.waiting(request.region, &calls::spelled(request.operation), &fault.told);
            tokio::time::sleep(wait).await;
        }
    }

    async fn once(&self, request: &Request<'_>, keys: &Credentials) -> Result<Map<String, Value>, Fault> {
        let unknown = || Fault::new(Kind::Rejected, "this call is not in the table of calls");
        let service = TABLE.service(request.service).ok_or_else(unknown)?;
        let operation = TABLE.operation(request.service, request.operation).ok_or_else(unknown)?;
        let sent = self.signed(request, service, operation, keys)?;
        let response = self.web.call(sent).await.map_err(|error| Fault::of_connection(&error))?;
        let status = response.status().as_u16();
        let header = |name: &str| response.headers().get(name).map(str::to_owned);
        let (kind, after) = (header("x-amzn-errortype"), header("retry-after"));
        let body = body(response).await?;
        if (200..300).contains(&status) {
            return wire::answer(service.protocol, request.operation, operation, &body).map_err(|garbled| {
                Fault::new(Kind::Garbled, format!("the answer cannot be read: {garbled}"))
            });
        }
        let complaint = wire::complaint(service.protocol, kind.as_deref(), &body);
        Err(Fault::of_answer(status, &complaint, after.as_deref()))
    }

    fn signed(
        &self,
        request: &Request<'_>,
        service: &Service,
        operation: &Operation,
        keys: &Credentials,
    ) -> Result<HttpRequest, Fault> {
        let ways = &self.ways;
        let base = match ways.endpoints.get(request.service).or(ways.endpoint.as_ref()) {
            Some(given) => given.trim_end_matches('/').to_owned(),
            None => endpoint::of(service, request.region, &ways.wishes),
        };
        let spelled = spelled(request, service, operation);
        let uri = format!("{base}{}{}", operation.uri, spelled.query);
        let headers = spelled.headers.iter().map(|(name, value)| (*name, value.as_str()));
        let wrong = |what: &dyn std::fmt::Display| {
            Fault::new(Kind::Rejected, format!("{uri} cannot be asked: {what}"))
        };
        let identity = keys.clone().into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(request.region)
            .name(&service.signing)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| wrong(&error))?
            .into();
        let body = spelled.body.as_bytes();
        let signable =
            SignableRequest::new(&operation.method, uri.as_str(), headers, SignableBody::Bytes(body))
                .map_err(|error| wrong(&error))?;
        let (signature, _) = sign(signable, &params).map_err(|error| wrong(&error))?.into_parts();
        let mut sent = http::Request::builder().method(operation.method.as_str()).uri(uri.as_str());
        for (name, value) in &spelled.headers {
            sent = sent.header(*name, value);
        }
        sent = sent.header("user-agent", concat!("tidegate/", env!("CARGO_PKG_VERSION")));
        let mut sent = sent.body(SdkBody::from(spelled.body.clone())).map_err(|error| wrong(&error))?;
        signature.apply_to_request_http1x(&mut sent);
        sent.try_into().map_err(|error| wrong(&error))
    }
}

/// A request as its protocol spells it.
struct Spelled {
    query: String,
    body: String,
    headers: Vec<(&'static str, String)>,
}

fn spelled(request: &Request<'_>, service: &Service, operation: &Operation) -> Spelled {
    let pairs = |fields: &mut dyn Iterator<Item = (&str, String)>| -> String {
        let pairs: Vec<String> = fields
            .map(|(name, value)| {
                format!("{}={}", utf8_percent_encode(name, FIELD), utf8_percent_encode(&value, FIELD))
            })
            .collect();
        pairs.join("&")
    };
    let texts = request.fields.iter().map(|(name, value)| {
        (name.as_str(), value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    });
    match service.protocol {
        Protocol::Ec2 | Protocol::Query => {
            let first = [("Action", request.operation.to_owned()), ("Version", service.version.clone())];
            Spelled {
                query: String::new(),
                body: pairs(&mut first.into_iter().chain(texts)),
                headers: vec![(
                    "content-type",
                    "application/x-www-form-urlencoded; charset=utf-8".to_owned(),
                )],
            }
        }
        Protocol::Json => {
            let version = service.json.as_deref().unwrap_or("1.1");
            let target = format!("{}.{}", service.target.as_deref().unwrap_or_default(), request.operation);
            let body: Map<String, Value> = request.fields.iter().cloned().collect();
            Spelled {
                query: String::new(),
                body: Value::Object(body).to_string(),
                headers: vec![
                    ("content-type", format!("application/x-amz-json-{version}")),
                    ("x-amz-target", target),
                ],
            }
        }
        Protocol::RestJson => {
            debug_assert_eq!(operation.method, "GET", "no other method is called");
            let query = pairs(&mut texts.into_iter());
            let mark = if query.is_empty() { "" } else { "?" };
            Spelled { query: format!("{mark}{query}"), body: String::new(), headers: vec![] }
        }
    }
}

async fn body(response: HttpResponse) -> Result<Vec<u8>, Fault> {
    let mut stream = ByteStream::new(response.into_body());
    let mut body = Vec::new();
    while let Some(part) = stream.next().await {
        let part =
            part.map_err(|error| Fault::new(Kind::Network, format!("the answer broke off: {error}")))?;
        if body.len() + part.len() > LONGEST {
            return Err(Fault::new(
                Kind::Rejected,
                format!("the answer is longer than {} MB", LONGEST >> 20),
            ));
        }
        body.extend_from_slice(&part);
    }
    Ok(body)
}
