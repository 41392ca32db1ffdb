//! The world as the typesetter sees it: one template, the data of one report, some fonts. No disk, no network, no clock.

use serde_json::Value;
use std::collections::BTreeSet;
use tidegate_fonts::Face;
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{DiagSpan, FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, WorldExt as _};

/// How everything looks.
const TEMPLATE: &str = include_str!("report.typ");

/// The fonts of a report.
pub struct Fonts {
    all: Vec<Font>,
    /// Names of the families that were handed in.
    pub families: BTreeSet<String>,
}

impl Fonts {
    /// Ours, and those that were handed in.
    pub fn with(given: impl Iterator<Item = Font>) -> Self {
        let ours = Face::ALL.into_iter().filter_map(|face| Font::new(Bytes::new(face.data()), 0));
        let mut all: Vec<Font> = ours.collect();
        let own = all.len();
        all.extend(given);
        let families = all.iter().skip(own).map(|font| font.info().family.as_str().to_owned()).collect();
        Fonts { all, families }
    }

    /// Whether one of them has the character.
    pub fn have(&self, c: char) -> bool {
        let given = self.all.iter().skip(Face::ALL.len());
        tidegate_fonts::covers(c) || given.into_iter().any(|font| font.info().coverage.contains(u32::from(c)))
    }
}

/// What there is while one report is made.
pub struct World {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    template: Source,
    data: (FileId, Bytes),
}

impl World {
    /// A world with the data of one report.
    pub fn new(fonts: &Fonts, data: &Value) -> Self {
        World {
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(FontBook::from_fonts(&fonts.all)),
            fonts: fonts.all.clone(),
            template: Source::new(file("report.typ"), TEMPLATE.to_owned()),
            data: (file("document.json"), Bytes::from_string(data.to_string())),
        }
    }

    /// The line of the template that something came from, from 1.
    pub fn line(&self, span: DiagSpan) -> Option<usize> {
        let start = self.range(span)?.start;
        self.template.lines().byte_to_line(start).map(|line| line + 1)
    }
}

/// One of the two files; both names are ours.
fn file(name: &'static str) -> FileId {
    let path = VirtualPath::new(name).unwrap_or_else(|_| unreachable!("a plain name is a path"));
    FileId::new(RootedPath::new(VirtualRoot::Project, path))
}

impl typst::World for World {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    fn main(&self) -> FileId {
        self.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.template.id() { Ok(self.template.clone()) } else { Err(nowhere(id)) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.data.0 { Ok(self.data.1.clone()) } else { Err(nowhere(id)) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

fn nowhere(id: FileId) -> FileError {
    FileError::NotFound(id.get().vpath().get_without_slash().into())
}
