//! The matrix of impact and likelihood, with the findings placed in it.

use super::svg::{Style, Svg, colour};
use crate::document::Picture;
use std::collections::BTreeMap;
use tidegate_audit::{Level, Rating, risk};

const CELL: (f64, f64) = (112.0, 56.0);
const LEFT: f64 = 150.0;
const TOP: f64 = 66.0;

/// Draws the matrix.
pub fn matrix<'a>(ratings: impl IntoIterator<Item = &'a Rating>) -> Picture {
    let mut counts: BTreeMap<(Level, Level), usize> = BTreeMap::new();
    for rating in ratings {
        *counts.entry((rating.impact, rating.likelihood)).or_default() += 1;
    }
    let alternative = alternative(&counts);
    let (width, height) = ((LEFT + 5.0 * CELL.0 + 20.0) as u32, (TOP + 5.0 * CELL.1 + 64.0) as u32);
    let mut svg = Svg::new(width, height, "Impact and likelihood", &alternative);
    svg.text((20.0, 30.0), "Impact and likelihood of the findings", Style { bold: true, ..Style::of(17.0) });
    let muted = Style { fill: colour::MUTED, ..Style::of(12.0) };
    svg.text((20.0, 50.0), "Risk = impact + likelihood − 3, on a scale from 1 to 5", muted);
    for (row, impact) in Level::ALL.into_iter().rev().enumerate() {
        let y = TOP + CELL.1 * row as f64;
        let style = Style { anchor: "end", ..Style::of(12.5) };
        svg.text((LEFT - 12.0, y + CELL.1 / 2.0 + 4.0), &capital(impact), style);
        for (column, likelihood) in Level::ALL.into_iter().enumerate() {
            let x = LEFT + CELL.0 * column as f64;
            let level = risk(impact, likelihood);
            let (fill, ink) = fill(level);
            svg.rect((x + 1.0, y + 1.0), (CELL.0 - 2.0, CELL.1 - 2.0), fill, None);
            let style = Style { fill: ink, anchor: "middle", ..Style::of(10.5) };
            let count = counts.get(&(impact, likelihood)).copied().unwrap_or(0);
            let middle = x + CELL.0 / 2.0;
            if count > 0 {
                let style = Style { bold: true, ..style };
                svg.text((middle, y + 28.0), &count.to_string(), Style { size: 20.0, ..style });
                svg.text((middle, y + 45.0), &capital(level), style);
            } else {
                svg.text((middle, y + 33.0), &capital(level), style);
            }
        }
    }
    for (column, likelihood) in Level::ALL.into_iter().enumerate() {
        let x = LEFT + CELL.0 * (column as f64 + 0.5);
        let style = Style { anchor: "middle", ..Style::of(12.5) };
        svg.text((x, TOP + 5.0 * CELL.1 + 20.0), &capital(likelihood), style);
    }
    let axis = Style { bold: true, ..Style::of(12.5) };
    svg.text((20.0, TOP + 14.0), "Impact", axis);
    svg.text(
        (LEFT + 2.5 * CELL.0, TOP + 5.0 * CELL.1 + 44.0),
        "Likelihood",
        Style { anchor: "middle", ..axis },
    );
    Picture {
        name: "matrix".to_owned(),
        svg: svg.finish(),
        size: (width, height),
        alternative,
        caption: "Findings by impact and likelihood; a number is a number of findings".to_owned(),
    }
}

/// A background for a risk, and a colour of text that can be read on it.
fn fill(level: Level) -> (&'static str, &'static str) {
    match level {
        Level::Informational => ("#e6ebf0", colour::INK),
        Level::Low => ("#d9ead9", colour::INK),
        Level::Medium => ("#fbe7a1", colour::INK),
        Level::High => ("#f4b183", colour::INK),
        Level::Critical => ("#a61b1b", "#ffffff"),
    }
}

fn capital(level: Level) -> String {
    tidegate_audit::words::sentence(level.name())
}

fn alternative(counts: &BTreeMap<(Level, Level), usize>) -> String {
    if counts.is_empty() {
        return "Matrix of impact and likelihood without any finding.".to_owned();
    }
    let parts: Vec<String> = counts
        .iter()
        .map(|((impact, likelihood), count)| {
            let findings = if *count == 1 { "finding" } else { "findings" };
            format!("{count} {findings} of {} impact and {} likelihood", impact.name(), likelihood.name())
        })
        .collect();
    format!("Matrix of impact and likelihood: {}.", parts.join("; "))
}
