//! How time grows with size, as a picture: both axes by powers of ten, with the line of what grows evenly.

use anyhow::{Context, Result};
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 380.0;
/// Left, top, right, bottom.
const FRAME: [f64; 4] = [70.0, 46.0, 24.0, 52.0];
/// From thousand to a hundred thousand interfaces.
const SIZES: [f64; 2] = [3.0, 5.0];
/// From a hundredth of a second to a hundred.
const TIMES: [f64; 2] = [-2.0, 2.0];

fn x(size: f64) -> f64 {
    FRAME[0] + (size.log10() - SIZES[0]) / (SIZES[1] - SIZES[0]) * (WIDTH - FRAME[0] - FRAME[2])
}

fn y(seconds: f64) -> f64 {
    let share = (seconds.log10() - TIMES[0]) / (TIMES[1] - TIMES[0]);
    HEIGHT - FRAME[3] - share * (HEIGHT - FRAME[1] - FRAME[3])
}

/// Draws what was measured: interfaces, and how long the whole command and its following of ways took.
pub fn draw(path: &Path, measured: &[(usize, Duration, Duration)]) -> Result<()> {
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
         font-size=\"13\" role=\"img\" aria-label=\"Seconds by number of interfaces\">\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\n\
         <text x=\"{}\" y=\"24\" font-size=\"15\" fill=\"#1f2328\">tidegate reach: seconds by interfaces, groups of 60 rules</text>\n",
        FRAME[0]
    );
    let (left, right, bottom) = (FRAME[0], WIDTH - FRAME[2], HEIGHT - FRAME[3]);
    for (seconds, label) in [(0.01, "0.01 s"), (0.1, "0.1 s"), (1.0, "1 s"), (10.0, "10 s"), (100.0, "100 s")]
    {
        let at = y(seconds);
        let _ = writeln!(out, "<path d=\"M{left} {at:.1}H{right}\" stroke=\"#d0d7de\"/>");
        let _ = writeln!(
            out,
            "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#57606a\">{label}</text>",
            left - 8.0,
            at + 4.0
        );
    }
    for (size, label) in [(1e3, "1,000"), (1e4, "10,000"), (1e5, "100,000")] {
        let at = x(size);
        let _ = writeln!(out, "<path d=\"M{at:.1} {}V{bottom}\" stroke=\"#d0d7de\"/>", FRAME[1]);
        let anchor = if size > 9e4 { "end" } else { "middle" };
        let _ = writeln!(
            out,
            "<text x=\"{at:.1}\" y=\"{}\" text-anchor=\"{anchor}\" fill=\"#57606a\">{label}</text>",
            bottom + 20.0
        );
    }
    if let Some((size, whole, _)) = measured.first() {
        let (from, first) = (*size as f64, whole.as_secs_f64());
        let _ = writeln!(
            out,
            "<path d=\"M{:.1} {:.1}L{:.1} {:.1}\" stroke=\"#8c959f\" stroke-dasharray=\"5 4\" fill=\"none\"/>",
            x(from),
            y(first),
            x(1e5),
            y(first * 1e5 / from)
        );
    }
    let lines = [("the whole command", "#0969da"), ("of it, following the ways", "#bc4c00")];
    for (at, (name, colour)) in lines.into_iter().enumerate() {
        let points: Vec<String> = measured
            .iter()
            .map(|(size, whole, ways)| {
                let took = if at == 0 { whole } else { ways };
                format!("{:.1},{:.1}", x(*size as f64), y(took.as_secs_f64().max(0.01)))
            })
            .collect();
        let _ = writeln!(
            out,
            "<polyline points=\"{}\" stroke=\"{colour}\" stroke-width=\"2\" fill=\"none\"/>",
            points.join(" ")
        );
        for point in &points {
            let (cx, cy) = point.split_once(',').unwrap_or_default();
            let _ = writeln!(out, "<circle cx=\"{cx}\" cy=\"{cy}\" r=\"4\" fill=\"{colour}\"/>");
        }
        let at = FRAME[1] + 20.0 + 20.0 * at as f64;
        let from = left + 16.0;
        let _ = writeln!(out, "<path d=\"M{from} {}h24\" stroke=\"{colour}\" stroke-width=\"2\"/>", at - 4.0);
        let _ = writeln!(out, "<text x=\"{}\" y=\"{at}\" fill=\"#1f2328\">{name}</text>", from + 32.0);
    }
    let at = FRAME[1] + 60.0;
    let from = left + 16.0;
    let _ =
        writeln!(out, "<path d=\"M{from} {}h24\" stroke=\"#8c959f\" stroke-dasharray=\"5 4\"/>", at - 4.0);
    let _ = writeln!(
        out,
        "<text x=\"{}\" y=\"{at}\" fill=\"#1f2328\">ten times as long for ten times as many</text>",
        from + 32.0
    );
    let _ = writeln!(
        out,
        "<text x=\"{right}\" y=\"{}\" text-anchor=\"end\" fill=\"#57606a\">interfaces</text>\n</svg>",
        bottom + 40.0
    );
    std::fs::write(path, out).with_context(|| format!("cannot write {}", path.display()))
}
