//! The map: all IPv4 addresses on a Hilbert curve, and which of them can be reached.

use super::svg::{Style, Svg, colour};
use crate::document::Picture;
use std::fmt::Write as _;
use tidegate_space::{AddressSet, IpFamily, internet};

/// The curve has 2^ORDER cells a side; a cell stands for a /14.
const ORDER: u32 = 7;
const SIDE: u32 = 1 << ORDER;
/// Pixels of a cell.
const CELL: u32 = 4;
const MARGIN: u32 = 20;
const TOP: u32 = 62;

/// What a cell is, most of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tone {
    Shut,
    Some,
    Most,
    All,
    Special,
    SpecialOut,
}

/// Draws the map of the addresses that can be reached on at least one packet.
pub fn map(reached: &AddressSet, what: &str) -> Picture {
    let share =
        reached.intersection(internet::addresses(IpFamily::V4)).share_of(internet::addresses(IpFamily::V4));
    let percent = tidegate_audit::words::percent(share);
    let alternative = format!(
        "Map of the IPv4 address space on a Hilbert curve. {percent} of the IPv4 Internet can be reached by {what}."
    );
    let side = SIDE * CELL;
    let (width, height) = (side + 2 * MARGIN + 250, TOP + side + MARGIN);
    let mut svg = Svg::new(width, height, "What can be reached over IPv4", &alternative);
    let title = Style { bold: true, ..Style::of(17.0) };
    svg.text((f64::from(MARGIN), 30.0), "What can be reached over IPv4", title);
    let muted = Style { fill: colour::MUTED, ..Style::of(12.0) };
    svg.text((f64::from(MARGIN), 50.0), &format!("{percent} of the IPv4 Internet, by {what}"), muted);

    let tones = tones(reached);
    for (tone, fill) in FILLS {
        svg.path(&runs(&tones, tone), fill);
    }
    grid(&mut svg, &tones);
    legend(&mut svg, f64::from(MARGIN + side + 24));
    Picture {
        name: "map-ipv4".to_owned(),
        svg: svg.finish(),
        size: (width, height),
        alternative,
        caption:
            "The IPv4 address space on a Hilbert curve: neighbouring addresses are neighbours on the map"
                .to_owned(),
    }
}

const FILLS: [(Tone, &str); 6] = [
    (Tone::Shut, colour::SHUT),
    (Tone::Some, "#f6c9ae"),
    (Tone::Most, "#e58a55"),
    (Tone::All, colour::OUT),
    (Tone::Special, colour::SPECIAL),
    (Tone::SpecialOut, "#7a5a4a"),
];

/// The tone of each cell, row by row.
fn tones(reached: &AddressSet) -> Vec<Tone> {
    let cells = (SIDE * SIDE) as usize;
    let size = (1u64 << 32) / cells as u64;
    let public = internet::addresses(IpFamily::V4);
    let out = counts(&reached.intersection(public), cells, size);
    let special_out = counts(&reached.difference(public), cells, size);
    let publics = counts(public, cells, size);
    let mut tones = vec![Tone::Shut; cells];
    for at in 0..cells {
        let (x, y) = place(at as u32);
        let tone = match (publics[at], out[at]) {
            (public, _) if public * 2 < size && special_out[at] * 2 >= size => Tone::SpecialOut,
            (public, _) if public * 2 < size => Tone::Special,
            (_, 0) => Tone::Shut,
            (public, out) if out == public => Tone::All,
            (public, out) if out * 2 >= public => Tone::Most,
            _ => Tone::Some,
        };
        tones[(y * SIDE + x) as usize] = tone;
    }
    tones
}

/// How many addresses of a set lie in each cell.
fn counts(set: &AddressSet, cells: usize, size: u64) -> Vec<u64> {
    let mut counts = vec![0u64; cells];
    for (first, last) in set.ranges() {
        let (mut first, last) = (first as u64, last as u64);
        while first <= last {
            let cell = first / size;
            let end = ((cell + 1) * size - 1).min(last);
            if let Some(count) = counts.get_mut(cell as usize) {
                *count += end - first + 1;
            }
            first = end + 1;
        }
    }
    counts
}

/// Where the curve is after `at` cells. (D. Hilbert, "Über die stetige Abbildung einer Linie auf ein Flächenstück",
/// 1891; the usual bit-by-bit computation.)
fn place(at: u32) -> (u32, u32) {
    let (mut x, mut y, mut rest) = (0, 0, at);
    let mut side = 1;
    while side < SIDE {
        let right = 1 & (rest / 2);
        let up = 1 & (rest ^ right);
        if up == 0 {
            if right == 1 {
                x = side - 1 - x;
                y = side - 1 - y;
            }
            std::mem::swap(&mut x, &mut y);
        }
        x += side * right;
        y += side * up;
        rest /= 4;
        side *= 2;
    }
    (x, y)
}

/// Cells of a tone as path data, neighbours in a row as one.
fn runs(tones: &[Tone], tone: Tone) -> String {
    let mut data = String::new();
    for (y, row) in tones.chunks(SIDE as usize).enumerate() {
        let mut x = 0;
        while x < row.len() {
            let length = row[x..].iter().take_while(|one| **one == tone).count();
            if length > 0 {
                let (left, top) = (MARGIN + x as u32 * CELL, TOP + y as u32 * CELL);
                let _ =
                    write!(data, "M{left} {top}h{}v{CELL}h-{}z", length as u32 * CELL, length as u32 * CELL);
            }
            x += length.max(1);
        }
    }
    data
}

/// Borders of the /8 blocks, with their numbers.
fn grid(svg: &mut Svg, tones: &[Tone]) {
    let block = SIDE / 16 * CELL;
    let side = f64::from(SIDE * CELL);
    let (left, top) = (f64::from(MARGIN), f64::from(TOP));
    for step in 0..=16 {
        let at = f64::from(step * block);
        svg.line((left + at, top), (left + at, top + side), "#ffffff");
        svg.line((left, top + at), (left + side, top + at), "#ffffff");
    }
    let cells = SIDE * SIDE / 256;
    for number in 0..256u32 {
        let (x, y) = place(number * cells);
        let (x, y) = (x / (SIDE / 16) * block, y / (SIDE / 16) * block);
        let (column, row) = place(number * cells + cells / 2);
        let dark = matches!(tones.get((row * SIDE + column) as usize), Some(Tone::All | Tone::SpecialOut));
        let style = Style { fill: if dark { colour::PAPER } else { colour::INK }, ..Style::of(9.0) };
        svg.text((left + f64::from(x) + 3.0, top + f64::from(y) + 11.0), &number.to_string(), style);
    }
}

fn legend(svg: &mut Svg, x: f64) {
    let entries = [
        (colour::OUT, "can be reached"),
        ("#e58a55", "half of it or more"),
        ("#f6c9ae", "less than half of it"),
        (colour::SHUT, "cannot be reached"),
        (colour::SPECIAL, "special-purpose space"),
        ("#7a5a4a", "special-purpose, reached"),
    ];
    for (at, (fill, word)) in entries.into_iter().enumerate() {
        let y = f64::from(TOP) + 26.0 * at as f64;
        svg.rect((x, y), (16.0, 16.0), fill, Some(colour::LINE));
        svg.text((x + 24.0, y + 12.5), word, Style::of(12.0));
    }
    let y = f64::from(TOP) + 26.0 * 6.0 + 16.0;
    let muted = Style { fill: colour::MUTED, ..Style::of(11.0) };
    for (at, line) in [
        "A square with a number is a /8,",
        "the block N.0.0.0 to N.255.255.255.",
        "The smallest square is a /14,",
        "262,144 addresses.",
    ]
    .into_iter()
    .enumerate()
    {
        svg.text((x, y + 16.0 * at as f64), line, muted);
    }
    let scale = f64::from(SIDE / 16 * CELL);
    let y = y + 80.0;
    svg.line((x, y), (x + scale, y), colour::INK);
    svg.line((x, y - 4.0), (x, y + 4.0), colour::INK);
    svg.line((x + scale, y - 4.0), (x + scale, y + 4.0), colour::INK);
    svg.text((x + scale + 10.0, y + 4.0), "one /8: 16,777,216 addresses", muted);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_visits_every_cell_once_and_never_jumps() {
        let mut seen = vec![false; (SIDE * SIDE) as usize];
        let mut before: Option<(u32, u32)> = None;
        for at in 0..SIDE * SIDE {
            let (x, y) = place(at);
            assert!(!std::mem::replace(&mut seen[(y * SIDE + x) as usize], true));
            if let Some((a, b)) = before {
                assert_eq!(a.abs_diff(x) + b.abs_diff(y), 1, "cell {at}");
            }
            before = Some((x, y));
        }
    }

    #[test]
    fn the_map_counts_every_address_once() {
        let set = AddressSet::from_blocks(
            IpFamily::V4,
            ["10.0.0.0/9".parse().unwrap(), "1.2.3.4/32".parse().unwrap()],
        );
        let counts = counts(&set, 16384, 1 << 18);
        assert_eq!(counts.iter().sum::<u64>(), (1 << 23) + 1);
    }

    #[test]
    fn half_of_the_internet_is_half_of_the_map() {
        let set = AddressSet::from_blocks(IpFamily::V4, ["0.0.0.0/1".parse().unwrap()]);
        let tones = tones(&set);
        let out = tones.iter().filter(|tone| **tone == Tone::All).count();
        let shut = tones.iter().filter(|tone| **tone == Tone::Shut).count();
        assert!(out.abs_diff(shut) < 3000, "{out} {shut}");
    }
}
