//! The picture of one policy's outbound rules.

use super::rules::RuleRow;
use super::svg::{Style, Svg, colour, fitted, fitted_end, width_of};
use crate::document::Picture;

/// Rows that a picture shows; those that matter come first if there are more.
const ROWS: usize = 24;
const WIDTH: f64 = 960.0;
const MARGIN: f64 = 20.0;
const ROW: f64 = 26.0;
const MADE_BY: &str = "Made by";

/// What stands around the rules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heading {
    /// A name for the picture's file.
    pub file_name: String,
    /// What people call the policy.
    pub title: String,
    /// `Security group`, `Network security group` …
    pub kind: String,
    /// Account, region, time of the data: pairs of name and value.
    pub facts: Vec<(String, String)>,
    /// Where it was read: file, checksum.
    pub footer: Vec<String>,
}

struct Column {
    heading: &'static str,
    share: f64,
    mono: bool,
    cell: fn(&RuleRow) -> String,
}

/// Draws the rules. Without any rule it says that there is none.
pub fn picture(heading: &Heading, rules: &[RuleRow]) -> Picture {
    let (shown, left_out) = chosen(rules);
    let columns = columns(rules);
    let facts_lines = facts_lines(&heading.facts);
    let top = 62.0 + 18.0 * facts_lines.len() as f64;
    let body = ROW * (shown.len().max(1) as f64 + 1.0);
    let after = if left_out > 0 { 24.0 } else { 8.0 };
    let height = top + body + after + 16.0 * heading.footer.len() as f64 + MARGIN;
    let alternative = alternative(heading, rules);
    let mut svg = Svg::new(WIDTH as u32, height as u32, &heading.title, &alternative);
    let inner = WIDTH - 2.0 * MARGIN;

    let title = Style { bold: true, ..Style::of(17.0) };
    svg.text((MARGIN, 32.0), &fitted(&heading.title, inner, title), title);
    let muted = Style { fill: colour::MUTED, ..Style::of(12.0) };
    svg.text((MARGIN, 52.0), &format!("{}: outbound rules", heading.kind), muted);
    for (at, line) in facts_lines.iter().enumerate() {
        svg.text((MARGIN, 70.0 + 18.0 * at as f64), &fitted(line, inner, muted), muted);
    }

    let edges = edges(&columns, inner);
    svg.rect((MARGIN, top), (inner, ROW), colour::HEAD, None);
    for (column, (x, width)) in columns.iter().zip(&edges) {
        let style = Style { bold: true, ..Style::of(12.0) };
        svg.text((x + 8.0, top + 17.5), &fitted(column.heading, width - 12.0, style), style);
    }
    if shown.is_empty() {
        svg.text((MARGIN + 8.0, top + ROW + 17.5), "There is no outbound rule.", Style::of(12.5));
    }
    for (at, rule) in shown.iter().enumerate() {
        let y = top + ROW * (at as f64 + 1.0);
        if rule.marked {
            svg.rect((MARGIN, y), (inner, ROW), colour::OUT_PALE, None);
            svg.rect((MARGIN, y), (4.0, ROW), colour::OUT, None);
        }
        svg.line((MARGIN, y + ROW), (MARGIN + inner, y + ROW), colour::LINE);
        for (column, (x, width)) in columns.iter().zip(&edges) {
            let fill = if rule.marked { colour::OUT } else { colour::INK };
            let style =
                Style { mono: column.mono, fill, bold: rule.marked && !column.mono, ..Style::of(12.5) };
            let fit = if column.heading == MADE_BY { fitted_end } else { fitted };
            svg.text((x + 8.0, y + 17.5), &fit(&(column.cell)(rule), width - 12.0, style), style);
        }
    }
    let mut y = top + body + 18.0;
    if left_out > 0 {
        let more = format!(
            "and {left_out} more {}, in the full table",
            if left_out == 1 { "rule" } else { "rules" }
        );
        svg.text((MARGIN, y - 2.0), &more, muted);
        y += 20.0;
    }
    for line in &heading.footer {
        let style = Style { mono: true, fill: colour::MUTED, ..Style::of(10.5) };
        svg.text((MARGIN, y), &fitted(line, inner, style), style);
        y += 16.0;
    }
    Picture {
        name: heading.file_name.clone(),
        svg: svg.finish(),
        size: (WIDTH as u32, height as u32),
        alternative,
        caption: format!("Outbound rules of {}", heading.title),
    }
}

/// The rules that are shown, in their order, and how many are not.
fn chosen(rules: &[RuleRow]) -> (Vec<&RuleRow>, usize) {
    if rules.len() <= ROWS {
        return (rules.iter().collect(), 0);
    }
    let mut order: Vec<usize> = (0..rules.len()).collect();
    order.sort_by_key(|at| !rules[*at].marked);
    order.truncate(ROWS);
    order.sort_unstable();
    (order.into_iter().map(|at| &rules[at]).collect(), rules.len() - ROWS)
}

/// What there is to show: priorities and actions only where rules have them.
fn columns(rules: &[RuleRow]) -> Vec<Column> {
    let ordered = rules.iter().any(|rule| !rule.priority.is_empty());
    let mut columns = Vec::new();
    if ordered {
        columns.push(Column {
            heading: "Priority",
            share: 9.0,
            mono: true,
            cell: |rule| rule.priority.clone(),
        });
        columns.push(Column {
            heading: "Action",
            share: 8.0,
            mono: false,
            cell: |rule| rule.action.to_owned(),
        });
    }
    columns.push(Column { heading: "Protocol", share: 10.0, mono: true, cell: |rule| rule.protocol.clone() });
    columns.push(Column { heading: "Ports", share: 13.0, mono: true, cell: |rule| rule.ports.clone() });
    columns.push(Column {
        heading: "Destination",
        share: 28.0,
        mono: true,
        cell: |rule| rule.destination.clone(),
    });
    columns.push(Column { heading: MADE_BY, share: 28.0, mono: false, cell: |rule| rule.source.clone() });
    columns.push(Column {
        heading: "",
        share: 11.0,
        mono: false,
        cell: |rule| if rule.marked { "◀ open".to_owned() } else { String::new() },
    });
    columns
}

fn edges(columns: &[Column], inner: f64) -> Vec<(f64, f64)> {
    let whole: f64 = columns.iter().map(|column| column.share).sum();
    let mut x = MARGIN;
    columns
        .iter()
        .map(|column| {
            let width = inner * column.share / whole;
            let edge = (x, width);
            x += width;
            edge
        })
        .collect()
}

/// Facts side by side, as many in a line as fit.
fn facts_lines(facts: &[(String, String)]) -> Vec<String> {
    let style = Style::of(12.0);
    let mut lines: Vec<String> = Vec::new();
    for (name, value) in facts {
        let fact = format!("{name}: {value}");
        match lines.last_mut() {
            Some(line) if width_of(line, style) + width_of(&fact, style) + 30.0 < WIDTH - 2.0 * MARGIN => {
                line.push_str("  ·  ");
                line.push_str(&fact);
            }
            _ => lines.push(fact),
        }
    }
    lines
}

fn alternative(heading: &Heading, rules: &[RuleRow]) -> String {
    let open: Vec<String> = rules
        .iter()
        .filter(|rule| rule.marked)
        .take(3)
        .map(|rule| {
            format!("{} {}, ports {}, to {}", rule.action, rule.protocol, rule.ports, rule.destination)
        })
        .collect();
    let count = match rules.len() {
        0 => "no outbound rule".to_owned(),
        1 => "1 outbound rule".to_owned(),
        many => format!("{many} outbound rules"),
    };
    let marked =
        if open.is_empty() { String::new() } else { format!(" Marked as open: {}.", open.join("; ")) };
    format!("{} {} has {count}.{marked}", heading.kind, heading.title)
}
