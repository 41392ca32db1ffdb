//! A folder that `cdk synth` wrote: stacks, nested stacks and stages, with the construct behind each resource.
//! (CDK's cloud assembly schema, `manifest.json`.)

use super::nested::{beside, whole_file};
use super::network;
use super::template::Template;
use super::unit::Unit;
use crate::tree::{self, NodeId, Tree};
use crate::{FileError, Files, Options};
use rustc_hash::FxHashMap;
use std::rc::Rc;
use std::sync::Arc;
use tidegate_estate::{Diagnostic, Dialect, Estate, Place, Severity, Span, Step};

/// Assemblies in assemblies (stages in stages).
const MAX_STAGES: usize = 8;

/// Stacks of one assembly.
const MAX_STACKS: usize = 500;

/// What an assembly says about the construct behind a resource.
#[derive(Debug, Clone, Default)]
pub(super) struct Construct {
    /// Its path, as in the assembly but without the leading slash.
    pub(super) path: String,
    /// The line of the program that made it.
    pub(super) made: Option<Step>,
}

/// Reads a `cdk.out` folder. `dir` is its path relative to the run's root; empty = the root itself.
pub fn read_assembly(dir: &str, files: &dyn Files, options: &Options) -> (Estate, Vec<Diagnostic>) {
    let unit = Unit::new(files, options, Dialect::CdkAssembly);
    let mut reader = Reader { unit: &unit, sources: FxHashMap::default(), stacks: 0 };
    reader.folder(dir.trim_end_matches('/'), MAX_STAGES);
    network::collect(&unit);
    unit.finish()
}

/// A source file and its bytes.
type Source = (Arc<str>, Arc<[u8]>);

struct Reader<'u, 'f> {
    unit: &'u Unit<'f>,
    /// Source files of stack traces; `None` = not to be found.
    sources: FxHashMap<String, Option<Source>>,
    stacks: usize,
}

impl Reader<'_, '_> {
    fn folder(&mut self, dir: &str, depth: usize) {
        let path: Arc<str> = join(dir, "manifest.json").into();
        let tree = match self.unit.files.bytes(&path) {
            Ok(bytes) => match tree::parse(&path, bytes, &self.unit.options.limits) {
                Ok(tree) => tree,
                Err(fault) => {
                    self.unit.report(Severity::Error, &path, Some(fault.span), fault.message);
                    return self.templates_of(dir);
                }
            },
            Err(FileError::Missing) => return self.templates_of(dir),
            Err(why) => {
                whole_file(self.unit, &path, &why);
                return self.templates_of(dir);
            }
        };
        let Some((_, artifacts)) = tree.roots().first().and_then(|root| tree.get(*root, "artifacts")) else {
            let message = "the manifest names no artifacts".to_owned();
            self.unit.report(Severity::Warning, &path, None, message);
            return;
        };
        let assets = Rc::new(self.assets(&tree, artifacts, &path));
        for (key, artifact) in tree.entries(artifacts) {
            let text = |name: &str| tree.get(artifact, name).and_then(|(_, v)| tree.text(v));
            let property = |name: &str| {
                let (_, properties) = tree.get(artifact, "properties")?;
                tree.get(properties, name).and_then(|(_, v)| tree.text(v))
            };
            match text("type") {
                Some("aws:cloudformation:stack") => {
                    let Some(file) = property("templateFile").and_then(|file| beside(&path, file)) else {
                        continue;
                    };
                    let name = property("stackName").or(tree.text(key)).unwrap_or_default();
                    let mut pseudo = environment(text("environment").unwrap_or_default());
                    pseudo.push(("AWS::StackName", name.to_owned()));
                    let mut constructs = FxHashMap::default();
                    if let Some((_, metadata)) = tree.get(artifact, "metadata") {
                        self.constructs(&tree, metadata, dir, &mut constructs);
                    }
                    let more = text("additionalMetadataFile").or(property("additionalMetadataFile"));
                    if let Some(more) = more.and_then(|file| beside(&path, file)) {
                        self.more_constructs(&more, dir, &mut constructs);
                    }
                    self.stack(&file.into(), pseudo, constructs, assets.clone());
                }
                Some("cdk:cloud-assembly") if depth > 0 => {
                    if let Some(folder) = property("directoryName").and_then(|folder| beside(&path, folder)) {
                        self.folder(&folder, depth - 1);
                    }
                }
                _ => {}
            }
        }
    }

    /// Templates of nested stacks by hash, from the manifests of what is to be uploaded.
    fn assets(&mut self, tree: &Tree, artifacts: NodeId, path: &str) -> FxHashMap<String, String> {
        let mut out = FxHashMap::default();
        for (_, artifact) in tree.entries(artifacts) {
            let kind = tree.get(artifact, "type");
            if !kind.is_some_and(|(_, kind)| tree.is(kind, "cdk:asset-manifest")) {
                continue;
            }
            let file =
                tree.get(artifact, "properties").and_then(|(_, properties)| tree.get(properties, "file"));
            let file = file.and_then(|(_, file)| tree.text(file)).and_then(|file| beside(path, file));
            // What cannot be read here is missed later, where it is needed, and said there.
            let Some(Ok(bytes)) = file.as_ref().map(|file| self.unit.files.bytes(file)) else { continue };
            let Ok(manifest) = tree::parse("assets.json", bytes, &self.unit.options.limits) else { continue };
            let Some((_, files)) = manifest.roots().first().and_then(|root| manifest.get(*root, "files"))
            else {
                continue;
            };
            for (hash, file) in manifest.entries(files) {
                let source =
                    manifest.get(file, "source").and_then(|(_, source)| manifest.get(source, "path"));
                let source = source.and_then(|(_, source)| manifest.text(source));
                if let (Some(hash), Some(source)) = (manifest.text(hash), source)
                    && source.ends_with(".template.json")
                {
                    out.insert(hash.to_owned(), source.to_owned());
                }
            }
        }
        out
    }

    /// Without a manifest every template of the folder is a stack.
    fn templates_of(&mut self, dir: &str) {
        let inside: Vec<Arc<str>> = self
            .unit
            .files
            .list()
            .iter()
            .filter(|path| {
                let inside = if dir.is_empty() { Some(&***path) } else { path.strip_prefix(dir) };
                inside.is_some_and(|rest| dir.is_empty() || rest.starts_with('/'))
                    && path.ends_with(".template.json")
                    && !path.ends_with(".nested.template.json")
            })
            .cloned()
            .collect();
        for path in inside {
            self.stack(&path, Vec::new(), FxHashMap::default(), Rc::default());
        }
    }

    fn stack(
        &mut self,
        path: &Arc<str>,
        pseudo: Vec<(&'static str, String)>,
        constructs: FxHashMap<String, Construct>,
        assets: Rc<FxHashMap<String, String>>,
    ) {
        if self.stacks >= MAX_STACKS {
            let message = "the assembly has too many stacks; this one is not read".to_owned();
            return self.unit.report(Severity::Warning, path, None, message);
        }
        self.stacks += 1;
        let bytes = match self.unit.files.bytes(path) {
            Ok(bytes) => bytes,
            Err(why) => return whole_file(self.unit, path, &why),
        };
        // A stack without resources is no template worth mentioning.
        let Some((tree, roots)) = self.unit.parse(path, bytes) else { return };
        let Some(root) = roots.first() else { return };
        let mut template = Template::new(self.unit.next_template(), tree, *root, path.clone());
        template.pseudo = pseudo;
        template.constructs = constructs;
        template.assets = assets;
        self.unit.load(template, &[], &mut Vec::new());
    }

    fn more_constructs(&mut self, path: &str, dir: &str, out: &mut FxHashMap<String, Construct>) {
        let path: Arc<str> = path.into();
        let Ok(bytes) = self.unit.files.bytes(&path) else { return };
        match tree::parse(&path, bytes, &self.unit.options.limits) {
            Ok(tree) => {
                if let Some(root) = tree.roots().first() {
                    self.constructs(&tree, *root, dir, out);
                }
            }
            Err(fault) => self.unit.report(Severity::Warning, &path, Some(fault.span), fault.message),
        }
    }

    /// `{"/Stack/Group/Resource": [{"type": "aws:cdk:logicalId", "data": "Group1234", "trace": […]}]}`.
    fn constructs(
        &mut self,
        tree: &Tree,
        metadata: NodeId,
        dir: &str,
        out: &mut FxHashMap<String, Construct>,
    ) {
        for (key, entries) in tree.entries(metadata) {
            let Some(path) = tree.text(key) else { continue };
            let field = |entry: NodeId, name: &str| tree.get(entry, name).map(|(_, value)| value);
            let is = |entry: NodeId, kind: &str| field(entry, "type").is_some_and(|t| tree.is(t, kind));
            let Some(entry) = tree.items(entries).find(|entry| is(*entry, "aws:cdk:logicalId")) else {
                continue;
            };
            let Some(logical) = field(entry, "data").and_then(|d| tree.text(d)) else { continue };
            // The stack trace is kept with the logical id, in newer assemblies in an entry of its own.
            let traces = tree.items(entries).filter_map(|entry| match is(entry, "aws:cdk:creationStack") {
                true => field(entry, "data"),
                false => field(entry, "trace"),
            });
            let frames: Vec<&str> =
                traces.flat_map(|trace| tree.items(trace)).filter_map(|frame| tree.text(frame)).collect();
            let made = frames.into_iter().find_map(|frame| self.frame(frame, dir));
            let path = path.trim_start_matches('/').to_owned();
            out.insert(logical.to_owned(), Construct { path, made });
        }
    }

    /// `new Group (/app/lib/net.ts:12:5)`: the place, if it is the user's own code and can be read.
    fn frame(&mut self, frame: &str, dir: &str) -> Option<Step> {
        let at = frame.rsplit_once('(').map_or(frame.trim(), |(_, at)| at.trim_end_matches(')'));
        let (rest, _column) = at.rsplit_once(':')?;
        let (file, line) = rest.rsplit_once(':')?;
        let line: usize = line.parse().ok()?;
        let foreign = ["node_modules", "node:", "internal/", "<anonymous>", "jsii-kernel", "/jsii/"];
        if foreign.iter().any(|mark| file.contains(mark)) {
            return None;
        }
        let file = file.trim().trim_start_matches("file://").trim_start_matches("at ").replace('\\', "/");
        let (path, bytes) = self.source(&file, dir)?;
        let start = match line {
            0 | 1 => 0,
            _ => memchr::memchr_iter(b'\n', &bytes).nth(line - 2)? + 1,
        };
        let text = bytes.get(start..)?;
        let text = text.get(..memchr::memchr(b'\n', text).unwrap_or(text.len()))?;
        let from = start + (text.len() - text.trim_ascii_start().len());
        let span =
            Span::new(from.min(start + text.trim_ascii_end().len()), start + text.trim_ascii_end().len());
        Some(Step { message: "the construct is made here".into(), place: Place { path, span } })
    }

    /// A source file of a trace: traces have absolute paths of the machine that synthesized, so the longest
    /// tail that exists here is taken.
    fn source(&mut self, file: &str, dir: &str) -> Option<Source> {
        if let Some(known) = self.sources.get(file) {
            return known.clone();
        }
        let base = dir.rsplit_once('/').map_or("", |(base, _)| base);
        let parts: Vec<&str> = file.split('/').filter(|p| !p.is_empty() && *p != "..").collect();
        let found = (0..parts.len().min(32)).find_map(|skip| {
            let tail = parts.get(skip..)?.join("/");
            [join(base, &tail), tail].into_iter().find_map(|path| {
                let bytes = self.unit.files.bytes(&path).ok()?;
                Some((Arc::from(path), bytes))
            })
        });
        self.sources.insert(file.to_owned(), found.clone());
        found
    }
}

/// `aws://account/region`, as far as it is known.
fn environment(text: &str) -> Vec<(&'static str, String)> {
    let Some((account, region)) = text.strip_prefix("aws://").and_then(|rest| rest.split_once('/')) else {
        return vec![];
    };
    [("AWS::AccountId", account), ("AWS::Region", region)]
        .into_iter()
        .filter(|(_, value)| !value.is_empty() && !value.starts_with("unknown-"))
        .map(|(name, value)| (name, value.to_owned()))
        .collect()
}

fn join(dir: &str, name: &str) -> String {
    if dir.is_empty() || dir == "." { name.to_owned() } else { format!("{dir}/{name}") }
}
