//! The ways out as a picture.

use super::graph::{Graph, Kind, Node};
use crate::escape;
use std::fmt::Write as _;

/// Sizes in pixels.
const BOX: (usize, usize) = (250, 44);
const GAP: (usize, usize) = (90, 16);
const MARGIN: usize = 24;
const TOP: usize = 64;
/// So many nodes of a column are drawn.
const DRAWN: usize = 60;
/// A label is cut after so many characters: a small one, and one in bold.
const LONGEST: [usize; 2] = [48, 32];

/// What stands in a column: a node, or a line that passes by.
#[derive(Clone, Copy, PartialEq)]
enum Item {
    Node(usize),
    Line(usize, usize),
}

/// Draws a graph in columns, from subnets to where packets arrive.
pub fn draw(graph: &Graph) -> String {
    let columns = arranged(graph);
    let cut = columns.iter().any(|column| column.len() > DRAWN);
    let tall =
        |column: &[Item]| column.iter().take(DRAWN).map(|item| height_of(*item) + GAP.1).sum::<usize>();
    let tallest = columns.iter().map(|column| tall(column)).max().unwrap_or_default();
    let width = 2 * MARGIN + columns.len() * BOX.0 + columns.len().saturating_sub(1) * GAP.0;
    let height = TOP + tallest.max(BOX.1) + MARGIN + if cut { 20 } else { 0 };
    // Where each item stands: left edge, and the height of its middle.
    let place = |at: usize, item: Item| -> Option<(usize, usize)> {
        let column = columns.get(at)?;
        let row = column.iter().position(|known| *known == item).filter(|row| *row < DRAWN)?;
        // Short columns stand in the middle of tall ones.
        let above = (tallest - tall(column)) / 2 + tall(column.get(..row)?);
        Some((MARGIN + at * (BOX.0 + GAP.0), TOP + above + height_of(item) / 2))
    };
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\" font-family=\"'Liberation Sans', Arial, Helvetica, sans-serif\">\n\
         <title>Ways out</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text x=\"{MARGIN}\" y=\"30\" font-size=\"17\" font-weight=\"bold\" fill=\"#14213d\">Ways out</text>\n\
         <text x=\"{MARGIN}\" y=\"48\" font-size=\"12\" fill=\"#4a5568\">A dashed line is taken possibly, a solid one for \
         certain.</text>\n"
    );
    for ((from, to), sure) in &graph.edges {
        let column = |at: usize| graph.nodes.get(at).map(|node| node.column);
        let (Some(start), Some(end)) = (column(*from), column(*to)) else { continue };
        let mut points = Vec::new();
        for at in start..=end.max(start) {
            let item = match at {
                _ if at == start => Item::Node(*from),
                _ if at == end => Item::Node(*to),
                _ => Item::Line(*from, *to),
            };
            let Some((x, y)) = place(at, item) else { break };
            if at > start {
                points.push((x, y));
            }
            if at < end {
                points.push((x + BOX.0, y));
            }
        }
        if end > start && points.len() == 2 * (end - start) {
            draw_line(&points, *sure, &mut out);
        }
    }
    for (at, column) in columns.iter().enumerate() {
        for item in column {
            if let (Item::Node(index), Some((x, middle))) = (*item, place(at, *item))
                && let Some(node) = graph.nodes.get(index)
            {
                draw_node(node, x, middle - BOX.1 / 2, &mut out);
            }
        }
    }
    if cut {
        let _ = writeln!(
            out,
            "<text x=\"{MARGIN}\" y=\"{}\" font-size=\"12\" fill=\"#4a5568\">Only the first {DRAWN} of each column are \
             drawn; --format json has all.</text>",
            height - 12
        );
    }
    out.push_str("</svg>\n");
    out
}

fn height_of(item: Item) -> usize {
    match item {
        Item::Node(_) => BOX.1,
        Item::Line(..) => 6,
    }
}

/// The columns, each ordered by where what leads to it stands, so that few lines cross.
fn arranged(graph: &Graph) -> Vec<Vec<Item>> {
    let last = graph.nodes.iter().map(|node| node.column).max().unwrap_or_default();
    let mut columns: Vec<Vec<Item>> = vec![Vec::new(); last + 1];
    for (at, node) in graph.nodes.iter().enumerate() {
        if let Some(column) = columns.get_mut(node.column) {
            column.push(Item::Node(at));
        }
    }
    for (from, to) in graph.edges.keys() {
        let column = |at: &usize| graph.nodes.get(*at).map_or(0, |node| node.column);
        for at in column(from) + 1..column(to) {
            if let Some(column) = columns.get_mut(at) {
                column.push(Item::Line(*from, *to));
            }
        }
    }
    for at in 1..columns.len() {
        let (before, rest) = columns.split_at_mut(at);
        let (Some(before), Some(column)) = (before.last(), rest.first_mut()) else { continue };
        let row = |wanted: Item| before.iter().position(|item| *item == wanted);
        let middle = |item: &Item| -> (usize, usize) {
            // What comes from the left, through a node or past one.
            let from = |from: usize, to: usize| row(Item::Line(from, to)).or_else(|| row(Item::Node(from)));
            let rows: Vec<usize> = match item {
                Item::Line(start, end) => from(*start, *end).into_iter().collect(),
                Item::Node(node) => {
                    let edges = graph.edges.keys().filter(|(_, to)| to == node);
                    edges.filter_map(|(start, end)| from(*start, *end)).collect()
                }
            };
            // In hundredths, so that halves count.
            (rows.iter().sum::<usize>() * 100 / rows.len().max(1), rows.len())
        };
        column.sort_by_key(middle);
    }
    columns
}

fn draw_line(points: &[(usize, usize)], sure: bool, out: &mut String) {
    let mut path = String::new();
    for pair in points.windows(2) {
        let [(x1, y1), (x2, y2)] = *pair else { continue };
        if path.is_empty() {
            let _ = write!(path, "M{x1} {y1}");
        }
        if x2 - x1 == BOX.0 && y1 == y2 {
            let _ = write!(path, " L{x2} {y2}");
        } else {
            let bend = (x2 - x1) / 2;
            let _ = write!(path, " C{} {y1} {} {y2} {x2} {y2}", x1 + bend, x2 - bend);
        }
    }
    let dash = if sure { "" } else { " stroke-dasharray=\"5 4\"" };
    let _ = writeln!(out, "<path d=\"{path}\" fill=\"none\" stroke=\"#7b8794\" stroke-width=\"1.4\"{dash}/>");
}

fn draw_node(node: &Node, x: usize, y: usize, out: &mut String) {
    let (fill, line) = match (node.kind, node.outside) {
        (_, true) => ("#fdebe3", "#b53a00"),
        (Kind::Subnet, _) => ("#eaf2f8", "#1f5c87"),
        (Kind::Gate, _) => ("#f3f4f6", "#6b7280"),
        (Kind::Arrival, _) => ("#eef7ee", "#2f7d32"),
    };
    let round = if node.kind == Kind::Arrival { BOX.1 / 2 } else { 5 };
    let _ = writeln!(
        out,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\" rx=\"{round}\" fill=\"{fill}\" stroke=\"{line}\"/>",
        BOX.0, BOX.1
    );
    let lines: Vec<&String> = node.label.iter().filter(|line| !line.is_empty()).collect();
    let middle = x + BOX.0 / 2;
    for (at, label) in lines.iter().enumerate() {
        let bold = std::ptr::eq(*label, &raw const node.label[1]);
        let y = match lines.len() {
            1 => y + BOX.1 / 2 + 5,
            _ => y + 18 + at * 16,
        };
        let cut = crate::words::shortened(label, LONGEST[usize::from(bold)]);
        let text = escape::xml(&escape::line(&cut));
        let text = quick_xml::escape::escape(&text);
        let (size, weight) = if bold { (13, "bold") } else { (11, "normal") };
        let _ = writeln!(
            out,
            "<text x=\"{middle}\" y=\"{y}\" font-size=\"{size}\" font-weight=\"{weight}\" fill=\"#14213d\" \
             text-anchor=\"middle\">{text}</text>"
        );
    }
}
