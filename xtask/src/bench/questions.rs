//! One question, whether a packet gets from an interface to an address, against an SMT solver that is told the same estate.

use super::measure::{ratio, shown};
use super::random::Random;
use super::reach::{self, pick};
use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::{Value, json};
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tidegate_estate::{Estate, Interface};
use tidegate_reach::path::Arrival;
use tidegate_reach::trace::{self, Passes};
use tidegate_read::{MemoryFiles, Options, read};
use tidegate_space::{IpFamily, Packet};

const QUESTIONS: usize = 300;
/// Interfaces, groups, subnets.
const SIZE: (usize, usize, usize) = (10_000, 5_000, 500);

/// What the solver says.
#[derive(Deserialize)]
struct Solved {
    to: Option<String>,
    seconds: f64,
}

/// Asks both, compares the answers, and prints how long they took.
pub fn run(python: &Path, cache: &Path) -> Result<()> {
    let (interfaces, groups, subnets) = SIZE;
    println!(
        "tidegate reach --from --to, {interfaces} interfaces, {groups} groups: {QUESTIONS} questions, against Z3"
    );
    let files = reach::files(interfaces, groups, subnets);
    let folder = cache.join("questions");
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for (name, text) in &files {
        std::fs::write(folder.join(name), text).with_context(|| format!("cannot write {name}"))?;
    }
    let memory = MemoryFiles::new(files.iter().map(|(name, text)| (name.as_str(), text.clone())));
    let reading = read(&memory, &Options::default());
    let estate = reading.estates.iter().max_by_key(|estate| estate.network.interfaces.len());
    let estate: &Estate = estate.context("no estate")?;
    let asked = questions(estate, subnets)?;

    let mut own = Vec::new();
    let mut took = Duration::ZERO;
    for (interface, packet, _) in &asked {
        let start = Instant::now();
        let traces = trace::trace(estate, interface, packet, 64);
        took += start.elapsed();
        own.push(traces.iter().find(|trace| trace.passes == Passes::Yes).and_then(|trace| match trace.to {
            Some(Arrival::Internet) => Some("internet"),
            Some(Arrival::Vpc(_)) => Some("vpc"),
            _ => None,
        }));
    }

    let script = crate::root().join("xtask/src/bench/questions.py");
    let mut child = Command::new(python)
        .arg(script)
        .arg(&folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start Python")?;
    let lines: String = asked.iter().map(|(_, _, line)| format!("{line}\n")).collect();
    // Few enough to fit where they wait.
    child.stdin.take().context("no input")?.write_all(lines.as_bytes())?;
    let output = child.wait_with_output()?;
    ensure!(output.status.success(), "the solver ended with {}", output.status);
    let solved: Vec<Solved> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).context("the solver's answer"))
        .collect::<Result<_>>()?;
    ensure!(solved.len() == asked.len(), "{} answers to {} questions", solved.len(), asked.len());
    for ((own, solved), (_, _, line)) in own.iter().zip(&solved).zip(&asked) {
        if *own != solved.to.as_deref() {
            bail!("tidegate says {own:?}, the solver {:?}: {line}", solved.to);
        }
    }
    let arrive = |place| own.iter().filter(|to| **to == Some(place)).count();
    println!(
        "all agree: {} arrive on the Internet, {} in the VPC, {} nowhere",
        arrive("internet"),
        arrive("vpc"),
        own.iter().filter(|to| to.is_none()).count()
    );
    let theirs = Duration::from_secs_f64(solved.iter().map(|one| one.seconds).sum());
    let each = |all: Duration| shown(all / u32::try_from(QUESTIONS).unwrap_or(1));
    println!(
        "one question: tidegate {}, Z3 {}, ratio {:.5}\n",
        each(took),
        each(theirs),
        ratio(took, theirs)
    );
    Ok(())
}

/// Questions of every kind: to what a rule names and beside it, within the VPC and without.
fn questions(estate: &Estate, subnets: usize) -> Result<Vec<(&Interface, Packet, Value)>> {
    let mut random = Random::new(7);
    let mut asked = Vec::new();
    let all = &estate.network.interfaces;
    for at in 0..QUESTIONS {
        let interface = &all[pick(&mut random, all.len())];
        let rules: Vec<_> =
            interface.groups.iter().flat_map(|group| &estate.policies[*group].rules).collect();
        let rule = rules[pick(&mut random, rules.len())];
        let named = match &rule.peer {
            tidegate_estate::Value::Known(tidegate_estate::Peer::Cidr(block)) => match block.network() {
                IpAddr::V4(address) if block.prefix_len() > 0 => Some(u32::from(address) + 7),
                _ => None,
            },
            _ => None,
        };
        let address = match (at % 4, named) {
            (0 | 1, Some(address)) => Ipv4Addr::from(address),
            (2, _) => Ipv4Addr::from(u32::try_from(random.next() & 0xffff_ffff).unwrap_or_default()),
            (3, _) => {
                let other = &all[pick(&mut random, all.len())];
                match other.addresses.first() {
                    Some(IpAddr::V4(address)) => *address,
                    _ => continue,
                }
            }
            _ => Ipv4Addr::new(1, 1, 1, 1),
        };
        // Where the VPC has no subnet that is shown, the answer is no yes or no.
        let [first, second, third, _] = address.octets();
        let within = usize::from(second) * 128 + usize::from(third) / 2;
        let address = if first == 10 && within >= subnets { Ipv4Addr::new(1, 1, 1, 1) } else { address };
        let port = match (pick(&mut random, 4), rule.ports.clone()) {
            (0..=2, tidegate_estate::Value::Known(tidegate_estate::PortMatch::Range(from, _))) => from,
            _ => 443,
        };
        let protocol = if pick(&mut random, 12) == 0 { 17 } else { 6 };
        let packet = Packet {
            family: IpFamily::V4,
            protocol,
            address: address.into(),
            destination_port: Some(port),
            source_port: Some(40_000),
            icmp: None,
        };
        let subnet = interface.subnet.as_deref().context("an interface without a subnet")?;
        let number: usize = subnet.trim_start_matches("subnet-").parse()?;
        ensure!(number < subnets, "{subnet} is none of ours");
        let line = json!({
            "from": interface.id, "address": address.to_string(), "protocol": protocol, "port": port,
            "subnet": reach::block(number),
        });
        asked.push((interface, packet, line));
    }
    Ok(asked)
}
