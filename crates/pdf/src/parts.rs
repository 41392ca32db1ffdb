//! A long report in parts: the typesetter keeps every letter of what it sets until the last page is done, so that a
//! report of a thousand findings would take gigabytes. Parts are also set side by side.

use serde_json::{Value, json};

/// What a part may weigh. One piece of text, a cell say, weighs some three kilobytes while it is set.
const HEAVIEST: usize = 20_000;

/// Text of an SVG picture that weighs as much as one piece of text.
const PICTURE: usize = 50;

/// The blocks, in runs that are set by themselves. A run ends before a section where that is possible; a table that is
/// heavier than a run goes on in the next, with `continued` behind its caption.
pub fn of(blocks: Vec<Value>, continued: &str) -> Vec<Vec<Value>> {
    let mut parts = Vec::new();
    let (mut part, mut heavy) = (Vec::new(), 0);
    for block in blocks.into_iter().flat_map(|block| pieces(block, continued)) {
        let weight = weight(&block);
        let opens = block.get("level").and_then(Value::as_u64).is_some_and(|level| level <= 2);
        // A heading keeps what follows it.
        let apart = opens || !part.last().is_some_and(is_heading);
        let full = heavy + weight > HEAVIEST && apart || opens && heavy > HEAVIEST / 2;
        if full && !part.is_empty() && !part.last().is_some_and(is_heading) {
            parts.push(std::mem::take(&mut part));
            heavy = 0;
        }
        heavy += weight;
        part.push(block);
    }
    parts.push(part);
    parts
}

fn is_heading(block: &Value) -> bool {
    block.get("level").is_some()
}

/// A table in pieces of which none is heavier than half a part; anything else as it is.
fn pieces(mut block: Value, continued: &str) -> Vec<Value> {
    let most = HEAVIEST / 2;
    if block.get("k").is_none_or(|kind| kind != "table") || weight(&block) <= most {
        return vec![block];
    }
    let Some(Value::Array(rows)) = block.get_mut("rows").map(Value::take) else { return vec![block] };
    let mut tables = Vec::new();
    let (mut some, mut heavy) = (Vec::new(), 0);
    for row in rows {
        let weight = weight(&row);
        if heavy + weight > most && !some.is_empty() {
            tables.push(std::mem::take(&mut some));
            heavy = 0;
        }
        heavy += weight;
        some.push(row);
    }
    tables.push(some);
    let table = |(at, rows): (usize, Vec<Value>)| {
        let mut table = block.clone();
        table["rows"] = rows.into();
        if at > 0 {
            match &mut table["caption"] {
                Value::String(caption) => caption.push_str(continued),
                Value::Array(caption) => caption.push(continued.into()),
                _ => table["caption"] = json!(continued.trim()),
            }
        }
        table
    };
    tables.into_iter().enumerate().map(table).collect()
}

/// How many pieces of text there are in it, about.
fn weight(value: &Value) -> usize {
    match value {
        Value::Array(all) => all.iter().map(weight).sum::<usize>() + 1,
        Value::Object(all) => {
            let each = all.iter().map(|(name, value)| match value {
                Value::String(svg) if name == "svg" => svg.len() / PICTURE,
                value => weight(value),
            });
            each.sum::<usize>() + 1
        }
        Value::String(text) => 1 + text.len() / 100,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heading(level: usize) -> Value {
        json!({"k": "heading", "level": level})
    }

    fn paragraphs(number: usize) -> Vec<Value> {
        vec![json!({"k": "p", "x": ["text"]}); number]
    }

    #[test]
    fn a_short_report_is_one_part_and_so_is_an_empty_one() {
        assert_eq!(of([vec![heading(1)], paragraphs(100)].concat(), "").len(), 1);
        assert_eq!(of(Vec::new(), ""), [Vec::<Value>::new()]);
    }

    #[test]
    fn parts_begin_with_sections_and_lose_nothing() {
        let findings: Vec<Value> = (0..40)
            .flat_map(|_| [vec![heading(2)], paragraphs(300), vec![heading(3)], paragraphs(50)].concat())
            .collect();
        let parts = of(findings.clone(), "");
        assert!(parts.len() > 1);
        assert!(parts.iter().all(|part| part.first() == Some(&heading(2))));
        assert!(
            parts.iter().flatten().map(weight).sum::<usize>() == findings.iter().map(weight).sum::<usize>()
        );
        assert_eq!(parts.concat(), findings);
    }

    #[test]
    fn a_heavy_table_goes_on_in_the_next_part() {
        let rows: Vec<Value> = (0..9000).map(|at| json!([{"x": [at.to_string()]}, {"x": ["b"]}])).collect();
        let table = json!({"k": "table", "caption": "All", "rows": rows});
        let parts = of(vec![heading(1), table], " (continued)");
        assert!(parts.len() > 2);
        assert!(parts.iter().all(|part| part.iter().map(weight).sum::<usize>() <= HEAVIEST));
        let tables: Vec<&Value> = parts.iter().flatten().filter(|block| block["k"] == "table").collect();
        assert_eq!(tables.iter().map(|table| table["rows"].as_array().unwrap().len()).sum::<usize>(), 9000);
        assert_eq!(
            (&tables[0]["caption"], &tables[1]["caption"]),
            (&json!("All"), &json!("All (continued)"))
        );
    }
}
