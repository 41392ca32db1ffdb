//! SVG pictures as PNG, with the fonts that ship along and no others.
//!
//! ```
//! let svg = r#"<svg xmlns="http://www.w3.org/2000/svg" width="30" height="10"><rect width="30" height="10"/></svg>"#;
//! let png = tidegate_png::png(svg, 2.0).unwrap();
//! assert!(png.starts_with(b"\x89PNG"));
//! ```

use resvg::{tiny_skia, usvg};
use std::fmt;
use std::sync::{Arc, LazyLock};
use tidegate_fonts::{FALLBACK, Face, MONO, SANS};

/// More pixels than this along one edge are not drawn: the scale is made smaller instead.
const MOST: f32 = 8192.0;

/// Why there is no picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PngError(String);

impl fmt::Display for PngError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the picture could not be drawn: {}", self.0)
    }
}

impl std::error::Error for PngError {}

/// An SVG picture as PNG, `scale` pixels for each of its own. Nothing outside of it is read: a reference to a file or an
/// address draws nothing. A character that no font has is spelled `\u{65e5}`.
pub fn png(svg: &str, scale: f32) -> Result<Vec<u8>, PngError> {
    let svg = tidegate_fonts::shown(svg);
    let tree = usvg::Tree::from_str(&svg, &options()).map_err(|error| PngError(error.to_string()))?;
    let size = tree.size();
    let scale = scale.min(MOST / size.width()).min(MOST / size.height());
    let pixels = |length: f32| ((length * scale).ceil() as u32).max(1);
    let mut canvas = tiny_skia::Pixmap::new(pixels(size.width()), pixels(size.height()))
        .ok_or_else(|| PngError("it has no size".to_owned()))?;
    resvg::render(&tree, tiny_skia::Transform::from_scale(scale, scale), &mut canvas.as_mut());
    canvas.encode_png().map_err(|error| PngError(error.to_string()))
}

fn options() -> usvg::Options<'static> {
    static FONTS: LazyLock<Arc<usvg::fontdb::Database>> = LazyLock::new(|| {
        let mut fonts = usvg::fontdb::Database::new();
        for face in Face::ALL {
            fonts.load_font_source(usvg::fontdb::Source::Binary(Arc::new(face.data())));
        }
        let first = |families: &'static str| families.split(',').next().unwrap_or(FALLBACK);
        fonts.set_sans_serif_family(first(SANS));
        fonts.set_serif_family(first(SANS));
        fonts.set_monospace_family(first(MONO));
        Arc::new(fonts)
    });
    let mut options = usvg::Options { fontdb: FONTS.clone(), ..usvg::Options::default() };
    SANS.split(',').next().unwrap_or(FALLBACK).clone_into(&mut options.font_family);
    // Pictures are complete: what refers to something else is not followed.
    options.image_href_resolver.resolve_string = Box::new(|_, _| None);
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(body: &str) -> String {
        format!(r#"<svg xmlns="http://www.w3.org/2000/svg" width="200" height="40">{body}</svg>"#)
    }

    fn drawn(body: &str) -> tiny_skia::Pixmap {
        tiny_skia::Pixmap::decode_png(&png(&picture(body), 2.0).unwrap()).unwrap()
    }

    /// The columns of pixels that something is drawn in.
    fn inked(picture: &tiny_skia::Pixmap) -> std::ops::Range<u32> {
        let columns: Vec<u32> = (0..picture.width())
            .filter(|&x| {
                (0..picture.height()).any(|y| picture.pixel(x, y).is_some_and(|pixel| pixel.alpha() > 64))
            })
            .collect();
        columns.first().copied().unwrap_or(0)..columns.last().map_or(0, |last| last + 1)
    }

    #[test]
    fn text_is_drawn_with_the_fonts_that_ship_along_as_wide_as_measured() {
        for (families, face) in [(SANS, Face::Sans), (MONO, Face::Mono)] {
            let body = format!(
                r#"<text x="10" y="25" font-family="{families}" font-size="16">HEAD to 10.0.0.0H</text>"#
            );
            let inked = inked(&drawn(&body));
            let wide = f64::from(inked.end - inked.start) / 2.0;
            let measured = tidegate_fonts::width("HEAD to 10.0.0.0H", face, 16.0);
            assert!((wide - measured).abs() < 4.0, "{families}: {wide} drawn, {measured} measured");
        }
    }

    #[test]
    fn unknown_families_and_missing_characters_still_make_text() {
        assert!(
            !inked(&drawn(r#"<text x="10" y="25" font-family="Nobody Has This">text</text>"#)).is_empty()
        );
        assert!(
            !inked(&drawn(&format!(r#"<text x="10" y="25" font-family="{SANS}">العربية ✓</text>"#)))
                .is_empty()
        );
    }

    #[test]
    fn nothing_outside_is_read() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/square.png");
        assert!(std::path::Path::new(file).exists());
        let image = format!(r#"<image href="{file}" width="30" height="30"/>"#);
        assert!(inked(&drawn(&image)).is_empty());
    }

    #[test]
    fn what_is_no_picture_is_an_error_and_a_huge_one_is_made_smaller() {
        assert!(png("<svg", 2.0).is_err());
        assert!(png("", 2.0).is_err());
        let huge = r#"<svg xmlns="http://www.w3.org/2000/svg" width="100000" height="10"><rect width="9" height="9"/></svg>"#;
        let drawn = tiny_skia::Pixmap::decode_png(&png(huge, 2.0).unwrap()).unwrap();
        assert_eq!((drawn.width(), drawn.height()), (8192, 1));
    }
}
