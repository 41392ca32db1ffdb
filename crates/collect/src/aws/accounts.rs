//! Whose networks, and where: credentials, accounts, regions.

use super::client::{Client, Request, Ways};
use super::endpoint::{self, Wishes};
use super::table::TABLE;
use crate::Watch;
use crate::fault::{Fault, Kind};
use crate::patience::Patience;
use crate::web::{Web, web};
use anyhow::{Context as _, Result, anyhow, bail};
use aws_config::sts::AssumeRoleProvider;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::service_config::ServiceConfigKey;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The name of the sessions that roles are taken on with; it shows in the cloud's logs.
const SESSION: &str = "tidegate-snapshot";

/// Who asks.
pub struct Caller {
    config: SdkConfig,
    web: Web,
    ways: Arc<Ways>,
    watch: Arc<dyn Watch>,
    /// Asks in the caller's own name.
    pub client: Arc<Client>,
    /// Whom the credentials belong to.
    pub account: String,
    partition: String,
    /// Where calls go that are about no region.
    pub home: String,
}

impl Caller {
    /// Finds the credentials in the vendor's ordinary places, and asks whose they are.
    ///
    /// # Errors
    /// There are no credentials, or they are not valid.
    pub async fn find(profile: Option<&str>, region: Option<&str>, watch: Arc<dyn Watch>) -> Result<Self> {
        let web = web("AWS_CA_BUNDLE")?;
        let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(web.client.clone());
        if let Some(profile) = profile {
            loader = loader.profile_name(profile);
        }
        let config = loader.load().await;
        let known = config.region().map(|region| region.as_ref().to_owned());
        let home =
            known.or_else(|| region.map(str::to_owned)).unwrap_or_else(|| TABLE.partitions[0].global.clone());
        if !endpoint::is_region(&home) {
            bail!("`{home}` is no region: set AWS_REGION, or the region of the profile");
        }
        // Roles are taken on in that region, too.
        let config = config.into_builder().region(Region::new(home.clone())).build();
        let provider = config.credentials_provider().ok_or_else(|| anyhow!("there are no credentials"))?;
        let ways = Arc::new(ways(&config));
        let client = Arc::new(Client::new(web.connector.clone(), provider, ways.clone(), watch.clone()));
        let request =
            Request { service: "sts", operation: "GetCallerIdentity", region: &home, fields: vec![] };
        let identity = client.call(&request).await.map_err(explained)?;
        let text = |key: &str| identity.get(key).and_then(Value::as_str).map(str::to_owned);
        let account = text("Account").filter(|account| is_account(account));
        let account = account.context("the service does not say whose the credentials are")?;
        // arn:aws-cn:sts::123456789012:assumed-role/…
        let arn = text("Arn").unwrap_or_default();
        let partition = arn.split(':').nth(1).filter(|part| !part.is_empty()).unwrap_or("aws").to_owned();
        Ok(Self { config, web, ways, watch, client, account, partition, home })
    }

    /// Asks in another account's name, in a role of that name there.
    pub async fn in_role(&self, account: &str, role: &str, external: Option<&str>) -> Arc<Client> {
        let role = role.trim_start_matches('/');
        let arn = format!("arn:{}:iam::{account}:role/{role}", self.partition);
        let mut provider = AssumeRoleProvider::builder(arn)
            .session_name(SESSION)
            .configure(&self.config)
            .region(Region::new(self.home.clone()));
        if let Some(external) = external {
            provider = provider.external_id(external);
        }
        let provider = SharedCredentialsProvider::new(provider.build().await);
        Arc::new(Client::new(self.web.connector.clone(), provider, self.ways.clone(), self.watch.clone()))
    }

    /// The active accounts of the organisation, with their names.
    ///
    /// # Errors
    /// The credentials are neither the organisation's nor those of a delegate.
    pub async fn organisation(&self) -> Result<Vec<(String, Option<String>)>> {
        let region = &endpoint::partition(&self.home).global;
        let mut accounts = Vec::new();
        let mut token: Option<Value> = None;
        loop {
            let fields = token.take().map(|token| ("NextToken".to_owned(), token)).into_iter().collect();
            let request = Request { service: "organizations", operation: "ListAccounts", region, fields };
            let answer = self.client.call(&request).await.map_err(explained).context(
                "the organisation's accounts cannot be listed: that is for its management account and for delegates; \
                 --account names accounts one by one",
            )?;
            for account in answer.get("Accounts").and_then(Value::as_array).into_iter().flatten() {
                let text = |key: &str| account.get(key).and_then(Value::as_str).map(str::to_owned);
                // `State` took the place of `Status`.
                let active = text("State").or_else(|| text("Status")).is_none_or(|state| state == "ACTIVE");
                accounts
                    .extend(text("Id").filter(|id| active && is_account(id)).map(|id| (id, text("Name"))));
            }
            token = answer.get("NextToken").filter(|token| token.is_string()).cloned();
            if token.is_none() {
                accounts.sort();
                return Ok(accounts);
            }
        }
    }
}

/// The regions that an account has switched on.
pub async fn regions(client: &Client, home: &str) -> Result<Vec<String>, Fault> {
    let request = Request { service: "ec2", operation: "DescribeRegions", region: home, fields: vec![] };
    let answer = client.call(&request).await?;
    let names = answer.get("Regions").and_then(Value::as_array).into_iter().flatten();
    let mut names: Vec<String> = names
        .filter_map(|region| Some(region.get("RegionName")?.as_str()?.to_owned()))
        .filter(|name| endpoint::is_region(name))
        .collect();
    names.sort();
    match names.is_empty() {
        true => Err(Fault::new(Kind::Garbled, "the service names no region")),
        false => Ok(names),
    }
}

/// Whether it is an account's id. What is not would become a folder's name.
pub fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A fault of one of the first calls, with what to do about it.
fn explained(fault: Fault) -> anyhow::Error {
    let what = match fault.kind {
        Kind::NoKeys => {
            "no credentials for AWS were found; sign in as for the AWS CLI (`aws configure`, `aws sso login`, \
             AWS_PROFILE, AWS_ACCESS_KEY_ID), or name a profile with --profile"
        }
        Kind::Expired => "the credentials for AWS have expired; sign in again",
        Kind::Refused => "AWS does not accept the credentials",
        Kind::Network => "AWS cannot be reached",
        _ => "AWS does not say whose the credentials are",
    };
    anyhow::Error::new(fault).context(what)
}

fn ways(config: &SdkConfig) -> Ways {
    let services = [
        ("ec2", "EC2"),
        ("lambda", "Lambda"),
        ("network-firewall", "Network Firewall"),
        ("organizations", "Organizations"),
        ("route53resolver", "Route53Resolver"),
        ("sts", "STS"),
    ];
    let mut endpoints = BTreeMap::new();
    for (name, id) in services {
        let key = ServiceConfigKey::builder()
            .service_id(id)
            .profile("endpoint_url")
            .env("AWS_ENDPOINT_URL")
            .build();
        let given = key.ok().and_then(|key| config.service_config()?.load_config(key));
        if let Some(address) = given {
            endpoints.insert(name, address);
        }
    }
    let tries = config.retry_config().filter(|_| std::env::var_os("AWS_MAX_ATTEMPTS").is_some());
    let mut patience = Patience::default();
    if let Some(tries) = tries {
        patience.tries = tries.max_attempts();
    }
    Ways {
        endpoint: config.endpoint_url().map(str::to_owned),
        endpoints,
        wishes: Wishes {
            fips: config.use_fips().unwrap_or_default(),
            dual: config.use_dual_stack().unwrap_or_default(),
        },
        patience,
    }
}
