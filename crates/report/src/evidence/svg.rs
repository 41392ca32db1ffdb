//! Writing SVG: text is escaped here and nowhere else.

use crate::escape;
use std::fmt::Write as _;
use tidegate_fonts::{Face, MONO, SANS};

/// Colours that stay apart in print and for people who see few of them; contrast of text at least 4.5 to 1.
pub mod colour {
    /// Text.
    pub const INK: &str = "#1b2530";
    /// Text of less weight.
    pub const MUTED: &str = "#52606d";
    /// Lines.
    pub const LINE: &str = "#c9d2da";
    /// Background of heads.
    pub const HEAD: &str = "#eef2f5";
    /// What gets out.
    pub const OUT: &str = "#b93c08";
    /// Its background.
    pub const OUT_PALE: &str = "#fdeadf";
    /// Special-purpose space.
    pub const SPECIAL: &str = "#9aa7b4";
    /// Paper.
    pub const PAPER: &str = "#ffffff";
    /// Water: closed.
    pub const SHUT: &str = "#e8eef3";
}

/// A picture that is being written.
#[derive(Debug)]
pub struct Svg {
    out: String,
}

/// How text is set.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Size in pixels.
    pub size: f64,
    /// Colour.
    pub fill: &'static str,
    /// Whether in bold type.
    pub bold: bool,
    /// Whether in the font for code.
    pub mono: bool,
    /// `start`, `middle`, `end`.
    pub anchor: &'static str,
}

impl Style {
    /// Plain text of a size.
    pub fn of(size: f64) -> Self {
        Self { size, fill: colour::INK, bold: false, mono: false, anchor: "start" }
    }
}

/// Text of so many characters is long.
const LONG: usize = 20;

impl Svg {
    /// A picture of a size, with a title and a description for those who cannot see it.
    pub fn new(width: u32, height: u32, title: &str, description: &str) -> Self {
        let mut out = String::new();
        let _ = write!(
            out,
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img"><title>{}</title><desc>{}</desc>"##,
            escaped(title),
            escaped(description)
        );
        let mut svg = Self { out };
        svg.rect((0.0, 0.0), (f64::from(width), f64::from(height)), colour::PAPER, None);
        svg
    }

    /// A rectangle.
    pub fn rect(&mut self, at: (f64, f64), size: (f64, f64), fill: &str, stroke: Option<&str>) {
        let stroke = stroke.map_or_else(String::new, |colour| format!(r#" stroke="{colour}""#));
        let _ = write!(
            self.out,
            r#"<rect x="{}" y="{}" width="{}" height="{}" fill="{fill}"{stroke}/>"#,
            short(at.0),
            short(at.1),
            short(size.0),
            short(size.1)
        );
    }

    /// A line.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), stroke: &str) {
        let _ = write!(
            self.out,
            r#"<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{stroke}"/>"#,
            short(from.0),
            short(from.1),
            short(to.0),
            short(to.1)
        );
    }

    /// A shape of many parts, as path data.
    pub fn path(&mut self, data: &str, fill: &str) {
        if !data.is_empty() {
            let _ = write!(self.out, r#"<path d="{data}" fill="{fill}"/>"#);
        }
    }

    /// Text on one line, its base line at `at`.
    pub fn text(&mut self, at: (f64, f64), text: &str, style: Style) {
        let bold = if style.bold { r#" font-weight="700""# } else { "" };
        let anchor = if style.anchor == "start" {
            String::new()
        } else {
            format!(r#" text-anchor="{}""#, style.anchor)
        };
        // A browser may have none of the fonts: what is long stays as wide as it was measured.
        let length = match text.chars().count() {
            LONG.. => {
                format!(r#" textLength="{}" lengthAdjust="spacingAndGlyphs""#, short(width_of(text, style)))
            }
            _ => String::new(),
        };
        let _ = write!(
            self.out,
            r#"<text x="{}" y="{}" font-family="{}" font-size="{}" fill="{}"{bold}{anchor}{length}>{}</text>"#,
            short(at.0),
            short(at.1),
            if style.mono { MONO } else { SANS },
            short(style.size),
            style.fill,
            escaped(text)
        );
    }

    /// The finished picture.
    pub fn finish(mut self) -> String {
        self.out.push_str("</svg>");
        self.out
    }
}

/// A number without digits that nobody sees.
fn short(number: f64) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
}

/// Text for an element or an attribute.
pub fn escaped(text: &str) -> String {
    let text = escape::xml(&escape::line(text));
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

/// How wide text is set.
pub fn width_of(text: &str, style: Style) -> f64 {
    let face = match (style.mono, style.bold) {
        (false, false) => Face::Sans,
        (false, true) => Face::SansBold,
        (true, false) => Face::Mono,
        (true, true) => Face::MonoBold,
    };
    tidegate_fonts::width(text, face, style.size)
}

/// The text, cut so that it fits into a width.
pub fn fitted(text: &str, width: f64, style: Style) -> String {
    let shown = escape::line(text);
    if width_of(&shown, style) <= width {
        return shown.into_owned();
    }
    let mut out = String::new();
    for c in shown.chars() {
        out.push(c);
        if width_of(&out, style) + style.size > width {
            out.pop();
            break;
        }
    }
    out.push('…');
    out
}

/// The same, but what is cut is its beginning: of a path, the end says more.
pub fn fitted_end(text: &str, width: f64, style: Style) -> String {
    let turned: String = escape::line(text).chars().rev().collect();
    fitted(&turned, width, style).chars().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_markup() {
        let mut svg = Svg::new(10, 10, "</title><script>", "\"x\"");
        svg.text((0.0, 0.0), "<script>alert(1)</script>\u{202e}&", Style::of(10.0));
        let out = svg.finish();
        assert!(!out.contains("<script"), "{out}");
        assert!(!out.contains('\u{202e}'), "{out}");
    }

    #[test]
    fn long_text_is_cut_and_says_so() {
        let cut = fitted(&"a".repeat(500), 100.0, Style::of(12.0));
        assert!(cut.ends_with('…') && width_of(&cut, Style::of(12.0)) <= 112.0, "{cut}");
    }
}
