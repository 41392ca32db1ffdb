//! The disk: which files a run looks at, and their bytes.

mod archive;
mod disk;
mod open;
mod relevance;
mod root;
mod walk;

pub use disk::DiskFiles;
pub use root::Root;
pub use walk::{Skipped, Walk, WalkOptions, walk};
