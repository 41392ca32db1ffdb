//! The fonts that ship along, and how wide text is in them.
//!
//! Liberation Sans and Liberation Mono have the metrics of Arial and Courier New, glyph by glyph: a picture that
//! names the families of [`SANS`] and [`MONO`] has text of the same width in a PDF, in a PNG and in any browser.
//! DejaVu Sans stands in for the characters they lack (Arabic, arrows, symbols …). What no font has can be spelled
//! out with [`shown`].
//!
//! ```
//! use tidegate_fonts::{Face, shown, width};
//!
//! assert_eq!(width("0.0.0.0/0", Face::Mono, 10.0).round(), 54.0);
//! assert!(width("open egress", Face::SansBold, 10.0) > width("open egress", Face::Sans, 10.0));
//! assert_eq!(shown("Größe → 日"), "Größe → \\u{65e5}");
//! ```

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::LazyLock;

/// What an SVG picture names as `font-family` for running text.
pub const SANS: &str = "Liberation Sans, Arimo, Arial, Helvetica, sans-serif";

/// What an SVG picture names as `font-family` for code.
pub const MONO: &str = "Liberation Mono, Cousine, Courier New, monospace";

/// The family that stands in for missing characters.
pub const FALLBACK: &str = "DejaVu Sans";

/// One of the fonts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    /// Liberation Sans.
    Sans,
    /// Liberation Sans Bold.
    SansBold,
    /// Liberation Sans Italic.
    SansItalic,
    /// Liberation Mono.
    Mono,
    /// Liberation Mono Bold.
    MonoBold,
    /// DejaVu Sans, for what the others lack.
    Fallback,
}

impl Face {
    /// All of them.
    pub const ALL: [Face; 6] =
        [Face::Sans, Face::SansBold, Face::SansItalic, Face::Mono, Face::MonoBold, Face::Fallback];

    /// The font file (TrueType).
    pub fn data(self) -> &'static [u8] {
        match self {
            Face::Sans => include_bytes!("../data/liberation/LiberationSans-Regular.ttf"),
            Face::SansBold => include_bytes!("../data/liberation/LiberationSans-Bold.ttf"),
            Face::SansItalic => include_bytes!("../data/liberation/LiberationSans-Italic.ttf"),
            Face::Mono => include_bytes!("../data/liberation/LiberationMono-Regular.ttf"),
            Face::MonoBold => include_bytes!("../data/liberation/LiberationMono-Bold.ttf"),
            Face::Fallback => include_bytes!("../data/dejavu/DejaVuSans.ttf"),
        }
    }

    fn parsed(self) -> Option<&'static ttf_parser::Face<'static>> {
        static PARSED: LazyLock<[Option<ttf_parser::Face<'static>>; 6]> =
            LazyLock::new(|| Face::ALL.map(|face| ttf_parser::Face::parse(face.data(), 0).ok()));
        PARSED.get(self as usize).and_then(Option::as_ref)
    }
}

/// How wide a line of text is at a font size, in the same unit. Kerning is left out: a browser may or may not do it.
pub fn width(text: &str, face: Face, size: f64) -> f64 {
    let ems: f64 =
        text.chars().map(|c| advance(c, face).or_else(|| advance(c, Face::Fallback)).unwrap_or(1.0)).sum();
    ems * size
}

/// How far one character moves on, in ems.
fn advance(c: char, face: Face) -> Option<f64> {
    let face = face.parsed()?;
    let advance = face.glyph_hor_advance(face.glyph_index(c)?)?;
    Some(f64::from(advance) / f64::from(face.units_per_em()))
}

/// Whether one of the fonts has the character, in every style.
pub fn covers(c: char) -> bool {
    let has = |face: Face| face.parsed().is_some_and(|face| face.glyph_index(c).is_some());
    has(Face::Fallback)
        || [Face::Sans, Face::SansBold, Face::SansItalic, Face::Mono, Face::MonoBold].into_iter().all(has)
}

/// Text in which each character that no font has is spelled `\u{65e5}`.
pub fn shown(text: &str) -> Cow<'_, str> {
    shown_by(text, covers)
}

/// As [`shown`], where more fonts are at hand: `has` says what they can show. Line feeds and tabs stay.
pub fn shown_by(text: &str, has: impl Fn(char) -> bool) -> Cow<'_, str> {
    let missing = |c: char| !matches!(c, ' '..='~' | '\n' | '\t') && !has(c);
    if !text.chars().any(missing) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if missing(c) {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_font_is_read_and_has_the_family_that_pictures_name() {
        for (face, family) in [(Face::Sans, SANS), (Face::MonoBold, MONO), (Face::Fallback, FALLBACK)] {
            let names = face.parsed().unwrap().names();
            let own = names
                .into_iter()
                .find(|name| name.name_id == ttf_parser::name_id::FAMILY && name.is_unicode());
            assert_eq!(own.unwrap().to_string().as_deref(), family.split(", ").next());
        }
        assert!(Face::ALL.into_iter().all(|face| face.parsed().is_some()));
    }

    #[test]
    fn text_is_as_wide_as_in_arial() {
        // From Arial's own table of widths, in 1/2048 em: A 1366, V 1366, i 455, blank 569.
        assert_eq!(width("AVi ", Face::Sans, 2048.0).round(), 1366.0 + 1366.0 + 455.0 + 569.0);
    }

    #[test]
    fn europe_and_the_near_east_are_covered_and_the_rest_is_spelled_out() {
        for c in "Größe ✓ → ≤ Ελληνικά Привет שלום العربية │ █ 😀 ⚠".chars()
        {
            assert!(covers(c), "{c}");
        }
        assert_eq!(shown("a\u{10ffff}\n"), "a\\u{10ffff}\n");
        assert_eq!(shown_by("日本", |c| c == '日'), "日\\u{672c}");
    }
}
