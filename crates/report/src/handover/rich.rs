//! Blocks as HTML for the rich-text fields of tools.
//!
//! Their readers know few elements, drop text that stands in none of them, and take a line break between two blocks for
//! one in the text: so every text has a paragraph of its own, and nothing stands between blocks. Headings are bold
//! paragraphs, as a style for them may be missing in a house's document.

use crate::document::{Block, Inline, Table, may_link};
use crate::escape;
use std::fmt::Write as _;

/// Writes blocks.
pub fn write(blocks: &[Block]) -> String {
    let mut out = String::new();
    blocks.iter().for_each(|block| self::block(block, &mut out));
    out
}

/// One paragraph of text.
pub fn paragraph(text: &str) -> String {
    format!("<p>{}</p>", markup(&escape::line(text)))
}

/// A list of texts.
pub fn list<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let items: String = texts.map(|text| format!("<li>{}</li>", paragraph(text))).collect();
    if items.is_empty() { items } else { format!("<ul>{items}</ul>") }
}

fn block(block: &Block, out: &mut String) {
    match block {
        Block::Paragraph(text) => put(out, &inlines(text)),
        Block::Heading(_, text) => put(out, &format!("<strong>{}</strong>", inlines(text))),
        Block::List(first, items) => {
            let tag = if first.is_some() { "ol" } else { "ul" };
            let _ = write!(out, "<{tag}>");
            for item in items {
                let _ = write!(out, "<li>{}</li>", write(item));
            }
            let _ = write!(out, "</{tag}>");
        }
        Block::Table(table) => self::table(table, out),
        Block::Code { text, .. } => {
            let _ = write!(out, "<pre><code>{}</code></pre>", markup(&escape::lines(text)));
        }
        Block::Quote(inner) => {
            let _ = write!(out, "<blockquote>{}</blockquote>", write(inner));
        }
        Block::Callout(inner) => out.push_str(&write(inner)),
        Block::Rule => {}
        Block::Picture(picture) => {
            put(out, &format!("<em>{}</em>", markup(&escape::line(&picture.alternative))))
        }
        Block::Details(summary, inner) => {
            put(out, &inlines(summary));
            out.push_str(&write(inner));
        }
    }
}

fn table(table: &Table, out: &mut String) {
    if !table.caption.is_empty() {
        put(out, &format!("<strong>{}</strong>", markup(&escape::line(&table.caption))));
    }
    out.push_str("<table><tbody><tr>");
    for column in &table.columns {
        let _ = write!(out, "<th><p>{}</p></th>", markup(&escape::line(&column.heading)));
    }
    out.push_str("</tr>");
    for row in &table.rows {
        out.push_str("<tr>");
        for cell in &row.cells {
            let text = inlines(&cell.text);
            let text = if row.marked { format!("<strong>{text}</strong>") } else { text };
            let _ = write!(out, "<td><p>{text}</p></td>");
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table>");
}

fn put(out: &mut String, content: &str) {
    let _ = write!(out, "<p>{content}</p>");
}

fn inlines(content: &[Inline]) -> String {
    content.iter().map(inline).collect()
}

fn inline(content: &Inline) -> String {
    match content {
        Inline::Text(text) => markup(&escape::line(text)),
        Inline::Code(code) => format!("<code>{}</code>", markup(&escape::line(code))),
        Inline::Strong(inner) => format!("<strong>{}</strong>", inlines(inner)),
        Inline::Emphasis(inner) => format!("<em>{}</em>", inlines(inner)),
        Inline::Link { target, text } if may_link(target) && !target.starts_with('#') => {
            format!("<a href=\"{}\">{}</a>", markup(&escape::line(target)), inlines(text))
        }
        Inline::Link { text, .. } => inlines(text),
        Inline::Break => "<br>".to_owned(),
    }
}

fn markup(content: &str) -> String {
    let mut out = String::with_capacity(content.len() + 8);
    for c in content.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markdown::{no_pictures, read};

    #[test]
    fn every_text_stands_in_a_paragraph_and_nothing_between_blocks() {
        let blocks = read(
            "A *b* `c`\n\n- x\n- y\n  - z\n\n| h |\n|---|\n| v |\n\n```sh\nl1\nl2\n```\n\n> q\n\n#### H\n---\n",
            &mut no_pictures,
        );
        assert_eq!(
            write(&blocks),
            "<p>A <em>b</em> <code>c</code></p><ul><li><p>x</p></li><li><p>y</p><ul><li><p>z</p></li></ul></li></ul>\
             <table><tbody><tr><th><p>h</p></th></tr><tr><td><p>v</p></td></tr></tbody></table>\
             <pre><code>l1\nl2</code></pre><blockquote><p>q</p></blockquote><p><strong>H</strong></p>"
        );
    }

    #[test]
    fn markup_in_text_is_text() {
        let blocks = vec![
            Block::text("<script>alert(1)</script> & \"x\"\n\u{202e}"),
            Block::Paragraph(vec![Inline::Link {
                target: "javascript:alert(1)".into(),
                text: vec![Inline::text("t")],
            }]),
        ];
        let html = write(&blocks);
        assert_eq!(
            html,
            "<p>&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;x&quot;\\n\\u{202e}</p><p>t</p>"
        );
    }
}
