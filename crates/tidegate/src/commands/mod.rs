//! One module per command.

pub mod completions;
pub mod man;
pub mod reach;
pub mod report;
pub mod review;
pub mod rules;
pub mod scan;
#[cfg(feature = "snapshot")]
pub mod snapshot;
