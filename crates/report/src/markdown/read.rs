//! Markdown into blocks. HTML in it is text, and stays without effect.

use crate::document::{Block, Cell, Column, Inline, Picture, Row, Table};
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// Finds the block that an image's address stands for (`evidence:1`), given the address and the image's text.
pub type Resolve<'a> = dyn FnMut(&str, &str) -> Option<Vec<Block>> + 'a;

/// Reads Markdown. `resolve` is asked for every image; an image that it does not know is shown as its text.
pub fn read(text: &str, resolve: &mut Resolve<'_>) -> Vec<Block> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut reader = Reader { events: Parser::new_ext(text, options), resolve, depth: 0 };
    reader.blocks(None)
}

/// Quotes and lists nest at most so deep; what lies deeper is left out.
const DEPTH: usize = 64;

struct Reader<'a, 'r> {
    events: Parser<'a>,
    resolve: &'a mut Resolve<'r>,
    depth: usize,
}

impl Reader<'_, '_> {
    /// Blocks up to the end of the block around them.
    fn blocks(&mut self, until: Option<TagEnd>) -> Vec<Block> {
        self.depth += 1;
        let mut blocks: Vec<Block> = Vec::new();
        // Text of a tight list item stands there without a paragraph around it.
        let mut loose: Vec<Inline> = Vec::new();
        while let Some(event) = self.events.next() {
            match event {
                Event::End(end) if Some(end) == until => break,
                Event::Start(tag) if is_block(&tag) => {
                    flush(&mut loose, &mut blocks);
                    let inner = self.block(tag);
                    if self.depth < DEPTH {
                        blocks.extend(inner);
                    }
                }
                Event::Rule => {
                    flush(&mut loose, &mut blocks);
                    blocks.push(Block::Rule);
                }
                Event::Html(html) => {
                    let html = html.trim_end_matches('\n');
                    if !html.is_empty() {
                        loose.push(Inline::text(html));
                    }
                }
                other => {
                    let apart = self.inline(other, &mut loose);
                    if !apart.is_empty() {
                        flush(&mut loose, &mut blocks);
                        blocks.extend(apart);
                    }
                }
            }
        }
        flush(&mut loose, &mut blocks);
        self.depth -= 1;
        blocks
    }

    fn block(&mut self, tag: Tag<'_>) -> Vec<Block> {
        match tag {
            Tag::Paragraph => self.paragraph(),
            Tag::Heading { level, .. } => {
                let (text, apart) = self.inlines(|end| matches!(end, TagEnd::Heading(_)));
                std::iter::once(Block::Heading(level as u8, text)).chain(apart).collect()
            }
            Tag::BlockQuote(kind) => vec![Block::Quote(self.blocks(Some(TagEnd::BlockQuote(kind))))],
            Tag::CodeBlock(kind) => vec![self.code(&kind)],
            Tag::List(first) => vec![self.list(first)],
            Tag::Table(_) => vec![self.table()],
            Tag::HtmlBlock => self.blocks(Some(TagEnd::HtmlBlock)),
            other => self.blocks(Some(other.to_end())),
        }
    }

    fn paragraph(&mut self) -> Vec<Block> {
        let (text, apart) = self.inlines(|end| matches!(end, TagEnd::Paragraph));
        let text = (!text.is_empty()).then_some(Block::Paragraph(text));
        text.into_iter().chain(apart).collect()
    }

    fn code(&mut self, kind: &CodeBlockKind<'_>) -> Block {
        let mut text = String::new();
        for event in self.events.by_ref() {
            match event {
                Event::Text(part) => text.push_str(&part),
                Event::End(TagEnd::CodeBlock) => break,
                _ => {}
            }
        }
        let language = match kind {
            CodeBlockKind::Fenced(info) => info.split_whitespace().next().unwrap_or_default().to_owned(),
            CodeBlockKind::Indented => String::new(),
        };
        text.truncate(text.trim_end_matches('\n').len());
        Block::Code { language, text }
    }

    fn list(&mut self, first: Option<u64>) -> Block {
        let mut items = Vec::new();
        while let Some(event) = self.events.next() {
            match event {
                Event::Start(Tag::Item) => items.push(self.blocks(Some(TagEnd::Item))),
                Event::End(TagEnd::List(_)) => break,
                _ => {}
            }
        }
        Block::List(first, items)
    }

    fn table(&mut self) -> Block {
        let mut table = Table::default();
        let mut cells = Vec::new();
        while let Some(event) = self.events.next() {
            match event {
                Event::Start(Tag::TableCell) => {
                    let (text, _) = self.inlines(|end| matches!(end, TagEnd::TableCell));
                    cells.push(Cell { text, ..Cell::default() });
                }
                Event::End(TagEnd::TableHead) => {
                    table.columns = cells
                        .drain(..)
                        .map(|cell| Column {
                            heading: crate::document::plain(&cell.text),
                            weight: 1,
                            numeric: false,
                        })
                        .collect();
                }
                Event::End(TagEnd::TableRow) => {
                    table.rows.push(Row { cells: std::mem::take(&mut cells), marked: false });
                }
                Event::End(TagEnd::Table) => break,
                _ => {}
            }
        }
        Block::Table(table)
    }

    /// Running text up to an end, and the blocks (pictures) that stood in it.
    fn inlines(&mut self, ends: impl Fn(TagEnd) -> bool) -> (Vec<Inline>, Vec<Block>) {
        self.depth += 1;
        let (mut text, mut apart) = (Vec::new(), Vec::new());
        while let Some(event) = self.events.next() {
            match event {
                Event::End(end) if ends(end) => break,
                other => apart.extend(self.inline(other, &mut text)),
            }
        }
        self.depth -= 1;
        (text, apart)
    }

    fn inline(&mut self, event: Event<'_>, into: &mut Vec<Inline>) -> Vec<Block> {
        match event {
            Event::Text(text) | Event::InlineHtml(text) => push(into, &text),
            Event::Code(code) => into.push(Inline::code(code.as_ref())),
            Event::SoftBreak => push(into, " "),
            Event::HardBreak => into.push(Inline::Break),
            Event::Start(Tag::Image { dest_url, .. }) => {
                let (text, apart) = self.inlines(|end| matches!(end, TagEnd::Image));
                let shown = crate::document::plain(&text);
                return match (self.resolve)(&dest_url, &shown) {
                    Some(blocks) => blocks,
                    None => {
                        push(into, &shown);
                        apart
                    }
                };
            }
            Event::Start(tag) => {
                let end = tag.to_end();
                let (text, apart) = self.inlines(|other| other == end);
                if self.depth < DEPTH {
                    match tag {
                        Tag::Strong => into.push(Inline::Strong(text)),
                        Tag::Emphasis => into.push(Inline::Emphasis(text)),
                        Tag::Link { dest_url, .. } if crate::document::may_link(&dest_url) => {
                            into.push(Inline::Link { target: dest_url.to_string(), text });
                        }
                        _ => into.extend(text),
                    }
                }
                return apart;
            }
            _ => {}
        }
        Vec::new()
    }
}

/// Whether a tag opens a block; all others stand in running text.
fn is_block(tag: &Tag<'_>) -> bool {
    !matches!(
        tag,
        Tag::Emphasis
            | Tag::Strong
            | Tag::Strikethrough
            | Tag::Link { .. }
            | Tag::Image { .. }
            | Tag::Superscript
            | Tag::Subscript
    )
}

/// Adds text, to the text before it if there is some.
fn push(into: &mut Vec<Inline>, text: &str) {
    // A line break is all that is worth keeping of HTML in running text.
    if matches!(text.trim(), "<br>" | "<br/>" | "<br />") {
        into.push(Inline::Break);
        return;
    }
    match into.last_mut() {
        Some(Inline::Text(before)) => before.push_str(text),
        _ => into.push(Inline::text(text)),
    }
}

fn flush(loose: &mut Vec<Inline>, blocks: &mut Vec<Block>) {
    if !loose.is_empty() {
        blocks.push(Block::Paragraph(std::mem::take(loose)));
    }
}

/// A resolver for texts that hold no pictures.
pub fn no_pictures(_: &str, _: &str) -> Option<Vec<Block>> {
    None
}

impl From<Picture> for Vec<Block> {
    fn from(picture: Picture) -> Self {
        vec![Block::Picture(picture)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_is_text_and_dangerous_links_are_not_links() {
        let blocks =
            read("<script>alert(1)</script>\n\na [x](javascript:alert(1)) <b>b</b>\n", &mut no_pictures);
        let all = format!("{blocks:?}");
        assert!(all.contains("<script>alert(1)</script>"), "{all}");
        assert!(!all.contains("Link"), "{all}");
    }

    #[test]
    fn an_image_is_what_it_is_resolved_to() {
        let mut resolve = |url: &str, _: &str| (url == "evidence:1").then(|| vec![Block::Rule]);
        assert_eq!(
            read("a\n\n![e](evidence:1)\n\n![t](x.png)\n", &mut resolve),
            [Block::text("a"), Block::Rule, Block::text("t")]
        );
    }

    #[test]
    fn lists_tables_and_code() {
        let blocks = read("- a\n- b\n  - c\n\n| h |\n|---|\n| `x` |\n\n```sh\nls\n```\n", &mut no_pictures);
        assert!(matches!(&blocks[0], Block::List(None, items) if items.len() == 2 && items[1].len() == 2));
        assert!(
            matches!(&blocks[1], Block::Table(table) if table.rows[0].cells[0].text == [Inline::code("x")])
        );
        assert_eq!(blocks[2], Block::Code { language: "sh".into(), text: "ls".into() });
    }
}
