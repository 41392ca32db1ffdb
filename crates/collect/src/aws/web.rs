//! Connections: one pool for everything, through the proxies and certificates that the environment names.

use anyhow::{Context, Result};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::{Connector, tls};
use aws_smithy_runtime_api::client::http::{
    HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
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

/// What makes connections.
pub struct Web {
    /// For calls of our own.
    pub connector: SharedHttpConnector,
    /// For whoever provides credentials, who sets time limits of his own.
    pub client: SharedHttpClient,
}

/// What makes connections, for credentials and for everything that is asked with them.
///
/// # Errors
/// `AWS_CA_BUNDLE` names a file that cannot be read or holds no certificates.
pub fn web() -> Result<Web> {
    let mut trust = tls::TrustStore::default().with_native_roots(true);
    if let Some(path) = std::env::var_os("AWS_CA_BUNDLE").filter(|path| !path.is_empty()) {
        let path = std::path::PathBuf::from(path);
        let pem = std::fs::read(&path)
            .with_context(|| format!("AWS_CA_BUNDLE: {} cannot be read", path.display()))?;
        // What cannot be used would end the program at the first connection.
        let usable = CertificateDer::pem_slice_iter(&pem)
            .map(|certificate| Ok(RootCertStore::empty().add(certificate?)?))
            .collect::<Result<Vec<()>>>()
            .with_context(|| {
                format!("AWS_CA_BUNDLE: {} holds no certificate that can be used", path.display())
            })?;
        anyhow::ensure!(!usable.is_empty(), "AWS_CA_BUNDLE: {} holds no certificate", path.display());
        trust.add_pem_certificate(pem);
    }
    let context =
        tls::TlsContext::builder().with_trust_store(trust).build().context("certificates cannot be used")?;
    let limits = HttpConnectorSettings::builder().connect_timeout(CONNECT).read_timeout(ANSWER).build();
    let own = SharedHttpConnector::new(connector(limits, context.clone()));
    type Limits = (Option<Duration>, Option<Duration>);
    let pools: Mutex<HashMap<Limits, SharedHttpConnector>> = Mutex::default();
    let client = http_client_fn(move |settings, _| {
        let limits = (settings.connect_timeout(), settings.read_timeout());
        let mut pools = pools.lock().unwrap_or_else(PoisonError::into_inner);
        let made = || SharedHttpConnector::new(connector(settings.clone(), context.clone()));
        pools.entry(limits).or_insert_with(made).clone()
    });
    Ok(Web { connector: own, client })
}

fn connector(settings: HttpConnectorSettings, context: tls::TlsContext) -> Connector {
    Connector::builder()
        .connector_settings(settings)
        .proxy_config(ProxyConfig::from_env())
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
        .tls_context(context)
        .build()
}
