//! The ratings that a template states, against those that follow from the facts.

use crate::template::Rendered;
use tidegate_audit::{Level, Rating};

/// What a text states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stated {
    /// `Impact: Medium` in a heading.
    Impact,
    /// `Likelihood: Low` in a heading.
    Likelihood,
    /// `Risk: Low` in a heading.
    Risk,
    /// `cvss` in the front matter.
    Cvss,
}

impl Stated {
    fn word(self) -> &'static str {
        match self {
            Stated::Impact => "impact",
            Stated::Likelihood => "likelihood",
            Stated::Risk => "risk",
            Stated::Cvss => "CVSS score",
        }
    }
}

/// What differs between a text and the facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ratings {
    /// What is stated, as it is stated, and what the facts lead to.
    pub differ: Vec<(Stated, String, String)>,
}

impl Ratings {
    /// One sentence, if anything differs.
    pub fn warning(&self) -> Option<String> {
        if self.differ.is_empty() {
            return None;
        }
        let parts: Vec<String> = self
            .differ
            .iter()
            .map(|(stated, text, facts)| format!("{} {text}, where the facts lead to {facts}", stated.word()))
            .collect();
        Some(format!(
            "the template states {}; it is left as its author wrote it (--rating computed writes what the facts lead to)",
            parts.join(" and ")
        ))
    }
}

/// Compares the ratings in a text with the facts; with `write`, puts in those of the facts.
pub fn check(rendered: &mut Rendered, rating: &Rating, write: bool) -> Ratings {
    let mut differ = Vec::new();
    let score = format!("{:.1}", rating.cvss_score);
    let mut front = String::with_capacity(rendered.front.len());
    for line in rendered.front.split_inclusive('\n') {
        match number_in(line, "cvss:").filter(|stated| *stated != score) {
            Some(stated) => {
                front.push_str(&if write { line.replacen(stated, &score, 1) } else { line.to_owned() });
                differ.push((Stated::Cvss, stated.to_owned(), score.clone()));
            }
            None => front.push_str(line),
        }
    }
    let levels = [
        (Stated::Impact, "Impact:", rating.impact),
        (Stated::Likelihood, "Likelihood:", rating.likelihood),
        (Stated::Risk, "Risk:", rating.risk),
    ];
    let mut text = String::with_capacity(rendered.text.len());
    for line in rendered.text.split_inclusive('\n') {
        let found = levels.iter().find_map(|(stated, word, level)| {
            let name = level_in(line, word)?;
            (Level::from_name(name) != Some(*level)).then_some((*stated, name, *level))
        });
        match found {
            Some((stated, name, level)) => {
                let facts = tidegate_audit::words::sentence(level.name());
                text.push_str(&if write { line.replacen(name, &facts, 1) } else { line.to_owned() });
                differ.push((stated, name.to_owned(), facts));
            }
            None => text.push_str(line),
        }
    }
    rendered.front = front;
    rendered.text = text;
    Ratings { differ }
}

/// The level that a heading states after a word.
fn level_in<'a>(line: &'a str, word: &str) -> Option<&'a str> {
    let heading = line.strip_prefix('#')?.trim_start_matches('#').trim();
    let rest = heading.strip_prefix(word)?.trim();
    let name = rest.split(|c: char| !c.is_alphabetic()).next()?;
    Level::from_name(name).map(|_| name)
}

fn number_in<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    let value = line.strip_prefix(key)?.trim().trim_matches(['"', '\'']);
    value.parse::<f64>().ok().map(|_| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rating(impact: Level) -> Rating {
        Rating {
            impact,
            likelihood: Level::Low,
            risk: tidegate_audit::risk(impact, Level::Low),
            reasons: Vec::new(),
            cvss_vector: "",
            cvss_score: 3.7,
            cvss_environmental: None,
            cvss_environmental_vector: None,
        }
    }

    fn text() -> Rendered {
        Rendered {
            front: "---\ncvss: \"3.7\"\n---\n".into(),
            text: "### T\n#### Impact: Medium\nImpact: High is text\n#### Likelihood: Low\n".into(),
        }
    }

    #[test]
    fn what_agrees_with_the_facts_is_no_news() {
        assert!(check(&mut text(), &rating(Level::Medium), false).warning().is_none());
    }

    #[test]
    fn what_differs_is_named_and_left_or_written() {
        let mut left = text();
        let warning = check(&mut left, &rating(Level::High), false).warning().unwrap();
        assert!(warning.contains("impact Medium") && warning.contains("High"), "{warning}");
        assert_eq!(left, text());
        let mut written = text();
        check(&mut written, &rating(Level::High), true);
        assert!(written.text.contains("#### Impact: High\nImpact: High is text"), "{}", written.text);
    }
}
