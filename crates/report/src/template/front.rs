//! The front matter of a template: what stands between two lines of `---` at the top. It is kept as it is; of its
//! keys only a few are read, and nothing in it is ever run.

use saphyr_parser::{Event, Parser};
use std::collections::BTreeMap;
use std::ops::Range;

/// What is read from a front matter. Everything else in it is somebody else's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FrontMatter {
    /// `category`.
    pub category: Option<String>,
    /// `cvss`: the score its author gave.
    pub cvss: Option<String>,
    /// `rules`: the rules whose findings the template tells.
    pub rules: Vec<String>,
    /// `options`: labels that lie inside of another (`{LAMBDA: AWS}`), in upper case.
    pub options: BTreeMap<String, String>,
}

/// The bytes of the front matter at the beginning of a text, both lines of `---` included; empty if there is none.
pub fn range(text: &str) -> Range<usize> {
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut at = start;
    for (number, line) in text[start..].split_inclusive('\n').enumerate() {
        let bare = line.trim_end();
        at += line.len();
        match number {
            0 if bare != "---" => return 0..0,
            0 => {}
            _ if bare == "---" || bare == "..." => return 0..at,
            _ => {}
        }
    }
    0..0
}

/// Reads the keys that count. What is no YAML ends the reading, and what was read before it counts.
pub fn read(text: &str) -> FrontMatter {
    let body = text.trim_start_matches('\u{feff}');
    let values = top_level(body);
    let scalar = |key: &str| match values.get(key) {
        Some(Shallow::Scalar(text)) if !text.is_empty() => Some(text.clone()),
        _ => None,
    };
    FrontMatter {
        category: scalar("category"),
        cvss: scalar("cvss"),
        rules: match values.get("rules") {
            Some(Shallow::Scalar(one)) => vec![one.clone()],
            Some(Shallow::Several(many)) => many.clone(),
            None => Vec::new(),
        },
        options: match values.get("options") {
            // Keys and values of a map follow each other.
            Some(Shallow::Several(pairs)) => {
                pairs.chunks_exact(2).map(|pair| (pair[0].to_uppercase(), pair[1].to_uppercase())).collect()
            }
            _ => BTreeMap::new(),
        },
    }
}

/// The value of a key, one level deep.
enum Shallow {
    Scalar(String),
    /// The scalars of a list, or the keys and values of a map.
    Several(Vec<String>),
}

/// The keys of the first document's map. A scalar deeper than one level is passed over.
fn top_level(text: &str) -> BTreeMap<String, Shallow> {
    let mut values = BTreeMap::new();
    let mut depth = 0usize;
    let mut key: Option<String> = None;
    let mut several = Vec::new();
    for event in Parser::new_from_str(text) {
        let Ok((event, _)) = event else { break };
        match event {
            Event::Scalar(text, ..) => match (depth, key.take()) {
                (1, None) => key = Some(text.into_owned()),
                (1, Some(key)) => {
                    values.insert(key, Shallow::Scalar(text.trim().to_owned()));
                }
                (_, kept) => {
                    key = kept;
                    if depth == 2 {
                        several.push(text.into_owned());
                    }
                }
            },
            Event::MappingStart(..) | Event::SequenceStart(..) => depth += 1,
            Event::MappingEnd | Event::SequenceEnd => {
                depth = depth.saturating_sub(1);
                if depth == 1
                    && let Some(key) = key.take()
                {
                    values.insert(key, Shallow::Several(std::mem::take(&mut several)));
                }
            }
            Event::DocumentEnd => break,
            _ => {}
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_front_matter_ends_with_its_second_line_of_dashes() {
        let text = "---\ncategory: \"NET\"\n---\n### Title\n---\n";
        assert_eq!(&text[range(text)], "---\ncategory: \"NET\"\n---\n");
        assert_eq!(range("### Title\n---\na\n---\n"), 0..0);
        assert_eq!(range("---\nnever closed\n"), 0..0);
        let windows = "---\r\ncvss: 3.7\r\n---\r\nText";
        assert_eq!(&windows[range(windows)], "---\r\ncvss: 3.7\r\n---\r\n");
    }

    #[test]
    fn keys_are_read_and_the_bodies_of_scripts_are_not() {
        let front = read(
            "---\ncategory: 'NET' # network\ncvss: 3.7\nscript: |\n  category: EVIL\n  rm -rf /\n\
             rules:\n  - open-egress\n  - \"internet-egress\"\noptions: {lambda: AWS}\n---\n",
        );
        assert_eq!(front.category.as_deref(), Some("NET"));
        assert_eq!(front.cvss.as_deref(), Some("3.7"));
        assert_eq!(front.rules, ["open-egress", "internet-egress"]);
        assert_eq!(front.options, BTreeMap::from([("LAMBDA".to_owned(), "AWS".to_owned())]));
    }
}
