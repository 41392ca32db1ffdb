//! The first look at a file: can it matter at all? Most files of a tree cannot, and are forgotten at once.

use memchr::memmem::Finder;
use std::io::{self, Read};
use std::path::Path;
use std::sync::LazyLock;

/// Bytes read at a time; files up to this size are read in one go.
const CHUNK: usize = 1 << 18;
/// Where a binary file shows itself.
const HEAD: usize = 8192;

type Needle = LazyLock<Finder<'static>>;

static PYTHON: [Needle; 1] = [LazyLock::new(|| Finder::new("aws_cdk"))];
static TEMPLATE: [Needle; 2] =
    [LazyLock::new(|| Finder::new("AWS::")), LazyLock::new(|| Finder::new("Resources"))];
// In `aws:cloudformation:stack` and in `cdk:cloud-assembly`, the kinds of artifacts that lead to templates.
static MANIFEST: [Needle; 1] = [LazyLock::new(|| Finder::new(":cloud"))];

/// What a file's name says it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Python source.
    Python,
    /// JSON or YAML, perhaps a template.
    Template,
    /// `cdk.json` or `cdk.context.json`: always wanted.
    CdkSettings,
    /// `manifest.json`, perhaps of an assembly.
    Manifest,
}

impl Kind {
    /// The kind by the file's name; `None` = no candidate.
    pub fn of(path: &Path) -> Option<Kind> {
        let ending = path.extension()?.to_str()?;
        let is = |wanted: &str| ending.eq_ignore_ascii_case(wanted);
        if is("py") {
            Some(Kind::Python)
        } else if is("json") {
            match path.file_name()?.to_str() {
                Some("cdk.json" | "cdk.context.json") => Some(Kind::CdkSettings),
                Some("manifest.json") => Some(Kind::Manifest),
                _ => Some(Kind::Template),
            }
        } else if is("yaml") || is("yml") || is("template") {
            Some(Kind::Template)
        } else {
            None
        }
    }

    /// The strings that must all be in a file of this kind if it is to matter.
    fn needles(self) -> &'static [Needle] {
        match self {
            Kind::Python => &PYTHON,
            Kind::Template => &TEMPLATE,
            Kind::Manifest => &MANIFEST,
            Kind::CdkSettings => &[],
        }
    }
}

/// What the first look found.
#[derive(Debug, PartialEq, Eq)]
pub enum Look {
    /// It may matter. Small files come with their bytes, so that nobody reads them twice.
    Matters(Option<Vec<u8>>),
    /// It cannot matter.
    Irrelevant,
    /// It is not text, or not in UTF-8.
    Binary,
    /// It may matter and is larger than the limit.
    Huge,
}

/// Reads a file once, in pieces, and says whether it can matter. `buffer` is the thread's own and keeps
/// its size.
pub fn look(
    kind: Kind,
    mut file: impl Read,
    size: u64,
    limit: u64,
    buffer: &mut Vec<u8>,
) -> io::Result<Look> {
    buffer.resize(CHUNK, 0);
    let needles = kind.needles();
    // As many bytes as could begin a needle that ends in the next piece are carried over.
    let overlap = needles.iter().map(|needle| needle.needle().len() - 1).max().unwrap_or(0);
    let mut found = [false; 2];
    let (mut kept, mut total, mut first) = (0, 0u64, true);
    loop {
        // A file that says how long it is need not be asked for its end; some (in /proc) say 0.
        let expected = if size == 0 {
            usize::MAX
        } else {
            usize::try_from(size - total.min(size)).unwrap_or(usize::MAX)
        };
        let filled = fill(&mut file, buffer, kept, expected)?;
        let piece = &buffer[..kept + filled];
        total += filled as u64;
        if first && memchr::memchr(0, &piece[..piece.len().min(HEAD)]).is_some() {
            return Ok(Look::Binary);
        }
        for (seen, needle) in found.iter_mut().zip(needles) {
            *seen = *seen || needle.find(piece).is_some();
        }
        let ended = piece.len() < buffer.len();
        if found.iter().zip(needles).all(|(seen, _)| *seen) {
            return Ok(if size.max(total) > limit {
                Look::Huge
            } else if first && ended {
                Look::Matters(Some(piece.to_vec()))
            } else {
                Look::Matters(None)
            });
        }
        if ended {
            return Ok(Look::Irrelevant);
        }
        kept = overlap;
        let end = buffer.len();
        buffer.copy_within(end - overlap.., 0);
        first = false;
    }
}

/// Reads into `buffer[from..]` until it is full, holds what was expected, or the file ends.
fn fill(file: &mut impl Read, buffer: &mut [u8], from: usize, expected: usize) -> io::Result<usize> {
    let mut at = from;
    while at < buffer.len() && at - from < expected {
        match file.read(&mut buffer[at..]) {
            Ok(0) => break,
            Ok(read) => at += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(at - from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(kind: Kind, content: &[u8], limit: u64) -> Look {
        look(kind, content, content.len() as u64, limit, &mut Vec::new()).unwrap()
    }

    #[test]
    fn python_matters_where_it_names_the_library() {
        assert_eq!(
            seen(Kind::Python, b"import aws_cdk", 99),
            Look::Matters(Some(b"import aws_cdk".to_vec()))
        );
        assert_eq!(seen(Kind::Python, b"import boto3", 99), Look::Irrelevant);
        assert_eq!(seen(Kind::Python, b"", 99), Look::Irrelevant);
    }

    #[test]
    fn a_template_needs_resources_and_a_resource_type() {
        assert_eq!(seen(Kind::Template, b"Resources: {}", 99), Look::Irrelevant);
        assert!(matches!(
            seen(Kind::Template, b"{Resources: {A: {Type: 'AWS::X::Y'}}}", 99),
            Look::Matters(_)
        ));
    }

    #[test]
    fn a_needle_across_two_pieces_is_found() {
        for shift in 0..8 {
            let mut content = vec![b' '; CHUNK - shift];
            content.extend_from_slice(b"aws_cdk and more");
            assert_eq!(seen(Kind::Python, &content, u64::MAX), Look::Matters(None), "{shift}");
        }
        let mut content = b"Resources".to_vec();
        content.resize(3 * CHUNK, b' ');
        content.extend_from_slice(b"AWS::");
        assert_eq!(seen(Kind::Template, &content, u64::MAX), Look::Matters(None));
    }

    #[test]
    fn a_huge_file_is_named_only_if_it_could_matter() {
        assert_eq!(seen(Kind::Python, b"aws_cdk aws_cdk", 10), Look::Huge);
        assert_eq!(seen(Kind::Python, b"something else", 10), Look::Irrelevant);
    }

    #[test]
    fn binary_content_is_seen_at_its_head() {
        assert_eq!(seen(Kind::Python, b"\0\x01aws_cdk", 99), Look::Binary);
    }

    #[test]
    fn kinds_follow_the_name_whatever_its_case() {
        assert_eq!(Kind::of(Path::new("a/B.PY")), Some(Kind::Python));
        assert_eq!(Kind::of(Path::new("cdk.json")), Some(Kind::CdkSettings));
        assert_eq!(Kind::of(Path::new("x.template")), Some(Kind::Template));
        assert_eq!(Kind::of(Path::new("py")), None);
    }
}
