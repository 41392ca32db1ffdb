//! Markdown pages of our own, made readable on a terminal: headings, emphasis and links lose their marks,
//! code is indented.

use std::fmt::Write as _;

/// The page for a terminal.
pub fn render(markdown: &str) -> String {
    let mut out = String::new();
    let mut fence: Option<&str> = None;
    for line in markdown.lines() {
        let trimmed = line.trim_start();
        match fence {
            Some(open) if trimmed.starts_with(open) => fence = None,
            Some(_) => {
                let _ = writeln!(out, "    {line}");
            }
            None if trimmed.starts_with("```") || trimmed.starts_with("~~~") => {
                fence = Some(if trimmed.starts_with('`') { "```" } else { "~~~" });
            }
            None if trimmed.starts_with("<!--") && trimmed.ends_with("-->") => {}
            None if line.starts_with('#') => {
                let title = spans(line.trim_start_matches('#').trim());
                let _ = writeln!(out, "{}", title.to_uppercase());
            }
            None => {
                let _ = writeln!(out, "{}", spans(line));
            }
        }
    }
    // Empty lines around what was dropped run together.
    let mut tidy = String::with_capacity(out.len());
    let mut empty = true;
    for line in out.lines() {
        if line.trim().is_empty() {
            if !empty {
                tidy.push('\n');
            }
            empty = true;
        } else {
            tidy.push_str(line);
            tidy.push('\n');
            empty = false;
        }
    }
    tidy.truncate(tidy.trim_end().len());
    tidy
}

/// One line without emphasis marks; links become `text (target)`. Code spans stay as they are.
fn spans(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        if c == '`' {
            let ticks = rest.len() - rest.trim_start_matches('`').len();
            let fence = &rest[..ticks];
            if let Some(end) = rest[ticks..].find(fence) {
                let whole = 2 * ticks + end;
                out.push_str(&rest[..whole]);
                rest = &rest[whole..];
                continue;
            }
        } else if rest.starts_with("**") {
            rest = &rest[2..];
            continue;
        } else if let Some((text, target, after)) = link(rest) {
            out.push_str(&spans(text));
            if target != text {
                let _ = write!(out, " ({target})");
            }
            rest = after;
            continue;
        }
        out.push(c);
        rest = &rest[c.len_utf8()..];
    }
    out
}

fn link(text: &str) -> Option<(&str, &str, &str)> {
    let inner = text.strip_prefix('[')?;
    let (label, rest) = inner.split_once("](")?;
    let (target, after) = rest.split_once(')')?;
    (!label.contains(['[', ']'])).then_some((label, target, after))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_page_loses_its_marks_and_keeps_its_code() {
        let page = "# Title\n\nSome **bold** `**code**` and [a link](https://x.y).\n\n```python\n# not a heading\n**x\n```\n";
        assert_eq!(
            super::render(page),
            "TITLE\n\nSome bold `**code**` and a link (https://x.y).\n\n    # not a heading\n    **x"
        );
    }
}
