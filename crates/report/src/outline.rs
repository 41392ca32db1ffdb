//! How deep the headings of a document stand.

/// The deepest level that paper formats tell apart.
pub const DEEPEST: usize = 6;

/// Levels of headings that were written elsewhere, below the section they stand in: they follow its own level without a
/// gap, whatever levels they were written with, so that an outline of them is a tree.
///
/// ```
/// use tidegate_report::outline::Levels;
///
/// let mut levels = Levels::below(2);
/// let written = [2, 4, 4, 3, 2, 1];
/// assert_eq!(written.map(|level| levels.of(level)), [3, 4, 4, 4, 3, 3]);
/// ```
#[derive(Debug, Clone)]
pub struct Levels {
    section: usize,
    open: Vec<u8>,
}

impl Levels {
    /// Of the headings in a section of this level, the first being 1.
    pub fn below(section: usize) -> Self {
        Levels { section, open: Vec::new() }
    }

    /// The level of the next heading, which was written with the level `written`.
    pub fn of(&mut self, written: u8) -> usize {
        self.open.retain(|&open| open < written);
        self.open.push(written);
        (self.section + self.open.len()).min(DEEPEST)
    }
}
