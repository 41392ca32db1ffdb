//! A snapshot of many regions, against the vendor's own library with the same server.

use super::measure::{command, ratio, shown};
use crate::venv;
use anyhow::{Context, Result, ensure};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

const REGIONS: [&str; 17] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];
/// Groups of each region, beside the few of its small estate.
const GROUPS: usize = 1000;

/// Starts a server that stands in for AWS, and takes everything from it, in both ways.
pub fn run(tidegate: &Path, cache: &Path) -> Result<()> {
    let python = venv::python_with("venv-aws", &venv::pins(venv::AWS))?;
    let scripts = crate::root().join("crates/tidegate/tests/aws");
    let regions = REGIONS.join(",");
    println!("tidegate snapshot aws, {} regions of {GROUPS} groups", REGIONS.len());
    let mut server = Command::new(&python)
        .arg(scripts.join("serve.py"))
        .args([&regions, &GROUPS.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("cannot start the server")?;
    let measured = (|| {
        let mut line = String::new();
        BufReader::new(server.stdout.take().context("no output")?).read_line(&mut line)?;
        let endpoint = format!("http://127.0.0.1:{}", line.trim());
        let configured = |program: &Path| {
            let mut command = Command::new(program);
            command
                .env("AWS_ENDPOINT_URL", &endpoint)
                .env("AWS_ACCESS_KEY_ID", "bench")
                .env("AWS_SECRET_ACCESS_KEY", "bench")
                .env("AWS_REGION", REGIONS[0])
                // The server has gaps, which are no reason to wait.
                .env("AWS_MAX_ATTEMPTS", "1");
            command
        };
        let (own, other) = (cache.join("snapshot"), cache.join("snapshot-peer"));
        for folder in [&own, &other] {
            if folder.exists() {
                std::fs::remove_dir_all(folder)
                    .with_context(|| format!("cannot empty {}", folder.display()))?;
            }
        }
        std::fs::create_dir_all(cache)?;
        let theirs = command(
            configured(&python).arg(scripts.join("peer.py")).args([&endpoint, &regions]).arg(&other),
        )?;
        ensure!(theirs.status == Some(0), "the vendor's library ended with {:?}", theirs.status);
        let ours = command(
            configured(tidegate)
                .args(["snapshot", "aws", "--quiet", "--region", &regions, "--output"])
                .arg(&own),
        )?;
        ensure!(matches!(ours.status, Some(0 | 3)), "tidegate ended with {:?}", ours.status);
        for region in REGIONS {
            let path = own.join("123456789012").join(region).join("describe-security-groups.json");
            let text =
                std::fs::read_to_string(&path).with_context(|| format!("{} is not there", path.display()))?;
            let groups = text.matches("\"SecurityGroupArn\"").count();
            ensure!(groups > GROUPS, "{region} has {groups} groups");
        }
        println!("{:>22} {:>9} {:>9} {:>7}", "", "took", "of it CPU", "MB");
        for (name, cost) in [("the vendor's library", theirs), ("tidegate", ours)] {
            println!(
                "{name:>22} {:>9} {:>9} {:>7.0}",
                shown(cost.wall),
                shown(cost.processor),
                cost.memory as f64 / 1e6
            );
        }
        println!(
            "ratio {:.2}, of the processor's time {:.2}; the server took the rest\n",
            ratio(ours.wall, theirs.wall),
            ratio(ours.processor, theirs.processor)
        );
        Ok(())
    })();
    let _ = server.kill();
    let _ = server.wait();
    measured
}
