//! JSON text to a tree. Grammar as in RFC 8259, except that control characters inside strings are let through:
//! whether they are allowed is for the service to say that takes the template.

use super::{Builder, Content, Fault, Kind, Node, Tree};
use crate::Limits;
use std::sync::Arc;
use tidegate_estate::Span;

/// Parses one JSON document. `source` must be UTF-8.
pub(super) fn parse(source: Arc<[u8]>, limits: &Limits) -> Result<Tree, Fault> {
    let bytes = source.clone();
    let builder = Builder::new(source, room_for(&bytes), limits);
    let mut parser = Parser { bytes: &bytes, at: 0, builder, mapping: false };
    if parser.bytes.starts_with(b"\xef\xbb\xbf") {
        parser.at = 3;
    }
    parser.document()?;
    parser.ended()?;
    Ok(parser.builder.tree)
}

/// Parses JSON documents that stand one after another, as a tool's answers do that were appended to one file: a root
/// for each. What cannot be read ends the list and is told; what stands before it is kept.
pub(super) fn parse_all(source: Arc<[u8]>, limits: &Limits) -> (Tree, Option<Fault>) {
    let bytes = source.clone();
    let builder = Builder::new(source, room_for(&bytes), limits);
    let mut parser = Parser { bytes: &bytes, at: 0, builder, mapping: false };
    if parser.bytes.starts_with(b"\xef\xbb\xbf") {
        parser.at = 3;
    }
    loop {
        // Some tools part documents by commas.
        while let Some(b' ' | b'\n' | b'\r' | b'\t' | b',') = parser.peek() {
            parser.at += 1;
        }
        if parser.at >= bytes.len() {
            return (parser.builder.tree, None);
        }
        let whole = parser.builder.tree.roots.len();
        if let Err(fault) = parser.document() {
            // A document that was begun and not ended is none.
            parser.builder.tree.roots.truncate(whole);
            return (parser.builder.tree, Some(fault));
        }
    }
}

/// How many nodes there are at most, but for texts full of punctuation: each but the first stands behind one of these bytes.
/// Room that is never used costs nothing, and a list that grows is copied again and again.
fn room_for(bytes: &[u8]) -> usize {
    let marks = bytes.iter().filter(|byte| matches!(byte, b',' | b':' | b'[' | b'{')).count();
    marks.min(bytes.len() / 5) + 4
}

struct Parser<'a> {
    bytes: &'a [u8],
    at: usize,
    builder: Builder,
    /// Whether the innermost open collection is an object.
    mapping: bool,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn fault<T>(&self, message: impl Into<String>) -> Result<T, Fault> {
        let end = (self.at + 1).min(self.bytes.len());
        Err(Fault { span: Span::new(self.at.min(end), end), message: message.into() })
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    fn document(&mut self) -> Result<(), Fault> {
        self.skip_space();
        loop {
            // A value stands here.
            if self.value()? {
                continue;
            }
            // A value has ended: close what closes, then go on with the next member.
            if self.close_and_separate()? {
                break;
            }
        }
        Ok(())
    }

    /// Nothing may follow.
    fn ended(&mut self) -> Result<(), Fault> {
        self.skip_space();
        if self.at < self.bytes.len() {
            return self.fault("text follows after the end of the JSON document");
        }
        Ok(())
    }

    /// Reads a value, or the opening of a collection together with its first key. `true` = a value follows.
    fn value(&mut self) -> Result<bool, Fault> {
        match self.peek() {
            Some(b'"') => self.string()?,
            Some(b'{') => {
                self.builder.open(Kind::Mapping, self.at, 0)?;
                self.mapping = true;
                self.at += 1;
                self.skip_space();
                if self.peek() == Some(b'}') {
                    return Ok(false);
                }
                self.key()?;
                return Ok(true);
            }
            Some(b'[') => {
                self.builder.open(Kind::Sequence, self.at, 0)?;
                self.mapping = false;
                self.at += 1;
                self.skip_space();
                return Ok(self.peek() != Some(b']'));
            }
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.word("true", Kind::Plain)?,
            Some(b'f') => self.word("false", Kind::Plain)?,
            Some(b'n') => self.word("null", Kind::Null)?,
            Some(_) => return self.fault("a JSON value was expected here"),
            None => return self.fault("the JSON document ends too early"),
        }
        Ok(false)
    }

    /// After a value: `true` when the document is complete.
    fn close_and_separate(&mut self) -> Result<bool, Fault> {
        loop {
            if self.builder.open.is_empty() {
                return Ok(true);
            }
            self.skip_space();
            match (self.peek(), self.mapping) {
                (Some(b'}'), true) | (Some(b']'), false) => {
                    self.at += 1;
                    self.builder.close(self.at);
                    self.mapping = self.builder.open.last().is_some_and(|id| {
                        self.builder.tree.nodes.get(*id as usize).is_some_and(|n| n.kind == Kind::Mapping)
                    });
                }
                (Some(b','), mapping) => {
                    self.at += 1;
                    self.skip_space();
                    if mapping {
                        self.key()?;
                    }
                    return Ok(false);
                }
                (Some(_), true) => return self.fault("`,` or `}` was expected here"),
                (Some(_), false) => return self.fault("`,` or `]` was expected here"),
                (None, _) => return self.fault("the JSON document ends too early"),
            }
        }
    }

    fn key(&mut self) -> Result<(), Fault> {
        if self.peek() != Some(b'"') {
            return self.fault("a key in double quotes was expected here");
        }
        self.string()?;
        self.skip_space();
        if self.peek() != Some(b':') {
            return self.fault("`:` was expected here");
        }
        self.at += 1;
        self.skip_space();
        Ok(())
    }

    fn word(&mut self, word: &str, kind: Kind) -> Result<(), Fault> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return self.fault("a JSON value was expected here");
        }
        self.scalar(kind, self.at + word.len());
        Ok(())
    }

    fn number(&mut self) -> Result<(), Fault> {
        let mut end = self.at + 1;
        while let Some(b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-') = self.bytes.get(end) {
            end += 1;
        }
        if !is_number(&self.bytes[self.at..end]) {
            return self.fault("this is not a JSON number");
        }
        self.scalar(Kind::Plain, end);
        Ok(())
    }

    fn scalar(&mut self, kind: Kind, end: usize) {
        let (start, content) = (self.at as u32, Content::Span);
        self.builder.push(Node { start, end: end as u32, aux: 0, kind, content, tag: 0 });
        self.at = end;
    }

    fn string(&mut self) -> Result<(), Fault> {
        let start = self.at;
        let mut end = start + 1;
        let mut escaped = false;
        loop {
            match self.bytes.get(end) {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    end += 2;
                }
                Some(_) => end += 1,
                None => {
                    self.at = start;
                    return self.fault("a string is not closed");
                }
            }
        }
        let (aux, content) = match escaped {
            false => (0, Content::Quoted),
            true => {
                let text = self.unescape(start + 1, end)?;
                (self.builder.apart(text), Content::Apart)
            }
        };
        self.at = end + 1;
        let (start, end) = (start as u32, self.at as u32);
        self.builder.push(Node { start, end, aux, kind: Kind::Text, content, tag: 0 });
        Ok(())
    }

    fn unescape(&mut self, start: usize, end: usize) -> Result<String, Fault> {
        let mut out: Vec<u8> = Vec::with_capacity(end - start);
        let mut at = start;
        while at < end {
            let byte = self.bytes[at];
            if byte != b'\\' {
                out.push(byte);
                at += 1;
                continue;
            }
            let plain = match self.bytes.get(at + 1) {
                Some(b @ (b'"' | b'\\' | b'/')) => *b,
                Some(b'b') => 8,
                Some(b'f') => 12,
                Some(b'n') => b'\n',
                Some(b'r') => b'\r',
                Some(b't') => b'\t',
                Some(b'u') => {
                    let (character, length) = self.unicode(at, end)?;
                    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                    at += length;
                    continue;
                }
                _ => {
                    self.at = at;
                    return self.fault("JSON knows no such escape");
                }
            };
            out.push(plain);
            at += 2;
        }
        // Escapes are ASCII and the rest is copied from UTF-8, so nothing is ever replaced here.
        Ok(String::from_utf8(out).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned()))
    }

    /// The character of a `\u` escape at `at` and how many bytes it takes. A surrogate without its other half
    /// becomes U+FFFD.
    fn unicode(&mut self, at: usize, end: usize) -> Result<(char, usize), Fault> {
        let Some(first) = self.hex(at, end) else {
            self.at = at;
            return self.fault("`\\u` wants four hexadecimal digits");
        };
        if (0xd800..0xdc00).contains(&first)
            && let Some(second @ 0xdc00..0xe000) = self.hex(at + 6, end)
        {
            let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            return Ok((char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 12));
        }
        Ok((char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 6))
    }

    fn hex(&self, at: usize, end: usize) -> Option<u32> {
        let escape = self.bytes.get(at..at + 6).filter(|_| at + 6 <= end)?;
        let digits = escape.strip_prefix(b"\\u")?;
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    }
}

/// Whether the text follows JSON's grammar of numbers.
fn is_number(text: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().take_while(|b| b.is_ascii_digit()).count();
    let mut rest = text.strip_prefix(b"-").unwrap_or(text);
    let whole = digits(rest);
    if whole == 0 || (whole > 1 && rest[0] == b'0') {
        return false;
    }
    rest = &rest[whole..];
    if let Some(fraction) = rest.strip_prefix(b".") {
        let count = digits(fraction);
        if count == 0 {
            return false;
        }
        rest = &fraction[count..];
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        let exponent = exponent.strip_prefix(b"+").or(exponent.strip_prefix(b"-")).unwrap_or(exponent);
        let count = digits(exponent);
        return count > 0 && count == exponent.len();
    }
    rest.is_empty()
}
