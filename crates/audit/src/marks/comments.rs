//! Finds comments, and only comments: the same text in a string is none.

use tidegate_estate::Span;

/// What a file is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Python,
    Yaml,
    /// Has no comments.
    Json,
}

/// One comment: bytes from its `#` to the end of the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Comment {
    pub start: usize,
    pub end: usize,
    /// From 0.
    pub line: usize,
    /// Whether nothing but white space stands before it.
    pub alone: bool,
}

/// The comments of a file, and its lines.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub comments: Vec<Comment>,
    pub lines: Lines,
}

/// Where lines start, and what is on them.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// Byte at which each line starts.
    starts: Vec<usize>,
    /// Comments as (line, byte where it starts, alone), ascending.
    comments: Vec<(usize, usize, bool)>,
    /// Lines that hold nothing.
    blank: Vec<bool>,
}

impl Lines {
    /// The line of a byte, from 0.
    pub fn of(&self, byte: usize) -> usize {
        self.starts.partition_point(|start| *start <= byte).saturating_sub(1)
    }

    /// Whether a comment on `line` speaks of the bytes of `span`: it is on one of their lines, or stands
    /// alone directly above the first (other comments may stand between).
    pub fn cover(&self, span: Span, line: usize, alone: bool) -> bool {
        let first = self.of(span.start as usize);
        let mut last = self.of((span.end as usize).saturating_sub(1)).max(first);
        // A block's range may run on over comments and empty lines that belong to what follows.
        while last > first && (self.blank(last) || self.comment_at(last).is_some_and(|(_, alone)| alone)) {
            last -= 1;
        }
        if (first..=last).contains(&line) {
            return true;
        }
        alone
            && line < first
            && (line + 1..first).all(|at| self.comment_at(at).is_some_and(|(_, alone)| alone))
    }

    fn blank(&self, line: usize) -> bool {
        self.blank.get(line).copied().unwrap_or(true)
    }

    fn comment_at(&self, line: usize) -> Option<(usize, bool)> {
        let index = self.comments.binary_search_by_key(&line, |(at, _, _)| *at).ok()?;
        self.comments.get(index).map(|(_, start, alone)| (*start, *alone))
    }
}

/// Every comment of `text`.
pub(super) fn find(text: &[u8], kind: Kind) -> Found {
    let mut lines = Lines { starts: vec![0], ..Lines::default() };
    lines.starts.extend(memchr::memchr_iter(b'\n', text).map(|newline| newline + 1));
    let starts = match kind {
        Kind::Python => python(text),
        Kind::Yaml => yaml(text, &lines.starts),
        Kind::Json => vec![],
    };
    let bounds = |line: usize| {
        let start = lines.starts.get(line).copied().unwrap_or(text.len());
        let end = lines.starts.get(line + 1).map_or(text.len(), |next| next - 1);
        (start.min(end), end)
    };
    lines.blank = (0..lines.starts.len())
        .map(|line| {
            let (start, end) = bounds(line);
            text.get(start..end).is_none_or(|line| line.iter().all(u8::is_ascii_whitespace))
        })
        .collect();
    let mut comments = Vec::with_capacity(starts.len());
    for start in starts {
        let line = lines.of(start);
        let (line_start, end) = bounds(line);
        let before = text.get(line_start..start).unwrap_or_default();
        let alone = before.iter().all(u8::is_ascii_whitespace);
        comments.push(Comment { start, end, line, alone });
    }
    lines.comments = comments.iter().map(|c| (c.line, c.start, c.alone)).collect();
    Found { comments, lines }
}

/// Where comments start in Python. A string ends at its quote, or, with single quotes, at the end of the
/// line; a backslash takes the next character along in every kind of string.
fn python(text: &[u8]) -> Vec<usize> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        match byte {
            b'#' => {
                found.push(at);
                at = memchr::memchr(b'\n', text.get(at..).unwrap_or_default())
                    .map_or(text.len(), |length| at + length);
            }
            b'"' | b'\'' => {
                let triple = text.get(at..at + 3) == Some(&[*byte; 3]);
                at = python_string_end(text, at + if triple { 3 } else { 1 }, *byte, triple);
            }
            _ => at += 1,
        }
    }
    found
}

fn python_string_end(text: &[u8], mut at: usize, quote: u8, triple: bool) -> usize {
    while let Some(byte) = text.get(at) {
        match byte {
            b'\\' => at += 2,
            b'\n' if !triple => return at + 1,
            byte if *byte == quote && !triple => return at + 1,
            byte if *byte == quote && text.get(at..at + 3) == Some(&[quote; 3]) => return at + 3,
            _ => at += 1,
        }
    }
    text.len()
}

/// Where comments start in YAML: at a `#` that begins a line or follows white space, outside of quotes and
/// of block scalars.
fn yaml(text: &[u8], starts: &[usize]) -> Vec<usize> {
    let mut found = Vec::new();
    let mut quote: Option<u8> = None;
    let mut scalar: Option<BlockScalar> = None;
    for (line, start) in starts.iter().enumerate() {
        let end = starts.get(line + 1).map_or(text.len(), |next| next - 1);
        let Some(content) = text.get(*start..end.max(*start)) else { break };
        if let Some(block) = &mut scalar {
            if block.holds(content) {
                continue;
            }
            scalar = None;
        }
        let (comment, code_end) = yaml_line(content, &mut quote);
        found.extend(comment.map(|offset| start + offset));
        if quote.is_none() {
            scalar = BlockScalar::opened_by(content.get(..code_end).unwrap_or_default());
        }
    }
    found
}

/// The offset of the comment on one line, and where what comes before it ends.
fn yaml_line(line: &[u8], quote: &mut Option<u8>) -> (Option<usize>, usize) {
    let mut at = 0;
    // The word that is being read, or, after white space, the one that was.
    let mut word = 0..0;
    while let Some(byte) = line.get(at).copied() {
        let begins = word.end != at || at == 0;
        match *quote {
            Some(b'"') if byte == b'\\' => at += 1,
            Some(open) if byte == open => {
                if open == b'\'' && line.get(at + 1) == Some(&b'\'') {
                    at += 1;
                } else {
                    *quote = None;
                }
            }
            Some(_) => {}
            None if byte == b'#' && begins => return (Some(at), at),
            None if matches!(byte, b'"' | b'\'')
                && value_begins_after(line.get(word.clone()).unwrap_or_default(), begins) =>
            {
                *quote = Some(byte);
            }
            None => {}
        }
        if !byte.is_ascii_whitespace() || quote.is_some() {
            word = if begins { at..at + 1 } else { word.start..at + 1 };
        }
        at += 1;
    }
    (None, line.len())
}

/// Whether a quote that comes after `word` opens a quoted value. Inside of a plain one, as in `it's`, it is a
/// letter like any other.
fn value_begins_after(word: &[u8], apart: bool) -> bool {
    match (word.last(), apart) {
        (None, _) => true,
        (Some(b':' | b',' | b'[' | b'{'), _) => true,
        (Some(_), false) => false,
        // A list's dash, a key's question mark, a tag, an anchor.
        (Some(_), true) => matches!(word, b"-" | b"?" | [b'!' | b'&', ..]),
    }
}

/// The text below `key: |` or `key: >`, which holds whatever is written there.
struct BlockScalar {
    /// Indent of the node that owns it.
    parent: isize,
    /// Indent of its first line, once seen.
    indent: Option<usize>,
}

impl BlockScalar {
    /// The scalar that a line opens, if its last token says so.
    fn opened_by(code: &[u8]) -> Option<Self> {
        let code = code.trim_ascii_end();
        let token = code.rsplit(|byte| byte.is_ascii_whitespace()).next()?;
        let (first, rest) = token.split_first()?;
        let header = matches!(first, b'|' | b'>')
            && rest.len() <= 2
            && rest.iter().all(|byte| matches!(byte, b'+' | b'-' | b'1'..=b'9'));
        if !header {
            return None;
        }
        let indent = indent_of(code);
        // Of `- key: |` the key's column counts; of `- |` the dash's.
        let mut parent = indent;
        let mut rest = code.get(indent..).unwrap_or_default();
        while let Some(inner) = rest.strip_prefix(b"- ") {
            let gap = 2 + indent_of(inner);
            let deeper = rest.get(gap..).unwrap_or_default();
            if deeper == token {
                break;
            }
            parent += gap;
            rest = deeper;
        }
        // A document may be one block scalar: then nothing owns it.
        let owned = !rest.starts_with(token) || parent > indent || code.get(indent) == Some(&b'-');
        let parent = if owned { isize::try_from(parent).unwrap_or(isize::MAX) } else { -1 };
        Some(Self { parent, indent: None })
    }

    /// Whether a line belongs to it.
    fn holds(&mut self, line: &[u8]) -> bool {
        if line.iter().all(u8::is_ascii_whitespace) {
            return true;
        }
        let indent = indent_of(line);
        match self.indent {
            Some(own) => indent >= own,
            None if isize::try_from(indent).unwrap_or(isize::MAX) > self.parent => {
                self.indent = Some(indent);
                true
            }
            None => false,
        }
    }
}

fn indent_of(line: &[u8]) -> usize {
    line.iter().take_while(|byte| **byte == b' ').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str, kind: Kind) -> Vec<&str> {
        find(text.as_bytes(), kind).comments.iter().map(|c| &text[c.start..c.end]).collect()
    }

    #[test]
    fn python_strings_hold_no_comments() {
        let text = concat!(
            "a = \"# one\"  # two\n",
            "b = '''\n# three\n''' # four\n",
            "c = r'\\' # five' # six\n",
            "d = 'it' # it's\n",
            "e = f\"{x}# seven\"\n",
            "# eight\n",
        );
        assert_eq!(texts(text, Kind::Python), ["# two", "# four", "# six", "# it's", "# eight"]);
    }

    #[test]
    fn a_python_string_that_is_never_closed_ends_with_its_line() {
        assert_eq!(texts("a = 'oops\nb = 1 # here\n", Kind::Python), ["# here"]);
        assert_eq!(texts("a = '''oops\nb = 1 # here\n", Kind::Python), [] as [&str; 0]);
    }

    #[test]
    fn yaml_quotes_and_block_scalars_hold_no_comments() {
        let text = concat!(
            "a: \"# one\" # two\n",
            "b: 'it''s # three' # four\n",
            "c: |\n  # five\n  x\n",
            "d: don't#six # seven\n",
            "d2: say 'so # unclosed\n",
            "d3: !Sub '# in' # out\n",
            "d4: {\"a\":\"# in\", b: ['# in']} # flow\n",
            "- - '# in' # dash\n",
            "e:\n  - f: >-\n      # eight\n    g: 1 # nine\n",
            "h: !Sub |\n  # ten\n",
            "# eleven\n",
            "i: \"over\n  # twelve\n  \" # thirteen\n",
        );
        assert_eq!(
            texts(text, Kind::Yaml),
            [
                "# two",
                "# four",
                "# seven",
                "# unclosed",
                "# out",
                "# flow",
                "# dash",
                "# nine",
                "# eleven",
                "# thirteen"
            ]
        );
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_comments_within_its_bounds(text in "[ \t\n#'\"\\\\|>:\\-a{\\[,!r]{0,80}") {
            for kind in [Kind::Python, Kind::Yaml, Kind::Json] {
                let found = find(text.as_bytes(), kind);
                for comment in &found.comments {
                    assert!(text[comment.start..comment.end].starts_with('#'));
                    assert!(!text[comment.start..comment.end].contains('\n'));
                    assert_eq!(found.lines.of(comment.start), comment.line);
                }
            }
        }
    }

    #[test]
    fn a_dash_with_a_block_scalar_ends_at_the_next_dash() {
        assert_eq!(texts("- |\n  # in\n- x # out\n", Kind::Yaml), ["# out"]);
        assert_eq!(texts("UserData: |\n# not in it\nb: 1\n", Kind::Yaml), ["# not in it"]);
    }

    #[test]
    fn a_comment_above_speaks_of_what_follows_and_a_trailing_one_does_not() {
        let text = "a = 1  # trailing\n# alone\n# and more\nb = 2\n";
        let found = find(text.as_bytes(), Kind::Python);
        let b = Span::new(text.find("b =").unwrap(), text.find("b =").unwrap() + 5);
        let covers: Vec<bool> =
            found.comments.iter().map(|c| found.lines.cover(b, c.line, c.alone)).collect();
        assert_eq!(covers, [false, true, true]);
    }

    #[test]
    fn a_block_that_runs_on_over_the_next_one_s_comment_does_not_take_it() {
        let text = "A:\n  Type: x\n\n# for B\nB:\n  Type: y\n";
        let found = find(text.as_bytes(), Kind::Yaml);
        let at = |what: &str| text.find(what).unwrap();
        let comment = &found.comments[0];
        assert!(!found.lines.cover(Span::new(at("A:"), at("B:\n")), comment.line, comment.alone));
        assert!(found.lines.cover(Span::new(at("B:\n"), text.len()), comment.line, comment.alone));
    }
}
