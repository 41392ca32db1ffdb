//! One call to a service: address, signature, faults.

mod fault;
mod provider;

use super::endpoint::{self, Wishes};
use super::table::{Operation, Protocol, Service, TABLE};
use super::{calls, wire};
use crate::asking::Asking;
use crate::fault::{Fault, Kind};
use crate::patience::Patience;
use crate::{Watch, web};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use provider::Provider;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

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
    ways: Arc<Ways>,
    asking: Asking<Provider>,
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
    pub fn new(
        web: SharedHttpConnector,
        provider: SharedCredentialsProvider,
        ways: Arc<Ways>,
        watch: Arc<dyn Watch>,
    ) -> Self {
        let asking = Asking::new(Provider(provider), ways.patience, watch);
        Self { web, ways, asking }
    }

    /// The answer, in the CLI's JSON. Tries again for as long as that makes sense.
    pub async fn call(&self, request: &Request<'_>) -> Result<Map<String, Value>, Fault> {
        let call = calls::spelled(request.operation);
        self.asking.ask(request.region, &call, |keys| self.once(request, keys)).await
    }

    async fn once(&self, request: &Request<'_>, keys: Credentials) -> Result<Map<String, Value>, Fault> {
        let unknown = || Fault::new(Kind::Rejected, "this call is not in the table of calls");
        let service = TABLE.service(request.service).ok_or_else(unknown)?;
        let operation = TABLE.operation(request.service, request.operation).ok_or_else(unknown)?;
        let sent = self.signed(request, service, operation, &keys)?;
        let answer = web::send(&self.web, sent).await?;
        if answer.is_good() {
            return wire::answer(service.protocol, request.operation, operation, &answer.body).map_err(
                |garbled| Fault::new(Kind::Garbled, format!("the answer cannot be read: {garbled}")),
            );
        }
        let kind = answer.header("x-amzn-errortype");
        let complaint = wire::complaint(service.protocol, kind, &answer.body);
        Err(fault::of_answer(answer.status, &complaint, answer.header("retry-after")))
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
