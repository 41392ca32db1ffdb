//! Marks that people write into code and templates to mute a finding: Tidegate's own, and those that other
//! scanners' users already have.
//!
//! A comment mutes what is reported on its line, in the block around it, or, standing alone, directly above
//! either. Metadata of a resource mutes what is reported in that resource.

mod comments;
mod foreign;
mod metadata;
mod spelling;

use crate::draft::Draft;
use crate::rules::RuleId;
use crate::select::S6463;
use crate::sources::SourceText;
use memchr::memmem;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tidegate_estate::{Diagnostic, Estate, Place, Severity, Span};

/// What a mark mutes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mutes {
    /// These rules, and what carries S6463 if that is named too.
    Rules { rules: Vec<RuleId>, s6463: bool },
    /// What carries S6463 and is reported on the mark's own line, as Sonar reads it.
    SonarLine,
}

/// One mark.
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    /// As it is spelled, without the reason.
    pub spelled: String,
    pub reason: Option<String>,
    pub mutes: Mutes,
    /// Tidegate's own: reported when it has no effect.
    pub own: bool,
    pub place: Place,
    reach: ReachOf,
}

/// Which places a mark speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
enum ReachOf {
    /// A comment on this line (from 0); it stands alone or follows something.
    Line { line: usize, alone: bool },
    /// Metadata of this block.
    Block(Place),
}

/// The marks of a run.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    marks: Vec<Mark>,
    by_file: BTreeMap<Arc<str>, Vec<usize>>,
    lines: BTreeMap<Arc<str>, comments::Lines>,
    used: BTreeSet<usize>,
    /// Marks that could not be read.
    faults: Vec<Diagnostic>,
}

impl Marks {
    /// Every mark in the files that were read, and in the metadata of the estates' resources.
    pub fn collect(
        estates: &[Estate],
        drafts: &[Draft],
        sources: &dyn SourceText,
        today: Option<&str>,
    ) -> Self {
        let mut marks = Marks::default();
        let mut paths: BTreeSet<Arc<str>> = sources.read().into_iter().collect();
        for draft in drafts {
            paths.insert(draft.place.path.clone());
            paths.insert(draft.block.path.clone());
        }
        let mut blocks: BTreeMap<Arc<str>, BTreeSet<Place>> = BTreeMap::new();
        for policy in estates.iter().flat_map(|estate| &estate.policies) {
            for block in std::iter::once(&policy.block).chain(&policy.apart) {
                blocks.entry(block.path.clone()).or_default().insert(block.clone());
                paths.insert(block.path.clone());
            }
        }
        for path in paths {
            let Some(text) = sources.text(&path) else { continue };
            marks.comments(&path, &text, today);
            if text_kind(&path, &text) != comments::Kind::Python && metadata::may_hold(&text) {
                for block in blocks.get(&path).into_iter().flatten() {
                    marks.metadata(&text, block);
                }
            }
        }
        marks
    }

    fn comments(&mut self, path: &Arc<str>, text: &[u8], today: Option<&str>) {
        if !spelling::SIGNS.iter().any(|sign| memmem::find(text, sign.as_bytes()).is_some()) {
            return;
        }
        let kind = text_kind(path, text);
        if kind == comments::Kind::Json {
            return;
        }
        let found = comments::find(text, kind);
        for comment in &found.comments {
            let place = Place::new(path, Span::new(comment.start, comment.end));
            let Some(bytes) = text.get(comment.start..comment.end) else { continue };
            let words = String::from_utf8_lossy(bytes);
            for spelled in spelling::read(&words, today) {
                match spelled {
                    Ok(read) => self.push(Mark {
                        spelled: read.spelled,
                        reason: read.reason,
                        mutes: read.mutes,
                        own: read.own,
                        place: place.clone(),
                        reach: ReachOf::Line { line: comment.line, alone: comment.alone },
                    }),
                    Err(message) => self.fault(&place, message),
                }
            }
        }
        self.lines.insert(path.clone(), found.lines);
    }

    fn metadata(&mut self, text: &[u8], block: &Place) {
        let (start, end) = (block.span.start as usize, block.span.end as usize);
        for read in metadata::read(text, start, end) {
            match read {
                Ok(read) => self.push(Mark {
                    spelled: read.spelled,
                    reason: read.reason,
                    mutes: read.mutes,
                    own: read.own,
                    place: block.clone(),
                    reach: ReachOf::Block(block.clone()),
                }),
                Err(message) => self.fault(block, message),
            }
        }
    }

    fn push(&mut self, mark: Mark) {
        self.by_file.entry(mark.place.path.clone()).or_default().push(self.marks.len());
        self.marks.push(mark);
    }

    fn fault(&mut self, place: &Place, message: String) {
        self.faults.push(Diagnostic {
            severity: Severity::Warning,
            path: place.path.clone(),
            span: Some(place.span),
            message,
        });
    }

    /// The mark that mutes `draft`, if one does; it counts as used from then on. Every other mark that would
    /// have muted it counts as used too: it is not without effect, only not needed.
    pub fn mute(&mut self, draft: &Draft) -> Option<&Mark> {
        let files = BTreeSet::from([&draft.place.path, &draft.block.path]);
        let candidates = files.into_iter().filter_map(|path| self.by_file.get(path)).flatten();
        let hits: Vec<usize> = candidates
            .copied()
            .filter(|index| self.marks.get(*index).is_some_and(|mark| self.hits(mark, draft)))
            .collect();
        self.used.extend(&hits);
        self.marks.get(*hits.first()?)
    }

    fn hits(&self, mark: &Mark, draft: &Draft) -> bool {
        let carries = draft.aliases.contains(&S6463);
        match (&mark.mutes, &mark.reach) {
            (Mutes::SonarLine, ReachOf::Line { line, .. }) => {
                carries
                    && draft.place.path == mark.place.path
                    && self
                        .lines
                        .get(&draft.place.path)
                        .is_some_and(|lines| lines.of(draft.place.span.start as usize) == *line)
            }
            (Mutes::SonarLine, ReachOf::Block(_)) => false,
            (Mutes::Rules { rules, s6463 }, reach) => {
                (rules.contains(&draft.rule) || (*s6463 && carries)) && self.reaches(reach, mark, draft)
            }
        }
    }

    fn reaches(&self, reach: &ReachOf, mark: &Mark, draft: &Draft) -> bool {
        match reach {
            ReachOf::Block(block) => *block == draft.block || block.contains(&draft.place),
            ReachOf::Line { line, alone } => {
                let Some(lines) = self.lines.get(&mark.place.path) else { return false };
                [&draft.place, &draft.block]
                    .into_iter()
                    .chain(&draft.apart)
                    .filter(|place| place.path == mark.place.path)
                    .any(|place| lines.cover(place.span, *line, *alone))
            }
        }
    }

    /// What there is to say about the marks: those that cannot be read, and Tidegate's own that mute nothing
    /// although every rule they name was asked. Marks at a policy that could not be decided are left alone.
    pub fn diagnostics(&self, asked: impl Fn(RuleId) -> bool, undecided: &[Place]) -> Vec<Diagnostic> {
        let mut diagnostics = self.faults.clone();
        for (index, mark) in self.marks.iter().enumerate() {
            let Mutes::Rules { rules, .. } = &mark.mutes else { continue };
            if !mark.own || self.used.contains(&index) || !rules.iter().all(|rule| asked(*rule)) {
                continue;
            }
            let waits = |place: &Place| {
                place.path == mark.place.path
                    && match &mark.reach {
                        ReachOf::Block(block) => block.contains(place),
                        ReachOf::Line { line, alone } => self
                            .lines
                            .get(&place.path)
                            .is_some_and(|lines| lines.cover(place.span, *line, *alone)),
                    }
            };
            if undecided.iter().any(waits) {
                continue;
            }
            diagnostics.push(Diagnostic {
                severity: Severity::Warning,
                path: mark.place.path.clone(),
                span: Some(mark.place.span),
                message: format!("`{}` mutes nothing: it can be removed", mark.spelled),
            });
        }
        diagnostics
    }
}

fn text_kind(path: &str, text: &[u8]) -> comments::Kind {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    if extension.eq_ignore_ascii_case("py") || extension.eq_ignore_ascii_case("pyi") {
        return comments::Kind::Python;
    }
    let opens = text.iter().find(|byte| !byte.is_ascii_whitespace());
    if extension.eq_ignore_ascii_case("json") || opens == Some(&b'{') {
        return comments::Kind::Json;
    }
    comments::Kind::Yaml
}
