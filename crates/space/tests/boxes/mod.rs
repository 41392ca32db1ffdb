//! Packet sets as boxes that a solver understands, for every test that asks one.

use serde_json::{Value, json};
use tidegate_space::{IpFamily, PacketSet, ProtocolPart, Services};

/// SplitMix64: the same cases everywhere.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }

    /// A range within `0..=last`, often one that touches an end or is a single number.
    pub fn range(&mut self, last: u128) -> (u128, u128) {
        let wide = (u128::from(self.next()) << 64) | u128::from(self.next());
        let number = |wide: u128| if last == u128::MAX { wide } else { wide % (last + 1) };
        let first = number(wide);
        match self.below(6) {
            0 => (0, last),
            1 => (first, first),
            2 => (first, last),
            3 => (0, first),
            _ => {
                let second = number(wide.rotate_left(61).wrapping_mul(0x9e37_79b9_7f4a_7c15));
                (first.min(second), first.max(second))
            }
        }
    }

    pub fn narrow(&mut self, last: u16) -> (u16, u16) {
        let (first, end) = self.range(last.into());
        (first as u16, end as u16)
    }
}

/// A box of packets, as both sides understand it.
#[derive(Clone, Copy)]
pub struct Rule {
    pub family: IpFamily,
    pub addresses: (u128, u128),
    pub protocols: (u8, u8),
    pub first: (u16, u16),
    pub second: (u16, u16),
    /// Everything of these protocols, whatever the two ranges say.
    pub every: bool,
}

impl Rule {
    /// A random one.
    pub fn random(random: &mut Random) -> Self {
        let family = random.pick(&[IpFamily::V4, IpFamily::V4, IpFamily::V6]);
        let addresses = match random.below(2) {
            0 => random.range(family.last_address()),
            _ => {
                // A CIDR block near others, so that rules touch and nest.
                let host_bits = random.below(u64::from(family.bits()) + 1) as u32;
                let hosts = 1u128.checked_shl(host_bits).map_or(u128::MAX, |size| size - 1);
                let start = random.pick(&[0x0a00_0000u128, 0x0a00_0100, 0xffff_ff00, 0]) & !hosts;
                (start, (start | hosts) & family.last_address())
            }
        };
        let protocol = random.pick(&[0u8, 1, 6, 6, 6, 17, 17, 33, 58, 132, 136, 255]);
        let icmp = matches!(protocol, 1 | 58);
        let limit = if icmp { 255 } else { u16::MAX };
        let (first, second) = match random.below(3) {
            0 => (random.narrow(limit), random.narrow(limit)),
            _ => (random.narrow(limit), (0, limit)),
        };
        let (protocols, every) = match random.below(8) {
            0 => ((0, 255), true),
            1 => ((protocol.saturating_sub(3), protocol.saturating_add(7)), true),
            _ => ((protocol, protocol), !(icmp || matches!(protocol, 6 | 17 | 33 | 132 | 136))),
        };
        Rule { family, addresses, protocols, first, second, every }
    }

    pub fn services(&self) -> Services {
        let byte = |number: u16| u8::try_from(number).expect("an ICMP number");
        match self.protocols {
            (from, to) if self.every => Services::union_all((from..=to).map(Services::protocol)),
            (icmp @ (1 | 58), _) => Services::icmp_ranges(
                icmp,
                byte(self.first.0)..=byte(self.first.1),
                byte(self.second.0)..=byte(self.second.1),
            ),
            (protocol, _) => Services::ports_with_source(
                protocol,
                self.first.0..=self.first.1,
                self.second.0..=self.second.1,
            ),
        }
    }

    pub fn set(&self) -> PacketSet {
        PacketSet::to_range(self.family, self.addresses.0, self.addresses.1, &self.services())
    }

    pub fn json(&self) -> Value {
        json!({
            "v6": self.family == IpFamily::V6,
            // Text, since JSON readers differ beyond 64 bits.
            "addresses": [self.addresses.0.to_string(), self.addresses.1.to_string()],
            "protocols": [self.protocols.0, self.protocols.1],
            "first": [self.first.0, self.first.1],
            "second": [self.second.0, self.second.1],
            "every": self.every,
        })
    }
}

/// A set as boxes, read back through the public queries.
pub fn boxes(set: &PacketSet) -> Vec<Value> {
    let mut out = Vec::new();
    for family in IpFamily::BOTH {
        for (addresses, services) in set.rows(family) {
            for addresses in addresses.ranges() {
                for (protocol, part) in services.protocols() {
                    let mut add = |first, second, every| {
                        let protocols = (protocol, protocol);
                        out.push(Rule { family, addresses, protocols, first, second, every }.json());
                    };
                    match part {
                        ProtocolPart::All => add((0, u16::MAX), (0, u16::MAX), true),
                        ProtocolPart::Icmp(ranges) => ranges.iter().for_each(|range| {
                            let wide = |(from, to): (u8, u8)| (from.into(), to.into());
                            add(wide(range.types), wide(range.codes), false);
                        }),
                        ProtocolPart::Ports { .. } => {
                            for run in services.port_runs(protocol) {
                                run.sources.iter().for_each(|source| add(run.destinations, *source, false));
                            }
                        }
                    }
                }
            }
        }
    }
    merged(out)
}

/// Joins boxes of neighbouring protocols that are otherwise alike, which spares the solver 250 formulas.
fn merged(boxes: Vec<Value>) -> Vec<Value> {
    let mut out: Vec<Value> = Vec::new();
    for next in boxes {
        if let Some(last) = out.last_mut()
            && last["every"] == true
            && next["every"] == true
            && last["v6"] == next["v6"]
            && last["addresses"] == next["addresses"]
            && last["protocols"][1].as_u64().map(|number| number + 1) == next["protocols"][0].as_u64()
        {
            last["protocols"][1] = next["protocols"][1].clone();
        } else {
            out.push(next);
        }
    }
    out
}
