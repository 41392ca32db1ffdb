//! The sample templates of the repository: what is open in them, and that the closed ones are not.

use crate::cloudformation::read_template;
use crate::{MemoryFiles, Options};
use std::path::Path;
use std::sync::Arc;
use tidegate_estate::{Action, Direction, Peer, PolicyKind, Value, World, worlds};

/// Every sample with its bytes.
fn samples() -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cloudformation");
    let mut out = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("samples") {
            let path = entry.expect("a sample").path();
            match path.is_dir() {
                true => folders.push(path),
                false => {
                    let name = path.strip_prefix(&root).expect("below").to_string_lossy().replace('\\', "/");
                    out.push((name, std::fs::read(&path).expect("readable")));
                }
            }
        }
    }
    out.sort();
    out
}

/// Addresses of a family that some world lets out, on whatever protocol, as shares of the family.
fn widest(files: &[(String, Vec<u8>)], name: &str) -> f64 {
    let memory = MemoryFiles::new(files.iter().map(|(n, b)| (n.as_str(), b.as_slice())));
    let reading = read_template(&Arc::from(name), &memory, &Options::default()).expect("a template");
    assert!(reading.diagnostics.is_empty(), "{name}: {:?}", reading.diagnostics);
    let estate = &reading.estate;
    let mut widest: f64 = 0.0;
    for policy in estate.policies.iter().filter(|p| p.kind != PolicyKind::NetworkAcl) {
        for world in worlds(estate, &policy.choices(), 4096).expect("few worlds") {
            if !policy.exists.holds(&world) {
                continue;
            }
            let mut shares = [0.0f64; 2];
            for rule in &policy.rules {
                if rule.direction == Direction::Egress
                    && rule.action == Action::Allow
                    && rule.guard.holds(&world)
                {
                    add(estate, &rule.peer, &world, &mut shares);
                }
            }
            widest = widest.max(shares[0]).max(shares[1]);
        }
    }
    widest
}

fn add(estate: &tidegate_estate::Estate, peer: &Value<Peer>, world: &World, shares: &mut [f64; 2]) {
    let mut one = |net: &tidegate_estate::IpNet| {
        let near = match net.network() {
            std::net::IpAddr::V4(ip) => (ip.is_private() || ip.is_loopback()) && net.prefix_len() >= 8,
            std::net::IpAddr::V6(ip) => ip.is_unique_local() && net.prefix_len() >= 7,
        };
        if near {
            return;
        }
        let family = usize::from(matches!(net, tidegate_estate::IpNet::V6(_)));
        shares[family] += 0.5f64.powi(i32::from(net.prefix_len()));
    };
    match peer.in_world(world) {
        Ok(Some(Peer::Cidr(net))) => one(net),
        Ok(Some(Peer::PrefixList(at))) => {
            for (guard, entry) in &estate.prefix_lists[*at].entries {
                if let (true, Ok(Some(net))) = (guard.holds(world), entry.in_world(world)) {
                    one(net);
                }
            }
        }
        _ => {}
    }
}

#[test]
fn open_samples_are_open() {
    let files = samples();
    let open: Vec<&str> = files.iter().map(|(n, _)| n.as_str()).filter(|n| n.starts_with("open/")).collect();
    assert!(open.len() >= 8);
    for name in open {
        assert!(widest(&files, name) > 1.0 / 256.0, "{name}");
    }
}

#[test]
fn closed_samples_are_closed() {
    let files = samples();
    let closed: Vec<&str> =
        files.iter().map(|(n, _)| n.as_str()).filter(|n| n.starts_with("closed/")).collect();
    assert!(closed.len() >= 8);
    for name in closed {
        assert!(widest(&files, name) <= 1.0 / 256.0, "{name}");
    }
}
