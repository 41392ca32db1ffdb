//! Text for the template: nothing deceptive in it, nothing that no font can show, and no word wider than its place.

use crate::world::Fonts;
use serde_json::Value;
use tidegate_fonts::{Face, shown_by, width};
use tidegate_report::escape;

/// After one of these a long word may be broken in two.
const BREAKS: &str = "/:.,;-_=@&?#+|\\)}]>";

/// After so many characters a long word without one of [`BREAKS`] may be broken in two.
const RUN: usize = 4;

/// Where text will stand.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// How wide it is, in points.
    pub room: f64,
    /// The size of its type, in points.
    pub size: f64,
}

impl Place {
    /// The same place, less wide.
    pub fn narrower(self, by: f64) -> Self {
        Place { room: (self.room - by).max(20.0), ..self }
    }
}

/// One line of text, as the template takes it: a string, or an array of strings between which a line may end.
pub fn line(text: &str, face: Face, place: Place, fonts: &Fonts) -> Value {
    breakable(&shown_by(&escape::line(text), |c| fonts.have(c)), face, place)
}

/// One line of text that is no part of a page: a property, an alternative text.
pub fn plain(text: &str, fonts: &Fonts) -> String {
    shown_by(&escape::line(text), |c| fonts.have(c)).into_owned()
}

/// The lines of code, without their ends, with blanks for tabs.
pub fn lines(text: &str, fonts: &Fonts) -> Vec<String> {
    let text = escape::lines(text);
    let text = shown_by(&text, |c| fonts.have(c));
    text.trim_end_matches('\n').split('\n').map(|line| line.replace('\t', "    ")).collect()
}

/// Text with the points at which its long words may be broken.
pub fn breakable(text: &str, face: Face, place: Place) -> Value {
    // Most text is short. An em is more than any letter of it is wide.
    if text.len() as f64 * place.size <= place.room {
        return Value::from(text);
    }
    let mut parts = vec![String::new()];
    for word in text.split_inclusive(char::is_whitespace) {
        let long = width(word.trim_end(), face, place.size) > place.room * 0.96;
        let mut run = 0;
        for c in word.chars() {
            if long && run >= RUN && c.is_alphanumeric() {
                parts.push(String::new());
                run = 0;
            }
            if let Some(part) = parts.last_mut() {
                part.push(c);
            }
            run = if BREAKS.contains(c) { RUN } else { run + 1 };
        }
    }
    match <[String; 1]>::try_from(parts) {
        Ok([whole]) => Value::from(whole),
        Err(parts) => Value::from(parts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const CELL: Place = Place { room: 60.0, size: 8.0 };

    #[test]
    fn words_that_fit_are_left_alone() {
        assert_eq!(
            breakable("a cell with more words than one line holds", Face::Sans, CELL),
            "a cell with more words than one line holds"
        );
    }

    #[test]
    fn a_word_that_is_too_wide_may_end_after_punctuation_and_every_few_letters() {
        assert_eq!(
            breakable("of arn:aws:ec2/sg-0123456789ab in", Face::Mono, CELL),
            json!(["of arn:", "aws:", "ec2/", "sg-", "0123", "4567", "89ab in"])
        );
    }

    #[test]
    fn code_has_blanks_for_tabs_and_no_empty_last_line() {
        let fonts = Fonts::with(std::iter::empty());
        assert_eq!(lines("a:\n\tb\u{1b}\n\n", &fonts), ["a:", "    b\\u{1b}"]);
        assert_eq!(lines("\u{65e5}", &fonts), ["\\u{65e5}"]);
    }
}
