//! The one place where text from outside is made harmless, one function per kind of output.
//!
//! File names, group names, descriptions and messages may hold escape codes, Markdown, formulas or
//! characters that turn the reading direction around. Nothing outside this module writes such text raw.

use std::borrow::Cow;
use std::fmt::Write as _;
use unicode_width::UnicodeWidthChar;

/// Whether a character can change what a terminal or an editor shows around it: control characters,
/// direction marks and overrides, invisible characters, line separators, characters for private use.
pub fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// One line of text for a terminal: deceptive characters are written as `\u{1b}`.
pub fn line(text: &str) -> Cow<'_, str> {
    visible(text, |_| false)
}

/// Several lines of text: line feeds and tabs stay.
pub fn lines(text: &str) -> Cow<'_, str> {
    visible(text, |c| matches!(c, '\n' | '\t'))
}

/// Marks that a letter carries; more than any script needs climb over the lines around it.
const MARKS: usize = 4;

fn visible(text: &str, keep: impl Fn(char) -> bool) -> Cow<'_, str> {
    // With the number of marks in a row before the character.
    let bad = |marks: &mut usize, c: char| {
        let is_mark = !c.is_ascii() && UnicodeWidthChar::width(c) == Some(0);
        *marks = if is_mark { *marks + 1 } else { 0 };
        *marks > MARKS || (is_deceptive(c) && !keep(c))
    };
    let mut marks = 0;
    if !text.chars().any(|c| bad(&mut marks, c)) {
        return Cow::Borrowed(text);
    }
    marks = 0;
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if bad(&mut marks, c) { push_visible(&mut out, c) } else { out.push(c) }
    }
    Cow::Owned(out)
}

/// Appends the visible spelling of one deceptive character.
pub fn push_visible(out: &mut String, c: char) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        _ => {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        }
    }
}

/// Finished JSON with deceptive characters inside its strings written as `\uXXXX`: the same value, safe
/// to look at. (The JSON writer itself only escapes what JSON demands.)
pub fn json(document: &str) -> Cow<'_, str> {
    let bad = |c: char| is_deceptive(c) && !matches!(c, '\n' | '\t' | '\r');
    if !document.chars().any(bad) {
        return Cow::Borrowed(document);
    }
    let mut out = String::with_capacity(document.len() + 64);
    for c in document.chars() {
        if bad(c) {
            let mut units = [0u16; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Finished TOML with deceptive characters inside its strings written as `\uXXXX` or `\UXXXXXXXX`: the same value,
/// safe to look at. For documents whose strings are all basic ones on one line.
pub fn toml(document: &str) -> Cow<'_, str> {
    let bad = |c: char| is_deceptive(c) && c != '\n';
    if !document.chars().any(bad) {
        return Cow::Borrowed(document);
    }
    let mut out = String::with_capacity(document.len() + 64);
    for c in document.chars() {
        match u32::from(c) {
            _ if !bad(c) => out.push(c),
            short @ ..=0xffff => drop(write!(out, "\\u{short:04X}")),
            long => drop(write!(out, "\\U{long:08X}")),
        }
    }
    Cow::Owned(out)
}

/// Running text in GitHub's and GitLab's Markdown, one line. Markup, HTML, mentions, issue references
/// and links in it stay plain text.
pub fn markdown(text: &str) -> String {
    let text = line(text);
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text.as_ref();
    while let Some(c) = rest.chars().next() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // A zero-width space after these keeps them from turning into mentions and references.
            '@' | '#' => {
                out.push('\\');
                out.push(c);
                out.push_str("&#8203;");
            }
            ':' if rest.starts_with("://") => out.push_str(":&#8203;"),
            'w' | 'W' if rest.get(..4).is_some_and(|w| w.eq_ignore_ascii_case("www.")) => {
                out.push_str(&rest[..3]);
                out.push_str("&#8203;");
                rest = &rest[3..];
                continue;
            }
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '+' | '-' | '!' | '|' | '~'
            | '$' | '=' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
        rest = &rest[c.len_utf8()..];
    }
    out
}

/// A Markdown code span that nothing inside can end, one line. `in_table` also guards the cell border.
pub fn markdown_code(text: &str, in_table: bool) -> String {
    let text = line(text);
    let fence = "`".repeat(longest_run(&text, '`') + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') || text.trim().is_empty() { " " } else { "" };
    let body = if in_table { text.replace('|', "\\|") } else { text.into_owned() };
    format!("{fence}{pad}{body}{pad}{fence}")
}

/// A Markdown code block that nothing inside can end.
pub fn markdown_block(text: &str) -> String {
    let text = lines(text);
    let fence = "`".repeat(longest_run(&text, '`').max(2) + 1);
    format!("{fence}text\n{}\n{fence}\n", text.trim_end_matches('\n'))
}

fn longest_run(text: &str, c: char) -> usize {
    let (mut longest, mut run) = (0, 0);
    for found in text.chars() {
        run = if found == c { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// Text for XML: what XML 1.0 forbids, and what deceives, is made visible. Markup characters are the
/// XML writer's job.
pub fn xml(text: &str) -> String {
    lines(text).chars().map(|c| if matches!(c, '\u{fffe}' | '\u{ffff}') { '\u{fffd}' } else { c }).collect()
}

/// A cell of a CSV file: a spreadsheet must not take it for a formula. Quoting is the CSV writer's job.
pub fn csv(text: &str) -> String {
    let text = line(text);
    let first = text.trim_start().chars().next();
    // The last four are full-width spellings, which some spreadsheets fold.
    if matches!(first, Some('=' | '+' | '-' | '@' | '|' | '%' | '＝' | '＋' | '－' | '＠'))
        || text.starts_with("\\t")
    {
        format!("'{text}")
    } else {
        text.into_owned()
    }
}

/// A SARIF message: `[text](target)` would be read as a link, `{0}` as a placeholder.
pub fn sarif(text: &str) -> String {
    let text = lines(text);
    let links = text.contains("](");
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        match c {
            '[' | ']' if links => {
                out.push('\\');
                out.push(c);
            }
            '{' if is_placeholder(&text[at..]) => out.push_str("{{"),
            _ => out.push(c),
        }
    }
    out
}

/// Whether the text begins with `{`, digits, `}`.
fn is_placeholder(text: &str) -> bool {
    let number = text.strip_prefix('{').and_then(|rest| rest.split_once('}')).map(|(number, _)| number);
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminal_text_shows_escape_codes_instead_of_obeying_them() {
        assert_eq!(line("a\u{1b}[31mb\u{9b}c\u{202e}d\ne\rf"), "a\\u{1b}[31mb\\u{9b}c\\u{202e}d\\ne\\rf");
        assert_eq!(line("Größe ✓ 日本"), "Größe ✓ 日本");
        assert_eq!(lines("a\n\tb\u{7}"), "a\n\tb\\u{7}");
    }

    #[test]
    fn a_letter_keeps_its_marks_but_no_tower_of_them() {
        assert_eq!(line("e\u{301}\u{323} נַ֑ ệ"), "e\u{301}\u{323} נַ֑ ệ");
        assert_eq!(
            line(&format!("Z{}x", "\u{351}".repeat(6))),
            "Z\u{351}\u{351}\u{351}\u{351}\\u{351}\\u{351}x"
        );
    }

    #[test]
    fn json_keeps_its_value_and_loses_its_teeth() {
        let nasty = "x\u{9b}\u{202e}\u{e0041}y";
        let raw = serde_json::to_string_pretty(&[nasty]).unwrap();
        let safe = json(&raw);
        assert!(safe.is_ascii());
        assert_eq!(serde_json::from_str::<Vec<String>>(&safe).unwrap(), [nasty]);
    }

    #[test]
    fn markdown_text_cannot_make_markup_mentions_or_links() {
        let out = markdown("<img src=x> [a](http://e.com) @team #12 www.e.com `x` | a\nb");
        for bad in ["<img", "](", "http://", " @t", "#12", "www.e", " | "] {
            assert!(!out.contains(bad), "{bad} in {out}");
        }
        assert!(!out.contains('\n'));
        assert_eq!(markdown("wöw"), "wöw");
    }

    #[test]
    fn code_spans_and_blocks_cannot_be_closed_from_inside() {
        assert_eq!(markdown_code("a`b``c", false), "```a`b``c```");
        assert_eq!(markdown_code("`x", false), "`` `x ``");
        assert_eq!(markdown_code("a|b", true), "`a\\|b`");
        assert!(markdown_block("```\nx").starts_with("````text\n"));
    }

    #[test]
    fn csv_cells_are_never_formulas() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "＝1"] {
            assert!(csv(formula).starts_with('\''), "{formula}");
        }
        assert_eq!(csv("open-egress"), "open-egress");
    }

    #[test]
    fn sarif_messages_hold_no_links_and_no_placeholders() {
        assert_eq!(sarif("see [x](http://e) {0}"), "see \\[x\\](http://e) {{0}");
        assert_eq!(sarif("rules[0] = {a} \u{1b}"), "rules[0] = {a} \\u{1b}");
    }
}
