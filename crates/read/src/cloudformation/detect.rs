//! Whether bytes can be a template at all, without parsing them.

use memchr::memmem;

/// A quick look: `false` means that no reader would find a template in these bytes.
pub(super) fn could_be_template(bytes: &[u8]) -> bool {
    if has_marks(bytes) {
        return true;
    }
    if let Some(text) = without_zeros(bytes) {
        return has_marks(&text);
    }
    // JSON may spell any letter as an escape.
    let opens = bytes.iter().find(|b| !b.is_ascii_whitespace()).copied();
    if matches!(opens, Some(b'{' | 0xef)) && memmem::find(bytes, b"\\u00").is_some() {
        return has_marks(&plain_escapes(bytes));
    }
    false
}

/// Names of files in which templates are kept.
pub(super) fn has_template_name(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    ["json", "yaml", "yml", "template", "cfn", "cform", "sam"]
        .iter()
        .any(|e| extension.eq_ignore_ascii_case(e))
}

/// Whether bytes that cannot be parsed were meant as a template: a section of resources at the outermost level
/// as people indent it. Other documents that only mention such words are none of this reader's business.
pub(super) fn means_to_be_template(bytes: &[u8]) -> bool {
    let text = without_zeros(bytes);
    let bytes = text.as_deref().unwrap_or(bytes);
    memmem::find_iter(bytes, b"Resources").any(|at| {
        let before = bytes.get(..at).unwrap_or_default();
        let after = bytes.get(at + b"Resources".len()..).unwrap_or_default();
        let quoted = before.ends_with(b"\"") || before.ends_with(b"'");
        let line = if quoted { &before[..before.len() - 1] } else { before };
        let starts_line = matches!(line.last(), None | Some(b'\n' | b'\r' | 0xbf | 0xfe | 0xff));
        let after = if quoted { after.get(1..).unwrap_or_default() } else { after };
        after.trim_ascii_start().starts_with(b":") && (quoted || starts_line)
    })
}

/// Every template has resources, and nothing that this reader looks for has a type outside of `AWS::`.
fn has_marks(bytes: &[u8]) -> bool {
    memmem::find(bytes, b"AWS::").is_some() && memmem::find(bytes, b"Resources").is_some()
}

/// UTF-16 text as bytes without the zeros: enough to see that it would be a template, which its reader then
/// refuses with a reason.
fn without_zeros(bytes: &[u8]) -> Option<Vec<u8>> {
    let marked = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    marked.then(|| bytes.iter().copied().filter(|b| *b != 0).collect())
}

/// `\u00xx` of ASCII characters as the characters.
fn plain_escapes(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = memmem::find(rest, b"\\u00") {
        out.extend_from_slice(&rest[..at]);
        let digits = rest.get(at + 4..at + 6).and_then(|d| std::str::from_utf8(d).ok());
        match digits.and_then(|d| u8::from_str_radix(d, 16).ok()).filter(u8::is_ascii_graphic) {
            Some(byte) => {
                out.push(byte);
                rest = &rest[at + 6..];
            }
            None => {
                out.extend_from_slice(b"\\u00");
                rest = &rest[at + 4..];
            }
        }
    }
    out.extend_from_slice(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_passing_make_no_template() {
        assert!(means_to_be_template(b"a: 1\nResources:\n  A: ["));
        assert!(means_to_be_template(b"{\"Resources\" : {"));
        assert!(means_to_be_template(b"'Resources': {"));
        assert!(!means_to_be_template(b"text about Resources: and AWS:: {{"));
        assert!(!means_to_be_template(b"  Resources:\n"));
        assert!(has_template_name("a/b.YAML") && has_template_name("x.template"));
        assert!(!has_template_name("a/b.py") && !has_template_name("yaml"));
    }

    #[test]
    fn templates_are_seen_in_every_spelling() {
        assert!(could_be_template(b"Resources:\n  A:\n    Type: AWS::EC2::VPC\n"));
        assert!(could_be_template(br#"{"\u0052esources": {"A": {"Type": "AWS\u003a\u003AEC2::VPC"}}}"#));
        let utf16: Vec<u8> = "Resources: AWS::".bytes().flat_map(|b| [b, 0]).collect();
        assert!(could_be_template(&[&[0xff, 0xfe], &utf16[..]].concat()));
        assert!(!could_be_template(b"{\"Resources\": 1, \"x\": \"\\u0041\"}"));
        assert!(!could_be_template(b""));
        assert!(!could_be_template(b"{\\u00"));
    }
}
