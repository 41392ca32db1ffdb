//! Connections: one pool for everything, through the proxies and certificates that the environment names.

use crate::fault::{Fault, Kind};
use anyhow::{Context, Result};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::{Connector, tls};
use aws_smithy_runtime_api::client::http::{
    HttpConnector as _, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::byte_stream::ByteStream;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long to wait for a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// How long to wait for the first byte of an answer.
const ANSWER: Duration = Duration::from_secs(60);
/// The same for the machine's own metadata service.
const NEAR: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(20));
/// The longest answer, in bytes. A page of a thousand things has a few millions.
const LONGEST: usize = 256 << 20;

/// What makes connections.
pub struct Web {
    /// For calls of our own.
    pub connector: SharedHttpConnector,
    /// For whoever provides credentials, who sets time limits of his own.
    pub client: SharedHttpClient,
    /// For the machine's own metadata service: never through a proxy, and quick to give up where there is none.
    pub near: SharedHttpConnector,
}

/// An answer as it came.
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
    headers: aws_smithy_runtime_api::http::Headers,
}

impl Answer {
    /// One that a test makes up.
    #[cfg(test)]
    pub fn made_up(status: u16, body: &str) -> Self {
        Self { status, body: body.as_bytes().to_vec(), headers: Default::default() }
    }

    /// A header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)
    }

    /// Whether it is what was asked for.
    pub fn is_good(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Sends one request, and takes the whole answer.
pub async fn send(connector: &SharedHttpConnector, request: HttpRequest) -> Result<Answer, Fault> {
    let response = connector.call(request).await.map_err(|error| Fault::of_connection(&error))?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Ok(Answer { status, headers, body: body(response).await? })
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

/// What makes connections, for credentials and for everything that is asked with them.
///
/// `bundle` is the variable by which the vendor's own tools are told of further certificates.
///
/// # Errors
/// The variable names a file that cannot be read or holds no certificates.
pub fn web(bundle: &str) -> Result<Web> {
    let mut trust = tls::TrustStore::default().with_native_roots(true);
    if let Some(path) = std::env::var_os(bundle).filter(|path| !path.is_empty()) {
        let path = std::path::PathBuf::from(path);
        let pem =
            std::fs::read(&path).with_context(|| format!("{bundle}: {} cannot be read", path.display()))?;
        // What cannot be used would end the program at the first connection.
        let usable = CertificateDer::pem_slice_iter(&pem)
            .map(|certificate| Ok(RootCertStore::empty().add(certificate?)?))
            .collect::<Result<Vec<()>>>()
            .with_context(|| format!("{bundle}: {} holds no certificate that can be used", path.display()))?;
        anyhow::ensure!(!usable.is_empty(), "{bundle}: {} holds no certificate", path.display());
        trust.add_pem_certificate(pem);
    }
    let context =
        tls::TlsContext::builder().with_trust_store(trust).build().context("certificates cannot be used")?;
    let limits = HttpConnectorSettings::builder().connect_timeout(CONNECT).read_timeout(ANSWER).build();
    let own = SharedHttpConnector::new(connector(limits, context.clone(), ProxyConfig::from_env()));
    let limits = HttpConnectorSettings::builder().connect_timeout(NEAR.0).read_timeout(NEAR.1).build();
    let near = SharedHttpConnector::new(connector(limits, context.clone(), ProxyConfig::disabled()));
    type Limits = (Option<Duration>, Option<Duration>);
    let pools: Mutex<HashMap<Limits, SharedHttpConnector>> = Mutex::default();
    let client = http_client_fn(move |settings, _| {
        let limits = (settings.connect_timeout(), settings.read_timeout());
        let mut pools = pools.lock().unwrap_or_else(PoisonError::into_inner);
        let made = || {
            SharedHttpConnector::new(connector(settings.clone(), context.clone(), ProxyConfig::from_env()))
        };
        pools.entry(limits).or_insert_with(made).clone()
    });
    Ok(Web { connector: own, client, near })
}

fn connector(settings: HttpConnectorSettings, context: tls::TlsContext, proxy: ProxyConfig) -> Connector {
    Connector::builder()
        .connector_settings(settings)
        .proxy_config(proxy)
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
        .tls_context(context)
        .build()
}
