//! A document as one HTML file: nothing is fetched, and everything can be read without script.

use crate::document::{Block, Cell, Column, Document, Inline, Picture, Section, SectionKind, Table, plain};
use crate::escape;
use base64::Engine as _;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");

/// Characters of code that are never parted.
const ONE_PIECE: usize = 40;

/// The weight of columns that hold sentences or names.
const WIDE: u8 = 5;

/// Writes a document as HTML.
pub fn write(document: &Document) -> String {
    let mut writer = Writer { out: String::with_capacity(64 << 10) };
    writer.document(document);
    writer.out
}

struct Writer {
    out: String,
}

impl Writer {
    fn document(&mut self, document: &Document) {
        let cover = &document.cover;
        let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(SCRIPT.as_bytes()));
        let title = text(&cover.title);
        let _ = write!(
            self.out,
            "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
             script-src 'sha256-{hash}'; img-src data:; base-uri 'none'; form-action 'none'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
             <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
             <a class=\"skip\" href=\"#content\">Skip to the content</a>\n<header class=\"cover\">\n<h1>{title}</h1>\n<dl>",
            text(if cover.language.is_empty() { "en" } else { &cover.language })
        );
        for (name, value) in &cover.facts {
            let _ = write!(self.out, "<div><dt>{}</dt><dd>{}</dd></div>", text(name), text(value));
        }
        self.out.push_str(
            "</dl>\n</header>\n<div class=\"page\">\n<nav aria-label=\"Contents\">\n<h2>Contents</h2>\n",
        );
        self.contents(&document.sections, 2);
        self.out.push_str("</nav>\n<main id=\"content\">\n");
        for section in &document.sections {
            self.section(section, 2);
        }
        let _ = write!(self.out, "</main>\n</div>\n<script>{SCRIPT}</script>\n</body>\n</html>\n");
    }

    fn contents(&mut self, sections: &[Section], depth: usize) {
        if sections.is_empty() || depth == 0 {
            return;
        }
        self.out.push_str("<ol>\n");
        for section in sections {
            let risk = match section.kind {
                SectionKind::Finding(level) => format!(" <span class=\"risk {0}\">{0}</span>", level.name()),
                _ => String::new(),
            };
            let _ = write!(
                self.out,
                "<li><a href=\"#{}\">{}</a>{risk}",
                text(&section.id),
                text(&plain(&section.heading))
            );
            self.contents(&section.sections, depth - 1);
            self.out.push_str("</li>\n");
        }
        self.out.push_str("</ol>\n");
    }

    fn section(&mut self, section: &Section, level: usize) {
        let class = match section.kind {
            SectionKind::Plain => String::new(),
            SectionKind::Finding(risk) => format!(" class=\"finding\" data-risk=\"{}\"", risk.name()),
            SectionKind::Appendix => " class=\"appendix\"".to_owned(),
        };
        let (id, depth) = (text(&section.id), level.min(6));
        // A section with a name is a landmark: the parts of a report are, what lies inside of them is found by its heading.
        let (named, name) = match (&section.kind, level) {
            (SectionKind::Plain | SectionKind::Appendix, 2) => {
                (format!(" aria-labelledby=\"{id}-title\""), format!(" id=\"{id}-title\""))
            }
            _ => Default::default(),
        };
        let _ = write!(
            self.out,
            "<section id=\"{id}\"{class}{named}>\n<h{depth}{name}>{}</h{depth}>\n",
            inlines(&section.heading)
        );
        self.blocks(&section.blocks, level + 1);
        for section in &section.sections {
            self.section(section, level + 1);
        }
        self.out.push_str("</section>\n");
    }

    fn blocks(&mut self, blocks: &[Block], level: usize) {
        for block in blocks {
            self.block(block, level);
        }
    }

    fn block(&mut self, block: &Block, level: usize) {
        match block {
            Block::Paragraph(content) => {
                let _ = writeln!(self.out, "<p>{}</p>", inlines(content));
            }
            Block::Heading(depth, content) => {
                // A text's own headings begin at 4, as in templates.
                let depth = (level + usize::from(*depth).saturating_sub(4)).min(6);
                let _ = writeln!(self.out, "<h{depth}>{}</h{depth}>", inlines(content));
            }
            Block::List(first, items) => {
                let tag = if first.is_some() { "ol" } else { "ul" };
                let start =
                    first.filter(|first| *first != 1).map_or_else(String::new, |n| format!(" start=\"{n}\""));
                let _ = writeln!(self.out, "<{tag}{start}>");
                for item in items {
                    self.out.push_str("<li>");
                    match item.as_slice() {
                        [Block::Paragraph(content)] => self.out.push_str(&inlines(content)),
                        blocks => self.blocks(blocks, level),
                    }
                    self.out.push_str("</li>\n");
                }
                let _ = writeln!(self.out, "</{tag}>");
            }
            Block::Table(table) => self.table(table),
            Block::Code { language, text: code } => {
                let class = if language.is_empty() {
                    String::new()
                } else {
                    format!(" class=\"language-{}\"", text(language))
                };
                let _ = writeln!(
                    self.out,
                    "<pre tabindex=\"0\"><code{class}>{}</code></pre>",
                    text_of_lines(code)
                );
            }
            Block::Quote(inner) => {
                self.out.push_str("<blockquote>\n");
                self.blocks(inner, level);
                self.out.push_str("</blockquote>\n");
            }
            Block::Callout(inner) => {
                self.out.push_str("<div class=\"callout\" role=\"note\">\n");
                self.blocks(inner, level);
                self.out.push_str("</div>\n");
            }
            Block::Rule => self.out.push_str("<hr>\n"),
            Block::Picture(picture) => self.picture(picture),
            Block::Details(summary, inner) => {
                let _ = write!(self.out, "<details>\n<summary>{}</summary>\n<div>\n", inlines(summary));
                self.blocks(inner, level);
                self.out.push_str("</div>\n</details>\n");
            }
        }
    }

    fn picture(&mut self, picture: &Picture) {
        let (id, caption) = (text(&picture.name), text(&picture.caption));
        let _ = write!(
            self.out,
            "<figure id=\"{id}\">\n<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{caption}\">{}</div>\n\
             <figcaption>{caption}</figcaption>\n</figure>\n",
            picture.svg
        );
    }

    fn table(&mut self, table: &Table) {
        let caption = text(&table.caption);
        let facts = table.columns.iter().all(|column| column.heading.is_empty());
        let class = match (table.interactive, facts) {
            (true, _) => " class=\"interactive\"",
            (false, true) => " class=\"facts\"",
            _ => "",
        };
        // A table of a text that was written elsewhere may come without a caption: it still has a name.
        let label = match (caption.as_str(), facts) {
            ("", true) => "Facts",
            ("", false) => "Table",
            (caption, _) => caption,
        };
        let _ = write!(
            self.out,
            "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{label}\"><table{class}"
        );
        if caption.is_empty() {
            let _ = writeln!(self.out, " aria-label=\"{label}\">");
        } else {
            let _ = writeln!(self.out, ">\n<caption>{caption}</caption>");
        }
        if !facts {
            self.out.push_str("<thead><tr>");
            for column in &table.columns {
                let class = class_of(column);
                let _ = match column.heading.as_str() {
                    "" => write!(self.out, "<td{class}></td>"),
                    heading => write!(self.out, "<th scope=\"col\"{class}>{}</th>", text(heading)),
                };
            }
            self.out.push_str("</tr></thead>\n");
        }
        self.out.push_str("<tbody>\n");
        for row in &table.rows {
            self.out.push_str(if row.marked { "<tr class=\"marked\">" } else { "<tr>" });
            for (at, cell) in row.cells.iter().enumerate() {
                let class =
                    table.columns.get(at).map_or("", |column| if facts { "" } else { class_of(column) });
                self.cell(cell, class, facts && at == 0);
            }
            self.out.push_str("</tr>\n");
        }
        self.out.push_str("</tbody></table></div>\n");
    }

    fn cell(&mut self, cell: &Cell, class: &str, heads: bool) {
        let key = cell.key.map_or_else(String::new, |key| format!(" data-key=\"{key}\""));
        let (tag, scope) = if heads { ("th", " scope=\"row\"") } else { ("td", "") };
        let content = match (cell.risk, cell.text.split_first()) {
            (Some(level), Some((first, rest))) => {
                format!("<span class=\"risk {}\">{}</span>{}", level.name(), inline(first), inlines(rest))
            }
            _ => inlines(&cell.text),
        };
        let _ = write!(self.out, "<{tag}{scope}{class}{key}>{content}</{tag}>");
    }
}

/// The class of a column's cells.
fn class_of(column: &Column) -> &'static str {
    match (column.numeric, column.weight) {
        (true, _) => " class=\"number\"",
        (false, WIDE..) => " class=\"wide\"",
        _ => "",
    }
}

fn inlines(content: &[Inline]) -> String {
    content.iter().map(inline).collect()
}

fn inline(content: &Inline) -> String {
    match content {
        Inline::Text(content) => text(content),
        // Short code stays in one piece; what is longer may break anywhere.
        Inline::Code(code) => {
            let code = escape::line(code);
            let class = if code.chars().count() > ONE_PIECE { " class=\"long\"" } else { "" };
            format!("<code{class}>{}</code>", markup(&code))
        }
        Inline::Strong(inner) => format!("<strong>{}</strong>", inlines(inner)),
        Inline::Emphasis(inner) => format!("<em>{}</em>", inlines(inner)),
        Inline::Link { target, text: shown } if crate::document::may_link(target) => {
            format!("<a href=\"{}\">{}</a>", text(target), inlines(shown))
        }
        Inline::Link { text: shown, .. } => inlines(shown),
        Inline::Break => "<br>".to_owned(),
    }
}

/// Text for an element or an attribute.
fn text(content: &str) -> String {
    markup(&escape::line(content))
}

/// The same for several lines.
fn text_of_lines(content: &str) -> String {
    markup(&escape::lines(content))
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

    fn written(blocks: Vec<Block>) -> String {
        let section = Section { id: "one".into(), blocks, ..Section::default() };
        write(&Document { sections: vec![section], ..Document::default() })
    }

    #[test]
    fn every_table_has_a_name() {
        let column = |heading: &str| Column { heading: heading.to_owned(), ..Column::default() };
        let named = |caption: &str, heading: &str| {
            let table =
                Table { caption: caption.to_owned(), columns: vec![column(heading)], ..Table::default() };
            written(vec![Block::Table(table)])
        };
        assert!(named("Systems", "System").contains("<caption>Systems</caption>"));
        assert!(named("", "").contains("<table class=\"facts\" aria-label=\"Facts\">"));
        assert!(named("", "a").contains("<table aria-label=\"Table\">"));
    }

    #[test]
    fn code_that_is_long_as_it_is_shown_may_break() {
        let code = |text: &str| written(vec![Block::Paragraph(vec![Inline::code(text)])]);
        assert!(code("10.0.0.1").contains("<code>10.0.0.1</code>"));
        assert!(code(&"a".repeat(41)).contains("<code class=\"long\">"));
        assert!(code(&"\u{202e}".repeat(6)).contains("<code class=\"long\">\\u{202e}"));
    }

    #[test]
    fn a_picture_can_be_linked_to() {
        let picture = Picture {
            name: "open-egress-aws-place-1".into(),
            svg: "<svg></svg>".into(),
            size: (1, 1),
            alternative: String::new(),
            caption: "<b>".into(),
        };
        let out = written(vec![Block::Picture(picture)]);
        assert!(out.contains("<figure id=\"open-egress-aws-place-1\">"), "{out}");
        assert!(out.contains("<figcaption>&lt;b&gt;</figcaption>"), "{out}");
    }
}
