//! What leaves many interfaces: by size, against reading the same files.

use super::growth;
use super::measure::{command, median, ratio, shown};
use super::random::Random;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::time::Instant;
use tidegate_estate::{Estate, Interface};
use tidegate_reach::path::Paths;
use tidegate_read::{MemoryFiles, Options, read};

/// Interfaces, groups, subnets.
const SIZES: [(usize, usize, usize); 4] =
    [(1_000, 500, 50), (10_000, 5_000, 500), (30_000, 10_000, 1_000), (100_000, 20_000, 2_000)];
/// Outbound rules of a group.
const RULES: usize = 60;
/// Runs of the command for each size; the one in the middle counts.
const RUNS: usize = 3;
/// Records of a file.
const CHUNK: usize = 2_000;
const ACCOUNT: &str = "123456789012";

/// Measures each size: the whole command, and its parts within this process.
pub fn run(tidegate: &Path, cache: &Path) -> Result<()> {
    println!(
        "tidegate reach, groups of {RULES} rules (goals: 10,000 interfaces 1 s and 500 MB, 100,000 interfaces 10 s)"
    );
    println!(
        "{:>10} {:>8} {:>8} {:>9} {:>9} {:>7} {:>9} {:>7} {:>9}",
        "interfaces", "groups", "subnets", "reading", "reach", "ratio", "command", "MB", "per 1,000"
    );
    let mut measured = Vec::new();
    for (interfaces, groups, subnets) in SIZES {
        let folder = cache.join(format!("reach-{interfaces}"));
        let files = files(interfaces, groups, subnets);
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        for (name, text) in &files {
            let path = folder.join(name);
            std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        }
        let runs = (0..RUNS).map(|_| command(Command::new(tidegate).args(["reach", "--quiet"]).arg(&folder)));
        let cost = median(runs.collect::<Result<Vec<_>>>()?).context("no run")?;
        ensure!(cost.status == Some(0), "tidegate reach ended with {:?}", cost.status);

        let files = MemoryFiles::new(files.iter().map(|(name, text)| (name.as_str(), text.clone())));
        let start = Instant::now();
        let reading = read(&files, &Options::default());
        let took_reading = start.elapsed();
        let estate = reading.estates.iter().max_by_key(|estate| estate.network.interfaces.len());
        let estate: &Estate = estate.context("no estate")?;
        let all: Vec<&Interface> = estate.network.interfaces.iter().collect();
        ensure!(all.len() == interfaces, "{} interfaces were read", all.len());
        let start = Instant::now();
        // As the command does for its table: the sets of one answer are gone before the next ones are made.
        black_box(Paths::new(estate, 64).each(&all, |leaving| leaving.on_the_internet().may.is_empty()));
        let took = start.elapsed();
        measured.push((interfaces, cost.wall, took));
        println!(
            "{interfaces:>10} {groups:>8} {subnets:>8} {:>9} {:>9} {:>7.2} {:>9} {:>7.0} {:>9}",
            shown(took_reading),
            shown(took),
            ratio(took, took_reading),
            shown(cost.wall),
            cost.memory as f64 / 1e6,
            shown(took * 1000 / u32::try_from(interfaces).unwrap_or(u32::MAX)),
        );
    }
    let picture = cache.join("reach-growth.svg");
    growth::draw(&picture, &measured)?;
    println!("drawn: {}\n", picture.display());
    Ok(())
}

/// The answers of the AWS CLI about an estate of one VPC: private subnets behind NAT gateways, and public ones.
pub fn files(interfaces: usize, groups: usize, subnets: usize) -> Vec<(String, String)> {
    let mut random = Random::new(1);
    let mut files = Vec::new();
    let mut add = |name: &str, key: &str, all: Vec<Value>| {
        for (at, some) in all.chunks(CHUNK).enumerate() {
            files.push((format!("{name}-{at}.json"), json!({ key: some }).to_string()));
        }
    };
    let vpc = json!({"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/8", "OwnerId": ACCOUNT, "CidrBlockAssociationSet": []});
    add("vpcs", "Vpcs", vec![vpc]);
    let subnet = |at: usize| {
        json!({"SubnetId": format!("subnet-{at}"), "VpcId": "vpc-1", "CidrBlock": block(at), "AvailabilityZone": "eu-west-1a",
        "SubnetArn": format!("arn:aws:ec2:eu-west-1:{ACCOUNT}:subnet/subnet-{at}")})
    };
    add("subnets", "Subnets", (0..subnets).map(subnet).collect());
    let table = |at: usize| {
        let way_out = match at % 5 {
            0 => json!({"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active"}),
            nat => {
                json!({"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": format!("nat-{nat}"), "State": "active"})
            }
        };
        let local = json!({"DestinationCidrBlock": "10.0.0.0/8", "GatewayId": "local", "State": "active"});
        json!({"RouteTableId": format!("rtb-{at}"), "VpcId": "vpc-1", "Routes": [local, way_out],
            "Associations": [{"SubnetId": format!("subnet-{at}"), "Main": false}]})
    };
    add("tables", "RouteTables", (0..subnets).map(table).collect());
    let nat = |at: usize| {
        json!({"NatGatewayId": format!("nat-{at}"), "SubnetId": "subnet-0", "VpcId": "vpc-1", "State": "available",
            "ConnectivityType": "public", "NatGatewayAddresses": [{"PrivateIp": "10.0.0.250", "PublicIp": "198.51.100.7"}]})
    };
    add("nats", "NatGateways", (1..5).map(nat).collect());
    let entry = |egress: bool| json!({"Egress": egress, "RuleNumber": 100, "RuleAction": "allow", "Protocol": "-1", "CidrBlock": "0.0.0.0/0"});
    let acl = json!({"NetworkAclId": "acl-1", "VpcId": "vpc-1", "IsDefault": true, "Associations": [],
        "Entries": [entry(true), entry(false)]});
    add("acls", "NetworkAcls", vec![acl]);
    let access =
        json!({"AwsAccountId": ACCOUNT, "AwsRegion": "eu-west-1", "InternetGatewayBlockMode": "off"});
    add("access", "VpcBlockPublicAccessOptions", vec![access]);
    let mut all = Vec::new();
    for at in 0..groups {
        let rules: Vec<Value> = (0..RULES).map(|rule| permission(&mut random, groups, rule)).collect();
        all.push(json!({"GroupId": format!("sg-{at}"), "GroupName": format!("group-{at}"), "VpcId": "vpc-1",
            "OwnerId": ACCOUNT, "IpPermissions": [], "IpPermissionsEgress": rules}));
    }
    add("groups", "SecurityGroups", all);
    let mut all = Vec::new();
    for at in 0..interfaces {
        let (place, host) = (at % subnets, at / subnets + 4);
        let own: Vec<Value> = (0..1 + pick(&mut random, 3))
            .map(|_| json!({"GroupId": format!("sg-{}", pick(&mut random, groups)), "GroupName": ""}))
            .collect();
        let mut one = json!({"NetworkInterfaceId": format!("eni-{at}"), "SubnetId": format!("subnet-{place}"),
            "VpcId": "vpc-1", "OwnerId": ACCOUNT, "AvailabilityZone": "eu-west-1a", "Groups": own,
            "PrivateIpAddress": format!("10.{}.{}.{host}", place >> 7, (place & 127) * 2)});
        if pick(&mut random, 10) == 0 {
            one["Association"] = json!({"PublicIp": "198.51.100.8"});
        }
        all.push(one);
    }
    add("interfaces", "NetworkInterfaces", all);
    files
}

/// The block of a subnet.
pub fn block(at: usize) -> String {
    format!("10.{}.{}.0/23", at >> 7, (at & 127) * 2)
}

/// One outbound permission: mostly to private and to partners' blocks, some to groups, few to everywhere.
fn permission(random: &mut Random, groups: usize, rule: usize) -> Value {
    let ports = [22, 80, 443, 5432, 8080, 9000 + rule];
    let port = ports[pick(random, ports.len())];
    let mut one = json!({"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [], "Ipv6Ranges": [],
        "PrefixListIds": [], "UserIdGroupPairs": []});
    let block = match pick(random, 20) {
        0..=2 => {
            one["UserIdGroupPairs"] = json!([{"GroupId": format!("sg-{}", pick(random, groups))}]);
            return one;
        }
        3 => "0.0.0.0/0".to_owned(),
        4..=11 => format!("10.{}.{}.0/24", pick(random, 256), pick(random, 256)),
        _ => format!("{}.{}.0.0/16", 11 + pick(random, 200), pick(random, 256)),
    };
    one["IpRanges"] = json!([{"CidrIp": block}]);
    one
}

/// One of so many.
pub fn pick(random: &mut Random, end: usize) -> usize {
    random.below(end as u64) as usize
}
