//! How AWS's services are asked and how they answer, from the models that its Python library carries.

use crate::venv;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// The operations that a snapshot calls, service by service. `tidegate-collect` has a test that it calls these and no
/// others.
const OPERATIONS: [(&str, &[&str]); 6] = [
    (
        "ec2",
        &[
            "DescribeEgressOnlyInternetGateways",
            "DescribeInstances",
            "DescribeInternetGateways",
            "DescribeManagedPrefixLists",
            "DescribeNatGateways",
            "DescribeNetworkAcls",
            "DescribeNetworkInterfaces",
            "DescribeRegions",
            "DescribeRouteTables",
            "DescribeSecurityGroupRules",
            "DescribeSecurityGroups",
            "DescribeSubnets",
            "DescribeTransitGatewayAttachments",
            "DescribeTransitGatewayRouteTables",
            "DescribeTransitGatewayVpcAttachments",
            "DescribeTransitGateways",
            "DescribeVpcBlockPublicAccessExclusions",
            "DescribeVpcBlockPublicAccessOptions",
            "DescribeVpcEndpoints",
            "DescribeVpcPeeringConnections",
            "DescribeVpcs",
            "GetManagedPrefixListEntries",
            "SearchTransitGatewayRoutes",
        ],
    ),
    ("lambda", &["ListFunctions"]),
    (
        "network-firewall",
        &[
            "DescribeFirewall",
            "DescribeFirewallPolicy",
            "DescribeRuleGroup",
            "ListFirewallPolicies",
            "ListFirewalls",
            "ListRuleGroups",
        ],
    ),
    ("organizations", &["ListAccounts"]),
    ("route53resolver", &["ListFirewallConfigs", "ListFirewallRuleGroupAssociations", "ListFirewallRules"]),
    ("sts", &["GetCallerIdentity"]),
];

/// Prints the models of the services that are named on the command line, and what is known of partitions.
const MODELS: &str = r#"
import botocore, botocore.loaders, json, sys
loader = botocore.loaders.Loader()
def pages(service):
    try:
        return loader.load_service_model(service, "paginators-1")["pagination"]
    except botocore.exceptions.UnknownServiceError:
        return {}
json.dump({
    "version": botocore.__version__,
    "partitions": loader.load_data("partitions")["partitions"],
    "services": {
        service: {"model": loader.load_service_model(service, "service-2"), "pages": pages(service)}
        for service in sys.argv[1:]
    },
}, sys.stdout)
"#;

#[derive(Deserialize)]
struct Library {
    version: String,
    partitions: Vec<Value>,
    services: BTreeMap<String, Service>,
}

#[derive(Deserialize)]
struct Service {
    model: Model,
    pages: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
struct Model {
    metadata: Metadata,
    operations: BTreeMap<String, Operation>,
    shapes: BTreeMap<String, Shape>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    api_version: String,
    endpoint_prefix: String,
    protocol: String,
    #[serde(default)]
    protocols: Vec<String>,
    json_version: Option<String>,
    signing_name: Option<String>,
    target_prefix: Option<String>,
}

#[derive(Deserialize)]
struct Operation {
    http: Value,
    input: Option<Reference>,
    output: Option<Reference>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reference {
    shape: String,
    location_name: Option<String>,
    query_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shape {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    members: serde_json::Map<String, Value>,
    member: Option<Reference>,
    value: Option<Reference>,
    #[serde(default)]
    flattened: bool,
    max: Option<f64>,
}

impl Shape {
    fn members(&self) -> Result<Vec<(String, Reference)>> {
        self.members
            .iter()
            .map(|(name, member)| Ok((name.clone(), serde_json::from_value(member.clone())?)))
            .collect()
    }
}

/// The table: `crates/collect/src/aws/table.json`.
pub fn table() -> Result<String> {
    let python = venv::python_with("venv-aws", &venv::pins(venv::AWS))?;
    let mut print = Command::new(python);
    print.args(["-c", MODELS]).args(OPERATIONS.map(|(service, _)| service));
    let output = print.output().context("cannot start Python")?;
    if !output.status.success() {
        bail!("the models cannot be read: {}", String::from_utf8_lossy(&output.stderr));
    }
    let library: Library =
        serde_json::from_slice(&output.stdout).context("the models are not in the known form")?;

    let mut services = Map::new();
    let mut operations = Map::new();
    let mut shapes: BTreeMap<String, Value> = BTreeMap::new();
    for (name, called) in OPERATIONS {
        let service = library.services.get(name).with_context(|| format!("there is no model of {name}"))?;
        services.insert(name.to_owned(), about(&service.model.metadata)?);
        for called in called {
            let operation =
                service.model.operations.get(*called).with_context(|| format!("{name} has no {called}"))?;
            let told = operation_of(service, called, operation, name)?;
            operations.insert(format!("{name}:{called}"), told);
            if let Some(output) = &operation.output {
                add_shapes(&service.model, name, &output.shape, &mut shapes)?;
            }
        }
    }
    let partitions: Vec<Value> = library.partitions.iter().map(partition).collect();

    // One line each, so that a change of a model shows as the lines that changed.
    let mut out = String::from("{\n");
    let source = format!(
        "the service models of botocore {} (Apache-2.0, Amazon.com, Inc. or its affiliates), without their texts",
        library.version
    );
    out.push_str(&format!(
        "\"generated\": \"by `cargo xtask generate`; do not edit\",\n\"from\": {},\n",
        json!(source)
    ));
    out.push_str(&format!(
        "\"partitions\": {},\n",
        by_line('[', partitions.iter().map(ToString::to_string), ']')
    ));
    let keyed = |entries: Map<String, Value>| {
        by_line('{', entries.iter().map(|(key, value)| format!("{}: {value}", json!(key))), '}')
    };
    out.push_str(&format!("\"services\": {},\n", keyed(services)));
    out.push_str(&format!("\"operations\": {},\n", keyed(operations)));
    out.push_str(&format!("\"shapes\": {}\n}}\n", keyed(shapes.into_iter().collect())));
    serde_json::from_str::<Value>(&out).context("the table is no JSON")?;
    Ok(out)
}

fn by_line(open: char, lines: impl Iterator<Item = String>, close: char) -> String {
    format!("{open}\n{}\n{close}", lines.collect::<Vec<_>>().join(",\n"))
}

fn partition(from: &Value) -> Value {
    let outputs = &from["outputs"];
    json!({
        "id": from["id"],
        "regions": from["regionRegex"],
        "suffix": outputs["dnsSuffix"],
        "dual": outputs["dualStackDnsSuffix"],
        "global": outputs["implicitGlobalRegion"],
    })
}

fn about(metadata: &Metadata) -> Result<Value> {
    // What a service speaks best may not be what is easiest to read: JSON, where it is offered.
    let known = ["ec2", "query", "json", "rest-json"];
    let spoken = std::iter::once(&metadata.protocol).chain(&metadata.protocols);
    let protocol = spoken
        .map(String::as_str)
        .find(|protocol| known.contains(protocol))
        .with_context(|| format!("{} speaks no known protocol", metadata.endpoint_prefix))?;
    Ok(json!({
        "protocol": protocol,
        "version": metadata.api_version,
        "endpoint": metadata.endpoint_prefix,
        "signing": metadata.signing_name.as_ref().unwrap_or(&metadata.endpoint_prefix),
        "json": metadata.json_version,
        "target": metadata.target_prefix,
    }))
}

fn operation_of(service: &Service, name: &str, operation: &Operation, of: &str) -> Result<Value> {
    let shapes = &service.model.shapes;
    let mut told = Map::new();
    told.insert("method".into(), operation.http["method"].clone());
    told.insert("uri".into(), operation.http["requestUri"].clone());
    if let Some(output) = &operation.output {
        told.insert("output".into(), json!(format!("{of}:{}", output.shape)));
    }
    let input = operation.input.as_ref().and_then(|input| shapes.get(&input.shape));
    let members = input.map(Shape::members).transpose()?.unwrap_or_default();
    let wire = |member: &str| -> Option<String> {
        let (name, reference) = members.iter().find(|(name, _)| name == member)?;
        // In the EC2 protocol a name on the wire begins with a capital letter.
        let located = reference.location_name.as_deref().map(|name| {
            let mut letters = name.chars();
            letters
                .next()
                .map(|first| first.to_uppercase().chain(letters).collect::<String>())
                .unwrap_or_default()
        });
        let rest = service.model.metadata.protocol == "rest-json";
        let located = if rest { reference.location_name.clone() } else { located };
        Some(reference.query_name.clone().or(located).unwrap_or_else(|| name.clone()))
    };
    let most = |member: &str| -> Option<u64> {
        let (_, reference) = members.iter().find(|(name, _)| name == member)?;
        shapes.get(&reference.shape)?.max.map(|most| most as u64)
    };
    let text = |page: &Value, key: &str| page.get(key).and_then(Value::as_str).map(str::to_owned);
    let told_page = service.pages.get(name).map(|page| {
        let named = |key: &str| text(page, key).with_context(|| format!("{name}: several keys for {key}"));
        Ok::<_, anyhow::Error>((named("input_token")?, named("output_token")?, named("result_key")?))
    });
    // Some operations hand out tokens and no one wrote it into the list of those that do.
    let unlisted = || {
        let answer = shapes.get(&operation.output.as_ref()?.shape)?;
        let list = answer
            .members()
            .ok()?
            .into_iter()
            .find(|(_, member)| shapes.get(&member.shape).is_some_and(|shape| shape.kind == "list"))?;
        let paged =
            answer.members.contains_key("NextToken") && members.iter().any(|(name, _)| name == "NextToken");
        paged.then(|| ("NextToken".to_owned(), "NextToken".to_owned(), list.0))
    };
    if let Some((input, output, result)) = told_page.transpose()?.or_else(unlisted) {
        let limit =
            service.pages.get(name).and_then(|page| text(page, "limit_key")).unwrap_or("MaxResults".into());
        told.insert(
            "pages".into(),
            json!({
                "token": wire(&input).with_context(|| format!("{name} takes no {input}"))?,
                "next": output,
                "items": result,
                "limit": wire(&limit),
                "most": most(&limit),
            }),
        );
    }
    Ok(Value::Object(told))
}

/// The shape and all that it is made of.
fn add_shapes(model: &Model, of: &str, name: &str, shapes: &mut BTreeMap<String, Value>) -> Result<()> {
    let mut waiting = vec![name.to_owned()];
    let mut seen = BTreeSet::new();
    while let Some(name) = waiting.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        let shape = model.shapes.get(&name).with_context(|| format!("{of} has no shape {name}"))?;
        let mut reference = |shape: &str| -> Result<String> {
            let kind = &model.shapes.get(shape).with_context(|| format!("{of} has no shape {shape}"))?.kind;
            Ok(match kind.as_str() {
                "structure" | "list" | "map" => {
                    waiting.push(shape.to_owned());
                    format!("{of}:{shape}")
                }
                simple => simple.to_owned(),
            })
        };
        let told = match shape.kind.as_str() {
            "structure" => {
                let mut members = Map::new();
                for (name, member) in shape.members()? {
                    let wire = member.location_name.unwrap_or_else(|| name.clone());
                    members.insert(wire, json!([name, reference(&member.shape)?]));
                }
                json!({ "members": members })
            }
            "list" => {
                let member = shape.member.as_ref().with_context(|| format!("{name} lists nothing"))?;
                let item = member.location_name.as_deref().unwrap_or("member");
                json!({ "list": reference(&member.shape)?, "item": item, "flat": shape.flattened })
            }
            "map" => {
                let value = shape.value.as_ref().with_context(|| format!("{name} maps to nothing"))?;
                json!({ "map": reference(&value.shape)? })
            }
            _ => continue,
        };
        shapes.insert(format!("{of}:{name}"), told);
    }
    Ok(())
}
