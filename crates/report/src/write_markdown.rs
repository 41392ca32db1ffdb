//! A document as Markdown.

use crate::document::{Block, Cell, Document, Inline, Section, SectionKind, Table};
use crate::{escape, markdown};
use std::fmt::Write as _;

/// How pictures appear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pictures {
    /// As their description.
    Described,
    /// As files in this folder, as links name it, with this ending; the caller writes them.
    Files(String, &'static str),
}

/// Who reads the Markdown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// People, and sites that follow CommonMark and GitHub.
    Usual,
    /// A field of a tool whose Markdown knows fewer escapes, or more markup: what could be markup is written as a
    /// character reference, which all of them leave alone.
    Field,
    /// The same, where what becomes of the Markdown is a template: two braces are never side by side.
    Template,
}

/// Writes a document as Markdown: `#` for the title, `##` for its parts, `###` for findings.
pub fn write(document: &Document, pictures: &Pictures) -> String {
    let mut writer = Writer { out: String::new(), pictures, reader: Reader::Usual };
    let cover = &document.cover;
    writer.line(&format!("# {}\n", markdown::text(&cover.title)));
    for (name, value) in &cover.facts {
        writer.line(&format!("- **{}:** {}", markdown::text(name), markdown::text(value)));
    }
    writer.line("");
    for section in &document.sections {
        writer.section(section, 2);
    }
    let mut out = writer.out;
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

/// Writes one finding on its own: its heading is `###`, as in templates.
pub fn write_finding(document: &Document, pictures: &Pictures) -> String {
    let mut writer = Writer { out: String::new(), pictures, reader: Reader::Usual };
    for section in &document.sections {
        writer.section(section, 3);
    }
    let mut out = writer.out;
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

/// Writes blocks for a field of a tool: headings begin at `####`.
pub fn write_blocks(blocks: &[Block], reader: Reader) -> String {
    let mut writer = Writer { out: String::new(), pictures: &Pictures::Described, reader };
    writer.blocks(blocks, "", 4);
    let mut out = writer.out;
    out.truncate(out.trim_end().len());
    out
}

struct Writer<'a> {
    out: String,
    pictures: &'a Pictures,
    reader: Reader,
}

impl Writer<'_> {
    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn section(&mut self, section: &Section, level: usize) {
        let marks = "#".repeat(level.min(6));
        let _ = writeln!(self.out, "{marks} {}\n", self.inlines(&section.heading));
        // Below a finding's title its own headings follow.
        let inner = if matches!(section.kind, SectionKind::Finding(_)) { level + 1 } else { level + 2 };
        self.blocks(&section.blocks, "", inner);
        for section in &section.sections {
            self.section(section, level + 1);
        }
    }

    fn inlines(&self, text: &[Inline]) -> String {
        inlines(text, false, self.reader)
    }

    fn text(&self, text: &str) -> String {
        escaped(text, self.reader)
    }

    fn blocks(&mut self, blocks: &[Block], prefix: &str, level: usize) {
        for block in blocks {
            self.block(block, prefix, level);
        }
    }

    /// Lines, each behind the prefix, and a blank line after them.
    fn put(&mut self, text: &str, prefix: &str) {
        for line in text.trim_end_matches('\n').split('\n') {
            self.out.push_str(if line.is_empty() { prefix.trim_end() } else { prefix });
            self.out.push_str(line);
            self.out.push('\n');
        }
        self.out.push_str(prefix.trim_end());
        self.out.push('\n');
    }

    fn block(&mut self, block: &Block, prefix: &str, level: usize) {
        match block {
            Block::Paragraph(text) => self.put(&self.inlines(text), prefix),
            Block::Heading(depth, text) => {
                // A text's own headings begin at 4, as in templates.
                let depth = (level + usize::from(*depth).saturating_sub(4)).min(6);
                self.put(&format!("{} {}", "#".repeat(depth), self.inlines(text)), prefix);
            }
            Block::List(first, items) => {
                for (at, item) in items.iter().enumerate() {
                    let mark =
                        first.map_or_else(|| "- ".to_owned(), |first| format!("{}. ", first + at as u64));
                    let mut inner =
                        Writer { out: String::new(), pictures: self.pictures, reader: self.reader };
                    inner.blocks(item, "", level);
                    let indent = " ".repeat(mark.len());
                    let tight = item.len() <= 1;
                    for (at, line) in inner.out.trim_end().split('\n').enumerate() {
                        let lead = if at == 0 { mark.as_str() } else { indent.as_str() };
                        let text = format!("{prefix}{lead}{line}");
                        self.out.push_str(text.trim_end_matches(' '));
                        self.out.push('\n');
                    }
                    if !tight {
                        self.out.push('\n');
                    }
                }
                self.put("", prefix.trim_end());
                self.out.truncate(self.out.trim_end_matches('\n').len());
                self.out.push_str("\n\n");
            }
            Block::Table(table) => self.put(&self::table(table, self.reader), prefix),
            Block::Code { text, .. } if self.reader == Reader::Template && text.contains("{{") => {
                self.put(&format!("<pre><code>{}</code></pre>", code_as_html(text)), prefix);
            }
            Block::Code { language, text } => {
                let fence = escape::markdown_block(text);
                self.put(&fence.replacen("text\n", &format!("{language}\n"), 1), prefix);
            }
            Block::Quote(inner) => self.blocks(inner, &format!("{prefix}> "), level),
            Block::Callout(inner) => {
                self.put("> **Note**", prefix);
                self.out.truncate(self.out.trim_end_matches('\n').len());
                self.out.push_str(&format!("\n{prefix}>\n"));
                self.blocks(inner, &format!("{prefix}> "), level);
            }
            Block::Rule => self.put("---", prefix),
            Block::Picture(picture) => match self.pictures {
                Pictures::Described => {
                    let text = format!("*{}*", self.text(&picture.alternative));
                    self.put(&text, prefix);
                }
                Pictures::Files(folder, ending) => {
                    let alternative = self.text(&picture.alternative);
                    self.put(&format!("![{alternative}]({folder}/{}.{ending})", picture.name), prefix);
                }
            },
            Block::Details(summary, inner) => {
                self.put(&self.inlines(summary), prefix);
                self.blocks(inner, prefix, level);
            }
        }
    }
}

fn table(table: &Table, reader: Reader) -> String {
    let mut out = String::new();
    let headings: Vec<String> = table.columns.iter().map(|column| escaped(&column.heading, reader)).collect();
    if !table.caption.is_empty() {
        let _ = writeln!(out, "**{}**\n", escaped(&table.caption, reader));
    }
    let _ = writeln!(out, "| {} |", headings.join(" | "));
    let marks: Vec<&str> =
        table.columns.iter().map(|column| if column.numeric { "---:" } else { "---" }).collect();
    let _ = writeln!(out, "|{}|", marks.join("|"));
    for row in &table.rows {
        let cells: Vec<String> = row.cells.iter().map(|cell| self::cell(cell, row.marked, reader)).collect();
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
    out
}

fn cell(cell: &Cell, marked: bool, reader: Reader) -> String {
    let text = inlines(&cell.text, true, reader);
    if marked && !text.is_empty() && !text.contains(['*', '`']) { format!("**{text}**") } else { text }
}

fn inlines(text: &[Inline], in_table: bool, reader: Reader) -> String {
    text.iter()
        .map(|inline| match inline {
            Inline::Text(text) => text_of(text, reader),
            Inline::Code(code) if code.is_empty() => String::new(),
            Inline::Code(code) => self::code(code, in_table, reader),
            Inline::Strong(inner) => marked("**", &inlines(inner, in_table, reader)),
            Inline::Emphasis(inner) => marked("*", &inlines(inner, in_table, reader)),
            Inline::Link { target, text } => {
                let target: String = target.chars().flat_map(escaped_in_target).collect();
                // An address that is its own text needs no protection from becoming a link.
                let shown = crate::document::plain(text);
                let same = shown == target && !shown.contains(['[', ']', '\\', '{']);
                format!("[{}]({target})", if same { shown } else { inlines(text, in_table, reader) })
            }
            Inline::Break => if in_table { "<br>" } else { "  \n" }.to_owned(),
        })
        .collect()
}

/// Code in running text.
fn code(code: &str, in_table: bool, reader: Reader) -> String {
    let braces = reader == Reader::Template && code.contains("{{");
    // Whether a backslash before the border of a cell is part of code depends on the reader.
    let border = reader != Reader::Usual && in_table && code.contains('|');
    if braces || border {
        return format!("<code>{}</code>", referenced(&markdown::exact(code), reader));
    }
    escape::markdown_code(code, in_table)
}

/// Text with its spaces at both ends, which part it from what stands beside it. Only spaces are left as they are: a
/// line feed at the beginning of a name would begin a line.
fn text_of(text: &str, reader: Reader) -> String {
    let bare = text.trim_matches(' ');
    let (before, after) = text.split_at(text.len() - text.trim_start_matches(' ').len());
    format!("{before}{}{}", escaped(bare, reader), &after[after.trim_end_matches(' ').len()..])
}

fn escaped(text: &str, reader: Reader) -> String {
    match reader {
        Reader::Usual => markdown::text(text),
        Reader::Field | Reader::Template => referenced(&markdown::value(&escape::line(text), true), reader),
    }
}

/// Escaped Markdown with character references in place of backslashes.
fn referenced(markdown: &str, reader: Reader) -> String {
    let mut out = String::with_capacity(markdown.len() + 8);
    let mut chars = markdown.chars().peekable();
    while let Some(c) = chars.next() {
        let escaped = if c == '\\' { chars.next_if(char::is_ascii_punctuation) } else { None };
        match escaped.unwrap_or(c) {
            '{' => {
                out.push_str("&#123;");
                // Whatever comes next, in this piece of text or behind it, may be another.
                if reader == Reader::Template && matches!(chars.peek(), None | Some('{' | '\\')) {
                    out.push_str("<span></span>");
                }
            }
            '/' if out.ends_with(':') && chars.peek() == Some(&'/') => out.push_str("&#47;"),
            '<' => out.push_str("&lt;"),
            c if escaped.is_some() => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

/// Code as HTML, in lines, with no two braces side by side.
fn code_as_html(code: &str) -> String {
    let markup = escape::lines(code).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    markup.replace('{', "{<span></span>")
}

fn marked(mark: &str, text: &str) -> String {
    if text.trim().is_empty() { text.to_owned() } else { format!("{mark}{text}{mark}") }
}

/// A character of a link's address, written so that nothing ends the link.
fn escaped_in_target(c: char) -> Vec<char> {
    match c {
        '(' | ')' | '<' | '>' | '\\' | '|' | '"' | '`' | ' ' => {
            format!("%{:02X}", c as u32).chars().collect()
        }
        c if c.is_control() || escape::is_deceptive(c) => Vec::new(),
        c => vec![c],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_feed_in_a_name_begins_no_line() {
        let name = vec![Inline::strong("\n\n# heading\n"), Inline::text("\t| a |")];
        let section = Section { blocks: vec![Block::Paragraph(name)], ..Section::default() };
        let document = Document { sections: vec![section], ..Document::default() };
        let out = write(&document, &Pictures::Described);
        assert!(out.contains("**\\n\\n# heading\\n**\\t"), "{out}");
    }
}
