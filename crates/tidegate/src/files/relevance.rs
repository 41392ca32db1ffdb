//! The first look at a file: can it matter at all? Most files of a tree cannot, and are forgotten at once.

use aho_corasick::{AhoCorasick, MatchKind};
use std::io::{self, Read};
use std::path::Path;
use std::sync::LazyLock;

/// Bytes read at a time; files up to this size are read in one go.
const CHUNK: usize = 1 << 18;
/// Where a binary file shows itself.
const HEAD: usize = 8192;

/// Words to look for, all in one pass, and whether those that were seen are enough.
struct Words {
    search: AhoCorasick,
    longest: usize,
    /// Any of these sets of words is enough: a bit for each word.
    enough: Vec<u64>,
}

impl Words {
    /// Sets of words of which one must be there as a whole.
    fn new(sets: &[&[&str]]) -> Self {
        let words: Vec<&str> = sets.iter().flat_map(|set| set.iter().copied()).collect();
        let mut at = 0u64;
        let mut enough = Vec::with_capacity(sets.len());
        for set in sets {
            let bits = (1u64 << set.len()) - 1;
            enough.push(bits << at);
            at += set.len() as u64;
        }
        let search = AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(&words);
        Self {
            // A handful of short words: far below every limit of the searcher.
            search: search.unwrap_or_else(|error| unreachable!("{error}")),
            longest: words.iter().map(|word| word.len()).max().unwrap_or(0),
            enough,
        }
    }

    fn are_enough(&self, seen: u64) -> bool {
        self.enough.iter().any(|set| seen & set == *set)
    }

    /// Adds what stands in `text` to what was seen; `true` once that is enough.
    fn see(&self, text: &[u8], seen: &mut u64) -> bool {
        for found in self.search.find_iter(text) {
            *seen |= 1 << found.pattern().as_u64();
            if self.are_enough(*seen) {
                return true;
            }
        }
        false
    }
}

static PYTHON: LazyLock<Words> = LazyLock::new(|| Words::new(&[&["aws_cdk"]]));
static DOCUMENT: LazyLock<Words> = LazyLock::new(|| {
    let marks: Vec<[&str; 1]> =
        tidegate_read::dump::MARKS.iter().copied().flatten().map(|mark| [*mark]).collect();
    let mut sets: Vec<&[&str]> = vec![&["AWS::", "Resources"]];
    sets.extend(marks.iter().map(|mark| &mark[..]));
    Words::new(&sets)
});
// In `aws:cloudformation:stack` and in `cdk:cloud-assembly`, the kinds of artifacts that lead to templates; and in what
// `tidegate snapshot` writes.
static MANIFEST: LazyLock<Words> = LazyLock::new(|| Words::new(&[&[":cloud"], &["\"tidegate\""]]));

/// What a file's name says it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Python source.
    Python,
    /// JSON or YAML, perhaps a template or a dump.
    Document,
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
                _ => Some(Kind::Document),
            }
        } else if is("yaml") || is("yml") || is("template") {
            Some(Kind::Document)
        } else {
            None
        }
    }

    /// What must be in a file of this kind if it is to matter; `None` = nothing.
    fn words(self) -> Option<&'static Words> {
        match self {
            Kind::Python => Some(&PYTHON),
            Kind::Document => Some(&DOCUMENT),
            Kind::Manifest => Some(&MANIFEST),
            Kind::CdkSettings => None,
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
    let words = kind.words();
    // As many bytes as could begin a word that ends in the next piece are carried over.
    let overlap = words.map_or(0, |words| words.longest - 1);
    let mut seen = 0;
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
        let matters = words.is_none_or(|words| words.see(piece, &mut seen));
        let ended = piece.len() < buffer.len();
        if matters {
            return Ok(if size.max(total) > limit {
                Look::Huge
            } else if first && ended {
                Look::Matters(Some(piece.to_vec()))
            } else {
                Look::Matters(None)
            });
        }
        if ended {
            // An answer with nothing in it may be the whole of a list.
            let empty = kind == Kind::Document && first && piece.trim_ascii() == b"[]";
            return Ok(if empty { Look::Matters(Some(piece.to_vec())) } else { Look::Irrelevant });
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
        assert_eq!(seen(Kind::Document, b"Resources: {}", 99), Look::Irrelevant);
        assert!(matches!(
            seen(Kind::Document, b"{Resources: {A: {Type: 'AWS::X::Y'}}}", 99),
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
        assert_eq!(seen(Kind::Document, &content, u64::MAX), Look::Matters(None));
    }

    #[test]
    fn a_huge_file_is_named_only_if_it_could_matter() {
        assert_eq!(seen(Kind::Python, b"aws_cdk aws_cdk", 10), Look::Huge);
        assert_eq!(seen(Kind::Python, b"something else", 10), Look::Irrelevant);
    }

    #[test]
    fn a_list_with_nothing_in_it_matters() {
        assert!(matches!(seen(Kind::Document, b"[]\n", 99), Look::Matters(_)));
        assert_eq!(seen(Kind::Document, b"[1]", 99), Look::Irrelevant);
        assert_eq!(seen(Kind::Python, b"[]", 99), Look::Irrelevant);
    }

    #[test]
    fn binary_content_is_seen_at_its_head() {
        assert_eq!(seen(Kind::Python, b"\0\x01aws_cdk", 99), Look::Binary);
    }

    #[test]
    fn kinds_follow_the_name_whatever_its_case() {
        assert_eq!(Kind::of(Path::new("a/B.PY")), Some(Kind::Python));
        assert_eq!(Kind::of(Path::new("cdk.json")), Some(Kind::CdkSettings));
        assert_eq!(Kind::of(Path::new("x.template")), Some(Kind::Document));
        assert_eq!(Kind::of(Path::new("py")), None);
    }
}
