//! What packet sets cost, beside the plainest way to the same answer.
//!
//! `cargo bench -p tidegate-space` prints a table for each operation, then ratios against two peers timed in the
//! same run: uniting one rule after the other, and lists of boxes from which boxes are cut.

use std::hint::black_box;
use std::time::{Duration, Instant};

use divan::Bencher;
use tidegate_space::{IpFamily, PacketSet, Services};

fn main() {
    divan::main();
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    ratios();
}

/// SplitMix64: the same rules on every run and machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn wide(&mut self) -> u128 {
        (u128::from(self.next()) << 64) | u128::from(self.next())
    }
}

/// One box of packets: a rule as a cloud would write it.
#[derive(Clone, Copy)]
struct Rule {
    family: IpFamily,
    addresses: (u128, u128),
    protocols: (u8, u8),
    ports: (u16, u16),
}

impl Rule {
    /// A CIDR block of either family with a protocol and ports in the proportions that templates have.
    fn random(random: &mut Random) -> Self {
        let family = if random.below(5) == 0 { IpFamily::V6 } else { IpFamily::V4 };
        let bits = u64::from(family.bits());
        let host_bits = bits - (8 + random.below(bits - 7));
        let mask = (1u128 << host_bits) - 1;
        let first = random.wide() & family.last_address() & !mask;
        let port = random.below(65536) as u16;
        let (protocols, ports) = match random.below(10) {
            0 => ((0, 255), (0, u16::MAX)),
            1 => ((6, 6), (0, u16::MAX)),
            2 => ((17, 17), (port, port)),
            3 | 4 => ((6, 6), (port, port.saturating_add(random.below(1000) as u16))),
            _ => ((6, 6), (port, port)),
        };
        Rule { family, addresses: (first, first | mask), protocols, ports }
    }

    fn services(&self) -> Services {
        match self.protocols {
            (first, last) if first == last => Services::ports(first, self.ports.0, self.ports.1),
            _ => Services::all(),
        }
    }

    fn set(&self) -> PacketSet {
        PacketSet::to_range(self.family, self.addresses.0, self.addresses.1, &self.services())
    }
}

fn rules(seed: u64, count: usize) -> Vec<Rule> {
    let mut random = Random(seed);
    (0..count).map(|_| Rule::random(&mut random)).collect()
}

fn unite(rules: &[Rule]) -> PacketSet {
    PacketSet::union_all(rules.iter().map(Rule::set))
}

/// The worst shape for a layout by address: half of the rules open one port to everything, the other half one
/// port to one host each, so every host differs from all others.
fn crossed(count: usize) -> Vec<Rule> {
    let mut random = Random(7);
    let everything = (0, IpFamily::V4.last_address());
    (0..count)
        .map(|index| {
            let port = random.below(65536) as u16;
            let host = random.wide() & everything.1;
            let addresses = if index % 2 == 0 { everything } else { (host, host) };
            Rule { family: IpFamily::V4, addresses, protocols: (6, 6), ports: (port, port) }
        })
        .collect()
}

#[divan::bench(args = [100, 1_000, 10_000], sample_count = 10)]
fn union_of_random_rules(bencher: Bencher, count: usize) {
    let rules = rules(1, count);
    bencher.bench_local(|| unite(black_box(&rules)));
}

#[divan::bench(args = [1_000, 10_000], sample_count = 3)]
fn union_of_crossed_rules(bencher: Bencher, count: usize) {
    let rules = crossed(count);
    bencher.bench_local(|| unite(black_box(&rules)));
}

#[divan::bench(sample_count = 10)]
fn subset_of_two_sets_of_1000_rules(bencher: Bencher) {
    let (small, large) = nested();
    bencher.bench_local(|| black_box(&small).is_subset(black_box(&large)));
}

#[divan::bench(sample_count = 10)]
fn difference_of_two_sets_of_1000_rules(bencher: Bencher) {
    let (small, large) = nested();
    bencher.bench_local(|| black_box(&large).difference(black_box(&small)));
}

#[divan::bench(sample_count = 10)]
fn size_of_1000_rules(bencher: Bencher) {
    let set = unite(&rules(3, 1_000));
    bencher.bench_local(|| black_box(&set).size());
}

/// Two sets of 1,000 rules, the first inside the second, so that `is_subset` has to look at everything.
fn nested() -> (PacketSet, PacketSet) {
    let mut inner = rules(2, 1_000);
    let outer = unite(&inner);
    for rule in &mut inner {
        rule.addresses.1 -= (rule.addresses.1 - rule.addresses.0) / 2;
    }
    (unite(&inner), outer)
}

/// What is left of boxes after taking others away, box by box: the direct way to ask for a subset.
fn cut(boxes: Vec<Rule>, knives: &[Rule]) -> Vec<Rule> {
    knives.iter().fold(boxes, |rest, knife| rest.into_iter().flat_map(|one| cut_one(one, knife)).collect())
}

fn cut_one(mut rest: Rule, knife: &Rule) -> Vec<Rule> {
    let apart = rest.family != knife.family
        || rest.addresses.1 < knife.addresses.0
        || knife.addresses.1 < rest.addresses.0
        || rest.protocols.1 < knife.protocols.0
        || knife.protocols.1 < rest.protocols.0
        || rest.ports.1 < knife.ports.0
        || knife.ports.1 < rest.ports.0;
    if apart {
        return vec![rest];
    }
    let mut pieces = Vec::new();
    if rest.addresses.0 < knife.addresses.0 {
        pieces.push(Rule { addresses: (rest.addresses.0, knife.addresses.0 - 1), ..rest });
        rest.addresses.0 = knife.addresses.0;
    }
    if rest.addresses.1 > knife.addresses.1 {
        pieces.push(Rule { addresses: (knife.addresses.1 + 1, rest.addresses.1), ..rest });
        rest.addresses.1 = knife.addresses.1;
    }
    if rest.protocols.0 < knife.protocols.0 {
        pieces.push(Rule { protocols: (rest.protocols.0, knife.protocols.0 - 1), ..rest });
        rest.protocols.0 = knife.protocols.0;
    }
    if rest.protocols.1 > knife.protocols.1 {
        pieces.push(Rule { protocols: (knife.protocols.1 + 1, rest.protocols.1), ..rest });
        rest.protocols.1 = knife.protocols.1;
    }
    if rest.ports.0 < knife.ports.0 {
        pieces.push(Rule { ports: (rest.ports.0, knife.ports.0 - 1), ..rest });
    }
    if rest.ports.1 > knife.ports.1 {
        pieces.push(Rule { ports: (knife.ports.1 + 1, rest.ports.1), ..rest });
    }
    pieces
}

/// The shortest of a few runs.
fn time<T>(runs: u32, mut work: impl FnMut() -> T) -> Duration {
    (0..runs)
        .map(|_| {
            let start = Instant::now();
            black_box(work());
            start.elapsed()
        })
        .min()
        .unwrap_or_default()
}

fn ratios() {
    println!();
    println!("{:<52} {:>12} {:>12} {:>8}", "", "here", "peer", "peer/here");
    for count in [1_000, 2_000] {
        let rules = rules(1, count);
        let here = time(3, || unite(&rules));
        let peer = time(1, || rules.iter().fold(PacketSet::empty(), |sum, rule| sum.union(&rule.set())));
        row(&format!("union of {count}, against one after the other"), here, peer);
    }
    let (small, large) = (rules(2, 1_000), rules(2, 1_000));
    let here = time(3, || unite(&small).is_subset(&unite(&large)));
    let peer = time(1, || cut(small.clone(), &large).is_empty());
    row("1,000 in 1,000 from rules, against cutting boxes", here, peer);
    let (one, ten) = (rules(1, 1_000), rules(1, 10_000));
    let growth = time(20, || unite(&ten)).as_secs_f64()
        / time(20, || unite(&one)).as_secs_f64().max(f64::MIN_POSITIVE);
    println!("ten times the rules (1,000 to 10,000) take {growth:.1} times as long");
}

fn row(what: &str, here: Duration, peer: Duration) {
    let ratio = peer.as_secs_f64() / here.as_secs_f64().max(f64::MIN_POSITIVE);
    println!("{what:<52} {here:>12.1?} {peer:>12.1?} {ratio:>7.1}x");
}
