//! Rules with priorities against an SMT solver.
//!
//! The step-by-step evaluators ask about packets of a small universe; here every bit counts. Network ACLs, network security
//! groups under security admin rules, VPC firewall rules and levels of firewall policies are made from a fixed seed, what the
//! library says gets through is written down as boxes, and `priorities.py` states the rules to Z3 as nested choices. It needs
//! the `z3-solver` package: `cargo xtask test` installs it and names the interpreter in `TIDEGATE_PYTHON`; without that the
//! test is skipped.

#[path = "../../space/tests/boxes/mod.rs"]
#[expect(dead_code, reason = "the test of the sets needs more of it")]
mod boxes;
#[path = "../src/testing.rs"]
#[expect(dead_code, reason = "the tests inside of the crate need more of it")]
mod testing;

use boxes::{Random, Rule as Matches, boxes};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::net::IpAddr;
use std::path::Path;
use std::process::Command;
use testing::place;
use tidegate_estate::azure::{self, Card, Configuration, End, SecurityGroup, SecurityRule, Verdict};
use tidegate_estate::gcp::{self, Attached, FirewallPolicy, FirewallRule, Nic, RuleAction, Targets, Vpc};
use tidegate_estate::{
    Action, Cause, Direction, Estate, Guard, Interface, IpNet, Peer, Policy, PolicyKind, PortMatch, Presence,
    ProtocolMatch, Provider, Rule, Value, Workload, WorkloadKind, World,
};
use tidegate_reach::path::Paths;
use tidegate_reach::policy::{self, Bounds};
use tidegate_space::{IpFamily, protocol};

/// Cases of each kind.
const CASES: usize = 60;

/// What a rule says, before any cloud's words for it.
struct Said {
    number: u32,
    /// `allow`, `deny`, or what else its cloud knows.
    action: &'static str,
    blocks: Vec<IpNet>,
    protocol: Option<u8>,
    ports: Option<(u16, u16)>,
}

impl Said {
    fn random(random: &mut Random, number: u32, actions: &[&'static str], blocks: usize) -> Self {
        let blocks: Vec<IpNet> = (0..1 + random.below(blocks as u64)).map(|_| block(random)).collect();
        let icmp = if blocks.iter().all(|block| matches!(block, IpNet::V4(_))) { 1 } else { 58 };
        let protocol = random.pick(&[None, Some(6), Some(6), Some(6), Some(17), Some(icmp), Some(50)]);
        let narrow = matches!(protocol, Some(protocol::TCP | protocol::UDP)) && random.below(5) > 0;
        let ports = narrow.then(|| random.narrow(u16::MAX));
        Self { number, action: random.pick(actions), blocks, protocol, ports }
    }

    fn json(&self) -> Json {
        let one = |block: &IpNet| {
            let family = IpFamily::of(block.addr());
            let (first, last) = (IpFamily::number(block.network()), IpFamily::number(block.broadcast()));
            let all = (0, u16::MAX);
            Matches {
                family,
                addresses: (first, last),
                protocols: self.protocol.map_or((0, u8::MAX), |number| (number, number)),
                first: self.ports.unwrap_or(all),
                second: all,
                every: self.ports.is_none(),
            }
            .json()
        };
        let matches: Vec<Json> = self.blocks.iter().map(one).collect();
        json!({"number": self.number, "action": self.action, "matches": matches})
    }

    fn match_of_protocol(&self) -> ProtocolMatch {
        self.protocol.map_or(ProtocolMatch::Any, ProtocolMatch::Number)
    }

    /// As rules of a policy, one for each block.
    fn rules(&self, action: Action) -> impl Iterator<Item = Rule> + '_ {
        self.blocks.iter().map(move |block| Rule {
            direction: Direction::Egress,
            action,
            priority: Some(Value::Known(self.number)),
            protocol: Value::Known(self.match_of_protocol()),
            ports: Value::Known(self.ports.map_or(PortMatch::Any, |(from, to)| PortMatch::Range(from, to))),
            peer: Value::Known(Peer::Cidr(*block)),
            guard: Guard::Always,
            presence: Presence::Present,
            cause: Cause::Written,
            place: place(),
            chain: Vec::new(),
        })
    }
}

/// A block near others, so that rules touch and nest.
fn block(random: &mut Random) -> IpNet {
    let v4 = random.below(3) > 0;
    let (bits, starts) = match v4 {
        true => (32, [0x0a00_0000u128, 0x0a00_0100, 0xffff_ff00, 0]),
        false => (128, [0x2600 << 112, (0x2600 << 112) | (1 << 64), u128::MAX - 0xffff, 0]),
    };
    let length = random.pick(&[0, 0, 1, 7, 8, 15, 16, 23, 24, 31, 32]);
    let length = if v4 { length } else { length * 4 };
    let start = random.pick(&starts);
    let address: IpAddr = match v4 {
        true => u32::try_from(start).expect("an IPv4 address").to_be_bytes().into(),
        false => start.to_be_bytes().into(),
    };
    IpNet::new(address, u8::try_from(length.min(bits)).expect("a length")).expect("a length").trunc()
}

/// Rules with different numbers, or with numbers that some share.
fn level(random: &mut Random, actions: &[&'static str], shared: bool, blocks: usize) -> Vec<Said> {
    let mut numbers = BTreeSet::new();
    let mut all: Vec<Said> = Vec::new();
    for _ in 0..random.below(9) {
        let number = random.below(if shared { 3 } else { 1000 }) as u32;
        if numbers.insert(number) || shared {
            all.push(Said::random(random, number, actions, blocks));
        }
    }
    all
}

fn action(said: &Said) -> Action {
    if said.action == "deny" { Action::Deny } else { Action::Allow }
}

fn case(kind: &str, levels: &[Vec<Said>], bounds: &Bounds) -> Json {
    let levels: Vec<Vec<Json>> = levels.iter().map(|level| level.iter().map(Said::json).collect()).collect();
    json!({"kind": kind, "levels": levels, "must": boxes(&bounds.must), "may": boxes(&bounds.may)})
}

/// One ordered policy: a network ACL, a network security group, or the VPC firewall rules of a network of Google Cloud.
fn ordered(random: &mut Random, kind: PolicyKind) -> Json {
    let shared = kind == PolicyKind::VpcFirewall;
    let said = level(random, &["allow", "allow", "deny"], shared, 1);
    let mut rules: Vec<Rule> = said.iter().flat_map(|said| said.rules(action(said))).collect();
    if shared {
        let implied = ["0.0.0.0/0", "::/0"].map(|block| block.parse().expect("a block"));
        let number = u32::from(u16::MAX);
        let implied = Said { number, action: "allow", blocks: implied.to_vec(), protocol: None, ports: None };
        let cause = Cause::Platform { rule: "implied".to_owned() };
        rules.extend(implied.rules(Action::Allow).map(|rule| Rule { cause: cause.clone(), ..rule }));
    }
    let provider = match kind {
        PolicyKind::NetworkAcl => Provider::Aws,
        PolicyKind::NetworkSecurityGroup => Provider::Azure,
        _ => Provider::Gcp,
    };
    let policy = Policy { provider, ..testing::policy(kind, rules) };
    let reach = policy::in_world(&policy, &Estate::default(), &World::default());
    let bounds = Bounds::between(reach.must, reach.may);
    case(if shared { "firewall" } else { "list" }, &[said], &bounds)
}

fn interface(provider: Provider) -> (Workload, Interface) {
    let workload = Workload {
        kind: WorkloadKind::Instance,
        provider,
        id: "machine".to_owned(),
        name: None,
        private: Vec::new(),
        public: Vec::new(),
        account: None,
        region: None,
        tags: BTreeMap::new(),
        guarded: Vec::new(),
        place: place(),
    };
    let interface = Interface {
        id: "card".to_owned(),
        workload: 0,
        subnet: Some("subnet".to_owned()),
        vpc: Some("network".to_owned()),
        groups: Vec::new(),
        unseen_groups: Vec::new(),
        addresses: own().to_vec(),
        public: false,
        forwards: false,
        service: None,
        place: place(),
    };
    (workload, interface)
}

fn own() -> [IpAddr; 2] {
    ["10.1.0.4", "fd00::4"].map(|address| address.parse().expect("an address"))
}

/// The levels of a firewall of Google Cloud: two hierarchical policies, the network's rules, a policy of the network.
fn levels(random: &mut Random) -> Json {
    let policy = ["allow", "deny", "goto_next", "goto_next"];
    let hierarchy = [0, 1].map(|_| level(random, &policy, false, 2));
    let rules = level(random, &["allow", "deny"], true, 2);
    let global = level(random, &policy, false, 2);
    let first = random.below(2) == 0;
    let to_rules = |level: &Vec<Said>| -> Vec<FirewallRule> {
        let one = |said: &Said| FirewallRule {
            name: "rule".to_owned(),
            priority: Some(said.number),
            direction: Direction::Egress,
            action: match said.action {
                "allow" => RuleAction::Allow,
                "deny" => RuleAction::Deny,
                _ => RuleAction::Next,
            },
            targets: Targets::default(),
            own: None,
            matches: said.rules(Action::Allow).collect(),
            guard: Guard::Always,
            place: place(),
        };
        level.iter().map(one).collect()
    };
    let mut network = gcp::Network::default();
    for (id, level) in [("upper", &hierarchy[0]), ("lower", &hierarchy[1]), ("global", &global)] {
        let known = FirewallPolicy { name: id.to_owned(), rules: Some(to_rules(level)) };
        network.policies.insert(id.to_owned(), known);
    }
    let vpc = Vpc {
        rules: Some(to_rules(&rules)),
        hierarchy: Some(vec!["upper".to_owned(), "lower".to_owned()]),
        global: Attached::Policy("global".to_owned()),
        other_regions: Attached::Nothing,
        policies_first: Some(first),
        ..Vpc::default()
    };
    network.networks.insert("network".to_owned(), vpc);
    let nic = Nic { instance: "machine".to_owned(), region: Some("region".to_owned()), ..Nic::default() };
    network.nics.insert("card".to_owned(), nic);
    let (workload, interface) = interface(Provider::Gcp);
    let mut estate = Estate { workloads: vec![workload], gcp: network, ..Estate::default() };
    estate.network.interfaces.push(interface);
    let bounds = Paths::new(&estate, 64).leaving(&estate.network.interfaces[0]).groups;
    let [upper, lower] = hierarchy;
    // Only the network's own rules may share a number, and are put apart for that.
    let (mut all, at) = (vec![upper, lower, global], if first { 3 } else { 2 });
    all.insert(at, rules);
    case("levels", &all, &bounds)
}

/// Guards of an interface of Azure, inward: security admin rules, the group of the interface, the group of the subnet.
fn guards(random: &mut Random) -> Json {
    let admin = level(random, &["allow", "deny", "always"], false, 3);
    let [card, subnet] = [0, 1].map(|_| level(random, &["allow", "allow", "deny"], false, 3));
    let to_rules = |level: &Vec<Said>| -> Vec<SecurityRule> {
        let one = |said: &Said| SecurityRule {
            name: "rule".to_owned(),
            direction: Direction::Ingress,
            verdict: match said.action {
                "allow" => Verdict::Allow,
                "deny" => Verdict::Deny,
                _ => Verdict::AlwaysAllow,
            },
            priority: said.number,
            protocol: said.match_of_protocol(),
            sources: said.blocks.iter().map(|block| End::Block(*block)).collect(),
            source_ports: vec![(0, u16::MAX)],
            destinations: vec![End::Any],
            ports: vec![said.ports.unwrap_or((0, u16::MAX))],
            unclear: None,
            place: place(),
        };
        level.iter().map(one).collect()
    };
    let mut network = azure::Network::default();
    for (id, level) in [("of the card", &card), ("of the subnet", &subnet)] {
        network.groups.insert(
            id.to_owned(),
            SecurityGroup { rules: to_rules(level), interfaces: BTreeSet::new(), place: place() },
        );
    }
    network.admin.insert("network".to_owned(), to_rules(&admin));
    let around = azure::VirtualNetwork { blocks: Vec::new(), peerings: Vec::new(), place: place() };
    network.networks.insert("network".to_owned(), around);
    let here = azure::Subnet {
        network: "network".to_owned(),
        blocks: Vec::new(),
        group: Some("of the subnet".to_owned()),
        interfaces: BTreeSet::new(),
        table: None,
        nat: None,
        services: Vec::new(),
        default_outbound: Some(false),
        groups_for_endpoints: false,
        routes_for_endpoints: false,
        place: place(),
    };
    network.subnets.insert("subnet".to_owned(), here);
    let configuration = |address: IpAddr| Configuration {
        address: Some(address),
        family: if address.is_ipv4() { tidegate_estate::IpFamily::V4 } else { tidegate_estate::IpFamily::V6 },
        primary: true,
        public: None,
        groups: BTreeSet::new(),
        pools: BTreeSet::new(),
    };
    let described = Card {
        group: Some("of the card".to_owned()),
        configurations: own().map(configuration).to_vec(),
        ..Card::default()
    };
    network.cards.insert("card".to_owned(), described);
    let (workload, interface) = interface(Provider::Azure);
    let mut estate = Estate { workloads: vec![workload], azure: network, ..Estate::default() };
    estate.network.interfaces.push(interface);
    let bounds = Paths::new(&estate, 64).lets_in(&estate.network.interfaces[0]);
    case("guards", &[admin, card, subnet], &bounds)
}

#[test]
fn z3_agrees_about_rules_with_priorities() {
    let Some(python) = std::env::var_os("TIDEGATE_PYTHON") else {
        // Not `println!`, which a test that passes keeps to itself.
        let notice = "skipped: TIDEGATE_PYTHON is not set; `cargo xtask test` installs Z3 and runs this";
        let _ = writeln!(std::io::stderr(), "{notice}");
        return;
    };
    let mut random = Random(408);
    let mut cases = Vec::new();
    for _ in 0..CASES {
        cases.push(ordered(&mut random, PolicyKind::NetworkAcl));
        cases.push(ordered(&mut random, PolicyKind::NetworkSecurityGroup));
        cases.push(ordered(&mut random, PolicyKind::VpcFirewall));
        cases.push(levels(&mut random));
        cases.push(guards(&mut random));
    }
    // A solver that agrees about nothing or everything means little.
    let telling = |case: &&Json| case["must"].as_array().is_some_and(|boxes| boxes.len() > 2);
    for kind in ["list", "firewall", "levels", "guards"] {
        let own = cases.iter().filter(|case| case["kind"] == kind);
        assert!(own.filter(telling).count() > CASES / 3, "too few cases of {kind} let something through");
    }
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("smt-priorities.json");
    std::fs::write(&path, serde_json::to_vec(&cases).expect("JSON of plain values"))
        .expect("a writable target folder");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/priorities.py");
    let mut command = Command::new(python);
    // It takes the formulas of the other test's script, and leaves nothing beside it.
    command.env("PYTHONDONTWRITEBYTECODE", "1").arg(script).arg(&path);
    let output = command.output().expect("the interpreter runs");
    println!("{}", String::from_utf8_lossy(&output.stdout));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
