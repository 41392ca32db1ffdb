//! Work that no statement or expression pays for by itself: what grows with the size of a value or of a condition.
//! It is counted where it is done, and added to the steps of the analysis at the next one.

use std::cell::Cell;

thread_local! {
    /// What was done since somebody asked last, in steps.
    static WORK: Cell<u64> = const { Cell::new(0) };
}

/// So many bytes of new text cost a step: that bounds what texts take in memory, too.
const TEXT: usize = 16;

/// Counts so many steps of the analysis of this thread: for work that grows with a value and that no statement pays for.
pub fn count(steps: u64) {
    WORK.set(WORK.get().saturating_add(steps));
}

/// Counts the making of a text.
pub(crate) fn count_text(bytes: usize) {
    if bytes >= TEXT {
        count((bytes / TEXT) as u64);
    }
}

/// The steps counted since the last time.
pub(crate) fn take() -> u64 {
    WORK.replace(0)
}
