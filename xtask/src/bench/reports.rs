//! Reports of many findings and of many systems, against a plain scan of the same input.

use super::measure::{Cost, command, median, ratio, shown};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

/// Runs of each command.
const RUNS: usize = 7;

/// An estate: what it stands for, its open groups, the rules of each, and the machines behind each.
struct Shape {
    name: &'static str,
    groups: usize,
    rules: usize,
    machines: usize,
}

const SHAPES: [Shape; 4] = [
    Shape { name: "1,000 findings", groups: 1000, rules: 4, machines: 1 },
    Shape { name: "1,000 findings, 60 rules each", groups: 1000, rules: 60, machines: 1 },
    Shape { name: "10,000 systems behind 20 groups", groups: 20, rules: 4, machines: 500 },
    Shape { name: "10,000 systems behind 1,000 groups", groups: 1000, rules: 4, machines: 10 },
];

/// Formats that a report of many findings is written in.
const FORMATS: [&str; 2] = ["html", "md"];

/// Measures each estate in each format.
pub fn run(tidegate: &Path, cache: &Path) -> Result<()> {
    println!(
        "reports, median of {RUNS} runs (goal for 1,000 findings with pictures as HTML: 2 s and 500 MB)"
    );
    println!(
        "{:<36} {:<6} {:>9} {:>7} {:>8} {:>9} {:>7}",
        "estate", "format", "report", "MB", "size, MB", "scan", "ratio"
    );
    for (at, shape) in SHAPES.iter().enumerate() {
        let folder = cache.join(format!("reports-{at}"));
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let dump = folder.join("dump.json");
        std::fs::write(&dump, estate(shape).to_string())
            .with_context(|| format!("cannot write {}", dump.display()))?;
        let scan = repeated(|| {
            let mut scan = Command::new(tidegate);
            scan.args(["scan", "--quiet", "--fail-on", "never", "--format", "json"]).arg(&dump);
            scan
        })?;
        for format in FORMATS {
            let output = folder.join(format!("report.{format}"));
            let report = repeated(|| {
                let mut report = Command::new(tidegate);
                report.args(["report", "--quiet", "--output"]).arg(&output).arg(&dump);
                report
            })?;
            let size = std::fs::metadata(&output).with_context(|| format!("no {}", output.display()))?.len();
            println!(
                "{:<36} {format:<6} {:>9} {:>7.0} {:>8.1} {:>9} {:>7.1}",
                shape.name,
                shown(report.wall),
                report.memory as f64 / 1e6,
                size as f64 / 1e6,
                shown(scan.wall),
                ratio(report.wall, scan.wall)
            );
        }
    }
    println!();
    Ok(())
}

/// The run in the middle; one that fails measures nothing.
fn repeated(mut build: impl FnMut() -> Command) -> Result<Cost> {
    let costs: Vec<Cost> = (0..RUNS).map(|_| command(&mut build())).collect::<Result<_>>()?;
    ensure!(costs.iter().all(|cost| cost.status == Some(0)), "{:?} failed", build());
    median(costs).context("no run")
}

/// What the AWS CLI would say of the estate.
fn estate(shape: &Shape) -> Value {
    let id = |group: usize| format!("sg-{group:017x}");
    let rule = |protocol: &str, port: usize, to: String| json!({"IpProtocol": protocol, "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": to}]});
    let groups = (0..shape.groups).map(|group| {
        let closed =
            (1..shape.rules).map(|at| rule("tcp", 8000 + at, format!("10.{}.{at}.0/24", group % 256)));
        let egress: Vec<Value> =
            std::iter::once(json!({"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}))
                .chain(closed)
                .collect();
        json!({"GroupId": id(group), "GroupName": format!("service-{group}"), "Description": "a service",
            "OwnerId": "123456789012", "IpPermissions": [], "IpPermissionsEgress": egress})
    });
    let machines = (0..shape.groups * shape.machines).map(|at| {
        let group = at / shape.machines;
        json!({"InstanceId": format!("i-{at:017x}"), "ImageId": "ami-0123456789abcdef0",
            "Placement": {"AvailabilityZone": "eu-west-1a"}, "State": {"Name": "running"},
            "PrivateIpAddress": format!("10.{}.{}.{}", at / 62_500, at / 250 % 250, at % 250 + 1),
            "SecurityGroups": [{"GroupId": id(group)}],
            "Tags": [{"Key": "Name", "Value": format!("service-{group}-{}", at % shape.machines)}]})
    });
    json!({
        "SecurityGroups": groups.collect::<Vec<_>>(),
        "Reservations": [{"ReservationId": "r-1", "OwnerId": "123456789012", "Instances": machines.collect::<Vec<_>>()}]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidegate_audit::{AuditOptions, Config, ReadSources, audit};
    use tidegate_read::{MemoryFiles, Options, read};

    #[test]
    fn an_estate_has_a_finding_per_group_and_every_machine_behind_one() {
        let shape = Shape { name: "", groups: 7, rules: 3, machines: 5 };
        let files = MemoryFiles::new([("dump.json", estate(&shape).to_string())]);
        let reading = read(&files, &Options::default());
        let sources = ReadSources { files: &files, read: &reading.read };
        let report = audit(&reading.estates, &Config::default(), &AuditOptions::default(), &sources);
        assert_eq!(report.findings.len(), 7);
        let affected: usize = report.findings.iter().map(|finding| finding.affected.len()).sum();
        assert_eq!(affected, 35);
    }
}
