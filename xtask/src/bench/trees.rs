//! Large trees of files, the same for the same seed and size: a product's repository in which few files
//! matter to a scan.

use super::random::Random;
use super::templates;
use anyhow::{Context, Result};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Changes whenever a tree of the same seed and size would come out different.
const VERSION: u32 = 1;
/// Files of one folder.
const FILES_IN_FOLDER: u64 = 24;
/// One file in so many is a CDK program, and one a template.
const ONE_MATTERS_IN: u64 = 1500;

/// What a tree is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What a repository holds: sources of several languages, settings, texts, pictures.
    Mixed,
    /// Only what a scan has to look into: Python and JSON.
    Candidates,
}

/// A tree on disk.
pub struct Tree {
    /// Where it begins.
    pub folder: PathBuf,
    /// How many files it has.
    pub files: u64,
}

/// The tree of a kind, size (in megabytes) and seed: made now, or left by an earlier run.
pub fn ready(cache: &Path, kind: Kind, size: u64, seed: u64) -> Result<Tree> {
    let name = match kind {
        Kind::Mixed => "mixed",
        Kind::Candidates => "candidates",
    };
    let folder = cache.join(format!("tree-{name}"));
    let stamp = cache.join(format!("tree-{name}.stamp"));
    let wanted = format!("{VERSION} {size} {seed}");
    if let Ok(text) = std::fs::read_to_string(&stamp)
        && let Some((had, files)) = text.rsplit_once(' ')
        && had == wanted
        && let Ok(files) = files.parse()
        && folder.is_dir()
    {
        return Ok(Tree { folder, files });
    }
    if folder.exists() {
        let _ = std::fs::remove_file(&stamp);
        std::fs::remove_dir_all(&folder).with_context(|| format!("cannot replace {}", folder.display()))?;
    }
    eprintln!("making {size} MB of files in {}", folder.display());
    // A repository of its own: the ignore files of whatever lies around it say nothing about it.
    std::fs::create_dir_all(folder.join(".git"))
        .with_context(|| format!("cannot make {}", folder.display()))?;
    let files = grow(&folder, kind, size * 1_000_000, &mut Random::new(seed))?;
    std::fs::write(&stamp, format!("{wanted} {files}"))
        .with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(Tree { folder, files })
}

fn grow(root: &Path, kind: Kind, size: u64, random: &mut Random) -> Result<u64> {
    let (mut files, mut bytes, mut content) = (0, 0, String::new());
    let mut folder = root.to_path_buf();
    while bytes < size {
        if files % FILES_IN_FOLDER == 0 {
            folder = new_folder(root, files, random);
            std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        content.clear();
        let ending = write_one(kind, files, &mut content, random);
        let path = folder.join(format!("{}_{files}.{ending}", random.word(WORDS)));
        std::fs::write(&path, &content).with_context(|| format!("cannot write {}", path.display()))?;
        bytes += content.len() as u64;
        files += 1;
    }
    Ok(files)
}

fn new_folder(root: &Path, files: u64, random: &mut Random) -> PathBuf {
    let mut folder = root.join(format!("service{:02}", random.below(60)));
    for _ in 0..random.below(4) {
        folder.push(random.word(WORDS));
    }
    folder.join(format!("part{files}"))
}

/// Writes the text of one file, and gives the ending of its name.
fn write_one(kind: Kind, file: u64, content: &mut String, random: &mut Random) -> &'static str {
    if file % ONE_MATTERS_IN == ONE_MATTERS_IN / 2 {
        content.push_str(PROGRAM);
        return "py";
    }
    if file % ONE_MATTERS_IN == ONE_MATTERS_IN - 1 {
        let _ = write!(content, "{:#}", templates::template(20, 20, random.next()));
        return "json";
    }
    // Sizes as repositories have them: most files small, some a hundred times as large.
    let length = (700 << random.below(7)) + random.below(700) as usize;
    let choice = random.below(100);
    let ending = match kind {
        Kind::Candidates if choice < 60 => "py",
        Kind::Candidates => "json",
        Kind::Mixed => match choice {
            0..=29 => "ts",
            30..=49 => "py",
            50..=61 => "go",
            62..=73 => "json",
            74..=81 => "yaml",
            82..=91 => "md",
            92..=95 => "svg",
            _ => "bin",
        },
    };
    while content.len() < length {
        line(ending, content, random);
    }
    ending
}

fn line(ending: &str, out: &mut String, random: &mut Random) {
    let (a, b, c) = (random.word(WORDS), random.word(WORDS), random.word(WORDS));
    let number = random.below(10_000);
    let _ = match (ending, random.below(5)) {
        ("py", 0) => writeln!(out, "def {a}_{b}({c}, limit={number}):"),
        ("py", 1) => writeln!(out, "    # The {a} of a {b} counts once for each {c}."),
        ("py", 2) => writeln!(out, "    {a} = {b}.get(\"{c}\", {number})"),
        ("py", 3) => {
            writeln!(out, "    if {a} in {b}.{c}:\n        raise ValueError(f\"{a} {{{b}}} is no {c}\")")
        }
        ("py", _) => writeln!(out, "    return [{a}.{b}({c}) for {a} in self.{b}s if {a}.{c} > {number}]"),
        ("json", 0) => writeln!(out, "  {{\"{a}\": {{\"{b}\": \"{c} {a}\", \"count\": {number}}}}},"),
        ("json", 1) => {
            writeln!(out, "  {{\"Resources\": \"{a}\", \"{b}\": [{number}, {number}, true, null]}},")
        }
        ("json", _) => writeln!(out, "  {{\"id\": \"{:016x}\", \"{a}\": \"{b} {c}\"}},", random.next()),
        ("yaml", _) => writeln!(out, "  - {a}: {b}\n    {c}: {number}"),
        ("ts", 0) => writeln!(out, "export const {a}{number} = async ({b}: string): Promise<{c}> => {{"),
        ("ts", _) => writeln!(out, "  const {a} = await {b}.{c}({{ limit: {number}, {a}: '{b}' }});"),
        ("go", _) => writeln!(out, "\tif err := {a}.{b}(ctx, {c}, {number}); err != nil {{ return err }}"),
        ("svg", _) => writeln!(out, "<path d=\"M{number} {number}h{number}v{number}z\" class=\"{a}\"/>"),
        ("bin", _) => writeln!(out, "\0\u{1}{:016x}\0", random.next()),
        _ => writeln!(out, "The {a} goes to the {b} before the {c}; see chapter {number}."),
    };
}

/// A program of the few that matter.
const PROGRAM: &str = "\
import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2


class Service(cdk.Stack):
    def __init__(self, scope, id, **kwargs):
        super().__init__(scope, id, **kwargs)
        vpc = ec2.Vpc(self, \"Vpc\", max_azs=2)
        group = ec2.SecurityGroup(self, \"Group\", vpc=vpc, allow_all_outbound=False)
        group.add_egress_rule(ec2.Peer.ipv4(\"10.0.0.0/8\"), ec2.Port.tcp(443))


app = cdk.App()
Service(app, \"Service\")
app.synth()
";

const WORDS: &[&str] = &[
    "account", "address", "answer", "basket", "batch", "bridge", "budget", "cache", "carrier", "catalog",
    "channel", "client", "column", "counter", "courier", "credit", "customer", "delivery", "device",
    "discount", "document", "driver", "event", "factory", "feature", "filter", "folder", "gateway", "header",
    "invoice", "journal", "ledger", "letter", "limit", "locale", "market", "member", "message", "metric",
    "notice", "order", "package", "parcel", "payment", "person", "planner", "policy", "price", "printer",
    "product", "profile", "queue", "record", "refund", "region", "report", "request", "route", "sample",
    "schedule", "seller", "session", "shipment", "stock", "store", "supplier", "ticket", "token", "tracker",
    "vendor", "voucher", "window", "worker",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_grows_from_its_seed_and_few_of_its_files_matter() {
        let text = |seed| {
            let (mut out, mut random) = (String::new(), Random::new(seed));
            for file in 0..40 {
                write_one(Kind::Mixed, file, &mut out, &mut random);
            }
            out
        };
        assert_eq!(text(7), text(7));
        assert_ne!(text(7), text(8));
        assert!(!text(7).contains("aws_cdk"));
    }
}
