//! Credentials, in the order and by the variables of the vendor's own libraries ("Credential chains in the Azure Identity
//! library"): environment, workload identity, managed identity, Azure CLI.

use super::certificate::Certificate;
use super::sovereign::Land;
use crate::fault::{Fault, Kind};
use crate::keys::Token;
use crate::rest;
use crate::tokens::{self, Chain, Lack, Source};
use crate::web::{self, Web};
use anyhow::{Result, bail};
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use std::path::PathBuf;

/// Says which of the chain's places count: `prod`, `dev`, or one of them by the name of its class.
const WHICH: &str = "AZURE_TOKEN_CREDENTIALS";
/// Where the machine's own metadata service is, unless AZURE_POD_IDENTITY_AUTHORITY_HOST says otherwise.
const METADATA: &str = "http://169.254.169.254";

/// One place where there may be a token.
pub struct Place {
    web: SharedHttpConnector,
    near: SharedHttpConnector,
    land: Land,
    kind: Credential,
}

enum Credential {
    /// A service principal with a secret. What is not set is named.
    Secret(Result<(Principal, String), String>),
    /// A service principal with a certificate; or what is wrong with it.
    Certificate(Result<(Principal, Box<Certificate>), String>),
    /// A service principal with a token of somebody else's that is kept fresh in a file.
    Federated(Option<(Principal, PathBuf)>),
    /// What runs in App Service, Functions, Container Apps: the address, its header.
    AppService(Option<(String, String)>, Option<String>),
    /// A virtual machine. The id is that of an identity that it was given beside its own.
    Machine(String, Option<String>),
    /// Whoever is signed in to the Azure CLI.
    Cli(Option<String>),
}

struct Principal {
    tenant: String,
    client: String,
}

/// The chain, as the environment has it.
///
/// # Errors
/// The environment asks for what there is not.
pub fn chain(land: &Land, web: &Web) -> Result<Chain<Place>> {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let (tenant, client) = (set("AZURE_TENANT_ID"), set("AZURE_CLIENT_ID"));
    let principal = || {
        let (tenant, client) = (tenant.clone()?, client.clone()?);
        Some(Principal { tenant, client })
    };
    if let Some(tenant) = &tenant
        && !tenant.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'))
    {
        bail!("AZURE_TENANT_ID: `{tenant}` is no tenant");
    }
    let secret = match (principal(), set("AZURE_CLIENT_SECRET")) {
        (Some(principal), Some(secret)) => Ok((principal, secret)),
        _ => Err("AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET are not all set".to_owned()),
    };
    // A secret goes before a certificate.
    let certificate = match (&secret, principal(), set("AZURE_CLIENT_CERTIFICATE_PATH")) {
        (Err(_), Some(principal), Some(path)) => {
            let read = Certificate::read(&PathBuf::from(path));
            Some(read.map(|certificate| (principal, Box::new(certificate))))
        }
        _ => None,
    };
    let federated = principal().zip(set("AZURE_FEDERATED_TOKEN_FILE").map(PathBuf::from));
    let service = set("IDENTITY_ENDPOINT").zip(set("IDENTITY_HEADER"));
    let metadata = set("AZURE_POD_IDENTITY_AUTHORITY_HOST").unwrap_or_else(|| METADATA.to_owned());
    let which = set(WHICH).map(|which| which.to_ascii_lowercase());
    let wanted =
        |class: &str, group: &str| which.as_deref().is_none_or(|which| which == class || which == group);
    let mut kinds = Vec::new();
    if wanted("environmentcredential", "prod") {
        kinds.push(certificate.map_or(Credential::Secret(secret), Credential::Certificate));
    }
    if wanted("workloadidentitycredential", "prod") {
        kinds.push(Credential::Federated(federated));
    }
    if wanted("managedidentitycredential", "prod") {
        let is_service = service.is_some();
        kinds.push(Credential::AppService(service, client.clone()));
        if !is_service {
            kinds.push(Credential::Machine(metadata.trim_end_matches('/').to_owned(), client));
        }
    }
    if wanted("azureclicredential", "dev") {
        kinds.push(Credential::Cli(tenant));
    }
    if kinds.is_empty() {
        bail!(
            "{WHICH}: there are dev, prod, EnvironmentCredential, WorkloadIdentityCredential, \
             ManagedIdentityCredential and AzureCliCredential here"
        );
    }
    let place = |kind| Place { web: web.connector.clone(), near: web.near.clone(), land: land.clone(), kind };
    Ok(Chain::new(kinds.into_iter().map(place).collect()))
}

impl Source for Place {
    fn name(&self) -> &'static str {
        match self.kind {
            Credential::Secret(_) | Credential::Certificate(_) => "environment",
            Credential::Federated(_) => "workload identity",
            Credential::AppService(..) => "managed identity of App Service",
            Credential::Machine(..) => "managed identity of a machine",
            Credential::Cli(_) => "Azure CLI",
        }
    }

    async fn token(&self) -> Result<Token, Lack> {
        match &self.kind {
            Credential::Secret(Err(why)) => Err(Lack::Absent(why.clone())),
            Credential::Secret(Ok((principal, secret))) => {
                let proof = [("client_secret", secret.as_str())];
                Ok(self.principal(principal, &proof, secret).await?)
            }
            Credential::Certificate(Err(why)) => Err(Fault::new(Kind::NoKeys, why.as_str()).into()),
            Credential::Certificate(Ok((principal, certificate))) => {
                let audience = self.address(principal);
                let statement = certificate.statement(&principal.client, &audience);
                let statement = statement.map_err(|why| Fault::new(Kind::NoKeys, why))?;
                Ok(self.principal(principal, &stated(&statement), &statement).await?)
            }
            Credential::Federated(None) => Err(Lack::Absent(
                "AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_FEDERATED_TOKEN_FILE are not all set".to_owned(),
            )),
            Credential::Federated(Some((principal, path))) => {
                // Read anew each time: whoever writes it does so before it runs out.
                let assertion = std::fs::read_to_string(path).map_err(|error| {
                    let told = format!("AZURE_FEDERATED_TOKEN_FILE: {}: {error}", path.display());
                    Fault::new(Kind::NoKeys, told)
                })?;
                let assertion = assertion.trim();
                Ok(self.principal(principal, &stated(assertion), assertion).await?)
            }
            Credential::AppService(None, _) => {
                Err(Lack::Absent("IDENTITY_ENDPOINT and IDENTITY_HEADER are not set".to_owned()))
            }
            Credential::AppService(Some((endpoint, header)), client) => {
                let url = self.identity(endpoint, "2019-08-01", client.as_deref());
                let headers = [("x-identity-header", header.clone())];
                let request = rest::built("GET", &url, &headers, None)?;
                Ok(tokens::asked(&self.near, request, &[header]).await?)
            }
            Credential::Machine(host, client) => self.machine(host, client.as_deref()).await,
            Credential::Cli(tenant) => {
                let mut arguments = vec!["account", "get-access-token", "--output", "json"];
                arguments.extend(["--resource", self.land.audience.as_str()]);
                arguments.extend(tenant.iter().flat_map(|tenant| ["--tenant", tenant.as_str()]));
                let printed = tokens::printed("az", &arguments).await?;
                let unreadable =
                    || Lack::Absent("what `az account get-access-token` prints holds no token".to_owned());
                let answer = rest::object(&printed).map_err(|_| unreadable())?;
                tokens::read(&answer).map_err(|_| unreadable())
            }
        }
    }
}

/// Proof by a statement that somebody signed (RFC 7523).
fn stated(statement: &str) -> [(&str, &str); 2] {
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    [("client_assertion_type", kind), ("client_assertion", statement)]
}

impl Place {
    /// A token for a service principal ("OAuth 2.0 client credentials flow on the Microsoft identity platform").
    async fn principal(
        &self,
        principal: &Principal,
        proof: &[(&str, &str)],
        secret: &str,
    ) -> Result<Token, Fault> {
        let url = self.address(principal);
        let scope = format!("{}/.default", self.land.audience);
        let mut fields = vec![
            ("grant_type", "client_credentials"),
            ("client_id", principal.client.as_str()),
            ("scope", scope.as_str()),
        ];
        fields.extend(proof);
        tokens::asked(&self.web, tokens::form(&url, &fields)?, &[secret]).await
    }

    /// Where a service principal's tokens come from.
    fn address(&self, principal: &Principal) -> String {
        format!("{}/{}/oauth2/v2.0/token", self.land.authority, principal.tenant)
    }

    /// The address of an identity's token ("How to use managed identities … to acquire an access token", "… for App
    /// Service and Azure Functions").
    fn identity(&self, endpoint: &str, version: &str, client: Option<&str>) -> String {
        let mut fields = vec![("api-version", version), ("resource", self.land.audience.as_str())];
        fields.extend(client.map(|client| ("client_id", client)));
        format!("{endpoint}?{}", rest::fields(&fields))
    }

    async fn machine(&self, host: &str, client: Option<&str>) -> Result<Token, Lack> {
        let endpoint = format!("{host}/metadata/identity/oauth2/token");
        let url = self.identity(&endpoint, "2018-02-01", client);
        let request = rest::built("GET", &url, &[("metadata", "true".to_owned())], None)?;
        let answer = match web::send(&self.near, request).await {
            Ok(answer) => answer,
            // Whoever is on no machine of Azure's has nobody at that address.
            Err(_) => return Err(Lack::Absent("no metadata service answers here".to_owned())),
        };
        match answer.status {
            200..300 => match rest::object(&answer.body).and_then(|body| tokens::read(&body)) {
                Ok(token) => Ok(token),
                // Another cloud's machine has another service at the same address.
                Err(_) => Err(Lack::Absent("the metadata service gives no token".to_owned())),
            },
            status => match Kind::of_status(status) {
                kind if kind.passes() => {
                    let after = answer.header("retry-after");
                    Err(Fault::of_words(kind, status, "", "the metadata service", after).into())
                }
                _ => Err(Lack::Absent(format!("the machine has no identity (HTTP {status})"))),
            },
        }
    }
}
