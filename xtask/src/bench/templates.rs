//! Large CloudFormation templates read and judged, against what a parser alone needs for the same bytes.

use super::measure::{by_turns, ratio, shown};
use super::random::Random;
use anyhow::{Context, Result};
use saphyr_parser::Parser;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use tidegate_audit::{AuditOptions, Config, ReadSources, audit};
use tidegate_read::{MemoryFiles, Options, read};

/// Resources of a template, and of 100 of them how many are groups or their rules. 500 is the most that
/// CloudFormation takes; larger templates are what a generator would write if it could.
const SHAPES: [(usize, u64); 4] = [(100, 20), (500, 10), (500, 90), (5000, 10)];

/// Measures each shape in JSON and YAML.
pub fn run(seed: u64) -> Result<()> {
    println!("templates: read and judged, against parsing alone (one thread each): JSON against");
    println!("serde_json::from_slice::<Value> (goal: 3), YAML against the parser's events (goal: 2)");
    println!("{:<34} {:>8} {:>7} {:>9} {:>9} {:>7}", "template", "KB", "groups", "all", "parsing", "ratio");
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .stack_size(tidegate_read::STACK + (64 << 20))
        .build()
        .context("no thread could be started")?;
    for (resources, groups) in SHAPES {
        let template = template(resources, groups, seed);
        let json = serde_json::to_string_pretty(&template).context("a template as JSON")?;
        let yaml = yaml(&template);
        let name = format!("{resources} resources, {groups} % groups");
        pool.install(|| {
            measured(&format!("{name}, JSON"), "template.json", &json, || {
                serde_json::from_slice::<Value>(json.as_bytes())
                    .map_or(0, |value| usize::from(value.is_object()))
            });
            measured(&format!("{name}, YAML"), "template.yaml", &yaml, || {
                Parser::new_from_str(&yaml).filter(|event| event.is_ok()).count()
            });
        });
    }
    println!();
    Ok(())
}

fn measured(name: &str, path: &str, text: &str, parse: impl Fn() -> usize) {
    let files = MemoryFiles::new([(path, text)]);
    let (options, config, all) = (Options::default(), Config::default(), AuditOptions::default());
    let groups: usize = read(&files, &options).estates.iter().map(|estate| estate.policies.len()).sum();
    let judged = || {
        let reading = read(&files, &options);
        audit(&reading.estates, &config, &all, &ReadSources { files: &files, read: &reading.read })
    };
    let (ours, parsing) = by_turns(judged, parse);
    println!(
        "{name:<34} {:>8.1} {groups:>7} {:>9} {:>9} {:>7.1}",
        text.len() as f64 / 1e3,
        shown(ours),
        shown(parsing),
        ratio(ours, parsing)
    );
}

/// A template as teams write them: functions, roles, queues, tables, alarms, and groups with their rules.
pub fn template(resources: usize, groups: u64, seed: u64) -> Value {
    let mut random = Random::new(seed);
    let mut all = Map::new();
    for at in 0..resources {
        if random.below(100) < groups {
            if random.below(3) == 0 {
                all.insert(format!("Rule{at}"), rule(at, &mut random));
            } else {
                all.insert(format!("Group{at}"), group(at, &mut random));
            }
        } else {
            let (name, resource) = other(at, &mut random);
            all.insert(name, resource);
        }
    }
    // Standalone rules name this one.
    all.insert("Group".into(), group(0, &mut random));
    json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Services of one product",
        "Parameters": {
            "VpcId": {"Type": "AWS::EC2::VPC::Id"},
            "Stage": {"Type": "String", "Default": "prod", "AllowedValues": ["dev", "prod"]},
            "OfficeCidr": {"Type": "String", "Default": "203.0.113.0/24"}
        },
        "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
        "Mappings": {"Ports": {"dev": {"Https": "8443"}, "prod": {"Https": "443"}}},
        "Resources": all
    })
}

fn egress(random: &mut Random) -> Value {
    let port = [22, 443, 5432, 6379, 8080, 9092][random.below(6) as usize];
    match random.below(8) {
        0 => json!({"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}),
        1 => {
            json!({"IpProtocol": "tcp", "FromPort": 443, "ToPort": {"Fn::FindInMap": ["Ports", {"Ref": "Stage"}, "Https"]},
            "CidrIp": {"Ref": "OfficeCidr"}})
        }
        2 => {
            json!({"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "CidrIpv6": "::/0", "Description": "web"})
        }
        3 => {
            json!({"Fn::If": ["IsProd", {"IpProtocol": "udp", "FromPort": 53, "ToPort": 53, "CidrIp": "10.0.0.2/32"},
            {"Ref": "AWS::NoValue"}]})
        }
        4 => json!({"IpProtocol": "tcp", "FromPort": port, "ToPort": port,
            "DestinationSecurityGroupId": {"Fn::GetAtt": ["Group", "GroupId"]}}),
        _ => json!({"IpProtocol": "tcp", "FromPort": port, "ToPort": port,
            "CidrIp": format!("10.{}.{}.0/24", random.below(256), random.below(256)), "Description": "inside"}),
    }
}

fn group(at: usize, random: &mut Random) -> Value {
    let rules: Vec<Value> = (0..random.below(6)).map(|_| egress(random)).collect();
    let mut properties = json!({
        "GroupDescription": format!("Service {at}"),
        "VpcId": {"Ref": "VpcId"},
        "SecurityGroupIngress": [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "10.0.0.0/8"}],
        "Tags": [{"Key": "Name", "Value": {"Fn::Sub": format!("${{AWS::StackName}}-service-{at}")}}]
    });
    if let (false, Some(properties)) = (rules.is_empty(), properties.as_object_mut()) {
        properties.insert("SecurityGroupEgress".into(), Value::Array(rules));
    }
    json!({"Type": "AWS::EC2::SecurityGroup", "Properties": properties})
}

fn rule(at: usize, random: &mut Random) -> Value {
    json!({"Type": "AWS::EC2::SecurityGroupEgress", "Properties": {
        "GroupId": {"Fn::GetAtt": ["Group", "GroupId"]}, "IpProtocol": "tcp", "FromPort": 1024 + at % 40_000,
        "ToPort": 1024 + at % 40_000, "CidrIp": format!("10.{}.0.0/16", random.below(256))}})
}

fn other(at: usize, random: &mut Random) -> (String, Value) {
    let memory = 128 << random.below(5);
    match random.below(4) {
        0 => (
            format!("Function{at}"),
            json!({"Type": "AWS::Lambda::Function", "Condition": "IsProd", "Properties": {
            "Handler": "index.handler", "Runtime": "python3.13", "MemorySize": memory, "Timeout": 30,
            "Code": {"S3Bucket": {"Fn::Sub": "artifacts-${AWS::AccountId}"}, "S3Key": format!("build/{:016x}.zip", random.next())},
            "Role": {"Fn::GetAtt": [format!("Role{at}"), "Arn"]},
            "Environment": {"Variables": {"STAGE": {"Ref": "Stage"}, "TABLE": format!("orders-{at}"), "LOG_LEVEL": "info"}}}}),
        ),
        1 => (
            format!("Role{at}"),
            json!({"Type": "AWS::IAM::Role", "Properties": {
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]},
            "Policies": [{"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
                 "Resource": {"Fn::Sub": format!("arn:${{AWS::Partition}}:dynamodb:${{AWS::Region}}:${{AWS::AccountId}}:table/orders-{at}")}}]}}]}}),
        ),
        2 => (
            format!("Queue{at}"),
            json!({"Type": "AWS::SQS::Queue", "DeletionPolicy": "Retain", "Properties": {
            "QueueName": {"Fn::Join": ["-", [{"Ref": "AWS::StackName"}, format!("queue-{at}")]]},
            "MessageRetentionPeriod": 1_209_600, "VisibilityTimeout": memory,
            "RedrivePolicy": {"maxReceiveCount": 3, "deadLetterTargetArn": {"Fn::ImportValue": "shared-dead-letters"}}}}),
        ),
        _ => (
            format!("Alarm{at}"),
            json!({"Type": "AWS::CloudWatch::Alarm", "Properties": {
            "AlarmDescription": format!("Errors of service {at}: look at the runbook first"), "Namespace": "AWS/Lambda",
            "MetricName": "Errors", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 5, "Threshold": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching",
            "Dimensions": [{"Name": "FunctionName", "Value": {"Ref": format!("Function{at}")}}]}}),
        ),
    }
}

/// The template in YAML, in the block style and with the short intrinsics that people write.
fn yaml(template: &Value) -> String {
    let mut out = String::new();
    block(template, 0, &mut out);
    out
}

/// Writes a value that begins after `key:` or `-`, and ends its line.
fn block(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Object(map) => {
            if let Some(short) = short(map) {
                let _ = writeln!(out, " {short}");
                return;
            }
            if !out.is_empty() {
                out.push('\n');
            }
            for (key, value) in map {
                let _ = write!(out, "{:indent$}{key}:", "");
                block(value, indent + 2, out);
            }
        }
        Value::Array(items) => {
            out.push('\n');
            for item in items {
                let _ = write!(out, "{:indent$}-", "");
                block(item, indent + 2, out);
            }
        }
        Value::String(text) => {
            let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || " -/".contains(c))
                && text.starts_with(|c: char| c.is_ascii_alphabetic());
            let _ = if plain { writeln!(out, " {text}") } else { writeln!(out, " '{text}'") };
        }
        other => {
            let _ = writeln!(out, " {other}");
        }
    }
}

/// An intrinsic that fits on its line.
fn short(map: &Map<String, Value>) -> Option<String> {
    let (name, value) = map.iter().next().filter(|_| map.len() == 1)?;
    match (name.as_str(), value) {
        ("Ref", Value::String(name)) => Some(format!("!Ref '{name}'")),
        ("Fn::Sub", Value::String(text)) => Some(format!("!Sub '{text}'")),
        ("Fn::GetAtt", Value::Array(parts)) => {
            let parts: Vec<&str> = parts.iter().filter_map(Value::as_str).collect();
            Some(format!("!GetAtt {}", parts.join(".")))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_says_the_same_in_both_formats() {
        let policies = |path: &str, text: String| {
            let reading = read(&MemoryFiles::new([(path, text)]), &Options::default());
            assert!(reading.diagnostics.is_empty(), "{:?}", reading.diagnostics);
            reading.estates.iter().map(|estate| estate.policies.len()).sum::<usize>()
        };
        let template = template(60, 50, 1);
        let json = policies("t.json", template.to_string());
        assert!(json > 10);
        assert_eq!(json, policies("t.yaml", yaml(&template)));
    }
}
